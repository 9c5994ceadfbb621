"""What was found out of requests, by what their steps looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from vmss_invariants.exploring.sight import Slot
from vmss_invariants.exploring.views import Change, View

Asked = tuple[int, int, int]
"""A request, the head of a view and the member that the request is about, by their numbers."""
_EARLY = 4000
"""After so many requests that were found out it can be seen whether that pays."""
_MOST = 200_000
"""How many requests are remembered; what comes later is found out anew every time."""


@frozen
class Follow:
    """One step that was found out."""

    label: int
    """The number of its request's name."""
    change: Change | None
    """What it makes of the world; None: nothing."""
    happened: bool
    """Whether something happened all the same."""


@define(eq=False)
class Leaf:
    """All that was found out of one request."""

    follows: tuple[Follow, ...]
    """Its steps."""
    counts: tuple[tuple[int, int], ...]
    """How often invariants were examined, by their numbers."""
    broken: tuple[str, ...]
    """The invariants that do not hold."""
    used: int = 0
    """How often it was recalled."""


@frozen
class Branch:
    """A fork in what was found out: it depends on what is in a slot."""

    slot: Slot
    """The slot that is looked at next."""
    ways: dict[Any, Leaf | Branch | None] = field(factory=dict)
    """What follows, by what is there; None: the step looks at other members."""


class Memory:
    """What was found out of requests, by what they looked at."""

    def __init__(self) -> None:
        self._missed = 0
        self.recalled = 0
        self._roots: dict[Asked, Leaf | Branch | None] = {}
        self.leaves: list[Leaf] = []

    @property
    def pays(self) -> bool:
        """Whether more was recalled than found out; too little is known at first."""
        return self._missed < _EARLY or self.recalled > self._missed

    def recall(self, asked: Asked, view: View) -> tuple[bool, Leaf | None]:
        """Whether it is known what follows, and what: None, where other members are looked at."""
        facts = view.facts
        try:
            found = self._roots[asked]
            while type(found) is Branch:
                slot = found.slot
                found = found.ways[facts[slot] if type(slot) is int else view.count(slot)]  # type: ignore[arg-type]
        except KeyError:
            return False, None
        self.recalled += 1
        return True, found  # type: ignore[return-value]  # a branch leads on

    def keep(self, asked: Asked, looks: Mapping[Slot, Any], leaf: Leaf | None) -> None:
        """Remember what follows after these looks.

        What is looked at next follows from what was seen so far, but for looks that only the first such step takes; a
        branch that would be about another slot is grown anew.
        """
        self._missed += 1
        if len(self.leaves) >= _MOST:
            return
        if leaf is not None:
            self.leaves.append(leaf)
        ways: dict[Any, Any] = self._roots
        at: Any = asked
        for slot, value in looks.items():
            branch = ways.get(at)
            if type(branch) is not Branch or branch.slot != slot:
                branch = ways[at] = Branch(slot)
            ways, at = branch.ways, value
        ways[at] = leaf
