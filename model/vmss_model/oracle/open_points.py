"""What an outcome did not tell, kept open until a later observation settles it.

Nothing is enumerated: a scale-in from 18 to 9 with unseen victims is nine placeholders with 18 candidates,
not 48,620 worlds. A placeholder stands in the world so that every count is right; its name begins with
`?`, which no member's name can.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from immutables import Map

from vmss_model import requests as rq
from vmss_model.answers import Answer, FeatureShown, IdsShown, InstanceShown, InstancesShown
from vmss_model.census import recount
from vmss_model.choices import Choice, FreshIds, FreshName, Placements, Subset
from vmss_model.copying import evolve
from vmss_model.oracle.finding import Finding, violates
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.values import Api, Power
from vmss_model.world import Group, GroupKey, Instance, Profile, VmKey, World


@frozen
class OpenMembers:
    """Members of one group that are there, but not known by name."""

    candidates: Map[str, Instance] = field(factory=Map)
    """Members before a scale-in, of which some may have survived."""
    count: int = 0
    """How many members are there that are not known by name."""
    fresh: int = 0
    """How many of these can be members whose ids were not told when they were made; the others are
    candidates."""
    first_id: int = 0
    """The lowest id that a fresh member can have."""
    acted_on: bool = False
    """Whether an operation on the whole group acted on them since, so that their power is open."""
    powers: Map[str, frozenset[Power]] = field(factory=Map)
    """For candidates whose power state was one of several: these."""


@frozen
class OpenPoints:
    """Everything that is open."""

    members: Map[GroupKey, OpenMembers] = field(factory=Map)
    """Members not known by name, by group."""
    unplaced: frozenset[tuple[GroupKey, str]] = frozenset()
    """Members whose zone, fault domain or update domain was not told."""
    histories: Map[GroupKey, PlacementHistory] = field(factory=Map)
    """For groups that spread over fault domains: who joined and left, since they were empty."""
    powers: Map[tuple[GroupKey, str], frozenset[Power]] = field(factory=Map)
    """Members whose power state is one of several."""
    hazy: frozenset[tuple[GroupKey, str]] = frozenset()
    """Members whose power state was open at some time: what a stale query shows of it stays open."""
    features: Map[str, tuple[int, int]] = field(factory=Map)
    """For features being registered: the earliest and latest moment (seconds) at which it can end."""
    clouded: frozenset[GroupKey] = frozenset()
    """Groups of which it cannot be told any more what each instance runs (see `rollout_points`)."""
    unlike: frozenset[GroupKey] = frozenset()
    """Groups of which it cannot be told any more how each member was made: those whose names were not told differed."""
    unordered: frozenset[tuple[GroupKey, str]] = frozenset()
    """Members of which the order of their extensions was not told."""

    def unsure(self, world: World, request: rq.Request) -> str:
        """Why a refusal cannot be judged because of what is open; empty if it can."""
        key = getattr(request, "key", None)
        at = world.subscription.provider_registered_at
        if isinstance(request, rq.CreateGroup) and at is not None:
            late = [name for name, (_, latest) in sorted(self.features.items()) if latest > at]
            if late:
                return f"when the registration of {late[0]} ended was not told"
        if isinstance(request, rq.CreateVm) and any(
            one.resource_group == request.key.resource_group for one in self.members
        ):
            return "a VM whose name was not told may have this name"
        named = isinstance(
            request, rq.ActOnInstance | rq.GetInstance | rq.ReportHealth | rq.ActOnGroup | rq.GetBootDiagnostics
        )
        if named and key in self.members:
            return "which instances the group has was not told"
        return ""


Settled = tuple[World, OpenPoints]
"""World and open points after something was settled."""


POWER = "power"
"""How the name of a choice between power states begins."""
PLACEHOLDER = "?"
"""How a placeholder's name begins."""


# -- opening ---------------------------------------------------------------------------------------


def relaxed(points: OpenPoints, request: rq.Request, choice: Choice) -> Choice:
    """A choice without the evenness that open places keep from being told by counts alone."""
    key = request.group if isinstance(request, rq.CreateVm) else getattr(request, "key", None)
    unplaced = key in points.members or any(group == key for group, _ in points.unplaced)
    if isinstance(choice, Placements) and unplaced:
        return evolve(choice, spreads_domains=False, balances_zones=False)
    if isinstance(choice, Subset) and unplaced:
        return evolve(choice, place_of=None)
    return choice


