"""The platform images that automatic OS image upgrades support, as of 2021-07 (rule `OSU-IMAGES`).

The identifiers are those of the API: the translated source writes some of them in its own language.
"""

from __future__ import annotations

from attrs import frozen


@frozen(order=True)
class PlatformImage:
    """A platform image without its version."""

    publisher: str
    """The publisher's identifier, e.g. `Canonical`."""
    offer: str
    """The offer's identifier, e.g. `UbuntuServer`."""
    sku: str
    """The SKU's identifier, e.g. `18.04-LTS`."""

    def __str__(self) -> str:
        return f"{self.publisher}:{self.offer}:{self.sku}"


SUPPORTED_IMAGES: tuple[PlatformImage, ...] = (
    PlatformImage("Canonical", "UbuntuServer", "16.04-LTS"),
    PlatformImage("Canonical", "UbuntuServer", "18.04-LTS"),
    PlatformImage("OpenLogic", "CentOS", "7.5"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2016-Datacenter"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2016-Datacenter-smalldisk"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2016-Datacenter-with-Containers"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter-smalldisk"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter-with-Containers"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter-Core"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter-Core-with-Containers"),
    PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2019-Datacenter-gensecond"),
)
"""The 13 rows of the document's table, in its order."""

SUPPORTED_IMAGE_SET: frozenset[PlatformImage] = frozenset(SUPPORTED_IMAGES)
"""The same, for asking whether an image is one of them."""
