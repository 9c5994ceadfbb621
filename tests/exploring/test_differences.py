"""Two editions compared: by value, and by the fewest requests that they decide otherwise by each differing rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import combinations, pairwise

import pytest
from attrs import evolve
from tests.support import recorded

from vmss_invariants.contrasts import Sort, named, outcome
from vmss_invariants.coverage import RESTATED
from vmss_invariants.differences import SUCCESSOR, Differences, compare, sequence, together
from vmss_invariants.exploring.sides import FOLLOWED
from vmss_invariants.exploring.witness import RuleDifference
from vmss_model.decisions import Decision
from vmss_model.editions import EDITIONS, Edition
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

FEW = evolve(FOLLOWED, twists=0)
"""Only plain groups are followed: enough for what the first request shows."""
NEIGHBOURS = tuple(pairwise(EDITIONS))
"""Each edition and the next."""
NAMED_BY_BOTH = frozenset({"E3"})
"""The text of a refusal by which 2019-10 refuses, too, although it is recorded of later years alone."""


@cache
def plainly_compared(first: str, second: str) -> Differences:
    """Two editions, compared in plain groups once for all tests."""
    return compare(first, second, followed=FEW)


@cache
def compared(first: str, second: str) -> Differences:
    """Two editions, compared once for all tests: neighbours in full, others in plain groups."""
    return compare(first, second) if (first, second) in NEIGHBOURS else plainly_compared(first, second)


@pytest.fixture
def of_stack() -> Differences:
    """Azure Stack of 2018 against 2021."""
    return compared("2018-06-stack", "2021-02")


def test_an_edition_does_not_differ_from_itself() -> None:
    """Neither by value nor by rule."""
    for name in EDITIONS:
        found = compare(name, name)
        assert (found.values, found.rules, found.shown, found.unpaired, found.unshown) == ((), (), (), (), ())


def test_kinds_are_paired_with_their_successors() -> None:
    """Either way round; a kind that has none is named."""
    forth, back = (compare(one, two, limit_seconds=0) for one, two in (("2019-10", "2021-02"), ("2021-02", "2019-10")))

    assert dict(forth.pairs) == SUCCESSOR
    assert {(two, one) for one, two in back.pairs} == set(forth.pairs)
    assert forth.unpaired == back.unpaired == (("2021-02", GroupKind.AVAILABILITY_SET),)
    assert not forth.exhausted


def test_the_differing_rules_are_those_of_one_edition_and_of_differing_values() -> None:
    """Whether or not a request shows them."""
    for first, second in combinations(EDITIONS, 2):
        found = compare(first, second, limit_seconds=0)
        of_one = {rule.id for rule in RULES.values() if (first in rule.editions) != (second in rule.editions)}
        assert set(found.rules) == of_one | {rule for one in found.values for rule in one.rules}
        assert {one.rule for one in found.shown} | {one.rule for one in found.unshown} == set(found.rules)


def test_every_rule_is_shown_once(of_stack: Differences) -> None:
    """By an edition that has it, or whose values name it."""
    shown = {one.rule: one for one in of_stack.shown}
    stated = {rule for one in of_stack.values for rule in one.rules}

    assert of_stack.exhausted
    assert len(shown) == len(of_stack.shown)
    assert shown["STACK-MARKETPLACE"].sort is Sort.REFUSES
    assert shown["STACK-NO-AUTOSCALE"].edition == "2018-06-stack"
    assert shown["FDCOUNT-UNIFORM"].edition == shown["ZONES-UNIFORM"].edition == "2021-02"
    assert all(one.edition in RULES[rule].editions or rule in stated for rule, one in shown.items())
    assert {one.edition for one in of_stack.shown} == {"2018-06-stack", "2021-02"}


def test_sequences_are_shortest(of_stack: Differences) -> None:
    """One request where one is enough, and no more than is needed in it."""
    lines = {one.rule: one.witness.lines for one in of_stack.shown}

    assert lines["STACK-MARKETPLACE"] == ("CreateGroup(key=rg/g, kind=Uniform, profile=Profile())",)
    assert lines["FDCOUNT-UNIFORM"] == ("CreateGroup(key=rg/g, kind=Uniform, fault_domain_count=6)",)
    assert max(map(len, lines.values())) <= 5


def test_worlds_are_prepared_where_that_makes_a_difference(of_stack: Differences) -> None:
    """A rule is not shown by what is refused because nothing is prepared, unless that is what it is about."""
    for one in of_stack.shown:
        refusing = {rule for decision in one.witness.replayed() for each in decision.refusals for rule in each.rules}
        if "STACK-MARKETPLACE" in refusing or "REG-REQUIRED" in refusing:
            assert one.rule in refusing
    assert {"2018-06-stack"} == set(
        next(one for one in of_stack.shown if one.rule == "FDCOUNT-UNIFORM").witness.preparation
    )


def test_it_is_the_same_the_other_way_round() -> None:
    """The same rules are shown."""
    one, other = "2017-05", "2018-06-stack"
    forth, back = plainly_compared(one, other), plainly_compared(other, one)

    assert {one.rule for one in back.shown} == {one.rule for one in forth.shown}
    assert {(one.rule, one.edition, one.sort) for one in back.shown if one.contrast.rank == 0} == {
        (one.rule, one.edition, one.sort) for one in forth.shown if one.contrast.rank == 0
    }
    assert back.unshown == forth.unshown


def test_what_is_switched_off_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without STACK-NO-AUTOSCALE it is no rule of that edition any more, and nothing else changes."""
    before = plainly_compared("2017-05", "2018-06-stack")
    lenient = EDITIONS["2018-06-stack"].without("STACK-NO-AUTOSCALE")

    def named_so(name: str) -> Edition:
        return lenient if name == lenient.name else EDITIONS[name]

    monkeypatch.setattr("vmss_invariants.differences.edition", named_so)
    monkeypatch.setattr("vmss_invariants.exploring.bounds.edition", named_so)
    after = compare("2017-05", "2018-06-stack", followed=FEW)

    assert {one.rule for one in before.shown} - {one.rule for one in after.shown} == {"STACK-NO-AUTOSCALE"}
    assert set(before.rules) - set(after.rules) == {"STACK-NO-AUTOSCALE"}


