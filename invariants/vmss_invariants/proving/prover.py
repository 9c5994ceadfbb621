"""Runs z3 on the theorems: proved, refuted with a counterexample, or unknown, and never one for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from time import perf_counter
from typing import Any

import z3
from attrs import frozen

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.proving.sharing import shared
from vmss_invariants.proving.theorem import Claim, Theorem
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.proving.wording import conjuncts, parts_of, says_nothing, symbols_in, worded
from vmss_invariants.solver import answer_of
from vmss_model.editions import EDITIONS
from vmss_model.editions import edition as named
from vmss_model.terms import Truth, all_of, is_symbolic
from vmss_model.values import GroupKind

TIMEOUT = 2000
"""How long each of z3's solvers may take for one claim (milliseconds): a time-out is reported as unknown."""
_EFFORT = 100_000
"""What z3 may spend on whether a claim is proved with less, in its own unit: that comes out the same on any machine."""
_SHOWN_OF_ARRAY = 6
"""How many terms of an array a counterexample shows."""


class Result(Enum):
    """What came of a proof."""

    PROVED = "proved"
    """It holds for all values."""
    REFUTED = "refuted"
    """There are values for which it does not hold."""
    UNKNOWN = "unknown"
    """z3 did not find out within its time, or gave up; no kind of proof."""


@frozen(kw_only=True)
class Proof:
    """A theorem for one kind of group in one edition, and what z3 made of it."""

    theorem: Theorem
    """The theorem."""
    edition: str
    """The edition's name."""
    kind: GroupKind
    """The kind of group."""
    result: Result
    """Proved only if z3 proved every one of its claims."""
    seconds: float
    """How long it took, the building of the terms included (seconds)."""
    claims: int
    """How many claims were looked at (count)."""
    counterexample: tuple[str, ...] = ()
    """Where refuted: which claim, and the values that break it, a line each."""
    why_unknown: str = ""
    """Where unknown: which claim, and what z3 says."""

    def formula(self) -> str:
        """What was proved, printed from the terms that z3 was given."""
        return formula(self.theorem, self.edition, self.kind)

    def describe(self) -> str:
        """The proof in one line."""
        line = f"{self.result.value:8} {self.seconds:6.3f} s  {self.edition} {self.kind.value}: {self.theorem.id}"
        return f"{line} ({self.why_unknown})" if self.why_unknown else line


def prove_all(
    editions: Iterable[str] | None = None,
    progress: Callable[[Proof], None] | None = None,
    theorems: Iterable[Theorem] = THEOREMS,
) -> tuple[Proof, ...]:
    """Every theorem for every kind of group that it speaks of, in these editions (None: in all)."""
    names = tuple(EDITIONS) if editions is None else tuple(named(one).name for one in editions)
    found = []
    for theorem in theorems:
        for edition, kind in sorted(theorem.where, key=lambda place: (place[0], place[1].value)):
            if edition in names:
                found.append(prove(theorem, edition, kind))
                if progress is not None:
                    progress(found[-1])
    return tuple(found)


def prove(theorem: Theorem, edition: str, kind: GroupKind) -> Proof:
    """A theorem for one kind of group in one edition."""
    began = perf_counter()
    result, why, number = Result.PROVED, "", 0
    counterexample: tuple[str, ...] = ()
    for claim in theorem.claims((edition, kind)):
        number += 1
        answer, solver = _asked(claim)
        if answer == z3.sat:
            result, counterexample = Result.REFUTED, (claim.about, *_values(solver.model(), claim.shown))
            break
        if answer == z3.unknown:
            result, why = Result.UNKNOWN, f"{claim.about}: {solver.reason_unknown()}"
    return Proof(
        theorem=theorem,
        edition=edition,
        kind=kind,
        result=result if number else Result.UNKNOWN,
        seconds=perf_counter() - began,
        claims=number,
        counterexample=counterexample,
        why_unknown=why if number else "it claims nothing",
    )


def invariants_proved(proofs: Iterable[Proof]) -> dict[tuple[str, str, GroupKind], str]:
    """The invariants of the catalogue that proofs are proofs of: by id, edition and kind of group.

    The value says which part of the invariant is proved, and is empty where all of it is. An invariant takes every
    theorem that names it and speaks of the place, and what these rest on: if one of them is not proved, it is not here.
    """
    parts: dict[tuple[str, str, GroupKind], list[str]] = {}
    missing: set[tuple[str, str, GroupKind]] = set()
    proofs = tuple(proofs)
    standing = _standing(proofs)
    for proof in proofs:
        for one in proof.theorem.proves:
            key = (one.invariant, proof.edition, proof.kind)
            if not INVARIANTS[one.invariant].applies(proof.edition, proof.kind):
                continue
            parts.setdefault(key, []).append(one.part)
            if (proof.theorem.id, proof.edition, proof.kind) not in standing:
                missing.add(key)
    return {
        key: "; ".join(dict.fromkeys(part for part in found if part))
        for key, found in parts.items()
        if key not in missing
    }


def _standing(proofs: Iterable[Proof]) -> frozenset[tuple[str, str, GroupKind]]:
    """The theorems that are proved together with all that they rest on, by id, edition and kind of group.

    A theorem stands behind those that it rests on.
    """
    found: set[tuple[str, str, GroupKind]] = set()
    for one in proofs:
        rests = ((name, one.edition, one.kind) for name in one.theorem.rests_on)
        if one.result is Result.PROVED and all(key in found for key in rests):
            found.add((one.theorem.id, one.edition, one.kind))
    return frozenset(found)


