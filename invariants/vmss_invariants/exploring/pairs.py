"""One world of each of two editions, and what is asked of both.

Where one edition does not grant a request that the other one grants, its world stays as it is.
"""

from __future__ import annotations

from functools import cached_property, reduce

from attrs import frozen

from vmss_invariants.contrasts import named
from vmss_invariants.exploring.bounds import empty_world
from vmss_invariants.exploring.sides import ASKED
from vmss_invariants.requests import REGISTRATION_SEQUENCE, preparation
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Picks
from vmss_model.editions import edition
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind
from vmss_model.world import World

Requests = tuple[rq.Request, rq.Request]
"""A request by the names of each edition."""
PickedByEach = tuple[Picks | None, Picks | None]
"""What the platform picked in each edition; None where it was not granted, and nothing changed."""
Prepared = tuple[tuple[rq.Request, ...], tuple[rq.Request, ...]]
"""The requests that prepare a world of each edition."""


@frozen
class Made:
    """A request that was made of both editions."""

    requests: Requests
    """The request, by the names of each."""
    picks: PickedByEach
    """What the platform picked in each."""
    refused: bool = False
    """Whether one of them refused it: else the one that did not grant it is silent."""

    def leaves_behind(self, side: int) -> bool:
        """Whether one side did not grant what the other did."""
        return self.picks[side] is None and self.picks[1 - side] is not None


@frozen
class Pair:
    """One world of each edition, and the requests that led to both."""

    worlds: tuple[World, World]
    """The worlds."""
    prepared: Prepared = ((), ())
    """The requests that prepared them."""
    trail: tuple[Made, ...] = ()
    """The requests of both, as they were made."""
    unprepared: bool = False
    """Whether they lack what groups of an edition need: what is refused there may be refused for that."""

    @cached_property
    def behind(self) -> tuple[bool, bool]:
        """Whether each side did not come along somewhere where the other did."""
        return any(made.leaves_behind(0) for made in self.trail), any(made.leaves_behind(1) for made in self.trail)

    def then(self, worlds: tuple[World, World], made: Made) -> Pair:
        """The worlds after one more request."""
        return Pair(worlds, self.prepared, (*self.trail, made), self.unprepared)


@frozen
class Asked:
    """What the two editions say to one request."""

    pair: Pair
    """Where it is asked."""
    requests: Requests
    """The request, by the names of each edition."""
    decisions: tuple[Decision, Decision]
    """What each says."""
    named: tuple[frozenset[str], frozenset[str]]
    """The rules that each names."""
    in_a_row: int = 1
    """How many VMs were asked for before it, and with it: they are one line."""

    def made(self, picks: PickedByEach) -> Made:
        """The request as it was made, with what was picked."""
        return Made(self.requests, picks, refused=any(one.refused for one in self.decisions))


def starts(names: tuple[str, str], kinds: tuple[GroupKind, GroupKind]) -> tuple[Pair, ...]:
    """The worlds in which all is prepared, and the empty ones: what is decided there is about the preparation."""
    one, other = (empty_world(edition(name), ASKED) for name in names)
    requests = _needed(one, kinds[0]), _needed(other, kinds[1])
    empty = Pair((one, other), unprepared=any(requests))
    return (prepare(empty, requests), empty) if empty.unprepared else (empty,)


def _needed(world: World, kind: GroupKind) -> tuple[rq.Request, ...]:
    """What prepares a world for groups of a kind: of all that is to be done, what concerns the kind."""
    registration = world.edition.registration
    if kind not in world.edition.kinds or (registration is not None and kind not in registration.kinds):
        return tuple(one for one in preparation(world) if one not in REGISTRATION_SEQUENCE)
    return preparation(world)


def prepare(pair: Pair, requests: Prepared) -> Pair:
    """The worlds after what prepares them."""
    one, other = map(prepared, pair.worlds, requests)
    return Pair((one, other), requests)


def prepared(world: World, requests: tuple[rq.Request, ...]) -> World:
    """The world of one edition after what prepares it, all of which is granted."""
    return reduce(_granted, requests, world)


def _granted(world: World, request: rq.Request) -> World:
    grant = decide(world, request).grant
    assert grant is not None, "what prepares a world is granted"
    return evolve_all(world, grant.events(grant.sample(lambda lowest, _: lowest)))


def ask(pair: Pair, requests: Requests) -> Asked:
    """What the two editions say to a request."""
    one, other = decide(pair.worlds[0], requests[0]), decide(pair.worlds[1], requests[1])
    return Asked(pair, requests, (one, other), (named(one), named(other)))


def after(asked: Asked, picks: PickedByEach) -> Pair:
    """The worlds after what was picked."""
    return asked.pair.then((world_after(asked, 0, picks), world_after(asked, 1, picks)), asked.made(picks))


def world_after(asked: Asked, side: int, picks: PickedByEach) -> World:
    """The world of one side after what was picked there; it stays as it is where nothing was granted."""
    world, grant, picked = asked.pair.worlds[side], asked.decisions[side].grant, picks[side]
    return world if picked is None or grant is None else evolve_all(world, grant.events(picked))
