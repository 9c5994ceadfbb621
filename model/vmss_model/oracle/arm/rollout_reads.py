"""What reads of rollouts show: how the latest one stands, and the history of OS upgrades.

Which instances a rollout has in scope no read shows. So the counts are held against what bounds them: the
group's instances, the batch, and what the same rollout showed before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import frozen
from immutables import Map

from vmss_model.copying import evolve
from vmss_model.editions import AutomaticUpgrades
from vmss_model.guards import batch_cap, history_holds, may_show_attempt
from vmss_model.oracle.arm.belief import ABSENT, THERE, Belief, GroupBelief, ShownRollout
from vmss_model.oracle.arm.group_reads import see_group_absent, settled_count
from vmss_model.oracle.arm.judged import Context, Judged
from vmss_model.oracle.arm.judging import failed_read, is_absent
from vmss_model.oracle.arm.profiles import PREFIX, policy_facts
from vmss_model.oracle.arm.shapes import child, error_of, number, text
from vmss_model.oracle.finding import Finding, conforms, unknown, violates
from vmss_model.oracle.recordings import ArmResponse, parse_date
from vmss_model.rules import implements
from vmss_model.values import RolloutStatus

_CODES = {status.value.lower(): status for status in RolloutStatus}
_LATER_CODES = frozenset({"rollingback"})
"""Words that later versions of the public API have beside those of the documents' time."""
_RUNNING = RolloutStatus.ROLLING_FORWARD.value.lower()
_COUNTS = ("successfulInstanceCount", "failedInstanceCount", "inProgressInstanceCount", "pendingInstanceCount")
_WORDS = ("successful", "failed", "in progress", "pending")


def _shown(properties: object) -> ShownRollout | None:
    """A rollout out of the properties of a `rollingUpgrades` resource, or None where it does not show one."""
    counts = [number(child(properties, "progress", name)) for name in _COUNTS]
    code = text(child(properties, "runningStatus", "code"))
    if code is None or None in counts:
        return None
    successful, failed, in_progress, pending = (count or 0 for count in counts)
    started = text(child(properties, "runningStatus", "startTime")) or ""
    return ShownRollout(started, code.lower(), (successful, failed, in_progress, pending))


def _text(shown: ShownRollout) -> str:
    counts = ", ".join(f"{count} {word}" for count, word in zip(shown.counts, _WORDS, strict=True))
    return f"{shown.code} since {shown.started or 'an unknown time'}: {counts}"


def _automatic(group: GroupBelief) -> AutomaticUpgrades | None:
    return None if group.kind is None else group.edition.automatic_upgrades(group.kind)


@implements("OSU-PROGRESS", "OSU-DONE")
def _impossible(shown: ShownRollout) -> Finding | None:
    """What no rollout can show: a strange word, a negative count, a completed one with more to do."""
    successful, failed, in_progress, pending = shown.counts
    if shown.code not in _CODES and shown.code not in _LATER_CODES:
        words = ", ".join(status.value for status in RolloutStatus)
        return violates(
            "OSU-PROGRESS",
            expected=f"a rollout's status is one of {words}",
            seen=shown.code,
            nearest=f"show {RolloutStatus.ROLLING_FORWARD.value} while it runs",
        )
    if min(successful, failed, in_progress, pending) < 0:
        return violates(
            "OSU-PROGRESS",
            expected="counts of instances, none of them negative",
            seen=_text(shown),
            nearest="count instances",
        )
    if shown.code == RolloutStatus.COMPLETED.value.lower() and in_progress + pending:
        return violates(
            "OSU-DONE",
            "OSU-PROGRESS",
            expected="a completed rollout has upgraded every instance: none in progress, none pending",
            seen=_text(shown),
            nearest=f"show {RolloutStatus.ROLLING_FORWARD.value}, or count no instance as in progress or pending",
        )
    return None


# -- the latest rollout ----------------------------------------------------------------------------


@implements("ARM-ABSENT", "OSU-PROGRESS")
def see_latest(belief: Belief, group: GroupBelief, response: ArmResponse) -> Judged:
    """A read of the latest rollout."""
    if is_absent(response):
        return _see_none(belief, group, response)
    shown = _shown(child(response.body, "properties"))
    if response.status != 200 or shown is None:
        return belief, failed_read(response)
    automatic = _automatic(group)
    problem = _never_begun(group) or _contradicted(group, shown) or _other_policy(group, response.body)
    if problem is None and automatic is not None:
        problem = _impossible(shown) or _miscounted(group, shown, response.body)
    rules = ["OSU-PROGRESS"] if automatic is not None and shown.code in _CODES else []
    if _compares_policy(group, response.body) or (group.rollout is not None and group.rollout.started == shown.started):
        rules.append("ARM-READ-BACK")
    runs = shown.code == _RUNNING or shown.code in _LATER_CODES
    shown = evolve(shown, known_at=group.members.known_at)
    seen = evolve(group, presence=THERE, rolled=THERE, rollout=shown, may_roll=runs or group.upgrades_os)
    if runs or group.may_be_rolling:
        # It restarts the instances that it upgrades.
        seen = seen.with_members(power=Map())
    belief = belief.with_group(seen)
    if problem is not None:
        return belief, problem
    if not rules:
        return belief, unknown(f"edition {group.edition.name} does not speak of a rollout's progress")
    return belief, conforms(*rules, expected="the latest rollout as it stands", seen=_text(shown))


