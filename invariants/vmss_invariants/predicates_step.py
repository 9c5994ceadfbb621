"""What holds of every step, whatever is asked.

Predicates speak of a request, its decision, and the worlds before and after. Each answers None, or one sentence that
says what is broken. `concerns_*` functions say of which steps a predicate speaks at all: a step that a predicate does
not speak of is never counted as evidence for it.
"""

from __future__ import annotations

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.evolve import evolve_all
from vmss_model.rules import ERRORS, RULES

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
    return f"{type(step.request).__name__} was not granted, and {counted(len(step.events), 'event')} followed"


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
    what = counted(len(step.events), "event")
    return f"{what} of {type(step.request).__name__} led to two different worlds"


def decide_is_repeatable(step: Step) -> str | None:
    """Asking again gets the same decision."""
    if step.error or decide(step.before, step.request) == step.decision:
        return None
    return f"{type(step.request).__name__} was decided in two ways in one world"
