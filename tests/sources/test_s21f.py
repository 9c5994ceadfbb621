"""S21F, the orchestration modes of 2021: every example, error, table row and answer of the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmss_model import decide
from vmss_model import requests as rq
from vmss_model.answers import (
    Diagnostics,
    FeatureShown,
    GraphShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
)
from vmss_model.capabilities import Capability
from vmss_model.choices import Placements
from vmss_model.values import (
    Action,
    Api,
    GroupKind,
    Health,
    HealthSource,
    OperatingSystem,
    Power,
    Priority,
)
from vmss_model.world import AutoscaleBounds, GroupKey, Profile, VmKey

from .asking import FEATURES, GROUP, Service, group_key, vm_key

FLEXIBLE, UNIFORM, AVAILABILITY_SET = GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET
KINDS = (FLEXIBLE, UNIFORM, AVAILABILITY_SET)
DEMO = group_key("demo")
EDITIONS = ("2021-02", "2021-07")
SOURCE = Path(__file__).resolve().parents[2].parent / "shared" / "spec" / "sources" / "000_948a77fd73d058d6.txt"

E1 = (
    "InvalidParameter",
    "The value 'False' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: True",
)
E2 = ("InvalidParameter", "The specified fault domain count 2 must fall in the range 1 to 1.")
E3 = (
    "OperationNotAllowed",
    "Deletion of Virtual Machine Scale Set is not allowed as it contains one or more VMs. "
    "Please delete or detach the VM(s) before deleting the Virtual Machine Scale Set.",
)
E4 = (
    "InvalidParameter",
    "The value 'True' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: False.",
)


@pytest.fixture(params=EDITIONS)
def service(request: pytest.FixtureRequest) -> Service:
    """A subscription that is registered for the preview, in a region of three fault domains."""
    return Service(str(request.param)).register()


def flexible(name: str = "demo", fault_domains: int = 3, zones: tuple[str, ...] = ()) -> rq.CreateGroup:
    """An empty Flexible group."""
    return rq.CreateGroup(
        key=group_key(name),
        kind=FLEXIBLE,
        fault_domain_count=fault_domains,
        single_placement_group=False,
        zones=zones,
        api_version="2019-12-01",
    )


def uniform(
    capacity: int = 2,
    *,
    name: str = "demo",
    zones: tuple[str, ...] = (),
    single: bool | None = None,
    health: HealthSource | None = None,
    repairs: bool = False,
) -> rq.CreateGroup:
    """A Uniform group of some instances."""
    return rq.CreateGroup(
        key=group_key(name),
        kind=UNIFORM,
        zones=zones,
        single_placement_group=single,
        profile=Profile(),
        capacity=capacity,
        health_source=health,
        repairs=repairs,
    )


def availability_set() -> rq.CreateGroup:
    """An availability set."""
    return rq.CreateGroup(key=DEMO, kind=AVAILABILITY_SET)


def group_of(kind: GroupKind, *, zones: tuple[str, ...] = (), single: bool | None = None) -> rq.CreateGroup:
    """A group of the kind."""
    if kind is FLEXIBLE:
        return flexible(fault_domains=1 if zones else 3, zones=zones)
    return uniform(zones=zones, single=single) if kind is UNIFORM else availability_set()


def vm(name: str, group: GroupKey = DEMO, **fields: object) -> rq.CreateVm:
    """A VM that joins a group by its creation."""
    return rq.CreateVm(key=vm_key(name), group=group, **fields)  # type: ignore[arg-type]


def on(name: str, action: Action, api: Api = Api.VIRTUAL_MACHINE, key: GroupKey = DEMO) -> rq.ActOnInstance:
    """An action on one member."""
    return rq.ActOnInstance(key, name, action, api)


# -- the mode ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "other"), [(FLEXIBLE, UNIFORM), (UNIFORM, FLEXIBLE)])
def test_the_mode_is_fixed_at_creation(service: Service, kind: GroupKind, other: GroupKind) -> None:
    """S21F, introduction: the orchestration mode cannot be changed or updated later."""
    service.grants(group_of(kind))
    service.refuses(rq.UpdateGroup(key=DEMO, kind=other), "MODE-IMMUTABLE")


def test_uniform_scales_a_profile_to_the_capacity(service: Service) -> None:
    """S21F, Uniform orchestration: a VM profile is scaled to the wanted capacity; instances are identical."""
    profile = Profile(OperatingSystem.WINDOWS, "Standard_F4s_v2", Priority.SPOT)
    service.grants(rq.CreateGroup(key=DEMO, kind=UNIFORM, profile=profile, capacity=5))
    members = service.group(DEMO).members.values()
    assert {(one.operating_system, one.size, one.priority) for one in members} == {
        (OperatingSystem.WINDOWS, "Standard_F4s_v2", Priority.SPOT)
    }
    service.grants(rq.SetCapacity(DEMO, 3))
    assert service.group(DEMO).census.members == 3


def test_uniform_instances_are_reached_only_through_the_scale_set_api(service: Service) -> None:
    """S21F, Uniform orchestration: instances are not compatible with the standard VM API."""
    service.grants(uniform())
    service.grants(on("0", Action.STOP, Api.SCALE_SET))
    service.refuses(on("0", Action.START, Api.VIRTUAL_MACHINE), "INSTANCE-TYPE")
    service.refuses(rq.GetBootDiagnostics(DEMO, "0", Api.VIRTUAL_MACHINE), "INSTANCE-TYPE")


@pytest.mark.parametrize("capability", [Capability.AUTOSCALE, Capability.INSTANCE_PROTECTION, Capability.OS_UPGRADE])
def test_uniform_has_its_named_features(service: Service, capability: Capability) -> None:
    """S21F, Uniform orchestration: autoscale by metrics, instance protection, automatic OS upgrades."""
    service.grants(uniform())
    service.grants(rq.UseCapability(DEMO, capability))
    service.grants(flexible("other"))
    service.refuses(rq.UseCapability(group_key("other"), capability), f"CAPS-{capability.name.replace('_', '-')}")


def test_flexible_mixes_sizes_and_priorities(service: Service) -> None:
    """S21F, Flexible orchestration: VM types are mixed, Spot and on-demand VMs are used together."""
    service.grants(flexible())
    service.grants(vm("a", size="Standard_D2s_v3"))
    service.grants(vm("b", size="Standard_F4s_v2", priority=Priority.SPOT))
    assert service.group(DEMO).census.spot == 1


# -- managing instances of a Flexible group --------------------------------------------------------------


def test_vms_are_spread_evenly_over_fault_domains(service: Service) -> None:
    """S21F, Assign fault domain: Azure spreads the instances evenly over the fault domains."""
    service.grants(flexible())
    for number in range(7):
        request = vm(f"vm{number}")
        for placed in service.options(request, "placements"):
            trial = Service(service.world.edition.name)
            trial.world = service.world
            trial.grants(request, placements=placed)
            loads = trial.group(DEMO).census.by_fault_domain
            assert max(loads) - min(loads) <= 1
        service.grants(request)
    assert sorted(service.group(DEMO).census.by_fault_domain) == [2, 2, 3]


def test_the_caller_may_name_the_fault_domain() -> None:
    """S21F, Assign fault domain: `az vm create --vmss "myVMSS" --platform_fault_domain 1`."""
    service = Service("2021-02").register()
    service.grants(flexible("myVMSS"))
    for name in ("a", "b"):
        service.grants(vm(name, group_key("myVMSS"), fault_domain=1))
        assert service.member(group_key("myVMSS"), name).fault_domain == 1
    service.refuses(vm("c", group_key("myVMSS"), fault_domain=3), "FD-EXPLICIT")
    service.refuses(vm("c", group_key("myVMSS"), fault_domain=-1), "FD-EXPLICIT")


@pytest.mark.parametrize("name", ["myVM", "a", "web-01", "x" * 64, "a_b.c", "vm_"])
def test_the_caller_names_the_instance(service: Service, name: str) -> None:
    """S21F, Instance naming: full control of the names under Azure's naming rules."""
    service.grants(flexible())
    service.grants(vm(name))
    assert set(service.group(DEMO).members) == {name}


