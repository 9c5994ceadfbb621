"""What holds of how rollouts begin and end, and of what is told of them.

Each predicate answers None, or one sentence that says what is broken; `concerns_*` functions say of which steps it
speaks at all. The documents' numbers stand here a second time, on purpose.
"""

from __future__ import annotations

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.documented_versions import number_of
from vmss_invariants.predicates_rollout_base import groups_of, ill_in, is_above
from vmss_invariants.predicates_rollout_world import MOST_ATTEMPTS, PERCENT, TWO_MONTHS, flies, stage, standing_in
from vmss_invariants.steps import Step, how_many
from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.images import OsDisk
from vmss_model.rollout import Progress, Rollout
from vmss_model.values import Invoker, RolloutKind, RolloutStatus, Stage, UpgradeMode
from vmss_model.world import Group


def concerns_beginnings(step: Step) -> bool:
    """Rollouts that begin, by the platform or by hand."""
    return isinstance(step.request, rq.BeginRollout | rq.StartRollout) and step.granted


def concerns_image_beginnings(step: Step) -> bool:
    """Those that bring an image."""
    return concerns_beginnings(step) and groups_of(step)[1].rollout is not None and not _of_model(step)


def _of_model(step: Step) -> bool:
    rollout = groups_of(step)[1].rollout
    return rollout is not None and rollout.kind is RolloutKind.MODEL


def concerns_platform_beginnings(step: Step) -> bool:
    """Those that the platform begins by itself, to bring an image."""
    return isinstance(step.request, rq.BeginRollout) and concerns_image_beginnings(step)


def concerns_checked_beginnings(step: Step) -> bool:
    """Rollouts that begin, or that their precheck keeps from it."""
    if not isinstance(step.request, rq.BeginRollout | rq.StartRollout):
        return False
    return step.granted or not {"OSU-PRECHECK", "UPGRADE-ROLLING"}.isdisjoint(step.refusing)


def precheck_is_exact(step: Step) -> str | None:
    """A rollout begins exactly where at most so many percent of all instances are unhealthy, 20 if it is automatic."""
    before = step.group_before
    assert before is not None
    percent = _allowed(step, before)
    if percent is None:
        return None
    ill, members = ill_in(before, monitored=before.health_source is not None), len(before.members)
    if step.granted is not is_above(ill, members, percent):
        return None
    return f"with {ill} of {members} unhealthy, {percent} percent allowed, {step.describe()}"


def _allowed(step: Step, group: Group) -> int | None:
    """The most that may be unhealthy when a rollout is to begin (percent); None where nobody says it."""
    by_policy = group.upgrade_mode is UpgradeMode.ROLLING
    of_model = by_policy and how_many(group.members, lambda one: one.model_version < group.model_version) > 0
    if isinstance(step.request, rq.BeginRollout) and not of_model:
        return PERCENT
    if group.rolling is not None:
        return int(group.rolling.max_unhealthy_percent)
    return PERCENT if step.before.edition.name == "2021-07" else None


def begins_from_nothing(step: Step) -> str | None:
    """A rollout begins with everybody who is due pending, and nothing done."""
    before, after = groups_of(step)
    assert after.rollout is not None
    progress = after.rollout.progress
    due = sum(stage(after.rollout, one) is Stage.PENDING for one in before.members.values())
    done = (progress.successful, progress.failed, progress.in_progress)
    if before.rollout is None and progress.pending == due and done == (0, 0, 0) and before.members == after.members:
        return None
    return f"a rollout of {step.key} began with {standing_in(progress)}; {due} are due"


def target_is_the_models(step: Step) -> str | None:
    """The image that a rollout brings is of the model's publisher, offer and SKU, and available in the region."""
    before, after = groups_of(step)
    target = after.rollout.target if after.rollout is not None else None
    image = before.profile.image if before.profile is not None else None
    if target is None or image is None or target.line != image.line:
        return f"the rollout of {step.key} brings {in_words(target)}, the model names {in_words(image)}"
    if image.version != "latest":
        return None if target.version == image.version else f"{step.key} is pinned to {image}, and gets {target}"
    there = [one.version for one in step.before.images[image.line] if before.region in one.regions and not one.excluded]
    newest = max(map(number_of, there), default=None)
    if newest is not None and number_of(target.version) == newest:
        return None
    return f"the rollout of {step.key} brings {target.version}, in {before.region} there are {in_words(there)}"


def switched_on_and_in_its_window(step: Step) -> str | None:
    """The platform begins a rollout by itself only where that is switched on, and not before its window opens."""
    before, _ = groups_of(step)
    if not before.os_upgrade:
        return f"a rollout of {step.key} began although automatic upgrades are off"
    if before.trigger is not None and step.before.clock < before.trigger.window.lowest:
        return f"a rollout of {step.key} began at {step.before.clock}, not before {before.trigger.window.lowest}"
    return None


# -- ending, and what is told ----------------------------------------------------------------------


def concerns_endings(step: Step) -> bool:
    """Rollouts that end."""
    return isinstance(step.request, rq.EndRollout) and step.granted


