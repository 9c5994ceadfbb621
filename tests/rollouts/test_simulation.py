"""A simulated rollout: its counts, its trace before the oracle, its batches, its end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_invariants.rollouts.files import described_in
from vmss_invariants.rollouts.scenario import Kind, Scenario, Timeline, What
from vmss_invariants.rollouts.simulation import NotBegunError, run_filled, scenario_of, simulate
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_model import requests as rq
from vmss_model.census import recount
from vmss_model.oracle.finding import Verdict
from vmss_model.oracle.typed import Granted, Oracle
from vmss_model.rollout import Progress
from vmss_model.rules import RULES
from vmss_model.values import RolloutStatus, UpgradeMode

from .given import FEWER, group_of, scenarios

STEPS = (
    rq.BeginRollout,
    rq.StartRollout,
    rq.StartBatch,
    rq.RestoreInstance,
    rq.FailInstance,
    rq.EndRollout,
    rq.ReportHealth,
    rq.ReleaseImage,
)
"""Requests that the documents speak of, so that the oracle decides each of them."""


def automatic(count: int, **changes: object) -> Scenario:
    """An automatic upgrade of a regional group."""
    scenario, _ = scenario_of(group_of(count), Kind.AUTOMATIC)
    return evolve(scenario, **changes)  # type: ignore[arg-type] # the changes are fields of Scenario by name


def batches_of(timeline: Timeline) -> list[int]:
    """The sizes of the batches."""
    return [len(batch.names) for batch in timeline.batches]


@FEWER
@given(scenarios())
def test_the_counts_sum_to_the_scope_at_every_event(scenario: Scenario) -> None:
    """OSU-PROGRESS: from the beginning on, no instance is lost or counted twice."""
    events = simulate(scenario).events
    begun = [event for event in events if event.what not in (What.PRELUDE, What.NOT_BEGUN) and event.at >= 0]
    first = next((place for place, event in enumerate(begun) if event.what is What.BEGUN), None)
    if first is None:
        return
    scope = begun[first].progress.scope
    assert scope == len(scenario.world.groups[scenario.key].members)
    assert {event.progress.scope for event in begun[first:]} == {scope}


@FEWER
@given(scenarios())
def test_the_oracle_accepts_every_step(scenario: Scenario) -> None:
    """The trace of a simulation, put before the typed oracle request by request, violates nothing."""
    oracle = Oracle(scenario.world)
    for request, picks in simulate(scenario).trace:
        oracle, finding = oracle.observe(request, Granted(picks))
        assert finding.verdict is not Verdict.VIOLATES, (request, finding)
        assert finding.verdict is Verdict.CONFORMS or not isinstance(request, STEPS), (request, finding)


@FEWER
@given(scenarios())
def test_the_end_is_the_end_of_the_world(scenario: Scenario) -> None:
    """The last event's counts, the history entry and the world agree; the census is that of the members."""
    timeline = simulate(scenario)
    group = timeline.world.groups[scenario.key]
    assert group.census == recount(group)
    if timeline.attempt is None:
        assert timeline.events[-1].what is What.NOT_BEGUN
        return
    assert timeline.events[-1].what is What.ENDED
    assert group.history[0] == timeline.attempt
    assert timeline.events[-1].progress == timeline.attempt.progress
    assert timeline.attempt.progress.in_progress == 0
    assert timeline.error == timeline.attempt.error


@FEWER
@given(scenarios())
def test_batches_are_what_the_counts_say(scenario: Scenario) -> None:
    """No instance is in two batches, and each batch is in one place and begins after the one before."""
    timeline = simulate(scenario)
    names = [name for batch in timeline.batches for name in batch.names]
    assert len(set(names)) == len(names)
    place_of = {row.name: row.place for row in timeline.rows}
    for batch in timeline.batches:
        assert {place_of[name] for name in batch.names} == {batch.place}
    assert all(before.at <= after.at for before, after in pairwise(timeline.batches))
    if timeline.attempt is not None:
        assert len(names) == timeline.attempt.progress.upgraded


