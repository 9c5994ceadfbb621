"""Whole ways of automatic OS image upgrades: to the end, stopped, cancelled, disturbed, and several at a time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmss_invariants.requests_base import Pick, groups_where
from vmss_invariants.requests_upgrades import (
    BIONIC,
    EXTENSIONS,
    GALLERY,
    RESOURCE,
    ROLLING,
    XENIAL,
    eligibility,
    in_flight,
    next_version,
    rollout_shown,
    upgradable,
    with_profile,
)
from vmss_invariants.ways import (
    Fate,
    Way,
    WayFrom,
    all_well,
    ask,
    begin,
    begun,
    carry_on,
    create,
    group_of,
    opted_in,
    publish,
    report,
    settle,
)
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.images import ImageReference
from vmss_model.values import (
    Action,
    Api,
    Durability,
    Health,
    HealthSource,
    LoadBalancer,
    Power,
    UpgradeMode,
)
from vmss_model.world import ExternalReference, GroupKey, ServiceFabric, World

_DAY = 86_400


def to_its_end(pick: Pick, world: World, key: GroupKey) -> Way:
    """A rollout in which all goes well; it is looked at on the way and afterwards, and not begun twice."""
    plain = upgradable(key, pick((1, 4, 5, 9, 10, 11)), update_domain_count=pick((None, 2)))
    plain = with_profile(plain, extensions=pick(EXTENSIONS[:3]))
    world = yield from opted_in(world, evolve(plain, zones=pick(((), ("1", "2")))))
    world = yield from begin(world, key)
    world = yield rq.StartBatch(key, frozenset(group_of(world, key).members))
    world = yield from carry_on(world, key, batches=3)
    world = yield from ask(*rollout_shown(key), rq.StartRollout(key), rq.BeginRollout(key), rq.StartBatch(key))
    world = yield from carry_on(world, key)
    return (yield from ask(*rollout_shown(key), rq.BeginRollout(key), rq.StartRollout(key), rq.EndRollout(key)))


def some_fail(pick: Pick, world: World, key: GroupKey) -> Way:
    """A rollout in which few enough instances fail that it goes on; each gets its previous disk back, or does not."""
    plain = with_profile(upgradable(key, 12), extensions=EXTENSIONS[1])
    world = yield from opted_in(world, plain)
    world = yield from begin(world, key)
    bad = pick((Fate.ILL, Fate.BROKEN, Fate.MUTE))
    world = yield from carry_on(world, key, batches=2)
    world = yield rq.EndRollout(key)
    world = yield from carry_on(world, key, lambda _, before: bad if before == 10 else Fate.WELL)
    world = yield rq.GetHistory(key)
    return (yield from ask(*rollout_shown(key), rq.BeginRollout(key)))


def exactly_a_fifth(_pick: Pick, world: World, key: GroupKey) -> Way:
    """One of five upgraded instances fails, which is not more than 20 percent: the rollout goes on."""
    world = yield from begun(world, key, 6)
    world = yield rq.StartBatch(key, frozenset(group_of(world, key).members))
    world = yield from carry_on(world, key, lambda _, before: Fate.MUTE if before == 4 else Fate.WELL)
    return (yield from ask(*rollout_shown(key)))


def by_hand(pick: Pick, world: World, key: GroupKey) -> Way:
    """A rollout started by hand: nothing is restored, and its own percentages and pause count."""
    plain = upgradable(key, 10, rolling=pick(ROLLING[:4]), upgrade_mode=pick((UpgradeMode.ROLLING, None)))
    world = yield from create(world, plain)
    world = yield from publish(world)
    world = yield from ask(rq.BeginRollout(key), rq.StartRollout(key))
    bad = pick((Fate.WELL, Fate.ILL, Fate.MUTE))
    world = yield from carry_on(world, key, lambda _, before: bad if before == 6 else Fate.WELL)
    return (yield from ask(*rollout_shown(key), rq.StartRollout(key), rq.EndRollout(key)))


def stopped_by_the_upgraded(pick: Pick, world: World, key: GroupKey) -> Way:
    """More than 20 percent of the upgraded become unhealthy: by failing, or by falling ill after they were well."""
    world = yield from begun(world, key, 10)
    if pick((True, False)):
        world = yield from carry_on(world, key, lambda _, before: Fate.ILL if before == 2 else Fate.WELL)
        return (yield from ask(*rollout_shown(key)))
    world = yield from carry_on(world, key, batches=2)
    well = [name for name, one in sorted(group_of(world, key).members.items()) if one.health is Health.HEALTHY]
    for name in well[:1]:
        world = yield rq.ReportHealth(key, name, Health.UNHEALTHY, HealthSource.EXTENSION)
    return (yield from ask(rq.StartBatch(key), rq.EndRollout(key), *rollout_shown(key)))


def stopped_overall(_pick: Pick, world: World, key: GroupKey) -> Way:
    """Exactly 20 percent of all may be unhealthy, for a rollout to begin and to go on; one more stops it."""
    world = yield from opted_in(world, upgradable(key, 10))
    world = yield from report(world, key, Health.UNHEALTHY, 3)
    world = yield from begin(world, key)
    world = yield from report(world, key, Health.HEALTHY, 3)
    world = yield from report(world, key, Health.UNHEALTHY, 2)
    world = yield rq.BeginRollout(key)
    first = lambda _, before: Fate.WELL if before < 2 else Fate.MUTE  # noqa: E731 - it is as short as its name
    world = yield rq.StartBatch(key, frozenset(sorted(group_of(world, key).members)[:2]))
    world = yield rq.EndRollout(key)
    world = yield from settle(world, key, first)
    pending = sorted(group_of(world, key).members)[2:3]
    for name in pending:
        world = yield rq.ReportHealth(key, name, Health.UNHEALTHY, HealthSource.EXTENSION)
    return (yield from ask(rq.StartBatch(key), rq.EndRollout(key), *rollout_shown(key)))


def cancelled(pick: Pick, world: World, key: GroupKey) -> Way:
    """A rollout is cancelled or switched off in the middle of a batch, which is still waited for."""
    world = yield from begun(world, key, 6)
    world = yield from carry_on(world, key, batches=1)
    how: tuple[rq.Request, ...] = (rq.CancelRollout(key), rq.UpdateGroup(key=key, os_upgrade=False))
    world = yield pick(how)
    world = yield rq.StartBatch(key)
    world = yield from settle(world, key)
    world = yield rq.StartBatch(key)
    world = yield rq.EndRollout(key)
    world = yield from ask(rq.CancelRollout(key), rq.UpdateGroup(key=key, os_upgrade=False), rq.BeginRollout(key))
    world = yield rq.UpdateGroup(key=key, os_upgrade=True)
    world = yield from begin(world, key)
    return (yield from carry_on(world, key))


def credentials(pick: Pick, world: World, key: GroupKey) -> Way:
    """Credentials expire, the first batch fails; they are renewed, and every instance is upgraded."""
    ends = world.clock + 5 * 3600
    plain = with_profile(upgradable(key, pick((5, 10))), external=(ExternalReference(RESOURCE, ends),))
    world = yield from opted_in(world, plain)
    world = yield from begin(world, key)
    world = yield rq.AdvanceClock(max(0, ends - world.clock))
    world = yield rq.StartBatch(key)
    world = yield from ask(rq.StartBatch(key), rq.GetProgress(key), rq.EndRollout(key), rq.GetHistory(key))
    world = yield rq.UpdateGroup(key=key, upgrade_mode=UpgradeMode.MANUAL)
    world = yield rq.UpdateGroup(key=key, os_upgrade=True)
    renewed = (ExternalReference(RESOURCE, world.clock + _DAY),)
    world = yield rq.UpdateGroup(key=key, external=renewed)
    world = yield from ask(rq.ChangeExternalResource(RESOURCE, False), rq.UpdateGroup(key=key, os_upgrade=True))
    world = yield rq.ChangeExternalResource(RESOURCE, True)
    world = yield from begin(world, key)
    return (yield from carry_on(world, key))


def zones(_pick: Pick, world: World, key: GroupKey) -> Way:
    """Two groups of one image: the same update works in one zone of the region at a time."""
    other = evolve(key, name=f"{key.name}-too")
    both = ("1", "2")
    mode = UpgradeMode.ROLLING
    world = yield from create(world, upgradable(key, 6, zones=both, upgrade_mode=mode))
    world = yield from opted_in(world, upgradable(other, 6, zones=both))
    world = yield rq.UpdateGroup(key=key, os_upgrade=True)
    world = yield from begin(world, key)
    world = yield rq.BeginRollout(other)
    group = group_of(world, key)
    in_one = sorted(name for name, one in group.members.items() if one.zone == "1")
    in_two = sorted(name for name, one in group.members.items() if one.zone == "2")
    world = yield from ask(
        rq.StartBatch(key, frozenset(in_one[:1] + in_two[:1])), rq.StartBatch(key, frozenset(in_one[:1]))
    )
    others = group_of(world, other).members.items()
    in_other = sorted(name for name, one in others if one.zone == "2")
    world = yield rq.StartBatch(other, frozenset(in_other[:1]))
    for _ in range(4):
        world = yield rq.StartBatch(other)
        world = yield from settle(world, other)
    world = yield from settle(world, key)
    world = yield from carry_on(world, key)
    world = yield from carry_on(world, other)
    return (yield rq.DeleteGroup(other))


def service_fabric(pick: Pick, world: World, key: GroupKey) -> Way:
    """A Service Fabric group is upgraded one update domain after another."""
    durability = pick((Durability.SILVER, Durability.GOLD))
    plain = upgradable(key, 8, update_domain_count=3, health_source=pick((None, HealthSource.EXTENSION)))
    plain = with_profile(plain, service_fabric=ServiceFabric(durability, durability))
    world = yield from opted_in(world, plain)
    world = yield from begin(world, key)
    for _ in range(4):
        world = yield from carry_on(world, key, batches=2)
        group = group_of(world, key)
        for domain in range(3):
            some = sorted(name for name, one in group.members.items() if one.update_domain == domain)
            world = yield rq.StartBatch(key, frozenset(some[-1:]))
            world = yield from settle(world, key)
    world = yield from carry_on(world, key)
    return (yield from ask(*rollout_shown(key)))


def history(_pick: Pick, world: World, key: GroupKey) -> Way:
    """More attempts than the history holds, and time until it holds none."""
    world = yield from create(world, upgradable(key, 1, health_source=None, upgrade_mode=UpgradeMode.ROLLING))
    for number in range(7):
        world = yield from publish(world)
        world = yield rq.StartRollout(key)
        world = yield rq.GetHistory(key)
        world = yield from carry_on(world, key)
        world = yield from ask(rq.GetHistory(key), rq.AdvanceClock(number * _DAY))
    world = yield rq.AdvanceClock(59 * _DAY - 12 * _DAY)
    for _ in range(3):
        world = yield from ask(rq.GetHistory(key), rq.AdvanceClock(6 * _DAY), rq.GetHistory(key))
    world = yield from publish(world)
    world = yield rq.StartRollout(key)
    world = yield from carry_on(world, key)
    # Two months are 59 to 62 days, to the second.
    for seconds in (59 * _DAY, 1, 3 * _DAY - 1, 1):
        world = yield from ask(rq.GetHistory(key), rq.AdvanceClock(seconds))
    return (yield rq.GetHistory(key))


def disturbed(pick: Pick, world: World, key: GroupKey) -> Way:
    """In the middle of a rollout instances come, go, are replaced, fall ill or stop, and the group or model changes."""
    plain = upgradable(key, 10, repairs=True, health_source=HealthSource.EXTENSION)
    world = yield from opted_in(world, plain)
    world = yield from begin(world, key)
    api = Api.SCALE_SET
    for _ in range(4):
        world = yield from carry_on(world, key, batches=pick((1, 2)))
        group = group_of(world, key)
        names = tuple(sorted(group.members))
        name = pick((*in_flight(group), *names[:3]) or ("0",))
        what = pick(
            (
                (rq.SetCapacity(key, len(names) + 2),),
                (rq.SetCapacity(key, max(1, len(names) - 3)),),
                (
                    rq.ReportHealth(key, name, Health.UNHEALTHY, HealthSource.EXTENSION),
                    rq.RepairInstance(key, name),
                ),
                (rq.ChangePower(key, name, Power.STOPPED), rq.ActOnInstance(key, name, Action.START, api)),
                (rq.ActOnInstance(key, name, Action.DELETE, api),),
                (rq.UpgradeInstances(key, frozenset({name})),),
                (rq.UpdateGroup(key=key, extensions=EXTENSIONS[1]),),
                (rq.PublishImage(BIONIC, next_version(world, BIONIC)),),
                (rq.CancelRollout(key),),
            )
        )
        world = yield from ask(*what)
    world = yield from carry_on(world, key)
    return (yield from ask(*rollout_shown(key)))


def of_a_gallery(pick: Pick, world: World, key: GroupKey) -> Way:
    """A gallery's version rolls out once it is replicated to the region, and not while it is excluded from latest."""
    plain = with_profile(upgradable(key, 3), image=ImageReference(GALLERY))
    world = yield from create(world, evolve(plain, os_upgrade=True))
    version = next_version(world, GALLERY)
    world = yield rq.PublishImage(GALLERY, version, frozenset({"eastus"}), excluded=pick((True, False)))
    world = yield from ask(rq.BeginRollout(key), rq.ExcludeImage(GALLERY, version, True))
    world = yield from ask(rq.ReplicateImage(GALLERY, version, "westus"), rq.BeginRollout(key))
    world = yield rq.ExcludeImage(GALLERY, version, False)
    world = yield from begin(world, key)
    world = yield from carry_on(world, key, batches=1)
    world = yield rq.ExcludeImage(GALLERY, version, True)
    world = yield rq.SetCapacity(key, 4)
    world = yield from carry_on(world, key)
    return (yield rq.BeginRollout(key))


