"""What the documents refuse, stated a second time: for each rule the condition under which it refuses a request.

The model is held against this page in both directions: what a rule refuses has its reason here, and what is
granted has none. The page reads nothing that an edition says and calls no guard, on purpose: a number that is off by
one in either place is a contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmss_invariants.documented_rollouts import batch_has_to_wait
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.values import (
    UNCHANGED,
    Action,
    Api,
    GroupKind,
    Health,
    HealthSource,
)
from vmss_model.world import AutoscaleBounds, Group, ItemState, World

Condition = Callable[[Step], bool]
"""Whether a rule refuses what a step asks for."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?", re.ASCII)
_FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
_BOUNDS: dict[str, dict[GroupKind, int]] = {
    "CAP-VM-2019": {GroupKind.VM: 200},
    "CAP-SSVM-2019": {GroupKind.SCALE_SET_VM: 1000},
    "CAP-FLEX": {GroupKind.FLEXIBLE: 1000},
    "CAP-UNIFORM": {GroupKind.UNIFORM: 1000},
    "CAP-AVSET": {GroupKind.AVAILABILITY_SET: 200},
}
_DOMAINS: dict[str, tuple[GroupKind, int, int, bool | None]] = {
    "FDCOUNT-SSVM-2019": (GroupKind.SCALE_SET_VM, 1, 5, None),
    "FDCOUNT-UNIFORM": (GroupKind.UNIFORM, 1, 5, None),
    "FDCOUNT-FLEX-REGIONAL": (GroupKind.FLEXIBLE, 1, 3, False),
    "FDCOUNT-FLEX-ZONAL": (GroupKind.FLEXIBLE, 1, 1, True),
}
_ZONES: dict[str, tuple[GroupKind, int]] = {
    "ZONES-VM-2019": (GroupKind.VM, 1),
    "ZONES-SSVM-2019": (GroupKind.SCALE_SET_VM, 3),
    "ZONES-FLEX": (GroupKind.FLEXIBLE, 1),
    "ZONES-UNIFORM": (GroupKind.UNIFORM, 3),
    "ZONES-AVSET": (GroupKind.AVAILABILITY_SET, 0),
}
_GUARANTEED = {GroupKind.FLEXIBLE: 1000, GroupKind.UNIFORM: 100, GroupKind.AVAILABILITY_SET: 200}
_UPDATE_DOMAINS = {GroupKind.FLEXIBLE: (0, 0), GroupKind.UNIFORM: (0, 5), GroupKind.AVAILABILITY_SET: (1, 20)}
_NO_AUTOSCALE = frozenset({GroupKind.VM, GroupKind.FLEXIBLE, GroupKind.AVAILABILITY_SET})
_MODES = {
    "MODE-2019": frozenset({GroupKind.VM, GroupKind.SCALE_SET_VM}),
    "MODE-2021": frozenset({GroupKind.FLEXIBLE, GroupKind.UNIFORM}),
}
_OF_THE_KIND = {"MODE-2019": _MODES["MODE-2019"], "MODE-2021": _MODES["MODE-2021"] | {GroupKind.AVAILABILITY_SET}}


def _creates(step: Step, *kinds: GroupKind) -> rq.CreateGroup | None:
    """The creation of a new group of one of these kinds, or None."""
    request = step.request
    return request if isinstance(request, rq.CreateGroup) and (not kinds or request.kind in kinds) else None


def _group(step: Step, *kinds: GroupKind) -> Group | None:
    """The group that is asked about, where it exists and is of one of these kinds."""
    group = step.group_before
    return group if group is not None and (not kinds or group.kind in kinds) else None


def _joins(step: Step, *kinds: GroupKind) -> tuple[rq.CreateVm, Group] | None:
    """The creation of a VM into a group of one of these kinds, or None."""
    request, group = step.request, _group(step, *kinds)
    return (request, group) if isinstance(request, rq.CreateVm) and group is not None else None


# -- A. lifecycle and modes ------------------------------------------------------------------------


def _unknown_mode(rule: str) -> Condition:
    return lambda step: isinstance(step.request, rq.CreateGroup) and step.request.kind not in _OF_THE_KIND[rule]


