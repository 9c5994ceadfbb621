"""How z3 is asked: Ctrl-C interrupts the question, and is not taken for an answer."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import cache
from select import select
from threading import Condition, Thread, current_thread, main_thread
from typing import Any

from vmss_invariants.interrupts import interrupts_held

_MOMENT = 0.05
"""After how long (seconds) z3 is told again to stop, which it does not hear before it begins."""
_MOST = 4096
"""So many signals are heard at once."""


def answer_of(solver: Any, *assumptions: Any) -> Any:
    """What a z3 solver or optimizer answers: that something can hold, that it cannot, or that it is unknown.

    By itself z3 takes Ctrl-C as a sign to give up, and whoever asked it is told that something is unknown.
    """
    import z3  # noqa: PLC0415 - who has a solver has loaded it; who only imports this need not wait for it

    z3.set_param("ctrl_c", False)
    # Signals are for the main thread, and Python only looks at them there; on Windows no file tells of them.
    if current_thread() is not main_thread() or not hasattr(signal, "pthread_sigmask"):
        return solver.check(*assumptions)
    while True:
        watch = _watch()
        watch.begin(solver.ctx)
        try:
            answer = solver.check(*assumptions)
        finally:
            # Before anything is called: Ctrl-C may come just there, and whoever takes it may ask again.
            watch.asked = None
            disturbed = watch.end(solver.ctx)
        # What a signal means has been seen to by now: if this goes on, it was not to end it. Asked once more, z3 may
        # give up on a hard question that it would have gone on with: then it is unknown.
        if answer != z3.unknown or not disturbed:
            return answer


class _Watch:
    """A thread that sleeps until a signal comes, and then makes z3 stop, so that Python can look at the signal.

    It costs nothing meanwhile: a thread of its own for each question took as long as the quicker ones of them.
    """

    def __init__(self) -> None:
        self._told, self._tells = os.pipe()
        for end in (self._told, self._tells):
            os.set_blocking(end, False)
        self.asked: list[Any] | None = None
        self._before = -1
        self._disturbed = False
        self._changes = Condition()
        with interrupts_held():  # the thread is not to be told of them itself
            Thread(target=self._listen, name="signals while z3 is asked", daemon=True).start()

    def begin(self, context: Any) -> None:
        """A question is asked in a context."""
        with self._changes:
            self._hear()  # what came before does not disturb it, however late the thread is
            self._disturbed = False
            # Another one than the last, also where the context is the same.
            self.asked = [context]
        before = signal.set_wakeup_fd(self._tells, warn_on_full_buffer=False)
        if before != self._tells:  # as it is where the end of the last question was interrupted
            self._before = before

    def end(self, context: Any) -> bool:
        """It is answered, or not; whether a signal came meanwhile."""
        signal.set_wakeup_fd(self._before)
        with self._changes:
            self.asked = None
            self._changes.notify()
            disturbed = self._disturbed
        if disturbed:
            _let_go_on(context)
        return disturbed

    def _listen(self) -> None:
        while True:
            select([self._told], (), ())
            # Not a moment after the question has ended: the next one is not to be interrupted.
            with self._changes:
                if not self._hear():
                    continue
                self._disturbed = True
                asked = self.asked
                while asked is not None and asked is self.asked:
                    asked[0].interrupt()
                    self._changes.wait(_MOMENT)

    def _hear(self) -> bool:
        """Whether signals came that were not heard yet; whoever else waits to be told of them is."""
        try:
            numbers = os.read(self._told, _MOST)
        except BlockingIOError:
            return False
        if self._before != -1:
            with suppress(BlockingIOError):  # there is no room for more: it is told enough
                os.write(self._before, numbers)
        return True


def _let_go_on(context: Any) -> None:
    """Have z3 forget that it was to stop: told so after its last word, it would drop what is asserted next."""
    import z3  # noqa: PLC0415 - as above

    z3.SimpleSolver(ctx=context).check()


@cache
def _watch() -> _Watch:
    """The one of this process, once it is needed."""
    return _Watch()


if hasattr(os, "register_at_fork"):
    # The thread does not come along into a process that is forked off.
    os.register_at_fork(after_in_child=_watch.cache_clear)
