"""Of each invariant the strongest that was found stands, and nothing is called by a stronger name than it earned."""

from __future__ import annotations

import pytest
from attrs import evolve

from vmss_invariants.exploring import ASPECTS, REFINEMENT, Bounds, Configuration, Exploration, explore
from vmss_invariants.proving.prover import Proof, Result, prove_all
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.strength import Evidence, Known, Strength, strongest
from vmss_invariants.verifying import FullReport
from vmss_model import guards
from vmss_model.terms import Number, Truth, any_of
from vmss_model.values import GroupKind

PLACE = ("2021-07", GroupKind.UNIFORM)
CAPACITY, CENSUS = "capacity-stays-within-the-kinds-bounds", "the-census-equals-a-recount"


@pytest.fixture(scope="module")
def proofs() -> tuple[Proof, ...]:
    """Every theorem for the kinds of group of one edition."""
    return prove_all((PLACE[0],))


@pytest.fixture(scope="module")
def exploration() -> Exploration:
    """A small exploration of rollouts."""
    return explore(_configuration())


@pytest.fixture(scope="module")
def unrefined() -> Exploration:
    """One of a model without a guard, in which a step is none that the proofs speak of."""
    found = explore(_configuration("OSU-WAIT"))
    assert REFINEMENT in {one.invariant for one in found.violations}
    return found


def _configuration(*without: str) -> Configuration:
    bounds = Bounds(instances=1, fault_domains=0, versions=1, families=ASPECTS["batches"])
    return Configuration(edition=PLACE[0], kind=PLACE[1], bounds=bounds, without=without, refining=True)


def of_place(evidence: Evidence) -> dict[str, Known]:
    """What is known of each invariant for Uniform groups."""
    return {one.invariant: one for one in strongest(evidence, [PLACE])}


def with_result(proofs: tuple[Proof, ...], theorem: str, result: Result) -> tuple[Proof, ...]:
    """The proofs, one theorem of which came to something else, for Uniform groups."""
    assert theorem in {one.id for one in THEOREMS}
    found = tuple(
        evolve(one, result=result, counterexample=("a claim", "members = 50") if result is Result.REFUTED else ())
        if (one.theorem.id, one.kind) == (theorem, PLACE[1])
        else one
        for one in proofs
    )
    assert found != proofs
    return found


def test_a_refuted_theorem_fails_the_invariants_that_it_is_about(proofs: tuple[Proof, ...]) -> None:
    """And no others; there, and for no other kind of group."""
    refuted = Evidence(proofs=with_result(proofs, "no-group-outgrows-its-kind", Result.REFUTED))
    known = of_place(refuted)

    assert [name for name, one in known.items() if one.fails] == [CAPACITY]
    assert known[CAPACITY].refuted == ("no-group-outgrows-its-kind",)
    assert known[CAPACITY].strength is Strength.UNCHECKED
    assert not any(one.fails for one in strongest(refuted, [(PLACE[0], GroupKind.FLEXIBLE)]))


def test_a_sequence_that_breaks_an_invariant_outweighs_a_refuted_theorem(
    proofs: tuple[Proof, ...], unrefined: Exploration
) -> None:
    """It can be replayed."""
    (broken, *_) = (one for one in unrefined.violations if one.invariant != REFINEMENT)
    evidence = Evidence(proofs=proofs, explorations=(unrefined,))

    assert of_place(evidence)[broken.invariant].counterexample == (*broken.lines, broken.problem)


def test_an_undecided_theorem_leaves_its_invariants_to_weaker_means(
    proofs: tuple[Proof, ...], exploration: Exploration
) -> None:
    """Nothing fails, and nothing is called proved for it."""
    undecided = with_result(proofs, "a-census-is-a-recount-in-any-order", Result.UNKNOWN)
    known = of_place(Evidence(proofs=undecided, explorations=(exploration,)))

    assert of_place(Evidence(proofs=proofs, explorations=(exploration,)))[CENSUS].strength is Strength.PROVED
    assert known[CENSUS].strength is Strength.EXHAUSTIVE
    assert not any(one.fails for one in known.values())


@pytest.mark.parametrize("result", [Result.REFUTED, Result.UNKNOWN])
def test_what_rests_on_a_theorem_that_is_not_proved_is_not_proved(proofs: tuple[Proof, ...], result: Result) -> None:
    """Directly, or by way of another theorem; it does not fail for that."""
    lost = of_place(Evidence(proofs=with_result(proofs, "every-set-of-members-has-a-possible-census", result)))

    assert of_place(Evidence(proofs=proofs))[CAPACITY].strength is Strength.PROVED
    assert lost[CAPACITY].strength is Strength.UNCHECKED
    assert not lost[CAPACITY].fails
    assert lost[CENSUS].strength is Strength.PROVED


def test_nothing_is_proved_where_a_step_is_none_that_the_proofs_speak_of(
    proofs: tuple[Proof, ...], exploration: Exploration, unrefined: Exploration
) -> None:
    """Of this kind of group: what is proved of counts is not known of the model there, not even in part."""
    evidence = Evidence(proofs=proofs, explorations=(exploration, unrefined))
    known = of_place(evidence)

    assert evidence.uncovered == {PLACE}
    assert Strength.PROVED not in {one.strength for one in known.values()}
    assert not any(one.parts for one in known.values())
    assert known[CENSUS].strength is Strength.EXHAUSTIVE
    elsewhere = strongest(evidence, [(PLACE[0], GroupKind.FLEXIBLE)])
    assert Strength.PROVED in {one.strength for one in elsewhere}


def test_a_guard_that_fails_for_large_groups_alone_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond all that is explored or tested: the proof sees it, the invariant fails, and so does the verification."""
    whole = guards.may_begin

    def lenient(unhealthy: Number, instances: Number, percent: Number) -> Truth:
        return any_of(whole(unhealthy, instances, percent), instances >= 50)

    monkeypatch.setattr(guards, "may_begin", lenient)
    about = tuple(one for one in THEOREMS if "OSU-PRECHECK" in one.rules)
    evidence = Evidence(proofs=prove_all((PLACE[0],), theorems=about))
    known = strongest(evidence, [PLACE])
    report = FullReport(known=known, evidence=evidence, requests=0, seconds=0.0)

    assert [one.invariant for one in report.failures] == ["no-rollout-begins-above-the-health-threshold"]
    assert not report.holds
    told = [one["counterexample"] for one in report.to_json()["proofs"]]
    assert all(any(line.startswith(("of = ", "members = ")) for line in lines) for lines in told)
