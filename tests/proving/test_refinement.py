"""Every step of the model is made of steps that the proofs speak of; and a model that is broken is found out."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pytest
from attrs import evolve
from immutables import Map
from tests.support import REFINEMENT

from vmss_invariants import walker
from vmss_invariants.exploring import REFINEMENT as EXPLORED_REFINEMENT
from vmss_invariants.exploring import Bounds, Configuration, examining, explore
from vmss_invariants.exploring.aspects import BATCHES, POWER
from vmss_invariants.exploring.bounds import PLACES
from vmss_invariants.invariant import Place
from vmss_invariants.proving import census_steps, rollout_steps
from vmss_invariants.proving.realizing import KEY, batch_starting, beginning, ending, failing, restoring
from vmss_invariants.proving.refinement import unrefined
from vmss_invariants.steps import Step, take_step
from vmss_invariants.walking import first_broken
from vmss_model import choices
from vmss_model import requests as rq
from vmss_model.census import Census, Share, share_of
from vmss_model.editions import EDITIONS, AutomaticUpgrades
from vmss_model.events import Event, FeatureRegistered, GroupChanged, GroupCreated, InstanceChanged, RolloutChanged
from vmss_model.evolve import evolve_all
from vmss_model.images import ImageReference
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import Progress, RollingPolicy, Rollout, counted
from vmss_model.values import Action, Api, GroupKind, HealthSource, Invoker, Power, Stage
from vmss_model.world import AutoscaleBounds, Group, GroupKey, Profile, Subscription, VmKey, World

# `vmss_model.decide` and `vmss_model` export functions by the names of their modules.
evolving, rolling, rollouts = map(
    import_module, ("vmss_model.evolve", "vmss_model.rollout", "vmss_model.decide.rollouts")
)

UNIFORM: Place = ("2021-07", GroupKind.UNIFORM)
FLEXIBLE: Place = ("2021-07", GroupKind.FLEXIBLE)


@pytest.fixture
def refined_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state machine, the tour and the explorer examine this and nothing else."""
    alone = MappingProxyType({REFINEMENT.id: REFINEMENT})
    monkeypatch.setattr(walker, "INVARIANTS", alone)
    monkeypatch.setattr(examining, "INVARIANTS", alone)


def lowest(low: int, _high: int) -> int:
    """Always the lowest number."""
    return low


def run_machine(place: Place, examples: int) -> None:
    """The tour and the state machine, on one kind of group; raises where the invariant is broken."""
    broken = first_broken(EDITIONS[place[0]], place[1], examples, steps=25)
    if broken is not None:
        raise broken


@pytest.mark.usefixtures("refined_alone")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]} {place[1].value}")
def test_every_step_within_the_explorers_bounds_is_refined(place: Place) -> None:
    """Exhausted: every request, with every choice of the platform, on up to two members in two fault domains."""
    bounds = Bounds(instances=2, fault_domains=2, zones=1, families=POWER)
    found = explore(Configuration(edition=place[0], kind=place[1], bounds=bounds))

    assert found.exhausted
    assert found.violations == ()
    assert found.examinations[REFINEMENT.id] > 0


