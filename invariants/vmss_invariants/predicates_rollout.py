"""What holds of every step of a rollout: how it begins, its batches and gates, its waits, and how it ends.

Each predicate answers None, or one sentence that says what is broken; `concerns_*` functions say of which steps it
speaks at all. The documents' numbers stand here a second time, on purpose.
"""

from __future__ import annotations

from vmss_invariants.describing import in_words
from vmss_invariants.predicates_rollout_world import (
    MOST_ATTEMPTS,
    PERCENT,
    TWO_MONTHS,
    WAIT,
    flies,
    flying,
    is_ill,
    is_well,
    stage,
    standing_in,
)
from vmss_invariants.steps import Step, how_many, touched
from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.images import OsDisk
from vmss_model.rollout import Progress, Rollout
from vmss_model.values import Invoker, Power, Provisioning, RolloutKind, RolloutStatus, Stage, UpgradeMode
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


def _groups(step: Step) -> tuple[Group, Group]:
    assert step.group_before is not None
    assert step.group_after is not None
    return step.group_before, step.group_after


def _rollouts(step: Step) -> tuple[Rollout, Rollout]:
    before, after = _groups(step)
    assert before.rollout is not None
    assert after.rollout is not None
    return before.rollout, after.rollout


def _ill(group: Group, *, monitored: bool) -> int:
    return how_many(group.members, lambda one: is_ill(one, monitored=monitored), monitored)


def _above(part: int, whole: int, percent: int) -> bool:
    """Whether a count is more than so many percent of another."""
    return 100 * part > percent * whole


# -- beginning -------------------------------------------------------------------------------------


def concerns_beginnings(step: Step) -> bool:
    """Rollouts that begin, by the platform or by hand."""
    return isinstance(step.request, rq.BeginRollout | rq.StartRollout) and step.granted


def concerns_image_beginnings(step: Step) -> bool:
    """Those that bring an image."""
    return concerns_beginnings(step) and _groups(step)[1].rollout is not None and not _of_model(step)


def _of_model(step: Step) -> bool:
    rollout = _groups(step)[1].rollout
    return rollout is not None and rollout.kind is RolloutKind.MODEL


def concerns_platform_beginnings(step: Step) -> bool:
    """Those that the platform begins by itself, to bring an image."""
    return isinstance(step.request, rq.BeginRollout) and concerns_image_beginnings(step)


def concerns_checked_beginnings(step: Step) -> bool:
    """Rollouts that begin, or that their precheck keeps from it."""
    if not isinstance(step.request, rq.BeginRollout | rq.StartRollout):
        return False
    return step.granted or "OSU-PRECHECK" in step.refusing


def precheck_is_exact(step: Step) -> str | None:
    """A rollout begins exactly where at most so many percent of all instances are unhealthy, 20 if it is automatic."""
    before = step.group_before
    assert before is not None
    percent = _allowed(step, before)
    if percent is None:
        return None
    ill, members = _ill(before, monitored=before.health_source is not None), len(before.members)
    if step.granted is not _above(ill, members, percent):
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
    before, after = _groups(step)
    assert after.rollout is not None
    progress = after.rollout.progress
    due = sum(stage(after.rollout, one) is Stage.PENDING for one in before.members.values())
    done = (progress.successful, progress.failed, progress.in_progress)
    if before.rollout is None and progress.pending == due and done == (0, 0, 0) and before.members == after.members:
        return None
    return f"a rollout of {step.key} began with {standing_in(progress)}; {due} are due"


def target_is_the_models(step: Step) -> str | None:
    """The image that a rollout brings is of the model's publisher, offer and SKU, and available in the region."""
    before, after = _groups(step)
    target = after.rollout.target if after.rollout is not None else None
    image = before.profile.image if before.profile is not None else None
    if target is None or image is None or target.line != image.line:
        return f"the rollout of {step.key} brings {in_words(target)}, the model names {in_words(image)}"
    if image.version != "latest":
        return None if target.version == image.version else f"{step.key} is pinned to {image}, and gets {target}"
    there = [one.version for one in step.before.images[image.line] if before.region in one.regions and not one.excluded]
    newest = max(([int(part) for part in one.split(".")] for one in there), default=None)
    if newest is not None and [int(part) for part in target.version.split(".")] == newest:
        return None
    return f"the rollout of {step.key} brings {target.version}, in {before.region} there are {in_words(there)}"


