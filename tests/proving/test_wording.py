"""z3 terms as text."""

from __future__ import annotations

from typing import Any

import pytest
import z3

from vmss_invariants.proving.wording import conjuncts, symbols_in, worded
from vmss_model import guards
from vmss_model.terms import ite, maximum, minimum

X, Y, Z = z3.Ints("x y z")
P = z3.Bool("p")
LOADS: Any = z3.Array("load", z3.IntSort(), z3.IntSort())
I = z3.Int("i")  # noqa: E741 - the name that the text is to show


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (X + Y, "x + y"),
        (X + (-1), "x - 1"),
        (X + 0, "x"),
        (X - (Y - Z), "x - (y - z)"),
        ((X - Y) - Z, "(x - y) - z"),
        (X * (Y + 1), "x * (y + 1)"),
        (-X, "-x"),
        (X == Y, "x = y"),
        (X != Y, "x != y"),
        (z3.Not(X < Y), "not x < y"),
        (z3.Implies(P, X >= 1), "p => x >= 1"),
        (z3.And(P, z3.Or(X < 1, Y < 1)), "p and (x < 1 or y < 1)"),
        (z3.Or(P, z3.And(X < 1, Y < 1)), "p or x < 1 and y < 1"),
        (z3.And(P, z3.BoolVal(True), z3.And(X < 1)), "p and x < 1"),
        (z3.Or(z3.BoolVal(False), P), "p"),
        (z3.And(), "true"),
        (ite(P, X, Y), "(if p then x else y)"),
        (maximum(X, Y, Z), "max(x, y, z)"),
        (minimum(X, Y), "min(x, y)"),
        (maximum(1, X), "max(1, x)"),
        (guards.batch_cap(X, Y), "max(1, (x * y) div 100)"),
        (LOADS[X], "load[x]"),
        (z3.Store(LOADS, X, 2), "load[x := 2]"),
        (z3.ForAll([I], LOADS[I] >= 0), "for all i: load[i] >= 0"),
        (z3.ForAll([I, X], LOADS[I] >= X), "for all i, x: load[i] >= x"),
        (7, "7"),
        (True, "true"),
    ],
)
def test_a_term_reads_as_in_a_textbook(term: Any, text: str) -> None:
    """Infix, with no more brackets than are needed, and without what says nothing."""
    assert worded(term) == text


def test_nested_quantifiers_have_names_of_their_own() -> None:
    """Two variables that z3 calls the same are two in the text."""
    inner = z3.ForAll([I], LOADS[I] <= LOADS[X])
    term = z3.ForAll([I], z3.Implies(LOADS[I] > 0, z3.substitute(inner, (X, I))))

    assert worded(term) == "for all i: load[i] > 0 => (for all j: load[j] <= load[i])"


def test_a_conjunction_is_taken_apart() -> None:
    """Whatever the nesting, and without what is true anyway."""
    term = z3.And(P, z3.And(X < 1, z3.And(Y < 1)), z3.BoolVal(True))

    assert [worded(one) for one in conjuncts(term)] == ["p", "x < 1", "y < 1"]
    assert list(conjuncts(True)) == []
    assert list(conjuncts(False)) == [False]


def test_what_a_term_speaks_of() -> None:
    """Its names, but for those that are bound in it; of what Python decided already nothing."""
    assert symbols_in(z3.And(P, maximum(X, 1) < LOADS[Y])) == {"p", "x", "load", "y"}
    assert symbols_in(z3.ForAll([I], LOADS[I] >= X)) == {"load", "x"}
    assert symbols_in(True) == frozenset()
