"""Questions about placing, read from text: places as the command line writes them, and whole questions as a file.

What cannot be read is a QuestionError that says where and what in one line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from vmss_invariants.placing.question import Portion, Question, QuestionError
from vmss_model.editions import UnknownEditionError, edition
from vmss_model.oracle.recordings.exchange import Unreadable
from vmss_model.oracle.recordings.plain_yaml import BadYaml, parse_yaml
from vmss_model.oracle.recordings.strict_json import NotJson, check, parse
from vmss_model.values import GroupKind

LARGEST_FILE = 1_000_000
"""How many bytes a question may have."""
_COUNT = re.compile(r"[0-9]{1,9}")
_NUMBERS = ("instances", "fault_domains", "region_fault_domains")
_TRUTHS = {"single_placement_group": "single_placement_group", "balance": "balanced", "even": "even"}
_PORTIONS = ("pins", "taken", "at_most")
_FIELDS = ("edition", "kind", "zones", *_NUMBERS, *_TRUTHS, *_PORTIONS)
_PORTION_FIELDS = ("zone", "domain", "count")


def portion(text: str) -> Portion:
    """A place and a count, such as `zone=1,domain=2:3`, `domain=0:10`, or `5` for five wherever."""
    place, _, count = text.strip().rpartition(":")
    if not _COUNT.fullmatch(count):
        raise QuestionError(f"{text!r} is no place with a count; write zone=1:100, domain=0:5 or zone=1,domain=2:3")
    values: dict[str, str] = {}
    for part in place.split(",") if place else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in ("zone", "domain") or not equals or not value or key in values:
            raise QuestionError(f"{text!r} has {part!r} where zone=NAME or domain=NUMBER is expected, each once")
        values[key] = value
    domain = values.get("domain")
    if domain is not None and not _COUNT.fullmatch(domain):
        raise QuestionError(f"{text!r} has the fault domain {domain!r}; they are numbered from 0")
    return Portion(int(count), values.get("zone"), None if domain is None else int(domain))


def kind_named(name: str) -> GroupKind:
    """The kind of group of that name, however it is capitalised."""
    for kind in GroupKind:
        if kind.value.lower() == name.strip().lower():
            return kind
    raise QuestionError(f"unknown kind {name!r}; there are {', '.join(kind.value for kind in GroupKind)}")


def load_question(path: Path) -> Question:
    """The question in a YAML or JSON file."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise QuestionError(f"{path} cannot be read: {why}") from None
    if len(content) > LARGEST_FILE:
        raise QuestionError(f"{path} is longer than {LARGEST_FILE:,} bytes")
    try:
        return parse_question(text)
    except QuestionError as error:
        raise QuestionError(f"{path}: {error}") from None


def parse_question(text: str) -> Question:
    """The question in a YAML or JSON text."""
    loaded = _loaded(text)
    if not isinstance(loaded, Mapping):
        raise QuestionError(f"it is no mapping with {', '.join(_FIELDS[:3])} and so on")
    _check_fields("the question", loaded, _FIELDS, required=("edition", "kind", "instances"))
    try:
        edition_asked = edition(_text("edition", loaded["edition"]))
    except UnknownEditionError as error:
        raise QuestionError(str(error)) from None
    instances, domains, region = (_number(name, loaded.get(name)) for name in _NUMBERS)
    if instances is None:
        raise QuestionError("`instances` is not given")
    truths = {ours: _truth(theirs, loaded.get(theirs)) for theirs, ours in _TRUTHS.items()}
    pins, taken, at_most = (_portions(name, loaded.get(name)) for name in _PORTIONS)
    return Question(
        edition=edition_asked,
        kind=kind_named(_text("kind", loaded["kind"])),
        instances=instances,
        zones=tuple(_zone("zones", one) for one in _list("zones", loaded.get("zones"))),
        fault_domains=domains,
        region_fault_domains=region,
        single_placement_group=truths["single_placement_group"],
        balanced=truths["balanced"] or False,
        even=truths["even"] or False,
        pins=pins,
        taken=taken,
        at_most=at_most,
    )


def _loaded(text: str) -> object:
    """JSON where it begins like JSON and is some, else YAML."""
    not_json: NotJson | None = None
    try:
        if text.lstrip().startswith("{"):
            try:
                return parse(text)
            except NotJson as error:
                not_json = error
        value = parse_yaml(text)
        check(value)
    except Unreadable as why:
        told = not_json or why
        line = told.line if isinstance(told, BadYaml | NotJson) else None
        raise QuestionError(f"line {line}: {told}" if line is not None else str(told)) from None
    return value


def _check_fields(where: str, loaded: Mapping[str, object], known: tuple[str, ...], required: tuple[str, ...]) -> None:
    for name in loaded:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"; is it {near[0]}?" if near else f"; there are {', '.join(known)}"
            raise QuestionError(f"{where} has an unknown field {str(name)[:40]!r}{hint}")
    missing = [name for name in required if name not in loaded]
    if missing:
        raise QuestionError(f"{where} does not say {' and '.join(missing)}")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise QuestionError(f"`{name}` is not a text")
    return value


def _number(name: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise QuestionError(f"`{name}` is not a whole number")
    return value


def _truth(name: str, value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise QuestionError(f"`{name}` is neither true nor false")
    return value


def _list(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise QuestionError(f"`{name}` is not a list")
    return value


def _zone(name: str, value: object) -> str:
    """A zone's name; a number names a zone too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise QuestionError(f"`{name}` names a zone by something that is no name")
    return str(value)


def _portions(name: str, value: object) -> tuple[Portion, ...]:
    return tuple(_portion(f"{name}[{index}]", one) for index, one in enumerate(_list(name, value)))


def _portion(where: str, value: object) -> Portion:
    if not isinstance(value, Mapping):
        raise QuestionError(f"`{where}` is no mapping with {', '.join(_PORTION_FIELDS)}")
    _check_fields(f"`{where}`", value, _PORTION_FIELDS, required=("count",))
    count = _number(f"{where}.count", value["count"])
    if count is None:
        raise QuestionError(f"`{where}` does not say count")
    zone = value.get("zone")
    return Portion(
        count, None if zone is None else _zone(f"{where}.zone", zone), _number(f"{where}.domain", value.get("domain"))
    )
