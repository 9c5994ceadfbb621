"""Two editions asked for the same things, step by step and breadth first.

Both go along until one grants what the other refuses: so each difference comes with a shortest sequence of requests
that leads to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic

from attrs import evolve, field, frozen

from vmss_invariants.describing import described
from vmss_invariants.exploring.bounds import Bounds, Configuration
from vmss_invariants.exploring.codebook import Key
from vmss_invariants.exploring.narrowing import narrower, with_update_domains
from vmss_invariants.exploring.picking import picks_of
from vmss_invariants.exploring.sides import ASKED, Side, renamed
from vmss_invariants.requests import crowd, preparation
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Grant, Picks
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind
from vmss_model.world import World

_MOST_FILLED = 1001
"""VMs: more than any kind holds."""


Made = tuple[rq.Request, Picks]
"""A request, and what the platform picked."""


@frozen
class Witness:
    """Requests that both editions are asked for, with which anybody can see what they say to the last one."""

    editions: tuple[str, str]
    """The names of the editions."""
    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each."""
    preparation: tuple[str, ...]
    """The requests that prepare a world for groups of its edition, where they are needed; each of one edition."""
    lines: tuple[str, ...]
    """The requests that both editions are asked for, in words."""
    trail: tuple[tuple[Made, Made], ...] = field(repr=False)
    """The granted ones, by the names of each edition, with what was picked."""
    last: tuple[rq.Request, rq.Request] = field(repr=False)
    """The last request, by the names of each edition."""

    def replayed(self) -> tuple[Decision, Decision]:
        """What the editions say to the last request when everything is made again from the beginning."""
        found = []
        for side, (name, kind) in enumerate(zip(self.editions, self.kinds, strict=True)):
            world = Configuration(edition=name, kind=kind, bounds=ASKED).start()
            world = _prepared(world)[0] if self.preparation else world
            for step in self.trail:
                request, picks = step[side]
                grant = decide(world, request).grant
                assert grant is not None, "what led on was granted"
                world = evolve_all(world, grant.events(picks))
            found.append(decide(world, self.last[side]))
        return found[0], found[1]


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
    why: str
    """What the refusing edition says to the last one."""
    witness: Witness
    """The requests."""


@frozen
class SpokenDifference:
    """A request that a rule of one edition decides, and that the other decides without such a rule, or not at all."""

    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each edition."""
    rule: str
    """The rule."""
    edition: str
    """The edition that has it."""
    says: str
    """What that edition says to the last request."""
    other: str
    """The other edition."""
    other_says: str
    """What the other one says."""
    witness: Witness
    """The requests."""


@frozen
class _Pair:
    """One world of each edition, and the requests that led to both."""

    worlds: tuple[World, World]
    """The worlds."""
    preparation: tuple[str, ...] = ()
    """The requests that prepared them, each of one edition."""
    trail: tuple[tuple[Made, Made], ...] = ()
    """The requests of both, as they were made."""


@frozen
class _Asked:
    """What the two editions say to one request."""

    pair: _Pair
    """Where it is asked."""
    requests: tuple[rq.Request, rq.Request]
    """The request, by the names of each edition."""
    decisions: tuple[Decision, Decision]
    """What each says."""
    in_a_row: int = 1
    """How many VMs were asked for before it, and with it: they are one line."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The requests so far and this one in words."""
        before = self.pair.trail[: len(self.pair.trail) - self.in_a_row + 1]
        last = described(self.requests[0])
        many = f", the last of {self.in_a_row} VMs" if self.in_a_row > 1 else ""
        return (*(described(request) for (request, _), _ in before), f"{last}{many}")