def switched_on_and_in_its_window(step: Step) -> str | None:
    """The platform begins a rollout by itself only where that is switched on, and not before its window opens."""
    before, _ = _groups(step)
    if not before.os_upgrade:
        return f"a rollout of {step.key} began although automatic upgrades are off"
    if before.trigger is not None and step.before.clock < before.trigger.window.lowest:
        return f"a rollout of {step.key} began at {step.before.clock}, not before {before.trigger.window.lowest}"
    return None


# -- batches ---------------------------------------------------------------------------------------


def concerns_batches(step: Step) -> bool:
    """Batches that start."""
    return isinstance(step.request, rq.StartBatch) and step.granted


def concerns_batches_with_references(step: Step) -> bool:
    """Batches of a model that refers to something outside itself."""
    group = step.group_before
    return concerns_batches(step) and group is not None and group.profile is not None and bool(group.profile.external)


def concerns_platform_batches(step: Step) -> bool:
    """Batches of rollouts that the platform began by itself."""
    return concerns_batches(step) and _rollouts(step)[0].started_by is Invoker.PLATFORM


def concerns_fabric_batches(step: Step) -> bool:
    """Batches of Service Fabric groups after their first one."""
    before = step.group_before
    if not concerns_batches(step) or before is None or before.profile is None:
        return False
    return before.profile.service_fabric is not None and _rollouts(step)[0].batch_at is not None


def _batch(step: Step) -> list[tuple[Instance, Instance]]:
    """The members of a batch that starts, before and after."""
    _, rollout = _rollouts(step)
    return [(was, now) for _, was, now in step.changed_members if now.attempt == rollout.number != was.attempt]


