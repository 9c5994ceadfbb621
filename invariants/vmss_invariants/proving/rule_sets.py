"""The rules that decide one kind of request together, as terms over everything that the request may be.

Comparisons of counts are the functions that run; what is yes or no stands for itself. That the model decides as
its rules do here is not believed: `vmss_invariants.proving.realizing` makes a real request of what z3 finds, and
`vmss_invariants.proving.consistency` puts it to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from vmss_invariants.invariant import Place
from vmss_invariants.proving import census_steps
from vmss_invariants.proving.counts import Counts
from vmss_invariants.proving.realizing import (
    Values,
    autoscaling,
    batch_starting,
    beginning,
    creating,
    deleting,
    ending,
    failing,
    joining,
    restoring,
    sizing,
    switching_on,
)
from vmss_invariants.proving.rollout_steps import RolloutCounts, possible_progress
from vmss_invariants.proving.symbols import Sketch, some_rollout
from vmss_invariants.proving.theorem import automatic_at, rules_at
from vmss_model import guards
from vmss_model.capabilities import Capability, Support
from vmss_model.census import Census
from vmss_model.decide.capabilities import CONDITIONS
from vmss_model.decide.placement import MANY
from vmss_model.editions import EDITIONS, KindRules, Presence
from vmss_model.requests import Request
from vmss_model.rollout import RollingPolicy
from vmss_model.terms import Number, Truth, all_of, any_of, implies, negation
from vmss_model.values import HealthSource
from vmss_model.world import World

LARGEST = 40
"""How many members a group has at most that is made for a witness about a rollout."""
NO_SOURCE, EXTENSION, PROBE = 0, 1, 2
"""Who reports application health, as a number."""


@frozen(kw_only=True)
class RuleSet:
    """The rules that decide one kind of request."""

    request: str
    """What is asked for, in a few words."""
    place: Place
    """The edition and the kind of group."""
    demands: tuple[tuple[str, Truth], ...]
    """What each rule asks of the request and the world, by the rule's id."""
    frame: tuple[Truth, ...]
    """What every such request is, whatever the rules say."""
    symbols: Mapping[str, object]
    """What the request and the world are made of, by name."""
    realize: Callable[[Place, Values], tuple[World, Request]]
    """A world and a request with these values."""


def rule_sets(place: Place) -> Iterator[RuleSet]:
    """Every set of rules of a kind of group in an edition; a request that no rule decides has none."""
    rules = rules_at(place)
    yield _creation(place, rules)
    if not rules.explicit:
        yield _sizing(place, rules)
    if rules.autoscale is not None and rules.autoscale.value:
        yield _autoscaling(place, rules)
    if rules.explicit:
        yield _joining(place, rules)
    if rules.delete_nonempty is not None and not rules.delete_nonempty.value:
        yield _deletion(place, rules)
    upgrades = EDITIONS[place[0]].upgrades
    if upgrades is None or place[1] not in upgrades.kinds:
        return
    yield _beginning(place)
    yield _batch(place)
    yield _end(place)
    if automatic_at(place) is not None:
        yield _switching_on(place)
        yield from _giving_up(place)


# -- groups ----------------------------------------------------------------------------------------


def _creation(place: Place, rules: KindRules) -> RuleSet:
    sketch = Sketch()
    zones, domains = sketch.number("zones", 0, 6), sketch.number("fault_domains", 0, 20)
    given, single = sketch.truth("single_placement_group_given"), sketch.truth("single_placement_group")
    distinct = sketch.truth("distinct_zones")
    asked = Counts(
        census=Census(),
        capacity=sketch.number("instances", 0, 2 * MANY),
        fault_domains=domains,
        zones=zones,
        distinct_zones=distinct,
        update_domains=sketch.number("update_domains", -1, 40),
        region_fault_domains=sketch.number("region_fault_domains", 1, 9),
        one_placement_group=all_of(given, single),
        balances=False,
        next_id=0,
    )
    demands = [*census_steps.creation_demands(rules, asked, asked.capacity)]
    demands += _placement_group(rules, given, single)
    demands += _profile(rules, sketch.truth("profile_given"))
    demands += _preview(place, sketch)
    demands += _health_source(rules, sketch.number("health_source", NO_SOURCE, PROBE))
    demands += _rows(rules, sketch, zonal=zones > 0, several=all_of(given, negation(single)))
    if EDITIONS[place[0]].marketplace:
        there = [sketch.truth(name) for name in ("registered", "item", "image")]
        demands.append(("STACK-MARKETPLACE", all_of(*there)))
    frame = (*sketch.known, any_of(distinct, zones >= 2))
    return RuleSet(
        request="a group is created",
        place=place,
        demands=_joined(demands),
        frame=frame,
        symbols=sketch.symbols,
        realize=creating,
    )


