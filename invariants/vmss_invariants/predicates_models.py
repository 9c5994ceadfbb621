"""What holds of models: how they change, who comes to run them, and what is planned and shown.

Each predicate answers None, or one sentence that says what is broken. Numbers and orders of the documents stand here
a second time, on purpose.
"""

from __future__ import annotations

from collections import Counter

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.documented_versions import wanted
from vmss_invariants.steps import Step, those
from vmss_model import requests as rq
from vmss_model.answers import HeatMapShown, PlanShown
from vmss_model.images import CustomImage, ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.values import (
    Durability,
    Health,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    Power,
    Provisioning,
    UpgradeMode,
)
from vmss_model.world import Extension, Group, Instance, Profile, World

PLATFORM_IMAGES = 13
"""How many platform images automatic OS upgrades support."""
TYPE_HANDLER_VERSION = (1, 1)
"""The earliest version of the Service Fabric extension that they support."""


# -- in every world --------------------------------------------------------------------------------


def model_versions_in_range(_world: World, group: Group) -> str | None:
    """A member runs a version of the model that there is."""
    newest = group.model_version
    for member in those(group.members, lambda one: not 1 <= one.model_version <= newest):
        return f"member {member.name} of {group.key} runs model {member.model_version} of {newest}"
    return None


def eligible(_world: World, group: Group) -> str | None:
    """Automatic upgrades are on only on a group that is what they ask for."""
    profile = group.profile or Profile()
    problems = (
        _wrong_image(profile.image),
        _wrong_fabric(group, profile),
        _wrong_health(group, profile),
        _wrong_sequence(profile.extensions),
    )
    found = next((problem for problem in problems if problem), None)
    return f"{group.key} has automatic upgrades on, and {found}" if found else None


def _wrong_image(image: ImageReference | None) -> str | None:
    if image is None:
        return None
    if image.version != "latest":
        return f"names the version {image.version}"
    if isinstance(image.line, CustomImage):
        return f"a custom image, {image.line}"
    if isinstance(image.line, PlatformImage) and image.line not in SUPPORTED_IMAGES[:PLATFORM_IMAGES]:
        return f"an image that is not supported, {image.line}"
    return None


def _wrong_fabric(group: Group, profile: Profile) -> str | None:
    fabric = profile.service_fabric
    if fabric is None:
        return None
    bronze = fabric.cluster_durability is Durability.BRONZE
    if bronze and not fabric.stateless:
        return "durability Bronze with state"
    if fabric.cluster_durability is not fabric.extension_durability:
        return f"two durabilities, {in_words(fabric)}"
    if fabric.type_handler_version < TYPE_HANDLER_VERSION:
        return f"TypeHandlerVersion {fabric.type_handler_version}"
    if profile.operating_system is OperatingSystem.WINDOWS and profile.automatic_updates is not False:
        return f"enableAutomaticUpdates {in_words(profile.automatic_updates)} on Service Fabric"
    return "a load-balancer probe on Service Fabric" if _probed(group) and not bronze else None


def _probed(group: Group) -> bool:
    return group.health_source is HealthSource.PROBE


def _wrong_health(group: Group, profile: Profile) -> str | None:
    fabric = profile.service_fabric
    durable = fabric is not None and fabric.cluster_durability is not Durability.BRONZE
    if group.health_source is None and not durable:
        return "nobody reports health"
    basic = profile.load_balancer is LoadBalancer.BASIC
    return "a probe by a Basic load balancer" if _probed(group) and basic and _spread(group) else None


def _spread(group: Group) -> bool:
    return group.single_placement_group is False


def _wrong_sequence(extensions: tuple[Extension, ...]) -> str | None:
    """None where the extensions can be run in some order: each round takes those whose predecessors are done."""
    left, names = list(extensions), {one.name for one in extensions}
    done: set[str] = set()
    while left:
        ready = [one for one in left if not (set(one.after) & names) - done]
        if not ready:
            return f"extensions that come after themselves, {in_words(left)}"
        done |= {one.name for one in ready}
        left = [one for one in left if one not in ready]
    return None


# -- changes of a model ----------------------------------------------------------------------------


def concerns_model_changes(step: Step) -> bool:
    """Granted changes of a group's VM configuration model."""
    if not isinstance(step.request, rq.UpdateGroup) or not step.granted:
        return False
    old, new = step.group_before, step.group_after
    return old is not None and new is not None and old.profile != new.profile


def concerns_changes_for_later(step: Step) -> bool:
    """Those by another policy than Automatic."""
    if not concerns_model_changes(step) or step.group_after is None:
        return False
    return step.group_after.upgrade_mode is not UpgradeMode.AUTOMATIC


