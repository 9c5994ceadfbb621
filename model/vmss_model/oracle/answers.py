"""Comparing what a query answered with what the documents allow it to answer."""

from __future__ import annotations

from typing import Any

from immutables import Map

from vmss_model import requests as rq
from vmss_model.answers import (
    Answer,
    FeatureShown,
    GraphShown,
    GroupShown,
    HeatMapShown,
    HistoryShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
    ItemShown,
    ProgressShown,
)
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.decide.reading import graph_options
from vmss_model.decisions import Decision
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.oracle.open_points import OpenPoints, made_as
from vmss_model.oracle.rollout_answers import (
    compare_heat_map,
    compare_history,
    compare_progress,
    is_in_flight,
    model_objection,
)
from vmss_model.rules import implements
from vmss_model.values import Provisioning, Stage
from vmss_model.world import Group, GroupKey, Instance, World


def compare_answer(
    world: World, points: OpenPoints, request: rq.Request, decision: Decision, answer: Answer
) -> Finding:
    """Whether an answer is one that the documents allow, once it has settled what was open."""
    if decision.silent:
        return unknown(decision.silent)
    if decision.grant is None:
        text = "; ".join(refusal.message for refusal in decision.refusals)
        rules = tuple(rule for refusal in decision.refusals for rule in refusal.rules)
        return violates(*rules, expected=f"refused: {text}", seen="an answer", nearest=f"refuse it: {text}")
    if isinstance(answer, GraphShown) and isinstance(request, rq.QueryResourceGraph):
        return _compare_graph(world, points, request.key, answer)
    if isinstance(answer, ItemShown):
        choice = decision.grant.choices[0]
        return _compared(choice.allows(answer.shown), decision, choice.describe(), f"shown is {answer.shown}")
    if isinstance(answer, FeatureShown) and isinstance(request, rq.ShowFeature):
        return _compare_feature(points, request.feature, decision, answer)
    group = world.groups.get(request.key) if isinstance(request, rq.GetHistory | rq.GetProgress) else None
    automatic = None if group is None else world.edition.automatic_upgrades(group.kind)
    if isinstance(answer, HistoryShown) and group is not None and automatic is not None:
        return compare_history(world, group, automatic, decision, answer)
    if isinstance(answer, ProgressShown) and group is not None and isinstance(request, rq.GetProgress):
        return compare_progress(world, group, decision, answer)
    if decision.grant.choices:
        return unknown("the answer is not of the kind that the request asks for")
    return _compare_shown(world, points, request, decision, answer)


def _compare_shown(
    world: World, points: OpenPoints, request: rq.Request, decision: Decision, answer: Answer
) -> Finding:
    """An answer to a query that leaves nothing open, against the one that the documents allow."""
    assert decision.grant is not None
    expected = decision.grant.reply({})
    if isinstance(answer, HeatMapShown) and isinstance(expected, HeatMapShown):
        return _compared(compare_heat_map(expected, answer), decision, str(expected), str(answer))
    if isinstance(answer, GroupShown) and isinstance(expected, GroupShown):
        same = _properties(answer.group) == _properties(expected.group)
        return _compared(same, decision, str(_properties(expected.group)), str(_properties(answer.group)))
    if isinstance(answer, InstanceShown) and isinstance(expected, InstanceShown):
        return _compare_instance(world, points, request, decision, expected.instance, answer.instance)
    if isinstance(answer, InstancesShown) and isinstance(expected, InstancesShown):
        return _compare_instances(world, points, request, decision, expected, answer)
    if isinstance(answer, IdsShown) and isinstance(expected, InstancesShown | IdsShown):
        names = expected.names if isinstance(expected, IdsShown) else frozenset(one.name for one in expected.instances)
        if isinstance(expected, InstancesShown):
            return unknown("only ids are shown where the documents speak of instances")
        return _compared(answer.names == names, decision, f"ids {sorted(names)}", f"ids {sorted(answer.names)}")
    return _compared(answer == expected, decision, str(expected), str(answer))


def _compared(same: bool, decision: Decision, expected: str, seen: str) -> Finding:
    rules = decision.held or ("ARM-READ-BACK",)
    if same:
        return conforms(*rules, expected=expected, seen=seen)
    return violates(*rules, expected=expected, seen=seen, nearest=f"answer {expected}")


def _properties(group: Group) -> Group:
    """What a read of a group shows: not its members, its counts, nor the model's bookkeeping of versions and rollouts.

    Where its rollouts stand is asked for by queries of their own.
    """
    return evolve(
        group,
        members=Map(),
        census=Census(),
        next_instance_id=0,
        model_version=0,
        opted_in_from=0,
        first_rollout_begun=False,
        trigger=None,
        rollout=None,
        rollouts_begun=0,
        history=(),
    )


