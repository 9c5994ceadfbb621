"""Comparing what the documents allow with what was answered: accepted or refused, and with which error."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vmss_model.decisions import Decision, Refusal
from vmss_model.oracle.arm.belief import MAYBE, MISSED, GroupBelief
from vmss_model.oracle.arm.effects import status_links
from vmss_model.oracle.arm.shapes import error_of
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.oracle.recordings import ArmResponse

_FOREIGN_CODES = frozenset(
    {
        "conflict",
        "subnetisfull",
        "invalididentityvalues",
        "resourcepurchasevalidationfailed",
        "quotaexceeded",
        "notsupported",
        "subscriptionnotfound",
        "resourcegroupnotfound",
        "toomanyrequests",
        "authorizationfailed",
        "authenticationfailed",
        "skunotavailable",
        "allocationfailed",
        "zonalallocationfailed",
        "overconstrainedallocationrequest",
        "invalidresourcereference",
        "linkedauthorizationfailed",
        "imagenotfound",
        "platformimagenotfound",
        "vmmarketplaceinvalidinput",
        "missingsubscriptionregistration",
        "noregisteredproviderfound",
        "preconditionfailed",
        "scopelocked",
        "requestdisallowedbypolicy",
    }
)
"""Error codes about things outside the documents: quotas, networks, identities, purchases, allocation."""

ABSENT_CODE = "ResourceNotFound"
"""The error code with which the model refuses what names something absent."""

_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, 407, 408, 412, 429})
"""Statuses that say who asks, how often or under which condition, and nothing of what is asked: they come first."""

_RESOURCE_TYPE = re.compile(r"microsoft\.[a-z]+/[a-z]+")
_OWN_TYPES = frozenset({"microsoft.compute/virtualmachinescalesets", "microsoft.compute/virtualmachines"})


def is_accepted(response: ArmResponse) -> bool:
    """Whether the service took the request."""
    return 200 <= response.status < 300


def is_absent(response: ArmResponse) -> bool:
    """Whether a read answers that the thing itself does not exist (not, say, its subscription)."""
    error = error_of(response.body)
    return response.status == 404 and (error is None or error[0].lower() != "subscriptionnotfound")


def answer_text(response: ArmResponse) -> str:
    """What was answered, in a few words."""
    error = error_of(response.body)
    if error is None:
        return f"status {response.status}"
    return f"status {response.status}, {error[0][:100]}: {error[1][:200]}"


def failed_read(response: ArmResponse) -> Finding:
    """A read that shows nothing to judge."""
    return unknown(f"the read failed or shows nothing of a scale set: {answer_text(response)}")


def judge_answer(decision: Decision, response: ArmResponse, asked: str, group: GroupBelief | None = None) -> Finding:
    """Whether the answer is one that the decision allows; `group` is the scale set that is asked to change."""
    if is_accepted(response):
        return judge_acceptance(decision, f"{asked} was accepted ({answer_text(response)})")
    if group is not None and group.pending and response.status == 409 and not decision.refused:
        return unknown(f"an operation is under way, with which it may conflict: {answer_text(response)}")
    return judge_refusal(decision, response, asked)


def judge_change(decision: Decision, response: ArmResponse, asked: str, group: GroupBelief) -> Finding:
    """As of any answer, to what only a scale set that exists can be asked: it may be that there is none."""
    if is_absent(response) and (group.presence == MAYBE or MISSED in group.pending):
        return unknown(f"whether the scale set exists is not known: {answer_text(response)}")
    return judge_answer(decision, response, asked, group)


def judge_acceptance(decision: Decision, seen: str) -> Finding:
    """Whether the documents allow what was accepted."""
    if decision.silent:
        return unknown(decision.silent)
    if decision.refused:
        rules = tuple(rule for refusal in decision.refusals for rule in refusal.rules)
        return violates(
            *rules,
            expected="; ".join(_refusal_text(refusal) for refusal in decision.refusals),
            seen=seen,
            nearest="refuse it: " + "; ".join(refusal.message for refusal in decision.refusals),
        )
    if not decision.held:
        return unknown("no rule speaks of this request")
    return conforms(*decision.held, expected="the request is granted", seen=seen)


def judge_refusal(decision: Decision, response: ArmResponse, asked: str) -> Finding:
    """Whether the documents allow that a request was refused, and with this error."""
    seen = f"{asked} was refused with {answer_text(response)}"
    if not 400 <= response.status < 500:
        return unknown(
            f"the service failed or gave no answer ({answer_text(response)}): that says nothing of the rules"
        )
    if response.status in _NOT_ABOUT_THE_REQUEST:
        return unknown(f"the caller was turned away ({answer_text(response)}): that says nothing of the rules")
    if decision.silent:
        return unknown(decision.silent)
    if decision.refused:
        return _judge_error(decision, response, seen)
    if _is_foreign(response):
        return unknown(f"refused for a reason outside the documents: {answer_text(response)}")
    if decision.open:
        return unknown(decision.open[0], *decision.held)
    if not decision.held:
        return unknown("no rule speaks of this request")
    return violates(
        *decision.held,
        expected="the documents grant it",
        seen=seen,
        nearest="accept it: no rule of the documents refuses it",
    )


def _judge_error(decision: Decision, response: ArmResponse, seen: str) -> Finding:
    """A refused request: where the documents give the exact error for it, that error must be shown.

    Where it may be refused for what is not known, too, the error may be that one.
    """
    refusals = decision.refusals
    rules = tuple(rule for refusal in refusals for rule in refusal.rules)
    expected = "; ".join(_refusal_text(refusal) for refusal in _one_of_each(refusals))
    error = error_of(response.body)
    absent = all(refusal.code == ABSENT_CODE for refusal in refusals)
    if absent and response.status != 404:
        return violates("ARM-ABSENT", expected=expected, seen=seen, nearest="answer 404: it does not exist")
    exact = [refusal for refusal in refusals if refusal.documented_text]
    if exact and len(exact) == len(refusals):
        shown = None if error is None else (error[0], error[1].rstrip("."))
        if shown not in [(refusal.code, refusal.message.rstrip(".")) for refusal in exact]:
            if decision.open:
                return unknown(decision.open[0], *rules)
            best = exact[0]
            nearest = f"answer with {best.code}: {best.message}"
            return violates(*rules, expected=expected, seen=seen, nearest=nearest)
    return conforms(*rules, expected=expected, seen=seen)


def _one_of_each(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """The first refusal by the same rules: others differ in what the error says in other regions."""
    found: dict[tuple[str, ...], Refusal] = {}
    for one in refusals:
        found.setdefault(one.rules, one)
    return tuple(found.values())


def _refusal_text(refusal: Refusal) -> str:
    return f"refused by {', '.join(refusal.rules)} with {refusal.code}: {refusal.message}"


def with_rules(finding: Finding, response: ArmResponse, *, echoed: bool = False) -> Finding:
    """An acceptance also shows what it set, and opens an operation with a status link."""
    if finding.verdict is Verdict.VIOLATES:
        return finding
    rules = list(finding.rules) if finding.verdict is Verdict.CONFORMS else []
    if echoed:
        rules.append("ARM-READ-BACK")
    if response.status in (201, 202) and status_links(response):
        rules.append("ARM-LRO")
    if not rules:
        return finding
    return conforms(*rules, expected=finding.expected or "the change is answered as asked for", seen=finding.seen)


def _is_foreign(response: ArmResponse) -> bool:
    error = error_of(response.body)
    if error is None:
        return False
    code, message = error[0].lower(), error[1].lower()
    if code.endswith("notfound") and not _OWN_TYPES.issuperset(_RESOURCE_TYPE.findall(message)):
        # Something that the request refers to is missing: a network, say.
        return True
    return code in _FOREIGN_CODES or "quota" in message or "disk encryption" in message
