"""What holds of every step: predicates over a request, its decision, and the worlds before and after.

Each answers None, or one sentence that says what is broken. `concerns_*` functions say of which steps a
predicate speaks at all: a step that a predicate does not speak of is never counted as evidence for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from attrs import evolve

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.predicates_world import REGISTRATION_SECONDS
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.answers import (
    ClockShown,
    FeatureShown,
    GraphShown,
    GroupShown,
    GroupsShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
    ItemShown,
)
from vmss_model.decide import decide
from vmss_model.evolve import evolve_all
from vmss_model.rules import ERRORS, RULES
from vmss_model.values import UNCHANGED, Action, Api, GroupKind, Health, Power
from vmss_model.world import ItemState, Profile, VmKey, artifacts_of

READS = (
    rq.ShowFeature,
    rq.AskFaultDomainGuarantee,
    rq.GetGroup,
    rq.ListGroups,
    rq.ListInstances,
    rq.GetInstance,
    rq.QueryResourceGraph,
    rq.GetBootDiagnostics,
    rq.ShowMarketplace,
    rq.GetProgress,
    rq.GetHistory,
    rq.PlanRollout,
    rq.ShowHeatMap,
)
"""The requests that only ask."""
PREVIEW_FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
"""The preview features that a Flexible group needs."""
FLEXIBLE_API = "2019-12-01"
"""The earliest API version that creates a Flexible group."""
STALENESS = 60
"""How many seconds a Resource Graph answer may be old."""


def concerns_all(_step: Step) -> bool:
    """Every step."""
    return True


# -- what never changes ----------------------------------------------------------------------------


def concerns_survivors(step: Step) -> bool:
    """Steps that change a group which stays."""
    return bool(step.survivors)


def mode_kept(step: Step) -> str | None:
    """A group's mode is what it was."""
    for old, new in step.survivors:
        if old.kind is not new.kind:
            return f"{old.key} was {old.kind.value} and is {new.kind.value}"
    return None


def zones_kept(step: Step) -> str | None:
    """A group's zones and region, and its members' zones, are what they were."""
    for old, new in step.survivors:
        if (old.zones, old.region) != (new.zones, new.region):
            return f"{old.key} was in {old.region} {in_words(old.zones)} and is in {new.region} {in_words(new.zones)}"
    for group, was, now in step.changed_members:
        if was.zone != now.zone:
            return f"member {now.name} of {group.key} went from zone {in_words(was.zone)} to {in_words(now.zone)}"
    return None


def fault_domains_kept(step: Step) -> str | None:
    """A group's fault-domain count, and its members' fault domains, are what they were."""
    for old, new in step.survivors:
        if old.fault_domain_count != new.fault_domain_count:
            counts = f"{in_words(old.fault_domain_count)} fault domains and has {in_words(new.fault_domain_count)}"
            return f"{old.key} had {counts}"
    for group, was, now in step.changed_members:
        if was.fault_domain != now.fault_domain:
            domains = f"{in_words(was.fault_domain)} to {in_words(now.fault_domain)}"
            return f"member {now.name} of {group.key} went from fault domain {domains}"
    return None


def priority_kept(step: Step) -> str | None:
    """The priority of a profile and of each member is what it was."""
    for old, new in step.survivors:
        if old.profile is not None and (new.profile is None or old.profile.priority is not new.profile.priority):
            now_has = new.profile.priority.value if new.profile is not None else "none"
            return f"the priority of {old.key} went from {old.profile.priority.value} to {now_has}"
    for group, was, now in step.changed_members:
        if was.priority is not now.priority:
            return f"member {now.name} of {group.key} went from {was.priority.value} to {now.priority.value}"
    return None


def other_groups_untouched(step: Step) -> str | None:
    """A request about a group touches no other group; that an image is available is about all that wait for it."""
    for old, new in step.survivors:
        waits = step.key is None and evolve(old, trigger=new.trigger) == new
        if old.key != step.key and not waits:
            return f"{type(step.request).__name__} about {step.key} changed {old.key}"
    gone = [key for key in step.before.groups if key != step.key and key not in step.after.groups]
    return f"{type(step.request).__name__} about {step.key} removed {gone[0]}" if gone else None


# -- requests, refusals and answers ----------------------------------------------------------------


