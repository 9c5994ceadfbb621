"""The capability tables of S21F and S19, stated a second time: what each row refuses, and to whom.

A row is a capability and a letter for each kind of group: `y` yes, `n` no, `-` not spoken of, and for the two
cells that depend on the group itself `z` (zonal deployments only) and `p` (one placement group only).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.capabilities import CAPABILITY_RULE, CAPABILITY_RULE_2019, Capability
from vmss_model.values import UNCHANGED, Api, GroupKind, HealthSource, Priority
from vmss_model.world import Group

_KINDS_2021 = (GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET)
_TABLE_2021 = """
vm-type yyy | skus yyy | zones yyn | full-control yyy | autoscale nyn | fd-assignment ynn | artifact-removal nyn
upgrade-policy ny- | os-upgrade ny- | guest-patching yny | terminate-notification ny- | instance-repair ny-
accelerated-networking yyy | priority yyy | mixed-os yny | application-health yyy | ultra-ssd yzn | infiniband npy
write-accelerator nyy | proximity-placement yyy | dedicated-host nyy | basic-lb nyy | standard-lb yyy
application-gateway nyy | maintenance-control nyy | list-vms yyy | alerts nyy | vm-insights nyy | backup yyy
site-recovery yyy | attach-detach nnn | instance-protection ny- | mixed-sizes yn-
"""
_KINDS_2019 = (GroupKind.VM, GroupKind.SCALE_SET_VM)
_TABLE_2019 = """
vm-type yy | zones yy | full-control yy | autoscale ny | artifact-removal ny | model-updates ny | os-upgrade ny
backup yn | site-recovery yn | attach-detach nn
"""


def _parsed(text: str, kinds: tuple[GroupKind, ...]) -> dict[tuple[GroupKind, Capability], str]:
    cells: dict[tuple[GroupKind, Capability], str] = {}
    for row in text.replace("\n", "|").split("|"):
        if row.strip():
            name, letters = row.split()
            cells.update({(kind, Capability(name)): letter for kind, letter in zip(kinds, letters, strict=True)})
    return cells


CELLS: Mapping[tuple[GroupKind, Capability], str] = MappingProxyType(
    {**_parsed(_TABLE_2021, _KINDS_2021), **_parsed(_TABLE_2019, _KINDS_2019)}
)
"""The letter of each cell of both tables."""

Asked = tuple[GroupKind, Capability, bool, "bool | None"]
"""A capability that is asked for: the kind of group, the capability, whether it is zonal, its placement group."""


def _asked_of_group(step: Step) -> Iterator[Asked]:
    """The capabilities that the creation of a group or a change of one asks for."""
    request, group = step.request, step.group_before
    if isinstance(request, rq.CreateGroup):
        place = (bool(request.zones), request.single_placement_group)
        wanted = set(request.capabilities)
        for capability, asked in (
            (Capability.AUTOSCALE, request.autoscale is not None),
            (Capability.INSTANCE_REPAIR, request.repairs),
            (Capability.UPGRADE_POLICY, request.upgrade_mode is not None or request.rolling is not None),
            (Capability.OS_UPGRADE, request.os_upgrade),
        ):
            wanted |= {capability} if asked else set()
        yield from ((request.kind, capability, *place) for capability in wanted)
    if isinstance(request, rq.UpdateGroup) and group is not None:
        here = (bool(group.zones), group.single_placement_group)
        if request.single_placement_group is not UNCHANGED:
            changed = request.single_placement_group
            yield from ((group.kind, capability, here[0], changed) for capability in group.capabilities)
        policy = request.upgrade_mode is not UNCHANGED or request.rolling not in (UNCHANGED, None)
        model = (request.image, request.extensions, request.external, request.automatic_updates)
        for capability, asked in (
            (Capability.MODEL_UPDATES, any(part is not UNCHANGED for part in model)),
            (Capability.AUTOSCALE, request.autoscale not in (UNCHANGED, None)),
            (Capability.INSTANCE_REPAIR, request.repairs is True),
            (Capability.UPGRADE_POLICY, policy),
            (Capability.OS_UPGRADE, request.os_upgrade is True),
        ):
            if asked:
                yield (group.kind, capability, *here)


def _asked_of_member(step: Step, group: Group) -> Iterator[Capability]:
    """The capabilities that a request about a member, or a VM to be one, asks for."""
    request = step.request
    if isinstance(request, rq.UseCapability):
        yield request.capability
    if isinstance(request, rq.CreateVm) and request.fault_domain is not None and group.capacity is None:
        yield Capability.FD_ASSIGNMENT
    if isinstance(request, rq.AttachVm) and request.vm in step.before.machines:
        yield Capability.ATTACH_DETACH
    if isinstance(request, rq.DetachVm) and request.name in group.members:
        yield Capability.ATTACH_DETACH
    spoken_of = group.kind in _KINDS_2021
    if isinstance(request, rq.RepairInstance) and request.name in group.members and spoken_of:
        yield Capability.INSTANCE_REPAIR
    if isinstance(request, rq.PatchInGuest) and request.name in group.members:
        yield Capability.GUEST_PATCHING


_ASKING = (
    rq.CreateGroup
    | rq.UpdateGroup
    | rq.UseCapability
    | rq.CreateVm
    | rq.AttachVm
    | rq.DetachVm
    | rq.PatchInGuest
    | rq.RepairInstance
    | rq.ReportHealth
    | rq.ActOnInstance
)
"""The requests that may ask for a capability."""


def capabilities_refused(step: Step) -> frozenset[str]:
    """The rules of the tables' rows that refuse what a step asks for; none of a kind that the tables do not have."""
    if not isinstance(step.request, _ASKING):
        return frozenset()
    edition = step.before.edition
    rules = {"2019-10": CAPABILITY_RULE_2019, "2021-02": CAPABILITY_RULE, "2021-07": CAPABILITY_RULE}.get(edition.name)
    if rules is None or (isinstance(step.request, rq.CreateGroup) and step.request.kind not in edition.kinds):
        return frozenset()
    group = step.group_before
    asked = list(_asked_of_group(step))
    if group is not None:
        here = (bool(group.zones), group.single_placement_group)
        asked.extend((group.kind, capability, *here) for capability in _asked_of_member(step, group))
    found = {
        rules[capability]
        for kind, capability, zonal, single in asked
        if capability in rules and _refused(CELLS.get((kind, capability), "-"), zonal, single)
    }
    return frozenset(found | _refused_by_condition(step, rules))


