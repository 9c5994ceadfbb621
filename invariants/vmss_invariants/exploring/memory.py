"""What was found out of requests, by what their steps looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from vmss_invariants.exploring.changes import Change
from vmss_invariants.exploring.slots import Seen, Slot

Root = tuple[Hashable, int, int]
"""A request, the head of a world and the member that the request is about (-1: none), by their numbers; of a request
also what is picked with it."""
_EARLY = 20_000
"""After so many requests that were found out it can be seen whether that pays; before, too little was seen to tell."""
_MOST = 200_000
"""So many requests are remembered at most."""


@frozen
class Follow:
    """One step that was found out."""

    label: int
    """The number of its request's name."""
    change: Change | None
    """What it makes of the world; None: nothing."""
    happened: bool
    """Whether something happened all the same."""
    tied: bool
    """Whether the proofs say something of it."""


@define(eq=False)
class Leaf:
    """All that was found out of one request."""

    follows: tuple[Follow, ...]
    """Its steps."""
    counts: tuple[tuple[int, int], ...]
    """How often invariants were examined, by their numbers."""
    broken: tuple[str, ...]
    """The invariants that do not hold."""
    reached: tuple[str, ...] = ()
    """The goals that are reached."""
    apart: tuple[Leaf, ...] = ()
    """Its steps one by one, where they pick members: in how many ways, each world says."""
    used: int = 0
    """How often it was recalled."""

    @property
    def picks(self) -> bool:
        """Whether a step changes members that are picked."""
        return any(step.change is not None and step.change.picks for step in self.follows)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What its steps change, where they change anything."""
        return tuple(step.change for one in (self, *self.apart) for step in one.follows if step.change is not None)

    @property
    def tied(self) -> int:
        """Of how many steps the proofs say something."""
        return sum(step.tied for step in self.follows)


def together(steps: Sequence[Leaf]) -> Leaf:
    """What was found out of a request, of what was found out of each of its steps."""
    if len(steps) == 1 and not steps[0].picks:
        return steps[0]
    if any(one.picks for one in steps):
        return Leaf((), (), (), apart=tuple(steps))
    counts: Counter[int] = Counter()
    for one in steps:
        counts.update(dict(one.counts))
    return Leaf(
        tuple(step for one in steps for step in one.follows),
        tuple(sorted(counts.items())),
        tuple(dict.fromkeys(name for one in steps for name in one.broken)),
    )


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
        self.missed = 0
        self.recalled = 0
        self._roots: dict[Root, Leaf | Branch | None] = {}
        self.leaves: dict[Leaf, None] = {}
        """All that is remembered, once each: steps that pick members may be parts of several requests."""

    @property
    def pays(self) -> bool:
        """Whether it is worth while: to find out takes longer than to make a step, to recall a tenth of that."""
        return self.missed < _EARLY or 2 * self.recalled > self.missed

    @property
    def full(self) -> bool:
        """Whether so much is remembered that it is better forgotten, and found out anew where it comes again."""
        return len(self.leaves) >= _MOST

    def forget(self) -> None:
        """Remember nothing any more."""
        self._roots.clear()
        self.leaves.clear()

    def recall(self, root: Root, seen: Seen) -> tuple[bool, Leaf | None]:
        """Whether it is known what follows of what is seen, and what: None, where other members are looked at."""
        facts = seen.facts
        try:
            found = self._roots[root]
            while type(found) is Branch:
                slot = found.slot
                found = found.ways[facts[slot] if type(slot) is int else seen.seen(slot)]  # type: ignore[arg-type]
        except KeyError:
            return False, None
        self.recalled += 1
        return True, found  # type: ignore[return-value]  # a branch leads on

    def keep(self, root: Root, looks: Mapping[Slot, Any], leaf: Leaf | None) -> None:
        """Remember what follows after these looks.

        What is looked at next follows from what was seen so far, but for looks that only the first such step takes; a
        branch that would be about another slot is grown anew.
        """
        self.missed += 1
        if leaf is not None:
            self.leaves.update(dict.fromkeys((leaf, *leaf.apart)))
        ways: dict[Any, Any] = self._roots
        at: Any = root
        for slot, value in looks.items():
            branch = ways.get(at)
            if type(branch) is not Branch or branch.slot != slot:
                branch = ways[at] = Branch(slot)
            ways, at = branch.ways, value
        ways[at] = leaf