def undecided(used: tuple[Choice, ...], strict: tuple[Choice, ...], told: Mapping[str, object]) -> str:
    """Why a granted request is not decided although nothing speaks against it; empty if it is."""
    for one, other in zip(used, strict, strict=True):
        balance_open = isinstance(other, Placements) and other.balances_zones and one != other
        removal_open = isinstance(other, Subset) and other.place_of is not None and one != other
        if other.name in told and (balance_open or removal_open):
            return "whether zones stay balanced cannot be told while the zones of some members are open"
    return ""


def remember(
    before: World,
    after: World,
    points: OpenPoints,
    request: rq.Request,
    choices: tuple[Choice, ...],
    untold: tuple[Choice, ...],
) -> tuple[World, OpenPoints, Finding | None]:
    """Keep open what was not told, and check that partly told placements fit together."""
    world = after
    for choice in untold:
        world, points = _opened(before, world, points, request, choice)
    if isinstance(request, rq.MoveGroup):
        points = _moved(points, request.key, evolve(request.key, resource_group=request.to))
    points = _acted_on(_forget_closed(world, points), request)
    automatic = any(isinstance(choice, Placements) for choice in choices)
    points = _with_histories(before, world, points, automatic=automatic)
    impossible = next((key for key, history in points.histories.items() if history.possible() is False), None)
    return world, points, None if impossible is None else _uneven(impossible)


def _moved(points: OpenPoints, old: GroupKey, new: GroupKey) -> OpenPoints:
    """What is open of a group stays open under its new name."""
    members, histories, powers = points.members, points.histories, points.powers
    if old in members:
        members = members.set(new, members[old]).delete(old)
    if old in histories:
        histories = histories.set(new, histories[old]).delete(old)
    for pair in [pair for pair in powers if pair[0] == old]:
        powers = powers.set((new, pair[1]), powers[pair]).delete(pair)
    unplaced = frozenset((new if key == old else key, name) for key, name in points.unplaced)
    hazy = points.hazy | {(new, name) for key, name in points.hazy if key == old}
    clouded = frozenset(new if key == old else key for key in points.clouded)
    unlike = frozenset(new if key == old else key for key in points.unlike)
    unordered = frozenset((new if key == old else key, name) for key, name in points.unordered)
    return evolve(
        points,
        members=members,
        histories=histories,
        powers=powers,
        unplaced=unplaced,
        hazy=hazy,
        clouded=clouded,
        unlike=unlike,
        unordered=unordered,
    )


def _acted_on(points: OpenPoints, request: rq.Request) -> OpenPoints:
    if not isinstance(request, rq.ActOnGroup) or request.key not in points.members:
        return points
    opened = evolve(points.members[request.key], acted_on=True)
    return evolve(points, members=points.members.set(request.key, opened))


def _opened(before: World, after: World, points: OpenPoints, request: rq.Request, choice: Choice) -> Settled:
    key = getattr(request, "key", None)
    if choice.name == "ends_at" and isinstance(request, rq.RegisterFeature):
        registration = after.edition.registration
        longest = registration.longest if registration is not None else 0
        window = (after.clock, after.clock + longest)
        return after, evolve(points, features=points.features.set(request.feature, window))
    group_key = request.group if isinstance(request, rq.CreateVm) else key
    if not isinstance(group_key, GroupKey) or group_key not in after.groups:
        return after, points
    if isinstance(choice, Subset):
        return _open_victims(before, after, points, group_key)
    if isinstance(choice, FreshIds | FreshName):
        return _open_names(before, after, points, group_key)
    if isinstance(choice, Placements):
        return _open_places(before, after, points, group_key)
    return _open_powers(after, points, group_key, choice, request)


def _open_victims(before: World, after: World, points: OpenPoints, key: GroupKey) -> Settled:
    """Every member before may be the one that went: the survivors stand as placeholders."""
    was, now = before.groups[key], after.groups[key]
    opened = points.members.get(key, OpenMembers())
    named = Map({name: one for name, one in was.members.items() if not name.startswith(PLACEHOLDER)})
    count = now.census.members
    powers = {name: states for (group, name), states in points.powers.items() if group == key and name in named}
    merged = evolve(
        opened,
        candidates=opened.candidates.update(named),
        powers=opened.powers.update(powers),
        count=count,
        fresh=min(count, opened.fresh),
        first_id=opened.first_id if opened.fresh else was.next_instance_id,
    )
    names = [f"{PLACEHOLDER}{number}" for number in range(count)]
    stand_ins = Map({name: _unnamed(now, name) for name in names})
    unplaced = frozenset(pair for pair in points.unplaced if pair[0] != key)
    points = evolve(points, unplaced=unplaced | {(key, name) for name in names})
    return _with_members(after, now, stand_ins), evolve(points, members=points.members.set(key, merged))


