"""Lawful rollouts as traces: requests with outcomes that the model itself drew, of random groups.

A trace is played by a `Player` that does what a platform does (publish, begin, upgrade batch by batch, wait,
restore, end) and what happens to it (instances that stay unhealthy, extensions that fail, maintenance). All
choices are drawn from one `random.Random`, which Hypothesis or a seed provides.
"""

from __future__ import annotations

import random

import attrs
from attrs import frozen

from vmss_model import GroupKey, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.images import GalleryImage, ImageLine, ImageReference
from vmss_model.oracle import Granted, Outcome, Refused
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy
from vmss_model.values import (
    Durability,
    GroupKind,
    Health,
    HealthSource,
    LoadBalancer,
    Power,
    Provisioning,
    Stage,
    UpgradeMode,
)
from vmss_model.world import Extension, ExternalReference, Group, Profile, ServiceFabric, Subscription

KEY = GroupKey("rg", "web")
REGION, ELSEWHERE = "westus", "eastus"
DAY = 24 * 60 * 60
SEQUENCES = (
    (),
    (Extension("agent"),),
    (Extension("agent"), Extension("app", ("agent",))),
    (Extension("agent"), Extension("app", ("agent",)), Extension("check", ("app",))),
)


@frozen
class Step:
    """One request of a trace."""

    before: World
    """The world that it met."""
    request: rq.Request
    """What was asked."""
    outcome: Outcome
    """What was done."""
    spoken_of: bool
    """Whether a rule speaks of it: an outcome that no rule speaks of cannot conform."""


@frozen
class Shape:
    """What a trace is about."""

    instances: int
    """The group's instances (count)."""
    zones: tuple[str, ...]
    """Its zones."""
    update_domains: int | None
    """Its update domains (count)."""
    by_hand: bool
    """Whether rollouts are started by hand, not by the platform."""
    of_model: bool
    """Whether they are of a changed model (policy Rolling), not of a newer image."""
    policy: RollingPolicy | None
    """The rolling upgrade policy, where it is set."""
    source: HealthSource | None
    """Who reports health."""
    fabric: bool
    """Whether the group is a Service Fabric node type."""
    gallery: bool
    """Whether its image is a gallery's."""
    extensions: tuple[Extension, ...]
    """Its extensions."""
    data_disks: int
    """Its data disks (count)."""
    expiring: bool
    """Whether the credentials that its model refers to expire before the first rollout."""
    rollouts: int
    """How many rollouts are played (count)."""
    troubles: float
    """How often an instance does not become healthy (a share)."""


def drawn_shape(chance: random.Random) -> Shape:
    """A random shape."""
    by_hand = chance.random() < 0.35
    of_model = not by_hand and chance.random() < 0.25
    fabric = not by_hand and not of_model and chance.random() < 0.3
    source = None if fabric else chance.choice((HealthSource.EXTENSION, HealthSource.PROBE))
    if (by_hand or of_model) and chance.random() < 0.3:
        source = None
    policy = RollingPolicy(
        chance.choice((5, 20, 40, 100)), chance.choice((5, 20, 50, 100)), chance.choice((0, 20, 60, 100)), 30
    )
    return Shape(
        # Of Service Fabric, update domains that take several batches each.
        instances=chance.choice((10, 12, 15) if fabric else (1, 2, 4, 5, 6, 10, 12, 15)),
        zones=chance.choice(((), (), ("1",), ("1", "2"), ("1", "2", "3"))),
        update_domains=chance.choice((2, 3) if fabric else (1, 2, 3, 5)),
        by_hand=by_hand,
        of_model=of_model,
        policy=policy if (by_hand or of_model) and chance.random() < 0.7 else None,
        source=source,
        fabric=fabric,
        gallery=chance.random() < 0.4,
        extensions=chance.choice(SEQUENCES),
        data_disks=chance.choice((0, 1, 3)),
        expiring=not by_hand and not of_model and chance.random() < 0.25,
        rollouts=chance.choice((1, 1, 2, 3, 7)),
        troubles=chance.choice((0.0, 0.1, 0.3)),
    )


