"""What holds in every world: predicates over a group in its world, or over a whole world.

Each answers None, or one sentence that says what is broken. The documents' numbers stand here a second
time, on purpose: an edition whose data is off by one is noticed because this page does not read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from math import inf

from attrs import frozen

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.steps import EXPLICIT_KINDS, how_many, how_many_places, surplus, those
from vmss_model.capabilities import Capability, Support
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind, Health, HealthSource, OperatingSystem, Power, Priority, Provisioning
from vmss_model.world import Group, Instance, Profile, VmKey, World, artifacts_of

CAPACITY: dict[GroupKind, tuple[int, int]] = {
    GroupKind.VM: (0, 200),
    GroupKind.SCALE_SET_VM: (0, 1000),
    GroupKind.FLEXIBLE: (0, 1000),
    GroupKind.UNIFORM: (0, 1000),
    GroupKind.AVAILABILITY_SET: (0, 200),
}
"""How many members a kind holds, where the documents bound it."""
Holds = Callable[[Instance], bool]
"""Whether something holds of a member."""
ONE_PLACEMENT_GROUP = 100
"""How many members a Uniform group with a single placement group holds."""
FAULT_DOMAINS: dict[GroupKind, tuple[tuple[int, int], tuple[int, int]]] = {
    GroupKind.VM: ((2, 3), (5, 5)),
    GroupKind.SCALE_SET_VM: ((1, 5), (1, 5)),
    GroupKind.FLEXIBLE: ((1, 3), (1, 1)),
    GroupKind.UNIFORM: ((1, 5), (1, 5)),
}
"""The fault-domain count of a kind: regional, zonal."""
VARY_BY_REGION = frozenset({GroupKind.VM, GroupKind.FLEXIBLE})
"""The kinds of which a regional group has no more fault domains than its region."""
ZONE_COUNT: dict[GroupKind, int] = {
    GroupKind.VM: 1,
    GroupKind.SCALE_SET_VM: 3,
    GroupKind.FLEXIBLE: 1,
    GroupKind.UNIFORM: 3,
    GroupKind.AVAILABILITY_SET: 0,
}
"""How many zones a kind spans at most."""
UPDATE_DOMAINS: dict[GroupKind, tuple[int, int]] = {
    GroupKind.FLEXIBLE: (0, 0),
    GroupKind.UNIFORM: (0, 5),
    GroupKind.AVAILABILITY_SET: (1, 20),
}
"""How many update domains a kind has, as of 2021."""
REGISTRATION_SECONDS = 15 * 60
"""The longest that a feature registration takes."""


# -- which groups an invariant speaks of -----------------------------------------------------------


def has_members(group: Group) -> bool:
    """Groups with members."""
    return bool(group.members)


def counts_domains(group: Group) -> bool:
    """Groups whose number of fault domains is known."""
    return group.fault_domain_count is not None


def keeps_to_one_placement_group(group: Group) -> bool:
    """Groups with a single placement group."""
    return group.single_placement_group is True


def uses_capabilities(group: Group) -> bool:
    """Groups for which something of the capability table was asked."""
    return bool(group.capabilities)


def is_upgraded_automatically(group: Group) -> bool:
    """Groups with automatic upgrades switched on."""
    return group.os_upgrade


def has_window(group: Group) -> bool:
    """Groups that the platform is about to upgrade."""
    return group.trigger is not None


def has_history(group: Group) -> bool:
    """Groups with rollouts that ended."""
    return bool(group.history)


# -- what holds of them ----------------------------------------------------------------------------


def capacity_within_bounds(_world: World, group: Group) -> str | None:
    """No group holds more members than its kind may."""
    lowest, highest = CAPACITY[group.kind]
    count = len(group.members)
    if lowest <= count <= highest:
        return None
    return f"{group.key} holds {counted(count, 'member')}, not {lowest} to {highest:,}"


def one_placement_group_bounds(_world: World, group: Group) -> str | None:
    """With a single placement group there are at most 100 members."""
    count = len(group.members)
    return None if count <= ONE_PLACEMENT_GROUP else f"{group.key} holds {count} members in one placement group"


def fault_domain_count_within_bounds(world: World, group: Group) -> str | None:
    """The fault-domain count is one that the kind and, where it varies by region, the region has."""
    lowest, highest = FAULT_DOMAINS[group.kind][bool(group.zones)]
    if not group.zones and group.kind in VARY_BY_REGION:
        highest = min(highest, world.regions.get(group.region, highest))
    count = group.fault_domain_count
    assert count is not None
    if lowest <= count <= highest:
        return None
    return f"{group.key} has {counted(count, 'fault domain')}, not {lowest} to {highest}"


def members_stand_in_fault_domains(_world: World, group: Group) -> str | None:
    """Every member's fault domain is one of the group's; where their number is not known, one that can be."""
    count = group.fault_domain_count
    most = _most_domains(group) if count is None else count

    def is_astray(member: Instance) -> bool:
        domain = member.fault_domain
        return count is not None if domain is None else not 0 <= domain < most

    for member in those(group.members, is_astray):
        domain = in_words(member.fault_domain)
        return f"member {member.name} of {group.key} is in fault domain {domain} of {in_words(count)}"
    return None


def _most_domains(group: Group) -> float:
    bounds = FAULT_DOMAINS.get(group.kind)
    return bounds[bool(group.zones)][1] if bounds is not None else inf


def members_stand_in_zones(_world: World, group: Group) -> str | None:
    """Every member's zone is one of the group's, and none in a regional group."""
    allowed = group.zones or (None,)
    for member in those(group.members, lambda one: one.zone not in allowed):
        return f"member {member.name} of {group.key} is in zone {in_words(member.zone)}, not one of {in_words(allowed)}"
    return None


def never_spans_zones(_world: World, group: Group) -> str | None:
    """All members are in one zone, or all in none."""
    members, usual = group.members, (None, *group.zones)
    zones = {zone for zone in usual if how_many(members, _in_zone(zone))}
    zones.update(one.zone for one in those(members, lambda one: one.zone not in usual))
    if len(zones) <= 1 and len(group.zones) <= 1:
        return None
    return f"{group.key} of zones {in_words(group.zones)} has members in zones {in_words(zones)}"


def zone_count_within_bounds(_world: World, group: Group) -> str | None:
    """A group spans as many distinct zones as its kind may."""
    distinct, highest = len(set(group.zones)), ZONE_COUNT[group.kind]
    if distinct == len(group.zones) <= highest:
        return None
    return f"{group.key} spans zones {in_words(group.zones)}, at most {highest} distinct ones are allowed"


def census_equals_recount(_world: World, group: Group) -> str | None:
    """The counts that the guards read are those of the members, counted here without the model's help."""
    for one in recounts(group):
        if one.is_off(group):
            kept, found = getattr(group.census, one.count), one.recounted(group)
            return f"{group.key} counts {in_words(kept)} as {one.count}, a recount gives {in_words(found)}"
    return None


