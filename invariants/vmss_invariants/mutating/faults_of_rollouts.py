"""Faults that break what holds of models, images and rollouts."""

from __future__ import annotations

from typing import Any

from vmss_invariants.exploring import aspects
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.mutating.fault import (
    Fault,
    also,
    answered,
    each,
    happens,
    instead,
    left_out,
    stopping_one,
    together,
    with_changes,
    with_instance,
)
from vmss_model import requests as rq
from vmss_model.answers import HeatMapShown, ProgressShown
from vmss_model.choices import InRange
from vmss_model.copying import evolve
from vmss_model.decide import images, rollouts
from vmss_model.events import Event, GroupChanged, InstanceChanged, InstanceJoined, RolloutChanged
from vmss_model.rollout import Progress, Trigger, stage_of
from vmss_model.values import Power, Stage
from vmss_model.world import World

_UPGRADES = Bounds(instances=2, fault_domains=1, families=aspects.UPGRADES)
_BATCHES = Bounds(instances=2, fault_domains=0, versions=1, families=aspects.BATCHES)
_SWITCHES = Bounds(instances=1, fault_domains=0, versions=1, families=aspects.SWITCHES)
_SWITCHED_OFF = Bounds(
    instances=1, fault_domains=0, versions=1, families=("forming", "publishing", "opting", "carrying_out")
)
_CLUSTERS = Bounds(instances=3, fault_domains=0, update_domains=2, versions=1, families=aspects.CLUSTERS)
_FURNISHED = Bounds(instances=1, fault_domains=0, families=aspects.FURNISHED)
_CREDENTIALS = Bounds(instances=1, fault_domains=0, versions=1, families=aspects.CREDENTIALS)
_HISTORY = Bounds(instances=1, fault_domains=0, versions=1, attempts=2, families=aspects.HISTORY)
_PAIRS = Bounds(instances=1, fault_domains=0, groups=2, versions=1, families=aspects.PAIRS)
_STACK = Bounds(instances=1, fault_domains=0, families=aspects.STACK)
_WINDOW = Trigger(InRange("begins_at", 0, 1, ("OSU-TRIGGER-FIRST",), "seconds"))


def _forgetting(_world: World, asked: Any) -> tuple[Event, ...]:
    """The rollout forgets what was done."""
    return (RolloutChanged(asked.key, {"progress": Progress()}),)


def _without_a_policy(_world: World, asked: Any) -> tuple[Event, ...]:
    """The group loses its upgrade policy."""
    return (GroupChanged(asked.key, {"upgrade_mode": None}),)


def _counting_failures(self: Progress, before: Stage, after: Stage, by: int = 1) -> Progress:
    return _MOVED(self, before, Stage.FAILED if after is Stage.SUCCESSFUL else after, by)


_MOVED = Progress.moved
"""How counts of a rollout move."""


def _stopping_all(world: World, asked: Any) -> tuple[Event, ...]:
    members = sorted(world.groups[asked.key].members.items())
    return tuple(InstanceChanged(asked.key, evolve(one, power=Power.STOPPED)) for _, one in members)


def _all_that_are_left(world: World, asked: Any) -> tuple[Event, ...]:
    group = world.groups[asked.key]
    rollout = group.rollout
    if rollout is None:
        return ()
    left = tuple(sorted(one.name for one in group.members.values() if stage_of(rollout, one) is Stage.PENDING))
    return rollouts._batch_started(world, group, rollout, left, broken=False) if left else ()


