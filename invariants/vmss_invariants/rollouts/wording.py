"""Words for moments, instances and places, alike in every table and picture."""

from __future__ import annotations

from collections.abc import Iterable

from vmss_model.decide.models import natural_order
from vmss_model.rollout import Place


def clock(seconds: int) -> str:
    """A moment or a time as `h:mm:ss`; a moment before the start has a minus sign."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"


def place_name(place: Place) -> str:
    """A zone and an update domain in words; empty where there is neither."""
    zone, domain = place
    parts = ([f"zone {zone}"] if zone is not None else []) + ([f"update domain {domain}"] if domain is not None else [])
    return ", ".join(parts)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Instances by their number, other names after them by the alphabet."""
    return tuple(sorted(names, key=lambda name: (natural_order(name), name)))


def name_list(names: Iterable[str], most: int = 6) -> str:
    """Instances in order, runs of numbers as `first-last`; after so many runs the rest is counted only."""
    ordered = in_order(names)
    runs: list[list[str]] = []
    for name in ordered:
        if runs and follows(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    shown = runs[:most]
    left = len(ordered) - sum(map(len, shown))
    text = ", ".join(_run(run) for run in shown)
    return f"{text} and {left:,} more" if left else text


def named(names: Iterable[str]) -> str:
    """Instances by name, with the word for them."""
    ordered = tuple(names)
    return f"{'instance' if len(ordered) == 1 else 'instances'} {name_list(ordered)}"


def follows(before: str, name: str) -> bool:
    """Whether a name is the number that comes after another."""
    numbers = is_number(before) and is_number(name)
    return numbers and int(name) == int(before) + 1


def is_number(name: str) -> bool:
    """Whether a name is a number as instance ids are written."""
    return name.isascii() and name.isdecimal() and len(name) < 10


def _run(names: list[str]) -> str:
    return ", ".join(names) if len(names) < 3 else f"{names[0]}-{names[-1]}"
