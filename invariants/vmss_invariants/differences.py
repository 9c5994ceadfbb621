"""Two editions compared: by their values, and by what they allow.

A kind of group that has another name in the other edition is compared with its successor: `VM` with `Flexible`,
`ScaleSetVM` with `Uniform`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from vmss_invariants.collecting import seldom_collected
from vmss_invariants.coverage import EDITION_OF_RESTATED, RESTATED
from vmss_invariants.differing_values import Kinds, ValueDifference, rules_alike, value_differences
from vmss_invariants.differing_ways import Ways, without_preparation
from vmss_invariants.exploring.aspects import CHANGES, speaks
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.lockstep import Lockstep
from vmss_invariants.exploring.noticed import Noticed, Wanted
from vmss_invariants.exploring.sides import ASKED, FOLLOWED, ROLLED_OUT
from vmss_invariants.exploring.witness import RuleDifference
from vmss_model.copying import evolve
from vmss_model.editions import edition
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

SUCCESSOR: Mapping[GroupKind, GroupKind] = MappingProxyType(
    {GroupKind.VM: GroupKind.FLEXIBLE, GroupKind.SCALE_SET_VM: GroupKind.UNIFORM}
)
"""What a kind of 2019 became in 2021."""
_SECONDS = 60.0


@frozen
class Unshown:
    """A differing rule without a request that shows it."""

    rule: str
    """The rule."""
    why: str
    """Why there is none, in a sentence."""


@frozen
class Differences:
    """What is different between two editions."""

    first: str
    """The first edition."""
    second: str
    """The second edition."""
    pairs: tuple[Kinds, ...]
    """The kinds that were compared with each other."""
    unpaired: tuple[tuple[str, GroupKind], ...]
    """The kinds that only one edition has, with its name."""
    worlds: int
    """Pairs of worlds, one of each edition, in which the two were compared."""
    values: tuple[ValueDifference, ...]
    """Where the editions' values differ."""
    rules: tuple[str, ...]
    """The differing rules: those that only one of the editions has, and those of differing values."""
    shown: tuple[RuleDifference, ...]
    """For each differing rule a shortest request that it decides, and that the other edition decides otherwise."""
    unshown: tuple[Unshown, ...]
    """The differing rules without such a request."""
    exhausted: bool
    """Whether everything within the bounds was compared."""

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
            "rules": list(self.rules),
            "shown": list(map(_told, self.shown)),
            "unshown": [{"rule": one.rule, "why": one.why} for one in self.unshown],
        }


def _told(one: RuleDifference) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "restates": one.restates,
        "kinds": [kind.value for kind in one.kinds],
        "edition": one.edition,
        "other": one.other,
        "sort": one.sort.value,
        "sentence": one.sentence,
        "preparation": {name: list(lines) for name, lines in one.witness.preparation.items()},
        "requests": list(one.witness.lines),
        "says": one.says,
        "other_says": one.other_says,
    }


