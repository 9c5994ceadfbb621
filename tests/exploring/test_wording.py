"""Worlds in words: what a picture says is explained where it stands."""

from __future__ import annotations

from attrs import evolve
from immutables import Map

from vmss_invariants.exploring import Configuration
from vmss_invariants.exploring.bounds import GROUP_KEYS, REGION
from vmss_invariants.exploring.wording import picture_of
from vmss_invariants.requests_upgrades import GALLERY
from vmss_model.choices import InRange
from vmss_model.images import OsDisk
from vmss_model.rollout import Attempt, Progress, RollingPolicy, Rollout, Trigger
from vmss_model.values import GroupKind, Invoker, Power, RolloutKind, RolloutStatus
from vmss_model.world import Group, Instance, Profile

TARGET = OsDisk(GALLERY, "1.0.0")
GROUP = Group(GROUP_KEYS[0], GroupKind.UNIFORM, REGION, profile=Profile(), capacity=1)


def picture(group: Group, clock: int = 90) -> str:
    """The picture of a world with this group."""
    start = Configuration(edition="2021-07", kind=GroupKind.UNIFORM).start()
    return "\n".join(picture_of(evolve(start, clock=clock, groups=start.groups.set(group.key, group))))


def test_members_are_told_by_what_is_not_as_at_first() -> None:
    """Of others it is said that they are."""
    members = Map({"0": Instance("0"), "1": Instance("1", power=Power.STOPPED)})
    drawn = picture(evolve(GROUP, members=members))

    assert "1 in the first state" in drawn
    assert "1 with power stopped" in drawn
    assert "profile with default values" in drawn


def test_a_rollout_under_way_is_told_in_sentences() -> None:
    """Its target, its policy, where its batch works and since when, and how its instances stand."""
    rollout = Rollout(
        number=2,
        kind=RolloutKind.OS_IMAGE,
        target=TARGET,
        target_model=1,
        started_by=Invoker.USER,
        started_at=60,
        policy=RollingPolicy(),
        batch_at=(None, None),
        batch_started_at=60,
        progress=Progress(in_progress=1),
    )
    drawn = picture(evolve(GROUP, rollout=rollout, rollouts_begun=2))

    assert f"target {TARGET}" in drawn
    assert "policy with default values" in drawn
    assert "its batch is in no zone or update domain, its batch started 30 seconds ago" in drawn
    assert "), 1 in progress" in drawn
    assert not any(sign in drawn for sign in ("None", "()", "{"))


def test_a_window_is_told_from_now() -> None:
    """With the rule that it follows from."""
    window = InRange("begins_at", 100, 190, ("OSU-TRIGGER-LATER",))
    assert "a rollout begins in 10 to 100 seconds (OSU-TRIGGER-LATER)" in picture(
        evolve(GROUP, trigger=Trigger(window))
    )


def test_the_rollouts_that_ended_are_told() -> None:
    """How many, and how each ended, where there are any."""
    ended = Attempt(
        number=1,
        status=RolloutStatus.COMPLETED,
        started_by=Invoker.USER,
        started_at=0,
        ended_at=60,
        progress=Progress(successful=1),
        target=TARGET,
    )
    drawn = picture(evolve(GROUP, history=(ended, ended), rollouts_begun=2))

    assert "2 attempts in its history (Completed, Completed)" in drawn
    assert "history" not in picture(GROUP)
