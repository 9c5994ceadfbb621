"""The exchange log: one exchange a line, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from . import strict_json
from .decoding import utf8
from .exchange import ArmRequest, ArmResponse, Exchange, Recording, Unreadable
from .shape import (
    as_headers,
    as_method,
    as_object,
    as_status,
    as_step,
    as_text,
    as_url,
    gather,
    member,
)

_SNIFFED_LINES = 5


def read_log(path: str, content: bytes) -> Recording:
    """Read an exchange log; a line that cannot be read is skipped."""
    return gather(path, _lines(content), _read_line)


def looks_like_log(content: bytes) -> bool:
    """Tell whether one of the first lines is an exchange: damage to a single line must not hide a log."""
    for count, (_, line) in enumerate(_lines(content)):
        if count == _SNIFFED_LINES:
            break
        try:
            value = strict_json.parse(utf8(line))
        except Unreadable:
            continue
        if isinstance(value, dict) and "request" in value:
            return True
    return False


def _lines(content: bytes) -> Iterator[tuple[str, bytes]]:
    # Split at line feeds alone: JSON text may hold the other characters Python takes for line ends.
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield f"line {number}", line


def _read_line(line: bytes, _index: int, place: str) -> Exchange:
    entry = as_object(strict_json.parse(utf8(line)), "the line")
    return Exchange(
        request=_request(as_object(member(entry, "request", "the exchange"), "`request`")),
        response=_response(as_object(member(entry, "response", "the exchange"), "`response`")),
        date=_date(entry.get("date")),
        step=as_step(member(entry, "step", "the exchange")),
        place=place,
    )


def _request(request: dict[str, object]) -> ArmRequest:
    body_recorded = request.get("body_recorded", True)
    if not isinstance(body_recorded, bool):
        raise Unreadable("`body_recorded` is neither true nor false")
    return ArmRequest(
        method=as_method(member(request, "method", "the request")),
        url=as_url(member(request, "url", "the request")),
        # Only a source that says so leaves request bodies out; elsewhere a missing body is a damaged line.
        body=member(request, "body", "the request") if body_recorded else request.get("body"),
        body_recorded=body_recorded,
    )


def _response(response: dict[str, object]) -> ArmResponse:
    headers = as_object(member(response, "headers", "the response"), "the response's `headers`")
    return ArmResponse(
        status=as_status(member(response, "status", "the response")),
        headers=as_headers(headers.items()),
        body=member(response, "body", "the response"),
    )


def _date(value: object) -> str:
    return "" if value is None else as_text(value, "`date`")
