"""The smallest set of demands that cannot all be met.

Every such set has one demand of each correction: of those that some way leaves unmet. So a smallest set that meets all
known corrections either conflicts, and none smaller does, or a way that meets it gives one more correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import frozen

Demands = frozenset[int]
"""Demands by their numbers."""
_MOST_ASKED = 200
"""How many sets are asked about before the smallest so far is given."""


class Solver(Protocol):
    """Tells whether demands can be met together."""

    def check(self, chosen: Iterable[int]) -> bool | None:
        """Whether all these can be met; None where that was not found out."""

    def core(self) -> Demands:
        """Of those that were asked about last and cannot all be met, some that cannot."""

    def met(self) -> Demands:
        """All demands that are met by the way that was found last."""


@frozen
class Core:
    """Demands that cannot all be met."""

    demands: Demands
    """The demands."""
    smallest: bool
    """Whether no fewer demands conflict."""
    irreducible: bool
    """Whether each is needed: without any one of them the others can be met."""


def smallest_core(everything: Demands, core: Demands, solver: Solver) -> Core:
    """The smallest of the sets that conflict, of which one is known; or one that was found while looking for it."""
    corrections: list[Demands] = []
    for demand in sorted(core):
        found = solver.check(everything - {demand})
        if found is True:
            corrections.append(frozenset({demand}))
        elif found is False and len(solver.core()) < len(core):
            core = solver.core()
    for _ in range(_MOST_ASKED):
        candidate = _meeting(corrections, len(core) - 1)
        if candidate is None:
            return Core(core, smallest=True, irreducible=True)
        found = solver.check(candidate)
        if found is False:
            return Core(solver.core(), smallest=True, irreducible=True)
        if found is None:
            break
        corrections.append(everything - solver.met())
    return _irreducible(core, solver)


def _meeting(corrections: Sequence[Demands], most: int) -> Demands | None:
    """A smallest set with a demand of each correction; None where each has more demands than `most`."""
    for size in range(most + 1):
        found = _meeting_within(corrections, frozenset(), size)
        if found is not None:
            return found
    return None


def _meeting_within(corrections: Sequence[Demands], chosen: Demands, more: int) -> Demands | None:
    unmet = min((one for one in corrections if not one & chosen), key=len, default=None)
    if unmet is None:
        return chosen
    if not more:
        return None
    tried = (_meeting_within(corrections, chosen | {demand}, more - 1) for demand in sorted(unmet))
    return next((found for found in tried if found is not None), None)


def _irreducible(core: Demands, solver: Solver) -> Core:
    """The core without those that it does not need."""
    irreducible = True
    for demand in sorted(core):
        found = solver.check(core - {demand}) if demand in core else True
        if found is False:
            core = solver.core()
        elif found is None:
            irreducible = False
    return Core(core, smallest=False, irreducible=irreducible)
