"""Every invariant about models, images and rollouts can fail: the model is broken on purpose, and it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from random import Random
from typing import Any

import attrs
import pytest

from vmss_invariants import requests as making
from vmss_invariants.catalogue_models import MODEL_INVARIANTS
from vmss_invariants.catalogue_rollouts import ROLLOUT_INVARIANTS
from vmss_invariants.invariant import AnyInvariant
from vmss_invariants.requests_upgrades import every_upgrade_request
from vmss_invariants.walker import Walker
from vmss_invariants.ways import follow
from vmss_invariants.ways_of_everything import WAY_KEY, tour_in
from vmss_model import requests as rq
from vmss_model.answers import Answer, HeatMapShown, HistoryShown
from vmss_model.batches import ExtensionOrder
from vmss_model.choices import InRange
from vmss_model.decide import _DECISIONS, clock, models, rollouts, scaling
from vmss_model.decide import images as deciding_images
from vmss_model.decisions import Decision, Grant, Picks
from vmss_model.editions import AutomaticUpgrades, Edition, edition
from vmss_model.events import Event, GroupChanged, InstanceChanged, RolloutBegan, RolloutChanged, RolloutEnded
from vmss_model.evolve import _EVOLUTIONS
from vmss_model.images import ImageVersion
from vmss_model.rollout import Attempt, Progress, Rollout, Trigger
from vmss_model.values import GroupKind, Power, Provisioning, Stage
from vmss_model.world import Instance, World

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

Patch = Callable[[pytest.MonkeyPatch], None]
"""Breaks the model."""


def replaced(module: object, name: str, value: object) -> Patch:
    """Something stands in the place of a function."""
    return lambda patch: patch.setattr(module, name, value)


def around(module: object, name: str, change: Callable[..., Any]) -> Patch:
    """A function whose result is changed; the change is given the result and what the function was given."""
    real = getattr(module, name)
    return replaced(module, name, lambda *given, **named: change(real(*given, **named), *given))


def forgetting_the_first(patch: pytest.MonkeyPatch) -> None:
    """A rollout begins and nobody remembers that the group's first one did."""
    real = _EVOLUTIONS[RolloutBegan]

    def forgetful(world: World, event: RolloutBegan) -> World:
        after = real(world, event)
        group = attrs.evolve(after.groups[event.key], first_rollout_begun=False)
        return attrs.evolve(after, groups=after.groups.set(event.key, group))

    patch.setitem(_EVOLUTIONS, RolloutBegan, forgetful)


def events_of(request: type, change: Callable[[Event, World], Event | None]) -> Patch:
    """A decision of which each event is changed, or left out."""
    real = _DECISIONS[request]

    def changed(world: World, asked: Any) -> Decision:
        decision = real(world, asked)
        grant = decision.grant
        if grant is None:
            return decision

        def effect(picks: Picks) -> tuple[Event, ...]:
            return tuple(new for event in grant.effect(picks) if (new := change(event, world)) is not None)

        return attrs.evolve(decision, grant=Grant(grant.choices, effect, grant.reply))

    return lambda patch: patch.setitem(_DECISIONS, request, changed)


def answers_of(request: type, change: Callable[[Any], Answer]) -> Patch:
    """A query of which the answer is changed."""
    real = _DECISIONS[request]

    def changed(world: World, asked: Any) -> Decision:
        decision = real(world, asked)
        grant = decision.grant
        if grant is None:
            return decision
        return attrs.evolve(
            decision, grant=Grant(grant.choices, grant.effect, lambda picks: change(grant.reply(picks)))
        )

    return lambda patch: patch.setitem(_DECISIONS, request, changed)


def instances_with(request: type, **values: Any) -> Patch:
    """Every instance that a request changes has these values."""
    return events_of(
        request,
        lambda event, _: (
            attrs.evolve(event, instance=attrs.evolve(event.instance, **values))
            if isinstance(event, InstanceChanged)
            else event
        ),
    )


def rollouts_with(request: type, **values: Any) -> Patch:
    """Every rollout that a request begins has these values."""
    return events_of(
        request,
        lambda event, _: (
            attrs.evolve(event, rollout=attrs.evolve(event.rollout, **values))
            if isinstance(event, RolloutBegan)
            else event
        ),
    )


def groups_with(request: type, **values: Any) -> Patch:
    """Every group that a request changes has these values too."""
    return events_of(
        request,
        lambda event, _: (
            attrs.evolve(event, changes={**event.changes, **values}) if isinstance(event, GroupChanged) else event
        ),
    )


def left_out(request: type, kind: type) -> Patch:
    """Of what follows from a request, one kind of event is left out."""
    return events_of(request, lambda event, _: None if isinstance(event, kind) else event)


def history_grows(patch: pytest.MonkeyPatch) -> None:
    """What ended is put at the end of the history."""
    real = _EVOLUTIONS[RolloutEnded]

    def ended(world: World, event: RolloutEnded) -> World:
        after = real(world, event)
        group = after.groups[event.key]
        return attrs.evolve(after, groups=after.groups.set(event.key, attrs.evolve(group, history=group.history[::-1])))

    patch.setitem(_EVOLUTIONS, RolloutEnded, ended)


