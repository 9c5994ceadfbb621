"""Judging recordings: every exchange of every file, with totals, rules and explained violations."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from vmss_model.editions import Edition
from vmss_model.oracle.arm import ArmOracle
from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.ledger import Ledger
from vmss_model.oracle.recordings import Exchange, Recording, Skipped, discover, load, parse_date


@frozen
class JudgedExchange:
    """One exchange and what the oracle says of it."""

    step: int
    """Its number in the recording."""
    place: str
    """Where in the file it stands."""
    method: str
    """The HTTP method."""
    url: str
    """The address as recorded."""
    finding: Finding
    """The verdict."""
    ledger_entry: str | None = None
    """The ledger entries that adjudicate a violation, or None."""


@frozen
class JudgedRecording:
    """One recording, judged."""

    name: str
    """Its file name."""
    path: str
    """Where it was read from."""
    edition_names: tuple[str, ...]
    """The editions that its scale sets were judged by."""
    findings: tuple[JudgedExchange, ...]
    """Every exchange with its finding, in the order judged."""
    skipped: tuple[Skipped, ...] = ()
    """Exchanges that could not be read."""

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many exchanges have each verdict."""
        return Counter(one.finding.verdict for one in self.findings)


@frozen
class Report:
    """All recordings of one run, judged."""

    recordings: tuple[JudgedRecording, ...]
    """The recordings in the order of their paths."""
    ledger: Ledger = field(factory=Ledger)
    """The ledger that adjudicated."""

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many exchanges of all recordings have each verdict."""
        total: Counter[Verdict] = Counter()
        for recording in self.recordings:
            total.update(recording.counts)
        return total

    @property
    def rules(self) -> Mapping[str, int]:
        """How often each rule decided, most often first."""
        total: Counter[str] = Counter()
        for recording in self.recordings:
            for one in recording.findings:
                total.update(one.finding.rules if one.finding.verdict in _DECIDED else ())
        return dict(total.most_common())

    @property
    def violations(self) -> tuple[tuple[JudgedRecording, JudgedExchange], ...]:
        """Every violation with its recording, adjudicated or not."""
        return tuple(
            (recording, one)
            for recording in self.recordings
            for one in recording.findings
            if one.finding.verdict is Verdict.VIOLATES
        )

    @property
    def unadjudicated(self) -> tuple[tuple[JudgedRecording, JudgedExchange], ...]:
        """Every violation that no ledger entry adjudicates."""
        return tuple(pair for pair in self.violations if pair[1].ledger_entry is None)

    @property
    def exit_code(self) -> int:
        """1 with a violation that is not adjudicated; 3 where nothing could be decided; else 0."""
        if self.unadjudicated:
            return 1
        decided = sum(self.counts[verdict] for verdict in _DECIDED)
        return 0 if decided else 3

    def to_json(self) -> dict[str, object]:
        """The report as data; `findings` lists violations and what is unknown."""
        counts = self.counts
        exchanges = sum(counts.values())
        return {
            "recordings": len(self.recordings),
            "exchanges": exchanges,
            "in_scope": exchanges - counts[Verdict.OUT_OF_SCOPE],
            "conforms": counts[Verdict.CONFORMS],
            "violates": counts[Verdict.VIOLATES],
            "adjudicated": len(self.violations) - len(self.unadjudicated),
            "unknown": counts[Verdict.UNKNOWN],
            "out_of_scope": counts[Verdict.OUT_OF_SCOPE],
            "skipped": sum(len(recording.skipped) for recording in self.recordings),
            "rules": dict(self.rules),
            "findings": [
                _finding_json(recording, one)
                for recording in self.recordings
                for one in recording.findings
                if one.finding.verdict in (Verdict.VIOLATES, Verdict.UNKNOWN)
            ],
        }


_DECIDED = (Verdict.CONFORMS, Verdict.VIOLATES)


def _finding_json(recording: JudgedRecording, one: JudgedExchange) -> dict[str, object]:
    finding = one.finding
    return {
        "recording": recording.name,
        "step": one.step,
        "place": one.place,
        "method": one.method,
        "url": one.url,
        "verdict": finding.verdict.value,
        "rules": list(finding.rules),
        "expected": finding.expected,
        "seen": finding.seen,
        "nearest": finding.nearest,
        "reason": finding.reason,
        "ledger_entry": one.ledger_entry,
    }


def in_order_of_time(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges in the order of their dates; an undated one stays behind the one recorded before it.

    Playback material is often stored grouped by request, so that a file's order is not the order in
    which things happened. The order of the file decides between equal dates.
    """
    dates = [parse_date(exchange.date) for exchange in exchanges]
    latest = next((date for date in dates if date is not None), None)
    if latest is None:
        return list(exchanges)
    keyed: list[tuple[datetime, Exchange]] = []
    for date, exchange in zip(dates, exchanges, strict=True):
        latest = date or latest
        keyed.append((latest, exchange))
    return [exchange for _, exchange in sorted(keyed, key=lambda pair: pair[0])]


