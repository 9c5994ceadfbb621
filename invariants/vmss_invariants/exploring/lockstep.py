"""Two editions asked for the same things, step by step and breadth first.

Both go along until one grants what the other refuses: so each difference comes with a shortest sequence of requests
that leads to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic

from attrs import evolve, frozen

from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.codebook import Key
from vmss_invariants.exploring.narrowing import narrower, with_update_domains
from vmss_invariants.exploring.picking import picks_of
from vmss_invariants.exploring.sides import ASKED, Side, renamed
from vmss_invariants.exploring.wording import described
from vmss_invariants.requests import crowd, preparation
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Grant
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind
from vmss_model.world import World

_MOST_FILLED = 1001
"""VMs: more than any kind holds."""


@frozen
class BehaviourDifference:
    """Requests after which one edition grants what the other refuses."""

    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each edition."""
    rules: tuple[str, ...]
    """The rules that refuse, or that narrow what the platform may choose."""
    grants: str
    """The edition that grants the last request."""
    refuses: str
    """The edition that refuses it."""
    preparation: tuple[str, ...]
    """The requests that prepare a world for groups of its edition, where they are needed; each of one edition."""
    lines: tuple[str, ...]
    """The requests that both editions are asked for."""
    why: str
    """What the refusing edition says to the last one."""


@frozen
class _Pair:
    """One world of each edition, and the requests that led to both."""

    worlds: tuple[World, World]
    """The worlds."""
    preparation: tuple[str, ...] = ()
    """The requests that prepared them, each of one edition."""
    lines: tuple[str, ...] = ()
    """The requests of both."""


@frozen
class _Asked:
    """What the two editions say to one request."""

    pair: _Pair
    """Where it is asked."""
    requests: tuple[rq.Request, rq.Request]
    """The request, by the names of each edition."""
    decisions: tuple[Decision, Decision]
    """What each says."""
    line: str
    """The request in words."""


