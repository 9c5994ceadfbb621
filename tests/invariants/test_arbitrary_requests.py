"""Every invariant, held against requests that nobody would make: what they say a second time fits these, too."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.invariants.absurd import asked, begun
from tests.model.arbitrary import KEYS, LINE, drawing, is_small

from vmss_invariants.documented_versions import number_of
from vmss_model import GroupKey, VmKey, decide
from vmss_model import requests as rq
from vmss_model.choices import LONGEST_NAME
from vmss_model.editions import EDITIONS
from vmss_model.images import GalleryImage, ImageReference, version_key
from vmss_model.values import GroupKind
from vmss_model.world import Profile

EXPLICIT, IMPLICIT, ROLLED_OUT = KEYS
"""The groups of the populated worlds: of standard VMs, of members of its own making, and one that is rolled out."""
CUSTOM = GalleryImage("a", "b")
"""An image in a gallery."""


@given(st.sampled_from(tuple(EDITIONS)), st.lists(asked, min_size=1, max_size=4), st.integers())
@example(
    "2018-06-stack",
    [
        rq.CreateGroup(
            key=GroupKey("rg", "new"),
            kind=GroupKind.FLEXIBLE,
            profile=Profile(image=ImageReference(LINE, "3.0.0")),
            capacity=1,
        )
    ],
    0,
)
@example("2021-07", [rq.PublishImage(CUSTOM, version, frozenset({"westus"})) for version in ("1.x", "9" * 5000)], 0)
@example("2017-05", [rq.StartBatch(ROLLED_OUT, frozenset({"0", "nobody"}))], 0)
@example("2019-10", [rq.MoveGroup(EXPLICIT, "a/b")], 0)
@example("2019-10", [rq.CreateVm(key=VmKey("rg", "1"), group=IMPLICIT, platform_names=True)], 0)
@example("2019-10", [rq.CreateVm(key=VmKey("rg", "x" * LONGEST_NAME), group=EXPLICIT, platform_names=True)], 0)
def test_every_invariant_holds_whatever_is_asked(name: str, some: list[rq.Request], seed: int) -> None:
    """In a world with groups of every kind, a rollout among them."""
    walker = begun(name)
    for request in some:
        if is_small(decide(walker.world, request)):
            walker.take(request, drawing(seed))
            walker.examine_world()


VERSIONS = ("", ".", "latest", "x", "1", "01", "1.", "1.0", "1.0.0", "1.2", "1.10", "1.x", "1.X", "\u0663", "9" * 5000)
"""Versions, and what is none."""


@pytest.mark.parametrize(("one", "other"), tuple(combinations(VERSIONS, 2)))
def test_versions_are_in_the_same_order_stated_twice(one: str, other: str) -> None:
    """By their numbers, whatever stands in the place of one."""
    assert (number_of(one) < number_of(other)) is (version_key(one) < version_key(other))
    assert (number_of(one) == number_of(other)) is (version_key(one) == version_key(other))
