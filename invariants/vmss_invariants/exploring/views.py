"""A canonical world of one group as its steps see it.

A step about a member is decided by what its group has for its own (the head), by that member, and by those counts of
the group that are looked at. All that is the same, all that follows is the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import Any

from vmss_invariants.exploring.codebook import BYTES, Key, unpacked
from vmss_invariants.exploring.columns import Anywhere, Member, anywhere
from vmss_invariants.exploring.restoring import Restorer, census_in, course_in, members_in
from vmss_invariants.exploring.sight import Sight
from vmss_invariants.exploring.slots import OfAll, Surplus, Tally, facts_of
from vmss_model.world import Group, World

CONTEXT = 9
"""So many numbers of the canonical world of one group say all but its members; its columns follow."""
CONTEXT_BYTES = BYTES * CONTEXT
"""So many bytes of its packed form do."""


def has_one_group(packed: bytes) -> bool:
    """Whether a canonical world has one group and no more: a column for each fault domain, and one for elsewhere."""
    if len(packed) <= CONTEXT_BYTES:
        return False
    (domains,) = unpacked(packed[CONTEXT_BYTES - BYTES : CONTEXT_BYTES])
    return len(packed) == CONTEXT_BYTES + BYTES * (domains + 1)


class View:
    """A canonical world of one group, taken apart, and made again as far as it is looked at."""

    def __init__(self, key: Key, restorer: Restorer) -> None:
        self.key = key
        self.columns = key[CONTEXT:]
        """The numbers of its columns."""
        self._codebook = restorer.codebook
        self._restorer = restorer
        self._turned: dict[int, View] = {}

    @cached_property
    def head(self) -> int:
        """The number of all that a step sees without looking at members and counts."""
        members = self._codebook.parts[self.key[6]][1]
        return self._codebook.number(("head", *self.key[:5], members))

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The members, in the order in which they are given names."""
        return tuple(members_in(self.key[3:], self._codebook))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return self._restorer.names(self.key[3:], len(self.members))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all but their names."""
        return tuple(map(self._codebook.number, self.members))

    @cached_property
    def facts(self) -> tuple[Any, ...]:
        """What can be looked at, by slot."""
        form = self.key[3:]
        return facts_of(census_in(form, self._codebook), course_in(form, self._codebook))

    @cached_property
    def world(self) -> World:
        """The world made from it."""
        return self._restorer.world(self.key)

    @cached_property
    def group(self) -> Group:
        """Its group."""
        ((_, group),) = self.world.groups.items()
        return group

    def name_at(self, place: int) -> str | None:
        """The name of the member at a place; None for -1, which is nobody's."""
        return self.names[place] if place >= 0 else None

    def anywhere(self, name: str) -> Anywhere:
        """The member of a name, without its fault domain."""
        return anywhere(self.members[self.names.index(name)])

    def seen(self, slot: Tally) -> Any:
        """What is seen of the members of whom something holds."""
        known, holding = slot.known, []
        for name, member, number in zip(self.names, self.members, self.numbers, strict=True):
            holds = known.get(member)
            if holds is None:
                holds = known[member] = bool(slot.holds(self.group.members[name]))
            if holds:
                holding.append(slot.mark(member, number, self.group.members[name]))
        if isinstance(slot, Surplus):
            return slot.kept(self.facts) - len(holding)
        return slot.together(holding)

    def sight(
        self,
        place: int,
        *,
        counts: bool = True,
        loads: bool = True,
        of_all: OfAll | None = None,
        picked: Iterable[str] = (),
        asked: Hashable = 0,
    ) -> Sight:
        """The world as a step sees it that is about the member at a place, or none (-1).

        `asked` tells what is asked from all else. `counts` tells whether it is noted which of the counts are looked at,
        and `of_all` what can be seen of all members; None: nothing. Members that are `picked` are in sight, too.
        """
        name, world = self.name_at(place), self.world
        return Sight(world, name, self, counts=counts, loads=loads, of_all=of_all, picked=picked, asked=asked)

    def turned(self, first: int) -> View:
        """The same world with the column at a place as the first one."""
        found = self._turned.get(first) if first else self
        if found is None:
            key, at = self.key, CONTEXT + first
            turned = (*key[:CONTEXT], key[at], *key[CONTEXT:at], *key[at + 1 :])
            found = self._turned[first] = View(turned, self._restorer)
        return found

    def before(self, column: int) -> int:
        """How many members are in the columns before a place."""
        return sum(len(self._codebook.parts[one]) - 1 for one in self.key[CONTEXT : CONTEXT + column])
