"""What reads and listings show, compared with what is believed, and learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from attrs import evolve, frozen
from immutables import Map

from vmss_model import guards
from vmss_model import requests as rq
from vmss_model.oracle.arm.belief import ABSENT, MAYBE, MISSED, THERE, Belief, GroupBelief, Members
from vmss_model.oracle.arm.editions import edition_for
from vmss_model.oracle.arm.facts import IMMUTABLE, group_facts
from vmss_model.oracle.arm.profiles import health_source_of, profile_of
from vmss_model.oracle.arm.requests import create_request, decide_on
from vmss_model.oracle.arm.shapes import (
    Fact,
    MemberFacts,
    child,
    has_profile,
    is_scale_set,
    kind_shown,
    member_facts,
    number,
    power_shown,
    scale_set_key,
    status_codes,
    text,
    truth,
)
from vmss_model.oracle.arm.urls import Target
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.refinements import recorded_domain
from vmss_model.rules import implements
from vmss_model.values import GroupKind, Priority, UpgradeMode
from vmss_model.world import GroupKey

Judged = tuple[Belief, Finding]
"""The belief after an observation, and the finding on it."""


@frozen
class Context:
    """What every observation comes with."""

    target: Target
    """What the URL names."""
    date: str
    """When, as recorded."""


def believed(belief: Belief, key: GroupKey, context: Context, body: object = None) -> GroupBelief:
    """What is believed of a group; nothing yet for a group that was not seen before."""
    known = belief.groups.get(key)
    if known is not None and (known.presence != ABSENT or known.edition is belief.edition):
        return known
    chosen = belief.edition or edition_for(context.date or belief.date, context.target.api_version, body)
    if known is not None:
        return evolve(known, edition=chosen)
    return GroupBelief.unwatched(key, chosen) if belief.gaps else GroupBelief(key=key, edition=chosen)


# -- a group ---------------------------------------------------------------------------------------


@implements("ARM-READ-BACK", "ARM-IMMUTABLE", "MODE-IMMUTABLE", "ARM-ABSENT")
def see_group(belief: Belief, group: GroupBelief, body: object, api_version: str = "") -> Judged:
    """A group shown by a read, a listing or the answer to a change.

    `api_version` is that of a read of the group itself: what such a read leaves out is not set.
    """
    if group.presence == ABSENT:
        finding = violates(
            "ARM-ABSENT",
            expected=f"the scale set {group.key} does not exist: it was deleted or never created",
            seen="it is shown",
            nearest="answer 404, and leave it out of listings",
        )
        return belief.with_group(learn_group(evolve(group, presence=THERE), body)), finding
    shown = group_facts(body)
    compared = _compare(group, shown)
    if compared.verdict is Verdict.VIOLATES:
        return belief.with_group(learn_group(group, body, shown)), compared
    request = create_request(group.key, body, group.edition, "", as_state=True, facts=shown)
    allowed = _may_exist(group, request)
    group = _learn_unset(learn_group(group, body, shown), body, shown, api_version)
    if allowed.verdict is Verdict.VIOLATES:
        return belief.with_group(group), allowed
    rules = (*compared.rules, *allowed.rules)
    if not rules:
        return belief.with_group(group), unknown(
            "nothing was known of the scale set, and no rule speaks of what is shown"
        )
    return belief.with_group(group), conforms(*rules, expected=compared.expected, seen="shown so")


_SHOWN_SINCE = {"zones": "2017-03-30", "priority": "2017-12-01"}
"""The first API version whose reads show the property wherever it is set."""


def _learn_unset(group: GroupBelief, body: object, shown: Mapping[str, Fact], api_version: str) -> GroupBelief:
    """What a read leaves out of what only creation sets: a regional group, and regular priority."""
    unset = {name for name, since in _SHOWN_SINCE.items() if name not in shown and api_version >= since}
    if not has_profile(body):
        unset.discard("priority")
    return group if unset <= group.unset else evolve(group, unset=group.unset | unset)


@implements("ARM-IMMUTABLE")
def set_later(group: GroupBelief, shown: Mapping[str, Fact]) -> Finding | None:
    """A property that only creation sets and that was unset, but now is set."""
    for name in sorted(group.unset):
        value = shown.get(name)
        if value is None or (name == "priority" and str(value).lower() == "regular"):
            continue
        return violates(
            "ARM-IMMUTABLE",
            expected=f"{name} is not set, as an earlier read showed, and stays so",
            seen=f"{name} is {_value(value)}",
            nearest=f"leave {name} out",
        )
    return None


def _compare(group: GroupBelief, facts: Mapping[str, Fact]) -> Finding:
    """Each shown property against its possible values."""
    rules: list[str] = []
    changed = set_later(group, facts) if group.unset else None
    if changed is not None:
        return changed
    for name, shown in facts.items():
        possible = group.possible(name)
        if possible is None or (name == "sku.capacity" and group.platform_acts):
            continue
        rule = _rule_of(group, name)
        if shown not in possible and not _same(shown, possible):
            return violates(
                rule,
                expected=f"{name} is {_values(possible)}",
                seen=f"{name} is shown as {_value(shown)}",
                nearest=f"show {name} as {min(map(_value, possible))}",
            )
        rules.append(rule)
    if not rules:
        return unknown("nothing of it was known")
    return conforms(*rules, expected="the known properties are shown unchanged")


def _same(shown: Fact, possible: frozenset[Fact]) -> bool:
    return isinstance(shown, str) and any(isinstance(one, str) and one.lower() == shown.lower() for one in possible)


def _rule_of(group: GroupBelief, name: str) -> str:
    if name == "orchestrationMode" and group.kind is not None:
        says = group.edition.kinds[group.kind].mode_immutable
        return says.rule if says is not None else "ARM-IMMUTABLE"
    if name == "sku.capacity":
        return "ARM-CAPACITY"
    return "ARM-IMMUTABLE" if name in IMMUTABLE else "ARM-READ-BACK"


def _value(fact: Fact) -> str:
    return ", ".join(fact) if isinstance(fact, tuple) else str(fact)


def _values(facts: frozenset[Fact]) -> str:
    return " or ".join(sorted(_value(fact) for fact in facts))


def _may_exist(group: GroupBelief, request: rq.CreateGroup | None) -> Finding:
    """Whether the documents allow a group with the shown properties at all."""
    if request is None:
        return unknown("its orchestration mode cannot be told")
    decision = decide_on(group.edition, request)
    if not decision.refused:
        return conforms(*decision.held) if decision.held else unknown(decision.silent or "no rule speaks of it")
    rules = tuple(rule for refusal in decision.refusals for rule in refusal.rules)
    return violates(
        *rules,
        expected="; ".join(refusal.message for refusal in decision.refusals),
        seen="a scale set with these properties is shown",
        nearest="refuse to create or change it so: " + "; ".join(refusal.message for refusal in decision.refusals),
    )


def learn_group(group: GroupBelief, body: object, facts: Mapping[str, Fact] | None = None) -> GroupBelief:
    """What is known of a group once it was seen; `facts` are those of the body, where they were read already."""
    shown = group_facts(body) if facts is None else facts
    if group.pending:
        # A change under way may still show the old values: keep those that are possible beside the shown.
        group = group.narrowed({name: value for name, value in shown.items() if group.possible(name) is None})
    else:
        group = group.narrowed(shown)
    kind = group.kind or kind_shown(body, group.edition.name)
    if kind is not None and kind not in group.edition.kinds:
        kind = None
    shown_profile = profile_of(body)
    profile = shown_profile or group.profile
    source = group.health_source if shown_profile is None else health_source_of(body)
    acts = group.platform_acts
    if profile is not None and profile.priority is Priority.SPOT:
        acts = acts or "instances of Spot priority may be evicted"
    if truth(child(body, "properties", "automaticRepairsPolicy", "enabled")):
        acts = acts or "instance repair replaces unhealthy instances"
    learnt = evolve(group, presence=THERE, kind=kind, profile=profile, health_source=source)
    return learnt.disturbed(acts) if acts and not group.platform_acts else learnt


@implements("ARM-LIST", "ARM-ABSENT")
def see_group_list(belief: Belief, body: object, context: Context) -> Judged:
    """A listing of scale sets: each once, none that is absent, all of the resource group that exist."""
    values = child(body, "value")
    if not isinstance(values, list):
        return belief, unknown("the listing has no list of values")
    resource_group = context.target.group.resource_group if context.target.group is not None else ""
    shown: list[GroupKey] = []
    worst: Finding | None = None
    for value in values:
        key = scale_set_key(child(value, "id"))
        name = text(child(value, "name"))
        if resource_group and name is not None:
            key = GroupKey(resource_group, name.lower())
        if key is None:
            continue
        shown.append(key)
        if is_scale_set(value) and key in belief.groups:
            belief, finding = see_group(belief, believed(belief, key, context, value), value)
            if finding.verdict is Verdict.VIOLATES and worst is None:
                worst = finding
    if worst is not None:
        return belief, worst
    listed = frozenset(shown)
    if len(listed) != len(shown):
        doubled = Counter(shown).most_common(1)[0][0]
        finding = violates(
            "ARM-LIST",
            expected="each scale set is listed once",
            seen=f"{doubled} is listed twice",
            nearest="list it once",
        )
        return belief, finding
    complete = (
        resource_group and not child(body, "nextLink") and not context.target.is_page and not context.target.narrowed
    )
    if complete:
        for group in belief.groups.values():
            if group.key.resource_group == resource_group and group.presence == THERE and group.key not in listed:
                finding = violates(
                    "ARM-LIST",
                    expected=f"{group.key} exists and is listed",
                    seen="it is not listed",
                    nearest="list every scale set of the resource group",
                )
                return belief, finding
    return belief, conforms("ARM-LIST", expected="each existing scale set once", seen=f"{len(shown)} listed")


@implements("ARM-ABSENT")
def see_group_absent(belief: Belief, group: GroupBelief) -> Judged:
    """A read of a group answered 404."""
    if group.presence == THERE and not group.pending:
        finding = violates(
            "ARM-ABSENT",
            expected=f"the scale set {group.key} exists",
            seen="a read answers 404",
            nearest="answer 200 with the scale set",
        )
        return belief, finding
    if MISSED in group.pending:
        return belief, unknown("exchanges were missed: an operation that creates or deletes it may be under way")
    if group.pending:
        # An operation that creates or deletes it is under way: either answer is right until it ends.
        return belief, conforms("ARM-ABSENT", expected="it may not exist while an operation is under way", seen="404")
    belief = belief.with_group(GroupBelief(group.key, group.edition, presence=ABSENT))
    if group.presence == ABSENT:
        return belief, conforms("ARM-ABSENT", expected="it does not exist", seen="404")
    return belief, unknown("whether it existed was not known")


@implements("CAP-UNIFORM", "CAP-SSVM-2019")
def see_capacity_bounds(belief: Belief, group: GroupBelief, body: object) -> Judged:
    """The service's own statement of a group's capacity bounds against the edition's."""
    values = child(body, "value")
    highest = {
        number(child(value, "capacity", "maximum"))
        for value in (values if isinstance(values, list) else ())
        if number(child(value, "capacity", "maximum")) is not None
    }
    if not highest or group.kind is None:
        return belief, unknown("no bounds are shown, or the kind of group is not known")
    rules = group.edition.kinds[group.kind]
    limit = rules.capacity
    single = group.certain("singlePlacementGroup")
    if single is True and rules.capacity_single_placement_group is not None:
        limit = rules.capacity_single_placement_group
    if limit is None:
        return belief, unknown(f"edition {group.edition.name} states no capacity bounds")
    beyond = [value for value in highest if value is not None and value > limit.highest]
    if beyond:
        finding = violates(
            limit.rule,
            expected=f"at most {limit.highest} instances",
            seen=f"up to {max(beyond)} are offered",
            nearest=f"offer at most {limit.highest}",
        )
        return belief, finding
    return belief, conforms(limit.rule, expected=f"at most {limit.highest}", seen=f"at most {max(map(int, highest))}")  # type: ignore[arg-type] # None was left out


