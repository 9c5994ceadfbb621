"""Translating ARM requests and bodies into the model's requests, and the model's refusals back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from attrs import evolve
from immutables import Map

from vmss_model import requests as rq
from vmss_model.census import Census
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Refusal
from vmss_model.editions import Edition
from vmss_model.oracle.arm.belief import GroupBelief
from vmss_model.oracle.arm.shapes import (
    MemberFacts,
    child,
    group_facts,
    health_source_of,
    kind_shown,
    number,
    profile_of,
    text,
    texts,
    truth,
)
from vmss_model.oracle.arm.urls import api_version_in
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.rules import implements
from vmss_model.values import UNCHANGED, Action, GroupKind, HealthSource, OperatingSystem, Power, Priority
from vmss_model.world import Group, GroupKey, Instance, Profile, Subscription, VmKey, World

ACTIONS: Mapping[str, Action] = {
    "start": Action.START,
    "poweroff": Action.STOP,
    "deallocate": Action.DEALLOCATE,
    "restart": Action.RESTART,
    "reimage": Action.REIMAGE,
    "reimageall": Action.REIMAGE,
    "delete": Action.DELETE,
}
"""The model's action for the last segment of an operation's URL."""

POWER_AFTER: Mapping[Action, Power] = {
    Action.START: Power.RUNNING,
    Action.STOP: Power.STOPPED,
    Action.DEALLOCATE: Power.DEALLOCATED,
}
"""The power state that an action leads to; a restart leads to running only from running."""


_MOST_DOMAINS = 1_000


def create_request(
    key: GroupKey, body: object, edition: Edition, api_version: str, *, as_state: bool = False
) -> rq.CreateGroup | None:
    """The creation that a body asks for; None where its orchestration mode cannot be told.

    With `as_state`, the body is a group that exists: what only a creation must heed (that a group starts
    empty, the API version) is left out, so that the request asks whether such a group may exist.
    """
    kind = kind_shown(body, edition.name)
    if kind is None or kind not in edition.kinds:
        return None
    facts = group_facts(body)
    zones = texts(child(body, "zones")) or ()
    explicit = edition.kinds[kind].explicit
    capacity = facts.get("sku.capacity", 0)
    asked_profile = profile_of(body)
    return rq.CreateGroup(
        key=key,
        kind=kind,
        region=str(facts.get("location", "")),
        zones=zones,
        fault_domain_count=number(child(body, "properties", "platformFaultDomainCount")),
        single_placement_group=truth(child(body, "properties", "singlePlacementGroup")),
        zone_balance=truth(child(body, "properties", "zoneBalance")) or False,
        profile=asked_profile,
        capacity=0 if (explicit and as_state) or not isinstance(capacity, int) else capacity,
        health_source=health_source_of(body),
        # Only versions of the known form have an order; of any other nothing can be said.
        api_version=None if as_state else api_version_in(api_version) or None,
    )


def update_request(group: GroupBelief, body: object) -> rq.UpdateGroup:
    """The change of what only creation can set that a body asks for on a known group."""
    facts = group_facts(body)
    asked = kind_shown(body, group.edition.name) if child(body, "properties", "orchestrationMode") else None
    zones = facts.get("zones")
    domains = facts.get("platformFaultDomainCount")
    priority = str(facts.get("priority", ""))
    return rq.UpdateGroup(
        key=group.key,
        kind=asked if asked is not None else UNCHANGED,
        zones=zones if isinstance(zones, tuple) and group.certain("zones") is not None else UNCHANGED,
        fault_domain_count=domains
        if isinstance(domains, int) and group.certain("platformFaultDomainCount") is not None
        else UNCHANGED,
        priority=(Priority.SPOT if priority.lower() in ("spot", "low") else Priority.REGULAR)
        if priority and group.certain("priority") is not None
        else UNCHANGED,
    )


def vm_request(vm: GroupKey, body: object, group: GroupKey) -> rq.CreateVm:
    """The creation of a standard VM into a scale set that a body asks for."""
    properties = child(body, "properties")
    zones = texts(child(body, "zones"))
    windows = isinstance(child(properties, "osProfile", "windowsConfiguration"), Mapping)
    location = text(child(body, "location")) or ""
    return rq.CreateVm(
        key=VmKey(vm.resource_group, vm.name),
        group=group,
        region=location.replace(" ", "").lower(),
        zone=zones[0] if zones else None,
        fault_domain=number(child(properties, "platformFaultDomain")),
        operating_system=OperatingSystem.WINDOWS if windows else OperatingSystem.LINUX,
        size=text(child(properties, "hardwareProfile", "vmSize")) or "Standard_D2s_v3",
        priority=Priority.SPOT
        if (text(child(properties, "priority")) or "").lower() in ("spot", "low")
        else Priority.REGULAR,
    )


def decide_on(edition: Edition, request: rq.Request, group: GroupBelief | None = None) -> Decision:
    """What the documents allow in a world of which only this group is known, and that in part."""
    world = World(edition, subscription=Subscription(known=False))
    if group is not None and group.kind is not None:
        projected = projected_group(group)
        machines: Map[VmKey, GroupKey | None] = Map()
        world = evolve(world, groups=Map({group.key: projected}), machines=machines)
    return decide(world, request)


def projected_group(group: GroupBelief) -> Group:
    """The part of a belief that the model's guards can read, as a group of the model."""
    assert group.kind is not None
    zones = group.certain("zones")
    domains = group.certain("platformFaultDomainCount")
    single = group.certain("singlePlacementGroup")
    zone_tuple = zones if isinstance(zones, tuple) else ()
    # The census counts by fault domain; a group of absurdly many is refused, whatever is counted.
    count = domains if isinstance(domains, int) and 0 < domains <= _MOST_DOMAINS else None
    members = Map({name: _instance(group.members.facts.get(name), name) for name in sorted(group.members.sure)})
    return Group(
        key=group.key,
        kind=group.kind,
        region=str(group.certain("location") or ""),
        zones=zone_tuple,
        fault_domain_count=count,
        single_placement_group=single if isinstance(single, bool) else None,
        profile=group.profile,
        capacity=None if group.edition.kinds[group.kind].explicit else len(members),
        members=members,
        census=Census.recount(members.values(), count, zone_tuple),
    )


