"""Walks every reachable canonical world within bounds, breadth first, branching on every choice.

Of a world only its canonical form is kept, the world before it on a shortest way, and the links to those that follow:
when its turn comes it is made again. What a step does is found out once, and recalled wherever a step like it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from time import monotonic

from attrs import frozen

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.checking import check_known, check_made
from vmss_invariants.collecting import seldom_collected
from vmss_invariants.exploring.bounds import Configuration, check_limits
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Codebook, unpacked
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.following import Follower
from vmss_invariants.exploring.graph import Exploration, Violation
from vmss_invariants.exploring.making import Maker
from vmss_invariants.exploring.past import Moment
from vmss_invariants.exploring.recalling import Recaller
from vmss_invariants.exploring.refining import REFINEMENT, Refining
from vmss_invariants.exploring.replaying import counterexample
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.views import has_one_group
from vmss_invariants.exploring.walk import Targets, Walk
from vmss_invariants.exploring.within import Within
from vmss_invariants.exploring.wording import picture_of

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
    limit_steps: int | None = None,
    to_the_first: bool | str = False,
    stopped: Callable[[], bool] = bool,
) -> Exploration:
    """Everything that can be reached within the bounds, or within the limits: then it is not exhausted.

    `to_the_first` ends it at the first invariant that does not hold, which has a shortest counterexample of all, or
    once the invariant of that id does not hold; `stopped` is asked after each world whether somebody interrupts it,
    which keeps what was found.
    """
    check_made("what is to be explored", configuration, Configuration)
    check_limits(limit_worlds, limit_seconds, limit_steps)
    if isinstance(to_the_first, str):
        check_known("invariant", (to_the_first,), INVARIANTS)
    explorer = Explorer(configuration, codebook)
    return explorer.explore(
        limit_worlds, limit_seconds, progress, limit_steps=limit_steps, to_the_first=to_the_first, stopped=stopped
    )


class Explorer:
    """One exploration."""

    def __init__(self, configuration: Configuration, codebook: Codebook | None = None) -> None:
        self._configuration = configuration
        self._walk = walk = Walk()
        self._canon = canon = Canon(configuration.bounds, codebook)
        self._examiner = examiner = Examiner(configuration)
        self._restorer = Restorer(canon.codebook)
        stepper, within = Stepper(configuration, canon), Within(configuration)
        self._refining = refining = Refining(stepper) if configuration.refining else None
        self._maker = Maker(configuration, walk, canon, stepper, within, examiner, refining)
        self.recaller = Recaller(canon, stepper, within, examiner, walk.links)
        self._follower = Follower(walk, self._restorer, self.recaller, self._maker, examiner, refining)
        self._recalls = configuration.remembering and not self._maker.keeps

    def explore(
        self,
        limit_worlds: int | None = None,
        limit_seconds: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        *,
        limit_steps: int | None = None,
        to_the_first: bool | str = False,
        stopped: Callable[[], bool] = bool,
    ) -> Exploration:
        """Explore; to be called once."""
        began, walk, found = monotonic(), self._walk, self._walk.keys.packed

        def seen_enough() -> bool:
            if isinstance(to_the_first, str):
                return to_the_first in walk.violations
            return to_the_first and bool(walk.violations)

        self._maker.enter(Moment(self._configuration.start()), -1)
        done = widest = 0
        with seldom_collected():
            while done < len(found):
                if done % _LOOK_EVERY == 0 and done and progress is not None:
                    progress(Progress(len(found), done, walk.steps, walk.depths[done]))
                if limit_seconds is not None and monotonic() - began >= limit_seconds:
                    break
                if limit_worlds is not None and len(found) > limit_worlds:
                    break
                if limit_steps is not None and walk.steps >= limit_steps:
                    break
                if seen_enough() or stopped():
                    break
                widest = max(widest, len(found) - done)
                self._expand(done)
                done += 1
            if seen_enough():
                self._look_at_as_near_ones(done)
            if progress is not None:
                progress(Progress(len(found), done, walk.steps, walk.depths[-1]))
            return self._result(done, widest, monotonic() - began, interrupted=stopped())

    def _look_at_as_near_ones(self, done: int) -> None:
        """Examine the worlds that are as near as the last one: what does not hold in one is a request shorter."""
        walk, kept = self._walk, zip_longest(range(done, len(self._walk.keys)), self._maker.waiting)
        for node, moment in kept:
            if walk.depths[node] > walk.depths[done - 1]:
                return
            world = self._restorer.world(walk.keys[node]) if moment is None else moment.world
            self._examiner.examine_world(world, partial(walk.broken_in, node))

    def _expand(self, node: int) -> None:
        targets: Targets = set()
        packed = self._walk.keys.packed[node]
        if self._recalls and self._follower.pays and has_one_group(packed):
            self._follower.expand(node, packed, targets)
        else:
            keeps = self._maker.keeps
            moment = self._maker.waiting.popleft() if keeps else Moment(self._restorer.world(unpacked(packed)))
            self._maker.expand(node, moment, targets)
        self._walk.links.add(targets)

    def _result(self, done: int, widest: int, seconds: float, *, interrupted: bool) -> Exploration:
        walk = self._walk
        self._note_goals_from(done)
        self._follower.settle()
        walk.links.pack()
        refined = {} if self._refining is None else {REFINEMENT: self._refining.refined}
        found = Exploration(
            configuration=self._configuration,
            worlds=len(walk.keys),
            done=done,
            steps=walk.steps,
            beyond=walk.beyond,
            seconds=seconds,
            interrupted=interrupted,
            widest=widest,
            bytes_per_world=walk.bytes() / len(walk.keys),
            examinations={**self._examiner.examinations, **refined},
            violations=(),
            keys=walk.keys,
            parents=walk.parents,
            depths=walk.depths,
            goals=walk.goals,
            links=walk.links,
            codebook=self._canon.codebook.without_samples(),
        )
        return found.with_violations(tuple(_violation(found, *one) for one in walk.violations.items()))

    def _note_goals_from(self, done: int) -> None:
        """Note which goals are reached in the worlds of which the steps were not made."""
        for packed, moment in zip_longest(self._walk.keys.packed[done:], self._maker.waiting):
            if moment is not None:
                self._maker.note_goals(moment.world)
            elif self._recalls and has_one_group(packed):
                self._follower.note_goals(packed)
            else:
                self._maker.note_goals(self._restorer.world(unpacked(packed)))


def _violation(found: Exploration, invariant: str, node: int) -> Violation:
    """What was found, with the requests that lead there and what they break, by the names that things have then."""
    steps, problem = counterexample(found, node, invariant)
    lines = tuple(step.describe() for step in steps)
    picture = picture_of(steps[-1].before, past=found.configuration.bounds.superseded > 0)
    return Violation(invariant, problem, lines, node, picture)
