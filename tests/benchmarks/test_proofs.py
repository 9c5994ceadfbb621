"""How long the proofs take, all together and one by one."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from vmss_invariants.proving.consistency import consistency_report
from vmss_invariants.proving.prover import Result, prove, prove_all
from vmss_invariants.proving.theorem import Theorem
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.proving.witnesses import finding_witnesses


def test_all_proofs(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Every theorem for every kind of group of every edition; of one, where nothing is timed (tests prove them all)."""
    proofs = benchmark(prove_all, ("2018-06-stack",) if benchmark.disabled else None)
    with capsys.disabled():
        print()
        for one in sorted(proofs, key=lambda proof: -proof.seconds)[:10]:
            print(f"  {one.describe()}")
        print(f"  {len(proofs)} proofs in {sum(one.seconds for one in proofs):.1f} s")
    assert {one.result for one in proofs} == {Result.PROVED}


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_a_proof(benchmark: BenchmarkFixture, theorem: Theorem) -> None:
    """One theorem for one kind of group."""
    proof = benchmark(prove, theorem, *min(theorem.where, key=str))
    assert proof.result is Result.PROVED


def test_the_consistency_report(benchmark: BenchmarkFixture) -> None:
    """All rules of all editions."""
    assert benchmark(consistency_report).unknown == ()


def test_the_witnesses_of_all_findings(benchmark: BenchmarkFixture) -> None:
    """All fourteen."""
    assert len(benchmark(finding_witnesses)) == 14