def _instance(facts: MemberFacts | None, name: str) -> Instance:
    if facts is None:
        return Instance(name)
    return Instance(name, zone=facts.zone, fault_domain=facts.fault_domain, update_domain=facts.update_domain)


# -- the other way: what an implementation would be asked, and what it should answer -----------------


def to_arm(request: rq.Request, subscription: str, api_version: str) -> ArmRequest | None:
    """The call that asks a service for what a typed request asks of the model; None where no one call does.

    For driving an implementation over HTTP from sequences of typed requests. Read back by the oracle the
    call asks for the same: nothing of a request is left out silently.
    """
    if isinstance(request, rq.CreateGroup):
        if not _fits_one_call(request):
            return None
        return ArmRequest("PUT", _group_url(request.key, subscription, api_version), _group_body(request))
    if isinstance(request, rq.SetCapacity):
        body = {"sku": {"capacity": request.capacity}}
        return ArmRequest("PATCH", _group_url(request.key, subscription, api_version), body)
    if isinstance(request, rq.DeleteGroup):
        return ArmRequest("DELETE", _group_url(request.key, subscription, api_version), None)
    if isinstance(request, rq.GetGroup):
        return ArmRequest("GET", _group_url(request.key, subscription, api_version), None)
    if isinstance(request, rq.ListInstances):
        return ArmRequest("GET", _group_url(request.key, subscription, api_version, "/virtualMachines"), None)
    if isinstance(request, rq.CreateVm):
        if request.extension_health or request.platform_names:
            return None
        return ArmRequest("PUT", _vm_url(request.key, subscription, api_version), _vm_body(request, subscription))
    if isinstance(request, rq.ActOnGroup):
        segment = next(name for name, action in ACTIONS.items() if action is request.action)
        ids = ["*"] if request.names is None else sorted(request.names)
        url = _group_url(request.key, subscription, api_version, f"/{segment}")
        return ArmRequest("POST", url, {"instanceIds": ids})
    return None


def _prefix(subscription: str, resource_group: str) -> str:
    return (
        f"https://management.azure.com/subscriptions/{_quoted(subscription)}/resourceGroups/{_quoted(resource_group)}"
        "/providers/Microsoft.Compute"
    )