@FEWER
@given(scenarios())
def test_every_event_names_rules_that_there_are(scenario: Scenario) -> None:
    """And everything that is granted about the rollout itself names one."""
    for event in simulate(scenario).events:
        assert set(event.rules) <= set(RULES)
        if event.what in (What.BEGUN, What.BATCH, What.ENDED, What.RESTORED, What.FAILED, What.NOT_RESTORED):
            assert event.rules


@FEWER
@given(scenarios())
def test_the_states_are_those_of_the_events(scenario: Scenario) -> None:
    """Every instance of a batch goes to `upgrading` (or fails at once) at the moment of its batch."""
    timeline = simulate(scenario)
    changes = {(change.at, change.name): change.state for change in timeline.changes}
    for batch in timeline.batches:
        at_once = scenario.healthy_after == 0
        for name in batch.names:
            later_too = at_once or name in scenario.slow or name in scenario.ill
            assert later_too or changes[batch.at, name] in ("upgrading", "failed")


@FEWER
@given(scenarios())
def test_moments_do_not_go_back(scenario: Scenario) -> None:
    """Events and changes of state are in the order in which they happened."""
    timeline = simulate(scenario)
    for moments in ([event.at for event in timeline.events], [change.at for change in timeline.changes]):
        assert moments == sorted(moments)


@FEWER
@given(scenarios())
def test_without_a_timeline_it_ends_the_same(scenario: Scenario) -> None:
    """`run_filled` gives the entry that the timeline of the largest batches ends with."""
    scenario = evolve(scenario, draw=None, cancel_at=None, healthy_after=60, prelude=())
    if scenario.kind is Kind.AUTOMATIC:
        return
    timeline = simulate(scenario)
    arguments = {"kind": scenario.kind, "slow": scenario.slow, "ill": scenario.ill}
    if timeline.attempt is None:
        with pytest.raises(NotBegunError):
            run_filled(scenario.world, scenario.key, scenario.failing, **arguments)  # type: ignore[arg-type]
        return
    attempt = run_filled(
        scenario.world,
        scenario.key,
        scenario.failing,
        kind=scenario.kind,
        slow=scenario.slow,
        ill=scenario.ill,
        unrestorable=scenario.unrestorable,
    )
    assert attempt == timeline.attempt


def test_the_same_seed_gives_the_same_timeline() -> None:
    """The model draws nothing by itself."""
    from random import Random  # noqa: PLC0415 - for this test alone

    one, two = (simulate(automatic(40, draw=Random(5).randint, failing=frozenset("3"))) for _ in range(2))
    assert one == two
    assert simulate(automatic(40, draw=Random(6).randint)) != one


def test_a_healthy_rollout_goes_over_everything() -> None:
    """Twenty instances over five update domains: five batches of four, all successful."""
    timeline = simulate(automatic(20))
    assert batches_of(timeline) == [4] * 5
    assert timeline.attempt is not None
    assert timeline.attempt.progress == Progress(successful=20)
    assert timeline.attempt.status is RolloutStatus.COMPLETED
    assert timeline.ended_at == 5 * 60


def test_one_that_fails_is_waited_for_and_restored() -> None:
    """OSU-WAIT, OSU-RESTORE: five minutes after its upgrade it gets its previous OS disk back."""
    timeline = simulate(automatic(40, failing=frozenset({"0"})))
    (restored,) = (event for event in timeline.events if event.what is What.RESTORED)
    assert (restored.at, restored.names) == (300, ("0",))
    assert {"OSU-RESTORE", "OSU-WAIT"} <= set(restored.rules)
    assert timeline.attempt is not None
    assert (timeline.attempt.restored, timeline.attempt.not_restored) == (1, 0)
    disk = timeline.world.groups[automatic(1).key].members["0"].os_disk
    assert disk is not None
    assert disk.version == "1.0.0"


@pytest.mark.parametrize(("after", "successful"), [(299, True), (300, True), (301, False)])
def test_slow_is_in_time_up_to_five_minutes(after: int, successful: bool) -> None:
    """OSU-WAIT: healthy at the very end of the wait still counts."""
    timeline = simulate(automatic(40, slow={"0": after}))
    assert timeline.attempt is not None
    assert timeline.attempt.progress.failed == (0 if successful else 1)


