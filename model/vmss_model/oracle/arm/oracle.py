"""The oracle at the ARM boundary: one HTTP exchange at a time, each with a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen
from immutables import Map

from vmss_model.copying import evolve
from vmss_model.editions import Edition
from vmss_model.oracle.arm import group_reads, member_reads, operations, rollout_reads, vms, writes
from vmss_model.oracle.arm.belief import MAYBE, Belief, Effect, Operation
from vmss_model.oracle.arm.effects import begin
from vmss_model.oracle.arm.judged import Context, Judged, believed
from vmss_model.oracle.arm.judging import failed_read, is_absent, is_accepted
from vmss_model.oracle.arm.shapes import is_scale_set, member_facts
from vmss_model.oracle.arm.urls import Resource, Target, operation_id, parse_url
from vmss_model.oracle.finding import Finding, conforms, out_of_scope, unknown
from vmss_model.oracle.recordings import ArmRequest, ArmResponse


@frozen
class ArmOracle:
    """Judges exchanges with Azure Resource Manager, starting without knowing the world.

    Immutable: `observe` gives a new oracle. Nothing a body holds makes it raise.
    """

    beliefs: Map[str, Belief] = field(factory=Map)
    """What it holds to be so in each subscription that it saw; names of scale sets are of one subscription."""
    elsewhere: Belief = field(factory=Belief)
    """What it holds of every other subscription: nothing but what it was told at the start, and the last date."""

    @classmethod
    def start(cls, edition: Edition | None = None, refinements: frozenset[str] = frozenset()) -> ArmOracle:
        """An oracle that knows nothing; without an edition it picks one for each scale set.

        It takes it that nothing is under way as it begins to watch, that no scale set it has not heard of has an
        autoscale setting, and that a template creates what it declares. Midway that need not be: `forget` first.
        `refinements` names recorded habits to hold against what is seen (`vmss_model.refinements`).
        """
        return cls(elsewhere=Belief(edition=edition, refinements=refinements))

    @property
    def editions(self) -> frozenset[str]:
        """The names of the editions that the scale sets seen so far are judged by."""
        return frozenset(group.edition.name for belief in self.beliefs.values() for group in belief.groups.values())

    def observe(self, request: ArmRequest, response: ArmResponse, date: str = "") -> tuple[ArmOracle, Finding]:
        """The oracle after an exchange, and whether the documents allow the exchange.

        `date` is when, as an HTTP date or ISO 8601; it helps to pick the edition.
        """
        target = parse_url(request.url)
        elsewhere = self.elsewhere if not date else evolve(self.elsewhere, date=date)
        if target.resource in (Resource.OPERATION, Resource.OTHER):
            target = self._polled(target, operation_id(request.url))
        known = evolve(self.beliefs.get(target.subscription, elsewhere), date=elsewhere.date)
        belief, finding = _judged(known, request, response, Context(target, date))
        beliefs = self.beliefs.set(target.subscription, belief)
        if target.action == "moveresources" and is_accepted(response):
            beliefs = _moved_across(beliefs, writes.moved_to(request)[0], target.subscription)
        return ArmOracle(beliefs, elsewhere), finding

    def _polled(self, target: Target, operation: str) -> Target:
        """The status that a URL names if that is what an answer linked to, whatever the shape of the link.

        A status link need not name the subscription of the request that it was the answer to.
        """
        own = self.beliefs.get(target.subscription)
        if own is not None and operation in own.operations:
            return evolve(target, resource=Resource.OPERATION, operation=operation)
        for subscription, belief in self.beliefs.items():
            if operation in belief.operations:
                return Target(Resource.OPERATION, operation=operation, subscription=subscription)
        return target

    def forget(self) -> ArmOracle:
        """The oracle after exchanges that it did not see: what they may have changed is no longer held.

        Kept are the operations, since the status that one ended with stays; what they do to a scale set
        is not. Any scale set may from here on be as an operation that was missed leaves it.
        """
        beliefs = {subscription: _forgotten(belief) for subscription, belief in self.beliefs.items()}
        return ArmOracle(Map(beliefs), _forgotten(self.elsewhere))


def _moved_across(beliefs: Map[str, Belief], to: str, subscription: str) -> Map[str, Belief]:
    """What is held once resources were moved into another subscription: nobody saw there what becomes of them."""
    return beliefs.set(to, _forgotten(beliefs[to])) if to in beliefs and to != subscription else beliefs


def _forgotten(known: Belief) -> Belief:
    return Belief(
        edition=known.edition,
        refinements=known.refinements,
        date=known.date,
        operations=known.operations,
        autoscaled=known.autoscaled,
        gaps=known.gaps + 1,
    )


def _judged(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    resource = context.target.resource
    methods = _METHODS.get(resource)
    if methods is not None and request.method not in methods:
        return belief, unknown(f"no document speaks of {request.method[:20]} of a {resource.value}")
    return _OBSERVERS[resource](belief, request, response, context)


def _group(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    if request.method in ("PUT", "PATCH"):
        return writes.change_group(belief, request, response, context)
    if request.method == "DELETE":
        return writes.delete_group(belief, response, context)
    if response.status == 200 and is_scale_set(response.body):
        group = believed(belief, key, context, response.body)
        return group_reads.see_group(belief, group, response.body, context.target.api_version)
    if is_absent(response):
        return group_reads.see_group_absent(belief, believed(belief, key, context))
    return belief, failed_read(response)


def _group_list(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    if response.status != 200:
        return belief, failed_read(response)
    return group_reads.see_group_list(belief, response.body, context)


def _group_view(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    group = believed(belief, key, context)
    if is_absent(response):
        return group_reads.see_group_absent(belief, group)
    if response.status != 200:
        return belief, failed_read(response)
    return group_reads.see_group_view(belief, group, response.body)


def _group_skus(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    if response.status != 200:
        return belief, failed_read(response)
    return group_reads.see_capacity_bounds(belief, believed(belief, key, context), response.body)


def _group_action(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    return writes.act_on_group(belief, request, response, context)


def _group_part(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    part, key = context.target.action, context.target.group
    assert key is not None
    group = believed(belief, key, context)
    if request.method == "GET" and part == "rollingupgrades/latest":
        return rollout_reads.see_latest(belief, group, response)
    if request.method == "GET" and part == "osupgradehistory":
        return rollout_reads.see_history(belief, group, response, context)
    effect = Effect(key, latest=MAYBE, restarts=True)
    return _part(belief, request, response, f"part {part} of a scale set", effect)


def _part(belief: Belief, request: ArmRequest, response: ArmResponse, what: str, effect: Effect | None) -> Judged:
    """Parts that no rule speaks of: only the operations they open can be followed.

    What they change of an instance's model is open (an extension of the scale set, say, is part of it).
    """
    if request.method != "GET" and is_accepted(response):
        effects = () if effect is None or effect.key not in belief.groups else (effect,)
        opened = begin(belief, response, Operation("", f"{request.method} of {what}", effects))
        if len(opened.operations) > len(belief.operations):
            return opened, conforms("ARM-LRO", expected="an operation is opened", seen=f"status {response.status}")
        return opened, unknown(f"no rule speaks of {what}")
    return belief, unknown(f"no rule speaks of {what}")


def _member_list(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    group = believed(belief, key, context)
    if is_absent(response):
        return group_reads.see_group_absent(belief, group)
    if response.status != 200:
        return belief, failed_read(response)
    belief = vms.learn_members(belief, group, response.body)
    return member_reads.see_member_list(belief, believed(belief, key, context), response.body, context)


def _member(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    if request.method in ("PUT", "PATCH"):
        return writes.change_member(belief, request, response, context)
    if request.method == "DELETE":
        deleting = evolve(context, target=evolve(context.target, action="delete"))
        return writes.act_on_member(belief, response, deleting)
    group = believed(belief, key, context)
    if is_absent(response):
        return member_reads.see_member_absent(belief, group, context.target.member)
    facts = member_facts(response.body)
    if response.status != 200 or facts is None:
        return belief, failed_read(response)
    return member_reads.see_member(belief, group, evolve(facts, name=context.target.member))


def _member_view(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key = context.target.group
    assert key is not None
    group = believed(belief, key, context)
    if is_absent(response):
        return member_reads.see_member_absent(belief, group, context.target.member)
    facts = member_reads.view_as_member(context.target.member, response.body)
    if response.status != 200 or facts is None:
        return belief, failed_read(response)
    return member_reads.see_member(belief, group, facts)


def _member_action(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    return writes.act_on_member(belief, response, context)


def _member_part(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    key, name = context.target.group, context.target.member
    assert key is not None
    effect = Effect(key, latest=MAYBE, latest_of=frozenset({name}), restarts=True)
    return _part(belief, request, response, f"part {context.target.action} of an instance", effect)


def _vm(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    if request.method in ("PUT", "PATCH"):
        return vms.change_vm(belief, request, response, context)
    if request.method == "DELETE":
        deleting = evolve(context, target=evolve(context.target, action="delete"))
        return writes.act_on_vm(belief, response, deleting)
    return vms.see_vm(belief, response, context)


def _vm_list(belief: Belief, _request: ArmRequest, _response: ArmResponse, _context: Context) -> Judged:
    return belief, out_of_scope("a listing of all virtual machines, in scale sets or not")


def _vm_view(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    vm = vms.vm_key(context)
    owner = belief.machines.get(vm)
    if owner is None:
        return belief, out_of_scope("a virtual machine that is not known to name a scale set")
    facts = member_reads.view_as_member(vm.name, response.body)
    if response.status != 200 or facts is None:
        return belief, failed_read(response)
    return member_reads.see_member(belief, believed(belief, owner, context), facts)


def _vm_action(belief: Belief, _request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    return writes.act_on_vm(belief, response, context)


def _vm_part(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    if belief.machines.get(vms.vm_key(context)) is None:
        return belief, out_of_scope("a virtual machine that is not known to name a scale set")
    return _part(belief, request, response, f"part {context.target.action} of a virtual machine", None)


def _deployment(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    if request.method == "PUT":
        return writes.deploy(belief, request, response, context)
    if request.method == "GET":
        return operations.see_deployment(belief, response, context)
    return belief, out_of_scope("not a deployment of a template")


def _autoscale(belief: Belief, request: ArmRequest, response: ArmResponse, _context: Context) -> Judged:
    if is_accepted(response) and request.method == "PUT":
        belief = writes.learn_autoscale(belief, request.body if request.body_recorded else response.body)
    return belief, out_of_scope("an autoscale setting")


def _resource_group(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    if request.method == "DELETE" and not context.target.action:
        return writes.delete_resource_group(belief, response, context)
    if request.method == "POST" and context.target.action == "moveresources":
        return writes.move_resources(belief, request, response, context)
    return belief, out_of_scope("a resource group")


def _other(belief: Belief, _request: ArmRequest, _response: ArmResponse, _context: Context) -> Judged:
    return belief, out_of_scope("not about scale sets")


_READ = frozenset({"GET"})
_CHANGED = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_ASKED = frozenset({"POST"})

_METHODS: Mapping[Resource, frozenset[str]] = {
    Resource.GROUP: _CHANGED,
    Resource.GROUP_LIST: _READ,
    Resource.GROUP_VIEW: _READ,
    Resource.GROUP_SKUS: _READ,
    Resource.GROUP_ACTION: _ASKED,
    Resource.MEMBER: _CHANGED,
    Resource.MEMBER_LIST: _READ,
    Resource.MEMBER_VIEW: _READ,
    Resource.MEMBER_ACTION: _ASKED,
    Resource.VM: _CHANGED,
    Resource.VM_VIEW: _READ,
    Resource.VM_ACTION: _ASKED,
    Resource.OPERATION: _READ,
}
"""The methods that a kind of thing answers to; a resource that is not listed is judged whatever the method."""

_Observer = Callable[[Belief, ArmRequest, ArmResponse, Context], Judged]

_OBSERVERS: Mapping[Resource, _Observer] = {
    Resource.GROUP: _group,
    Resource.GROUP_LIST: _group_list,
    Resource.GROUP_VIEW: _group_view,
    Resource.GROUP_SKUS: _group_skus,
    Resource.GROUP_ACTION: _group_action,
    Resource.GROUP_PART: _group_part,
    Resource.MEMBER: _member,
    Resource.MEMBER_LIST: _member_list,
    Resource.MEMBER_VIEW: _member_view,
    Resource.MEMBER_ACTION: _member_action,
    Resource.MEMBER_PART: _member_part,
    Resource.VM: _vm,
    Resource.VM_LIST: _vm_list,
    Resource.VM_VIEW: _vm_view,
    Resource.VM_ACTION: _vm_action,
    Resource.VM_PART: _vm_part,
    Resource.DEPLOYMENT: _deployment,
    Resource.OPERATION: operations.see_operation,
    Resource.AUTOSCALE: _autoscale,
    Resource.RESOURCE_GROUP: _resource_group,
    Resource.FEATURE: _other,
    Resource.PROVIDER: _other,
    Resource.OTHER: _other,
}
