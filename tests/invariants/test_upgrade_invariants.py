"""Every invariant about models, images and rollouts can fail: the model is broken on purpose, and it says so."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from random import Random
from typing import Any

import attrs
import pytest

from vmss_invariants import requests as making
from vmss_invariants.catalogue_models import MODEL_INVARIANTS
from vmss_invariants.catalogue_rollouts import ROLLOUT_INVARIANTS
from vmss_invariants.invariant import AnyInvariant
from vmss_invariants.mutating.fault import Wrong, answered, becomes, each, instead, left_out, with_instance
from vmss_invariants.mutating.faults import FAULTS
from vmss_invariants.requests_upgrades import every_upgrade_request
from vmss_invariants.walker import Walker
from vmss_invariants.ways import follow
from vmss_invariants.ways_of_everything import WAY_KEY, tour_in
from vmss_model import requests as rq
from vmss_model.answers import HistoryShown
from vmss_model.decide import clock, models, rollouts, scaling
from vmss_model.decide import images as deciding_images
from vmss_model.editions import AutomaticUpgrades, Edition, edition
from vmss_model.events import InstanceChanged, RolloutBegan, RolloutChanged, RolloutEnded
from vmss_model.guards import batch_cap
from vmss_model.images import ImageVersion
from vmss_model.rollout import Attempt, Rollout
from vmss_model.values import GroupKind, Provisioning
from vmss_model.world import Group, Instance, World

UPGRADES = {one.id for one in (*MODEL_INVARIANTS, *ROLLOUT_INVARIANTS)}
evolving = import_module("vmss_model.evolve")
AUTOMATIC, STACK, IN_2017 = "2021-07", "2018-06-stack", "2017-05"


class Noting(Walker):
    """Walks on when an invariant breaks, and notes it."""

    def __init__(self, one: Edition, noted: set[str]) -> None:
        super().__init__(one, (GroupKind.UNIFORM,))
        self._noted = noted

    def broke(self, one: AnyInvariant, _problem: str, /) -> None:
        """Notes the invariant."""
        self._noted.add(one.id)


def broken(one: Edition, wanted: str = "") -> set[str]:
    """The invariants that break on the ways of an edition, each in a world of its own, up to a wanted one."""
    generator, noted = Random(1), set[str]()
    for way in tour_in(one, (GroupKind.UNIFORM,), times=1):
        if wanted in noted:
            break
        walker = Noting(one, noted)

        def take(request: rq.Request, walker: Noting = walker) -> World:
            after = walker.take(request, generator.randint).after
            walker.examine_world()
            return after

        for request in making.preparation(walker.world):
            take(request)
        follow(way(generator.choice, walker.world, WAY_KEY), take)
        if WAY_KEY in walker.world.groups:
            for request in every_upgrade_request(WAY_KEY, "0"):
                take(request)
    return noted


def with_automatic(**changes: Any) -> Edition:
    """The edition with other values for automatic upgrades."""
    one = edition(AUTOMATIC)
    assert one.upgrades is not None
    assert one.upgrades.automatic is not None
    automatic: AutomaticUpgrades = attrs.evolve(one.upgrades.automatic, **changes)
    return attrs.evolve(one, upgrades=attrs.evolve(one.upgrades, automatic=automatic))


@pytest.mark.parametrize("name", [AUTOMATIC, "2021-02", IN_2017, STACK])
def test_the_ways_break_nothing(name: str) -> None:
    """The model as it is breaks no invariant on any way."""
    assert broken(edition(name)) == set()


# -- numbers of the edition --------------------------------------------------------------------------

NUMBERS: list[tuple[dict[str, Any], str]] = [
    ({"percent": 30}, "no-rollout-begins-above-the-health-threshold"),
    ({"percent": 19}, "no-batch-starts-above-the-health-thresholds"),
    ({"percent": 40}, "a-batch-stays-within-its-cap"),
    ({"wait": 299}, "an-instance-settles-by-health-or-after-the-wait"),
    ({"wait": 301}, "the-clock-passes-no-deadline"),
    ({"first_window": (0, 10_801)}, "windows-are-as-documented"),
    ({"later_window": (1799, 3600)}, "windows-are-as-documented"),
    ({"history_most": 6}, "the-history-holds-five-at-most"),
    ({"history_most": 4}, "the-history-shows-two-months"),
    ({"history_surely": 50 * 86_400, "history_longest": 50 * 86_400}, "the-history-shows-two-months"),
    ({"history_longest": 66 * 86_400, "history_surely": 66 * 86_400}, "the-history-shows-two-months"),
]
"""Values of the edition that are off, and the invariant that sees it."""


@pytest.mark.parametrize(("changes", "invariant"), NUMBERS)
def test_a_number_that_is_off_is_found(changes: dict[str, Any], invariant: str) -> None:
    """Every number of the rollout stands in the invariants a second time."""
    assert invariant in broken(with_automatic(**changes), invariant)


# -- rules that are switched off ---------------------------------------------------------------------

SWITCHED_OFF: list[tuple[str, tuple[str, ...], str]] = [
    (AUTOMATIC, ("OSU-LATEST",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("OSU-IMAGES",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("OSU-HEALTH",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("OSU-PROBE-LB",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("OSU-SF",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("OSU-SWAP",), "automatic-upgrades-are-on-only-where-they-may-be"),
    (AUTOMATIC, ("PUBLISHER-OFFER-FIXED",), "publisher-and-offer-never-change"),
    (AUTOMATIC, ("OSU-OPT-OUT",), "the-platform-begins-only-within-its-window"),
    (AUTOMATIC, ("OSU-OPT-OUT",), "no-batch-starts-once-a-rollout-is-cancelled"),
    (AUTOMATIC, ("OSU-OPT-OUT",), "only-who-takes-part-is-touched-by-the-platform"),
    (AUTOMATIC, ("OSU-TRIGGER-LATER",), "the-platform-begins-only-within-its-window"),
    (AUTOMATIC, ("OSU-WAIT",), "a-batch-waits-for-the-last-one"),
    (AUTOMATIC, ("OSU-ZONES",), "one-update-works-in-one-zone-and-update-domain"),
    (AUTOMATIC, ("OSU-BATCH", "OSU-GROUP"), "the-platform-never-takes-a-whole-group"),
    (AUTOMATIC, ("OSU-BATCH",), "a-batch-stays-within-its-cap"),
    (AUTOMATIC, ("OSU-SF",), "service-fabric-finishes-an-update-domain-first"),
    (AUTOMATIC, ("OSU-REGIONS",), "no-phase-holds-both-of-a-geo-pair"),
    (AUTOMATIC, ("OSU-REGIONS",), "a-phase-waits-for-the-one-before"),
    (AUTOMATIC, ("OSU-REGIONS",), "one-region-of-a-geo-pair-is-updated-at-a-time"),
    (AUTOMATIC, ("OSU-DONE",), "a-rollout-ends-for-a-reason"),
    (AUTOMATIC, ("OSU-RESTORE",), "a-failed-instance-is-restored-or-counted"),
    (AUTOMATIC, ("OSU-MANUAL-NO-RESTORE",), "the-platform-restores-and-a-manual-upgrade-does-not"),
    (IN_2017, ("UPGRADE-ROLLING",), "a-batch-waits-for-the-last-one"),
    (IN_2017, ("UPGRADE-ROLLING",), "no-rollout-begins-above-the-health-threshold"),
    (IN_2017, ("ROLLOUT-PLAN",), "a-plan-names-each-outdated-instance-once"),
    (STACK, ("STACK-PINNED",), "on-a-stack-new-instances-run-an-image-that-is-there"),
    (STACK, ("STACK-REPLACE",), "on-a-stack-nothing-grows-without-its-image"),
]
"""Editions, rules that are switched off there, and an invariant that breaks without them."""


@pytest.mark.parametrize(("name", "rules", "invariant"), SWITCHED_OFF)
def test_a_rule_that_is_switched_off_is_missed(name: str, rules: tuple[str, ...], invariant: str) -> None:
    """Without the rule something happens that the invariant says never does."""
    assert invariant in broken(edition(name).without(*rules), invariant)


# -- a model that is broken on purpose ---------------------------------------------------------------


def forgetting_the_first(_before: World, after: World, event: RolloutBegan) -> World:
    """Nobody remembers that the group's first rollout began."""
    group = attrs.evolve(after.groups[event.key], first_rollout_begun=False)
    return attrs.evolve(after, groups=after.groups.set(event.key, group))


