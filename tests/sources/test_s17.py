"""S17, upgrading a scale set in 2017: what its examples read. Updating the model is tested with the upgrades."""

from __future__ import annotations

import pytest

from vmss_model import requests as rq
from vmss_model.answers import GroupShown, InstanceShown, InstancesShown
from vmss_model.choices import Cell
from vmss_model.values import Action, Api, GroupKind, OperatingSystem
from vmss_model.world import GroupKey, Profile

from .asking import Service

KEY = GroupKey("myrg", "myvmss")


@pytest.fixture
def service() -> Service:
    """The Windows scale set `myvmss` of the example: five instances over five update domains."""
    one = Service("2017-05")
    one.either(
        rq.CreateGroup(
            key=KEY,
            kind=GroupKind.UNIFORM,
            profile=Profile(OperatingSystem.WINDOWS),
            capacity=5,
            update_domain_count=5,
        ),
        placements=tuple(Cell(None, None, domain) for domain in range(5)),
    )
    return one


def test_powershell_gets_the_model(service: Service) -> None:
    """S17, PowerShell: `Get-AzureRmVmss -ResourceGroupName myrg -VMScaleSetName myvmss`."""
    shown = service.answer(rq.GetGroup(KEY))
    assert isinstance(shown, GroupShown)
    assert shown.group.profile == Profile(OperatingSystem.WINDOWS)
    assert shown.group.key == KEY


def test_powershell_names_an_instance_by_its_id(service: Service) -> None:
    """S17, PowerShell: `$instanceid = "1"`, an instance of the scale set."""
    shown = service.answer(rq.GetInstance(KEY, "1"))
    assert isinstance(shown, InstanceShown)
    assert shown.instance.operating_system is OperatingSystem.WINDOWS


def test_rest_reads_the_update_domain_of_each_instance(service: Service) -> None:
    """S17, The REST API: the instance views tell the update domains, a row each in the editor's heat map."""
    listed = service.answer(rq.ListInstances(KEY))
    assert isinstance(listed, InstancesShown)
    rows: dict[int | None, set[str]] = {}
    for instance in listed.instances:
        rows.setdefault(instance.update_domain, set()).add(instance.name)
    assert rows == {0: {"0"}, 1: {"1"}, 2: {"2"}, 3: {"3"}, 4: {"4"}}


def test_machines_that_are_not_updated_keep_running(service: Service) -> None:
    """S17, introduction: VMs are taken singly or in groups, and those not taken keep running."""
    service.grants(rq.ActOnInstance(KEY, "0", Action.REIMAGE, Api.SCALE_SET))
    assert service.group(KEY).census.running == 5
    service.grants(rq.ActOnInstance(KEY, "0", Action.STOP, Api.SCALE_SET))
    assert service.group(KEY).census.running == 4


@pytest.mark.parametrize("kind", [one for one in GroupKind if one is not GroupKind.UNIFORM])
def test_there_is_one_kind_of_group(kind: GroupKind) -> None:
    """S17, whole document: it knows one kind of scale set and no modes."""
    Service("2017-05").says_nothing(rq.CreateGroup(key=KEY, kind=kind))


def test_what_the_document_does_not_bound_is_left_open() -> None:
    """S17, whole document: it bounds no instance count, so any sensible one may be granted, and none below zero."""
    service = Service("2017-05")
    service.either(rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, capacity=1500))
    service.says_nothing(rq.SetCapacity(KEY, -1))
    service.says_nothing(rq.CreateGroup(key=GroupKey("myrg", "other"), kind=GroupKind.UNIFORM, capacity=-1))
