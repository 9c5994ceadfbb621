"""Families of requests about images and models outside the automatic rollouts of one group's image."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from vmss_invariants.exploring.bounds import REGION
from vmss_invariants.exploring.plain import IMAGE
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.requests_upgrades import BIONIC, FIRST_VERSION, WINDOWS, XENIAL
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.images import ImageReference
from vmss_model.values import Durability, GroupKind, HealthSource, OperatingSystem, UpgradeMode
from vmss_model.world import Group, Profile, ServiceFabric

LATEST, PINNED = ImageReference(BIONIC), ImageReference(BIONIC, FIRST_VERSION)
"""The platform image of the explored groups, as models name it: the newest version, and the first."""
PHASES = ("westus", "eastus", "onefd")
"""The regions that it is released to; the first two are a geo pair."""
DURABLE = ServiceFabric(Durability.SILVER, Durability.SILVER)
"""A cluster of which automatic upgrades ask nothing more."""


def reimaging(scene: Scene) -> Iterator[rq.Request]:
    """The model names another version of its image, by each policy, as often as the bounds say."""
    for group in scene.groups:
        if group.model_version < scene.bounds.versions:
            for version, mode in product(("1.0.0", "latest"), UpgradeMode):
                yield rq.UpdateGroup(key=group.key, image=ImageReference(IMAGE, version), upgrade_mode=mode)


def rolling_out(scene: Scene) -> Iterator[rq.Request]:
    """The model changes, to be rolled out by policy, as often as the bounds say."""
    for group in scene.groups:
        if group.model_version < scene.bounds.versions:
            image = ImageReference(IMAGE, "1.0.0")
            yield rq.UpdateGroup(key=group.key, image=image, upgrade_mode=UpgradeMode.ROLLING)


def calling(scene: Scene) -> Iterator[rq.Request]:
    """Members are upgraded by hand, alone or together."""
    for group in scene.groups:
        yield rq.UpgradeInstances(group.key)
    for group, name in scene.members():
        yield rq.UpgradeInstances(group.key, frozenset({name}))


def patching(scene: Scene) -> Iterator[rq.Request]:
    """Members are patched from inside, and get their extensions."""
    for group, name in scene.members():
        yield rq.PatchInGuest(group.key, name)
        yield rq.ProvisionInstance(group.key, name)


def planning(scene: Scene) -> Iterator[rq.Request]:
    """Plans for those who run an older model and for all, one by one and at once; and the heat map."""
    for group in scene.groups:
        yield rq.ShowHeatMap(group.key)
        for names in dict.fromkeys((_behind(group), tuple(sorted(group.members)))):
            yield rq.PlanRollout(group.key, tuple(frozenset({name}) for name in names))
            yield rq.PlanRollout(group.key, (frozenset(names),) if names else ())
            yield rq.PlanRollout(group.key, (frozenset(names[:1]), frozenset(names[1:])), frozenset(names))
    for group, name in scene.members():
        yield rq.PlanRollout(group.key, (frozenset({name}),), frozenset({name}))


def _behind(group: Group) -> tuple[str, ...]:
    return tuple(sorted(name for name, one in group.members.items() if one.model_version < group.model_version))


def stocking(scene: Scene) -> Iterator[rq.Request]:
    """The operator of a stack downloads and deletes the image that models name; groups are made of it, and grow."""
    for version in range(1, scene.bounds.versions + 1):
        yield rq.AddOsImage(BIONIC, f"{version}.0.0")
    yield rq.DeleteOsImage(BIONIC)
    for key in scene.free_keys:
        for image in (LATEST, PINNED):
            plain = rq.CreateGroup(key=key, kind=scene.kind, region=REGION, profile=Profile(image=image))
            yield from (evolve(plain, fault_domain_count=scene.domains, capacity=count) for count in scene.capacities)
    for group in scene.groups:
        for image in (LATEST, PINNED) if group.model_version < scene.bounds.versions else ():
            yield rq.UpdateGroup(key=group.key, image=image)


def releasing(scene: Scene) -> Iterator[rq.Request]:
    """The platform publishes versions of an image and releases them region by region; a group takes part."""
    published = scene.world.images.get(BIONIC, ())
    if len(published) < scene.bounds.versions:
        yield rq.PublishImage(BIONIC, f"{len(published) + 1}.0.0", frozenset())
    for one in published:
        for region in PHASES:
            yield rq.ReleaseImage(BIONIC, one.version, frozenset({region}))
        yield rq.ReleaseImage(BIONIC, one.version, frozenset(PHASES[:2]))
    for key in scene.free_keys:
        if scene.kind is GroupKind.UNIFORM:
            plain = _taking_part(scene, rq.CreateGroup(key=key, kind=scene.kind))
            yield from (evolve(plain, capacity=count) for count in scene.capacities)
    for group in scene.groups:
        for image in XENIAL, WINDOWS:
            yield rq.UpdateGroup(key=group.key, image=ImageReference(image))


def _taking_part(scene: Scene, plain: rq.CreateGroup) -> rq.CreateGroup:
    """A group that is upgraded automatically."""
    return evolve(
        plain,
        region=REGION,
        fault_domain_count=scene.domains,
        single_placement_group=True,
        profile=Profile(image=LATEST),
        health_source=HealthSource.EXTENSION,
        os_upgrade=True,
    )


def clustering(scene: Scene) -> Iterator[rq.Request]:
    """A Service Fabric cluster over several update domains, which is upgraded automatically."""
    for key in scene.free_keys:
        plain = _taking_part(scene, rq.CreateGroup(key=key, kind=scene.kind))
        profile = Profile(
            operating_system=OperatingSystem.WINDOWS,
            image=ImageReference(IMAGE),
            service_fabric=DURABLE,
            automatic_updates=False,
        )
        for count in scene.capacities:
            yield evolve(plain, profile=profile, update_domain_count=scene.bounds.update_domains, capacity=count)


def registering(scene: Scene) -> Iterator[rq.Request]:
    """Registration for the preview, whatever kind of group there may be."""
    registration = scene.world.edition.registration
    if registration is None:
        return
    for feature in registration.features:
        yield rq.ShowFeature(feature)
        yield rq.RegisterFeature(feature)
    yield rq.RegisterProvider()
    yield rq.AdvanceClock(scene.bounds.tick)


UPGRADING = (reimaging, rolling_out, calling, patching, planning, stocking, releasing, clustering, registering)
"""These families."""
