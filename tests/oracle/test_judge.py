"""Recordings are judged in the order of time, exchange by exchange, and what was skipped is never forgotten."""

from __future__ import annotations

import gzip
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings.writers import (
    Writer,
    as_har,
    as_json_cassette,
    as_log,
    as_packed_log,
    as_yaml_cassette,
    entry,
    interaction,
    log_entry,
    numbered,
)
from tests.support import RECORDINGS, needs_recordings

from vmss_model.editions import EDITIONS
from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.judge import JudgedRecording, Report, in_order_of_time, judge_paths, judge_recording
from vmss_model.oracle.ledger import Ledger, LedgerEntry, bundled_ledger
from vmss_model.oracle.recordings import (
    ArmRequest,
    ArmResponse,
    Exchange,
    Recording,
    Skipped,
    UnusableInput,
    discover,
    load,
)
from vmss_model.rules import RULES

PREFIX = "https://h/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets"
DISK = "https://h/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d"
NOTHING = Ledger()


def scale_set(capacity: int) -> dict[str, Any]:
    """A Uniform scale set."""
    return {
        "id": f"{PREFIX.removeprefix('https://h')}/web",
        "name": "web",
        "location": "westus",
        "sku": {"name": "Standard_D2s_v3", "capacity": capacity},
        "properties": {"orchestrationMode": "Uniform", "singlePlacementGroup": True, "virtualMachineProfile": {}},
    }


def day(number: int) -> str:
    """A time on that day, in one of the two forms."""
    return f"2021-08-{number:02d}T00:00:00Z"


def exchange(
    step: int, method: str, url: str, status: int, answer: object = None, body: object = None, date: str | None = None
) -> Exchange:
    """One exchange; its date is that of its step where none is given."""
    return Exchange(
        ArmRequest(method, f"{url}?api-version=2021-03-01", body),
        ArmResponse(status, {}, answer),
        day(step + 1) if date is None else date,
        step,
        f"line {step + 1}",
    )


CREATED = exchange(0, "PUT", f"{PREFIX}/web", 201, scale_set(1), scale_set(1))
READ = exchange(1, "GET", f"{PREFIX}/web", 200, scale_set(1))
CHANGED = exchange(2, "PATCH", f"{PREFIX}/web", 200, scale_set(2), {"sku": {"capacity": 2}})
READ_AGAIN = exchange(3, "GET", f"{PREFIX}/web", 200, scale_set(2))
DISK_READ = exchange(4, "GET", DISK, 200, {})
GONE = exchange(5, "GET", f"{PREFIX}/web", 404, {"error": {"code": "ResourceNotFound", "message": "x"}})
STORY = (CREATED, READ, CHANGED, READ_AGAIN, DISK_READ, GONE)
VERDICTS = ["conforms", "conforms", "conforms", "conforms", "out-of-scope", "violates"]


def recording(*exchanges: Exchange, skipped: Sequence[str] = ()) -> Recording:
    """A recording of these exchanges, with something skipped at these places."""
    return Recording("story.jsonl", "story.jsonl", exchanges, tuple(Skipped(place, "damaged") for place in skipped))


def judged(*exchanges: Exchange, skipped: Sequence[str] = ()) -> JudgedRecording:
    """The judgement on these exchanges."""
    return judge_recording(recording(*exchanges, skipped=skipped), None, NOTHING)


def verdicts(outcome: JudgedRecording) -> list[str]:
    """The verdicts in the order judged."""
    return [one.finding.verdict.value for one in outcome.findings]


# -- order -------------------------------------------------------------------------------------------


def test_the_story_is_judged_exchange_by_exchange() -> None:
    """What it is told by below."""
    outcome = judged(*STORY)

    assert verdicts(outcome) == VERDICTS
    assert outcome.edition_names == ("2021-07",)
    assert [one.step for one in outcome.findings] == [0, 1, 2, 3, 4, 5]


def test_what_a_recording_begins_with_may_be_under_way_where_it_begins_midway() -> None:
    """A scale set that is seen once is gone at the next read, which is wrong where nothing was under way."""
    for midway, last in ((False, "violates"), (True, "unknown")):
        outcome = judge_recording(recording(READ, GONE), None, NOTHING, midway=midway)
        assert verdicts(outcome)[-1] == last


def test_a_recording_out_of_the_order_of_time_is_judged_in_it() -> None:
    """Playback material is stored grouped by request."""
    assert judged(READ, READ_AGAIN, GONE, CREATED, CHANGED, DISK_READ).findings == judged(*STORY).findings


