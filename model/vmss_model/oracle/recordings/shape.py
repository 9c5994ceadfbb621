"""Taking a recorded exchange apart: every member is there and has its type, or the exchange is unreadable."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from .exchange import Exchange, Recording, Skipped, Unreadable, UnusableInput, quoted, shown

Raw = TypeVar("Raw")
_METHOD = re.compile(r"[A-Za-z]+")
_STATUS = re.compile(r"[0-9]{3}")


def gather(path: str, found: Iterable[tuple[str, Raw]], read: Callable[[Raw, int, str], Exchange]) -> Recording:
    """Read what was found at each place, setting aside what cannot be read; something must remain."""
    exchanges: list[Exchange] = []
    skipped: list[Skipped] = []
    for index, (place, raw) in enumerate(found):
        try:
            exchanges.append(read(raw, index, place))
        except Unreadable as why:
            skipped.append(Skipped(place, str(why)))
    if exchanges:
        return Recording(shown(os.path.basename(path)), shown(path), tuple(exchanges), tuple(skipped))
    if not skipped:
        raise UnusableInput(path, "whole file", "it holds no exchange", "a recording holds at least one")
    raise UnusableInput(
        path,
        skipped[0].place,
        f"none of the {len(skipped)} exchanges can be read, this one because {skipped[0].reason}",
        "give an exchange log, a VCR cassette (version 1) or a HAR file (1.2)",
    )


def as_object(value: object, what: str) -> dict[str, object]:
    """Take a value that must be an object."""
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is {_kind(value)}, not an object")
    return value


def as_list(value: object, what: str) -> list[object]:
    """Take a value that must be a list."""
    if not isinstance(value, list):
        raise Unreadable(f"{what} is {_kind(value)}, not a list")
    return value


def as_text(value: object, what: str) -> str:
    """Take a value that must be text."""
    if not isinstance(value, str):
        raise Unreadable(f"{what} is {_kind(value)}, not text")
    return value


def as_step(value: object) -> int:
    """Take the number of a step."""
    if type(value) is not int or value < 0:
        raise Unreadable(f"`step` is {_kind(value)}, not a whole number from 0 up")
    return value


def as_method(value: object) -> str:
    """Take an HTTP method, in upper case."""
    text = as_text(value, "the request's method")
    if not _METHOD.fullmatch(text):
        raise Unreadable(f"the request's method {quoted(text)} is not an HTTP method")
    return text.upper()


def as_url(value: object) -> str:
    """Take the address of a request."""
    text = as_text(value, "the request's address")
    if not text or not text.isprintable():
        raise Unreadable(f"the request's address {quoted(text)} is not an address")
    return text


def as_status(value: object) -> int:
    """Take an HTTP status, also when it is written as text."""
    if isinstance(value, str) and _STATUS.fullmatch(value):
        value = int(value)
    # `type`, not `isinstance`: true is an `int` in Python and no status.
    if type(value) is not int or not 100 <= value <= 599:
        what = str(value) if type(value) is int and abs(value) < 10**9 else _kind(value)
        raise Unreadable(f"the response's status is {what}, not a number from 100 to 599")
    return value


def as_headers(pairs: Iterable[tuple[str, object]]) -> Mapping[str, str]:
    """Take headers by lower-case name, joining the values of one name as HTTP allows."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        text = _header_text(name, value)
        lower = name.lower()
        headers[lower] = f"{headers[lower]}, {text}" if lower in headers else text
    return headers


def member(parent: Mapping[str, object], name: str, what: str) -> object:
    """Take a member that must be there."""
    try:
        return parent[name]
    except KeyError:
        raise Unreadable(f"{what} has no `{name}`") from None


def _header_text(name: str, value: object) -> str:
    if type(value) is int:
        # Hand-written recordings leave the quotes off `retry-after: 30`.
        return str(value)
    return value if isinstance(value, str) else as_text(value, f"the response's header {quoted(name)}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {str: "text", int: "a number", float: "a number", list: "a list", bytes: "binary data"}
    return names.get(type(value), "an object")