def _unnamed(group: Group, name: str) -> Instance:
    """A stand-in: as the group's profile makes its members, in no known place."""
    profile = group.profile or Profile()
    return Instance(
        name,
        zone=_only_zone(group),
        operating_system=profile.operating_system,
        size=profile.size,
        priority=profile.priority,
        data_disks=profile.data_disks,
    )


def _only_zone(group: Group) -> str | None:
    """The zone of all members, where there is just one."""
    return group.zones[0] if len(group.zones) == 1 else None


def _anywhere(group: Group, member: Instance) -> Instance:
    """A member in no known place."""
    return evolve(member, zone=_only_zone(group), fault_domain=None, update_domain=None)


def _open_names(before: World, after: World, points: OpenPoints, key: GroupKey) -> Settled:
    """New members whose ids were not told stand as placeholders."""
    was, now = before.groups.get(key), after.groups[key]
    old = was.members if was is not None else Map()
    new = [name for name in now.members if name not in old]
    opened = points.members.get(key, OpenMembers())
    numbers = [int(name.removeprefix(PLACEHOLDER)) for name in old if name.startswith(PLACEHOLDER)]
    members = now.members
    machines, unplaced = after.machines, points.unplaced
    for number, name in enumerate(new, start=max(numbers, default=-1) + 1):
        stand_in = f"{PLACEHOLDER}{number}"
        # Which of them is where cannot be told either: an unnamed member has no known place.
        members = members.delete(name).set(stand_in, evolve(_anywhere(now, members[name]), name=stand_in))
        unplaced |= {(key, stand_in)}
        vm = VmKey(key.resource_group, name)
        if vm in machines and vm not in before.machines:
            machines = machines.delete(vm)
    first = was.next_instance_id if was is not None else 0
    opened = evolve(
        opened,
        count=opened.count + len(new),
        fresh=opened.fresh + len(new),
        first_id=opened.first_id if opened.fresh else first,
    )
    world = _with_members(evolve(after, machines=machines), now, members)
    histories = points.histories.delete(key) if key in points.histories else points.histories
    opened_points = evolve(points, members=points.members.set(key, opened), unplaced=unplaced, histories=histories)
    return world, opened_points


def _open_places(before: World, after: World, points: OpenPoints, key: GroupKey) -> Settled:
    was, now = before.groups.get(key), after.groups[key]
    old = was.members if was is not None else Map()
    members, unplaced = now.members, points.unplaced
    for name in [name for name in members if name not in old]:
        members = members.set(name, _anywhere(now, members[name]))
        unplaced |= {(key, name)}
    return _with_members(after, now, members), evolve(points, unplaced=unplaced)


def _open_powers(after: World, points: OpenPoints, key: GroupKey, choice: Choice, request: rq.Request) -> Settled:
    if not choice.name.startswith(POWER):
        return after, points
    name = choice.name.removeprefix(f"{POWER} of ")
    if isinstance(request, rq.ActOnInstance):
        name = request.name
    states = frozenset(value for value in choice.values() if isinstance(value, Power))
    pair = (key, name)
    return after, evolve(points, powers=points.powers.set(pair, states), hazy=points.hazy | {pair})


def _with_members(world: World, group: Group, members: Map[str, Instance]) -> World:
    census = recount(group, members.values())
    return evolve(world, groups=world.groups.set(group.key, evolve(group, members=members, census=census)))


def _forget_closed(world: World, points: OpenPoints) -> OpenPoints:
    """Open points of what is no longer there are closed."""

    def there(key: GroupKey, name: str) -> bool:
        return key in world.groups and name in world.groups[key].members

    members = points.members
    for key in list(members):
        group = world.groups.get(key)
        if group is None or not any(name.startswith(PLACEHOLDER) for name in group.members):
            members = members.delete(key)
    histories = points.histories
    for key in [key for key in histories if key not in world.groups]:
        histories = histories.delete(key)
    powers = points.powers
    for pair in [pair for pair in powers if not there(*pair)]:
        powers = powers.delete(pair)
    return evolve(
        points,
        members=members,
        histories=histories,
        powers=powers,
        unplaced=frozenset(pair for pair in points.unplaced if there(*pair)),
        clouded=frozenset(key for key in points.clouded if key in world.groups),
        unlike=frozenset(key for key in points.unlike if key in world.groups),
        unordered=frozenset(pair for pair in points.unordered if there(*pair)),
    )


