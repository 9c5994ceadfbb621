"""Whether instances can be placed: the answers are those of trying everything, and the placements can be made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any, cast

import pytest
import z3
from attrs import evolve
from hypothesis import given, settings
from tests.placing.questions import FEASIBLE, INFEASIBLE, large, small_questions
from tests.placing.reference import Final, placements

from vmss_invariants.placing import Conflict, Placement, Portion, Question, QuestionError, Undecided, place, solving
from vmss_invariants.placing.answer import Reason
from vmss_invariants.placing.cells import cells_of
from vmss_invariants.placing.shape import Demand, shape_demands, shape_of
from vmss_invariants.placing.spreading import cell_demands
from vmss_model import edition
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind


def found(question: Question) -> Placement:
    """The placement; there must be one."""
    answer = place(question)
    assert isinstance(answer, Placement), answer
    return answer


def refused(question: Question) -> Conflict:
    """The conflict; there must be one."""
    answer = place(question)
    assert isinstance(answer, Conflict), answer
    return answer


@given(small_questions())
@settings(max_examples=100, deadline=None)
def test_the_answer_is_that_of_trying_everything(question: Question) -> None:
    """Instance by instance, in every order, by the model's own decisions and choices; a placement is one of these."""
    ways = placements(question)
    answer = place(question)
    if isinstance(answer, Placement):
        assert as_final(answer) in ways
    else:
        assert isinstance(answer, Conflict)
        assert not ways


def as_final(placement: Placement) -> Final:
    """The placement as the reference writes it."""
    at = [(cell.zone, cell.fault_domain or 0) for cell in placement.cells]
    return Final(
        domains=placement.fault_domains or 1,
        taken=tuple(zip(at, (cell.taken for cell in placement.cells), strict=True)),
        placed=tuple(zip(at, (cell.placed for cell in placement.cells), strict=True)),
    )


@pytest.mark.parametrize("first", [399, 400, 401])
def test_the_same_demands_hold_of_the_numbers_of_a_placement(first: int) -> None:
    """On ints they are truth values, and only the placement in which all are true is one."""
    question = Question(
        edition=edition("2021-02"),
        kind=GroupKind.FLEXIBLE,
        instances=999,
        fault_domains=3,
        pins=(Portion(200, None, 0),),
        taken=(Portion(1, None, 1),),
        even=True,
    )
    numbers = Counter({"instances": 999, "fault domains": 3, "region's fault domains": 3, "pin 0": 200, "taken 0": 1})
    # Fault domain 0 of the one place of a regional group: 200 named and the rest automatic; 1 is there in domain 1.
    numbers += Counter({"named None 0 in 0 0": 200, "taken None 1 in 0 1": 1, "least load": 333})
    numbers += Counter({"automatic 0 0": 134, "automatic 0 1": 332, "automatic 0 2": 333})
    numbers["automatic 0 0"] += first - 400
    shape = shape_of(question, numbers.__getitem__)
    cells, meaning = cells_of(question, shape, numbers.__getitem__)
    demands = [*shape_demands(question, shape), meaning, *cell_demands(question, cells, numbers.__getitem__)]
    assert all(isinstance(demand.holds, bool) for demand in demands)
    assert all(demand.holds for demand in demands) is (first == 400)


def demands_of(question: Question) -> list[Demand]:
    """Everything demanded, on z3's default numbers."""
    shape = shape_of(question, z3.Int)
    cells, meaning = cells_of(question, shape, z3.Int)
    return [*shape_demands(question, shape), meaning, *cell_demands(question, cells, z3.Int)]


def can_all_hold(demands: list[Demand]) -> bool:
    """Whether z3, asked afresh, finds that they can."""
    solver = z3.Solver()
    solver.add(*(demand.holds for demand in demands))
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


