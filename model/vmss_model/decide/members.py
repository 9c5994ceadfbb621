"""Section A for members: making VMs into groups, acting on members, and what happens to them from outside."""

from __future__ import annotations

import re

from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.census import share_of
from vmss_model.choices import LONGEST_NAME, Cell, Choice, FreshIds, FreshName, OneOf
from vmss_model.copying import evolve
from vmss_model.decide.capabilities import check_capability, check_group_capability, health_source_rules
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.images import check_scale_out_image
from vmss_model.decide.lookup import member_of
from vmss_model.decide.placement import MANY, check_capacity, placements
from vmss_model.decide.scaling import new_member
from vmss_model.decisions import Decision, Picks, picked_tuple
from vmss_model.editions import KindRules
from vmss_model.events import (
    Event,
    GroupChanged,
    InstanceChanged,
    InstanceJoined,
    InstanceLeft,
    MachineCreated,
    MachineDeleted,
)
from vmss_model.guards import is_fault_domain_of
from vmss_model.refusals import absent, invalid, not_allowed
from vmss_model.rules import implements
from vmss_model.values import (
    Action,
    Api,
    Health,
    HealthSource,
    OperatingSystem,
    Power,
    Priority,
)
from vmss_model.world import Group, Instance, VmKey, World

_VM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_]|[A-Za-z0-9]", re.ASCII)
"""Azure's VM naming rules: 1 to 64 letters, digits, dots, hyphens and underscores, not beginning or
ending with a sign (an underscore may end it)."""

_FLEXIBLE_SERIES = frozenset("ABDEF")
"""The VM series that Flexible supports: the cell's text, by the letter after the tier."""


@implements("ADD-EXPLICIT", "ADD-IMPLICIT", "SAME-PLACE", "NAMING", "FD-EXPLICIT")
def create_vm(world: World, request: rq.CreateVm) -> Decision:
    """A standard VM is created, outside any group or into one; it joins at no later time."""
    if _is_taken(world, request):
        return silent(f"a VM {request.key} exists: creating it again is a change of it")
    checks = Checks(world)
    _check_name(checks, world, request)
    if request.group is None:
        if request.platform_names:
            return silent("the documents speak of a prefix only for members of a group")
        return checks.decision(effect=lambda _: (MachineCreated(request.key),))
    group = world.groups.get(request.group)
    if group is None:
        return refused(absent("group", request.group))
    rules = world.rules_of(group)
    if not rules.explicit:
        return _create_into_implicit(world, rules, checks)
    if rules.joining is not None:
        checks.shaped_by(rules.joining.rule)
    _check_place(checks, rules, group, request)
    _check_shape(checks, rules, group, request)
    _check_named_domain(checks, rules, group, request.fault_domain)
    check_capacity(checks, rules, group.census.members + 1, group.single_placement_group)
    if not checks.passed:
        return checks.decision()
    if request.key.resource_group != group.key.resource_group:
        return silent("the documents do not say what a member in another resource group is")
    choices: list[Choice] = []
    if request.platform_names:
        named = FreshName("name", request.key.name, _names_like(world, request.key))
        if not named.is_possible():
            return silent(f"no number that is not in use fits behind it in a name of {LONGEST_NAME} characters")
        choices.append(named)
    if request.fault_domain is None:
        choices.append(placements(checks, rules, group, 1))
    mapped = rules.update_domains_mapped is not None and rules.update_domains_mapped.value

    def effect(picks: Picks) -> tuple[Event, ...]:
        name = str(picks["name"]) if request.platform_names else request.key.name
        cell = Cell(request.zone, request.fault_domain, request.fault_domain if mapped else None)
        if request.fault_domain is None:
            (placed,) = picked_tuple(picks, "placements")
            assert isinstance(placed, Cell)
            cell = placed
        return (InstanceJoined(group.key, _member(name, cell, request)),)

    return checks.decision(tuple(choices), effect)


def _member(name: str, cell: Cell, request: rq.CreateVm) -> Instance:
    return Instance(
        name=name,
        zone=cell.zone,
        fault_domain=cell.fault_domain,
        update_domain=cell.update_domain,
        operating_system=request.operating_system,
        size=request.size,
        priority=request.priority,
        extension_health=request.extension_health,
    )


def _create_into_implicit(world: World, rules: KindRules, checks: Checks) -> Decision:
    says = rules.joining
    if says is None:
        return silent(f"edition {world.edition.name} does not say how members join {rules.kind.value}")
    checks.require(
        says.rule,
        says.value,
        lambda: not_allowed(
            says.rule,
            f"Members of {rules.kind.value} are created by the group; a VM cannot be created into it.",
            kind=rules.kind.value,
        ),
    )
    if checks.passed:
        return silent(f"{says.rule} is switched off and nothing else says what such a member is")
    return checks.decision()


