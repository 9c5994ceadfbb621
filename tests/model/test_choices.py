"""Choices allow exactly what they list and sample, and that is what a plain definition allows."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_model.choices import LONGEST_NAME, Cell, Choice, FreshIds, FreshName, InRange, OneOf, Placements, Subset
from vmss_model.rules import RULES

from .arbitrary import drawing

SEEDS = st.integers(0, 10**6)


@st.composite
def subsets(draw: st.DrawFn, *, balanced: bool) -> Subset:
    """Small removals, from up to three places where balanced."""
    places = draw(st.lists(st.sampled_from("abc"), max_size=7))
    candidates = tuple(f"m{index}" for index in range(len(places)))
    return Subset(
        "removed", candidates, draw(st.integers(0, len(places))), place_of=tuple(places) if balanced else None
    )


@st.composite
def placements(draw: st.DrawFn) -> Placements:
    """Small placements, even or not, in uneven groups too."""
    zones: tuple[str | None, ...] = draw(st.sampled_from([(None,), ("1",), ("1", "2"), ("1", "2", "3")]))
    domains: tuple[int | None, ...] = draw(st.sampled_from([(None,), (0,), (0, 1), (0, 1, 2)]))
    mapped = draw(st.booleans())
    return Placements(
        name="placements",
        count=draw(st.integers(0, 3 if len(zones) * len(domains) < 7 else 2)),
        zones=zones,
        fault_domains=domains,
        zone_loads=tuple(draw(st.integers(0, 3)) for _ in zones),
        domain_loads=tuple(draw(st.integers(0, 3)) for _ in domains),
        spreads_domains=draw(st.booleans()),
        balances_zones=draw(st.booleans()),
        update_domains=(None,) if mapped else draw(st.sampled_from([(None,), (0, 1)])),
        maps_update_domains=mapped,
    )


@st.composite
def names_near_the_longest(draw: st.DrawFn) -> FreshName:
    """A choice of a name with hardly any room for a number, or none."""
    prefix = "x" * draw(st.integers(LONGEST_NAME - 2, LONGEST_NAME + 1))
    taken = draw(st.sets(st.integers(0, 120))) | draw(st.sampled_from([set(), set(range(10)), set(range(100))]))
    return FreshName("name", prefix, frozenset(f"{prefix}{number}" for number in taken))


@st.composite
def small_choices(draw: st.DrawFn) -> Choice:
    """A choice of any type, small enough to list."""
    lowest = draw(st.integers(-5, 5))
    choice: Choice = draw(
        st.one_of(
            st.just(OneOf("one", tuple(draw(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))))),
            st.just(InRange("number", lowest, lowest + draw(st.integers(0, 9)))),
            subsets(balanced=False),
            subsets(balanced=True),
            placements(),
            st.just(FreshIds("ids", draw(st.integers(0, 9)), draw(st.integers(0, 4)))),
            st.just(FreshName("name", "vm", frozenset(draw(st.sets(st.sampled_from(["vm0", "vm1", "vm7", "vma"])))))),
            names_near_the_longest().filter(FreshName.is_possible),
        )
    )
    return choice


@given(small_choices(), SEEDS)
@settings(max_examples=300)
def test_every_sampled_value_is_allowed(choice: Choice, seed: int) -> None:
    """What a sampler draws, the choice allows."""
    assert choice.allows(choice.sample(drawing(seed)))


@given(small_choices())
@settings(max_examples=200)
def test_every_listed_value_is_allowed_and_listed_once(choice: Choice) -> None:
    """What a choice lists it allows, at least one value, none twice."""
    values = list(choice.values())
    assert values
    assert all(choice.allows(value) for value in values)
    assert len(set(values)) == len(values)


@given(small_choices())
def test_a_choice_says_its_name_and_known_rules(choice: Choice) -> None:
    """The description begins with the name, and the rules are of the catalogue."""
    assert choice.describe().startswith(choice.name)
    assert set(choice.rules) <= set(RULES)


@given(small_choices(), st.one_of(st.none(), st.text(max_size=3), st.lists(st.lists(st.integers())), st.floats()))
def test_a_value_of_another_type_is_not_allowed_and_does_not_raise(choice: Choice, value: object) -> None:
    """Values that an observation may bring are judged, not crashed on."""
    assert choice.allows(value) in (True, False)
    assert not choice.allows([["unhashable"]])
    assert not choice.allows(None)


def taken_one_by_one(places: tuple[str, ...], size: int) -> set[frozenset[int]]:
    """The definition of a balanced removal: each one comes from a most-loaded place at its turn."""
    reached = {frozenset[int]()}
    for _ in range(size):
        following = set()
        for gone in reached:
            loads = Counter(place for index, place in enumerate(places) if index not in gone)
            fullest = max(loads.values())
            following |= {
                gone | {index} for index, place in enumerate(places) if index not in gone and loads[place] == fullest
            }
        reached = following
    return reached


@given(subsets(balanced=True))
@settings(max_examples=300)
def test_a_balanced_removal_is_what_taking_one_by_one_from_the_fullest_reaches(choice: Subset) -> None:
    """The closed form of the balance is the sequential definition, for every subset of every small case."""
    assert choice.place_of is not None
    reached = taken_one_by_one(choice.place_of, choice.size)
    for indices in itertools.combinations(range(len(choice.candidates)), choice.size):
        chosen = tuple(choice.candidates[index] for index in indices)
        assert choice.allows(chosen) == (frozenset(indices) in reached)


def test_a_balanced_removal_of_one_from_equal_places_takes_any() -> None:
    """From two zones of three, the first to go may come from either."""
    choice = Subset("removed", tuple("abcdef"), 1, place_of=tuple("112212"))
    assert all(choice.allows((name,)) for name in "abcdef")


@given(subsets(balanced=False))
def test_an_unbalanced_removal_is_any_subset_of_its_size(choice: Subset) -> None:
    """Without balance, the values are the combinations."""
    assert list(choice.values()) == list(itertools.combinations(choice.candidates, choice.size))


def test_a_subset_has_its_size_and_its_candidates_only() -> None:
    """Too many, too few, strangers and repetitions are not allowed."""
    choice = Subset("removed", ("a", "b", "c"), 2)
    assert choice.allows(("a", "c"))
    assert choice.allows(frozenset({"a", "b"}))
    assert not any(choice.allows(one) for one in (("a",), ("a", "b", "c"), ("a", "x"), ("a", "a"), "ab"))


def placed_one_by_one(choice: Placements, cells: tuple[Cell, ...]) -> bool:
    """The definition of a placement: each member into allowed places, least loaded where asked."""
    zones, domains = list(choice.zone_loads), list(choice.domain_loads)
    for cell in cells:
        zone, domain = choice.zones.index(cell.zone), choice.fault_domains.index(cell.fault_domain)
        if choice.balances_zones and zones[zone] > min(zones):
            return False
        if choice.spreads_domains and domains[domain] > min(domains):
            return False
        expected = {cell.fault_domain} if choice.maps_update_domains else set(choice.update_domains)
        if cell.update_domain not in expected:
            return False
        zones[zone] += 1
        domains[domain] += 1
    return True


@given(placements())
@settings(max_examples=150, deadline=None)
def test_placements_list_exactly_what_the_definition_allows(choice: Placements) -> None:
    """Among all tuples of cells, the listed ones are those that place one by one as asked."""
    updates = {*choice.update_domains, *choice.fault_domains}
    cells = [Cell(*places) for places in itertools.product(choice.zones, choice.fault_domains, updates)]
    listed = set(choice.values())
    for value in itertools.product(cells, repeat=choice.count):
        assert (value in listed) == choice.allows(value) == placed_one_by_one(choice, value)


def test_a_placement_outside_the_group_is_not_allowed() -> None:
    """A zone or a domain that the group does not have, or a wrong number of cells."""
    choice = Placements("placements", 1, ("1",), (0, 1), (0,), (0, 0), spreads_domains=True, balances_zones=False)
    assert choice.allows((Cell("1", 1),))
    assert not any(
        choice.allows(one) for one in ((Cell("2", 0),), (Cell("1", 2),), (Cell("1", 0), Cell("1", 1)), (), ("1",))
    )


def test_listing_a_large_placement_begins_at_once() -> None:
    """The first placement of a thousand members needs neither recursion nor the other ones."""
    choice = Placements("placements", 1000, ("1", "2"), (0, 1, 2), (0, 0), (0, 0, 0), True, True)
    assert choice.allows(next(choice.values()))


@given(st.integers(0, 20), st.lists(st.integers(-2, 30), max_size=4))
def test_fresh_ids_grow_and_were_never_used(first: int, ids: list[int]) -> None:
    """Ids are allowed if there are as many as needed, strictly growing, from the first unused one on."""
    grows = ids == sorted(set(ids)) and all(number >= first for number in ids)
    assert FreshIds("ids", first, len(ids)).allows(tuple(ids)) == grows
    assert not FreshIds("ids", first, len(ids) + 1).allows(tuple(ids))


def test_a_fresh_name_is_the_prefix_and_a_number_not_in_use() -> None:
    """Neither a name in use, nor another prefix, nor anything but decimal digits after it."""
    choice = FreshName("name", "vm-", frozenset({"vm-0", "vm-2"}))
    assert list(choice.values()) == ["vm-1"]
    assert choice.allows("vm-12345")
    assert not any(choice.allows(one) for one in ("vm-2", "vm-", "vm", "vm-x", "vm-1x", "xvm-1", "vm-\u0661", 1))


@given(names_near_the_longest())
def test_a_fresh_name_is_possible_while_a_number_fits_behind_the_prefix(choice: FreshName) -> None:
    """One that is not in use, with which the name is not too long."""
    room = LONGEST_NAME - len(choice.prefix)
    numbers = range(10**room) if room > 0 else ()
    assert choice.is_possible() is any(f"{choice.prefix}{number}" not in choice.taken for number in numbers)


@given(st.integers(-3, 3), st.integers(0, 5), st.integers(-10, 10))
def test_a_range_is_inclusive(lowest: int, width: int, value: int) -> None:
    """A number is allowed exactly within the bounds."""
    assert InRange("number", lowest, lowest + width).allows(value) == (lowest <= value <= lowest + width)
