"""Writing to the terminal: results to standard output, everything else to standard error.

Nothing here knows what it writes. A reader that goes away early (`| head`) is no error, and what cannot
be done is said in one line.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, NoReturn, TextIO

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vmss_invariants.cli.fitting import fitted

if TYPE_CHECKING:
    from rich.progress import Progress

USAGE = 2
"""Exit code for a wrong command line, an input from which nothing can be read, and after Ctrl-C."""
_PIPED_WIDTH = 120
_PIPED_TABLE_WIDTH = 10_000
_LARGEST_SIZE = _PIPED_TABLE_WIDTH
_LONGEST_VALUE = 80
_TRAILING_SPACE = re.compile(r" +$", re.MULTILINE)


class Complaint(Exception):  # noqa: N818 - it is what the user is told, in one line
    """What the command cannot do, in one line for the user; the command exits with USAGE."""


def bound_size() -> None:
    """Keep what the environment says of the terminal's size to what can be laid out; a size that is none is unsaid."""
    for name in ("COLUMNS", "LINES"):
        # What lays out text takes whatever has digits alone for a number, of any length and in any script.
        digits = os.environ.get(name, "")
        if digits.isdigit() and not digits.isascii():
            del os.environ[name]
        elif digits.isdigit() and len(digits) >= len(str(_LARGEST_SIZE)):
            os.environ[name] = str(_LARGEST_SIZE)


def one_line(text: str) -> str:
    """Fold text into one line that any terminal prints."""
    folded = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in folded)


def brief(value: str) -> str:
    """As much of a value as a line about it has room for."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def complain(message: str) -> None:
    """Say one line on standard error."""
    _write(sys.stderr, f"vmss-oracle: {one_line(message)}\n")


def emit(text: str) -> None:
    """Write results to standard output."""
    _write(sys.stdout, text)


def emit_json(value: object) -> None:
    """Write one JSON document to standard output, and nothing else; escaped where the output has too few characters."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    emit(f"{text}\n")


def emit_all(parts: Iterable[RenderableType]) -> None:
    """Write renderables to standard output, coloured on a terminal, all at once.

    Plain text keeps its lines however long they are, since names and addresses are copied and searched for.
    Only indented text is wrapped, and what stands in tables, between words: a table that is too wide even so is
    written row by row, with a line for each of its columns.
    """
    terminal = Console(file=sys.stdout or open_nothing())
    fixed = terminal.is_terminal or "COLUMNS" in os.environ
    # Composed in memory, so that writing, and what can go wrong in it, is in one place.
    composed = io.StringIO()
    console = Console(
        file=composed,
        force_terminal=terminal.is_terminal,
        width=terminal.width if fixed else _PIPED_TABLE_WIDTH,
        highlight=False,
    )
    prose = console.width if fixed else _PIPED_WIDTH
    for part in chain.from_iterable(fitted(one, console) if isinstance(one, Table) else (one,) for one in parts):
        console.print(part, soft_wrap=isinstance(part, Text), width=prose if isinstance(part, Padding) else None)
    text = composed.getvalue()
    emit(text if terminal.is_terminal else _TRAILING_SPACE.sub("", text))


def open_nothing() -> TextIO:
    """Give a file that swallows what is written to it: a process can be started without standard output."""
    return open(os.devnull, "w", encoding="utf-8")


def heading(text: str) -> Text:
    """Set a heading, with an empty line before it."""
    return Text(f"\n{text}", style="bold")


def labelled(label: str, text: str, indent: int = 2) -> Padding:
    """Set a short label before text; long text wraps at the indent."""
    return Padding(Text.assemble((f"{label}: ", "dim"), text), (0, 0, 0, indent))


def indented(text: str, indent: int = 2) -> Padding:
    """Set text at an indent."""
    return Padding(Text(text), (0, 0, 0, indent))


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Start a plain table; the columns named in `right` hold numbers."""
    plain = Table(box=SIMPLE, pad_edge=False)
    numbers = set(right)
    for column in columns:
        plain.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return plain


def counts_table(title: str, counts: Mapping[str, int]) -> Table:
    """Tabulate counts, the largest first."""
    counted = table(title, "times", right=("times",))
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        counted.add_row(Text(name), f"{count:,}")
    return counted


def progress_bar() -> Progress:
    """Make a progress bar on standard error, shown only on a terminal and gone when done."""
    from rich.progress import (  # noqa: PLC0415 - only the commands that take long need it
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(file=sys.stderr or open_nothing())
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _divert(stream)
    except OSError as error:
        _divert(stream)
        if stream is not sys.stderr:
            _give_up(error)


def _divert(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that the interpreter does not stumble over it at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _give_up(error: OSError) -> NoReturn:
    raise Complaint(f"the output cannot be written: {error.strerror or error}") from None
