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
    "CAPS-2019-INSTANCE-CONTROL": "INSTANCE-TYPE",
    "CAPS-APPLICATION-HEALTH": "HEALTH-SOURCE",
}

_NEVER_THAT_MANY = "{} keeps every group of the kind below the count at which the two would differ."

EQUIVALENT: Mapping[str, str] = MappingProxyType(
    {
        **{f"{row}:dropped": _AGAIN.format(rules) for row, rules in _ROWS.items()},
        "STACK-NO-AUTOSCALE:Uniform.autoscale:inverted": (
            "The table's cell refuses the same by the same rule: the edition says it twice."
        ),
        "CAPS-SITE-RECOVERY:dropped": (
            "The row grants under a condition on the caller's tool, which no typed request names: nothing is refused."
        ),
        "FD-HA-SCOPE:Flexible.fault_domain_guarantee:highest+1": _NEVER_THAT_MANY.format("CAP-FLEX"),
        "FD-HA-SCOPE:AvailabilitySet.fault_domain_guarantee:highest+1": _NEVER_THAT_MANY.format("CAP-AVSET"),
        "FD-EXPLICIT:Uniform.names_fault_domain:inverted": (
            "ADD-IMPLICIT refuses every VM that is created into a Uniform group, whatever domain it names."
        ),
    }
)
"""The reason by the mutant's id."""
