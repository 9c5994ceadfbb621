"""What is looked at of the members of worlds, summed up from what was seen of each member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import getitem
from typing import Any

from attrs import define, field

from vmss_invariants.exploring.columns import Columns, Member
from vmss_invariants.exploring.slots import NotedFacts, Surplus, Tally, Those
from vmss_invariants.exploring.views import View
from vmss_model.world import Instance

_WIDTH = 16
"""Bits for a count: groups have fewer members than they can tell."""
_MOST = (1 << _WIDTH) - 1
_NONE_MORE = 1 << _WIDTH - 1
"""Stands for no surplus: there is room for as many less as more."""


class _Unseen:
    """What is in a slot that is not told: equal to nothing that was ever looked at."""


UNSEEN = _Unseen()
"""The one of them."""


@define(eq=False)
class Counting:
    """What is looked at of the members of all worlds with the same head, as one number for each world.

    Each count has some bits of that number, so the numbers of a world's columns are added up. What comes to be looked
    at later has further bits: what was known of a number is known of all that are the same but for those.
    """

    _number: Callable[[Member], int]
    """Gives the number of a member but for its name."""
    _columns: Columns
    """Who is in them."""
    _instance: Callable[[Member], Instance]
    """Makes a member again."""
    _places: int
    """How many columns a world with this head has."""
    _loads: dict[Any, int] | None = None
    """The first bit of how many members each fault domain is said to have; None: that is not looked at."""
    _slots: dict[Tally, dict[Any, int]] = field(factory=dict)
    """What is looked at: of whom it holds, by their marks, with the first bit of how many they are."""
    _surpluses: dict[Surplus, dict[Any, int]] = field(factory=dict)
    """Those of what is looked at that are surpluses, kept apart: of every column only these ask for more."""
    _bits: int = 0
    """How many bits are given."""
    _known_members: dict[Member, int] = field(factory=dict)
    """The number of a member."""
    _known_columns: tuple[dict[int, int], ...] = field(init=False)
    """For each place the numbers of columns there, by their numbers in the codebook."""

    @_known_columns.default
    def _no_columns(self) -> tuple[dict[int, int], ...]:
        return tuple({} for _ in range(self._places))

    @property
    def with_loads(self) -> bool:
        """Whether it is looked at how many members each fault domain is said to have."""
        return self._loads is not None

    def look_at_loads(self) -> bool:
        """Look at those from now on; tells whether that is news."""
        if self._loads is not None:
            return False
        self._loads = {}
        self._forget_columns()
        return True

    def _look_at(self, slot: Tally) -> None:
        if slot not in self._slots:
            self._slots[slot] = {}
            if isinstance(slot, Surplus):
                self._surpluses[slot] = self._slots[slot]
            self._forget_columns()
            self._known_members.clear()

    def _forget_columns(self) -> None:
        for known in self._known_columns:
            known.clear()

    def total(self, columns: Sequence[int]) -> int:
        """The number for all that is looked at in a world with these columns."""
        try:
            return sum(map(getitem, self._known_columns, columns))
        except KeyError:
            for place, (known, column) in enumerate(zip(self._known_columns, columns, strict=True)):
                if column not in known:
                    known[column] = self._of_column(place, column)
            return sum(map(getitem, self._known_columns, columns))

    def seen(self, slot: Tally, columns: Sequence[int], facts: tuple[Any, ...]) -> object:
        """What is seen of the members of whom something holds, in a world with these columns: looked at from now on.

        `facts` are its counts, but for how many members a fault domain has.
        """
        self._look_at(slot)
        total, bits = self.total(columns), self._slots[slot]
        if not isinstance(slot, Surplus):
            return slot.together(mark for mark, bit in bits.items() for _ in range(total >> bit & _MOST))
        seen = (total >> self._bit_of(bits, None) & _MOST) - _NONE_MORE
        return seen if slot.of_loads else slot.kept(facts) + seen

    def _of_column(self, place: int, column: int) -> int:
        found = sum(map(self._of_member, self._columns.members(place, column)))
        load = self._columns.load(column)
        if self._loads is not None and load is not None:
            found += load << self._bit_of(self._loads, place)
        for slot, bits in self._surpluses.items():
            more = _NONE_MORE if place == 0 else 0
            if slot.of_loads and slot.place == place and load is not None:
                more += load
            if more:
                found += more << self._bit_of(bits, None)
        return found

    def _of_member(self, member: Member) -> int:
        found = self._known_members.get(member)
        if found is None:
            instance, number, found = self._instance(member), self._number(member), 0
            for slot, bits in self._slots.items():
                if slot.holds(instance):
                    each = -1 if isinstance(slot, Surplus) else 1
                    found += each << self._bit_of(bits, slot.mark(member, number, instance))
            self._known_members[member] = found
        return found

    def _bit_of(self, bits: dict[Any, int], mark: Any) -> int:
        if mark not in bits:
            bits[mark], self._bits = self._bits, self._bits + _WIDTH
        return bits[mark]


class FromContext:
    """What is seen in all worlds of a context, whoever their members are; and what of that is looked at."""

    __slots__ = ("facts", "looks")

    def __init__(self, facts: tuple[Any, ...]) -> None:
        self.looks: dict[int, Any] = {}
        """What was looked at, by slot."""
        self.facts = NotedFacts(facts, self.looks)

    def look_further(self) -> bool:
        """Look at more than what was asked for: there is nothing."""
        return False

    def seen(self, _slot: Tally) -> object:
        """What is seen of the members: what was never looked at."""
        return UNSEEN


class FromCounts:
    """What is seen in all worlds of a context that have as many members of whom something holds, whoever they are."""

    __slots__ = ("_columns", "_counting", "facts")

    def __init__(self, facts: tuple[Any, ...], columns: Sequence[int], counting: Counting) -> None:
        self.facts = facts
        self._columns = columns
        self._counting = counting

    def look_further(self) -> bool:
        """As from a context."""
        return False

    def seen(self, slot: Tally) -> object:
        """How many there are; of who they are, what was never looked at."""
        if isinstance(slot, Those):
            return UNSEEN
        return self._counting.seen(slot, self._columns, self.facts)


class FromColumns:
    """What is seen in all worlds of a context in which the columns look the same, as far as that is needed."""

    __slots__ = ("_counting", "_facts", "_view")

    def __init__(self, facts: tuple[Any, ...], view: View, counting: Counting) -> None:
        self._facts = facts
        self._view = view
        self._counting = counting

    @property
    def facts(self) -> tuple[Any, ...]:
        """Counts, by slot; how many members each fault domain is said to have if that is looked at."""
        return self._view.facts if self._counting.with_loads else self._facts

    def look_further(self) -> bool:
        """Look at how many members each fault domain is said to have; tells whether that is news."""
        return self._counting.look_at_loads()

    def seen(self, slot: Tally) -> object:
        """What is seen of the members of whom something holds."""
        return self._counting.seen(slot, self._view.columns, self._facts)
