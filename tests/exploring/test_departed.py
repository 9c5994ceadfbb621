"""What members that are gone leave behind is part of canonical worlds where the bounds ask for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from attrs import evolve
from tests.support import ALL_BUT_TWINS

from vmss_invariants.exploring import Bounds, Configuration, explore
from vmss_invariants.exploring.aspects import TURNOVER
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.codebook import Codebook
from vmss_invariants.exploring.examining import OF_THE_PAST
from vmss_model.choices import FreshName
from vmss_model.events import InstanceJoined
from vmss_model.values import GroupKind
from vmss_model.world import World

# `vmss_model` exports a function by the name of this module.
evolving = import_module("vmss_model.evolve")
_joined: Callable[[World, InstanceJoined], World] = evolving._EVOLUTIONS[InstanceJoined]


def turnover(name: str, kind: GroupKind, departed: int = 1) -> Configuration:
    """A configuration in which members come and go."""
    bounds = Bounds(instances=2, fault_domains=2, departed=departed, families=TURNOVER)
    return Configuration(edition=name, kind=kind, bounds=bounds, refining=True)


def broken(name: str, kind: GroupKind) -> dict[str, int]:
    """The invariants that do not hold, with the length of the shortest sequence that shows it.

    Limited, since a fault in the counts can make worlds without end.
    """
    return {one.invariant: len(one.lines) for one in explore(turnover(name, kind), limit_worlds=200).violations}


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_what_is_left_behind_is_exhausted(name: str, kind: GroupKind) -> None:
    """Whatever is said of it is examined, and holds."""
    one = turnover(name, kind)
    found = explore(one)

    assert found.exhausted
    assert found.violations == ()
    for invariant, held in OF_THE_PAST.items():
        if held(one.bounds) and invariant in found.examinations:
            assert found.examinations[invariant] > 0


@pytest.mark.parametrize(("name", "kind"), ALL_BUT_TWINS)
def test_symmetry_loses_nothing_of_what_is_left_behind(name: str, kind: GroupKind) -> None:
    """Without symmetry the same canonical worlds are reached, and none of them sooner."""
    one, codebook = evolve(turnover(name, kind), refining=False), Codebook()
    on, off = (explore(evolve(one, symmetric=symmetric), codebook=codebook) for symmetric in (True, False))
    away = dict(zip(on.keys, on.depths, strict=True))

    assert on.exhausted
    assert off.exhausted
    assert set(on.keys) == set(off.keys)
    assert all(away[key] <= depth for key, depth in zip(off.keys, off.depths, strict=True))


def test_a_nic_that_is_not_taken_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows once a VM was deleted and another one of its name is created."""

    def joined(world: World, event: InstanceJoined) -> World:
        after = _joined(world, event)
        left = {name: owner for name, owner in world.artifacts.items() if owner is None}
        return evolve(after, artifacts=after.artifacts.update(left))

    monkeypatch.setitem(evolving._EVOLUTIONS, InstanceJoined, joined)

    assert broken("2019-10", GroupKind.VM)["members-have-their-own-nic-and-disk"] == 4
    assert broken("2021-02", GroupKind.AVAILABILITY_SET)["members-have-their-own-nic-and-disk"] == 4


def test_an_id_that_is_given_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows once a member was deleted and another one is made."""

    def joined(world: World, event: InstanceJoined) -> World:
        after = _joined(world, event)
        group = after.groups[event.key]
        return evolve(after, groups=after.groups.set(event.key, evolve(group, next_instance_id=len(group.members))))

    monkeypatch.setitem(evolving._EVOLUTIONS, InstanceJoined, joined)

    assert broken("2021-02", GroupKind.UNIFORM)["instance-ids-stay-below-the-next-one"] == 3


def test_a_name_that_is_made_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows once the platform made one and makes another, also where that takes the place of a member."""
    monkeypatch.setattr(FreshName, "allows", lambda *_: True)
    monkeypatch.setattr(FreshName, "values", lambda self: iter((f"{self.prefix}0",)))

    assert broken("2021-02", GroupKind.AVAILABILITY_SET)["platform-made-names-are-prefix-and-number"] == 3


def test_without_the_bound_nothing_is_said_of_it() -> None:
    """The invariants that speak of it do not count as examined."""
    found = explore(turnover("2021-02", GroupKind.AVAILABILITY_SET, departed=0))

    assert not OF_THE_PAST.keys() & found.examinations.keys()
