"""`vmss-oracle place`: whether instances can be placed in a group, with a way or the smallest conflict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.options import AsJson
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, indented, labelled, table
from vmss_invariants.counting import counted
from vmss_invariants.placing.answer import Answer, CellCount, Conflict, Placement, Undecided
from vmss_invariants.placing.question import Question, QuestionError
from vmss_invariants.placing.reading import kind_named, load_question, portion
from vmss_model.editions import UnknownEditionError, edition

_NOT_PLACEABLE = 1
_UNDECIDED = 3
_PLACE_HELP = "as zone=1:5, domain=2:5 or zone=1,domain=2:5; may be given more than once."


def place_instances(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A question in YAML or JSON, instead of options.")
    ] = None,
    edition_name: Annotated[str | None, typer.Option("--edition", help="The edition whose limits hold.")] = None,
    kind_name: Annotated[str | None, typer.Option("--kind", help="The kind of group, such as Uniform.")] = None,
    instances: Annotated[int | None, typer.Option(help="How many instances are to be placed.")] = None,
    zones: Annotated[str | None, typer.Option(help="The group's zones, such as 1,2,3; none for a region.")] = None,
    fault_domains: Annotated[
        int | None, typer.Option(help="The group's fault-domain count; any that is allowed if left out.")
    ] = None,
    region_fault_domains: Annotated[
        int | None, typer.Option(help="How many fault domains the region has, if that is known.")
    ] = None,
    single: Annotated[
        bool, typer.Option("--single-placement-group", help="The group keeps to one placement group.")
    ] = False,
    several: Annotated[
        bool,
        typer.Option("--several-placement-groups", help="It does not; without either option, it may or may not."),
    ] = False,
    pins: Annotated[list[str] | None, typer.Option("--pin", help=f"Instances that go there, {_PLACE_HELP}")] = None,
    taken: Annotated[
        list[str] | None, typer.Option("--taken", help=f"Members that are there already, {_PLACE_HELP}")
    ] = None,
    at_most: Annotated[
        list[str] | None, typer.Option("--at-most", help=f"How many more fit there, {_PLACE_HELP}")
    ] = None,
    balance: Annotated[bool, typer.Option("--balance", help="Keep zones in strict balance.")] = False,
    even: Annotated[bool, typer.Option("--even", help="End with fault domains that differ by at most one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Place instances: exit 0 with a way, 1 with what conflicts, 3 if that could not be decided."""
    if single and several:
        raise Complaint("a group keeps to a single placement group or has several: give one of the two options")
    single_placement_group = single if single or several else None
    options = (edition_name, kind_name, instances, zones, fault_domains, region_fault_domains, single_placement_group)
    given = any(one is not None for one in options) or bool(pins or taken or at_most or balance or even)
    try:
        if file is not None:
            if given:
                raise Complaint("give a FILE or the question's options, not both")
            question = load_question(file)
        else:
            if edition_name is None or kind_name is None or instances is None:
                raise Complaint("say --edition, --kind and --instances, or give a FILE")
            question = Question(
                edition=edition(edition_name),
                kind=kind_named(kind_name),
                instances=instances,
                zones=_zones(zones),
                fault_domains=fault_domains,
                region_fault_domains=region_fault_domains,
                single_placement_group=single_placement_group,
                balanced=balance,
                even=even,
                pins=tuple(map(portion, pins or ())),
                taken=tuple(map(portion, taken or ())),
                at_most=tuple(map(portion, at_most or ())),
            )
        answer = _answered(question)
    except (QuestionError, UnknownEditionError) as error:
        raise Complaint(str(error)) from None
    if as_json:
        emit_json(_as_json(answer))
    else:
        emit_all(_shown(question, answer))
    raise typer.Exit(_exit_code(answer))


def _zones(text: str | None) -> tuple[str, ...]:
    return tuple(zone.strip() for zone in text.split(",")) if text else ()


def _answered(question: Question) -> Answer:
    from vmss_invariants.placing.solving import place  # noqa: PLC0415 - the solver is for this command alone

    return place(question)


def _exit_code(answer: Answer) -> int:
    if isinstance(answer, Placement):
        return 0
    return _NOT_PLACEABLE if isinstance(answer, Conflict) else _UNDECIDED


# -- for people ------------------------------------------------------------------------------------


def _shown(question: Question, answer: Answer) -> Iterator[RenderableType]:
    asked = counted(question.instances, "instance")
    if isinstance(answer, Placement):
        yield Text(f"{asked} can be placed, for example so:", style="green")
        yield _counts(answer)
        if answer.single_placement_group is not None:
            yield labelled("singlePlacementGroup", str(answer.single_placement_group).lower(), indent=0)
        for note in answer.notes:
            yield labelled("note", note, indent=0)
    elif isinstance(answer, Conflict):
        yield Text(f"{asked} cannot be placed. These conflict:", style="bold red")
        for reason in answer.reasons:
            yield labelled(reason.origin.value, str(reason))
        if answer.irreducible:
            fewer = "; no fewer conflict" if answer.smallest else ""
            yield Text(f"Without any one of them, the others can be met{fewer}.")
    else:
        yield Text(f"It was not decided whether {asked} can be placed.", style="yellow")
        yield indented(f"The solver gave up: {answer.reason}")


def _counts(placement: Placement) -> Table:
    """A row per zone and a column per fault domain; members that were there already stand behind a plus."""
    cells = {(cell.zone, cell.fault_domain): cell for cell in placement.cells}
    zones = list(dict.fromkeys(cell.zone for cell in placement.cells))
    domains = list(dict.fromkeys(cell.fault_domain for cell in placement.cells))
    spoken = [f"domain {domain}" for domain in domains if domain is not None]
    names = [*spoken, "total"]
    rows = table("zone", *names, right=names)
    for zone in zones:
        row = [cells[zone, domain] for domain in domains]
        rows.add_row(Text("-" if zone is None else zone), *_row(row, bool(spoken)))
    if len(zones) > 1:
        columns = [_total([cells[zone, domain] for zone in zones]) for domain in domains]
        rows.add_row("all", *_row(columns, bool(spoken)), style="bold")
    return rows


def _row(cells: list[CellCount], spoken: bool) -> list[str]:
    return [*(_count(cell) for cell in cells if spoken), _count(_total(cells))]


def _count(cell: CellCount) -> str:
    return f"{cell.placed:,}" if not cell.taken else f"{cell.placed:,} + {cell.taken:,}"


def _total(cells: list[CellCount]) -> CellCount:
    return CellCount(None, None, sum(cell.placed for cell in cells), sum(cell.taken for cell in cells))


# -- for programs ----------------------------------------------------------------------------------


def _as_json(answer: Answer) -> dict[str, object]:
    if isinstance(answer, Placement):
        return {
            "placeable": True,
            "fault_domains": answer.fault_domains,
            "single_placement_group": answer.single_placement_group,
            "cells": [
                {"zone": cell.zone, "fault_domain": cell.fault_domain, "placed": cell.placed, "taken": cell.taken}
                for cell in answer.cells
            ],
            "notes": list(answer.notes),
        }
    if isinstance(answer, Undecided):
        return {"placeable": None, "undecided": answer.reason}
    reasons = [
        {"origin": reason.origin.value, "rules": list(reason.rules), "sentence": reason.sentence}
        for reason in answer.reasons
    ]
    return {"placeable": False, "conflict": reasons, "irreducible": answer.irreducible, "smallest": answer.smallest}
