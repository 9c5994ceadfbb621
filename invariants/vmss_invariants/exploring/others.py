"""The members that a step changes besides the one that it is about: in each world those that are such.

They are told without their fault domains, so they are known by their places in the order of all members without
those. Where the platform picks them, it may as well pick any others that are the same but for where they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vmss_invariants.exploring.columns import Anywhere, Member, anywhere, standing_at
from vmss_invariants.exploring.picking import multisets

Others = tuple[tuple[int, Anywhere], ...]
"""What members become, by their places in the order of all without their fault domains."""
Swap = tuple[Anywhere, Anywhere, int]
"""What members are without their fault domains, what some of them become, and how many of them."""
Changed = Mapping[int, Member]
"""What members become, by their places in a world."""


def in_order(members: Sequence[Member]) -> list[int]:
    """The places of members in the order of all without their fault domains."""
    return sorted(range(len(members)), key=lambda place: anywhere(members[place]))


def changed(members: Sequence[Member], others: Others) -> Changed:
    """What becomes of the members of a world."""
    order = in_order(members)
    return {order[at]: standing_at(now, members[order[at]][1]) for at, now in others}


def swaps(members: Sequence[Member], others: Others) -> tuple[Swap, ...]:
    """How many members that are such become what."""
    order = in_order(members)
    counted = Counter((anywhere(members[order[at]]), now) for at, now in others)
    return tuple((was, now, count) for (was, now), count in counted.items())


def are_all(members: Sequence[Member], swapped: Sequence[Swap]) -> bool:
    """Whether all members that are such become the same, so that it says all how many they are."""
    such = Counter(map(anywhere, members))
    return all(such[was] == count for was, _, count in swapped)


def changed_if_picked(members: Sequence[Member], swapped: Sequence[Swap]) -> Iterator[Changed]:
    """What becomes of the members of a world, in every way to pick such; of those in one fault domain any is all."""
    places: dict[Member, list[int]] = {}
    for place, member in enumerate(members):
        places.setdefault(member, []).append(place)
    return _picked(swapped, places)


def _picked(swapped: Sequence[Swap], places: Mapping[Member, Sequence[int]]) -> Iterator[Changed]:
    if not swapped:
        yield {}
        return
    (was, now, count), *further = swapped
    alike = [there for member, there in places.items() if anywhere(member) == was]
    domains = {place: member[1] for member, there in places.items() for place in there}
    for picked in multisets(alike, count):
        left = {member: [place for place in there if place not in picked] for member, there in places.items()}
        for more in _picked(further, left):
            yield {**{place: standing_at(now, domains[place]) for place in picked}, **more}