def _is_taken(world: World, request: rq.CreateVm) -> bool:
    """Whether the VM exists, and no rule in force says that its name is taken."""
    unique = world.edition.names_unique
    in_force = unique is not None and unique.rule not in world.edition.disabled
    return not in_force and not request.platform_names and request.key in world.machines


def _names_like(world: World, prefix: VmKey) -> frozenset[str]:
    """The names in use that begin with the prefix, in its resource group."""
    return frozenset(
        key.name
        for key in world.machines
        if key.resource_group == prefix.resource_group and key.name.startswith(prefix.name)
    )


@implements("NAMING")
def _check_name(checks: Checks, world: World, request: rq.CreateVm) -> None:
    name, unique = request.key.name, world.edition.names_unique
    if unique is None:
        return
    checks.require(
        unique.rule,
        # A prefix is good if a name with a number appended is: it may end with a hyphen.
        _VM_NAME.fullmatch(f"{name}0" if request.platform_names else name) is not None,
        lambda: invalid(
            unique.rule,
            "A VM's name has 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a "
            "letter or digit.",
            name=name[:80],
        ),
    )
    if not request.platform_names:
        checks.require(
            unique.rule,
            request.key not in world.machines,
            lambda: not_allowed(
                unique.rule,
                f"The name '{name}' is in use in resource group '{request.key.resource_group}'.",
                name=name,
            ),
        )


@implements("SAME-PLACE", "ZONES-VM-2019", "ZONES-AVSET", "ZONES-FLEX")
def _check_place(checks: Checks, rules: KindRules, group: Group, request: rq.CreateVm) -> None:
    zone = group.zones[0] if group.zones else None
    if rules.same_place is not None:
        asked = (request.region, request.zone, request.key.resource_group)
        place = (group.region, zone, group.key.resource_group)
        checks.require(
            rules.same_place.rule,
            asked == place or not rules.same_place.value,
            lambda: invalid(
                "SAME-PLACE",
                f"A VM joins a group only in its region, zone and resource group {place}; {asked} was asked for.",
                asked=asked,
                allowed=place,
            ),
        )
    elif request.region != group.region:
        checks.leave_open(f"the documents do not say whether a VM of another region joins {rules.kind.value}")
    if rules.zone_count is not None:
        rule = rules.zone_count.rule
        checks.require(
            rule,
            request.zone == zone or request.zone in group.zones,
            lambda: invalid(
                rule,
                f"Members of this group are in {'zone ' + zone if zone else 'no zone'}; "
                f"zone {request.zone} was asked for.",
                zone=request.zone,
                allowed=group.zones,
            ),
        )


def _check_shape(checks: Checks, rules: KindRules, group: Group, request: rq.CreateVm) -> None:
    """What kind of VM the group takes: size, priority and mixtures (rows of the capability table)."""
    zonal, single, census = bool(group.zones), group.single_placement_group, group.census
    if rules.capabilities.get(Capability.SKUS) is not None:
        rule = rules.capability_rules[Capability.SKUS]
        limited = rules.capabilities[Capability.SKUS].condition != ""
        checks.require(
            rule,
            not limited or _series(request.size) in _FLEXIBLE_SERIES,
            lambda: invalid(rule, f"VM size {request.size} is not of series D, E, F, A or B.", vmSize=request.size),
        )
    if request.priority is Priority.SPOT and Capability.PRIORITY in rules.capabilities:
        _check_spot(checks, rules)
    other = census.members - census.windows if request.operating_system is OperatingSystem.WINDOWS else census.windows
    if other:
        check_capability(checks, rules, Capability.MIXED_OS, zonal, single)
    if any(one.size != request.size for one in group.members.values()):
        check_capability(checks, rules, Capability.MIXED_SIZES, zonal, single)


def _check_spot(checks: Checks, rules: KindRules) -> None:
    rule = rules.capability_rules[Capability.PRIORITY]
    regular_only = rules.capabilities[Capability.PRIORITY].condition == "regular-only"
    checks.require(
        rule,
        not regular_only,
        lambda: not_allowed(
            rule, f"{rules.kind.value} takes VMs of regular priority only.", priority=Priority.SPOT.value
        ),
    )


def _series(size: str) -> str:
    """The series letter of a VM size, e.g. `D` of `Standard_DS1_v2`."""
    return size.partition("_")[2][:1].upper()