def _changes_mode(step: Step) -> bool:
    request, group = step.request, _group(step, *(_MODES["MODE-2019"] | _MODES["MODE-2021"]))
    known = group is not None and step.before.edition.name in ("2019-10", "2021-02", "2021-07")
    return known and isinstance(request, rq.UpdateGroup) and request.kind not in (UNCHANGED, group and group.kind)


def _resizes_vms(step: Step) -> bool:
    asks = isinstance(step.request, rq.SetCapacity | rq.Autoscale)
    return asks and _group(step, GroupKind.VM, GroupKind.FLEXIBLE) is not None


def _creates_into_implicit(step: Step) -> bool:
    named = step.before.edition.name in ("2019-10", "2021-02", "2021-07")
    found = _joins(step, GroupKind.SCALE_SET_VM, GroupKind.UNIFORM)
    # Where names may be used twice, creating a VM that exists is a change of it; one that the platform names is new.
    new = found is not None and (
        step.before.edition.name != "2019-10" or found[0].platform_names or found[0].key not in step.before.machines
    )
    return named and new


def _attaches(step: Step) -> bool:
    request, group = step.request, step.group_before
    if group is None or step.before.edition.name not in ("2019-10", "2021-02", "2021-07"):
        return False
    if isinstance(request, rq.DetachVm):
        return request.name in group.members
    return isinstance(request, rq.AttachVm) and request.vm in step.before.machines


def _deletes_nonempty(step: Step) -> bool:
    group = _group(step, GroupKind.VM, GroupKind.FLEXIBLE)
    return isinstance(step.request, rq.DeleteGroup) and group is not None and len(group.members) > 0


def _created_with_instances(step: Step) -> bool:
    request = _creates(step, GroupKind.VM, GroupKind.FLEXIBLE)
    return request is not None and request.capacity != 0


def _bounds_asked(step: Step) -> AutoscaleBounds | None:
    if isinstance(step.request, rq.CreateGroup):
        return step.request.autoscale
    if isinstance(step.request, rq.UpdateGroup) and step.group_before is not None:
        asked = step.request.autoscale
        return None if asked is UNCHANGED else asked
    return None


def _kind_asked(step: Step) -> GroupKind | None:
    if isinstance(step.request, rq.CreateGroup):
        return step.request.kind
    return None if step.group_before is None else step.group_before.kind


def _autoscales(step: Step) -> bool:
    if step.before.edition.name not in ("2019-10", "2021-02", "2021-07"):
        return False
    if isinstance(step.request, rq.Autoscale):
        group = step.group_before
        if group is None:
            return False
        bounds = group.autoscale
        outside = bounds is None or not bounds.lowest <= step.request.capacity <= bounds.highest
        return group.kind in _NO_AUTOSCALE or outside
    return _bounds_asked(step) is not None and _kind_asked(step) in _NO_AUTOSCALE


def _joins_elsewhere(step: Step) -> bool:
    found = _joins(step, GroupKind.FLEXIBLE)
    if found is None:
        return False
    request, group = found
    zone = group.zones[0] if group.zones else None
    return (request.region, request.zone, request.key.resource_group) != (group.region, zone, group.key.resource_group)


def _through_the_wrong_api(step: Step) -> bool:
    request, group = step.request, _group(step, GroupKind.SCALE_SET_VM, GroupKind.UNIFORM)
    if group is None or step.before.edition.name not in ("2019-10", "2021-02", "2021-07"):
        return False
    if not isinstance(request, rq.ActOnInstance | rq.GetBootDiagnostics):
        return False
    return request.name in group.members and request.api is Api.VIRTUAL_MACHINE


def _badly_named(step: Step) -> bool:
    request = step.request
    if not isinstance(request, rq.CreateVm):
        return False
    name = request.key.name + ("0" if request.platform_names else "")
    taken = not request.platform_names and request.key in step.before.machines
    return _NAME.fullmatch(name) is None or taken


def _batch_on_flexible(step: Step) -> bool:
    return isinstance(step.request, rq.ActOnGroup) and _group(step, GroupKind.FLEXIBLE) is not None


def _deletes_several(step: Step) -> bool:
    deletes = isinstance(step.request, rq.ActOnGroup) and step.request.action is Action.DELETE
    return deletes and _group(step, GroupKind.VM) is not None


