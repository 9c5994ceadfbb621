"""What canonical worlds have in common for which steps are put together.

The head of a world is what of its context cannot be told from looking at members and counts: there are few, and what
follows of a request about a member is the same in many contexts of a head.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from attrs import define, field

from vmss_invariants.exploring.bundles import Bundle, InColumn
from vmss_invariants.exploring.canonical import Shape
from vmss_invariants.exploring.changes import Change
from vmss_invariants.exploring.columns import Member, Spot
from vmss_invariants.exploring.looking import Counting
from vmss_invariants.exploring.recalling import Menu
from vmss_invariants.exploring.views import View


@define(eq=False)
class Further:
    """What follows in the worlds of a context of one request that looks further than at counts."""

    counting: Counting
    """What it looks at."""
    known: dict[int, Bundle] = field(factory=dict)
    """What follows, by the number for that."""


@define(eq=False)
class Kin:
    """What follows of requests about members, in contexts with one head that are the same as far as it is looked at."""

    of_members: dict[Member, Bundle] = field(factory=dict)
    """What follows of requests about a member."""
    of_columns: tuple[dict[int, InColumn], ...] = field(kw_only=True)
    """For each place what follows of requests about the members of a column there, by its number."""


@define(eq=False)
class Head:
    """What canonical worlds of one group have in common that look the same without looking at members and counts."""

    number: int
    """Its number."""
    domains: int
    """How many of the columns of such worlds are fault domains; the last one is for members elsewhere."""
    shape: Shape
    """What of their places may be renamed."""
    menu: Menu
    """What is asked of their group and of each member."""
    counting: Counting
    """How many members something holds of, as far as that says what follows in many worlds at once."""
    contexts: list[Context] = field(factory=list)
    """Those that have it."""
    looks: frozenset[int] = frozenset()
    """The slots that requests about members look at."""
    _kin: dict[tuple[Any, ...], Kin] = field(factory=dict)
    """What is put together for contexts, by what is in those slots."""

    @property
    def sorts(self) -> bool:
        """Whether fault domains have no places of their own, so that they stand in the order of their numbers."""
        return not self.shape.fixed and self.domains > 1

    def alike(self, place: int) -> bool:
        """Whether a column could as well be in the place of any other."""
        return place < self.domains and not self.shape.fixed

    def kin(self, facts: tuple[Any, ...]) -> Kin:
        """What is put together for all contexts with such facts."""
        looked_at = tuple(facts[slot] for slot in self.looks)
        found = self._kin.get(looked_at)
        if found is None:
            anywhere: dict[int, InColumn] = {}
            of_columns = tuple(anywhere if self.alike(place) else {} for place in range(self.domains + 1))
            found = self._kin[looked_at] = Kin(of_columns=of_columns)
        return found

    def look_at(self, slots: Set[int]) -> None:
        """Take into account that requests about members look at these slots: fewer contexts are then the same."""
        if not slots <= self.looks:
            self.looks |= slots
            self._kin.clear()
            for context in self.contexts:
                context.kin = self.kin(context.facts)

    def seen_by(self, spot: Spot, view: View) -> tuple[View, int]:
        """A world, as what is asked about a member there, or about none, sees it; and its place in there, or -1."""
        column, place = spot
        if place < 0:
            return view, -1
        if self.alike(column):
            return view.turned(column), place
        return view, view.before(column) + place

    def keeps(self, change: Change) -> bool:
        """Whether a step leaves all other columns alone: no place is named, nor put together otherwise."""
        return not change.ends and not change.joined and self._names_no_place(change)

    def swaps(self, change: Change) -> bool:
        """Whether a step about no member changes members where they stand, if any, and nothing else of columns."""
        alone = change.member is None and not change.joined and not change.by_fault_domain
        return alone and change.swaps is not None and self._names_no_place(change)

    def _names_no_place(self, change: Change) -> bool:
        """Whether places are named as before by a step, and none besides."""
        mine, shape = self.shape, change.shape
        return (
            len(shape.zones) < 2
            and shape.update_domains < 2
            and (shape.fault_domains, shape.follows, shape.fixed) == (self.domains, mine.follows, mine.fixed)
        )


@define(eq=False)
class Context:
    """The context of canonical worlds of one group."""

    head: Head
    """What it has in common with others."""
    facts: tuple[Any, ...]
    """What can be looked at, by slot; how many members each fault domain has is not told."""
    name: int
    """The number of the group's name."""
    course: int
    """That of the course of its rollout."""
    counts: int
    """That of its counts."""
    kin: Kin
    """What follows of requests about members, put together for it and those like it."""
    of_group: dict[int, Bundle] = field(factory=dict)
    """What follows of requests about no member, by the number for what is counted."""
    goals: dict[int, Bundle] = field(factory=dict)
    """Which goals are reached, by the number for what is counted."""
    further: dict[int, Further] = field(factory=dict)
    """What follows of requests that look further, by the number of what is asked."""
    after: dict[Change, bytes] = field(factory=dict)
    """The contexts after changes."""
    refined: set[Bundle | InColumn] = field(factory=set)
    """Of which it is known that all that the proofs say something of is so."""
