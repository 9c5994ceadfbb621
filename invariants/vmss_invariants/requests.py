"""Requests that mean something in a given world, as Hypothesis strategies.

A request begins as one that the kind of group takes (the plain one), and is then twisted in up to two places,
where bounds, clashes and nonsense live: so grants and refusals both happen, and a failing request shrinks to
the plain one. `FAMILIES` holds one maker for each family of requests; it is given a function that picks one
of several values, so that Hypothesis, a random generator or a fixed order can do the picking.
`request_for(world)` is any request, as a strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.editions import KindRules, Limit, Presence
from vmss_model.values import Action, Api, GroupKind, Health, HealthSource, OperatingSystem, Power, Priority
from vmss_model.world import AutoscaleBounds, Group, GroupKey, Profile, VmKey, World

T = TypeVar("T")
Drawn = TypeVar("Drawn")
Twistable = TypeVar("Twistable", rq.CreateGroup, rq.CreateVm)
Twist = tuple[str, Sequence[Any]]
"""A field of a request and other values for it."""


class Pick(Protocol):
    """Picks one of several values."""

    def __call__(self, values: Sequence[T], /) -> T:
        """One of the values."""


RESOURCE_GROUPS = ("rg", "rg2")
"""The resource groups, few so that requests meet."""
GROUP_KEYS = (GroupKey("rg", "g"), GroupKey("rg", "h"), GroupKey("rg2", "g"))
"""The groups' names."""
VM_NAMES = ("a", "b", "c", "d", "e", "f")
"""The VMs' names."""
ODD_NAMES = ("", "-a", "a.", "a b", "x" * 64, "x" * 65, "a_")
"""Names at the edge of Azure's VM naming rules, on either side."""
REGIONS: Mapping[str, int] = MappingProxyType({"westus": 2, "eastus": 3, "onefd": 1})
"""The regions of the explored worlds, with their fault domains; any other is not known."""
ALL_REGIONS = (*REGIONS, "nowhere")
"""Those, and one that is not known."""
GOOD_ZONES = ((), ("1",), ("1", "2"), ("1", "2", "3"))
"""Up to three zones."""
ODD_ZONES = (("1", "2", "3", "4"), ("1", "1"))
"""More zones than there are, and one named twice."""
SIZES = ("Standard_D2s_v3", "Standard_E4s_v3", "Standard_NC6", "Standard_L8s_v2", "odd")
"""VM sizes of series that Flexible takes and that it does not."""
FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
"""The features of the preview."""
API_VERSIONS = (None, "2019-12-01", "2020-12-01", "2019-07-01", "2019-12-01-preview")
"""API versions on both sides of the earliest one."""
SMALL_CAPACITIES = (1, 2, 3, 0, 4, 5, 7)
"""Instance counts as they mostly are."""
PROFILES = (
    Profile(),
    Profile(operating_system=OperatingSystem.WINDOWS),
    Profile(size="Standard_NC6"),
    Profile(priority=Priority.SPOT),
)
"""VM configuration models."""
BOUNDS = tuple(AutoscaleBounds(*pair) for pair in ((1, 4), (0, 0), (2, 100), (2, 101), (3, 1000), (3, 1001), (-1, 3)))
"""Autoscale bounds within the kinds' bounds and beyond."""
SECONDS = (1, 10, 30, 59, 60, 61, 600, 899, 900, 901, 0, -1)
"""Times at the ends of the windows that the documents name."""

_SOMETIMES = (False, False, True)
_SELDOM = (False,) * 9 + (True,)
_TWIST_COUNTS = (0, 1, 0, 1, 2)
_FEW = 6
_LARGE = 50
"""A world with a group this large gets no second one: steps in such worlds are dear."""


def edge_capacities(rules: KindRules | None) -> tuple[int, ...]:
    """Instance counts around the kind's bounds; where it has none, a few beyond the usual."""
    limits = (rules.capacity_single_placement_group, rules.capacity) if rules is not None else ()
    edges = tuple(limit.highest + beyond for limit in limits if limit is not None for beyond in (1, 0, -1))
    return (-1, *edges) if edges else (-1, 12)


def _capacity(pick: Pick, world: World, rules: KindRules | None) -> int:
    """An instance count: mostly small, sometimes at a bound that the edition names for the kind."""
    large = any(group.census.members >= _LARGE for group in world.groups.values())
    return pick(edge_capacities(rules) if not large and pick(_SELDOM) else SMALL_CAPACITIES)


def groups_where(world: World, holds: Callable[[Group], bool] = lambda _: True) -> tuple[GroupKey, ...]:
    """The groups of which something holds. Sorted: the order of a persistent map differs from run to run."""
    return tuple(sorted(key for key, group in world.groups.items() if holds(group)))


