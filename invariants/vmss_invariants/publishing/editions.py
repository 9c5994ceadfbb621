"""A page for each edition: what its documents say of each kind of group, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from vmss_invariants.publishing.markdown import bullets, link, page, paragraph, table
from vmss_model.capabilities import Cell, Support
from vmss_model.editions import EDITIONS, Edition, KindRules, Limit, Says
from vmss_model.rules import RULES, SECTIONS, Rule

_TABLES = "D"


def edition_pages() -> dict[str, str]:
    """The pages by path, with an index of them."""
    pages = {f"editions/{name}.md": _page(one) for name, one in EDITIONS.items()}
    rows = [
        (link(name, f"{name}.md"), ", ".join(one.sources), ", ".join(f"`{kind.value}`" for kind in one.kinds))
        for name, one in EDITIONS.items()
    ]
    pages["editions/index.md"] = page(
        "Editions",
        paragraph(
            "The documents are snapshots of one system at five dates. A scale set lives in one edition; what an "
            "edition's own documents do not speak of is open in it."
        ),
        table(("edition", "documents", "kinds of group"), rows),
        f"What differs between one and the next: {link('differences', '../differences.md')}.",
    )
    return pages


def _page(one: Edition) -> str:
    parts = [
        paragraph(f"From {', '.join(one.sources)}."),
        "## Kinds of group",
        *(_kind(rules) for rules in one.kinds.values()),
        "## Capabilities",
        _capabilities(one),
        "## Rules",
        *(_section(one, section) for section in SECTIONS),
    ]
    return page(f"Edition {one.name}", *parts)


def _kind(rules: KindRules) -> str:
    rows = [
        (attribute.name.replace("_", " "), said, f"`{rule}`")
        for attribute in attrs.fields(KindRules)
        for said, rule in _said(getattr(rules, attribute.name))
    ]
    nothing = paragraph("The documents state no bounds for it.")
    return f"### {rules.kind.value}\n\n" + (table(("what", "says", "rule"), rows) if rows else nothing)


def _said(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Limit):
        yield f"{value.lowest} to {value.highest}", value.rule
    elif isinstance(value, Says):
        yield "yes" if value.value else "no", value.rule


def _capabilities(one: Edition) -> str:
    kinds = [rules for rules in one.kinds.values() if rules.capabilities]
    if not kinds:
        return paragraph("The documents have no table of capabilities.")
    capabilities = dict.fromkeys(capability for rules in kinds for capability in rules.capabilities)
    rows = [
        (
            f"`{_rule_of(kinds, capability)}`",
            capability.value,
            *(_cell(rules.capabilities.get(capability)) for rules in kinds),
        )
        for capability in capabilities
    ]
    return table(("rule", "capability", *(rules.kind.value for rules in kinds)), rows)


def _rule_of(kinds: list[KindRules], capability: object) -> str:
    return next(rules.capability_rules[one] for rules in kinds for one in rules.capabilities if one == capability)


_ANSWER = {Support.YES: "yes", Support.NO: "no", Support.CONDITIONAL: "yes", Support.NOT_APPLICABLE: "not spoken of"}


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "open"
    return _ANSWER[cell.support] + (f" ({cell.condition.replace('-', ' ')})" if cell.condition else "")


def _section(one: Edition, section: str) -> str:
    rules = [
        rule for rule in RULES.values() if rule.section == section and one.name in rule.editions and section != _TABLES
    ]
    if not rules:
        return ""
    return f"### {section}. {SECTIONS[section]}\n\n" + bullets(_stated(rule) for rule in rules)


def _stated(rule: Rule) -> str:
    return f"`{rule.id}` ({', '.join(rule.sources)}) {rule.statement}"


__all__ = ["edition_pages"]
