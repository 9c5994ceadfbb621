"""What every reader of recordings hands on, whatever the format it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from attrs import frozen

LONGEST_QUOTE = 120
"""How much of a file's own text a message may quote."""
LONGEST_PROBLEM = 500
"""How long a message may get."""


@frozen
class ArmRequest:
    """One request as it was sent."""

    method: str
    """The HTTP method in upper case."""
    url: str
    """The address as recorded: whole, or from the path on."""
    body: object
    """The JSON value sent; None when nothing was sent."""
    body_recorded: bool = True
    """False when the source does not record request bodies, so that `body` says nothing."""


@frozen
class ArmResponse:
    """The answer to a request."""

    status: int
    """The HTTP status code."""
    headers: Mapping[str, str]
    """The recorded headers by lower-case name; several values of one name are joined by `, `."""
    body: object
    """The JSON value answered, or the text where it is not JSON; None when nothing was answered."""


@frozen
class Exchange:
    """One request and its answer."""

    request: ArmRequest
    """What was asked."""
    response: ArmResponse
    """What was answered."""
    date: str
    """When, as recorded: an HTTP date or an ISO 8601 time; empty when unknown."""
    step: int
    """Its number in the recording; the numbers may have gaps."""
    place: str
    """Where in the file it stands, e.g. `line 12` or `interactions[3]`."""


@frozen
class Skipped:
    """An exchange that cannot be read although the rest of its recording can be judged."""

    place: str
    """Where in the file it stands."""
    reason: str
    """What is wrong with it."""


@frozen
class Recording:
    """One file's exchanges, in the file's order."""

    name: str
    """The name of the file."""
    path: str
    """The path it was read from."""
    exchanges: tuple[Exchange, ...]
    """The exchanges that could be read; at least one."""
    skipped: tuple[Skipped, ...]
    """Those that could not."""


class Unreadable(Exception):  # noqa: N818 - it says what the matter is, as `Skipped` does
    """Why one value, body or exchange cannot be read; a reader turns it into `Skipped` or `UnusableInput`."""


class UnusableInput(Exception):  # noqa: N818 - named for the input, which is at fault
    """A file or folder from which nothing can be judged. Its text is one line."""

    def __init__(self, path: str, place: str, problem: str, remedy: str) -> None:
        """Keep the four parts, each made fit to stand in one line."""
        self.path = shown(path)
        self.place = shown(place)
        self.problem = shown(cut(problem))
        self.remedy = shown(remedy)
        super().__init__(path, place, problem, remedy)

    def __str__(self) -> str:
        """Give file, place, what is wrong and what would be right."""
        return f"{self.path}: {self.place}: {self.problem}; {self.remedy}"


def shown(text: str) -> str:
    """Write text so that it stands in one line and prints on any terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def quoted(text: str) -> str:
    """Quote a file's own text in a message, cut to a readable length."""
    return f"`{shown(cut(text, LONGEST_QUOTE))}`"


def cut(text: str, length: int = LONGEST_PROBLEM) -> str:
    """Keep the beginning of an overlong text."""
    return text if len(text) <= length else text[:length] + "…"


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)


@lru_cache(maxsize=65536)
def parse_date(text: str) -> datetime | None:
    """Read an HTTP date or an ISO 8601 time, which counts as UTC where it names no zone; None if neither."""
    http = _HTTP_DATE.fullmatch(text)
    try:
        if http is None:
            return _as_utc(datetime.fromisoformat(text))
        day, month, year, hour, minute, second = http.groups()
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except (ValueError, KeyError, OverflowError):
        # OverflowError: a zone can push the first or last hours of the calendar out of it.
        return None


def _as_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
