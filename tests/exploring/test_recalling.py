"""What is recalled of steps is what making them finds; and worlds are made again as they were."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from types import MappingProxyType, SimpleNamespace

import pytest
from attrs import evolve
from tests.support import ALL_BUT_TWINS, explored

from vmss_invariants.exploring import REFINEMENT, Bounds, Configuration, Exploration, contexts, examining, explore
from vmss_invariants.exploring.aspects import (
    ASPECTS,
    BATCHES,
    CHANGES,
    CREDENTIALS,
    FURNISHED,
    HEALTH,
    HISTORY,
    MEMBERS,
    POWER,
    STACK,
    SWITCHES,
    UPGRADES,
    ZONED,
    speaks,
)
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.codebook import Key, unpacked
from vmss_invariants.exploring.explorer import Explorer
from vmss_invariants.exploring.memory import Leaf, Memory
from vmss_invariants.exploring.restoring import Restorer
from vmss_invariants.exploring.sight import Sight
from vmss_invariants.exploring.slots import EVERYONE, OUTLINES, PROGRESS, SLOTS, Tally, Those
from vmss_invariants.exploring.untold import LookedFurtherError
from vmss_invariants.exploring.views import View, has_one_group
from vmss_invariants.invariant import GroupInvariant
from vmss_invariants.steps import gained, those
from vmss_model import copying
from vmss_model.census import recount
from vmss_model.decide import rollouts
from vmss_model.evolve import evolve_all
from vmss_model.rollout import Progress, Rollout
from vmss_model.values import GroupKind, Health, Power, Provisioning, Stage
from vmss_model.world import Instance, World

SMALL = (
    Bounds(instances=2, fault_domains=2, families=POWER),
    Bounds(instances=2, fault_domains=1, families=HEALTH),
    Bounds(instances=2, fault_domains=1, zones=2, update_domains=2, families=MEMBERS),
    Bounds(instances=1, fault_domains=0, families=UPGRADES),
    Bounds(instances=2, fault_domains=0, families=CHANGES),
    Bounds(instances=1, fault_domains=0, families=STACK),
    Bounds(instances=1, fault_domains=0, versions=1, attempts=2, families=HISTORY),
    Bounds(instances=1, fault_domains=1, versions=1, families=SWITCHES),
    Bounds(instances=2, fault_domains=1, families=FURNISHED),
    Bounds(instances=1, fault_domains=0, versions=1, families=CREDENTIALS),
    Bounds(instances=2, fault_domains=0, zones=2, versions=1, families=ZONED),
    Bounds(instances=2, fault_domains=0, versions=1, families=BATCHES),
)
MAKING = frozenset({GroupKind.UNIFORM, GroupKind.SCALE_SET_VM})
ROLLING = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=SMALL[-1])


def small_ones(name: str, kind: GroupKind) -> tuple[Configuration, ...]:
    """The explorations of which the edition speaks, and in which VMs do not differ in too much."""
    return tuple(
        Configuration(edition=name, kind=kind, bounds=one, refining=True)
        for one in SMALL
        if speaks(name, kind, one.families) and (kind in MAKING or not one.zones)
    )


CHANGING = frozenset({"seconds", "bytes_per_world", "bytes_per_link"})
"""What an exploration tells of itself, not of what it found."""


def told(found: Exploration) -> dict[str, object]:
    """Everything that an exploration tells, but for how long it took."""
    return {
        **{name: value for name, value in found.summary().items() if name not in CHANGING},
        "depths": dict(zip(found.keys, found.depths, strict=True)),
        "links": {(found.keys[one], found.keys[other], name) for one, other, name in found.links},
    }


@pytest.mark.parametrize(("name", "kind"), ALL_BUT_TWINS)
def test_recalling_finds_what_making_every_step_finds(name: str, kind: GroupKind) -> None:
    """The same worlds, steps, links, examinations, verdicts, dead ends and depths, for every kind of every edition."""
    for one in small_ones(name, kind):
        recalled, restorer = explored(one)
        made = explore(evolve(one, remembering=False), codebook=restorer.codebook)

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


@pytest.mark.parametrize("gate", ["may_begin", "overall_health_allows", "upgraded_health_allows"])
def test_a_gate_that_refuses_too_much_is_found_either_way(monkeypatch: pytest.MonkeyPatch, gate: str) -> None:
    """Where nobody is unhealthy, too: nothing happens, and yet the proofs say that it is not so."""
    monkeypatch.setattr(rollouts, gate, lambda _ill, _of, _percent: False)
    one = evolve(ROLLING, refining=True)
    recalled, made = explore(one), explore(evolve(one, remembering=False))

    broken = {broken.invariant: len(broken.lines) for broken in recalled.violations}
    assert REFINEMENT in broken
    assert broken == {broken.invariant: len(broken.lines) for broken in made.violations}


def test_a_world_in_which_something_does_not_hold_is_found_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what leads to it: the step that leads there is the last of the counterexample."""
    never = GroupInvariant(
        id="nobody-is-ever-updated",
        statement="No member is being updated.",
        rules=(),
        check_group=lambda _, group: "one is updated" if those(group.members, is_updated) else None,
    )
    monkeypatch.setattr(examining, "INVARIANTS", MappingProxyType({never.id: never}))
    monkeypatch.setattr(contexts, "_FEW", -1)  # so it is found by what is put together
    recalled, made = explore(ROLLING), explore(evolve(ROLLING, remembering=False))

    assert [one.invariant for one in recalled.violations] == [never.id]
    assert recalled.violations[0].problem == "one is updated"
    assert len(recalled.violations[0].lines) == len(made.violations[0].lines)
    assert recalled.examinations == made.examinations


