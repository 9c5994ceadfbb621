"""Random walks: sensible and absurd requests by turns, every invariant at each step.

By day they are a few thousand requests. `pytest -n0 tests/invariants/test_random_walks.py --requests 5000000 --seed 7`
makes as many as there is time for.
"""

from __future__ import annotations

from random import Random

import pytest
from tests.invariants.absurd import absurd, begun, sensible
from tests.model.arbitrary import is_small

from vmss_model import decide
from vmss_model.editions import EDITIONS

LENGTH = 25
"""So many requests are made one after another: what absurd requests lead to soon grants nothing any more."""
SENSIBLE = 0.6
"""The share of requests that mean something in the world at hand."""


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