def phases(_pick: Pick, world: World, key: GroupKey) -> Way:
    """A release goes from region to region: never to a geo pair at once, nor on before the phase before is done."""
    other = evolve(key, name=f"{key.name}-east")
    world = yield from create(world, upgradable(key, 3, os_upgrade=True))
    world = yield from create(world, upgradable(other, 3, region="eastus", os_upgrade=True))
    version = next_version(world, BIONIC)
    other_version = next_version(world, XENIAL)
    world = yield from ask(
        rq.PublishImage(XENIAL, other_version),
        rq.ReleaseImage(XENIAL, other_version, frozenset({"westus", "eastus"})),
        rq.PublishImage(BIONIC, version),
        rq.ReleaseImage(BIONIC, version, frozenset({"westus"})),
        rq.ReleaseImage(BIONIC, version, frozenset({"westus"})),
        rq.ReleaseImage(BIONIC, version, frozenset({"eastus"})),
    )
    world = yield from begin(world, key)
    world = yield from carry_on(world, key)
    world = yield rq.ReleaseImage(BIONIC, version, frozenset({"eastus", "onefd"}))
    world = yield from begin(world, other)
    world = yield from _both_of_a_pair(world, key, other)
    world = yield from carry_on(world, other)
    return (yield rq.DeleteGroup(other))


