"""The steps of worlds of one group, recalled wherever it is known what follows."""

from __future__ import annotations

from bisect import bisect
from functools import partial

from vmss_invariants.exploring.bundles import Bundle, InColumn
from vmss_invariants.exploring.codebook import BYTES, packed, unpacked
from vmss_invariants.exploring.columns import NOWHERE, Spot
from vmss_invariants.exploring.contexts import Contexts, Visit
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.graph import link
from vmss_invariants.exploring.making import Maker
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.others import Changed
from vmss_invariants.exploring.past import Moment
from vmss_invariants.exploring.recalling import Asking, Recaller, Remark
from vmss_invariants.exploring.refining import Refining
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.views import CONTEXT_BYTES, View
from vmss_invariants.exploring.walk import Targets, Walk


class Follower:
    """Follows the steps of worlds of one group."""

    def __init__(
        self,
        walk: Walk,
        restorer: Restorer,
        recaller: Recaller,
        maker: Maker,
        examiner: Examiner,
        refining: Refining | None,
    ) -> None:
        self._walk = walk
        self._recaller = recaller
        self._maker = maker
        self._examiner = examiner
        self._refining = refining
        self._restorer = restorer
        self._contexts = Contexts(restorer, recaller)

    @property
    def pays(self) -> bool:
        """Whether it is worth while to recall."""
        return self._recaller.memory.pays

    def expand(self, node: int, packed: bytes, targets: Targets) -> None:
        """Examine a world, and follow every step of it: recalled, or made where it looks at other members.

        Of the first world of each head nothing is found out that could be recalled: it may be the only one.
        """
        if self._contexts.full or self._recaller.memory.full:
            self.settle()
        found = self._visit(node, packed, targets)
        if isinstance(found, Visit):
            self._use_bundles(found)
            return
        if self._contexts.is_the_first(found):
            self._maker.expand(node, Moment(found.world), targets)
            return
        self._maker.look_at(node, found.world)
        for asking, place in self._recaller.askings(found):
            self._recall_or_make(node, asking, found, place, targets)

    def note_goals(self, packed: bytes) -> None:
        """Note which goals are reached in a world."""
        found = self._visit(-1, packed, set())
        if isinstance(found, Visit):
            counted = found.context.head.counting.total(found.columns)
            self._walk.note_goals(self._contexts.goals(found, counted).reached)
        else:
            self._maker.note_goals(found.world)

    def _visit(self, node: int, packed: bytes, targets: Targets) -> Visit | View:
        """A world with what is put together for it; without, where nothing is."""
        context = self._contexts.known(packed)
        if context is None:
            view = View(unpacked(packed), self._restorer)
            context = self._contexts.of(view, packed)
            if context is None:
                return view
        return Visit(node, packed, unpacked(packed, CONTEXT_BYTES), context, targets, self._restorer)

    def settle(self) -> None:
        """Count the examinations of all steps that were recalled, and forget what was found out."""
        self._contexts.settle()
        for leaf in self._recaller.memory.leaves:
            for number, count in leaf.counts:
                self._examiner.counts[number] += count * leaf.used
        self._recaller.memory.forget()
        if self._refining is not None:
            self._refining.forget()

    # -- what was put together ---------------------------------------------------------------------

    def _use_bundles(self, visit: Visit) -> None:
        contexts = self._contexts
        counted = visit.context.head.counting.total(visit.columns)
        self._walk.note_goals(contexts.goals(visit, counted).reached)
        bundle = contexts.of_group(visit, counted)
        self._use(visit, bundle)
        for asked in bundle.loose:
            further = contexts.looking_further(visit, asked)
            self._use(visit, further)
            self._take_apart(visit, further)
        self._use_columns(visit)

    def _use_columns(self, visit: Visit) -> None:
        refining, add, steps, leaves = self._refining, visit.targets.add, 0, 0
        for column, of_column in enumerate(self._contexts.of_columns(visit)):
            if of_column.plain and (refining is None or refining.refine_column(of_column, visit.context)):
                of_column.used += 1
                steps += of_column.steps
                leaves += of_column.leaves
                for label in of_column.stays:
                    add(link(visit.node, label))
            else:
                for place, bundle in of_column.of_members:
                    self._use(visit, bundle, (column, place))
                    self._take_apart(visit, bundle, (column, place))
            if of_column.moves:
                self._move(visit, of_column, column)
        self._walk.steps += steps
        self._recaller.memory.recalled += leaves

    def _use(self, visit: Visit, bundle: Bundle, spot: Spot = NOWHERE) -> None:
        """Use what is known of requests about a member, or about none."""
        walk, node, targets = self._walk, visit.node, visit.targets
        bundle.used += 1
        walk.steps += bundle.steps
        self._recaller.memory.recalled += len(bundle.leaves)
        for broken in bundle.said:
            walk.broken_in(node, broken)
        for broken in bundle.broken:
            walk.broken_by_a_step(node, broken)
        for label in bundle.stays:
            targets.add(link(node, label))
        if spot is NOWHERE and bundle.ways:
            columns = visit.packed[CONTEXT_BYTES:]
            for way in bundle.ways:
                after = self._contexts.after(visit.context, way.change)
                targets.add(link(walk.reach(after + columns, node), way.label))
        for whole in bundle.whole:
            if whole.swaps and self._refining is None:
                for step in whole.leaf.apart or (whole.leaf,):
                    self._swap(visit, step)
            else:
                one, at = visit.context.head.seen_by(spot, visit.view)
                self._recall(node, one, whole.asking, whole.leaf, at, targets)
        if self._refining is not None and bundle.tied:
            self._refining.refine_bundle(bundle, visit, spot, partial(walk.broken_by_a_step, node))

    def _swap(self, visit: Visit, leaf: Leaf) -> None:
        """Follow steps that change members where they stand, as often as such members can be picked."""
        walk, node, targets, times = self._walk, visit.node, visit.targets, 1
        for one in leaf.follows:
            if one.change is not None:
                reached = [walk.reach(after, node) for after in self._contexts.swapped(visit, one.change)]
                targets.update(link(world, one.label) for world in reached)
                times = len(reached)
            elif one.happened:
                targets.add(link(node, one.label))
        self._note_use(node, leaf, times)

    def _note_use(self, node: int, leaf: Leaf, times: int = 1) -> None:
        """Note that what was found out of a request was used, so many times."""
        leaf.used += times
        self._walk.steps += times * len(leaf.follows)
        for broken in leaf.broken:
            self._walk.broken_by_a_step(node, broken)

    def _move(self, visit: Visit, of_column: InColumn, column: int) -> None:
        """Follow the steps that change a member of a column."""
        reach, node, targets, columns = self._walk.reach, visit.node, visit.targets, visit.columns
        context, head, keeps = visit.context, visit.context.head, BYTES * column
        sorts = head.sorts and column < head.domains
        if sorts and column and columns[column] == columns[column - 1]:
            # Of fault domains that are the same the first one says all.
            return
        others = [*columns[:column], *columns[column + 1 : head.domains]]
        every = visit.packed[CONTEXT_BYTES:]
        rest = every[:keeps] + every[keeps + BYTES :]
        for change, moved, number, label in of_column.moves:
            after = context.after.get(change) or self._contexts.after(context, change)
            # The others are in order already.
            at = BYTES * bisect(others, moved) if sorts else keeps
            targets.add(link(reach(after + rest[:at] + number + rest[at:], node), label))

    def _take_apart(self, visit: Visit, bundle: Bundle, spot: Spot = NOWHERE) -> None:
        """Recall or make what is loose in a bundle."""
        for asked in bundle.loose:
            one, at = visit.context.head.seen_by(spot, visit.view)
            self._recall_or_make(visit.node, asked.asking, one, at, visit.targets)

    # -- one by one --------------------------------------------------------------------------------

    def _recall_or_make(self, node: int, asking: Asking | Remark, view: View, place: int, targets: Targets) -> None:
        """What follows of one request, or is said, in one world."""
        leaf = self._recaller.leaf(asking, view, place)
        if isinstance(asking, Remark):
            self._say(node, asking, view, leaf)
        elif leaf is None:
            self._maker.make_steps(node, Moment(view.world), asking.of(view.name_at(place)), targets)
        else:
            self._recall(node, view, asking, leaf, place, targets)

    def _say(self, node: int, remark: Remark, view: View, leaf: Leaf | None) -> None:
        found = partial(self._walk.broken_in, node)
        if leaf is None:
            remark.say(view.world, found)
        else:
            leaf.used += 1
            for broken in leaf.broken:
                found(broken)

    def _recall(self, node: int, view: View, asking: Asking, leaf: Leaf, place: int, targets: Targets) -> None:
        self._recall_steps(node, view, leaf, place, targets)
        for step in leaf.apart:
            for others in self._recaller.changes.picks(view, step.follows[0].change):
                self._recall_steps(node, view, step, place, targets, others)
        if self._refining is not None:
            self._refining.refine_recalled(view, asking, leaf, place, partial(self._walk.broken_by_a_step, node))

    def _recall_steps(
        self, node: int, view: View, leaf: Leaf, place: int, targets: Targets, others: Changed | None = None
    ) -> None:
        walk, changes = self._walk, self._recaller.changes
        self._note_use(node, leaf)
        for one in leaf.follows:
            if one.change is not None:
                after = packed(changes.after(view, one.change, place, others))
                targets.add(link(walk.reach(after, node), one.label))
            elif one.happened:
                targets.add(link(node, one.label))
