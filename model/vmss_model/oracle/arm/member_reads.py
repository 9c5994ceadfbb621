"""What reads and listings of members show, compared with what is believed, and learnt from."""

from __future__ import annotations

from collections.abc import Mapping

from immutables import Map

from vmss_model import guards
from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import ABSENT, MAYBE, THERE, Belief, GroupBelief, Members, Page
from vmss_model.oracle.arm.group_reads import settled_count
from vmss_model.oracle.arm.judged import Context, Judged
from vmss_model.oracle.arm.shapes import MemberFacts, child, member_facts, number, power_shown, status_codes, text
from vmss_model.oracle.arm.urls import parse_url
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.refinements import recorded_domain
from vmss_model.rules import implements
from vmss_model.values import GroupKind, Power, Priority, UpgradeMode


@implements("ARM-LIST", "ARM-CAPACITY", "ARM-ABSENT", "LIST-IDS")
def see_member_list(belief: Belief, group: GroupBelief, body: object, context: Context) -> Judged:
    """A listing of members: exactly the members, each once, following pages included."""
    values = child(body, "value")
    if not isinstance(values, list):
        return belief, unknown("the listing has no list of values")
    facts = [one for one in map(member_facts, values) if one is not None]
    names = [one.name for one in facts]
    if group.presence == ABSENT:
        return belief, _of_absent(group, "its members are listed")
    earlier, complete, belief = _pages(belief, group, frozenset(names), body, context)
    problem = _doubled(names, earlier, facts) or _foreign_member(group, frozenset(names))
    for one in facts:
        problem = problem or _contradicted(group, one)
    whole = earlier | frozenset(names)
    if problem is None and complete:
        problem = _missing(group, whole)
    history, spread = _spread(group, facts)
    if problem is None and spread is not None and spread.verdict is Verdict.VIOLATES:
        problem = spread
    if history is not None and complete and not group.pending and history.members != whole:
        history = None
    members = _learn_members(group, facts, whole if complete else None)
    unsettled = group.unsettled and not (complete and _tells_what_a_failure_left(group, whole))
    belief = belief.with_group(evolve(group, members=members, presence=THERE, history=history, unsettled=unsettled))
    if problem is not None:
        return belief, problem
    rules = ["ARM-LIST", *(spread.rules if spread is not None else ())]
    rules.extend(sorted({rule for one in facts if (rule := _model_rule(group, one)) is not None}))
    rules.extend(["ARM-POWER"] if any(_power_is_told(group, one) for one in facts) else [])
    if complete and settled_count(group) is not None:
        rules.append("ARM-CAPACITY")
    if group.rules is not None:
        says = group.rules.lists_ids
        rules.extend([says.rule] if says is not None else [])
    return belief, conforms(*rules, expected="exactly the members, each once", seen=f"{len(names)} listed")


def _tells_what_a_failure_left(group: GroupBelief, whole: frozenset[str]) -> bool:
    """Whether a listing of all members shows all that a failed operation may have done, now that none is under way.

    Where the scale set makes its members, there may be fewer or more than its instance count says: then it may still
    be brought there.
    """
    return not group.pending and (group.by_name or group.certain("sku.capacity") == len(whole))


def _pages(
    belief: Belief, group: GroupBelief, names: frozenset[str], body: object, context: Context
) -> tuple[frozenset[str], bool, Belief]:
    """The names on earlier pages, whether the listing is now complete, and the belief with the pages kept."""
    key, stamp = str(group.key), group.members.known_at
    kept = tuple(one for one in belief.pages.get(key, ()) if one.known_at == stamp)
    earlier: frozenset[str] = frozenset()
    fresh = True
    if context.target.is_page:
        page = next((one for one in kept if one.token == context.target.page), None)
        fresh = page is not None
        earlier = page.earlier if page is not None else frozenset()
    link = child(body, "nextLink")
    if link and fresh:
        token = parse_url(text(link) or "").page
        others = tuple(one for one in kept if one.token != token)[1 - _MOST_PAGES :]
        kept = (*others, Page(token, earlier | names, stamp))
    complete = not link and fresh and not context.target.narrowed
    return earlier, complete, evolve(belief, pages=belief.pages.set(key, kept)) if kept else belief


