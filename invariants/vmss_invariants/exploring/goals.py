"""What a group can always be brought to again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from attrs import frozen

from vmss_model.world import World


@frozen
class Goal:
    """Something that every world should lead to again."""

    holds: Callable[[World], bool]
    """Whether a world is there."""
    needs: frozenset[str]
    """The families of requests that can lead there; an exploration without any of them says nothing of the goal."""


def empty(world: World) -> bool:
    """No group has a member."""
    return not any(group.members for group in world.groups.values())


def up_to_date(world: World) -> bool:
    """No rollout is under way, and every member of every group runs the newest model."""
    return all(
        group.rollout is None and all(one.model_version >= group.model_version for one in group.members.values())
        for group in world.groups.values()
    )


GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        "empty": Goal(empty, frozenset({"deleting", "sizing"})),
        "up to date": Goal(up_to_date, frozenset({"deleting", "rolling"})),
    }
)
"""The goals by name."""