@pytest.mark.parametrize("name", ["", "-vm", "vm-", "vm.", "_vm", "a b", "x" * 65, "vm/1", "vm\n", "größe"])
def test_a_name_outside_the_naming_rules_is_refused(service: Service, name: str) -> None:
    """S21F, Instance naming: Azure's naming rules bound the names."""
    service.grants(flexible())
    service.refuses(vm(name), "NAMING")


def test_names_are_unique_in_a_resource_group(service: Service) -> None:
    """S21F, Instance naming: a name in use is refused, in this group, in another or outside any."""
    service.grants(flexible())
    service.grants(flexible("other"))
    service.grants(vm("myVM"))
    service.refuses(vm("myVM"), "NAMING")
    service.refuses(vm("myVM", group_key("other")), "NAMING")
    service.refuses(rq.CreateVm(key=vm_key("myVM")), "NAMING")
    service.grants(rq.CreateVm(key=VmKey("another-resource-group", "myVM")))


@pytest.mark.parametrize("prefix", ["web", "web-", "w"])
def test_a_name_that_azure_makes_is_the_prefix_and_a_unique_number(service: Service, prefix: str) -> None:
    """S21F, Instance naming: with a prefix given, Azure appends a unique number at the end."""
    service.grants(flexible())
    service.grants(vm(f"{prefix}7"))
    service.grants(rq.CreateVm(key=VmKey("another-resource-group", f"{prefix}8")))
    request = vm(prefix, platform_names=True)
    decision = decide(service.world, request)
    assert decision.grant is not None
    name = decision.grant.choices[0]
    assert not name.allows(f"{prefix}7")
    assert not name.allows(prefix)
    assert not name.allows(f"{prefix}x")
    assert not name.allows(f"{prefix}٣")
    assert name.allows(f"{prefix}8")
    service.grants(request, name=f"{prefix}8")
    assert f"{prefix}8" in service.group(DEMO).members


def test_resource_graph_lists_the_vms_of_a_group_with_their_power_state(service: Service) -> None:
    """S21F, Query instances for power state: the query shows each VM whose group is `demo`."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.grants(vm("b"))
    service.grants(on("b", Action.DEALLOCATE))
    service.grants(flexible("other"))
    service.grants(vm("c", group_key("other")))
    service.grants(rq.AdvanceClock(61))
    shown = service.answer(rq.QueryResourceGraph(DEMO))
    assert isinstance(shown, GraphShown)
    assert {name: state.power for name, state in shown.states.items()} == {
        "a": Power.RUNNING,
        "b": Power.DEALLOCATED,
    }


def test_resource_graph_may_miss_a_change_for_up_to_60_seconds(service: Service) -> None:
    """S21F, Query instances for power state: an eventually consistent cache, up to 60 seconds behind."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.grants(rq.AdvanceClock(300))
    service.grants(on("a", Action.STOP))
    query = rq.QueryResourceGraph(DEMO)
    for seconds, shown in ((0, 2), (59, 2), (1, 2), (1, 1)):
        service.grants(rq.AdvanceClock(seconds))
        states = service.options(query, "state of a")
        assert len(states) == shown
        assert service.member(DEMO, "a") in states


def test_get_vm_shows_the_instance_view_as_it_is(service: Service) -> None:
    """S21F, Query instances for power state: Get-VM shows one instance's model and instance view."""
    service.grants(flexible())
    service.grants(vm("a", fault_domain=2))
    service.grants(on("a", Action.STOP))
    shown = service.answer(rq.GetInstance(DEMO, "a"))
    assert isinstance(shown, InstanceShown)
    assert (shown.instance.power, shown.instance.fault_domain) == (Power.STOPPED, 2)


