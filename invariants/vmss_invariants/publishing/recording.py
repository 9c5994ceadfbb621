"""A full run for the pages: how surely each invariant is known, what breaks it, and what differs between editions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.differences import compare
from vmss_invariants.exploring import REFINEMENT, Exploration
from vmss_invariants.exploring.wording import picture_of
from vmss_invariants.mutating.isolated import isolated, threads
from vmss_invariants.mutating.mutant import Mutant
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE, Noticed
from vmss_invariants.mutating.running import all_mutants, lookers, run
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.publishing.formulas import formula_of
from vmss_invariants.publishing.results import Broken, Results, fingerprint, rows_of
from vmss_invariants.verify import verify
from vmss_invariants.verifying import verify_in_full
from vmss_model.editions import EDITIONS

_EXAMPLES = 3
"""Runs of the state machine in which a mutant's counterexample is looked for."""
_LONGEST = 120.0
"""How long the search for one counterexample may take (seconds)."""
_LONG = 3_600.0
"""How long two editions may be compared in each pair of kinds (seconds)."""

Told = Callable[[str], None]
"""Is told what is done."""


def record(
    profile: str,
    jobs: int,
    recordings: Sequence[Path] = (),
    told: Told = lambda _: None,
    mutants: Iterable[Mutant] | None = None,
) -> Results:
    """Everything that the pages say; takes minutes (`quick`) or longer (`full`). Without `mutants`: all of them."""
    told("proofs, explorations and tests")
    report = verify_in_full(profile, jobs=jobs, progress=told)
    told("mutants")
    found = tuple(
        run(all_mutants() if mutants is None else mutants, lookers(recordings), jobs, lambda one: told(one.mutant.id))
    )
    told("counterexamples")
    broken = _broken(found, jobs, told)
    told("differences")
    differences = compared_editions()
    return Results(
        model=fingerprint(),
        rows=rows_of(report.known),
        broken=broken,
        mutants=tuple(one.to_json() for one in found),
        explored=tuple(_explored(one) for one in report.evidence.explorations),
        differences=differences,
        formulas={theorem.id: formula_of(theorem) for theorem in THEOREMS},
    )


def _explored(one: Exploration) -> Mapping[str, Any]:
    """What an exploration found, without what differs from run to run."""
    return {
        "configuration": one.configuration.describe(),
        "worlds": one.worlds,
        "steps": one.steps,
        "depth": one.depth,
        "exhausted": one.exhausted,
        "refined": one.examinations.get(REFINEMENT, 0),
    }


def compared_editions() -> tuple[Mapping[str, Any], ...]:
    """What is different between any two editions: of each and the next in full, of others in short."""
    pairs = tuple(pairwise(EDITIONS))
    return tuple(_compared(one, other, (one, other) in pairs) for one, other in combinations(EDITIONS, 2))


def _compared(first: str, second: str, neighbours: bool) -> Mapping[str, Any]:
    # Long enough for any machine: what is recorded does not depend on how fast it is.
    found = compare(first, second, limit_seconds=_LONG).to_json()
    told = {name: found[name] for name in ("first", "second", "values", "rules", "shown", "unshown")}
    if neighbours:
        return {**told, "neighbours": True}
    shown = [
        {"rule": one["rule"], "sentence": one["sentence"], "requests": len(one["requests"])} for one in found["shown"]
    ]
    return {
        **{name: told[name] for name in ("first", "second", "rules", "unshown")},
        "shown": shown,
        "neighbours": False,
    }


def _broken(found: Sequence[Noticed], jobs: int, told: Told) -> dict[str, Broken]:
    """For each invariant a shortest counterexample: the explorer's, or what is left of the state machine's."""
    explored = _explored_counterexamples(found)
    chosen: dict[str, Mutant] = {}
    for one in found:
        for notice in one.notices:
            if notice.by == MACHINE and notice.what in INVARIANTS and notice.what not in explored:
                chosen.setdefault(notice.what, one.mutant)
    with threads(jobs) as pool:
        searched = pool.map(lambda pair: _counterexample(pair[0], pair[1], told), chosen.items())
        walked = {name: one for name, one in zip(chosen, searched, strict=True) if one is not None}
    # In what order does not matter: `saved` sorts them.
    return {**explored, **walked}


def _explored_counterexamples(found: Iterable[Noticed]) -> dict[str, Broken]:
    """Those that the explorer found, of each invariant one with the fewest requests."""
    shortest: dict[str, Broken] = {}
    for one in found:
        for notice in one.notices:
            if notice.by == EXPLORER and notice.lines and notice.what in INVARIANTS:
                broken = Broken(
                    mutant=one.mutant.id,
                    what=one.mutant.what,
                    lines=notice.lines[:-1],
                    problem=notice.lines[-1],
                    picture=notice.picture,
                )
                known = shortest.get(notice.what)
                if known is None or len(broken.lines) < len(known.lines):
                    shortest[notice.what] = broken
    return shortest


def _counterexample(invariant: str, mutant: Mutant, told: Told) -> Broken | None:
    found: Broken | None = isolated(lambda: _search(invariant, mutant), _LONGEST, endless=None, broken_off=None)
    told(invariant)
    return found


def _search(invariant: str, mutant: Mutant) -> Broken | None:
    with mutant.patch():
        for name, kind in mutant.kinds:
            if not INVARIANTS[invariant].applies(name, kind):
                continue
            try:
                report = verify([mutant.broken(EDITIONS[name])], [kind], _EXAMPLES)
            except Exception as error:
                # A broken rule may lead anywhere: then there is no sequence to show.
                told = f"{type(error).__name__} while {invariant} was looked at"
                sys.stderr.write(f"{told}\n")
                continue
            failure = next((one for one in report.failures if one.id == invariant), None)
            if failure is not None:
                *lines, problem = failure.counterexample
                picture = () if failure.before is None else picture_of(failure.before)
                return Broken(mutant=mutant.id, what=mutant.what, lines=tuple(lines), problem=problem, picture=picture)
    return None