@given(small_questions())
@settings(max_examples=60, deadline=None)
def test_no_reason_of_a_conflict_can_be_left_out(question: Question) -> None:
    """What conflicts cannot be met together, and without any one of the reasons it can."""
    answer = place(question)
    if not isinstance(answer, Conflict):
        return
    assert answer.irreducible
    assert answer.reasons
    named = list(answer.reasons)
    core = [demand for demand in demands_of(question) if demand.reason is None or demand.reason in named]
    assert not can_all_hold(core)
    for reason in named:
        assert can_all_hold([demand for demand in core if demand.reason != reason])


@given(small_questions())
@settings(max_examples=60, deadline=None)
def test_no_fewer_reasons_conflict(question: Question) -> None:
    """Every set of reasons with one fewer can be met together; z3 is asked about each."""
    answer = place(question)
    if not isinstance(answer, Conflict):
        return
    assert answer.smallest
    solver = z3.Solver()
    literals: dict[Reason, Any] = {}
    for demand in demands_of(question):
        if demand.reason is None:
            solver.add(demand.holds)
        else:
            literal = literals.setdefault(demand.reason, z3.Bool(f"reason {len(literals)}"))
            solver.add(z3.Implies(literal, demand.holds))
    for chosen in combinations(literals.values(), len(answer.reasons) - 1):
        assert solver.check(*chosen) == z3.sat


@pytest.mark.parametrize("name", FEASIBLE)
def test_a_thousand_instances_are_placed_as_asked(name: str) -> None:
    """Counts add up, limits are kept, and pins have their room."""
    question = FEASIBLE[name]
    placement = found(question)
    cells = placement.cells
    assert sum(cell.placed for cell in cells) == question.instances
    assert sum(cell.taken for cell in cells) == sum(one.count for one in question.taken)
    for limit in question.at_most:
        there = [cell for cell in cells if limit.zone in (None, cell.zone)]
        assert sum(c.placed for c in there if limit.fault_domain in (None, c.fault_domain)) <= limit.count
    for pin in question.pins:
        assert sum(cell.placed for cell in cells if cell.zone == pin.zone) >= pin.count
    loads = [sum(c.placed + c.taken for c in cells if c.fault_domain == domain) for domain in range(5)]
    assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize("name", INFEASIBLE)
def test_what_a_thousand_instances_conflict_with_is_told(name: str) -> None:
    """In sentences that end, each reason needed."""
    conflict = refused(INFEASIBLE[name])
    assert conflict.irreducible
    assert conflict.smallest
    assert len(conflict.reasons) > 1
    assert all(reason.sentence.endswith(".") for reason in conflict.reasons)


def test_of_several_placements_an_even_one_is_shown() -> None:
    """A thousand over 15 cells: 66 or 67 in each."""
    assert {cell.placed for cell in found(large()).cells} == {66, 67}


@pytest.mark.parametrize(
    ("kind", "most"),
    [(GroupKind.FLEXIBLE, 1000), (GroupKind.UNIFORM, 1000), (GroupKind.AVAILABILITY_SET, 200)],
)
def test_a_group_takes_what_its_edition_allows_and_not_one_more(kind: GroupKind, most: int) -> None:
    """Those already there count too."""
    question: dict[str, Any] = {"edition": edition("2021-02"), "kind": kind, "taken": (Portion(40),)}
    assert sum(cell.placed for cell in found(Question(instances=most - 40, **question)).cells) == most - 40
    conflict = refused(Question(instances=most - 39, **question))
    assert [rule.partition("-")[0] for rule in conflict.rules] == ["CAP"]


def test_more_than_a_hundred_need_several_placement_groups() -> None:
    """Left open, the answer says so; wished otherwise, that conflicts with CAP-UNIFORM."""
    assert found(large(instances=101)).single_placement_group is False
    assert found(large(instances=100, single_placement_group=True)).single_placement_group is True
    assert refused(large(instances=101, single_placement_group=True)).rules == ("CAP-UNIFORM",)


