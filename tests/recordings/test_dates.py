"""The two ways of writing a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_model.oracle.recordings import parse_date

moments = st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC))


@given(moment=moments)
def test_an_http_date_reads_back_to_the_second(moment: datetime) -> None:
    """As the service writes it in every answer."""
    assert parse_date(format_datetime(moment, usegmt=True)) == moment.replace(microsecond=0)


@given(moment=moments)
def test_an_iso_time_reads_back_equal(moment: datetime) -> None:
    """With a zone, with `Z`, and without either, which counts as UTC."""
    plain = moment.replace(tzinfo=None).isoformat()
    assert parse_date(moment.isoformat()) == parse_date(plain + "Z") == parse_date(plain) == moment


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    """All times are given in UTC."""
    moment = datetime(2017, 8, 3, 22, 18, tzinfo=timezone(timedelta(hours=2)))
    read = parse_date("2017-08-03T22:18:00+02:00")
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


def test_seven_digits_of_a_second_are_cut_to_six() -> None:
    """The service writes its own times so."""
    assert parse_date("2017-08-03T22:18:00.1234567Z") == datetime(2017, 8, 3, 22, 18, 0, 123456, tzinfo=UTC)


@given(text=st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"))
def test_no_text_is_more_than_unknown(text: str) -> None:
    """Anything else gives None, never an error."""
    read = parse_date(text)
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thu, 31 Feb 2017 22:18:00 GMT",
        "Thu, 03 Xxx 2017 22:18:00 GMT",
        "Thu, 03 Aug 2017 22:18:00 CET",
        "REDACTED",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_impossible_date_is_unknown(text: str) -> None:
    """Also one that its zone pushes out of the calendar."""
    assert parse_date(text) is None