class Lockstep:
    """Compares two editions in one pair of kinds."""

    def __init__(self, names: tuple[str, str], kinds: tuple[GroupKind, GroupKind], followed: Bounds) -> None:
        self.found: list[BehaviourDifference] = []
        self.spoken: dict[tuple[str, int], SpokenDifference] = {}
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
        prepared: list[World] = []
        lines: list[str] = []
        for world, name in zip(new, self._names, strict=True):
            after, requests = _prepared(world)
            lines.extend(f"{described(request)}, in {name}" for request in requests)
            prepared.append(after)
        if lines:
            yield _Pair((prepared[0], prepared[1]), tuple(lines))

    def _followed(self, sides: tuple[Side, ...], pair: _Pair) -> Iterator[_Pair]:
        for request in self._menu(sides, pair):
            asked = self._ask(pair, request)
            grants = asked.decisions[0].grant, asked.decisions[1].grant
            self._note_spoken(asked)
            if grants[0] is None or grants[1] is None:
                self._note_refusal(asked)
                continue
            for after in self._along(asked, (grants[0], grants[1])):
                follow = all(side.follows(world) for side, world in zip(sides, after.worlds, strict=True))
                if follow and after.worlds != pair.worlds:
                    yield after

    def _menu(self, sides: tuple[Side, ...], pair: _Pair) -> Iterator[rq.Request]:
        """What is asked of both, as the first edition names kinds."""
        made: dict[rq.Request, None] = {}
        for side, world, kind in zip(sides, pair.worlds, self._kinds, strict=True):
            made.update(dict.fromkeys(renamed(request, kind, self._kinds[0]) for request in side.requests(world)))
        return iter(made)

    def _ask(self, pair: _Pair, request: rq.Request) -> _Asked:
        requests = request, renamed(request, *self._kinds)
        decisions = decide(pair.worlds[0], requests[0]), decide(pair.worlds[1], requests[1])
        return _Asked(pair, requests, decisions)

    def _note_refusal(self, asked: _Asked) -> None:
        for side, decision in enumerate(asked.decisions):
            if asked.decisions[1 - side].grant is not None and len(decision.refusals) == 1:
                (refusal,) = decision.refusals
                self._note(asked, side, refusal.rules, refusal.message)

    def _note_spoken(self, asked: _Asked) -> None:
        """For each rule of either edition the first request that it decides, and the other's rules do not."""
        rules = [frozenset((*one.held, *_refusing(one))) for one in asked.decisions]
        for side in (0, 1):
            for rule in rules[side] - rules[1 - side]:
                if (rule, side) not in self.spoken:
                    self.spoken[rule, side] = SpokenDifference(
                        kinds=self._kinds,
                        rule=rule,
                        edition=self._names[side],
                        says=_in_words(asked.decisions[side]),
                        other=self._names[1 - side],
                        other_says=_in_words(asked.decisions[1 - side]),
                        witness=self._witness(asked),
                    )

    def _witness(self, asked: _Asked) -> Witness:
        pair = asked.pair
        return Witness(self._names, self._kinds, pair.preparation, asked.lines, pair.trail, asked.requests)

    def _along(self, asked: _Asked, grants: tuple[Grant, Grant]) -> Iterator[_Pair]:
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
                    yield _Pair(
                        (
                            evolve_all(asked.pair.worlds[0], grant.events(picks)),
                            evolve_all(asked.pair.worlds[1], other.events(likewise)),
                        ),
                        asked.pair.preparation,
                        (*asked.pair.trail, ((asked.requests[0], picks), (asked.requests[1], likewise))),
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
                why=why,
                witness=self._witness(asked),
            )
        )

    def _fill(self, pair: _Pair) -> None:
        """A group of VMs is filled until one edition refuses the next: no menu goes that far."""
        worlds = pair.worlds
        for number, request in enumerate(crowd(worlds[0], next(iter(worlds[0].groups.values())), _MOST_FILLED), 1):
            asked = evolve(self._ask(pair, request), in_a_row=number)
            grants = asked.decisions[0].grant, asked.decisions[1].grant
            if grants[0] is None or grants[1] is None:
                self._note_refusal(asked)
                return
            following = next(self._along(asked, (grants[0], grants[1])), None)
            if following is None:
                return
            pair = following


def _prepared(world: World) -> tuple[World, tuple[rq.Request, ...]]:
    """A world that is ready for groups of its edition, and the requests that made it so."""
    requests = tuple(preparation(world))
    for request in requests:
        grant = decide(world, request).grant
        assert grant is not None, "what prepares a world is granted"
        world = evolve_all(world, grant.events(grant.sample(lambda lowest, _: lowest)))
    return world, requests


def _refusing(decision: Decision) -> tuple[str, ...]:
    return tuple(rule for one in decision.refusals for rule in one.rules)


def _in_words(decision: Decision) -> str:
    """What a decision says, and by which rules."""
    if decision.silent:
        return f"silent: {decision.silent}"
    if decision.grant is None:
        return f"refused by {', '.join(dict.fromkeys(_refusing(decision)))}"
    return f"granted by {', '.join(decision.held)}" if decision.held else "granted"
