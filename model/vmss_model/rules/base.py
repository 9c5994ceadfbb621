"""What a rule is, and how code says which rule it implements."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from attrs import field, frozen

Implementation = TypeVar("Implementation", bound=Callable[..., object] | type)


class EvidenceKind(Enum):
    """How surely a rule is known. Never mixed with the strength of an invariant."""

    DOCUMENTED = "documented"
    RECORDED = "recorded"
    CONTRADICTED = "contradicted"
    INFERRED = "inferred"


@frozen
class Evidence:
    """One piece of evidence for or against a rule."""

    kind: EvidenceKind
    """Where it stands: documented, recorded, contradicted or inferred."""
    note: str
    """What exactly was documented or seen, in a sentence."""
    dates: str = ""
    """When it was recorded (`YYYY-MM-DD` or a range `YYYY-MM-DD..YYYY-MM-DD`); empty for a document."""
    api_versions: str = ""
    """The compute API version or range of the recording; empty for a document."""


class Direction(Enum):
    """The ways in which a rule can decide a request."""

    GRANTS = "grants"
    REFUSES = "refuses"


BOTH = frozenset({Direction.GRANTS, Direction.REFUSES})
GRANTS = frozenset({Direction.GRANTS})
REFUSES = frozenset({Direction.REFUSES})


@frozen
class Rule:
    """One rule read out of the source documents."""

    id: str
    """The rule's name, as code, findings and documents use it, e.g. `MODE-IMMUTABLE`."""
    section: str
    """The letter of the catalogue's section, `A` to `K`."""
    statement: str
    """What the rule says, in the project's own words."""
    sources: tuple[str, ...]
    """Short names of the documents it is read from (`S17`, `S18`, `S19`, `S21F`, `S21U`), or `API`."""
    editions: tuple[str, ...]
    """The editions it belongs to, in order of their dates."""
    evidence: tuple[Evidence, ...]
    """What supports or contradicts it."""
    directions: frozenset[Direction] = field(default=BOTH)
    """How it can decide: a guard grants and refuses; a rule that only shapes an effect grants;
    one that only forbids refuses."""


_implementations: dict[str, list[str]] = {}


def implements(*rule_ids: str) -> Callable[[Implementation], Implementation]:
    """Say that a function or class implements rules; `vmss-oracle rules` prints it.

    That every id exists is a test (`tests/rules`), not an import-time check: the catalogue is data
    and must not be loaded to run a transition.
    """

    def mark(target: Implementation) -> Implementation:
        for rule_id in rule_ids:
            _implementations.setdefault(rule_id, []).append(f"{target.__module__}.{target.__qualname__}")
        return target

    return mark


def implementations(rule_id: str) -> tuple[str, ...]:
    """The dotted names of the code that implements a rule, in import order; empty if not modelled."""
    return tuple(_implementations.get(rule_id, ()))
