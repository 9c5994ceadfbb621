"""Mutants of an edition's data: every yes turned to no, every bound moved by one, every guard dropped.

They are found by walking over the fields of the edition, so that a rule that is added gets its mutants by
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from vmss_invariants.mutating.mutant import Mutant, Operator
from vmss_model import copying
from vmss_model.capabilities import Cell, Support
from vmss_model.editions import EDITIONS, Edition, KindRules, Limit, Presence, Says
from vmss_model.rules import RULES, Direction, Rule
from vmss_model.values import GroupKind, HealthSource

_NUMBER_RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "percent": ("OSU-BATCH", "OSU-PRECHECK", "OSU-STOP-UPGRADED", "OSU-STOP-OVERALL"),
        "wait": ("OSU-WAIT", "OSU-RESTORE"),
        "history_most": ("OSU-HISTORY",),
        "history_longest": ("OSU-HISTORY",),
    }
)
"""The rules that each number of the automatic upgrades' data comes from."""
_WINDOW_RULES: Mapping[str, str] = MappingProxyType(
    {"first_window": "OSU-TRIGGER-FIRST", "later_window": "OSU-TRIGGER-LATER"}
)
_TEXT_RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"api_version": ("OSU-API", "2018-10-02"), "windows_api_version": ("OSU-WINDOWS", "2019-03-02")}
)


def mutants_of_data() -> tuple[Mutant, ...]:
    """Every mutant of the editions' data, those that break several editions alike as one."""
    found: dict[str, Mutant] = {}
    for one in EDITIONS.values():
        for mutant in (*_dropped(one), *_of_kinds(one), *_of_edition(one), *_of_upgrades(one)):
            known = found.get(mutant.id)
            found[mutant.id] = mutant if known is None else copying.evolve(known, editions=(*known.editions, one.name))
    return tuple(found.values())


def _dropped(one: Edition) -> Iterator[Mutant]:
    for rule in RULES.values():
        if one.name in rule.editions and Direction.REFUSES in rule.directions and _is_switched_off(rule):
            yield Mutant(
                f"{rule.id}:dropped",
                rule.id,
                Operator.DROPPED,
                f"What {rule.id} refuses is granted.",
                (one.name,),
                broken=_without(rule.id),
            )


def _without(rule: str) -> Callable[[Edition], Edition]:
    return lambda edition: edition.without(rule)


_RESTATING = ("identical",)
"""Fields that say in words what the code does: the code is broken instead."""


def _is_switched_off(rule: Rule) -> bool:
    """Whether a switch reaches the rule: what is absent stays absent, and an error's text is that of its rule."""
    return rule.id != "ARM-ABSENT" and rule.section != "H"


# -- kinds of group --------------------------------------------------------------------------------


def _of_kinds(one: Edition) -> Iterator[Mutant]:
    for rules in one.kinds.values():
        for attribute in attrs.fields(KindRules):
            value = getattr(rules, attribute.name)
            if isinstance(value, Says) and attribute.name not in _RESTATING:
                inverted = Says(not value.value, value.rule)
                what = f"{rules.kind.value}: {_words(attribute.name)} is {inverted.value}, not {value.value}."
                yield _kind_mutant(
                    one, rules, value.rule, attribute.name, "inverted", Operator.INVERTED, what, inverted
                )
            elif isinstance(value, Limit):
                yield from _of_limit(one, rules, attribute.name, value)
        yield from _of_presence(one, rules)
        yield from _of_sets(one, rules)
        yield from _of_cells(one, rules)


def _kind_mutant(
    one: Edition, rules: KindRules, rule: str, name: str, how: str, operator: Operator, what: str, value: object
) -> Mutant:
    kind = rules.kind
    return Mutant(
        f"{rule}:{kind.value}.{name}:{how}",
        rule,
        operator,
        what,
        (one.name,),
        kind,
        _with_kind(kind, {name: value}),
    )


def _with_kind(kind: GroupKind, changes: dict[str, Any]) -> Callable[[Edition], Edition]:
    def broken(edition: Edition) -> Edition:
        kinds = dict(edition.kinds)
        kinds[kind] = copying.evolve(kinds[kind], **changes)
        return copying.evolve(edition, kinds=MappingProxyType(kinds))

    return broken