@pytest.mark.usefixtures("refined_alone")
def test_every_kind_of_step_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check sees every step of the counts that the proofs speak of: none of them is only on paper."""
    seen: Counter[str] = Counter()

    def counting(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            seen[make.__name__] += 1
            return make(*args, **kwargs)

        return made

    steps = {
        census_steps: (
            "created",
            "joined",
            "left",
            "changed",
            "new_model",
            "placement_group_set",
            "resized",
            "autoscaled",
            "departed",
            "replaced",
            "deleted",
        ),
        rollout_steps: ("moved", "begun", "batch_started", "given_up", "ended"),
    }
    for module, names in steps.items():
        for name in names:
            monkeypatch.setattr(module, name, counting(getattr(module, name)))
    run_machine(UNIFORM, 20)
    run_machine(FLEXIBLE, 5)

    assert {name for names in steps.values() for name in names} - seen.keys() == set()


# -- a broken model is found out -------------------------------------------------------------------


def batch(**values: Any) -> tuple[World, rq.Request]:
    """A rollout under way that has come so far, and a batch of it."""
    return batch_starting(UNIFORM, {**UNDER_WAY, **values})


def given_up(make: Callable[..., tuple[World, rq.Request]], **values: Any) -> tuple[World, rq.Request]:
    """An instance of a batch that started 299 seconds ago, which is given up."""
    return make(UNIFORM, {**UNDER_WAY, "pending": 9, "in_progress": 1, "batch_started_at": 701, **values})


def new_group(kind: GroupKind, **fields: Any) -> tuple[World, rq.Request]:
    """The creation of a group."""
    world = World(EDITIONS["2021-07"], subscription=Subscription(known=False))
    return world, rq.CreateGroup(key=KEY, kind=kind, **fields)


def flexible(members: int) -> World:
    """A Flexible group of so many VMs over two fault domains."""
    world = World(EDITIONS["2021-07"], subscription=Subscription(known=False))
    world = asked(world, rq.CreateGroup(key=KEY, kind=GroupKind.FLEXIBLE, fault_domain_count=2)).after
    for number in range(members):
        world = asked(world, rq.CreateVm(key=VmKey("rg", f"vm{number}"), group=KEY)).after
    return world


def uniform(capacity: int, **fields: Any) -> World:
    """A Uniform group of so many instances."""
    world = World(EDITIONS["2021-07"])
    request = rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, profile=Profile(), capacity=capacity, **fields)
    return asked(world, request).after


def asked(world: World, request: rq.Request, draw: Callable[[int, int], int] = lowest) -> Step:
    """One step, which happens."""
    step = take_step(world, request, draw)
    assert step.granted, step.describe()
    return step


def said(step: Step) -> str:
    """What the check says of a step that it does not let through."""
    found = unrefined(step)
    assert found is not None
    return found


JOIN = rq.CreateVm(key=VmKey("rg", "new"), group=KEY)
UNDER_WAY = {
    "members": 10,
    "successful": 0,
    "failed": 0,
    "in_progress": 0,
    "pending": 10,
    "relapsed": 0,
    "unhealthy": 0,
    "clock": 1000,
    "ready_at": 0,
    "batch_started_at": 0,
    "size": 2,
}
"""A rollout that begins with ten instances; a batch of two is the most it may start with."""


def test_what_the_model_does_is_let_through() -> None:
    """Joining, leaving, resizing, and a batch."""
    world = flexible(3)
    assert unrefined(asked(world, JOIN)) is None
    assert unrefined(asked(world, rq.ActOnInstance(KEY, "vm0", Action.DELETE, Api.VIRTUAL_MACHINE))) is None
    assert unrefined(asked(uniform(3), rq.SetCapacity(KEY, 7))) is None
    assert unrefined(asked(*batch_starting(UNIFORM, UNDER_WAY))) is None


def test_a_vm_that_is_placed_anywhere_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not into a least-loaded fault domain."""
    monkeypatch.setattr(choices, "_least_loaded", lambda loads: list(range(len(loads))))

    assert "a member joins" in said(asked(flexible(1), JOIN, lowest))


