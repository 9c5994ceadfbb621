"""Section E: changes of a group's model, the upgrade policies, and instances brought to the newest model."""

from __future__ import annotations

from collections import Counter
from typing import Any

from vmss_model import requests as rq
from vmss_model.answers import HeatCell, HeatMapShown, PlanShown
from vmss_model.batches import ExtensionOrder, has_cycle
from vmss_model.capabilities import Capability
from vmss_model.copying import evolve
from vmss_model.decide.capabilities import check_group_capability
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.images import disk_of_model
from vmss_model.decide.lookup import member_of
from vmss_model.decisions import Decision, Picks, picked_tuple
from vmss_model.editions import Upgrades
from vmss_model.events import Event, InstanceChanged
from vmss_model.guards import keeps_some_running
from vmss_model.health import is_unhealthy, is_up
from vmss_model.images import OsDisk
from vmss_model.os_images import PlatformImage
from vmss_model.refusals import absent, invalid, not_allowed, unchangeable
from vmss_model.rollout import RollingPolicy, stage_of
from vmss_model.rules import implements
from vmss_model.values import UNCHANGED, Health, Power, Provisioning, Stage, UpgradeMode
from vmss_model.world import Group, Instance, Profile, World

API_BOUNDS = {
    "max_batch_percent": (5, 100),
    "max_unhealthy_percent": (5, 100),
    "max_unhealthy_upgraded_percent": (0, 100),
}
"""The bounds that the public API puts on a rolling upgrade policy; no document of the five states them."""


def speaks_of_models(world: World, group: Group) -> Upgrades | None:
    """What the edition says of model updates of the group's kind; None: nothing."""
    upgrades = world.edition.upgrades
    return upgrades if upgrades is not None and group.kind in upgrades.kinds else None


# -- changing the model ----------------------------------------------------------------------------


@implements("MODEL-VERSION", "UPGRADE-KIND", "STACK-IDENTICAL", "CAPS-2019-MODEL-UPDATES")
def changed_profile(checks: Checks, world: World, group: Group, request: rq.UpdateGroup) -> Profile | None:
    """The VM configuration model that a change asks for, checked; None where it stays as it is."""
    asked: dict[str, Any] = {
        name: value
        for name, value in (
            ("image", request.image),
            ("extensions", request.extensions),
            ("external", request.external),
            ("automatic_updates", request.automatic_updates),
        )
        if value is not UNCHANGED
    }
    if not asked:
        return None
    rules = world.rules_of(group)
    spoken_of = Capability.MODEL_UPDATES in rules.capabilities
    if spoken_of:
        check_group_capability(checks, world, group, Capability.MODEL_UPDATES)
    if rules.explicit:
        if not spoken_of:
            checks.leave_open(f"the documents do not speak of changing the model of {group.kind.value}")
        return None
    before = group.profile or Profile()
    after = evolve(before, **asked)
    check_sequence(checks, world, group, after)
    upgrades = speaks_of_models(world, group)
    if upgrades is None and not spoken_of:
        checks.leave_open(f"edition {world.edition.name} does not speak of changing a group's model")
    if before.image is not None and after.image is not None:
        _check_publisher(checks, upgrades, before, after)
    if after == before:
        return None
    if upgrades is not None and upgrades.model_version is not None:
        checks.shaped_by(upgrades.model_version)
    if upgrades is not None and upgrades.kinds_of_update is not None and after.image != before.image:
        checks.shaped_by(upgrades.kinds_of_update)
    return after


@implements("PUBLISHER-OFFER-FIXED")
def _check_publisher(checks: Checks, upgrades: Upgrades | None, before: Profile, after: Profile) -> None:
    assert before.image is not None
    assert after.image is not None
    old, new = before.image.line, after.image.line
    rule = upgrades.publisher_fixed if upgrades is not None else None
    if rule is None:
        return
    if not isinstance(old, PlatformImage) or not isinstance(new, PlatformImage):
        if type(old) is not type(new):
            checks.leave_open("the documents do not say whether a platform image can give way to a custom one")
        return
    was, asked = f"{old.publisher}:{old.offer}", f"{new.publisher}:{new.offer}"
    checks.require(rule, was == asked, lambda: unchangeable(rule, "imageReference publisher and offer", was, asked))


