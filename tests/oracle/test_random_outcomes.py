"""What the model does, told in part at random, is never a violation: many thousand requests, as many as one likes.

By day they are a few thousand. `pytest -n0 tests/oracle/test_random_outcomes.py --requests 5000000 --seed 7` makes as
many as there is time for: some of what is told goes wrong once in a million.
"""

from __future__ import annotations

from random import Random

import pytest
from immutables import Map
from tests.invariants.absurd import absurd, sensible
from tests.model.arbitrary import is_small

from vmss_invariants.requests_base import REGIONS
from vmss_model import EDITIONS, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.oracle import Granted, Oracle, Outcome, Refused, Verdict

LENGTH = 40
"""So many requests are made one after another."""
FAR = 0.8
"""How often an error, or an answer, is seen whole."""


def outcome_of(world: World, request: rq.Request, random: Random, share: float) -> tuple[World, Outcome] | None:
    """The world after a request, and what is seen of it: each choice with this chance; None where nothing is known."""
    decision = decide(world, request)
    if decision.silent or (decision.grant is not None and not is_small(decision)):
        return None
    if decision.grant is None:
        first = decision.refusals[0]
        return world, Refused(first.code, first.message) if random.random() < FAR else Refused()
    picks = decision.grant.sample(random.randint)
    answer = decision.grant.answer(picks)
    after = evolve_all(world, decision.grant.events(picks))
    if answer is not None and random.random() < FAR:
        return after, Granted(answer=answer)
    return after, Granted({name: one for name, one in picks.items() if random.random() < share})


@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_told_of_the_model_in_part_never_violates(name: str, pytestconfig: pytest.Config) -> None:
    """Of every choice all, some or nothing is told, and requests are sensible, or some are not."""
    count, seed = pytestconfig.getoption("requests") // len(EDITIONS), pytestconfig.getoption("seed")
    random, pool = Random(seed), absurd(seed, min(20_000, count))
    made = 0
    while made < count:
        world, oracle = World(edition(name), regions=Map(dict(REGIONS))), Oracle.start(edition(name), REGIONS)
        share, nonsense = random.choice((0, 0.3, 0.5, 0.8, 1)), random.choice((0, 0, 0.05, 0.3))
        told = list[tuple[rq.Request, Outcome]]()
        for _ in range(LENGTH):
            request = random.choice(pool) if random.random() < nonsense else sensible(random, world)
            seen = None if request is None else outcome_of(world, request, random, share)
            if request is None or seen is None:
                continue
            world, outcome = seen
            told.append((request, outcome))
            oracle, finding = oracle.observe(request, outcome)
            assert finding.verdict is not Verdict.VIOLATES, (finding, told)
            made += 1
