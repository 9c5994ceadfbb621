"""Answers questions about placing, with z3.

The solver sees a number for each zone and fault domain, so that a thousand instances are as quick as ten.
Each demand stands behind a literal of its own; a set of literals that cannot all hold is what the conflict
is told from, once every one that is not needed was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vmss_invariants.checking import check_made
from vmss_invariants.placing.answer import Answer, CellCount, Conflict, Placement, Reason, Undecided
from vmss_invariants.placing.cells import Cells, cells_of
from vmss_invariants.placing.levelling import Matrix, even_ways
from vmss_invariants.placing.notes import notes
from vmss_invariants.placing.question import Question, QuestionError
from vmss_invariants.placing.shape import Demand, Shape, shape_demands, shape_of
from vmss_invariants.placing.smallest import smallest_core
from vmss_invariants.placing.spreading import cell_demands
from vmss_invariants.solver import answer_of
from vmss_model.copying import evolve
from vmss_model.terms import Number, Truth, all_of

PATIENCE = 10_000
"""After how many milliseconds of solving the answer is that there is none; answers take a few."""
LITTLE = 20_000
"""How much the solver may spend on finding a nicer placement, in its own units: 1 or 2 milliseconds."""

Literal = Any
"""A z3 Boolean constant behind which something is demanded."""


def place(question: Question, *, patience: int = PATIENCE) -> Answer:
    """Whether the instances can be placed: a way, the smallest conflict, or that the solver gave up.

    The limits of the group as a whole are asked first: where they conflict there may be no talk of single places.
    Raises QuestionError for a question too large to be solved.
    """
    check_made("the question", question, Question)
    solver = _Solver(patience)
    shape = shape_of(question, solver.number)
    solver.demand(shape_demands(question, shape))
    found = solver.check()
    if found is True:
        cells = _ask_of_places(question, shape, solver)
        found = solver.check()
        if found is True:
            _make_even(question, shape, cells, solver)
            return _placement(question, shape, cells, solver)
        return solver.conflict() if found is False else Undecided(solver.why_unknown)
    return _conflict_of_limits(question, shape, solver) if found is False else Undecided(solver.why_unknown)


def _conflict_of_limits(question: Question, shape: Shape, solver: _Solver) -> Conflict:
    """A conflict among the limits of the group as a whole, or a smaller one with what is asked of single places."""
    known = solver.conflict()
    if len(known.reasons) == 1:
        return known
    if question.fault_domains is not None and question.fault_domains < 1:
        # Without a place nothing can be placed: shorter, but no help to who asks for such a number.
        return evolve(known, smallest=False)
    try:
        _ask_of_places(question, shape, solver)
    except QuestionError:
        return evolve(known, smallest=False)
    return solver.conflict() if solver.check() is False else evolve(known, smallest=False)


def _ask_of_places(question: Question, shape: Shape, solver: _Solver) -> Cells:
    """Demand what is asked of single places; raises QuestionError where they are too many."""
    cells, meaning = cells_of(question, shape, solver.number)
    solver.demand((meaning, *cell_demands(question, cells, solver.number)))
    return cells


class _Solver:
    """A fresh z3 solver, asked about demands."""

    def __init__(self, patience: int) -> None:
        import z3  # noqa: PLC0415 - takes longer to load than a question to answer, and not every command asks one

        self._z3 = z3
        self._context = z3.Context()
        self._solver = z3.SimpleSolver(self._context)
        self._solver.set("timeout", patience)
        self._literals: dict[Reason, Literal] = {}
        self._demanded: dict[Reason, list[Truth]] = {}
        self.core: list[Literal] = []
        self._way: Any = None
        self._wanted = 0

    def number(self, name: str) -> Number:
        """The whole number of a name."""
        return self._z3.Int(name, self._context)

    def demand(self, demands: Iterable[Demand]) -> None:
        """Add demands; one with a reason can be given up."""
        for demand in demands:
            if demand.reason is None:
                self._solver.add(demand.holds)
                continue
            literal = self._literals.get(demand.reason)
            if literal is None:
                literal = self._z3.Bool(f"reason {len(self._literals)}", self._context)
                self._literals[demand.reason] = literal
            self._demanded.setdefault(demand.reason, []).append(demand.holds)
            self._solver.add(self._z3.Implies(literal, demand.holds))

    @property
    def reasons(self) -> Mapping[Reason, Literal]:
        """The reasons that can be given up, each with the literal behind which its demands stand."""
        return self._literals

    def check(self) -> bool | None:
        """Whether all demands can be met; None where the solver gave up."""
        return self._check(self._literals.values())

    def check_only(self, literals: Iterable[Literal]) -> bool | None:
        """Whether those demands can be met that stand behind these; None where the solver gave up."""
        return self._check(literals)

    def is_met(self, reason: Reason) -> bool:
        """Whether the way that was found meets all demands of a reason, which may not have been asked for."""
        return all(
            holds if isinstance(holds, bool) else self._z3.is_true(self._way.eval(holds, model_completion=True))
            for holds in self._demanded[reason]
        )

    def prefers(self, wanted: Truth) -> bool:
        """Whether a way was found, at little cost, that also has what is wanted: it is then the way to be read."""
        return self._check([*self._literals.values(), self._wanting(wanted)], effort=LITTLE) is True

    def _wanting(self, truth: Truth) -> Literal:
        self._wanted += 1
        literal = self._z3.Bool(f"wanted {self._wanted}", self._context)
        self._solver.add(self._z3.Implies(literal, truth))
        return literal

    def _check(self, literals: Iterable[Literal], *, effort: int = 0) -> bool | None:
        self._solver.set("rlimit", effort)
        answer = answer_of(self._solver, *literals)
        if answer == self._z3.sat:
            self._way = self._solver.model()
        self.core = list(self._solver.unsat_core()) if answer == self._z3.unsat else []
        return {"sat": True, "unsat": False}.get(str(answer))

    @property
    def why_unknown(self) -> str:
        """What the solver says of giving up."""
        return str(self._solver.reason_unknown())

    def conflict(self) -> Conflict:
        """The fewest reasons for the last refusal."""
        reasons = _Reasons(self)
        found = smallest_core(reasons.everything, reasons.core(), reasons)
        told = tuple(reason for number, reason in enumerate(self.reasons) if number in found.demands)
        return Conflict(told, irreducible=found.irreducible, smallest=found.smallest)

    def value(self, term: Number) -> int:
        """A number in the way that was found."""
        if isinstance(term, int):
            return term
        value: int = self._way.eval(term, model_completion=True).as_long()
        return value


class _Reasons:
    """The reasons of a solver that can be given up, by their numbers."""

    def __init__(self, solver: _Solver) -> None:
        self._solver = solver
        self._reasons = tuple(solver.reasons)
        self._literals = tuple(solver.reasons.values())
        self._numbers = {literal.get_id(): number for number, literal in enumerate(self._literals)}
        self.everything = frozenset(self._numbers.values())

    def check(self, chosen: Iterable[int]) -> bool | None:
        """As `smallest.Solver` has it."""
        return self._solver.check_only(self._literals[number] for number in chosen)

    def core(self) -> frozenset[int]:
        """As `smallest.Solver` has it."""
        return frozenset(self._numbers[literal.get_id()] for literal in self._solver.core)

    def met(self) -> frozenset[int]:
        """As `smallest.Solver` has it."""
        return frozenset(number for number, reason in enumerate(self._reasons) if self._solver.is_met(reason))


def _make_even(question: Question, shape: Shape, cells: Cells, solver: _Solver) -> None:
    """Look for a nicer way than the one found: over many fault domains, and even."""
    limit = question.domain_limit
    if question.fault_domains is None and limit is not None:
        in_region = question.region_fault_domains if limit.varies else None
        solver.prefers(shape.domain_count == min(limit.highest, in_region or limit.highest))
    domains = solver.value(shape.domain_count)
    rows, columns = range(cells.rows - 1), range(domains)
    automatic = [[solver.value(cells.automatic[row, column]) for column in columns] for row in rows]
    held = [[solver.value(cells.held[row, column]) - automatic[row][column] for column in columns] for row in rows]
    for way in even_ways(held, sum(map(sum, automatic))):
        if solver.prefers(_is(cells, way, shape.domain_count == domains)):
            return


def _is(cells: Cells, way: Matrix, *besides: Truth) -> Truth:
    counts = ((row, column, count) for row, counts in enumerate(way) for column, count in enumerate(counts))
    return all_of(*besides, *(cells.automatic[row, column] == count for row, column, count in counts))


def _placement(question: Question, shape: Shape, cells: Cells, solver: _Solver) -> Placement:
    unspoken = question.domain_limit is None and question.fault_domains is None and cells.columns == 1
    domains = solver.value(shape.domain_count)
    zones: tuple[str | None, ...] = question.zones or (None,)
    counts = tuple(
        CellCount(
            zone,
            None if unspoken else column,
            solver.value(cells.placed[row, column]),
            solver.value(cells.held[row, column]) - solver.value(cells.placed[row, column]),
        )
        for row, zone in enumerate(zones)
        for column in range(1 if unspoken else domains)
    )
    spoken = question.rules.single_placement_group is not None or question.single_placement_group is not None
    single = solver.value(shape.single) == 1 if spoken else None
    count = None if unspoken else domains
    return Placement(
        cells=counts, fault_domains=count, single_placement_group=single, notes=tuple(notes(question, count))
    )
