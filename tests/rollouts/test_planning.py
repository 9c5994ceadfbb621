"""Plans by hand: every instance that is behind once, and what stays up as the model's own world shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.rollouts import planning
from vmss_invariants.rollouts.described import Made
from vmss_invariants.rollouts.files import described_in
from vmss_invariants.rollouts.planning import Plan, Step, planned, world_to_plan_in
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_model import requests as rq
from vmss_model.answers import PlanShown
from vmss_model.decide import decide
from vmss_model.editions import edition
from vmss_model.values import Power, UpgradeMode

from .given import FEWER, documents, group_of


def made_of(document: dict[str, object]) -> Made:
    """The world to plan in."""
    return world_to_plan_in(described_in(document))


def strategies_of(made: Made, size: int) -> dict[str, Sequence[Step]]:
    """The steps of every strategy that goes over the whole group."""
    names, group = planning.behind(made.world, made.key), made.world.groups[made.key]
    return {
        "by update domain": planning.by_update_domain(group, names),
        "in batches": planning.in_batches(names, size),
        "as chosen": planning.as_chosen([(name,) for name in names]),
    }


def plan_of(made: Made, steps: Sequence[Step], scope: frozenset[str] | None = None) -> Plan:
    """What the steps mean."""
    return planned(made, "some steps", steps, scope=scope, shown=(1,))


@FEWER
@given(documents(), st.integers(1, 30))
def test_every_instance_that_is_behind_is_in_one_step(document: dict[str, object], size: int) -> None:
    """S17, ROLLOUT-PLAN: no strategy leaves one out, takes one twice, or takes one that is up to date."""
    made = made_of(document)
    names = planning.behind(made.world, made.key)
    for steps in strategies_of(made, size).values():
        assert Counter(name for step in steps for name in step.names) == dict.fromkeys(names, 1)
        assert plan_of(made, steps).refusals == ()


@FEWER
@given(documents(), st.integers(1, 30))
def test_nothing_is_behind_after_the_plan(document: dict[str, object], size: int) -> None:
    """Carried out on the model, a plan leaves no instance behind."""
    made = made_of(document)
    for steps in strategies_of(made, size).values():
        assert planning.behind(plan_of(made, steps).ends, made.key) == ()


@FEWER
@given(documents(), st.integers(1, 30))
def test_what_stays_up_is_the_census_of_the_world(document: dict[str, object], size: int) -> None:
    """As many as are up outside the step: the census while it is under way, and the model's own forecast, agree."""
    made = made_of(document)
    members = made.world.groups[made.key].members
    for steps in strategies_of(made, size).values():
        forecast = decide(
            evolve(made.world, edition=edition("2017-05")),
            rq.PlanRollout(made.key, tuple(frozenset(step.names) for step in steps)),
        )
        assert forecast.grant is not None
        told = forecast.grant.answer({})
        assert isinstance(told, PlanShown)
        for one, up in zip(plan_of(made, steps).steps, told.up, strict=True):
            running = [name for name, member in members.items() if member.power is Power.RUNNING]
            assert one.up == up == sum(name not in one.step.names for name in running)


@FEWER
@given(documents(), st.integers(1, 30))
def test_a_plan_is_free_of_downtime_if_each_step_is(document: dict[str, object], size: int) -> None:
    """S17, UPGRADE-NO-DOWNTIME: the model names the rule where, and only where, the plan keeps to it."""
    made = made_of(document)
    for steps in strategies_of(made, size).values():
        plan = plan_of(made, steps)
        assert plan.free_of_downtime == all(one.free_of_downtime for one in plan.steps)
        assert plan.free_of_downtime == ("UPGRADE-NO-DOWNTIME" in plan.rules)
        assert all(one.up > 0 for one in plan.steps) or not plan.free_of_downtime or not plan.up


@FEWER
@given(documents(), st.integers(1, 5))
def test_the_steps_of_a_domain_are_of_that_domain(document: dict[str, object], size: int) -> None:
    """And batches are no larger than was asked for."""
    made = made_of(document)
    members = made.world.groups[made.key].members
    for step in strategies_of(made, size)["by update domain"]:
        (domain,) = {members[name].update_domain for name in step.names}
        assert step.where == f"update domain {domain}"
    assert all(len(step.names) <= size for step in strategies_of(made, size)["in batches"])


