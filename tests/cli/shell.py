"""Running the command line, in this process or as a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen

from vmss_invariants.cli import main
from vmss_invariants.interrupts import ASK_TO_END

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder."""
STARTER = "import sys; from vmss_invariants.cli import main; sys.exit(main())"
"""What the installed command does."""
AT_A_TERMINAL = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    f"for number in {tuple(map(int, ASK_TO_END))}: signal.signal(number, signal.SIG_DFL)\n"
)
"""Signals mean what they mean at a terminal, also where the tests run in the background, in which Ctrl-C is ignored, or
under `nohup`, in which it is that the terminal is gone."""


@frozen
class Outcome:
    """What a run of the command left."""

    code: int
    """The exit code."""
    out: str
    """What it wrote to standard output."""
    err: str
    """What it wrote to standard error."""

    def one_line(self) -> str:
        """Give the one line on standard error, having checked that there is no other and no result."""
        assert self.out == ""
        assert self.err.count("\n") == 1
        return self.err.rstrip("\n")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Outcome:
    """Run the command in this process."""
    capsys.readouterr()
    code = main(arguments)
    written = capsys.readouterr()
    return Outcome(code, written.out, written.err)


def start(*arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """Run the command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", STARTER, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def short_files(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as if the disk were full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
