"""What the documents leave open, as data.

A `Choice` states the values that the documents allow, never by listing thousands: as a set, a range,
or a predicate with a sampler. A sampler draws one, the explorer lists them, the oracle asks whether an
observed value is among them. No choice knows randomness: `sample` is given a function that draws a
whole number within inclusive bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Protocol

from attrs import field, frozen

from vmss_model.guards import is_fresh_id, is_least_loaded, is_most_loaded

Draw = Callable[[int, int], int]
"""`draw(lowest, highest)` gives a whole number within the inclusive bounds."""


class Choice(Protocol):
    """A named point that the documents leave to the platform."""

    @property
    def name(self) -> str:
        """What is chosen; unique within a decision."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the documents allow this value."""

    def sample(self, draw: Draw) -> object:
        """One allowed value, by the given draws."""

    def values(self) -> Iterator[object]:
        """Every allowed value, for exhaustive exploration (may be many; lazily)."""

    def describe(self) -> str:
        """The allowed values, in words."""


@frozen
class OneOf:
    """A choice among a few values."""

    name: str
    """What is chosen."""
    options: tuple[object, ...]
    """The allowed values, at least one."""
    rules: tuple[str, ...] = ()
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the value is one of the options."""
        return value in self.options

    def sample(self, draw: Draw) -> object:
        """One of the options."""
        return self.options[draw(0, len(self.options) - 1)]

    def values(self) -> Iterator[object]:
        """The options in order."""
        return iter(self.options)

    def describe(self) -> str:
        """The options, in words."""
        return f"{self.name} is one of {', '.join(map(str, self.options))}"


@frozen
class InRange:
    """A choice of a whole number within inclusive bounds."""

    name: str
    """What is chosen."""
    lowest: int
    """The smallest allowed value."""
    highest: int
    """The largest allowed value."""
    rules: tuple[str, ...] = ()
    """The rules that bound the choice."""
    unit: str = ""
    """The unit of the number, e.g. `seconds`."""

    def allows(self, value: object) -> bool:
        """Whether the value is a whole number within the bounds."""
        return isinstance(value, int) and self.lowest <= value <= self.highest

    def sample(self, draw: Draw) -> int:
        """A number within the bounds."""
        return draw(self.lowest, self.highest)

    def values(self) -> Iterator[int]:
        """Every number within the bounds."""
        return iter(range(self.lowest, self.highest + 1))

    def describe(self) -> str:
        """The bounds, in words."""
        return f"{self.name} is from {self.lowest} to {self.highest} {self.unit}".rstrip()


@frozen
class Subset:
    """A choice of exactly so many of the candidates, e.g. which instances a scale-in removes.

    When `place_of` names a place for each candidate, the removal must in addition leave the places as
    even as strict balance promises: every removed one comes from a most-loaded place at its turn.
    """

    name: str
    """What is chosen."""
    candidates: tuple[str, ...]
    """What may be chosen from; distinct."""
    size: int
    """How many are chosen."""
    rules: tuple[str, ...] = ()
    """The rules that bound the choice."""
    place_of: tuple[str, ...] | None = None
    """The place (zone) of each candidate where removal must keep the places balanced, else None."""

    def allows(self, value: object) -> bool:
        """Whether the value is a collection of that many distinct candidates, balanced where asked."""
        if not isinstance(value, tuple | frozenset | set | list):
            return False
        if not all(isinstance(one, str) for one in value):
            return False
        chosen = frozenset(value)
        if len(chosen) != self.size or len(value) != self.size or not chosen.issubset(self.candidates):
            return False
        return self.place_of is None or self._keeps_balance(chosen)

    def _keeps_balance(self, chosen: frozenset[object]) -> bool:
        """Whether taking from most-loaded places, one at a time, can reach what the choice leaves."""
        assert self.place_of is not None
        after: dict[str, int] = {}
        lowered: set[str] = set()
        for candidate, place in zip(self.candidates, self.place_of, strict=True):
            after[place] = after.get(place, 0) + (candidate not in chosen)
            if candidate in chosen:
                lowered.add(place)
        # When the last one left a place, no other place was fuller, nor is it now. Conversely, while a
        # fullest place has none left to lose, no place with one left to lose could have been as full.
        loads = tuple(after.values())
        return all(is_most_loaded(loads, after[place] + 1) for place in lowered)

    def sample(self, draw: Draw) -> tuple[str, ...]:
        """A uniformly drawn subset; under balance, one at a time from a most-loaded place."""
        remaining = list(range(len(self.candidates)))
        chosen: list[str] = []
        for _ in range(self.size):
            pool = remaining if self.place_of is None else self._fullest(remaining)
            index = pool[draw(0, len(pool) - 1)]
            remaining.remove(index)
            chosen.append(self.candidates[index])
        return tuple(sorted(chosen, key=self.candidates.index))

    def _fullest(self, remaining: list[int]) -> list[int]:
        assert self.place_of is not None
        loads: dict[str, int] = {}
        for index in remaining:
            loads[self.place_of[index]] = loads.get(self.place_of[index], 0) + 1
        counts = tuple(loads.values())
        fullest = {place for place, load in loads.items() if is_most_loaded(counts, load)}
        return [index for index in remaining if self.place_of[index] in fullest]

    def values(self) -> Iterator[tuple[str, ...]]:
        """Every allowed subset, lazily."""
        return (subset for subset in combinations(self.candidates, self.size) if self.allows(subset))

    def describe(self) -> str:
        """The size and the candidates, in words."""
        balanced = ", taken from the fullest zones" if self.place_of is not None else ""
        return f"{self.name} are any {self.size} of {len(self.candidates)} members{balanced}"


@frozen
class Cell:
    """Where an instance is placed."""

    zone: str | None
    """The availability zone, or None in a regional deployment."""
    fault_domain: int | None
    """The fault domain, numbered from 0, or None where the group names no domains."""
    update_domain: int | None = None
    """The update domain, numbered from 0, or None where there are none."""


@frozen
class Placements:
    """A choice of a cell for each of several new members, one after the other.

    Each member goes into one of the zones and one of the fault domains. Where `spreads_domains`, its
    domain must hold fewest members of the group at that moment; where `balances_zones`, so must its zone.
    """

    name: str
    """What is chosen."""
    count: int
    """How many new members are placed."""
    zones: tuple[str | None, ...]
    """The zones to choose from; `(None,)` in a regional deployment."""
    fault_domains: tuple[int | None, ...]
    """The fault domains to choose from; `(None,)` where there are none."""
    zone_loads: tuple[int, ...]
    """Members per zone before, in the order of `zones`."""
    domain_loads: tuple[int, ...]
    """Members per fault domain before, in the order of `fault_domains`."""
    spreads_domains: bool
    """Whether each member goes to a least-loaded fault domain."""
    balances_zones: bool
    """Whether each member goes to a least-loaded zone."""
    update_domains: tuple[int | None, ...] = (None,)
    """The update domains to choose from; `(None,)` where there are none."""
    maps_update_domains: bool = False
    """Whether an update domain is that of the fault domain's number rather than the platform's choice."""
    rules: tuple[str, ...] = field(default=())
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the value is a tuple of cells, each allowed at its turn."""
        if not isinstance(value, tuple) or len(value) != self.count:
            return False
        zone_loads, domain_loads = list(self.zone_loads), list(self.domain_loads)
        for cell in value:
            if not isinstance(cell, Cell) or cell.zone not in self.zones:
                return False
            if cell.fault_domain not in self.fault_domains:
                return False
            if cell.update_domain not in self._open_update_domains(cell.fault_domain):
                return False
            zone = self.zones.index(cell.zone)
            domain = self.fault_domains.index(cell.fault_domain)
            if zone not in self._open_zones(zone_loads) or domain not in self._open_domains(domain_loads):
                return False
            zone_loads[zone] += 1
            domain_loads[domain] += 1
        return True

    def _open_zones(self, loads: list[int]) -> list[int]:
        return _least_loaded(loads) if self.balances_zones else list(range(len(loads)))

    def _open_domains(self, loads: list[int]) -> list[int]:
        return _least_loaded(loads) if self.spreads_domains else list(range(len(loads)))

    def _open_update_domains(self, fault_domain: int | None) -> tuple[int | None, ...]:
        return (fault_domain,) if self.maps_update_domains else self.update_domains

    def sample(self, draw: Draw) -> tuple[Cell, ...]:
        """A placement, member by member."""
        zone_loads, domain_loads = list(self.zone_loads), list(self.domain_loads)
        cells: list[Cell] = []
        for _ in range(self.count):
            zones, domains = self._open_zones(zone_loads), self._open_domains(domain_loads)
            zone = zones[draw(0, len(zones) - 1)]
            domain = domains[draw(0, len(domains) - 1)]
            zone_loads[zone] += 1
            domain_loads[domain] += 1
            updates = self._open_update_domains(self.fault_domains[domain])
            update = updates[draw(0, len(updates) - 1)]
            cells.append(Cell(self.zones[zone], self.fault_domains[domain], update))
        return tuple(cells)

    def values(self) -> Iterator[tuple[Cell, ...]]:
        """Every placement, depth first."""
        zone_loads, domain_loads = list(self.zone_loads), list(self.domain_loads)
        placed: list[tuple[int, int, Cell]] = []
        open_steps = [self._steps(zone_loads, domain_loads)]
        while open_steps:
            full = len(placed) == self.count
            if full:
                yield tuple(cell for _, _, cell in placed)
            step = None if full else next(open_steps[-1], None)
            if step is not None:
                placed.append(step)
                zone_loads[step[0]] += 1
                domain_loads[step[1]] += 1
                open_steps.append(self._steps(zone_loads, domain_loads))
                continue
            open_steps.pop()
            if placed:
                zone, domain, _ = placed.pop()
                zone_loads[zone] -= 1
                domain_loads[domain] -= 1

    def _steps(self, zone_loads: list[int], domain_loads: list[int]) -> Iterator[tuple[int, int, Cell]]:
        """Where the next member may go, as the loads stand: zone, domain and cell."""
        for zone in self._open_zones(zone_loads):
            for domain in self._open_domains(domain_loads):
                for update in self._open_update_domains(self.fault_domains[domain]):
                    yield zone, domain, Cell(self.zones[zone], self.fault_domains[domain], update)

    def describe(self) -> str:
        """The places and how even they must be, in words."""
        even = [
            name for name, strict in (("zone", self.balances_zones), ("fault domain", self.spreads_domains)) if strict
        ]
        where = f", each into a least-loaded {' and '.join(even)}" if even else ""
        return (
            f"{self.name}: {self.count} in zones {', '.join(map(str, self.zones))} "
            f"and fault domains {', '.join(map(str, self.fault_domains))}{where}"
        )


