"""What a placement depends on that the documents leave open."""

from __future__ import annotations

from collections.abc import Iterator

from vmss_invariants.counting import counted
from vmss_invariants.placing.question import Question
from vmss_invariants.placing.wording import a_group
from vmss_model import guards


def notes(question: Question, fault_domains: int | None) -> Iterator[str]:
    """The points left open, in sentences; `fault_domains` is the count of the placement found."""
    yield from _on_limits(question)
    yield from _on_domains(question, fault_domains)
    yield from _on_wishes(question)


def _on_limits(question: Question) -> Iterator[str]:
    rules, members = question.rules, question.instances + sum(one.count for one in question.taken)
    if rules.capacity is None:
        yield f"Edition {question.edition.name} sets no bounds on the number of instances."
    guaranteed = rules.fault_domain_guarantee
    if guaranteed is not None and not guards.fault_domain_guarantee_holds(members, guaranteed.highest):
        reach = counted(guaranteed.highest, "instance")
        yield f"Availability across fault domains is promised up to {reach} ({guaranteed.rule})."


def _on_domains(question: Question, fault_domains: int | None) -> Iterator[str]:
    limit = question.domain_limit
    if limit is None:
        yield f"Edition {question.edition.name} sets no bounds on the number of fault domains."
    elif limit.varies and question.region_fault_domains is None and (fault_domains or 0) > limit.lowest:
        yield f"How many fault domains the region has is not known; it takes {fault_domains} ({limit.rule})."
    named = any(pin.fault_domain is not None for pin in question.pins)
    if named and question.rules.names_fault_domain is None:
        yield f"The documents do not say whether the caller names a fault domain in {_in(question)}."


def _on_wishes(question: Question) -> Iterator[str]:
    if question.balanced and question.rules.zone_balance is None:
        yield f"The documents offer no strategy of zone balance for {_in(question)} (ZONES-SSVM-2019)."
    if len(question.zones) > 1 and any(pin.zone is not None for pin in question.pins):
        yield "Among several zones the platform chooses; the documents let no caller name an instance's zone."


def _in(question: Question) -> str:
    article, _, rest = a_group(question.kind).partition(" ")
    return f"{article.lower()} {rest}"
