"""`vmss-oracle simulate`: runs one rollout with given failures, and shows what happens and by which rule."""

from __future__ import annotations

import random
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.described import (
    WIDE,
    all_named,
    check_picture,
    complaining_of,
    read_described,
    remarks,
    terminal_width,
    timed_instances,
)
from vmss_invariants.cli.files import write_file
from vmss_invariants.cli.options import AsJson, DescribedEdition, DescribedFile, ScaleSet, pause_seconds
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, table
from vmss_model.copying import evolve

if TYPE_CHECKING:
    from vmss_invariants.rollouts.described import Described
    from vmss_invariants.rollouts.scenario import Scenario, Timeline

_DAY = 24 * 60 * 60
_PERCENT = "; the automatic upgrade always has 20."


class RolloutKind(StrEnum):
    """The kinds of rollout."""

    AUTOMATIC = "automatic"
    BY_HAND = "by-hand"
    ROLLING = "rolling"


class Batches(StrEnum):
    """How the platform fills its batches."""

    LARGEST = "largest"
    ANY = "any"


def simulate_rollout(
    path: DescribedFile,
    kind: Annotated[
        RolloutKind, typer.Option(help="An automatic OS upgrade, one started by hand, or a rolling model update.")
    ] = RolloutKind.AUTOMATIC,
    target: Annotated[str | None, typer.Option(metavar="VERSION", help="The version that is rolled out.")] = None,
    edition_name: DescribedEdition = None,
    scale_set: ScaleSet = None,
    batch: Annotated[
        int | None, typer.Option(min=0, max=100, help=f"The most instances of a batch (default 20){_PERCENT}")
    ] = None,
    unhealthy: Annotated[
        int | None, typer.Option(min=0, max=100, help=f"The most unhealthy of all instances (default 20){_PERCENT}")
    ] = None,
    unhealthy_upgraded: Annotated[
        int | None,
        typer.Option(min=0, max=100, help=f"The most unhealthy of the upgraded instances (default 20){_PERCENT}"),
    ] = None,
    pause: Annotated[
        str | None, typer.Option(metavar="TIME", help="The pause between batches, e.g. PT30S (default PT0S).")
    ] = None,
    failing: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,ID...", help="Instances that never become healthy once upgraded; repeatable."),
    ] = None,
    slow: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=SECONDS", help="An instance that is healthy so long after its upgrade; repeatable."),
    ] = None,
    ill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID@SECONDS", help="An instance that falls ill for other reasons at a moment; repeatable."
        ),
    ] = None,
    unrestorable: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID,ID...", help="Instances of which the previous OS disk cannot be restored; repeatable."
        ),
    ] = None,
    credentials_expire: Annotated[
        int | None,
        typer.Option(min=0, max=_DAY, metavar="SECONDS", help="When credentials of the model expire."),
    ] = None,
    cancel_at: Annotated[
        int | None, typer.Option(min=0, max=_DAY, metavar="SECONDS", help="When somebody cancels the rollout.")
    ] = None,
    healthy_after: Annotated[
        int,
        typer.Option(
            min=0, max=_DAY, metavar="SECONDS", help="How long after its upgrade any other instance is healthy."
        ),
    ] = 60,
    batches: Annotated[
        Batches, typer.Option(help="Fill every batch as far as is allowed, or draw from all that are.")
    ] = Batches.LARGEST,
    seed: Annotated[int | None, typer.Option(help="What --batches any draws by (default 0).")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the timeline as .svg.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate one rollout and show every event with the rule behind it; moments count from its beginning."""
    check_picture(out, ".svg")
    if seed is not None and batches is not Batches.ANY:
        raise Complaint(f"--seed {seed} is heeded with --batches any alone: give it too, or no --seed")
    described = read_described(path, scale_set, target, edition_name)
    given = (batch, unhealthy, unhealthy_upgraded, pause)
    described = _with_policy(described, kind, given)
    known = {one.name for one in described.instances}
    with complaining_of(path):
        scenario, notes = _scenario(described, kind, credentials_expire)
    scenario = evolve(
        scenario,
        failing=all_named("--failing", failing or [], known),
        slow=timed_instances("--slow", "=", slow or [], known),
        ill=timed_instances("--ill", "@", ill or [], known),
        unrestorable=all_named("--unrestorable", unrestorable or [], known),
        cancel_at=cancel_at,
        healthy_after=healthy_after,
        draw=random.Random(seed or 0).randint if batches is Batches.ANY else None,
    )
    both = sorted(scenario.failing & scenario.slow.keys())
    if both:
        raise Complaint(f"--failing and --slow: instance {both[0]} becomes healthy late or never; give one of them")
    timeline = _simulated(scenario)
    timeline = evolve(timeline, notes=(*notes, *timeline.notes))
    title = f"{described.name}: {_TITLES[kind]}"
    if out is not None:
        _write(out, timeline, title)
    if as_json:
        from vmss_invariants.rollouts.timeline import as_data  # noqa: PLC0415 - only for this

        emit_json({"group": described.name, **as_data(timeline)})
    else:
        emit_all(_shown(timeline, title))


_TITLES = {
    RolloutKind.AUTOMATIC: "automatic OS image upgrade",
    RolloutKind.BY_HAND: "OS image upgrade started by hand",
    RolloutKind.ROLLING: "rolling model update",
}


def _with_policy(
    described: Described, kind: RolloutKind, given: tuple[int | None, int | None, int | None, str | None]
) -> Described:
    """The group with the percentages and the pause of the command line in its rolling upgrade policy."""
    from vmss_model.rollout import RollingPolicy  # noqa: PLC0415 - only this command simulates

    batch, unhealthy, upgraded, pause = given
    if all(one is None for one in given):
        return described
    if kind is RolloutKind.AUTOMATIC:
        raise Complaint(
            "an automatic OS upgrade has its own percentages and no pause; they can be given with --kind by-hand "
            "or rolling"
        )
    before = described.rolling or RollingPolicy()
    policy = RollingPolicy(
        before.max_batch_percent if batch is None else batch,
        before.max_unhealthy_percent if unhealthy is None else unhealthy,
        before.max_unhealthy_upgraded_percent if upgraded is None else upgraded,
        before.pause_seconds if pause is None else pause_seconds(pause),
    )
    return evolve(described, rolling=policy)


def _scenario(
    described: Described, kind: RolloutKind, credentials_expire: int | None
) -> tuple[Scenario, tuple[str, ...]]:
    from vmss_invariants.rollouts.scenario import Kind  # noqa: PLC0415 - as above
    from vmss_invariants.rollouts.simulation import scenario_of  # noqa: PLC0415 - as above

    scenario, made = scenario_of(described, Kind(kind.value), credentials_expire)
    return scenario, made.notes


def _simulated(scenario: Scenario) -> Timeline:
    from vmss_invariants.rollouts.simulation import simulate  # noqa: PLC0415 - as above

    return simulate(scenario)


def _write(out: Path, timeline: Timeline, title: str) -> None:
    from vmss_invariants.rollouts.timeline import as_svg  # noqa: PLC0415 - as above

    write_file(out, as_svg(timeline, title))


def _shown(timeline: Timeline, title: str) -> Iterator[RenderableType]:
    from vmss_invariants.rollouts.timeline import ending  # noqa: PLC0415 - as above

    yield Text(title, style="bold")
    yield from remarks(timeline.notes)
    yield _table(timeline)
    attempt = timeline.attempt
    well = attempt is not None and not attempt.error and not attempt.progress.pending
    yield Text(ending(timeline), style="green" if well else "bold red")
    if attempt is not None:
        disks = f"{attempt.restored} restored, {attempt.not_restored} not restored"
        yield Text(
            f"History entry {attempt.number}: {attempt.status.value}, started by {attempt.started_by.value}, {disks}."
        )
    yield Text("Counts are successful/failed/in progress/pending.", style="dim")


_STYLES = {
    "failed": "red",
    "not restored": "red",
    "restored": "yellow",
    "unhealthy": "yellow",
    "ill": "yellow",
    "cancelled": "yellow",
    "does not begin": "bold red",
    "stands still": "bold red",
    "batch": "bold",
    "ends": "bold",
}


def _table(timeline: Timeline) -> Table:
    from vmss_invariants.rollouts.timeline import rows  # noqa: PLC0415 - as above

    wide = terminal_width() >= WIDE
    columns = ("clock", "what happens", "counts", "up", *(("rules",) if wide else ()))
    shown = table(*columns, right=("clock", "up"))
    for event, (at, text, counts, up, rules) in zip(timeline.events, rows(timeline), strict=True):
        said = Text(text, _STYLES.get(event.what.value, ""))
        if wide:
            shown.add_row(at, said, counts, up, rules)
        else:
            # On a narrow terminal the rules stand below what they are about.
            shown.add_row(at, said.append(f"\n{rules}" if rules else "", "dim"), counts, up)
    return shown
