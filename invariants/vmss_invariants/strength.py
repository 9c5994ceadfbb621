"""How surely each invariant is known to hold: proved, exhausted to a bound, tested, or not checked at all.

For each kind of group in each edition the strongest that was found stands, and nothing is called by a stronger
name than it earned: a proof of a part of an invariant is no proof of it, nor is one of counts where a step was found
that the proofs do not speak of; an exploration that was cut short is no exhaustion, and what was never examined is
unchecked. What a solver did not find out leaves an invariant to the weaker means; what it refuted fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.exploring.refining import REFINEMENT
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

if TYPE_CHECKING:
    from vmss_invariants.exploring import Exploration, Violation
    from vmss_invariants.proving.prover import Proof
    from vmss_invariants.verify import Result as Tested

Place = tuple[str, GroupKind]


class Strength(Enum):
    """How surely something is known, the surest first."""

    PROVED = "proved"
    EXHAUSTIVE = "exhaustive"
    TESTED = "tested"
    UNCHECKED = "unchecked"


@frozen(kw_only=True)
class Known:
    """What is known of one invariant for one kind of group in one edition."""

    invariant: str
    """The invariant's id."""
    edition: str
    """The edition."""
    kind: GroupKind
    """The kind of group."""
    strength: Strength
    """The strongest that was found."""
    fails: bool = False
    """Whether it was found broken."""
    how: tuple[str, ...] = ()
    """The theorems that prove it, or the bounds to which it was exhausted."""
    examples: int = 0
    """How often it was examined by the weaker means: in explored steps, else in tested ones."""
    seconds: float = 0.0
    """How long that took (seconds); for tests, that of the whole run for this kind of group."""
    parts: tuple[str, ...] = ()
    """Which parts of it are proved, where it is not proved as a whole."""
    counterexample: tuple[str, ...] = ()
    """Where it fails: the requests that lead there, and last what is broken."""
    refuted: tuple[str, ...] = ()
    """The theorems about it that do not hold: it fails on counts that explorations and tests need not come to."""

    def to_json(self) -> dict[str, Any]:
        """The row of the published report."""
        return {
            "id": self.invariant,
            "edition": self.edition,
            "kind": self.kind.value,
            "strength": self.strength.value,
            "status": "fails" if self.fails else "holds",
            "how": list(self.how),
            "examples": self.examples,
            "seconds": round(self.seconds, 3),
            **({"proved_in_part": list(self.parts)} if self.parts else {}),
            **({"counterexample": list(self.counterexample)} if self.counterexample else {}),
            **({"refuted": list(self.refuted)} if self.refuted else {}),
        }


@frozen(kw_only=True)
class Evidence:
    """All that was found about the invariants."""

    proofs: tuple[Proof, ...] = ()
    """Theorems, each for one kind of group in one edition."""
    explorations: tuple[Exploration, ...] = ()
    """Explorations within bounds."""
    tests: tuple[Tested, ...] = ()
    """What the state machine and the tour examined."""
    test_seconds: Mapping[Place, float] = field(factory=dict)
    """How long the tests of each kind of group took (seconds)."""

    @cached_property
    def proved(self) -> Mapping[tuple[str, str, GroupKind], str]:
        """The invariants that are proved, by id, edition and kind: which part of each; empty: all of it."""
        if not self.proofs:
            return {}
        from vmss_invariants.proving.prover import invariants_proved  # noqa: PLC0415 - z3 is loaded where it is used

        return invariants_proved(self.proofs)

    @cached_property
    def refuted(self) -> tuple[Proof, ...]:
        """The theorems that z3 found values for with which they do not hold."""
        return tuple(one for one in self.proofs if one.result.value == "refuted")

    @cached_property
    def unrefined(self) -> tuple[tuple[Exploration, Violation], ...]:
        """Steps that the proofs do not speak of, each with the exploration that found it: no proof covers those."""
        return tuple(
            (one, found) for one in self.explorations for found in one.violations if found.invariant == REFINEMENT
        )

    @cached_property
    def uncovered(self) -> frozenset[Place]:
        """The kinds of group of which such steps were found: what is proved of counts is not known of the model."""
        return frozenset((one.configuration.edition, one.configuration.kind) for one, _ in self.unrefined)


