"""Section C: how many members, in which zones and fault domains, and where a new member goes."""

from __future__ import annotations

from vmss_model import guards
from vmss_model.choices import Placements
from vmss_model.decide.checks import Checks
from vmss_model.editions import KindRules, Limit
from vmss_model.refusals import fault_domain_count_out_of_range, invalid, single_placement_group_not_allowed
from vmss_model.rules import implements
from vmss_model.world import Group, World

MANY = 1000
"""Stands for a number of domains that no document bounds: beyond every number that one speaks of."""


@implements("CAP-VM-2019", "CAP-SSVM-2019", "CAP-FLEX", "CAP-UNIFORM", "CAP-AVSET")
def check_capacity(checks: Checks, rules: KindRules, instances: int, single_placement_group: bool | None) -> None:
    """An instance count within the kind's bounds, tighter with a single placement group."""
    limit = rules.capacity
    if limit is None:
        if instances:
            checks.leave_open(f"the documents do not say how many instances {rules.kind.value} may have")
        return
    tighter = rules.capacity_single_placement_group
    if tighter is not None and single_placement_group is True:
        limit = tighter
    _check_count(checks, limit, "capacity", instances)
    if tighter is not None and single_placement_group is None and instances > tighter.highest:
        checks.leave_open(
            f"whether the group keeps to a single placement group is not known, "
            f"with one it holds at most {tighter.highest} ({tighter.rule})"
        )


def _check_count(checks: Checks, limit: Limit, name: str, value: int) -> None:
    checks.require(
        limit.rule,
        guards.capacity_allowed(value, limit.lowest, limit.highest),
        lambda: invalid(
            limit.rule,
            f"{name} {value} is out of range: allowed are {limit.lowest} to {limit.highest}.",
            **{name: value, "lowest": limit.lowest, "highest": limit.highest},
        ),
    )


@implements(
    "FDCOUNT-VM-2019",
    "FDCOUNT-SSVM-2019",
    "FDCOUNT-UNIFORM",
    "FDCOUNT-FLEX-REGIONAL",
    "FDCOUNT-FLEX-ZONAL",
    "E2",
)
def check_fault_domain_count(
    checks: Checks, world: World, rules: KindRules, count: int | None, region: str, zonal: bool
) -> None:
    """A fault-domain count within the kind's bounds and, where it varies by region, the region's."""
    if count is None:
        return
    limit = rules.fault_domains_zonal if zonal else rules.fault_domains_regional
    if limit is None:
        checks.leave_open(f"the documents do not say how many fault domains {rules.kind.value} has")
        return
    in_region = world.region_fault_domains(region) if limit.varies else MANY
    region_highest = MANY if in_region is None else in_region
    checks.require(
        limit.rule,
        guards.fault_domain_count_allowed(count, limit.lowest, limit.highest, region_highest),
        lambda: fault_domain_count_out_of_range(count, limit.lowest, min(limit.highest, region_highest), limit.rule),
    )
    if in_region is None and count > limit.lowest:
        checks.leave_open(f"how many fault domains region {region} has is not known ({limit.rule})")


@implements("ZONES-VM-2019", "ZONES-SSVM-2019", "ZONES-FLEX", "ZONES-UNIFORM", "ZONES-AVSET")
def check_zones(checks: Checks, rules: KindRules, zones: tuple[str, ...]) -> None:
    """As many distinct zones as the kind may span."""
    limit = rules.zone_count
    if limit is None:
        if zones:
            checks.leave_open(f"the documents do not say how many zones {rules.kind.value} spans")
        return
    distinct = len(set(zones)) == len(zones)
    checks.require(
        limit.rule,
        distinct and guards.within(len(zones), limit.lowest, limit.highest),
        lambda: invalid(
            limit.rule,
            f"zones {list(zones)} are not allowed: this kind of group spans {limit.lowest} to "
            f"{limit.highest} distinct zones.",
            zones=zones,
            lowest=limit.lowest,
            highest=limit.highest,
        ),
    )


@implements("SPG-VM-2019", "SPG-SSVM-2019", "SPG-FLEX", "SPG-UNIFORM", "E4")
def check_single_placement_group(checks: Checks, rules: KindRules, asked: bool | None) -> None:
    """`singlePlacementGroup` as the kind allows it; left out, the service fills it in."""
    allowed, rule = rules.single_placement_group, rules.single_placement_group_rule
    if asked is None:
        return
    if allowed is None or rule is None:
        checks.leave_open(f"the documents do not say what singlePlacementGroup may be for {rules.kind.value}")
        return
    checks.require(
        rule,
        asked in allowed,
        lambda: (
            single_placement_group_not_allowed(rule)
            if asked
            else invalid(
                rule,
                "The value 'False' of parameter 'singlePlacementGroup' is not supported by this kind of group.",
                singlePlacementGroup=False,
            )
        ),
    )


@implements("UD-2021")
def check_update_domain_count(checks: Checks, rules: KindRules, asked: int | None) -> None:
    """A number of update domains as the kind has them."""
    if asked is None:
        return
    limit = rules.update_domains
    if limit is None:
        checks.leave_open(f"the documents do not say how many update domains {rules.kind.value} may ask for")
        return
    checks.require(
        limit.rule,
        guards.within(asked, limit.lowest, limit.highest),
        lambda: invalid(
            limit.rule,
            f"{asked} update domains are out of range: this kind of group has {limit.lowest} to {limit.highest}.",
            platformUpdateDomainCount=asked,
            lowest=limit.lowest,
            highest=limit.highest,
        ),
    )


@implements("ZONES-SSVM-2019")
def balances_zones(rules: KindRules, group: Group) -> bool:
    """Whether members are spread strictly evenly over zones: the group asks for it, and its kind offers it.

    Where the documents offer no such strategy, what a service does for a group that asks for it is open.
    """
    return group.zone_balance and rules.zone_balance is not None and rules.zone_balance.value


@implements("FD-SPREAD", "ZONES-SSVM-2019", "UD-MAPPED-2019", "UD-2021")
def placements(checks: Checks, rules: KindRules, group: Group, count: int) -> Placements:
    """Where new members may go: evenly where the documents say so, anywhere in the group otherwise."""
    domains = group.fault_domain_count
    spreads = rules.spreads_domains is not None and rules.spreads_domains.value and domains is not None
    if spreads and count:
        checks.shaped_by("FD-SPREAD")
    balanced = balances_zones(rules, group)
    if balanced and count:
        checks.shaped_by("ZONES-SSVM-2019")
    mapped = rules.update_domains_mapped is not None and rules.update_domains_mapped.value
    if mapped and count:
        checks.shaped_by("UD-MAPPED-2019")
    update_domains = group.update_domain_count
    return Placements(
        name="placements",
        count=count,
        zones=group.zones or (None,),
        fault_domains=tuple(range(domains)) if domains else (None,),
        zone_loads=group.census.by_zone or (0,),
        domain_loads=group.census.by_fault_domain or (0,),
        spreads_domains=spreads,
        balances_zones=balanced,
        update_domains=tuple(range(update_domains)) if update_domains else (None,),
        maps_update_domains=mapped,
        rules=tuple(rule for rule, applies in (("FD-SPREAD", spreads), ("ZONES-SSVM-2019", balanced)) if applies),
    )