def nothing_raised(step: Step) -> str | None:
    """No request makes the model raise, however bad it is."""
    return step.error or None


def concerns_not_granted(step: Step) -> bool:
    """Steps that are refused, or of which the documents say nothing."""
    return not step.granted


def refusal_changes_nothing(step: Step) -> str | None:
    """What is not granted leaves the world as it was."""
    if step.after == step.before and not step.events:
        return None
    return f"{type(step.request).__name__} was not granted, and {len(step.events)} events followed"


def concerns_reads(step: Step) -> bool:
    """Queries."""
    return isinstance(step.request, READS)


def reads_change_nothing(step: Step) -> str | None:
    """A query leaves the world as it was."""
    return None if step.after == step.before else f"{type(step.request).__name__} changed the world"


def concerns_refusals(step: Step) -> bool:
    """Steps that are refused."""
    return bool(step.decision.refusals)


def refusals_name_rules(step: Step) -> str | None:
    """Every refusal names rules of the catalogue and has a code and a message."""
    for refusal in step.decision.refusals:
        unknown = [rule for rule in refusal.rules if rule not in RULES]
        if unknown or not refusal.rules:
            return f"a refusal names {in_words(refusal.rules)}, of which {in_words(unknown)} are no rules"
        if not refusal.code or not refusal.message:
            return f"a refusal by {in_words(refusal.rules)} has code {refusal.code!r} and message {refusal.message!r}"
    return None


def refusals_carry_values(step: Step) -> str | None:
    """Every refusal carries the offending values."""
    for refusal in step.decision.refusals:
        if not refusal.values:
            return f"the refusal by {in_words(refusal.rules)} carries no values"
    return None


def refusals_belong_to_edition(step: Step) -> str | None:
    """Every refusal follows from a rule of the edition."""
    name = step.before.edition.name
    for refusal in step.decision.refusals:
        if not any(rule in RULES and name in RULES[rule].editions for rule in refusal.rules):
            return f"edition {name} is refused by {in_words(refusal.rules)}, which it does not have"
    return None


def concerns_documented_errors(step: Step) -> bool:
    """Refusals by one of E1 to E4, or that claim the documents' own text."""
    return any(one.documented_text or set(one.rules) & set(ERRORS) for one in step.decision.refusals)


def documented_errors_word_for_word(step: Step) -> str | None:
    """E1 to E4 have exactly the documented code and text, with the numbers of the request in it."""
    for refusal in step.decision.refusals:
        named = [rule for rule in refusal.rules if rule in ERRORS]
        if refusal.documented_text != bool(named) or len(named) > 1:
            has = "has" if refusal.documented_text else "does not have"
            return f"a refusal by {in_words(refusal.rules)} says that it {has} the documents' text"
        for rule in named:
            error, values = ERRORS[rule], refusal.values
            text = error.message_template.format(
                count=values.get("platformFaultDomainCount"), low=values.get("lowest"), high=values.get("highest")
            )
            if (refusal.code, refusal.message) != (error.code, text):
                return f"{rule} says {refusal.code} {refusal.message!r}, documented is {error.code} {text!r}"
    return None


def concerns_events(step: Step) -> bool:
    """Steps in which something happens."""
    return bool(step.events)


_FEW = 60


def concerns_few_events(step: Step) -> bool:
    """Steps in which something happens, but for those of large groups: whole worlds are compared."""
    return bool(step.events) and sum(group.census.members for group in step.changed_groups) <= _FEW


def evolve_is_deterministic(step: Step) -> str | None:
    """The same events lead from the same world to the same world."""
    if evolve_all(step.before, step.events) == step.after:
        return None
    return f"{len(step.events)} events of {type(step.request).__name__} led to two different worlds"


def decide_is_repeatable(step: Step) -> str | None:
    """Asking again gets the same decision."""
    if step.error or decide(step.before, step.request) == step.decision:
        return None
    return f"{type(step.request).__name__} was decided in two ways in one world"


# -- time and registration -------------------------------------------------------------------------