def concerns_changes_at_once(step: Step) -> bool:
    """Those by policy Automatic, on a group that has members."""
    if not concerns_model_changes(step) or step.group_after is None:
        return False
    return step.group_after.upgrade_mode is UpgradeMode.AUTOMATIC and bool(step.group_after.members)


def change_makes_a_version(step: Step) -> str | None:
    """A changed model is the next version of it."""
    assert step.group_before is not None
    assert step.group_after is not None
    before, after = step.group_before.model_version, step.group_after.model_version
    return None if after == before + 1 else f"{step.key} changed its model, version {before} became {after}"


def change_touches_nobody(step: Step) -> str | None:
    """A changed model touches no member before somebody or something upgrades it."""
    assert step.group_before is not None
    assert step.group_after is not None
    if step.group_after.members == step.group_before.members:
        return None
    changed = [now.name for _, _, now in step.changed_members]
    return f"a change of the model of {step.key} touched {in_words(changed)}"


def change_reaches_everybody(step: Step) -> str | None:
    """By policy Automatic a changed model is run by every member at once."""
    after = step.group_after
    assert after is not None
    behind = sorted(name for name, one in after.members.items() if one.model_version != after.model_version)
    return f"{in_words(behind)} of {step.key} do not run model {after.model_version}" if behind else None


def concerns_image_changes(step: Step) -> bool:
    """Granted changes from one platform image to another, or to another version of it."""
    if not isinstance(step.request, rq.UpdateGroup) or not step.granted:
        return False
    old, new = step.group_before, step.group_after
    images = [group.profile.image for group in (old, new) if group is not None and group.profile is not None]
    platform = [one for one in images if one is not None and isinstance(one.line, PlatformImage)]
    return len(platform) == 2


def publisher_and_offer_kept(step: Step) -> str | None:
    """Publisher and offer of a group's platform image are what they were."""
    found = []
    for group in (step.group_before, step.group_after):
        image = group.profile.image if group is not None and group.profile is not None else None
        assert image is not None
        assert isinstance(image.line, PlatformImage)
        found.append((image.line.publisher, image.line.offer))
    return None if found[0] == found[1] else f"{step.key} went from {in_words(found[0])} to {in_words(found[1])}"


def concerns_switching_on(step: Step) -> bool:
    """Automatic upgrades are switched on where the policy is Manual."""
    if step.after is step.before:
        return False
    old, new = step.group_before, step.group_after
    on = old is not None and new is not None and new.os_upgrade and not old.os_upgrade
    return on and new is not None and new.upgrade_mode is UpgradeMode.MANUAL


def nobody_takes_part_yet(step: Step) -> str | None:
    """No member takes part until it is brought to the newest model."""
    after = step.group_after
    assert after is not None
    part = sorted(name for name, one in after.members.items() if one.model_version >= after.opted_in_from)
    return f"{in_words(part)} of {step.key} take part, and nobody brought them to the newest model" if part else None


# -- members and what they run ---------------------------------------------------------------------


def concerns_members_with_disks(step: Step) -> bool:
    """Steps that change members which have data disks."""
    return any(was.data_disks for _, was, _ in step.changed_members)


def data_disks_kept(step: Step) -> str | None:
    """Whatever happens to a member, its data disks stay."""
    for group, was, now in step.changed_members:
        if was.data_disks != now.data_disks:
            return (
                f"member {now.name} of {group.key} had {counted(was.data_disks, 'data disk')} and has {now.data_disks}"
            )
    return None


def concerns_upgrade_calls(step: Step) -> bool:
    """Granted calls that upgrade instances."""
    return isinstance(step.request, rq.UpgradeInstances) and step.granted


def upgrade_calls_reach_the_named(step: Step) -> str | None:
    """An upgrade call brings the members it names to the newest model, and touches no other."""
    assert isinstance(step.request, rq.UpgradeInstances)
    after = step.group_after
    assert after is not None
    names = frozenset(after.members) if step.request.names is None else step.request.names
    behind = sorted(name for name in names if after.members[name].model_version != after.model_version)
    others = sorted(now.name for _, _, now in step.changed_members if now.name not in names)
    if behind or others:
        asked = f"an upgrade call for {in_words(sorted(names))}"
        return f"{asked} left {in_words(behind)} behind and touched {in_words(others)}"
    return None


def concerns_patches(step: Step) -> bool:
    """Patches inside a member that the edition speaks of."""
    return isinstance(step.request, rq.PatchInGuest) and step.granted


def patches_are_not_seen(step: Step) -> str | None:
    """A patch inside a member changes nothing that the group knows of."""
    return None if step.after == step.before else f"a patch inside {in_words(step.request)} changed the world"


