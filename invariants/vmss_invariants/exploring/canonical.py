"""The canonical form of a world: what remains of it when interchangeable things lose their names.

- Members are interchangeable: a group is the multiset of its members' states.
- Fault domains of a group that knows their number are interchangeable, and so are its zones, and update domains of
  its own: no rule tells one from another. Where update domains follow fault domains they are renamed along.
- Time counts from now, in the ticks by which the clock moves; what is over is over.
- Numbers that are only compared (model versions) count by their order; a rollout's number only as "the current one".
- Where the bounds do not ask for it, what is over is left out: ids that were used, NICs and disks that stand alone,
  ended rollouts, and the superseded states that Resource Graph may still show.

Everything else counts as it is, fields that are added later included. Parts of worlds that recur are numbered, so
that a canonical world is a short tuple of numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import permutations
from operator import attrgetter
from typing import Any

import attrs
from attrs import frozen

from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import ELSEWHERE, NONE, Member, entry_elsewhere, entry_of
from vmss_invariants.exploring.departed import departed_from
from vmss_invariants.exploring.past import NO_HISTORY, NO_LOGS, Logs, logs_of, without_members
from vmss_invariants.exploring.restoring import (
    attempt_later,
    expiring,
    sample_of_group,
    sample_of_member,
    sample_of_rest,
    sample_of_subscription,
    waited,
)
from vmss_invariants.predicates_rollout_world import TWO_MONTHS
from vmss_invariants.steps import EXPLICIT_KINDS, History
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.rollout import Rollout
from vmss_model.values import Stage
from vmss_model.world import Group, Instance, Subscription, World


def _fields(cls: type, *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in attrs.fields(cls) if one.name not in without)


STATE = _fields(Instance, "name", "zone", "fault_domain", "update_domain")
"""The fields of a member that count, besides its place."""
OWN = _fields(Group, "key", "members", "census", "next_instance_id", "history", "rollouts_begun")
"""The fields of a group that count, besides its members."""
COUNTS = _fields(Census, "by_fault_domain", "by_zone")
"""The counts of a census that are no loads of places."""
_REST = _fields(World, "edition", "clock", "subscription", "groups", "machines", "artifacts", "recent")

_VERSIONS = frozenset({"model_version", "opted_in_from", "target_model"})
_APART = frozenset({"number", "started_at", "progress", "pending_at"})
ROLLOUT = _fields(Rollout, *_APART)
"""The fields of a rollout that count as its group's own; its counts stand apart."""

_state = attrgetter(*STATE)
_own = attrgetter(*OWN)
_counts = attrgetter(*COUNTS)
_rest = attrgetter(*_REST)
_rollout = attrgetter(*ROLLOUT)


