"""What a theorem is, and how an invariant becomes one by induction over the steps of the census."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from vmss_invariants.invariant import Place
from vmss_invariants.proving import census_steps, rollout_steps
from vmss_invariants.proving.census_steps import CensusStep
from vmss_invariants.proving.counts import Counts, possible_census
from vmss_invariants.proving.rollout_steps import MOVES, RolloutCounts, RolloutStep, possible_progress
from vmss_invariants.proving.symbols import Sketch, SymbolicFamily, some_counts, some_policy, some_rollout, some_share
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.editions import EDITIONS, AutomaticUpgrades, KindRules
from vmss_model.rollout import Progress, Rollout
from vmss_model.terms import Truth, is_symbolic
from vmss_model.world import AutoscaleBounds


@frozen(kw_only=True)
class Claim:
    """One thing that z3 is asked to prove."""

    about: str
    """What of the theorem it is: a step, a number of fault domains."""
    known: tuple[Truth, ...]
    """What is taken to hold: the guards, the invariant before."""
    follows: Truth
    """What follows."""
    shown: Mapping[str, object] = field(factory=dict)
    """The terms of which a counterexample shows the values, by name."""
    before: tuple[Truth, ...] = ()
    """What of that which is taken to hold says of the counts before a step what follows for those after it."""
    after: tuple[tuple[str, Any], ...] = ()
    """The terms that a step makes of the counts, each with the name of its count."""
    unrolled: bool = False
    """Whether it is a case, for one number of domains, of what another claim says for any number."""


@frozen(kw_only=True)
class Proves:
    """An invariant of the catalogue that a theorem is a proof of."""

    invariant: str
    """Its id."""
    part: str = ""
    """Which part of it is proved; empty: all of it."""


@frozen(kw_only=True)
class Theorem:
    """Something that is proved of the code that runs, for all numbers."""

    id: str
    """Its name, which reads as a sentence."""
    statement: str
    """The fact, in one sentence."""
    rules: tuple[str, ...]
    """The rules it follows from."""
    where: frozenset[Place]
    """The editions and kinds of group it speaks of."""
    claims: Callable[[Place], Iterator[Claim]]
    """What is to be proved for a kind of group in an edition."""
    proves: tuple[Proves, ...] = ()
    """The invariants of the catalogue that it is a proof of."""
    rests_on: tuple[str, ...] = ()
    """The theorems that say what its claims take to hold besides the guards: its strengthening."""


def terms_of(counts: object, name: str = "") -> tuple[tuple[str, Any], ...]:
    """The terms that stand in counts, in the order of the fields, each with the name of its field."""
    if isinstance(counts, SymbolicFamily):
        return ((name, counts.array),)
    if isinstance(counts, tuple):
        return tuple(one for place, part in enumerate(counts) for one in terms_of(part, f"{name}[{place}]"))
    if isinstance(counts, Counts | Census | RolloutCounts | Rollout | Progress):
        parts = ((one.name, getattr(counts, one.name)) for one in attrs.fields(type(counts)))
        return tuple(one for field_name, part in parts for one in terms_of(part, field_name))
    return ((name, counts),) if is_symbolic(counts) else ()


def rules_at(place: Place) -> KindRules:
    """What the edition says of the kind of group."""
    return EDITIONS[place[0]].kinds[place[1]]


def automatic_at(place: Place) -> AutomaticUpgrades | None:
    """What the edition says of automatic OS image upgrades of the kind of group."""
    return EDITIONS[place[0]].automatic_upgrades(place[1])


Sketched = tuple[Sketch, CensusStep]
"""A step of the census with symbols, and what is known of them."""


def creations(place: Place, *, domains: int | None = None, zones: int | None = None) -> Iterator[Sketched]:
    """Every way in which the census of a group begins."""
    sketch = Sketch()
    asked = some_counts(sketch, domains=domains, zones=zones, empty=True)
    yield sketch, census_steps.created(rules_at(place), asked, sketch.number("instances"))


def census_events(place: Place, *, domains: int | None = None, zones: int | None = None) -> Iterator[Sketched]:
    """Every event that changes the counts of a group, with the guards that stand before it."""
    rules = rules_at(place)

    def begin() -> tuple[Sketch, Counts]:
        sketch = Sketch()
        return sketch, some_counts(sketch, domains=domains, zones=zones)

    for named in (False, True):
        sketch, counts = begin()
        number = None if rules.explicit else sketch.number("id")
        target = sketch.number("target")
        yield (
            sketch,
            census_steps.joined(rules, counts, some_share(sketch), target, named=named, number=number),
        )
    sketch, counts = begin()
    yield sketch, census_steps.left(counts, some_share(sketch))
    sketch, counts = begin()
    was = some_share(sketch, "was")
    yield sketch, census_steps.changed(counts, was, some_share(sketch, "is", same_place_as=was))
    sketch, counts = begin()
    yield sketch, census_steps.new_model(counts)
    sketch, counts = begin()
    yield sketch, census_steps.placement_group_set(rules, counts, sketch.truth("set_to_one_placement_group"))


def whole_requests(place: Place) -> Iterator[Sketched]:
    """Every request that changes how many members a group of its own making has."""
    rules = rules_at(place)
    for bounded in (False, True):
        sketch = Sketch()
        counts = some_counts(sketch)
        bounds = AutoscaleBounds(sketch.number("fewest"), sketch.number("most")) if bounded else None
        yield sketch, census_steps.resized(rules, counts, sketch.number("target"), bounds)
    sketch = Sketch()
    yield sketch, census_steps.departed(some_counts(sketch), sketch.number("fewer"))
    sketch = Sketch()
    yield sketch, census_steps.replaced(some_counts(sketch))


def inductive(
    place: Place,
    holds: Callable[[Counts], Truth],
    besides: Callable[[Counts], Truth] = lambda counts: possible_census(counts.census),
    *,
    domains: int | None = None,
    zones: int | None = None,
) -> Iterator[Claim]:
    """It holds of every group that is created, and every event keeps it; `besides` is proved elsewhere."""
    for sketch, step in creations(place, domains=domains, zones=zones):
        yield Claim(
            about=step.name,
            known=(*sketch.known, step.allowed),
            follows=holds(step.after),
            shown=sketch.symbols,
            after=terms_of(step.after),
        )
    for sketch, step in census_events(place, domains=domains, zones=zones):
        before = holds(step.before)
        yield Claim(
            about=step.name,
            known=(*sketch.known, step.allowed, before, besides(step.before)),
            follows=holds(step.after),
            shown=sketch.symbols,
            before=(before,),
            after=terms_of(step.after),
        )


SketchedRollout = tuple[Sketch, RolloutStep]
"""A step of a rollout's counts with symbols, and what is known of them."""


