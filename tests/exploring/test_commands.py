"""`vmss-oracle explore` and `vmss-oracle diff`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.cli.shell import AT_A_TERMINAL, run

from vmss_invariants import exploring
from vmss_invariants.exploring import BrokenOffError, Configuration, Exploration, stepping
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.requests import Request
from vmss_model.world import World


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables fold where columns are few, which is not what is tested here."""
    monkeypatch.setenv("COLUMNS", "250")


ONE = ("explore", "--edition", "2021-02", "--kind", "uniform")


def test_what_was_explored_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each exploration, and a sum; the exit code is 0."""
    outcome = run(capsys, *ONE, "--instances", "1", "--fault-domains", "1")
    (row,) = (line.split() for line in outcome.out.splitlines() if line.split()[:2] == ["2021-02", "Uniform"])

    assert outcome.code == 0
    assert outcome.err == ""
    assert row[-1] == "exhausted"
    assert "0 failed; 0 of 1 explorations not exhausted." in outcome.out


def test_a_limit_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """What was not exhausted is never said to be."""
    for limit in (("--worlds", "2"), ("--seconds", "0")):
        outcome = run(capsys, *ONE, *limit)
        assert outcome.code == 0
        assert "not exhausted" in outcome.out
        assert "1 of 1 explorations not exhausted." in outcome.out


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is JSON alone, with every count."""
    outcome = run(capsys, "explore", "--edition", "2019-10", "--instances", "1", "--json")
    data = json.loads(outcome.out)
    told = data["explorations"]

    assert (data["asked"], data["missing"]) == (2, 0)
    assert {(one["edition"], one["kind"]) for one in told} == {("2019-10", "VM"), ("2019-10", "ScaleSetVM")}
    assert all(one["exhausted"] and one["worlds"] and one["steps"] and not one["violations"] for one in told)
    assert all(one["bounds"]["instances"] == 1 for one in told)