def batch_within_its_cap(step: Step) -> str | None:
    """A batch has at least one instance, and at most so many percent of all, rounded down, or one: 20 if automatic."""
    before, _ = _groups(step)
    rollout, _ = _rollouts(step)
    size, members = len(_batch(step)), len(before.members)
    if rollout.policy is None:
        return None if size else f"a batch of {step.key} has no instance"
    percent = PERCENT if rollout.started_by is Invoker.PLATFORM else rollout.policy.max_batch_percent
    cap = max(1, members * percent // 100)
    return None if 1 <= size <= cap else f"a batch of {step.key} takes {size} of {members} instances, not 1 to {cap}"


def batch_touches_no_other(step: Step) -> str | None:
    """A batch upgrades instances that were left to upgrade, touches no other, and is not asked for in vain."""
    assert isinstance(step.request, rq.StartBatch)
    before, _ = _rollouts(step)
    batch = _batch(step)
    names = frozenset(now.name for _, now in batch)
    others = sorted(now.name for _, _, now in step.changed_members if now.name not in names)
    idle = sorted(was.name for was, _ in batch if stage(before, was) is not Stage.PENDING)
    asked = step.request.names
    if others or idle or (asked is not None and asked != names):
        wished = "any" if asked is None else in_words(asked)
        batch_of = f"a batch of {in_words(names)} of {step.key}, asked for {wished}"
        return f"{batch_of}, touched besides: {in_words(others)}; not due: {in_words(idle)}"
    return None


def batch_spares_some(step: Step) -> str | None:
    """The platform never upgrades all instances of a group at once, if it has more than one."""
    before, _ = _groups(step)
    size, members = len(_batch(step)), len(before.members)
    return f"a batch of {step.key} takes all {members} instances" if 1 < members == size else None


def batch_brings_the_target(step: Step) -> str | None:
    """Each instance of a batch has the target's OS disk, keeps the one before at hand, and is to get its extensions."""
    rollout, after = _rollouts(step)
    for was, now in _batch(step):
        brought = rollout.target if rollout.target is not None else was.os_disk
        swapped = rollout.kind is RolloutKind.OS_IMAGE or was.os_disk != now.os_disk
        kept = now.previous_os_disk == (was.os_disk if swapped else was.previous_os_disk)
        if now.os_disk != brought or not kept:
            disks = (
                f"{in_words(was.os_disk)} and has {in_words(now.os_disk)}, with {in_words(now.previous_os_disk)} kept"
            )
            return f"{now.name} of {step.key} had {disks}"
        if now.provisioning is Provisioning.SUCCEEDED or now.provisioned:
            ran = in_words(now.provisioned)
            return f"{now.name} of {step.key} is {now.provisioning.value} with {ran} on a new OS disk"
        if rollout.kind is RolloutKind.MODEL and now.model_version != rollout.target_model:
            return f"{now.name} of {step.key} runs model {now.model_version}, not {rollout.target_model}"
        if (now.stage is Stage.FAILED) is not bool(after.error) or now.stage not in (Stage.FAILED, Stage.IN_PROGRESS):
            return f"{now.name} of {step.key} is {now.stage.value}, the rollout's error is {after.error or 'none'}"
    return None


def batch_waits_for_the_last(step: Step) -> str | None:
    """No batch starts before each instance of the last is healthy or has failed, and the pause after it is over."""
    before, _ = _groups(step)
    rollout, after = _rollouts(step)
    waited_for = sorted(one.name for one in flying(before))
    if waited_for:
        return f"a batch of {step.key} started while {in_words(waited_for)} were waited for"
    if step.before.clock < rollout.ready_at:
        return f"a batch of {step.key} started at {step.before.clock}, the pause ends at {rollout.ready_at}"
    started = after.batch_started_at
    return None if started == step.before.clock else f"a batch started at {step.before.clock} is dated {started}"


def concerns_gated_batches(step: Step) -> bool:
    """Batches that start, or that the gates alone keep from it."""
    before = step.group_before
    if not isinstance(step.request, rq.StartBatch) or before is None or before.rollout is None:
        return False
    gates = {"OSU-STOP-UPGRADED", "OSU-STOP-OVERALL"}
    return before.rollout.policy is not None and (step.granted or bool(step.refusing & gates))


def gates_are_exact(step: Step) -> str | None:
    """A gate stops a rollout exactly above its percentage, of all instances or of those upgraded: 20 if automatic."""
    group = step.group_before
    assert group is not None
    rollout = group.rollout
    assert rollout is not None
    assert rollout.policy is not None
    platform, monitored = rollout.started_by is Invoker.PLATFORM, rollout.monitored
    overall = PERCENT if platform else rollout.policy.max_unhealthy_percent
    upgraded = PERCENT if platform else rollout.policy.max_unhealthy_upgraded_percent
    done = rollout.progress.successful + rollout.progress.failed
    number = rollout.number
    ill = rollout.progress.failed + how_many(
        group.members,
        lambda one: one.attempt == number and one.stage is Stage.SUCCESSFUL and is_ill(one, monitored=monitored),
    )
    for rule, above in (
        ("OSU-STOP-UPGRADED", _above(ill, done, upgraded)),
        ("OSU-STOP-OVERALL", _above(_ill(group, monitored=monitored), len(group.members), overall)),
    ):
        if above if step.granted else (rule in step.refusing) is not above:
            return f"{rule} on {ill} of {done} upgraded, {_ill(group, monitored=monitored)} of all: {step.describe()}"
    return None


def only_those_who_take_part(step: Step) -> str | None:
    """The platform touches nobody who does not take part: the group is switched on, the instance opted in."""
    before, _ = _groups(step)
    if not before.os_upgrade:
        return f"a batch of {step.key} started although automatic upgrades are off"
    out = sorted(was.name for was, _ in _batch(step) if was.model_version < before.opted_in_from)
    return f"{in_words(out)} of {step.key} were upgraded and do not take part" if out else None


def no_batch_once_cancelled(step: Step) -> str | None:
    """No batch starts once a rollout is cancelled or has failed."""
    rollout, _ = _rollouts(step)
    if not rollout.cancelled and not rollout.error:
        return None
    return f"a batch of {step.key} started although the rollout was cancelled, or failed by {rollout.error or 'none'}"


def one_update_domain_after_another(step: Step) -> str | None:
    """Service Fabric: an update domain is finished before the next one is begun."""
    group, _ = _groups(step)
    rollout, _ = _rollouts(step)
    assert rollout.batch_at is not None
    begun = rollout.batch_at[1]
    left = [
        one.name
        for one in group.members.values()
        if one.update_domain == begun and begun is not None and stage(rollout, one) is Stage.PENDING
    ]
    domains = {was.update_domain for was, _ in _batch(step)}
    if not left or domains == {begun}:
        return None
    goes_on = f"{step.key} goes on in update domains {in_words(domains)}"
    return f"{goes_on}, {in_words(sorted(left))} are left in {in_words(begun)}"


def running_falls_by_the_batch(step: Step) -> str | None:
    """A batch takes no more running instances than its size: everybody else keeps running."""
    down = [was.name for _, was, now in step.changed_members if _is_up(was) and not _is_up(now)]
    size = len(_batch(step))
    return None if len(down) <= size else f"a batch of {size} of {step.key} took down {in_words(sorted(down))}"


def _is_up(member: Instance) -> bool:
    return member.power is Power.RUNNING and member.provisioning is Provisioning.SUCCEEDED


def expired_credentials_fail_the_batch(step: Step) -> str | None:
    """A batch started while the model refers to what has expired or is gone fails, and no other does."""
    before, _ = _groups(step)
    _, after = _rollouts(step)
    stale = [
        one.resource
        for one in (before.profile.external if before.profile is not None else ())
        if one.resource in step.before.withdrawn
        or (one.credentials_end is not None and one.credentials_end <= step.before.clock)
    ]
    failed = all(now.stage is Stage.FAILED for _, now in _batch(step))
    if bool(stale) is failed is bool(after.error):
        return None
    what = f"failed: {in_words(failed)}, error: {after.error or 'none'}"
    return f"a batch of {step.key} started, expired: {in_words(stale)}, {what}"


# -- waiting, restoring, and the counts ------------------------------------------------------------


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
    before, after = (one.progress for one in _rollouts(step))
    if after.successful >= before.successful and after.failed >= before.failed:
        return None
    request = type(step.request).__name__
    return f"{request} took the progress of {step.key} from {standing_in(before)} to {standing_in(after)}"


def progress_moves_with_the_members(step: Step) -> str | None:
    """The four counts change by what happened to members: they sum to the instances in scope, none is lost."""
    old, new = _groups(step)
    before, after = _rollouts(step)
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
    counts = {
        Stage.SUCCESSFUL: after.progress.successful - before.progress.successful,
        Stage.FAILED: after.progress.failed - before.progress.failed,
        Stage.IN_PROGRESS: after.progress.in_progress - before.progress.in_progress,
        Stage.PENDING: after.progress.pending - before.progress.pending,
    }
    if all(moved[one] == count for one, count in counts.items()):
        return None
    return f"{type(step.request).__name__} moved {in_words(moved)} of {step.key}, the counts say {in_words(counts)}"


def concerns_pauses(step: Step) -> bool:
    """Steps of a rollout under way that start no batch."""
    return not isinstance(step.request, rq.StartBatch) and concerns_rolling_groups(step)


def pause_begins_with_the_end(step: Step) -> str | None:
    """When the last instance of a batch is healthy or failed the pause begins, and by nothing else."""
    before, after = _rollouts(step)
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
    _, rollout = _rollouts(step)
    return [
        (was, now)
        for _, was, now in step.changed_members
        if was.attempt == now.attempt == rollout.number
        and was.stage is Stage.IN_PROGRESS
        and now.stage is not Stage.IN_PROGRESS
    ]


def settled_in_the_right_way(step: Step) -> str | None:
    """An instance of a batch succeeds by being healthy, and fails by being given up: in 2021-07 after the wait."""
    rollout, after = _rollouts(step)
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
    before, after = _rollouts(step)
    old, new = _groups(step)
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
    before, after = (2 * one.progress.pending + one.progress.in_progress for one in _rollouts(step))
    return None if 0 <= after < before else f"{type(step.request).__name__} of {step.key}: from {before} to {after}"


def concerns_rollout_steps(step: Step) -> bool:
    """What the platform does to carry a rollout out."""
    return isinstance(step.request, PLATFORMS_STEPS) and step.granted and bool(step.survivors)


def model_is_left_alone(step: Step) -> str | None:
    """A rollout leaves the model, its image and its SKU, the upgrade policy and the group's other properties alone."""
    for old, new in step.survivors:
        for name in ("profile", "model_version", "upgrade_mode", "rolling", "os_upgrade", "health_source", "capacity"):
            if getattr(old, name) != getattr(new, name):
                return f"{type(step.request).__name__} changed {name} of {old.key}"
    return None


# -- ending, and what is told ----------------------------------------------------------------------


def concerns_endings(step: Step) -> bool:
    """Rollouts that end."""
    return isinstance(step.request, rq.EndRollout) and step.granted


def ends_for_a_reason(step: Step) -> str | None:
    """A rollout ends with its batch: all is upgraded, or a gate, a cancellation or a failure stops it."""
    before, after = _groups(step)
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
        _above(ill, progress.successful + progress.failed, policy.max_unhealthy_upgraded_percent)
        or _above(_ill(before, monitored=monitored), len(before.members), policy.max_unhealthy_percent)
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
        return f"the history of {step.key} shows {len(shown)} attempts"
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
    return f"the history of {step.key} may show {most} attempts, and {choice.describe()}"
