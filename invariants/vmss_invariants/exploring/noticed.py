"""For each rule the request that shows best in which way two editions decide otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from vmss_invariants.contrasts import (
    NARROWING,
    STATING,
    Contrast,
    Sort,
    best_rank,
    come_alone,
    contrast,
    decision_in_words,
    outcome,
    sort_of,
)
from vmss_invariants.exploring.pairs import Asked, Made
from vmss_invariants.exploring.witness import RuleDifference, Witness
from vmss_model.copying import evolve
from vmss_model.decisions import Decision
from vmss_model.values import GroupKind
from vmss_model.world import World


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
