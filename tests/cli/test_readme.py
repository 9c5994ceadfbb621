"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shell import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if block.startswith("cat > ")]
SESSIONS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    (command, said.splitlines())
    for session in SESSIONS
    for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
]


@pytest.mark.parametrize("program", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_python_examples_run(program: str) -> None:
    """Their assertions hold."""
    exec(compile(program, "README.md", "exec"), {"__name__": "readme"})


@pytest.mark.parametrize(("command", "said"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_the_commands_print_what_is_shown(command: str, said: list[str], tmp_path: Path) -> None:
    """In an empty directory, once the files shown are written; `...` stands for lines left out."""
    for file in FILES:
        _shell(file, tmp_path)
    printed = _shell(command, tmp_path).splitlines()

    assert [line for line in said if line != "..." and line not in printed] == []


def _shell(text: str, folder: Path) -> str:
    # The command as it is installed beside the Python that runs the tests.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def test_there_are_two_set_up_commands() -> None:
    """Each after its marker, one line long, as `.ci/run` reads them."""
    blocks = re.findall(r"^<!-- ci:run -->\n```sh\n(.*?)```", README, re.DOTALL | re.MULTILINE)

    assert [block.count("\n") for block in blocks] == [1, 1]


def test_links_lead_somewhere() -> None:
    """Within the repository, in every page."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]

    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []
