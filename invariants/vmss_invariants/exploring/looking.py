"""What is looked at of the members of worlds, summed up from what was seen of each member."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import add
from typing import Any

from attrs import define, field

from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import NONE, Member, members_of
from vmss_invariants.exploring.slots import SLOTS, Tally, Those
from vmss_invariants.exploring.views import CONTEXT
from vmss_model.world import Instance

_BY_FAULT_DOMAIN = SLOTS["by_fault_domain"]


class _Unseen:
    """What is in a slot that is not told: equal to nothing that was ever looked at."""


UNSEEN = _Unseen()
"""The one of them."""


@define(eq=False)
class Counting:
    """What is looked at of the members of all worlds with the same head."""

    _codebook: Codebook
    """What columns are."""
    _instance: Callable[[Member], Instance]
    """Makes a member again."""
    _slots: dict[Tally, int] = field(factory=dict)
    """What is looked at, by its place in the order in which it was first."""
    _nobody: tuple[Any, ...] = ()
    """What is seen where there is no member."""
    _members: dict[Member, tuple[Any, ...]] = field(factory=dict)
    """What is seen of a member."""
    _columns: dict[tuple[int, int], tuple[Any, ...]] = field(factory=dict)
    """What is seen in a column, by its place and number."""

    def place_of(self, slot: Tally) -> int:
        """The place of what is looked at; from now on it is looked at in each such world."""
        found = self._slots.get(slot)
        if found is None:
            found = self._slots[slot] = len(self._slots)
            self._nobody = tuple(one.of(()) for one in self._slots)
            self._members.clear()
            self._columns.clear()
        return found

    def total(self, key: Key) -> tuple[Any, ...]:
        """All that is looked at in a world, by its place."""
        columns, total = self._columns, self._nobody
        for at in enumerate(key[CONTEXT:]):
            found = columns.get(at)
            if found is None:
                found = columns[at] = self._sum(map(self._of_member, self._members_at(*at)))
            total = tuple(map(add, total, found))
        return total

    def _members_at(self, place: int, column: int) -> tuple[Member, ...]:
        return members_of(self._codebook.parts[column], place) if column != NONE else ()

    def _sum(self, seen: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
        total = self._nobody
        for one in seen:
            total = tuple(map(add, total, one))
        return total

    def _of_member(self, member: Member) -> tuple[Any, ...]:
        found = self._members.get(member)
        if found is None:
            instance, number = self._instance(member), self._codebook.number(member)
            found = tuple(slot.of((slot.mark(member, number),) if slot.holds(instance) else ()) for slot in self._slots)
            self._members[member] = found
        return found


class FromContext:
    """What is seen in all worlds of a context, whoever their members are."""

    __slots__ = ("facts",)

    def __init__(self, facts: tuple[Any, ...]) -> None:
        self.facts = facts

    def seen(self, _slot: Tally) -> object:
        """What is seen of the members: what was never looked at."""
        return UNSEEN


class FromColumns:
    """What is seen of a world, with its members summed up."""

    __slots__ = ("_counting", "_key", "facts", "total")

    def __init__(self, facts: tuple[Any, ...], key: Key, counting: Counting) -> None:
        self.facts = facts
        self._key = key
        self._counting = counting
        self.total = counting.total(key)
        """All that was ever looked at in worlds with the same head."""

    @property
    def told(self) -> tuple[Any, ...]:
        """All that is looked at, here or in another world with the same context."""
        return self.facts[_BY_FAULT_DOMAIN], self.total

    def seen(self, slot: Tally) -> object:
        """What is seen of the members of whom something holds."""
        place = self._counting.place_of(slot)
        if place >= len(self.total):
            self.look_again()
        return slot.together(self.total[place])

    def look_again(self) -> None:
        """Look at what came to be looked at meanwhile, too."""
        self.total = self._counting.total(self._key)


class FromCounts(FromColumns):
    """What is seen in all worlds of a context that have as many members of whom something holds, whoever they are."""

    __slots__ = ()

    def seen(self, slot: Tally) -> object:
        """How many there are; of who they are, what was never looked at."""
        return UNSEEN if isinstance(slot, Those) else super().seen(slot)
