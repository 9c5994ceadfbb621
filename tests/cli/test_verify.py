"""`vmss-oracle verify` shows each invariant with the strength of its evidence."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.shell import run

from vmss_invariants import verifying
from vmss_invariants.exploring import ASPECTS, Bounds, BrokenOffError, Configuration, explore
from vmss_invariants.proving.prover import Proof, Result
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.strength import Evidence, Known, Place, Strength
from vmss_invariants.verifying import FullReport, IncompleteError
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

NO_EVIDENCE = Evidence()
Verified = Callable[..., list[tuple[object, ...]]]


def known(name: str = "CENSUS", strength: Strength = Strength.TESTED, examples: int = 100, **more: Any) -> Known:
    """What is known of an invariant for the Flexible groups of 2021-02."""
    place: dict[str, Any] = {"edition": "2021-02", "kind": GroupKind.FLEXIBLE}
    return Known(invariant=name, strength=strength, examples=examples, **place, **more)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Verified:
    """Replace the verification by one that answers what it is told, and keeps how it was called."""

    def answer(*rows: Known, evidence: Evidence = NO_EVIDENCE) -> list[tuple[object, ...]]:
        calls: list[tuple[object, ...]] = []

        def verify_in_full(
            profile: str,
            places: tuple[Place, ...],
            examples: int | None,
            jobs: int,
            progress: Callable[[str], None],
        ) -> FullReport:
            calls.append((profile, places, examples))
            assert jobs >= 1
            progress("2021-02 Flexible")
            return FullReport(known=rows, evidence=evidence, requests=1234, seconds=1.0)

        monkeypatch.setattr(verifying, "verify_in_full", verify_in_full)
        return calls

    return answer


def _rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_what_holds_is_listed_with_its_strength(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """What is known alike shares a row, with the sum of its examples; the exit code is 0."""
    verified(known(), known(), known("SPREAD", Strength.PROVED, how=("spread-kept",), seconds=0.25))
    outcome = run(capsys, "verify")

    assert outcome.code == 0
    assert ["CENSUS", "tested", "200", "examined", "holds", "2"] in _rows(outcome.out)
    assert ["SPREAD", "proved", "0.25", "s", "holds", "1"] in _rows(outcome.out)
    assert "2 invariants, 3 checks: 1 proved, 0 exhaustive, 2 tested, 0 unchecked, 0 failed.\n" in outcome.out


def test_what_was_never_examined_is_not_said_to_hold(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """It has a row of its own and is counted apart."""
    verified(known(), known(strength=Strength.UNCHECKED, examples=0))
    out = run(capsys, "verify").out

    assert ["CENSUS", "unchecked", "0", "examined", "unchecked", "1"] in _rows(out)
    assert "1 tested, 1 unchecked, 0 failed" in out


def test_a_failure_shows_the_shortest_sequence(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """And the exit code is 1, also for programs."""
    verified(known(), known("SPREAD", fails=True, counterexample=("CreateVm a", "CreateVm [b]", "uneven")))
    outcome = run(capsys, "verify")

    assert outcome.code == 1
    assert "SPREAD fails in 2021-02 (Flexible); the shortest sequence found:\n" in outcome.out
    assert "  CreateVm a\n  CreateVm [b]\n  uneven\n" in outcome.out
    assert "1 tested, 0 unchecked, 1 failed" in outcome.out
    assert run(capsys, "verify", "--json").code == 1


def test_a_step_that_no_proof_speaks_of_fails(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """What is proved says nothing of it: the sequence is shown, and the exit code is 1."""
    bounds = Bounds(instances=1, fault_domains=0, versions=1, families=ASPECTS["batches"])
    one = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds, without=("OSU-WAIT",), refining=True)
    verified(known(), evidence=Evidence(explorations=(explore(one),)))
    outcome = run(capsys, "verify")

    assert outcome.code == 1
    assert "a step that the proofs do not speak of, in 2021-07 Uniform without OSU-WAIT: 1 instance" in outcome.out
    assert "EndRollout: the proofs do not speak of an end with" in outcome.out


def test_what_is_known_is_shown_where_a_process_is_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says that it is not all; the exit code is that of an interruption, not that of a broken invariant."""

    def lost(*_: object) -> FullReport:
        report = FullReport(known=(known(),), evidence=NO_EVIDENCE, requests=1, seconds=1.0)
        raise IncompleteError(report, BrokenOffError((), 7))

    monkeypatch.setattr(verifying, "verify_in_full", lost)
    outcome = run(capsys, "verify")

    assert outcome.code == 2
    assert ["CENSUS", "tested", "100", "examined", "holds", "1"] in _rows(outcome.out)
    assert outcome.err.startswith("vmss-oracle: a process ended before its work was done, perhaps for want of memory: ")
    assert outcome.err.endswith("0 of 7 explorations are there\n")
    assert outcome.err.count("\n") == 1


