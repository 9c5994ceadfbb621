"""Requests about images, models and rollouts that mean something in a given world.

The fields of a model and of an upgrade policy have values on both sides of everything that the documents ask of
them; the platform's steps of a rollout are asked for as the rollout stands, mostly.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from vmss_invariants.requests_base import (
    GROUP_KEYS,
    REGIONS,
    REMEMBERED,
    SELDOM,
    SOMETIMES,
    Pick,
    Twist,
    each_twist,
    first_few,
    groups_where,
    key_and_name,
    pick_key,
)
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.images import CustomImage, GalleryImage, ImageLine, ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.values import (
    Durability,
    GroupKind,
    Health,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    Stage,
    UpgradeMode,
)
from vmss_model.world import Extension, ExternalReference, Group, GroupKey, Profile, ServiceFabric, World

XENIAL, BIONIC = SUPPORTED_IMAGES[:2]
"""Two supported images of one publisher and offer: they differ in their SKU."""
WINDOWS = SUPPORTED_IMAGES[7]
"""A supported image of another publisher."""
UNSUPPORTED = PlatformImage("Contoso", "Server", "1")
"""A platform image that is not supported."""
GALLERY = GalleryImage("gallery", "web")
"""An image of a compute gallery."""
CUSTOM = CustomImage("https://images.example/web.vhd")
"""A custom image that is no gallery's."""
PUBLISHED: tuple[ImageLine, ...] = (BIONIC, XENIAL, GALLERY, WINDOWS)
"""The images of which versions are published."""
FIRST_VERSION = "1.0.0"
"""The version of each image that is published first."""
IMAGES = (
    ImageReference(BIONIC),
    ImageReference(BIONIC, FIRST_VERSION),
    ImageReference(BIONIC, "2.0.0"),
    ImageReference(XENIAL),
    ImageReference(GALLERY),
    ImageReference(CUSTOM, "1"),
    ImageReference(UNSUPPORTED),
)
"""Images as a model names them."""
RESOURCE = "token"
"""The external resource that models refer to."""
EXTENSIONS = (
    (),
    (Extension("app", after=("base",)), Extension("base")),
    (Extension("base"), Extension("left", after=("base",)), Extension("right", after=("base",))),
    (Extension("one", after=("two",)), Extension("two", after=("one",))),
)
"""Extensions of a model: none, a chain, a fork, and a cycle."""
ROLLING = (
    None,
    RollingPolicy(),
    RollingPolicy(max_batch_percent=50, max_unhealthy_percent=50, pause_seconds=120),
    RollingPolicy(5, 5, 0, 30),
    RollingPolicy(100, 100, 100),
    RollingPolicy(4, 101, -1),
)
"""Rolling upgrade policies: the defaults, others, the bounds of the public API, and one beyond them."""
OS_UPGRADE_API = (None, "2018-06-01", "2018-10-01", "2019-02-28", "2019-03-01", "2021-03-01")
"""API versions on both sides of the two that automatic OS upgrades speak of."""
WAIT = 300
"""How long an upgraded instance has to become healthy (seconds)."""
ROLLOUT_SECONDS = (WAIT, WAIT - 1, WAIT + 1, 30, 120, 1799, 1800, 3600, 3601, 10_800, 59 * 86_400, 62 * 86_400)
"""Times at the ends of the windows that rollouts know."""
ROLLOUT_CHANGES: tuple[Twist, ...] = (
    ("upgrade_mode", tuple(UpgradeMode)),
    ("os_upgrade", (True, False)),
    ("image", IMAGES),
    ("extensions", EXTENSIONS),
    ("rolling", ROLLING),
    ("automatic_updates", (None, True, False)),
    ("health_source", (HealthSource.EXTENSION, None, HealthSource.PROBE)),
    ("single_placement_group", (True, False)),
)
"""The fields of a change of a model or of an upgrade policy, with values for them."""