@FEWER
@given(documents(), st.data())
def test_a_plan_that_misses_or_repeats_one_is_refused(document: dict[str, object], data: st.DataObject) -> None:
    """S17, ROLLOUT-PLAN, by the model: steps are put right by nobody."""
    made = made_of(document)
    names = planning.behind(made.world, made.key)
    steps = [Step((name,)) for name in names]
    if not steps:
        return
    one = data.draw(st.sampled_from(steps))
    for wrong in ([step for step in steps if step is not one], [*steps, one], [*steps, Step(one.names * 2)]):
        plan = plan_of(made, wrong)
        assert [refusal.rules for refusal in plan.refusals] == [("ROLLOUT-PLAN",)]
        assert plan.steps == ()


def test_chosen_instances_alone_are_a_plan_of_their_own() -> None:
    """The others are named as left, not missed."""
    made = world_to_plan_in(group_of(6))
    plan = plan_of(made, planning.as_chosen([("3", "1")]), frozenset({"1", "3"}))
    assert plan.refusals == ()
    assert [one.step.names for one in plan.steps] == [("1", "3")]
    assert plan.left == ("0", "2", "4", "5")


def test_one_that_runs_the_newest_is_no_part_of_a_plan() -> None:
    """It is not to be upgraded."""
    made = made_of({"instances": [{"id": 0, "update_domain": 0, "version": "2.0.0"}, {"id": 1, "update_domain": 0}]})
    plan = plan_of(made, planning.as_chosen([("0",), ("1",)]), frozenset("01"))
    assert "not to be upgraded: 0" in plan.refusals[0].message


def test_fault_domains_have_to_be_known() -> None:
    """A plan by them is refused in one line else."""
    made = world_to_plan_in(group_of(4))
    with pytest.raises(DescriptionError, match="instance 0: its fault domain is not known"):
        planning.by_fault_domain(made.world.groups[made.key], ("0",))
    made = world_to_plan_in(group_of(4, fault_domains=2))
    steps = planning.by_fault_domain(made.world.groups[made.key], ("0", "1", "2", "3"))
    assert steps == (Step(("0", "2"), "fault domain 0"), Step(("1", "3"), "fault domain 1"))


def test_a_changed_model_is_planned_too() -> None:
    """S17: a version in the model itself; who runs it is up to date."""
    image = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "14.04.2-LTS", "version": "14.04.201506100"}
    made = made_of(
        {
            "edition": "2017-05",
            "image": image,
            "target": "14.04.201507060",
            "instances": {"count": 5, "version": "14.04.201506100"},
        }
    )
    group = made.world.groups[made.key]
    assert group.profile is not None
    assert str(group.profile.image) == "Canonical:UbuntuServer:14.04.2-LTS 14.04.201507060"
    plan = plan_of(made, planning.by_update_domain(group, planning.behind(made.world, made.key)))
    assert (len(plan.steps), plan.free_of_downtime) == (5, True)
    assert not any("does not speak of planning" in note for note in plan.notes)


def test_policy_automatic_is_warned_of() -> None:
    """Such a group is upgraded all at once by the change itself (UPGRADE-AUTOMATIC)."""
    made = world_to_plan_in(group_of(3, upgrade_policy=UpgradeMode.AUTOMATIC.value))
    notes = plan_of(made, planning.in_batches(planning.behind(made.world, made.key), 1)).notes
    assert any("UPGRADE-AUTOMATIC" in note for note in notes)


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_a_plan_of_any_size(count: int) -> None:
    """Also of a thousand instances, one by one."""
    made = world_to_plan_in(group_of(count))
    plan = plan_of(made, planning.in_batches(planning.behind(made.world, made.key), 1))
    assert len(plan.steps) == count
    assert {one.up for one in plan.steps} == {count - 1}
    assert plan.free_of_downtime == (count > 1)
