"""Ctrl-C waits until something is done that it must not tear apart; what else asks a process to end is taken for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

ASK_TO_END = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals by which others than the person at the keyboard ask a process to end: `timeout`, say, or a closed
terminal."""


@contextmanager
def asked_as_by_ctrl_c() -> Iterator[None]:
    """Meanwhile this process heeds what asks it to end as it heeds Ctrl-C, unless somebody else sees to that."""
    if current_thread() is not main_thread():
        yield
        return
    usual = [number for number in ASK_TO_END if signal.getsignal(number) is signal.SIG_DFL]
    for number in usual:
        signal.signal(number, _as_by_ctrl_c)
    try:
        yield
    finally:
        for number in usual:
            signal.signal(number, signal.SIG_DFL)


def _as_by_ctrl_c(number: int, frame: FrameType | None) -> None:
    # Ctrl-C is not for a process in the background of a script, but this is.
    hand_on(signal.getsignal(signal.SIGINT), number, frame)


def hand_on(heeds: object, number: int, frame: FrameType | None) -> None:
    """Let what heeds Ctrl-C heed this; where nothing does, raise KeyboardInterrupt."""
    if not callable(heeds):
        raise KeyboardInterrupt
    heeds(number, frame)


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