def first_few(values: Iterable[T], order: Callable[[T], str] = str) -> tuple[T, ...]:
    """The first few of many values, in the order of their names."""
    return tuple(nsmallest(_FEW, values, key=order))


def pick_key(pick: Pick, world: World) -> GroupKey:
    """A group, mostly one that exists."""
    return pick((*groups_where(world) * 5, *GROUP_KEYS))


def pick_name(pick: Pick, group: Group | None) -> str:
    """A member, mostly one that exists (of a large group one of a few)."""
    existing = first_few(group.members) if group is not None else ()
    return pick((*existing * 3, *VM_NAMES[:2], "0"))


def _key_and_name(pick: Pick, world: World) -> tuple[GroupKey, str]:
    populated = groups_where(world, lambda group: bool(group.members))
    key = pick(populated) if populated and not pick(_SELDOM) else pick_key(pick, world)
    return key, pick_name(pick, world.groups.get(key))


def _twisted(pick: Pick, request: Twistable, twists: Sequence[Twist]) -> Twistable:
    changes: dict[str, Any] = {}
    for _ in range(pick(_TWIST_COUNTS)):
        name, values = pick(twists)
        changes[name] = pick(values)
    return evolve(request, **changes)


# -- time and registration -------------------------------------------------------------------------


def advance_clock(pick: Pick, _world: World) -> rq.AdvanceClock:
    """Time, at the bounds of the windows that the documents name."""
    return rq.AdvanceClock(pick(SECONDS))


def registration(pick: Pick, _world: World) -> rq.Request:
    """Registering for the preview, step by step and in any order."""
    feature = pick((*FEATURES, "AnotherFeature"))
    asked: tuple[rq.Request, ...] = (rq.RegisterFeature(feature), rq.ShowFeature(feature), rq.RegisterProvider())
    return pick(asked)


# -- groups ----------------------------------------------------------------------------------------

_GROUP_TWISTS: tuple[Twist, ...] = (
    ("fault_domain_count", (0, 1, 2, 3, 4, 5, 6, -1)),
    ("zones", GOOD_ZONES),
    ("zones", ODD_ZONES),
    ("single_placement_group", (True, False, None)),
    ("profile", (None, *PROFILES)),
    ("api_version", API_VERSIONS),
    ("zone_balance", (True, False)),
    ("update_domain_count", (0, 1, 5, 6, 20, 21, -1)),
    ("health_source", (None, *HealthSource)),
    ("autoscale", BOUNDS),
    ("repairs", (True, False)),
    ("capabilities", tuple(frozenset({capability}) for capability in Capability)),
    ("region", ALL_REGIONS),
)


def group_twists(world: World, kinds: tuple[GroupKind, ...], kind: GroupKind) -> tuple[Twist, ...]:
    """Other values for the fields of a new group of a kind; other kinds only among `kinds`, or unknown ones."""
    others = kinds or tuple(world.edition.kinds)
    strangers = tuple(other for other in GroupKind if other not in world.edition.kinds)
    capacity: Twist = ("capacity", edge_capacities(world.edition.kinds[kind]))
    return (*_GROUP_TWISTS, capacity, ("kind", (*strangers, *others)))


def create_group(pick: Pick, world: World, kinds: tuple[GroupKind, ...] = ()) -> rq.CreateGroup:
    """A new group of one of these kinds (all that the edition has, where none is named)."""
    request = plain_group(pick, world, kinds)
    return _twisted(pick, request, group_twists(world, kinds, request.kind))


def plain_group(pick: Pick, world: World, kinds: tuple[GroupKind, ...] = ()) -> rq.CreateGroup:
    """A new group as its kind takes it."""
    kind = pick(kinds or tuple(world.edition.kinds))
    rules = world.edition.kinds[kind]
    spans = 3 if rules.zone_count is None else rules.zone_count.highest
    zones = pick(GOOD_ZONES[: spans + 1])
    region = pick(tuple(REGIONS)[:2])
    limit = rules.fault_domains_zonal if zones else rules.fault_domains_regional
    scales = rules.autoscale is not None and rules.autoscale.value
    implicit = not rules.explicit
    return rq.CreateGroup(
        key=pick(GROUP_KEYS),
        kind=kind,
        region=region,
        zones=zones,
        fault_domain_count=pick(_domain_counts(limit, 6 if zones else world.regions.get(region, 6))),
        update_domain_count=pick(_update_domain_counts(rules)),
        single_placement_group=pick((*sorted(rules.single_placement_group or ()), None)),
        zone_balance=implicit and pick((True, False)),
        profile=pick(_profiles(rules)),
        capacity=_capacity(pick, world, rules) if implicit else 0,
        health_source=pick((None, *(one for one in HealthSource if one in (rules.health_sources or ())))),
        autoscale=pick(BOUNDS[:3]) if scales and pick(_SOMETIMES) else None,
        repairs=implicit and rules.health_sources is not None and pick((True, False)),
    )


