"""What a rollout survives: can it begin, can it finish, and how many failing instances does it bear?

The answers are searched for in the counts of a rollout, and nowhere but in the model's own guards is it
written when a batch is too large or a gate closes. A state is what is left to upgrade in each place (zone and
update domain); a move is the largest batch of a place, as the platform fills it. Of `k` instances that fail,
the worst case fails them as early as it can, the best as late: since more failing instances never open a
gate, these two decide for every order in between. That this is so is not assumed: the tests hold every answer
against all orders and all failing instances, on the model itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from attrs import field, frozen

from vmss_model.copying import evolve
from vmss_model.editions import edition
from vmss_model.guards import (
    batch_cap,
    keeps_some_running,
    leaves_some,
    may_begin,
    overall_health_allows,
    upgraded_health_allows,
)
from vmss_model.rollout import RollingPolicy
from vmss_model.values import GroupKind

_AUTOMATIC = edition("2021-07").automatic_upgrades(GroupKind.UNIFORM)
assert _AUTOMATIC is not None
WAIT = _AUTOMATIC.wait
"""The longest that a batch waits for its instances (seconds; OSU-WAIT)."""
FIRST_WINDOW, LATER_WINDOW = _AUTOMATIC.first_window, _AUTOMATIC.later_window
"""When an automatic rollout begins (seconds; OSU-TRIGGER-FIRST, OSU-TRIGGER-LATER)."""
MOST_PERCENT = 100

Pools = tuple[int, ...]
"""What is left to upgrade in each place (counts), largest first; places with nothing left are left out."""


def spread_evenly(instances: int, places: int) -> Pools:
    """So many instances over so many places, as evenly as they go (counts per place)."""
    share, more = divmod(instances, places)
    return tuple(count for count in (share + (place < more) for place in range(places)) if count)


@frozen(kw_only=True)
class Question:
    """A group and the rollout that is to go over it."""

    instances: int
    """All instances of the group (count)."""
    update_domains: int = 1
    """Over how many update domains they are spread evenly (count)."""
    zones: int = 1
    """Over how many zones they are spread evenly (count; 1: one zone, or regional)."""
    policy: RollingPolicy = field(factory=RollingPolicy)
    """The percentages and the pause."""
    restores: bool = True
    """Whether an instance that fails gets its previous OS disk back, and with it its health (automatic
    upgrades); else it stays unhealthy (started by hand)."""
    one_update_domain: bool = False
    """Whether an update domain is finished before the next is begun (Service Fabric)."""
    of_all: bool = False
    """Whether the share of upgraded instances is taken of the whole group (the other reading of finding F9)."""

    @cached_property
    def domains(self) -> tuple[Pools, ...]:
        """The instances of each update domain, by zone."""
        places = spread_evenly(self.instances, self.update_domains * self.zones)
        return tuple(pools for domain in range(self.update_domains) if (pools := places[domain :: self.update_domains]))

    @cached_property
    def cap(self) -> int:
        """The most instances of a batch (OSU-BATCH)."""
        cap = int(batch_cap(self.instances, self.policy.max_batch_percent))
        return cap - 1 if self.restores and not leaves_some(min(cap, self.instances), self.instances) else cap

    @cached_property
    def moves(self) -> Moves:
        """Every way over the group in filled batches."""
        # No batch is larger than its place: caps beyond that are one and the same.
        largest = max((count for pools in self.domains for count in pools), default=1)
        return moves(self.domains, min(self.cap, largest), self.one_update_domain)


@frozen
class State:
    """What is left to upgrade, between two batches."""

    begun: Pools
    """What is left in the update domain that must be finished first; empty where there is none such."""
    domains: tuple[Pools, ...]
    """What is left in every other update domain, in order."""


@frozen
class Moves:
    """Every state that filled batches lead to, with the batches that lead on from it."""

    start: State
    """Nothing is upgraded yet."""
    onward: dict[State, tuple[State, ...]]
    """The states after one more batch."""
    upgraded: dict[State, int]
    """How many instances are upgraded in a state (count)."""

    @property
    def counts(self) -> frozenset[int]:
        """How many instances can be upgraded when a batch ends (counts)."""
        return frozenset(self.upgraded.values()) - {0}


def _lessened(pools: Pools, place: int, by: int) -> Pools:
    left = pools[place] - by
    others = (*pools[:place], *pools[place + 1 :])
    return tuple(sorted((*others, left) if left else others, reverse=True))


def _batches(state: State, cap: int, one_domain: bool) -> Iterator[tuple[int, State]]:
    """The filled batches of a state: their sizes and where they lead; alike places count once."""
    if state.begun:
        for place in _distinct(state.begun):
            size = min(cap, state.begun[place])
            yield size, State(_lessened(state.begun, place, size), state.domains)
        return
    for number in _distinct(state.domains):
        pools, others = state.domains[number], (*state.domains[:number], *state.domains[number + 1 :])
        for place in _distinct(pools):
            size = min(cap, pools[place])
            left = _lessened(pools, place, size)
            if one_domain:
                yield size, State(left, others)
            else:
                yield size, State((), tuple(sorted((*others, left) if left else others, reverse=True)))


def _distinct(values: tuple[object, ...]) -> list[int]:
    """The places of the first of each value; alike values stand side by side."""
    return [place for place, value in enumerate(values) if not place or value != values[place - 1]]


@lru_cache(maxsize=1024)
def moves(domains: tuple[Pools, ...], cap: int, one_domain: bool) -> Moves:
    """Every way over a group in filled batches of at most `cap` instances."""
    if not one_domain:
        # Where domains need not be finished one by one, a place is a place.
        domains = tuple((count,) for pools in domains for count in pools)
    start = State((), tuple(sorted((tuple(sorted(pools, reverse=True)) for pools in domains), reverse=True)))
    onward: dict[State, tuple[State, ...]] = {}
    upgraded, waiting = {start: 0}, [start]
    while waiting:
        state = waiting.pop()
        found: list[State] = []
        for size, after in _batches(state, cap, one_domain):
            found.append(after)
            if after not in upgraded:
                upgraded[after] = upgraded[state] + size
                waiting.append(after)
        onward[state] = tuple(found)
    return Moves(start, onward, upgraded)


def stops_at(question: Question, upgraded: int, failed: int) -> bool:
    """Whether a gate stops the rollout at the end of a batch, when so many are upgraded and failed (counts)."""
    policy, instances = question.policy, question.instances
    whole = instances if question.of_all else upgraded
    if not upgraded_health_allows(failed, whole, policy.max_unhealthy_upgraded_percent):
        return True
    unhealthy = 0 if question.restores else failed
    goes_on = upgraded < instances
    return goes_on and not overall_health_allows(unhealthy, instances, policy.max_unhealthy_percent)


def surely_finishes(question: Question, failing: int) -> bool:
    """Whether a rollout finishes whichever so many instances fail, and whichever places come first."""
    found = question.moves
    return not any(stops_at(question, upgraded, min(failing, upgraded)) for upgraded in found.counts)


def possibly_finishes(question: Question, failing: int) -> bool:
    """Whether a rollout can finish although so many instances fail, if they are upgraded late enough."""
    found = question.moves
    seen, waiting = {found.start}, [found.start]
    while waiting:
        state = waiting.pop()
        left = question.instances - found.upgraded[state]
        if not left:
            return True
        for after in found.onward[state]:
            upgraded = found.upgraded[after]
            failed = max(0, failing - (question.instances - upgraded))
            if after not in seen and not stops_at(question, upgraded, failed):
                seen.add(after)
                waiting.append(after)
    return not question.instances


def _last_true(holds: Callable[[int], bool], highest: int) -> int:
    """The largest number up to `highest` for which something holds that holds of 0 and then of ever fewer."""
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _first_true(holds: Callable[[int], bool], lowest: int, highest: int) -> int | None:
    """The smallest number within bounds for which something holds that, once it holds, goes on to hold."""
    if not holds(highest):
        return None
    low, high = lowest, highest
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


@frozen(kw_only=True)
class Advice:
    """What the model's guards say of a question."""

    question: Question
    """The question."""
    cap: int
    """The most instances of a batch (count)."""
    batches: int
    """How many filled batches there are (count)."""
    most_unhealthy_to_begin: int
    """With how many unhealthy instances it may still begin (count; OSU-PRECHECK)."""
    survives_any: int
    """How many failing instances it survives whichever they are (count)."""
    survives_best: int
    """How many failing instances it survives if they are upgraded late enough (count)."""
    free_of_downtime: bool
    """Whether no batch can take every instance at once (UPGRADE-NO-DOWNTIME)."""
    shortest: int
    """How long it takes at the least, once begun: every instance healthy at once (seconds)."""
    longest: int
    """How long it takes at the most, once begun and not stopped: every batch waits to the end (seconds)."""

    @property
    def first_failure(self) -> str:
        """What the first failing instance does: `survived`, `stops it or not`, or `stops it`."""
        if self.survives_any:
            return "survived"
        return "stops it or not" if self.survives_best else "stops it"


