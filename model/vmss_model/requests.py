"""Everything that can be asked of a world: by a caller, by the platform, by the operator, by time."""

from __future__ import annotations

from attrs import frozen

from vmss_model.capabilities import Capability
from vmss_model.images import ImageLine, ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.values import (
    UNCHANGED,
    Action,
    Api,
    GroupKind,
    Health,
    HealthSource,
    OperatingSystem,
    Power,
    Priority,
    Unchanged,
    UpgradeMode,
)
from vmss_model.world import (
    AutoscaleBounds,
    Extension,
    ExternalReference,
    GroupKey,
    Profile,
    VmKey,
)

# -- time and registration -------------------------------------------------------------------------


@frozen
class AdvanceClock:
    """Let time go on."""

    seconds: int
    """By how many seconds."""


@frozen
class RegisterFeature:
    """Ask for a preview feature of the compute provider."""

    feature: str
    """The feature's name."""


@frozen
class ShowFeature:
    """Ask for the state of a feature registration."""

    feature: str
    """The feature's name."""


@frozen
class RegisterProvider:
    """Register the compute provider (again), which propagates registered features."""


# -- groups ----------------------------------------------------------------------------------------


@frozen(kw_only=True)
class CreateGroup:
    """Create a scale set or availability set."""

    key: GroupKey
    """Its name."""
    kind: GroupKind
    """The orchestration mode."""
    region: str = "westus"
    """Where."""
    zones: tuple[str, ...] = ()
    """Availability zones; empty for a regional deployment."""
    fault_domain_count: int | None = None
    """The asked-for number of fault domains, or None to leave it to the service."""
    update_domain_count: int | None = None
    """The asked-for number of update domains, or None to leave it to the service."""
    single_placement_group: bool | None = None
    """`singlePlacementGroup`, or None to leave it to the service."""
    zone_balance: bool = False
    """Whether strict zone balance is asked for."""
    profile: Profile | None = None
    """The VM configuration model, or None."""
    capacity: int = 0
    """The instance count to start with."""
    health_source: HealthSource | None = None
    """Who is to report application health."""
    autoscale: AutoscaleBounds | None = None
    """Autoscale bounds, or None."""
    repairs: bool = False
    """Whether instance repair is asked for."""
    capabilities: frozenset[Capability] = frozenset()
    """Further capabilities the group is to use."""
    upgrade_mode: UpgradeMode | None = None
    """The upgrade policy, or None to leave it to the service."""
    rolling: RollingPolicy | None = None
    """The rolling upgrade policy's percentages and pause, or None."""
    os_upgrade: bool = False
    """Whether automatic OS image upgrades are to be switched on."""
    api_version: str | None = None
    """The API version of the call (`YYYY-MM-DD`); None where it is not known, which counts as recent enough."""


@frozen(kw_only=True)
class UpdateGroup:
    """Change properties of a group; what is UNCHANGED is not part of the change."""

    key: GroupKey
    """The group."""
    kind: GroupKind | Unchanged = UNCHANGED
    """The orchestration mode asked for."""
    zones: tuple[str, ...] | Unchanged = UNCHANGED
    """The zones asked for."""
    fault_domain_count: int | Unchanged | None = UNCHANGED
    """The fault-domain count asked for."""
    priority: Priority | Unchanged = UNCHANGED
    """The priority asked for."""
    single_placement_group: bool | Unchanged = UNCHANGED
    """The `singlePlacementGroup` asked for."""
    health_source: HealthSource | Unchanged | None = UNCHANGED
    """The health source asked for."""
    autoscale: AutoscaleBounds | Unchanged | None = UNCHANGED
    """The autoscale bounds asked for."""
    repairs: bool | Unchanged = UNCHANGED
    """Whether instance repair is asked for."""
    image: ImageReference | Unchanged = UNCHANGED
    """The image asked for."""
    extensions: tuple[Extension, ...] | Unchanged = UNCHANGED
    """The extensions asked for."""
    external: tuple[ExternalReference, ...] | Unchanged = UNCHANGED
    """The references to external resources asked for."""
    automatic_updates: bool | Unchanged | None = UNCHANGED
    """The `enableAutomaticUpdates` asked for."""
    upgrade_mode: UpgradeMode | Unchanged = UNCHANGED
    """The upgrade policy asked for."""
    rolling: RollingPolicy | Unchanged | None = UNCHANGED
    """The rolling upgrade policy's percentages and pause asked for."""
    os_upgrade: bool | Unchanged = UNCHANGED
    """Whether automatic OS image upgrades are asked for."""
    api_version: str | None = None
    """The API version of the call (`YYYY-MM-DD`); None where it is not known, which counts as recent enough."""


@frozen
class SetCapacity:
    """Set the instance count (scale out or in)."""

    key: GroupKey
    """The group."""
    capacity: int
    """The instance count asked for."""


