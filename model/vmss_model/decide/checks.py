"""Collects what the rules say of one request: who held, who refuses, what is left open."""

from __future__ import annotations

from collections.abc import Callable

from vmss_model.answers import Answer
from vmss_model.choices import Choice
from vmss_model.decisions import Decision, Grant, Picks, Refusal
from vmss_model.events import Event
from vmss_model.world import World


class Checks:
    """The verdicts of the rules on one request, gathered one by one."""

    __slots__ = ("_advice", "_disabled", "_held", "_open", "_refusals")

    def __init__(self, world: World) -> None:
        self._disabled = world.edition.disabled
        self._held: list[str] = []
        self._open: list[str] = []
        self._advice: list[str] = []
        self._refusals: list[Refusal] = []

    def require(self, rule: str, holds: bool, refusal: Callable[[], Refusal]) -> None:
        """A guard: note that the rule held, or what it refuses with (unless it is switched off)."""
        if holds or rule in self._disabled:
            self._held.append(rule)
        else:
            self._refusals.append(refusal())

    def shaped_by(self, *rules: str) -> None:
        """Note rules that shape the grant without guarding it."""
        self._held.extend(rules)

    def leave_open(self, reason: str) -> None:
        """Note why a refusal is allowed although no rule refuses."""
        self._open.append(reason)

    def advise(self, rule: str, advice: str) -> None:
        """Note what a rule advises against although it allows it."""
        self._held.append(rule)
        self._advice.append(advice)

    @property
    def passed(self) -> bool:
        """Whether no rule refuses so far."""
        return not self._refusals

    def decision(
        self,
        choices: tuple[Choice, ...] = (),
        effect: Callable[[Picks], tuple[Event, ...]] | None = None,
        reply: Callable[[Picks], Answer | None] | None = None,
    ) -> Decision:
        """The decision: refused if any rule refuses, else granted with these choices and effects."""
        held = tuple(dict.fromkeys(self._held))
        if self._refusals:
            return Decision(None, tuple(self._refusals), held)
        grant = Grant(choices, effect or _nothing, reply or _no_answer)
        return Decision(grant, (), held, tuple(dict.fromkeys(self._open)), advice=tuple(self._advice))


def refused(refusal: Refusal) -> Decision:
    """A decision by one refusal alone."""
    return Decision(None, (refusal,))


def silent(reason: str) -> Decision:
    """The documents of the edition say nothing of the request."""
    return Decision(None, silent=reason)


def _nothing(_picks: Picks) -> tuple[Event, ...]:
    return ()


def _no_answer(_picks: Picks) -> Answer | None:
    return None