def test_the_order_of_the_file_decides_between_equal_dates() -> None:
    """Dates have whole seconds, and much happens in one."""
    at_once = [evolve(one, date=day(1)) for one in STORY]

    assert in_order_of_time(at_once) == at_once
    assert in_order_of_time([READ_AGAIN, *at_once]) == [*at_once, READ_AGAIN]


def test_dates_of_both_forms_and_of_any_zone_are_compared() -> None:
    """As points in time, not as texts."""
    first = evolve(READ, date="2021-08-02T01:00:00+02:00")
    second = evolve(READ, date="Sun, 01 Aug 2021 23:30:00 GMT")
    third = evolve(READ, date="2021-08-01T23:45:00")

    assert in_order_of_time([third, second, first]) == [first, second, third]


def test_an_undated_exchange_stays_behind_the_one_before_it() -> None:
    """Also where the rest is put in order; undated ones at the start stay before the first dated one."""
    lost = evolve(DISK_READ, date="no date")
    first = evolve(DISK_READ, date="")

    assert in_order_of_time([first, lost]) == [first, lost]
    assert in_order_of_time([CHANGED, lost, CREATED, READ]) == [CREATED, READ, CHANGED, lost]
    assert in_order_of_time([first, CREATED, lost, READ]) == [first, CREATED, lost, READ]
    assert in_order_of_time([first, READ, CREATED]) == [CREATED, first, READ]


@given(st.permutations(STORY))
def test_the_order_of_the_file_does_not_matter_where_dates_tell(order: list[Exchange]) -> None:
    """All six dates differ."""
    assert judged(*order).findings == judged(*STORY).findings


# -- formats -----------------------------------------------------------------------------------------

FORMATS: list[tuple[str, Writer]] = [
    ("story.jsonl", as_log),
    ("story.jsonl.gz", as_packed_log),
    ("story.json", as_json_cassette),
    ("story.yaml", as_yaml_cassette),
    ("story.yml", as_yaml_cassette),
    ("story.har", as_har),
]


@pytest.mark.parametrize(("name", "write"), FORMATS)
def test_every_format_gives_the_same_findings(tmp_path: Path, name: str, write: Writer) -> None:
    """The same exchanges as exchange log, cassette or HAR file, named or found in a folder."""
    path = tmp_path / name
    path.write_bytes(write(numbered(STORY)))
    report = judge_paths([path], None, NOTHING)

    assert [one.finding for one in report.recordings[0].findings] == [one.finding for one in judged(*STORY).findings]
    assert judge_paths([tmp_path], None, NOTHING).counts == report.counts


def test_a_folder_and_a_file_of_it_are_judged_once_each(tmp_path: Path) -> None:
    """In the order of their paths, and with a word on each."""
    for name, write in FORMATS:
        (tmp_path / name).write_bytes(write(numbered(STORY)))
    told: list[str] = []
    report = judge_paths([tmp_path / "story.yaml", tmp_path], None, NOTHING, told.append)

    assert len(report.recordings) == len(FORMATS)
    assert told == [one.name for one in report.recordings]
    assert told[0] == "story.yaml"


# -- gaps --------------------------------------------------------------------------------------------


def test_after_a_skipped_exchange_nothing_is_held_that_it_may_have_changed() -> None:
    """Had the skipped one deleted the scale set, a 404 would be right: it is no violation."""
    assert verdicts(judged(*STORY))[-1] == "violates"
    moved = evolve(GONE, place="line 7")
    outcome = judged(*STORY[:-1], moved, skipped=["line 6"])

    assert verdicts(outcome) == [*VERDICTS[:-1], "unknown"]
    assert outcome.edition_names == ("2021-07",)


def test_a_skipped_change_is_no_violation_of_what_follows() -> None:
    """The instance count that it set is shown by the next read."""
    assert verdicts(judged(CREATED, READ, READ_AGAIN))[-1] == "violates"
    assert "violates" not in verdicts(judged(CREATED, READ, READ_AGAIN, skipped=["line 3"]))


def test_what_was_skipped_last_changes_nothing() -> None:
    """Nothing follows it."""
    assert judged(*STORY, skipped=["line 7"]).findings == judged(*STORY).findings


def test_out_of_order_a_skipped_exchange_may_have_been_anywhere() -> None:
    """Its date is not known, so that each exchange is judged by itself."""
    outcome = judged(GONE, *STORY[:-1], skipped=["line 99"])

    assert "violates" not in verdicts(outcome)
    assert "conforms" in verdicts(outcome)


