"""Faults that break what holds of groups and members, of placement, of refusals and of answers."""

from __future__ import annotations

from itertools import count
from typing import Any

from immutables import Map

from vmss_invariants.exploring import aspects
from vmss_invariants.exploring.bounds import Bounds
from vmss_invariants.mutating.fault import (
    Fault,
    Wrong,
    also,
    answered,
    becomes,
    decided,
    happens,
    instead,
    stopping_one,
    together,
    with_changes,
    with_group,
    with_instance,
)
from vmss_model import choices
from vmss_model import requests as rq
from vmss_model.answers import FeatureShown, GroupShown, InstancesShown, ItemShown
from vmss_model.census import Census, Share
from vmss_model.choices import FreshIds, FreshName
from vmss_model.copying import evolve
from vmss_model.decide import members, placement, scaling
from vmss_model.decisions import Decision
from vmss_model.events import (
    Event,
    FeatureRegistered,
    GroupChanged,
    GroupCreated,
    GroupDeleted,
    InstanceChanged,
    InstanceJoined,
    InstanceLeft,
)
from vmss_model.values import GroupKind, Power, Priority
from vmss_model.world import VmKey, World

_PLAIN = Bounds(instances=2, fault_domains=2, families=aspects.MEMBERS)
_ZONED = Bounds(instances=3, fault_domains=0, zones=2, families=aspects.MEMBERS)
_TWO_GROUPS = Bounds(instances=1, fault_domains=1, groups=2, families=aspects.MEMBERS)
_TWISTS = Bounds(instances=1, fault_domains=1, families=("preparing", "forming", "twisting"))
_CROWDED = Bounds(instances=101, fault_domains=0, families=("forming", "opting"))
_POWER = Bounds(instances=2, fault_domains=2, families=aspects.POWER)
_TURNOVER = Bounds(instances=2, fault_domains=1, departed=2, families=aspects.TURNOVER)
_STOCKING = Bounds(instances=1, fault_domains=0, families=aspects.STACK)
_REGISTRATION = Bounds(instances=0, fault_domains=0, families=aspects.REGISTRATION)
_SUPERSEDED = Bounds(instances=1, fault_domains=1, superseded=2, families=aspects.SUPERSEDED)
_DISKS = Bounds(instances=1, fault_domains=0, versions=1, families=aspects.DISKS)

# -- groups and their members ------------------------------------------------------------------------


def _member_of_all(_before: World, after: World, event: InstanceJoined) -> World:
    groups = after.groups
    for key, group in after.groups.items():
        groups = groups.set(key, evolve(group, members=group.members.set(event.instance.name, event.instance)))
    return evolve(after, groups=groups)


def _with_a_stranger(_before: World, after: World, event: InstanceJoined) -> World:
    stranger = VmKey(event.key.resource_group, "stranger")
    return evolve(after, machines=after.machines.set(stranger, event.key))


def _never_counted_as_running(self: Census, share: Share, by: int) -> Census:
    return evolve(_COUNTING(self, share, by), running=0)


_COUNTING = Census.with_share
"""How members are counted."""


def _latest_first(_before: World, after: World, _event: object) -> World:
    return evolve(after, recent=Map({vm: entries[::-1] for vm, entries in after.recent.items()}))


def _standing_alone(_before: World, after: World, event: InstanceChanged) -> World:
    return evolve(after, machines=after.machines.set(VmKey(event.key.resource_group, event.instance.name), None))


def _deleting(_world: World, asked: Any) -> tuple[Event, ...]:
    return (InstanceLeft(asked.key, asked.name),)


def _making(world: World, asked: Any) -> tuple[Event, ...]:
    group = world.groups[asked.key]
    return (InstanceJoined(asked.key, evolve(group.members[asked.name], name=str(group.next_instance_id))),)


def _given_again(name: str, first: int, count: int) -> FreshIds:
    return FreshIds(name, max(0, first - 1), count)


