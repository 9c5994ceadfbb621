"""Placing by trying everything: the slow, plain definition that the answers are held against."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from immutables import Map

from vmss_invariants.placing import Portion, Question
from vmss_model import GroupKey, World, decide
from vmss_model.choices import Cell, Placements
from vmss_model.requests import CreateGroup
from vmss_model.values import GroupKind
from vmss_model.world import Profile, Subscription

At = tuple[str | None, int]
Matrix = tuple[tuple[At, int], ...]
"""A count for each cell, sorted by the order of the cells."""

MOST_DOMAINS = 7
"""The largest fault-domain count that is tried where the question leaves it open."""


@frozen
class Final:
    """A placement in the end."""

    domains: int
    """The fault-domain count."""
    taken: Matrix
    """Members that were there already, per cell."""
    placed: Matrix
    """Instances that were placed, per cell."""


def placements(question: Question) -> set[Final]:
    """Every way, found by placing one instance after the other in every order."""
    found: set[Final] = set()
    for domains in _domain_counts(question):
        cells: list[At] = [(zone, domain) for zone in question.zones or (None,) for domain in range(domains)]
        for taken in _completions(question.taken, cells):
            for placed in _reached(question, domains, cells, taken):
                if _is_even_enough(question, cells, domains, taken, placed):
                    found.add(Final(domains, _matrix(cells, taken), _matrix(cells, placed)))
    return found


def _matrix(cells: list[At], counts: tuple[int, ...]) -> Matrix:
    return tuple(zip(cells, counts, strict=True))


def _domain_counts(question: Question) -> Iterator[int]:
    """The fault-domain counts with which the model lets such a group be created."""
    asked = question.fault_domains
    singles = (True, False) if question.single_placement_group is None else (question.single_placement_group,)
    for domains in range(1, MOST_DOMAINS + 1) if asked is None else (asked,):
        if any(_is_granted(question, domains, single) for single in singles):
            yield domains


def _is_granted(question: Question, domains: int, single: bool) -> bool:
    region = question.region_fault_domains
    world = World(
        # What an operator has to do before any group can be created is not asked here.
        question.edition.without("STACK-MARKETPLACE"),
        subscription=Subscription(known=False),
        regions=Map() if region is None else Map({"westus": region}),
    )
    members = question.instances + sum(one.count for one in question.taken)
    request = CreateGroup(
        key=GroupKey("rg", "group"),
        kind=question.kind,
        region="westus",
        zones=question.zones,
        fault_domain_count=domains,
        single_placement_group=single,
        zone_balance=question.balanced,
        profile=Profile() if question.kind in (GroupKind.UNIFORM, GroupKind.SCALE_SET_VM) else None,
        capacity=0 if question.rules.explicit else members,
    )
    return decide(world, request).grant is not None


def _completions(portions: tuple[Portion, ...], cells: list[At]) -> set[tuple[int, ...]]:
    """Every distribution of the portions over the cells where they may be."""
    found = {(0,) * len(cells)}
    for portion in portions:
        open_ = [index for index, cell in enumerate(cells) if _fits(portion, cell)]
        for _ in range(portion.count):
            found = {_more(counts, index) for counts in found for index in open_}
    return found


def _fits(portion: Portion, cell: At) -> bool:
    return portion.zone in (None, cell[0]) and portion.fault_domain in (None, cell[1])


def _more(counts: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*counts[:index], counts[index] + 1, *counts[index + 1 :])


def _reached(question: Question, domains: int, cells: list[At], taken: tuple[int, ...]) -> set[tuple[int, ...]]:
    pinned = tuple(pin.count for pin in question.pins)
    free = question.instances - sum(pinned)
    if free < 0:
        return set()
    states = {((0,) * len(cells), pinned, free)}
    for _ in range(question.instances):
        states = {after for state in states for after in _steps(question, domains, cells, taken, state)}
    return {placed for placed, _, _ in states}


_State = tuple[tuple[int, ...], tuple[int, ...], int]


def _steps(
    question: Question, domains: int, cells: list[At], taken: tuple[int, ...], state: _State
) -> Iterator[_State]:
    placed, pinned, free = state
    held = [before + more for before, more in zip(taken, placed, strict=True)]
    for pin, count in [*enumerate(pinned), (None, free)]:
        if count == 0:
            continue
        wanted = Portion(1) if pin is None else question.pins[pin]
        if wanted.fault_domain is not None and not _may_name(question):
            continue
        choice = _choice(question, domains, cells, held, automatic=wanted.fault_domain is None)
        for index, cell in enumerate(cells):
            after = _more(placed, index)
            if _fits(wanted, cell) and choice.allows((Cell(*cell),)) and _has_room(question, cells, after):
                left = pinned if pin is None else (*pinned[:pin], pinned[pin] - 1, *pinned[pin + 1 :])
                yield after, left, free - (pin is None)


def _may_name(question: Question) -> bool:
    says = question.rules.names_fault_domain
    return says is None or says.value or says.rule in question.edition.disabled


def _choice(question: Question, domains: int, cells: list[At], held: list[int], *, automatic: bool) -> Placements:
    """The model's own choice of where the next instance goes; one that names its domain is bound by zones alone."""
    zones: tuple[str | None, ...] = question.zones or (None,)
    return Placements(
        name="next",
        count=1,
        zones=zones,
        fault_domains=tuple(range(domains)),
        zone_loads=tuple(sum(n for n, at in zip(held, cells, strict=True) if at[0] == zone) for zone in zones),
        domain_loads=tuple(sum(n for n, at in zip(held, cells, strict=True) if at[1] == d) for d in range(domains)),
        spreads_domains=question.spreads and automatic,
        balances_zones=question.balanced and bool(question.zones),
    )


def _has_room(question: Question, cells: list[At], placed: tuple[int, ...]) -> bool:
    return all(
        sum(count for count, cell in zip(placed, cells, strict=True) if _fits(limit, cell)) <= limit.count
        for limit in question.at_most
    )


def _is_even_enough(
    question: Question, cells: list[At], domains: int, taken: tuple[int, ...], placed: tuple[int, ...]
) -> bool:
    if not question.even:
        return True
    loads = [0] * domains
    for (_, domain), before, more in zip(cells, taken, placed, strict=True):
        loads[domain] += before + more
    return max(loads) - min(loads) <= 1
