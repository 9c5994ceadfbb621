"""Walks one kind of group in search of a broken invariant: the tour, then runs of the state machine.

The search is the same every time, and quiet: what it found is for the caller to show.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from vmss_invariants.collecting import seldom_collected
from vmss_invariants.coverage import RuleCoverage
from vmss_invariants.machine import machine_for
from vmss_invariants.tour import Tour
from vmss_invariants.walker import InvariantBrokenError, Tally, Walker
from vmss_model.editions import Edition
from vmss_model.values import GroupKind

STEPS = 40
"""The most steps of a run."""


@seldom_collected()
def first_broken(
    one: Edition,
    kind: GroupKind,
    examples: int,
    *,
    steps: int = STEPS,
    skipped: frozenset[str] = frozenset(),
    tally: Tally | None = None,
    coverage: RuleCoverage | None = None,
) -> InvariantBrokenError | None:
    """The first invariant, but for those `skipped`, that is broken in so many runs of so many steps, or None."""
    quiet = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=tuple(HealthCheck),
    )
    machine = machine_for((one,), (kind,), skipped, tally, coverage)
    try:
        Tour(lambda: Walker(one, (kind,), skipped, tally, coverage), kind).walk()
        run_state_machine_as_test(machine, settings=quiet)
    except InvariantBrokenError as broken:
        return broken
    return None