@implements("ARM-LIST", "ARM-CAPACITY")
def see_group_view(belief: Belief, group: GroupBelief, body: object) -> Judged:
    """The counts of a group's instance view against its members."""
    summary = child(body, "virtualMachine", "statusesSummary")
    if group.presence == ABSENT:
        return belief, violates(
            "ARM-ABSENT",
            expected="the scale set does not exist",
            seen="its instance view is shown",
            nearest="answer 404",
        )
    counted = sum(
        number(child(one, "count")) or 0
        for one in (summary if isinstance(summary, list) else ())
        if (text(child(one, "code")) or "").lower().startswith("provisioningstate/")
    )
    expected = settled_count(group)
    if not isinstance(summary, list) or expected is None:
        return belief, unknown("how many instances there are was not known")
    count, rule = expected
    if counted != count:
        finding = violates(
            rule,
            expected=f"{count} instances",
            seen=f"the instance view counts {counted}",
            nearest=f"count the {count} members",
        )
        return belief, finding
    return belief, conforms(rule, expected=f"{count} instances", seen=f"{counted} counted")


def settled_count(group: GroupBelief) -> tuple[int, str] | None:
    """How many members there are, where that is certain, and the rule that says so."""
    if group.pending or group.unsettled or group.platform_acts:
        return None
    members = group.members
    if members.closed and not members.maybe:
        return len(members.sure), "ARM-LIST"
    capacity = group.certain("sku.capacity")
    if isinstance(capacity, int) and group.kind in (GroupKind.UNIFORM, GroupKind.SCALE_SET_VM):
        return capacity, "ARM-CAPACITY"
    return None


