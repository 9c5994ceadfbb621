"""Who counts as healthy, unhealthy and up: the words that a rollout's gates and waits are written in.

With monitoring (the Application Health extension or a probe) an instance is healthy once it is reported
so. Without, it is healthy when it runs and each of its extensions is provisioned. An instance of which
nothing was reported yet is neither healthy nor unhealthy: a gate does not count it, a wait waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vmss_model.rules import implements
from vmss_model.values import Health, Power, Provisioning

if TYPE_CHECKING:
    from vmss_model.world import Instance


def is_up(instance: Instance) -> bool:
    """Whether an instance runs and is not in the middle of, or failed in, getting its extensions."""
    return instance.power is Power.RUNNING and instance.provisioning is Provisioning.SUCCEEDED


@implements("OSU-WAIT", "HEALTH-SOURCE")
def is_healthy(instance: Instance, *, monitored: bool) -> bool:
    """Whether an instance has become healthy, which is what the wait after its upgrade waits for."""
    return is_up(instance) and (instance.health is Health.HEALTHY or not monitored)


@implements("OSU-PRECHECK", "OSU-STOP-OVERALL", "OSU-STOP-UPGRADED")
def is_unhealthy(instance: Instance, *, monitored: bool) -> bool:
    """Whether the gates count an instance as unhealthy."""
    if instance.provisioning is Provisioning.FAILED:
        return True
    return instance.health is Health.UNHEALTHY if monitored else instance.power is not Power.RUNNING
