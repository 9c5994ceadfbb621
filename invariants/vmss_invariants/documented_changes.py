"""What S17, S18 and S21U refuse about changes of models, stated a second time.

As in `documented`: the numbers stand here once more, the members are counted once more, and no guard of the model is
called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from attrs import frozen

from vmss_invariants.documented_versions import LATEST
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.images import CustomImage
from vmss_model.os_images import PlatformImage
from vmss_model.values import (
    UNCHANGED,
    Durability,
    GroupKind,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    Provisioning,
)
from vmss_model.world import ExternalReference, Group, Profile, World

_SUPPORTED = frozenset(
    {
        ("Canonical", "UbuntuServer", "16.04-LTS"),
        ("Canonical", "UbuntuServer", "18.04-LTS"),
        ("OpenLogic", "CentOS", "7.5"),
        *(
            ("MicrosoftWindowsServer", "WindowsServer", sku)
            for sku in (
                "2012-R2-Datacenter",
                "2016-Datacenter",
                "2016-Datacenter-smalldisk",
                "2016-Datacenter-with-Containers",
                "2019-Datacenter",
                "2019-Datacenter-smalldisk",
                "2019-Datacenter-with-Containers",
                "2019-Datacenter-Core",
                "2019-Datacenter-Core-with-Containers",
                "2019-Datacenter-gensecond",
            )
        ),
    }
)


@frozen
class Configured:
    """A group for which automatic OS image upgrades are asked for, as it would be."""

    profile: Profile
    source: HealthSource | None
    single: bool | None
    api_version: str | None


def configured(step: Step) -> Configured | None:
    """What the requirements of automatic upgrades are held against, or None where they are not asked for."""
    request, group = step.request, step.group_before
    if isinstance(request, rq.CreateGroup):
        if not request.os_upgrade or request.kind is not GroupKind.UNIFORM:
            return None
        profile = request.profile or Profile()
        return Configured(profile, request.health_source, request.single_placement_group, request.api_version)
    if not isinstance(request, rq.UpdateGroup) or group is None or group.kind is not GroupKind.UNIFORM:
        return None
    profile = _changed(group, request)
    source = group.health_source if request.health_source is UNCHANGED else request.health_source
    asked = request.os_upgrade is True
    kept = group.os_upgrade and request.os_upgrade is UNCHANGED
    model_changes = profile != (group.profile or Profile())
    single = group.single_placement_group
    if request.single_placement_group is not UNCHANGED:
        single = request.single_placement_group
    changes = model_changes or source is not group.health_source or single is not group.single_placement_group
    return Configured(profile, source, single, request.api_version) if asked or (kept and changes) else None


def _changed(group: Group, request: rq.UpdateGroup) -> Profile:
    before = group.profile or Profile()
    return Profile(
        operating_system=before.operating_system,
        size=before.size,
        priority=before.priority,
        image=before.image if request.image is UNCHANGED else request.image,
        data_disks=before.data_disks,
        extensions=before.extensions if request.extensions is UNCHANGED else request.extensions,
        external=before.external if request.external is UNCHANGED else request.external,
        automatic_updates=before.automatic_updates
        if request.automatic_updates is UNCHANGED
        else request.automatic_updates,
        service_fabric=before.service_fabric,
        load_balancer=before.load_balancer,
        probe_interval=before.probe_interval,
    )


def requires(breaks: Callable[[Step, Configured], bool]) -> Callable[[Step], bool]:
    def refuses(step: Step) -> bool:
        asked = configured(step)
        return asked is not None and breaks(step, asked)

    return refuses


def _pinned(_step: Step, asked: Configured) -> bool:
    return asked.profile.image is not None and asked.profile.image.version != LATEST


def _unsupported(_step: Step, asked: Configured) -> bool:
    line = asked.profile.image.line if asked.profile.image is not None else None
    if isinstance(line, PlatformImage):
        return (line.publisher, line.offer, line.sku) not in _SUPPORTED
    return isinstance(line, CustomImage)


def _unwatched(_step: Step, asked: Configured) -> bool:
    fabric = asked.profile.service_fabric
    durable = fabric is not None and fabric.cluster_durability is not Durability.BRONZE
    return asked.source is None and not durable


def _gone(world: World, references: Iterable[ExternalReference]) -> bool:
    return any(
        one.resource in world.withdrawn or (one.credentials_end is not None and one.credentials_end <= world.clock)
        for one in references
    )


def _patches_itself(step: Step, asked: Configured) -> bool:
    """Windows, and `enableAutomaticUpdates` is not false, where the API version makes that a condition."""
    windows = asked.profile.operating_system is OperatingSystem.WINDOWS
    if not windows or asked.profile.automatic_updates is False:
        return False
    if "F10" in step.before.edition.readings and asked.profile.automatic_updates is None:
        return False
    if asked.profile.service_fabric is not None:
        return True
    return asked.api_version is not None and asked.api_version >= "2019-03-01"


def fabric_unfit(step: Step, asked: Configured) -> bool:
    fabric = asked.profile.service_fabric
    if fabric is None:
        return False
    bronze = fabric.cluster_durability is Durability.BRONZE
    return (
        (bronze and not fabric.stateless)
        or fabric.cluster_durability is not fabric.extension_durability
        or fabric.type_handler_version < (1, 1)
        or (asked.source is HealthSource.PROBE and not bronze)
        or _patches_itself(step, asked)
        or _unwatched(step, asked)
    )


def _basic_probe(_step: Step, asked: Configured) -> bool:
    several, probed = asked.single is False, asked.source is HealthSource.PROBE
    return several and probed and asked.profile.load_balancer is LoadBalancer.BASIC


def _other_publisher(step: Step) -> bool:
    request, group = step.request, step.group_before
    if not isinstance(request, rq.UpdateGroup) or group is None or group.kind is not GroupKind.UNIFORM:
        return False
    before = group.profile.image if group.profile is not None else None
    if before is None or request.image is UNCHANGED:
        return False
    old, new = before.line, request.image.line
    if not isinstance(old, PlatformImage) or not isinstance(new, PlatformImage):
        return False
    return (old.publisher, old.offer) != (new.publisher, new.offer)


def _goes_round(step: Step) -> bool:
    """Whether the extensions that are asked for can never be run: one waits, in the end, for itself."""
    request, group = step.request, step.group_before
    if isinstance(request, rq.CreateGroup):
        asked = request.profile.extensions if request.profile is not None else ()
        uniform = request.kind is GroupKind.UNIFORM
    elif isinstance(request, rq.UpdateGroup) and group is not None:
        model = (request.image, request.extensions, request.external, request.automatic_updates)
        asked = _changed(group, request).extensions if any(one is not UNCHANGED for one in model) else ()
        uniform = group.kind is GroupKind.UNIFORM
    elif isinstance(request, rq.ProvisionInstance):
        return _out_of_order(step)
    else:
        return False
    waits = {one.name: set(one.after) for one in asked}
    names = set(waits)
    while ready := {name for name in names if not waits[name] & names}:
        names -= ready
    return uniform and bool(names)


def _out_of_order(step: Step) -> bool:
    request, group = step.request, step.group_before
    assert isinstance(request, rq.ProvisionInstance)
    member = group.members.get(request.name) if group is not None else None
    if group is None or member is None or request.order is None or member.provisioning is not Provisioning.UPDATING:
        return False
    waits = {one.name: one.after for one in (group.profile or Profile()).extensions}
    order = request.order
    if len(set(order)) < len(order) or any(name not in waits for name in order):
        return True
    for place, name in enumerate(order):
        if any(before in waits and before not in order[:place] for before in waits[name]):
            return True
    if request.failing is not None:
        return not order or order[-1] != request.failing
    return len(order) < len(waits)


REFUSES_CHANGES: Mapping[str, Callable[[Step], bool]] = MappingProxyType(
    {
        "PUBLISHER-OFFER-FIXED": _other_publisher,
        "OSU-LATEST": requires(_pinned),
        "OSU-IMAGES": requires(_unsupported),
        "OSU-HEALTH": requires(_unwatched),
        "OSU-API": requires(lambda _, asked: asked.api_version is not None and asked.api_version < "2018-10-01"),
        "OSU-EXTERNAL": requires(lambda step, asked: _gone(step.before, asked.profile.external)),
        "OSU-WINDOWS": requires(_patches_itself),
        "OSU-PROBE-LB": requires(_basic_probe),
        "OSU-SWAP": _goes_round,
    }
)
"""When each rule about models and what automatic upgrades ask for refuses."""
