"""Worlds: everything the model knows at one moment, as frozen values.

A world changes only by `evolve(world, event)`. Maps are persistent, so that a step on a group of a
thousand instances costs about what it costs on a group of ten.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen
from immutables import Map

from vmss_model.capabilities import Capability
from vmss_model.census import Census
from vmss_model.editions.base import Edition, KindRules
from vmss_model.images import ImageLine, ImageReference, ImageVersion, OsDisk
from vmss_model.rollout import Attempt, RollingPolicy, Rollout, Trigger
from vmss_model.values import (
    Durability,
    GroupKind,
    Health,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    Power,
    Priority,
    Provisioning,
    Stage,
    UpgradeMode,
)


@frozen(order=True)
class GroupKey:
    """Names a group within the subscription."""

    resource_group: str
    """The resource group."""
    name: str
    """The group's name."""

    def __str__(self) -> str:
        return f"{self.resource_group}/{self.name}"


@frozen(order=True)
class VmKey:
    """Names a standard virtual machine within the subscription."""

    resource_group: str
    """The resource group."""
    name: str
    """The VM's name."""

    def __str__(self) -> str:
        return f"{self.resource_group}/{self.name}"


@frozen
class Extension:
    """A VM extension that the model asks for."""

    name: str
    """Its name within the model."""
    after: tuple[str, ...] = ()
    """The extensions that are provisioned before it (`provisionAfterExtensions`)."""


@frozen
class ExternalReference:
    """A reference of the model to something outside it: a payload, a token, a secret."""

    resource: str
    """What it refers to."""
    credentials_end: int | None = None
    """When its credentials expire (seconds on the clock), or None if they do not."""


@frozen
class ServiceFabric:
    """The Service Fabric extension of a model, and the cluster it belongs to."""

    cluster_durability: Durability
    """The durability of the cluster's node type."""
    extension_durability: Durability
    """The durability that the extension names."""
    type_handler_version: tuple[int, int] = (1, 1)
    """The extension's TypeHandlerVersion, major and minor."""
    stateless: bool = False
    """Whether the node type is stateless."""


@frozen
class Profile:
    """The VM configuration model of a group whose members are made by it."""

    operating_system: OperatingSystem = OperatingSystem.LINUX
    """Operating system of every instance."""
    size: str = "Standard_D2s_v3"
    """VM size (SKU) of every instance."""
    priority: Priority = Priority.REGULAR
    """Priority of every instance."""
    image: ImageReference | None = None
    """The image of every new OS disk, or None where it is not known."""
    data_disks: int = 0
    """Data disks of every instance (count)."""
    extensions: tuple[Extension, ...] = ()
    """The extensions that every instance gets."""
    external: tuple[ExternalReference, ...] = ()
    """What the model refers to outside itself."""
    automatic_updates: bool | None = None
    """`enableAutomaticUpdates` of the Windows configuration, or None where it is not set."""
    service_fabric: ServiceFabric | None = None
    """The Service Fabric extension, or None."""
    load_balancer: LoadBalancer | None = None
    """The load balancer in front of the instances, or None where there is none or it is not known."""
    probe_interval: int | None = None
    """How often the health probe samples (seconds), or None where it is not known."""


@frozen
class AutoscaleBounds:
    """The configured bounds within which the platform may set the instance count by itself."""

    lowest: int
    """Fewest instances."""
    highest: int
    """Most instances."""


@frozen
class Instance:
    """One member of a group, or its state at some moment."""

    name: str
    """Instance id in a group that makes its members; VM name otherwise."""
    zone: str | None = None
    """Availability zone, or None in a regional deployment."""
    fault_domain: int | None = None
    """Fault domain from 0, or None where the group has none or it is not known."""
    update_domain: int | None = None
    """Update domain from 0, or None where the group has none or it is not known."""
    power: Power = Power.RUNNING
    """Power state."""
    health: Health = Health.UNKNOWN
    """Application health."""
    operating_system: OperatingSystem = OperatingSystem.LINUX
    """Operating system."""
    size: str = "Standard_D2s_v3"
    """VM size."""
    priority: Priority = Priority.REGULAR
    """Priority."""
    extension_health: bool = False
    """Whether the Application Health extension is installed (on a standard VM)."""
    model_version: int = 0
    """The version of the group's model that it runs; 0 where its group has no model."""
    os_disk: OsDisk | None = None
    """The image its OS disk was made from, or None where it is not known."""
    previous_os_disk: OsDisk | None = None
    """The image of the OS disk that the last upgrade replaced, or None."""
    data_disks: int = 0
    """Its data disks (count)."""
    provisioning: Provisioning = Provisioning.SUCCEEDED
    """How far it has come with its extensions."""
    provisioned: tuple[str, ...] = ()
    """The extensions that were provisioned since its OS disk was made, in their order."""
    attempt: int = 0
    """The number of the last rollout that upgraded it; 0: none did."""
    stage: Stage = Stage.OUT_OF_SCOPE
    """Where it stood in that rollout."""


