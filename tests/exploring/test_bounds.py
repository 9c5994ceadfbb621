"""Bounds, configurations and limits that mean nothing are refused, by field, value and range."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring import PROFILES, Bounds, Configuration, explore, explore_all, profile
from vmss_invariants.exploring.bounds import GROUP_KEYS, MOST_VMS, MOST_ZONES
from vmss_invariants.exploring.departed import VM_NAMES
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

COUNTS = [one.name for one in fields(Bounds) if one.name != "families"]
UNIFORM = Configuration(edition="2021-02", kind=GroupKind.UNIFORM)
NO_COUNT = st.one_of(
    st.integers(max_value=-1), st.integers(min_value=10**6), st.floats(), st.text(), st.none(), st.booleans()
)


@pytest.mark.parametrize("name", COUNTS)
@given(value=NO_COUNT)
def test_a_bound_is_a_whole_number_within_its_range(name: str, value: Any) -> None:
    """Truth values and fractions are none, whatever they are equal to."""
    with pytest.raises(ValueError, match=rf"{name} is {re.escape(repr(value))}: it is a whole number from \d+ to \d"):
        Bounds(**{name: value})


def test_what_is_counted_exists() -> None:
    """The bounds go as far as there are names, and no further."""
    assert len(VM_NAMES) == MOST_VMS
    for name, most in (("zones", MOST_ZONES), ("groups", len(GROUP_KEYS))):
        values: dict[str, Any] = {name: most}
        assert Bounds(**values)
        values[name] += 1
        with pytest.raises(ValueError, match=f"{name} is {most + 1}: it is a whole number from . to {most}"):
            Bounds(**values)


@pytest.mark.parametrize("kind", [GroupKind.FLEXIBLE, GroupKind.UNIFORM])
def test_vms_that_callers_make_are_bounded_by_their_names(kind: GroupKind) -> None:
    """One name is left for a VM beyond the bounds; where the platform names members, there is no end of names."""
    most = Bounds(instances=MOST_VMS - 1)
    beyond = (Bounds(instances=MOST_VMS), Bounds(instances=9, groups=2, superseded=1))
    assert Configuration(edition="2021-02", kind=kind, bounds=most).bounds is most
    for bounds in beyond:
        if kind is GroupKind.UNIFORM:
            assert Configuration(edition="2021-02", kind=kind, bounds=bounds).bounds is bounds
        else:
            with pytest.raises(ValueError, match="make 19 VMs: of kind Flexible, from 0 to 18 have names"):
                Configuration(edition="2021-02", kind=kind, bounds=bounds)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"edition": "2020"}, "unknown edition '2020'; there are 2017-05"),
        ({"edition": "2017-05", "kind": GroupKind.FLEXIBLE}, "edition 2017-05 has GroupKind.UNIFORM"),
        ({"kind": "Uniform"}, "kind is 'Uniform': edition 2021-02 has GroupKind."),
        ({"without": ("FD-NOPE",)}, "unknown rule 'FD-NOPE'; there are "),
        ({"without": "FD-SPREAD"}, "without is 'FD-SPREAD': it is a tuple of names"),
        ({"bounds": Bounds(families=("nope",))}, "unknown family 'nope'; there are preparing"),
        ({"bounds": {"instances": 1}}, "bounds is {'instances': 1}: it is made by Bounds"),
        ({"symmetric": "no"}, "symmetric is 'no': it is True or False"),
    ],
)
def test_a_configuration_names_what_there_is(values: dict[str, Any], said: str) -> None:
    """What is unknown is refused with what is known."""
    with pytest.raises(ValueError, match=re.escape(said)):
        Configuration(**{"edition": "2021-02", "kind": GroupKind.UNIFORM, **values})


def test_families_are_a_tuple_of_names() -> None:
    """A text alone would be a family for each of its letters."""
    with pytest.raises(ValueError, match="families is 'members': it is a tuple of names"):
        Bounds(families="members")  # type: ignore[arg-type] # what is tested


def test_a_profile_names_what_there_is() -> None:
    """Its own name, and its places."""
    with pytest.raises(ValueError, match="unknown profile 'nope'; there are quick, full"):
        profile("nope")
    for name in PROFILES:
        with pytest.raises(ValueError, match="edition 2017-05 has GroupKind"):
            profile(name, (("2017-05", GroupKind.FLEXIBLE),))
        with pytest.raises(ValueError, match="unknown edition '2020'"):
            profile(name, (("2020", GroupKind.UNIFORM),))


@pytest.mark.parametrize("name", ["limit_worlds", "limit_seconds", "limit_steps"])
@pytest.mark.parametrize("value", [-5, -1, float("nan"), "3", True])
def test_a_limit_is_a_number_that_is_not_negative(name: str, value: Any) -> None:
    """So an exploration that found nothing was not told to."""
    with pytest.raises(ValueError, match=f"{name} is {value!r}: it is a "):
        explore(UNIFORM, **{name: value})


def test_what_is_explored_is_a_configuration() -> None:
    """And several on an executor: what has no use is refused with a sentence before anything is explored."""
    sentence = re.escape("what is to be explored is 5: it is made by Configuration(...)")
    with pytest.raises(ValueError, match=sentence):
        explore(cast("Any", 5))
    with pytest.raises(ValueError, match=sentence):
        explore_all(cast("Any", (UNIFORM, 5)))
    with pytest.raises(ValueError, match=r"the executor is 5: it is a concurrent\.futures\.Executor, or None"):
        explore_all((UNIFORM,), cast("Any", 5))


def test_limits_are_checked_before_anything_is_explored() -> None:
    """Also where there are several explorations, or none at all."""
    with pytest.raises(ValueError, match="limit_worlds is -5: it is a whole number from 0"):
        explore_all((), limit_worlds=-5)


@pytest.mark.parametrize("edition", list(EDITIONS))
def test_every_configuration_of_the_profiles_is_made(edition: str) -> None:
    """None of them is wider than what is explored."""
    places = tuple((edition, kind) for kind in EDITIONS[edition].kinds)
    assert all(profile(name, places) for name in PROFILES)
