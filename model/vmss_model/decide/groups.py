"""Section A for groups: creating, changing, moving and deleting them."""

from __future__ import annotations

from collections.abc import Iterable

from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.decide.capabilities import check_capability, health_source_rules
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.images import check_scale_out_image, disk_of_model
from vmss_model.decide.marketplace import check_marketplace
from vmss_model.decide.models import changed_profile, check_sequence, check_upgrade_policy, upgrades_that_follow
from vmss_model.decide.os_upgrades import check_os_upgrade
from vmss_model.decide.placement import (
    MANY,
    check_capacity,
    check_fault_domain_count,
    check_single_placement_group,
    check_update_domain_count,
    check_zones,
)
from vmss_model.decide.registration import check_api_version, check_registration
from vmss_model.decide.scaling import growth, joined
from vmss_model.decide.triggers import has_older, trigger_from
from vmss_model.decisions import Decision
from vmss_model.editions import KindRules, Presence
from vmss_model.events import (
    Event,
    GroupChanged,
    GroupCreated,
    GroupDeleted,
    GroupMoved,
    InstanceLeft,
    RolloutChanged,
)
from vmss_model.guards import may_delete_group, within
from vmss_model.refusals import absent, group_not_empty, invalid, not_allowed, unchangeable
from vmss_model.rules import implements
from vmss_model.values import UNCHANGED, Api, HealthSource, UpgradeMode
from vmss_model.world import AutoscaleBounds, Group, Profile, VmKey, World


@implements("MODE-2019", "MODE-2021")
def create_group(world: World, request: rq.CreateGroup) -> Decision:
    """A new group, refused by every rule of its kind that the request breaks."""
    edition = world.edition
    rules = edition.kinds.get(request.kind)
    if rules is None:
        return _unknown_kind(world, request)
    if request.key in world.groups:
        return silent(f"{request.key} exists: creating it again is a change of it")
    checks = Checks(world)
    if rules.mode_rule is not None:
        checks.shaped_by(rules.mode_rule)
    check_registration(checks, world, rules)
    check_api_version(checks, world, rules, request.api_version)
    check_marketplace(checks, world)
    zonal = bool(request.zones)
    check_zones(checks, rules, request.zones)
    check_fault_domain_count(checks, world, rules, request.fault_domain_count, request.region, zonal)
    check_update_domain_count(checks, rules, request.update_domain_count)
    check_single_placement_group(checks, rules, request.single_placement_group)
    _check_profile(checks, rules, request)
    _check_zone_balance(checks, rules, request.zone_balance)
    check_capacity(checks, rules, request.capacity, request.single_placement_group)
    _check_created_empty(checks, rules, request.capacity)
    _check_health_source(checks, rules, request.health_source)
    _check_autoscale(checks, rules, request.autoscale, zonal, request.single_placement_group)
    _check_repairs(checks, rules, request.repairs, zonal, request.single_placement_group)
    for capability in sorted(request.capabilities, key=lambda one: one.value):
        check_capability(checks, rules, capability, zonal, request.single_placement_group)
    group = _new_group(rules, request)
    check_upgrade_policy(checks, world, group, request.upgrade_mode, request.rolling)
    check_sequence(checks, world, group, group.profile or Profile())
    if request.os_upgrade:
        check_os_upgrade(checks, world, group, request.api_version)
    if request.capacity > 0 and not rules.explicit:
        check_scale_out_image(checks, world, group)
    if not checks.passed:
        return checks.decision()
    senseless = _senseless(request)
    if senseless:
        return silent(senseless)
    # Counted only now: before, the number of fault domains may be absurd.
    group = evolve(group, census=Census.empty(group.fault_domain_count, len(group.zones)))
    choices = () if rules.explicit else growth(checks, rules, group, request.capacity)
    return checks.decision(
        choices,
        lambda picks: (GroupCreated(group), *joined(world, group, picks, bool(choices))),
    )


def _senseless(request: rq.CreateGroup) -> str:
    """Why no document speaks of such a group, where no rule in force bounds it; empty where one may."""
    if request.capacity < 0:
        return "an instance count is not negative"
    if len(set(request.zones)) < len(request.zones):
        return "a group names each of its zones once"
    if request.fault_domain_count is not None and not within(request.fault_domain_count, 1, MANY):
        return f"no document speaks of {request.fault_domain_count} fault domains"
    if request.update_domain_count is not None and not within(request.update_domain_count, 0, MANY):
        return f"no document speaks of {request.update_domain_count} update domains"
    return ""


