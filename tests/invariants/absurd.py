"""Requests that nobody would make, by turns with those that mean something, and the worlds in which they are made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from tests.model.arbitrary import of_type, populated, requests

from vmss_invariants.requests import FAMILIES
from vmss_invariants.steps import History
from vmss_invariants.walker import Walker
from vmss_model import World
from vmss_model import requests as rq
from vmss_model.editions import EDITIONS

asked = st.one_of(requests, of_type(rq.CreateGroup), of_type(rq.UpdateGroup), of_type(rq.CreateVm))
"""Any request; those with the most fields more often."""


@cache
def _beginning(name: str) -> tuple[Walker, World, History]:
    world = populated(name)
    return Walker(EDITIONS[name]), world, History().seen(World(EDITIONS[name]), evolve(world, clock=0))


def begun(name: str) -> Walker:
    """A walker of the edition in its populated world, all of it as old as the world; the same walker each time."""
    walker, world, history = _beginning(name)
    walker.world, walker.history = world, history
    walker.taken.clear()
    return walker


_AT_ONCE = 20
"""So many absurd requests are drawn at a time."""
_MOST = 20_000
"""So many of them are drawn at most: to draw one takes longer than to make it, so each is made again and again."""


class NothingToPickError(Exception):
    """A family of requests has nothing to speak of in a world."""


@cache
def _absurd(seed: int, count: int) -> tuple[rq.Request, ...]:
    """Requests with any values."""
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


def _sensible(random: Random, world: World) -> rq.Request | None:
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


class Wandering:
    """Requests at random, as far and from what seed the command line says, for each edition as many."""

    def __init__(self, options: pytest.Config) -> None:
        self.count: int = options.getoption("requests") // len(EDITIONS)
        seed = options.getoption("seed")
        self.random = Random(seed)
        self._pool = _absurd(seed, min(_MOST, self.count))

    def request(self, world: World, nonsense: float) -> rq.Request | None:
        """A request in a world, absurd with this chance; None where nothing that means something was found."""
        if self.random.random() < nonsense:
            return self.random.choice(self._pool)
        return _sensible(self.random, world)
