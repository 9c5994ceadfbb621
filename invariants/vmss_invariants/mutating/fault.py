"""What a fault is: the model wrong in one place, so that something happens which an invariant says never does.

Mutants break rules. Many an invariant holds whatever any one rule says, since it is how worlds change that keeps it:
that such an invariant can fail at all is shown by a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import islice
from typing import Any
from unittest.mock import patch

from attrs import field, frozen

from vmss_invariants.exploring.bounds import Bounds
from vmss_model.answers import Answer
from vmss_model.copying import evolve
from vmss_model.decide import _DECISIONS
from vmss_model.decisions import Decision, Grant
from vmss_model.events import Event, InstanceChanged
from vmss_model.evolve import _EVOLUTIONS
from vmss_model.values import GroupKind, Power
from vmss_model.world import World

FAULT = "fault:"
"""Begins the ids of faults; those of mutants begin with a rule."""
Wrong = Callable[[], AbstractContextManager[object]]
"""Makes the model wrong as long as the context lasts."""


@frozen(kw_only=True)
class Fault:
    """The model wrong in one place, and where that shows."""

    invariant: str
    """The invariant that it breaks."""
    what: str
    """What is wrong, in a sentence."""
    edition: str = "2021-07"
    """The edition in which it is looked for: the latest, unless an earlier one shows it in fewer requests, or alone."""
    kind: GroupKind = GroupKind.UNIFORM
    """The kind of group."""
    bounds: Bounds | None
    """How far is explored; None where the state machine shows it, since no exploration holds what it takes."""
    wrong: Wrong = field(repr=False, eq=False)
    """Makes the model so."""

    @property
    def id(self) -> str:
        """The fault as one word, as mutants have one."""
        return f"{FAULT}{self.invariant}"


# -- ways to be wrong ------------------------------------------------------------------------------


def instead(holder: object, name: str, value: object) -> Wrong:
    """Something else stands in the place of a function or a method."""
    return lambda: patch.object(holder, name, value)


def together(*several: Wrong) -> Wrong:
    """All of it is wrong."""

    @contextmanager
    def wrong() -> Iterator[None]:
        with ExitStack() as stack:
            for one in several:
                stack.enter_context(one())
            yield

    return wrong


def decided(requests: type | tuple[type, ...], change: Callable[[Decision, World, Any], Decision]) -> Wrong:
    """What is decided of these requests is changed; the change is told of the world and the request."""

    def wrongly(real: Callable[[World, Any], Decision]) -> Callable[[World, Any], Decision]:
        return lambda world, asked: change(real(world, asked), world, asked)

    kinds = requests if isinstance(requests, tuple) else (requests,)
    return lambda: patch.dict(_DECISIONS, {one: wrongly(_DECISIONS[one]) for one in kinds})


def granted(requests: type | tuple[type, ...], change: Callable[[Grant, World, Any], Grant]) -> Wrong:
    """What these requests are granted is changed, where they are."""

    def wrongly(decision: Decision, world: World, asked: Any) -> Decision:
        return decision if decision.grant is None else evolve(decision, grant=change(decision.grant, world, asked))

    return decided(requests, wrongly)


def followed(
    requests: type | tuple[type, ...], change: Callable[[tuple[Event, ...], World, Any], tuple[Event, ...]]
) -> Wrong:
    """What follows from these requests, where they are granted, is changed."""
    return granted(
        requests,
        lambda grant, world, asked: evolve(grant, effect=lambda picks: change(grant.effect(picks), world, asked)),
    )


def also(requests: type | tuple[type, ...], more: Callable[[World, Any], tuple[Event, ...]]) -> Wrong:
    """Something more follows from these requests, where they are granted."""
    return followed(requests, lambda events, world, asked: (*events, *more(world, asked)))


def left_out(requests: type | tuple[type, ...], event: type) -> Wrong:
    """Of what follows from these requests one kind of event is left out."""
    return followed(requests, lambda events, *_: tuple(one for one in events if not isinstance(one, event)))


def each(requests: type | tuple[type, ...], event: type, change: Callable[[Any], Event]) -> Wrong:
    """Of what follows from these requests each event of one kind is changed."""
    return followed(
        requests, lambda events, *_: tuple(change(one) if isinstance(one, event) else one for one in events)
    )


def answered(requests: type | tuple[type, ...], change: Callable[[Any], Answer]) -> Wrong:
    """What these queries answer is changed."""
    return granted(requests, lambda grant, *_: evolve(grant, reply=lambda picks: change(grant.reply(picks))))


def happens(event: type, change: Callable[[Any], Event]) -> Wrong:
    """Where one kind of event happens, another of this kind does."""
    real = _EVOLUTIONS[event]
    return lambda: patch.dict(_EVOLUTIONS, {event: lambda world, one: real(world, change(one))})


def becomes(event: type, change: Callable[[World, World, Any], World]) -> Wrong:
    """The world after one kind of event is another; the change is told of the world before, after, and the event."""
    real = _EVOLUTIONS[event]
    return lambda: patch.dict(_EVOLUTIONS, {event: lambda world, one: change(world, real(world, one), one)})


# -- what happens instead ----------------------------------------------------------------------------


def with_instance(**values: Any) -> Callable[[Any], Event]:
    """An event about an instance that has these values."""
    return lambda one: evolve(one, instance=evolve(one.instance, **values))


def with_group(**values: Any) -> Callable[[Any], Event]:
    """An event about a whole group that has these values."""
    return lambda one: evolve(one, group=evolve(one.group, **values))


def with_changes(**values: Any) -> Callable[[Any], Event]:
    """A change that is one of these values, too."""
    return lambda one: evolve(one, changes={**one.changes, **values})


def stopping_one(world: World, asked: Any) -> tuple[Event, ...]:
    """A running member stops, of the group that is asked about, or of any."""
    groups = [world.groups[asked.key]] if hasattr(asked, "key") else list(world.groups.values())
    running = (
        (group.key, member)
        for group in groups
        for _, member in sorted(group.members.items())
        if member.power is Power.RUNNING
    )
    return tuple(InstanceChanged(key, evolve(one, power=Power.STOPPED)) for key, one in islice(running, 1))
