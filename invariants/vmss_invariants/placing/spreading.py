"""What rules and wishes demand of the counts in zones and fault domains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vmss_invariants.placing.answer import Origin, Reason
from vmss_invariants.placing.cells import Cells
from vmss_invariants.placing.question import Question
from vmss_invariants.placing.shape import Demand, Symbol
from vmss_invariants.placing.wording import left
from vmss_model import guards
from vmss_model.placement_counts import reached_by_least_loaded
from vmss_model.terms import Number, Truth, all_of, implies, ite


def cell_demands(question: Question, cells: Cells, symbol: Symbol) -> Iterator[Demand]:
    """Everything that is demanded of single cells, zones and fault domains."""
    rows = {zone: row for row, zone in enumerate(question.zones)}
    for limit in question.at_most:
        placed = cells.placed[None if limit.zone is None else rows[limit.zone], limit.fault_domain]
        yield Demand(placed <= limit.count, Reason(Origin.FACT, left(limit)))
    says = question.rules.spreads_domains
    if question.spreads and says is not None:
        sentence = "An instance that names no fault domain goes into one that holds fewest members at that moment."
        yield Demand(_spread_as_promised(cells), Reason(Origin.RULE, sentence, (says.rule,)))
    if question.balanced:
        meant = question.rules.zone_balance
        sentence = "Zones stay in strict balance: each instance goes into one that holds fewest members at that moment."
        yield Demand(_balanced(cells), Reason(Origin.WISH, sentence, () if meant is None else (meant.rule,)))
    if question.even:
        sentence = "In the end no fault domain holds more than one member above another."
        yield Demand(_even(cells, symbol("least load")), Reason(Origin.WISH, sentence))


def _spread_as_promised(cells: Cells) -> Truth:
    columns = range(cells.columns)
    return reached_by_least_loaded(
        [cells.taken.get((None, column), 0) for column in columns],
        [cells.automatic[None, column] for column in columns],
        _domain_loads(cells),
    )


def _balanced(cells: Cells) -> Truth:
    """Each instance goes into a least-loaded zone: in no kind of group does the caller name one of several.

    Counts per zone and counts per domain are each reached by some order of joins. Whether it can be one order
    for both is no question in any edition: where one promises to spread over domains, a group lies in one
    zone at most.
    """
    zones = range(cells.rows - 1)
    return reached_by_least_loaded(
        [cells.taken.get((row, None), 0) for row in zones],
        [cells.placed[row, None] for row in zones],
        [cells.held[row, None] for row in zones],
    )


def _even(cells: Cells, least: Number) -> Truth:
    """The spread of the domains' loads is at most 1: there is a least load that none exceeds by more than one."""
    loads = ((exists, cells.held[None, column]) for column, exists in enumerate(cells.exists))
    return all_of(*(implies(exists, guards.within(load, least, least + 1)) for exists, load in loads))


def _domain_loads(cells: Cells) -> Sequence[Number]:
    """Members per fault domain in the end; the group's first stands in for those that it does not have."""
    first, *others = (cells.held[None, column] for column in range(cells.columns))
    return [first, *(ite(exists, load, first) for exists, load in zip(cells.exists[1:], others, strict=True))]
