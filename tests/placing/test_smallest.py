"""The smallest conflict, against every set of demands tried one by one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.placing import smallest
from vmss_invariants.placing.smallest import Core, Demands, smallest_core

EVERYTHING = frozenset(range(7))
CONFLICTS = st.lists(st.frozensets(st.sampled_from(sorted(EVERYTHING)), min_size=1), min_size=1, max_size=6)


class Table:
    """Knows which sets conflict: those that hold one of the given ones."""

    def __init__(self, conflicts: list[Demands], *, unknown: Demands | None = None) -> None:
        self._conflicts = conflicts
        self._unknown = unknown
        self._asked: Demands = frozenset()

    def check(self, chosen: Iterable[int]) -> bool | None:
        """Whether none of the conflicts is among these."""
        self._asked = frozenset(chosen)
        if self._asked == self._unknown:
            return None
        return not any(one <= self._asked for one in self._conflicts)

    def core(self) -> Demands:
        """The first conflict among those asked about, and all that was asked about besides: no help at all."""
        return self._asked

    def met(self) -> Demands:
        """No more than was asked for."""
        return self._asked


def fewest(conflicts: list[Demands]) -> int:
    """How many demands the smallest conflict has."""
    return min(map(len, conflicts))


@given(CONFLICTS)
def test_the_smallest_conflict_is_found(conflicts: list[Demands]) -> None:
    """Whatever conflicts there are, and however little the solver tells: it conflicts, and no smaller set does."""
    found = smallest_core(EVERYTHING, EVERYTHING, Table(conflicts))

    assert found.smallest
    assert found.irreducible
    assert len(found.demands) == fewest(conflicts)
    assert any(one <= found.demands for one in conflicts)


@given(CONFLICTS, st.frozensets(st.sampled_from(sorted(EVERYTHING))))
def test_what_is_not_known_is_not_called_smallest(conflicts: list[Demands], unknown: Demands) -> None:
    """Where the solver gives up on one set the answer still conflicts; what it is called holds of it."""
    found = smallest_core(EVERYTHING, EVERYTHING, Table(conflicts, unknown=unknown))

    assert any(one <= found.demands for one in conflicts)
    if found.smallest:
        assert len(found.demands) == fewest(conflicts)
    if found.irreducible:
        assert not any(one <= found.demands - {demand} for one in conflicts for demand in found.demands)


def test_after_many_sets_the_smallest_so_far_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is irreducible, and not called the smallest."""
    monkeypatch.setattr(smallest, "_MOST_ASKED", 1)
    conflicts = [frozenset(pair) for pair in combinations(range(4), 2)]

    assert smallest_core(EVERYTHING, EVERYTHING, Table(conflicts)) == Core(
        frozenset({2, 3}), smallest=False, irreducible=True
    )