def test_a_scale_in_from_any_zone_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With strict balance two members of one zone go, and both of the other stay."""
    plain = rq.CreateGroup(key=KEY, kind=GroupKind.SCALE_SET_VM, profile=Profile(), capacity=4)
    world = asked(World(EDITIONS["2019-10"]), evolve(plain, zones=("1", "2"), zone_balance=True)).after
    zone = {name: one.zone for name, one in world.groups[KEY].members.items()}
    even = asked(world, rq.SetCapacity(KEY, 2))
    monkeypatch.setattr(choices, "is_most_loaded", lambda _loads, _chosen: True)
    candidates = sorted(zone)
    first = [candidates.index(name) for name in candidates if zone[name] == "1"]
    draws = iter((first[0], first[1] - 1))
    uneven = asked(world, rq.SetCapacity(KEY, 2), lambda _low, _high: next(draws))

    assert unrefined(even) is None
    assert "members per zone go from (2, 2) to (0, 2)" in said(uneven)


def test_a_census_that_is_not_kept_up_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model counts one member more as running Windows than there is."""
    whole = Census.with_share

    def miscounted(self: Census, share: Share, by: int) -> Census:
        return whole(self, evolve(share, windows=1), by)

    world = flexible(1)
    monkeypatch.setattr(Census, "with_share", miscounted)
    broken = asked(world, JOIN)
    monkeypatch.undo()

    assert unrefined(asked(world, JOIN)) is None
    assert "census" in said(broken)


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        ("CAP-FLEX", lambda: (with_census(flexible(1), members=1000), JOIN)),
        ("CAP-UNIFORM", lambda: (uniform(1), rq.SetCapacity(KEY, 1001))),
        ("FDCOUNT-FLEX-REGIONAL", lambda: new_group(GroupKind.FLEXIBLE, fault_domain_count=4)),
        ("ZONES-UNIFORM", lambda: new_group(GroupKind.UNIFORM, zones=("1", "2", "3", "4"))),
        ("UD-2021", lambda: new_group(GroupKind.UNIFORM, update_domain_count=6)),
        ("AUTOSCALE", lambda: (uniform(1), rq.Autoscale(KEY, 2))),
        ("AUTOSCALE", lambda: (uniform(1, autoscale=AutoscaleBounds(0, 3)), rq.Autoscale(KEY, 4))),
        ("DELETE-NONEMPTY-REJECTED", lambda: (flexible(1), rq.DeleteGroup(KEY))),
        ("OSU-BATCH", lambda: batch(size=3)),
        ("OSU-WAIT", lambda: batch(pending=9, in_progress=1)),
        ("UPGRADE-ROLLING", lambda: batch(ready_at=1001)),
        ("OSU-STOP-OVERALL", lambda: batch(unhealthy=3)),
        ("OSU-STOP-UPGRADED", lambda: batch(pending=6, successful=3, failed=1)),
        ("OSU-OPT-OUT", lambda: batch(cancelled=True)),
        ("OSU-CREDENTIALS", lambda: batch(credentials_expired=True)),
        ("OSU-ZONES", lambda: batch(crosses_zones=True)),
        (
            "OSU-PRECHECK",
            lambda: beginning(UNIFORM, {**UNDER_WAY, "unhealthy": 3, "earliest": 0, "switched_on": True}),
        ),
        ("OSU-DONE", lambda: ending(UNIFORM, UNDER_WAY)),
        ("OSU-WAIT", lambda: ending(UNIFORM, {**UNDER_WAY, "pending": 9, "in_progress": 1})),
        ("OSU-WAIT", lambda: given_up(restoring)),
        ("OSU-WAIT", lambda: given_up(failing, restores=False)),
        ("OSU-RESTORE", lambda: given_up(failing, batch_started_at=700)),
        ("OSU-MANUAL-NO-RESTORE", lambda: given_up(restoring, batch_started_at=700, restores=False)),
    ],
)
def test_a_model_without_a_guard_is_found_out(rule: str, make: Callable[[], tuple[World, rq.Request]]) -> None:
    """What the edition grants once the rule is switched off is no step that the proofs speak of."""
    world, request = make()
    assert not take_step(world, request, lowest).granted
    off = evolve(world, edition=world.edition.without(rule))
    step = asked(off, request)

    assert type(request).__name__ in said(step)


def with_census(world: World, **counts: Any) -> World:
    """The world with other counts in its group's census."""
    group = world.groups[KEY]
    return evolve(world, groups=world.groups.set(KEY, evolve(group, census=evolve(group.census, **counts))))


