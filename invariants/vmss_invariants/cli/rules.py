"""`vmss-oracle rules`: the rule catalogue, with the evidence for each rule and the code that implements it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from attrs import frozen
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.cli.options import AsJson
from vmss_invariants.cli.output import Complaint, emit_all, emit_json, heading, indented, labelled
from vmss_model.editions import EDITIONS, UnknownEditionError, edition
from vmss_model.rules import (
    ERRORS,
    FINDINGS,
    RULES,
    SECTIONS,
    DocumentedError,
    DocumentFinding,
    Evidence,
    Rule,
    implementations,
)

_FINDINGS_SECTION = "J"


@frozen
class _Selection:
    """What of the catalogue is to be shown."""

    rules: tuple[Rule, ...]
    findings: tuple[DocumentFinding, ...]
    errors: tuple[DocumentedError, ...]


def list_rules(
    rule_id: Annotated[str | None, typer.Argument(metavar="ID", help="A rule, finding (F1) or error (E1).")] = None,
    section: Annotated[str | None, typer.Option(help="Only this section of the catalogue, A to K.")] = None,
    edition_name: Annotated[str | None, typer.Option("--edition", help="Only what belongs to this edition.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules, with source, evidence and implementing code; or show one in full."""
    if rule_id is not None and (section is not None or edition_name is not None):
        raise Complaint("give an ID, or --section and --edition, not both")
    selection = _one(rule_id) if rule_id is not None else _some(section, edition_name)
    _load_implementations()
    if as_json:
        emit_json(_as_json(selection))
    elif rule_id is not None:
        emit_all(_in_full(selection))
    else:
        emit_all(_listing(selection))


def _one(asked: str) -> _Selection:
    name = asked.strip().upper()
    found = _Selection(
        tuple(rule for rule in RULES.values() if rule.id == name),
        tuple(finding for finding in FINDINGS if finding.id == name),
        tuple(error for error in _errors() if error.id == name),
    )
    if not (found.rules or found.findings or found.errors):
        raise Complaint(f"there is no rule {asked!r}{_near(name)}")
    return found


def _near(name: str) -> str:
    known = (*RULES, *(finding.id for finding in FINDINGS))
    near = difflib.get_close_matches(name, known, n=4, cutoff=0.6)
    near += [one for one in known if len(name) > 1 and name in one and one not in near][: 4 - len(near)]
    return f"; near it are {', '.join(near)}" if near else "; `vmss-oracle rules` lists them all"


def _some(section: str | None, edition_name: str | None) -> _Selection:
    letter = None if section is None else section.strip().upper()
    if letter is not None and letter not in SECTIONS:
        raise Complaint(f"there is no section {section!r}; there are {', '.join(SECTIONS)}")
    sources = set(_sources(edition_name))
    chosen = tuple(
        rule
        for rule in RULES.values()
        if letter in (None, rule.section) and (edition_name is None or edition_name in rule.editions)
    )
    ids = {rule.id for rule in chosen}
    findings = tuple(one for one in FINDINGS if letter in (None, _FINDINGS_SECTION) and sources & set(one.documents))
    return _Selection(chosen, findings, tuple(error for error in _errors() if error.id in ids))


def _sources(edition_name: str | None) -> Iterable[str]:
    if edition_name is None:
        return [source for one in EDITIONS.values() for source in one.sources]
    try:
        return edition(edition_name).sources
    except UnknownEditionError as error:
        raise Complaint(str(error)) from None


def _errors() -> tuple[DocumentedError, ...]:
    return tuple(ERRORS.values())


def _load_implementations() -> None:
    """Import every module of the model: code says which rules it implements when it is imported."""
    import pkgutil  # noqa: PLC0415 - only this command needs it
    from importlib import import_module  # noqa: PLC0415

    import vmss_model  # noqa: PLC0415

    for module in pkgutil.walk_packages(vmss_model.__path__, "vmss_model."):
        import_module(module.name)


# -- for people ------------------------------------------------------------------------------------


