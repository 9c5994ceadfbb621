"""`vmss-oracle place`: a table or a conflict, and exit codes that tell them apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.shell import Outcome, run

from vmss_invariants.placing import Undecided, solving

UNIFORM = ("--edition", "2021-02", "--kind", "Uniform")
THOUSAND = (*UNIFORM, "--instances", "1000", "--zones", "1,2,3", "--fault-domains", "5")


def place(capsys: pytest.CaptureFixture[str], *arguments: str) -> Outcome:
    """Run the command."""
    return run(capsys, "place", *arguments)


def rows(out: str) -> list[list[str]]:
    """The words of each line."""
    return [line.split() for line in out.splitlines()]


def test_a_placement_is_a_row_per_zone_and_a_column_per_domain(capsys: pytest.CaptureFixture[str]) -> None:
    """With sums; the exit code is 0."""
    outcome = place(capsys, *THOUSAND)

    assert outcome.code == 0
    assert "1,000 instances can be placed" in outcome.out
    assert [row[0] for row in rows(outcome.out) if row and row[0] in ("1", "2", "3", "all")] == ["1", "2", "3", "all"]
    (total,) = [row for row in rows(outcome.out) if row and row[0] == "all"]
    assert total == ["all", "200", "200", "200", "200", "200", "1,000"]
    assert "singlePlacementGroup: false" in outcome.out


def test_members_that_are_there_stand_behind_a_plus(capsys: pytest.CaptureFixture[str]) -> None:
    """What is added goes where they are not."""
    outcome = place(capsys, *UNIFORM, "--instances", "4", "--fault-domains", "2", "--even", "--taken", "domain=0:4")

    assert ["-", "0", "+", "4", "4", "4", "+", "4"] in rows(outcome.out)


def test_a_conflict_is_sentences_with_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 1."""
    outcome = place(capsys, *UNIFORM, "--instances", "9", "--pin", "domain=1:2")

    assert outcome.code == 1
    assert "9 instances cannot be placed." in outcome.out
    assert "  wish: 2 of the instances go into fault domain 1.\n" in outcome.out
    assert "(FD-EXPLICIT)\n" in outcome.out
    assert "Without any one of them, the others can be met; no fewer conflict." in outcome.out


def test_every_option_reaches_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of them is a reason of some conflict."""
    for arguments, said in (
        (("--instances", "5", "--at-most", "4"), "At most 4 of the instances fit into the group."),
        (("--instances", "101", "--single-placement-group"), "The group keeps to a single placement group."),
        (("--instances", "5", "--zones", "1,2", "--pin", "zone=3:1"), "1 of the instances goes into zone 3."),
        (("--instances", "5", "--fault-domains", "6"), "The group has 6 fault domains."),
        (("--instances", "999", "--taken", "zone=1:2", "--zones", "1"), "2 members are in zone 1 already."),
        (
            ("--instances", "9", "--zones", "1,2", "--balance", "--at-most", "zone=1:1"),
            "Zones stay in strict balance: each instance goes into one that holds fewest members at that moment.",
        ),
        (
            ("--instances", "9", "--fault-domains", "2", "--even", "--at-most", "domain=1:1"),
            "In the end no fault domain holds more than one member above another.",
        ),
    ):
        outcome = place(capsys, *UNIFORM, "--json", *arguments)
        assert outcome.code == 1
        assert said in [reason["sentence"] for reason in json.loads(outcome.out)["conflict"]]
    of_vms = ("--edition", "2019-10", "--kind", "vm", "--instances", "5", "--json")
    several = place(capsys, *of_vms, "--several-placement-groups")
    assert [reason["rules"] for reason in json.loads(several.out)["conflict"]] == [[], ["SPG-VM-2019"]]
    wide = place(capsys, *of_vms, "--fault-domains", "3", "--region-fault-domains", "2")
    assert "The region has 2 fault domains." in [one["sentence"] for one in json.loads(wide.out)["conflict"]]


def test_json_is_a_placement_or_a_conflict(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is JSON alone."""
    yes = json.loads(place(capsys, *THOUSAND, "--json").out)
    no = json.loads(place(capsys, *THOUSAND, "--json", "--single-placement-group").out)

    assert yes["placeable"] is True
    assert sum(cell["placed"] for cell in yes["cells"]) == 1000
    assert {(cell["zone"], cell["fault_domain"]) for cell in yes["cells"]} == {(z, d) for z in "123" for d in range(5)}
    assert no["placeable"] is False
    assert no["irreducible"] is True
    assert [reason["origin"] for reason in no["conflict"]] == ["wish", "wish", "rule"]


def test_a_file_asks_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As the options do."""
    file = tmp_path / "question.yaml"
    file.write_text('edition: "2021-02"\nkind: Uniform\ninstances: 1000\nzones: [1, 2, 3]\nfault_domains: 5\n')

    assert place(capsys, str(file)) == place(capsys, *THOUSAND)


def test_giving_up_is_neither_yes_nor_no(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 3, and it says why."""
    monkeypatch.setattr(solving, "place", lambda _question: Undecided("timeout"))
    outcome = place(capsys, *THOUSAND)

    assert outcome.code == 3
    assert "not decided" in outcome.out
    assert "timeout" in outcome.out
    assert json.loads(place(capsys, *THOUSAND, "--json").out) == {"placeable": None, "undecided": "timeout"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say --edition, --kind and --instances, or give a FILE"),
        (["missing.yaml"], "missing.yaml cannot be read: No such file or directory"),
        (["q.yaml", "--instances", "4"], "give a FILE or the question's options, not both"),
        (["--edition", "1999", "--kind", "Uniform", "--instances", "4"], "unknown edition '1999'"),
        (["--edition", "2021-02", "--kind", "Fixed", "--instances", "4"], "unknown kind 'Fixed'"),
        (["--edition", "2017-05", "--kind", "Flexible", "--instances", "4"], "has no groups of kind Flexible"),
        ([*UNIFORM, "--instances", "-4"], "the number of instances is -4"),
        ([*UNIFORM, "--instances", "many"], "--instances"),
        (
            [*UNIFORM, "--instances", "4", "--single-placement-group", "--several-placement-groups"],
            "give one of the two options",
        ),
        (["q.yaml", "--several-placement-groups"], "give a FILE or the question's options, not both"),
        ([*UNIFORM, "--instances", "4", "--pin", "zone=1"], "'zone=1' is no place with a count"),
        ([*UNIFORM, "--instances", "4", "--zones", "1,,2"], "a zone's name is empty"),
        ([*UNIFORM, "--instances", "4", "--zones", ","], "a zone's name is empty"),
        ([*UNIFORM, "--instances", "4", "--fault-domains", "99999"], "the fault-domain count is 99999"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """On standard error, with exit code 2."""
    outcome = place(capsys, *arguments)

    assert outcome.code == 2
    assert said in outcome.one_line()


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["--zones", "--pin", "--taken", "--at-most", "--fault-domains", "--even", "--balance"]),
            st.sampled_from(["1,2", "zone=1:3", "domain=0:2", "zone=1,domain=4:1", "3", "-1", "", "1:1:1"]),
            st.text(max_size=4),
        ),
        max_size=5,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_is_answered_or_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Exit codes 0, 1 and 2, and standard error only with the last."""
    outcome = place(capsys, *UNIFORM, "--instances", "7", *arguments)

    assert outcome.code in (0, 1, 2)
    if outcome.code == 2:
        outcome.one_line()
    else:
        assert outcome.err == ""
