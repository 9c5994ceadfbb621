"""Arbitrary requests, sensible and absurd, and the worlds they lead to."""

from __future__ import annotations

import random
import types
import typing
from enum import Enum
from typing import Any

import attrs
from hypothesis import strategies as st
from immutables import Map

from vmss_model import Decision, GroupKey, VmKey, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.choices import Draw, FreshIds, Placements, Subset
from vmss_model.images import LATEST, GalleryImage, ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.terms import Number
from vmss_model.values import GroupKind, HealthSource, UpgradeMode
from vmss_model.world import Profile

REQUEST_TYPES: tuple[type[Any], ...] = typing.get_args(rq.Request)
"""Every type of request."""

WORDS = (
    *("g", "h", "u", "0", "1", "a", "b", "rg", "1", "2", "westus", "Standard_D2s_v3", "Standard_NC6", "2019-12-01"),
    *("1.0.0", "2.0.0", "1.x", LATEST, "token"),
)
KEYS = (GroupKey("rg", "g"), GroupKey("rg", "h"), GroupKey("rg", "u"))
"""The groups of the populated worlds."""
LINE = SUPPORTED_IMAGES[0]
"""The image of which the populated worlds have versions."""
ABSURD_WORDS = ("", "-", "x" * 70, "a/b", "\u0663", "9" * 5000, "None", "\n")
NUMBERS = (0, 1, 2, 3, 5, 20)
ABSURD_NUMBERS = (-1, -(10**12), 100, 101, 200, 1000, 1001, 10**12)

_words = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(ABSURD_WORDS), st.text(max_size=4))
_numbers = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from(ABSURD_NUMBERS))


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; made once for each type, for they are large."""
    if hint not in _MADE:
        _MADE[hint] = _of_type(hint)
    return _MADE[hint]


_MADE: dict[Any, st.SearchStrategy[Any]] = {}


def _of_type(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(of_type(one) for one in arguments))
    if origin is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*(of_type(one) for one in arguments))
    if origin is tuple:
        return st.lists(of_type(arguments[0]), max_size=4).map(tuple)
    if origin is frozenset:
        return st.frozensets(of_type(arguments[0]), max_size=3)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: _words,
        int: _numbers,
        bool: st.booleans(),
        type(None): st.none(),
        Number: _numbers,
    }
    if hint in simple:
        return simple[hint]
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    built = st.builds(hint, **{name: of_type(field) for name, field in typing.get_type_hints(hint).items()})
    known: dict[Any, tuple[Any, ...]] = {GroupKey: KEYS, PlatformImage: SUPPORTED_IMAGES[:2]}
    return st.one_of(st.sampled_from(known[hint]), built) if hint in known else built


requests: st.SearchStrategy[rq.Request] = st.one_of(*(of_type(one) for one in REQUEST_TYPES))
"""Any request, with any values of its fields' types."""


def drawing(seed: int | None) -> Draw:
    """Draws by a seed, or always the lowest number."""
    return random.Random(seed).randint if seed is not None else lambda lowest, _: lowest


def is_small(decision: Decision) -> bool:
    """Whether what is granted, if anything, is small enough to carry out."""
    if decision.grant is None:
        return True
    sizes = (
        one.size if isinstance(one, Subset) else one.count
        for one in decision.grant.choices
        if isinstance(one, Subset | FreshIds | Placements)
    )
    return all(size <= 30 for size in sizes)


def after(world: World, request: rq.Request, seed: int | None = None) -> World:
    """The world after a request: unchanged where it is refused, or too large to carry out."""
    decision = decide(world, request)
    if decision.grant is None or not is_small(decision):
        return world
    return evolve_all(world, decision.grant.events(decision.grant.sample(drawing(seed))))


def populated(name: str) -> World:
    """A world of the edition that holds a group of each kind, members, and VMs outside any group."""
    world = World(edition(name), regions=Map({"westus": 3}))
    for request in (rq.RegisterStack(), rq.AddOsImage(), rq.AddMarketplaceItem()):
        world = after(world, request)
    for feature in ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD"):
        world = after(world, rq.RegisterFeature(feature))
    world = after(after(world, rq.AdvanceClock(900)), rq.RegisterProvider())
    for kind, rules in world.edition.kinds.items():
        key = GroupKey("rg", "g" if rules.explicit else "h")
        create = rq.CreateGroup(
            key=key,
            kind=kind,
            fault_domain_count=3,
            profile=None if rules.explicit else Profile(),
            capacity=0 if rules.explicit else 3,
        )
        world = after(world, create)
        for member in ("a", "b") if rules.explicit else ():
            world = after(world, rq.CreateVm(key=VmKey("rg", member), group=key, extension_health=True))
    return after(with_rollout(world), rq.CreateVm(key=VmKey("rg", "1")))


def with_rollout(world: World) -> World:
    """The world with one more group, `u`: where the edition knows upgrades a rollout of it is in its second batch."""
    upgrades = world.edition.upgrades
    if upgrades is None:
        return world
    key = KEYS[-1]
    create = rq.CreateGroup(
        key=key,
        kind=GroupKind.UNIFORM,
        profile=Profile(image=ImageReference(LINE), data_disks=1),
        capacity=6,
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.ROLLING,
    )
    asked: tuple[rq.Request, ...] = (
        rq.PublishImage(LINE, "1.0.0"),
        rq.ReleaseImage(LINE, "1.0.0", frozenset({"westus"})),
        rq.PublishImage(GalleryImage("a", "b"), "1.0.0", frozenset({"westus"})),
        create,
        rq.UpdateGroup(key=key, os_upgrade=True, upgrade_mode=UpgradeMode.ROLLING),
        rq.PublishImage(LINE, "2.0.0"),
        rq.ReleaseImage(LINE, "2.0.0", frozenset({"westus"})),
        rq.UpdateGroup(key=key, automatic_updates=False),
        rq.BeginRollout(key),
        rq.StartBatch(key),
        rq.AdvanceClock(300),
        rq.RestoreInstance(key, "0"),
    )
    for request in asked:
        world = after(world, request)
    return world


def with_edition_without(world: World, *rules: str) -> World:
    """The same world with some rules switched off."""
    return attrs.evolve(world, edition=world.edition.without(*rules))
