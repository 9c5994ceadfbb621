"""In which power states members can be, once something is done to them, whose state was open before.

What is done to a member follows from the state that it is in. Where that is one of several, whatever follows from any
of them may be seen: the stand-in that the world holds is only one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from vmss_model import requests as rq
from vmss_model.choices import Choice, OneOf
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.events import InstanceChanged
from vmss_model.oracle.open_points import POWER, OpenPoints
from vmss_model.values import Power
from vmss_model.world import Group, GroupKey, World

_ACTS = rq.ActOnInstance | rq.ActOnGroup | rq.ChangePower


@frozen
class Reached:
    """The power states in which a member can be after a request."""

    pair: tuple[GroupKey, str]
    """The member, by its group and name."""
    states: frozenset[Power]
    """The states, at least one."""


def reached(world: World, points: OpenPoints, request: rq.Request) -> dict[str, Reached]:
    """Where members can be whose state is open before a request that acts on them.

    By the name of the choice that says in which state a member is, where there is one.
    """
    found: dict[str, Reached] = {}
    if not isinstance(request, _ACTS) or request.key not in world.groups:
        return found
    group = world.groups[request.key]
    for pair, states in points.powers.items():
        key, name = pair
        if key == group.key and name in group.members and _acts_on(request, name):
            after = frozenset(power for state in states for power in _after(world, group, name, state, request))
            if after:
                choice = f"{POWER} of {name}" if isinstance(request, rq.ActOnGroup) else POWER
                found[choice] = Reached(pair, after)
    return found


def relaxed(powers: Mapping[str, Reached], choice: Choice) -> Choice:
    """A choice with what may be chosen in any state in which the member can have been."""
    if choice.name not in powers or not isinstance(choice, OneOf):
        return choice
    others = sorted(powers[choice.name].states.difference(choice.options), key=lambda power: power.value)
    return evolve(choice, options=(*choice.options, *others))


def remember(
    points: OpenPoints, powers: Mapping[str, Reached], choices: tuple[Choice, ...], told: Mapping[str, object]
) -> OpenPoints:
    """Keep open in which states they are now; what was told, or is the same whatever it was before, is open no more."""
    seen = {choice.name for choice in choices} & told.keys()
    kept = points.powers
    for choice, one in powers.items():
        settled = len(one.states) == 1 or choice in seen
        kept = kept.delete(one.pair) if settled else kept.set(one.pair, one.states)
    return evolve(points, powers=kept)


def _acts_on(request: _ACTS, name: str) -> bool:
    if isinstance(request, rq.ActOnGroup):
        return request.names is None or name in request.names
    return request.name == name


def _after(world: World, group: Group, name: str, before: Power, request: _ACTS) -> Iterator[Power]:
    """The states in which a member can be after a request, if it was in that state before."""
    members = group.members.set(name, evolve(group.members[name], power=before))
    there = evolve(world, groups=world.groups.set(group.key, evolve(group, members=members)))
    alone = evolve(request, names=frozenset({name})) if isinstance(request, rq.ActOnGroup) else request
    grant = decide(there, alone).grant
    if grant is None:
        return
    for choice in grant.choices:
        yield from (value for value in choice.values() if isinstance(value, Power))
    if not grant.choices:
        yield from (one.instance.power for one in grant.events({}) if isinstance(one, InstanceChanged))
