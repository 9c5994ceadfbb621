"""`vmss-oracle advise`: whether a rollout can begin and finish, and how many failing instances it survives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.advice import (
    FIRST_WINDOW,
    LATER_WINDOW,
    Advice,
    Percentages,
    Question,
    advise,
    smallest_percentages,
)
from vmss_invariants.cli.options import AsJson, pause_seconds
from vmss_invariants.cli.output import Complaint, brief, emit_all, emit_json, heading, labelled, table
from vmss_invariants.counting import counted
from vmss_model.rollout import RollingPolicy

_MOST_INSTANCES = 1000
_MOST_SWEPT = 1000
_MOST_UPDATE_DOMAINS = 20
_RANGE = re.compile(r"(\d+)(?:-(\d+))?", re.ASCII)
_MOST_DIGITS = 9


def advise_on_rollout(
    instances: Annotated[str, typer.Argument(metavar="N|N-M", help="Instances of the group, or a range of counts.")],
    update_domains: Annotated[
        int, typer.Option(min=1, max=_MOST_UPDATE_DOMAINS, help="Update domains they are spread over.")
    ] = 1,
    zones: Annotated[int, typer.Option(min=1, max=3, help="Availability zones they are spread over.")] = 1,
    batch: Annotated[int, typer.Option(min=5, max=100, help="maxBatchInstancePercent.")] = 20,
    unhealthy: Annotated[int, typer.Option(min=5, max=100, help="maxUnhealthyInstancePercent.")] = 20,
    upgraded: Annotated[
        int, typer.Option("--unhealthy-upgraded", min=0, max=100, help="maxUnhealthyUpgradedInstancePercent.")
    ] = 20,
    pause: Annotated[str, typer.Option(help="pauseTimeBetweenBatches, such as PT2M; a day at most.")] = "PT0S",
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Started by hand: instances that fail are not restored.")
    ] = False,
    service_fabric: Annotated[
        bool, typer.Option("--service-fabric", help="One update domain is finished before the next is begun.")
    ] = False,
    reading: Annotated[
        str | None,
        typer.Option(metavar="F9", help="Take the other reading of finding F9: upgraded instances as a share of all."),
    ] = None,
    survive: Annotated[
        int | None, typer.Option(min=1, help="The failing instances that it is to survive; else one more than it does.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a rollout can begin, progress and finish, what it survives, and how long it takes."""
    counts = _counts(instances)
    if reading not in (None, "F9"):
        raise Complaint(f"finding {reading!r} is not one that a rollout depends on: give F9, or none")
    policy = RollingPolicy(batch, unhealthy, upgraded, pause_seconds(pause))
    questions = [
        Question(
            instances=count,
            update_domains=update_domains,
            zones=zones,
            policy=policy,
            restores=not by_hand,
            one_update_domain=service_fabric,
            of_all=reading == "F9",
        )
        for count in counts
    ]
    if len(questions) > 1:
        if survive is not None:
            raise Complaint("--survive asks about one group: give one number of instances, not a range")
        _sweep([advise(question) for question in questions], as_json=as_json)
        return
    (question,) = questions
    if survive is not None and survive > question.instances:
        raise Complaint(f"--survive {survive} is more than the {question.instances} instances there are")
    advice = advise(question)
    wanted = survive if survive is not None else min(advice.survives_any + 1, question.instances)
    smallest = smallest_percentages(question, wanted)
    if as_json:
        emit_json({**_as_json(advice), "smallest": _smallest_json(smallest)})
    else:
        emit_all(_shown(advice, smallest))


def _counts(text: str) -> range:
    match = _RANGE.fullmatch(text.strip())
    given = repr(brief(text))
    if match is None:
        raise Complaint(f"the number of instances is a count such as 20 or a range such as 1-100, not {given}")
    # A number of thousands of digits cannot even be read; none of more than a few is of use.
    few = all(len(number) <= _MOST_DIGITS for number in match.groups(""))
    lowest = int(match[1]) if few else 0
    highest = int(match[2]) if few and match[2] else lowest
    if not 1 <= lowest <= highest <= _MOST_INSTANCES:
        raise Complaint(f"a group has 1 to {_MOST_INSTANCES} instances, the smaller number first; {given} was given")
    return range(lowest, min(highest, lowest + _MOST_SWEPT) + 1)


# -- one group -------------------------------------------------------------------------------------


def _shown(advice: Advice, smallest: Percentages) -> Iterator[RenderableType]:
    question = advice.question
    policy = question.policy
    started = "restored if they fail" if question.restores else "started by hand: not restored if they fail"
    yield Text(
        f"{counted(question.instances, 'instance')} over {counted(question.update_domains, 'update domain')} "
        f"and {counted(question.zones, 'zone')}, "
        f"{started}{_ways(question)}; {policy.max_batch_percent} / {policy.max_unhealthy_percent} / "
        f"{policy.max_unhealthy_upgraded_percent} percent, pause {_clock(policy.pause_seconds)}",
        style="bold",
    )
    lines = [
        ("begins", f"with at most {counted(advice.most_unhealthy_to_begin, 'unhealthy instance')}", "OSU-PRECHECK"),
        ("batches", f"{advice.batches:,}, of at most {advice.cap:,}", "OSU-BATCH, OSU-ZONES"),
        ("downtime", "none: some are always up" if advice.free_of_downtime else _DOWN, "UPGRADE-NO-DOWNTIME"),
        ("survives", f"{counted(advice.survives_any, 'failing instance')}, whichever they are", _GATES),
        ("can survive", f"{advice.survives_best:,}, if they are upgraded late enough", _GATES),
        ("first failure", _FIRST[advice.first_failure], _GATES),
        (
            "takes",
            f"{_clock(advice.shortest)} if all are healthy at once, {_clock(advice.longest)} if every batch waits",
            "OSU-WAIT, UPGRADE-ROLLING",
        ),
    ]
    if question.restores:
        first, later = (f"{_clock(window[0])} to {_clock(window[1])}" for window in (FIRST_WINDOW, LATER_WINDOW))
        lines.append(("begins after", f"{first} the first time, {later} later on", "OSU-TRIGGER-FIRST, -LATER"))
    rows = table("", "answer", "rules")
    for name, answer, rules in lines:
        rows.add_row(name, answer, Text(rules, style="dim"))
    yield rows
    yield from _smallest_shown(question, smallest)


