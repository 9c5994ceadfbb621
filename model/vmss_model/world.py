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
from vmss_model.values import GroupKind, Health, HealthSource, OperatingSystem, Power, Priority


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
class Profile:
    """The VM configuration model of a group whose members are made by it."""

    operating_system: OperatingSystem = OperatingSystem.LINUX
    """Operating system of every instance."""
    size: str = "Standard_D2s_v3"
    """VM size (SKU) of every instance."""
    priority: Priority = Priority.REGULAR
    """Priority of every instance."""


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
        """Whether every feature was registered before the last provider registration (REG-PROPAGATE)."""
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
    has_os_image: bool = False
    """Whether an OS image is available."""
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

    def rules_of(self, group: Group) -> KindRules:
        """What the edition says of the group's kind."""
        return self.edition.kinds[group.kind]

    def region_fault_domains(self, region: str) -> int | None:
        """The most fault domains of a region, or None where it is not known."""
        return self.regions.get(region)


def artifacts_of(group: GroupKey, instance: str) -> tuple[str, str]:
    """The names of an instance's NIC and disk."""
    return (f"{group}/{instance}/nic", f"{group}/{instance}/disk")