def rollout_begins(*, with_policy: bool = True) -> SketchedRollout:
    """How the counts of a rollout begin."""
    sketch = Sketch()
    counts = some_rollout(sketch, some_policy(sketch) if with_policy else None)
    return sketch, rollout_steps.begun(counts, sketch.number("due"))


def rollout_moves(
    moves: tuple[tuple[rollout_steps.Standing, rollout_steps.Standing], ...] = MOVES,
) -> Iterator[SketchedRollout]:
    """Every event that moves one instance."""
    for was, now in moves:
        sketch = Sketch()
        yield sketch, rollout_steps.moved(some_rollout(sketch, None), was, now)


def rollout_batches(place: Place) -> Iterator[SketchedRollout]:
    """Every batch: with any policy or none, started by the platform or by hand, with good credentials or expired."""
    platform = (True, False) if automatic_at(place) is not None else (False,)
    for policy in (True, False) if automatic_at(place) is None else (True,):
        for spares_some in platform:
            for broken in (False, True):
                sketch = Sketch()
                counts = some_rollout(sketch, some_policy(sketch) if policy else None)
                size = sketch.number("size")
                step = rollout_steps.batch_started(counts, size, spares_some=spares_some, broken=broken)
                yield sketch, evolve(step, name=_batch_name(policy, spares_some, broken, platform))


def _batch_name(policy: bool, spares_some: bool, broken: bool, platform: tuple[bool, ...]) -> str:
    who = ("by the platform" if spares_some else "started by hand",) if len(platform) > 1 else ()
    bounds = () if policy else ("without a policy",)
    return ", ".join(("a batch starts", *who, *bounds, *(("credentials expired",) if broken else ())))


def rollout_claim(sketch: Sketch, step: RolloutStep, follows: Truth, *before: Truth) -> Claim:
    """A claim about a step of a rollout whose counts can be such."""
    known = (*sketch.known, possible_progress(step.before), step.allowed, *before)
    return Claim(
        about=step.name,
        known=known,
        follows=follows,
        shown=sketch.symbols,
        before=before,
        after=terms_of(step.after),
    )


def keeps(
    place: Place,
    holds: Callable[[RolloutCounts], Truth],
    besides: Callable[[RolloutCounts], Truth] = possible_progress,
) -> Iterator[Claim]:
    """It holds of every rollout that begins, and every event and batch keeps it."""
    sketch, begun = rollout_begins()
    yield Claim(
        about=begun.name,
        known=(*sketch.known, begun.allowed),
        follows=holds(begun.after),
        shown=sketch.symbols,
        after=terms_of(begun.after),
    )
    for sketched, step in (*rollout_moves(), *rollout_batches(place)):
        before = holds(step.before)
        yield Claim(
            about=step.name,
            known=(*sketched.known, step.allowed, before, besides(step.before)),
            follows=holds(step.after),
            shown=sketched.symbols,
            before=(before,),
            after=terms_of(step.after),
        )
