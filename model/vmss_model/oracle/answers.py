"""Comparing what a query answered with what the documents allow it to answer."""

from __future__ import annotations

from attrs import evolve
from immutables import Map

from vmss_model import requests as rq
from vmss_model.answers import (
    Answer,
    FeatureShown,
    GraphShown,
    GroupShown,
    IdsShown,
    InstanceShown,
    InstancesShown,
    ItemShown,
)
from vmss_model.census import Census
from vmss_model.decide.reading import graph_options
from vmss_model.decisions import Decision
from vmss_model.oracle.finding import Finding, conforms, unknown, violates
from vmss_model.oracle.open_points import OpenPoints
from vmss_model.rules import implements
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
    expected = decision.grant.reply({})
    if isinstance(answer, GroupShown) and isinstance(expected, GroupShown):
        same = _properties(answer.group) == _properties(expected.group)
        return _compared(same, decision, str(_properties(expected.group)), str(_properties(answer.group)))
    if isinstance(answer, InstanceShown) and isinstance(expected, InstanceShown):
        same = _alike(points, getattr(request, "key", None), expected.instance, answer.instance)
        return _compared(same, decision, str(expected.instance), str(answer.instance))
    if isinstance(answer, InstancesShown) and isinstance(expected, InstancesShown):
        return _compare_instances(points, getattr(request, "key", None), decision, expected, answer)
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
    return evolve(group, members=Map(), census=Census(), next_instance_id=0)


def _alike(points: OpenPoints, key: GroupKey | None, believed: Instance, shown: Instance) -> bool:
    """The same but for what is still open."""
    if key is not None and (key, believed.name) in points.powers:
        shown = evolve(shown, power=believed.power)
    return believed == shown


def _compare_instances(
    points: OpenPoints, key: GroupKey | None, decision: Decision, expected: InstancesShown, answer: InstancesShown
) -> Finding:
    believed = {one.name: one for one in expected.instances}
    shown = {one.name: one for one in answer.instances}
    if len(shown) != len(answer.instances):
        return _compared(False, decision, "each member once", "a member listed in two states")
    different = [name for name in believed.keys() | shown.keys() if not _same(points, key, believed, shown, name)]
    first = sorted(different)[0] if different else ""
    return _compared(
        not different, decision, str(believed.get(first, "exactly the members")), str(shown.get(first, "not listed"))
    )


def _same(
    points: OpenPoints,
    key: GroupKey | None,
    believed: dict[str, Instance],
    shown: dict[str, Instance],
    name: str,
) -> bool:
    return name in believed and name in shown and _alike(points, key, believed[name], shown[name])


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
        if not any(_may_show(believed, shown, hazy=hazy) for believed in allowed):
            return violates(
                "ARG-STALE",
                expected=f"{name} as it was at some moment within the last {staleness} seconds: {list(allowed)}",
                seen=f"{shown}",
                nearest=f"show {allowed[0]}",
            )
    return conforms("ARG-STALE", expected=f"states of the last {staleness} seconds", seen="shown so")


def _may_show(believed: Instance | None, shown: Instance | None, *, hazy: bool) -> bool:
    """Whether a shown state can be a believed one, of which a place or power may never have been told."""
    if believed is None or shown is None:
        return believed is shown
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
