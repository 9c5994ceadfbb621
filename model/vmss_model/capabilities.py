"""What each kind of group can do: the comparison tables of 2019 and 2021 as data.

A capability that a table does not speak of is absent from it: there the edition leaves it open.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import frozen


class Capability(Enum):
    """Something that an operation or a property of the model may ask of a group."""

    VM_TYPE = "vm-type"
    SKUS = "skus"
    ZONES = "zones"
    FULL_CONTROL = "full-control"
    AUTOSCALE = "autoscale"
    FD_ASSIGNMENT = "fd-assignment"
    ARTIFACT_REMOVAL = "artifact-removal"
    UPGRADE_POLICY = "upgrade-policy"
    OS_UPGRADE = "os-upgrade"
    GUEST_PATCHING = "guest-patching"
    TERMINATE_NOTIFICATION = "terminate-notification"
    INSTANCE_REPAIR = "instance-repair"
    ACCELERATED_NETWORKING = "accelerated-networking"
    PRIORITY = "priority"
    MIXED_OS = "mixed-os"
    APPLICATION_HEALTH = "application-health"
    ULTRA_SSD = "ultra-ssd"
    INFINIBAND = "infiniband"
    WRITE_ACCELERATOR = "write-accelerator"
    PROXIMITY_PLACEMENT = "proximity-placement"
    DEDICATED_HOST = "dedicated-host"
    BASIC_LB = "basic-lb"
    STANDARD_LB = "standard-lb"
    APPLICATION_GATEWAY = "application-gateway"
    MAINTENANCE_CONTROL = "maintenance-control"
    LIST_VMS = "list-vms"
    ALERTS = "alerts"
    VM_INSIGHTS = "vm-insights"
    BACKUP = "backup"
    SITE_RECOVERY = "site-recovery"
    ATTACH_DETACH = "attach-detach"
    INSTANCE_PROTECTION = "instance-protection"
    MIXED_SIZES = "mixed-sizes"
    MODEL_UPDATES = "model-updates"


class Support(Enum):
    """How a table answers a capability for a kind of group."""

    YES = "yes"
    """Granted whenever it is asked for."""
    NO = "no"
    """Refused whenever it is asked for."""
    CONDITIONAL = "conditional"
    """Granted if the cell's condition holds, refused if not."""
    NOT_APPLICABLE = "not-applicable"
    """The question does not arise for this kind, or the document does not answer it; the note says which."""


@frozen
class Cell:
    """One cell of a comparison table."""

    support: Support
    """The answer."""
    condition: str = ""
    """The name of the condition, such as `zonal-only`; set exactly when the support is conditional."""
    note: str = ""
    """What else the cell says, in a few words."""


_YES = Cell(Support.YES)
_NO = Cell(Support.NO)
_NOT_APPLICABLE = Cell(Support.NOT_APPLICABLE)

CAPABILITY_RULE: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.VM_TYPE: "CAPS-VM-TYPE",
        Capability.SKUS: "CAPS-SKUS",
        Capability.ZONES: "CAPS-ZONES",
        Capability.FULL_CONTROL: "CAPS-FULL-CONTROL",
        Capability.AUTOSCALE: "CAPS-AUTOSCALE",
        Capability.FD_ASSIGNMENT: "CAPS-FD-ASSIGNMENT",
        Capability.ARTIFACT_REMOVAL: "CAPS-ARTIFACT-REMOVAL",
        Capability.UPGRADE_POLICY: "CAPS-UPGRADE-POLICY",
        Capability.OS_UPGRADE: "CAPS-OS-UPGRADE",
        Capability.GUEST_PATCHING: "CAPS-GUEST-PATCHING",
        Capability.TERMINATE_NOTIFICATION: "CAPS-TERMINATE-NOTIFICATION",
        Capability.INSTANCE_REPAIR: "CAPS-INSTANCE-REPAIR",
        Capability.ACCELERATED_NETWORKING: "CAPS-ACCELERATED-NETWORKING",
        Capability.PRIORITY: "CAPS-PRIORITY",
        Capability.MIXED_OS: "CAPS-MIXED-OS",
        Capability.APPLICATION_HEALTH: "CAPS-APPLICATION-HEALTH",
        Capability.ULTRA_SSD: "CAPS-ULTRA-SSD",
        Capability.INFINIBAND: "CAPS-INFINIBAND",
        Capability.WRITE_ACCELERATOR: "CAPS-WRITE-ACCELERATOR",
        Capability.PROXIMITY_PLACEMENT: "CAPS-PROXIMITY-PLACEMENT",
        Capability.DEDICATED_HOST: "CAPS-DEDICATED-HOST",
        Capability.BASIC_LB: "CAPS-BASIC-LB",
        Capability.STANDARD_LB: "CAPS-STANDARD-LB",
        Capability.APPLICATION_GATEWAY: "CAPS-APPLICATION-GATEWAY",
        Capability.MAINTENANCE_CONTROL: "CAPS-MAINTENANCE-CONTROL",
        Capability.LIST_VMS: "CAPS-LIST-VMS",
        Capability.ALERTS: "CAPS-ALERTS",
        Capability.VM_INSIGHTS: "CAPS-VM-INSIGHTS",
        Capability.BACKUP: "CAPS-BACKUP",
        Capability.SITE_RECOVERY: "CAPS-SITE-RECOVERY",
        Capability.ATTACH_DETACH: "CAPS-ATTACH-DETACH",
        Capability.INSTANCE_PROTECTION: "CAPS-INSTANCE-PROTECTION",
        Capability.MIXED_SIZES: "CAPS-MIXED-SIZES",
    }
)
"""The rule of section D behind each capability, as of 2021."""

