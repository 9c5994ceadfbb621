"""Ties the model to the proofs: every step of the model is made of steps that the proofs speak of.

`unrefined(step)` projects a step onto the counts, event by event, and looks each up among the steps of
`vmss_invariants.proving.census_steps` and `vmss_invariants.proving.rollout_steps`: the guards of that step must
hold of the numbers, and it must lead to the counts that the model has afterwards. What is proved of the steps of
the counts thus holds of every step of the model for which this check passes, whether the state machine drew it
or the explorer visited it.

What a member adds to the counts, where it stands in a rollout, how many are due and by which policy a rollout goes
is said here a second time: were it asked of the model, the model would be held against itself. A request that a
health gate refuses is held against this gate, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from operator import attrgetter

from attrs import evolve as with_values
from attrs import fields, frozen

from vmss_invariants.proving import census_steps, rollout_steps
from vmss_invariants.proving.census_steps import CensusStep
from vmss_invariants.proving.counts import Counts, counts_of, empty_census, share_seen
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
from vmss_invariants.steps import Step, touched
from vmss_model import events as ev
from vmss_model import guards
from vmss_model import requests as rq
from vmss_model.census import Census, Share
from vmss_model.evolve import evolve
from vmss_model.rollout import RollingPolicy, Rollout
from vmss_model.values import Invoker, RolloutKind, UpgradeMode
from vmss_model.world import AutoscaleBounds, Group, GroupKey, Instance, World

_RESIZES = (rq.SetCapacity, rq.Autoscale)
_BEGINS = (rq.BeginRollout, rq.StartRollout)
_GIVES_UP = (rq.RestoreInstance, rq.FailInstance)
_OF_A_MEMBER = (ev.InstanceJoined, ev.InstanceLeft, ev.InstanceChanged)


@frozen
class Happened:
    """One event about a group, with what it found and what it left behind."""

    event: ev.Event
    """The event."""
    before: World
    """The world before."""
    old: Group | None
    """The group before, or None where it was not there."""
    after: World
    """The world after."""
    new: Group | None
    """The group after, or None where it is no more."""

    @property
    def was(self) -> Instance | None:
        """The member that the event is about, as it was."""
        return _member(self.event, self.old)

    @property
    def now(self) -> Instance | None:
        """The member that the event is about, as it is now."""
        return _member(self.event, self.new)


def _member(event: ev.Event, group: Group | None) -> Instance | None:
    name = _own_name(event)
    return None if group is None or name is None else group.members.get(name)


def _own_name(event: ev.Event) -> str | None:
    """The name of the member that an event is about, or None."""
    if isinstance(event, ev.InstanceJoined | ev.InstanceChanged):
        return event.instance.name
    return event.name if isinstance(event, ev.InstanceLeft) else None


_PRECHECK, _UPGRADED, _OVERALL = "OSU-PRECHECK", "OSU-STOP-UPGRADED", "OSU-STOP-OVERALL"
_GATES = frozenset({_PRECHECK, _UPGRADED, _OVERALL})


def is_tied(step: Step) -> bool:
    """Whether the proofs say something of a step: something happens, or a health gate refuses."""
    return bool(step.events) or not _GATES.isdisjoint(step.refusing)


def unrefined(step: Step) -> str | None:
    """How a step is none of those that the proofs speak of, in one sentence; None where it is one."""
    if not step.events:
        found = next(_refusal_problems(step), None) if is_tied(step) else None
        return None if found is None else f"{type(step.request).__name__}: {found}"
    happened = tuple(_happened(step))
    problems = (
        problem
        for one in happened
        for check in (_members_problems, partial(_census_problems, step), _rollout_problems, _registration_problems)
        for problem in check(one)
    )
    requests = (problem for check in (_size_problems, _upgrade_problems) for problem in check(step, happened))
    found = next(problems, None) or next(requests, None)
    return None if found is None else f"{type(step.request).__name__}: {found}"


def _happened(step: Step) -> Iterator[Happened]:
    world = step.before
    for number, event in enumerate(step.events):
        after = step.after if number == len(step.events) - 1 else evolve(world, event)
        key = event.group.key if isinstance(event, ev.GroupCreated) else getattr(event, "key", None)
        moved = GroupKey(event.to, event.key.name) if isinstance(event, ev.GroupMoved) else key
        known = isinstance(key, GroupKey)
        old = world.groups.get(key) if known else None  # type: ignore[arg-type] # a key of a group, as just asked
        new = after.groups.get(moved) if known else None  # type: ignore[arg-type] # as above
        yield Happened(event, world, old, after, new)
        world = after


# -- the members -----------------------------------------------------------------------------------


def _members_problems(one: Happened) -> Iterator[str]:
    """An event changes the member that it is about, and no other; nor what members are counted by."""
    old, new = one.old, one.new
    if new is None:
        return
    if old is None:
        if isinstance(one.event, ev.GroupCreated) and len(new.members):
            yield f"a group is created with {len(new.members)} members"
        return
    if old.zones != new.zones or old.fault_domain_count != new.fault_domain_count:
        yield f"the zones or fault domains of {new.key} are others than before"
    if new.model_version < old.model_version:
        yield f"model {old.model_version} of {new.key} is followed by {new.model_version}"
    if old.members is new.members:
        return
    own = _own_name(one.event)
    changed = [name for name in _changed_names(old, new) if name != own]
    comes_or_goes = 0 if own is None else (own in new.members) - (own in old.members)
    if changed or len(new.members) - len(old.members) != comes_or_goes:
        yield f"{type(one.event).__name__} changes members that it is not about"


def _changed_names(old: Group, new: Group) -> Iterator[str]:
    """The names of those members now who are not what they were."""
    for name in touched(old.members, new.members):
        was, now = old.members.get(name), new.members[name]
        # What the events lead to one by one are other objects than what they led to in the step itself.
        if was is not now and was != now:
            yield name


# -- the census ------------------------------------------------------------------------------------


def _census_problems(step: Step, one: Happened) -> Iterator[str]:
    if isinstance(one.event, ev.GroupDeleted):
        yield from _deletion_problems(step, one)
    if one.new is None:
        return
    now = counts_of(one.after, one.new)
    if one.old is not None and one.was is not None:
        before, was = counts_of(one.before, one.old), share_seen(one.was, one.old)
        yield from _member_problems(before, was, None if one.now is None else share_seen(one.now, one.new), now)
        return
    for taken in _census_steps(step, one, now):
        yield from _problems(taken, now)


@lru_cache(maxsize=1 << 16)
def _member_problems(before: Counts, was: Share, is_now: Share | None, now: Counts) -> tuple[str, ...]:
    """What is wrong with a member that changes or leaves: counts alone say it, and the same ones again and again."""
    others = _without(before, was)
    taken = census_steps.left(others, was) if is_now is None else census_steps.changed(others, was, is_now)
    return tuple(_problems(taken, now))


def _problems(taken: CensusStep, now: Counts) -> Iterator[str]:
    if not taken.allowed:
        yield f"the proofs do not speak of such a step: {taken.name} with {_brief(taken.before)}"
    yield from _differences(taken, now)


def _census_steps(step: Step, one: Happened, now: Counts) -> Iterator[CensusStep]:
    """The steps of the census that the event is which is not about a member that there was."""
    event, new = one.event, one.new
    assert new is not None
    rules = one.after.rules_of(new)
    if isinstance(event, ev.GroupCreated):
        asked = step.request.capacity if isinstance(step.request, rq.CreateGroup) else 0
        yield census_steps.created(rules, with_values(now, census=empty_census(now)), asked)
        return
    if one.old is None:
        return
    before = counts_of(one.before, one.old)
    is_now = one.now
    if is_now is not None:
        yield census_steps.joined(
            rules,
            before,
            share_seen(is_now, new),
            _target(step, one),
            named=isinstance(step.request, rq.CreateVm) and step.request.fault_domain is not None,
            number=None if rules.explicit else int(is_now.name),
        )
    elif isinstance(event, ev.GroupChanged):
        yield from _property_steps(one, before, now)
    else:
        yield CensusStep("nothing is counted", before, True, before)


def _property_steps(one: Happened, before: Counts, now: Counts) -> Iterator[CensusStep]:
    """A change of properties: the instance count is looked at with the whole request."""
    assert one.old is not None
    assert one.new is not None
    counts = with_values(before, capacity=now.capacity)
    if one.old.model_version != one.new.model_version:
        counts = census_steps.new_model(counts).after
    if one.old.single_placement_group != one.new.single_placement_group:
        rules = one.after.rules_of(one.new)
        yield census_steps.placement_group_set(rules, counts, one.new.single_placement_group is True)
    else:
        yield CensusStep("properties change", counts, True, counts)


def _without(counts: Counts, share: Share) -> Counts:
    return with_values(counts, census=counts.census.with_share(share, -1))


def _target(step: Step, one: Happened) -> int:
    """How many members the request is on its way to: those that there are at its end."""
    assert one.new is not None
    final = step.after.groups.get(one.new.key)
    return one.new.census.members if final is None else int(final.census.members)


def _deletion_problems(step: Step, one: Happened) -> Iterator[str]:
    # The members go first; what the guard asks is how many there were when the deletion was asked for.
    asked = None if one.old is None else step.before.groups.get(one.old.key)
    if asked is not None:
        taken = census_steps.deleted(one.before.rules_of(asked), counts_of(step.before, asked))
        if not taken.allowed:
            yield f"{asked.key} is deleted with {asked.census.members} members"


def _differences(taken: CensusStep, now: Counts) -> Iterator[str]:
    for one in fields(Counts):
        said, found = getattr(taken.after, one.name), getattr(now, one.name)
        if said != found:
            yield f"{taken.name}, and {one.name} is {_short(found)} where the proofs have {_short(said)}"


def _short(value: object) -> str:
    if not isinstance(value, Census):
        return str(value)
    return ", ".join(f"{one.name} {getattr(value, one.name)}" for one in fields(Census))


def _brief(counts: Counts) -> str:
    return f"{_short(counts.census)}, {counts.zones} zones, instance count {counts.capacity}"


def _registration_problems(one: Happened) -> Iterator[str]:
    registration = one.before.edition.registration
    if isinstance(one.event, ev.FeatureRegistered) and registration is not None:
        elapsed = one.event.ends_at - one.before.clock
        if not guards.registration_may_end(elapsed, registration.longest):
            yield f"a registration ends {elapsed} seconds after it was asked for"


# -- the instance count ----------------------------------------------------------------------------


def _size_problems(step: Step, happened: tuple[Happened, ...]) -> Iterator[str]:
    """The instance count of a group that makes its members, over the whole request."""
    old, new = step.group_before, step.group_after
    if new is None or new.capacity is None:
        return
    after = counts_of(step.after, new)
    if old is None:
        asked = step.request.capacity if isinstance(step.request, rq.CreateGroup) else None
        if not asked == after.capacity == after.census.members:
            yield f"{asked} instances were asked for, there are {after.census.members} of {after.capacity}"
        return
    before, rules = counts_of(step.before, old), step.before.rules_of(old)
    gone = sum(isinstance(one.event, ev.InstanceLeft) for one in happened)
    taken = CensusStep("no member comes or goes", before, True, before)
    if isinstance(step.request, _RESIZES):
        if gone and before.balances and not _shrunk_evenly(before, after):
            yield f"members per zone go from {before.census.by_zone} to {after.census.by_zone}"
        if isinstance(step.request, rq.Autoscale):
            bounds, asked = old.autoscale or AutoscaleBounds(0, 0), step.request.capacity
            taken = census_steps.autoscaled(rules, before, asked, bounds, configured=old.autoscale is not None)
        else:
            taken = census_steps.resized(rules, before, step.request.capacity)
    elif isinstance(step.request, rq.RepairInstance):
        taken = census_steps.replaced(before)
    elif gone:
        taken = census_steps.departed(before, gone)
    if not taken.allowed:
        yield f"the proofs do not speak of such a step: {taken.name} with {_brief(before)}"
    said = (taken.after.census.members, taken.after.capacity)
    if said != (after.census.members, after.capacity):
        yield f"{taken.name}: {after.census.members} members of {after.capacity}, where the proofs have {said}"


def _shrunk_evenly(before: Counts, after: Counts) -> bool:
    return bool(census_steps.shrunk_evenly(before.census.by_zone, after.census.by_zone))


# -- the rollout -----------------------------------------------------------------------------------


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


def _rollout_problems(one: Happened) -> Iterator[str]:
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
        if isinstance(one.event, ev.InstanceChanged) and one.old is not None and one.new is not None:
            before, after = one.old.rollout, one.new.rollout
            if before is not None and after is not None and one.was is not None:
                yield one.was, standing_of(before, one.was), standing_of(after, one.now)


def _restores(one: Happened) -> bool:
    before = one.old.rollout if one.old is not None else None
    after = one.new.rollout if one.new is not None else None
    if before is None or after is None:
        return False
    return (before.restored, before.not_restored) != (after.restored, after.not_restored)


def _fails(one: Happened) -> bool:
    before = one.old.rollout if one.old is not None else None
    after = one.new.rollout if one.new is not None else None
    if before is None or after is None:
        return False
    return (before.error, before.batch_started_at) != (after.error, after.batch_started_at)


def _upgrade_problems(step: Step, happened: tuple[Happened, ...]) -> Iterator[str]:
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
    if not giving_up and any(_restores(one) for one in happened):
        yield "an OS disk is restored without an instance being given up"
    if not isinstance(request, rq.StartBatch) and any(_fails(one) for one in happened):
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
    if any(isinstance(one.event, _OF_A_MEMBER) for one in happened):
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
    others = sum(isinstance(one.event, _OF_A_MEMBER) for one in happened) - len(batch)
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


# -- what a gate refuses ---------------------------------------------------------------------------


def _refusal_problems(step: Step) -> Iterator[str]:
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