def together(shown: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """What is shown, as `to_json` tells it: the rules that the same request shows in the same way, together."""
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for one in shown:
        alike.setdefault(repr([value for name, value in one.items() if name not in {"rule", "restates"}]), []).append(
            one
        )
    yield from alike.values()


def sequence(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines that make again what is shown, as `to_json` tells it: what prepares each world, and the requests."""
    first = (f"first in {name}: {'; '.join(lines)}" for name, lines in one["preparation"].items())
    return (*first, *one["requests"])


@seldom_collected()
def compare(
    first: str,
    second: str,
    limit_seconds: float = _SECONDS,
    progress: Callable[[GroupKind, int], None] | None = None,
    followed: Bounds = FOLLOWED,
) -> Differences:
    """What is different between two editions, by name; for each pair of kinds at most for so many seconds.

    `followed` bounds the worlds in which requests are compared; without twists, rollouts are those of a single member.
    """
    names = first, second
    pairs = tuple(_pairs(first, second))
    paired = ({one for one, _ in pairs}, {other for _, other in pairs})
    unpaired = tuple(
        (name, kind)
        for name, known in zip(names, paired, strict=True)
        for kind in edition(name).kinds
        if kind not in known
    )
    values = tuple(value_differences(edition(first), edition(second), pairs))
    wanted = _wanted(names, values, rules_alike(edition(first), edition(second), pairs))
    best: dict[str, RuleDifference] = {}
    named_by_both: set[str] = set()
    exhausted, worlds = True, 0
    # A kind that only one edition has is asked for by its name: the other one has something to say to that, too.
    alone = ((kind, kind) for _, kind in unpaired)
    for kinds in (*(one for one in pairs if _may_decide_otherwise(names, values, one)), *alone):
        noticed = Noticed(names, kinds, wanted)
        for asked, bounds in _bounds(names, kinds, followed):
            search = Lockstep(names, kinds, noticed, asked, bounds)
            exhausted &= search.search(limit_seconds, None if progress is None else _progress(progress, kinds[0]))
            worlds += search.done
        found = noticed.found
        named_by_both |= noticed.named_by_both
        ways = Ways(names, kinds, wanted)
        plain = (ways.plainer(one) for one in found.values())
        for one in (*plain, *ways.search(limit_seconds, {key: _better(one, best) for key, one in found.items()})):
            best[one.rule] = _better(one, best)
    best = {rule: without_preparation(wanted, one) for rule, one in best.items()}
    rules = tuple(rule for rule in RULES if any(rule in one for one in wanted.rules))
    best.update(_restating(names, rules, best))
    return Differences(
        first=first,
        second=second,
        pairs=pairs,
        unpaired=unpaired,
        worlds=worlds,
        values=values,
        rules=rules,
        shown=tuple(sorted(best.values(), key=lambda one: (one.contrast.rank, rules.index(one.rule)))),
        unshown=tuple(Unshown(rule, _why_unshown(names, rule, named_by_both)) for rule in rules if rule not in best),
        exhausted=exhausted,
    )


def _may_decide_otherwise(names: tuple[str, str], values: Iterable[ValueDifference], kinds: Kinds) -> bool:
    """Whether a value differs that says something of a pair of kinds: what is decided follows from values alone."""
    of_upgrades = {
        kind for name in names if (upgrades := edition(name).upgrades) is not None for kind in upgrades.kinds
    }
    return any(
        one.kinds == kinds
        or (one.kinds is None and (not one.name.startswith("upgrades") or not of_upgrades.isdisjoint(kinds)))
        for one in values
    )


def _bounds(names: tuple[str, str], kinds: Kinds, followed: Bounds) -> Iterator[tuple[Bounds, Bounds]]:
    """How far requests go, and the worlds in which they are compared: of everything, and of rollouts."""
    yield ASKED, followed
    if any(speaks(name, kind, CHANGES) for name, kind in zip(names, kinds, strict=True) if kind in edition(name).kinds):
        yield ROLLED_OUT, evolve(ROLLED_OUT, twists=followed.twists)


def _better(one: RuleDifference, best: Mapping[str, RuleDifference]) -> RuleDifference:
    known = best.get(one.rule)
    return one if known is None or one.order < known.order else known


def _wanted(names: tuple[str, str], values: Iterable[ValueDifference], alike: Mapping[str, frozenset[str]]) -> Wanted:
    """The rules that only one of two editions has, and those of the values in which they differ."""
    disabled = edition(names[0]).disabled | edition(names[1]).disabled
    one, other = (
        frozenset(rule.id for rule in RULES.values() if mine in rule.editions and others not in rule.editions)
        for mine, others in (names, names[::-1])
    )
    by_value = frozenset(rule for value in values for rule in value.rules)
    return Wanted(((one | by_value) - disabled, (other | by_value) - disabled), alike)


def _restating(
    names: tuple[str, str], rules: Iterable[str], best: Mapping[str, RuleDifference]
) -> Iterator[tuple[str, RuleDifference]]:
    """The rows of the table of 2019 that say again what other rules say, shown by one of those."""
    if EDITION_OF_RESTATED not in names:
        return
    for rule in rules:
        shown = [
            best[one] for one in RESTATED.get(rule, ()) if one in best and best[one].edition == EDITION_OF_RESTATED
        ]
        if rule not in best and shown:
            one = min(shown, key=lambda difference: difference.order)
            yield rule, evolve(one, rule=rule, restates=one.rule)


def _why_unshown(names: tuple[str, str], rule: str, named_by_both: Iterable[str]) -> str:
    if EDITION_OF_RESTATED in names and rule in RESTATED:
        return f"It says again what {' and '.join(RESTATED[rule])} say, by which both editions decide."
    if rule in named_by_both:
        return "Wherever one of them decided by it, so did the other."
    return "It decided none of the requests that were made."


def _progress(progress: Callable[[GroupKind, int], None], kind: GroupKind) -> Callable[[int], None]:
    return lambda done: progress(kind, done)


def _pairs(first: str, second: str) -> Iterator[Kinds]:
    others = edition(second).kinds
    ancestor = {new: old for old, new in SUCCESSOR.items()}
    for kind in edition(first).kinds:
        other = next((one for one in (kind, SUCCESSOR.get(kind), ancestor.get(kind)) if one in others), None)
        if other is not None:
            yield kind, other
