"""Whether what happens in a rollout, and what its health gates refuse, is what the proofs speak of.

Where a member stands in a rollout, how many are due and by which policy it goes is said here a second time, and not
asked of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from vmss_invariants.proving import rollout_steps
from vmss_invariants.proving.happened import OF_A_MEMBER, Happened
from vmss_invariants.proving.rollout_steps import (
    ABSENT,
    BATCH_MOVES,
    FAILED,
    IN_PROGRESS,
    MOVES,
    PENDING,
    RolloutCounts,
    Standing,
    standing_of,
)
from vmss_invariants.steps import Step
from vmss_model import events as ev
from vmss_model import requests as rq
from vmss_model.rollout import RollingPolicy, Rollout
from vmss_model.values import Invoker, RolloutKind, UpgradeMode
from vmss_model.world import Group, Instance, World

_BEGINS = (rq.BeginRollout, rq.StartRollout)
_GIVES_UP = (rq.RestoreInstance, rq.FailInstance)
_PRECHECK, _UPGRADED, _OVERALL = "OSU-PRECHECK", "OSU-STOP-UPGRADED", "OSU-STOP-OVERALL"
GATES = frozenset({_PRECHECK, _UPGRADED, _OVERALL})
"""The rules that are health gates."""


def rollout_counts_of(world: World, group: Group, rollout: Rollout) -> RolloutCounts:
    """The counts of a rollout of the model; its scope is what its progress sums to."""
    return RolloutCounts(
        rollout=rollout,
        scope=rollout.progress.scope,
        members=group.census.members,
        unhealthy=_unhealthy(group, rollout),
        clock=world.clock,
        attempts=len(group.history),
        error=bool(rollout.error),
    )


def _unhealthy(group: Group, rollout: Rollout) -> int:
    """How many members the gates count as unhealthy, as far as the census goes."""
    census = group.census
    return int(census.unhealthy_monitored if rollout.monitored else census.unhealthy_unmonitored)


_OF_THE_BEGINNING = attrgetter(
    "number",
    "kind",
    "target",
    "target_model",
    "started_by",
    "started_at",
    "policy",
    "opted_in_from",
    "restores",
    "monitored",
    "one_update_domain",
)
"""What a rollout begins with and keeps: by this its members stand where they do, and its gates ask what they ask."""


def rollout_problems(one: Happened) -> Iterator[str]:
    """An event leaves a rollout as it began, and moves the member that it is about as the proofs let it move."""
    if one.old is None or one.new is None:
        return
    before, after = one.old.rollout, one.new.rollout
    if before is None or after is None:
        expected = isinstance(one.event, ev.RolloutBegan | ev.RolloutEnded)
        if before is not after and not expected:
            yield f"{type(one.event).__name__} began or ended a rollout"
        return
    if before is not after and _OF_THE_BEGINNING(before) != _OF_THE_BEGINNING(after):
        yield f"{type(one.event).__name__} makes {after} of {before}"
    was, now = standing_of(before, one.was), standing_of(after, one.now)
    if (was, now) != (ABSENT, ABSENT) and (was, now) not in MOVES:
        yield f"the proofs do not speak of an instance that goes from {was} to {now}"
        return
    counts = rollout_counts_of(one.before, one.old, before)
    if (was, now) == (ABSENT, ABSENT):
        said = counts
    else:
        taken = rollout_steps.moved(counts, was, now)
        said = taken.after
        if not taken.allowed:
            yield f"{taken.name}, and the progress {before.progress} does not count it"
    found = (after.progress, after.relapsed, after.progress.scope, one.new.census.members)
    if (said.rollout.progress, said.rollout.relapsed, said.scope, said.members) != found:
        yield f"{type(one.event).__name__}: {found}, where the proofs have {said}"


def _moves(happened: tuple[Happened, ...]) -> Iterator[tuple[Instance, Standing, Standing]]:
    for one in happened:
        if isinstance(one.event, ev.InstanceChanged) and one.rollouts is not None and one.was is not None:
            before, after = one.rollouts
            yield one.was, standing_of(before, one.was), standing_of(after, one.now)


_RESTORED = attrgetter("restored", "not_restored")
_FAILED_OR_DATED = attrgetter("error", "batch_started_at")


def _sets(values: attrgetter[tuple[object, ...]], one: Happened) -> bool:
    """Whether an event sets one of these values of a rollout under way."""
    if one.rollouts is None:
        return False
    before, after = map(values, one.rollouts)
    return before != after


def upgrade_problems(step: Step, happened: tuple[Happened, ...]) -> Iterator[str]:
    """The rollout's own requests, each a whole: a batch is one step."""
    moves = tuple(_moves(happened))
    request = step.request
    for events, asked in ((ev.RolloutBegan, _BEGINS), (ev.RolloutEnded, rq.EndRollout)):
        if not isinstance(request, asked) and any(isinstance(one.event, events) for one in happened):
            yield f"{events.__name__} without being asked for"
    if not isinstance(request, rq.StartBatch) and any((was, now) in BATCH_MOVES for _, was, now in moves):
        yield "an instance is upgraded by a rollout without a batch"
    giving_up = isinstance(request, _GIVES_UP)
    if not giving_up and any((was, now) == (IN_PROGRESS, FAILED) for _, was, now in moves):
        yield "an instance is given up without being waited for"
    if not giving_up and any(_sets(_RESTORED, one) for one in happened):
        yield "an OS disk is restored without an instance being given up"
    if not isinstance(request, rq.StartBatch) and any(_sets(_FAILED_OR_DATED, one) for one in happened):
        yield "a rollout fails, or a batch is dated, without a batch"
    group = step.group_before
    if group is None:
        return
    if isinstance(request, _BEGINS):
        yield from _begin_problems(step, group, happened)
    elif group.rollout is None:
        return
    elif isinstance(request, rq.StartBatch):
        yield from _batch_problems(step, group, group.rollout, happened)
    elif giving_up:
        yield from _giving_up_problems(step, group, group.rollout)
    elif isinstance(request, rq.EndRollout):
        yield from _end_problems(step, group, group.rollout)


