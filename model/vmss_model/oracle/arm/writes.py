"""Requests that change something: judged by the model's own decision, then followed until they end."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from immutables import Map

from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.copying import evolve
from vmss_model.decisions import Decision
from vmss_model.oracle.arm import upgrades
from vmss_model.oracle.arm.actions import DIAGNOSTICS, KEEPS_MODEL, act_unseen, disturbed_by, effect_of
from vmss_model.oracle.arm.belief import (
    ABSENT,
    AUTOSCALED,
    MAYBE,
    MISSED,
    THERE,
    Belief,
    Effect,
    GroupBelief,
    Operation,
    without,
)
from vmss_model.oracle.arm.effects import begin, status_links
from vmss_model.oracle.arm.facts import group_facts
from vmss_model.oracle.arm.group_reads import learn_group, see_group, set_later
from vmss_model.oracle.arm.judged import Context, Judged, believed
from vmss_model.oracle.arm.judging import is_accepted, judge_acceptance, judge_answer, judge_change, with_rules
from vmss_model.oracle.arm.profiles import capabilities_of, health_source_of, profile_of
from vmss_model.oracle.arm.requests import (
    ACTIONS,
    create_request,
    decide_on,
    decide_on_named,
    named_in,
    unheard,
    update_request,
)
from vmss_model.oracle.arm.shapes import (
    Fact,
    child,
    error_of,
    has_profile,
    is_scale_set,
    kind_shown,
    number,
    resource_key,
    scale_set_key,
    subscription_in,
    text,
    texts,
    truth,
)
from vmss_model.oracle.arm.vms import join_decision, vm_joins, vm_key
from vmss_model.oracle.finding import Finding, Verdict, conforms, out_of_scope, unknown, violates
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.oracle.regional import in_any_region
from vmss_model.refusals import not_registered, single_placement_group_not_allowed
from vmss_model.rules import implements
from vmss_model.rules.f_os_upgrades import RULES as F_RULES
from vmss_model.values import Action, Api, GroupKind
from vmss_model.world import GroupKey

# -- scale sets ------------------------------------------------------------------------------------


@implements("ARM-READ-BACK", "ARM-IMMUTABLE")
def change_group(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """PUT or PATCH of a scale set: a creation or a change."""
    key = context.target.group
    assert key is not None
    body = request.body if request.body_recorded else response.body
    group = believed(belief, key, context, body)
    if request.method == "PUT" and response.status == 201:
        group = _perhaps_anew(group)
    decision = _change_decision(group, request, response, context)
    asked = f"{request.method} of {key.name}"
    judge = judge_change if request.method == "PATCH" else judge_answer
    finding = judge(decision, response, asked, group) if decision is not None else None
    if not is_accepted(response):
        misused = _misused_error(group, request, response)
        if misused is not None and (finding is None or finding.verdict is not Verdict.VIOLATES):
            finding = misused
        return belief, finding or unknown("what was asked for is not recorded")
    finding = finding or _acceptance_without_request(group)
    return _accept_change(belief, group, request, response, finding)


def _perhaps_anew(group: GroupBelief) -> GroupBelief:
    """A scale set that is created or changed: nothing of it is known now if what was missed may have deleted it."""
    if group.presence != THERE or MISSED not in group.pending:
        return group
    return evolve(GroupBelief.unwatched(group.key, group.edition), presence=THERE)


def _is_no_creation(response: ArmResponse) -> bool:
    """Whether a PUT is refused as only a change can be."""
    error = error_of(response.body)
    return error is not None and error[0].lower() == "propertychangenotallowed"


@implements("E1", "E4")
def _misused_error(group: GroupBelief, request: ArmRequest, response: ArmResponse) -> Finding | None:
    """One of the documents' exact errors about `singlePlacementGroup`, where it cannot be the answer.

    E1 answers a Flexible group asked for without a single placement group, E4 one asked for with it; the
    code of both is InvalidParameter. Editions before the Flexible preview do not know these errors.
    """
    error = error_of(response.body)
    if error is None or group.edition.registration is None or not request.body_recorded:
        return None
    asked = truth(child(request.body, "properties", "singlePlacementGroup"))
    # The shape of a body tells the mode only of what is created by it.
    named = request.method == "PUT" or text(child(request.body, "properties", "orchestrationMode")) is not None
    kind = (kind_shown(request.body, group.edition.name) if named else None) or group.kind
    for refusal, fits in (
        (not_registered(), asked is not True),
        (single_placement_group_not_allowed("SPG-FLEX"), asked is True),
    ):
        if error[1].rstrip(".") != refusal.message.rstrip("."):
            continue
        if error[0] == refusal.code and fits and kind in (GroupKind.FLEXIBLE, None):
            return None
        shape = "with" if asked is True else "without"
        return violates(
            *(refusal.rules if "E4" in refusal.rules else ("E1",)),
            expected=f"{refusal.code}: {refusal.message} answers a Flexible group asked for "
            f"{'with' if 'E4' in refusal.rules else 'without'} a single placement group, and nothing else",
            seen=f"{error[0]}: {error[1]} answers a group asked for {shape} one",
            nearest="accept it, or answer with the error of the rule that refuses it",
        )
    return None


def _change_decision(
    group: GroupBelief, request: ArmRequest, response: ArmResponse, context: Context
) -> Decision | None:
    """What the documents allow, or None where the request itself is not recorded or cannot be told."""
    api_version = context.target.api_version
    if not request.body_recorded:
        return None
    # What surely exists is changed by a PUT, also where the answer is 201.
    if request.method == "PUT" and group.presence != THERE:
        asked = create_request(group.key, request.body, group.edition, api_version)
        if asked is None:
            return None
        if group.presence == MAYBE and _is_no_creation(response):
            return Decision(None, silent="the refusal of a change says that the scale set exists, which was not known")
        decision = decide_on(group.edition, asked)
        return decision if is_accepted(response) else in_any_region(decision, group.edition, asked)
    if group.presence == ABSENT:
        return decide_on(group.edition, rq.UpdateGroup(key=group.key))
    if group.kind is None:
        return None
    asked_for = update_request(group, request.body, api_version, whole=request.method == "PUT")
    changed = decide_on(group.edition, asked_for, _scaled_in(group, request.body))
    changed = evolve(changed, open=(*changed.open, *unheard(group, request.body)))
    if changed.refused:
        return _unless_model_is_open(group, changed)
    for capability in sorted(capabilities_of(request.body), key=lambda one: one.value):
        used = decide_on(group.edition, rq.UseCapability(group.key, capability), group)
        if used.refused and not (capability is Capability.ULTRA_SSD and not group.zones_known):
            return used
    resized = _capacity_decision(group, request.body)
    return changed if resized is None else evolve(resized, open=(*resized.open, *changed.open))


_MODEL_RULES = frozenset(rule.id for rule in F_RULES) | {"PUBLISHER-OFFER-FIXED"}


def _unless_model_is_open(group: GroupBelief, decision: Decision) -> Decision:
    """A refusal by what the model holds now counts only where that is known."""
    by_model = all(_MODEL_RULES.issuperset(refusal.rules) for refusal in decision.refusals)
    if not by_model or (group.profile is not None and not group.pending and not group.unsettled):
        return decision
    return Decision(None, silent="what the scale set's model is now cannot be told")


def _capacity_asked(group: GroupBelief, body: object) -> int | None:
    """The instance count that a body asks for, where the group has one."""
    return number(child(body, "sku", "capacity")) if group.numbers_members else None


def _scaled_in(group: GroupBelief, body: object) -> GroupBelief:
    """The group with no more instances than a body asks for: what else it asks for holds of those that stay."""
    asked, sure = _capacity_asked(group, body), group.members.sure
    if asked is None or not 0 <= asked < len(sure):
        return group
    return group.with_members(sure=frozenset(sorted(sure)[:asked]))


def _capacity_decision(group: GroupBelief, body: object) -> Decision | None:
    """The decision on a change of capacity, where the body asks for one: with the placement groups it asks for."""
    asked = _capacity_asked(group, body)
    if asked is None:
        return None
    single = truth(child(body, "properties", "singlePlacementGroup"))
    after = group if single is None else group.narrowed({"singlePlacementGroup": single})
    return decide_on(group.edition, rq.SetCapacity(group.key, asked), after)


def _acceptance_without_request(group: GroupBelief) -> Finding:
    if group.presence == THERE:
        return unknown("what was asked for is not recorded, or the orchestration mode cannot be told")
    return unknown("nothing was known of the scale set")


def _accept_change(
    belief: Belief, group: GroupBelief, request: ArmRequest, response: ArmResponse, finding: Finding
) -> Judged:
    was_new = group.presence == ABSENT or (group.presence == MAYBE and response.status == 201)
    asked = group_facts(request.body) if request.body_recorded else {}
    shown = group_facts(response.body) if is_scale_set(response.body) else {}
    if was_new:
        group = _born(group, request.body, finding)
    changed = {**shown, **asked}
    mismatch = set_later(group, changed) or _echo(group, asked, shown)
    latest = THERE if was_new else upgrades.latest_after(group, request.body, asked)
    group = group.narrowed(changed) if was_new else group.widened(changed, keep_others=request.method == "PATCH")
    group = evolve(group, policy=upgrades.policy_now(group)) if was_new else upgrades.after_change(group, latest)
    if group.kind is None and is_scale_set(response.body):
        kind = kind_shown(response.body, group.edition.name)
        group = evolve(group, kind=kind if kind in group.edition.kinds else None)
    effect = Effect(
        group.key,
        presence=True,
        facts=tuple(changed.items()),
        resizes="sku.capacity" in asked or not asked,
        latest=latest,
        restarts=not was_new and group.upgrades_itself,
    )
    operation = Operation("", f"{request.method} of scale set {group.key.name}", (effect,))
    belief = begin(belief.with_group(group), response, operation)
    if is_scale_set(response.body):
        belief = belief.with_group(_learn_answer(belief.groups[group.key], response.body, asked, shown))
    if has_profile(request.body) and not has_profile(response.body):
        # What else its model has need not be what it had: another image, say, has other settings.
        belief = belief.with_group(evolve(belief.groups[group.key], profile=None))
    if mismatch is not None and finding.verdict is not Verdict.VIOLATES:
        return belief, mismatch
    return belief, with_rules(finding, response, echoed=bool(shown))


def _learn_answer(
    group: GroupBelief, body: object, asked: Mapping[str, Fact], shown: Mapping[str, Fact]
) -> GroupBelief:
    """What the answer to a change says of a scale set: while that is under way, what is to be need not be there yet."""
    told = {name: value for name, value in shown.items() if not group.pending or name not in asked}
    learnt = evolve(learn_group(group, body, told), presence=group.presence)
    profile = profile_of(body)
    return learnt if profile is None else evolve(learnt, profile=profile, health_source=health_source_of(body))


def _born(before: GroupBelief, body: object, finding: Finding) -> GroupBelief:
    """A group just created by a body: no member was there before, and none but its own can come."""
    kind = kind_shown(body, before.edition.name)
    group = GroupBelief(before.key, before.edition, kind=kind if kind in before.edition.kinds else None)
    members = evolve(group.members, closed=group.by_name, latest_else=THERE, deallocated=False)
    history = _history_of(group, body) if _places_as_granted(finding) else None
    return evolve(
        group, created=True, members=members, may_roll=False, rolls_else=False, rolled=ABSENT, history=history
    )


_ABOUT_UPGRADES = _MODEL_RULES | {"CAPS-UPGRADE-POLICY", "CAPS-OS-UPGRADE"}


def _places_as_granted(finding: Finding) -> bool:
    """Whether a creation was granted but for its upgrade policy, which says nothing of where VMs go."""
    if finding.verdict is Verdict.VIOLATES:
        return _ABOUT_UPGRADES.issuperset(finding.rules)
    return finding.verdict is Verdict.CONFORMS


def _history_of(group: GroupBelief, body: object) -> PlacementHistory | None:
    """The history of placement of a group created empty as granted, where the documents spread its VMs."""
    domains = number(child(body, "properties", "platformFaultDomainCount"))
    says = None if group.rules is None else group.rules.spreads_domains
    if says is None or not says.value or not domains or has_profile(body):
        return None
    return PlacementHistory(domains)


def _echo(group: GroupBelief, asked: Mapping[str, Fact], shown: Mapping[str, Fact]) -> Finding | None:
    """A property that the answer shows otherwise than the change set it."""
    for name, value in asked.items():
        answered = shown.get(name)
        if answered is None or answered == value or str(answered).lower() == str(value).lower():
            continue
        if name == "sku.capacity" and group.pending:
            continue
        return violates(
            "ARM-READ-BACK",
            expected=f"{name} is answered as it was asked for: {value}",
            seen=f"{name} is answered as {answered}",
            nearest=f"show {name} as {value}, or refuse the request",
        )
    return None


@implements("DELETE-CASCADES", "DELETE-NONEMPTY-REJECTED", "ARM-ABSENT")
def delete_group(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """DELETE of a scale set."""
    key = context.target.group
    assert key is not None
    group = believed(belief, key, context)
    if response.status in (204, 404):
        if group.presence == THERE and not group.pending and not status_links(response):
            return belief, violates(
                "ARM-ABSENT",
                expected=f"{key} exists, so that its deletion is accepted or refused",
                seen=f"status {response.status}: as if it did not exist",
                nearest="answer 200 or 202 and delete it",
            )
        if group.pending - {MISSED}:
            return belief, unknown("an operation that creates or deletes it may be under way")
        absent = group.presence == ABSENT
        belief = belief.with_group(GroupBelief(key, group.edition, presence=ABSENT))
        finding = conforms("ARM-ABSENT", expected="it does not exist", seen=f"status {response.status}")
        return belief, finding if absent else unknown("whether it existed was not known")
    decision = None if group.presence != THERE or group.kind is None else _delete_decision(group)
    if not is_accepted(response):
        if decision is None:
            return belief, unknown("the scale set was not known")
        return belief, judge_answer(decision, response, f"DELETE of {key.name}", group)
    finding = unknown("the scale set was not known") if decision is None else judge_acceptance(decision, "accepted")
    operation = Operation("", f"deletion of scale set {key.name}", (Effect(key, presence=False),))
    belief = begin(belief.with_group(group), response, operation)
    return belief, with_rules(finding, response)


def _delete_decision(group: GroupBelief) -> Decision:
    decision = decide_on(group.edition, rq.DeleteGroup(group.key), group)
    if not decision.refused and not group.members.closed and group.rules is not None:
        says = group.rules.delete_nonempty
        if says is not None and not says.value:
            return evolve(decision, open=(f"whether members are left is not known ({says.rule})",))
    return decision


@implements("BATCH-OPS", "ARM-POWER", "ARM-LRO")
def act_on_group(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """POST of an operation on a scale set."""
    key = context.target.group
    assert key is not None
    segment = context.target.action
    group = believed(belief, key, context)
    if segment in upgrades.OPERATIONS:
        return upgrades.upgrade(belief, request, response, context)
    action = ACTIONS.get(segment)
    given = child(request.body, "instanceIds")
    ids, names, asked = texts(given), named_in(request.body), f"{segment} on {key.name}"
    finding = unknown(f"no document speaks of {segment}, or the scale set's mode is not known")
    if action is not None and group.kind is not None and group.presence != ABSENT:
        finding = judge_change(_batch_decision(group, action, request.body), response, asked, group)
    elif group.presence == ABSENT:
        finding = judge_answer(decide_on(group.edition, rq.GetGroup(key)), response, asked)
    if not is_accepted(response):
        return belief, finding
    if not request.body_recorded or (given is not None and ids is None):
        if action is Action.DELETE:
            group = group.disturbed("instances were deleted, and which cannot be told")
        group = group.with_members(power=Map(), deallocated=True)
        effects = () if action in KEEPS_MODEL else (Effect(key, latest=MAYBE),)
        operation = Operation("", f"{segment} on scale set {key.name}", effects)
        return begin(belief.with_group(group), response, operation), with_rules(finding, response)
    effect = effect_of(group, action, names)
    operation = Operation("", f"{segment} on scale set {key.name}", (effect,))
    return begin(belief.with_group(group), response, operation), with_rules(finding, response)


def _batch_decision(group: GroupBelief, action: Action, body: object) -> Decision:
    return decide_on_named(group, body, lambda known: rq.ActOnGroup(group.key, action, known))


# -- instances and standard VMs --------------------------------------------------------------------


def act_on_member(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """POST of an operation on an instance, or its DELETE, through the scale set."""
    key, name = context.target.group, context.target.member
    assert key is not None
    return _act(belief, believed(belief, key, context), name, context.target.action, Api.SCALE_SET, response)


def act_on_vm(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """POST of an operation on a standard VM that names a scale set, or its DELETE."""
    vm = vm_key(context)
    owner = belief.machines.get(vm)
    if owner is None:
        if context.target.action == "delete" and is_accepted(response):
            belief = evolve(belief, machines=without(belief.machines, vm))
        belief = act_unseen(belief, vm, context.target.action, response)
        return belief, out_of_scope("a virtual machine that is not known to name a scale set")
    group = believed(belief, owner, context)
    return _act(belief, group, vm.name, context.target.action, Api.VIRTUAL_MACHINE, response)


@implements("ARM-ABSENT")
def _act(belief: Belief, group: GroupBelief, name: str, segment: str, api: Api, response: ArmResponse) -> Judged:
    action = ACTIONS.get(segment)
    asked = f"{segment} of {name}"
    group_is_gone = api is Api.SCALE_SET and group.presence == ABSENT
    if name == "*" and not group_is_gone:
        return _act_on_all(belief, group, segment, response)
    presence = ABSENT if group_is_gone else group.possible_presence(name)
    if action is Action.DELETE and response.status in (204, 404):
        return _deleted_already(belief, group, name, presence, response)
    finding = unknown(f"no document speaks of {segment}, or the member is not known")
    if group_is_gone:
        finding = judge_answer(decide_on(group.edition, rq.GetGroup(group.key)), response, asked)
    elif group.kind is not None:
        # The rules on which API a member has and what may be done to it do not need the member.
        assumed = group.with_members(sure=group.members.sure | {name}) if presence == MAYBE else group
        decision = _member_decision(assumed, name, segment, api)
        if decision is not None and presence == MAYBE and not is_accepted(response):
            finding = unknown("the member is not known")
        elif decision is not None:
            finding = judge_change(decision, response, asked, group)
    if not is_accepted(response) or group_is_gone or segment == DIAGNOSTICS:
        return belief, finding
    one = frozenset({name})
    effect = effect_of(group, action, one)
    operation = Operation("", f"{segment} of member {name}", (effect,))
    return begin(belief.with_group(disturbed_by(group, segment)), response, operation), with_rules(finding, response)


@implements("BOOTDIAG-API")
def _member_decision(group: GroupBelief, name: str, segment: str, api: Api) -> Decision | None:
    """The decision on an operation on a member; None where no document speaks of it."""
    if segment == DIAGNOSTICS:
        return decide_on(group.edition, rq.GetBootDiagnostics(group.key, name, api), group)
    action = ACTIONS.get(segment)
    return None if action is None else decide_on(group.edition, rq.ActOnInstance(group.key, name, action, api), group)


@implements("ARM-ABSENT")
def _deleted_already(
    belief: Belief, group: GroupBelief, name: str, presence: frozenset[bool], response: ArmResponse
) -> Judged:
    """A deletion of a member that is answered as that of something absent: with 204 or 404."""
    seen = f"status {response.status}"
    if presence == ABSENT:
        return belief, conforms("ARM-ABSENT", expected=f"member {name} does not exist", seen=seen)
    finding = unknown("whether the member existed was not known")
    if presence == THERE and not group.platform_acts and not status_links(response):
        finding = violates(
            "ARM-ABSENT",
            expected=f"member {name} exists, so that its deletion is accepted or refused",
            seen=f"{seen}: as if it did not exist",
            nearest="answer 200 or 202 and delete it",
        )
    elif name in group.members.maybe and group.pending and MISSED not in group.pending:
        finding = conforms("ARM-ABSENT", expected="it may not exist while an operation is under way", seen=seen)
    if not is_accepted(response):
        return belief, finding
    operation = Operation("", f"deletion of member {name}", (Effect(group.key, removes=frozenset({name})),))
    return begin(belief.with_group(group), response, operation), finding


def _act_on_all(belief: Belief, group: GroupBelief, segment: str, response: ArmResponse) -> Judged:
    """An operation on the instance `*`: a batch operation by another name."""
    action = ACTIONS.get(segment)
    if action is None or group.kind is None:
        finding = unknown(f"no document speaks of {segment}, or the scale set's mode is not known")
    else:
        finding = judge_change(_batch_decision(group, action, None), response, f"{segment} of all instances", group)
    if not is_accepted(response):
        return belief, finding
    operation = Operation("", f"{segment} of all instances", (effect_of(group, action, None),))
    return begin(belief.with_group(group), response, operation), with_rules(finding, response)


def change_member(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """PUT of an instance of a scale set: its own model changes, not which instances there are."""
    key, name = context.target.group, context.target.member
    assert key is not None
    group = believed(belief, key, context)
    if not is_accepted(response):
        return belief, unknown("no document speaks of changing one instance's model")
    operation = Operation(
        "", f"{request.method} of member {name}", (Effect(key, latest=MAYBE, latest_of=frozenset({name})),)
    )
    finding = unknown("no document speaks of changing one instance's model")
    return begin(belief.with_group(group), response, operation), with_rules(
        finding, response, echoed=bool(response.body)
    )


# -- template deployments --------------------------------------------------------------------------


_SCALE_SETS, _MACHINES = "microsoft.compute/virtualmachinescalesets", "microsoft.compute/virtualmachines"


@frozen
class _Doubt:
    """What a deployment may do to scale sets beyond what is read of its template."""

    changes: bool = False
    """Whether it may create or change scale sets of its resource group, or VMs in them."""
    elsewhere: bool = False
    """Whether it may do so in other resource groups."""
    deletes: bool = False
    """Whether it deletes what is in the resource group and not in the template."""


def _doubt(request: ArmRequest, resources: list[dict[str, object]]) -> _Doubt:
    """What may be beyond: templates behind links and in templates, what expressions name, repeat or make depend."""
    properties = child(request.body, "properties")
    kinds = [_kind(resource) for resource in resources]
    hidden = not request.body_recorded or child(properties, "templateLink") is not None
    hidden = hidden or any(kind in ("", "microsoft.resources/deployments") for kind in kinds)
    return _Doubt(
        changes=hidden or not all(_is_plain(resource) for resource in resources),
        elsewhere=hidden,
        deletes=(text(child(properties, "mode")) or "").lower() == "complete",
    )


def _kind(resource: object) -> str:
    return (text(child(resource, "type")) or "").lower()


def _is_plain(resource: object) -> bool:
    """Whether a declared resource is surely deployed, once, under a name that can be told, or is no matter of ours."""
    kind, owner = _kind(resource), child(resource, "properties", "virtualMachineScaleSet", "id")
    if kind not in (_SCALE_SETS, _MACHINES) or (kind == _MACHINES and owner is None):
        return True
    if kind == _MACHINES and scale_set_key(owner) is None and _named_in_expression(owner, "") is None:
        return False
    condition = child(resource, "condition")
    named = text(child(resource, "name")) is not None and child(resource, "copy") is None
    return named and (condition is None or truth(condition) is True)


def _doubted(belief: Belief, doubt: _Doubt, resource_group: str) -> Belief:
    """The belief once a template was deployed that may have done more than is read of it."""
    for key, group in belief.groups.items():
        here = key.resource_group == resource_group
        if doubt.elsewhere or (here and (doubt.changes or doubt.deletes)):
            belief = belief.with_group(group.deployed_over(deletes=here and doubt.deletes))
    return belief


def _declared(template: object, parameters: object) -> list[dict[str, object]]:
    """The resources of a template, with plain references to parameters and variables resolved."""
    found = child(template, "resources")
    resources = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(resources, list):
        return []
    defaults = child(template, "parameters")
    variables = child(template, "variables")

    def resolved(value: object, depth: int = 0) -> object:
        if depth > 40:
            return None
        if isinstance(value, dict):
            return {name: resolved(one, depth + 1) for name, one in value.items()}
        if isinstance(value, list):
            return [resolved(one, depth + 1) for one in value]
        if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
            return _reference(value, defaults, parameters, variables)
        return value

    read = [one for one in map(resolved, resources) if isinstance(one, dict)]
    return [one for one in read if truth(child(one, "condition")) is not False]


def _reference(expression: str, defaults: object, parameters: object, variables: object) -> object:
    """The value of `[parameters('x')]` or `[variables('x')]`, or the expression itself."""
    inner = expression[1:-1].strip()
    for function, values in (("parameters('", parameters), ("variables('", variables)):
        if inner.startswith(function) and inner.endswith("')"):
            name = inner[len(function) : -2]
            value = child(values, name)
            if function.startswith("variables"):
                return value if value is not None else expression
            found = child(value, "value")
            return found if found is not None else child(child(defaults, name), "defaultValue") or expression
    return expression


@implements("ARM-LRO")
def deploy(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """PUT of a template deployment: in scope where it declares scale sets or VMs that name one."""
    target = context.target
    assert target.group is not None
    properties = child(request.body, "properties")
    resources = _declared(child(properties, "template"), child(properties, "parameters"))
    known, effects = belief, list[Effect]()
    objection: Finding | None = None
    rules: list[str] = []
    doubt = _doubt(request, resources)
    for resource in resources:
        joins = any(effect.adds for effect in effects)
        made = _declare(belief, resource, target.group.resource_group, context, together=joins)
        if made is None:
            continue
        belief, effect, finding = made
        effects.append(effect)
        if finding.verdict is Verdict.VIOLATES and objection is None:
            objection = finding
        rules.extend(finding.rules if finding.verdict is Verdict.CONFORMS else ())
    key = GroupKey(target.group.resource_group, target.operation)
    if is_accepted(response):
        belief = _learn_autoscale(belief, resources, target.group.resource_group)
        belief = _doubted(belief, doubt, target.group.resource_group)
    if not effects:
        operation = Operation("", f"deployment {target.operation}", (), in_scope=False)
        if is_accepted(response):
            belief = evolve(begin(belief, response, operation), deployments=belief.deployments.set(key, ""))
        if doubt.changes:
            return belief, unknown("whether the template declares scale sets, or VMs that name one, cannot be told")
        return belief, out_of_scope("the template declares no scale set and no VM that names one")
    if not is_accepted(response):
        if objection is not None:
            return known, conforms(*objection.rules, expected=objection.expected, seen=f"status {response.status}")
        return known, unknown("the deployment was refused as a whole")
    operation = Operation("", f"deployment {target.operation}", tuple(effects), objection=objection)
    belief = begin(belief, response, operation)
    links = status_links(response)
    belief = evolve(belief, deployments=belief.deployments.set(key, links[0] if links else ""))
    if objection is not None and not links:
        return belief, objection
    if links:
        rules = ["ARM-LRO", *([] if objection is not None else rules)]
    if not rules:
        return belief, unknown("what the template declares cannot be told")
    return belief, conforms(*rules, expected="the deployment is accepted and runs", seen=f"status {response.status}")


def _declare(
    belief: Belief, resource: dict[str, object], resource_group: str, context: Context, *, together: bool
) -> tuple[Belief, Effect, Finding] | None:
    """One declared scale set, or VM that names one: what it does, and what the documents say to it."""
    kind, name = _kind(resource), text(child(resource, "name"))
    if name is None or not _is_plain(resource):
        return None
    key = GroupKey(resource_group, name.lower())
    if kind == _SCALE_SETS:
        return _declare_group(belief, key, resource, context)
    if kind == _MACHINES:
        owner = child(resource, "properties", "virtualMachineScaleSet", "id")
        group_key = scale_set_key(owner) or _named_in_expression(owner, resource_group)
        if group_key is None:
            return None
        group = believed(belief, group_key, context)
        finding = unknown("the scale set's mode is not known")
        if group.kind is not None and group.presence != ABSENT:
            decision = join_decision(group, key, resource)
            finding = judge_acceptance(decision, f"VM {name} was created into {group_key.name}")
        named = number(child(resource, "properties", "platformFaultDomain"))
        belief, effect = vm_joins(belief, group, key, named, together=together)
        return belief, effect, finding
    return None


def _named_in_expression(owner: object, resource_group: str) -> GroupKey | None:
    """The scale set of `[resourceId('Microsoft.Compute/virtualMachineScaleSets', 'name')]`."""
    if not isinstance(owner, str) or "virtualmachinescalesets'" not in owner.lower():
        return None
    parts = owner.split("'")
    return GroupKey(resource_group, parts[3].lower()) if len(parts) > 3 and parts[2].strip() == "," else None


def _declare_group(
    belief: Belief, key: GroupKey, resource: dict[str, object], context: Context
) -> tuple[Belief, Effect, Finding]:
    group = _perhaps_anew(believed(belief, key, context, resource))
    asked = group_facts(resource)
    # What nobody saw before is taken to be created, unless exchanges were missed: it may be deployed once more.
    was_new = group.presence != THERE and MISSED not in group.pending
    finding = _judge_declared(group, resource)
    group = _born(group, resource, finding) if was_new else group
    latest = THERE if was_new else upgrades.latest_after(group, resource, asked)
    group = group.narrowed(asked) if was_new else group.widened(asked, keep_others=True)
    group = evolve(group, policy=upgrades.policy_now(group)) if was_new else upgrades.after_change(group, latest)
    group = evolve(group, profile=None) if has_profile(resource) else group
    effect = Effect(
        key,
        presence=True,
        facts=tuple(asked.items()),
        resizes="sku.capacity" in asked,
        latest=latest,
        restarts=not was_new and group.upgrades_itself,
    )
    return belief.with_group(group), effect, finding


def _judge_declared(group: GroupBelief, resource: dict[str, object]) -> Finding:
    """What the documents say to a declared scale set: it is created, or changed if it was there before."""
    api_version = text(child(resource, "apiVersion")) or ""
    if group.presence == THERE:
        if group.kind is None:
            return unknown("the template declares a scale set that exists")
        decision = decide_on(group.edition, update_request(group, resource, api_version, whole=True), group)
        return judge_acceptance(_unless_model_is_open(group, decision), "the deployment changed it so")
    request = create_request(group.key, resource, group.edition, api_version)
    if request is None:
        return unknown("the orchestration mode cannot be told")
    return judge_acceptance(decide_on(group.edition, request), f"scale set {group.key.name} was created so")


def _learn_autoscale(belief: Belief, resources: list[dict[str, object]], resource_group: str) -> Belief:
    for resource in resources:
        if _kind(resource) == "microsoft.insights/autoscalesettings":
            target = child(resource, "properties", "targetResourceUri")
            named = resource_key(target) or _named_in_expression(target, resource_group)
            # Where it cannot be told which scale set is meant, it may be any that is known.
            for key in (named,) if named is not None else belief.groups:
                belief = _autoscaled(belief, key)
    return belief


@implements("AUTOSCALE")
def learn_autoscale(belief: Belief, setting: object) -> Belief:
    """An autoscale setting: from here on the platform may change the scale set's instance count."""
    key = resource_key(child(setting, "properties", "targetResourceUri"))
    return belief if key is None else _autoscaled(belief, key)


