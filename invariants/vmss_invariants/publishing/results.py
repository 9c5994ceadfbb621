"""What was found by the last full run, kept beside the pages that are written from it.

`docs/results.json` holds no timings. It says of which model it was found: a fingerprint of the code that decides
and evolves. When that code changes, the results are of another model, and a test says so.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

import vmss_model
from vmss_invariants.mutating.fault import FAULT
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE
from vmss_invariants.publishing.shapes import Each, Maybe, Shape, fits
from vmss_invariants.strength import Known, Strength

FILE = "results.json"
"""The name of the file within `docs/`."""
_LEFT_OUT = ("oracle", "rules")
"""Parts of the model's package that no result depends on: how it is seen from outside, and the catalogue's texts."""


@frozen(kw_only=True)
class Row:
    """What is known of one invariant for one kind of group in one edition."""

    invariant: str
    """The invariant's id."""
    edition: str
    """The edition."""
    kind: str
    """The kind of group."""
    strength: str
    """`proved`, `exhaustive`, `tested` or `unchecked`."""
    how: tuple[str, ...] = ()
    """The theorems or the bounds."""
    parts: tuple[str, ...] = ()
    """Which parts are proved, where not the whole is."""

    @classmethod
    def of(cls, known: Known) -> Row:
        """The part of what is known that stays the same from run to run."""
        return cls(
            invariant=known.invariant,
            edition=known.edition,
            kind=known.kind.value,
            strength=known.strength.value,
            how=known.how,
            parts=known.parts,
        )


@frozen(kw_only=True)
class Broken:
    """How an invariant breaks: by which mutant or fault, and the shortest sequence of requests that was found."""

    mutant: str
    """The mutant's id, or the fault's."""
    what: str
    """What it changes."""
    by: str
    """Who found it: the explorer, or the state machine."""
    lines: tuple[str, ...]
    """The requests."""
    problem: str
    """What is broken."""
    picture: tuple[str, ...] = ()
    """The world before the last request, as the lines of a Mermaid diagram; empty where it is not known."""

    @property
    def of_a_fault(self) -> bool:
        """Whether no mutant of a rule breaks it."""
        return self.mutant.startswith(FAULT)


@frozen(kw_only=True)
class Results:
    """All that the pages say of how surely things are known."""

    model: str
    """The fingerprint of the model that they were found of."""
    rows: tuple[Row, ...]
    """What is known of each invariant."""
    broken: Mapping[str, Broken] = field(factory=dict)
    """What breaks each invariant, by its id."""
    mutants: tuple[Mapping[str, Any], ...] = ()
    """The table of mutants."""
    explored: tuple[Mapping[str, Any], ...] = ()
    """The explorations: configuration, worlds, steps, depth."""
    differences: tuple[Mapping[str, Any], ...] = ()
    """What differs in behaviour between each edition and the next."""
    formulas: Mapping[str, str] = field(factory=dict)
    """What each theorem claims, by its id, as printed from the solver's terms: as much as fits on a page."""

    def strongest(self, invariant: str) -> str:
        """The weakest of the strengths with which an invariant is known over all it speaks of."""
        order = [strength.value for strength in Strength]
        known = [row.strength for row in self.rows if row.invariant == invariant]
        return max(known, key=order.index, default=Strength.UNCHECKED.value)


