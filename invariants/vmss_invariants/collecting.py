"""How often unreachable cycles are looked for while millions of things are made and kept that are none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (100_000, 1000, 100)
"""After how many new things the youngest are looked through; and after how many times those that are older, if ever."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Meanwhile cycles are looked for less often: worlds and steps make next to none, and there are very many."""
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