def _refused(letter: str, zonal: bool, single: bool | None) -> bool:
    return letter == "n" or (letter == "z" and not zonal) or (letter == "p" and single is False)


def _refused_by_condition(step: Step, rules: Mapping[Capability, str]) -> set[str]:
    """The rows of which the answer is a condition on how the capability is used."""
    request, group = step.request, step.group_before
    found: set[str] = set()
    kind = request.kind if isinstance(request, rq.CreateGroup) else (group.kind if group is not None else None)
    if kind in (GroupKind.FLEXIBLE, GroupKind.AVAILABILITY_SET):
        source = getattr(request, "source", None) if isinstance(request, rq.ReportHealth) else None
        if isinstance(request, rq.CreateGroup | rq.UpdateGroup):
            source = request.health_source
        known = not isinstance(request, rq.ReportHealth) or (group is not None and request.name in group.members)
        if source is HealthSource.PROBE and known:
            found.add(rules[Capability.APPLICATION_HEALTH])
    if isinstance(request, rq.CreateVm) and group is not None:
        if group.kind is GroupKind.FLEXIBLE and request.size.partition("_")[2][:1].upper() not in set("ABDEF"):
            found.add(rules[Capability.SKUS])
        if group.kind is GroupKind.AVAILABILITY_SET and request.priority is Priority.SPOT:
            found.add(rules[Capability.PRIORITY])
    if isinstance(request, rq.ActOnInstance) and group is not None and request.name in group.members:
        making = group.kind in (GroupKind.UNIFORM, GroupKind.SCALE_SET_VM)
        if making and request.api is Api.VIRTUAL_MACHINE:
            found.add(rules[Capability.FULL_CONTROL])
    return found
