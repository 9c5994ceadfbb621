"""How z3 is asked: Ctrl-C interrupts the question, and is not taken for an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

_MOMENT = 0.05
"""After how long (seconds) z3 is told again to stop, which it does not hear before it begins."""


def answer_of(solver: Any, *assumptions: Any) -> Any:
    """What a z3 solver or optimizer answers: that something can hold, that it cannot, or that it is unknown.

    By itself z3 takes Ctrl-C as a sign to give up, and whoever asked it is told that something is unknown.
    """
    import z3  # noqa: PLC0415 - who has a solver has loaded it; who only imports this need not wait for it

    z3.set_param("ctrl_c", False)
    # This thread only waits, and so can be interrupted.
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(solver.check, *assumptions)
        try:
            return asked.result()
        except KeyboardInterrupt:
            while not asked.done():
                solver.ctx.interrupt()
                wait((asked,), _MOMENT)
            raise
