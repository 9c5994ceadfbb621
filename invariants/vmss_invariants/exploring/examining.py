"""Every catalogued invariant, examined on every step and every world that is explored.

The same examinations as everywhere else (`Invariant.examinations`), without the detour where a step is about the
explored kind: of those there are millions. What is said of a world is said once for each canonical world; only
where it is about something that a canonical world leaves out is it said at every step that leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter, is_not
from types import MappingProxyType

from vmss_invariants.catalogue import INVARIANTS, AnyInvariant, GroupInvariant, StepInvariant, WorldInvariant
from vmss_invariants.exploring.bounds import Bounds, Configuration
from vmss_invariants.probing import BySort
from vmss_invariants.steps import Step
from vmss_model.world import World

OUT_OF_REACH: Mapping[str, str] = MappingProxyType(
    {
        "instance-ids-grow": "it speaks of every id there ever was, which a world does not hold",
    }
)
"""Invariants that an exploration of worlds says nothing of, and why."""

OF_THE_PAST: Mapping[str, Callable[[Bounds], int]] = MappingProxyType(
    {
        "resource-graph-is-never-older-than-60-seconds": lambda bounds: bounds.superseded,
        "resource-graph-may-show-every-recent-state": lambda bounds: bounds.superseded,
        "superseded-states-are-in-order": lambda bounds: bounds.superseded,
        "the-history-shows-two-months": lambda bounds: bounds.attempts,
        "the-history-holds-five-at-most": lambda bounds: bounds.attempts,
        "progress-shows-what-is": lambda bounds: bounds.attempts,
        "members-have-their-own-nic-and-disk": lambda bounds: bounds.departed,
        "instance-ids-stay-below-the-next-one": lambda bounds: bounds.departed,
        "platform-made-names-are-prefix-and-number": lambda bounds: bounds.departed,
    }
)
"""Invariants that speak of what is over, and which bound says how much of that a canonical world holds."""

BESIDE_THE_FORM = frozenset(
    {
        "members-have-their-own-nic-and-disk",
        "members-of-vm-groups-are-vms",
        "vms-are-members-or-stand-alone",
        "vm-names-are-unique-in-the-resource-group",
        "used-artifacts-belong-to-members",
        "instance-ids-stay-below-the-next-one",
        "the-history-holds-five-at-most",
        "superseded-states-are-in-order",
    }
)
"""Invariants of worlds that speak of names, ids, NICs, disks or ended rollouts: a canonical world leaves those out."""

Found = Callable[[str, str], object]
"""Is told an invariant's id and what is broken."""