def _unknown_kind(world: World, request: rq.CreateGroup) -> Decision:
    modes = [rules for rules in world.edition.kinds.values() if rules.mode_rule is not None]
    if not modes:
        return silent(f"edition {world.edition.name} does not speak of orchestration modes")
    allowed = [rules.kind.value for rules in modes]
    rule = modes[0].mode_rule
    assert rule is not None
    if rule in world.edition.disabled:
        return silent(f"{rule} is switched off and nothing else says what a group of this kind is")
    return refused(
        invalid(
            rule,
            f"The value '{request.kind.value}' of parameter 'orchestrationMode' is not allowed. "
            f"Allowed values are: {', '.join(allowed)}.",
            orchestrationMode=request.kind.value,
            allowed=tuple(allowed),
        )
    )


def _new_group(rules: KindRules, request: rq.CreateGroup) -> Group:
    single = request.single_placement_group
    allowed = rules.single_placement_group
    if single is None and allowed is not None and len(allowed) == 1:
        (single,) = allowed
    return Group(
        key=request.key,
        kind=request.kind,
        region=request.region,
        zones=request.zones,
        fault_domain_count=request.fault_domain_count,
        update_domain_count=request.update_domain_count,
        single_placement_group=single,
        zone_balance=request.zone_balance,
        profile=request.profile,
        capacity=None if rules.explicit else request.capacity,
        health_source=request.health_source,
        autoscale=request.autoscale,
        repairs=request.repairs,
        capabilities=request.capabilities,
        upgrade_mode=request.upgrade_mode,
        rolling=request.rolling,
        os_upgrade=request.os_upgrade,
    )


@implements("PROFILE-VM-NONE", "PROFILE-SSVM-REQUIRED", "UNIFORM-IDENTICAL")
def _check_profile(checks: Checks, rules: KindRules, request: rq.CreateGroup) -> None:
    rule, given = rules.profile_rule, request.profile is not None
    if rule is None and given is rules.explicit:
        can = "can be created with" if given else "can be created without"
        checks.leave_open(f"the documents do not say whether {rules.kind.value} {can} a VM configuration model")
    if rule is not None:
        must = rules.profile is Presence.REQUIRED
        checks.require(
            rule,
            given == must,
            lambda: invalid(
                rule,
                f"{rules.kind.value} {'needs' if must else 'must not have'} a VM configuration model "
                "(virtualMachineProfile).",
                virtualMachineProfile=given,
            ),
        )
    if rules.identical is not None and request.profile is not None:
        checks.shaped_by(rules.identical.rule)


@implements("ZONES-SSVM-2019")
def _check_zone_balance(checks: Checks, rules: KindRules, asked: bool) -> None:
    if not asked:
        return
    says = rules.zone_balance
    if says is None:
        checks.leave_open(f"the documents do not give {rules.kind.value} a zone-balance strategy (ZONES-SSVM-2019)")
        return
    checks.require(
        says.rule,
        says.value,
        lambda: not_allowed(says.rule, f"{rules.kind.value} has no zone-balance strategy.", zoneBalance=True),
    )


@implements("EMPTY-GROUP")
def _check_created_empty(checks: Checks, rules: KindRules, capacity: int) -> None:
    says = rules.created_empty
    if says is None:
        if rules.explicit and capacity:
            checks.leave_open(f"the documents do not give {rules.kind.value} an instance count")
        return
    checks.require(
        says.rule,
        not says.value or capacity == 0,
        lambda: invalid(
            says.rule,
            f"A {rules.kind.value} group is created empty; {capacity} instances were asked for.",
            capacity=capacity,
        ),
    )


@implements("HEALTH-SOURCE", "CAPS-APPLICATION-HEALTH")
def _check_health_source(checks: Checks, rules: KindRules, source: HealthSource | None) -> None:
    if source is None:
        return
    if rules.health_sources is None:
        checks.leave_open(f"the documents do not say who reports health of {rules.kind.value}")
        return
    allowed = sorted(one.value for one in rules.health_sources)
    checks.require(
        "HEALTH-SOURCE",
        source in rules.health_sources,
        lambda: evolve(
            not_allowed(
                "HEALTH-SOURCE",
                f"Application health of {rules.kind.value} comes from {' or '.join(allowed)}, not from {source.value}.",
                source=source.value,
                allowed=tuple(allowed),
            ),
            rules=health_source_rules(rules),
        ),
    )


