"""Every rule that a typed request can exercise is exercised, in every direction that it has."""

from __future__ import annotations

import pytest

from vmss_invariants.coverage import COVERED_SECTIONS, NOT_IN_THE_TYPED_MODEL, RESTATED, RuleCoverage, directions_of
from vmss_invariants.steps import take_step
from vmss_invariants.verify import Report
from vmss_invariants.walker import new_world
from vmss_model import requests as rq
from vmss_model.editions import edition
from vmss_model.rules import RULES, Direction
from vmss_model.values import GroupKind
from vmss_model.world import GroupKey

FLEXIBLE = rq.CreateGroup(key=GroupKey("rg", "g"), kind=GroupKind.FLEXIBLE, single_placement_group=True)


def covered(*requests: rq.Request) -> RuleCoverage:
    coverage = RuleCoverage()
    world = new_world(edition("2021-02"))
    for request in requests:
        step = take_step(world, request, lambda lowest, _highest: lowest)
        coverage.note(step)
        world = step.after
    return coverage


def test_every_rule_is_exercised(report: Report) -> None:
    """No rule of the covered sections is left out in a direction that the catalogue says it has."""
    assert [f"{rule} {direction.value}" for rule, direction in report.coverage.missing()] == []


def test_no_rule_refuses_that_only_grants(report: Report) -> None:
    """The catalogue's directions are those of the model: a rule that refuses is said to refuse."""
    assert [rule for rule, _ in report.coverage.unexpected()] == []


def test_exceptions_are_needed(report: Report) -> None:
    """What is said to be out of reach exists, is in a covered section, and really was not reached."""
    for rule, direction in NOT_IN_THE_TYPED_MODEL:
        assert RULES[rule].section in COVERED_SECTIONS
        assert direction in RULES[rule].directions
        assert report.coverage.count(rule, direction) == 0


def test_restated_rules_exist() -> None:
    """A restated row and the rules that it restates are rules of the row's edition."""
    for row, rules in RESTATED.items():
        assert RULES[row].editions == ("2019-10",)
        assert all("2019-10" in RULES[rule].editions for rule in rules)


def test_an_unexercised_rule_is_missed() -> None:
    """Coverage of nothing misses every rule in each of its directions."""
    missing = RuleCoverage().missing()

    assert ("DELETE-NONEMPTY-REJECTED", Direction.REFUSES) in missing
    assert ("DELETE-NONEMPTY-REJECTED", Direction.GRANTS) in missing
    assert ("MODE-IMMUTABLE", Direction.GRANTS) not in missing


def test_a_refused_request_grants_nothing() -> None:
    """Rules that held beside one that refused are not counted as having granted."""
    step = take_step(new_world(edition("2021-02")), FLEXIBLE, lambda lowest, _highest: lowest)
    seen = directions_of(step)

    assert ("SPG-FLEX", Direction.REFUSES) in seen
    assert ("REG-REQUIRED", Direction.REFUSES) in seen
    assert "MODE-2021" in step.decision.held
    assert {direction for _, direction in seen} == {Direction.REFUSES}


def test_bounding_a_choice_counts_as_granting() -> None:
    """The rule that bounds when a registration ends granted."""
    assert covered(rq.RegisterFeature("VMOrchestratorMultiFD")).count("REG-DELAY", Direction.GRANTS) == 1


def test_restated_rows_count_in_their_edition_only() -> None:
    """A rule exercised in 2021 is no evidence for a row of the 2019 table."""
    coverage = covered(rq.CreateGroup(key=GroupKey("rg", "g"), kind=GroupKind.UNIFORM))

    assert coverage.count("MODE-2021", Direction.GRANTS) == 1
    assert coverage.count("CAPS-2019-CAPACITY", Direction.GRANTS) == 0


def test_the_table_shows_every_covered_rule(report: Report) -> None:
    """One line a rule, with a dash where it has no such direction and never showed one."""
    lines = report.coverage.table().splitlines()
    expected = [rule.id for rule in RULES.values() if rule.section in COVERED_SECTIONS]

    assert [line.split()[0] for line in lines[1:]] == expected
    assert next(line for line in lines if line.startswith("SPG-UNIFORM ")).split()[2] == "-"


@pytest.mark.parametrize("direction", Direction)
def test_counts_add_up(direction: Direction) -> None:
    """Merging adds the counts of both."""
    first, second = covered(FLEXIBLE), covered(FLEXIBLE, rq.RegisterFeature("VMOrchestratorMultiFD"))
    before = first.count("REG-DELAY", direction), first.count("E4", direction)
    first.merge(second)

    assert first.count("REG-DELAY", direction) == before[0] + (direction is Direction.GRANTS)
    assert first.count("E4", direction) == before[1] * 2
