"""The steps of the census: what an event may do to a group's counts, and what the guards ask before.

Each is one function for both uses: the proofs give it z3 terms, the refinement check the numbers of a real
step. The counts change by `Census.with_share` and `Census.with_new_model`, as in `vmss_model.evolve`; what is
allowed is said by the functions of `vmss_model.guards` with the numbers of the edition, as in
`vmss_model.decide`.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from vmss_invariants.proving.counts import (
    Counts,
    at,
    possible_census,
    possible_share,
    stands_in_group,
)
from vmss_model import guards
from vmss_model.census import Share
from vmss_model.copying import evolve
from vmss_model.decide.placement import MANY
from vmss_model.editions import KindRules, Limit
from vmss_model.terms import Number, Truth, all_of, any_of, implies, ite
from vmss_model.world import AutoscaleBounds


@frozen
class CensusStep:
    """One step of the counts of a group."""

    name: str
    """What happens."""
    before: Counts
    """The counts before."""
    allowed: Truth
    """What the guards ask of it."""
    after: Counts
    """The counts after."""


def capacity_holds(rules: KindRules, instances: Number, one_placement_group: Truth) -> Truth:
    """An instance count within the kind's bounds, tighter with a single placement group."""
    limit, tighter = rules.capacity, rules.capacity_single_placement_group
    if limit is None:
        return True
    highest = limit.highest if tighter is None else ite(one_placement_group, tighter.highest, limit.highest)
    return guards.capacity_allowed(instances, limit.lowest, highest)


def creation_demands(rules: KindRules, asked: Counts, instances: Number) -> tuple[tuple[str, Truth], ...]:
    """What the rules on counts ask of a new group, each with its id; so many instances were asked for."""
    zonal, regional = rules.fault_domains_zonal, rules.fault_domains_regional
    zones, updates = rules.zone_count, rules.update_domains
    empty = rules.created_empty
    found: list[tuple[str, Truth]] = []
    if rules.capacity is not None:
        found.append((rules.capacity.rule, capacity_holds(rules, instances, asked.one_placement_group)))
    if empty is not None:
        found.append((empty.rule, implies(empty.value, instances == 0)))
    if zonal is not None:
        found.append((zonal.rule, implies(asked.zones > 0, _domains_hold(zonal, asked))))
    if regional is not None:
        found.append((regional.rule, implies(asked.zones == 0, _domains_hold(regional, asked))))
    if zones is not None:
        spanned = guards.within(asked.zones, zones.lowest, zones.highest)
        found.append((zones.rule, all_of(asked.distinct_zones, spanned)))
    if updates is not None:
        within = guards.within(asked.update_domains, updates.lowest, updates.highest)
        found.append((updates.rule, any_of(asked.update_domains < 0, within)))
    return tuple(found)


def created(rules: KindRules, asked: Counts, instances: Number) -> CensusStep:
    """A group comes to be, without members yet; so many instances were asked for."""
    demands = (holds for _, holds in creation_demands(rules, asked, instances))
    return CensusStep("a group is created", asked, all_of(instances >= 0, *demands), asked)


def _domains_hold(limit: Limit, asked: Counts) -> Truth:
    count, in_region = asked.fault_domains, asked.region_fault_domains if limit.varies else MANY
    return any_of(count == 0, guards.fault_domain_count_allowed(count, limit.lowest, limit.highest, in_region))


def joined(
    rules: KindRules,
    counts: Counts,
    share: Share,
    target: Number,
    *,
    named: bool = False,
    number: Number | None = None,
) -> CensusStep:
    """A member joins on the way to so many instances, into a fault domain of the platform's or the caller's choice."""
    census = counts.census
    spreads = rules.spreads_domains is not None and rules.spreads_domains.value and not named
    even_domains: Truth = True
    if spreads and share.fault_domain is not None and census.by_fault_domain != ():
        chosen = at(census.by_fault_domain, share.fault_domain)
        even_domains = guards.is_least_loaded(census.by_fault_domain, chosen)
    even_zones: Truth = True
    if share.zone is not None and census.by_zone != ():
        even_zones = implies(counts.balances, guards.is_least_loaded(census.by_zone, at(census.by_zone, share.zone)))
    allowed = all_of(
        possible_share(share),
        stands_in_group(share, counts),
        capacity_holds(rules, target, counts.one_placement_group),
        census.members < target,
        even_domains,
        even_zones,
        number is None or guards.is_fresh_id(number, counts.next_id),
    )
    after = evolve(
        counts,
        census=census.with_share(share, 1),
        next_id=counts.next_id if number is None else guards.lowest_fresh_id(counts.next_id, number),
    )
    return CensusStep("a member joins", counts, allowed, after)


