"""The census: the counts of a group that its guards read, kept up to date by every event.

Guards are O(1) at a thousand instances because nobody recounts. "The census equals a recount" is an
invariant of the catalogue, and the proofs speak of these very counts: `Census.with_share` runs on ints in
the model and on z3 terms in the proofs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from vmss_model.copying import evolve
from vmss_model.health import is_unhealthy, is_up
from vmss_model.terms import Family, Number, is_symbolic, ite
from vmss_model.values import Health, OperatingSystem, Power, Priority

if TYPE_CHECKING:
    from vmss_model.world import Group, Instance


@frozen
class Share:
    """What one member adds to each count of its group's census: 0 or 1, and where it stands."""

    fault_domain: Number | None = None
    """Its fault domain by number, or None where it has none or it is not known."""
    zone: Number | None = None
    """Its zone by its place among the group's zones, or None in a regional deployment."""
    running: Number = 0
    """1 if its power state is running."""
    up: Number = 0
    """1 if it runs and every extension is provisioned."""
    reported_unhealthy: Number = 0
    """1 if it is reported unhealthy."""
    unhealthy_monitored: Number = 0
    """1 if the gates count it as unhealthy where health is monitored."""
    unhealthy_unmonitored: Number = 0
    """1 if the gates count it as unhealthy where health is not monitored."""
    newest_model: Number = 0
    """1 if it runs the group's newest model."""
    spot: Number = 0
    """1 if it is of Spot priority."""
    windows: Number = 0
    """1 if it runs Windows."""


@frozen
class Census:
    """Counts over the members of one group."""

    members: Number = 0
    """All members."""
    by_fault_domain: tuple[Number, ...] = ()
    """Members per fault domain, by its number; empty where the group has no known domains."""
    by_zone: tuple[Number, ...] = ()
    """Members per zone, in the order of the group's zones; empty in a regional deployment."""
    running: Number = 0
    """Members whose power state is running."""
    up: Number = 0
    """Members that run and have every extension provisioned."""
    unhealthy: Number = 0
    """Members reported unhealthy."""
    unhealthy_monitored: Number = 0
    """Members that the gates of a rollout count as unhealthy where health is monitored."""
    unhealthy_unmonitored: Number = 0
    """Members that the gates of a rollout count as unhealthy where health is not monitored."""
    newest_model: Number = 0
    """Members that run the group's newest model."""
    spot: Number = 0
    """Members of Spot priority."""
    windows: Number = 0
    """Members that run Windows."""

    @classmethod
    def empty(cls, fault_domain_count: int | None, zone_count: int) -> Census:
        """The census of a group without members."""
        return cls(by_fault_domain=(0,) * (fault_domain_count or 0), by_zone=(0,) * zone_count)

    def with_share(self, share: Share, by: Number) -> Census:
        """The census with a member's share added (`by` = 1) or taken away (`by` = -1)."""
        return Census(
            members=self.members + by,
            by_fault_domain=_bumped(self.by_fault_domain, share.fault_domain, by),
            by_zone=_bumped(self.by_zone, share.zone, by),
            running=self.running + by * share.running,
            up=self.up + by * share.up,
            unhealthy=self.unhealthy + by * share.reported_unhealthy,
            unhealthy_monitored=self.unhealthy_monitored + by * share.unhealthy_monitored,
            unhealthy_unmonitored=self.unhealthy_unmonitored + by * share.unhealthy_unmonitored,
            newest_model=self.newest_model + by * share.newest_model,
            spot=self.spot + by * share.spot,
            windows=self.windows + by * share.windows,
        )

    def with_new_model(self) -> Census:
        """The census once the group has a newer model, which no member runs yet."""
        return evolve(self, newest_model=0)

    def unhealthy_for_gates(self, *, monitored: bool) -> Number:
        """How many members the gates of a rollout count as unhealthy."""
        return self.unhealthy_monitored if monitored else self.unhealthy_unmonitored


def share_of(instance: Instance, group: Group) -> Share:
    """What a member adds to its group's census."""
    return Share(
        fault_domain=instance.fault_domain,
        zone=group.zones.index(instance.zone) if instance.zone in group.zones else None,
        running=int(instance.power is Power.RUNNING),
        up=int(is_up(instance)),
        reported_unhealthy=int(instance.health is Health.UNHEALTHY),
        unhealthy_monitored=int(is_unhealthy(instance, monitored=True)),
        unhealthy_unmonitored=int(is_unhealthy(instance, monitored=False)),
        newest_model=int(instance.model_version >= group.model_version),
        spot=int(instance.priority is Priority.SPOT),
        windows=int(instance.operating_system is OperatingSystem.WINDOWS),
    )


def recount(group: Group, members: Iterable[Instance] | None = None) -> Census:
    """The census counted anew from a group's members (or from others): what the kept one must equal."""
    census = Census.empty(group.fault_domain_count, len(group.zones))
    for instance in group.members.values() if members is None else members:
        census = census.with_share(share_of(instance, group), 1)
    return census


def _bumped(counts: tuple[Number, ...] | Family, index: Number | None, by: Number) -> Any:
    """The counts once the one at an index has grown: a tuple again, or again a family, which only proofs use."""
    if not isinstance(counts, tuple):
        return counts.bumped(index, by)
    if is_symbolic(index):
        return tuple(count + ite(index == place, by, 0) for place, count in enumerate(counts))
    if index is None or not 0 <= index < len(counts):
        return counts
    return (*counts[:index], counts[index] + by, *counts[index + 1 :])
