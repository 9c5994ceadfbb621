"""Every rule about models, images and rollouts refuses by itself, and grants when it is switched off."""

from __future__ import annotations

import pytest
from attrs import evolve
from immutables import Map

from vmss_model import EDITIONS, World, decide
from vmss_model import requests as rq
from vmss_model.images import CustomImage, GalleryImage, ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy
from vmss_model.values import (
    Durability,
    GroupKind,
    Health,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    UpgradeMode,
)
from vmss_model.world import Extension, ExternalReference, GroupKey, Profile, ServiceFabric

from .arbitrary import after, with_edition_without
from .books import assert_books_are_kept, assert_granted_when_off

KEY = GroupKey("rg", "g")
LINE, SAME_OFFER, OTHER_PUBLISHER = SUPPORTED_IMAGES[0], SUPPORTED_IMAGES[1], SUPPORTED_IMAGES[4]
GALLERY = GalleryImage("gallery", "web")
EXTENSION = HealthSource.EXTENSION
CYCLE = (Extension("one", after=("two",)), Extension("two", after=("one",)))
CHAIN = (Extension("second", after=("first",)), Extension("first"))
TOKEN = (ExternalReference("token"),)
BRONZE = ServiceFabric(Durability.BRONZE, Durability.BRONZE)
PLAIN = rq.CreateGroup(
    key=KEY,
    kind=GroupKind.UNIFORM,
    single_placement_group=True,
    profile=Profile(image=ImageReference(LINE)),
    capacity=5,
    health_source=EXTENSION,
    upgrade_mode=UpgradeMode.ROLLING,
    api_version="2021-03-01",
)
ON = evolve(PLAIN, os_upgrade=True)


def model(request: rq.CreateGroup, **changes: object) -> rq.CreateGroup:
    """The same group with other values in its VM configuration model."""
    assert request.profile is not None
    return evolve(request, profile=evolve(request.profile, **changes))  # type: ignore[arg-type] # fields by name


def published(version: str) -> tuple[rq.Request, ...]:
    return rq.PublishImage(LINE, version), rq.ReleaseImage(LINE, version, frozenset({"westus"}))


def ill(*names: str) -> tuple[rq.Request, ...]:
    return tuple(rq.ReportHealth(KEY, name, Health.UNHEALTHY, EXTENSION) for name in names)


def well(*names: str) -> tuple[rq.Request, ...]:
    reports = (rq.ReportHealth(KEY, name, Health.HEALTHY, EXTENSION) for name in names)
    return (*(rq.ProvisionInstance(KEY, name) for name in names), *reports)


FIRST, SECOND = published("1.0.0"), published("2.0.0")
DUE = (*FIRST, ON, *SECOND)
BEGUN = (*DUE, rq.BeginRollout(KEY))
IN_BATCH = (*BEGUN, rq.StartBatch(KEY))
BY_HAND = (*FIRST, PLAIN, *SECOND, rq.StartRollout(KEY), rq.StartBatch(KEY))
ALL = frozenset("01234")
PINNED = model(PLAIN, image=ImageReference(LINE, "1.0.0"))
AUTOMATIC = "2021-07"
FIRST_BATCH_FAILED = (*IN_BATCH, *ill("0"), rq.AdvanceClock(300), rq.RestoreInstance(KEY, "0"))
NEXT_IMAGE = (*IN_BATCH, *well("0"), rq.CancelRollout(KEY), rq.EndRollout(KEY), *published("3.0.0"))
POLICY = evolve(PLAIN, rolling=RollingPolicy(50, 50, 50, 60), capacity=4)
CHANGED = rq.UpdateGroup(key=KEY, image=ImageReference(LINE, "2.0.0"))
OF_MODEL = (POLICY, CHANGED, rq.BeginRollout(KEY), rq.StartBatch(KEY, frozenset("01")))
OTHER = evolve(KEY, name="other")
IN_ZONES = (evolve(ON, zones=("1",)), evolve(ON, key=OTHER, zones=("2",)))
SILVER = model(ON, service_fabric=ServiceFabric(Durability.SILVER, Durability.SILVER))
RENEWABLE = (*FIRST, model(ON, external=TOKEN), *SECOND, rq.BeginRollout(KEY))
EXPIRED = (*RENEWABLE, rq.ChangeExternalResource("token", False), rq.StartBatch(KEY))
ELSEWHERE = rq.PublishImage(GALLERY, "1.0.0", frozenset({"eastus"}))

