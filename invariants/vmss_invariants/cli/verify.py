"""`vmss-oracle verify`: checks the invariants, and says how surely each is known to hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.output import Complaint, emit, emit_all, heading, indented, progress_bar, table
from vmss_model.editions import EDITIONS, Edition, UnknownEditionError, edition
from vmss_model.values import GroupKind

if TYPE_CHECKING:
    from vmss_invariants.verify import Report, Result

_MOST_EXAMPLES = 1_000_000
_UNCHECKED = "unchecked"


def verify_invariants(
    edition_name: Annotated[str | None, typer.Option("--edition", help="Only this edition.")] = None,
    kind_name: Annotated[
        str | None, typer.Option("--kind", help="Only groups of this kind, such as Uniform or Flexible.")
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(min=1, max=_MOST_EXAMPLES, help="Sequences of requests to try for each edition and kind."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check that the invariants hold: exit 0 if none fails, 1 with the shortest sequence found if one does."""
    report = _verified(_editions(edition_name), _kinds(kind_name), examples)
    if as_json:
        emit(f"{report.to_json()}\n")
    else:
        emit_all(_shown(report))
    raise typer.Exit(1 if report.failures else 0)


def _editions(name: str | None) -> tuple[Edition, ...]:
    try:
        return tuple(EDITIONS.values()) if name is None else (edition(name),)
    except UnknownEditionError as error:
        raise Complaint(str(error)) from None


def _kinds(name: str | None) -> tuple[GroupKind, ...]:
    kinds = tuple(kind for kind in GroupKind if name is None or kind.value.lower() == name.lower())
    if not kinds:
        raise Complaint(f"unknown kind {name!r}; there are {', '.join(kind.value for kind in GroupKind)}")
    return kinds


def _verified(editions: tuple[Edition, ...], kinds: tuple[GroupKind, ...], examples: int | None) -> Report:
    runs = sum(kind in one.kinds for one in editions for kind in kinds)
    if not runs:
        raise Complaint(f"edition {editions[0].name} has no groups of kind {kinds[0].value}")
    # Hypothesis comes with it, which the other commands need not wait for.
    from vmss_invariants.verify import DEFAULT_EXAMPLES, verify  # noqa: PLC0415

    with progress_bar() as bar:
        task = bar.add_task("", total=runs, completed=-1)
        return verify(
            editions,
            kinds,
            examples=examples or DEFAULT_EXAMPLES,
            progress=lambda name, kind: bar.update(task, advance=1, description=f"{name} {kind.value}"),
        )


def _shown(report: Report) -> Iterator[RenderableType]:
    yield _results(report)
    for failed in report.failures:
        yield heading(f"{failed.id} fails in {failed.edition} ({failed.kind.value}); the shortest sequence found:")
        yield indented("\n".join(failed.counterexample))
    yield Text("")
    yield _summary(report)


def _results(report: Report) -> Table:
    """Put those results of an invariant that say the same into one row."""
    rows = table("invariant", "strength", "examples", "status", "kinds of group", right=("examples", "kinds of group"))
    ordered = sorted(report.results, key=_row)
    for (name, strength, status), group in groupby(ordered, key=_row):
        alike = list(group)
        examples = f"{sum(result.examples for result in alike):,}"
        rows.add_row(name, strength, examples, Text(status, _STYLE.get(status, "")), str(len(alike)))
    return rows


_STYLE = {"fails": "bold red", _UNCHECKED: "yellow"}


def _row(result: Result) -> tuple[str, str, str]:
    # Of what was never examined, "holds" would say too much.
    status = _UNCHECKED if result.strength == _UNCHECKED else result.status
    return (result.id, result.strength, status)


def _summary(report: Report) -> Text:
    invariants = len({result.id for result in report.results})
    failed, unchecked = len(report.failures), len(report.unchecked)
    counted = (
        f"{invariants} invariants, {len(report.results)} checks over {report.steps:,} requests: "
        f"{len(report.results) - failed - unchecked} hold, {unchecked} unchecked, {failed} failed."
    )
    return Text(counted, style="bold red" if failed else "green")
