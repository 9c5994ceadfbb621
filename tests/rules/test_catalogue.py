"""The rule catalogue is complete, well formed, and the only place that rule ids come from."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import vmss_model
from vmss_model.capabilities import (
    CAPABILITY_RULE,
    CAPABILITY_RULE_2019,
    TABLE_2019,
    TABLE_2021,
    Capability,
    Cell,
    Support,
)
from vmss_model.os_images import SUPPORTED_IMAGE_SET, SUPPORTED_IMAGES, PlatformImage
from vmss_model.rules import (
    ERRORS,
    FINDINGS,
    RULES,
    SECTIONS,
    DocumentFinding,
    EvidenceKind,
    Rule,
    _by_id,
    base,
    implementations,
    implements,
)

SPECIFICATION = Path(__file__).resolve().parents[2].parent / "shared" / "spec" / "RULES.md"

EDITIONS = ("2017-05", "2018-06-stack", "2019-10", "2021-02", "2021-07")
SOURCES = {"S17", "S18", "S19", "S21F", "S21U", "API"}
EDITIONS_OF_SOURCE = {
    "S17": {"2017-05"},
    "S18": {"2018-06-stack"},
    "S19": {"2019-10"},
    "S21F": {"2021-02", "2021-07"},
    "S21U": {"2021-07"},
    "API": set(EDITIONS),
}

NOT_RULES = {"VM"}
"""Names in capitals that the specification quotes and that are no rules."""

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


@pytest.fixture(scope="module")
def specification() -> str:
    if not SPECIFICATION.is_file():
        pytest.skip("the specification the rules were read from is not beside this checkout")
    return SPECIFICATION.read_text(encoding="utf-8")


def test_every_rule_of_the_specification_is_in_the_catalogue(specification: str) -> None:
    """Each backticked name in capitals is a rule, but for the few that are known to be none."""
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)`", specification)) - NOT_RULES

    assert len(named) > 100
    assert sorted(named - RULES.keys()) == []


def test_no_rule_is_invented(specification: str) -> None:
    """A rule the specification does not name is a row of a capability table, or an error of its section H."""
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)`", specification))
    other = {rule_id for rule_id in RULES if not rule_id.startswith("CAPS-")} - named

    assert other == set(ERRORS)


def test_errors_are_worded_as_in_the_specification(specification: str) -> None:
    """Code and message are the specification's, to the last full stop."""
    rows = re.findall(r"^\| (E\d+) \| (\w+) \| (.+?) \| .+? \|$", specification, flags=re.MULTILINE)
    example = {"count": 2, "low": 1, "high": 1}

    assert {error_id: (code, message) for error_id, code, message in rows} == {
        error.id: (error.code, error.message_template.format(**example)) for error in ERRORS.values()
    }


def test_every_finding_of_the_specification_is_there(specification: str) -> None:
    """The findings are those of the specification, in its order."""
    assert re.findall(r"^- (F\d+) ", specification, flags=re.MULTILINE) == [f.id for f in FINDINGS]


def test_duplicate_ids_are_refused() -> None:
    """Two rules with one id stop the import of the catalogue."""
    rule = RULES["MODE-IMMUTABLE"]

    with pytest.raises(ValueError, match="two rules are called MODE-IMMUTABLE"):
        _by_id((rule, rule))


def test_sections_stand_in_order() -> None:
    """The sections are A to K, rules come section by section, and only the findings' section has none."""
    order = [rule.section for rule in RULES.values()]

    assert "".join(SECTIONS) == "ABCDEFGHIJK"
    assert order == sorted(order)
    assert set(SECTIONS) - set(order) == {"J"}


@each_rule
def test_rule_is_stated(rule: Rule) -> None:
    """A rule says something in one to three sentences, from a known source, and can decide somehow."""
    assert rule.statement == rule.statement.strip()
    assert rule.statement.endswith(".")
    assert 1 <= len(re.findall(r"\.(?= |$)", rule.statement)) <= 3
    assert "  " not in rule.statement
    assert rule.sources
    assert set(rule.sources) <= SOURCES
    assert rule.directions