def _ways(question: Question) -> str:
    """In which way it is asked, where that is not the usual one."""
    by_domain = ", one update domain finished before the next" if question.one_update_domain else ""
    return by_domain + (", by the other reading of F9" if question.of_all else "")


_GATES = "OSU-STOP-UPGRADED, OSU-STOP-OVERALL"
_DOWN = "a batch can take every instance at once"
_FIRST = {
    "survived": "is survived, whichever instance it is",
    "stops it or not": "stops it if it comes early, and is survived if it comes late",
    "stops it": "stops it, whichever instance it is",
}


def _smallest_shown(question: Question, smallest: Percentages) -> Iterator[RenderableType]:
    policy = question.policy
    yield heading(f"To survive {counted(smallest.failing, 'failing instance')}, whichever fail:")
    needed = [
        (
            "maxUnhealthyUpgradedInstancePercent",
            smallest.max_unhealthy_upgraded_percent,
            policy.max_unhealthy_upgraded_percent,
        ),
        ("maxUnhealthyInstancePercent", smallest.max_unhealthy_percent, policy.max_unhealthy_percent),
    ]
    for name, percent, has in needed:
        if percent is None:
            yield labelled(name, "no percentage is enough")
        else:
            yield labelled(name, f"at least {percent}" + (" (as it is)" if has >= percent else f", not {has}"))
    batch = smallest.max_batch_percent
    yield labelled(
        "or maxBatchInstancePercent alone", "no percentage is enough" if batch is None else f"at least {batch}"
    )


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def _as_json(advice: Advice) -> dict[str, Any]:
    question = advice.question
    return {
        "instances": question.instances,
        "update_domains": question.update_domains,
        "zones": question.zones,
        "max_batch_percent": question.policy.max_batch_percent,
        "max_unhealthy_percent": question.policy.max_unhealthy_percent,
        "max_unhealthy_upgraded_percent": question.policy.max_unhealthy_upgraded_percent,
        "pause_seconds": question.policy.pause_seconds,
        "restores": question.restores,
        "one_update_domain": question.one_update_domain,
        "reading": "F9" if question.of_all else None,
        "begins_with_unhealthy_at_most": advice.most_unhealthy_to_begin,
        "batch_at_most": advice.cap,
        "batches": advice.batches,
        "free_of_downtime": advice.free_of_downtime,
        "survives_any": advice.survives_any,
        "survives_best": advice.survives_best,
        "first_failure": advice.first_failure,
        "shortest_seconds": advice.shortest,
        "longest_seconds": advice.longest,
    }


def _smallest_json(smallest: Percentages) -> dict[str, int | None]:
    return {
        "failing": smallest.failing,
        "max_unhealthy_upgraded_percent": smallest.max_unhealthy_upgraded_percent,
        "max_unhealthy_percent": smallest.max_unhealthy_percent,
        "max_batch_percent": smallest.max_batch_percent,
    }


# -- many groups -----------------------------------------------------------------------------------


def _sweep(advices: list[Advice], *, as_json: bool) -> None:
    if as_json:
        emit_json({"groups": [_as_json(advice) for advice in advices]})
        return
    emit_all(_sweep_shown(advices))


def _sweep_shown(advices: list[Advice]) -> Iterator[RenderableType]:
    for outcome, meaning in _FIRST.items():
        counts = [advice.question.instances for advice in advices if advice.first_failure == outcome]
        yield labelled(f"the first failure {meaning}", _ranges(counts) or "none", indent=0)
    yield Text("")
    rows = table("instances", "batch", "batches", "survives any", "survives best", "longest", right=_NUMBERS)
    for _, group in groupby(advices, key=_row):
        alike = list(group)
        rows.add_row(_ranges([one.question.instances for one in alike]), *_row(alike[0]))
    yield rows


_NUMBERS = ("batch", "batches", "survives any", "survives best", "longest")


def _row(advice: Advice) -> tuple[str, ...]:
    counts = (advice.cap, advice.batches, advice.survives_any, advice.survives_best)
    return (*map(str, counts), _clock(advice.longest))


def _ranges(counts: Iterable[int]) -> str:
    """Counts in a row, folded: `1-4, 7`."""
    runs: list[list[int]] = []
    for count in counts:
        if runs and runs[-1][1] == count - 1:
            runs[-1][1] = count
        else:
            runs.append([count, count])
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in runs)
