"""Runs what may never come to an end, or take its process down, in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar, cast

T = TypeVar("T")


def isolated(work: Callable[[], T], longest: float, *, endless: T, broken_off: T) -> T:
    """What the work gives; `endless` where it takes longer (seconds), `broken_off` where its process ends first."""
    # Forked: the work is a function over mutants, which no other way of starting a process would hand over.
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        found = cast(T, ours.recv()) if ours.poll(longest) else endless
    except EOFError:
        found = broken_off
    process.kill()
    process.join()
    return found


def _do(work: Callable[[], object], theirs: Connection) -> None:
    theirs.send(work())
    theirs.close()
