"""The facts about a scale set that the oracle keeps and compares, out of JSON of any shape."""

from __future__ import annotations

from collections.abc import Mapping

from vmss_model.oracle.arm.profiles import upgrade_facts
from vmss_model.oracle.arm.shapes import MOST_TEXTS, Fact, child, number, place_in, text, texts, truth

IMMUTABLE = frozenset(
    {"location", "zones", "orchestrationMode", "platformFaultDomainCount", "priority", "osDisk.placement", "uniqueId"}
)
"""Properties that only creation can set (ARM-IMMUTABLE)."""

UNLESS_SHOWN: Mapping[str, frozenset[Fact]] = {"enableAutomaticOSUpgrade": frozenset({False})}
"""What a property is held to be that was never shown: a switch that a scale set does not show is off."""


def group_facts(body: object) -> dict[str, Fact]:
    """The properties of a scale set that the oracle keeps, as far as a body shows them."""
    properties = child(body, "properties")
    profile = child(properties, "virtualMachineProfile")
    storage = child(profile, "storageProfile")
    image = child(storage, "imageReference")
    found: dict[str, Fact | None] = {
        "location": place_in(child(body, "location")),
        "zones": _zones(child(body, "zones")),
        "orchestrationMode": text(child(properties, "orchestrationMode")),
        "platformFaultDomainCount": number(child(properties, "platformFaultDomainCount")),
        "singlePlacementGroup": truth(child(properties, "singlePlacementGroup")),
        "zoneBalance": truth(child(properties, "zoneBalance")),
        "overprovision": truth(child(properties, "overprovision")),
        "priority": text(child(profile, "priority")),
        "osDisk.placement": text(child(storage, "osDisk", "diffDiskSettings", "placement")),
        "uniqueId": text(child(properties, "uniqueId")),
        "sku.name": _lower(child(body, "sku", "name")),
        "sku.capacity": number(child(body, "sku", "capacity")),
    }
    if isinstance(image, Mapping):
        found.update(
            {f"image.{name}": _lower(child(image, name)) for name in ("publisher", "offer", "sku", "version", "id")}
        )
    found.update(upgrade_facts(properties))
    return {name: value for name, value in found.items() if value is not None}


def _lower(value: object) -> str | None:
    found = text(value)
    return None if found is None else found.lower()


def _zones(value: object) -> tuple[str, ...] | None:
    zones = texts(value)
    return tuple(sorted(zones)) if zones and len(zones) <= MOST_TEXTS else None


def is_changed(before: Fact | None, after: Fact) -> bool:
    """Whether a property has another value than it surely had; texts are compared without case."""
    return before is not None and str(before).lower() != str(after).lower()
