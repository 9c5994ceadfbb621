"""What the documents allow in answer to a request.

A request is refused (no grant, one refusal or more), granted (a grant, with the platform's choices),
either (a grant and reasons why a refusal is allowed too), or the documents are silent about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from vmss_model.choices import Choice, Draw

if TYPE_CHECKING:
    from vmss_model.answers import Answer
    from vmss_model.events import Event

Picks = Mapping[str, object]
"""A value for each choice of a grant, by the choice's name."""


def picked_int(picks: Picks, name: str) -> int:
    """The whole number picked for a choice."""
    value = picks[name]
    assert isinstance(value, int)
    return value


def picked_tuple(picks: Picks, name: str) -> tuple[object, ...]:
    """The tuple picked for a choice."""
    value = picks[name]
    assert isinstance(value, tuple | frozenset)
    return tuple(value)


@frozen
class Refusal:
    """A refused request: a value, never an exception."""

    code: str
    """The error code, in Azure's style."""
    message: str
    """The error message: the documents' own where they give one, else the project's."""
    rules: tuple[str, ...]
    """The ids of the rules that refuse."""
    values: Mapping[str, object] = field(factory=dict)
    """The offending values and what was allowed, by name."""
    documented_text: bool = False
    """Whether code and message are the documents' own (section H)."""


class PickNotAllowedError(ValueError):
    """A choice was given a value that the documents do not allow."""


@frozen
class Grant:
    """A granted request: the open choices, and what follows once they are made."""

    choices: tuple[Choice, ...] = ()
    """What the documents leave to the platform, in the order in which it is chosen."""
    effect: Callable[[Picks], tuple[Event, ...]] = field(default=lambda _: (), eq=False, repr=False)
    """The events that follow, given a value for each choice."""
    reply: Callable[[Picks], Answer | None] = field(default=lambda _: None, eq=False, repr=False)
    """What a query answers, given a value for each choice; None for a request that is no query."""

    def events(self, picks: Picks) -> tuple[Event, ...]:
        """The events for these picks; raises PickNotAllowedError for a pick outside its choice."""
        self._check(picks)
        return self.effect(picks)

    def answer(self, picks: Picks) -> Answer | None:
        """The query's answer for these picks; raises PickNotAllowedError for a pick outside its choice."""
        self._check(picks)
        return self.reply(picks)

    def sample(self, draw: Draw) -> dict[str, object]:
        """A value for every choice, by the given draws."""
        return {choice.name: choice.sample(draw) for choice in self.choices}

    def _check(self, picks: Picks) -> None:
        for choice in self.choices:
            if choice.name not in picks:
                raise PickNotAllowedError(f"no value was picked for {choice.name}: {choice.describe()}")
            if not choice.allows(picks[choice.name]):
                raise PickNotAllowedError(f"{picks[choice.name]!r} was picked, but {choice.describe()}")


@frozen
class Decision:
    """Everything the documents allow in answer to one request."""

    grant: Grant | None
    """What follows if the request is granted; None where the documents refuse it."""
    refusals: tuple[Refusal, ...] = ()
    """Where refused: every rule that refuses, each a refusal that may be shown."""
    held: tuple[str, ...] = ()
    """The ids of the rules that were asked and did not refuse, or that shaped the grant."""
    open: tuple[str, ...] = ()
    """Why a refusal is allowed although nothing refuses; each a sentence."""
    silent: str = ""
    """Why the documents say nothing of the request at all; empty where they do."""
    advice: tuple[str, ...] = ()
    """What the documents advise against although they allow it; each a sentence."""

    @property
    def refused(self) -> bool:
        """Whether the documents refuse the request."""
        return self.grant is None and not self.silent