def _domain_counts(limit: Limit | None, highest: int) -> tuple[int | None, ...]:
    if limit is None:
        return (None, 1, 2)
    return tuple(range(limit.lowest, max(limit.lowest, min(limit.highest, highest)) + 1))


def _profiles(rules: KindRules) -> tuple[Profile | None, ...]:
    if rules.profile is Presence.FORBIDDEN or (rules.explicit and rules.profile is None):
        return (None,)
    return PROFILES if rules.profile is Presence.REQUIRED else (None, *PROFILES)


def _update_domain_counts(rules: KindRules) -> tuple[int | None, ...]:
    limit = rules.update_domains
    return (None, limit.lowest, limit.highest) if limit is not None else (None,)


GROUP_CHANGES: tuple[Twist, ...] = (
    ("kind", tuple(GroupKind)),
    ("zones", (*GOOD_ZONES, *ODD_ZONES)),
    ("fault_domain_count", (None, 1, 2, 3, 5)),
    ("priority", tuple(Priority)),
    ("single_placement_group", (True, False)),
    ("health_source", (None, *HealthSource)),
    ("autoscale", (None, *BOUNDS)),
    ("repairs", (True, False)),
)
"""The fields of a change of a group, with values for them."""


def update_group(pick: Pick, world: World) -> rq.UpdateGroup:
    """A change of one or two properties, to other values or to those they have."""
    key = pick_key(pick, world)
    group = world.groups.get(key)
    changes: dict[str, Any] = {}
    for _ in range(pick((1, 2))):
        name, values = pick(GROUP_CHANGES)
        keeps = group is not None and name in {"kind", "zones", "fault_domain_count"} and pick(_SOMETIMES)
        changes[name] = getattr(group, name) if keeps else pick(values)
    return evolve(rq.UpdateGroup(key=key), **changes)


def _making(pick: Pick, world: World) -> GroupKey:
    """A group, mostly one that makes its members."""
    making = groups_where(world, lambda group: group.capacity is not None)
    return pick(making) if making and not pick(_SELDOM) else pick_key(pick, world)


def resize(pick: Pick, world: World) -> rq.SetCapacity:
    """A scale-out or scale-in by a caller."""
    key = _making(pick, world)
    group = world.groups.get(key)
    if group is not None and group.capacity and pick(_SOMETIMES):
        return rq.SetCapacity(key, group.capacity + pick((-1, -2, 1, 2)))
    return rq.SetCapacity(key, _capacity(pick, world, world.rules_of(group) if group is not None else None))


def autoscale(pick: Pick, world: World) -> rq.Autoscale:
    """A scale-out or scale-in by the platform, at its bounds where it has some."""
    key = _making(pick, world)
    group = world.groups.get(key)
    if group is None or group.autoscale is None:
        return rq.Autoscale(key, pick(SMALL_CAPACITIES))
    return rq.Autoscale(key, pick(capacities_near(group.autoscale)))


def capacities_near(bounds: AutoscaleBounds) -> tuple[int, ...]:
    """Instance counts just within autoscale bounds and just beyond."""
    return (bounds.lowest, min(bounds.lowest + 1, bounds.highest), bounds.lowest - 1, bounds.highest + 1)


def move_group(pick: Pick, world: World) -> rq.MoveGroup:
    """A move to either resource group or to an empty one."""
    return rq.MoveGroup(pick_key(pick, world), pick((*RESOURCE_GROUPS, "rg3")))


def delete_group(pick: Pick, world: World) -> rq.DeleteGroup:
    """A deletion, empty or not."""
    return rq.DeleteGroup(pick_key(pick, world))


def use_capability(pick: Pick, world: World) -> rq.UseCapability | rq.AskFaultDomainGuarantee:
    """Any row of the table, or the fault-domain guarantee."""
    key = pick_key(pick, world)
    return rq.AskFaultDomainGuarantee(key) if pick(_SOMETIMES) else rq.UseCapability(key, pick(tuple(Capability)))


# -- machines --------------------------------------------------------------------------------------