def _both_of_a_pair(world: World, key: GroupKey, other: GroupKey) -> Way:
    """Both groups of a geo pair have the same update before them: one waits for the other's batch."""
    world = yield from carry_on(world, other)
    for one in (key, other):
        world = yield rq.UpdateGroup(key=one, os_upgrade=False)
    version = next_version(world, BIONIC)
    world = yield rq.PublishImage(BIONIC, version)
    for region in ("westus", "eastus"):
        world = yield rq.ReleaseImage(BIONIC, version, frozenset({region}))
    for one in (key, other):
        world = yield rq.UpdateGroup(key=one, os_upgrade=True, upgrade_mode=UpgradeMode.ROLLING)
    world = yield from begin(world, key)
    world = yield from begin(world, other)
    world = yield from ask(rq.StartBatch(key), rq.StartBatch(other))
    world = yield from settle(world, key)
    return (yield rq.StartBatch(other))


def eligible(pick: Pick, world: World, key: GroupKey) -> Way:
    """Everything that automatic upgrades ask of a group, one thing at a time; at creation and later."""
    asked = tuple(eligibility(upgradable(key, 1), world.clock))
    start = pick(range(len(asked)))
    for request in (asked[start:] + asked[:start])[: pick((12, 24))]:
        world = yield from _switch_on(world, request)
    return world


