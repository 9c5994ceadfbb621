"""What holds of where new members are placed, and of zone balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from vmss_invariants.describing import in_words
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.world import Group


def concerns_automatic_placement(step: Step) -> bool:
    """Granted VMs of a group with fault domains whose domain the caller does not name."""
    request, group = step.request, step.group_after
    return (
        isinstance(request, rq.CreateVm)
        and request.fault_domain is None
        and bool(step.joined)
        and group is not None
        and bool(group.fault_domain_count)
    )


def _loads(places: Iterable[object], among: Iterable[object]) -> dict[object, int]:
    counted = Counter(places)
    return {place: counted[place] for place in among}


def placed_in_least_loaded_domain(step: Step) -> str | None:
    """A VM that names no fault domain goes into one that holds fewest members."""
    group = step.group_before
    assert group is not None
    assert step.group_after is not None
    domains = range(group.fault_domain_count or 0)
    loads = _loads((member.fault_domain for member in group.members.values()), domains)
    (name,) = step.joined
    domain = step.group_after.members[name].fault_domain
    if domain in loads and loads[domain] == min(loads.values()):
        return None
    return f"{name} was placed in fault domain {in_words(domain)}, of loads {in_words(loads.values())}"


def placement_keeps_spread(step: Step) -> str | None:
    """Automatic placement never makes max - min over fault domains larger than max(1, what it was)."""
    assert step.group_before is not None
    assert step.group_after is not None
    domains = range(step.group_before.fault_domain_count or 0)
    spread = [
        max(loads.values()) - min(loads.values())
        for loads in (
            _loads((member.fault_domain for member in group.members.values()), domains)
            for group in (step.group_before, step.group_after)
        )
    ]
    return None if spread[1] <= max(1, spread[0]) else f"placement widened the spread from {spread[0]} to {spread[1]}"


def concerns_named_domains(step: Step) -> bool:
    """Granted VMs whose fault domain the caller names."""
    return isinstance(step.request, rq.CreateVm) and step.request.fault_domain is not None and bool(step.joined)


def named_domain_is_taken(step: Step) -> str | None:
    """A VM stands in the fault domain that its caller named."""
    assert isinstance(step.request, rq.CreateVm)
    assert step.group_after is not None
    (name,) = step.joined
    domain = step.group_after.members[name].fault_domain
    if domain == step.request.fault_domain:
        return None
    return f"{name} is in fault domain {in_words(domain)}, {step.request.fault_domain} was named"


def concerns_created_vms(step: Step) -> bool:
    """Granted VMs that join a group."""
    return isinstance(step.request, rq.CreateVm) and bool(step.joined)


def joins_at_the_same_place(step: Step) -> str | None:
    """A VM joins a group only in its region, zone and resource group."""
    assert isinstance(step.request, rq.CreateVm)
    group = step.group_before
    assert group is not None
    asked = (step.request.region, step.request.zone, step.request.key.resource_group)
    place = (group.region, group.zones[0] if group.zones else None, group.key.resource_group)
    return None if asked == place else f"a VM of {in_words(asked)} joined {group.key} of {in_words(place)}"


def concerns_balanced_growth(step: Step) -> bool:
    """Members that are placed in a group with strict zone balance."""
    if not isinstance(step.request, rq.CreateGroup | rq.SetCapacity | rq.Autoscale):
        return False
    group = step.group_after
    return group is not None and group.zone_balance and bool(group.zones) and bool(step.joined)


def concerns_balanced_shrinking(step: Step) -> bool:
    """Scale-in of a group with strict zone balance."""
    group = step.group_before
    sizing = isinstance(step.request, rq.SetCapacity | rq.Autoscale)
    return sizing and group is not None and group.zone_balance and bool(group.zones) and bool(step.left)


def growth_keeps_balance(step: Step) -> str | None:
    """Zones that were balanced stay so as a group grows, and those that were not come closer to it."""
    return zones_stay_balanced(step) or growth_levels_zones(step)


def shrinking_keeps_balance(step: Step) -> str | None:
    """As of growth."""
    return zones_stay_balanced(step) or shrinking_levels_zones(step)


def _by_zone(group: Group | None, zones: Iterable[str]) -> dict[object, int]:
    """How many members a group has in each zone; none where there was no group."""
    return _loads((member.zone for member in group.members.values()) if group is not None else (), zones)


def zones_stay_balanced(step: Step) -> str | None:
    """Scaling never makes max - min over zones larger than max(1, what it was)."""
    after = step.group_after
    assert after is not None
    was, now = _by_zone(step.group_before, after.zones), _by_zone(after, after.zones)
    before_spread = max(was.values()) - min(was.values())
    after_spread = max(now.values()) - min(now.values())
    if after_spread <= max(1, before_spread):
        return None
    return f"zones went from {in_words(was)} to {in_words(now)}"


def growth_levels_zones(step: Step) -> str | None:
    """Strict balance fills the emptiest zones: a zone that grew ends at most one above any other."""
    after = step.group_after
    assert after is not None
    was, now = _by_zone(step.group_before, after.zones), _by_zone(after, after.zones)
    grown = [count for zone, count in now.items() if count > was[zone]]
    return None if max(grown) <= min(now.values()) + 1 else f"zones grew from {in_words(was)} to {in_words(now)}"


def shrinking_levels_zones(step: Step) -> str | None:
    """Strict balance empties the fullest zones: a zone that shrank ends at most one below any other."""
    before, after = step.group_before, step.group_after
    assert before is not None
    assert after is not None
    was, now = _by_zone(before, before.zones), _by_zone(after, after.zones)
    shrunk = [count for zone, count in now.items() if count < was[zone]]
    return None if min(shrunk) >= max(now.values()) - 1 else f"zones shrank from {in_words(was)} to {in_words(now)}"
