"""Requests that nobody would make, and the worlds in which invariants are held against them."""

from __future__ import annotations

from functools import cache

from attrs import evolve
from hypothesis import strategies as st
from tests.model.arbitrary import of_type, populated, requests

from vmss_invariants.steps import History
from vmss_invariants.walker import Walker
from vmss_model import World
from vmss_model import requests as rq
from vmss_model.editions import EDITIONS

asked = st.one_of(requests, of_type(rq.CreateGroup), of_type(rq.UpdateGroup), of_type(rq.CreateVm))
"""Any request; those with the most fields more often."""


@cache
def _beginning(name: str) -> tuple[Walker, World, History]:
    world = populated(name)
    return Walker(EDITIONS[name]), world, History().seen(World(EDITIONS[name]), evolve(world, clock=0))


def begun(name: str) -> Walker:
    """A walker of the edition in its populated world, all of it as old as the world; the same walker each time."""
    walker, world, history = _beginning(name)
    walker.world, walker.history = world, history
    walker.taken.clear()
    return walker