def _asked(claim: Claim) -> tuple[Any, Any]:
    """What z3 answers to a claim, sat where it is refuted; and the solver, which knows what refutes it.

    The solver that does nothing but solve proves all theorems, and takes two thirds of the time of the other one. That
    one tries more ways, and finds counterexamples with quantifiers where the first gives up.
    """
    for new_solver in (z3.SimpleSolver, z3.Solver):
        solver = _solver(new_solver(), *claim.known, z3.Not(claim.follows))
        answer = answer_of(solver)
        if answer != z3.unknown:
            break
    return answer, solver


def is_about_something(claim: Claim) -> bool:
    """Whether what a claim takes to hold can hold: from a contradiction everything follows."""
    return bool(answer_of(_solver(z3.Solver(), *claim.known)) == z3.sat)


def _solver(solver: Any, *terms: Truth) -> Any:
    solver.set("timeout", TIMEOUT)
    solver.add(all_of(*terms))
    return solver


def _values(model: Any, shown: Mapping[str, object]) -> Iterator[str]:
    """The values of a counterexample, those of an array as far as it goes."""
    sizes = {"by_fault_domain": "fault_domains", "by_zone": "zones", "in_flight": "places"}
    for name, term in shown.items():
        value = model.eval(term, model_completion=name in sizes)
        if not z3.is_array(term):
            if not z3.eq(value, term):  # else the counterexample does not depend on it
                yield f"{name} = {worded(value)}"
            continue
        size = model.eval(shown[sizes[name]], model_completion=True).as_long() if name in sizes else _SHOWN_OF_ARRAY
        places = range(min(size, _SHOWN_OF_ARRAY))
        loads = (model.eval(z3.Select(value, place), model_completion=True) for place in places)
        more = ", ..." if size > _SHOWN_OF_ARRAY else ""
        yield f"{name} = [{', '.join(map(worded, loads))}{more}]"


def formula(theorem: Theorem, edition: str, kind: GroupKind) -> str:
    """The claims of a theorem, printed from the very terms that z3 is given.

    Of what a claim takes to hold only that is printed which it needs. What stands in several places has a name.
    """
    return "\n\n".join(f"{claim.about}:\n{printed(claim)}" for claim in theorem.claims((edition, kind)))


def printed(claim: Claim) -> str:
    """A claim, without what it is about: what it takes to hold as far as it is needed, and what follows."""
    known, follows = _needed(claim), concluded(claim)
    if all(map(says_nothing, follows)):
        # A step says the same as the claim: so it is told what it makes of what.
        return "\n".join(_listed("  => ", made_of(claim) or map(worded, follows)))
    short = shared((*known, *follows), claim.after)
    lines = tuple(map(worded, short.formulas))
    where = [f"{name} = {worded(one)}" for name, one in short.names]
    given, then = lines[: len(known)], dict.fromkeys(lines[len(known) :])
    return "\n".join((*_listed("     ", given), *_listed("  => ", then), *_listed("  where", where)))


def made_of(claim: Claim) -> tuple[str, ...]:
    """What a claim says word for word of the counts after a step, as far as they are not what they were."""
    made: dict[int, str] = {one.get_id(): name for name, one in reversed(claim.after)}
    parts = (one for one in parts_of(claim.follows) if is_symbolic(one) and z3.is_eq(one))
    named = ((made.get(one.arg(0).get_id()), worded(one.arg(1))) for one in parts)
    return tuple(f"{name}' = {text}" for name, text in named if name is not None and name != text)


def concluded(claim: Claim) -> tuple[Truth, ...]:
    """The parts of what follows, without what is true as it is written where there is more."""
    return conjuncts(claim.follows) or (claim.follows,)


def _listed(begins: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below each other, the first of which begins with a word or sign."""
    for line in lines:
        yield f"{begins} {line}"
        begins = " " * len(begins)


def _needed(claim: Claim) -> tuple[Truth, ...]:
    """What a claim needs of what it takes to hold; all of it where it is not proved.

    One after the other is left out if the claim is proved without it, those first that speak of most besides: what is
    left does not depend on what z3 happens to use.
    """
    known = tuple(dict.fromkeys(conjuncts(all_of(*claim.known))))
    concluded = symbols_in(claim.follows)
    order = sorted(range(len(known)), key=lambda number: -len(symbols_in(known[number]) - concluded))
    # In a context of its own, what z3 was asked before makes no difference to how soon it answers.
    alone = z3.Context()
    refuted = z3.Not(claim.follows).translate(alone)
    left = {number: z3.And(one).translate(alone) for number, one in enumerate(known)}
    used = _core(refuted, left)
    if used is None:
        return known
    for number in order:
        without = {other: term for other, term in left.items() if other != number}
        fewer = _core(refuted, without, _EFFORT) if number in used else used
        if fewer is not None:
            left, used = without, fewer
    return tuple(known[number] for number in left)


def _core(refuted: z3.BoolRef, known: Mapping[int, z3.BoolRef], effort: int = 0) -> set[int] | None:
    """Which of this z3 used to refute something, or None where it does not refute it with this effort (0: any)."""
    solver = z3.Solver(ctx=refuted.ctx)
    solver.set("timeout", TIMEOUT)
    solver.set("rlimit", effort)
    solver.add(refuted)
    for number, term in known.items():
        solver.assert_and_track(term, str(number))
    if answer_of(solver) != z3.unsat:
        return None
    return {int(str(one)) for one in solver.unsat_core()}


__all__ = [
    "Proof",
    "Result",
    "concluded",
    "formula",
    "invariants_proved",
    "is_about_something",
    "made_of",
    "printed",
    "prove",
    "prove_all",
]
