"""The clock, and the deadlines at which it stops.

Only a request to advance it moves it. It passes what merely becomes so (a registration that ends) and
stops where something is to happen: it does not go past a moment by which the documents want something done
as long as it can be done and has not been.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from vmss_model import requests as rq
from vmss_model.answers import ClockShown
from vmss_model.decide.checks import Checks, silent
from vmss_model.decide.rollouts import begin_rollout
from vmss_model.decisions import Decision
from vmss_model.events import ClockAdvanced
from vmss_model.rules import implements
from vmss_model.world import Group, World


@frozen
class Deadline:
    """A moment at which the clock stops."""

    at: int
    """The moment (seconds)."""
    what: str
    """What is to happen, in a sentence."""
    rules: tuple[str, ...]
    """The rules that want it."""
    blocks: bool
    """Whether the clock stands still until it happened; otherwise it stops there once."""


@implements("OSU-WAIT", "OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "REG-DELAY")
def advance_clock(world: World, request: rq.AdvanceClock) -> Decision:
    """Time goes on by so many seconds, or to the first deadline before that; nothing else moves it."""
    if request.seconds < 0:
        return silent("time does not run backwards")
    checks = Checks(world)
    target = world.clock + request.seconds
    ahead = [one for one in deadlines(world) if one.at <= target and (one.blocks or one.at > world.clock)]
    stop = min((max(one.at, world.clock) for one in ahead), default=target)
    due = tuple(one for one in ahead if one.at <= stop)
    if due:
        checks.shaped_by(*(rule for one in due for rule in one.rules))
    # Registrations end on the way: a moment each, in order, although nothing is to be done then.
    passed = sorted({moment for moment in _registrations(world) if world.clock < moment < stop})
    events = tuple(ClockAdvanced(moment) for moment in (*passed, stop)) if stop > world.clock or not due else ()
    return checks.decision(effect=lambda _: events, reply=lambda _: ClockShown(stop, tuple(one.what for one in due)))


def _registrations(world: World) -> Iterator[int]:
    return (registration.ends_at for registration in world.subscription.features.values())


def deadlines(world: World) -> tuple[Deadline, ...]:
    """The moments at which the clock stops, whether ahead or reached."""
    found = [one for _, group in sorted(world.groups.items()) for one in _deadlines_of(world, group)]
    return tuple(sorted(found, key=lambda one: one.at))


def _deadlines_of(world: World, group: Group) -> Iterator[Deadline]:
    automatic = world.edition.automatic_upgrades(group.kind)
    rollout, trigger = group.rollout, group.trigger
    if rollout is not None:
        progress = rollout.progress
        if progress.in_progress and automatic is not None:
            what = f"{progress.in_progress} instances of {group.key} are healthy by now, or have failed"
            yield Deadline(rollout.batch_started_at + automatic.wait, what, ("OSU-WAIT",), blocks=True)
        elif not progress.in_progress and progress.pending:
            yield Deadline(rollout.ready_at, f"the next batch of {group.key} may start", (), blocks=False)
    elif trigger is not None and begin_rollout(world, rq.BeginRollout(group.key)).grant is not None:
        what = f"the rollout of {group.key} has begun by now"
        yield Deadline(trigger.latest, what, trigger.window.rules, blocks=True)
    elif trigger is not None and trigger.earliest > world.clock:
        # It cannot begin yet, but may have to once its window is open.
        yield Deadline(trigger.latest, f"the window of {group.key}'s rollout ends", trigger.window.rules, blocks=False)
