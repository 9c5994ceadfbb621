"""What predicates of rollouts look at in a step."""

from __future__ import annotations

from vmss_invariants.predicates_rollout_world import is_ill
from vmss_invariants.steps import Step, how_many
from vmss_model.rollout import Rollout
from vmss_model.values import Stage
from vmss_model.world import Group

COUNTED = {
    "successful": Stage.SUCCESSFUL,
    "failed": Stage.FAILED,
    "in_progress": Stage.IN_PROGRESS,
    "pending": Stage.PENDING,
}
"""The counts of a rollout's progress, and at which stage instances are counted there."""


def groups_of(step: Step) -> tuple[Group, Group]:
    """The group before and after a step that leaves it there."""
    assert step.group_before is not None
    assert step.group_after is not None
    return step.group_before, step.group_after


def rollouts_of(step: Step) -> tuple[Rollout, Rollout]:
    """Its rollout before and after a step within one."""
    before, after = groups_of(step)
    assert before.rollout is not None
    assert after.rollout is not None
    return before.rollout, after.rollout


def ill_in(group: Group, *, monitored: bool) -> int:
    """How many members gates count as unhealthy."""
    return how_many(group.members, lambda one: is_ill(one, monitored=monitored), monitored)


def is_above(part: int, whole: int, percent: int) -> bool:
    """Whether a count is more than so many percent of another."""
    return 100 * part > percent * whole
