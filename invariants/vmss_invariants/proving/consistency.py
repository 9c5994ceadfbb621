"""Checks on the rules themselves: can they all hold at once, does each refuse something, and by itself.

z3 looks for a request that every rule grants, and for each rule for one that it alone refuses. What it finds is
made real and put to the model, which must decide so. A rule that refuses nothing by itself is redundant where
the others refuse it too, and never refuses where no such request can be. What z3 does not find out within its
time is unknown, which is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from time import perf_counter
from typing import Any

import z3
from attrs import frozen

from vmss_invariants.invariant import Place
from vmss_invariants.proving.prover import TIMEOUT
from vmss_invariants.proving.realizing import Values
from vmss_invariants.proving.rule_sets import RuleSet, rule_sets
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.editions import EDITIONS
from vmss_model.terms import Truth


class Status(Enum):
    """What a rule does to a kind of request."""

    REFUSES = "refuses by itself"
    """There is a request that it alone refuses."""
    REDUNDANT = "redundant"
    """Whatever it refuses another rule refuses too."""
    NEVER = "never refuses"
    """There is no request that it refuses."""
    UNKNOWN = "unknown"
    """z3 did not find out within its time."""


@frozen(kw_only=True)
class RuleStatus:
    """What one rule does to one kind of request."""

    rule: str
    """Its id."""
    status: Status
    """What it does."""
    implied_by: tuple[str, ...] = ()
    """Where redundant: the rules that together refuse all it refuses."""
    witness: Values | None = None
    """Where it refuses by itself: such a request, by the names of its parts."""
    model_says: str = ""
    """Where the model decides the witness otherwise: how. Empty where it agrees."""


@frozen(kw_only=True)
class SetStatus:
    """What came of looking at the rules on one kind of request."""

    request: str
    """What is asked for."""
    place: Place
    """The edition and the kind of group."""
    together: bool | None
    """Whether all rules can hold at once; None: z3 did not find out."""
    core: tuple[str, ...]
    """Where they cannot: the rules that contradict each other."""
    witness: Values | None
    """Where they can: a request that all of them grant."""
    model_says: str
    """Where the model decides that request otherwise: how. Empty where it agrees."""
    rules: tuple[RuleStatus, ...]
    """What each rule does."""
    seconds: float
    """How long it took (seconds)."""


@frozen(kw_only=True)
class ConsistencyReport:
    """What came of looking at all rules on counts and properties."""

    sets: tuple[SetStatus, ...]
    """Each kind of request, by edition and kind of group."""

    @property
    def contradictory(self) -> tuple[SetStatus, ...]:
        """The sets of rules that cannot hold together."""
        return tuple(one for one in self.sets if one.together is False)

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Where the model decides a witness otherwise than the rules do; sentences."""
        found = [f"{_name(one)}: {one.model_says}" for one in self.sets if one.model_says]
        found += [f"{_name(one)}: {rule.rule}: {rule.model_says}" for one, rule in self._each() if rule.model_says]
        return tuple(found)

    @property
    def redundant(self) -> tuple[tuple[SetStatus, RuleStatus], ...]:
        """The rules that refuse nothing that others do not refuse too."""
        return tuple((one, rule) for one, rule in self._each() if rule.status is Status.REDUNDANT)

    @property
    def vacuous(self) -> tuple[tuple[SetStatus, RuleStatus], ...]:
        """The rules that never refuse such a request."""
        return tuple((one, rule) for one, rule in self._each() if rule.status is Status.NEVER)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What z3 did not find out."""
        found = [_name(one) for one in self.sets if one.together is None]
        return (*found, *(f"{_name(one)}: {rule.rule}" for one, rule in self._each() if rule.status is Status.UNKNOWN))

    @property
    def refusing(self) -> frozenset[str]:
        """The rules that somewhere refuse by themselves."""
        return frozenset(rule.rule for _, rule in self._each() if rule.status is Status.REFUSES)

    def _each(self) -> Iterator[tuple[SetStatus, RuleStatus]]:
        return ((one, rule) for one in self.sets for rule in one.rules)


def _name(one: SetStatus) -> str:
    return f"{one.place[0]} {one.place[1].value}, {one.request}"


def consistency_report(editions: Iterable[str] | None = None) -> ConsistencyReport:
    """All rules on counts and properties, in these editions (None: in all)."""
    names = tuple(EDITIONS) if editions is None else tuple(editions)
    places = [(name, kind) for name in names for kind in EDITIONS[name].kinds]
    return ConsistencyReport(sets=tuple(examined(one) for place in places for one in rule_sets(place)))


def examined(rules: RuleSet) -> SetStatus:
    """One set of rules, looked at."""
    began = perf_counter()
    answer, core, witness = _ask(rules, rules.demands)
    together = None if answer == z3.unknown else bool(answer == z3.sat)
    says = "" if witness is None else _disagreement(rules, witness, None)
    each = tuple(_status(rules, rule) for rule, _ in rules.demands) if together else ()
    return SetStatus(
        request=rules.request,
        place=rules.place,
        together=together,
        core=core,
        witness=witness,
        model_says=says,
        rules=each,
        seconds=perf_counter() - began,
    )


def _status(rules: RuleSet, rule: str) -> RuleStatus:
    refused = tuple(z3.Not(holds) for name, holds in rules.demands if name == rule)
    others = tuple((name, holds) for name, holds in rules.demands if name != rule)
    answer, core, witness = _ask(rules, others, *refused)
    if witness is not None:
        says = _disagreement(rules, witness, rule)
        return RuleStatus(rule=rule, status=Status.REFUSES, witness=witness, model_says=says)
    if answer == z3.unsat:
        return RuleStatus(rule=rule, status=Status.REDUNDANT if core else Status.NEVER, implied_by=core)
    return RuleStatus(rule=rule, status=Status.UNKNOWN)


def _ask(
    rules: RuleSet, demands: tuple[tuple[str, Truth], ...], *besides: Truth
) -> tuple[Any, tuple[str, ...], Values | None]:
    """Whether demands can hold together: z3's answer, the ids of those that cannot, values for which they do."""
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT)
    solver.set("core.minimize", True)
    solver.add(*rules.frame, *besides)
    for rule, holds in demands:
        solver.assert_and_track(z3.And(holds), rule)
    answer = solver.check()
    if answer == z3.unsat:
        return answer, tuple(sorted(str(one) for one in solver.unsat_core())), None
    if answer != z3.sat:
        return answer, (), None
    model = solver.model()
    return answer, (), {name: _value(model, term) for name, term in rules.symbols.items()}


def _value(model: Any, term: Any) -> int | bool:
    found = model.eval(term, model_completion=True)
    return bool(z3.is_true(found)) if z3.is_bool(found) else int(found.as_long())


def _disagreement(rules: RuleSet, witness: Values, refusing: str | None) -> str:
    """How the model decides a witness otherwise than expected; `refusing`: the rule that alone is to refuse."""
    world, request = rules.realize(rules.place, witness)
    decision = decide(world, request)
    if refusing is None:
        return "" if decision.grant is not None else f"the model does not grant {request}: {_said(decision)}"
    alone = bool(decision.refusals) and all(refusing in one.rules for one in decision.refusals)
    return "" if alone else f"the model does not refuse {request} by it alone: {_said(decision)}"


def _said(decision: Decision) -> str:
    if decision.refusals:
        return "; ".join(f"{', '.join(one.rules)}: {one.message}" for one in decision.refusals)
    return decision.silent or "granted"
