"""What an implementation would be asked over HTTP for a typed request, and what it should answer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from vmss_model import requests as rq
from vmss_model.decisions import Refusal
from vmss_model.images import LATEST, CustomImage, ImageReference
from vmss_model.oracle.arm.profiles import POLICY
from vmss_model.oracle.arm.requests import ACTIONS
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.rules import implements
from vmss_model.values import UNCHANGED, GroupKind, HealthSource, OperatingSystem, Priority, UpgradeMode
from vmss_model.world import Extension, GroupKey, Profile, VmKey


def to_arm(request: rq.Request, subscription: str, api_version: str) -> ArmRequest | None:
    """The call that asks a service for what a typed request asks of the model; None where no one call does.

    For driving an implementation over HTTP from sequences of typed requests. Read back by the oracle the
    call asks for the same: nothing of a request is left out silently.
    """
    if isinstance(request, rq.CreateGroup):
        if not _fits_one_call(request):
            return None
        return ArmRequest("PUT", _group_url(request.key, subscription, api_version), _group_body(request, subscription))
    if isinstance(request, rq.UpdateGroup):
        changes = _changes_body(request, subscription)
        url = _group_url(request.key, subscription, api_version)
        return None if changes is None else ArmRequest("PATCH", url, changes)
    if isinstance(request, _WITHOUT_BODY):
        method, rest = _CALLS[type(request)]
        return ArmRequest(method, _group_url(request.key, subscription, api_version, rest), None)
    if isinstance(request, rq.UpgradeInstances):
        return _on_instances(request.key, "manualupgrade", request.names, subscription, api_version)
    if isinstance(request, rq.SetCapacity):
        body = {"sku": {"capacity": request.capacity}}
        return ArmRequest("PATCH", _group_url(request.key, subscription, api_version), body)
    if isinstance(request, rq.CreateVm):
        if request.extension_health or request.platform_names:
            return None
        return ArmRequest("PUT", _vm_url(request.key, subscription, api_version), _vm_body(request, subscription))
    if isinstance(request, rq.ActOnGroup):
        segment = next(name for name, action in ACTIONS.items() if action is request.action)
        return _on_instances(request.key, segment, request.names, subscription, api_version)
    return None


_WITHOUT_BODY = (
    rq.DeleteGroup
    | rq.GetGroup
    | rq.ListInstances
    | rq.StartRollout
    | rq.CancelRollout
    | rq.GetProgress
    | rq.GetHistory
)
_CALLS: Mapping[type, tuple[str, str]] = {
    rq.DeleteGroup: ("DELETE", ""),
    rq.GetGroup: ("GET", ""),
    rq.ListInstances: ("GET", "/virtualMachines"),
    rq.StartRollout: ("POST", "/osRollingUpgrade"),
    rq.CancelRollout: ("POST", "/rollingUpgrades/cancel"),
    rq.GetProgress: ("GET", "/rollingUpgrades/latest"),
    rq.GetHistory: ("GET", "/osUpgradeHistory"),
}
"""Requests that name a scale set and nothing else: the method, and what follows the scale set in the URL."""


def _on_instances(
    key: GroupKey, segment: str, names: frozenset[str] | None, subscription: str, api_version: str
) -> ArmRequest:
    ids = ["*"] if names is None else sorted(names)
    return ArmRequest("POST", _group_url(key, subscription, api_version, f"/{segment}"), {"instanceIds": ids})


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
        and (request.rolling is None or request.rolling.pause_seconds >= 0)
        and (request.profile is None or _is_sayable(request.profile))
    )


def _is_sayable(profile: Profile) -> bool:
    """Whether a scale set's own body says all of a model: its load balancer, say, is a resource of its own."""
    windows = profile.operating_system is OperatingSystem.WINDOWS
    return (
        not profile.external
        and profile.service_fabric is None
        and profile.load_balancer is None
        and profile.probe_interval is None
        and (windows or profile.automatic_updates is None)
    )


def _group_body(request: rq.CreateGroup, subscription: str) -> dict[str, object]:
    properties: dict[str, object] = {}
    if request.kind in (GroupKind.FLEXIBLE, GroupKind.UNIFORM) or not _is_told_by_shape(request):
        properties["orchestrationMode"] = request.kind.value
    if request.fault_domain_count is not None:
        properties["platformFaultDomainCount"] = request.fault_domain_count
    if request.single_placement_group is not None:
        properties["singlePlacementGroup"] = request.single_placement_group
    if request.zone_balance:
        properties["zoneBalance"] = True
    properties.update(_policy_body(request.upgrade_mode, request.rolling, request.os_upgrade or None))
    body: dict[str, object] = {"location": request.region, "properties": properties}
    if request.zones:
        body["zones"] = list(request.zones)
    if request.profile is not None:
        properties["virtualMachineProfile"] = _profile_body(request.profile, request.health_source, subscription)
        body["sku"] = {"name": request.profile.size, "capacity": request.capacity}
    elif request.capacity:
        body["sku"] = {"capacity": request.capacity}
    return body


