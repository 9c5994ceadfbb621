"""A group as a recording shows it last: its own reads, the last listing of its instances, their views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field

from vmss_invariants.rollouts.described import Described, DescribedInstance
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_model.copying import evolve
from vmss_model.editions import Edition
from vmss_model.images import LATEST, ImageReference
from vmss_model.oracle.arm.editions import edition_for
from vmss_model.oracle.arm.member_reads import view_as_member
from vmss_model.oracle.arm.profiles import health_source_of, image_of, mode_of, profile_of, rolling_of, upgrade_facts
from vmss_model.oracle.arm.shapes import (
    MemberFacts,
    child,
    is_scale_set,
    kind_shown,
    member_facts,
    number,
    scale_set_key,
    text,
    truth,
)
from vmss_model.oracle.arm.urls import Resource, Target, parse_url
from vmss_model.oracle.recordings import Exchange, Recording
from vmss_model.oracle.recordings.exchange import shown
from vmss_model.values import GroupKind, Health, OperatingSystem
from vmss_model.world import GroupKey

_OK = (200, 201)


@define
class _Seen:
    """What a recording showed of one scale set so far."""

    body: object = None
    """The last body of the group itself."""
    date: str = ""
    """When it was last seen, as recorded."""
    api_version: str = ""
    """The API version of the last exchange about it."""
    members: dict[str, DescribedInstance] = field(factory=dict)
    """The instances by name, as last seen."""
    image: object = None
    """The image reference of some instance."""


def described_by(recording: Recording, scale_set: str | None = None, edition: Edition | None = None) -> Described:
    """The scale set of that name (or the only one) as the recording shows it last.

    It lives in the edition that is given, else in that of the last exchange's date.
    """
    seen: dict[GroupKey, _Seen] = {}
    for exchange in recording.exchanges:
        _look(seen, exchange)
    listed = {key: one for key, one in seen.items() if one.members}
    key = _chosen(recording.path, listed, scale_set)
    return _described(recording.path, key, listed[key], edition)


def _chosen(path: str, listed: Mapping[GroupKey, _Seen], scale_set: str | None) -> GroupKey:
    names = sorted({key.name for key in listed})
    if not names:
        raise DescriptionError(path, "it shows no instances of any scale set", "a listing of them is needed")
    wanted = [key for key in listed if scale_set is None or key.name == scale_set.lower()]
    if not wanted:
        raise DescriptionError(path, f"it shows no instances of {scale_set}", f"it shows those of {', '.join(names)}")
    if len(wanted) > 1:
        raise DescriptionError(
            path, f"it shows the instances of {len(wanted)} scale sets", f"name one of {', '.join(names)}"
        )
    return wanted[0]


def _look(seen: dict[GroupKey, _Seen], exchange: Exchange) -> None:
    target = parse_url(exchange.request.url)
    body = exchange.response.body
    if target.group is None or exchange.response.status not in _OK:
        return
    if target.resource is Resource.GROUP_LIST:
        for value in _values(body):
            key = scale_set_key(child(value, "id"))
            if key is not None and is_scale_set(value):
                _see_group(seen, key, target, exchange, value)
        return
    if exchange.request.method not in ("GET", "PUT", "PATCH"):
        return
    if target.resource is Resource.GROUP and is_scale_set(body):
        _see_group(seen, target.group, target, exchange, body)
    elif target.resource in (Resource.MEMBER_LIST, Resource.MEMBER, Resource.MEMBER_VIEW):
        _see_members(_of(seen, target.group, target, exchange), target, body)


def _of(seen: dict[GroupKey, _Seen], key: GroupKey, target: Target, exchange: Exchange) -> _Seen:
    one = seen.setdefault(key, _Seen())
    one.date = exchange.date or one.date
    one.api_version = target.api_version or one.api_version
    return one


def _see_group(seen: dict[GroupKey, _Seen], key: GroupKey, target: Target, exchange: Exchange, body: object) -> None:
    _of(seen, key, target, exchange).body = body


def _see_members(one: _Seen, target: Target, body: object) -> None:
    if target.resource is Resource.MEMBER_LIST:
        if not isinstance(child(body, "value"), list):
            return
        if not target.is_page and not target.narrowed:
            # A listing shows every instance there is: those that it leaves out are gone.
            listed = {facts.name for facts in map(member_facts, _values(body)) if facts is not None}
            whole = not child(body, "nextLink")
            one.members = {name: was for name, was in one.members.items() if name in listed or not whole}
        for value in _values(body):
            _see_member(one, member_facts(value), value)
    elif target.resource is Resource.MEMBER:
        _see_member(one, member_facts(body), body)
    elif target.member in one.members:
        _see_member(one, view_as_member(target.member, body), {"properties": {"instanceView": body}})


def _values(body: object) -> Iterator[object]:
    values = child(body, "value")
    return iter(values if isinstance(values, list) else ())


def _see_member(one: _Seen, facts: MemberFacts | None, body: object) -> None:
    if facts is None or not facts.name.isprintable():
        return
    was = one.members.get(facts.name, DescribedInstance(name=facts.name))
    reference = child(body, "properties", "storageProfile", "imageReference")
    one.image = reference or one.image
    version = text(child(reference, "exactVersion")) or text(child(reference, "version"))
    latest = truth(child(body, "properties", "latestModelApplied"))
    code = (text(child(body, "properties", "instanceView", "vmHealth", "status", "code")) or "").lower()
    health = {"healthstate/healthy": Health.HEALTHY, "healthstate/unhealthy": Health.UNHEALTHY}.get(code)
    one.members[facts.name] = evolve(
        was,
        zone=facts.zone or was.zone,
        update_domain=_domain(facts.update_domain, was.update_domain),
        fault_domain=_domain(facts.fault_domain, was.fault_domain),
        version=version if version and version.lower() != LATEST else was.version,
        latest_model=was.latest_model if latest is None else latest,
        health=health or was.health,
        power=facts.power or was.power,
    )


def _domain(seen: int | None, before: int | None) -> int | None:
    return seen if seen is not None and seen >= 0 else before


def _described(path: str, key: GroupKey, seen: _Seen, edition: Edition | None) -> Described:
    found = upgrade_facts(child(seen.body, "properties"))
    policy = {name: value for name, value in found.items() if value is not None}
    edition = edition or edition_for(seen.date, seen.api_version, seen.body)
    members = tuple(seen.members.values())
    kind = kind_shown(seen.body, edition.name) if seen.body is not None else GroupKind.UNIFORM
    if kind is None or kind not in edition.kinds:
        raise DescriptionError(
            path, f"the kind of {key.name} cannot be told in edition {edition.name}", "--edition names another"
        )
    profile = profile_of(seen.body)
    zones = tuple(sorted({one.zone for one in members if one.zone is not None}))
    known = [one.update_domain for one in members if one.update_domain is not None]
    region = text(child(seen.body, "location"))
    return Described(
        edition=edition,
        name=shown(key.name),
        region="unknown" if region is None else region.replace(" ", "").lower(),
        kind=kind,
        zones=zones,
        update_domains=max(known) + 1 if known else None,
        fault_domains=number(child(seen.body, "properties", "platformFaultDomainCount")),
        health=health_source_of(seen.body),
        upgrade_policy=mode_of(policy),
        rolling=rolling_of(policy),
        service_fabric=profile.service_fabric if profile is not None else None,
        operating_system=profile.operating_system if profile is not None else OperatingSystem.LINUX,
        image=_image(seen),
        instances=members,
        recorded=True,
    )


def _image(seen: _Seen) -> ImageReference | None:
    """The image of the model, or else that of an instance."""
    found = image_of(seen.body)
    if found is not None:
        return found
    profile = {"storageProfile": {"imageReference": seen.image}}
    return image_of({"properties": {"virtualMachineProfile": profile}})
