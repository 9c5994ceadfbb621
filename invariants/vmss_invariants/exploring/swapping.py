"""What becomes of the columns of a canonical world by a step that changes several of its members where they stand.

Such a step tells how many members that are such become what. In each world they are found in some of its columns, and
what becomes of a column by one of them is the same in many worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import NONE, Anywhere, Columns, Member, anywhere, column_after, standing_at
from vmss_invariants.exploring.others import Swap
from vmss_invariants.exploring.picking import multisets

_Spot = tuple[int, Member]
"""A member, and the place of its column."""
_Picked = tuple[tuple[_Spot, Anywhere], ...]
"""Members, each with what it becomes."""


class Swapper:
    """Gives the columns after steps that change several members."""

    def __init__(self, codebook: Codebook, columns: Columns, ended: Callable[[int], int]) -> None:
        """`ended` gives the state of a member once the rollout under way has ended."""
        self._codebook = codebook
        self._columns = columns
        self._ended = ended
        self._such: dict[tuple[int, int, Anywhere], list[list[_Spot]]] = {}
        self._swapped: dict[tuple[int, Member, Anywhere, bool], int] = {}
        self._after_end: dict[int, int] = {}

    def forget(self) -> None:
        """Forget what is known already."""
        self._such.clear()
        self._swapped.clear()
        self._after_end.clear()

    def ways(self, columns: Sequence[int], swaps: Sequence[Swap], *, follows: bool, ends: bool) -> Iterator[Key]:
        """The columns after so many members that are such became what they become, for every way to pick them.

        They stay in their places. `follows` tells whether update domains have the numbers of fault domains, and `ends`
        whether the rollout under way ends with it.
        """
        for picked in self._picked(columns, swaps, ()):
            after = list(columns)
            for (place, member), now in picked:
                after[place] = self._swap_one(after[place], member, now, follows=follows)
            yield tuple(map(self._column_after_end, after)) if ends else tuple(after)

    def _picked(self, columns: Sequence[int], swaps: Sequence[Swap], taken: _Picked) -> Iterator[_Picked]:
        """Who becomes what, besides those who are taken already."""
        if not swaps:
            yield taken
            return
        (was, now, count), *further = swaps
        such = [spots for place, column in enumerate(columns) for spots in self._such_in(place, column, was)]
        if taken:
            others = [spot for spot, _ in taken]
            such = [spots[others.count(spots[0]) :] for spots in such]
        for picked in multisets(such, count):
            yield from self._picked(columns, further, (*taken, *((spot, now) for spot in picked)))

    def _such_in(self, place: int, column: int, was: Anywhere) -> list[list[_Spot]]:
        """The members of a column that are such, together with those that are the same."""
        found = self._such.get((place, column, was))
        if found is None:
            alike: dict[Member, list[_Spot]] = {}
            for member in self._columns.members(place, column):
                if anywhere(member) == was:
                    alike.setdefault(member, []).append((place, member))
            found = self._such[place, column, was] = list(alike.values())
        return found

    def _swap_one(self, column: int, member: Member, now: Anywhere, *, follows: bool) -> int:
        """A column once a member of it has become another where it stands."""
        found = self._swapped.get((column, member, now, follows))
        if found is None:
            part = column_after(self._codebook.parts[column], 0, member, standing_at(now, member[1]), follows=follows)
            found = self._swapped[column, member, now, follows] = self._codebook.number(part)
        return found

    def _column_after_end(self, column: int) -> int:
        """A column once the rollout under way has ended."""
        if column == NONE:
            return NONE
        found = self._after_end.get(column)
        if found is None:
            load, *entries = self._codebook.parts[column]
            ended = sorted((*place, self._ended(state)) for *place, state in entries)
            found = self._after_end[column] = self._codebook.number((load, *ended))
        return found
