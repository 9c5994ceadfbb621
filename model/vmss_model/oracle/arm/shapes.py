"""Reading ARM bodies: facts about groups and instances out of JSON of any shape.

Nothing here trusts its input: a body may be any JSON value. What is absent or of a wrong type is
simply not a fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import frozen

from vmss_model.values import GroupKind, Power
from vmss_model.world import GroupKey, Instance

Fact = str | int | bool | tuple[str, ...]
"""The value of a property that the oracle keeps."""

LONGEST_TEXT = 1_024
"""The longest string that is a fact: names, ids and regions are far shorter."""
MOST_TEXTS = 64
"""The most strings in a list that is a fact: a region has a handful of zones."""


STATUS = {
    "succeeded": "Succeeded",
    "failed": "Failed",
    "canceled": "Canceled",
    "cancelled": "Canceled",
    "inprogress": "InProgress",
    "running": "InProgress",
    "accepted": "InProgress",
    "creating": "InProgress",
    "updating": "InProgress",
    "deleting": "InProgress",
    "pending": "InProgress",
    "started": "InProgress",
}
"""The status of an operation by the words, in lower case, for it and for the provisioning state that it leads to."""


def child(value: object, *names: str) -> object:
    """What stands under a path of names in nested objects, or None; names are compared without case last."""
    for name in names:
        if not value:  # the most frequent answer, and the cheapest one
            return None
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        found = value.get(name)
        value = _child_of_any_case(value, name) if found is None else found
    return value


def _child_of_any_case(parent: Mapping[object, object], name: str) -> object:
    length, lowered = len(name), name.lower()
    for key, value in parent.items():
        if isinstance(key, str) and len(key) == length and key.lower() == lowered:
            return value
    return None


def text(value: object) -> str | None:
    """A string, or None; an expression of a template and an overlong string are none."""
    return value if isinstance(value, str) and len(value) <= LONGEST_TEXT and not value.startswith("[") else None


def number(value: object) -> int | None:
    """A whole number, also written as text, or None; one beyond 64 bits is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdecimal():
        return int(value)
    return None


def truth(value: object) -> bool | None:
    """A truth value, also written as text, or None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None


def texts(value: object) -> tuple[str, ...] | None:
    """A list of strings, or None."""
    if not isinstance(value, list):
        return None
    found = tuple(one for one in map(text, value) if one is not None)
    return found if len(found) == len(value) else None


def resource_key(identifier: object) -> GroupKey | None:
    """Resource group and name, in lower case, out of a resource id."""
    parts = _id_parts(identifier)
    return _key(_following(parts, "resourcegroups"), parts[-1] if parts else "")


def scale_set_key(identifier: object) -> GroupKey | None:
    """The scale set that a resource id names or stands below."""
    parts = _id_parts(identifier)
    return _key(_following(parts, "resourcegroups"), _following(parts, "virtualmachinescalesets"))


def subscription_in(identifier: object) -> str:
    """The subscription of a resource id, in lower case; empty where it names none."""
    return _following(_id_parts(identifier), "subscriptions")


def _id_parts(identifier: object) -> list[str]:
    parsed = text(identifier)
    return [] if parsed is None else parsed.lower().strip("/").split("/")


def _following(parts: list[str], name: str) -> str:
    """The segment after the one of that name, or an empty one."""
    return parts[parts.index(name) + 1] if name in parts[:-1] else ""


def _key(resource_group: str, name: str) -> GroupKey | None:
    return GroupKey(resource_group, name) if resource_group and name else None


def place_in(value: object) -> str | None:
    """A region as the oracle compares them: in lower case and without spaces, or None."""
    place = text(value)
    return None if place is None else place.replace(" ", "").lower()


def has_profile(body: object) -> bool:
    """Whether a body carries a VM configuration model."""
    return isinstance(child(body, "properties", "virtualMachineProfile"), Mapping)


def is_scale_set(body: object) -> bool:
    """Whether a body looks like a scale set at all."""
    return isinstance(body, Mapping) and isinstance(child(body, "properties"), Mapping)


def provisioning_status(body: object) -> str | None:
    """How the change stands that a resource's provisioning state speaks of, or None where it shows none."""
    return STATUS.get((text(child(body, "properties", "provisioningState")) or "").lower())


