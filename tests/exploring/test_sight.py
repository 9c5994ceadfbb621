"""Whatever way a predicate looks at members and counts, what is recalled of steps is what it would see in each."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import MappingProxyType

import attrs
import pytest
from attrs import evolve
from immutables import Map

from vmss_invariants.exploring import Bounds, Configuration, contexts, examining, explore
from vmss_invariants.exploring.aspects import HEALTH
from vmss_invariants.invariant import EVERYWHERE, GroupInvariant, StepInvariant
from vmss_invariants.steps import Step, how_many, how_many_places, surplus
from vmss_model.census import Census
from vmss_model.values import GroupKind, Health, Power
from vmss_model.world import Group

UNIFORM = Configuration(edition="2021-07", kind=GroupKind.UNIFORM)
ILL = evolve(UNIFORM, bounds=Bounds(instances=2, fault_domains=1, families=HEALTH))
SET = evolve(UNIFORM, bounds=Bounds(instances=1, fault_domains=1, families=("forming", "sizing", "setting")))

LOOKS: dict[str, Callable[[Group], bool]] = {
    "words": lambda group: repr(group.members).count("UNHEALTHY") > 1,
    "text": lambda group: f"{group}".count("UNHEALTHY") > 1,
    "words of counts": lambda group: "unhealthy=2" in str(group.census),
    "types": lambda group: isinstance(group.census, Census) and group.census.unhealthy > 1,
    "types of members": lambda group: isinstance(group.members, Map) and group.census.unhealthy > 1,
    "a tuple of counts": lambda group: attrs.astuple(group.census)[5] > 1,
    "changed counts": lambda group: evolve(group.census, spot=0).unhealthy > 1,
    "a hash": lambda group: hash(group) == 0 or group.census.unhealthy > 1,
    "mutable members": lambda group: len(group.members.mutate()) > 1 and group.census.unhealthy > 1,
    "bytes": lambda group: bool(pickle.dumps(group.census)) and group.census.unhealthy > 1,
    "each member": lambda group: sum(one.health is Health.UNHEALTHY for one in group.members.values()) > 1,
    "a tally": lambda group: how_many(group.members, lambda one: one.health is Health.UNHEALTHY) > 1,
    "a surplus": lambda group: surplus(group, "members", lambda one: one.health is not Health.UNHEALTHY) > 1,
    "a surplus in a place": lambda group: any(
        surplus(group, "by_fault_domain", lambda one: one.health is not Health.UNHEALTHY, place) > 1
        for place in range(how_many_places(group, "by_fault_domain"))
    ),
}


@pytest.mark.parametrize("looks", LOOKS)
def test_no_look_escapes(looks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two unhealthy members are seen by words, types, hashes and copies as they are by counts."""
    seen = LOOKS[looks]
    never = GroupInvariant(
        id="two-are-never-ill",
        statement="No two members are unhealthy.",
        rules=(),
        check_group=lambda _, group: "two are ill" if seen(group) else None,
    )
    monkeypatch.setattr(examining, "INVARIANTS", MappingProxyType({never.id: never}))
    monkeypatch.setattr(contexts, "_FEW", -1)  # so that worlds are looked at in sight from the first one on
    recalled, made = explore(ILL), explore(evolve(ILL, remembering=False))

    assert [one.invariant for one in recalled.violations] == [one.invariant for one in made.violations] == [never.id]
    assert (recalled.worlds, recalled.steps) == (made.worlds, made.steps)


def _scaled(group: Group) -> int:
    """The running members of a group that is scaled by itself: it depends on what the group has for its own."""
    return how_many(group.members, lambda one: one.power is Power.RUNNING and group.autoscale is not None)


def _grows(step: Step) -> bool:
    before, after = step.group_before, step.group_after
    return before is not None and after is not None and _scaled(before) != _scaled(after)


def _is_scaled(step: Step) -> bool:
    return step.group_after is not None and _scaled(step.group_after) > 0


@pytest.mark.parametrize("speaks", [_grows, _is_scaled])
def test_what_a_group_has_after_a_step_is_not_what_it_had(
    speaks: Callable[[Step], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question of the groups before and after is two; and of groups after other requests, others still."""
    one = StepInvariant(
        id="scaled",
        statement="Members of a group that is scaled by itself.",
        rules=(),
        where=EVERYWHERE,
        check=lambda _: None,
        concerns=speaks,
    )
    monkeypatch.setattr(examining, "INVARIANTS", MappingProxyType({one.id: one}))
    recalled, made = explore(SET), explore(evolve(SET, remembering=False))

    assert recalled.examinations == made.examinations
    assert recalled.examinations[one.id] > 0
