"""What holds for every test: output is as wide as its text, and what stays is not looked through for cycles.

And how far random walks go.
"""

from __future__ import annotations

import gc
import os

import pytest

# The processes that tests are spread over are told a terminal's width, which would fold tables.
os.environ.pop("COLUMNS", None)

_SELDOM = (50_000, 20, 20)
"""After how many new things the youngest are looked through, and after how many times those that are older."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How far random walks go."""
    group = parser.getgroup("random walks")
    group.addoption("--requests", type=int, default=10_000, help="how many requests random walks make (10000)")
    group.addoption("--seed", type=int, default=0, help="what random walks are drawn from (0)")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look through it for cycles again and again took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
