"""What `verify` reports of the model as it is, and of models that are broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from tests.support import REFINEMENT

from vmss_invariants.catalogue import EVERYWHERE, INVARIANTS, StepInvariant
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.requests import FAMILIES
from vmss_invariants.shrinking import replay, shrink
from vmss_invariants.steps import Step
from vmss_invariants.verify import Report, Result, verify
from vmss_invariants.walker import Taken, new_world
from vmss_model import requests as rq
from vmss_model.census import Census, Share
from vmss_model.decide import _DECISIONS
from vmss_model.editions import Edition, KindRules, Limit, Says, UnknownEditionError, edition
from vmss_model.rules import RULES
from vmss_model.values import Action, Api, GroupKind, Power
from vmss_model.world import GroupKey

KEY = GroupKey("rg", "g")
EXAMPLES = 3
PREPARED = 4
"""Lines that a counterexample of a Flexible group cannot do without: the edition, two features, the provider."""


def with_kind(name: str, kind: GroupKind, **changes: Any) -> Edition:
    """An edition in which one kind of group is not what the documents say."""
    one = edition(name)
    rules: KindRules = evolve(one.kinds[kind], **changes)
    return evolve(one, kinds={**one.kinds, kind: rules})


def failure(report: Report, invariant: str) -> Result:
    failures = {result.id: result for result in report.failures}
    assert invariant in failures, f"failed: {sorted(failures)}"
    return failures[invariant]


# -- the model as it is ----------------------------------------------------------------------------


def test_every_invariant_holds(report: Report) -> None:
    """The model breaks none of the invariants."""
    assert {result.id: result.counterexample for result in report.failures} == {}


def test_every_invariant_was_checked_wherever_it_applies(report: Report) -> None:
    """No invariant is left unchecked for any kind of group in any edition that it speaks of."""
    assert [(result.id, result.edition, result.kind.value) for result in report.unchecked] == []


def test_every_step_of_the_state_machine_is_refined(report: Report) -> None:
    """Whatever Hypothesis asks for: each step in which something happens projects onto steps of the counts."""
    refined = {(one.edition, one.kind): one.examples for one in report.results if one.id == REFINEMENT.id}

    assert refined.keys() == set(PLACES)
    assert min(refined.values()) > 200


def test_results_are_those_of_the_catalogue(report: Report) -> None:
    """There is one result for each invariant and each edition and kind of group that it speaks of."""
    expected = [(one.id, *place) for one in (*INVARIANTS.values(), REFINEMENT) for place in one.where]
    found = [(result.id, result.edition, result.kind) for result in report.results]

    assert len(set(found)) == len(found) == len(expected)
    assert set(found) == set(expected)


def test_report_as_json(report: Report) -> None:
    """The published form carries id, edition, kind, strength, examples and status of each result."""
    rows = json.loads(report.to_json())["invariants"]

    assert len(rows) == len(report.results)
    assert rows[0].keys() == {"id", "edition", "kind", "strength", "examples", "status"}
    assert {row["strength"] for row in rows} == {"tested"}
    assert {row["status"] for row in rows} == {"holds"}


def test_verification_can_be_narrowed() -> None:
    """One edition and one kind give results of these alone, and progress is told."""
    told: list[tuple[str, GroupKind]] = []
    found = verify(["2017-05"], [GroupKind.UNIFORM], 1, lambda name, kind: told.append((name, kind)))

    assert {(result.edition, result.kind) for result in found.results} == {("2017-05", GroupKind.UNIFORM)}
    assert told == [("2017-05", GroupKind.UNIFORM)]
    assert found.steps > 0


def test_verification_is_the_same_every_time() -> None:
    """Two verifications of one thing are equal, counts included."""
    first, second = (verify(["2017-05"], examples=2) for _ in range(2))

    assert first.results == second.results


def test_unknown_editions_are_named() -> None:
    """A wrong edition is answered with the editions there are."""
    with pytest.raises(UnknownEditionError, match="2021-02"):
        verify(["2020-01"])


# -- models that are broken on purpose ---------------------------------------------------------------


def test_a_rule_switched_off_is_found() -> None:
    """Without the rule on non-empty groups a Flexible group is deleted with its VM."""
    broken = edition("2021-02").without("DELETE-NONEMPTY-REJECTED")
    found = failure(verify([broken], [GroupKind.FLEXIBLE], EXAMPLES), "a-group-that-holds-vms-is-never-deleted")

    assert [line.partition("(")[0] for line in found.counterexample[PREPARED:]] == [
        "CreateGroup",
        "CreateVm",
        "DeleteGroup",
        found.counterexample[-1],
    ]
    assert found.counterexample[-1].endswith(" was deleted with 1 member")
    assert found.strength == "tested"
    assert found.examples > 0


def test_a_bound_shifted_by_one_is_found() -> None:
    """A capacity limit of 1001 is found by one request, at the bound."""
    broken = with_kind("2019-10", GroupKind.SCALE_SET_VM, capacity=Limit(0, 1001, "CAP-SSVM-2019"))
    found = failure(verify([broken], [GroupKind.SCALE_SET_VM], EXAMPLES), "capacity-stays-within-the-kinds-bounds")

    assert len(found.counterexample) == 3
    assert "capacity=1001" in found.counterexample[1]
    assert found.counterexample[-1].endswith(" holds 1,001 members, not 0 to 1,000")


def test_a_bound_on_vms_shifted_by_one_is_found() -> None:
    """So is one that takes 201 VMs to notice, and every one of them is needed."""
    broken = with_kind("2021-02", GroupKind.AVAILABILITY_SET, capacity=Limit(0, 201, "CAP-AVSET"))
    found = failure(verify([broken], [GroupKind.AVAILABILITY_SET], EXAMPLES), "capacity-stays-within-the-kinds-bounds")

    assert sum(line.startswith("CreateVm") for line in found.counterexample) == 201
    assert found.counterexample[-1].endswith(" holds 201 members, not 0 to 200")


def test_uneven_placement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every fault domain counts as least loaded, two VMs are enough to see it."""
    monkeypatch.setattr("vmss_model.choices.is_least_loaded", lambda _loads, _chosen: True)
    found = failure(verify(["2021-02"], [GroupKind.FLEXIBLE], 20), "placement-takes-a-least-loaded-domain")

    assert [line.partition("(")[0] for line in found.counterexample[PREPARED:-1]] == ["CreateGroup", *("CreateVm",) * 2]
    assert "fault domain" in found.counterexample[-1]


