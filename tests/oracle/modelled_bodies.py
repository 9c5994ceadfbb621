"""The bodies in which a service shows what is so in the model, all of it or a part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from attrs import define, field
from tests.oracle.modelled_calls import API_VERSION, SUBSCRIPTION, as_asked, id_of, is_by_name, repairs_body

from vmss_model import GroupKey, World
from vmss_model.oracle.arm import to_arm
from vmss_model.rollout import Attempt
from vmss_model.values import GroupKind
from vmss_model.world import Group, Instance

BEGAN = datetime(2021, 8, 2, 10, tzinfo=UTC)
"""The date of the first exchange: the model's clock counts from there."""


def date_of(clock: int, number: int = 0) -> str:
    """The date at a time of the model's clock (seconds), so many microseconds later."""
    return (BEGAN + timedelta(seconds=clock, microseconds=number)).isoformat()


@define
class Bodies:
    """Shows groups and members; which of the properties that need not be shown is drawn each time."""

    random: Random
    """Where that comes from."""
    shown: float
    """How often such a property is shown."""
    _lives: dict[tuple[GroupKey, str], int] = field(factory=dict)

    def note_new(self, before: World, after: World) -> None:
        """Note the members that are new: each has an id of its own, whatever its name."""
        for key, group in after.groups.items():
            old = before.groups.get(key)
            for name in group.members:
                if old is None or name not in old.members:
                    self._lives[key, name] = self._lives.get((key, name), 0) + 1

    def group(self, world: World, group: Group) -> dict[str, Any]:
        """A scale set."""
        call = to_arm(as_asked(group), SUBSCRIPTION, API_VERSION)
        asked = call.body if call is not None and isinstance(call.body, dict) else {}
        properties = dict(asked.get("properties", {}))
        told = ["orchestrationMode", "virtualMachineProfile"]
        if group.kind in (GroupKind.VM, GroupKind.SCALE_SET_VM):
            told.append("platformFaultDomainCount")  # by which the mode is told
        kept = {name: properties.pop(name) for name in told if name in properties}
        if group.repairs:
            kept |= repairs_body(True)["properties"]
        shown: dict[str, Any] = {"id": id_of(group.key), "name": group.key.name, "location": group.region}
        shown["properties"] = {**kept, **self._some(properties)}
        if group.zones:
            shown["zones"] = list(group.zones)
        if not is_by_name(world, group):
            size = group.profile.size if group.profile is not None else "Standard_D2s_v3"
            shown["sku"] = {"name": size, "capacity": group.capacity}
        return shown

    def member(self, world: World, group: Group, name: str) -> dict[str, Any]:
        """A member: an instance, or a standard VM."""
        one, by_name = group.members[name], is_by_name(world, group)
        properties = self._some(
            {
                "vmId": str(uuid5(NAMESPACE_URL, f"{group.key}/{name}/{self._lives[group.key, name]}")),
                "platformFaultDomain": one.fault_domain if by_name else None,
                "latestModelApplied": None if by_name else one.model_version == group.model_version,
                "instanceView": self.view(one),
            }
        )
        shown: dict[str, Any] = {"name": name} if by_name else {"instanceId": name, "name": f"{group.key.name}_{name}"}
        if by_name:
            properties["virtualMachineScaleSet"] = {"id": id_of(group.key)}
        zones = [one.zone] if one.zone else None
        return {**shown, "properties": properties, **self._some({"location": group.region, "zones": zones})}

    def view(self, one: Instance) -> dict[str, Any]:
        """The instance view of a member."""
        places = {"platformFaultDomain": one.fault_domain, "platformUpdateDomain": one.update_domain}
        return self._some({**places, "statuses": [{"code": f"PowerState/{one.power.value}"}]})

    def _some(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Of properties that need not be shown, those that are; what has no value is never shown."""
        return {
            name: value for name, value in properties.items() if value is not None and self.random.random() < self.shown
        }


def counted(group: Group) -> dict[str, Any]:
    """The instance view of a scale set."""
    summary = [{"code": "ProvisioningState/succeeded", "count": len(group.members)}]
    return {"virtualMachine": {"statusesSummary": summary}}


def attempt(one: Attempt) -> dict[str, Any]:
    """A rollout, as the latest one is shown, and as one of the history."""
    counts = (one.progress.successful, one.progress.failed, one.progress.in_progress, one.progress.pending)
    names = ("successfulInstanceCount", "failedInstanceCount", "inProgressInstanceCount", "pendingInstanceCount")
    # No two begin at the same moment, though the model's clock stands still in between.
    status = {"code": one.status.value, "startTime": date_of(one.started_at, one.number)}
    ended = {} if one.ended_at is None else {"endTime": date_of(one.ended_at, one.number)}
    return {"properties": {"runningStatus": {**status, **ended}, "progress": dict(zip(names, counts, strict=True))}}
