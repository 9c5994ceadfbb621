"""What stands in formulas more than once has a name."""

from __future__ import annotations

from typing import Any

import z3
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.proving.sharing import shared
from vmss_invariants.proving.wording import worded
from vmss_model.terms import ite

MEMBERS, JOINING, LEAVING, TARGET = z3.Ints("members those_joining those_leaving target")
AFTER = MEMBERS + JOINING - LEAVING
LOADS: Any = z3.Array("loads", z3.IntSort(), z3.IntSort())


def lines(*formulas: Any, after: tuple[tuple[str, Any], ...] = ()) -> tuple[list[str], list[str]]:
    """The formulas, and what their names stand for, as text."""
    short = shared(formulas, after)
    return list(map(worded, short.formulas)), [f"{name} = {worded(one)}" for name, one in short.names]


def test_what_a_step_makes_of_a_count_has_a_prime() -> None:
    """It is named after the count, whatever it is made of."""
    assert lines(AFTER >= 0, AFTER <= TARGET, AFTER != 7, after=(("up", AFTER),)) == (
        ["up' >= 0", "up' <= target", "up' != 7"],
        ["up' = (members + those_joining) - those_leaving"],
    )


def test_what_is_not_made_by_a_step_has_none() -> None:
    """Not even if it is put together as something later would be: it may stand for what was before."""
    assert lines(AFTER >= 0, AFTER <= TARGET, AFTER != 7)[0] == ["a >= 0", "a <= target", "a != 7"]


def test_only_the_last_of_several_changes_is_what_a_step_makes() -> None:
    """Each name may stand in what comes after it."""
    once = ite(TARGET > 0, z3.Store(LOADS, TARGET, LOADS[TARGET] + 1), LOADS)
    twice = ite(MEMBERS > 0, z3.Store(once, MEMBERS, once[MEMBERS] + 1), once)

    assert lines(twice[0] > 0, twice[1] > 0, after=(("loads", twice),)) == (
        ["loads'[0] > 0", "loads'[1] > 0"],
        [
            "a = (if target > 0 then loads[target := loads[target] + 1] else loads)",
            "loads' = (if members > 0 then a[members := a[members] + 1] else a)",
        ],
    )


def test_what_is_nothing_s_later_value_has_a_letter() -> None:
    """One that is no name yet."""
    a = z3.Int("a")
    chosen = ite(TARGET == 0, LOADS[0], ite(TARGET == 1, LOADS[1], LOADS[2]))

    assert lines(chosen <= a, chosen <= MEMBERS)[0] == ["b <= a", "b <= members"]


def test_what_is_short_or_seldom_has_none() -> None:
    """A name would be more to read."""
    short = MEMBERS + 1

    assert lines(short >= 0, short >= 1, short >= 2, AFTER >= 0)[1] == []


def test_what_is_bound_stays_where_it_is_bound() -> None:
    """It is another one in each place."""
    i = z3.Int("i")
    sum_of_it = LOADS[i] + MEMBERS + JOINING + LEAVING + TARGET
    term = z3.ForAll([i], z3.And(sum_of_it > 0, sum_of_it > 1, sum_of_it > 2))

    assert lines(term)[1] == []


@given(st.integers(0, 2), st.integers(-3, 3), st.integers(-3, 3))
def test_names_change_nothing(depth: int, first: int, second: int) -> None:
    """With what they stand for put in again, the formulas are what they were."""
    term = MEMBERS
    for _ in range(depth):
        term = ite(term + JOINING > first, term + JOINING + LEAVING - second, term - TARGET)
    formulas = (term + term >= first, term <= second, term - 1 > term * 2)
    short = shared(formulas)
    put_in = short.formulas
    for name, one in reversed(short.names):
        put_in = tuple(z3.substitute(formula, (z3.Const(name, one.sort()), one)) for formula in put_in)

    assert all(map(z3.eq, put_in, formulas))
