"""What tests ask of every world, and of every rule that is switched off."""

from __future__ import annotations

from vmss_model import VmKey, World, decide
from vmss_model import requests as rq
from vmss_model.census import recount
from vmss_model.rollout import counted
from vmss_model.values import Api

from .arbitrary import after, is_small, with_edition_without


def assert_books_are_kept(world: World) -> None:
    """The counts equal a recount, and machines and members name one another."""
    for key, group in world.groups.items():
        assert group.key == key
        assert group.census == recount(group)
        if group.rollout is not None:
            again, progress = counted(group.rollout, group), group.rollout.progress
            assert (progress.pending, progress.in_progress) == (again.progress.pending, again.progress.in_progress)
            assert progress.successful >= again.progress.successful
            assert progress.failed >= again.progress.failed
            assert (group.rollout.pending_at, group.rollout.relapsed) == (again.pending_at, again.relapsed)
        assert all(name == member.name for name, member in group.members.items())
        if world.rules_of(group).instance_api is Api.VIRTUAL_MACHINE:
            assert all(world.machines[VmKey(key.resource_group, name)] == key for name in group.members)
    for vm, owner in world.machines.items():
        assert owner is None or vm.name in world.groups[owner].members


def assert_granted_when_off(world: World, request: rq.Request, rules: tuple[str, ...]) -> None:
    """The rules refuse a request; with all but one of them off the last still refuses; with all off it is granted."""
    decision = decide(world, request)
    assert {rule for refusal in decision.refusals for rule in refusal.rules} >= set(rules)
    assert decision.refused
    for left in rules:
        others = [rule for rule in rules if rule != left]
        assert decide(with_edition_without(world, *others), request).refused
    off = with_edition_without(world, *rules)
    granted = decide(off, request)
    assert granted.grant is not None, granted
    if is_small(granted):
        assert_books_are_kept(after(off, request))
