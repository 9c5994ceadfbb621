"""Imports go down, never up: the model needs attrs and immutables, its readers of recordings PyYAML."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import vmss_model

ROOT = Path(vmss_model.__file__).parent
MODULES = sorted(
    ".".join(("vmss_model", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)
CORE = [name for name in MODULES if not name.startswith("vmss_model.oracle")]
THIRD_PARTY = {"attr", "attrs", "immutables"}
RECORDINGS = {"yaml", "_yaml"}

LIST_MODULES = """
import importlib, json, sys
before = set(sys.modules)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def imported_with(modules: list[str]) -> set[str]:
    """The top-level packages that importing these modules brings in, but those of the standard library."""
    command = [sys.executable, "-c", LIST_MODULES, json.dumps(modules)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    found = set(json.loads(finished.stdout)) - sys.stdlib_module_names - {"vmss_model"}
    return {name for name in found if not re.match(r"_?cython_", name)}  # the runtime of compiled extensions


def imports_of(name: str) -> Iterator[str]:
    """Every module that a module's source imports, at its top or inside a function."""
    path = ROOT.joinpath(*name.split(".")[1:])
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".") if path.is_dir() else name.split(".")[:-1]
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_the_model_imports_attrs_and_immutables_alone() -> None:
    """Below the oracle, nothing but attrs, immutables and the standard library is imported."""
    assert imported_with(CORE) <= THIRD_PARTY


def test_the_oracle_imports_a_yaml_reader_besides() -> None:
    """All of the model with its oracle: no hypothesis, networkx, z3 or pytest."""
    assert imported_with(MODULES) <= THIRD_PARTY | RECORDINGS


@pytest.mark.parametrize("name", MODULES)
def test_no_module_imports_upwards(name: str) -> None:
    """The model never imports the invariants, and below the oracle nothing imports the oracle."""
    for imported in imports_of(name):
        assert not imported.startswith("vmss_invariants"), imported
        if name in CORE:
            assert not imported.startswith("vmss_model.oracle"), imported


@pytest.mark.parametrize("name", CORE)
def test_the_model_imports_no_clock_no_randomness_and_no_files(name: str) -> None:
    """Below the oracle there is no clock, no randomness and no input or output."""
    impure = {"time", "datetime", "random", "secrets", "uuid", "os", "io", "pathlib", "socket", "subprocess"}
    assert not impure & {imported.partition(".")[0] for imported in imports_of(name)}
