"""Values that callers give, checked at once: what is of no use is a ValueError that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeGuard

from attrs import Attribute

Validator = Callable[[Any, "Attribute[Any]", Any], None]
"""Checks a field of an attrs class; raises ValueError."""


def is_whole(value: object) -> TypeGuard[int]:
    """Whether this is a whole number; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def repeated(names: Iterable[str]) -> Iterator[str]:
    """The names that were there before, each where it comes again."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def check_made(what: str, value: object, wanted: type) -> None:
    """Raise ValueError unless this was made by the class that is wanted."""
    if not isinstance(value, wanted):
        raise ValueError(f"{what} is {value!r}: it is made by {wanted.__name__}(...)")


def check_count(name: str, value: object, lowest: int, highest: int | None = None) -> None:
    """Raise ValueError unless this is a whole number within the range, which may have no upper end."""
    if not is_whole(value) or value < lowest or (highest is not None and value > highest):
        to = "" if highest is None else f" to {highest:,}"
        raise ValueError(f"{name} is {value!r}: it is a whole number from {lowest:,}{to}")


def check_known(what: str, names: Iterable[object], known: Iterable[object]) -> None:
    """Raise ValueError where one of the names is not known."""
    there = tuple(known)
    for name in names:
        if name not in there:
            raise ValueError(f"unknown {what} {name!r}; there are {', '.join(map(str, there))}")


def counts(lowest: int, highest: int) -> Validator:
    """A validator of fields that hold a whole number within the range."""

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        check_count(attribute.name, value, lowest, highest)

    return check


def are_names(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """A validator of fields that hold a tuple of names: a text alone would count as one of its letters each."""
    if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{attribute.name} is {value!r}: it is a tuple of names")


def is_truth(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """A validator of fields that are true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{attribute.name} is {value!r}: it is True or False")