class Lockstep:
    """Compares two editions in one pair of kinds."""

    def __init__(self, names: tuple[str, str], kinds: tuple[GroupKind, GroupKind], followed: Bounds) -> None:
        self.found: list[BehaviourDifference] = []
        self.done = 0
        self._names, self._kinds, self._bounds = names, kinds, followed
        self._rules: set[tuple[str, str]] = set()

    def search(self, limit_seconds: float, progress: Callable[[int], None] | None) -> bool:
        """Compare all within the bounds; whether that was all."""
        sides = tuple(Side(name, kind, self._bounds) for name, kind in zip(self._names, self._kinds, strict=True))
        began = monotonic()
        seen: set[tuple[Key, Key]] = set()
        waiting = deque(self._starts(sides))
        groups: list[_Pair] = []
        while waiting:
            if monotonic() - began > limit_seconds:
                return False
            pair = waiting.popleft()
            key = sides[0].canon.key(pair.worlds[0]), sides[1].canon.key(pair.worlds[1])
            if key in seen:
                continue
            seen.add(key)
            if any(world.groups for world in pair.worlds):
                groups.append(pair)
            waiting.extend(self._followed(sides, pair))
            self.done += 1
            if progress is not None:
                progress(self.done)
        if groups:
            self._fill(groups[0])
        return True

    def _starts(self, sides: tuple[Side, ...]) -> Iterator[_Pair]:
        """The empty worlds, and those in which all is prepared."""
        new = tuple(side.configuration.start() for side in sides)
        yield _Pair((new[0], new[1]))
        prepared, lines = [], []
        for world, name in zip(new, self._names, strict=True):
            after = world
            for request in preparation(world):
                grant = decide(after, request).grant
                assert grant is not None, "what prepares a world is granted"
                after = evolve_all(after, grant.events(grant.sample(lambda lowest, _: lowest)))
                lines.append(f"{described(request)}, in {name}")
            prepared.append(after)
        if lines:
            yield _Pair((prepared[0], prepared[1]), tuple(lines))

    def _followed(self, sides: tuple[Side, ...], pair: _Pair) -> Iterator[_Pair]:
        for request in self._menu(sides, pair):
            asked = self._ask(pair, request)
            grants = asked.decisions[0].grant, asked.decisions[1].grant
            if grants[0] is None or grants[1] is None:
                self._note_refusal(asked)
                continue
            for worlds in self._along(asked, (grants[0], grants[1])):
                follow = all(side.follows(world) for side, world in zip(sides, worlds, strict=True))
                if follow and worlds != pair.worlds:
                    yield evolve(pair, worlds=worlds, lines=(*pair.lines, asked.line))

    def _menu(self, sides: tuple[Side, ...], pair: _Pair) -> Iterator[rq.Request]:
        """What is asked of both, as the first edition names kinds."""
        made: dict[rq.Request, None] = {}
        for side, world, kind in zip(sides, pair.worlds, self._kinds, strict=True):
            made.update(dict.fromkeys(renamed(request, kind, self._kinds[0]) for request in side.requests(world)))
        return iter(made)

    def _ask(self, pair: _Pair, request: rq.Request) -> _Asked:
        requests = request, renamed(request, *self._kinds)
        decisions = decide(pair.worlds[0], requests[0]), decide(pair.worlds[1], requests[1])
        return _Asked(pair, requests, decisions, described(request))

    def _note_refusal(self, asked: _Asked) -> None:
        for side, decision in enumerate(asked.decisions):
            if asked.decisions[1 - side].grant is not None and len(decision.refusals) == 1:
                (refusal,) = decision.refusals
                self._note(asked, side, refusal.rules, refusal.message)

    def _along(self, asked: _Asked, grants: tuple[Grant, Grant]) -> Iterator[tuple[World, World]]:
        """The worlds after what both editions let the platform choose; what only one lets it choose is noted."""
        for side, grant in enumerate(grants):
            for picks in picks_of(grant.choices, str, ASKED.instances + 1):
                other = grants[1 - side]
                likewise = with_update_domains(other, picks)
                world, kind = asked.pair.worlds[1 - side], self._kinds[1 - side]
                ruled_out = [narrower(world, kind, other, one) for one in (picks, likewise)]
                for found in ruled_out:
                    if found is not None:
                        self._note(asked, 1 - side, *found)
                if side == 0 and ruled_out[1] is None:
                    yield (
                        evolve_all(asked.pair.worlds[0], grant.events(picks)),
                        evolve_all(asked.pair.worlds[1], other.events(likewise)),
                    )

    def _note(self, asked: _Asked, refusing: int, rules: tuple[str, ...], why: str) -> None:
        """Keep the first difference of each rule: it is a shortest one."""
        new = [(rule, self._names[refusing]) for rule in rules if (rule, self._names[refusing]) not in self._rules]
        if not new:
            return
        self._rules.update(new)
        self.found.append(
            BehaviourDifference(
                kinds=self._kinds,
                rules=rules,
                grants=self._names[1 - refusing],
                refuses=self._names[refusing],
                preparation=asked.pair.preparation,
                lines=(*asked.pair.lines, asked.line),
                why=why,
            )
        )

    def _fill(self, pair: _Pair) -> None:
        """A group of VMs is filled until one edition refuses the next: no menu goes that far."""
        worlds = pair.worlds
        for number, request in enumerate(crowd(worlds[0], next(iter(worlds[0].groups.values())), _MOST_FILLED), 1):
            times = f"{described(request)}, the last of {number} VMs" if number > 1 else described(request)
            asked = evolve(self._ask(pair, request), line=times)
            grants = asked.decisions[0].grant, asked.decisions[1].grant
            if grants[0] is None or grants[1] is None:
                self._note_refusal(asked)
                return
            both = next(self._along(asked, (grants[0], grants[1])), None)
            if both is None:
                return
            pair = evolve(pair, worlds=both)
