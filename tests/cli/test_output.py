"""Tables keep every word whole, whatever the width."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from vmss_invariants.cli.fitting import fitted
from vmss_invariants.cli.output import table

WORDS = st.lists(st.text("abcxyz", min_size=1, max_size=12), min_size=1, max_size=4).map(" ".join)
TABLES = st.integers(1, 6).flatmap(
    lambda columns: st.tuples(
        st.lists(WORDS, min_size=columns, max_size=columns),
        st.lists(st.lists(WORDS, min_size=columns, max_size=columns), min_size=1, max_size=4),
    )
)


@given(TABLES, st.integers(20, 120))
def test_no_word_of_a_table_is_lost_or_broken(given_as: tuple[list[str], list[list[str]]], width: int) -> None:
    """And no line is wider than the terminal."""
    columns, rows = given_as
    one = table(*columns, right=columns[:1])
    for row in rows:
        one.add_row(*row)
    written = io.StringIO()
    console = Console(file=written, width=width)
    for part in fitted(one, console):
        console.print(part)
    lines = written.getvalue().splitlines()
    shown = {word.rstrip(":") for line in lines for word in line.split()}

    assert {word for entry in (*columns, *(cell for row in rows for cell in row)) for word in entry.split()} <= shown
    assert all(len(line) <= width for line in lines)


@given(TABLES)
def test_a_table_with_room_is_left_as_it_is(given_as: tuple[list[str], list[list[str]]]) -> None:
    """No column is given a width."""
    columns, rows = given_as
    one = table(*columns)
    for row in rows:
        one.add_row(*row)

    assert list(fitted(one, Console(width=1000))) == [one]
    assert all(column.width is None for column in one.columns)