def clock_moves_by_request(step: Step) -> str | None:
    """The clock moves by what a request to advance it says, less only where something is due, and by nothing else."""
    asked = step.request.seconds if isinstance(step.request, rq.AdvanceClock) and step.granted else 0
    moved, due = step.after.clock - step.before.clock, False
    if isinstance(step.answer, ClockShown):
        due = bool(step.answer.due)
        if step.answer.clock != step.after.clock:
            return f"the clock is said to stop at {step.answer.clock} and stands at {step.after.clock}"
    if 0 <= moved == asked or (due and 0 <= moved < asked):
        return None
    return f"the clock moved by {moved} seconds, {asked} were asked for"


def concerns_shown_features(step: Step) -> bool:
    """Answers about a feature registration."""
    return isinstance(step.answer, FeatureShown)


def features_shown_in_time(step: Step) -> str | None:
    """A feature shows as registered 15 minutes after it was asked for, and never before it was asked for."""
    assert isinstance(step.request, rq.ShowFeature)
    assert isinstance(step.answer, FeatureShown)
    feature = step.before.subscription.features.get(step.request.feature)
    shown, clock = step.answer.registered, step.before.clock
    if feature is None:
        return f"{step.request.feature} is shown as registered and nobody asked for it" if shown else None
    if not shown and clock - feature.asked_at >= REGISTRATION_SECONDS:
        return f"{step.request.feature} is not registered {clock - feature.asked_at} seconds after it was asked for"
    return None


def concerns_registrations(step: Step) -> bool:
    """Registrations of a feature that end at a moment of the platform's choice."""
    return isinstance(step.request, rq.RegisterFeature) and "ends_at" in step.picks


def registration_window_is_whole(step: Step) -> str | None:
    """A registration may end at once or take all of its 15 minutes, and no longer."""
    assert step.decision.grant is not None
    (choice,) = step.decision.grant.choices
    now = step.before.clock
    moments = {now: True, now + REGISTRATION_SECONDS: True, now - 1: False, now + REGISTRATION_SECONDS + 1: False}
    for moment, allowed in moments.items():
        if choice.allows(moment) is not allowed:
            return f"a registration asked for at {now} {'cannot' if allowed else 'can'} end at {moment}"
    return None


def concerns_new_groups(step: Step) -> bool:
    """Steps that create a group."""
    return isinstance(step.request, rq.CreateGroup) and step.group_before is None and step.group_after is not None


def flexible_needs_registration(step: Step) -> str | None:
    """A Flexible group is created only with both features registered before the provider was."""
    subscription = step.before.subscription
    if not subscription.known:
        return None
    provider = subscription.provider_registered_at
    for name in PREVIEW_FEATURES:
        feature = subscription.features.get(name)
        if feature is None or provider is None or feature.ends_at > provider or provider > step.before.clock:
            its = f"{name} {_registered(feature.ends_at if feature is not None else None)}"
            return f"{step.key} was created with {its} and the provider {_registered(provider)}"
    return None


def _registered(at: int | None) -> str:
    return "never registered" if at is None else f"registered at {at} s"


def flexible_needs_api_version(step: Step) -> str | None:
    """A Flexible group is not created through an API version before 2019-12-01."""
    assert isinstance(step.request, rq.CreateGroup)
    version = step.request.api_version
    if version is None or version[: len(FLEXIBLE_API)] >= FLEXIBLE_API:
        return None
    return f"{step.key} was created through API version {version}"


def stack_needs_marketplace(step: Step) -> str | None:
    """A scale set on Azure Stack is created only once everything is in the marketplace."""
    state = step.before.marketplace
    if state.registered and step.before.images and state.item is ItemState.PRESENT:
        return None
    stack = "a registered stack" if state.registered else "a stack that is not registered"
    there = f"the marketplace item {state.item.value} and {counted(len(step.before.images), 'OS image')}"
    return f"{step.key} was created on {stack}, with {there}"


def concerns_shown_items(step: Step) -> bool:
    """Answers about the marketplace."""
    return isinstance(step.answer, ItemShown)


def removed_items_alone_are_open(step: Step) -> str | None:
    """An item that is there is shown, and one that never was is not; only a removed one may be either."""
    assert isinstance(step.answer, ItemShown)
    item, shown = step.before.marketplace.item, step.answer.shown
    if item is ItemState.REMOVED or shown is (item is ItemState.PRESENT):
        return None
    return f"the item is {item.value} and the marketplace {'shows' if shown else 'does not show'} it"