@lru_cache(REMEMBERED)
def every_rollout_change(key: GroupKey) -> tuple[rq.UpdateGroup, ...]:
    """Each of these fields changed to each of its values, one at a time."""
    return tuple(each_twist(rq.UpdateGroup(key=key), ROLLOUT_CHANGES))


# -- groups that can be upgraded -------------------------------------------------------------------


def upgradable(key: GroupKey, capacity: int = 5, **changes: Any) -> rq.CreateGroup:
    """A Uniform group that has all that automatic OS upgrades ask for; they are not switched on."""
    request = rq.CreateGroup(
        key=key,
        kind=GroupKind.UNIFORM,
        single_placement_group=True,
        profile=Profile(image=ImageReference(BIONIC), data_disks=2),
        capacity=capacity,
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.MANUAL,
    )
    return evolve(request, **changes)


def with_profile(request: rq.CreateGroup, **changes: Any) -> rq.CreateGroup:
    """The same group with other values in its VM configuration model."""
    return evolve(request, profile=evolve(request.profile or Profile(), **changes))


def _fabrics() -> Iterator[ServiceFabric]:
    """Service Fabric extensions of every durability, and those that something is wrong with."""
    yield from (ServiceFabric(one, one) for one in Durability)
    yield ServiceFabric(Durability.BRONZE, Durability.BRONZE, stateless=True)
    yield ServiceFabric(Durability.SILVER, Durability.GOLD)
    yield ServiceFabric(Durability.SILVER, Durability.SILVER, type_handler_version=(1, 0))


def eligibility(plain: rq.CreateGroup, clock: int) -> Iterator[rq.CreateGroup]:
    """A group on which automatic OS upgrades are to be switched on, twisted at each thing they ask for."""
    on = evolve(plain, os_upgrade=True, api_version="2021-03-01")
    yield on
    yield from (with_profile(on, image=image) for image in IMAGES)
    yield from (evolve(on, health_source=source) for source in (None, *HealthSource))
    yield from (evolve(on, api_version=version) for version in OS_UPGRADE_API)
    yield from (evolve(on, upgrade_mode=mode) for mode in (None, *UpgradeMode))
    yield from (with_profile(on, extensions=extensions) for extensions in EXTENSIONS)
    for end in (None, clock - 1, clock, clock + 1):
        yield with_profile(on, external=(ExternalReference(RESOURCE, end),))
    windows = with_profile(on, operating_system=OperatingSystem.WINDOWS, image=ImageReference(WINDOWS))
    for version in OS_UPGRADE_API:
        yield from (
            evolve(with_profile(windows, automatic_updates=value), api_version=version) for value in (None, True, False)
        )
    probed = evolve(on, health_source=HealthSource.PROBE)
    for single in (True, False, None):
        for balancer in (None, *LoadBalancer):
            yield evolve(with_profile(probed, load_balancer=balancer), single_placement_group=single)
    yield from (with_profile(probed, probe_interval=seconds) for seconds in (15, 119, 120, 300))
    for fabric in _fabrics():
        of_fabric = with_profile(on, service_fabric=fabric, operating_system=OperatingSystem.WINDOWS)
        for source in (None, *HealthSource):
            for updates in (False, None):
                yield evolve(with_profile(of_fabric, automatic_updates=updates), health_source=source)


def upgradable_group(pick: Pick, world: World) -> rq.CreateGroup:
    """A group that can be upgraded in some way, or that lacks something."""
    key, zones = pick(GROUP_KEYS), pick(((), (), ("1", "2"), ("1", "2", "3")))
    plain = upgradable(
        key,
        pick((5, 10, 3, 1, 6, 12)),
        region=pick(tuple(REGIONS)[:2]),
        zones=zones,
        update_domain_count=pick((None, 2, 3)),
        health_source=pick((HealthSource.EXTENSION, HealthSource.EXTENSION, None)),
        upgrade_mode=pick((*UpgradeMode, None)),
        rolling=pick(ROLLING[:4]),
        repairs=pick(SOMETIMES),
    )
    plain = with_profile(plain, image=pick((*IMAGES[:1] * 3, *IMAGES, None)), extensions=pick(EXTENSIONS[:3]))
    if world.edition.upgrades is None or pick(SOMETIMES):
        return plain
    return pick(tuple(eligibility(plain, world.clock))) if pick(SOMETIMES) else evolve(plain, os_upgrade=True)


