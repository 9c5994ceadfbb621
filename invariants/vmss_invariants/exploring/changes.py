"""What a step makes of a canonical world: some numbers that change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add
from typing import Any, cast

from attrs import define, field

from vmss_invariants.exploring.canonical import COUNTS, Canon, Shape, ranks_in, versions_of
from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import NONE, Anywhere, Member, anywhere
from vmss_invariants.exploring.others import Changed, Others, Swap, are_all, changed, changed_if_picked, in_order, swaps
from vmss_invariants.exploring.sight import (
    Sight,
    WatchedCensus,
    WatchedCounts,
    WatchedMembers,
    WatchedProgress,
)
from vmss_invariants.exploring.slots import PROGRESS, SLOTS
from vmss_invariants.exploring.untold import LookedFurtherError
from vmss_invariants.exploring.views import View
from vmss_invariants.steps import Step
from vmss_model.batches import Batch
from vmss_model.census import Census
from vmss_model.choices import Subset
from vmss_model.rollout import Progress, Rollout
from vmss_model.world import Group, Instance

Numbers = tuple[int, ...]
"""Several numbers."""
_BY_FAULT_DOMAIN, _BY_ZONE = SLOTS["by_fault_domain"], SLOTS["by_zone"]


@define(eq=False)
class Change:
    """What a step makes of a canonical world, as numbers to put in or to add."""

    rest: int
    """The number of what all groups share."""
    subscription: int
    """That of the registrations."""
    alone: int
    """That of the VMs outside any group."""
    own: int
    """That of what the group has for its own."""
    shape: Shape
    """What of its places may be renamed."""
    counts: Numbers
    """What is added to the counts."""
    by_fault_domain: Numbers
    """What is added to the members per fault domain."""
    by_zone: Numbers
    """What is added to the members per zone."""
    begun: int | None
    """The number of the course of the rollout that begins; None: none begins."""
    progress: Numbers
    """What is added to the rollout's progress; empty where there was no rollout, or is none any more."""
    pending_at: Any
    """The instances not upgraded yet by place, or None where they are what they were."""
    member: Member | None
    """The member that the step is about, as it is then; None: it is gone, or there was none."""
    joined: tuple[Member, ...]
    """The members that join."""
    others: Others
    """What members besides become, by their places in the order of all without their fault domains."""
    swaps: tuple[Swap, ...] | None
    """How many of those that are such become what; None where that does not say which of them do."""
    picks: bool
    """Whether others that are such could as well have changed."""
    ends: bool
    """Whether it ends the rollout, so that nobody stands anywhere in one any more."""
    columns: dict[int, tuple[int, bytes]] | None = None
    """What becomes of columns of its member, where it leaves all others alone: their numbers, and those packed; None
    where that was not asked yet."""
    _courses: dict[int, int] = field(factory=dict)
    _counted: dict[int, int] = field(factory=dict)

    def of_group(self, name: int, course: int, counts: int, codebook: Codebook) -> Key:
        """The first numbers of the canonical world after the step, of the group with these numbers before it."""
        course, counts = self._course_after(course, codebook), self._counts_after(counts, codebook)
        return self.rest, self.subscription, self.alone, name, self.own, course, counts

    def loads(self, facts: tuple[Any, ...]) -> Sequence[Any]:
        """The members per fault domain after the step, of what could be looked at before it."""
        return _sum(facts[_BY_FAULT_DOMAIN], self.by_fault_domain)

    def zones(self, facts: tuple[Any, ...]) -> Sequence[Any]:
        """As of fault domains: the members per zone."""
        return _sum(facts[_BY_ZONE], self.by_zone)

    def _course_after(self, course: int, codebook: Codebook) -> int:
        if self.begun is not None:
            return self.begun
        if not self.progress:
            return NONE
        found = self._courses.get(course)
        if found is None:
            _, progress, pending_at = codebook.parts[course]
            moved = Progress(*(getattr(progress, name) + by for name, by in zip(PROGRESS, self.progress, strict=True)))
            found = codebook.number(("course", moved, pending_at if self.pending_at is None else self.pending_at))
            self._courses[course] = found
        return found

    def _counts_after(self, counts: int, codebook: Codebook) -> int:
        found = self._counted.get(counts)
        if found is None:
            found = codebook.number(("counts", *map(add, codebook.parts[counts][1:], self.counts)))
            self._counted[counts] = found
        return found