def _autoscaled(belief: Belief, key: GroupKey) -> Belief:
    belief = evolve(belief, autoscaled=belief.autoscaled | {key})
    group = belief.groups.get(key)
    return belief if group is None else belief.with_group(group.disturbed(AUTOSCALED))


# -- resource groups -------------------------------------------------------------------------------


def delete_resource_group(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """DELETE of a resource group: it takes every scale set in it along."""
    assert context.target.group is not None
    place = context.target.group.resource_group
    finding = out_of_scope("a resource group")
    if not is_accepted(response):
        return belief, finding
    effects = tuple(Effect(key, presence=False) for key in belief.groups if key.resource_group == place)
    machines = Map({vm: owner for vm, owner in belief.machines.items() if vm.resource_group != place})
    operation = Operation("", f"deletion of resource group {place}", effects, in_scope=False)
    return begin(evolve(belief, machines=machines), response, operation), finding


@implements("MOVE")
def move_resources(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """POST of a move into another resource group: what is moved is gone from where it was."""
    assert context.target.group is not None
    place = context.target.group.resource_group
    finding = out_of_scope("a move of resources")
    if not is_accepted(response):
        return belief, finding
    resources = texts(child(request.body, "resources"))
    subscription, to = moved_to(request)
    if resources is None:
        for key in [one for one in belief.groups if one.resource_group in (place, to)]:
            belief = belief.with_group(GroupBelief.unwatched(key, belief.groups[key].edition))
        return belief, finding
    moved = frozenset(key for key in map(resource_key, resources) if key is not None)
    if subscription == context.target.subscription:
        for key in moved:
            belief = _arrived(belief, key, GroupKey(to, key.name))
    belief = evolve(belief, machines=without(belief.machines, *moved))
    effects = tuple(Effect(key, presence=False) for key in sorted(moved) if key in belief.groups)
    operation = Operation("", f"move out of resource group {place}", effects, in_scope=False)
    return begin(belief, response, operation), finding


def moved_to(request: ArmRequest) -> tuple[str, str]:
    """The subscription and the resource group that a move names; empty where it names none."""
    to = (text(child(request.body, "targetResourceGroup")) or "").lower()
    return subscription_in(to), to.rstrip("/").rpartition("/")[2]


def _arrived(belief: Belief, moved: GroupKey, destination: GroupKey) -> Belief:
    """What was moved is at its destination as it was, sooner or later, and an autoscale setting may go along."""
    if moved in belief.autoscaled:
        belief = evolve(belief, autoscaled=belief.autoscaled | {destination})
    known = belief.groups.get(destination) or belief.groups.get(moved)
    return belief if known is None else belief.with_group(GroupBelief.unwatched(destination, known.edition))


__all__ = [
    "act_on_group",
    "act_on_member",
    "act_on_vm",
    "change_group",
    "change_member",
    "delete_group",
    "delete_resource_group",
    "deploy",
    "learn_autoscale",
    "move_resources",
    "moved_to",
    "see_group",
]
