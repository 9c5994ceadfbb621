"""The invariants that hold every refusal and every grant against what the documents refuse."""

from __future__ import annotations

from vmss_invariants.documented_grants import SPEAKS
from vmss_invariants.invariant import EVERYWHERE, Design, StepInvariant
from vmss_invariants.predicates_documented import (
    concerns,
    concerns_gaps,
    concerns_speaking,
    gaps_are_left_open,
    refuses_exactly,
    rules_of_section,
    rules_speak_where_documents_do,
)
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

_NAMES = {
    "A": ("lifecycle-rules-refuse-exactly-what-they-say", "lifecycle and modes"),
    "B": ("registration-rules-refuse-exactly-what-they-say", "registration for the preview"),
    "C": ("placement-rules-refuse-exactly-what-they-say", "capacity, fault domains, update domains and zones"),
    "D": ("table-rows-refuse-exactly-what-they-say", "the capability tables"),
    "E": ("upgrade-policies-refuse-exactly-what-they-say", "model updates and upgrade policies"),
    "F": ("os-upgrade-rules-refuse-exactly-what-they-say", "automatic OS image upgrades and rollouts"),
    "G": ("reading-rules-refuse-exactly-what-they-say", "health sources"),
    "I": ("stack-rules-refuse-exactly-what-they-say", "Azure Stack's marketplace and images"),
    "K": ("boundary-rules-refuse-exactly-what-they-say", "what is absent and what only creation sets"),
}


_KINDS = {"E": frozenset({GroupKind.UNIFORM})}
"""The kinds of group that the rules of a section speak of, where not all."""


def _invariant(section: str) -> StepInvariant:
    name, about = _NAMES[section]
    rules = rules_of_section(section)
    editions = {edition for rule in rules for edition in RULES[rule].editions}
    kinds = _KINDS.get(section, frozenset(GroupKind))
    return StepInvariant(
        id=name,
        statement=f"A rule on {about} refuses a request exactly where the documents refuse it.",
        rules=rules,
        where=frozenset(place for place in EVERYWHERE if place[0] in editions and place[1] in kinds),
        check=refuses_exactly(section),
        concerns=concerns(section),
        of_decision=True,
    )


_SPEAKING = StepInvariant(
    id="rules-speak-where-the-documents-do",
    statement="Where a document speaks of a request the model is not silent, and a grant names the rule.",
    rules=tuple(SPEAKS),
    where=frozenset(place for place in EVERYWHERE if place[1] is not GroupKind.VM),
    check=rules_speak_where_documents_do,
    concerns=concerns_speaking,
)

_GAPS = StepInvariant(
    id="what-no-document-answers-is-left-open",
    statement=(
        "Whether a group is created with a model or without, with which singlePlacementGroup, whether its model can be "
        "changed and its members patched inside: a grant says that a refusal is allowed too, or the model is silent, "
        "exactly where the documents of the edition do not answer that for the kind of group."
    ),
    rules=("PROFILE-VM-NONE", "PROFILE-SSVM-REQUIRED", "SPG-UNIFORM", "SPG-FLEX", "MODEL-VERSION", "UPGRADE-KIND"),
    design=Design(
        "Where documents do not answer whether something may be asked for, a grant says that a refusal is allowed too.",
        (6,),
    ),
    check=gaps_are_left_open,
    concerns=concerns_gaps,
    of_decision=True,
)

DOCUMENTED_INVARIANTS: tuple[StepInvariant, ...] = (*(_invariant(section) for section in _NAMES), _SPEAKING, _GAPS)
"""For each section whose rules refuse something one invariant, one for rules that only grant, one for what is open."""
