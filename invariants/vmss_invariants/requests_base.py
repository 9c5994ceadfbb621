"""What requests are made of: few names, so that requests meet; values at the ends of bounds; and how one is picked.

Every maker of requests is given a function that picks one of several values, so that Hypothesis, a random
generator or a fixed order can do the picking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.editions import KindRules
from vmss_model.values import OperatingSystem, Priority
from vmss_model.world import AutoscaleBounds, Group, GroupKey, Profile, World

T = TypeVar("T")
Twistable = TypeVar("Twistable", rq.CreateGroup, rq.CreateVm, rq.UpdateGroup)
Twist = tuple[str, Sequence[Any]]
"""A field of a request and other values for it."""
REMEMBERED = 256
"""Of so many groups it is remembered what all is asked of them: many worlds in a row are of the same few."""


class Pick(Protocol):
    """Picks one of several values."""

    def __call__(self, values: Sequence[T], /) -> T:
        """One of the values."""


RESOURCE_GROUPS = ("rg", "rg2")
"""The resource groups, few so that requests meet."""
GROUP_KEYS = (GroupKey("rg", "g"), GroupKey("rg", "h"), GroupKey("rg2", "g"))
"""The groups' names."""
VM_NAMES = ("a", "b", "c", "d", "e", "f")
"""The VMs' names."""
ODD_NAMES = ("", "-a", "a.", "a b", "x" * 64, "x" * 65, "a_")
"""Names at the edge of Azure's VM naming rules, on either side."""
REGIONS: Mapping[str, int] = MappingProxyType({"westus": 2, "eastus": 3, "onefd": 1, "manyfd": 6})
"""The regions of the explored worlds, with their fault domains; any other is not known."""
GEO_PAIRS: Mapping[str, str] = MappingProxyType({"westus": "eastus", "eastus": "westus"})
"""The geo pairs among them."""
ALL_REGIONS = (*REGIONS, "nowhere")
"""Those, and one that is not known."""
GOOD_ZONES = ((), ("1",), ("1", "2"), ("1", "2", "3"))
"""Up to three zones."""
ODD_ZONES = (("1", "2", "3", "4"), ("1", "1"))
"""More zones than there are, and one named twice."""
SIZES = ("Standard_D2s_v3", "Standard_E4s_v3", "Standard_NC6", "Standard_L8s_v2", "odd")
"""VM sizes of series that Flexible takes and that it does not."""
FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
"""The features of the preview."""
API_VERSIONS = (None, "2019-12-01", "2020-12-01", "2019-07-01", "2019-11-30", "2019-12-01-preview")
"""API versions on both sides of the earliest one."""
SMALL_CAPACITIES = (1, 2, 3, 0, 4, 5, 7)
"""Instance counts as they mostly are."""
PROFILES = (
    Profile(),
    Profile(operating_system=OperatingSystem.WINDOWS),
    Profile(size="Standard_NC6"),
    Profile(priority=Priority.SPOT),
)
"""VM configuration models."""
BOUNDS = tuple(AutoscaleBounds(*pair) for pair in ((1, 4), (0, 0), (2, 100), (2, 101), (3, 1000), (3, 1001), (-1, 3)))
"""Autoscale bounds within the kinds' bounds and beyond."""
SECONDS = (1, 10, 30, 59, 60, 61, 600, 899, 900, 901, 0, -1)
"""Times at the ends of the windows that the documents name."""

SOMETIMES = (False, False, True)
"""What is picked of to do something now and then."""
SELDOM = (False,) * 9 + (True,)
"""What is picked of to do something seldom."""
TWIST_COUNTS = (0, 1, 0, 1, 2)
"""How many fields of a plain request are given other values."""
_FEW = 6
_LARGE = 50
"""A world with a group this large gets no second one: steps in such worlds are dear."""


def edge_capacities(rules: KindRules | None) -> tuple[int, ...]:
    """Instance counts around the kind's bounds; where it has none, a few beyond the usual."""
    limits = (rules.capacity_single_placement_group, rules.capacity) if rules is not None else ()
    edges = tuple(limit.highest + beyond for limit in limits if limit is not None for beyond in (1, 0, -1))
    return (-1, *edges) if edges else (-1, 12)


def pick_capacity(pick: Pick, world: World, rules: KindRules | None) -> int:
    """An instance count: mostly small, sometimes at a bound that the edition names for the kind."""
    large = any(group.census.members >= _LARGE for group in world.groups.values())
    return pick(edge_capacities(rules) if not large and pick(SELDOM) else SMALL_CAPACITIES)


def groups_where(world: World, holds: Callable[[Group], bool] = lambda _: True) -> tuple[GroupKey, ...]:
    """The groups of which something holds. Sorted: the order of a persistent map differs from run to run."""
    return tuple(sorted(key for key, group in world.groups.items() if holds(group)))


def first_few(values: Iterable[T], order: Callable[[T], str] = str) -> tuple[T, ...]:
    """The first few of many values, in the order of their names."""
    return tuple(nsmallest(_FEW, values, key=order))


def pick_key(pick: Pick, world: World) -> GroupKey:
    """A group, mostly one that exists."""
    return pick((*groups_where(world) * 5, *GROUP_KEYS))


def pick_name(pick: Pick, group: Group | None) -> str:
    """A member, mostly one that exists (of a large group one of a few)."""
    existing = first_few(group.members) if group is not None else ()
    return pick((*existing * 3, *VM_NAMES[:2], "0"))


def key_and_name(pick: Pick, world: World) -> tuple[GroupKey, str]:
    """A group, mostly one with members, and a member of it."""
    populated = groups_where(world, lambda group: bool(group.members))
    key = pick(populated) if populated and not pick(SELDOM) else pick_key(pick, world)
    return key, pick_name(pick, world.groups.get(key))


def twisted(pick: Pick, request: Twistable, twists: Sequence[Twist]) -> Twistable:
    """A plain request with up to two fields at other values."""
    changes: dict[str, Any] = {}
    for _ in range(pick(TWIST_COUNTS)):
        name, values = pick(twists)
        changes[name] = pick(values)
    return evolve(request, **changes)


def each_twist(request: Twistable, twists: Iterable[Twist]) -> Iterator[Twistable]:
    """The request with one field after the other at each of its other values."""
    for name, values in twists:
        for value in values:
            yield evolve(request, **{name: value})
