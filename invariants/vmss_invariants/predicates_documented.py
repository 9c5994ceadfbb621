"""Rules refuse exactly what the documents refuse: a predicate over steps for each section of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from vmss_invariants.describing import in_words
from vmss_invariants.documented import REFUSES
from vmss_invariants.documented_changes import REFUSES_CHANGES
from vmss_invariants.documented_gaps import GAPS, leaves_patching_unanswered, patches_a_member
from vmss_invariants.documented_grants import SPEAKS, advised_against
from vmss_invariants.documented_images import REFUSES_IMAGES
from vmss_invariants.documented_rollouts import REFUSES_ROLLOUTS
from vmss_invariants.documented_tables import capabilities_refused
from vmss_invariants.probing import Outcome, can_speak
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.editions import Edition
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

_STATED = {**REFUSES, **REFUSES_CHANGES, **REFUSES_ROLLOUTS, **REFUSES_IMAGES}
CONDITIONS: Mapping[str, Callable[[Step], bool]] = MappingProxyType(
    {rule: _STATED[rule] for rule in RULES if rule in _STATED}
)
"""When each rule refuses, in the catalogue's order; the rows of the capability tables stand in `documented_tables`."""
NEVER_SILENT = frozenset({"MODE-2019", "MODE-2021", "ADD-IMPLICIT", "ATTACH-DETACH-NEVER", "OSU-GALLERY"})
"""Rules that alone decide what they speak of: where they refuse, silence is no answer either."""
FIRST = frozenset({"ARM-ABSENT", "MODE-2019", "MODE-2021"})
"""Rules after which no other is asked: what is absent, or no kind of group at all, breaks no further rule."""
TABLES = "D"
"""The section of the capability tables."""

_BY_SECTION: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        (section, edition): tuple(
            rule for rule in CONDITIONS if RULES[rule].section == section and edition in RULES[rule].editions
        )
        for section in "ABCEFGIK"
        for edition in {name for rule in RULES.values() for name in rule.editions}
    }
)


Spoken = tuple[tuple[str, Callable[[Step], bool]], ...]
"""Rules with when they speak."""


@lru_cache(maxsize=1 << 12)
def _conditions_of(section: str, edition: Edition, kind: GroupKind | None, request: type[Any]) -> Spoken:
    sort, rules = (kind, request, Outcome.OTHER), _BY_SECTION[section, edition.name]
    if request is rq.CreateGroup and kind is None:
        # Of a kind that the edition does not have nothing else is said.
        rules = tuple(rule for rule in rules if rule in FIRST)
    return tuple((rule, CONDITIONS[rule]) for rule in rules if can_speak(CONDITIONS[rule], edition, sort))


def _conditions(section: str, step: Step) -> Spoken:
    """The rules of a section that may refuse such a request about such a group."""
    request: Any = type(step.request)
    return _conditions_of(section, step.before.edition, step.kind, request)


@lru_cache(maxsize=1 << 12)
def _speaking_of(edition: Edition, kind: GroupKind | None, request: type[Any]) -> Spoken:
    sort, known = (kind, request, Outcome.OTHER), SPEAKS.items()
    said = ((rule, speaks) for rule, speaks in known if edition.name in RULES[rule].editions)
    return tuple((rule, speaks) for rule, speaks in said if can_speak(speaks, edition, sort))


def _speaking(step: Step) -> Spoken:
    """The rules that may shape what is granted on such a request about such a group."""
    request: Any = type(step.request)
    return _speaking_of(step.before.edition, step.kind, request)


def rules_of_section(section: str) -> tuple[str, ...]:
    """The rules of a section of which it is known what they refuse."""
    if section == TABLES:
        return tuple(rule.id for rule in RULES.values() if rule.section == TABLES)
    return tuple(rule for rule in CONDITIONS if RULES[rule].section == section)


