"""Stand-ins for what a step may not look at: where a member stands, and how many members stand where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn


class LookedFurtherError(BaseException):
    """A step looked at more than is in sight. No `Exception`: nothing on the way may take it for another."""


def looked(*_args: object) -> NoReturn:
    """Tell that a step looked further."""
    raise LookedFurtherError


class Untold:
    """Stands in for a fault domain: it is the same as itself, and whatever else it is asked is too much."""

    def __eq__(self, other: object) -> bool:
        return other is self or looked()

    def __hash__(self) -> int:
        return looked()

    __lt__ = __le__ = __gt__ = __ge__ = __index__ = __int__ = __bool__ = __repr__ = looked
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __floordiv__ = __getattr__ = looked


class Loads:
    """Stands in for how many members each fault domain has: what is added is noted, and to look at them is too much.

    What is added to a fault domain that is not told has to be taken away from it again.
    """

    __slots__ = ("_added",)

    def __init__(self, added: Mapping[object, int] | None = None) -> None:
        self._added = added or {}

    def bumped(self, index: object, by: int) -> Loads:
        """As of a family of terms."""
        if index is None:
            return self
        at = ("untold", id(index)) if isinstance(index, Untold) else index
        added = {**self._added, at: self._added.get(at, 0) + by}
        return Loads({one: count for one, count in added.items() if count})

    def changes(self, count: int) -> tuple[int, ...]:
        """What was added to each of so many fault domains."""
        if not self._is_told:
            raise LookedFurtherError
        return tuple(self._added.get(place, 0) for place in range(count))

    @property
    def _is_told(self) -> bool:
        return not any(isinstance(at, tuple) for at in self._added)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Loads):
            raise LookedFurtherError
        same = self._added == other._added
        # What was added to two that are not told may have been added to one.
        return same or (looked() if not (self._is_told and other._is_told) else False)

    def __hash__(self) -> int:
        return hash(frozenset(self._added.items()))

    def __getattr__(self, _name: str) -> Any:
        return looked()

    __iter__ = __len__ = __getitem__ = __bool__ = __repr__ = looked
