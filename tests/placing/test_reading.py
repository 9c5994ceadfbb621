"""Questions read from text: what is written is what is asked, and what cannot be read is one line."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.placing import Portion, Question, QuestionError
from vmss_invariants.placing.reading import LARGEST_FILE, load_question, parse_question, portion
from vmss_model import edition
from vmss_model.values import GroupKind

WHOLE = """
edition: "2021-02"
kind: Flexible
instances: 20
zones: [1]
fault_domains: 1
region_fault_domains: 3
single_placement_group: false
balance: true
even: yes it is
pins:
- {domain: 0, count: 3}
taken:
- {zone: "1", count: 2}
at_most:
- zone: 1
  domain: 0
  count: 40
""".replace("yes it is", "true")

JSON: dict[str, Any] = {"edition": "2021-02", "kind": "Uniform", "instances": 5}


@given(st.integers(0, 999_999_999), st.sampled_from([None, "1", "z-2"]), st.one_of(st.none(), st.integers(0, 999)))
def test_a_place_is_read_as_it_is_written(count: int, zone: str | None, domain: int | None) -> None:
    """Zone and fault domain in either order, each left out where it is not said."""
    parts = [f"zone={zone}"] * (zone is not None) + [f"domain={domain}"] * (domain is not None)
    for order in (parts, parts[::-1]):
        place = ",".join(order)
        assert portion(f"{place}:{count}" if place else str(count)) == Portion(count, zone, domain)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"(zone|domain|x)?=?[0-9a-z]{0,3}[,:=]{0,2}[0-9]{0,3}")))
def test_any_text_is_a_place_or_one_line(text: str) -> None:
    """No other error comes out."""
    with suppress(QuestionError):
        assert portion(text).count >= 0


@pytest.mark.parametrize("text", ["", "zone=1", "zone=1:", "zone=1:-3", "zone=1,zone=2:3", "rack=1:3", "domain=x:3"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    """Missing counts, doubled and unknown keys, domains that are no numbers."""
    with pytest.raises(QuestionError):
        portion(text)


def test_a_file_says_all_that_can_be_asked() -> None:
    """Every field, with zones as numbers or as text."""
    assert parse_question(WHOLE) == Question(
        edition=edition("2021-02"),
        kind=GroupKind.FLEXIBLE,
        instances=20,
        zones=("1",),
        fault_domains=1,
        region_fault_domains=3,
        single_placement_group=False,
        balanced=True,
        even=True,
        pins=(Portion(3, None, 0),),
        taken=(Portion(2, "1"),),
        at_most=(Portion(40, "1", 0),),
    )


def test_json_is_read_too() -> None:
    """With tabs, which YAML would not take."""
    assert parse_question(json.dumps(JSON, indent="\t")) == parse_question(
        "{edition: 2021-02, kind: uniform, instances: 5}"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"instances": True}, "`instances` is not a whole number"),
        ({"instances": 1.5}, "`instances` is not a whole number"),
        ({"instances": None}, "`instances` is not given"),
        ({"instances": 10**30}, "the number of instances is"),
        ({"edition": "1999"}, "unknown edition '1999'"),
        ({"edition": 2021}, "`edition` is not a text"),
        ({"kind": "Fixed"}, "unknown kind 'Fixed'"),
        ({"zones": "123"}, "`zones` is not a list"),
        ({"zones": [True]}, "no name"),
        ({"balance": "yes"}, "`balance` is neither true nor false"),
        ({"pin": []}, "unknown field 'pin'; is it pins"),
        ({"pins": [3]}, "`pins[0]` is no mapping"),
        ({"pins": [{"zone": "1"}]}, "`pins[0]` does not say count"),
        ({"pins": [{"zone": "1", "count": None}]}, "`pins[0]` does not say count"),
        ({"taken": [{"domain": "0", "count": 1}]}, "`taken[0].domain` is not a whole number"),
    ],
)
def test_a_wrong_field_is_named(changed: dict[str, Any], said: str) -> None:
    """With what is wrong about it."""
    with pytest.raises(QuestionError) as caught:
        parse_question(json.dumps({**JSON, **changed}))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a", "{", "a: [", "{a: 1, a: 2}", '{"edition": "2021-02", "edition": "2021-02"}', "\x00", "- &a [*a]"],
)
def test_a_text_that_is_no_question_is_refused(text: str) -> None:
    """Neither YAML nor JSON, no mapping, or a key that stands twice."""
    with pytest.raises(QuestionError):
        parse_question(text)


FIELDS = st.sampled_from(
    ["edition", "kind", "instances", "zones", "fault_domains", "balance", "pins", "taken", "at_most", "zone", "count"]
)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.sampled_from(["2021-02", "Uniform", "1", ""]), st.text(max_size=5)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(FIELDS, VALUES, max_size=6), st.booleans())
def test_any_json_is_a_question_or_one_line(value: dict[str, Any], whole: bool) -> None:
    """No other error comes out, also where what has to be there is."""
    with suppress(QuestionError):
        assert parse_question(json.dumps({**JSON, **value} if whole else value)).instances >= 0


@given(st.text(max_size=60))
def test_any_text_is_a_question_or_one_line(text: str) -> None:
    """Also what is neither YAML nor JSON."""
    with pytest.raises(QuestionError):
        parse_question(text)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Missing, a folder, not text, too long, or with a name that no file has."""
    binary, long = tmp_path / "binary", tmp_path / "long"
    binary.write_bytes(b"\xff\xfe\x00")
    long.write_bytes(b" " * (LARGEST_FILE + 1))
    for path in (tmp_path / "missing", tmp_path, binary, long, Path("a\0b")):
        with pytest.raises(QuestionError) as caught:
            load_question(path)
        assert str(caught.value).startswith(str(path))
