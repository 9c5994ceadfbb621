"""Canonical worlds in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

import attrs
from immutables import Map

from vmss_invariants.counting import counted
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.canonical import OWN, ROLLOUT, STATE, Canon
from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import NONE
from vmss_invariants.exploring.restoring import forms_in
from vmss_model.copying import evolve
from vmss_model.rollout import Progress, Rollout
from vmss_model.world import Group, Instance, World

_FIRST_MODEL = ("model_version", 1)
"""What every member has that a group made, until the model is changed."""


def describe_key(key: Key, codebook: Codebook) -> str:
    """A canonical world in words: what differs from the plain, and where the members are."""
    parts = codebook.parts
    _, subscription, alone, *_ = key
    said = [f"{name} {_feature(state)}" for name, *state in parts[subscription][2:]]
    if len(parts[alone]) > 1:
        said.append(f"{len(parts[alone]) - 1} VMs outside any group")
    for name, own, course, _, _, count, *numbers in forms_in(key):
        columns = [parts[number][1:] for number in numbers[:count]]
        if numbers[-1] != NONE:
            columns.append(parts[numbers[-1]][1:])
        members = " | ".join(_column(column, codebook) for column in columns)
        properties = [*_properties(parts[own][1:]), *_course(course, codebook)]
        said.append(f"{parts[name]} ({', '.join(properties)}): {members or 'no members'}")
    return "; ".join(said) or "no group"


def picture_of(world: World, *, past: bool = False) -> tuple[str, ...]:
    """A world as the lines of a Mermaid diagram, without the names of members; the rollouts that ended are told.

    With `past`, it is told of members, too, that they were in another state lately.
    """
    # Where what is over is looked at, fault domains keep their numbers, by which requests name them.
    canon = Canon(Bounds(superseded=1, attempts=1))
    if not past:
        world = evolve(world, recent=Map())
    return diagram(canon.key(world), canon.codebook)


def diagram(key: Key, codebook: Codebook) -> tuple[str, ...]:
    """A canonical world as the lines of a Mermaid diagram: each group with its fault domains and who is in them."""
    parts = codebook.parts
    lines = ["flowchart LR"]
    for place, (name, own, course, _, _, count, *numbers) in enumerate(forms_in(key)):
        properties = ", ".join((*_properties(parts[own][1:]), *_course(course, codebook)))
        lines.append(f"  subgraph g{place}[{_quoted(f'{parts[name]}: {properties}')}]")
        columns = [(f"fault domain {domain}", parts[number][1:]) for domain, number in enumerate(numbers[:count])]
        if numbers[-1] != NONE or not columns:
            elsewhere = parts[numbers[-1]][1:] if numbers[-1] != NONE else ()
            columns.append(("no fault domain" if columns else "members", elsewhere))
        for domain, (title, members) in enumerate(columns):
            lines.append(f"    g{place}d{domain}[{_quoted(f'{title}: {_column(members, codebook)}')}]")
        lines.append("  end")
    return tuple(lines) if len(lines) > 1 else (*lines, '  nothing["no group"]')


def _quoted(text: str) -> str:
    """Text as Mermaid takes it, without what it would read as its own."""
    plain = text.replace('"', "'").replace("<", "").replace(">", "").replace("#", "")
    return f'"{plain}"'


def _feature(state: list[Any]) -> str:
    if state[0] == "ended":
        return "in effect" if state[1] else "registered"
    return f"registered in {state[0]} ticks"


def _properties(values: tuple[Any, ...]) -> list[str]:
    return [*_differences(Group, OWN, values[: len(OWN)]), *_ended(*values[len(OWN) :])]


def _ended(attempts: tuple[Any, ...] = ()) -> list[str]:
    """The rollouts that ended, where they are part of the world."""
    statuses = ", ".join(one.status.value for one in attempts)
    return [f"{counted(len(attempts), 'attempt')} in its history ({statuses})"] if attempts else []


def _course(course: int, codebook: Codebook) -> list[str]:
    """How far the rollout has come."""
    if course == NONE:
        return []
    _, progress, _ = codebook.parts[course]
    return _differences(Rollout, ("progress",), (progress,))


def _column(members: tuple[Any, ...], codebook: Codebook) -> str:
    """The members of one fault domain, or of none, alike ones together, in the order of what is said of them."""
    numbers = Counter(_member(member, codebook) for member in members)
    return "; ".join(f"{count} {what}" for what, count in sorted(numbers.items())) or "-"


def _member(member: tuple[Any, ...], codebook: Codebook) -> str:
    zone, *_, state = member
    values, log = codebook.parts[state][: len(STATE)], codebook.parts[state][len(STATE) :]
    said = _differences(Instance, STATE, values)
    if log:
        said.append("lately another state")
    where = f"in zone {zone} " if zone else ""
    return f"{where}with {', '.join(said)}" if said else f"{where}in the first state"


def _differences(cls: type, names: tuple[str, ...], values: tuple[Any, ...]) -> list[str]:
    """The values that are not the usual ones, each after its name; some have a sentence of their own."""
    defaults = {one.name: one.default for one in attrs.fields(cls)}
    said = []
    for name, value in zip(names, values, strict=True):
        default = defaults[name]
        if value is None or value == default or (name, value) == _FIRST_MODEL:
            continue
        said.append(_SENTENCES[name](value) if name in _SENTENCES else _named(name.replace("_", " "), value))
    return said


def _named(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return str(value.value) if name == "kind" else f"{name} {_short(value)}"


def _of_rollout(values: tuple[Any, ...]) -> str:
    return f"rollout ({', '.join(_differences(Rollout, ROLLOUT, values))})"


def _of_trigger(window: tuple[int, int, tuple[str, ...]]) -> str:
    earliest, latest, rules = window
    return f"a rollout begins in {earliest} to {latest} seconds ({', '.join(rules)})"


def _of_place(place: tuple[str | None, int | None]) -> str:
    zone, update_domain = place
    bounds = [f"zone {zone}"] if zone is not None else []
    bounds += [f"update domain {update_domain}"] if update_domain is not None else []
    return f"its batch is in {' and '.join(bounds) or 'no zone or update domain'}"


def _of_progress(progress: Progress) -> str:
    counts = [(getattr(progress, one.name), one.name.replace("_", " ")) for one in attrs.fields(Progress)]
    return ", ".join(f"{count} {name}" for count, name in counts if count) or "nobody pending or done"


_SENTENCES: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "rollout": _of_rollout,
        "trigger": _of_trigger,
        "batch_at": _of_place,
        "batch_started_at": "its batch started {} seconds ago".format,
        "ready_at": "its next batch may start in {} seconds".format,
        "progress": _of_progress,
        "attempt": lambda _: "in this rollout",
    }
)
"""What is said of values that their names alone do not explain."""


def _short(value: Any) -> str:
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | frozenset):
        return "{" + ", ".join(sorted(_short(one) for one in value)) + "}"
    if "__str__" in vars(type(value)):  # it has words of its own
        return str(value)
    if attrs.has(type(value)):
        names = tuple(one.name for one in attrs.fields(type(value)))
        shown = _differences(type(value), names, tuple(getattr(value, name) for name in names))
        return f"({', '.join(shown)})" if shown else "with default values"
    return str(value)
