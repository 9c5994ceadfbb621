"""What S17 and S21U refuse about plans and rollouts, stated a second time.

As in `documented`: the numbers stand here once more, the members are counted once more, and no guard of the model is
called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from vmss_invariants.documented_changes import fabric_unfit, requires
from vmss_invariants.documented_versions import available, number_of, wanted
from vmss_invariants.predicates_rollout_base import ill_in, is_above
from vmss_invariants.predicates_rollout_world import is_ill
from vmss_invariants.steps import Step, how_many
from vmss_model import requests as rq
from vmss_model.images import GalleryImage, ImageLine
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import RollingPolicy, Rollout
from vmss_model.values import GroupKind, Invoker, Provisioning, RolloutKind, Stage, UpgradeMode
from vmss_model.world import Group, Instance, World

_WAIT = 300
_PERCENT = 20


# -- plans -----------------------------------------------------------------------------------------


def _no_plan(step: Step) -> bool:
    request, group = step.request, step.group_before
    if not isinstance(request, rq.PlanRollout) or group is None:
        return False
    if any(name not in group.members for name in request.scope or ()):
        return False
    newest = wanted(step.before, group)
    behind = {
        name
        for name, one in group.members.items()
        if (request.scope is None or name in request.scope)
        and (one.model_version < group.model_version or (newest is not None and _disk(one) != newest))
    }
    planned = [name for names in request.steps for name in names]
    return sorted(planned) != sorted(behind) or any(not names for names in request.steps)


def _disk(one: Instance) -> tuple[ImageLine, str] | None:
    return None if one.os_disk is None else (one.os_disk.line, one.os_disk.version)


# -- rollouts --------------------------------------------------------------------------------------


def _needs(world: World, group: Group, one: Instance, opted_in_from: int) -> bool:
    """Whether a member has to be upgraded to the newest image."""
    newest = wanted(world, group)
    if newest is None or one.model_version < opted_in_from:
        return False
    disk = _disk(one)
    if disk is None or one.provisioning is Provisioning.FAILED or disk[0] != newest[0]:
        return True
    return number_of(newest[1]) > number_of(disk[1])


def _begins(step: Step) -> tuple[Group, bool] | None:
    """A rollout of the newest image that is to begin: the group, and whether the platform begins it."""
    request, group, world = step.request, step.group_before, step.before
    if not isinstance(request, rq.BeginRollout | rq.StartRollout):
        return None
    if group is None or group.kind is not GroupKind.UNIFORM or group.rollout is not None:
        return None
    if isinstance(request, rq.StartRollout) and wanted(world, group) is not None:
        return group, False
    if not isinstance(request, rq.BeginRollout) or _rolls_the_model(group) or not group.os_upgrade:
        return None
    due = how_many(group.members, lambda one: _needs(world, group, one, group.opted_in_from)) > 0
    return (group, True) if due else None


def _rolls_the_model(group: Group) -> bool:
    if group.upgrade_mode is not UpgradeMode.ROLLING:
        return False
    return how_many(group.members, lambda one: one.model_version < group.model_version) > 0


def _too_many_ill_to_begin(step: Step) -> bool:
    request, group = step.request, step.group_before
    found = _begins(step)
    if found is not None:
        own = RollingPolicy(_PERCENT, _PERCENT, _PERCENT)
        policy = own if found[1] else found[0].rolling or own
        group = found[0]
    elif (
        isinstance(request, rq.BeginRollout)
        and group is not None
        and group.kind is GroupKind.UNIFORM
        and group.rollout is None
        and _rolls_the_model(group)
    ):
        automatic = step.before.edition.name == "2021-07"
        default = RollingPolicy(_PERCENT, _PERCENT, _PERCENT) if automatic else RollingPolicy(100, 100, 100)
        policy = group.rolling or default
    else:
        return False
    ill = ill_in(group, monitored=group.health_source is not None)
    return is_above(ill, len(group.members), policy.max_unhealthy_percent)


def _switched_off(step: Step) -> bool:
    request, group = step.request, step.group_before
    if isinstance(request, rq.BeginRollout):
        uniform = group is not None and group.kind is GroupKind.UNIFORM and group.rollout is None
        return uniform and group is not None and not _rolls_the_model(group) and not group.os_upgrade
    found = _rolling(step, rq.StartBatch)
    return found is not None and found[1].cancelled


def _too_early(rule: str) -> Callable[[Step], bool]:
    def refuses(step: Step) -> bool:
        found = _begins(step)
        if found is None or not found[1] or found[0].trigger is None:
            return False
        trigger = found[0].trigger
        return rule in trigger.window.rules and step.before.clock < trigger.window.lowest

    return refuses


def _held_back(step: Step) -> bool:
    """Nothing may be rolled out, and a newer version of the gallery's image may not be given yet."""
    request, group, world = step.request, step.group_before, step.before
    if not isinstance(request, rq.BeginRollout) or group is None or group.kind is not GroupKind.UNIFORM:
        return False
    if group.rollout is not None or _rolls_the_model(group) or not group.os_upgrade or _begins(step) is not None:
        return False
    line = group.profile.image.line if group.profile is not None and group.profile.image is not None else None
    if not isinstance(line, GalleryImage):
        return False
    given = available(world, line, group.region)
    published = [number_of(one.version) for one in world.images.get(line, ())]
    return any(not given or number > number_of(given[-1]) for number in published)


