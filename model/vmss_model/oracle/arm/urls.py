"""What a URL of Azure Resource Manager names. Names are compared without case, as the service does."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from vmss_model.copying import evolve
from vmss_model.world import GroupKey


class Resource(Enum):
    """The kinds of thing a URL can name, as far as scale sets are concerned."""

    GROUP = "scale set"
    GROUP_LIST = "list of scale sets"
    GROUP_VIEW = "instance view of a scale set"
    GROUP_SKUS = "capacity bounds of a scale set"
    GROUP_ACTION = "operation on a scale set"
    GROUP_PART = "part of a scale set"
    MEMBER = "instance of a scale set"
    MEMBER_LIST = "list of a scale set's instances"
    MEMBER_VIEW = "instance view of an instance"
    MEMBER_ACTION = "operation on an instance"
    MEMBER_PART = "part of an instance"
    VM = "virtual machine"
    VM_LIST = "list of virtual machines"
    VM_VIEW = "instance view of a virtual machine"
    VM_ACTION = "operation on a virtual machine"
    VM_PART = "part of a virtual machine"
    DEPLOYMENT = "template deployment"
    OPERATION = "status of an operation"
    AUTOSCALE = "autoscale setting"
    RESOURCE_GROUP = "resource group"
    FEATURE = "preview feature"
    PROVIDER = "registration of a provider"
    OTHER = "something else"


@frozen
class Target:
    """What one URL names."""

    resource: Resource
    """The kind of thing."""
    subscription: str = field(default="", kw_only=True)
    """The subscription that it belongs to, in lower case; empty where the URL names none."""
    group: GroupKey | None = None
    """The scale set, or the resource group and an empty name where only that is given."""
    member: str = ""
    """The instance id or VM name, in lower case."""
    action: str = ""
    """The last segment, in lower case, where the URL names an operation or a part."""
    operation: str = ""
    """The id of an operation or deployment, in lower case."""
    api_version: str = ""
    """The API version (`YYYY-MM-DD` with or without `-preview`), or empty where none of that form is given."""
    expands_view: bool = False
    """Whether the read asks for the instance view beside the model."""
    is_page: bool = False
    """Whether the URL names a following page of a listing."""
    page: str = ""
    """Which page of a listing, as the service words it; empty for the first."""
    narrowed: bool = False
    """Whether a listing is narrowed by a filter or a selection."""


_COMPUTE = "microsoft.compute"
_ACTIONS = frozenset(
    {
        "delete",
        "start",
        "poweroff",
        "restart",
        "deallocate",
        "redeploy",
        "reimage",
        "reimageall",
        "performmaintenance",
        "manualupgrade",
        "osrollingupgrade",
        "extensionrollingupgrade",
        "converttosingleplacementgroup",
        "setorchestrationservicestate",
        "simulateeviction",
        "forcerecoveryservicefabricplatformupdatedomainwalk",
        "reapply",
        "generalize",
        "approverollingupgrade",
        "retrievebootdiagnosticsdata",
        "runcommand",
        "capture",
    }
)


_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[A-Za-z0-9.-]+)?")
_LONGEST = 16_384
"""The longest address that is looked into, in characters; what the service takes is shorter."""


def api_version_in(text: str) -> str:
    """The text where it has the form of an API version (`YYYY-MM-DD`, `YYYY-MM-DD-preview`), else empty."""
    return text if _VERSION.fullmatch(text) else ""


def operation_id(url: str) -> str:
    """What a status link and its polls have in common; empty if there is none.

    Where the address has a shape that the service is known to use, that is the id at its end. Clients poll
    any other status link just as it was given: there it is the path, which begins with a slash, and the options.
    """
    if len(url) > _LONGEST:
        return ""
    target = _parse(url)
    if target.resource is Resource.OPERATION:
        return target.operation
    segments = _segments(url)
    options = [option for option in url.partition("#")[0].partition("?")[2].split("&") if not _is_version(option)]
    return "?".join(filter(None, ("/" + "/".join(segments), "&".join(options)))) if segments else ""


def _is_version(option: str) -> bool:
    """Whether an option of an address is the API version, which clients add to a link that has none."""
    return option.partition("=")[0].lower() == "api-version"


def parse_url(url: str) -> Target:
    """What a URL names; `Resource.OTHER` where it has no shape that concerns scale sets."""
    return _OTHER if len(url) > _LONGEST else _parse(url)


@lru_cache(maxsize=4096)
def _parse(url: str) -> Target:
    query = url.partition("#")[0].partition("?")[2]
    segments = _segments(url)
    target = _target(segments)
    if target is _OTHER:
        return target
    target = evolve(target, subscription=segments[1])
    if not query:
        return target
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        options.setdefault(name.lower(), value)
    return evolve(
        target,
        api_version=api_version_in(options.get("api-version", "")),
        expands_view="instanceview" in options.get("$expand", "").lower(),
        is_page="$skiptoken" in options or "$skip" in options,
        page=options.get("$skiptoken", "") or options.get("$skip", ""),
        narrowed="$filter" in options or "$select" in options or "$top" in options,
    )


def _segments(url: str) -> list[str]:
    """The segments of the path, decoded and in lower case; none where a decoded one holds a slash of its own."""
    path = url.partition("#")[0].partition("?")[0]
    origin = _ORIGIN.match(path)
    if origin is not None:
        path = path[origin.end() :]
    # Clients that join addresses leave slashes at either end; one in between stands for a name left out.
    segments = [unquote(part).lower() for part in path.strip("/").split("/")]
    return [] if any("/" in part or not part for part in segments) else segments


_OTHER = Target(Resource.OTHER)


def _target(segments: list[str]) -> Target:
    if len(segments) < 2 or segments[0] != "subscriptions":
        return _OTHER
    rest = segments[2:]
    resource_group = ""
    if len(rest) >= 2 and rest[0] == "resourcegroups":
        resource_group, rest = rest[1], rest[2:]
    if resource_group and (not rest or rest == ["moveresources"]):
        return Target(Resource.RESOURCE_GROUP, GroupKey(resource_group, ""), action="".join(rest))
    if rest[:1] == ["operationresults"] and len(rest) == 2:
        return Target(Resource.OPERATION, operation=rest[1])
    if len(rest) < 2 or rest[0] != "providers":
        return _OTHER
    provider, kind, more = rest[1], rest[2] if len(rest) > 2 else "", rest[3:]
    if provider == _COMPUTE:
        return _compute_target(kind, more, resource_group)
    if provider == "microsoft.resources" and kind == "deployments" and more:
        if len(more) == 3 and more[1] == "operationstatuses":
            return Target(Resource.OPERATION, operation=more[2])
        if len(more) == 1 and resource_group:
            return Target(Resource.DEPLOYMENT, GroupKey(resource_group, ""), operation=more[0])
    if provider == "microsoft.insights" and kind == "autoscalesettings":
        return Target(Resource.AUTOSCALE, GroupKey(resource_group, ""), operation=more[0] if more else "")
    if provider == "microsoft.features" and _COMPUTE in more:
        return Target(Resource.FEATURE, operation=more[-2] if more[-1] == "register" else more[-1], action=more[-1])
    return _OTHER


def _compute_target(kind: str, more: list[str], resource_group: str) -> Target:
    if kind == "virtualmachinescalesets":
        return _group_target(more, resource_group)
    if kind == "virtualmachines":
        return _vm_target(more, resource_group)
    if kind == "locations" and len(more) == 3 and more[1] in ("operations", "operationstatuses"):
        return Target(Resource.OPERATION, operation=more[2])
    if kind == "register":
        return Target(Resource.PROVIDER)
    return _OTHER


def _group_target(more: list[str], resource_group: str) -> Target:
    if not more:
        return Target(Resource.GROUP_LIST, GroupKey(resource_group, ""))
    if not resource_group:
        return _OTHER
    key, rest = GroupKey(resource_group, more[0]), more[1:]
    if not rest:
        return Target(Resource.GROUP, key)
    if rest == ["instanceview"]:
        return Target(Resource.GROUP_VIEW, key)
    if rest == ["skus"]:
        return Target(Resource.GROUP_SKUS, key)
    if rest[0] == "virtualmachines":
        return _member_target(key, rest[1:])
    action = "/".join(rest)
    if action in _ACTIONS or action == "rollingupgrades/cancel":
        return Target(Resource.GROUP_ACTION, key, action=action)
    return Target(Resource.GROUP_PART, key, action=action)


def _member_target(key: GroupKey, more: list[str]) -> Target:
    if not more:
        return Target(Resource.MEMBER_LIST, key)
    member, rest = more[0], more[1:]
    if not rest:
        return Target(Resource.MEMBER, key, member)
    if rest == ["instanceview"]:
        return Target(Resource.MEMBER_VIEW, key, member)
    if len(rest) == 1 and rest[0] in _ACTIONS:
        return Target(Resource.MEMBER_ACTION, key, member, action=rest[0])
    return Target(Resource.MEMBER_PART, key, member, action="/".join(rest))


def _vm_target(more: list[str], resource_group: str) -> Target:
    key = GroupKey(resource_group, "")
    if not more:
        return Target(Resource.VM_LIST, key)
    if not resource_group:
        return _OTHER
    member, rest = more[0], more[1:]
    if not rest:
        return Target(Resource.VM, key, member)
    if rest == ["instanceview"]:
        return Target(Resource.VM_VIEW, key, member)
    if len(rest) == 1 and rest[0] in _ACTIONS:
        return Target(Resource.VM_ACTION, key, member, action=rest[0])
    return Target(Resource.VM_PART, key, member, action="/".join(rest))