@frozen
class Recount:
    """A count of a group by its name, and whom it counts."""

    count: str
    """Its name."""
    holds: Holds
    """Whether it counts a member."""

    def is_off(self, group: Group) -> bool:
        """Whether the count is another one than that of the members."""
        return surplus(group, self.count, self.holds) != 0

    def recounted(self, group: Group) -> object:
        """The count as it is."""
        return how_many(group.members, self.holds)


@frozen
class RecountByPlace:
    """Several counts of one name, and whom each counts."""

    count: str
    """Their name."""
    holds: tuple[Holds, ...]
    """For each place whether a member is counted there."""

    def is_off(self, group: Group) -> bool:
        """Whether a count is another one than that of the members, or there is one too many, or too few."""
        if how_many_places(group, self.count) != len(self.holds):
            return True
        return any(surplus(group, self.count, holds, place) for place, holds in enumerate(self.holds))

    def recounted(self, group: Group) -> object:
        """The counts as they are."""
        return tuple(how_many(group.members, holds) for holds in self.holds)


def recounts(group: Group) -> Iterator[Recount | RecountByPlace]:
    """Each count of a group, with whom it counts."""
    newest = group.model_version
    yield RecountByPlace("by_fault_domain", tuple(map(_in_fault_domain, range(group.fault_domain_count or 0))))
    yield RecountByPlace("by_zone", tuple(map(_in_zone, group.zones)))
    yield from _RECOUNTS
    yield Recount("newest_model", lambda one: one.model_version >= newest)


@cache
def _in_fault_domain(domain: int) -> Holds:
    return lambda one: one.fault_domain == domain


@cache
def _in_zone(zone: str | None) -> Holds:
    return lambda one: one.zone == zone


