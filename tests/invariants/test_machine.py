"""The state machine runs free over all editions and kinds of group at once."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from vmss_invariants.machine import ScaleSetMachine

TestScaleSetMachine = ScaleSetMachine.TestCase
TestScaleSetMachine.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
