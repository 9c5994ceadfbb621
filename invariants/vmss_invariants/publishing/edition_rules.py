"""The rules as a page of an edition shows them: what each says, and how surely it is known in that edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmss_invariants.publishing.edition_words import SOURCES
from vmss_invariants.publishing.markdown import bullets, link, wrapped
from vmss_model.editions import Edition
from vmss_model.oracle.ledger import bundled_ledger
from vmss_model.rules import FINDINGS, RULES, Evidence, EvidenceKind, Rule

_API = "API"
_IN_A_LIST = "    "
"""A list within a list: so much that sites and code hosts agree on it."""

SCALE: tuple[str, ...] = (
    "**documented**: a document says so.",
    "**recorded**: a recording of the real service agrees; its dates and API versions are given.",
    "**contradicted**: a recording shows something else; the edition keeps the document.",
    "**inferred**: no document says it outright; it follows, or rests on a weaker witness.",
    "**inherited**: no document of this edition says it. It is taken over from the earlier document that is named, "
    "and documented, if at all, there.",
    "**taken for granted**: no rule says it; the model needs to know it nevertheless.",
)
"""The words for how surely a rule is known."""


def of_edition(one: Edition) -> list[Rule]:
    """The rules that belong to an edition, in the catalogue's order."""
    return [rule for rule in RULES.values() if one.name in rule.editions]


def standing(one: Edition, rule_ids: Iterable[str]) -> str:
    """In a few words how surely some rules are known in an edition; of no rules: taken for granted."""
    return "; ".join(dict.fromkeys(_standing(one, RULES[name]) for name in rule_ids)) or "taken for granted"


def _standing(one: Edition, rule: Rule) -> str:
    kinds = ", ".join(_kind(one, rule, kind) for kind in EvidenceKind if any(kind is it.kind for it in rule.evidence))
    earlier = _inherited_from(one, rule)
    return f"inherited from {' and '.join(earlier)}: {kinds}" if earlier else kinds


def _inherited_from(one: Edition, rule: Rule) -> tuple[str, ...]:
    """What a rule comes from, if that is a document and none of the edition's own says it."""
    if set(rule.sources) == {_API} or set(rule.sources) & set(one.sources):
        return ()
    return tuple("the API" if source == _API else source for source in rule.sources)


def _kind(one: Edition, rule: Rule, kind: EvidenceKind) -> str:
    if kind is not EvidenceKind.DOCUMENTED:
        return str(kind.value)
    if set(rule.sources) == {_API}:
        return "documented by the API"
    return "documented there" if _inherited_from(one, rule) else str(kind.value)


def rule_list(one: Edition, rules: Iterable[Rule]) -> str:
    """Each rule with its statement, all its evidence, and where it is disputed."""
    return "\n".join(_rule(one, rule) for rule in rules)


def _rule(one: Edition, rule: Rule) -> str:
    about = f" *({_standing(one, rule)})*" if _inherited_from(one, rule) else ""
    below = (*(_evidence(one, rule, evidence) for evidence in rule.evidence), *_disputes(one, rule))
    head = bullets([f"`{rule.id}` ({', '.join(rule.sources)}) {rule.statement}{about}"])
    return "\n".join((head, *map(_inner, below)))


def _inner(item: str) -> str:
    return "\n".join(wrapped(item, f"{_IN_A_LIST}- ", f"{_IN_A_LIST}  "))


def _evidence(one: Edition, rule: Rule, evidence: Evidence) -> str:
    versions = f" (API {evidence.api_versions})" if evidence.api_versions else ""
    dates = f" {evidence.dates}{versions}" if evidence.dates else ""
    return f"{_kind(one, rule, evidence.kind)}{dates}: {evidence.note}"


def _disputes(one: Edition, rule: Rule) -> Iterator[str]:
    for finding in FINDINGS:
        if rule.id in finding.rules and set(finding.documents) & set(one.sources):
            name = link(finding.id, f"../findings.md#{finding.id.lower()}")
            yield f"two readings ({name}), of which the first is taken: {' Or: '.join(finding.readings)}"
    for entry in bundled_ledger().entries:
        if entry.rule == rule.id:
            yield f"looked into: {link(entry.id, f'../ledger.md#{entry.id}')}"


def documents(sources: Iterable[str]) -> str:
    """The documents by short name, title and date."""
    return bullets(f"{source}: {SOURCES[source]}" for source in sources)
