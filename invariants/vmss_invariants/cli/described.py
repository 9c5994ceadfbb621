"""What the commands about a described group share: reading it, colouring states, writing pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from vmss_invariants.cli.files import check_file
from vmss_invariants.cli.output import Complaint, one_line
from vmss_invariants.rollouts.drawing import LOOKS, Span
from vmss_model.copying import evolve
from vmss_model.editions import UnknownEditionError, edition

if TYPE_CHECKING:
    from vmss_invariants.rollouts.described import Described


_PIPED = 120
WIDE = 90
"""From so many characters on a table has a column for the rules."""


def read_described(path: Path, scale_set: str | None, target: str | None, edition_name: str | None) -> Described:
    """Read a description or a recording; what is named on the command line stands above what the file says."""
    from vmss_invariants.rollouts.files import load_described, target_in  # noqa: PLC0415 - they take a while to load
    from vmss_invariants.rollouts.strict import DescriptionError, Node  # noqa: PLC0415 - as above

    try:
        chosen = None if edition_name is None else edition(edition_name)
        named = None if target is None else target_in(Node(target, "--target"))
        described = load_described(path, scale_set, chosen)
    except (DescriptionError, UnknownEditionError) as error:
        raise Complaint(str(error)) from None
    return described if named is None else evolve(described, target=named)


@contextmanager
def complaining_of(path: Path) -> Iterator[None]:
    """Tell what is wrong with a description after it was read, with the file it came from."""
    from vmss_invariants.rollouts.strict import DescriptionError  # noqa: PLC0415 - as above

    try:
        yield
    except DescriptionError as error:
        raise Complaint(f"{path}: {error}") from None


def named_instances(option: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Instances named on the command line, separated by commas; each has to be there."""
    there = set(known)
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name not in there:
            raise Complaint(f"{option}: {_missing(name)}")
    return names


def all_named(option: str, texts: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    """Instances that an option names, however often it is given."""
    there = frozenset(known)
    return frozenset(name for text in texts for name in named_instances(option, text, there))


def timed_instances(option: str, sign: str, texts: Iterable[str], known: Iterable[str]) -> dict[str, int]:
    """Instances with a time each, such as `4=200`, in seconds or as a duration."""
    from vmss_invariants.rollouts.strict import duration  # noqa: PLC0415 - as above

    there, found = set(known), dict[str, int]()
    for text in texts:
        for part in text.split(","):
            name, between, time = part.strip().partition(sign)
            seconds = duration(time) if between else None
            if seconds is None:
                raise Complaint(f"{option}: {part.strip()!r} is not an instance and a time such as 4{sign}200")
            if name not in there:
                raise Complaint(f"{option}: {_missing(name)}")
            if name in found:
                raise Complaint(f"{option}: instance {name} is given twice; give it one time")
            found[name] = seconds
    return found


def _missing(name: str) -> str:
    return f"the group has no instance {name}" if name else "an instance's name is missing"


def coloured(spans: Iterable[Span]) -> Text:
    """A line with its states in colour."""
    return Text.assemble(*((text, f"black on {LOOKS[state].colour}" if state else "") for text, state in spans))


def terminal_width() -> int:
    """How wide the terminal is, or what is written into a pipe may be (characters)."""
    console = Console()
    return console.width if console.is_terminal or "COLUMNS" in os.environ else _PIPED


def remarks(notes: Iterable[str]) -> Iterator[RenderableType]:
    """What the documents leave open, a line each."""
    for note in dict.fromkeys(notes):
        yield Text.assemble(("note: ", "yellow"), one_line(note))


def check_picture(path: Path | None, *endings: str) -> None:
    """Refuse a picture of a kind that is not drawn, or that cannot be written, before anything is done."""
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise Complaint(f"--out {path}: give a file that ends in {' or '.join(endings)}")
    check_file(path)