def _diagnoses_flexible(step: Step) -> bool:
    request, group = step.request, _group(step, GroupKind.FLEXIBLE)
    if group is None or not isinstance(request, rq.GetBootDiagnostics):
        return False
    return request.api is Api.SCALE_SET and request.name in group.members


def _wrong_extension(step: Step) -> bool:
    request, group = step.request, _group(step, GroupKind.FLEXIBLE)
    if group is None or not isinstance(request, rq.InstallExtension):
        return False
    return request.for_uniform and request.name in group.members


# -- B. registration -------------------------------------------------------------------------------


def _registered_features(world: World) -> bool:
    features = world.subscription.features
    return all(name in features and features[name].ends_at <= world.clock for name in _FEATURES)


def _unregistered(step: Step) -> bool:
    new = _creates(step, GroupKind.FLEXIBLE) is not None and step.before.subscription.known
    return new and not _registered_features(step.before)


def _not_propagated(step: Step) -> bool:
    world = step.before
    new = _creates(step, GroupKind.FLEXIBLE) is not None and world.subscription.known
    if not new or not _registered_features(world):
        return False
    at = world.subscription.provider_registered_at
    return at is None or any(world.subscription.features[name].ends_at > at for name in _FEATURES)


def _old_api(step: Step) -> bool:
    request = _creates(step, GroupKind.FLEXIBLE)
    return request is not None and request.api_version is not None and request.api_version < "2019-12-01"


# -- C. placement ----------------------------------------------------------------------------------


_COUNTING = rq.CreateGroup | rq.UpdateGroup | rq.SetCapacity | rq.Autoscale | rq.CreateVm
"""The requests that may ask for a number of instances."""


def _counts_asked(step: Step) -> list[tuple[int, bool | None]]:
    """The instance counts that a request asks for, each with `singlePlacementGroup` as it is then."""
    request, group = step.request, step.group_before
    if not isinstance(request, _COUNTING):
        return []
    single = group.single_placement_group if group is not None else None
    if isinstance(request, rq.CreateGroup):
        single = request.single_placement_group
        bounds = request.autoscale
        more = [] if bounds is None else [bounds.lowest, bounds.highest]
        return [(count, single) for count in (request.capacity, *more)]
    if group is None:
        return []
    if isinstance(request, rq.SetCapacity | rq.Autoscale):
        return [(request.capacity, single)] if group.kind not in EXPLICIT_KINDS else []
    if isinstance(request, rq.CreateVm):
        return [(len(group.members) + 1, single)] if group.kind in EXPLICIT_KINDS else []
    counts: list[tuple[int, bool | None]] = []
    if request.single_placement_group is not UNCHANGED:
        counts.append((len(group.members), request.single_placement_group))
    if isinstance(request.autoscale, AutoscaleBounds):
        counts.extend((count, single) for count in (request.autoscale.lowest, request.autoscale.highest))
    return counts


def _over_capacity(rule: str) -> Condition:
    bounds = _BOUNDS[rule]

    def breaks(step: Step) -> bool:
        kind = _kind_asked(step)
        if kind not in bounds:
            return False
        most = bounds[kind]
        tighter = 100 if kind is GroupKind.UNIFORM else most
        return any(not 0 <= count <= (tighter if single else most) for count, single in _counts_asked(step))

    return breaks


def _domains_out_of_range(rule: str) -> Condition:
    kind, lowest, highest, zonal = _DOMAINS[rule]

    def breaks(step: Step) -> bool:
        request = _creates(step, kind)
        if request is None or request.fault_domain_count is None or zonal not in (None, bool(request.zones)):
            return False
        has = step.before.regions.get(request.region, highest) if rule == "FDCOUNT-FLEX-REGIONAL" else highest
        return not lowest <= request.fault_domain_count <= min(highest, has)

    return breaks


def _domains_of_vm_groups(step: Step) -> bool:
    request = _creates(step, GroupKind.VM)
    if request is not None and request.fault_domain_count is not None:
        if request.zones:
            return request.fault_domain_count != 5
        return not 2 <= request.fault_domain_count <= min(3, step.before.regions.get(request.region, 3))
    found = _joins(step, GroupKind.VM)
    return found is not None and _names_no_domain_of(*found)


