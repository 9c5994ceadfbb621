"""What a page shows of a theorem: what says most, and of all else what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import z3
from tests.cli.shell import ROOT

from vmss_invariants.invariant import Place
from vmss_invariants.proving.theorem import Claim, Theorem
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.publishing.formulas import A_PAGE, conventions, formula_of
from vmss_invariants.publishing.results import FILE, loaded
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

MEMBERS, MORE, FEWER, DOMAINS = z3.Ints("members more fewer domains")
MOVE = "an instance goes from "
FORMULAS = loaded((ROOT / "docs" / FILE).read_text(encoding="utf-8")).formulas
"""As they are recorded: that they are what is printed today is shown with the pages."""
HERE: Place = ("2021-07", GroupKind.UNIFORM)


def of(*claims: Claim) -> Theorem:
    """A theorem of these claims."""
    return Theorem(id="some", statement="", rules=(), where=frozenset({HERE}), claims=lambda _: iter(claims))


def grows(about: str, by: z3.ArithRef) -> Claim:
    """A step after which there are more members, so that there are still some."""
    after = MEMBERS + by
    return Claim(
        about=about,
        known=(MEMBERS >= 1, by >= 0),
        follows=after >= 1,
        before=(MEMBERS >= 1,),
        after=(("members", after),),
    )


def stays(about: str) -> Claim:
    """A step that leaves the members alone."""
    return Claim(
        about=about,
        known=(MEMBERS >= 1,),
        follows=MEMBERS >= 1,
        before=(MEMBERS >= 1,),
        after=(("members", MEMBERS),),
    )


def test_a_step_that_changes_nothing_is_named_and_not_printed() -> None:
    """However long its name is, and wherever it stands."""
    text = formula_of(of(stays("a step with a very long name that changes nothing at all"), grows("growth", MORE)))

    assert text.startswith("growth:\n")
    assert "(Nothing that it speaks of changes in: a step with a very long name that changes nothing at all.)" in text
    assert text.count("=>") == 1


def test_steps_that_say_alike_are_printed_once() -> None:
    """Under all their names."""
    text = formula_of(of(grows("one way", MORE), grows("another", FEWER), grows("a third", MORE)))

    assert "one way; a third:\n" in text
    assert text.count("=>") == 2


def test_what_holds_for_any_number_stands_for_its_cases() -> None:
    """They are named; where there is nothing else they are shown."""
    case = Claim(about="3 domains", known=(), follows=MEMBERS + MORE > FEWER, unrolled=True)
    text = formula_of(of(case, grows("any number", MORE)))

    assert text.startswith("any number:")
    assert "(Proved by cases, too: 3 domains.)" in text
    assert formula_of(of(case)).startswith("3 domains:")


def test_a_guard_that_says_the_same_is_called_that() -> None:
    """A tautology is not shown beside other claims; a conclusion that is asked for has a line that says why."""
    exactly = Claim(about="exactly", known=(), follows=(MORE <= FEWER) == (MORE <= FEWER))
    asked = Claim(about="a guard", known=(MORE <= FEWER,), follows=MORE <= FEWER)
    text = formula_of(of(exactly, asked))

    assert "(MORE" not in text
    assert "(The model and the claim read the same, and are not shown, in: exactly.)" in text
    assert re.search(r"among what is taken to hold \(.*\) in:\sa\sguard\.\)", text, re.DOTALL)


def test_what_a_step_sets_is_told_as_its_value_afterwards() -> None:
    """Where the model's step is the statement itself: with a prime, and without what stays."""
    after = MEMBERS + 1
    text = formula_of(
        of(
            Claim(
                about="a step",
                known=(),
                follows=z3.And(after == MEMBERS + 1, z3.Int("fewer") == FEWER),
                after=(("members", after), ("fewer", FEWER)),
            )
        )
    )
    assert "  =>  members' = members + 1\n" in text
    assert "fewer" not in text


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_no_claim_is_passed_over_in_silence(theorem: Theorem) -> None:
    """Each is shown, or named in a line that says why not."""
    text = " ".join(FORMULAS[theorem.id].split())
    newest = max(theorem.where, key=lambda place: (place[0], place[1].value))

    for claim in theorem.claims(newest):
        name = claim.about.partition(": ")[0] if claim.unrolled else claim.about
        assert name.removeprefix(MOVE) in text


