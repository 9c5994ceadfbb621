"""Reading the VM configuration model, the upgrade policy and the image of a scale set out of JSON of any shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmss_model.capabilities import Capability
from vmss_model.images import LATEST, CustomImage, GalleryImage, ImageReference
from vmss_model.oracle.arm.shapes import Fact, child, has_profile, number, text, texts, truth
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.values import Durability, HealthSource, OperatingSystem, Priority, UpgradeMode
from vmss_model.world import Extension, Profile, ServiceFabric

_MOST_EXTENSIONS = 64
_OFFERS = {(one.publisher.lower(), one.offer.lower()): (one.publisher, one.offer) for one in SUPPORTED_IMAGES}
_SKUS = {one.sku.lower(): one.sku for one in SUPPORTED_IMAGES}
_PERIOD = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?", re.ASCII)
_MODES = {mode.value.lower(): mode for mode in UpgradeMode}


def profile_of(body: object) -> Profile | None:
    """The VM configuration model that a body carries, or None."""
    if not has_profile(body):
        return None
    profile = child(body, "properties", "virtualMachineProfile")
    windows = child(profile, "osProfile", "windowsConfiguration")
    spot = (text(child(profile, "priority")) or "").lower() in ("spot", "low")
    disks = child(profile, "storageProfile", "dataDisks")
    return Profile(
        operating_system=OperatingSystem.WINDOWS if isinstance(windows, Mapping) else OperatingSystem.LINUX,
        size=text(child(body, "sku", "name")) or "",
        priority=Priority.SPOT if spot else Priority.REGULAR,
        image=image_of(body),
        data_disks=len(disks) if isinstance(disks, list) else 0,
        extensions=extensions_of(body) or (),
        automatic_updates=truth(child(windows, "enableAutomaticUpdates")),
        service_fabric=_service_fabric(profile),
    )


def image_of(body: object) -> ImageReference | None:
    """The image that a body's model names, or None where it names none that can be told."""
    storage = child(body, "properties", "virtualMachineProfile", "storageProfile")
    reference = child(storage, "imageReference")
    identifier = text(child(reference, "id"))
    if identifier is not None:
        return _by_id(identifier)
    names = tuple(text(child(reference, name)) for name in ("publisher", "offer", "sku"))
    if None not in names:
        line = _platform_image(*(name or "" for name in names))
        return ImageReference(line, text(child(reference, "version")) or LATEST)
    uri = text(child(storage, "osDisk", "image", "uri"))
    return None if uri is None else ImageReference(CustomImage(uri))


def _platform_image(publisher: str, offer: str, sku: str) -> PlatformImage:
    """A platform image, its parts as the documents write them: the service compares them without case."""
    names = (publisher.lower(), offer.lower())
    return PlatformImage(*_OFFERS.get(names, names), _SKUS.get(sku.lower(), sku.lower()))


def _by_id(identifier: str) -> ImageReference:
    parts = identifier.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    after = parts[lowered.index("galleries") + 1 :] if "galleries" in lowered else []
    if len(after) >= 3 and after[1].lower() == "images":
        line = GalleryImage(after[0].lower(), after[2].lower())
        return ImageReference(line, after[4] if len(after) >= 5 and after[3].lower() == "versions" else LATEST)
    return ImageReference(CustomImage(identifier.lower()))


def extensions_of(body: object) -> tuple[Extension, ...] | None:
    """The extensions that a body's model asks for, or None where it does not speak of them.

    Application Health is not among them: it is who reports health (`health_source_of`).
    """
    listed = child(body, "properties", "virtualMachineProfile", "extensionProfile", "extensions")
    if not isinstance(listed, list) or len(listed) > _MOST_EXTENSIONS:
        return None
    return tuple(
        Extension(name, texts(child(one, "properties", "provisionAfterExtensions")) or ())
        for one in listed
        if (name := text(child(one, "name"))) is not None and not _reports_health(one)
    )


def _reports_health(extension: object) -> bool:
    kind = text(child(extension, "properties", "type")) or ""
    return kind.lower().startswith("applicationhealth")


def _extension_types(profile: object) -> Iterator[tuple[str, object]]:
    listed = child(profile, "extensionProfile", "extensions")
    for one in listed if isinstance(listed, list) else ():
        yield (text(child(one, "properties", "type")) or "").lower(), one


def _service_fabric(profile: object) -> ServiceFabric | None:
    """The Service Fabric extension; what the cluster has is not in a scale set's body, and taken to agree."""
    for kind, extension in _extension_types(profile):
        if not kind.startswith("servicefabric"):
            continue
        level = (text(child(extension, "properties", "settings", "durabilityLevel")) or "").lower()
        durability = next((one for one in Durability if one.value.lower() == level), Durability.BRONZE)
        version = (text(child(extension, "properties", "typeHandlerVersion")) or "").split(".")
        major, minor = (number(part) or 0 for part in (*version, "0", "0")[:2])
        return ServiceFabric(durability, durability, (major, minor), stateless=durability is Durability.BRONZE)
    return None