@implements("AUTOSCALE", "STACK-NO-AUTOSCALE")
def _check_autoscale(
    checks: Checks, rules: KindRules, bounds: AutoscaleBounds | None, zonal: bool, single: bool | None
) -> None:
    if bounds is None:
        return
    check_capability(checks, rules, Capability.AUTOSCALE, zonal, single)
    says = rules.autoscale
    # On Azure Stack the table's row and what is said of autoscale are one rule.
    if says is not None and says.rule != rules.capability_rules.get(Capability.AUTOSCALE):
        checks.require(
            says.rule,
            says.value,
            lambda: not_allowed(says.rule, f"{rules.kind.value} has no autoscale.", autoscale=True),
        )
    check_capacity(checks, rules, bounds.lowest, single)
    check_capacity(checks, rules, bounds.highest, single)


def _check_repairs(checks: Checks, rules: KindRules, asked: bool, zonal: bool, single: bool | None) -> None:
    if asked:
        check_capability(checks, rules, Capability.INSTANCE_REPAIR, zonal, single)


@implements("MODE-IMMUTABLE", "ARM-IMMUTABLE", "ARM-READ-BACK")
def update_group(world: World, request: rq.UpdateGroup) -> Decision:
    """A change of a group's properties; what only creation can set stays as it is."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    rules = world.rules_of(group)
    checks = Checks(world)
    changes: dict[str, object] = {}
    _check_immutables(checks, rules, group, request)
    zonal = bool(group.zones)
    if request.single_placement_group is not UNCHANGED:
        single = request.single_placement_group
        check_single_placement_group(checks, rules, single)
        check_capacity(checks, rules, group.census.members, single)
        for capability in sorted(group.capabilities, key=lambda one: one.value):
            check_capability(checks, rules, capability, zonal, single)
        if single is not group.single_placement_group:
            checks.leave_open("the documents do not say whether singlePlacementGroup can be changed later")
        changes["single_placement_group"] = single
    if request.health_source is not UNCHANGED:
        _check_health_source(checks, rules, request.health_source)
        changes["health_source"] = request.health_source
    if request.autoscale is not UNCHANGED:
        _check_autoscale(checks, rules, request.autoscale, zonal, group.single_placement_group)
        changes["autoscale"] = request.autoscale
    if request.repairs is not UNCHANGED:
        _check_repairs(checks, rules, request.repairs, zonal, group.single_placement_group)
        changes["repairs"] = request.repairs
    changes.update(_model_changes(checks, world, group, request))
    checks.shaped_by("ARM-READ-BACK")
    if not checks.passed:
        return checks.decision()
    after = evolve(group, **changes)  # type: ignore[arg-type] # the changes are fields of Group by name
    follow = upgrades_that_follow(checks, world, group, after) if after.profile != group.profile else ()
    stopped: tuple[Event, ...] = ()
    if group.rollout is not None and group.os_upgrade and not after.os_upgrade:
        stopped = (RolloutChanged(group.key, {"cancelled": True}),) if group.rollout.restores else ()
    return checks.decision(effect=lambda _: (GroupChanged(group.key, changes), *follow, *stopped) if changes else ())


@implements("MODEL-VERSION", "OSU-OPT-OUT", "OSU-MANUAL-POLICY")
def _model_changes(checks: Checks, world: World, group: Group, request: rq.UpdateGroup) -> dict[str, object]:
    """What changes about the model, the upgrade policy and automatic upgrades, by field name of `Group`."""
    changes: dict[str, object] = {}
    mode, rolling = request.upgrade_mode, request.rolling
    if mode is not UNCHANGED or rolling is not UNCHANGED:
        asked = None if rolling is UNCHANGED else rolling
        check_upgrade_policy(checks, world, group, None if mode is UNCHANGED else mode, asked)
        changes.update({"upgrade_mode": mode} if mode is not UNCHANGED else {})
        changes.update({"rolling": rolling} if rolling is not UNCHANGED else {})
    profile = changed_profile(checks, world, group, request)
    if profile is not None:
        changes.update({"profile": profile, "model_version": group.model_version + 1})
    asked_on = group.os_upgrade if request.os_upgrade is UNCHANGED else request.os_upgrade
    if asked_on:
        after = evolve(group, **changes)  # type: ignore[arg-type] # the changes are fields of Group by name
        if request.health_source is not UNCHANGED:
            after = evolve(after, health_source=request.health_source)
        if request.single_placement_group is not UNCHANGED:
            after = evolve(after, single_placement_group=request.single_placement_group)
        changes.update(_switched_on(checks, world, group, after, request))
    elif request.os_upgrade is False:
        if world.edition.automatic_upgrades(group.kind) is not None:
            checks.shaped_by("OSU-OPT-OUT")
        changes.update({"os_upgrade": False, "trigger": None})
    return changes


@implements("OSU-MANUAL-POLICY", "OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "OSU-CREDENTIALS")
def _switched_on(
    checks: Checks, world: World, group: Group, after: Group, request: rq.UpdateGroup
) -> dict[str, object]:
    """Automatic upgrades switched on, or kept on over a change of the model: what changes, and the next rollout."""
    looked_at = ("profile", "health_source", "single_placement_group")
    if request.os_upgrade is not True and all(getattr(after, name) == getattr(group, name) for name in looked_at):
        return {}
    check_os_upgrade(checks, world, after, request.api_version)
    changes: dict[str, object] = {}
    if not group.os_upgrade:
        manual = after.upgrade_mode is UpgradeMode.MANUAL
        version = max(after.model_version, group.model_version + 1) if manual else after.model_version
        changes = {"os_upgrade": True, "model_version": version, "opted_in_from": version if manual else 0}
        after = evolve(after, **changes)  # type: ignore[arg-type] # the changes are fields of Group by name
    automatic = world.edition.automatic_upgrades(group.kind)
    disk = disk_of_model(world, after)
    if automatic is None or disk is None:
        return changes
    before = disk_of_model(world, group)
    live = group.trigger is not None and before is not None and has_older(group, before.line, before.version)
    if not live and has_older(after, disk.line, disk.version):
        trigger = trigger_from(automatic, after, world.clock)
        checks.shaped_by(*trigger.window.rules)
        changes["trigger"] = trigger
    return changes


def _check_immutables(checks: Checks, rules: KindRules, group: Group, request: rq.UpdateGroup) -> None:
    if request.kind is not UNCHANGED:
        says = rules.mode_immutable
        rule = says.rule if says is not None else "ARM-IMMUTABLE"
        if says is None or says.value:
            _check_unchanged(checks, rule, "orchestrationMode", group.kind.value, request.kind.value)
    if request.zones is not UNCHANGED:
        _check_unchanged(checks, "ARM-IMMUTABLE", "zones", group.zones, request.zones)
    if request.fault_domain_count is not UNCHANGED:
        before, asked = group.fault_domain_count, request.fault_domain_count
        if before is None and asked is not None:
            checks.leave_open("how many fault domains the service gave the group is not known (ARM-IMMUTABLE)")
        else:
            _check_unchanged(checks, "ARM-IMMUTABLE", "platformFaultDomainCount", before, asked)
    if request.priority is not UNCHANGED and group.profile is not None:
        before_priority = group.profile.priority.value
        _check_unchanged(checks, "ARM-IMMUTABLE", "priority", before_priority, request.priority.value)


def _check_unchanged(checks: Checks, rule: str, name: str, before: object, asked: object) -> None:
    checks.require(rule, before == asked, lambda: unchangeable(rule, name, before, asked))


@implements("MOVE")
def move_group(world: World, request: rq.MoveGroup) -> Decision:
    """A group moves to another resource group with its members, where no name is taken."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    says = world.rules_of(group).movable
    if says is None:
        return silent(f"edition {world.edition.name} does not speak of moving {group.kind.value}")
    if request.to == request.key.resource_group:
        return silent("a move to the same resource group is no move")
    moved = evolve(request.key, resource_group=request.to)
    if moved in world.groups or any(VmKey(request.to, name) in world.machines for name in _machines_of(world, group)):
        return silent("the documents do not say what a move onto a taken name does")
    checks = Checks(world)
    checks.require(
        says.rule,
        says.value,
        lambda: not_allowed(says.rule, f"A {group.kind.value} group cannot be moved.", to=request.to),
    )
    return checks.decision(effect=lambda _: (GroupMoved(request.key, request.to),))


def _machines_of(world: World, group: Group) -> Iterable[str]:
    """The names of the members that are standard VMs."""
    return group.members if world.rules_of(group).instance_api is Api.VIRTUAL_MACHINE else ()


@implements("DELETE-NONEMPTY-REJECTED", "DELETE-CASCADES", "E3")
def delete_group(world: World, request: rq.DeleteGroup) -> Decision:
    """An empty group goes; a non-empty one is kept or takes its members along, by its kind."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    checks = Checks(world)
    says = world.rules_of(group).delete_nonempty
    members = group.census.members
    if says is not None and not says.value:
        checks.require(says.rule, may_delete_group(members, True), lambda: group_not_empty(members, says.rule))
    elif says is not None:
        checks.shaped_by(says.rule)
    elif members:
        checks.leave_open(f"the documents do not say whether a {group.kind.value} with members can be deleted")

    def effect(_picks: object) -> tuple[Event, ...]:
        return (*(InstanceLeft(group.key, name) for name in sorted(group.members)), GroupDeleted(group.key))

    return checks.decision(effect=effect)