def _rolling(step: Step, *requests: type[rq.Request]) -> tuple[Group, Rollout] | None:
    """The rollout that a step of the platform is part of, or None."""
    group = step.group_before
    if not isinstance(step.request, requests) or group is None or group.rollout is None:
        return None
    return group, group.rollout


def _stage(rollout: Rollout, one: Instance) -> Stage:
    if one.attempt == rollout.number:
        return one.stage
    if one.model_version < rollout.opted_in_from:
        return Stage.OUT_OF_SCOPE
    if rollout.kind is RolloutKind.MODEL:
        return Stage.PENDING if one.model_version < rollout.target_model else Stage.OUT_OF_SCOPE
    if one.model_version > rollout.target_model:
        return Stage.OUT_OF_SCOPE
    disk, target = one.os_disk, rollout.target
    if disk is None or target is None or one.provisioning is Provisioning.FAILED or disk.line != target.line:
        return Stage.PENDING
    return Stage.PENDING if number_of(target.version) > number_of(disk.version) else Stage.OUT_OF_SCOPE


def _count(group: Group, rollout: Rollout, stage: Stage) -> int:
    return how_many(group.members, lambda one: _stage(rollout, one) is stage, stage)


def _unsettled(step: Step) -> bool:
    """Instances of the current batch are neither healthy nor past the five minutes."""
    found = _rolling(step, rq.StartBatch, rq.EndRollout)
    if found is not None:
        return _count(*found, Stage.IN_PROGRESS) > 0
    waited_for = _waited_for(step) if step.before.edition.name == "2021-07" else None
    return waited_for is not None and step.before.clock - waited_for[1].batch_started_at < _WAIT


def _waited_for(step: Step) -> tuple[Group, Rollout] | None:
    found = _rolling(step, rq.RestoreInstance, rq.FailInstance)
    if found is None or not isinstance(step.request, rq.RestoreInstance | rq.FailInstance):
        return None
    member = found[0].members.get(step.request.name)
    return found if member is not None and _stage(found[1], member) is Stage.IN_PROGRESS else None


def _pausing(step: Step) -> bool:
    found = _rolling(step, rq.StartBatch)
    return found is not None and step.before.clock < found[1].ready_at


def _upgraded_ill(step: Step) -> bool:
    found = _rolling(step, rq.StartBatch)
    return found is not None and _upgraded_exceeds(step, *found)


def _upgraded_exceeds(step: Step, group: Group, rollout: Rollout) -> bool:
    if rollout.policy is None:
        return False
    monitored = rollout.monitored
    relapsed = how_many(
        group.members,
        lambda one: _stage(rollout, one) is Stage.SUCCESSFUL and is_ill(one, monitored=monitored),
    )
    progress = rollout.progress
    whole = len(group.members) if "F9" in step.before.edition.readings else progress.successful + progress.failed
    return is_above(progress.failed + relapsed, whole, rollout.policy.max_unhealthy_upgraded_percent)