@implements("OSU-SWAP")
def check_sequence(checks: Checks, world: World, group: Group, profile: Profile) -> None:
    """The extensions can be run in an order: none comes after itself."""
    if not profile.extensions:
        return
    if world.edition.automatic_upgrades(group.kind) is None:
        if has_cycle(profile.extensions):
            checks.leave_open(f"edition {world.edition.name} does not speak of the order of extensions")
        return
    checks.require(
        "OSU-SWAP",
        not has_cycle(profile.extensions),
        lambda: invalid(
            "OSU-SWAP",
            "The extensions cannot be run in sequence: one of them comes after itself.",
            extensions=tuple(one.name for one in profile.extensions),
        ),
    )


@implements("CAPS-UPGRADE-POLICY")
def check_upgrade_policy(
    checks: Checks, world: World, group: Group, mode: UpgradeMode | None, rolling: RollingPolicy | None
) -> None:
    """An upgrade policy, where the group kind has one; its percentages, which only the public API bounds."""
    if mode is not None or rolling is not None:
        rule = world.edition.upgrade_rule(group.kind, mode or UpgradeMode.ROLLING)
        if rule is not None:
            checks.shaped_by(rule)
        if rule is None or Capability.UPGRADE_POLICY in world.rules_of(group).capabilities:
            check_group_capability(checks, world, group, Capability.UPGRADE_POLICY)
    if rolling is None:
        return
    for name, (lowest, highest) in API_BOUNDS.items():
        value = getattr(rolling, name)
        if not lowest <= value <= highest:
            checks.leave_open(f"no document bounds {name}; the public API takes {lowest} to {highest}, not {value}")


@implements("UPGRADE-MANUAL", "UPGRADE-AUTOMATIC", "UPGRADE-ROLLING")
def upgrades_that_follow(checks: Checks, world: World, group: Group, after: Group) -> tuple[Event, ...]:
    """What a change of the model does to the instances at once, by the upgrade policy."""
    mode = after.upgrade_mode
    if mode is None:
        checks.leave_open("no upgrade policy was set; the documents do not say what is used then")
        return ()
    rule = world.edition.upgrade_rule(group.kind, mode)
    if rule is not None:
        checks.shaped_by(rule)
    if mode is not UpgradeMode.AUTOMATIC:
        return ()
    disk = disk_of_model(world, after)
    names = sorted(group.members)
    return tuple(InstanceChanged(after.key, upgraded(group.members[name], after, disk)) for name in names)


@implements("OSU-SWAP")
def upgraded(instance: Instance, group: Group, disk: OsDisk | None, *, swaps: bool = False) -> Instance:
    """An instance brought to the group's newest model: a new OS disk where its image is another one.

    Its data disks stay. Its extensions run again, and nobody has reported its health yet. With `swaps` it
    gets a new OS disk in any case.
    """
    new_disk = swaps or (disk is not None and disk != instance.os_disk)
    return evolve(
        instance,
        model_version=group.model_version,
        os_disk=disk if disk is not None else instance.os_disk,
        previous_os_disk=instance.os_disk if new_disk else instance.previous_os_disk,
        provisioning=Provisioning.UPDATING,
        provisioned=(),
        health=Health.UNKNOWN,
    )


# -- instances -------------------------------------------------------------------------------------


