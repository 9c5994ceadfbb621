"""`evolve(world, event)`: the deterministic half of the model. Nothing else changes a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from immutables import Map

from vmss_model import copying
from vmss_model import events as ev
from vmss_model.census import Census, share_of
from vmss_model.guards import attempts_kept, lowest_fresh_id
from vmss_model.health import is_healthy
from vmss_model.rollout import Rollout, counted, with_instance
from vmss_model.rules import implements
from vmss_model.values import Api, Invoker, RolloutKind, Stage
from vmss_model.world import (
    FeatureRegistration,
    Group,
    GroupKey,
    Instance,
    Superseded,
    VmKey,
    World,
    artifacts_of,
)


def evolve(world: World, event: ev.Event) -> World:
    """The world after an event."""
    return _EVOLUTIONS[type(event)](world, event)


def evolve_all(world: World, events: tuple[ev.Event, ...]) -> World:
    """The world after several events, in order."""
    for event in events:
        world = evolve(world, event)
    return world


def _clock_advanced(world: World, event: ev.ClockAdvanced) -> World:
    return copying.evolve(world, clock=event.to)


@implements("REG-PROPAGATE")
def _feature_registered(world: World, event: ev.FeatureRegistered) -> World:
    registration = FeatureRegistration(asked_at=world.clock, ends_at=event.ends_at)
    subscription = world.subscription
    features = subscription.features.set(event.feature, registration)
    # A registration of the provider that comes before this one does nothing for it, be it in the same second.
    changed = copying.evolve(subscription, features=features, provider_registered_at=None)
    return copying.evolve(world, subscription=changed)


@implements("REG-PROPAGATE")
def _provider_registered(world: World, _event: ev.ProviderRegistered) -> World:
    subscription = copying.evolve(world.subscription, provider_registered_at=world.clock)
    return copying.evolve(world, subscription=subscription)


def _group_created(world: World, event: ev.GroupCreated) -> World:
    group = event.group
    empty = Census.empty(group.fault_domain_count, len(group.zones))
    return _with_group(world, copying.evolve(group, members=Map(), census=empty))


def _group_changed(world: World, event: ev.GroupChanged) -> World:
    changes: dict[str, Any] = dict(event.changes)
    group = world.groups[event.key]
    if changes.get("model_version", group.model_version) != group.model_version:
        changes["census"] = group.census.with_new_model()
    return _with_group(world, copying.evolve(group, **changes))


@implements("MOVE")
def _group_moved(world: World, event: ev.GroupMoved) -> World:
    group = world.groups[event.key]
    moved = GroupKey(event.to, event.key.name)
    machines, recent, artifacts = world.machines, world.recent, world.artifacts
    for name in group.members:
        for old, new in zip(artifacts_of(event.key, name), artifacts_of(moved, name), strict=True):
            if old in artifacts:
                artifacts = artifacts.delete(old).set(new, f"{moved}/{name}")
        old_key, new_key = VmKey(event.key.resource_group, name), VmKey(event.to, name)
        if machines.get(old_key) == event.key:
            machines = machines.delete(old_key).set(new_key, moved)
            history = recent.get(old_key, ())
            recent = (recent.delete(old_key) if old_key in recent else recent).set(new_key, history)
    groups = world.groups.delete(event.key).set(moved, copying.evolve(group, key=moved))
    return copying.evolve(world, groups=groups, machines=machines, recent=recent, artifacts=artifacts)


def _group_deleted(world: World, event: ev.GroupDeleted) -> World:
    return copying.evolve(world, groups=world.groups.delete(event.key))


def _instance_joined(world: World, event: ev.InstanceJoined) -> World:
    group, instance = world.groups[event.key], event.instance
    owner = f"{event.key}/{instance.name}"
    artifacts = world.artifacts
    for artifact in artifacts_of(event.key, instance.name):
        artifacts = artifacts.set(artifact, owner)
    next_id = group.next_instance_id
    if world.rules_of(group).instance_api is Api.SCALE_SET and instance.name.isdecimal():
        next_id = lowest_fresh_id(next_id, int(instance.name))
    group = copying.evolve(
        group,
        members=group.members.set(instance.name, instance),
        census=group.census.with_share(share_of(instance, group), 1),
        rollout=_rollout_with(world, group, None, instance),
        next_instance_id=next_id,
    )
    world = copying.evolve(_with_group(world, group), artifacts=artifacts)
    return _machine_seen(world, group, instance.name, before=None)


@implements("ARTIFACTS-FOLLOW", "ARTIFACTS-REMAIN")
def _instance_left(world: World, event: ev.InstanceLeft) -> World:
    group = world.groups[event.key]
    instance = group.members[event.name]
    follows = world.rules_of(group).artifacts_follow
    artifacts = world.artifacts
    for artifact in artifacts_of(event.key, event.name):
        if artifact in artifacts:
            # Where no document speaks, artifacts go with an instance that the group itself makes.
            gone = follows.value if follows is not None else world.rules_of(group).instance_api is Api.SCALE_SET
            artifacts = artifacts.delete(artifact) if gone else artifacts.set(artifact, None)
    group = copying.evolve(
        group,
        members=group.members.delete(event.name),
        census=group.census.with_share(share_of(instance, group), -1),
        rollout=_rollout_with(world, group, instance, None),
    )
    world = copying.evolve(_with_group(world, group), artifacts=artifacts)
    world = _machine_seen(world, group, event.name, before=instance)
    key = VmKey(event.key.resource_group, event.name)
    # A standard VM outside the group may have the name of an instance that the group made.
    belongs = world.machines.get(key) == event.key
    return copying.evolve(world, machines=world.machines.delete(key)) if belongs else world


def _instance_changed(world: World, event: ev.InstanceChanged) -> World:
    group, instance = world.groups[event.key], event.instance
    before = group.members[instance.name]
    instance = _settled(group, instance)
    if before == instance:
        return world
    group = copying.evolve(
        group,
        members=group.members.set(instance.name, instance),
        census=group.census.with_share(share_of(before, group), -1).with_share(share_of(instance, group), 1),
        rollout=_rollout_with(world, group, before, instance),
    )
    return _machine_seen(_with_group(world, group), group, instance.name, before=before)


@implements("OSU-WAIT")
def _settled(group: Group, instance: Instance) -> Instance:
    """An instance of the current batch that has become healthy is upgraded successfully, whatever made it so."""
    rollout = group.rollout
    if rollout is None or instance.attempt != rollout.number or instance.stage is not Stage.IN_PROGRESS:
        return instance
    healthy = is_healthy(instance, monitored=rollout.monitored)
    return copying.evolve(instance, stage=Stage.SUCCESSFUL) if healthy else instance


@implements("UPGRADE-ROLLING", "OSU-PROGRESS")
def _rollout_with(world: World, group: Group, before: Instance | None, after: Instance | None) -> Rollout | None:
    """The rollout's counts after an instance changed; when its batch is settled the pause begins."""
    rollout = group.rollout
    if rollout is None:
        return None
    now = with_instance(rollout, before, after)
    if rollout.progress.in_progress and not now.progress.in_progress and now.policy is not None:
        return copying.evolve(now, ready_at=world.clock + now.policy.pause_seconds)
    return now