def test_a_fault_domain_is_named_only_where_the_edition_lets_the_caller() -> None:
    """FD-EXPLICIT: not in Uniform; in Flexible one of the group's; where the edition is silent it stays open."""
    pin = (Portion(1, None, 3),)
    assert refused(large(pins=pin)).rules == ("FD-EXPLICIT",)
    flexible = Question(edition=edition("2021-02"), kind=GroupKind.FLEXIBLE, instances=1, pins=pin, fault_domains=3)
    assert refused(flexible).rules == ("FD-EXPLICIT",)
    silent = Question(edition=edition("2019-10"), kind=GroupKind.SCALE_SET_VM, instances=1, pins=pin)
    assert any("do not say whether the caller names" in note for note in found(silent).notes)


def test_a_flexible_group_spreads_evenly_around_what_is_named() -> None:
    """FD-SPREAD: 400 of 1,000 named into one of three domains leave 300 each for the others."""
    flexible = Question(
        edition=edition("2021-02"),
        kind=GroupKind.FLEXIBLE,
        instances=1000,
        fault_domains=3,
        pins=(Portion(400, None, 0),),
    )
    assert [cell.placed for cell in found(flexible).cells] == [400, 300, 300]


def test_what_is_pinned_to_a_zone_needs_room_there() -> None:
    """Five for zone 1 of ten in all, said in two parts, where at most three or five more fit."""
    pinned: dict[str, Any] = {"instances": 10, "zones": ("1", "2"), "pins": (Portion(2, "1"), Portion(3, "1"))}
    placement = found(large(**pinned, at_most=(Portion(5, "1"),)))
    assert sum(cell.placed for cell in placement.cells if cell.zone == "1") == 5
    assert [reason.sentence for reason in refused(large(**pinned, at_most=(Portion(3, "1"),))).reasons] == [
        "5 of the instances go into zone 1.",
        "At most 3 of the instances fit into zone 1.",
    ]


def test_more_pinned_than_placed_conflicts() -> None:
    """Each instance is in one pin at most."""
    refusal = refused(large(instances=4, pins=(Portion(3, "1"), Portion(2, "2"))))
    assert len(refusal.reasons) == 3
    assert refusal.rules == ()


def test_strict_balance_binds_those_that_name_their_domain_too() -> None:
    """Two in fault domain 0 of one of two zones leave the other one behind."""
    question = Question(
        edition=edition("2019-10"),
        kind=GroupKind.SCALE_SET_VM,
        instances=2,
        zones=("1", "2"),
        balanced=True,
        pins=(Portion(2, "1", 0),),
    )
    assert refused(question).rules == ("ZONES-SSVM-2019",)
    assert isinstance(place(evolve(question, balanced=False)), Placement)


def test_a_rule_that_is_switched_off_bounds_nothing() -> None:
    """Without the bounds on the fault-domain count, any positive one will do, and an even spread needs one."""
    question: dict[str, Any] = {
        "edition": edition("2021-02").without("FDCOUNT-FLEX-REGIONAL"),
        "kind": GroupKind.FLEXIBLE,
        "instances": 18,
    }
    assert {cell.placed for cell in found(Question(**question, fault_domains=9)).cells} == {2}
    with pytest.raises(QuestionError, match="the fault-domain count is 0"):
        Question(**question, fault_domains=0)
    with pytest.raises(QuestionError, match="say how many there are"):
        Question(**question)


def test_zones_are_bounded_by_kind() -> None:
    """Flexible spans one zone at most, with one fault domain in it; availability sets none."""
    for kind, zones, domains, rule in (
        (GroupKind.FLEXIBLE, ("1", "2"), None, "ZONES-FLEX"),
        (GroupKind.FLEXIBLE, ("1",), 2, "FDCOUNT-FLEX-ZONAL"),
        (GroupKind.AVAILABILITY_SET, ("1",), None, "ZONES-AVSET"),
        (GroupKind.UNIFORM, ("1", "2", "3", "4"), None, "ZONES-UNIFORM"),
    ):
        question = Question(edition=edition("2021-02"), kind=kind, instances=5, zones=zones, fault_domains=domains)
        assert refused(question).rules == (rule,)


