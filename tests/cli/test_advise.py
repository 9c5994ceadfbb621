"""`vmss-oracle advise`: its answers, and one clear line for every question that makes no sense."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.shell import run


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    """The JSON answer to a question."""
    outcome = run(capsys, "advise", *arguments, "--json")
    assert outcome.code == 0, outcome.err
    parsed = json.loads(outcome.out)
    assert isinstance(parsed, dict)
    return parsed


def test_the_default_stops_at_the_first_failure_up_to_24_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """With 20/20/20: up to 4 instances always, up to 24 if the failing one is in the first batch."""
    groups = answer(capsys, "1-60", "--update-domains", "5")["groups"]
    assert isinstance(groups, list)
    first = {group["instances"]: group["first_failure"] for group in groups}

    assert [count for count, what in first.items() if what == "stops it"] == list(range(1, 5))
    assert [count for count, what in first.items() if what == "stops it or not"] == list(range(5, 25))
    assert {what for count, what in first.items() if count >= 25} == {"survived"}


def test_the_other_reading_of_f9_stops_fewer(capsys: pytest.CaptureFixture[str]) -> None:
    """Taken of all instances, a single failure stops groups of at most four."""
    groups = answer(capsys, "1-60", "--reading", "F9")["groups"]
    assert isinstance(groups, list)
    assert [group["instances"] for group in groups if group["survives_any"] == 0] == [1, 2, 3, 4]


@pytest.mark.parametrize(("instances", "percent"), [("1", 100), ("2", 100), ("5", 100), ("10", 50), ("20", 25)])
def test_the_smallest_percentage_is_found(capsys: pytest.CaptureFixture[str], instances: str, percent: int) -> None:
    """One failure in a first batch of b instances takes 100 / b percent; what is smaller does not do."""
    smallest = answer(capsys, instances, "--survive", "1")["smallest"]
    assert isinstance(smallest, dict)
    assert smallest["max_unhealthy_upgraded_percent"] == percent
    found = answer(capsys, instances, "--unhealthy-upgraded", str(percent))
    below = answer(capsys, instances, "--unhealthy-upgraded", str(percent - 1))
    assert isinstance(found["survives_any"], int)
    assert found["survives_any"] >= 1
    assert below["survives_any"] == 0


def test_times_are_those_of_the_batches(capsys: pytest.CaptureFixture[str]) -> None:
    """Five batches wait up to 300 seconds each, with four pauses in between."""
    found = answer(capsys, "20", "--pause", "PT1M30S")
    assert (found["batches"], found["shortest_seconds"], found["longest_seconds"]) == (5, 360, 1860)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("many",), "a count such as 20 or a range"),
        (("0",), "1 to 1000 instances"),
        (("1001",), "1 to 1000 instances"),
        (("9-3",), "the smaller number first"),
        (("9" * 5000,), "1 to 1000 instances"),
        (("1-" + "9" * 5000,), "1 to 1000 instances"),
        (("20", "--pause", "soon"), "--pause soon: give a time such as PT30S, PT5M or 300 (seconds), a day at most"),
        (("20", "--pause", "PT"), "a day at most"),
        (("20", "--pause", f"PT{'9' * 5000}S"), "a day at most"),
        (("20", "--pause", "PT9999999999999999999999999H"), "a day at most"),
        (("20", "--pause", "PT24H1S"), "a day at most"),
        (("20", "--survive", "21"), "more than the 20 instances"),
        (("1-20", "--survive", "1"), "not a range"),
        (("20", "--reading", "F4"), "give F9, or none"),
        (("20", "--batch", "4"), "--batch"),
        (("20", "--unhealthy-upgraded", "101"), "--unhealthy-upgraded"),
        (("20", "--zones", "4"), "--zones"),
    ],
)
def test_a_bad_question_is_one_line(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    """What is wrong and what would be right; exit code 2 and nothing on standard output."""
    outcome = run(capsys, "advise", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert said in outcome.err
    assert len(outcome.err) < 200


def test_an_answer_says_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Every part of it, in JSON and in the heading."""
    asked = ("20", "--update-domains", "5", "--service-fabric", "--reading", "F9")
    usual, other = answer(capsys, "20"), answer(capsys, *asked)
    (heading, *_), (usual_heading, *_) = (run(capsys, "advise", *one).out.splitlines() for one in (asked, ("20",)))

    assert (usual["one_update_domain"], usual["reading"]) == (False, None)
    assert (other["one_update_domain"], other["reading"]) == (True, "F9")
    assert ", one update domain finished before the next, by the other reading of F9; 20 / 20 / 20" in heading
    assert "not restored if they fail; 20" not in usual_heading
    assert "restored if they fail; 20 / 20 / 20" in usual_heading


def test_people_get_the_same_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """The table names the rules; a sweep folds counts in a row."""
    one = run(capsys, "advise", "20").out
    assert all(rule in one for rule in ("OSU-PRECHECK", "OSU-BATCH", "OSU-STOP-UPGRADED", "OSU-WAIT"))
    many = run(capsys, "advise", "1-30", "--update-domains", "5").out
    assert "the first failure stops it, whichever instance it is: 1-4\n" in many


@given(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["--by-hand", "--json", "--pause", "--zones", "7"]))))
def test_no_question_makes_a_traceback(arguments: list[str]) -> None:
    """Whatever is asked, the command ends with 0 or 2."""
    from vmss_invariants.cli import main  # noqa: PLC0415 - without the fixture that a property may not share

    assert main(list(chain(["advise"], arguments))) in (0, 2)