@frozen
class FreshIds:
    """A choice of instance ids for new members: growing, and never one that was used before."""

    name: str
    """What is chosen."""
    first: int
    """The lowest id never used yet."""
    count: int
    """How many ids are needed."""
    rules: tuple[str, ...] = ("ARM-CAPACITY",)
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the value is a strictly growing tuple of unused ids."""
        if not isinstance(value, tuple) or len(value) != self.count:
            return False
        if not all(isinstance(number, int) for number in value):
            return False
        lowest = (self.first, *(number + 1 for number in value))
        return all(is_fresh_id(number, low) for number, low in zip(value, lowest, strict=False))

    def sample(self, draw: Draw) -> tuple[int, ...]:
        """Ids with small gaps, as overprovisioning leaves them."""
        ids: list[int] = []
        following = self.first
        for _ in range(self.count):
            following += draw(0, 2)
            ids.append(following)
            following += 1
        return tuple(ids)

    def values(self) -> Iterator[tuple[int, ...]]:
        """The ids without gaps alone: no guard reads an id, so one representative stands for all."""
        return iter((tuple(range(self.first, self.first + self.count)),))

    def describe(self) -> str:
        """The lowest id, in words."""
        return f"{self.name} are {self.count} growing instance ids from {self.first} on"


LONGEST_NAME = 64
"""The most characters of a VM's name."""


