"""The steps of a rollout's counts: what an event may do to them, and what the guards ask before.

As in `vmss_invariants.proving.census_steps`, each is one function for numbers and for z3 terms. The counts are
kept by `vmss_model.rollout.with_instance`, which `vmss_model.evolve` runs: it is given an instance that stands
where the step says, and a rollout with terms for counts.
"""

from __future__ import annotations

from attrs import frozen
from immutables import Map

from vmss_invariants.predicates_rollout_world import is_ill, stage
from vmss_model import guards
from vmss_model.copying import evolve
from vmss_model.rollout import RollingPolicy, Rollout, with_instance
from vmss_model.terms import Number, Truth, all_of, any_of, implies, negation
from vmss_model.values import Provisioning, RolloutKind, Stage
from vmss_model.world import Instance


@frozen
class Standing:
    """Where one instance stands in a rollout."""

    stage: Stage | None
    """Its stage, or None where it is not a member."""
    relapsed: bool = False
    """Whether it was upgraded successfully and is unhealthy now."""

    def __str__(self) -> str:
        if self.stage is None:
            return "not a member"
        return f"{self.stage.value}, unhealthy again" if self.relapsed else self.stage.value


ABSENT, OUTSIDE = Standing(None), Standing(Stage.OUT_OF_SCOPE)
PENDING, IN_PROGRESS = Standing(Stage.PENDING), Standing(Stage.IN_PROGRESS)
SUCCESSFUL, FAILED = Standing(Stage.SUCCESSFUL), Standing(Stage.FAILED)
RELAPSED = Standing(Stage.SUCCESSFUL, relapsed=True)

BATCH_MOVES = ((PENDING, IN_PROGRESS), (PENDING, FAILED))
"""What a batch does to each of its instances; the second where what the model refers to has expired."""
SETTLING_MOVES = ((IN_PROGRESS, SUCCESSFUL), (IN_PROGRESS, FAILED))
"""How an instance of the batch is settled."""
GROWING_MOVES = ((ABSENT, PENDING), (OUTSIDE, PENDING))
"""What gives a rollout more to do: an instance joins that is due, or one falls due."""
OTHER_MOVES = (
    (ABSENT, OUTSIDE),
    (PENDING, OUTSIDE),
    (SUCCESSFUL, RELAPSED),
    (RELAPSED, SUCCESSFUL),
    *((one, ABSENT) for one in (OUTSIDE, PENDING, IN_PROGRESS, SUCCESSFUL, RELAPSED, FAILED)),
    *((one, one) for one in (OUTSIDE, PENDING, IN_PROGRESS, SUCCESSFUL, RELAPSED, FAILED)),
)
"""What else can happen to an instance while a rollout is under way."""
MOVES = (*BATCH_MOVES, *SETTLING_MOVES, *GROWING_MOVES, *OTHER_MOVES)
"""Every way in which one event can move one instance."""


@frozen(kw_only=True)
class RolloutCounts:
    """The counts of a rollout and those of its group that its guards read."""

    rollout: Rollout
    """The rollout, with its progress and the numbers of its policy."""
    scope: Number
    """The instances in scope: those it is to upgrade or has upgraded, deleted ones that it had upgraded included."""
    members: Number
    """Members of the group."""
    unhealthy: Number
    """Members that the gates count as unhealthy."""
    clock: Number
    """The clock (seconds)."""
    attempts: Number
    """Attempts in the group's history."""
    error: Truth
    """Whether it cannot go on, because what the model refers to has expired."""


@frozen
class RolloutStep:
    """One step of the counts of a rollout."""

    name: str
    """What happens."""
    before: RolloutCounts
    """The counts before."""
    allowed: Truth
    """What the guards ask of it."""
    after: RolloutCounts
    """The counts after."""


def standing_of(rollout: Rollout, instance: Instance | None) -> Standing:
    """Where an instance of the model stands in a rollout, said a second time: what is counted is held against it."""
    if instance is None:
        return ABSENT
    where = stage(rollout, instance)
    return Standing(where, where is Stage.SUCCESSFUL and is_ill(instance, monitored=rollout.monitored))


