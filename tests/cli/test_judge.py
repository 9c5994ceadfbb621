"""`vmss-oracle judge` shows what the oracle says, whatever the oracle says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.cli.shell import run
from tests.support import RECORDINGS, needs_recordings

from vmss_model.editions import Edition
from vmss_model.oracle import judge as judging
from vmss_model.oracle.finding import Finding, conforms, out_of_scope, unknown, violates
from vmss_model.oracle.judge import JudgedExchange, JudgedRecording, Report
from vmss_model.oracle.ledger import Ledger, LedgerEntry, bundled_ledger
from vmss_model.oracle.recordings import Skipped

GOOD = conforms("MODE-2021")
BAD = violates("CAP-FLEX", expected="0 to 1000 VMs", seen="1001 VMs", nearest="1000 VMs")
ENTRY = LedgerEntry("large", "CAP-FLEX", ("shop.jsonl",), "2021-02-01..2021-02-02", "A later version takes more.")
LEDGER_FILE = """entries:
- {id: large, rule: CAP-FLEX, recordings: [shop.jsonl], dates: 2021-02-01..2021-02-02, reason: Later.}
"""

Judged = Callable[[Report], list[tuple[object, ...]]]


def exchange(finding: Finding, place: str = "line 3", url: str = "/s/x", entry: str | None = None) -> JudgedExchange:
    """Make a judged exchange."""
    return JudgedExchange(9, place, "PUT", url, finding, entry)


def recording(
    *findings: Finding | JudgedExchange, name: str = "shop.jsonl", skipped: tuple[Skipped, ...] = ()
) -> JudgedRecording:
    """Make a judged recording."""
    judged = tuple(exchange(one) if isinstance(one, Finding) else one for one in findings)
    return JudgedRecording(name, f"somewhere/{name}", ("2021-02",), judged, skipped)


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Judged:
    """Replace the oracle by one that answers what it is told, and keeps how it was called."""

    def answer(report: Report) -> list[tuple[object, ...]]:
        calls: list[tuple[object, ...]] = []

        def judge_paths(
            paths: Sequence[Path],
            edition: Edition | None,
            ledger: Ledger,
            progress: Callable[[str], None],
            refinements: frozenset[str] = frozenset(),
            *,
            midway: bool = False,
        ) -> Report:
            entries = [entry.id for entry in ledger.entries]
            calls.append((list(paths), edition and edition.name, entries, sorted(refinements), midway))
            progress("shop.jsonl")
            return report

        monkeypatch.setattr(judging, "judge_paths", judge_paths)
        return calls

    return answer


def test_paths_edition_and_ledger_are_handed_on(
    capsys: pytest.CaptureFixture[str], oracle: Judged, tmp_path: Path
) -> None:
    """As they were given; without a ledger it is the project's own."""
    file = tmp_path / "ledger.yaml"
    file.write_text(LEDGER_FILE, encoding="utf-8")
    calls = oracle(Report((recording(GOOD),)))
    run(capsys, "judge", "a", "b", "--edition", "2019-10", "--ledger", str(file))
    run(capsys, "judge", "c", "--refine", "placement-by-id", "--midway")

    bundled = [entry.id for entry in bundled_ledger().entries]
    assert calls == [
        ([Path("a"), Path("b")], "2019-10", ["large"], [], False),
        ([Path("c")], None, bundled, ["placement-by-id"], True),
    ]


def test_an_unknown_refinement_is_a_usage_error(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """One line that names those there are; nothing is judged."""
    calls = oracle(Report((recording(GOOD),)))
    outcome = run(capsys, "judge", "a", "--refine", "placement-by-luck")

    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "placement-by-luck" in outcome.err
    assert "placement-by-id" in outcome.err
    assert not calls


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (Report((recording(GOOD),)), 0, "Everything that was decided conforms."),
        (Report((recording(GOOD, unknown("?")),)), 0, "Everything that was decided conforms."),
        (Report((recording(GOOD, BAD),)), 1, "The documents do not allow 1 of the exchanges."),
        (Report((recording(exchange(BAD, entry="large")),)), 0, "Every violation (1) is in the ledger"),
        (Report((recording(unknown("?")),)), 3, "Nothing could be decided."),
    ],
)
def test_the_outcome_is_said_and_is_the_exit_code(
    capsys: pytest.CaptureFixture[str], oracle: Judged, report: Report, code: int, said: str
) -> None:
    """For people and for programs alike."""
    oracle(report)
    outcome = run(capsys, "judge", "x")

    assert outcome.code == code
    assert outcome.out.splitlines()[-1].startswith(said)
    assert run(capsys, "judge", "x", "--json").code == code


