"""A world, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property

from attrs import frozen

from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.departed import VM_NAMES, left_behind
from vmss_invariants.exploring.past import NO_LOGS, Logs
from vmss_model import requests as rq
from vmss_model.editions import KindRules
from vmss_model.values import GroupKind
from vmss_model.world import Group, GroupKey, Instance, VmKey, World


@frozen
class Scene:
    """A world, and what may be asked of it."""

    world: World
    """The world."""
    kind: GroupKind
    """The kind of group that is explored."""
    bounds: Bounds
    """How far."""
    state_of: Callable[[Instance, Group], Hashable]
    """What tells a member from others."""
    alike: Mapping[GroupKey, tuple[str, ...]] | None = None
    """For each group the names of members, one of each state, where they are known already."""
    logs: Logs = NO_LOGS
    """What was superseded of VMs, by their names, where that is explored."""
    symmetric: bool = True
    """Whether one member stands for all of its state, and one free name for all."""

    @cached_property
    def rules(self) -> KindRules:
        """What the edition says of the kind."""
        return self.world.edition.kinds[self.kind]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups, in the order of their names."""
        groups = self.world.groups
        return tuple(groups[key] for key in sorted(groups)) if len(groups) > 1 else tuple(groups.values())

    @cached_property
    def free_keys(self) -> tuple[GroupKey, ...]:
        """The names of groups that there are not, one standing for all."""
        free = tuple(key for key in self.bounds.keys if key not in self.world.groups)
        return free[:1] if len(self.world.groups) < self.bounds.groups else ()

    @cached_property
    def representatives(self) -> Mapping[GroupKey, tuple[str, ...]]:
        """For each group the names of members, one of each state."""
        return self.alike or {group.key: self._one_of_each(group) for group in self.groups}

    def _one_of_each(self, group: Group) -> tuple[str, ...]:
        names = sorted(group.members)
        if not self.symmetric:
            return tuple(names)
        of_state: dict[Hashable, str] = {}
        for name in names:
            of_state.setdefault(self.state_of(group.members[name], group), name)
        return tuple(of_state.values())

    @property
    def capacities(self) -> range:
        """Every number of members within the bounds."""
        return range(self.bounds.instances + 1)

    @property
    def domains(self) -> int | None:
        """As many fault domains as the bounds say; None: the group counts none."""
        return self.bounds.fault_domains or None

    def members(self) -> Iterator[tuple[Group, str]]:
        """Each group with each member that stands for others."""
        for group in self.groups:
            for name in self.representatives[group.key]:
                yield group, name

    def free_names(self, resource_group: str) -> tuple[str, ...]:
        """Names for a new VM, one standing for all of which the same was superseded, and the same left behind."""
        bounds = self.bounds
        pool = VM_NAMES[: bounds.instances * bounds.groups + bounds.superseded + bounds.departed + 1]
        free = tuple(name for name in pool if VmKey(resource_group, name) not in self.world.machines)
        if not self.symmetric:
            return free
        left = left_behind(self.world) if bounds.departed else frozenset()
        return tuple({(self.logs.get(name), name in left): name for name in reversed(free)}.values())


Family = Callable[[Scene], Iterator[rq.Request]]
"""The requests of one kind that mean something in a scene."""
