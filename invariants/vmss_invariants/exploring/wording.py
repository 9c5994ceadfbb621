"""Canonical worlds in words."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import Any

import attrs

from vmss_invariants.exploring.canonical import OWN, ROLLOUT, STATE, Codebook, Key
from vmss_model.rollout import Rollout
from vmss_model.world import Group, GroupKey, Instance, VmKey

_FIRST_MODEL = ("model_version", 1)
"""What every member has that a group made, until the model is changed."""


def describe_key(key: Key, codebook: Codebook) -> str:
    """A canonical world in words: what differs from the plain, and where the members are."""
    parts = codebook.parts
    _, subscription, alone, *groups = key
    said = [f"{name} {_feature(state)}" for name, *state in parts[subscription][2:]]
    if len(parts[alone]) > 1:
        said.append(f"{len(parts[alone]) - 1} VMs outside any group")
    numbers = iter(groups)
    for name in numbers:
        own, _, _ = (next(numbers) for _ in range(3))
        columns = [parts[next(numbers)][1:] for _ in range(next(numbers))]
        elsewhere = next(numbers)
        if elsewhere >= 0:
            columns.append(parts[elsewhere][1:])
        members = " | ".join(_column(column, codebook) for column in columns)
        said.append(f"{parts[name]} ({_properties(parts[own][1:])}): {members or 'no members'}")
    return "; ".join(said) or "no group"


def _feature(state: list[Any]) -> str:
    if state[0] == "ended":
        return "in effect" if state[1] else "registered"
    return f"registered in {state[0]} ticks"


def _properties(values: tuple[Any, ...]) -> str:
    return ", ".join(_differences(Group, OWN, values))


def _column(members: tuple[Any, ...], codebook: Codebook) -> str:
    """The members of one fault domain, or of none, alike ones together."""
    counted = Counter(_member(member, codebook) for member in members)
    return ", ".join(f"{count} {what}" for what, count in counted.items()) or "-"


def _member(member: tuple[Any, ...], codebook: Codebook) -> str:
    zone, *_, state = member
    said = [f"in zone {zone}"] if zone else []
    return " ".join((*said, *_differences(Instance, STATE, codebook.parts[state]))) or "plain"


def _differences(cls: type, names: tuple[str, ...], values: tuple[Any, ...]) -> list[str]:
    """The values that are not the usual ones; words stand for themselves, other values after their names."""
    defaults = {one.name: one.default for one in attrs.fields(cls)}
    said = []
    for name, value in zip(names, values, strict=True):
        default = defaults[name]
        if value is None or value == default or (name, value) == _FIRST_MODEL:
            continue
        if isinstance(value, Enum):
            said.append(str(value.value))
        elif name == "rollout":
            said.append(f"rollout ({', '.join(_differences(Rollout, ROLLOUT, value))})")
        elif value is True:
            said.append(name.replace("_", " "))
        else:
            said.append(f"{name.replace('_', ' ')} {_short(value)}")
    return said


def _short(value: Any) -> str:
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | frozenset):
        return "{" + ", ".join(sorted(_short(one) for one in value)) + "}"
    if attrs.has(type(value)):
        names = tuple(one.name for one in attrs.fields(type(value)))
        shown = _differences(type(value), names, tuple(getattr(value, name) for name in names))
        return f"({', '.join(shown)})"
    return str(value)


def described(value: Any) -> str:
    """A value by its fields that are not at their defaults."""
    if isinstance(value, GroupKey | VmKey):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | frozenset):
        return "{" + ", ".join(map(described, value)) + "}"
    if not attrs.has(type(value)):
        return repr(value)
    shown = ((one.name, getattr(value, one.name)) for one in attrs.fields(type(value)))
    defaults = {one.name: one.default for one in attrs.fields(type(value))}
    told = ", ".join(f"{name}={described(part)}" for name, part in shown if part != defaults[name])
    return f"{type(value).__name__}({told})"
