"""Mutants break one rule in one small way, are put back afterwards, and are noticed by whom they should be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs
import pytest
from tests.cli.shell import run
from tests.support import RECORDINGS as FOLDER
from tests.support import needs_recordings, recorded

from vmss_invariants.mutating import running
from vmss_invariants.mutating.equivalent import EQUIVALENT
from vmss_invariants.mutating.mutant import Mutant, Operator
from vmss_invariants.mutating.noticing import (
    EXPLORER,
    MACHINE,
    PROOF,
    RECORDINGS,
    Looker,
    Notice,
    decided_in,
    noticed,
    noticed_by_exploring,
    noticed_by_proofs,
    noticed_by_walking,
    noticed_in_recordings,
)
from vmss_invariants.mutating.of_code import changes_of, mutants_of_code
from vmss_invariants.mutating.of_data import mutants_of_data
from vmss_model import guards
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES


@pytest.fixture(scope="module")
def of_data() -> dict[str, Mutant]:
    """The mutants of the editions' data by id."""
    found = mutants_of_data()
    assert len({one.id for one in found}) == len(found)
    return {one.id: one for one in found}


@pytest.fixture(scope="module")
def of_code(of_data: dict[str, Mutant]) -> dict[str, Mutant]:
    """The mutants of code by id."""
    found = mutants_of_code(frozenset(one.rule for one in of_data.values()))
    assert len({one.id for one in found}) == len(found)
    return {one.id: one for one in found}


def test_the_recorded_mutants_are_those_of_this_code() -> None:
    """What the pages say of each was found of the code as it is: where code moves, they are to be asked anew."""
    assert {one["id"] for one in recorded().mutants} == {one.id for one in running.all_mutants()}


def test_every_rule_is_broken_somehow(of_data: dict[str, Mutant], of_code: dict[str, Mutant]) -> None:
    """Also those that live at the HTTP boundary alone."""
    broken = {one.rule for one in (*of_data.values(), *of_code.values())}
    assert RULES.keys() == broken


def test_every_operator_occurs(of_data: dict[str, Mutant], of_code: dict[str, Mutant]) -> None:
    """Dropped, inverted, off by one, wrong count, changed."""
    counts = Counter(one.operator for one in (*of_data.values(), *of_code.values()))
    assert set(counts) == set(Operator)


def test_a_mutant_of_data_is_another_edition(of_data: dict[str, Mutant]) -> None:
    """And the documents' own is left as it is."""
    for mutant in of_data.values():
        for name in mutant.editions:
            before = EDITIONS[name]
            says = attrs.asdict(before, recurse=False)
            assert attrs.asdict(mutant.broken(before), recurse=False) != says
            assert attrs.asdict(EDITIONS[name], recurse=False) == says
            assert mutant.kinds


def test_code_is_put_back(of_code: dict[str, Mutant]) -> None:
    """A guard means something else as long as the context lasts, and afterwards what it meant."""
    mutant = next(one for one in of_code.values() if one.id.startswith("OSU-BATCH:guards.batch_cap"))
    cases = [(instances, percent) for instances in range(30) for percent in range(0, 101, 5)]
    before = [guards.batch_cap(*case) for case in cases]
    with mutant.patch():
        assert [guards.batch_cap(*case) for case in cases] != before
    assert [guards.batch_cap(*case) for case in cases] == before


def test_changes_of_a_function_are_all_different() -> None:
    """A function that is not there has none."""
    trees = [change.what + str(change.line) for change in changes_of("vmss_model.guards.within_percent")]
    assert len(trees) >= 2
    assert changes_of("vmss_model.guards.nothing") == ()


@pytest.mark.parametrize(
    "name",
    [
        "CAP-FLEX:Flexible.capacity:highest+1",
        "CAP-FLEX:Flexible.capacity:highest-1",
        "DELETE-NONEMPTY-REJECTED:dropped",
        "CAPS-AUTOSCALE:Flexible:inverted",
        "OSU-WAIT:wait-1",
        "STACK-REPLACE:dropped",
    ],
)
def test_a_broken_rule_is_noticed_on_the_way(of_data: dict[str, Mutant], name: str) -> None:
    """Too generous or too strict alike."""
    found = noticed(of_data[name], (noticed_by_walking,))
    assert found.status == "noticed"
    assert found.notices[0].by == MACHINE


def test_a_broken_guard_is_noticed_by_proof(of_code: dict[str, Mutant]) -> None:
    """Of the mutants of the batch's cap none is left."""
    caps = [one for one in of_code.values() if one.id.startswith("OSU-BATCH:guards.batch_cap")]
    assert caps
    for mutant in caps:
        (notice,) = noticed(mutant, (noticed_by_proofs,)).notices
        assert notice.by == PROOF


