"""Help is written as results are: what lays it out writes into memory, and only `output` to standard output."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from typing import Any, TextIO

from typer.core import TyperCommand, TyperGroup

from vmss_invariants.cli.output import emit


class HelpfulCommand(TyperCommand):
    """A command whose help is written as its results are."""

    # Contexts are of a class that typer takes from another place in each of its versions.
    def get_help(self, ctx: Any) -> str:
        """Write the help, so that nothing of it is left to be written."""
        return _written(partial(super().get_help, ctx))


class HelpfulGroup(TyperGroup):
    """Several commands whose help is written as their results are."""

    def get_help(self, ctx: Any) -> str:
        """Write the help, so that nothing of it is left to be written."""
        return _written(partial(super().get_help, ctx))


class _Composed(io.StringIO):
    """Text in memory that is laid out as it would be for the stream that it is going to be written to."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # nobody sets it, as the declaration would allow
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()


def _written(laid_out: Callable[[], str]) -> str:
    composed = _Composed(sys.stdout)
    with redirect_stdout(composed):
        # With colours and boxes it is printed, without them it is given.
        given = laid_out()
    emit(composed.getvalue() + given)
    return ""
