"""Refinements narrow what the documents leave open to what was recorded, and nothing else."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import RECORDINGS, needs_recordings

from vmss_model import Decision, GroupKey, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.oracle.arm import member_reads
from vmss_model.oracle.judge import judge_paths
from vmss_model.oracle.ledger import bundled_ledger
from vmss_model.refinements import (
    REFINEMENTS,
    RecordedVictims,
    UnknownRefinementError,
    decide_refined,
    refinement,
)
from vmss_model.values import GroupKind

KEY = GroupKey("rg", "uni")
CREATE = rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, fault_domain_count=5, single_placement_group=True, capacity=5)
ALL = tuple(REFINEMENTS.values())


def grown(capacity: int) -> World:
    """A world with a Uniform group of that many instances, placed as recorded."""
    world = World(edition("2021-07"))
    decision = decide_refined(world, CREATE, ALL)
    assert decision.grant is not None
    world = evolve_all(world, decision.grant.events(decision.grant.sample(lambda low, _: low)))
    return world if capacity == 5 else after(world, rq.SetCapacity(KEY, capacity))


def after(world: World, request: rq.Request) -> World:
    """The world after a granted request, by the recorded habits."""
    decision = decide_refined(world, request, ALL)
    assert decision.grant is not None
    return evolve_all(world, decision.grant.events(decision.grant.sample(lambda low, _: low)))


def sampled(decision: Decision, seed: int) -> dict[str, object]:
    """Picks of a refined decision."""
    assert decision.grant is not None
    return decision.grant.sample(random.Random(seed).randint)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2**16))
def test_a_refinement_only_narrows(before: int, asked: int, seed: int) -> None:
    """Every pick of the refined choices is one that the documents allow."""
    world = grown(before) if before else World(edition("2021-07"))
    request: rq.Request = rq.SetCapacity(KEY, asked) if before else CREATE
    picks = sampled(decide_refined(world, request, ALL), seed)
    grant = decide(world, request).grant
    assert grant is not None
    assert all(choice.allows(picks[choice.name]) for choice in grant.choices)


def test_without_a_refinement_the_decision_is_that_of_the_documents() -> None:
    """No refinement is on unless it is named."""
    world = World(edition("2021-07"))
    assert decide_refined(world, CREATE, ()) == decide(world, CREATE)


def test_ids_follow_one_another_and_domains_are_the_id_modulo_five() -> None:
    """As recorded: ids 0 to n - 1, instance k in fault domain k mod 5."""
    group = grown(12).groups[KEY]
    assert {name: one.fault_domain for name, one in group.members.items()} == {str(k): k % 5 for k in range(12)}


def test_a_scale_in_takes_from_the_doubled_domain() -> None:
    """From 6 to 5, instance 0 or 5 goes: they share fault domain 0."""
    world = grown(6)
    decision = decide_refined(world, rq.SetCapacity(KEY, 5), ALL)
    assert decision.grant is not None
    assert set(decision.grant.choices[0].values()) == {("0",), ("5",)}


def test_with_even_domains_the_highest_id_goes() -> None:
    """From 5 to 4, instance 4 goes."""
    decision = decide_refined(grown(5), rq.SetCapacity(KEY, 4), ALL)
    assert decision.grant is not None
    assert list(decision.grant.choices[0].values()) == [("4",)]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=7), st.integers(1, 7))
def test_victims_are_those_that_some_order_of_recorded_removals_takes(domains: list[int], size: int) -> None:
    """The predicate agrees with following every order of removals, one by one."""
    size = min(size, len(domains))
    members = tuple((str(number), domain) for number, domain in enumerate(domains))
    choice = RecordedVictims("removed", members, size)
    reachable: set[frozenset[str]] = set()

    def follow(remaining: frozenset[tuple[str, int]], gone: frozenset[str]) -> None:
        if len(gone) == size:
            reachable.add(gone)
            return
        loads = {domain: sum(1 for one in remaining if one[1] == domain) for _, domain in remaining}
        top = max(loads.values())
        even = len(loads) > 1 and min(loads.values()) == top
        options = (
            [max(remaining, key=lambda one: int(one[0]))] if even else [o for o in remaining if loads[o[1]] == top]
        )
        for option in options:
            follow(remaining - {option}, gone | {option[0]})

    follow(frozenset(members), frozenset())
    for names in combinations([name for name, _ in members], size):
        assert choice.allows(names) == (frozenset(names) in reachable)


def test_an_unknown_refinement_is_named_with_those_there_are() -> None:
    """The error lists every refinement."""
    with pytest.raises(UnknownRefinementError, match="placement-by-id"):
        refinement("no-such-habit")


def broken_habits() -> int:
    """How many recorded reads of an instance contradict the placement by id."""
    report = judge_paths([RECORDINGS], None, bundled_ledger(), refinements=frozenset({"placement-by-id"}))
    return sum("placement-by-id" in one.finding.rules for _, one in report.violations)


@needs_recordings
def test_every_recorded_instance_stands_where_the_refinement_says() -> None:
    """The recordings at hand hold none of the known exceptions of before June 2016."""
    assert broken_habits() == 0


@needs_recordings
def test_a_habit_that_is_off_by_one_is_contradicted_by_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the agreement above is one of many observations, not of none."""
    monkeypatch.setattr(member_reads, "recorded_domain", lambda instance_id, **_: (instance_id + 1) % 5)
    assert broken_habits() >= 60
