"""Every theorem is proved, for every kind of group it speaks of; and what counts as a proof at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import z3
from attrs import evolve

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.invariant import Place
from vmss_invariants.proving import prover, theorems_groups, theorems_rollouts
from vmss_invariants.proving import theorem as making_claims
from vmss_invariants.proving.prover import (
    Proof,
    Result,
    formula,
    invariants_proved,
    is_about_something,
    prove,
    prove_all,
)
from vmss_invariants.proving.theorem import Claim, Theorem
from vmss_invariants.proving.theorems import THEOREMS, proved_by
from vmss_model.editions import UnknownEditionError
from vmss_model.values import GroupKind

BY_ID = {one.id: one for one in THEOREMS}
ABOUT_COUNTS = {
    "capacity-stays-within-the-kinds-bounds",
    "one-placement-group-holds-at-most-100",
    "capacity-is-the-number-of-members",
    "a-granted-capacity-is-reached",
    "autoscale-stays-within-its-bounds",
    "fault-domain-count-stays-within-bounds",
    "zone-count-stays-within-bounds",
    "placement-takes-a-least-loaded-domain",
    "placement-never-widens-the-spread",
    "scaling-out-keeps-zones-balanced",
    "scaling-in-keeps-zones-balanced",
    "the-census-equals-a-recount",
    "a-batch-stays-within-its-cap",
    "the-platform-never-takes-a-whole-group",
    "those-outside-the-batch-keep-running",
    "a-rollout-begins-with-all-that-is-due",
    "progress-moves-with-the-members",
    "what-is-done-is-never-undone",
    "every-step-brings-a-rollout-nearer-to-its-end",
    "a-failed-instance-is-restored-or-counted",
    "no-rollout-begins-above-the-health-threshold",
    "no-batch-starts-above-the-health-thresholds",
}
"""The invariants about capacity, spread, zone balance, batches, health gates and progress: none is only tested."""


@pytest.fixture(scope="module")
def proofs() -> tuple[Proof, ...]:
    """Every theorem for every kind of group."""
    return prove_all()


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_each_theorem_is_proved_everywhere_it_speaks_of(theorem: Theorem, proofs: tuple[Proof, ...]) -> None:
    """No counterexample, no time-out, and something was claimed."""
    found = [one for one in proofs if one.theorem is theorem]

    assert {(one.edition, one.kind) for one in found} == set(theorem.where)
    for one in found:
        assert one.result is Result.PROVED, (one.describe(), one.counterexample)
        assert one.claims > 0
        assert f"{one.seconds:.3f} s" in one.describe()


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_no_proof_is_from_a_contradiction(theorem: Theorem) -> None:
    """What each claim takes to hold can hold, for every kind of group that it speaks of."""
    claims = ((place, claim) for place in theorem.where for claim in theorem.claims(place))
    # Of kinds of group with the same rules the same is known: z3 is asked once.
    known = {z3.And(True, *claim.known): (place, claim) for place, claim in claims}
    vacuous = [(place, claim.about) for place, claim in known.values() if not is_about_something(claim)]

    assert known
    assert vacuous == []


STRENGTHENINGS = {"possible_census": "a-census-stays-possible", "possible_progress": "progress-stays-possible"}
"""What claims about one step take to hold besides the guards, and the theorem that says so."""


def all_it_rests_on(theorem: Theorem) -> set[str]:
    """The theorems that a theorem rests on, directly or by way of others."""
    return {found for name in theorem.rests_on for found in (name, *all_it_rests_on(BY_ID[name]))}


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_a_theorem_names_what_it_rests_on(theorem: Theorem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a strengthening is not named, the claims are proved without it."""
    for name, strengthening in STRENGTHENINGS.items():
        if strengthening not in all_it_rests_on(theorem):
            for module in (making_claims, theorems_groups, theorems_rollouts):
                if theorem.id != strengthening and hasattr(module, name):
                    monkeypatch.setattr(module, name, lambda _: z3.BoolVal(True))
    edition, kind = max(theorem.where, key=str)

    assert prove(theorem, edition, kind).result is Result.PROVED


def test_a_narrowed_run_proves_one_editions_theorems(proofs: tuple[Proof, ...]) -> None:
    """`prove_all` tells of each proof as it goes, and keeps to the editions it is given."""
    told: list[Proof] = []
    found = prove_all(("2017-05",), told.append)

    assert tuple(told) == found
    expected = [(one.theorem.id, one.kind) for one in proofs if one.edition == "2017-05"]
    assert [(one.theorem.id, one.kind) for one in found] == expected


# -- which invariants are proved -------------------------------------------------------------------


def test_theorems_name_invariants_and_theorems_that_there_are() -> None:
    """Invariants of the catalogue, and as strengthening theorems that come before: none rests on itself."""
    before: set[str] = set()
    for theorem in THEOREMS:
        assert theorem.id not in before
        assert set(theorem.rests_on) <= before, theorem.id
        assert {one.invariant for one in theorem.proves} <= INVARIANTS.keys()
        before.add(theorem.id)


