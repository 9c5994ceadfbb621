"""Even ways to place instances are those of placing one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.placing.levelling import even_ways, filled

LOADS = st.lists(st.integers(0, 9), min_size=1, max_size=6)
MATRICES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(LOADS, st.integers(0, 60))
def test_filling_is_placing_one_by_one_into_a_least_loaded_place(loads: list[int], count: int) -> None:
    """Of several places, the first."""
    one_by_one = list(loads)
    for _ in range(count):
        one_by_one[one_by_one.index(min(one_by_one))] += 1
    assert [load + more for load, more in zip(loads, filled(loads, count), strict=True)] == one_by_one


@given(LOADS, st.integers(0, 60), st.data())
def test_ties_decide_who_gets_what_is_left_over(loads: list[int], count: int, data: st.DataObject) -> None:
    """The loads in the end are the same, but in other places."""
    ties = data.draw(st.permutations(range(len(loads))))
    after = [load + more for load, more in zip(loads, filled(loads, count, ties), strict=True)]
    plain = [load + more for load, more in zip(loads, filled(loads, count), strict=True)]
    assert sorted(after) == sorted(plain)
    lowest = [place for place, load in enumerate(after) if load == min(after) and count]
    raised = [place for place, load in enumerate(after) if load == min(after) + 1 and loads[place] < load]
    if lowest and raised:
        assert max(ties[place] for place in raised) < max(ties[place] for place in lowest)


@given(MATRICES, st.integers(0, 99))
def test_every_way_adds_as_many_as_asked(held: list[list[int]], count: int) -> None:
    """In the shape of what was there, and none less than nothing."""
    for way in even_ways(held, count):
        assert [len(row) for row in way] == [len(row) for row in held]
        assert sum(map(sum, way)) == count
        assert all(more >= 0 for row in way for more in row)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 200))
def test_from_nothing_cells_zones_and_domains_are_all_even(rows: int, columns: int, count: int) -> None:
    """No cell, no zone and no fault domain gets more than one above another, either way."""
    for way in even_ways([[0] * columns for _ in range(rows)], count):
        domains = [sum(column) for column in zip(*way, strict=True)]
        for counts in ([one for row in way for one in row], [sum(row) for row in way], domains):
            assert max(counts) - min(counts) <= 1