# -- how members come and go -----------------------------------------------------------------------


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
    for vm, key in step.before.machines.items():
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
    return f"the deletion of {step.key} was answered with {in_words(step.decision.refusals)}"


def deletion_leaves_nothing(step: Step) -> str | None:
    """The deletion of a group that makes its members takes all of them along, with their NICs and disks."""
    assert step.group_before is not None
    if step.group_after is not None:
        return f"{step.key} is still there"
    for name in step.group_before.members:
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
    return isinstance(step.request, rq.CreateVm) and step.request.platform_names and bool(step.joined)


def platform_names_are_prefix_and_number(step: Step) -> str | None:
    """A name that the platform makes is the prefix and a number, and was not in use."""
    assert isinstance(step.request, rq.CreateVm)
    prefix = step.request.key.name
    for name in step.joined:
        taken = VmKey(step.request.key.resource_group, name) in step.before.machines
        if taken or not re.fullmatch(re.escape(prefix) + "[0-9]+", name):
            return f"the platform made the name {name!r} of {prefix!r}, in use before: {in_words(taken)}"
    return None


# -- placement -------------------------------------------------------------------------------------


def concerns_automatic_placement(step: Step) -> bool:
    """Granted VMs of a group with fault domains whose domain the caller does not name."""
    request, group = step.request, step.group_after
    return (
        isinstance(request, rq.CreateVm)
        and request.fault_domain is None
        and bool(step.joined)
        and group is not None
        and bool(group.fault_domain_count)
    )


def _loads(places: Iterable[object], among: Iterable[object]) -> dict[object, int]:
    counted = Counter(places)
    return {place: counted[place] for place in among}


def placed_in_least_loaded_domain(step: Step) -> str | None:
    """A VM that names no fault domain goes into one that holds fewest members."""
    group = step.group_before
    assert group is not None
    assert step.group_after is not None
    domains = range(group.fault_domain_count or 0)
    loads = _loads((member.fault_domain for member in group.members.values()), domains)
    (name,) = step.joined
    domain = step.group_after.members[name].fault_domain
    if domain in loads and loads[domain] == min(loads.values()):
        return None
    return f"{name} was placed in fault domain {in_words(domain)}, of loads {in_words(loads.values())}"


def placement_keeps_spread(step: Step) -> str | None:
    """Automatic placement never makes max - min over fault domains larger than max(1, what it was)."""
    assert step.group_before is not None
    assert step.group_after is not None
    domains = range(step.group_before.fault_domain_count or 0)
    spread = [
        max(loads.values()) - min(loads.values())
        for loads in (
            _loads((member.fault_domain for member in group.members.values()), domains)
            for group in (step.group_before, step.group_after)
        )
    ]
    return None if spread[1] <= max(1, spread[0]) else f"placement widened the spread from {spread[0]} to {spread[1]}"


def concerns_named_domains(step: Step) -> bool:
    """Granted VMs whose fault domain the caller names."""
    return isinstance(step.request, rq.CreateVm) and step.request.fault_domain is not None and bool(step.joined)


def named_domain_is_taken(step: Step) -> str | None:
    """A VM stands in the fault domain that its caller named."""
    assert isinstance(step.request, rq.CreateVm)
    assert step.group_after is not None
    (name,) = step.joined
    domain = step.group_after.members[name].fault_domain
    if domain == step.request.fault_domain:
        return None
    return f"{name} is in fault domain {in_words(domain)}, {step.request.fault_domain} was named"


def concerns_created_vms(step: Step) -> bool:
    """Granted VMs that join a group."""
    return isinstance(step.request, rq.CreateVm) and bool(step.joined)


def joins_at_the_same_place(step: Step) -> str | None:
    """A VM joins a group only in its region, zone and resource group."""
    assert isinstance(step.request, rq.CreateVm)
    group = step.group_before
    assert group is not None
    asked = (step.request.region, step.request.zone, step.request.key.resource_group)
    place = (group.region, group.zones[0] if group.zones else None, group.key.resource_group)
    return None if asked == place else f"a VM of {in_words(asked)} joined {group.key} of {in_words(place)}"