_GROUPS = (
    Fault(
        invariant="one-placement-group-holds-at-most-100",
        what="No instance count is too high, and none too low.",
        bounds=_CROWDED,
        wrong=instead(placement, "_check_count", lambda *_: None),
    ),
    Fault(
        invariant="members-stand-in-the-groups-zones",
        what="Members join in a zone 9, wherever they were placed.",
        bounds=_ZONED,
        wrong=happens(InstanceJoined, with_instance(zone="9")),
    ),
    Fault(
        invariant="the-census-equals-a-recount",
        what="No member is ever counted as running.",
        edition="2017-05",
        bounds=_PLAIN,
        wrong=instead(Census, "with_share", _never_counted_as_running),
    ),
    Fault(
        invariant="groups-of-vms-have-no-instance-count",
        what="Every group that is created has an instance count of 0.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_PLAIN,
        wrong=happens(GroupCreated, with_group(capacity=0)),
    ),
    Fault(
        invariant="flexible-has-no-instance-repair",
        what="Every group that is created has instance repair.",
        kind=GroupKind.FLEXIBLE,
        bounds=_PLAIN,
        wrong=happens(GroupCreated, with_group(repairs=True)),
    ),
    Fault(
        invariant="members-have-their-own-nic-and-disk",
        what="No NIC and no disk is made for a member that joins.",
        bounds=_TURNOVER,
        wrong=becomes(InstanceJoined, lambda before, after, _: evolve(after, artifacts=before.artifacts)),
    ),
    Fault(
        invariant="members-of-vm-groups-are-vms",
        what="A member that joins is no VM of its resource group.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_PLAIN,
        wrong=becomes(InstanceJoined, lambda before, after, _: evolve(after, machines=before.machines)),
    ),
    Fault(
        invariant="vms-are-members-or-stand-alone",
        what="With a VM that joins a group another VM names the group that is no member of it.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_PLAIN,
        wrong=becomes(InstanceJoined, _with_a_stranger),
    ),
    Fault(
        invariant="vm-names-are-unique-in-the-resource-group",
        what="A VM that joins one group is a member of every group.",
        kind=GroupKind.AVAILABILITY_SET,
        bounds=_TWO_GROUPS,
        wrong=becomes(InstanceJoined, _member_of_all),
    ),
    Fault(
        invariant="used-artifacts-belong-to-members",
        what="The NIC and the disk of a member that is deleted stay in use.",
        bounds=_TURNOVER,
        wrong=becomes(InstanceLeft, lambda before, after, _: evolve(after, artifacts=before.artifacts)),
    ),
    Fault(
        invariant="mode-never-changes",
        what="A group that is changed becomes a Flexible one.",
        bounds=_PLAIN,
        wrong=happens(GroupChanged, with_changes(kind=GroupKind.FLEXIBLE)),
    ),
    Fault(
        invariant="zones-and-region-never-change",
        what="A group that is changed goes to another region.",
        bounds=_PLAIN,
        wrong=happens(GroupChanged, with_changes(region="eastus")),
    ),
    Fault(
        invariant="fault-domains-never-change",
        what="A member that changes goes to fault domain 1.",
        bounds=_POWER,
        wrong=happens(InstanceChanged, with_instance(fault_domain=1)),
    ),
    Fault(
        invariant="priority-never-changes",
        what="An instance that changes is one of Spot priority from then on.",
        bounds=_POWER,
        wrong=happens(InstanceChanged, with_instance(priority=Priority.SPOT)),
    ),
    Fault(
        invariant="a-request-touches-one-group",
        what="With one group all others are deleted.",
        bounds=_TWO_GROUPS,
        wrong=becomes(GroupDeleted, lambda _, after, __: evolve(after, groups=Map())),
    ),
    Fault(
        invariant="vms-join-only-by-their-creation",
        what="Where the power of a VM changes from outside, another VM joins its group.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_POWER,
        wrong=also(rq.ChangePower, _making),
    ),
    Fault(
        invariant="vms-leave-only-by-deletion",
        what="A member of which the power changes from outside is deleted.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_POWER,
        wrong=also(rq.ChangePower, _deleting),
    ),
    Fault(
        invariant="instances-come-only-from-their-group",
        what="Where the power of an instance changes from outside, another instance joins.",
        bounds=_POWER,
        wrong=also(rq.ChangePower, _making),
    ),
    Fault(
        invariant="existing-vms-never-change-groups",
        what="A member that changes stands outside any group from then on.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_POWER,
        wrong=becomes(InstanceChanged, _standing_alone),
    ),
    Fault(
        invariant="instance-ids-grow",
        what="New instances have ids from the highest one on that was given before.",
        bounds=None,
        wrong=instead(scaling, "FreshIds", _given_again),
    ),
    Fault(
        invariant="power-shows-what-was-done",
        what="An instance that changes is stopped, whatever was done.",
        bounds=_POWER,
        wrong=happens(InstanceChanged, with_instance(power=Power.STOPPED)),
    ),
    Fault(
        invariant="data-disks-are-never-lost",
        what="An instance that changes loses its data disks.",
        bounds=_DISKS,
        wrong=happens(InstanceChanged, with_instance(data_disks=0)),
    ),
)