OFF: list[tuple[str, tuple[rq.Request, ...], rq.Request, tuple[str, ...]]] = [
    ("2021-07", (), model(ON, image=ImageReference(LINE, "1.0.0")), ("OSU-LATEST",)),
    ("2021-07", (), model(ON, image=ImageReference(CustomImage("https://a/b"))), ("OSU-IMAGES",)),
    ("2021-07", (), evolve(ON, health_source=None), ("OSU-HEALTH",)),
    ("2021-07", (), evolve(ON, api_version="2018-06-01"), ("OSU-API",)),
    ("2021-07", (rq.ChangeExternalResource("token", False),), model(ON, external=TOKEN), ("OSU-EXTERNAL",)),
    ("2021-07", (), model(ON, operating_system=OperatingSystem.WINDOWS), ("OSU-WINDOWS",)),
    (
        "2021-07",
        (),
        evolve(
            model(ON, load_balancer=LoadBalancer.BASIC), health_source=HealthSource.PROBE, single_placement_group=False
        ),
        ("OSU-PROBE-LB",),
    ),
    ("2021-07", (), model(ON, service_fabric=BRONZE), ("OSU-SF",)),
    ("2021-07", (), model(PLAIN, extensions=CYCLE), ("OSU-SWAP",)),
    ("2021-07", (PLAIN,), rq.UpdateGroup(key=KEY, extensions=CYCLE), ("OSU-SWAP",)),
    (
        "2021-07",
        (*FIRST, PLAIN, rq.UpdateGroup(key=KEY, extensions=CHAIN), rq.UpgradeInstances(KEY)),
        rq.ProvisionInstance(KEY, "0", order=("second", "first")),
        ("OSU-SWAP",),
    ),
    (
        "2021-07",
        (PLAIN,),
        rq.UpdateGroup(key=KEY, image=ImageReference(OTHER_PUBLISHER)),
        ("PUBLISHER-OFFER-FIXED",),
    ),
    ("2021-07", (*FIRST, PLAIN, *SECOND), rq.BeginRollout(KEY), ("OSU-OPT-OUT",)),
    ("2021-07", NEXT_IMAGE, rq.BeginRollout(KEY), ("OSU-TRIGGER-LATER",)),
    ("2021-07", (*DUE, *ill("0", "1")), rq.BeginRollout(KEY), ("OSU-PRECHECK",)),
    ("2021-07", IN_BATCH, rq.StartBatch(KEY), ("OSU-WAIT",)),
    ("2021-07", IN_BATCH, rq.EndRollout(KEY), ("OSU-WAIT",)),
    ("2021-07", IN_BATCH, rq.RestoreInstance(KEY, "0"), ("OSU-WAIT",)),
    ("2021-07", (*IN_BATCH, rq.AdvanceClock(300)), rq.FailInstance(KEY, "0"), ("OSU-RESTORE",)),
    ("2021-07", (*BY_HAND, rq.AdvanceClock(300)), rq.RestoreInstance(KEY, "0"), ("OSU-MANUAL-NO-RESTORE",)),
    ("2021-07", BEGUN, rq.StartBatch(KEY, frozenset("01")), ("OSU-BATCH",)),
    ("2021-07", BEGUN, rq.StartBatch(KEY, ALL), ("OSU-BATCH", "OSU-GROUP")),
    ("2021-07", (*IN_BATCH, *well("0")), rq.StartBatch(KEY, frozenset("0")), ("OSU-DONE",)),
    ("2021-07", (*IN_BATCH, *well("0")), rq.EndRollout(KEY), ("OSU-DONE",)),
    (
        "2021-07",
        (*FIRST, *IN_ZONES, *SECOND, rq.BeginRollout(KEY), rq.BeginRollout(OTHER), rq.StartBatch(KEY)),
        rq.StartBatch(OTHER, frozenset("0")),
        ("OSU-ZONES",),
    ),
    (
        "2021-07",
        (*FIRST, evolve(SILVER, update_domain_count=2, capacity=10), *SECOND, rq.BeginRollout(KEY)),
        rq.StartBatch(KEY, frozenset("012")),
        ("OSU-BATCH",),
    ),
    ("2021-07", FIRST_BATCH_FAILED, rq.StartBatch(KEY), ("OSU-STOP-UPGRADED",)),
    ("2021-07", (*IN_BATCH, *well("0"), *ill("1", "2")), rq.StartBatch(KEY), ("OSU-STOP-OVERALL",)),
    ("2021-07", (*BEGUN, rq.CancelRollout(KEY)), rq.StartBatch(KEY), ("OSU-OPT-OUT",)),
    (
        "2021-07",
        EXPIRED,
        rq.StartBatch(KEY),
        ("OSU-CREDENTIALS", "OSU-STOP-UPGRADED"),
    ),
    (
        "2021-07",
        DUE,
        rq.ReleaseImage(LINE, "2.0.0", frozenset({"eastus"})),
        ("OSU-REGIONS",),
    ),
    (
        "2021-07",
        (rq.PublishImage(LINE, "1.0.0"),),
        rq.ReleaseImage(LINE, "1.0.0", frozenset({"westus", "eastus"})),
        ("OSU-REGIONS",),
    ),
    ("2021-07", OF_MODEL[:-1], rq.StartBatch(KEY, frozenset("012")), ("OSU-BATCH",)),
    ("2021-07", (*OF_MODEL, *well("0", "1")), rq.StartBatch(KEY, frozenset("2")), ("UPGRADE-ROLLING",)),
    ("2021-02", OF_MODEL, rq.StartBatch(KEY, frozenset("2")), ("UPGRADE-ROLLING",)),
    ("2017-05", (POLICY, CHANGED, *ill("0", "1", "2")), rq.BeginRollout(KEY), ("UPGRADE-ROLLING",)),
    ("2017-05", (PINNED, CHANGED), rq.PlanRollout(KEY, (frozenset("01"),)), ("ROLLOUT-PLAN",)),
]
"""Edition, what is asked before, what is refused, and the rules that refuse it."""