# -- members ---------------------------------------------------------------------------------------


@implements("ARM-LIST", "ARM-CAPACITY", "ARM-ABSENT", "LIST-IDS")
def see_member_list(belief: Belief, group: GroupBelief, body: object, context: Context) -> Judged:
    """A listing of members: exactly the members, each once, following pages included."""
    values = child(body, "value")
    if not isinstance(values, list):
        return belief, unknown("the listing has no list of values")
    facts = [one for one in map(member_facts, values) if one is not None]
    names = [one.name for one in facts]
    if group.presence == ABSENT and names:
        return belief, violates(
            "ARM-ABSENT", expected="the scale set does not exist", seen="members are listed", nearest="answer 404"
        )
    earlier, complete, belief = _pages(belief, group, frozenset(names), body, context)
    problem = _doubled(names, earlier, facts) or _foreign_member(group, frozenset(names))
    for one in facts:
        problem = problem or _misplaced(group, one) or _moved(group, one) or _wrong_model(group, one)
    whole = earlier | frozenset(names)
    if problem is None and complete:
        problem = _missing(group, whole)
    history, spread = _spread(group, facts)
    if problem is None and spread is not None and spread.verdict is Verdict.VIOLATES:
        problem = spread
    if history is not None and complete and not group.pending and history.members != whole:
        history = None
    members = _learn_members(group, facts, whole if complete else None)
    belief = belief.with_group(evolve(group, members=members, presence=THERE, history=history))
    if problem is not None:
        return belief, problem
    rules = ["ARM-LIST", *(spread.rules if spread is not None else ())]
    rules.extend(sorted({rule for one in facts if (rule := _model_rule(group, one)) is not None}))
    if complete and settled_count(group) is not None:
        rules.append("ARM-CAPACITY")
    if group.kind is not None:
        says = group.edition.kinds[group.kind].lists_ids
        rules.extend([says.rule] if says is not None else [])
    return belief, conforms(*rules, expected="exactly the members, each once", seen=f"{len(names)} listed")


