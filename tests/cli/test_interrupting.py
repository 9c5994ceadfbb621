"""Ctrl-C, and what else asks a command to end, ends it with one line and exit code 2, and leaves no process behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.util import Finalize
from pathlib import Path
from select import select
from threading import Event, Thread
from typing import Any

import pytest
import z3
from tests.cli.shell import AT_A_TERMINAL, STARTER

from vmss_invariants.cli.insisting import insisting
from vmss_invariants.cli.stopping import interruptible
from vmss_invariants.interrupts import ASK_TO_END, asked_as_by_ctrl_c, interrupts_held
from vmss_invariants.solver import _Watch, _watch, answer_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")

PROCESSES = Path("/proc")
"""Where Linux tells of its processes."""
ENDED = frozenset("ZX")
"""The states of processes that have ended."""
LONGEST = 20
"""Seconds within which an interrupted command has ended, on a busy machine; it takes far less than one."""


@pytest.fixture(autouse=True)
def _at_a_terminal() -> Iterator[None]:
    """Signals mean what they mean there, also where the tests run in the background, or under `nohup`."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM, *ASK_TO_END)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in ASK_TO_END:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def pressed() -> None:
    """Press Ctrl-C, as far as this process alone is concerned."""
    os.kill(os.getpid(), signal.SIGINT)


class Tidied:
    """Something that is interrupted when it is tidied up."""

    def __del__(self) -> None:
        pressed()
        time.sleep(0)


@contextmanager
def when_rubbish_is_collected(called: Callable[[], None]) -> Iterator[None]:
    """Meanwhile this is called at the beginning of each collection."""

    def call(phase: str, _: object) -> None:
        if phase == "start":
            called()

    gc.callbacks.append(call)
    try:
        yield
    finally:
        gc.callbacks.remove(call)


def in_a_del() -> None:
    """Be interrupted where nothing can be raised."""
    Tidied()


def in_a_collection() -> None:
    """Be interrupted where nothing can be raised either."""
    with when_rubbish_is_collected(pressed):
        gc.collect()


def in_vain() -> None:
    """Be interrupted where somebody takes it for a failure."""
    try:
        pressed()
    except BaseException:
        raise AssertionError("something is amiss") from None


def in_the_midst_of_tidying_up() -> None:
    """Be interrupted again while an interruption is on its way."""
    try:
        pressed()
    finally:
        pressed()
        tidied.append(True)


def after_one_that_is_noted() -> None:
    """Be interrupted a third time while the second is on its way: the first is noted, to keep what was found."""
    with interruptible():
        pressed()
        in_the_midst_of_tidying_up()


def in_a_finalizer() -> None:
    """Be interrupted where what processes share is tidied up."""

    def tidy_up() -> None:
        pressed()
        time.sleep(0)
        tidied.append(True)

    Finalize(None, tidy_up, exitpriority=0)()


def in_a_finalizer_on_the_way() -> None:
    """Be interrupted again there, while an interruption is on its way."""
    try:
        pressed()
    finally:
        Finalize(None, pressed, exitpriority=0)()
        time.sleep(0.1)
        tidied.append(True)


tidied: list[bool] = []


def insisted(interrupted: Callable[[], None], seconds: float = 0) -> None:
    """Do something that is interrupted, and work on for so long."""
    with insisting(last=False):
        interrupted()
        time.sleep(seconds)


@pytest.mark.parametrize("interrupted", [in_a_del, in_a_collection, in_vain, pressed])
def test_an_interruption_is_not_lost(interrupted: Callable[[], None]) -> None:
    """Wherever it comes, work ends with it soon; and nothing is said of where it was dropped."""
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        insisted(interrupted, LONGEST)

    assert time.monotonic() - began < LONGEST
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook) == before


def test_what_went_on_all_the_same_was_interrupted() -> None:
    """So it does not pass for what was asked for."""

    def dropped() -> None:
        with suppress(BaseException):
            pressed()

    with pytest.raises(KeyboardInterrupt):
        insisted(dropped)


@pytest.mark.parametrize(
    "work",
    [in_the_midst_of_tidying_up, after_one_that_is_noted, in_a_finalizer, in_a_finalizer_on_the_way],
)
def test_an_interruption_does_not_disturb_tidying_up(work: Callable[[], None]) -> None:
    """Processes are ended meanwhile; and a semaphore that is gone and not forgotten is told of as a leak."""
    tidied.clear()
    with pytest.raises(KeyboardInterrupt):
        insisted(work, LONGEST)

    assert tidied


class HalfMade:
    """Something of which an interruption may be in the midst of the making, so that it cannot be tidied up."""

    def __init__(self, interrupted: Callable[[], None]) -> None:
        interrupted()
        self.made = True

    def __del__(self) -> None:
        assert self.made


