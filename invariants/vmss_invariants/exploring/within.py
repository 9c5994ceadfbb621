"""Whether a world is within the bounds. A step that leads out of them is examined, but not followed."""

from __future__ import annotations

from operator import attrgetter, ne

import attrs

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.departed import departed
from vmss_invariants.exploring.past import NO_HISTORY, superseded
from vmss_invariants.exploring.plain import plain_group
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.steps import History
from vmss_model import requests as rq
from vmss_model.world import Group, Instance, World

_SHAPE = frozenset({"key", "kind", "zones", "fault_domain_count", "capacity"})
"""What makes the shape of a group: bounded by counts, not by twists."""
_ALONE = 1
"""The most VMs outside any group."""


def _shared(one: type, other: type) -> tuple[str, ...]:
    names = {field.name for field in attrs.fields(one)}
    return tuple(field.name for field in attrs.fields(other) if field.name in names)


_GIVEN = tuple(name for name in _shared(rq.CreateGroup, Group) if name not in _SHAPE | {"capabilities"})
_GIVEN_TO_VM = tuple(name for name in _shared(rq.CreateVm, Instance) if name not in {"zone", "fault_domain"})
_given, _given_to_vm = attrgetter(*_GIVEN), attrgetter(*_GIVEN_TO_VM)


class Within:
    """Tells whether worlds are within the bounds of a configuration.

    Twists are counted from a plain group: the edition's own, if no other is given.
    """

    def __init__(self, configuration: Configuration, plain: rq.CreateGroup | None = None) -> None:
        self._bounds = configuration.bounds
        if plain is None:
            scene = Scene(configuration.start(), configuration.kind, configuration.bounds, lambda *_: None)
            plain = plain_group(scene, configuration.bounds.keys[0])
        self._plain = _given(plain)
        defaults = {field.name: field.default for field in attrs.fields(Instance)}
        self._plain_vm = tuple(defaults[name] for name in _GIVEN_TO_VM)
        self._explicit = configuration.rules.explicit
        self._can_twist = not {"twisting", "setting", "qualifying"}.isdisjoint(configuration.bounds.families)

    def __call__(self, world: World, history: History = NO_HISTORY) -> bool:
        """Whether a world is within the bounds; `history` is what a bystander saw."""
        bounds = self._bounds
        if bounds.departed and departed(world) > bounds.departed:
            return False
        if bounds.superseded and superseded(history, world.clock) > bounds.superseded:
            return False
        if len(world.groups) > bounds.groups or sum(group is None for group in world.machines.values()) > _ALONE:
            return False
        return all(
            len(group.members) <= bounds.instances
            and (group.fault_domain_count or 0) <= bounds.fault_domains
            and len(group.zones) <= bounds.zones
            and (group.update_domain_count or 0) <= bounds.update_domains
            and group.model_version <= bounds.versions
            and (not bounds.attempts or len(group.history) <= bounds.attempts)
            and (not self._can_twist or self.twists(group) <= bounds.twists)
            for group in world.groups.values()
        )

    def twists(self, group: Group) -> int:
        """In how many properties a group and the VMs that callers made for it differ from plain ones."""
        twists: int = len(group.capabilities) + sum(map(ne, _given(group), self._plain))
        if self._explicit:
            twists += sum(sum(map(ne, _given_to_vm(member), self._plain_vm)) for member in group.members.values())
        return twists
