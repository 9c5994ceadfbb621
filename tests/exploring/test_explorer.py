"""What an exploration counts, finds, and where it stops."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from itertools import combinations_with_replacement, permutations, product
from types import MappingProxyType

import pytest
from attrs import evolve

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.exploring import (
    MENU,
    OUT_OF_REACH,
    Bounds,
    Configuration,
    Progress,
    examining,
    explore,
    profile,
    replay,
)
from vmss_invariants.exploring import goals as goals_module
from vmss_invariants.exploring.aspects import ASPECTS, BATCHES, HISTORY, MEMBERS, POWER, speaks
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.scene import Scene
from vmss_invariants.exploring.upgrading import PHASES
from vmss_invariants.invariant import GroupInvariant
from vmss_invariants.requests_base import GEO_PAIRS, REGIONS
from vmss_model import requests as rq
from vmss_model.decide import members as deciding
from vmss_model.decide import placement, scaling
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind, Health, Power
from vmss_model.world import Group, Instance, World

UNIFORM = Configuration(
    edition="2021-02", kind=GroupKind.UNIFORM, bounds=Bounds(instances=3, fault_domains=2, families=POWER)
)
FLEXIBLE = Configuration(edition="2021-02", kind=GroupKind.FLEXIBLE, bounds=Bounds(instances=2, fault_domains=2))

VM = Configuration(edition="2019-10", kind=GroupKind.VM, bounds=Bounds(instances=2, fault_domains=2))


def orbits(instances: int, domains: int, states: int) -> int:
    """How many groups of up to so many members there are, each in a domain and a state, up to renaming domains."""
    found = set()
    for count in range(instances + 1):
        for members in combinations_with_replacement(product(range(domains), range(states)), count):
            found.add(min(tuple(sorted((order[d], s) for d, s in members)) for order in permutations(range(domains))))
    return len(found)


@pytest.mark.parametrize(("instances", "domains"), [(1, 1), (2, 2), (3, 2)])
def test_the_worlds_are_as_many_as_counting_says(instances: int, domains: int) -> None:
    """Uniform, every power state: no group, or one that counts no fault domains, or 1 to so many of them."""
    bounds = Bounds(instances=instances, fault_domains=domains, families=POWER)
    found = explore(evolve(UNIFORM, bounds=bounds))
    powers = len(Power)

    expected = 1 + orbits(instances, 1, powers) + sum(orbits(instances, n, powers) for n in range(1, domains + 1))
    assert found.exhausted
    assert found.worlds == expected


def test_a_configuration_counted_by_hand() -> None:
    """Uniform of 2021, one instance, one fault domain.

    Five worlds: no group; a group that counts no fault domains, empty or with one member; one that counts 1, empty
    or with one member. Each of the four groups is one creation away.
    """
    found = explore(evolve(UNIFORM, bounds=Bounds(instances=1, fault_domains=1)))
    leads_from_nothing = Counter(request for _, request in found.links.of(0))

    assert found.worlds == 5
    assert found.depth == 1
    assert leads_from_nothing == {"CreateGroup": 4}
    assert sorted(found.goals["empty"]) == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_every_invariant_holds_within_small_bounds(name: str, kind: GroupKind) -> None:
    """Everything is reached, nothing raises, no world is a deadlock or a dead end."""
    bounds = Bounds(instances=2, fault_domains=1, families=ASPECTS["health"])
    found = explore(Configuration(edition=name, kind=kind, bounds=bounds))

    assert found.exhausted
    assert [f"{one.invariant}: {one.problem}" for one in found.violations] == []
    assert found.deadlocks == ()
    assert found.livelocks == ()
    assert found.dead_ends("empty") == ()
    assert found.examinations["no-request-raises"] == found.steps


def test_a_rule_that_is_switched_off_gives_a_shortest_counterexample() -> None:
    """Without DELETE-NONEMPTY-REJECTED: register, create, join, delete; none of it can be left out."""
    found = explore(evolve(FLEXIBLE, without=("DELETE-NONEMPTY-REJECTED",)))
    broken = {one.invariant: one for one in found.violations}
    lines = broken["a-group-that-holds-vms-is-never-deleted"].lines

    assert [line.partition("(")[0] for line in lines] == [
        "RegisterFeature",
        "RegisterFeature",
        "RegisterProvider",
        "CreateGroup",
        "CreateVm",
        "DeleteGroup",
    ]
    assert "was deleted with 1 member" in broken["a-group-that-holds-vms-is-never-deleted"].problem


def test_releases_go_to_regions_that_there_are() -> None:
    """The first two of them are a geo pair."""
    assert set(PHASES) <= set(REGIONS)
    assert GEO_PAIRS[PHASES[0]] == PHASES[1]


def test_the_world_of_a_counterexample_is_drawn() -> None:
    """As a Mermaid diagram: the group, its fault domains, and who is in them before the last request."""
    bounds = Bounds(instances=2, fault_domains=2, versions=1, families=BATCHES)
    rolling = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds, without=("OSU-WAIT",))
    found = explore(rolling, to_the_first=True)
    (broken, *_) = found.violations
    first, group, *domains, end = broken.picture

    assert not found.exhausted
    assert (first, end) == ("flowchart LR", "  end")
    assert group.startswith('  subgraph g0["rg/g: Uniform, ')
    assert [line.partition(":")[0].strip() for line in domains] == ['g0d0["fault domain 0', 'g0d1["fault domain 1']
    assert all(line.count('"') == 2 for line in (group, *domains))


def test_an_exploration_can_end_at_one_invariant() -> None:
    """With the shortest counterexample of it, whatever else broke before; it has to be one that there is."""
    bounds = Bounds(instances=1, fault_domains=1, families=MEMBERS)
    lenient = Configuration(edition="2019-10", kind=GroupKind.VM, bounds=bounds, without=("DELETE-NONEMPTY-REJECTED",))
    kept = "a-group-that-holds-vms-is-never-deleted"
    (whole,), (ended,) = (
        tuple(one for one in found.violations if one.invariant == kept)
        for found in (explore(lenient), explore(lenient, to_the_first=kept))
    )

    assert len(ended.lines) == len(whole.lines) == 3
    assert explore(lenient, to_the_first="instance-ids-grow").exhausted
    with pytest.raises(ValueError, match="unknown invariant 'nope'; there are "):
        explore(lenient, to_the_first="nope")


def test_a_guard_that_is_off_by_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member may be placed in a domain that is not a least-loaded one: two VMs show it."""
    monkeypatch.setattr("vmss_model.choices.is_least_loaded", lambda loads, chosen: chosen <= min(loads) + 1)
    found = explore(FLEXIBLE)
    (broken,) = (one for one in found.violations if one.invariant == "placement-takes-a-least-loaded-domain")

    assert [line.partition("(")[0] for line in broken.lines[-3:]] == ["CreateGroup", "CreateVm", "CreateVm"]
    assert "of loads 1, 0" in broken.problem