def test_skipped_exchanges_are_counted_apart() -> None:
    """They are neither judged nor in any sum."""
    report = Report((judged(*STORY, skipped=["line 7", "line 8"]),))

    assert report.to_json()["skipped"] == 2
    assert report.to_json()["exchanges"] == len(STORY)
    assert sum(report.counts.values()) == len(STORY)


@given(
    st.lists(st.sampled_from(STORY), min_size=1, max_size=8),
    st.lists(st.integers(0, 9).map("line {}".format), max_size=3),
)
def test_a_gap_never_adds_a_violation(exchanges: list[Exchange], skipped: list[str]) -> None:
    """To hold less can only leave more open."""
    placed = [evolve(one, place=f"line {index}", date=day(1)) for index, one in enumerate(exchanges)]
    without, with_gaps = verdicts(judged(*placed)), verdicts(judged(*placed, skipped=skipped))

    for before, after in zip(without, with_gaps, strict=True):
        assert after != "violates" or before == "violates"


# -- bad input ---------------------------------------------------------------------------------------


def log_lines(*changed: tuple[int, object]) -> bytes:
    """The story as a log, with lines replaced by bytes or by other entries."""
    lines: list[object] = [log_entry(one) for one in STORY]
    for number, line in changed:
        lines[number] = line
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)


def changed_entry(number: int, act: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """One of the story's lines, changed."""
    line: dict[str, Any] = json.loads(json.dumps(log_entry(STORY[number])))
    act(line)
    return line


DOUBLED_KEY = b'{"step": 2, "step": 3, "request": {}, "response": {}}'
DEEP = b'{"step": 2, "request": ' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize(
    "line",
    [
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        DOUBLED_KEY,
        DEEP,
        b'{"request": 1, "response": 2, "step": 0}',
        json.dumps(changed_entry(2, lambda one: one["response"].update(status=99))).encode(),
        json.dumps(changed_entry(2, lambda one: one["response"].update(status="ok"))).encode(),
        json.dumps(changed_entry(2, lambda one: one["request"].pop("body"))).encode(),
        json.dumps(changed_entry(2, lambda one: one["request"].update(url=""))).encode(),
        json.dumps(changed_entry(2, lambda one: one["request"].update(method="P U T"))).encode(),
        json.dumps(changed_entry(2, lambda one: one["response"].update(headers=[]))).encode(),
        json.dumps(changed_entry(2, lambda one: one.update(date=3))).encode(),
    ],
)
def test_a_line_that_cannot_be_read_is_skipped_and_counted(tmp_path: Path, line: bytes) -> None:
    """The rest is judged without what the line did."""
    path = tmp_path / "story.jsonl"
    path.write_bytes(log_lines((2, line)))
    report = judge_paths([path], None, NOTHING)

    assert report.to_json()["skipped"] == 1
    assert report.recordings[0].skipped[0].place == "line 3"
    assert report.to_json()["exchanges"] == len(STORY) - 1
    # The skipped line changed the instance count: without a gap the next read would seem to be wrong.
    assert verdicts(report.recordings[0])[2] != "violates"


@pytest.mark.parametrize(("name", "whole"), [("story.yaml", as_yaml_cassette), ("story.har", as_har)])
def test_in_the_other_formats_too_a_damaged_exchange_is_skipped(tmp_path: Path, name: str, whole: Writer) -> None:
    """Cassettes and archives leave the same gap."""
    damaged: dict[str, Any]
    if name.endswith("har"):
        entries = [entry(one) for one in STORY]
        entries[2] = {"startedDateTime": day(3)}
        damaged = {"log": {"version": "1.2", "entries": entries}}
    else:
        interactions: list[dict[str, Any]] = [interaction(one) for one in STORY]
        interactions[2] = {"request": {}}
        damaged = {"version": 1, "interactions": interactions}
    (tmp_path / name).write_text(json.dumps(damaged), encoding="utf-8")
    report = judge_paths([tmp_path / name], None, NOTHING)

    assert report.to_json()["skipped"] == 1
    assert verdicts(report.recordings[0]) == ["conforms", "conforms", "conforms", "out-of-scope", "unknown"]
    assert whole(STORY)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda one: one["response"].update(body="no object"), "unknown"),
        (lambda one: one["response"].update(body=[1]), "unknown"),
        (lambda one: one["response"].update(body={"properties": []}), "unknown"),
        (lambda one: one["request"].update(url="/what/ever"), "out-of-scope"),
        (lambda one: one["request"].update(url=f"{PREFIX}/web?api-version=banana"), "conforms"),
        (lambda one: one["request"].update(url=f"{PREFIX}/web?x=1&x=2&$expand"), "conforms"),
        (lambda one: one.update(date="yesterday"), "conforms"),
    ],
)
def test_an_odd_exchange_is_judged(tmp_path: Path, change: Callable[[dict[str, Any]], None], verdict: str) -> None:
    """What can be read is never skipped."""
    path = tmp_path / "story.jsonl"
    path.write_bytes(log_lines((1, changed_entry(1, change))))
    report = judge_paths([path], None, NOTHING)

    assert report.to_json()["skipped"] == 0
    assert verdicts(report.recordings[0])[1] == verdict


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(as_log(STORY))[:-9]),
        ("a.jsonl.gz", b"no gzip"),
        ("a.jsonl", b""),
        ("a.jsonl", b"no JSON\n"),
        ("a.json", b"[1"),
        ("a.json", b'{"interactions": 3}'),
        ("a.json", b'{"interactions": [], "interactions": []}'),
        ("a.yaml", b"interactions: !!python/object/apply:os.system ['true']\n"),
        ("a.yaml", b"a: &a [*a]\n"),
        ("a.yaml", b"- [" + b"[" * 5000),
        ("a.har", b'{"log": []}'),
    ],
)
def test_a_file_of_which_nothing_can_be_judged_is_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    """It names the file, what is wrong and what would be right."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnusableInput) as caught:
        judge_paths([tmp_path], None, NOTHING)

    assert len(str(caught.value).splitlines()) == 1
    assert name in str(caught.value)


# -- reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exchanges", "code"),
    [((CREATED, READ), 0), ((CREATED, GONE), 1), ((DISK_READ,), 3), ((GONE,), 3), ((DISK_READ, GONE), 3)],
)
def test_the_exit_code_says_how_it_went(exchanges: tuple[Exchange, ...], code: int) -> None:
    """0: decided without an objection; 1: a violation that nobody adjudicated; 3: nothing was decided."""
    assert Report((judged(*exchanges),)).exit_code == code


def test_a_violation_in_the_ledger_is_no_objection() -> None:
    """It still counts as a violation."""
    ledger = Ledger((LedgerEntry("e", "ARM-ABSENT", ("story.jsonl",), "2021-08-06", "x"),))
    report = Report((judge_recording(recording(*STORY), None, ledger),), ledger)

    assert report.exit_code == 0
    assert (report.to_json()["violates"], report.to_json()["adjudicated"]) == (1, 1)
    assert Report((judge_recording(evolve(recording(*STORY), name="other"), None, ledger),)).exit_code == 1


def test_a_violation_of_another_date_is_not_in_the_ledger() -> None:
    """What was looked into then says nothing of the same name's later recording."""
    ledger = Ledger((LedgerEntry("e", "ARM-ABSENT", ("story.jsonl",), "2017-01-01..2017-12-31", "x"),))
    report = Report((judge_recording(recording(*STORY), None, ledger),), ledger)

    assert report.exit_code == 1
    assert (report.to_json()["violates"], report.to_json()["adjudicated"]) == (1, 0)


