"""What models hold, where groups stand and what automatic upgrades ask for is explored, not left at nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from vmss_invariants.exploring import Bounds, Configuration, explore
from vmss_invariants.exploring.aspects import CREDENTIALS, DISKS, ELIGIBILITY, FURNISHED, PAIRS, ZONED, Families, speaks
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Codebook
from vmss_invariants.exploring.restoring import MOMENT, Restorer
from vmss_invariants.exploring.stepping import Stepper
from vmss_model import requests as rq
from vmss_model.values import GroupKind
from vmss_model.world import ExternalReference, GroupKey, Profile, World

UNIFORM = Configuration(edition="2021-07", kind=GroupKind.UNIFORM)
SMALL = {
    FURNISHED: Bounds(instances=1, fault_domains=1, families=FURNISHED),
    DISKS: Bounds(instances=1, fault_domains=1, versions=1, families=DISKS),
    ELIGIBILITY: Bounds(instances=0, fault_domains=0, versions=1, families=ELIGIBILITY),
    CREDENTIALS: Bounds(instances=1, fault_domains=0, versions=1, families=CREDENTIALS),
    ZONED: Bounds(instances=2, fault_domains=0, zones=2, versions=1, families=ZONED),
    PAIRS: Bounds(instances=1, fault_domains=0, groups=2, versions=1, families=PAIRS),
}
"""The smallest bounds in which each aspect means something."""
ASKED_FOR = frozenset(
    f"OSU-{name}" for name in ("LATEST", "IMAGES", "API", "EXTERNAL", "WINDOWS", "PROBE-LB", "SF", "HEALTH", "SWAP")
)
"""The rules on what a group must be so that automatic upgrades can be switched on."""


@pytest.mark.parametrize(
    ("families", "invariant"),
    [
        (FURNISHED, "data-disks-are-never-lost"),
        (FURNISHED, "extensions-run-in-their-sequence"),
        (CREDENTIALS, "expired-credentials-fail-the-batch"),
        (ZONED, "one-update-works-in-one-zone-and-update-domain"),
        (PAIRS, "one-region-of-a-geo-pair-is-updated-at-a-time"),
    ],
)
def test_an_invariant_is_examined_only_where_it_could_fail(families: Families, invariant: str) -> None:
    """Where there is what it speaks of, and never in rollouts of groups that have nothing of it."""
    plain = Bounds(instances=2, fault_domains=0, versions=1, families=("forming", "publishing", "carrying_out"))

    assert explore(evolve(UNIFORM, bounds=SMALL[families])).examinations[invariant] > 0
    assert explore(evolve(UNIFORM, bounds=plain)).examinations[invariant] == 0


@pytest.mark.parametrize("families", [CREDENTIALS, ZONED, PAIRS])
def test_symmetry_loses_nothing_of_it(families: Families) -> None:
    """Without it there are the same canonical worlds, and as much is examined, as far from the beginning.

    Zones keep their names while a rollout is under way: there are more worlds then, which differ by those names alone.
    """
    one, codebook = evolve(UNIFORM, bounds=SMALL[families]), Codebook()
    on = explore(one, codebook=codebook)
    off = explore(evolve(one, symmetric=False), codebook=codebook)

    assert on.exhausted
    assert off.exhausted
    assert set(on.keys) <= set(off.keys)
    assert families == ZONED or set(on.keys) == set(off.keys)
    assert on.depth == off.depth
    assert on.violations == off.violations == ()
    assert {name for name, count in on.examinations.items() if count} == {
        name for name, count in off.examinations.items() if count
    }


@pytest.mark.parametrize(("name", "kind"), [place for place in PLACES if speaks(*place, DISKS)])
def test_members_with_data_disks_are_explored(name: str, kind: GroupKind) -> None:
    """For every kind of group that makes its members, in every edition."""
    found = explore(Configuration(edition=name, kind=kind, bounds=SMALL[DISKS]))

    assert found.exhausted
    assert found.examinations["data-disks-are-never-lost"] > 0


def test_all_that_automatic_upgrades_ask_for_is_missing_somewhere() -> None:
    """Each rule on what a group must be so that they can be switched on refuses a request, and grants are made, too."""
    refused: Counter[str] = Counter()
    one = evolve(UNIFORM, bounds=SMALL[ELIGIBILITY])
    stepper = Stepper(one)
    worlds = [one.start(), *(step.after for step in stepper.steps(one.start()) if step.after.groups)]
    for world in worlds:
        for step in stepper.steps(world):
            refused.update(step.refusing)
            refused["granted"] += step.granted

    assert refused["granted"]
    assert refused.keys() >= ASKED_FOR


def test_what_expires_does_so_as_long_after_a_world_was_made_again() -> None:
    """Credentials count from now: worlds at other moments are one, and what has expired has, however long ago."""
    for left, same in ((100, 100), (1, 1), (0, 0), (-50, 0)):
        early, late = (_with_credentials(clock, clock + left) for clock in (0, 10**6))
        codebook = Codebook()
        canon = Canon(SMALL[CREDENTIALS], codebook)
        again = Restorer(codebook).world(canon.key(late))
        (group,) = again.groups.values()

        assert canon.key(early) == canon.key(late) == canon.key(again)
        assert group.profile is not None
        assert group.profile.external == (ExternalReference("token", MOMENT + same),)


def _with_credentials(clock: int, end: int) -> World:
    """A world at a moment in which the model of a group refers to credentials that end then."""
    one = evolve(UNIFORM, bounds=SMALL[CREDENTIALS])
    key = GroupKey("rg", "g")
    request = rq.CreateGroup(key=key, kind=GroupKind.UNIFORM, single_placement_group=True, profile=Profile())
    (step,) = Stepper(one).steps_of(one.start(), request)
    group = evolve(step.after.groups[key], profile=Profile(external=(ExternalReference("token", end),)))
    return evolve(step.after, clock=clock, groups=step.after.groups.set(key, group))
