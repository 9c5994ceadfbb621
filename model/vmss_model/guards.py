"""Guards and caps over counts: the one definition that the model runs, the proofs use and the docs print.

Every function takes counts (of the census, of a request, of an edition's limits) and gives a truth
value or a count. They are written with `vmss_model.terms`, so each runs on ints and on z3 terms.
Nothing else in the model compares counts with limits.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmss_model.rules import implements
from vmss_model.terms import Number, Truth, all_of, every, floor_div, implies, maximum, minimum


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
    return every(loads, lambda load: chosen <= load)


@implements("ZONES-SSVM-2019")
def is_most_loaded(loads: Sequence[Number], chosen: Number) -> Truth:
    """The chosen place holds no fewer members than any other at this moment (see `is_least_loaded`)."""
    return every(loads, lambda load: load <= chosen)


def spread(loads: Sequence[Number]) -> Number:
    """The largest count less the smallest: how uneven a placement is."""
    return maximum(*loads) - minimum(*loads)


def spread_kept(before: Number, after: Number) -> Truth:
    """A placement did not raise the spread above max(1, what it was)."""
    return after <= maximum(1, before)


@implements("ARM-CAPACITY")
def is_fresh_id(number: Number, lowest: Number) -> Truth:
    """An instance id was never used yet: it is not below the lowest one that never was."""
    return number >= lowest


@implements("ARM-CAPACITY")
def lowest_fresh_id(lowest: Number, used: Number) -> Number:
    """The lowest instance id that was never used, once one more was."""
    return maximum(lowest, used + 1)


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


# -- rollouts --------------------------------------------------------------------------------------


@implements("OSU-BATCH", "UPGRADE-ROLLING")
def batch_cap(instances: Number, percent: Number) -> Number:
    """The most instances that a batch holds: so many percent of all, rounded down, and at least one."""
    return maximum(1, floor_div(instances * percent, 100))


@implements("OSU-BATCH")
def batch_size_allowed(size: Number, cap: Number) -> Truth:
    """A batch of this many instances is neither empty nor larger than its cap (`batch_cap`)."""
    return within(size, 1, cap)


@implements("OSU-GROUP")
def leaves_some(size: Number, instances: Number) -> Truth:
    """A batch leaves instances of the group alone; a group of one is the exception (finding F8)."""
    return implies(instances > 1, size < instances)


def within_percent(part: Number, whole: Number, percent: Number) -> Truth:
    """A count is at most so many percent of another: exactly so many percent still passes."""
    return part * 100 <= percent * whole


@implements("OSU-PRECHECK")
def may_begin(unhealthy: Number, instances: Number, percent: Number) -> Truth:
    """A rollout may begin: at most so many percent of all instances are unhealthy."""
    return within_percent(unhealthy, instances, percent)


@implements("OSU-STOP-OVERALL")
def overall_health_allows(unhealthy: Number, instances: Number, percent: Number) -> Truth:
    """The next batch may start: at most so many percent of all instances are unhealthy."""
    return within_percent(unhealthy, instances, percent)


@implements("OSU-STOP-UPGRADED")
def upgraded_health_allows(unhealthy: Number, upgraded: Number, percent: Number) -> Truth:
    """The rollout may go on: at most so many percent of the upgraded instances became unhealthy."""
    return within_percent(unhealthy, upgraded, percent)


@implements("OSU-WAIT")
def wait_is_over(waited: Number, longest: Number) -> Truth:
    """So many seconds after its upgrade an instance that is not healthy has failed."""
    return waited >= longest


@implements("OSU-WAIT")
def batch_is_settled(in_progress: Number) -> Truth:
    """The next batch may start as far as the current one goes: each of its instances is healthy or failed."""
    return in_progress == 0


@implements("UPGRADE-ROLLING")
def pause_is_over(now: Number, ready_at: Number) -> Truth:
    """The pause between batches has passed (seconds on the clock)."""
    return now >= ready_at


@implements("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER")
def trigger_is_open(now: Number, earliest: Number) -> Truth:
    """The window in which the platform begins the rollout has opened (seconds on the clock)."""
    return now >= earliest


@implements("OSU-PROGRESS")
def progress_sums(successful: Number, failed: Number, in_progress: Number, pending: Number, scope: Number) -> Truth:
    """The four counts of a progress sum to the instances in scope."""
    return successful + failed + in_progress + pending == scope


def rollout_measure(in_progress: Number, pending: Number) -> Number:
    """What every batch and every settled instance lessens: at zero nothing is left to upgrade."""
    return 2 * pending + in_progress


@implements("OSU-DONE")
def all_upgraded(in_progress: Number, pending: Number) -> Truth:
    """No instance in scope is left to upgrade."""
    return all_of(in_progress == 0, pending == 0)


@implements("OSU-HISTORY")
def history_holds(entries: Number, most: Number) -> Truth:
    """A history of this many attempts is within its bound."""
    return within(entries, 0, most)


@implements("OSU-HISTORY")
def attempts_kept(entries: Number, most: Number) -> Number:
    """How many of so many attempts a history keeps: the newest, within its bound."""
    return minimum(entries, most)


@implements("OSU-HISTORY")
def may_show_attempt(age: Number, longest: Number) -> Truth:
    """An attempt that ended this many seconds ago may still be shown."""
    return age <= longest


@implements("UPGRADE-NO-DOWNTIME")
def keeps_some_running(taken: Number, running: Number) -> Truth:
    """A step of a rollout does not take every running instance at once."""
    return implies(running > 0, taken < running)
