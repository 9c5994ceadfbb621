"""Which invariants look at what was asked and decided alone."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve
from tests.support import explored

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.exploring import Bounds, Configuration
from vmss_invariants.exploring.aspects import BATCHES, POWER
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.invariant import StepInvariant
from vmss_invariants.steps import Step
from vmss_model.values import GroupKind

OF_DECISIONS = tuple(one for one in INVARIANTS.values() if isinstance(one, StepInvariant) and one.of_decision)


def steps_of(kind: GroupKind, bounds: Bounds) -> list[Step]:
    """All steps of the first worlds within bounds."""
    one = Configuration(edition="2021-07", kind=kind, bounds=bounds)
    found, restorer = explored(one, limit_worlds=150)
    stepper = Stepper(one)
    return [step for key in found.keys for step in stepper.steps(restorer.world(key))]


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        (GroupKind.UNIFORM, Bounds(instances=3, fault_domains=2, versions=1, families=BATCHES)),
        (GroupKind.FLEXIBLE, Bounds(instances=2, fault_domains=2, families=POWER)),
    ],
    ids=["rollouts", "power"],
)
def test_what_looks_at_decisions_says_the_same_however_they_are_carried_out(kind: GroupKind, bounds: Bounds) -> None:
    """Whatever was picked, happened and was answered: they speak of the step, and find the same."""
    spoken: Counter[str] = Counter()
    for step in steps_of(kind, bounds):
        nothing_happened = evolve(step, picks={}, events=(), after=step.before, answer=None)
        for one in OF_DECISIONS:
            speaks = one.concerns(step)
            spoken[one.id] += speaks

            assert one.concerns(nothing_happened) is speaks
            assert not speaks or one.check(nothing_happened) == one.check(step)

    assert "decide-is-repeatable" in spoken
    assert sum(count > 0 for count in spoken.values()) > 3