@implements("FD-EXPLICIT", "CAPS-FD-ASSIGNMENT")
def _check_named_domain(checks: Checks, rules: KindRules, group: Group, fault_domain: int | None) -> None:
    if fault_domain is None:
        return
    if Capability.FD_ASSIGNMENT in rules.capabilities:
        check_capability(checks, rules, Capability.FD_ASSIGNMENT, bool(group.zones), group.single_placement_group)
    says = rules.names_fault_domain
    if says is None:
        checks.leave_open(f"the documents do not say whether {rules.kind.value} lets the caller name a domain")
    else:
        checks.require(
            says.rule,
            says.value,
            lambda: not_allowed(
                says.rule,
                f"{rules.kind.value} does not let the caller name a fault domain.",
                asked=fault_domain,
            ),
        )
    fewest, most = _domain_count_bounds(rules, group)
    limit = rules.fault_domains_zonal if group.zones else rules.fault_domains_regional
    # Where no rule speaks of naming a domain, the rule on their number says which ones there can be.
    rule = "FD-EXPLICIT" if says is not None or limit is None else limit.rule
    checks.require(
        rule,
        is_fault_domain_of(fault_domain, most),
        lambda: invalid(
            rule,
            f"Fault domain {fault_domain} is not one of the group's: 0 to {most - 1}.",
            platformFaultDomain=fault_domain,
            highest=most - 1,
        ),
    )
    if fault_domain >= fewest:
        checks.leave_open(f"how many fault domains the group has is not known ({rule})")


def _domain_count_bounds(rules: KindRules, group: Group) -> tuple[int, int]:
    """The fewest and most fault domains that the group can have: equal where the number is known."""
    if group.fault_domain_count is not None:
        return group.fault_domain_count, group.fault_domain_count
    limit = rules.fault_domains_zonal if group.zones else rules.fault_domains_regional
    return (limit.lowest, limit.highest) if limit is not None else (1, MANY)


@implements("ATTACH-DETACH-NEVER")
def attach_vm(world: World, request: rq.AttachVm) -> Decision:
    """An existing VM is never attached to a group."""
    if request.vm not in world.machines:
        return refused(absent("VM", request.vm))
    return _attach_or_detach(world, world.groups.get(request.key), request.key, "attached to")


@implements("ATTACH-DETACH-NEVER")
def detach_vm(world: World, request: rq.DetachVm) -> Decision:
    """A member is never detached from its group."""
    group = world.groups.get(request.key)
    if group is not None and request.name not in group.members:
        return refused(absent("member", request.name))
    return _attach_or_detach(world, group, request.key, "detached from")


def _attach_or_detach(world: World, group: Group | None, key: object, verb: str) -> Decision:
    if group is None:
        return refused(absent("group", key))
    says = world.rules_of(group).attach_detach
    if says is None:
        return silent(f"edition {world.edition.name} does not speak of attaching VMs")
    checks = Checks(world)
    checks.require(
        says.rule,
        says.value,
        lambda: not_allowed(says.rule, f"An existing VM cannot be {verb} a {group.kind.value} group.", group=str(key)),
    )
    if checks.passed:
        return silent(f"{says.rule} is switched off and nothing else says what attaching does")
    check_group_capability(checks, world, group, Capability.ATTACH_DETACH)
    return checks.decision()


def delete_vm(world: World, request: rq.DeleteVm) -> Decision:
    """A standard VM outside any group is deleted; a member is deleted through `ActOnInstance`."""
    if request.vm not in world.machines:
        return refused(absent("VM", request.vm))
    if world.machines[request.vm] is not None:
        return silent("a member of a group is deleted as a member")
    return Checks(world).decision(effect=lambda _: (MachineDeleted(request.vm),))


