"""The pages of the editions: complete, in words that a reader of the documents understands, and open about evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
import pytest

from vmss_invariants.publishing.edition_rules import SCALE, of_edition, standing
from vmss_invariants.publishing.edition_words import (
    CAPABILITIES,
    CONDITIONS,
    SHOWN_ELSEWHERE,
    SOURCES,
    WORDINGS,
    Wording,
    answers,
    cell_words,
    unanswered,
)
from vmss_invariants.publishing.editions import edition_page, edition_pages
from vmss_invariants.publishing.markdown import WIDTH
from vmss_model.capabilities import TABLE_2019, TABLE_2021, Capability, Cell, Support
from vmss_model.editions import EDITIONS, Edition, KindRules, Limit, Says
from vmss_model.oracle.ledger import bundled_ledger
from vmss_model.rules import FINDINGS, RULES, EvidenceKind, Rule

KINDS = [(one, rules) for one in EDITIONS.values() for rules in one.kinds.values()]

each_edition = pytest.mark.parametrize("one", EDITIONS.values(), ids=lambda one: one.name)
each_kind = pytest.mark.parametrize(("one", "rules"), KINDS, ids=lambda it: getattr(it, "name", None) or it.kind.value)


def entries(page: str) -> dict[str, str]:
    """The list entries of the rules, by rule, on one line each."""
    parts = re.split(r"^(?=- `|#)", page.partition("\n## Rules\n")[2], flags=re.MULTILINE)
    found = [(match[1], " ".join(part.split())) for part in parts if (match := re.match(r"- `([A-Z0-9-]+)`", part))]
    assert len(dict(found)) == len(found)
    return dict(found)


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of the page's tables, but the lines under the heads."""
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield line.strip("| ").split(" | ")


@each_edition
def test_every_rule_of_an_edition_is_on_its_page(one: Edition) -> None:
    """With its statement; and with no rule of another edition."""
    listed = entries(edition_page(one))
    own = of_edition(one)

    assert own
    assert {rule.id for rule in own} == listed.keys()
    assert all(" ".join(rule.statement.split()) in listed[rule.id] for rule in own)


@each_edition
def test_every_rule_shows_all_its_evidence(one: Edition) -> None:
    """The kind, when it was recorded, and what exactly was seen; and the findings and ledger entries on it."""
    listed = entries(edition_page(one))

    for rule in of_edition(one):
        for evidence in rule.evidence:
            said = re.escape(" ".join(evidence.note.split()))
            pattern = rf"- {evidence.kind.value}[^:]*{re.escape(evidence.dates)}[^:]*: {said}"
            assert re.search(pattern, listed[rule.id]), (rule.id, evidence)
        for finding in FINDINGS:
            disputed = rule.id in finding.rules and bool(set(finding.documents) & set(one.sources))
            assert (f"[{finding.id}](../findings.md#{finding.id.lower()})" in listed[rule.id]) == disputed
        for entry in bundled_ledger().entries:
            assert (f"(../ledger.md#{entry.id})" in listed[rule.id]) == (entry.rule == rule.id)


@each_edition
def test_every_answer_says_how_surely_its_rules_are_known(one: Edition) -> None:
    """The last cell of a row that names rules names every kind of evidence that they have."""
    seen = 0
    for *_, named, surely in rows(edition_page(one)):
        rules = [RULES[name] for name in re.findall(r"`([A-Z0-9-]+)`", named) if name in RULES]
        kinds = {evidence.kind for rule in rules for evidence in rule.evidence}
        assert {kind for kind in EvidenceKind if kind.value in surely} == kinds, (named, surely)
        seen += len(rules)

    assert seen or not any(rules.capabilities for rules in one.kinds.values())


@each_edition
def test_no_page_cites_a_rule_of_another_edition(one: Edition) -> None:
    """Neither beside an answer nor in the list."""
    foreign = {rule.id for rule in RULES.values() if one.name not in rule.editions}

    assert foreign & set(re.findall(r"`([A-Z0-9-]+)`", edition_page(one))) == set()


@each_edition
def test_what_no_document_of_an_edition_says_is_called_inherited(one: Edition) -> None:
    """A rule from documents of which none is the edition's; the API's own rules are no document's."""
    listed = entries(edition_page(one))

    for rule in of_edition(one):
        earlier = set(rule.sources) != {"API"} and not set(rule.sources) & set(one.sources)
        assert ("inherited from" in listed[rule.id]) == earlier
        assert ("inherited from" in standing(one, (rule.id,))) == earlier
        assert not earlier or "- documented:" not in listed[rule.id]


