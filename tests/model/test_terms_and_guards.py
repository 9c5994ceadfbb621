"""The helpers and the guards mean the same on Python numbers and on z3 terms."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_model import guards, terms

NUMBERS = st.integers(-50, 1200)

GUARDS: list[tuple[str, Callable[..., Any]]] = [
    (name, function)
    for name, function in inspect.getmembers(guards, inspect.isfunction)
    if function.__module__ == guards.__name__ and not name.startswith("_")
]
"""Every guard of the module, so that a new one is tested too."""

OF_ANNOTATION: dict[str, st.SearchStrategy[Any]] = {
    "Number": NUMBERS,
    "Truth": st.booleans(),
    "Sequence[Number]": st.lists(NUMBERS, min_size=1, max_size=5),
}


def symbolic(value: Any) -> Any:
    """A Python value as a z3 term."""
    if isinstance(value, list):
        return [symbolic(one) for one in value]
    return z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(value)


def concrete(term: Any) -> Any:
    """The Python value of a z3 term without unknowns; a Python value as it is."""
    if not terms.is_symbolic(term):
        return term
    simple = z3.simplify(term)
    if z3.is_bool(simple):
        assert z3.is_true(simple) or z3.is_false(simple), simple
        return z3.is_true(simple)
    return simple.as_long()


@given(NUMBERS, st.integers(1, 300))
def test_floor_div_is_the_floor_on_both(numerator: int, denominator: int) -> None:
    """Division rounds down on ints and on terms, for negative numerators too, whichever side is symbolic."""
    expected = numerator // denominator
    top, bottom = z3.IntVal(numerator), z3.IntVal(denominator)
    assert terms.floor_div(numerator, denominator) == expected
    for pair in ((top, bottom), (top, denominator), (numerator, bottom)):
        assert concrete(terms.floor_div(*pair)) == expected


def test_floor_div_on_a_symbol_is_the_largest_number_not_above_the_quotient() -> None:
    """For every numerator and positive denominator: q * d <= n < (q + 1) * d (shown for d = 100)."""
    number = z3.Int("number")
    quotient = terms.floor_div(number, 100)
    solver = z3.Solver()
    solver.add(z3.Not(z3.And(quotient * 100 <= number, number < (quotient + 1) * 100)))
    assert solver.check() == z3.unsat


@given(st.booleans(), NUMBERS, NUMBERS)
def test_ite_chooses_alike_on_both(condition: bool, then: int, otherwise: int) -> None:
    """`ite` gives the branch of its condition."""
    expected = then if condition else otherwise
    assert terms.ite(condition, then, otherwise) == expected
    assert concrete(terms.ite(z3.BoolVal(condition), then, otherwise)) == expected
    assert concrete(terms.ite(condition, z3.IntVal(then), z3.IntVal(otherwise))) == expected


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.data())
def test_maximum_minimum_and_total_agree(numbers: list[int], data: st.DataObject) -> None:
    """The largest, the smallest and the sum, with any of the terms symbolic."""
    mixed = [z3.IntVal(one) if data.draw(st.booleans()) else one for one in numbers]
    for ours, theirs in ((terms.maximum, max), (terms.minimum, min)):
        assert ours(*numbers) == theirs(numbers)
        assert concrete(ours(*mixed)) == theirs(numbers)
    assert terms.total(numbers) == sum(numbers)
    assert concrete(terms.total(mixed)) == sum(numbers)


@given(st.lists(st.booleans(), max_size=5), st.data())
def test_all_of_any_of_and_negation_agree(truths: list[bool], data: st.DataObject) -> None:
    """Conjunction, disjunction, negation and implication, with any of the terms symbolic."""
    mixed = [z3.BoolVal(one) if data.draw(st.booleans()) else one for one in truths]
    assert terms.all_of(*truths) is all(truths)
    assert terms.any_of(*truths) is any(truths)
    assert concrete(terms.all_of(*mixed)) is all(truths)
    assert concrete(terms.any_of(*mixed)) is any(truths)
    for one, term in zip(truths, mixed, strict=True):
        assert terms.negation(one) is not one
        assert concrete(terms.negation(term)) is not one
        assert concrete(terms.implies(term, False)) is not one


def test_nothing_sums_to_zero_and_conjoins_to_true() -> None:
    """The empty sum, conjunction and disjunction."""
    assert terms.total([]) == 0
    assert terms.all_of() is True
    assert terms.any_of() is False


@pytest.mark.parametrize(("name", "guard"), GUARDS, ids=[name for name, _ in GUARDS])
@settings(max_examples=40)
@given(data=st.data())
def test_each_guard_runs_on_numbers_and_on_terms_alike(
    name: str, guard: Callable[..., Any], data: st.DataObject
) -> None:
    """A guard gives the same on ints, on terms, and on any mixture; on ints without a solver's term."""
    parameters = inspect.signature(guard).parameters.values()
    values = [data.draw(OF_ANNOTATION[str(one.annotation)], one.name) for one in parameters]
    plain = guard(*values)
    assert isinstance(plain, bool | int), name
    mixed = [symbolic(one) if data.draw(st.booleans()) else one for one in values]
    assert concrete(guard(*map(symbolic, values))) == plain
    assert concrete(guard(*mixed)) == plain


@pytest.mark.parametrize(
    ("guard", "inside", "outside"),
    [
        (lambda n: guards.within(n, 2, 4), {2, 3, 4}, {1, 5}),
        (lambda n: guards.capacity_allowed(n, 0, 200), {0, 200}, {-1, 201}),
        (lambda n: guards.fault_domain_count_allowed(n, 1, 3, 2), {1, 2}, {0, 3}),
        (lambda n: guards.fault_domain_count_allowed(n, 1, 3, 9), {1, 3}, {0, 4}),
        (lambda n: guards.is_fault_domain_of(n, 3), {0, 2}, {-1, 3}),
        (lambda n: guards.is_least_loaded([2, 3, 2], n), {1, 2}, {3}),
        (lambda n: guards.spread_kept(0, n), {0, 1}, {2}),
        (lambda n: guards.spread_kept(3, n), {2, 3}, {4}),
        (lambda n: guards.fault_domain_guarantee_holds(n, 100), {0, 99, 100}, {101}),
        (lambda n: guards.autoscale_allowed(n, 2, 3), {2, 3}, {1, 4}),
        (lambda n: guards.may_delete_group(n, True), {0}, {1, 2}),
        (lambda n: guards.may_delete_group(n, False), {0, 1, 2}, set()),
        (lambda n: guards.registration_may_end(n, 900), {0, 900}, {-1, 901}),
        (lambda n: guards.may_still_show(n, 60), {0, 59, 60}, {61}),
    ],
)
def test_the_bounds_of_each_guard(guard: Callable[[int], bool], inside: set[int], outside: set[int]) -> None:
    """Each guard holds at its bounds and fails one beyond them."""
    assert all(guard(number) for number in inside)
    assert not any(guard(number) for number in outside)


def test_the_spread_of_equal_loads_is_zero() -> None:
    """The spread is the largest load less the smallest."""
    assert guards.spread([4, 4, 4]) == 0
    assert guards.spread([1, 4, 2]) == 3
