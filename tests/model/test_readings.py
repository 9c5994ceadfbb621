"""The other readings of findings can be switched on, and say something else where the documents differ."""

from __future__ import annotations

import pytest

from vmss_model import EDITIONS
from vmss_model.capabilities import Capability, Support
from vmss_model.editions import SWITCHABLE, read_otherwise
from vmss_model.rules import FINDINGS
from vmss_model.values import GroupKind


def test_only_findings_are_switched() -> None:
    """Whatever can be switched on is a finding."""
    assert {one.id for one in FINDINGS} > set(SWITCHABLE)


@pytest.mark.parametrize("finding", sorted({"F99", "", *(one.id for one in FINDINGS if one.id not in SWITCHABLE)}))
def test_what_has_no_other_reading_is_refused(finding: str) -> None:
    """In a sentence that names those that have one."""
    with pytest.raises(ValueError, match="can be switched on: it is one of F1, F2, F3, F5, F9, F10, F11"):
        read_otherwise(EDITIONS["2021-07"], finding)


def test_readings_are_added_to_one_another() -> None:
    """Each changes what it is about, and leaves the documents' own edition alone."""
    one = EDITIONS["2021-07"]
    both = read_otherwise(read_otherwise(one, "F1"), "F3")
    uniform, as_written = both.kinds[GroupKind.UNIFORM], one.kinds[GroupKind.UNIFORM]

    assert both.readings == {"F1", "F3"}
    assert uniform.fault_domain_guarantee is not None
    assert as_written.fault_domain_guarantee is not None
    assert uniform.fault_domain_guarantee.highest == as_written.fault_domain_guarantee.highest - 1
    assert uniform.capabilities[Capability.BACKUP].support is Support.NO
    assert as_written.capabilities[Capability.BACKUP].support is Support.YES
    assert both.kinds[GroupKind.FLEXIBLE] is one.kinds[GroupKind.FLEXIBLE]
