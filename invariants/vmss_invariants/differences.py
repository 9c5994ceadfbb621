"""Two editions compared: by their values, and by what they allow.

A kind of group that has another name in the other edition is compared with its successor: `VM` with `Flexible`,
`ScaleSetVM` with `Uniform`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.lockstep import BehaviourDifference, Lockstep, SpokenDifference
from vmss_invariants.exploring.sides import FOLLOWED
from vmss_model.editions import KindRules, Limit, Says, edition
from vmss_model.values import GroupKind

SUCCESSOR: Mapping[GroupKind, GroupKind] = MappingProxyType(
    {GroupKind.VM: GroupKind.FLEXIBLE, GroupKind.SCALE_SET_VM: GroupKind.UNIFORM}
)
"""What a kind of 2019 became in 2021."""
_SECONDS = 60.0
_SILENT = "silent"


@frozen
class ValueDifference:
    """A value in which two editions differ."""

    kinds: tuple[GroupKind, GroupKind] | None
    """The kind of group in each edition; None for a value of the editions themselves."""
    name: str
    """What differs, by the name that the editions give it."""
    first: str
    """What the first edition says."""
    second: str
    """What the second edition says."""
    rules: tuple[str, ...]
    """The rules that say it."""


@frozen
class Differences:
    """What is different between two editions."""

    first: str
    """The first edition."""
    second: str
    """The second edition."""
    pairs: tuple[tuple[GroupKind, GroupKind], ...]
    """The kinds that were compared with each other."""
    unpaired: tuple[tuple[str, GroupKind], ...]
    """The kinds that only one edition has, with its name."""
    worlds: int
    """Pairs of worlds, one of each edition, in which the two were compared."""
    values: tuple[ValueDifference, ...]
    """Where the editions' values differ."""
    behaviours: tuple[BehaviourDifference, ...]
    """What one grants and the other refuses, one for each rule."""
    spoken: tuple[SpokenDifference, ...]
    """For each rule of differing values without such a behaviour a request that it decides, and the other edition
    decides without it."""
    exhausted: bool
    """Whether everything within the bounds was compared."""

    @property
    def unshown(self) -> tuple[str, ...]:
        """The rules of differing values that decide no request of all that were made."""
        spoken = {one.rule for one in self.spoken}
        return tuple(rule for rule in _without_behaviour(self.values, self.behaviours) if rule not in spoken)

    def to_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "first": self.first,
            "second": self.second,
            "pairs": [[one.value, other.value] for one, other in self.pairs],
            "unpaired": [{"edition": name, "kind": kind.value} for name, kind in self.unpaired],
            "worlds": self.worlds,
            "exhausted": self.exhausted,
            "values": [
                {
                    "kinds": None if one.kinds is None else [kind.value for kind in one.kinds],
                    "name": one.name,
                    self.first: one.first,
                    self.second: one.second,
                    "rules": list(one.rules),
                }
                for one in self.values
            ],
            "behaviours": [
                {
                    "kinds": [kind.value for kind in one.kinds],
                    "rules": list(one.rules),
                    "grants": one.grants,
                    "refuses": one.refuses,
                    "preparation": list(one.witness.preparation),
                    "requests": list(one.witness.lines),
                    "why": one.why,
                }
                for one in self.behaviours
            ],
            "spoken": [
                {
                    "kinds": [kind.value for kind in one.kinds],
                    "rule": one.rule,
                    "edition": one.edition,
                    "says": one.says,
                    "other": one.other,
                    "other_says": one.other_says,
                    "preparation": list(one.witness.preparation),
                    "requests": list(one.witness.lines),
                }
                for one in self.spoken
            ],
            "unshown": list(self.unshown),
        }


def compare(
    first: str,
    second: str,
    limit_seconds: float = _SECONDS,
    progress: Callable[[GroupKind, int], None] | None = None,
    followed: Bounds = FOLLOWED,
) -> Differences:
    """What is different between two editions, by name; for each pair of kinds at most for so many seconds.

    `followed` bounds the worlds in which requests are compared.
    """
    pairs = tuple(_pairs(first, second))
    paired = ({one for one, _ in pairs}, {other for _, other in pairs})
    behaviours: list[BehaviourDifference] = []
    spoken: dict[str, SpokenDifference] = {}
    exhausted, worlds = True, 0
    values = tuple(_value_differences(first, second, pairs))
    # What an edition decides follows from its values alone.
    for kinds in (one for one in pairs if any(differing.kinds in (None, one) for differing in values)):
        search = Lockstep((first, second), kinds, followed)
        exhausted &= search.search(limit_seconds, None if progress is None else _told(progress, kinds[0]))
        behaviours.extend(search.found)
        for one in search.spoken.values():
            spoken.setdefault(one.rule, one)
        worlds += search.done
    return Differences(
        first=first,
        second=second,
        pairs=pairs,
        unpaired=tuple(
            (name, kind)
            for name, known in zip((first, second), paired, strict=True)
            for kind in edition(name).kinds
            if kind not in known
        ),
        values=values,
        behaviours=tuple(behaviours),
        spoken=tuple(spoken[rule] for rule in _without_behaviour(values, behaviours) if rule in spoken),
        worlds=worlds,
        exhausted=exhausted,
    )


