"""S19, the orchestration mode of 2019: every row of its table, in both modes."""

from __future__ import annotations

import pytest
from attrs import evolve

from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.choices import Cell
from vmss_model.values import Action, Api, GroupKind
from vmss_model.world import AutoscaleBounds, GroupKey, Profile

from .asking import Service, group_key, vm_key

VM, SCALE_SET_VM = GroupKind.VM, GroupKind.SCALE_SET_VM
MODES = (VM, SCALE_SET_VM)
KEY = group_key("set")


@pytest.fixture
def service() -> Service:
    """A subscription of 2019, in a region of three fault domains."""
    return Service("2019-10")


def create(
    mode: GroupKind,
    *,
    fault_domains: int | None = None,
    zones: tuple[str, ...] = (),
    capacity: int | None = None,
    single: bool | None = None,
    balance: bool = False,
) -> rq.CreateGroup:
    """A group of the mode: two instances in `ScaleSetVM`, none in `VM`."""
    return rq.CreateGroup(
        key=KEY,
        kind=mode,
        profile=Profile() if mode is SCALE_SET_VM else None,
        capacity=(2 if mode is SCALE_SET_VM else 0) if capacity is None else capacity,
        fault_domain_count=fault_domains,
        zones=zones,
        single_placement_group=single,
        zone_balance=balance,
    )


def vm(name: str, zone: str | None = None) -> rq.CreateVm:
    """A VM that names the group."""
    return rq.CreateVm(key=vm_key(name), group=KEY, zone=zone)


def filled(service: Service, mode: GroupKind) -> tuple[str, str]:
    """A group of two members, by their names."""
    service.grants(create(mode))
    if mode is VM:
        service.grants(vm("0"))
        service.grants(vm("1"))
    return ("0", "1")


def api_of(mode: GroupKind) -> Api:
    """The API that a member of the mode is managed through."""
    return Api.VIRTUAL_MACHINE if mode is VM else Api.SCALE_SET


@pytest.mark.parametrize(("mode", "other"), [(VM, SCALE_SET_VM), (SCALE_SET_VM, VM)])
def test_the_mode_is_defined_at_creation(service: Service, mode: GroupKind, other: GroupKind) -> None:
    """S19, introduction: the mode cannot be changed or updated later."""
    service.grants(create(mode))
    service.refuses(rq.UpdateGroup(key=KEY, kind=other), "MODE-IMMUTABLE")


@pytest.mark.parametrize("kind", [GroupKind.FLEXIBLE, GroupKind.UNIFORM])
def test_there_are_two_modes(service: Service, kind: GroupKind) -> None:
    """S19, introduction: two modes, `VM` and `ScaleSetVM`; those of 2021 are not among them."""
    service.refuses(rq.CreateGroup(key=KEY, kind=kind), "MODE-2019")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("given", [True, False])
def test_row_vm_configuration_model(service: Service, mode: GroupKind, given: bool) -> None:
    """S19, Orchestration modes, VM configuration model: none; required."""
    request = rq.CreateGroup(key=KEY, kind=mode, profile=Profile() if given else None)
    if given == (mode is SCALE_SET_VM):
        service.grants(request)
    else:
        service.refuses(request, "PROFILE-SSVM-REQUIRED" if mode is SCALE_SET_VM else "PROFILE-VM-NONE")


def test_row_adding_a_vm_in_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Adding a new VM: explicitly, when the VM is created."""
    service.grants(create(VM))
    service.grants(vm("a"))
    assert set(service.group(KEY).members) == {"a"}
    service.refuses(rq.SetCapacity(KEY, 2), "ADD-EXPLICIT")


def test_row_adding_a_vm_in_scale_set_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Adding a new VM: implicitly, from model, instance count and autoscale rules."""
    service.grants(create(SCALE_SET_VM))
    service.refuses(vm("a"), "ADD-IMPLICIT")
    service.grants(rq.SetCapacity(KEY, 4))
    service.grants(rq.UpdateGroup(key=KEY, autoscale=AutoscaleBounds(1, 6)))
    service.grants(rq.Autoscale(KEY, 6))
    assert service.group(KEY).census.members == 6


def test_row_deleting_in_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Deleting: one by one; a group that holds VMs is not deleted."""
    for name in filled(service, VM):
        service.refuses(rq.DeleteGroup(KEY), "DELETE-NONEMPTY-REJECTED")
        service.grants(rq.ActOnInstance(KEY, name, Action.DELETE, Api.VIRTUAL_MACHINE))
    service.grants(rq.DeleteGroup(KEY))
    assert KEY not in service.world.groups


def test_row_deleting_one_by_one_in_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Deleting: the VMs have to be deleted individually."""
    names = filled(service, VM)
    service.refuses(rq.ActOnGroup(KEY, Action.DELETE, frozenset(names)), "DELETE-ONE")
    service.refuses(rq.ActOnGroup(KEY, Action.DELETE), "DELETE-ONE")
    for name in names:
        service.grants(rq.ActOnInstance(KEY, name, Action.DELETE, Api.VIRTUAL_MACHINE))


