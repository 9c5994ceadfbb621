"""Taking a described value apart strictly: what is unknown, missing or of a wrong type is one clear line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

from attrs import frozen

from vmss_model.oracle.recordings.exchange import quoted, shown

OneOf = TypeVar("OneOf", bound=Enum)

LONGEST_NAME = 80
"""The longest name of an instance, image or zone that is taken (characters)."""
_NAME = re.compile(r"[^\s,@=]+")


class DescriptionError(Exception):
    """What is wrong with a description, where, and what would be right: one line."""

    def __init__(self, where: str, what: str, right: str) -> None:
        """Keep the three parts as they are to be read."""
        self.where, self.what, self.right = shown(where), shown(what), shown(right)
        super().__init__(where, what, right)

    def __str__(self) -> str:
        """Give the line."""
        return ": ".join(filter(None, (self.where, self.what))) + (f"; {self.right}" if self.right else "")


@frozen
class Node:
    """A value of the description, and where it stands."""

    value: object
    """The value as it was read."""
    where: str
    """Its path, such as `instances[3].zone`; empty at the top."""

    def wrong(self, right: str) -> DescriptionError:
        """The complaint that the value is not what it has to be."""
        return DescriptionError(self.where or "the description", f"it is {_shape(self.value)}", right)

    def fields(self, known: Sequence[str]) -> Mapping[str, Node]:
        """The members of a mapping, which may only have these keys; one that is null counts as left out."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"it has to be a mapping with {', '.join(known)}")
        for key in self.value:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}"
                raise DescriptionError(self.where or "the description", f"the key {quoted(key)} is unknown", hint)
        return {key: self.member(key, value) for key, value in self.value.items() if value is not None}

    def member(self, key: str, value: object) -> Node:
        """A member of a mapping."""
        return Node(value, f"{self.where}.{key}" if self.where else key)

    def items(self, right: str) -> Iterator[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(right)
        return (Node(value, f"{self.where}[{index}]") for index, value in enumerate(self.value))

    def text(self, right: str) -> str:
        """A text of one line; a whole number is taken as its digits."""
        value = self.value
        if type(value) is int:
            value = str(value)
        if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
            raise self.wrong(right)
        return value

    def name(self, right: str) -> str:
        """A text without spaces, commas, `@` and `=`, so that it can be named on the command line."""
        text = self.text(right)
        if not _NAME.fullmatch(text):
            raise self.wrong(f"{right}, without spaces, commas, @ and =")
        return text

    def number(self, lowest: int, highest: int) -> int:
        """A whole number within inclusive bounds."""
        value = self.value
        # `type`, not `isinstance`: true is an `int` in Python.
        if type(value) is not int or not lowest <= value <= highest:
            raise self.wrong(f"it has to be a whole number from {lowest} to {highest:,}")
        return value

    def flag(self) -> bool:
        """Yes or no."""
        if not isinstance(self.value, bool):
            raise self.wrong("it has to be true or false")
        return self.value

    def one_of(self, kind: type[OneOf]) -> OneOf:
        """One of an enumeration's values, in capitals or not."""
        for option in kind:
            if isinstance(self.value, str) and self.value.lower() == str(option.value).lower():
                return option
        raise self.wrong(f"it has to be {' or '.join(str(option.value) for option in kind)}")

    def seconds(self) -> int:
        """A time: whole seconds, or an ISO 8601 duration such as `PT30S`."""
        found = duration(str(self.value)) if type(self.value) in (int, str) else None
        if found is None:
            raise self.wrong("it has to be a time such as PT30S, PT5M or 300 (seconds), a day at most")
        return found


_DURATION = re.compile(r"PT(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})S)?")
_SECONDS = re.compile(r"[0-9]{1,6}")
_DAY = 24 * 60 * 60


def duration(text: str) -> int | None:
    """A time in seconds out of digits or an ISO 8601 duration of hours, minutes and seconds; None: it is none."""
    if _SECONDS.fullmatch(text):
        found = int(text)
    else:
        parts = _DURATION.fullmatch(text.upper())
        if parts is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        found = hours * 3600 + minutes * 60 + seconds
    return found if found <= _DAY else None


def _shape(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if type(value) is int:
        return str(value) if abs(value) < 10**12 else "a very large number"
    names = {float: "a number with a fraction", list: "a list", dict: "a mapping", bytes: "binary data"}
    return names.get(type(value), "a mapping" if isinstance(value, dict) else "something else")
