"""One step: what the model raises is told of it, and what is raised by who draws is raised."""

from __future__ import annotations

from random import Random

import pytest

from vmss_invariants.steps import take_step
from vmss_invariants.walker import new_world
from vmss_model import Decision
from vmss_model import requests as rq
from vmss_model.choices import OneOf
from vmss_model.decide import _DECISIONS
from vmss_model.decisions import Grant
from vmss_model.editions import edition
from vmss_model.world import World

REGISTERED = rq.RegisterFeature("VMOrchestratorMultiFD")
"""A request of which the platform chooses when it has taken effect."""


class EnoughError(Exception):
    """Whoever draws has had enough."""


def test_what_a_draw_raises_is_raised() -> None:
    """It says nothing about the model."""

    def draw(_lowest: int, _highest: int) -> int:
        raise EnoughError

    with pytest.raises(EnoughError):
        take_step(new_world(edition("2021-02")), REGISTERED, draw)


def test_what_the_model_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing has happened."""

    def raises(_world: World, _request: rq.Request) -> None:
        raise EnoughError("of this")

    monkeypatch.setitem(_DECISIONS, rq.RegisterFeature, raises)
    world = new_world(edition("2021-02"))
    step = take_step(world, REGISTERED, lambda lowest, _highest: lowest)

    assert step.error == "EnoughError: of this"
    assert step.after is world


def test_a_choice_among_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the model that leaves nothing to choose from, whoever draws."""

    def leaves_nothing(_world: World, _request: rq.Request) -> Decision:
        return Decision(Grant(choices=(OneOf("ends_at", ()),)))

    monkeypatch.setitem(_DECISIONS, rq.RegisterFeature, leaves_nothing)
    step = take_step(new_world(edition("2021-02")), REGISTERED, Random(0).randint)

    assert step.error == "ValueError: nothing to choose from: 0 to -1"
