"""Makes every step of a world, always in the same order."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.picking import StateOf, picks_of
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.evolve import evolve_all
from vmss_model.world import World


class Stepper:
    """The steps of worlds of one configuration."""

    def __init__(self, configuration: Configuration, canon: Canon | None = None) -> None:
        self._configuration = configuration
        self._canon = canon if canon is not None else Canon(configuration.bounds.tick)

    def scene(self, world: World) -> Scene:
        """The world, and what may be asked of it."""
        one = self._configuration
        return Scene(world, one.kind, one.bounds, self._canon.state, symmetric=one.symmetric)

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