def _with_histories(before: World, after: World, points: OpenPoints, *, automatic: bool) -> OpenPoints:
    """Extend the placement histories of groups that spread their members."""
    histories = points.histories
    for key, group in after.groups.items():
        was = before.groups.get(key)
        if was is group:
            continue
        says = after.rules_of(group).spreads_domains
        if says is None or not says.value or group.fault_domain_count is None or not group.fault_domain_count:
            continue
        history = histories.get(key)
        if was is None:
            history = PlacementHistory(group.fault_domain_count)
        if history is None or key in points.members:
            continue
        old = was.members if was is not None else Map()
        for name in [name for name in old if name not in group.members]:
            history = history.left(name)
        for name in [name for name in group.members if name not in old]:
            history = history.joined(name, group.members[name].fault_domain, automatic=automatic)
        histories = histories.set(key, history)
    return evolve(points, histories=histories)


def _uneven(key: GroupKey) -> Finding:
    return violates(
        "FD-SPREAD",
        expected="each VM that names no fault domain goes to one that held fewest members",
        seen=f"the fault domains seen in {key} cannot have come about so",
        nearest="place it in the emptiest fault domain",
    )


# -- settling --------------------------------------------------------------------------------------


def settle_target(
    world: World, points: OpenPoints, request: rq.Request, told: Mapping[str, object] | None, *, absent: bool
) -> Settled | Finding:
    """Settle what an outcome tells about which members there are.

    `told` are the picks seen of a granted request, None for a refused one. Members that a granted
    request acts on, or that were seen to be removed, were there; `absent` says that a refusal was for
    what does not exist.
    """
    world, points = _settle_features(world, points, request, granted=told is not None)
    key = getattr(request, "key", None)
    if not isinstance(key, GroupKey) or key not in points.members or key not in world.groups:
        return world, points
    if told is None:
        if not absent:
            return world, points
        return _settle_refused(world, points, world.groups[key], getattr(request, "name", None))
    for name in _named(request, told):
        if key in points.members and name not in world.groups[key].members:
            settled = _settle_present(world, points, world.groups[key], points.members[key], name)
            if isinstance(settled, Finding):
                return settled
            world, points = settled
    return world, points


def _named(request: rq.Request, told: Mapping[str, object]) -> list[str]:
    """The members that a granted request shows to have been there."""
    removed = told.get("removed", ())
    names = getattr(request, "names", None)
    found = [str(one) for one in removed] if isinstance(removed, tuple | frozenset | set | list) else []
    found.extend(sorted(names) if isinstance(names, frozenset) else ())
    one = getattr(request, "name", None)
    return [*found, one] if isinstance(one, str) else found


def _settle_refused(world: World, points: OpenPoints, group: Group, name: object) -> Settled | Finding:
    """A refused request on a candidate shows that it was removed."""
    opened = points.members[group.key]
    if not isinstance(name, str) or name in group.members or name not in opened.candidates:
        return world, points
    if len(opened.candidates) - 1 + opened.fresh < opened.count:
        return violates(
            "ARM-CAPACITY",
            expected=f"{_who(opened)}: {name} is among them",
            seen=f"{name} is refused",
            nearest=f"treat {name} as a member",
        )
    left = evolve(opened, candidates=opened.candidates.delete(name))
    return world, evolve(points, members=points.members.set(group.key, left))


def _settle_features(world: World, points: OpenPoints, request: rq.Request, *, granted: bool) -> Settled:
    """A granted creation shows that open registrations had ended when the provider was registered."""
    at = world.subscription.provider_registered_at
    registration = world.edition.registration
    if not granted or not isinstance(request, rq.CreateGroup) or not points.features or at is None:
        return world, points
    if registration is None or request.kind not in registration.kinds:
        return world, points
    subscription = world.subscription
    features, windows = subscription.features, points.features
    for name, (earliest, latest) in points.features.items():
        if earliest > at:
            continue
        features = features.set(name, evolve(features[name], ends_at=min(latest, at)))
        windows = windows.delete(name)
    world = evolve(world, subscription=evolve(subscription, features=features))
    return world, evolve(points, features=windows)


