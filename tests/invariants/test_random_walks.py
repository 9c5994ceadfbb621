"""Random walks: sensible and absurd requests by turns, every invariant at each step.

By day they are a few thousand requests. `pytest -n0 tests/invariants/test_random_walks.py --requests 5000000 --seed 7`
makes as many as there is time for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from tests.invariants.absurd import asked, begun
from tests.model.arbitrary import is_small

from vmss_invariants.requests import FAMILIES
from vmss_model import World, decide
from vmss_model import requests as rq
from vmss_model.editions import EDITIONS

LENGTH = 25
"""So many requests are made one after another: what absurd requests lead to soon grants nothing any more."""
SENSIBLE = 0.6
"""The share of requests that mean something in the world at hand."""
_AT_ONCE = 20


class NothingToPickError(Exception):
    """A family of requests has nothing to speak of in a world."""


@cache
def absurd(seed: int, count: int) -> tuple[rq.Request, ...]:
    """Requests with any values; drawn beforehand, since that takes longer than to make them."""
    drawn: list[rq.Request] = []

    @seeded(seed)
    @settings(
        max_examples=max(1, count // _AT_ONCE),
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=tuple(HealthCheck),
    )
    @given(st.lists(asked, min_size=_AT_ONCE, max_size=_AT_ONCE))
    def draw(some: list[rq.Request]) -> None:
        drawn.extend(some)

    draw()
    return tuple(drawn)


def sensible(random: Random, world: World) -> rq.Request | None:
    """A request that means something in a world; None where what was picked has nothing to speak of there."""

    def pick(options: Sequence[Any]) -> Any:
        if not options:
            raise NothingToPickError
        return random.choice(options)

    family = random.choice(tuple(FAMILIES.values()))
    try:
        return family(pick, world)
    except NothingToPickError:
        return None


@pytest.mark.parametrize("name", EDITIONS)
def test_every_invariant_holds_on_random_walks(name: str, pytestconfig: pytest.Config) -> None:
    """Of requests that lead somewhere, and of those that nobody would make there."""
    count, seed = pytestconfig.getoption("requests") // len(EDITIONS), pytestconfig.getoption("seed")
    random, pool = Random(seed), absurd(seed, min(20_000, count))
    made = 0
    while made < count:
        walker = begun(name)
        for _ in range(LENGTH):
            request = sensible(random, walker.world) if random.random() < SENSIBLE else random.choice(pool)
            if request is None:
                continue
            decision = decide(walker.world, request)
            if decision.grant is None or is_small(decision):
                walker.take(request, random.randint)
                walker.examine_world()
                made += 1
