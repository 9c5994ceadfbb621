"""The rules can hold together, each refuses something, and which of them another one makes superfluous."""

from __future__ import annotations

import pytest
import z3
from attrs import evolve

from vmss_invariants.invariant import Place
from vmss_invariants.proving import consistency
from vmss_invariants.proving.consistency import ConsistencyReport, Status, consistency_report, examined
from vmss_invariants.proving.realizing import Values
from vmss_invariants.proving.rule_sets import RuleSet, rule_sets
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES
from vmss_model.terms import Truth
from vmss_model.values import GroupKind
from vmss_model.world import World

UNIFORM = ("2021-07", GroupKind.UNIFORM)
REDUNDANT = {
    ("2019-10", "VM", "a group is created", "CAP-VM-2019", ("EMPTY-GROUP",)),
    ("2019-10", "VM", "a group is created", "AUTOSCALE", ("CAPS-2019-AUTOSCALE",)),
    ("2021-02", "Flexible", "a group is created", "CAP-FLEX", ("EMPTY-GROUP",)),
    ("2021-02", "Flexible", "a group is created", "AUTOSCALE", ("CAPS-AUTOSCALE",)),
    ("2021-02", "Flexible", "a VM joins", "ZONES-FLEX", ("SAME-PLACE",)),
    ("2021-02", "AvailabilitySet", "a group is created", "AUTOSCALE", ("CAPS-AUTOSCALE",)),
    ("2021-02", "AvailabilitySet", "a VM joins", "FD-EXPLICIT", ("CAPS-FD-ASSIGNMENT",)),
    ("2021-02", "AvailabilitySet", "a VM joins", "CAPS-FD-ASSIGNMENT", ("FD-EXPLICIT",)),
    ("2021-07", "Flexible", "a group is created", "CAP-FLEX", ("EMPTY-GROUP",)),
    ("2021-07", "Flexible", "a group is created", "AUTOSCALE", ("CAPS-AUTOSCALE",)),
    ("2021-07", "Flexible", "a VM joins", "ZONES-FLEX", ("SAME-PLACE",)),
    ("2021-07", "AvailabilitySet", "a group is created", "AUTOSCALE", ("CAPS-AUTOSCALE",)),
    ("2021-07", "AvailabilitySet", "a VM joins", "FD-EXPLICIT", ("CAPS-FD-ASSIGNMENT",)),
    ("2021-07", "AvailabilitySet", "a VM joins", "CAPS-FD-ASSIGNMENT", ("FD-EXPLICIT",)),
    ("2021-07", "Uniform", "a batch starts", "OSU-GROUP", ("OSU-BATCH",)),
}
"""What another rule refuses too: found, looked at, and as the documents have it."""
NEVER_REFUSES = {
    ("ScaleSetVM", "EMPTY-GROUP"): "a group that makes its members may be created with some",
    ("ScaleSetVM", "SPG-SSVM-2019"): "either value is supported",
    ("ScaleSetVM", "AUTOSCALE"): "the kind has autoscale",
    ("Uniform", "EMPTY-GROUP"): "a group that makes its members may be created with some",
    ("Uniform", "SPG-UNIFORM"): "either value can be chosen",
    ("Uniform", "HEALTH-SOURCE"): "either source may report",
    ("Uniform", "AUTOSCALE"): "the kind has autoscale",
}
"""Rules that only grant when a group is created, and why."""


@pytest.fixture(scope="module")
def report() -> ConsistencyReport:
    """All rules of all editions."""
    return consistency_report()


def test_the_rules_of_each_edition_can_hold_together(report: ConsistencyReport) -> None:
    """For each kind of request there is one that all rules grant; z3 found that out everywhere."""
    assert report.unknown == ()
    assert [(one.place, one.request, one.core) for one in report.contradictory] == []
    assert {one.place for one in report.sets} == {(one.name, kind) for one in EDITIONS.values() for kind in one.kinds}