def test_a_stale_census_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A census that no longer counts running members differs from a recount after the first one."""
    with_share = Census.with_share

    def forgetful(self: Census, share: Share, by: int) -> Census:
        return evolve(with_share(self, share, by), running=0)

    monkeypatch.setattr(Census, "with_share", forgetful)
    found = failure(verify(["2017-05"], examples=EXAMPLES), "the-census-equals-a-recount")

    assert len(found.counterexample) == 3
    assert "counts 0 as running" in found.counterexample[-1]


def test_artifacts_left_behind_are_found() -> None:
    """Where disks of a Uniform instance stay, its deletion shows it."""
    broken = with_kind("2021-02", GroupKind.UNIFORM, artifacts_follow=Says(False, "ARTIFACTS-FOLLOW"))
    report = verify([broken], [GroupKind.UNIFORM], EXAMPLES)

    assert len(failure(report, "artifacts-follow-instances").counterexample) == 4
    assert len(failure(report, "a-deleted-group-leaves-nothing-behind").counterexample) == 4


@pytest.mark.parametrize(
    ("staleness", "invariant"),
    [
        (90, "resource-graph-is-never-older-than-60-seconds"),
        (59, "resource-graph-may-show-every-recent-state"),
    ],
)
def test_a_wrong_staleness_is_found(staleness: int, invariant: str) -> None:
    """A cache that is too old is found, and so is one that is kept too short."""
    broken = evolve(edition("2021-02"), staleness=staleness)
    found = failure(verify([broken], [GroupKind.AVAILABILITY_SET], EXAMPLES), invariant)

    assert len(found.counterexample) <= 7
    assert any(line.startswith("QueryResourceGraph") for line in found.counterexample)


def test_a_slow_registration_is_found() -> None:
    """A registration that may take a second too long is found."""
    one = edition("2021-02")
    assert one.registration is not None
    broken = evolve(one, registration=evolve(one.registration, longest=16 * 60))
    found = failure(verify([broken], [GroupKind.FLEXIBLE], EXAMPLES), "registrations-end-within-15-minutes")

    assert len(found.counterexample) == 3


def test_a_model_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in the model is reported with the request that raised it."""

    def raises(_world: object, request: rq.DeleteGroup) -> None:
        raise KeyError(request.key.name)

    monkeypatch.setitem(_DECISIONS, rq.DeleteGroup, raises)
    found = failure(verify(["2017-05"], examples=EXAMPLES), "no-request-raises")

    assert found.counterexample[-1].startswith("KeyError: ")
    assert len(found.counterexample) == 3


