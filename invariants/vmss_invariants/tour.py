"""A walk past everything that the documents speak of, the same every time.

Chance finds what nobody thought of, and misses what everybody would look at. The tour asks for a group with
every field at every value that the strategies know, for VMs likewise, for every capability, read, action and
bound; so that no rule is left out because of how the dice fell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from vmss_invariants import requests as making
from vmss_invariants.requests_upgrades import every_upgrade_request
from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_invariants.walker import Walker
from vmss_invariants.ways import follow
from vmss_invariants.ways_of_everything import WAY_KEY, tour_in
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.values import Action, Api, GroupKind, Health, HealthSource
from vmss_model.world import AutoscaleBounds, Group, GroupKey, VmKey, World

_STATIONS = 8
"""How many plain groups are looked at from all sides."""
_DISKS = 2
"""How many data disks their members have, where it is the group that says so."""


def _regional_count(request: rq.CreateGroup, world: World) -> int | None:
    """A fault-domain count that a regional group of the kind may have in any region with two."""
    limit = world.edition.kinds[request.kind].fault_domains_regional
    return None if limit is None else max(limit.lowest, min(limit.highest, 2))


class Tour:
    """One tour of an edition, for one kind of group; each of its stations in a world of its own."""

    def __init__(self, new_walker: Callable[[], Walker], kind: GroupKind, seed: int = 0) -> None:
        self._new_walker = new_walker
        self._walker = new_walker()
        self._kind = kind
        self._random = Random(seed)

    def walk(self) -> None:
        """The whole tour."""
        world = self._walker.world
        plain = making.plain_group(self._random.choice, world, (self._kind,))
        for request in (rq.ShowFeature(making.FEATURES[0]), *making.preparation(world)):
            self._ask(plain, request, rq.ShowFeature(making.FEATURES[0]), rq.ShowMarketplace())
            self._remove(plain.key)
        self._ask(rq.RegisterFeature(making.FEATURES[0]), rq.ShowFeature("AnotherFeature"), *self._clock())
        self._creations()
        self._ask(rq.RemoveMarketplaceItem(), *(rq.ShowMarketplace(),) * 4)
        stations = 0
        for _ in range(_STATIONS * 2):
            self._walker = self._new_walker()
            self._ask(*making.preparation(self._walker.world))
            stations += self._station(to_the_limit=stations == 0)
            if stations == _STATIONS:
                break
        for way in tour_in(self._walker.world.edition, (self._kind,)):
            self._walker = self._new_walker()
            self._ask(*making.preparation(self._walker.world))
            follow(way(self._random.choice, self._walker.world, WAY_KEY), self._step)

    def _ask(self, *requests: rq.Request) -> bool:
        """Make requests; whether something came of the last one."""
        happened = False
        for request in requests:
            self._walker.examine_world()
            happened = bool(self._walker.take(request, self._random.randint).events)
        self._walker.examine_world()
        return happened

    def _step(self, request: rq.Request) -> World:
        self._ask(request)
        return self._walker.world

    def _clock(self) -> Iterator[rq.Request]:
        return (rq.AdvanceClock(seconds) for seconds in making.SECONDS)

    def _remove(self, key: GroupKey) -> None:
        """Delete a group, its VMs first where it does not let them go along."""
        group = self._walker.world.groups.get(key)
        if group is None:
            return
        if group.kind in EXPLICIT_KINDS:
            self._ask(
                *(rq.ActOnInstance(key, name, Action.DELETE, Api.VIRTUAL_MACHINE) for name in sorted(group.members))
            )
        self._ask(rq.DeleteGroup(key))

    def _creations(self) -> None:
        """A group with each field at every value there is, and each time removed again."""
        regions = [name for name, domains in making.REGIONS.items() if domains > 1]
        for number in range(_STATIONS // 2):
            plain = making.plain_group(self._random.choice, self._walker.world, (self._kind,))
            plain = evolve(plain, capacity=0, region=regions[-1 - number % len(regions)])
            if number % 2 == 0:
                plain = evolve(plain, zones=(), fault_domain_count=_regional_count(plain, self._walker.world))
            twists = making.group_twists(self._walker.world, (self._kind,), self._kind)
            for twist in making.each_twist(plain, twists):
                if self._ask(twist):
                    self._remove(plain.key)

    def _station(self, to_the_limit: bool) -> bool:
        """One plain group, from all sides; whether there is such a group."""
        plain = making.plain_group(self._random.choice, self._walker.world, (self._kind,))
        if self._kind not in EXPLICIT_KINDS:
            profile = None if plain.profile is None else evolve(plain.profile, data_disks=_DISKS)
            plain = evolve(plain, capacity=4, autoscale=None, profile=profile)
        if to_the_limit and plain.single_placement_group:
            return False
        self._ask(plain)
        group = self._walker.world.groups.get(plain.key)
        if group is None:
            return False
        if self._kind in EXPLICIT_KINDS:
            self._vms(group)
        else:
            self._sizes(group, to_the_limit)
        self._use(plain.key)
        if to_the_limit and self._kind in EXPLICIT_KINDS:
            self._fill(plain.key)
        self._ask(rq.MoveGroup(plain.key, "rg3"))
        for key in (plain.key, GroupKey("rg3", plain.key.name)):
            self._ask(rq.DeleteGroup(key), rq.ListInstances(key))
            if not to_the_limit:
                self._remove(key)
        return True

    def _vms(self, group: Group) -> None:
        """VMs with each field at every value there is, until some are left; and VMs that stand alone."""
        key = group.key
        for _ in range(4):
            self._ask(making.plain_vm(self._random.choice, self._walker.world, key), rq.QueryResourceGraph(key))
            self._ask(rq.AdvanceClock(self._random.choice((1, 29, 60, 61))), rq.QueryResourceGraph(key))
        self._stale_answers(key)
        plain = evolve(making.plain_vm(self._random.choice, self._walker.world, key), platform_names=False)
        for twist in making.each_twist(plain, making.vm_twists(self._walker.world)):
            members = frozenset(self._members(key))
            self._ask(twist)
            for joined in sorted(frozenset(self._members(key)) - members):
                self._ask(rq.ActOnInstance(key, joined, Action.DELETE, Api.VIRTUAL_MACHINE))
                self._ask(rq.QueryResourceGraph(key))

    def _stale_answers(self, key: GroupKey) -> None:
        """Resource Graph asked while a state may still be shown, for the last time, and when it may no more."""
        for name in self._members(key)[:1]:
            for action in (Action.STOP, Action.START):
                self._ask(rq.ActOnInstance(key, name, action, Api.VIRTUAL_MACHINE))
                for seconds in (0, 59, 1, 1):
                    self._ask(rq.AdvanceClock(seconds), rq.QueryResourceGraph(key))

    def _sizes(self, group: Group, to_the_limit: bool) -> None:
        """Scaled out and in, by a caller and by the platform, at the bounds there are."""
        key = group.key
        self._ask(*(rq.SetCapacity(key, capacity) for capacity in (7, 3, 0, 5, 4)), rq.Autoscale(key, 3))
        bounds = AutoscaleBounds(2, 6)
        self._ask(rq.UpdateGroup(key=key, autoscale=bounds))
        self._ask(*(rq.Autoscale(key, capacity) for capacity in making.capacities_near(bounds)))
        if to_the_limit:
            for capacity in making.edge_capacities(self._walker.world.rules_of(group)):
                self._ask(rq.SetCapacity(key, capacity), rq.AskFaultDomainGuarantee(key))
        self._ask(rq.SetCapacity(key, 6))
        vm = rq.CreateVm(key=VmKey(key.resource_group, "guest"), group=key)
        self._ask(vm, rq.CreateVm(key=vm.key), rq.AttachVm(vm.key, key), rq.DeleteVm(vm.key))

    def _use(self, key: GroupKey) -> None:
        """Capabilities, changes, reads and actions."""
        self._ask(*making.every_change(key), *making.every_capability(key))
        for name in self._members(key)[:2]:
            self._ask(*making.illness(key, name))
        for name in self._members(key)[-2:]:
            self._ask(*(rq.ReportHealth(key, name, health, HealthSource.EXTENSION) for health in Health))
            self._ask(*making.everything_shown(key, name), rq.DetachVm(key, name), *making.every_action(key, name))
        for action in (one for one in Action if one is not Action.DELETE):
            self._ask(rq.ActOnGroup(key, action), rq.ActOnGroup(key, action, frozenset(self._members(key)[:1])))
        machines = making.first_few(self._walker.world.machines)[:2]
        self._ask(*(rq.AttachVm(vm, key) for vm in machines), *(rq.DeleteVm(vm) for vm in machines))
        self._ask(rq.Autoscale(key, 1), rq.SetCapacity(key, 2), *making.everything_shown(key, "nobody"))
        for name in (*self._members(key)[:1], "nobody"):
            self._ask(*every_upgrade_request(key, name))

    def _fill(self, key: GroupKey) -> None:
        """A group of VMs, filled to its limit and one more."""
        group = self._walker.world.groups[key]
        limit = self._walker.world.rules_of(group).capacity
        if limit is not None:
            self._walker.take_crowd(group, limit.highest + 1 - group.census.members, self._random.randint)
            self._ask(rq.AskFaultDomainGuarantee(key), rq.ActOnGroup(key, Action.DELETE))

    def _members(self, key: GroupKey) -> Sequence[str]:
        group = self._walker.world.groups.get(key)
        return sorted(group.members) if group is not None else ()
