"""Makes a failing sequence of requests short: by replaying it with less of it.

Hypothesis shrinks what it drew; here the requests themselves are at hand, and a replay costs microseconds.
Requests are left out, in ever smaller blocks, then their fields are put back to their defaults and the
platform's choices to the first one allowed, as long as the same invariant still breaks. A sequence that
comes out is minimal in that sense, not the shortest that exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.catalogue import AnyInvariant
from vmss_invariants.steps import History, take_step
from vmss_invariants.walker import Taken, new_world
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.editions import Edition
from vmss_model.world import World

_MOST_REPLAYED = 50_000
"""How many steps are replayed in search of a shorter sequence before the shortest so far is given."""


@frozen
class Failure:
    """A sequence of requests after which an invariant does not hold."""

    taken: tuple[Taken, ...]
    """The requests, and what was drawn for each."""
    problem: str
    """What is broken."""
    lines: tuple[str, ...]
    """The requests as lines to read, with how each was decided."""
    before: World
    """The world in which the last of them is made."""


def shrink(edition: Edition, one: AnyInvariant, taken: Sequence[Taken]) -> Failure | None:
    """The failing sequence with all that is not needed left out; None if it does not fail when replayed."""
    return _Shrinker(edition, one).shrink(tuple(taken))


def replay(edition: Edition, one: AnyInvariant, taken: Sequence[Taken]) -> Failure | None:
    """Makes the requests again; the failure if the invariant breaks at some step."""
    return _Run(edition, one).failure(tuple(taken))


class _Run:
    """Replays sequences, each from where it begins to differ from the one before."""

    def __init__(self, edition: Edition, one: AnyInvariant) -> None:
        self._one = one
        self._start = (new_world(edition), History())
        self._taken: tuple[Taken, ...] = ()
        self._after: list[tuple[World, History]] = [self._start]
        self.steps = 0

    def failure(self, taken: tuple[Taken, ...]) -> Failure | None:
        """The failure of a sequence, with lines to read."""
        broken = self.broken(taken)
        if broken is None:
            return None
        number, problem = broken
        lines = [f"edition {self._start[0].edition.name}"]
        for (world, history), entry in zip(self._after, taken[:number], strict=False):
            lines.append(take_step(world, entry.request, _redraw(entry.drawn), history).describe())
        return Failure(taken[:number], problem, tuple(lines), self._after[number - 1][0])

    def broken(self, taken: tuple[Taken, ...]) -> tuple[int, str] | None:
        """After how many requests the invariant breaks, and how; None if it does not."""
        same = 0
        for mine, other in zip(self._taken, taken, strict=False):
            if mine is not other:
                break
            same += 1
        # Where the last sequence broke nothing was remembered: the step is made again.
        same = min(same, len(self._after) - 1)
        after = self._after[: same + 1]
        world, history = after[-1]
        found: tuple[int, str] | None = None
        for number, entry in enumerate(taken[same:], same + 1):
            step = take_step(world, entry.request, _redraw(entry.drawn), history)
            self.steps += 1
            problem = next((told for _, told in self._one.examinations(step) if told is not None), None)
            if problem is not None:
                found = number, problem
                break
            history, world = history.seen(step.before, step.after), step.after
            after.append((world, history))
        self._taken, self._after = taken, after
        return found


class _Shrinker:
    def __init__(self, edition: Edition, one: AnyInvariant) -> None:
        self._run = _Run(edition, one)

    def _fails(self, taken: tuple[Taken, ...]) -> tuple[Taken, ...] | None:
        """The sequence up to where the invariant breaks; None if it does not, or all was tried."""
        if self._run.steps > _MOST_REPLAYED:
            return None
        broken = self._run.broken(taken)
        return taken[: broken[0]] if broken is not None else None

    def shrink(self, taken: tuple[Taken, ...]) -> Failure | None:
        best = self._fails(taken)
        if best is None:
            return None
        while True:
            shorter = self._simplify(self._join_waits(self._leave_out(best)))
            if shorter == best:
                return self._run.failure(best)
            best = shorter

    def _leave_out(self, best: tuple[Taken, ...]) -> tuple[Taken, ...]:
        block = max(1, len(best) // 2)
        while True:
            start = 0
            while start < len(best):
                found = self._fails(best[:start] + best[start + block :])
                if found is None:
                    start += block
                else:
                    best = found
            if block == 1:
                return best
            block //= 2

    def _join_waits(self, best: tuple[Taken, ...]) -> tuple[Taken, ...]:
        """Let time go on once instead of twice."""
        waits = [(index, one.request) for index, one in enumerate(best) if isinstance(one.request, rq.AdvanceClock)]
        for (first, early), (second, late) in pairwise(waits):
            once = Taken(rq.AdvanceClock(early.seconds + late.seconds), ())
            between = best[first + 1 : second]
            for joined in ((once, *between), (*between, once)):
                found = self._fails((*best[:first], *joined, *best[second + 1 :]))
                if found is not None:
                    return self._join_waits(found)
        return best

    def _simplify(self, best: tuple[Taken, ...]) -> tuple[Taken, ...]:
        index = 0
        while index < len(best):
            tries = (self._fails((*best[:index], simpler, *best[index + 1 :])) for simpler in _simpler(best[index]))
            found = next((one for one in tries if one is not None), None)
            if found is None:
                index += 1
            else:
                best = found
        return best


def _simpler(entry: Taken) -> list[Taken]:
    """The same request with one field at its default or a smaller number, or with first choices only."""
    candidates: list[Taken] = []
    if any(entry.drawn):
        candidates.append(Taken(entry.request, ()))
    for attribute in attrs.fields(type(entry.request)):
        value = getattr(entry.request, attribute.name)
        for other in _smaller_values(attribute.default, value):
            changes: dict[str, Any] = {attribute.name: other}
            candidates.append(Taken(evolve(entry.request, **changes), entry.drawn))
    return candidates


def _smaller_values(default: object, value: object) -> list[object]:
    if default is not attrs.NOTHING and value != default and not isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return [default]
    if type(value) is int and value > 1:
        return [other for other in (0, 1, 2, 3) if other < value]
    return []


def _redraw(drawn: tuple[int, ...]) -> Any:
    """Draws what was drawn before, as far as it is within the bounds; then the lowest number."""
    numbers = iter(drawn)

    def draw(lowest: int, highest: int) -> int:
        return min(max(next(numbers, lowest), lowest), highest)

    return draw