# -- witnesses -------------------------------------------------------------------------------------


def _same_thing_follows(mine: Decision, other: Decision, kinds: tuple[GroupKind, GroupKind]) -> bool:
    return mine.grant is None or other.grant is None or outcome(mine.grant, other.grant, kinds) is None


HOLDS: Mapping[Sort, Callable[[Decision, Decision], bool]] = {
    Sort.REFUSES: lambda mine, other: mine.refused and other.grant is not None and not other.open,
    Sort.RULES_OUT: lambda mine, other: mine.refused and other.grant is not None and bool(other.open),
    Sort.NARROWS: lambda mine, other: mine.grant is not None and bool(mine.grant.choices) and other.grant is not None,
    Sort.GRANTS: lambda mine, other: mine.grant is not None and other.refused,
    Sort.HOLDS: lambda mine, other: mine.grant is not None and other.refused,
    Sort.SILENT: lambda mine, other: not mine.silent and bool(other.silent),
    Sort.ALONE: lambda mine, _: not mine.silent,
    Sort.FOLLOWS: lambda mine, other: mine.grant is not None and other.grant is not None,
    Sort.OPEN: lambda mine, other: mine.grant is not None and not mine.open and bool(other.open),
    Sort.OTHERWISE: lambda mine, other: mine.refused and other.refused,
    Sort.ALIKE: lambda mine, other: mine.grant is not None and other.grant is not None,
    Sort.STATES: lambda mine, other: mine.grant is not None and other.grant is not None,
}
"""What each sort says of the decisions of the edition that has the rule, and of the other one."""


def _replays(one: RuleDifference) -> None:
    """Made again from the beginning, both editions decide as it is told, and only one by the rule."""
    side = one.witness.editions.index(one.edition)
    decisions = one.witness.replayed()
    mine, other = decisions[side], decisions[1 - side]
    rule = one.restates or one.rule

    assert rule in named(mine)
    assert rule not in named(other)
    assert HOLDS[one.sort](mine, other), one
    if one.sort is Sort.FOLLOWS:
        kinds = one.kinds if side == 0 else one.kinds[::-1]
        assert not _same_thing_follows(mine, other, kinds)
    left_behind = any(made.picks[1 - side] is None and made.picks[side] is not None for made in one.witness.trail)
    assert left_behind or one.sort is not Sort.ALONE
    assert (one.edition in one.sentence) or "both" in one.sentence
    # What is printed is all that was made.
    assert len(one.witness.lines) == len(one.witness.trail) + 2 - one.witness.in_a_row
    assert {name for name, made in zip(one.witness.editions, one.witness.prepared, strict=True) if made} == set(
        one.witness.preparation
    )