_MOST_PAGES = 64
"""The most pages of one group's listings that are remembered: a thousand members are ten pages or so."""


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
    if not group.numbers_members or group.platform_acts:
        return None
    # A member that was never seen is new only if it was not there when all members were known.
    unseen = [name for name in names - members.sure - members.maybe if name not in members.facts]
    low = frozenset(name for name in unseen if name.isdecimal() and int(name) <= members.spent)
    if low:
        return violates(
            "ARM-CAPACITY",
            expected=f"new instance ids are greater than {members.spent}, the highest seen before",
            seen=f"{_few(low)} is listed",
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
    settled = not group.pending and not group.unsettled and not group.platform_acts
    if group.numbers_members and settled and isinstance(capacity, int) and len(whole) != capacity:
        return violates(
            "ARM-CAPACITY",
            expected=f"{capacity} instances are listed, as the capacity says",
            seen=f"{len(whole)} are listed",
            nearest=f"list {capacity} instances once the change of capacity has succeeded",
        )
    return None


def _of_absent(group: GroupBelief, seen: str) -> Finding:
    """Members of a scale set that does not exist are shown."""
    return violates(
        "ARM-ABSENT",
        expected=f"the scale set {group.key} does not exist, and no member of it",
        seen=seen,
        nearest="answer 404",
    )


def _few(names: frozenset[str]) -> str:
    listed = sorted(names, key=lambda name: (len(name), name))
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "") if listed else "none"


def _contradicted(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member that is shown otherwise than it can be by what is known of it and of its scale set."""
    return (
        _misplaced(group, member)
        or _other_id(group, member)
        or _moved(group, member)
        or _wrong_power(group, member)
        or _wrong_model(group, member)
    )


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
        power=_learn_power(group, facts),
        deallocated=members.deallocated or any(one.power is Power.DEALLOCATED for one in facts),
    )
    if whole is None:
        return members
    if group.pending or group.platform_acts:
        # What an operation under way touches stays open; what it does not touch is as listed.
        return evolve(members, maybe=members.maybe & whole if not group.pending else members.maybe)
    gone = members.gone | ((members.sure | members.maybe) - whole)
    return evolve(members, sure=whole, maybe=frozenset(), closed=True, gone=gone, spent=highest)


def _learn_latest(group: GroupBelief, facts: list[MemberFacts]) -> Map[str, frozenset[bool]]:
    """Which members run the newest model, as shown.

    One that does not may come to by itself, but for policy Manual; and by a rollout, even if that was begun by hand.
    """
    latest = group.members.latest
    if group.pending or group.platform_acts:
        return latest
    for one in facts:
        if one.latest is not None:
            certain = one.latest or not (group.upgrades_itself or group.may_be_rolling)
            latest = latest.set(one.name, frozenset({one.latest}) if certain else MAYBE)
    return latest


def _learn_power(group: GroupBelief, facts: list[MemberFacts]) -> Map[str, frozenset[Power]]:
    """The power states of members, as shown; one shown while something is under way need not be there afterwards."""
    power = group.members.power
    settled = _power_is_settled(group)
    for one in facts:
        if one.power is None:
            continue
        before = power.get(one.name)
        if settled:
            power = power.set(one.name, frozenset({one.power}))
        elif before is not None:
            power = power.set(one.name, before | {one.power})
    return power


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
def _other_id(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member shown with another vmId than before."""
    before = group.members.facts.get(member.name)
    if before is None or not before.vm_id or not member.vm_id or before.vm_id == member.vm_id:
        return None
    return violates(
        "ARM-READ-BACK",
        expected=f"{member.name} keeps its vmId {before.vm_id}",
        seen=f"vmId {member.vm_id}",
        nearest="show the same vmId as before",
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
    if group.presence == ABSENT:
        return belief, _of_absent(group, f"its member {member.name} is shown")
    problem = _foreign_member(group, frozenset({member.name})) or _contradicted(group, member)
    history, spread = _spread(group, [member])
    if spread is not None and spread.verdict is Verdict.VIOLATES:
        problem = problem or spread
    problem = problem or _against_habit(belief, group, member)
    members = _learn_members(group, [member], None)
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
    if _power_is_told(group, member):
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


def _power_is_settled(group: GroupBelief) -> bool:
    """Whether nothing is under way that may change the power state of members."""
    return not (group.pending or group.unsettled or group.platform_acts or group.may_be_rolling)


def _power_is_told(group: GroupBelief, member: MemberFacts) -> bool:
    """Whether a member's power state is shown where it is known what it can be."""
    return member.power is not None and member.name in group.members.power and _power_is_settled(group)


@implements("ARM-POWER")
def _wrong_power(group: GroupBelief, member: MemberFacts) -> Finding | None:
    """A member shown in another power state than the last operation on it, or the last read of it, left it in."""
    if not _power_is_told(group, member):
        return None
    expected, shown = group.members.power[member.name], member.power
    assert shown is not None
    if shown in expected:
        return None
    wanted = " or ".join(sorted(one.value for one in expected))
    return violates(
        "ARM-POWER",
        expected=f"{member.name} is {wanted}",
        seen=f"its power state is {shown.value}",
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