def test_no_recording_is_nothing_decided() -> None:
    """An empty report is no pass."""
    assert Report(()).exit_code == 3


def assert_sums(report: Report) -> None:
    """Check that the counts of a report's JSON fit together."""
    data: dict[str, Any] = report.to_json()
    assert json.loads(json.dumps(data)) == data
    assert {"recordings", "exchanges", "in_scope", "conforms", "violates", "unknown", "out_of_scope"} <= set(data)
    assert data["exchanges"] == sum(len(one.findings) for one in report.recordings)
    assert data["exchanges"] == data["in_scope"] + data["out_of_scope"]
    assert data["in_scope"] == data["conforms"] + data["violates"] + data["unknown"]
    assert data["adjudicated"] <= data["violates"]
    assert data["skipped"] == sum(len(one.skipped) for one in report.recordings)
    listed = Counter(one["verdict"] for one in data["findings"])
    assert listed == Counter({"violates": data["violates"], "unknown": data["unknown"]})
    assert set(data["rules"]) <= set(RULES)
    deciding = [one.finding.rules for each in report.recordings for one in each.findings]
    decided = [rules for rules in deciding if rules]
    assert max(data["rules"].values(), default=0) <= data["conforms"] + data["violates"] <= len(decided)
    open_codes = {0, 1} if data["conforms"] + data["violates"] else {3}
    assert report.exit_code in open_codes
    assert (report.exit_code == 1) == (data["adjudicated"] < data["violates"])


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(STORY), min_size=1, max_size=6),
            st.lists(st.sampled_from(["line 1", "line 4"]), max_size=2),
        ),
        max_size=3,
    )
)
@settings(max_examples=50)
def test_the_counts_of_a_report_fit_together(files: list[tuple[list[Exchange], list[str]]]) -> None:
    """Every exchange has one verdict, and every verdict is counted once."""
    assert_sums(Report(tuple(judged(*exchanges, skipped=skipped) for exchanges, skipped in files)))


