"""What holds of rollouts in every world: their counts, where they work, that they come to an end, their history.

Each predicate answers None, or one sentence that says what is broken. The documents' numbers, and who counts as
healthy, unhealthy and left to upgrade, stand here a second time, on purpose.
"""

from __future__ import annotations

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.documented_versions import number_of
from vmss_invariants.steps import how_many, those
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import Progress, Rollout
from vmss_model.values import Health, Invoker, Power, Provisioning, RolloutKind, RolloutStatus, Stage
from vmss_model.world import Group, GroupKey, Instance, World

PERCENT = 20
"""The most of a group in a batch, and the most of it that may be unhealthy (percent)."""
WAIT = 5 * 60
"""How long an upgraded instance has to become healthy (seconds)."""
MOST_ATTEMPTS = 5
"""How many attempts the history holds."""
DAY = 24 * 60 * 60
"""Seconds."""
TWO_MONTHS = (59 * DAY, 62 * DAY)
"""How long two months are: the shortest, and the longest (seconds)."""


def has_rollout(group: Group) -> bool:
    """A rollout is under way."""
    return group.rollout is not None


def running(group: Group) -> Rollout:
    """The rollout that is under way."""
    assert group.rollout is not None
    return group.rollout


def is_ill(member: Instance, *, monitored: bool) -> bool:
    """Whether the gates count a member as unhealthy."""
    ill = member.health is Health.UNHEALTHY if monitored else member.power is not Power.RUNNING
    return ill or member.provisioning is Provisioning.FAILED


def is_well(member: Instance, *, monitored: bool) -> bool:
    """Whether a member has become healthy."""
    up = member.power is Power.RUNNING and member.provisioning is Provisioning.SUCCEEDED
    return up and (not monitored or member.health is Health.HEALTHY)


def stage(rollout: Rollout, member: Instance) -> Stage:
    """Where a member stands in a rollout."""
    if member.attempt == rollout.number:
        return member.stage
    due = member.model_version >= rollout.opted_in_from and (
        member.model_version < rollout.target_model
        if rollout.kind is RolloutKind.MODEL
        else member.model_version <= rollout.target_model and _has_another_disk(rollout, member)
    )
    return Stage.PENDING if due else Stage.OUT_OF_SCOPE


def _has_another_disk(rollout: Rollout, member: Instance) -> bool:
    disk, target = member.os_disk, rollout.target
    if disk is None or target is None or member.provisioning is Provisioning.FAILED or disk.line != target.line:
        return True
    return number_of(disk.version) < number_of(target.version)


def counts_equal_a_recount(_world: World, group: Group) -> str | None:
    """A rollout's counts are those of the members; who was upgraded and then deleted stays counted."""
    rollout, members = running(group), group.members
    progress = rollout.progress
    for name, kept, found in (
        ("pending", progress.pending, _standing(group, Stage.PENDING)),
        ("in progress", progress.in_progress, _standing(group, Stage.IN_PROGRESS)),
        ("relapsed", rollout.relapsed, how_many(members, lambda one: _has_relapsed(rollout, one))),
    ):
        if kept != found:
            return f"the rollout of {group.key} counts {kept} as {name}, a recount gives {found}"
    for name, kept, found in (
        ("successful", progress.successful, _standing(group, Stage.SUCCESSFUL)),
        ("failed", progress.failed, _standing(group, Stage.FAILED)),
    ):
        if kept < found:
            return f"the rollout of {group.key} counts {kept} as {name}, a recount gives {found}"
    left = dict(rollout.pending_at)
    for place, kept in left.items():
        found = how_many(members, lambda one, place=place: _is_left_at(rollout, one, place), place)  # type: ignore[misc]
        if kept != found or not kept:
            return f"the rollout of {group.key} has {kept} left in {_place(place)}, a recount gives {found}"
    if sum(left.values()) != progress.pending:
        where = ", ".join(f"{kept} in {_place(place)}" for place, kept in left.items())
        return f"the rollout of {group.key} has {where} left, which are not {progress.pending}"
    return None


def _place(place: tuple[object, object]) -> str:
    zone, update_domain = place
    return f"zone {in_words(zone)} and update domain {in_words(update_domain)}"


def standing_in(progress: Progress) -> str:
    """How many instances stand where in a rollout, in words."""
    done = f"{progress.successful} successful and {progress.failed} failed"
    return f"{done} instances, {progress.in_progress} in progress and {progress.pending} pending"


def _standing(group: Group, where: Stage) -> int:
    """How many members stand there in the rollout under way."""
    rollout = running(group)
    return how_many(group.members, lambda one: stage(rollout, one) is where, where)


def _is_left_at(rollout: Rollout, member: Instance, place: tuple[object, object]) -> bool:
    return (member.zone, member.update_domain) == place and stage(rollout, member) is Stage.PENDING


def _has_relapsed(rollout: Rollout, member: Instance) -> bool:
    return stage(rollout, member) is Stage.SUCCESSFUL and is_ill(member, monitored=rollout.monitored)


def flying(group: Group) -> list[Instance]:
    """The members that a rollout works on now."""
    rollout = group.rollout
    if rollout is None or not rollout.progress.in_progress:
        return []
    return list(those(group.members, lambda one: stage(rollout, one) is Stage.IN_PROGRESS))