@pytest.mark.parametrize(("first", "second"), list(combinations(EDITIONS, 2)))
def test_every_differing_rule_has_a_witness_that_replays(first: str, second: str) -> None:
    """Of any two editions; but for rules by which both decide, or that say again what such rules say."""
    found = compared(first, second)

    assert {one.rule for one in found.unshown} <= NAMED_BY_BOTH | {
        again
        for again, rules in RESTATED.items()
        if all({first, second} <= set(RULES[rule].editions) for rule in rules)
    }
    assert all("none of the requests" not in one.why for one in found.unshown)
    for one in found.shown:
        _replays(one)


@pytest.mark.parametrize(("first", "second"), NEIGHBOURS)
def test_the_recorded_differences_are_those_of_this_code(first: str, second: str) -> None:
    """What the pages show of each edition and the next is what is found now."""
    (shown,) = (one for one in recorded().differences if (one["first"], one["second"]) == (first, second))
    found = compared(first, second).to_json()

    assert {name: found[name] for name in shown if name != "neighbours"} == {
        name: value for name, value in shown.items() if name != "neighbours"
    }


def test_a_later_difference_is_found_in_the_worlds_that_follow() -> None:
    """FD-SPREAD shows only with the second VM, and CAP-VM-2019 with the one after the 200th."""
    found = {one.rule: one for one in compared("2019-10", "2021-02").shown}

    requests = [line.partition("(")[0] for line in found["FD-SPREAD"].witness.lines]
    assert requests == ["CreateGroup", "CreateVm", "CreateVm"]
    assert found["FD-SPREAD"].says == "fault domain 0 is not allowed; allowed: fault domain 1"
    assert found["CAP-VM-2019"].witness.lines[-1].endswith("the last of 201 VMs")
    assert not any(one.witness.preparation for one in found.values() if one.kinds[1] is GroupKind.UNIFORM)


def test_rollouts_are_compared() -> None:
    """What a rule says of batches and gates decides otherwise than an edition that says nothing of them."""
    found = {one.rule: one for one in compared("2021-02", "2021-07").shown}

    assert {rule: found[rule].sort for rule in ("OSU-BATCH", "OSU-PRECHECK", "OSU-STOP-OVERALL")} == {
        "OSU-BATCH": Sort.NARROWS,
        "OSU-PRECHECK": Sort.REFUSES,
        "OSU-STOP-OVERALL": Sort.REFUSES,
    }


# -- told ------------------------------------------------------------------------------------------


def test_the_json_says_all(of_stack: Differences) -> None:
    """Counts and names as they are; what is told together is told of every rule once."""
    told = of_stack.to_json()

    assert len(told["values"]) == len(of_stack.values)
    assert [one["requests"] for one in told["shown"]] == [list(one.witness.lines) for one in of_stack.shown]
    alike = list(together(told["shown"]))
    assert sorted(one["rule"] for some in alike for one in some) == sorted(one.rule for one in of_stack.shown)
    assert all(len({sequence(one) for one in some}) == 1 for some in alike)
    assert evolve(of_stack, shown=()).to_json()["shown"] == []


def test_each_edition_is_asked_by_its_own_name_of_the_kind() -> None:
    """Where the kinds have different names, a new group is told with both."""
    found = compared("2018-06-stack", "2019-10")
    created = [
        line
        for one in found.shown
        if one.kinds == (GroupKind.UNIFORM, GroupKind.SCALE_SET_VM) and one.rule != "MODE-2019"
        for line in one.witness.lines
        if line.startswith("CreateGroup(")
    ]

    assert created
    assert all(
        line.partition(" -> ")[0].endswith(", in 2019-10 kind=ScaleSetVM") == ("kind=Uniform" in line)
        for line in created
    )
