"""What can be asked about placing instances, checked for sense before anything is solved."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from vmss_invariants.checking import is_whole, repeated
from vmss_model.copying import evolve
from vmss_model.decide.placement import MANY
from vmss_model.editions import Edition, KindRules, Limit
from vmss_model.values import GroupKind

MOST_INSTANCES = 1_000_000
"""The largest count of instances that may be asked about; the documents speak of 1,000 at most."""
MOST_PORTIONS = 1_000
"""How many portions (pins, taken, limits) a question may have."""


class QuestionError(ValueError):
    """A question without sense, with what is wrong in one line."""


@frozen
class Portion:
    """A count of instances, and where: a zone, a fault domain, both, or anywhere."""

    count: int
    """How many instances."""
    zone: str | None = None
    """The zone's name; None: not said."""
    fault_domain: int | None = None
    """The fault domain, numbered from 0; None: not said."""

    @property
    def place(self) -> tuple[str | None, int | None]:
        """Zone and fault domain, None where not said."""
        return self.zone, self.fault_domain


def _portions(given: Iterable[Portion]) -> tuple[Portion, ...]:
    """Portions that can be added up and compared; raises QuestionError for anything else."""
    portions = tuple(given) if isinstance(given, Iterable) else (given,)
    for one in portions:
        if not isinstance(one, Portion):
            raise QuestionError(f"{one!r} is no portion: pins, what is taken and what is left are made by Portion(...)")
        _check_whole("the count of a portion", one.count, 0, MOST_INSTANCES)
        if one.zone is not None and not isinstance(one.zone, str):
            raise QuestionError(f"the zone of a portion is {one.zone!r}: it is a name, or None")
        if one.fault_domain is not None:
            _check_whole("the fault domain of a portion", one.fault_domain, 0, MANY - 1)
    return portions


def _names(given: Iterable[str]) -> tuple[str, ...]:
    """The names of zones; a text alone is none of them, nor are its letters."""
    names = None if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    if names is None or not all(isinstance(one, str) for one in names):
        raise QuestionError(f"the zones are {given!r}: they are a tuple of names, such as ('1', '2')")
    return names


def _added_up(given: Iterable[Portion]) -> tuple[Portion, ...]:
    """Portions of one place as one: they are different instances."""
    portions = _portions(given)
    found: dict[tuple[str | None, int | None], Portion] = {}
    for one in portions:
        known = found.get(one.place)
        found[one.place] = one if known is None else evolve(known, count=known.count + one.count)
    return tuple(found.values())


def _once_each(given: Iterable[Portion]) -> tuple[Portion, ...]:
    """Limits that say the same as one."""
    return tuple(dict.fromkeys(_portions(given)))


@frozen(kw_only=True)
class Question:
    """Whether instances can be placed in a group, under the limits of an edition and some wishes."""

    edition: Edition
    """The edition whose rules hold; rules that are switched off in it do not."""
    kind: GroupKind
    """The kind of group; one that the edition speaks of."""
    instances: int
    """How many instances are to be placed, those that are pinned included, those already there not."""
    zones: tuple[str, ...] = field(default=(), converter=_names)
    """The group's zones; empty: a regional group."""
    fault_domains: int | None = None
    """The group's fault-domain count; None: any that the rules allow."""
    region_fault_domains: int | None = None
    """How many fault domains the region has; None: not known."""
    single_placement_group: bool | None = None
    """Whether the group keeps to one placement group; None: either, as the rules allow."""
    balanced: bool = False
    """Wish: strict zone balance. Each instance goes into a zone that holds fewest members at that moment."""
    even: bool = False
    """Wish: in the end no fault domain holds more than one member above another, over all zones."""
    pins: tuple[Portion, ...] = field(default=(), converter=_added_up)
    """Wishes: so many of the instances go there. Each instance is in one pin at most. One that names a
    fault domain asks for it by name (FD-EXPLICIT); one that names a zone alone leaves the domain open."""
    taken: tuple[Portion, ...] = field(default=(), converter=_added_up)
    """Members that are there already; what is not said of their place is not known."""
    at_most: tuple[Portion, ...] = field(default=(), converter=_once_each)
    """What is left: at most so many of the instances to be placed fit there."""

    def __attrs_post_init__(self) -> None:
        """Refuse what no document gives a sense to."""
        _check_types(self)
        _check_kind(self)
        _check_numbers(self)
        _check_zones(self)
        _check_portions(self)

    @property
    def rules(self) -> KindRules:
        """What the edition says of the kind of group."""
        return self.edition.kinds[self.kind]

    @property
    def domain_limit(self) -> Limit | None:
        """The bounds on the fault-domain count that hold here; None where there are none."""
        limit = self.rules.fault_domains_zonal if self.zones else self.rules.fault_domains_regional
        return limit if limit is not None and self.in_force(limit.rule) else None

    @property
    def spreads(self) -> bool:
        """Whether an instance that names no fault domain goes into a least-loaded one."""
        says = self.rules.spreads_domains
        return says is not None and says.value and self.in_force(says.rule)

    def in_force(self, rule: str) -> bool:
        """Whether a rule is not switched off."""
        return rule not in self.edition.disabled