def _instance(standing: Standing) -> Instance | None:
    """An instance that stands there in rollout 1, of a model of which version 1 is the newest."""
    if standing.stage is None:
        return None
    if standing.stage in (Stage.OUT_OF_SCOPE, Stage.PENDING):
        return Instance("one", model_version=int(standing.stage is Stage.OUT_OF_SCOPE))
    state = Provisioning.FAILED if standing.relapsed else Provisioning.SUCCEEDED
    return Instance("one", attempt=1, stage=standing.stage, provisioning=state)


def moved(counts: RolloutCounts, was: Standing, now: Standing) -> RolloutStep:
    """One instance is moved by an event from where it stood to where it stands."""
    rollout = counts.rollout
    bare = evolve(rollout, number=1, kind=RolloutKind.MODEL, target_model=1, opted_in_from=0, pending_at=Map())
    found = with_instance(bare, _instance(was), _instance(now))
    after = evolve(
        counts,
        rollout=evolve(rollout, progress=found.progress, relapsed=found.relapsed),
        scope=counts.scope + _enters(was, now) - _leaves(was, now),
        members=counts.members + (was is ABSENT) - (now is ABSENT),
    )
    return RolloutStep(f"an instance goes from {was} to {now}", counts, is_counted(counts, was), after)


def _enters(was: Standing, now: Standing) -> bool:
    return was in (ABSENT, OUTSIDE) and now not in (ABSENT, OUTSIDE)


def _leaves(was: Standing, now: Standing) -> bool:
    return was in (PENDING, IN_PROGRESS) and now in (ABSENT, OUTSIDE)


def is_counted(counts: RolloutCounts, standing: Standing) -> Truth:
    """An instance that stands there is one of those that the counts are of."""
    progress, relapsed = counts.rollout.progress, counts.rollout.relapsed
    others = counts.members - progress.pending - progress.in_progress
    match standing.stage:
        case None:
            return True
        case Stage.OUT_OF_SCOPE:
            return others >= 1
        case Stage.PENDING:
            return progress.pending >= 1
        case Stage.IN_PROGRESS:
            return progress.in_progress >= 1
        case Stage.FAILED:
            return all_of(progress.failed >= 1, others >= 1)
        case Stage.SUCCESSFUL:
            counted = relapsed >= 1 if standing.relapsed else relapsed < progress.successful
            return all_of(counted, others >= 1)


def possible_progress(counts: RolloutCounts) -> Truth:
    """What the counts of a rollout can be: none is negative, and those not upgraded yet are members."""
    progress, relapsed = counts.rollout.progress, counts.rollout.relapsed
    return all_of(
        progress.successful >= 0,
        progress.failed >= 0,
        progress.in_progress >= 0,
        progress.pending >= 0,
        progress.pending + progress.in_progress <= counts.members,
        relapsed >= 0,
        relapsed <= progress.successful,
    )


def platforms_policy(percent: int) -> RollingPolicy:
    """The policy of every upgrade that the platform begins by itself: one percentage for all, and no pause."""
    return RollingPolicy(percent, percent, percent, 0)


def precheck_holds(counts: RolloutCounts) -> Truth:
    """The gate before a rollout lets it begin."""
    policy = counts.rollout.policy
    if policy is None:
        return True
    return guards.may_begin(counts.unhealthy, counts.members, policy.max_unhealthy_percent)


def upgraded_gate_holds(counts: RolloutCounts, *, of_whole_group: bool = False) -> Truth:
    """The gate over the upgraded instances lets a batch pass; `of_whole_group` is the other reading of finding F9."""
    rollout, policy = counts.rollout, counts.rollout.policy
    if policy is None:
        return True
    whole = counts.members if of_whole_group else rollout.progress.upgraded
    ill = rollout.progress.failed + rollout.relapsed
    return guards.upgraded_health_allows(ill, whole, policy.max_unhealthy_upgraded_percent)


