"""A rollout under way, and what remains of one that ended.

A rollout holds counts only. Where an instance stands follows from the instance itself (`stage_of`), so
every event that changes one moves it from one count to another, as in the census. The counts are bumped by
`Progress.moved`, which runs on ints in the model and on z3 terms in the proofs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen
from immutables import Map

from vmss_model.choices import InRange
from vmss_model.copying import evolve
from vmss_model.health import is_unhealthy
from vmss_model.images import OsDisk, is_newer
from vmss_model.rules import implements
from vmss_model.terms import Number
from vmss_model.values import Invoker, Provisioning, RolloutKind, RolloutStatus, Stage

if TYPE_CHECKING:
    from vmss_model.world import Group, Instance

Place = tuple[str | None, int | None]
"""Where a batch works: a zone (None: regional) and an update domain (None: there are none)."""


@frozen
class RollingPolicy:
    """The percentages and the pause of a rolling upgrade, by the names of the public API.

    The defaults are the values that the automatic OS image upgrade always has.
    """

    max_batch_percent: Number = 20
    """The most instances in a batch, as a percentage of all (`maxBatchInstancePercent`; 5 to 100)."""
    max_unhealthy_percent: Number = 20
    """The most unhealthy instances, as a percentage of all (`maxUnhealthyInstancePercent`; 5 to 100)."""
    max_unhealthy_upgraded_percent: Number = 20
    """The most upgraded instances that became unhealthy, as a percentage of those upgraded
    (`maxUnhealthyUpgradedInstancePercent`; 0 to 100)."""
    pause_seconds: int = 0
    """The pause between batches (`pauseTimeBetweenBatches`; seconds)."""


AUTOMATIC: Final = RollingPolicy()
"""The automatic OS image upgrade's own values: 20 percent each, no pause."""


@frozen
class Progress:
    """How far a rollout has come: four counts of instances that sum to those in scope (OSU-PROGRESS)."""

    successful: Number = 0
    """Upgraded, and healthy within the wait."""
    failed: Number = 0
    """Upgraded, and not healthy within the wait."""
    in_progress: Number = 0
    """In the current batch, neither healthy yet nor failed."""
    pending: Number = 0
    """Not upgraded yet."""

    def moved(self, before: Stage, after: Stage, by: int = 1) -> Progress:
        """The progress once so many instances went from one stage to another."""
        counts = {Stage.SUCCESSFUL: 0, Stage.FAILED: 0, Stage.IN_PROGRESS: 0, Stage.PENDING: 0, Stage.OUT_OF_SCOPE: 0}
        counts[before] -= by
        counts[after] += by
        return Progress(
            self.successful + counts[Stage.SUCCESSFUL],
            self.failed + counts[Stage.FAILED],
            self.in_progress + counts[Stage.IN_PROGRESS],
            self.pending + counts[Stage.PENDING],
        )

    @property
    def scope(self) -> Number:
        """The instances in scope."""
        return self.successful + self.failed + self.in_progress + self.pending

    @property
    def upgraded(self) -> Number:
        """The instances upgraded so far, for good or ill."""
        return self.successful + self.failed


@frozen(kw_only=True)
class Rollout:
    """A rollout under way."""

    number: int
    """Which one of the group's rollouts it is, from 1."""
    kind: RolloutKind
    """What it brings: a newer OS image, or the newest model."""
    target: OsDisk | None
    """The OS disk that instances get; None where the image is not known."""
    target_model: int
    """The model version that instances get."""
    started_by: Invoker
    """Who started it."""
    started_at: int
    """When (seconds)."""
    policy: RollingPolicy | None
    """Its percentages and pause; None where the documents of the edition name none."""
    opted_in_from: int = 0
    """The lowest model version that takes part (OSU-MANUAL-POLICY); 0: all do."""
    restores: bool = False
    """Whether an instance that does not become healthy gets its previous OS disk back."""
    monitored: bool = False
    """Whether a source reports application health."""
    one_update_domain: bool = False
    """Whether an update domain is finished before the next is begun (Service Fabric)."""
    progress: Progress = field(factory=Progress)
    """The four counts."""
    pending_at: Map[Place, int] = field(factory=Map)
    """Instances not upgraded yet, by place; places without any are left out."""
    relapsed: int = 0
    """Successful ones that are unhealthy now."""
    restored: int = 0
    """Failed ones that got their previous OS disk back."""
    not_restored: int = 0
    """Failed ones of which the previous OS disk could not be brought back."""
    batch_at: Place | None = None
    """Where the current or the last batch works; None before the first."""
    batch_started_at: int = 0
    """When the current or the last batch was upgraded (seconds)."""
    ready_at: int = 0
    """When the next batch may start: the end of the pause (seconds)."""
    cancelled: bool = False
    """Whether it was cancelled or automatic upgrades were switched off: no further batch starts."""
    error: str = ""
    """Why it cannot go on; empty while it can."""


