"""The calls by which a service is asked over HTTP for what the model is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from attrs import evolve

from vmss_model import GroupKey, VmKey, World
from vmss_model import requests as rq
from vmss_model.oracle.arm import to_arm
from vmss_model.oracle.arm.requests import ACTIONS, POWER_AFTER
from vmss_model.oracle.arm.urls import api_version_in
from vmss_model.oracle.recordings import ArmRequest
from vmss_model.values import UNCHANGED, Action, Api, GroupKind
from vmss_model.world import Group

SUBSCRIPTION, API_VERSION = "s", "2021-03-01"
PREFIX = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
HOST = "https://management.azure.com"
_POWERED = {power: action for action, power in POWER_AFTER.items()}


def with_version(request: rq.Request) -> rq.Request:
    """The request with the API version that it is asked by: each call names one of the known form."""
    if isinstance(request, rq.CreateGroup | rq.UpdateGroup):
        return evolve(request, api_version=api_version_in(request.api_version or "") or API_VERSION)
    return request


def call_of(world: World, request: rq.Request) -> ArmRequest | None:
    """The call that asks for what a request asks for; None where no one call does."""
    if not all(map(_is_segment, _names(request))):
        return None
    if isinstance(request, rq.CreateGroup | rq.CreateVm):
        return _creation(world, request)
    if isinstance(request, rq.UpdateGroup):
        return _change(world, request)
    if isinstance(request, rq.DeleteVm):
        return _at(request.vm.resource_group, f"virtualMachines/{quoted(request.vm.name)}", "DELETE")
    if isinstance(request, rq.ListGroups):
        return _at(request.resource_group, "virtualMachineScaleSets", "GET")
    if isinstance(request, rq.MoveGroup):
        return _move(request)
    if isinstance(request, rq.ChangePower | rq.ActOnInstance | rq.GetInstance):
        group = world.groups.get(request.key)
        by_name = group is not None and is_by_name(world, group)
        vm = VmKey(request.key.resource_group, request.name)
        if by_name and world.machines.get(vm, request.key) != request.key:
            # A VM's own URL names no scale set: it would be about the VM that is a member of another, or of none.
            return None
        return _about_member(request, by_name=by_name)
    return to_arm(request, SUBSCRIPTION, API_VERSION)


def said_again(world: World, request: rq.SetCapacity) -> ArmRequest | None:
    """The call that asks for an instance count by saying all of the scale set again; None where that cannot be."""
    group = world.groups.get(request.key)
    # What is switched on again is held against what the newer API version asks for.
    if group is None or is_by_name(world, group) or group.os_upgrade or group.repairs:
        return None
    call = to_arm(as_asked(group), SUBSCRIPTION, API_VERSION)
    if call is None or not isinstance(call.body, dict):
        return None
    return evolve(call, body={**call.body, "sku": {**call.body.get("sku", {}), "capacity": request.capacity}})


def deployed(call: ArmRequest, request: rq.CreateGroup | rq.CreateVm, number: int) -> ArmRequest:
    """The deployment of a template that declares what a call creates."""
    assert isinstance(call.body, dict)
    kind = "virtualMachines" if isinstance(request, rq.CreateVm) else "virtualMachineScaleSets"
    version = getattr(request, "api_version", API_VERSION)
    declared = {"type": f"Microsoft.Compute/{kind}", "name": request.key.name, "apiVersion": version, **call.body}
    place = f"{HOST}{PREFIX}/{quoted(request.key.resource_group)}/providers/Microsoft.Resources"
    url = f"{place}/deployments/d{number}?api-version=2021-04-01"
    return ArmRequest("PUT", url, {"properties": {"mode": "Incremental", "template": {"resources": [declared]}}})


def part_of(call: ArmRequest, part: str) -> ArmRequest:
    """The read of a part of what a call reads."""
    return ArmRequest("GET", f"{call.url.partition('?')[0]}/{part}?api-version={API_VERSION}", None)


def is_by_name(world: World, group: Group) -> bool:
    """Whether the group's members join it one by one, as VMs."""
    return world.rules_of(group).explicit


def as_asked(group: Group) -> rq.CreateGroup:
    """A request that asks for a group as it is, as far as its own body says it."""
    profile = group.profile
    if profile is not None:
        profile = evolve(profile, external=(), service_fabric=None, load_balancer=None, probe_interval=None)
    return rq.CreateGroup(
        key=group.key,
        kind=group.kind,
        region=group.region,
        zones=group.zones,
        fault_domain_count=group.fault_domain_count,
        single_placement_group=group.single_placement_group,
        zone_balance=group.zone_balance,
        profile=profile,
        capacity=group.capacity or 0,
        health_source=group.health_source if profile is not None else None,
        upgrade_mode=group.upgrade_mode,
        rolling=group.rolling,
        os_upgrade=group.os_upgrade,
    )