_ROWS_2021: Mapping[Capability, tuple[Cell, Cell, Cell]] = {
    Capability.VM_TYPE: (
        Cell(Support.CONDITIONAL, "standard-vm", note="Microsoft.Compute/virtualMachines"),
        Cell(
            Support.CONDITIONAL,
            "scale-set-vm",
            note="Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        ),
        Cell(Support.CONDITIONAL, "standard-vm", note="Microsoft.Compute/virtualMachines"),
    ),
    Capability.SKUS: (Cell(Support.CONDITIONAL, "series-d-e-f-a-b", note="Intel and AMD"), _YES, _YES),
    Capability.ZONES: (
        Cell(Support.CONDITIONAL, "one-zone", note="optional, all VMs in the same zone"),
        Cell(Support.CONDITIONAL, "one-to-three-zones"),
        _NO,
    ),
    Capability.FULL_CONTROL: (
        _YES,
        Cell(Support.CONDITIONAL, "scale-set-vm-api-only", note="limited to the scale set's VM API"),
        _YES,
    ),
    Capability.AUTOSCALE: (_NO, _YES, _NO),
    Capability.FD_ASSIGNMENT: (_YES, _NO, _NO),
    Capability.ARTIFACT_REMOVAL: (_NO, _YES, _NO),
    Capability.UPGRADE_POLICY: (_NO, Cell(Support.YES, note="Automatic, Rolling or Manual"), _NOT_APPLICABLE),
    Capability.OS_UPGRADE: (_NO, _YES, _NOT_APPLICABLE),
    Capability.GUEST_PATCHING: (_YES, _NO, _YES),
    Capability.TERMINATE_NOTIFICATION: (_NO, _YES, _NOT_APPLICABLE),
    Capability.INSTANCE_REPAIR: (_NO, _YES, _NOT_APPLICABLE),
    Capability.ACCELERATED_NETWORKING: (_YES, _YES, _YES),
    Capability.PRIORITY: (
        Cell(Support.YES, note="Spot and regular, mixed in one group"),
        Cell(Support.CONDITIONAL, "no-mixing", note="Spot or regular for the whole group"),
        Cell(Support.CONDITIONAL, "regular-only"),
    ),
    Capability.MIXED_OS: (_YES, _NO, _YES),
    Capability.APPLICATION_HEALTH: (
        Cell(Support.CONDITIONAL, "extension-only"),
        Cell(Support.YES, note="extension or load-balancer probe"),
        Cell(Support.CONDITIONAL, "extension-only"),
    ),
    Capability.ULTRA_SSD: (_YES, Cell(Support.CONDITIONAL, "zonal-only"), _NO),
    Capability.INFINIBAND: (_NO, Cell(Support.CONDITIONAL, "single-placement-group-only"), _YES),
    Capability.WRITE_ACCELERATOR: (_NO, _YES, _YES),
    Capability.PROXIMITY_PLACEMENT: (_YES, _YES, _YES),
    Capability.DEDICATED_HOST: (_NO, _YES, _YES),
    Capability.BASIC_LB: (_NO, _YES, _YES),
    Capability.STANDARD_LB: (_YES, _YES, _YES),
    Capability.APPLICATION_GATEWAY: (_NO, _YES, _YES),
    Capability.MAINTENANCE_CONTROL: (_NO, _YES, _YES),
    Capability.LIST_VMS: (_YES, _YES, _YES),
    Capability.ALERTS: (_NO, _YES, _YES),
    Capability.VM_INSIGHTS: (_NO, _YES, _YES),
    Capability.BACKUP: (_YES, Cell(Support.YES, note="finding F3"), _YES),
    Capability.SITE_RECOVERY: (
        Cell(Support.CONDITIONAL, "powershell-only"),
        Cell(Support.YES, note="finding F3"),
        _YES,
    ),
    Capability.ATTACH_DETACH: (_NO, _NO, _NO),
    Capability.INSTANCE_PROTECTION: (
        _NO,
        _YES,
        Cell(Support.NOT_APPLICABLE, note="a feature of scale sets; S21F names it for Uniform only"),
    ),
    Capability.MIXED_SIZES: (_YES, _NO, Cell(Support.NOT_APPLICABLE, note="S21F does not say: open")),
}

TABLE_2021: Mapping[str, Mapping[Capability, Cell]] = MappingProxyType(
    {
        kind: MappingProxyType({capability: cells[column] for capability, cells in _ROWS_2021.items()})
        for column, kind in enumerate(("Flexible", "Uniform", "AvailabilitySet"))
    }
)
"""The table of 2021, and the two capabilities named beside it: kind of group, capability, cell."""

CAPABILITY_RULE_2019: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.VM_TYPE: "CAPS-2019-INSTANCE-TYPE",
        Capability.ZONES: "CAPS-2019-ZONES",
        Capability.FULL_CONTROL: "CAPS-2019-INSTANCE-CONTROL",
        Capability.AUTOSCALE: "CAPS-2019-AUTOSCALE",
        Capability.ARTIFACT_REMOVAL: "CAPS-2019-ARTIFACTS",
        Capability.MODEL_UPDATES: "CAPS-2019-MODEL-UPDATES",
        Capability.OS_UPGRADE: "CAPS-2019-OS-UPGRADE",
        Capability.BACKUP: "CAPS-2019-INSTANCE-CONTROL",
        Capability.SITE_RECOVERY: "CAPS-2019-INSTANCE-CONTROL",
        Capability.ATTACH_DETACH: "CAPS-2019-ATTACH-DETACH",
    }
)
"""The rule of section D behind each capability that the document of 2019 speaks of."""