def test_a_finding_is_given_with_all_that_says_where_it_is() -> None:
    """As data that JSON can hold."""
    data: dict[str, Any] = Report((judged(*STORY),)).to_json()
    (found,) = data["findings"]

    assert found["recording"] == "story.jsonl"
    assert (found["step"], found["place"], found["method"]) == (5, "line 6", "GET")
    assert found["verdict"] == "violates"
    assert found["rules"] == ["ARM-ABSENT"]
    assert all(found[name] for name in ("url", "expected", "seen", "nearest"))
    assert found["ledger_entry"] is None


@pytest.mark.parametrize("name", list(EDITIONS))
def test_any_edition_judges_any_recording(name: str) -> None:
    """Also one that knows nothing of the recorded mode: then most is unknown, and nothing raises."""
    flexible = {"location": "westus", "properties": {"orchestrationMode": "Flexible", "platformFaultDomainCount": 1}}
    created = exchange(0, "PUT", f"{PREFIX}/web", 201, flexible, flexible, date="")
    outcome = judge_recording(recording(created, *STORY[1:]), EDITIONS[name], NOTHING)

    assert outcome.edition_names == (name,)
    assert outcome.findings[0].finding.verdict in (Verdict.CONFORMS, Verdict.UNKNOWN)


# -- recordings of the real service ------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> list[Recording]:
    """The recordings of the real service, read."""
    return [load(path) for path in discover([RECORDINGS])]


@pytest.fixture(scope="module")
def report(real: list[Recording]) -> Report:
    """The judgement on them."""
    ledger = bundled_ledger()
    return Report(tuple(judge_recording(one, None, ledger) for one in real), ledger)


@needs_recordings
def test_the_real_service_does_what_the_documents_say_but_for_the_ledger(report: Report) -> None:
    """Every violation is adjudicated, and at least nine in ten exchanges in scope are decided."""
    data: dict[str, Any] = report.to_json()

    assert report.unadjudicated == ()
    assert report.exit_code == 0
    assert data["conforms"] + data["violates"] >= 0.9 * data["in_scope"]
    assert data["exchanges"] > 8000
    assert_sums(report)


@needs_recordings
def test_every_finding_on_the_real_service_keeps_its_promises(report: Report) -> None:
    """Nothing conforms or violates without a rule, and every rule exists."""
    findings: list[Finding] = [one.finding for each in report.recordings for one in each.findings]
    for finding in findings:
        assert set(finding.rules) <= set(RULES)
        assert bool(finding.reason) == (finding.verdict in (Verdict.UNKNOWN, Verdict.OUT_OF_SCOPE))
        assert finding.rules or finding.reason


@needs_recordings
def test_two_thousand_exchanges_a_second_are_judged(real: list[Recording]) -> None:
    """At the least, on the median of three runs over all recordings."""
    count = sum(len(one.exchanges) for one in real)
    rates: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        for one in real:
            judge_recording(one, None, NOTHING)
        rates.append(count / (time.perf_counter() - start))

    assert statistics.median(rates) >= 2000


@needs_recordings
@pytest.mark.parametrize("name", list(EDITIONS))
def test_any_edition_judges_all_of_the_real_service(real: list[Recording], name: str) -> None:
    """Whether it fits the recordings or not."""
    for one in real:
        outcome = judge_recording(one, EDITIONS[name], NOTHING)
        assert len(outcome.findings) == len(one.exchanges)
        assert set(outcome.edition_names) <= {name}


@needs_recordings
def test_an_exchange_that_was_lost_makes_no_violation_of_the_rest(real: list[Recording], report: Report) -> None:
    """Where it is known that one was lost: in each recording one exchange is skipped, and nothing new violates."""
    picked = random.Random(4)
    for one, before in zip(real, report.recordings, strict=True):
        if len(one.exchanges) < 2:
            continue
        lost = picked.choice(one.exchanges)
        kept = tuple(each for each in one.exchanges if each is not lost)
        cut = evolve(one, exchanges=kept, skipped=(Skipped(lost.place, "lost"),))
        old = {each.place for each in before.findings if each.finding.verdict is Verdict.VIOLATES}
        new = judge_recording(cut, None, NOTHING)
        assert {each.place for each in new.findings if each.finding.verdict is Verdict.VIOLATES} <= old
