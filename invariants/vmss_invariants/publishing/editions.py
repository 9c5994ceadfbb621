"""A page for each edition: what its documents say of each kind of group, rule by rule, and how surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmss_invariants.coverage import EDITION_OF_RESTATED, RESTATED
from vmss_invariants.publishing.edition_rules import SCALE, documents, of_edition, rule_list, standing
from vmss_invariants.publishing.edition_words import CAPABILITIES, SOURCES, Answer, answers, cell_words, unanswered
from vmss_invariants.publishing.markdown import bullets, link, page, paragraph, table
from vmss_model.editions import EDITIONS, Edition, KindRules
from vmss_model.rules import SECTIONS

_NO_DOCUMENTS: Mapping[str, str] = {
    "K": "Not of the documents: what every client of the public REST API relies on, the same in every edition."
}
"""What is to be said before the rules of a section."""


def edition_pages() -> dict[str, str]:
    """The pages by path, with an index of them."""
    pages = {f"editions/{name}.md": edition_page(one) for name, one in EDITIONS.items()}
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
        documents(SOURCES),
        "## How surely a rule is known",
        bullets(SCALE),
        "## Differences",
        f"What differs between one and the next: {link('differences', '../differences.md')}.",
    )
    return pages


def edition_page(one: Edition) -> str:
    """The page of one edition, made from its data and from the catalogue of rules."""
    return page(
        f"Edition {one.name}",
        "What these documents say:",
        documents(one.sources),
        paragraph(
            "How surely a rule is known stands beside every answer, in the words of the "
            f"{link('index', 'index.md#how-surely-a-rule-is-known')}. It is said of the whole rule; what each piece of "
            f"evidence is about stands with the {link('rule', '#rules')} itself. What is not answered is open: the "
            "model allows it either way."
        ),
        "## Kinds of group",
        *(part for rules in one.kinds.values() for part in _kind(one, rules)),
        "## Capabilities",
        *_capabilities(one),
        "## Rules",
        *(_section(one, section) for section in SECTIONS),
    )


def _kind(one: Edition, rules: KindRules) -> Iterable[str]:
    yield f"### {rules.kind.value}"
    yield _mode(one, rules)
    rows = [_answer(one, answer) for answer in answers(rules)]
    yield table(("question", "answer", "rule", "how surely"), rows)
    missing = " ".join(unanswered(rules))
    yield paragraph(f"Not answered, and so open: {missing}") if missing else ""


def _mode(one: Edition, rules: KindRules) -> str:
    rule = rules.mode_rule
    if rule is not None:
        return paragraph(f"An orchestration mode (`{rule}`: {standing(one, (rule,))}).")
    of_others = next((other.mode_rule for other in one.kinds.values() if other.mode_rule), None)
    if of_others is None:
        return ""
    return paragraph(f"No orchestration mode, but a kind beside them (`{of_others}`: {standing(one, (of_others,))}).")


def _answer(one: Edition, answer: Answer) -> tuple[str, str, str, str]:
    return answer.question, answer.words, _ids(answer.rules) or "none", standing(one, answer.rules)


def _ids(rules: Iterable[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules)


def _capabilities(one: Edition) -> Iterable[str]:
    kinds = [rules for rules in one.kinds.values() if rules.capabilities]
    if not kinds:
        yield paragraph("The documents have no table of capabilities.")
        return
    rows: list[tuple[str, ...]] = []
    shown: set[str] = set()
    for capability in dict.fromkeys(capability for rules in kinds for capability in rules.capabilities):
        ids = tuple(dict.fromkeys(rules.capability_rules[capability] for rules in kinds))
        cells = (cell_words(rules.capabilities.get(capability)) for rules in kinds)
        shown.update(ids)
        rows.append((CAPABILITIES[capability], *cells, _ids(ids), standing(one, ids)))
    yield table(("question", *(rules.kind.value for rules in kinds), "rule", "how surely"), rows)
    if one.name == EDITION_OF_RESTATED:
        yield "The other rows of the document's table say again what stands under the kinds of group:"
        again = [
            (_ids(rules), f"`{row}`", standing(one, (row,))) for row, rules in RESTATED.items() if row not in shown
        ]
        yield table(("what stands there", "rule", "how surely"), again)


def _section(one: Edition, section: str) -> str:
    rules = [rule for rule in of_edition(one) if rule.section == section]
    parts = (f"### {section}. {SECTIONS[section]}", _NO_DOCUMENTS.get(section, ""), rule_list(one, rules))
    return "\n\n".join(filter(None, parts)) if rules else ""


__all__ = ["edition_page", "edition_pages"]