SILENT_WHEN_OFF: list[tuple[str, tuple[rq.Request, ...], rq.Request, tuple[str, ...]]] = [
    ("2021-07", (*IN_BATCH, *well("0")), rq.StartBatch(KEY, frozenset()), ("OSU-BATCH",)),
    ("2021-07", (*FIRST, ON, rq.StartRollout(KEY)), rq.StartBatch(KEY), ("OSU-DONE",)),
    ("2017-05", (POLICY, CHANGED, rq.BeginRollout(KEY)), rq.StartBatch(KEY, frozenset()), ("UPGRADE-ROLLING",)),
    (
        "2021-07",
        (model(evolve(ON, capacity=0), image=ImageReference(GALLERY)), ELSEWHERE),
        rq.BeginRollout(KEY),
        ("OSU-GALLERY",),
    ),
]
"""What no document describes once the rules that refuse it are switched off."""


def start(name: str) -> World:
    return World(EDITIONS[name], geo_pairs=Map({"westus": "eastus", "eastus": "westus"}))


def world_after(name: str, before: tuple[rq.Request, ...]) -> World:
    world = start(name)
    for one in before:
        decision = decide(world, one)
        assert decision.grant is not None, (one, decision)
        world = after(world, one)
        assert_books_are_kept(world)
    return world