@attrs.define
class Player:
    """Plays one trace."""

    chance: random.Random
    """Where every choice comes from."""
    shape: Shape
    """What the trace is about."""
    world: World = attrs.field(factory=lambda: World(edition("2021-07"), subscription=Subscription(known=False)))
    """The world as it is."""
    steps: list[Step] = attrs.field(factory=list)
    """What happened so far."""

    @property
    def group(self) -> Group:
        """The group."""
        return self.world.groups[KEY]

    def ask(self, request: rq.Request) -> bool:
        """Ask for something and note what the model made of it; whether it was granted."""
        decision = decide(self.world, request)
        if decision.silent:
            return False
        before = self.world
        if decision.grant is None:
            outcome: Outcome = Refused(decision.refusals[0].code, decision.refusals[0].message)
            self.steps.append(Step(before, request, outcome, True))
            return False
        picks = decision.grant.sample(self.chance.randint)
        answer = decision.grant.answer(picks)
        self.world = evolve_all(self.world, decision.grant.events(picks))
        outcome = Granted({}, answer) if answer is not None else Granted(picks)
        self.steps.append(Step(before, request, outcome, bool(decision.held)))
        return True

    def line(self) -> ImageLine:
        """The image of the group."""
        return GalleryImage("gallery", "web") if self.shape.gallery else SUPPORTED_IMAGES[1]

    def publish(self, number: int) -> None:
        """A version that reaches the group's region, a gallery's sometimes in steps."""
        line, version = self.line(), f"{number}.0.0"
        if not isinstance(line, GalleryImage):
            self.ask(rq.PublishImage(line, version))
            self.ask(rq.ReleaseImage(line, version, frozenset({REGION})))
            return
        if number > 1 and self.chance.random() < 0.6:
            excluded = self.chance.random() < 0.5
            regions = frozenset({REGION}) if excluded else frozenset({ELSEWHERE})
            self.ask(rq.PublishImage(line, version, regions, excluded))
            self.ask(rq.BeginRollout(KEY))
            self.look()
            if excluded:
                self.ask(rq.ExcludeImage(line, version, False))
            else:
                self.ask(rq.ReplicateImage(line, version, REGION))
            return
        self.ask(rq.PublishImage(line, version, frozenset({REGION})))

    def create(self) -> None:
        """The group, with automatic upgrades where the platform rolls out."""
        shape = self.shape
        fabric = ServiceFabric(Durability.SILVER, Durability.SILVER) if shape.fabric else None
        # Of a changed model, not of a newer version: the model names the version then.
        image = ImageReference(self.line(), "1.0.0") if shape.of_model else ImageReference(self.line())
        profile = Profile(
            image=image,
            data_disks=shape.data_disks,
            extensions=shape.extensions,
            external=(ExternalReference("token", DAY),) if shape.expiring else (),
            service_fabric=fabric,
            load_balancer=LoadBalancer.STANDARD,
        )
        mode = UpgradeMode.ROLLING if shape.by_hand or shape.of_model else self.chance.choice((*UpgradeMode, None))
        self.ask(
            rq.CreateGroup(
                key=KEY,
                kind=GroupKind.UNIFORM,
                region=REGION,
                zones=shape.zones,
                update_domain_count=shape.update_domains,
                single_placement_group=False,
                profile=profile,
                capacity=shape.instances,
                health_source=shape.source,
                upgrade_mode=UpgradeMode.AUTOMATIC if mode is UpgradeMode.MANUAL else mode,
                rolling=shape.policy,
            )
        )
        if not shape.by_hand and not shape.of_model:
            self.ask(rq.UpdateGroup(key=KEY, os_upgrade=True, api_version="2021-03-01"))

    def look(self) -> None:
        """Sometimes somebody looks."""
        if self.chance.random() < 0.6:
            return
        name = self.chance.choice(sorted(self.group.members))
        self.ask(
            self.chance.choice(
                (rq.GetProgress(KEY), rq.GetHistory(KEY), rq.GetInstance(KEY, name), rq.ListInstances(KEY))
            )
        )

    def report(self, name: str, health: Health) -> None:
        """A source reports a member's health; where none does, its power says it."""
        if self.shape.source is not None:
            self.ask(rq.ReportHealth(KEY, name, health, self.shape.source))
        else:
            power = Power.RUNNING if health is Health.HEALTHY else Power.STOPPED
            self.ask(rq.ChangePower(KEY, name, power))

    def ail(self, share: float) -> tuple[str, ...]:
        """So many members become unhealthy, for reasons of their own."""
        names = sorted(self.group.members)
        ill = tuple(self.chance.sample(names, min(len(names), int(share * len(names)) + 1)))
        for name in ill:
            self.report(name, Health.UNHEALTHY)
        return ill

    def begin(self, number: int) -> bool:
        """Let a rollout begin, lawfully; whether one did."""
        if self.shape.by_hand:
            return self.ask(rq.StartRollout(KEY)) and self.group.rollout is not None
        if self.shape.of_model:
            self.ask(rq.UpdateGroup(key=KEY, image=ImageReference(self.line(), f"{number}.0.0")))
        ill = self.ail(0.3) if self.chance.random() < 0.4 else ()
        if ill:
            self.ask(rq.BeginRollout(KEY))
            for name in ill:
                self.report(name, Health.HEALTHY)
        self.await_window()
        return self.group.rollout is not None or self.ask(rq.BeginRollout(KEY))

    def await_window(self) -> None:
        """Let time go on into the window, to a random moment of it or to its end."""
        trigger = self.group.trigger
        if trigger is None:
            return
        if self.chance.random() < 0.3 and trigger.earliest > self.world.clock:
            self.ask(rq.BeginRollout(KEY))
        moment = self.chance.choice((trigger.earliest, trigger.latest, trigger.latest + 900))
        self.ask(rq.AdvanceClock(max(0, moment - self.world.clock)))

    def roll(self) -> None:
        """Batch after batch, to the end."""
        while self.group.rollout is not None:
            self.look()
            if self.chance.random() < 0.03 and self.shape.by_hand:
                self.ask(rq.CancelRollout(KEY))
            elif self.chance.random() < 0.03 and self.group.os_upgrade:
                self.ask(rq.UpdateGroup(key=KEY, os_upgrade=False))
            elif self.chance.random() < 0.08 * bool(self.shape.troubles):
                self.ail(0.25)
            if not self.ask(rq.StartBatch(KEY)):
                rollout = self.group.rollout
                if rollout.ready_at > self.world.clock:
                    self.ask(rq.AdvanceClock(rollout.ready_at - self.world.clock))
                elif not self.ask(rq.EndRollout(KEY)):
                    return
                continue
            self.settle()
        self.look()

    def settle(self) -> None:
        """The batch gets its extensions and becomes healthy, or does not."""
        rollout = self.group.rollout
        assert rollout is not None
        waiting = [one.name for one in self.group.members.values() if self._waits(one.name)]
        self.chance.shuffle(waiting)
        for name in waiting:
            trouble = self.chance.random() < self.shape.troubles
            names = [one.name for one in self.shape.extensions]
            failing = self.chance.choice(names) if trouble and names and self.chance.random() < 0.5 else None
            self.ask(rq.ProvisionInstance(KEY, name, failing=failing))
            if not trouble:
                self.report(name, Health.HEALTHY)
            elif self.chance.random() < 0.5:
                self.report(name, Health.UNHEALTHY)
            self.look()
        late = [name for name in waiting if self._waits(name)]
        if late:
            self.ask(rq.AdvanceClock(self.chance.choice((300, 301, 1000))))
        for name in late:
            if not self.ask(rq.RestoreInstance(KEY, name)):
                self.ask(rq.FailInstance(KEY, name))
            self.look()
            self.ask(rq.GetInstance(KEY, name))

    def _waits(self, name: str) -> bool:
        member, rollout = self.group.members[name], self.group.rollout
        return rollout is not None and member.attempt == rollout.number and member.stage is Stage.IN_PROGRESS

    def recover(self) -> None:
        """What was broken is mended before the next rollout."""
        group = self.group
        for name in sorted(group.members):
            member = self.group.members[name]
            if member.provisioning is not Provisioning.SUCCEEDED:
                self.ask(rq.UpgradeInstances(KEY, frozenset({name})))
                self.ask(rq.ProvisionInstance(KEY, name))
            if member.health is not Health.HEALTHY or member.power is not Power.RUNNING:
                self.report(name, Health.HEALTHY)
        if not group.os_upgrade and not self.shape.by_hand and not self.shape.of_model:
            self.ask(rq.UpdateGroup(key=KEY, os_upgrade=True, api_version="2021-03-01"))


def played(chance: random.Random, shape: Shape | None = None) -> list[Step]:
    """A lawful trace of a drawn shape."""
    player = Player(chance, drawn_shape(chance) if shape is None else shape)
    play(player)
    return player.steps


def play(player: Player) -> None:
    """Play a lawful trace, from the creation of the group to the last rollout that its shape has."""
    chance = player.chance
    player.publish(1)
    player.create()
    for number in range(2, player.shape.rollouts + 2):
        player.recover()
        if player.shape.expiring and number == 2:
            player.ask(rq.AdvanceClock(2 * DAY))
        elif chance.random() < 0.3:
            player.ask(rq.AdvanceClock(chance.choice((100, DAY, 3 * DAY, 30 * DAY))))
            player.await_window()
        player.publish(number)
        if player.begin(number):
            player.roll()
        player.ask(rq.GetHistory(KEY))
        player.ask(rq.GetProgress(KEY))
        player.ask(rq.ListInstances(KEY))
        member = chance.choice(sorted(player.group.members))
        player.ask(rq.GetInstance(KEY, member))


__all__ = ["DAY", "KEY", "Player", "Shape", "Step", "drawn_shape", "play", "played"]
