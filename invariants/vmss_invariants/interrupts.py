"""Ctrl-C waits until something is done that it must not tear apart."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Meanwhile Ctrl-C waits: a process that begins would meet it before it can say what it makes of it."""
    if not hasattr(signal, "pthread_sigmask"):  # as on Windows
        yield
        return
    with _noted_only():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _noted_only() -> Iterator[None]:
    """The main thread hears of Ctrl-C at the end: any thread may be told of it, and Python tells the main thread."""
    handler = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or not callable(handler):
        yield
        return
    noted: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if noted:
            signal.raise_signal(signal.SIGINT)