@frozen(kw_only=True)
class Attempt:
    """A rollout that ended, or the running one, as the upgrade history shows it."""

    number: int
    """Which one of the group's rollouts it is, from 1."""
    status: RolloutStatus
    """How it stands or ended."""
    started_by: Invoker
    """Who started it."""
    started_at: int
    """When (seconds)."""
    ended_at: int | None
    """When it ended (seconds), or None while it runs."""
    progress: Progress
    """The four counts at the end, or now."""
    target: OsDisk | None
    """The image it rolled out."""
    restored: int = 0
    """Instances that got their previous OS disk back."""
    not_restored: int = 0
    """Instances of which the previous OS disk could not be brought back."""
    error: str = ""
    """The error code it ended with; empty where there is none."""


@frozen
class Trigger:
    """A rollout that the platform will begin by itself."""

    window: InRange
    """When it begins: the platform's choice within the window (seconds on the clock)."""

    @property
    def earliest(self) -> int:
        """The first moment of the window."""
        return self.window.lowest

    @property
    def latest(self) -> int:
        """The last moment of the window."""
        return self.window.highest


def place_of(instance: Instance) -> Place:
    """Where a batch that takes this instance works."""
    return instance.zone, instance.update_domain


@implements("OSU-DONE", "OSU-START-MANUAL", "OSU-MANUAL-POLICY", "OSU-CREDENTIALS")
def is_due(rollout: Rollout, instance: Instance) -> bool:
    """Whether a rollout is to upgrade an instance: it takes part and does not run the target already.

    One that runs a model made since the rollout began has the image of that one, and is left alone. One whose
    extensions failed is upgraded again: a redeployed model reaches the failed ones too (OSU-CREDENTIALS).
    """
    if instance.model_version < rollout.opted_in_from:
        return False
    if rollout.kind is RolloutKind.MODEL:
        return instance.model_version < rollout.target_model
    if instance.model_version > rollout.target_model:
        return False
    return rollout.target is None or runs_older(instance, rollout.target)


def runs_older(instance: Instance, target: OsDisk) -> bool:
    """Whether an instance runs an older image than this, another one, none that is known, or failed to run one."""
    disk = instance.os_disk
    if disk is None or instance.provisioning is Provisioning.FAILED:
        return True
    return disk.line != target.line or is_newer(target.version, disk.version)


def stage_of(rollout: Rollout, instance: Instance) -> Stage:
    """Where an instance stands in a rollout."""
    if instance.attempt == rollout.number:
        return instance.stage
    return Stage.PENDING if is_due(rollout, instance) else Stage.OUT_OF_SCOPE


def with_instance(rollout: Rollout, before: Instance | None, after: Instance | None) -> Rollout:
    """The rollout's counts after an instance changed, came or went.

    One that was upgraded in this rollout and is deleted stays in the counts of what was done.
    """
    was = Stage.OUT_OF_SCOPE if before is None else stage_of(rollout, before)
    now = Stage.OUT_OF_SCOPE if after is None else stage_of(rollout, after)
    relapsed = _relapsed(rollout, after, now) - _relapsed(rollout, before, was)
    if after is None and was in (Stage.SUCCESSFUL, Stage.FAILED):
        return evolve(rollout, relapsed=rollout.relapsed + relapsed) if relapsed else rollout
    if was is now and not relapsed and was is not Stage.PENDING:
        return rollout
    pending_at = rollout.pending_at
    if was is Stage.PENDING and before is not None:
        pending_at = _bumped(pending_at, place_of(before), -1)
    if now is Stage.PENDING and after is not None:
        pending_at = _bumped(pending_at, place_of(after), 1)
    return evolve(
        rollout,
        progress=rollout.progress.moved(was, now),
        pending_at=pending_at,
        relapsed=rollout.relapsed + relapsed,
    )


def _relapsed(rollout: Rollout, instance: Instance | None, stage: Stage) -> int:
    if instance is None or stage is not Stage.SUCCESSFUL:
        return 0
    return int(is_unhealthy(instance, monitored=rollout.monitored))


def _bumped(counts: Map[Place, int], place: Place, by: int) -> Map[Place, int]:
    count = counts.get(place, 0) + by
    if count:
        return counts.set(place, count)
    return counts.delete(place) if place in counts else counts


def counted(rollout: Rollout, group: Group) -> Rollout:
    """The rollout with its counts taken anew from the group's members (of those that are still there)."""
    fresh = evolve(rollout, progress=Progress(), pending_at=Map(), relapsed=0)
    for instance in group.members.values():
        fresh = with_instance(fresh, None, instance)
    return fresh


def attempt_of(rollout: Rollout, status: RolloutStatus, ended_at: int | None, error: str = "") -> Attempt:
    """What the history shows of a rollout."""
    return Attempt(
        number=rollout.number,
        status=status,
        started_by=rollout.started_by,
        started_at=rollout.started_at,
        ended_at=ended_at,
        progress=rollout.progress,
        target=rollout.target,
        restored=rollout.restored,
        not_restored=rollout.not_restored,
        error=error or rollout.error,
    )