# -- models and images -----------------------------------------------------------------------------


def change_model(pick: Pick, world: World) -> rq.UpdateGroup:
    """A change of a model or an upgrade policy, to other values or to those they have."""
    key = pick_key(pick, world)
    ends = (None, world.clock, world.clock + 60, world.clock + 7200)
    changes: dict[str, Any] = {"api_version": pick(OS_UPGRADE_API) if pick(SELDOM) else None}
    for _ in range(pick((1, 1, 2))):
        name, values = pick((*ROLLOUT_CHANGES, ("external", ())))
        changes[name] = pick(values) if values else (ExternalReference(RESOURCE, pick(ends)),)
    return evolve(rq.UpdateGroup(key=key), **changes)


def publishing(pick: Pick, world: World) -> rq.Request:
    """A version of an image is published, released, replicated or excluded; an external resource goes or comes."""
    line = pick(PUBLISHED)
    versions = world.images.get(line, ())
    regions = frozenset(pick(tuple(_phases())))
    version = pick(tuple(one.version for one in versions)[-2:]) if versions else FIRST_VERSION
    new = next_version(world, line)
    platform = isinstance(line, PlatformImage)
    asked: tuple[rq.Request, ...] = (
        rq.PublishImage(line, pick((new, new, version)), frozenset() if platform else regions),
        rq.ReleaseImage(line, version, regions),
        rq.ReplicateImage(line, version, pick(tuple(REGIONS))),
        rq.ExcludeImage(line, version, pick((True, False))),
        rq.ChangeExternalResource(RESOURCE, pick((True, False))),
    )
    return pick((*asked[:2], *asked))


def _phases() -> Iterator[tuple[str, ...]]:
    yield from ((region,) for region in REGIONS)
    yield ("westus", "onefd")
    yield ("westus", "eastus")
    yield ()


def next_version(world: World, line: ImageLine) -> str:
    """A version newer than any that was published of an image."""
    return f"{len(world.images.get(line, ())) + 1}.0.0"


def stack_image(pick: Pick, world: World) -> rq.Request:
    """The operator of an Azure Stack downloads or deletes an image; a model is to name one."""
    key = pick_key(pick, world)
    image = pick(SUPPORTED_IMAGES[:2])
    version = pick(("1.0.0", "1.1.0", "2.0.0"))
    asked: tuple[rq.Request, ...] = (
        rq.AddOsImage(image, version),
        rq.DeleteOsImage(image),
        rq.UpdateGroup(key=key, image=ImageReference(image, pick((version, "latest")))),
    )
    return pick(asked)


def upgrade_by_hand(pick: Pick, world: World) -> rq.Request:
    """Instances are named in an upgrade call, patched from inside, planned for, or get their extensions."""
    key, name = key_and_name(pick, world)
    group = world.groups.get(key)
    some = first_few(group.members) if group is not None else ()
    asked: tuple[rq.Request, ...] = (
        rq.UpgradeInstances(key, frozenset({name})),
        rq.UpgradeInstances(key),
        rq.ProvisionInstance(key, name),
        rq.PatchInGuest(key, name),
        rq.PlanRollout(key, tuple(frozenset({one}) for one in some)),
        rq.PlanRollout(key, (frozenset(some[:2]), frozenset(some[2:])), frozenset(some)),
        rq.PlanRollout(key, (frozenset({name}),), frozenset({name})),
    )
    return pick(asked)