# -- where members are placed, and their names -------------------------------------------------------


_PLACEMENT = (
    Fault(
        invariant="platform-made-names-are-prefix-and-number",
        what="A name that the platform makes begins with x, whatever prefix is given.",
        kind=GroupKind.AVAILABILITY_SET,
        bounds=_TURNOVER,
        wrong=together(
            instead(FreshName, "values", lambda self: iter((f"x{len(self.taken)}",))),
            instead(FreshName, "allows", lambda *_: True),
        ),
    ),
    Fault(
        invariant="placement-never-widens-the-spread",
        what="Every fault domain counts as a least loaded one.",
        kind=GroupKind.FLEXIBLE,
        bounds=_PLAIN,
        wrong=instead(choices, "is_least_loaded", lambda *_: True),
    ),
    Fault(
        invariant="a-named-fault-domain-is-taken",
        what="A VM stands in fault domain 0, whichever its caller named.",
        kind=GroupKind.FLEXIBLE,
        bounds=_PLAIN,
        wrong=happens(InstanceJoined, with_instance(fault_domain=0)),
    ),
    Fault(
        invariant="vms-join-in-the-groups-place",
        what="Region, zone and resource group of a VM are not looked at.",
        kind=GroupKind.FLEXIBLE,
        bounds=_TWISTS,
        wrong=instead(members, "_check_place", lambda *_: None),
    ),
    Fault(
        invariant="scaling-out-keeps-zones-balanced",
        what="Every zone counts as a least loaded one.",
        edition="2019-10",
        kind=GroupKind.SCALE_SET_VM,
        bounds=_ZONED,
        wrong=instead(choices, "is_least_loaded", lambda *_: True),
    ),
    Fault(
        invariant="scaling-in-keeps-zones-balanced",
        what="A scale-in removes any instances.",
        edition="2019-10",
        kind=GroupKind.SCALE_SET_VM,
        bounds=_ZONED,
        wrong=instead(scaling, "balances_zones", lambda *_: False),
    ),
)

# -- decisions, refusals and answers -----------------------------------------------------------------

_READS = (rq.GetGroup, rq.ListInstances)


def _refusing_so(**values: Any) -> Wrong:
    """Groups are refused with other values than the model's."""

    def wrongly(decision: Decision, *_: object) -> Decision:
        return evolve(decision, refusals=tuple(evolve(one, **values) for one in decision.refusals))

    return decided(rq.CreateGroup, wrongly)


def _every_other_time_open() -> Wrong:
    times = count()

    def wrongly(decision: Decision, *_: object) -> Decision:
        return evolve(decision, open=("it is one of every other",)) if next(times) % 2 else decision

    return decided(rq.DeleteGroup, wrongly)