def repairs_body(enabled: bool) -> dict[str, Any]:
    """What a scale set's body says of instance repair."""
    return {"properties": {"automaticRepairsPolicy": {"enabled": enabled}}}


def id_of(key: GroupKey) -> str:
    """The resource id of a scale set."""
    return f"{PREFIX}/{key.resource_group}/providers/Microsoft.Compute/virtualMachineScaleSets/{key.name}"


def quoted(name: str) -> str:
    """A name as a segment of a URL."""
    return quote(name, safe="")


# -- one by one ------------------------------------------------------------------------------------


def _creation(world: World, request: rq.CreateGroup | rq.CreateVm) -> ArmRequest | None:
    """The creation of what does not exist yet; else it would be a change."""
    if isinstance(request, rq.CreateVm):
        known = request.key in world.machines
    else:
        # The kinds of 2019 are told by their shape, by which they are others in other editions.
        sayable = request.kind in world.edition.kinds or request.kind in (GroupKind.UNIFORM, GroupKind.FLEXIBLE)
        known = request.key in world.groups or not sayable
    return None if known else to_arm(request, SUBSCRIPTION, getattr(request, "api_version", API_VERSION))


def _change(world: World, request: rq.UpdateGroup) -> ArmRequest | None:
    """A change of a scale set, by its own body or by an autoscale setting."""
    key, group = request.key, world.groups.get(request.key)
    plain = evolve(rq.UpdateGroup(key=key), api_version=request.api_version)
    if group is not None and (
        (request.fault_domain_count is not UNCHANGED and group.fault_domain_count is None)
        or (request.priority is not UNCHANGED and group.profile is None)
    ):
        # A service knows what it gave a group that did not ask for it; the model does not.
        return None
    if request.autoscale is not UNCHANGED and evolve(request, autoscale=UNCHANGED) == plain:
        place = f"{HOST}{PREFIX}/{quoted(key.resource_group)}/providers/Microsoft.Insights"
        url = f"{place}/autoscaleSettings/{quoted(key.name)}?api-version=2015-04-01"
        setting = {"properties": {"enabled": True, "targetResourceUri": id_of(key)}}
        return ArmRequest("DELETE", url, None) if request.autoscale is None else ArmRequest("PUT", url, setting)
    if request.repairs is not UNCHANGED and evolve(request, repairs=UNCHANGED) == plain:
        call = _at(key.resource_group, f"virtualMachineScaleSets/{quoted(key.name)}", "PATCH")
        return evolve(call, body=repairs_body(request.repairs))
    return to_arm(request, SUBSCRIPTION, request.api_version or API_VERSION)


def _move(request: rq.MoveGroup) -> ArmRequest | None:
    url = f"{HOST}{PREFIX}/{quoted(request.key.resource_group)}/moveResources?api-version=2021-04-01"
    body = {"resources": [id_of(request.key)], "targetResourceGroup": f"{PREFIX}/{request.to}"}
    return ArmRequest("POST", url, body) if _is_segment(request.to) else None


def _about_member(request: rq.ChangePower | rq.ActOnInstance | rq.GetInstance, *, by_name: bool) -> ArmRequest | None:
    """What is asked about a member: through its scale set, or as the VM that it is."""
    key, member = request.key, f"virtualMachines/{quoted(request.name)}"
    if not by_name or (isinstance(request, rq.ActOnInstance) and request.api is Api.SCALE_SET):
        if isinstance(request, rq.ActOnInstance) and request.api is Api.VIRTUAL_MACHINE:
            return None
        member = f"virtualMachineScaleSets/{quoted(key.name)}/{member}"
    if isinstance(request, rq.GetInstance):
        return _at(key.resource_group, member, "GET", "?$expand=instanceView&")
    action = _POWERED[request.power] if isinstance(request, rq.ChangePower) else request.action
    if action is Action.DELETE:
        return _at(key.resource_group, member, "DELETE")
    segment = next(name for name, one in ACTIONS.items() if one is action)
    return _at(key.resource_group, f"{member}/{segment}", "POST")


def _at(place: str, rest: str, method: str, options: str = "?") -> ArmRequest:
    url = f"{HOST}{PREFIX}/{quoted(place)}/providers/Microsoft.Compute/{rest}{options}api-version={API_VERSION}"
    return ArmRequest(method, url, None)


def _names(request: rq.Request) -> Iterator[str]:
    """The names that the URL of a request would have."""
    for one in (getattr(request, "key", None), getattr(request, "vm", None)):
        if isinstance(one, GroupKey | VmKey):
            yield from (one.resource_group, one.name)
    named = getattr(request, "name", None)
    yield from (named,) if isinstance(named, str) else ()


def _is_segment(name: str) -> bool:
    return bool(name) and "/" not in name and not name.startswith("[")
