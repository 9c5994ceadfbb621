"""`vmss-oracle explore`: walks every world that can be reached within bounds, and examines every invariant there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.cli.files import check_file, replacing
from vmss_invariants.cli.options import AsJson, OnlyEdition, OnlyKind, given_among
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, indented, progress_bar, table
from vmss_invariants.cli.places import chosen_places
from vmss_invariants.cli.stopping import PROCESSES, Flag, interruptible, listen, stopped
from vmss_model.values import GroupKind

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from vmss_invariants.exploring import Bounds, Configuration, Exploration, Progress

_ENDINGS = (".graphml", ".dot", ".itf.json")


_OF_THE_PROFILE = (
    "instances",
    "fault_domains",
    "zones",
    "update_domains",
    "groups",
    "versions",
    "superseded",
    "attempts",
    "departed",
    "aspect",
)
"""What a profile says by itself."""
_ASPECT_OF = {"superseded": "superseded", "attempts": "history", "departed": "turnover"}
"""What is of one aspect alone."""


def explore_worlds(
    context: typer.Context,
    edition_name: OnlyEdition = None,
    kind_name: OnlyKind = None,
    instances: Annotated[int, typer.Option(min=0, max=6, help="The most members of a group.")] = 2,
    fault_domains: Annotated[int, typer.Option(min=0, max=5, help="The most fault domains of a group.")] = 2,
    zones: Annotated[int, typer.Option(min=0, max=3, help="The most zones of a group.")] = 0,
    update_domains: Annotated[int, typer.Option(min=0, max=4, help="The most update domains of a group.")] = 0,
    groups: Annotated[int, typer.Option(min=1, max=3, help="The most groups at a time.")] = 1,
    versions: Annotated[int, typer.Option(min=0, max=3, help="The most versions of an image, and of a model.")] = 2,
    superseded: Annotated[
        int, typer.Option(min=0, max=3, help="The most states superseded within a minute, for the aspect superseded.")
    ] = 1,
    attempts: Annotated[
        int, typer.Option(min=0, max=6, help="The most ended rollouts that are remembered, for the aspect history.")
    ] = 2,
    departed: Annotated[
        int, typer.Option(min=0, max=6, help="The most members that left something behind, for the aspect turnover.")
    ] = 1,
    aspect: Annotated[
        str,
        typer.Option(
            help="What happens: members, power, health, both, settings, properties, superseded, turnover; rollouts, "
            "batches, clusters, recovering, changes, policies, models, upgrades, switches, history; stack, releases, "
            "registration."
        ),
    ] = "members",
    profile_name: Annotated[
        str | None, typer.Option("--profile", help="Many explorations with their own bounds: quick or full.")
    ] = None,
    worlds: Annotated[int | None, typer.Option(min=1, help="Stop after so many worlds, for each exploration.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so long, for each exploration.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Explorations side by side.")] = 1,
    export: Annotated[
        Path | None, typer.Option(help="Write the graph (.graphml, .dot) or one trace (.itf.json) to this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk every reachable world within bounds: exit 0 if all holds, 1 with the shortest sequence if not."""
    from vmss_invariants.exploring import ASPECTS, PROFILES, Bounds  # noqa: PLC0415 - the others need not wait for it

    if profile_name is not None and profile_name not in PROFILES:
        raise Complaint(f"unknown profile {profile_name!r}; there are {', '.join(PROFILES)}")
    if aspect not in ASPECTS:
        raise Complaint(f"unknown aspect {aspect!r}; there are {', '.join(ASPECTS)}")
    _check_contradictions(context, profile_name, aspect)
    bounds = Bounds(
        instances=instances,
        fault_domains=fault_domains,
        zones=zones,
        update_domains=update_domains,
        groups=groups,
        versions=versions,
        superseded=superseded if aspect == "superseded" else 0,
        attempts=attempts if aspect == "history" else 0,
        departed=departed if aspect == "turnover" else 0,
        families=ASPECTS[aspect],
    )
    chosen = _configurations(chosen_places(edition_name, kind_name), profile_name, bounds)
    _check_export(export, len(chosen))
    found, cut_short = _explored(chosen, jobs, worlds, seconds)
    if as_json:
        missing = len(chosen) - len(found)
        emit_json({"explorations": [one.summary() for one in found], "asked": len(chosen), "missing": missing})
    else:
        emit_all(_shown(found, len(chosen)))
    if export is not None:
        _write(found[0], export)
    if cut_short is not None:
        raise cut_short
    raise typer.Exit(1 if any(one.violations for one in found) else 0)


def _check_contradictions(context: typer.Context, profile_name: str | None, aspect: str) -> None:
    contrary = given_among(context, _OF_THE_PROFILE)
    if profile_name is not None and contrary:
        raise Complaint(f"a profile has its own {', '.join(contrary)}: give --profile or these")
    for name, only in _ASPECT_OF.items():
        unheeded = given_among(context, (name,))
        if unheeded and aspect != only:
            raise Complaint(f"{unheeded[0]} is for the aspect {only}, not for {aspect}")


