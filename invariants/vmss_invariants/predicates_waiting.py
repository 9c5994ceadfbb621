"""What holds while a rollout waits for its members: provisioned, restored or given up, and how they are counted.

Each predicate answers None, or one sentence that says what is broken; `concerns_*` functions say of which steps it
speaks at all. The documents' numbers stand here a second time, on purpose.
"""

from __future__ import annotations

from operator import attrgetter

from attrs import fields

from vmss_invariants.describing import in_words
from vmss_invariants.predicates_rollout_base import COUNTED, groups_of, rollouts_of
from vmss_invariants.predicates_rollout_world import WAIT, is_well, stage, standing_in
from vmss_invariants.steps import Step, gained, touched
from vmss_model import requests as rq
from vmss_model.values import Invoker, Stage
from vmss_model.world import Group, Instance

PLATFORMS_STEPS = (
    rq.BeginRollout,
    rq.StartBatch,
    rq.ProvisionInstance,
    rq.RestoreInstance,
    rq.FailInstance,
    rq.EndRollout,
)
"""What the platform does to carry a rollout out."""


def concerns_rolling_groups(step: Step) -> bool:
    """Steps about a group of which the same rollout is under way before and after."""
    if step.after is step.before:
        return False
    old, new = step.group_before, step.group_after
    if old is None or new is None or old.rollout is None or new.rollout is None or old is new:
        return False
    return old.rollout.number == new.rollout.number


def done_never_undone(step: Step) -> str | None:
    """Within an attempt neither the successful nor the failed become fewer."""
    before, after = (one.progress for one in rollouts_of(step))
    if gained(before, after, "successful") >= 0 and gained(before, after, "failed") >= 0:
        return None
    request = type(step.request).__name__
    return f"{request} took the progress of {step.key} from {standing_in(before)} to {standing_in(after)}"


def progress_moves_with_the_members(step: Step) -> str | None:
    """The four counts change by what happened to members: they sum to the instances in scope, none is lost."""
    old, new = groups_of(step)
    before, after = rollouts_of(step)
    moved = dict.fromkeys(Stage, 0)
    for name in {*touched(old.members, new.members), *step.joined, *step.left}:
        was, now = old.members.get(name), new.members.get(name)
        if was is now:
            continue
        was_at = stage(before, was) if was is not None else Stage.OUT_OF_SCOPE
        now_at = stage(before, now) if now is not None else Stage.OUT_OF_SCOPE
        if now is None and was_at in (Stage.SUCCESSFUL, Stage.FAILED):
            continue
        moved[was_at] -= 1
        moved[now_at] += 1
    counts = {at: gained(before.progress, after.progress, count) for count, at in COUNTED.items()}
    if all(moved[one] == count for one, count in counts.items()):
        return None
    return f"{type(step.request).__name__} moved {in_words(moved)} of {step.key}, the counts say {in_words(counts)}"


def concerns_pauses(step: Step) -> bool:
    """Steps of a rollout under way that start no batch."""
    return not isinstance(step.request, rq.StartBatch) and concerns_rolling_groups(step)


def pause_begins_with_the_end(step: Step) -> str | None:
    """When the last instance of a batch is healthy or failed the pause begins, and by nothing else."""
    before, after = rollouts_of(step)
    settled = before.progress.in_progress > 0 and after.progress.in_progress == 0
    ready_at = before.ready_at
    if settled and after.policy is not None:
        ready_at = step.after.clock + after.policy.pause_seconds
    if after.ready_at == ready_at:
        return None
    return f"the next batch of {step.key} may start at {after.ready_at} instead of {ready_at}"


def concerns_settling(step: Step) -> bool:
    """Steps in which an instance of the current batch comes to its end: healthy, or failed."""
    return concerns_rolling_groups(step) and bool(_settled(step))


def _settled(step: Step) -> list[tuple[Instance, Instance]]:
    _, rollout = rollouts_of(step)
    return [
        (was, now)
        for _, was, now in step.changed_members
        if was.attempt == now.attempt == rollout.number
        and was.stage is Stage.IN_PROGRESS
        and now.stage is not Stage.IN_PROGRESS
    ]