def _machine_created(world: World, event: ev.MachineCreated) -> World:
    return copying.evolve(world, machines=world.machines.set(event.key, None))


def _machine_deleted(world: World, event: ev.MachineDeleted) -> World:
    return copying.evolve(world, machines=world.machines.delete(event.key))


def _marketplace_changed(world: World, event: ev.MarketplaceChanged) -> World:
    return copying.evolve(world, marketplace=event.marketplace)


@implements("OSU-TRIGGER-FIRST", "OSU-PROGRESS")
def _rollout_began(world: World, event: ev.RolloutBegan) -> World:
    group = world.groups[event.key]
    by_platform = event.rollout.started_by is Invoker.PLATFORM and event.rollout.kind is RolloutKind.OS_IMAGE
    group = copying.evolve(
        group,
        rollout=counted(event.rollout, group),
        rollouts_begun=event.rollout.number,
        first_rollout_begun=group.first_rollout_begun or by_platform,
        trigger=None if by_platform else group.trigger,
    )
    return _with_group(world, group)


def _rollout_changed(world: World, event: ev.RolloutChanged) -> World:
    group = world.groups[event.key]
    assert group.rollout is not None
    changes: dict[str, Any] = dict(event.changes)
    return _with_group(world, copying.evolve(group, rollout=copying.evolve(group.rollout, **changes)))


