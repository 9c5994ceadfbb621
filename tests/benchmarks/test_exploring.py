"""How fast worlds are explored, with every invariant examined at every step."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from vmss_invariants.exploring import Bounds, Configuration, explore
from vmss_invariants.exploring.aspects import POWER
from vmss_model.values import GroupKind


@pytest.mark.parametrize("kind", [GroupKind.FLEXIBLE, GroupKind.UNIFORM])
def test_an_exploration(benchmark: BenchmarkFixture, kind: GroupKind) -> None:
    """Two instances in two fault domains, in every power state: the steps a second stand beside the time."""
    bounds = Bounds(instances=2, fault_domains=2, families=POWER)
    found = benchmark(explore, Configuration(edition="2021-02", kind=kind, bounds=bounds))
    benchmark.extra_info["steps a second"] = round(found.steps / found.seconds)
    benchmark.extra_info["bytes a world"] = round(found.bytes_per_world)

    assert found.exhausted
    assert found.violations == ()
