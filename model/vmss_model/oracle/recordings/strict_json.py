"""JSON as the standard has it: what Python's reader lets through or cannot bear is refused here.

Refused are a key standing twice in an object (one of the values would silently be lost), NaN and infinities,
text that is not Unicode, and nesting so deep that whoever walks the value would run out of stack.
"""

from __future__ import annotations

import json
import math
from typing import NoReturn

from .exchange import Unreadable, quoted

MAX_NESTING = 100
"""The deepest a value may be nested; the service's own bodies stay far below it."""
TOO_DEEP = f"it is nested more than {MAX_NESTING} levels deep"
"""What is said of a value nested deeper."""


class NotJson(Unreadable):
    """The text is not JSON at all."""

    def __init__(self, error: json.JSONDecodeError) -> None:
        """Keep the line at fault, counted from 1, apart from what is wrong there."""
        super().__init__(f"it is not JSON at column {error.colno} ({error.msg})")
        self.line = error.lineno


class Doubled(dict[str, object]):
    """An object in which a key stands twice; it only lives until `check` meets it."""

    key: str


def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object, marking it when a key stands twice."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    marked = Doubled(found)
    seen: set[str] = set()
    # `set.add` gives None, so that the first key already seen is the one found.
    marked.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return marked


def parse(text: str) -> object:
    """Read one JSON text or raise `Unreadable`; `NotJson` when it is no JSON at all."""
    value = _decode(_STRICT, text)
    if _needs_check(text):
        check(value)
    return value


def parse_document(text: str) -> object:
    """Read a file of many exchanges, leaving doubled keys marked for `check` to find in one exchange."""
    return _decode(_MARKING, text)


def check(value: object) -> None:
    """Raise `Unreadable` when a value holds a doubled key or half a character, or is nested too deep."""
    level = [value]
    for _ in range(MAX_NESTING + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                _refuse_doubled(item)
                below += item
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                _refuse_surrogates(item)
        if not below:
            return
        level = below
    raise Unreadable(TOO_DEEP)


def _decode(decoder: json.JSONDecoder, text: str) -> object:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error) from None
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None
    except ValueError:
        raise Unreadable("it holds a number too long to read") from None


def _needs_check(text: str) -> bool:
    """Tell whether a text read without marks can be too deep or hold half a character; most cannot."""
    return text.count("{") + text.count("[") > MAX_NESTING or "\\ud" in text or "\\uD" in text


def _refuse_doubled(item: object) -> None:
    if isinstance(item, Doubled):
        raise Unreadable(f"the key {quoted(item.key)} stands twice in one object")


def _refuse_surrogates(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable("it holds half a surrogate pair, which is not text") from None


def _refusing_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Written out once more: it runs for every object of every line.
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse_doubled(members(pairs))
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Unreadable(f"the number {quoted(text)} is too large")
    return number


def _refuse_constant(text: str) -> NoReturn:
    raise Unreadable(f"{text} is not a JSON value")


_STRICT = json.JSONDecoder(object_pairs_hook=_refusing_members, parse_float=_finite, parse_constant=_refuse_constant)
_MARKING = json.JSONDecoder(object_pairs_hook=members, parse_float=_finite, parse_constant=_refuse_constant)
