"""The members that a step changes whichever fault domains they stand in."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring.columns import Member, anywhere, standing_at
from vmss_invariants.exploring.others import changed, changed_if_picked, in_order, swaps

MEMBERS = st.lists(
    st.tuples(
        st.sampled_from((None, "1")), st.sampled_from((None, 0, 1)), st.sampled_from((None, 0)), st.integers(1, 2)
    ),
    max_size=5,
)
UPGRADED = 9
"""The number of the state that those who change come to."""


def upgraded(member: Member) -> Member:
    """A member that has changed."""
    return (*member[:3], UPGRADED)


def after(members: list[Member], places: tuple[int, ...]) -> Counter[Member]:
    """How many members are such once those at some places have changed."""
    return Counter(upgraded(member) if at in places else member for at, member in enumerate(members))


@given(st.data(), MEMBERS)
def test_whoever_may_be_picked_is(data: st.DataObject, members: list[Member]) -> None:
    """Each way leads to other worlds, and together they lead wherever a subset of such members does."""
    order = in_order(members)
    which = tuple(sorted(data.draw(st.sets(st.sampled_from(order))))) if members else ()
    others = tuple((order.index(at), anywhere(upgraded(members[at]))) for at in which)
    picked = Counter(anywhere(members[at]) for at in which)
    subsets = combinations(range(len(members)), len(which))
    wanted = [one for one in subsets if Counter(anywhere(members[at]) for at in one) == picked]

    found = [tuple(ways) for ways in changed_if_picked(members, swaps(members, others))]
    reached = [frozenset(after(members, places).items()) for places in found]

    assert len(set(reached)) == len(reached)
    assert set(reached) == {frozenset(after(members, one).items()) for one in wanted}


@given(st.data(), MEMBERS)
def test_those_that_are_named_change_wherever_they_stand(data: st.DataObject, members: list[Member]) -> None:
    """With other fault domains it is the same members, but for those; and all others stay."""
    order = in_order(members)
    which = tuple(sorted(data.draw(st.sets(st.sampled_from(order))))) if members else ()
    others = tuple((order.index(at), anywhere(upgraded(members[at]))) for at in which)
    elsewhere: list[Member] = [
        standing_at(anywhere(one), None if one[1] is None else data.draw(st.integers(0, 3))) for one in members
    ]

    here, there = changed(members, others), changed(elsewhere, others)

    assert here == {at: upgraded(members[at]) for at in which}
    assert Counter(map(anywhere, here.values())) == Counter(map(anywhere, there.values()))
    assert all(there[at][1] == elsewhere[at][1] for at in there)
