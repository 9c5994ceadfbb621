"""Two editions asked for the same things, step by step and breadth first.

Both go along, each in a world of its own, until one decides by a rule what the other decides otherwise: so each
difference comes with a shortest sequence of requests that leads to it. Where one edition is silent about a request that
the other grants, its world stays as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic

from vmss_invariants.contrasts import allows, ruled_out
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.exploring.codebook import Key
from vmss_invariants.exploring.narrowing import narrower, with_update_domains
from vmss_invariants.exploring.noticed import Noticed
from vmss_invariants.exploring.pairs import Asked, Pair, PickedByEach, Requests, after, ask, starts, world_after
from vmss_invariants.exploring.picking import picks_of
from vmss_invariants.exploring.sides import ASKED, Side, renamed
from vmss_invariants.requests import crowd
from vmss_model.batches import Batch
from vmss_model.copying import evolve
from vmss_model.decisions import Grant, Picks
from vmss_model.editions import edition
from vmss_model.values import GroupKind
from vmss_model.world import World

_MOST_FILLED = 1001
"""VMs: more than any kind holds."""
_ALONE = 5
"""So many requests far worlds are followed to which only one of the editions came."""


class Lockstep:
    """Compares two editions in one pair of kinds."""

    def __init__(
        self,
        names: tuple[str, str],
        kinds: tuple[GroupKind, GroupKind],
        noticed: Noticed,
        asked: Bounds,
        followed: Bounds,
    ) -> None:
        self.done = 0
        self._noticed = noticed
        self._names, self._kinds = names, kinds
        one, other = (Side(name, kind, asked, followed) for name, kind in zip(names, kinds, strict=True))
        self._sides = one, other
        self._modes = frozenset(
            rules.mode_rule for name in names for rules in edition(name).kinds.values() if rules.mode_rule is not None
        )

    def search(self, limit_seconds: float, progress: Callable[[int], None] | None) -> bool:
        """Compare all within the bounds; whether that was all."""
        began = monotonic()
        seen: set[tuple[Key, Key]] = set()
        waiting = deque(starts(self._names, self._kinds))
        groups: list[Pair] = []
        while waiting:
            if monotonic() - began > limit_seconds:
                return False
            pair = waiting.popleft()
            one, other = (side.canon.key(world) for side, world in zip(self._sides, pair.worlds, strict=True))
            if (one, other) in seen:
                continue
            seen.add((one, other))
            if all(world.groups for world in pair.worlds):
                groups.append(pair)
            waiting.extend(self._followed(pair))
            self.done += 1
            if progress is not None:
                progress(self.done)
        if groups:
            self._fill(groups[0])
        return True

    def _followed(self, pair: Pair) -> Iterator[Pair]:
        for requests in self._menu(pair):
            asked = ask(pair, requests)
            self._noticed.notice(asked)
            for picks in self._along(asked):
                following = self._following(asked, picks)
                if following is not None:
                    yield following
        if self._kinds[0] is not self._kinds[1] and not any(world.groups for world in pair.worlds):
            for side in self._sides:
                self._noticed.notice(ask(pair, (side.bare, side.bare)), only=self._modes)

    def _following(self, asked: Asked, picks: PickedByEach) -> Pair | None:
        """The worlds after what was picked, where the next requests are compared; None where they are not.

        Where only one edition came along, they are in plain worlds near the first. Of most pairs one world tells it.
        """
        made = asked.made(picks)
        both = not any(asked.pair.behind) and not any(map(made.leaves_behind, (0, 1)))
        if not both and len(asked.pair.trail) >= _ALONE:
            return None
        worlds: list[World] = []
        for number, side in enumerate(self._sides):
            world = world_after(asked, number, picks)
            if not side.follows(world, twisted=both):
                return None
            worlds.append(world)
        if all(one is other for one, other in zip(asked.pair.worlds, worlds, strict=True)):
            return None
        return asked.pair.then((worlds[0], worlds[1]), made)

    def _menu(self, pair: Pair) -> Iterator[Requests]:
        """What is asked of both, each by its own name of the kind."""
        one, other = (
            [renamed(request, kind, self._kinds[0]) for request in side.requests(world)]
            for side, world, kind in zip(self._sides, pair.worlds, self._kinds, strict=True)
        )
        # Most often both ask the same, and to see that costs less than to look each up.
        every = one if one == other else (*one, *other)
        yield from ((request, renamed(request, *self._kinds)) for request in dict.fromkeys(every))

    def _along(self, asked: Asked) -> Iterator[PickedByEach]:
        """What the editions let the platform choose; what only one lets it choose is noticed.

        None goes on alone that stayed behind itself: nothing that either says there is a difference any more.
        """
        first, second = asked.decisions[0].grant, asked.decisions[1].grant
        behind = asked.pair.behind
        if first is not None and second is not None:
            yield from self._both_along(asked, (first, second))
        elif first is not None and not behind[0] and (asked.decisions[1].silent or behind[1]):
            yield from ((picks, None) for picks in picks_of(first.choices, str, ASKED.instances + 1))
        elif second is not None and not behind[1] and (asked.decisions[0].silent or behind[0]):
            yield from ((None, picks) for picks in picks_of(second.choices, str, ASKED.instances + 1))

    def _both_along(self, asked: Asked, grants: tuple[Grant, Grant]) -> Iterator[PickedByEach]:
        if not grants[0].choices and not grants[1].choices:
            yield {}, {}
            return
        for side, grant in enumerate(grants):
            for picks in picks_of(grant.choices, str, ASKED.instances + 1):
                other = grants[1 - side]
                likewise = with_update_domains(other, picks)
                self._notice_narrower(asked, 1 - side, other, (picks, likewise))
                if side == 0 and allows(other, likewise):
                    yield picks, likewise

    def _notice_narrower(self, asked: Asked, side: int, grant: Grant, tried: tuple[Picks, Picks]) -> None:
        world, kind = asked.pair.worlds[side], self._kinds[side]
        for picks in tried:
            found = narrower(world, kind, grant, picks)
            if found is None:
                continue
            choice = next(one for one in grant.choices if not one.allows(picks.get(one.name)))
            rules, why = found[0], ruled_out(choice, picks.get(choice.name))
            if isinstance(choice, Batch):
                objections = choice.objections(picks.get(choice.name))
                rules, why = tuple(rule for rule, _ in objections), "; ".join(told for _, told in objections)
            self._noticed.notice_narrower(asked, side, rules, why)

    def _fill(self, pair: Pair) -> None:
        """A group of VMs is filled until one edition refuses the next: no menu goes that far."""
        group = next(iter(pair.worlds[0].groups.values()))
        for number, request in enumerate(crowd(pair.worlds[0], group, _MOST_FILLED), 1):
            asked = evolve(ask(pair, (request, request)), in_a_row=number)
            grants = asked.decisions[0].grant, asked.decisions[1].grant
            if grants[0] is None or grants[1] is None:
                self._noticed.notice(asked)
                return
            picks = next(self._both_along(asked, (grants[0], grants[1])), None)
            if picks is None:
                return
            pair = after(asked, picks)
