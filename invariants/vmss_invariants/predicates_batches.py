"""What holds of the batches of a rollout, and of its health gates.

Each predicate answers None, or one sentence that says what is broken; `concerns_*` functions say of which steps it
speaks at all. The documents' numbers stand here a second time, on purpose.
"""

from __future__ import annotations

from vmss_invariants.describing import in_words
from vmss_invariants.predicates_rollout_base import groups_of, ill_in, is_above, rollouts_of
from vmss_invariants.predicates_rollout_world import PERCENT, flying, is_ill, stage
from vmss_invariants.steps import Step, how_many
from vmss_model import requests as rq
from vmss_model.values import Invoker, Power, Provisioning, RolloutKind, Stage
from vmss_model.world import Instance


def concerns_batches(step: Step) -> bool:
    """Batches that start."""
    return isinstance(step.request, rq.StartBatch) and step.granted


def concerns_batches_with_references(step: Step) -> bool:
    """Batches of a model that refers to something outside itself."""
    group = step.group_before
    return concerns_batches(step) and group is not None and group.profile is not None and bool(group.profile.external)


def concerns_platform_batches(step: Step) -> bool:
    """Batches of rollouts that the platform began by itself."""
    return concerns_batches(step) and rollouts_of(step)[0].started_by is Invoker.PLATFORM


def concerns_fabric_batches(step: Step) -> bool:
    """Batches of Service Fabric groups after their first one."""
    before = step.group_before
    if not concerns_batches(step) or before is None or before.profile is None:
        return False
    return before.profile.service_fabric is not None and rollouts_of(step)[0].batch_at is not None


def _batch(step: Step) -> list[tuple[Instance, Instance]]:
    """The members of a batch that starts, before and after."""
    _, rollout = rollouts_of(step)
    return [(was, now) for _, was, now in step.changed_members if now.attempt == rollout.number != was.attempt]


def batch_within_its_cap(step: Step) -> str | None:
    """A batch has at least one instance, and at most so many percent of all, rounded down, or one: 20 if automatic."""
    before, _ = groups_of(step)
    rollout, _ = rollouts_of(step)
    size, members = len(_batch(step)), len(before.members)
    if rollout.policy is None:
        return None if size else f"a batch of {step.key} has no instance"
    percent = PERCENT if rollout.started_by is Invoker.PLATFORM else rollout.policy.max_batch_percent
    cap = max(1, members * percent // 100)
    return None if 1 <= size <= cap else f"a batch of {step.key} takes {size} of {members} instances, not 1 to {cap}"


def batch_touches_no_other(step: Step) -> str | None:
    """A batch upgrades instances that were left to upgrade, touches no other, and is not asked for in vain."""
    assert isinstance(step.request, rq.StartBatch)
    before, _ = rollouts_of(step)
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
    before, _ = groups_of(step)
    size, members = len(_batch(step)), len(before.members)
    return f"a batch of {step.key} takes all {members} instances" if 1 < members == size else None


def batch_brings_the_target(step: Step) -> str | None:
    """Each instance of a batch has the target's OS disk, keeps the one before at hand, and is to get its extensions."""
    rollout, after = rollouts_of(step)
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
    before, _ = groups_of(step)
    rollout, after = rollouts_of(step)
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
        ("OSU-STOP-UPGRADED", is_above(ill, done, upgraded)),
        ("OSU-STOP-OVERALL", is_above(ill_in(group, monitored=monitored), len(group.members), overall)),
    ):
        if above if step.granted else (rule in step.refusing) is not above:
            return f"{rule} on {ill} of {done} upgraded, {ill_in(group, monitored=monitored)} of all: {step.describe()}"
    return None


def only_those_who_take_part(step: Step) -> str | None:
    """The platform touches nobody who does not take part: the group is switched on, the instance opted in."""
    before, _ = groups_of(step)
    if not before.os_upgrade:
        return f"a batch of {step.key} started although automatic upgrades are off"
    out = sorted(was.name for was, _ in _batch(step) if was.model_version < before.opted_in_from)
    return f"{in_words(out)} of {step.key} were upgraded and do not take part" if out else None


def no_batch_once_cancelled(step: Step) -> str | None:
    """No batch starts once a rollout is cancelled or has failed."""
    rollout, _ = rollouts_of(step)
    if not rollout.cancelled and not rollout.error:
        return None
    return f"a batch of {step.key} started although the rollout was cancelled, or failed by {rollout.error or 'none'}"


def one_update_domain_after_another(step: Step) -> str | None:
    """Service Fabric: an update domain is finished before the next one is begun."""
    group, _ = groups_of(step)
    rollout, _ = rollouts_of(step)
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
    before, _ = groups_of(step)
    _, after = rollouts_of(step)
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
