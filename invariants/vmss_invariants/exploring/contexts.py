"""What follows in a canonical world, put together from what is known of its context and of each of its columns.

The context of a world is all but its members: what its group has for its own, how far its rollout has come, and its
counts. A column is a fault domain with the members in it. There are far fewer contexts, and far fewer columns in each,
than there are worlds; so all that a context's worlds have in common is put together once, as a bundle of the steps that
are recalled anyway, and so is all that is about the members of a column. What depends on more than that stays loose,
and is recalled, or made, in each world.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from attrs import define

from vmss_invariants.exploring.bundles import Asked, Bundle, InColumn, Move, Way, Whole, bundle, in_column
from vmss_invariants.exploring.canonical import Shape, zones_number
from vmss_invariants.exploring.changes import Change
from vmss_invariants.exploring.codebook import Key, packed, unpacked
from vmss_invariants.exploring.columns import ELSEWHERE, NONE, NOWHERE, Columns, Member, Spot, column_after
from vmss_invariants.exploring.heads import Context, Further, Head
from vmss_invariants.exploring.looking import UNSEEN, Counting, FromColumns, FromContext, FromCounts
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.recalling import Asking, Recaller, Remark
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.slots import SLOTS
from vmss_invariants.exploring.swapping import Swapper
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
        self._heads: dict[tuple[int, int], Head] = {}
        self._countings: dict[tuple[int, int], Counting] = {}
        self._worlds: dict[int, int] = {}
        self._columns = Columns(self._codebook)
        self._swapper = Swapper(self._codebook, self._columns, recaller.changes.ended)
        self._bundles: list[Bundle] = []
        self._in_columns: list[InColumn] = []
        self._after: dict[tuple[Hashable, ...], dict[int, tuple[int, bytes]]] = {}
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
        for head in self._heads.values():
            # They hold each other, and would wait for somebody to look for that.
            head.contexts.clear()
        for kept in (self._bundles, self._in_columns, self._contexts, self._heads, self._countings, self._after):
            kept.clear()
        self._columns.forget()
        self._swapper.forget()
        self._kept = 0

    def _context(self, view: View) -> Context | None:
        head = self._head(view)
        if head is None:
            return None
        facts = list(view.facts)
        facts[_BY_FAULT_DOMAIN] = UNSEEN
        seen, key = tuple(facts), view.key
        found = Context(head=head, facts=seen, name=key[3], course=key[5], counts=key[6], kin=head.kin(seen))
        head.contexts.append(found)
        return found

    def _head(self, view: View) -> Head | None:
        """The head of a world; None where members are not all asked the same."""
        menu = self._recaller.menu(view)
        if menu is None:
            return None
        at = view.head, view.key[CONTEXT - 1]
        found = self._heads.get(at)
        if found is None:
            shape, counting = Shape.of(view.world, view.group), self._counting(view, _COUNTS)
            found = self._heads[at] = Head(*at, shape=shape, menu=menu, counting=counting)
        return found

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
            found = self._of_counts(context, context.head.menu.of_group, context.of_group, visit.view)
        return found

    def goals(self, visit: Visit, counted: int) -> Bundle:
        """Which goals are reached."""
        context = visit.context
        found = context.goals.get(counted)
        return self._of_counts(context, self._recaller.goals, context.goals, visit.view) if found is None else found

    def _of_counts(
        self, context: Context, askings: Sequence[Asking | Remark], known: dict[int, Bundle], view: View
    ) -> Bundle:
        head = context.head
        asked = tuple(Asked(one, (one.number, head.number, -1)) for one in askings)
        leaves = self._leaves(head, asked, FromCounts(context.facts, view.columns, head.counting), view)
        # Only now it is known what is looked at.
        found = known[head.counting.total(view.columns)] = self._bundle(head, asked, leaves, _is_of_no_member)
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
            leaves = self._leaves(context.head, (asked,), seen, visit.view)
            found = self._bundle(context.head, (asked,), leaves, _is_of_no_member)
            further.known[counting.total(columns)] = found
        return found

    # -- what is about a member of a column --------------------------------------------------------

    def of_columns(self, visit: Visit) -> list[InColumn]:
        """What follows of requests about the members of each column."""
        context = visit.context
        found = list(map(dict.get, context.kin.of_columns, visit.columns))
        if None not in found:
            return found  # type: ignore[return-value]  # none of them is None
        return [self._of_column(context, visit.view, place) if one is None else one for place, one in enumerate(found)]

    def _of_column(self, context: Context, view: View, place: int) -> InColumn:
        head, column = context.head, view.columns[place]
        members: dict[Member, tuple[int, Bundle]] = {}
        for number, member in enumerate(self._columns.members(0 if head.alike(place) else place, column)):
            if member not in members:
                found = context.kin.of_members.get(member)
                if found is None:
                    found = self._of_member(context, view, (place, number), member)
                    context.kin.of_members[member] = found
                members[member] = number, found
        self._kept += 1
        # Whom the context is like may have come to be known better meanwhile.
        made = context.kin.of_columns[place][column] = self._in_column(head, column, members)
        return made

    def _in_column(self, head: Head, column: int, members: Mapping[Member, tuple[int, Bundle]]) -> InColumn:
        moves: list[Move] = []
        for member, (_, found) in members.items():
            for way in found.ways:
                columns = way.change.columns
                if columns is None:
                    columns = way.change.columns = self._columns_after(head, member, way.change)
                after = columns.get(column)
                if after is None:
                    after = columns[column] = self._column_after(head, column, member, way.change)
                moves.append((way.change, *after, way.label))
        made = in_column(tuple(members.values()), moves)
        self._in_columns.append(made)
        return made

    def _of_member(self, context: Context, view: View, spot: Spot, member: Member) -> Bundle:
        head, number = context.head, self._codebook.number(member)
        asked = tuple(Asked(one, (one.number, head.number, number)) for one in head.menu.of_member)
        seen = FromContext(context.facts)
        leaves = self._leaves(head, asked, seen, view, spot)
        head.look_at(seen.looks.keys())
        return self._bundle(head, asked, leaves, partial(_is_of_one_member, member))

    def _columns_after(self, head: Head, member: Member, change: Change) -> dict[int, tuple[int, bytes]]:
        """What becomes of columns by a change of a member of them, for all changes that do the same to it."""
        done = member, change.member, sum(change.by_fault_domain), head.shape.follows
        return self._after.setdefault(done, {})

    def _column_after(self, head: Head, column: int, member: Member, change: Change) -> tuple[int, bytes]:
        """The number of a column after a change of a member of it, and that number packed."""
        # Where the member is not, nothing changes.
        part, more = self._codebook.parts[column], sum(change.by_fault_domain)
        part = column_after(part, more, member, change.member, follows=head.shape.follows)
        number = NONE if part == (ELSEWHERE,) else self._codebook.number(part)
        return number, packed((number,))

    # -- both --------------------------------------------------------------------------------------

    def after(self, context: Context, change: Change) -> bytes:
        """The context after a change."""
        found = context.after.get(change)
        if found is None:
            codebook = self._codebook
            group = change.of_group(context.name, context.course, context.counts, codebook)
            zones = zones_number(change.zones(context.facts), codebook)
            found = context.after[change] = packed((*group, zones, context.head.domains))
        return found

    def swapped(self, visit: Visit, change: Change) -> Iterator[bytes]:
        """The worlds after a step that changes members where they stand: one for every way to pick them."""
        head, after = visit.context.head, self.after(visit.context, change)
        swaps, follows = change.swaps or (), change.shape.follows
        for columns in self._swapper.ways(visit.columns, swaps, follows=follows, ends=change.ends):
            if head.sorts:
                yield after + packed((*sorted(columns[: head.domains]), *columns[head.domains :]))
            else:
                yield after + packed(columns)

    def _bundle(self, head: Head, askings: Sequence[Asked], leaves: Sequence[Leaf | None], leads: _Leads) -> Bundle:
        """Put together what follows of several requests, of what was found out of each."""
        known: list[tuple[Asked, Leaf, tuple[Way, ...]]] = []
        whole: list[Whole] = []
        loose: list[Asked] = []
        for asked, leaf in zip(askings, leaves, strict=True):
            if leaf is None:
                loose.append(asked)
                continue
            ways = tuple(Way(step.change, step.label) for step in leaf.follows if step.change)
            kept = not leaf.apart and all(leads(way.change) and head.keeps(way.change) for way in ways)
            if isinstance(asked.asking, Asking) and not kept:
                swaps = asked.about_none and all(map(head.swaps, leaf.changes))
                whole.append(Whole(asked.asking, leaf, swaps))
            else:
                known.append((asked, leaf, ways))
        found = bundle(known, whole, loose)
        self._bundles.append(found)
        self._kept += 1
        return found

    def _leaves(
        self,
        head: Head,
        askings: Iterable[Asked],
        seen: FromContext | FromCounts | FromColumns,
        view: View,
        spot: Spot = NOWHERE,
    ) -> tuple[Leaf | None, ...]:
        """What follows of several requests, as far as it can be seen; what is not known is found out."""
        return tuple(self._leaf(head, asked, seen, view, spot) for asked in askings)

    def _leaf(
        self, head: Head, asked: Asked, seen: FromContext | FromCounts | FromColumns, view: View, spot: Spot
    ) -> Leaf | None:
        """What follows of a request; None where more would have to be seen to say it."""
        recall = self._recaller.memory.recall
        known, leaf = recall(asked.root, seen)
        if not known:
            one, place = head.seen_by(spot, view)
            if not recall(asked.root, one)[0]:
                self._recaller.find_out(asked.root, asked.asking, one, place)
                known, leaf = recall(asked.root, seen)
            if not known and seen.look_further():
                _, leaf = recall(asked.root, seen)
        return leaf


def _is_of_no_member(change: Change) -> bool:
    """Whether a step changes no member, nor where members are."""
    return change.member is None and not change.by_fault_domain and not change.others


def _is_of_one_member(member: Member, change: Change) -> bool:
    """Whether a step changes a member alone, and where it is not, and has it stay where it is if it stays at all."""
    elsewhere = {at: count for at, count in enumerate(change.by_fault_domain) if count and at != member[1]}
    return not elsewhere and (change.member is None or change.member[1] == member[1])
