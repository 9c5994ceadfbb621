"""Which predicates can have something to say of a step, once its request's type and its outcome are known.

Most predicates ask first what was asked of which kind of group, and what came of it. So each is tried once on a step
of which nothing else is known, with a group and without: where it says no without looking at anything else, it says
no of every such step, and need not be asked again. Where it looks further it is asked at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Generic, NoReturn, TypeVar, cast

from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.editions import Edition
from vmss_model.values import GroupKind

Predicate = Callable[[Step], bool]
"""Whether something is to be said of a step."""


class Outcome(Enum):
    """What came of a request, as far as it can be seen at once."""

    NOTHING = "nothing"
    """It was not granted, and nothing happened."""
    SAME = "same"
    """It was granted, and the world is the very same."""
    OTHER = "other"
    """Anything else."""


def outcome_of(step: Step) -> Outcome:
    """What came of a step."""
    if step.error or step.events or step.after is not step.before:
        return Outcome.OTHER
    if step.decision.grant is not None:
        return Outcome.SAME
    return Outcome.OTHER if step.answer is not None or step.picks else Outcome.NOTHING


Sort = tuple[GroupKind | None, Any, Outcome]
"""The kind of group that a step is about, or None; the type of its request; and its outcome."""


def sort_of(step: Step) -> Sort:
    """The sort of a step."""
    return step.kind, type(step.request), outcome_of(step)


class _LookedFurtherError(BaseException):
    """A predicate looked at something that is not known. No `Exception`: nothing on the way may take it for another."""


def _looked_further(*_args: object, **_kwargs: object) -> NoReturn:
    raise _LookedFurtherError


class _Stub:
    """Something of which only some things are known."""

    def __init__(self, **known: object) -> None:
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> NoReturn:
        raise _LookedFurtherError


@cache
def _bare(kind: type[Any]) -> rq.Request:
    """A request of which only the type is known."""

    def look(self: object, name: str) -> object:
        return object.__getattribute__(self, name) if name == "__class__" else _looked_further()

    methods = dict.fromkeys(("__eq__", "__hash__", "__repr__", "__bool__"), _looked_further)
    return cast(rq.Request, object.__new__(type(kind.__name__, (kind,), {"__getattribute__": look, **methods})))


_OF_NO_CHANGE: dict[str, object] = {
    "error": "",
    "events": (),
    "survivors": (),
    "changed_groups": (),
    "changed_members": (),
    "joined": (),
    "left": (),
}
"""What is known of a step that leads to the very same world."""
_OF_NOTHING: dict[str, object] = {**_OF_NO_CHANGE, "granted": False, "answer": None, "picks": {}}
"""What is known of a step that was not granted."""


_REMEMBERED = 1 << 16
"""How many answers are kept: those of one edition are a few thousand; mutants are editions of their own."""


@lru_cache(maxsize=_REMEMBERED)
def can_speak(predicate: Predicate, edition: Edition, sort: Sort) -> bool:
    """Whether a predicate may hold of any step of a sort."""
    kind, request, outcome = sort
    before = _Stub(edition=edition)
    known = {
        Outcome.NOTHING: {**_OF_NOTHING, "after": before},
        Outcome.SAME: {**_OF_NO_CHANGE, "granted": True, "after": before},
        Outcome.OTHER: {},
    }[outcome]
    stubs: list[Any] = [
        _Stub(kind=kind, request=_bare(request), before=before, group_before=group, **known)
        for group in (None, *(() if kind is None else (_Stub(kind=kind),)))
    ]
    try:
        return any(predicate(cast(Step, stub)) for stub in stubs)
    except _LookedFurtherError:
        return True


T = TypeVar("T")


class BySort(Generic[T]):
    """Those who have a predicate, narrowed to the ones that may speak of a step; found once for each sort of step."""

    def __init__(self, of_kind: Callable[[GroupKind | None], Iterable[T]], predicate: Callable[[T], Predicate]) -> None:
        self._of_kind = of_kind
        self._predicate = predicate
        self._narrowed: dict[tuple[Edition, Sort], tuple[T, ...]] = {}

    def that_may_speak_of(self, step: Step) -> tuple[T, ...]:
        """Those of the step's kind of group whose predicate is not known to be false of its sort."""
        edition, sort = step.before.edition, sort_of(step)
        found = self._narrowed.get((edition, sort))
        if found is None:
            found = tuple(one for one in self._of_kind(step.kind) if can_speak(self._predicate(one), edition, sort))
            self._narrowed[edition, sort] = found
        return found
