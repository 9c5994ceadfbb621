"""Which member a request is about: the same request about another one counts as the same."""

from __future__ import annotations

import pytest
from tests.support import ALL_BUT_TWINS, explored

from vmss_invariants.exploring import Bounds, Configuration
from vmss_invariants.exploring.aspects import ASPECTS, speaks
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.subjects import about, names_some, subject_of
from vmss_model import requests as rq
from vmss_model.values import GroupKind
from vmss_model.world import Group, VmKey


def askable(name: str, kind: GroupKind, aspect: str) -> list[tuple[rq.Request, Group]]:
    """What is asked in the worlds with two members, of an aspect, with the group of the world."""
    one = Configuration(edition=name, kind=kind, bounds=Bounds(instances=2, fault_domains=2, families=ASPECTS[aspect]))
    found, restorer = explored(one, limit_worlds=60)
    worlds = map(restorer.world, found.keys)
    stepper = Stepper(one)
    return [
        (request, group)
        for world in worlds
        for group in world.groups.values()
        if len(group.members) == 2
        for request in requests_in(stepper.scene(world))
    ]


@pytest.mark.parametrize(("name", "kind"), ALL_BUT_TWINS)
def test_a_request_is_about_one_member_or_none(name: str, kind: GroupKind) -> None:
    """About the very member that it is about it is the same; about another one it is about that one."""
    for aspect in ("power", "health", "upgrades"):
        asked = askable(name, kind, aspect) if speaks(name, kind, ASPECTS[aspect]) else []
        subjects = [(request, group, subject) for request, group in asked if (subject := subject_of(request, group))]
        for request, group, subject in subjects:
            (other,) = set(group.members) - {subject}

            assert about(request, subject) == request
            assert subject_of(about(request, other), group) == other

        assert not asked or subjects


@pytest.mark.parametrize(
    ("request_of", "is_about"),
    [
        (lambda group, name: rq.GetInstance(group.key, name), True),
        (lambda group, name: rq.UpgradeInstances(group.key, frozenset({name})), True),
        (lambda group, _: rq.UpgradeInstances(group.key, frozenset(group.members)), False),
        (lambda group, _: rq.UpgradeInstances(group.key), False),
        (lambda group, _: rq.GetInstance(group.key, "nobody"), False),
        (lambda group, _: rq.GetGroup(group.key), False),
        (lambda _, __: rq.AdvanceClock(60), False),
    ],
)
def test_what_names_no_member_or_several_is_about_none(request_of: object, is_about: bool) -> None:
    """A name that nobody has is none of a member either."""
    _, group = askable("2021-02", GroupKind.UNIFORM, "power")[0]
    first = next(iter(group.members))

    assert callable(request_of)
    assert subject_of(request_of(group, first), group) == (first if is_about else None)


def test_all_members_at_once_are_not_some() -> None:
    """Whoever has which name, they are the same; some of them, or all in an order, are not."""
    (_, group) = next(one for one in askable("2021-07", GroupKind.UNIFORM, "upgrades") if len(one[1].members) == 2)
    one, other = sorted(group.members)
    key = group.key

    assert not names_some(rq.StartBatch(key), group)
    assert not names_some(rq.StartBatch(key, frozenset(group.members)), group)
    assert names_some(rq.StartBatch(key, frozenset({one})), group)
    assert names_some(rq.PlanRollout(key, (frozenset({one}), frozenset({other}))), group)
    assert names_some(rq.CreateVm(key=VmKey(key.resource_group, one), group=key), group)