def test_the_bound_of_one_placement_group_is_not_called_documented() -> None:
    """CAP-UNIFORM is taken from S19 under another name, and recorded: no document of 2021 bounds Uniform."""
    page = edition_page(EDITIONS["2021-02"])
    bounds = [row for row in rows(page) if row[-2] == "`CAP-UNIFORM`"]

    assert [row[1] for row in bounds] == ["0 to 1000", "0 to 100"]
    assert {row[-1] for row in bounds} == {"inherited from S19 and the API: recorded, inferred"}


def test_every_field_of_a_kind_has_a_wording_or_stands_elsewhere() -> None:
    """And none has both; no two ask the same."""
    fields = {field.name for field in attrs.fields(KindRules)}

    assert WORDINGS.keys() | SHOWN_ELSEWHERE.keys() == fields
    assert not WORDINGS.keys() & SHOWN_ELSEWHERE.keys()
    assert len({wording.question for wording in WORDINGS.values()}) == len(WORDINGS)


@pytest.mark.parametrize("wording", WORDINGS.values(), ids=WORDINGS)
def test_a_wording_is_a_question_with_different_answers(wording: Wording) -> None:
    """Whatever the answer, it can be told from the others."""
    assert wording.question.endswith("?")
    assert len(set(wording.words.values())) == len(wording.words) > 1


@each_kind
def test_every_field_is_answered_or_left_open(one: Edition, rules: KindRules) -> None:
    """What the data says is an answer with the rule that the data names; what it does not say is a question."""
    said = {answer.question: answer for answer in answers(rules)}
    asked = set(unanswered(rules))

    for name, wording in WORDINGS.items():
        value = getattr(rules, name)
        assert (wording.question in said) == (value is not None)
        assert (wording.question in asked) == (value is None and wording.arises(rules))
        if isinstance(value, Limit | Says):
            assert said[wording.question].rules == (value.rule,)
        if isinstance(value, Limit):
            assert set(re.findall(r"\d+", said[wording.question].words)) <= {str(value.lowest), str(value.highest)}
    page = " ".join(edition_page(one).split())
    assert all(question in page for question in (*said, *asked))


@each_kind
def test_profile_placement_groups_and_health_are_answered_with_their_rules(one: Edition, rules: KindRules) -> None:
    """Their rules stand in fields of their own, or in none."""
    said = {answer.question: answer.rules for answer in answers(rules)}
    named = {"profile": rules.profile_rule, "single_placement_group": rules.single_placement_group_rule}
    named["health_sources"] = None if rules.health_sources is None else "HEALTH-SOURCE"

    for name, rule in named.items():
        assert (rule in said.get(WORDINGS[name].question, ())) == (rule is not None), (one.name, name)


def test_every_capability_and_condition_has_words() -> None:
    """Of both tables; no cell shows a name of the code."""
    cells = [cell for table in (TABLE_2019, TABLE_2021) for column in table.values() for cell in column.values()]

    assert CAPABILITIES.keys() == set(Capability)
    assert len(set(CAPABILITIES.values())) == len(CAPABILITIES)
    assert CONDITIONS.keys() == {cell.condition for cell in cells} - {""}
    assert not any(cell.condition in cell_words(cell) for cell in cells if "-" in cell.condition)


def test_a_dash_of_a_table_is_not_silence() -> None:
    """What does not apply, what a note explains and what has no cell at all are three answers."""
    dash = Cell(Support.NOT_APPLICABLE)

    assert cell_words(dash) == "does not apply"
    assert "says who" in cell_words(attrs.evolve(dash, note="says who"))
    assert cell_words(None) == "not answered"


def test_every_document_has_a_title_and_every_word_of_the_scale_is_explained() -> None:
    """On the index, to which every page refers."""
    index = edition_pages()["editions/index.md"]

    assert SOURCES.keys() == {source for one in EDITIONS.values() for source in one.sources}
    assert all(title in index for title in SOURCES.values())
    assert {kind.value for kind in EvidenceKind} <= {
        word for line in SCALE for word in re.findall(r"\*\*(.+?)\*\*", line)
    }
    assert all("(index.md#how-surely-a-rule-is-known)" in edition_page(one) for one in EDITIONS.values())


@each_edition
def test_running_text_is_wrapped(one: Edition) -> None:
    """But for tables, which cannot be."""
    assert all(len(line) <= WIDTH for line in edition_page(one).splitlines() if not line.startswith("|"))


def test_a_rule_without_evidence_in_words_would_be_taken_for_granted() -> None:
    """Where the data names no rule, the page does not pretend that there is one."""
    rule: Rule = RULES["CAP-FLEX"]

    assert standing(EDITIONS["2021-02"], ()) == "taken for granted"
    assert standing(EDITIONS["2021-02"], (rule.id,)) == "documented"
