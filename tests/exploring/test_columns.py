"""Columns of canonical worlds: a member goes in and comes out as it was, and a change is what building anew makes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring.columns import ELSEWHERE, Member, column_after, entry_elsewhere, entry_of, members_of

DOMAIN = 1
STATES = st.integers(0, 5)
ZONES = st.sampled_from([None, "1", "2"])


@st.composite
def members(draw: st.DrawFn, *, follows: bool) -> Member:
    """A member of the fault domain."""
    update = DOMAIN if follows else draw(st.sampled_from([None, 0, 1, 2]))
    return draw(ZONES), DOMAIN, update, draw(STATES)


STRAYS: st.SearchStrategy[Member] = st.tuples(ZONES, st.sampled_from([None, 7]), st.sampled_from([None, 0, 1]), STATES)
"""Members that are in none of the group's fault domains."""


@given(st.data(), st.booleans())
def test_members_of_a_fault_domain_come_out_as_they_went_in(data: st.DataObject, follows: bool) -> None:
    """Whether or not update domains have the numbers of fault domains."""
    several = data.draw(st.lists(members(follows=follows)))
    column = (len(several), *sorted(entry_of(one, follows=follows) for one in several))

    assert sorted(map(repr, members_of(column, DOMAIN))) == sorted(map(repr, several))


@given(st.lists(STRAYS))
def test_members_elsewhere_come_out_as_they_went_in(several: list[Member]) -> None:
    """With the fault domain that they say they are in, if any."""
    column = (ELSEWHERE, *sorted(map(entry_elsewhere, several)))

    assert sorted(map(repr, members_of(column, DOMAIN))) == sorted(map(repr, several))


@given(st.data(), st.booleans(), st.booleans())
def test_a_change_is_what_building_anew_makes(data: st.DataObject, follows: bool, leaves: bool) -> None:
    """A member changes or leaves; the count that the fault domain is said to have changes by what is said."""
    several = data.draw(st.lists(members(follows=follows), min_size=1))
    now = None if leaves else data.draw(members(follows=follows))
    column = (len(several), *sorted(entry_of(one, follows=follows) for one in several))
    others = several[1:] if now is None else [*several[1:], now]
    anew = (len(others), *sorted(entry_of(one, follows=follows) for one in others))

    assert column_after(column, len(others) - len(several), several[0], now, follows=follows) == anew


@given(st.lists(STRAYS, min_size=1), STATES)
def test_a_change_elsewhere_is_what_building_anew_makes(several: list[Member], state: int) -> None:
    """Nobody counts those who are in no fault domain."""
    *place, _ = several[0]
    now: Member = (*place, state)  # type: ignore[assignment]  # a place and a state are a member
    anew = (ELSEWHERE, *sorted(map(entry_elsewhere, [*several[1:], now])))

    assert column_after((ELSEWHERE, *sorted(map(entry_elsewhere, several))), 0, several[0], now, follows=False) == anew
