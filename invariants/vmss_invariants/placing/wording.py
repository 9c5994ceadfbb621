"""The sentences in which a question and its answer are put."""

from __future__ import annotations

from collections.abc import Sequence

from vmss_invariants.counting import counted
from vmss_invariants.placing.question import Portion, Question
from vmss_model.editions import Limit
from vmss_model.values import GroupKind


def listed(names: Sequence[str]) -> str:
    """Names in a row: `1, 2 and 3`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def bounds(limit: Limit, what: str) -> str:
    """Inclusive bounds on a count of things: `at most 200 instances`, `1 to 5 fault domains`, `no zones`."""
    if limit.highest == 0:
        return f"no {what}s"
    if limit.lowest == limit.highest:
        return counted(limit.highest, what)
    low = "at most" if limit.lowest == 0 else f"{limit.lowest:,} to"
    return f"{low} {counted(limit.highest, what)}"


def a_group(kind: GroupKind) -> str:
    """A group of a kind, to begin a sentence with."""
    if kind is GroupKind.AVAILABILITY_SET:
        return "An availability set"
    return f"A group of kind {kind.value}"


def zones_of(question: Question) -> str:
    """Where the group lies."""
    if not question.zones:
        return "The group is regional: it lies in no availability zone."
    return f"The group lies in {'zone' if len(question.zones) == 1 else 'zones'} {listed(question.zones)}."


def to_place(question: Question) -> str:
    """How many instances it is about."""
    return f"{counted(question.instances, 'instance')} {'is' if question.instances == 1 else 'are'} to be placed."


def pinned(pin: Portion) -> str:
    """What a pin asks for."""
    return f"{pin.count:,} of the instances {'goes' if pin.count == 1 else 'go'} into {where(pin)}."


def already(taken: Portion) -> str:
    """What is there already."""
    return f"{counted(taken.count, 'member')} {'is' if taken.count == 1 else 'are'} in {where(taken)} already."


def left(limit: Portion) -> str:
    """How many more a place takes."""
    return f"At most {limit.count:,} of the instances {'fits' if limit.count == 1 else 'fit'} into {where(limit)}."


def where(portion: Portion) -> str:
    """The place of a portion: `fault domain 2 of zone 1`."""
    domain = None if portion.fault_domain is None else f"fault domain {portion.fault_domain}"
    zone = None if portion.zone is None else f"zone {portion.zone}"
    return " of ".join(part for part in (domain, zone) if part is not None) or "the group"
