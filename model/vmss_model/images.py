"""Images: how a model names one, which versions there are, and which of them is the newest.

An image line is what `latest` is resolved over: a platform image's publisher, offer and SKU, an image
definition of a gallery, or a custom image at a URI (which has one version, its own).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from attrs import frozen

from vmss_model.os_images import PlatformImage
from vmss_model.rules import implements

LATEST = "latest"
"""The version that stands for the newest one available at the moment of use."""


@frozen(order=True)
class GalleryImage:
    """An image definition of a compute gallery."""

    gallery: str
    """The gallery's name."""
    definition: str
    """The image definition's name."""

    def __str__(self) -> str:
        return f"{self.gallery}/{self.definition}"


@frozen(order=True)
class CustomImage:
    """A custom image that is no gallery's: a disk image at a URI."""

    uri: str
    """Where it is."""

    def __str__(self) -> str:
        return self.uri


ImageLine = PlatformImage | GalleryImage | CustomImage
"""What versions are versions of."""


@frozen
class ImageReference:
    """An image as a model names it."""

    line: ImageLine
    """The image without its version."""
    version: str = LATEST
    """A version number such as `2016.127.20180613`, or `latest`."""

    def __str__(self) -> str:
        return f"{self.line} {self.version}"


@frozen
class OsDisk:
    """An OS disk by the image it was made from."""

    line: ImageLine
    """The image without its version."""
    version: str
    """The version number."""

    def __str__(self) -> str:
        return f"{self.line} {self.version}"


@frozen
class ImageVersion:
    """A version of an image that was published."""

    version: str
    """The version number."""
    regions: frozenset[str]
    """The regions it is available in: released to (platform image) or replicated to (gallery)."""
    excluded: bool = False
    """Whether it is excluded from latest (gallery)."""


@lru_cache(maxsize=4096)
def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """What orders versions: their parts between dots, as numbers where they are some (by length, then digits)."""
    return tuple(_part_key(part) for part in version.split("."))


def _part_key(part: str) -> tuple[int, str]:
    if not (part.isascii() and part.isdecimal()):
        return -1, part
    digits = part.lstrip("0")
    return len(digits), digits


@implements("OSU-GALLERY", "STACK-LATEST")
def newest(versions: Iterable[ImageVersion], region: str) -> str | None:
    """The newest version that a group of the region may be given, or None where there is none."""
    numbers = [one.version for one in versions if region in one.regions and not one.excluded]
    return max(numbers, key=version_key, default=None)


def is_newer(version: str, than: str | None) -> bool:
    """Whether a version is newer than another; any is newer than one that is not known."""
    return than is None or version_key(version) > version_key(than)
