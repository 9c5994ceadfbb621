"""What an invariant is: a sentence, the rules it follows from, where it applies, and the check itself.

An invariant speaks of worlds or of steps, in the editions and for the kinds of group that `where` names.
`examinations(step)` gives one entry for every time that the invariant really had something to say: a step
without a scale-in is no evidence about scale-in. Nothing is counted that could not have failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from attrs import field, frozen

from vmss_invariants.steps import Step
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES
from vmss_model.values import GroupKind
from vmss_model.world import Group, World

Place = tuple[str, GroupKind]
"""An edition's name and a kind of group in it."""
Examination = tuple[GroupKind | None, str | None]
"""The kind of group that an invariant was examined on (None: no group was concerned), and what is broken."""

EVERYWHERE: frozenset[Place] = frozenset((one.name, kind) for one in EDITIONS.values() for kind in one.kinds)
"""Every kind of group in every edition."""


def places(*kinds: GroupKind, editions: tuple[str, ...] = tuple(EDITIONS)) -> frozenset[Place]:
    """These kinds in these editions, as far as the edition has the kind; no kinds: all of them."""
    return frozenset((name, kind) for name, kind in EVERYWHERE if name in editions and (not kinds or kind in kinds))


class InvariantKind(Enum):
    """What an invariant speaks of."""

    WORLD = "world"
    STEP = "step"


@frozen
class Design:
    """Something in the design of the model that an invariant follows from."""

    why: str
    """What it is, in a sentence."""
    decisions: tuple[int, ...]
    """The decisions that say so, by their numbers."""


@frozen(kw_only=True)
class Invariant:
    """Something that always holds."""

    id: str
    """Its name, which reads as a sentence."""
    statement: str
    """The fact, in one sentence."""
    rules: tuple[str, ...]
    """The rules it follows from, in the editions that have them."""
    design: Design | None = None
    """What of the model's design it follows from in editions that have none of these rules."""
    where: frozenset[Place] = EVERYWHERE
    """The editions and kinds of group it speaks of."""

    @property
    def kind(self) -> InvariantKind:
        """Whether it speaks of worlds or of steps."""
        return InvariantKind.WORLD

    @property
    def editions_without_rule(self) -> tuple[str, ...]:
        """The editions it speaks of that have none of its rules: there it follows from the model's design."""
        named = {name for rule in self.rules for name in RULES[rule].editions}
        return tuple(
            name for name in EDITIONS if name not in named and any(edition == name for edition, _ in self.where)
        )

    def applies(self, edition: str, kind: GroupKind) -> bool:
        """Whether it speaks of this kind of group in this edition."""
        return (edition, kind) in self.where

    def examinations(self, step: Step) -> Iterator[Examination]:
        """What it says of a step or of the world after it, once for each thing it speaks of."""
        raise NotImplementedError


def every_group(_group: Group) -> bool:
    """Every group."""
    return True


@frozen(kw_only=True)
class GroupInvariant(Invariant):
    """Holds of every group in every world."""

    check_group: Callable[[World, Group], str | None]
    """What is broken about a group, or None."""
    concerns: Callable[[Group], bool] = every_group
    """Of which groups it speaks."""
    part: Callable[[Group], tuple[object, ...]] = field(default=lambda group: (group,))
    """The parts of a group that it looks at: while they are the very same values, there is nothing new to say."""

    def check(self, world: World) -> str | None:
        """What is broken in a world, or None."""
        found = (
            self.check_group(world, group)
            for group in world.groups.values()
            if self.applies(world.edition.name, group.kind) and self.concerns(group)
        )
        return next((problem for problem in found if problem is not None), None)

    def examinations(self, step: Step) -> Iterator[Examination]:
        """One examination for every group of which the step changed what it looks at."""
        for group in step.changed_groups:
            if self.applies(step.after.edition.name, group.kind) and self.has_news(step, group):
                yield group.kind, self.check_group(step.after, group)

    def has_news(self, step: Step, group: Group) -> bool:
        """Whether it speaks of a group, and the step changed what it looks at."""
        if not self.concerns(group):
            return False
        old = step.before.groups.get(group.key)
        return old is None or any(a is not b for a, b in zip(self.part(old), self.part(group), strict=True))


@frozen(kw_only=True)
class WorldInvariant(Invariant):
    """Holds of every world as a whole."""

    check_world: Callable[[World], str | None]
    """What is broken in a world, or None."""
    part: Callable[[World], object]
    """The part of the world it looks at: while that is the very same value, there is nothing new to say."""

    def check(self, world: World) -> str | None:
        """What is broken in a world, or None."""
        return self.check_world(world)

    def examinations(self, step: Step) -> Iterator[Examination]:
        """One examination if the step changed the part of the world that it looks at."""
        kind = step.kind
        concerned = kind is None or self.applies(step.after.edition.name, kind)
        if concerned and self.has_news(step):
            yield kind, self.check_world(step.after)

    def has_news(self, step: Step) -> bool:
        """Whether the step changed what it looks at."""
        return self.part(step.after) is not self.part(step.before)


@frozen(kw_only=True)
class StepInvariant(Invariant):
    """Holds of every step."""

    check: Callable[[Step], str | None]
    """What is broken about a step, or None."""
    concerns: Callable[[Step], bool]
    """Of which steps it speaks."""
    of_decision: bool = False
    """Whether it looks at what was asked and decided alone: it need not be asked again at every way to carry it out."""

    @property
    def kind(self) -> InvariantKind:
        """It speaks of steps."""
        return InvariantKind.STEP

    def examinations(self, step: Step) -> Iterator[Examination]:
        """One examination if it speaks of the step."""
        kind = step.kind
        if (kind is None or self.applies(step.before.edition.name, kind)) and self.concerns(step):
            yield kind, self.check(step)


AnyInvariant = GroupInvariant | WorldInvariant | StepInvariant
"""Any of the invariants."""
