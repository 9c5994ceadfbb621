"""Which version of an image a group is to run, stated a second time."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from vmss_model.images import ImageLine
from vmss_model.world import Group, World

LATEST = "latest"
"""The version that stands for the newest one."""
_STACK = "2018-06-stack"


VersionNumber = tuple[tuple[Decimal, str], ...]
"""A version, so that the newer of two is the greater."""


@lru_cache(maxsize=1 << 12)
def number_of(version: str) -> VersionNumber:
    """A version's parts as numbers, of any length; a part that is none is less than all that are, by its letters."""
    return tuple(
        (Decimal(part), "") if part.isascii() and part.isdecimal() else (Decimal(-1), part)
        for part in version.split(".")
    )


def available(world: World, line: ImageLine, region: str) -> list[str]:
    """The versions that a region may be given, oldest first."""
    place = "local" if world.edition.name == _STACK else region
    found = [one.version for one in world.images.get(line, ()) if place in one.regions and not one.excluded]
    return sorted(found, key=number_of)


def wanted(world: World, group: Group) -> tuple[ImageLine, str] | None:
    """The image and version that a new OS disk of a group is made from now, or None where that is not known."""
    image = group.profile.image if group.profile is not None else None
    if image is None:
        return None
    if image.version != LATEST:
        return image.line, image.version
    given = available(world, image.line, group.region)
    return (image.line, given[-1]) if given else None