def _without_behaviour(values: Iterable[ValueDifference], behaviours: Iterable[BehaviourDifference]) -> tuple[str, ...]:
    """The rules of differing values that no behaviour was found for."""
    shown = {rule for one in behaviours for rule in one.rules}
    return tuple(sorted({rule for one in values for rule in one.rules} - shown))


def _told(progress: Callable[[GroupKind, int], None], kind: GroupKind) -> Callable[[int], None]:
    return lambda done: progress(kind, done)


def _pairs(first: str, second: str) -> Iterator[tuple[GroupKind, GroupKind]]:
    others = edition(second).kinds
    ancestor = {new: old for old, new in SUCCESSOR.items()}
    for kind in edition(first).kinds:
        other = next((one for one in (kind, SUCCESSOR.get(kind), ancestor.get(kind)) if one in others), None)
        if other is not None:
            yield kind, other


# -- by value --------------------------------------------------------------------------------------


def _value_differences(
    first: str, second: str, pairs: tuple[tuple[GroupKind, GroupKind], ...]
) -> Iterator[ValueDifference]:
    one, other = edition(first), edition(second)
    for name in (f.name for f in attrs.fields(type(one)) if f.name not in {"name", "sources", "kinds", "disabled"}):
        yield from _differing_parts(name, getattr(one, name), getattr(other, name))
    for kinds in pairs:
        if kinds[0] is not kinds[1]:
            modes = tuple(rule for rule in (one.kinds[kinds[0]].mode_rule, other.kinds[kinds[1]].mode_rule) if rule)
            yield ValueDifference(kinds, "kind", kinds[0].value, kinds[1].value, modes)
        rules = one.kinds[kinds[0]], other.kinds[kinds[1]]
        for name in (f.name for f in attrs.fields(KindRules) if f.name != "kind" and not f.name.endswith("_rule")):
            if name == "capability_rules":
                continue
            values = getattr(rules[0], name), getattr(rules[1], name)
            if name == "capabilities":
                yield from _differing_capabilities(kinds, rules)
            else:
                by_name = tuple(getattr(side, f"{name}_rule", None) for side in rules)
                yield from _differing(kinds, name, *values, tuple(rule for rule in by_name if rule))


def _differing(
    kinds: tuple[GroupKind, GroupKind] | None, name: str, one: object, other: object, rules: tuple[str, ...]
) -> Iterator[ValueDifference]:
    if _said(one) != _said(other):
        named = dict.fromkeys((*_rules_in(one), *_rules_in(other), *rules))
        yield ValueDifference(kinds, name, _said(one), _said(other), tuple(named))


def _differing_parts(name: str, one: Any, other: Any) -> Iterator[ValueDifference]:
    """Where both editions have something of several parts, the parts that differ."""
    if type(one) is not type(other) or not attrs.has(type(one)) or isinstance(one, Says | Limit):
        yield from _differing(None, name, one, other, ())
        return
    for part in attrs.fields(type(one)):
        yield from _differing_parts(f"{name}: {part.name}", getattr(one, part.name), getattr(other, part.name))


def _differing_capabilities(
    kinds: tuple[GroupKind, GroupKind], rules: tuple[KindRules, KindRules]
) -> Iterator[ValueDifference]:
    one, other = rules
    for capability in dict.fromkeys((*one.capabilities, *other.capabilities)):
        named = tuple(side.capability_rules[capability] for side in rules if capability in side.capability_rules)
        cells = one.capabilities.get(capability), other.capabilities.get(capability)
        yield from _differing(kinds, f"capability {capability.value}", *cells, named)


def _rules_in(value: object) -> tuple[str, ...]:
    rule = getattr(value, "rule", None)
    return (rule,) if isinstance(rule, str) else ()


def _said(value: Any) -> str:
    """A value in words, without the rule that says it."""
    if value is None:
        return _SILENT
    if isinstance(value, Says):
        return _said(value.value)
    if isinstance(value, Limit):
        return f"{value.lowest} to {value.highest}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_said(name)} {_said(part)}" for name, part in value.items()) or "none"
    if isinstance(value, frozenset | tuple):
        shown = list(map(_said, value))
        return ", ".join(_shortened(shown if isinstance(value, tuple) else sorted(shown))) or "none"
    if attrs.has(type(value)):
        parts = ((f.name, getattr(value, f.name)) for f in attrs.fields(type(value)) if f.name != "rule")
        return ", ".join(f"{name} {_said(part)}" for name, part in parts if part not in (None, ""))
    named = getattr(value, "value", None)
    return named if isinstance(named, str) else str(value)


def _shortened(words: list[str]) -> list[str]:
    return words if len(words) <= _MOST_WORDS else [*words[:_MOST_WORDS], f"and {len(words) - _MOST_WORDS} more"]


_MOST_WORDS = 6