def _settle_present(
    world: World, points: OpenPoints, group: Group, opened: OpenMembers, name: str
) -> Settled | Finding:
    """A member that must be there takes the place of a placeholder."""
    fresh = name not in opened.candidates
    number = int(name) if name.isdecimal() and len(name) < 10 else None
    if fresh and (opened.fresh == 0 or (number is not None and number < opened.first_id)):
        return violates(
            "ARM-ABSENT",
            expected=f"{name} is no member: {_who(opened)}",
            seen=f"a request on {name} is granted",
            nearest="answer 404",
        )
    left = evolve(
        opened,
        candidates=opened.candidates if fresh else opened.candidates.delete(name),
        count=opened.count - 1,
        fresh=min(opened.fresh - fresh, opened.count - 1),
    )
    stand_in = next(one for one in group.members if one.startswith(PLACEHOLDER))
    instance = evolve(group.members[stand_in], name=name) if fresh else opened.candidates[name]
    members = group.members.delete(stand_in).set(name, instance)
    if number is not None:
        # Later ids are greater than every id that was ever used.
        group = evolve(group, next_instance_id=max(group.next_instance_id, number + 1))
    world = _with_members(world, group, members)
    unplaced = points.unplaced - {(group.key, stand_in)}
    if fresh or _lacks_place(group, instance):
        unplaced |= {(group.key, name)}
    powers = points.powers
    if opened.acted_on:
        powers = powers.set((group.key, name), frozenset(Power))
    elif not fresh and name in opened.powers:
        powers = powers.set((group.key, name), opened.powers[name])
    if world.rules_of(group).instance_api is Api.VIRTUAL_MACHINE:
        machine = VmKey(group.key.resource_group, name)
        world = evolve(world, machines=world.machines.set(machine, group.key))
    open_members = points.members.delete(group.key) if left.count == 0 else points.members.set(group.key, left)
    clouded = points.clouded | {group.key} if fresh and _differ(group) else points.clouded
    unlike = points.unlike | {group.key} if fresh and _made_unlike(group) else points.unlike
    return world, evolve(points, members=open_members, unplaced=unplaced, powers=powers, clouded=clouded, unlike=unlike)


def made_as(one: Instance, other: Instance) -> Instance:
    """A member as if what was asked for when it was made, and stays as it is, were what was asked of another."""
    return evolve(
        one,
        operating_system=other.operating_system,
        size=other.size,
        priority=other.priority,
        extension_health=other.extension_health,
    )


def _made_unlike(group: Group) -> bool:
    """Whether it matters which of the unnamed members one is: they were not all made alike."""
    unnamed = [one for name, one in group.members.items() if name.startswith(PLACEHOLDER)]
    return any(made_as(one, unnamed[0]) != one for one in unnamed)


def _differ(group: Group) -> bool:
    """Whether it matters which of the unnamed members one is: they do not all run the same model and image."""
    runs = {(one.model_version, one.os_disk) for name, one in group.members.items() if name.startswith(PLACEHOLDER)}
    return len(runs) > 1 or any(version == 0 for version, _ in runs)


def _lacks_place(group: Group, instance: Instance) -> bool:
    """Whether a member's place was never told."""
    return (
        (group.fault_domain_count is not None and instance.fault_domain is None)
        or (bool(group.zones) and instance.zone is None)
        or (group.update_domain_count is not None and instance.update_domain is None)
    )


def _who(opened: OpenMembers) -> str:
    return (
        f"{opened.count} members not known by name are there, out of {len(opened.candidates)} earlier ones "
        f"and at most {opened.fresh} new ones"
    )


def settle_answer(world: World, points: OpenPoints, request: rq.Request, answer: Answer) -> Settled | Finding:
    """Settle what an answer shows: names, places, power states, a registration's end."""
    if isinstance(answer, FeatureShown) and isinstance(request, rq.ShowFeature):
        return _settle_feature(world, points, request.feature, registered=answer.registered)
    key = getattr(request, "key", None)
    if not isinstance(key, GroupKey) or key not in world.groups:
        return world, points
    if isinstance(answer, IdsShown | InstancesShown):
        instances = answer.instances if isinstance(answer, InstancesShown) else frozenset()
        names = answer.names if isinstance(answer, IdsShown) else frozenset(one.name for one in instances)
        settled = _settle_names(world, points, key, names)
        if isinstance(settled, Finding):
            return settled
        world, points = settled
        for instance in instances:
            placed = _settle_instance(world, points, key, instance)
            if isinstance(placed, Finding):
                return placed
            world, points = placed
        return world, points
    if isinstance(answer, InstanceShown):
        return _settle_instance(world, points, key, answer.instance)
    return world, points


