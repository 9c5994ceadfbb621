"""The fewest requests that show a fault, and what is left of a sequence of the state machine."""

from __future__ import annotations

from vmss_invariants.exploring import Configuration, explore
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.wording import picture_of
from vmss_invariants.mutating.fault import Fault
from vmss_invariants.mutating.noticing import MACHINE, Notice, noticed_in
from vmss_invariants.verify import verify
from vmss_model.editions import Edition, edition
from vmss_model.values import GroupKind

_STEPS = 20_000
"""In how many steps a fault is looked for."""
_EXAMPLES = 3
"""In how many runs of the state machine a sequence is looked for."""


def shown(fault: Fault) -> Notice | None:
    """The fewest requests that show that the invariant does not hold; None where it held."""
    with fault.wrong():
        if fault.bounds is None:
            return left_of_a_walk(fault.invariant, edition(fault.edition), fault.kind)
        return _explored(fault, fault.bounds)


def _explored(fault: Fault, bounds: Bounds) -> Notice | None:
    configuration = Configuration(edition=fault.edition, kind=fault.kind, bounds=bounds)
    found = explore(configuration, limit_steps=_STEPS, to_the_first=fault.invariant)
    return next((noticed_in(one) for one in found.violations if one.invariant == fault.invariant), None)


def left_of_a_walk(invariant: str, one: Edition, kind: GroupKind) -> Notice | None:
    """What is left of the requests after which the state machine found an invariant broken; None where it did not."""
    failure = next((failed for failed in verify([one], [kind], _EXAMPLES).failures if failed.id == invariant), None)
    if failure is None:
        return None
    picture = () if failure.before is None else picture_of(failure.before)
    return Notice(MACHINE, invariant, failure.counterexample, picture)
