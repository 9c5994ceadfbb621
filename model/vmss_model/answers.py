"""What queries answer."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from vmss_model.world import Group, GroupKey, Instance


@frozen
class GroupShown:
    """A group as a read shows it."""

    group: Group
    """The group."""


@frozen
class GroupsShown:
    """The groups of a resource group."""

    keys: frozenset[GroupKey]
    """The groups' names, each once."""


@frozen
class IdsShown:
    """A listing of members that gives their ids only (LIST-IDS)."""

    names: frozenset[str]
    """The members' names, each once."""


@frozen
class InstancesShown:
    """A listing of members that gives the instances."""

    instances: frozenset[Instance]
    """The members, each once."""


@frozen
class InstanceShown:
    """The model and instance view of one member, as it is (GET-FRESH)."""

    instance: Instance
    """The member."""


@frozen
class GraphShown:
    """A Resource Graph answer: for each VM, a state it had at some moment in the window."""

    states: Mapping[str, Instance]
    """The states shown by VM name; a VM that is not in it was shown as absent."""


@frozen
class FeatureShown:
    """The state of a feature registration."""

    registered: bool
    """Whether the feature is registered."""


@frozen
class ItemShown:
    """Whether the marketplace shows the scale-set item."""

    shown: bool
    """Whether it is shown."""


@frozen
class Diagnostics:
    """Boot diagnostics of a member; their content is outside the model."""


Answer = (
    GroupShown
    | GroupsShown
    | IdsShown
    | InstancesShown
    | InstanceShown
    | GraphShown
    | FeatureShown
    | ItemShown
    | Diagnostics
)
"""Any of the answers."""
