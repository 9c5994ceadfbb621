"""What a question about placing is answered with."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Origin(Enum):
    """Where a reason comes from."""

    RULE = "rule"
    WISH = "wish"
    FACT = "fact"


@frozen
class Reason:
    """One thing that a placement has to comply with."""

    origin: Origin
    """A rule of the edition, a wish of the question, or a fact that it states."""
    sentence: str
    """What it demands, in a sentence."""
    rules: tuple[str, ...] = ()
    """The id of the rule; of a wish, of the rule that gives it its meaning, if any."""

    def __str__(self) -> str:
        """The sentence, with the rules' ids behind it."""
        return f"{self.sentence} ({', '.join(self.rules)})" if self.rules else self.sentence


@frozen
class CellCount:
    """Members in one zone and fault domain."""

    zone: str | None
    """The zone; None in a regional group."""
    fault_domain: int | None
    """The fault domain, numbered from 0; None where the group names no domains."""
    placed: int
    """How many of the instances of the question are placed here."""
    taken: int = 0
    """How many members are here already."""


@frozen(kw_only=True)
class Placement:
    """It can be done: here is a way."""

    cells: tuple[CellCount, ...]
    """Every zone and fault domain of the group, zone by zone."""
    fault_domains: int | None
    """The group's fault-domain count; None where neither edition nor question speaks of them."""
    single_placement_group: bool | None
    """Whether the group keeps to one placement group; None where it does not matter."""
    notes: tuple[str, ...] = ()
    """What the documents leave open, on which the placement depends; in sentences."""


@frozen
class Conflict:
    """It cannot be done."""

    reasons: tuple[Reason, ...]
    """What cannot all be met: at least one reason."""
    irreducible: bool = True
    """Whether each reason is needed: without any one of them the others can be met."""
    smallest: bool = True
    """Whether no fewer reasons conflict."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules among the reasons, each once."""
        return tuple(dict.fromkeys(rule for reason in self.reasons for rule in reason.rules))


@frozen
class Undecided:
    """The solver gave up; it says neither yes nor no."""

    reason: str
    """Why, in the solver's words."""


Answer = Placement | Conflict | Undecided
"""A way, a conflict, or neither within the time allowed."""