def _joined(demands: list[tuple[str, Truth]]) -> tuple[tuple[str, Truth], ...]:
    """One demand for each rule."""
    by_rule: dict[str, list[Truth]] = {}
    for rule, holds in demands:
        by_rule.setdefault(rule, []).append(holds)
    return tuple((rule, all_of(*holds)) for rule, holds in by_rule.items())


def _placement_group(rules: KindRules, given: Truth, single: Truth) -> list[tuple[str, Truth]]:
    allowed, rule = rules.single_placement_group, rules.single_placement_group_rule
    if allowed is None or rule is None:
        return []
    return [(rule, implies(given, any_of(all_of(single, True in allowed), all_of(negation(single), False in allowed))))]


def _profile(rules: KindRules, given: Truth) -> list[tuple[str, Truth]]:
    if rules.profile_rule is None:
        return []
    return [(rules.profile_rule, given if rules.profile is Presence.REQUIRED else negation(given))]


def _preview(place: Place, sketch: Sketch) -> list[tuple[str, Truth]]:
    registration = EDITIONS[place[0]].registration
    if registration is None or place[1] not in registration.kinds:
        return []
    complete, effective = sketch.truth("features_registered"), sketch.truth("provider_registered_after")
    sketch.known.append(implies(effective, complete))
    old = sketch.truth("old_api_version")
    return [
        ("REG-REQUIRED", complete),
        ("REG-PROPAGATE", implies(complete, effective)),
        ("API-MIN-FLEX", negation(old)),
    ]


def _health_source(rules: KindRules, source: Number) -> list[tuple[str, Truth]]:
    if rules.health_sources is None:
        return []
    numbers = [EXTENSION if one is HealthSource.EXTENSION else PROBE for one in rules.health_sources]
    return [("HEALTH-SOURCE", any_of(source == NO_SOURCE, *(source == number for number in numbers)))]


def _rows(rules: KindRules, sketch: Sketch, zonal: Truth, several: Truth) -> list[tuple[str, Truth]]:
    """The rows of the capability table that can refuse, and what asks for a capability besides by its name."""
    met = {"zonal-only": zonal, "single-placement-group-only": negation(several)}
    assert set(met) == set(CONDITIONS)
    besides = {
        Capability.AUTOSCALE: sketch.truth("autoscale_given"),
        Capability.INSTANCE_REPAIR: sketch.truth("repairs_given"),
    }
    found: list[tuple[str, Truth]] = []
    for capability, cell in rules.capabilities.items():
        if cell.support is not Support.NO and cell.condition not in met:
            continue
        granted = met.get(cell.condition, False)
        asked = any_of(sketch.truth(f"asks for {capability.value}"), besides.get(capability, False))
        found.append((rules.capability_rules[capability], implies(asked, granted)))
    if rules.autoscale is not None:
        found.append((rules.autoscale.rule, implies(besides[Capability.AUTOSCALE], rules.autoscale.value)))
    return found


def _group(place: Place, sketch: Sketch, members: Number) -> Counts:
    # In a kind with a tighter bound for one placement group, the group has one or several.
    single = sketch.truth("single_placement_group")
    rules = rules_at(place)
    allowed = rules.single_placement_group or frozenset({False})
    sketch.known.append(any_of(*(single if one else negation(single) for one in allowed)))
    return Counts(
        census=Census(members=members),
        capacity=members,
        fault_domains=0,
        zones=0,
        distinct_zones=True,
        update_domains=-1,
        region_fault_domains=MANY,
        one_placement_group=single,
        balances=False,
        next_id=0,
    )


def _sizing(place: Place, rules: KindRules) -> RuleSet:
    sketch = Sketch()
    target = sketch.number("target", 0, 2 * MANY)
    counts = _group(place, sketch, 0)
    rule = rules.capacity.rule if rules.capacity is not None else None
    holds = census_steps.resized(rules, counts, target).allowed
    return RuleSet(
        request="the instance count is set",
        place=place,
        demands=() if rule is None else ((rule, holds),),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=sizing,
    )


def _autoscaling(place: Place, rules: KindRules) -> RuleSet:
    sketch = Sketch()
    target = sketch.number("target", 0, 2 * MANY)
    configured = sketch.truth("autoscale_configured")
    fewest, most = sketch.number("fewest", 0, 2 * MANY), sketch.number("most", 0, 2 * MANY)
    sketch.known.append(fewest <= most)
    counts = _group(place, sketch, 0)
    assert rules.autoscale is not None
    assert rules.capacity is not None
    demands = (
        (rules.capacity.rule, census_steps.resized(rules, counts, target).allowed),
        (rules.autoscale.rule, all_of(configured, guards.autoscale_allowed(target, fewest, most))),
    )
    return RuleSet(
        request="the platform sets the instance count",
        place=place,
        demands=demands,
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=autoscaling,
    )


