"""Plain Markdown that reads well on a code host and in a site alike."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


_KEPT = "\0"
"""Stands for a space at which no line ends."""


def paragraph(text: str) -> str:
    """Running text, wrapped."""
    return "\n".join(wrapped(text))


def wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """Lines of a text, with what they begin with; none begins with a minus sign, which would make it a list."""
    kept = " ".join(text.split()).replace(" - ", f"{_KEPT}- ")
    lines = textwrap.wrap(
        kept,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_KEPT, " ") for line in lines]


def bullets(items: Iterable[str]) -> str:
    """A list, each item wrapped under its bullet."""
    return "\n".join("\n".join(wrapped(item, "- ", "  ")) for item in items)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    lines = [_row(columns), _row(["---"] * len(columns)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def code(text: str, language: str = "text") -> str:
    """A block of code or of a sequence, as it is."""
    return f"```{language}\n{text.rstrip()}\n```"


def page(title: str, *parts: str) -> str:
    """A page of its own; empty parts are left out."""
    return "\n\n".join([f"# {title}", *(part for part in parts if part)]) + "\n"


def link(text: str, path: str) -> str:
    """A link to another page."""
    return f"[{text}]({path})"
