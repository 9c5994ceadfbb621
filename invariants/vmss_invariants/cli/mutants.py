"""`vmss-oracle mutants`: every rule broken on purpose, and who notices."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.cli.inputs import lookers_with
from vmss_invariants.cli.options import AsJson
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, indented, progress_bar, table
from vmss_model.rules import RULES

if TYPE_CHECKING:
    from vmss_invariants.mutating.mutant import Mutant
    from vmss_invariants.mutating.noticing import Looker, Noticed

_MOST_JOBS = 64


def break_rules(
    rule: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only mutants of this rule.")] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="Recordings of the real service, to be judged too.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=_MOST_JOBS, help="How many mutants are looked at at the same time.")
    ] = min(os.cpu_count() or 1, _MOST_JOBS),
    as_json: AsJson = False,
) -> None:
    """Break every rule in small ways and say who notices: exit 0 if all that matter are noticed, 1 if one survives."""
    for name in rule or ():
        if name.upper() not in RULES:
            raise Complaint(f"there is no rule {name!r}; `vmss-oracle rules` lists them")
    found = _run({name.upper() for name in rule or ()}, lookers_with(recordings or []), jobs)
    if as_json:
        emit_json({"mutants": [one.to_json() for one in found]})
    else:
        emit_all(_shown(found, judged=bool(recordings)))
    raise typer.Exit(1 if any(one.status == "survived" for one in found) else 0)


def _run(rules: set[str], asked: Sequence[Looker], jobs: int) -> list[Noticed]:
    # Only this command needs all of it.
    from vmss_invariants.mutating.running import all_mutants, run  # noqa: PLC0415

    chosen = [one for one in all_mutants() if not rules or one.rule in rules]
    with progress_bar() as bar:
        task = bar.add_task("", total=len(chosen))
        return list(
            run(
                chosen,
                asked,
                jobs,
                lambda one: bar.update(task, advance=1, description=_named(one.mutant)),
            )
        )


def _named(mutant: Mutant) -> str:
    return mutant.id


def _shown(found: list[Noticed], *, judged: bool) -> Iterator[RenderableType]:
    rows = table("rule", "mutants", "noticed", "equivalent", "survived", "by", right=_NUMBERS)
    for rule in dict.fromkeys(one.mutant.rule for one in found):
        of_rule = [one for one in found if one.mutant.rule == rule]
        counts = Counter(one.status for one in of_rule)
        by = Counter(notice.by for one in of_rule for notice in one.notices)
        rows.add_row(
            rule,
            str(len(of_rule)),
            *(str(counts[status]) for status in ("noticed", "equivalent", "survived")),
            ", ".join(f"{who} {count}" for who, count in by.most_common()),
        )
    yield rows
    for status in ("survived", "equivalent"):
        some = [one for one in found if one.status == status]
        if some:
            yield heading(f"{status}:")
            yield indented("\n".join(_line(one) for one in some))
    counts = Counter(one.status for one in found)
    summary = f"{len(found)} mutants: " + ", ".join(f"{counts[status]} {status}" for status in _STATUSES) + "."
    yield Text("")
    yield Text(summary, style="bold red" if counts["survived"] else "green")
    if counts["survived"] and not judged:
        yield Text("Some mutants are noticed by judged recordings alone: --recordings PATH asks those, too.")


_NUMBERS = ("mutants", "noticed", "equivalent", "survived")
_STATUSES = ("noticed", "equivalent", "survived")


def _line(one: Noticed) -> str:
    reason = one.to_json().get("reason")
    return f"{one.mutant.id}: {one.mutant.what}" + (f" {reason}" if reason else "")
