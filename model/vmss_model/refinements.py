"""Refinements: what recordings show about points that the documents leave open.

No document says which instances a scale-in removes, or in which fault domain instance 7 stands. Public
recordings of the real service do show habits. Each is a refinement with a name: switched on, it narrows a
grant's choices to what was recorded; the documents' own editions never use one. A refinement only ever
narrows, so everything proved or tested of the documents' model holds of the refined one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType

from attrs import frozen

from vmss_model import requests as rq
from vmss_model.choices import Cell, Choice, Draw, FreshIds, OneOf, Placements, Subset
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.rules import Evidence, EvidenceKind
from vmss_model.values import Api, Priority
from vmss_model.world import Group, GroupKey, World

DOMAINS = 5
"""Fault domains and update domains of a regional Uniform group, as recorded."""


@frozen
class Refinement:
    """One habit of the real service, as recorded."""

    name: str
    """How it is switched on."""
    statement: str
    """What it says."""
    evidence: Evidence
    """Where it was seen, and what exceptions were."""
    narrow: Callable[[World, rq.Request, tuple[Choice, ...]], tuple[Choice, ...]]
    """The narrowed choices of a grant."""


class UnknownRefinementError(ValueError):
    """Asked for a refinement that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown refinement {name!r}; there are {', '.join(REFINEMENTS)}")


def refinement(name: str) -> Refinement:
    """The refinement of that name; raises UnknownRefinementError with the names there are."""
    try:
        return REFINEMENTS[name]
    except KeyError:
        raise UnknownRefinementError(name) from None


def decide_refined(world: World, request: rq.Request, refinements: Iterable[Refinement]) -> Decision:
    """What the documents allow, with each choice narrowed to what was recorded."""
    decision = decide(world, request)
    if decision.grant is None:
        return decision
    choices = decision.grant.choices
    for one in refinements:
        choices = one.narrow(world, request, choices)
    return evolve(decision, grant=evolve(decision.grant, choices=choices))


def recorded_domain(instance_id: int, *, single_domain: bool) -> int:
    """The recorded fault domain and update domain (from 0) of an instance id in a regional Uniform group."""
    return 0 if single_domain else instance_id % DOMAINS


# -- consecutive ids -------------------------------------------------------------------------------


