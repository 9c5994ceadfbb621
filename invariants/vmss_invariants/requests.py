"""Requests that mean something in a given world, made of what is picked.

A request begins as one that the kind of group takes (the plain one), and is then twisted in up to two places,
where bounds, clashes and nonsense live: so grants and refusals both happen, and a failing request shrinks to
the plain one. `FAMILIES` holds one maker for each family of requests (those about models and rollouts are made in
`requests_upgrades`); `strategies.request_for(world)` is any request, picked by Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from vmss_invariants.requests_base import (
    ALL_REGIONS,
    API_VERSIONS,
    BOUNDS,
    FEATURES,
    GEO_PAIRS,
    GOOD_ZONES,
    GROUP_KEYS,
    ODD_NAMES,
    ODD_ZONES,
    PROFILES,
    REGIONS,
    REMEMBERED,
    RESOURCE_GROUPS,
    SECONDS,
    SELDOM,
    SIZES,
    SMALL_CAPACITIES,
    SOMETIMES,
    VM_NAMES,
    Pick,
    Twist,
    each_twist,
    edge_capacities,
    first_few,
    groups_where,
    key_and_name,
    pick_capacity,
    pick_key,
    pick_name,
    twisted,
)
from vmss_invariants.requests_upgrades import (
    ROLLOUT_SECONDS,
    change_model,
    publishing,
    read_rollout,
    roll,
    stack_image,
    steer,
    upgradable_group,
    upgrade_by_hand,
)
from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.copying import evolve
from vmss_model.editions import KindRules, Limit, Presence
from vmss_model.values import Action, Api, GroupKind, Health, HealthSource, OperatingSystem, Power, Priority
from vmss_model.world import AutoscaleBounds, Group, GroupKey, Profile, VmKey, World

__all__ = [
    "FAMILIES",
    "FEATURES",
    "GEO_PAIRS",
    "GOOD_ZONES",
    "GROUP_CHANGES",
    "GROUP_KEYS",
    "MARKETPLACE_SEQUENCE",
    "REGIONS",
    "RESOURCE_GROUPS",
    "SECONDS",
    "VM_NAMES",
    "Pick",
    "capacities_near",
    "create_group",
    "crowd",
    "each_twist",
    "edge_capacities",
    "every_action",
    "every_capability",
    "every_change",
    "everything_shown",
    "first_few",
    "group_twists",
    "groups_where",
    "illness",
    "pick_name",
    "plain_group",
    "plain_vm",
    "preparation",
    "vm_twists",
]


# -- time and registration -------------------------------------------------------------------------


def advance_clock(pick: Pick, world: World) -> rq.AdvanceClock:
    """Time, at the bounds of the windows that the documents name."""
    upgrades = world.edition.upgrades
    return rq.AdvanceClock(pick((*SECONDS, *ROLLOUT_SECONDS) if upgrades is not None else SECONDS))


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
    return twisted(pick, request, group_twists(world, kinds, request.kind))


def plain_group(pick: Pick, world: World, kinds: tuple[GroupKind, ...] = ()) -> rq.CreateGroup:
    """A new group as its kind takes it."""
    kind = pick(kinds or tuple(world.edition.kinds))
    rules = world.edition.kinds[kind]
    spans = 3 if rules.zone_count is None else rules.zone_count.highest
    zones = pick(GOOD_ZONES[: spans + 1])
    region = pick(tuple(name for name, domains in REGIONS.items() if domains > 1))
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
        capacity=pick_capacity(pick, world, rules) if implicit else 0,
        health_source=pick((None, *(one for one in HealthSource if one in (rules.health_sources or ())))),
        autoscale=pick(BOUNDS[:3]) if scales and pick(SOMETIMES) else None,
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


@lru_cache(REMEMBERED)
def every_change(key: GroupKey) -> tuple[rq.UpdateGroup, ...]:
    """Each of these fields changed to each of its values, one at a time."""
    return tuple(each_twist(rq.UpdateGroup(key=key), GROUP_CHANGES))


def update_group(pick: Pick, world: World) -> rq.UpdateGroup:
    """A change of one or two properties, to other values or to those they have."""
    key = pick_key(pick, world)
    group = world.groups.get(key)
    changes: dict[str, Any] = {}
    for _ in range(pick((1, 2))):
        name, values = pick(GROUP_CHANGES)
        keeps = group is not None and name in {"kind", "zones", "fault_domain_count"} and pick(SOMETIMES)
        changes[name] = getattr(group, name) if keeps else pick(values)
    return evolve(rq.UpdateGroup(key=key), **changes)


def _making(pick: Pick, world: World) -> GroupKey:
    """A group, mostly one that makes its members."""
    making = groups_where(world, lambda group: group.capacity is not None)
    return pick(making) if making and not pick(SELDOM) else pick_key(pick, world)


def resize(pick: Pick, world: World) -> rq.SetCapacity:
    """A scale-out or scale-in by a caller."""
    key = _making(pick, world)
    group = world.groups.get(key)
    if group is not None and group.capacity and pick(SOMETIMES):
        return rq.SetCapacity(key, group.capacity + pick((-1, -2, 1, 2)))
    return rq.SetCapacity(key, pick_capacity(pick, world, world.rules_of(group) if group is not None else None))


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
    return rq.AskFaultDomainGuarantee(key) if pick(SOMETIMES) else rq.UseCapability(key, pick(tuple(Capability)))


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
    key = pick(fitting) if fitting and not pick(SELDOM) else pick_key(pick, world)
    return twisted(pick, plain_vm(pick, world, key), vm_twists(world))


def plain_vm(pick: Pick, world: World, key: GroupKey) -> rq.CreateVm:
    """A VM that fits the group."""
    group = world.groups.get(key)
    free = tuple(name for name in VM_NAMES if VmKey(key.resource_group, name) not in world.machines)
    return rq.CreateVm(
        key=VmKey(key.resource_group, pick(free or VM_NAMES)),
        group=key,
        region=group.region if group is not None else "westus",
        zone=group.zones[0] if group is not None and group.zones else None,
        extension_health=pick(SOMETIMES),
        platform_names=pick(SELDOM),
    )


def machine_lifecycle(pick: Pick, world: World) -> rq.CreateVm | rq.AttachVm | rq.DetachVm | rq.DeleteVm:
    """A VM outside any group, and attempts to attach, detach or delete one."""
    what = pick(("create", "create oddly", "attach", "detach", "delete"))
    if what.startswith("create"):
        names = VM_NAMES if what == "create" else ODD_NAMES
        return rq.CreateVm(key=VmKey(pick(RESOURCE_GROUPS), pick(names)))
    if what == "detach":
        return rq.DetachVm(*key_and_name(pick, world))
    some = first_few(world.machines)
    vm = pick((*some * 2, VmKey("rg", "a")))
    return rq.AttachVm(vm, pick_key(pick, world)) if what == "attach" else rq.DeleteVm(vm)


def act_on_instance(pick: Pick, world: World) -> rq.ActOnInstance:
    """An action on one member, mostly through its own API."""
    key, name = key_and_name(pick, world)
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
    key, name = key_and_name(pick, world)
    return rq.InstallExtension(key, name, pick((False, True)), pick((False, True)))


def from_outside(pick: Pick, world: World) -> rq.ReportHealth | rq.ChangePower | rq.RepairInstance:
    """What happens to a member: its health, its power, its replacement."""
    key, name = key_and_name(pick, world)
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
    return pick(everything_shown(*key_and_name(pick, world)))


def operate_stack(pick: Pick, _world: World) -> rq.Request:
    """What the operator of an Azure Stack does, in any order."""
    return pick((*MARKETPLACE_SEQUENCE, rq.RemoveMarketplaceItem(), rq.ShowMarketplace()))


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


@lru_cache(REMEMBERED)
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
        "upgradable_group": upgradable_group,
        "change_model": change_model,
        "publishing": publishing,
        "stack_image": stack_image,
        "upgrade_by_hand": upgrade_by_hand,
        "steer": steer,
        "roll": roll,
        "read_rollout": read_rollout,
    }
)
"""The families of requests by name."""
