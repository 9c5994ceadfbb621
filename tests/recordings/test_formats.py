"""What the formats leave open is read in one way."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from vmss_model.oracle.recordings import Recording, load, plain_yaml

from .writers import PLAIN, entry, interaction, log_entry


def _cassette(tmp_path: Path, *interactions: object, as_yaml: bool = True) -> Recording:
    document = {"interactions": list(interactions), "version": 1}
    path = tmp_path / "cassette"
    path.write_text(yaml.safe_dump(document) if as_yaml else json.dumps(document))
    return load(path)


def _har(tmp_path: Path, *entries: object) -> Recording:
    path = tmp_path / "archive.har"
    path.write_text(json.dumps({"log": {"entries": list(entries)}}))
    return load(path)


def _interaction(response_body: object, request_body: object = None, **headers: object) -> dict[str, Any]:
    made: dict[str, Any] = interaction(PLAIN)
    made["response"]["body"] = response_body
    made["response"]["headers"].update(headers)
    made["request"]["body"] = request_body
    return made


@pytest.mark.parametrize(
    "body",
    [
        {"string": '{"a": 1}'},
        '{"a": 1}',
        {"string": b'{"a": 1}'},
        {"string": gzip.compress(b'{"a": 1}')},
        {"base64_string": base64.b64encode(b'{"a": 1}').decode()},
        {"base64_string": base64.encodebytes(gzip.compress(b'{"a": 1}')).decode(), "encoding": "UTF-8"},
    ],
)
def test_a_cassette_wraps_a_body_in_many_ways(tmp_path: Path, body: object) -> None:
    """Text, bytes, base64, gzipped or not, all hold the same JSON value."""
    read = _cassette(tmp_path, _interaction(body, **{"Content-Encoding": ["gzip"]}))
    assert read.exchanges[0].response.body == {"a": 1}


@pytest.mark.parametrize(("text", "value"), [("", None), ("null", None), ("Not found", "Not found"), ("[1]", [1])])
def test_a_body_is_json_or_text_or_nothing(tmp_path: Path, text: str, value: object) -> None:
    """In cassettes and archives alike."""
    archived: dict[str, Any] = entry(PLAIN)
    archived["response"]["content"] = {"text": text}
    archived["request"]["postData"] = {"text": text}
    recorded = _cassette(tmp_path, _interaction({"string": text}, text), as_yaml=False)
    for read in (recorded, _har(tmp_path, archived)):
        assert read.exchanges[0].response.body == value
        assert read.exchanges[0].request.body == value


def test_header_names_are_lower_case_and_values_of_one_name_joined(tmp_path: Path) -> None:
    """As HTTP takes them."""
    read = _cassette(tmp_path, _interaction(None, **{"X-Ms-A": ["1", "2"], "x-ms-a": ["3"], "Retry-After": [30]}))
    headers = read.exchanges[0].response.headers
    assert headers["x-ms-a"] == "1, 2, 3"
    assert headers["retry-after"] == "30"


def test_a_method_is_upper_case_and_a_status_may_be_text(tmp_path: Path) -> None:
    """Both are seen in hand-written recordings."""
    raw: dict[str, Any] = log_entry(PLAIN)
    raw["request"]["method"] = "put"
    raw["response"]["status"] = "201"
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(raw))
    (read,) = load(path).exchanges
    assert (read.request.method, read.response.status) == ("PUT", 201)


def test_an_unknown_date_is_empty(tmp_path: Path) -> None:
    """In a log, a cassette and an archive."""
    raw, taped, archived = log_entry(PLAIN), _interaction(None), entry(PLAIN)
    del raw["date"], taped["response"]["headers"]["Date"], archived["startedDateTime"]
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(raw))
    for read in (load(path), _cassette(tmp_path, taped), _har(tmp_path, archived)):
        assert read.exchanges[0].date == ""


def test_a_har_file_that_leaves_out_a_request_body_says_so_by_its_size(tmp_path: Path) -> None:
    """A size without text is a body that was not recorded; no size is no body."""
    left_out: dict[str, Any] = entry(PLAIN)
    left_out["request"]["bodySize"] = 120
    none: dict[str, Any] = entry(PLAIN)
    none["request"]["bodySize"] = 0
    read = _har(tmp_path, left_out, none)
    assert [e.request.body_recorded for e in read.exchanges] == [False, True]


def test_a_har_file_that_leaves_out_a_response_body_cannot_be_judged_there(tmp_path: Path) -> None:
    """Browsers drop large answers; the entry is skipped."""
    left_out: dict[str, Any] = entry(PLAIN)
    left_out["response"]["content"] = {"size": 120}
    read = _har(tmp_path, left_out, entry(PLAIN))
    assert [(s.place, s.reason) for s in read.skipped] == [("log.entries[0]", "the response's body was not recorded")]


def test_a_yaml_alias_stands_for_what_it_repeats(tmp_path: Path) -> None:
    """The YAML writer puts an alias where one list is used twice."""
    shared = ["1"]
    read = _cassette(tmp_path, _interaction(None, a=shared, b=shared))
    assert "*id001" in (tmp_path / "cassette").read_text()
    headers = read.exchanges[0].response.headers
    assert headers["a"] == headers["b"] == "1"


def test_unquoted_yaml_stays_what_it_says(tmp_path: Path) -> None:
    """Dates, fractions and numbers in base 60 stay text; `yes` is no boolean."""
    path = tmp_path / "cassette.yaml"
    path.write_text(
        "version: 1\ninteractions:\n- request: {method: GET, uri: /a, body: null}\n  response:\n"
        "    status: {code: 200}\n    headers: {a: 2017-08-03, b: 1.50, c: 1:30, d: yes, e: 010, f: =}\n"
        "    body: ~\n"
    )
    headers = load(path).exchanges[0].response.headers
    assert headers == {"a": "2017-08-03", "b": "1.50", "c": "1:30", "d": "yes", "e": "010", "f": "="}


def test_cassettes_read_the_same_without_the_compiled_yaml_parser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some installations of PyYAML lack it."""
    taped = _interaction({"string": gzip.compress(b'{"a": 1}')}, '{"b": "\N{SNOWMAN}"}')
    compiled = _cassette(tmp_path, taped)
    monkeypatch.setattr(plain_yaml, "_LOADER", yaml.SafeLoader)
    assert load(tmp_path / "cassette") == compiled