class Examiner:
    """Examines steps and worlds, and counts how often each invariant had something to say."""

    def __init__(self, configuration: Configuration) -> None:
        self._kind = kind = configuration.kind
        over = {name for name, held in OF_THE_PAST.items() if not held(configuration.bounds)}
        self.invariants = tuple(
            one
            for one in INVARIANTS.values()
            if one.applies(configuration.edition, kind) and one.id not in OUT_OF_REACH.keys() | over
        )
        self.counts = [0] * len(self.invariants)
        self._last: Step | None = None
        self._concerned: dict[int, bool] = {}
        numbered = tuple(enumerate(self.invariants))
        steps = tuple((number, one) for number, one in numbered if isinstance(one, StepInvariant))
        self._steps = BySort(lambda _: steps, lambda numbered_one: numbered_one[1].concerns)
        self._beside = _OfWorlds(one for one in numbered if one[1].id in BESIDE_THE_FORM)
        self.of_worlds = tuple(
            number for number, one in numbered if not isinstance(one, StepInvariant) and one.id not in BESIDE_THE_FORM
        )
        """The numbers of the invariants that are said of worlds, but for what a canonical world does not hold."""

    @property
    def examinations(self) -> dict[str, int]:
        """How often each invariant was examined."""
        return {one.id: count for one, count in zip(self.invariants, self.counts, strict=True)}

    @contextmanager
    def counting_apart(self) -> Iterator[list[int]]:
        """Examinations meanwhile are counted in a list of their own."""
        kept, self.counts = self.counts, [0] * len(self.counts)
        try:
            yield self.counts
        finally:
            self.counts = kept

    def examine_step(self, step: Step, found: Found) -> None:
        """Examine a step, and of the world after it what a canonical world does not hold."""
        kind = step.kind
        if kind is not None and kind is not self._kind:
            self._examine_slowly(step, found)
            return
        counts, concerned = self.counts, self._concerned_by(step)
        for number, one in self._steps.that_may_speak_of(step):
            if number in concerned:
                counts[number] += concerned[number]
                continue
            speaks = one.concerns(step)
            if one.of_decision:
                concerned[number] = speaks
            if speaks:
                counts[number] += 1
                problem = one.check(step)
                if problem is not None:
                    found(one.id, problem)
        if step.after is not step.before and _news_beside_the_form(step):
            self._examine_beside_the_form(step, found)

    def _concerned_by(self, step: Step) -> dict[int, bool]:
        """Of each invariant that looks at the decision alone, whether it spoke of it at the last step, if it did."""
        last = self._last
        if last is None or any(map(is_not, _asked(last), _asked(step))):
            self._concerned = {}
        self._last = step
        return self._concerned

    def examine_world(self, world: World, found: Found) -> None:
        """Examine a world, but for what a canonical world does not hold."""
        for number in self.of_worlds:
            self.examine_world_by(number, world, found)

    def examine_world_by(self, number: int, world: World, found: Found) -> None:
        """Examine a world by one of them."""
        one = self.invariants[number]
        if isinstance(one, WorldInvariant):
            self._say(number, one.check_world(world), found)
        elif isinstance(one, GroupInvariant):
            for group in world.groups.values():
                if group.kind is self._kind and one.concerns(group):
                    self._say(number, one.check_group(world, group), found)

    def _say(self, number: int, problem: str | None, found: Found) -> None:
        self.counts[number] += 1
        if problem is not None:
            found(self.invariants[number].id, problem)

    def _examine_beside_the_form(self, step: Step, found: Found) -> None:
        before, after, counts = step.before, step.after, self.counts
        for group in step.changed_groups:
            old = before.groups.get(group.key)
            for number, one in self._beside.groups:
                if one.concerns(group) and (old is None or any(map(is_not, one.part(old), one.part(group)))):
                    counts[number] += 1
                    problem = one.check_group(after, group)
                    if problem is not None:
                        found(one.id, problem)
        for number, of_world in self._beside.worlds:
            if of_world.part(after) is not of_world.part(before):
                counts[number] += 1
                problem = of_world.check_world(after)
                if problem is not None:
                    found(of_world.id, problem)

    def _examine_slowly(self, step: Step, found: Found) -> None:
        """A step about another kind: each invariant says itself whether it speaks of that."""
        for number, one in enumerate(self.invariants):
            for kind, problem in one.examinations(step):
                self.counts[number] += kind is None or kind is self._kind
                if problem is not None:
                    found(one.id, problem)


_asked = attrgetter("before", "request", "decision")
_beside = attrgetter("artifacts", "machines", "recent")


def _news_beside_the_form(step: Step) -> bool:
    """Whether a step changed something that a canonical world leaves out."""
    before, after = step.before, step.after
    if any(map(is_not, _beside(before), _beside(after))):
        return True
    if any(a.history is not b.history or a.next_instance_id != b.next_instance_id for a, b in step.survivors):
        return True
    return bool(step.joined or step.left)


class _OfWorlds:
    """Numbered invariants of groups and of worlds."""

    def __init__(self, those: Iterable[tuple[int, AnyInvariant]]) -> None:
        found = tuple(those)
        self.groups = tuple((number, one) for number, one in found if isinstance(one, GroupInvariant))
        self.worlds = tuple((number, one) for number, one in found if isinstance(one, WorldInvariant))