@implements("INSTANCE-TYPE", "BATCH-OPS", "DELETE-ONE", "ARM-POWER", "CAPS-VM-TYPE", "CAPS-FULL-CONTROL")
def act_on_instance(world: World, request: rq.ActOnInstance) -> Decision:
    """One member is started, stopped, deallocated, restarted, reimaged or deleted, through its own API."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    rules = world.rules_of(group)
    checks = Checks(world)
    _check_api(checks, rules, request.api)
    if request.action is Action.DELETE:
        _check_delete_one(checks, rules)
        artifacts = rules.artifacts_follow
        if artifacts is not None:
            checks.shaped_by(artifacts.rule)
        return checks.decision(effect=lambda _: _departures(group, (request.name,)))
    return _power_decision(checks, group, instance, request.action)


@implements("DELETE-ONE")
def _check_delete_one(checks: Checks, rules: KindRules) -> None:
    says = rules.delete_one
    if says is not None:
        checks.require(
            says.rule,
            says.value,
            lambda: not_allowed(says.rule, f"Single members of {rules.kind.value} are not deleted.", action="delete"),
        )


def _check_api(checks: Checks, rules: KindRules, api: Api) -> None:
    says = rules.instance_type
    if says is None:
        if api is not rules.instance_api:
            checks.leave_open(f"the documents do not say through which calls {rules.kind.value} members are managed")
        return
    if api is rules.instance_api:
        checks.shaped_by(says.rule)
        return
    if not says.value:
        row = rules.capability_rules.get(Capability.FULL_CONTROL)
        checks.require(
            says.rule,
            says.value,
            lambda: evolve(
                not_allowed(
                    says.rule,
                    f"Instances of {rules.kind.value} are managed only through the group.",
                    api=api.value,
                    allowed=rules.instance_api.value,
                ),
                rules=(says.rule,) if row is None else (says.rule, row),
            ),
        )
        return
    checks.leave_open(
        f"members of {rules.kind.value} are standard VMs; the documents do not say that the scale set's "
        "VM calls are refused (INSTANCE-TYPE)"
    )


def _power_decision(checks: Checks, group: Group, instance: Instance, action: Action) -> Decision:
    choices, power_after = _power_choice(instance, action)
    checks.shaped_by("ARM-POWER")

    def effect(picks: Picks) -> tuple[Event, ...]:
        power = picks.get("power", power_after)
        assert isinstance(power, Power)
        return (InstanceChanged(group.key, evolve(instance, power=power)),)

    return checks.decision(choices, effect)


def _power_choice(instance: Instance, action: Action) -> tuple[tuple[Choice, ...], Power]:
    after = {
        Action.START: Power.RUNNING,
        Action.STOP: Power.STOPPED,
        Action.DEALLOCATE: Power.DEALLOCATED,
    }.get(action, instance.power)
    stopped = instance.power is not Power.RUNNING
    if action in (Action.RESTART, Action.REIMAGE) and stopped:
        # The documents do not say whether a stopped instance runs after it was restarted or reimaged.
        return (OneOf("power", (instance.power, Power.RUNNING), ("ARM-POWER",)),), after
    if action is Action.STOP and instance.power is Power.DEALLOCATED:
        return (OneOf("power", (Power.DEALLOCATED, Power.STOPPED), ("ARM-POWER",)),), after
    return (), after


def _departures(group: Group, names: tuple[str, ...]) -> tuple[Event, ...]:
    left = tuple(InstanceLeft(group.key, name) for name in names)
    if group.capacity is None:
        return left
    return (*left, GroupChanged(group.key, {"capacity": group.census.members - len(names)}))


@implements("BATCH-OPS", "DELETE-ONE", "ARM-POWER")
def act_on_group(world: World, request: rq.ActOnGroup) -> Decision:
    """A batch operation on all members or some, where the group kind has batch operations."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    rules = world.rules_of(group)
    checks = Checks(world)
    says = rules.batch_operations
    alone = rules.delete_one if rules.explicit and request.action is Action.DELETE else None
    if says is None and rules.explicit and alone is None:
        return silent(f"edition {world.edition.name} does not speak of batch operations on {group.kind.value}")
    if says is None and alone is not None:
        checks.require(
            alone.rule,
            False,
            lambda: not_allowed(
                alone.rule, f"VMs of {group.kind.value} are deleted one at a time.", action=request.action.value
            ),
        )
    if says is not None:
        checks.require(
            says.rule,
            says.value,
            lambda: not_allowed(
                says.rule,
                f"The batch operation '{request.action.value}' is not available on {group.kind.value}; "
                "it goes to each VM.",
                action=request.action.value,
            ),
        )
    # Sorted: the order of a persistent map differs from run to run, that of choices and events must not.
    names = tuple(sorted(group.members if request.names is None else request.names))
    for missing in (name for name in names if name not in group.members):
        return refused(absent("member", missing)) if checks.passed else checks.decision()
    if not checks.passed:
        return checks.decision()
    if request.action is Action.DELETE:
        _check_delete_one(checks, rules)
        return checks.decision(effect=lambda _: _departures(group, names))
    return _batch_power(checks, group, names, request.action)


