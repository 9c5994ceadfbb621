"""Every answer about small groups is the one that the model gives when every order and failure is tried.

For each group, batch cap and way of starting, the model itself is walked through all orders of places and all
numbers of failing instances in each batch, with gates that let everything pass. Then the model's own gates are
asked, at every moment between two batches, with every percentage. What they say of a moment depends on one
percentage each, so the two are asked one by one and joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from attrs import evolve, frozen
from immutables import Map

from vmss_invariants.advice import Pools, Question, advise, possibly_finishes, spread_evenly, surely_finishes
from vmss_model import requests as rq
from vmss_model.choices import Cell
from vmss_model.decide import decide
from vmss_model.decide.rollouts import next_batch, stops
from vmss_model.decisions import Picks
from vmss_model.editions import edition
from vmss_model.events import RolloutEnded
from vmss_model.evolve import evolve_all
from vmss_model.guards import batch_cap
from vmss_model.images import ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy, Rollout
from vmss_model.values import GroupKind, Health, HealthSource, LoadBalancer, RolloutStatus, UpgradeMode
from vmss_model.world import Group, GroupKey, Profile, Subscription, World

KEY = GroupKey("rg", "web")
LINE = SUPPORTED_IMAGES[1]
PERCENTAGES = range(0, 101, 5)
MOST = 10


def taken(world: World, request: rq.Request, picks: Picks | None = None) -> World:
    """The world after a request that the documents allow."""
    decision = decide(world, request)
    assert decision.grant is not None, (request, decision)
    return evolve_all(world, decision.grant.events(picks or {}))


def begun(instances: int, update_domains: int, zones: int, percent: int, *, restores: bool) -> World:
    """A world in which a rollout over a group has begun, its gates wide open."""
    world = World(edition("2021-07"), subscription=Subscription(known=False))
    world = taken(world, rq.PublishImage(LINE, "1.0"))
    world = taken(world, rq.ReleaseImage(LINE, "1.0", frozenset({"westus"})))
    names = tuple("123"[:zones]) if zones > 1 else ()
    create = rq.CreateGroup(
        key=KEY,
        kind=GroupKind.UNIFORM,
        zones=names,
        update_domain_count=update_domains,
        profile=Profile(image=ImageReference(LINE), load_balancer=LoadBalancer.STANDARD),
        capacity=instances,
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.ROLLING,
        os_upgrade=True,
    )
    places = [(zone, domain) for zone in names or (None,) for domain in range(update_domains)]
    cells = tuple(
        Cell(places[number % len(places)][0], None, places[number % len(places)][1]) for number in range(instances)
    )
    world = taken(world, create, {"ids": tuple(range(instances)), "placements": cells})
    world = taken(world, rq.PublishImage(LINE, "2.0"))
    world = taken(world, rq.ReleaseImage(LINE, "2.0", frozenset({"westus"})))
    world = taken(world, rq.BeginRollout(KEY) if restores else rq.StartRollout(KEY))
    return with_policy(world, RollingPolicy(percent, 100, 100))


def with_policy(world: World, policy: RollingPolicy) -> World:
    """The world with other percentages for the rollout under way."""
    group = world.groups[KEY]
    assert group.rollout is not None
    changed = evolve(group, rollout=evolve(group.rollout, policy=policy))
    return evolve(world, groups=world.groups.set(KEY, changed))


def parts(world: World) -> tuple[Group, Rollout]:
    """The group and its rollout."""
    group = world.groups[KEY]
    assert group.rollout is not None
    return group, group.rollout


def after_batch(world: World, names: tuple[str, ...], failing: int) -> World:
    """The world once a batch is settled, its first so many instances having failed."""
    world = taken(world, rq.StartBatch(KEY, frozenset(names)))
    for name in names:
        world = taken(world, rq.ProvisionInstance(KEY, name), {"order": ()})
    for name in names[failing:]:
        world = taken(world, rq.ReportHealth(KEY, name, Health.HEALTHY, HealthSource.EXTENSION))
    if failing:
        world = taken(world, rq.AdvanceClock(300))
    for name in names[:failing]:
        if parts(world)[1].restores:
            world = taken(world, rq.RestoreInstance(KEY, name), {"restored": True})
        else:
            world = taken(world, rq.ReportHealth(KEY, name, Health.UNHEALTHY, HealthSource.EXTENSION))
            world = taken(world, rq.FailInstance(KEY, name))
    return world


Moment = tuple[Pools, int]
"""What is left in each place, and how many failed."""


@frozen
class Walk:
    """Every moment between two batches."""

    worlds: dict[Moment, World]
    """A world of each moment; those of one moment differ in names alone."""
    onward: dict[Moment, frozenset[Moment]]
    """The moments after one more batch."""
    start: Moment
    """Before the first batch."""


def moment_of(world: World) -> Moment:
    """The moment that a world is at."""
    _, rollout = parts(world)
    assert isinstance(rollout.pending_at, Map)
    return tuple(sorted(rollout.pending_at.values(), reverse=True)), int(rollout.progress.failed)


def walked(world: World) -> Walk:
    """Every moment that a rollout can come to."""
    start = moment_of(world)
    worlds, onward, waiting = {start: world}, {}, [start]
    while waiting:
        moment = waiting.pop()
        here = worlds[moment]
        found = set()
        for names in next_batch(here, *parts(here)).filled():
            for failing in range(len(names) + 1):
                after = after_batch(here, names, failing)
                found.add(moment_of(after))
                if moment_of(after) not in worlds:
                    worlds[moment_of(after)] = after
                    waiting.append(moment_of(after))
        onward[moment] = frozenset(found)
    return Walk(worlds, onward, start)


def is_stopped(world: World, policy: RollingPolicy) -> bool:
    """Whether the model lets the rollout go no further, or end otherwise than completed."""
    changed = with_policy(world, policy)
    group, rollout = parts(changed)
    if rollout.progress.pending:
        return bool(stops(changed, group, rollout))
    grant = decide(changed, rq.EndRollout(KEY)).grant
    assert grant is not None
    (ended,) = grant.events({})
    assert isinstance(ended, RolloutEnded)
    return ended.attempt.status is not RolloutStatus.COMPLETED


def outcomes(walk: Walk, stopped: frozenset[Moment], instances: int) -> tuple[frozenset[int], frozenset[int]]:
    """With how many failing instances in all a rollout can finish, and with how many it can be stopped."""
    finishes: set[int] = set()
    can_stop: set[int] = set()
    seen, waiting = {walk.start}, [walk.start]
    while waiting:
        moment = waiting.pop()
        pools, failed = moment
        if moment in stopped:
            can_stop |= set(range(failed, failed + sum(pools) + 1))
            continue
        if not pools:
            finishes.add(failed)
        for after in walk.onward[moment]:
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    assert all(0 <= count <= instances for count in finishes | can_stop)
    return frozenset(finishes), frozenset(can_stop)


def stopped_by(walk: Walk, policies: Iterator[RollingPolicy]) -> dict[RollingPolicy, frozenset[Moment]]:
    """The moments at which each policy stops the rollout; nothing is looked at before the first batch."""
    moments = [(moment, world) for moment, world in walk.worlds.items() if moment != walk.start]
    return {policy: frozenset(moment for moment, world in moments if is_stopped(world, policy)) for policy in policies}


def assert_agrees(instances: int, update_domains: int, zones: int, percent: int, *, restores: bool) -> int:
    """Compare each answer for every pair of percentages and every number of failing instances."""
    walk = walked(begun(instances, update_domains, zones, percent, restores=restores))
    by_upgraded = stopped_by(walk, (RollingPolicy(percent, 100, value) for value in PERCENTAGES))
    by_overall = stopped_by(walk, (RollingPolicy(percent, value, 100) for value in PERCENTAGES))
    known = cache(lambda stopped: outcomes(walk, stopped, instances))
    compared = 0
    for first, one in by_upgraded.items():
        for second, other in by_overall.items():
            finishes, can_stop = known(one | other)
            policy = RollingPolicy(percent, second.max_unhealthy_percent, first.max_unhealthy_upgraded_percent)
            question = Question(
                instances=instances, update_domains=update_domains, zones=zones, policy=policy, restores=restores
            )
            for failing in range(instances + 1):
                assert possibly_finishes(question, failing) == (failing in finishes), (question, failing)
                assert surely_finishes(question, failing) == (failing not in can_stop), (question, failing)
                compared += 1
            if percent == first.max_unhealthy_upgraded_percent == second.max_unhealthy_percent:
                advice = advise(question)
                assert advice.survives_any == min(can_stop, default=instances + 1) - 1
                assert advice.survives_best == max(finishes)
    return compared


def distinct_caps(instances: int) -> list[int]:
    """The smallest percentage in steps of five for each batch cap that one of them gives."""
    caps: dict[int, int] = {}
    for percent in range(5, 101, 5):
        caps.setdefault(int(batch_cap(instances, percent)), percent)
    return list(caps.values())


@pytest.mark.parametrize("instances", range(1, MOST + 1))
def test_small_groups_are_answered_as_the_model_does(instances: int) -> None:
    """Every percentage in steps of 5, every number of failing instances, both ways of starting."""
    compared = sum(
        assert_agrees(instances, 1, 1, percent, restores=restores)
        for percent in distinct_caps(instances)
        for restores in (True, False)
    )
    assert compared == len(distinct_caps(instances)) * 2 * len(PERCENTAGES) ** 2 * (instances + 1)


@pytest.mark.parametrize(("instances", "update_domains", "zones"), [(6, 2, 1), (7, 3, 1), (6, 1, 3), (8, 2, 2)])
def test_places_are_answered_as_the_model_does(instances: int, update_domains: int, zones: int) -> None:
    """Batches keep to one zone and one update domain, whatever the order of places."""
    for percent in (5, 25, 50):
        assert assert_agrees(instances, update_domains, zones, percent, restores=True)


@pytest.mark.parametrize("instances", [1, 4, 9, 12])
def test_percentages_of_one_cap_are_one_question(instances: int) -> None:
    """Two batch percentages that give one cap have one answer: the guard of the cap is all that reads them."""
    for percent in range(5, 101, 5):
        same = next(
            one for one in distinct_caps(instances) if batch_cap(instances, one) == batch_cap(instances, percent)
        )
        for failing in range(instances + 1):
            answers = {
                (surely_finishes(question, failing), possibly_finishes(question, failing))
                for question in (Question(instances=instances, policy=RollingPolicy(one)) for one in (percent, same))
            }
            assert len(answers) == 1


def test_instances_are_spread_as_evenly_as_they_go() -> None:
    """No place has two more than another, and none is forgotten."""
    for instances in range(30):
        for places in range(1, 8):
            pools = spread_evenly(instances, places)
            assert sum(pools) == instances
            assert len(pools) <= places
            assert not pools or max(pools) - (min(pools) if len(pools) == places else 0) <= 1