def judge_recording(
    recording: Recording,
    edition: Edition | None,
    ledger: Ledger,
    refinements: frozenset[str] = frozenset(),
    *,
    midway: bool = False,
) -> JudgedRecording:
    """One recording, judged from not knowing anything; `refinements` names recorded habits to hold it against.

    `midway`: it begins in the middle of things, so that what was there or under way before it is not known.
    What a skipped exchange did is not known, so that the oracle forgets where one was skipped. In a file
    that is not in the order of time it may have been anywhere: there each exchange is judged by itself.
    """
    ordered = in_order_of_time(recording.exchanges)
    gaps = _gaps(recording, ordered)
    oracle = ArmOracle.start(edition, refinements)
    if midway:
        oracle = oracle.forget()
    judged: list[JudgedExchange] = []
    editions: set[str] = set()
    for exchange in ordered:
        if exchange.place in gaps:
            oracle = oracle.forget()
        oracle, finding = oracle.observe(exchange.request, exchange.response, exchange.date)
        if recording.skipped:
            editions.update(oracle.editions)
        judged.append(
            JudgedExchange(
                exchange.step,
                exchange.place,
                exchange.request.method,
                exchange.request.url,
                finding,
                ledger.adjudicate(recording.name, finding, exchange.date),
            )
        )
    editions.update(oracle.editions)
    return JudgedRecording(recording.name, recording.path, tuple(sorted(editions)), tuple(judged), recording.skipped)


_NUMBER = re.compile(r"[0-9]+")


def _gaps(recording: Recording, ordered: Sequence[Exchange]) -> frozenset[str]:
    """The places of the exchanges before which something may have happened that was skipped."""
    skipped = sorted(_position(one.place) for one in recording.skipped)
    if not skipped:
        return frozenset()
    if ordered != list(recording.exchanges):
        return frozenset(exchange.place for exchange in ordered)
    found: list[str] = []
    before = -1
    for exchange in ordered:
        position = _position(exchange.place)
        if bisect(skipped, before) < bisect(skipped, position):
            found.append(exchange.place)
        before = position
    return frozenset(found)


def _position(place: str) -> int:
    """The number in a place such as `line 12` or `interactions[3]`: the order of the file."""
    number = _NUMBER.search(place)
    return int(number.group()) if number is not None else 0


def judge_paths(
    paths: Sequence[Path],
    edition: Edition | None,
    ledger: Ledger,
    progress: Callable[[str], None] | None = None,
    refinements: frozenset[str] = frozenset(),
    *,
    midway: bool = False,
) -> Report:
    """Every recording in files and folders; raises UnusableInput for a path from which nothing can be judged.

    `midway` and `refinements` are as of `judge_recording`.
    """
    judged: list[JudgedRecording] = []
    for path in discover(paths):
        judged.append(judge_recording(load(path), edition, ledger, refinements, midway=midway))
        if progress is not None:
            progress(path.name)
    return Report(tuple(judged), ledger)
