"""`evolve(world, event)`: the deterministic half of the model. Nothing else changes a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from immutables import Map

from vmss_model import events as ev
from vmss_model.census import Census
from vmss_model.rules import implements
from vmss_model.values import Api
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
    return attrs.evolve(world, clock=event.to)


def _feature_registered(world: World, event: ev.FeatureRegistered) -> World:
    registration = FeatureRegistration(asked_at=world.clock, ends_at=event.ends_at)
    subscription = world.subscription
    features = subscription.features.set(event.feature, registration)
    return attrs.evolve(world, subscription=attrs.evolve(subscription, features=features))


@implements("REG-PROPAGATE")
def _provider_registered(world: World, _event: ev.ProviderRegistered) -> World:
    subscription = attrs.evolve(world.subscription, provider_registered_at=world.clock)
    return attrs.evolve(world, subscription=subscription)


def _group_created(world: World, event: ev.GroupCreated) -> World:
    group = event.group
    empty = Census.empty(group.fault_domain_count, len(group.zones))
    return _with_group(world, attrs.evolve(group, members=Map(), census=empty))


def _group_changed(world: World, event: ev.GroupChanged) -> World:
    changes: dict[str, Any] = dict(event.changes)
    return _with_group(world, attrs.evolve(world.groups[event.key], **changes))


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
    groups = world.groups.delete(event.key).set(moved, attrs.evolve(group, key=moved))
    return attrs.evolve(world, groups=groups, machines=machines, recent=recent, artifacts=artifacts)


def _group_deleted(world: World, event: ev.GroupDeleted) -> World:
    return attrs.evolve(world, groups=world.groups.delete(event.key))


def _instance_joined(world: World, event: ev.InstanceJoined) -> World:
    group, instance = world.groups[event.key], event.instance
    owner = f"{event.key}/{instance.name}"
    artifacts = world.artifacts
    for artifact in artifacts_of(event.key, instance.name):
        artifacts = artifacts.set(artifact, owner)
    next_id = group.next_instance_id
    if world.rules_of(group).instance_api is Api.SCALE_SET and instance.name.isdecimal():
        next_id = max(next_id, int(instance.name) + 1)
    group = attrs.evolve(
        group,
        members=group.members.set(instance.name, instance),
        census=group.census.counting(instance, group.zones, 1),
        next_instance_id=next_id,
    )
    world = attrs.evolve(_with_group(world, group), artifacts=artifacts)
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
    group = attrs.evolve(
        group,
        members=group.members.delete(event.name),
        census=group.census.counting(instance, group.zones, -1),
    )
    world = attrs.evolve(_with_group(world, group), artifacts=artifacts)
    world = _machine_seen(world, group, event.name, before=instance)
    key = VmKey(event.key.resource_group, event.name)
    # A standard VM outside the group may have the name of an instance that the group made.
    belongs = world.machines.get(key) == event.key
    return attrs.evolve(world, machines=world.machines.delete(key)) if belongs else world


def _instance_changed(world: World, event: ev.InstanceChanged) -> World:
    group, instance = world.groups[event.key], event.instance
    before = group.members[instance.name]
    if before == instance:
        return world
    group = attrs.evolve(
        group,
        members=group.members.set(instance.name, instance),
        census=group.census.counting(before, group.zones, -1).counting(instance, group.zones, 1),
    )
    return _machine_seen(_with_group(world, group), group, instance.name, before=before)


def _machine_created(world: World, event: ev.MachineCreated) -> World:
    return attrs.evolve(world, machines=world.machines.set(event.key, None))


def _machine_deleted(world: World, event: ev.MachineDeleted) -> World:
    return attrs.evolve(world, machines=world.machines.delete(event.key))


def _marketplace_changed(world: World, event: ev.MarketplaceChanged) -> World:
    return attrs.evolve(world, marketplace=event.marketplace)


def _with_group(world: World, group: Group) -> World:
    return attrs.evolve(world, groups=world.groups.set(group.key, group))


@implements("ARG-STALE")
def _machine_seen(world: World, group: Group, name: str, before: Instance | None) -> World:
    """Keep what a Resource Graph query may still show of a standard VM, and forget what it may not."""
    if world.rules_of(group).instance_api is not Api.VIRTUAL_MACHINE:
        return world
    key = VmKey(group.key.resource_group, name)
    machines = world.machines.set(key, group.key)
    if world.edition.staleness is None:
        return attrs.evolve(world, machines=machines)
    oldest = world.clock - world.edition.staleness
    kept = tuple(entry for entry in world.recent.get(key, ()) if entry.at >= oldest)
    recent = world.recent.set(key, (*kept, Superseded(world.clock, group.key, before)))
    return attrs.evolve(world, machines=machines, recent=recent)


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
}