def _every_time_elsewhere() -> Wrong:
    times = count()
    return happens(GroupCreated, lambda one: evolve(one, group=evolve(one.group, region=f"region{next(times)}")))


def _not_empty(decision: Decision, *_: object) -> Decision:
    refusals = (evolve(one, rules=tuple(rule for rule in one.rules if rule != "E3")) for one in decision.refusals)
    return evolve(decision, refusals=tuple(refusals))


_ANSWERS = (
    Fault(
        invariant="reads-change-nothing",
        what="Reading a group, or listing its members, stops one of them.",
        bounds=_PLAIN,
        wrong=also(_READS, stopping_one),
    ),
    Fault(
        invariant="refusals-name-their-rules",
        what="A group is refused without a rule.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_PLAIN,
        wrong=_refusing_so(rules=()),
    ),
    Fault(
        invariant="refusals-carry-the-offending-values",
        what="A group is refused without saying what was asked for.",
        edition="2019-10",
        kind=GroupKind.VM,
        bounds=_PLAIN,
        wrong=_refusing_so(values={}),
    ),
    Fault(
        invariant="evolve-is-deterministic",
        what="A group is created in another region each time.",
        bounds=_PLAIN,
        wrong=_every_time_elsewhere(),
    ),
    Fault(
        invariant="decide-is-repeatable",
        what="Every other time the deletion of a group may be refused, too.",
        bounds=_PLAIN,
        wrong=_every_other_time_open(),
    ),
    Fault(
        invariant="only-advancing-moves-the-clock",
        what="Creating a group takes a second.",
        bounds=_PLAIN,
        wrong=becomes(GroupCreated, lambda _, after, __: evolve(after, clock=after.clock + 1)),
    ),
    Fault(
        invariant="deleting-a-group-that-holds-vms-answers-e3",
        what="A group that holds VMs is kept without naming E3.",
        kind=GroupKind.FLEXIBLE,
        bounds=_PLAIN,
        wrong=decided(rq.DeleteGroup, _not_empty),
    ),
    Fault(
        invariant="registrations-end-within-15-minutes",
        what="Every registration takes 15 minutes longer.",
        kind=GroupKind.FLEXIBLE,
        bounds=_REGISTRATION,
        wrong=happens(FeatureRegistered, lambda one: evolve(one, ends_at=one.ends_at + 15 * 60)),
    ),
    Fault(
        invariant="features-show-as-registered-in-time",
        what="No feature is ever shown as registered.",
        kind=GroupKind.FLEXIBLE,
        bounds=_REGISTRATION,
        wrong=answered(rq.ShowFeature, lambda _: FeatureShown(registered=False)),
    ),
    Fault(
        invariant="only-a-removed-item-may-linger",
        what="The marketplace always shows the item.",
        edition="2018-06-stack",
        bounds=_STOCKING,
        wrong=answered(rq.ShowMarketplace, lambda _: ItemShown(shown=True)),
    ),
    Fault(
        invariant="superseded-states-are-in-order",
        what="Of what Resource Graph may still show of a VM the latest is put first.",
        kind=GroupKind.AVAILABILITY_SET,
        bounds=_SUPERSEDED,
        wrong=becomes(InstanceChanged, _latest_first),
    ),
    Fault(
        invariant="a-listing-shows-the-members",
        what="A listing shows nobody.",
        bounds=_PLAIN,
        wrong=answered(rq.ListInstances, lambda _: InstancesShown(frozenset())),
    ),
    Fault(
        invariant="reads-are-fresh",
        what="A group is shown with an instance count of 7.",
        bounds=_PLAIN,
        wrong=answered(rq.GetGroup, lambda one: GroupShown(evolve(one.group, capacity=7))),
    ),
)

FAULTS_OF_GROUPS = (*_GROUPS, *_PLACEMENT, *_ANSWERS)
"""The faults."""