def _see_none(belief: Belief, group: GroupBelief, response: ArmResponse) -> Judged:
    """404: the scale set does not exist, or no rollout ever began."""
    error = error_of(response.body)
    # In the resource manager's own words; what else is not found may be the rollout.
    named = "" if error is None else error[1].lower()
    of_group = "virtualmachinescalesets/" in named and "rollingupgrades" not in named
    if group.presence == ABSENT or (group.presence != THERE and of_group):
        return see_group_absent(belief, group)
    if group.rolled == THERE and not group.pending:
        return belief, violates(
            "ARM-ABSENT",
            expected=f"a rollout of {group.key} began, and is the latest",
            seen="a read of the latest rollout answers 404",
            nearest="answer 200 with the rollout",
        )
    if group.rolled == ABSENT:
        return belief, conforms("ARM-ABSENT", expected="no rollout ever began", seen="404")
    return belief, unknown("whether a rollout ever began is not known")


def _never_begun(group: GroupBelief) -> Finding | None:
    if group.presence != ABSENT and (group.rolled != ABSENT or group.pending or group.upgrades_os):
        return None
    return violates(
        "ARM-ABSENT",
        expected=f"no rollout of {group.key} ever began",
        seen="a latest rollout is shown",
        nearest="answer 404",
    )


@implements("ARM-READ-BACK")
def _contradicted(group: GroupBelief, shown: ShownRollout) -> Finding | None:
    """The same rollout shown otherwise than before: once it has ended it stays as it is, and nothing is undone."""
    before = group.rollout
    if before is None or before.started != shown.started or not shown.started:
        return None
    ended = before.code != _RUNNING and before.code not in _LATER_CODES
    upgraded = before.counts[0] + before.counts[1]
    if ended and (shown.code, shown.counts) != (before.code, before.counts):
        problem = f"it stays as it ended: {_text(before)}"
    elif shown.counts[3] > before.counts[3] and not group.pending and group.members.closed:
        problem = f"no more than {before.counts[3]} instances are pending, as it was shown before"
    elif shown.counts[0] + shown.counts[1] < upgraded and before.known_at == group.members.known_at:
        problem = f"{upgraded} instances or more are upgraded, as it was shown before"
    else:
        return None
    return violates("ARM-READ-BACK", expected=problem, seen=_text(shown), nearest=f"show {_text(before)}")


@implements("OSU-PROGRESS", "OSU-BATCH")
def _miscounted(group: GroupBelief, shown: ShownRollout, body: object) -> Finding | None:
    """Counts that do not sum to instances of the group, to those of before, or that are more than a batch."""
    total = sum(shown.counts)
    before = group.rollout
    same = before is not None and before.started == shown.started and bool(shown.started)
    undisturbed = group.members.closed and not group.pending and not group.platform_acts
    undisturbed = undisturbed and before is not None and before.known_at == group.members.known_at
    if before is not None and same and undisturbed and sum(before.counts) != total:
        return violates(
            "OSU-PROGRESS",
            expected=f"the counts sum to the {sum(before.counts)} instances in scope, as before",
            seen=f"they sum to {total}: {_text(shown)}",
            nearest=f"show counts that sum to {sum(before.counts)}",
        )
    settled = settled_count(group)
    if settled is None:
        return None
    instances = settled[0]
    if total > instances + len(group.members.gone):
        return violates(
            "OSU-PROGRESS",
            expected=f"the counts sum to instances of the scale set, which has {instances}",
            seen=f"they sum to {total}: {_text(shown)}",
            nearest=f"show counts that sum to {instances} at most",
        )
    percent = _batch_percent(group, body)
    most = None if percent is None else int(batch_cap(instances, percent))
    if most is not None and shown.counts[2] > most:
        return violates(
            "OSU-BATCH",
            expected=f"a batch of {percent} percent of {instances} instances has {most} at most",
            seen=f"{shown.counts[2]} are in progress",
            nearest=f"upgrade {most} instances at a time",
        )
    return None


def _batch_percent(group: GroupBelief, body: object) -> int | None:
    """How many percent of the instances a batch may be: as shown, else at most what is known of the policy."""
    name = "maxBatchInstancePercent"
    shown = number(child(body, "properties", "policy", name))
    known = group.policy.get(name, frozenset()) if group.policy is not None else frozenset()
    return shown if shown is not None else max((one for one in known if isinstance(one, int)), default=None)


def _compares_policy(group: GroupBelief, body: object) -> bool:
    shown = policy_facts(child(body, "properties", "policy"))
    return group.policy is not None and any(
        value is not None and name.removeprefix(PREFIX) in group.policy for name, value in shown.items()
    )


