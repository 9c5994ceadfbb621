"""Symmetry loses nothing: no world, no verdict, no choice."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map
from tests.support import ALL_BUT_TWINS

from vmss_invariants.exploring import Bounds, Configuration, Exploration, explore
from vmss_invariants.exploring.aspects import ASPECTS, MEMBERS, POWER
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.picking import placements_up_to_order, subsets_up_to_state
from vmss_model.choices import Placements, Subset
from vmss_model.editions import edition
from vmss_model.values import GroupKind, Health, Power
from vmss_model.world import Group, GroupKey, Instance, World

SMALL = (
    Bounds(instances=2, fault_domains=2, families=MEMBERS),
    Bounds(instances=2, fault_domains=1, zones=2, update_domains=1, families=MEMBERS),
    Bounds(instances=1, fault_domains=1, families=POWER),
)
MAKING = frozenset({GroupKind.UNIFORM, GroupKind.SCALE_SET_VM})


def small_for(kind: GroupKind) -> tuple[Bounds, ...]:
    """Bounds at which the worlds without symmetry are not too many: VMs have names of their own."""
    if kind is GroupKind.FLEXIBLE:
        return (SMALL[0],)  # every moment at which a registration can end makes it dear
    return SMALL if kind in MAKING else (SMALL[0], SMALL[2])


@pytest.mark.parametrize(("name", "kind"), ALL_BUT_TWINS)
def test_without_symmetry_there_are_the_same_canonical_worlds_and_verdicts(name: str, kind: GroupKind) -> None:
    """For every kind of every edition, exhaustively; and there are more worlds without it."""
    spared = 0
    for bounds in small_for(kind):
        one = Configuration(edition=name, kind=kind, bounds=bounds)
        codebook = Codebook()
        on = explore(one, codebook=codebook)
        off = explore(evolve(one, symmetric=False), codebook=codebook)
        spared += off.worlds - on.worlds

        assert on.exhausted
        assert off.exhausted
        assert set(on.keys) == set(off.keys)
        assert len(on.keys) == len(set(on.keys)) <= off.worlds
        assert shortest(on) == shortest(off)
        assert {broken.invariant for broken in on.violations} == {broken.invariant for broken in off.violations}
        assert {name for name, count in on.examinations.items() if count} == {
            name for name, count in off.examinations.items() if count
        }
    assert spared


def test_rollouts_are_the_same_without_symmetry() -> None:
    """Batches are chosen among members of one state; here two members of one state are told apart."""
    bounds = Bounds(instances=2, fault_domains=0, versions=1, families=ASPECTS["models"])
    one = Configuration(edition="2017-05", kind=GroupKind.UNIFORM, bounds=bounds)
    codebook = Codebook()
    on, off = explore(one, codebook=codebook), explore(evolve(one, symmetric=False), codebook=codebook)

    assert on.exhausted
    assert off.exhausted
    assert set(on.keys) == set(off.keys)
    assert on.worlds < off.worlds
    assert shortest(on) == shortest(off)


def shortest(found: Exploration) -> dict[Key, int]:
    """How many requests each canonical world is away."""
    away: dict[Key, int] = {}
    for key, depth in zip(found.keys, found.depths, strict=True):
        away.setdefault(key, depth)
    return away


def test_a_broken_rule_breaks_the_same_invariants_without_symmetry() -> None:
    """And after as many requests."""
    one = Configuration(
        edition="2021-02", kind=GroupKind.UNIFORM, bounds=SMALL[0], without=("FDCOUNT-UNIFORM", "CAP-UNIFORM")
    )
    on, off = explore(one), explore(evolve(one, symmetric=False))

    assert on.violations
    assert {(broken.invariant, len(broken.lines)) for broken in on.violations} == {
        (broken.invariant, len(broken.lines)) for broken in off.violations
    }


KEY = GroupKey("rg", "g")


def world_of(members: list[Instance], domains: int, zones: tuple[str, ...]) -> World:
    """A Uniform group of these members, its census as its members are."""
    by_domain = Counter(member.fault_domain for member in members)
    by_zone = Counter(member.zone for member in members)
    group = Group(key=KEY, kind=GroupKind.UNIFORM, region="westus", fault_domain_count=domains, zones=zones)
    census = evolve(
        group.census,
        members=len(members),
        by_fault_domain=tuple(by_domain[number] for number in range(domains)),
        by_zone=tuple(by_zone[zone] for zone in zones),
    )
    named = {member.name: member for member in members}
    group = evolve(group, members=Map(named), census=census)
    return World(edition("2021-02"), groups=Map({KEY: group}))


ZONES = ("1", "2", "3")


@st.composite
def members_of(draw: st.DrawFn) -> list[Instance]:
    """Up to five members in three fault domains and three zones."""
    places = st.tuples(
        st.sampled_from(ZONES), st.integers(0, 2), st.sampled_from(Power), st.sampled_from((Health.UNHEALTHY, None))
    )
    return [
        Instance(name=str(number), zone=zone, fault_domain=domain, power=power, health=health or Health.UNKNOWN)
        for number, (zone, domain, power, health) in enumerate(draw(st.lists(places, max_size=5)))
    ]


@given(members_of(), st.permutations(range(3)), st.permutations(ZONES), st.permutations(range(5)))
def test_renaming_gives_the_same_canonical_world(
    members: list[Instance], domains: list[int], zones: list[str], names: list[int]
) -> None:
    """Members, fault domains and zones."""
    zone_of = dict(zip(ZONES, zones, strict=True))
    renamed = [
        evolve(
            member,
            name=str(names[int(member.name)]),
            fault_domain=domains[member.fault_domain or 0],
            zone=zone_of[member.zone or ""],
        )
        for member in members
    ]
    canon = Canon(Bounds(tick=1))

    assert canon.key(world_of(members, 3, ZONES)) == canon.key(world_of(renamed, 3, ZONES))


@given(members_of(), members_of())
def test_worlds_that_no_renaming_makes_equal_have_two_canonical_forms(one: list[Instance], two: list[Instance]) -> None:
    """The canonical form tells exactly those apart: here all renamings are tried."""

    def described(members: list[Instance], domains: tuple[int, ...], zones: tuple[str, ...]) -> Counter[object]:
        zone_of = dict(zip(ZONES, zones, strict=True))
        return Counter(
            (zone_of[member.zone or ""], domains[member.fault_domain or 0], member.power, member.health)
            for member in members
        )

    plain = described(two, (0, 1, 2), ZONES)
    alike = any(
        described(one, domains, zones) == plain for domains in permutations(range(3)) for zones in permutations(ZONES)
    )
    canon = Canon(Bounds(tick=1))

    assert (canon.key(world_of(one, 3, ZONES)) == canon.key(world_of(two, 3, ZONES))) is alike


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=1, max_size=2),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from((((None,), False), ((0, 1), False), ((None,), True))),
)
def test_placements_up_to_order_are_all_placements(
    domain_loads: list[int],
    zone_loads: list[int],
    count: int,
    spreads: bool,
    balances: bool,
    updates: tuple[tuple[int | None, ...], bool],
) -> None:
    """As multisets they are the same, and none comes twice; each is allowed as it is."""
    choice = Placements(
        name="placements",
        count=count,
        zones=ZONES[: len(zone_loads)],
        fault_domains=tuple(range(len(domain_loads))),
        zone_loads=tuple(zone_loads),
        domain_loads=tuple(domain_loads),
        spreads_domains=spreads,
        balances_zones=balances,
        update_domains=updates[0],
        maps_update_domains=updates[1],
    )
    found = list(placements_up_to_order(choice))
    multisets = [frozenset(Counter(cells).items()) for cells in found]

    assert all(choice.allows(cells) for cells in found)
    assert len(multisets) == len(set(multisets))
    assert set(multisets) == {frozenset(Counter(cells).items()) for cells in choice.values()}


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("12")), max_size=6), st.data())
def test_subsets_up_to_state_are_all_subsets(states: list[tuple[str, str]], data: st.DataObject) -> None:
    """As multisets of states they are the same, balanced or not, and none comes twice."""
    names = tuple(f"m{number}" for number in range(len(states)))
    of_state = dict(zip(names, states, strict=True))
    size = data.draw(st.integers(0, len(names)))
    places = tuple(place for _, place in states) if data.draw(st.booleans()) else None
    choice = Subset("removed", names, size, place_of=places)

    def as_states(subset: tuple[str, ...]) -> frozenset[tuple[tuple[str, str], int]]:
        return frozenset(Counter(of_state[name] for name in subset).items())

    found = [as_states(subset) for subset in subsets_up_to_state(choice, of_state.__getitem__)]

    assert len(found) == len(set(found))
    assert set(found) == {as_states(subset) for subset in choice.values()}
