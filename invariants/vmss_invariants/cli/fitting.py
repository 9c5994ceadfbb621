"""Tables fitted to a width: words stay whole, and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text


def fitted(table: Table, console: Console) -> Iterator[RenderableType]:
    """A table with columns as wide as there is room, or its rows one by one where their longest words do not fit."""
    room = console.width
    needed = [_needed(column, console) for column in table.columns]
    whole = Measurement.get(console, console.options.update(width=_ANY_WIDTH), table).maximum
    between = whole - sum(one.maximum for one in needed)
    if sum(one.minimum for one in needed) + between > room:
        yield from _row_by_row(table, console)
        return
    if whole > room:
        for column, width in zip(table.columns, _widths(needed, room - between), strict=True):
            column.width = width
    yield table


_ANY_WIDTH = 100_000
"""Wider than any table."""


def _needed(column: Column, console: Console) -> Measurement:
    """How wide a column is where it is wrapped between all words, and where it is not wrapped."""
    entries = [Measurement.get(console, console.options.update(width=_ANY_WIDTH), one) for one in _entries(column)]
    return Measurement(max(one.minimum for one in entries), max(one.maximum for one in entries))


def _entries(column: Column) -> Iterator[RenderableType]:
    yield column.header
    yield from column.cells


def _widths(needed: Sequence[Measurement], room: int) -> list[int]:
    """Widths that fill the room: columns that want little more than they need are given it first."""
    widths = [one.minimum for one in needed]
    left = room - sum(widths)
    for place in sorted(range(len(needed)), key=lambda place: needed[place].span):
        more = min(left, needed[place].span)
        widths[place] += more
        left -= more
    return widths


def _row_by_row(table: Table, console: Console) -> Iterator[RenderableType]:
    """A block for each row: a line for each column, all but the first indented."""
    names = [_text(column.header, console).plain for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        yield Text("")
        for place, (name, cell) in enumerate(zip(names, row, strict=True)):
            label = (f"{name}: " if name else "", "dim")
            yield Padding(Text.assemble(label, _text(cell, console)), (0, 0, 0, 2 if place else 0))
    yield Text("")


def _text(cell: RenderableType, console: Console) -> Text:
    return console.render_str(cell) if isinstance(cell, str) else cell if isinstance(cell, Text) else Text(str(cell))
