"""Ctrl-C stops work in all processes at its next step, so that what was found until then is kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_byte
from multiprocessing import get_context
from types import FrameType

from vmss_invariants.interrupts import hand_on

PROCESSES = get_context("spawn")
"""How processes begin that share a `Flag`: they inherit nothing else."""
Flag = c_byte
"""Whether somebody asked to stop, in memory that processes share; 1: yes."""
_flag: list[Flag] = []


@contextmanager
def interruptible() -> Iterator[Flag]:
    """Ctrl-C is noted; a second one does not wait."""
    flag: Flag = PROCESSES.RawValue(c_byte, 0)
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        if flag.value:
            # It is patient with a third that comes at once: that one disturbs nothing.
            hand_on(before, number, frame)
        flag.value = 1

    signal.signal(signal.SIGINT, note)
    _flag.append(flag)
    try:
        yield flag
    finally:
        _flag.remove(flag)
        signal.signal(signal.SIGINT, before)


def listen(flag: Flag) -> None:
    """Let the work of this process be stopped by another one, which is told of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _flag.append(flag)


def stopped() -> bool:
    """Whether somebody asked to stop."""
    return bool(_flag and _flag[-1].value)
