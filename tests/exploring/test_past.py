"""What is over is part of canonical worlds where the bounds ask for it: superseded states, and rollouts that ended."""

from __future__ import annotations

import pickle

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map
from tests.support import ALL_BUT_TWINS

from vmss_invariants.exploring import Bounds, Configuration, explore, replay
from vmss_invariants.exploring.aspects import HISTORY, SUPERSEDED, speaks
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.codebook import Codebook
from vmss_invariants.exploring.examining import OF_THE_PAST
from vmss_invariants.exploring.past import logs_of, recent, superseded
from vmss_invariants.predicates_reading import STALENESS
from vmss_invariants.steps import History, Since
from vmss_model.editions import EDITIONS, edition
from vmss_model.values import GroupKind, Power
from vmss_model.world import GroupKey, Instance, World

SEEN = tuple(place for place in PLACES if speaks(*place, SUPERSEDED))
KEY = GroupKey("rg", "g")


def superseding(name: str, kind: GroupKind, instances: int = 1, most: int = 2) -> Configuration:
    """A configuration in which states are superseded."""
    bounds = Bounds(instances=instances, fault_domains=1, superseded=most, families=SUPERSEDED)
    return Configuration(edition=name, kind=kind, bounds=bounds)


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_resource_graph_is_exhausted(name: str, kind: GroupKind) -> None:
    """Everything that is said of Resource Graph is examined in every world, and holds."""
    found = explore(superseding(name, kind))

    assert found.exhausted
    assert found.violations == ()
    for one, held in OF_THE_PAST.items():
        if held(found.configuration.bounds):
            assert found.examinations[one] >= found.worlds
    assert not found.dead_ends("empty")


@pytest.mark.parametrize(("name", "kind"), [place for place in SEEN if place in ALL_BUT_TWINS])
def test_symmetry_loses_nothing_of_what_is_over(name: str, kind: GroupKind) -> None:
    """With names told apart: the same canonical worlds, as far away, and the same verdicts."""
    one, codebook = superseding(name, kind, most=1), Codebook()
    on, off = explore(one, codebook=codebook), explore(evolve(one, symmetric=False), codebook=codebook)

    assert on.exhausted
    assert off.exhausted
    assert set(on.keys) == set(off.keys)
    assert on.worlds < off.worlds
    assert on.violations == off.violations == ()
    away = dict(zip(on.keys, on.depths, strict=True))
    assert all(away[key] <= depth for key, depth in zip(off.keys, off.depths, strict=True))


def test_every_world_with_a_past_is_reached_again() -> None:
    """By its shortest way; the way to a world knows what was superseded on it."""
    found = explore(superseding("2021-02", GroupKind.FLEXIBLE))
    for world in range(found.worlds):
        assert len(replay(found, world)) == found.depths[world]


def test_without_such_bounds_nothing_is_said_of_what_is_over() -> None:
    """The invariants that speak of it do not count as examined."""
    one = superseding("2021-02", GroupKind.FLEXIBLE)
    found = explore(evolve(one, bounds=evolve(one.bounds, superseded=0)))

    assert not OF_THE_PAST.keys() & found.examinations.keys()


def test_the_bound_on_superseded_states_is_kept() -> None:
    """What leads beyond it is examined and not followed."""
    one, more = (explore(superseding("2021-02", GroupKind.FLEXIBLE, most=most)) for most in (1, 2))

    assert one.beyond > 0
    assert one.worlds < more.worlds
    assert max(one.depths) <= max(more.depths)


def test_the_history_is_exhausted_to_five_attempts() -> None:
    """A sixth one drops the first; each is shown for two months."""
    bounds = Bounds(instances=0, fault_domains=0, versions=1, attempts=6, families=HISTORY)
    found = explore(Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds))
    longest = max(
        len(group.history)
        for world in range(found.worlds)
        if found.depths[world] >= found.depth - 1
        for group in replay(found, world)[-1].after.groups.values()
    )

    assert found.exhausted
    assert found.violations == ()
    assert longest == 5
    assert found.examinations["the-history-shows-two-months"] > 100
    assert found.examinations["the-history-holds-five-at-most"] > 100


MEMBER = Instance(name="a")
STATES = st.sampled_from((None, MEMBER, evolve(MEMBER, power=Power.STOPPED)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, int]:
    """What was seen of some VMs until a moment."""
    states = {}
    for name in draw(st.sets(st.sampled_from("abc"), max_size=3)):
        times = sorted(draw(st.lists(st.integers(0, 3 * STALENESS), min_size=1, max_size=5)))
        states[KEY, name] = tuple(Since(at, draw(STATES)) for at in times)
    return History(Map(states)), draw(st.integers(3 * STALENESS, 5 * STALENESS))


@given(histories())
def test_what_is_forgotten_of_a_history_can_no_longer_be_asked_for(drawn: tuple[History, int]) -> None:
    """Within the window, and in every later one, each VM was in the same states."""
    history, now = drawn
    short = recent(history, now)
    for name in "abc":
        for later in (0, 1, STALENESS // 2, STALENESS):
            window = now + later - STALENESS, now + later
            assert set(short.states_within(KEY, name, *window)) == set(history.states_within(KEY, name, *window))
    assert superseded(short, now) == superseded(history, now)


@given(histories(), st.permutations("abc"))
def test_what_was_superseded_of_a_vm_does_not_depend_on_its_name(drawn: tuple[History, int], names: list[str]) -> None:
    """VMs that change names change logs with them."""
    history, now = drawn
    renamed = dict(zip("abc", names, strict=True))
    other = History(
        Map(
            {
                (key, renamed[name]): tuple(
                    Since(one.at, None if one.state is None else evolve(one.state, name=renamed[name])) for one in log
                )
                for (key, name), log in history.states.items()
            }
        )
    )
    world = World(edition("2021-02"), clock=now)

    assert {renamed[name]: log for name, log in logs_of(world, history).items()} == logs_of(world, other)


def test_a_violation_is_sent_to_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks an invariant about the past is made again to be shown, and the exploration stays one to be sent."""
    late = evolve(edition("2021-02"), staleness=STALENESS + 1)
    monkeypatch.setattr("vmss_model.editions.EDITIONS", {**EDITIONS, late.name: late})
    bounds = Bounds(instances=1, fault_domains=1, superseded=1, families=SUPERSEDED)
    found = explore(Configuration(edition=late.name, kind=GroupKind.AVAILABILITY_SET, bounds=bounds))

    assert found.violations
    assert pickle.loads(pickle.dumps(found)).violations == found.violations
