"""Arithmetic and logic that run on Python numbers and on z3 terms alike.

A guard written with these helpers is one definition with three uses: the model runs it on ints, the
proofs state theorems about it over symbols, the docs print it. Python's own `and`, `or`, `if` and
`max` would force a symbol to a truth value, so guards use these instead.

z3 is imported only when a term of it is seen: the model itself needs no solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, Protocol

Number = Any
"""An int, or a z3 arithmetic term."""
Truth = Any
"""A bool, or a z3 Boolean term."""


class Family(Protocol):
    """So many terms that their number is itself a symbol: what a proof puts in the place of a tuple."""

    def every(self, holds: Callable[[Number], Truth]) -> Truth:
        """Something holds of each of the terms."""

    def bumped(self, index: Number, by: Number) -> Family:
        """The terms once the one at an index has grown by so much; the same where none has this index."""


_PLAIN = frozenset({bool, int})
"""The types of nearly all values, of which nothing has to be asked."""


def is_symbolic(term: object) -> bool:
    """Whether a value is a z3 term rather than a Python number or truth value."""
    kind = type(term)
    return kind not in _PLAIN and kind.__module__.startswith("z3")


def ite(condition: Truth, then: Number, otherwise: Number) -> Number:
    """`then` where the condition holds, `otherwise` where it does not."""
    if is_symbolic(condition):
        import z3  # noqa: PLC0415 - only where a symbol is seen: the model needs no solver

        return z3.If(condition, then, otherwise)
    return then if condition else otherwise


def all_of(*conditions: Truth) -> Truth:
    """Conjunction; true of nothing."""
    if any(is_symbolic(condition) for condition in conditions):
        import z3  # noqa: PLC0415 - only where a symbol is seen: the model needs no solver

        return z3.And(*conditions)
    return all(conditions)


def any_of(*conditions: Truth) -> Truth:
    """Disjunction; false of nothing."""
    if any(is_symbolic(condition) for condition in conditions):
        import z3  # noqa: PLC0415 - only where a symbol is seen: the model needs no solver

        return z3.Or(*conditions)
    return any(conditions)


def every(terms: Sequence[Number] | Family, holds: Callable[[Number], Truth]) -> Truth:
    """Something holds of each of some terms; true of none."""
    if isinstance(terms, tuple | list):
        return all_of(*(holds(term) for term in terms))
    return terms.every(holds)  # type: ignore[union-attr] # a sequence of counts is a tuple or a list


def negation(condition: Truth) -> Truth:
    """Not."""
    if is_symbolic(condition):
        import z3  # noqa: PLC0415 - only where a symbol is seen: the model needs no solver

        return z3.Not(condition)
    return not condition


def implies(premise: Truth, conclusion: Truth) -> Truth:
    """If the premise holds, so does the conclusion."""
    return any_of(negation(premise), conclusion)


def floor_div(numerator: Number, denominator: Number) -> Number:
    """Division rounded down; the denominator is positive."""
    if is_symbolic(numerator) or is_symbolic(denominator):
        return numerator / denominator  # on z3 integers `/` is Euclidean: the floor for a positive divisor
    return numerator // denominator


def maximum(*terms: Number) -> Number:
    """The largest of one or more terms."""
    return reduce(lambda left, right: ite(left >= right, left, right), terms)


def minimum(*terms: Number) -> Number:
    """The smallest of one or more terms."""
    return reduce(lambda left, right: ite(left <= right, left, right), terms)


def total(terms: Iterable[Number]) -> Number:
    """The sum; zero of nothing."""
    return reduce(lambda left, right: left + right, terms, 0)
