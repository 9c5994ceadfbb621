"""The menu: the finite set of requests that are made in a world, family by family.

A family is a function that gives the requests of one kind that mean something in a scene. Requests about a member
are made once for each state that members are in, since members of one state are interchangeable. A new family is
one more function in `MENU`; bounds name the families that they make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

from vmss_invariants import requests as making
from vmss_invariants.exploring.bounds import ZONES
from vmss_invariants.exploring.conditions import CONDITIONS
from vmss_invariants.exploring.plain import plain_group
from vmss_invariants.exploring.restoring import ALONE
from vmss_invariants.exploring.rolling import FAMILIES
from vmss_invariants.exploring.scene import Family, Scene
from vmss_invariants.exploring.upgrading import UPGRADING
from vmss_invariants.predicates_reading import STALENESS
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide.placement import MANY
from vmss_model.editions import Limit
from vmss_model.values import Action, Api, Health, HealthSource, Power
from vmss_model.world import GroupKey, VmKey

RESOURCE_GROUPS = ("rg", "rg2")
"""The resource groups."""
ABSENT = "absent"
"""The name of a member that there never is."""


# -- before there is a group -----------------------------------------------------------------------


def preparing(scene: Scene) -> Iterator[rq.Request]:
    """Registration and the marketplace, as far as the kind needs them, while there is no group.

    Nothing of it concerns a group that exists; nor does anything take effect again that is in effect.
    """
    edition = scene.world.edition
    if scene.groups:
        return
    registration = edition.registration
    if registration is not None and scene.kind in registration.kinds:
        in_effect = scene.world.subscription.effective(registration.features)
        for feature in registration.features:
            yield rq.ShowFeature(feature)
            if not in_effect:
                yield rq.RegisterFeature(feature)
        if not in_effect:
            yield rq.AdvanceClock(scene.bounds.tick)
            yield rq.RegisterProvider()
    if edition.marketplace:
        yield from making.MARKETPLACE_SEQUENCE
        yield rq.RemoveMarketplaceItem()
        yield rq.ShowMarketplace()


def shapes(scene: Scene, key: GroupKey) -> Iterator[rq.CreateGroup]:
    """An empty group of every shape: zones, fault domains, update domains, and how they are used."""
    rules, bounds, plain = scene.rules, scene.bounds, plain_group(scene, key)
    own_updates = rules.update_domains is None or rules.update_domains.highest > 0
    updates = {plain.update_domain_count, *(range(1, bounds.update_domains + 1) if own_updates else ())}
    for zones in (ZONES[:count] for count in range(bounds.zones + 1)):
        limit = rules.fault_domains_zonal if zones else rules.fault_domains_regional
        balances = (False, True) if zones and not rules.explicit else (False,)
        for domains, update, balance in product(_counts(limit, bounds.fault_domains), _sorted(updates), balances):
            yield evolve(
                plain, zones=zones, fault_domain_count=domains, update_domain_count=update, zone_balance=balance
            )


def _counts(limit: Limit | None, highest: int) -> tuple[int | None, ...]:
    """No number of fault domains, those within the bounds, and those just beyond what the kind has."""
    edges = (limit.lowest - 1, limit.highest + 1) if limit is not None else (0,)
    return (None, *_sorted({*range(1, highest + 1), *edges}))


def _sorted(values: set[Any]) -> list[Any]:
    return sorted(values, key=lambda value: -1 if value is None else value)


def creating(scene: Scene) -> Iterator[rq.Request]:
    """A group of every shape; where the group makes its members, with every number of them. One that exists again."""
    counts = (0,) if scene.rules.explicit else scene.capacities
    for key in scene.free_keys:
        for shape in shapes(scene, key):
            yield from (evolve(shape, capacity=count) for count in counts)
        if scene.rules.explicit:
            yield evolve(plain_group(scene, key), capacity=1)
    for group in scene.groups:
        yield rq.CreateGroup(key=group.key, kind=group.kind)
    if scene.groups or not scene.free_keys:
        return
    key = scene.free_keys[0]
    yield rq.DeleteGroup(key)
    yield rq.CreateVm(key=VmKey(key.resource_group, ABSENT), group=key)


def forming(scene: Scene) -> Iterator[rq.Request]:
    """A plain group with as many fault domains as the bounds say, and every number of members."""
    for key in scene.free_keys:
        plain = plain_group(scene, key)
        for count in scene.capacities:
            yield evolve(plain, fault_domain_count=scene.domains, capacity=count)


def filling(scene: Scene) -> Iterator[rq.Request]:
    """A plain group with as many fault domains and as many members as the bounds say."""
    for key in scene.free_keys:
        yield evolve(plain_group(scene, key), fault_domain_count=scene.domains, capacity=scene.bounds.instances)


def twisting(scene: Scene) -> Iterator[rq.Request]:
    """A group, or a VM for one, with each single property at every value that the strategies know."""
    for key in scene.free_keys:
        plain = plain_group(scene, key)
        twists = making.group_twists(scene.world, (scene.kind,), scene.kind)
        yield from making.each_twist(plain, (one for one in twists if one[0] != "capacity"))
    if scene.rules.explicit:
        yield from naming(scene)
        for vm in _plain_vms(scene):
            yield from making.each_twist(vm, making.vm_twists(scene.world))


def naming(scene: Scene) -> Iterator[rq.Request]:
    """A VM of which the platform makes the name."""
    for vm in _plain_vms(scene) if scene.rules.explicit else ():
        yield evolve(vm, key=VmKey(vm.key.resource_group, "p"), platform_names=True)


# -- how members come and go -----------------------------------------------------------------------


def _plain_vms(scene: Scene) -> Iterator[rq.CreateVm]:
    for group in scene.groups:
        zone = group.zones[0] if group.zones else None
        for name in scene.free_names(group.key.resource_group):
            key = VmKey(group.key.resource_group, name)
            yield rq.CreateVm(key=key, group=group.key, region=group.region, zone=zone)


def joining(scene: Scene) -> Iterator[rq.Request]:
    """VMs for each group, into every fault domain or none, with a name of their own or a taken one."""
    for vm in _plain_vms(scene):
        yield vm
        if not scene.rules.explicit:
            continue
        assert vm.group is not None
        group = scene.world.groups[vm.group]
        known = group.fault_domain_count
        domains = (*range(scene.bounds.fault_domains if known is None else known), MANY if known is None else known)
        yield from (evolve(vm, fault_domain=domain) for domain in domains)
        for name in scene.representatives[group.key][:1]:
            yield evolve(vm, key=VmKey(group.key.resource_group, name))


def sizing(scene: Scene) -> Iterator[rq.Request]:
    """Every instance count within the bounds and just beyond the kind's own, by a caller and by the platform."""
    limit = scene.rules.capacity
    beyond = (-1,) if limit is None else (-1, limit.highest + 1)
    for group in scene.groups:
        counts = (1,) if scene.rules.explicit else (*scene.capacities, *beyond)
        for count in counts:
            yield rq.SetCapacity(group.key, count)
            yield rq.Autoscale(group.key, count)


