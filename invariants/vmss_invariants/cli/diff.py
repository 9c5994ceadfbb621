"""`vmss-oracle diff`: what is different between two editions, by their values and by what they allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.cli.options import AsJson
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, indented, labelled, progress_bar, table
from vmss_model.editions import UnknownEditionError, edition
from vmss_model.values import GroupKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vmss_invariants.differences import Differences
    from vmss_invariants.differing_values import ValueDifference


def compare_editions(
    first: Annotated[str, typer.Argument(metavar="A", help="An edition, such as 2019-10.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one, such as 2021-02.")],
    seconds: Annotated[
        float, typer.Option(min=0, help="How long requests are searched for, for each pair of kinds of group.")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Compare two editions: the values that differ, and for each differing rule the fewest requests that show it."""
    try:
        names = edition(first).name, edition(second).name
    except UnknownEditionError as error:
        raise Complaint(str(error)) from None
    found = _compared(*names, seconds)
    if as_json:
        emit_json(found.to_json())
    else:
        emit_all(_shown(found))


def _compared(first: str, second: str, seconds: float) -> Differences:
    # Hypothesis comes with it, which the other commands need not wait for.
    from vmss_invariants.differences import compare  # noqa: PLC0415

    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(kind: GroupKind, done: int) -> None:
            bar.update(task, completed=done, description=f"{kind.value}: {done:,} pairs of worlds")

        return compare(first, second, seconds, show)


_Kinds = tuple[GroupKind, GroupKind] | None


def _shown(found: Differences) -> Iterator[RenderableType]:
    yield heading(f"By value: {len(found.values)} differ")
    for kinds in (None, *found.pairs):
        differing = [one for one in found.values if one.kinds == kinds]
        if differing:
            yield _values(found, kinds, differing)
    for name, kind in found.unpaired:
        yield Text(f"Only {name} has groups of kind {kind.value}.")
    yield heading(f"By rule: {len(found.shown)} of {len(found.rules)} that differ are shown by a request")
    # Hypothesis comes with it, which the other commands need not wait for.
    from vmss_invariants.differences import together  # noqa: PLC0415

    for alike in together(found.to_json()["shown"]):
        yield from _rules(alike)
    if found.unshown:
        yield heading("Without a request that shows them:")
        yield indented("\n".join(f"{one.rule}: {one.why}" for one in found.unshown))
    yield Text("")
    yield _summary(found)


def _values(
    found: Differences, kinds: tuple[GroupKind, GroupKind] | None, differing: list[ValueDifference]
) -> RenderableType:
    rows = table(_pair(kinds), found.first, found.second, "rules")
    for one in differing:
        rows.add_row(Text(one.name), Text(one.first), Text(one.second), Text(" ".join(one.rules)))
    return rows


def _pair(kinds: _Kinds) -> str:
    if kinds is None:
        return "all kinds"
    one, other = kinds
    return one.value if one is other else f"{one.value} ~ {other.value}"


def _rules(alike: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    from vmss_invariants.differences import sequence  # noqa: PLC0415 - as above

    one = alike[0]
    kinds = " ~ ".join(dict.fromkeys(one["kinds"]))
    yield heading(f"{', '.join(shown['rule'] for shown in alike)} ({kinds}): {one['sentence']}")
    yield indented("\n".join(sequence(one)))
    yield labelled(one["edition"], one["says"])
    yield labelled(one["other"], one["other_says"])
    again = [f"{shown['rule']} says again what {shown['restates']} says." for shown in alike if shown["restates"]]
    if again:
        yield indented(" ".join(again))


def _summary(found: Differences) -> Text:
    compared = f"{found.first} and {found.second} were compared in {found.worlds:,} pairs of worlds"
    if found.exhausted:
        return Text(f"{compared}: all within the bounds.", style="green")
    return Text(f"{compared}: not exhausted.", style="yellow")
