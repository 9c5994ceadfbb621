"""S17, upgrading a scale set in 2017: its two scripts and its two tools, by requests to the model."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from vmss_model import requests as rq
from vmss_model.answers import HeatMapShown, PlanShown
from vmss_model.choices import Cell
from vmss_model.images import CustomImage, ImageLine, ImageReference, OsDisk
from vmss_model.os_images import PlatformImage
from vmss_model.values import GroupKind, OperatingSystem, Power, UpgradeMode
from vmss_model.world import GroupKey, Profile

from .asking import Service

KEY = GroupKey("myrg", "myvmss")
WINDOWS = PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter")
UBUNTU = PlatformImage("Canonical", "UbuntuServer", "14.04.2-LTS")
OLD, NEW = "4.0.20160126", "4.0.20160229"


def scale_set(mode: UpgradeMode, line: ImageLine = WINDOWS, version: str = OLD, count: int = 5) -> Service:
    """Instances over five update domains, of a version."""
    service = Service("2017-05")
    service.ask(
        rq.CreateGroup(
            key=KEY,
            kind=GroupKind.UNIFORM,
            profile=Profile(OperatingSystem.WINDOWS, image=ImageReference(line, version)),
            capacity=count,
            update_domain_count=5,
            upgrade_mode=mode,
        ),
        placements=tuple(Cell(None, None, number % 5) for number in range(count)),
    )
    return service


def change_version(service: Service, line: ImageLine = WINDOWS, version: str = NEW) -> None:
    """`$vmss.virtualMachineProfile.storageProfile.imageReference.version = $newversion`, and the update."""
    decision = service.ask(rq.UpdateGroup(key=KEY, image=ImageReference(line, version)))
    assert decision.grant is not None
    assert "MODEL-VERSION" in decision.held


def versions(service: Service) -> dict[str, str]:
    """The version of each instance's OS disk."""
    disks = {name: member.os_disk for name, member in service.group(KEY).members.items()}
    return {name: disk.version for name, disk in disks.items() if disk is not None}


def upgrade(service: Service, names: Iterable[str]) -> None:
    """`Update-AzureRmVmssInstance` on these instances, until their extensions are there."""
    service.ask(rq.UpgradeInstances(KEY, frozenset(names)))
    for name in names:
        service.ask(rq.ProvisionInstance(KEY, name))


def test_the_powershell_example() -> None:
    """S17, PowerShell: version 4.0.20160229 into the model, then instance 1, one after the other."""
    service = scale_set(UpgradeMode.MANUAL)
    change_version(service)
    assert set(versions(service).values()) == {OLD}
    upgrade(service, ["1"])
    assert versions(service) == {"0": OLD, "1": NEW, "2": OLD, "3": OLD, "4": OLD}
    for name in "0234":
        upgrade(service, [name])
        assert service.group(KEY).census.up == 5
    assert set(versions(service).values()) == {NEW}


def test_the_uri_of_a_custom_image() -> None:
    """S17, PowerShell: `...osDisk.image.uri = $newURI` is a change of the model too."""
    old, new = CustomImage("https://account/vhds/old.vhd"), CustomImage("https://account/vhds/new.vhd")
    service = scale_set(UpgradeMode.MANUAL, old, "1")
    change_version(service, new, "1")
    upgrade(service, ["0"])
    assert service.member(KEY, "0").os_disk == OsDisk(new, "1")
    assert service.member(KEY, "1").os_disk == OsDisk(old, "1")


@pytest.mark.parametrize(
    ("sku", "old", "new_sku", "new"),
    [
        ("14.04.2-LTS", "14.04.201506100", "14.04.2-LTS", "14.04.201507060"),
        ("15.10", "latest", "16.04.0-LTS", "latest"),
    ],
)
def test_the_ubuntu_examples(sku: str, old: str, new_sku: str, new: str) -> None:
    """S17, first kind of update: another version of 14.04.2-LTS, or another SKU; either is a change of the model."""
    before, after = (PlatformImage("Canonical", "UbuntuServer", one) for one in (sku, new_sku))
    service = scale_set(UpgradeMode.MANUAL, before, old)
    change_version(service, after, new)
    assert service.group(KEY).census.newest_model == 0


