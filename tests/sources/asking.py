"""A world to put requests to, one after the other, as a reader of the documents would."""

from __future__ import annotations

from immutables import Map

from vmss_model import Decision, Refusal, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.answers import Answer
from vmss_model.world import Group, GroupKey, Instance, VmKey

FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
"""The preview features that the document registers."""

GROUP = "my-resource-group"
"""The resource group of the documents' examples."""


def group_key(name: str) -> GroupKey:
    """A group in the resource group of the examples."""
    return GroupKey(GROUP, name)


def vm_key(name: str) -> VmKey:
    """A VM in the resource group of the examples."""
    return VmKey(GROUP, name)


class Service:
    """A world that changes with every granted request."""

    def __init__(self, name: str, **fault_domains: int) -> None:
        self.world = World(edition(name), regions=Map(fault_domains or {"westus": 3}))

    def ask(self, request: rq.Request, **picks: object) -> Decision:
        """What the documents allow in answer; a granted request takes effect.

        The platform chooses what is given in `picks`, and else the first value that is allowed.
        """
        self._answer = None
        decision = decide(self.world, request)
        if decision.grant is not None:
            chosen = {one.name: picks.get(one.name, next(iter(one.values()))) for one in decision.grant.choices}
            assert set(picks) <= set(chosen)
            self._answer = decision.grant.answer(chosen)
            self.world = evolve_all(self.world, decision.grant.events(chosen))
        return decision

    _answer: Answer | None = None

    def grants(self, request: rq.Request, **picks: object) -> Decision:
        """The request is granted, and nothing allows a refusal."""
        decision = self.ask(request, **picks)
        assert decision.grant is not None, (request, decision)
        assert decision.open == (), decision.open
        return decision

    def either(self, request: rq.Request, **picks: object) -> Decision:
        """The request may be granted (and is), or refused: the documents leave it open."""
        decision = self.ask(request, **picks)
        assert decision.grant is not None, (request, decision)
        assert decision.open
        return decision

    def refuses(self, request: rq.Request, *rules: str) -> Refusal:
        """The request is refused and nothing changes; the first refusal names these rules."""
        before = self.world
        decision = self.ask(request)
        assert decision.refused, (request, decision)
        assert self.world is before
        assert set(rules) <= set(decision.refusals[0].rules), decision.refusals
        return decision.refusals[0]

    def says_nothing(self, request: rq.Request) -> str:
        """The documents of the edition say nothing of the request."""
        decision = self.ask(request)
        assert decision.silent, (request, decision)
        assert decision.grant is None
        return decision.silent

    def answer(self, request: rq.Request, **picks: object) -> Answer:
        """What a query answers."""
        self.grants(request, **picks)
        assert self._answer is not None
        return self._answer

    def options(self, request: rq.Request, choice: str) -> list[object]:
        """Every value that the documents allow for one choice of a granted request."""
        decision = decide(self.world, request)
        assert decision.grant is not None, (request, decision)
        (found,) = (one for one in decision.grant.choices if one.name == choice)
        return list(found.values())

    def group(self, key: GroupKey) -> Group:
        """A group as it is."""
        return self.world.groups[key]

    def member(self, key: GroupKey, name: str) -> Instance:
        """A member as it is."""
        return self.world.groups[key].members[name]

    def register(self) -> Service:
        """The whole registration for the Flexible preview, as the document describes it."""
        for feature in FEATURES:
            self.grants(rq.RegisterFeature(feature))
        self.grants(rq.AdvanceClock(15 * 60))
        self.grants(rq.RegisterProvider())
        return self