def test_an_instance_that_is_not_counted_off_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch after which its instances still count as pending."""
    whole = Progress.moved

    def kept(self: Progress, _before: Stage, after: Stage, by: int = 1) -> Progress:
        return whole(self, Stage.OUT_OF_SCOPE, after, by)

    world, request = batch_starting(UNIFORM, UNDER_WAY)
    step = asked(world, request)
    monkeypatch.setattr(Progress, "moved", kept)
    broken = asked(world, request)
    monkeypatch.undo()

    assert unrefined(step) is None
    assert "progress" in said(broken).lower()


def test_a_batch_that_upgrades_twice_is_found_out() -> None:
    """Events of an instance that was upgraded in this rollout already."""
    world, request = batch_starting(UNIFORM, UNDER_WAY)
    step = asked(world, request)
    again = evolve(step, before=step.after, after=step.after)

    assert "batch" in said(again)


def test_a_capacity_that_is_not_reached_is_found_out() -> None:
    """One member fewer than was asked for and told."""
    step = asked(uniform(2), rq.SetCapacity(KEY, 4))
    short = step.events[:-2] + step.events[-1:]
    after = evolve_all(step.before, short)

    assert "instance count" in said(evolve(step, events=short, after=after))


def test_a_registration_that_takes_too_long_is_found_out() -> None:
    """Sixteen minutes after it was asked for."""
    world = World(EDITIONS["2021-07"])
    step = asked(world, rq.RegisterFeature("VMOrchestratorMultiFD"))
    late = (FeatureRegistered("VMOrchestratorMultiFD", 960),)

    assert unrefined(step) is None
    assert "960 seconds" in said(evolve(step, events=late, after=evolve_all(world, late)))


# -- what the model says of itself is not believed ---------------------------------------------------


class Breaks:
    """Ways to break the model of which a check that asks the model itself would see nothing."""

    @staticmethod
    def the_platforms_policy(monkeypatch: pytest.MonkeyPatch) -> None:
        """What the platform begins by itself takes any batch, however many are unhealthy."""
        whole = rollouts._image_rollout

        def lenient(world: World, group: Group, automatic: AutomaticUpgrades, by: Invoker) -> Rollout | None:
            made: Rollout | None = whole(world, group, automatic, by)
            if made is None or by is not Invoker.PLATFORM:
                return made
            return evolve(made, policy=RollingPolicy(100, 100, 100))

        monkeypatch.setattr(rollouts, "_image_rollout", lenient)

    @staticmethod
    def who_restores(monkeypatch: pytest.MonkeyPatch) -> None:
        """A rollout that the platform began restores nothing."""
        whole = rollouts._image_rollout
        monkeypatch.setattr(
            rollouts, "_image_rollout", lambda *asked: (made := whole(*asked)) and evolve(made, restores=False)
        )

    @staticmethod
    def the_rest_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
        """A batch stops everybody else."""
        whole = rollouts._batch_started

        def stopping(
            world: World, group: Group, rollout: Rollout, names: tuple[str, ...], *, broken: bool
        ) -> tuple[Event, ...]:
            others = (member for name, member in group.members.items() if name not in names)
            stopped = (InstanceChanged(group.key, evolve(one, power=Power.STOPPED)) for one in others)
            return (*whole(world, group, rollout, names, broken=broken), *stopped)

        monkeypatch.setattr(rollouts, "_batch_started", stopping)

    @staticmethod
    def who_runs(monkeypatch: pytest.MonkeyPatch) -> None:
        """Everybody counts as running and up."""
        monkeypatch.setattr(evolving, "share_of", lambda one, group: evolve(share_of(one, group), running=1, up=1))

    @staticmethod
    def who_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody is due, as soon as a rollout counts."""
        monkeypatch.setattr(rolling, "is_due", lambda _rollout, _instance: False)

    @staticmethod
    def how_many_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
        """A rollout begins with one pending too few."""

        def short(rollout: Rollout, group: Group) -> Rollout:
            made = counted(rollout, group)
            return evolve(made, progress=evolve(made.progress, pending=made.progress.pending - 1))

        monkeypatch.setattr(evolving, "counted", short)

    @staticmethod
    def a_new_group(monkeypatch: pytest.MonkeyPatch) -> None:
        """A group begins with a Spot VM counted, of which there is none."""
        whole = evolving._group_created

        def owing(world: World, event: GroupCreated) -> World:
            made: World = whole(world, event)
            group = made.groups[event.group.key]
            owed = evolve(group, census=evolve(group.census, spot=1))
            return evolve(made, groups=made.groups.set(group.key, owed))

        monkeypatch.setitem(evolving._EVOLUTIONS, GroupCreated, owing)


EMPTY = Bounds(instances=0, fault_domains=0, families=POWER)
ONE_RUNS = Bounds(instances=1, fault_domains=0, families=POWER)
TWO_ROLL = Bounds(instances=2, fault_domains=0, versions=1, families=BATCHES)


@pytest.mark.parametrize("bounds", [EMPTY, ONE_RUNS, TWO_ROLL], ids=Bounds.describe)
def test_the_model_is_refined_as_it_is(bounds: Bounds) -> None:
    """Nothing is noticed where nothing is broken."""
    assert unrefined_in(bounds) == ()


@pytest.mark.parametrize(
    ("break_it", "bounds", "noticed"),
    [
        (Breaks.the_platforms_policy, TWO_ROLL, "BeginRollout: a rollout begins with"),
        (Breaks.who_restores, TWO_ROLL, "BeginRollout: a rollout begins with"),
        (Breaks.the_rest_of_a_batch, TWO_ROLL, "StartBatch: besides the 1 of a batch, 1 others"),
        (Breaks.who_runs, ONE_RUNS, "ActOnInstance: a member changes, and census is"),
        (Breaks.who_is_due, TWO_ROLL, "BeginRollout: a rollout begins with"),
        (Breaks.how_many_are_due, TWO_ROLL, "BeginRollout: a rollout begins with"),
        (Breaks.a_new_group, EMPTY, "CreateGroup: a group is created, and census is"),
    ],
    ids=lambda one: getattr(one, "__name__", None) and one.__name__.replace("_", " "),
)
def test_the_model_is_not_held_against_itself(
    monkeypatch: pytest.MonkeyPatch, break_it: Callable[[pytest.MonkeyPatch], None], bounds: Bounds, noticed: str
) -> None:
    """Explored on stand-ins, too, a break of what the proofs take from the model is noticed at the very step."""
    break_it(monkeypatch)

    (first,) = unrefined_in(bounds)
    assert first.startswith(noticed)


