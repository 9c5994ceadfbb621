"""What a step looks at of the members of a group, besides the one that it is about.

A group's members, its census and the counts of its rollout are replaced by stand-ins that do their work and note what
is read of them. So it is known of a step which of the counts it depends on. Where it reads another member than its
own, it depends on that one too: either that is noted of all members, but for where they stand, or nothing is kept of
the step. Counts that are only added to are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from enum import Enum
from operator import add
from types import FunctionType
from typing import Any

import attrs
from immutables import Map

from vmss_invariants.exploring.slots import (
    EVERYONE,
    FARING,
    OUTLINES,
    PLACES,
    SLOTS,
    NotedFacts,
    OfAll,
    Seen,
    Slot,
    Surplus,
    Tally,
    Those,
)
from vmss_invariants.exploring.untold import Loads, LookedFurtherError, Untold, looked
from vmss_model.census import Census, Share
from vmss_model.copying import evolve
from vmss_model.rollout import Progress, Rollout
from vmss_model.world import Group, Instance, World


class Sight:
    """A world of one group as a step sees it that is about one member, or none; and what the step looks at."""

    def __init__(
        self,
        world: World,
        name: str | None,
        seen: Seen,
        *,
        counts: bool = True,
        loads: bool = True,
        of_all: OfAll | None = None,
        picked: Iterable[str] = (),
        asked: Hashable = 0,
    ) -> None:
        """`seen` gives what can be looked at of the world, and `asked` tells what is asked there from all else.

        `counts` tells whether it is noted which of the counts are looked at; where it is not, `loads` tells whether it
        can be looked at how many members each fault domain has. `of_all` is what can be seen of all members; None:
        nothing. Members that are `picked` are in sight.
        """
        self._seen = seen
        self.of_all = of_all
        """What can be seen of all members, who are not in sight."""
        self._untold: dict[str, Instance] = {}
        self.looks: dict[Slot, Any] = {}
        self.picked = frozenset(picked)
        """The members in sight that the platform picks."""
        self.near: set[str | None] = {name, *self.picked}
        ((self.key, group),) = world.groups.items()
        self._members = group.members
        self._closed = False
        stand_ins: dict[str, Any] = {"members": WatchedMembers(self, group.members)}
        if counts:
            stand_ins |= self._counts(group)
        elif not loads:
            stand_ins |= _without_loads(group.census)
        self.census: object = stand_ins["census"] if counts else None
        """The counts before any step, where it is noted which of them are looked at; else None."""
        group = evolve(group, **stand_ins)
        self.world = evolve(world, groups=world.groups.set(self.key, group))
        self._asked = asked
        self._own: dict[int, int] | None = None
        self._later: list[object] = []

    def _counts(self, group: Group) -> dict[str, Any]:
        """The stand-ins for the counts of a group."""
        rollout = group.rollout
        if rollout is not None:
            progress: Any = WatchedProgress(self, Progress())
            pending_at: Any = WatchedCounts(self)
            rollout = evolve(rollout, progress=progress, pending_at=pending_at)
        return {"census": WatchedCensus(self, _no_census(group.census)), "rollout": rollout}

    def look(self, name: str) -> Any:
        """What is in a slot; it is noted that it was looked at."""
        if self._closed:
            raise LookedFurtherError
        return NotedFacts(self._seen.facts, self.looks)[SLOTS[name]]

    def see(self, slot: Tally) -> Any:
        """What is seen of the members of whom something holds; it is noted that it was looked at."""
        if slot not in self.looks:
            self.looks[slot] = self._seen.seen(slot)
        return self.looks[slot]

    def what(self, holds: Callable[[Instance], bool], given: tuple[object, ...]) -> tuple[Any, ...]:
        """What is asked of members: the place in the code, and all that the answer depends on there.

        What the group has for its own before the step is the same wherever the step is recalled. What it has after a
        step is known by that step alone, and by the order in which such things are asked about there.
        """
        closure = holds.__closure__ or ()
        return (holds.__code__, given, *(self._told(cell.cell_contents) for cell in closure))

    def _told(self, content: Any) -> Any:
        if content is None or isinstance(content, int | str | Enum):
            return content
        if isinstance(content, FunctionType):
            return self.what(content, ())
        if self._own is None:
            group = self.world.groups[self.key]
            own = self.world, group, *_parts(group), *_parts(group.rollout)
            self._own = {id(one): place for place, one in reversed(tuple(enumerate(own)))}
        place = self._own.get(id(content))
        if place is not None:
            return "own", place
        for order, one in enumerate(self._later):
            if one is content:
                return "later", self._asked, order
        self._later.append(content)
        return "later", self._asked, len(self._later) - 1

    def count(self, what: tuple[Any, ...], holds: Callable[[Instance], bool]) -> int:
        """How many members something holds of; it is noted that they were counted."""
        return int(self.see(Tally(what, holds)))

    def surplus(self, count: str, holds: Callable[[Instance], bool], place: int | None) -> int:
        """By how much a count is more than the members of whom something holds; it is noted that it was looked at."""
        return int(self.see(Surplus((count, place, *self.what(holds, ())), holds, count=count, place=place)))

    def those(self, what: tuple[Any, ...], holds: Callable[[Instance], bool]) -> tuple[Instance, ...]:
        """The members of whom something holds; it is noted which they are, and they are in sight from now on."""
        if self._closed:
            raise LookedFurtherError
        found = tuple(filter(holds, self._members.values()))
        self.see(Those(what, holds))
        self.near.update(member.name for member in found)
        return found

    def other(self, name: str) -> Instance:
        """What can be seen of a member that is not in sight; it is noted what can be of all."""
        if self._closed:
            raise LookedFurtherError
        found = self._untold.get(name)
        if found is None:
            self._look_at_all()
            found = self._members[name]
            if found.fault_domain is not None:
                untold: Any = Untold()
                found = evolve(found, fault_domain=untold)
            if self.of_all is not EVERYONE:
                outline: Any = Outline(found)
                found = outline
            self._untold[name] = found
        return found

    def look_at_everyone(self) -> None:
        """Note who all members are, but for where they stand; raises LookedFurtherError where that is not in sight."""
        if self.of_all is not EVERYONE:
            raise LookedFurtherError
        self._look_at_all()

    def _look_at_all(self) -> None:
        if self.of_all is None:
            raise LookedFurtherError
        self.see(self.of_all)

    def through(self) -> Through:
        """What can be seen in it, with all that is looked at noted."""
        return Through(self, NotedFacts(self._seen.facts, self.looks), self._seen)

    def close(self) -> Mapping[Slot, Any]:
        """What was looked at. Nothing is any more: what is asked of a tally later must not depend on this one world.

        What it holds is let go: that holds it, too, and would stay until somebody looks for such cycles.
        """
        self._closed = True
        looks, self.looks = self.looks, {}
        self._own, self._later, self.census = {}, [], None
        del self.world
        return looks


class Through:
    """What can be seen of a world, but for outlines; it is noted what is looked at."""

    def __init__(self, sight: Sight, facts: NotedFacts, seen: Seen) -> None:
        self._sight = sight
        self.facts = facts
        """Counts, by slot."""
        self._seen = seen

    def seen(self, slot: Tally) -> Any:
        """What is seen of the members of whom something holds; where outlines are looked at, everyone was already."""
        return self._seen.seen(slot) if slot is OUTLINES else self._sight.see(slot)


def _parts(whole: Group | Rollout | None) -> Iterator[object]:
    """The parts that have parts themselves."""
    if whole is not None:
        parts = (getattr(whole, name) for name in _FIELDS[type(whole)])
        # As `attrs.has` says, which also asks what generic classes stand for, and takes ten times as long.
        yield from (one for one in parts if hasattr(type(one), "__attrs_attrs__"))


_FIELDS = {one: tuple(field.name for field in attrs.fields(one)) for one in (Group, Rollout)}


def _without_loads(census: Census) -> dict[str, Any]:
    untold: Any = Loads()
    return {"census": evolve(census, by_fault_domain=untold)}


def _no_census(census: Census) -> Census:
    untold: Any = Loads()
    return Census(by_fault_domain=untold, by_zone=(0,) * len(census.by_zone))


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        more = other.changes(len(one)) if isinstance(other, Loads) else other
        return tuple(map(add, one, more))
    return one + other


class _Watched:
    """Counts that are those of a group and a difference."""

    __slots__ = ("_sight", "change")

    def __init__(self, sight: Sight, change: Any) -> None:
        self._sight = sight
        self.change = change

    def __getattr__(self, name: str) -> Any:
        if name not in SLOTS:
            raise AttributeError(name)
        return _added(self._sight.look(name), getattr(self.change, name))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Watched) and other._sight is self._sight:
            return bool(self.change == other.change)
        if isinstance(other, Census | Progress) and type(other) is type(self.change):
            return all(getattr(self, one.name) == getattr(other, one.name) for one in attrs.fields(type(other)))
        return NotImplemented

    def __hash__(self) -> int:
        return looked()

    # Whatever is kept by counts, or put into words, is so by all of them.
    __repr__ = __str__ = __format__ = __reduce_ex__ = looked

    @property  # type: ignore[misc]  # nobody sets it
    def __class__(self) -> type:
        """What it stands for: whoever asks must not tell them apart."""
        return type(self.change)


class WatchedCensus(_Watched):
    """A census of which the counts are read one by one, and members' shares added unread."""

    __slots__ = ()
    unhealthy_for_gates = Census.unhealthy_for_gates

    def with_share(self, share: Share, by: int) -> WatchedCensus:
        """As of a census."""
        return WatchedCensus(self._sight, self.change.with_share(share, by))

    def places(self, count: str) -> int:
        """Of how many places there are counts of the name: no step makes any more."""
        return int(self._sight.look(PLACES[count]))

    def with_new_model(self) -> WatchedCensus:
        """As of a census."""
        return WatchedCensus(self._sight, evolve(self.change, newest_model=-self._sight.look("newest_model")))