def test_the_model_decides_each_witness_as_the_rules_do(report: ConsistencyReport) -> None:
    """What z3 says that all rules grant the model grants; what one alone refuses the model refuses by it alone."""
    assert report.disagreements == ()
    assert len(report.refusing) >= 75
    assert report.refusing <= RULES.keys()


def test_the_redundant_rules_are_these(report: ConsistencyReport) -> None:
    """What the list does not have refuses something by itself."""
    found = {
        (one.place[0], one.place[1].value, one.request, rule.rule, rule.implied_by) for one, rule in report.redundant
    }

    assert found == REDUNDANT


def test_the_rules_that_never_refuse_are_these(report: ConsistencyReport) -> None:
    """All of them belong to creations, and each has its reason; no rule is without any effect everywhere."""
    found = {(one.place[1].value, rule.rule) for one, rule in report.vacuous}

    assert found == NEVER_REFUSES.keys()
    assert {one.request for one, _ in report.vacuous} == {"a group is created"}
    assert {rule for _, rule in found} - report.refusing <= {"SPG-SSVM-2019", "SPG-UNIFORM"}


# -- the check can fail ----------------------------------------------------------------------------


def made_of(demands: tuple[tuple[str, Truth], ...], symbols: dict[str, object]) -> RuleSet:
    """A set of rules about numbers; the request that is made of them asks for nothing."""

    def nothing(_place: Place, _values: Values) -> tuple[World, rq.Request]:
        return World(EDITIONS["2021-07"]), rq.ListGroups("rg")

    return RuleSet(request="", place=UNIFORM, demands=demands, frame=(), symbols=symbols, realize=nothing)


def test_rules_that_contradict_each_other_are_named() -> None:
    """An unsatisfiable core: the two rules of three that cannot both hold."""
    number = z3.Int("number")
    demands = (("ONE", number > 10), ("TWO", number != 7), ("THREE", number < 5))
    found = examined(made_of(demands, {"number": number}))

    assert found.together is False
    assert set(found.core) == {"ONE", "THREE"}
    assert found.rules == ()


def test_statuses_are_told_apart() -> None:
    """A rule that refuses by itself, one that another one covers, one that cannot refuse."""
    number = z3.Int("number")
    demands = (("WIDE", number <= 10), ("NARROW", number <= 5), ("ALWAYS", number == number + 0))
    found = examined(made_of(demands, {"number": number}))

    assert {one.rule: (one.status, one.implied_by) for one in found.rules} == {
        "WIDE": (Status.REDUNDANT, ("NARROW",)),
        "NARROW": (Status.REFUSES, ()),
        "ALWAYS": (Status.NEVER, ()),
    }


@pytest.mark.parametrize("rule", ["OSU-WAIT", "OSU-STOP-OVERALL", "OSU-BATCH", "OSU-ZONES", "UPGRADE-ROLLING"])
def test_a_model_without_a_rule_disagrees(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the model does not refuse what the rule alone refuses, it is said."""

    def without(world: World, request: rq.Request) -> Decision:
        return decide(evolve(world, edition=world.edition.without(rule)), request)

    monkeypatch.setattr(consistency, "decide", without)
    (batch,) = (one for one in rule_sets(UNIFORM) if one.request == "a batch starts")
    said = {one.rule: one.model_says for one in examined(batch).rules if one.model_says}

    assert said.keys() == {rule}
    assert "the model does not refuse" in said[rule]


def test_what_takes_too_long_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time-out is neither agreement nor contradiction."""
    monkeypatch.setattr(consistency, "TIMEOUT", 1)
    x, y, z = z3.Ints("x y z")
    cubes = x * x * x + y * y * y == z * z * z
    rules = evolve(made_of((("CUBES", cubes),), {"x": x, "y": y, "z": z}), frame=(x > 0, y > 0, z > 0))
    found = examined(rules)

    assert found.together is None
    assert found.core == ()
    assert ConsistencyReport(sets=(found,)).unknown == ("2021-07 Uniform, ",)