def moved_oddly(patch: pytest.MonkeyPatch) -> None:
    """A success is counted as a failure."""
    real = Progress.moved

    def moved(self: Progress, before: Stage, after: Stage, by: int = 1) -> Progress:
        return real(self, before, Stage.FAILED if after is Stage.SUCCESSFUL else after, by)

    patch.setattr(Progress, "moved", moved)


def also(request: type, more: Callable[[World, Any], tuple[Event, ...]]) -> Patch:
    """Something more follows from a request that is granted."""
    real = _DECISIONS[request]

    def changed(world: World, asked: Any) -> Decision:
        decision = real(world, asked)
        grant = decision.grant
        if grant is None:
            return decision
        effect = lambda picks: (*grant.effect(picks), *more(world, asked))  # noqa: E731 - it is as short as a name
        return attrs.evolve(decision, grant=Grant(grant.choices, effect, grant.reply))

    return lambda patch: patch.setitem(_DECISIONS, request, changed)


def stopping_one(world: World, asked: Any) -> tuple[Event, ...]:
    """A member of the group, or of any, stops."""
    groups = [world.groups[asked.key]] if hasattr(asked, "key") else list(world.groups.values())
    for group in groups:
        for _, member in sorted(group.members.items())[:1]:
            return (InstanceChanged(group.key, attrs.evolve(member, power=Power.STOPPED)),)
    return ()


def strictly(part: int, whole: int, percent: int) -> bool:
    """A gate that already closes at its percentage."""
    return part * 100 < percent * whole


def oldest(versions: Iterable[ImageVersion], region: str) -> str | None:
    """The oldest version there is."""
    return min((one.version for one in versions if region in one.regions), default=None)


WINDOW = Trigger(InRange("begins_at", 0, 1, ("OSU-TRIGGER-FIRST",), "seconds"))


def forgetting(_world: World, asked: Any) -> tuple[Event, ...]:
    """The rollout forgets what was done."""
    return (RolloutChanged(asked.key, {"progress": Progress()}),)


def touching_the_model(_world: World, asked: Any) -> tuple[Event, ...]:
    """The group loses its upgrade policy."""
    return (GroupChanged(asked.key, {"upgrade_mode": None}),)


def has_extensions(instance: Instance, *, monitored: bool) -> bool:
    """Whether an instance has its extensions, whatever is reported of it."""
    return instance.provisioning is Provisioning.SUCCEEDED and monitored in (True, False)


def another_number(shown: Attempt | None, *_: object) -> Attempt | None:
    """An attempt by another number."""
    return None if shown is None else attrs.evolve(shown, number=shown.number + 1)


