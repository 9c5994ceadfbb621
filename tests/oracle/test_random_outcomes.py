"""What the model does, told in part at random, is never a violation: many thousand requests, as many as one likes.

By day they are a few thousand. `pytest -n0 tests/oracle/test_random_outcomes.py --requests 5000000 --seed 7` makes as
many as there is time for: some of what is told goes wrong once in a million.
"""

from __future__ import annotations

import pytest
from immutables import Map
from tests.invariants.absurd import Wandering
from tests.oracle.outcomes import outcome_of

from vmss_invariants.requests_base import REGIONS
from vmss_model import EDITIONS, World, edition
from vmss_model import requests as rq
from vmss_model.oracle import Oracle, Outcome, Verdict

LENGTH = 40
"""So many requests are made one after another."""


@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_told_of_the_model_in_part_never_violates(name: str, pytestconfig: pytest.Config) -> None:
    """Of every choice all, some or nothing is told, and requests are sensible, or some are not."""
    wandering, made = Wandering(pytestconfig), 0
    random = wandering.random
    while made < wandering.count:
        world, oracle = World(edition(name), regions=Map(dict(REGIONS))), Oracle.start(edition(name), REGIONS)
        share, nonsense = random.choice((0, 0.3, 0.5, 0.8, 1)), random.choice((0, 0, 0.05, 0.3))
        told = list[tuple[rq.Request, Outcome]]()
        for _ in range(LENGTH):
            request = wandering.request(world, nonsense)
            seen = None if request is None else outcome_of(world, request, random, share)
            if request is None or seen is None:
                continue
            world, outcome = seen
            told.append((request, outcome))
            oracle, finding = oracle.observe(request, outcome)
            assert finding.verdict is not Verdict.VIOLATES, (finding, told)
            made += 1