@pytest.mark.parametrize(("interrupted", "said"), [(pressed, []), (lambda: 1 / 0, [AttributeError])])
def test_of_what_is_interrupted_while_it_is_made_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, interrupted: Callable[[], None], said: list[type[Exception]]
) -> None:
    """But for the one line; without an interruption Python tells of it as ever."""
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(unraisable.exc_type))

    def make() -> None:
        with suppress(KeyboardInterrupt, ZeroDivisionError):
            HalfMade(interrupted)

    with suppress(KeyboardInterrupt):
        insisted(make)
    assert told == said


def test_without_an_interruption_nothing_is_raised() -> None:
    """And what fails fails as ever."""
    insisted(lambda: None)
    with pytest.raises(ZeroDivisionError):
        insisted(lambda: print(1 / 0))


def test_an_interruption_waits_where_something_must_not_be_torn_apart() -> None:
    """Also where another thread hears of it: Python tells the main thread all the same."""
    over = Event()
    other = Thread(target=over.wait)
    other.start()
    done = []

    def work() -> None:
        with interrupts_held():
            signal.pthread_kill(other.ident or 0, signal.SIGINT)
            time.sleep(0.05)
            done.append("in one piece")

    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        over.set()
        other.join()

    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def hard(milliseconds: int = 1000 * LONGEST) -> z3.Solver:
    """A question that z3 does not answer within its time."""
    solver = z3.SimpleSolver()
    x, y, z = z3.Ints("x y z")
    solver.set("timeout", milliseconds)
    solver.add(x * x * x + y * y * y + z * z * z == 114)
    return solver


def test_an_interrupted_question_has_no_answer() -> None:
    """Not even that it is unknown; and the solver stops."""
    solver = hard()
    signal.signal(signal.SIGALRM, lambda *_: pressed())
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        answer_of(solver)

    assert time.monotonic() - began < LONGEST


def test_a_question_is_answered() -> None:
    """As z3 itself answers it, with what is assumed besides."""
    x = z3.Int("x")
    solver = z3.Solver()
    solver.add(x > 0)
    assert answer_of(solver) == z3.sat
    assert answer_of(solver, x < 0) == z3.unsat
    assert solver.unsat_core()


def test_a_signal_right_after_the_answer_is_none_to_stop_later() -> None:
    """Told to stop when it does nothing, z3 would drop what is asserted next, and find that anything can hold."""
    told: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: told.append(number))

    class Answered:
        """A solver that is interrupted between its answer and that anybody hears of it."""

        ctx = z3.main_ctx()

        def check(self) -> z3.CheckSatResult:
            pressed()
            time.sleep(0.2)
            return z3.sat

    assert answer_of(Answered()) == z3.sat
    assert told
    x = z3.Int("x")
    solver = z3.SimpleSolver()
    solver.add(x > 0, x < 0)
    assert answer_of(solver) == z3.unsat


def test_a_question_whose_end_is_interrupted_disturbs_no_other() -> None:
    """The next one has all its time: z3 is not told for ever to stop."""
    signal.signal(signal.SIGINT, lambda *_: None)
    watch = _watch()
    watch.begin(z3.main_ctx())
    watch.asked = None
    pressed()
    solver = hard(milliseconds=300)
    began = time.monotonic()

    assert answer_of(solver) == z3.unknown
    assert time.monotonic() - began >= 0.3


def test_who_hears_late_of_a_signal_disturbs_no_later_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the thread that waits for signals is slow: what came before a question is not about it."""
    signal.signal(signal.SIGINT, lambda *_: None)

    def slowly(*waiting: Any) -> object:
        found = select(*waiting)
        time.sleep(0.1)
        return found

    monkeypatch.setattr("vmss_invariants.solver.select", slowly)
    watch = _Watch()
    monkeypatch.setattr("vmss_invariants.solver._watch", lambda: watch)
    watch.begin(z3.main_ctx())
    watch.asked = None
    pressed()
    solver = hard(milliseconds=300)
    began = time.monotonic()

    assert answer_of(solver) == z3.unknown
    assert time.monotonic() - began >= 0.3


def under_way(folder: Path, hooked: str, *command: str) -> subprocess.Popen[str]:
    """The command in a group of processes of its own, once a hooked function was called in one of them."""
    (folder / "sitecustomize.py").write_text(
        "import os, pathlib, sys\n"
        "def begun():\n"
        f"    pathlib.Path({str(folder)!r}, f'{{os.getpid()}}.begun').touch()\n" + hooked,
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL + STARTER, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))},
    )
    until = time.monotonic() + 60
    while not list(folder.glob("*.begun")) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    return process


def ends(process: subprocess.Popen[str], presses: int) -> str:
    """Press Ctrl-C so often, expect one line, exit code 2, and no process left; give what was written besides."""
    for _ in range(presses):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.1)
    return ended(process)


def ended(process: subprocess.Popen[str]) -> str:
    """Expect one line, exit code 2, and no process left; give what was written besides."""
    try:
        shown, said = process.communicate(timeout=LONGEST)
        left = is_left(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert (said, process.returncode) == ("vmss-oracle: interrupted\n", 2)
    assert not left
    return shown


def is_left(process: subprocess.Popen[str]) -> bool:
    """Tell whether a process of the same group is left, once Python's own have had the time to notice the end."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not is_alive(process.pid):
            return False
        time.sleep(0.05)
    return True