def _pages(
    belief: Belief, group: GroupBelief, names: frozenset[str], body: object, context: Context
) -> tuple[frozenset[str], bool, Belief]:
    """The names on earlier pages, whether the listing is now complete, and the belief with the pages kept."""
    key, stamp = str(group.key), group.members.known_at
    earlier: frozenset[str] = frozenset()
    fresh = True
    if context.target.is_page:
        kept = belief.pages.get(key)
        fresh = kept is not None and kept[1] == stamp
        earlier = kept[0] if kept is not None and fresh else frozenset()
    more = bool(child(body, "nextLink"))
    if more:
        pages = belief.pages.set(key, (earlier | names, stamp)) if fresh else belief.pages
    else:
        pages = belief.pages.delete(key) if key in belief.pages else belief.pages
    complete = not more and fresh and not context.target.narrowed
    return earlier, complete, evolve(belief, pages=pages)


def _doubled(names: list[str], earlier: frozenset[str], facts: list[MemberFacts]) -> Finding | None:
    seen: set[str] = set(earlier)
    for name in names:
        if name in seen:
            return violates(
                "ARM-LIST",
                expected="each member is listed once",
                seen=f"{name} is listed twice",
                nearest="list it once",
            )
        seen.add(name)
    ids = [one.vm_id for one in facts if one.vm_id]
    if len(set(ids)) != len(ids):
        return violates(
            "ARM-LIST",
            expected="each member has a vmId of its own",
            seen="a vmId is listed twice",
            nearest="list each member once",
        )
    return None


