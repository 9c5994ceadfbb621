"""How an operation changes the belief: when it begins, when it succeeded, when it failed."""

from __future__ import annotations

from collections.abc import Collection

from immutables import Map

from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import (
    ABSENT,
    MAYBE,
    THERE,
    UNTOLD,
    Belief,
    Effect,
    GroupBelief,
    Members,
    Operation,
    without,
)
from vmss_model.oracle.arm.shapes import Fact, provisioning_status
from vmss_model.oracle.arm.urls import operation_id
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.oracle.recordings import ArmResponse
from vmss_model.rules import implements
from vmss_model.values import Power


def status_links(response: ArmResponse) -> tuple[str, ...]:
    """The ids of the operation whose status links an answer carries."""
    links = (response.headers.get("azure-asyncoperation"), response.headers.get("location"))
    ids = (operation_id(link) for link in links if link)
    return tuple(dict.fromkeys(name for name in ids if name))


@implements("ARM-LRO")
def begin(belief: Belief, response: ArmResponse, operation: Operation) -> Belief:
    """An accepted operation: open if the answer links to its status or says that it is not done, else done at once."""
    links = status_links(response) or _untold(belief, response, operation)
    for link in links:
        belief = belief.with_operation(evolve(operation, id=link, links=links, gaps=belief.gaps))
    for effect in operation.effects:
        named = _with_seen(belief, effect)
        belief = _begun(belief, named, links[0] if links else "")
        belief = belief if links else _succeeded(belief, named, ())
    return belief


def found_under_way(belief: Belief, operation: Operation, effect: Effect) -> Belief:
    """An operation that is under way already does something more than was known when it began."""
    for link in operation.links:
        belief = belief.with_operation(evolve(operation, id=link, effects=(*operation.effects, effect)))
    return _begun(belief, effect, operation.links[0])


def _untold(belief: Belief, response: ArmResponse, operation: Operation) -> tuple[str, ...]:
    """An id for an operation on a scale set that is not done, although its answer links to no status."""
    if len(operation.effects) != 1 or operation.effects[0].presence is None:
        return ()
    deleting = response.status == 202 and operation.effects[0].presence is False
    if not deleting and provisioning_status(response.body) != "InProgress":
        return ()
    return (f"{UNTOLD}{len(belief.operations)}",)


def end_untold(belief: Belief, group: GroupBelief, body: object) -> tuple[Belief, GroupBelief]:
    """A read of a scale set (None: there is none): what is under way without a status link ended if it shows that."""
    status = provisioning_status(body) or "Succeeded"
    for link in sorted(one for one in group.pending if one.startswith(UNTOLD)):
        operation = belief.operations[link]
        # One that creates or changes it has not ended as long as there is nothing.
        if status != "InProgress" and (body is not None or operation.effects[0].presence is False):
            belief = end(belief, operation, status)
            group = belief.groups[group.key]
    return belief, group


def end(belief: Belief, operation: Operation, status: str) -> Belief:
    """An operation whose status was seen to have ended."""
    ended = evolve(operation, status=status)
    for link in operation.links:
        known = belief.operations.get(link)
        if known is not None and known.links == operation.links:
            belief = belief.with_operation(evolve(ended, id=link))
    belief = belief.with_operation(ended)
    for key in dict.fromkeys(effect.key for effect in operation.effects) if operation.gaps == belief.gaps else ():
        group = belief.groups.get(key)
        if group is None:
            continue
        mine, since = _asked(group, operation)
        belief = belief.with_group(evolve(group, pending=group.pending - {operation.id, *operation.links}))
        for effect in mine:
            belief = _succeeded(belief, effect, since) if status == "Succeeded" else _failed(belief, effect)
    return belief


def _asked(group: GroupBelief, operation: Operation) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
    """What an operation under way does to a scale set, and what was asked for since it began.

    It does nothing to a scale set that was created after the one it began on was deleted.
    """
    mine = tuple(effect for name, effect in group.asked if name in operation.links)
    first = next((index for index, (name, _) in enumerate(group.asked) if name in operation.links), len(group.asked))
    return mine, tuple(effect for name, effect in group.asked[first:] if name not in operation.links)


def _group_of(belief: Belief, effect: Effect) -> GroupBelief | None:
    return belief.groups.get(effect.key)


def _begun(belief: Belief, effect: Effect, operation: str) -> Belief:
    group = _group_of(belief, effect)
    if group is None:
        return belief
    presence = group.presence
    if effect.presence is not None and presence != frozenset({effect.presence}):
        presence = MAYBE
    if effect.facts:
        group = group.widened(dict(effect.facts), keep_others=True)
    if effect.adds or effect.removes or effect.removes_all:
        group = _capacity_moving(group, effect)
    members = _members_begun(group, group.members, effect)
    if effect.latest is not None:
        members = _latest_now(members, effect, MAYBE)
    elif effect.resizes:
        members = evolve(members, latest_else=members.latest_else | {True})
    if effect.removes_all or (effect.removes and group.pending):
        # Which members were there when another one joined cannot be told any more.
        group = evolve(group, history=None)
    asked = (*_open(group), (operation, effect)) if operation or group.pending else ()
    pending = group.pending | {operation} if operation else group.pending
    return belief.with_group(evolve(group, presence=presence, members=members, pending=pending, asked=asked))


