"""Counts in words."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """A count with its noun, in the plural where it is one: `1 instance`, `1,000 instances`, `2 batches`."""
    ending = "" if count == 1 else "es" if what.endswith("ch") else "s"
    return f"{count:,} {what}{ending}"