def _giving_up_problems(step: Step, group: Group, rollout: Rollout) -> Iterator[str]:
    automatic = step.before.edition.automatic_upgrades(group.kind)
    counts = rollout_counts_of(step.before, group, rollout)
    restored = bool(step.picks["restored"]) if isinstance(step.request, rq.RestoreInstance) else None
    taken = rollout_steps.given_up(counts, None if automatic is None else automatic.wait, restored=restored)
    if not taken.allowed:
        how = "as it is" if restored is None else "to be restored"
        started = f"its batch started at {rollout.batch_started_at}, which restores: {rollout.restores}"
        yield f"{taken.name} {how} at {counts.clock}, {started}"
    after = step.group_after.rollout if step.group_after is not None else None
    said = taken.after.rollout
    if after is not None and (after.restored, after.not_restored) != (said.restored, said.not_restored):
        yield f"{taken.name}: restored {after.restored}, not restored {after.not_restored}"


def _of_whole_group(step: Step) -> bool:
    return "F9" in step.before.edition.readings


def _begin_problems(step: Step, group: Group, happened: tuple[Happened, ...]) -> Iterator[str]:
    now = step.group_after
    rollout = now.rollout if now is not None else None
    if now is None or rollout is None:
        return
    if any(isinstance(one.event, OF_A_MEMBER) for one in happened):
        yield "members change as a rollout begins"
    named = _named_rollout(step, group)
    found, said = _NAMED(rollout), _NAMED(named)
    if found != said:
        yield f"a rollout begins with {found}, where the edition and the group name {said}"
    counts = rollout_counts_of(step.after, now, rollout)
    due = sum(standing_of(rollout, one) == PENDING for one in group.members.values())
    taken = rollout_steps.begun(counts, due)
    if not taken.allowed:
        yield f"{taken.name} with {counts.unhealthy} of {counts.members} unhealthy"
    if taken.after.rollout != rollout:
        yield f"{taken.name} with {rollout.progress}, where the proofs have {taken.after.rollout.progress}"


_NAMED = attrgetter("kind", "started_by", "policy", "restores", "monitored")
"""What of a rollout is named when it begins, by the request, the edition and the group."""


def _named_rollout(step: Step, group: Group) -> Rollout:
    """A rollout as it would begin with this request, as far as what is named goes."""
    behind = group.upgrade_mode is UpgradeMode.ROLLING and group.census.newest_model < group.census.members
    of_model = isinstance(step.request, rq.BeginRollout) and behind
    by_platform = isinstance(step.request, rq.BeginRollout) and not behind
    return Rollout(
        number=group.rollouts_begun + 1,
        kind=RolloutKind.MODEL if of_model else RolloutKind.OS_IMAGE,
        target=None,
        target_model=group.model_version,
        started_by=Invoker.PLATFORM if by_platform else Invoker.USER,
        started_at=step.before.clock,
        policy=_named_policy(step.before, group, by_platform=by_platform),
        restores=by_platform,
        monitored=group.health_source is not None,
    )


