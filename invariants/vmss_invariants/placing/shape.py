"""What a group may be, before it matters where each instance goes: its zones, domains, size and pins.

Every demand is made by the model's own guards. A number is what `symbol` gives for its name: a z3 term,
to ask whether all demands can be met, or an int, to see whether they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from vmss_invariants.counting import counted
from vmss_invariants.placing.answer import Origin, Reason
from vmss_invariants.placing.question import Portion, Question
from vmss_invariants.placing.wording import a_group, already, bounds, pinned, to_place, zones_of
from vmss_model import guards
from vmss_model.decide.placement import MANY
from vmss_model.terms import Number, Truth, all_of, any_of, implies, total

Symbol = Callable[[str], Number]
"""The number of a name; the same each time."""


@frozen
class Demand:
    """Something that has to hold."""

    holds: Truth
    """Whether it does."""
    reason: Reason | None = None
    """The rule, wish or fact that demands it; None: it is what placing means, and cannot be given up."""


@frozen
class Shape:
    """The numbers of a group that do not depend on single cells."""

    zone_count: Number
    """How many zones it lies in; 0: regional."""
    further_zones: Number
    """1 if it lies in zones that the question does not name, else 0."""
    domain_count: Number
    """How many fault domains it has."""
    region: Number
    """How many fault domains its region has."""
    single: Number
    """1 if it keeps to one placement group, else 0."""
    instances: Number
    """How many instances are placed."""
    pinned: tuple[Number, ...]
    """How many of them each pin asks for, in the question's order."""
    taken: tuple[Number, ...]
    """How many members are there already by each statement of the question, in its order."""


def shape_of(question: Question, symbol: Symbol) -> Shape:
    """The numbers of the group that the question is about."""
    return Shape(
        zone_count=symbol("zones"),
        further_zones=symbol("further zones"),
        domain_count=symbol("fault domains"),
        region=symbol("region's fault domains"),
        single=symbol("single placement group"),
        instances=symbol("instances"),
        pinned=tuple(symbol(f"pin {index}") for index in range(len(question.pins))),
        taken=tuple(symbol(f"taken {index}") for index in range(len(question.taken))),
    )


def is_foreign(portion: Portion, question: Question) -> bool:
    """Whether a portion is in a zone that is not one of the group's."""
    return portion.zone is not None and portion.zone not in question.zones


def shape_demands(question: Question, shape: Shape) -> Iterator[Demand]:
    """Everything that is demanded of these numbers."""
    yield Demand(
        all_of(
            shape.zone_count >= 0,
            guards.within(shape.further_zones, 0, 1),
            guards.within(shape.region, 1, MANY),
            guards.within(shape.single, 0, 1),
            *(count >= 0 for count in (*shape.pinned, *shape.taken)),
        )
    )
    if question.domain_limit is None:
        yield Demand(shape.domain_count >= 1)
    yield from _wishes(question, shape)
    yield from _facts(question, shape)
    yield from _zone_count(question, shape)
    yield from _domain_counts(question, shape)
    yield from _placement_groups(question, shape)
    yield from _capacity(question, shape)
    yield from _pins(question, shape)


def _wishes(question: Question, shape: Shape) -> Iterator[Demand]:
    yield _wish(shape.instances == question.instances, to_place(question))
    zones = all_of(shape.zone_count == len(question.zones), shape.further_zones == 0)
    yield _wish(zones, zones_of(question))
    if question.fault_domains is not None:
        domains = counted(question.fault_domains, "fault domain")
        yield _wish(shape.domain_count == question.fault_domains, f"The group has {domains}.")
    if question.single_placement_group is not None:
        single = question.single_placement_group
        sentence = "keeps to a single placement group" if single else "uses several placement groups"
        yield _wish(shape.single == int(single), f"The group {sentence}.")
    for count, pin in zip(shape.pinned, question.pins, strict=True):
        yield _wish(count == pin.count, pinned(pin))


def _facts(question: Question, shape: Shape) -> Iterator[Demand]:
    if question.region_fault_domains is not None:
        sentence = f"The region has {counted(question.region_fault_domains, 'fault domain')}."
        yield Demand(shape.region == question.region_fault_domains, Reason(Origin.FACT, sentence))
    for count, taken in zip(shape.taken, question.taken, strict=True):
        yield Demand(count == taken.count, Reason(Origin.FACT, already(taken)))


