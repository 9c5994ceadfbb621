"""Two editions asked for the same things, step by step and breadth first.

Both go along, each in a world of its own, until one decides by a rule what the other decides otherwise: so each
difference comes with a shortest sequence of requests that leads to it. Where one edition is silent about a request that
the other grants, its world stays as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from time import monotonic

from attrs import evolve, field, frozen

from vmss_invariants.contrasts import (
    NARROWING,
    SAYS,
    STATING,
    Contrast,
    Sort,
    allows,
    best_rank,
    come_alone,
    contrast,
    decision_in_words,
    named,
    outcome,
    ruled_out,
    sort_of,
)
from vmss_invariants.describing import described
from vmss_invariants.exploring.bounds import Bounds, empty_world
from vmss_invariants.exploring.codebook import Key
from vmss_invariants.exploring.narrowing import narrower, with_update_domains
from vmss_invariants.exploring.picking import picks_of
from vmss_invariants.exploring.sides import ASKED, Side, renamed
from vmss_invariants.requests import REGISTRATION_SEQUENCE, crowd, preparation
from vmss_model import requests as rq
from vmss_model.batches import Batch
from vmss_model.choices import Choice
from vmss_model.decide import decide
from vmss_model.decisions import Decision, Grant, Picks
from vmss_model.editions import edition
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind
from vmss_model.world import World

_MOST_FILLED = 1001
"""VMs: more than any kind holds."""
_ALONE = 5
"""So many requests far worlds are followed to which only one of the editions came."""

Requests = tuple[rq.Request, rq.Request]
"""A request by the names of each edition."""
PickedByEach = tuple[Picks | None, Picks | None]
"""What the platform picked in each edition; None where it was not granted, and nothing changed."""
Prepared = tuple[tuple[rq.Request, ...], tuple[rq.Request, ...]]
"""The requests that prepare a world of each edition."""


@frozen
class Made:
    """A request that was made of both editions."""

    requests: Requests
    """The request, by the names of each."""
    picks: PickedByEach
    """What the platform picked in each."""
    refused: bool = False
    """Whether one of them refused it: else the one that did not grant it is silent."""

    def leaves_behind(self, side: int) -> bool:
        """Whether one side did not grant what the other did."""
        return self.picks[side] is None and self.picks[1 - side] is not None


@frozen
class Witness:
    """Requests that both editions are asked for, with which anybody can see what they say to the last one."""

    editions: tuple[str, str]
    """The names of the editions."""
    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each."""
    prepared: Prepared
    """The requests that prepare the world of each edition for groups, as far as they are needed."""
    trail: tuple[Made, ...] = field(repr=False)
    """The requests before the last one."""
    last: Requests = field(repr=False)
    """The last request, by the names of each edition."""
    in_a_row: int = 1
    """How many VMs are asked for with the last request, it among them: they are told in one line."""

    def replayed(self) -> tuple[Decision, Decision]:
        """What the editions say to the last request when everything is made again from the beginning."""
        one, other = (self._worlds(side)[-1] for side in (0, 1))
        return decide(one, self.last[0]), decide(other, self.last[1])

    @property
    def preparation(self) -> Mapping[str, tuple[str, ...]]:
        """The requests in words that prepare the world of an edition, by its name, where they are needed."""
        return {
            name: tuple(map(described, requests))
            for name, requests in zip(self.editions, self.prepared, strict=True)
            if requests
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The requests in words; with what the platform picked where it had a choice, and who did not grant one."""
        shown = self.trail[: len(self.trail) - self.in_a_row + 1]
        worlds = self._worlds(0), self._worlds(1)
        lines = [
            f"{self._asked(made.requests)}{self._outcome(made, (worlds[0][place], worlds[1][place]))}"
            for place, made in enumerate(shown)
        ]
        many = f", the last of {self.in_a_row} VMs" if self.in_a_row > 1 else ""
        return (*lines, f"{self._asked(self.last)}{many}")

    def _asked(self, requests: Requests) -> str:
        if requests[0] == requests[1]:
            return described(requests[0])
        kind = getattr(requests[1], "kind", None)
        assert isinstance(kind, GroupKind), "requests of two editions differ in the name of the kind"
        return f"{described(requests[0])}, in {self.editions[1]} kind={kind.value}"

    def _outcome(self, made: Made, worlds: tuple[World, World]) -> str:
        told = []
        for name, request, picks, world in zip(self.editions, made.requests, made.picks, worlds, strict=True):
            decision = decide(world, request)
            if picks is None:
                told.append(f"{'silent' if decision.silent else 'refused'} in {name}")
            elif decision.grant is not None and (open_ones := [one for one in decision.grant.choices if _is_open(one)]):
                told.append(", ".join(f"{one.name} {described(picks[one.name])}" for one in open_ones))
            else:
                told.append("")
        if told[0] == told[1]:
            return f" -> {told[0]}" if told[0] else ""
        named_ones = [
            one if picks is None else f"{one} in {name}"
            for one, picks, name in zip(told, made.picks, self.editions, strict=True)
            if one
        ]
        return f" -> {'; '.join(named_ones)}"

    def _worlds(self, side: int) -> list[World]:
        """The worlds before each request, and before the last one."""
        world = empty_world(edition(self.editions[side]), ASKED)
        for request in self.prepared[side]:
            world = _granted(world, request)
        worlds = [world]
        for made in self.trail:
            picks = made.picks[side]
            grant = decide(world, made.requests[side]).grant
            assert (grant is None) is (picks is None), "what led on is decided as it was"
            if grant is not None and picks is not None:
                world = evolve_all(world, grant.events(picks))
            worlds.append(world)
        return worlds


def _is_open(choice: Choice) -> bool:
    return len(list(islice(choice.values(), 2))) > 1


@frozen
class RuleDifference:
    """A request that a rule of one edition decides, and that the other one decides otherwise."""

    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each edition."""
    rule: str
    """The rule."""
    edition: str
    """The edition that has it, or that names it here."""
    other: str
    """The other edition."""
    contrast: Contrast
    """How the other one decides."""
    says: str
    """What the edition says to the last request."""
    other_says: str
    """What the other one says."""
    witness: Witness
    """The requests."""
    restates: str = ""
    """The rule that says the same thing and is shown in its place; empty where the rule itself is named."""

    @property
    def sort(self) -> Sort:
        """In which way the two decide otherwise."""
        return self.contrast.sort

    @property
    def sentence(self) -> str:
        """How the two decide, in words."""
        return SAYS[self.sort].format(mine=self.edition, other=self.other)

    @property
    def order(self) -> tuple[int, int]:
        """How good the difference is: how much it shows, and then how short it is."""
        return self.contrast.rank, len(self.witness.trail)


@frozen
class Pair:
    """One world of each edition, and the requests that led to both."""

    worlds: tuple[World, World]
    """The worlds."""
    prepared: Prepared = ((), ())
    """The requests that prepared them."""
    trail: tuple[Made, ...] = ()
    """The requests of both, as they were made."""
    unprepared: bool = False
    """Whether they lack what groups of an edition need: what is refused there may be refused for that."""

    @cached_property
    def behind(self) -> tuple[bool, bool]:
        """Whether each side did not come along somewhere where the other did."""
        return any(made.leaves_behind(0) for made in self.trail), any(made.leaves_behind(1) for made in self.trail)

    def then(self, worlds: tuple[World, World], made: Made) -> Pair:
        """The worlds after one more request."""
        return Pair(worlds, self.prepared, (*self.trail, made), self.unprepared)


@frozen
class Asked:
    """What the two editions say to one request."""

    pair: Pair
    """Where it is asked."""
    requests: Requests
    """The request, by the names of each edition."""
    decisions: tuple[Decision, Decision]
    """What each says."""
    named: tuple[frozenset[str], frozenset[str]]
    """The rules that each names."""
    in_a_row: int = 1
    """How many VMs were asked for before it, and with it: they are one line."""

    def made(self, picks: PickedByEach) -> Made:
        """The request as it was made, with what was picked."""
        return Made(self.requests, picks, refused=any(one.refused for one in self.decisions))


@frozen
class Wanted:
    """The rules that a difference is searched for, for each of two editions."""

    rules: tuple[frozenset[str], frozenset[str]]
    """The rules of each edition that the other has not, or that say something else there."""
    alike: Mapping[str, frozenset[str]]
    """For each rule the ones that say the same thing of the other edition."""


def own_rules(wanted: Wanted, asked: Asked, side: int) -> frozenset[str]:
    """The wanted rules that one edition decides a request by, and the other does not."""
    return (asked.named[side] & wanted.rules[side]) - asked.named[1 - side]


class Noticed:
    """For each rule the best difference so far: that which shows most of it, and then the shortest."""

    def __init__(self, names: tuple[str, str], kinds: tuple[GroupKind, GroupKind], wanted: Wanted) -> None:
        self.found: dict[tuple[str, int], RuleDifference] = {}
        self.named_by_both: set[str] = set()
        self._orders: dict[tuple[str, int], tuple[int, int, int]] = {}
        self._sorts: tuple[Asked | None, dict[int, Sort]] = None, {}
        self._names, self._kinds, self._wanted = names, kinds, wanted

    def notice(self, asked: Asked, only: frozenset[str] | None = None) -> None:
        """Keep what two decisions show of rules, of `only` these, where it is more than what was seen before."""
        self.named_by_both |= asked.named[0] & asked.named[1]
        for side in (0, 1):
            own = own_rules(self._wanted, asked, side)
            for rule in own if only is None else own & only:
                self._see(asked, side, rule, len(own))

    def _see(self, asked: Asked, side: int, rule: str, named_with: int) -> None:
        before = self._orders.get((rule, side))
        length = len(asked.pair.trail)
        if before is not None and before[:2] <= (best_rank(asked.decisions[side], asked.decisions[1 - side]), length):
            return
        seen = self.contrast(asked, side, rule, named_with)
        if seen is not None and self._is_better(asked, side, rule, seen, named_with):
            self.found[rule, side] = self.difference(asked, side, rule, seen)

    def contrast(self, asked: Asked, side: int, rule: str, named_with: int) -> Contrast | None:
        """How a rule of one side decides otherwise than the other side; None where nothing is to be seen."""
        mine, other = asked.decisions[side], asked.decisions[1 - side]
        if asked.pair.behind[side]:
            # What an edition says of what it did not come to is no difference.
            return None
        like = self._wanted.alike.get(rule, frozenset())
        seen = contrast(rule, self._sort(asked, side), mine, other, like=like, named_with=named_with)
        alone, same = asked.pair.behind[1 - side], _same_so_far(asked.pair.worlds)
        if alone and not (same and seen.sort in (Sort.REFUSES, Sort.RULES_OUT)):
            return come_alone(refused=_first_alone(asked.pair.trail, 1 - side).refused)
        if seen.sort is Sort.FOLLOWS and not same:
            # What follows may differ for what differed before.
            seen = STATING
        return None if asked.pair.unprepared and seen.sort in (Sort.GRANTS, Sort.HOLDS) else seen

    def _sort(self, asked: Asked, side: int) -> Sort:
        """In which way one side decides otherwise: found once for all rules that it names."""
        last, sorts = self._sorts
        if last is not asked:
            sorts = {}
            self._sorts = asked, sorts
        if side not in sorts:
            kinds = self._kinds if side == 0 else self._kinds[::-1]
            sorts[side] = sort_of(asked.decisions[side], asked.decisions[1 - side], kinds)
        return sorts[side]

    def notice_narrower(self, asked: Asked, side: int, rules: tuple[str, ...], why: str) -> None:
        """Keep that one side does not let the platform choose what the other one does."""
        if any(asked.pair.behind):
            return
        for rule in rules:
            if rule in self._wanted.rules[side] and self._is_better(asked, side, rule, NARROWING, len(rules)):
                difference = self.difference(asked, side, rule, NARROWING)
                self.found[rule, side] = evolve(difference, says=why, other_says="allowed")

    def _is_better(self, asked: Asked, side: int, rule: str, seen: Contrast, named_with: int) -> bool:
        """Whether a difference shows more than the best so far, or as much and is shorter: then it becomes the best."""
        order, before = (seen.rank, len(asked.pair.trail), named_with), self._orders.get((rule, side))
        better = before is None or order < before
        if better:
            self._orders[rule, side] = order
        return better

    def difference(self, asked: Asked, side: int, rule: str, seen: Contrast) -> RuleDifference:
        """The difference with all that is told of it."""
        mine, other = asked.decisions[side], asked.decisions[1 - side]
        says, other_says = decision_in_words(mine, other), decision_in_words(other, mine)
        if seen.sort is Sort.ALONE:
            says = decision_in_words(mine, Decision(None))
            other_says = _stayed_behind(asked.pair.trail, 1 - side)
        elif seen.sort is Sort.FOLLOWS and mine.grant is not None and other.grant is not None:
            kinds = self._kinds if side == 0 else self._kinds[::-1]
            told = outcome(mine.grant, other.grant, kinds) or ("", "")
            says, other_says = f"{says}: {told[0]}", f"{other_says}: {told[1]}"
        return RuleDifference(
            kinds=self._kinds,
            rule=rule,
            edition=self._names[side],
            other=self._names[1 - side],
            contrast=seen,
            says=says,
            other_says=other_says,
            witness=self.witness(asked),
        )

    def witness(self, asked: Asked) -> Witness:
        """The requests that led to a request, and it."""
        pair = asked.pair
        return Witness(self._names, self._kinds, pair.prepared, pair.trail, asked.requests, asked.in_a_row)


def _same_so_far(worlds: tuple[World, World]) -> bool:
    """Whether there are the same groups, with the same members, and with the same rollouts behind them."""
    one, other = (
        {key: (group.members, group.rollout, group.history) for key, group in world.groups.items()} for world in worlds
    )
    return one == other


def _first_alone(trail: tuple[Made, ...], side: int) -> Made:
    return next(made for made in trail if made.leaves_behind(side))


def _stayed_behind(trail: tuple[Made, ...], side: int) -> str:
    made = _first_alone(trail, side)
    how = "refused" if made.refused else "is silent about"
    return f"{how} the request before it that is marked so, {type(made.requests[side]).__name__}"


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
        for side, number in zip(self._sides, (0, 1), strict=True):
            world = world_after(asked, number, picks)
            if not side.follows(world, twisted=both):
                return None
            worlds.append(world)
        if all(one is other for one, other in zip(asked.pair.worlds, worlds, strict=True)):
            return None
        return asked.pair.then((worlds[0], worlds[1]), made)

    def _menu(self, pair: Pair) -> Iterator[Requests]:
        """What is asked of both, each by its own name of the kind."""
        made: dict[rq.Request, None] = {}
        for side, world, kind in zip(self._sides, pair.worlds, self._kinds, strict=True):
            made.update(dict.fromkeys(renamed(request, kind, self._kinds[0]) for request in side.requests(world)))
        yield from ((request, renamed(request, *self._kinds)) for request in made)

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


# -- one step at a time ----------------------------------------------------------------------------


def starts(names: tuple[str, str], kinds: tuple[GroupKind, GroupKind]) -> tuple[Pair, ...]:
    """The worlds in which all is prepared, and the empty ones: what is decided there is about the preparation."""
    one, other = (empty_world(edition(name), ASKED) for name in names)
    requests = _needed(one, kinds[0]), _needed(other, kinds[1])
    empty = Pair((one, other), unprepared=any(requests))
    return (prepare(empty, requests), empty) if empty.unprepared else (empty,)


def _needed(world: World, kind: GroupKind) -> tuple[rq.Request, ...]:
    """What prepares a world for groups of a kind: of all that is to be done, what concerns the kind."""
    registration = world.edition.registration
    if kind not in world.edition.kinds or (registration is not None and kind not in registration.kinds):
        return tuple(one for one in preparation(world) if one not in REGISTRATION_SEQUENCE)
    return preparation(world)


def prepare(pair: Pair, requests: Prepared) -> Pair:
    """The worlds after what prepares them."""
    worlds = list(pair.worlds)
    for side in (0, 1):
        for request in requests[side]:
            worlds[side] = _granted(worlds[side], request)
    return Pair((worlds[0], worlds[1]), requests)


def _granted(world: World, request: rq.Request) -> World:
    grant = decide(world, request).grant
    assert grant is not None, "what prepares a world is granted"
    return evolve_all(world, grant.events(grant.sample(lambda lowest, _: lowest)))


def ask(pair: Pair, requests: Requests) -> Asked:
    """What the two editions say to a request."""
    one, other = decide(pair.worlds[0], requests[0]), decide(pair.worlds[1], requests[1])
    return Asked(pair, requests, (one, other), (named(one), named(other)))


def after(asked: Asked, picks: PickedByEach) -> Pair:
    """The worlds after what was picked."""
    return asked.pair.then((world_after(asked, 0, picks), world_after(asked, 1, picks)), asked.made(picks))


def world_after(asked: Asked, side: int, picks: PickedByEach) -> World:
    """The world of one side after what was picked there; it stays as it is where nothing was granted."""
    world, grant, picked = asked.pair.worlds[side], asked.decisions[side].grant, picks[side]
    return world if picked is None or grant is None else evolve_all(world, grant.events(picked))
