"""What an exploration found: the graph of canonical worlds, and what can be read off it."""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field, frozen

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.codebook import Codebook, Keys
from vmss_invariants.exploring.goals import GOALS
from vmss_invariants.exploring.menu import MUST_PROGRESS
from vmss_invariants.exploring.wording import describe_key
from vmss_model import requests as rq
from vmss_model.copying import evolve

if TYPE_CHECKING:
    from networkx import MultiDiGraph


@frozen
class Violation:
    """An invariant that does not hold, and the fewest requests that show it."""

    invariant: str
    """The invariant's id."""
    problem: str
    """What is broken."""
    lines: tuple[str, ...]
    """The requests, each with how it was decided."""
    world: int
    """The world in which the last of them is made."""
    picture: tuple[str, ...] = ()
    """That world as the lines of a Mermaid diagram."""


_LABEL = 8
"""The bits of a link that are the number of a request's name."""
_MOST_LABELS = (1 << _LABEL) - 1
_WORLD = array("I").itemsize
"""The bytes of a world's number."""
_MANY = 4096
"""So many links are packed at once: each world's for themselves take three times as long."""


def link(world: int, request: int) -> int:
    """A link to a world by a request, as one number: in the order of the worlds, then of the requests."""
    return world << _LABEL | request


@frozen
class Links:
    """Which canonical world follows which, by which request; packed, world after world."""

    ends: array[int] = field(factory=lambda: array("Q"))
    """For each world, where its links end."""
    targets: array[int] = field(factory=lambda: array("I"))
    """The world that each link leads to."""
    requests: array[int] = field(factory=lambda: array("B"))
    """The request of each link, as a number in `names`."""
    names: list[str] = field(factory=list)
    """The names of the requests."""
    _numbers: dict[str, int] = field(factory=dict)
    _waiting: list[int] = field(factory=list)
    """The links of the last worlds, not packed yet."""

    def label(self, request: rq.Request) -> int:
        """The number of a request's name."""
        name = type(request).__name__
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.names)
            assert found <= _MOST_LABELS, "there are fewer requests than a link has room for"
            self.names.append(name)
        return found

    def add(self, links: set[int]) -> None:
        """The links of the next world, each as one number (`link`)."""
        self._waiting.extend(sorted(links))
        self.ends.append(len(self.targets) + len(self._waiting))
        if len(self._waiting) > _MANY:
            self.pack()

    def pack(self) -> None:
        """Pack the links of the last worlds: only then they can be read."""
        # The lowest byte of a link is its request, the next four are its world.
        links = array("Q", self._waiting)
        if sys.byteorder == "big":
            links.byteswap()
        packed, size = links.tobytes(), links.itemsize
        worlds = bytearray(_WORLD * len(links))
        for byte in range(_WORLD):
            worlds[byte::_WORLD] = packed[_LABEL // 8 + byte :: size]
        targets = array("I", worlds)
        if sys.byteorder == "big":
            targets.byteswap()
        self.targets.extend(targets)
        self.requests.frombytes(packed[::size])
        self._waiting.clear()

    def of(self, world: int) -> Iterator[tuple[int, str]]:
        """The links of a world."""
        for index in range(self.ends[world - 1] if world else 0, self.ends[world]):
            yield self.targets[index], self.names[self.requests[index]]

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        for world in range(len(self.ends)):
            for target, request in self.of(world):
                yield world, target, request

    def __len__(self) -> int:
        return len(self.targets)

    def bytes(self) -> int:
        """What they take, without the room that is kept for more."""
        return sum(one.itemsize * len(one) for one in (self.ends, self.targets, self.requests))


@frozen(kw_only=True, eq=False)
class Exploration:
    """What was found within the bounds, or until a limit."""

    configuration: Configuration
    """What was explored."""
    worlds: int
    """Canonical worlds."""
    done: int
    """Those of which every step was made."""
    steps: int
    """Steps made and examined."""
    beyond: int
    """Steps that led beyond the bounds: examined, not followed."""
    seconds: float
    """How long it took."""
    interrupted: bool
    """Whether somebody interrupted it; the figures are those up to then."""
    widest: int
    """The most worlds that waited at one time."""
    bytes_per_world: float
    """What is kept of a world, with the one before it on a shortest way, but for its links (bytes)."""
    examinations: Mapping[str, int] = field(repr=False)
    """How often each invariant was examined."""
    violations: tuple[Violation, ...]
    """The invariants that do not hold, those with the shortest sequences first."""
    keys: Keys = field(repr=False)
    """The canonical worlds."""
    parents: array[int] = field(repr=False)
    """For each the world before it on a shortest way; -1 for the first."""
    depths: array[int] = field(repr=False)
    """The number of requests on a shortest way."""
    goals: Mapping[str, bytearray] = field(repr=False)
    """For each goal which worlds fulfil it."""
    links: Links = field(repr=False)
    """What follows what."""
    codebook: Codebook = field(repr=False)
    """What the numbers in the canonical worlds mean."""

    def with_violations(self, violations: tuple[Violation, ...]) -> Exploration:
        """The same with violations."""
        return evolve(self, violations=tuple(sorted(violations, key=lambda one: len(one.lines))))

    @property
    def exhausted(self) -> bool:
        """Whether every step of every world within the bounds was made."""
        return self.done == self.worlds

    @property
    def depth(self) -> int:
        """The most requests that any world is away from the empty one."""
        return max(self.depths)

    @property
    def deadlocks(self) -> tuple[int, ...]:
        """Worlds that nothing leads out of: no request of the menu, whatever the platform chooses."""
        return tuple(
            world for world in range(self.done) if not any(target != world for target, _ in self.links.of(world))
        )

    @property
    def livelocks(self) -> tuple[tuple[int, ...], ...]:
        """Worlds among which the platform can go round for ever by steps that are to get something done."""
        from networkx import DiGraph, strongly_connected_components  # noqa: PLC0415 - it takes long to load

        wanted = {number for number, name in enumerate(self.links.names) if name in MUST_PROGRESS}
        working = DiGraph()
        for world, target, name in self.links if wanted else ():
            if name in MUST_PROGRESS:
                working.add_edge(world, target)
        return tuple(
            tuple(sorted(part))
            for part in strongly_connected_components(working)
            if len(part) > 1 or working.has_edge(*tuple(part) * 2)
        )

    def dead_ends(self, goal: str) -> tuple[int, ...] | None:
        """Worlds from which no request ever leads to the goal again.

        None where not all worlds are known, or no request is made that could lead there.
        """
        if not self.exhausted or GOALS[goal].needs.isdisjoint(self.configuration.bounds.families):
            return None
        before: list[list[int]] = [[] for _ in range(self.worlds)]
        for world, target, _ in self.links:
            before[target].append(world)
        reaches = bytearray(self.goals[goal])
        waiting = deque(world for world in range(self.worlds) if reaches[world])
        while waiting:
            for world in before[waiting.popleft()]:
                if not reaches[world]:
                    reaches[world] = 1
                    waiting.append(world)
        return tuple(world for world in range(self.worlds) if not reaches[world])

    def summary(self) -> dict[str, Any]:
        """All counts, in the form of the published report."""
        bounds = attrs.asdict(self.configuration.bounds)
        return {
            "edition": self.configuration.edition,
            "kind": self.configuration.kind.value,
            "bounds": {name: list(value) if isinstance(value, tuple) else value for name, value in bounds.items()},
            "without": list(self.configuration.without),
            "exhausted": self.exhausted,
            "interrupted": self.interrupted,
            "worlds": self.worlds,
            "steps": self.steps,
            "beyond": self.beyond,
            "links": len(self.links),
            "depth": self.depth,
            "seconds": round(self.seconds, 3),
            "bytes_per_world": round(self.bytes_per_world),
            "bytes_per_link": round(self.links.bytes() / max(1, len(self.links)), 1),
            "deadlocks": len(self.deadlocks),
            "livelocks": len(self.livelocks),
            "dead_ends": {goal: None if (ends := self.dead_ends(goal)) is None else len(ends) for goal in self.goals},
            "examinations": dict(self.examinations),
            "violations": [
                {"id": one.invariant, "problem": one.problem, "counterexample": list(one.lines)}
                for one in self.violations
            ],
        }

    def describe(self, world: int) -> str:
        """A canonical world in words."""
        return describe_key(self.keys[world], self.codebook)

    def graph(self) -> MultiDiGraph:
        """The graph: a node for each canonical world, an edge for each request that leads from one to another."""
        from networkx import MultiDiGraph  # noqa: PLC0415 - it takes long to load

        graph = MultiDiGraph(
            name=self.configuration.describe(), worlds=self.worlds, steps=self.steps, exhausted=self.exhausted
        )
        for world in range(self.worlds):
            reached = {name: bool(flags[world]) for name, flags in self.goals.items()}
            graph.add_node(world, depth=self.depths[world], world=self.describe(world), **reached)
        # What is written has an edge's key as its id, which readers take to be the only one of its kind.
        for number, (world, target, request) in enumerate(self.links):
            graph.add_edge(world, target, key=f"link{number}", request=request)
        return graph