def _is_reported_unhealthy(member: Instance) -> bool:
    return member.health is Health.UNHEALTHY


def _is_up(member: Instance) -> bool:
    return member.power is Power.RUNNING and member.provisioning is Provisioning.SUCCEEDED


def _failed(member: Instance) -> bool:
    return member.provisioning is Provisioning.FAILED


_RECOUNTS = (
    Recount("members", lambda _: True),
    Recount("running", lambda one: one.power is Power.RUNNING),
    Recount("up", _is_up),
    Recount("unhealthy", _is_reported_unhealthy),
    Recount("unhealthy_monitored", lambda one: _failed(one) or _is_reported_unhealthy(one)),
    Recount("unhealthy_unmonitored", lambda one: _failed(one) or one.power is not Power.RUNNING),
    Recount("spot", lambda one: one.priority is Priority.SPOT),
    Recount("windows", lambda one: one.operating_system is OperatingSystem.WINDOWS),
)
"""The counts that depend on nothing that a group has for its own."""


def members_match_profile(_world: World, group: Group) -> str | None:
    """Every member has the size, operating system and priority of the group's profile."""
    profile = group.profile or Profile()
    expected = (profile.size, profile.operating_system, profile.priority)
    for member in those(group.members, lambda one: (one.size, one.operating_system, one.priority) != expected):
        found = (member.size, member.operating_system, member.priority)
        return f"member {member.name} of {group.key} is {in_words(found)}, the profile says {in_words(expected)}"
    return None


def capacity_is_member_count(_world: World, group: Group) -> str | None:
    """The instance count of a group that makes its members is the number of its members."""
    count = len(group.members)
    return (
        None
        if group.capacity == count
        else f"{group.key} has capacity {in_words(group.capacity)} and {counted(count, 'member')}"
    )


def no_instance_count(_world: World, group: Group) -> str | None:
    """A group whose members are made one by one has no instance count."""
    return None if group.capacity is None else f"{group.key} has capacity {group.capacity}"


def ids_below_next(_world: World, group: Group) -> str | None:
    """Members carry whole numbers as ids, all below the next one."""
    above = [name for name in group.members if not name.isdecimal() or int(name) >= group.next_instance_id]
    return f"member {min(above)} of {group.key}, whose next id is {group.next_instance_id}" if above else None


def update_domains_mapped(_world: World, group: Group) -> str | None:
    """A member's update domain is that of its fault domain's number."""
    for one in those(group.members, lambda one: one.update_domain != one.fault_domain):
        where = f"update domain {in_words(one.update_domain)} and fault domain {in_words(one.fault_domain)}"
        return f"member {one.name} of {group.key} is in {where}"
    return None


def update_domain_count_within_bounds(_world: World, group: Group) -> str | None:
    """A group has as many update domains as its kind may, and its members stand in them."""
    lowest, highest = UPDATE_DOMAINS[group.kind]
    count = group.update_domain_count
    if count is not None and not lowest <= count <= highest:
        return f"{group.key} has {counted(count, 'update domain')}, not {lowest} to {highest}"

    def is_astray(member: Instance) -> bool:
        return member.update_domain is not None and not 0 <= member.update_domain < (count or 0)

    for member in those(group.members, is_astray):
        return f"member {member.name} of {group.key} is in update domain {member.update_domain} of {in_words(count)}"
    return None


def profile_as_mode_asks(_world: World, group: Group) -> str | None:
    """`VM` has no VM configuration model, `ScaleSetVM` has one."""
    must = group.kind is GroupKind.SCALE_SET_VM
    if (group.profile is not None) == must:
        return None
    return f"{group.key} of kind {group.kind.value} has {'no' if must else 'a'} profile"


def placement_groups_as_kind_allows(_world: World, group: Group) -> str | None:
    """Flexible always uses several placement groups; `VM` never asks for several."""
    must = group.kind is not GroupKind.FLEXIBLE
    if group.single_placement_group is must:
        return None
    return f"{group.key} of kind {group.kind.value} has singlePlacementGroup {in_words(group.single_placement_group)}"


