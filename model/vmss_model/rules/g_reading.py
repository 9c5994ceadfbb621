"""Reading state: how fresh an answer is, and where health comes from."""

from __future__ import annotations

from vmss_model.rules._vocabulary import IN_2021, documented, recorded
from vmss_model.rules.base import BOTH, GRANTS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "ARG-STALE",
        "G",
        "Azure Resource Graph may answer from the past: for each resource by itself, a query shows its "
        "state at some moment in the 60 seconds before the query.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on power states: an eventually consistent cache in which changes can be "
                "missing for up to 60 seconds.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "GET-FRESH",
        "G",
        "Get-VM shows the model and the instance view of one VM as they are at the time of the call.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on power states, offers the call beside the cached query; that it is "
                "current is the contrast drawn there.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "HEALTH-SOURCE",
        "G",
        "A Flexible group and an availability set learn health from the Application Health extension alone, a "
        "Uniform group from the extension or from a load-balancer probe. Where the kind has instance repair, "
        "the platform may replace instances that are unhealthy.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on application health and table row on it.",
            ),
            recorded(
                "Every accepted set with policy Rolling or with automatic OS upgrade has a probe or the "
                "extension; Flexible ones have the extension.",
                "2017-10-01..2024-08-26",
                "2017-03-30..2024-07-01",
            ),
        ),
        BOTH,
    ),
)
