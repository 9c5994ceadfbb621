"""How an operation changes the belief: when it begins, when it succeeded, when it failed."""

from __future__ import annotations

from attrs import evolve
from immutables import Map

from vmss_model.oracle.arm.belief import ABSENT, MAYBE, THERE, Belief, Effect, GroupBelief, Members, Operation
from vmss_model.oracle.arm.urls import operation_id
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.oracle.recordings import ArmResponse
from vmss_model.rules import implements


def status_links(response: ArmResponse) -> tuple[str, ...]:
    """The ids of the operation whose status links an answer carries."""
    links = (response.headers.get("azure-asyncoperation"), response.headers.get("location"))
    ids = (operation_id(link) for link in links if link)
    return tuple(dict.fromkeys(name for name in ids if name))


@implements("ARM-LRO")
def begin(belief: Belief, response: ArmResponse, operation: Operation) -> Belief:
    """An accepted operation: open while the answer links to its status, else done at once."""
    links = status_links(response)
    if not links:
        for effect in operation.effects:
            belief = _succeeded(_begun(belief, effect, ""), effect, "")
        return belief
    for link in links:
        belief = belief.with_operation(evolve(operation, id=link, links=links, gaps=belief.gaps))
    for effect in operation.effects:
        belief = _begun(belief, effect, links[0])
    return belief


def end(belief: Belief, operation: Operation, status: str) -> Belief:
    """An operation whose status was seen to have ended."""
    ended = evolve(operation, status=status)
    for link in operation.links:
        known = belief.operations.get(link)
        if known is not None and known.links == operation.links:
            belief = belief.with_operation(evolve(ended, id=link))
    belief = belief.with_operation(ended)
    for effect in operation.effects if operation.gaps == belief.gaps else ():
        group = belief.groups.get(effect.key)
        if group is None:
            continue
        belief = belief.with_group(evolve(group, pending=group.pending - {operation.id, *operation.links}))
        belief = (_succeeded if status == "Succeeded" else _failed)(belief, effect, operation.id)
    return belief


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
    members = _members_begun(group, group.members, effect)
    if effect.latest is not None:
        members = _latest_now(members, effect, MAYBE)
    elif effect.resizes:
        members = evolve(members, latest_else=members.latest_else | {True})
    if effect.removes_all or (effect.removes and group.pending):
        # Which members were there when another one joined cannot be told any more.
        group = evolve(group, history=None)
    pending = group.pending | {operation} if operation else group.pending
    return belief.with_group(evolve(group, presence=presence, members=members, pending=pending))


def _members_begun(group: GroupBelief, members: Members, effect: Effect) -> Members:
    if effect.presence is False or effect.removes_all:
        members = evolve(members, maybe=members.maybe | members.sure, sure=frozenset())
    if effect.removes:
        members = evolve(
            members,
            sure=members.sure - effect.removes,
            maybe=members.maybe | (effect.removes & members.sure),
        )
    if effect.adds:
        members = evolve(members, maybe=members.maybe | effect.adds, gone=members.gone - effect.adds)
    if effect.resizes:
        members = _resized(group, members, effect)
    if effect.power is not None:
        power = members.power
        for name in _acted_on(members, effect):
            before = power.get(name)
            # While the operation runs an instance is as before, as after, or in between.
            power = power.delete(name) if before is None and name in power else power
            if before is not None:
                power = power.set(name, before | {effect.power})
        members = evolve(members, power=power)
    return evolve(members, known_at=members.known_at + 1)


def _acted_on(members: Members, effect: Effect) -> frozenset[str]:
    return members.sure | members.maybe if effect.power_of is None else effect.power_of


def _resized(group: GroupBelief, members: Members, effect: Effect) -> Members:
    asked = dict(effect.facts).get("sku.capacity")
    before = group.facts.get("sku.capacity")
    numbers = [value for value in before or () if isinstance(value, int) and value != asked]
    if not isinstance(asked, int) or (before is None and not members.closed):
        return evolve(members, sure=frozenset(), closed=False)
    held = len(members.sure | members.maybe) if members.closed else max(numbers, default=asked)
    if asked < held:
        return evolve(members, sure=frozenset(), maybe=members.maybe | members.sure)
    if asked > held:
        return evolve(members, closed=False)
    return members


def _succeeded(belief: Belief, effect: Effect, operation: str) -> Belief:
    group = _group_of(belief, effect)
    if group is None:
        return belief
    others = group.pending - {operation} if operation else group.pending
    if effect.presence is False:
        fresh = GroupBelief(key=group.key, edition=group.edition, presence=ABSENT)
        return belief.with_group(fresh)
    if effect.presence is True:
        group = evolve(group, presence=THERE)
    if effect.facts and not others:
        group = group.narrowed(dict(effect.facts))
    members = group.members
    removed = (members.sure | members.maybe) if effect.removes_all else (effect.removes or frozenset())
    if removed:
        members = evolve(
            members,
            sure=members.sure - removed,
            maybe=members.maybe - removed,
            gone=members.gone | removed,
        )
        group = _capacity_after(evolve(group, history=_history_after(group, removed)), members)
    if effect.removes_all:
        members = evolve(members, closed=True)
    if effect.adds:
        members = evolve(members, sure=members.sure | effect.adds, maybe=members.maybe - effect.adds)
    if effect.power is not None:
        power = members.power
        for name in _acted_on(members, effect):
            power = power.set(name, frozenset({effect.power}))
        members = evolve(members, power=power)
    if effect.latest is not None:
        members = _latest_now(members, effect, MAYBE if others else effect.latest)
    return belief.with_group(evolve(group, members=evolve(members, known_at=members.known_at + 1)))


def _history_after(group: GroupBelief, removed: frozenset[str]) -> PlacementHistory | None:
    """The history of placement once members were deleted."""
    history = group.history
    if history is None:
        return None
    for name in sorted(removed & history.members):
        history = history.left(name)
    return history


def _capacity_after(group: GroupBelief, members: Members) -> GroupBelief:
    """After instances were deleted the instance count is that of the members, where they are known."""
    if members.closed and not members.maybe and not group.pending:
        return group.narrowed({"sku.capacity": len(members.sure)})
    return evolve(group, facts=group.facts.delete("sku.capacity") if "sku.capacity" in group.facts else group.facts)


def _failed(belief: Belief, effect: Effect, _operation: str) -> Belief:
    """A failed operation may have done part of its work: what it touched is no longer certain."""
    group = _group_of(belief, effect)
    if group is None:
        return belief
    members = group.members
    if effect.resizes or effect.removes or effect.removes_all or effect.adds:
        members = evolve(members, sure=frozenset(), closed=False)
        group = evolve(group, history=None)
    if effect.power is not None:
        members = evolve(members, power=members.power.__class__())
    if effect.latest is not None:
        members = _latest_now(members, effect, MAYBE)
    return belief.with_group(evolve(group, members=members, unsettled=True))


@implements("MODEL-VERSION", "UPGRADE-MANUAL")
def _latest_now(members: Members, effect: Effect, values: frozenset[bool]) -> Members:
    """What is known of which members run the newest model, once it is this for those that an effect is about."""
    names = effect.latest_of
    power = members.power
    if effect.restarts:
        for name in [one for one in power if names is None or one in names]:
            power = power.delete(name)
    called = effect.called and values == THERE
    if names is None:
        return evolve(members, latest=Map(), latest_else=values, called=called, power=power)
    latest = members.latest
    for name in names:
        latest = latest.set(name, values)
    return evolve(members, latest=latest, called=called or members.called, power=power)
