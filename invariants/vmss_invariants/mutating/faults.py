"""All faults, by the invariants that they break, and the fewest requests that show one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmss_invariants.exploring import Configuration, explore
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.wording import picture_of
from vmss_invariants.mutating.fault import Fault
from vmss_invariants.mutating.faults_of_groups import FAULTS_OF_GROUPS
from vmss_invariants.mutating.faults_of_rollouts import FAULTS_OF_ROLLOUTS
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE, Notice
from vmss_invariants.verify import verify

FAULTS: Mapping[str, Fault] = MappingProxyType({one.invariant: one for one in (*FAULTS_OF_GROUPS, *FAULTS_OF_ROLLOUTS)})
"""The faults by the invariants that they break."""
BY_CONSTRUCTION: Mapping[str, str] = MappingProxyType(
    {
        "what-is-not-granted-changes-nothing": (
            "worlds change by events alone, and where nothing is granted there are none"
        ),
    }
)
"""Invariants that no fault breaks, and why."""
_STEPS = 20_000
"""In how many steps a fault is looked for."""
_EXAMPLES = 3
"""In how many runs of the state machine."""


def shown(fault: Fault) -> Notice | None:
    """The fewest requests that show that the invariant does not hold; None where it held."""
    with fault.wrong():
        return _walked(fault) if fault.bounds is None else _explored(fault, fault.bounds)


def _explored(fault: Fault, bounds: Bounds) -> Notice | None:
    configuration = Configuration(edition=fault.edition, kind=fault.kind, bounds=bounds)
    found = explore(configuration, limit_steps=_STEPS, to_the_first=fault.invariant)
    broken = next((one for one in found.violations if one.invariant == fault.invariant), None)
    return (
        None if broken is None else Notice(EXPLORER, fault.invariant, (*broken.lines, broken.problem), broken.picture)
    )


def _walked(fault: Fault) -> Notice | None:
    report = verify([fault.edition], [fault.kind], _EXAMPLES)
    broken = next((one for one in report.failures if one.id == fault.invariant), None)
    if broken is None:
        return None
    picture = () if broken.before is None else picture_of(broken.before)
    return Notice(MACHINE, fault.invariant, broken.counterexample, picture)