def strongest(evidence: Evidence, places: Iterable[Place] | None = None) -> tuple[Known, ...]:
    """What is known of every invariant, for every kind of group it speaks of."""
    wanted = (
        set(places) if places is not None else {(one.name, kind) for one in EDITIONS.values() for kind in one.kinds}
    )
    order = [(one.name, kind) for one in EDITIONS.values() for kind in one.kinds if (one.name, kind) in wanted]
    tested = {(one.id, one.edition, one.kind): one for one in evidence.tests}
    return tuple(
        _known(name, place, evidence, tested.get((name, *place)))
        for name, invariant in INVARIANTS.items()
        for place in order
        if invariant.applies(*place)
    )


def _known(name: str, place: Place, evidence: Evidence, tested: Tested | None) -> Known:
    edition, kind = place
    here: dict[str, Any] = {"invariant": name, "edition": edition, "kind": kind}
    broken = _broken(name, place, evidence, tested)
    if broken:
        strength = Strength.TESTED if tested is not None and tested.status == "fails" else Strength.EXHAUSTIVE
        return Known(**here, strength=strength, fails=True, counterexample=broken)
    refuted = tuple(one.theorem.id for one in _about(name, place, evidence.refuted))
    here |= {"fails": bool(refuted), "refuted": refuted}
    proofs, part = _proofs(name, place, evidence)
    theorems = tuple(one.theorem.id for one in proofs)
    if proofs and not part:
        return Known(**here, strength=Strength.PROVED, how=theorems, seconds=sum(one.seconds for one in proofs))
    parts = tuple(f"{theorem}: {part}" for theorem in theorems)
    explored = _explored(name, place, evidence.explorations)
    if explored:
        return Known(
            **here,
            strength=Strength.EXHAUSTIVE,
            how=tuple(one.configuration.bounds.describe() for one in explored),
            examples=sum(one.examinations[name] for one in explored),
            seconds=sum(one.seconds for one in explored),
            parts=parts,
        )
    count = 0 if tested is None else tested.examples
    return Known(
        **here,
        strength=Strength.TESTED if count else Strength.UNCHECKED,
        examples=count,
        seconds=evidence.test_seconds.get(place, 0.0),
        parts=parts,
    )


def _broken(name: str, place: Place, evidence: Evidence, tested: Tested | None) -> tuple[str, ...]:
    """The shortest sequence that breaks it: an explorer's is the shortest there is within its bounds."""
    for one in evidence.explorations:
        if (one.configuration.edition, one.configuration.kind) == place:
            for violation in one.violations:
                if violation.invariant == name:
                    return (*violation.lines, violation.problem)
    return tested.counterexample if tested is not None and tested.status == "fails" else ()


def _proofs(name: str, place: Place, evidence: Evidence) -> tuple[tuple[Proof, ...], str]:
    """The theorems that prove an invariant, and which part of it they prove; empty: all of it."""
    part = evidence.proved.get((name, *place))
    if part is None or place in evidence.uncovered:
        return (), ""
    return _about(name, place, evidence.proofs), part


def _about(name: str, place: Place, proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    """The proofs for a kind of group whose theorems are about an invariant."""
    return tuple(
        one
        for one in proofs
        if (one.edition, one.kind) == place and any(proves.invariant == name for proves in one.theorem.proves)
    )


def _explored(name: str, place: Place, explorations: Sequence[Exploration]) -> tuple[Exploration, ...]:
    return tuple(
        one
        for one in explorations
        if (one.configuration.edition, one.configuration.kind) == place
        and one.exhausted
        and one.examinations.get(name, 0)
    )