@each_rule
def test_editions_are_known_and_sorted(rule: Rule) -> None:
    """Editions are known, in the order of their dates, and stand once."""
    assert rule.editions
    assert list(rule.editions) == [edition for edition in EDITIONS if edition in rule.editions]


@each_rule
def test_editions_follow_from_sources(rule: Rule) -> None:
    """An edition that no source of the rule belongs to is inherited, and some evidence says so."""
    from_sources = {edition for source in rule.sources for edition in EDITIONS_OF_SOURCE[source]}
    inherited = set(rule.editions) - from_sources

    assert not inherited or any(item.kind is EvidenceKind.INFERRED for item in rule.evidence)


@each_rule
def test_rule_has_evidence(rule: Rule) -> None:
    """Something supports the rule, and it is not merely contradicted."""
    assert any(item.kind is not EvidenceKind.CONTRADICTED for item in rule.evidence)
    assert all(item.note.endswith(".") for item in rule.evidence)
    assert len({item.note for item in rule.evidence}) == len(rule.evidence)


@each_rule
def test_recordings_are_dated(rule: Rule) -> None:
    """What was recorded has dates and what was not has none; ranges of dates and versions run forwards."""
    for item in rule.evidence:
        observed = item.kind in {EvidenceKind.RECORDED, EvidenceKind.CONTRADICTED}
        assert bool(item.dates) == observed
        assert observed or not item.api_versions
        for span in (item.dates, item.api_versions):
            ends = [date.fromisoformat(end) for end in span.split("..")] if span else []
            assert len(ends) <= 2
            assert ends == sorted(ends)


def test_no_two_rules_say_the_same() -> None:
    """Every statement is its rule's own."""
    statements = Counter(rule.statement for rule in RULES.values())

    assert [statement for statement, count in statements.items() if count > 1] == []


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.id)
def test_finding_has_two_readings(finding: DocumentFinding) -> None:
    """A finding keeps two readings, says which one is taken, and names documents and rules that exist."""
    assert len(set(finding.readings)) == 2
    assert finding.chosen.startswith("The first")
    assert finding.statement.endswith(".")
    assert finding.documents
    assert set(finding.documents) <= SOURCES
    assert finding.rules
    assert set(finding.rules) <= RULES.keys()


def test_error_rules_are_section_h() -> None:
    """The documented errors and the rules of section H are the same four."""
    assert [rule.id for rule in RULES.values() if rule.section == "H"] == ["E1", "E2", "E3", "E4"]
    assert {key: error.id for key, error in ERRORS.items()} == {key: key for key in ("E1", "E2", "E3", "E4")}


def test_only_the_fault_domain_error_has_fields() -> None:
    """The numbers of the fault-domain message are fields; the other messages are fixed."""
    fields = {
        error.id: [name for _, name, _, _ in Formatter().parse(error.message_template) if name]
        for error in ERRORS.values()
    }

    assert fields == {"E1": [], "E2": ["count", "low", "high"], "E3": [], "E4": []}


OF_2021 = set(Capability) - {Capability.MODEL_UPDATES}
"""The capabilities of which the documents of 2021 speak: only that of 2019 has a row on model updates."""


def test_capabilities_and_rules_of_2021_match() -> None:
    """Every capability but that of 2019 has one rule of the 2021 table, and every such rule has a capability."""
    rules = {rule_id for rule_id in RULES if rule_id.startswith("CAPS-") and not rule_id.startswith("CAPS-2019-")}

    assert set(CAPABILITY_RULE) == OF_2021
    assert len(set(CAPABILITY_RULE.values())) == len(CAPABILITY_RULE)
    assert set(CAPABILITY_RULE.values()) == rules