def test_an_explorer_notices_too(of_data: dict[str, Mutant]) -> None:
    """Within two instances and two fault domains."""
    found = noticed(of_data["DELETE-NONEMPTY-REJECTED:dropped"], (noticed_by_exploring,))
    assert found.status == "noticed"


@needs_recordings
def test_recordings_notice_what_the_service_does_otherwise(of_data: dict[str, Mutant]) -> None:
    """Without the rule, the ledger's entry on what contradicts it matches nothing."""
    mutant = of_data["SPG-FLEX:dropped"]
    (notice,) = noticed_in_recordings(mutant, (FOLDER,), decided_in((FOLDER,)))
    assert notice.by == RECORDINGS
    assert "ledger" in notice.what


@needs_recordings
def test_recordings_notice_a_rule_that_decides_fewer_exchanges(of_code: dict[str, Mutant]) -> None:
    """A rule of the HTTP boundary alone, which no step of the model knows: deployments that are not followed."""
    of_deployments = (one for one in of_code.values() if one.id.startswith("ARM-LRO:oracle.arm.writes.deploy:"))
    mutant = next(one for one in of_deployments if "`links` is" in one.what)
    usual = decided_in((FOLDER,))
    with mutant.patch():
        (notice,) = noticed_in_recordings(mutant, (FOLDER,), usual)

    assert usual["ARM-LRO"] > 0
    assert notice.by == RECORDINGS


def test_a_mutant_that_never_ends_is_noticed(of_data: dict[str, Mutant]) -> None:
    """It is not waited for."""

    def forever(_mutant: Mutant) -> Iterator[Notice]:
        time.sleep(60)
        yield Notice(MACHINE, "")

    found = noticed(of_data["OSU-WAIT:wait-1"], (forever,), longest=0.2)
    assert "no end" in found.notices[0].what


@pytest.mark.parametrize(
    ("looker", "name"),
    [
        (noticed_by_walking, MACHINE),
        (noticed_by_proofs, PROOF),
        (noticed_by_exploring, EXPLORER),
        (partial(noticed_in_recordings, recordings=(), usual={}), RECORDINGS),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_who_is_kept_waiting_is_who_notices(of_data: dict[str, Mutant], looker: Looker, name: str) -> None:
    """It is told whose work did not come to an end, not always the state machine's."""
    found = noticed(of_data["OSU-WAIT:wait-1"], (looker,), longest=0.0)

    assert [(one.by, one.what) for one in found.notices] == [(name, "no end within 0 seconds")]


def test_who_was_not_asked_is_named_where_a_mutant_survives(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some mutants are seen in recordings alone, and none were given: exit 1, and what would be right."""
    monkeypatch.setattr(running, "lookers", lambda _: ())
    survived = run(capsys, "mutants", "--rule", "ARM-LIST")
    noticed_ones = run(capsys, "mutants", "--rule", "CAPS-2019-ADD")

    assert survived.code == 1
    assert "5 mutants: 0 noticed, 0 equivalent, 5 survived." in survived.out
    assert "--recordings PATH asks those, too." in survived.out
    assert "--recordings" not in noticed_ones.out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none", None, "it does not exist"),
        ("shop.yaml", "group: {}", "it has neither `interactions` nor a `log`"),
        ("shop.jsonl", "", "it is empty"),
        (".", None, "it holds no recording"),
        ("/dev/null", None, "it is not a file"),
        ("n" * 300, None, "File name too long"),
    ],
)
def test_recordings_that_cannot_be_read_are_no_survivor(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    """One line and exit code 2: with exit code 1 a mutant would have survived."""
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    outcome = run(capsys, "mutants", "--rule", "ARM-LIST", "--recordings", str(tmp_path / name))

    assert outcome.code == 2
    assert said in outcome.one_line()


def test_what_nobody_notices_survives_unless_it_is_equivalent(of_data: dict[str, Mutant]) -> None:
    """An equivalent one carries its reason."""
    survivor = noticed(of_data["OSU-WAIT:wait-1"], ())
    assert (survivor.status, survivor.to_json()["by"]) == ("survived", [])
    equivalent = noticed(of_data["CAPS-2019-ADD:dropped"], ())
    assert equivalent.status == "equivalent"
    assert equivalent.to_json()["reason"] == EQUIVALENT["CAPS-2019-ADD:dropped"]
