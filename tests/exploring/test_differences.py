"""Two editions compared: by value, and by the fewest requests that only one of them grants."""

from __future__ import annotations

from itertools import combinations

import pytest
from attrs import evolve

from vmss_invariants.differences import SUCCESSOR, Differences, compare
from vmss_invariants.exploring.sides import FOLLOWED
from vmss_model.editions import EDITIONS, Edition
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

FEW = evolve(FOLLOWED, twists=0)
"""Only plain groups are followed: enough for what the first request shows."""


NEVER_ASKED = frozenset({"FD-EXPLICIT"})
"""Says of Uniform groups that nobody names a fault domain; nor can anybody, since nobody creates their VMs."""


@pytest.fixture(scope="module")
def of_stack() -> Differences:
    """Azure Stack of 2018 against 2021: one pair of kinds, whose requests are compared in plain groups."""
    return compare("2018-06-stack", "2021-02", followed=FEW)


def test_an_edition_does_not_differ_from_itself() -> None:
    """Neither by value nor by behaviour."""
    for name in EDITIONS:
        found = compare(name, name)
        assert (found.values, found.behaviours, found.unpaired, found.unshown) == ((), (), (), ())


def test_kinds_are_paired_with_their_successors() -> None:
    """Either way round; a kind that has none is named."""
    forth, back = (compare(one, two, limit_seconds=0) for one, two in (("2019-10", "2021-02"), ("2021-02", "2019-10")))

    assert dict(forth.pairs) == SUCCESSOR
    assert {(two, one) for one, two in back.pairs} == set(forth.pairs)
    assert forth.unpaired == back.unpaired == (("2021-02", GroupKind.AVAILABILITY_SET),)
    assert not forth.exhausted


def test_values_that_differ_are_named_with_their_rules() -> None:
    """What is silent in one edition is said to be; the rules' names alone are no difference."""
    found = compare("2019-10", "2021-02", limit_seconds=0)
    of_vm = {one.name: one for one in found.values if one.kinds == (GroupKind.VM, GroupKind.FLEXIBLE)}

    assert (of_vm["capacity"].first, of_vm["capacity"].second) == ("0 to 200", "0 to 1000")
    assert of_vm["capacity"].rules == ("CAP-VM-2019", "CAP-FLEX")
    assert (of_vm["spreads_domains"].first, of_vm["spreads_domains"].second) == ("silent", "yes")
    assert "joining" not in of_vm
    assert "capacity" not in {one.name for one in found.values if one.kinds and one.kinds[0] is GroupKind.SCALE_SET_VM}
    assert {rule for one in found.values for rule in one.rules} <= set(RULES)


def test_each_behaviour_is_shown_once_with_its_rule(of_stack: Differences) -> None:
    """By the edition that refuses; each rule is one of the catalogue."""
    shown = [(rule, one.refuses) for one in of_stack.behaviours for rule in one.rules]

    assert of_stack.exhausted
    assert ("STACK-MARKETPLACE", "2018-06-stack") in shown
    assert ("STACK-NO-AUTOSCALE", "2018-06-stack") in shown
    assert ("FDCOUNT-UNIFORM", "2021-02") in shown
    assert ("ZONES-UNIFORM", "2021-02") in shown
    assert len({one.rules for one in of_stack.behaviours}) == len(of_stack.behaviours)
    assert {rule for rule, _ in shown} <= set(RULES)
    assert {one.grants for one in of_stack.behaviours} == {"2018-06-stack", "2021-02"}
    assert all(
        RULES[one.rules[0]].editions and one.refuses in RULES[one.rules[0]].editions for one in of_stack.behaviours
    )


