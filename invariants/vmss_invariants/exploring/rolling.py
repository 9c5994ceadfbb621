"""Families of requests about images, models and rollouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

from vmss_invariants.exploring.bounds import REGION
from vmss_invariants.exploring.plain import IMAGE
from vmss_invariants.exploring.scene import Family, Scene
from vmss_invariants.predicates_rollout_world import TWO_MONTHS
from vmss_model import requests as rq
from vmss_model.images import ImageReference
from vmss_model.values import Health, UpgradeMode

FAR = 100 * 86_400
"""Seconds: more than any window or wait, so that the clock comes to the next deadline, if there is one."""


def publishing(scene: Scene) -> Iterator[rq.Request]:
    """The next version of the image, as long as there are fewer than the bounds say."""
    published = len(scene.world.images.get(IMAGE, ()))
    if published < scene.bounds.versions:
        yield rq.PublishImage(IMAGE, f"{published + 1}.0.0", frozenset({REGION}))


def waiting(scene: Scene) -> Iterator[rq.Request]:
    """Time goes on to the next deadline; to where a window opens; and, where there is neither, at all."""
    now = scene.world.clock
    opening = {group.trigger.earliest - now for group in scene.groups if group.trigger is not None}
    yield from (rq.AdvanceClock(seconds) for seconds in sorted({FAR, *(one for one in opening if one > 0)}))


def rolling(scene: Scene) -> Iterator[rq.Request]:
    """Each step of a rollout: by the platform, whatever batch it takes, and by the caller."""
    yield from carrying_out(scene)
    for group in scene.groups:
        key = group.key
        yield from (rq.StartRollout(key), rq.CancelRollout(key), rq.StartBatch(key, frozenset(group.members)))
    yield from telling(scene)


def telling(scene: Scene) -> Iterator[rq.Request]:
    """How a rollout stands, and how the last ones ended."""
    for group in scene.groups:
        yield from (rq.GetProgress(group.key), rq.GetHistory(group.key))


def attempting(scene: Scene) -> Iterator[rq.Request]:
    """Rollouts are begun by the platform or the caller, cancelled, and end."""
    for group in scene.groups:
        key = group.key
        yield from (rq.BeginRollout(key), rq.StartRollout(key), rq.CancelRollout(key), rq.EndRollout(key))


def aging(scene: Scene) -> Iterator[rq.Request]:
    """As long as any two months passes after a rollout, and as long as the shortest."""
    if any(group.history for group in scene.groups):
        yield from map(rq.AdvanceClock, TWO_MONTHS)


def carrying_out(scene: Scene) -> Iterator[rq.Request]:
    """What the platform does to carry a rollout out."""
    for group in scene.groups:
        yield from (rq.BeginRollout(group.key), rq.EndRollout(group.key), rq.StartBatch(group.key))
    for group, name in scene.members():
        yield from (
            rq.ProvisionInstance(group.key, name),
            rq.RestoreInstance(group.key, name),
            rq.FailInstance(group.key, name),
        )


def reporting(scene: Scene) -> Iterator[rq.Request]:
    """A member is reported healthy or unhealthy by the source that the group has."""
    return _reports(scene, Health.HEALTHY, Health.UNHEALTHY)


def _reports(scene: Scene, *healths: Health) -> Iterator[rq.Request]:
    for group, name in scene.members():
        if group.health_source is not None:
            for health in healths:
                yield rq.ReportHealth(group.key, name, health, group.health_source)


def recovering(scene: Scene) -> Iterator[rq.Request]:
    """A member is reported healthy by the source that the group has."""
    return _reports(scene, Health.HEALTHY)


def opting(scene: Scene) -> Iterator[rq.Request]:
    """The upgrade policy is set, and automatic upgrades are switched on and off."""
    for group in scene.groups:
        yield from (rq.UpdateGroup(key=group.key, upgrade_mode=mode) for mode in UpgradeMode)
        yield from (rq.UpdateGroup(key=group.key, os_upgrade=switched) for switched in (True, False))


def modelling(scene: Scene) -> Iterator[rq.Request]:
    """The model, the upgrade policy and the automatic upgrades are changed; members are upgraded by hand."""
    yield from opting(scene)
    for group in scene.groups:
        key = group.key
        yield from (
            rq.UpdateGroup(key=key, image=ImageReference(IMAGE, version), upgrade_mode=mode)
            for version, mode in product(("latest", "1.0.0"), (UpgradeMode.MANUAL, UpgradeMode.ROLLING))
        )
        yield rq.UpgradeInstances(key)
    for group, name in scene.members():
        yield rq.UpgradeInstances(group.key, frozenset({name}))


_FAMILIES: tuple[Family, ...] = (
    publishing,
    waiting,
    rolling,
    telling,
    attempting,
    aging,
    carrying_out,
    reporting,
    recovering,
    opting,
    modelling,
)
FAMILIES: Mapping[str, Family] = MappingProxyType({one.__name__: one for one in _FAMILIES})
"""The families by name."""
