"""The ways lead where they say, and from anywhere on them every rollout comes to its end."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_invariants import requests as making
from vmss_invariants.steps import take_step
from vmss_invariants.walker import new_world
from vmss_invariants.ways import Fate, Way, carry_on, follow
from vmss_invariants.ways_of_everything import WAY_KEY, ways_in
from vmss_model import requests as rq
from vmss_model.editions import EDITIONS, edition
from vmss_model.values import GroupKind, RolloutStatus
from vmss_model.world import World

UNIFORM = (GroupKind.UNIFORM,)
WAYS = [(name, way) for name, one in EDITIONS.items() for way in ways_in(one, UNIFORM)]
WITHOUT_END = {"eligible", "by_policy_manual", "by_policy_automatic", "another_image", "images_of_a_stack"}
"""The ways on which no rollout is meant to end."""


class Walk:
    """A world and what is asked of it, with a generator that picks for the platform."""

    def __init__(self, name: str, seed: int) -> None:
        self.random = Random(seed)
        self.world = new_world(edition(name))
        self.asked: list[rq.Request] = []
        for request in making.preparation(self.world):
            self.take(request)

    def take(self, request: rq.Request) -> World:
        step = take_step(self.world, request, self.random.randint)
        assert not step.error, step.describe()
        self.asked.append(request)
        self.world = step.after
        return self.world

    def begin(self, name: str) -> Way:
        return ways_in(self.world.edition, UNIFORM)[name](self.random.choice, self.world, WAY_KEY)


def attempts(world: World) -> Iterator[RolloutStatus]:
    for group in world.groups.values():
        yield from (one.status for one in group.history)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_way_leads_to_its_end(name: str, way: str) -> None:
    """Every way is walked without the model raising, and where it is about a rollout one has ended."""
    walk = Walk(name, seed=3)
    follow(walk.begin(way), walk.take)

    assert len(walk.asked) > 5
    if way not in WITHOUT_END:
        assert list(attempts(walk.world))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(one=st.sampled_from(WAYS), seed=st.integers(0, 2**16), far=st.integers(5, 90))
def test_every_rollout_comes_to_an_end(one: tuple[str, str], seed: int, far: int) -> None:
    """Wherever a way is left, the platform's own steps bring every rollout to its end, whoever becomes healthy."""
    name, way = one
    walk = Walk(name, seed)
    requests = walk.begin(way)
    try:
        request = next(requests)
        for _ in range(far):
            request = requests.send(walk.take(request))
    except StopIteration:
        pass

    def fate(_name: str, _before: int) -> Fate:
        return walk.random.choice(tuple(Fate))

    for _ in range(60):
        for key in making.groups_where(walk.world, lambda group: group.rollout is not None):
            follow(carry_on(walk.world, key, fate, batches=3), walk.take)

    assert [group.rollout for group in walk.world.groups.values() if group.rollout is not None] == []


def test_only_uniform_groups_have_ways() -> None:
    """Where no kind that is explored has models that change there is no way, nor where no document speaks of it."""
    assert ways_in(edition("2021-07"), (GroupKind.FLEXIBLE,)) == {}
    assert ways_in(edition("2019-10"), tuple(GroupKind)) == {}
    assert set(ways_in(edition("2017-05"), UNIFORM)) < set(ways_in(edition("2021-07"), UNIFORM))
