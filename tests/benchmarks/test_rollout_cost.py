"""A rollout over a thousand instances: fast, and no batch dearer than those before it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter_ns

import pytest
from attrs import define, evolve, field
from pytest_benchmark.fixture import BenchmarkFixture

from vmss_invariants.rollouts.driving import Nobody, Run
from vmss_invariants.rollouts.files import described_in
from vmss_invariants.rollouts.scenario import Kind, Scenario
from vmss_invariants.rollouts.simulation import rolled_out, scenario_of, simulate
from vmss_model.world import World


def healthy(count: int) -> Scenario:
    """An automatic upgrade of so many instances over three zones, in which nothing goes wrong."""
    group = {"zones": ["1", "2", "3"]}
    scenario, _ = scenario_of(described_in({"group": group, "instances": {"count": count}}), Kind.AUTOMATIC)
    return scenario


SCENARIOS = {count: healthy(count) for count in (10, 100, 1000)}


@pytest.mark.parametrize("count", SCENARIOS)
def test_a_rollout(benchmark: BenchmarkFixture, count: int) -> None:
    """The time of a whole rollout with its timeline, by the size of the group."""
    timeline = benchmark(simulate, SCENARIOS[count])
    assert timeline.attempt is not None
    assert timeline.attempt.progress.successful == count


@define
class Stopwatch(Nobody):
    """Notes when each batch starts (nanoseconds)."""

    started: list[int] = field(factory=list)
    """The moments, in order."""

    def batch(self, names: tuple[str, ...], world: World) -> None:
        """A batch of fifty started in a group of a thousand."""
        self.started.append(perf_counter_ns())
        assert len(names) == 50
        assert all(group.census.members == 1000 for group in world.groups.values())


def times_of_batches() -> list[int]:
    """The time from one batch of 50 of a thousand to the next (nanoseconds)."""
    watch = Stopwatch()
    described = {"group": {"update_domains": 1, "rolling": {"batch": 5}}, "instances": {"count": 1000}}
    scenario, _ = scenario_of(described_in(described), Kind.ROLLING)
    run = Run(evolve(scenario, healthy_after=1), watch)
    gc.collect()
    gc.disable()
    try:
        run.run()
    finally:
        gc.enable()
    return [after - before for before, after in pairwise(watch.started)]


def test_the_cost_of_a_batch_does_not_grow_with_the_batches_done(capsys: pytest.CaptureFixture[str]) -> None:
    """The last quarter of twenty batches of fifty takes no longer than the first, by the median of some runs."""
    runs = [times_of_batches() for _ in range(3)]
    first = [median(run[:5]) for run in runs]
    last = [median(run[-5:]) for run in runs]
    ratio = median(after / before for before, after in zip(first, last, strict=True))
    with capsys.disabled():
        print(f"\n  a batch of 50 of 1,000: {median(first) / 1e6:.1f} ms at first, {ratio:.2f} times that at last")
    assert ratio < 1.5


def test_a_healthy_rollout_of_a_thousand_takes_less_than_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    """With its timeline, and without."""
    taken = {}
    actions: dict[str, Callable[[Scenario], object]] = {"with its timeline": simulate, "without": rolled_out}
    for what, action in actions.items():
        began = perf_counter_ns()
        action(SCENARIOS[1000])
        taken[what] = (perf_counter_ns() - began) / 1e9
    with capsys.disabled():
        print()
        for what, seconds in taken.items():
            print(f"  a rollout of 1,000 instances {what}: {seconds:.2f} s")
    assert max(taken.values()) < 1
