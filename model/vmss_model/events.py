"""What happens: the only things that change a world."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from vmss_model.world import Group, GroupKey, Instance, Marketplace, VmKey


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
)
"""Any of the events."""
