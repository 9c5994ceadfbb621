"""Stand-ins for where members stand: what is done to them is noted, and whoever looks at them is told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring.untold import Loads, LookedFurtherError, Untold
from vmss_model.census import Census, Share

SHARES = st.lists(
    st.tuples(st.none() | st.integers(0, 2), st.sampled_from((-1, 1))),
    max_size=6,
)


def counted(loads: Any, shares: list[tuple[int | None, int]]) -> Any:
    """The members per fault domain once some came and some went."""
    census = Census(by_fault_domain=loads)
    for domain, by in shares:
        census = census.with_share(Share(fault_domain=domain), by)
    return census.by_fault_domain


@given(SHARES, SHARES)
def test_loads_note_what_a_census_does_to_them(shares: list[tuple[int | None, int]], others: list[Any]) -> None:
    """As of a tuple; and they are the same where those would be, whatever there was."""
    start = (5, 0, 2)
    noted, other = counted(Loads(), shares), counted(Loads(), others)

    assert tuple(map(sum, zip(start, noted.changes(3), strict=True))) == counted(start, shares)
    assert (noted == other) == (counted(start, shares) == counted(start, others))
    assert noted != other or hash(noted) == hash(other)


def test_what_comes_to_a_fault_domain_that_is_not_told_has_to_leave_it() -> None:
    """Else it is not known how many there are; nor whether two of them are one."""
    here, there = Untold(), Untold()
    come = Loads().bumped(here, 1)

    assert come.bumped(here, -1).changes(2) == (0, 0)
    assert come == Loads().bumped(here, 1)
    for look in (lambda: come.changes(2), lambda: come == Loads(), lambda: come == Loads().bumped(there, 1)):
        with pytest.raises(LookedFurtherError):
            look()


@pytest.mark.parametrize(
    "look",
    [len, list, min, sum, bool, repr, lambda one: one[0], lambda one: one == (0, 0), lambda one: one.total],
    ids=["len", "list", "min", "sum", "bool", "repr", "index", "a tuple", "total"],
)
def test_to_look_at_loads_is_to_look_further(look: Callable[[Any], object]) -> None:
    """However it is done."""
    with pytest.raises(LookedFurtherError):
        look(Loads())
