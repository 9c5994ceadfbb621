"""The canonical form of a world: what remains of it when interchangeable things lose their names.

- Members are interchangeable: a group is the multiset of its members' states.
- Fault domains of a group that knows their number are interchangeable, and so are its zones, and update domains of
  its own: no rule tells one from another. Where update domains follow fault domains they are renamed along.
- Time counts from now, in the ticks by which the clock moves; what is over is over.
- Numbers that are only compared (model versions) count by their order; a rollout's number only as "the current one".
- What no rule reads is left out: ids that were used, NICs and disks that stand alone, ended rollouts, and the
  superseded states that Resource Graph may still show.

Everything else counts as it is, fields that are added later included. Parts of worlds that recur are numbered, so
that a canonical world is a short tuple of numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import permutations
from operator import attrgetter
from typing import Any

import attrs
from attrs import field, frozen

from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_model.census import Census
from vmss_model.rollout import Rollout
from vmss_model.world import Group, Instance, Subscription, World

Key = tuple[int, ...]
"""A canonical world: numbers of its parts, in the codebook."""


def _fields(cls: type, *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in attrs.fields(cls) if one.name not in without)


STATE = _fields(Instance, "name", "zone", "fault_domain", "update_domain")
"""The fields of a member that count, besides its place."""
OWN = _fields(Group, "key", "members", "census", "next_instance_id", "history", "rollouts_begun")
"""The fields of a group that count, besides its members."""
_COUNTS = _fields(Census, "by_fault_domain", "by_zone")
_REST = _fields(World, "edition", "clock", "subscription", "groups", "machines", "artifacts", "recent")

_VERSIONS = frozenset({"model_version", "opted_in_from", "target_model"})
_UNREAD = frozenset({"number", "started_at"})
_LONGEST_WAIT = 3600
"""Seconds: longer than any wait within a rollout. What began earlier began long ago."""
ROLLOUT = _fields(Rollout, *_UNREAD)
"""The fields of a rollout that count."""

_state = attrgetter(*STATE)
_own = attrgetter(*OWN)
_counts = attrgetter(*_COUNTS)
_rest = attrgetter(*_REST)
_rollout = attrgetter(*ROLLOUT)


@frozen
class Codebook:
    """The parts of worlds by their numbers: it makes a canonical world readable."""

    parts: list[Any] = field(factory=list)
    """The parts in order of their numbers."""
    numbers: dict[Hashable, int] = field(factory=dict)
    """Their numbers."""

    def number(self, part: Hashable) -> int:
        """The number of a part; the next one for a part that was not seen before."""
        found = self.numbers.get(part)
        if found is None:
            found = self.numbers[part] = len(self.parts)
            self.parts.append(part)
        return found

    def __len__(self) -> int:
        return len(self.parts)


class Canon:
    """Gives worlds of one edition their canonical form."""

    def __init__(self, tick: int, codebook: Codebook | None = None) -> None:
        self.codebook = codebook if codebook is not None else Codebook()
        self._tick = tick
        self._number = self.codebook.number
        self._seen: tuple[object, ...] = ()
        self._seen_rest = 0
        self._seen_subscription: tuple[Subscription | None, int, int] = (None, 0, 0)

    def key(self, world: World) -> Key:
        """The canonical world."""
        parts = [self._rest(world), self._subscription(world), self._machines(world)]
        for key in sorted(world.groups):
            parts.extend(self._group(world, world.groups[key]))
        return tuple(parts)

    def exact(self, world: World) -> Hashable:
        """The world without any symmetry: names, domains and zones count.

        Only ids that the platform gives are renumbered in their order, since otherwise there is no end of them.
        """
        groups = []
        for key in sorted(world.groups):
            group = world.groups[key]
            ordered = sorted(group.members, key=lambda name: (len(name), name))
            named = group.kind in EXPLICIT_KINDS
            members = tuple(
                (name if named else "", *_place(group.members[name]), self._state(group.members[name], group))
                for name in ordered
            )
            groups.append((key, self._own(world, group), group.census, members))
        explicit = any(group.kind in EXPLICIT_KINDS for group in world.groups.values())
        artifacts = frozenset(world.artifacts.items()) if explicit or not world.groups else frozenset()
        machines = frozenset(world.machines.items())
        return (self._rest(world), self._subscription(world), machines, artifacts, tuple(groups))

    def state(self, instance: Instance, group: Group) -> Hashable:
        """What tells a member from others: all but its name."""
        return (*_place(instance), self._state(instance, group))

    # -- the parts ---------------------------------------------------------------------------------

    def _rest(self, world: World) -> int:
        values = _rest(world)
        seen = self._seen
        if len(seen) == len(values) and all(a is b for a, b in zip(values, seen, strict=True)):
            return self._seen_rest
        self._seen, self._seen_rest = values, self._number(("rest", *values))
        return self._seen_rest

    def _subscription(self, world: World) -> int:
        subscription, clock, number = self._seen_subscription
        if subscription is world.subscription and clock == world.clock:
            return number
        number = self._number(("subscription", *self._registrations(world)))
        self._seen_subscription = (world.subscription, world.clock, number)
        return number

    def _registrations(self, world: World) -> Iterator[Hashable]:
        """Of a registration that goes on, how long still and since when; of an ended one, whether it has effect."""
        subscription, now = world.subscription, world.clock
        yield subscription.known
        provider = subscription.provider_registered_at
        for name in sorted(subscription.features):
            feature = subscription.features[name]
            if feature.ends_at > now:
                # The clock moves by ticks, so it ends at the first tick that is not before its end.
                yield name, -(-(feature.ends_at - now) // self._tick), now - feature.asked_at
            else:
                yield name, "ended", provider is not None and feature.ends_at <= provider

    def _machines(self, world: World) -> int:
        alone = sorted(key.resource_group for key, group in world.machines.items() if group is None)
        return self._number(("alone", *alone))

    def _group(self, world: World, group: Group) -> Iterator[int]:
        yield self._number(group.key)
        yield self._own(world, group)
        yield self._number(("counts", *_counts(group.census)))
        yield from self._shape(world, group)

    def _own(self, world: World, group: Group) -> int:
        values: tuple[Any, ...] = _own(group)
        if _moves(group):
            ranks = _ranks(group)
            values = tuple(_relative(name, value, ranks, world.clock) for name, value in zip(OWN, values, strict=True))
        return self._number(("own", *values))

    def _state(self, instance: Instance, group: Group) -> int:
        values: tuple[Any, ...] = _state(instance)
        if _moves(group):
            values = tuple(_member_values(instance, group, values))
        return self._number(values)

    def _shape(self, world: World, group: Group) -> Key:
        """The members by fault domain, whichever way round gives the smallest numbers."""
        members = [(*_place(one), self._state(one, group)) for one in group.members.values()]
        domains = group.fault_domain_count or 0
        mapped = world.rules_of(group).update_domains_mapped
        follow = mapped is not None and mapped.value
        updates = 0 if follow else group.update_domain_count or 0
        census = group.census
        if len(group.zones) < 2 and updates < 2:
            zones_as_they_are = self._number(("zones", *census.by_zone)) if census.by_zone else -1
            return (zones_as_they_are, *self._columns(members, domains, census, follow))
        best: Key | None = None
        for zones in permutations(group.zones):
            renamed_zone = dict(zip(group.zones, zones, strict=True))
            by_zone = tuple(
                load for _, load in sorted(zip(zones, census.by_zone, strict=False), key=lambda pair: str(pair[0]))
            )
            for order in permutations(range(updates)):
                renamed = [
                    (
                        renamed_zone.get(zone, zone),
                        domain,
                        order[update] if update is not None and 0 <= update < updates else update,
                        state,
                    )
                    for zone, domain, update, state in members
                ]
                found = (self._number(("zones", *by_zone)), *self._columns(renamed, domains, census, follow))
                best = found if best is None or found < best else best
        assert best is not None
        return best

    def _columns(
        self,
        members: Iterable[tuple[str | None, int | None, int | None, int]],
        domains: int,
        census: Census,
        follow: bool,
    ) -> Key:
        columns: list[list[tuple[str, int, int]]] = [[] for _ in range(domains)]
        odd: list[tuple[Hashable, ...]] = []
        for zone, domain, update, state in members:
            if domain is None or not 0 <= domain < domains:
                odd.append((zone or "", -1 if domain is None else domain, -1 if update is None else update, state))
            else:
                label = _FOLLOWS if follow and update == domain else -1 if update is None else update
                columns[domain].append((zone or "", label, state))
        loads: Sequence[Any] = census.by_fault_domain
        numbers = [
            self._number((loads[domain] if domain < len(loads) else None, *sorted(column)))
            for domain, column in enumerate(columns)
        ]
        numbers.sort()
        return (len(numbers), *numbers, self._number(("elsewhere", *sorted(odd, key=repr))) if odd else -1)


_FOLLOWS = -2
"""Stands for an update domain that has its fault domain's number."""
_place = attrgetter("zone", "fault_domain", "update_domain")