_ROWS_2019: Mapping[Capability, tuple[Cell, Cell]] = {
    Capability.VM_TYPE: (
        Cell(Support.CONDITIONAL, "standard-vm", note="Microsoft.Compute/virtualMachines"),
        Cell(
            Support.CONDITIONAL,
            "scale-set-vm",
            note="Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        ),
    ),
    Capability.ZONES: (
        Cell(Support.CONDITIONAL, "one-zone", note="optional, all VMs in the same zone"),
        Cell(Support.YES, note="regional or several zones, with a zone-balance strategy"),
    ),
    Capability.FULL_CONTROL: (_YES, Cell(Support.CONDITIONAL, "through-group-only")),
    Capability.AUTOSCALE: (_NO, _YES),
    Capability.ARTIFACT_REMOVAL: (
        Cell(Support.NO, note="disks and NICs have a life of their own"),
        Cell(Support.YES, note="implicit to the instance"),
    ),
    Capability.MODEL_UPDATES: (_NO, Cell(Support.YES, note="S19 names no upgrade policies")),
    Capability.OS_UPGRADE: (_NO, _YES),
    Capability.BACKUP: (_YES, Cell(Support.NO, note="implied: instances are managed through the group only")),
    Capability.SITE_RECOVERY: (
        _YES,
        Cell(Support.NO, note="implied: instances are managed through the group only"),
    ),
    Capability.ATTACH_DETACH: (_NO, _NO),
}

TABLE_2019: Mapping[str, Mapping[Capability, Cell]] = MappingProxyType(
    {
        kind: MappingProxyType({capability: cells[column] for capability, cells in _ROWS_2019.items()})
        for column, kind in enumerate(("VM", "ScaleSetVM"))
    }
)
"""The table of 2019, as far as it speaks of capabilities: mode, capability, cell."""
