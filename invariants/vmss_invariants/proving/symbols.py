"""Symbols in the place of numbers: the model's own classes with z3 terms in their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import z3
from attrs import fields, frozen

from vmss_invariants.proving.counts import Counts
from vmss_invariants.proving.rollout_steps import RolloutCounts
from vmss_model.census import Census, Share
from vmss_model.rollout import Progress, RollingPolicy, Rollout
from vmss_model.terms import Number, Truth
from vmss_model.values import Invoker, RolloutKind

SUM = z3.Function("sum", z3.ArraySort(z3.IntSort(), z3.IntSort()), z3.IntSort(), z3.IntSort())
"""The sum of the first so many terms of an array; what is used of it is proved in `sums_by_induction`."""


class Sketch:
    """The symbols of one claim by name, and what is known of them."""

    def __init__(self) -> None:
        self.symbols: dict[str, Any] = {}
        self.known: list[Truth] = []

    def number(self, name: str, lowest: int | None = None, highest: int | None = None) -> Any:
        """A whole number, within inclusive bounds where they are given."""
        symbol = self.symbols[name] = z3.Int(name)
        self.known += [symbol >= lowest] if lowest is not None else []
        self.known += [symbol <= highest] if highest is not None else []
        return symbol

    def truth(self, name: str) -> Any:
        """A truth value."""
        symbol = self.symbols[name] = z3.Bool(name)
        return symbol

    def family(self, name: str, size: Number) -> SymbolicFamily:
        """So many numbers, with a symbol for how many."""
        array = self.symbols[name] = z3.Array(name, z3.IntSort(), z3.IntSort())
        return SymbolicFamily(array, size, self.known)

    def zeros(self, size: Number) -> SymbolicFamily:
        """So many zeros."""
        array = z3.K(z3.IntSort(), z3.IntVal(0))
        self.known.append(SUM(array, size) == 0)
        return SymbolicFamily(array, size, self.known)


@frozen(eq=False)
class SymbolicFamily:
    """So many terms, as an array of which the first ones count (see `vmss_model.terms.Family`)."""

    array: Any
    """The z3 array."""
    size: Number
    """How many of its terms count; a term."""
    known: list[Truth]
    """Where to note what is known of the sums of families that are made from this one."""

    def every(self, holds: Callable[[Number], Truth]) -> Truth:
        """Something holds of each of the terms."""
        index = z3.FreshInt("i")
        return z3.ForAll([index], z3.Implies(self._has(index), holds(self.array[index])))

    def bumped(self, index: Number, by: Number) -> SymbolicFamily:
        """The terms once the one at an index has grown by so much; the same where none has this index."""
        if index is None:
            return self
        grown = z3.Store(self.array, index, self.array[index] + by)
        array = z3.If(self._has(index), grown, self.array)
        self.known.append(SUM(array, self.size) == SUM(self.array, self.size) + z3.If(self._has(index), by, 0))
        return SymbolicFamily(array, self.size, self.known)

    def _has(self, index: Number) -> Truth:
        return z3.And(index >= 0, index < self.size)

    @property
    def total(self) -> Number:
        """The sum of the terms."""
        return SUM(self.array, self.size)

    def __getitem__(self, index: Number) -> Number:
        return self.array[index]


def sums_by_induction() -> Iterator[tuple[str, list[Truth], Truth]]:
    """What is used of sums, each by induction over the number of terms: a name, what is known, what follows.

    The sum of no terms is zero, and that of one term more is greater by this term.
    """
    array: Any = z3.Array("a", z3.IntSort(), z3.IntSort())
    size, index, by = z3.Int("n"), z3.Int("i"), z3.Int("by")
    known = [SUM(a, 0) == 0 for a in (array, z3.Store(array, index, array[index] + by))]
    grown = z3.Store(array, index, array[index] + by)
    defined = [size >= 0] + [SUM(a, size + 1) == SUM(a, size) + a[size] for a in (array, grown)]

    def follows(count: Any) -> Any:
        inside = z3.And(index >= 0, index < count)
        return SUM(grown, count) == SUM(array, count) + z3.If(inside, by, 0)

    yield "no terms: a change of one adds nothing", [*known, index >= 0], follows(z3.IntVal(0))
    yield "one term more: a change adds what it adds", [*defined, index >= 0, follows(size)], follows(size + 1)
    zeros = z3.K(z3.IntSort(), z3.IntVal(0))
    yield "no terms: zeros sum to zero", [SUM(zeros, 0) == 0], SUM(zeros, 0) == 0
    one_more = [size >= 0, SUM(zeros, size + 1) == SUM(zeros, size) + zeros[size]]
    yield "one term more: zeros sum to zero", [*one_more, SUM(zeros, size) == 0], SUM(zeros, size + 1) == 0


def some_share(sketch: Sketch, prefix: str = "its", *, same_place_as: Share | None = None) -> Share:
    """What some member adds to a census."""
    terms = {
        one.name: sketch.number(f"{prefix}_{one.name}")
        for one in fields(Share)
        if same_place_as is None or one.name not in ("fault_domain", "zone")
    }
    if same_place_as is not None:
        terms.update(fault_domain=same_place_as.fault_domain, zone=same_place_as.zone)
    return Share(**terms)


def some_census(sketch: Sketch, domains: Number, zones: Number) -> Census:
    """Some counts over the members of a group with so many fault domains and zones."""
    plain = {
        one.name: sketch.number(one.name) for one in fields(Census) if one.name not in ("by_fault_domain", "by_zone")
    }
    by_domain: Any = _loads(sketch, "by_fault_domain", domains)
    by_zone: Any = _loads(sketch, "by_zone", zones)
    return Census(by_fault_domain=by_domain, by_zone=by_zone, **plain)


def _loads(sketch: Sketch, name: str, places: Number) -> tuple[Number, ...] | SymbolicFamily:
    if isinstance(places, int):
        return tuple(sketch.number(f"{name}[{place}]") for place in range(places))
    return sketch.family(name, places)


def some_counts(sketch: Sketch, *, domains: int | None = None, zones: int | None = None, empty: bool = False) -> Counts:
    """The counts of some group, in which any number of fault domains or zones stands where none is given."""
    of_domains = sketch.number("fault_domains", 0) if domains is None else domains
    of_zones = sketch.number("zones", 0) if zones is None else zones
    if empty:
        by_domain: Any = sketch.zeros(of_domains) if domains is None else (0,) * domains
        by_zone: Any = sketch.zeros(of_zones) if zones is None else (0,) * zones
        census = Census(by_fault_domain=by_domain, by_zone=by_zone)
    else:
        census = some_census(sketch, of_domains, of_zones)
    return Counts(
        census=census,
        capacity=sketch.number("capacity"),
        fault_domains=of_domains,
        zones=of_zones,
        distinct_zones=sketch.truth("distinct_zones"),
        update_domains=sketch.number("update_domains"),
        region_fault_domains=sketch.number("region_fault_domains", 1),
        one_placement_group=sketch.truth("one_placement_group"),
        balances=sketch.truth("balances"),
        next_id=sketch.number("next_id", 0),
    )


def some_policy(sketch: Sketch) -> RollingPolicy:
    """A rolling upgrade policy with any percentages."""
    return RollingPolicy(
        max_batch_percent=sketch.number("max_batch_percent", 0, 100),
        max_unhealthy_percent=sketch.number("max_unhealthy_percent", 0, 100),
        max_unhealthy_upgraded_percent=sketch.number("max_unhealthy_upgraded_percent", 0, 100),
    )


def some_rollout(sketch: Sketch, policy: RollingPolicy | None) -> RolloutCounts:
    """The counts of some rollout, with some policy or none."""
    rollout = Rollout(
        number=1,
        kind=RolloutKind.MODEL,
        target=None,
        target_model=1,
        started_by=Invoker.PLATFORM,
        started_at=0,
        policy=policy,
        restores=sketch.truth("restores"),
        progress=Progress(*(sketch.number(one.name) for one in fields(Progress))),
        relapsed=sketch.number("relapsed"),
        restored=sketch.number("restored", 0),
        not_restored=sketch.number("not_restored", 0),
        batch_started_at=sketch.number("batch_started_at", 0),
        ready_at=sketch.number("ready_at", 0),
    )
    return RolloutCounts(
        rollout=rollout,
        scope=sketch.number("scope"),
        members=sketch.number("members", 0),
        unhealthy=sketch.number("unhealthy", 0),
        clock=sketch.number("clock", 0),
        attempts=sketch.number("attempts", 0),
        error=sketch.truth("error"),
    )


def same_census(one: Census, other: Census) -> Truth:
    """Two censuses have the same counts."""
    return z3.And(*(_same(getattr(one, part.name), getattr(other, part.name)) for part in fields(Census)))


def _same(one: Any, other: Any) -> Truth:
    if isinstance(one, SymbolicFamily):
        return one.array == other.array
    if isinstance(one, tuple):
        return z3.And(*(a == b for a, b in zip(one, other, strict=True)))
    return one == other