@pytest.mark.parametrize(
    ("theorem", "says"),
    [
        ("what-a-rollout-did-stays-done", "successful + 1 >= successful"),
        ("progress-moves-as-its-instances-do", "failed' = failed + 1"),
        ("who-failed-was-restored-or-counted", "restored + 1 + not_restored <= failed + 1"),
        ("zone-counts-stay-within-the-kind", "a group is created:"),
        ("every-batch-and-settled-instance-lessens-the-measure", "a batch starts, by the platform:"),
        ("a-batch-takes-down-no-more-than-itself", "up + was_up"),
        ("automatic-placement-goes-where-fewest-are", "any number of fault domains:"),
        ("automatic-placement-never-raises-the-spread", "any number of fault domains:"),
        ("no-group-outgrows-its-kind", "members + 1 <= 200"),
    ],
)
def test_what_matters_is_shown(theorem: str, says: str) -> None:
    """The step that does what the theorem is about, the unbounded claim, the numbers of the other kinds."""
    assert says in FORMULAS[theorem]


def primed() -> Iterator[tuple[str, str]]:
    """Every name with a prime in any formula, with its theorem."""
    for theorem in THEOREMS:
        for name in set(re.findall(r"([\w\[\]]+)' = ", FORMULAS[theorem.id])):
            yield theorem.id, name


def test_a_prime_means_after() -> None:
    """It is given to what a step makes of a count, and to nothing else: not to a state before, nor to a load."""
    counts = {
        name
        for theorem in THEOREMS
        for claim in theorem.claims(max(theorem.where, key=lambda place: (place[0], place[1].value)))
        for name, _ in claim.after
    }
    found = dict(primed())

    assert found
    assert set(found.values()) <= counts
    assert not {"scale-in-levels-zones"} & found.keys()


def test_numbers_that_differ_are_said_to_be_of_their_editions() -> None:
    """A line in brackets begins each part; where all is the same, it is said that it is."""
    capacity = FORMULAS["no-group-outgrows-its-kind"]
    same = FORMULAS["what-is-granted-is-reached"]

    assert capacity.startswith("[2021-02 Uniform; 2021-07 Uniform]\n")
    assert "\n[2019-10 VM; 2021-02 AvailabilitySet; 2021-07 AvailabilitySet]\n" in capacity
    assert all(name in same for name in EDITIONS)


def test_a_formula_is_read_by_what_is_said_of_it() -> None:
    """Numbers that stand for nothing are explained, where they occur."""
    assert "the group counts no fault domains" in conventions("a claim:\n  =>  fault_domains = 0 or zones > 0")
    assert "is not given" in conventions("a claim:\n  =>  update_domains < 0")
    assert "has a prime" in conventions("a claim:\n  =>  members' = members + 1")
    assert "prime" not in conventions("a claim:\n  =>  members >= 0\n\n(The model's guard asks for it in: a claim.)")
    assert "same for every edition" in conventions("a claim:\n  =>  members >= 0")
    assert "line in brackets" in conventions("[2021-02 Uniform]\n\na claim:\n  =>  members >= 0")


def test_a_page_is_not_overfull() -> None:
    """One claim may be longer; several are shown only while they fit."""
    many = [grows(f"step {number}", z3.Int(f"more{number}")) for number in range(A_PAGE)]
    text = formula_of(of(*many))

    assert sum(not line.startswith("(") for line in text.splitlines()) <= A_PAGE + 10
    assert "(Likewise, and not shown: " in text
