"""The rule catalogue: every rule read out of the source documents, as data.

One module a section; `RULES` holds all of them by id. Only attrs and the standard library are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from vmss_model.rules import (
    a_lifecycle,
    b_registration,
    c_placement,
    d_capabilities,
    e_upgrades,
    f_os_upgrades,
    g_reading,
    h_errors,
    i_stack,
    j_findings,
    k_boundary,
)
from vmss_model.rules.base import Direction, Evidence, EvidenceKind, Rule, implementations, implements
from vmss_model.rules.h_errors import ERRORS, DocumentedError
from vmss_model.rules.j_findings import FINDINGS, DocumentFinding

__all__ = [
    "ERRORS",
    "FINDINGS",
    "RULES",
    "SECTIONS",
    "Direction",
    "DocumentFinding",
    "DocumentedError",
    "Evidence",
    "EvidenceKind",
    "Rule",
    "implementations",
    "implements",
]

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "A": "Group lifecycle and modes",
        "B": "Registration for the Flexible preview",
        "C": "Placement: capacity, fault domains, update domains, zones",
        "D": "Capabilities",
        "E": "Model updates and upgrade policy",
        "F": "Automatic OS image upgrade",
        "G": "Reading state",
        "H": "Errors",
        "I": "Azure Stack",
        "J": "Findings",
        "K": "The ARM boundary",
    }
)
"""The sections' titles by letter, in order."""


def _by_id(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    catalogue: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in catalogue:
            raise ValueError(f"two rules are called {rule.id}")
        catalogue[rule.id] = rule
    return MappingProxyType(catalogue)


RULES: Mapping[str, Rule] = _by_id(
    (
        *a_lifecycle.RULES,
        *b_registration.RULES,
        *c_placement.RULES,
        *d_capabilities.RULES,
        *e_upgrades.RULES,
        *f_os_upgrades.RULES,
        *g_reading.RULES,
        *h_errors.RULES,
        *i_stack.RULES,
        *j_findings.RULES,
        *k_boundary.RULES,
    )
)
"""Every rule by its id, section by section."""
