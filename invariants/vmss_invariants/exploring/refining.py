"""Holds explored steps against those that the proofs speak of, so that what is proved of counts is so of the model.

A step whose request was recalled is made once for all worlds in which its group has the same counts: the check is
made on stand-ins that note what it looks at, and where that is anything but counts and the own member, it is made
anew in every world.
"""

from __future__ import annotations

from vmss_invariants.exploring.examining import Found
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.recalling import Asking
from vmss_invariants.exploring.sight import SLOTS, LookedFurtherError, Sight, Tally
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
        self._known: set[tuple[object, ...]] = set()
        self.refined = 0

    def refine(self, step: Step, found: Found) -> None:
        """Hold a step that was made against those that the proofs speak of."""
        if not step.events:
            return
        self.refined += 1
        problem = unrefined(step)
        if problem is not None:
            found(REFINEMENT, problem)

    def refine_recalled(self, view: View, asking: Asking, leaf: Leaf, found: Found) -> None:
        """Hold the steps of a request that were recalled in a world against those that the proofs speak of."""
        happening = sum(one.happened for one in leaf.follows)
        if not happening:
            return
        self.refined += happening
        # A leaf is about one member or none; the other numbers say all that its steps can count.
        at = (leaf, view.key[5], view.key[6], view.facts[_BY_FAULT_DOMAIN], view.facts[_BY_ZONE])
        if at in self._known:
            return
        sight = Sight(view.world, view.name_at(asking.place))
        try:
            problems = tuple(map(unrefined, self._stepper.steps_of(sight.world, asking.request)))
        except LookedFurtherError:
            problems = tuple(map(unrefined, self._stepper.steps_of(view.world, asking.request)))
        else:
            if not any(isinstance(slot, Tally) for slot in sight.looks):
                self._known.add(at)
        finally:
            sight.close()
        for problem in filter(None, problems):
            found(REFINEMENT, problem)
