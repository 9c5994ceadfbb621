"""All mutants, or those of some rules, and who notices each: several at a time, the cheap lookers first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from vmss_invariants.mutating.isolated import threads
from vmss_invariants.mutating.mutant import Mutant
from vmss_invariants.mutating.noticing import (
    Looker,
    Noticed,
    decided_in,
    noticed,
    noticed_by_exploring,
    noticed_by_proofs,
    noticed_by_walking,
    noticed_in_recordings,
)
from vmss_invariants.mutating.of_code import mutants_of_code
from vmss_invariants.mutating.of_data import mutants_of_data


def all_mutants() -> tuple[Mutant, ...]:
    """The mutants of the editions' data, of the guards, and of the code of all other rules."""
    of_data = mutants_of_data()
    return (*of_data, *mutants_of_code(frozenset(one.rule for one in of_data)))


def lookers(recordings: Sequence[Path] = ()) -> tuple[Looker, ...]:
    """Who is asked, in turn, until one notices: recordings only where some are given."""
    found: list[Looker] = [noticed_by_exploring, noticed_by_walking, noticed_by_proofs]
    if recordings:
        given = tuple(recordings)
        found.append(partial(noticed_in_recordings, recordings=given, usual=decided_in(given)))
    return tuple(found)


def run(
    mutants: Iterable[Mutant],
    asked: Sequence[Looker],
    jobs: int = 2,
    finished: Callable[[Noticed], None] | None = None,
) -> Iterator[Noticed]:
    """Who notices each mutant, in their order; each is looked at in processes of its own."""
    # Threads only wait: the work is done in the processes that they start.
    with threads(jobs) as pool:
        for found in pool.map(lambda mutant: noticed(mutant, asked), mutants):
            if finished is not None:
                finished(found)
            yield found