def test_an_invariant_is_proved_wherever_it_applies(proofs: tuple[Proof, ...]) -> None:
    """All of it: for every kind of group that it speaks of. A part may be proved of some of them."""
    found = invariants_proved(proofs)
    for invariant in sorted(proved_by()):
        where = INVARIANTS[invariant].where
        places = {(edition, kind): part for (name, edition, kind), part in found.items() if name == invariant}
        assert places.keys() <= where
        assert places
        if "" in places.values():
            assert places.keys() == where, invariant


def test_invariants_about_counts_are_proved_and_not_only_tested(proofs: tuple[Proof, ...]) -> None:
    """Capacity, spread, zone balance, batch cap, health gates, progress: all of each, not a part."""
    found = invariants_proved(proofs)
    whole = {name for (name, _, _), part in found.items() if not part}

    assert whole >= ABOUT_COUNTS
    assert len(whole) >= 15


def test_an_invariant_is_proved_only_if_every_theorem_about_it_is(proofs: tuple[Proof, ...]) -> None:
    """One refuted or unknown proof among those that it takes is enough to lose it there, and nowhere else."""
    key = ("a-batch-stays-within-its-cap", "2021-07", GroupKind.UNIFORM)
    lost = tuple(
        evolve(one, result=Result.UNKNOWN)
        if (one.theorem.id, one.edition) == ("no-automatic-batch-exceeds-a-fifth", "2021-07")
        else one
        for one in proofs
    )

    assert key in invariants_proved(proofs)
    assert key not in invariants_proved(lost)
    assert ("a-batch-stays-within-its-cap", "2021-02", GroupKind.UNIFORM) in invariants_proved(lost)


# -- formulas --------------------------------------------------------------------------------------


def test_a_formula_shows_the_numbers_and_the_guard_that_were_proved() -> None:
    """The bound of a VM group, and the comparison as the guard makes it."""
    text = formula(BY_ID["no-group-outgrows-its-kind"], "2019-10", GroupKind.VM)

    assert "a member joins:\n      target <= 200\n      members < target\n" in text
    assert "  =>  members + 1 >= 0\n      members + 1 <= 200" in text


def test_a_formula_takes_no_more_to_hold_than_is_needed() -> None:
    """Whatever else was known is left out: first what speaks of something else, whichever order it is known in."""
    members, windows = z3.Ints("members windows")
    needed, by_way_of_others = members >= 1, (windows >= 1, windows <= members)
    for known in (needed, *by_way_of_others), (*by_way_of_others, members >= 0, needed, needed):
        claim = Claim(about="a member is there", known=known, follows=members > 0)
        text = formula(made_of(claim), "2021-07", GroupKind.UNIFORM)

        assert text == "a member is there:\n      members >= 1\n  =>  members > 0"


# -- what is no proof ------------------------------------------------------------------------------


def made_of(*claims: Claim) -> Theorem:
    """A theorem of these claims."""

    def all_claims(_place: Place) -> Iterator[Claim]:
        yield from claims

    return Theorem(
        id="made-up", statement="", rules=(), where=frozenset({("2021-07", GroupKind.UNIFORM)}), claims=all_claims
    )


def proved(theorem: Theorem) -> Proof:
    """What comes of it."""
    return prove(theorem, "2021-07", GroupKind.UNIFORM)


def test_a_time_out_is_unknown_and_never_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fermat's equation for the third power is more than a millisecond's work."""
    monkeypatch.setattr(prover, "TIMEOUT", 1)
    x, y, z = z3.Ints("x y z")
    hard = Claim(about="no cubes", known=(x > 0, y > 0, z > 0), follows=x * x * x + y * y * y != z * z * z)
    easy = Claim(about="a number is itself", known=(), follows=x == x + 0)
    found = proved(made_of(easy, hard, easy))

    assert found.result is Result.UNKNOWN
    assert found.why_unknown.startswith("no cubes: ")
    assert "unknown" in found.describe()
    assert found.why_unknown in found.describe()


def test_a_theorem_without_claims_is_not_proved() -> None:
    """Nothing follows from nothing said."""
    assert proved(made_of()).result is Result.UNKNOWN


def test_a_counterexample_outweighs_what_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A theorem with a claim that is refuted is refuted, whatever came before."""
    x, y, z = z3.Ints("x y z")
    hard = Claim(about="no cubes", known=(x > 0, y > 0, z > 0), follows=x * x * x + y * y * y != z * z * z)
    wrong = Claim(about="below seven", known=(x > 5,), follows=x < 7, shown={"x": x})
    monkeypatch.setattr(prover, "TIMEOUT", 10)
    found = proved(made_of(hard, wrong))

    assert found.result is Result.REFUTED
    assert found.counterexample[0] == "below seven"
    assert int(found.counterexample[1].removeprefix("x = ")) >= 7


def test_a_claim_from_a_contradiction_is_about_nothing() -> None:
    """Its proof would be worth nothing, and is found out."""
    x = z3.Int("x")
    claim = Claim(about="", known=(x > 1, x < 1), follows=x == 5)

    assert not is_about_something(claim)
    assert is_about_something(evolve(claim, known=(x > 1,)))


def test_an_unknown_edition_is_not_proved_by_nothing() -> None:
    """An empty answer would read like one without failures."""
    with pytest.raises(UnknownEditionError, match="unknown edition 'nope'; there are 2017-05"):
        prove_all(["nope"], theorems=())
