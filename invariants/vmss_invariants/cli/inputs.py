"""Inputs from which nothing can be read, told in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vmss_invariants.cli.output import Complaint

if TYPE_CHECKING:
    from vmss_invariants.mutating.noticing import Looker


@contextmanager
def complaining_of_inputs() -> Iterator[None]:
    """Tell which input is unusable, and why."""
    from vmss_model.oracle.recordings import UnusableInput  # noqa: PLC0415 - the readers take a while to load

    try:
        yield
    except UnusableInput as error:
        raise Complaint(str(error)) from None


def lookers_with(recordings: list[Path]) -> tuple[Looker, ...]:
    """Who is asked about mutants; the recordings are read at once, before the work that they are for."""
    from vmss_invariants.mutating.running import lookers  # noqa: PLC0415 - only some commands break rules

    with complaining_of_inputs():
        return lookers(recordings)