def ends_for_a_reason(step: Step) -> str | None:
    """A rollout ends with its batch: all is upgraded, or a gate, a cancellation or a failure stops it."""
    before, after = groups_of(step)
    rollout = before.rollout
    assert rollout is not None
    if after.rollout is not None or not after.history or after.history[0].number != rollout.number:
        return f"the rollout of {step.key} ended, and is not the newest of its history"
    attempt, policy, progress = after.history[0], rollout.policy, rollout.progress
    if flies(before):
        return f"the rollout of {step.key} ended within a batch"
    monitored = rollout.monitored
    ill = progress.failed + rollout.relapsed
    unhealthy = policy is not None and (
        is_above(ill, progress.successful + progress.failed, policy.max_unhealthy_upgraded_percent)
        or is_above(ill_in(before, monitored=monitored), len(before.members), policy.max_unhealthy_percent)
    )
    stopped = unhealthy or rollout.cancelled or bool(rollout.error)
    if progress.pending and not stopped:
        return f"the rollout of {step.key} ended with {standing_in(progress)}, and nothing stops it"
    if attempt.status is RolloutStatus.COMPLETED and (progress.pending or rollout.error):
        return f"the rollout of {step.key} is completed with {standing_in(progress)}, error: {rollout.error or 'none'}"
    if attempt.status is RolloutStatus.CANCELLED and not rollout.cancelled:
        return f"the rollout of {step.key} counts as cancelled and nobody did"
    told = (attempt.progress, attempt.restored, attempt.not_restored, attempt.target, attempt.started_by)
    kept = (progress, rollout.restored, rollout.not_restored, rollout.target, rollout.started_by)
    return None if told == kept else f"the history of {step.key} tells {_told(*told)}, it was {_told(*kept)}"


def _told(progress: Progress, restored: int, not_restored: int, target: OsDisk | None, started_by: Invoker) -> str:
    brought = f"{standing_in(progress)}, {restored} restored and {not_restored} not"
    return f"{brought}, of {in_words(target)} that {started_by.value} started"


def _at(group: Group, rollout: Rollout, at: Stage) -> int:
    return how_many(group.members, lambda one: stage(rollout, one) is at, at)


def concerns_progress(step: Step) -> bool:
    """Answers about how a rollout stands."""
    return isinstance(step.answer, ProgressShown)


def progress_shows_what_is(step: Step) -> str | None:
    """The progress shows the rollout under way, its four counts those of the members, or else the last one."""
    assert isinstance(step.answer, ProgressShown)
    group, shown = step.group_before, step.answer.attempt
    assert group is not None
    rollout = group.rollout
    if rollout is None:
        if group.history and shown == group.history[0]:
            return None
        return f"{step.key} shows {'no attempt' if shown is None else in_words(shown)}, and no rollout runs"
    counts = {at: _at(group, rollout, at) for at in Stage if at is not Stage.OUT_OF_SCOPE}
    progress = shown.progress
    left = (progress.in_progress, progress.pending) == (counts[Stage.IN_PROGRESS], counts[Stage.PENDING])
    done = progress.successful >= counts[Stage.SUCCESSFUL] and progress.failed >= counts[Stage.FAILED]
    same = (shown.number, shown.target, shown.started_by) == (rollout.number, rollout.target, rollout.started_by)
    if left and done and same and shown.status is RolloutStatus.ROLLING_FORWARD and shown.ended_at is None:
        return None
    return f"{step.key} shows {in_words(shown)}, the members stand at {in_words(counts)}"


def concerns_histories(step: Step) -> bool:
    """Answers about the history."""
    return isinstance(step.answer, HistoryShown)


def history_shows_the_last(step: Step) -> str | None:
    """The history shows at most five attempts of the last two months, the newest first and none left out."""
    assert isinstance(step.answer, HistoryShown)
    group, shown, now = step.group_before, step.answer.attempts, step.before.clock
    assert group is not None
    if len(shown) > MOST_ATTEMPTS:
        return f"the history of {step.key} shows {counted(len(shown), 'attempt')}"
    numbers = [one.number for one in shown]
    if numbers != sorted(numbers, reverse=True):
        return f"the history of {step.key} shows attempts {in_words(numbers)}"
    old = [one.number for one in shown if one.ended_at is not None and now - one.ended_at > TWO_MONTHS[1]]
    if old:
        return f"the history of {step.key} shows attempts {in_words(old)} of more than two months ago"
    kept = [one for one in group.history if one.target is not None and one.ended_at is not None]
    fresh = [one.number for one in kept if one.ended_at is not None and now - one.ended_at <= TWO_MONTHS[0]]
    running = [group.rollout.number] if group.rollout is not None and group.rollout.target is not None else []
    missing = sorted({*running, *fresh[: MOST_ATTEMPTS - len(running)]} - set(numbers))
    if missing:
        return f"the history of {step.key} leaves out {in_words(missing)}"
    recent = sum(one.ended_at is not None and now - one.ended_at <= TWO_MONTHS[1] for one in kept)
    most = min(MOST_ATTEMPTS, len(running) + recent)
    assert step.decision.grant is not None
    (choice,) = step.decision.grant.choices
    if choice.allows(most) and not choice.allows(most + 1):
        return None
    return f"the history of {step.key} may show {counted(most, 'attempt')}, and {choice.describe()}"
