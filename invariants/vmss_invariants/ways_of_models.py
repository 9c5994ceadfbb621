"""Whole ways of models and images elsewhere: upgrade policies, plans by hand, and the images of an Azure Stack."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmss_invariants.requests_base import Pick
from vmss_invariants.requests_upgrades import (
    BIONIC,
    CUSTOM,
    EXTENSIONS,
    GALLERY,
    ROLLING,
    WAIT,
    WINDOWS,
    XENIAL,
    in_flight,
    rollout_shown,
    upgradable,
    with_profile,
)
from vmss_invariants.ways import Fate, Way, WayFrom, ask, begin, carry_on, create, group_of, report
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.images import ImageReference
from vmss_model.values import Health, HealthSource, Power, UpgradeMode
from vmss_model.world import GroupKey, World


def by_policy_manual(pick: Pick, world: World, key: GroupKey) -> Way:
    """A changed model touches nobody; steps are planned, good and bad ones, and instances upgraded by name."""
    world = yield from create(world, upgradable(key, 5, update_domain_count=pick((None, 2)), fault_domain_count=2))
    names = tuple(sorted(group_of(world, key).members))
    first, others = frozenset(names[:1]), frozenset(names[1:])
    world = yield rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "2.0.0"), upgrade_mode=UpgradeMode.MANUAL)
    world = yield from ask(
        rq.ShowHeatMap(key),
        rq.PlanRollout(key, (first, others)),
        rq.PlanRollout(key, (frozenset(names),)),
        rq.PlanRollout(key, tuple(frozenset({name}) for name in names)),
        rq.PlanRollout(key, (first,), first),
        rq.PlanRollout(key, (others,)),
        rq.PlanRollout(key, (first, frozenset(names))),
        rq.PlanRollout(key, (first, others, frozenset())),
        rq.PlanRollout(key, (first,), frozenset({"nobody"})),
        rq.UpgradeInstances(key, first),
        rq.PlanRollout(key, (first, others)),
        rq.PlanRollout(key, (others,)),
        *(rq.PatchInGuest(key, name) for name in names[:1]),
        *(rq.ChangePower(key, name, Power.STOPPED) for name in names[1:2]),
        rq.PlanRollout(key, (others,)),
        rq.ShowHeatMap(key),
        *(rq.ReportHealth(key, name, Health.UNHEALTHY, HealthSource.EXTENSION) for name in names[2:3]),
        *(rq.ProvisionInstance(key, name) for name in names[:1]),
        rq.ShowHeatMap(key),
        rq.UpgradeInstances(key),
        *(rq.ProvisionInstance(key, name) for name in names),
        rq.UpgradeInstances(key),
    )
    return (yield from ask(rq.ShowHeatMap(key), rq.PlanRollout(key, ())))


def by_policy_automatic(_pick: Pick, world: World, key: GroupKey) -> Way:
    """A changed model upgrades all instances at once."""
    world = yield from create(world, upgradable(key, 4, upgrade_mode=UpgradeMode.AUTOMATIC))
    names = sorted(group_of(world, key).members)
    world = yield from ask(
        rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "2.0.0")),
        rq.ShowHeatMap(key),
        *(rq.ProvisionInstance(key, name) for name in names),
    )
    return (yield rq.UpdateGroup(key=key, extensions=EXTENSIONS[1]))


def by_policy_rolling(pick: Pick, world: World, key: GroupKey) -> Way:
    """A changed model is rolled out in batches, with the percentages and the pause of the policy."""
    rolling = pick(ROLLING[:4])
    world = yield from create(world, upgradable(key, 8, upgrade_mode=UpgradeMode.ROLLING, rolling=rolling))
    world = yield rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "2.0.0"))
    world = yield from begin(world, key)
    bad = pick((Fate.WELL, Fate.MUTE))
    world = yield from carry_on(world, key, lambda _, before: bad if before == 6 else Fate.WELL)
    return (yield from ask(*rollout_shown(key), rq.BeginRollout(key), rq.CancelRollout(key)))


def gates_of_a_policy(_pick: Pick, world: World, key: GroupKey) -> Way:
    """The percentages of a rolling policy stop a rollout of the model just above them; its pause is kept."""
    plain = upgradable(key, 8, upgrade_mode=UpgradeMode.ROLLING, rolling=ROLLING[2])
    world = yield from create(world, plain)
    world = yield rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "2.0.0"))
    names = tuple(sorted(group_of(world, key).members))
    world = yield from report(world, key, Health.UNHEALTHY, 5)
    world = yield rq.BeginRollout(key)
    for name in names[-5:-4]:
        world = yield rq.ReportHealth(key, name, Health.HEALTHY, HealthSource.EXTENSION)
    world = yield from ask(
        rq.BeginRollout(key), rq.StartBatch(key, frozenset(names[:5])), rq.StartBatch(key, frozenset())
    )
    world = yield from ask(rq.StartBatch(key, frozenset({"nobody"})), rq.StartBatch(key, frozenset(names[:2])))
    world = yield rq.EndRollout(key)
    for name in in_flight(group_of(world, key)):
        world = yield rq.RestoreInstance(key, name)
        world = yield from ask(
            rq.ProvisionInstance(key, name),
            rq.ReportHealth(key, name, Health.HEALTHY, HealthSource.EXTENSION),
        )
    world = yield from ask(rq.StartBatch(key), rq.AdvanceClock(119), rq.StartBatch(key), rq.AdvanceClock(1))
    world = yield from ask(rq.StartBatch(key, frozenset(names[:1])), rq.EndRollout(key), rq.StartBatch(key))
    world = yield from ask(rq.CancelRollout(key), rq.AdvanceClock(WAIT))
    for name in names:
        world = yield rq.FailInstance(key, name)
    return (yield from ask(rq.StartBatch(key), rq.EndRollout(key), *rollout_shown(key)))


def another_image(_pick: Pick, world: World, key: GroupKey) -> Way:
    """The SKU of the image can be changed by the model, its publisher and offer cannot; extensions are in sequence."""
    world = yield from create(world, with_profile(upgradable(key, 2), extensions=EXTENSIONS[1]))
    world = yield from ask(
        *(rq.UpdateGroup(key=key, image=ImageReference(line)) for line in (WINDOWS, XENIAL, BIONIC, GALLERY)),
        rq.UpdateGroup(key=key, image=ImageReference(CUSTOM, "1")),
        rq.UpdateGroup(key=key, image=ImageReference(CUSTOM, "2")),
        *(rq.UpdateGroup(key=key, extensions=extensions) for extensions in (EXTENSIONS[3], EXTENSIONS[2])),
        rq.UpgradeInstances(key),
    )
    for name in sorted(group_of(world, key).members):
        world = yield from ask(
            rq.ProvisionInstance(key, name, order=("left", "base", "right")),
            rq.ProvisionInstance(key, name, failing="nothing"),
            rq.ProvisionInstance(key, name, order=("base", "right"), failing="right"),
            rq.UpgradeInstances(key, frozenset({name})),
            rq.ProvisionInstance(key, name),
            rq.ProvisionInstance(key, name, order=("base", "right", "left")),
            rq.UpgradeInstances(key, frozenset({name})),
        )
    return (yield rq.ListInstances(key))


def images_of_a_stack(pick: Pick, world: World, key: GroupKey) -> Way:
    """Scale-out takes the newest image there is, the pinned one or none, as the operator replaces and deletes it."""
    version = pick(("latest", "1.0.0"))
    plain = evolve(upgradable(key, 1, upgrade_mode=None), profile=upgradable(key).profile)
    world = yield from ask(
        rq.AddOsImage(BIONIC, "1.0.0"), rq.AddOsImage(BIONIC, "1.0.0"), rq.AddOsImage(BIONIC, "0.9.0")
    )
    if key in world.groups:
        world = yield rq.DeleteGroup(key)
    return (
        yield from ask(
            with_profile(plain, image=ImageReference(BIONIC, version)),
            rq.SetCapacity(key, 2),
            rq.AddOsImage(BIONIC, "1.1.0"),
            rq.SetCapacity(key, 3),
            rq.DeleteOsImage(BIONIC),
            rq.DeleteOsImage(BIONIC),
            rq.SetCapacity(key, 5),
            rq.SetCapacity(key, 2),
            rq.AddOsImage(BIONIC, "1.1.0"),
            rq.SetCapacity(key, 4),
            rq.UpdateGroup(key=key, image=ImageReference(BIONIC, "1.1.0")),
            rq.SetCapacity(key, 5),
            rq.AddOsImage(BIONIC, "2.0.0"),
            rq.SetCapacity(key, 6),
            rq.UpdateGroup(key=key, image=ImageReference(BIONIC)),
            rq.SetCapacity(key, 7),
            rq.RepairInstance(key, "0"),
            rq.DeleteGroup(key),
            rq.DeleteOsImage(BIONIC),
            with_profile(plain, image=ImageReference(BIONIC)),
            rq.AddOsImage(BIONIC, "1.0.0"),
        )
    )


MODEL_WAYS: Mapping[str, WayFrom] = MappingProxyType(
    {
        one.__name__: one
        for one in (by_policy_manual, by_policy_automatic, by_policy_rolling, gates_of_a_policy, another_image)
    }
)
"""The ways of models and upgrade policies by name."""
STACK_WAYS: Mapping[str, WayFrom] = MappingProxyType({images_of_a_stack.__name__: images_of_a_stack})
"""The ways of an Azure Stack's images by name."""