def test_sequences_are_shortest(of_stack: Differences) -> None:
    """One request where one is enough, and no more than is needed in it."""
    lines = {one.rules[0]: one.witness.lines for one in of_stack.behaviours}

    assert lines["STACK-MARKETPLACE"] == ("CreateGroup(key=rg/g, kind=Uniform, profile=Profile())",)
    assert lines["FDCOUNT-UNIFORM"] == ("CreateGroup(key=rg/g, kind=Uniform, fault_domain_count=6, profile=Profile())",)
    assert len(lines["DELETE-ONE"] if "DELETE-ONE" in lines else lines["CAPS-MIXED-OS"]) <= 2


def test_it_is_the_same_the_other_way_round() -> None:
    """The same rules, refused by the same editions."""
    forth, back = (
        compare(one, two, followed=FEW) for one, two in (("2018-06-stack", "2021-02"), ("2021-02", "2018-06-stack"))
    )

    def refusals(found: Differences) -> set[tuple[tuple[str, ...], str]]:
        return {(one.rules, one.refuses) for one in found.behaviours}

    assert len(refusals(forth)) > 5
    assert refusals(back) == refusals(forth)
    assert set(back.unshown) == set(forth.unshown)


def test_a_later_difference_is_found_in_the_worlds_that_follow() -> None:
    """FD-SPREAD shows only with the second VM, and CAP-VM-2019 with the one after the 200th."""
    found = compare("2019-10", "2021-02", followed=FEW)
    lines = {rule: one.witness.lines for one in found.behaviours for rule in one.rules}

    assert [line.partition("(")[0] for line in lines["FD-SPREAD"]] == ["CreateGroup", "CreateVm", "CreateVm"]
    assert lines["CAP-VM-2019"][-1].endswith("the last of 201 VMs")
    assert {one.witness.preparation != () for one in found.behaviours if one.kinds[1] is GroupKind.UNIFORM} == {False}


def test_what_is_switched_off_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without STACK-NO-AUTOSCALE there is one difference less: nothing else refuses it."""
    before = compare("2018-06-stack", "2021-02", followed=FEW)
    lenient = EDITIONS["2018-06-stack"].without("STACK-NO-AUTOSCALE")

    def named(name: str) -> Edition:
        return lenient if name == lenient.name else EDITIONS[name]

    monkeypatch.setattr("vmss_invariants.differences.edition", named)
    monkeypatch.setattr("vmss_invariants.exploring.bounds.edition", named)
    after = compare("2018-06-stack", "2021-02", followed=FEW)

    assert {one.rules for one in before.behaviours} - {one.rules for one in after.behaviours} == {
        ("STACK-NO-AUTOSCALE",)
    }


@pytest.mark.parametrize(("first", "second"), list(combinations(EDITIONS, 2)))
def test_every_differing_rule_has_a_witness_that_replays(first: str, second: str) -> None:
    """Of any two editions: made again from the beginning, both say to the last request what is said of it."""
    found = compare(first, second, followed=FEW if first == "2021-02" else FOLLOWED)

    assert set(found.unshown) <= NEVER_ASKED
    for one in found.behaviours:
        granting = found.first == one.grants
        grants, refuses = one.witness.replayed()[:: 1 if granting else -1]
        narrowed = refuses.grant is not None and bool(refuses.grant.choices)
        assert grants.grant is not None
        assert narrowed or {rule for refusal in refuses.refusals for rule in refusal.rules} >= set(one.rules)
    for spoken in found.spoken:
        side = (first, second).index(spoken.edition)
        decisions = spoken.witness.replayed()
        rules = [{*one.held, *(rule for refusal in one.refusals for rule in refusal.rules)} for one in decisions]
        assert spoken.rule in rules[side] - rules[1 - side]


def test_the_json_says_all(of_stack: Differences) -> None:
    """Counts and names as they are."""
    told = of_stack.to_json()

    assert len(told["values"]) == len(of_stack.values)
    assert [one["requests"] for one in told["behaviours"]] == [list(one.witness.lines) for one in of_stack.behaviours]
    assert evolve(of_stack, behaviours=()).to_json()["behaviours"] == []
