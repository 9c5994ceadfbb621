"""Walks every reachable canonical world within bounds, breadth first, branching on every choice.

A world is kept only until its steps were made; what stays of it is its canonical form, the step that first led to
it, and the links to the worlds that follow. Shortest sequences are made again from those.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from time import monotonic

from attrs import frozen

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon, Codebook, Key
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.goals import GOALS
from vmss_invariants.exploring.graph import Exploration, Links, Violation
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.picking import StateOf, picks_of
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.exploring.within import Within
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.evolve import evolve_all
from vmss_model.world import World

_LOOK_EVERY = 64
"""After so many worlds the progress is told."""
_SAMPLE = 997
"""Every so many worlds the size of what is kept of one is measured."""


@frozen
class Progress:
    """How far an exploration has come."""

    worlds: int
    """Canonical worlds found so far."""
    done: int
    """Those of which every step was made."""
    steps: int
    """Steps made."""
    depth: int
    """Requests on the shortest way to the world at hand."""


def explore(
    configuration: Configuration,
    limit_worlds: int | None = None,
    limit_seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    codebook: Codebook | None = None,
) -> Exploration:
    """Everything that can be reached within the bounds, or within the limits: then it is not exhausted."""
    return _Explorer(configuration, codebook).explore(limit_worlds, limit_seconds, progress)


class _Explorer:
    def __init__(self, configuration: Configuration, codebook: Codebook | None) -> None:
        self._configuration = configuration
        self._canon = Canon(configuration.bounds.tick, codebook)
        self._stepper = Stepper(configuration, self._canon)
        self._within = Within(configuration)
        self._examiner = Examiner(configuration.loaded(), configuration.kind)
        self._numbers: dict[Hashable, int] = {}
        self._keys: list[Key] = []
        self._parents = array("q")
        self._ordinals = array("q")
        self._depths = array("H")
        self._goals = {name: bytearray() for name in GOALS}
        self._links = Links()
        self._beyond = 0
        self._steps = 0
        self._violations: dict[str, tuple[int, int, str]] = {}

    def explore(
        self, limit_worlds: int | None, limit_seconds: float | None, progress: Callable[[Progress], None] | None
    ) -> Exploration:
        began = monotonic()
        start = self._configuration.start()
        waiting = deque([start])
        self._enter(start, self._identity(start), -1, 0)
        done = widest = 0
        while waiting:
            if done % _LOOK_EVERY == 0 and done and progress is not None:
                progress(Progress(len(self._keys), done, self._steps, self._depths[done]))
            if limit_seconds is not None and monotonic() - began >= limit_seconds:
                break
            if limit_worlds is not None and len(self._keys) > limit_worlds:
                break
            widest = max(widest, len(waiting))
            self._expand(done, waiting.popleft(), waiting)
            done += 1
        if progress is not None:
            progress(Progress(len(self._keys), done, self._steps, self._depths[-1]))
        return self._result(done, widest, monotonic() - began)

    def _expand(self, node: int, world: World, waiting: deque[World]) -> None:
        follow: set[tuple[int, int]] = set()
        within = self._within
        ordinal = 0
        for ordinal, step in enumerate(self._stepper.steps(world), 1):
            found = partial(self._broken, node, ordinal - 1)
            self._examiner.examine_step(step, found)
            after = step.after
            if after is world:
                if step.events:
                    follow.add((node, self._links.label(step.request)))
                continue
            if not within(after):
                self._examiner.examine_world(step, found)
                self._beyond += 1
                continue
            identity = self._identity(after)
            number = self._numbers.get(identity)
            if number is None:
                self._examiner.examine_world(step, found)
                number = self._enter(after, identity, node, ordinal - 1)
                waiting.append(after)
            follow.add((number, self._links.label(step.request)))
        self._steps += ordinal
        self._links.add(sorted(follow))

    def _identity(self, world: World) -> Hashable:
        return self._canon.key(world) if self._configuration.symmetric else self._canon.exact(world)

    def _enter(self, world: World, identity: Hashable, parent: int, ordinal: int) -> int:
        number = len(self._keys)
        self._numbers[identity] = number
        self._keys.append(identity if self._configuration.symmetric else self._canon.key(world))  # type: ignore[arg-type]  # then it is a key
        self._parents.append(parent)
        self._ordinals.append(ordinal)
        self._depths.append(self._depths[parent] + 1 if parent >= 0 else 0)
        for name, goal in GOALS.items():
            self._goals[name].append(goal.holds(world))
        return number

    def _broken(self, node: int, ordinal: int, invariant: str, problem: str) -> None:
        self._violations.setdefault(invariant, (node, ordinal, problem))

    def _result(self, done: int, widest: int, seconds: float) -> Exploration:
        found = Exploration(
            configuration=self._configuration,
            worlds=len(self._keys),
            done=done,
            steps=self._steps,
            beyond=self._beyond,
            seconds=seconds,
            widest=widest,
            bytes_per_world=self._bytes() / len(self._keys),
            examinations=self._examiner.examinations,
            violations=(),
            keys=self._keys,
            parents=self._parents,
            ordinals=self._ordinals,
            depths=self._depths,
            goals=self._goals,
            links=self._links,
            codebook=self._canon.codebook,
        )
        violations = tuple(
            Violation(invariant, problem, lines_of(replay(found, node, ordinal)), node, ordinal)
            for invariant, (node, ordinal, problem) in self._violations.items()
        )
        return found.with_violations(violations)

    def _bytes(self) -> int:
        """What is kept of all worlds, in bytes: of the keys a sample is measured."""
        sample = self._keys[::_SAMPLE]
        keys = sum(sys.getsizeof(key) for key in sample) * len(self._keys) // len(sample)
        tables = (self._numbers, self._keys, self._parents, self._ordinals, self._depths, *self._goals.values())
        return keys + sum(map(sys.getsizeof, tables)) + self._links.bytes()


class Stepper:
    """Makes every step of a world, always in the same order."""

    def __init__(self, configuration: Configuration, canon: Canon | None = None) -> None:
        self._configuration = configuration
        self._canon = canon if canon is not None else Canon(configuration.bounds.tick)

    def scene(self, world: World) -> Scene:
        """The world, and what may be asked of it."""
        one = self._configuration
        return Scene(world, one.kind, one.bounds, self._canon.state, one.symmetric)

    def steps(self, world: World) -> Iterator[Step]:
        """Every step: each request of the menu, with every way in which the platform may choose."""
        for request in requests_in(self.scene(world)):
            yield from self.steps_of(world, request)

    def steps_of(self, world: World, request: rq.Request) -> Iterator[Step]:
        """Every step of one request."""
        try:
            decision = decide(world, request)
        except Exception as error:
            # Whatever the model raises is a finding about the model ("no-request-raises"), not the end of the run.
            yield _raised(world, request, Decision(None, silent="nothing was decided"), {}, error)
            return
        grant = decision.grant
        if grant is None:
            yield Step(world, request, decision, {}, (), world)
            return
        most = self._configuration.bounds.instances + 1
        for picks in picks_of(grant.choices, self._state_of(world, request), most):
            try:
                events = grant.events(picks)
                yield Step(world, request, decision, picks, events, evolve_all(world, events), grant.answer(picks))
            except Exception as error:
                yield _raised(world, request, decision, picks, error)

    def _state_of(self, world: World, request: rq.Request) -> StateOf | None:
        if not self._configuration.symmetric:
            return None

        def state_of(name: str) -> Hashable:
            group = world.groups[request.key]  # type: ignore[union-attr, index]  # only groups have such choices
            return self._canon.state(group.members[name], group)

        return state_of


def _raised(world: World, request: rq.Request, decision: Decision, picks: dict[str, object], error: Exception) -> Step:
    return Step(world, request, decision, picks, (), world, error=f"{type(error).__name__}: {error}")


def replay(found: Exploration, node: int, ordinal: int | None = None) -> tuple[Step, ...]:
    """The shortest way to a canonical world, step by step; with one more step where its ordinal is given."""
    taken = [] if ordinal is None else [ordinal]
    while found.parents[node] >= 0:
        taken.append(found.ordinals[node])
        node = found.parents[node]
    stepper = Stepper(found.configuration)
    world, steps = found.configuration.start(), []
    for wanted in reversed(taken):
        step = next(step for number, step in enumerate(stepper.steps(world)) if number == wanted)
        steps.append(step)
        world = step.after
    return tuple(steps)


def lines_of(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Steps as lines to read."""
    return tuple(step.describe() for step in steps)
