"""Copies with fields changed are those that attrs makes."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring import Bounds
from vmss_invariants.walker import new_world
from vmss_model import copying, values
from vmss_model.census import Census
from vmss_model.editions import EDITIONS
from vmss_model.rollout import Progress
from vmss_model.world import Group, GroupKey, Instance

COPIED: tuple[Any, ...] = (
    *(new_world(one) for one in EDITIONS.values()),
    Group(key=GroupKey("rg", "g"), kind=values.GroupKind.UNIFORM, region="westus"),
    Instance(name="0"),
    Census(),
    Progress(),
)
"""Values of the classes that are copied most."""


@st.composite
def changes(draw: st.DrawFn) -> tuple[Any, dict[str, object]]:
    """A value, and what is changed of it; what a field holds does not matter to copies."""
    one = draw(st.sampled_from(COPIED))
    names = [field.name for field in attrs.fields(type(one))]
    return one, draw(st.dictionaries(st.sampled_from(names), st.integers()))


@given(changes())
def test_a_copy_is_what_attrs_makes(drawn: tuple[Any, dict[str, object]]) -> None:
    """Of its class, equal to that of attrs, and the value itself stays as it is."""
    one, changed = drawn
    before = attrs.astuple(one, recurse=False)
    copy = copying.evolve(one, **changed)

    assert type(copy) is type(one)
    assert copy is not one
    assert attrs.astuple(copy, recurse=False) == attrs.astuple(attrs.evolve(one, **changed), recurse=False)
    assert attrs.astuple(one, recurse=False) == before


def test_what_steps_copy_is_copied_slot_by_slot() -> None:
    """None of it does more than to hold what it is given: else it would be copied as slowly as attrs does."""
    for one in COPIED:
        assert copying._copier_of(type(one))[0] is not None


def test_every_class_is_copied_as_attrs_does() -> None:
    """Also those that check what they are given, or make more of it: those are made by attrs."""
    bounds = Bounds(instances=2)

    assert copying.evolve(bounds, instances=3) == Bounds(instances=3)
    with pytest.raises(ValueError, match="instances"):
        copying.evolve(bounds, instances=-1)


def test_what_is_no_field_is_refused() -> None:
    """By name, with those that there are; as attrs does."""
    for copied in (copying.evolve, attrs.evolve):
        with pytest.raises(TypeError, match="nome"):
            copied(Instance(name="0"), nome="1")
    ours: Any = copying.evolve
    with pytest.raises(TypeError, match="it has name, zone"):
        ours(Instance(name="0"), nome="1")


def test_a_copy_forgets_what_was_worked_out_of_its_value() -> None:
    """What a value works out once is worked out of the copy anew."""

    @attrs.frozen
    class Named:
        name: str

        @cached_property
        def shout(self) -> str:
            return self.name.upper()

    one = Named("a")
    assert one.shout == "A"
    assert copying.evolve(one, name="b").shout == "B"