def test_what_the_model_raises_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the exploration goes on."""

    def broken(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(placement, "_check_count", broken)
    found = explore(evolve(UNIFORM, bounds=Bounds(instances=1, fault_domains=1)))

    assert found.exhausted
    assert [(one.invariant, one.problem) for one in found.violations] == [("no-request-raises", "KeyError: 'lost'")]


def test_a_repair_that_heals_nothing_is_a_livelock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform could replace an unhealthy member by an unhealthy one for ever; as it is, it cannot."""
    bounds = Bounds(instances=1, fault_domains=1, families=ASPECTS["health"])
    one = evolve(UNIFORM, bounds=bounds)
    sound = explore(one)
    make = scaling.new_member

    def sickly(world: World, group: Group) -> Callable[[object, object], Instance]:
        made = make(world, group)
        return lambda number, cell: evolve(made(number, cell), health=Health.UNHEALTHY)

    monkeypatch.setattr(deciding, "new_member", sickly)
    sick = explore(one)

    assert sound.livelocks == ()
    assert sick.livelocks != ()
    assert all("unhealthy" in sick.describe(world) for worlds in sick.livelocks for world in worlds)


def test_rollouts_end_and_leave_everything_up_to_date() -> None:
    """One instance, one version of its image: no world of a rollout is a dead end, and none runs for ever."""
    bounds = Bounds(instances=1, fault_domains=0, versions=1, families=ASPECTS["rollouts"])
    found = explore(Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds))
    asked = {request for _, _, request in found.links}

    assert found.exhausted
    assert [f"{one.invariant}: {one.problem}" for one in found.violations] == []
    assert found.livelocks == ()
    assert found.dead_ends("up to date") == ()
    assert asked >= {"PublishImage", "BeginRollout", "StartBatch", "FailInstance", "EndRollout", "AdvanceClock"}


