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