def vm_twists(world: World) -> tuple[Twist, ...]:
    """Other values for the fields of a new VM."""
    taken = first_few(world.machines) or (VmKey("rg", "a"),)
    return (
        ("fault_domain", (0, 1, 2, 3, 4, 5, 6, -1)),
        ("key", taken),
        ("key", tuple(VmKey(group, name) for group in RESOURCE_GROUPS for name in ODD_NAMES)),
        ("key", tuple(VmKey(group, name) for group in RESOURCE_GROUPS for name in VM_NAMES[-2:])),
        ("zone", (None, "1", "2")),
        ("region", ALL_REGIONS),
        ("size", SIZES),
        ("operating_system", tuple(OperatingSystem)),
        ("priority", tuple(Priority)),
        ("extension_health", (True, False)),
        ("platform_names", (True, False)),
        ("group", (None, *groups_where(world), GROUP_KEYS[-1])),
    )


def create_vm(pick: Pick, world: World) -> rq.CreateVm:
    """A VM that fits a group of standard VMs, or does not quite."""
    fitting = groups_where(world, lambda group: group.capacity is None)
    key = pick(fitting) if fitting and not pick(_SELDOM) else pick_key(pick, world)
    return _twisted(pick, plain_vm(pick, world, key), vm_twists(world))


def plain_vm(pick: Pick, world: World, key: GroupKey) -> rq.CreateVm:
    """A VM that fits the group."""
    group = world.groups.get(key)
    free = tuple(name for name in VM_NAMES if VmKey(key.resource_group, name) not in world.machines)
    return rq.CreateVm(
        key=VmKey(key.resource_group, pick(free or VM_NAMES)),
        group=key,
        region=group.region if group is not None else "westus",
        zone=group.zones[0] if group is not None and group.zones else None,
        extension_health=pick(_SOMETIMES),
        platform_names=pick(_SELDOM),
    )


def machine_lifecycle(pick: Pick, world: World) -> rq.CreateVm | rq.AttachVm | rq.DetachVm | rq.DeleteVm:
    """A VM outside any group, and attempts to attach, detach or delete one."""
    what = pick(("create", "create oddly", "attach", "detach", "delete"))
    if what.startswith("create"):
        names = VM_NAMES if what == "create" else ODD_NAMES
        return rq.CreateVm(key=VmKey(pick(RESOURCE_GROUPS), pick(names)))
    if what == "detach":
        return rq.DetachVm(*_key_and_name(pick, world))
    some = first_few(world.machines)
    vm = pick((*some * 2, VmKey("rg", "a")))
    return rq.AttachVm(vm, pick_key(pick, world)) if what == "attach" else rq.DeleteVm(vm)


def act_on_instance(pick: Pick, world: World) -> rq.ActOnInstance:
    """An action on one member, mostly through its own API."""
    key, name = _key_and_name(pick, world)
    group = world.groups.get(key)
    own = world.rules_of(group).instance_api if group is not None else Api.VIRTUAL_MACHINE
    action = pick((Action.DELETE, *Action, Action.DELETE))
    return rq.ActOnInstance(key, name, action, pick((own, own, own, *Api)))


def act_on_group(pick: Pick, world: World) -> rq.ActOnGroup:
    """A batch operation on all members or on some."""
    key = pick_key(pick, world)
    some = frozenset(pick_name(pick, world.groups.get(key)) for _ in range(pick((0, 1, 2))))
    return rq.ActOnGroup(key, pick(tuple(Action)), pick((None, some)))


def install_extension(pick: Pick, world: World) -> rq.InstallExtension:
    """An extension of either make."""
    key, name = _key_and_name(pick, world)
    return rq.InstallExtension(key, name, pick((False, True)), pick((False, True)))


def from_outside(pick: Pick, world: World) -> rq.ReportHealth | rq.ChangePower | rq.RepairInstance:
    """What happens to a member: its health, its power, its replacement."""
    key, name = _key_and_name(pick, world)
    group = world.groups.get(key)
    what = pick(("health", "power", "repair"))
    if what == "health":
        sources = (group.health_source,) * 2 if group is not None and group.health_source is not None else ()
        return rq.ReportHealth(key, name, pick((Health.UNHEALTHY, *Health)), pick((*sources, *HealthSource)))
    if what == "power":
        return rq.ChangePower(key, name, pick(tuple(Power)))
    members = group.members.items() if group is not None else ()
    ill = sorted(one for one, member in members if member.health is Health.UNHEALTHY)
    return rq.RepairInstance(key, pick((*ill[:3], name)))


# -- reading, and the operator of an Azure Stack -----------------------------------------------------


def read(pick: Pick, world: World) -> rq.Request:
    """A query of a group, a listing, a member or Resource Graph."""
    return pick(everything_shown(*_key_and_name(pick, world)))


