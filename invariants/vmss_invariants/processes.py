"""Processes that work for this one: they leave Ctrl-C to it, and end when it no longer waits for them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from vmss_invariants.interrupts import interrupts_held


def leave_interrupts_to_the_parent() -> None:
    """Let Ctrl-C be for the parent of this process alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=begun, initargs=given)
    try:
        yield pool
        pool.shutdown(cancel_futures=True)
    except BaseException:
        with interrupts_held():
            for process in tuple((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(cancel_futures=True)
        raise