def test_an_unknown_profile_is_said_to_be_unknown() -> None:
    """From Python too, before anything is begun."""
    with pytest.raises(ValueError, match="unknown profile 'weekly'; there are quick, full"):
        verifying.verify_in_full("weekly", [("2017-05", GroupKind.UNIFORM)])


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed otherwise there")
def test_a_lost_process_leaves_what_the_others_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proofs and tests hold all the same; what was not explored is known less surely."""
    monkeypatch.setattr(verifying, "explore", dies)
    with pytest.raises(IncompleteError, match=r"0 of \d+ explorations are there") as lost:
        verifying.verify_in_full("quick", [("2017-05", GroupKind.UNIFORM)], examples=1, jobs=1)

    report = lost.value.report
    assert report.evidence.explorations == ()
    assert {one.strength for one in report.known} >= {Strength.PROVED, Strength.TESTED}
    assert not report.failures


def dies(*_: object, **__: object) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def proof(result: Result, **more: Any) -> Proof:
    """What came of the first theorem for the Flexible groups of 2021-02."""
    place: dict[str, Any] = {"edition": "2021-02", "kind": GroupKind.FLEXIBLE}
    return Proof(theorem=THEOREMS[0], result=result, seconds=0.25, claims=1, **place, **more)


def test_a_refuted_theorem_fails(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """The exit code is 1, and the counts that break it are shown, also to programs."""
    refuted = proof(Result.REFUTED, counterexample=("any order", "members = 50"))
    row = known("SPREAD", fails=True, refuted=(THEOREMS[0].id,))
    verified(known(), row, evidence=Evidence(proofs=(refuted, proof(Result.PROVED))))
    outcome = run(capsys, "verify")
    told = run(capsys, "verify", "--json")
    report = json.loads(told.out)

    assert outcome.code == told.code == 1
    assert (
        f"SPREAD fails in 2021-02 (Flexible); these theorems about it do not hold:\n  {THEOREMS[0].id}" in outcome.out
    )
    assert f"{THEOREMS[0].id} does not hold in 2021-02 (Flexible), with these counts:" in outcome.out
    assert "  any order\n  members = 50\n" in outcome.out
    assert "1 failed. 1 of 2 theorems refuted.\n" in outcome.out
    assert [one.get("counterexample") for one in report["proofs"]] == [["any order", "members = 50"], None]
    assert [one.get("refuted") for one in report["invariants"]] == [None, [THEOREMS[0].id]]


def test_a_theorem_that_no_invariant_names_fails_too(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """What others rest on: the invariants are known by weaker means, and the exit code is 1 all the same."""
    verified(known(), evidence=Evidence(proofs=(proof(Result.REFUTED, counterexample=("any order",)),)))

    assert run(capsys, "verify").code == 1


def test_a_theorem_that_is_not_decided_is_no_failure(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """It is told why it is not proved; what it is about is known by weaker means."""
    verified(known(), evidence=Evidence(proofs=(proof(Result.UNKNOWN, why_unknown="any order: timeout"),)))
    outcome = run(capsys, "verify")
    report = json.loads(run(capsys, "verify", "--json").out)

    assert outcome.code == 0
    assert "not proved:\n" in outcome.out
    assert "(any order: timeout)" in outcome.out
    assert [(one["result"], one["why_unknown"]) for one in report["proofs"]] == [("unknown", "any order: timeout")]


def test_edition_kind_profile_and_examples_are_handed_on(
    capsys: pytest.CaptureFixture[str], verified: Verified
) -> None:
    """A kind may be written in small letters; without options it is all of them."""
    calls = verified(known())
    run(capsys, "verify", "--edition", "2021-07", "--kind", "flexible", "--examples", "7", "--profile", "full")
    run(capsys, "verify")

    everything = tuple((one.name, kind) for one in EDITIONS.values() for kind in GroupKind if kind in one.kinds)
    assert calls[0] == ("full", (("2021-07", GroupKind.FLEXIBLE),), 7)
    assert calls[1][0] == "quick"
    assert isinstance(calls[1][1], tuple)
    assert set(calls[1][1]) == set(everything)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--edition", "2017-05", "--kind", "Flexible"), "edition 2017-05 has no groups of kind Flexible"),
        (("--edition", "2016"), "unknown edition '2016'"),
        (("--kind", "Odd"), "unknown kind 'Odd'"),
        (("--profile", "slow"), "unknown profile 'slow'; there are quick, full"),
    ],
)
def test_what_cannot_be_checked_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    """Checking nothing is not a pass."""
    outcome = run(capsys, "verify", *arguments)

    assert outcome.code == 2
    assert said in outcome.one_line()


def test_a_small_verification_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The real one: standard output is JSON alone, with a strength for each invariant, none of them merely tested."""
    arguments = ("--edition", "2018-06-stack", "--kind", "Uniform", "--examples", "1", "--json")
    outcome = run(capsys, "verify", *arguments)
    report = json.loads(outcome.out)
    rows = report["invariants"]

    assert outcome.code == 0
    assert outcome.err == ""
    assert {(row["edition"], row["kind"]) for row in rows} == {("2018-06-stack", "Uniform")}
    assert {row["strength"] for row in rows} == {"proved", "exhaustive"}
    assert {proof["result"] for proof in report["proofs"]} == {"proved"}
    assert all(one["exhausted"] for one in report["explorations"])