def _consecutive(_world: World, _request: rq.Request, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return tuple(
        OneOf(one.name, (tuple(range(one.first, one.first + one.count)),), one.rules)
        if isinstance(one, FreshIds)
        else one
        for one in choices
    )


# -- placement by id -------------------------------------------------------------------------------


def _by_id(world: World, request: rq.Request, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    placed = next((one for one in choices if isinstance(one, Placements)), None)
    first = _first_id(world, request)
    if placed is None or first is None or placed.zones != (None,) or len(placed.fault_domains) not in (1, DOMAINS):
        return choices
    single = len(placed.fault_domains) == 1
    if placed.fault_domains == (None,):
        return choices
    cells = []
    for number in range(first, first + placed.count):
        domain = recorded_domain(number, single_domain=single)
        update = domain if domain in placed.update_domains or placed.maps_update_domains else placed.update_domains[0]
        cells.append(Cell(None, domain, update))
    fixed = OneOf(placed.name, (tuple(cells),), placed.rules)
    return tuple(fixed if one is placed else one for one in _consecutive(world, request, choices))


def _first_id(world: World, request: rq.Request) -> int | None:
    """The first id that a growth makes, where the request is one that grows a group of instances."""
    if isinstance(request, rq.CreateGroup):
        spot = request.profile is not None and request.profile.priority is Priority.SPOT
        return None if spot else 0
    group = _group(world, request)
    return None if group is None else group.next_instance_id


def _group(world: World, request: rq.Request) -> Group | None:
    key = getattr(request, "key", None)
    group = world.groups.get(key) if isinstance(key, GroupKey) else None
    if group is None or world.rules_of(group).instance_api is not Api.SCALE_SET:
        return None
    return group


# -- scale-in --------------------------------------------------------------------------------------


@frozen
class RecordedVictims:
    """Which instances a scale-in removes, as recorded: one at a time from a most-loaded fault domain.

    When all fault domains hold equally many, the highest instance id goes.
    """

    name: str
    """What is chosen."""
    domains: tuple[tuple[str, int], ...]
    """Every member with its fault domain."""
    size: int
    """How many are removed."""
    rules: tuple[str, ...] = ("ARM-CAPACITY",)
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether some order of removals, each as recorded, removes exactly these."""
        if not isinstance(value, tuple | frozenset | set | list) or not all(isinstance(one, str) for one in value):
            return False
        chosen = frozenset(value)
        members = frozenset(self.domains)
        wanted = frozenset(pair for pair in members if pair[0] in chosen)
        if len(chosen) != self.size or len(wanted) != self.size or len(value) != self.size:
            return False
        return _reachable(members, wanted)

    def sample(self, draw: Draw) -> tuple[str, ...]:
        """A removal, one at a time."""
        remaining = frozenset(self.domains)
        chosen: list[str] = []
        for _ in range(self.size):
            options = sorted(_next_victims(remaining))
            victim = options[draw(0, len(options) - 1)]
            remaining -= {victim}
            chosen.append(victim[0])
        return tuple(sorted(chosen))

    def values(self) -> Iterator[tuple[str, ...]]:
        """Every allowed set of victims."""
        names = tuple(name for name, _ in self.domains)
        return (subset for subset in combinations(names, self.size) if self.allows(subset))

    def describe(self) -> str:
        """The habit, in words."""
        return (
            f"{self.name} are {self.size} of {len(self.domains)} members, each from a most-loaded fault domain, "
            "the highest id where all are equally loaded"
        )


_Member = tuple[str, int]


def _next_victims(remaining: frozenset[_Member]) -> frozenset[_Member]:
    loads: dict[int, int] = {}
    for _, domain in remaining:
        loads[domain] = loads.get(domain, 0) + 1
    highest = max(loads.values())
    if min(loads.values()) == highest and len(loads) > 1:
        return frozenset({max(remaining, key=lambda pair: int(pair[0]))})
    return frozenset(pair for pair in remaining if loads[pair[1]] == highest)


@lru_cache(maxsize=4096)
def _reachable(remaining: frozenset[_Member], wanted: frozenset[_Member]) -> bool:
    if not wanted:
        return True
    options = _next_victims(remaining) & wanted
    # Two members of one domain are interchangeable for the loads; only the highest id is told apart, and
    # taking it last keeps every other order open.
    by_domain: dict[int, _Member] = {}
    for pair in sorted(options, key=lambda one: int(one[0])):
        by_domain.setdefault(pair[1], pair)
    return any(_reachable(remaining - {pair}, wanted - {pair}) for pair in by_domain.values())


def _from_the_fullest(world: World, request: rq.Request, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    group = _group(world, request)
    if group is None:
        return choices
    placed = [(name, one.fault_domain) for name, one in sorted(group.members.items())]
    if any(domain is None or not name.isdecimal() for name, domain in placed):
        return choices
    domains = tuple((name, domain) for name, domain in placed if domain is not None)
    return tuple(
        RecordedVictims(one.name, domains, one.size, one.rules)
        if isinstance(one, Subset) and one.place_of is None and one.size
        else one
        for one in choices
    )


def _recorded(note: str, dates: str) -> Evidence:
    return Evidence(EvidenceKind.RECORDED, note, dates)


REFINEMENTS: Mapping[str, Refinement] = MappingProxyType(
    {
        one.name: one
        for one in (
            Refinement(
                "consecutive-ids",
                "Without overprovisioning the ids of new instances follow one another without gaps.",
                _recorded(
                    "Uniform sets with overprovision false list exactly ids 0 to n - 1.", "2015-09-01..2024-12-31"
                ),
                _consecutive,
            ),
            Refinement(
                "placement-by-id",
                "In a regional Uniform group of five fault domains instance id k stands in fault domain and update "
                "domain k mod 5; in a group of one fault domain, in 0.",
                _recorded(
                    "440 distinct observations of a run and instance; every exception is dated 2015-09 to 2016-05 or "
                    "is a Spot set.",
                    "2016-06-01..2024-12-31",
                ),
                _by_id,
            ),
            Refinement(
                "scale-in-from-the-fullest",
                "A scale-in takes one instance at a time from a most-loaded fault domain; where all hold equally "
                "many, the highest instance id.",
                _recorded(
                    "77 of 77 removals from 5 to 4 came from a most-loaded domain; 13 of 13 with even domains took "
                    "the highest id. Inside a doubled domain either id was seen, the highest more often.",
                    "2017-01-01..2024-12-31",
                ),
                _from_the_fullest,
            ),
        )
    }
)
"""Every refinement by its name."""