@pytest.mark.parametrize("action", list(Action))
def test_batch_operations_are_not_used_with_flexible(service: Service, action: Action) -> None:
    """S21F, Scale sets VM batch operations: start all, stop all, reimage all are not used."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.refuses(rq.ActOnGroup(DEMO, action), "BATCH-OPS")
    service.refuses(rq.ActOnGroup(DEMO, action, frozenset({"a"})), "BATCH-OPS")
    service.grants(uniform(name="uniform"))
    service.grants(rq.ActOnGroup(group_key("uniform"), action))


def test_standard_vm_commands_act_on_each_instance(service: Service) -> None:
    """S21F, Scale sets VM batch operations: start, stop, restart and delete go to each VM."""
    service.grants(flexible())
    service.grants(vm("a"))
    for action, power in (
        (Action.STOP, Power.STOPPED),
        (Action.START, Power.RUNNING),
        (Action.RESTART, Power.RUNNING),
    ):
        service.grants(on("a", action))
        assert service.member(DEMO, "a").power is power
    service.grants(on("a", Action.DELETE))
    assert service.group(DEMO).census.members == 0


def test_a_flexible_instance_needs_the_health_extension(service: Service) -> None:
    """S21F, Monitor application health: Flexible by the extension on the VM, and by it alone."""
    service.grants(flexible())
    service.grants(vm("a"))
    report = rq.ReportHealth(DEMO, "a", Health.UNHEALTHY, HealthSource.EXTENSION)
    service.says_nothing(report)
    service.grants(rq.InstallExtension(DEMO, "a", for_uniform=False, health=True))
    service.grants(report)
    assert service.member(DEMO, "a").health is Health.UNHEALTHY
    service.refuses(rq.ReportHealth(DEMO, "a", Health.HEALTHY, HealthSource.PROBE), "HEALTH-SOURCE")


@pytest.mark.parametrize("source", list(HealthSource))
def test_a_uniform_group_takes_the_extension_or_a_probe(service: Service, source: HealthSource) -> None:
    """S21F, Monitor application health: Uniform by the extension or a load-balancer probe."""
    service.grants(uniform(health=source))
    service.grants(rq.ReportHealth(DEMO, "1", Health.UNHEALTHY, source))
    assert service.group(DEMO).census.unhealthy == 1


def test_azure_may_replace_an_unhealthy_instance(service: Service) -> None:
    """S21F, Monitor application health: Azure can replace unhealthy instances automatically."""
    service.grants(uniform(health=HealthSource.PROBE, repairs=True))
    service.refuses(rq.RepairInstance(DEMO, "0"), "HEALTH-SOURCE")
    service.grants(rq.ReportHealth(DEMO, "0", Health.UNHEALTHY, HealthSource.PROBE))
    service.grants(rq.RepairInstance(DEMO, "0"))
    group = service.group(DEMO)
    assert (group.census.members, group.census.unhealthy, "0" in group.members) == (2, 0, False)


def test_listing_a_flexible_group_gives_ids(service: Service) -> None:
    """S21F, List scale sets VM API changes: the list has ids; Get-VM has the details. Uniform lists instances."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.grants(vm("b"))
    assert service.answer(rq.ListInstances(DEMO)) == IdsShown(frozenset({"a", "b"}))
    service.grants(uniform(name="uniform"))
    listed = service.answer(rq.ListInstances(group_key("uniform")))
    assert isinstance(listed, InstancesShown)
    assert {one.name for one in listed.instances} == {"0", "1"}


def test_boot_diagnostics_of_flexible_come_through_the_vm_api(service: Service) -> None:
    """S21F, Retrieve boot diagnostics data: the standard VM API, not the scale set's."""
    service.grants(flexible())
    service.grants(vm("a"))
    assert service.answer(rq.GetBootDiagnostics(DEMO, "a", Api.VIRTUAL_MACHINE)) == Diagnostics()
    service.refuses(rq.GetBootDiagnostics(DEMO, "a", Api.SCALE_SET), "BOOTDIAG-API")
    service.grants(uniform(name="uniform"))
    assert service.answer(rq.GetBootDiagnostics(group_key("uniform"), "0", Api.SCALE_SET)) == Diagnostics()


