"""Guards and caps over counts: the one definition that the model runs, the proofs use and the docs print.

Every function takes counts (of the census, of a request, of an edition's limits) and gives a truth
value or a count. They are written with `vmss_model.terms`, so each runs on ints and on z3 terms.
Nothing else in the model compares counts with limits.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmss_model.rules import implements
from vmss_model.terms import Number, Truth, all_of, implies, maximum, minimum


def within(value: Number, lowest: Number, highest: Number) -> Truth:
    """A value stands within inclusive bounds."""
    return all_of(lowest <= value, value <= highest)


@implements("CAP-VM-2019", "CAP-SSVM-2019", "CAP-FLEX", "CAP-UNIFORM", "CAP-AVSET")
def capacity_allowed(instances: Number, lowest: Number, highest: Number) -> Truth:
    """A group may hold this many instances: the edition's bounds are inclusive."""
    return within(instances, lowest, highest)


@implements("FDCOUNT-VM-2019", "FDCOUNT-SSVM-2019", "FDCOUNT-UNIFORM", "FDCOUNT-FLEX-REGIONAL", "FDCOUNT-FLEX-ZONAL")
def fault_domain_count_allowed(count: Number, lowest: Number, highest: Number, region_highest: Number) -> Truth:
    """A fault-domain count stands within the edition's bounds and the region's (counts, inclusive)."""
    return within(count, lowest, minimum(highest, region_highest))


@implements("FD-EXPLICIT")
def is_fault_domain_of(fault_domain: Number, fault_domain_count: Number) -> Truth:
    """A fault domain, numbered from 0, is one of the group's."""
    return all_of(fault_domain >= 0, fault_domain < fault_domain_count)


@implements("FD-SPREAD")
def is_least_loaded(loads: Sequence[Number], chosen: Number) -> Truth:
    """The chosen place holds no more members than any other at this moment.

    `loads` are the member counts per place (fault domain, or zone under zone balance); `chosen` is one
    of them. Ties are the platform's choice: each of several least-loaded places passes.
    """
    return all_of(*(chosen <= load for load in loads))


def spread(loads: Sequence[Number]) -> Number:
    """The largest count less the smallest: how uneven a placement is."""
    return maximum(*loads) - minimum(*loads)


def spread_kept(before: Number, after: Number) -> Truth:
    """A placement did not raise the spread above max(1, what it was)."""
    return after <= maximum(1, before)


@implements("FD-HA-SCOPE")
def fault_domain_guarantee_holds(instances: Number, guaranteed_to: Number) -> Truth:
    """The fault-domain guarantee reaches this many instances (inclusive: the reading of finding F1)."""
    return instances <= guaranteed_to


@implements("AUTOSCALE")
def autoscale_allowed(capacity: Number, lowest: Number, highest: Number) -> Truth:
    """The platform may set the instance count by itself only within the configured bounds."""
    return within(capacity, lowest, highest)


@implements("DELETE-NONEMPTY-REJECTED")
def may_delete_group(members: Number, rejects_nonempty: Truth) -> Truth:
    """A group whose kind rejects it can be deleted only when it holds no member."""
    return implies(rejects_nonempty, members == 0)


@implements("REG-DELAY")
def registration_may_end(elapsed: Number, longest: Number) -> Truth:
    """A feature registration can end after this many seconds."""
    return within(elapsed, 0, longest)


@implements("ARG-STALE")
def may_still_show(seconds_since_superseded: Number, longest: Number) -> Truth:
    """A query may still show a state that was superseded this many seconds ago."""
    return seconds_since_superseded <= longest
