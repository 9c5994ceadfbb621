"""The ledger: every contradiction by a recording is adjudicated, and nothing in it is stale."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import RECORDINGS, needs_recordings

from vmss_model.oracle.finding import Finding, conforms, unknown, violates
from vmss_model.oracle.judge import Report, judge_paths
from vmss_model.oracle.ledger import (
    LARGEST_FILE,
    Ledger,
    LedgerEntry,
    bundled_ledger,
    days_of,
    is_named,
    load_ledger,
    parse_ledger,
)
from vmss_model.oracle.recordings import UnusableInput, parse_date
from vmss_model.oracle.recordings.load import load
from vmss_model.rules import RULES, EvidenceKind

ENTRIES = bundled_ledger().entries


def entry(**changes: str) -> str:
    """A ledger of one entry as a file has it, with fields replaced."""
    fields = {
        "id": "large",
        "rule": "CAP-FLEX",
        "dates": "2021-02-01..2021-02-02",
        "recordings": "[shop.jsonl]",
        "reason": "A later version takes more.",
        **changes,
    }
    return "entries:\n  - " + "\n    ".join(f"{name}: {value}" for name, value in fields.items() if value != "-") + "\n"


def against(*rules: str) -> Finding:
    """A violation of these rules."""
    return violates(*rules, expected="a", seen="b", nearest="c")


# -- the project's own -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report() -> Report:
    """The recordings of the real service, judged."""
    return judge_paths([RECORDINGS], None, bundled_ledger())


@needs_recordings
def test_every_violation_by_the_real_service_has_an_entry(report: Report) -> None:
    """What a recording contradicts is known, with the reason why both sides are kept."""
    unexplained = [
        (recording.name, one.place, one.finding.rules, one.finding.seen) for recording, one in report.unadjudicated
    ]

    assert unexplained == []
    assert report.violations


@needs_recordings
@pytest.mark.parametrize("of", ENTRIES, ids=lambda of: of.id)
def test_every_recording_of_an_entry_shows_the_contradiction(report: Report, of: LedgerEntry) -> None:
    """An entry, or a name in it, that matches no violation any more is stale."""
    shown = {recording.name for recording, one in report.violations if of.matches(recording.name, one.finding)}
    stale = [name for name in of.recordings if not any(is_named(one, name) for one in shown)]

    assert stale == []


@needs_recordings
@pytest.mark.parametrize("of", ENTRIES, ids=lambda of: of.id)
def test_the_dates_of_an_entry_are_those_of_its_violations(report: Report, of: LedgerEntry) -> None:
    """From the first to the last exchange that shows the contradiction."""
    days = []
    for judged in report.recordings:
        places = {one.place for one in judged.findings if of.matches(judged.name, one.finding)}
        if places:
            for exchange in load(Path(judged.path)).exchanges:
                date = parse_date(exchange.date)
                if exchange.place in places and date is not None:
                    days.append(date.date())

    assert (min(days), max(days)) == days_of(of.dates)


@pytest.mark.parametrize("of", ENTRIES, ids=lambda of: of.id)
def test_the_rule_of_an_entry_is_known_to_be_contradicted(of: LedgerEntry) -> None:
    """The catalogue says so too, of a time that covers the entry's."""
    first, last = days_of(of.dates)
    contradicted = [
        days_of(one.dates) for one in RULES[of.rule].evidence if one.kind is EvidenceKind.CONTRADICTED and one.dates
    ]

    assert any(begin <= first and last <= end for begin, end in contradicted)


# -- matching ----------------------------------------------------------------------------------------


def test_an_entry_applies_to_the_named_recordings_alone() -> None:
    """By the whole file name; the same violation elsewhere is not adjudicated."""
    ledger = parse_ledger(entry(), "x")

    assert ledger.adjudicate("shop.jsonl", against("CAP-FLEX")) == "large"
    for other in ("shop.jsonl.gz", "Shop.jsonl", "a/shop.jsonl", "shop", ""):
        assert ledger.adjudicate(other, against("CAP-FLEX")) is None
    assert ledger.adjudicate("shop.jsonl", against("CAP-UNIFORM")) is None


def test_an_asterisk_at_the_end_stands_for_any_ending() -> None:
    """Brackets and question marks stand for themselves."""
    ledger = parse_ledger(entry(recordings='["shop[1]?*"]'), "x")

    assert ledger.adjudicate("shop[1]?.jsonl", against("CAP-FLEX")) == "large"
    assert ledger.adjudicate("shop1a.jsonl", against("CAP-FLEX")) is None


def test_every_contradicted_rule_needs_an_entry() -> None:
    """But the exact error, which goes with the rule that it belongs to; alone it is not adjudicated."""
    ledger = parse_ledger(entry(), "x")

    assert ledger.adjudicate("shop.jsonl", against("CAP-FLEX", "E2")) == "large"
    assert ledger.adjudicate("shop.jsonl", against("CAP-FLEX", "SPG-FLEX")) is None
    assert ledger.adjudicate("shop.jsonl", against("E2")) is None