@frozen
class FreshName:
    """A choice of a name: the given prefix with a unique number appended."""

    name: str
    """What is chosen."""
    prefix: str
    """What the name starts with."""
    taken: frozenset[str]
    """Names of the resource group that start with the prefix and are in use."""
    rules: tuple[str, ...] = ("NAMING",)
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the value is the prefix and a number, and not in use."""
        if not isinstance(value, str) or not value.startswith(self.prefix) or value in self.taken:
            return False
        number = value[len(self.prefix) :]
        return number.isascii() and number.isdecimal() and len(value) <= LONGEST_NAME

    def is_possible(self) -> bool:
        """Whether the name with the lowest free number is short enough."""
        return all(map(self.allows, self.values()))

    def sample(self, draw: Draw) -> str:
        """A name with a drawn number, moved on past those in use, to begin anew after the last one."""
        digits = LONGEST_NAME - len(self.prefix)
        number = draw(0, 10 ** min(4, digits) - 1)
        while f"{self.prefix}{number}" in self.taken:
            number = (number + 1) % 10**digits
        return f"{self.prefix}{number}"

    def values(self) -> Iterator[str]:
        """The name with the lowest free number alone: no guard reads a name's number."""
        number = next(n for n in range(len(self.taken) + 1) if f"{self.prefix}{n}" not in self.taken)
        return iter((f"{self.prefix}{number}",))

    def describe(self) -> str:
        """The prefix, in words."""
        return f"{self.name} is {self.prefix!r} with a number that is not in use"


def _least_loaded(loads: list[int]) -> list[int]:
    return [index for index, load in enumerate(loads) if is_least_loaded(loads, load)]
