"""Walks every reachable canonical world within bounds, breadth first, branching on every choice.

Of a world only its canonical form is kept, the world before it on a shortest way, and the links to those that follow:
when its turn comes it is made again. What a step does is found out once, and recalled wherever a step like it is made.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Hashable
from functools import partial
from time import monotonic

from attrs import frozen

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Codebook, Keys, packed
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.goals import GOALS
from vmss_invariants.exploring.graph import Exploration, Links, Violation
from vmss_invariants.exploring.memory import Leaf
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.past import Moment
from vmss_invariants.exploring.recalling import Recaller
from vmss_invariants.exploring.refining import REFINEMENT, Refining
from vmss_invariants.exploring.replaying import counterexample
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.views import View
from vmss_invariants.exploring.within import Within
from vmss_invariants.exploring.wording import picture_of
from vmss_model import requests as rq
from vmss_model.world import World

_LOOK_EVERY = 64
"""After so many worlds the progress is told."""


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
    *,
    to_the_first: bool = False,
    stopped: Callable[[], bool] = bool,
) -> Exploration:
    """Everything that can be reached within the bounds, or within the limits: then it is not exhausted.

    `to_the_first` ends it at the first invariant that does not hold, which has a shortest counterexample of all;
    `stopped` is asked after each world whether somebody interrupts it, which keeps what was found.
    """
    explorer = Explorer(configuration, codebook)
    return explorer.explore(limit_worlds, limit_seconds, progress, to_the_first=to_the_first, stopped=stopped)


class Explorer:
    """One exploration."""

    def __init__(self, configuration: Configuration, codebook: Codebook | None = None) -> None:
        self._configuration = configuration
        self._canon = Canon(configuration.bounds, codebook)
        self._stepper = Stepper(configuration, self._canon)
        self._within = Within(configuration)
        self._examiner = Examiner(configuration)
        self._restorer = Restorer(self._canon.codebook)
        self._links = Links()
        self.recaller = Recaller(configuration, self._canon, self._stepper, self._within, self._examiner, self._links)
        # Canonical worlds tell what was superseded, but not so that it could be made again.
        self._keeps = not configuration.symmetric or configuration.bounds.superseded > 0
        self._recalls = configuration.remembering and not self._keeps
        self._refining = Refining(self._stepper) if configuration.refining else None
        self._numbers: dict[Hashable, int] = {}
        self._keys = Keys()
        self._waiting: deque[Moment] = deque()
        self._parents = array("i")
        self._depths = array("H")
        self._goals = {name: bytearray() for name in GOALS}
        self._beyond = 0
        self._steps = 0
        self._violations: dict[str, int] = {}

    def explore(
        self,
        limit_worlds: int | None = None,
        limit_seconds: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        *,
        to_the_first: bool = False,
        stopped: Callable[[], bool] = bool,
    ) -> Exploration:
        """Explore; to be called once."""
        began = monotonic()
        start = Moment(self._configuration.start())
        self._enter(self._identity(start), -1, start)
        done = widest = 0
        while done < len(self._keys):
            if done % _LOOK_EVERY == 0 and done and progress is not None:
                progress(Progress(len(self._keys), done, self._steps, self._depths[done]))
            if limit_seconds is not None and monotonic() - began >= limit_seconds:
                break
            if limit_worlds is not None and len(self._keys) > limit_worlds:
                break
            if (to_the_first and self._violations) or stopped():
                break
            widest = max(widest, len(self._keys) - done)
            self._expand(done)
            done += 1
        if progress is not None:
            progress(Progress(len(self._keys), done, self._steps, self._depths[-1]))
        return self._result(done, widest, monotonic() - began, interrupted=stopped())

    def _expand(self, node: int) -> None:
        key = self._keys[node]
        moment = self._waiting.popleft() if self._keeps else Moment(self._restorer.world(key))
        world = moment.world
        self._look_at(node, world)
        follow: set[tuple[int, int]] = set()
        if self._recalls and len(world.groups) == 1 and self.recaller.memory.pays:
            self._recall_steps(node, world, follow)
        else:
            for request in requests_in(self._stepper.scene(world, moment.history)):
                self._make_steps(node, moment, request, follow)
        self._links.add(sorted(follow))

    def _look_at(self, node: int, world: World) -> None:
        """Examine a world at its turn."""
        self._examiner.examine_world(world, partial(self._broken, max(0, self._parents[node])))
        self._note_goals(world)

    def _note_goals(self, world: World) -> None:
        for name, goal in GOALS.items():
            self._goals[name].append(goal.holds(world))

    # -- steps that are made -----------------------------------------------------------------------

    def _make_steps(self, node: int, moment: Moment, request: rq.Request, follow: set[tuple[int, int]]) -> None:
        """Make every step of a request."""
        found = partial(self._broken, node)
        for step in self._stepper.steps_of(moment.world, request, moment.history):
            self._steps += 1
            self._examiner.examine_step(step, found)
            if self._refining is not None:
                self._refining.refine(step, found)
            if step.after is moment.world:
                if step.events:
                    follow.add((node, self._links.label(step.request)))
                continue
            after = moment.then(step.after) if self._keeps else Moment(step.after)
            if not self._within(after.world, after.history):
                self._examiner.examine_world(after.world, found)
                self._beyond += 1
            else:
                follow.add((self._reach(self._identity(after), node, after), self._links.label(step.request)))

    def _identity(self, one: Moment) -> Hashable:
        if self._configuration.symmetric:
            return packed(self._canon.key(one.world, one.history))
        return self._canon.exact(one.world, one.history)

    def _reach(self, identity: Hashable, parent: int, moment: Moment | None = None) -> int:
        number = self._numbers.get(identity)
        return self._enter(identity, parent, moment) if number is None else number

    def _enter(self, identity: Hashable, parent: int, moment: Moment | None) -> int:
        number = len(self._keys)
        self._numbers[identity] = number
        if isinstance(identity, bytes):
            self._keys.packed.append(identity)
        elif moment is not None:
            self._keys.packed.append(packed(self._canon.key(moment.world, moment.history)))
        if self._keeps and moment is not None:
            self._waiting.append(moment)
        self._parents.append(parent)
        self._depths.append(self._depths[parent] + 1 if parent >= 0 else 0)
        return number

    # -- steps that are recalled -------------------------------------------------------------------

    def _recall_steps(self, node: int, world: World, follow: set[tuple[int, int]]) -> None:
        """Every step of a world of one group: recalled, or made where it looks at other members."""
        view = self.recaller.views.view(self._keys[node], world)
        for asking, leaf in self.recaller.leaves(view):
            if leaf is None:
                self._make_steps(node, Moment(world), asking.request, follow)
            else:
                self._recall(node, view, leaf, asking.place, follow)
                if self._refining is not None:
                    self._refining.refine_recalled(view, asking, leaf, partial(self._broken, node))

    def _recall(self, node: int, view: View, leaf: Leaf, place: int, follow: set[tuple[int, int]]) -> None:
        leaf.used += 1
        self._steps += len(leaf.follows)
        for broken in leaf.broken:
            self._broken(node, broken)
        for one in leaf.follows:
            if one.change is not None:
                after = packed(self.recaller.views.follow(view, one.change, place))
                follow.add((self._reach(after, node), one.label))
            elif one.happened:
                follow.add((node, one.label))

    # -- what is found -----------------------------------------------------------------------------

    def _broken(self, node: int, invariant: str, _problem: str = "") -> None:
        """Note where an invariant was first found broken; what is broken is told by the counterexample."""
        self._violations.setdefault(invariant, node)

    def _result(self, done: int, widest: int, seconds: float, *, interrupted: bool) -> Exploration:
        for node in range(done, len(self._keys)):
            self._note_goals(
                self._waiting[node - done].world if self._keeps else self._restorer.world(self._keys[node])
            )
        found = Exploration(
            configuration=self._configuration,
            worlds=len(self._keys),
            done=done,
            steps=self._steps,
            beyond=self._beyond,
            seconds=seconds,
            interrupted=interrupted,
            widest=widest,
            bytes_per_world=self._bytes() / len(self._keys),
            examinations=self._examinations(),
            violations=(),
            keys=self._keys,
            parents=self._parents,
            depths=self._depths,
            goals=self._goals,
            links=self._links,
            codebook=self._canon.codebook.without_samples(),
        )
        return found.with_violations(tuple(_violation(found, *one) for one in self._violations.items()))

    def _examinations(self) -> dict[str, int]:
        for leaf in self.recaller.memory.leaves:
            for number, count in leaf.counts:
                self._examiner.counts[number] += count * leaf.used
        refined = {} if self._refining is None else {REFINEMENT: self._refining.refined}
        return {**self._examiner.examinations, **refined}

    def _bytes(self) -> int:
        """What is kept of all worlds but for the links, in bytes."""
        tables = (self._numbers, self._parents, self._depths, *self._goals.values())
        return self._keys.bytes() + sum(map(sys.getsizeof, tables))


def _violation(found: Exploration, invariant: str, node: int) -> Violation:
    """What was found, with the requests that lead there and what they break, by the names that things have then."""
    steps, problem = counterexample(found, node, invariant)
    lines = tuple(step.describe() for step in steps)
    picture = picture_of(steps[-1].before, past=found.configuration.bounds.superseded > 0)
    return Violation(invariant, problem, lines, node, picture)
