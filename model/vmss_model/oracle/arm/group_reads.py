"""What reads and listings of groups show, compared with what is believed, and learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from immutables import Map

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import ABSENT, MISSED, THERE, Belief, GroupBelief, GroupListing
from vmss_model.oracle.arm.effects import end_untold
from vmss_model.oracle.arm.facts import IMMUTABLE, group_facts
from vmss_model.oracle.arm.judged import Context, Judged, believed
from vmss_model.oracle.arm.profiles import health_source_of, profile_of
from vmss_model.oracle.arm.requests import create_request, decide_on
from vmss_model.oracle.arm.shapes import (
    Fact,
    child,
    has_profile,
    is_scale_set,
    kind_shown,
    number,
    scale_set_key,
    text,
    truth,
)
from vmss_model.oracle.arm.urls import parse_url
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.rules import implements
from vmss_model.values import GroupKind, Priority
from vmss_model.world import GroupKey


@implements("ARM-READ-BACK", "ARM-IMMUTABLE", "MODE-IMMUTABLE", "ARM-ABSENT")
def see_group(belief: Belief, group: GroupBelief, body: object, api_version: str = "") -> Judged:
    """A group shown by a read, a listing or the answer to a change.

    `api_version` is that of a read of the group itself: what such a read leaves out is not set.
    """
    belief, group = end_untold(belief, group, body)
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
    group = _learn_amid_changes(group, shown) if group.pending else group.narrowed(shown)
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
    learnt = evolve(group, presence=THERE, kind=kind)
    if not any(effect.latest is not None and effect.latest != THERE for effect in group.under_way):
        # While the model changes the old one may be shown.
        learnt = evolve(learnt, profile=profile, health_source=source)
    return learnt.disturbed(acts) if acts and not group.platform_acts else learnt


def _learn_amid_changes(group: GroupBelief, shown: Mapping[str, Fact]) -> GroupBelief:
    """What is known of a group that was seen while it changes: it may show old values, and new ones the next time.

    While an operation may be under way that was not seen to begin, that is so of all that can be changed.
    """
    stays = IMMUTABLE if MISSED in group.pending else shown.keys()
    new = {name: value for name, value in shown.items() if group.possible(name) is None and name in stays}
    effects = [effect for _, effect in group.asked]
    if any(effect.adds or effect.removes or effect.removes_all for effect in effects):
        new.pop("sku.capacity", None)
    group = group.narrowed(new)
    for effect in effects:
        group = group.widened({name: value for name, value in effect.facts if name in new}, keep_others=True)
    return group


@implements("ARM-LIST", "ARM-ABSENT")
def see_group_list(belief: Belief, body: object, context: Context) -> Judged:
    """A listing of scale sets: each once, none that is absent, all of the resource group that exist."""
    values = child(body, "value")
    if not isinstance(values, list):
        return belief, unknown("the listing has no list of values")
    resource_group = context.target.group.resource_group if context.target.group is not None else ""
    shown: list[GroupKey] = []
    nameless = False
    worst: Finding | None = None
    for value in values:
        key = scale_set_key(child(value, "id"))
        name = text(child(value, "name"))
        if resource_group and name is not None:
            key = GroupKey(resource_group, name.lower())
        if key is None:
            nameless = True
            continue
        shown.append(key)
        if is_scale_set(value) and key in belief.groups:
            belief, finding = see_group(belief, believed(belief, key, context, value), value)
            if finding.verdict is Verdict.VIOLATES and worst is None:
                worst = finding
    if worst is not None:
        return belief, worst
    belief, listing, whole = _follow_pages(belief, frozenset(shown), body, context)
    problem = _doubled(shown, listing)
    if problem is None and whole and not nameless and not context.target.narrowed:
        problem = _unlisted(belief, resource_group, listing, frozenset(shown))
    return belief, problem or conforms("ARM-LIST", expected="each existing scale set once", seen=f"{len(shown)} listed")


_MOST_LISTINGS = 64
"""The most listings of which further pages are waited for: one whose pages never come is given up."""


def _follow_pages(
    belief: Belief, shown: frozenset[GroupKey], body: object, context: Context
) -> tuple[Belief, GroupListing, bool]:
    """The belief with the page kept, the listing before it, and whether it is whole with it."""
    place = context.target.group.resource_group if context.target.group is not None else ""
    there = frozenset(
        key
        for key, one in belief.groups.items()
        if one.presence == THERE and MISSED not in one.pending and place in ("", key.resource_group)
    )
    known = belief.listings.get((place, context.target.page)) if context.target.is_page else None
    listing = known or GroupListing(frozenset(), there)
    link = child(body, "nextLink")
    following = parse_url(text(link) or "").page
    if following and (known is not None or not context.target.is_page):
        kept = belief.listings if len(belief.listings) < _MOST_LISTINGS else Map()
        so_far = GroupListing(listing.shown | shown, listing.expected)
        belief = evolve(belief, listings=kept.set((place, following), so_far))
    return belief, listing, not link and (known is not None or not context.target.is_page)


def _doubled(shown: list[GroupKey], listing: GroupListing) -> Finding | None:
    """A scale set that is listed twice, on one page or on two."""
    most_often = Counter([*shown, *(listing.shown & frozenset(shown))]).most_common(1)
    if not most_often or most_often[0][1] == 1:
        return None
    return violates(
        "ARM-LIST",
        expected="each scale set is listed once",
        seen=f"{most_often[0][0]} is listed twice",
        nearest="list it once",
    )


def _unlisted(belief: Belief, place: str, listing: GroupListing, last: frozenset[GroupKey]) -> Finding | None:
    """A scale set that existed from the first page of a listing to its last, and is on none.

    In a listing of the whole subscription it is told by its name alone: recordings can have the names of resource
    groups replaced in their addresses, and not in what is answered.
    """
    names = frozenset() if place else frozenset(key.name for key in listing.shown | last)
    for key in sorted(listing.expected - listing.shown - last, key=str):
        if belief.groups[key].presence == THERE and key.name not in names:
            return violates(
                "ARM-LIST",
                expected=f"{key} exists and is listed",
                seen="it is not listed",
                nearest="list every scale set",
            )
    return None


@implements("ARM-ABSENT")
def see_group_absent(belief: Belief, group: GroupBelief) -> Judged:
    """A read of a group answered 404."""
    belief, group = end_untold(belief, group, None)
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
    counts = [
        number(child(one, "count")) or 0
        for one in (summary if isinstance(summary, list) else ())
        if (text(child(one, "code")) or "").lower().startswith("provisioningstate/")
    ]
    expected = settled_count(group)
    if not isinstance(summary, list) or expected is None:
        return belief, unknown("how many instances there are was not known")
    counted, (count, rule) = sum(counts), expected
    if count and not counts:
        return belief, unknown("the instance view counts no instance by its provisioning state")
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
