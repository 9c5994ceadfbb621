"""All theorems, and which invariants of the catalogue they prove."""

from __future__ import annotations

from vmss_invariants.proving.theorem import Theorem
from vmss_invariants.proving.theorems_groups import GROUP_THEOREMS
from vmss_invariants.proving.theorems_rollouts import ROLLOUT_THEOREMS

THEOREMS: tuple[Theorem, ...] = (*GROUP_THEOREMS, *ROLLOUT_THEOREMS)
"""Every theorem."""


def proved_by() -> dict[str, tuple[str, ...]]:
    """The theorems that together prove an invariant of the catalogue, or a part of it, by the invariant's id."""
    found: dict[str, tuple[str, ...]] = {}
    for theorem in THEOREMS:
        for one in theorem.proves:
            found[one.invariant] = (*found.get(one.invariant, ()), theorem.id)
    return found