@frozen
class Group:
    """A scale set or availability set."""

    key: GroupKey
    """Its name."""
    kind: GroupKind
    """Its orchestration mode."""
    region: str
    """Where it is deployed."""
    zones: tuple[str, ...] = ()
    """Its availability zones; empty for a regional deployment."""
    fault_domain_count: int | None = None
    """Number of fault domains, or None where the edition does not speak of them."""
    update_domain_count: int | None = None
    """Number of update domains, or None where the group kind has none or it is not known."""
    single_placement_group: bool | None = None
    """Whether it keeps to one placement group, or None where the edition does not speak of it."""
    zone_balance: bool = False
    """Whether members are spread strictly evenly over zones."""
    profile: Profile | None = None
    """The VM configuration model, or None."""
    capacity: int | None = None
    """The instance count asked for, or None in a group whose members are made one by one."""
    health_source: HealthSource | None = None
    """Who reports application health of the group's instances, or None."""
    autoscale: AutoscaleBounds | None = None
    """The autoscale bounds, or None where it is not configured."""
    repairs: bool = False
    """Whether instance repair is configured."""
    capabilities: frozenset[Capability] = frozenset()
    """Capabilities that were asked for and granted."""
    members: Map[str, Instance] = field(factory=Map)
    """The members by name."""
    census: Census = field(factory=Census)
    """Counts over the members."""
    next_instance_id: int = 0
    """The lowest instance id never used yet; ids are not reused within a group's life."""
    upgrade_mode: UpgradeMode | None = None
    """The upgrade policy, or None where none was set."""
    rolling: RollingPolicy | None = None
    """The rolling upgrade policy's percentages and pause, or None for the defaults."""
    os_upgrade: bool = False
    """Whether automatic OS image upgrades are switched on."""
    opted_in_from: int = 0
    """The model version from which on instances take part in automatic upgrades; 0: all do."""
    model_version: int = 1
    """The version of the model; every change of it makes the next."""
    first_rollout_begun: bool = False
    """Whether the group's first automatic rollout has begun (OSU-TRIGGER-FIRST: once per group)."""
    trigger: Trigger | None = None
    """The automatic rollout that the platform is about to begin, or None."""
    rollout: Rollout | None = None
    """The rollout under way, or None."""
    rollouts_begun: int = 0
    """How many rollouts ever began."""
    history: tuple[Attempt, ...] = ()
    """The rollouts that ended, newest first, as many as the history keeps."""

    @property
    def monitored(self) -> bool:
        """Whether a source reports application health of the instances."""
        return self.health_source is not None


@frozen
class FeatureRegistration:
    """A preview feature's registration in the subscription."""

    asked_at: int
    """When it was asked for (seconds)."""
    ends_at: int
    """When it is registered (seconds); the platform's choice within the window."""


@frozen
class Subscription:
    """The subscription's registrations."""

    features: Map[str, FeatureRegistration] = field(factory=Map)
    """Features whose registration was asked for."""
    provider_registered_at: int | None = None
    """When the compute provider was last registered (seconds), or None."""
    known: bool = True
    """False in a world learnt from observations that do not show the registration."""

    def effective(self, features: tuple[str, ...]) -> bool:
        """Whether the provider was registered once every feature was (REG-PROPAGATE)."""
        at = self.provider_registered_at
        return at is not None and all(name in self.features and self.features[name].ends_at <= at for name in features)


class ItemState(Enum):
    """The scale-set item in Azure Stack's marketplace."""

    ABSENT = "absent"
    PRESENT = "present"
    REMOVED = "removed"


@frozen
class Marketplace:
    """What the operator of an Azure Stack has done."""

    registered: bool = False
    """Whether the stack is registered with Azure."""
    item: ItemState = ItemState.ABSENT
    """The scale-set item; a removed one may still be shown for a while."""


@frozen
class Superseded:
    """A state that a resource no longer has, kept as long as a Resource Graph query may show it."""

    at: int
    """When it was superseded (seconds)."""
    group: GroupKey
    """The group that the VM named."""
    state: Instance | None
    """The state until then; None: the VM did not exist."""


@frozen
class Release:
    """The release of a platform image's version across the regions, phase by phase (OSU-REGIONS)."""

    phases: tuple[frozenset[str], ...] = ()
    """The regions of each phase so far, in order."""


@frozen
class World:
    """Everything at one moment."""

    edition: Edition
    """The edition that the subscription lives in."""
    clock: int = 0
    """Seconds since the start; only a request to advance it moves it."""
    subscription: Subscription = field(factory=Subscription)
    """Feature and provider registrations."""
    marketplace: Marketplace = field(factory=Marketplace)
    """The marketplace of an Azure Stack."""
    regions: Map[str, int] = field(factory=Map)
    """The most fault domains of each region; a region that is not listed is not known."""
    groups: Map[GroupKey, Group] = field(factory=Map)
    """Groups by name."""
    machines: Map[VmKey, GroupKey | None] = field(factory=Map)
    """Standard VMs by name, with the group they belong to or None."""
    artifacts: Map[str, str | None] = field(factory=Map)
    """NICs and disks, each with the instance that uses it, or None once it stands alone."""
    recent: Map[VmKey, tuple[Superseded, ...]] = field(factory=Map)
    """Superseded states of standard VMs that a Resource Graph query may still show."""
    images: Map[ImageLine, tuple[ImageVersion, ...]] = field(factory=Map)
    """The versions that were published of each image, oldest first."""
    geo_pairs: Map[str, str] = field(factory=Map)
    """The other region of each region that has a geo pair."""
    releases: Map[tuple[ImageLine, str], Release] = field(factory=Map)
    """How far the release of a platform image's version has come across the regions."""
    withdrawn: frozenset[str] = frozenset()
    """External resources that no longer exist or are no longer current."""

    def rules_of(self, group: Group) -> KindRules:
        """What the edition says of the group's kind."""
        return self.edition.kinds[group.kind]

    def region_fault_domains(self, region: str) -> int | None:
        """The most fault domains of a region, or None where it is not known."""
        return self.regions.get(region)


def artifacts_of(group: GroupKey, instance: str) -> tuple[str, str]:
    """The names of an instance's NIC and disk."""
    return (f"{group}/{instance}/nic", f"{group}/{instance}/disk")