def test_a_failure_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one invariant broken the others are still checked, on every place they speak of."""
    monkeypatch.setattr("vmss_model.choices.is_least_loaded", lambda _loads, _chosen: True)
    found = verify(["2019-10"], [GroupKind.SCALE_SET_VM], EXAMPLES)
    failed = {result.id for result in found.failures}

    assert failed == {"scaling-out-keeps-zones-balanced"}
    assert sum(result.strength == "tested" for result in found.results) > len(found.results) * 3 / 4


# -- shrinking and the catalogue ---------------------------------------------------------------------


def test_shrinking_keeps_only_what_is_needed() -> None:
    """Of many requests the one that breaks the invariant is left, its fields at their defaults."""
    broken = with_kind("2019-10", GroupKind.SCALE_SET_VM, profile=None, profile_rule=None)
    noise = [Taken(rq.AdvanceClock(5), ()), Taken(rq.ListGroups("rg"), ())] * 5
    bad = Taken(rq.CreateGroup(key=KEY, kind=GroupKind.SCALE_SET_VM, capacity=3, region="eastus"), ())
    found = shrink(broken, INVARIANTS["profile-is-as-the-mode-asks"], [*noise, bad, *noise])

    assert found is not None
    assert [entry.request for entry in found.taken] == [rq.CreateGroup(key=KEY, kind=GroupKind.SCALE_SET_VM)]


def test_what_holds_cannot_be_shrunk() -> None:
    """A sequence after which the invariant holds is no failure."""
    taken = [Taken(rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM), ())]

    assert shrink(edition("2021-02"), INVARIANTS["mode-never-changes"], taken) is None


def test_replays_repeat_what_was_drawn() -> None:
    """A replay makes the choices that were made, and says so."""
    start = Taken(rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, capacity=1), (2,))
    stop = Taken(rq.ActOnInstance(KEY, "2", Action.STOP, Api.SCALE_SET), ())
    always = StepInvariant(id="stops", statement="None.", rules=(), concerns=_stops, check=lambda _: "stopped")
    found = replay(edition("2017-05"), always, [start, stop])

    assert found is not None
    assert "ids=(2,)" in found.lines[1]


def _stops(step: Step) -> bool:
    group = step.group_after
    return group is not None and any(member.power is Power.STOPPED for member in group.members.values())


def test_the_catalogue_is_well_formed() -> None:
    """Ids read as sentences, statements end like them, rules exist and so do the places."""
    assert len(INVARIANTS) >= 60
    for one in INVARIANTS.values():
        assert one.id == one.id.lower()
        assert one.id.replace("-", "").isalnum()
        assert one.statement.endswith(".")
        assert set(one.rules) <= RULES.keys()
        assert one.where
        assert one.where <= EVERYWHERE


def test_statements_are_their_own() -> None:
    """No two invariants say the same."""
    statements = [one.statement for one in INVARIANTS.values()]

    assert len(set(statements)) == len(statements)


@pytest.mark.parametrize("make", FAMILIES.values(), ids=FAMILIES.keys())
def test_families_make_requests_for_an_empty_world(make: Callable[..., object]) -> None:
    """Every family has something to ask even of a world without anything."""
    assert isinstance(make(lambda values: values[-1], new_world(edition("2021-07"))), tuple(_DECISIONS))


@pytest.mark.parametrize("examples", [0, -1, 1.5, True, "3"])
def test_a_number_of_examples_is_one_at_least(examples: Any) -> None:
    """From none nothing would be known."""
    with pytest.raises(ValueError, match=f"examples is {examples!r}: it is a whole number from 1"):
        verify(["2017-05"], examples=examples)
