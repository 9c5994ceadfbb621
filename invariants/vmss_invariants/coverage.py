"""Which rules the explored steps exercised, and in which direction.

A rule granted when it held, or bounded a choice, in a request that was granted; it refused when a refusal
names it. A catalogue rule has the directions that its data names: `RuleCoverage.missing()` lists what was
never seen, leaving out only what stands in `NOT_IN_THE_TYPED_MODEL` with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from vmss_invariants.steps import Step
from vmss_model.rules import RULES, Direction

COVERED_SECTIONS = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "K")
"""The sections that the typed requests speak of: all but the findings, which are no rules."""

Seen = tuple[str, Direction]
"""A rule's id, and a way in which it decided."""

_HTTP = "lives at the HTTP boundary, where the conformance tests exercise it"
_BY_CELL = "the condition is about the tool a caller uses, which a typed request does not name"

NOT_IN_THE_TYPED_MODEL: Mapping[Seen, str] = MappingProxyType(
    {
        ("ARM-LRO", Direction.GRANTS): _HTTP,
        ("ARM-ABSENT", Direction.GRANTS): f"204 for deleting what is absent {_HTTP}",
        ("CAPS-SITE-RECOVERY", Direction.REFUSES): _BY_CELL,
    }
)
"""What no typed request can exercise, with the reason."""

RESTATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CAPS-2019-CONFIGURATION-MODEL": ("PROFILE-VM-NONE", "PROFILE-SSVM-REQUIRED"),
        "CAPS-2019-ADD": ("ADD-EXPLICIT", "ADD-IMPLICIT"),
        "CAPS-2019-DELETE": ("DELETE-ONE", "DELETE-NONEMPTY-REJECTED", "DELETE-CASCADES"),
        "CAPS-2019-FAULT-DOMAINS": ("FDCOUNT-VM-2019", "FDCOUNT-SSVM-2019"),
        "CAPS-2019-ZONES": ("ZONES-VM-2019", "ZONES-SSVM-2019"),
        "CAPS-2019-UPDATE-DOMAINS": ("UD-MAPPED-2019",),
        "CAPS-2019-CAPACITY": ("CAP-VM-2019", "CAP-SSVM-2019"),
        "CAPS-2019-MOVE": ("MOVE",),
        "CAPS-2019-SINGLE-PLACEMENT-GROUP": ("SPG-VM-2019", "SPG-SSVM-2019"),
    }
)
"""Rows of the 2019 table that say again what rules of sections A and C decide: each of those, in the
edition of the table, is the row exercised."""

EDITION_OF_RESTATED = "2019-10"
"""The edition whose table the restated rows are of."""


@frozen
class RuleCoverage:
    """Counts of the rules by the direction in which they decided."""

    counts: Counter[Seen] = field(factory=Counter)
    """How often each rule decided in each direction."""
    of_restated: Counter[Seen] = field(factory=Counter)
    """The same, of the steps in the edition whose table restates rules."""

    def note(self, step: Step) -> None:
        """Count the rules of one step."""
        seen = directions_of(step)
        self.counts.update(seen)
        if step.before.edition.name == EDITION_OF_RESTATED:
            self.of_restated.update(seen)

    def merge(self, other: RuleCoverage) -> None:
        """Add the counts of other steps."""
        self.counts.update(other.counts)
        self.of_restated.update(other.of_restated)

    def count(self, rule: str, direction: Direction) -> int:
        """How often a rule decided in a direction, itself or through the rules it restates."""
        return self.counts[rule, direction] + sum(self.of_restated[one, direction] for one in RESTATED.get(rule, ()))

    def missing(self) -> tuple[Seen, ...]:
        """The directions that a rule of the covered sections has and that were never seen."""
        return tuple(
            (rule.id, direction)
            for rule in RULES.values()
            if rule.section in COVERED_SECTIONS
            for direction in Direction
            if direction in rule.directions
            and (rule.id, direction) not in NOT_IN_THE_TYPED_MODEL
            and not self.count(rule.id, direction)
        )

    def unexpected(self) -> tuple[Seen, ...]:
        """The refusals that were seen by rules of which the catalogue says that they only grant."""
        return tuple(
            (rule, direction)
            for (rule, direction), count in self.counts.items()
            if count and direction is Direction.REFUSES and direction not in RULES[rule].directions
        )

    def table(self) -> str:
        """A line a rule: its id, how often it granted and how often it refused (`-`: it never does)."""
        lines = [f"{'rule':34} {'granted':>9} {'refused':>9}"]
        for rule in RULES.values():
            if rule.section in COVERED_SECTIONS:
                cells = (self._cell(rule.id, direction) for direction in (Direction.GRANTS, Direction.REFUSES))
                lines.append(f"{rule.id:34} " + " ".join(f"{cell:>9}" for cell in cells))
        return "\n".join(lines)

    def _cell(self, rule: str, direction: Direction) -> str:
        count = self.count(rule, direction)
        return str(count) if count or direction in RULES[rule].directions else "-"


def directions_of(step: Step) -> list[Seen]:
    """The rules that decided a step, each once a direction."""
    decision = step.decision
    refusing = dict.fromkeys(rule for refusal in decision.refusals for rule in refusal.rules)
    seen = [(rule, Direction.REFUSES) for rule in refusing]
    if decision.grant is not None:
        bounding = (rule for choice in decision.grant.choices for rule in choice.rules)
        seen.extend((rule, Direction.GRANTS) for rule in dict.fromkeys((*decision.held, *bounding)))
    return seen
