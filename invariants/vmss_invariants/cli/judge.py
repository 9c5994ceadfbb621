"""`vmss-oracle judge`: says of recorded behaviour whether the documents allow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.inputs import complaining_of_inputs
from vmss_invariants.cli.options import AsJson
from vmss_invariants.cli.output import (
    Complaint,
    counts_table,
    emit_all,
    emit_json,
    heading,
    indented,
    labelled,
    one_line,
    progress_bar,
    table,
)
from vmss_model.editions import Edition, UnknownEditionError, edition
from vmss_model.oracle.finding import Verdict

if TYPE_CHECKING:
    from vmss_model.oracle.judge import JudgedExchange, JudgedRecording, Report
    from vmss_model.oracle.ledger import Ledger

_COUNTED = {
    Verdict.CONFORMS: "conforms",
    Verdict.VIOLATES: "violates",
    Verdict.UNKNOWN: "unknown",
    Verdict.OUT_OF_SCOPE: "out of scope",
}
"""The verdicts in the order of the columns."""
_MOST_REASONS = 10


def judge_recordings(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Recordings, or folders of them: exchange logs, VCR cassettes, HAR."),
    ],
    edition_name: Annotated[
        str | None, typer.Option("--edition", help="Judge by this edition; by default each recording's dates decide.")
    ] = None,
    as_json: AsJson = False,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Violations that were looked into, each with a reason.")
    ] = None,
    refine: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Also hold it against a habit of recorded sets, e.g. placement-by-id."),
    ] = None,
    midway: Annotated[
        bool, typer.Option("--midway", help="They begin midway: something may be there, or under way, that none shows.")
    ] = False,
) -> None:
    """Judge recorded exchanges: exit 0 if they conform, 1 if one violates, 3 if none could be decided."""
    report = _judged(paths, _edition(edition_name), ledger, _refinements(refine or []), midway=midway)
    if as_json:
        emit_json(report.to_json())
    else:
        emit_all(_shown(report))
    raise typer.Exit(report.exit_code)


def _edition(name: str | None) -> Edition | None:
    try:
        return None if name is None else edition(name)
    except UnknownEditionError as error:
        raise Complaint(str(error)) from None


def _refinements(names: list[str]) -> frozenset[str]:
    from vmss_model.refinements import UnknownRefinementError, refinement  # noqa: PLC0415 - as `_judged`

    try:
        return frozenset(refinement(name).name for name in names)
    except UnknownRefinementError as error:
        raise Complaint(str(error)) from None


def _judged(
    paths: list[Path], chosen: Edition | None, ledger: Path | None, refinements: frozenset[str], *, midway: bool
) -> Report:
    # Only this command needs the oracle.
    from vmss_model.oracle.judge import judge_paths  # noqa: PLC0415

    with complaining_of_inputs(), progress_bar() as progress:
        task = progress.add_task("", total=None)
        return judge_paths(
            paths,
            chosen,
            _ledger(ledger),
            lambda name: progress.update(task, advance=1, description=one_line(name)),
            refinements,
            midway=midway,
        )


def _ledger(path: Path | None) -> Ledger:
    from vmss_model.oracle.ledger import bundled_ledger, load_ledger  # noqa: PLC0415

    return bundled_ledger() if path is None else load_ledger(path)


def _shown(report: Report) -> Iterator[RenderableType]:
    yield _by_recording(report)
    for recording in report.recordings:
        yield from _skipped(recording)
    yield heading("Rules that decided")
    yield counts_table("rule", report.rules)
    yield from _reasons(report)
    yield from _violations(report)
    yield Text("")
    yield _outcome(report)


def _outcome(report: Report) -> Text:
    violations, new = len(report.violations), len(report.unadjudicated)
    if new:
        return Text(f"The documents do not allow {new} of the exchanges.", style="bold red")
    if report.exit_code:
        return Text("Nothing could be decided.", style="yellow")
    if violations:
        return Text(f"Every violation ({violations}) is in the ledger; all else that was decided conforms.", "green")
    return Text("Everything that was decided conforms.", style="green")


def _by_recording(report: Report) -> Table:
    columns = (*_COUNTED.values(), "skipped")
    counted = table("recording", "edition", *columns, right=columns)
    for recording in report.recordings:
        skipped = len(recording.skipped)
        editions = ", ".join(recording.edition_names)
        counted.add_row(Text(one_line(recording.name)), editions, *_numbers(recording.counts, skipped))
    skipped = sum(len(recording.skipped) for recording in report.recordings)
    counted.add_section()
    counted.add_row(f"{len(report.recordings)} in total", "", *_numbers(report.counts, skipped))
    return counted


def _numbers(counts: Mapping[Verdict, int], skipped: int) -> list[str]:
    return [*(f"{counts.get(verdict, 0):,}" for verdict in _COUNTED), f"{skipped:,}"]


def _skipped(recording: JudgedRecording) -> Iterator[RenderableType]:
    for skipped in recording.skipped:
        yield Text(one_line(f"skipped {recording.name}: {skipped.place}: {skipped.reason}"), style="yellow")


def _reasons(report: Report) -> Iterator[RenderableType]:
    reasons = Counter(
        one_line(judged.finding.reason)
        for recording in report.recordings
        for judged in recording.findings
        if judged.finding.verdict is Verdict.UNKNOWN
    )
    if not reasons:
        return
    yield heading("Why exchanges are unknown")
    yield counts_table("reason", dict(reasons.most_common(_MOST_REASONS)))
    if len(reasons) > _MOST_REASONS:
        yield indented(f"and {len(reasons) - _MOST_REASONS} further reasons; --json gives all of them", 0)


def _violations(report: Report) -> Iterator[RenderableType]:
    for recording, judged in report.violations:
        yield from _violation(recording, judged, report.ledger)
    used = {name for _, judged in report.violations for name in (judged.ledger_entry or "").split(", ")}
    entries = [entry for entry in report.ledger.entries if entry.id in used]
    if entries:
        yield heading("In the ledger")
    for entry in entries:
        yield labelled(one_line(entry.id), one_line(entry.reason))


def _violation(recording: JudgedRecording, judged: JudgedExchange, ledger: Ledger) -> Iterator[RenderableType]:
    finding = judged.finding
    known = judged.ledger_entry is not None
    yield Text("")
    yield Text.assemble(
        ("VIOLATES", "yellow" if known else "bold red"),
        f" {one_line(recording.name)}: {one_line(judged.place)} (step {judged.step})",
    )
    yield Text(f"  {one_line(judged.method)} {one_line(judged.url)}")
    yield labelled("rules", ", ".join(finding.rules))
    yield labelled("expected", one_line(finding.expected))
    yield labelled("seen", one_line(finding.seen))
    yield labelled("nearest", one_line(finding.nearest))
    if judged.ledger_entry is not None:
        yield labelled("ledger", one_line(judged.ledger_entry))
    elif (of_other_dates := ledger.adjudicate(recording.name, finding)) is not None:
        yield labelled("ledger", f"{one_line(of_other_dates)}, but this exchange is not of its dates")
