"""Exchanges to write, and the three formats to write them in."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable

import yaml
from attrs import evolve
from hypothesis import strategies as st

from vmss_model.oracle.recordings import ArmRequest, ArmResponse, Exchange

Writer = Callable[[Iterable[Exchange]], bytes]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
header_names = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)
requests = st.builds(
    ArmRequest,
    method=st.sampled_from(["GET", "PUT", "POST", "PATCH", "DELETE"]),
    url=st.from_regex(r"(https://[a-z.]{1,9})?/[A-Za-z0-9/?=&.-]{0,20}", fullmatch=True),
    body=json_values,
)
responses = st.builds(
    ArmResponse,
    status=st.integers(100, 599),
    headers=st.dictionaries(header_names, st.text(), max_size=3),
    body=json_values,
)
exchange_lists = st.lists(
    st.builds(
        Exchange,
        request=requests,
        response=responses,
        date=st.just("Thu, 03 Aug 2017 22:18:00 GMT") | st.just("2017-08-03T22:18:00Z"),
        step=st.integers(min_value=0),
        place=st.just(""),
    ),
    min_size=1,
    max_size=4,
)

PLAIN = Exchange(
    ArmRequest("GET", "/subscriptions/s?api-version=2017-12-01", None),
    ArmResponse(200, {"content-type": "application/json"}, {"value": []}),
    "Thu, 03 Aug 2017 22:18:00 GMT",
    0,
    "",
)


def log_entry(exchange: Exchange) -> dict[str, object]:
    """Write an exchange as the exchange log has it."""
    request = {"method": exchange.request.method, "url": exchange.request.url, "body": exchange.request.body}
    if not exchange.request.body_recorded:
        request["body_recorded"] = False
    response = {
        "status": exchange.response.status,
        "headers": dict(exchange.response.headers),
        "body": exchange.response.body,
    }
    return {
        "trace": "t",
        "step": exchange.step,
        "date": exchange.date,
        "request": request,
        "response": response,
    }


def interaction(exchange: Exchange) -> dict[str, object]:
    """Write an exchange as a cassette has it."""
    headers = {name: [value] for name, value in exchange.response.headers.items()}
    return {
        "request": {
            "method": exchange.request.method,
            "uri": exchange.request.url,
            "body": _text(exchange.request.body),
            "headers": {"Accept": ["*/*"]},
        },
        "response": {
            "status": {"code": exchange.response.status, "message": "OK"},
            "headers": {**headers, "Date": [exchange.date]},
            "body": {"string": _text(exchange.response.body)},
        },
    }


def entry(exchange: Exchange) -> dict[str, object]:
    """Write an exchange as a HAR file has it."""
    request: dict[str, object] = {"method": exchange.request.method, "url": exchange.request.url}
    if exchange.request.body is not None:
        request["postData"] = {"mimeType": "application/json", "text": _text(exchange.request.body)}
    packed = base64.b64encode(_text(exchange.response.body).encode()).decode()
    return {
        "startedDateTime": exchange.date,
        "request": request,
        "response": {
            "status": exchange.response.status,
            "headers": [{"name": n.title(), "value": v} for n, v in exchange.response.headers.items()],
            "content": {"size": len(packed), "text": packed, "encoding": "base64"},
        },
    }


def as_log(exchanges: Iterable[Exchange]) -> bytes:
    """Write an exchange log."""
    return b"".join(json.dumps(log_entry(exchange)).encode() + b"\n" for exchange in exchanges)


def as_packed_log(exchanges: Iterable[Exchange]) -> bytes:
    """Write a gzipped exchange log."""
    return gzip.compress(as_log(exchanges))


def as_yaml_cassette(exchanges: Iterable[Exchange]) -> bytes:
    """Write a cassette in YAML."""
    return yaml.safe_dump({"interactions": [interaction(e) for e in exchanges], "version": 1}).encode()


def as_json_cassette(exchanges: Iterable[Exchange]) -> bytes:
    """Write a cassette in JSON."""
    return json.dumps({"version": 1, "interactions": [interaction(e) for e in exchanges]}, indent=1).encode()


def as_har(exchanges: Iterable[Exchange]) -> bytes:
    """Write a HAR file."""
    return json.dumps({"log": {"version": "1.2", "entries": [entry(e) for e in exchanges]}}).encode()


def at(exchanges: Iterable[Exchange], place: str, first: int = 0) -> tuple[Exchange, ...]:
    """Say where each exchange stands, `{}` being its number."""
    return tuple(evolve(e, place=place.format(i)) for i, e in enumerate(exchanges, start=first))


def numbered(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Number the exchanges as formats without step numbers do."""
    return tuple(evolve(e, step=index) for index, e in enumerate(exchanges))


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body)