def test_capabilities_of_2019_have_rules() -> None:
    """The capabilities of the 2019 table are those of its mapping to rules, and the rules exist."""
    assert set(CAPABILITY_RULE_2019) == set(TABLE_2019["VM"]) == set(TABLE_2019["ScaleSetVM"])
    assert set(CAPABILITY_RULE_2019.values()) <= RULES.keys()
    assert all(rule_id.startswith("CAPS-2019-") for rule_id in CAPABILITY_RULE_2019.values())


def test_tables_are_complete() -> None:
    """33 capabilities times 3 kinds in 2021; two modes in 2019."""
    assert len(OF_2021) == 33
    assert list(TABLE_2021) == ["Flexible", "Uniform", "AvailabilitySet"]
    assert all(set(column) == OF_2021 for column in TABLE_2021.values())
    assert list(TABLE_2019) == ["VM", "ScaleSetVM"]


def cells() -> list[Cell]:
    return [cell for table in (TABLE_2021, TABLE_2019) for column in table.values() for cell in column.values()]


def test_exactly_conditional_cells_have_a_condition() -> None:
    """A condition is a kebab name, and stands where the support is conditional and nowhere else."""
    for cell in cells():
        assert (cell.support is Support.CONDITIONAL) == bool(cell.condition)
        assert re.fullmatch(r"(?:[a-z]+(?:-[a-z]+)*)?", cell.condition)


def test_table_of_2021_answers_as_the_specification_does(specification: str) -> None:
    """Row by row, in order: a plain yes, no or dash of the specification is the cell's support."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", specification, flags=re.MULTILINE)
    start = next(index for index, row in enumerate(rows) if row[0] == "row") + 1
    in_order = [one for one in Capability if one in OF_2021]
    rows = rows[start : start + len(in_order) - 2]
    plain = {
        "yes": Support.YES,
        "yes (finding F3)": Support.YES,
        "all": Support.YES,
        "no": Support.NO,
        "none": Support.NO,
        "\u2013": Support.NOT_APPLICABLE,
    }
    compared = 0
    for capability, (title, *answers) in zip(in_order[:-2], rows, strict=True):
        for column, answer in zip(TABLE_2021.values(), answers, strict=True):
            if answer in plain:
                assert column[capability].support is plain[answer], title
                compared += 1
            else:
                assert column[capability].condition or column[capability].note, title

    assert rows[-1][0] == "add/remove an existing VM"
    assert compared == 76


def test_capability_names_are_kebab_case() -> None:
    """A capability's value is its member's name in kebab case."""
    assert all(item.value == item.name.lower().replace("_", "-") for item in Capability)


def test_supported_images() -> None:
    """The table has 13 different rows, in the API's identifiers."""
    assert len(SUPPORTED_IMAGES) == len(SUPPORTED_IMAGE_SET) == 13
    assert PlatformImage("OpenLogic", "CentOS", "7.5") in SUPPORTED_IMAGE_SET
    assert {image.offer for image in SUPPORTED_IMAGES} == {"UbuntuServer", "CentOS", "WindowsServer"}


def test_code_implements_only_rules_that_exist() -> None:
    """Every id that code claims to implement, in any module of the model, is in the catalogue."""
    for module in pkgutil.walk_packages(vmss_model.__path__, "vmss_model."):
        importlib.import_module(module.name)

    assert sorted(base._implementations.keys() - RULES.keys()) == []


def test_implementations_are_found_by_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A marked function is listed under each of its rules, and is returned unchanged."""
    monkeypatch.setattr(base, "_implementations", {})

    def guard() -> bool:
        return True

    mark: Callable[[Callable[[], bool]], Callable[[], bool]] = implements("CAP-FLEX", "CAP-UNIFORM")

    assert mark(guard) is guard
    assert implementations("CAP-FLEX") == implementations("CAP-UNIFORM") == (f"{__name__}.{guard.__qualname__}",)
    assert implementations("CAP-AVSET") == ()
