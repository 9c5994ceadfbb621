"""What follows in a canonical world, put together from what is known of its context and of each of its columns.

The context of a world is all but its members: what its group has for its own, how far its rollout has come, and its
counts. A column is a fault domain with the members in it. There are far fewer contexts, and far fewer columns in each,
than there are worlds; so all that a context's worlds have in common is put together once, as a bundle of the steps that
are recalled anyway, and so is all that is about the members of a column. What depends on more than that stays loose,
and is recalled, or made, in each world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any

from attrs import define, field

from vmss_invariants.exploring.bundles import Asked, Bundle, InColumn, Move, Way, bundle, in_column
from vmss_invariants.exploring.canonical import Shape, zones_number
from vmss_invariants.exploring.changes import Change
from vmss_invariants.exploring.codebook import Key, packed, unpacked
from vmss_invariants.exploring.columns import ELSEWHERE, NONE, NOWHERE, Columns, Member, Spot, column_after
from vmss_invariants.exploring.looking import UNSEEN, Counting, FromColumns, FromContext, FromCounts
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.recalling import Asking, Menu, Recaller, Remark
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.slots import SLOTS
from vmss_invariants.exploring.views import CONTEXT, CONTEXT_BYTES, View
from vmss_invariants.exploring.walk import Targets

_BY_FAULT_DOMAIN = SLOTS["by_fault_domain"]
_COUNTS = -1
"""Stands for all that is asked, as far as counts tell what follows."""
_MOST = 150_000
"""So many bundles are kept at most."""
_FEW = 6
"""Of so many worlds with the same head nothing is put together yet: there may be no more of them."""
_Leads = Callable[[Change], bool]
"""Whether the context and a member's own column are all that a step changes."""


@define(eq=False)
class Further:
    """What follows in the worlds of a context of one request that looks further than at counts."""

    counting: Counting
    """What it looks at."""
    known: dict[int, Bundle] = field(factory=dict)
    """What follows, by the number for that."""


@define(eq=False)
class Context:
    """The context of canonical worlds of one group."""

    head: int
    """The number of all that a step sees without looking at members and counts."""
    domains: int
    """How many of its columns are fault domains; the last one is for members elsewhere."""
    facts: tuple[Any, ...]
    """What can be looked at, by slot; how many members each fault domain has is not told."""
    shape: Shape
    """What of its places may be renamed."""
    menu: Menu
    """What is asked of its group and of each member."""
    counting: Counting
    """How many members something holds of, as far as that says what follows in many worlds at once."""
    name: int
    """The number of the group's name."""
    course: int
    """That of the course of its rollout."""
    counts: int
    """That of its counts."""
    of_members: dict[Member, Bundle] = field(factory=dict)
    """What follows of requests about a member."""
    of_columns: tuple[dict[int, InColumn], ...] = field(init=False)
    """For each place what follows of requests about the members of a column there, by its number."""
    of_group: dict[int, Bundle] = field(factory=dict)
    """What follows of requests about no member, by the number for what is counted."""
    goals: dict[int, Bundle] = field(factory=dict)
    """Which goals are reached, by the number for what is counted."""
    further: dict[int, Further] = field(factory=dict)
    """What follows of requests that look further, by the number of what is asked."""
    after: dict[Change, bytes] = field(factory=dict)
    """The contexts after changes."""

    @of_columns.default
    def _no_columns(self) -> tuple[dict[int, InColumn], ...]:
        anywhere: dict[int, InColumn] = {}
        return tuple(anywhere if self.alike(place) else {} for place in range(self.domains + 1))

    @property
    def sorts(self) -> bool:
        """Whether its fault domains have no places of their own, so that they stand in the order of their numbers."""
        return not self.shape.fixed and self.domains > 1

    def alike(self, place: int) -> bool:
        """Whether a column could as well be in the place of any other."""
        return place < self.domains and not self.shape.fixed

    def seen_by(self, spot: Spot, view: View) -> tuple[View, int]:
        """A world, as what is asked about a member there, or about none, sees it; and its place in there, or -1."""
        column, place = spot
        if place < 0:
            return view, -1
        if self.alike(column):
            return view.turned(column), place
        return view, view.before(column) + place


@define(eq=False)
class Visit:
    """A world whose steps are followed, of which it is known what is asked."""

    node: int
    """Its number."""
    packed: bytes
    """The canonical world."""
    columns: Key
    """The numbers of its columns."""
    context: Context
    """What is put together for it and others."""
    targets: Targets
    """The worlds that are reached from it."""
    restorer: Restorer
    """Makes it again."""

    @cached_property
    def view(self) -> View:
        """The world as its steps see it: in most worlds all is known, and it is not looked at."""
        return View(unpacked(self.packed), self.restorer)


