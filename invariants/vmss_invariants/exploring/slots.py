"""What steps can look at of a group besides their own member: its counts, and how many or which members are such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Protocol

import attrs
from attrs import field, frozen

from vmss_invariants.exploring.columns import Member, anywhere
from vmss_model.census import Census
from vmss_model.rollout import Progress
from vmss_model.world import Instance

_CENSUS = tuple(one.name for one in attrs.fields(Census))
PROGRESS = tuple(one.name for one in attrs.fields(Progress))
"""The counts of a rollout's progress."""
PLACES = {name: f"places {name}" for name in ("by_fault_domain", "by_zone")}
"""The counts of a census of which there are several, one for each place; with the names of how many places."""
SLOTS = {name: place for place, name in enumerate((*_CENSUS, *PROGRESS, "pending_at", *PLACES.values()))}
"""What can be looked at, by its place in `facts_of`; `members` is the count."""


@frozen(cache_hash=True)
class Tally:
    """How many members something holds of: looked at as a number, whoever they are."""

    what: tuple[Any, ...] = field(repr=False)
    """What holds: the place in the code, and what it depends on there."""
    holds: Callable[[Instance], bool] = field(eq=False, repr=False)
    """Whether it holds of a member."""
    known: dict[Any, bool] = field(factory=dict, eq=False, repr=False)
    """Whether it holds of those members that were asked about already."""

    def mark(self, _member: Member, _number: int, _instance: Instance) -> Any:
        """By what a member is told from others, of which the number of all but its name is given: by nothing."""
        return None

    def together(self, marks: Iterable[Any]) -> Any:
        """What is seen where it holds of the members with these marks: how many they are."""
        return sum(1 for _ in marks)


@frozen(cache_hash=True)
class Those(Tally):
    """The members of whom something holds: looked at one by one, and they alone."""

    def mark(self, _member: Member, number: int, _instance: Instance) -> Any:
        """As of a tally: by all but its name."""
        return number

    def together(self, marks: Iterable[Any]) -> Any:
        """As of a tally: their marks, whichever order they come in."""
        return tuple(sorted(marks))


@frozen(cache_hash=True)
class Everyone(Those):
    """All members, but not in which fault domains they stand."""

    def mark(self, member: Member, _number: int, _instance: Instance) -> Any:
        """As of those: by all but its name and its fault domain."""
        return anywhere(member)


@frozen(cache_hash=True)
class Outlines(Tally):
    """All members, but neither in which fault domains they stand nor how they fare: their power and their health."""

    def mark(self, _member: Member, _number: int, instance: Instance) -> Any:
        """As of a tally: by all but that, and its name."""
        return instance.fault_domain is None, *_OUTLINE(instance)

    def together(self, marks: Iterable[Any]) -> Any:
        """As of a tally: how many members have which marks."""
        return frozenset(Counter(marks).items())


FARING = ("power", "health")
"""How a member fares: what befalls it most often, and is looked at least."""
_OUTLINE = attrgetter(
    *(one.name for one in attrs.fields(Instance) if one.name not in ("name", "fault_domain", *FARING))
)
EVERYONE = Everyone(("everyone",), lambda _: True)
"""The one of them."""
OUTLINES = Outlines(("outlines",), lambda _: True)
"""The one of them."""


@frozen(cache_hash=True)
class Surplus(Tally):
    """By how much a count is more than the members of whom something holds: 0 wherever the count is right."""

    count: str = field(kw_only=True)
    """The name of the count."""
    place: int | None = field(default=None, kw_only=True)
    """Which of several counts of the name; None: there is one."""

    @property
    def of_loads(self) -> bool:
        """Whether it is the count of a fault domain."""
        return self.count == "by_fault_domain"

    def kept(self, facts: tuple[Any, ...]) -> int:
        """The count itself, of what can be looked at."""
        found = facts[SLOTS[self.count]]
        return int(found if self.place is None else found[self.place])


OfAll = Everyone | Outlines
"""What can be seen of all members."""
Slot = int | Tally
"""Something that can be looked at: in `facts_of` by its place, or by counting members."""


class Facts(Protocol):
    """Counts, by slot."""

    def __getitem__(self, slot: int, /) -> Any: ...


class NotedFacts:
    """Counts, by slot; it is noted which were looked at."""

    __slots__ = ("_facts", "_looks")

    def __init__(self, facts: Facts, looks: dict[int, Any] | dict[Slot, Any]) -> None:
        """`looks` is where what was seen is noted."""
        self._facts = facts
        self._looks = looks

    def __getitem__(self, slot: int) -> Any:
        found = self._looks[slot] = self._facts[slot]
        return found


class Seen(Protocol):
    """What can be looked at of a world."""

    @property
    def facts(self) -> Facts:
        """Counts, by slot."""

    def seen(self, slot: Tally, /) -> Any:
        """What is seen of the members of whom something holds."""


def facts_of(census: Census, course: tuple[Progress, Any] | None) -> tuple[Any, ...]:
    """All that steps may look at, by slot, of a group with these counts, and with this course of its rollout."""
    counted = tuple(getattr(census, name) for name in _CENSUS)
    places = (len(getattr(census, name)) for name in PLACES)
    if course is None:
        return (*counted, *(None,) * (len(PROGRESS) + 1), *places)
    progress, pending_at = course
    return (*counted, *(getattr(progress, name) for name in PROGRESS), pending_at, *places)
