"""A full run for the pages: how surely each invariant is known, what breaks it, and what differs between editions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from vmss_invariants.differences import compare
from vmss_invariants.exploring import REFINEMENT, Exploration
from vmss_invariants.mutating.mutant import Mutant
from vmss_invariants.mutating.noticing import Looker
from vmss_invariants.mutating.running import all_mutants, lookers, run
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.publishing.breaking import counterexamples
from vmss_invariants.publishing.formulas import formula_of
from vmss_invariants.publishing.results import Results, fingerprint, rows_of
from vmss_invariants.verifying import verify_in_full
from vmss_model.editions import EDITIONS

_LONG = 3_600.0
"""How long two editions may be compared in each pair of kinds (seconds)."""

Told = Callable[[str], None]
"""Is told what is done."""


def record(
    profile: str,
    jobs: int,
    asked: Sequence[Looker] | None = None,
    told: Told = lambda _: None,
    mutants: Iterable[Mutant] | None = None,
) -> Results:
    """Everything that the pages say; takes minutes (`quick`) or longer (`full`).

    `asked` are those who are asked about mutants; without them all but recordings, without `mutants` all of them.
    """
    told("proofs, explorations and tests")
    report = verify_in_full(profile, jobs=jobs, progress=told)
    told("mutants")
    broken_rules = all_mutants() if mutants is None else mutants
    found = tuple(run(broken_rules, lookers() if asked is None else asked, jobs, lambda one: told(one.mutant.id)))
    told("counterexamples")
    broken = counterexamples(found, jobs, told)
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
