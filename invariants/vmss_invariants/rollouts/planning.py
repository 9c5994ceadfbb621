"""Plans for a rollout by hand: strategies give steps, and the model says what each step means.

Whether the steps are a plan at all is asked of the model (PlanRollout). Then each step is carried out on it
(UpgradeInstances, ProvisionInstance), and what stays up is read from the census of the world that results.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from attrs import field, frozen

from vmss_invariants.rollouts.described import Described, Made, world_of
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_invariants.rollouts.wording import in_order
from vmss_model import requests as rq
from vmss_model.answers import Answer, HeatMapShown, PlanShown
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decide.images import disk_of_model
from vmss_model.decide.models import is_behind
from vmss_model.decisions import Decision, Refusal
from vmss_model.editions import EDITIONS
from vmss_model.evolve import evolve_all
from vmss_model.guards import keeps_some_running
from vmss_model.values import Health, Power, UpgradeMode
from vmss_model.world import Group, GroupKey, Instance, World


@frozen
class Step:
    """One step of a plan, before anybody asked what it means."""

    names: tuple[str, ...]
    """The instances that are upgraded together, in order."""
    where: str = ""
    """What they have in common, such as `update domain 3`; empty where it is nothing."""


@frozen(kw_only=True)
class StepShown:
    """What a step means."""

    number: int
    """Which one it is, from 1."""
    step: Step
    """The step."""
    up: int
    """Instances that are up while its instances are upgraded."""
    up_after: int
    """Instances that are up once it is done."""
    free_of_downtime: bool
    """Whether it leaves some running instance alone."""
    rules: tuple[str, ...]
    """The rules that the model's decision on the upgrade named."""
    heat_map: HeatMapShown | None = None
    """The group while its instances are upgraded; None where nobody wants to see it."""


@frozen(kw_only=True)
class Plan:
    """A plan, and what it means."""

    key: GroupKey
    """The group."""
    strategy: str
    """How the steps were found, in words."""
    steps: tuple[StepShown, ...]
    """The steps in order; none where the plan is refused."""
    refusals: tuple[Refusal, ...] = ()
    """Why it is no plan; empty where it is one."""
    free_of_downtime: bool = False
    """Whether no step takes every running instance at once."""
    rules: tuple[str, ...] = ()
    """The rules that the model's decision on the plan named."""
    no_downtime: str | None = None
    """The rule that says when a plan is free of downtime."""
    notes: tuple[str, ...] = ()
    """What the documents leave open; sentences."""
    left: tuple[str, ...] = ()
    """Instances that are behind and not part of the plan, in order."""
    before: HeatMapShown
    """The group before the first step."""
    after: HeatMapShown
    """The group after the last step."""
    instances: int
    """All instances of the group."""
    up: int
    """Instances that are up before the first step."""
    ends: World = field(repr=False)
    """The world after the last step."""


# -- strategies --------------------------------------------------------------------------------------


def behind(world: World, key: GroupKey) -> tuple[str, ...]:
    """The instances that do not run what the group's model says now, in order."""
    group = world.groups[key]
    disk = disk_of_model(world, group)
    return in_order(name for name, member in group.members.items() if is_behind(member, group, disk))


def as_chosen(choices: Iterable[Collection[str]]) -> tuple[Step, ...]:
    """A step for each collection of instances that somebody chose."""
    return tuple(Step(_kept(names)) for names in choices)


def _kept(names: Collection[str]) -> tuple[str, ...]:
    # One that is named twice stays so: the model says what is wrong with it.
    return in_order(names)


def by_update_domain(group: Group, names: Collection[str]) -> tuple[Step, ...]:
    """One update domain after the other."""
    return _by(group, names, "update domain", lambda member: member.update_domain)


def by_fault_domain(group: Group, names: Collection[str]) -> tuple[Step, ...]:
    """One fault domain after the other."""
    return _by(group, names, "fault domain", lambda member: member.fault_domain)


def _by(
    group: Group, names: Collection[str], what: str, domain_of: Callable[[Instance], int | None]
) -> tuple[Step, ...]:
    domains: dict[int, list[str]] = {}
    for name in in_order(names):
        domain = domain_of(group.members[name])
        if domain is None:
            raise DescriptionError(
                f"instance {name}", f"its {what} is not known", "plan by --batch-size or --instances"
            )
        domains.setdefault(domain, []).append(name)
    return tuple(Step(tuple(domains[domain]), f"{what} {domain}") for domain in sorted(domains))


def in_batches(names: Collection[str], size: int) -> tuple[Step, ...]:
    """Batches of a size, in the order of the instances; the last one may be smaller."""
    ordered = in_order(names)
    return tuple(Step(ordered[start : start + size]) for start in range(0, len(ordered), size))


# -- what a plan means -------------------------------------------------------------------------------