def _settle_feature(world: World, points: OpenPoints, feature: str, *, registered: bool) -> Settled | Finding:
    window = points.features.get(feature)
    if window is None:
        return world, points
    earliest, latest = window
    if registered:
        latest = min(latest, world.clock)
    elif latest <= world.clock:
        return violates(
            "REG-DELAY",
            expected=f"{feature} is registered by {latest} seconds",
            seen=f"at {world.clock} seconds it is not",
            nearest="show it as registered",
        )
    else:
        earliest = max(earliest, world.clock + 1)
    subscription = world.subscription
    ends = latest if registered else max(earliest, subscription.features[feature].ends_at)
    features = subscription.features.set(feature, evolve(subscription.features[feature], ends_at=ends))
    world = evolve(world, subscription=evolve(subscription, features=features))
    return world, evolve(points, features=points.features.set(feature, (earliest, latest)))


def _settle_names(world: World, points: OpenPoints, key: GroupKey, names: frozenset[str]) -> Settled | Finding:
    """A listing names every member."""
    opened = points.members.get(key)
    if opened is None:
        return world, points
    group = world.groups[key]
    known = frozenset(name for name in group.members if not name.startswith(PLACEHOLDER))
    others = names - known
    old = frozenset(name for name in others if name in opened.candidates)
    if known - names or len(others) != opened.count or len(others - old) > opened.fresh:
        return violates(
            "ARM-CAPACITY",
            "ARM-LIST",
            expected=f"{len(known)} known members, and {_who(opened)}",
            seen=f"{len(names)} are listed: {len(names & known)} known, {len(old)} earlier, {len(others - old)} new",
            nearest="list exactly the members",
        )
    for name in sorted(others):
        settled = _settle_present(world, points, world.groups[key], points.members[key], name)
        if isinstance(settled, Finding):
            return settled
        world, points = settled
    return world, points


def _settle_instance(world: World, points: OpenPoints, key: GroupKey, shown: Instance) -> Settled | Finding:
    """A shown member fills in its place and power state where they were open."""
    group = world.groups[key]
    member = group.members.get(shown.name)
    if member is None:
        return world, points
    pair = (key, shown.name)
    if pair in points.unplaced:
        outside = _outside(group, shown)
        if outside is not None:
            return outside
        member = evolve(member, zone=shown.zone, fault_domain=shown.fault_domain, update_domain=shown.update_domain)
        points = evolve(points, unplaced=points.unplaced - {pair})
        history = points.histories.get(key)
        if history is not None and shown.fault_domain is not None:
            history = history.seen(shown.name, shown.fault_domain)
            points = evolve(points, histories=points.histories.set(key, history))
            if history.possible() is False:
                return _uneven(key)
    if pair in points.powers and shown.power in points.powers[pair]:
        member = evolve(member, power=shown.power)
        points = evolve(points, powers=points.powers.delete(pair))
    return _with_members(world, group, group.members.set(shown.name, member)), points


def _outside(group: Group, shown: Instance) -> Finding | None:
    count = group.fault_domain_count
    if count is not None and (shown.fault_domain is None or not 0 <= shown.fault_domain < count):
        return violates(
            "FD-EXPLICIT",
            expected=f"fault domains are 0 to {count - 1}",
            seen=f"{shown.name} is in fault domain {shown.fault_domain}",
            nearest="place it in one of the group's fault domains",
        )
    if (shown.zone is None) != (not group.zones) or (shown.zone is not None and shown.zone not in group.zones):
        return violates(
            "SAME-PLACE",
            expected=f"members are in {', '.join(group.zones) or 'no zone'}",
            seen=f"{shown.name} is in zone {shown.zone}",
            nearest="place it in one of the group's zones",
        )
    return None


__all__ = ["OpenMembers", "OpenPoints", "relaxed", "remember", "settle_answer", "settle_target", "undecided"]