def _open(group: GroupBelief) -> tuple[tuple[str, Effect], ...]:
    """What was asked for, from the first operation on that is still under way."""
    for index, (name, _) in enumerate(group.asked):
        if name in group.pending:
            return group.asked[index:]
    return ()


def _with_seen(belief: Belief, effect: Effect) -> Effect:
    """The effect with the members that were seen by now, where it is one on all of them."""
    group = _group_of(belief, effect)
    of_all = effect.power is not None and effect.power_of is None
    if group is None or not (of_all or effect.removes_all):
        return effect
    members = group.members
    seen = members.sure | members.maybe | frozenset(members.facts) | frozenset(members.power)
    return evolve(effect, seen=seen)


def _capacity_moving(group: GroupBelief, effect: Effect) -> GroupBelief:
    """While members are being deleted the instance count is that of before, of after, or one in between.

    Where VMs join and leave by name no rule says what it is.
    """
    members, possible = group.members, group.possible("sku.capacity")
    if possible is None:
        return group
    names = effect.removed
    most = len(names & (members.sure | members.maybe) if members.closed else names)
    if group.by_name or effect.removes_all or most > _MOST_COUNTS:
        return evolve(group, facts=without(group.facts, "sku.capacity"))
    fewer = {count - one for count in possible if isinstance(count, int) for one in range(min(most, count) + 1)}
    return evolve(group, facts=group.facts.set("sku.capacity", frozenset(fewer)))


_MOST_COUNTS = 100
"""The most members whose deletion is followed one by one in what the instance count can be."""


def _members_begun(group: GroupBelief, members: Members, effect: Effect) -> Members:
    if effect.presence is False or effect.removes_all:
        members = evolve(members, maybe=members.maybe | members.sure, sure=frozenset())
    removed = effect.removed
    if removed:
        members = evolve(
            members,
            sure=members.sure - removed,
            maybe=members.maybe | (removed & members.sure),
        )
    if effect.adds:
        members = _as_new(members, effect.adds - members.sure)
        members = evolve(members, maybe=members.maybe | effect.adds, gone=members.gone - effect.adds)
    if effect.resizes:
        members = _resized(group, members, effect)
    if effect.power is not None:
        power = members.power
        for name in effect.powered:
            before = power.get(name)
            if before is not None:
                # While the operation runs an instance is as before, as after, or in between.
                power = power.set(name, before | {effect.power})
        deallocated = members.deallocated or effect.power is Power.DEALLOCATED
        members = evolve(members, power=power, deallocated=deallocated)
    return evolve(_power_opened(members, effect), known_at=members.known_at + 1)


def _as_new(members: Members, names: frozenset[str]) -> Members:
    """The members without what was seen of those of these names: a new one has nothing of them."""
    return evolve(
        members,
        facts=without(members.facts, *names),
        shown_at=without(members.shown_at, *names),
        power=without(members.power, *names),
        latest=without(members.latest, *names),
    )


def _power_opened(members: Members, effect: Effect) -> Members:
    """The members without the power states that an operation leaves open."""
    if not effect.restarts:
        return members
    names, told = effect.latest_of, effect.powered
    open_ = (one for one in members.power if (names is None or one in names) and one not in told)
    return evolve(members, power=without(members.power, *open_))


def _resized(group: GroupBelief, members: Members, effect: Effect) -> Members:
    """The members while another instance count was asked for: some may go if there may be more, come if fewer."""
    asked = dict(effect.facts).get("sku.capacity")
    counts = _counts_but(asked, group, members)
    if not isinstance(asked, int) or counts is None:
        return evolve(members, sure=frozenset(), closed=False)
    if any(count > asked for count in counts):
        members = evolve(members, sure=frozenset(), maybe=members.maybe | members.sure)
    if any(count < asked for count in counts):
        members = evolve(members, closed=False)
    return members


def _counts_but(asked: Fact | None, group: GroupBelief, members: Members) -> tuple[int, ...] | None:
    """How many members there can be before another count is asked for, but for that one; None if it is not known.

    The instance count tells it where it is that of the members: not in a group to which members are added by
    name, nor after an operation that may have reached it in part. A listing of all members tells it in bounds.
    """
    possible = group.possible("sku.capacity")
    if possible is not None and not group.by_name and not group.unsettled and not group.platform_acts:
        return tuple(count for count in possible if isinstance(count, int) and count != asked)
    return (len(members.sure), len(members.sure | members.maybe)) if members.closed else None


