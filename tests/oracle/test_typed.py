"""The typed oracle: sound on whatever the model itself does, and blind to nothing it was told."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map
from tests.oracle.outcomes import outcome_of

from vmss_invariants.requests_base import REGIONS
from vmss_invariants.strategies import request_for
from vmss_model import EDITIONS, GroupKey, Instance, VmKey, World, edition
from vmss_model import requests as rq
from vmss_model.answers import (
    FeatureShown,
    GraphShown,
    HeatCell,
    HeatMapShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
    PlanShown,
)
from vmss_model.choices import Cell
from vmss_model.images import ImageReference
from vmss_model.oracle import Finding, Granted, Oracle, Outcome, Refused, Verdict
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.values import Action, Api, GroupKind, HealthSource, Power, UpgradeMode
from vmss_model.world import Profile

FLEX, UNIFORM = GroupKey("rg", "flex"), GroupKey("rg", "uni")


def registered(oracle: Oracle) -> Oracle:
    """The oracle after the whole registration of the Flexible preview."""
    steps: list[tuple[rq.Request, Outcome]] = [
        (rq.RegisterFeature("VMOrchestratorMultiFD"), Granted()),
        (rq.RegisterFeature("VMOrchestratorSingleFD"), Granted()),
        (rq.AdvanceClock(900), Granted()),
        (rq.RegisterProvider(), Granted()),
    ]
    for request, outcome in steps:
        oracle, finding = oracle.observe(request, outcome)
        assert finding.verdict is not Verdict.VIOLATES
    return oracle


def with_flexible(domains: int = 3) -> Oracle:
    """An oracle over a Flexible group of three fault domains, just created."""
    oracle = registered(Oracle.start(edition("2021-07"), {"westus": 3}))
    request = rq.CreateGroup(
        key=FLEX, kind=GroupKind.FLEXIBLE, fault_domain_count=domains, single_placement_group=False
    )
    return expect(oracle, request, Granted(), Verdict.CONFORMS)


def with_uniform(capacity: int) -> Oracle:
    """An oracle over a Uniform group with instances 0 to capacity - 1."""
    cells = tuple(Cell(None, None) for _ in range(capacity))
    request = rq.CreateGroup(key=UNIFORM, kind=GroupKind.UNIFORM, capacity=capacity, single_placement_group=True)
    picks = {"ids": tuple(range(capacity)), "placements": cells}
    return expect(Oracle.start(edition("2021-07")), request, Granted(picks), Verdict.CONFORMS)


def expect(oracle: Oracle, request: rq.Request, outcome: Outcome, verdict: Verdict) -> Oracle:
    """The next oracle, when the finding is as expected."""
    after, finding = oracle.observe(request, outcome)
    assert finding.verdict is verdict, finding
    return after


def finding_of(oracle: Oracle, request: rq.Request, outcome: Outcome) -> Finding:
    """The finding alone."""
    return oracle.observe(request, outcome)[1]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(EDITIONS)), st.data(), st.integers(0, 2**32))
def test_what_the_model_itself_does_never_violates(name: str, data: st.DataObject, seed: int) -> None:
    """An implementation that is the model, seen in part, is never found to violate anything."""
    chance = random.Random(seed)
    world = World(edition(name), regions=Map(dict(REGIONS)))
    oracle = Oracle.start(edition(name), REGIONS)
    for _ in range(20):
        request = data.draw(request_for(world))
        seen = outcome_of(world, request, chance, share=0.5)
        if seen is None:
            continue
        world, outcome = seen
        oracle, finding = oracle.observe(request, outcome)
        assert finding.verdict is not Verdict.VIOLATES, (request, outcome, finding)


def test_an_oracle_is_never_changed_in_place() -> None:
    """Observing gives a new oracle and leaves the old one as it was."""
    oracle = with_uniform(3)
    before = (oracle.world, oracle.open)
    oracle.observe(rq.SetCapacity(UNIFORM, 1), Granted())
    assert (oracle.world, oracle.open) == before


def test_a_creation_that_is_refused_must_show_the_exact_error() -> None:
    """Without registration only E1 is right; another text violates."""
    oracle = Oracle.start(edition("2021-02"))
    request = rq.CreateGroup(key=FLEX, kind=GroupKind.FLEXIBLE, single_placement_group=False)
    right = "The value 'False' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: True"
    assert finding_of(oracle, request, Refused("InvalidParameter", right)).verdict is Verdict.CONFORMS
    wrong = finding_of(oracle, request, Refused("InvalidParameter", "no"))
    assert wrong.verdict is Verdict.VIOLATES
    assert "E1" in wrong.rules
    granted = finding_of(oracle, request, Granted())
    assert granted.verdict is Verdict.VIOLATES
    assert "REG-REQUIRED" in granted.rules


def test_three_unseen_placements_in_three_domains_are_a_permutation() -> None:
    """Two of three VMs seen in the same domain cannot both have gone to a least-loaded one."""
    oracle = with_flexible()
    for name in ("a", "b", "c"):
        oracle = expect(oracle, rq.CreateVm(key=VmKey("rg", name), group=FLEX), Granted(), Verdict.CONFORMS)

    def shown(name: str, domain: int) -> Granted:
        return Granted(answer=InstanceShown(Instance(name, fault_domain=domain)))

    oracle = expect(oracle, rq.GetInstance(FLEX, "a"), shown("a", 1), Verdict.CONFORMS)
    oracle = expect(oracle, rq.GetInstance(FLEX, "c"), shown("c", 2), Verdict.CONFORMS)
    assert finding_of(oracle, rq.GetInstance(FLEX, "b"), shown("b", 0)).verdict is Verdict.CONFORMS
    wrong = finding_of(oracle, rq.GetInstance(FLEX, "b"), shown("b", 2))
    assert wrong.verdict is Verdict.VIOLATES
    assert wrong.rules == ("FD-SPREAD",)
    outside = finding_of(oracle, rq.GetInstance(FLEX, "b"), shown("b", 3))
    assert outside.rules == ("FD-EXPLICIT",)


def test_unseen_victims_of_a_large_scale_in_cost_no_enumeration() -> None:
    """From 18 to 9 there are 48,620 answers: the belief holds 9 survivors of 18 and settles by a listing."""
    oracle = expect(with_uniform(18), rq.SetCapacity(UNIFORM, 9), Granted(), Verdict.CONFORMS)
    assert oracle.open.members[UNIFORM].count == 9
    survivors = frozenset(Instance(str(number)) for number in range(0, 18, 2))
    listing = Granted(answer=InstancesShown(survivors))
    settled = expect(oracle, rq.ListInstances(UNIFORM), listing, Verdict.CONFORMS)
    assert UNIFORM not in settled.open.members
    assert set(settled.world.groups[UNIFORM].members) == {str(number) for number in range(0, 18, 2)}
    gone = finding_of(settled, rq.GetInstance(UNIFORM, "1"), Granted(answer=InstanceShown(Instance("1"))))
    assert gone.verdict is Verdict.VIOLATES


@pytest.mark.parametrize("shown", [8, 10])
def test_a_listing_of_another_count_than_the_capacity_violates(shown: int) -> None:
    """Nine instances survive a scale-in to nine: eight or ten listed is a violation."""
    oracle = expect(with_uniform(18), rq.SetCapacity(UNIFORM, 9), Granted(), Verdict.CONFORMS)
    listing = Granted(answer=InstancesShown(frozenset(Instance(str(number)) for number in range(shown))))
    finding = finding_of(oracle, rq.ListInstances(UNIFORM), listing)
    assert finding.verdict is Verdict.VIOLATES
    assert "ARM-CAPACITY" in finding.rules


def test_refused_survivors_leave_the_others_sure() -> None:
    """Once nine of eighteen were seen to be gone, refusing a tenth violates."""
    oracle = expect(with_uniform(18), rq.SetCapacity(UNIFORM, 9), Granted(), Verdict.CONFORMS)
    for number in range(9):
        oracle, _ = oracle.observe(rq.GetInstance(UNIFORM, str(number)), Refused("ResourceNotFound"))
    finding = finding_of(oracle, rq.GetInstance(UNIFORM, "12"), Refused("ResourceNotFound"))
    assert finding.verdict is Verdict.VIOLATES


def test_new_instances_whose_ids_were_not_told_have_fresh_ids() -> None:
    """After growth by two, a listing with an id that was used before violates."""
    oracle = expect(with_uniform(3), rq.SetCapacity(UNIFORM, 2), Granted({"removed": ("1",)}), Verdict.CONFORMS)
    oracle = expect(oracle, rq.SetCapacity(UNIFORM, 4), Granted(), Verdict.CONFORMS)

    def listing(*names: str) -> Granted:
        return Granted(answer=InstancesShown(frozenset(map(Instance, names))))

    reused = finding_of(oracle, rq.ListInstances(UNIFORM), listing("0", "2", "1", "7"))
    assert reused.verdict is Verdict.VIOLATES
    assert finding_of(oracle, rq.ListInstances(UNIFORM), listing("0", "2", "3", "7")).verdict is Verdict.CONFORMS


def test_a_registration_may_end_at_any_moment_of_its_window_and_no_later() -> None:
    """Not registered at 899 seconds is allowed, at 900 it is not; registered early is allowed."""
    feature = "VMOrchestratorMultiFD"
    oracle = Oracle.start(edition("2021-02"))
    oracle = expect(oracle, rq.RegisterFeature(feature), Granted(), Verdict.CONFORMS)
    oracle, _ = oracle.observe(rq.AdvanceClock(899), Granted())
    assert finding_of(oracle, rq.ShowFeature(feature), Granted(answer=FeatureShown(True))).verdict is Verdict.CONFORMS
    oracle = expect(oracle, rq.ShowFeature(feature), Granted(answer=FeatureShown(False)), Verdict.CONFORMS)
    oracle, _ = oracle.observe(rq.AdvanceClock(1), Granted())
    late = finding_of(oracle, rq.ShowFeature(feature), Granted(answer=FeatureShown(False)))
    assert late.verdict is Verdict.VIOLATES
    assert late.rules == ("REG-DELAY",)


def test_a_resource_graph_answer_older_than_sixty_seconds_violates() -> None:
    """The old power state may be shown for 60 seconds after a stop and not at 61."""
    oracle = with_flexible()
    cell = {"placements": (Cell(None, 0),)}
    oracle = expect(oracle, rq.CreateVm(key=VmKey("rg", "a"), group=FLEX), Granted(cell), Verdict.CONFORMS)
    oracle, _ = oracle.observe(rq.AdvanceClock(600), Granted())
    running = oracle.world.groups[FLEX].members["a"]
    stop = rq.ActOnInstance(FLEX, "a", Action.STOP, Api.VIRTUAL_MACHINE)
    oracle = expect(oracle, stop, Granted(), Verdict.CONFORMS)
    stale = Granted(answer=GraphShown({"a": running}))
    query = rq.QueryResourceGraph(FLEX)
    oracle, _ = oracle.observe(rq.AdvanceClock(60), Granted())
    assert finding_of(oracle, query, stale).verdict is Verdict.CONFORMS
    oracle, _ = oracle.observe(rq.AdvanceClock(1), Granted())
    assert finding_of(oracle, query, stale).rules == ("ARG-STALE",)
    fresh = Granted(answer=GraphShown({"a": evolve(running, power=Power.STOPPED)}))
    assert finding_of(oracle, query, fresh).verdict is Verdict.CONFORMS


def test_states_seen_of_a_resource_graph_query_are_held_against_what_was_told() -> None:
    """The VM may stand in any fault domain, as long as nobody said in which; it may not be stopped."""
    oracle = expect(with_flexible(), rq.CreateVm(key=VmKey("rg", "a"), group=FLEX), Granted(), Verdict.CONFORMS)
    oracle, _ = oracle.observe(rq.AdvanceClock(600), Granted())
    query, placed = rq.QueryResourceGraph(FLEX), evolve(oracle.world.groups[FLEX].members["a"], fault_domain=1)
    for state, expected in (
        (placed, Verdict.CONFORMS),
        (evolve(placed, power=Power.STOPPED), Verdict.VIOLATES),
        (None, Verdict.VIOLATES),
        ("running", Verdict.VIOLATES),
    ):
        assert finding_of(oracle, query, Granted({"state of a": state})).verdict is expected


def test_a_listing_of_a_flexible_group_gives_exactly_the_ids() -> None:
    """A stranger or a missing VM in the listing violates."""
    oracle = with_flexible()
    for name in ("a", "b"):
        oracle, _ = oracle.observe(rq.CreateVm(key=VmKey("rg", name), group=FLEX), Granted())
    listing = rq.ListInstances(FLEX)
    right = Granted(answer=IdsShown(frozenset({"a", "b"})))
    assert finding_of(oracle, listing, right).verdict is Verdict.CONFORMS
    for names in ({"a"}, {"a", "b", "c"}):
        wrong = finding_of(oracle, listing, Granted(answer=IdsShown(frozenset(names))))
        assert wrong.verdict is Verdict.VIOLATES


def uniform_of_2017(instances: int) -> Oracle:
    """An oracle over a Uniform group of the edition 2017-05, its image changed since its instances were made."""
    image = ImageReference(SUPPORTED_IMAGES[0], "1.0.0")
    cells = tuple(Cell(None, None) for _ in range(instances))
    picks = {"ids": tuple(range(instances)), "placements": cells}
    create = rq.CreateGroup(
        key=UNIFORM,
        kind=GroupKind.UNIFORM,
        capacity=instances,
        profile=Profile(image=image),
        upgrade_mode=UpgradeMode.MANUAL,
    )
    oracle, _ = Oracle.start(edition("2017-05")).observe(create, Granted(picks))
    change = rq.UpdateGroup(key=UNIFORM, image=ImageReference(SUPPORTED_IMAGES[0], "2.0.0"))
    return expect(oracle, change, Granted(), Verdict.CONFORMS)


def test_a_heat_map_shows_the_state_of_each_instance() -> None:
    """A cell in another state, or left out, violates; an instance that is being upgraded may be in any state."""
    oracle = expect(uniform_of_2017(3), rq.UpgradeInstances(UNIFORM, frozenset({"1"})), Granted(), Verdict.CONFORMS)

    def shown(*states: str) -> Finding:
        cells = tuple(HeatCell(str(number), state) for number, state in enumerate(states))
        answer = HeatMapShown("fault domain", ((None, cells),))
        return finding_of(oracle, rq.ShowHeatMap(UNIFORM), Granted(answer=answer))

    for state in ("upgrading", "up to date", "down"):
        assert shown("outdated", state, "outdated").verdict is Verdict.CONFORMS
    for wrong in (("up to date", "upgrading", "outdated"), ("outdated", "upgrading")):
        assert shown(*wrong).verdict is Verdict.VIOLATES
        assert "HEATMAP" in shown(*wrong).rules


def test_a_plan_that_takes_all_instances_at_once_is_not_free_of_downtime() -> None:
    """An answer that says so violates, and so does a plan that leaves an instance out."""
    oracle = uniform_of_2017(3)
    everything = rq.PlanRollout(UNIFORM, (frozenset({"0", "1", "2"}),))
    for answer, verdict in ((PlanShown((0,), False), Verdict.CONFORMS), (PlanShown((0,), True), Verdict.VIOLATES)):
        assert finding_of(oracle, everything, Granted(answer=answer)).verdict is verdict
    short = finding_of(oracle, rq.PlanRollout(UNIFORM, (frozenset({"0"}),)), Granted(answer=PlanShown((2,), True)))
    assert (short.verdict, short.rules) == (Verdict.VIOLATES, ("ROLLOUT-PLAN",))


def test_a_batch_that_was_not_told_leaves_the_rollout_unknown_and_nothing_else() -> None:
    """Which instances it took cannot be told from counts: what depends on it is unknown, never a pass."""
    line = SUPPORTED_IMAGES[1]
    cells = tuple(Cell(None, None) for _ in range(5))
    create = rq.CreateGroup(
        key=UNIFORM,
        kind=GroupKind.UNIFORM,
        capacity=5,
        profile=Profile(image=ImageReference(line)),
        upgrade_mode=UpgradeMode.ROLLING,
        health_source=HealthSource.EXTENSION,
    )
    told_steps: list[tuple[rq.Request, Mapping[str, object]]] = [
        (rq.PublishImage(line, "1.0.0"), {}),
        (rq.ReleaseImage(line, "1.0.0", frozenset({"westus"})), {}),
        (create, {"ids": tuple(range(5)), "placements": cells}),
        (rq.PublishImage(line, "2.0.0"), {}),
        (rq.ReleaseImage(line, "2.0.0", frozenset({"westus"})), {}),
        (rq.StartRollout(UNIFORM), {}),
    ]
    oracle = Oracle.start(edition("2021-07"))
    for request, picks in told_steps:
        oracle, _ = oracle.observe(request, Granted(picks))
    told_batch = expect(oracle, rq.StartBatch(UNIFORM), Granted({"batch": ("3",)}), Verdict.CONFORMS)
    assert finding_of(told_batch, rq.EndRollout(UNIFORM), Granted()).rules == ("OSU-WAIT",)
    untold = expect(oracle, rq.StartBatch(UNIFORM), Granted(), Verdict.CONFORMS)
    for request in (rq.EndRollout(UNIFORM), rq.StartBatch(UNIFORM), rq.FailInstance(UNIFORM, "3")):
        assert finding_of(untold, request, Granted()).verdict is Verdict.UNKNOWN
    assert finding_of(untold, rq.SetCapacity(UNIFORM, 2000), Granted()).rules == ("CAP-UNIFORM",)
    gone = expect(untold, rq.DeleteGroup(UNIFORM), Granted(), Verdict.CONFORMS)
    assert not gone.open.clouded


def test_an_error_of_another_rule_for_a_granted_request_violates() -> None:
    """Refusing to delete an empty Flexible group violates, whatever the error."""
    finding = finding_of(with_flexible(), rq.DeleteGroup(FLEX), Refused("OperationNotAllowed", "it holds VMs"))
    assert finding.verdict is Verdict.VIOLATES
    assert "DELETE-NONEMPTY-REJECTED" in finding.rules
    assert finding.nearest


def test_deleting_what_does_not_exist_is_granted_without_effect_or_refused() -> None:
    """A scale set, an instance, also one of a scale set that does not exist, and a VM; doing anything else violates."""
    oracle = with_uniform(2)
    stop = rq.ActOnInstance(UNIFORM, "7", Action.STOP, Api.SCALE_SET)
    deletions: list[rq.Request] = [
        rq.DeleteGroup(FLEX),
        rq.DeleteVm(VmKey("rg", "one")),
        evolve(stop, action=Action.DELETE),
        evolve(stop, key=FLEX, action=Action.DELETE),
    ]
    for request in deletions:
        for outcome in (Granted(), Refused("ResourceNotFound")):
            after, finding = oracle.observe(request, outcome)
            assert (finding.verdict, finding.rules) == (Verdict.CONFORMS, ("ARM-ABSENT",))
            assert (after.world, after.open) == (oracle.world, oracle.open)
    for request in (stop, rq.GetGroup(FLEX), rq.SetCapacity(FLEX, 1)):
        assert finding_of(oracle, request, Granted()).verdict is Verdict.VIOLATES
    assert finding_of(oracle, rq.DeleteGroup(FLEX), Granted({"removed": ("0",)})).verdict is Verdict.VIOLATES


def test_deleting_an_instance_that_cannot_have_survived_a_scale_in_is_granted_without_effect() -> None:
    """Which ones survived is open; one that never was is none of them."""
    oracle = expect(with_uniform(4), rq.SetCapacity(UNIFORM, 2), Granted(), Verdict.CONFORMS)
    never = rq.ActOnInstance(UNIFORM, "9", Action.DELETE, Api.SCALE_SET)
    after = expect(oracle, never, Granted(), Verdict.CONFORMS)
    assert (after.world, after.open) == (oracle.world, oracle.open)
    assert finding_of(oracle, evolve(never, action=Action.STOP), Granted()).verdict is Verdict.VIOLATES


def test_whatever_follows_from_a_power_state_that_was_not_told_may_be_seen() -> None:
    """Stopped or still deallocated, then restarted: in any of the three states; started, in that one alone."""
    oracle = with_uniform(2)
    unseen: tuple[rq.Request, ...] = (
        rq.ActOnGroup(UNIFORM, Action.DEALLOCATE),
        rq.ActOnGroup(UNIFORM, Action.STOP),
    )
    for request in unseen:
        oracle = expect(oracle, request, Granted(), Verdict.CONFORMS)
    for power in Power:
        restarted = rq.ActOnGroup(UNIFORM, Action.RESTART, frozenset({"1"}))
        after = expect(oracle, restarted, Granted({"power of 1": power}), Verdict.CONFORMS)
        reimaged = rq.ActOnInstance(UNIFORM, "1", Action.REIMAGE, Api.SCALE_SET)
        for other in Power:
            allowed = other in (power, Power.RUNNING)
            if power is not Power.RUNNING:
                verdict = Verdict.CONFORMS if allowed else Verdict.VIOLATES
                expect(after, reimaged, Granted({"power": other}), verdict)
    started = rq.ActOnInstance(UNIFORM, "1", Action.START, Api.SCALE_SET)
    oracle = expect(oracle, started, Granted(), Verdict.CONFORMS)
    shown = oracle.world.groups[UNIFORM].members["1"]
    for power in Power:
        seen = Granted(answer=InstanceShown(evolve(shown, power=power)))
        verdict = Verdict.CONFORMS if power is Power.RUNNING else Verdict.VIOLATES
        expect(oracle, rq.GetInstance(UNIFORM, "1"), seen, verdict)


def test_a_power_state_that_was_not_told_is_shown_as_one_that_can_follow() -> None:
    """Deallocated and then stopped, it does not run, whichever of the other two it is; once seen, it stays so."""
    oracle = with_uniform(2)
    for action in (Action.DEALLOCATE, Action.STOP):
        oracle = expect(oracle, rq.ActOnGroup(UNIFORM, action), Granted(), Verdict.CONFORMS)
    shown, asked = oracle.world.groups[UNIFORM].members["1"], rq.GetInstance(UNIFORM, "1")
    for power in Power:
        seen = Granted(answer=InstanceShown(evolve(shown, power=power)))
        verdict = Verdict.VIOLATES if power is Power.RUNNING else Verdict.CONFORMS
        after = expect(oracle, asked, seen, verdict)
        for other in Power if verdict is Verdict.CONFORMS else ():
            again = Granted(answer=InstanceShown(evolve(shown, power=other)))
            expect(after, asked, again, Verdict.CONFORMS if other is power else Verdict.VIOLATES)
    running = Granted(answer=InstanceShown(evolve(shown, power=Power.RUNNING)))
    assert finding_of(oracle, asked, running).expected == "1 is deallocated or stopped"


def test_a_power_state_that_was_not_told_stays_open_over_a_scale_in() -> None:
    """Who is left can be in either of the states that it could be in before."""
    oracle = with_uniform(3)
    asked: tuple[rq.Request, ...] = (
        rq.ActOnGroup(UNIFORM, Action.DEALLOCATE),
        rq.ActOnGroup(UNIFORM, Action.RESTART),
        rq.SetCapacity(UNIFORM, 1),
    )
    before = oracle.world.groups[UNIFORM].members["2"]
    for request in asked:
        oracle = expect(oracle, request, Granted(), Verdict.CONFORMS)
    for power in (Power.DEALLOCATED, Power.RUNNING):
        seen = Granted(answer=InstancesShown(frozenset({evolve(before, power=power)})))
        expect(oracle, rq.ListInstances(UNIFORM), seen, Verdict.CONFORMS)


def test_the_zone_of_an_instance_that_was_not_told_stays_open_over_a_scale_in() -> None:
    """In which zones instances were made was told, but not which of them is which."""
    zones = ("1", "2", "3")
    create = rq.CreateGroup(key=UNIFORM, kind=GroupKind.UNIFORM, zones=zones, capacity=3, single_placement_group=True)
    placed = Granted({"placements": tuple(Cell(zone, None) for zone in zones)})
    oracle = expect(Oracle.start(edition("2021-07")), create, placed, Verdict.CONFORMS)
    stopped = rq.ActOnInstance(UNIFORM, "7", Action.STOP, Api.SCALE_SET)
    oracle = expect(oracle, stopped, Granted(), Verdict.CONFORMS)
    oracle = expect(oracle, rq.SetCapacity(UNIFORM, 1), Granted(), Verdict.CONFORMS)
    (stand_in,) = oracle.world.groups[UNIFORM].members.values()
    for zone in zones:
        shown = evolve(stand_in, name="7", zone=zone, power=Power.STOPPED)
        seen = Granted(answer=InstancesShown(frozenset({shown})))
        expect(oracle, rq.ListInstances(UNIFORM), seen, Verdict.CONFORMS)


@pytest.mark.parametrize("others_health", [False, True])
def test_which_of_several_vms_has_a_name_matters_where_they_were_made_otherwise(others_health: bool) -> None:
    """The platform named them, and only one of the names is seen; alike, they are known to the last property."""
    oracle = with_flexible()
    made = rq.CreateVm(key=VmKey("rg", "vm"), group=FLEX, region="westus", platform_names=True, extension_health=True)
    for request in (made, evolve(made, extension_health=others_health)):
        oracle = expect(oracle, request, Granted(), Verdict.CONFORMS)
    stand_in = next(iter(oracle.world.groups[FLEX].members.values()))
    shown = evolve(stand_in, name="vm12", fault_domain=1, extension_health=False)
    verdict = Verdict.VIOLATES if others_health else Verdict.CONFORMS
    expect(oracle, rq.GetInstance(FLEX, "vm12"), Granted(answer=InstanceShown(shown)), verdict)
    expect(
        oracle,
        rq.GetInstance(FLEX, "vm12"),
        Granted(answer=InstanceShown(evolve(shown, extension_health=True))),
        Verdict.CONFORMS,
    )
