"""How two editions decide one request otherwise, seen from a rule by which one of them decides it.

Much may be different about a request of which the rule is no reason. That an edition grants what the other refuses is
shown of a rule only where the other refuses by the rule that says the same thing there; that something else follows,
only where no other rule is named that only one of them has. Of what else both grant nothing more is said than that
one of them alone names the rule.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.describing import described
from vmss_invariants.exploring.narrowing import with_update_domains
from vmss_model.choices import Cell, Choice, Placements
from vmss_model.copying import evolve
from vmss_model.decisions import Decision, Grant, Picks
from vmss_model.values import GroupKind
from vmss_model.world import Group

_MOST = 6
"""How many of the values that are allowed are told."""


class Sort(Enum):
    """In which way a request is decided otherwise."""

    REFUSES = "refuses"
    RULES_OUT = "rules out"
    NARROWS = "narrows"
    GRANTS = "grants"
    SILENT = "silent"
    ALONE = "alone"
    FOLLOWS = "follows"
    OPEN = "open"
    OTHERWISE = "otherwise"
    ALIKE = "alike"
    STATES = "states"
    HOLDS = "holds"


SAYS = {
    Sort.REFUSES: "{mine} refuses what {other} grants",
    Sort.RULES_OUT: "{mine} refuses what {other} leaves open",
    Sort.NARROWS: "{mine} does not let the platform choose what {other} lets it choose",
    Sort.GRANTS: "{mine} grants what {other} refuses",
    Sort.SILENT: "{mine} decides what {other} is silent about",
    Sort.ALONE: "{mine} decides what {other} does not come to",
    Sort.FOLLOWS: "both grant it, and what follows or is answered is not the same",
    Sort.OPEN: "{mine} grants what {other} leaves open",
    Sort.OTHERWISE: "both refuse it, each by rules of its own",
    Sort.ALIKE: "both grant it, {mine} by this rule and {other} by one of its own",
    Sort.STATES: "both grant it, and {mine} alone names this rule for it",
    Sort.HOLDS: "{mine} grants it, by this rule among others, and {other} refuses it by a rule about something else",
}
"""Each sort in words, of the edition that has the rule and the other one."""

_RANKS = {
    Sort.REFUSES: 0,
    Sort.NARROWS: 0,
    Sort.RULES_OUT: 1,
    Sort.GRANTS: 1,
    Sort.SILENT: 2,
    Sort.FOLLOWS: 2,
    Sort.OPEN: 2,
    Sort.OTHERWISE: 3,
    Sort.ALIKE: 4,
    Sort.STATES: 4,
    Sort.ALONE: 5,
    Sort.HOLDS: 8,
}
_FEW = 3
"""At most so many rules together are what an edition decides by and the other one leaves open."""


@frozen
class Contrast:
    """How a request is decided otherwise by a rule."""

    sort: Sort
    """In which way."""
    rank: int
    """How much it shows of the rule: the lower, the more."""


def named(decision: Decision) -> frozenset[str]:
    """The rules that a decision names: those that refuse, or else those that it was granted by."""
    if decision.grant is None:
        return frozenset(refusing(decision))
    return frozenset((*decision.held, *(rule for choice in decision.grant.choices for rule in choice.rules)))


def refusing(decision: Decision) -> tuple[str, ...]:
    """The rules that refuse, each once."""
    return tuple(dict.fromkeys(rule for one in decision.refusals for rule in one.rules))


def contrast(
    rule: str,
    sort: Sort,
    mine: Decision,
    other: Decision,
    *,
    like: frozenset[str],
    named_with: int,
) -> Contrast:
    """How `mine`, which names the rule, differs from `other`, which does not and of which it is of that sort.

    `like` are the rules that say the same thing of the other edition, and `named_with` how many rules are named, it
    among them, that the other edition has not.
    """
    if sort is Sort.GRANTS and not like & frozenset(refusing(other)):
        sort = Sort.HOLDS
    if sort in (Sort.FOLLOWS, Sort.OPEN, Sort.STATES):
        sort = _where_both_grant(sort, mine, other, like, named_with)
    among_others = mine.grant is None and not all(rule in one.rules for one in mine.refusals)
    by_others = len(other.refusals) > 1
    return Contrast(sort, _RANKS[sort] + among_others + by_others)


def best_rank(mine: Decision, other: Decision) -> int:
    """What such decisions show of a rule at best."""
    if mine.grant is None and other.grant is not None:
        return _RANKS[Sort.REFUSES]
    return _RANKS[Sort.GRANTS if mine.grant is not None and other.refused else Sort.SILENT]


def _where_both_grant(sort: Sort, mine: Decision, other: Decision, like: frozenset[str], named_with: int) -> Sort:
    """What may be said of the rule: that it makes the difference only where nothing else is named that may."""
    if like & named(other):
        return Sort.ALIKE
    most = 1 if sort is Sort.FOLLOWS else _FEW
    return sort if named_with <= most and not named(other) - named(mine) else Sort.STATES


NARROWING = Contrast(Sort.NARROWS, _RANKS[Sort.NARROWS])
"""That an edition does not let the platform choose what the other one does."""
STATING = Contrast(Sort.STATES, _RANKS[Sort.STATES])
"""That one of them has a rule to name."""


def come_alone(*, refused: bool) -> Contrast:
    """That the other edition does not come to the request: it was silent about one before it, or refused it.

    What it refused may have nothing to do with the rule.
    """
    return Contrast(Sort.ALONE, _RANKS[Sort.ALONE] + (2 if refused else 0))


def sort_of(mine: Decision, other: Decision, kinds: tuple[GroupKind, GroupKind]) -> Sort:
    """In which way two decide otherwise, whatever rules they name; `kinds` are the kind's names in each edition."""
    if other.silent:
        return Sort.SILENT
    if mine.grant is None:
        return Sort.OTHERWISE if other.grant is None else Sort.RULES_OUT if other.open else Sort.REFUSES
    if other.grant is None:
        return Sort.GRANTS
    if other.open and not mine.open:
        return Sort.OPEN
    return Sort.FOLLOWS if outcome(mine.grant, other.grant, kinds) is not None else Sort.STATES