@frozen
class Autoscale:
    """The platform sets the instance count by itself."""

    key: GroupKey
    """The group."""
    capacity: int
    """The instance count it sets."""


@frozen
class MoveGroup:
    """Move a group to another resource group."""

    key: GroupKey
    """The group."""
    to: str
    """The resource group to move to."""


@frozen
class DeleteGroup:
    """Delete a group."""

    key: GroupKey
    """The group."""


@frozen
class AskFaultDomainGuarantee:
    """Ask whether fault-domain availability is guaranteed for a group as large as it is now."""

    key: GroupKey
    """The group."""


@frozen
class UseCapability:
    """Ask for a capability of the table on an existing group."""

    key: GroupKey
    """The group."""
    capability: Capability
    """The row of the table."""


# -- machines and instances ------------------------------------------------------------------------


@frozen(kw_only=True)
class CreateVm:
    """Create a standard VM, into a group or outside any."""

    key: VmKey
    """Its resource group and name."""
    group: GroupKey | None = None
    """The group it joins, or None."""
    region: str = "westus"
    """Where."""
    zone: str | None = None
    """Its zone, or None."""
    fault_domain: int | None = None
    """The fault domain named by the caller, or None to leave it to the platform."""
    operating_system: OperatingSystem = OperatingSystem.LINUX
    """Operating system."""
    size: str = "Standard_D2s_v3"
    """VM size."""
    priority: Priority = Priority.REGULAR
    """Priority."""
    extension_health: bool = False
    """Whether the Application Health extension is installed."""
    platform_names: bool = False
    """Whether the key's name is only a prefix to which the platform appends a unique number."""


@frozen
class AttachVm:
    """Attach an existing VM to a group."""

    vm: VmKey
    """The existing VM."""
    key: GroupKey
    """The group."""


@frozen
class DetachVm:
    """Detach a member from its group, keeping the VM."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


@frozen
class DeleteVm:
    """Delete a standard VM that belongs to no group."""

    vm: VmKey
    """The VM."""


@frozen
class ActOnInstance:
    """Start, stop, deallocate, restart, reimage or delete one member."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    action: Action
    """What to do."""
    api: Api
    """Through which API."""


@frozen
class ActOnGroup:
    """A batch operation on the members of a group."""

    key: GroupKey
    """The group."""
    action: Action
    """What to do."""
    names: frozenset[str] | None = None
    """The members, or None for all."""


@frozen
class InstallExtension:
    """Install a VM extension on a member."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    for_uniform: bool
    """Whether the extension is made for Uniform instances (else for standard VMs)."""
    health: bool = False
    """Whether it is the Application Health extension."""


# -- from outside ----------------------------------------------------------------------------------


@frozen
class ReportHealth:
    """A source reports a member's application health."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    health: Health
    """What it reports."""
    source: HealthSource
    """Who reports."""


@frozen
class ChangePower:
    """A member's power state changes from outside (a crash, a host, the guest)."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    power: Power
    """The new state."""


@frozen
class RepairInstance:
    """The platform replaces an unhealthy member by a new one."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


# -- reading ---------------------------------------------------------------------------------------


@frozen
class GetGroup:
    """Read a group."""

    key: GroupKey
    """The group."""


@frozen
class ListGroups:
    """List the groups of a resource group."""

    resource_group: str
    """The resource group."""


@frozen
class ListInstances:
    """List a group's members."""

    key: GroupKey
    """The group."""


@frozen
class GetInstance:
    """Read model and instance view of one member."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


@frozen
class QueryResourceGraph:
    """Ask Resource Graph for a resource group's standard VMs that name a group."""

    key: GroupKey
    """The group they name."""


@frozen
class GetBootDiagnostics:
    """Ask for a member's boot diagnostics."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    api: Api
    """Through which API."""


# -- the operator of an Azure Stack -----------------------------------------------------------------


@frozen
class RegisterStack:
    """Register the stack with Azure."""


@frozen
class AddOsImage:
    """Download a version of an OS image, which replaces an older one."""

    image: PlatformImage = SUPPORTED_IMAGES[0]
    """The image."""
    version: str = "1.0.0"
    """The version number."""


@frozen
class DeleteOsImage:
    """Delete an OS image from the stack."""

    image: PlatformImage = SUPPORTED_IMAGES[0]
    """The image."""


@frozen
class AddMarketplaceItem:
    """Add the scale-set item to the marketplace."""


@frozen
class RemoveMarketplaceItem:
    """Remove the scale-set item from the marketplace."""


@frozen
class ShowMarketplace:
    """Look whether the marketplace shows the scale-set item; how often it was looked before makes no difference."""


# -- models, and instances that run them ------------------------------------------------------------


@frozen
class UpgradeInstances:
    """Bring members to the newest model (`manualupgrade`)."""

    key: GroupKey
    """The group."""
    names: frozenset[str] | None = None
    """The members, or None for all."""


@frozen
class PatchInGuest:
    """Patch the operating system of a member from inside."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