def _of_limit(one: Edition, rules: KindRules, name: str, limit: Limit) -> Iterator[Mutant]:
    for end, by in (("lowest", -1), ("lowest", 1), ("highest", -1), ("highest", 1)):
        if end == "lowest" and name == "fault_domain_guarantee":
            # A guarantee has no fewest.
            continue
        if end == "lowest" and by < 0 and not limit.lowest and (rules.explicit or not name.startswith("capacity")):
            # No count is below zero but an instance count that is asked for.
            continue
        moved = copying.evolve(limit, **{end: getattr(limit, end) + by})
        what = f"{rules.kind.value}: the limits of {_words(name)} are {moved.lowest} to {moved.highest}, "
        what += f"not {limit.lowest} to {limit.highest}."
        how = f"{end}{by:+d}"
        yield _kind_mutant(one, rules, limit.rule, name, how, Operator.OFF_BY_ONE, what, moved)


def _of_presence(one: Edition, rules: KindRules) -> Iterator[Mutant]:
    if rules.profile is not None and rules.profile_rule is not None:
        other = Presence.FORBIDDEN if rules.profile is Presence.REQUIRED else Presence.REQUIRED
        what = f"{rules.kind.value}: a VM configuration model is {other.value}, not {rules.profile.value}."
        yield _kind_mutant(one, rules, rules.profile_rule, "profile", "inverted", Operator.INVERTED, what, other)


def _of_sets(one: Edition, rules: KindRules) -> Iterator[Mutant]:
    allowed, rule = rules.single_placement_group, rules.single_placement_group_rule
    if allowed is not None and rule is not None:
        for changed in {frozenset({True}), frozenset({False}), frozenset({True, False})} - {allowed}:
            words = " or ".join(sorted(str(value).lower() for value in changed))
            what = f"{rules.kind.value}: singlePlacementGroup is {words}."
            how = words.replace(" ", "-")
            yield _kind_mutant(one, rules, rule, "single_placement_group", how, Operator.CHANGED, what, changed)
    if rules.health_sources is not None:
        changed_sources = rules.health_sources ^ {HealthSource.PROBE}
        what = f"{rules.kind.value}: health comes from {', '.join(sorted(one.value for one in changed_sources))}."
        yield _kind_mutant(
            one, rules, "HEALTH-SOURCE", "health_sources", "probe", Operator.INVERTED, what, changed_sources
        )


def _of_cells(one: Edition, rules: KindRules) -> Iterator[Mutant]:
    for capability, cell in rules.capabilities.items():
        rule = rules.capability_rules[capability]
        for operator, changed in _other_cells(cell):
            cells = {**rules.capabilities, capability: changed}
            what = f"{rules.kind.value}: the table says {_cell_words(changed)} to {capability.value}, not "
            what += f"{_cell_words(cell)}."
            how = f"{operator.value.replace(' ', '-')}"
            yield Mutant(
                f"{rule}:{rules.kind.value}:{how}",
                rule,
                operator,
                what,
                (one.name,),
                rules.kind,
                _with_kind(rules.kind, {"capabilities": cells}),
            )


_USED = ("zonal-only", "single-placement-group-only", "series-d-e-f-a-b", "regular-only")
"""The conditions of cells that decide something; every other says what exactly is granted."""


def _other_cells(cell: Cell) -> Iterator[tuple[Operator, Cell]]:
    if cell.support is Support.NOT_APPLICABLE:
        return
    yield Operator.INVERTED, Cell(Support.YES if cell.support is Support.NO else Support.NO)
    if cell.condition in _USED:
        yield Operator.DROPPED, Cell(Support.YES)


def _cell_words(cell: Cell) -> str:
    return cell.support.value + (f" ({cell.condition})" if cell.condition else "")


def _words(name: str) -> str:
    return name.replace("_", " ")


# -- the edition itself ----------------------------------------------------------------------------


