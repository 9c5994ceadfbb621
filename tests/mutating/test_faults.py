"""Every invariant can fail: a mutant of a rule breaks it, or a fault that is put into the model."""

from __future__ import annotations

import pytest
from tests.support import recorded

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.mutating.fault import Fault
from vmss_invariants.mutating.faults import BY_CONSTRUCTION, FAULTS
from vmss_invariants.mutating.isolated import isolated
from vmss_invariants.mutating.noticing import EXPLORER, Notice
from vmss_invariants.mutating.showing import shown
from vmss_model.decide import _DECISIONS
from vmss_model.evolve import _EVOLUTIONS

EXPLORED = tuple(one for one in FAULTS.values() if one.bounds is not None)
LONGEST = 60.0
"""How long one may take (seconds); most take less than a tenth of one."""


@pytest.mark.parametrize("fault", EXPLORED, ids=[one.invariant for one in EXPLORED])
def test_a_fault_breaks_its_invariant(fault: Fault) -> None:
    """The explorer comes to it, by the same requests that the invariant's page shows."""
    found: Notice | None = isolated(lambda: shown(fault), LONGEST, endless=None, broken_off=None)

    assert found is not None
    assert (found.by, found.what) == (EXPLORER, fault.invariant)
    told = recorded().broken[fault.invariant]
    # What is broken may be told of either of two things: which of them is looked at first differs from run to run.
    assert not told.of_a_fault or told.lines == found.lines[:-1]


def test_a_fault_lasts_as_long_as_its_context() -> None:
    """Decisions and evolutions are those of the model again afterwards."""
    right = dict(_DECISIONS), dict(_EVOLUTIONS)
    for fault in FAULTS.values():
        with fault.wrong():
            pass

        assert right == (_DECISIONS, _EVOLUTIONS)


def test_faults_are_of_invariants_where_they_apply() -> None:
    """And each says in a sentence what is wrong."""
    for invariant, fault in FAULTS.items():
        assert INVARIANTS[invariant].applies(fault.edition, fault.kind)
        assert fault.what[0].isupper()
        assert fault.what.endswith(".")


def test_every_invariant_can_fail() -> None:
    """None holds whatever the model does, but for those that are said to."""
    assert INVARIANTS.keys() - recorded().broken.keys() == BY_CONSTRUCTION.keys()


def test_what_a_mutant_breaks_needs_no_fault() -> None:
    """Faults are for what no mutant of a rule breaks."""
    assert sorted(FAULTS) == sorted(name for name, told in recorded().broken.items() if told.of_a_fault)