def concerns_balanced_growth(step: Step) -> bool:
    """Members that are placed in a group with strict zone balance."""
    if not isinstance(step.request, rq.CreateGroup | rq.SetCapacity | rq.Autoscale):
        return False
    group = step.group_after
    return group is not None and group.zone_balance and bool(group.zones) and bool(step.joined)


def concerns_balanced_shrinking(step: Step) -> bool:
    """Scale-in of a group with strict zone balance."""
    group = step.group_before
    sizing = isinstance(step.request, rq.SetCapacity | rq.Autoscale)
    return sizing and group is not None and group.zone_balance and bool(group.zones) and bool(step.left)


def growth_keeps_balance(step: Step) -> str | None:
    """Zones that were balanced stay so as a group grows, and those that were not come closer to it."""
    return zones_stay_balanced(step) or growth_levels_zones(step)


def shrinking_keeps_balance(step: Step) -> str | None:
    """As of growth."""
    return zones_stay_balanced(step) or shrinking_levels_zones(step)


def zones_stay_balanced(step: Step) -> str | None:
    """Scaling never makes max - min over zones larger than max(1, what it was)."""
    after = step.group_after
    assert after is not None
    old = step.group_before.members.values() if step.group_before is not None else ()
    was = _loads((member.zone for member in old), after.zones)
    now = _loads((member.zone for member in after.members.values()), after.zones)
    before_spread = max(was.values()) - min(was.values())
    after_spread = max(now.values()) - min(now.values())
    if after_spread <= max(1, before_spread):
        return None
    return f"zones went from {in_words(was)} to {in_words(now)}"


def growth_levels_zones(step: Step) -> str | None:
    """Strict balance fills the emptiest zones: a zone that grew ends at most one above any other."""
    after = step.group_after
    assert after is not None
    old = step.group_before.members.values() if step.group_before is not None else ()
    was = _loads((member.zone for member in old), after.zones)
    now = _loads((member.zone for member in after.members.values()), after.zones)
    grown = [count for zone, count in now.items() if count > was[zone]]
    return None if max(grown) <= min(now.values()) + 1 else f"zones grew from {in_words(was)} to {in_words(now)}"


def shrinking_levels_zones(step: Step) -> str | None:
    """Strict balance empties the fullest zones: a zone that shrank ends at most one below any other."""
    before, after = step.group_before, step.group_after
    assert before is not None
    assert after is not None
    was = _loads((member.zone for member in before.members.values()), before.zones)
    now = _loads((member.zone for member in after.members.values()), after.zones)
    shrunk = [count for zone, count in now.items() if count < was[zone]]
    return None if min(shrunk) >= max(now.values()) - 1 else f"zones shrank from {in_words(was)} to {in_words(now)}"


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
    """Uniform takes extensions made for its instances, Flexible those made for standard VMs."""
    assert isinstance(step.request, rq.InstallExtension)
    if step.request.for_uniform is (step.kind is GroupKind.UNIFORM):
        return None
    return f"{in_words(step.request)} was granted on a group of kind {in_words(step.kind)}"


# -- reading ---------------------------------------------------------------------------------------


def concerns_changes(step: Step) -> bool:
    """Granted changes of a group's properties."""
    return isinstance(step.request, rq.UpdateGroup) and step.granted


_OF_THE_GROUP = (
    "single_placement_group",
    "health_source",
    "autoscale",
    "repairs",
    "upgrade_mode",
    "rolling",
    "os_upgrade",
)
_OF_THE_MODEL = ("image", "extensions", "external", "automatic_updates")


def changes_set_what_they_ask_for(step: Step) -> str | None:
    """What a change asks for, the group shows afterwards."""
    request, group = step.request, step.group_after
    assert isinstance(request, rq.UpdateGroup)
    if group is None:
        return f"{request.key} is gone"
    pairs = [(name, getattr(group, name)) for name in _OF_THE_GROUP]
    if group.kind not in EXPLICIT_KINDS:
        pairs += [(name, getattr(group.profile or Profile(), name)) for name in _OF_THE_MODEL]
    for name, has in pairs:
        asked = getattr(request, name)
        if asked is not UNCHANGED and asked != has:
            return f"{request.key} was asked to have {name} {in_words(asked)}, and has {in_words(has)}"
    return None


