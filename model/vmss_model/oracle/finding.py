"""What the oracle says of one observation."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen


class Verdict(Enum):
    """Whether the documents allow what was observed."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    UNKNOWN = "unknown"
    OUT_OF_SCOPE = "out-of-scope"


LONGEST = 2_000
"""The longest sentence of a finding, in characters: what was observed may be of any length."""


def _sentence(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


@frozen
class Finding:
    """The verdict on one observation, with what decided it, in sentences a person can act on."""

    verdict: Verdict
    """The verdict."""
    rules: tuple[str, ...]
    """The rules that decided; never empty for CONFORMS and VIOLATES."""
    expected: str = field(default="", converter=_sentence)
    """What the documents allow here."""
    seen: str = field(default="", converter=_sentence)
    """What was observed."""
    nearest: str = field(default="", converter=_sentence)
    """The nearest thing that would have been allowed; empty unless it violates."""
    reason: str = field(default="", converter=_sentence)
    """Why it is unknown or out of scope; empty otherwise."""


def conforms(*rules: str, expected: str = "", seen: str = "") -> Finding:
    """An observation that the documents allow, and the rules that say so."""
    if not rules:
        raise ValueError("a finding conforms only by a rule that decided it")
    return Finding(Verdict.CONFORMS, tuple(dict.fromkeys(rules)), expected, seen)


def violates(*rules: str, expected: str, seen: str, nearest: str) -> Finding:
    """An observation that the documents do not allow."""
    if not rules:
        raise ValueError("a finding violates only by a rule that decided it")
    return Finding(Verdict.VIOLATES, tuple(dict.fromkeys(rules)), expected, seen, nearest)


def unknown(reason: str, *rules: str) -> Finding:
    """An observation that the oracle cannot decide; it never counts as a pass."""
    return Finding(Verdict.UNKNOWN, tuple(dict.fromkeys(rules)), reason=reason)


def out_of_scope(reason: str) -> Finding:
    """An observation of something that the documents are not about."""
    return Finding(Verdict.OUT_OF_SCOPE, (), reason=reason)