def unrefined_in(bounds: Bounds) -> tuple[str, ...]:
    """What an exploration finds that the proofs do not speak of."""
    found = explore(Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds, refining=True))
    assert found.exhausted
    return tuple(one.problem for one in found.violations if one.invariant == EXPLORED_REFINEMENT)


@pytest.mark.parametrize("fields", [{"policy": RollingPolicy(100, 100, 100)}, {"restores": False}, {"number": 2}])
def test_what_a_rollout_begins_with_it_keeps(fields: dict[str, Any]) -> None:
    """A batch after which the rollout has another policy, restores nothing any more, or is another one."""
    step = asked(*batch())
    changed = (*step.events, RolloutChanged(KEY, fields))

    assert "StartBatch: RolloutChanged makes" in said(
        evolve(step, events=changed, after=evolve_all(step.before, changed))
    )


def test_an_event_changes_no_other_member() -> None:
    """One VM is stopped, and another one has another size, which no count shows."""
    world = flexible(2)
    step = asked(world, rq.ActOnInstance(KEY, "vm0", Action.STOP, Api.VIRTUAL_MACHINE))
    group = step.after.groups[KEY]
    other = evolve(group.members["vm1"], size="another size")
    after = evolve(
        step.after, groups=step.after.groups.set(KEY, evolve(group, members=group.members.set("vm1", other)))
    )

    assert unrefined(step) is None
    assert "changes members that it is not about" in said(evolve(step, after=after))


def test_an_event_changes_no_group_that_it_does_not_name() -> None:
    """Time passes, and meanwhile a group loses its members."""
    step = asked(flexible(2), rq.AdvanceClock(60))
    emptied = step.after.groups.set(KEY, Group(KEY, GroupKind.FLEXIBLE, "westus"))

    assert unrefined(step) is None
    assert "which it does not name" in said(evolve(step, after=evolve(step.after, groups=emptied)))


def test_an_event_each_for_several_groups_is_let_through() -> None:
    """An image is released, and to each of two groups a rollout is about to begin: neither event is about both."""
    line = SUPPORTED_IMAGES[0]
    profile = Profile(image=ImageReference(line))
    world = World(EDITIONS["2021-07"], regions=Map({"westus": 1}))
    for name in ("one", "other"):
        create = rq.CreateGroup(
            key=GroupKey("rg", name),
            kind=GroupKind.UNIFORM,
            profile=profile,
            health_source=HealthSource.EXTENSION,
            os_upgrade=True,
        )
        world = asked(world, create).after
    world = asked(world, rq.PublishImage(line, "1.0.0")).after
    step = asked(world, rq.ReleaseImage(line, "1.0.0", frozenset({"westus"})))

    assert Counter(type(event) for event in step.events)[GroupChanged] == 2
    assert unrefined(step) is None


@pytest.mark.parametrize(
    ("gate", "make", "rule"),
    [
        ("may_begin", lambda: beginning(UNIFORM, {**UNDER_WAY, "earliest": 0, "switched_on": True}), "precheck"),
        ("overall_health_allows", batch, "OSU-STOP-OVERALL"),
        ("upgraded_health_allows", batch, "OSU-STOP-UPGRADED"),
    ],
)
def test_a_gate_that_refuses_too_much_is_found_out(
    monkeypatch: pytest.MonkeyPatch, gate: str, make: Callable[[], tuple[World, rq.Request]], rule: str
) -> None:
    """Nobody is unhealthy, and a gate refuses all the same."""
    world, request = make()
    assert take_step(world, request, lowest).granted
    monkeypatch.setattr(rollouts, gate, lambda _ill, _of, _percent: False)
    step = take_step(world, request, lowest)

    assert not step.granted
    assert rule in said(step)


def test_a_gate_that_is_passed_over_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both gates stop a rollout; the model tells of one alone."""
    world, request = batch(pending=6, successful=3, failed=1, unhealthy=3)
    told = take_step(world, request, lowest)
    monkeypatch.setattr(rollouts, "overall_health_allows", lambda *_: True)
    step = take_step(world, request, lowest)

    assert unrefined(told) is None
    assert "OSU-STOP-OVERALL does not refuse" in said(step)


def test_a_step_in_which_nothing_happens_is_refined() -> None:
    """A refusal, and a query."""
    world = uniform(1)

    assert unrefined(take_step(world, rq.SetCapacity(KEY, 1001), lowest)) is None
    assert unrefined(take_step(world, rq.GetGroup(KEY), lowest)) is None


def test_the_check_needs_no_solver() -> None:
    """The state machine and the explorer use it at every step; importing it loads no z3."""
    program = "import sys, vmss_invariants.proving.refinement; print('z3' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert finished.stdout.strip() == "False"