def latest_last(_before: World, after: World, event: RolloutEnded) -> World:
    """What ended is put at the end of the history."""
    group = after.groups[event.key]
    return attrs.evolve(after, groups=after.groups.set(event.key, attrs.evolve(group, history=group.history[::-1])))


def strictly(part: int, whole: int, percent: int) -> bool:
    """A gate that already closes at its percentage."""
    return part * 100 < percent * whole


def oldest(versions: Iterable[ImageVersion], region: str) -> str | None:
    """The oldest version there is."""
    return min((one.version for one in versions if region in one.regions), default=None)


def has_extensions(instance: Instance, *, monitored: bool) -> bool:
    """Whether an instance has its extensions, whatever is reported of it."""
    return instance.provisioning is Provisioning.SUCCEEDED and monitored in (True, False)


def another_number(group: Group) -> Attempt | None:
    """The last rollout by another number."""
    last = LATEST(group)
    return None if last is None else attrs.evolve(last, number=last.number + 1)


LATEST = rollouts._latest


def restarted(rollout: Rollout, before: Instance | None, after: Instance | None) -> Rollout:
    """The counts of a rollout, with a pause that begins anew whatever happens to a member."""
    counted: Rollout = COUNTING(rollout, before, after)
    return attrs.evolve(counted, ready_at=counted.ready_at + 1)


