"""What members that are gone leave behind: ids that are not given again, and NICs and disks under their names.

Only where the bounds ask for it canonical worlds hold it, and are kept as they were reached: a NIC that is taken over
by a VM of the same name, an id beyond a gap, or a name that the platform made before show nowhere else.
"""

from __future__ import annotations

from collections.abc import Hashable

from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_model.world import Group, World

VM_NAMES = tuple("abcdefghijklmnopqrs")
"""The names that callers give to VMs."""


def departed_from(world: World) -> Hashable:
    """What a canonical world holds of it: names that callers give count as any other, ids and the platform's do not."""
    names = sorted(left_behind(world))
    given = sum(name in VM_NAMES for name in names)
    made = (name for group in world.groups.values() for name in group.members if name not in VM_NAMES)
    gaps = tuple((key, _given_up(world.groups[key])) for key in sorted(world.groups))
    platform = tuple(sorted(made)) if _has_vms(world) else ()
    return (gaps, given, tuple(name for name in names if name not in VM_NAMES), platform)


def departed(world: World) -> int:
    """How many members left something behind, as far as bounds count it."""
    ids = sum(map(_given_up, world.groups.values()))
    return ids + sum(not name.isdecimal() for name in left_behind(world))


def _given_up(group: Group) -> int:
    """How many ids of a group that makes its members are not in use any more."""
    return 0 if group.kind in EXPLICIT_KINDS else group.next_instance_id - len(group.members)


def left_behind(world: World) -> frozenset[str]:
    """The names under which NICs and disks stand alone."""
    return frozenset(artifact.split("/")[-2] for artifact, owner in world.artifacts.items() if owner is None)


def _has_vms(world: World) -> bool:
    return any(group.kind in EXPLICIT_KINDS for group in world.groups.values())