def test_a_region_with_fewer_fault_domains_bounds_a_regional_group() -> None:
    """FDCOUNT-FLEX-REGIONAL: with two in the region, a third conflicts; left open, there are two."""
    question: dict[str, Any] = {
        "edition": edition("2021-02"),
        "kind": GroupKind.FLEXIBLE,
        "instances": 5,
        "region_fault_domains": 2,
    }
    assert found(Question(**question)).fault_domains == 2
    conflict = refused(Question(**question, fault_domains=3))
    assert conflict.rules == ("FDCOUNT-FLEX-REGIONAL",)
    assert "The region has 2 fault domains." in [reason.sentence for reason in conflict.reasons]


def test_a_fault_domain_count_that_no_rule_allows_is_told_by_the_rule() -> None:
    """Also none, fewer than none, and far too many."""
    for domains in (-1, 0, 6, 1000):
        assert refused(large(fault_domains=domains)).rules == ("FDCOUNT-UNIFORM",)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, one in EDITIONS.items() for kind in one.kinds])
def test_ten_instances_can_be_placed_in_every_kind_of_every_edition(name: str, kind: GroupKind) -> None:
    """Regionally, with nothing else said; where a document is silent, a note says so."""
    placement = found(Question(edition=edition(name), kind=kind, instances=10))
    assert sum(cell.placed for cell in placement.cells) == 10
    rules = EDITIONS[name].kinds[kind]
    unbounded = [note for note in placement.notes if "sets no bounds" in note]
    assert len(unbounded) == (rules.capacity is None) + (rules.fault_domains_regional is None)


def test_no_edition_both_spreads_over_domains_and_spans_zones() -> None:
    """So that least-loaded domains and least-loaded zones need no common order of joins."""
    for one in EDITIONS.values():
        for rules in one.kinds.values():
            if rules.spreads_domains is not None and rules.spreads_domains.value:
                assert rules.zone_count is not None
                assert rules.zone_count.highest <= 1


def with_little_effort(check: Callable[..., bool | None]) -> Callable[..., bool | None]:
    """The solver's check, which may spend next to nothing."""

    def checked(self: object, literals: Iterable[object], **_effort: int) -> bool | None:
        return check(self, literals, effort=1)

    return checked


def test_a_solver_that_gives_up_is_neither_yes_nor_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given next to nothing to spend, what z3 does not know is undecided."""
    monkeypatch.setattr(solving._Solver, "_check", with_little_effort(solving._Solver._check))
    for question in (*FEASIBLE.values(), *INFEASIBLE.values()):
        answer = place(question)
        assert isinstance(answer, Undecided)
        assert answer.reason


def test_a_conflict_that_could_not_be_made_smaller_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where z3 gives up while reasons are left out, they stay, and the conflict is not called irreducible."""
    conflict = solving._Solver.conflict
    given_little = with_little_effort(solving._Solver._check)

    def given_up(solver: solving._Solver) -> Conflict:
        monkeypatch.setattr(solving._Solver, "_check", given_little)
        return conflict(solver)

    monkeypatch.setattr(solving._Solver, "conflict", given_up)
    answer = refused(INFEASIBLE["too little left"])
    assert not answer.irreducible
    assert not answer.smallest
    assert len(answer.reasons) >= 5


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": GroupKind.VM}, "edition 2021-02 has no groups of kind VM"),
        ({"instances": -1}, "the number of instances is -1"),
        ({"zones": ("1", "2", "1")}, "zone 1 is given twice: a group names each of its zones once"),
        ({"zones": ("", "")}, "a zone's name is empty"),
        ({"zones": ("",)}, "a zone's name is empty"),
        ({"region_fault_domains": 0}, "the region's fault-domain count is 0"),
        ({"fault_domains": 10**6}, "the fault-domain count is 1000000"),
        ({"pins": (Portion(1),)}, "a pin names a zone, a fault domain, or both"),
        ({"pins": (Portion(1, "1", -1),)}, "the fault domain of a pin is -1"),
        ({"taken": (Portion(-1, "1"),)}, "the count of what is taken is -1"),
        ({"at_most": (Portion(1, "9"),)}, "what is left in zone 9 does not matter"),
        ({"at_most": (Portion(1, None, 5),)}, "what is left in fault domain 5 does not matter"),
        ({"at_most": tuple(Portion(count) for count in range(1001))}, "more than 1,000 pins"),
        ({"zones": tuple(map(str, range(1001)))}, "no document speaks of 1001 zones"),
    ],
)
def test_a_question_without_sense_is_not_asked(fields: dict[str, Any], said: str) -> None:
    """It says what is wrong."""
    with pytest.raises(QuestionError, match=said):
        large(**{"kind": GroupKind.UNIFORM, **fields})


