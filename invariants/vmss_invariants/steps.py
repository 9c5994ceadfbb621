"""One step of the model, and what a bystander remembers of the steps before it.

A `Step` holds everything that can be said of one request: the world before, the decision, what the
platform picked, the events and the world after. `History` is a log kept from the worlds alone, beside
the model's own bookkeeping, so that an invariant can check that bookkeeping against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter

from attrs import field, frozen
from immutables import Map

from vmss_invariants.describing import described
from vmss_model import requests as rq
from vmss_model.answers import Answer
from vmss_model.choices import Draw
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.events import Event
from vmss_model.evolve import evolve_all
from vmss_model.rollout import Progress
from vmss_model.rules import RULES
from vmss_model.values import GroupKind
from vmss_model.world import Group, GroupKey, Instance, World

_SECTIONS = {rule.id: rule.section for rule in RULES.values()}
EXPLICIT_KINDS = frozenset({GroupKind.VM, GroupKind.FLEXIBLE, GroupKind.AVAILABILITY_SET})
"""The kinds whose members are VMs that a caller makes one by one."""
_name = attrgetter("name")


@frozen
class Since:
    """From when on a member of a group was in a state."""

    at: int
    """When (seconds)."""
    state: Instance | None
    """The state; None: it did not exist."""


@frozen
class History:
    """What was seen of the worlds so far, whatever the model itself remembers."""

    states: Map[tuple[GroupKey, str], tuple[Since, ...]] = field(factory=Map)
    """For each VM that was ever in a group whose members are standard VMs, its states in order."""
    highest_ids: Map[GroupKey, int] = field(factory=Map)
    """For each living group that makes its members, the highest instance id it ever had."""

    def seen(self, before: World, after: World) -> History:
        """The history with one more step; only groups that changed are looked at."""
        states, highest = self.states, self.highest_ids
        for key in set(before.groups) | set(after.groups):
            old, new = before.groups.get(key), after.groups.get(key)
            if old is new:
                continue
            kind = (new or old).kind  # type: ignore[union-attr]  # the key is of one of the two
            was: Mapping[str, Instance] = old.members if old is not None else {}
            now: Mapping[str, Instance] = new.members if new is not None else {}
            if kind in EXPLICIT_KINDS:
                for name in _changed(was, now):
                    log = states.get((key, name), ())
                    states = states.set((key, name), (*log, Since(after.clock, now.get(name))))
            elif new is None:
                highest = highest.delete(key) if key in highest else highest
            else:
                ids = [int(name) for name in now if name not in was and name.isdecimal()]
                highest = highest.set(key, max([highest.get(key, -1), *ids]))
        return History(states, highest)

    def states_within(self, key: GroupKey, name: str, start: int, end: int) -> tuple[Instance | None, ...]:
        """The states that a VM had at some moment from `start` to `end`, both included."""
        log = (Since(-1, None), *self.states.get((key, name), ()))
        until = [*(entry.at for entry in log[1:]), end]
        return tuple(entry.state for entry, last in zip(log, until, strict=True) if last >= start and entry.at <= end)


def how_many(members: Mapping[str, Instance], holds: Callable[[Instance], bool], *given: object) -> int:
    """How many members something holds of.

    `given` is what it depends on besides the member and what the group has for its own. Members that answer without
    being looked at one by one (in an exploration) are asked; else they are counted.
    """
    tally = getattr(members, "tally", None)
    return sum(map(holds, members.values())) if tally is None else tally(holds, given)


def surplus(group: Group, count: str, holds: Callable[[Instance], bool], place: int | None = None) -> int:
    """By how much a count of a group is more than the members of whom something holds.

    `place` is which of several counts of the name is meant. Members that answer without being looked at one by one are
    asked: by how much is one number then, and the same wherever counts are right.
    """
    known = getattr(group.members, "surplus", None)
    found = None if known is None else known(group.census, count, holds, place)
    if found is not None:
        return int(found)
    kept = getattr(group.census, count)
    return int(kept if place is None else kept[place]) - how_many(group.members, holds)


def gained(before: Progress, after: Progress, count: str) -> int:
    """By how much a count of a rollout's progress is more than it was before.

    Counts that know by how much without being looked at (in an exploration) are asked: it is the same in many worlds.
    """
    known = getattr(after, "gained_since", None)
    found = None if known is None else known(before, count)
    return int(getattr(after, count) - getattr(before, count)) if found is None else int(found)


def how_many_places(group: Group, count: str) -> int:
    """Of how many places a group has a count, where it has several of the name."""
    census: object = group.census
    places = getattr(census, "places", None)
    return len(getattr(census, count)) if places is None else int(places(count))


def those(members: Mapping[str, Instance], holds: Callable[[Instance], bool], *given: object) -> tuple[Instance, ...]:
    """The members of whom something holds, in the order of their names; `given` as of `how_many`."""
    known = getattr(members, "those", None)
    if known is not None:
        found: tuple[Instance, ...] = known(holds, given)
        return found
    return tuple(sorted(filter(holds, members.values()), key=_name))


def touched(old: Mapping[str, Instance], new: Mapping[str, Instance]) -> Iterable[str]:
    """The names of those members now who may not be what they were: all, unless the members themselves know better."""
    known = getattr(new, "names_changed_from", None)
    return new if known is None else known(old)


def same_but_for(name: str | None, old: Map[str, Instance], new: Map[str, Instance]) -> bool:
    """Whether the members are equal to what they were but for the one of this name, who may have joined or left.

    They are compared as wholes, unless the members themselves know better: a look at each of a thousand members for
    each of a thousand events is dear.
    """
    known = getattr(new, "names_changed_from", None)
    if known is not None:
        joined_or_left = 0 if name is None else (name in new) - (name in old)
        others = (one for one in known(old) if one != name)
        return len(new) - len(old) == joined_or_left and all(old.get(one) == new[one] for one in others)
    if name is None:
        return old == new
    return (old.delete(name) if name in old else old) == (new.delete(name) if name in new else new)


def _changed(was: Mapping[str, Instance], now: Mapping[str, Instance]) -> list[str]:
    if was is now:
        return []
    gone = [name for name in was if name not in now]
    return [*gone, *(name for name, new in now.items() if (old := was.get(name)) is not new and old != new)]


@frozen
class Step:
    """One request and everything that followed from it."""

    before: World
    """The world before."""
    request: rq.Request
    """What was asked."""
    decision: Decision
    """What the documents allow."""
    picks: Mapping[str, object]
    """What the platform picked where the documents leave it open."""
    events: tuple[Event, ...]
    """What happened."""
    after: World
    """The world after."""
    answer: Answer | None = None
    """What a query answered."""
    history: History = field(factory=History)
    """What was seen before this step."""
    error: str = ""
    """What the model raised, where it did."""

    @cached_property
    def key(self) -> GroupKey | None:
        """The group that the request is about, or None."""
        if isinstance(self.request, rq.CreateVm):
            return self.request.group
        key = getattr(self.request, "key", None)
        return key if isinstance(key, GroupKey) else None

    @cached_property
    def key_after(self) -> GroupKey | None:
        """The group's name after the step: another one only after a move."""
        if isinstance(self.request, rq.MoveGroup) and self.events:
            return evolve(self.request.key, resource_group=self.request.to)
        return self.key

    @cached_property
    def group_before(self) -> Group | None:
        """The group that the request is about, as it was."""
        return None if self.key is None else self.before.groups.get(self.key)

    @cached_property
    def group_after(self) -> Group | None:
        """The group that the request is about, as it is now."""
        return None if self.key_after is None else self.after.groups.get(self.key_after)

    @cached_property
    def kind(self) -> GroupKind | None:
        """The kind of the group that the request is about; None where it is about none that the edition has."""
        group = self.group_before or self.group_after
        if group is not None:
            return group.kind
        asked = self.request.kind if isinstance(self.request, rq.CreateGroup) else None
        return asked if asked in self.before.edition.kinds else None

    @cached_property
    def survivors(self) -> tuple[tuple[Group, Group], ...]:
        """Each group that changed and is still there, before and after."""
        pairs: list[tuple[Group, Group]] = []
        for key, old in self.before.groups.items():
            new = self.after.groups.get(self.key_after if key == self.key and self.key_after is not None else key)
            if new is not None and new is not old:
                pairs.append((old, new))
        return tuple(pairs)

    @cached_property
    def changed_groups(self) -> tuple[Group, ...]:
        """The groups that are new or not what they were."""
        return tuple(group for key, group in self.after.groups.items() if self.before.groups.get(key) is not group)

    @cached_property
    def joined(self) -> tuple[str, ...]:
        """The names of the members that the request's group has now and had not before."""
        if self.group_after is None:
            return ()
        old = self.group_before.members if self.group_before is not None else Map[str, Instance]()
        if old is self.group_after.members:
            return ()
        return tuple(sorted(name for name in self.group_after.members if name not in old))

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The names of the members that the request's group had before and has no more."""
        if self.group_before is None:
            return ()
        new = self.group_after.members if self.group_after is not None else Map[str, Instance]()
        if new is self.group_before.members:
            return ()
        return tuple(sorted(name for name in self.group_before.members if name not in new))

    @cached_property
    def changed_members(self) -> tuple[tuple[Group, Instance, Instance], ...]:
        """Each member that is still there and not what it was, before and after, with its group as it is now."""
        return tuple(
            (new, was, now)
            for old, new in self.survivors
            if old.members is not new.members
            for name in sorted(touched(old.members, new.members))
            if (was := old.members.get(name)) is not None and was is not (now := new.members[name]) and was != now
        )

    @cached_property
    def refusing(self) -> frozenset[str]:
        """The rules that refuse the request."""
        return frozenset(rule for refusal in self.decision.refusals for rule in refusal.rules)

    @cached_property
    def sections(self) -> frozenset[str]:
        """The sections of the rules that decided the request, whichever way."""
        return frozenset(_SECTIONS[rule] for rule in (*self.decision.held, *self.refusing))

    @property
    def granted(self) -> bool:
        """Whether the request was granted."""
        return self.decision.grant is not None

    def describe(self) -> str:
        """The request in one line, and how it was decided."""
        return f"{described(self.request)} -> {self._outcome()}"

    def _outcome(self) -> str:
        if self.error:
            return self.error
        if self.decision.silent:
            return "the documents are silent"
        if not self.granted:
            return "refused: " + ", ".join(
                dict.fromkeys(str(rule) for one in self.decision.refusals for rule in one.rules)
            )
        picks = ", ".join(f"{name}={described(value)}" for name, value in self.picks.items())
        return f"granted ({picks})" if picks else "granted"


