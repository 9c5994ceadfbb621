"""Translating ARM requests and bodies into the model's requests, decided on what is believed of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from immutables import Map

from vmss_model import requests as rq
from vmss_model.census import Census, share_of
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.editions import Edition
from vmss_model.images import ImageVersion
from vmss_model.oracle.arm.belief import MAYBE, GroupBelief
from vmss_model.oracle.arm.facts import group_facts
from vmss_model.oracle.arm.judging import ABSENT_CODE
from vmss_model.oracle.arm.profiles import (
    capabilities_of,
    extensions_of,
    health_source_of,
    image_of,
    mode_of,
    profile_of,
    repairs_asked,
    rolling_of,
    sets_of,
)
from vmss_model.oracle.arm.shapes import (
    Fact,
    MemberFacts,
    child,
    has_profile,
    kind_shown,
    number,
    text,
    texts,
    truth,
)
from vmss_model.oracle.arm.urls import api_version_in
from vmss_model.values import UNCHANGED, Action, OperatingSystem, Power, Priority, UpgradeMode
from vmss_model.world import Group, GroupKey, Instance, Subscription, VmKey, World

ACTIONS: Mapping[str, Action] = {
    "start": Action.START,
    "poweroff": Action.STOP,
    "deallocate": Action.DEALLOCATE,
    "restart": Action.RESTART,
    "reimage": Action.REIMAGE,
    "reimageall": Action.REIMAGE,
    "delete": Action.DELETE,
}
"""The model's action for the last segment of an operation's URL."""

POWER_AFTER: Mapping[Action, Power] = {
    Action.START: Power.RUNNING,
    Action.STOP: Power.STOPPED,
    Action.DEALLOCATE: Power.DEALLOCATED,
}
"""The power state that an action leads to; a restart leads to running only from running."""


_MOST_DOMAINS = 1_000


def create_request(
    key: GroupKey,
    body: object,
    edition: Edition,
    api_version: str,
    *,
    as_state: bool = False,
    facts: Mapping[str, Fact] | None = None,
) -> rq.CreateGroup | None:
    """The creation that a body asks for; None where its orchestration mode cannot be told.

    With `as_state`, the body is a group that exists: what only a creation must heed (that a group starts
    empty, the API version) is left out, so that the request asks whether such a group may exist. A mode
    Manual is then no upgrade policy of a kind of group that has none: the service shows it for every group,
    and a policy that touches no instance is none. `facts` are those of the body, where they were read already.
    """
    kind = kind_shown(body, edition.name)
    if kind is None or kind not in edition.kinds:
        return None
    if facts is None:
        facts = group_facts(body)
    zones = texts(child(body, "zones")) or ()
    explicit = edition.kinds[kind].explicit
    capacity = facts.get("sku.capacity", 0)
    asked_profile = profile_of(body)
    mode = mode_of(facts)
    return rq.CreateGroup(
        key=key,
        kind=kind,
        region=str(facts.get("location", "")),
        zones=zones,
        fault_domain_count=number(child(body, "properties", "platformFaultDomainCount")),
        single_placement_group=truth(child(body, "properties", "singlePlacementGroup")),
        zone_balance=truth(child(body, "properties", "zoneBalance")) or False,
        profile=asked_profile,
        capacity=0 if (explicit and as_state) or not isinstance(capacity, int) else capacity,
        health_source=health_source_of(body),
        repairs=repairs_asked(body),
        capabilities=capabilities_of(body),
        upgrade_mode=None if as_state and explicit and mode is UpgradeMode.MANUAL else mode,
        rolling=None if as_state and explicit and mode is UpgradeMode.MANUAL else rolling_of(facts),
        os_upgrade=facts.get("enableAutomaticOSUpgrade") is True,
        # Only versions of the known form have an order; of any other nothing can be said.
        api_version=None if as_state else api_version_in(api_version) or None,
    )


def update_request(group: GroupBelief, body: object, api_version: str = "", *, whole: bool = False) -> rq.UpdateGroup:
    """The change that a body asks for on a known group: of what only creation can set, and of the model.

    `whole`: the body is that of a PUT, which says everything; otherwise it changes what it names.
    """
    facts = group_facts(body)
    asked = kind_shown(body, group.edition.name) if child(body, "properties", "orchestrationMode") else None
    zones = facts.get("zones")
    domains = facts.get("platformFaultDomainCount")
    priority = str(facts.get("priority", ""))
    model, image, mode, rolling = group.profile is not None, image_of(body), mode_of(facts), rolling_of(facts)
    extensions, updates, switched = extensions_of(body), sets_of(body), facts.get("enableAutomaticOSUpgrade")
    single = facts.get("singlePlacementGroup")
    source = health_source_of(body)
    says_source = source is not None or (whole and has_profile(body))
    return rq.UpdateGroup(
        key=group.key,
        kind=asked if asked is not None else UNCHANGED,
        zones=zones if isinstance(zones, tuple) and group.certain("zones") is not None else UNCHANGED,
        fault_domain_count=domains
        if isinstance(domains, int) and group.certain("platformFaultDomainCount") is not None
        else UNCHANGED,
        priority=(Priority.SPOT if priority.lower() in ("spot", "low") else Priority.REGULAR)
        if priority and group.certain("priority") is not None
        else UNCHANGED,
        single_placement_group=single if isinstance(single, bool) else UNCHANGED,
        health_source=source if says_source else UNCHANGED,
        repairs=True if repairs_asked(body) else UNCHANGED,
        image=image if model and image is not None else UNCHANGED,
        extensions=extensions if model and extensions is not None else UNCHANGED,
        automatic_updates=updates if model and updates is not None else UNCHANGED,
        upgrade_mode=mode if mode is not None else UNCHANGED,
        rolling=rolling if rolling is not None else UNCHANGED,
        os_upgrade=switched if isinstance(switched, bool) else UNCHANGED,
        api_version=api_version_in(api_version) or None,
    )


def unheard(group: GroupBelief, body: object) -> tuple[str, ...]:
    """Why a change may be refused for what `update_request` leaves out of it; each a sentence."""
    facts, found = group_facts(body), list[str]()
    if has_profile(body) and (group.profile is None or group.pending or group.unsettled):
        found.append("the model of the scale set, which is to be changed, is not known")
    for name in ("zones", "platformFaultDomainCount", "priority"):
        if name in facts and group.certain(name) is None:
            found.append(f"whether {name} is to be changed is not known (ARM-IMMUTABLE)")
    if child(body, "properties", "orchestrationMode") is not None and kind_shown(body, group.edition.name) is None:
        found.append("which orchestration mode is asked for cannot be told")
    if child(body, "zones") == [] and group.certain("zones") is not None:
        found.append("whether an empty list of zones asks for none is not known (ARM-IMMUTABLE)")
    if number(child(body, "sku", "capacity")) is not None and group.by_name:
        found.append("an instance count is asked for of VMs that join one by one")
    return tuple(found)


def vm_request(vm: GroupKey, body: object, group: GroupKey) -> rq.CreateVm:
    """The creation of a standard VM into a scale set that a body asks for."""
    properties = child(body, "properties")
    zones = texts(child(body, "zones"))
    windows = isinstance(child(properties, "osProfile", "windowsConfiguration"), Mapping)
    location = text(child(body, "location")) or ""
    return rq.CreateVm(
        key=VmKey(vm.resource_group, vm.name),
        group=group,
        region=location.replace(" ", "").lower(),
        zone=zones[0] if zones else None,
        fault_domain=number(child(properties, "platformFaultDomain")),
        operating_system=OperatingSystem.WINDOWS if windows else OperatingSystem.LINUX,
        size=text(child(properties, "hardwareProfile", "vmSize")) or "Standard_D2s_v3",
        priority=Priority.SPOT
        if (text(child(properties, "priority")) or "").lower() in ("spot", "low")
        else Priority.REGULAR,
    )


NEWEST = "newest"
"""Stands for the newest version of an image, which no exchange with a scale set shows."""


def decide_on(edition: Edition, request: rq.Request, group: GroupBelief | None = None) -> Decision:
    """What the documents allow in a world of which only this group is known, and that in part."""
    world = World(edition, subscription=Subscription(known=False))
    if group is not None and group.kind is not None:
        projected = projected_group(group)
        # A VM that is attached is one that stands alone.
        alone: Map[VmKey, GroupKey | None] = Map({request.vm: None} if isinstance(request, rq.AttachVm) else {})
        world = evolve(world, groups=Map({group.key: projected}), machines=alone)
        image = projected.profile.image if projected.profile is not None else None
        if image is not None and isinstance(request, rq.StartRollout):
            newest = ImageVersion(NEWEST, frozenset({projected.region}))
            world = evolve(world, images=Map({image.line: (newest,)}))
    return decide(world, request)


def named_in(body: object) -> frozenset[str] | None:
    """The members that a call names in its body; None where it names all of them, or it cannot be told whom."""
    ids = texts(child(body, "instanceIds"))
    return None if ids is None or "*" in ids else frozenset(one.lower() for one in ids)


def decide_on_named(
    group: GroupBelief, body: object, request: Callable[[frozenset[str] | None], rq.Request]
) -> Decision:
    """What the documents allow of a call that names members in its body, or all of them.

    Where it is not known whether they are members, it may be refused for that. A refusal for a name that is no
    member's says that the body is wrong, not that what the URL names is absent.
    """
    names, given = named_in(body), child(body, "instanceIds")
    presences = frozenset(group.possible_presence(name) for name in names or ())
    if names is None or group.pending or MAYBE in presences:
        decision = decide_on(group.edition, request(None), group)
        if decision.grant is None or given is None or "*" in (texts(given) or ()):
            return decision
        return evolve(decision, open=(*decision.open, "whether all that it names are members is not known"))
    decision = decide_on(group.edition, request(names), group)
    refusals = tuple(evolve(one, code=_WRONG_BODY) if one.code == ABSENT_CODE else one for one in decision.refusals)
    return evolve(decision, refusals=refusals)


_WRONG_BODY = "InvalidParameter"
"""The error code of a refusal for what a body names."""


def projected_group(group: GroupBelief) -> Group:
    """The part of a belief that the model's guards can read, as a group of the model."""
    assert group.kind is not None
    zones = group.certain("zones")
    domains = group.certain("platformFaultDomainCount")
    single = group.certain("singlePlacementGroup")
    zone_tuple = zones if isinstance(zones, tuple) else ()
    # The census counts by fault domain; a group of absurdly many is refused, whatever is counted.
    count = domains if isinstance(domains, int) and 0 < domains <= _MOST_DOMAINS else None
    known = group.members.facts
    members = Map({name: (known.get(name) or MemberFacts(name)).instance for name in sorted(group.members.sure)})
    certain = {name: next(iter(values)) for name, values in group.facts.items() if len(values) == 1}
    shown = Group(
        key=group.key,
        kind=group.kind,
        region=str(group.certain("location") or ""),
        zones=zone_tuple,
        fault_domain_count=count,
        single_placement_group=single if isinstance(single, bool) else None,
        profile=group.profile,
        capacity=None if group.edition.kinds[group.kind].explicit else len(members),
        health_source=group.health_source,
        members=members,
        upgrade_mode=mode_of(certain),
        rolling=rolling_of(certain),
        os_upgrade=certain.get("enableAutomaticOSUpgrade") is True,
    )
    return evolve(shown, census=_census(shown))


def _census(group: Group) -> Census:
    """The census of members of whom no more is told than where they stand: those in one place count alike."""
    census = Census.empty(group.fault_domain_count, len(group.zones))
    places = Counter((one.zone, one.fault_domain) for one in group.members.values())
    for (zone, domain), count in places.items():
        alike = Instance("", zone=zone, fault_domain=domain)
        census = census.with_share(share_of(alike, group), count)
    return census
