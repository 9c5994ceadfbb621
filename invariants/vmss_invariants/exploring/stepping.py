"""Makes every step of a world, always in the same order."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.past import NO_HISTORY
from vmss_invariants.exploring.picking import StateOf, picks_of
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.steps import History, Step
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Picks
from vmss_model.evolve import evolve_all
from vmss_model.world import World


class Stepper:
    """The steps of worlds of one configuration."""

    def __init__(self, configuration: Configuration, canon: Canon | None = None) -> None:
        self._configuration = configuration
        self._canon = canon if canon is not None else Canon(configuration.bounds)

    def scene(self, world: World, history: History = NO_HISTORY) -> Scene:
        """The world, and what may be asked of it; `history` is what a bystander saw."""
        one, logs = self._configuration, self._canon.logs(world, history)
        state = partial(self._canon.state, logs=logs) if logs else self._canon.state
        return Scene(world, one.kind, one.bounds, state, logs=logs, symmetric=one.symmetric)

    def steps(self, world: World, history: History = NO_HISTORY) -> Iterator[Step]:
        """Every step: each request of the menu, with every way in which the platform may choose."""
        for request in requests_in(self.scene(world, history)):
            yield from self.steps_of(world, request, history)

    def steps_of(self, world: World, request: rq.Request, history: History = NO_HISTORY) -> Iterator[Step]:
        """Every step of one request."""
        try:
            decision = decide(world, request)
        except Exception as error:
            # Whatever the model raises is a finding about the model ("no-request-raises"), not the end of the run.
            yield _raised(world, request, Decision(None, silent="nothing was decided"), {}, error)
            return
        for picks in self.ways_of(world, request, decision, history):
            yield step_of(world, request, decision, picks, history)

    def ways_of(
        self,
        world: World,
        request: rq.Request,
        decision: Decision,
        history: History = NO_HISTORY,
        state_of: StateOf | None = None,
    ) -> Iterator[Picks]:
        """What the platform may pick where a request was decided so, in every way.

        `state_of` tells which members are interchangeable, if it is not their states.
        """
        if decision.grant is None:
            yield {}
            return
        most = self._configuration.bounds.instances + 1
        yield from picks_of(decision.grant.choices, state_of or self._state_of(world, request, history), most)

    def _state_of(self, world: World, request: rq.Request, history: History) -> StateOf | None:
        if not self._configuration.symmetric:
            return None
        logs = self._canon.logs(world, history)

        def state_of(name: str) -> Hashable:
            group = world.groups[request.key]  # type: ignore[union-attr, index]  # only groups have such choices
            return self._canon.state(group.members[name], group, logs)

        return state_of


def step_of(world: World, request: rq.Request, decision: Decision, picks: Picks, history: History = NO_HISTORY) -> Step:
    """The step of a request that was decided so, with what the platform picks."""
    grant = decision.grant
    if grant is None:
        return Step(world, request, decision, picks, (), world, history=history)
    try:
        events = grant.events(picks)
        after = evolve_all(world, events)
        return Step(world, request, decision, picks, events, after, grant.answer(picks), history)
    except Exception as error:
        return _raised(world, request, decision, picks, error)


def _raised(world: World, request: rq.Request, decision: Decision, picks: Picks, error: Exception) -> Step:
    return Step(world, request, decision, picks, (), world, error=f"{type(error).__name__}: {error}")
