"""What is ruled out by the sort of a step is never said of such a step."""

from __future__ import annotations

from functools import cache

import pytest

from vmss_invariants.catalogue import INVARIANTS, StepInvariant
from vmss_invariants.documented_grants import SPEAKS
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.predicates_documented import CONDITIONS
from vmss_invariants.probing import Outcome, Sort, can_speak, outcome_of, sort_of
from vmss_invariants.steps import Step
from vmss_invariants.tour import Tour
from vmss_invariants.walker import Walker
from vmss_model import requests as rq
from vmss_model.choices import Draw
from vmss_model.editions import EDITIONS, edition
from vmss_model.values import GroupKind

CONCERNS = {one.id: one.concerns for one in INVARIANTS.values() if isinstance(one, StepInvariant)}


@cache
def steps_of(name: str, kind: GroupKind) -> tuple[Step, ...]:
    """The steps of the tour for a kind of group, but for those that fill it."""
    steps: list[Step] = []

    class Collecting(Walker):
        """A walker that keeps its steps."""

        def take(self, request: rq.Request, draw: Draw) -> Step:
            steps.append(super().take(request, draw))
            return steps[-1]

    Tour(lambda: Collecting(edition(name), (kind,), skipped=frozenset(INVARIANTS)), kind).walk()
    return tuple(steps)


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_what_is_ruled_out_by_its_sort_is_never_said_of_a_step(name: str, kind: GroupKind) -> None:
    """Every predicate of every step invariant, and every condition of the documents, on every step of the tour."""
    alike: dict[Sort, list[Step]] = {}
    for step in steps_of(name, kind):
        alike.setdefault(sort_of(step), []).append(step)
    ruled_out = 0
    for sort, steps in alike.items():
        unknown_outcome = (sort[0], sort[1], Outcome.OTHER)
        silent = {what: one for what, one in CONCERNS.items() if not can_speak(one, edition(name), sort)}
        for what, condition in {**CONDITIONS, **SPEAKS}.items():
            if not can_speak(condition, edition(name), unknown_outcome):
                silent[what] = condition
        ruled_out += len(silent)
        assert [what for what, speaks in silent.items() if any(map(speaks, steps))] == []
    assert ruled_out


def test_a_predicate_that_looks_further_is_asked_every_time() -> None:
    """At the world, at the request's fields, at a group's fields, or at whether there is a group."""
    sort = (GroupKind.UNIFORM, rq.GetGroup, Outcome.OTHER)
    now = EDITIONS["2021-07"]

    def never(step: Step) -> bool:
        return isinstance(step.request, rq.CreateGroup) and step.before.clock > 0

    assert not can_speak(never, now, sort)
    assert can_speak(lambda step: step.before.clock < 0, now, sort)
    assert can_speak(lambda step: getattr(step.request, "name", None) == "a", now, sort)
    assert can_speak(lambda step: step.group_before is not None and bool(step.group_before.zones), now, sort)
    assert can_speak(lambda step: step.group_before is None, now, sort)
    assert can_speak(lambda step: step.granted, now, sort)
    assert not can_speak(lambda step: step.granted, now, (GroupKind.UNIFORM, rq.GetGroup, Outcome.NOTHING))


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_the_outcome_says_what_it_stands_for(name: str, kind: GroupKind) -> None:
    """What is refused changes nothing; what is granted without events leaves the very same world."""
    seen = set()
    for step in steps_of(name, kind):
        outcome = outcome_of(step)
        seen.add(outcome)
        if outcome is not Outcome.OTHER:
            assert step.after is step.before
            assert (step.survivors, step.changed_members, step.changed_groups) == ((), (), ())
            assert (step.joined, step.left) == ((), ())
        assert step.granted is (outcome is Outcome.SAME) or outcome is Outcome.OTHER
    assert seen == set(Outcome)
