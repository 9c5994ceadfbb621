"""Polls of long-running operations and reads of deployments."""

from __future__ import annotations

from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import Belief, Operation
from vmss_model.oracle.arm.effects import end
from vmss_model.oracle.arm.judged import Context, Judged
from vmss_model.oracle.arm.judging import answer_text
from vmss_model.oracle.arm.shapes import STATUS, child, error_of, text
from vmss_model.oracle.finding import Finding, conforms, out_of_scope, unknown, violates
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.rules import implements
from vmss_model.world import GroupKey

_ENDED = frozenset({"Succeeded", "Failed", "Canceled"})


@implements("ARM-LRO")
def see_operation(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """A poll of an operation's status."""
    operation = belief.operations.get(context.target.operation)
    if operation is None:
        return belief, out_of_scope("an operation that was not opened in the recording")
    if not operation.in_scope:
        belief = _followed(belief, operation, _polled_status(request, response))
        return belief, out_of_scope(f"{operation.what} is not in scope")
    return _see_status(belief, operation, _polled_status(request, response), response)


def _followed(belief: Belief, operation: Operation, status: str | None) -> Belief:
    """What an operation that is not in scope does to scale sets all the same, at its end."""
    return end(belief, operation, status) if status in _ENDED and operation.is_under_way else belief


def _polled_status(request: ArmRequest, response: ArmResponse) -> str | None:
    """The status a poll shows: in its body, or by its status code where the body shows none."""
    shown = text(child(response.body, "status"))
    if shown is not None:
        return STATUS.get(shown.lower())
    if response.status == 202:
        return "InProgress"
    if response.status in (200, 204) and request.method == "GET":
        return "Succeeded"
    return None


def _see_status(belief: Belief, operation: Operation, status: str | None, response: ArmResponse) -> Judged:
    if status is None:
        return belief, unknown(f"the poll shows no status: {answer_text(response)}")
    if not operation.is_under_way:
        if status == operation.status:
            return belief, conforms("ARM-LRO", expected=f"it stays {status}", seen=status)
        return belief, violates(
            "ARM-LRO",
            expected=f"{operation.what} ended in {operation.status} and stays so",
            seen=f"its status is {status}",
            nearest=f"show {operation.status}",
        )
    if status not in _ENDED:
        return belief, conforms("ARM-LRO", expected="it runs or ends", seen=status)
    belief = end(belief, operation, status)
    return belief, _judge_end(operation, status, response)


def _judge_end(operation: Operation, status: str, response: ArmResponse) -> Finding:
    if status == "Failed" and error_of(response.body) is None:
        return violates(
            "ARM-LRO",
            expected="a failed operation names an error",
            seen="no error is shown",
            nearest="name code and message",
        )
    if operation.objection is not None:
        if status == "Succeeded":
            return operation.objection
        return conforms("ARM-LRO", *operation.objection.rules, expected=operation.objection.expected, seen=status)
    return conforms("ARM-LRO", expected="it ends once", seen=status)


@implements("ARM-LRO", "ARM-READ-BACK")
def see_deployment(belief: Belief, response: ArmResponse, context: Context) -> Judged:
    """A read of a template deployment: its provisioning state agrees with its operation."""
    assert context.target.group is not None
    key = GroupKey(context.target.group.resource_group, context.target.operation)
    link = belief.deployments.get(key)
    operation = belief.operations.get(link) if link else None
    if operation is None or not operation.in_scope:
        return belief, out_of_scope("a deployment that declares no scale set, or was not opened in the recording")
    shown = text(child(response.body, "properties", "provisioningState"))
    status = STATUS.get((shown or "").lower())
    errors = {"error": child(response.body, "properties", "error")}
    return _see_status(belief, operation, status, evolve(response, body=errors) if status == "Failed" else response)