def _foreign_member(group: GroupBelief, names: frozenset[str]) -> Finding | None:
    """A listed member that was deleted, that nobody created, or that has a used id."""
    members = group.members
    again = (names & members.gone) - members.sure - members.maybe
    if again:
        return violates(
            "ARM-ABSENT",
            "ARM-CAPACITY",
            expected=f"{_few(again)} was deleted, and its id is not used again",
            seen=f"{_few(again)} is listed",
            nearest="leave it out of the listing",
        )
    if members.closed:
        strangers = names - members.sure - members.maybe
        if strangers and not group.platform_acts:
            return violates(
                "ARM-LIST",
                expected=f"the members are {_few(members.sure | members.maybe)}",
                seen=f"{_few(strangers)} is listed, which nobody created",
                nearest="list exactly the members",
            )
        return None
    new = [int(name) for name in names - members.sure - members.maybe if name.isdecimal()]
    if members.facts and new and min(new) <= members.highest and not group.platform_acts:
        low = [str(one) for one in new if one <= members.highest and str(one) not in members.facts]
        if low:
            return violates(
                "ARM-CAPACITY",
                expected=f"new instance ids are greater than {members.highest}, the highest seen",
                seen=f"{_few(frozenset(low))} is listed",
                nearest="number new instances upwards and never use an id again",
            )
    return None


def _missing(group: GroupBelief, whole: frozenset[str]) -> Finding | None:
    """A member that is surely there and not listed, or a count that is not the capacity."""
    lost = group.members.sure - whole
    if lost and not group.platform_acts:
        return violates(
            "ARM-LIST",
            expected=f"{_few(lost)} is a member and is listed",
            seen="it is not listed",
            nearest="list every member",
        )
    capacity = group.certain("sku.capacity")
    implicit = group.kind is not None and not group.edition.kinds[group.kind].explicit
    settled = not group.pending and not group.unsettled and not group.platform_acts
    if implicit and settled and isinstance(capacity, int) and len(whole) != capacity:
        return violates(
            "ARM-CAPACITY",
            expected=f"{capacity} instances are listed, as the capacity says",
            seen=f"{len(whole)} are listed",
            nearest=f"list {capacity} instances once the change of capacity has succeeded",
        )
    return None


def _few(names: frozenset[str]) -> str:
    listed = sorted(names, key=lambda name: (len(name), name))
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "") if listed else "none"