def _all_ill(step: Step) -> bool:
    found = _rolling(step, rq.StartBatch)
    return found is not None and _overall_exceeds(*found)


def _overall_exceeds(group: Group, rollout: Rollout) -> bool:
    if rollout.policy is None:
        return False
    ill = ill_in(group, monitored=rollout.monitored)
    return is_above(ill, len(group.members), rollout.policy.max_unhealthy_percent)


def _not_done(step: Step) -> bool:
    """A batch is to start although none is left, or of others; the rollout is to end although it goes on."""
    found = _rolling(step, rq.StartBatch, rq.EndRollout)
    if found is None:
        return False
    group, rollout = found
    pending = _count(group, rollout, Stage.PENDING)
    if isinstance(step.request, rq.EndRollout):
        stopped = rollout.error or rollout.cancelled or _upgraded_exceeds(step, *found) or _overall_exceeds(*found)
        return pending > 0 and not stopped and _count(group, rollout, Stage.IN_PROGRESS) == 0
    if pending == 0:
        return True
    return _may_start(step, *found) and any(
        name not in group.members or _stage(rollout, group.members[name]) is not Stage.PENDING for name in _named(step)
    )


def _named(step: Step) -> frozenset[str]:
    names = step.request.names if isinstance(step.request, rq.StartBatch) else None
    return names or frozenset()


def _may_start(step: Step, group: Group, rollout: Rollout) -> bool:
    """Whether a batch may start at all, so that it is looked at which one."""
    barred = (
        _unsettled(step)
        or _pausing(step)
        or _upgraded_exceeds(step, group, rollout)
        or _overall_exceeds(group, rollout)
        or bool(rollout.error)
        or rollout.cancelled
        or pair_is_busy(step)
    )
    return not barred and _count(group, rollout, Stage.PENDING) > 0


def batch_has_to_wait(step: Step) -> bool:
    """A batch is to start that cannot now, whoever is in it."""
    found = _rolling(step, rq.StartBatch)
    return found is not None and not _may_start(step, *found)


def _named_batch(step: Step) -> tuple[Group, Rollout, frozenset[str]] | None:
    """A batch of named instances that may start as far as the moment goes."""
    found = _rolling(step, rq.StartBatch)
    names = step.request.names if isinstance(step.request, rq.StartBatch) else None
    if found is None or names is None or not _may_start(step, *found):
        return None
    return (*found, names)


def _pending_places(group: Group, rollout: Rollout, names: Iterable[str]) -> Iterator[tuple[str | None, int | None]]:
    for name in names:
        one = group.members.get(name)
        if one is not None and _stage(rollout, one) is Stage.PENDING:
            yield one.zone, one.update_domain


