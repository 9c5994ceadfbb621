"""Bad input ends in one clear line or in a skipped exchange, never in anything else."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmss_model.oracle.recordings import Recording, Skipped, UnusableInput, discover, load

from .writers import (
    PLAIN,
    Writer,
    as_har,
    as_json_cassette,
    as_log,
    as_packed_log,
    as_yaml_cassette,
    entry,
    interaction,
    log_entry,
)

ENDINGS = ["jsonl", "jsonl.gz", "json", "json.gz", "yaml", "yml.gz", "har", "har.gz", "txt", ""]
DEEP = 100_000
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def _load(tmp_path: Path, name: str, content: bytes | str) -> Recording:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(path)


def _result(path: Path) -> Recording | UnusableInput:
    try:
        return load(path)
    except UnusableInput as refusal:
        return refusal


def _refusal(tmp_path: Path, name: str, content: bytes | str) -> UnusableInput:
    with pytest.raises(UnusableInput) as caught:
        _load(tmp_path, name, content)
    line = str(caught.value)
    assert line.isprintable(), "the message is one line"
    assert line.startswith(f"{tmp_path / name}: {caught.value.place}: ")
    assert len(line) < 1200
    return caught.value


def _skipped_beside_a_good_line(tmp_path: Path, line: bytes | str) -> Skipped:
    raw = line.encode() if isinstance(line, str) else line
    recording = _load(tmp_path, "log.jsonl", as_log([PLAIN]) + raw + b"\n" + as_log([PLAIN]))
    assert [e.place for e in recording.exchanges] == ["line 1", "line 3"]
    (skipped,) = recording.skipped
    assert skipped.place == "line 2"
    assert skipped.reason.isprintable()
    return skipped


def _changed(*path: str, to: object) -> str:
    """A log line with one member changed."""
    raw: dict[str, Any] = log_entry(PLAIN)
    at = raw
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = to
    return json.dumps(raw)


def _lacking(*path: str) -> str:
    """A log line without one member."""
    raw: dict[str, Any] = log_entry(PLAIN)
    at = raw
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return json.dumps(raw)


@pytest.mark.parametrize("ending", ENDINGS)
@in_one_folder
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes_are_refused_in_one_line(tmp_path: Path, ending: str, content: bytes) -> None:
    """By whatever name."""
    _refusal(tmp_path, f"file.{ending}", content)


@pytest.mark.parametrize("write", [as_log, as_yaml_cassette, as_json_cassette, as_har])
@in_one_folder
@given(data=st.data())
def test_damage_anywhere_is_refused_skipped_or_harmless(tmp_path: Path, write: Writer, data: st.DataObject) -> None:
    """Any piece of any file may be replaced by anything."""
    content = write([PLAIN, PLAIN])
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 20, len(content))))
    piece = data.draw(st.binary(max_size=8) | st.text('[]{}",:\\&*!|>-%@`? \n', max_size=8).map(str.encode))
    damaged = content[:start] + piece + content[end:]
    for ending in ("", ".jsonl", ".json", ".yaml"):
        path = tmp_path / f"file{ending}"
        path.write_bytes(damaged)
        result = _result(path)
        assert str(result).isprintable() if isinstance(result, UnusableInput) else result.exchanges


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_file_is_refused(tmp_path: Path, ending: str) -> None:
    """As is one of blanks alone."""
    assert _refusal(tmp_path, f"file.{ending}", b"").problem == "it is empty"
    if not ending.endswith("gz"):
        assert _refusal(tmp_path, f"file.{ending}", b" \n\n").problem == "it is empty"
    assert _refusal(tmp_path, f"file.{ending}", gzip.compress(b"")).problem == "it is empty"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_of_nul_bytes_is_not_called_empty(tmp_path: Path, ending: str) -> None:
    """It is what a disk leaves of a file that was not written."""
    content = b"\0" * 100
    problem = _refusal(tmp_path, f"file.{ending}", gzip.compress(content) if ending.endswith("gz") else content).problem
    assert problem != "it is empty"


def test_a_cut_off_gzip_file_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    """Data were lost, and nothing is half judged."""
    packed = as_packed_log([PLAIN] * 3)
    for length in range(1, len(packed)):
        refusal = _refusal(tmp_path, "log.jsonl.gz", packed[:length])
        assert refusal.place == "whole file"
        assert "gzip" in refusal.problem


def test_a_gzip_file_with_a_changed_byte_is_never_read_as_something_else(tmp_path: Path) -> None:
    """Its checksum tells; only bytes of the header that say nothing about the data may change."""
    packed = as_packed_log([PLAIN] * 3)
    whole = _load(tmp_path, "log.jsonl.gz", packed).exchanges
    for index in range(len(packed)):
        damaged = bytearray(packed)
        damaged[index] ^= 0x55
        path = tmp_path / "log.jsonl.gz"
        path.write_bytes(damaged)
        result = _result(path)
        assert "gzip" in result.problem if isinstance(result, UnusableInput) else result.exchanges == whole


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    """Before it is unpacked in full."""
    bomb = gzip.compress(b" " * (140 * 2**20), compresslevel=1)
    assert "unpack to more than 128 MiB" in _refusal(tmp_path, "log.jsonl.gz", bomb).problem


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "it is not JSON at column 1"),
        ('{"trace": "t", "step"', "it is not JSON"),
        (b"\xff\xfe", "it is not UTF-8 text at byte 1"),
        ("[1, 2]", "the line is a list, not an object"),
        ("null", "the line is null, not an object"),
        (_lacking("request"), "the exchange has no `request`"),
        (_lacking("response"), "the exchange has no `response`"),
        (_lacking("step"), "the exchange has no `step`"),
        (_lacking("request", "method"), "the request has no `method`"),
        (_lacking("request", "url"), "the request has no `url`"),
        (_lacking("request", "body"), "the request has no `body`"),
        (_lacking("response", "status"), "the response has no `status`"),
        (_lacking("response", "headers"), "the response has no `headers`"),
        (_lacking("response", "body"), "the response has no `body`"),
        (_changed("request", to=[]), "`request` is a list, not an object"),
        (_changed("request", "method", to=7), "the request's method is a number, not text"),
        (_changed("request", "method", to="GET /"), "is not an HTTP method"),
        (_changed("request", "url", to=""), "is not an address"),
        (_changed("request", "url", to="/a\nb"), "is not an address"),
        (_changed("request", "body_recorded", to="no"), "`body_recorded` is neither true nor false"),
        (_changed("response", "status", to=True), "the response's status is true"),
        (_changed("response", "status", to="2OO"), "the response's status is text"),
        (_changed("response", "status", to="٢٠٠"), "the response's status is text"),
        (_changed("response", "status", to=200.0), "the response's status is a number"),
        (_changed("response", "status", to=0), "the response's status is 0"),
        (_changed("response", "headers", to=[]), "the response's `headers` is a list"),
        (_changed("response", "headers", "etag", to=["a"]), "the response's header `etag` is a list"),
        (_changed("date", to=2017), "`date` is a number, not text"),
        (_changed("step", to="3"), "`step` is text"),
        (_changed("step", to=True), "`step` is true"),
        (_changed("step", to=-1), "`step` is a number, not a whole number from 0 up"),
        (_changed("response", "body", to=float("nan")), "NaN is not a JSON value"),
        (_changed("response", "body", to=float("-inf")), "-Infinity is not a JSON value"),
        (_changed("response", "body", to=7).replace("7}", "1e999}"), "the number `1e999` is too large"),
        (_changed("response", "body", to=7).replace("7}", "9" * 5000 + "}"), "a number too long to read"),
        (_changed("response", "body", to="\ud800"), "half a surrogate pair"),
        (_changed("request", "body", to={"\udfff": 1}), "half a surrogate pair"),
        (_changed("request", "body", to=json.loads("[" * 101 + "]" * 101)), "nested more than 100 levels"),
        ("[" * DEEP, "nested more than 100 levels"),
        ('{"a":' * DEEP, "nested more than 100 levels"),
        (_changed("step", to=1)[:-1] + ', "step": 1}', "the key `step` stands twice in one object"),
        (
            _changed("request", "body", to=7).replace("7}", '{"sku": 1, "sku": 1}}'),
            "the key `sku` stands twice",
        ),
        (
            _changed("response", "body", to=7).replace("7}", '[{"x": {"a\\n": 1, "a\\n": 2}}]}'),
            "stands twice",
        ),
    ],
)
def test_a_bad_line_is_skipped_and_the_rest_of_the_log_kept(tmp_path: Path, line: bytes | str, reason: str) -> None:
    """With its place and the reason; alone in its file, it makes the file unusable for the same reason."""
    assert reason in _skipped_beside_a_good_line(tmp_path, line).reason
    refusal = _refusal(tmp_path, "alone.jsonl", line)
    assert refusal.place == "line 1"
    assert reason in refusal.problem


def test_nesting_up_to_the_limit_is_read(tmp_path: Path) -> None:
    """The body is itself three levels into the line."""
    line = _changed("response", "body", to=json.loads("[" * 98 + "]" * 98))
    assert len(_load(tmp_path, "log.jsonl", line).exchanges) == 1


def test_many_brackets_side_by_side_are_not_taken_for_nesting(tmp_path: Path) -> None:
    """Nor are brackets in text."""
    line = _changed("response", "body", to=[[]] * 5000 + ["[" * 5000])
    assert len(_load(tmp_path, "log.jsonl", line).exchanges) == 1


def test_ten_megabytes_of_text_are_read(tmp_path: Path) -> None:
    """In every format, and within seconds."""
    started = time.perf_counter()
    text = "x" * 10_000_000
    line = _changed("response", "body", to=text)
    taped: dict[str, Any] = interaction(PLAIN)
    taped["response"]["body"] = {"string": text}
    cassette = json.dumps({"interactions": [taped]})
    for name, content in (("a.jsonl", line), ("a.json", cassette), ("a.yaml", "# YAML\n" + cassette)):
        assert _load(tmp_path, name, content).exchanges[0].response.body == text
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize("ending", ["yaml", "txt"])
@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "a:\n", "[[[]], ", "!!seq [", "&a [", "- - \n- ", "{? "])
def test_deeply_nested_yaml_is_refused(tmp_path: Path, ending: str, unit: str) -> None:
    """Such a file must not end the process, as it would in the compiled composer."""
    _refusal(tmp_path, f"file.{ending}", "# YAML\n" + unit * DEEP)


@pytest.mark.parametrize("ending", ["json", "har", "txt", "yaml"])
def test_deeply_nested_json_is_refused(tmp_path: Path, ending: str) -> None:
    """Closed or not, as a document or in a document."""
    for content in ("[" * DEEP, "[" * DEEP + "]" * DEEP, '{"log":' * DEEP + "1" + "}" * DEEP):
        assert "nested" in _refusal(tmp_path, f"file.{ending}", content).problem


@pytest.mark.parametrize("open_close", ["[]", "{}"])
def test_a_deeply_nested_body_in_a_cassette_is_skipped(tmp_path: Path, open_close: str) -> None:
    """The other interactions are kept."""
    bad: dict[str, Any] = interaction(PLAIN)
    opening = "[" if open_close == "[]" else '{"a":'
    bad["response"]["body"] = {"string": opening * DEEP}
    recording = _load(tmp_path, "c.json", json.dumps({"interactions": [interaction(PLAIN), bad]}))
    assert [s.place for s in recording.skipped] == ["interactions[1]"]
    assert "nested" in recording.skipped[0].reason


def _billion_laughs(opening: str, separator: str, closing: str) -> str:
    lines = [f"a0: &a0 {opening}{closing}"]
    for level in range(1, 40):
        lines.append(f"a{level}: &a{level} {opening}{separator.join([f'*a{level - 1}'] * 9)}{closing}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "bomb",
    [
        _billion_laughs("[", ", ", "]"),
        _billion_laughs("{<<: [", ", ", "]}"),
        "a: &a [" + "x, " * 3000 + "]\nb: [" + "*a, " * 3000 + "]",
        "a: &a " + "x" * 100_000 + "\nb: [" + "*a , " * 3000 + "]",
    ],
    ids=["lists", "merge keys", "quadratic", "long text"],
)
def test_a_yaml_alias_bomb_is_refused_at_once(tmp_path: Path, bomb: str) -> None:
    """Neither time nor memory is spent on it."""
    started = time.perf_counter()
    assert "aliases" in _refusal(tmp_path, "bomb.yaml", bomb).problem
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("interactions:\n- !!python/object/apply:os.system ['true']", "python/object/apply:os.system"),
        ("interactions:\n- !!python/name:os.system ''", "python/name:os.system"),
        ("interactions:\n- a: !custom {}", "the tag `!custom` is not one of plain data"),
        ("interactions:\n- !!set {a}", "is not one of plain data"),
        ("a: 1\nb: &b [*b]", "the alias `b` stands for nothing complete"),
        ("a: 1\nb: *c", "the alias `c` stands for nothing complete"),
        ("interactions: []\n[a]: b", "a key is not text"),
        ("interactions: &a []\n*a : b", "a key is not text"),
        ("interactions: []\nb: !!binary '%'", "it is not base64"),
        ("interactions: []\n--- 1\n", "a second YAML document begins"),
        ("interactions: []\nb: 'never closed", "it is not YAML"),
        ("interactions: []\nb: \x07", "it is not YAML"),
        ('interactions: []\nb: "\\ud800"', "it is not YAML"),
    ],
)
def test_yaml_beyond_plain_data_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """With the line at fault, where the parser knows it."""
    refusal = _refusal(tmp_path, "cassette.yaml", text)
    assert problem in refusal.problem
    assert refusal.place in {"line 2", "line 3", "whole file"}


def test_a_tag_of_megabytes_does_not_flood_the_message(tmp_path: Path) -> None:
    """A message quotes a file only so far."""
    _refusal(tmp_path, "cassette.yaml", "interactions: !" + "x" * 900 + " []")
    _refusal(tmp_path, "cassette.json", '{"interactions": [], "' + "k" * 10**6 + '": 1, "' + "k" * 10**6 + '": 1}')


@pytest.mark.parametrize(
    ("name", "content", "place", "problem"),
    [
        ("a.json", "{", "line 1", "it is not JSON"),
        ("a.har", '{"log":\n {"entries":\n [}', "line 3", "it is not JSON"),
        ("a.har", '{"log": {"entries":\n\n "\udcff"}}', "line 3", "it is not UTF-8 text"),
        ("a.json", "7", "whole file", "it has neither"),
        ("a.json", "[]", "whole file", "it has neither"),
        ("a.yaml", "just words", "whole file", "it has neither"),
        ("a.json", '{"interactions": [], "interactions": []}', "whole file", "`interactions` stands twice"),
        ("a.yaml", "interactions: []\ninteractions: []", "whole file", "`interactions` stands twice"),
        ("a.json", '{"interactions": []}', "whole file", "it holds no exchange"),
        ("a.json", '{"interactions": {}}', "interactions", "`interactions` is an object, not a list"),
        ("a.json", '{"interactions": [], "version": 2}', "version", "another version"),
        ("a.har", '{"log": []}', "log", "`log` is a list"),
        ("a.har", '{"log": {}}', "log", "`log` has no `entries`"),
        ("a.har", '{"log": {"entries": [], "entries": []}}', "log", "`entries` stands twice"),
        ("a.har", '{"log": {"entries": [3]}}', "log.entries[0]", "the entry is a number"),
        ("a.har", '{"log": {"entries": [], "x": NaN}}', "whole file", "NaN is not a JSON value"),
    ],
)
def test_a_bad_document_is_refused(tmp_path: Path, name: str, content: str, place: str, problem: str) -> None:
    """With the place at fault."""
    refusal = _refusal(tmp_path, name, content.encode(errors="surrogateescape"))
    assert refusal.place == place
    assert problem in refusal.problem


def _with_two_codes(document: str) -> str:
    good, bad = document.rsplit('"code": 200', 1)
    return f'{good}"code": 200, "code": 404{bad}'


@pytest.mark.parametrize("name", ["c.json", "c.yaml"])
def test_a_doubled_key_in_a_cassette_skips_its_interaction(tmp_path: Path, name: str) -> None:
    """In its envelope as in its body."""
    bad_body: dict[str, Any] = interaction(PLAIN)
    bad_body["response"]["body"] = {"string": '{"a": 1, "a": 2}'}
    document = json.dumps({"interactions": [interaction(PLAIN), bad_body, interaction(PLAIN)]})
    recording = _load(tmp_path, name, ("# YAML\n" if name == "c.yaml" else "") + _with_two_codes(document))
    assert recording.skipped == (
        Skipped("interactions[1]", "the key `a` stands twice in one object"),
        Skipped("interactions[2]", "the key `code` stands twice in one object"),
    )
    assert len(recording.exchanges) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda e: e["response"].update(status=0), "status is 0"),
        (lambda e: e["response"].pop("headers"), "the response has no `headers`"),
        (lambda e: e["response"].update(headers=[{"name": "a"}]), "a header of the response has no `value`"),
        (lambda e: e["response"].update(headers=[{"name": None, "value": ""}]), "a header's name is null"),
        (lambda e: e["response"]["content"].update(text="%"), "it is not base64"),
        (lambda e: e["response"]["content"].update(text="/w=="), "it is not UTF-8 text"),
        (lambda e: e["response"]["content"].update(text="H4sI"), "the gzip data are cut off"),
        (lambda e: e["response"]["content"].update(encoding="br"), "an encoding other than base64"),
        (lambda e: e["request"].update(postData="x"), "`postData` is text"),
        (lambda e: e["request"].update(postData={"text": 3}), "the request's body is a number"),
        (lambda e: e["request"].update(postData={"text": '{"a": NaN}'}), "NaN is not a JSON value"),
        (lambda e: e["request"].update(postData={"text": '"\\ud800"'}), "half a surrogate pair"),
        (lambda e: e["request"].update(postData={"text": "x\ud800"}), "half a surrogate pair"),
        (lambda e: e.update(startedDateTime=3), "`startedDateTime` is a number"),
    ],
)
def test_a_bad_entry_of_a_har_file_is_skipped(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    """The rest is kept."""
    bad = entry(PLAIN)
    change(bad)
    recording = _load(tmp_path, "a.har", json.dumps({"log": {"entries": [bad, entry(PLAIN)]}}))
    assert len(recording.exchanges) == 1
    (skipped,) = recording.skipped
    assert skipped.place == "log.entries[0]"
    assert reason in skipped.reason


def test_a_packed_body_that_unpacks_without_bounds_is_skipped(tmp_path: Path) -> None:
    """A bomb in a body does not take the memory of a whole recording."""
    bad: dict[str, Any] = interaction(PLAIN)
    bad["response"]["body"] = {"string": gzip.compress(b" " * (33 * 2**20), compresslevel=1)}
    content = yaml.safe_dump({"interactions": [bad, interaction(PLAIN)]}).encode()
    (skipped,) = _load(tmp_path, "c.yaml", content).skipped
    assert "unpack to more than 32 MiB" in skipped.reason


def test_a_log_under_another_name_survives_damage_to_its_first_line(tmp_path: Path) -> None:
    """One bad line does not hide what the file is."""
    for name in ("log.json", "log.txt"):
        for bad in (b"{\n", b"\xff\n"):
            recording = _load(tmp_path, name, bad + as_log([PLAIN]))
            assert [s.place for s in recording.skipped] == ["line 1"]
            assert len(recording.exchanges) == 1


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe, a path that leads nowhere or cannot be one; none may keep the reader waiting."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, problem in [
        (tmp_path, "it is not a file"),
        (tmp_path / "pipe.jsonl", "it is not a file"),
        (tmp_path / "absent", "it does not exist"),
        (tmp_path / "loop", "it cannot be read"),
        (Path("a\0b"), "it cannot be read"),
        (tmp_path / ("x" * 5000), "it cannot be read"),
    ]:
        with pytest.raises(UnusableInput, match=problem) as caught:
            load(path)
        assert str(caught.value).isprintable()


def test_a_file_that_must_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is passed on; simulated, as a superuser is refused nothing."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(as_log([PLAIN]))

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnusableInput, match="it must not be read"):
        load(path)


def test_a_strange_file_name_stands_in_one_line(tmp_path: Path) -> None:
    """Names may hold line ends and bytes that are no text."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\nb\xff.jsonl"))
    path.write_bytes(as_log([PLAIN]))
    assert load(path).name == "a\\nb\\udcff.jsonl"
    with pytest.raises(UnusableInput) as caught:
        load(path.with_suffix(".txt"))
    assert str(caught.value).isprintable()


def test_the_refusal_keeps_its_parts_when_sent_to_another_process() -> None:
    """Its four parts are one line."""
    refusal = pickle.loads(pickle.dumps(UnusableInput("a", "line 3", "it is bad", "make it good")))
    assert str(refusal) == "a: line 3: it is bad; make it good"
    assert (refusal.path, refusal.place) == ("a", "line 3")


def test_a_path_that_does_not_exist_is_not_discovered() -> None:
    """It is refused rather than passed over."""
    with pytest.raises(UnusableInput, match="it does not exist"):
        discover([Path("nowhere")])