def test_a_goal_that_no_request_leads_to_is_not_judged() -> None:
    """Where nothing deletes or scales, nothing is said of becoming empty."""
    bounds = Bounds(instances=1, fault_domains=0, versions=0, families=ASPECTS["rollouts"])
    found = explore(Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds))

    assert found.exhausted
    assert found.dead_ends("empty") is None
    assert found.dead_ends("up to date") == ()


def test_members_that_cannot_leave_are_dead_ends() -> None:
    """Without the family that deletes, a group with a member never becomes empty again, and nothing else is lost."""
    families = tuple(name for name in MEMBERS if name != "deleting")
    found = explore(evolve(VM, bounds=Bounds(instances=2, families=families)))
    ends = found.dead_ends("empty")

    assert ends is not None
    assert set(ends) == {world for world in range(found.worlds) if not found.goals["empty"][world]}
    # Full groups: nothing can be added within the bounds, and nothing taken away.
    assert found.deadlocks
    assert set(found.deadlocks) <= set(ends)


def test_limits_stop_cleanly() -> None:
    """The worlds found so far are whole, and it is not said to be exhausted."""
    whole = explore(VM)
    few = explore(VM, limit_worlds=10)
    none = explore(VM, limit_seconds=0)

    assert whole.exhausted
    assert whole.worlds == whole.done
    assert not few.exhausted
    assert 10 < few.worlds < whole.worlds
    assert few.done < few.worlds
    assert few.dead_ends("empty") is None
    assert list(few.depths) == list(whole.depths[: few.worlds])
    assert not none.exhausted
    assert few.graph().number_of_nodes() == few.worlds


@pytest.mark.parametrize("limit", [1, 50, 150])
def test_a_limit_of_steps_is_the_same_on_any_machine(limit: int) -> None:
    """A world that was begun is ended, and no other is begun."""
    whole = explore(VM)
    few, again = (explore(VM, limit_steps=limit) for _ in range(2))
    at_once = explore(VM, limit_steps=few.steps)

    assert limit <= few.steps < whole.steps
    assert not few.exhausted
    assert len({(one.worlds, one.done, one.steps) for one in (few, again, at_once)}) == 1
    assert explore(VM, limit_steps=whole.steps + 1).exhausted


def test_progress_is_told_up_to_the_end() -> None:
    """Worlds found, worlds done, steps; the last time with all of them."""
    told: list[Progress] = []
    found = explore(evolve(VM, bounds=Bounds(instances=5)), progress=told.append)

    assert len(told) > 1
    assert told == sorted(told, key=lambda one: one.done)
    assert (told[-1].worlds, told[-1].done, told[-1].steps) == (found.worlds, found.worlds, found.steps)


def test_every_world_is_reached_again_by_its_shortest_way() -> None:
    """As many requests as its depth says, from a new world, each of them granted."""
    found = explore(VM)
    for world in range(found.worlds):
        steps = replay(found, world)
        assert len(steps) == found.depths[world]
        assert all(step.granted for step in steps)


def test_memory_is_reported_by_world() -> None:
    """Some hundred bytes: worlds themselves are not kept."""
    found = explore(evolve(UNIFORM, bounds=Bounds(instances=3)))

    assert 50 < found.bytes_per_world < 2000
    assert 0 < found.widest < found.worlds


def test_invariants_out_of_reach_are_in_the_catalogue_and_not_claimed() -> None:
    """Each with a reason; none of them is counted as examined."""
    found = explore(VM)

    assert set(OUT_OF_REACH) <= set(INVARIANTS)
    assert not set(OUT_OF_REACH) & set(found.examinations)


