"""Rollouts as traces: what the model can do conforms, and each kind of wrong breaks the rule that forbids it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_model.oracle import Finding, Granted, Oracle, Verdict

from .rollout_mutations import KINDS, Mutation
from .rollouts import Step, played

TRACES = 100
"""How many traces of fixed seeds the table is made of."""
PER_TRACE = 3
"""How many places of a kind are tried in each of them."""
AT_LEAST = 12
"""How often each kind must have been applied: fewer means that eligible places are not found any more."""


@st.composite
def traces(draw: st.DrawFn) -> tuple[list[Step], random.Random]:
    """A lawful trace, and where further choices come from."""
    chance = draw(st.randoms(use_true_random=False))
    return played(chance), chance


def judged(steps: list[Step]) -> list[tuple[Oracle, Finding]]:
    """The oracle before each step, and its finding on it."""
    oracle, found = Oracle(steps[0].before), list[tuple[Oracle, Finding]]()
    for step in steps:
        after, finding = oracle.observe(step.request, step.outcome)
        found.append((oracle, finding))
        oracle = after
    return found


def places(steps: list[Step]) -> dict[str, list[tuple[int, Mutation]]]:
    """The mutations of each kind that a trace is eligible for, each with the step that it replaces."""
    found: dict[str, list[tuple[int, Mutation]]] = defaultdict(list)
    for at, step in enumerate(steps):
        for kind, maker in KINDS.items():
            for mutation in maker(step):
                found[kind].append((at, mutation))
    return found


def noticed(oracle: Oracle, mutation: Mutation) -> Finding | None:
    """The finding, where it is a violation of the right rule."""
    finding = oracle.observe(mutation.request, mutation.outcome)[1]
    return finding if finding.verdict is Verdict.VIOLATES and mutation.rule in finding.rules else None


@settings(max_examples=60, deadline=None)
@given(traces())
def test_every_step_of_a_lawful_trace_conforms(drawn: tuple[list[Step], random.Random]) -> None:
    """What the model itself does conforms, but for steps that no rule speaks of, which are unknown."""
    steps, _ = drawn
    for step, (_, finding) in zip(steps, judged(steps), strict=True):
        expected = Verdict.CONFORMS if step.spoken_of else Verdict.UNKNOWN
        assert finding.verdict is expected, (step.request, step.outcome, finding)


@settings(max_examples=60, deadline=None)
@given(traces())
def test_a_lawful_trace_told_in_part_never_violates(drawn: tuple[list[Step], random.Random]) -> None:
    """Where batches, restores, orders, ids or places are not told, nothing lawful is taken for a violation."""
    steps, chance = drawn
    oracle = Oracle(steps[0].before)
    for step in steps:
        outcome = step.outcome
        if isinstance(outcome, Granted) and outcome.answer is None:
            outcome = Granted({name: value for name, value in outcome.picks.items() if chance.random() < 0.8})
        oracle, finding = oracle.observe(step.request, outcome)
        assert finding.verdict is not Verdict.VIOLATES, (step.request, outcome, finding)


@settings(max_examples=60, deadline=None)
@given(traces())
def test_each_kind_of_wrong_breaks_its_rule(drawn: tuple[list[Step], random.Random]) -> None:
    """At a random eligible place of a lawful trace every kind of wrong violates the rule that forbids it."""
    steps, chance = drawn
    oracles = [oracle for oracle, _ in judged(steps)]
    for kind, eligible in places(steps).items():
        at, mutation = chance.choice(eligible)
        assert noticed(oracles[at], mutation) is not None, (kind, mutation)


def test_every_kind_of_wrong_is_tried_and_noticed() -> None:
    """Over traces of fixed seeds each kind is eligible often enough, and noticed every time."""
    made, seen, rules = Counter[str](), Counter[str](), defaultdict[str, set[str]](set)
    for seed in range(TRACES):
        chance = random.Random(seed)
        steps = played(chance)
        oracles = [oracle for oracle, _ in judged(steps)]
        for kind, eligible in places(steps).items():
            for at, mutation in chance.sample(eligible, min(PER_TRACE, len(eligible))):
                made[kind] += 1
                seen[kind] += noticed(oracles[at], mutation) is not None
                rules[kind].add(mutation.rule)
    width = max(map(len, KINDS))
    table = "\n".join(
        f"{kind:<{width}}  {made[kind]:>4}  {seen[kind]:>4}  {', '.join(sorted(rules[kind]))}" for kind in KINDS
    )
    print("\n" + table)
    assert all(made[kind] >= AT_LEAST for kind in KINDS), table
    assert made == seen, table
