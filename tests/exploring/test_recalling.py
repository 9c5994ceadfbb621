"""What is recalled of steps is what making them finds; and worlds are made again as they were."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from attrs import evolve

from vmss_invariants.exploring import REFINEMENT, Bounds, Configuration, Exploration, explore
from vmss_invariants.exploring.aspects import (
    ASPECTS,
    BATCHES,
    CHANGES,
    HEALTH,
    HISTORY,
    MEMBERS,
    POWER,
    STACK,
    SWITCHES,
    UPGRADES,
    speaks,
)
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Codebook
from vmss_invariants.exploring.explorer import Explorer
from vmss_invariants.exploring.memory import Leaf, Memory
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.sight import LookedFurtherError, Sight
from vmss_model.census import recount
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind, Health, Stage

SMALL = (
    Bounds(instances=2, fault_domains=2, families=MEMBERS),
    Bounds(instances=2, fault_domains=2, families=POWER),
    Bounds(instances=2, fault_domains=1, families=HEALTH),
    Bounds(instances=2, fault_domains=1, zones=2, update_domains=2, families=MEMBERS),
    Bounds(instances=1, fault_domains=0, families=UPGRADES),
    Bounds(instances=2, fault_domains=0, families=CHANGES),
    Bounds(instances=1, fault_domains=0, families=STACK),
    Bounds(instances=1, fault_domains=0, versions=1, attempts=2, families=HISTORY),
    Bounds(instances=1, fault_domains=1, versions=1, families=SWITCHES),
    Bounds(instances=2, fault_domains=0, versions=1, families=BATCHES),
)
MAKING = frozenset({GroupKind.UNIFORM, GroupKind.SCALE_SET_VM})
ROLLING = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=SMALL[-1])


def small_for(name: str, kind: GroupKind) -> tuple[Bounds, ...]:
    """The bounds of which the edition speaks, and at which VMs do not differ in too much."""
    return tuple(one for one in SMALL if speaks(name, kind, one.families) and (kind in MAKING or not one.zones))


CHANGING = frozenset({"seconds", "bytes_per_world", "bytes_per_link"})
"""What an exploration tells of itself, not of what it found."""


def told(found: Exploration) -> dict[str, object]:
    """Everything that an exploration tells, but for how long it took."""
    return {
        **{name: value for name, value in found.summary().items() if name not in CHANGING},
        "depths": dict(zip(found.keys, found.depths, strict=True)),
        "links": {(found.keys[one], found.keys[other], name) for one, other, name in found.links},
    }


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_recalling_finds_what_making_every_step_finds(name: str, kind: GroupKind) -> None:
    """The same worlds, steps, links, examinations, verdicts, dead ends and depths, for every kind of every edition."""
    for bounds in small_for(name, kind):
        one = Configuration(edition=name, kind=kind, bounds=bounds, refining=True)
        codebook = Codebook()
        recalled = explore(one, codebook=codebook)
        made = explore(evolve(one, remembering=False), codebook=codebook)

        assert recalled.exhausted
        assert told(recalled) == told(made)


@pytest.mark.parametrize("rule", ["OSU-STOP-OVERALL", "OSU-WAIT", "OSU-PRECHECK"])
def test_what_is_broken_is_found_either_way(rule: str) -> None:
    """With a rule switched off: the same invariants, by sequences of the same length; the proofs know no such step."""
    one = evolve(ROLLING, without=(rule,), refining=True)
    recalled, made = explore(one), explore(evolve(one, remembering=False))

    assert REFINEMENT in {broken.invariant for broken in recalled.violations}
    assert {(broken.invariant, len(broken.lines)) for broken in recalled.violations} == {
        (broken.invariant, len(broken.lines)) for broken in made.violations
    }


def test_most_steps_of_rollouts_are_recalled() -> None:
    """What was found out is used several times over, already with two members."""
    explorer = Explorer(ROLLING)
    found = explorer.explore()
    memory = explorer.recaller.memory

    assert sum(leaf.used * len(leaf.follows) for leaf in memory.leaves) > 0.9 * found.steps
    assert len(memory.leaves) * 2 < found.steps


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_a_world_is_made_again_from_its_canonical_form(name: str, kind: GroupKind) -> None:
    """Its canonical form is the very one it was made from, and its counts are those of its members."""
    for bounds in (*small_for(name, kind), Bounds(instances=1, fault_domains=1, families=ASPECTS["settings"])):
        codebook = Codebook()
        one = Configuration(edition=name, kind=kind, bounds=bounds)
        found = explore(one, limit_worlds=400, codebook=codebook)
        canon, restorer = Canon(bounds, codebook), Restorer(codebook)
        for key in found.keys:
            world = restorer.world(key)
            assert canon.key(world) == key
            assert all(group.census == recount(group) for group in world.groups.values())


def some_sight(near: str | None) -> Sight:
    """A group of two, one in progress, one of them in sight or none."""
    codebook = Codebook()
    found = explore(ROLLING, codebook=codebook)
    restorer = Restorer(codebook)
    for key in found.keys:
        world = restorer.world(key)
        stages = [one.stage for group in world.groups.values() for one in group.members.values()]
        if len(stages) == 2 and Stage.IN_PROGRESS in stages:
            return Sight(world, near)
    raise AssertionError("there is such a world")


def test_what_is_looked_at_is_noted() -> None:
    """A count that is read, with what was seen; names and the own member are in sight; adding looks at nothing."""
    sight = some_sight("0")
    ((_, group),) = sight.world.groups.items()

    assert sorted(group.members) == ["0", "1"]
    assert "2" not in group.members
    assert group.members["0"].name == "0"
    assert group.members.set("0", evolve(group.members["0"], health=Health.UNHEALTHY)) != group.members
    assert sight.looks == {}
    assert group.census.running == 2
    assert list(sight.looks.values()) == [2]
    assert group.rollout is not None
    assert group.rollout.progress.moved(Stage.IN_PROGRESS, Stage.FAILED) != group.rollout.progress
    assert len(sight.looks) == 1


def test_who_looks_at_another_member_is_told() -> None:
    """One by one, or at all of them; and once the step is over, at any count."""
    sight = some_sight("0")
    ((_, group),) = sight.world.groups.items()

    with pytest.raises(LookedFurtherError):
        _ = group.members["1"]
    with pytest.raises(LookedFurtherError):
        list(group.members.values())
    sight.close()
    with pytest.raises(LookedFurtherError):
        _ = group.census.running


def test_members_are_counted_without_being_looked_at() -> None:
    """It is noted how many there are, whoever they are; a member that changed counts as it is then."""
    sight = some_sight("0")
    ((_, group),) = sight.world.groups.items()
    members = group.members
    well = members.tally(lambda one: one.health is not Health.UNHEALTHY, ())  # type: ignore[attr-defined]  # stands in
    sick = members.set("0", evolve(members["0"], health=Health.UNHEALTHY))

    assert well == 2
    assert sick.tally(lambda one: one.health is not Health.UNHEALTHY, ()) == 1  # type: ignore[attr-defined]
    assert len(sight.looks) == 2


def test_a_stand_in_evolves_as_the_thing_itself() -> None:
    """The events of a step lead to the same members, seen from the own one."""
    sight = some_sight("0")
    assert evolve_all(sight.world, ()) == sight.world


def test_a_branch_is_about_one_slot() -> None:
    """What was kept after other looks is not taken for an answer to these."""
    memory, asked = Memory(), (0, 0, 0)
    first, second = (Leaf((), (), ()) for _ in range(2))
    view = SimpleNamespace(facts=(7, 8), count=lambda _: 0)
    memory.keep(asked, {0: 7, 1: 5}, first)
    memory.keep(asked, {0: 7}, second)

    assert memory.recall(asked, view) == (True, second)  # type: ignore[arg-type]  # it has all that is asked for
    memory.keep(asked, {1: 8}, first)
    assert memory.recall(asked, view) == (True, first)  # type: ignore[arg-type]
    memory.keep(asked, {0: 5}, second)
    assert memory.recall(asked, view) == (False, None)  # type: ignore[arg-type]
