"""What holds at the ARM boundary of what was not seen, or not from the beginning, on flows built by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracle.service import (
    CONFORMS,
    DEPLOYMENT,
    GONE,
    GROUP,
    MEMBERS,
    UNKNOWN,
    VIOLATES,
    Service,
    begun,
    created,
    flexible,
    listed,
    machine,
    missed,
    template,
    uniform,
)
from tests.oracle.test_arm_upgrades import body, rollout

LATEST = f"{GROUP}/rollingUpgrades/latest"


def test_after_exchanges_that_were_missed_a_change_may_still_be_under_way() -> None:
    """A read shows the old value, the next one the new one; what only creation sets stays."""
    service = missed(created(uniform(2)))
    assert service.get(GROUP, uniform(2, overprovision=True)).verdict is not VIOLATES
    assert service.get(GROUP, uniform(5, overprovision=False)).verdict is not VIOLATES
    assert service.get(GROUP, {**uniform(5), "location": "eastus"}).rules == ("ARM-IMMUTABLE",)


def test_after_exchanges_that_were_missed_a_deletion_may_still_be_under_way() -> None:
    """What was shown may be gone: an operation finds it no more, and no listing shows it."""
    service = missed(created(uniform(2)))
    service.get(GROUP, uniform(2))
    assert service.refused("POST", f"{GROUP}/start", 404, "ResourceNotFound", "Gone.").verdict is UNKNOWN
    assert service.get("virtualMachineScaleSets", {"value": []}).verdict is CONFORMS
    service = created(uniform(2))
    assert service.refused("POST", f"{GROUP}/start", 404, "ResourceNotFound", "Gone.").verdict is VIOLATES
    assert service.get("virtualMachineScaleSets", {"value": []}).rules == ("ARM-LIST",)


def test_after_exchanges_that_were_missed_a_scale_set_may_have_been_created_anew() -> None:
    """With other properties that only creation sets, where the answer is 201; a change is answered with 200."""
    anew = flexible(2)
    for gap, status, is_wrong in ((True, 201, False), (True, 200, True), (False, 201, True)):
        service = missed(created(flexible(3))) if gap else created(flexible(3))
        service.get(GROUP, flexible(3))
        assert (service.call("PUT", GROUP, status, anew, asked=anew).verdict is VIOLATES) is is_wrong


def test_after_exchanges_that_were_missed_a_template_may_be_deployed_once_more() -> None:
    """What it declares may have been there, with members; where nothing was missed, it is created empty."""
    declared = template({**flexible(), "type": "Microsoft.Compute/virtualMachineScaleSets", "name": "web"})
    for service, is_wrong in ((missed(Service()), False), (Service(), True)):
        service.done("PUT", DEPLOYMENT, 201, {}, asked=declared)
        assert (service.get(MEMBERS, {"value": [machine("a")]}).verdict is VIOLATES) is is_wrong


def test_a_switch_that_was_never_seen_may_be_on() -> None:
    """While it is switched off it is shown as before; one that a scale set was created without is off."""
    off, on = ({"enableAutomaticOSUpgrade": switched} for switched in (False, True))
    for service, verdict in ((Service(), CONFORMS), (created(body(1)), VIOLATES)):
        asked = {"properties": {"upgradePolicy": {"automaticOSUpgradePolicy": off}}}
        begun(service, "op-9", "PATCH", GROUP, asked, 200)
        assert service.get(GROUP, body(1, automaticOSUpgradePolicy=on)).verdict is verdict


@pytest.mark.parametrize("known", [flexible(), None], ids=["a known mode", "an unknown mode"])
def test_a_vm_that_was_listed_as_a_member_is_deleted_as_one(known: dict[str, Any] | None) -> None:
    """Although its creation was not seen."""
    service = Service()
    if known is not None:
        service.get(GROUP, known)
    service.get(MEMBERS, {"value": [machine("a"), machine("b")]})
    assert service.done("DELETE", "virtualMachines/a", 202).verdict is not VIOLATES
    assert service.get(MEMBERS, {"value": [machine("b")]}).verdict is not VIOLATES
    assert service.get("virtualMachines/a", GONE, 404).verdict is CONFORMS
    assert service.get(MEMBERS, {"value": [machine("a"), machine("b")]}).verdict is VIOLATES


def test_where_a_scale_set_stands_may_not_be_known() -> None:
    """A VM may join one in a zone of which only a change was seen; it joins none that was created in no zone."""
    service = Service()
    service.done("PATCH", GROUP, 200, flexible(1), asked=flexible(1))
    asked = {**machine("a"), "zones": ["1"]}
    assert service.done("PUT", "virtualMachines/a", 201, None, asked=asked).verdict is not VIOLATES
    regional = created(flexible(1))
    assert regional.done("PUT", "virtualMachines/a", 201, None, asked=asked).verdict is VIOLATES


def test_members_that_leave_leave_a_rollout_too() -> None:
    """Its counts sum to fewer then; while all members stay they do not."""
    policy = {"mode": "Rolling"}
    for resized, verdict in ((True, CONFORMS), (False, VIOLATES)):
        service = created(uniform(4, upgradePolicy=policy))
        listed(service, 0, 1, 2, 3)
        service.done("POST", f"{GROUP}/osRollingUpgrade", 202)
        assert service.get(LATEST, rollout("RollingForward", 1, 0, 1, 2)).verdict is not VIOLATES
        if resized:
            service.done("PATCH", GROUP, 200, uniform(2, upgradePolicy=policy), asked={"sku": {"capacity": 2}})
        assert service.get(LATEST, rollout("RollingForward", 0, 0, 1, 1)).verdict is verdict