def test_json_is_nothing_but_the_report(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """Standard output parses; standard error is empty where there is no terminal."""
    report = Report((recording(GOOD, BAD, unknown("?")),))
    oracle(report)
    outcome = run(capsys, "judge", "x", "--json")

    assert json.loads(outcome.out) == report.to_json()
    assert outcome.err == ""


def test_counts_are_given_by_recording_and_in_total(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """A column each for the four verdicts and for what was skipped."""
    skipped = (Skipped("line 5", "no request"),)
    second = recording(GOOD, unknown("not known yet"), out_of_scope("a disk"), name="two.jsonl", skipped=skipped)
    oracle(Report((recording(GOOD, GOOD, BAD, name="one.jsonl"), second)))
    out = run(capsys, "judge", "x").out
    rows = [line.split() for line in out.splitlines()]

    assert ["one.jsonl", "2021-02", "2", "1", "0", "0", "0"] in rows
    assert ["two.jsonl", "2021-02", "1", "0", "1", "1", "1"] in rows
    assert ["2", "in", "total", "3", "1", "1", "1", "1"] in rows
    assert "\nskipped two.jsonl: line 5: no request\n" in out


def test_a_violation_is_explained(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """With file and place, the request, rules, and the three sentences."""
    oracle(Report((recording(GOOD, exchange(BAD, "line 7", "/s/x?api-version=2021-03-01")),)))

    assert (
        "VIOLATES shop.jsonl: line 7 (step 9)\n"
        "  PUT /s/x?api-version=2021-03-01\n"
        "  rules: CAP-FLEX\n"
        "  expected: 0 to 1000 VMs\n"
        "  seen: 1001 VMs\n"
        "  nearest: 1000 VMs\n"
        "\n"
    ) in run(capsys, "judge", "x").out


def test_a_violation_of_the_ledger_names_entry_and_reason(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """It is shown all the same."""
    oracle(Report((recording(exchange(BAD, entry="large")),), Ledger((ENTRY,))))
    out = run(capsys, "judge", "x").out

    assert "VIOLATES shop.jsonl: line 3 (step 9)\n" in out
    assert "  nearest: 1000 VMs\n  ledger: large\n" in out
    assert "\nIn the ledger\n  large: A later version takes more.\n" in out


def test_rules_and_reasons_are_counted(capsys: pytest.CaptureFixture[str], oracle: Judged) -> None:
    """The most frequent first; of many reasons only the first ten are shown."""
    doubts = [unknown(f"doubt {number}") for number in [*range(12), 11]]
    oracle(Report((recording(GOOD, conforms("ARM-LRO"), conforms("ARM-LRO"), *doubts),)))
    out = run(capsys, "judge", "x").out

    assert out.index("ARM-LRO") < out.index("MODE-2021")
    assert out.index("doubt 11") < out.index("doubt 0")
    assert "and 2 further reasons" in out


def test_hostile_text_of_a_recording_does_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], oracle: Judged
) -> None:
    """Neither control characters nor mark-up are obeyed."""
    finding = violates("CAP-FLEX", expected="[red]x[/red]", seen="\x1b[2J", nearest="a\nb")
    doubt = unknown("[red]why\x1b[2J")
    oracle(Report((recording(exchange(finding, url="/[/]\x07"), doubt, name="[bold].jsonl"),)))
    out = run(capsys, "judge", "x").out

    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[red]x[/red]" in out
    assert "[red]why" in out
    assert out.count("[bold].jsonl") == 2
    assert "nearest: a b" in out


@pytest.mark.parametrize("content", ["", "{", "entries: 7", "entries: [{id: a}]", "\x00"])
def test_an_unusable_ledger_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str) -> None:
    """With exit code 2."""
    file = tmp_path / "ledger.yaml"
    file.write_text(content, encoding="utf-8")
    outcome = run(capsys, "judge", ".", "--ledger", str(file))

    assert outcome.code == 2
    assert "ledger.yaml" in outcome.one_line()


@pytest.mark.parametrize("arguments", [["nowhere"], ["."], ["broken.yaml"], ["\x00"], ["nowhere", "--json"]])
def test_an_unusable_input_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """With exit code 2 and nothing on standard output."""
    monkeypatch.chdir(tmp_path)
    if arguments == ["broken.yaml"]:
        Path("broken.yaml").write_text("- [", encoding="utf-8")
    outcome = run(capsys, "judge", *arguments)

    assert outcome.code == 2
    assert outcome.one_line().startswith("vmss-oracle: ")


@needs_recordings
def test_a_recording_of_the_real_service_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """From the file to the table."""
    file = next(RECORDINGS.glob("managevirtualmachinescalesettest__*.jsonl.gz"))
    outcome = run(capsys, "judge", str(file))

    assert outcome.code == 0
    assert file.name in outcome.out
    assert "Everything that was decided conforms." in outcome.out
