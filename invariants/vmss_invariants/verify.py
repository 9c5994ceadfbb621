"""Checks every invariant of the catalogue on every kind of group of every edition.

One tour and some runs of the state machine for each edition and kind of group, so that every count is of that kind: an
invariant's `examples` are the times it was examined on groups of the kind, in steps it had something to say
of. One that was never examined is "unchecked", whatever the run was worth. The strength of what is found is
"tested" and no more: a number of examples, from a search that is the same every time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from attrs import field, frozen

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.checking import check_count
from vmss_invariants.coverage import RuleCoverage
from vmss_invariants.shrinking import shrink
from vmss_invariants.walker import InvariantBrokenError, Tally
from vmss_invariants.walking import first_broken
from vmss_model.editions import EDITIONS, Edition, edition
from vmss_model.values import GroupKind
from vmss_model.world import World

DEFAULT_EXAMPLES = 30
"""Runs of the machine for each edition and kind of group."""


@frozen
class Result:
    """What is known of one invariant for one kind of group in one edition."""

    id: str
    """The invariant's id."""
    edition: str
    """The edition."""
    kind: GroupKind
    """The kind of group."""
    strength: str
    """`tested`, or `unchecked` where it was never examined."""
    examples: int
    """How often it was examined."""
    status: str
    """`holds` or `fails`; of an unchecked one, nothing is known but that it was not seen to fail."""
    counterexample: tuple[str, ...] = ()
    """Where it fails: the requests that lead there, and last what is broken."""
    before: World | None = None
    """Where it fails: the world in which the last request is made, if it is made again."""


@frozen
class Report:
    """What was found."""

    results: tuple[Result, ...]
    """One result for each invariant, edition and kind of group that it speaks of."""
    steps: int
    """How many requests were made."""
    coverage: RuleCoverage = field(factory=RuleCoverage)
    """Which rules decided them."""

    @property
    def failures(self) -> tuple[Result, ...]:
        """The results that fail."""
        return tuple(result for result in self.results if result.status == "fails")

    @property
    def unchecked(self) -> tuple[Result, ...]:
        """The results of which nothing is known."""
        return tuple(result for result in self.results if result.strength == "unchecked")

    def to_json(self) -> str:
        """The results, in the form of the published report."""
        rows = [
            {
                "id": result.id,
                "edition": result.edition,
                "kind": result.kind.value,
                "strength": result.strength,
                "examples": result.examples,
                "status": result.status,
                **({"counterexample": list(result.counterexample)} if result.counterexample else {}),
            }
            for result in self.results
        ]
        return json.dumps({"invariants": rows}, indent=2)


Progress = Callable[[str, GroupKind], None]
"""Is told the edition and the kind of group that is explored next."""


def verify(
    editions: Iterable[str | Edition] | None = None,
    kinds: Iterable[GroupKind] | None = None,
    examples: int = DEFAULT_EXAMPLES,
    progress: Progress | None = None,
) -> Report:
    """Explore editions (all, or by name, or given with a rule changed) and kinds of group (all)."""
    check_count("examples", examples, 1)
    chosen = tuple(EDITIONS.values()) if editions is None else tuple(map(_edition, editions))
    wanted = frozenset(GroupKind) if kinds is None else frozenset(kinds)
    coverage, steps = RuleCoverage(), 0
    results: list[Result] = []
    for one in chosen:
        for kind in (kind for kind in one.kinds if kind in wanted):
            if progress is not None:
                progress(one.name, kind)
            found, taken = _explore(one, kind, examples, coverage)
            results.extend(found)
            steps += taken
    return Report(tuple(results), steps, coverage)


def _edition(named: str | Edition) -> Edition:
    return edition(named) if isinstance(named, str) else named


def _explore(one: Edition, kind: GroupKind, examples: int, coverage: RuleCoverage) -> tuple[list[Result], int]:
    """Runs until nothing more fails: an invariant that failed is left out of the next run."""
    failed: dict[str, Result] = {}
    steps = 0
    while True:
        tally, seen = Tally(), RuleCoverage()
        broken = first_broken(one, kind, examples, skipped=frozenset(failed), tally=tally, coverage=seen)
        steps += tally.requests.total()
        if broken is None:
            coverage.merge(seen)
            return [_result(one, kind, name, tally, failed) for name in _speaking(one, kind)], steps
        lines, before = _shortest(one, broken)
        failed[broken.invariant_id] = Result(
            id=broken.invariant_id,
            edition=one.name,
            kind=kind,
            strength="tested",
            examples=tally.counts[broken.invariant_id, kind],
            status="fails",
            counterexample=lines,
            before=before,
        )


def _shortest(one: Edition, broken: InvariantBrokenError) -> tuple[tuple[str, ...], World | None]:
    """What is left of a failing sequence, in lines, and the world in which its last request is made."""
    failure = shrink(one, INVARIANTS[broken.invariant_id], broken.taken)
    if failure is None:
        again = "(the model does not do the same again when the requests are repeated)"
        return (*broken.lines, broken.problem, again), None
    return (*failure.lines, failure.problem), failure.before


def _speaking(one: Edition, kind: GroupKind) -> list[str]:
    return [invariant.id for invariant in INVARIANTS.values() if invariant.applies(one.name, kind)]


def _result(one: Edition, kind: GroupKind, name: str, tally: Tally, failed: dict[str, Result]) -> Result:
    if name in failed:
        return failed[name]
    count = tally.counts[name, kind]
    return Result(
        id=name,
        edition=one.name,
        kind=kind,
        strength="tested" if count else "unchecked",
        examples=count,
        status="holds",
    )
