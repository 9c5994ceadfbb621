"""What an exploration has found so far: worlds, links, goals, and what does not hold."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Container, Hashable

from vmss_invariants.exploring.codebook import Keys
from vmss_invariants.exploring.goals import GOALS
from vmss_invariants.exploring.graph import Links

Targets = set[int]
"""Where the steps of a world lead: links to worlds by requests, each as one number."""


class Walk:
    """What was found so far; worlds are numbered in the order in which they are found."""

    def __init__(self) -> None:
        self.keys = Keys()
        self.links = Links()
        self.parents = array("i")
        self.depths = array("H")
        self.goals = {name: bytearray() for name in GOALS}
        self.steps = 0
        self.beyond = 0
        self.violations: dict[str, int] = {}
        self.numbers: dict[Hashable, int] = {}
        """The numbers of worlds, by what tells each from others."""

    def reach(self, packed: bytes, parent: int) -> int:
        """The number of the canonical world that a step from another one leads to."""
        number = self.numbers.get(packed)
        return self.enter(packed, packed, parent) if number is None else number

    def enter(self, identity: Hashable, packed: bytes, parent: int) -> int:
        """Number a new world; `parent` is the one from which it was found first, or -1."""
        number = len(self.keys.packed)
        self.numbers[identity] = number
        self.keys.packed.append(packed)
        self.parents.append(parent)
        self.depths.append(self.depths[parent] + 1 if parent >= 0 else 0)
        return number

    def note_goals(self, reached: Container[str]) -> None:
        """Note which goals the next world has reached."""
        for name, worlds in self.goals.items():
            worlds.append(name in reached)

    def broken_by_a_step(self, node: int, invariant: str, _problem: str = "") -> None:
        """Note the first world in which a step broke an invariant; the counterexample will tell what is broken."""
        known = self.violations.get(invariant)
        if known is None or self.depths[node] < self.depths[known]:
            self.violations[invariant] = node

    def broken_in(self, node: int, invariant: str, _problem: str = "") -> None:
        """Note that an invariant does not hold in a world: the step that leads there broke it."""
        self.broken_by_a_step(max(0, self.parents[node]), invariant)

    def bytes(self) -> int:
        """What is kept of all worlds but for the links, in bytes."""
        tables = (self.numbers, self.parents, self.depths, *self.goals.values())
        return self.keys.bytes() + sum(map(sys.getsizeof, tables))