def planned(
    made: Made,
    strategy: str,
    steps: Sequence[Step],
    *,
    scope: frozenset[str] | None = None,
    shown: Collection[int] = (),
) -> Plan:
    """Ask the model what these steps mean; `scope` are the instances to upgrade, None all that are behind.

    `shown` are the numbers of the steps of which a heat map is wanted.
    """
    world, key = made.world, made.key
    decision, told = _asked(_with_planning(world), _request(key, steps, scope))
    here = _heat_map(world, key)
    group = world.groups[key]
    in_plan = {name for step in steps for name in step.names}
    plan = Plan(
        key=key,
        strategy=strategy,
        steps=(),
        refusals=decision.refusals,
        rules=decision.held,
        no_downtime=_no_downtime(world),
        notes=(*made.notes, *decision.open, *_notes(world, group)),
        left=tuple(name for name in behind(world, key) if name not in in_plan),
        before=here,
        after=here,
        instances=group.census.members,
        up=group.census.up,
        ends=world,
    )
    if decision.silent:
        raise DescriptionError("the plan", decision.silent, "")
    if not isinstance(told, PlanShown):
        return plan
    done: list[StepShown] = []
    for number, step in enumerate(steps, 1):
        world, one = _carried_out(world, key, number, step, number in shown)
        done.append(one)
    return evolve(
        plan,
        steps=tuple(done),
        free_of_downtime=told.free_of_downtime,
        after=_heat_map(world, key) if done else here,
        ends=world,
    )


def _request(key: GroupKey, steps: Sequence[Step], scope: frozenset[str] | None) -> rq.PlanRollout:
    # A name that stands twice in one step would be lost in a set: it makes a step of its own.
    sets: list[frozenset[str]] = []
    for step in steps:
        sets.append(frozenset(step.names))
        sets.extend(frozenset({name}) for name in sorted(set(step.names)) if step.names.count(name) > 1)
    return rq.PlanRollout(key, tuple(sets), scope)


def _asked(world: World, request: rq.Request) -> tuple[Decision, Answer | None]:
    decision = decide(world, request)
    return decision, None if decision.grant is None else decision.grant.answer({})


def _with_planning(world: World) -> World:
    """The world in an edition that speaks of planning by hand: its own, or that of the document which does."""
    if _speaks_of_planning(world):
        return world
    spoken = next(one for one in EDITIONS.values() if one.upgrades is not None and one.upgrades.planning is not None)
    return evolve(world, edition=spoken)


def _speaks_of_planning(world: World) -> bool:
    upgrades = world.edition.upgrades
    return upgrades is not None and upgrades.planning is not None


def _no_downtime(world: World) -> str | None:
    upgrades = _with_planning(world).edition.upgrades
    return upgrades.no_downtime if upgrades is not None else None


def _notes(world: World, group: Group) -> tuple[str, ...]:
    notes: list[str] = []
    asked = _with_planning(world).edition
    if asked is not world.edition:
        documents = " and ".join(asked.sources)
        notes.append(
            f"edition {world.edition.name} does not speak of planning by hand: the plan is held against "
            f"{documents} (edition {asked.name})"
        )
    rule = world.edition.upgrade_rule(group.kind, UpgradeMode.AUTOMATIC)
    if group.upgrade_mode is UpgradeMode.AUTOMATIC and rule is not None:
        notes.append(f"with upgrade policy Automatic a change of the model upgrades all at once ({rule})")
    return tuple(notes)


def _heat_map(world: World, key: GroupKey) -> HeatMapShown:
    decision, told = _asked(world, rq.ShowHeatMap(key))
    if not isinstance(told, HeatMapShown):
        raise DescriptionError("the group", decision.silent or "there is no heat map of it", "")
    return told


def _carried_out(world: World, key: GroupKey, number: int, step: Step, show: bool) -> tuple[World, StepShown]:
    """The world after a step, and what it was like."""
    before = world.groups[key]
    taken = sum(before.members[name].power is Power.RUNNING for name in step.names)
    world, rules = _done(world, rq.UpgradeInstances(key, frozenset(step.names)))
    during = world.groups[key].census
    heat_map = _heat_map(world, key) if show else None
    for name in step.names:
        world = _provisioned(world, key, name)
    after = world.groups[key].census
    return world, StepShown(
        number=number,
        step=step,
        up=during.up,
        up_after=after.up,
        free_of_downtime=bool(keeps_some_running(taken, before.census.running)),
        rules=rules,
        heat_map=heat_map,
    )


def _provisioned(world: World, key: GroupKey, name: str) -> World:
    """An upgraded instance has its extensions, and is healthy where somebody reports it."""
    world, _ = _done(world, rq.ProvisionInstance(key, name))
    source = world.groups[key].health_source
    if source is not None and world.groups[key].members[name].power is Power.RUNNING:
        world, _ = _done(world, rq.ReportHealth(key, name, Health.HEALTHY, source))
    return world


def _done(world: World, request: rq.Request) -> tuple[World, tuple[str, ...]]:
    decision = decide(world, request)
    assert decision.grant is not None, (request, decision)
    picks = decision.grant.sample(lambda lowest, _highest: lowest)
    return evolve_all(world, decision.grant.events(picks)), decision.held


# -- from a description to a world -------------------------------------------------------------------


def world_to_plan_in(described: Described) -> Made:
    """The world of a description in which the target is there, and in the model unless that follows latest."""
    policy = described.upgrade_policy or UpgradeMode.MANUAL
    known = any(one.latest_model is not None for one in described.instances) and described.target is None
    changed = known or not described.follows_latest
    return world_of(evolve(described, upgrade_policy=policy), model_changed=changed)