def overall_gate_holds(counts: RolloutCounts) -> Truth:
    """The gate over all instances lets a batch pass."""
    policy = counts.rollout.policy
    if policy is None:
        return True
    return guards.overall_health_allows(counts.unhealthy, counts.members, policy.max_unhealthy_percent)


def gates_hold(counts: RolloutCounts, *, of_whole_group: bool = False) -> Truth:
    """Both health gates let a batch pass."""
    return all_of(upgraded_gate_holds(counts, of_whole_group=of_whole_group), overall_gate_holds(counts))


def begun(counts: RolloutCounts, due: Number) -> RolloutStep:
    """A rollout begins, of which no instance was upgraded yet and so many are due."""
    allowed = all_of(due >= 0, due <= counts.members, precheck_holds(counts))
    progress = type(counts.rollout.progress)().moved(Stage.OUT_OF_SCOPE, Stage.PENDING, due)
    rollout = evolve(counts.rollout, progress=progress, relapsed=0, restored=0, not_restored=0)
    after = evolve(counts, rollout=rollout, scope=due, error=False)
    return RolloutStep("a rollout begins", counts, allowed, after)


def batch_started(
    counts: RolloutCounts,
    size: Number,
    *,
    spares_some: bool,
    cancelled: Truth = False,
    broken: bool = False,
    of_whole_group: bool = False,
) -> RolloutStep:
    """A batch of so many instances starts; with expired credentials (`broken`) it fails at once."""
    rollout, policy = counts.rollout, counts.rollout.policy
    progress = rollout.progress
    allowed = all_of(
        guards.batch_is_settled(progress.in_progress),
        guards.pause_is_over(counts.clock, rollout.ready_at),
        gates_hold(counts, of_whole_group=of_whole_group),
        negation(cancelled),
        negation(counts.error),
        size >= 1,
        size <= progress.pending,
        policy is None or guards.batch_size_allowed(size, guards.batch_cap(counts.members, policy.max_batch_percent)),
        implies(spares_some, guards.leaves_some(size, counts.members)),
    )
    now = progress.moved(Stage.PENDING, Stage.FAILED if broken else Stage.IN_PROGRESS, size)
    after = evolve(
        counts, rollout=evolve(rollout, progress=now, batch_started_at=counts.clock), error=any_of(counts.error, broken)
    )
    return RolloutStep("a batch starts", counts, allowed, after)


def given_up(counts: RolloutCounts, wait: int | None, *, restored: bool | None) -> RolloutStep:
    """An instance that is not healthy so many seconds after its upgrade has failed.

    `restored` tells whether it got its previous OS disk back; None: it was not to get it, as the rollout restores none.
    """
    step = moved(counts, IN_PROGRESS, FAILED)
    waited = counts.clock - counts.rollout.batch_started_at
    over, restores = wait is None or guards.wait_is_over(waited, wait), counts.rollout.restores
    rollout = evolve(
        step.after.rollout,
        restored=counts.rollout.restored + (restored is True),
        not_restored=counts.rollout.not_restored + (restored is False),
    )
    return evolve(
        step,
        name="an instance is given up",
        allowed=all_of(step.allowed, over, negation(restores) if restored is None else restores),
        after=evolve(step.after, rollout=rollout),
    )


def ended(
    counts: RolloutCounts, most: int | None, *, stopped: Truth = False, of_whole_group: bool = False
) -> RolloutStep:
    """The rollout ends: all is done, or it is stopped by a gate or otherwise; its history keeps the newest."""
    progress = counts.rollout.progress
    allowed = all_of(
        guards.batch_is_settled(progress.in_progress),
        any_of(
            guards.all_upgraded(progress.in_progress, progress.pending),
            negation(gates_hold(counts, of_whole_group=of_whole_group)),
            stopped,
            counts.error,
        ),
    )
    entries = counts.attempts + 1
    attempts = entries if most is None else guards.attempts_kept(entries, most)
    return RolloutStep("the rollout ends", counts, allowed, evolve(counts, attempts=attempts))
