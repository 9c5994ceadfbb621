"""What a Resource Graph query may show, to the second; and what a move takes along."""

from __future__ import annotations

import pytest

from vmss_model import GroupKey, VmKey, World, decide
from vmss_model import requests as rq
from vmss_model.answers import GraphShown
from vmss_model.choices import OneOf
from vmss_model.values import Action, Api, Power

from .arbitrary import after, populated

G, H = GroupKey("rg", "g"), GroupKey("rg", "h")
ELSEWHERE = "elsewhere"


@pytest.fixture
def world() -> World:
    """A world of 2021-02 whose changes are all long past."""
    return after(populated("2021-02"), rq.AdvanceClock(1000))


@pytest.fixture
def of_2019() -> World:
    """A world of 2019-10, where moving is documented: a `VM` group of a and b, a `ScaleSetVM` of 0 to 2."""
    return populated("2019-10")


def options(world: World, key: GroupKey = G) -> dict[str, set[Power | None]]:
    """For each VM, the power states that a query may show; None: it may be absent."""
    decision = decide(world, rq.QueryResourceGraph(key))
    assert decision.grant is not None
    found: dict[str, set[Power | None]] = {}
    for choice in decision.grant.choices:
        assert isinstance(choice, OneOf)
        states = (getattr(state, "power", None) for state in choice.options)
        found[choice.name.removeprefix("state of ")] = set(states)
    return found


def stop(name: str) -> rq.ActOnInstance:
    """Stop a member of the standard VMs."""
    return rq.ActOnInstance(G, name, Action.STOP, Api.VIRTUAL_MACHINE)


def wait(world: World, seconds: int) -> World:
    """The world some seconds later."""
    return after(world, rq.AdvanceClock(seconds))


@pytest.mark.parametrize(("seconds", "may_show_old"), [(0, True), (1, True), (59, True), (60, True), (61, False)])
def test_a_changed_state_may_show_for_60_seconds(world: World, seconds: int, may_show_old: bool) -> None:
    """The state before a change may be shown up to 60 seconds after it, and not at 61."""
    later = wait(after(world, stop("a")), seconds)
    expected = {Power.STOPPED, Power.RUNNING} if may_show_old else {Power.STOPPED}
    assert options(later) == {"a": expected, "b": {Power.RUNNING}}


@pytest.mark.parametrize(("seconds", "may_show_old"), [(59, True), (60, True), (61, False)])
def test_a_deleted_vm_may_show_for_60_seconds(world: World, seconds: int, may_show_old: bool) -> None:
    """A VM that was deleted may still be shown for 60 seconds, or not."""
    gone = after(world, rq.ActOnInstance(G, "a", Action.DELETE, Api.VIRTUAL_MACHINE))
    found = options(wait(gone, seconds))
    assert found.get("a") == ({None, Power.RUNNING} if may_show_old else None)


@pytest.mark.parametrize(("seconds", "may_be_missing"), [(59, True), (60, True), (61, False)])
def test_a_new_vm_may_be_missing_for_60_seconds(world: World, seconds: int, may_be_missing: bool) -> None:
    """A VM that was created may be missing for 60 seconds."""
    grown = wait(after(world, rq.CreateVm(key=VmKey("rg", "new"), group=G)), seconds)
    assert options(grown)["new"] == ({None, Power.RUNNING} if may_be_missing else {Power.RUNNING})


def test_each_vm_is_shown_at_a_moment_of_its_own(world: World) -> None:
    """Of two VMs that were stopped together, one may show the change and the other not."""
    both = after(after(world, stop("a")), stop("b"))
    decision = decide(both, rq.QueryResourceGraph(G))
    assert decision.grant is not None
    stopped, running = (next(iter(both.groups[G].members.values())), next(iter(world.groups[G].members.values())))
    assert {stopped.power, running.power} == {Power.STOPPED, Power.RUNNING}
    shown = decision.grant.answer(
        {"state of a": both.groups[G].members["a"], "state of b": world.groups[G].members["b"]}
    )
    assert isinstance(shown, GraphShown)
    assert {name: state.power for name, state in shown.states.items()} == {
        "a": Power.STOPPED,
        "b": Power.RUNNING,
    }


def test_several_changes_within_the_window_may_each_be_shown(world: World) -> None:
    """Started after being stopped and deallocated, a VM may show any of the three states it had."""
    for action in (Action.STOP, Action.DEALLOCATE, Action.START):
        world = wait(after(world, rq.ActOnInstance(G, "a", action, Api.VIRTUAL_MACHINE)), 20)
    assert options(world)["a"] == {Power.RUNNING, Power.STOPPED, Power.DEALLOCATED}
    assert options(wait(world, 1))["a"] == {Power.RUNNING, Power.STOPPED, Power.DEALLOCATED}
    assert options(wait(world, 21))["a"] == {Power.RUNNING, Power.DEALLOCATED}


def test_resource_graph_shows_no_uniform_instances(world: World) -> None:
    """Instances of a Uniform group are not standard VMs: the documents say nothing of querying them."""
    assert decide(world, rq.QueryResourceGraph(H)).silent


def test_a_move_keeps_members_machines_and_artifacts(of_2019: World) -> None:
    """A moved `VM` group has the same members; its VMs, NICs and disks are in the new resource group."""
    moved = after(of_2019, rq.MoveGroup(G, ELSEWHERE))
    there = GroupKey(ELSEWHERE, "g")
    assert G not in moved.groups
    assert moved.groups[there].members == of_2019.groups[G].members
    assert moved.groups[there].census == of_2019.groups[G].census
    for name in ("a", "b"):
        assert VmKey("rg", name) not in moved.machines
        assert moved.machines[VmKey(ELSEWHERE, name)] == there
        for artifact in ("nic", "disk"):
            assert f"{G}/{name}/{artifact}" not in moved.artifacts
            assert moved.artifacts[f"{there}/{name}/{artifact}"] == f"{there}/{name}"
    assert len(moved.artifacts) == len(of_2019.artifacts)
    assert len(moved.machines) == len(of_2019.machines)


def test_a_move_there_and_back_changes_nothing(of_2019: World) -> None:
    """Moving a group away and back gives the groups, machines and artifacts there were."""
    for key in (G, H):
        moved = after(of_2019, rq.MoveGroup(key, ELSEWHERE))
        back = after(moved, rq.MoveGroup(GroupKey(ELSEWHERE, key.name), "rg"))
        assert (back.groups, back.machines, back.artifacts) == (
            of_2019.groups,
            of_2019.machines,
            of_2019.artifacts,
        )


def test_a_moved_group_goes_on_working(of_2019: World) -> None:
    """After a move, members are deleted in the new place, and their artifacts stay there."""
    moved = after(of_2019, rq.MoveGroup(G, ELSEWHERE))
    there = GroupKey(ELSEWHERE, "g")
    left = after(moved, rq.ActOnInstance(there, "a", Action.DELETE, Api.VIRTUAL_MACHINE))
    assert set(left.groups[there].members) == {"b"}
    assert left.artifacts[f"{there}/a/disk"] is None
    assert VmKey(ELSEWHERE, "a") not in left.machines


def test_a_move_onto_a_taken_name_is_not_described(of_2019: World) -> None:
    """Where the target holds a group or a VM of the name, no document says what happens."""
    taken = after(of_2019, rq.CreateVm(key=VmKey(ELSEWHERE, "a")))
    assert decide(taken, rq.MoveGroup(G, ELSEWHERE)).silent
    one = after(of_2019, rq.CreateVm(key=VmKey(ELSEWHERE, "1")))
    assert decide(one, rq.MoveGroup(H, ELSEWHERE)).grant is not None