def fingerprint() -> str:
    """A fingerprint of the code that decides and evolves; comments, layout and docstrings do not count."""
    root = Path(vmss_model.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        if inside.parts[0] not in _LEFT_OUT:
            digest.update(inside.as_posix().encode())
            digest.update(ast.dump(_without_docstrings(ast.parse(path.read_text(encoding="utf-8")))).encode())
    return digest.hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined] # it has one, just read
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def saved(results: Results) -> str:
    """The results as the text of the file: a line for each row, so that a change shows where it is."""
    document = {
        "model": results.model,
        "rows": [_shown(vars_of(row)) for row in results.rows],
        "broken": {name: _shown(vars_of(one)) for name, one in sorted(results.broken.items())},
        "mutants": [dict(one) for one in results.mutants],
        "explored": [dict(one) for one in results.explored],
        "differences": [dict(one) for one in results.differences],
        "formulas": dict(sorted(results.formulas.items())),
    }
    parts = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            inner = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in value)
            parts.append(f"{json.dumps(name)}: [\n  {inner}\n ]")
        elif isinstance(value, dict) and value:
            inner = ",\n  ".join(
                f"{json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items()
            )
            parts.append(f"{json.dumps(name)}: {{\n  {inner}\n }}")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def vars_of(one: Row | Broken) -> dict[str, Any]:
    """The fields of a row by name."""
    return {attribute.name: getattr(one, attribute.name) for attribute in type(one).__attrs_attrs__}


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


_TEXTS: Shape = [str]
_ROW: Shape = {
    "invariant": str,
    "edition": str,
    "kind": str,
    "strength": frozenset(one.value for one in Strength),
    "how": _TEXTS,
    "parts": _TEXTS,
}
_BROKEN: Shape = {
    "mutant": str,
    "what": str,
    "by": frozenset({EXPLORER, MACHINE}),
    "lines": _TEXTS,
    "problem": str,
    "picture": _TEXTS,
}
_MUTANT: Shape = {
    "id": str,
    "rule": str,
    "operator": str,
    "what": str,
    "status": frozenset({"noticed", "equivalent", "survived"}),
    "by": _TEXTS,
    "seen": _TEXTS,
    "reason": Maybe(str),
}
_EXPLORED: Shape = {
    "configuration": str,
    "worlds": int,
    "steps": int,
    "depth": int,
    "exhausted": bool,
    "refined": int,
}
_UNSHOWN: Shape = [{"rule": str, "why": str}]
_SHOWN: Shape = {
    **dict.fromkeys(("rule", "restates", "edition", "other", "sort", "sentence", "says", "other_says"), str),
    "kinds": _TEXTS,
    "preparation": Each(_TEXTS),
    "requests": _TEXTS,
}
_SHOWN_IN_SHORT: Shape = {"rule": str, "sentence": str, "requests": int}


_RESULTS: Shape = {
    "model": str,
    "rows": [_ROW],
    "broken": Each(_BROKEN),
    "mutants": [_MUTANT],
    "explored": [_EXPLORED],
    "differences": [dict],
    "formulas": Each(str),
}


def _compared(first: str, second: str) -> Shape:
    """The shape of what two editions differ in: in full where one follows the other, else in short."""
    value: dict[str, Shape] = {"kinds": (None, _TEXTS), "name": str, "rules": _TEXTS, first: str, second: str}
    both: dict[str, Shape] = {"first": str, "second": str, "rules": _TEXTS, "unshown": _UNSHOWN}
    return (
        {**both, "neighbours": frozenset({True}), "values": [value], "shown": [_SHOWN]},
        {**both, "neighbours": frozenset({False}), "shown": [_SHOWN_IN_SHORT]},
    )


def loaded(text: str) -> Results:
    """The results that a file holds; raises ValueError where it holds none."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not fits(document, _RESULTS):
        raise ValueError("it does not have the shape of results")
    for one in document["differences"]:
        if not fits(one, _compared(str(one.get("first")), str(one.get("second")))):
            raise ValueError("it does not have the shape of differences")
    return Results(
        model=document["model"],
        rows=tuple(Row(**_tuples(one)) for one in document["rows"]),
        broken={name: Broken(**_tuples(one)) for name, one in document["broken"].items()},
        mutants=tuple(document["mutants"]),
        explored=tuple(document["explored"]),
        differences=tuple(document["differences"]),
        formulas=dict(document["formulas"]),
    )


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def rows_of(known: Iterable[Known]) -> tuple[Row, ...]:
    """The rows of a full run."""
    return tuple(map(Row.of, known))
