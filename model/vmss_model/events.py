"""What happens: the only things that change a world."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from vmss_model.images import ImageLine, ImageVersion
from vmss_model.rollout import Attempt, Rollout
from vmss_model.world import Group, GroupKey, Instance, Marketplace, Release, VmKey


@frozen
class ClockAdvanced:
    """Time went on."""

    to: int
    """The new time (seconds)."""


@frozen
class FeatureRegistered:
    """A feature's registration was asked for."""

    feature: str
    """The feature."""
    ends_at: int
    """When it is registered (seconds)."""


@frozen
class ProviderRegistered:
    """The compute provider was registered (again)."""


@frozen
class GroupCreated:
    """A group came to be, without members."""

    group: Group
    """The group, its members and census empty."""


@frozen
class GroupChanged:
    """Properties of a group changed; members did not."""

    key: GroupKey
    """The group."""
    changes: Mapping[str, object]
    """The new values by field name of `Group`."""


@frozen
class GroupMoved:
    """A group and its VMs moved to another resource group."""

    key: GroupKey
    """Where it was."""
    to: str
    """The resource group it is in now."""


@frozen
class GroupDeleted:
    """A group without members ceased to be."""

    key: GroupKey
    """The group."""


@frozen
class InstanceJoined:
    """A member was made."""

    key: GroupKey
    """Its group."""
    instance: Instance
    """The member."""


@frozen
class InstanceLeft:
    """A member was deleted."""

    key: GroupKey
    """Its group."""
    name: str
    """The member's name."""


@frozen
class InstanceChanged:
    """A member's state changed."""

    key: GroupKey
    """Its group."""
    instance: Instance
    """The member as it is now."""


@frozen
class MachineCreated:
    """A standard VM outside any group came to be."""

    key: VmKey
    """The VM."""


@frozen
class MachineDeleted:
    """A standard VM outside any group was deleted."""

    key: VmKey
    """The VM."""


@frozen
class MarketplaceChanged:
    """The operator changed the marketplace."""

    marketplace: Marketplace
    """As it is now."""


@frozen
class RolloutBegan:
    """A rollout of a group began; its counts are taken from the members."""

    key: GroupKey
    """The group."""
    rollout: Rollout
    """The rollout, its counts still at zero."""


@frozen
class RolloutChanged:
    """A rollout's own state changed; members did not."""

    key: GroupKey
    """The group."""
    changes: Mapping[str, object]
    """The new values by field name of `Rollout`."""


@frozen
class RolloutEnded:
    """A rollout ended."""

    key: GroupKey
    """The group."""
    attempt: Attempt
    """What the history shows of it."""


@frozen
class ImagesChanged:
    """The versions that are published of an image changed."""

    line: ImageLine
    """The image."""
    versions: tuple[ImageVersion, ...]
    """Its versions now, oldest first."""


@frozen
class ReleaseChanged:
    """The release of an image's version reached more regions."""

    line: ImageLine
    """The image."""
    version: str
    """The version."""
    release: Release
    """How far it has come now."""


@frozen
class ExternalResourceChanged:
    """A resource that models refer to became unavailable, or available again."""

    resource: str
    """The resource."""
    available: bool
    """Whether it exists and is current."""


Event = (
    ClockAdvanced
    | FeatureRegistered
    | ProviderRegistered
    | GroupCreated
    | GroupChanged
    | GroupMoved
    | GroupDeleted
    | InstanceJoined
    | InstanceLeft
    | InstanceChanged
    | MachineCreated
    | MachineDeleted
    | MarketplaceChanged
    | RolloutBegan
    | RolloutChanged
    | RolloutEnded
    | ImagesChanged
    | ReleaseChanged
    | ExternalResourceChanged
)
"""Any of the events."""
