"""All faults, by the invariants that they break, and the invariants that none breaks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmss_invariants.mutating.fault import Fault
from vmss_invariants.mutating.faults_of_groups import FAULTS_OF_GROUPS
from vmss_invariants.mutating.faults_of_rollouts import FAULTS_OF_ROLLOUTS

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
