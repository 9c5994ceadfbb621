"""The page on the architecture and the tree say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.shell import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOTS = (ROOT / "model", ROOT / "invariants")
ABOVE_THE_INVARIANTS = {"vmss_invariants.cli", "typer", "rich"}


def _modules() -> dict[str, Path]:
    found = {}
    for root in ROOTS:
        for file in root.rglob("*.py"):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = _modules()
BELOW_THE_COMMAND_LINE = sorted(
    name for name in MODULES if name.startswith("vmss_invariants") and not name.startswith("vmss_invariants.cli")
)


def test_every_module_has_its_room_on_the_page_and_no_other() -> None:
    """A row begins with the module's name."""
    rooms = re.findall(r"^\| `(vmss_\w+(?:\.\w+)*)` \|", PAGE, re.MULTILINE)

    assert sorted(set(MODULES) - set(rooms)) == []
    assert sorted(set(rooms) - set(MODULES)) == []
    assert len(rooms) == len(set(rooms))


def test_every_decision_is_listed_in_its_order() -> None:
    """The index of the documentation leads to each."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^    \d+\. \[.+\]\(decisions/(.+)\)$", (ROOT / "docs" / "index.md").read_text("utf-8"), re.M)

    assert listed == sorted(file.name for file in folder.glob("*.md"))


@pytest.mark.parametrize("module", BELOW_THE_COMMAND_LINE)
def test_the_invariants_do_not_know_the_command_line(module: str) -> None:
    """Nor what it is made with; `tests/model/test_floors.py` has the same for the floors below."""
    above = [name for name in _imported(MODULES[module]) for high in ABOVE_THE_INVARIANTS if _within(name, high)]

    assert above == []


def _within(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "the invariants name modules in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
