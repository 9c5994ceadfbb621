"""What holds of how members come and go, and of what is done to them."""

from __future__ import annotations

import re

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.values import Action, Api, Health, Power
from vmss_model.world import VmKey, artifacts_of


def concerns_departures(step: Step) -> bool:
    """Steps in which members go."""
    return bool(step.left)


def concerns_arrivals(step: Step) -> bool:
    """Steps in which members come."""
    return bool(step.joined)


def _is_delete(step: Step) -> bool:
    request = step.request
    return isinstance(request, rq.ActOnInstance | rq.ActOnGroup) and request.action is Action.DELETE


def joins_by_own_creation(step: Step) -> str | None:
    """In a group of standard VMs a member comes only by its own creation, one at a time."""
    if isinstance(step.request, rq.MoveGroup) or (isinstance(step.request, rq.CreateVm) and len(step.joined) == 1):
        return None
    return f"{type(step.request).__name__} brought {counted(len(step.joined), 'member')} into {step.key}"


def leaves_by_deletion(step: Step) -> str | None:
    """In a group of standard VMs a member goes only by a deletion, or stays with a group that moves."""
    if isinstance(step.request, rq.MoveGroup | rq.DeleteGroup) or _is_delete(step):
        return None
    return f"{type(step.request).__name__} took {in_words(step.left)} out of {step.key}"


def joins_by_the_group(step: Step) -> str | None:
    """Members of a group that makes them come from its profile and instance count, never from outside."""
    by_group = (rq.CreateGroup, rq.SetCapacity, rq.Autoscale, rq.RepairInstance, rq.MoveGroup)
    if isinstance(step.request, by_group):
        return None
    return f"{type(step.request).__name__} brought {counted(len(step.joined), 'member')} into {step.key}"


def concerns_attach(step: Step) -> bool:
    """Requests to attach or detach a VM, and whatever changes VMs."""
    asked = isinstance(step.request, rq.AttachVm | rq.DetachVm)
    return asked or (step.after is not step.before and step.before.machines is not step.after.machines)


def machines_keep_their_group(step: Step) -> str | None:
    """An existing VM neither joins a group nor leaves one while it exists."""
    if isinstance(step.request, rq.AttachVm | rq.DetachVm) and step.granted:
        return f"{type(step.request).__name__} was granted"
    if step.before.machines is step.after.machines or isinstance(step.request, rq.MoveGroup):
        return None
    for vm, key in sorted(step.before.machines.items()):
        if vm in step.after.machines and step.after.machines[vm] != key:
            return f"VM {vm} was in {key} and is in {in_words(step.after.machines[vm])}"
    return None


def concerns_deletion_requests(step: Step) -> bool:
    """Requests to delete a group that exists."""
    return isinstance(step.request, rq.DeleteGroup) and step.group_before is not None


def concerns_nonempty_deletions(step: Step) -> bool:
    """Requests to delete a group that has members."""
    return concerns_deletion_requests(step) and bool(step.group_before and step.group_before.members)


def nonempty_group_stays(step: Step) -> str | None:
    """A group that holds a VM is still there after a request to delete it, just as it was."""
    assert step.group_before is not None
    if step.group_after is step.group_before and not step.granted:
        return None
    return f"{step.key} was deleted with {counted(len(step.group_before.members), 'member')}"


def nonempty_deletion_answers_e3(step: Step) -> str | None:
    """The deletion of a group that holds a VM is refused with E3."""
    if any("E3" in refusal.rules for refusal in step.decision.refusals):
        return None
    return f"the deletion of {step.key} is refused by {in_words(step.refusing)}, not by E3"


def deletion_leaves_nothing(step: Step) -> str | None:
    """The deletion of a group that makes its members takes all of them along, with their NICs and disks."""
    assert step.group_before is not None
    if step.group_after is not None:
        return f"{step.key} is still there"
    for name in sorted(step.group_before.members):
        for artifact in artifacts_of(step.group_before.key, name):
            if artifact in step.after.artifacts:
                return f"{artifact} is still there after {step.key} was deleted"
    return None


def concerns_deleted_members(step: Step) -> bool:
    """Steps that delete members."""
    return bool(step.left) and not isinstance(step.request, rq.MoveGroup)


def artifacts_follow(step: Step) -> str | None:
    """NICs and disks of a deleted member are gone."""
    assert step.group_before is not None
    for name in step.left:
        for artifact in artifacts_of(step.group_before.key, name):
            if artifact in step.after.artifacts:
                return f"{artifact} is still there after member {name} was deleted"
    return None


def artifacts_remain(step: Step) -> str | None:
    """NICs and disks of a deleted VM remain, and nobody uses them."""
    assert step.group_before is not None
    for name in step.left:
        for artifact in artifacts_of(step.group_before.key, name):
            if step.after.artifacts.get(artifact, "nobody, it is gone") is not None:
                owner = step.after.artifacts.get(artifact, "nobody, it is gone")
                return f"after VM {name} was deleted {artifact} belongs to {owner}"
    return None


def concerns_new_ids(step: Step) -> bool:
    """Steps in which a group makes members."""
    return bool(step.joined) and not isinstance(step.request, rq.MoveGroup) and step.kind not in EXPLICIT_KINDS


def ids_grow(step: Step) -> str | None:
    """New instance ids are above every id that the group ever had."""
    assert step.key is not None
    highest = step.history.highest_ids.get(step.key, -1)
    for name in step.joined:
        if int(name) <= highest:
            return f"{step.key} made a member {name} after it had {highest}"
    return None