def test_extensions_on_flexible_are_those_of_standard_vms(service: Service) -> None:
    """S21F, VM extensions: those for standard VMs, not those for Uniform instances."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.grants(rq.InstallExtension(DEMO, "a", for_uniform=False))
    service.refuses(rq.InstallExtension(DEMO, "a", for_uniform=True), "EXTENSION-KIND")
    service.grants(uniform(name="uniform"))
    service.grants(rq.InstallExtension(group_key("uniform"), "0", for_uniform=True))
    service.either(rq.InstallExtension(group_key("uniform"), "0", for_uniform=False))


# -- the comparison table -----------------------------------------------------------------------------

TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("vm-type", "standard", "scale set", "standard"),
    ("skus", "series", "all", "all"),
    ("zones", "one", "one to three", "no"),
    ("full-control", "yes", "limited", "yes"),
    ("autoscale", "no", "yes", "no"),
    ("fd-assignment", "yes", "no", "no"),
    ("artifact-removal", "no", "yes", "no"),
    ("upgrade-policy", "no", "policies", "-"),
    ("os-upgrade", "no", "yes", "-"),
    ("guest-patching", "yes", "no", "yes"),
    ("terminate-notification", "no", "yes", "-"),
    ("instance-repair", "no", "yes", "-"),
    ("accelerated-networking", "yes", "yes", "yes"),
    ("priority", "yes", "yes", "no"),
    ("mixed-os", "yes", "no", "yes"),
    ("application-health", "extension", "extension or probe", "extension"),
    ("ultra-ssd", "yes", "zonal", "no"),
    ("infiniband", "no", "one placement group", "yes"),
    ("write-accelerator", "no", "yes", "yes"),
    ("proximity-placement", "yes", "yes", "yes"),
    ("dedicated-host", "no", "yes", "yes"),
    ("basic-lb", "no", "yes", "yes"),
    ("standard-lb", "yes", "yes", "yes"),
    ("application-gateway", "no", "yes", "yes"),
    ("maintenance-control", "no", "yes", "yes"),
    ("list-vms", "yes", "yes", "yes"),
    ("alerts", "no", "yes", "yes"),
    ("vm-insights", "no", "yes", "yes"),
    ("backup", "yes", "yes", "yes"),
    ("site-recovery", "yes", "yes", "yes"),
    ("attach-detach", "no", "no", "no"),
)
"""The 31 rows of the comparison table, transcribed from the document (not from the model)."""

CELLS = [(row[0], kind, cell) for row in TABLE for kind, cell in zip(KINDS, row[1:], strict=True)]
SPECIAL = {"vm-type", "skus", "zones", "full-control", "priority", "application-health", "attach-detach"}
"""Rows that are asked for by a request of their own; the tests below this one put them."""


def test_the_transcribed_table_is_the_documents() -> None:
    """S21F, Comparison: each yes, no and dash of the transcription stands in the document's table."""
    if not SOURCE.is_file():
        pytest.skip("the document is not at ../shared/spec/sources")
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("| Funktion"))
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[start + 2 : start + 33]]
    assert len(rows) == len(TABLE) == 31
    assert lines[start + 33].strip() == ""
    for cells, (name, *transcribed) in zip(rows, TABLE, strict=True):
        for text, ours in zip(cells[1:], transcribed, strict=True):
            words = {"Ja": "yes", "Nein": "no", "Nicht": "no", "\u2013": "-"}
            theirs = next((word for begins, word in words.items() if text.startswith(begins)), None)
            plain = ours in {"yes", "no", "-"}
            assert (theirs == ours) if plain else theirs in {None, "yes"}, (name, text, ours)


@pytest.mark.parametrize(("row", "kind", "cell"), [one for one in CELLS if one[0] not in SPECIAL])
def test_each_capability_is_answered_as_its_cell_says(row: str, kind: GroupKind, cell: str) -> None:
    """S21F, Comparison: the capability is asked for on a group of the kind, and answered as the cell says."""
    capability = Capability(row)
    for zones in ((), ("1",)):
        for single in (None, True, False):
            if (kind is AVAILABILITY_SET and zones) or (kind is not UNIFORM and single is not None):
                continue
            service = Service("2021-02").register()
            service.grants(group_of(kind, zones=zones, single=single))
            granted = {
                "no": False,
                "zonal": bool(zones),
                "one placement group": single is not False,
            }.get(cell, True)
            request = rq.UseCapability(DEMO, capability)
            if cell == "-":
                service.says_nothing(request)
            elif granted:
                service.grants(request)
                assert capability in service.group(DEMO).capabilities
            else:
                service.refuses(request, f"CAPS-{row.upper()}")


@pytest.mark.parametrize(("row", "kind", "cell"), [one for one in CELLS if one[0] not in SPECIAL])
def test_each_capability_is_answered_alike_at_creation(row: str, kind: GroupKind, cell: str) -> None:
    """S21F, Comparison: a group that is created with the capability is answered as the cell says."""
    service = Service("2021-02").register()
    plain = group_of(kind, zones=() if kind is AVAILABILITY_SET else ("1",))
    request = rq.CreateGroup(
        key=plain.key,
        kind=kind,
        zones=plain.zones,
        fault_domain_count=plain.fault_domain_count,
        profile=plain.profile,
        single_placement_group=plain.single_placement_group,
        capabilities=frozenset({Capability(row)}),
    )
    if cell == "-":
        service.either(request)
    elif cell == "no":
        service.refuses(request, f"CAPS-{row.upper()}")
    else:
        service.grants(request)


@pytest.mark.parametrize("kind", KINDS)
def test_row_vm_type(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, VM type: standard VMs in Flexible and availability sets, the scale set's own in Uniform."""
    service.grants(group_of(kind))
    if kind is UNIFORM:
        service.grants(on("0", Action.STOP, Api.SCALE_SET))
        assert not service.world.machines
    else:
        service.grants(vm("a"))
        service.grants(on("a", Action.STOP, Api.VIRTUAL_MACHINE))
        assert service.world.machines[vm_key("a")] == DEMO


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("size", "in_flexible"),
    [
        ("Standard_D2s_v3", True),
        ("Standard_E4as_v4", True),
        ("Standard_F8s_v2", True),
        ("Standard_A2_v2", True),
        ("Basic_A1", True),
        ("Standard_B2ms", True),
        ("Standard_M128s", False),
        ("Standard_NC6", False),
        ("Standard_HB120rs_v2", False),
        ("Standard_L8s_v2", False),
        ("Standard_G1", False),
    ],
)
def test_row_skus(service: Service, kind: GroupKind, size: str, in_flexible: bool) -> None:
    """S21F, Comparison, Supported SKUs: D, E, F, A and B in Flexible; all in Uniform and availability sets."""
    if kind is UNIFORM:
        service.grants(rq.CreateGroup(key=DEMO, kind=UNIFORM, profile=Profile(size=size), capacity=1))
        return
    service.grants(group_of(kind))
    if kind is AVAILABILITY_SET or in_flexible:
        service.grants(vm("a", size=size))
    else:
        service.refuses(vm("a", size=size), "CAPS-SKUS")