class Canon:
    """Gives worlds their canonical form within bounds."""

    def __init__(self, bounds: Bounds, codebook: Codebook | None = None) -> None:
        self.codebook = codebook if codebook is not None else Codebook()
        self._tick = bounds.tick
        self._past = bounds.superseded > 0
        self._attempts = bounds.attempts > 0
        self._departed = bounds.departed > 0
        self._number = self.codebook.number
        self._seen: tuple[object, ...] = ()
        self._seen_rest = 0
        self._seen_logs: tuple[World | None, History, Logs] = (None, NO_HISTORY, NO_LOGS)
        self._seen_subscription: tuple[Subscription | None, int, int] = (None, 0, 0)

    def key(self, world: World, history: History = NO_HISTORY) -> Key:
        """The canonical world; `history` is what a bystander saw."""
        logs = self.logs(world, history)
        rest = self.rest(world)
        if logs:
            gone = sorted(map(self._number, without_members(logs, world).values()))
            rest = self.codebook.sampled((*self.codebook.parts[rest], *gone), partial(sample_of_rest, world))
        parts = [rest, self.subscription(world), self.alone(world)]
        for key in sorted(world.groups):
            parts.extend(self._group(world, world.groups[key], logs))
        return tuple(parts)

    def logs(self, world: World, history: History) -> Logs:
        """What was superseded of VMs, as far as it is part of canonical worlds."""
        if not self._past:
            return NO_LOGS
        seen_world, seen_history, logs = self._seen_logs
        if seen_world is not world or seen_history is not history:
            logs = logs_of(world, history)
            self._seen_logs = (world, history, logs)
        return logs

    def exact(self, world: World, history: History = NO_HISTORY) -> Hashable:
        """The world without any symmetry: names, domains and zones count.

        Only ids that the platform gives are renumbered in their order, since otherwise there is no end of them; how
        many are not in use any more counts where canonical worlds hold it.
        """
        groups = []
        for key in sorted(world.groups):
            group = world.groups[key]
            ranks = ranks_in(group)
            ordered = sorted(group.members, key=lambda name: (len(name), name))
            named = group.kind in EXPLICIT_KINDS
            members = tuple(
                (name if named else "", *_place(group.members[name]), self._state(group.members[name], group, ranks))
                for name in ordered
            )
            own, course = self.own(world, group, ranks), self.course(group)
            groups.append((key, own, course, group.census, members))
        explicit = any(group.kind in EXPLICIT_KINDS for group in world.groups.values())
        artifacts = frozenset(world.artifacts.items()) if explicit or not world.groups else frozenset()
        machines = frozenset(world.machines.items())
        logs = tuple(sorted((name, self._number(log)) for name, log in self.logs(world, history).items()))
        left = self._left(world)
        return (self.rest(world), self.subscription(world), machines, artifacts, tuple(groups), logs, *left)

    def state(self, instance: Instance, group: Group, logs: Logs = NO_LOGS) -> Hashable:
        """What tells a member from others: all but its name."""
        return (*_place(instance), self._state(instance, group, ranks_in(group), logs))

    # -- the parts ---------------------------------------------------------------------------------

    def rest(self, world: World) -> int:
        """The number of what all groups share."""
        values = _rest(world)
        seen = self._seen
        if len(seen) == len(values) and all(a is b for a, b in zip(values, seen, strict=True)):
            return self._seen_rest
        self._seen = values
        self._seen_rest = self.codebook.sampled(("rest", *values), partial(sample_of_rest, world))
        return self._seen_rest

    def subscription(self, world: World) -> int:
        """The number of the registrations."""
        subscription, clock, number = self._seen_subscription
        if subscription is world.subscription and clock == world.clock:
            return number
        part = ("subscription", *self._registrations(world))
        number = self.codebook.sampled(part, partial(sample_of_subscription, world))
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

    def alone(self, world: World) -> int:
        """The number of the VMs outside any group."""
        alone = sorted(key.resource_group for key, group in world.machines.items() if group is None)
        return self._number(("alone", *alone, *self._left(world)))

    def _left(self, world: World) -> tuple[Hashable, ...]:
        """What departed members left, where it is part of canonical worlds."""
        return (departed_from(world),) if self._departed else ()

    def _group(self, world: World, group: Group, logs: Logs) -> Iterator[int]:
        ranks, census = ranks_in(group), group.census
        yield self._number(group.key)
        yield self.own(world, group, ranks)
        yield self.course(group)
        yield self._number(("counts", *_counts(census)))
        members = [self.member(one, group, ranks, logs) for one in group.members.values()]
        shape = Shape.of(world, group)
        if self._past:
            shape = evolve(shape, zones=(), update_domains=0, fixed=True)
        yield from self.shaped(shape, members, census.by_fault_domain, census.by_zone)

    def own(self, world: World, group: Group, ranks: Mapping[int, int]) -> int:
        """The number of what a group has for its own, besides its members and counts."""
        values: tuple[Any, ...] = _own(group)
        if _moves(group) or _expires(group):
            values = tuple(_relative(name, value, ranks, world.clock) for name, value in zip(OWN, values, strict=True))
        if self._attempts:
            values = (*values, tuple(_ended(world, group)))
        return self.codebook.sampled(("own", *values), partial(sample_of_group, world, group, ranks))

    def member(self, instance: Instance, group: Group, ranks: Mapping[int, int], logs: Logs = NO_LOGS) -> Member:
        """A member's place, and the number of its state."""
        state = self._state(instance, group, ranks, logs)
        return (instance.zone, instance.fault_domain, instance.update_domain, state)

    def course(self, group: Group) -> int:
        """How far the rollout has come."""
        rollout = group.rollout
        return NONE if rollout is None else self._number(("course", rollout.progress, rollout.pending_at))

    def _state(self, instance: Instance, group: Group, ranks: Mapping[int, int], logs: Logs = NO_LOGS) -> int:
        values: tuple[Any, ...] = _state(instance)
        current = False
        if _moves(group):
            current = group.rollout is not None and instance.attempt == group.rollout.number
            values = tuple(_member_values(values, ranks, current=current))
        if instance.name in logs:
            values = (*values, logs[instance.name])
        rank = ranks[instance.model_version]
        return self.codebook.sampled(values, partial(sample_of_member, instance, rank, current=current))

    def after_the_end(self, sample: Instance) -> int:
        """The number of a member's state once the rollout that it took part in is over; of a sample of its state."""
        ended = sample_of_member(sample, sample.model_version, current=False)
        return self.codebook.sampled(_state(ended), lambda: ended)

    def shaped(
        self, shape: Shape, members: Sequence[Member], by_fault_domain: Sequence[Any], by_zone: Sequence[Any]
    ) -> Key:
        """The members by fault domain, whichever way round gives the smallest numbers."""
        if len(shape.zones) < 2 and shape.update_domains < 2:
            return (zones_number(by_zone, self.codebook), *self._columns(members, shape, by_fault_domain))
        best: Key | None = None
        for zones in permutations(shape.zones):
            renamed_zone = dict(zip(shape.zones, zones, strict=True))
            zone_loads = tuple(
                load for _, load in sorted(zip(zones, by_zone, strict=False), key=lambda pair: str(pair[0]))
            )
            for order in permutations(range(shape.update_domains)):
                renamed = [
                    (
                        renamed_zone.get(zone, zone) if zone is not None else None,
                        domain,
                        order[update] if update is not None and 0 <= update < shape.update_domains else update,
                        state,
                    )
                    for zone, domain, update, state in members
                ]
                columns = self._columns(renamed, shape, by_fault_domain)
                found = (zones_number(zone_loads, self.codebook), *columns)
                best = found if best is None or found < best else best
        assert best is not None
        return best

    def _columns(self, members: Iterable[Member], shape: Shape, loads: Sequence[Any]) -> Key:
        domains = shape.fault_domains
        columns: list[list[tuple[str, int, int]]] = [[] for _ in range(domains)]
        odd: list[tuple[Hashable, ...]] = []
        for member in members:
            domain = member[1]
            if domain is None or not 0 <= domain < domains:
                odd.append(entry_elsewhere(member))
            else:
                columns[domain].append(entry_of(member, follows=shape.follows))
        for column in columns:
            column.sort()
        number = self._number
        numbers = [
            number((loads[domain] if domain < len(loads) else None, *column)) for domain, column in enumerate(columns)
        ]
        if not shape.fixed:
            numbers.sort()
        return (domains, *numbers, number((ELSEWHERE, *sorted(odd))) if odd else NONE)


