"""What placing a thousand instances costs: in three zones and five fault domains, with and without a way."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.placing.questions import FEASIBLE, INFEASIBLE

from vmss_invariants.placing import Conflict, Placement, completable, place
from vmss_model.oracle.placement_history import PlacementHistory


@pytest.mark.parametrize("name", FEASIBLE)
def test_a_way_is_found(benchmark: BenchmarkFixture, name: str) -> None:
    """The time until a placement is there."""
    assert isinstance(benchmark(place, FEASIBLE[name]), Placement)


@pytest.mark.parametrize("name", INFEASIBLE)
def test_a_conflict_is_told(benchmark: BenchmarkFixture, name: str) -> None:
    """The time until the smallest conflict is there."""
    answer = benchmark(place, INFEASIBLE[name])
    assert isinstance(answer, Conflict)
    assert answer.irreducible


def test_a_history_is_completed(benchmark: BenchmarkFixture) -> None:
    """A thousand members created at once, of whom every third is seen in one of three domains."""
    history = PlacementHistory(3)
    for number in range(1000):
        seen = number % 9 // 3 if number % 3 == 0 else None
        history = history.joined(f"m{number}", seen, automatic=True, together=number > 0)
    assert benchmark(completable, history) is True