# -- rollouts --------------------------------------------------------------------------------------


def in_flight(group: Group) -> tuple[str, ...]:
    """The members of the current batch that are neither healthy yet nor failed, in the order of their names."""
    rollout = group.rollout
    if rollout is None:
        return ()
    return tuple(
        sorted(
            name
            for name, one in group.members.items()
            if one.attempt == rollout.number and one.stage is Stage.IN_PROGRESS
        )
    )


def steer(pick: Pick, world: World) -> rq.Request:
    """A rollout begins, is started by hand, cancelled, or ends."""
    key = pick_key(pick, world)
    asked: tuple[rq.Request, ...] = (
        rq.BeginRollout(key),
        rq.StartRollout(key),
        rq.CancelRollout(key),
        rq.EndRollout(key),
    )
    return pick((*asked[:2] * 2, *asked))


def roll(pick: Pick, world: World) -> rq.Request:
    """A step of a rollout that is under way, mostly the next one."""
    rolling = groups_where(world, lambda group: group.rollout is not None)
    if not rolling:
        return steer(pick, world)
    key = pick(rolling)
    group = world.groups[key]
    waited_for = in_flight(group)
    if not waited_for:
        return pick(_between_batches(pick, group))
    name = pick(waited_for[:3])
    source = group.health_source or HealthSource.EXTENSION
    extensions = group.profile.extensions if group.profile is not None else ()
    fails: bool = pick(SELDOM)
    failing = pick(extensions).name if extensions and fails else None
    asked: tuple[rq.Request, ...] = (
        rq.ProvisionInstance(key, name, failing=failing),
        rq.ReportHealth(key, name, Health.HEALTHY, source),
        rq.ReportHealth(key, name, Health.UNHEALTHY, source),
        rq.AdvanceClock(WAIT),
        rq.RestoreInstance(key, name),
        rq.FailInstance(key, name),
        rq.StartBatch(key),
        rq.EndRollout(key),
    )
    return pick((*asked[:2] * 4, *asked))


def _between_batches(pick: Pick, group: Group) -> tuple[rq.Request, ...]:
    some = first_few(group.members)
    named = frozenset(pick(some) for _ in range(pick((1, 2)))) if some else frozenset[str]()
    return (
        *(rq.StartBatch(group.key),) * 4,
        *(rq.EndRollout(group.key),) * 2,
        rq.StartBatch(group.key, named),
        rq.AdvanceClock(pick((30, 120, WAIT))),
    )


def read_rollout(pick: Pick, world: World) -> rq.Request:
    """How a rollout stands, those before it, and the state of the group."""
    return pick(rollout_shown(pick_key(pick, world)))


def rollout_shown(key: GroupKey) -> tuple[rq.Request, ...]:
    """All that can be asked about a group's rollouts."""
    return (rq.GetProgress(key), rq.GetHistory(key), rq.ShowHeatMap(key), rq.PlanRollout(key, ()))


def every_upgrade_request(key: GroupKey, name: str) -> tuple[rq.Request, ...]:
    """Each request about models and rollouts once, of a group that may know nothing of them."""
    return (
        *each_twist(rq.UpdateGroup(key=key), ((field, values[:1]) for field, values in ROLLOUT_CHANGES[:5])),
        rq.UpdateGroup(key=key, rolling=RollingPolicy(max_batch_percent=50)),
        rq.UpgradeInstances(key, frozenset({name})),
        rq.UpgradeInstances(key, frozenset({"nobody"})),
        rq.PatchInGuest(key, name),
        rq.ProvisionInstance(key, name),
        rq.StartRollout(key),
        rq.BeginRollout(key),
        rq.StartBatch(key),
        rq.RestoreInstance(key, name),
        rq.FailInstance(key, name),
        rq.CancelRollout(key),
        rq.EndRollout(key),
        *rollout_shown(key),
    )
