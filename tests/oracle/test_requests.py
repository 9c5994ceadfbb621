"""A typed request becomes a call that asks for the same when it is read back."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from vmss_model import requests as rq
from vmss_model.census import recount
from vmss_model.decisions import Refusal
from vmss_model.editions import EDITIONS, Edition
from vmss_model.images import CustomImage, GalleryImage, ImageReference
from vmss_model.oracle.arm import ArmOracle, ArmRequest, ArmResponse, refusal_response, to_arm
from vmss_model.oracle.arm.belief import GroupBelief
from vmss_model.oracle.arm.requests import ACTIONS, create_request, projected_group, update_request, vm_request
from vmss_model.oracle.arm.shapes import Fact, MemberFacts, child, number, scale_set_key, texts
from vmss_model.oracle.arm.urls import Resource, parse_url
from vmss_model.oracle.finding import Verdict
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy
from vmss_model.rules import ERRORS
from vmss_model.values import (
    UNCHANGED,
    Action,
    GroupKind,
    HealthSource,
    LoadBalancer,
    OperatingSystem,
    Priority,
    UpgradeMode,
)
from vmss_model.world import AutoscaleBounds, Extension, ExternalReference, GroupKey, Profile, VmKey

VERSION = "2021-03-01"
WEB = GroupKey("rg", "web")

names = st.text("abc xyz-_.()%?#&+é", min_size=1, max_size=8)
keys = st.builds(GroupKey, names, names)
lines = st.sampled_from(
    [
        *SUPPORTED_IMAGES,
        GalleryImage("gallery", "web"),
        CustomImage("https://store/web.vhd"),
        CustomImage("/images/web"),
    ]
)
images = st.builds(ImageReference, lines, st.sampled_from(["latest", "1.2.3"])).map(
    # A custom image that is no gallery's has one version, which no body names.
    lambda image: evolve(image, version="latest") if isinstance(image.line, CustomImage) else image
)
sequences = st.sampled_from([(), (Extension("agent"),), (Extension("agent"), Extension("app", ("agent",)))])
percents = st.integers(-5, 150)
policies = st.builds(RollingPolicy, percents, percents, percents, st.integers(0, 100_000))
modes = st.none() | st.sampled_from(UpgradeMode)
profiles = st.builds(
    Profile,
    st.sampled_from(OperatingSystem),
    st.sampled_from(["Standard_D2s_v3", "Standard_M8ms"]),
    st.sampled_from(Priority),
    image=st.none() | images,
    data_disks=st.integers(0, 3),
    extensions=sequences,
    automatic_updates=st.none() | st.booleans(),
).map(
    lambda profile: (
        profile if profile.operating_system is OperatingSystem.WINDOWS else evolve(profile, automatic_updates=None)
    )
)
zones = st.lists(st.sampled_from(["1", "2", "3"]), unique=True, max_size=3).map(tuple)
group_creations = st.builds(
    rq.CreateGroup,
    key=keys,
    kind=st.sampled_from([GroupKind.FLEXIBLE, GroupKind.UNIFORM]),
    region=st.sampled_from(["westus", "eastus2euap"]),
    zones=zones,
    fault_domain_count=st.none() | st.integers(0, 9),
    single_placement_group=st.none() | st.booleans(),
    zone_balance=st.booleans(),
    profile=st.none() | profiles,
    capacity=st.integers(0, 2000),
    upgrade_mode=modes,
    rolling=st.none() | policies,
    os_upgrade=st.booleans(),
    api_version=st.just(VERSION),
)
unchanged = st.just(UNCHANGED)
changes = st.builds(
    rq.UpdateGroup,
    key=keys,
    image=unchanged | images,
    extensions=unchanged | sequences,
    automatic_updates=unchanged | st.booleans(),
    upgrade_mode=unchanged | st.sampled_from(UpgradeMode),
    rolling=unchanged | policies,
    os_upgrade=unchanged | st.booleans(),
    api_version=st.just(VERSION),
)
vm_creations = st.builds(
    rq.CreateVm,
    key=st.builds(VmKey, names, names),
    group=keys,
    region=st.sampled_from(["westus", "eastus2euap"]),
    zone=st.none() | st.sampled_from(["1", "2"]),
    fault_domain=st.none() | st.integers(0, 9),
    operating_system=st.sampled_from(OperatingSystem),
    size=st.sampled_from(["Standard_D2s_v3", "Standard_M8ms"]),
    priority=st.sampled_from(Priority),
)


def asked(request: rq.Request) -> ArmRequest:
    """The call for a request, with a body that JSON can hold."""
    call = to_arm(request, "s", VERSION)
    assert call is not None
    assert json.loads(json.dumps(call.body)) == call.body
    assert parse_url(call.url).api_version == VERSION
    return call


def created(request: rq.CreateGroup, edition: Edition) -> rq.CreateGroup | None:
    """The creation that the call for a creation asks for."""
    call = asked(request)
    target = parse_url(call.url)
    assert (call.method, target.resource) == ("PUT", Resource.GROUP)
    assert target.group is not None
    return create_request(target.group, call.body, edition, target.api_version)


@given(group_creations, st.sampled_from([None, *HealthSource]))
def test_the_creation_of_a_scale_set_survives(request: rq.CreateGroup, health: HealthSource | None) -> None:
    """Every field of it; who reports health stands in the profile."""
    request = evolve(request, health_source=health if request.profile is not None else None)

    assert created(request, EDITIONS["2021-07"]) == request


@given(changes)
def test_a_change_of_the_model_and_of_the_upgrade_policy_survives(request: rq.UpdateGroup) -> None:
    """Only what changes is in the call."""
    call = asked(request)
    target = parse_url(call.url)
    assert (call.method, target.resource, target.group) == ("PATCH", Resource.GROUP, request.key)
    known = GroupBelief(request.key, EDITIONS["2021-07"], kind=GroupKind.UNIFORM, profile=Profile())

    assert update_request(known, call.body, target.api_version) == request


@pytest.mark.parametrize("kind", [GroupKind.VM, GroupKind.SCALE_SET_VM])
@pytest.mark.parametrize("profile", [None, Profile()])
@pytest.mark.parametrize("domains", [None, 2])
def test_the_modes_of_2019_survive(kind: GroupKind, profile: Profile | None, domains: int | None) -> None:
    """By the shape where it tells them apart, else by name."""
    request = rq.CreateGroup(
        key=WEB, kind=kind, profile=profile, fault_domain_count=domains, capacity=1, api_version=VERSION
    )

    assert created(request, EDITIONS["2019-10"]) == request


@pytest.mark.parametrize(
    "request_",
    [
        rq.CreateGroup(key=WEB, kind=GroupKind.AVAILABILITY_SET),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, profile=Profile(), autoscale=AutoscaleBounds(1, 2)),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, profile=Profile(), repairs=True),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, update_domain_count=5),
        rq.CreateGroup(key=WEB, kind=GroupKind.FLEXIBLE, health_source=HealthSource.EXTENSION),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, profile=Profile(load_balancer=LoadBalancer.STANDARD)),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, profile=Profile(external=(ExternalReference("token"),))),
        rq.CreateGroup(key=WEB, kind=GroupKind.UNIFORM, rolling=RollingPolicy(pause_seconds=-1)),
        rq.UpdateGroup(key=WEB, repairs=True),
        rq.UpdateGroup(key=WEB, rolling=None),
        rq.UpdateGroup(key=WEB, health_source=HealthSource.PROBE),
        rq.StartBatch(WEB),
        rq.CreateVm(key=VmKey("rg", "one"), group=WEB, platform_names=True),
        rq.CreateVm(key=VmKey("rg", "one"), group=WEB, extension_health=True),
        rq.AdvanceClock(1),
    ],
)
def test_a_request_that_one_call_cannot_say_in_full_has_none(request_: rq.Request) -> None:
    """Rather than a call that leaves something out."""
    assert to_arm(request_, "s", VERSION) is None


@given(vm_creations)
def test_the_creation_of_a_vm_survives(request: rq.CreateVm) -> None:
    """Its group is named by its resource id."""
    call = asked(request)
    target = parse_url(call.url)
    assert (call.method, target.resource) == ("PUT", Resource.VM)
    assert target.group is not None
    owner = scale_set_key(child(call.body, "properties", "virtualMachineScaleSet", "id"))
    assert owner is not None

    assert vm_request(GroupKey(target.group.resource_group, target.member), call.body, owner) == request


@given(keys, st.sampled_from(Action), st.none() | st.frozensets(st.sampled_from(["0", "1", "vm_7"]), min_size=1))
def test_an_action_on_a_group_survives(key: GroupKey, action: Action, members: frozenset[str] | None) -> None:
    """All members are asked for by an asterisk."""
    call = asked(rq.ActOnGroup(key, action, members))
    target = parse_url(call.url)
    ids = texts(child(call.body, "instanceIds"))

    assert (call.method, target.resource, target.group) == ("POST", Resource.GROUP_ACTION, key)
    assert ACTIONS[target.action] is action
    assert ids is not None
    assert (None if ids == ("*",) else frozenset(ids)) == members


@given(keys, st.none() | st.frozensets(st.sampled_from(["0", "1", "7"]), min_size=1))
def test_an_upgrade_of_instances_survives(key: GroupKey, members: frozenset[str] | None) -> None:
    """All members are asked for by an asterisk."""
    call = asked(rq.UpgradeInstances(key, members))
    target = parse_url(call.url)
    ids = texts(child(call.body, "instanceIds"))

    assert (call.method, target.resource, target.group) == ("POST", Resource.GROUP_ACTION, key)
    assert target.action == "manualupgrade"
    assert ids is not None
    assert (None if ids == ("*",) else frozenset(ids)) == members


@given(keys, st.integers(0, 2000))
def test_the_other_requests_survive(key: GroupKey, capacity: int) -> None:
    """By method, kind of thing and name."""
    expected: dict[rq.Request, tuple[str, Resource]] = {
        rq.SetCapacity(key, capacity): ("PATCH", Resource.GROUP),
        rq.DeleteGroup(key): ("DELETE", Resource.GROUP),
        rq.GetGroup(key): ("GET", Resource.GROUP),
        rq.ListInstances(key): ("GET", Resource.MEMBER_LIST),
        rq.StartRollout(key): ("POST", Resource.GROUP_ACTION),
        rq.CancelRollout(key): ("POST", Resource.GROUP_ACTION),
        rq.GetProgress(key): ("GET", Resource.GROUP_PART),
        rq.GetHistory(key): ("GET", Resource.GROUP_PART),
    }
    for request, (method, resource) in expected.items():
        call = asked(request)
        target = parse_url(call.url)
        assert (call.method, target.resource, target.group) == (method, resource, key)
    assert number(child(asked(rq.SetCapacity(key, capacity)).body, "sku", "capacity")) == capacity


def test_a_documented_refusal_is_answered_so_that_the_oracle_finds_it_right() -> None:
    """With the exact error, and with the status that goes with its code."""
    error = next(one for one in ERRORS.values() if one.id == "E4")
    request = rq.CreateGroup(
        key=WEB, kind=GroupKind.FLEXIBLE, fault_domain_count=1, single_placement_group=True, api_version=VERSION
    )
    refusal = Refusal(error.code, error.message_template, ("SPG-FLEX", "E4"), documented_text=True)
    oracle = ArmOracle.start(EDITIONS["2021-07"])
    _, right = oracle.observe(asked(request), refusal_response(refusal))
    _, wrong = oracle.observe(asked(request), refusal_response(evolve(refusal, message="No.")))
    _, accepted = oracle.observe(asked(request), ArmResponse(201, {}, None))

    assert [one.verdict for one in (right, wrong, accepted)] == [Verdict.CONFORMS, Verdict.VIOLATES, Verdict.VIOLATES]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ResourceNotFound", 404),
        ("OperationNotAllowed", 409),
        ("PropertyChangeNotAllowed", 409),
        ("InvalidParameter", 400),
    ],
)
def test_a_refusal_has_the_status_of_its_code(code: str, status: int) -> None:
    """And the body of an error."""
    answer = refusal_response(Refusal(code, "No.", ("ARM-ABSENT",)))

    assert (answer.status, answer.body) == (status, {"error": {"code": code, "message": "No."}})


# -- a belief as a group of the model ---------------------------------------------------------------

places = st.tuples(
    st.none() | st.sampled_from(["1", "2"]), st.none() | st.integers(-1, 3), st.none() | st.integers(0, 2)
)


@given(st.dictionaries(st.integers(0, 99).map(str), places, max_size=12), st.integers(0, 3), st.booleans())
def test_members_that_are_surely_there_are_counted_one_by_one(
    known: dict[str, tuple[str | None, int | None, int | None]], domains: int, zonal: bool
) -> None:
    """However many stand in one place; one of whom nothing was seen counts too."""
    facts = {
        name: MemberFacts(name, zone=zone, fault_domain=domain, update_domain=update)
        for name, (zone, domain, update) in known.items()
    }
    shown: dict[str, Fact] = {"platformFaultDomainCount": domains, **({"zones": ("1", "2")} if zonal else {})}
    belief = GroupBelief(WEB, EDITIONS["2021-07"], kind=GroupKind.UNIFORM).narrowed(shown)
    belief = belief.with_members(sure=frozenset({*known, "unseen"}), facts=Map(facts))
    group = projected_group(belief)

    assert group.census == recount(group)
    assert set(group.members) == {*known, "unseen"}
    assert group.census.members == len(known) + 1
    for name, place in known.items():
        member = group.members[name]
        assert (member.zone, member.fault_domain, member.update_domain) == place