@implements("FDCOUNT-UNIFORM", "FD-EXPLICIT", "ZONES-UNIFORM", "ZONES-FLEX", "ZONES-VM-2019", "UD-2021", "SAME-PLACE")
def _misplaced(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member outside the group's zones, fault domains, update domains or region."""
    if group.kind is None:
        return None
    rules = group.edition.kinds[group.kind]
    zones = group.certain("zones")
    zone_rule = rules.zone_count.rule if rules.zone_count is not None else "ARM-IMMUTABLE"
    if member.zone is not None and isinstance(zones, tuple) and member.zone not in zones:
        return violates(
            zone_rule,
            expected=f"members are in zones {', '.join(zones)}",
            seen=f"{member.name} is in zone {member.zone}",
            nearest=f"place it in zone {zones[0]}",
        )
    if member.zone is not None and "zones" in group.unset:
        return violates(
            zone_rule,
            expected="members are in no zone: the scale set is regional",
            seen=f"{member.name} is in zone {member.zone}",
            nearest="place it in no zone",
        )
    domains = group.certain("platformFaultDomainCount")
    limit = rules.fault_domains_zonal if zones else rules.fault_domains_regional
    count = domains if isinstance(domains, int) else limit.highest if limit is not None else None
    fd_rule = limit.rule if limit is not None else "ARM-IMMUTABLE"
    domain = member.fault_domain
    if domain is not None and count is not None and not guards.is_fault_domain_of(domain, count):
        return violates(
            fd_rule,
            expected=f"fault domains are 0 to {count - 1}",
            seen=f"{member.name} is in fault domain {domain}",
            nearest="place it in one of the group's fault domains",
        )
    location = group.certain("location")
    if member.location is not None and location is not None and member.location != location:
        rule = rules.same_place.rule if rules.same_place is not None else "ARM-READ-BACK"
        return violates(
            rule,
            expected=f"members are in {location}",
            seen=f"{member.name} is in {member.location}",
            nearest=f"place it in {location}",
        )
    return _foreign_update_domain(group, member)


def _foreign_update_domain(group: GroupBelief, member: MemberFacts) -> Finding | None:
    assert group.kind is not None
    limit = group.edition.kinds[group.kind].update_domains
    shown = member.update_domain
    if limit is None or shown is None or guards.within(shown, 0, max(limit.highest - 1, 0)):
        return None
    return violates(
        limit.rule,
        expected=f"at most {limit.highest} update domains",
        seen=f"{member.name} is in update domain {shown}",
        nearest="place it in one of the group's update domains",
    )


def _learn_members(group: GroupBelief, facts: list[MemberFacts], whole: frozenset[str] | None) -> Members:
    members = group.members
    known, shown_at = members.facts.mutate(), members.shown_at.mutate()
    highest = members.highest
    for one in facts:
        known[one.name] = _merged(known.get(one.name), one)
        shown_at[one.name] = members.known_at
        if one.name.isdecimal() and len(one.name) < 10:
            highest = max(highest, int(one.name))
    members = evolve(
        members,
        facts=known.finish(),
        highest=highest,
        shown_at=shown_at.finish(),
        latest=_learn_latest(group, facts),
    )
    if whole is None:
        return members
    if group.pending or group.platform_acts:
        # What an operation under way touches stays open; what it does not touch is as listed.
        return evolve(members, maybe=members.maybe & whole if not group.pending else members.maybe)
    gone = members.gone | ((members.sure | members.maybe) - whole)
    return evolve(members, sure=whole, maybe=frozenset(), closed=True, gone=gone)


def _learn_latest(group: GroupBelief, facts: list[MemberFacts]) -> Map[str, frozenset[bool]]:
    """Which members run the newest model, as shown; one that does not may come to by itself, but for policy Manual."""
    latest = group.members.latest
    if group.pending or group.platform_acts:
        return latest
    for one in facts:
        if one.latest is not None:
            certain = one.latest or not group.upgrades_itself
            latest = latest.set(one.name, frozenset({one.latest}) if certain else MAYBE)
    return latest


@implements("MODEL-VERSION", "UPGRADE-MANUAL")
def _wrong_model(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member that is shown to run the newest model, or not to, although nothing can have made it so."""
    rule = _model_rule(group, member)
    if rule is None or member.latest in group.possible_latest(member.name):
        return None
    wanted = "runs the newest model" if member.latest is False else "does not run the newest model"
    return violates(
        rule,
        expected=f"{member.name} {wanted}, as the last change of the model and the upgrades since made it",
        seen=f"latestModelApplied is {str(member.latest).lower()}",
        nearest=f"show latestModelApplied as {str(not member.latest).lower()}",
    )


def _model_rule(group: GroupBelief, member: MemberFacts) -> str | None:
    """The rule that a shown `latestModelApplied` is held against; None where it cannot be."""
    upgrades = group.edition.upgrades
    if member.latest is None or upgrades is None or group.kind not in upgrades.kinds:
        return None
    if group.pending or group.unsettled or group.platform_acts or len(group.possible_latest(member.name)) > 1:
        return None
    by_call = group.members.called or group.possible_latest(member.name) == ABSENT
    return upgrades.modes.get(UpgradeMode.MANUAL) if by_call else upgrades.model_version


def _merged(before: MemberFacts | None, now: MemberFacts) -> MemberFacts:
    if before is None:
        return now
    return evolve(
        now,
        zone=now.zone or before.zone,
        fault_domain=now.fault_domain if now.fault_domain is not None else before.fault_domain,
        update_domain=now.update_domain if now.update_domain is not None else before.update_domain,
        vm_id=now.vm_id or before.vm_id,
        group=now.group or before.group,
        location=now.location or before.location,
    )


@implements("ARM-READ-BACK")
def _moved(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member shown in another fault domain, update domain or zone than before, with nothing in between."""
    members = group.members
    before = members.facts.get(member.name)
    undisturbed = members.shown_at.get(member.name) == members.known_at and not group.pending
    if before is None or not undisturbed or group.platform_acts or group.unsettled:
        return None
    for what, was, now in (
        ("fault domain", before.fault_domain, member.fault_domain),
        ("update domain", before.update_domain, member.update_domain),
        ("zone", before.zone, member.zone),
    ):
        if was is not None and now is not None and was != now:
            return violates(
                "ARM-READ-BACK",
                expected=f"{member.name} stays in {what} {was}",
                seen=f"it is in {what} {now}",
                nearest=f"show {what} {was}",
            )
    return None


@implements("FD-SPREAD")
def _spread(group: GroupBelief, shown: list[MemberFacts]) -> tuple[PlacementHistory | None, Finding | None]:
    """The history of placement with the shown fault domains, and whether it can have been spread evenly.

    A member that nobody was seen to create ends the history: what it did to the counts is not known.
    """
    history = group.history
    if history is None or not history.members.issuperset(one.name for one in shown):
        return None, None
    placed = [one for one in shown if one.fault_domain is not None]
    for one in placed:
        history = history.seen(one.name, one.fault_domain or 0)
    possible = history.possible() if placed else None
    if possible is False:
        seen = ", ".join(f"{one.name} is in fault domain {one.fault_domain}" for one in placed[:8])
        return None, violates(
            "FD-SPREAD",
            expected="each automatically placed VM is in a fault domain that held fewest members",
            seen=seen,
            nearest="place it in the emptiest fault domain",
        )
    return history, conforms("FD-SPREAD") if possible else None


@implements("ARM-ABSENT", "ARM-READ-BACK", "GET-FRESH", "FD-SPREAD")
def see_member(belief: Belief, group: GroupBelief, member: MemberFacts) -> Judged:
    """A member's model or instance view."""
    problem = _foreign_member(group, frozenset({member.name})) or _misplaced(group, member)
    before = group.members.facts.get(member.name)
    if problem is None and before is not None and before.vm_id and member.vm_id and before.vm_id != member.vm_id:
        problem = violates(
            "ARM-READ-BACK",
            expected=f"{member.name} keeps its vmId {before.vm_id}",
            seen=f"vmId {member.vm_id}",
            nearest="show the same vmId as before",
        )
    problem = problem or _moved(group, member) or _wrong_power(group, member) or _wrong_model(group, member)
    history, spread = _spread(group, [member])
    if spread is not None and spread.verdict is Verdict.VIOLATES:
        problem = problem or spread
    problem = problem or _against_habit(belief, group, member)
    members = _learn_members(group, [member], None)
    if member.power is not None:
        members = evolve(members, power=members.power.set(member.name, frozenset({member.power})))
    belief = belief.with_group(evolve(group, members=members, presence=THERE, history=history))
    if problem is not None:
        return belief, problem
    rules = _member_rules(group, member)
    if spread is not None:
        rules.extend(spread.rules)
    if not rules:
        return belief, unknown("nothing was known of this member, and no rule speaks of what is shown")
    return belief, conforms(*rules, expected="the member as it is", seen="shown so")


def _against_habit(belief: Belief, group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member that does not stand where recorded ones do, if that refinement is switched on."""
    name = "placement-by-id"
    spot = group.profile is None or group.profile.priority is Priority.SPOT
    if name not in belief.refinements or not member.name.isdecimal() or spot or group.facts.get("zones"):
        return None
    if group.kind not in (GroupKind.UNIFORM, GroupKind.SCALE_SET_VM):
        return None
    domain = recorded_domain(int(member.name), single_domain=group.certain("platformFaultDomainCount") == 1)
    if member.fault_domain in (None, domain) and member.update_domain in (None, domain):
        return None
    return violates(
        name,
        expected=f"instance {member.name} stands in fault domain and update domain {domain}, as recorded ones do",
        seen=f"fault domain {member.fault_domain}, update domain {member.update_domain}",
        nearest=f"place it in {domain}; no document asks for it",
    )


def _member_rules(group: GroupBelief, member: MemberFacts) -> list[str]:
    """The rules that a shown member was held against."""
    rules: list[str] = []
    known = group.members
    if member.name in known.sure or known.closed:
        rules.append("ARM-LIST")
    if member.name in known.facts:
        rules.append("ARM-READ-BACK")
    if member.power is not None and member.name in known.power:
        rules.append("ARM-POWER")
    model_rule = _model_rule(group, member)
    rules.extend([model_rule] if model_rule is not None else [])
    if group.kind is None:
        return rules
    says = group.edition.kinds[group.kind]
    limit = says.fault_domains_zonal if group.certain("zones") else says.fault_domains_regional
    if member.fault_domain is not None and limit is not None:
        rules.append(limit.rule)
    if member.zone is not None and says.zone_count is not None:
        rules.append(says.zone_count.rule)
    if member.update_domain is not None and says.update_domains is not None and says.update_domains.highest:
        rules.append(says.update_domains.rule)
    return rules


@implements("ARM-POWER")
def _wrong_power(group: GroupBelief, member: MemberFacts) -> Finding | None:
    expected = group.members.power.get(member.name)
    if member.power is None or expected is None or group.pending or group.unsettled or group.platform_acts:
        return None
    if member.power in expected:
        return None
    wanted = " or ".join(sorted(one.value for one in expected))
    return violates(
        "ARM-POWER",
        expected=f"{member.name} is {wanted}",
        seen=f"its power state is {member.power.value}",
        nearest=f"show {wanted}",
    )


def view_as_member(name: str, body: object) -> MemberFacts | None:
    """What an instance view on its own shows of a member."""
    if not isinstance(body, Mapping) or not any(True for _ in status_codes(body)):
        return None
    return MemberFacts(
        name=name,
        fault_domain=number(child(body, "platformFaultDomain")),
        update_domain=number(child(body, "platformUpdateDomain")),
        power=power_shown(body),
    )


@implements("ARM-ABSENT")
def see_member_absent(belief: Belief, group: GroupBelief, name: str) -> Judged:
    """A read of a member answered 404."""
    members = group.members
    if name in members.sure and not group.pending and not group.platform_acts:
        return belief, violates(
            "ARM-ABSENT",
            expected=f"member {name} exists",
            seen="a read answers 404",
            nearest="answer 200 with the member",
        )
    if name in members.gone or members.closed or group.presence == ABSENT:
        return belief, conforms("ARM-ABSENT", expected=f"member {name} does not exist", seen="404")
    return belief, unknown("whether the member existed was not known")
