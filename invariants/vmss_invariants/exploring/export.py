"""Explorations as files that other tools read.

- GraphML, the whole graph: for Gephi, yEd, networkx.
- DOT, the whole graph: for Graphviz.
- ITF, one trace: for the viewers of Apalache and Quint. It is the shortest counterexample, or where every invariant
  holds the way to a world as far away as any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs

from vmss_invariants.describing import described
from vmss_invariants.exploring.graph import Exploration
from vmss_invariants.exploring.replaying import counterexample, replay
from vmss_invariants.steps import Step
from vmss_model.world import GroupKey, VmKey, World


def graphml(found: Exploration) -> str:
    """The graph as GraphML."""
    from networkx import generate_graphml  # noqa: PLC0415 - it takes long to load

    return "\n".join(generate_graphml(found.graph(), named_key_ids=False)) + "\n"


def dot(found: Exploration) -> str:
    """The graph as DOT; requests that lead from one world to the same other one share an edge."""
    return "".join(f"{line}\n" for line in _dot_lines(found))


def _dot_lines(found: Exploration) -> Iterator[str]:
    yield f"digraph {json.dumps(found.configuration.describe())} {{"
    yield "  node [shape=box];"
    for world in range(found.worlds):
        style = ", peripheries=2" if world == 0 else ""
        yield f"  {world} [label={json.dumps(found.describe(world))}{style}];"
    for world in range(found.done):
        requests: dict[int, list[str]] = {}
        for target, request in found.links.of(world):
            requests.setdefault(target, []).append(request)
        for target, names in requests.items():
            yield f"  {world} -> {target} [label={json.dumps(', '.join(names))}];"
    yield "}"


def itf(found: Exploration) -> str:
    """One trace in the Informal Trace Format."""
    steps = trace(found)
    states = [_state(0, found.configuration.start(), "", "")]
    for number, step in enumerate(steps, 1):
        told = step.describe().rpartition(" -> ")[2]
        states.append(_state(number, step.after, described(step.request), told))
    about = found.violations[0].invariant if found.violations else "every invariant holds"
    meta = {
        "format": "ITF",
        "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
        "source": "vmss-oracle",
        "description": f"{found.configuration.describe()}; {about}",
    }
    names = [name for name in states[0] if name != "#meta"]
    return json.dumps({"#meta": meta, "vars": names, "states": states}, indent=2) + "\n"


def trace(found: Exploration) -> tuple[Step, ...]:
    """The steps of the shortest counterexample, or of a shortest way to a world as far away as any."""
    if found.violations:
        first = found.violations[0]
        return counterexample(found, first.world, first.invariant)[0]
    return replay(found, found.depths.index(found.depth))


def _state(index: int, world: World, request: str, decision: str) -> dict[str, Any]:
    shown = {
        field.name: itf_value(getattr(world, field.name))
        for field in attrs.fields(World)
        if field.name not in {"edition", "recent"}
    }
    return {"#meta": {"index": index}, "request": request, "decision": decision, **shown}


def itf_value(value: Any) -> Any:
    """A value as the format has it: records, maps, sets, tuples, big integers; None as an option without a value."""
    if value is None:
        return {"tag": "None", "value": {"#tup": []}}
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"#bigint": str(value)}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        pairs = [[_key(name), itf_value(one)] for name, one in value.items()]
        return {"#map": sorted(pairs, key=json.dumps)}
    if isinstance(value, frozenset):
        return {"#set": sorted(map(itf_value, value), key=json.dumps)}
    if isinstance(value, tuple):
        return {"#tup": [itf_value(one) for one in value]}
    return {field.name: itf_value(getattr(value, field.name)) for field in attrs.fields(type(value))}


def _key(name: Any) -> Any:
    """The key of a map: names of things as text."""
    return str(name) if isinstance(name, GroupKey | VmKey) else itf_value(name)


FORMATS: Mapping[str, Callable[[Exploration], str]] = MappingProxyType(
    {".graphml": graphml, ".dot": dot, ".itf.json": itf}
)
"""The formats by how a file's name ends."""


def write(found: Exploration, file: Path | str) -> None:
    """Write an exploration in the format that the file's name asks for; raises ValueError for no known format."""
    file = Path(file)
    for ending, written in FORMATS.items():
        if file.name.endswith(ending):
            file.write_text(written(found), encoding="utf-8")
            return
    raise ValueError(f"{file.name!r} does not end with {', '.join(FORMATS)}")