def concerns(section: str) -> Callable[[Step], bool]:
    """Steps that a rule of the section decided, whichever way, and those that one should have refused."""

    def decided(step: Step) -> bool:
        """Steps that a rule of the section decided, whichever way, and those that one should have refused."""
        if step.error:
            return False
        if section in step.sections:
            return True
        if section == TABLES:
            return bool(capabilities_refused(step))
        return any(condition(step) for _, condition in _conditions(section, step))

    return decided


def refuses_exactly(section: str) -> Callable[[Step], str | None]:
    """What a rule of the section refuses has its reason in the documents, and nothing else passes for a reason."""

    def broken(step: Step) -> str | None:
        """A rule of the section refuses without its condition, or does not refuse although its condition holds.

        The conditions stand in the modules `documented` and `documented_tables`, `_changes`, `_rollouts` and `_images`.
        """
        refusing = step.refusing
        groundless = {rule for rule in refusing if RULES[rule].section == section}
        passed: set[str] = set()
        if section == TABLES:
            reasons = capabilities_refused(step)
            groundless -= reasons
            passed = set(reasons - refusing) if _looked_at_all(step, refusing) else set()
            return _problem(step, groundless, passed)
        looked_at_all = _looked_at_all(step, refusing)
        for rule, condition in _conditions(section, step):
            if condition(step):
                groundless.discard(rule)
                if rule not in refusing and (looked_at_all or (step.decision.silent and rule in NEVER_SILENT)):
                    passed.add(rule)
        return _problem(step, groundless, passed)

    return broken


def _looked_at_all(step: Step, refusing: frozenset[str]) -> bool:
    """Whether every rule had its say: not where a first one settled it, nor where a group exists already."""
    if step.decision.silent:
        return isinstance(step.request, rq.CreateGroup) and step.request.key not in step.before.groups
    return step.granted or refusing.isdisjoint(FIRST)


def _problem(step: Step, groundless: set[str], passed: set[str]) -> str | None:
    what = type(step.request).__name__
    if groundless:
        return f"{what} is refused by {', '.join(sorted(groundless))} without a reason in the documents"
    done = "granted" if step.granted else "met with silence" if step.decision.silent else "refused by others only"
    return f"{what} is {done} although {', '.join(sorted(passed))} refuses it" if passed else None


def concerns_speaking(step: Step) -> bool:
    """Steps at which a rule speaks that only shapes what is granted."""
    return not step.error and any(speaks(step) for _, speaks in _speaking(step))


def rules_speak_where_documents_do(step: Step) -> str | None:
    """Where a document speaks, the model is not silent, and a grant names the rule; advice is given where due."""
    what = type(step.request).__name__
    for rule, speaks in _speaking(step):
        if not speaks(step):
            continue
        if step.decision.silent:
            return f"{what} is met with silence although {rule} speaks of it"
        if step.granted and rule not in step.decision.held:
            return f"{what} is granted without naming {rule}"
    if step.granted and advised_against(step) is not bool(step.decision.advice):
        return f"{what} is granted with the advice {in_words(step.decision.advice)}"
    return None


def concerns_gaps(step: Step) -> bool:
    """Grants of what a document may leave unanswered, and silence where a member is patched from inside."""
    answered = step.granted or (bool(step.decision.silent) and patches_a_member(step))
    return answered and not step.error and any(gap.asked(step) for gap in GAPS)


def gaps_are_left_open(step: Step) -> str | None:
    """A grant leaves a refusal open exactly where no document answers what is asked for; patching may meet silence."""
    what = f"{type(step.request).__name__} of {step.key}"
    if patches_a_member(step) and bool(step.decision.silent) is not leaves_patching_unanswered(step):
        return f"{what} is {'met with silence' if step.decision.silent else 'answered'}, other than by the documents"
    for gap in GAPS:
        told = any(words in reason for reason in step.decision.open for words in gap.words)
        if gap.asked(step) and told is not gap.unanswered(step):
            done = "leaves it open" if told else "does not leave it open"
            return f"{what} asks about {gap.words[0]}, and the grant {done}"
    return None
