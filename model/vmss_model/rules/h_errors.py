"""The four errors that the sources quote word for word, and the rules that they are answered so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from vmss_model.rules._vocabulary import IN_2021, contradicted, documented, inferred, recorded
from vmss_model.rules.base import REFUSES, Rule


@frozen
class DocumentedError:
    """An error whose code and message a source document gives exactly."""

    id: str
    """The error's name in this catalogue, `E1` to `E4`; the rule that it is answered has the same id."""
    code: str
    """The error code, as the service writes it."""
    message_template: str
    """The message, with `{name}` (as of `str.format`) where the document's example has a number."""
    when: str
    """The situation in which the service answers with it."""
    source: str
    """Short name of the document it stands in."""


_ALL = (
    DocumentedError(
        id="E1",
        code="InvalidParameter",
        message_template=(
            "The value 'False' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: True"
        ),
        when="A Flexible group is asked for by a subscription that is not registered for the preview.",
        source="S21F",
    ),
    DocumentedError(
        id="E2",
        code="InvalidParameter",
        message_template="The specified fault domain count {count} must fall in the range {low} to {high}.",
        when="The fault-domain count asked for is outside what the region or the zone allows.",
        source="S21F",
    ),
    DocumentedError(
        id="E3",
        code="OperationNotAllowed",
        message_template=(
            "Deletion of Virtual Machine Scale Set is not allowed as it contains one or more VMs. "
            "Please delete or detach the VM(s) before deleting the Virtual Machine Scale Set."
        ),
        when="A Flexible group is to be deleted while it has members.",
        source="S21F",
    ),
    DocumentedError(
        id="E4",
        code="InvalidParameter",
        message_template=(
            "The value 'True' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: False."
        ),
        when="A registered subscription asks for a Flexible group with singlePlacementGroup true.",
        source="S21F",
    ),
)

ERRORS: Mapping[str, DocumentedError] = MappingProxyType({error.id: error for error in _ALL})
"""The documented errors by id. `E1` ends without a full stop, as it does in the document."""

RULES: tuple[Rule, ...] = (
    Rule(
        "E1",
        "H",
        "Without the registration in effect, a request for a Flexible group fails with InvalidParameter and "
        "the message that 'False' is not allowed for singlePlacementGroup and only True is.",
        ("S21F",),
        IN_2021,
        (
            documented("S21F, first troubleshooting entry, which gives code, message and cause."),
            inferred("The same text is quoted in a public issue; no recording has it."),
        ),
        REFUSES,
    ),
    Rule(
        "E2",
        "H",
        "A fault-domain count out of range fails with InvalidParameter and a message that names the count "
        "asked for and both ends of the range allowed.",
        ("S21F",),
        IN_2021,
        (
            documented("S21F, second troubleshooting entry, with a count of 2 and a range of 1 to 1."),
            recorded(
                "A count left out, with no profile to go by, has another message of the same code: the "
                "required parameter platformFaultDomainCount is missing.",
                "2023-11-06..2024-08-26",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "E3",
        "H",
        "Deleting a Flexible group that has members fails with OperationNotAllowed and a message that asks "
        "for the VMs to be deleted or detached first.",
        ("S21F",),
        IN_2021,
        (documented("S21F, third troubleshooting entry; that it offers to detach is finding F11."),),
        REFUSES,
    ),
    Rule(
        "E4",
        "H",
        "A request for a Flexible group with singlePlacementGroup true fails with InvalidParameter and the "
        "message that 'True' is not allowed for it and only False is.",
        ("S21F",),
        IN_2021,
        (
            documented("S21F, fourth troubleshooting entry, which gives code, message and cause."),
            contradicted(
                "The request is accepted with 2 fault domains and size Standard_M8ms in eastus2euap, in nine runs.",
                "2022-05-06..2024-08-26",
            ),
        ),
        REFUSES,
    ),
)