def test_what_cannot_be_restored_stays_as_it_is() -> None:
    """OSU-PROGRESS counts it apart."""
    timeline = simulate(automatic(40, failing=frozenset({"0"}), unrestorable=frozenset({"0"})))
    assert timeline.attempt is not None
    assert (timeline.attempt.restored, timeline.attempt.not_restored) == (0, 1)
    assert any(event.what is What.NOT_RESTORED and event.names == ("0",) for event in timeline.events)


def test_a_cancelled_rollout_ends_with_its_batch() -> None:
    """OSU-OPT-OUT: the batch under way is settled, and no further one starts."""
    timeline = simulate(automatic(20, cancel_at=90))
    assert timeline.attempt is not None
    assert timeline.attempt.status is RolloutStatus.CANCELLED
    assert timeline.attempt.progress == Progress(successful=8, pending=12)
    assert timeline.ended_at == 120


def test_a_rollout_in_a_sick_group_does_not_begin() -> None:
    """OSU-PRECHECK: more than a fifth is ill at its beginning."""
    timeline = simulate(automatic(20, ill={str(number): 0 for number in range(5)}))
    assert timeline.attempt is None
    assert timeline.error == "MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade"
    assert timeline.events[-1].rules == ("OSU-PRECHECK",)


def test_expired_credentials_fail_the_batch() -> None:
    """OSU-CREDENTIALS: the batch that starts then, and the rollout with it."""
    scenario, _ = scenario_of(group_of(20), Kind.AUTOMATIC, 90)
    timeline = simulate(scenario)
    assert timeline.error == "ExpiredCredentials"
    assert timeline.attempt is not None
    assert timeline.attempt.progress == Progress(successful=8, failed=4, pending=8)


def test_the_pause_lies_between_batches() -> None:
    """UPGRADE-ROLLING: the next batch starts once it has passed."""
    scenario, _ = scenario_of(group_of(20, rolling={"pause": "PT2M"}), Kind.ROLLING)
    timeline = simulate(scenario)
    assert [batch.at for batch in timeline.batches] == [0, 180, 360, 540, 720]
    pauses = [event for event in timeline.events if event.what is What.PAUSE]
    assert [event.rules for event in pauses] == [("UPGRADE-ROLLING",)] * 4


def test_a_rolling_update_needs_the_policy() -> None:
    """With another policy nothing rolls by itself."""
    described = group_of(5, upgrade_policy=UpgradeMode.MANUAL.value)
    with pytest.raises(DescriptionError, match="needs upgrade policy Rolling, not Manual"):
        scenario_of(described, Kind.ROLLING)


def test_before_the_window_nothing_begins() -> None:
    """OSU-TRIGGER-LATER: half an hour lies between the release and the earliest beginning."""
    timeline = simulate(automatic(5))
    assert [event.at for event in timeline.events if event.what is What.PRELUDE] == [-1800, -1800]
    assert timeline.began_at == 1800


@settings(max_examples=20, deadline=None)
@given(st.integers(1800, 3600))
def test_it_begins_anywhere_in_the_window(moment: int) -> None:
    """Drawn, it begins when the platform chooses to."""
    timeline = simulate(automatic(1, draw=lambda low, high: min(max(moment, low), high)))
    assert timeline.began_at == moment


def test_an_edition_without_a_longest_wait_gives_up_at_once() -> None:
    """S17 names no wait: an instance that reports ill has had its chance."""
    described = described_in({"edition": "2017-05", "group": {"rolling": {"batch": 20}}, "instances": {"count": 10}})
    scenario, _ = scenario_of(described, Kind.ROLLING)
    timeline = simulate(evolve(scenario, failing=frozenset({"0"})))
    (failed,) = (event for event in timeline.events if event.what is What.FAILED)
    assert failed.at == 60
    assert timeline.attempt is not None


@pytest.mark.parametrize("kind", list(Kind))
def test_a_thousand_instances(kind: Kind) -> None:
    """Every instance once, in batches of at most a fifth, wherever they stand."""
    scenario, _ = scenario_of(group_of(1000, zones=["1", "2", "3"]), kind)
    timeline = simulate(scenario)
    assert sum(batches_of(timeline)) == 1000
    assert max(batches_of(timeline)) <= 200
    assert timeline.attempt is not None
    assert timeline.attempt.progress == Progress(successful=1000)