def _batch_power(checks: Checks, group: Group, names: tuple[str, ...], action: Action) -> Decision:
    checks.shaped_by("ARM-POWER")
    choices: list[Choice] = []
    after: dict[str, Power] = {}
    for name in names:
        open_power, settled = _power_choice(group.members[name], action)
        after[name] = settled
        choices.extend(evolve(one, name=f"power of {name}") for one in open_power if isinstance(one, OneOf))

    def effect(picks: Picks) -> tuple[Event, ...]:
        events: list[Event] = []
        for name in names:
            power = picks.get(f"power of {name}", after[name])
            assert isinstance(power, Power)
            events.append(InstanceChanged(group.key, evolve(group.members[name], power=power)))
        return tuple(events)

    return checks.decision(tuple(choices), effect)


@implements("EXTENSION-KIND")
def install_extension(world: World, request: rq.InstallExtension) -> Decision:
    """A VM extension of the right make is installed on a member."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    says = world.rules_of(group).uniform_extensions
    if says is None:
        return silent(f"edition {world.edition.name} does not speak of extensions on {group.kind.value}")
    checks = Checks(world)
    checks.require(
        says.rule,
        says.value or not request.for_uniform,
        lambda: not_allowed(
            says.rule, f"{group.kind.value} takes extensions made for standard VMs.", for_uniform=request.for_uniform
        ),
    )
    if says.value and not request.for_uniform:
        checks.leave_open(f"the documents do not say whether {group.kind.value} takes extensions for standard VMs")
    after = evolve(instance, extension_health=instance.extension_health or request.health)
    return checks.decision(effect=lambda _: (InstanceChanged(group.key, after),))


@implements("HEALTH-SOURCE", "CAPS-APPLICATION-HEALTH")
def report_health(world: World, request: rq.ReportHealth) -> Decision:
    """Application health changes by the report of a source that the group kind has and that is set up."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    rules = world.rules_of(group)
    checks = Checks(world)
    if rules.health_sources is not None:
        checks.require(
            "HEALTH-SOURCE",
            request.source in rules.health_sources,
            lambda: evolve(
                not_allowed(
                    "HEALTH-SOURCE",
                    f"Application health of {group.kind.value} does not come from {request.source.value}.",
                    source=request.source.value,
                ),
                rules=health_source_rules(rules),
            ),
        )
    if checks.passed and not _is_monitored(group, instance, request.source):
        return silent(f"{request.source.value} is not set up on {request.name}: nothing reports")
    after = evolve(instance, health=request.health)
    return checks.decision(effect=lambda _: (InstanceChanged(group.key, after),))


def _is_monitored(group: Group, instance: Instance, source: HealthSource) -> bool:
    return group.health_source is source or (source is HealthSource.EXTENSION and instance.extension_health)


def change_power(world: World, request: rq.ChangePower) -> Decision:
    """A member's power state changes from outside, which no document forbids."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    after = evolve(instance, power=request.power)
    return Checks(world).decision(effect=lambda _: (InstanceChanged(group.key, after),))


@implements("HEALTH-SOURCE", "CAPS-INSTANCE-REPAIR")
def repair_instance(world: World, request: rq.RepairInstance) -> Decision:
    """The platform replaces an unhealthy member by a new one, where repair is configured."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    rules = world.rules_of(group)
    if rules.health_sources is None:
        return silent(f"edition {world.edition.name} does not speak of replacing unhealthy members")
    checks = Checks(world)
    check_group_capability(checks, world, group, Capability.INSTANCE_REPAIR)
    checks.require(
        "HEALTH-SOURCE",
        group.repairs and instance.health is Health.UNHEALTHY,
        lambda: not_allowed(
            "HEALTH-SOURCE",
            "The platform replaces a member only where instance repair is configured and the member is unhealthy.",
            repairs=group.repairs,
            health=instance.health.value,
        ),
    )
    check_scale_out_image(checks, world, group)
    if not checks.passed:
        return checks.decision()
    if rules.explicit:
        return silent("the documents do not say how a VM that a caller made is replaced")
    without = evolve(
        group,
        members=group.members.delete(request.name),
        census=group.census.with_share(share_of(instance, group), -1),
    )
    make = new_member(world, group)
    ids = FreshIds("ids", group.next_instance_id, 1)
    place = placements(checks, rules, without, 1)

    def effect(picks: Picks) -> tuple[Event, ...]:
        (number,), (cell,) = picked_tuple(picks, "ids"), picked_tuple(picks, "placements")
        return (InstanceLeft(group.key, request.name), InstanceJoined(group.key, make(number, cell)))

    return checks.decision((ids, place), effect)


__all__ = [
    "act_on_group",
    "act_on_instance",
    "attach_vm",
    "change_power",
    "create_vm",
    "delete_vm",
    "detach_vm",
    "install_extension",
    "repair_instance",
    "report_health",
]