def _bad_size(step: Step) -> bool:
    found = _named_batch(step)
    if found is None:
        return False
    group, rollout, names = found
    domains = {domain for _, domain in _pending_places(group, rollout, names)}
    crosses = len(domains) > 1 and step.before.edition.name == "2021-07"
    pending = _count(group, rollout, Stage.PENDING)
    percent = rollout.policy.max_batch_percent if rollout.policy is not None else None
    most = pending if percent is None else max(1, len(group.members) * percent // 100)
    return crosses or not 1 <= len(names) <= most


def _zone_elsewhere(step: Step, group: Group, rollout: Rollout) -> str | None:
    if not group.zones or rollout.target is None:
        return None
    for key, other in step.before.groups.items():
        theirs = other.rollout
        if key == group.key or theirs is None or theirs.target != rollout.target or other.region != group.region:
            continue
        for one in other.members.values():
            if _stage(theirs, one) is Stage.IN_PROGRESS:
                return theirs.batch_at[0] if theirs.batch_at is not None else None
    return None


def _two_zones(step: Step) -> bool:
    found = _rolling(step, rq.StartBatch)
    if found is None or not _may_start(step, *found):
        return False
    group, rollout = found
    taken = _zone_elsewhere(step, group, rollout)
    names = step.request.names if isinstance(step.request, rq.StartBatch) else None
    if names is not None:
        zones = {zone for zone, _ in _pending_places(group, rollout, names)}
        return len(zones) > 1 or (taken is not None and bool(zones) and zones != {taken})
    pending = set(_pending_places(group, rollout, group.members))
    begun = _begun_domain(group, rollout)
    left = {zone for zone, domain in pending if begun is None or domain == begun}
    return taken is not None and taken not in left


def _begun_domain(group: Group, rollout: Rollout) -> int | None:
    if not rollout.one_update_domain or rollout.batch_at is None:
        return None
    begun = rollout.batch_at[1]
    return begun if any(domain == begun for _, domain in _pending_places(group, rollout, group.members)) else None


def _all_at_once(step: Step) -> bool:
    found = _named_batch(step)
    if found is None or found[1].started_by is not Invoker.PLATFORM:
        return False
    count = len(found[0].members)
    return count > 1 and len(found[2]) >= count


def _leaves_a_domain(step: Step) -> bool:
    found = _named_batch(step)
    if found is None:
        return requires(fabric_unfit)(step)
    group, rollout, names = found
    begun = _begun_domain(group, rollout)
    domains = {domain for _, domain in _pending_places(group, rollout, names)}
    return begun is not None and bool(domains) and domains != {begun}


def _restores_by_hand(step: Step) -> bool:
    found = _waited_for(step)
    restores = isinstance(step.request, rq.RestoreInstance)
    return found is not None and restores and not found[1].restores


def _leaves_unrestored(step: Step) -> bool:
    found = _waited_for(step)
    return found is not None and isinstance(step.request, rq.FailInstance) and found[1].restores


def _broken(step: Step) -> bool:
    found = _rolling(step, rq.StartBatch)
    return found is not None and bool(found[1].error)


def pair_is_busy(step: Step) -> bool:
    """The platform works on the other region of the geo pair with the same platform image."""
    found = _rolling(step, rq.StartBatch)
    if found is None or not _by_platform(found[1]):
        return False
    pair = step.before.geo_pairs.get(found[0].region)
    return pair is not None and any(
        other.region == pair
        and other.rollout is not None
        and _by_platform(other.rollout)
        and other.rollout.target == found[1].target
        and _count(other, other.rollout, Stage.IN_PROGRESS) > 0
        for other in step.before.groups.values()
    )


def _by_platform(rollout: Rollout) -> bool:
    by_itself = rollout.started_by is Invoker.PLATFORM
    return by_itself and rollout.target is not None and isinstance(rollout.target.line, PlatformImage)


def _rolling_policy(step: Step) -> bool:
    """Before S21U there was the policy alone: what a later rule refuses, the policy refuses."""
    if step.before.edition.name == "2021-07":
        return _pausing(step)
    earlier = (
        _pausing,
        _unsettled,
        _upgraded_ill,
        _all_ill,
        _not_done,
        _bad_size,
        _switched_off,
        _restores_by_hand,
        _leaves_unrestored,
        _too_many_ill_to_begin,
    )
    return any(refuses(step) for refuses in earlier)


REFUSES_ROLLOUTS: Mapping[str, Callable[[Step], bool]] = MappingProxyType(
    {
        "ROLLOUT-PLAN": _no_plan,
        "UPGRADE-ROLLING": _rolling_policy,
        "OSU-SF": _leaves_a_domain,
        "OSU-OPT-OUT": _switched_off,
        "OSU-GALLERY": _held_back,
        "OSU-TRIGGER-FIRST": _too_early("OSU-TRIGGER-FIRST"),
        "OSU-TRIGGER-LATER": _too_early("OSU-TRIGGER-LATER"),
        "OSU-PRECHECK": _too_many_ill_to_begin,
        "OSU-BATCH": _bad_size,
        "OSU-ZONES": _two_zones,
        "OSU-GROUP": _all_at_once,
        "OSU-WAIT": _unsettled,
        "OSU-STOP-UPGRADED": _upgraded_ill,
        "OSU-STOP-OVERALL": _all_ill,
        "OSU-DONE": _not_done,
        "OSU-RESTORE": _leaves_unrestored,
        "OSU-MANUAL-NO-RESTORE": _restores_by_hand,
        "OSU-CREDENTIALS": _broken,
    }
)
"""When each rule about plans and rollouts refuses."""
