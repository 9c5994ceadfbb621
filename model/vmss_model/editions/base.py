"""The shape of an edition: what one snapshot of the documents says, as data.

Every edition module fills in the same names; a transition reads the values and never asks for a date.
`None` means that the edition's own documents are silent: the model then allows it either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import field, frozen

from vmss_model.capabilities import Capability, Cell
from vmss_model.copying import evolve
from vmss_model.os_images import PlatformImage
from vmss_model.values import Api, GroupKind, HealthSource, UpgradeMode


@frozen
class Limit:
    """Inclusive bounds on a count, with the rule that states them."""

    lowest: int
    """The smallest allowed count."""
    highest: int
    """The largest allowed count."""
    rule: str
    """The id of the rule that states the bounds."""
    varies: bool = False
    """Whether it depends on the region how many there are, so that a region may have fewer than the highest."""


class Presence(Enum):
    """Whether something must, may or must not be given."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"


@frozen
class Says:
    """A yes or no of the documents, with the rule that says it."""

    value: bool
    """What the documents say."""
    rule: str
    """The id of the rule that says it."""


@frozen(kw_only=True)
class KindRules:
    """What an edition says of one kind of group. `None` in a field: the edition is silent."""

    kind: GroupKind
    """The kind these rules are of."""
    instance_api: Api
    """The API that a member is managed through (INSTANCE-TYPE)."""
    instance_type: Says | None = None
    """Whether members are standard VMs with full control (true) or managed only through the group (false)."""
    explicit: bool
    """Whether members are made one by one by the caller; otherwise the group makes them by its capacity."""
    mode_rule: str | None = None
    """The rule that names this kind as a mode to choose."""
    mode_immutable: Says | None = None
    """Whether the mode is fixed at creation."""
    joining: Says | None = None
    """Whether members join only by their own creation (true) or only through the group (false)."""
    attach_detach: Says | None = None
    """Whether existing VMs can be attached or members detached."""
    profile: Presence | None = None
    """Whether creation must or must not carry a VM configuration model."""
    profile_rule: str | None = None
    """The rule on the configuration model."""
    capacity: Limit | None = None
    """Bounds on the instance count."""
    capacity_single_placement_group: Limit | None = None
    """Tighter bounds on the instance count with a single placement group."""
    created_empty: Says | None = None
    """Whether a group of this kind starts with no member."""
    fault_domains_regional: Limit | None = None
    """Bounds on the fault-domain count in a regional deployment."""
    fault_domains_zonal: Limit | None = None
    """Bounds on the fault-domain count in an availability zone."""
    names_fault_domain: Says | None = None
    """Whether the caller may name a new member's fault domain."""
    spreads_domains: Says | None = None
    """Whether a member that names no fault domain goes to a least-loaded one."""
    zone_count: Limit | None = None
    """Bounds on the number of zones a group spans; 0 is a regional deployment."""
    zone_balance: Says | None = None
    """Whether the caller can ask for strict zone balance."""
    single_placement_group: frozenset[bool] | None = None
    """The allowed values of `singlePlacementGroup`."""
    single_placement_group_rule: str | None = None
    """The rule on `singlePlacementGroup`."""
    delete_nonempty: Says | None = None
    """Whether a group that holds members can be deleted (its members going with it)."""
    artifacts_follow: Says | None = None
    """Whether NICs and disks are removed with the instance."""
    delete_one: Says | None = None
    """Whether single members can be deleted."""
    batch_operations: Says | None = None
    """Whether start all, stop all, reimage all and the like exist."""
    boot_diagnostics: Says | None = None
    """Whether the scale set's boot-diagnostics calls exist."""
    uniform_extensions: Says | None = None
    """Whether members take extensions made for Uniform instances (true) or for standard VMs (false)."""
    lists_ids: Says | None = None
    """Whether a listing of members gives ids only (true) or the instances (false)."""
    movable: Says | None = None
    """Whether the group can be moved to another resource group."""
    same_place: Says | None = None
    """Whether a VM joins only in the group's region, zone and resource group."""
    health_sources: frozenset[HealthSource] | None = None
    """Who may report application health."""
    identical: Says | None = None
    """Whether all members come from one profile."""
    autoscale: Says | None = None
    """Whether the platform may change the instance count within configured bounds."""
    update_domains: Limit | None = None
    """Bounds on the number of update domains; 0 to 0 is none."""
    update_domains_mapped: Says | None = None
    """Whether update domains are assigned to fault domains automatically."""
    fault_domain_guarantee: Limit | None = None
    """Up to how many instances fault-domain availability is guaranteed."""
    capabilities: Mapping[Capability, Cell] = field(factory=dict)
    """The capability table's column of this kind; a capability that is absent is not spoken of."""
    capability_rules: Mapping[Capability, str] = field(factory=dict)
    """The rule id of each row of `capabilities`."""


