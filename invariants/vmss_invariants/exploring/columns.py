"""The columns of a canonical world: its fault domains with the members in each, and those that are in none."""

from __future__ import annotations

from typing import Any

from vmss_invariants.exploring.codebook import Codebook

FOLLOWS = -2
"""Stands for an update domain that has its fault domain's number."""
NONE = -1
"""Stands for no domain, and for a part that a canonical world does not have."""
ELSEWHERE = "elsewhere"
"""What the column of the members that are in no fault domain of the group begins with."""

Member = tuple[str | None, int | None, int | None, int]
"""A member: its zone, fault domain and update domain, and the number of its state."""
Spot = tuple[int, int]
"""Where a member stands in a canonical world: the place of its column, and its own place there."""
NOWHERE: Spot = (0, -1)
"""Stands for no member."""
Column = tuple[Any, ...]
"""How many members a fault domain is said to have, and an entry for each that is in it; or those elsewhere."""


Anywhere = tuple[str, bool, int, int]
"""A member without its fault domain: its zone, whether it is in no fault domain, its update domain and its state."""


def anywhere(member: Member) -> Anywhere:
    """A member without its fault domain."""
    zone, domain, update, state = member
    return zone or "", domain is None, NONE if update is None else update, state


def standing_at(member: Anywhere, domain: int | None) -> Member:
    """A member in a fault domain, or in none."""
    zone, _, update, state = member
    return zone or None, domain, None if update == NONE else update, state


def entry_of(member: Member, *, follows: bool) -> tuple[str, int, int]:
    """A member in the column of its fault domain; `follows`: update domains have the numbers of fault domains."""
    zone, domain, update, state = member
    label = FOLLOWS if follows and update == domain else NONE if update is None else update
    return zone or "", label, state


def entry_elsewhere(member: Member) -> tuple[str, int, int, int]:
    """A member in the column of those elsewhere."""
    zone, domain, update, state = member
    return zone or "", NONE if domain is None else domain, NONE if update is None else update, state


def members_of(column: Column, domain: int) -> tuple[Member, ...]:
    """The members of a column, in the order in which they are given names; `domain` is where it stands."""
    load, *entries = column
    if load == ELSEWHERE:
        return tuple(
            (zone or None, None if at == NONE else at, None if label == NONE else label, state)
            for zone, at, label, state in entries
        )
    return tuple(
        (zone or None, domain, domain if label == FOLLOWS else None if label == NONE else label, state)
        for zone, label, state in entries
    )


class Columns:
    """The members of columns by their numbers in the codebook."""

    def __init__(self, codebook: Codebook) -> None:
        self._parts = codebook.parts
        self._members: dict[tuple[int, int], tuple[Member, ...]] = {}

    def members(self, place: int, column: int) -> tuple[Member, ...]:
        """The members of the column at a place, in the order in which they are given names; none for `NONE`."""
        found = self._members.get((place, column))
        if found is None:
            found = members_of(self._parts[column], place) if column != NONE else ()
            self._members[place, column] = found
        return found

    def load(self, column: int) -> int | None:
        """How many members the fault domain is said to have; None for those elsewhere, and where nobody says."""
        load = self._parts[column][0] if column != NONE else None
        return load if isinstance(load, int) else None

    def forget(self) -> None:
        """Forget what is known already."""
        self._members.clear()


def column_after(column: Column, more: int, was: Member, now: Member | None, *, follows: bool) -> Column:
    """A column once a member of it has changed, or is gone.

    `more` is by how many the fault domain is said to have more members.
    """
    load, *entries = column
    if load == ELSEWHERE:
        entries.remove(entry_elsewhere(was))
        entries += [] if now is None else [entry_elsewhere(now)]
    else:
        entries.remove(entry_of(was, follows=follows))
        entries += [] if now is None else [entry_of(now, follows=follows)]
        load = load if load is None else load + more
    return load, *sorted(entries)