@implements("OSU-HISTORY")
def _rollout_ended(world: World, event: ev.RolloutEnded) -> World:
    group = world.groups[event.key]
    history = (event.attempt, *group.history)
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is not None:
        kept = tuple(
            one for one in history if one.ended_at is None or world.clock - one.ended_at <= automatic.history_longest
        )
        history = kept[: attempts_kept(len(kept), automatic.history_most)]
    return _with_group(world, copying.evolve(group, rollout=None, history=history))


def _images_changed(world: World, event: ev.ImagesChanged) -> World:
    images = world.images
    if event.versions:
        return copying.evolve(world, images=images.set(event.line, event.versions))
    return copying.evolve(world, images=images.delete(event.line)) if event.line in images else world


def _release_changed(world: World, event: ev.ReleaseChanged) -> World:
    return copying.evolve(world, releases=world.releases.set((event.line, event.version), event.release))


def _external_resource_changed(world: World, event: ev.ExternalResourceChanged) -> World:
    gone = world.withdrawn
    return copying.evolve(world, withdrawn=gone - {event.resource} if event.available else gone | {event.resource})


def _with_group(world: World, group: Group) -> World:
    return copying.evolve(world, groups=world.groups.set(group.key, group))


@implements("ARG-STALE")
def _machine_seen(world: World, group: Group, name: str, before: Instance | None) -> World:
    """Keep what a Resource Graph query may still show of a standard VM, and forget what it may not."""
    if world.rules_of(group).instance_api is not Api.VIRTUAL_MACHINE:
        return world
    key = VmKey(group.key.resource_group, name)
    machines = world.machines.set(key, group.key)
    if world.edition.staleness is None:
        return copying.evolve(world, machines=machines)
    oldest = world.clock - world.edition.staleness
    kept = tuple(entry for entry in world.recent.get(key, ()) if entry.at >= oldest)
    recent = world.recent.set(key, (*kept, Superseded(world.clock, group.key, before)))
    return copying.evolve(world, machines=machines, recent=recent)


_EVOLUTIONS: dict[type, Callable[[World, Any], World]] = {
    ev.ClockAdvanced: _clock_advanced,
    ev.FeatureRegistered: _feature_registered,
    ev.ProviderRegistered: _provider_registered,
    ev.GroupCreated: _group_created,
    ev.GroupChanged: _group_changed,
    ev.GroupMoved: _group_moved,
    ev.GroupDeleted: _group_deleted,
    ev.InstanceJoined: _instance_joined,
    ev.InstanceLeft: _instance_left,
    ev.InstanceChanged: _instance_changed,
    ev.MachineCreated: _machine_created,
    ev.MachineDeleted: _machine_deleted,
    ev.MarketplaceChanged: _marketplace_changed,
    ev.RolloutBegan: _rollout_began,
    ev.RolloutChanged: _rollout_changed,
    ev.RolloutEnded: _rollout_ended,
    ev.ImagesChanged: _images_changed,
    ev.ReleaseChanged: _release_changed,
    ev.ExternalResourceChanged: _external_resource_changed,
}