def test_a_counterexample_is_shown_and_the_exit_code_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With its requests; the trace can be written too."""

    def broken(world: World, request: Request) -> Decision:
        if type(request).__name__ == "DeleteGroup":
            raise RuntimeError("lost its way")
        return decide(world, request)

    monkeypatch.setattr(stepping, "decide", broken)
    file = tmp_path / "trace.itf.json"
    outcome = run(capsys, *ONE, "--instances", "1", "--export", str(file))

    assert outcome.code == 1
    assert "no-request-raises fails in 2021-02 (Uniform); the shortest sequence:\n" in outcome.out
    assert "RuntimeError: lost its way" in outcome.out
    assert "DeleteGroup" in json.loads(file.read_text(encoding="utf-8"))["states"][-1]["request"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_an_interrupted_exploration_keeps_its_figures() -> None:
    """What was found until Ctrl-C is shown, as not exhausted; one line says why, and the exit code is 2."""
    command = ("explore", "--edition", "2021-07", "--kind", "Uniform", "--instances", "5", "--aspect", "rollouts")
    begun = (
        "import sys\n"
        "from vmss_invariants.cli import main\n"
        "from vmss_invariants.exploring import explorer\n"
        "expand = explorer.Explorer._expand\n"
        "def told(self, node):\n"
        "    if node == 100:\n"
        "        print('begun', flush=True)\n"
        "    expand(self, node)\n"
        "explorer.Explorer._expand = told\n"
        f"sys.exit(main({list(command)!r}))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL + begun], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    shown, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert said.splitlines()[-1] == "vmss-oracle: interrupted"
    assert "interrupted, not exhausted" in shown
    assert "0 failed; 1 of 1 explorations not exhausted." in shown


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_explorations_side_by_side_keep_their_figures_when_interrupted(tmp_path: Path) -> None:
    """Ctrl-C reaches all processes: those under way tell what they found, and others are not begun."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib\n"
        "from vmss_invariants.exploring import explorer\n"
        "expand = explorer.Explorer._expand\n"
        "def told(self, node):\n"
        "    if node == 20:\n"
        f"        pathlib.Path({str(tmp_path)!r}, f'{{os.getpid()}}.begun').touch()\n"
        "    expand(self, node)\n"
        "explorer.Explorer._expand = told\n",
        encoding="utf-8",
    )
    command = ("explore", "--instances", "6", "--fault-domains", "5", "--aspect", "power", "--jobs", "2")
    program = f"import sys; from vmss_invariants.cli import main; sys.exit(main({list(command)!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))},
    )
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("*.begun"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    shown, said = process.communicate(timeout=60)

    assert process.returncode == 2, said
    assert said.splitlines()[-1] == "vmss-oracle: interrupted"
    assert "Traceback" not in said
    assert shown.count("interrupted, not exhausted") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_what_was_interrupted_before_it_began_is_no_pass(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exploration is there to tell of the interruption."""

    def interrupted(*_: object) -> tuple[Exploration, ...]:
        os.kill(os.getpid(), signal.SIGINT)
        return ()

    monkeypatch.setattr(exploring, "explore_all", interrupted)
    outcome = run(capsys, "explore", "--edition", "2021-02", "--jobs", "2")

    assert outcome.code == 2
    assert outcome.err.endswith("vmss-oracle: interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_explorations_that_an_interruption_left_out_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both for people and for programs: a list that is cut short does not look like a whole one."""
    explore = exploring.explore

    def interrupted(configuration: Configuration, *_: object, **__: object) -> Exploration:
        os.kill(os.getpid(), signal.SIGINT)
        return explore(configuration)

    monkeypatch.setattr(exploring, "explore", interrupted)
    command = ("explore", "--edition", "2021-02", "--instances", "1")
    shown, told = run(capsys, *command), run(capsys, *command, "--json")
    data = json.loads(told.out)

    assert (shown.code, told.code) == (2, 2)
    assert "0 failed; 2 of 3 explorations not exhausted, 2 of which show nothing." in shown.out
    assert (len(data["explorations"]), data["asked"], data["missing"]) == (1, 3, 2)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_explorations_that_are_finished_are_shown_where_a_process_is_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    """One line says what happened; the exit code is that of an interruption, not that of a broken invariant."""

    def lost(chosen: tuple[Configuration, ...], *_: object) -> tuple[Exploration, ...]:
        raise BrokenOffError((exploring.explore(chosen[0]),), len(chosen))

    monkeypatch.setattr(exploring, "explore_all", lost)
    outcome = run(capsys, "explore", "--edition", "2021-02", "--instances", "1", "--jobs", "2", *form)

    assert outcome.code == 2
    assert outcome.out.count("Flexible") == 1
    assert "Traceback" not in outcome.err
    assert outcome.err.startswith("vmss-oracle: a process ended before its work was done, perhaps for want of memory: ")
    assert outcome.err.count("\n") == 1
    assert "1 of 3 explorations are there" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--edition", "2020"), "unknown edition '2020'"),
        (("--kind", "Odd"), "unknown kind 'Odd'"),
        (("--edition", "2017-05", "--kind", "Flexible"), "edition 2017-05 has no groups of kind Flexible"),
        (
            ("--edition", "2021-02", "--kind", "Flexible", "--aspect", "stack"),
            "of 2021-02 (Flexible) do not speak of the aspect 'stack'; those of 2018-06-stack (Uniform) do",
        ),
        (("--versions", "9"), "--versions"),
        (("--aspect", "odd"), "unknown aspect 'odd'"),
        (("--profile", "odd"), "unknown profile 'odd'"),
        (("--export", "g.svg"), "g.svg does not end with .graphml, .dot, .itf.json"),
        (("--export", "g.dot"), "one exploration fits into a file"),
        (("--instances", "99"), "--instances"),
        (("--kind", "VM", "--export", "/nowhere/g.dot"), "/nowhere/g.dot cannot be written: there is no folder"),
        (("--profile", "quick"), "a profile has its own --instances: give --profile or these"),
        (("--superseded", "1"), "--superseded is for the aspect superseded, not for members"),
        (("--aspect", "superseded", "--attempts", "2"), "--attempts is for the aspect history, not for superseded"),
        (
            ("--aspect", "superseded", "--superseded", "3", "--instances", "6", "--groups", "3"),
            "instances times groups, superseded and departed make 21 VMs",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    """On standard error; the exit code is 2."""
    outcome = run(capsys, "explore", "--instances", "1", *arguments)

    assert outcome.code == 2
    assert complaint in outcome.one_line()


@pytest.mark.parametrize(
    "option",
    ["instances", "fault-domains", "zones", "update-domains", "groups", "versions", "superseded", "attempts"],
)
def test_a_profile_takes_no_bounds(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """Whatever they are, be it the usual ones: nobody is to take its bounds for others."""
    outcome = run(capsys, "explore", "--profile", "quick", f"--{option}", "2", "--aspect", "members")

    assert outcome.code == 2
    assert outcome.one_line() == f"vmss-oracle: a profile has its own --{option}, --aspect: give --profile or these"


def test_nothing_is_explored_for_a_file_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No folder, a folder instead of a file: it is known before."""
    monkeypatch.setattr(exploring, "explore", lambda *_, **__: pytest.fail("it was explored"))
    (tmp_path / "g.dot").mkdir()
    for file, why in ((tmp_path / "no" / "g.dot", "there is no folder"), (tmp_path / "g.dot", "it is a folder")):
        outcome = run(capsys, *ONE, "--export", str(file))
        assert outcome.code == 2
        assert f"{file} cannot be written: {why}" in outcome.one_line()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_figures_are_shown_where_the_file_cannot_be_written_after_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """One line says why it is not there."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exploring, "write", full)
    outcome = run(capsys, *ONE, "--instances", "1", "--export", str(tmp_path / "g.dot"), *form)

    assert outcome.code == 2
    assert "Uniform" in outcome.out
    assert outcome.err == f"vmss-oracle: {tmp_path / 'g.dot'} cannot be written: No space left on device\n"


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 100, 120, 140, 200])
def test_every_figure_is_shown_whole_however_narrow_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """In a table where its words fit, else with a line for each; the words are the same ones."""
    options = (*ONE, "--instances", "1", "--fault-domains", "1")
    wide = run(capsys, *options)
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = run(capsys, *options)
    rows = [line.split() for line in wide.out.splitlines() if line.split()[:2] == ["2021-02", "Uniform"]]
    words = Counter(word for row in rows for word in row if not is_time(word))
    shown = Counter(narrow.out.split())

    assert len(rows) == 1
    assert not words - shown
    assert columns < 120 or "──" in narrow.out
    assert columns >= 80 or max(map(len, narrow.out.splitlines()[:-1])) <= columns


def is_time(word: str) -> bool:
    """Tell whether this is a number of seconds, which is another each time."""
    return re.fullmatch(r"\d+\.\d", word) is not None


def test_a_comparison_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Values side by side, and requests with what the other edition says to them."""
    outcome = run(capsys, "diff", "2017-05", "2018-06-stack", "--seconds", "0.5")

    assert outcome.code == 0
    assert "STACK-MARKETPLACE (Uniform): 2018-06-stack refuses what 2017-05 grants" in outcome.out
    assert "  first in 2018-06-stack: RegisterStack(); AddOsImage(); AddMarketplaceItem()\n" in outcome.out
    assert "  CreateGroup(key=rg/g, kind=Uniform, profile=Profile())\n" in outcome.out
    assert "2017-05 and 2018-06-stack were compared in " in outcome.out


def test_a_comparison_can_be_json(capsys: pytest.CaptureFixture[str]) -> None:
    """And one that was cut short says so."""
    told = json.loads(run(capsys, "diff", "2019-10", "2021-02", "--seconds", "0", "--json").out)

    assert (told["first"], told["second"], told["exhausted"]) == ("2019-10", "2021-02", False)
    assert told["pairs"] == [["VM", "Flexible"], ["ScaleSetVM", "Uniform"]]


def test_an_unknown_edition_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    outcome = run(capsys, "diff", "2019-10", "2022")

    assert outcome.code == 2
    assert "unknown edition '2022'; there are 2017-05" in outcome.one_line()