def concerns_autoscale(step: Step) -> bool:
    """The platform's own changes of the instance count of a group that exists."""
    return isinstance(step.request, rq.Autoscale) and step.group_before is not None


def autoscale_within_bounds(step: Step) -> str | None:
    """The platform sets an instance count only where bounds are configured, and within them."""
    assert isinstance(step.request, rq.Autoscale)
    assert step.group_before is not None
    bounds = step.group_before.autoscale
    if not step.granted or (bounds is not None and bounds.lowest <= step.request.capacity <= bounds.highest):
        return None
    return f"the platform set {step.request.capacity} instances, the bounds are {in_words(bounds)}"


def never_autoscales(step: Step) -> str | None:
    """The platform never sets the instance count of a kind without autoscale."""
    return f"the platform was allowed {in_words(step.request)}" if step.granted else None


def concerns_capacity_changes(step: Step) -> bool:
    """Granted changes of the instance count."""
    return isinstance(step.request, rq.SetCapacity | rq.Autoscale) and step.granted


def capacity_reached(step: Step) -> str | None:
    """After a granted change of the instance count the group has that many members."""
    assert isinstance(step.request, rq.SetCapacity | rq.Autoscale)
    count = len(step.group_after.members) if step.group_after is not None else None
    return None if count == step.request.capacity else f"{step.key} has {count} of {step.request.capacity} members"


def concerns_repairs(step: Step) -> bool:
    """Granted repairs."""
    return isinstance(step.request, rq.RepairInstance) and step.granted


def repair_replaces_one(step: Step) -> str | None:
    """A repair replaces one unhealthy member, and only where it is configured."""
    assert isinstance(step.request, rq.RepairInstance)
    group = step.group_before
    assert group is not None
    if not group.repairs or group.members[step.request.name].health is not Health.UNHEALTHY:
        member = in_words(group.members[step.request.name])
        return f"{step.request.name} of {step.key} was replaced: repairs: {in_words(group.repairs)}, it was {member}"
    if step.left != (step.request.name,) or len(step.joined) != 1:
        return f"a repair of {step.request.name} took {in_words(step.left)} and brought {in_words(step.joined)}"
    return None


def concerns_platform_names(step: Step) -> bool:
    """VMs that the platform names."""
    return isinstance(step.request, rq.CreateVm) and step.request.platform_names and "name" in step.picks


def platform_names_are_prefix_and_number(step: Step) -> str | None:
    """A name that the platform makes is the prefix and a number, and was not in use."""
    assert isinstance(step.request, rq.CreateVm)
    prefix, name = step.request.key.name, str(step.picks["name"])
    taken = VmKey(step.request.key.resource_group, name) in step.before.machines
    if taken or not re.fullmatch(re.escape(prefix) + "[0-9]+", name):
        return f"the platform made the name {name!r} of {prefix!r}, in use before: {in_words(taken)}"
    return None


# -- acting on members -----------------------------------------------------------------------------


def concerns_batches(step: Step) -> bool:
    """Batch operations on a group that exists."""
    return isinstance(step.request, rq.ActOnGroup) and step.group_before is not None


def no_batch_operations(step: Step) -> str | None:
    """A batch operation is never granted."""
    return f"{in_words(step.request)} was granted" if step.granted else None


def concerns_vm_calls(step: Step) -> bool:
    """Actions on a member through the API of standard VMs."""
    request, group = step.request, step.group_before
    return (
        isinstance(request, rq.ActOnInstance)
        and request.api is Api.VIRTUAL_MACHINE
        and group is not None
        and request.name in group.members
    )


def managed_through_the_group(step: Step) -> str | None:
    """A member that the group made is not managed as a standard VM."""
    return f"{in_words(step.request)} was granted" if step.granted else None


POWER_AFTER = {Action.START: Power.RUNNING, Action.DEALLOCATE: Power.DEALLOCATED}
"""The power state that an action alone leads to."""


def concerns_power(step: Step) -> bool:
    """Granted actions that settle the power state."""
    return isinstance(step.request, rq.ActOnInstance) and step.granted and step.request.action in POWER_AFTER


def power_shows(step: Step) -> str | None:
    """A started member runs, a deallocated one is deallocated."""
    assert isinstance(step.request, rq.ActOnInstance)
    assert step.group_after is not None
    power = step.group_after.members[step.request.name].power
    expected = POWER_AFTER[step.request.action]
    return None if power is expected else f"{step.request.name} is {power.value}, not {expected.value}"


def concerns_boot_diagnostics(step: Step) -> bool:
    """The scale set's boot-diagnostics calls."""
    return isinstance(step.request, rq.GetBootDiagnostics) and step.request.api is Api.SCALE_SET


def no_boot_diagnostics(step: Step) -> str | None:
    """The scale set's boot-diagnostics calls are never granted."""
    return f"{in_words(step.request)} was granted" if step.granted else None


def concerns_extensions(step: Step) -> bool:
    """Granted extensions."""
    return isinstance(step.request, rq.InstallExtension) and step.granted


def extensions_of_the_right_make(step: Step) -> str | None:
    """Flexible takes no extension that is made for Uniform instances."""
    assert isinstance(step.request, rq.InstallExtension)
    if not step.request.for_uniform:
        return None
    return f"{in_words(step.request)} was granted on a group of kind {in_words(step.kind)}"
