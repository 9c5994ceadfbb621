"""What a group can always be brought to again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from attrs import frozen

from vmss_invariants.steps import how_many
from vmss_model.world import Group, World


@frozen
class Goal:
    """Something that every world should lead to again."""

    holds: Callable[[World], bool]
    """Whether a world is there."""
    needs: frozenset[str]
    """The families of requests that can lead there; an exploration without any of them says nothing of the goal."""


def empty(world: World) -> bool:
    """No group has a member."""
    return not any(len(group.members) for group in world.groups.values())


def up_to_date(world: World) -> bool:
    """No rollout is under way, and every member of every group runs the newest model."""
    return all(group.rollout is None and _is_newest(group) for group in world.groups.values())


def _is_newest(group: Group) -> bool:
    newest = group.model_version
    return how_many(group.members, lambda one: one.model_version < newest) == 0


GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        "empty": Goal(empty, frozenset({"deleting", "sizing"})),
        "up to date": Goal(up_to_date, frozenset({"deleting", "rolling"})),
    }
)
"""The goals by name."""


def say_goals(world: World, found: Callable[[str, str], object]) -> None:
    """Say which goals a world has reached."""
    for name, goal in GOALS.items():
        if goal.holds(world):
            found(name, "")
