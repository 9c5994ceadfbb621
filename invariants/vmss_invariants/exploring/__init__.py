"""Exhaustive exploration: every canonical world that the model can reach within bounds, with every invariant examined.

from vmss_invariants.exploring import Bounds, Configuration, explore

found = explore(Configuration(edition="2021-02", kind=GroupKind.FLEXIBLE, bounds=Bounds(instances=3)))
found.worlds, found.steps, found.exhausted, found.violations
"""

from __future__ import annotations

from vmss_invariants.exploring import aspects
from vmss_invariants.exploring.aspects import ASPECTS
from vmss_invariants.exploring.bounds import PROFILES, Bounds, Configuration, profile
from vmss_invariants.exploring.examining import OUT_OF_REACH
from vmss_invariants.exploring.explorer import Progress, explore
from vmss_invariants.exploring.export import FORMATS, write
from vmss_invariants.exploring.graph import Exploration, Links, Violation
from vmss_invariants.exploring.menu import MENU, MUST_PROGRESS
from vmss_invariants.exploring.parallel import BrokenOffError, explore_all
from vmss_invariants.exploring.refining import REFINEMENT
from vmss_invariants.exploring.replaying import counterexample, replay
from vmss_invariants.exploring.scene import Family, Scene

__all__ = [
    "ASPECTS",
    "FORMATS",
    "MENU",
    "MUST_PROGRESS",
    "OUT_OF_REACH",
    "PROFILES",
    "REFINEMENT",
    "Bounds",
    "BrokenOffError",
    "Configuration",
    "Exploration",
    "Family",
    "Links",
    "Progress",
    "Scene",
    "Violation",
    "aspects",
    "counterexample",
    "explore",
    "explore_all",
    "profile",
    "replay",
    "write",
]
