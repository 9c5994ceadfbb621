"""z3 terms in the notation of a textbook, for the pages and for counterexamples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from vmss_invariants.proving.remembered import remembered
from vmss_model.terms import Truth, is_symbolic

_INFIX = {
    z3.Z3_OP_SUB: ("-", 6),
    z3.Z3_OP_MUL: ("*", 7),
    z3.Z3_OP_IDIV: ("div", 7),
    z3.Z3_OP_LE: ("<=", 5),
    z3.Z3_OP_LT: ("<", 5),
    z3.Z3_OP_GE: (">=", 5),
    z3.Z3_OP_GT: (">", 5),
    z3.Z3_OP_EQ: ("=", 5),
    z3.Z3_OP_DISTINCT: ("!=", 5),
    z3.Z3_OP_AND: ("and", 3),
    z3.Z3_OP_OR: ("or", 2),
    z3.Z3_OP_IMPLIES: ("=>", 1),
}
"""How an operation is written, and how strongly it binds."""
_LOWEST, _NOT, _ATOM = 0, 4, 9


def worded(term: Truth | int) -> str:
    """A term, or a truth value or number of Python, as text."""
    if not is_symbolic(term):
        return str(term).lower() if isinstance(term, bool) else str(term)
    return _written(term, ())[0]


@remembered
def conjuncts(term: Truth) -> tuple[Truth, ...]:
    """The parts of a conjunction, and of those within it; what is true anyway is left out."""
    if is_symbolic(term) and z3.is_and(term):
        return tuple(one for part in term.children() for one in conjuncts(part))
    return () if says_nothing(term) else (term,)


def parts_of(term: Truth) -> list[Truth]:
    """The parts of a conjunction, or a term itself."""
    return operands(term) if is_symbolic(term) and z3.is_and(term) else [term]


@remembered
def says_nothing(term: Truth) -> bool:
    """Whether one sees that it is true as it is written."""
    if not is_symbolic(term):
        return term is True
    if z3.is_eq(term) or z3.is_le(term) or z3.is_ge(term):
        return len(set(map(worded, term.children()))) == 1
    if z3.is_and(term):
        return all(map(says_nothing, operands(term)))
    # Only these can be put together of what is true or false.
    compound = z3.is_true(term) or z3.is_or(term) or z3.is_not(term)
    return compound and worded(term) in ("true", "not false")


@remembered
def symbols_in(term: Truth) -> frozenset[str]:
    """The names of what a term speaks of."""
    if not is_symbolic(term):
        return frozenset()
    if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
        return frozenset({worded(term)})
    return frozenset().union(*map(symbols_in, operands(term)))


def operands(term: Any) -> list[Any]:
    """What a term is written with, each as often as it stands there."""
    if z3.is_quantifier(term):
        return [term.body()]
    if z3.is_and(term) or z3.is_or(term):
        return _parts(term)
    extreme = _extreme(term)
    return term.children() if extreme is None else extreme[1]


def _parts(term: Any) -> list[Any]:
    """What a conjunction or disjunction is made of, at least one, without what says nothing beside the others."""
    conjunction = z3.is_and(term)
    says_nothing, decides = (z3.is_true, z3.is_false) if conjunction else (z3.is_false, z3.is_true)
    found: list[Any] = []
    for one in term.children():
        compound = z3.is_and(one) or z3.is_or(one)
        parts = _parts(one) if compound else [one]
        flat = len(parts) == 1 or z3.is_and(one) is conjunction
        found += [part for part in (parts if flat else [one]) if not says_nothing(part)]
    return next(([one] for one in found if decides(one)), found) or [z3.BoolVal(conjunction, term.ctx)]


def _bracketed(term: Any, bound: tuple[str, ...], at_least: int) -> str:
    text, strength = _written(term, bound)
    return text if strength >= at_least else f"({text})"


@remembered
def _written(term: Any, bound: tuple[str, ...]) -> tuple[str, int]:
    """A term as text, and how strongly its outermost operation binds."""
    if z3.is_quantifier(term):
        names = tuple(term.var_name(place).split("!")[0] for place in range(term.num_vars()))
        fresh = tuple(_unused(name, bound) for name in names)
        return f"for all {', '.join(fresh)}: {_written(term.body(), (*bound, *fresh))[0]}", _LOWEST
    if z3.is_var(term):
        return bound[-1 - z3.get_var_index(term)], _ATOM
    if z3.is_int_value(term):
        return str(term.as_long()), _ATOM if term.as_long() >= 0 else 6
    kind, children = term.decl().kind(), term.children()
    if z3.is_and(term) or z3.is_or(term):
        children = _parts(term)
        if len(children) == 1:
            return _written(children[0], bound)
    if kind == z3.Z3_OP_ADD:
        return _sum(children, bound)
    if kind == z3.Z3_OP_SUB and all(_is_zero(one) for one in children[1:]):
        return _written(children[0], bound)
    if kind in _INFIX and len(children) > 1:
        sign, strength = _INFIX[kind]
        return f" {sign} ".join(_bracketed(one, bound, strength + 1) for one in children), strength
    if kind == z3.Z3_OP_NOT:
        return f"not {_bracketed(children[0], bound, _NOT)}", _NOT
    if kind == z3.Z3_OP_UMINUS:
        return f"-{_bracketed(children[0], bound, 7)}", 6
    extreme = _extreme(term)
    if extreme is not None:
        return f"{extreme[0]}({', '.join(_written(one, bound)[0] for one in extreme[1])})", _ATOM
    return _applied(kind, term, [_written(one, bound)[0] for one in children]), _ATOM


def _sum(children: Sequence[Any], bound: tuple[str, ...]) -> tuple[str, int]:
    """A sum without its zeros, with negative numbers taken away."""
    first, *others = [one for one in children if not _is_zero(one)] or [children[0]]
    text = _bracketed(first, bound, 6)
    for one in others:
        factor, rest = _factor(one)
        size = str(abs(factor)) if rest is None else _bracketed(rest, bound, 7)
        text += f" {'-' if factor < 0 else '+'} {size}"
    return text, 6 if others else _written(first, bound)[1]


def _is_zero(term: Any) -> bool:
    return bool(z3.is_int_value(term)) and term.as_long() == 0


def _factor(term: Any) -> tuple[int, Any]:
    """A number, or a term and that it is added (1) or taken away (-1)."""
    if z3.is_int_value(term):
        return term.as_long(), None
    if z3.is_mul(term) and term.num_args() == 2 and z3.is_int_value(term.arg(0)) and abs(term.arg(0).as_long()) == 1:
        return term.arg(0).as_long(), term.arg(1)
    return 1, term


def _extreme(term: Any) -> tuple[str, list[Any]] | None:
    """The terms of which a choice is the largest or smallest, where it is such (see `vmss_model.terms.maximum`)."""
    if not z3.is_app_of(term, z3.Z3_OP_ITE):
        return None
    condition, then, otherwise = term.children()
    kind = condition.decl().kind() if z3.is_app(condition) else None
    if kind not in (z3.Z3_OP_GE, z3.Z3_OP_LE):
        return None
    left, right = condition.children()
    straight, crossed = z3.eq(left, then) and z3.eq(right, otherwise), z3.eq(left, otherwise) and z3.eq(right, then)
    if not straight and not crossed:
        return None
    name = "max" if (kind == z3.Z3_OP_GE) is straight else "min"
    inner = _extreme(then)
    return name, [*(inner[1] if inner is not None and inner[0] == name else [then]), otherwise]


def _applied(kind: int, term: Any, parts: Sequence[str]) -> str:
    if kind == z3.Z3_OP_ITE:
        return f"(if {parts[0]} then {parts[1]} else {parts[2]})"
    if kind == z3.Z3_OP_SELECT:
        return f"{parts[0]}[{parts[1]}]"
    if kind == z3.Z3_OP_STORE:
        return f"{parts[0]}[{parts[1]} := {parts[2]}]"
    if kind == z3.Z3_OP_CONST_ARRAY:
        return f"[{parts[0]}, {parts[0]}, ...]"
    name = term.decl().name()
    return f"{name}({', '.join(parts)})" if parts else str(name)


def _unused(name: str, bound: tuple[str, ...]) -> str:
    return next(one for one in "ijklmn" if one not in bound) if name in {"i", *bound} else name
