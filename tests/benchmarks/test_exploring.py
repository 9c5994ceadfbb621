"""How fast worlds are explored, with every invariant examined at every step."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from vmss_invariants.exploring import Bounds, Configuration, Exploration, explore
from vmss_invariants.exploring.aspects import BATCHES, CHANGES, POWER, ROLLOUTS, STACK
from vmss_model.values import GroupKind


def told(found: Exploration) -> str:
    """What an exploration took, in a line."""
    return (
        f"  {found.configuration.describe()}: {found.worlds:,} worlds, {found.steps:,} transitions, "
        f"{found.seconds:.2f} s, {found.steps / found.seconds:,.0f} transitions a second, "
        f"{found.bytes_per_world:.0f} bytes a world and {found.links.bytes() / len(found.links):.1f} a link"
    )


def worlds_for(benchmark: BenchmarkFixture) -> int | None:
    """How many worlds are explored: all, but a few only where nothing is measured."""
    return 300 if benchmark.disabled else None


TOY = ("filling", "publishing", "carrying_out", "reporting", "switching")
"""A full group of one shape that the platform upgrades batch by batch, and the health and power of its members."""
ONCE = pytest.mark.benchmark(min_rounds=1, max_time=0.1)
"""Each takes seconds."""


@ONCE
@pytest.mark.parametrize(
    ("edition", "bounds"),
    [
        ("2021-07", Bounds(instances=4, fault_domains=3, versions=1, families=BATCHES)),
        ("2017-05", Bounds(instances=4, fault_domains=3, families=CHANGES)),
        ("2021-07", Bounds(instances=3, fault_domains=0, versions=1, families=ROLLOUTS)),
        ("2018-06-stack", Bounds(instances=3, fault_domains=3, families=STACK)),
        ("2021-02", Bounds(instances=3, fault_domains=2, families=POWER)),
    ],
    ids=lambda one: one.describe() if isinstance(one, Bounds) else one,
)
def test_an_exploration(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], edition: str, bounds: Bounds
) -> None:
    """Rollouts batch by batch, of an image and of a model; rollouts of any kind; a stack's images; power states."""
    one = Configuration(edition=edition, kind=GroupKind.UNIFORM, bounds=bounds)
    found: Exploration = benchmark(explore, one, worlds_for(benchmark))
    with capsys.disabled():
        print(f"\n{told(found)}")

    assert found.exhausted or benchmark.disabled
    assert found.violations == ()


@ONCE
def test_a_toy(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Five instances in three fault domains with versions, health, power and a rollout in batches: 80,000 worlds."""
    bounds = Bounds(instances=5, fault_domains=3, versions=1, families=TOY)
    one = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds)
    found: Exploration = benchmark(explore, one, worlds_for(benchmark) or 80_000)
    with capsys.disabled():
        print(f"\n{told(found)}, not exhausted")

    assert found.worlds > 80_000 or benchmark.disabled
    assert found.violations == ()