@implements("UPGRADE-MANUAL")
def upgrade_instances(world: World, request: rq.UpgradeInstances) -> Decision:
    """Named members, or all, are brought to the newest model by an explicit call, whatever the policy."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    if speaks_of_models(world, group) is None:
        return silent(f"edition {world.edition.name} does not speak of upgrading instances of {group.kind.value}")
    names = sorted(group.members if request.names is None else request.names)
    for missing in (name for name in names if name not in group.members):
        return refused(absent("member", missing))
    checks = Checks(world)
    rule = world.edition.upgrade_rule(group.kind, UpgradeMode.MANUAL)
    if rule is not None:
        checks.shaped_by(rule)
    disk = disk_of_model(world, group)

    def effect(_picks: Picks) -> tuple[Event, ...]:
        behind = (group.members[name] for name in names if is_behind(group.members[name], group, disk))
        return tuple(InstanceChanged(group.key, upgraded(one, group, disk)) for one in behind)

    return checks.decision(effect=effect)


def is_behind(instance: Instance, group: Group, disk: OsDisk | None) -> bool:
    """Whether a member does not run the newest model, or not the image that the model gives now."""
    return instance.model_version < group.model_version or (disk is not None and instance.os_disk != disk)


@implements("UPGRADE-KIND", "CAPS-GUEST-PATCHING")
def patch_in_guest(world: World, request: rq.PatchInGuest) -> Decision:
    """Patching inside a member is no change of the model, and nothing that the group knows of."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, _ = found
    upgrades = speaks_of_models(world, group)
    kinds_of_update = None if upgrades is None else upgrades.kinds_of_update
    checks = Checks(world)
    if Capability.GUEST_PATCHING in world.rules_of(group).capabilities:
        check_group_capability(checks, world, group, Capability.GUEST_PATCHING)
    elif kinds_of_update is None:
        return silent(f"edition {world.edition.name} does not speak of patching inside an instance")
    if kinds_of_update is not None:
        rule = kinds_of_update
        checks.require(
            rule,
            # The other reading of finding F5: a patched guest needs a new group.
            "F5" not in world.edition.readings,
            lambda: not_allowed(rule, "An instance that is patched inside needs a new group.", name=request.name),
        )
        checks.leave_open("patching inside the guest is called supported, and then said to need a new group (F5)")
    return checks.decision()


