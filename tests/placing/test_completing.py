"""Whether partly observed placements can be completed: z3, the oracle and trying everything agree."""

from __future__ import annotations

from itertools import permutations
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_invariants.placing import completable
from vmss_model.oracle.placement_history import MIXED, Joined, Left, PlacementHistory


@st.composite
def histories(draw: st.DrawFn, *, steps: int = 6) -> PlacementHistory:
    """Joins, seen or not, and leaves, over up to three fault domains."""
    domains = draw(st.integers(1, 3))
    history = PlacementHistory(domains)
    there: list[str] = []
    gone: list[str] = []
    for number in range(draw(st.integers(0, steps))):
        if there and draw(st.integers(0, 3)) == 0:
            name = draw(st.sampled_from(there))
            there.remove(name)
            gone.append(name)
            history = history.left(name)
            continue
        # A name that leaves and comes back at one moment would be two members at once in some order.
        again = bool(gone) and draw(st.booleans())
        name = gone.pop() if again else f"m{number}"
        history = history.joined(
            name,
            draw(st.sampled_from([None, None, *range(domains)])),
            automatic=draw(st.integers(0, 4)) > 0,
            together=draw(st.booleans()) and not again,
        )
        there.append(name)
    return history


def completable_by_trying(history: PlacementHistory) -> bool:
    """Every order of what happened together, and every domain for what was not seen."""
    moments: list[list[Joined | Left]] = []
    for step in history.steps:
        if isinstance(step, Joined) and step.together and moments:
            moments[-1].append(step)
        else:
            moments.append([step])
    worlds: set[frozenset[tuple[str, int]]] = {frozenset()}
    for moment in moments:
        worlds = {
            after for world in worlds for order in permutations(moment) for after in _after(world, order, history)
        }
    return bool(worlds)


def _after(
    world: frozenset[tuple[str, int]], order: tuple[Joined | Left, ...], history: PlacementHistory
) -> set[frozenset[tuple[str, int]]]:
    """The members and where they are, after steps in this order."""
    worlds = {world}
    for step in order:
        if isinstance(step, Left):
            worlds = {frozenset(one for one in now if one[0] != step.name) for now in worlds}
            continue
        following = set()
        for now in worlds:
            loads = [sum(place == domain for _, place in now) for domain in range(history.domains)]
            for domain in range(history.domains):
                seen_elsewhere = step.fault_domain not in (None, domain)
                if not seen_elsewhere and not (step.automatic and loads[domain] > min(loads)):
                    following.add(now | {(step.name, domain)})
        worlds = following
    return worlds


@given(histories())
@settings(max_examples=150, deadline=None)
def test_it_is_what_trying_everything_finds(history: PlacementHistory) -> None:
    """Also where a name is used again, and where some join while another leaves."""
    assert completable(history) == completable_by_trying(history)


@given(histories(steps=14))
@settings(max_examples=150, deadline=None)
def test_the_oracle_says_the_same(history: PlacementHistory) -> None:
    """Wherever the oracle's limits let it decide."""
    possible = history.possible()
    assert possible is None or completable(history) == possible


def test_both_answers_occur() -> None:
    """Two seen in one of two domains can stand so only if one left the other, or was named."""
    both = PlacementHistory(2).joined("a", 0, automatic=True).joined("b", 0, automatic=True)
    assert completable(both) is False
    named = PlacementHistory(2).joined("a", 0, automatic=True).joined("b", 0, automatic=False)
    assert completable(named) is True
    left = PlacementHistory(2).joined("a", 0, automatic=True).left("a").joined("b", 0, automatic=True)
    assert completable(left) is True


def test_a_name_that_comes_back_may_stand_elsewhere() -> None:
    """What was seen of the former member says nothing of the new one."""
    history = PlacementHistory(2).joined("a", 0, automatic=True).left("a").joined("a", 1, automatic=True)
    assert completable(history) is True


def test_the_order_of_those_who_leave_unseen_matters() -> None:
    """Of four that joined two domains one by one, the first two were apart: two more in domain 0 cannot follow."""
    history = PlacementHistory(2)
    for name in "abcd":
        history = history.joined(name, None, automatic=True)
    history = history.left("a").left("b").joined("e", 0, automatic=True)
    assert completable(history) is True
    assert completable(history.joined("f", 0, automatic=True)) is False


def test_who_leaves_without_being_there_makes_a_history_impossible() -> None:
    """Nothing completes it."""
    assert completable(PlacementHistory(2).left("a")) is False


def test_a_domain_that_the_group_lacks_makes_a_history_impossible() -> None:
    """Seen in domain 2 of two, also when the caller named it."""
    for automatic in (True, False):
        assert completable(PlacementHistory(2).joined("a", 2, automatic=automatic)) is False


def test_many_created_together_are_decided_where_the_oracle_gives_up() -> None:
    """Of 30 members created at once, some named, all that is known is where ten of them are."""
    history = PlacementHistory(3)
    for number in range(30):
        seen = 0 if number % 3 == 0 else None
        history = history.joined(f"m{number}", seen, automatic=number % 4 > 0, together=number > 0)
    assert len(history.steps) > MIXED
    assert history.possible() is None
    assert completable(history) is True
    for number in range(30, 70):
        history = history.joined(f"m{number}", 0, automatic=True, together=True)
    assert completable(history) is False


def test_who_joins_together_with_the_last_of_many_was_not_there_before_the_others() -> None:
    """Three unseen ones level the domains before `b` can be in domain 0, which then is not the emptiest for `c`."""
    history = PlacementHistory(3).joined("named", None, automatic=False)
    for name in ("x", "y", "a"):
        history = history.joined(name, None, automatic=True)
    history = history.joined("b", 0, automatic=False, together=True).joined("c", 0, automatic=True)

    assert completable_by_trying(history) is False
    assert history.possible() is False
    assert completable(history) is False


def test_what_is_completed_is_a_history() -> None:
    """What has no use is refused with a sentence."""
    with pytest.raises(ValueError, match=r"the history is 5: it is made by PlacementHistory\(\.\.\.\)"):
        completable(cast("Any", 5))