@pytest.mark.parametrize("name", ["2017-05", "2021-07"])
def test_it_matters_which_members_a_request_names(name: str) -> None:
    """A plan for some is not recalled where there are as many such members, but others have those names."""
    bounds = Bounds(instances=4, fault_domains=2, families=("forming", "rolling_out", "calling", "planning"))
    one = Configuration(edition=name, kind=GroupKind.UNIFORM, bounds=bounds)
    recalled, restorer = explored(one)
    made = explore(evolve(one, remembering=False), codebook=restorer.codebook)

    assert told(recalled) == told(made)


def is_updated(member: Instance) -> bool:
    """Whether a member is being updated."""
    return member.provisioning is Provisioning.UPDATING


def test_few_worlds_of_rollouts_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows in them is put together, batches included; only where a step looks at where all stand it is not."""
    restored: list[Key] = []
    restore = Restorer.world

    def counted(self: Restorer, key: Key) -> World:
        restored.append(key)
        return restore(self, key)

    monkeypatch.setattr(Restorer, "world", counted)
    found = explore(evolve(ROLLING, bounds=Bounds(instances=3, fault_domains=2, versions=1, families=BATCHES)))

    assert found.worlds > 10_000
    assert len(restored) < found.worlds / 4


def test_nothing_that_is_done_with_waits_for_the_garbage_collector() -> None:
    """Whatever was made on the way holds nothing that holds it, so it goes at once: millions of them would stay."""
    gc.collect()
    gc.disable()
    try:
        found = explore(ROLLING)
        waiting = gc.collect()
    finally:
        gc.enable()

    assert found.worlds > 500
    assert waiting < found.worlds / 10


def test_most_steps_of_rollouts_are_recalled() -> None:
    """What was found out is used several times over, already with two members."""
    explorer = Explorer(ROLLING)
    found = explorer.explore()
    memory = explorer.recaller.memory

    assert memory.recalled > 0.9 * found.steps
    assert memory.missed * 2 < found.steps


@pytest.mark.parametrize(("name", "kind"), ALL_BUT_TWINS)
def test_a_world_is_made_again_from_its_canonical_form(name: str, kind: GroupKind) -> None:
    """Its canonical form is the very one it was made from, and its counts are those of its members."""
    settings = Bounds(instances=1, fault_domains=1, families=ASPECTS["settings"])
    many = Configuration(edition=name, kind=kind, bounds=settings)
    for one, limit in (*((small, None) for small in small_ones(name, kind)), (many, 100)):
        found, restorer = explored(one, limit)
        canon = Canon(one.bounds, restorer.codebook)
        for key in found.keys:
            world = restorer.world(key)
            assert canon.key(world) == key
            assert all(group.census == recount(group) for group in world.groups.values())


def some_sight() -> Sight:
    """A group of two, one in progress, the first of them in sight."""
    return some_view().sight(0)


def some_view() -> View:
    """A group of two, one in progress."""
    for view in views_in(ROLLING):
        stages = stages_in(view)
        if len(stages) == 2 and Stage.IN_PROGRESS.value in stages:
            return view
    raise AssertionError("there is such a world")


def views_in(configuration: Configuration) -> Iterator[View]:
    """The worlds of one group that are reached."""
    found, restorer = explored(configuration)
    return (View(unpacked(one), restorer) for one in found.keys.packed if has_one_group(one))


def test_what_is_looked_at_is_noted() -> None:
    """A count that is read, with what was seen; names and the own member are in sight; adding looks at nothing."""
    sight = some_sight()
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


def test_by_how_much_a_count_changed_is_known_without_a_look_at_it() -> None:
    """Of the counts of one rollout in one sight; those of another sight, or made anew, are looked at."""
    sight, other = some_sight(), some_sight()
    before = rollout_in(sight).progress
    after = before.moved(Stage.IN_PROGRESS, Stage.FAILED)

    assert [gained(before, after, count) for count in PROGRESS] == [0, 1, -1, 0]
    assert sight.looks == {}
    assert gained(rollout_in(other).progress, after, "failed") == 1
    assert gained(Progress(), after, "failed") == before.failed + 1
    assert [len(one.looks) for one in (sight, other)] == [1, 1]


def rollout_in(sight: Sight) -> Rollout:
    """The rollout of the only group."""
    ((_, group),) = sight.world.groups.items()
    assert group.rollout is not None
    return group.rollout


def test_what_is_seen_through_a_sight_is_noted_there() -> None:
    """Counts, and of whom something holds; but not the outlines of all: who sees through it has seen everyone."""
    view = some_view()
    sight = view.sight(0)
    several, through = Those(("anybody",), lambda _: True), sight.through()

    assert through.facts[SLOTS["members"]] == 2
    assert through.seen(several) == view.seen(several)
    assert through.seen(OUTLINES) == view.seen(OUTLINES)
    assert sight.looks == {SLOTS["members"]: 2, several: view.seen(several)}


def test_who_is_picked_is_in_sight_and_of_the_others_the_outlines_are() -> None:
    """What a batch does to those that it takes is found out so: once, whoever the others are."""
    view = some_view()
    first, second = view.names
    sight = view.sight(-1, of_all=OUTLINES, picked=[first])
    ((_, group),) = sight.world.groups.items()

    assert group.members[first] is view.group.members[first]
    assert sight.looks == {}
    assert group.members[second].stage is view.group.members[second].stage
    assert sight.looks == {OUTLINES: view.seen(OUTLINES)}
    with pytest.raises(LookedFurtherError):
        _ = group.members[second].health


def test_who_looks_at_another_member_is_told() -> None:
    """One by one, or at all of them; and once the step is over, at any count."""
    sight = some_sight()
    ((_, group),) = sight.world.groups.items()

    with pytest.raises(LookedFurtherError):
        _ = group.members["1"]
    with pytest.raises(LookedFurtherError):
        list(group.members.values())
    sight.close()
    with pytest.raises(LookedFurtherError):
        _ = group.census.running


def test_those_of_whom_something_holds_are_looked_at_and_no_others() -> None:
    """It is noted which they are, whichever names they have; where there are none, how many there are says it all."""
    view = next(view for view in views_in(ROLLING) if sorted(stages_in(view)) == ENDED)
    sight = view.sight(-1)
    ((_, group),) = sight.world.groups.items()
    (done,) = those(group.members, lambda one: one.stage is Stage.SUCCESSFUL)

    assert group.members[done.name] is done
    assert those(group.members, lambda one: one.stage is Stage.IN_PROGRESS) == ()
    assert [type(slot) for slot in sight.looks] == [Tally, Those, Tally]
    assert sight.looks[next(slot for slot in sight.looks if isinstance(slot, Those))] == (
        view.numbers[view.names.index(done.name)],
    )
    with pytest.raises(LookedFurtherError):
        list(group.members.values())


ENDED = [Stage.FAILED.value, Stage.SUCCESSFUL.value]


def stages_in(view: View) -> list[str]:
    """Where the members of a world stand."""
    return [one.stage.value for one in view.group.members.values()]


def test_all_can_be_looked_at_but_not_where_they_stand() -> None:
    """It is noted who all are, but for their fault domains: these are the same as themselves, and no more is told."""
    bounds = Bounds(instances=2, fault_domains=2, versions=1, families=BATCHES)
    worlds = views_in(evolve(ROLLING, bounds=bounds))
    view = next(view for view in worlds if {one[1] for one in view.members} == {0, 1})
    sight = view.sight(-1, of_all=EVERYONE)
    ((_, group),) = sight.world.groups.items()
    one, other = group.members.values()

    assert one.health is view.group.members[one.name].health
    assert one == group.members[one.name]
    assert sight.looks == {EVERYONE: view.seen(EVERYONE)}
    assert view.seen(EVERYONE) == tuple(sorted((zone or "", False, -1, state) for zone, _, _, state in view.members))
    for look in (
        lambda: one.fault_domain == other.fault_domain,
        lambda: one.fault_domain == 0,
        lambda: one.fault_domain + 1,  # type: ignore[operator]
        lambda: {one.fault_domain},
        lambda: f"{one.fault_domain}",
        lambda: [1, 2][one.fault_domain],  # type: ignore[index]
    ):
        with pytest.raises(LookedFurtherError):
            look()


def test_the_outlines_of_all_can_be_looked_at_but_not_how_they_fare() -> None:
    """It is noted which outlines there are; to copy a member, or to compare it, is to look at how it fares, too."""
    *_, view = views_in(ROLLING)
    sight = view.sight(-1, of_all=OUTLINES)
    ((_, group),) = sight.world.groups.items()
    one, other = group.members.values()

    assert (one.stage, one.model_version) == (view.group.members[one.name].stage, one.model_version)
    assert isinstance(one, Instance)
    assert one is group.members[one.name]
    assert sight.looks == {OUTLINES: view.seen(OUTLINES)}
    for look in (
        lambda: one.health,
        lambda: one.power is Power.RUNNING,
        lambda: one == other,
        lambda: {one},
        lambda: f"{one}",
        lambda: copying.evolve(one, stage=Stage.FAILED),
        lambda: recount(group),
        sight.look_at_everyone,
    ):
        with pytest.raises(LookedFurtherError):
            look()
    with pytest.raises(LookedFurtherError):
        view.sight(-1).look_at_everyone()


def test_the_outlines_of_two_worlds_are_the_same_where_members_only_fare_otherwise() -> None:
    """Whoever they are by name, wherever they stand."""

    def outlines(view: View) -> Counter[Instance]:
        return Counter(
            evolve(
                one,
                name="",
                fault_domain=None if one.fault_domain is None else 0,
                power=Power.RUNNING,
                health=Health.UNKNOWN,
            )
            for one in view.group.members.values()
        )

    worlds = tuple(views_in(ROLLING))
    same = [(one, other) for one, other in combinations(worlds, 2) if one.seen(OUTLINES) == other.seen(OUTLINES)]
    assert any(one.seen(EVERYONE) != other.seen(EVERYONE) for one, other in same)
    assert same == [(one, other) for one, other in combinations(worlds, 2) if outlines(one) == outlines(other)]


def test_members_are_counted_without_being_looked_at() -> None:
    """It is noted how many there are, whoever they are; a member that changed counts as it is then."""
    sight = some_sight()
    ((_, group),) = sight.world.groups.items()
    members = group.members
    well = members.tally(lambda one: one.health is not Health.UNHEALTHY, ())  # type: ignore[attr-defined]  # stands in
    sick = members.set("0", evolve(members["0"], health=Health.UNHEALTHY))

    assert well == 2
    assert sick.tally(lambda one: one.health is not Health.UNHEALTHY, ()) == 1  # type: ignore[attr-defined]
    assert len(sight.looks) == 2


def test_a_stand_in_evolves_as_the_thing_itself() -> None:
    """The events of a step lead to the same members, seen from the own one."""
    sight = some_sight()
    assert evolve_all(sight.world, ()) == sight.world


def test_a_branch_is_about_one_slot() -> None:
    """What was kept after other looks is not taken for an answer to these."""
    memory, asked = Memory(), (0, 0, 0)
    first, second = (Leaf((), (), ()) for _ in range(2))
    view = SimpleNamespace(facts=(7, 8), seen=lambda _: 0)
    memory.keep(asked, {0: 7, 1: 5}, first)
    memory.keep(asked, {0: 7}, second)

    assert memory.recall(asked, view) == (True, second)
    memory.keep(asked, {1: 8}, first)
    assert memory.recall(asked, view) == (True, first)
    memory.keep(asked, {0: 5}, second)
    assert memory.recall(asked, view) == (False, None)
