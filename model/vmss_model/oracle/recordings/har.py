"""HAR 1.2, the HTTP archives of browsers and proxies."""

from __future__ import annotations

from collections.abc import Iterator

from . import strict_json
from .decoding import body_from_bytes, body_from_text, unbase64
from .exchange import ArmRequest, ArmResponse, Exchange, Recording, Unreadable, UnusableInput, quoted
from .shape import as_headers, as_list, as_method, as_object, as_status, as_text, as_url, gather, member


def read_har(path: str, archive: dict[str, object]) -> Recording:
    """Read an archive; an entry that cannot be read is skipped."""
    try:
        log = as_object(archive["log"], "`log`")
        if isinstance(log, strict_json.Doubled):
            raise Unreadable(f"the key {quoted(log.key)} stands twice in one object")
        entries = as_list(member(log, "entries", "`log`"), "`entries`")
    except Unreadable as why:
        raise UnusableInput(path, "log", str(why), "a HAR file has a list of entries in its log") from None
    places = ((f"log.entries[{index}]", entry) for index, entry in enumerate(entries))
    return gather(path, places, _read_entry)


def _read_entry(value: object, index: int, place: str) -> Exchange:
    strict_json.check(value)
    entry = as_object(value, "the entry")
    date = entry.get("startedDateTime")
    return Exchange(
        request=_request(as_object(member(entry, "request", "the entry"), "`request`")),
        response=_response(as_object(member(entry, "response", "the entry"), "`response`")),
        date="" if date is None else as_text(date, "`startedDateTime`"),
        step=index,
        place=place,
    )


def _request(request: dict[str, object]) -> ArmRequest:
    posted = request.get("postData")
    text = None if posted is None else as_object(posted, "`postData`").get("text")
    return ArmRequest(
        method=as_method(member(request, "method", "the request")),
        url=as_url(member(request, "url", "the request")),
        body=None if text is None else body_from_text(as_text(text, "the request's body")),
        # An archive may leave a body out and still give its size.
        body_recorded=text is not None or not _has_size(request.get("bodySize")),
    )


def _response(response: dict[str, object]) -> ArmResponse:
    return ArmResponse(
        status=as_status(member(response, "status", "the response")),
        headers=as_headers(_headers(as_list(member(response, "headers", "the response"), "`headers`"))),
        body=_content(as_object(member(response, "content", "the response"), "`content`")),
    )


def _headers(headers: list[object]) -> Iterator[tuple[str, object]]:
    for item in headers:
        header = as_object(item, "a header of the response")
        name = as_text(member(header, "name", "a header of the response"), "a header's name")
        yield name, member(header, "value", "a header of the response")


def _content(content: dict[str, object]) -> object:
    text = content.get("text")
    if text is None:
        if _has_size(content.get("size")):
            raise Unreadable("the response's body was not recorded")
        return None
    text = as_text(text, "the response's body")
    encoding = content.get("encoding")
    if encoding in (None, ""):
        return body_from_text(text)
    if encoding != "base64":
        raise Unreadable("the response's body is in an encoding other than base64")
    return body_from_bytes(unbase64(text))


def _has_size(size: object) -> bool:
    return isinstance(size, int) and size > 0