def operate_stack(pick: Pick, _world: World) -> rq.Request:
    """What the operator of an Azure Stack does, in any order."""
    return pick((*MARKETPLACE_SEQUENCE, rq.RemoveMarketplaceItem(), rq.ShowMarketplace(), rq.ShowMarketplace(2)))


# -- several requests in a row -----------------------------------------------------------------------

REGISTRATION_SEQUENCE: tuple[rq.Request, ...] = (
    *(rq.RegisterFeature(feature) for feature in FEATURES),
    rq.AdvanceClock(15 * 60),
    rq.RegisterProvider(),
)
"""The whole way to an effective registration."""
MARKETPLACE_SEQUENCE: tuple[rq.Request, ...] = (rq.RegisterStack(), rq.AddOsImage(), rq.AddMarketplaceItem())
"""All that the operator of an Azure Stack does before a scale set can be created."""


def preparation(world: World) -> tuple[rq.Request, ...]:
    """All that has to be done in a new world before a group of any kind can be created."""
    edition = world.edition
    registering = REGISTRATION_SEQUENCE if edition.registration is not None else ()
    return (*registering, *(MARKETPLACE_SEQUENCE if edition.marketplace else ()))


def everything_shown(key: GroupKey, name: str) -> tuple[rq.Request, ...]:
    """All that can be asked about a group and one of its members."""
    return (
        rq.QueryResourceGraph(key),
        rq.ListInstances(key),
        rq.GetGroup(key),
        rq.GetInstance(key, name),
        *(rq.GetBootDiagnostics(key, name, api) for api in reversed(Api)),
        rq.ListGroups(key.resource_group),
        rq.AskFaultDomainGuarantee(key),
    )


def every_action(key: GroupKey, name: str) -> tuple[rq.Request, ...]:
    """Either make of extension and every action on a member, through either API; its deletion last."""
    extensions = (rq.InstallExtension(key, name, for_uniform) for for_uniform in (False, True))
    actions = (rq.ActOnInstance(key, name, action, api) for action in Action for api in reversed(Api))
    return (*extensions, *actions)


def every_capability(key: GroupKey) -> tuple[rq.UseCapability, ...]:
    """Every row of the table, asked of one group."""
    return tuple(rq.UseCapability(key, capability) for capability in Capability)


def illness(key: GroupKey, name: str) -> tuple[rq.Request, ...]:
    """A member is watched, falls ill and is replaced."""
    return (
        rq.UpdateGroup(key=key, health_source=HealthSource.EXTENSION, repairs=True),
        *(rq.ReportHealth(key, name, Health.UNHEALTHY, source) for source in reversed(HealthSource)),
        rq.RepairInstance(key, name),
    )


def crowd(world: World, group: Group, count: int) -> Iterator[rq.CreateVm]:
    """So many plain VMs with new names for a group of standard VMs."""
    taken = frozenset(vm.name for vm in world.machines)
    names = (name for name in (f"vm{number}" for number in range(10**6)) if name not in taken)
    zone = group.zones[0] if group.zones else None
    for name, _ in zip(names, range(count), strict=False):
        key = VmKey(group.key.resource_group, name)
        yield rq.CreateVm(key=key, group=group.key, region=group.region, zone=zone)


# -- as strategies -----------------------------------------------------------------------------------

Family = Callable[[Pick, World], rq.Request]
"""Makes requests of one kind that mean something in a world."""

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "advance_clock": advance_clock,
        "registration": registration,
        "create_group": create_group,
        "update_group": update_group,
        "resize": resize,
        "autoscale": autoscale,
        "move_group": move_group,
        "delete_group": delete_group,
        "use_capability": use_capability,
        "create_vm": create_vm,
        "machine_lifecycle": machine_lifecycle,
        "act_on_instance": act_on_instance,
        "act_on_group": act_on_group,
        "install_extension": install_extension,
        "from_outside": from_outside,
        "read": read,
        "operate_stack": operate_stack,
    }
)
"""The families of requests by name."""


@st.composite
def _made(draw: DrawFn, make: Callable[[Pick], T]) -> T:
    def pick(values: Sequence[Drawn]) -> Drawn:
        return draw(st.sampled_from(values)) if len(values) > 1 else values[0]

    return make(pick)


def made_by(make: Callable[[Pick], T]) -> SearchStrategy[T]:
    """What a maker makes, with Hypothesis doing the picking."""
    return _made(make)


def request_for(world: World, families: Sequence[str] = tuple(FAMILIES)) -> SearchStrategy[rq.Request]:
    """Any request that means something in a world, of any of these families."""
    return made_by(lambda pick: FAMILIES[pick(families)](pick, world))