def kind_shown(body: object, edition_name: str) -> GroupKind | None:
    """The orchestration mode of a group: named, or told by its shape (finding F14)."""
    mode = (text(child(body, "properties", "orchestrationMode")) or "").lower()
    named = {
        "flexible": GroupKind.FLEXIBLE,
        "uniform": GroupKind.UNIFORM,
        "virtualmachines": GroupKind.VM,
        "vm": GroupKind.VM,
        "scalesetvm": GroupKind.SCALE_SET_VM,
        "scalesetvms": GroupKind.SCALE_SET_VM,
    }.get(mode)
    if named is not None:
        return named
    if mode:
        return None
    if has_profile(body):
        return GroupKind.SCALE_SET_VM if edition_name == "2019-10" else GroupKind.UNIFORM
    if number(child(body, "properties", "platformFaultDomainCount")) is None:
        return None
    return GroupKind.VM if edition_name in ("2017-05", "2018-06-stack", "2019-10") else GroupKind.FLEXIBLE


@frozen
class MemberFacts:
    """What a body shows of one member."""

    name: str
    """Instance id or VM name, in lower case."""
    zone: str | None = None
    """Its zone, where shown."""
    fault_domain: int | None = None
    """Its fault domain, where shown."""
    update_domain: int | None = None
    """Its update domain, where shown."""
    power: Power | None = None
    """Its power state, where shown."""
    vm_id: str | None = None
    """Its unique id, where shown."""
    latest: bool | None = None
    """Whether it runs the newest model (`latestModelApplied`), where shown."""
    group: GroupKey | None = None
    """The scale set it names, where shown."""
    location: str | None = None
    """Its region, where shown."""

    @cached_property
    def instance(self) -> Instance:
        """The member as far as the model's guards can read it: where it stands."""
        return Instance(self.name, zone=self.zone, fault_domain=self.fault_domain, update_domain=self.update_domain)


def member_facts(body: object) -> MemberFacts | None:
    """What a body shows of a member, or None where it is no member at all."""
    if not isinstance(body, Mapping):
        return None
    named = text(child(body, "instanceId")) or text(child(body, "name"))
    identifier = named or _following(_id_parts(child(body, "id")), "virtualmachines")
    if not identifier:
        return None
    properties = child(body, "properties")
    view = child(properties, "instanceView")
    zones = texts(child(body, "zones"))
    group = scale_set_key(child(properties, "virtualMachineScaleSet", "id")) or scale_set_key(child(body, "id"))
    return MemberFacts(
        name=identifier.lower(),
        zone=zones[0] if zones else None,
        fault_domain=_first(
            number(child(view, "platformFaultDomain")), number(child(properties, "platformFaultDomain"))
        ),
        update_domain=number(child(view, "platformUpdateDomain")),
        power=power_shown(view),
        vm_id=text(child(properties, "vmId")),
        latest=truth(child(properties, "latestModelApplied")),
        group=group,
        location=place_in(child(body, "location")),
    )


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def power_shown(view: object) -> Power | None:
    """The power state of an instance view, or None where it shows none or one in between."""
    for code in status_codes(view):
        if code.startswith("powerstate/"):
            return {
                "running": Power.RUNNING,
                "stopped": Power.STOPPED,
                "deallocated": Power.DEALLOCATED,
            }.get(code.partition("/")[2])
    return None


def status_codes(view: object) -> Iterator[str]:
    """The status codes of an instance view, in lower case."""
    statuses = child(view, "statuses")
    for status in statuses if isinstance(statuses, list) else ():
        code = text(child(status, "code"))
        if code is not None:
            yield code.lower()


def error_of(body: object) -> tuple[str, str] | None:
    """Code and message of an error body, or None."""
    error = child(body, "error")
    if not isinstance(error, Mapping):
        error = body
    code, message = text(child(error, "code")), child(error, "message")
    if code is None:
        return None
    return code, message if isinstance(message, str) else ""
