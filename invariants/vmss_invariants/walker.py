"""Walks a world request by request and examines every invariant on the way.

The state machine and the tour both walk; they differ in where the requests come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import field, frozen
from immutables import Map

from vmss_invariants.catalogue import INVARIANTS, AnyInvariant, GroupInvariant, StepInvariant, WorldInvariant
from vmss_invariants.coverage import RuleCoverage
from vmss_invariants.describing import described
from vmss_invariants.probing import BySort
from vmss_invariants.requests import GEO_PAIRS, REGIONS, crowd
from vmss_invariants.steps import History, Step, take_step
from vmss_model import requests as rq
from vmss_model.choices import Draw
from vmss_model.editions import Edition
from vmss_model.values import GroupKind
from vmss_model.world import Group, World

_CROWD_LOOKED_AT = 50
"""While a group is filled only every so many steps are examined, and the last ones: a thousand looks at a
thousand members are dear."""
_CROWD_END = 3
"""How many of the last steps of filling a group are examined."""


@frozen
class Taken:
    """A request that was made, and the numbers that were drawn for the platform's choices."""

    request: rq.Request
    """The request."""
    drawn: tuple[int, ...]
    """What was drawn, in order."""


@frozen
class Tally:
    """How often each invariant was examined, by the kind of group it was examined on."""

    counts: Counter[tuple[str, GroupKind]] = field(factory=Counter)
    """Examinations by invariant and kind of group."""
    requests: Counter[str] = field(factory=Counter)
    """Requests by what was asked."""


class InvariantBrokenError(AssertionError):
    """An invariant does not hold, after these requests."""

    def __init__(self, invariant_id: str, problem: str, edition: str, taken: tuple[Taken, ...]) -> None:
        self.invariant_id = invariant_id
        self.problem = problem
        self.taken = taken
        self.lines = (f"edition {edition}", *(described(one.request) for one in taken))
        numbered = "\n".join(f"  {number}. {line}" for number, line in enumerate(self.lines))
        super().__init__(f"{invariant_id}: {problem}\nafter\n{numbered}")


def new_world(edition: Edition) -> World:
    """An empty world with the regions that are explored, geo pairs where the edition's rollouts know them."""
    paired = edition.upgrades is not None and edition.upgrades.automatic is not None
    return World(edition=edition, regions=Map(dict(REGIONS)), geo_pairs=Map(dict(GEO_PAIRS) if paired else {}))


@frozen
class _Speaking:
    """The invariants that speak of a kind of group, by what they speak of."""

    steps: tuple[StepInvariant, ...]
    groups: tuple[GroupInvariant, ...]
    worlds: tuple[WorldInvariant, ...]

    @classmethod
    def of(cls, invariants: Iterable[AnyInvariant]) -> _Speaking:
        found = tuple(invariants)
        return cls(
            tuple(one for one in found if isinstance(one, StepInvariant)),
            tuple(one for one in found if isinstance(one, GroupInvariant)),
            tuple(one for one in found if isinstance(one, WorldInvariant)),
        )


class Walker:
    """A world on its way, with everything that was seen of it."""

    def __init__(
        self,
        edition: Edition,
        kinds: Iterable[GroupKind] = (),
        skipped: frozenset[str] = frozenset(),
        tally: Tally | None = None,
        coverage: RuleCoverage | None = None,
    ) -> None:
        self.world = new_world(edition)
        self.history = History()
        self.taken: list[Taken] = []
        self._kinds = tuple(kinds)
        self._tally = tally
        self._coverage = coverage
        self._unexamined: Step | None = None
        self._only = self._kinds[0] if len(self._kinds) == 1 else None
        speaking = tuple(
            one
            for one in INVARIANTS.values()
            if one.id not in skipped and any(one.applies(edition.name, kind) for kind in kinds or edition.kinds)
        )
        # Those that speak of a kind of group, so that it is not asked anew at every step; None: of no certain one.
        self._of_kind = {
            kind: _Speaking.of(one for one in speaking if kind is None or one.applies(edition.name, kind))
            for kind in (None, *GroupKind)
        }
        self._steps = BySort(lambda kind: self._of_kind[kind].steps, lambda one: one.concerns)

    def take(self, request: rq.Request, draw: Draw) -> Step:
        """Make a request and examine the step; the world it leads to is examined by `examine_world`."""
        step = self._advance(request, draw)
        self._examine_step(step)
        return step

    def take_crowd(self, group: Group, count: int, draw: Draw) -> None:
        """Let so many plain VMs join a group of standard VMs."""
        for number, request in enumerate(crowd(self.world, group, count)):
            step = self._advance(request, draw)
            if number % _CROWD_LOOKED_AT == 0 or number >= count - _CROWD_END:
                self._examine_step(step)
                self.examine_world()

    def examine_world(self) -> None:
        """Examine the world that the last step led to, unless that was done already."""
        step, self._unexamined = self._unexamined, None
        if step is None or step.after is step.before:
            return
        for group in step.changed_groups:
            for of_group in self._of_kind[group.kind].groups:
                if of_group.has_news(step, group):
                    self._note(of_group, group.kind, of_group.check_group(step.after, group))
        for of_world in self._of_kind[step.kind].worlds:
            if of_world.has_news(step):
                self._note(of_world, step.kind, of_world.check_world(step.after))

    def _advance(self, request: rq.Request, draw: Draw) -> Step:
        drawn: list[int] = []

        def recorded(lowest: int, highest: int) -> int:
            drawn.append(draw(lowest, highest))
            return drawn[-1]

        step = take_step(self.world, request, recorded, self.history)
        self.taken.append(Taken(request, tuple(drawn)))
        self.history = self.history.seen(step.before, step.after)
        self.world = step.after
        self._unexamined = step
        if self._coverage is not None:
            self._coverage.note(step)
        if self._tally is not None:
            self._tally.requests[type(request).__name__] += 1
        return step

    def _examine_step(self, step: Step) -> None:
        for one in self._steps.that_may_speak_of(step):
            if one.concerns(step):
                self._note(one, step.kind, one.check(step))

    def _note(self, one: AnyInvariant, kind: GroupKind | None, problem: str | None) -> None:
        where = kind or self._only
        if self._tally is not None and where is not None:
            self._tally.counts[one.id, where] += 1
        if problem is not None:
            self.broke(one, problem)

    def broke(self, one: AnyInvariant, problem: str, /) -> None:
        """An invariant does not hold: raises InvariantBrokenError."""
        raise InvariantBrokenError(one.id, problem, self.world.edition.name, tuple(self.taken))
