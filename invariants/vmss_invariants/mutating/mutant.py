"""What a mutant is: one rule, broken in one small way, in the data of an edition or in the code of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum

from attrs import field, frozen

from vmss_model.editions import EDITIONS, Edition
from vmss_model.values import GroupKind


class Operator(Enum):
    """How a rule is broken."""

    DROPPED = "dropped"
    INVERTED = "inverted"
    OFF_BY_ONE = "off by one"
    WRONG_COUNT = "wrong count"
    CHANGED = "changed"


@contextmanager
def unpatched() -> Iterator[None]:
    """No code is changed."""
    yield


@frozen
class Mutant:
    """A rule broken in one small way."""

    id: str
    """The rule and the change, as one word that stays the same from run to run."""
    rule: str
    """The rule that is broken."""
    operator: Operator
    """How."""
    what: str
    """What is changed, in a sentence."""
    editions: tuple[str, ...]
    """The editions in which it is broken, in order of their dates."""
    kind: GroupKind | None = None
    """The kind of group for which it is broken; None: every kind."""
    broken: Callable[[Edition], Edition] = field(default=lambda one: one, repr=False, eq=False)
    """An edition with the rule broken in its data."""
    patch: Callable[[], AbstractContextManager[None]] = field(default=unpatched, repr=False, eq=False)
    """Code that is changed as long as the context lasts."""
    of_code: str = ""
    """The dotted name of the function whose code is changed; empty for data."""

    @property
    def kinds(self) -> tuple[tuple[str, GroupKind], ...]:
        """The editions and kinds of group in which it can be noticed."""
        return tuple(
            (name, kind)
            for name in self.editions
            for kind in EDITIONS[name].kinds
            if self.kind is None or kind is self.kind
        )
