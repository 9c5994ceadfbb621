"""Registration: what a subscription needs before it can create a Flexible group."""

from __future__ import annotations

from vmss_model.rules._vocabulary import IN_2021, documented, inferred
from vmss_model.rules.base import BOTH, GRANTS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "REG-REQUIRED",
        "B",
        "A Flexible group can be created only by a subscription in which both preview features, "
        "VMOrchestratorMultiFD and VMOrchestratorSingleFD of Microsoft.Compute, are registered and in "
        "effect. Before that, singlePlacementGroup false is answered with error E1.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on registering and first troubleshooting entry.",
            ),
            inferred(
                "Public issues quote the same refusal of 'False' for singlePlacementGroup; no recording has it.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "REG-DELAY",
        "B",
        "Once asked for, a feature registration completes by itself within 15 minutes. The moment inside "
        "that window is the platform's choice.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on registering: feature registration can take up to 15 minutes.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "REG-PROPAGATE",
        "B",
        "A feature that is registered takes effect with the next registration of the resource provider, "
        "not with its own.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on registering: the opt-in is completed by passing the change on to the "
                "compute resource provider.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "API-MIN-FLEX",
        "B",
        "A request that creates a Flexible group must use compute API version 2019-12-01 or a later one.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, REST steps: API version 2019-12-01 or later is required.",
            ),
            inferred(
                "The API model has the orchestrationMode property from 2020-12-01 on; between the two "
                "versions the mode is told by the request's shape.",
            ),
        ),
        BOTH,
    ),
)
