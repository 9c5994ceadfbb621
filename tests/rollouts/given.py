"""Descriptions, scenarios and failures to draw from."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st

from vmss_invariants.rollouts.described import Described
from vmss_invariants.rollouts.files import described_in
from vmss_invariants.rollouts.scenario import Kind, Scenario
from vmss_invariants.rollouts.simulation import scenario_of

PATIENT = settings(deadline=None)
"""For properties whose time depends on the machine."""
FEWER = settings(max_examples=40, deadline=None)
"""For properties each example of which is a whole rollout."""
ZONES = (None, ["1"], ["1", "2"], ["1", "2", "3"])
VERSIONS = ("1.0.0", "1.5.0", "2.0.0")


def group_of(count: int, **group: object) -> Described:
    """A described group of so many instances, all behind."""
    return described_in({"group": group, "instances": {"count": count}})


@st.composite
def documents(draw: st.DrawFn, most: int = 24) -> dict[str, object]:
    """Descriptions with a list of instances, some of them at the target already, ill or stopped."""
    zones = draw(st.sampled_from(ZONES))
    domains = draw(st.integers(1, 5))
    health = draw(st.sampled_from(["extension", "probe", "none"]))

    def instance(number: int) -> dict[str, object]:
        one: dict[str, object] = {
            "id": number,
            "update_domain": draw(st.integers(0, domains - 1)),
            "version": draw(st.sampled_from(VERSIONS)),
            "power": draw(st.sampled_from(["running", "running", "running", "stopped", "deallocated"])),
        }
        if zones:
            one["zone"] = draw(st.sampled_from(zones))
        if health != "none":
            one["health"] = draw(st.sampled_from(["healthy", "healthy", "unhealthy", "unknown"]))
        return one

    group = {"update_domains": domains, "health": health, "zones": zones}
    count = draw(st.integers(1, most))
    return {
        "edition": draw(st.sampled_from(["2017-05", "2021-07"])),
        "group": group,
        "instances": [instance(number) for number in range(count)],
    }


@st.composite
def scenarios(draw: st.DrawFn, most: int = 24) -> Scenario:
    """Rollouts of every kind with any failures, their batches the largest or drawn."""
    count = draw(st.integers(1, most))
    kind = draw(st.sampled_from(list(Kind)))
    group: Mapping[str, object] = {
        "zones": draw(st.sampled_from(ZONES)),
        "update_domains": draw(st.integers(1, 5)),
        "health": draw(st.sampled_from(["extension", "probe"] if kind is Kind.AUTOMATIC else ["extension", "none"])),
    }
    if kind is not Kind.AUTOMATIC:
        group = {**group, "rolling": draw(policies())}
    expires = draw(st.none() | st.integers(1, 900))
    scenario, _ = scenario_of(described_in({"group": group, "instances": {"count": count}}), kind, expires)
    names = st.sampled_from([str(number) for number in range(count)])
    random = draw(st.none() | st.randoms(use_true_random=False))
    return evolve(
        scenario,
        failing=frozenset(draw(st.lists(names, max_size=4))),
        slow=draw(st.dictionaries(names, st.integers(0, 700), max_size=3)),
        ill=draw(st.dictionaries(names, st.integers(0, 900), max_size=4)),
        unrestorable=frozenset(draw(st.lists(names, max_size=2))),
        cancel_at=draw(st.none() | st.integers(0, 900)),
        healthy_after=draw(st.integers(0, 320)),
        draw=None if random is None else random.randint,
    )


@st.composite
def policies(draw: st.DrawFn) -> dict[str, object]:
    """Percentages and pauses of a rolling upgrade policy."""
    return {
        "batch": draw(st.integers(5, 100)),
        "unhealthy": draw(st.integers(5, 100)),
        "unhealthy_upgraded": draw(st.integers(0, 100)),
        "pause": draw(st.sampled_from(["PT0S", "PT30S", 120])),
    }
