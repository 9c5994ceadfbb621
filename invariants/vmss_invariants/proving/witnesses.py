"""For each finding of section J a situation in which its two readings differ.

Where the readings differ in numbers z3 finds them; what a reading says is said by the code that runs, on the
edition as it is and on the edition with the other reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import z3
from attrs import frozen

from vmss_invariants.proving.realizing import KEY, batch_starting, switching_on
from vmss_invariants.solver import answer_of
from vmss_model import guards
from vmss_model import requests as rq
from vmss_model.batches import Batch
from vmss_model.capabilities import Capability
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.editions import EDITIONS, Edition, read_otherwise
from vmss_model.oracle.arm.shapes import kind_shown
from vmss_model.rollout import Place, place_of
from vmss_model.rules import ERRORS, FINDINGS
from vmss_model.terms import Truth, floor_div, ite
from vmss_model.values import GroupKind
from vmss_model.world import AutoscaleBounds, Group, Instance, Subscription, World

_STATELESS = Subscription(known=False)
_UNIFORM, _FLEXIBLE = GroupKind.UNIFORM, GroupKind.FLEXIBLE


@frozen(kw_only=True)
class FindingWitness:
    """A situation in which the two readings of a finding differ."""

    finding: str
    """The finding's id."""
    situation: str
    """What is asked, in a sentence."""
    chosen: str
    """What the chosen reading says."""
    other: str
    """What the other reading says."""

    @property
    def differs(self) -> bool:
        """Whether the readings differ: a witness on which they do not is none."""
        return self.chosen != self.other


def finding_witnesses() -> tuple[FindingWitness, ...]:
    """One for each finding, in their order."""
    return tuple(_WITNESSES[one.id]() for one in FINDINGS)


def _smallest(condition: Callable[[Any], Truth], lowest: int, highest: int) -> int:
    """The smallest number within bounds of which something holds."""
    optimizer, number = z3.Optimize(), z3.Int("number")
    optimizer.add(number >= lowest, number <= highest, condition(number))
    optimizer.minimize(number)
    assert answer_of(optimizer) == z3.sat, "the readings never differ"
    return int(optimizer.model()[number].as_long())


def _outcome(decision: Decision) -> str:
    if decision.refusals:
        return f"refused by {decision.refusals[0].rules[0]}"
    return "the documents are silent" if decision.silent else "granted"


def _asked(edition: Edition, group: Group | None, request: rq.Request) -> Decision:
    world = World(edition, subscription=_STATELESS)
    return decide(world if group is None else evolve(world, groups=world.groups.set(KEY, group)), request)


def _asked_both(finding: str, situation: str, one: Edition, group: Group | None, request: rq.Request) -> FindingWitness:
    """What an edition says to a request, and what it says under the other reading."""
    chosen, other = (_outcome(_asked(each, group, request)) for each in (one, read_otherwise(one, finding)))
    return FindingWitness(finding=finding, situation=situation, chosen=chosen, other=other)


def _group(edition: Edition, kind: GroupKind, members: int = 0) -> Group:
    named = {str(number): Instance(str(number)) for number in range(members)}
    group = Group(KEY, kind, "westus", capacity=None if edition.kinds[kind].explicit else members)
    return evolve(group, members=group.members.update(named), census=Census(members=members))


def _f1() -> FindingWitness:
    one = EDITIONS["2021-02"]
    limit = one.kinds[_UNIFORM].fault_domain_guarantee
    assert limit is not None
    most = limit.highest
    size = _smallest(lambda n: guards.fault_domain_guarantee_holds(n, most) != (n < most), 0, 1000)
    situation = f"whether fault domains are guaranteed to a Uniform group of {size} instances"
    return _asked_both("F1", situation, one, _group(one, _UNIFORM, size), rq.AskFaultDomainGuarantee(KEY))


def _f2() -> FindingWitness:
    one = EDITIONS["2021-02"]
    request = rq.CreateGroup(key=KEY, kind=_FLEXIBLE, autoscale=AutoscaleBounds(0, 10))
    return _asked_both("F2", "a Flexible group is created with autoscale from 0 to 10", one, None, request)


def _f3() -> FindingWitness:
    one = EDITIONS["2021-02"]
    request = rq.UseCapability(KEY, Capability.BACKUP)
    return _asked_both("F3", "Azure Backup is switched on for a Uniform group", one, _group(one, _UNIFORM), request)


def _f4() -> FindingWitness:
    def rounded_up(instances: Any) -> Any:
        return ite(instances <= 5, 1, floor_div(instances * 20 + 99, 100))

    size = _smallest(lambda n: guards.batch_cap(n, 20) != rounded_up(n), 1, 9)
    return FindingWitness(
        finding="F4",
        situation=f"the most instances in a batch of a group of {size}",
        chosen=str(guards.batch_cap(size, 20)),
        other=str(rounded_up(size)),
    )


def _f5() -> FindingWitness:
    one = EDITIONS["2017-05"]
    request = rq.PatchInGuest(KEY, "0")
    return _asked_both("F5", "an instance is patched inside its guest", one, _group(one, _UNIFORM, 1), request)


def _f6() -> FindingWitness:
    limits = [EDITIONS[name].kinds[kind].capacity for name, kind in (("2019-10", GroupKind.VM), ("2021-02", _FLEXIBLE))]
    earlier, later = (limit for limit in limits if limit is not None)
    size = _smallest(
        lambda n: (
            guards.capacity_allowed(n, earlier.lowest, earlier.highest)
            != guards.capacity_allowed(n, later.lowest, later.highest)
        ),
        0,
        2000,
    )
    chosen, other = (guards.capacity_allowed(size, one.lowest, one.highest) for one in (earlier, later))
    return FindingWitness(
        finding="F6",
        situation=f"VM number {size} joins a group of VMs in 2019",
        chosen="granted" if chosen else f"refused by {earlier.rule}",
        other="granted" if other else f"refused by {later.rule}",
    )