def health_source_of(body: object) -> HealthSource | None:
    """Who reports application health, as far as a body shows it."""
    profile = child(body, "properties", "virtualMachineProfile")
    if isinstance(child(profile, "networkProfile", "healthProbe"), Mapping):
        return HealthSource.PROBE
    if any(kind.startswith("applicationhealth") for kind, _ in _extension_types(profile)):
        return HealthSource.EXTENSION
    return None


def sets_of(body: object) -> bool | None:
    """The `enableAutomaticUpdates` that a body sets, or None."""
    profile = child(body, "properties", "virtualMachineProfile")
    return truth(child(profile, "osProfile", "windowsConfiguration", "enableAutomaticUpdates"))


# -- capabilities ----------------------------------------------------------------------------------


def repairs_asked(body: object) -> bool:
    """Whether a body asks for instance repair."""
    return truth(child(body, "properties", "automaticRepairsPolicy", "enabled")) is True


def capabilities_of(body: object) -> frozenset[Capability]:
    """The capabilities that a body asks for by properties of its own; instance repair comes apart."""
    properties = child(body, "properties")
    profile = child(properties, "virtualMachineProfile")
    storage = child(profile, "storageProfile")
    data = child(storage, "dataDisks")
    disks = [child(storage, "osDisk"), *(data if isinstance(data, list) else ())]
    notification = child(profile, "scheduledEventsProfile", "terminateNotificationProfile", "enable")
    asked = {
        Capability.TERMINATE_NOTIFICATION: truth(notification) is True,
        Capability.DEDICATED_HOST: text(child(properties, "hostGroup", "id")) is not None,
        Capability.WRITE_ACCELERATOR: any(truth(child(disk, "writeAcceleratorEnabled")) for disk in disks),
        Capability.ULTRA_SSD: truth(child(properties, "additionalCapabilities", "ultraSSDEnabled")) is True,
    }
    return frozenset(capability for capability, is_asked in asked.items() if is_asked)


# -- the upgrade policy ----------------------------------------------------------------------------

POLICY = (
    "maxBatchInstancePercent",
    "maxUnhealthyInstancePercent",
    "maxUnhealthyUpgradedInstancePercent",
    "pauseTimeBetweenBatches",
)
"""The settings of a rolling upgrade policy that the documents or every version of the public API know."""
PREFIX = "rollingUpgradePolicy."
"""How the facts about them begin."""


def upgrade_facts(properties: object) -> dict[str, Fact | None]:
    """The settings of the upgrade policy and of automatic OS upgrades, as facts."""
    policy = child(properties, "upgradePolicy")
    if not isinstance(policy, Mapping):
        return {}
    mode = text(child(policy, "mode"))
    found: dict[str, Fact | None] = {"upgradePolicy.mode": None if mode is None else mode.lower()}
    found.update(policy_facts(child(policy, "rollingUpgradePolicy")))
    automatic = child(policy, "automaticOSUpgradePolicy")
    enabled = truth(child(automatic, "enableAutomaticOSUpgrade"))
    found["enableAutomaticOSUpgrade"] = truth(child(policy, "automaticOSUpgrade")) if enabled is None else enabled
    found["disableAutomaticRollback"] = truth(child(automatic, "disableAutomaticRollback"))
    return found


def policy_facts(policy: object) -> dict[str, Fact | None]:
    """The settings of a rolling upgrade policy, as facts."""
    if not isinstance(policy, Mapping):
        return {}
    found: dict[str, Fact | None] = {PREFIX + name: number(child(policy, name)) for name in POLICY[:3]}
    found[PREFIX + POLICY[3]] = seconds(child(policy, POLICY[3]))
    return found


def seconds(period: object) -> int | None:
    """A period such as `PT1M30S` in seconds, or None."""
    found = _PERIOD.fullmatch(period) if isinstance(period, str) and len(period) <= 64 else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def mode_of(facts: Mapping[str, Fact]) -> UpgradeMode | None:
    """The upgrade policy's mode among facts, or None."""
    return _MODES.get(str(facts.get("upgradePolicy.mode", "")))


def rolling_of(facts: Mapping[str, Fact]) -> RollingPolicy | None:
    """The rolling upgrade policy among facts, with the defaults for what is not there; None where nothing is."""
    values = [facts.get(PREFIX + name) for name in POLICY]
    if values == [None] * len(POLICY):
        return None
    given = [
        value if isinstance(value, int) else default for value, default in zip(values, (20, 20, 20, 0), strict=True)
    ]
    return RollingPolicy(*given)
