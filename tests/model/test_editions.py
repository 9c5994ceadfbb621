"""Editions are data: the same names in each, and every difference between two of them is intended."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs
import pytest

from vmss_model import EDITIONS, capabilities, edition, os_images
from vmss_model.editions import MODULES, KindRules, UnknownEditionError
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

DIFFERENCES: dict[tuple[str, str], set[str]] = {
    ("2017-05", "2018-06-stack"): {"NAME", "SOURCES", "KINDS", "MARKETPLACE", "UPGRADES"},
    ("2018-06-stack", "2019-10"): {"NAME", "SOURCES", "KINDS", "MARKETPLACE"},
    ("2019-10", "2021-02"): {"NAME", "SOURCES", "KINDS", "REGISTRATION", "STALENESS", "NAMES_UNIQUE", "UPGRADES"},
    ("2021-02", "2021-07"): {"NAME", "SOURCES", "UPGRADES"},
}
"""The names whose values differ between each edition and the next: an intended difference is added here."""

UNIFORM_DIFFERENCES: dict[tuple[str, str], set[str]] = {
    ("2017-05", "2018-06-stack"): {"identical", "autoscale", "capabilities", "capability_rules"},
    ("2021-02", "2021-07"): set(),
}
"""The fields of the Uniform rules that differ where both editions have that kind."""

KINDS: dict[str, set[GroupKind]] = {
    "2017-05": {GroupKind.UNIFORM},
    "2018-06-stack": {GroupKind.UNIFORM},
    "2019-10": {GroupKind.VM, GroupKind.SCALE_SET_VM},
    "2021-02": {GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET},
    "2021-07": {GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET},
}


def data(module: object) -> dict[str, Any]:
    """The data that an edition module states, by name; the tables it only refers to are not its own."""
    return {
        name: value
        for name, value in vars(module).items()
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not hasattr(capabilities, name) and not hasattr(os_images, name)
    }


def fields(rules: KindRules) -> dict[str, Any]:
    """The fields of a kind's rules by name."""
    return {field.name: getattr(rules, field.name) for field in attrs.fields(KindRules)}


def differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> set[str]:
    """The names whose values differ."""
    return {name for name in left.keys() | right.keys() if left.get(name) != right.get(name)}


def test_every_edition_module_has_the_same_names() -> None:
    """No edition states a name that another lacks."""
    first, *others = (set(data(module)) for module in MODULES)
    assert all(names == first for names in others)
    assert {"NAME", "SOURCES", "KINDS"} <= first


def test_every_edition_module_states_data_alone() -> None:
    """An edition has no function and no class of its own."""
    for module in MODULES:
        own = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
        assert own == []


def test_editions_differ_exactly_where_intended() -> None:
    """From each edition to the next, the listed names differ and no others."""
    found = {(one.NAME, two.NAME): differing(data(one), data(two)) for one, two in itertools.pairwise(MODULES)}
    assert found == DIFFERENCES


@pytest.mark.parametrize("pair", UNIFORM_DIFFERENCES, ids="-to-".join)
def test_uniform_differs_exactly_where_intended(pair: tuple[str, str]) -> None:
    """Between two editions that both have Uniform, the listed fields differ and no others."""
    one, two = (fields(edition(name).kinds[GroupKind.UNIFORM]) for name in pair)
    assert differing(one, two) == UNIFORM_DIFFERENCES[pair]


def rules_named(value: object) -> Iterator[str]:
    """The ids of rules that stand anywhere in the data of an edition."""
    kind = type(value)
    if isinstance(value, str):
        yield from (value,) if value in RULES else ()
    elif attrs.has(kind):
        yield from (name for field in attrs.fields(kind) for name in rules_named(getattr(value, field.name)))
    elif isinstance(value, Mapping):
        yield from (name for both in value.items() for one in both for name in rules_named(one))
    elif isinstance(value, Collection):
        yield from (name for one in value for name in rules_named(one))


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_names_no_rule_of_another(name: str) -> None:
    """What its documents do not say is not taken from an earlier one, unless a rule of its own says so."""
    named = set(rules_named(EDITIONS[name]))

    assert {rule for rule in named if name not in RULES[rule].editions} == set()
    assert named


def test_every_edition_has_its_kinds_of_group() -> None:
    """The kinds of group by edition, each under its own name."""
    assert {name: set(one.kinds) for name, one in EDITIONS.items()} == KINDS
    assert all(kind is rules.kind for one in EDITIONS.values() for kind, rules in one.kinds.items())


def test_editions_are_in_order_of_their_dates() -> None:
    """The editions are listed by date, under the names of their modules."""
    assert list(EDITIONS) == sorted(EDITIONS)
    assert [module.NAME for module in MODULES] == list(EDITIONS)
    for module in MODULES:
        assert module.__name__.rsplit(".", 1)[-1] == "e" + module.NAME.replace("-", "_")


@pytest.mark.parametrize("name", ["2020-01", "", "2021", "2021-02 "])
def test_an_unknown_edition_is_named_with_those_there_are(name: str) -> None:
    """Asking for an edition that does not exist raises an error that lists the editions."""
    with pytest.raises(UnknownEditionError, match="2017-05, 2018-06-stack, 2019-10, 2021-02, 2021-07") as raised:
        edition(name)
    assert repr(name) in str(raised.value)
    assert raised.value.__cause__ is None


def test_switching_a_rule_off_leaves_the_edition_itself_alone() -> None:
    """A variant is a new edition; the documents' own has every rule on."""
    variant = edition("2021-02").without("CAP-FLEX").without("NAMING", "SAME-PLACE")
    assert variant.disabled == {"CAP-FLEX", "NAMING", "SAME-PLACE"}
    assert all(not one.disabled for one in EDITIONS.values())
    assert variant != edition("2021-02")


def rule_ids_in(value: object) -> Iterator[str]:
    """Every rule id that a piece of edition data names."""
    kind: type[Any] = type(value)
    if attrs.has(kind):
        for field in attrs.fields(kind):
            inner = getattr(value, field.name)
            if field.name == "rule" or field.name.endswith("_rule"):
                yield from () if inner is None else (inner,)
            elif field.name == "capability_rules":
                yield from inner.values()
            else:
                yield from rule_ids_in(inner)
    elif isinstance(value, tuple | frozenset | list):
        for one in value:
            yield from rule_ids_in(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from rule_ids_in(one)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_every_rule_that_an_edition_names_is_in_the_catalogue(module: object) -> None:
    """Limits, yes-or-no statements and capability rows name rules that exist."""
    named = set(rule_ids_in(list(data(module).values())))
    assert named <= set(RULES)
    assert named or data(module)["NAME"] == "2017-05"


@pytest.mark.parametrize("name", EDITIONS)
def test_every_capability_row_has_a_rule(name: str) -> None:
    """Each capability that a kind speaks of has a rule to name."""
    for rules in edition(name).kinds.values():
        assert set(rules.capabilities) <= set(rules.capability_rules)
