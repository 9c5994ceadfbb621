"""Requests, and the values that stand in them, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

import attrs

from vmss_model.world import GroupKey, VmKey

_LONGEST = 240
"""How many characters of a text are shown."""
_MOST = 40
"""How many of several values are shown."""


def described(value: Any) -> str:
    """A value in words; of what has fields, those that are not at their defaults.

    A very long text is cut within its quotes, and of very many values the first are shown, so that every bracket and
    every quote that opens is closed.
    """
    if isinstance(value, GroupKey | VmKey):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return f"({_listed(list(map(described, value)))}{',' if len(value) == 1 else ''})"
    if isinstance(value, frozenset):
        return f"{{{_listed(sorted(map(described, value)))}}}"
    if isinstance(value, Mapping):
        return f"{{{_listed([f'{described(key)}: {described(one)}' for key, one in value.items()])}}}"
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
    if not attrs.has(type(value)):
        return repr(value)
    shown = ((one, getattr(value, one.name)) for one in attrs.fields(type(value)))
    told = (f"{one.name}={described(part)}" for one, part in shown if _is_said(one, part))
    return f"{type(value).__name__}({', '.join(told)})"


def in_words(value: Any) -> str:
    """A value within a sentence: text as it is, several values in a row, and `none` where there is nothing.

    A name that is a number, of an instance or a zone, stands in quotes: else it would read as a count.
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str) and value.isdecimal():
        return repr(value)
    if isinstance(value, str) or "__str__" in vars(type(value)):  # a class of the model that has words of its own
        return str(value)
    if isinstance(value, Mapping):
        return _in_a_row([f"{in_words(key)}: {in_words(one)}" for key, one in value.items()])
    if isinstance(value, set | frozenset):
        return _in_a_row(sorted(map(in_words, value)))
    if isinstance(value, Collection):
        return _in_a_row(list(map(in_words, value)))
    return described(value)


def _in_a_row(values: list[str]) -> str:
    return ", ".join(values) or "none"


def _is_said(field: attrs.Attribute[Any], value: object) -> bool:
    """Whether a value says anything: where a field has no default, none says nothing."""
    return value != field.default and not (field.default is attrs.NOTHING and value is None)


def _listed(words: list[str]) -> str:
    shown = words if len(words) <= _MOST else [*words[:_MOST], f"… and {len(words) - _MOST} more"]
    return ", ".join(shown)