def capabilities_in_table(world: World, group: Group) -> str | None:
    """No capability that the table refuses is in use, nor one whose condition does not hold."""
    column = EDITIONS[world.edition.name].kinds[group.kind].capabilities
    for capability in group.capabilities:
        cell = column.get(capability)
        if cell is None:
            continue
        if cell.support is Support.NO:
            return f"{group.key} of kind {group.kind.value} uses {capability.value}, the table says no"
        if cell.condition == "zonal-only" and not group.zones:
            return f"{group.key} uses {capability.value} outside a zone"
        if cell.condition == "single-placement-group-only" and group.single_placement_group is False:
            return f"{group.key} uses {capability.value} with several placement groups"
    return None


def no_autoscale(_world: World, group: Group) -> str | None:
    """A kind without autoscale has no autoscale bounds and does not use it."""
    if group.autoscale is None and Capability.AUTOSCALE not in group.capabilities:
        return None
    return f"{group.key} of kind {group.kind.value} has autoscale {in_words(group.autoscale)}"


def no_repairs(_world: World, group: Group) -> str | None:
    """A kind without instance repair has none configured."""
    return f"{group.key} of kind {group.kind.value} has instance repair" if group.repairs else None


def health_by_extension(_world: World, group: Group) -> str | None:
    """Health of standard VMs comes from the Application Health extension, or nobody reports it."""
    if group.health_source in (None, HealthSource.EXTENSION):
        return None
    return f"health of {group.key} comes from {in_words(group.health_source)}"


def members_have_artifacts(world: World, group: Group) -> str | None:
    """Every member's NIC and disk exist and are its own."""
    astray = [
        (artifact, owner)
        for name in group.members
        for artifact in artifacts_of(group.key, name)
        if world.artifacts.get(artifact) != (owner := f"{group.key}/{name}")
    ]
    if not astray:
        return None
    artifact, owner = min(astray)
    return f"{artifact} belongs to {in_words(world.artifacts.get(artifact))}, not to {owner}"


def members_are_machines(world: World, group: Group) -> str | None:
    """Every member is a standard VM that names the group."""
    keys = (VmKey(group.key.resource_group, name) for name in group.members)
    others = [key for key in keys if world.machines.get(key) != group.key]
    if not others:
        return None
    vm = min(others)
    return f"member {vm.name} of {group.key} is a VM of group {in_words(world.machines.get(vm))}"


def machines_are_members(world: World) -> str | None:
    """Every VM that names a group is a member of it: VMs are members of groups, or stand alone."""
    members_of = {key: group.members for key, group in world.groups.items() if group.kind in EXPLICIT_KINDS}
    lost = [
        (vm, key) for vm, key in world.machines.items() if key is not None and vm.name not in members_of.get(key, ())
    ]
    if not lost:
        return None
    vm, key = min(lost)
    return f"VM {vm} names group {key}, which does not have it"


def vm_names_unique(world: World) -> str | None:
    """No two VMs of a resource group have one name, whichever groups they are in."""
    names = Counter(
        VmKey(group.key.resource_group, name)
        for group in world.groups.values()
        if group.kind in EXPLICIT_KINDS
        for name in group.members
    )
    names.update(vm for vm, key in world.machines.items() if key is None)
    shared = [vm for vm, count in names.items() if count > 1]
    return f"{names[min(shared)]} VMs are called {min(shared)}" if shared else None


def owners_are_members(world: World) -> str | None:
    """A NIC or disk that is in use belongs to a member that exists."""
    members_of = {f"{key}/": group.members for key, group in world.groups.items()}
    orphans = [
        (artifact, owner)
        for artifact, owner in world.artifacts.items()
        if owner is not None
        and not any(owner.startswith(of) and owner[len(of) :] in members for of, members in members_of.items())
    ]
    if not orphans:
        return None
    artifact, owner = min(orphans)
    return f"{artifact} belongs to {owner}, which does not exist"


def registrations_end_in_time(world: World) -> str | None:
    """A feature registration ends at the latest 15 minutes after it was asked for."""
    for name, feature in world.subscription.features.items():
        if not 0 <= feature.ends_at - feature.asked_at <= REGISTRATION_SECONDS:
            return f"the registration of {name} takes {feature.ends_at - feature.asked_at} seconds"
    return None


def graph_remembers_no_longer_than_needed(world: World) -> str | None:
    """What is kept for Resource Graph of a VM was superseded in order, and not in the future."""
    for vm, entries in world.recent.items():
        times = [entry.at for entry in entries]
        if times != sorted(times) or any(at > world.clock for at in times):
            return f"the superseded states of {vm} are of {in_words(times)}, the clock shows {world.clock}"
    return None
