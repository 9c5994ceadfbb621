"""Processes that work for this one: they leave Ctrl-C to it, and end when it no longer waits for them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Meanwhile Ctrl-C waits: a process that begins would meet it before it can say what it makes of it."""
    if not hasattr(signal, "pthread_sigmask"):  # as on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def side_by_side(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes; where they are left by an exception they are ended at once, whatever they are doing."""
    pool = ProcessPoolExecutor(jobs, initializer=_leave_interrupts_to_the_parent)
    try:
        yield pool
    except BaseException:
        for process in tuple(pool._processes.values()):
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
