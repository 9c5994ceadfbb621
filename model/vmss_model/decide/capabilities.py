"""Section D: every row of the capability tables, asked for on a group."""

from __future__ import annotations

from collections.abc import Callable

from vmss_model import requests as rq
from vmss_model.capabilities import Capability, Cell, Support
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decisions import Decision
from vmss_model.editions import KindRules
from vmss_model.events import GroupChanged
from vmss_model.guards import fault_domain_guarantee_holds
from vmss_model.refusals import absent, not_allowed
from vmss_model.rules import implements
from vmss_model.rules.d_capabilities import RULES as CAPABILITY_RULES
from vmss_model.world import Group, World

Condition = Callable[[bool, "bool | None"], bool]
"""A condition of a table cell: (is the group zonal, singlePlacementGroup) -> is it met."""

CONDITIONS: dict[str, Condition] = {
    "zonal-only": lambda zonal, _spg: zonal,
    "single-placement-group-only": lambda _zonal, spg: spg is not False,
}
"""Cells whose condition the group's own properties decide. Every other condition restricts how a
capability is used (a size, a priority, a tool), which the request that uses it is checked for."""


@implements(*(rule.id for rule in CAPABILITY_RULES))
def check_capability(
    checks: Checks, rules: KindRules, capability: Capability, zonal: bool, single_placement_group: bool | None
) -> None:
    """A capability as the table's cell of this kind says; where there is no cell, either way is allowed."""
    cell = rules.capabilities.get(capability)
    if cell is None:
        checks.leave_open(f"the documents do not say whether {rules.kind.value} has {capability.value}")
        return
    if cell.support is Support.NOT_APPLICABLE:
        checks.leave_open(_unanswered(rules, capability))
        return
    rule = rules.capability_rules[capability]
    checks.require(
        rule,
        _granted(cell, zonal, single_placement_group),
        lambda: not_allowed(
            rule,
            f"{rules.kind.value} does not have {capability.value}"
            + (f" but under the condition {cell.condition}." if cell.condition else "."),
            capability=capability.value,
            support=cell.support.value,
            condition=cell.condition,
        ),
    )


def _unanswered(rules: KindRules, capability: Capability) -> str:
    note = rules.capabilities[capability].note
    if note:
        return f"the documents do not answer {capability.value} on {rules.kind.value}: {note}"
    return f"the documents' answer to {capability.value} on {rules.kind.value} is that the question does not arise"


def _granted(cell: Cell, zonal: bool, single_placement_group: bool | None) -> bool:
    if cell.support is Support.CONDITIONAL and cell.condition in CONDITIONS:
        return CONDITIONS[cell.condition](zonal, single_placement_group)
    return cell.support in (Support.YES, Support.CONDITIONAL)


def check_group_capability(checks: Checks, world: World, group: Group, capability: Capability) -> None:
    """A capability asked for on an existing group."""
    check_capability(checks, world.rules_of(group), capability, bool(group.zones), group.single_placement_group)


def health_source_rules(rules: KindRules) -> tuple[str, ...]:
    """The rules that say who may report health: the one on it, and the row of the table."""
    row = rules.capability_rules.get(Capability.APPLICATION_HEALTH)
    return ("HEALTH-SOURCE",) if row is None else ("HEALTH-SOURCE", row)


def use_capability(world: World, request: rq.UseCapability) -> Decision:
    """A capability is switched on for an existing group."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    if request.capability not in world.rules_of(group).capabilities:
        return silent(f"edition {world.edition.name} does not speak of {request.capability.value} here")
    if world.rules_of(group).capabilities[request.capability].support is Support.NOT_APPLICABLE:
        return silent(_unanswered(world.rules_of(group), request.capability))
    checks = Checks(world)
    check_group_capability(checks, world, group, request.capability)
    used = group.capabilities | {request.capability}
    return checks.decision(effect=lambda _: (GroupChanged(group.key, {"capabilities": used}),))


@implements("FD-HA-SCOPE")
def ask_fault_domain_guarantee(world: World, request: rq.AskFaultDomainGuarantee) -> Decision:
    """Fault-domain availability is guaranteed up to a number of instances of the kind."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    limit = world.rules_of(group).fault_domain_guarantee
    if limit is None:
        return silent(f"edition {world.edition.name} does not speak of a fault-domain guarantee")
    checks = Checks(world)
    checks.require(
        limit.rule,
        fault_domain_guarantee_holds(group.census.members, limit.highest),
        lambda: not_allowed(
            limit.rule,
            f"Fault-domain availability is guaranteed up to {limit.highest} instances; "
            f"the group has {group.census.members}.",
            members=group.census.members,
            highest=limit.highest,
        ),
    )
    return checks.decision()