def _moves(group: Group) -> bool:
    """Whether the group's model was ever changed, or a rollout begun or about to begin."""
    return group.model_version > 1 or group.rollouts_begun > 0 or group.trigger is not None


def _ranks(group: Group) -> dict[int, int]:
    """The model versions in use, numbered in their order; 0 means none and stays."""
    used = {0, group.model_version, group.opted_in_from}
    if group.rollout is not None:
        used |= {group.rollout.target_model, group.rollout.opted_in_from}
    used.update(one.model_version for one in group.members.values())
    return {version: rank for rank, version in enumerate(sorted(used))}


def _relative(name: str, value: Any, ranks: dict[int, int], now: int) -> Any:
    """A value of a group with versions by their order, and times from now."""
    if name in _VERSIONS:
        return ranks[value]
    if value is None:
        return None
    if name == "trigger":
        return max(0, value.earliest - now), max(0, value.latest - now), value.window.rules
    if name == "rollout":
        return tuple(_of_rollout(value, ranks, now))
    return value


def _of_rollout(rollout: Rollout, ranks: dict[int, int], now: int) -> Iterator[Hashable]:
    for name, value in zip(ROLLOUT, _rollout(rollout), strict=True):
        if name in _VERSIONS:
            yield ranks[value]
        elif name == "ready_at":
            yield max(0, value - now)
        elif name == "batch_started_at":
            # Only while it is waited for its members does it matter since when.
            yield min(_LONGEST_WAIT, now - value) if rollout.progress.in_progress else 0
        else:
            yield value


def _member_values(instance: Instance, group: Group, values: tuple[Any, ...]) -> Iterator[Hashable]:
    """A member's values with the attempt as whether it is the current one; where it stood in another is over."""
    ranks = _ranks(group)
    current = group.rollout is not None and instance.attempt == group.rollout.number
    for name, value in zip(STATE, values, strict=True):
        if name == "attempt":
            yield current
        elif name == "stage" and not current:
            yield None
        elif name in _VERSIONS:
            yield ranks[value]
        else:
            yield value
