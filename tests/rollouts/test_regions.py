"""OSU-REGIONS: phases of regions, as few as geo pairs allow, and each of them granted by the model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from vmss_invariants.rollouts.regions import PhaseRefusedError, release, schedule_regions
from vmss_model import GroupKey, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.images import ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.values import GroupKind, HealthSource, UpgradeMode
from vmss_model.world import Profile, Subscription

from .given import PATIENT

LINE = SUPPORTED_IMAGES[1]
PAIRS = {
    "westeurope": "northeurope",
    "northeurope": "westeurope",
    "eastus": "westus",
    "westus": "eastus",
    "southcentralus": "northcentralus",
    "northcentralus": "southcentralus",
    "brazilsouth": "southcentralus",
}
"""Geo pairs of the public cloud; the last one is one-sided."""


def granted(world: World, request: rq.Request) -> World:
    """The world after a request that is granted."""
    decision = decide(world, request)
    assert decision.grant is not None, (request, decision)
    return evolve_all(world, decision.grant.events(decision.grant.sample(lambda low, _: low)))


def world_with(regions: list[str], pairs: dict[str, str]) -> World:
    """A world with a group of two instances in each region, and a new version that is published."""
    world = World(edition("2021-07"), subscription=Subscription(known=False), geo_pairs=Map(pairs))
    world = granted(world, rq.PublishImage(LINE, "1.0"))
    for number, region in enumerate(regions):
        world = granted(world, rq.ReleaseImage(LINE, "1.0", frozenset({region})))
        create = rq.CreateGroup(
            key=GroupKey("rg", f"group{number}"),
            kind=GroupKind.UNIFORM,
            region=region,
            capacity=2,
            health_source=HealthSource.EXTENSION,
            upgrade_mode=UpgradeMode.ROLLING,
            os_upgrade=True,
            profile=Profile(image=image()),
        )
        world = granted(world, create)
    return granted(world, rq.PublishImage(LINE, "2.0"))


def image() -> ImageReference:
    """The image, its newest version."""
    return ImageReference(LINE)


@st.composite
def pairings(draw: st.DrawFn) -> tuple[list[str], dict[str, str]]:
    """Some regions, of which each may have another as its geo pair; not always the other way round."""
    regions = [f"region{number}" for number in range(draw(st.integers(1, 12)))]
    pairs = draw(st.dictionaries(st.sampled_from(regions), st.sampled_from(regions)))
    return regions, {one: other for one, other in pairs.items() if one != other}


@PATIENT
@given(pairings(), st.none() | st.integers(1, 5))
def test_a_schedule_has_every_region_once_and_no_pair_together(
    drawn: tuple[list[str], dict[str, str]], per_phase: int | None
) -> None:
    """And no phase is empty, or larger than was asked for."""
    regions, pairs = drawn
    phases = schedule_regions(regions, pairs, per_phase)
    assert sorted(region for phase in phases for region in phase) == sorted(regions)
    assert all(phase and len(phase) <= (per_phase or len(regions)) for phase in phases)
    assert not any(one in phase and other in phase for phase in phases for one, other in pairs.items())


@PATIENT
@given(st.integers(0, 8), st.integers(0, 8), st.integers(1, 6))
def test_pairs_take_two_phases_and_no_more_than_their_size_asks_for(paired: int, alone: int, per_phase: int) -> None:
    """Where pairs are mutual, as few phases as there can be: two, or as many as the bound makes necessary."""
    pairs = {f"a{number}": f"b{number}" for number in range(paired)}
    pairs |= {other: one for one, other in pairs.items()}
    regions = [*pairs, *(f"c{number}" for number in range(alone))]
    if regions:
        fewest = 2 if paired else 1
        assert len(schedule_regions(regions, pairs)) == fewest
        assert len(schedule_regions(regions, pairs, per_phase)) == max(fewest, -(-len(regions) // per_phase))


@settings(max_examples=20, deadline=None)
@given(pairings(), st.none() | st.integers(1, 3))
def test_the_model_grants_every_phase(drawn: tuple[list[str], dict[str, str]], per_phase: int | None) -> None:
    """Phase by phase, with the groups of each brought to the version before the next: nothing is refused."""
    regions, pairs = drawn
    worlds = release(world_with(regions, pairs), LINE, "2.0", schedule_regions(regions, pairs, per_phase))
    disks = {member.os_disk for group in worlds[-1].groups.values() for member in group.members.values()}
    assert {disk.version for disk in disks if disk is not None} == {"2.0"}


def test_the_public_geo_pairs() -> None:
    """Three of them and a region that hangs on another's pair: two phases."""
    phases = schedule_regions(list(PAIRS), PAIRS)
    assert len(phases) == 2
    release(world_with(list(PAIRS), PAIRS), LINE, "2.0", phases)


def test_a_phase_with_a_pair_is_refused() -> None:
    """By the model, with its number and rule."""
    phases = (frozenset({"eastus"}), frozenset({"westeurope", "northeurope"}))
    with pytest.raises(PhaseRefusedError, match=r"phase 2: .*geo pairs") as caught:
        release(world_with(sorted(PAIRS), PAIRS), LINE, "2.0", phases)
    assert caught.value.refusals[0].rules == ("OSU-REGIONS",)


def test_the_next_phase_waits_for_the_one_before() -> None:
    """As long as a group of it does not run the version, the model refuses the next."""
    world = world_with(["eastus", "westeurope"], PAIRS)
    world = granted(world, rq.ReleaseImage(LINE, "2.0", frozenset({"eastus"})))
    decision = decide(world, rq.ReleaseImage(LINE, "2.0", frozenset({"westeurope"})))
    assert decision.refused
    assert decision.refusals[0].rules == ("OSU-REGIONS",)


def test_nothing_to_schedule() -> None:
    """No regions, no phases; and a phase has room for one at least."""
    assert schedule_regions([], PAIRS) == ()
    with pytest.raises(ValueError, match="at least one region"):
        schedule_regions(["eastus"], {}, 0)
