"""Two choices that a rollout leaves to the platform: which instances a batch takes, and in which order an
instance gets its extensions. Each can say which rule a value breaks, not only that it breaks one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import TYPE_CHECKING

from attrs import frozen

from vmss_model.choices import Draw
from vmss_model.guards import batch_size_allowed, leaves_some
from vmss_model.rollout import Place
from vmss_model.rules import implements

if TYPE_CHECKING:
    from vmss_model.world import Extension

Objection = tuple[str, str]
"""The id of a rule that a value breaks, and how, in a sentence."""


@frozen(kw_only=True)
class Batch:
    """A choice of the instances that a rollout upgrades next."""

    name: str = "batch"
    """What is chosen."""
    pending: Mapping[str, Place]
    """The place of each instance that is left to upgrade, by name."""
    instances: int
    """All instances of the group (count)."""
    cap: int
    """The most instances of a batch (count)."""
    size_rule: str
    """The rule that bounds its size."""
    stays_in_place: bool
    """Whether a batch keeps to one zone and one update domain."""
    spares_some: bool
    """Whether a batch may not take every instance of the group."""
    zone_taken: str | None = None
    """The only zone that the same update may work in now, because it does so in another group; None: any."""
    update_domain_begun: int | None = None
    """The update domain that has to be finished first (Service Fabric); None: any."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that bound the choice."""
        placed = ("OSU-ZONES",) if self.stays_in_place else ()
        begun = ("OSU-SF",) if self.update_domain_begun is not None else ()
        return (self.size_rule, *placed, *(("OSU-GROUP",) if self.spares_some else ()), *begun)

    def allows(self, value: object) -> bool:
        """Whether the value is a batch that the documents allow."""
        return not self.objections(value)

    @implements("OSU-BATCH", "OSU-ZONES", "OSU-GROUP", "OSU-SF")
    def objections(self, value: object) -> tuple[Objection, ...]:
        """The rules that a batch breaks."""
        if not isinstance(value, tuple | frozenset | set | list) or not all(isinstance(one, str) for one in value):
            return ((self.size_rule, "a batch is a collection of instance names"),)
        names = frozenset(str(one) for one in value)
        found: list[Objection] = []
        if not batch_size_allowed(len(value), self.cap) or len(names) != len(value):
            found.append((self.size_rule, f"a batch has 1 to {self.cap} instances, each once; this one {len(value)}"))
        strangers = sorted(names - self.pending.keys())
        if strangers:
            # Where the edition has no rule on what is left to upgrade, that on the batches stands for it.
            rule = "OSU-DONE" if self.stays_in_place else self.size_rule
            found.append((rule, f"{', '.join(strangers[:5])} are not left to upgrade"))
        if self.spares_some and not leaves_some(len(names), self.instances):
            found.append(("OSU-GROUP", f"the batch takes all {self.instances} instances of the group at once"))
        if self.stays_in_place:
            found.extend(self._misplaced(frozenset(self.pending[name] for name in names if name in self.pending)))
        return tuple(found)

    def _misplaced(self, places: frozenset[Place]) -> Iterator[Objection]:
        zones = sorted({str(zone) for zone, _ in places})
        if len(zones) > 1:
            yield "OSU-ZONES", f"the batch works in zones {', '.join(zones)} at the same time"
        elif self.zone_taken is not None and zones and zones != [self.zone_taken]:
            yield "OSU-ZONES", f"the same update works in zone {self.zone_taken} now; the batch is in zone {zones[0]}"
        domains = {domain for _, domain in places}
        if len(domains) > 1:
            yield self.size_rule, f"the batch crosses update domains {', '.join(sorted(map(str, domains)))}"
        begun = self.update_domain_begun
        if begun is not None and domains and domains != {begun}:
            yield "OSU-SF", f"update domain {begun} is to be finished before another is begun"

    def _pools(self) -> list[tuple[str, ...]]:
        """The instances that a batch may be taken from, by place; sorted, so that every run is the same."""
        if not self.stays_in_place:
            return [tuple(sorted(self.pending))]
        pools: dict[Place, list[str]] = {}
        for name in sorted(self.pending):
            place = self.pending[name]
            if not any(self._misplaced(frozenset({place}))):
                pools.setdefault(place, []).append(name)
        return [tuple(pools[place]) for place in sorted(pools, key=str)]

    def _most(self, pool: tuple[str, ...]) -> int:
        most = min(self.cap, len(pool))
        return most - 1 if self.spares_some and not leaves_some(most, self.instances) else most

    def is_possible(self) -> bool:
        """Whether there is a batch at all: a zone that is taken may leave none for now."""
        return any(self._most(pool) >= 1 for pool in self._pools())

    def filled(self) -> tuple[tuple[str, ...], ...]:
        """The largest batch of each place, its first names."""
        return tuple(pool[: self._most(pool)] for pool in self._pools() if self._most(pool))

    def sample(self, draw: Draw) -> tuple[str, ...]:
        """A batch of one place; every size that is allowed can come up."""
        pools = [pool for pool in self._pools() if self._most(pool)]
        pool = list(pools[draw(0, len(pools) - 1)])
        size = draw(1, self._most(tuple(pool)))
        return tuple(sorted(pool.pop(draw(0, len(pool) - 1)) for _ in range(size)))

    def values(self) -> Iterator[tuple[str, ...]]:
        """Every allowed batch, lazily."""
        for pool in self._pools():
            for size in range(1, self._most(pool) + 1):
                yield from combinations(pool, size)

    def describe(self) -> str:
        """The bounds, in words."""
        placed = ", of one zone and one update domain" if self.stays_in_place else ""
        return f"{self.name} is 1 to {self.cap} of the {len(self.pending)} instances that are left{placed}"