class WatchedProgress(_Watched):
    """The four counts of a rollout, read one by one."""

    __slots__ = ()
    scope = Progress.scope
    upgraded = Progress.upgraded

    def gained_since(self, before: object, count: str) -> int | None:
        """By how much a count is more than it was before; None where that takes a look at both."""
        if not isinstance(before, WatchedProgress) or before._sight is not self._sight:
            return None
        return int(getattr(self.change, count) - getattr(before.change, count))

    def moved(self, *stages: Any, **by: Any) -> WatchedProgress:
        """As of a progress."""
        return WatchedProgress(self._sight, self.change.moved(*stages, **by))


class WatchedCounts:
    """The instances not upgraded yet by place: to read or to change one is to look at all."""

    __slots__ = ("_sight",)

    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sight.look("pending_at"), name)

    def __contains__(self, place: object) -> bool:
        return place in self._sight.look("pending_at")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._sight.look("pending_at"))

    def __len__(self) -> int:
        return len(self._sight.look("pending_at"))

    def __getitem__(self, place: Any) -> Any:
        return self._sight.look("pending_at")[place]

    def __eq__(self, other: object) -> bool:
        return other is self or bool(self._sight.look("pending_at") == other)

    def __hash__(self) -> int:
        return looked()

    __repr__ = __str__ = __format__ = __reduce_ex__ = looked


