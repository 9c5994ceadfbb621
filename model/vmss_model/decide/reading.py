"""Sections A and G: what reads, listings and Resource Graph queries may answer."""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.answers import (
    Diagnostics,
    GraphShown,
    GroupShown,
    GroupsShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
)
from vmss_model.choices import Choice, OneOf
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.lookup import member_of
from vmss_model.decisions import Decision, Picks
from vmss_model.guards import may_still_show
from vmss_model.refusals import absent, not_allowed
from vmss_model.rules import implements
from vmss_model.values import Api
from vmss_model.world import GroupKey, Instance, World


@implements("ARM-READ-BACK")
def get_group(world: World, request: rq.GetGroup) -> Decision:
    """A read shows the group as it is."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    checks = Checks(world)
    checks.shaped_by("ARM-READ-BACK")
    return checks.decision(reply=lambda _: GroupShown(group))


@implements("ARM-LIST")
def list_groups(world: World, request: rq.ListGroups) -> Decision:
    """A listing shows exactly the groups of the resource group."""
    checks = Checks(world)
    checks.shaped_by("ARM-LIST")
    keys = frozenset(key for key in world.groups if key.resource_group == request.resource_group)
    return checks.decision(reply=lambda _: GroupsShown(keys))


@implements("LIST-IDS", "ARM-LIST", "CAPS-LIST-VMS")
def list_instances(world: World, request: rq.ListInstances) -> Decision:
    """A listing shows exactly the members: ids of standard VMs, or the instances themselves."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    checks = Checks(world)
    checks.shaped_by("ARM-LIST")
    says = world.rules_of(group).lists_ids
    if says is not None:
        checks.shaped_by(says.rule)
    if says is not None and says.value:
        return checks.decision(reply=lambda _: IdsShown(frozenset(group.members)))
    return checks.decision(reply=lambda _: InstancesShown(frozenset(group.members.values())))


@implements("GET-FRESH")
def get_instance(world: World, request: rq.GetInstance) -> Decision:
    """A read of one member shows it as it is."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    _, instance = found
    checks = Checks(world)
    checks.shaped_by("GET-FRESH" if world.edition.staleness is not None else "ARM-READ-BACK")
    return checks.decision(reply=lambda _: InstanceShown(instance))


@implements("ARG-STALE")
def query_resource_graph(world: World, request: rq.QueryResourceGraph) -> Decision:
    """Each VM is shown in some state it had within the window, each on its own."""
    staleness = world.edition.staleness
    if staleness is None:
        return silent(f"edition {world.edition.name} does not speak of Resource Graph")
    group = world.groups.get(request.key)
    if group is not None and world.rules_of(group).instance_api is not Api.VIRTUAL_MACHINE:
        return silent("Resource Graph shows standard VMs; this group's members are its own instances")
    checks = Checks(world)
    checks.shaped_by("ARG-STALE")
    options = graph_options(world, request.key, staleness)
    choices: tuple[Choice, ...] = tuple(
        OneOf(f"state of {name}", states, ("ARG-STALE",)) for name, states in sorted(options.items())
    )

    def reply(picks: Picks) -> GraphShown:
        shown: dict[str, Instance] = {}
        for name in options:
            state = picks[f"state of {name}"]
            if isinstance(state, Instance):
                shown[name] = state
        return GraphShown(shown)

    return checks.decision(choices, reply=reply)


def graph_options(world: World, key: GroupKey, staleness: int) -> dict[str, tuple[Instance | None, ...]]:
    """For each VM that names the group or did so within the window, the states a query may show."""
    group = world.groups.get(key)
    current = dict(group.members) if group is not None else {}
    options: dict[str, list[Instance | None]] = {name: [state] for name, state in current.items()}
    for vm, entries in world.recent.items():
        if vm.resource_group != key.resource_group:
            continue
        visible = [
            entry.state
            for entry in entries
            if entry.group.name == key.name and may_still_show(world.clock - entry.at, staleness)
        ]
        if visible:
            states = options.setdefault(vm.name, [None])
            states.extend(state for state in visible if state not in states)
    return {name: tuple(states) for name, states in options.items()}


@implements("BOOTDIAG-API", "INSTANCE-TYPE")
def get_boot_diagnostics(world: World, request: rq.GetBootDiagnostics) -> Decision:
    """Boot diagnostics come through the scale set's calls only where the group kind has them, else through the VM's."""
    found = member_of(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, _ = found
    rules = world.rules_of(group)
    says = rules.boot_diagnostics
    if says is None:
        return silent(f"edition {world.edition.name} does not speak of boot diagnostics on {group.kind.value}")
    checks = Checks(world)
    if request.api is Api.VIRTUAL_MACHINE:
        checks.require(
            "INSTANCE-TYPE",
            rules.instance_api is Api.VIRTUAL_MACHINE,
            lambda: not_allowed(
                "INSTANCE-TYPE",
                f"Instances of {group.kind.value} are not standard VMs: their calls do not reach them.",
                api=request.api.value,
                allowed=rules.instance_api.value,
            ),
        )
        return checks.decision(reply=lambda _: Diagnostics())
    checks.require(
        says.rule,
        says.value,
        lambda: not_allowed(
            says.rule,
            f"The scale set's boot-diagnostics calls are not available on {group.kind.value}.",
            name=request.name,
        ),
    )
    return checks.decision(reply=lambda _: Diagnostics())
