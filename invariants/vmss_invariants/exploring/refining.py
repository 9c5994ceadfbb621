"""Holds explored steps against those that the proofs speak of, so that what is proved of counts is so of the model.

A step whose request was recalled is made once for all worlds in which its group has the same counts: the check is
made on stand-ins that note what it looks at, and where that is anything but counts, the own member and who all
are but for where they stand, it is made anew in every world.
"""

from __future__ import annotations

from vmss_invariants.exploring.bundles import Bundle
from vmss_invariants.exploring.contexts import Context
from vmss_invariants.exploring.examining import Found
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.recalling import Asking
from vmss_invariants.exploring.sight import LookedFurtherError
from vmss_invariants.exploring.slots import EVERYONE, SLOTS
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.views import View
from vmss_invariants.proving.refinement import unrefined
from vmss_invariants.steps import Step

REFINEMENT = "every-step-is-one-the-proofs-speak-of"
"""The name under which a step that the proofs do not speak of is told."""
_BY_FAULT_DOMAIN, _BY_ZONE = SLOTS["by_fault_domain"], SLOTS["by_zone"]


class Refining:
    """Refines steps, and counts them."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._known: dict[tuple[object, ...], bool] = {}
        self.refined = 0

    def refine(self, step: Step, found: Found) -> None:
        """Hold a step that was made against those that the proofs speak of."""
        if not step.events:
            return
        self.refined += 1
        problem = unrefined(step)
        if problem is not None:
            found(REFINEMENT, problem)

    def refine_made(self, view: View, asking: Asking, found: Found) -> None:
        """Make the steps of a request about no member that were recalled, and hold them against them."""
        for step in self._stepper.steps_of(view.world, asking.request):
            self.refine(step, found)

    def forget(self) -> None:
        """Forget what was refined already: what was found out is forgotten, too."""
        self._known.clear()

    def refine_bundle(self, bundle: Bundle, context: Context, view: View, column: int, found: Found) -> None:
        """Hold all steps that were recalled at once about the members of a column, or none, against them."""
        at = (bundle, column, view.facts[_BY_FAULT_DOMAIN])
        if at in self._known:
            self.refined += bundle.happened
            return
        known = True
        for asked, leaf in bundle.happening():
            if isinstance(asked.asking, Asking):
                one, place = context.seen_by(asked, view, column)
                known &= self.refine_recalled(one, asked.asking, leaf, place, found)
        if known:
            self._known[at] = True

    def refine_recalled(self, view: View, asking: Asking, leaf: Leaf, place: int, found: Found) -> bool:
        """Hold the steps of a request that were recalled in a world against them.

        Tells whether that goes for all worlds with the same counts, whoever their members are.
        """
        if leaf.apart:
            self.refine_made(view, asking, found)
            return False
        if not leaf.happened:
            return True
        self.refined += leaf.happened
        # A leaf is about one member or none; the other numbers say all that its steps can count.
        counts = (view.key[5], view.key[6], view.facts[_BY_FAULT_DOMAIN], view.facts[_BY_ZONE])
        of_none = place < 0
        at = (leaf, *counts, view.seen(EVERYONE) if of_none else ())
        known = self._known.get(at)
        if known is not None:
            return known
        sight, request = view.sight(place, counts=False, everyone=of_none), asking.of(view.name_at(place))
        try:
            problems = tuple(map(unrefined, self._stepper.steps_of(sight.world, request)))
        except LookedFurtherError:
            problems = tuple(map(unrefined, self._stepper.steps_of(view.world, request)))
        else:
            if sight.looks.keys() <= {EVERYONE}:
                self._known[at] = not sight.looks
        finally:
            sight.close()
        for problem in filter(None, problems):
            found(REFINEMENT, problem)
        return self._known.get(at, False)
