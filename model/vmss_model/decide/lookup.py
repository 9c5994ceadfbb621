"""What a request names, or the refusal of what is not there."""

from __future__ import annotations

from vmss_model.decide.checks import refused
from vmss_model.decisions import Decision
from vmss_model.refusals import absent
from vmss_model.world import Group, GroupKey, Instance, World


def member_of(world: World, key: GroupKey, name: str) -> tuple[Group, Instance] | Decision:
    """A member with its group; or the refusal, if there is no such group or no such member of it."""
    group = world.groups.get(key)
    if group is None:
        return refused(absent("group", key))
    instance = group.members.get(name)
    if instance is None:
        return refused(absent("member", name))
    return group, instance