def _names_no_domain_of(request: rq.CreateVm, group: Group) -> bool:
    if request.fault_domain is None:
        return False
    most = {
        GroupKind.FLEXIBLE: (3, 1),
        GroupKind.VM: (3, 5),
        GroupKind.AVAILABILITY_SET: (1000, 1000),
    }[group.kind][bool(group.zones)]
    count = group.fault_domain_count
    return not 0 <= request.fault_domain < (most if count is None else count)


def _names_a_domain(step: Step) -> bool:
    found = _joins(step, GroupKind.FLEXIBLE, GroupKind.AVAILABILITY_SET)
    if found is None or found[0].fault_domain is None:
        return False
    return found[1].kind is GroupKind.AVAILABILITY_SET or _names_no_domain_of(*found)


def _beyond_the_guarantee(step: Step) -> bool:
    group = step.group_before
    if not isinstance(step.request, rq.AskFaultDomainGuarantee) or group is None or group.kind not in _GUARANTEED:
        return False
    return len(group.members) > _GUARANTEED[group.kind]


def _update_domains_out_of_range(step: Step) -> bool:
    request = _creates(step, *_UPDATE_DOMAINS)
    if request is None or request.update_domain_count is None:
        return False
    lowest, highest = _UPDATE_DOMAINS[request.kind]
    return not lowest <= request.update_domain_count <= highest


def _zones_out_of_range(rule: str) -> Condition:
    kind, most = _ZONES[rule]

    def breaks(step: Step) -> bool:
        request = _creates(step, kind)
        if request is not None:
            return len(request.zones) > most or len(set(request.zones)) < len(request.zones)
        found = _joins(step, kind)
        if found is None or kind not in EXPLICIT_KINDS:
            return False
        vm, group = found
        return vm.zone not in (group.zones or (None,))

    return breaks


def _placement_groups(kind: GroupKind, refused: bool) -> Condition:
    def breaks(step: Step) -> bool:
        request = _creates(step, kind)
        if request is not None:
            return request.single_placement_group is refused
        changes = isinstance(step.request, rq.UpdateGroup) and _group(step, kind) is not None
        return changes and isinstance(step.request, rq.UpdateGroup) and step.request.single_placement_group is refused

    return breaks


# -- G, I, K ---------------------------------------------------------------------------------------


def _wrong_health_source(step: Step) -> bool:
    request, kind = step.request, _kind_asked(step)
    if not isinstance(request, rq.CreateGroup | rq.UpdateGroup | rq.ReportHealth | rq.RepairInstance):
        return False
    if kind not in (GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET):
        return False
    only_extension = kind in (GroupKind.FLEXIBLE, GroupKind.AVAILABILITY_SET)
    if isinstance(request, rq.CreateGroup | rq.UpdateGroup):
        return only_extension and request.health_source is HealthSource.PROBE
    group = step.group_before
    if group is None or not isinstance(request, rq.ReportHealth | rq.RepairInstance):
        return False
    member = group.members.get(request.name)
    if member is None:
        return False
    if isinstance(request, rq.RepairInstance):
        return not group.repairs or member.health is not Health.UNHEALTHY
    return only_extension and request.source is HealthSource.PROBE


def _autoscales_on_a_stack(step: Step) -> bool:
    if isinstance(step.request, rq.Autoscale):
        return step.group_before is not None
    if isinstance(step.request, rq.UseCapability):
        return step.group_before is not None and step.request.capability is Capability.AUTOSCALE
    used = isinstance(step.request, rq.CreateGroup) and Capability.AUTOSCALE in step.request.capabilities
    return used or _bounds_asked(step) is not None


def _not_in_the_marketplace(step: Step) -> bool:
    if isinstance(step.request, rq.AddMarketplaceItem):
        return not step.before.marketplace.registered
    if _creates(step) is None:
        return False
    state = step.before.marketplace
    return not (state.registered and len(step.before.images) > 0 and state.item is ItemState.PRESENT)