class Outline:
    """A member of which it cannot be told how it fares. What copies it looks at that, and what compares it."""

    __slots__ = ("_member",)

    def __init__(self, member: Instance) -> None:
        self._member = member

    def __getattr__(self, name: str) -> Any:
        return looked() if name in FARING else getattr(self._member, name)

    __eq__ = __hash__ = __repr__ = __str__ = __format__ = __reduce_ex__ = looked

    @property  # type: ignore[misc]  # nobody sets it
    def __class__(self) -> type:
        """As of counts."""
        return Instance


class WatchedMembers(Mapping[str, Instance]):
    """Members of whom the names can be seen, and those in sight; with what became of them."""

    __slots__ = ("_base", "_sight", "changes")

    def __init__(
        self,
        sight: Sight,
        base: Map[str, Instance],
        changes: Map[str, Instance | None] | None = None,
    ) -> None:
        self._sight = sight
        self._base = base
        self.changes: Map[str, Instance | None] = Map() if changes is None else changes

    def __getitem__(self, name: str) -> Instance:
        if name in self.changes:
            found = self.changes[name]
            if found is None:
                raise KeyError(name)
            return found
        if name in self._base and name not in self._sight.near:
            return self._sight.other(name)
        return self._base[name]

    def __contains__(self, name: object) -> bool:
        if name in self.changes:
            return self.changes[name] is not None  # type: ignore[index]  # then it is a name
        return name in self._base

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._base if name in self)
        yield from (name for name in self.changes if name not in self._base and name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, WatchedMembers) and other._base is self._base:
            return self.changes == other.changes
        raise LookedFurtherError

    def __hash__(self) -> int:
        return looked()

    __repr__ = __str__ = __format__ = __reduce_ex__ = looked

    @property  # type: ignore[misc]  # nobody sets it
    def __class__(self) -> type:
        """As of counts."""
        return Map

    def set(self, name: str, member: Instance) -> WatchedMembers:
        """As of a map."""
        return WatchedMembers(self._sight, self._base, self.changes.set(name, member))

    def delete(self, name: str) -> WatchedMembers:
        """As of a map."""
        if name not in self:
            raise KeyError(name)
        return WatchedMembers(self._sight, self._base, self.changes.set(name, None))

    def tally(self, holds: Callable[[Instance], bool], given: tuple[object, ...]) -> int:
        """How many members something holds of, without looking at anyone but the own one."""
        count = self._sight.count(self._sight.what(holds, given), holds)
        for name, now in self.changes.items():
            if name in self._base:
                if name not in self._sight.near:
                    raise LookedFurtherError
                count -= bool(holds(self._base[name]))
            count += now is not None and bool(holds(now))
        return count

    def surplus(self, census: Census, count: str, holds: Callable[[Instance], bool], place: int | None) -> int | None:
        """By how much a count is more than those members; None where that takes a look at both."""
        sight = self._sight
        return None if self.changes or census is not sight.census else sight.surplus(count, holds, place)

    def those(self, holds: Callable[[Instance], bool], given: tuple[object, ...]) -> tuple[Instance, ...]:
        """The members of whom something holds, without looking at any other."""
        if self.changes:
            raise LookedFurtherError
        return self._sight.those(self._sight.what(holds, given), holds) if self.tally(holds, given) else ()

    def names_changed_from(self, before: object) -> Iterator[str]:
        """The names of members that are not the very same as before."""
        if not isinstance(before, WatchedMembers) or before._base is not self._base:
            raise LookedFurtherError
        for name in self.changes:
            if self.changes[name] is not before.changes.get(name) and name in self:
                yield name
