"""Changing the number of instances of a group that makes its own members."""

from __future__ import annotations

from collections.abc import Callable

from vmss_model import requests as rq
from vmss_model.batches import ExtensionOrder, has_cycle
from vmss_model.choices import Cell, Choice, FreshIds, Subset
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.images import check_scale_out_image, disk_of_model
from vmss_model.decide.placement import balances_zones, check_capacity, placements
from vmss_model.decisions import Decision, Picks, picked_tuple
from vmss_model.editions import KindRules
from vmss_model.events import Event, GroupChanged, InstanceJoined, InstanceLeft
from vmss_model.guards import autoscale_allowed
from vmss_model.refusals import absent, not_allowed
from vmss_model.rules import implements
from vmss_model.world import Group, Instance, Profile, World


@implements("ADD-IMPLICIT", "ARM-CAPACITY", "UNIFORM-IDENTICAL")
def growth(checks: Checks, rules: KindRules, group: Group, more: int) -> tuple[Choice, ...]:
    """The choices of adding members: their ids and their places. None where nothing is added."""
    if more <= 0:
        return ()
    checks.shaped_by("ARM-CAPACITY")
    if rules.joining is not None:
        checks.shaped_by(rules.joining.rule)
    if rules.identical is not None:
        checks.shaped_by(rules.identical.rule)
    ids = FreshIds("ids", group.next_instance_id, more)
    return (ids, placements(checks, rules, group, more))


def joined(world: World, group: Group, picks: Picks, grows: bool) -> tuple[Event, ...]:
    """The events of the members that a growth makes, from the model as it is now."""
    if not grows:
        return ()
    make = new_member(world, group)
    pairs = zip(picked_tuple(picks, "ids"), picked_tuple(picks, "placements"), strict=True)
    return tuple(InstanceJoined(group.key, make(number, cell)) for number, cell in pairs)


@implements("UNIFORM-IDENTICAL", "STACK-LATEST")
def new_member(world: World, group: Group) -> Callable[[object, object], Instance]:
    """Makes new members, given an id and a cell: from the group's model as it is now, and alike but for these."""
    profile = group.profile or Profile()
    disk, provisioned = disk_of_model(world, group), _some_order(profile)

    def make(number: object, cell: object) -> Instance:
        assert isinstance(cell, Cell)
        return Instance(
            name=str(number),
            zone=cell.zone,
            fault_domain=cell.fault_domain,
            update_domain=cell.update_domain,
            operating_system=profile.operating_system,
            size=profile.size,
            priority=profile.priority,
            model_version=group.model_version,
            os_disk=disk,
            data_disks=profile.data_disks,
            provisioned=provisioned,
        )

    return make


def _some_order(profile: Profile) -> tuple[str, ...]:
    """The extensions of a new member in an order in which they can be run: it joins once they were."""
    if has_cycle(profile.extensions):
        return ()
    return next(ExtensionOrder("order", profile.extensions).values())


def set_capacity(world: World, request: rq.SetCapacity) -> Decision:
    """A caller sets the instance count."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    return _resize(world, group, request.capacity, Checks(world))


@implements("AUTOSCALE", "STACK-NO-AUTOSCALE")
def autoscale(world: World, request: rq.Autoscale) -> Decision:
    """The platform sets the instance count, within the bounds it was given."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    says = world.rules_of(group).autoscale
    if says is None:
        return silent(f"edition {world.edition.name} does not speak of autoscale here")
    checks = Checks(world)
    bounds = group.autoscale
    checks.require(
        says.rule,
        says.value and bounds is not None and autoscale_allowed(request.capacity, bounds.lowest, bounds.highest),
        lambda: not_allowed(
            says.rule,
            "The platform changes the instance count by itself only where autoscale is configured, "
            "and within its bounds.",
            capacity=request.capacity,
            bounds=None if bounds is None else (bounds.lowest, bounds.highest),
        ),
    )
    return _resize(world, group, request.capacity, checks)


@implements("ADD-EXPLICIT")
def _resize(world: World, group: Group, capacity: int, checks: Checks) -> Decision:
    rules = world.rules_of(group)
    if rules.explicit:
        if rules.joining is None:
            return checks.decision() if not checks.passed else silent(f"{group.kind.value} has no instance count")
        rule = rules.joining.rule
        checks.require(
            rule,
            not rules.joining.value,
            lambda: not_allowed(
                rule,
                f"Members of {group.kind.value} join by their own creation, not by an instance count.",
                capacity=capacity,
            ),
        )
        return checks.decision()
    check_capacity(checks, rules, capacity, group.single_placement_group)
    more = capacity - group.census.members
    if capacity < 0:
        return checks.decision() if not checks.passed else silent("an instance count is not negative")
    if more > 0:
        check_scale_out_image(checks, world, group)
    choices = growth(checks, rules, group, more) if more >= 0 else (_victims(rules, group, -more),)
    checks.shaped_by("ARM-CAPACITY")

    def effect(picks: Picks) -> tuple[Event, ...]:
        changed = GroupChanged(group.key, {"capacity": capacity})
        if more >= 0:
            return (*joined(world, group, picks, more > 0), changed)
        return (*(InstanceLeft(group.key, str(name)) for name in picked_tuple(picks, "removed")), changed)

    return checks.decision(choices, effect)


def _victims(rules: KindRules, group: Group, fewer: int) -> Subset:
    """Which instances a scale-in removes: the documents do not say; strict zone balance narrows it."""
    # Sorted: the order of a persistent map differs from run to run, that of the candidates must not.
    names = tuple(sorted(group.members))
    if not balances_zones(rules, group):
        return Subset("removed", names, fewer, ("ARM-CAPACITY",))
    places = tuple(str(group.members[name].zone) for name in names)
    return Subset("removed", names, fewer, ("ARM-CAPACITY", "ZONES-SSVM-2019"), places)