@implements("ARM-READ-BACK")
def _other_policy(group: GroupBelief, body: object) -> Finding | None:
    """A rolling upgrade policy that is not the one that the scale set had when the rollout began."""
    if group.policy is None:
        return None
    for name, value in policy_facts(child(body, "properties", "policy")).items():
        possible = group.policy.get(name.removeprefix(PREFIX))
        if value is None or possible is None or value in possible:
            continue
        wanted = " or ".join(sorted(map(str, possible)))
        return violates(
            "ARM-READ-BACK",
            expected=f"{name} is {wanted}, as the scale set had it when the rollout began",
            seen=f"it is shown as {value}",
            nearest=f"show {wanted}",
        )
    return None


# -- the history -----------------------------------------------------------------------------------


@frozen
class _Entry:
    """One attempt of a history."""

    shown: ShownRollout
    """How it stands or ended."""
    started: datetime | None
    """When it was started."""
    ended: datetime | None
    """When it ended; an end before the start (finding F12) is none."""


def _entries(values: list[object]) -> Iterator[_Entry | None]:
    for value in values:
        shown = _shown(child(value, "properties"))
        status = child(value, "properties", "runningStatus")
        end = text(child(status, "endTime")) or text(child(status, "completedTime")) or ""
        started = None if shown is None else parse_date(shown.started)
        ended = parse_date(end)
        if started is not None and ended is not None and ended < started:
            ended = None
        yield None if shown is None else _Entry(shown, started, ended)


@implements("OSU-HISTORY")
def see_history(belief: Belief, group: GroupBelief, response: ArmResponse, context: Context) -> Judged:
    """A read of the history of OS upgrades: at most five attempts, of the last two months, newest first."""
    if is_absent(response):
        return see_group_absent(belief, group)
    values = child(response.body, "value")
    if response.status != 200 or not isinstance(values, list):
        return belief, failed_read(response)
    if group.presence == ABSENT:
        return belief, violates(
            "ARM-ABSENT", expected="the scale set does not exist", seen="its history is shown", nearest="answer 404"
        )
    belief = belief.with_group(evolve(group, presence=THERE))
    automatic = _automatic(group)
    if automatic is None:
        return belief, unknown(f"edition {group.edition.name} does not speak of a history of OS upgrades")
    entries = [one for one in _entries(values) if one is not None]
    now = parse_date(context.date or belief.date)
    problem = _beyond(automatic, len(values), entries, now) or _missing(automatic, group, entries, now)
    for one in entries:
        problem = problem or _impossible(one.shown)
    if problem is not None:
        return belief, problem
    if len(entries) != len(values):
        return belief, unknown("an attempt of the history does not show its status and counts")
    return belief, conforms("OSU-HISTORY", expected="the last attempts, newest first", seen=f"{len(values)} attempts")


def _beyond(automatic: AutomaticUpgrades, shown: int, entries: list[_Entry], now: datetime | None) -> Finding | None:
    """A history that is longer, older or in another order than it may be."""
    problem = ""
    starts = [one.started for one in entries if one.started is not None]
    running = sum(one.shown.code == _RUNNING for one in entries)
    if not history_holds(shown, automatic.history_most):
        problem = f"{shown} attempts are shown"
    elif any(now is not None and not _is_recent(automatic, one, now) for one in entries):
        problem = "an attempt that ended more than two months ago is shown"
    elif starts != sorted(starts, reverse=True):
        problem = "the attempts are not shown newest first"
    elif running > 1:
        problem = f"{running} attempts are shown to be under way"
    if not problem:
        return None
    return violates(
        "OSU-HISTORY",
        expected=f"at most the last {automatic.history_most} attempts of the last two months, newest first",
        seen=problem,
        nearest="show those alone, newest first",
    )


def _is_recent(automatic: AutomaticUpgrades, entry: _Entry, now: datetime) -> bool:
    """Whether an attempt may still be shown; one that runs, or of which the end cannot be told, may be."""
    if entry.ended is None or entry.shown.code == _RUNNING:
        return True
    return _is_of_late(automatic, now - entry.ended)


def _is_of_late(automatic: AutomaticUpgrades, since: timedelta) -> bool:
    """Whether what is so long ago is within what the history shows."""
    return bool(may_show_attempt(int(since.total_seconds()), automatic.history_longest))


def _missing(
    automatic: AutomaticUpgrades, group: GroupBelief, entries: list[_Entry], now: datetime | None
) -> Finding | None:
    """The latest rollout was one of the OS image, upgraded instances of late, and is not in the history."""
    latest = group.rollout
    if latest is None or group.rolls_else or group.pending or entries or not latest.counts[0]:
        return None
    started = parse_date(latest.started)
    # It ended after it was started: if its start is recent, so is its end.
    if now is None or started is None or not _is_of_late(automatic, now - started):
        return None
    return violates(
        "OSU-HISTORY",
        expected=f"the latest rollout, {_text(latest)}",
        seen="a history without attempts",
        nearest="show the rollout in the history",
    )
