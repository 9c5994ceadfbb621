"""A recording gives the group as it showed it last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vmss_invariants.rollouts.files import load_described
from vmss_invariants.rollouts.planning import behind, world_to_plan_in
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_model.values import Health, HealthSource, Power, UpgradeMode

BASE = "https://localhost/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets"
IMAGE = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}
GROUP = {
    "name": "web",
    "location": "West US",
    "properties": {
        "upgradePolicy": {"mode": "Manual"},
        "virtualMachineProfile": {
            "storageProfile": {"imageReference": IMAGE},
            "networkProfile": {"healthProbe": {"id": "probe"}},
        },
    },
}


def instance(name: str, latest: bool, domain: int, version: str = "1.0", **view: object) -> dict[str, object]:
    """An instance as a listing shows it."""
    properties = {
        "latestModelApplied": latest,
        "storageProfile": {"imageReference": {**IMAGE, "version": version}},
        "instanceView": {"platformUpdateDomain": domain, "platformFaultDomain": domain, **view},
    }
    return {"instanceId": name, "properties": properties}


def recording(tmp_path: Path, *exchanges: tuple[str, object], date: str = "2021-09-01T09:00:00Z") -> Path:
    """An exchange log of reads."""
    file = tmp_path / "seen.jsonl"
    lines = [
        {
            "step": step,
            "date": date,
            "request": {"method": "GET", "url": _url(path), "body": None},
            "response": {"status": 200, "headers": {}, "body": body},
        }
        for step, (path, body) in enumerate(exchanges)
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def _url(path: str) -> str:
    return f"{BASE}{path}{'&' if '?' in path else '?'}api-version=2021-03-01"


def test_the_last_listing_counts(tmp_path: Path) -> None:
    """What an earlier listing showed and the last one does not is gone; what both show is as the last one has it."""
    first = {"value": [instance("0", False, 0), instance("1", False, 1)]}
    second = {"value": [instance("1", True, 1, "2.0"), instance("2", False, 2)]}
    file = recording(tmp_path, ("/web", GROUP), ("/web/virtualMachines", first), ("/web/virtualMachines", second))
    described = load_described(file)
    assert [(one.name, one.latest_model, one.version) for one in described.instances] == [
        ("1", True, "2.0"),
        ("2", False, "1.0"),
    ]
    assert (described.name, described.region, described.edition.name) == ("web", "westus", "2021-07")
    assert (described.health, described.upgrade_policy) == (HealthSource.PROBE, UpgradeMode.MANUAL)


def test_pages_and_views_add_to_it(tmp_path: Path) -> None:
    """A following page shows further instances, and an instance view the power state and health."""
    page = {"value": [instance("0", False, 0)], "nextLink": "more"}
    view = {
        "platformUpdateDomain": 0,
        "statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/deallocated"}],
        "vmHealth": {"status": {"code": "HealthState/unhealthy"}},
    }
    file = recording(
        tmp_path,
        ("/web/virtualMachines", page),
        ("/web/virtualMachines?$skiptoken=x", {"value": [instance("1", False, 1)]}),
        ("/web/virtualMachines/0/instanceView", view),
    )
    described = load_described(file)
    assert [(one.name, one.power, one.health) for one in described.instances] == [
        ("0", Power.DEALLOCATED, Health.UNHEALTHY),
        ("1", Power.RUNNING, Health.UNKNOWN),
    ]


def test_who_is_behind_is_what_the_service_said(tmp_path: Path) -> None:
    """`latestModelApplied` tells, where no target is named."""
    listed = {"value": [instance("0", False, 0), instance("1", True, 1)]}
    made = world_to_plan_in(load_described(recording(tmp_path, ("/web", GROUP), ("/web/virtualMachines", listed))))
    assert behind(made.world, made.key) == ("0",)


def test_one_of_several_has_to_be_named(tmp_path: Path) -> None:
    """With their names in the complaint, and without regard to capitals."""
    listed = {"value": [instance("0", False, 0)]}
    file = recording(tmp_path, ("/web/virtualMachines", listed), ("/db/virtualMachines", listed))
    with pytest.raises(DescriptionError, match="shows the instances of 2 scale sets; name one of db, web"):
        load_described(file)
    with pytest.raises(DescriptionError, match="shows no instances of x; it shows those of db, web"):
        load_described(file, "x")
    assert load_described(file, "WEB").name == "web"


def test_a_recording_without_instances(tmp_path: Path) -> None:
    """Is of no use here."""
    with pytest.raises(DescriptionError, match="it shows no instances of any scale set"):
        load_described(recording(tmp_path, ("/web", GROUP)))


def test_bodies_of_any_shape_do_no_harm(tmp_path: Path) -> None:
    """What is no instance is passed over."""
    odd = {"value": [3, None, {"instanceId": ["x"]}, {"properties": 5}, instance("0", True, 0)]}
    file = recording(tmp_path, ("/web", {"properties": []}), ("/web/virtualMachines", odd), ("/web/virtualMachines", 7))
    assert [one.name for one in load_described(file).instances] == ["0"]
