"""Processes that work for this one: they leave Ctrl-C to it, and end when it no longer waits for them, or is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from threading import Thread

from vmss_invariants.interrupts import ASK_TO_END, interrupts_held

_BEHIND = 5
"""By how much the niceness is higher of who gives way: a third of the time where it is short."""


def leave_interrupts_to_the_parent() -> None:
    """Let Ctrl-C be for the parent of this process alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def give_way_to_the_parent() -> None:
    """Let the parent of this process have a processor first: it works, too, and times what it does."""
    leave_interrupts_to_the_parent()
    if hasattr(os, "nice"):
        os.nice(_BEHIND)


def _begin(begun: Callable[..., None], given: tuple[object, ...]) -> None:
    """What each process begins with."""
    for number in ASK_TO_END:
        # One that was forked has its parent's ways, and would not end where it is asked to.
        signal.signal(number, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()
    begun(*given)


def _end_after(sentinel: int) -> None:
    """End this process once its parent has: nobody waits for it, and nothing else would tell it so."""
    wait([sentinel])
    os._exit(1)


@contextmanager
def side_by_side(
    jobs: int,
    begun: Callable[..., None] = leave_interrupts_to_the_parent,
    given: tuple[object, ...] = (),
    context: BaseContext | None = None,
) -> Iterator[ProcessPoolExecutor]:
    """So many processes; where they are left by an exception they are ended at once, whatever they are doing.

    Each begins with a call of `begun` with what is `given`, and is made by the `context` (None: the usual one).
    """
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(begun, given))
    try:
        yield pool
        pool.shutdown(cancel_futures=True)
    except BaseException:
        with interrupts_held():
            for process in tuple((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(cancel_futures=True)
        raise