def outcome(mine: Grant, other: Grant, kinds: tuple[GroupKind, GroupKind]) -> tuple[str, str] | None:
    """What comes of one grant and of the other where that is not the same; None where it is, or choices differ."""
    picks = mine.sample(lambda lowest, _: lowest)
    likewise = with_update_domains(other, picks)
    if not all(allows(one, chosen) for one, chosen in ((mine, picks), (other, likewise))):
        return None
    results = _result(mine, picks), _as_named(_result(other, likewise), kinds)
    if results[0] == results[1]:
        return None
    told = _parts(results[0]), _parts(results[1])
    first, second = (", ".join(one for one in parts if one not in others) for parts, others in (told, told[::-1]))
    return first or "nothing more", second or "nothing more"


def allows(grant: Grant, picks: Picks) -> bool:
    """Whether these picks are allowed."""
    return all(choice.name in picks and choice.allows(picks[choice.name]) for choice in grant.choices)


def _result(grant: Grant, picks: Picks) -> tuple[object, ...]:
    answer = grant.answer(picks)
    return (*grant.events(picks), *(() if answer is None else (answer,)))


def _as_named(result: tuple[object, ...], kinds: tuple[GroupKind, GroupKind]) -> tuple[object, ...]:
    """The same with the kind of group by its name in the first edition."""
    return tuple(_renamed(one, kinds) for one in result)


def _renamed(one: Any, kinds: tuple[GroupKind, GroupKind]) -> object:
    group = getattr(one, "group", None)
    if isinstance(group, Group) and group.kind is kinds[1]:
        return evolve(one, group=evolve(group, kind=kinds[0]))
    return one


def _parts(result: tuple[object, ...]) -> tuple[str, ...]:
    """What comes of a grant, part by part; of a new group only what is said of it counts."""
    told: list[str] = []
    for one in result:
        if isinstance(getattr(one, "group", None), Group):
            group = one.group  # type: ignore[attr-defined] # it has one, just seen
            fields = (field.name for field in attrs.fields(Group) if field.name not in {"key", "members", "census"})
            told.extend(f"{name}={described(getattr(group, name))}" for name in fields)
        else:
            told.append(described(one))
    return tuple(told)


# -- in words --------------------------------------------------------------------------------------


def decision_in_words(decision: Decision, other: Decision) -> str:
    """What a decision says, and by which rules that the other one does not name."""
    if decision.silent:
        return f"silent: {decision.silent}"
    if decision.grant is None:
        told = dict.fromkeys(one.message for one in decision.refusals)
        return f"refused by {', '.join(refusing(decision))}: {' '.join(told)}"
    rules = sorted(named(decision) - named(other)) if other.grant is not None else sorted(named(decision))
    by = f" by {', '.join(rules)}" if rules else ""
    return f"granted{by}{f', or refused: {decision.open[0]}' if decision.open else ''}"


def ruled_out(choice: Choice, value: object) -> str:
    """What a choice does not allow, and what it does."""
    allowed = list(dict.fromkeys(_values(choice)))
    more = f", and {len(allowed) - _MOST} more" if len(allowed) > _MOST else ""
    return f"{_chosen(value)} is not allowed; allowed: {'; '.join(allowed[:_MOST])}{more}"


def _values(choice: Choice) -> list[str]:
    if isinstance(choice, Placements):
        # Of several new members, those of one: all together are very many.
        cells = evolve(choice, count=1).values()
        return [_chosen(value) for value in cells]
    return [described(value) for value in choice.values()]


def _chosen(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(one, Cell) for one in value):
        return " and ".join(_place(cell) for cell in value) if value else "no place"
    return described(value)


def _place(cell: Cell) -> str:
    parts = (("zone", cell.zone), ("fault domain", cell.fault_domain), ("update domain", cell.update_domain))
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None) or "no zone and no domain"
