"""Which counts placing one by one leads to."""

from __future__ import annotations

from itertools import product

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

from vmss_model import guards
from vmss_model.choices import Cell, Placements
from vmss_model.placement_counts import reached_by_least_loaded

Loads = tuple[int, ...]


def spreading(before: Loads, count: int) -> Placements:
    """The model's choice where so many automatic members go."""
    domains = tuple(range(len(before)))
    return Placements("placements", count, (None,), domains, (0,), before, spreads_domains=True, balances_zones=False)


def added(before: Loads, more: Loads) -> Loads:
    """The sum, place by place."""
    return tuple(load + count for load, count in zip(before, more, strict=True))


def interleaved(before: Loads, named: Loads, count: int) -> set[tuple[Loads, Loads]]:
    """Automatic joins and final loads, reached in any order of automatic and named joins, by the model's choice."""
    domains = range(len(before))
    unit = [tuple(int(place == domain) for place in domains) for domain in domains]
    nothing = (0,) * len(before)
    states = {(nothing, nothing)}
    for _ in range(count + sum(named)):
        following: set[tuple[Loads, Loads]] = set()
        for automatic, placed in states:
            loads = added(added(before, automatic), placed)
            if sum(automatic) < count:
                step = spreading(loads, 1)
                following |= {(added(automatic, unit[d]), placed) for d in domains if step.allows((Cell(None, d),))}
            following |= {(automatic, added(placed, unit[d])) for d in domains if placed[d] < named[d]}
        states = following
    return {(automatic, added(added(before, automatic), placed)) for automatic, placed in states}


def vectors(length: int, highest: int) -> list[Loads]:
    """Every tuple of so many numbers up to the highest."""
    return list(product(range(highest + 1), repeat=length))


@pytest.mark.parametrize("domains", [1, 2, 3])
def test_automatic_joins_reach_exactly_what_the_lemma_says(domains: int) -> None:
    """Up to 3 domains that hold up to 3 members before, and up to 5 automatic joins: every case."""
    for before in vectors(domains, 3):
        for count in range(6):
            listed = {
                tuple(sum(cell.fault_domain == domain for cell in value) for domain in range(domains))
                for value in spreading(before, count).values()
            }
            candidates = [more for more in vectors(domains, count) if sum(more) == count]
            said = {more for more in candidates if reached_by_least_loaded(before, more, added(before, more))}
            assert said == listed


@pytest.mark.parametrize("domains", [1, 2, 3])
def test_with_named_joins_in_any_order_too(domains: int) -> None:
    """Up to 3 domains, up to 2 members before and 2 named ones in each, up to 3 automatic joins: every case."""
    for before, named in product(vectors(domains, 2), vectors(domains, 2 if domains < 3 else 1)):
        for count in range(4):
            reached = {automatic for automatic, _ in interleaved(before, named, count)}
            candidates = [more for more in vectors(domains, count) if sum(more) == count]
            said = {
                more for more in candidates if reached_by_least_loaded(before, more, added(added(before, more), named))
            }
            assert said == reached


def test_a_named_member_can_come_last_where_automatic_ones_go() -> None:
    """From nothing, one automatic and two named members end at 3 and 0, two above the promised spread."""
    assert reached_by_least_loaded([0, 0], [1, 0], [3, 0])
    assert not reached_by_least_loaded([0, 0], [2, 0], [3, 0])


LOADS = st.integers(0, 6)


@given(st.lists(st.tuples(LOADS, LOADS, LOADS), min_size=1, max_size=4))
def test_it_means_the_same_on_terms(places: list[tuple[int, int, int]]) -> None:
    """On z3 numbers it simplifies to what it is on ints."""
    before, automatic, named = zip(*places, strict=True)
    after = added(added(before, automatic), named)
    terms = [[z3.IntVal(number) for number in numbers] for numbers in (before, automatic, after)]
    assert z3.is_true(z3.simplify(reached_by_least_loaded(*terms))) == reached_by_least_loaded(before, automatic, after)


def test_automatic_joins_never_raise_the_spread_above_one_or_what_it_was() -> None:
    """FD-SPREAD's consequence follows from the lemma: for 4 domains and any counts, z3 finds no exception."""
    before, automatic = [[z3.Int(f"{what} {place}") for place in range(4)] for what in ("before", "automatic")]
    after = [load + more for load, more in zip(before, automatic, strict=True)]
    solver = z3.Solver()
    solver.add(*(number >= 0 for number in (*before, *automatic)), reached_by_least_loaded(before, automatic, after))
    assert solver.check() == z3.sat
    solver.add(z3.Not(guards.spread_kept(guards.spread(before), guards.spread(after))))
    assert solver.check() == z3.unsat