def _succeeded(belief: Belief, effect: Effect, since: tuple[Effect, ...]) -> Belief:
    """An operation that succeeded: its effect is there, but for what was asked for since it began."""
    group = _group_of(belief, effect)
    if group is None:
        return belief
    others = group.pending
    if effect.presence is False:
        if any(one.presence for one in since):
            # Whether it was created again before or after it was deleted cannot be told.
            return belief.with_group(evolve(group.disturbed(), presence=MAYBE))
        fresh = GroupBelief(key=group.key, edition=group.edition, presence=ABSENT)
        return belief.with_group(fresh)
    if effect.presence is True and not any(one.presence is False for one in since):
        group = evolve(group, presence=THERE)
    if effect.facts and not others:
        group = _facts_after(group, effect, since)
    if effect.rolls:
        group = evolve(group, rolled=THERE)
    members = group.members
    if effect.removes or effect.removes_all:
        group = _without_removed(group, effect, since)
        members = group.members
    added = effect.adds.difference(*(one.removed for one in since))
    if added:
        members = evolve(members, sure=members.sure | added, maybe=members.maybe - added)
    members = _power_after(_power_opened(members, effect), effect, since)
    if effect.latest is not None:
        overtaken = any(one.latest is not None and _meet(one.latest_of, effect.latest_of) for one in since)
        members = _latest_now(members, effect, MAYBE if others or overtaken else effect.latest)
    return belief.with_group(evolve(group, members=evolve(members, known_at=members.known_at + 1)))


def _without_removed(group: GroupBelief, effect: Effect, since: tuple[Effect, ...]) -> GroupBelief:
    """The scale set once members were deleted, but for those that were created by the same names since."""
    members, names = group.members, effect.removed
    removed = names.difference(*(one.adds for one in since))
    alone = not group.pending and not any(one.resizes or one.adds for one in since)
    members = evolve(
        members,
        sure=members.sure - removed,
        maybe=members.maybe - removed,
        gone=members.gone | removed,
        closed=members.closed or (effect.removes_all and alone),
    )
    history = _history_after(group, removed) if removed == names else None
    return _capacity_after(evolve(group, members=members, history=history))


def _facts_after(group: GroupBelief, effect: Effect, since: tuple[Effect, ...]) -> GroupBelief:
    """What a change that succeeded set; what was asked for since may be there instead."""
    facts = dict(effect.facts)
    if any(one.removes or one.removes_all for one in since):
        facts.pop("sku.capacity", None)
    group = group.narrowed(facts)
    for one in since:
        group = group.widened({name: value for name, value in one.facts if name in facts}, keep_others=True)
    return group


def _power_after(members: Members, effect: Effect, since: tuple[Effect, ...]) -> Members:
    """The power states once an operation succeeded, beside those that operations since then lead to."""
    if effect.power is None:
        return members
    power = members.power
    for name in effect.powered:
        before = power.get(name)
        stays = members.deallocated if before is None else Power.DEALLOCATED in before
        reached = frozenset({effect.power, Power.DEALLOCATED} if effect.stops and stays else {effect.power})
        if not any(_acts_on_power(one, name) for one in since):
            power = power.set(name, reached)
        elif before is not None:
            power = power.set(name, before | reached)
    return evolve(members, power=power)


def _acts_on_power(effect: Effect, name: str) -> bool:
    """Whether an effect may change a member's power state."""
    powers = effect.power is not None and (effect.power_of is None or name in effect.power_of)
    return powers or (effect.restarts and _meet(effect.latest_of, {name}))


def _meet(some: Collection[str] | None, others: Collection[str] | None) -> bool:
    """Whether two sets of members have one in common; None is all of them."""
    return some is None or others is None or not frozenset(some).isdisjoint(others)


def _history_after(group: GroupBelief, removed: frozenset[str]) -> PlacementHistory | None:
    """The history of placement once members were deleted."""
    history = group.history
    if history is None:
        return None
    for name in sorted(removed & history.members):
        history = history.left(name)
    return history


def _capacity_after(group: GroupBelief) -> GroupBelief:
    """After instances were deleted the instance count is that of the members, where they are known."""
    members = group.members
    if members.closed and not members.maybe and not group.pending and not group.by_name:
        return group.narrowed({"sku.capacity": len(members.sure)})
    return evolve(group, facts=without(group.facts, "sku.capacity"))


def _failed(belief: Belief, effect: Effect) -> Belief:
    """A failed operation may have done part of its work: what it touched is no longer certain."""
    group = _group_of(belief, effect)
    if group is None:
        return belief
    members = group.members
    if effect.resizes or effect.removes or effect.removes_all or effect.adds:
        members = evolve(members, sure=frozenset(), closed=False)
        group = evolve(group, history=None)
    if effect.power is not None:
        members = evolve(members, power=Map())
    if effect.latest is not None:
        members = _latest_now(members, effect, MAYBE)
    members = _power_opened(members, effect)
    return belief.with_group(evolve(group, members=members, unsettled=True))


@implements("MODEL-VERSION", "UPGRADE-MANUAL")
def _latest_now(members: Members, effect: Effect, values: frozenset[bool]) -> Members:
    """What is known of which members run the newest model, once it is this for those that an effect is about."""
    names = effect.latest_of
    called = effect.called and values == THERE
    if names is None:
        return evolve(members, latest=Map(), latest_else=values, called=called)
    latest = members.latest
    for name in names:
        latest = latest.set(name, values)
    return evolve(members, latest=latest, called=called or members.called)
