"""Azure Stack: scale sets on an operator's own system, with an operator's own images."""

from __future__ import annotations

from vmss_model.rules._vocabulary import ON_STACK, documented
from vmss_model.rules.base import BOTH, GRANTS, REFUSES, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "STACK-NO-AUTOSCALE",
        "I",
        "On Azure Stack autoscale is refused; instances are added through Resource Manager templates, the "
        "CLI or PowerShell.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, introduction.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "STACK-MARKETPLACE",
        "I",
        "A scale set can be created only after the operator registered the stack with Azure, provided an "
        "OS image and added the scale-set item to the marketplace. A removed item may be shown for some "
        "time still.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, prerequisites, section on adding the item, and note on removing it.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "STACK-LATEST",
        "I",
        "With model version latest, a scale-out uses the newest image available at that moment. Older "
        "instances stay as they are until they are deleted.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, first case of updating images.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "STACK-REPLACE",
        "I",
        "The operator downloads images, and a newer one replaces the older. For an equal version the image "
        "in use must be deleted first and downloaded again; from the one to the other a scale-out is "
        "refused.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, the two items under the first case of updating images.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "STACK-PINNED",
        "I",
        "With a number as model version, a scale-out is refused once a newer image was downloaded, because "
        "the pinned version is no longer available. This is by design.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, second case of updating images.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "STACK-IDENTICAL",
        "I",
        "With model version latest, publisher, offer and SKU of the group's image stay what they are.",
        ("S18",),
        ON_STACK,
        (
            documented(
                "S18, first case of updating images, in brackets.",
            ),
        ),
        GRANTS,
    ),
)