def _zone_count(question: Question, shape: Shape) -> Iterator[Demand]:
    limit = question.rules.zone_count
    if limit is not None and question.in_force(limit.rule):
        spans = f"{a_group(question.kind)} spans {bounds(limit, 'zone')}."
        yield Demand(guards.within(shape.zone_count, limit.lowest, limit.highest), _by(limit.rule, spans))


def _domain_counts(question: Question, shape: Shape) -> Iterator[Demand]:
    group = a_group(question.kind)
    for limit, applies, where in (
        (question.rules.fault_domains_regional, shape.zone_count == 0, "in no zone"),
        (question.rules.fault_domains_zonal, shape.zone_count >= 1, "in zones"),
    ):
        if limit is not None and question.in_force(limit.rule):
            in_region = shape.region if limit.varies else MANY
            allowed = guards.fault_domain_count_allowed(shape.domain_count, limit.lowest, limit.highest, in_region)
            besides = ", and no more than its region" if limit.varies else ""
            sentence = f"{group} {where} has {bounds(limit, 'fault domain')}{besides}."
            yield Demand(implies(applies, allowed), _by(limit.rule, sentence))


def _placement_groups(question: Question, shape: Shape) -> Iterator[Demand]:
    allowed, rule = question.rules.single_placement_group, question.rules.single_placement_group_rule
    if allowed is None or rule is None or not question.in_force(rule):
        return
    several = "" if True in allowed else "always uses several placement groups"
    one = "" if False in allowed else "always keeps to a single placement group"
    sentence = f"{a_group(question.kind)} {several or one or 'uses one placement group or several'}."
    yield Demand(any_of(*(shape.single == int(value) for value in sorted(allowed))), _by(rule, sentence))


def _capacity(question: Question, shape: Shape) -> Iterator[Demand]:
    group, members = a_group(question.kind), shape.instances + total(shape.taken)
    limit, tighter = question.rules.capacity, question.rules.capacity_single_placement_group
    if limit is not None and question.in_force(limit.rule):
        allowed = guards.capacity_allowed(members, limit.lowest, limit.highest)
        yield Demand(allowed, _by(limit.rule, f"{group} holds {bounds(limit, 'instance')}."))
    if tighter is not None and question.in_force(tighter.rule):
        allowed = guards.capacity_allowed(members, tighter.lowest, tighter.highest)
        sentence = f"{group} with a single placement group holds {bounds(tighter, 'instance')}."
        yield Demand(implies(shape.single == 1, allowed), _by(tighter.rule, sentence))


def _pins(question: Question, shape: Shape) -> Iterator[Demand]:
    says = question.rules.names_fault_domain
    pins = tuple(zip(shape.pinned, question.pins, strict=True))
    naming = [(count, pin.fault_domain) for count, pin in pins if pin.fault_domain is not None]
    if naming:
        if says is not None and not says.value and question.in_force(says.rule):
            sentence = f"{a_group(question.kind)} does not let the caller name an instance's fault domain."
            yield Demand(total(count for count, _ in naming) == 0, _by(says.rule, sentence))
        limit = question.domain_limit
        rule = "FD-EXPLICIT" if says is not None or limit is None else limit.rule
        reason = _by(rule, "A fault domain that is named is one of the group's.") if question.in_force(rule) else None
        named = (implies(count > 0, guards.is_fault_domain_of(one, shape.domain_count)) for count, one in naming)
        yield Demand(all_of(*named), reason)
    foreign = [count for count, pin in pins if is_foreign(pin, question)]
    if foreign:
        elsewhere = implies(total(foreign) > 0, shape.further_zones == 1)
        yield Demand(elsewhere, _own_zones(question))


def _own_zones(question: Question) -> Reason | None:
    """By which rule a member that the caller makes is in the group's zones, if by any."""
    rules = question.rules
    limit = rules.zone_count if rules.explicit else None
    rule = rules.same_place.rule if rules.same_place is not None else limit.rule if limit is not None else None
    if rule is None or not question.in_force(rule):
        return None
    return _by(rule, f"{a_group(question.kind)} has its members in its own zones.")


def _by(rule: str, sentence: str) -> Reason:
    return Reason(Origin.RULE, sentence, (rule,))


def _wish(holds: Truth, sentence: str) -> Demand:
    return Demand(holds, Reason(Origin.WISH, sentence))
