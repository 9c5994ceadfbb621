"""A group as somebody describes it, and the world that has it in it.

The world is made by the model's own events, after the model was asked whether its documents allow such a
group. What an instance is behind with shows in its model version, its OS disk, or both.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen
from immutables import Map

from vmss_invariants.rollouts.strict import DescriptionError
from vmss_model import requests as rq
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.editions import EDITIONS, Edition
from vmss_model.events import GroupCreated, InstanceJoined
from vmss_model.evolve import evolve_all
from vmss_model.images import LATEST, ImageLine, ImageReference, ImageVersion, OsDisk, is_newer, version_key
from vmss_model.rollout import RollingPolicy
from vmss_model.values import GroupKind, Health, HealthSource, OperatingSystem, Power, UpgradeMode
from vmss_model.world import (
    ExternalReference,
    Group,
    GroupKey,
    Instance,
    Profile,
    ServiceFabric,
    Subscription,
    World,
)

RESOURCE_GROUP = "described"
"""The resource group of every described scale set."""
SEVERAL_PLACEMENT_GROUPS = 101
"""From so many instances on a described group is taken to have several placement groups (CAP-UNIFORM)."""
CREDENTIALS = "the credentials that the model refers to"
"""The external resource of a group whose credentials are to expire."""


@frozen(kw_only=True)
class DescribedInstance:
    """One instance of a described group."""

    name: str
    """Its id."""
    zone: str | None = None
    """Its zone, or None in a regional group."""
    update_domain: int | None = None
    """Its update domain from 0, or None where it has none or it is not known."""
    fault_domain: int | None = None
    """Its fault domain from 0, or None where it has none or it is not known."""
    version: str | None = None
    """The version of the image that it runs, or None where it is not known."""
    latest_model: bool | None = None
    """Whether the service says that it runs the newest model, or None where nothing says so."""
    health: Health = Health.UNKNOWN
    """Its application health."""
    power: Power = Power.RUNNING
    """Its power state."""


@frozen(kw_only=True)
class Described:
    """A group and its instances, as a file or a recording tells of them."""

    edition: Edition
    """The edition it lives in."""
    name: str
    """The scale set's name."""
    region: str = "westus"
    """Where it is."""
    kind: GroupKind = GroupKind.UNIFORM
    """Its orchestration mode."""
    zones: tuple[str, ...] = ()
    """Its zones; empty for a regional group."""
    update_domains: int | None = None
    """How many update domains it has, or None where that is not known."""
    fault_domains: int | None = None
    """How many fault domains it has, or None where that is not known."""
    health: HealthSource | None = None
    """Who reports application health, or None."""
    upgrade_policy: UpgradeMode | None = None
    """Its upgrade policy, or None where nothing is said of it."""
    rolling: RollingPolicy | None = None
    """The percentages and the pause of its rolling upgrade policy, or None for the defaults."""
    service_fabric: ServiceFabric | None = None
    """Its Service Fabric extension, or None."""
    operating_system: OperatingSystem = OperatingSystem.LINUX
    """Its operating system."""
    image: ImageReference | None = None
    """The image of its model, or None where it is not known."""
    target: str | None = None
    """The version that is to be rolled out, or None where nothing is said of it."""
    instances: tuple[DescribedInstance, ...] = ()
    """Its instances."""
    recorded: bool = False
    """Whether a recording shows it: then it is there, whatever the documents think of it."""

    @property
    def key(self) -> GroupKey:
        """The group's name in the world."""
        return GroupKey(RESOURCE_GROUP, self.name)

    @property
    def follows_latest(self) -> bool:
        """Whether the model names no version of its image."""
        return self.image is not None and self.image.version == LATEST

    @property
    def target_is_new(self) -> bool:
        """Whether no instance runs the target version yet."""
        return self.target is not None and all(one.version != self.target for one in self.instances)


@frozen(kw_only=True)
class Made:
    """A world made of a description."""

    world: World
    """The world, its clock at 0, with the group in it."""
    key: GroupKey
    """The group."""
    notes: tuple[str, ...] = field(default=())
    """What the documents leave open about such a group, or advise against; sentences."""


def world_of(
    described: Described,
    *,
    model_changed: bool,
    os_upgrade: bool = False,
    published: bool = True,
    credentials_end: int | None = None,
) -> Made:
    """The world with the described group in it.

    `model_changed` tells that the group's model was changed to the target, so that instances are behind
    with their model; `os_upgrade` switches automatic OS image upgrades on; without `published` the target
    is not available yet; `credentials_end` is when credentials of the model expire (seconds).
    """
    _check_spoken_of(described)
    _check_target(described)
    profile = _profile(described, model_changed, credentials_end)
    notes = () if described.recorded else _allowed(described, profile, os_upgrade=os_upgrade)
    group = Group(
        key=described.key,
        kind=described.kind,
        region=described.region,
        zones=described.zones,
        fault_domain_count=described.fault_domains,
        update_domain_count=described.update_domains,
        single_placement_group=_single(described),
        profile=profile,
        capacity=len(described.instances),
        health_source=described.health,
        census=Census(),
        upgrade_mode=described.upgrade_policy,
        rolling=described.rolling,
        os_upgrade=os_upgrade,
        model_version=2 if model_changed else 1,
        first_rollout_begun=True,
    )
    world = World(described.edition, subscription=Subscription(known=False), images=_images(described, published))
    joined = (InstanceJoined(described.key, _instance(described, one, model_changed)) for one in described.instances)
    world = evolve_all(world, (GroupCreated(group), *joined))
    return Made(world=world, key=described.key, notes=notes)