def zones_number(by_zone: Sequence[Any], codebook: Codebook) -> int:
    """The number of how many members each zone has."""
    return codebook.number(("zones", *by_zone)) if by_zone else NONE


@frozen
class Shape:
    """What of a group's places may be renamed."""

    fault_domains: int
    """How many fault domains it has; 0 where it knows no number."""
    zones: tuple[str, ...]
    """Its zones, where they are interchangeable; else none."""
    update_domains: int
    """How many update domains of its own it has, where they are interchangeable; else none."""
    follows: bool
    """Whether update domains have the numbers of fault domains."""
    fixed: bool
    """Whether its fault domains are not interchangeable."""

    @classmethod
    def of(cls, world: World, group: Group) -> Shape:
        """The shape of a group. A rollout under way names zones and update domains, so those keep their names."""
        mapped = world.rules_of(group).update_domains_mapped
        follows, named = mapped is not None and mapped.value, group.rollout is not None
        return cls(
            fault_domains=group.fault_domain_count or 0,
            zones=() if named else group.zones,
            update_domains=0 if follows or named else group.update_domain_count or 0,
            follows=follows,
            fixed=follows and named,
        )


_place = attrgetter("zone", "fault_domain", "update_domain")


def _moves(group: Group) -> bool:
    """Whether the group's model was ever changed, or a rollout begun or about to begin."""
    return group.model_version > 1 or group.rollouts_begun > 0 or group.trigger is not None


def _expires(group: Group) -> bool:
    """Whether the group's model refers to what may expire."""
    return group.profile is not None and bool(group.profile.external)


def versions_of(group: Group) -> set[int]:
    """The model versions that a group itself names; 0 means none."""
    named = {0, group.model_version, group.opted_in_from}
    if group.rollout is not None:
        named |= {group.rollout.target_model, group.rollout.opted_in_from}
    return named


def ranks_in(group: Group) -> dict[int, int]:
    """The model versions in use, by a group or its members, numbered in their order; 0 stays."""
    used = versions_of(group)
    used.update(one.model_version for one in group.members.values())
    return {version: rank for rank, version in enumerate(sorted(used))}


def _relative(name: str, value: Any, ranks: Mapping[int, int], now: int) -> Any:
    """A value of a group with versions by their order, and times from now."""
    if name in _VERSIONS:
        return ranks[value]
    if value is None:
        return None
    if name == "profile":
        return expiring(value, now, 0)
    if name == "trigger":
        return max(0, value.earliest - now), max(0, value.latest - now), value.window.rules
    if name == "rollout":
        return tuple(_of_rollout(value, ranks, now))
    return value


def _ended(world: World, group: Group) -> Iterator[Hashable]:
    """The rollouts that ended: how, and how long ago, as long as it matters."""
    automatic = world.edition.automatic_upgrades(group.kind)
    longest = max(TWO_MONTHS[1], 0 if automatic is None else automatic.history_longest)
    for one in group.history:
        age = None if one.ended_at is None else min(world.clock - one.ended_at, longest + 1)
        yield evolve(attempt_later(one, 0), number=0, started_at=0, ended_at=age)


def _of_rollout(rollout: Rollout, ranks: Mapping[int, int], now: int) -> Iterator[Hashable]:
    for name, value in zip(ROLLOUT, _rollout(rollout), strict=True):
        if name in _VERSIONS:
            yield ranks[value]
        elif name == "ready_at":
            yield max(0, value - now)
        elif name == "batch_started_at":
            yield waited(rollout, now)
        else:
            yield value


def _member_values(values: tuple[Any, ...], ranks: Mapping[int, int], *, current: bool) -> Iterator[Hashable]:
    """A member's values with the attempt as whether it is the current one; where it stood in another is over."""
    for name, value in zip(STATE, values, strict=True):
        if name == "attempt":
            yield int(current)
        elif name == "stage" and not current:
            yield Stage.OUT_OF_SCOPE
        elif name in _VERSIONS:
            yield ranks[value]
        else:
            yield value
