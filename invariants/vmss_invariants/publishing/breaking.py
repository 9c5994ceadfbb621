"""What breaks each invariant: a mutant, else a fault, and the fewest requests that show it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.mutating.fault import Fault
from vmss_invariants.mutating.faults import FAULTS
from vmss_invariants.mutating.isolated import isolated, threads
from vmss_invariants.mutating.mutant import Mutant
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE, Notice, Noticed, all_broken_by_exploring
from vmss_invariants.mutating.showing import left_of_a_walk, shown
from vmss_invariants.publishing.results import Broken
from vmss_model.editions import EDITIONS

_LONGEST = 120.0
"""How long the search for one counterexample may take (seconds)."""
_Searched = dict[str, Broken]
"""What breaks invariants, by their ids."""


def counterexamples(found: Sequence[Noticed], jobs: int, told: Callable[[str], None]) -> dict[str, Broken]:
    """For each invariant a shortest counterexample: by a mutant where one breaks it, else by a fault.

    The explorer's, from where a mutant was noticed; then from a second look at all mutants, for what else they break;
    and for what only the state machine notices what is left of its sequence. `told` is told what is done.
    """
    explored = _shortest((one.mutant, notice) for one in found for notice in one.notices if notice.by == EXPLORER)
    with threads(jobs) as pool:
        missing = INVARIANTS.keys() - explored.keys()
        further = pool.map(lambda one: _further(one.mutant, told), found) if missing else ()
        others = _shortest(pair for pairs in further for pair in pairs if pair[1].what in missing)
        explored |= others
        chosen: dict[str, Mutant] = {}
        for one in found:
            for notice in one.notices:
                if notice.by == MACHINE and notice.what in INVARIANTS and notice.what not in explored:
                    chosen.setdefault(notice.what, one.mutant)
        searched = pool.map(lambda pair: _walked(pair[0], pair[1], told), chosen.items())
        walked = {name: one for name, one in zip(chosen, searched, strict=True) if one is not None}
    # In what order does not matter: `saved` sorts them.
    by_mutants = {**explored, **walked}
    return {**by_faults(INVARIANTS.keys() - by_mutants.keys(), jobs, told), **by_mutants}


def by_faults(missing: Collection[str], jobs: int, told: Callable[[str], None]) -> dict[str, Broken]:
    """For each of these invariants a shortest counterexample by a fault, as far as there is one."""
    told("faults")
    faults = [FAULTS[name] for name in sorted(missing) if name in FAULTS]
    with threads(jobs) as pool:
        return {one.invariant: found for one, found in zip(faults, pool.map(_shown, faults), strict=True) if found}


def _shortest(notices: Iterable[tuple[Mutant, Notice]]) -> _Searched:
    """Of what the explorer found of each invariant one with the fewest requests, the first of such."""
    shortest: _Searched = {}
    for mutant, notice in notices:
        if notice.lines and notice.what in INVARIANTS:
            known = shortest.get(notice.what)
            if known is None or len(notice.lines) - 1 < len(known.lines):
                shortest[notice.what] = _broken(mutant, notice)
    return shortest


def _broken(wrong: Mutant | Fault, seen: Notice) -> Broken:
    *lines, problem = seen.lines
    return Broken(
        mutant=wrong.id, what=wrong.what, by=seen.by, lines=tuple(lines), problem=problem, picture=seen.picture
    )


def _shown(fault: Fault) -> Broken | None:
    found: Notice | None = isolated(lambda: shown(fault), _LONGEST, endless=None, broken_off=None)
    return None if found is None else _broken(fault, found)


def _further(mutant: Mutant, told: Callable[[str], None]) -> tuple[tuple[Mutant, Notice], ...]:
    """All that a mutant breaks in small explorations."""

    def look() -> tuple[Notice, ...]:
        with mutant.patch():
            return all_broken_by_exploring(mutant)

    nothing: tuple[Notice, ...] = ()
    found = isolated(look, _LONGEST, endless=nothing, broken_off=nothing)
    told(f"what else {mutant.id} breaks")
    return tuple((mutant, notice) for notice in found)


def _walked(invariant: str, mutant: Mutant, told: Callable[[str], None]) -> Broken | None:
    """What is left of the state machine's sequence."""
    found: Broken | None = isolated(lambda: _search(invariant, mutant), _LONGEST, endless=None, broken_off=None)
    told(invariant)
    return found


def _search(invariant: str, mutant: Mutant) -> Broken | None:
    with mutant.patch():
        for name, kind in mutant.kinds:
            if not INVARIANTS[invariant].applies(name, kind):
                continue
            try:
                found = left_of_a_walk(invariant, mutant.broken(EDITIONS[name]), kind)
            except Exception as error:
                # A broken rule may lead anywhere: then there is no sequence to show.
                told = f"{type(error).__name__} while {invariant} was looked at"
                sys.stderr.write(f"{told}\n")
                continue
            if found is not None:
                return _broken(mutant, found)
    return None