def _is_told_by_shape(request: rq.CreateGroup) -> bool:
    """Whether the modes of 2019-10, which are not named in the service's bodies, can be told apart (F14)."""
    if request.kind is GroupKind.SCALE_SET_VM:
        return request.profile is not None
    return request.profile is None and request.fault_domain_count is not None


def _policy_body(mode: UpgradeMode | None, rolling: RollingPolicy | None, switched: bool | None) -> dict[str, object]:
    """The upgrade policy of a body; empty where it says nothing of it."""
    policy: dict[str, object] = {}
    if mode is not None:
        policy["mode"] = mode.value
    if rolling is not None:
        values = (rolling.max_batch_percent, rolling.max_unhealthy_percent, rolling.max_unhealthy_upgraded_percent)
        numbers = dict(zip(POLICY[:3], values, strict=True))
        policy["rollingUpgradePolicy"] = {**numbers, POLICY[3]: f"PT{rolling.pause_seconds}S"}
    if switched is not None:
        policy["automaticOSUpgradePolicy"] = {"enableAutomaticOSUpgrade": switched}
    return {"upgradePolicy": policy} if policy else {}


def _profile_body(profile: Profile, health_source: HealthSource | None, subscription: str) -> dict[str, object]:
    body: dict[str, object] = {"priority": profile.priority.value}
    if profile.operating_system is OperatingSystem.WINDOWS:
        updates = profile.automatic_updates
        body["osProfile"] = {
            "windowsConfiguration": {} if updates is None else {"enableAutomaticUpdates": updates},
        }
    storage: dict[str, object] = {} if profile.image is None else _image_body(profile.image, subscription)
    if profile.data_disks:
        storage["dataDisks"] = [{"lun": lun, "createOption": "Empty"} for lun in range(profile.data_disks)]
    if storage:
        body["storageProfile"] = storage
    if health_source is HealthSource.PROBE:
        body["networkProfile"] = {"healthProbe": {}}
    extensions = _extensions_body(profile.extensions)
    if health_source is HealthSource.EXTENSION:
        extensions.append({"name": "health", "properties": {"type": "ApplicationHealthLinux"}})
    if extensions:
        body["extensionProfile"] = {"extensions": extensions}
    return body


def _extensions_body(extensions: tuple[Extension, ...]) -> list[object]:
    return [{"name": one.name, "properties": {"provisionAfterExtensions": list(one.after)}} for one in extensions]


def _image_body(image: ImageReference, subscription: str) -> dict[str, object]:
    """The storage profile's part that names an image."""
    line, version = image.line, image.version
    if isinstance(line, PlatformImage):
        named = {"publisher": line.publisher, "offer": line.offer, "sku": line.sku, "version": version}
        return {"imageReference": named}
    if isinstance(line, CustomImage):
        if line.uri.startswith("/"):
            return {"imageReference": {"id": line.uri}}
        return {"osDisk": {"image": {"uri": line.uri}}}
    identifier = (
        f"/subscriptions/{subscription}/resourceGroups/images/providers/Microsoft.Compute/galleries/{line.gallery}"
        f"/images/{line.definition}{'' if version == LATEST else f'/versions/{version}'}"
    )
    return {"imageReference": {"id": identifier}}


def _changes_body(request: rq.UpdateGroup, subscription: str) -> dict[str, object] | None:
    """The body of a change; None where it changes what no scale set's body says, or takes something away."""
    unsaid = (request.health_source, request.autoscale, request.repairs, request.external)
    taken = (request.fault_domain_count, request.rolling, request.automatic_updates)
    if any(one is not UNCHANGED for one in unsaid) or None in taken:
        return None
    properties: dict[str, object] = {}
    if request.kind is not UNCHANGED:
        properties["orchestrationMode"] = request.kind.value
    if request.fault_domain_count is not UNCHANGED:
        properties["platformFaultDomainCount"] = request.fault_domain_count
    if request.single_placement_group is not UNCHANGED:
        properties["singlePlacementGroup"] = request.single_placement_group
    rolling = None if request.rolling is UNCHANGED else request.rolling
    if rolling is not None and rolling.pause_seconds < 0:
        return None
    mode = None if request.upgrade_mode is UNCHANGED else request.upgrade_mode
    properties.update(_policy_body(mode, rolling, None if request.os_upgrade is UNCHANGED else request.os_upgrade))
    profile: dict[str, object] = {}
    if request.priority is not UNCHANGED:
        profile["priority"] = request.priority.value
    if request.image is not UNCHANGED:
        profile["storageProfile"] = _image_body(request.image, subscription)
    if request.extensions is not UNCHANGED:
        profile["extensionProfile"] = {"extensions": _extensions_body(request.extensions)}
    if request.automatic_updates is not UNCHANGED:
        profile["osProfile"] = {"windowsConfiguration": {"enableAutomaticUpdates": request.automatic_updates}}
    if profile:
        properties["virtualMachineProfile"] = profile
    body: dict[str, object] = {"properties": properties}
    if request.zones is not UNCHANGED:
        body["zones"] = list(request.zones)
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