def _absent(step: Step) -> bool:
    request, world = step.request, step.before
    # A query of Resource Graph for a group that is not there finds nothing, which is an answer.
    if step.key is not None and step.group_before is None:
        return not isinstance(request, rq.CreateGroup | rq.QueryResourceGraph)
    group = step.group_before
    if _batch_on_flexible(step) or _deletes_several(step):
        # There are no such operations, whatever members they name.
        return False
    names: set[str] = set()
    if isinstance(getattr(request, "name", None), str):
        names = {request.name}  # type: ignore[union-attr] # requests that have a name name a member
    for many in ("names", "scope"):
        names |= set(getattr(request, many, None) or ())
    if group is not None and not isinstance(request, rq.CreateVm) and any(one not in group.members for one in names):
        return not batch_has_to_wait(step)
    vm = getattr(request, "vm", None)
    if vm is not None and vm not in world.machines:
        return True
    if isinstance(request, rq.CancelRollout):
        return group is not None and group.rollout is None
    if isinstance(request, rq.GetProgress):
        return group is not None and group.rollout is None and not group.history
    if isinstance(request, rq.DeleteOsImage):
        return request.image not in world.images
    if isinstance(request, rq.ReplicateImage | rq.ExcludeImage | rq.ReleaseImage):
        return all(one.version != request.version for one in world.images.get(request.line, ()))
    return False


def _changes_what_creation_sets(step: Step) -> bool:
    request, group = step.request, step.group_before
    if not isinstance(request, rq.UpdateGroup) or group is None:
        return False
    pairs: list[tuple[object, object]] = [(request.zones, group.zones)]
    if group.fault_domain_count is not None or request.fault_domain_count is None:
        pairs.append((request.fault_domain_count, group.fault_domain_count))
    if step.before.edition.name in ("2017-05", "2018-06-stack") or group.kind is GroupKind.AVAILABILITY_SET:
        pairs.append((request.kind, group.kind))
    if group.profile is not None:
        pairs.append((request.priority, group.profile.priority))
    return any(asked is not UNCHANGED and asked != has for asked, has in pairs)


REFUSES: Mapping[str, Condition] = MappingProxyType(
    {
        "MODE-IMMUTABLE": _changes_mode,
        "MODE-2019": _unknown_mode("MODE-2019"),
        "MODE-2021": _unknown_mode("MODE-2021"),
        "PROFILE-VM-NONE": lambda step: (new := _creates(step, GroupKind.VM)) is not None and new.profile is not None,
        "PROFILE-SSVM-REQUIRED": lambda step: (
            (new := _creates(step, GroupKind.SCALE_SET_VM)) is not None and new.profile is None
        ),
        "ADD-EXPLICIT": _resizes_vms,
        "ADD-IMPLICIT": _creates_into_implicit,
        "ATTACH-DETACH-NEVER": _attaches,
        "DELETE-NONEMPTY-REJECTED": _deletes_nonempty,
        "DELETE-ONE": _deletes_several,
        "EMPTY-GROUP": _created_with_instances,
        "AUTOSCALE": _autoscales,
        "SAME-PLACE": _joins_elsewhere,
        "INSTANCE-TYPE": _through_the_wrong_api,
        "NAMING": _badly_named,
        "BATCH-OPS": _batch_on_flexible,
        "BOOTDIAG-API": _diagnoses_flexible,
        "EXTENSION-KIND": _wrong_extension,
        "REG-REQUIRED": lambda step: _unregistered(step) or _not_propagated(step),
        "REG-PROPAGATE": _not_propagated,
        "API-MIN-FLEX": _old_api,
        **{rule: _over_capacity(rule) for rule in _BOUNDS},
        "FDCOUNT-VM-2019": _domains_of_vm_groups,
        **{rule: _domains_out_of_range(rule) for rule in _DOMAINS},
        "FD-EXPLICIT": _names_a_domain,
        "FD-HA-SCOPE": _beyond_the_guarantee,
        "UD-2021": _update_domains_out_of_range,
        **{rule: _zones_out_of_range(rule) for rule in _ZONES},
        "SPG-VM-2019": _placement_groups(GroupKind.VM, refused=False),
        "SPG-FLEX": _placement_groups(GroupKind.FLEXIBLE, refused=True),
        "HEALTH-SOURCE": _wrong_health_source,
        "STACK-NO-AUTOSCALE": _autoscales_on_a_stack,
        "STACK-MARKETPLACE": _not_in_the_marketplace,
        "ARM-ABSENT": _absent,
        "ARM-IMMUTABLE": _changes_what_creation_sets,
    }
)
"""When each rule refuses: rules of sections A to C, G, I and K."""
