"""The command line `vmss-oracle`: rules, invariants, recordings, rollouts, placement.

Exit codes: 0 all is well, 1 something is violated or an invariant fails, 2 the command line or an input
is unusable or it was interrupted, 3 nothing could be decided.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; without arguments, they are those of this process."""
    # Loading the commands takes most of a short run, and Ctrl-C is to be heeded meanwhile.
    try:
        from vmss_invariants.cli.insisting import insisting  # noqa: PLC0415
        from vmss_invariants.interrupts import asked_as_by_ctrl_c  # noqa: PLC0415

        with asked_as_by_ctrl_c(), insisting(last=arguments is None):
            from vmss_invariants.cli.commands import run  # noqa: PLC0415

            return run(arguments)
    except KeyboardInterrupt:
        return _interrupted()


def _interrupted() -> int:
    """Say so, with nothing that would have to be loaded first."""
    if sys.stderr is not None:
        try:
            sys.stderr.write("vmss-oracle: interrupted\n")
            sys.stderr.flush()
        except OSError:
            pass
    return _INTERRUPTED
