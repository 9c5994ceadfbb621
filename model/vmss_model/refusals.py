"""The refusals: the documents' four exact errors, and the project's own for every other rule."""

from __future__ import annotations

from vmss_model.decisions import Refusal
from vmss_model.rules import implements


@implements("E1")
def not_registered(*rules: str, **values: object) -> Refusal:
    """E1: the subscription is not registered for the Flexible preview."""
    return Refusal(
        "InvalidParameter",
        "The value 'False' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: True",
        ("E1", *rules),
        values,
        documented_text=True,
    )


@implements("E2")
def fault_domain_count_out_of_range(asked: int, lowest: int, highest: int, rule: str) -> Refusal:
    """E2: the fault-domain count is out of range; the message carries the count and the range."""
    return Refusal(
        "InvalidParameter",
        f"The specified fault domain count {asked} must fall in the range {lowest} to {highest}.",
        (rule, "E2"),
        {"platformFaultDomainCount": asked, "lowest": lowest, "highest": highest},
        documented_text=True,
    )


@implements("E3")
def group_not_empty(members: int, rule: str) -> Refusal:
    """E3: a group that holds VMs is not deleted."""
    return Refusal(
        "OperationNotAllowed",
        "Deletion of Virtual Machine Scale Set is not allowed as it contains one or more VMs. "
        "Please delete or detach the VM(s) before deleting the Virtual Machine Scale Set.",
        (rule, "E3"),
        {"members": members},
        documented_text=True,
    )


@implements("E4")
def single_placement_group_not_allowed(rule: str) -> Refusal:
    """E4: a Flexible group asked for with a single placement group."""
    return Refusal(
        "InvalidParameter",
        "The value 'True' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: False.",
        (rule, "E4"),
        {"singlePlacementGroup": True, "allowed": False},
        documented_text=True,
    )


@implements("ARM-ABSENT")
def absent(what: str, name: object) -> Refusal:
    """What is asked for does not exist: 404 at the boundary."""
    return Refusal("ResourceNotFound", f"The {what} '{name}' does not exist.", ("ARM-ABSENT",), {what: str(name)})


def not_allowed(rule: str, message: str, **values: object) -> Refusal:
    """An operation that a rule forbids."""
    return Refusal("OperationNotAllowed", message, (rule,), values)


def invalid(rule: str, message: str, **values: object) -> Refusal:
    """A parameter that a rule forbids."""
    return Refusal("InvalidParameter", message, (rule,), values)


def unchangeable(rule: str, name: str, before: object, asked: object) -> Refusal:
    """A property that only creation can set."""
    return Refusal(
        "PropertyChangeNotAllowed",
        f"Changing property '{name}' is not allowed: it is {before} since creation, {asked} was asked for.",
        (rule,),
        {"property": name, "before": before, "asked": asked},
    )