def left(others: Counts, share: Share) -> CensusStep:
    """A member leaves: the counts before are those of the others and its own share."""
    before = evolve(others, census=others.census.with_share(share, 1))
    allowed = all_of(possible_share(share), stands_in_group(share, others), possible_census(others.census))
    return CensusStep("a member leaves", before, allowed, evolve(others, census=before.census.with_share(share, -1)))


def changed(others: Counts, was: Share, now: Share) -> CensusStep:
    """A member's state changes, where it stands does not."""
    before = evolve(others, census=others.census.with_share(was, 1))
    allowed = all_of(
        possible_share(was),
        possible_share(now),
        stands_in_group(was, others),
        was.fault_domain == now.fault_domain,
        was.zone == now.zone,
        possible_census(others.census),
    )
    after = evolve(others, census=before.census.with_share(was, -1).with_share(now, 1))
    return CensusStep("a member changes", before, allowed, after)


def new_model(counts: Counts) -> CensusStep:
    """The group gets a newer model, which no member runs yet."""
    return CensusStep("the model changes", counts, True, evolve(counts, census=counts.census.with_new_model()))


def placement_group_set(rules: KindRules, counts: Counts, one: Truth) -> CensusStep:
    """`singlePlacementGroup` is set to another value."""
    allowed = capacity_holds(rules, counts.census.members, one)
    return CensusStep("singlePlacementGroup is set", counts, allowed, evolve(counts, one_placement_group=one))


# -- whole requests: they speak of the number of members and of the instance count alone --------------


def resized(rules: KindRules, counts: Counts, target: Number, bounds: AutoscaleBounds | None = None) -> CensusStep:
    """The instance count is set, by a caller or (within its bounds) by autoscale: so many join or leave."""
    allowed = all_of(
        target >= 0,
        capacity_holds(rules, target, counts.one_placement_group),
        bounds is None or guards.autoscale_allowed(target, bounds.lowest, bounds.highest),
    )
    more = target - counts.census.members
    after = evolve(counts, census=counts.census.with_share(Share(), more), capacity=target)
    return CensusStep("the instance count is set", counts, allowed, after)


def autoscaled(
    rules: KindRules, counts: Counts, target: Number, bounds: AutoscaleBounds, *, configured: Truth
) -> CensusStep:
    """The platform sets the instance count by itself, where that is configured; `bounds` mean nothing elsewhere."""
    step = resized(rules, counts, target, bounds)
    return evolve(step, name="the platform sets the instance count", allowed=all_of(step.allowed, configured))


def shrunk_evenly(before: Sequence[Number], after: Sequence[Number]) -> Truth:
    """A scale-in takes from the fullest places, as `vmss_model.choices.Subset` has it: one that lost members ends at
    most one below the fullest."""
    return all_of(
        *(implies(now < was, guards.is_most_loaded(after, now + 1)) for was, now in zip(before, after, strict=True))
    )


def departed(counts: Counts, fewer: Number) -> CensusStep:
    """So many members are deleted by name; the instance count follows."""
    census = counts.census.with_share(Share(), -fewer)
    allowed = all_of(fewer >= 0, fewer <= counts.census.members)
    after = evolve(counts, census=census, capacity=counts.census.members - fewer)
    return CensusStep("members are deleted", counts, allowed, after)


def replaced(counts: Counts) -> CensusStep:
    """One member leaves and another one joins."""
    census = counts.census.with_share(Share(), -1).with_share(Share(), 1)
    return CensusStep("a member is replaced", counts, counts.census.members >= 1, evolve(counts, census=census))


def deleted(rules: KindRules, counts: Counts) -> CensusStep:
    """The group is deleted, with what members it has."""
    rejects = rules.delete_nonempty is not None and not rules.delete_nonempty.value
    allowed = guards.may_delete_group(counts.census.members, rejects)
    return CensusStep("the group is deleted", counts, allowed, counts)
