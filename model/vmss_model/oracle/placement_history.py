"""Whether partly observed placements can all have been least-loaded ones.

A member whose fault domain was not seen yet stays open. The question is never answered by listing
worlds of members: it is enough to follow the member counts per domain, and for a member that left with
its domain unseen, where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

from attrs import frozen

from vmss_model.copying import evolve
from vmss_model.guards import is_least_loaded
from vmss_model.rules import implements

LIMIT = 4_000
"""How many count vectors are followed before the answer is "unknown"."""
MIXED = 12
"""How many members created together are tried in every order where the caller named some of the domains."""


@frozen
class Joined:
    """A member joined."""

    name: str
    """The member."""
    fault_domain: int | None
    """Its domain from 0, or None while it is not known."""
    automatic: bool
    """Whether the platform chose the domain."""
    together: bool = False
    """Whether it may have joined before the members just before it: they were created at the same time."""


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

    def joined(
        self, name: str, fault_domain: int | None, *, automatic: bool, together: bool = False
    ) -> PlacementHistory:
        """The history with a member joined; `together` with the one before it, in either order."""
        return evolve(self, steps=(*self.steps, Joined(name, fault_domain, automatic, together)))

    def left(self, name: str) -> PlacementHistory:
        """The history with a member gone."""
        return evolve(self, steps=(*self.steps, Left(name)))

    @property
    def members(self) -> frozenset[str]:
        """The members that joined and did not leave."""
        there: set[str] = set()
        for step in self.steps:
            (there.add if isinstance(step, Joined) else there.discard)(step.name)
        return frozenset(there)

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
        for steps in self.moments():
            after = self._after_all(states, steps, followed)
            if after is None:
                return None
            if not after:
                return False
            states = after
        return True

    def moments(self) -> list[list[Joined | Left]]:
        """The steps in order, those in one list that may have happened in any order among themselves."""
        found: list[list[Joined | Left]] = []
        for step in self.steps:
            if isinstance(step, Joined) and step.together and found:
                found[-1].append(step)
            else:
                found.append([step])
        return found

    def _after_all(
        self, states: set[_State], steps: list[Joined | Left], followed: frozenset[str]
    ) -> set[_State] | None:
        """The states after steps in any order; None past the limit. Steps that act alike count as one."""
        if len(steps) == 1:
            found = {after for state in states for after in self._after(state, steps[0], followed)}
            return found if len(found) <= LIMIT else None
        if all(isinstance(step, Joined) and step.automatic and step.name not in followed for step in steps):
            known = Counter(step.fault_domain for step in steps if isinstance(step, Joined))
            return {after for state in states for after in _filled(state, len(steps), known)}
        if len(steps) > MIXED:
            return None
        alike: Counter[Joined | Left] = Counter(
            evolve(step, name="") if isinstance(step, Joined) and step.name not in followed else step for step in steps
        )
        kinds = tuple(alike)
        open_: set[tuple[_State, tuple[int, ...]]] = {(state, tuple(alike.values())) for state in states}
        for _ in steps:
            open_ = {
                (after, _bumped(left, index, -1))
                for state, left in open_
                for index, step in enumerate(kinds)
                if left[index]
                for after in self._after(state, step, followed)
            }
            if len(open_) > LIMIT:
                return None
        return {state for state, _ in open_}

    def _left_unseen(self) -> frozenset[str]:
        """Members that left while their domain was unknown: only their places need following."""
        unseen = {step.name for step in self.steps if isinstance(step, Joined) and step.fault_domain is None}
        return frozenset(step.name for step in self.steps if isinstance(step, Left) and step.name in unseen)

    def _after(self, state: _State, step: Joined | Left, followed: frozenset[str]) -> list[_State]:
        loads, places = state
        if isinstance(step, Left):
            where = dict(places).get(step.name)
            if where is None:
                where = self._known_domain(step)
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

    def _known_domain(self, left: Left) -> int | None:
        """Where the member that leaves was, as seen."""
        where: int | None = None
        for step in self.steps:
            if step is left:
                break
            if isinstance(step, Joined) and step.name == left.name:
                where = step.fault_domain
        return where


def _filled(state: _State, count: int, known: Mapping[int | None, int]) -> list[_State]:
    """The states after so many automatic joins in any order, of which some domains are known.

    Least-loaded joins raise the emptiest domains to one level; what is left over goes one each to any of
    the domains at that level. A domain must have got at least the members that are known to be in it.
    """
    loads, places = state
    level, left = min(loads), count
    while True:
        at_level = [index for index, load in enumerate(loads) if load <= level]
        if left < len(at_level):
            break
        left -= len(at_level)
        level += 1
    found: list[_State] = []
    for chosen in combinations(at_level, left):
        after = tuple(max(load, level) + (index in chosen) for index, load in enumerate(loads))
        if all(domain is None or _added(loads, after, domain) >= many for domain, many in known.items()):
            found.append((after, places))
    return found


def _added(before: tuple[int, ...], after: tuple[int, ...], domain: int) -> int:
    """How many members a domain got; fewer than none for a domain that is not there."""
    return after[domain] - before[domain] if 0 <= domain < len(before) else -1


_State = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]
"""Members per domain, and where the followed members are."""


def _bumped(loads: tuple[int, ...], index: int, by: int) -> tuple[int, ...]:
    return (*loads[:index], loads[index] + by, *loads[index + 1 :])
