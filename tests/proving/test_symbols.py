"""What the proofs take the model's words to be, held against the model."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import z3
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from vmss_invariants.proving.counts import Counts, at, counts_of, possible_census, possible_share, sum_of
from vmss_invariants.proving.rollout_steps import MOVES, Standing, _instance, standing_of
from vmss_invariants.proving.symbols import Sketch, SymbolicFamily, some_counts, some_share
from vmss_model.census import Census, Share, recount, share_of
from vmss_model.editions import EDITIONS
from vmss_model.rollout import RollingPolicy, Rollout
from vmss_model.terms import every
from vmss_model.values import GroupKind, Health, Invoker, OperatingSystem, Power, Priority, Provisioning, RolloutKind
from vmss_model.world import Group, GroupKey, Instance, World

GROUP = Group(
    GroupKey("rg", "web"), GroupKind.UNIFORM, "westus", zones=("1", "2"), fault_domain_count=2, model_version=2
)
STATES = [
    Instance(
        "one",
        power=power,
        health=health,
        provisioning=provisioning,
        priority=priority,
        operating_system=system,
        model_version=version,
        zone="2",
        fault_domain=1,
    )
    for power, health, provisioning, priority, system, version in product(
        Power, Health, Provisioning, Priority, OperatingSystem, (1, 2)
    )
]
"""Every state of an instance that its share of a census depends on."""


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
def test_every_instance_has_a_possible_share(state: Instance) -> None:
    """What the proofs take a member to add is what members of the model add, whatever their state."""
    assert possible_share(share_of(state, GROUP)) is True


def test_no_share_is_possible_that_no_instance_has() -> None:
    """Nor do the proofs speak of members that cannot be: the model has one for every possible share."""
    sketch = Sketch()
    share = some_share(sketch)
    bits = [one.name for one in fields(Share) if one.name not in ("fault_domain", "zone")]
    solver = z3.Solver()
    solver.add(possible_share(share))
    found = set()
    while solver.check() == z3.sat:
        model = solver.model()
        values = tuple(model.eval(getattr(share, name), model_completion=True).as_long() for name in bits)
        found.add(values)
        solver.add(z3.Or(*(getattr(share, name) != value for name, value in zip(bits, values, strict=True))))

    there = {tuple(getattr(share_of(one, GROUP), name) for name in bits) for one in STATES}
    assert there <= found
    # A failed instance is unhealthy to every gate; the proofs allow more shares than there are, which proves more.
    assert len(found) < 2 ** len(bits)


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_every_group_has_a_possible_census(states: list[Instance]) -> None:
    """Whatever members there are."""
    members = Map({str(number): evolve(one, name=str(number)) for number, one in enumerate(states)})
    group = evolve(GROUP, members=members)

    assert possible_census(recount(group)) is True


@pytest.mark.parametrize(
    "census",
    [Census(members=-1), Census(members=1, running=2, unhealthy_unmonitored=1), Census(members=2, running=1)],
    ids=["fewer than none", "more running than there are", "one that neither runs nor counts as unhealthy"],
)
def test_an_impossible_census_is_told(census: Census) -> None:
    """The condition says something."""
    assert possible_census(census) is False


def test_counts_read_what_a_group_is() -> None:
    """Where a number is not known or not counted, the counts have a number that says so."""
    world = World(EDITIONS["2021-07"])
    counts = counts_of(world, evolve(GROUP, census=Census.empty(2, 2), capacity=3))

    assert (counts.capacity, counts.fault_domains, counts.zones, counts.update_domains) == (3, 2, 2, -1)
    bare = Group(GroupKey("rg", "avset"), GroupKind.AVAILABILITY_SET, "westus")
    assert counts_of(world, bare).capacity == -1
    assert counts_of(world, bare).fault_domains == 0


@pytest.mark.parametrize(("was", "now"), MOVES, ids=str)
def test_a_standing_is_where_its_instance_stands(was: Standing, now: Standing) -> None:
    """The instance that a proof puts somewhere stands there in the model's own eyes."""
    rollout = Rollout(
        number=1,
        kind=RolloutKind.MODEL,
        target=None,
        target_model=1,
        started_by=Invoker.PLATFORM,
        started_at=0,
        policy=RollingPolicy(),
    )
    for one in (was, now):
        assert standing_of(rollout, _instance(one)) == one


# -- families --------------------------------------------------------------------------------------


def value(term: Any) -> int:
    """The number that a term without unknowns is."""
    found = z3.simplify(term)
    assert z3.is_int_value(found), found
    return int(found.as_long())


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(-1, 7), st.integers(-2, 2))
def test_a_family_means_what_a_tuple_means(loads: list[int], index: int, by: int) -> None:
    """Reading, changing and quantifying over any number of terms, against a tuple of so many."""
    array: Any = z3.K(z3.IntSort(), z3.IntVal(0))
    for place, load in enumerate(loads):
        array = z3.Store(array, place, load)
    family = SymbolicFamily(array, z3.IntVal(len(loads)), [])
    changed = family.bumped(z3.IntVal(index), by)
    expected = [load + by * (place == index) for place, load in enumerate(loads)]

    assert [value(at(changed, z3.IntVal(place))) for place in range(len(loads))] == expected
    solver = z3.Solver()
    solver.add(every(changed, lambda load: load >= min(expected)))
    assert solver.check() == z3.sat
    solver.add(every(changed, lambda load: load > min(expected)))
    assert solver.check() == z3.unsat


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 9))
def test_something_holds_of_every_term_of_a_tuple_or_list(loads: list[int], bound: int) -> None:
    """As Python's own `all` has it; of numbers without a solver's term."""
    for some in (loads, tuple(loads)):
        assert every(some, lambda load: load <= bound) is all(load <= bound for load in loads)


def test_a_family_without_an_index_stays() -> None:
    """A member that stands nowhere changes no place's count, as in a tuple."""
    sketch = Sketch()
    family = sketch.family("loads", sketch.number("size", 0))

    assert family.bumped(None, 1) is family


def test_a_sum_is_that_of_a_tuple() -> None:
    """And of a family a term of its own."""
    assert sum_of((1, 2, 3)) == 6
    assert sum_of(()) == 0
    sketch = Sketch()
    assert str(sum_of(sketch.family("loads", 4))) == "sum(loads, 4)"


def test_a_tuple_is_read_at_a_symbol() -> None:
    """By a choice among its terms."""
    index = z3.Int("index")
    for place in range(3):
        assert (
            value(z3.substitute(at((z3.IntVal(5), z3.IntVal(6), z3.IntVal(7)), index), (index, z3.IntVal(place))))
            == 5 + place
        )


def test_some_counts_are_of_the_models_own_classes() -> None:
    """No copy of the census stands in the proofs."""
    counts = some_counts(Sketch())

    assert type(counts) is Counts
    assert type(counts.census) is Census
    assert type(counts.census.with_share(some_share(Sketch()), 1)) is Census
