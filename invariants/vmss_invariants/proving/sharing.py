"""Names for what stands in formulas more than once, so that they stay short enough to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

import z3
from attrs import frozen

from vmss_invariants.proving.wording import operands, worded
from vmss_model.terms import Truth, is_symbolic

_SHORT = 12
"""What is written in fewer characters needs no name, however often it is."""
_SAVED = 45
"""A name is worth while if so many characters need not be written again."""
_LETTERS = "abcdefghpqrstuvwxyz"
"""Names for what no step makes of something; those between them are for bound variables."""


@frozen
class Shared:
    """Formulas in which what they share has a name."""

    formulas: tuple[Truth, ...]
    """The formulas, with the names in them."""
    names: tuple[tuple[str, Any], ...]
    """What each name stands for, with the names before it in it."""


def shared(formulas: Sequence[Truth], after: Sequence[tuple[str, Any]] = ()) -> Shared:
    """Formulas in which numbers and arrays that stand in several places have names.

    What a step makes of a count (`after`) is named after it, with a prime: `members'`; all else has a letter.
    """
    made = {term.get_id(): f"{name}'" for name, term in reversed(after)}
    nodes = tuple(_nodes(one for one in formulas if is_symbolic(one)))
    places = Counter(one.get_id() for node in nodes for one in operands(node))
    taken = {worded(node) for node in nodes if z3.is_const(node)}
    named: list[tuple[Any, Any]] = []
    names: list[tuple[str, Any]] = []
    for node in nodes:
        again = places[node.get_id()] - 1
        if again > 0 and _can_be_named(node):
            short = z3.substitute(node, *named)
            length = len(worded(short))
            if length >= _SHORT and again * length >= _SAVED:
                name = _name(made.get(node.get_id()), taken)
                taken.add(name)
                named.append((node, z3.Const(name, node.sort())))
                names.append((name, short))
    short_ones = (z3.substitute(one, *named) if is_symbolic(one) else one for one in formulas)
    return Shared(tuple(short_ones), tuple(names))


def _nodes(terms: Iterable[Any]) -> Iterator[Any]:
    """Every term that is written in these, once; what it is made of comes before it."""
    seen: set[int] = set()

    def below(term: Any) -> Iterator[Any]:
        if term.get_id() not in seen:
            seen.add(term.get_id())
            for one in operands(term):
                yield from below(one)
            yield term

    for term in terms:
        yield from below(term)


def _can_be_named(term: Any) -> bool:
    """Whether it is a number or an array, made of something, and the same wherever it stands."""
    compound = z3.is_app(term) and term.num_args() > 0
    return compound and (z3.is_int(term) or z3.is_array(term)) and not _has_variables(term)


def _has_variables(term: Any) -> bool:
    # No quantifier stands in a number, so every variable in there is bound outside of it.
    return z3.is_var(term) or any(map(_has_variables, operands(term)))


def _name(made: str | None, taken: set[str]) -> str:
    if made is not None and made not in taken:
        return made
    letters = (letter * times for times in count(1) for letter in _LETTERS)
    return next(name for name in letters if name not in taken)