def concerns_provisioning(step: Step) -> bool:
    """Members that get extensions of which one comes after another."""
    if not isinstance(step.request, rq.ProvisionInstance) or not step.granted or step.group_after is None:
        return False
    profile = step.group_after.profile
    return profile is not None and any(one.after for one in profile.extensions)


def extensions_in_sequence(step: Step) -> str | None:
    """Extensions run each after those it comes after, all of them or up to the one that fails."""
    assert isinstance(step.request, rq.ProvisionInstance)
    group = step.group_after
    assert group is not None
    member, profile = group.members[step.request.name], group.profile or Profile()
    after = {one.name: frozenset(one.after) for one in profile.extensions}
    for place, name in enumerate(member.provisioned):
        early = (after.get(name, frozenset()) & after.keys()) - set(member.provisioned[:place])
        if early or name not in after:
            return f"{name} of {member.name} ran before {in_words(sorted(early))}, in {in_words(member.provisioned)}"
    complete = sorted(member.provisioned) == sorted(after)
    if step.request.failing is None and (not complete or member.provisioning is not Provisioning.SUCCEEDED):
        got = f"{in_words(member.provisioned)} of {in_words(sorted(after))}"
        return f"{member.name} is {member.provisioning.value} with {got}"
    if step.request.failing is not None and member.provisioning is not Provisioning.FAILED:
        return f"{member.name} is {member.provisioning.value} although {step.request.failing} failed"
    return None


# -- planning and showing --------------------------------------------------------------------------


def concerns_plans(step: Step) -> bool:
    """Plans that are granted."""
    return isinstance(step.answer, PlanShown)


def _outdated(world: World, group: Group, member: Instance) -> bool:
    """Whether a member runs an older model, or another image than the model gives in the group's region."""
    if member.model_version < group.model_version:
        return True
    disk, given = member.os_disk, wanted(world, group)
    return given is not None and (disk is None or (disk.line, disk.version) != given)


def plans_name_each_once(step: Step) -> str | None:
    """A plan names every member that is out of date (of its scope) exactly once, and no other."""
    assert isinstance(step.request, rq.PlanRollout)
    group = step.group_before
    assert group is not None
    scope = group.members.keys() if step.request.scope is None else step.request.scope
    due = {name for name in scope if _outdated(step.before, group, group.members[name])}
    planned = Counter(name for one in step.request.steps for name in one)
    if planned == Counter(due) and all(step.request.steps):
        return None
    return f"a plan of {in_words(sorted(planned.elements()))} was granted, out of date are {in_words(sorted(due))}"


def plans_tell_of_downtime(step: Step) -> str | None:
    """What a plan says of members that stay up is so, and it is without downtime if no step takes all of them."""
    assert isinstance(step.request, rq.PlanRollout)
    assert isinstance(step.answer, PlanShown)
    assert step.group_before is not None
    running = {name for name, one in step.group_before.members.items() if one.power is Power.RUNNING}
    up = tuple(len(running - one) for one in step.request.steps)
    free = not running or all(up)
    if (step.answer.up, step.answer.free_of_downtime) == (up, free):
        return None
    said = "free of downtime" if step.answer.free_of_downtime else "not free of downtime"
    shown = f"{in_words(step.answer.up)} are up in its steps, and it is {said}"
    return f"the plan says that {shown}; of {len(running)} that run, {in_words(up)} are up"


def concerns_heat_maps(step: Step) -> bool:
    """Heat maps that are shown."""
    return isinstance(step.answer, HeatMapShown)


def heat_maps_show_each_once(step: Step) -> str | None:
    """A heat map has each member once, in the row of its domain, and says of it what is so."""
    assert isinstance(step.answer, HeatMapShown)
    group = step.group_before
    assert group is not None
    cells = [(domain, cell) for domain, row in step.answer.rows for cell in row]
    if sorted(cell.name for _, cell in cells) != sorted(group.members):
        return f"the heat map of {step.key} shows {in_words([cell.name for _, cell in cells])}"
    by_update = step.answer.by == "update domain"
    for domain, cell in cells:
        member = group.members[cell.name]
        if domain != (member.update_domain if by_update else member.fault_domain):
            return f"the heat map of {step.key} shows {cell.name} in {step.answer.by} {in_words(domain)}"
        if cell.state == "up to date" and not _is_as_it_should(group, member):
            return f"the heat map of {step.key} shows {cell.name} as {cell.state}, it is {in_words(member)}"
    return None


def _is_as_it_should(group: Group, member: Instance) -> bool:
    well = member.health is not Health.UNHEALTHY or group.health_source is None
    runs = member.power is Power.RUNNING and member.provisioning is Provisioning.SUCCEEDED
    return runs and well and member.model_version == group.model_version
