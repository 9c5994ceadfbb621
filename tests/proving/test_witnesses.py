"""Each finding has a situation in which its two readings differ."""

from __future__ import annotations

import pytest

from vmss_invariants.proving.witnesses import FindingWitness, finding_witnesses
from vmss_model.rules import FINDINGS

WITNESSES = {one.finding: one for one in finding_witnesses()}


def test_every_finding_has_a_witness() -> None:
    """Fourteen of them, in the findings' order."""
    assert list(WITNESSES) == [one.id for one in FINDINGS]


@pytest.mark.parametrize("witness", WITNESSES.values(), ids=lambda one: one.finding)
def test_the_readings_differ_on_the_witness(witness: FindingWitness) -> None:
    """What each reading says is another thing."""
    assert witness.differs
    assert witness.chosen
    assert witness.other
    assert witness.situation


@pytest.mark.parametrize(
    ("finding", "number"),
    [("F1", "100 instances"), ("F4", "a group of 6"), ("F6", "VM number 201"), ("F8", "a group of 1")],
)
def test_z3_finds_the_least_number_on_which_readings_differ(finding: str, number: str) -> None:
    """The bound itself, and not some number beyond it."""
    assert number in WITNESSES[finding].situation


@pytest.mark.parametrize(
    ("finding", "chosen", "other"),
    [
        ("F1", "granted", "refused by FD-HA-SCOPE"),
        ("F4", "1", "2"),
        ("F9", "refused by OSU-STOP-UPGRADED", "granted"),
        ("F10", "refused by OSU-WINDOWS", "granted"),
    ],
)
def test_what_the_readings_say(finding: str, chosen: str, other: str) -> None:
    """The model's own answers, on the edition as it is and with the other reading."""
    assert (WITNESSES[finding].chosen, WITNESSES[finding].other) == (chosen, other)


def test_a_witness_on_which_the_readings_agree_is_none() -> None:
    """The check can fail."""
    agreed = FindingWitness(finding="F1", situation="99 instances", chosen="granted", other="granted")

    assert not agreed.differs
