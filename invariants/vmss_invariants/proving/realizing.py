"""Real worlds and requests with the values that z3 found for a set of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from immutables import Map

from vmss_invariants.invariant import Place
from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.census import Census, recount
from vmss_model.choices import InRange
from vmss_model.copying import evolve
from vmss_model.editions import EDITIONS, edition
from vmss_model.images import LATEST, CustomImage, ImageLine, ImageReference, ImageVersion, OsDisk
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy, Rollout, Trigger, counted
from vmss_model.values import (
    Health,
    HealthSource,
    Invoker,
    LoadBalancer,
    OperatingSystem,
    Provisioning,
    RolloutKind,
    Stage,
    UpgradeMode,
)
from vmss_model.world import (
    AutoscaleBounds,
    ExternalReference,
    FeatureRegistration,
    Group,
    GroupKey,
    Instance,
    ItemState,
    Marketplace,
    Profile,
    Subscription,
    VmKey,
    World,
)

Values = Mapping[str, Any]
"""Numbers and truth values by the names of their symbols."""

KEY = GroupKey("rg", "web")
"""The group of every witness."""
_REGION, _ELSEWHERE = "westus", "eastus"
_API_ERAS = ("2018-04-01", "2018-10-01", "2019-03-01")
"""Before automatic upgrades, before the rule on Windows, and since."""
_LINE = SUPPORTED_IMAGES[0]
_SOURCES = (None, HealthSource.EXTENSION, HealthSource.PROBE)
_AT = 1000
"""What the clock shows when features were registered long ago (seconds)."""


def creating(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A world without groups, and the creation of one."""
    one = EDITIONS[place[0]]
    count = values["zones"]
    zones = [str(number + 1) for number in range(count)]
    if not values["distinct_zones"]:
        zones[-1] = zones[0]
    asked = frozenset(capability for capability in Capability if values.get(f"asks for {capability.value}"))
    request = rq.CreateGroup(
        key=KEY,
        kind=place[1],
        region=_REGION,
        zones=tuple(zones),
        fault_domain_count=values["fault_domains"] or None,
        update_domain_count=None if values["update_domains"] < 0 else values["update_domains"],
        single_placement_group=values["single_placement_group"] if values["single_placement_group_given"] else None,
        profile=Profile() if values["profile_given"] else None,
        capacity=values["instances"],
        health_source=_SOURCES[values["health_source"]],
        autoscale=AutoscaleBounds(0, 1) if values["autoscale_given"] else None,
        repairs=values["repairs_given"],
        capabilities=asked,
        api_version="2019-07-01" if values.get("old_api_version") else None,
    )
    there = values.get("registered", False)
    marketplace = Marketplace(registered=there, item=ItemState.PRESENT if values.get("item") else ItemState.ABSENT)
    return (
        World(
            one,
            clock=_AT,
            subscription=_subscription(place, values),
            marketplace=marketplace,
            regions=Map({_REGION: values["region_fault_domains"]}),
            images=_images("1.0") if values.get("image") else Map(),
        ),
        request,
    )


def _subscription(place: Place, values: Values) -> Subscription:
    registration = EDITIONS[place[0]].registration
    if registration is None or not values.get("features_registered"):
        return Subscription()
    features = {name: FeatureRegistration(0, 0) for name in registration.features}
    return Subscription(Map(features), _AT if values["provider_registered_after"] else None)


def _images(version: str) -> Map[ImageLine, tuple[ImageVersion, ...]]:
    line: ImageLine = _LINE
    return Map({line: (ImageVersion(version, frozenset({_REGION})),)})


def _world(place: Place, group: Group, clock: int = 0) -> World:
    world = World(edition(place[0]), clock, groups=Map({KEY: group}), regions=Map({_REGION: 9}), images=_images("2.0"))
    explicit = EDITIONS[place[0]].kinds[place[1]].explicit
    machines = {VmKey(KEY.resource_group, name): KEY for name in group.members} if explicit else {}
    return evolve(world, machines=Map(machines))