def speaks_of_upgrades(edition: Edition, kind: GroupKind) -> bool:
    """Whether an edition's documents speak of upgrading groups of a kind."""
    return edition.upgrades is not None and kind in edition.upgrades.kinds


def _check_spoken_of(described: Described) -> None:
    if speaks_of_upgrades(described.edition, described.kind):
        return
    spoken = [one.name for one in EDITIONS.values() if speaks_of_upgrades(one, GroupKind.UNIFORM)]
    raise DescriptionError(
        "the group",
        f"edition {described.edition.name} does not speak of upgrading groups of kind {described.kind.value}",
        f"of Uniform ones speak {', '.join(spoken)}",
    )


def _check_target(described: Described) -> None:
    """With `latest` the newest version is rolled out: the target has to be it."""
    target = described.target
    if target is None or not described.follows_latest:
        return
    for place, one in enumerate(described.instances):
        if one.version is not None and one.version != target and not is_newer(target, one.version):
            raise DescriptionError(
                f"instances[{place}].version",
                f"instance {one.name} runs {one.version}, which is newer than the target {target}",
                "with image version `latest` the newest one is rolled out: name a newer target",
            )


def _profile(described: Described, model_changed: bool, credentials_end: int | None) -> Profile:
    image = described.image
    if image is not None and model_changed and described.target is not None and image.version != LATEST:
        image = evolve(image, version=described.target)
    windows = described.operating_system is OperatingSystem.WINDOWS
    return Profile(
        operating_system=described.operating_system,
        image=image,
        automatic_updates=False if windows else None,
        service_fabric=described.service_fabric,
        external=() if credentials_end is None else (ExternalReference(CREDENTIALS, credentials_end),),
    )


def _single(described: Described) -> bool | None:
    return False if len(described.instances) >= SEVERAL_PLACEMENT_GROUPS else None


def _allowed(described: Described, profile: Profile, *, os_upgrade: bool) -> tuple[str, ...]:
    """Ask the model whether its documents allow such a group; what they leave open about it."""
    request = rq.CreateGroup(
        key=described.key,
        kind=described.kind,
        region=described.region,
        zones=described.zones,
        fault_domain_count=described.fault_domains,
        update_domain_count=described.update_domains,
        single_placement_group=_single(described),
        profile=profile,
        capacity=len(described.instances),
        health_source=described.health,
        upgrade_mode=described.upgrade_policy,
        rolling=described.rolling,
        os_upgrade=os_upgrade,
    )
    decision = decide(World(described.edition, subscription=Subscription(known=False)), request)
    for refusal in decision.refusals:
        raise DescriptionError("the group", refusal.message.rstrip("."), f"see {', '.join(refusal.rules)}")
    if decision.silent:
        raise DescriptionError("the group", decision.silent, "")
    return (*decision.open, *decision.advice)


def _images(described: Described, published: bool) -> Map[ImageLine, tuple[ImageVersion, ...]]:
    if described.image is None:
        return Map()
    versions = {one.version for one in described.instances if one.version is not None}
    if published and described.target is not None:
        versions.add(described.target)
    regions = frozenset({described.region})
    ordered = tuple(ImageVersion(one, regions) for one in sorted(versions, key=version_key))
    return Map({described.image.line: ordered}) if ordered else Map()


def _instance(described: Described, one: DescribedInstance, model_changed: bool) -> Instance:
    newest = one.latest_model if one.latest_model is not None else one.version == described.target
    known = described.image is not None and one.version is not None
    return Instance(
        name=one.name,
        zone=one.zone,
        fault_domain=one.fault_domain,
        update_domain=one.update_domain,
        power=one.power,
        health=one.health,
        operating_system=described.operating_system,
        model_version=2 if model_changed and newest else 1,
        os_disk=OsDisk(described.image.line, str(one.version)) if known and described.image is not None else None,
    )


def spread(
    count: int, zones: tuple[str, ...], update_domains: int, fault_domains: int | None
) -> Iterator[tuple[str | None, int | None, int | None]]:
    """Zone, update domain and fault domain of so many instances, evenly one after the other."""
    across = max(1, len(zones))
    for number in range(count):
        turn = number // across
        yield (
            zones[number % across] if zones else None,
            turn % update_domains if update_domains else None,
            turn % fault_domains if fault_domains else None,
        )