class Changes:
    """Tells what steps change, and which canonical worlds follow."""

    def __init__(self, canon: Canon) -> None:
        self._canon = canon
        self._codebook = canon.codebook
        self._after_end: dict[int, int] = {}

    def picks(self, view: View, change: Change | None) -> Iterator[Changed | None]:
        """What becomes of members that a step changes, in every way to pick them; None where it picks none."""
        if change is None or not change.picks or change.swaps is None:
            yield None
        else:
            yield from changed_if_picked(view.members, change.swaps)

    def after(self, view: View, change: Change, place: int, others: Changed | None = None) -> Key:
        """The canonical world after a change; `place` is that of the member that the step is about, or -1.

        `others` tells what becomes of other members, where it is not those that the change names.
        """
        members = list(view.members)
        if change.others:
            for at, member in (changed(members, change.others) if others is None else others).items():
                members[at] = member
        if place >= 0:
            if change.member is None:
                del members[place]
            else:
                members[place] = change.member
        members.extend(change.joined)
        if change.ends:
            members = [(*place, self.ended(state)) for *place, state in members]  # type: ignore[misc]  # a member
        loads, zones, key = change.loads(view.facts), change.zones(view.facts), view.key
        group = change.of_group(key[3], key[5], key[6], self._codebook)
        return (*group, *self._canon.shaped(change.shape, members, loads, zones))

    def of(self, sight: Sight, step: Step, view: View, name: str | None) -> Change:
        """What a step that was made in sight changes; raises LookedFurtherError where it reaches other members."""
        canon, before, after = self._canon, view.group, step.after
        group, seen = after.groups.get(sight.key), sight.world.groups[sight.key]
        if group is None or len(after.groups) != 1 or not _stays(before, seen, group):
            raise LookedFurtherError
        # What stands in for counts and members has their types in name only.
        members, census = cast(WatchedMembers, group.members), cast(WatchedCensus, group.census)
        rollout, begins = group.rollout, seen.rollout is None and group.rollout is not None
        ranks = ranks_in(before)
        now = {
            one: None if made is None else canon.member(made, group, ranks)
            for one, made in _changed(sight, before, members, ranks, name)
        }
        joined = tuple(made for one, made in now.items() if one not in before.members and made is not None)
        others = {
            one: anywhere(made)
            for one, made in now.items()
            if one in before.members and one != name and made is not None
        }
        here = None if name is None else canon.member(before.members[name], group, ranks)
        difference: Census = census.change
        picks = bool(others) and _picks_members(step)
        if not others.keys() <= sight.picked:
            # They are known by where they are among all.
            sight.look_at_everyone()
        ordered = _ordered(others, view)
        swapped = swaps(view.members, ordered)
        loads: Any = difference.by_fault_domain
        return Change(
            rest=canon.rest(after),
            subscription=canon.subscription(after),
            alone=canon.alone(after),
            own=canon.own(after, group, ranks),
            shape=Shape.of(after, group),
            counts=tuple(getattr(difference, one) for one in COUNTS),
            by_fault_domain=_unless_zero(loads.changes(len(view.facts[_BY_FAULT_DOMAIN]))),
            by_zone=_unless_zero(difference.by_zone),
            begun=canon.course(group) if begins else None,
            progress=() if rollout is None or begins else _moved(rollout),
            pending_at=None if rollout is None or begins else _set(rollout),
            member=now.get(name, here) if name is not None else None,
            joined=joined,
            others=ordered,
            swaps=swapped if picks or are_all(view.members, swapped) else None,
            picks=picks,
            ends=seen.rollout is not None and rollout is None,
        )

    def ended(self, state: int) -> int:
        """The state of a member once the rollout under way has ended."""
        known = self._after_end.get(state)
        if known is None:
            sample: Instance = self._codebook.samples[state]
            known = self._after_end[state] = self._canon.after_the_end(sample)
        return known


def _stays(before: Group, seen: Group, group: Group) -> bool:
    """Whether only counts and the member at hand can be others after a step: no numbers by which all are judged."""
    old, new = seen.rollout, group.rollout
    same_rollout = new is None or old is None or old.number == new.number
    stand_ins: list[tuple[object, type]] = [(group.members, WatchedMembers), (group.census, WatchedCensus)]
    if new is not None:
        stand_ins.append((new.progress, Progress if old is None else WatchedProgress))
    if not same_rollout or not all(isinstance(*one) for one in stand_ins):
        return False
    return before.model_version == group.model_version and versions_of(before) == versions_of(group)


def _changed(
    sight: Sight, before: Group, members: WatchedMembers, ranks: Mapping[int, int], about: str | None
) -> Iterable[tuple[str, Instance | None]]:
    """The members that a step changed, made or took away: of those that it is not about, it takes none away."""
    left: Counter[int] = Counter()
    for name, now in members.changes.items():
        was = before.members.get(name)
        if was is not None and now is None and name != about:
            raise LookedFurtherError
        version = None if now is None else now.model_version
        if version is not None and version not in ranks:
            raise LookedFurtherError
        if was is not None and was.model_version != version:
            left[was.model_version] += 1
        yield name, now
    if not all(_is_kept(sight, before, version, count) for version, count in left.items()):
        raise LookedFurtherError


def _is_kept(sight: Sight, before: Group, version: int, left: int) -> bool:
    """Whether a version stays in use without some members that run it: versions are ranks among those in use."""
    if version in versions_of(before):
        return True
    return sight.count(("runs", version), lambda one: one.model_version == version) > left


def _ordered(others: Mapping[str, Anywhere], view: View) -> Others:
    """What members become by their places in the order of all without their fault domains."""
    if not others:
        return ()
    order = {view.names[place]: at for at, place in enumerate(in_order(view.members))}
    return tuple((order[one], made) for one, made in others.items())


def _picks_members(step: Step) -> bool:
    """Whether the platform picked the members that changed, of such as are interchangeable."""
    choices = step.decision.grant.choices if step.decision.grant is not None else ()
    of_members = [isinstance(one, Subset | Batch) for one in choices]
    if any(of_members) and not all(of_members):
        raise LookedFurtherError
    return any(of_members)


def _set(rollout: Rollout) -> Any:
    """The instances not upgraded yet by place, where a step set them."""
    pending_at: Any = rollout.pending_at
    return None if isinstance(pending_at, WatchedCounts) else pending_at


def _moved(rollout: Rollout) -> Numbers:
    progress = cast(WatchedProgress, rollout.progress)
    return tuple(getattr(progress.change, name) for name in PROGRESS)


def _sum(counts: Sequence[Any], more: Numbers) -> Sequence[Any]:
    return tuple(map(add, counts, more)) if more else counts


def _unless_zero(numbers: Sequence[Any]) -> Numbers:
    return tuple(numbers) if any(numbers) else ()
