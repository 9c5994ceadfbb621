"""Standard VMs that are members of a scale set: created into it, changed, read. They never join or leave it later."""

from __future__ import annotations

from collections.abc import Mapping

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decisions import Decision
from vmss_model.editions import Says
from vmss_model.oracle.arm.actions import CHANGE, act_unseen, turned_out
from vmss_model.oracle.arm.belief import ABSENT, MAYBE, THERE, Belief, Effect, GroupBelief, Operation, without
from vmss_model.oracle.arm.effects import begin, status_links
from vmss_model.oracle.arm.judged import Context, Judged, believed
from vmss_model.oracle.arm.judging import failed_read, is_absent, is_accepted, judge_answer, judge_change, with_rules
from vmss_model.oracle.arm.member_reads import see_member, see_member_absent
from vmss_model.oracle.arm.requests import decide_on, vm_request
from vmss_model.oracle.arm.shapes import MemberFacts, child, member_facts, number, scale_set_key
from vmss_model.oracle.finding import Finding, Verdict, conforms, out_of_scope, unknown, violates
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.rules import implements
from vmss_model.world import GroupKey, VmKey

_IN_NO_GROUP = "a virtual machine that names no scale set"


def vm_key(context: Context) -> GroupKey:
    """Resource group and name of the standard VM that a URL names."""
    assert context.target.group is not None
    return GroupKey(context.target.group.resource_group, context.target.member)


def _may_change_group(group: GroupBelief) -> Says | None:
    """Whether a VM may be attached to the scale set or detached from it; None where no document says it."""
    return None if group.rules is None else group.rules.attach_detach


# -- changes ---------------------------------------------------------------------------------------


