"""What an exchange with a scale set costs to judge, by how many members the set has."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.oracle.service import GROUP, MEMBERS, VIOLATES, Service, created, instance, listed, uniform

_EXCHANGES = 30
"""A third restarts one instance each, a third polls that, and a third reads the instance."""


def restarted(service: Service, size: int) -> bool:
    """Whether instances are restarted and read one after the other, and nothing of it violates."""
    findings = []
    for number in range(_EXCHANGES // 3):
        one = number % size
        findings.append(service.done("POST", f"{GROUP}/virtualmachines/{one}/restart", 202))
        findings.append(service.get(f"{MEMBERS}/{one}", instance(str(one))))
    return all(one.verdict is not VIOLATES for one in findings)


@pytest.mark.parametrize("size", [10, 1000])
def test_restarting_instances(benchmark: BenchmarkFixture, size: int) -> None:
    """One of a thousand is found among the others, but the others are not judged anew."""
    service = created(uniform(size))
    listed(service, *range(size))

    benchmark.extra_info["exchanges"] = _EXCHANGES
    assert benchmark(restarted, service, size)
