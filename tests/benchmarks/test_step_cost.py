"""One decide and evolve on a group of a thousand members costs about what it costs on one of ten."""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns

import pytest
from immutables import Map
from pytest_benchmark.fixture import BenchmarkFixture

from vmss_model import GroupKey, VmKey, World, decide, edition, evolve_all
from vmss_model import requests as rq
from vmss_model.values import Action, Api, GroupKind, Health, HealthSource, Power
from vmss_model.world import Profile

FLEXIBLE, UNIFORM = GroupKey("rg", "flexible"), GroupKey("rg", "uniform")
VM, INSTANCE = Api.VIRTUAL_MACHINE, Api.SCALE_SET

REQUESTS: dict[str, rq.Request] = {
    "create a VM into a Flexible group": rq.CreateVm(key=VmKey("rg", "new"), group=FLEXIBLE),
    "stop a VM": rq.ActOnInstance(FLEXIBLE, "vm5", Action.STOP, VM),
    "delete a VM": rq.ActOnInstance(FLEXIBLE, "vm5", Action.DELETE, VM),
    "report a VM's health": rq.ReportHealth(FLEXIBLE, "vm5", Health.UNHEALTHY, HealthSource.EXTENSION),
    "get a VM": rq.GetInstance(FLEXIBLE, "vm5"),
    "stop an instance": rq.ActOnInstance(UNIFORM, "5", Action.STOP, INSTANCE),
    "delete an instance": rq.ActOnInstance(UNIFORM, "5", Action.DELETE, INSTANCE),
    "reimage an instance": rq.ActOnInstance(UNIFORM, "5", Action.REIMAGE, INSTANCE),
    "report an instance's health": rq.ReportHealth(UNIFORM, "5", Health.UNHEALTHY, HealthSource.EXTENSION),
    "an instance stops by itself": rq.ChangePower(UNIFORM, "5", Power.STOPPED),
    "scale out by one": rq.SetCapacity(UNIFORM, 0),
}
"""Requests about a single member; the last one's count is set to one more than there are."""

SIZES = (10, 100, 1000)


def lowest(low: int, _high: int) -> int:
    """Always the lowest number."""
    return low


def step(world: World, request: rq.Request) -> World:
    """One decide, a value for each choice, and the events."""
    grant = decide(world, request).grant
    assert grant is not None
    return evolve_all(world, grant.events(grant.sample(lowest)))


def world_of(members: int) -> World:
    """A Flexible group of so many VMs less one (so that one more fits) and a Uniform group of as many instances."""
    world = World(edition("2021-02"), regions=Map({"westus": 3}))
    for feature in ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD"):
        world = step(world, rq.RegisterFeature(feature))
    world = step(world, rq.RegisterProvider())
    world = step(world, rq.CreateGroup(key=FLEXIBLE, kind=GroupKind.FLEXIBLE, fault_domain_count=3))
    for number in range(members - 1):
        key = VmKey("rg", f"vm{number}")
        world = step(world, rq.CreateVm(key=key, group=FLEXIBLE, extension_health=True))
    create = rq.CreateGroup(
        key=UNIFORM,
        kind=GroupKind.UNIFORM,
        profile=Profile(),
        capacity=members - 1,
        single_placement_group=False,
        health_source=HealthSource.EXTENSION,
    )
    return step(step(world, create), rq.AdvanceClock(3600))


WORLDS = {members: world_of(members) for members in SIZES}


def request_on(what: str, members: int) -> rq.Request:
    """The request, for a group of so many members."""
    request = REQUESTS[what]
    return rq.SetCapacity(UNIFORM, members) if isinstance(request, rq.SetCapacity) else request


@pytest.mark.parametrize("members", SIZES)
@pytest.mark.parametrize("what", REQUESTS)
def test_a_step(benchmark: BenchmarkFixture, what: str, members: int) -> None:
    """The time of one request about one member, by the size of its group."""
    request = request_on(what, members)
    after = benchmark(step, WORLDS[members], request)
    assert isinstance(after, World)


def nanoseconds(action: Callable[[], object], repetitions: int) -> float:
    """The time of one repetition."""
    began = perf_counter_ns()
    for _ in range(repetitions):
        action()
    return (perf_counter_ns() - began) / repetitions


def measured(what: str, rounds: int = 41, repetitions: int = 40) -> tuple[float, float]:
    """The median microseconds at 10 members, and the median of the ratios 1000 : 10.

    The rounds alternate between the sizes, so that whatever slows the machine for a while slows both.
    """
    small, large = WORLDS[10], WORLDS[1000]
    at_10, at_1000 = request_on(what, 10), request_on(what, 1000)
    times, ratios = [], []
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            ten = nanoseconds(lambda: step(small, at_10), repetitions)
            thousand = nanoseconds(lambda: step(large, at_1000), repetitions)
            times.append(ten)
            ratios.append(thousand / ten)
    finally:
        gc.enable()
    return median(times) / 1000, median(ratios)


def test_a_step_at_a_thousand_members_costs_at_most_three_times_one_at_ten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """For every request about one member, the median ratio of the times at 1,000 and at 10 is below 3.

    What is not below is measured anew: only what is dear costs as much a second time, on however busy a machine.
    """
    found = {what: measured(what) for what in REQUESTS}
    found |= {what: measured(what) for what, (_, ratio) in found.items() if ratio >= 3}
    with capsys.disabled():
        print()
        for what, (microseconds, ratio) in found.items():
            print(f"  {what:36} {microseconds:7.1f} us at 10 members, {ratio:4.2f} times that at 1,000")
    assert {what: ratio for what, (_, ratio) in found.items() if ratio >= 3} == {}
