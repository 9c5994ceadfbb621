"""Families of requests about what models may hold besides an image, and about where automatic upgrades go.

What is never there is never lost, and what never expires never fails: groups of these families have data disks and
extensions in sequence, refer to resources that expire, stand in several zones or in two regions of a pair, and lack
one by one what automatic upgrades ask for.
"""

from __future__ import annotations

from collections.abc import Iterator

from vmss_invariants.exploring.bounds import REGION, ZONES
from vmss_invariants.exploring.plain import plain_group, upgradable
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.requests_base import GEO_PAIRS
from vmss_invariants.requests_upgrades import (
    BIONIC,
    EXTENSIONS,
    OS_UPGRADE_API,
    RESOURCE,
    WAIT,
    eligibility,
    every_rollout_change,
    with_profile,
)
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.images import ImageReference
from vmss_model.world import ExternalReference, GroupKey, Profile

DISKS = 2
"""So many data disks each member has."""
CHAIN, FORK = EXTENSIONS[1:3]
"""Extensions that come after one another."""
EXPIRES = 4 * WAIT
"""How long the credentials last that models refer to (seconds): less than a rollout may take."""


def furnishing(scene: Scene) -> Iterator[rq.Request]:
    """A group whose members have data disks, and extensions that come after one another, with any number of them."""
    if scene.rules.explicit:
        return
    for key in scene.free_keys:
        plain = evolve(plain_group(scene, key), fault_domain_count=scene.domains)
        plain = with_profile(plain, data_disks=DISKS, extensions=CHAIN)
        yield from (evolve(plain, capacity=count) for count in scene.capacities)
    for group in scene.groups:
        if group.model_version < scene.bounds.versions:
            yield rq.UpdateGroup(key=group.key, extensions=FORK)


def provisioning(scene: Scene) -> Iterator[rq.Request]:
    """Members get their extensions: all of them, or up to one that fails; in their sequence, or in another."""
    for group, name in scene.members():
        extensions = (group.profile or Profile()).extensions
        yield rq.ProvisionInstance(group.key, name)
        yield from (rq.ProvisionInstance(group.key, name, failing=one.name) for one in extensions)
        yield rq.ProvisionInstance(group.key, name, order=tuple(one.name for one in extensions))


def qualifying(scene: Scene) -> Iterator[rq.Request]:
    """Groups for which automatic upgrades are switched on, lacking one thing after another; and changes of such."""
    world = scene.world
    for key in scene.free_keys:
        plain = _taking_part(scene, key)
        yield from (evolve(plain, capacity=count) for count in scene.capacities)
        yield from eligibility(evolve(plain, capacity=scene.bounds.instances), world.clock)
    for group in scene.groups:
        yield from every_rollout_change(group.key)
        yield from (rq.UpdateGroup(key=group.key, os_upgrade=True, api_version=version) for version in OS_UPGRADE_API)
        for end in (None, world.clock, world.clock + EXPIRES):
            yield rq.UpdateGroup(key=group.key, external=(ExternalReference(RESOURCE, end),))
    yield from _withdrawing(scene)


def _withdrawing(_scene: Scene) -> Iterator[rq.Request]:
    """The resource that models refer to goes and comes."""
    yield from (rq.ChangeExternalResource(RESOURCE, there) for there in (True, False))


def crediting(scene: Scene) -> Iterator[rq.Request]:
    """A group that is upgraded automatically, and refers to a resource whose credentials end."""
    end = scene.world.clock + EXPIRES
    for key in scene.free_keys:
        plain = with_profile(_taking_part(scene, key), external=(ExternalReference(RESOURCE, end),))
        yield from (evolve(plain, capacity=count) for count in scene.capacities)
    yield from _withdrawing(scene)


def zoning(scene: Scene) -> Iterator[rq.Request]:
    """A group over one zone or more that is upgraded automatically."""
    for key in scene.free_keys:
        for zones in (ZONES[:count] for count in range(1, scene.bounds.zones + 1)):
            plain = evolve(_taking_part(scene, key), zones=zones, fault_domain_count=None)
            yield from (evolve(plain, capacity=count) for count in scene.capacities)


def pairing(scene: Scene) -> Iterator[rq.Request]:
    """In a region a group of a platform image with any number of members, in the other of its pair one with one."""
    platform = ImageReference(BIONIC)
    for key in scene.free_keys:
        plain = with_profile(_taking_part(scene, key), image=platform)
        if key == scene.bounds.keys[0]:
            yield from (evolve(plain, capacity=count) for count in scene.capacities)
        else:
            yield evolve(plain, region=GEO_PAIRS[REGION], capacity=1)
    published = scene.world.images.get(BIONIC, ())
    if len(published) < scene.bounds.versions:
        yield rq.PublishImage(BIONIC, f"{len(published) + 1}.0.0", frozenset())
    for one in published:
        yield from (rq.ReleaseImage(BIONIC, one.version, frozenset({region})) for region in GEO_PAIRS)


def _taking_part(scene: Scene, key: GroupKey) -> rq.CreateGroup:
    """A group that is upgraded automatically."""
    return evolve(upgradable(plain_group(scene, key), speaks=True), fault_domain_count=scene.domains)


CONDITIONS = (furnishing, provisioning, qualifying, crediting, zoning, pairing)
"""These families."""