@pytest.mark.parametrize(
    ("name", "before", "request_", "rules"),
    OFF,
    ids=[f"{one[0]}-{type(one[2]).__name__}-{'-and-'.join(one[3])}" for one in OFF],
)
def test_an_upgrade_rule_that_is_switched_off_grants_what_it_refused(
    name: str, before: tuple[rq.Request, ...], request_: rq.Request, rules: tuple[str, ...]
) -> None:
    """Each of the rules refuses by itself; with all of them off the request is granted, and the books are kept."""
    assert_granted_when_off(world_after(name, before), request_, rules)


@pytest.mark.parametrize(("name", "before", "request_", "rules"), SILENT_WHEN_OFF)
def test_without_its_rule_a_senseless_step_is_not_described(
    name: str, before: tuple[rq.Request, ...], request_: rq.Request, rules: tuple[str, ...]
) -> None:
    """A batch of nobody, and an image that is not there, are refused; without the rule the model is silent."""
    world = world_after(name, before)
    assert decide(world, request_).refused
    assert decide(with_edition_without(world, *rules), request_).silent


# -- examples of what walks found --------------------------------------------------------------------


def test_a_window_that_nothing_came_of_is_not_used_again() -> None:
    """Everybody was upgraded by hand before the window: the next image has a window of its own."""
    world = world_after(AUTOMATIC, (*DUE, rq.UpgradeInstances(KEY), *well(*"01234")))
    world = after(after(world, rq.AdvanceClock(20_000)), published("3.0.0")[0])
    world = after(world, published("3.0.0")[1])
    trigger = world.groups[KEY].trigger
    assert trigger is not None
    assert (trigger.earliest, trigger.latest) == (world.clock, world.clock + 3 * 3600)


def test_a_regional_group_takes_no_zone() -> None:
    """Three groups roll out one image: the regional one does not hide that the zonal one works in zone 1."""
    keys = [GroupKey("rg", name) for name in ("a", "b", "c")]
    zones = [(), ("1",), ("2",)]
    creations = [evolve(ON, key=key, zones=zone, capacity=2) for key, zone in zip(keys, zones, strict=True)]
    world = world_after(AUTOMATIC, (*FIRST, *creations, *SECOND, *(rq.BeginRollout(key) for key in keys)))
    for key in keys[:2]:
        world = after(world, rq.StartBatch(key))
    assert {rule for one in decide(world, rq.StartBatch(keys[2])).refusals for rule in one.rules} == {"OSU-ZONES"}


def test_what_was_eligible_is_asked_again_when_it_changes() -> None:
    """A group with automatic upgrades on does not lose its Standard load balancer's worth by a detour."""
    probed = model(ON, load_balancer=LoadBalancer.BASIC)
    world = world_after(AUTOMATIC, (*FIRST, evolve(probed, single_placement_group=False)))
    request = rq.UpdateGroup(key=KEY, health_source=HealthSource.PROBE)
    assert {rule for one in decide(world, request).refusals for rule in one.rules} == {"OSU-PROBE-LB"}


def test_a_rollout_leaves_alone_who_runs_a_newer_model() -> None:
    """The SKU changes in the middle of a rollout; who was brought to the new model does not get the old SKU back."""
    changed = (
        *FIRST,
        rq.PublishImage(SAME_OFFER, "1.0.0"),
        rq.ReleaseImage(SAME_OFFER, "1.0.0", frozenset({"westus"})),
        PLAIN,
        *SECOND,
        rq.StartRollout(KEY),
        rq.UpdateGroup(key=KEY, image=ImageReference(SAME_OFFER)),
        rq.UpgradeInstances(KEY, frozenset("0")),
    )
    world = world_after(AUTOMATIC, changed)
    rollout = world.groups[KEY].rollout
    assert rollout is not None
    assert rollout.progress.pending == 4
    world = after(world, rq.StartBatch(KEY, frozenset("1")))
    one = world.groups[KEY].members["1"]
    assert one.os_disk is not None
    assert (one.os_disk.line, one.model_version) == (LINE, 1)
