"""What was read of z3 terms, so that it is read once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import z3
from z3 import BoolRef

from vmss_invariants.proving import remembered as module
from vmss_invariants.proving.remembered import remembered
from vmss_model.terms import Truth

X, Y = z3.Ints("x y")


def noted(seen: list[str]) -> Callable[..., str]:
    """A function that notes what it reads."""

    @remembered
    def read(term: Truth, *given: object) -> str:
        seen.append(f"{term} {given}")
        return seen[-1]

    return read


def test_a_term_is_read_once() -> None:
    """However often it is put together anew; but anew with what else is given."""
    seen: list[str] = []
    read = noted(seen)

    assert [read(X < 1), read(X < 1), read(X < 1, "in"), read(X < 2)] == [*seen[:1], *seen]
    assert seen == ["x < 1 ()", "x < 1 ('in',)", "x < 2 ()"]


def test_what_is_no_term_is_read_each_time() -> None:
    """Truths are equal to numbers, and say something else."""
    seen: list[str] = []
    read = noted(seen)

    assert [read(True), read(1), read(True)] == ["True ()", "1 ()", "True ()"]


def test_contexts_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms of two contexts may have the same number; and what was forgotten is read again."""
    seen: list[str] = []
    read = noted(seen)
    terms: list[BoolRef] = [z3.Bool(name, z3.Context()) for name in ("p", "q")]

    assert [term.get_id() for term in terms] == [terms[0].get_id()] * 2
    assert list(map(read, terms)) == ["p ()", "q ()"]
    monkeypatch.setattr(module, "_MOST", 2)
    assert [read(X < Y), read(terms[0])] == ["x < y ()", "p ()"]
    assert len(seen) == 4
