"""Steps that are made in full: decided, evolved, examined and, where it is asked for, refined."""

from __future__ import annotations

from collections import deque
from functools import partial

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import packed
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.goals import say_goals
from vmss_invariants.exploring.graph import link
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.past import Moment
from vmss_invariants.exploring.refining import Refining
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.walk import Targets, Walk
from vmss_invariants.exploring.within import Within
from vmss_model import requests as rq
from vmss_model.world import World


class Maker:
    """Makes the steps of worlds."""

    def __init__(
        self,
        configuration: Configuration,
        walk: Walk,
        canon: Canon,
        stepper: Stepper,
        within: Within,
        examiner: Examiner,
        refining: Refining | None,
    ) -> None:
        self._symmetric = configuration.symmetric
        self._walk = walk
        self._canon = canon
        self._stepper = stepper
        self._within = within
        self._examiner = examiner
        self._refining = refining
        # Canonical worlds tell what was superseded, or left behind, but not so that it could be made again.
        bounds = configuration.bounds
        self.keeps = not configuration.symmetric or bounds.superseded > 0 or bounds.departed > 0
        """Whether worlds are kept until their steps are made."""
        self.waiting: deque[Moment] = deque()
        """The worlds that are kept, in the order of their numbers."""

    def enter(self, moment: Moment, parent: int) -> int:
        """The number of a world that is reached from another one, or from none (-1)."""
        world, history = moment.world, moment.history
        key = packed(self._canon.key(world, history)) if self._symmetric else None
        identity = self._canon.exact(world, history) if key is None else key
        number = self._walk.numbers.get(identity)
        if number is None:
            number = self._walk.enter(identity, key or packed(self._canon.key(world, history)), parent)
            if self.keeps:
                self.waiting.append(moment)
        return number

    def expand(self, node: int, moment: Moment, targets: Targets) -> None:
        """Examine a world, and make every step of it."""
        self.look_at(node, moment.world)
        for request in requests_in(self._stepper.scene(moment.world, moment.history)):
            self.make_steps(node, moment, request, targets)

    def look_at(self, node: int, world: World) -> None:
        """Examine a world at its turn."""
        self._examiner.examine_world(world, partial(self._walk.broken_in, node))
        self.note_goals(world)

    def note_goals(self, world: World) -> None:
        """Note which goals a world has reached."""
        reached: dict[str, str] = {}
        say_goals(world, reached.setdefault)
        self._walk.note_goals(reached)

    def make_steps(self, node: int, moment: Moment, request: rq.Request, targets: Targets) -> None:
        """Make every step of a request."""
        walk = self._walk
        found = partial(walk.broken_by_a_step, node)
        for step in self._stepper.steps_of(moment.world, request, moment.history):
            walk.steps += 1
            self._examiner.examine_step(step, found)
            if self._refining is not None:
                self._refining.refine(step, found)
            if step.after is moment.world:
                if step.events:
                    targets.add(link(node, walk.links.label(step.request)))
                continue
            after = moment.then(step.after) if self.keeps else Moment(step.after)
            if not self._within(after.world, after.history):
                self._examiner.examine_world(after.world, found)
                walk.beyond += 1
            else:
                targets.add(link(self.enter(after, node), walk.links.label(step.request)))