def all_eligible(_pick: Pick, world: World, key: GroupKey) -> Way:
    """All of it."""
    for request in eligibility(upgradable(key, 1), world.clock):
        world = yield from _switch_on(world, request)
    world = yield rq.ChangeExternalResource(RESOURCE, False)
    plain = with_profile(upgradable(key, 1), external=(ExternalReference(RESOURCE),))
    world = yield from _switch_on(world, evolve(plain, os_upgrade=True))
    world = yield rq.ChangeExternalResource(RESOURCE, True)
    world = yield from _switch_on(world, evolve(plain, os_upgrade=True))
    # What was so when they were switched on is to stay so.
    probed = evolve(plain, health_source=HealthSource.EXTENSION, os_upgrade=True)
    world = yield from create(world, with_profile(probed, load_balancer=LoadBalancer.BASIC))
    return (
        yield from ask(
            rq.UpdateGroup(key=key, single_placement_group=False),
            rq.UpdateGroup(key=key, health_source=HealthSource.PROBE),
            rq.UpdateGroup(key=key, health_source=None),
            rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "1.0.0")),
            rq.UpdateGroup(key=key, extensions=EXTENSIONS[3]),
        )
    )


def _switch_on(world: World, request: rq.CreateGroup) -> Way:
    """The same asked for of a new group, and of one that exists."""
    for key in groups_where(world, lambda group: group.key == request.key):
        world = yield rq.DeleteGroup(key)
    world = yield request
    for key in groups_where(world, lambda group: group.key == request.key):
        world = yield rq.DeleteGroup(key)
    world = yield evolve(request, os_upgrade=False)
    return (yield rq.UpdateGroup(key=request.key, os_upgrade=True, api_version=request.api_version))