def _named_policy(world: World, group: Group, *, by_platform: bool) -> RollingPolicy | None:
    """The policy of a rollout that begins: the platform's own, or else the group's where it has one."""
    automatic = world.edition.automatic_upgrades(group.kind)
    own = None if automatic is None else rollout_steps.platforms_policy(automatic.percent)
    return own if by_platform or group.rolling is None else group.rolling


def _batch_problems(step: Step, group: Group, rollout: Rollout, happened: tuple[Happened, ...]) -> Iterator[str]:
    automatic = step.before.edition.automatic_upgrades(group.kind) is not None
    batch = [(instance, now) for instance, was, now in _moves(happened) if (was, now) in BATCH_MOVES]
    others = sum(isinstance(one.event, OF_A_MEMBER) for one in happened) - len(batch)
    if others:
        yield f"besides the {len(batch)} of a batch, {others} others join, leave or change"
    counts = rollout_counts_of(step.before, group, rollout)
    taken = rollout_steps.batch_started(
        counts,
        len(batch),
        spares_some=automatic and rollout.started_by is Invoker.PLATFORM,
        cancelled=rollout.cancelled,
        broken=any(now is not IN_PROGRESS and now == FAILED for _, now in batch),
        of_whole_group=_of_whole_group(step),
    )
    if not taken.allowed:
        yield f"the proofs do not speak of a batch of {len(batch)} with {counts}"
    after = step.group_after.rollout if step.group_after is not None else None
    if after is None:
        yield "a batch ends its rollout"
        return
    said, error = taken.after.rollout, bool(taken.after.error)
    found = (after.progress, after.batch_started_at, bool(after.error))
    if found != (said.progress, said.batch_started_at, error):
        yield f"{taken.name}: {found}, where the proofs have {said.progress} at {said.batch_started_at}, error: {error}"
    places = {(instance.zone, instance.update_domain) for instance, _ in batch}
    if automatic and (len(places) > 1 or {after.batch_at} != places):
        yield f"a batch works in {len(places)} places"


def _end_problems(step: Step, group: Group, rollout: Rollout) -> Iterator[str]:
    automatic = step.before.edition.automatic_upgrades(group.kind)
    counts = rollout_counts_of(step.before, group, rollout)
    taken = rollout_steps.ended(
        counts,
        None if automatic is None else automatic.history_most,
        stopped=rollout.cancelled,
        of_whole_group=_of_whole_group(step),
    )
    if not taken.allowed:
        yield f"the proofs do not speak of an end with {counts}"
    kept = 0 if step.group_after is None else len(step.group_after.history)
    # Attempts that are too old are forgotten besides.
    if kept > taken.after.attempts:
        yield f"the history holds {kept} attempts, where the proofs have {taken.after.attempts}"


# -- what a gate refuses ---------------------------------------------------------------------------


def refusal_problems(step: Step) -> Iterator[str]:
    """A gate that refuses does not hold; and of two gates that are asked together, only one that holds is not named."""
    group = step.group_before
    if group is None or step.before.edition.automatic_upgrades(group.kind) is None:
        # Elsewhere one rule stands for all that a policy asks: it does not tell which gate refuses.
        return
    if isinstance(step.request, _BEGINS) and group.rollout is None:
        named = _named_rollout(step, group)
        counts = rollout_counts_of(step.before, group, named)
        if _PRECHECK in step.refusing and rollout_steps.precheck_holds(counts):
            yield f"the precheck refuses with {counts.unhealthy} of {counts.members} unhealthy"
    elif isinstance(step.request, rq.StartBatch) and group.rollout is not None:
        counts = rollout_counts_of(step.before, group, group.rollout)
        gates = {
            _UPGRADED: rollout_steps.upgraded_gate_holds(counts, of_whole_group=_of_whole_group(step)),
            _OVERALL: rollout_steps.overall_gate_holds(counts),
        }
        if step.refusing & gates.keys():
            for rule, holds in gates.items():
                if (rule in step.refusing) is holds:
                    yield f"{rule} {'refuses' if holds else 'does not refuse'} a batch with {counts}"