def _check_kind(question: Question) -> None:
    name, kinds = question.edition.name, question.edition.kinds
    there = ", ".join(map(str, kinds))
    _check_is(GroupKind, "the kind of group", question.kind, f"edition {name} has {there}")
    if question.kind not in kinds:
        raise QuestionError(f"edition {name} has no groups of kind {question.kind.value}")


def _check_types(question: Question) -> None:
    _check_is(Edition, "the edition", question.edition, "it is one of vmss_model.editions.EDITIONS")
    _check_is(bool, "balanced", question.balanced, "it is True or False")
    _check_is(bool, "even", question.even, "it is True or False")
    if question.single_placement_group is not None:
        single = question.single_placement_group
        _check_is(bool, "single_placement_group", single, "it is True, False or None")


def _check_is(wanted: type, what: str, value: object, said: str) -> None:
    if not isinstance(value, wanted):
        raise QuestionError(f"{what} is {value!r}: {said}")


def _check_numbers(question: Question) -> None:
    _within("the number of instances", question.instances, 0, MOST_INSTANCES)
    if question.region_fault_domains is not None:
        _within("the region's fault-domain count", question.region_fault_domains, 1, MANY)
    bounded = question.domain_limit is not None
    if question.fault_domains is not None:
        # A count that a rule bounds is left to the rule, which can then be named.
        _within("the fault-domain count", question.fault_domains, -MANY if bounded else 1, MANY)
    elif not bounded and (question.even or question.spreads):
        raise QuestionError(
            f"edition {question.edition.name} does not bound the fault domains of {question.kind.value}: "
            "for an even spread, say how many there are"
        )


def _check_zones(question: Question) -> None:
    portions = (*question.pins, *question.taken, *question.at_most)
    if not all((*question.zones, *(one.zone for one in portions if one.zone is not None))):
        raise QuestionError("a zone's name is empty")
    twice = next(repeated(question.zones), None)
    if twice is not None:
        raise QuestionError(f"zone {twice} is given twice: a group names each of its zones once")
    if len(question.zones) > MANY:
        raise QuestionError(f"no document speaks of {len(question.zones)} zones")


def _check_portions(question: Question) -> None:
    portions = {"a pin": question.pins, "what is taken": question.taken, "what is left": question.at_most}
    if sum(map(len, portions.values())) > MOST_PORTIONS:
        raise QuestionError(f"there are more than {MOST_PORTIONS:,} pins, taken places and limits")
    for what, several in portions.items():
        for one in several:
            _within(f"the count of {what}", one.count, 0, MOST_INSTANCES)
            if one.fault_domain is not None:
                _within(f"the fault domain of {what}", one.fault_domain, 0, MANY - 1)
    if any(pin.place == (None, None) for pin in question.pins):
        raise QuestionError("a pin names a zone, a fault domain, or both")
    for one in question.at_most:
        if one.zone is not None and one.zone not in question.zones:
            raise QuestionError(f"what is left in zone {one.zone} does not matter: it is not one of the group's")
        count = question.fault_domains
        if count is not None and one.fault_domain is not None and one.fault_domain >= max(count, 0):
            raise QuestionError(f"what is left in fault domain {one.fault_domain} does not matter: the group has none")


def _check_whole(what: str, value: object, lowest: int, highest: int) -> None:
    if not is_whole(value):
        raise QuestionError(f"{what} is {value!r}: it is a whole number from {lowest:,} to {highest:,}")


def _within(what: str, value: int, lowest: int, highest: int) -> None:
    _check_whole(what, value, lowest, highest)
    if not lowest <= value <= highest:
        raise QuestionError(f"{what} is {value}: it lies from {lowest:,} to {highest:,}")
