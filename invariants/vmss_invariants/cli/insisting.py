"""Ctrl-C is never lost: where it is raised in vain it is raised again, and what went on all the same was interrupted.

Python raises KeyboardInterrupt wherever the program is. While something is tidied up that nobody refers to any more, be
it in a `__del__` or in what Hypothesis does when rubbish is collected, nothing can be raised, and it would be dropped.
This module is loaded before all others of the command line, so it needs little.
"""

from __future__ import annotations

import signal
import sys
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Any

_SOON = 0.01
"""After how long (seconds) it is raised again: what is tidied up is done by then."""
_PATIENCE = 1.0
"""For how long (seconds) another Ctrl-C changes nothing: the first is on its way, and processes are being ended."""


@contextmanager
def insisting(*, last: bool) -> Iterator[None]:
    """Ctrl-C ends what is done here with KeyboardInterrupt, sooner or later but surely.

    `last`: this process does nothing else after that, and is not to be interrupted in ending.
    """
    usual = current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual:  # somebody else sees to it
        yield
        return
    ctrl_c = _CtrlC()
    signal.signal(signal.SIGINT, ctrl_c.pressed)
    hook, sys.unraisablehook = sys.unraisablehook, ctrl_c.dropped
    try:
        try:
            yield
        except KeyboardInterrupt:
            ctrl_c.noted = True
        except Exception:
            # What is interrupted in the midst of something may well stumble over that.
            if not ctrl_c.noted:
                raise
        if ctrl_c.noted:
            raise KeyboardInterrupt
    finally:
        ctrl_c.over = True
        sys.unraisablehook = hook
        ends = last and ctrl_c.noted
        signal.signal(signal.SIGINT, signal.SIG_IGN if ends else signal.default_int_handler)


class _CtrlC:
    """What became of Ctrl-C."""

    def __init__(self) -> None:
        self.noted = False
        """Whether it was pressed."""
        self.over = False
        """Whether there is nothing more to be interrupted."""
        self._raised_at: float | None = None
        self._otherwise = sys.unraisablehook

    def pressed(self, _number: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt, unless one is on its way; soon, where processes' things are tidied up."""
        self.noted = True
        now = monotonic()
        if self.over or (self._raised_at is not None and now - self._raised_at < _PATIENCE):
            return
        if _is_tidying_up(frame):
            self._raise_soon()
            return
        self._raised_at = now
        raise KeyboardInterrupt

    def dropped(self, unraisable: Any) -> None:
        """Something was raised where nothing can be: if it was a KeyboardInterrupt, raise it again soon.

        Of what else is raised there after Ctrl-C nothing is said: what is interrupted while it is made may well fail
        to be tidied up.
        """
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            self._raise_soon()
        elif not self.noted:
            self._otherwise(unraisable)

    def _raise_soon(self) -> None:
        Timer(_SOON, self._again).start()

    def _again(self) -> None:
        if not self.over:
            self._raised_at = None
            _interrupt_again()


def _is_tidying_up(frame: FrameType | None) -> bool:
    """Whether what processes share is being tidied up: nothing can be raised there, but all can be left half done."""
    # Where the module is not loaded there is nothing of the kind.
    util = sys.modules.get("multiprocessing.util")
    while util is not None and frame is not None:
        if frame.f_code is util.Finalize.__call__.__code__:
            return True
        frame = frame.f_back
    return False


def _interrupt_again() -> None:
    thread = main_thread().ident
    if hasattr(signal, "pthread_kill") and thread is not None:
        # A true signal, which also ends a wait.
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        interrupt_main()
