"""Whether partly observed placements can be completed, asked of z3 by the model's own constraints.

`PlacementHistory.possible` answers the same by following counts, up to a limit. Here it is one question,
with a number for each fault domain at each moment at which something was not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from vmss_invariants.checking import check_made
from vmss_invariants.solver import answer_of
from vmss_model.oracle.placement_history import Joined, Left, PlacementHistory
from vmss_model.placement_counts import reached_by_least_loaded
from vmss_model.terms import Number, Truth, all_of, total

PATIENCE = 10_000
"""After how many milliseconds of solving the answer is that there is none."""


def completable(history: PlacementHistory, *, patience: int = PATIENCE) -> bool | None:
    """Whether what was not seen can have been so that FD-SPREAD was kept throughout.

    None: the solver gave up.
    """
    check_made("the history", history, PlacementHistory)
    steps = history.steps
    ended = _ended(steps)
    if ended is None:
        return False
    unseen = {joined for joined in ended.values() if _joined(steps, joined).fault_domain is None}
    encoding = _Encoding(history.domains)
    for moment in _moments(history, unseen):
        left = ended.get(moment[0])
        joins = {index: _joined(steps, index) for index in moment if index not in ended}
        encoding.at_once(joins, left, unseen)
    return encoding.can_hold(patience)


def _joined(steps: Sequence[Joined | Left], index: int) -> Joined:
    step = steps[index]
    assert isinstance(step, Joined)
    return step


def _ended(steps: Sequence[Joined | Left]) -> dict[int, int] | None:
    """Which join each leaving ends, by their indices; None if somebody leaves who is not there."""
    there: dict[str, int] = {}
    ended: dict[int, int] = {}
    for index, step in enumerate(steps):
        if isinstance(step, Joined):
            there[step.name] = index
        elif step.name in there:
            ended[index] = there.pop(step.name)
        else:
            return None
    return ended


def _moments(history: PlacementHistory, unseen: set[int]) -> Iterator[list[int]]:
    """The indices of steps whose order does not matter, moment by moment.

    Moments in which nobody joins but members of whom nothing is known, then or later, are one: they are
    interchangeable, so their order says nothing.
    """
    numbers, alike = iter(range(len(history.steps))), list[int]()
    for steps in history.moments():
        moment = list(islice(numbers, len(steps)))
        if unseen.isdisjoint(moment) and all(map(_is_unknown, steps)):
            alike += moment
            continue
        if alike:
            yield alike
            alike = []
        yield moment
    if alike:
        yield alike


def _is_unknown(step: Joined | Left) -> bool:
    return isinstance(step, Joined) and step.automatic and step.fault_domain is None


class _Encoding:
    """Members per fault domain as terms, and what has to hold of them."""

    def __init__(self, domains: int) -> None:
        self._domains = domains
        self._loads: list[Number] = [0] * domains
        self._places: dict[int, list[Number]] = {}
        self._conditions: list[Truth] = []
        self._context: Any = None

    def at_once(self, joins: Mapping[int, Joined], left: int | None, leaving: set[int]) -> None:
        """Members join, in any order, and one that joined earlier may leave before, after or in between.

        Of members in `leaving` it is kept where they are.
        """
        automatic = self._counts({index: step for index, step in joins.items() if step.automatic}, leaving)
        named = self._counts({index: step for index, step in joins.items() if not step.automatic}, leaving)
        if left is not None:
            if joins:
                earlier = [
                    self._some_of(counts, f"{left} left after {what}")
                    for what, counts in (("automatic", automatic), ("named", named))
                ]
                self._join(*earlier)
                automatic, named = _without(automatic, earlier[0]), _without(named, earlier[1])
            self._loads = _without(self._loads, self._places.get(left, [0] * self._domains))
        self._join(automatic, named)

    def _join(self, automatic: list[Number], named: list[Number]) -> None:
        after = [sum(counts) for counts in zip(self._loads, automatic, named, strict=True)]
        self._conditions.append(reached_by_least_loaded(self._loads, automatic, after))
        self._loads = after

    def _some_of(self, counts: list[Number], name: str) -> list[Number]:
        """For each domain a number from 0 to its count."""
        some = [self._number(f"{name} in {domain}") for domain in range(self._domains)]
        self._conditions += [all_of(few >= 0, few <= count) for few, count in zip(some, counts, strict=True)]
        return some

    def _counts(self, joins: Mapping[int, Joined], leaving: set[int]) -> list[Number]:
        """How many of them each domain gets."""
        seen = Counter(step.fault_domain for step in joins.values() if step.fault_domain is not None)
        self._conditions.append(all(0 <= domain < self._domains for domain in seen))
        counts: list[Number] = [seen[domain] for domain in range(self._domains)]
        for index, step in joins.items():
            if step.fault_domain is not None and 0 <= step.fault_domain < self._domains:
                self._places[index] = [int(domain == step.fault_domain) for domain in range(self._domains)]
        open_ = [index for index, step in joins.items() if step.fault_domain is None]
        if not open_:
            return counts
        added = self._distributed(f"joined at {open_[0]}", len(open_))
        followed = [index for index in open_ if index in leaving]
        for index in followed:
            self._places[index] = self._distributed(f"place of {index}", 1)
        for domain, count in enumerate(added):
            if followed:
                self._conditions.append(total(self._places[index][domain] for index in followed) <= count)
        return [count + more for count, more in zip(counts, added, strict=True)]

    def _distributed(self, name: str, count: int) -> list[Number]:
        """A number for each domain, none negative, that sum to the count."""
        numbers = [self._number(f"{name} in {domain}") for domain in range(self._domains)]
        self._conditions += [total(numbers) == count, *(number >= 0 for number in numbers)]
        return numbers

    def _number(self, name: str) -> Number:
        import z3  # noqa: PLC0415 - takes longer to load than a history without open points to decide

        self._context = self._context or z3.Context()
        return z3.Int(name, self._context)

    def can_hold(self, patience: int) -> bool | None:
        """Whether all conditions can hold; None where the solver gave up."""
        open_ = [condition for condition in self._conditions if not isinstance(condition, bool)]
        if any(condition is False for condition in self._conditions):
            return False
        if not open_:
            return True
        import z3  # noqa: PLC0415 - as above

        solver = z3.SimpleSolver(self._context)
        solver.set("timeout", patience)
        solver.add(*open_)
        return {"sat": True, "unsat": False}.get(str(answer_of(solver)))


def _without(counts: list[Number], fewer: list[Number]) -> list[Number]:
    return [count - less for count, less in zip(counts, fewer, strict=True)]
