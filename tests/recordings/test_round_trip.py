"""What is written in any of the formats reads back equal."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from

from vmss_model.oracle.recordings import Exchange, load

from .writers import (
    PLAIN,
    Writer,
    as_har,
    as_json_cassette,
    as_log,
    as_packed_log,
    as_yaml_cassette,
    at,
    exchange_lists,
    numbered,
)

# The folder is the same for every example, which overwrites the file of the one before.
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def _with_date_header(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """A cassette has its date in a header, which stays there."""
    return tuple(
        evolve(e, response=evolve(e.response, headers={**e.response.headers, "date": e.date})) for e in exchanges
    )


def _without_date_header(exchanges: list[Exchange]) -> list[Exchange]:
    return [
        evolve(
            e,
            response=evolve(e.response, headers={n: v for n, v in e.response.headers.items() if n != "date"}),
        )
        for e in exchanges
    ]


@in_one_folder
@given(exchanges=exchange_lists, named=sampled_from([("jsonl", as_log), ("jsonl.gz", as_packed_log), ("txt", as_log)]))
def test_an_exchange_log_reads_back_equal(tmp_path: Path, named: tuple[str, Writer], exchanges: list[Exchange]) -> None:
    """By its ending or, having none that is known, by its content."""
    ending, write = named
    path = tmp_path / f"log.{ending}"
    path.write_bytes(write(exchanges))
    recording = load(path)
    assert recording.exchanges == at(exchanges, "line {}", first=1)
    assert recording.skipped == ()
    assert (recording.name, recording.path) == (path.name, str(path))


CASSETTES = [("yaml", as_yaml_cassette), ("json", as_json_cassette), ("yml", as_yaml_cassette), ("", as_yaml_cassette)]


@in_one_folder
@given(exchanges=exchange_lists, named=sampled_from(CASSETTES))
def test_a_cassette_reads_back_equal(tmp_path: Path, named: tuple[str, Writer], exchanges: list[Exchange]) -> None:
    """In YAML and in JSON."""
    ending, write = named
    exchanges = _without_date_header(exchanges)
    path = tmp_path / f"cassette.{ending}"
    path.write_bytes(write(exchanges))
    assert load(path).exchanges == at(numbered(_with_date_header(tuple(exchanges))), "interactions[{}]")


@in_one_folder
@given(exchanges=exchange_lists, ending=sampled_from(["har", "json", "dat"]))
def test_a_har_file_reads_back_equal(tmp_path: Path, ending: str, exchanges: list[Exchange]) -> None:
    """By any ending."""
    path = tmp_path / f"archive.{ending}"
    path.write_bytes(as_har(exchanges))
    assert load(path).exchanges == at(numbered(exchanges), "log.entries[{}]")


@pytest.mark.parametrize("write", [as_log, as_yaml_cassette, as_json_cassette, as_har])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path, write: Writer) -> None:
    """Editors leave both behind."""
    plain, edited = tmp_path / "plain", tmp_path / "edited"
    plain.write_bytes(write([PLAIN, PLAIN]))
    edited.write_bytes(b"\xef\xbb\xbf" + write([PLAIN, PLAIN]).replace(b"\n", b"\r\n"))
    assert load(edited).exchanges == load(plain).exchanges


def test_a_log_says_when_request_bodies_are_not_recorded(tmp_path: Path) -> None:
    """`body_recorded: false` reads back."""
    unrecorded = evolve(PLAIN, request=evolve(PLAIN.request, body_recorded=False))
    path = tmp_path / "log.jsonl"
    path.write_bytes(as_log([unrecorded, PLAIN]))
    assert [e.request.body_recorded for e in load(path).exchanges] == [False, True]