FAULTS_OF_ROLLOUTS = (
    Fault(
        invariant="members-run-a-version-of-the-model-that-there-is",
        what="Instances join with a version of the model that is still to come.",
        bounds=_UPGRADES,
        wrong=happens(
            InstanceJoined,
            lambda one: evolve(one, instance=evolve(one.instance, model_version=one.instance.model_version + 1)),
        ),
    ),
    Fault(
        invariant="a-changed-model-is-the-next-version",
        what="A group that is changed has version 7 of its model.",
        bounds=_UPGRADES,
        wrong=each(rq.UpdateGroup, GroupChanged, with_changes(model_version=7)),
    ),
    Fault(
        invariant="a-changed-model-touches-no-instance-by-itself",
        what="A change of the group stops a member.",
        bounds=_UPGRADES,
        wrong=also(rq.UpdateGroup, stopping_one),
    ),
    Fault(
        invariant="with-policy-manual-nobody-takes-part-at-first",
        what="Once automatic upgrades are switched on everybody takes part.",
        bounds=_SWITCHES,
        wrong=each(rq.UpdateGroup, GroupChanged, with_changes(opted_in_from=0)),
    ),
    Fault(
        invariant="an-upgrade-call-reaches-exactly-the-named",
        what="An upgrade call changes no instance.",
        bounds=_UPGRADES,
        wrong=left_out(rq.UpgradeInstances, InstanceChanged),
    ),
    Fault(
        invariant="a-patch-inside-changes-nothing",
        what="Patching inside an instance stops one.",
        edition="2017-05",
        bounds=_UPGRADES,
        wrong=also(rq.PatchInGuest, stopping_one),
    ),
    Fault(
        invariant="extensions-run-in-their-sequence",
        what="Extensions are provisioned in the reverse of their sequence.",
        bounds=_FURNISHED,
        wrong=each(
            rq.ProvisionInstance,
            InstanceChanged,
            lambda one: evolve(one, instance=evolve(one.instance, provisioned=one.instance.provisioned[::-1])),
        ),
    ),
    Fault(
        invariant="a-heat-map-shows-each-instance-once",
        what="A heat map has no rows.",
        bounds=_UPGRADES,
        wrong=answered(rq.ShowHeatMap, lambda one: HeatMapShown(one.by, ())),
    ),
    Fault(
        invariant="a-newer-image-is-about-to-be-rolled-out",
        what="A newer image opens no window.",
        bounds=_BATCHES,
        wrong=instead(images, "retriggered", lambda *_: ()),
    ),
    Fault(
        invariant="on-a-stack-older-instances-stay",
        what="Downloading an image stops an instance.",
        edition="2018-06-stack",
        bounds=_STACK,
        wrong=also(rq.AddOsImage, stopping_one),
    ),
    Fault(
        invariant="only-uniform-groups-have-rollouts",
        what="An instance count that is set opens a window for a rollout.",
        edition="2018-06-stack",
        bounds=_STACK,
        wrong=each(rq.SetCapacity, GroupChanged, with_changes(trigger=_WINDOW)),
    ),
    Fault(
        invariant="one-region-of-a-geo-pair-is-updated-at-a-time",
        what="Neither phases of regions nor pairs of them are heeded.",
        bounds=_PAIRS,
        wrong=together(
            instead(rollouts, "_check_geo_pair", lambda *_: None), instead(images, "_behind", lambda *_: [])
        ),
    ),
    Fault(
        invariant="a-batch-touches-only-who-is-due",
        what="A batch stops a member besides.",
        bounds=_BATCHES,
        wrong=also(rq.StartBatch, stopping_one),
    ),
    Fault(
        invariant="the-platform-never-takes-a-whole-group",
        what="A batch starts with all instances that are left.",
        bounds=_BATCHES,
        wrong=also(rq.StartBatch, _all_that_are_left),
    ),
    Fault(
        invariant="a-batch-brings-the-target",
        what="An instance of a batch has no OS disk.",
        bounds=_BATCHES,
        wrong=each(rq.StartBatch, InstanceChanged, with_instance(os_disk=None)),
    ),
    Fault(
        invariant="only-who-takes-part-is-touched-by-the-platform",
        what="A rollout goes on when automatic upgrades are switched off.",
        bounds=_SWITCHED_OFF,
        wrong=left_out(rq.UpdateGroup, RolloutChanged),
    ),
    Fault(
        invariant="service-fabric-finishes-an-update-domain-first",
        what="Nobody looks at which update domain was begun.",
        bounds=_CLUSTERS,
        wrong=instead(rollouts, "_domain_begun", lambda _: None),
    ),
    Fault(
        invariant="those-outside-the-batch-keep-running",
        what="A batch stops everybody.",
        bounds=_BATCHES,
        wrong=also(rq.StartBatch, _stopping_all),
    ),
    Fault(
        invariant="expired-credentials-fail-the-batch",
        what="Nobody looks at whether credentials have expired.",
        bounds=_CREDENTIALS,
        wrong=instead(rollouts, "stale_references", lambda *_: ()),
    ),
    Fault(
        invariant="what-is-done-is-never-undone",
        what="Asking for its progress makes a rollout forget what was done.",
        bounds=_BATCHES,
        wrong=also(rq.GetProgress, _forgetting),
    ),
    Fault(
        invariant="progress-shows-what-is",
        what="The latest rollout is shown by the number of the one before it.",
        bounds=_HISTORY,
        wrong=answered(
            rq.GetProgress,
            lambda one: ProgressShown(evolve(one.attempt, number=one.attempt.number - 1)),
        ),
    ),
    Fault(
        invariant="progress-moves-with-the-members",
        what="An instance that is upgraded successfully is counted as failed.",
        bounds=_BATCHES,
        wrong=instead(Progress, "moved", _counting_failures),
    ),
    Fault(
        invariant="every-step-brings-a-rollout-nearer-to-its-end",
        what="A batch changes no instance.",
        bounds=_BATCHES,
        wrong=left_out(rq.StartBatch, InstanceChanged),
    ),
    Fault(
        invariant="a-rollout-leaves-the-model-alone",
        what="With a batch the group loses its upgrade policy.",
        bounds=_BATCHES,
        wrong=also(rq.StartBatch, _without_a_policy),
    ),
)
"""The faults."""