COUNTING = evolving.with_instance

BROKEN: list[tuple[str, str, Wrong]] = [
    (AUTOMATIC, "by-policy-automatic-everybody-is-upgraded-at-once", left_out(rq.UpdateGroup, InstanceChanged)),
    (AUTOMATIC, "a-plan-names-each-outdated-instance-once", instead(models, "_plan_problems", lambda *_: [])),
    (IN_2017, "a-plan-tells-of-downtime", instead(models, "keeps_some_running", lambda *_: True)),
    (AUTOMATIC, "the-clock-passes-no-deadline", instead(clock, "deadlines", lambda _: ())),
    (AUTOMATIC, "a-phase-waits-for-the-one-before", instead(deciding_images, "_behind", lambda *_: [])),
    (STACK, "on-a-stack-new-instances-run-an-image-that-is-there", instead(scaling, "disk_of_model", lambda *_: None)),
    (AUTOMATIC, "progress-equals-a-recount", FAULTS["progress-moves-with-the-members"].wrong),
    (AUTOMATIC, "one-update-works-in-one-zone-and-update-domain", instead(rollouts, "_zone_taken", lambda *_: None)),
    (AUTOMATIC, "a-failed-instance-is-restored-or-counted", left_out(rq.RestoreInstance, RolloutChanged)),
    (AUTOMATIC, "a-pause-begins-when-a-batch-is-settled", instead(evolving, "with_instance", restarted)),
    (AUTOMATIC, "no-rollout-is-ever-stuck", instead(rollouts, "wait_is_over", lambda *_: False)),
    (AUTOMATIC, "the-history-holds-five-at-most", becomes(RolloutEnded, latest_last)),
    (AUTOMATIC, "no-rollout-begins-above-the-health-threshold", instead(rollouts, "may_begin", lambda *_: True)),
    (AUTOMATIC, "a-rollout-begins-with-all-that-is-due", instead(evolving, "counted", lambda one, _: one)),
    (AUTOMATIC, "a-rollout-brings-the-newest-image-of-the-model", instead(deciding_images, "newest", oldest)),
    (AUTOMATIC, "the-platform-begins-only-within-its-window", instead(rollouts, "trigger_is_open", lambda *_: True)),
    (AUTOMATIC, "a-batch-stays-within-its-cap", instead(rollouts, "batch_cap", lambda *given: batch_cap(*given) + 1)),
    (AUTOMATIC, "a-batch-waits-for-the-last-one", instead(rollouts, "pause_is_over", lambda *_: True)),
    (AUTOMATIC, "no-batch-starts-above-the-health-thresholds", instead(rollouts, "upgraded_health_allows", strictly)),
    (AUTOMATIC, "no-batch-starts-above-the-health-thresholds", instead(rollouts, "overall_health_allows", strictly)),
    (AUTOMATIC, "an-instance-settles-by-health-or-after-the-wait", instead(evolving, "is_healthy", has_extensions)),
    (
        AUTOMATIC,
        "the-platform-restores-and-a-manual-upgrade-does-not",
        each(rq.RestoreInstance, InstanceChanged, with_instance(os_disk=None)),
    ),
    (AUTOMATIC, "a-rollout-ends-for-a-reason", instead(rollouts, "all_upgraded", lambda *_: True)),
    (AUTOMATIC, "the-first-window-comes-once", becomes(RolloutBegan, forgetting_the_first)),
    (AUTOMATIC, "progress-shows-what-is", instead(rollouts, "_latest", another_number)),
    (AUTOMATIC, "the-history-shows-two-months", answered(rq.GetHistory, lambda _: HistoryShown(()))),
]
"""Editions, an invariant, and how the model is broken for it."""


@pytest.mark.parametrize(("name", "invariant", "wrong"), BROKEN, ids=[f"{one[0]}-{one[1]}" for one in BROKEN])
def test_a_broken_model_is_noticed(name: str, invariant: str, wrong: Wrong) -> None:
    """The invariant breaks, once the model does not do what it says."""
    with wrong():
        assert invariant in broken(edition(name), invariant)


def test_every_upgrade_invariant_can_fail() -> None:
    """None of them is left out above, or among the faults."""
    shown = {one for _, one in NUMBERS} | {one for *_, one in SWITCHED_OFF} | {one for _, one, _ in BROKEN}

    assert sorted(UPGRADES - shown - FAULTS.keys()) == []
