"""Where a mutant is explored: small worlds of what its rule speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

from vmss_invariants.exploring import Bounds, Configuration, aspects
from vmss_invariants.mutating.mutant import Mutant
from vmss_model.rules import RULES

_MEMBERS = (
    Bounds(instances=1, fault_domains=1, families=aspects.MEMBERS),
    Bounds(instances=2, fault_domains=2, families=aspects.MEMBERS),
    Bounds(instances=2, fault_domains=1, zones=2, update_domains=2, families=aspects.MEMBERS),
)
_SETTINGS = (
    Bounds(instances=0, fault_domains=0, families=aspects.SETTINGS),
    Bounds(instances=1, fault_domains=1, families=aspects.SETTINGS),
)
_HEALTH = (Bounds(instances=1, fault_domains=1, families=aspects.HEALTH),)
_POWER = (Bounds(instances=2, fault_domains=1, families=aspects.POWER),)
_UPGRADES = (
    Bounds(instances=1, fault_domains=0, families=aspects.UPGRADES),
    Bounds(instances=2, fault_domains=1, families=aspects.UPGRADES),
)
_ROLLOUTS = (
    Bounds(instances=1, fault_domains=0, versions=1, families=aspects.ROLLOUTS),
    Bounds(instances=2, fault_domains=0, versions=1, families=aspects.BATCHES),
    Bounds(instances=1, fault_domains=0, families=aspects.ROLLOUTS),
    Bounds(instances=1, fault_domains=0, versions=1, families=aspects.RELEASES),
    Bounds(instances=2, fault_domains=0, update_domains=2, versions=1, families=aspects.CLUSTERS),
    Bounds(instances=2, fault_domains=0, versions=1, families=aspects.ROLLOUTS),
)
_CHANGES = (
    Bounds(instances=2, fault_domains=0, families=aspects.CHANGES),
    Bounds(instances=1, fault_domains=0, families=aspects.POLICIES),
)
_STACK = (Bounds(instances=1, fault_domains=0, families=aspects.STACK),)
_REGISTRATION = (Bounds(instances=0, fault_domains=0, families=aspects.REGISTRATION),)
_SUPERSEDED = (Bounds(instances=1, fault_domains=1, superseded=2, families=aspects.SUPERSEDED),)
_HISTORY = (Bounds(instances=1, fault_domains=0, versions=1, attempts=6, families=aspects.HISTORY),)
_ELIGIBILITY = (Bounds(instances=0, fault_domains=0, versions=1, families=aspects.ELIGIBILITY),)
_CREDENTIALS = (Bounds(instances=1, fault_domains=0, versions=1, families=aspects.CREDENTIALS),)
_FURNISHED = (
    Bounds(instances=1, fault_domains=0, families=aspects.FURNISHED),
    Bounds(instances=1, fault_domains=0, versions=1, families=aspects.DISKS),
)
_ZONED = (Bounds(instances=2, fault_domains=0, zones=2, versions=1, families=aspects.ZONED),)
_PAIRS = (Bounds(instances=1, fault_domains=0, groups=2, versions=1, families=aspects.PAIRS),)
_SHAPES = (
    Bounds(instances=0, fault_domains=6, update_domains=6, families=aspects.MEMBERS),
    Bounds(instances=0, fault_domains=6, zones=3, families=aspects.MEMBERS),
)
_ALL = (*_MEMBERS, *_HEALTH, *_POWER, *_SETTINGS)

_OF_SECTION: Mapping[str, tuple[Bounds, ...]] = MappingProxyType(
    {
        "B": (*_REGISTRATION, *_MEMBERS),
        "C": (*_SHAPES, *_MEMBERS, *_SETTINGS),
        "D": (*_SETTINGS, *_HEALTH, *_MEMBERS),
        "E": (*_UPGRADES, *_CHANGES, *_SETTINGS),
        "F": (*_ROLLOUTS, *_UPGRADES, *_CHANGES, *_SETTINGS),
        "G": (*_HEALTH, *_MEMBERS, *_SETTINGS),
        "I": (*_STACK, *_MEMBERS, *_SETTINGS),
        "K": (*_MEMBERS, *_SETTINGS, *_POWER, *_ROLLOUTS, *_UPGRADES),
    }
)
"""The bounds by the section of the rule, the smallest first; the other sections are explored in all that members do."""

_OF_RULE: Mapping[str, tuple[Bounds, ...]] = MappingProxyType(
    {
        "ARG-STALE": _SUPERSEDED,
        "OSU-HISTORY": _HISTORY,
        "OSU-SWAP": _FURNISHED,
        "OSU-CREDENTIALS": _CREDENTIALS,
        "OSU-EXTERNAL": _CREDENTIALS,
        "OSU-ZONES": _ZONED,
        "OSU-REGIONS": _PAIRS,
        **{f"OSU-{one}": _ELIGIBILITY for one in ("LATEST", "IMAGES", "API", "WINDOWS", "SF", "HEALTH")},
        **{f"OSU-PROBE-{one}": _ELIGIBILITY for one in ("LB", "INTERVAL")},
    }
)
"""What is explored first for rules of which else little can be seen."""


def explorations_for(mutant: Mutant) -> Iterator[Configuration]:
    """Small explorations in which a mutant can be noticed, the smallest first."""
    section = RULES[mutant.rule].section
    several = (*_OF_RULE.get(mutant.rule, ()), *_OF_SECTION.get(section, _ALL))
    for bounds, (edition, kind) in product(several, mutant.kinds):
        if aspects.speaks(edition, kind, bounds.families):
            yield Configuration(edition=edition, kind=kind, bounds=bounds)