@pytest.mark.parametrize(
    ("kind", "most", "rule"),
    [(FLEXIBLE, 1, "ZONES-FLEX"), (UNIFORM, 3, "ZONES-UNIFORM"), (AVAILABILITY_SET, 0, "ZONES-AVSET")],
)
def test_row_availability_zones(service: Service, kind: GroupKind, most: int, rule: str) -> None:
    """S21F, Comparison, Availability zones: one for all; one, two or three; not supported."""
    for count in range(5):
        zones = tuple(str(zone) for zone in range(1, count + 1))
        key = group_key(f"group{count}")
        request = rq.CreateGroup(key=key, kind=kind, zones=zones, profile=Profile() if kind is UNIFORM else None)
        if count <= most:
            service.grants(request)
        else:
            service.refuses(request, rule)


def test_row_availability_zones_places_flexible_vms_in_the_one_zone(service: Service) -> None:
    """S21F, Comparison, Availability zones: all instances of a zonal Flexible group are in its zone."""
    service.grants(flexible(zones=("2",), fault_domains=1))
    service.grants(vm("a", zone="2"))
    assert service.member(DEMO, "a").zone == "2"
    for zone in (None, "1"):
        service.refuses(vm("b", zone=zone), "SAME-PLACE")


@pytest.mark.parametrize("kind", KINDS)
def test_row_full_control(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Full control: yes; limited, with the API for scale-set VMs; yes."""
    service.grants(group_of(kind))
    service.grants(rq.UseCapability(DEMO, Capability.FULL_CONTROL))
    if kind is UNIFORM:
        service.refuses(on("0", Action.STOP, Api.VIRTUAL_MACHINE), "INSTANCE-TYPE")
    else:
        service.grants(vm("a"))
        service.grants(on("a", Action.STOP, Api.VIRTUAL_MACHINE))


@pytest.mark.parametrize("kind", KINDS)
def test_row_autoscale(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Autoscale: no; yes; no."""
    service.grants(group_of(kind))
    configure = rq.UpdateGroup(key=DEMO, autoscale=AutoscaleBounds(1, 5))
    if kind is UNIFORM:
        service.refuses(rq.Autoscale(DEMO, 3), "AUTOSCALE")
        service.grants(configure)
        service.grants(rq.Autoscale(DEMO, 5))
        assert service.group(DEMO).census.members == 5
        service.refuses(rq.Autoscale(DEMO, 6), "AUTOSCALE")
        service.refuses(rq.Autoscale(DEMO, 0), "AUTOSCALE")
    else:
        service.refuses(configure, "CAPS-AUTOSCALE")
        service.refuses(rq.Autoscale(DEMO, 0), "AUTOSCALE")


@pytest.mark.parametrize(("kind", "granted"), [(FLEXIBLE, True), (AVAILABILITY_SET, False)])
def test_row_vm_to_a_specific_fault_domain(service: Service, kind: GroupKind, granted: bool) -> None:
    """S21F, Comparison, Assign a VM to a fault domain: yes; (Uniform takes no VM); no."""
    service.grants(group_of(kind))
    if granted:
        service.grants(vm("a", fault_domain=0))
    else:
        service.refuses(vm("a", fault_domain=0), "CAPS-FD-ASSIGNMENT")


@pytest.mark.parametrize("kind", KINDS)
def test_row_removal_of_nics_and_disks(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Removal of NICs and disks with the instance: no; yes; no."""
    service.grants(group_of(kind))
    name = "0"
    if kind is not UNIFORM:
        service.grants(vm(name))
    artifacts = {f"{DEMO}/{name}/nic", f"{DEMO}/{name}/disk"}
    assert artifacts <= set(service.world.artifacts)
    service.grants(on(name, Action.DELETE, Api.SCALE_SET if kind is UNIFORM else Api.VIRTUAL_MACHINE))
    left = {artifact: owner for artifact, owner in service.world.artifacts.items() if artifact in artifacts}
    assert left == ({} if kind is UNIFORM else dict.fromkeys(artifacts))


@pytest.mark.parametrize("kind", [FLEXIBLE, UNIFORM])
def test_row_instance_repair(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Instance repair: no; yes."""
    service.grants(group_of(kind))
    if kind is UNIFORM:
        service.grants(rq.UpdateGroup(key=DEMO, repairs=True))
    else:
        service.refuses(rq.UpdateGroup(key=DEMO, repairs=True), "CAPS-INSTANCE-REPAIR")


def test_row_spot_instances(service: Service) -> None:
    """S21F, Comparison, Spot: mixed in Flexible; all or none in Uniform; regular only in availability sets."""
    service.grants(flexible())
    service.grants(vm("regular"))
    service.grants(vm("spot", priority=Priority.SPOT))
    spot = group_key("spot")
    service.grants(rq.CreateGroup(key=spot, kind=UNIFORM, profile=Profile(priority=Priority.SPOT), capacity=3))
    assert service.group(spot).census.spot == 3
    service.refuses(rq.UpdateGroup(key=spot, priority=Priority.REGULAR), "ARM-IMMUTABLE")
    avset = group_key("avset")
    service.grants(rq.CreateGroup(key=avset, kind=AVAILABILITY_SET))
    service.refuses(vm("x", avset, priority=Priority.SPOT), "CAPS-PRIORITY")
    service.grants(vm("x", avset))


@pytest.mark.parametrize("kind", [FLEXIBLE, AVAILABILITY_SET])
def test_row_mixed_operating_systems(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Mix operating systems: Linux and Windows in one Flexible group or availability set."""
    service.grants(group_of(kind))
    service.grants(vm("linux"))
    service.grants(vm("windows", operating_system=OperatingSystem.WINDOWS))
    assert service.group(DEMO).census.windows == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", list(HealthSource))
def test_row_application_health(service: Service, kind: GroupKind, source: HealthSource) -> None:
    """S21F, Comparison, Application health: extension; extension or load-balancer probe; extension."""
    service.grants(group_of(kind))
    request = rq.UpdateGroup(key=DEMO, health_source=source)
    if kind is UNIFORM or source is HealthSource.EXTENSION:
        service.grants(request)
    else:
        service.refuses(request, "HEALTH-SOURCE")


@pytest.mark.parametrize("kind", KINDS)
def test_row_list_the_vms(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, List the group's VMs: yes, for all three."""
    service.grants(group_of(kind))
    if kind is not UNIFORM:
        service.grants(vm("0"))
        service.grants(vm("1"))
    listed = service.answer(rq.ListInstances(DEMO))
    if isinstance(listed, IdsShown):
        assert kind is FLEXIBLE
        assert listed.names == {"0", "1"}
    else:
        assert isinstance(listed, InstancesShown)
        assert {one.name for one in listed.instances} == {"0", "1"}


@pytest.mark.parametrize("kind", KINDS)
def test_row_add_or_remove_an_existing_vm(service: Service, kind: GroupKind) -> None:
    """S21F, Comparison, Add or remove an existing VM: no, for all three."""
    service.grants(group_of(kind))
    service.grants(rq.CreateVm(key=vm_key("alone")))
    service.refuses(rq.AttachVm(vm_key("alone"), DEMO), "ATTACH-DETACH-NEVER")
    name = "0"
    if kind is not UNIFORM:
        service.grants(vm(name))
    service.refuses(rq.DetachVm(DEMO, name), "ATTACH-DETACH-NEVER")
    service.refuses(rq.UseCapability(DEMO, Capability.ATTACH_DETACH), "CAPS-ATTACH-DETACH")


def test_mixed_sizes_in_an_availability_set_are_left_open(service: Service) -> None:
    """S21F, Flexible orchestration: VM types are mixed in Flexible; of availability sets the document says nothing."""
    service.grants(availability_set())
    service.grants(vm("a", size="Standard_D2s_v3"))
    service.either(vm("b", size="Standard_D4s_v3"))


# -- registration -------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", EDITIONS)
def test_registration_step_by_step(edition: str) -> None:
    """S21F, Register for Flexible: both features, their state, then the provider (PowerShell and CLI alike)."""
    service = Service(edition)
    for feature in FEATURES:
        service.grants(rq.RegisterFeature(feature), ends_at=15 * 60)
        assert service.answer(rq.ShowFeature(feature)) == FeatureShown(False)
    service.grants(rq.AdvanceClock(15 * 60 - 1))
    assert service.answer(rq.ShowFeature(FEATURES[0])) == FeatureShown(False)
    service.grants(rq.AdvanceClock(1))
    for feature in FEATURES:
        assert service.answer(rq.ShowFeature(feature)) == FeatureShown(True)
    service.refuses(flexible(), "REG-PROPAGATE")
    service.grants(rq.RegisterProvider())
    service.grants(flexible())


def test_a_feature_registration_takes_up_to_15_minutes() -> None:
    """S21F, Register for Flexible: the registration can take up to 15 minutes."""
    service = Service("2021-02")
    service.grants(rq.AdvanceClock(1000))
    ends = service.options(rq.RegisterFeature(FEATURES[0]), "ends_at")
    assert (ends[0], ends[-1]) == (1000, 1000 + 15 * 60)


def test_the_provider_registered_too_early_propagates_nothing() -> None:
    """S21F, Register for Flexible: the change is propagated after the feature is registered."""
    service = Service("2021-02")
    for feature in FEATURES:
        service.grants(rq.RegisterFeature(feature), ends_at=100)
    service.grants(rq.RegisterProvider())
    service.grants(rq.AdvanceClock(100))
    service.refuses(flexible(), "E1", "REG-PROPAGATE")
    service.grants(rq.RegisterProvider())
    service.grants(flexible())


@pytest.mark.parametrize("feature", FEATURES)
def test_one_feature_alone_is_not_enough(feature: str) -> None:
    """S21F, Register for Flexible: both features are registered."""
    service = Service("2021-02")
    service.grants(rq.RegisterFeature(feature))
    service.grants(rq.AdvanceClock(15 * 60))
    service.grants(rq.RegisterProvider())
    service.refuses(flexible(), "E1", "REG-REQUIRED")


def test_uniform_and_availability_sets_need_no_registration() -> None:
    """S21F, Register for Flexible: the preview alone is asked to be registered for; the others are released."""
    service = Service("2021-02")
    service.grants(uniform())
    service.grants(rq.CreateGroup(key=group_key("avset"), kind=AVAILABILITY_SET))


# -- getting started ----------------------------------------------------------------------------------


def test_portal_creates_a_flexible_group_and_adds_a_vm(service: Service) -> None:
    """S21F, Azure portal: mode Flexible, a number of fault domains; then a VM in the same place."""
    service.grants(rq.CreateGroup(key=DEMO, kind=FLEXIBLE, fault_domain_count=2))
    assert service.group(DEMO).single_placement_group is False
    service.grants(vm("myVM"))
    assert service.world.machines[vm_key("myVM")] == DEMO


@pytest.mark.parametrize(
    "request_",
    [
        rq.CreateVm(key=vm_key("myVM"), group=DEMO, region="eastus"),
        rq.CreateVm(key=vm_key("myVM"), group=DEMO, zone="1"),
        rq.CreateVm(key=VmKey("another-resource-group", "myVM"), group=DEMO),
    ],
    ids=["region", "zone", "resource group"],
)
def test_portal_offers_groups_of_the_same_place_only(service: Service, request_: rq.CreateVm) -> None:
    """S21F, Azure portal: a VM is added to a group in the same region, zone and resource group."""
    service.grants(flexible())
    service.refuses(request_, "SAME-PLACE")


def test_cli_creates_a_flexible_group_and_a_vm_in_it(service: Service) -> None:
    """S21F, Azure CLI: `az vmss create --orchestration-mode flexible --platform-fault-domain-count 3`, `az vm create`.

    The VM is made with `--vmss $vmssflexname --image UbuntuLTS`.
    """
    key = group_key("my-vmss-vmssflex")
    service.grants(rq.CreateGroup(key=key, kind=FLEXIBLE, fault_domain_count=3))
    assert service.group(key).census.by_fault_domain == (0, 0, 0)
    decision = service.grants(rq.CreateVm(key=vm_key("myVM"), group=key))
    assert decision.grant is not None
    (placement,) = decision.grant.choices
    assert isinstance(placement, Placements)
    assert len(list(placement.values())) == 3
    assert set(service.group(key).members) == {"myVM"}


@pytest.mark.parametrize("region_has", [1, 2, 3])
@pytest.mark.parametrize("asked", [0, 1, 2, 3, 4])
def test_terraform_regional_fault_domain_count(region_has: int, asked: int) -> None:
    """S21F, Terraform: without a zone, the count is 1, 2 or 3, depending on the region."""
    service = Service("2021-02", westus=region_has).register()
    request = flexible(fault_domains=asked)
    if 1 <= asked <= region_has:
        service.grants(request)
    else:
        refusal = service.refuses(request, "FDCOUNT-FLEX-REGIONAL", "E2")
        assert refusal.message == (
            f"The specified fault domain count {asked} must fall in the range 1 to {region_has}."
        )


@pytest.mark.parametrize("asked", [0, 1, 2, 3])
def test_terraform_zonal_fault_domain_count(service: Service, asked: int) -> None:
    """S21F, Terraform: with a zone, the count can be 1 only."""
    request = flexible(fault_domains=asked, zones=("1",))
    if asked == 1:
        service.grants(request)
    else:
        service.refuses(request, "FDCOUNT-FLEX-ZONAL", "E2")


def test_terraform_example(service: Service) -> None:
    """S21F, Terraform: `tf_vmssflex` with one fault domain, no single placement group, zones ["1"]."""
    request = rq.CreateGroup(
        key=group_key("tf_vmssflex"),
        kind=FLEXIBLE,
        fault_domain_count=1,
        single_placement_group=False,
        zones=("1",),
    )
    service.grants(request)
    assert service.group(request.key).zones == ("1",)


def test_terraform_single_placement_group_is_false(service: Service) -> None:
    """S21F, Terraform: `single_placement_group` must be false."""
    service.refuses(
        rq.CreateGroup(key=DEMO, kind=FLEXIBLE, fault_domain_count=1, single_placement_group=True), "SPG-FLEX"
    )


def test_terraform_regional_deployment_names_no_zones(service: Service) -> None:
    """S21F, Terraform: in a regional deployment `zones` need not be given."""
    service.grants(rq.CreateGroup(key=DEMO, kind=FLEXIBLE, fault_domain_count=3, single_placement_group=False))
    assert service.group(DEMO).zones == ()


@pytest.mark.parametrize(
    ("api_version", "granted"),
    [
        ("2019-12-01", True),
        ("2020-06-01", True),
        ("2021-03-01", True),
        ("2019-07-01", False),
        ("2019-03-01", False),
        ("2018-10-01", False),
    ],
)
def test_rest_needs_an_api_version(service: Service, api_version: str, granted: bool) -> None:
    """S21F, REST API: API version 2019-12-01 or later."""
    request = rq.CreateGroup(
        key=DEMO,
        kind=FLEXIBLE,
        fault_domain_count=1,
        single_placement_group=False,
        api_version=api_version,
    )
    if granted:
        service.grants(request)
    else:
        service.refuses(request, "API-MIN-FLEX")


@pytest.mark.parametrize(("zones", "fault_domains"), [((), 2), (("3",), 1)])
def test_rest_template_creates_an_empty_group_and_copies_vms_into_it(
    service: Service, zones: tuple[str, ...], fault_domains: int
) -> None:
    """S21F, REST API: the group with `singlePlacementGroup` false, then `copy` makes VMs that name it."""
    service.grants(flexible(fault_domains=fault_domains, zones=zones))
    assert service.group(DEMO).census.members == 0
    for index in range(1, 6):
        service.grants(vm(f"vm{index}", zone=zones[0] if zones else None))
    assert set(service.group(DEMO).members) == {f"vm{index}" for index in range(1, 6)}


def test_rest_creates_the_group_without_members(service: Service) -> None:
    """S21F, REST API: an empty scale set is created; a count of instances is refused."""
    service.refuses(rq.CreateGroup(key=DEMO, kind=FLEXIBLE, capacity=3), "EMPTY-GROUP")
    service.grants(flexible())
    service.refuses(rq.SetCapacity(DEMO, 3), "ADD-EXPLICIT")


def test_rest_vm_names_the_group_when_it_is_created(service: Service) -> None:
    """S21F, REST API: the property `virtualMachineScaleSet` must be given when the VM is created, not later."""
    service.grants(flexible())
    service.grants(rq.CreateVm(key=vm_key("late")))
    service.refuses(rq.AttachVm(vm_key("late"), DEMO), "ATTACH-DETACH-NEVER")
    service.grants(vm("early"))


def test_rest_vm_depends_on_its_group(service: Service) -> None:
    """S21F, REST API: the VM's `dependsOn` names the group, which must be there first."""
    service.refuses(vm("a"), "ARM-ABSENT")
    service.grants(flexible())
    service.grants(vm("a"))


def test_rest_vm_is_not_created_into_a_uniform_group(service: Service) -> None:
    """S21F, What has changed: standard VMs are members of Flexible instead of the scale set's child VMs."""
    service.grants(uniform())
    service.refuses(vm("a"), "ADD-IMPLICIT")


# -- frequently asked questions -------------------------------------------------------------------------


@pytest.mark.parametrize("kind_most", [(FLEXIBLE, 1000, "CAP-FLEX"), (AVAILABILITY_SET, 200, "CAP-AVSET")])
def test_faq_scale(kind_most: tuple[GroupKind, int, str]) -> None:
    """S21F, FAQ: up to 1,000 VMs can be added to a Flexible group (and 200 to an availability set)."""
    kind, most, rule = kind_most
    service = Service("2021-02").register()
    service.grants(group_of(kind))
    for number in range(most):
        service.ask(vm(f"vm{number}"))
    assert service.group(DEMO).census.members == most
    service.grants(rq.AskFaultDomainGuarantee(DEMO))
    service.refuses(vm("one-more"), rule)


@pytest.mark.parametrize(("kind", "spans"), [(FLEXIBLE, False), (UNIFORM, True), (AVAILABILITY_SET, False)])
def test_faq_deployment_across_zones(service: Service, kind: GroupKind, spans: bool) -> None:
    """S21F, FAQ table, Deploy across availability zones: no; yes; no."""
    request = rq.CreateGroup(key=DEMO, kind=kind, zones=("1", "2"), profile=Profile() if kind is UNIFORM else None)
    if spans:
        service.grants(request)
    else:
        service.refuses(request)


@pytest.mark.parametrize(("instances", "guaranteed"), [(0, True), (99, True), (100, True), (101, False)])
def test_faq_fault_domain_guarantee_of_uniform(service: Service, instances: int, guaranteed: bool) -> None:
    """S21F, FAQ table, Fault-domain availability guarantees: Uniform up to 100 instances (finding F1)."""
    service.grants(uniform(instances, single=False))
    if guaranteed:
        service.grants(rq.AskFaultDomainGuarantee(DEMO))
    else:
        service.refuses(rq.AskFaultDomainGuarantee(DEMO), "FD-HA-SCOPE")


@pytest.mark.parametrize(
    ("kind", "allowed"), [(FLEXIBLE, {False}), (UNIFORM, {True, False}), (AVAILABILITY_SET, {True, False})]
)
def test_faq_placement_groups(service: Service, kind: GroupKind, allowed: set[bool]) -> None:
    """S21F, FAQ table, Placement groups: always several in Flexible; either in Uniform; not applicable."""
    for single in (True, False):
        request = rq.CreateGroup(
            key=group_key(f"group-{single}"),
            kind=kind,
            single_placement_group=single,
            profile=Profile() if kind is UNIFORM else None,
        )
        if kind is AVAILABILITY_SET:
            service.either(request)
        elif single in allowed:
            service.grants(request)
        else:
            service.refuses(request, "SPG-FLEX")


@pytest.mark.parametrize(
    ("kind", "allowed", "refused"),
    [(FLEXIBLE, (0,), (1, 5, 20)), (UNIFORM, (1, 5), (6, 20)), (AVAILABILITY_SET, (1, 5, 20), (0, 21))],
)
def test_faq_update_domains(
    service: Service, kind: GroupKind, allowed: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    """S21F, FAQ table, Update domains: none; up to 5; up to 20."""
    for count in (*refused, *allowed):
        request = rq.CreateGroup(
            key=group_key(f"group{count}"),
            kind=kind,
            update_domain_count=count,
            profile=Profile() if kind is UNIFORM else None,
        )
        if count in allowed:
            service.grants(request)
        else:
            service.refuses(request, "UD-2021")


# -- troubleshooting ------------------------------------------------------------------------------------


def test_error_1_and_its_solution() -> None:
    """S21F, Troubleshoot, first error: cause, the subscription is not registered; solution, register it."""
    service = Service("2021-02")
    refusal = service.refuses(flexible(), "E1", "REG-REQUIRED")
    assert (refusal.code, refusal.message) == E1
    assert refusal.documented_text
    service.register().grants(flexible())


def test_error_2_and_its_solution_in_a_zone(service: Service) -> None:
    """S21F, Troubleshoot, second error: the count is not valid for the zone; solution, at most 1 there."""
    refusal = service.refuses(flexible(fault_domains=2, zones=("1",)), "E2")
    assert (refusal.code, refusal.message) == E2
    service.grants(flexible(fault_domains=1, zones=("1",)))


def test_error_2_and_its_solution_in_a_region() -> None:
    """S21F, Troubleshoot, second error: the count is not valid for the region; solution, the region's highest."""
    service = Service("2021-02", westus=1).register()
    refusal = service.refuses(flexible(fault_domains=2), "E2")
    assert (refusal.code, refusal.message) == E2
    service.grants(flexible(fault_domains=1))


def test_error_3_and_its_solution(service: Service) -> None:
    """S21F, Troubleshoot, third error: the group holds VMs; solution, delete them all and then the group."""
    service.grants(flexible())
    for name in ("a", "b"):
        service.grants(vm(name))
    for name in ("a", "b"):
        refusal = service.refuses(rq.DeleteGroup(DEMO), "E3", "DELETE-NONEMPTY-REJECTED")
        assert (refusal.code, refusal.message) == E3
        service.grants(on(name, Action.DELETE))
    service.grants(rq.DeleteGroup(DEMO))
    assert DEMO not in service.world.groups


def test_error_3_cannot_be_solved_by_detaching(service: Service) -> None:
    """S21F, Troubleshoot, third error: its text offers to detach, which no kind of group has (finding F11)."""
    service.grants(flexible())
    service.grants(vm("a"))
    service.refuses(rq.DetachVm(DEMO, "a"), "ATTACH-DETACH-NEVER")


def test_error_4_and_its_solution(service: Service) -> None:
    """S21F, Troubleshoot, fourth error: registered, and `singlePlacementGroup` true; solution, false."""
    wrong = rq.CreateGroup(key=DEMO, kind=FLEXIBLE, fault_domain_count=3, single_placement_group=True)
    refusal = service.refuses(wrong, "E4")
    assert (refusal.code, refusal.message) == E4
    service.grants(flexible())


def test_the_examples_live_in_one_resource_group() -> None:
    """S21F, Azure CLI: `rg="my-resource-group"`; its groups are listed by it."""
    service = Service("2021-02").register()
    service.grants(flexible())
    shown = service.answer(rq.ListGroups(GROUP))
    assert DEMO in getattr(shown, "keys", ())