def concerns_group_lists(step: Step) -> bool:
    """Listings of a resource group's groups."""
    return isinstance(step.answer, GroupsShown)


def group_list_shows_the_groups(step: Step) -> str | None:
    """A listing shows exactly the groups of the resource group."""
    assert isinstance(step.answer, GroupsShown)
    assert isinstance(step.request, rq.ListGroups)
    there = {key for key in step.before.groups if key.resource_group == step.request.resource_group}
    listed = counted(len(step.answer.keys), "group")
    return None if step.answer.keys == there else f"{listed} in the list, {len(there)} in the resource group"


def concerns_listings(step: Step) -> bool:
    """Answered listings."""
    return isinstance(step.answer, IdsShown | InstancesShown)


def listing_shows_the_members(step: Step) -> str | None:
    """A listing shows exactly the members, each once."""
    assert step.group_before is not None
    members = step.group_before.members
    if isinstance(step.answer, IdsShown):
        shown = sorted(step.answer.names)
    else:
        assert isinstance(step.answer, InstancesShown)
        shown = sorted(instance.name for instance in step.answer.instances)
        wrong = [one.name for one in step.answer.instances if members.get(one.name) != one]
        if wrong:
            return f"the listing of {step.key} shows {in_words(wrong)} in a state they are not in"
    if shown == sorted(members):
        return None
    return f"the listing of {step.key} shows {in_words(shown)}, not {in_words(sorted(members))}"


def listing_is_of_the_kind(step: Step) -> str | None:
    """A listing of Flexible gives ids, one of Uniform gives the instances."""
    expected = IdsShown if step.kind is GroupKind.FLEXIBLE else InstancesShown
    return (
        None
        if isinstance(step.answer, expected)
        else f"the listing of {step.key} gives {'ids' if isinstance(step.answer, IdsShown) else 'the instances'}"
    )


def concerns_fresh_reads(step: Step) -> bool:
    """Answered reads of one member or one group."""
    return isinstance(step.answer, InstanceShown | GroupShown)


def reads_are_fresh(step: Step) -> str | None:
    """A read shows the member or the group as it is."""
    assert step.group_before is not None
    if isinstance(step.answer, GroupShown):
        return None if step.answer.group == step.group_before else f"the read of {step.key} shows another state"
    assert isinstance(step.request, rq.GetInstance)
    assert isinstance(step.answer, InstanceShown)
    now = step.group_before.members.get(step.request.name)
    if step.answer.instance == now:
        return None
    return f"{step.request.name} is shown as {in_words(step.answer.instance)}, not {in_words(now)}"


def concerns_graph_answers(step: Step) -> bool:
    """Answers of Resource Graph."""
    return isinstance(step.answer, GraphShown)


def graph_answers_are_recent(step: Step) -> str | None:
    """Resource Graph shows each VM in a state it had at some moment of the last 60 seconds."""
    assert isinstance(step.answer, GraphShown)
    assert step.key is not None
    now = step.before.clock
    names = {name for key, name in step.history.states if key == step.key}
    for name in sorted(names | set(step.answer.states)):
        had = step.history.states_within(step.key, name, now - STALENESS, now)
        shown = step.answer.states.get(name)
        if shown not in had:
            seen = ", ".join(map(_seen, had))
            return f"at {now} s {name} is shown as {_seen(shown)}, in the last {STALENESS} s it was {seen}"
    return None


def _seen(state: object) -> str:
    return "gone" if state is None else in_words(state)


def concerns_graph_choices(step: Step) -> bool:
    """Decisions about Resource Graph queries."""
    return isinstance(step.request, rq.QueryResourceGraph) and step.granted


def graph_may_show_all_recent_states(step: Step) -> str | None:
    """Every state that a VM had in the last 60 seconds may be shown: nothing is ruled out without a reason."""
    assert step.decision.grant is not None
    assert step.key is not None
    now, choices = step.before.clock, {choice.name: choice for choice in step.decision.grant.choices}
    for key, name in step.history.states:
        if key != step.key:
            continue
        choice = choices.get(f"state of {name}")
        for state in step.history.states_within(key, name, now - STALENESS, now):
            if state is not None and (choice is None or not choice.allows(state)):
                return f"at {now} s the model rules out that {name} is shown as {in_words(state)}"
    return None