@frozen
class ProvisionInstance:
    """A member whose OS disk is new gets its extensions, one after another."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""
    order: tuple[str, ...] | None = None
    """The order in which they were run, or None to leave it to the platform."""
    failing: str | None = None
    """The extension that fails, or None where all succeed."""


@frozen
class PlanRollout:
    """Ask whether steps are a plan for bringing members to the newest model."""

    key: GroupKey
    """The group."""
    steps: tuple[frozenset[str], ...]
    """The members of each step, in order."""
    scope: frozenset[str] | None = None
    """The members to bring to the newest model, or None for all that do not run it."""


@frozen
class ShowHeatMap:
    """Ask for the state of a group as a heat map."""

    key: GroupKey
    """The group."""


# -- rollouts ----------------------------------------------------------------------------------------


@frozen
class StartRollout:
    """Start a rollout of the newest image by hand (`osRollingUpgrade`)."""

    key: GroupKey
    """The group."""


@frozen
class CancelRollout:
    """Cancel the rollout under way (`rollingUpgrades/cancel`)."""

    key: GroupKey
    """The group."""


@frozen
class BeginRollout:
    """The platform begins a rollout: of a newer image where that is automatic, or of a changed model."""

    key: GroupKey
    """The group."""


@frozen
class StartBatch:
    """The platform upgrades the next batch: each of its members gets a new OS disk."""

    key: GroupKey
    """The group."""
    names: frozenset[str] | None = None
    """The members of the batch, or None to leave them to the platform."""


@frozen
class RestoreInstance:
    """The platform brings back the previous OS disk of a member that did not become healthy."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


@frozen
class FailInstance:
    """The platform gives up waiting for a member to become healthy, and leaves it as it is."""

    key: GroupKey
    """The group."""
    name: str
    """The member."""


@frozen
class EndRollout:
    """The platform ends the rollout: it is done, or it stops."""

    key: GroupKey
    """The group."""


@frozen
class GetProgress:
    """Read how the group's latest rollout stands (`rollingUpgrades/latest`)."""

    key: GroupKey
    """The group."""


@frozen
class GetHistory:
    """Read the history of OS upgrades (`osUpgradeHistory`)."""

    key: GroupKey
    """The group."""


# -- images ------------------------------------------------------------------------------------------


@frozen
class PublishImage:
    """A version of an image is published."""

    line: ImageLine
    """The image."""
    version: str
    """The version number."""
    regions: frozenset[str] = frozenset()
    """The regions it is available in at once (a gallery's replicas); a platform image is released in phases."""
    excluded: bool = False
    """Whether it is excluded from latest."""


@frozen
class ReplicateImage:
    """A gallery's image version is replicated to a region."""

    line: ImageLine
    """The image."""
    version: str
    """The version number."""
    region: str
    """The region."""


@frozen
class ExcludeImage:
    """A gallery's image version is excluded from latest, or no longer excluded."""

    line: ImageLine
    """The image."""
    version: str
    """The version number."""
    excluded: bool
    """Whether it is to be excluded."""


@frozen
class ReleaseImage:
    """The platform releases a version of a platform image to the regions of the next phase."""

    line: ImageLine
    """The image."""
    version: str
    """The version number."""
    regions: frozenset[str]
    """The regions of the phase."""


@frozen
class ChangeExternalResource:
    """A resource that models refer to goes away, or is there again."""

    resource: str
    """The resource."""
    available: bool
    """Whether it exists and is current from now on."""


Request = (
    AdvanceClock
    | RegisterFeature
    | ShowFeature
    | RegisterProvider
    | CreateGroup
    | UpdateGroup
    | SetCapacity
    | Autoscale
    | MoveGroup
    | DeleteGroup
    | UseCapability
    | AskFaultDomainGuarantee
    | CreateVm
    | AttachVm
    | DetachVm
    | DeleteVm
    | ActOnInstance
    | ActOnGroup
    | InstallExtension
    | ReportHealth
    | ChangePower
    | RepairInstance
    | GetGroup
    | ListGroups
    | ListInstances
    | GetInstance
    | QueryResourceGraph
    | GetBootDiagnostics
    | RegisterStack
    | AddOsImage
    | DeleteOsImage
    | AddMarketplaceItem
    | RemoveMarketplaceItem
    | ShowMarketplace
    | UpgradeInstances
    | PatchInGuest
    | ProvisionInstance
    | PlanRollout
    | ShowHeatMap
    | StartRollout
    | CancelRollout
    | BeginRollout
    | StartBatch
    | RestoreInstance
    | FailInstance
    | EndRollout
    | GetProgress
    | GetHistory
    | PublishImage
    | ReplicateImage
    | ExcludeImage
    | ReleaseImage
    | ChangeExternalResource
)
"""Any of the requests."""