def deleting(scene: Scene) -> Iterator[rq.Request]:
    """Members and groups are deleted, one by one and in batches."""
    for group, name in scene.members():
        yield from (rq.ActOnInstance(group.key, name, Action.DELETE, api) for api in Api)
        yield rq.ActOnGroup(group.key, Action.DELETE, frozenset({name}))
    for group in scene.groups:
        yield rq.ActOnInstance(group.key, ABSENT, Action.DELETE, scene.rules.instance_api)
        yield rq.ActOnGroup(group.key, Action.DELETE)
        yield rq.DeleteGroup(group.key)


# -- what happens to members -----------------------------------------------------------------------


def powering(scene: Scene) -> Iterator[rq.Request]:
    """Every action on a member or on all, and every power state from outside."""
    actions = tuple(action for action in Action if action is not Action.DELETE)
    for group, name in scene.members():
        yield from (rq.ActOnInstance(group.key, name, *pair) for pair in product(actions, Api))
        yield from (rq.ChangePower(group.key, name, power) for power in Power)
    for group in scene.groups:
        yield from (rq.ActOnGroup(group.key, action) for action in actions)


def watching(scene: Scene) -> Iterator[rq.Request]:
    """Every report about a member by every source, its repair, and extensions of either make."""
    for group, name in scene.members():
        yield from (rq.ReportHealth(group.key, name, *pair) for pair in product(Health, HealthSource))
        yield rq.RepairInstance(group.key, name)
        yield from (rq.InstallExtension(group.key, name, for_uniform) for for_uniform in (False, True))