def is_alive(group: int) -> bool:
    """Tell whether a process of a group does anything still; one that nobody has asked how it ended does not."""
    if not PROCESSES.is_dir():
        with suppress(ProcessLookupError):
            os.killpg(group, 0)
            return True
        return False
    for one in PROCESSES.glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of_group, *_ = one.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(of_group) == group and state not in ENDED:
                return True
    return False


def test_a_process_is_alive_until_it_ends() -> None:
    """Not until somebody asks how it ended: who starts tests may be slow to."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import time; time.sleep({LONGEST})"], text=True, start_new_session=True
    )
    assert is_alive(process.pid)

    process.kill()
    assert not is_left(process)
    process.wait()


WALKING = (
    "from vmss_invariants.walker import Walker\n"
    "take = Walker.take\n"
    "def told(self, *arguments):\n"
    "    begun()\n"
    "    return take(self, *arguments)\n"
    "Walker.take = told\n"
)
PROVING = (
    "from vmss_invariants.proving import prover\n"
    "asked = prover._asked\n"
    "def told(claim):\n"
    "    begun()\n"
    "    return asked(claim)\n"
    "prover._asked = told\n"
)
EXPLORING = (
    "from vmss_invariants.exploring import explorer\n"
    "expand = explorer.Explorer._expand\n"
    "def told(self, node):\n"
    "    begun()\n"
    "    expand(self, node)\n"
    "explorer.Explorer._expand = told\n"
)
LOADING = (
    "import importlib.abc\n"
    "class Finder(importlib.abc.MetaPathFinder):\n"
    "    def find_spec(self, name, path, target=None):\n"
    "        if name == 'typer':\n"
    "            import time\n"
    "            begun()\n"
    "            time.sleep(60)\n"
    "sys.meta_path.insert(0, Finder())\n"
)
PAGES = "pages"
"""Stands for a folder."""
EXPLORE = ("explore", "--profile", "full", "--jobs", "2", "--kind", "VM")
VERIFY = ("verify", "--edition", "2021-07", "--kind", "Uniform", "--examples", "1000", "--jobs", "2")


@pytest.mark.parametrize(
    ("hooked", "command", "presses"),
    [
        (LOADING, ("rules",), 1),
        (LOADING, ("rules",), 3),
        (WALKING, VERIFY, 1),
        (PROVING, ("verify", "--edition", "2017-05", "--examples", "1"), 3),
        (EXPLORING, VERIFY, 1),
        (EXPLORING, EXPLORE, 1),
        (EXPLORING, EXPLORE, 3),
        (EXPLORING, ("mutants", "--rule", "OSU-BATCH", "--jobs", "2"), 1),
        (EXPLORING, ("docs", "--record", "quick", "--jobs", "2", "--out", PAGES), 3),
    ],
    ids=[
        "loading-once",
        "loading-thrice",
        "walking-once",
        "proving-thrice",
        "exploring-once",
        "explore-once",
        "explore-thrice",
        "mutants-once",
        "docs-thrice",
    ],
)
def test_a_command_ends_at_once(tmp_path: Path, hooked: str, command: tuple[str, ...], presses: int) -> None:
    """However often Ctrl-C is pressed, and whatever it is doing, in processes of its own too."""
    named = [str(tmp_path / word) if word == PAGES else word for word in command]
    shown = ends(under_way(tmp_path, hooked, *named), presses)

    # What an exploration found is shown, as far as nobody is in haste.
    assert not shown or (command[0] == "explore" and presses == 1)


@pytest.mark.parametrize("number", ASK_TO_END)
def test_who_asks_a_command_to_end_is_heeded_as_ctrl_c_is(tmp_path: Path, number: signal.Signals) -> None:
    """What an exploration found is shown, though the process was told to end by another."""
    process = under_way(tmp_path, EXPLORING, *EXPLORE)
    os.kill(process.pid, number)

    assert "not exhausted" in ended(process)


def test_who_asks_a_command_to_end_is_heeded_where_ctrl_c_is_not() -> None:
    """A script's commands in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt), asked_as_by_ctrl_c():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", ASK_TO_END)
def test_what_was_ignored_before_stays_ignored(number: signal.Signals) -> None:
    """Under `nohup` a command goes on when its terminal is gone."""
    signal.signal(number, signal.SIG_IGN)
    with asked_as_by_ctrl_c():
        signal.raise_signal(number)
    assert signal.getsignal(number) is signal.SIG_IGN


@pytest.mark.parametrize("command", [VERIFY, EXPLORE], ids=["verify", "explore"])
def test_processes_end_with_the_one_that_waits_for_them(tmp_path: Path, command: tuple[str, ...]) -> None:
    """However that one ended, so that who reads what it writes does not wait for ever."""
    process = under_way(tmp_path, EXPLORING, *command)
    process.kill()
    process.communicate(timeout=LONGEST)

    assert not is_left(process)