class Contexts:
    """Gives the context of a canonical world, and what follows in it."""

    def __init__(self, restorer: Restorer, recaller: Recaller) -> None:
        self._codebook = restorer.codebook
        self._restorer = restorer
        self._recaller = recaller
        self._contexts: dict[bytes, Context | None] = {}
        self._countings: dict[tuple[int, int], Counting] = {}
        self._worlds: dict[int, int] = {}
        self._columns = Columns(self._codebook)
        self._bundles: list[Bundle] = []
        self._in_columns: list[InColumn] = []
        self._kept = 0

    def known(self, packed: bytes) -> Context | None:
        """The context of a world, where something is put together for it already."""
        return self._contexts.get(packed[:CONTEXT_BYTES])

    def of(self, view: View, packed: bytes) -> Context | None:
        """The context of a world; None where it is not worth while, or members are not all asked the same."""
        at = packed[:CONTEXT_BYTES]
        try:
            return self._contexts[at]
        except KeyError:
            if self._met(view) <= _FEW:
                return None
            found = self._contexts[at] = self._context(view)
            return found

    def is_the_first(self, view: View) -> bool:
        """Whether a world that was asked for is the first one with its head: nothing is known to be recalled in it."""
        return self._worlds.get(view.head) == 1

    def _met(self, view: View) -> int:
        """How many worlds with the same head were met so far."""
        met = self._worlds.get(view.head, 0)
        if met <= _FEW:
            self._worlds[view.head] = met + 1
        return met

    @property
    def full(self) -> bool:
        """Whether so much is kept that it is better settled, and begun anew."""
        return self._kept >= _MOST

    def settle(self) -> None:
        """Count how often each step was recalled as part of a bundle, and forget the bundles."""
        for column in self._in_columns:
            column.settle()
        for one in self._bundles:
            for leaf in one.leaves:
                leaf.used += one.used
        for kept in (self._bundles, self._in_columns, self._contexts, self._countings):
            kept.clear()
        self._columns.forget()
        self._kept = 0

    def _context(self, view: View) -> Context | None:
        menu = self._recaller.menu(view)
        if menu is None:
            return None
        facts = list(view.facts)
        facts[_BY_FAULT_DOMAIN] = UNSEEN
        return Context(
            head=view.head,
            domains=view.key[CONTEXT - 1],
            facts=tuple(facts),
            shape=Shape.of(view.world, view.group),
            menu=menu,
            counting=self._counting(view, _COUNTS),
            name=view.key[3],
            course=view.key[5],
            counts=view.key[6],
        )

    def _counting(self, view: View, asked: int) -> Counting:
        """What is looked at of members in worlds with this head, for what is asked, by its number."""
        found = self._countings.get((view.head, asked))
        if found is None:
            rollout = view.group.rollout
            attempt = 0 if rollout is None else rollout.number
            made = partial(self._restorer.member, name="", number=attempt)
            found = self._countings[view.head, asked] = Counting(
                self._codebook.number, self._columns, made, len(view.columns)
            )
        return found

    # -- what is about no member -------------------------------------------------------------------

    def of_group(self, visit: Visit, counted: int) -> Bundle:
        """What follows of requests about no member, and what is said of the world, as far as counts tell."""
        context = visit.context
        found = context.of_group.get(counted)
        if found is None:
            found = self._of_counts(context, context.menu.of_group, context.of_group, visit.view)
        return found

    def goals(self, visit: Visit, counted: int) -> Bundle:
        """Which goals are reached."""
        context = visit.context
        found = context.goals.get(counted)
        return self._of_counts(context, self._recaller.goals, context.goals, visit.view) if found is None else found

    def _of_counts(
        self, context: Context, askings: Iterable[Asking | Remark], known: dict[int, Bundle], view: View
    ) -> Bundle:
        counting = context.counting
        asked = (Asked(one, (one.number, context.head, -1)) for one in askings)
        found = self._bundle(context, asked, FromCounts(context.facts, view.columns, counting), view, _is_of_no_member)
        # Only now it is known what is looked at.
        known[counting.total(view.columns)] = found
        return found

    def looking_further(self, visit: Visit, asked: Asked) -> Bundle:
        """What follows of a request about no member, or is said, that looks further than at counts."""
        context, number = visit.context, asked.asking.number
        further = context.further.get(number)
        if further is None:
            further = context.further[number] = Further(self._counting(visit.view, number))
        counting, columns = further.counting, visit.columns
        found = further.known.get(counting.total(columns))
        if found is None:
            seen = FromColumns(context.facts, visit.view, counting)
            found = self._bundle(context, (asked,), seen, visit.view, _is_of_no_member)
            further.known[counting.total(columns)] = found
        return found

    # -- what is about a member of a column --------------------------------------------------------

    def of_columns(self, visit: Visit) -> list[InColumn]:
        """What follows of requests about the members of each column."""
        context = visit.context
        found = list(map(dict.get, context.of_columns, visit.columns))
        if None not in found:
            return found  # type: ignore[return-value]  # none of them is None
        return [self._of_column(context, visit.view, place) if one is None else one for place, one in enumerate(found)]

    def _of_column(self, context: Context, view: View, place: int) -> InColumn:
        column = view.columns[place]
        bundles: dict[Member, tuple[int, Bundle]] = {}
        moves: list[Move] = []
        for number, member in enumerate(self._columns.members(0 if context.alike(place) else place, column)):
            if member in bundles:
                continue
            found = context.of_members.get(member)
            if found is None:
                found = context.of_members[member] = self._of_member(context, view, (place, number), member)
            bundles[member] = number, found
            for way in found.ways:
                after = way.change.columns.get(column)
                if after is None:
                    after = way.change.columns[column] = self._column_after(context, column, member, way.change)
                moves.append((way.context, *after, way.label))
        made = context.of_columns[place][column] = in_column(tuple(bundles.values()), moves)
        self._in_columns.append(made)
        self._kept += 1
        return made

    def _of_member(self, context: Context, view: View, spot: Spot, member: Member) -> Bundle:
        number = self._codebook.number(member)
        asked = (Asked(one, (one.number, context.head, number)) for one in context.menu.of_member)
        leads = partial(_is_of_one_member, member)
        return self._bundle(context, asked, FromContext(context.facts), view, leads, spot)

    def _column_after(self, context: Context, column: int, member: Member, change: Change) -> tuple[int, bytes]:
        """The number of a column after a change of a member of it, and that number packed."""
        # Where the member is not, nothing changes.
        part, more = self._codebook.parts[column], sum(change.by_fault_domain)
        part = column_after(part, more, member, change.member, follows=context.shape.follows)
        number = NONE if part == (ELSEWHERE,) else self._codebook.number(part)
        return number, packed((number,))

    # -- both --------------------------------------------------------------------------------------

    def _bundle(
        self,
        context: Context,
        askings: Iterable[Asked],
        seen: FromContext | FromCounts | FromColumns,
        view: View,
        leads: _Leads,
        spot: Spot = NOWHERE,
    ) -> Bundle:
        """Put together what follows of several requests, as far as it can be seen; find out what is not known."""
        known: list[tuple[Asked, Leaf, tuple[Way, ...]]] = []
        whole: list[tuple[Asking, Leaf]] = []
        loose: list[Asked] = []
        for asked in askings:
            leaf = self._leaf(context, asked, seen, view, spot)
            if leaf is None:
                loose.append(asked)
                continue
            changing = [(step.change, step.label) for step in leaf.follows if step.change]
            kept = not leaf.apart and all(leads(change) and self._keeps(context, change) for change, _ in changing)
            if isinstance(asked.asking, Asking) and not kept:
                whole.append((asked.asking, leaf))
            else:
                ways = (Way(self._after(context, change), change, label) for change, label in changing)
                known.append((asked, leaf, tuple(ways)))
        found = bundle(known, whole, loose)
        self._bundles.append(found)
        self._kept += 1
        return found

    def _leaf(
        self, context: Context, asked: Asked, seen: FromContext | FromCounts | FromColumns, view: View, spot: Spot
    ) -> Leaf | None:
        """What follows of a request; None where more would have to be seen to say it."""
        recall = self._recaller.memory.recall
        known, leaf = recall(asked.root, seen)
        if not known:
            one, place = context.seen_by(spot, view)
            if not recall(asked.root, one)[0]:
                self._recaller.find_out(asked.root, asked.asking, one, place)
                known, leaf = recall(asked.root, seen)
            if not known and seen.look_further():
                _, leaf = recall(asked.root, seen)
        return leaf

    def _keeps(self, context: Context, change: Change) -> bool:
        """Whether a step leaves all other columns alone: no place is named, nor put together otherwise."""
        mine, shape = context.shape, change.shape
        return (
            not change.ends
            and not change.joined
            and len(shape.zones) < 2
            and shape.update_domains < 2
            and (shape.fault_domains, shape.follows, shape.fixed) == (context.domains, mine.follows, mine.fixed)
        )

    def _after(self, context: Context, change: Change) -> bytes:
        """The context after a change."""
        found = context.after.get(change)
        if found is None:
            codebook = self._codebook
            group = change.of_group(context.name, context.course, context.counts, codebook)
            zones = zones_number(change.zones(context.facts), codebook)
            found = context.after[change] = packed((*group, zones, context.domains))
        return found


def _is_of_no_member(change: Change) -> bool:
    """Whether a step changes no member, nor where members are."""
    return change.member is None and not change.by_fault_domain and not change.others


def _is_of_one_member(member: Member, change: Change) -> bool:
    """Whether a step changes a member alone, and where it is not, and has it stay where it is if it stays at all."""
    elsewhere = {at: count for at, count in enumerate(change.by_fault_domain) if count and at != member[1]}
    return not elsewhere and (change.member is None or change.member[1] == member[1])