def _f7() -> FindingWitness:
    world = World(EDITIONS["2021-02"], subscription=_STATELESS)
    request = rq.CreateGroup(key=KEY, kind=_FLEXIBLE, fault_domain_count=5)
    (refusal,) = decide(evolve(world, regions=world.regions.set("westus", 3)), request).refusals
    return FindingWitness(
        finding="F7",
        situation="5 fault domains are asked for in a region that has 3",
        chosen=refusal.message,
        other=ERRORS["E2"].message_template.format(count=5, low=1, high=1),
    )


def _f8() -> FindingWitness:
    size = _smallest(lambda n: z3.And(guards.leaves_some(1, n), z3.Not(n > 1)), 1, 1000)
    return FindingWitness(
        finding="F8",
        situation=f"a batch of one in a group of {size}",
        chosen="allowed" if guards.leaves_some(1, size) else "never all at once",
        other="allowed" if size > 1 else "never all at once",
    )


def _f9() -> FindingWitness:
    ill, upgraded, members = z3.Ints("ill upgraded members")
    solver = z3.Solver()
    of_upgraded = guards.upgraded_health_allows(ill, upgraded, 20)
    of_all = guards.upgraded_health_allows(ill, members, 20)
    solver.add(ill >= 0, ill <= upgraded, upgraded < members, members <= 40, of_upgraded != of_all)
    assert answer_of(solver) == z3.sat, "the readings never differ"
    found = {str(symbol): solver.model()[symbol].as_long() for symbol in (ill, upgraded, members)}
    values = {
        "successful": found["upgraded"] - found["ill"],
        "failed": found["ill"],
        "in_progress": 0,
        "pending": found["members"] - found["upgraded"],
        "members": found["members"],
        "relapsed": 0,
        "unhealthy": 0,
        "clock": 0,
        "ready_at": 0,
        "batch_started_at": 0,
        "size": 1,
    }
    world, request = batch_starting(("2021-07", _UNIFORM), values)
    other = evolve(world, edition=read_otherwise(world.edition, "F9"))
    return FindingWitness(
        finding="F9",
        situation=f"{found['ill']} of {found['upgraded']} upgraded instances failed, there are {found['members']} "
        "in all, and the next batch is to start",
        chosen=_outcome(decide(world, request)),
        other=_outcome(decide(other, request)),
    )


def _f10() -> FindingWitness:
    values = {
        "windows": True,
        "supported_image": True,
        "latest": True,
        "external_resource_gone": False,
        "automatic_updates_off": False,
        "standard_load_balancer": True,
        "several_placement_groups": False,
        "health_source": 1,
        "api_version_era": 2,
    }
    world, request = switching_on(("2021-07", _UNIFORM), values)
    other = evolve(world, edition=read_otherwise(world.edition, "F10"))
    return FindingWitness(
        finding="F10",
        situation="automatic upgrades are switched on for a Windows group that does not set enableAutomaticUpdates",
        chosen=_outcome(decide(world, request)),
        other=_outcome(decide(other, request)),
    )


def _f11() -> FindingWitness:
    one = EDITIONS["2021-02"]
    group, request = _group(one, _FLEXIBLE, 1), rq.DetachVm(KEY, "0")
    found = _asked_both("F11", "a member of a Flexible group is detached", one, group, request)
    return evolve(found, other=found.other.replace("the documents are silent", "not refused"))


def _f12() -> FindingWitness:
    begun, ended = 90, 0
    return FindingWitness(
        finding="F12",
        situation=f"an attempt that began on day {begun} and completed on day {ended}",
        chosen="no attempt has such dates" if ended < begun else "an attempt",
        other="an attempt",
    )


def _f13() -> FindingWitness:
    instances = (Instance("a", fault_domain=0, update_domain=0), Instance("b", fault_domain=1, update_domain=0))

    def outcome(place: Callable[[Instance], Place]) -> str:
        pending = {one.name: place(one) for one in instances}
        choice = Batch(
            pending=pending, instances=10, cap=2, size_rule="OSU-BATCH", stays_in_place=True, spares_some=True
        )
        return "allowed" if choice.allows(("a", "b")) else "crosses domains"

    return FindingWitness(
        finding="F13",
        situation="a batch of two instances of update domain 0, one in fault domain 0 and one in fault domain 1",
        chosen=outcome(place_of),
        other=outcome(lambda one: (one.zone, one.fault_domain)),
    )


def _f14() -> FindingWitness:
    body = {"location": "westus", "properties": {"platformFaultDomainCount": 2}}
    words: Mapping[str, GroupKind] = {"VM": GroupKind.VM, "ScaleSetVM": GroupKind.SCALE_SET_VM}
    shown = kind_shown(body, "2019-10")
    named = words.get(str(body["properties"].get("orchestrationMode")))  # type: ignore[attr-defined] # a mapping
    return FindingWitness(
        finding="F14",
        situation="the mode of a group of 2019 that names two fault domains and no profile, and no mode",
        chosen=shown.value if shown is not None else "not told",
        other=named.value if named is not None else "not told",
    )


_WITNESSES: Mapping[str, Callable[[], FindingWitness]] = MappingProxyType(
    {
        "F1": _f1,
        "F2": _f2,
        "F3": _f3,
        "F4": _f4,
        "F5": _f5,
        "F6": _f6,
        "F7": _f7,
        "F8": _f8,
        "F9": _f9,
        "F10": _f10,
        "F11": _f11,
        "F12": _f12,
        "F13": _f13,
        "F14": _f14,
    }
)
"""Who makes the witness of each finding."""