def _configurations(
    places: tuple[tuple[str, GroupKind], ...], profile_name: str | None, bounds: Bounds
) -> tuple[Configuration, ...]:
    from vmss_invariants.exploring import Configuration, aspects, profile  # noqa: PLC0415

    if profile_name is None:
        spoken_of = [place for place in places if aspects.speaks(*place, bounds.families)]
        if not spoken_of:
            those_that_do = [place for place in chosen_places(None, None) if aspects.speaks(*place, bounds.families)]
            raise Complaint(
                f"the documents of {_listed(places)} do not speak of the aspect "
                f"{aspects.aspect_of(bounds.families)!r}; those of {_listed(those_that_do)} do"
            )
        try:
            return tuple(Configuration(edition=name, kind=kind, bounds=bounds) for name, kind in spoken_of)
        except ValueError as error:
            raise Complaint(str(error)) from None
    return profile(profile_name, places)


def _listed(places: Iterable[tuple[str, GroupKind]]) -> str:
    """Editions, each with its kinds of group."""
    by_edition = groupby(places, key=lambda place: place[0])
    return ", ".join(f"{name} ({', '.join(kind.value for _, kind in some)})" for name, some in by_edition)


def _check_export(export: Path | None, explorations: int) -> None:
    if export is None:
        return
    if not export.name.endswith(_ENDINGS):
        raise Complaint(f"{export} does not end with {', '.join(_ENDINGS)}")
    if explorations > 1:
        raise Complaint(f"one exploration fits into a file, here are {explorations}: name an edition and a kind")
    check_file(export)


def _write(found: Exploration, export: Path) -> None:
    from vmss_invariants.exploring import write  # noqa: PLC0415

    with replacing(export) as beside:
        write(found, beside)


def _explored(
    chosen: tuple[Configuration, ...], jobs: int, worlds: int | None, seconds: float | None
) -> tuple[tuple[Exploration, ...], Exception | None]:
    """What was found, and what is to be said of there being no more of it."""
    from vmss_invariants.exploring import BrokenOffError, explore  # noqa: PLC0415

    with progress_bar() as bar, interruptible() as flag:
        found: list[Exploration] = []
        if jobs > 1 and len(chosen) > 1:
            try:
                found.extend(_side_by_side(chosen, min(jobs, len(chosen)), worlds, seconds, bar, flag))
            except BrokenOffError as lost:
                return lost.found, Complaint(str(lost))
        else:
            for one in chosen:
                found.append(explore(one, worlds, seconds, _shows(bar, one), stopped=stopped))
                if stopped():
                    break
        return tuple(found), typer.Abort() if stopped() else None


def _side_by_side(
    chosen: tuple[Configuration, ...], jobs: int, worlds: int | None, seconds: float | None, bar: Bar, flag: Flag
) -> tuple[Exploration, ...]:
    from vmss_invariants.exploring import explore_all  # noqa: PLC0415
    from vmss_invariants.processes import side_by_side  # noqa: PLC0415 - it takes a while to load

    task = bar.add_task("", total=len(chosen))

    def told(one: Exploration) -> None:
        bar.update(task, advance=1, description=one.configuration.describe())

    with side_by_side(jobs, listen, (flag,), PROCESSES) as executor:
        return explore_all(chosen, executor, worlds, seconds, told, stopped)


def _shows(bar: Bar, one: Configuration) -> Callable[[Progress], None]:
    """Shows how far an exploration has come: worlds done of those found so far."""
    task = bar.add_task(one.describe())

    def show(progress: Progress) -> None:
        described = f"{one.describe()}: {progress.steps:,} steps, depth {progress.depth}"
        bar.update(task, total=progress.worlds, completed=progress.done, description=described)

    return show


def _shown(found: tuple[Exploration, ...], asked: int) -> Iterator[RenderableType]:
    numbers = ("worlds", "steps", "depth", "deadlocks", "livelocks", "dead ends", "seconds", "bytes a world")
    rows = table("edition", "kind", "bounds", *numbers, "status", right=numbers)
    for one in found:
        told = one.summary()
        ends = [count for count in told["dead_ends"].values() if count is not None]
        rows.add_row(
            one.configuration.edition,
            one.configuration.kind.value,
            one.configuration.bounds.describe(),
            f"{one.worlds:,}",
            f"{one.steps:,}",
            str(one.depth),
            str(told["deadlocks"]),
            str(told["livelocks"]),
            str(sum(ends)) if ends else "?",
            f"{one.seconds:.1f}",
            f"{one.bytes_per_world:.0f}",
            _status(one),
        )
    yield rows
    for one in found:
        for broken in one.violations:
            where = f"{one.configuration.edition} ({one.configuration.kind.value})"
            yield heading(f"{broken.invariant} fails in {where}; the shortest sequence:")
            yield indented("\n".join((*broken.lines, broken.problem)))
    yield Text("")
    yield _total(found, asked)


def _status(one: Exploration) -> Text:
    failed = f"{len(one.violations)} fail, " if one.violations else ""
    said = "exhausted" if one.exhausted else "interrupted, not exhausted" if one.interrupted else "not exhausted"
    return Text(f"{failed}{said}", style="bold red" if failed else "" if one.exhausted else "yellow")


def _total(found: tuple[Exploration, ...], asked: int) -> Text:
    failed = sum(len(one.violations) for one in found)
    missing = asked - len(found)
    open_ended = missing + sum(not one.exhausted for one in found)
    nothing = f", {missing} of which show nothing" if missing else ""
    counted = (
        f"{sum(one.worlds for one in found):,} worlds, {sum(one.steps for one in found):,} steps, "
        f"{sum(sum(one.examinations.values()) for one in found):,} examinations of invariants: "
        f"{failed} failed; {open_ended} of {asked} explorations not exhausted{nothing}."
    )
    return Text(counted, style="bold red" if failed else "yellow" if open_ended else "green")
