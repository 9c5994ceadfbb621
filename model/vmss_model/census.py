"""The census: the counts of a group that its guards read, kept up to date by every event.

Guards are O(1) at a thousand instances because nobody recounts. "The census equals a recount" is an
invariant of the catalogue, and the proofs speak of these very counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from vmss_model.values import Health, OperatingSystem, Power, Priority

if TYPE_CHECKING:
    from vmss_model.world import Instance


@frozen
class Census:
    """Counts over the members of one group."""

    members: int = 0
    """All members."""
    by_fault_domain: tuple[int, ...] = ()
    """Members per fault domain, by its number; empty where the group has no known domains."""
    by_zone: tuple[int, ...] = ()
    """Members per zone, in the order of the group's zones; empty in a regional deployment."""
    running: int = 0
    """Members whose power state is running."""
    unhealthy: int = 0
    """Members reported unhealthy."""
    spot: int = 0
    """Members of Spot priority."""
    windows: int = 0
    """Members that run Windows."""

    @classmethod
    def empty(cls, fault_domain_count: int | None, zone_count: int) -> Census:
        """The census of a group without members."""
        return cls(by_fault_domain=(0,) * (fault_domain_count or 0), by_zone=(0,) * zone_count)

    def counting(self, instance: Instance, zones: tuple[str, ...], by: int) -> Census:
        """The census with an instance added (`by` = 1) or taken away (`by` = -1)."""
        zone = zones.index(instance.zone) if instance.zone in zones else None
        return Census(
            members=self.members + by,
            by_fault_domain=_bumped(self.by_fault_domain, instance.fault_domain, by),
            by_zone=_bumped(self.by_zone, zone, by),
            running=self.running + by * (instance.power is Power.RUNNING),
            unhealthy=self.unhealthy + by * (instance.health is Health.UNHEALTHY),
            spot=self.spot + by * (instance.priority is Priority.SPOT),
            windows=self.windows + by * (instance.operating_system is OperatingSystem.WINDOWS),
        )

    @classmethod
    def recount(cls, members: Iterable[Instance], fault_domain_count: int | None, zones: tuple[str, ...]) -> Census:
        """The census counted anew from the members: what the kept one must equal."""
        census = cls.empty(fault_domain_count, len(zones))
        for instance in members:
            census = census.counting(instance, zones, 1)
        return census


def _bumped(counts: tuple[int, ...], index: int | None, by: int) -> tuple[int, ...]:
    if index is None or not 0 <= index < len(counts):
        return counts
    return (*counts[:index], counts[index] + by, *counts[index + 1 :])
