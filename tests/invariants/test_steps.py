"""One step: what the model raises is told of it, and what is raised by who draws is raised."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from vmss_invariants.predicates_world import ids_below_next, owners_are_members
from vmss_invariants.steps import Step, take_step, those
from vmss_invariants.walker import new_world
from vmss_model import Decision
from vmss_model import requests as rq
from vmss_model.choices import OneOf
from vmss_model.decide import _DECISIONS
from vmss_model.decisions import Grant
from vmss_model.editions import edition
from vmss_model.values import Action, GroupKind
from vmss_model.world import GroupKey, Profile, World

REGISTERED = rq.RegisterFeature("VMOrchestratorMultiFD")
"""A request of which the platform chooses when it has taken effect."""
KEY = GroupKey("rg", "g")


def lowest(least: int, _most: int) -> int:
    """The platform picks the first of all."""
    return least


def made() -> Step:
    """A group of twelve is made: as their names go, "10" and "11" come after "1"."""
    create = rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, capacity=12, profile=Profile())
    step = take_step(new_world(edition("2017-05")), create, lowest)
    assert step.granted
    return step


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
    step = take_step(world, REGISTERED, lowest)

    assert step.error == "EnoughError: of this"
    assert step.after is world


def test_a_choice_among_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the model that leaves nothing to choose from, whoever draws."""

    def leaves_nothing(_world: World, _request: rq.Request) -> Decision:
        return Decision(Grant(choices=(OneOf("ends_at", ()),)))

    monkeypatch.setitem(_DECISIONS, rq.RegisterFeature, leaves_nothing)
    step = take_step(new_world(edition("2021-02")), REGISTERED, Random(0).randint)

    assert step.error == "ValueError: nothing to choose from: 0 to -1"


def test_members_are_told_in_the_order_of_their_names() -> None:
    """Those that come, change and go, and those of whom something holds: so the same is told every time."""
    joined = made()
    stopped = take_step(joined.after, rq.ActOnGroup(KEY, Action.STOP), lowest)
    gone = take_step(joined.after, rq.ActOnGroup(KEY, Action.DELETE), lowest)
    names = sorted(map(str, range(12)))

    assert list(joined.joined) == names
    assert [now.name for _, _, now in stopped.changed_members] == names
    assert list(gone.left) == names
    assert [one.name for one in those(joined.after.groups[KEY].members, lambda _: True)] == names


def test_of_several_that_are_wrong_the_first_is_named() -> None:
    """By name, and not whichever comes first in the order of hashes, which is another one in each process."""
    world = made().after
    group = world.groups[KEY]

    assert ids_below_next(world, evolve(group, next_instance_id=0)) == "member 0 of rg/g, whose next id is 0"
    assert owners_are_members(evolve(world, groups=world.groups.delete(KEY))) == (
        "rg/g/0/disk belongs to rg/g/0, which does not exist"
    )
