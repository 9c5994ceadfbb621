"""The counts that the guards read, recounted: each of them, and each noticed where it is off by one."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
import pytest
from attrs import evolve
from tests.support import explored

from vmss_invariants.describing import in_words
from vmss_invariants.exploring import Bounds, Configuration
from vmss_invariants.exploring.aspects import POWER
from vmss_invariants.predicates_world import census_equals_recount, recounts
from vmss_model.census import Census
from vmss_model.values import GroupKind
from vmss_model.world import Group, World

COUNTS = tuple(field.name for field in attrs.fields(Census))


@cache
def some_group() -> tuple[World, Group]:
    """A group with members, fault domains and zones."""
    bounds = Bounds(instances=2, fault_domains=2, zones=2, families=POWER)
    one = Configuration(edition="2021-02", kind=GroupKind.UNIFORM, bounds=bounds)
    first, restorer = explored(one, limit_worlds=500)
    worlds = map(restorer.world, first.keys)
    found = ((world, group) for world in worlds for group in world.groups.values())
    return next(one for one in found if one[1].census.by_fault_domain and one[1].census.by_zone and one[1].members)


def off_by_one(count: Any) -> Any:
    """A count, or the first of several, one too high."""
    return (count[0] + 1, *count[1:]) if isinstance(count, tuple) else count + 1


def test_every_count_is_recounted() -> None:
    """Once each."""
    _, group = some_group()

    assert sorted(one.count for one in recounts(group)) == sorted(COUNTS)
    assert all(getattr(group.census, one.count) == one.recounted(group) for one in recounts(group))
    assert not any(one.is_off(group) for one in recounts(group))


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_that_is_off_by_one_is_told(name: str) -> None:
    """By its name, with what it is."""
    world, group = some_group()
    wrong = evolve(group.census, **{name: off_by_one(getattr(group.census, name))})
    problem = census_equals_recount(world, evolve(group, census=wrong))

    assert problem is not None
    assert f"as {name}, a recount gives {in_words(getattr(group.census, name))}" in problem
