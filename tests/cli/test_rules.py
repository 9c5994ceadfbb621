"""`vmss-oracle rules` shows all that the catalogue has."""

from __future__ import annotations

import json

import pytest
from tests.cli.shell import run

from vmss_model.rules import ERRORS, FINDINGS, RULES, SECTIONS, implementations


def test_the_list_has_every_rule_with_evidence_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Each rule stands in it once, as does each finding."""
    outcome = run(capsys, "rules")

    assert outcome.code == 0
    titles = [line.split("  (")[0] for line in outcome.out.splitlines() if "  (" in line and not line.startswith(" ")]
    assert sorted(titles) == sorted([*RULES, *(finding.id for finding in FINDINGS)])
    assert outcome.out.count("\n  evidence: ") == outcome.out.count("\n  code: ") == len(RULES)
    assert all(f"\n{letter}. {title}\n" in outcome.out for letter, title in SECTIONS.items())


def test_no_line_ends_in_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    """Text that is piped on is clean."""
    assert not any(line != line.rstrip() for line in run(capsys, "rules").out.splitlines())


def test_json_has_all_fields_of_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """It says of each whether it is modelled, and where."""
    catalogue = json.loads(run(capsys, "rules", "--json").out)

    assert [rule["id"] for rule in catalogue["rules"]] == list(RULES)
    assert [finding["id"] for finding in catalogue["findings"]] == [finding.id for finding in FINDINGS]
    assert [error["id"] for error in catalogue["errors"]] == list(ERRORS)
    for rule in catalogue["rules"]:
        assert rule["statement"] == RULES[rule["id"]].statement
        assert tuple(rule["implementations"]) == implementations(rule["id"])
        assert rule["modelled"] == bool(rule["implementations"])
        assert len(rule["evidence"]) == len(RULES[rule["id"]].evidence)


@pytest.mark.parametrize("section", ["A", "c", "J", "K"])
def test_a_section_holds_its_own_rules_alone(capsys: pytest.CaptureFixture[str], section: str) -> None:
    """Findings are section J's; the letter may be small."""
    catalogue = json.loads(run(capsys, "rules", "--section", section, "--json").out)

    expected = [rule.id for rule in RULES.values() if rule.section == section.upper()]
    assert [rule["id"] for rule in catalogue["rules"]] == expected
    assert len(catalogue["findings"]) == (len(FINDINGS) if section == "J" else 0)


def test_an_edition_holds_its_own_rules_and_findings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A finding belongs to an edition that has one of its documents."""
    catalogue = json.loads(run(capsys, "rules", "--edition", "2017-05", "--json").out)

    assert [rule["id"] for rule in catalogue["rules"]] == [
        rule.id for rule in RULES.values() if "2017-05" in rule.editions
    ]
    assert {finding["id"] for finding in catalogue["findings"]} == {"F5", "F13"}


def test_one_rule_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    """With section, every piece of evidence and its note, code, and findings that bear on it."""
    outcome = run(capsys, "rules", "fd-ha-scope")
    text = " ".join(outcome.out.split())

    assert outcome.code == 0
    assert RULES["FD-HA-SCOPE"].statement in text
    assert all(evidence.note in text for evidence in RULES["FD-HA-SCOPE"].evidence)
    assert "vmss_model.guards.fault_domain_guarantee_holds" in text
    assert "finding F1:" in text


def test_an_error_is_shown_with_code_and_message(capsys: pytest.CaptureFixture[str]) -> None:
    """The message is the documents' own."""
    text = " ".join(run(capsys, "rules", "E3").out.split())

    assert "OperationNotAllowed" in text
    assert ERRORS["E3"].message_template in text


def test_a_finding_is_shown_with_both_readings(capsys: pytest.CaptureFixture[str]) -> None:
    """And the one that was chosen."""
    text = " ".join(run(capsys, "rules", "F1").out.split())

    assert all(reading in text for reading in FINDINGS[0].readings)
    assert FINDINGS[0].chosen in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["MODE-IMUTABLE"], "there is no rule 'MODE-IMUTABLE'; near it are MODE-IMMUTABLE"),
        (["BATCH"], "OSU-BATCH"),
        (["qqqq"], "`vmss-oracle rules` lists them all"),
        ([""], "there is no rule ''"),
        (["two\nlines"], "there is no rule 'two\\nlines'"),
        (["--section", "Z"], "there is no section 'Z'; there are A, B"),
        (["--edition", "2020"], "unknown edition '2020'; there are 2017-05"),
        (["MOVE", "--section", "A"], "not both"),
        (["MOVE", "NAMING"], "NAMING"),
    ],
)
def test_what_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """With what there is instead, and exit code 2."""
    outcome = run(capsys, "rules", *arguments)

    assert outcome.code == 2
    assert said in outcome.one_line()