def settled_in_the_right_way(step: Step) -> str | None:
    """An instance of a batch succeeds by being healthy, and fails by being given up: in 2021-07 after the wait."""
    rollout, after = rollouts_of(step)
    waited = step.before.clock - rollout.batch_started_at
    waits = step.before.edition.name == "2021-07"
    for _, now in _settled(step):
        if now.stage is Stage.SUCCESSFUL and not is_well(now, monitored=rollout.monitored):
            return f"{now.name} of {step.key} counts as successful, it is {in_words(now)}"
        given_up = isinstance(step.request, rq.RestoreInstance | rq.FailInstance)
        if now.stage is Stage.FAILED and not (given_up and (waited >= WAIT or not waits)):
            return f"{now.name} of {step.key} failed {waited} seconds after its upgrade, by {in_words(step.request)}"
    pause = rollout.policy.pause_seconds if rollout.policy is not None else None
    if pause is not None and not after.progress.in_progress and after.ready_at != step.after.clock + pause:
        return f"the batch of {step.key} is settled at {step.after.clock}, the next may start at {after.ready_at}"
    return None


def concerns_giving_up(step: Step) -> bool:
    """Instances that are restored or given up."""
    return isinstance(step.request, rq.RestoreInstance | rq.FailInstance) and step.granted


def restored_exactly_if_automatic(step: Step) -> str | None:
    """The platform restores, or fails to; who started a rollout by hand gets nothing restored."""
    assert isinstance(step.request, rq.RestoreInstance | rq.FailInstance)
    before, after = rollouts_of(step)
    old, new = groups_of(step)
    was, now = old.members[step.request.name], new.members[step.request.name]
    if isinstance(step.request, rq.RestoreInstance) is not (before.started_by is Invoker.PLATFORM):
        return f"{in_words(step.request)} in a rollout that {before.started_by.value} started"
    counted = (after.restored - before.restored, after.not_restored - before.not_restored)
    restores = isinstance(step.request, rq.RestoreInstance) and bool(step.picks["restored"])
    expected = (int(restores), int(isinstance(step.request, rq.RestoreInstance) and not restores))
    disk = was.previous_os_disk if restores else was.os_disk
    if counted == expected and now.os_disk == disk and now.stage is Stage.FAILED:
        return None
    is_now = f"{now.name} of {step.key} is {now.stage.value} on {in_words(now.os_disk)}"
    return f"{is_now}; restored: {counted[0]}, not restored: {counted[1]}"


def concerns_platforms_steps(step: Step) -> bool:
    """Batches, and instances that come to an end: what a rollout consists of."""
    return concerns_rolling_groups(step) and (isinstance(step.request, rq.StartBatch) or bool(_settled(step)))


def measure_lessens(step: Step) -> str | None:
    """Every batch and every settled instance brings a rollout nearer to its end: 2 · pending + in progress lessens."""
    before, after = (2 * one.progress.pending + one.progress.in_progress for one in rollouts_of(step))
    return None if 0 <= after < before else f"{type(step.request).__name__} of {step.key}: from {before} to {after}"


def concerns_rollout_steps(step: Step) -> bool:
    """What the platform does to carry a rollout out."""
    return isinstance(step.request, PLATFORMS_STEPS) and step.granted and bool(step.survivors)


_ROLLOUTS_OWN = frozenset(
    {"members", "census", "rollout", "rollouts_begun", "first_rollout_begun", "trigger", "history"}
)
_LEFT_ALONE = tuple(one.name for one in fields(Group) if one.name not in _ROLLOUTS_OWN)
"""The properties of a group that no rollout changes."""
_left_alone = attrgetter(*_LEFT_ALONE)


def model_is_left_alone(step: Step) -> str | None:
    """A rollout leaves all of its group alone but its members, their counts, and how far rollouts have come."""
    for old, new in step.survivors:
        was, now = _left_alone(old), _left_alone(new)
        if was != now:
            changed = (name for name, one, other in zip(_LEFT_ALONE, was, now, strict=True) if one != other)
            return f"{type(step.request).__name__} changed {', '.join(changed)} of {old.key}"
    return None
