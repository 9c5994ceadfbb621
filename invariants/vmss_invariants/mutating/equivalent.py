"""Mutants that change nothing which any rule speaks of, each with the reason.

An entry whose mutant somebody notices after all, or that names no mutant, fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_AGAIN = "The row says again what {} decides, by whose mutants it is broken."
_ROWS = {
    "CAPS-2019-CONFIGURATION-MODEL": "PROFILE-VM-NONE or PROFILE-SSVM-REQUIRED",
    "CAPS-2019-ADD": "ADD-EXPLICIT or ADD-IMPLICIT",
    "CAPS-2019-DELETE": "DELETE-ONE, DELETE-NONEMPTY-REJECTED or DELETE-CASCADES",
    "CAPS-2019-FAULT-DOMAINS": "FDCOUNT-VM-2019 or FDCOUNT-SSVM-2019",
    "CAPS-2019-ZONES": "ZONES-VM-2019 or ZONES-SSVM-2019",
    "CAPS-2019-CAPACITY": "CAP-VM-2019 or CAP-SSVM-2019",
    "CAPS-2019-SINGLE-PLACEMENT-GROUP": "SPG-VM-2019 or SPG-SSVM-2019",
    "CAPS-FULL-CONTROL": "INSTANCE-TYPE",
    "CAPS-APPLICATION-HEALTH": "HEALTH-SOURCE",
}

_NEVER_THAT_MANY = "{} keeps every group of the kind below the count at which the two would differ."

_OPEN_ONLY = "It decides only whether a refusal that recordings of 2017 show is called allowed too; no document does."
_NO_TABLE = "The only edition of the rule has no capability table to look into, and speaks of models anyway."
_BESIDE_THE_TEXT = "The values repeat what the text says; the documents give the text alone."

EQUIVALENT: Mapping[str, str] = MappingProxyType(
    {
        **{f"{row}:dropped": _AGAIN.format(rules) for row, rules in _ROWS.items()},
        "CAPS-SITE-RECOVERY:dropped": (
            "The row grants under a condition on the caller's tool, which no typed request names: nothing is refused."
        ),
        "FD-HA-SCOPE:Flexible.fault_domain_guarantee:highest+1": _NEVER_THAT_MANY.format("CAP-FLEX"),
        "FD-HA-SCOPE:AvailabilitySet.fault_domain_guarantee:highest+1": _NEVER_THAT_MANY.format("CAP-AVSET"),
        "FD-EXPLICIT:Uniform.names_fault_domain:inverted": (
            "ADD-IMPLICIT refuses every VM that is created into a Uniform group, whatever domain it names."
        ),
        "STACK-NO-AUTOSCALE:Uniform.autoscale:inverted": (
            "The capability table refuses by the same rule every bound in which a group could be scaled; without any, "
            "the platform scales none."
        ),
        "STACK-LATEST:images.newest:4.0": "On an Azure Stack every version is in its one place, and none is excluded.",
        "E4:decide.placement.check_single_placement_group:7.3": (
            "No edition has one without the other: values, and the rule that gives them."
        ),
        "UPGRADE-KIND:decide.models.changed_profile:17.2": _NO_TABLE,
        "UPGRADE-KIND:decide.models.patch_in_guest:11.3": _NO_TABLE,
        **{
            f"{rule}:decide.models.changed_profile:18.3": "It looks up a row that no edition of the rule has."
            for rule in ("MODEL-VERSION", "UPGRADE-KIND", "STACK-IDENTICAL")
        },
        "OSU-START-MANUAL:decide.rollouts.start_rollout:14.0": _OPEN_ONLY,
        "OSU-START-MANUAL:decide.rollouts.start_rollout:14.1": _OPEN_ONLY,
        "ARM-ABSENT:refusals.absent:4.0": "No document gives the text of this refusal.",
        "E4:refusals.single_placement_group_not_allowed:8.1": _BESIDE_THE_TEXT,
        "E4:refusals.single_placement_group_not_allowed:8.2": _BESIDE_THE_TEXT,
        **dict.fromkeys(
            (
                "E1:refusals.not_registered:3.2",
                "E2:refusals.fault_domain_count_out_of_range:3.2",
                "E3:refusals.group_not_empty:3.2",
                "ARM-ABSENT:refusals.absent:3.1",
            ),
            "It changes a docstring.",
        ),
    }
)
"""The reason by the mutant's id."""