def _place_and_state(instance: Instance) -> Instance:
    """An instance without what `model_objection` compares, and without the model's bookkeeping of rollouts."""
    return evolve(
        instance,
        model_version=0,
        os_disk=None,
        previous_os_disk=None,
        data_disks=0,
        provisioning=Provisioning.SUCCEEDED,
        provisioned=(),
        attempt=0,
        stage=Stage.OUT_OF_SCOPE,
    )


def _compare_instance(
    world: World, points: OpenPoints, request: rq.Request, decision: Decision, believed: Instance, shown: Instance
) -> Finding:
    """A shown instance: its place and state first, then what its model and its upgrades made of it.

    The health of one that is being upgraded may be any. Its power state is settled where it is one of those in which
    it can be.
    """
    key: Any = getattr(request, "key", None)
    pair = (key, believed.name)
    clouded = key in points.clouded
    known, seen = _place_and_state(believed), _place_and_state(shown)
    states = points.powers.get(pair)
    if states is not None and seen.power not in states:
        possible = " or ".join(sorted(power.value for power in states))
        return _compared(False, decision, f"{believed.name} is {possible}", f"it is {seen.power.value}")
    if clouded or is_in_flight(believed):
        seen = evolve(seen, health=known.health)
    if key in points.unlike:
        seen = made_as(seen, known)
    if known != seen:
        return _compared(False, decision, str(believed), str(shown))
    group = world.groups.get(key) if isinstance(key, GroupKey) else None
    ordered = pair not in points.unordered
    objection = None if clouded else model_objection(world, group, believed, shown, ordered=ordered)
    if objection is None:
        return _compared(True, decision, str(believed), str(shown))
    rules, expected, differs = objection
    held = decision.held or ("ARM-READ-BACK",)
    return violates(
        *rules,
        *held,
        expected=f"{believed.name} has {expected}",
        seen=f"it has {differs}",
        nearest=f"answer {believed}",
    )


def _compare_instances(
    world: World,
    points: OpenPoints,
    request: rq.Request,
    decision: Decision,
    expected: InstancesShown,
    answer: InstancesShown,
) -> Finding:
    believed = {one.name: one for one in expected.instances}
    shown = {one.name: one for one in answer.instances}
    if len(shown) != len(answer.instances):
        return _compared(False, decision, "each member once", "a member listed in two states")
    for name in sorted(believed.keys() ^ shown.keys()):
        seen = str(shown.get(name, f"{name} is not listed"))
        return _compared(False, decision, str(believed.get(name, "exactly the members")), seen)
    for name in sorted(believed):
        finding = _compare_instance(world, points, request, decision, believed[name], shown[name])
        if finding.verdict is Verdict.VIOLATES:
            return finding
    return _compared(True, decision, "exactly the members", f"{len(shown)} members")


@implements("ARG-STALE")
def _compare_graph(world: World, points: OpenPoints, key: GroupKey, answer: GraphShown) -> Finding:
    staleness = world.edition.staleness
    assert staleness is not None
    if key in points.members:
        return unknown("which VMs the group has was not told")
    options = graph_options(world, key, staleness)
    for name in sorted(options.keys() | answer.states.keys()):
        allowed = options.get(name, (None,))
        shown = answer.states.get(name)
        hazy = (key, name) in points.hazy
        if not any(_may_show(believed, shown, hazy=hazy, unlike=key in points.unlike) for believed in allowed):
            return violates(
                "ARG-STALE",
                expected=f"{name} as it was at some moment within the last {staleness} seconds: {list(allowed)}",
                seen=f"{shown}",
                nearest=f"show {allowed[0]}",
            )
    return conforms("ARG-STALE", expected=f"states of the last {staleness} seconds", seen="shown so")


def _may_show(believed: Instance | None, shown: Instance | None, *, hazy: bool, unlike: bool) -> bool:
    """Whether a shown state can be a believed one, of which a place or power may never have been told.

    `unlike` says the same of how it was made.
    """
    if believed is None or shown is None:
        return believed is shown
    believed, shown = _place_and_state(believed), _place_and_state(shown)
    if unlike:
        shown = made_as(shown, believed)
    return believed == evolve(
        shown,
        zone=believed.zone if believed.zone is None else shown.zone,
        fault_domain=believed.fault_domain if believed.fault_domain is None else shown.fault_domain,
        update_domain=believed.update_domain if believed.update_domain is None else shown.update_domain,
        power=believed.power if hazy else shown.power,
    )


@implements("REG-DELAY")
def _compare_feature(points: OpenPoints, feature: str, decision: Decision, answer: FeatureShown) -> Finding:
    window = points.features.get(feature)
    if window is None:
        expected = decision.grant.reply({}) if decision.grant is not None else None
        return _compared(answer == expected, decision, str(expected), str(answer))
    # The window was narrowed by this very answer: it is allowed while a moment is left in it.
    earliest, latest = window
    return _compared(earliest <= latest, decision, f"registered between {earliest} and {latest} seconds", str(answer))
