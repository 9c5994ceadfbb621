"""When the platform begins an automatic rollout: the window, and what opens it."""

from __future__ import annotations

from collections.abc import Iterator

from vmss_model.choices import InRange
from vmss_model.decide.checks import Checks
from vmss_model.editions import AutomaticUpgrades
from vmss_model.events import Event, GroupChanged
from vmss_model.images import LATEST, ImageLine, ImageVersion, OsDisk, is_newer, newest
from vmss_model.rollout import Trigger, runs_older
from vmss_model.rules import implements
from vmss_model.world import Group, Instance, World


@implements("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER")
def trigger_from(automatic: AutomaticUpgrades, group: Group, since: int) -> Trigger:
    """The rollout that begins because of what happened at a moment (seconds on the clock).

    A group's first rollout has the longer window, once.
    """
    first = not group.first_rollout_begun
    earliest, latest = automatic.first_window if first else automatic.later_window
    rule = "OSU-TRIGGER-FIRST" if first else "OSU-TRIGGER-LATER"
    return Trigger(InRange("begins_at", since + earliest, since + latest, (rule,), "seconds on the clock"))


def retriggered(checks: Checks, world: World, line: ImageLine, versions: tuple[ImageVersion, ...]) -> tuple[Event, ...]:
    """The rollouts that the platform is about to begin once the versions of an image are these.

    One that it was about to begin anyway keeps its window; a window that nothing is left to upgrade in is over.
    """
    events: list[Event] = []
    for key, group in sorted(world.groups.items()):
        automatic = world.edition.automatic_upgrades(group.kind)
        if automatic is None or not follows_latest(group, line):
            continue
        before = newest(world.images.get(line, ()), group.region)
        after = newest(versions, group.region)
        if after is not None and (before is None or is_newer(after, before)):
            live = group.trigger if has_older(group, line, before) else None
            trigger = live or trigger_from(automatic, group, world.clock)
            checks.shaped_by(*trigger.window.rules)
            events.append(GroupChanged(key, {"trigger": trigger}))
        elif after != before and group.trigger is not None and not has_older(group, line, after):
            events.append(GroupChanged(key, {"trigger": None}))
    return tuple(events)


def follows_latest(group: Group, line: ImageLine) -> bool:
    """Whether a group has automatic upgrades switched on for the newest version of an image."""
    image = group.profile.image if group.profile is not None else None
    return group.os_upgrade and image is not None and image.line == line and image.version == LATEST


def has_older(group: Group, line: ImageLine, version: str | None) -> bool:
    """Whether a member that takes part in automatic upgrades runs something older than a version, or failed."""
    if version is None:
        return False
    disk = OsDisk(line, version)
    return any(runs_older(one, disk) for one in taking_part(group))


def taking_part(group: Group) -> Iterator[Instance]:
    """The members that take part in automatic upgrades, once these are switched on."""
    return (one for one in group.members.values() if one.model_version >= group.opted_in_from)
