"""Whether what happens to members, to what is counted of them and to the instance count is what the proofs speak of.

What a member adds to the counts is said here a second time: were it asked of the model, the model would be held
against itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from attrs import fields

from vmss_invariants.proving import census_steps
from vmss_invariants.proving.census_steps import CensusStep
from vmss_invariants.proving.counts import Counts, counts_of, empty_census, share_seen
from vmss_invariants.proving.happened import Happened, own_name
from vmss_invariants.steps import Step, same_but_for
from vmss_model import events as ev
from vmss_model import requests as rq
from vmss_model.census import Census, Share
from vmss_model.copying import evolve as with_values
from vmss_model.world import AutoscaleBounds

_RESIZES = (rq.SetCapacity, rq.Autoscale)


def members_problems(one: Happened) -> Iterator[str]:
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
    own = own_name(one.event)
    if not same_but_for(own, old.members, new.members):
        yield f"{type(one.event).__name__} changes members that it is not about"


# -- the census ------------------------------------------------------------------------------------


def census_problems(step: Step, one: Happened) -> Iterator[str]:
    """An event leads to counts to which an allowed step of the counts leads, too."""
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


# -- the instance count ----------------------------------------------------------------------------


def size_problems(step: Step, happened: tuple[Happened, ...]) -> Iterator[str]:
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
