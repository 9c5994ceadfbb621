"""`verify` in full: proofs, exhaustive explorations and tests, and of each invariant the strongest of the three.

The explorations run in processes of their own while the tests and the proofs run here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from time import perf_counter
from types import MappingProxyType
from typing import Any

from attrs import frozen

from vmss_invariants.checking import check_known
from vmss_invariants.exploring import REFINEMENT, Configuration, Exploration, explore
from vmss_invariants.exploring import profile as explorations_of
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.parallel import BrokenOffError, collected
from vmss_invariants.interrupts import interrupts_held
from vmss_invariants.processes import give_way_to_the_parent, side_by_side
from vmss_invariants.proving.prover import Proof, Result, prove_all
from vmss_invariants.strength import Evidence, Known, Place, strongest
from vmss_invariants.verify import Report, verify
from vmss_invariants.verify import Result as Tested


@frozen(kw_only=True)
class Effort:
    """How much is done in a profile, besides the explorations of that name."""

    examples: int
    """Runs of the state machine for each edition and kind of group."""
    limit_seconds: float
    """How long one exploration may take (seconds); one that takes longer is not exhausted, and counts for nothing."""


PROFILES = MappingProxyType(
    {
        "quick": Effort(examples=7, limit_seconds=60),
        "full": Effort(examples=500, limit_seconds=7200),
    }
)
"""The profiles by name: under a minute on two cores, and for every night."""


@frozen(kw_only=True)
class FullReport:
    """What is known of every invariant, and all that it rests on."""

    known: tuple[Known, ...]
    """One entry for each invariant, edition and kind of group that it speaks of."""
    evidence: Evidence
    """The proofs, the explorations and the tests."""
    requests: int
    """How many requests the tests made."""
    seconds: float
    """How long all of it took (seconds)."""

    @property
    def failures(self) -> tuple[Known, ...]:
        """What fails: an invariant that was found broken, or of which a theorem is refuted."""
        return tuple(one for one in self.known if one.fails)

    @property
    def holds(self) -> bool:
        """Whether nothing fails: no invariant, no theorem, and no step is none that the proofs speak of."""
        return not (self.failures or self.evidence.refuted or self.evidence.unrefined)

    @property
    def refined(self) -> int:
        """How many explored steps, and refusals by health gates, were held against those that the proofs speak of."""
        return sum(one.examinations.get(REFINEMENT, 0) for one in self.evidence.explorations)

    @property
    def undecided(self) -> tuple[Proof, ...]:
        """The proofs that z3 did not finish: what they are about is known by weaker means, if at all."""
        return tuple(one for one in self.evidence.proofs if one.result is Result.UNKNOWN)

    def to_json(self) -> dict[str, Any]:
        """The published report."""
        return {
            "invariants": [one.to_json() for one in self.known],
            "proofs": [_proof_to_json(one) for one in self.evidence.proofs],
            "explorations": [one.summary() for one in self.evidence.explorations],
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
        }


class IncompleteError(RuntimeError):
    """Not all was explored, since a process ended before its work was done."""

    def __init__(self, report: FullReport, broken_off: BrokenOffError) -> None:
        super().__init__(str(broken_off))
        self.report = report
        """What is known without what was not explored."""


def _proof_to_json(one: Proof) -> dict[str, Any]:
    return {
        "theorem": one.theorem.id,
        "edition": one.edition,
        "kind": one.kind.value,
        "result": one.result.value,
        "seconds": round(one.seconds, 3),
        **({"counterexample": list(one.counterexample)} if one.counterexample else {}),
        **({"why_unknown": one.why_unknown} if one.why_unknown else {}),
    }


Progress = Callable[[str], None]
"""Is told of each piece of work as it is done."""


def pieces_of_work(places: Iterable[Place], profile: str) -> int:
    """How many times `verify_in_full` tells of progress."""
    here = tuple(places)
    return len(explorations_of(profile, here)) + len(here) + 1


def _effort(profile: str) -> Effort:
    """The effort of a profile; raises ValueError where there is none of the name."""
    check_known("profile", (profile,), PROFILES)
    return PROFILES[profile]


def verify_in_full(
    profile: str = "quick",
    places: Iterable[Place] | None = None,
    examples: int | None = None,
    jobs: int | None = None,
    progress: Progress = lambda _: None,
) -> FullReport:
    """Prove, explore and test, for these kinds of group (None: all) with a profile's effort.

    Raises ValueError where there is no such profile, and IncompleteError, with what is known all the same, where a
    process ended before its work was done.
    """
    effort, began = _effort(profile), perf_counter()
    here = PLACES if places is None else tuple(places)
    explored = explorations_of(profile, here)
    with _exploring(explored, jobs or os.cpu_count() or 1, effort.limit_seconds) as futures:
        tests, seconds, requests = _tested(here, examples or effort.examples, progress)
        proofs = tuple(proof for proof in prove_all({name for name, _ in here}) if (proof.edition, proof.kind) in here)
        progress("proofs")
        explorations, broken_off = _explored(futures, progress)
    evidence = Evidence(proofs=proofs, explorations=explorations, tests=tests, test_seconds=seconds)
    report = FullReport(
        known=strongest(evidence, here), evidence=evidence, requests=requests, seconds=perf_counter() - began
    )
    if broken_off is not None:
        raise IncompleteError(report, broken_off)
    return report


@contextmanager
def _exploring(
    configurations: tuple[Configuration, ...], jobs: int, limit_seconds: float
) -> Iterator[list[Future[Exploration]]]:
    # The dearest first, so that no process is left with one at the end.
    dearest = sorted(configurations, key=_cheapness)
    with side_by_side(jobs, give_way_to_the_parent) as pool:
        with interrupts_held():
            started = {one: pool.submit(explore, one, limit_seconds=limit_seconds) for one in dearest}
        yield [started[one] for one in configurations]


def _explored(
    futures: list[Future[Exploration]], progress: Progress
) -> tuple[tuple[Exploration, ...], BrokenOffError | None]:
    """The explorations, or those that are finished and what became of the others."""
    try:
        return collected(futures, lambda one: progress(one.configuration.describe())), None
    except BrokenOffError as broken_off:
        return broken_off.found, broken_off


def _cheapness(one: Configuration) -> tuple[object, ...]:
    """Orders explorations by what they will cost, the dearest first: rollouts have the most worlds."""
    bounds = one.bounds
    rolls = not {"carrying_out", "rolling"}.isdisjoint(bounds.families)
    return (not rolls, -bounds.instances, -bounds.update_domains, -bounds.fault_domains, one.describe())


def _tested(
    places: tuple[Place, ...], examples: int, progress: Progress
) -> tuple[tuple[Tested, ...], dict[Place, float], int]:
    results: list[Tested] = []
    seconds: dict[Place, float] = {}
    requests = 0
    for name, kind in places:
        began = perf_counter()
        report: Report = verify([name], [kind], examples)
        seconds[name, kind] = perf_counter() - began
        results.extend(report.results)
        requests += report.steps
        progress(f"{name} {kind.value}")
    return tuple(results), seconds, requests