def _group(place: Place, values: Values, members: int = 0, **fields: Any) -> Group:
    named = {f"m{number}": Instance(f"m{number}") for number in range(members)}
    explicit = EDITIONS[place[0]].kinds[place[1]].explicit
    group = Group(
        KEY,
        place[1],
        _REGION,
        members=Map(named),
        capacity=None if explicit else members,
        single_placement_group=values.get("single_placement_group"),
        **fields,
    )
    return evolve(group, census=recount(group))


def sizing(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group without members, and a change of its instance count."""
    return _world(place, _group(place, values)), rq.SetCapacity(KEY, values["target"])


def autoscaling(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group without members, and the platform's change of its instance count."""
    bounds = AutoscaleBounds(values["fewest"], values["most"]) if values["autoscale_configured"] else None
    return _world(place, _group(place, values, autoscale=bounds)), rq.Autoscale(KEY, values["target"])


def joining(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group of VMs, and the creation of another VM into it."""
    domains = values["fault_domains"]
    group = _group(place, values, values["members"], fault_domain_count=domains)
    name = "new" if values.get("good_name", True) else "-"
    world = _world(place, evolve(group, census=evolve(group.census, by_fault_domain=(group.census.members,) * domains)))
    if not values.get("free_name", True):
        world = evolve(world, machines=world.machines.set(VmKey(KEY.resource_group, name), None))
    request = rq.CreateVm(
        key=VmKey(KEY.resource_group, name),
        group=KEY,
        region=_REGION if values["in_the_groups_region"] else _ELSEWHERE,
        zone=None if values["in_the_groups_zone"] else "1",
        fault_domain=values["fault_domain"] if values["names_fault_domain"] else None,
    )
    return world, request


def deleting(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group with so many members, and its deletion."""
    return _world(place, _group(place, values, values["members"])), rq.DeleteGroup(KEY)


# -- rollouts --------------------------------------------------------------------------------------


def _upgradable(place: Place, members: tuple[Instance, ...], **fields: Any) -> Group:
    """A group of which instances can be behind, with its image."""
    group = Group(
        KEY,
        place[1],
        _REGION,
        zones=("1", "2"),
        members=Map({one.name: one for one in members}),
        capacity=len(members),
        profile=Profile(image=ImageReference(_LINE)),
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.MANUAL if _is_automatic(place) else UpgradeMode.ROLLING,
        rolling=RollingPolicy(),
        model_version=2,
        rollouts_begun=1,
        **fields,
    )
    return evolve(group, census=recount(group))


def _is_automatic(place: Place) -> bool:
    return EDITIONS[place[0]].automatic_upgrades(place[1]) is not None


def _instance(number: int, stage: Stage, *, ill: bool, zone: str = "1") -> Instance:
    behind = stage is Stage.PENDING
    attempted = stage not in (Stage.PENDING, Stage.OUT_OF_SCOPE)
    return Instance(
        name=str(number),
        zone=zone,
        health=Health.UNHEALTHY if ill else Health.UNKNOWN,
        model_version=1 if behind else 2,
        os_disk=OsDisk(_LINE, "1.0" if behind else "2.0"),
        provisioning=Provisioning.UPDATING if stage is Stage.IN_PROGRESS else Provisioning.SUCCEEDED,
        attempt=1 if attempted else 0,
        stage=stage if attempted else Stage.OUT_OF_SCOPE,
    )


def _members(values: Values) -> tuple[Instance, ...]:
    """Members that stand where the progress says, as many unhealthy as there are to be."""
    successful, relapsed, ill = values["successful"], values["relapsed"], values["unhealthy"]
    stages = [Stage.FAILED] * values["failed"]
    stages += [Stage.IN_PROGRESS] * values["in_progress"] + [Stage.PENDING] * values["pending"]
    stages += [Stage.OUT_OF_SCOPE] * (values["members"] - successful - len(stages))
    made = [_instance(number, Stage.SUCCESSFUL, ill=number < relapsed) for number in range(successful)]
    crossed = 0
    for place, stage in enumerate(stages):
        crossed += stage is Stage.PENDING
        # A batch that crosses zones takes the first pending instance and others.
        zone = "2" if stage is Stage.PENDING and crossed > 1 and values.get("crosses_zones") else "1"
        made.append(_instance(successful + place, stage, ill=place < ill - relapsed, zone=zone))
    return tuple(made)


def under_way(place: Place, values: Values) -> World:
    """A world with a rollout under way that has come as far as the values say."""
    automatic = _is_automatic(place)
    bare = Rollout(
        number=1,
        kind=RolloutKind.OS_IMAGE if automatic else RolloutKind.MODEL,
        target=OsDisk(_LINE, "2.0"),
        target_model=2,
        started_by=Invoker.PLATFORM if automatic else Invoker.USER,
        started_at=0,
        policy=RollingPolicy(),
        restores=values.get("restores", automatic),
        monitored=True,
        batch_started_at=values["batch_started_at"],
        ready_at=values["ready_at"],
        cancelled=bool(values.get("cancelled")),
        error="ExpiredCredentials" if values.get("credentials_expired") else "",
    )
    group = _upgradable(place, _members(values), os_upgrade=automatic)
    return _world(place, evolve(group, rollout=counted(bare, group)), values["clock"])


def beginning(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group with a newer image or model, and the beginning of its rollout."""
    ill = values["unhealthy"]
    members = tuple(_instance(number, Stage.PENDING, ill=number < ill) for number in range(values["members"]))
    earliest = values["earliest"]
    window = InRange("begins_at", earliest, earliest + 60, ("OSU-TRIGGER-FIRST",), "seconds on the clock")
    automatic = _is_automatic(place)
    group = _upgradable(
        place,
        members,
        os_upgrade=automatic and values["switched_on"],
        trigger=Trigger(window) if automatic else None,
    )
    return _world(place, evolve(group, rollouts_begun=0), values["clock"]), rq.BeginRollout(KEY)


def batch_starting(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A rollout under way, and a batch of it."""
    world = under_way(place, values)
    members = sorted(world.groups[KEY].members.values(), key=lambda one: int(one.name))
    pending = [one.name for one in members if one.attempt == 0 and one.model_version == 1]
    return world, rq.StartBatch(KEY, frozenset(pending[: values["size"]]))


def ending(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A rollout under way, and its end."""
    return under_way(place, values), rq.EndRollout(KEY)


def _in_progress(world: World) -> str:
    return next(one.name for one in world.groups[KEY].members.values() if one.stage is Stage.IN_PROGRESS)


def restoring(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A rollout under way, and an instance of its batch that is to get its previous OS disk back."""
    world = under_way(place, values)
    return world, rq.RestoreInstance(KEY, _in_progress(world))


def failing(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A rollout under way, and an instance of its batch that is to count as failed as it is."""
    world = under_way(place, values)
    return world, rq.FailInstance(KEY, _in_progress(world))


def switching_on(place: Place, values: Values) -> tuple[World, rq.Request]:
    """A group without members, and automatic upgrades to be switched on."""
    gone = "a payload"
    profile = Profile(
        operating_system=OperatingSystem.WINDOWS if values["windows"] else OperatingSystem.LINUX,
        image=ImageReference(
            _LINE if values["supported_image"] else CustomImage("https://images/one.vhd"),
            LATEST if values["latest"] else "1.0",
        ),
        external=(ExternalReference(gone),) if values["external_resource_gone"] else (),
        automatic_updates=False if values["automatic_updates_off"] else None,
        load_balancer=LoadBalancer.STANDARD if values["standard_load_balancer"] else LoadBalancer.BASIC,
    )
    group = Group(
        KEY,
        place[1],
        _REGION,
        capacity=0,
        single_placement_group=not values["several_placement_groups"],
        profile=profile,
        health_source=_SOURCES[values["health_source"]],
        census=Census(),
    )
    world = evolve(_world(place, group), withdrawn=frozenset({gone}))
    request = rq.UpdateGroup(key=KEY, os_upgrade=True, api_version=_API_ERAS[values["api_version_era"]])
    return world, request
