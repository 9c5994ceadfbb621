"""Whether partly observed placements can all have been least-loaded ones.

A member whose fault domain was not seen yet stays open. The question is never answered by listing
worlds of members: it is enough to follow the member counts per domain, and for a member that left with
its domain unseen, where it was.
"""

from __future__ import annotations

from attrs import evolve, frozen

from vmss_model.guards import is_least_loaded
from vmss_model.rules import implements

LIMIT = 4_000
"""How many count vectors are followed before the answer is "unknown"."""


@frozen
class Joined:
    """A member joined."""

    name: str
    """The member."""
    fault_domain: int | None
    """Its domain from 0, or None while it is not known."""
    automatic: bool
    """Whether the platform chose the domain."""


@frozen
class Left:
    """A member left."""

    name: str
    """The member."""


@frozen
class PlacementHistory:
    """Joins and leaves of a group since it was empty, in order."""

    domains: int
    """The number of fault domains."""
    steps: tuple[Joined | Left, ...] = ()
    """What happened."""

    def joined(self, name: str, fault_domain: int | None, *, automatic: bool) -> PlacementHistory:
        """The history with a member joined."""
        return evolve(self, steps=(*self.steps, Joined(name, fault_domain, automatic)))

    def left(self, name: str) -> PlacementHistory:
        """The history with a member gone."""
        return evolve(self, steps=(*self.steps, Left(name)))

    def seen(self, name: str, fault_domain: int) -> PlacementHistory:
        """The history with the domain of a member's latest join now known."""
        steps = list(self.steps)
        for index in range(len(steps) - 1, -1, -1):
            step = steps[index]
            if isinstance(step, Joined) and step.name == name:
                steps[index] = evolve(step, fault_domain=fault_domain)
                return evolve(self, steps=tuple(steps))
        return self

    @implements("FD-SPREAD")
    def possible(self) -> bool | None:
        """Whether every automatic placement can have been a least-loaded one; None past the limit."""
        followed = self._left_unseen()
        states: set[_State] = {((0,) * self.domains, ())}
        for step in self.steps:
            states = {after for state in states for after in self._after(state, step, followed)}
            if not states:
                return False
            if len(states) > LIMIT:
                return None
        return True

    def _left_unseen(self) -> frozenset[str]:
        """Members that left while their domain was unknown: only their places need following."""
        unseen = {step.name for step in self.steps if isinstance(step, Joined) and step.fault_domain is None}
        return frozenset(step.name for step in self.steps if isinstance(step, Left) and step.name in unseen)

    def _after(self, state: _State, step: Joined | Left, followed: frozenset[str]) -> list[_State]:
        loads, places = state
        if isinstance(step, Left):
            where = dict(places).get(step.name)
            if where is None:
                where = self._known_domain(step.name)
            if where is None or loads[where] == 0:
                return []
            return [(_bumped(loads, where, -1), tuple(pair for pair in places if pair[0] != step.name))]
        candidates = range(self.domains) if step.fault_domain is None else (step.fault_domain,)
        after: list[_State] = []
        for domain in candidates:
            if not 0 <= domain < self.domains:
                continue
            if step.automatic and not is_least_loaded(loads, loads[domain]):
                continue
            kept = (*places, (step.name, domain)) if step.name in followed else places
            after.append((_bumped(loads, domain, 1), kept))
        return after

    def _known_domain(self, name: str) -> int | None:
        domains = [step.fault_domain for step in self.steps if isinstance(step, Joined) and step.name == name]
        return domains[-1] if domains else None


_State = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]
"""Members per domain, and where the followed members are."""


def _bumped(loads: tuple[int, ...], index: int, by: int) -> tuple[int, ...]:
    return (*loads[:index], loads[index] + by, *loads[index + 1 :])
