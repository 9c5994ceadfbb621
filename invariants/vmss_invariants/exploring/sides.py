"""One of two editions that are compared: what is asked of it, and how far its worlds are followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from vmss_invariants.exploring.aspects import SETTINGS
from vmss_invariants.exploring.bounds import ZONES, Bounds, Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.plain import IMAGE, plain_group
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.within import Within
from vmss_invariants.requests_upgrades import WAIT, eligibility, every_rollout_change, upgradable
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.editions import edition
from vmss_model.images import ImageReference
from vmss_model.values import UNCHANGED, GroupKind, Health, HealthSource, Power, UpgradeMode
from vmss_model.world import Profile, World

ASKED = Bounds(
    instances=1, fault_domains=5, zones=1, update_domains=1, families=(*SETTINGS, "powering", "watching", "asking")
)
"""How far requests go; a step that leads further is compared too."""
FOLLOWED = evolve(ASKED, fault_domains=2, versions=1)
"""How far the worlds go in which the next requests are compared."""
ROLLED_OUT = Bounds(
    instances=2,
    fault_domains=0,
    zones=2,
    versions=2,
    families=("publishing", "rolling", "reporting", "rolling_out"),
)
"""How far rollouts go in which requests are compared."""


class Side:
    """One of the two editions."""

    def __init__(self, name: str, kind: GroupKind, asked: Bounds, followed: Bounds) -> None:
        self.kind = kind
        self.canon = Canon(asked)
        self._twists = "twisting" in asked.families
        self.knows = kind in edition(name).kinds
        self._followed = followed
        if not self.knows:
            return
        self.configuration = Configuration(edition=name, kind=kind, bounds=asked)
        self._stepper = Stepper(self.configuration, self.canon)
        # What the edition fills in is no twist.
        allowed = self.configuration.rules.single_placement_group
        filled = next(iter(allowed)) if allowed is not None and len(allowed) == 1 else None
        plain = evolve(self.bare, single_placement_group=filled)
        self._within = Within(evolve(self.configuration, bounds=followed), plain)

    def follows(self, world: World, *, twisted: bool = True) -> bool:
        """Whether the next requests are compared in a world: it differs from a bare one in one respect at most.

        Unless it may be `twisted`, and the bounds let any be, it differs in none. Rollouts are as they are: those of a
        single member are plain.
        """
        if None in world.machines.values():
            return False
        if not self.knows:
            return not world.groups
        if not self._within(world):
            return False
        twists = self._followed.twists if twisted else 0
        if not self._twists:
            return twists > 0 or all(len(group.members) <= 1 for group in world.groups.values())
        return all(
            self._within.twists(group)
            + sum(one.power is not Power.RUNNING or one.health is not Health.UNKNOWN for one in group.members.values())
            <= twists
            for group in world.groups.values()
        )

    def requests(self, world: World) -> Iterator[rq.Request]:
        """What is asked in a world, the barest first; nothing of other kinds of group, nor of one it does not know."""
        if not self.knows:
            return
        scene = self._stepper.scene(world)
        plain = plain_group(scene, ASKED.keys[0])
        bare = () if world.groups else (self.bare,)
        for request in (*bare, *requests_in(scene)):
            if getattr(request, "kind", self.kind) in (self.kind, UNCHANGED):
                yield _stripped(request, plain) if isinstance(request, rq.CreateGroup) else request
        yield from _about_upgrades(scene, self.bare) if self._twists else _by_policy(scene, self.bare)

    @property
    def bare(self) -> rq.CreateGroup:
        """A group of which nothing is said but what its kind must have in some edition."""
        profile = None if self.configuration.rules.explicit else Profile()
        return rq.CreateGroup(key=ASKED.keys[0], kind=self.kind, profile=profile)


def _about_upgrades(scene: Scene, bare: rq.CreateGroup) -> Iterator[rq.Request]:
    """Groups on which automatic upgrades are to be switched on, one for each thing they ask for; and changes."""
    if scene.rules.explicit:
        return
    if not scene.groups:
        yield from eligibility(upgradable(bare.key, capacity=1, kind=bare.kind), scene.world.clock)
    for group in scene.groups:
        yield from every_rollout_change(group.key)
        yield from (rq.BeginRollout(group.key), rq.StartRollout(group.key))


def _by_policy(scene: Scene, bare: rq.CreateGroup) -> Iterator[rq.Request]:
    """Groups whose model is rolled out by a policy of which nothing more is said, and the wait that rollouts know.

    Where a policy names no percentages, it depends on the edition what bounds a batch.
    """
    if scene.rules.explicit:
        return
    plain = evolve(bare, upgrade_mode=UpgradeMode.ROLLING, health_source=HealthSource.EXTENSION)
    if not scene.groups:
        for zones in ((), ZONES[: scene.bounds.zones]):
            yield from (evolve(plain, zones=zones, capacity=count) for count in scene.capacities)
        yield evolve(plain, os_upgrade=True, profile=Profile(image=ImageReference(IMAGE)), capacity=1)
    for rollout in (group.rollout for group in scene.groups):
        if rollout is not None and rollout.progress.in_progress and scene.world.clock - rollout.batch_started_at < WAIT:
            yield rq.AdvanceClock(WAIT)


def _stripped(request: rq.CreateGroup, plain: rq.CreateGroup) -> rq.CreateGroup:
    """The request without what an edition's plain group has of its own: asked of two editions, it is no difference."""
    defaults = {one.name: one.default for one in attrs.fields(rq.CreateGroup)}
    own = (name for name in defaults if name not in {"key", "kind", "profile"})
    changes: dict[str, Any] = {
        name: defaults[name] for name in own if getattr(request, name) == getattr(plain, name) != defaults[name]
    }
    return evolve(request, **changes) if changes else request


def renamed(request: rq.Request, old: GroupKind, new: GroupKind) -> rq.Request:
    """The request with the kind by its name in the other edition."""
    if isinstance(request, rq.CreateGroup | rq.UpdateGroup) and request.kind is old:
        return evolve(request, kind=new)
    return request
