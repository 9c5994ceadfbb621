"""Runs what may never come to an end, or take its process down, in a process of its own."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from threading import Lock, local
from typing import TypeVar, cast

from vmss_invariants.interrupts import interrupts_held

T = TypeVar("T")


def isolated(work: Callable[[], T], longest: float, *, endless: T, broken_off: T) -> T:
    """What the work gives; `endless` where it takes longer (seconds), `broken_off` where its process ends first."""
    # Forked: the work is a function over mutants, which no other way of starting a process would hand over.
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(work, theirs), daemon=True)
    under_way: _UnderWay = getattr(_of_thread, "under_way", None) or _UnderWay()
    if not under_way.start(process):
        return broken_off
    theirs.close()
    try:
        return cast(T, ours.recv()) if ours.poll(longest) else endless
    except EOFError:
        return broken_off
    finally:
        process.kill()
        process.join()
        under_way.ended(process)


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for isolated work; where they are left by an exception, all of it is ended at once."""
    under_way = _UnderWay()
    pool = ThreadPoolExecutor(count, initializer=_wait_for, initargs=(under_way,))
    try:
        yield pool
    except BaseException:
        under_way.end()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _UnderWay:
    """The processes of isolated work that some threads wait for."""

    def __init__(self) -> None:
        self._processes: set[ForkProcess] = set()
        self._lock = Lock()
        self._over = False

    def start(self, process: ForkProcess) -> bool:
        """Start a process, unless all is to end."""
        with self._lock:
            if not self._over:
                self._processes.add(process)
                with interrupts_held():
                    process.start()
            return not self._over

    def ended(self, process: ForkProcess) -> None:
        """A process has ended."""
        with self._lock:
            self._processes.discard(process)

    def end(self) -> None:
        """End all processes, and start no more."""
        with self._lock:
            self._over = True
            for process in self._processes:
                process.kill()


_of_thread = local()
"""What the threads of `threads` have each, by the name of `under_way`."""


def _wait_for(under_way: _UnderWay) -> None:
    _of_thread.under_way = under_way


def _do(work: Callable[[], object], theirs: Connection) -> None:
    # Ctrl-C ends this process without a word: whoever waits for it tells of that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    theirs.send(work())
    theirs.close()