@implements("OSU-SWAP")
def has_cycle(extensions: tuple[Extension, ...]) -> bool:
    """Whether the extensions' sequence can never be run: one comes, by way of others, after itself."""
    try:
        TopologicalSorter({one.name: one.after for one in extensions}).prepare()
    except CycleError:
        return True
    return False


@frozen
class ExtensionOrder:
    """A choice of the order in which an instance gets its extensions."""

    name: str
    """What is chosen."""
    extensions: tuple[Extension, ...]
    """The extensions of the model; without a cycle."""
    failing: str | None = None
    """The one that fails, and ends the sequence; None: all succeed."""
    rules: tuple[str, ...] = ("OSU-SWAP",)
    """The rules that bound the choice."""

    def allows(self, value: object) -> bool:
        """Whether the value runs each extension once, after those it comes after, up to the one that fails."""
        if not isinstance(value, tuple) or len(set(value)) != len(value):
            return False
        after = {one.name: one.after for one in self.extensions}
        if not all(name in after for name in value):
            return False
        done: set[object] = set()
        for name in value:
            if any(before in after and before not in done for before in after[name]):
                return False
            done.add(name)
        return len(value) == len(after) if self.failing is None else bool(value) and value[-1] == self.failing

    def sample(self, draw: Draw) -> tuple[str, ...]:
        """An order, extension by extension."""
        order: list[str] = []
        while (ready := self._ready(tuple(order))) and (not order or order[-1] != self.failing):
            order.append(ready[draw(0, len(ready) - 1)])
        return tuple(order)

    def _ready(self, order: tuple[str, ...]) -> list[str]:
        known = {one.name for one in self.extensions}
        return [
            one.name
            for one in self.extensions
            if one.name not in order and all(before in order or before not in known for before in one.after)
        ]

    def values(self) -> Iterator[tuple[str, ...]]:
        """Every order, depth first."""
        return self._orders(())

    def _orders(self, order: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        ready = [] if order and order[-1] == self.failing else self._ready(order)
        if not ready:
            yield order
        for name in ready:
            yield from self._orders((*order, name))

    def describe(self) -> str:
        """The extensions, in words."""
        names = ", ".join(one.name for one in self.extensions) or "none"
        return f"{self.name} runs {names}, each after those it is to come after"
