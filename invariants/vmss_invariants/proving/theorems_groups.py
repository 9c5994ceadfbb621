"""Theorems about how many members a group has and where they stand.

The numbers of the documents are those of `vmss_invariants.predicates_world`: an edition whose data is off by
one is refuted. Where nothing else is said, the fault domains and zones of a theorem are any number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import z3

from vmss_invariants import catalogue, predicates_world
from vmss_invariants.counting import counted
from vmss_invariants.invariant import EVERYWHERE, Place
from vmss_invariants.predicates_world import CAPACITY, ONE_PLACEMENT_GROUP, REGISTRATION_SECONDS, UPDATE_DOMAINS
from vmss_invariants.proving import census_steps
from vmss_invariants.proving.counts import (
    Counts,
    all_stand_somewhere,
    at,
    possible_census,
    possible_share,
)
from vmss_invariants.proving.symbols import (
    Sketch,
    SymbolicFamily,
    same_census,
    some_census,
    some_counts,
    some_share,
    sums_by_induction,
)
from vmss_invariants.proving.theorem import (
    Claim,
    Proves,
    Theorem,
    inductive,
    rules_at,
    terms_of,
    whole_requests,
)
from vmss_model import guards
from vmss_model.census import Census, Share
from vmss_model.copying import evolve
from vmss_model.editions import EDITIONS
from vmss_model.terms import Number, Truth, all_of, any_of, every, implies, maximum
from vmss_model.world import AutoscaleBounds

FAULT_DOMAINS = (1, 2, 3, 4, 5)
"""The numbers of fault domains that a kind can have, where one is bounded."""
ZONES = (1, 2, 3)
"""The numbers of zones that a kind can have, where one is bounded."""


def _where(invariant: str) -> frozenset[Place]:
    return catalogue.INVARIANTS[invariant].where


# -- the census ------------------------------------------------------------------------------------


def _recount(_place: Place) -> Iterator[Claim]:
    """Adding shares in any order gives one census, taking one away gives that of the others."""
    sketch = Sketch()
    domains, zones = sketch.number("fault_domains", 0), sketch.number("zones", 0)
    census = some_census(sketch, domains, zones)
    one, other = some_share(sketch, "one"), some_share(sketch, "other")
    forth, back = census.with_share(one, 1).with_share(other, 1), census.with_share(other, 1).with_share(one, 1)
    known = tuple(sketch.known)
    yield Claim(about="any order", known=known, follows=same_census(forth, back), shown=sketch.symbols)
    gone = census.with_share(one, 1).with_share(one, -1)
    yield Claim(about="added and taken away", known=known, follows=same_census(gone, census), shown=sketch.symbols)
    more = sketch.number("more", 0)
    many, at_once = census.with_share(one, more).with_share(one, 1), census.with_share(one, more + 1)
    yield Claim(about="one more of the same", known=known, follows=same_census(many, at_once), shown=sketch.symbols)
    newest = census.with_new_model()
    behind = census.with_share(one, 1).with_new_model()
    not_newest = Share(**{**_fields(one), "newest_model": 0})
    follows = same_census(newest.with_share(not_newest, 1), behind)
    yield Claim(about="a newer model, that no member runs", known=known, follows=follows, shown=sketch.symbols)


def _fields(share: Share) -> dict[str, object]:
    return {one.name: getattr(share, one.name) for one in Share.__attrs_attrs__}


def _possible(place: Place) -> Iterator[Claim]:
    yield from inductive(place, lambda counts: possible_census(counts.census), lambda _: True)


def _sums(_place: Place) -> Iterator[Claim]:
    for about, known, follows in sums_by_induction():
        yield Claim(about=about, known=tuple(known), follows=follows)


def _many(domains: int, zones: int) -> str:
    return f"{counted(domains, 'fault domain')}, {counted(zones, 'zone')}"


def _stand_somewhere(place: Place) -> Iterator[Claim]:
    """For any number of domains and zones, by the sums; and for the numbers that a kind can have, as they are added."""
    yield from inductive(place, all_stand_somewhere)
    for domains, zones in _shapes(place):
        for claim in inductive(place, all_stand_somewhere, domains=domains, zones=zones):
            yield evolve(claim, about=f"{_many(domains, zones)}: {claim.about}", unrolled=True)


def _shapes(place: Place) -> Iterator[tuple[int, int]]:
    """Numbers of fault domains and zones that a kind of group can have together: each of both, not each pair."""
    rules = rules_at(place)
    regional, zonal, spanned = rules.fault_domains_regional, rules.fault_domains_zonal, rules.zone_count
    if regional is not None:
        yield from ((domains, 0) for domains in range(regional.lowest, regional.highest + 1))
    most = max(ZONES) if spanned is None else spanned.highest
    if zonal is None or not most:
        return
    several = range(zonal.lowest, zonal.highest + 1)
    for number in range(max(len(several), most)):
        yield several[number % len(several)], number % most + 1


# -- how many --------------------------------------------------------------------------------------


def _exactly(sketch: Sketch, guard: Truth, bounds: Truth) -> Claim:
    """A guard lets through what the documents say and nothing less: its bounds are reached."""
    return Claim(about="exactly", known=tuple(sketch.known), follows=guard == bounds, shown=sketch.symbols)


def _capacity(place: Place) -> Iterator[Claim]:
    lowest, highest = CAPACITY[place[1]]
    sketch = Sketch()
    size = sketch.number("instances")
    holds_exactly = census_steps.capacity_holds(rules_at(place), size, False)
    yield _exactly(sketch, holds_exactly, all_of(lowest <= size, size <= highest))

    def holds(counts: Counts) -> Truth:
        return all_of(lowest <= counts.census.members, counts.census.members <= highest)

    yield from inductive(place, holds)


def _one_placement_group(place: Place) -> Iterator[Claim]:
    sketch = Sketch()
    size = sketch.number("instances", 0)
    yield _exactly(sketch, census_steps.capacity_holds(rules_at(place), size, True), size <= ONE_PLACEMENT_GROUP)
    yield from inductive(
        place, lambda counts: implies(counts.one_placement_group, counts.census.members <= ONE_PLACEMENT_GROUP)
    )


def _created_exactly(place: Place, rules: tuple[str | None, ...], holds: Callable[[Counts], Truth]) -> Claim:
    """The demands of some rules on a new group are together just what should hold of it."""
    sketch = Sketch()
    asked = some_counts(sketch, empty=True)
    demands = dict[str, Truth]()
    for rule, demand in census_steps.creation_demands(rules_at(place), asked, sketch.number("instances", 0)):
        demands[rule] = all_of(demands.get(rule, True), demand)
    guard = all_of(*(demands[rule] for rule in dict.fromkeys(rules) if rule is not None))
    return _exactly(sketch, guard, holds(asked))


def _fault_domain_count(place: Place) -> Iterator[Claim]:
    regional, zonal = predicates_world.FAULT_DOMAINS[place[1]]
    limits = (rules_at(place).fault_domains_regional, rules_at(place).fault_domains_zonal)
    varies = place[1] in predicates_world.VARY_BY_REGION

    def holds(counts: Counts) -> Truth:
        count = counts.fault_domains
        in_region = count <= counts.region_fault_domains if varies else True
        return any_of(
            count == 0,
            all_of(counts.zones > 0, zonal[0] <= count, count <= zonal[1]),
            all_of(counts.zones == 0, regional[0] <= count, count <= regional[1], in_region),
        )

    yield _created_exactly(place, tuple(limit.rule for limit in limits if limit is not None), holds)
    yield from inductive(place, holds)


def _zone_count(place: Place) -> Iterator[Claim]:
    most, limit = predicates_world.ZONE_COUNT[place[1]], rules_at(place).zone_count

    def holds(counts: Counts) -> Truth:
        return all_of(counts.distinct_zones, counts.zones >= 0, counts.zones <= most)

    yield _created_exactly(place, (None if limit is None else limit.rule,), holds)
    yield from inductive(place, holds)


def _update_domain_count(place: Place) -> Iterator[Claim]:
    lowest, highest = UPDATE_DOMAINS[place[1]]

    def holds(counts: Counts) -> Truth:
        count = counts.update_domains
        return any_of(count < 0, all_of(lowest <= count, count <= highest))

    limit = rules_at(place).update_domains
    yield _created_exactly(place, (None if limit is None else limit.rule,), holds)
    yield from inductive(place, holds)


def _capacity_is_members(place: Place) -> Iterator[Claim]:
    for sketch, step in whole_requests(place):
        known = (*sketch.known, step.allowed, step.before.capacity == step.before.census.members)
        follows = step.after.capacity == step.after.census.members
        yield Claim(about=step.name, known=known, follows=follows, shown=sketch.symbols)
    sketch = Sketch()
    asked, instances = some_counts(sketch, empty=True), sketch.number("instances")
    begun = census_steps.created(rules_at(place), asked, instances)
    filled = census_steps.resized(rules_at(place), begun.after, instances)
    yield Claim(
        about="a group is created and filled",
        known=(*sketch.known, begun.allowed),
        follows=all_of(filled.allowed, filled.after.census.members == instances),
        shown=sketch.symbols,
    )


def _reached(place: Place) -> Iterator[Claim]:
    for sketch, step in whole_requests(place):
        if "target" in sketch.symbols:
            target = sketch.symbols["target"]
            follows = all_of(step.after.census.members == target, step.after.capacity == target)
            yield Claim(about=step.name, known=(*sketch.known, step.allowed), follows=follows, shown=sketch.symbols)


def _autoscale(place: Place) -> Iterator[Claim]:
    sketch = Sketch()
    bounds = AutoscaleBounds(sketch.number("fewest"), sketch.number("most"))
    configured = sketch.truth("autoscale_configured")
    step = census_steps.autoscaled(
        rules_at(place), some_counts(sketch), sketch.number("target"), bounds, configured=configured
    )
    members = step.after.census.members
    follows = all_of(configured, bounds.lowest <= members, members <= bounds.highest)
    yield Claim(about=step.name, known=(*sketch.known, step.allowed), follows=follows, shown=sketch.symbols)
    target = sketch.symbols["target"]
    guard = guards.autoscale_allowed(target, bounds.lowest, bounds.highest)
    yield _exactly(sketch, guard, all_of(bounds.lowest <= target, target <= bounds.highest))


def _not_deleted(place: Place) -> Iterator[Claim]:
    sketch = Sketch()
    counts = some_counts(sketch)
    step = census_steps.deleted(rules_at(place), counts)
    known = (*sketch.known, possible_census(counts.census), step.allowed)
    yield Claim(about=step.name, known=known, follows=counts.census.members == 0, shown=sketch.symbols)
    yield _exactly(sketch, step.allowed, counts.census.members == 0)


def _ids(place: Place) -> Iterator[Claim]:
    """`highest` is the highest id that the group ever used; -1 before the first."""
    sketch = Sketch()
    counts, number, highest = some_counts(sketch), sketch.number("id"), sketch.number("highest", -1)
    target = sketch.number("target")
    step = census_steps.joined(rules_at(place), counts, some_share(sketch), target, number=number)
    known = (*sketch.known, step.allowed, highest < counts.next_id)
    follows = all_of(highest < number, number < step.after.next_id, highest < step.after.next_id)
    yield Claim(about=step.name, known=known, follows=follows, shown=sketch.symbols)
    # No id is passed over: the next may be the very next.
    yield _exactly(sketch, guards.is_fresh_id(number, highest + 1), number > highest)
    nearest = guards.lowest_fresh_id(highest + 1, number) == maximum(highest, number) + 1
    yield Claim(about="the very next", known=tuple(sketch.known), follows=nearest, shown=sketch.symbols)


def _registrations(place: Place) -> Iterator[Claim]:
    registration = EDITIONS[place[0]].registration
    assert registration is not None
    sketch = Sketch()
    asked, ends = sketch.number("asked_at", 0), sketch.number("ends_at")
    allowed = guards.registration_may_end(ends - asked, registration.longest)
    yield _exactly(sketch, allowed, all_of(asked <= ends, ends <= asked + REGISTRATION_SECONDS))


# -- where -----------------------------------------------------------------------------------------


def _loads(sketch: Sketch, places: int, name: str) -> tuple[Number, ...]:
    return tuple(sketch.number(f"{name}[{place}]", 0) for place in range(places))


def _even_up_to(loads: SymbolicFamily, bound: Number) -> Truth:
    """No two of any number of loads differ by more than a bound."""
    return every(loads, lambda one: every(loads, lambda other: one - other <= bound))


def _joined_domain(place: Place, domains: int | None) -> tuple[Sketch, Counts, Counts, Truth]:
    sketch = Sketch()
    counts = some_counts(sketch, domains=domains, zones=0)
    share = some_share(sketch)
    sketch.known.append(counts.fault_domains > 0)
    step = census_steps.joined(rules_at(place), counts, share, sketch.number("target"))
    return sketch, step.before, step.after, step.allowed


def _least_loaded(place: Place) -> Iterator[Claim]:
    """What the guard lets through is a fault domain of which none holds fewer."""
    for domains in FAULT_DOMAINS:
        sketch, before, _, allowed = _joined_domain(place, domains)
        loads, chosen = before.census.by_fault_domain, sketch.symbols["its_fault_domain"]
        follows = z3.And(
            chosen >= 0,
            chosen < domains,
            *(z3.Implies(chosen == one, loads[one] <= other) for one in range(domains) for other in loads),
        )
        yield Claim(
            about=counted(domains, "fault domain"),
            known=(*sketch.known, allowed),
            follows=follows,
            shown=sketch.symbols,
            unrolled=True,
        )
        load = sketch.number("load", 0)
        least = z3.And(*(load <= other for other in loads))
        exact = (
            _exactly(sketch, guards.is_least_loaded(loads, load), least),
            _exactly(sketch, guards.is_fault_domain_of(chosen, domains), z3.And(chosen >= 0, chosen < domains)),
        )
        which = counted(domains, "fault domain")
        yield from (evolve(one, about=f"{which}: {one.about}", unrolled=True) for one in exact)
    sketch, before, _, allowed = _joined_domain(place, None)
    chosen = sketch.symbols["its_fault_domain"]
    load = at(before.census.by_fault_domain, chosen)
    follows = every(before.census.by_fault_domain, lambda other: load <= other)
    known = (*sketch.known, allowed)
    yield Claim(about="any number of fault domains", known=known, follows=follows, shown=sketch.symbols)


def _spread(place: Place) -> Iterator[Claim]:
    for domains in FAULT_DOMAINS:
        sketch, before, after, allowed = _joined_domain(place, domains)
        spreads = [guards.spread(counts.census.by_fault_domain) for counts in (before, after)]
        yield Claim(
            about=counted(domains, "fault domain"),
            known=(*sketch.known, allowed),
            follows=guards.spread_kept(*spreads),
            shown=sketch.symbols,
            unrolled=True,
        )
    sketch, before, after, allowed = _joined_domain(place, None)
    bound = sketch.number("bound", 1)
    yield Claim(
        about="any number of fault domains",
        known=(*sketch.known, allowed, _even_up_to(_family(before.census), bound)),
        follows=_even_up_to(_family(after.census), bound),
        shown=sketch.symbols,
        after=terms_of(after),
    )


def _family(census: Census) -> SymbolicFamily:
    loads: object = census.by_fault_domain
    assert isinstance(loads, SymbolicFamily)
    return loads


def _zones_grow(place: Place) -> Iterator[Claim]:
    """One member at a time, and so any number of them.

    `grown[z]` tells that zone z has grown in this scale-out; such a zone is at most one above any other.
    """
    for zones in ZONES:
        sketch = Sketch()
        counts = some_counts(sketch, domains=0, zones=zones)
        share = some_share(sketch)
        step = census_steps.joined(rules_at(place), counts, share, sketch.number("target"))
        grown = [sketch.truth(f"grown[{zone}]") for zone in range(zones)]
        known = (*sketch.known, step.allowed, counts.balances)
        was, now = step.before.census.by_zone, step.after.census.by_zone
        yield Claim(
            about=f"{counted(zones, 'zone')}, the spread",
            known=known,
            follows=guards.spread_kept(guards.spread(was), guards.spread(now)),
            shown=sketch.symbols,
        )
        levelled = [implies(flag, guards.is_least_loaded(was, was[zone] - 1)) for zone, flag in enumerate(grown)]
        yield Claim(
            about=f"{counted(zones, 'zone')}, those that grew",
            known=(*known, *levelled),
            follows=all_of(
                *(
                    implies(any_of(flag, share.zone == zone), guards.is_least_loaded(now, now[zone] - 1))
                    for zone, flag in enumerate(grown)
                )
            ),
            shown=sketch.symbols,
        )


def _zones_shrink(_place: Place) -> Iterator[Claim]:
    """The whole scale-in at once, as `vmss_model.choices.Subset` allows it: a zone that lost members ends at
    most one below the fullest."""
    for zones in ZONES:
        sketch = Sketch()
        was, now = _loads(sketch, zones, "before"), _loads(sketch, zones, "after")
        lost = [after < before for before, after in zip(was, now, strict=True)]
        fewer = (after <= before for before, after in zip(was, now, strict=True))
        known = (*sketch.known, *fewer, census_steps.shrunk_evenly(was, now))
        follows = all_of(
            guards.spread_kept(guards.spread(was), guards.spread(now)),
            *(implies(flag, after + 1 >= other) for flag, after in zip(lost, now, strict=True) for other in now),
        )
        yield Claim(about=counted(zones, "zone"), known=known, follows=follows, shown=sketch.symbols)
        load = sketch.number("load", 0)
        yield _exactly(sketch, guards.is_most_loaded(now, load), z3.And(*(other <= load for other in now)))


def _possible_shares(_place: Place) -> Iterator[Claim]:
    """A member that joins or changes keeps within what any set of members can be."""
    sketch = Sketch()
    census, share = some_census(sketch, 0, 0), some_share(sketch)
    known = (*sketch.known, possible_census(census), possible_share(share))
    follows = possible_census(census.with_share(share, 1))
    yield Claim(about="one member more", known=known, follows=follows, shown=sketch.symbols)


_SPREADING = _where("placement-never-widens-the-spread")
_BALANCING = _where("scaling-out-keeps-zones-balanced")
_MAKING = _where("capacity-is-the-number-of-members")

GROUP_THEOREMS: tuple[Theorem, ...] = (
    Theorem(
        id="a-census-is-a-recount-in-any-order",
        statement="Shares add up to one census in any order, and a share that is taken away leaves the others'.",
        rules=("ARM-LIST",),
        where=EVERYWHERE,
        claims=_recount,
        proves=(Proves(invariant="the-census-equals-a-recount"),),
    ),
    Theorem(
        id="every-set-of-members-has-a-possible-census",
        statement="No count of a census is negative or above the members, whatever members there are.",
        rules=("ARM-LIST",),
        where=EVERYWHERE,
        claims=_possible_shares,
        rests_on=("a-census-is-a-recount-in-any-order",),
    ),
    Theorem(
        id="a-census-stays-possible",
        statement="Every event keeps the counts of a census between zero and the members.",
        rules=("ARM-LIST",),
        where=EVERYWHERE,
        claims=_possible,
        rests_on=("every-set-of-members-has-a-possible-census",),
    ),
    Theorem(
        id="sums-follow-single-changes",
        statement="The sum of any number of counts changes by what one of them changes by.",
        rules=("ARM-LIST",),
        where=EVERYWHERE,
        claims=_sums,
    ),
    Theorem(
        id="members-add-up-over-domains-and-zones",
        statement="The members of all fault domains together, and of all zones, are all members of the group.",
        rules=("FD-EXPLICIT", "FD-SPREAD", "ZONES-SSVM-2019", "ZONES-UNIFORM"),
        where=EVERYWHERE,
        claims=_stand_somewhere,
        proves=(
            Proves(invariant="members-stand-in-the-groups-fault-domains", part="where the group counts its domains"),
            Proves(invariant="members-stand-in-the-groups-zones", part="where the group has zones"),
        ),
        rests_on=("a-census-stays-possible", "sums-follow-single-changes"),
    ),
    Theorem(
        id="no-group-outgrows-its-kind",
        statement="No group holds fewer or more members than its kind may in its edition.",
        rules=("CAP-VM-2019", "CAP-SSVM-2019", "CAP-FLEX", "CAP-UNIFORM", "CAP-AVSET"),
        where=_where("capacity-stays-within-the-kinds-bounds"),
        claims=_capacity,
        proves=(Proves(invariant="capacity-stays-within-the-kinds-bounds"),),
        rests_on=("a-census-stays-possible",),
    ),
    Theorem(
        id="one-placement-group-never-holds-more-than-100",
        statement="A Uniform group with a single placement group holds at most 100 members.",
        rules=("CAP-UNIFORM", "SPG-UNIFORM"),
        where=_where("one-placement-group-holds-at-most-100"),
        claims=_one_placement_group,
        proves=(Proves(invariant="one-placement-group-holds-at-most-100"),),
        rests_on=("a-census-stays-possible",),
    ),
    Theorem(
        id="fault-domain-counts-stay-within-kind-and-region",
        statement="A group's fault-domain count is one that its kind has and, where it varies by region, the region.",
        rules=(
            "FDCOUNT-VM-2019",
            "FDCOUNT-SSVM-2019",
            "FDCOUNT-UNIFORM",
            "FDCOUNT-FLEX-REGIONAL",
            "FDCOUNT-FLEX-ZONAL",
        ),
        where=_where("fault-domain-count-stays-within-bounds"),
        claims=_fault_domain_count,
        proves=(Proves(invariant="fault-domain-count-stays-within-bounds"),),
    ),
    Theorem(
        id="zone-counts-stay-within-the-kind",
        statement="A group spans as many distinct zones as its kind may.",
        rules=("ZONES-VM-2019", "ZONES-SSVM-2019", "ZONES-FLEX", "ZONES-UNIFORM", "ZONES-AVSET"),
        where=_where("zone-count-stays-within-bounds"),
        claims=_zone_count,
        proves=(Proves(invariant="zone-count-stays-within-bounds"),),
    ),
    Theorem(
        id="update-domain-counts-stay-within-the-kind",
        statement="Flexible has no update domains, Uniform up to 5, an availability set 1 to 20.",
        rules=("UD-2021",),
        where=_where("update-domain-count-stays-within-bounds"),
        claims=_update_domain_count,
        proves=(
            Proves(invariant="update-domain-count-stays-within-bounds", part="how many there are, not who is in them"),
        ),
    ),
    Theorem(
        id="the-instance-count-is-the-number-of-members",
        statement="After every request the instance count of a group that makes its members is their number.",
        rules=("ARM-CAPACITY", "ADD-IMPLICIT"),
        where=_MAKING,
        claims=_capacity_is_members,
        proves=(Proves(invariant="capacity-is-the-number-of-members"),),
    ),
    Theorem(
        id="what-is-granted-is-reached",
        statement="After a granted change of the instance count the group has that many members.",
        rules=("ARM-CAPACITY",),
        where=_MAKING,
        claims=_reached,
        proves=(Proves(invariant="a-granted-capacity-is-reached"),),
    ),
    Theorem(
        id="autoscale-never-leaves-its-bounds",
        statement="The platform sets an instance count by itself only where that is configured, and the group ends "
        "within the configured bounds.",
        rules=("AUTOSCALE",),
        where=_where("autoscale-stays-within-its-bounds"),
        claims=_autoscale,
        proves=(Proves(invariant="autoscale-stays-within-its-bounds"),),
    ),
    Theorem(
        id="only-empty-groups-of-vms-are-deleted",
        statement="A Flexible or VM group is deleted only when it holds no member.",
        rules=("DELETE-NONEMPTY-REJECTED",),
        where=_where("a-group-that-holds-vms-is-never-deleted"),
        claims=_not_deleted,
        proves=(Proves(invariant="a-group-that-holds-vms-is-never-deleted"),),
        rests_on=("a-census-stays-possible",),
    ),
    Theorem(
        id="new-ids-are-above-all-before",
        statement="A new instance id is above every id the group ever used, and below the next one it will use.",
        rules=("ARM-CAPACITY",),
        where=_MAKING,
        claims=_ids,
        proves=(Proves(invariant="instance-ids-stay-below-the-next-one"), Proves(invariant="instance-ids-grow")),
    ),
    Theorem(
        id="registrations-never-outlast-15-minutes",
        statement="A feature registration ends when or after it is asked for, at the latest 15 minutes later.",
        rules=("REG-DELAY",),
        where=_where("registrations-end-within-15-minutes"),
        claims=_registrations,
        proves=(Proves(invariant="registrations-end-within-15-minutes"),),
    ),
    Theorem(
        id="automatic-placement-goes-where-fewest-are",
        statement="A VM that names no fault domain joins one of the group's that holds no more than any other.",
        rules=("FD-SPREAD",),
        where=_SPREADING,
        claims=_least_loaded,
        proves=(Proves(invariant="placement-takes-a-least-loaded-domain"),),
    ),
    Theorem(
        id="automatic-placement-never-raises-the-spread",
        statement="Automatic placement never makes max - min over fault domains larger than max(1, what it was).",
        rules=("FD-SPREAD",),
        where=_SPREADING,
        claims=_spread,
        proves=(Proves(invariant="placement-never-widens-the-spread"),),
    ),
    Theorem(
        id="scale-out-levels-zones",
        statement="With strict balance a member more keeps the spread over zones within max(1, what it was), and "
        "a zone that grew is at most one above any other.",
        rules=("ZONES-SSVM-2019",),
        where=_BALANCING,
        claims=_zones_grow,
        proves=(Proves(invariant="scaling-out-keeps-zones-balanced"),),
    ),
    Theorem(
        id="scale-in-levels-zones",
        statement="With strict balance a scale-in keeps the spread over zones within max(1, what it was), and a zone "
        "that shrank is at most one below any other.",
        rules=("ZONES-SSVM-2019",),
        where=_BALANCING,
        claims=_zones_shrink,
        proves=(Proves(invariant="scaling-in-keeps-zones-balanced"),),
    ),
)
"""Every theorem about a group's counts."""
