"""Hypothesis picks what is asked: strategies of the requests that `requests` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from vmss_invariants.requests import FAMILIES, Pick
from vmss_model import requests as rq
from vmss_model.world import World

T = TypeVar("T")
Drawn = TypeVar("Drawn")


@cache
def _places(count: int) -> SearchStrategy[int]:
    """One of so many places: one strategy for all that is picked of as many, as it takes longer to make than to use."""
    return st.sampled_from(range(count))


@st.composite
def _made(draw: DrawFn, make: Callable[[Pick], T]) -> T:
    def pick(values: Sequence[Drawn]) -> Drawn:
        return values[draw(_places(len(values)))] if len(values) > 1 else values[0]

    return make(pick)


def made_by(make: Callable[[Pick], T]) -> SearchStrategy[T]:
    """What a maker makes, with Hypothesis doing the picking."""
    return _made(make)


def request_for(world: World, families: Sequence[str] = tuple(FAMILIES)) -> SearchStrategy[rq.Request]:
    """Any request that means something in a world, of any of these families."""
    return made_by(lambda pick: FAMILIES[pick(families)](pick, world))