@implements("OSU-SWAP")
def provision_instance(world: World, request: rq.ProvisionInstance) -> Decision:
    """A member whose OS disk or model is new gets its extensions, each after those it comes after."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, instance = found
    if instance.provisioning is not Provisioning.UPDATING:
        return silent("the documents do not speak of provisioning an instance whose extensions are not to run")
    extensions = (group.profile or Profile()).extensions
    if request.failing is not None and request.failing not in {one.name for one in extensions}:
        return silent(f"the model has no extension {request.failing}")
    if has_cycle(extensions):
        return silent("the documents do not speak of extensions that come after themselves")
    checks = Checks(world)
    choice = ExtensionOrder("order", extensions, request.failing)
    told = request.order
    if world.edition.automatic_upgrades(group.kind) is None:
        choice = evolve(choice, rules=())
    elif told is not None:
        checks.require(
            "OSU-SWAP",
            choice.allows(told),
            lambda: not_allowed("OSU-SWAP", f"Not the extensions' sequence: {choice.describe()}.", order=told),
        )
    elif extensions:
        checks.shaped_by("OSU-SWAP")
    if not checks.passed:
        return checks.decision()

    def effect(picks: Picks) -> tuple[Event, ...]:
        order = told if told is not None else tuple(map(str, picked_tuple(picks, "order")))
        state = Provisioning.SUCCEEDED if request.failing is None else Provisioning.FAILED
        return (InstanceChanged(group.key, evolve(instance, provisioning=state, provisioned=order)),)

    return checks.decision((choice,) if told is None else (), effect)


# -- planning and showing --------------------------------------------------------------------------


@implements("ROLLOUT-PLAN", "UPGRADE-NO-DOWNTIME")
def plan_rollout(world: World, request: rq.PlanRollout) -> Decision:
    """Steps are a plan where every member that is not at the newest model (of the scope) is in one of them.

    The answer says how many members stay up during each step, and whether the plan is free of downtime.
    """
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    upgrades = speaks_of_models(world, group)
    if upgrades is None:
        return silent(f"edition {world.edition.name} does not speak of planning a rollout")
    scope = request.scope
    for missing in sorted(name for name in scope or () if name not in group.members):
        return refused(absent("member", missing))
    disk = disk_of_model(world, group)
    behind = {
        name
        for name, member in group.members.items()
        if (scope is None or name in scope) and is_behind(member, group, disk)
    }
    checks = Checks(world)
    problems = _plan_problems(request.steps, behind)
    if upgrades.planning is None:
        if problems:
            return silent(f"edition {world.edition.name} does not speak of planning a rollout by hand")
    else:
        rule = upgrades.planning
        checks.require(
            rule,
            not problems,
            lambda: invalid(rule, f"Not a plan: {'; '.join(problems)}.", problems=tuple(problems)),
        )
    if not checks.passed:
        return checks.decision()
    shown = _plan_shown(group, request.steps)
    if upgrades.no_downtime is not None and shown.free_of_downtime:
        checks.shaped_by(upgrades.no_downtime)
    return checks.decision(reply=lambda _: shown)


def _plan_problems(steps: tuple[frozenset[str], ...], behind: set[str]) -> list[str]:
    planned = Counter(name for step in steps for name in step)
    missed, idle = sorted(behind - planned.keys()), sorted(planned.keys() - behind)
    twice = sorted(name for name, count in planned.items() if count > 1)
    return [
        f"{what}: {', '.join(names[:5])}{' and more' if len(names) > 5 else ''}"
        for what, names in (("left out", missed), ("not to be upgraded", idle), ("in more than one step", twice))
        if names
    ] + (["a step without instances"] if any(not step for step in steps) else [])


def _plan_shown(group: Group, steps: tuple[frozenset[str], ...]) -> PlanShown:
    running = {name for name, member in group.members.items() if member.power is Power.RUNNING}
    up = tuple(len(running - step) for step in steps)
    free = all(keeps_some_running(len(running & step), len(running)) for step in steps)
    return PlanShown(up, bool(free))


@implements("HEATMAP")
def show_heat_map(world: World, request: rq.ShowHeatMap) -> Decision:
    """A row for each update domain (or fault domain, where there are no others), a cell for each member."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    upgrades = speaks_of_models(world, group)
    if upgrades is None:
        return silent(f"edition {world.edition.name} does not speak of a heat map")
    checks = Checks(world)
    if upgrades.heat_map is not None:
        checks.shaped_by(upgrades.heat_map)
    return checks.decision(reply=lambda _: heat_map(group, disk_of_model(world, group)))


def heat_map(group: Group, disk: OsDisk | None) -> HeatMapShown:
    """The state of each member, by update domain where one is known, else by fault domain."""
    by_update_domain = any(member.update_domain is not None for member in group.members.values())
    rows: dict[int | None, list[HeatCell]] = {}
    for name in sorted(group.members, key=natural_order):
        member = group.members[name]
        domain = member.update_domain if by_update_domain else member.fault_domain
        rows.setdefault(domain, []).append(heat_cell(group, member, disk))
    order = sorted(rows, key=lambda domain: (domain is None, domain or 0))
    return HeatMapShown(
        "update domain" if by_update_domain else "fault domain",
        tuple((domain, tuple(rows[domain])) for domain in order),
    )


def natural_order(name: str) -> tuple[int, str]:
    """Instance ids by their number, other names after them."""
    return (int(name), "") if name.isdecimal() else (10**9, name)


def heat_cell(group: Group, member: Instance, disk: OsDisk | None) -> HeatCell:
    """The state of a member, the most pressing first."""
    stage = stage_of(group.rollout, member) if group.rollout is not None else Stage.OUT_OF_SCOPE
    if member.provisioning is Provisioning.FAILED or stage is Stage.FAILED:
        state = "failed"
    elif member.provisioning is Provisioning.UPDATING or stage is Stage.IN_PROGRESS:
        state = "upgrading"
    elif not is_up(member):
        state = "down"
    elif is_unhealthy(member, monitored=group.monitored):
        state = "unhealthy"
    else:
        state = "outdated" if is_behind(member, group, disk) else "up to date"
    return HeatCell(member.name, state, stage)