def _joining(place: Place, rules: KindRules) -> RuleSet:
    sketch = Sketch()
    members = sketch.number("members", 0, MANY)
    domains = sketch.number("fault_domains", 1, 5)
    named, domain = sketch.truth("names_fault_domain"), sketch.number("fault_domain", -2, 9)
    region, zone = sketch.truth("in_the_groups_region"), sketch.truth("in_the_groups_zone")
    counts = _group(place, sketch, members)
    demands: list[tuple[str, Truth]] = []
    if rules.capacity is not None:
        demands.append((rules.capacity.rule, census_steps.capacity_holds(rules, members + 1, False)))
        sketch.known.append(members <= rules.capacity.highest)
    if rules.same_place is not None:
        demands.append((rules.same_place.rule, all_of(region, zone)))
    if rules.zone_count is not None:
        demands.append((rules.zone_count.rule, zone))
    limit = rules.fault_domains_regional
    rule = "FD-EXPLICIT" if rules.names_fault_domain is not None or limit is None else limit.rule
    demands.append((rule, implies(named, guards.is_fault_domain_of(domain, domains))))
    if rules.names_fault_domain is not None:
        demands.append((rules.names_fault_domain.rule, implies(named, rules.names_fault_domain.value)))
    cell = rules.capabilities.get(Capability.FD_ASSIGNMENT)
    if cell is not None and cell.support is Support.NO:
        demands.append((rules.capability_rules[Capability.FD_ASSIGNMENT], negation(named)))
    if EDITIONS[place[0]].names_unique is not None:
        demands.append(("NAMING", all_of(sketch.truth("good_name"), sketch.truth("free_name"))))
    sketch.known.append(negation(counts.one_placement_group) if False in (rules.single_placement_group or ()) else True)
    return RuleSet(
        request="a VM joins",
        place=place,
        demands=_joined(demands),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=joining,
    )


def _deletion(place: Place, rules: KindRules) -> RuleSet:
    sketch = Sketch()
    counts = _group(place, sketch, sketch.number("members", 0, MANY))
    assert rules.delete_nonempty is not None
    return RuleSet(
        request="a group is deleted",
        place=place,
        demands=((rules.delete_nonempty.rule, census_steps.deleted(rules, counts).allowed),),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=deleting,
    )


# -- rollouts --------------------------------------------------------------------------------------


def _rule_at(place: Place, rule: str) -> str:
    """The rule that a step of a rollout is held against where no document speaks of automatic upgrades."""
    return rule if automatic_at(place) is not None else "UPGRADE-ROLLING"


def _percent(place: Place) -> int:
    automatic = automatic_at(place)
    return RollingPolicy().max_batch_percent if automatic is None else automatic.percent


def _rollout(place: Place, sketch: Sketch) -> RolloutCounts:
    percent = _percent(place)
    counts = some_rollout(sketch, RollingPolicy(percent, percent, percent))
    progress, relapsed = counts.rollout.progress, counts.rollout.relapsed
    sketch.known += [
        possible_progress(counts),
        counts.members <= LARGEST,
        progress.scope <= counts.members,
        relapsed <= counts.unhealthy,
        counts.unhealthy <= counts.members - progress.successful + relapsed,
        counts.clock <= 10_000,
        counts.rollout.ready_at <= 10_000,
        counts.rollout.batch_started_at <= counts.clock,
        counts.attempts == 0,
        negation(counts.error),
    ]
    return counts


def _beginning(place: Place) -> RuleSet:
    sketch = Sketch()
    members, unhealthy = sketch.number("members", 1, LARGEST), sketch.number("unhealthy", 0)
    clock, earliest = sketch.number("clock", 0, 10_000), sketch.number("earliest", 0, 10_000)
    sketch.known.append(unhealthy <= members)
    demands = [(_rule_at(place, "OSU-PRECHECK"), guards.may_begin(unhealthy, members, _percent(place)))]
    if automatic_at(place) is not None:
        demands.append(("OSU-OPT-OUT", sketch.truth("switched_on")))
        demands.append(("OSU-TRIGGER-FIRST", guards.trigger_is_open(clock, earliest)))
    return RuleSet(
        request="the platform begins a rollout",
        place=place,
        demands=tuple(demands),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=beginning,
    )


