"""The counts that a question about placing is solved for: one for each zone and fault domain.

There is never a number for a single instance. Counts whose place is not said in full are distributed over
the cells where they may be; sums over a zone or a fault domain are made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from vmss_invariants.placing.question import Portion, Question, QuestionError
from vmss_invariants.placing.shape import Demand, Shape, Symbol, is_foreign
from vmss_model.guards import is_fault_domain_of
from vmss_model.terms import Number, Truth, all_of, implies, negation, total

MOST_CELLS = 3_000
"""The largest number of zones times fault domains that is solved for."""

At = tuple[int | None, int | None]
"""A cell by the index of its zone and of its fault domain; None: all of them, summed."""
Counts = Mapping[At, Number]
"""A count for every cell, every zone, every fault domain and the group; what is absent is 0."""


@frozen
class Cells:
    """Counts per zone and fault domain.

    Rows are the group's zones (or the one place of a regional group), and a last one for the zones that the
    question does not name: it is empty unless the wish for just these zones is given up. Likewise the
    last column is a fault domain beyond those that rules and question speak of.
    """

    rows: int
    """How many rows, the last one included."""
    columns: int
    """How many columns, the last one included; the group's fault domains are the first of them."""
    exists: tuple[Truth, ...]
    """Whether the group has the fault domain of each column."""
    taken: Counts
    """Members that are there already."""
    automatic: Counts
    """Instances placed into a fault domain by the platform."""
    placed: Counts
    """Instances placed, by the platform or because the caller named the fault domain."""
    held: Counts
    """All members in the end."""


def cells_of(question: Question, shape: Shape, symbol: Symbol) -> tuple[Cells, Demand]:
    """The counts of a question's cells, and what it means that they are so, whatever the rules say.

    Raises QuestionError where there are too many.
    """
    rows, columns = max(len(question.zones), 1) + 1, _columns(question)
    if rows * columns > MOST_CELLS:
        raise QuestionError(f"{rows - 1:,} zones with {columns - 1:,} fault domains are more than can be solved for")
    pins = [one for one in zip(shape.pinned, question.pins, strict=True) if not is_foreign(one[1], question)]
    parts = _Parts(question, rows, columns, symbol)
    taken = parts.of("taken", zip(shape.taken, question.taken, strict=True))
    named = parts.of("named", ((count, pin) for count, pin in pins if pin.fault_domain is not None))
    single = {(row, column): symbol(f"automatic {row} {column}") for row in range(rows) for column in range(columns)}
    automatic = _summed(single)
    placed = _added(automatic, _summed(named))
    cells = Cells(
        rows=rows,
        columns=columns,
        exists=tuple(is_fault_domain_of(column, shape.domain_count) for column in range(columns)),
        taken=_summed(taken),
        automatic=automatic,
        placed=placed,
        held=_added(placed, _summed(taken)),
    )
    return cells, Demand(all_of(*parts.meaning, *_meaning(question, shape, cells), *_zone_pins(question, shape, cells)))


def _columns(question: Question) -> int:
    """One more than all the fault domains that rules in force and question speak of.

    Beyond these, fault domains are alike and unbounded, so that one stands for them all.
    """
    rules = question.rules
    limits = (rules.fault_domains_regional, rules.fault_domains_zonal)
    spoken = [limit.highest for limit in limits if limit is not None and question.in_force(limit.rule)]
    named = (one.fault_domain for one in (*question.pins, *question.taken, *question.at_most))
    spoken += [domain + 1 for domain in named if domain is not None]
    return max((*spoken, question.fault_domains or 0)) + 1


def _meaning(question: Question, shape: Shape, cells: Cells) -> Iterable[Truth]:
    pins = zip(shape.pinned, question.pins, strict=True)
    foreign = total(count for count, pin in pins if is_foreign(pin, question))
    yield from (cells.automatic[row, column] >= 0 for row in range(cells.rows) for column in range(cells.columns))
    yield cells.placed[None, None] + foreign == shape.instances
    yield implies(cells.held[cells.rows - 1, None] > 0, shape.further_zones == 1)
    yield shape.domain_count <= cells.columns
    for column, exists in enumerate(cells.exists):
        # A fault domain that is named is held to be one of the group's by a rule, which can then be told.
        unnamed = cells.taken.get((None, column), 0) + cells.automatic[None, column]
        yield implies(negation(exists), unnamed == 0)


def _zone_pins(question: Question, shape: Shape, cells: Cells) -> Iterable[Truth]:
    for row, zone in enumerate(question.zones):
        asked = [count for count, pin in zip(shape.pinned, question.pins, strict=True) if pin.place == (zone, None)]
        if asked:
            yield cells.automatic[row, None] >= total(asked)


def _summed(counts: Mapping[tuple[int, int], Number]) -> Counts:
    sums: dict[At, Number] = {}
    for (row, column), count in counts.items():
        sums[row, column] = count
        sums[row, None] = sums.get((row, None), 0) + count
        sums[None, column] = sums.get((None, column), 0) + count
    sums[None, None] = total(count for (row, column), count in sums.items() if row is not None and column is None)
    return sums


def _added(some: Counts, others: Counts) -> Counts:
    return {at: some[at] + others[at] if at in others else some[at] for at in some}


class _Parts:
    """Distributes counts whose place is not said in full over the cells where they may be."""

    def __init__(self, question: Question, rows: int, columns: int, symbol: Symbol) -> None:
        self._zones = {name: index for index, name in enumerate(question.zones)}
        self._rows, self._columns, self._symbol = rows, columns, symbol
        self.meaning: list[Truth] = []

    def of(self, what: str, portions: Iterable[tuple[Number, Portion]]) -> dict[tuple[int, int], Number]:
        """The count of each cell that can have any."""
        by_place: dict[At, Number] = {}
        for count, portion in portions:
            # A zone that is not the group's is among those of the last row.
            row = None if portion.zone is None else self._zones.get(portion.zone, self._rows - 1)
            place = (row, portion.fault_domain)
            by_place[place] = by_place.get(place, 0) + count
        found: dict[tuple[int, int], Number] = {}
        for place, count in by_place.items():
            for cell, part in self._distributed(what, place, count):
                found[cell] = found.get(cell, 0) + part
        return found

    def _distributed(self, what: str, place: At, count: Number) -> list[tuple[tuple[int, int], Number]]:
        row, column = place
        if row is not None and column is not None:
            return [((row, column), count)]
        rows = range(self._rows) if row is None else (row,)
        columns = range(self._columns) if column is None else (column,)
        parts = [((r, c), self._symbol(f"{what} {row} {column} in {r} {c}")) for r in rows for c in columns]
        self.meaning.append(all_of(total(part for _, part in parts) == count, *(part >= 0 for _, part in parts)))
        return parts
