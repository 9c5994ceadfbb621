"""What was found out of z3 terms is remembered: the same terms stand in claim after claim, and to read one is slow."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from vmss_model.terms import is_symbolic

T = TypeVar("T")
_MOST = 100_000
"""Of so many terms it is remembered at most; then all is forgotten."""


def remembered(reads: Callable[..., T]) -> Callable[..., T]:
    """The same function of a term and of what else it is given, which has to be hashable; truths are not remembered.

    A term is kept as long as what was read of it: so its number stays its own.
    """
    known: dict[tuple[object, ...], tuple[Any, T]] = {}

    @wraps(reads)
    def read(term: Any, *given: object) -> T:
        if not is_symbolic(term):
            return reads(term, *given)
        at = (id(term.ctx), term.get_id(), *given)
        found = known.get(at)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[at] = term, reads(term, *given)
        return found[1]

    return read
