"""Two editions asked for the same things along whole ways: rollouts, changes of models, the images of a stack.

What a rule says of the third batch of a rollout is too far away for a search breadth first. So both editions are led
along the ways that each edition has, and of the requests that led to a difference all that are not needed are left
out. What remains is minimal in that sense; a shorter sequence of another kind there may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from random import Random
from time import monotonic
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.contrasts import Sort, allows
from vmss_invariants.exploring.narrowing import with_update_domains
from vmss_invariants.exploring.noticed import Noticed, Wanted, own_rules
from vmss_invariants.exploring.pairs import (
    Asked,
    Made,
    Pair,
    PickedByEach,
    Prepared,
    Requests,
    after,
    ask,
    prepare,
    starts,
)
from vmss_invariants.exploring.sides import renamed
from vmss_invariants.exploring.witness import RuleDifference
from vmss_invariants.ways import follow
from vmss_invariants.ways_of_everything import WAY_KEY, tour_in
from vmss_model import requests as rq
from vmss_model.choices import FreshIds
from vmss_model.copying import evolve
from vmss_model.decisions import Grant, Picks
from vmss_model.editions import edition
from vmss_model.values import GroupKind
from vmss_model.world import Profile, World

_NOTHING: PickedByEach = (None, None)
"""What is picked where nothing is wished for."""
_CANDIDATES = 3
"""How many sequences of the best kind are made shorter for each rule."""
_FIRST = "0"
"""The name of the member that a group made first."""


@frozen
class _Candidate:
    """A sequence of requests after which a rule decides otherwise."""

    steps: tuple[Made, ...]
    """The requests; of the last one nothing is picked."""
    rank: int
    """How much it shows of the rule."""


class Ways:
    """Compares two editions in one pair of kinds, along the ways of both."""

    def __init__(self, names: tuple[str, str], kinds: tuple[GroupKind, GroupKind], wanted: Wanted) -> None:
        self._names, self._kinds, self._wanted = names, kinds, wanted
        self._noticed = Noticed(names, kinds, wanted)
        self._start = starts(names, kinds)[0]
        self._candidates: dict[tuple[str, int], list[_Candidate]] = {}
        self._walked: list[tuple[Made, Pair]] = []

    def search(
        self, limit_seconds: float, before: Mapping[tuple[str, int], RuleDifference]
    ) -> Iterator[RuleDifference]:
        """For each rule that is shown no better `before` the shortest difference that the ways lead to."""
        until = monotonic() + limit_seconds
        for side in (0, 1):
            self._walk(side, until)
        for (rule, side), candidates in self._candidates.items():
            best = before.get((rule, side))
            for candidate in candidates:
                if monotonic() > until or (best is not None and candidate.rank > best.contrast.rank):
                    continue
                found = self._shortened(rule, side, candidate)
                if best is None or found.order < best.order:
                    best = found
                    yield found

    def _walk(self, side: int, until: float) -> None:
        """Lead both editions along the ways of one of them."""
        random, kind = Random(side), self._kinds[side]
        if kind not in edition(self._names[side]).kinds:
            return
        for way in tour_in(edition(self._names[side]), (kind,), times=2):
            if monotonic() > until:
                return
            walk = _Walk(self, side, random)
            follow(way(random.choice, self._start.worlds[side], WAY_KEY), walk.take)

    def step(self, pair: Pair, request: rq.Request, side: int, random: Random) -> Pair:
        """Ask both for what a way of one of them asks for, and take the step."""
        other = renamed(request, self._kinds[side], self._kinds[1 - side])
        asked = ask(pair, (request, other) if side == 0 else (other, request))
        self._note(asked)
        return after(asked, _picks(asked, None, random))

    @property
    def start(self) -> Pair:
        """The worlds that ways begin in."""
        return self._start

    def _note(self, asked: Asked) -> None:
        for side in (0, 1):
            own = own_rules(self._wanted, asked, side)
            for rule in own:
                seen = self._noticed.contrast(asked, side, rule, len(own))
                if seen is not None:
                    known = self._candidates.setdefault((rule, side), [])
                    last = Made(asked.requests, _NOTHING)
                    known.append(_Candidate((*asked.pair.trail, last), seen.rank))
                    known.sort(key=lambda one: (one.rank, len(one.steps)))
                    del known[_CANDIDATES:]

    # -- shorter ----------------------------------------------------------------------------------

    def plainer(self, one: RuleDifference) -> RuleDifference:
        """A difference with nothing said in its requests that is not needed, where it begins as ways do."""
        if one.sort is Sort.NARROWS or one.witness.in_a_row > 1 or one.witness.prepared != self._start.prepared:
            return one
        return self._simplified(one)

    def _shortened(self, rule: str, side: int, candidate: _Candidate) -> RuleDifference:
        """The difference with all left out that is not needed."""
        best = self._at_end(rule, side, candidate.steps)
        assert best is not None, "a sequence leads where it led before"
        best = self._as_good(tuple(map(_about_the_first, candidate.steps)), best) or best
        while True:
            shorter = self._simplified(self._left_out(best))
            if shorter == best:
                return best
            best = shorter

    def _left_out(self, best: RuleDifference) -> RuleDifference:
        block = max(1, len(best.witness.trail) // 2)
        while block:
            start = 0
            while start < len(best.witness.trail):
                steps = _steps(best)
                found = self._as_good((*steps[:start], *steps[min(start + block, len(steps) - 1) :]), best)
                start, best = (start + block, best) if found is None else (start, found)
            block //= 2
        return best

    def _simplified(self, best: RuleDifference) -> RuleDifference:
        place = 0
        while place < len(_steps(best)):
            steps = _steps(best)
            plainer = (evolve(steps[place], requests=requests) for requests in _plainer(steps[place].requests))
            tries = (self._as_good((*steps[:place], one, *steps[place + 1 :]), best) for one in plainer)
            found = next((one for one in tries if one is not None), None)
            place, best = (place + 1, best) if found is None else (place, found)
        return best

    def _as_good(self, steps: Sequence[Made], best: RuleDifference) -> RuleDifference | None:
        """The difference that a sequence leads to; None if it shows less of the rule than the best one."""
        found = self._at_end(best.rule, self._names.index(best.edition), steps)
        return found if found is not None and found.contrast.rank <= best.contrast.rank else None

    def _at_end(self, rule: str, side: int, steps: Sequence[Made]) -> RuleDifference | None:
        asked = ask(self._after(steps[:-1]), steps[-1].requests)
        return difference_at(self._noticed, self._wanted, asked, rule, side)

    def _after(self, steps: Sequence[Made]) -> Pair:
        """The worlds after requests; those after the first ones that were made last time, too, are known."""
        known = list(takewhile(lambda both: both[0][0] is both[1], zip(self._walked, steps, strict=False)))
        self._walked = [walked for walked, _ in known]
        pair = self._walked[-1][1] if known else self._start
        for one in steps[len(known) :]:
            asked = ask(pair, one.requests)
            pair = after(asked, _picks(asked, one.picks, None))
            self._walked.append((one, pair))
        return pair


class _Walk:
    """Both editions on a way of one of them."""

    def __init__(self, ways: Ways, side: int, random: Random) -> None:
        self._ways, self._side, self._random = ways, side, random
        self._pair = ways.start

    def take(self, request: rq.Request) -> World:
        """Ask both for a request; the world after it of the edition whose way it is."""
        self._pair = self._ways.step(self._pair, request, self._side, self._random)
        return self._pair.worlds[self._side]


def _steps(one: RuleDifference) -> tuple[Made, ...]:
    return (*one.witness.trail, Made(one.witness.last, _NOTHING))


def difference_at(noticed: Noticed, wanted: Wanted, asked: Asked, rule: str, side: int) -> RuleDifference | None:
    """The difference that a request shows of a rule; None if it shows none."""
    own = own_rules(wanted, asked, side)
    if rule not in own:
        return None
    seen = noticed.contrast(asked, side, rule, len(own))
    return None if seen is None else noticed.difference(asked, side, rule, seen)


def without_preparation(wanted: Wanted, one: RuleDifference) -> RuleDifference:
    """The same difference in worlds of which only those are prepared where it makes a difference."""
    if one.sort is Sort.NARROWS:
        return one
    noticed = Noticed(one.witness.editions, one.kinds, wanted)
    side = one.witness.editions.index(one.edition)
    for empty in (0, 1):
        prepared: list[tuple[rq.Request, ...]] = list(one.witness.prepared)
        if not prepared[empty]:
            continue
        prepared[empty] = ()
        found = _in_worlds_prepared(noticed, wanted, one, (prepared[0], prepared[1]), side)
        if found is not None and (found.contrast, found.says, found.other_says) == (
            one.contrast,
            one.says,
            one.other_says,
        ):
            one = found
    return one


def _in_worlds_prepared(
    noticed: Noticed, wanted: Wanted, one: RuleDifference, prepared: Prepared, side: int
) -> RuleDifference | None:
    witness = one.witness
    pair = prepare(starts(witness.editions, witness.kinds)[-1], prepared)
    for made in witness.trail:
        asked = ask(pair, made.requests)
        picks = _picks(asked, made.picks, None)
        if picks != made.picks:
            return None
        pair = after(asked, picks)
    return difference_at(noticed, wanted, evolve(ask(pair, witness.last), in_a_row=witness.in_a_row), one.rule, side)


def _picks(asked: Asked, wished: PickedByEach | None, random: Random | None) -> PickedByEach:
    """What the platform picks in both: what is wished for where it is allowed, and alike where that is."""
    grants = asked.decisions[0].grant, asked.decisions[1].grant
    picked: list[Picks | None] = [None, None]
    for side, grant in enumerate(grants):
        if grant is None:
            continue
        like = picked[0] if wished is None else wished[side]
        picked[side] = _allowed(grant, like, random)
    return picked[0], picked[1]


def _allowed(grant: Grant, like: Picks | None, random: Random | None) -> Picks:
    if like is not None:
        for one in (like, with_update_domains(grant, like)):
            if allows(grant, one):
                return {choice.name: one[choice.name] for choice in grant.choices}
    drawn = grant.sample((lambda lowest, _: lowest) if random is None else random.randint)
    # Ids without gaps, by which members are easily told.
    return {
        choice.name: next(choice.values()) if isinstance(choice, FreshIds) else drawn[choice.name]
        for choice in grant.choices
    }


def _about_the_first(step: Made) -> Made:
    """The same request about the member that a group made first, and nothing wished for."""
    one, other = step.requests
    if not hasattr(one, "name"):
        return evolve(step, picks=_NOTHING)
    changes: dict[str, Any] = {"name": _FIRST}
    return Made((evolve(one, **changes), evolve(other, **changes)), _NOTHING)


def _plainer(requests: Requests) -> Iterator[Requests]:
    """The same request with one field at its default, of itself or of its model, or fewer instances."""
    for changes in _changes(requests[0]):
        yield evolve(requests[0], **changes), evolve(requests[1], **changes)


def _changes(one: Any) -> Iterator[dict[str, Any]]:
    for field in attrs.fields(type(one)):
        value = getattr(one, field.name)
        if isinstance(value, Profile):
            yield from ({field.name: evolve(value, **changes)} for changes in _changes(value))
        if field.default is attrs.NOTHING or isinstance(field.default, attrs.Factory):  # type: ignore[arg-type] # it is
            continue
        smaller = range(1, value) if field.name == "capacity" and isinstance(value, int) else ()
        yield from ({field.name: other} for other in (field.default, *smaller) if other != value)