def _stops(place: Place, sketch: Sketch, counts: RolloutCounts) -> list[tuple[str, Truth]]:
    rollout, policy = counts.rollout, counts.rollout.policy
    assert policy is not None
    progress, ill = rollout.progress, rollout.progress.failed + rollout.relapsed
    upgraded, overall = policy.max_unhealthy_upgraded_percent, policy.max_unhealthy_percent
    return [
        (
            _rule_at(place, "OSU-STOP-UPGRADED"),
            guards.upgraded_health_allows(ill, progress.upgraded, upgraded),
        ),
        (
            _rule_at(place, "OSU-STOP-OVERALL"),
            guards.overall_health_allows(counts.unhealthy, counts.members, overall),
        ),
        (_rule_at(place, "OSU-OPT-OUT"), negation(sketch.truth("cancelled"))),
        ("OSU-CREDENTIALS", negation(sketch.truth("credentials_expired"))),
    ]


def _batch(place: Place) -> RuleSet:
    automatic = automatic_at(place) is not None
    sketch = Sketch()
    counts = _rollout(place, sketch)
    rollout, progress = counts.rollout, counts.rollout.progress
    size = sketch.number("size", 0)
    assert rollout.policy is not None
    sized = guards.batch_size_allowed(size, guards.batch_cap(counts.members, rollout.policy.max_batch_percent))
    demands = [
        (_rule_at(place, "OSU-WAIT"), guards.batch_is_settled(progress.in_progress)),
        ("UPGRADE-ROLLING", guards.pause_is_over(counts.clock, rollout.ready_at)),
        *_stops(place, sketch, counts),
        (_rule_at(place, "OSU-DONE"), progress.pending > 0),
        (_rule_at(place, "OSU-BATCH"), any_of(progress.pending == 0, sized)),
    ]
    sketch.known.append(any_of(progress.pending == 0, size <= progress.pending))
    if automatic:
        crosses = sketch.truth("crosses_zones")
        sketch.known.append(implies(crosses, size >= 2))
        demands.append(("OSU-ZONES", any_of(progress.pending == 0, negation(crosses))))
        demands.append(("OSU-GROUP", any_of(progress.pending == 0, guards.leaves_some(size, counts.members))))
    return RuleSet(
        request="a batch starts",
        place=place,
        demands=_joined(demands),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=batch_starting,
    )


def _end(place: Place) -> RuleSet:
    sketch = Sketch()
    counts = _rollout(place, sketch)
    progress = counts.rollout.progress
    goes_on = all_of(*(holds for _, holds in _stops(place, sketch, counts)))
    settled = guards.batch_is_settled(progress.in_progress)
    done = guards.all_upgraded(progress.in_progress, progress.pending)
    demands = [
        (_rule_at(place, "OSU-WAIT"), settled),
        (_rule_at(place, "OSU-DONE"), any_of(done, negation(goes_on), negation(settled))),
    ]
    return RuleSet(
        request="a rollout ends",
        place=place,
        demands=_joined(demands),
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=ending,
    )


def _giving_up(place: Place) -> Iterator[RuleSet]:
    automatic = automatic_at(place)
    assert automatic is not None
    for request, rule, restored, realize in (
        ("an instance gets its previous OS disk back", "OSU-MANUAL-NO-RESTORE", True, restoring),
        ("an instance counts as failed as it is", "OSU-RESTORE", False, failing),
    ):
        sketch = Sketch()
        counts = _rollout(place, sketch)
        sketch.known.append(counts.rollout.progress.in_progress > 0)
        restores = sketch.truth("restores")
        waited = counts.clock - counts.rollout.batch_started_at
        yield RuleSet(
            request=request,
            place=place,
            demands=(
                ("OSU-WAIT", guards.wait_is_over(waited, automatic.wait)),
                (rule, restores if restored else negation(restores)),
            ),
            frame=tuple(sketch.known),
            symbols=sketch.symbols,
            realize=realize,
        )


def _switching_on(place: Place) -> RuleSet:
    sketch = Sketch()
    api = sketch.number("api_version_era", 0, 2)
    windows, off = sketch.truth("windows"), sketch.truth("automatic_updates_off")
    source = sketch.number("health_source", NO_SOURCE, PROBE)
    several, standard = sketch.truth("several_placement_groups"), sketch.truth("standard_load_balancer")
    demands = (
        ("OSU-LATEST", sketch.truth("latest")),
        ("OSU-IMAGES", sketch.truth("supported_image")),
        ("OSU-API", api >= 1),
        ("OSU-EXTERNAL", negation(sketch.truth("external_resource_gone"))),
        ("OSU-WINDOWS", implies(all_of(windows, api >= 2), off)),
        ("OSU-HEALTH", source != NO_SOURCE),
        ("OSU-PROBE-LB", implies(all_of(source == PROBE, several), standard)),
    )
    return RuleSet(
        request="automatic OS image upgrades are switched on",
        place=place,
        demands=demands,
        frame=tuple(sketch.known),
        symbols=sketch.symbols,
        realize=switching_on,
    )