def test_automatic_takes_all_at_once() -> None:
    """S17, step 4: in automatic mode all VMs are upgraded at the same time, which means downtime."""
    service = scale_set(UpgradeMode.AUTOMATIC)
    change_version(service)
    assert set(versions(service).values()) == {NEW}
    assert service.group(KEY).census.up == 0


def test_patching_inside_is_no_change_of_the_model() -> None:
    """S17, third kind of update: supported, and then said to need a new scale set (finding F5): open."""
    service = scale_set(UpgradeMode.MANUAL)
    before = service.group(KEY)
    decision = service.ask(rq.PatchInGuest(KEY, "0"))
    assert decision.grant is not None
    assert "F5" in decision.open[0]
    assert service.group(KEY) == before


def test_vmssupgrade_goes_one_update_domain_at_a_time() -> None:
    """S17, Vmssupgrade: a rollout over a live set, one update domain at a time; the others keep running."""
    service = scale_set(UpgradeMode.MANUAL, UBUNTU, "14.04.201506100", count=10)
    change_version(service, UBUNTU, "14.04.201507060")
    domains = [frozenset({str(number), str(number + 5)}) for number in range(5)]
    plan = service.answer(rq.PlanRollout(KEY, tuple(domains)))
    assert plan == PlanShown((8,) * 5, free_of_downtime=True)
    for names in domains:
        service.ask(rq.UpgradeInstances(KEY, names))
        assert service.group(KEY).census.up == 8
        for name in names:
            service.ask(rq.ProvisionInstance(KEY, name))
    assert set(versions(service).values()) == {"14.04.201507060"}


def test_vmssupgrade_takes_chosen_machines() -> None:
    """S17, Vmssupgrade: particular VMs can be chosen for the upgrade."""
    service = scale_set(UpgradeMode.MANUAL)
    change_version(service)
    chosen = frozenset({"2", "4"})
    plan = rq.PlanRollout(KEY, (chosen,), scope=chosen)
    assert service.answer(plan) == PlanShown((3,), free_of_downtime=True)
    service.refuses(rq.PlanRollout(KEY, (chosen,)), "ROLLOUT-PLAN")


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_vmsseditor_takes_batches_of_a_size(size: int) -> None:
    """S17, Vmsseditor: a rolling upgrade by a batch size of one's choice; all at once is not free of downtime."""
    service = scale_set(UpgradeMode.MANUAL)
    change_version(service)
    names = [str(number) for number in range(5)]
    steps = tuple(frozenset(names[start : start + size]) for start in range(0, 5, size))
    decision = service.ask(rq.PlanRollout(KEY, steps))
    assert ("UPGRADE-NO-DOWNTIME" in decision.held) == (size < 5)


def test_vmsseditor_shows_a_row_for_each_update_domain() -> None:
    """S17, Vmsseditor: a heat map of the VMs' state, in which a row is an update domain; `UD 0` being upgraded."""
    service = scale_set(UpgradeMode.MANUAL, UBUNTU, "14.04.201507060")
    change_version(service, UBUNTU, "14.04.201509080")
    service.ask(rq.ChangePower(KEY, "3", Power.STOPPED))
    service.ask(rq.UpgradeInstances(KEY, frozenset({"0"})))
    shown = service.answer(rq.ShowHeatMap(KEY))
    assert isinstance(shown, HeatMapShown)
    assert shown.by == "update domain"
    states = {domain: [(cell.name, cell.state) for cell in cells] for domain, cells in shown.rows}
    assert states == {
        0: [("0", "upgrading")],
        1: [("1", "outdated")],
        2: [("2", "outdated")],
        3: [("3", "down")],
        4: [("4", "outdated")],
    }
