"""What is open about instances and their models, and which judgements that leaves undecided.

The counts of a rollout follow from its instances. Where an outcome did not tell which of them a batch took,
or whether a previous OS disk came back, or which instances there are at all, neither the gates nor the
counts can be known any more: the group is clouded. What depends on them is then unknown, until the group
goes; everything else about it is judged as before.
"""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.census import recount
from vmss_model.choices import Choice
from vmss_model.copying import evolve
from vmss_model.oracle.open_points import OpenPoints
from vmss_model.values import Health
from vmss_model.world import GroupKey, World

_STEPS = (
    rq.UpgradeInstances
    | rq.ProvisionInstance
    | rq.StartRollout
    | rq.BeginRollout
    | rq.StartBatch
    | rq.RestoreInstance
    | rq.FailInstance
    | rq.CancelRollout
    | rq.EndRollout
)
_READS = rq.GetProgress | rq.GetHistory | rq.PlanRollout | rq.ShowHeatMap
_FAR_REACHING = rq.AdvanceClock | rq.StartBatch | rq.ReleaseImage
"""Requests of which the answer can depend on the rollouts of every group."""


def _is_unclear(points: OpenPoints, key: GroupKey) -> bool:
    """Whether something that a rollout's guards read is open."""
    return (
        key in points.clouded
        or key in points.members
        or any(group == key for group, _ in points.unplaced)
        or any(group == key for group, _ in points.powers)
    )


def doubt(world: World, points: OpenPoints, request: rq.Request) -> str:
    """Why an outcome of this request cannot be judged; empty where it can."""
    key = getattr(request, "key", None)
    if isinstance(request, _STEPS | _READS) and isinstance(key, GroupKey) and _is_unclear(points, key):
        return f"not everything was told about the instances of {key}"
    if isinstance(request, rq.RepairInstance) and request.key in points.clouded:
        return f"whether {request.name} is unhealthy was not told"
    if isinstance(request, _FAR_REACHING):
        for other in sorted(world.groups):
            group = world.groups[other]
            if (group.os_upgrade or group.rollout is not None) and _is_unclear(points, other):
                return f"not everything was told about the instances of {other}, and what it waits for"
    return ""


def assumed(world: World, points: OpenPoints, request: rq.Request) -> World:
    """The world as a granted request shows it: an instance of a clouded group that is replaced was unhealthy."""
    if not isinstance(request, rq.RepairInstance) or request.key not in points.clouded:
        return world
    group = world.groups[request.key]
    member = group.members.get(request.name)
    if member is None:
        return world
    members = group.members.set(request.name, evolve(member, health=Health.UNHEALTHY))
    group = evolve(group, members=members, census=recount(group, members.values()))
    return evolve(world, groups=world.groups.set(request.key, group))


def after_doubt(points: OpenPoints, request: rq.Request) -> OpenPoints:
    """The open points after a step that was granted although not everything was known."""
    key = getattr(request, "key", None)
    return clouding(points, key) if isinstance(request, _STEPS) and isinstance(key, GroupKey) else points


def clouding(points: OpenPoints, key: GroupKey) -> OpenPoints:
    """The open points once the instances of a group cannot be followed any more."""
    return evolve(points, clouded=points.clouded | {key})


def remember_models(
    before: World, after: World, points: OpenPoints, request: rq.Request, untold: tuple[Choice, ...]
) -> OpenPoints:
    """Keep open what a granted request did not tell about batches, restores and extensions."""
    key = getattr(request, "key", None)
    names = {choice.name for choice in untold}
    if isinstance(key, GroupKey) and names & {"batch", "restored"}:
        points = clouding(points, key)
    if isinstance(request, rq.ProvisionInstance) and "order" in names:
        points = evolve(points, unordered=points.unordered | {(request.key, request.name)})
    open_in_part = {group for group, _ in (*points.unplaced, *points.powers)}
    for other in ({*points.members} | open_in_part) - points.clouded:
        group, was = after.groups.get(other), before.groups.get(other)
        if group is None:
            continue
        # Which of the unnamed members run what, or are waited for, cannot be told.
        changed = was is not None and was.model_version != group.model_version
        if group.rollout is not None or (other in points.members and (group.os_upgrade or changed)):
            points = clouding(points, other)
    return points