def setting(scene: Scene) -> Iterator[rq.Request]:
    """Every property of a group changed to every value that the strategies know, and every capability asked for."""
    for group in scene.groups:
        yield from making.every_change(group.key)
        yield from making.every_capability(group.key)
    for group, name in scene.members():
        yield rq.InstallExtension(group.key, name, for_uniform=not scene.rules.explicit, health=True)


def moving(scene: Scene) -> Iterator[rq.Request]:
    """A group moves to the other resource group, and back."""
    for group in scene.groups:
        yield from (rq.MoveGroup(group.key, to) for to in RESOURCE_GROUPS)


def attaching(scene: Scene) -> Iterator[rq.Request]:
    """One VM outside any group, and attempts to attach it, or a member, and to detach members."""
    for resource_group in RESOURCE_GROUPS[:1]:
        alone = VmKey(resource_group, ALONE)
        yield rq.CreateVm(key=alone)
        yield rq.DeleteVm(alone)
        yield from (rq.AttachVm(alone, group.key) for group in scene.groups)
    for group, name in scene.members():
        yield rq.AttachVm(VmKey(group.key.resource_group, name), group.key)
        yield rq.DeleteVm(VmKey(group.key.resource_group, name))
        yield rq.DetachVm(group.key, name)


def switching(scene: Scene) -> Iterator[rq.Request]:
    """Members are stopped and started."""
    for group, name in scene.members():
        for action in (Action.STOP, Action.START):
            yield rq.ActOnInstance(group.key, name, action, scene.rules.instance_api)


def passing(scene: Scene) -> Iterator[rq.Request]:
    """A part of the time passes for which Resource Graph may show a superseded state, or just more than all of it."""
    if scene.logs:
        yield from (rq.AdvanceClock(seconds) for seconds in (STALENESS // 2, STALENESS + 1))


def asking(scene: Scene) -> Iterator[rq.Request]:
    """Resource Graph is asked about every group that there is or was."""
    yield from (rq.QueryResourceGraph(key) for key in scene.bounds.keys)


def reading(scene: Scene) -> Iterator[rq.Request]:
    """Everything that can be shown, but for Resource Graph: it remembers more than a canonical world does."""
    for group in scene.groups:
        names = scene.representatives[group.key]
        for number, name in enumerate(names or (ABSENT,)):
            for request in making.everything_shown(group.key, name):
                about_one = hasattr(request, "name")
                if not isinstance(request, rq.QueryResourceGraph) and (about_one or number == 0):
                    yield request


_FAMILIES: tuple[Family, ...] = (
    preparing,
    creating,
    forming,
    filling,
    twisting,
    naming,
    joining,
    sizing,
    deleting,
    powering,
    watching,
    setting,
    moving,
    attaching,
    reading,
    switching,
    passing,
    asking,
)
MENU: Mapping[str, Family] = MappingProxyType(
    {**{one.__name__: one for one in (*_FAMILIES, *UPGRADING, *CONDITIONS)}, **FAMILIES}
)
"""The families by name."""
MUST_PROGRESS = frozenset(
    {
        "RepairInstance",
        "BeginRollout",
        "StartBatch",
        "ProvisionInstance",
        "RestoreInstance",
        "FailInstance",
        "EndRollout",
    }
)
"""The requests that the platform makes by itself to get something done: by these alone, a world must not come round
to itself again, or what they work at could run for ever."""


def requests_in(scene: Scene) -> Iterator[rq.Request]:
    """Every request of the menu that means something in a scene, in a fixed order."""
    for name in scene.bounds.families:
        yield from MENU[name](scene)