def _group_url(key: GroupKey, subscription: str, api_version: str, rest: str = "") -> str:
    prefix = _prefix(subscription, key.resource_group)
    return f"{prefix}/virtualMachineScaleSets/{_quoted(key.name)}{rest}?api-version={_quoted(api_version)}"


def _vm_url(key: VmKey, subscription: str, api_version: str) -> str:
    prefix = _prefix(subscription, key.resource_group)
    return f"{prefix}/virtualMachines/{_quoted(key.name)}?api-version={_quoted(api_version)}"


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _fits_one_call(request: rq.CreateGroup) -> bool:
    """Whether the scale set's own PUT says all of it: autoscale, say, is a resource of its own."""
    return (
        request.kind is not GroupKind.AVAILABILITY_SET
        and request.update_domain_count is None
        and request.autoscale is None
        and not request.repairs
        and not request.capabilities
        and (request.health_source is None or request.profile is not None)
    )


def _group_body(request: rq.CreateGroup) -> dict[str, object]:
    properties: dict[str, object] = {}
    if request.kind in (GroupKind.FLEXIBLE, GroupKind.UNIFORM) or not _is_told_by_shape(request):
        properties["orchestrationMode"] = request.kind.value
    if request.fault_domain_count is not None:
        properties["platformFaultDomainCount"] = request.fault_domain_count
    if request.single_placement_group is not None:
        properties["singlePlacementGroup"] = request.single_placement_group
    if request.zone_balance:
        properties["zoneBalance"] = True
    body: dict[str, object] = {"location": request.region, "properties": properties}
    if request.zones:
        body["zones"] = list(request.zones)
    if request.profile is not None:
        properties["virtualMachineProfile"] = _profile_body(request.profile, request.health_source)
        body["sku"] = {"name": request.profile.size, "capacity": request.capacity}
    elif request.capacity:
        body["sku"] = {"capacity": request.capacity}
    return body


def _is_told_by_shape(request: rq.CreateGroup) -> bool:
    """Whether the modes of 2019-10, which are not named in the service's bodies, can be told apart (F14)."""
    if request.kind is GroupKind.SCALE_SET_VM:
        return request.profile is not None
    return request.profile is None and request.fault_domain_count is not None


def _profile_body(profile: Profile, health_source: HealthSource | None) -> dict[str, object]:
    body: dict[str, object] = {"priority": profile.priority.value}
    if profile.operating_system is OperatingSystem.WINDOWS:
        body["osProfile"] = {"windowsConfiguration": {}}
    if health_source is HealthSource.PROBE:
        body["networkProfile"] = {"healthProbe": {}}
    if health_source is HealthSource.EXTENSION:
        extension = {"name": "health", "properties": {"type": "ApplicationHealthLinux"}}
        body["extensionProfile"] = {"extensions": [extension]}
    return body


def _vm_body(request: rq.CreateVm, subscription: str) -> dict[str, object]:
    properties: dict[str, object] = {"hardwareProfile": {"vmSize": request.size}}
    if request.group is not None:
        identifier = (
            f"/subscriptions/{subscription}/resourceGroups/{request.group.resource_group}"
            f"/providers/Microsoft.Compute/virtualMachineScaleSets/{request.group.name}"
        )
        properties["virtualMachineScaleSet"] = {"id": identifier}
    if request.fault_domain is not None:
        properties["platformFaultDomain"] = request.fault_domain
    if request.priority is not Priority.REGULAR:
        properties["priority"] = request.priority.value
    if request.operating_system is OperatingSystem.WINDOWS:
        properties["osProfile"] = {"windowsConfiguration": {}}
    body: dict[str, object] = {"location": request.region, "properties": properties}
    if request.zone is not None:
        body["zones"] = [request.zone]
    return body


@implements("E1", "E2", "E3", "E4", "ARM-ABSENT")
def refusal_response(refusal: Refusal) -> ArmResponse:
    """The answer that shows a refusal: 404 for what is absent, 409 for a forbidden operation, else 400."""
    status = {"ResourceNotFound": 404, "OperationNotAllowed": 409, "PropertyChangeNotAllowed": 409}.get(
        refusal.code, 400
    )
    return ArmResponse(status, {}, {"error": {"code": refusal.code, "message": refusal.message}})