def opted_in_later(_pick: Pick, world: World, key: GroupKey) -> Way:
    """With policy Manual an instance takes part once it was brought to the newest model."""
    world = yield from create(world, upgradable(key, 6))
    world = yield rq.UpdateGroup(key=key, os_upgrade=True)
    world = yield from publish(world)
    world = yield from ask(rq.BeginRollout(key), rq.AdvanceClock(4 * 3600), rq.BeginRollout(key))
    first, second, *_ = (*sorted(group_of(world, key).members), "0", "1")
    world = yield rq.UpgradeInstances(key, frozenset({first, second}))
    for name in (first, second):
        world = yield from ask(
            rq.ProvisionInstance(key, name),
            rq.ReportHealth(key, name, Health.HEALTHY, HealthSource.EXTENSION),
        )
    world = yield from publish(world)
    world = yield from begin(world, key)
    group = group_of(world, key)
    strangers = frozenset(sorted(set(group.members) - {first, second})[:1])
    world = yield rq.StartBatch(key, strangers)
    world = yield from carry_on(world, key, all_well)
    return (yield from ask(rq.GetHistory(key), rq.UpdateGroup(key=key, os_upgrade=False)))


def not_monitored(_pick: Pick, world: World, key: GroupKey) -> Way:
    """Without monitoring an instance is healthy when it runs and has its extensions."""
    plain = with_profile(upgradable(key, 12, health_source=None), extensions=EXTENSIONS[2])
    world = yield from create(world, plain)
    world = yield from publish(world)
    world = yield rq.StartRollout(key)
    fates = (Fate.WELL, Fate.BROKEN, Fate.ILL)
    world = yield from carry_on(world, key, lambda _, before: fates[before % 3] if before > 8 else Fate.WELL)
    return (yield from ask(*rollout_shown(key)))


ROLLOUT_WAYS: Mapping[str, WayFrom] = MappingProxyType(
    {
        one.__name__: one
        for one in (
            to_its_end,
            some_fail,
            exactly_a_fifth,
            by_hand,
            stopped_by_the_upgraded,
            stopped_overall,
            cancelled,
            credentials,
            zones,
            service_fabric,
            history,
            disturbed,
            of_a_gallery,
            phases,
            eligible,
            opted_in_later,
            not_monitored,
        )
    }
)
"""The ways of automatic OS image upgrades by name."""
