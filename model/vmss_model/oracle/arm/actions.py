"""What operations on members do to them; also on a VM that is only known to be a member later."""

from __future__ import annotations

from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import ABSENT, MAYBE, Belief, Effect, GroupBelief, Operation, without
from vmss_model.oracle.arm.effects import begin, found_under_way, status_links
from vmss_model.oracle.arm.judging import is_accepted
from vmss_model.oracle.arm.requests import ACTIONS, POWER_AFTER
from vmss_model.oracle.recordings import ArmResponse
from vmss_model.values import Action, Power
from vmss_model.world import GroupKey

DIAGNOSTICS = "retrievebootdiagnosticsdata"
"""The operation that reads boot diagnostics and changes nothing."""
CHANGE = ""
"""Stands for a change of a VM's own properties, which is no operation by name."""

KEEPS_MODEL = frozenset({Action.START, Action.STOP, Action.DEALLOCATE, Action.RESTART, Action.DELETE})
"""Actions that leave the model alone that an instance runs."""


def effect_of(group: GroupBelief, action: Action | None, names: frozenset[str] | None) -> Effect:
    """What an operation does to these members of a scale set, or to all; None: one that no document speaks of."""
    if action is Action.DELETE:
        if names is None:
            return Effect(group.key, removes_all=True)
        return Effect(group.key, removes=names)
    power = POWER_AFTER.get(action) if action is not None else None
    # What a reimage or an operation that no document speaks of makes of an instance's model is open.
    latest = None if action in KEEPS_MODEL else MAYBE
    if action is Action.RESTART or action is Action.REIMAGE:
        # Whether a stopped instance then runs is open: only what ran surely runs.
        acted = group.members.power
        running = frozenset(name for name, states in acted.items() if states == frozenset({Power.RUNNING}))
        chosen = running if names is None else running & names
        return Effect(group.key, power=Power.RUNNING, power_of=chosen, latest=latest, latest_of=names, restarts=True)
    return Effect(
        group.key,
        power=power,
        power_of=names,
        stops=action is Action.STOP,
        latest=latest,
        latest_of=names,
        restarts=latest is not None,
    )


def disturbed_by(group: GroupBelief, segment: str) -> GroupBelief:
    """The scale set once an operation of that name was accepted: a simulated eviction takes some member, some time."""
    return group.disturbed("an eviction was simulated") if segment == "simulateeviction" else group


# -- on a VM that is not known to be a member ------------------------------------------------------


def act_unseen(belief: Belief, vm: GroupKey, segment: str, response: ArmResponse) -> Belief:
    """An operation on a VM of which it is not known whether it is a member: followed, in case it turns out to be one.

    What has ended by then is seen when the VM is.
    """
    links = status_links(response)
    if not is_accepted(response) or not links or segment == DIAGNOSTICS:
        return belief
    operation = Operation("", f"{segment or 'change'} of virtual machine {vm.name}", in_scope=False)
    acted = belief.acted.set(vm, (*belief.acted.get(vm, ()), (links[0], segment)))
    return evolve(begin(belief, response, operation), acted=acted)


def turned_out(belief: Belief, vm: GroupKey, group: GroupBelief) -> Belief:
    """A VM turns out to be a member: what is under way on it does to the scale set what it does to members."""
    acted = belief.acted.get(vm, ())
    if not acted:
        return belief
    belief = evolve(belief.with_group(group), acted=without(belief.acted, vm))
    one = frozenset({vm.name})
    for link, segment in acted:
        operation, group = belief.operations[link], belief.groups[group.key]
        if operation.is_under_way and operation.gaps == belief.gaps:
            effect = effect_of(group, ACTIONS.get(segment), one)
            if effect.removes and group.possible_presence(vm.name) != ABSENT:
                group = group.with_members(maybe=group.members.maybe | one)
            belief = found_under_way(belief.with_group(disturbed_by(group, segment)), operation, effect)
    return belief