def test_what_is_too_large_to_be_solved_is_said() -> None:
    """Where no rule bounds zones and fault domains, their product is."""
    question: dict[str, Any] = {
        "edition": edition("2017-05"),
        "kind": GroupKind.UNIFORM,
        "instances": 10,
        "fault_domains": 1000,
    }
    assert len(found(Question(**question)).cells) == 1000
    with pytest.raises(QuestionError, match="more than can be solved for"):
        place(Question(**question, zones=("1", "2", "3")))


def test_an_even_spread_over_an_unbounded_number_of_domains_is_not_asked() -> None:
    """Edition 2017-05 bounds nothing."""
    with pytest.raises(QuestionError, match="say how many there are"):
        Question(edition=edition("2017-05"), kind=GroupKind.UNIFORM, instances=10, even=True)


def given_as(*values: Any) -> Portion:
    """A portion of values that no type checker looks at."""
    return Portion(*values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"instances": 2.5}, "the number of instances is 2.5: it is a whole number from 0 to 1,000,000"),
        ({"instances": True}, "the number of instances is True: it is a whole number from 0"),
        ({"instances": "3"}, "the number of instances is '3': it is a whole number from 0"),
        ({"fault_domains": 2.0}, "the fault-domain count is 2.0: it is a whole number from"),
        ({"region_fault_domains": "2"}, "the region's fault-domain count is '2': it is a whole number from 1"),
        ({"zones": "12"}, r"the zones are '12': they are a tuple of names, such as \('1', '2'\)"),
        ({"zones": (1, 2)}, r"the zones are \(1, 2\): they are a tuple of names"),
        ({"zones": 3}, "the zones are 3: they are a tuple of names"),
        ({"edition": "2021-02"}, "the edition is '2021-02': it is one of vmss_model.editions.EDITIONS"),
        ({"kind": "Uniform"}, "the kind of group is 'Uniform': edition 2021-02 has GroupKind."),
        ({"balanced": 1}, "balanced is 1: it is True or False"),
        ({"even": "yes"}, "even is 'yes': it is True or False"),
        ({"single_placement_group": "both"}, "single_placement_group is 'both': it is True, False or None"),
        ({"pins": ("zone=1:5",)}, "'zone=1:5' is no portion"),
        ({"pins": 5}, "5 is no portion"),
        ({"taken": (given_as(1.5, "1"),)}, "the count of a portion is 1.5: it is a whole number from 0"),
        ({"at_most": (given_as(1, None, "0"),)}, "the fault domain of a portion is '0': it is a whole number from 0"),
        ({"taken": (given_as(1, 1),)}, "the zone of a portion is 1: it is a name, or None"),
    ],
)
def test_values_of_another_type_are_refused(values: dict[str, Any], said: str) -> None:
    """They are not placed, and not said to conflict: what is wrong is named with its value and range."""
    asked: dict[str, Any] = {"edition": edition("2021-02"), "kind": GroupKind.UNIFORM, "instances": 1, **values}
    with pytest.raises(QuestionError, match=said):
        Question(**asked)


def test_zones_may_be_a_list() -> None:
    """It is as good as a tuple."""
    assert large(zones=["1", "2"]) == large(zones=("1", "2"))


def test_what_is_placed_is_a_question() -> None:
    """What has no use is refused with a sentence."""
    with pytest.raises(ValueError, match=r"the question is 5: it is made by Question\(\.\.\.\)"):
        place(cast("Any", 5))