def test_the_menu_stays_within_what_the_model_knows() -> None:
    """Every family makes requests in some world, each of a type that the model decides."""
    made: Counter[str] = Counter()
    places = (
        ("2018-06-stack", GroupKind.UNIFORM),
        ("2021-02", GroupKind.FLEXIBLE),
        ("2021-07", GroupKind.UNIFORM),
    )
    for name, kind in places:
        one = Configuration(edition=name, kind=kind, bounds=Bounds(instances=1, zones=1, families=tuple(MENU)))
        for world in some_worlds(one):
            for family in MENU:
                bounds = evolve(one.bounds, families=(family,))
                scene = Scene(world, kind, bounds, lambda *state: state, logs={"a": "superseded"})
                requests = list(requests_in(scene))
                made[family] += len(requests)
                assert all(isinstance(request, rq.Request) for request in requests)

    assert [family for family in MENU if not made[family]] == []


def some_worlds(one: Configuration) -> list[World]:
    """The empty world, one with a member, and one with a rollout that ended, where there are rollouts."""
    plain = evolve(one, bounds=Bounds(instances=1, fault_domains=1, families=ASPECTS["health"]))
    found = explore(plain)
    last = replay(found, next(world for world in range(found.worlds) if not found.goals["empty"][world]))
    ended = []
    if speaks(one.edition, one.kind, HISTORY):
        bounds = Bounds(instances=0, fault_domains=0, versions=1, attempts=1, families=HISTORY)
        tried = explore(evolve(one, bounds=bounds))
        ended = [replay(tried, tried.worlds - 1)[-1].after]
    return [one.start(), last[-1].after, *ended]


def test_profiles_have_every_kind_of_every_edition() -> None:
    """The full one to at least 5 instances and 3 fault domains."""
    for name in ("quick", "full"):
        assert {(one.edition, one.kind) for one in profile(name)} == set(PLACES)
    large = [one for one in profile("full") if (one.bounds.instances, one.bounds.fault_domains) >= (5, 3)]
    assert {(one.edition, one.kind) for one in large} == set(PLACES)
    assert {name for name, _ in PLACES} == set(EDITIONS)


def test_goals_hold_of_an_empty_world() -> None:
    """What is not there is empty and up to date."""
    assert all(goal.holds(UNIFORM.start()) for goal in goals_module.GOALS.values())


def test_cycles_are_looked_for_as_often_as_before_afterwards() -> None:
    """Whether or not an exploration comes to its end."""
    usual = gc.get_threshold()
    seen: list[tuple[int, int, int]] = []

    def interrupted() -> bool:
        seen.append(gc.get_threshold())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explore(UNIFORM, stopped=interrupted)

    assert seen[0] > usual
    assert gc.get_threshold() == usual


@pytest.mark.parametrize("remembering", [False, True])
@pytest.mark.parametrize("to_the_first", [False, True])
def test_a_counterexample_is_the_shortest(
    remembering: bool, to_the_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A world that is broken is told by the request that leads there, though a step beyond the bounds was made before.

    The members of the first group are beyond the bounds, and two requests away; the last group is one away.
    """
    bounds = Bounds(instances=0, fault_domains=2, update_domains=2)
    one = Configuration(edition="2021-07", kind=GroupKind.AVAILABILITY_SET, bounds=bounds, remembering=remembering)
    plain = explore(one)
    last = max(node for node in range(plain.worlds) if plain.depths[node] == 1)
    (wanted,) = replay(plain, last)[-1].after.groups.values()
    never = GroupInvariant(
        id="no-group-is-like-the-last-or-has-members",
        statement="No group is like the last one that is found, or has members.",
        rules=(),
        check_group=lambda _, group: "it is" if group.members or _shape(group) == _shape(wanted) else None,
    )
    monkeypatch.setattr(examining, "INVARIANTS", MappingProxyType({never.id: never}))
    found = explore(one, to_the_first=to_the_first)

    assert [len(broken.lines) for broken in found.violations] == [1]


def _shape(group: Group) -> tuple[object, ...]:
    return group.fault_domain_count, group.update_domain_count, group.single_placement_group
