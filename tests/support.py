"""What several tests need: the material that stands beside the project, and explored worlds."""

from __future__ import annotations

from functools import cache

import pytest
from tests.cli.shell import ROOT

from vmss_invariants.exploring import REFINEMENT as EXPLORED_REFINEMENT
from vmss_invariants.exploring import Configuration, Exploration, explore
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.codebook import Codebook
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.invariant import EVERYWHERE, StepInvariant
from vmss_invariants.proving.refinement import unrefined
from vmss_invariants.publishing.results import FILE, Results, loaded

SHARED = ROOT.parent / "shared"
"""The folder with the material, beside the project's own."""
RECORDINGS = SHARED / "recordings"
"""The recordings of the real service."""

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="the recordings of the real service are not at ../shared/recordings",
)
"""Marks a test that reads the recordings of the real service."""


TWIN = "2021-02"
"""An edition that differs from the one after it by what it does not say of upgrades, and nothing else."""
ALL_BUT_TWINS = tuple(place for place in PLACES if place[0] != TWIN)
"""Every kind of group of every other edition. Tests of how explorations work go by these, so that nothing is explored
twice; what is said of the model itself is explored in all of them."""


REFINEMENT = StepInvariant(
    id=EXPLORED_REFINEMENT,
    statement="Every step of the model is made of steps of the counts that the proofs speak of.",
    rules=(),
    where=EVERYWHERE,
    check=unrefined,
    concerns=lambda step: bool(step.events or step.refusing),
)
"""That a step is refined, as an invariant: so the state machine and the tour can examine it, too."""


@cache
def recorded() -> Results:
    """What the last full run found, as it is kept beside the pages."""
    return loaded((ROOT / "docs" / FILE).read_text(encoding="utf-8"))


def explored(configuration: Configuration, limit_worlds: int | None = None) -> tuple[Exploration, Restorer]:
    """What is reached within the bounds, or within a limit; with what makes worlds again from their canonical forms.

    It is explored once for all tests of a process.
    """
    return _explored(configuration, limit_worlds)


@cache
def _explored(configuration: Configuration, limit_worlds: int | None) -> tuple[Exploration, Restorer]:
    codebook = Codebook()
    return explore(configuration, limit_worlds=limit_worlds, codebook=codebook), Restorer(codebook)
