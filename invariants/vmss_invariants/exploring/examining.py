"""Every catalogued invariant, examined on every step that is explored.

The same examinations as everywhere else (`Invariant.examinations`), without the detour where a step is about the
explored kind: of those there are millions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_not
from types import MappingProxyType

from vmss_invariants.catalogue import INVARIANTS, AnyInvariant, GroupInvariant, StepInvariant, WorldInvariant
from vmss_invariants.steps import Step
from vmss_model.values import GroupKind

OUT_OF_REACH: Mapping[str, str] = MappingProxyType(
    {
        "resource-graph-is-never-older-than-60-seconds": "it speaks of a log of states, which a world does not hold",
        "resource-graph-may-show-every-recent-state": "it speaks of a log of states, which a world does not hold",
        "superseded-states-are-in-order": "canonical worlds leave superseded states out",
        "instance-ids-grow": "it speaks of every id there ever was, which a world does not hold",
    }
)
"""Invariants that an exploration of worlds says nothing of, and why."""

Found = Callable[[str, str], None]
"""Is told an invariant's id and what is broken."""


class Examiner:
    """Examines steps, and counts how often each invariant had something to say."""

    def __init__(self, edition: str, kind: GroupKind) -> None:
        self._kind = kind
        self.invariants = tuple(
            one for one in INVARIANTS.values() if one.applies(edition, kind) and one.id not in OUT_OF_REACH
        )
        self.counts = [0] * len(self.invariants)
        numbered = tuple(enumerate(self.invariants))
        self._steps = [(number, one.concerns, one.check) for number, one in numbered if isinstance(one, StepInvariant)]
        self._groups = [
            (number, one.concerns, one.part, one.check_group)
            for number, one in numbered
            if isinstance(one, GroupInvariant)
        ]
        self._worlds = [
            (number, one.part, one.check_world) for number, one in numbered if isinstance(one, WorldInvariant)
        ]

    @property
    def examinations(self) -> dict[str, int]:
        """How often each invariant was examined."""
        return {one.id: count for one, count in zip(self.invariants, self.counts, strict=True)}

    def examine(self, step: Step, found: Found) -> None:
        """Examine a step and the world after it."""
        kind = step.kind
        if kind is not None and kind is not self._kind:
            self._examine_slowly(step, found)
            return
        counts = self.counts
        for number, concerns, check in self._steps:
            if concerns(step):
                counts[number] += 1
                problem = check(step)
                if problem is not None:
                    found(self.invariants[number].id, problem)
        if step.after is not step.before:
            self._examine_world(step, found)

    def _examine_world(self, step: Step, found: Found) -> None:
        before, after, counts = step.before, step.after, self.counts
        for group in step.changed_groups:
            old = before.groups.get(group.key)
            for number, concerns_group, part, check_group in self._groups:
                if not concerns_group(group):
                    continue
                if old is None or any(map(is_not, part(old), part(group))):
                    counts[number] += 1
                    problem = check_group(after, group)
                    if problem is not None:
                        found(self.invariants[number].id, problem)
        for number, part_of_world, check_world in self._worlds:
            if part_of_world(after) is not part_of_world(before):
                counts[number] += 1
                problem = check_world(after)
                if problem is not None:
                    found(self.invariants[number].id, problem)

    def _examine_slowly(self, step: Step, found: Found) -> None:
        """A step about another kind: each invariant says itself whether it speaks of that."""
        for number, one in enumerate(self.invariants):
            self._examine_one(number, one, step, found)

    def _examine_one(self, number: int, one: AnyInvariant, step: Step, found: Found) -> None:
        for kind, problem in one.examinations(step):
            self.counts[number] += kind is None or kind is self._kind
            if problem is not None:
                found(one.id, problem)
