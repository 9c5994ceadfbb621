"""Whether a value out of JSON has the shape that its readers rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import frozen


@frozen
class Maybe:
    """The shape of a member that may be left out."""

    shape: Shape
    """What it is where it is there."""


@frozen
class Each:
    """The shape of a mapping by names of any kind."""

    shape: Shape
    """What each of its members is."""


Shape: TypeAlias = (
    "type | frozenset[object] | list[Shape] | tuple[Shape, ...] | Mapping[str, Shape] | Each | Maybe | None"
)
"""A type, nothing, one of these values, a list of such, one of these shapes, a mapping with just these members."""


def fits(value: object, shape: Shape) -> bool:
    """Whether a value has a shape."""
    if shape is None:
        return value is None
    if isinstance(shape, type):
        # `type`, not `isinstance`: true is an `int` in Python.
        return type(value) is shape and (not isinstance(value, str) or _can_be_written(value))
    if isinstance(shape, frozenset):
        return isinstance(value, str | bool) and value in shape
    if isinstance(shape, list):
        (of_each,) = shape
        return isinstance(value, list) and all(fits(one, of_each) for one in value)
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, Maybe):
        return fits(value, shape.shape)
    if not isinstance(value, dict):
        return False
    if isinstance(shape, Each):
        return all(fits(name, str) and fits(one, shape.shape) for name, one in value.items())
    needed = {name for name, one in shape.items() if not isinstance(one, Maybe)}
    return needed <= value.keys() <= shape.keys() and all(fits(one, shape[name]) for name, one in value.items())


def _can_be_written(text: str) -> bool:
    """Whether a text has no half characters, which JSON can name and no file can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