def _of_edition(one: Edition) -> Iterator[Mutant]:
    if one.staleness is not None:
        for by in (-1, 1):
            yield _edition_mutant(
                one,
                "ARG-STALE",
                f"staleness{by:+d}",
                f"Resource Graph may be {one.staleness + by} seconds old.",
                {"staleness": one.staleness + by},
                Operator.OFF_BY_ONE,
            )
    if one.registration is not None:
        registration = one.registration
        for by in (-1, 1):
            yield _edition_mutant(
                one,
                "REG-DELAY",
                f"longest{by:+d}",
                f"A registration takes up to {registration.longest + by} seconds.",
                {"registration": copying.evolve(registration, longest=registration.longest + by)},
                Operator.OFF_BY_ONE,
            )
        yield _edition_mutant(
            one,
            "REG-REQUIRED",
            "one-feature",
            "One of the two preview features is enough.",
            {"registration": copying.evolve(registration, features=registration.features[:1])},
            Operator.WRONG_COUNT,
        )
        yield _edition_mutant(
            one,
            "API-MIN-FLEX",
            "one-day-earlier",
            "The earliest API version is a day earlier.",
            {"registration": copying.evolve(registration, api_version="2019-11-30")},
            Operator.OFF_BY_ONE,
        )
    if one.names_unique is not None:
        yield _edition_mutant(
            one, "NAMING", "not-unique", "Names are not looked at.", {"names_unique": None}, Operator.DROPPED
        )
    if one.marketplace:
        yield _edition_mutant(
            one,
            "STACK-MARKETPLACE",
            "no-marketplace",
            "Nothing is needed in the marketplace.",
            {"marketplace": False},
            Operator.DROPPED,
        )


def _edition_mutant(
    one: Edition, rule: str, how: str, what: str, changes: dict[str, Any], operator: Operator
) -> Mutant:
    return Mutant(
        f"{rule}:{how}", rule, operator, what, (one.name,), broken=lambda edition: copying.evolve(edition, **changes)
    )


# -- upgrades --------------------------------------------------------------------------------------


def _of_upgrades(one: Edition) -> Iterator[Mutant]:
    upgrades = one.upgrades
    if upgrades is None:
        return
    automatic = upgrades.automatic
    if automatic is None:
        return
    changes: list[tuple[str, str, str, Operator, dict[str, Any]]] = []
    for name, rules in _NUMBER_RULES.items():
        value = getattr(automatic, name)
        changes.extend(
            (
                rule,
                f"{name}{by:+d}",
                f"{_words(name)} is {value + by}, not {value}.",
                Operator.OFF_BY_ONE,
                {name: value + by},
            )
            for rule in rules
            for by in (-1, 1)
        )
    for name, rule in _WINDOW_RULES.items():
        low, high = getattr(automatic, name)
        for how, window in (
            ("opens-1", (low - 1, high)),
            ("opens+1", (low + 1, high)),
            ("closes+1", (low, high + 1)),
            ("closes-1", (low, high - 1)),
        ):
            changes.append(
                (
                    rule,
                    f"{name}.{how}",
                    f"The window goes from {window[0]} to {window[1]} seconds.",
                    Operator.OFF_BY_ONE,
                    {name: window},
                )
            )
    for name, (rule, version) in _TEXT_RULES.items():
        changes.append((rule, name, f"{_words(name)} is {version}.", Operator.OFF_BY_ONE, {name: version}))
    changes.append(
        (
            "OSU-SF",
            "version",
            "TypeHandlerVersion 1.2 is needed.",
            Operator.OFF_BY_ONE,
            {"service_fabric_version": (1, 2)},
        )
    )
    fewer = frozenset(sorted(automatic.images)[1:])
    changes.append(
        ("OSU-IMAGES", "one-less", "One of the supported images is missing.", Operator.WRONG_COUNT, {"images": fewer})
    )
    for rule, how, what, operator, changed in changes:
        yield _upgrades_mutant(one, rule, how, what, {"automatic": copying.evolve(automatic, **changed)}, operator)
    if upgrades.publisher_fixed is not None:
        yield _upgrades_mutant(
            one,
            upgrades.publisher_fixed,
            "not-fixed",
            "Publisher and offer may change.",
            {"publisher_fixed": None},
            Operator.DROPPED,
        )


def _upgrades_mutant(
    one: Edition, rule: str, how: str, what: str, changes: dict[str, Any], operator: Operator
) -> Mutant:
    def broken(edition: Edition) -> Edition:
        assert edition.upgrades is not None
        return copying.evolve(edition, upgrades=copying.evolve(edition.upgrades, **changes))

    return Mutant(f"{rule}:{how}", rule, operator, what, (one.name,), broken=broken)


__all__ = ["mutants_of_data"]
