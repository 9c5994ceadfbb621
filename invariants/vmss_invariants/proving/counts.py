"""What the guards read of a group: numbers in the model, z3 terms in the proofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from vmss_invariants.predicates_rollout_world import is_ill
from vmss_model import guards
from vmss_model.census import Census, Share
from vmss_model.decide.placement import MANY
from vmss_model.terms import Family, Number, Truth, all_of, any_of, is_symbolic, ite, total
from vmss_model.values import Health, OperatingSystem, Power, Priority, Provisioning
from vmss_model.world import Group, Instance, World

NO_INSTANCE_COUNT = -1
"""The instance count of a group whose members are made one by one."""
NOT_KNOWN = -1
"""The number of update domains where it is not known."""


@frozen(kw_only=True)
class Counts:
    """The counts of one group and the numbers that bound them."""

    census: Census
    """The counts over its members."""
    capacity: Number
    """The instance count that was asked for, or `NO_INSTANCE_COUNT`."""
    fault_domains: Number
    """How many fault domains the group counts; 0 where it counts none."""
    zones: Number
    """How many zones it has; 0 for a regional deployment."""
    distinct_zones: Truth
    """Whether no zone is named twice."""
    update_domains: Number
    """How many update domains it has, or `NOT_KNOWN`."""
    region_fault_domains: Number
    """The most fault domains of its region; a number beyond all others where it is not known."""
    one_placement_group: Truth
    """Whether it keeps to a single placement group, for sure."""
    balances: Truth
    """Whether its members are spread strictly evenly over zones."""
    next_id: Number
    """The lowest instance id that was never used."""


def counts_of(world: World, group: Group) -> Counts:
    """What the guards read of a group of the model."""
    offered = world.rules_of(group).zone_balance
    return Counts(
        census=group.census,
        capacity=NO_INSTANCE_COUNT if group.capacity is None else group.capacity,
        fault_domains=group.fault_domain_count or 0,
        zones=len(group.zones),
        distinct_zones=len(set(group.zones)) == len(group.zones),
        update_domains=NOT_KNOWN if group.update_domain_count is None else group.update_domain_count,
        region_fault_domains=world.regions.get(group.region, MANY),
        one_placement_group=group.single_placement_group is True,
        balances=group.zone_balance and bool(group.zones) and offered is not None and offered.value,
        next_id=group.next_instance_id,
    )


def empty_census(counts: Counts) -> Census:
    """The census of a group without members that has so many fault domains and zones."""
    return Census(by_fault_domain=(0,) * int(counts.fault_domains), by_zone=(0,) * int(counts.zones))


def share_seen(member: Instance, group: Group) -> Share:
    """What a member adds to its group's census, said a second time: what the model counts is held against it."""
    runs = member.power is Power.RUNNING
    return Share(
        fault_domain=member.fault_domain,
        zone=next((place for place, zone in enumerate(group.zones) if zone == member.zone), None),
        running=int(runs),
        up=int(runs and member.provisioning is Provisioning.SUCCEEDED),
        reported_unhealthy=int(member.health is Health.UNHEALTHY),
        unhealthy_monitored=int(is_ill(member, monitored=True)),
        unhealthy_unmonitored=int(is_ill(member, monitored=False)),
        # Nobody runs a newer one: so that nobody runs the newest once the group has a newer one.
        newest_model=int(member.model_version == group.model_version),
        spot=int(member.priority is Priority.SPOT),
        windows=int(member.operating_system is OperatingSystem.WINDOWS),
    )


def at(loads: Sequence[Number] | Family, index: Number) -> Number:
    """The count at an index: of a tuple, with a number or a term for an index, or of a family of terms."""
    if not isinstance(loads, tuple):
        return loads[index]  # type: ignore[index] # the families that proofs use have one
    if not is_symbolic(index):
        return loads[index]
    found: Any = loads[-1]
    for place in reversed(range(len(loads) - 1)):
        found = ite(index == place, loads[place], found)
    return found


def sum_of(loads: Sequence[Number] | Family) -> Number:
    """The sum of the counts of all places."""
    return total(loads) if isinstance(loads, tuple) else loads.total  # type: ignore[union-attr] # as above


def possible_share(share: Share) -> Truth:
    """What one member can add to a census: each count by 0 or 1, and those together that a member can have."""
    bits = (
        share.running,
        share.up,
        share.reported_unhealthy,
        share.unhealthy_monitored,
        share.unhealthy_unmonitored,
        share.newest_model,
        share.spot,
        share.windows,
    )
    return all_of(
        *(condition for bit in bits for condition in (bit >= 0, bit <= 1)),
        *_together(
            1,
            share.running,
            share.up,
            share.reported_unhealthy,
            share.unhealthy_monitored,
            share.unhealthy_unmonitored,
        ),
    )


def possible_census(census: Census) -> Truth:
    """What the counts over any set of members can be, but for where the members stand."""
    counts = (
        census.running,
        census.up,
        census.unhealthy,
        census.unhealthy_monitored,
        census.unhealthy_unmonitored,
        census.newest_model,
        census.spot,
        census.windows,
    )
    return all_of(
        census.members >= 0,
        *(condition for count in counts for condition in (count >= 0, count <= census.members)),
        *_together(
            census.members,
            census.running,
            census.up,
            census.unhealthy,
            census.unhealthy_monitored,
            census.unhealthy_unmonitored,
        ),
    )


def _together(
    members: Number, running: Number, up: Number, reported: Number, monitored: Number, unmonitored: Number
) -> tuple[Truth, ...]:
    """Who is up runs; who is reported unhealthy counts where health is monitored, who does not run where it is not."""
    return (up <= running, reported <= monitored, members - running <= unmonitored)


def stands_in_group(share: Share, counts: Counts) -> Truth:
    """A member stands in one of the group's fault domains and zones, where it has such."""
    return all_of(_is_one_of(share.fault_domain, counts.fault_domains), _is_one_of(share.zone, counts.zones))


def _is_one_of(place: Number | None, places: Number) -> Truth:
    return any_of(places == 0, False if place is None else guards.is_fault_domain_of(place, places))


def all_stand_somewhere(counts: Counts) -> Truth:
    """The members of all fault domains together are all members, and so are those of all zones."""
    members = counts.census.members
    return all_of(
        any_of(counts.fault_domains == 0, sum_of(counts.census.by_fault_domain) == members),
        any_of(counts.zones == 0, sum_of(counts.census.by_zone) == members),
    )
