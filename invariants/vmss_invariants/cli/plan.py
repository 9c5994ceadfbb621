"""`vmss-oracle plan`: plans a rollout over a described group, and says what stays up in each step."""

from __future__ import annotations

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
    check_picture,
    coloured,
    complaining_of,
    named_instances,
    read_described,
    remarks,
    terminal_width,
)
from vmss_invariants.cli.files import write_file
from vmss_invariants.cli.options import AsJson, DescribedEdition, DescribedFile, ScaleSet
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, one_line, table

if TYPE_CHECKING:
    from vmss_invariants.rollouts.described import Described, Made
    from vmss_invariants.rollouts.planning import Plan, Step, StepShown
    from vmss_model.answers import HeatMapShown

_MOST_INSTANCES = 1000
_MOST_CELLS = 5000
"""How many cells the heat maps of a picture have at most; of more steps than that allows, the first are shown."""


class By(StrEnum):
    """The domains that a plan can go by."""

    UPDATE_DOMAIN = "update-domain"
    FAULT_DOMAIN = "fault-domain"


def plan_rollout(
    path: DescribedFile,
    instances: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,ID...", help="Upgrade these, together; each further --instances is a further step."),
    ] = None,
    by: Annotated[By | None, typer.Option(help="Upgrade one domain after the other.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, max=_MOST_INSTANCES, help="Upgrade batches of this size.")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="VERSION", help="The version to bring instances to.")] = None,
    edition_name: DescribedEdition = None,
    scale_set: ScaleSet = None,
    step: Annotated[
        int | None, typer.Option(min=1, help="Show the heat map while this step is under way, not that before.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the heat maps of the steps as .svg or .html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a rollout by hand: exit 0 with a plan, 1 if the documents do not take it for one."""
    check_picture(out, ".svg", ".html")
    if by is not None and batch_size is not None:
        raise Complaint("--by and --batch-size are two strategies: give one of them")
    described = read_described(path, scale_set, target, edition_name)
    with complaining_of(path):
        plan = _planned(described, instances or [], by, batch_size, step)
    if out is not None and not plan.refusals:
        write_file(out, _picture(plan, out.suffix.lower()))
    if as_json:
        emit_json(_data(plan))
    else:
        emit_all(_shown(plan, step))
    raise typer.Exit(1 if plan.refusals else 0)


def _planned(
    described: Described, instances: list[str], by: By | None, batch_size: int | None, step: int | None
) -> Plan:
    # Only this command plans.
    from vmss_invariants.rollouts.planning import planned, world_to_plan_in  # noqa: PLC0415

    made = world_to_plan_in(described)
    known = made.world.groups[made.key].members
    chosen = [named_instances("--instances", one, known) for one in instances]
    strategy, steps = _steps(made, chosen, by, batch_size)
    if step is not None and step > len(steps):
        raise Complaint(f"--step {step}: the plan has {len(steps)} steps")
    scope = frozenset(name for names in chosen for name in names) if chosen else None
    shown = {*range(1, _MOST_CELLS // len(known) + 1), step or 1}
    return planned(made, strategy, steps, scope=scope, shown=shown)


def _steps(
    made: Made, chosen: list[tuple[str, ...]], by: By | None, batch_size: int | None
) -> tuple[str, tuple[Step, ...]]:
    """The steps by the strategy that was asked for; instances chosen with it narrow it."""
    from vmss_invariants.rollouts import planning  # noqa: PLC0415 - as above

    group = made.world.groups[made.key]
    names = planning.behind(made.world, made.key)
    if chosen and (by is not None or batch_size is not None):
        wanted = {name for part in chosen for name in part}
        names = tuple(name for name in names if name in wanted)
    elif chosen:
        return "chosen instances", planning.as_chosen(chosen)
    if batch_size is not None:
        return f"batches of {batch_size}", planning.in_batches(names, batch_size)
    if by is By.FAULT_DOMAIN:
        return "one fault domain at a time", planning.by_fault_domain(group, names)
    if by is By.UPDATE_DOMAIN or all(member.update_domain is not None for member in group.members.values()):
        return "one update domain at a time", planning.by_update_domain(group, names)
    return "one instance at a time", planning.in_batches(names, 1)


# -- what is shown ---------------------------------------------------------------------------------


def _shown(plan: Plan, step: int | None) -> Iterator[RenderableType]:
    from vmss_invariants.rollouts import heatmap  # noqa: PLC0415 - as above

    yield Text(f"{plan.key.name}: {plan.strategy}", style="bold")
    yield from remarks(plan.notes)
    if plan.refusals:
        for refusal in plan.refusals:
            yield Text(f"{one_line(refusal.message)} ({', '.join(refusal.rules)})", style="bold red")
        return
    if plan.steps:
        yield _table(plan)
    caption, shown = _map_to_show(plan, step)
    yield heading(caption)
    yield from map(coloured, heatmap.lines(shown, terminal_width()))
    yield coloured(heatmap.legend(shown))
    yield Text("")
    yield _verdict(plan)


def _map_to_show(plan: Plan, step: int | None) -> tuple[str, HeatMapShown]:
    if step is not None:
        shown = plan.steps[step - 1].heat_map
        assert shown is not None, "the heat map of the step that was asked for is made"
        return f"While step {step} is under way", shown
    return "Before the first step", plan.before


def _table(plan: Plan) -> Table:
    """The steps; a column that says nothing is left out, and on a narrow terminal that of the rules too."""
    rows = list(_rows(plan))
    kept = [
        place
        for place, column in enumerate(_COLUMNS)
        if any(row[place] for row in rows) and (column != "rules" or terminal_width() >= WIDE)
    ]
    steps = table(*(_COLUMNS[place] for place in kept), right=("step", "stays up"))
    for row in rows:
        steps.add_row(*(row[place] for place in kept))
    return steps


_COLUMNS = ("step", "instances", "where", "stays up", "downtime", "rules")


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    from vmss_invariants.rollouts.wording import name_list  # noqa: PLC0415 - as above

    for one in plan.steps:
        yield (
            str(one.number),
            name_list(one.step.names),
            one.step.where,
            f"{one.up} of {plan.instances}",
            "none" if one.free_of_downtime else "all down",
            ", ".join(one.rules),
        )


def _verdict(plan: Plan) -> Text:
    left = f" {len(plan.left)} that are behind are not part of it." if plan.left else ""
    if not plan.steps:
        return Text(f"Nothing is to be upgraded.{left}", style="green")
    return Text(_why(plan) + left, style="green" if plan.free_of_downtime else "bold red")


def _why(plan: Plan) -> str:
    """Whether the plan is free of downtime, and why, by the rules that the model named."""
    named = dict.fromkeys((*plan.rules, *((plan.no_downtime,) if plan.no_downtime is not None else ())))
    rules = f" ({', '.join(named)})" if named else ""
    if plan.free_of_downtime:
        fewest = min(one.up for one in plan.steps)
        up = f"at least {fewest} of {plan.instances} instances stay up throughout"
        return f"Free of downtime: no step takes every running instance; {up}{rules}."
    down = ", ".join(str(one.number) for one in plan.steps if not one.free_of_downtime)
    return f"Not free of downtime: step {down} takes every running instance at once{rules}."


def _maps(plan: Plan) -> list[tuple[str, HeatMapShown]]:
    from vmss_invariants.rollouts.wording import named  # noqa: PLC0415 - as above

    maps = [("Before the first step", plan.before)]
    for one in plan.steps:
        if one.heat_map is not None:
            where = f" ({one.step.where})" if one.step.where else ""
            maps.append((f"Step {one.number}{where}: {named(one.step.names)}; {one.up} stay up", one.heat_map))
    left_out = len(plan.steps) - (len(maps) - 1)
    after = f"After the last step ({left_out} steps are not shown)" if left_out else "After the last step"
    return [*maps, (after, plan.after)]


def _picture(plan: Plan, ending: str) -> str:
    from vmss_invariants.rollouts import heatmap  # noqa: PLC0415 - as above

    title = f"{plan.key.name}: {plan.strategy}"
    if ending == ".svg":
        return heatmap.as_svg(_maps(plan), title)
    remarked = [_why(plan) if plan.steps else "Nothing is to be upgraded.", *plan.notes]
    return heatmap.as_html(_maps(plan), title, _COLUMNS, _rows(plan), remarked)


def _data(plan: Plan) -> dict[str, object]:
    from vmss_invariants.rollouts import heatmap  # noqa: PLC0415 - as above

    def heat(shown: HeatMapShown) -> dict[str, object]:
        rows = [
            {"domain": domain, "cells": [{"name": cell.name, "state": cell.state} for cell in row]}
            for domain, row in shown.rows
        ]
        return {"by": shown.by, "rows": rows, "counts": heatmap.counts(shown)}

    def data(one: StepShown) -> dict[str, object]:
        return {
            "step": one.number,
            "instances": list(one.step.names),
            "where": one.step.where,
            "up": one.up,
            "up_after": one.up_after,
            "free_of_downtime": one.free_of_downtime,
            "rules": list(one.rules),
        }

    return {
        "group": plan.key.name,
        "strategy": plan.strategy,
        "instances": plan.instances,
        "up": plan.up,
        "refused": [{"code": one.code, "message": one.message, "rules": list(one.rules)} for one in plan.refusals],
        "steps": [data(one) for one in plan.steps],
        "free_of_downtime": None if plan.refusals else plan.free_of_downtime,
        "rules": list(plan.rules),
        "left": list(plan.left),
        "notes": list(plan.notes),
        "before": heat(plan.before),
        "after": heat(plan.after),
    }
