"""Holds explored steps against those that the proofs speak of, so that what is proved of counts is so of the model.

A step whose request was recalled is made once for all worlds in which its group has the same counts: the check is
made on stand-ins that note what it looks at. Where it is how many members each fault domain has, or who all are but for
where they stand, it is made for all worlds where that is the same, too; where it is more, anew in every world.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from vmss_invariants.exploring.bundles import Bundle, InColumn
from vmss_invariants.exploring.columns import Spot
from vmss_invariants.exploring.contexts import Visit
from vmss_invariants.exploring.examining import Found
from vmss_invariants.exploring.heads import Context
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.recalling import Asking
from vmss_invariants.exploring.sight import Sight
from vmss_invariants.exploring.slots import EVERYONE, SLOTS
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.untold import LookedFurtherError
from vmss_invariants.exploring.views import View
from vmss_invariants.proving.refinement import is_tied, unrefined
from vmss_invariants.steps import Step
from vmss_model.world import World

REFINEMENT = "every-step-is-one-the-proofs-speak-of"
"""The name under which a step that the proofs do not speak of is told."""
_BY_FAULT_DOMAIN = SLOTS["by_fault_domain"]
_COUNTED = slice(5, 8)
"""The numbers of a canonical world for the course of its rollout, its counts and its members by zone."""


class Refining:
    """Refines steps, and counts them."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._known: dict[Hashable, bool] = {}
        self.refined = 0

    def refine(self, step: Step, found: Found) -> None:
        """Hold a step that was made against those that the proofs speak of."""
        if not is_tied(step):
            return
        self.refined += 1
        problem = unrefined(step)
        if problem is not None:
            found(REFINEMENT, problem)

    def forget(self) -> None:
        """Forget what was refined already: what was found out is forgotten, too."""
        self._known.clear()

    def refine_column(self, column: InColumn, context: Context) -> bool:
        """Hold all steps that were recalled at once about members of a column against them.

        Tells whether that is known to be so; where it is not, the members' own are to be refined.
        """
        known = context.refined
        if column not in known and all(one in known for _, one in column.of_members if one.tied):
            known.add(column)
        self.refined += column.tied if column in known else 0
        return column in known

    def refine_bundle(self, bundle: Bundle, visit: Visit, spot: Spot, found: Found) -> None:
        """Hold all steps that were recalled at once about a member, or about none, against them."""
        if bundle in visit.context.refined:
            self.refined += bundle.tied
            return
        known = True
        for asked, leaf in bundle.all_tied():
            if isinstance(asked.asking, Asking):
                one, at = visit.context.head.seen_by(spot, visit.view)
                known &= self.refine_recalled(one, asked.asking, leaf, at, found)
        if known:
            visit.context.refined.add(bundle)

    def refine_recalled(self, view: View, asking: Asking, leaf: Leaf, place: int, found: Found) -> bool:
        """Hold the steps of a request that were recalled in a world against them.

        Tells whether that goes for all worlds of its context, whoever their members are and wherever they stand.
        """
        if leaf.apart:
            for step in self._steps(view.world, view, asking, place):
                self.refine(step, found)
            return False
        if not leaf.tied:
            return True
        self.refined += leaf.tied
        # A leaf is about one member or none; the numbers say all else that its steps can count, but for where.
        at = (leaf, *view.key[_COUNTED])
        if at not in self._known:
            sight = view.sight(place, counts=False, loads=False)
            self._known[at] = self._holds(sight, view, asking, place, found)
        if self._known[at]:
            return True
        further = (*at, view.facts[_BY_FAULT_DOMAIN], view.seen(EVERYONE) if place < 0 else ())
        if further not in self._known:
            sight = view.sight(place, counts=False, of_all=EVERYONE if place < 0 else None)
            self._known[further] = self._holds(sight, view, asking, place, found)
        if not self._known[further]:
            self._hold(view.world, view, asking, place, found)
        return False

    def _holds(self, sight: Sight, view: View, asking: Asking, place: int, found: Found) -> bool:
        """Hold steps in a sight against them; tells whether they look at no more than may be known of all members."""
        may_be_known = set() if sight.of_all is None else {sight.of_all}
        try:
            self._hold(sight.world, view, asking, place, found)
        except LookedFurtherError:
            sight.close()
            return False
        return sight.close().keys() <= may_be_known

    def _hold(self, world: World, view: View, asking: Asking, place: int, found: Found) -> None:
        for problem in tuple(filter(None, map(unrefined, self._steps(world, view, asking, place)))):
            found(REFINEMENT, problem)

    def _steps(self, world: World, view: View, asking: Asking, place: int) -> Iterator[Step]:
        return self._stepper.steps_of(world, asking.of(view.name_at(place)))
