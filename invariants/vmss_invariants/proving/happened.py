"""What happened in a step, event by event, with the group that each event is about before and after it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from vmss_invariants.steps import Step
from vmss_model import events as ev
from vmss_model.evolve import evolve
from vmss_model.rollout import Rollout
from vmss_model.world import Group, GroupKey, Instance, World

OF_A_MEMBER = (ev.InstanceJoined, ev.InstanceLeft, ev.InstanceChanged)
"""The events that are about a member."""


@frozen
class Happened:
    """One event about a group, with what it found and what it left behind."""

    event: ev.Event
    """The event."""
    before: World
    """The world before."""
    old: Group | None
    """The group before, or None where it was not there."""
    after: World
    """The world after."""
    new: Group | None
    """The group after, or None where it is no more."""

    @property
    def was(self) -> Instance | None:
        """The member that the event is about, as it was."""
        return _member(self.event, self.old)

    @property
    def now(self) -> Instance | None:
        """The member that the event is about, as it is now."""
        return _member(self.event, self.new)

    @property
    def rollouts(self) -> tuple[Rollout, Rollout] | None:
        """The group's rollout before and after; None where there was none, or is none any more."""
        before = None if self.old is None else self.old.rollout
        after = None if self.new is None else self.new.rollout
        return None if before is None or after is None else (before, after)


def _member(event: ev.Event, group: Group | None) -> Instance | None:
    name = own_name(event)
    return None if group is None or name is None else group.members.get(name)


def own_name(event: ev.Event) -> str | None:
    """The name of the member that an event is about, or None."""
    if isinstance(event, ev.InstanceJoined | ev.InstanceChanged):
        return event.instance.name
    return event.name if isinstance(event, ev.InstanceLeft) else None


def happened_in(step: Step) -> Iterator[Happened]:
    """What happened in a step; each event is made again, but for where the last one leads."""
    world = step.before
    for number, event in enumerate(step.events):
        after = step.after if number == len(step.events) - 1 else evolve(world, event)
        key = event.group.key if isinstance(event, ev.GroupCreated) else getattr(event, "key", None)
        moved = GroupKey(event.to, event.key.name) if isinstance(event, ev.GroupMoved) else key
        known = isinstance(key, GroupKey)
        old = world.groups.get(key) if known else None  # type: ignore[arg-type] # a key of a group, as just asked
        new = after.groups.get(moved) if known else None  # type: ignore[arg-type] # as above
        yield Happened(event, world, old, after, new)
        world = after
