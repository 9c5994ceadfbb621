"""Random walks: sensible and absurd requests by turns, every invariant at each step.

By day they are a few thousand requests. `pytest -n0 tests/invariants/test_random_walks.py --requests 5000000 --seed 7`
makes as many as there is time for.
"""

from __future__ import annotations

import pytest
from tests.invariants.absurd import Wandering, begun
from tests.model.arbitrary import is_small

from vmss_model import decide
from vmss_model.editions import EDITIONS

LENGTH = 25
"""So many requests are made one after another: what absurd requests lead to soon grants nothing any more."""
NONSENSE = 0.4
"""The share of requests that nobody would make."""


@pytest.mark.parametrize("name", EDITIONS)
def test_every_invariant_holds_on_random_walks(name: str, pytestconfig: pytest.Config) -> None:
    """Of requests that lead somewhere, and of those that nobody would make there."""
    wandering, made = Wandering(pytestconfig), 0
    while made < wandering.count:
        walker = begun(name)
        for _ in range(LENGTH):
            request = wandering.request(walker.world, NONSENSE)
            if request is not None and is_small(decide(walker.world, request)):
                walker.take(request, wandering.random.randint)
                walker.examine_world()
                made += 1
