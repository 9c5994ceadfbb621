"""What an implementation that is the model itself does, as far as it is seen."""

from __future__ import annotations

from random import Random

from tests.model.arbitrary import is_small

from vmss_model import World, decide, evolve_all
from vmss_model import requests as rq
from vmss_model.oracle import Granted, Outcome, Refused

WHOLE = 0.8
"""How often an error, or an answer, is seen whole."""


def outcome_of(world: World, request: rq.Request, random: Random, share: float) -> tuple[World, Outcome] | None:
    """The world after a request, and what is seen of it: each choice with this chance; None where nothing is known."""
    decision = decide(world, request)
    if decision.silent or not is_small(decision):
        return None
    if decision.grant is None:
        first = decision.refusals[0]
        return world, Refused(first.code, first.message) if random.random() < WHOLE else Refused()
    picks = decision.grant.sample(random.randint)
    answer = decision.grant.answer(picks)
    after = evolve_all(world, decision.grant.events(picks))
    if answer is not None and random.random() < WHOLE:
        return after, Granted(answer=answer)
    return after, Granted({name: one for name, one in picks.items() if random.random() < share})
