"""`vmss-oracle verify`: how surely each invariant is known to hold, by proof, exploration and test."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.options import AsJson, OnlyEdition, OnlyKind
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, indented, progress_bar, table
from vmss_invariants.cli.places import chosen_places

if TYPE_CHECKING:
    from vmss_invariants.strength import Known, Place
    from vmss_invariants.verifying import FullReport

_MOST_EXAMPLES = 1_000_000
_MOST_JOBS = 256
_PROFILES = ("quick", "full")


def verify_invariants(
    edition_name: OnlyEdition = None,
    kind_name: OnlyKind = None,
    profile: Annotated[str, typer.Option(help="quick (under a minute on two cores) or full (every night).")] = "quick",
    examples: Annotated[
        int | None,
        typer.Option(min=1, max=_MOST_EXAMPLES, help="Sequences of requests to try for each edition and kind."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=_MOST_JOBS, help="How many explorations run at the same time.")] = min(
        os.cpu_count() or 1, _MOST_JOBS
    ),
    as_json: AsJson = False,
) -> None:
    """Prove, exhaust and test the invariants: exit 0 if none fails, 1 with the shortest sequence found if one does.

    A theorem that is refuted fails, too, with the counts that break it.
    """
    if profile not in _PROFILES:
        raise Complaint(f"unknown profile {profile!r}; there are {', '.join(_PROFILES)}")
    report, lost = _verified(chosen_places(edition_name, kind_name), profile, examples, jobs)
    if as_json:
        emit_json(report.to_json())
    else:
        emit_all(_shown(report))
    if lost:
        raise Complaint(lost)
    raise typer.Exit(0 if report.holds else 1)


def _verified(places: tuple[Place, ...], profile: str, examples: int | None, jobs: int) -> tuple[FullReport, str]:
    """What is known, and why that is not all; empty where it is."""
    # Hypothesis and z3 come with it, which the other commands need not wait for.
    from vmss_invariants import verifying  # noqa: PLC0415

    with progress_bar() as bar:
        task = bar.add_task("", total=verifying.pieces_of_work(places, profile))
        try:
            return verifying.verify_in_full(
                profile, places, examples, jobs, lambda what: bar.update(task, advance=1, description=what)
            ), ""
        except verifying.IncompleteError as lost:
            return lost.report, str(lost)


def _shown(report: FullReport) -> Iterator[RenderableType]:
    yield _results(report)
    for failed in report.failures:
        where = f"{failed.edition} ({failed.kind.value})"
        if failed.counterexample:
            yield heading(f"{failed.invariant} fails in {where}; the shortest sequence found:")
            yield indented("\n".join(failed.counterexample))
        else:
            yield heading(f"{failed.invariant} fails in {where}; these theorems about it do not hold:")
            yield indented("\n".join(failed.refuted))
    for proof in report.evidence.refuted:
        yield heading(f"{proof.theorem.id} does not hold in {proof.edition} ({proof.kind.value}), with these counts:")
        yield indented("\n".join(proof.counterexample))
    for one, unrefined in report.evidence.unrefined:
        yield heading(f"a step that the proofs do not speak of, in {one.configuration.describe()}:")
        yield indented("\n".join((*unrefined.lines, unrefined.problem)))
    if report.undecided:
        yield heading("not proved:")
        yield indented("\n".join(one.describe() for one in report.undecided))
    yield Text("")
    yield _proofs(report)
    yield _summary(report)


def _results(report: FullReport) -> Table:
    """Put what is known alike of an invariant into one row."""
    rows = table("invariant", "known", "how", "status", "kinds of group", right=("kinds of group",))
    for (name, strength, status), group in groupby(sorted(report.known, key=_row), key=_row):
        alike = list(group)
        rows.add_row(name, strength, _how(alike), Text(status, _STYLE.get(status, "")), str(len(alike)))
    return rows


_STYLE = {"fails": "bold red", "unchecked": "yellow"}


def _row(one: Known) -> tuple[str, str, str]:
    # Of what was never examined, "holds" would say too much.
    strength = one.strength.value
    status = "fails" if one.fails else "unchecked" if strength == "unchecked" else "holds"
    return (one.invariant, strength, status)


def _how(alike: list[Known]) -> str:
    if alike[0].strength.value == "proved":
        return f"{sum(one.seconds for one in alike):.2f} s"
    return f"{sum(one.examples for one in alike):,} examined"


def _proofs(report: FullReport) -> Text:
    proofs = report.evidence.proofs
    seconds = [one.seconds for one in proofs]
    worlds = sum(one.worlds for one in report.evidence.explorations)
    steps = sum(one.steps for one in report.evidence.explorations)
    return Text(
        f"{len(proofs)} proofs in {sum(seconds):.1f} s (the longest {max(seconds, default=0):.2f} s); "
        f"{len(report.evidence.explorations)} explorations of {worlds:,} worlds and {steps:,} steps, "
        f"of which {report.refined:,} are steps, or refusals by health gates, that the proofs speak of; "
        f"{report.requests:,} requests tested; {report.seconds:.0f} s in all."
    )


def _summary(report: FullReport) -> Text:
    counts = Counter(one.strength.value for one in report.known if not one.fails)
    names = len({one.invariant for one in report.known})
    failed = len(report.failures)
    known = ", ".join(f"{counts[word]} {word}" for word in ("proved", "exhaustive", "tested", "unchecked"))
    refuted = len(report.evidence.refuted)
    theorems = f" {refuted} of {len(report.evidence.proofs)} theorems refuted." if refuted else ""
    text = f"{names} invariants, {len(report.known)} checks: {known}, {failed} failed.{theorems}"
    return Text(text, style="green" if report.holds else "bold red")