def flies(group: Group) -> bool:
    """Whether a rollout works on any member now."""
    rollout = group.rollout
    return rollout is not None and rollout.progress.in_progress > 0 and _standing(group, Stage.IN_PROGRESS) > 0


def rolls_over_several_places(group: Group) -> bool:
    """Whether a rollout is under way in a group over several zones, or over several update domains."""
    return group.rollout is not None and (len(group.zones) > 1 or (group.update_domain_count or 0) > 1)


def works_in_one_place(world: World, group: Group) -> str | None:
    """One update works in one update domain of a group, and in one zone of a region, at a time."""
    rollout, mine = running(group), flying(group)
    domains = {one.update_domain for one in mine}
    if len(domains) > 1:
        return f"the rollout of {group.key} works in update domains {in_words(domains)}"
    same = [
        other
        for key, other in world.groups.items()
        if key != group.key
        and other.region == group.region
        and other.rollout is not None
        and other.rollout.target == rollout.target is not None
    ]
    zones = {one.zone for one in (*mine, *(one for other in same for one in flying(other)))} - {None}
    return f"the update of {group.key} works in zones {in_words(zones)}" if len(zones) > 1 else None


def gets_a_platform_image(group: Group) -> bool:
    """Whether the platform works on members of the group to bring them a platform image."""
    rollout = group.rollout
    return rollout is not None and rollout.progress.in_progress > 0 and _by_platform(rollout)


def spares_the_geo_pair(world: World, group: Group) -> str | None:
    """The platform brings a platform image to one region of a geo pair at a time."""
    rollout, pair = running(group), world.geo_pairs.get(group.region)
    if not flies(group):
        return None
    for key, other in world.groups.items():
        there = other.rollout
        alike = there is not None and _by_platform(there) and there.target == rollout.target
        if other.region == pair and alike and flying(other):
            both = sorted((f"{group.key} in {group.region}", f"{key} in {pair}"))
            return f"the same update works on {both[0]} and on {both[1]}"
    return None


def _by_platform(rollout: Rollout) -> bool:
    target = rollout.target
    return rollout.started_by is Invoker.PLATFORM and target is not None and isinstance(target.line, PlatformImage)


def failed_are_restored_or_not(_world: World, group: Group) -> str | None:
    """A failed instance of an automatic upgrade was restored or could not be; one of a manual upgrade never was."""
    rollout = running(group)
    brought = rollout.restored + rollout.not_restored
    if rollout.started_by is Invoker.USER:
        return f"the manual rollout of {group.key} restored {counted(brought, 'instance')}" if brought else None
    failed = rollout.progress.failed
    if failed == brought or (rollout.error and failed > brought):
        return None
    restored = f"{rollout.restored} were restored, {rollout.not_restored} not"
    return f"{counted(failed, 'instance')} of {group.key} failed, {restored}"


def can_go_on(world: World, group: Group) -> str | None:
    """Something can happen to a rollout, now or after a wait: none is stuck."""
    rollout, key = running(group), group.key
    in_progress = flying(group)
    if in_progress:
        waited = evolve(world, clock=max(world.clock, rollout.batch_started_at + WAIT))
        name = min(one.name for one in in_progress)
        if _granted(waited, rq.RestoreInstance(key, name), rq.FailInstance(key, name)):
            return None
        return f"{name} of {key} can neither be restored nor given up"
    waited = evolve(world, clock=max(world.clock, rollout.ready_at))
    if _granted(waited, rq.EndRollout(key), rq.StartBatch(key)) or _waits_for_another(world, key):
        return None
    return f"the rollout of {key} can neither go on nor end, with {standing_in(rollout.progress)}"


def _granted(world: World, *requests: rq.Request) -> bool:
    return any(decide(world, request).grant is not None for request in requests)


def _waits_for_another(world: World, key: GroupKey) -> bool:
    """Whether another group's batch, which comes to an end itself, keeps a rollout waiting."""
    return any(other != key and flies(group) for other, group in world.groups.items())


def history_is_short(_world: World, group: Group) -> str | None:
    """The history holds at most five attempts, the newest first."""
    if len(group.history) > MOST_ATTEMPTS:
        return f"the history of {group.key} holds {counted(len(group.history), 'attempt')}"
    return attempts_in_order(group)


def attempts_in_order(group: Group) -> str | None:
    """Attempts that ended, the newest first: none of them is under way, and each has done with its batch."""
    numbers = [one.number for one in group.history]
    if numbers != sorted(numbers, reverse=True) or len(set(numbers)) < len(numbers):
        return f"the history of {group.key} holds attempts {in_words(numbers)}"
    for one in group.history:
        if one.ended_at is None or one.status is RolloutStatus.ROLLING_FORWARD or one.progress.in_progress:
            return f"the history of {group.key} holds {in_words(one)}, which has not ended"
        if one.status is RolloutStatus.COMPLETED and one.progress.pending:
            left = counted(one.progress.pending, "instance")
            return f"attempt {one.number} of {group.key} is completed with {left} left"
    return None


def no_rollout(_world: World, group: Group) -> str | None:
    """Where no document speaks of upgrades a group has no rollout, and never had one."""
    if group.rollout is None and not group.history and group.trigger is None:
        return None
    return f"{group.key} of kind {group.kind.value} has the rollout {in_words(group.rollout)}"