def take_step(before: World, request: rq.Request, draw: Draw, history: History | None = None) -> Step:
    """Ask a world for something and let the platform's choices be drawn; never raises for the model's sake.

    What `draw` raises is raised; it is not asked to draw from nothing, which is the model's fault.
    """
    history = history if history is not None else History()
    by_drawing: list[Exception] = []

    def drawn(lowest: int, highest: int) -> int:
        if lowest > highest:
            raise ValueError(f"nothing to choose from: {lowest} to {highest}")
        try:
            return draw(lowest, highest)
        except Exception as error:
            by_drawing.append(error)
            raise

    decision, picks = Decision(None, silent="nothing was decided"), dict[str, object]()
    try:
        decision = decide(before, request)
        if decision.grant is None:
            return Step(before, request, decision, picks, (), before, None, history)
        picks = decision.grant.sample(drawn)
        events = decision.grant.events(picks)
        return Step(
            before, request, decision, picks, events, evolve_all(before, events), decision.grant.answer(picks), history
        )
    except Exception as error:
        if any(error is one for one in by_drawing):
            raise
        # Whatever the model raises is a finding about the model ("no-request-raises"), not the end of the run.
        raised = f"{type(error).__name__}: {error}"
        return Step(before, request, decision, picks, (), before, None, history, raised)
