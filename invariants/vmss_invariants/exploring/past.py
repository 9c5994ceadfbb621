"""What VMs were until a little while ago, where that is explored: Resource Graph may still show it.

A canonical world leaves out what is superseded. Where the bounds say how many superseded states there may be, it has
them: for the name of each VM what the world itself keeps of it, and what a bystander saw, as long as a query may ask
for it. Fault domains keep their numbers there, since states name them that are over.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from types import MappingProxyType

from attrs import frozen
from immutables import Map

from vmss_invariants.predicates_reading import STALENESS
from vmss_invariants.steps import History, Since
from vmss_model.copying import evolve
from vmss_model.world import Instance, World

Logs = Mapping[str, Hashable]
"""What was superseded of VMs, by their names; a VM of which nothing was superseded lately is not there."""
NO_LOGS: Logs = MappingProxyType({})
"""Nothing was superseded."""


NO_HISTORY = History()
"""Nothing was seen."""


@frozen
class Moment:
    """A world, and what a bystander saw before."""

    world: World
    """The world."""
    history: History = NO_HISTORY
    """What was seen, as far as it can still be asked for."""

    def then(self, after: World) -> Moment:
        """What follows."""
        return self if after is self.world else Moment(after, recent(self.history.seen(self.world, after), after.clock))


def recent(history: History, now: int) -> History:
    """What a bystander saw, without what is too long ago to be asked for."""
    oldest = now - STALENESS
    kept = {key: _since(log, oldest) for key, log in history.states.items()}
    return History(Map({key: log for key, log in kept.items() if log[-1].state is not None or log[-1].at >= oldest}))


def _since(log: tuple[Since, ...], oldest: int) -> tuple[Since, ...]:
    """The states that a VM had from a moment on."""
    over = sum(later.at < oldest for later in log[1:])
    return log[over:]


def superseded(history: History, now: int) -> int:
    """How many states of all VMs were superseded within the window."""
    return sum(one.at >= now - STALENESS for log in history.states.values() for one in log)


def logs_of(world: World, history: History) -> Logs:
    """What was superseded of each VM, by what the world keeps and by what a bystander saw, in seconds from now."""
    now = world.clock
    longest = max(STALENESS, world.edition.staleness or 0)
    kept: dict[str, list[Hashable]] = {}
    seen: dict[str, list[Hashable]] = {}
    for vm in sorted(world.recent):
        entries = tuple(
            (now - one.at, one.group, _nameless(one.state)) for one in world.recent[vm] if now - one.at <= longest
        )
        if entries:
            kept.setdefault(vm.name, []).append((vm.resource_group, entries))
    for key, name in sorted(history.states):
        log = history.states[key, name]
        if log[-1].at >= now - STALENESS:
            seen.setdefault(name, []).append((key, _ages(log, now)))
    return {name: (*kept.get(name, ()), *seen.get(name, ())) for name in {**kept, **seen}}


def _ages(log: Iterable[Since], now: int) -> tuple[tuple[int, Instance | None], ...]:
    """States with how long ago they began (seconds); what began before the window began long ago."""
    return tuple((min(now - one.at, STALENESS + 1), _nameless(one.state)) for one in log)


def _nameless(state: Instance | None) -> Instance | None:
    return None if state is None else evolve(state, name="")


def without_members(logs: Logs, world: World) -> Logs:
    """Those of VMs that are in no group any more."""
    members = {name for group in world.groups.values() for name in group.members}
    return {name: log for name, log in logs.items() if name not in members}