def change_vm(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """PUT or PATCH of a standard VM, in scope where it names a scale set or is a member of one."""
    vm = vm_key(context)
    body = request.body if request.body_recorded else response.body
    named = scale_set_key(child(body, "properties", "virtualMachineScaleSet", "id"))
    owner = belief.machines.get(vm)
    if owner is not None:
        group = believed(belief, owner, context)
        if request.method == "PATCH" or _is_there(group, vm.name, response):
            return _change_member(belief, group, vm, named, response, context)
        if named is None and group.presence == group.possible_presence(vm.name) == THERE:
            named = owner
    elif named is not None and (vm in belief.machines or request.method == "PATCH"):
        return _attach(belief, vm, named, response, context)
    if named is not None:
        return _create(belief, vm, believed(belief, named, context), body, response)
    belief = act_unseen(belief, vm, CHANGE, response)
    if request.method == "PUT" and is_accepted(response):
        lone = belief.machines.set(vm, None) if not status_links(response) else without(belief.machines, vm)
        belief = evolve(belief, machines=lone)
    return belief, out_of_scope(_IN_NO_GROUP)


def _is_there(group: GroupBelief, name: str, response: ArmResponse) -> bool:
    """Whether a PUT finds the VM there: surely, or as it was shown before and the answer does not call it new."""
    presence = group.possible_presence(name)
    shown = name in group.members.facts and name not in group.members.maybe
    return presence == THERE or (presence == MAYBE and shown and response.status == 200)


@implements("ADD-EXPLICIT", "ADD-IMPLICIT", "SAME-PLACE", "FD-EXPLICIT")
def _create(belief: Belief, vm: GroupKey, group: GroupBelief, body: object, response: ArmResponse) -> Judged:
    """A VM is created into a scale set."""
    decision = None
    if group.presence == ABSENT:
        decision = decide_on(group.edition, vm_request(vm, body, group.key))
    elif group.kind is not None:
        decision = join_decision(group, vm, body)
    finding = unknown("the scale set's mode is not known")
    if decision is not None:
        finding = judge_change(decision, response, f"creation of VM {vm.name}", group)
    if not is_accepted(response):
        return belief, finding
    belief, effect = vm_joins(belief, group, vm, number(child(body, "properties", "platformFaultDomain")))
    operation = Operation("", f"creation of VM {vm.name} into {group.key.name}", (effect,))
    return begin(belief, response, operation), with_rules(finding, response)


_PLACE_RULES = frozenset({"SAME-PLACE", "ZONES-FLEX", "ZONES-VM-2019"})


def join_decision(group: GroupBelief, vm: GroupKey, body: object) -> Decision:
    """What the documents allow of a VM's creation into a scale set: where that stands is held against it if known."""
    decision = decide_on(group.edition, vm_request(vm, body, group.key), group)
    if group.zones_known and group.certain("location") is not None:
        return decision
    reason = "in which region and zone the scale set is is not known"
    if decision.refused:
        by_place = all(_PLACE_RULES.issuperset(refusal.rules) for refusal in decision.refusals)
        return Decision(None, silent=reason) if by_place else decision
    return evolve(decision, open=(*decision.open, reason))


def vm_joins(
    belief: Belief, group: GroupBelief, vm: GroupKey, named: int | None, *, together: bool = False
) -> tuple[Belief, Effect]:
    """A VM joins: while others are being created in either order with them, while some leave at a time unknown."""
    history = group.history
    if history is not None and vm.name not in history.members:
        leaving = any(effect.removes or effect.removes_all for effect in group.under_way)
        together = together or any(effect.adds for effect in group.under_way)
        joined = history.joined(vm.name, named, automatic=named is None, together=together)
        # One that asks for a fault domain that is not there cannot be placed, so that it counts nowhere.
        placed = named is None or 0 <= named < history.domains
        group = evolve(group, history=joined if placed and not leaving else None)
    belief = evolve(belief.with_group(group), machines=belief.machines.set(vm, group.key))
    return belief, Effect(group.key, adds=frozenset({vm.name}))


@implements("ATTACH-DETACH-NEVER", "ADD-EXPLICIT")
def _attach(belief: Belief, vm: GroupKey, named: GroupKey, response: ArmResponse, context: Context) -> Judged:
    """A VM that exists, and surely stands alone where it is known, is asked to join a scale set."""
    group = believed(belief, named, context)
    asked = f"attaching of VM {vm.name} to {named.name}"
    finding = unknown("whether the VM is a member already, or the scale set's mode, is not known")
    if vm in belief.machines and group.kind is not None:
        decision = decide_on(group.edition, rq.AttachVm(VmKey(vm.resource_group, vm.name), named), group)
        finding = judge_answer(decision, response, asked)
    if not is_accepted(response):
        return belief, finding
    # Where it stands was chosen when it was created, by nothing that the documents say of this scale set.
    belief, effect = vm_joins(belief, evolve(group, history=None), vm, None)
    return begin(belief, response, Operation("", asked, (effect,))), with_rules(finding, response)


@implements("ATTACH-DETACH-NEVER", "ARM-ABSENT")
def _change_member(
    belief: Belief, group: GroupBelief, vm: GroupKey, named: GroupKey | None, response: ArmResponse, context: Context
) -> Judged:
    """A member is changed: it stays in its scale set, whatever else becomes of it."""
    asked = f"change of VM {vm.name}"
    if group.kind is not None and group.possible_presence(vm.name) == ABSENT:
        return belief, judge_answer(
            decide_on(group.edition, rq.GetInstance(group.key, vm.name), group), response, asked
        )
    finding = unknown("no document speaks of changing a VM's own properties")
    says = _may_change_group(group)
    if says is not None and named is not None and named != group.key:
        there = group.with_members(sure=group.members.sure | {vm.name})
        decision = decide_on(group.edition, rq.DetachVm(group.key, vm.name), there)
        finding = judge_answer(decision, response, f"moving of VM {vm.name} from {group.key.name} to {named.name}")
    elif says is not None and named is not None and is_accepted(response):
        finding = conforms(says.rule, expected=f"{vm.name} stays in {group.key}", seen=f"{asked} was accepted")
    if not is_accepted(response):
        return belief, finding
    shown = member_facts(response.body)
    if shown is not None and finding.verdict is not Verdict.VIOLATES:
        finding = _wrong_owner(group, evolve(shown, name=vm.name), response, context) or finding
    effect = Effect(group.key, latest=MAYBE, latest_of=frozenset({vm.name}), restarts=True)
    return begin(belief.with_group(group), response, Operation("", asked, (effect,))), with_rules(finding, response)


# -- reads -----------------------------------------------------------------------------------------


@implements("ATTACH-DETACH-NEVER")
def see_vm(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """A read of a standard VM, in scope where it is known or shown to be a member of a scale set."""
    vm = vm_key(context)
    facts = member_facts(response.body) if response.status == 200 else None
    problem: Finding | None = None
    owner = belief.machines.get(vm)
    if owner is None:
        if facts is None or facts.group is None:
            return _learn_lone(belief, vm, response, context), out_of_scope(_IN_NO_GROUP)
        owner = facts.group
        if vm in belief.machines:
            problem = _attached(believed(belief, owner, context), vm)
    belief = turned_out(belief, vm, believed(belief, owner, context))
    group = believed(belief, owner, context)
    if is_absent(response):
        return see_member_absent(belief, group, vm.name)
    if facts is None:
        return belief, failed_read(response)
    facts = evolve(facts, name=vm.name)
    problem = problem or _wrong_owner(group, facts, response, context)
    belief, finding = see_member(evolve(belief, machines=belief.machines.set(vm, owner)), group, facts)
    return belief, problem or finding


def learn_members(belief: Belief, group: GroupBelief, body: object) -> Belief:
    """What a listing of the members of a scale set tells of standard VMs: that they are members of it."""
    values = child(body, "value")
    if group.numbers_members or not isinstance(values, list):
        return belief
    names = (
        facts.name
        for value, facts in zip(values, map(member_facts, values), strict=True)
        if facts is not None and (group.by_name or child(value, "properties", "virtualMachineScaleSet") is not None)
    )
    shown = {GroupKey(group.key.resource_group, name): group.key for name in names}
    for vm in [vm for vm in shown if vm in belief.acted]:
        belief = turned_out(belief, vm, belief.groups.get(group.key, group))
    return evolve(belief, machines=belief.machines.update(shown)) if shown else belief


def _learn_lone(belief: Belief, vm: GroupKey, response: ArmResponse, context: Context) -> Belief:
    """What a read tells of a VM that is not known to be a member: it stands alone if it names no scale set."""
    if _shows_owner(response, context):
        return evolve(belief, machines=belief.machines.set(vm, None))
    return evolve(belief, machines=without(belief.machines, vm)) if is_absent(response) else belief


_NAMES_OWNER_SINCE = "2019-03-01"
"""The first API version in which a VM shows the scale set that it is a member of."""


def _shows_owner(response: ArmResponse, context: Context) -> bool:
    """Whether an answer that shows a VM also shows the scale set that it is a member of, if it is of one."""
    whole = isinstance(child(response.body, "properties"), Mapping)
    return response.status == 200 and whole and context.target.api_version >= _NAMES_OWNER_SINCE


def _attached(group: GroupBelief, vm: GroupKey) -> Finding | None:
    """A VM that stood alone and is shown as a member."""
    says = _may_change_group(group)
    if says is None:
        return None
    return violates(
        says.rule,
        expected=f"VM {vm.name} was created into no scale set, and joins none later",
        seen=f"it is shown in {group.key}",
        nearest="show no scale set",
    )


def _wrong_owner(group: GroupBelief, shown: MemberFacts, response: ArmResponse, context: Context) -> Finding | None:
    """A member that is shown in another scale set, or in none."""
    says = _may_change_group(group)
    if says is None or shown.group == group.key or not _shows_owner(response, context):
        return None
    if group.possible_presence(shown.name) != THERE or group.pending or group.platform_acts:
        return None
    return violates(
        says.rule,
        expected=f"VM {shown.name} stays in the scale set {group.key} that it was created into",
        seen=f"it is shown in {shown.group or 'no scale set'}",
        nearest=f"show the scale set {group.key}",
    )
