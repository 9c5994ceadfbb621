"""Even ways to place instances, in plain counts: what is shown where several ways would do.

They keep no rule but evenness. Whether one of them can be used is asked like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Matrix = list[list[int]]
"""Counts by zone and, within it, by fault domain."""


def even_ways(held: Matrix, count: int) -> Iterator[Matrix]:
    """Additions of so many in all: evenly over zones and then over domains, and the other way round."""
    yield _by_rows(held, count)
    yield _turned(_by_rows(_turned(held), count))


def filled(loads: Sequence[int], count: int, ties: Sequence[int] | None = None) -> list[int]:
    """What each place gets when so many go, one by one, into a least-loaded one; of several, that of the least tie."""
    order = sorted(range(len(loads)), key=lambda place: loads[place])
    added = [0] * len(loads)
    level, open_, left = loads[order[0]], 0, count
    while True:
        while open_ < len(order) and loads[order[open_]] <= level:
            open_ += 1
        highest = loads[order[open_]] if open_ < len(order) else level + left + 1
        rise = min(highest - level, left // open_)
        level, left = level + rise, left - rise * open_
        if left < open_ and level < highest:
            break
    lowest = order[:open_]
    for place in lowest:
        added[place] = level - loads[place]
    for place in sorted(lowest, key=lambda place: ties[place] if ties else place)[:left]:
        added[place] += 1
    return added


def _by_rows(held: Matrix, count: int) -> Matrix:
    columns = [sum(column) for column in _turned(held)]
    found: Matrix = []
    for row, share in zip(held, filled([sum(row) for row in held], count), strict=True):
        added = filled(row, share, columns)
        columns = [load + more for load, more in zip(columns, added, strict=True)]
        found.append(added)
    return found


def _turned(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]
