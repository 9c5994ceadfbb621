"""The command as a whole: errors are one line, pipes may close, Ctrl-C is no accident, start-up is quick."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from tests.cli.shell import AT_A_TERMINAL, STARTER, Outcome, run, start

from vmss_invariants import cli
from vmss_invariants.cli import output

HEAVY = ("hypothesis", "networkx", "z3", "pytest")


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints name and version."""
    assert run(capsys, "--version") == Outcome(0, f"vmss-oracle {version('vmss-oracle')}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing command"),
        (["ruels"], "No such command 'ruels'"),
        (["rules", "--bad"], "--bad"),
        (["rules", "--section"], "--section"),
        (["judge"], "PATH"),
        (["verify", "--examples", "many"], "--examples"),
        (["verify", "--examples", "0"], "--examples"),
        (["verify", "--kind", "Fixed"], "unknown kind 'Fixed'; there are Uniform"),
        (["verify", "--edition", "1999"], "unknown edition '1999'"),
        (["judge", ".", "--edition", "1999"], "unknown edition '1999'"),
    ],
)
def test_a_wrong_command_line_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """It names what is wrong, and the exit code is 2."""
    outcome = run(capsys, *arguments)

    assert outcome.code == 2
    line = outcome.one_line()
    assert line.startswith("vmss-oracle: ")
    assert said in line


@pytest.mark.parametrize("arguments", [["--help"], ["rules", "--help"], ["verify", "--help"], ["judge", "--help"]])
def test_help_is_given(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """For the whole and for each command, with exit code 0."""
    outcome = run(capsys, *arguments)

    assert outcome.code == 0
    assert "Usage: vmss-oracle" in outcome.out


@pytest.mark.parametrize("arguments", [["rules"], ["rules", "--json"], ["--help"], ["advise", "--help"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    """As with `| head`: nothing is said of it, and nothing crashes."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    process.wait()

    assert said == b""
    assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["rules"], ["--version"], ["--help"], ["advise", "--help"]])
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    """Output that cannot be written is an error, but no crash."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", STARTER, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 2
    assert done.stderr.startswith("vmss-oracle: the output cannot be written: ")
    assert done.stderr.count("\n") == 1


def test_a_terminal_of_few_characters_gets_escapes() -> None:
    """What the encoding lacks is written out rather than failing."""
    outcome = start("rules", "é", environment={"PYTHONIOENCODING": "ascii"})

    assert outcome.code == 2
    assert "'\\xe9'" in outcome.one_line()
    assert start("rules", environment={"PYTHONIOENCODING": "ascii"}).code == 0


def test_json_stays_json_on_a_terminal_of_few_characters() -> None:
    """It has escapes of its own, and says the same."""
    question = ("place", "--edition", "2021-02", "--kind", "Uniform", "--instances", "1", "--zones", "\u00e9", "--json")
    few = start(*question, environment={"PYTHONIOENCODING": "ascii"})
    many = start(*question, environment={"PYTHONIOENCODING": "utf-8"})

    assert few.out.isascii()
    assert "\u00e9" in many.out
    assert json.loads(few.out) == json.loads(many.out)


@pytest.mark.parametrize(
    ("arguments", "value", "command"),
    [
        (("place", "--instances", "5.5"), "'5.5'", "vmss-oracle place"),
        (("explore", "--instances", "99"), "99", "vmss-oracle explore"),
        (("verify", "--nope"), "--nope", "vmss-oracle verify"),
        (("ruels",), "'ruels'", "vmss-oracle"),
    ],
)
def test_a_complaint_names_the_value_and_the_help_that_helps(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], value: str, command: str
) -> None:
    """That of the command that was called, as far as there is one."""
    line = run(capsys, *arguments).one_line()

    assert value in line
    assert line.endswith(f"(`{command} --help` says more)")


@pytest.mark.parametrize("size", ["9" * 20, "9" * 5000, "1000000000", "\u00b2"])
@pytest.mark.parametrize("name", ["COLUMNS", "LINES"])
@pytest.mark.parametrize("arguments", [("advise", "20"), ("advise", "--help")])
def test_a_terminal_of_no_sensible_size_is_no_error(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    name: str,
    size: str,
) -> None:
    """What is asked is answered."""
    monkeypatch.setenv(name, size)
    outcome = run(capsys, *arguments)

    assert outcome.code == 0
    assert "instances" in outcome.out


def test_interrupting_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with exit code 2 and one line."""

    def interrupt(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vmss_invariants.cli.rules._one", interrupt)
    outcome = run(capsys, "rules", "MOVE")

    assert outcome.code == 2
    assert outcome.one_line() == "vmss-oracle: interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_a_signal_interrupts_a_running_command() -> None:
    """A process that gets SIGINT ends as one that got Ctrl-C."""
    waiting = (
        "import sys, time\n"
        "from vmss_invariants.cli import main, rules\n"
        "def wait(name):\n"
        "    print('waiting', flush=True)\n"
        "    time.sleep(60)\n"
        "rules._one = wait\n"
        "sys.exit(main(['rules', 'MOVE']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL + waiting], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    assert said == "vmss-oracle: interrupted\n"


@pytest.mark.parametrize(
    "doing",
    [
        "from vmss_invariants.cli import main; main(['rules'])",
        "import vmss_invariants.exploring",
        "import vmss_invariants.differences",
    ],
)
def test_start_up_loads_nothing_heavy(doing: str) -> None:
    """Listing rules, exploring and comparing need neither solver nor test libraries."""
    program = f"import sys; {doing}; sys.exit(str([name for name in {HEAVY!r} if name in sys.modules] or ''))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == ""


def test_start_up_is_quick() -> None:
    """The best of three; a third of a second was measured, and a busy machine is allowed for."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        assert start("rules").code == 0
        taken.append(time.perf_counter() - began)

    assert min(taken) < 1.5


def test_one_line_folds_what_a_terminal_would_obey() -> None:
    """Line ends and control characters of an input do not reach the terminal."""
    assert output.one_line("a\n b\x1b[31m") == "a b\\x1b[31m"


def test_the_entry_point_is_main() -> None:
    """As `pyproject.toml` names it."""
    assert callable(cli.main)
