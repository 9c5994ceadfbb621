"""In which values two editions differ, each with the rules that say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.counting import counted
from vmss_model.capabilities import Cell
from vmss_model.editions import AutomaticUpgrades, Edition, KindRules, Limit, Registration, Says, Upgrades
from vmss_model.values import GroupKind

SILENT = "silent"
"""What stands for the value of an edition that says none."""
Kinds = tuple[GroupKind, GroupKind]
"""A kind of group of one edition, and the kind of the other that it is compared with."""

_MOST_WORDS = 6
_OF_PARTS = (Upgrades, AutomaticUpgrades, Registration)
"""What has parts that are compared one by one."""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_SECONDS = frozenset(
    {
        "longest",
        "staleness",
        "wait",
        "first_window",
        "later_window",
        "history_surely",
        "history_longest",
    }
)
"""The fields that are numbers of seconds."""
_STATED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "registration: kinds": ("REG-REQUIRED",),
        "registration: features": ("REG-REQUIRED",),
        "registration: longest": ("REG-DELAY",),
        "registration: api_version": ("API-MIN-FLEX",),
        "marketplace": ("STACK-MARKETPLACE",),
        "staleness": ("ARG-STALE",),
        "health_sources": ("HEALTH-SOURCE",),
        "upgrades: automatic: percent": ("OSU-BATCH", "OSU-PRECHECK", "OSU-STOP-UPGRADED", "OSU-STOP-OVERALL"),
        "upgrades: automatic: wait": ("OSU-WAIT",),
        "upgrades: automatic: first_window": ("OSU-TRIGGER-FIRST",),
        "upgrades: automatic: later_window": ("OSU-TRIGGER-LATER",),
        "upgrades: automatic: history_most": ("OSU-HISTORY",),
        "upgrades: automatic: history_surely": ("OSU-HISTORY",),
        "upgrades: automatic: history_longest": ("OSU-HISTORY",),
        "upgrades: automatic: api_version": ("OSU-API",),
        "upgrades: automatic: windows_api_version": ("OSU-WINDOWS",),
        "upgrades: automatic: service_fabric_version": ("OSU-SF",),
        "upgrades: automatic: images": ("OSU-IMAGES",),
    }
)
"""The rules of values that editions hold without naming a rule, as the docstrings of their fields say."""


@frozen
class ValueDifference:
    """A value that two editions have, in which they mostly differ."""

    kinds: Kinds | None
    """The kind of group in each edition; None for a value of the editions themselves."""
    name: str
    """What differs, by the name that the editions give it."""
    first: str
    """What the first edition says."""
    second: str
    """What the second edition says."""
    rules: tuple[str, ...]
    """The rules that say it."""


def value_differences(one: Edition, other: Edition, pairs: tuple[Kinds, ...]) -> Iterator[ValueDifference]:
    """Where the values of two editions differ: their own, and those of the kinds that are compared."""
    return (compared for compared in _values(one, other, pairs) if compared.first != compared.second)


def rules_alike(one: Edition, other: Edition, pairs: tuple[Kinds, ...]) -> Mapping[str, frozenset[str]]:
    """For each rule those that state the same value of either edition, whether or not it differs."""
    alike: dict[str, frozenset[str]] = {}
    for compared in _values(one, other, pairs):
        for rule in compared.rules:
            alike[rule] = alike.get(rule, frozenset()) | frozenset(compared.rules) - {rule}
    return alike


def _values(one: Edition, other: Edition, pairs: tuple[Kinds, ...]) -> Iterator[ValueDifference]:
    for name in (f.name for f in attrs.fields(type(one)) if f.name not in {"name", "sources", "kinds", "disabled"}):
        yield from _parts(name, getattr(one, name), getattr(other, name))
    for kinds in pairs:
        rules = one.kinds[kinds[0]], other.kinds[kinds[1]]
        modes = tuple(dict.fromkeys(side.mode_rule for side in rules if side.mode_rule))
        yield ValueDifference(kinds, "kind", kinds[0].value, kinds[1].value, modes)
        for name in (f.name for f in attrs.fields(KindRules) if f.name != "kind" and not f.name.endswith("_rule")):
            if name == "capability_rules":
                continue
            if name == "capabilities":
                yield from _capabilities(kinds, rules)
                continue
            by_name = tuple(getattr(side, f"{name}_rule", None) for side in rules)
            values = getattr(rules[0], name), getattr(rules[1], name)
            yield _value(kinds, name, *values, tuple(rule for rule in by_name if rule))


def _value(kinds: Kinds | None, name: str, one: object, other: object, rules: tuple[str, ...]) -> ValueDifference:
    named = dict.fromkeys((*_rules_in(one), *_rules_in(other), *rules, *_STATED_BY.get(name, ())))
    return ValueDifference(kinds, name, _said(name, one), _said(name, other), tuple(named))


def _parts(name: str, one: Any, other: Any) -> Iterator[ValueDifference]:
    """A value, or the parts of one that has several; of what is silent every part is."""
    whole = next((side for side in (one, other) if isinstance(side, _OF_PARTS)), None)
    if whole is None:
        yield _value(None, name, one, other, ())
        return
    for part in attrs.fields(type(whole)):
        values = (None if side is None else getattr(side, part.name) for side in (one, other))
        yield from _parts(f"{name}: {part.name}", *values)


def _capabilities(kinds: Kinds, rules: tuple[KindRules, KindRules]) -> Iterator[ValueDifference]:
    one, other = rules
    for capability in dict.fromkeys((*one.capabilities, *other.capabilities)):
        named = tuple(side.capability_rules[capability] for side in rules if capability in side.capability_rules)
        cells = one.capabilities.get(capability), other.capabilities.get(capability)
        yield _value(kinds, f"capability {capability.value}", *cells, named)


def _rules_in(value: object) -> tuple[str, ...]:
    """The rules that a value names: its own, or those that it is made of."""
    if _is_rule(value):
        return (str(value),)
    if isinstance(value, Mapping):
        return tuple(str(part) for part in value.values() if _is_rule(part))
    rule = getattr(value, "rule", None)
    return (rule,) if isinstance(rule, str) else ()


def _is_rule(value: object) -> bool:
    # Not by the catalogue: a value may name a rule that a test made up.
    return isinstance(value, str) and value.isupper() and not value.isdigit()


def _said(name: str, value: Any) -> str:
    """A value in words, without the rule that says it."""
    if value is None:
        return SILENT
    if isinstance(value, Says):
        return _said(name, value.value)
    if isinstance(value, Limit):
        return f"{value.lowest} to {value.highest}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Cell):
        condition = f": {value.condition}" if value.condition else ""
        return f"{value.support.value}{condition}{f' ({value.note})' if value.note else ''}"
    part = name.rpartition(": ")[2]
    if part in _SECONDS:
        return f"{_in_units(value[0])} to {_in_units(value[1])}" if isinstance(value, tuple) else _in_units(value)
    if part == "percent":
        return f"{value} %"
    if part == "images":
        return counted(len(value), "platform image")
    if part == "service_fabric_version":
        return ".".join(map(str, value))
    if _is_rule(value):
        return "stated"
    if isinstance(value, Mapping):
        return ", ".join(_said(name, one) for one in value) or "none"
    if isinstance(value, frozenset | tuple):
        shown = [_said(name, one) for one in value]
        return ", ".join(_shortened(shown if isinstance(value, tuple) else sorted(shown))) or "none"
    named = getattr(value, "value", None)
    return named if isinstance(named, str) else str(value)


def _in_units(seconds: int) -> str:
    """So many seconds, in the largest unit that holds them in whole numbers."""
    unit, length = next((unit, length) for unit, length in _UNITS if not seconds % length and (seconds or length == 1))
    return counted(seconds // length, unit)


def _shortened(words: list[str]) -> list[str]:
    return words if len(words) <= _MOST_WORDS else [*words[:_MOST_WORDS], f"and {len(words) - _MOST_WORDS} more"]
