"""Every way in which the platform may choose, up to symmetry.

New members are interchangeable, so the places of several are a multiset; so are the members that a scale-in removes,
as far as they are in one state. What a choice allows is always asked of the choice itself. A growth far beyond the
bounds, which only a broken rule allows, is made in one way: nothing follows from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice, product
from typing import TypeVar

from vmss_model.batches import Batch
from vmss_model.choices import Cell, Choice, Placements, Subset
from vmss_model.copying import evolve

T = TypeVar("T")
StateOf = Callable[[str], Hashable]
"""The state of a member by its name."""


def picks_of(choices: tuple[Choice, ...], state_of: StateOf | None, most: int) -> Iterator[dict[str, object]]:
    """A value for every choice, in every combination; without `state_of`, nothing is interchangeable.

    `most` is how many new members are placed in every way there is.
    """
    if not choices:
        yield {}
        return
    names = [choice.name for choice in choices]
    for values in product(*(_values(choice, state_of, most) for choice in choices)):
        yield dict(zip(names, values, strict=True))


def _values(choice: Choice, state_of: StateOf | None, most: int) -> Iterable[object]:
    if isinstance(choice, Placements) and choice.count > most:
        return islice(choice.values(), 1)
    if state_of is not None and isinstance(choice, Placements):
        return placements_up_to_order(choice)
    if state_of is not None and isinstance(choice, Subset):
        return subsets_up_to_state(choice, state_of)
    if state_of is not None and isinstance(choice, Batch):
        return batches_up_to_state(choice, state_of)
    return choice.values()


def placements_up_to_order(choice: Placements) -> Iterator[tuple[Cell, ...]]:
    """The placements, one for each multiset of cells, each in an order in which it is allowed."""
    reached: dict[frozenset[tuple[Cell, int]], tuple[Cell, ...]] = {frozenset(): ()}
    for _ in range(choice.count):
        following: dict[frozenset[tuple[Cell, int]], tuple[Cell, ...]] = {}
        for placed in reached.values():
            for (cell,) in _after(choice, placed).values():
                longer = (*placed, cell)
                following.setdefault(frozenset(Counter(longer).items()), longer)
        reached = following
    yield from reached.values()


def _after(choice: Placements, placed: tuple[Cell, ...]) -> Placements:
    """The choice for the one member that comes after these."""
    zones, domains = list(choice.zone_loads), list(choice.domain_loads)
    for cell in placed:
        zones[choice.zones.index(cell.zone)] += 1
        domains[choice.fault_domains.index(cell.fault_domain)] += 1
    return evolve(choice, count=1, zone_loads=tuple(zones), domain_loads=tuple(domains))


def subsets_up_to_state(choice: Subset, state_of: StateOf) -> Iterator[tuple[str, ...]]:
    """The subsets, one for each multiset of states."""
    alike: dict[Hashable, list[str]] = {}
    for name in choice.candidates:
        alike.setdefault(state_of(name), []).append(name)
    for subset in multisets(list(alike.values()), choice.size):
        if choice.allows(subset):
            yield subset


def multisets(classes: Sequence[Sequence[T]], size: int) -> Iterator[tuple[T, ...]]:
    """The subsets of a size, one for each number of members of each class."""
    if not classes:
        if size == 0:
            yield ()
        return
    first, *others = classes
    for count in range(min(size, len(first)) + 1):
        for rest in multisets(others, size - count):
            yield (*first[:count], *rest)


def batches_up_to_state(choice: Batch, state_of: StateOf) -> Iterator[tuple[str, ...]]:
    """The batches, one for each multiset of states."""
    seen: set[frozenset[tuple[Hashable, int]]] = set()
    for batch in choice.values():
        states = frozenset(Counter(map(state_of, batch)).items())
        if states not in seen:
            seen.add(states)
            yield batch