@frozen(kw_only=True)
class Registration:
    """The preview registration that a kind of group needs."""

    kinds: frozenset[GroupKind]
    """The kinds that need it."""
    features: tuple[str, ...]
    """The features to register, all of them, in namespace Microsoft.Compute."""
    longest: int
    """Within how many seconds a feature registration ends by itself."""
    api_version: str
    """The earliest API version that can create such a group."""


@frozen(kw_only=True)
class AutomaticUpgrades:
    """What an edition says of automatic OS image upgrades and of the rollouts that carry them out."""

    percent: int
    """The most instances in a batch, and the most unhealthy ones, as a percentage (OSU-BATCH, OSU-PRECHECK,
    OSU-STOP-UPGRADED, OSU-STOP-OVERALL)."""
    wait: int
    """The longest wait for an upgraded instance to become healthy (seconds; OSU-WAIT)."""
    first_window: tuple[int, int]
    """When the first rollout begins after it was switched on (seconds, inclusive; OSU-TRIGGER-FIRST)."""
    later_window: tuple[int, int]
    """When a later rollout begins after its image was available (seconds, inclusive; OSU-TRIGGER-LATER)."""
    history_most: int
    """The most attempts that the history shows (OSU-HISTORY)."""
    history_surely: int
    """Up to what age an attempt is within the history's months, however long they are (seconds)."""
    history_longest: int
    """Up to what age an attempt can be within the history's months (seconds)."""
    api_version: str
    """The earliest API version that can switch it on (OSU-API)."""
    windows_api_version: str
    """From which API version on `enableAutomaticUpdates` must be false (OSU-WINDOWS)."""
    service_fabric_version: tuple[int, int]
    """The earliest TypeHandlerVersion of the Service Fabric extension (OSU-SF)."""
    images: frozenset[PlatformImage]
    """The platform images that it supports (OSU-IMAGES)."""


UPGRADE_MODES: Mapping[UpgradeMode, str] = MappingProxyType(
    {
        UpgradeMode.MANUAL: "UPGRADE-MANUAL",
        UpgradeMode.AUTOMATIC: "UPGRADE-AUTOMATIC",
        UpgradeMode.ROLLING: "UPGRADE-ROLLING",
    }
)
"""The upgrade policies, each with its rule: the same wherever an edition speaks of them."""


@frozen(kw_only=True)
class Upgrades:
    """What an edition says of changing a group's model and bringing instances up to it."""

    kinds: frozenset[GroupKind]
    """The kinds of group it speaks of."""
    modes: Mapping[UpgradeMode, str]
    """The upgrade policies, each with the rule that says what it does."""
    model_version: str | None = None
    """The rule that a change of the model makes a new version of it, or None."""
    kinds_of_update: str | None = None
    """The rule that says which OS updates are changes of the model, or None."""
    planning: str | None = None
    """The rule on planning a rollout by hand, or None."""
    no_downtime: str | None = None
    """The rule that says when a rollout is free of downtime, or None."""
    heat_map: str | None = None
    """The rule on showing a group as a heat map, or None."""
    publisher_fixed: str | None = None
    """The rule that keeps the publisher and offer of an existing group, or None."""
    automatic: AutomaticUpgrades | None = None
    """What it says of automatic OS image upgrades; None: nothing."""


@frozen(kw_only=True, eq=False)
class Edition:
    """One snapshot of the documents. Compared by identity: an edition is loaded once."""

    name: str
    """Its name, the year and month of its documents."""
    sources: tuple[str, ...]
    """The short names of its documents."""
    kinds: Mapping[GroupKind, KindRules]
    """What it says of each kind of group it knows."""
    registration: Registration | None = None
    """The preview registration it asks for, if any."""
    marketplace: bool = False
    """Whether creation needs the marketplace's preconditions (Azure Stack)."""
    staleness: int | None = None
    """How many seconds a Resource Graph answer may be old; None where no document speaks of it."""
    names_unique: Says | None = None
    """Whether VM names are unique within a resource group."""
    upgrades: Upgrades | None = None
    """What it says of model updates and rollouts; None: nothing."""
    readings: frozenset[str] = frozenset()
    """The findings of which the other reading is switched on; empty in the documents' own editions."""
    disabled: frozenset[str] = frozenset()
    """Rules that are switched off (a mutant or a chosen reading); empty in the documents' own editions."""

    def automatic_upgrades(self, kind: GroupKind) -> AutomaticUpgrades | None:
        """What it says of automatic OS image upgrades of a kind of group; None: nothing."""
        return self.upgrades.automatic if self.upgrades is not None and kind in self.upgrades.kinds else None

    def upgrade_rule(self, kind: GroupKind, mode: UpgradeMode) -> str | None:
        """The rule that says what an upgrade policy does for a kind of group; None: none says it."""
        return self.upgrades.modes.get(mode) if self.upgrades is not None and kind in self.upgrades.kinds else None

    def without(self, *rule_ids: str) -> Edition:
        """This edition with some rules switched off: what they refuse is granted."""
        return evolve(self, disabled=self.disabled | set(rule_ids))