def pauses_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to a member, the pause begins anew."""
    counting = evolving.with_instance

    def restarted(rollout: Rollout, before: Instance | None, after: Instance | None) -> Rollout:
        counted: Rollout = counting(rollout, before, after)
        return attrs.evolve(counted, ready_at=counted.ready_at + 1)

    monkeypatch.setattr(evolving, "with_instance", restarted)


BROKEN: list[tuple[str, str, Patch]] = [
    (
        AUTOMATIC,
        "members-run-a-version-of-the-model-that-there-is",
        instances_with(rq.UpgradeInstances, model_version=9),
    ),
    (AUTOMATIC, "a-changed-model-is-the-next-version", groups_with(rq.UpdateGroup, model_version=7)),
    (AUTOMATIC, "a-changed-model-touches-no-instance-by-itself", also(rq.UpdateGroup, stopping_one)),
    (AUTOMATIC, "by-policy-automatic-everybody-is-upgraded-at-once", left_out(rq.UpdateGroup, InstanceChanged)),
    (AUTOMATIC, "with-policy-manual-nobody-takes-part-at-first", groups_with(rq.UpdateGroup, opted_in_from=0)),
    (AUTOMATIC, "data-disks-are-never-lost", instances_with(rq.StartBatch, data_disks=0)),
    (IN_2017, "an-upgrade-call-reaches-exactly-the-named", left_out(rq.UpgradeInstances, InstanceChanged)),
    (IN_2017, "a-patch-inside-changes-nothing", also(rq.PatchInGuest, stopping_one)),
    (AUTOMATIC, "extensions-run-in-their-sequence", replaced(ExtensionOrder, "allows", lambda *_: True)),
    (AUTOMATIC, "a-plan-names-each-outdated-instance-once", replaced(models, "_plan_problems", lambda *_: [])),
    (IN_2017, "a-plan-tells-of-downtime", replaced(models, "keeps_some_running", lambda *_: True)),
    (IN_2017, "a-heat-map-shows-each-instance-once", answers_of(rq.ShowHeatMap, lambda one: HeatMapShown(one.by, ()))),
    (AUTOMATIC, "a-newer-image-is-about-to-be-rolled-out", replaced(deciding_images, "retriggered", lambda *_: ())),
    (AUTOMATIC, "the-clock-passes-no-deadline", replaced(clock, "deadlines", lambda _: ())),
    (AUTOMATIC, "a-phase-waits-for-the-one-before", replaced(deciding_images, "_behind", lambda *_: [])),
    (STACK, "on-a-stack-new-instances-run-an-image-that-is-there", replaced(scaling, "disk_of_model", lambda *_: None)),
    (STACK, "on-a-stack-older-instances-stay", also(rq.AddOsImage, stopping_one)),
    (STACK, "only-uniform-groups-have-rollouts", groups_with(rq.SetCapacity, trigger=WINDOW)),
    (AUTOMATIC, "progress-equals-a-recount", moved_oddly),
    (AUTOMATIC, "one-update-works-in-one-zone-and-update-domain", replaced(rollouts, "_zone_taken", lambda *_: None)),
    (
        AUTOMATIC,
        "one-region-of-a-geo-pair-is-updated-at-a-time",
        replaced(rollouts, "_check_geo_pair", lambda *_: None),
    ),
    (AUTOMATIC, "a-failed-instance-is-restored-or-counted", left_out(rq.RestoreInstance, RolloutChanged)),
    (AUTOMATIC, "a-pause-begins-when-a-batch-is-settled", pauses_begin_anew),
    (AUTOMATIC, "no-rollout-is-ever-stuck", replaced(rollouts, "wait_is_over", lambda *_: False)),
    (AUTOMATIC, "the-history-holds-five-at-most", history_grows),
    (AUTOMATIC, "no-rollout-begins-above-the-health-threshold", replaced(rollouts, "may_begin", lambda *_: True)),
    (AUTOMATIC, "a-rollout-begins-with-all-that-is-due", replaced(evolving, "counted", lambda one, _: one)),
    (AUTOMATIC, "a-rollout-brings-the-newest-image-of-the-model", replaced(deciding_images, "newest", oldest)),
    (AUTOMATIC, "the-platform-begins-only-within-its-window", replaced(rollouts, "trigger_is_open", lambda *_: True)),
    (AUTOMATIC, "a-batch-stays-within-its-cap", around(rollouts, "batch_cap", lambda cap, *_: cap + 1)),
    (AUTOMATIC, "a-batch-touches-only-who-is-due", instances_with(rq.StartBatch, attempt=0)),
    (AUTOMATIC, "a-batch-brings-the-target", instances_with(rq.StartBatch, previous_os_disk=None)),
    (AUTOMATIC, "a-batch-waits-for-the-last-one", replaced(rollouts, "pause_is_over", lambda *_: True)),
    (AUTOMATIC, "no-batch-starts-above-the-health-thresholds", replaced(rollouts, "upgraded_health_allows", strictly)),
    (AUTOMATIC, "no-batch-starts-above-the-health-thresholds", replaced(rollouts, "overall_health_allows", strictly)),
    (AUTOMATIC, "only-who-takes-part-is-touched-by-the-platform", rollouts_with(rq.BeginRollout, opted_in_from=0)),
    (AUTOMATIC, "service-fabric-finishes-an-update-domain-first", replaced(rollouts, "_domain_begun", lambda _: None)),
    (AUTOMATIC, "those-outside-the-batch-keep-running", instances_with(rq.StartBatch, attempt=0)),
    (AUTOMATIC, "expired-credentials-fail-the-batch", replaced(rollouts, "stale_references", lambda *_: ())),
    (AUTOMATIC, "what-is-done-is-never-undone", also(rq.GetProgress, forgetting)),
    (AUTOMATIC, "progress-moves-with-the-members", moved_oddly),
    (AUTOMATIC, "an-instance-settles-by-health-or-after-the-wait", replaced(evolving, "is_healthy", has_extensions)),
    (
        AUTOMATIC,
        "the-platform-restores-and-a-manual-upgrade-does-not",
        instances_with(rq.RestoreInstance, os_disk=None),
    ),
    (AUTOMATIC, "every-step-brings-a-rollout-nearer-to-its-end", left_out(rq.StartBatch, InstanceChanged)),
    (AUTOMATIC, "a-rollout-leaves-the-model-alone", also(rq.StartBatch, touching_the_model)),
    (AUTOMATIC, "a-rollout-ends-for-a-reason", replaced(rollouts, "all_upgraded", lambda *_: True)),
    (AUTOMATIC, "the-first-window-comes-once", forgetting_the_first),
    (AUTOMATIC, "progress-shows-what-is", around(rollouts, "_latest", another_number)),
    (AUTOMATIC, "the-history-shows-two-months", answers_of(rq.GetHistory, lambda _: HistoryShown(()))),
]
"""Editions, an invariant, and how the model is broken for it."""


@pytest.mark.parametrize(("name", "invariant", "patch"), BROKEN, ids=[f"{one[0]}-{one[1]}" for one in BROKEN])
def test_a_broken_model_is_noticed(name: str, invariant: str, patch: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The invariant breaks, once the model does not do what it says."""
    patch(monkeypatch)
    assert invariant in broken(edition(name), invariant)


def test_every_upgrade_invariant_can_fail() -> None:
    """None of them is left out above."""
    shown = {one for _, one in NUMBERS} | {one for *_, one in SWITCHED_OFF} | {one for _, one, _ in BROKEN}

    assert sorted(UPGRADES - shown) == []
