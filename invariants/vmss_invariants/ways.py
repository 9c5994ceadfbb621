"""How a whole way is walked: requests one after another, each made with a view of the world that the last one led to.

A way is a generator: it yields a request and is sent the world after it. Chance would seldom find such a way; a
state machine and a tour walk them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum

from vmss_invariants.requests_base import Pick
from vmss_invariants.requests_upgrades import BIONIC, WAIT, in_flight, next_version, upgradable
from vmss_model import requests as rq
from vmss_model.images import ImageLine
from vmss_model.os_images import PlatformImage
from vmss_model.values import Health, HealthSource, Power, UpgradeMode
from vmss_model.world import Group, GroupKey, World

Way = Generator[rq.Request, World, World]
"""Yields requests, is sent worlds, and returns the last world."""
WayFrom = Callable[[Pick, World, GroupKey], Way]
"""Begins a way in a world, about a group of this name."""

_MOST_BATCHES = 40
_LATEST = 3 * 3600
"""The longest that the platform takes to begin a rollout (seconds)."""


class Fate(Enum):
    """What becomes of an instance after its upgrade."""

    WELL = "becomes healthy"
    ILL = "is reported unhealthy, or stops"
    BROKEN = "an extension fails"
    MUTE = "nothing is heard of it"


Fates = Callable[[str, int], Fate]
"""What becomes of an instance by its name, given how many were upgraded before it."""


def all_well(_name: str, _before: int) -> Fate:
    """Every instance becomes healthy."""
    return Fate.WELL


class NoWayError(Exception):
    """A way leads no further: its group was never made, or is gone."""


def group_of(world: World, key: GroupKey) -> Group:
    """The group that a way is about; raises NoWayError where there is none."""
    if key not in world.groups:
        raise NoWayError
    return world.groups[key]


def follow(way: Way, take: Callable[[rq.Request], World]) -> None:
    """Walk a way: make each of its requests, as far as it leads."""
    try:
        request = next(way)
        while True:
            request = way.send(take(request))
    except (StopIteration, NoWayError):
        return


def ask(*requests: rq.Request) -> Way:
    """Requests that do not depend on what the ones before led to; at least one."""
    for request in requests:
        world = yield request
    return world


# -- before a rollout ------------------------------------------------------------------------------


def publish(world: World, line: ImageLine = BIONIC, regions: tuple[str, ...] = ("westus",)) -> Way:
    """A newer version of an image becomes available in regions, one after another."""
    version = next_version(world, line)
    if not isinstance(line, PlatformImage):
        return (yield rq.PublishImage(line, version, frozenset(regions)))
    world = yield rq.PublishImage(line, version)
    for region in regions:
        world = yield rq.ReleaseImage(line, version, frozenset({region}))
    return world


def create(world: World, request: rq.CreateGroup) -> Way:
    """A group of which a version of its image is published before; one of its name is removed."""
    if request.key in world.groups:
        world = yield rq.DeleteGroup(request.key)
    image = request.profile.image if request.profile is not None else None
    if image is not None and world.edition.upgrades is not None and world.edition.upgrades.automatic is not None:
        known = any(request.region in one.regions for one in world.images.get(image.line, ()))
        if not known:
            world = yield from publish(world, image.line, (request.region,))
    return (yield request)


def opted_in(world: World, request: rq.CreateGroup) -> Way:
    """A group with automatic upgrades switched on, and a newer version of its image available to it."""
    world = yield from create(world, request)
    world = yield rq.UpdateGroup(key=request.key, upgrade_mode=UpgradeMode.ROLLING)
    world = yield rq.UpdateGroup(key=request.key, os_upgrade=True)
    line = request.profile.image.line if request.profile is not None and request.profile.image is not None else BIONIC
    return (yield from publish(world, line, (request.region,)))


def begin(world: World, key: GroupKey) -> Way:
    """The platform begins a rollout: not before its window opens, and by the end of it at the latest."""
    world = yield rq.BeginRollout(key)
    if group_of(world, key).rollout is None:
        world = yield rq.AdvanceClock(_LATEST)
        world = yield rq.BeginRollout(key)
    return world


def begun(world: World, key: GroupKey, capacity: int = 5) -> Way:
    """A group with an automatic rollout that has just begun."""
    world = yield from opted_in(world, upgradable(key, capacity, update_domain_count=None))
    return (yield from begin(world, key))


# -- a rollout under way ---------------------------------------------------------------------------


def settle(world: World, key: GroupKey, fates: Fates = all_well) -> Way:
    """Every instance of the current batch comes to its fate; who is not healthy in time is restored or given up.

    What the rollout does not do with one that failed is asked for first.
    """
    group = group_of(world, key)
    rollout = group.rollout
    before = rollout.progress.upgraded if rollout is not None else 0
    ends: tuple[type[rq.FailInstance | rq.RestoreInstance], ...] = (rq.FailInstance, rq.RestoreInstance)
    ends = ends if rollout is not None and rollout.restores else ends[::-1]
    for number, name in enumerate(in_flight(group)):
        world = yield from _meet(world, key, name, fates(name, before + number))
    if waited_for := in_flight(group_of(world, key)):
        for seconds in (WAIT - 1, 1):
            world = yield rq.AdvanceClock(seconds)
            for name in waited_for:
                world = yield from ask(*(end(key, name) for end in ends))
    return world


def _meet(world: World, key: GroupKey, name: str, fate: Fate) -> Way:
    group = group_of(world, key)
    extensions = group.profile.extensions if group.profile is not None else ()
    source = group.health_source
    failing = extensions[0].name if fate is Fate.BROKEN and extensions else None
    world = yield rq.ProvisionInstance(key, name, failing=failing)
    if fate is Fate.WELL and source is not None:
        world = yield rq.ReportHealth(key, name, Health.HEALTHY, source)
    elif fate is Fate.ILL and source is not None:
        world = yield rq.ReportHealth(key, name, Health.UNHEALTHY, source)
    elif fate is Fate.ILL:
        world = yield rq.ChangePower(key, name, Power.STOPPED)
    return world


def carry_on(world: World, key: GroupKey, fates: Fates = all_well, batches: int = _MOST_BATCHES) -> Way:
    """A rollout goes on, batch by batch, so many batches far or to its end."""
    for _ in range(batches):
        group = world.groups.get(key)
        if group is None or group.rollout is None:
            return world
        if in_flight(group):
            world = yield from settle(world, key, fates)
            continue
        tried = yield rq.StartBatch(key)
        if tried is not world:
            world = tried
        elif group.rollout.ready_at > world.clock:
            world = yield rq.AdvanceClock(group.rollout.ready_at - world.clock)
        else:
            world = yield rq.EndRollout(key)
    return world


def report(world: World, key: GroupKey, health: Health, count: int) -> Way:
    """So many members, the last ones by name, are reported on."""
    group = group_of(world, key)
    for name in sorted(group.members)[-count:] if count else ():
        world = yield rq.ReportHealth(key, name, health, group.health_source or HealthSource.EXTENSION)
    return world
