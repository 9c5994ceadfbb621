"""`vmss-oracle verify` shows each invariant with the strength of its evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest
from tests.cli.shell import run

from vmss_invariants import verify as verification
from vmss_invariants.verify import DEFAULT_EXAMPLES, Report, Result
from vmss_model.editions import EDITIONS, Edition
from vmss_model.values import GroupKind

Verified = Callable[[Report], list[tuple[object, ...]]]


def result(
    name: str = "CENSUS", strength: str = "tested", examples: int = 100, status: str = "holds", *sequence: str
) -> Result:
    """Make a result of the Flexible groups of 2021-02."""
    return Result(name, "2021-02", GroupKind.FLEXIBLE, strength, examples, status, sequence)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Verified:
    """Replace the verification by one that answers what it is told, and keeps how it was called."""

    def answer(report: Report) -> list[tuple[object, ...]]:
        calls: list[tuple[object, ...]] = []

        def verify(
            editions: Iterable[Edition],
            kinds: Iterable[GroupKind],
            examples: int,
            progress: Callable[[str, GroupKind], None],
        ) -> Report:
            calls.append(([one.name for one in editions], list(kinds), examples))
            progress("2021-02", GroupKind.FLEXIBLE)
            return report

        monkeypatch.setattr(verification, "verify", verify)
        return calls

    return answer


def _rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_what_holds_is_listed_with_its_strength(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """Results that say the same share a row, with the sum of their examples; the exit code is 0."""
    verified(Report((result(), result(), result("SPREAD")), 1234))
    outcome = run(capsys, "verify")

    assert outcome.code == 0
    assert ["CENSUS", "tested", "200", "holds", "2"] in _rows(outcome.out)
    assert ["SPREAD", "tested", "100", "holds", "1"] in _rows(outcome.out)
    assert "2 invariants, 3 checks over 1,234 requests: 3 hold, 0 unchecked, 0 failed.\n" in outcome.out


def test_what_was_never_examined_is_not_said_to_hold(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """It has a row of its own and is counted apart."""
    verified(Report((result(), result(strength="unchecked", examples=0)), 9))
    out = run(capsys, "verify").out

    assert ["CENSUS", "unchecked", "0", "unchecked", "1"] in _rows(out)
    assert "1 hold, 1 unchecked, 0 failed" in out


def test_a_failure_shows_the_shortest_sequence(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """And the exit code is 1, also for programs."""
    verified(Report((result(), result("SPREAD", "tested", 4, "fails", "CreateVm a", "CreateVm [b]", "uneven")), 9))
    outcome = run(capsys, "verify")

    assert outcome.code == 1
    assert "SPREAD fails in 2021-02 (Flexible); the shortest sequence found:\n" in outcome.out
    assert "  CreateVm a\n  CreateVm [b]\n  uneven\n" in outcome.out
    assert "1 hold, 0 unchecked, 1 failed" in outcome.out
    assert run(capsys, "verify", "--json").code == 1


def test_edition_kind_and_examples_are_handed_on(capsys: pytest.CaptureFixture[str], verified: Verified) -> None:
    """A kind may be written in small letters; without options it is all of them."""
    calls = verified(Report((result(),), 9))
    run(capsys, "verify", "--edition", "2021-07", "--kind", "flexible", "--examples", "7")
    run(capsys, "verify")

    assert calls == [(["2021-07"], [GroupKind.FLEXIBLE], 7), (list(EDITIONS), list(GroupKind), DEFAULT_EXAMPLES)]


def test_a_kind_that_the_edition_lacks_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Checking nothing is not a pass."""
    outcome = run(capsys, "verify", "--edition", "2017-05", "--kind", "Flexible")

    assert outcome.code == 2
    assert outcome.one_line() == "vmss-oracle: edition 2017-05 has no groups of kind Flexible"


def test_a_small_verification_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The real one: standard output is JSON alone, with a strength for each invariant."""
    outcome = run(capsys, "verify", "--edition", "2019-10", "--kind", "VM", "--examples", "2", "--json")
    rows = json.loads(outcome.out)["invariants"]

    assert outcome.code == 0
    assert outcome.err == ""
    assert rows
    assert all(row["edition"] == "2019-10" and row["kind"] == "VM" for row in rows)
    assert {row["strength"] for row in rows} <= {"tested", "unchecked"}