def test_row_deleting_in_scale_set_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Deleting: one by one too; deleting the group deletes every instance."""
    first, second = filled(service, SCALE_SET_VM)
    service.grants(rq.ActOnInstance(KEY, first, Action.DELETE, Api.SCALE_SET))
    assert set(service.group(KEY).members) == {second}
    service.grants(rq.DeleteGroup(KEY))
    assert KEY not in service.world.groups
    assert not service.world.artifacts


@pytest.mark.parametrize("mode", MODES)
def test_row_attach_and_detach(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Attaching and detaching VMs: not supported; not supported."""
    name, _ = filled(service, mode)
    service.grants(rq.CreateVm(key=vm_key("alone")))
    service.refuses(rq.AttachVm(vm_key("alone"), KEY), "ATTACH-DETACH-NEVER")
    service.refuses(rq.DetachVm(KEY, name), "ATTACH-DETACH-NEVER")
    service.refuses(rq.UseCapability(KEY, Capability.ATTACH_DETACH))


@pytest.mark.parametrize("mode", MODES)
def test_row_instance_lifecycle(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Instance lifecycle: disks and NICs live on their own; implicit to the instance."""
    name, _ = filled(service, mode)
    service.grants(rq.ActOnInstance(KEY, name, Action.DELETE, api_of(mode)))
    left = {artifact: owner for artifact, owner in service.world.artifacts.items() if f"/{name}/" in artifact}
    assert left == ({f"{KEY}/{name}/nic": None, f"{KEY}/{name}/disk": None} if mode is VM else {})


@pytest.mark.parametrize(
    ("mode", "zones", "region_has", "allowed"),
    [
        (VM, (), 3, {2, 3}),
        (VM, (), 2, {2}),
        (VM, ("1",), 3, {5}),
        (SCALE_SET_VM, (), 5, {1, 2, 3, 4, 5}),
        (SCALE_SET_VM, ("1",), 3, {1, 2, 3, 4, 5}),
        (SCALE_SET_VM, ("1", "2", "3"), 3, {1, 2, 3, 4, 5}),
    ],
)
@pytest.mark.parametrize("asked", range(7))
def test_row_fault_domains(
    mode: GroupKind, zones: tuple[str, ...], region_has: int, allowed: set[int], asked: int
) -> None:
    """S19, Orchestration modes, Fault domains: 2 or 3 by the region and 5 in a zone; 1 to 5."""
    service = Service("2019-10", westus=region_has)
    request = create(mode, zones=zones, fault_domains=asked)
    if asked in allowed:
        service.grants(request)
    else:
        service.refuses(request, "FDCOUNT-VM-2019" if mode is VM else "FDCOUNT-SSVM-2019")


@pytest.mark.parametrize("mode", MODES)
def test_row_update_domains(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Update domains: mapped to fault domains automatically, in both modes."""
    service.grants(create(mode, fault_domains=3, capacity=0))
    grow = vm("a") if mode is VM else rq.SetCapacity(KEY, 1)
    placed = service.options(grow, "placements")
    assert placed == [(Cell(None, domain, domain),) for domain in range(3)]


def test_a_vm_that_names_its_fault_domain_is_in_the_mapped_update_domain(service: Service) -> None:
    """S19, Orchestration modes, Update domains: the mapping holds for a named fault domain (which S19 leaves open)."""
    service.grants(create(VM, fault_domains=3))
    service.either(rq.CreateVm(key=vm_key("a"), group=KEY, fault_domain=2))
    assert service.member(KEY, "a").update_domain == 2


@pytest.mark.parametrize(("mode", "most"), [(VM, 1), (SCALE_SET_VM, 3)])
@pytest.mark.parametrize("count", range(4))
def test_row_availability_zones(service: Service, mode: GroupKind, most: int, count: int) -> None:
    """S19, Orchestration modes, Availability zones: regional or one zone; regional or several zones."""
    zones = tuple(str(zone) for zone in range(1, count + 1))
    if count <= most:
        service.grants(create(mode, zones=zones))
    else:
        service.refuses(create(mode, zones=zones), "ZONES-VM-2019")


def test_row_availability_zones_holds_vms_to_the_one_zone(service: Service) -> None:
    """S19, Orchestration modes, Availability zones: the VMs of a zonal `VM` group are in its one zone."""
    service.grants(create(VM, zones=("1",)))
    service.grants(vm("a", zone="1"))
    service.refuses(vm("b", zone="2"), "ZONES-VM-2019")
    service.refuses(vm("b"), "ZONES-VM-2019")


def test_row_availability_zones_can_be_balanced(service: Service) -> None:
    """S19, Orchestration modes, Availability zones: `ScaleSetVM` can define the zone-balance strategy."""
    service.grants(create(SCALE_SET_VM, zones=("1", "2", "3"), capacity=7, balance=True))
    assert sorted(service.group(KEY).census.by_zone) == [2, 2, 3]
    service.grants(rq.SetCapacity(KEY, 5))
    assert sorted(service.group(KEY).census.by_zone) == [1, 2, 2]


@pytest.mark.parametrize("mode", MODES)
def test_row_autoscale(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Autoscale: not supported; supported."""
    service.grants(create(mode))
    request = rq.UpdateGroup(key=KEY, autoscale=AutoscaleBounds(0, 5))
    if mode is VM:
        service.refuses(request)
        service.refuses(rq.Autoscale(KEY, 1), "AUTOSCALE")
    else:
        service.grants(request)
        service.grants(rq.Autoscale(KEY, 0))
        service.grants(rq.Autoscale(KEY, 5))
        service.refuses(rq.Autoscale(KEY, 6), "AUTOSCALE")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("capability", "rule"),
    [
        (Capability.OS_UPGRADE, "CAPS-2019-OS-UPGRADE"),
        (Capability.MODEL_UPDATES, "CAPS-2019-MODEL-UPDATES"),
    ],
)
def test_rows_os_upgrade_and_model_updates(
    service: Service, mode: GroupKind, capability: Capability, rule: str
) -> None:
    """S19, Orchestration modes, OS upgrade and Model updates: not supported; supported."""
    service.grants(create(mode))
    if mode is VM:
        service.refuses(rq.UseCapability(KEY, capability), rule)
    else:
        service.grants(rq.UseCapability(KEY, capability))


@pytest.mark.parametrize("mode", MODES)
def test_row_model_updates_by_a_change_of_the_model(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Model updates: a change of the model is refused; and granted."""
    service.grants(create(mode))
    change = rq.UpdateGroup(key=KEY, automatic_updates=False)
    if mode is VM:
        service.refuses(change, "CAPS-2019-MODEL-UPDATES")
    else:
        assert "CAPS-2019-MODEL-UPDATES" in service.either(change).held
        assert service.group(KEY).model_version == 2


@pytest.mark.parametrize("mode", MODES)
def test_what_the_table_does_not_bound_is_left_open(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes: update domains follow fault domains; that any can be asked for it does not say."""
    service.either(evolve(create(mode), update_domain_count=5))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("capability", [Capability.BACKUP, Capability.SITE_RECOVERY])
def test_row_instance_control(service: Service, mode: GroupKind, capability: Capability) -> None:
    """S19, Orchestration modes, Instance control: full, with Backup and Site Recovery; only through the group."""
    name, _ = filled(service, mode)
    standard = rq.ActOnInstance(KEY, name, Action.STOP, Api.VIRTUAL_MACHINE)
    if mode is VM:
        service.grants(rq.UseCapability(KEY, capability))
        service.grants(standard)
    else:
        service.refuses(rq.UseCapability(KEY, capability), "CAPS-2019-INSTANCE-CONTROL")
        service.refuses(standard, "INSTANCE-TYPE")
        service.grants(rq.ActOnInstance(KEY, name, Action.STOP, Api.SCALE_SET))


@pytest.mark.parametrize("mode", MODES)
def test_row_instance_model(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Instance model: virtualMachines; virtualMachineScaleSets/virtualMachines."""
    filled(service, mode)
    api = service.world.rules_of(service.group(KEY)).instance_api
    assert (
        api.value
        == {
            VM: "Microsoft.Compute/virtualMachines",
            SCALE_SET_VM: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        }[mode]
    )
    assert {key.name for key in service.world.machines} == ({"0", "1"} if mode is VM else set())


def test_row_capacity_in_vm_mode(service: Service) -> None:
    """S19, Orchestration modes, Capacity: an empty group is created; at most 200 VMs can be added."""
    service.refuses(create(VM, capacity=1), "EMPTY-GROUP")
    service.grants(create(VM))
    for number in range(200):
        service.grants(vm(f"vm{number}"))
    service.refuses(vm("one-more"), "CAP-VM-2019")


@pytest.mark.parametrize(("capacity", "granted"), [(-1, False), (0, True), (1, True), (1000, True), (1001, False)])
def test_row_capacity_in_scale_set_vm_mode(service: Service, capacity: int, granted: bool) -> None:
    """S19, Orchestration modes, Capacity: an instance count of 0 to 1000."""
    request = create(SCALE_SET_VM, capacity=capacity)
    if granted:
        service.grants(request)
        assert service.group(KEY).census.members == capacity
    else:
        service.refuses(request, "CAP-SSVM-2019")


@pytest.mark.parametrize("mode", MODES)
def test_row_move(service: Service, mode: GroupKind) -> None:
    """S19, Orchestration modes, Move: supported; supported."""
    names = filled(service, mode)
    service.grants(rq.MoveGroup(KEY, "elsewhere"))
    moved = service.group(GroupKey("elsewhere", "set"))
    assert set(moved.members) == set(names)
    assert KEY not in service.world.groups


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("single", [True, False])
def test_row_single_placement_group(service: Service, mode: GroupKind, single: bool) -> None:
    """S19, Orchestration modes, Single placement group == false: not supported; supported."""
    request = create(mode, single=single)
    if mode is VM and not single:
        service.refuses(request, "SPG-VM-2019")
    else:
        service.grants(request)
