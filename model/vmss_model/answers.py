"""What queries answer."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from vmss_model.rollout import Attempt
from vmss_model.values import Stage
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
class ClockShown:
    """Where the clock stopped, and what keeps it from going on."""

    clock: int
    """The time it is (seconds)."""
    due: tuple[str, ...] = ()
    """What must happen before time goes on; each a sentence."""


@frozen
class ProgressShown:
    """How the latest rollout stands (OSU-PROGRESS)."""

    attempt: Attempt
    """The rollout."""


@frozen
class HistoryShown:
    """The history of OS upgrades, newest first (OSU-HISTORY)."""

    attempts: tuple[Attempt, ...]
    """The attempts."""


@frozen
class PlanShown:
    """What a plan for a rollout means (ROLLOUT-PLAN, UPGRADE-NO-DOWNTIME)."""

    up: tuple[int, ...]
    """How many members stay up during each step (counts)."""
    free_of_downtime: bool
    """Whether no step takes every running member at once."""


@frozen
class HeatCell:
    """One member in a heat map."""

    name: str
    """The member."""
    state: str
    """Its state: `down`, `upgrading`, `failed`, `unhealthy`, `outdated` or `up to date`."""
    stage: Stage = Stage.OUT_OF_SCOPE
    """Where it stands in the rollout under way, if there is one."""


@frozen
class HeatMapShown:
    """The state of a group (HEATMAP): a row for each update or fault domain, a cell for each member."""

    by: str
    """What the rows are: `update domain` or `fault domain`."""
    rows: tuple[tuple[int | None, tuple[HeatCell, ...]], ...]
    """The rows in order of their domains, each with its cells in order of their names."""


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
    | ClockShown
    | ProgressShown
    | HistoryShown
    | PlanShown
    | HeatMapShown
)
"""Any of the answers."""