def _listing(selection: _Selection) -> Iterator[RenderableType]:
    for letter, title in SECTIONS.items():
        in_section = [rule for rule in selection.rules if rule.section == letter]
        findings = selection.findings if letter == _FINDINGS_SECTION else ()
        if in_section or findings:
            yield heading(f"{letter}. {title}")
        for rule in in_section:
            yield Text("")
            yield _title(rule.id, rule.sources, rule.editions)
            yield indented(rule.statement)
            yield labelled("evidence", "; ".join(map(_evidence_in_short, rule.evidence)))
            yield labelled("code", _code(rule))
        for finding in findings:
            yield Text("")
            yield _title(finding.id, finding.documents, ())
            yield indented(finding.statement)
    yield Text(f"\n{_summary(selection)}")


def _summary(selection: _Selection) -> str:
    modelled = sum(bool(implementations(rule.id)) for rule in selection.rules)
    return f"{len(selection.rules)} rules, {modelled} of them modelled; {len(selection.findings)} findings"


def _title(name: str, sources: Iterable[str], editions: Iterable[str]) -> Text:
    about = "; ".join(part for part in (", ".join(sources), ", ".join(editions)) if part)
    return Text.assemble((name, "bold cyan"), (f"  ({about})", "dim"))


def _evidence_in_short(evidence: Evidence) -> str:
    return " ".join(part for part in (evidence.kind.value, _dated(evidence)) if part)


def _dated(evidence: Evidence) -> str:
    version = f"API {evidence.api_versions}" if evidence.api_versions else ""
    return ", ".join(part for part in (evidence.dates, version) if part)


def _code(rule: Rule) -> str:
    return ", ".join(implementations(rule.id)) or "not modelled"


def _in_full(selection: _Selection) -> Iterator[RenderableType]:
    for rule in selection.rules:
        yield _title(rule.id, rule.sources, rule.editions)
        yield indented(rule.statement)
        yield labelled("section", f"{rule.section}. {SECTIONS[rule.section]}")
        yield labelled("decides", " and ".join(sorted(direction.value for direction in rule.directions)))
        for evidence in rule.evidence:
            yield labelled(_evidence_in_short(evidence), evidence.note)
        yield labelled("code", _code(rule))
        for finding in _bearing_on(rule):
            yield labelled(f"finding {finding.id}", finding.statement)
    for error in selection.errors:
        yield labelled("error code", error.code)
        yield labelled("error message", error.message_template)
        yield labelled("answered when", error.when)
    for finding in selection.findings:
        yield _title(finding.id, finding.documents, ())
        yield indented(finding.statement)
        for number, reading in enumerate(finding.readings, start=1):
            yield labelled(f"reading {number}", reading)
        yield labelled("chosen", finding.chosen)
        if finding.rules:
            yield labelled("bears on", ", ".join(finding.rules))


def _bearing_on(rule: Rule) -> list[DocumentFinding]:
    return [finding for finding in FINDINGS if rule.id in finding.rules]


# -- for programs ----------------------------------------------------------------------------------


def _as_json(selection: _Selection) -> dict[str, object]:
    return {
        "rules": [_rule_as_json(rule) for rule in selection.rules],
        "findings": [
            {
                "id": finding.id,
                "documents": finding.documents,
                "rules": finding.rules,
                "statement": finding.statement,
                "readings": finding.readings,
                "chosen": finding.chosen,
            }
            for finding in selection.findings
        ],
        "errors": [
            {
                "id": error.id,
                "code": error.code,
                "message": error.message_template,
                "when": error.when,
                "source": error.source,
            }
            for error in selection.errors
        ],
    }


def _rule_as_json(rule: Rule) -> dict[str, object]:
    code = implementations(rule.id)
    return {
        "id": rule.id,
        "section": rule.section,
        "statement": rule.statement,
        "sources": rule.sources,
        "editions": rule.editions,
        "evidence": [
            {
                "kind": evidence.kind.value,
                "note": evidence.note,
                "dates": evidence.dates,
                "api_versions": evidence.api_versions,
            }
            for evidence in rule.evidence
        ],
        "directions": sorted(direction.value for direction in rule.directions),
        "modelled": bool(code),
        "implementations": code,
    }