@pytest.mark.parametrize(
    ("when", "adjudicated"),
    [
        ("Mon, 01 Feb 2021 00:00:00 GMT", True),
        ("2021-02-02T23:59:59Z", True),
        ("2021-02-03T01:30:00+02:00", True),
        ("Sun, 31 Jan 2021 23:59:59 GMT", False),
        ("2021-02-03", False),
        ("2017-01-01T00:00:00Z", False),
        ("", True),
        ("yesterday", True),
    ],
)
def test_an_entry_applies_to_its_dates_alone(when: str, adjudicated: bool) -> None:
    """From the first day to the last, in UTC; what has no date may be of them."""
    ledger = parse_ledger(entry(), "x")

    assert ledger.adjudicate("shop.jsonl", against("CAP-FLEX"), when) == ("large" if adjudicated else None)
    assert ledger.entries[0].matches("shop.jsonl", against("CAP-FLEX"), when) is adjudicated


def test_only_violations_are_adjudicated() -> None:
    """What conforms or is unknown needs no reason."""
    ledger = parse_ledger(entry(), "x")

    assert ledger.adjudicate("shop.jsonl", conforms("CAP-FLEX")) is None
    assert ledger.adjudicate("shop.jsonl", unknown("x", "CAP-FLEX")) is None
    assert Ledger().adjudicate("shop.jsonl", against("CAP-FLEX")) is None


# -- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dates", ["2021-02-01", "2021-02-01..2021-02-01", "2020-02-29..2021-01-01"])
def test_a_ledger_is_read(tmp_path: Path, dates: str) -> None:
    """With a byte order mark or without, and with one day or two."""
    path = tmp_path / "ledger.yaml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(entry(dates=dates), encoding=encoding)
        (read,) = load_ledger(path).entries
        assert read == LedgerEntry("large", "CAP-FLEX", ("shop.jsonl",), dates, "A later version takes more.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no list under `entries`"),
        ("entries:", "no list under `entries`"),
        ("- a", "no list under `entries`"),
        ("entries: {a: b}", "no list under `entries`"),
        ("entries: [", "it is not YAML"),
        ("entries: []\n---\nentries: []", "second"),
        ("entries: []\nentries: []", "twice"),
        ("a: &a [*a]\nentries: []", "alias"),
        ("entries: !!python/object/apply:os.system ['true']", "tag"),
        ("entries: " + "[" * 5000, "nested"),
        ("entries: [3]", "fields"),
        ("entries: [{}]", "fields"),
        (entry(id="-"), "fields"),
        (entry(more="x"), "fields"),
        (entry(id="a\n    id: b"), "twice"),
        (entry(id="''"), "`id`"),
        (entry(id="3"), "`id`"),
        (entry(reason="[x]"), "`reason`"),
        (entry(rule="NO-SUCH-RULE"), "NO-SUCH-RULE"),
        (entry(rule="{a: b}"), "`rule`"),
        (entry(recordings="shop.jsonl"), "`recordings`"),
        (entry(recordings="[]"), "`recordings`"),
        (entry(recordings="[3]"), "`recordings`"),
        (entry(recordings="['']"), "`recordings`"),
        (entry(recordings="['*']"), "`*`"),
        (entry(recordings="['a*b']"), "`a*b`"),
        (entry(dates="yesterday"), "yesterday"),
        (entry(dates="2021-02-30"), "2021-02-30"),
        (entry(dates="2021-02-02..2021-02-01"), "2021-02-02..2021-02-01"),
        (entry(dates="2021-02-02..."), "2021-02-02..."),
        (entry() + entry().removeprefix("entries:\n"), "twice"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_one_line(text: str, said: str) -> None:
    """It names the file, what is wrong and what would be right."""
    with pytest.raises(UnusableInput) as caught:
        parse_ledger(text, "my.yaml")

    assert str(caught.value).startswith("my.yaml: ")
    assert len(str(caught.value).splitlines()) == 1
    assert said in str(caught.value)


def test_a_ledger_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """A missing file, a folder, bytes that are no text, names that no file can have."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "bytes.yaml", Path("a\0b"), Path("n" * 300)):
        with pytest.raises(UnusableInput) as caught:
            load_ledger(path)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero here")
def test_a_ledger_that_never_ends_is_one_line(tmp_path: Path) -> None:
    """As is one that is merely too long; one that is just long enough is read."""
    long, longest = tmp_path / "long.yaml", tmp_path / "longest.yaml"
    for path, length in ((long, LARGEST_FILE + 1), (longest, LARGEST_FILE)):
        path.write_text(entry().ljust(length - 1) + "\n", encoding="utf-8")

    for path in (Path("/dev/zero"), long):
        with pytest.raises(UnusableInput, match="it is longer than 1,000,000 bytes; give fewer entries"):
            load_ledger(path)
    assert len(load_ledger(longest).entries) == 1