def advise(question: Question) -> Advice:
    """What can be said of a rollout before it begins."""
    instances, policy = question.instances, question.policy
    found = question.moves
    batches = _batches_to_the_end(found)
    largest = max((min(question.cap, count) for pools in question.domains for count in pools), default=0)
    pauses = max(0, batches - 1) * policy.pause_seconds
    return Advice(
        question=question,
        cap=question.cap,
        batches=batches,
        most_unhealthy_to_begin=_last_true(
            lambda ill: bool(may_begin(ill, instances, policy.max_unhealthy_percent)), instances
        ),
        survives_any=_last_true(lambda failing: surely_finishes(question, failing), instances),
        survives_best=_last_true(lambda failing: possibly_finishes(question, failing), instances),
        free_of_downtime=bool(keeps_some_running(largest, instances)),
        shortest=pauses,
        longest=batches * WAIT + pauses,
    )


def _batches_to_the_end(found: Moves) -> int:
    """How many filled batches there are: as many in every order, for each place is filled on its own."""
    state, count = found.start, 0
    while found.onward[state]:
        state, count = found.onward[state][0], count + 1
    return count


@frozen(kw_only=True)
class Percentages:
    """The smallest percentages with which a rollout survives a number of failing instances, whichever they are."""

    failing: int
    """The failing instances (count)."""
    max_unhealthy_upgraded_percent: int | None
    """The smallest share of upgraded instances; None: none is enough."""
    max_unhealthy_percent: int | None
    """The smallest share of all instances; None: none is enough."""
    max_batch_percent: int | None
    """The smallest batch, with the other percentages as they are; None: none is enough."""


def smallest_percentages(question: Question, failing: int, lowest_batch: int = 5) -> Percentages:
    """What to set, at the least, to survive so many failing instances."""

    def survives(**changes: int) -> bool:
        return surely_finishes(evolve(question, policy=evolve(question.policy, **changes)), failing)

    upgraded = _first_true(
        lambda percent: survives(max_unhealthy_upgraded_percent=percent, max_unhealthy_percent=MOST_PERCENT),
        0,
        MOST_PERCENT,
    )
    overall = _first_true(
        lambda percent: survives(max_unhealthy_upgraded_percent=MOST_PERCENT, max_unhealthy_percent=percent),
        0,
        MOST_PERCENT,
    )
    # Larger batches need not always be better: places end in smaller ones. So every size is looked at.
    batch = next(
        (percent for percent in range(lowest_batch, MOST_PERCENT + 1) if survives(max_batch_percent=percent)), None
    )
    return Percentages(
        failing=failing,
        max_unhealthy_upgraded_percent=upgraded,
        max_unhealthy_percent=overall,
        max_batch_percent=batch,
    )
