"""VCR cassettes, as vcrpy writes them in YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterator

from . import strict_json
from .decoding import body_from_bytes, body_from_text, unbase64
from .exchange import ArmRequest, ArmResponse, Exchange, Recording, Unreadable, UnusableInput
from .shape import as_headers, as_list, as_method, as_object, as_status, as_text, as_url, gather, member


def read_cassette(path: str, cassette: dict[str, object]) -> Recording:
    """Read a cassette; an interaction that cannot be read is skipped."""
    if cassette.get("version", 1) not in (1, "1"):
        raise UnusableInput(path, "version", "it is another version of cassette", "write cassettes of version 1")
    try:
        interactions = as_list(cassette["interactions"], "`interactions`")
    except Unreadable as why:
        raise UnusableInput(path, "interactions", str(why), "a cassette has a list of interactions") from None
    places = ((f"interactions[{index}]", item) for index, item in enumerate(interactions))
    return gather(path, places, _read_interaction)


def _read_interaction(value: object, index: int, place: str) -> Exchange:
    strict_json.check(value)
    interaction = as_object(value, "the interaction")
    request = as_object(member(interaction, "request", "the interaction"), "`request`")
    response = as_object(member(interaction, "response", "the interaction"), "`response`")
    answered = _response(response)
    return Exchange(_request(request), answered, answered.headers.get("date", ""), index, place)


def _request(request: dict[str, object]) -> ArmRequest:
    return ArmRequest(
        method=as_method(member(request, "method", "the request")),
        url=as_url(member(request, "uri", "the request")),
        body=_body(request.get("body"), "the request's body"),
        body_recorded="body" in request,
    )


def _response(response: dict[str, object]) -> ArmResponse:
    status = as_object(member(response, "status", "the response"), "the response's `status`")
    headers = as_object(member(response, "headers", "the response"), "the response's `headers`")
    return ArmResponse(
        status=as_status(member(status, "code", "the response's `status`")),
        headers=as_headers(_header_values(headers)),
        body=_body(member(response, "body", "the response"), "the response's body"),
    )


def _header_values(headers: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, values in headers.items():
        if not isinstance(values, list):
            yield name, values
            continue
        for value in values:
            yield name, value


def _body(body: object, what: str) -> object:
    """Read a body in any of the wrappings that vcrpy and its JSON writers give it."""
    if isinstance(body, dict):
        if isinstance(body.get("base64_string"), str):
            return body_from_bytes(unbase64(body["base64_string"]))
        body = member(body, "string", what)
    if body is None:
        return None
    # Packed bodies are known by their first bytes: the header says gzip also where vcrpy has unpacked them.
    return body_from_bytes(body) if isinstance(body, bytes) else body_from_text(as_text(body, what))
