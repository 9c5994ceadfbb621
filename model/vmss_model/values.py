"""The small words of the domain: kinds of group, power, health, operating system, priority."""

from __future__ import annotations

from enum import Enum
from typing import Final


class GroupKind(Enum):
    """The kinds of group that the documents compare."""

    UNIFORM = "Uniform"
    FLEXIBLE = "Flexible"
    AVAILABILITY_SET = "AvailabilitySet"
    VM = "VM"
    SCALE_SET_VM = "ScaleSetVM"


class Power(Enum):
    """Power state of an instance, by the names of the instance view."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEALLOCATED = "deallocated"


class Health(Enum):
    """Application health of an instance; unknown where nothing monitors it."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class HealthSource(Enum):
    """Who reports application health."""

    EXTENSION = "extension"
    PROBE = "probe"


class OperatingSystem(Enum):
    """Operating system of an instance."""

    LINUX = "Linux"
    WINDOWS = "Windows"


class Priority(Enum):
    """Priority of an instance."""

    REGULAR = "Regular"
    SPOT = "Spot"


class Provisioning(Enum):
    """How far an instance has come with the extensions that its model asks for."""

    SUCCEEDED = "Succeeded"
    UPDATING = "Updating"
    FAILED = "Failed"


class UpgradeMode(Enum):
    """The upgrade policy of a group: how its instances come to run a newer model."""

    MANUAL = "Manual"
    AUTOMATIC = "Automatic"
    ROLLING = "Rolling"


class Invoker(Enum):
    """Who started a rollout, by the names of the upgrade history."""

    PLATFORM = "Platform"
    USER = "User"


class RolloutKind(Enum):
    """What a rollout brings to the instances."""

    OS_IMAGE = "OS image"
    MODEL = "model"


class RolloutStatus(Enum):
    """How a rollout stands or ended, by the names of the public API."""

    ROLLING_FORWARD = "RollingForward"
    CANCELLED = "Cancelled"
    COMPLETED = "Completed"
    FAULTED = "Faulted"


class Stage(Enum):
    """Where an instance stands in the rollout that its group is in."""

    OUT_OF_SCOPE = "out of scope"
    PENDING = "pending"
    IN_PROGRESS = "in progress"
    SUCCESSFUL = "successful"
    FAILED = "failed"


class Durability(Enum):
    """Durability of a Service Fabric node type."""

    BRONZE = "Bronze"
    SILVER = "Silver"
    GOLD = "Gold"


class LoadBalancer(Enum):
    """The SKU of the load balancer in front of a group."""

    BASIC = "Basic"
    STANDARD = "Standard"


class Api(Enum):
    """Through which API a single instance is managed."""

    VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"
    SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"


class Action(Enum):
    """Actions on one instance or, as a batch operation, on a group's instances."""

    START = "start"
    STOP = "stop"
    DEALLOCATE = "deallocate"
    RESTART = "restart"
    REIMAGE = "reimage"
    DELETE = "delete"


class Unchanged(Enum):
    """Marks a field that an update leaves as it is (None is a value there)."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
