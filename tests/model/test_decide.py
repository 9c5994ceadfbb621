"""`decide` is pure, never raises, and says what it allows; `evolve` keeps the books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmss_model import EDITIONS, Decision, GroupKey, VmKey, World, decide, evolve_all
from vmss_model import requests as rq
from vmss_model.capabilities import Capability
from vmss_model.decide import _DECISIONS
from vmss_model.decisions import Grant, PickNotAllowedError
from vmss_model.events import Event
from vmss_model.evolve import _EVOLUTIONS
from vmss_model.rules import RULES
from vmss_model.values import Action, Api, GroupKind, HealthSource, Priority
from vmss_model.world import AutoscaleBounds, Profile

from .arbitrary import REQUEST_TYPES, after, drawing, is_small, of_type, populated, requests, with_edition_without
from .books import assert_books_are_kept, assert_granted_when_off

each_edition = pytest.mark.parametrize("name", list(EDITIONS))
ONE_WORLD = (HealthCheck.function_scoped_fixture,)
"""All examples of a test are asked in the same world: that it lasts is what is tested."""
WORLDS = {name: populated(name) for name in EDITIONS}
AS_THEY_ARE = {name: repr(world) for name, world in WORLDS.items()}
"""All that there is in them, so that a change is seen whatever counts as equal."""


@pytest.fixture
def world(name: str) -> Iterator[World]:
    """An edition's world, as it was when the test is over."""
    yield WORLDS[name]
    assert repr(WORLDS[name]) == AS_THEY_ARE[name]


def rules_named_by(decision: Decision) -> set[str]:
    """Every rule id that a decision names."""
    choices = decision.grant.choices if decision.grant is not None else ()
    return {
        *decision.held,
        *(rule for refusal in decision.refusals for rule in refusal.rules),
        *(rule for choice in choices for rule in choice.rules),
    }


def test_every_request_has_a_decision() -> None:
    """The table of decisions has exactly the requests, and that of evolutions exactly the events."""
    assert set(_DECISIONS) == set(REQUEST_TYPES)
    assert set(_EVOLUTIONS) == set(get_args(Event))


@each_edition
@pytest.mark.parametrize("kind", REQUEST_TYPES, ids=lambda one: one.__name__)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, *ONE_WORLD])
@given(data=st.data())
def test_no_request_raises(world: World, kind: type, data: st.DataObject) -> None:
    """Every type of request, with any values, in every edition, is answered, twice alike, without a change."""
    request = data.draw(of_type(kind))
    decision = decide(world, request)
    assert decide(world, request) == decision
    assert (decision.grant is not None) + bool(decision.refusals) + bool(decision.silent) == 1
    assert rules_named_by(decision) <= set(RULES)
    if decision.grant is not None and is_small(decision):
        picks = decision.grant.sample(drawing(7))
        decision.grant.answer(picks)
        later = evolve_all(world, decision.grant.events(picks))
        assert later == evolve_all(world, decision.grant.events(picks))
        assert_books_are_kept(later)


@each_edition
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(walk=st.lists(requests, min_size=5, max_size=25), seed=st.integers(0, 1000))
def test_the_books_are_kept_on_every_walk(name: str, walk: list[rq.Request], seed: int) -> None:
    """After any requests in any order the counts equal a recount, and members and machines agree."""
    world = WORLDS[name]
    for request in walk:
        world = after(world, request, seed)
    assert_books_are_kept(world)


def flexible(world: World) -> World:
    """A world with an empty Flexible group of three fault domains."""
    key = GroupKey("rg", "new")
    return after(world, rq.CreateGroup(key=key, kind=GroupKind.FLEXIBLE, fault_domain_count=3))


def test_a_grant_refuses_picks_outside_its_choices() -> None:
    """A missing pick and a pick that the documents do not allow both raise PickNotAllowedError."""
    world = flexible(WORLDS["2021-02"])
    decision = decide(world, rq.CreateVm(key=VmKey("rg", "x"), group=GroupKey("rg", "new")))
    assert decision.grant is not None
    with pytest.raises(PickNotAllowedError, match="no value was picked for placements"):
        decision.grant.events({})
    with pytest.raises(PickNotAllowedError, match="was picked, but placements"):
        decision.grant.events({"placements": ()})
    with pytest.raises(PickNotAllowedError, match="was picked, but"):
        decision.grant.answer({"placements": "nowhere"})
    assert decision.grant.events(decision.grant.sample(drawing(1)))


def test_a_grant_without_choices_changes_and_answers_nothing_by_itself() -> None:
    """The empty grant has no events and no answer."""
    assert Grant().events({}) == ()
    assert Grant().answer({}) is None


# -- rules that are switched off ---------------------------------------------------------------------

RG, H, NEW = "rg", GroupKey("rg", "h"), GroupKey("rg", "new")
U, F, A, V, S = (
    GroupKind.UNIFORM,
    GroupKind.FLEXIBLE,
    GroupKind.AVAILABILITY_SET,
    GroupKind.VM,
    GroupKind.SCALE_SET_VM,
)
MAKE_F = rq.CreateGroup(key=NEW, kind=F, fault_domain_count=3)
MAKE_A = rq.CreateGroup(key=NEW, kind=A)
MAKE_V = rq.CreateGroup(key=NEW, kind=V, fault_domain_count=3)
VM_X = rq.CreateVm(key=VmKey(RG, "x"), group=NEW)
SPOT_X = rq.CreateVm(key=VmKey(RG, "x"), group=NEW, priority=Priority.SPOT)

OFF: list[tuple[str, tuple[rq.Request, ...], rq.Request, tuple[str, ...]]] = [
    ("2021-02", (), rq.UpdateGroup(key=H, zones=("1",)), ("ARM-IMMUTABLE",)),
    ("2021-02", (), rq.UpdateGroup(key=H, kind=F), ("MODE-IMMUTABLE",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=U, profile=Profile(), capacity=1001), ("CAP-UNIFORM",)),
    ("2021-02", (), rq.SetCapacity(H, 1001), ("CAP-UNIFORM",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=U, fault_domain_count=6), ("FDCOUNT-UNIFORM",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, fault_domain_count=4), ("FDCOUNT-FLEX-REGIONAL",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, fault_domain_count=2, zones=("1",)), ("FDCOUNT-FLEX-ZONAL",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, zones=("1", "2")), ("ZONES-FLEX",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=U, zones=("1", "2", "3", "4")), ("ZONES-UNIFORM",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=A, zones=("1",)), ("ZONES-AVSET",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, single_placement_group=True), ("SPG-FLEX",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, api_version="2019-07-01"), ("API-MIN-FLEX",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, capacity=3), ("EMPTY-GROUP",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=A, update_domain_count=21), ("UD-2021",)),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, health_source=HealthSource.PROBE), ("HEALTH-SOURCE",)),
    (
        "2021-02",
        (),
        rq.CreateGroup(key=NEW, kind=F, autoscale=AutoscaleBounds(0, 1)),
        ("CAPS-AUTOSCALE", "AUTOSCALE"),
    ),
    ("2021-02", (), rq.CreateGroup(key=NEW, kind=F, repairs=True), ("CAPS-INSTANCE-REPAIR",)),
    ("2021-02", (), rq.Autoscale(H, 2), ("AUTOSCALE",)),
    ("2021-02", (MAKE_F, VM_X), rq.DeleteGroup(NEW), ("DELETE-NONEMPTY-REJECTED",)),
    ("2021-02", (MAKE_F,), rq.CreateVm(key=VmKey(RG, "x"), group=NEW, region="eastus"), ("SAME-PLACE",)),
    ("2021-02", (MAKE_F,), rq.CreateVm(key=VmKey(RG, "x"), group=NEW, zone="1"), ("SAME-PLACE", "ZONES-FLEX")),
    ("2021-02", (MAKE_F,), rq.CreateVm(key=VmKey(RG, "-"), group=NEW), ("NAMING",)),
    ("2021-02", (MAKE_F,), rq.CreateVm(key=VmKey(RG, "x"), group=NEW, fault_domain=3), ("FD-EXPLICIT",)),
    ("2021-02", (MAKE_F,), rq.CreateVm(key=VmKey(RG, "x"), group=NEW, size="Standard_NC6"), ("CAPS-SKUS",)),
    (
        "2021-02",
        (MAKE_A,),
        rq.CreateVm(key=VmKey(RG, "x"), group=NEW, fault_domain=0),
        ("CAPS-FD-ASSIGNMENT", "FD-EXPLICIT"),
    ),
    ("2021-02", (MAKE_A,), SPOT_X, ("CAPS-PRIORITY",)),
    ("2021-02", (MAKE_F, VM_X), rq.ActOnGroup(NEW, Action.STOP), ("BATCH-OPS",)),
    ("2021-02", (MAKE_F, VM_X), rq.GetBootDiagnostics(NEW, "x", Api.SCALE_SET), ("BOOTDIAG-API",)),
    ("2021-02", (MAKE_F, VM_X), rq.InstallExtension(NEW, "x", for_uniform=True), ("EXTENSION-KIND",)),
    ("2021-02", (), rq.ActOnInstance(H, "0", Action.STOP, Api.VIRTUAL_MACHINE), ("INSTANCE-TYPE",)),
    ("2021-02", (), rq.GetBootDiagnostics(H, "0", Api.VIRTUAL_MACHINE), ("INSTANCE-TYPE",)),
    (
        "2021-02",
        (
            rq.CreateGroup(key=NEW, kind=U, profile=Profile(), capacity=30),
            rq.SetCapacity(NEW, 60),
            rq.SetCapacity(NEW, 90),
            rq.SetCapacity(NEW, 101),
        ),
        rq.AskFaultDomainGuarantee(NEW),
        ("FD-HA-SCOPE",),
    ),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=V, profile=Profile()), ("PROFILE-VM-NONE",)),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=S), ("PROFILE-SSVM-REQUIRED",)),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=V, single_placement_group=False), ("SPG-VM-2019",)),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=V, fault_domain_count=1), ("FDCOUNT-VM-2019",)),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=S, profile=Profile(), fault_domain_count=6), ("FDCOUNT-SSVM-2019",)),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=V, zones=("1", "2")), ("ZONES-VM-2019",)),
    (
        "2019-10",
        (),
        rq.CreateGroup(key=NEW, kind=S, profile=Profile(), zones=("1", "2", "3", "4")),
        ("ZONES-SSVM-2019",),
    ),
    ("2019-10", (), rq.CreateGroup(key=NEW, kind=S, profile=Profile(), capacity=1001), ("CAP-SSVM-2019",)),
    ("2019-10", (MAKE_V, VM_X), rq.DeleteGroup(NEW), ("DELETE-NONEMPTY-REJECTED",)),
    ("2018-06-stack", (rq.RemoveMarketplaceItem(),), rq.CreateGroup(key=NEW, kind=U), ("STACK-MARKETPLACE",)),
    (
        "2018-06-stack",
        (),
        rq.UpdateGroup(key=H, autoscale=AutoscaleBounds(0, 1)),
        ("STACK-NO-AUTOSCALE",),
    ),
    ("2018-06-stack", (), rq.Autoscale(H, 1), ("STACK-NO-AUTOSCALE",)),
]
"""Edition, what is asked before, what is refused, and the rules that refuse it."""

SILENT_WHEN_OFF: list[tuple[str, rq.Request, str]] = [
    ("2021-02", rq.CreateGroup(key=NEW, kind=V), "MODE-2021"),
    ("2019-10", rq.CreateGroup(key=NEW, kind=F), "MODE-2019"),
    ("2021-02", rq.AttachVm(VmKey(RG, "1"), H), "ATTACH-DETACH-NEVER"),
    ("2021-02", rq.DetachVm(H, "0"), "ATTACH-DETACH-NEVER"),
    ("2021-02", rq.CreateVm(key=VmKey(RG, "x"), group=H), "ADD-IMPLICIT"),
    ("2021-02", rq.CreateVm(key=VmKey(RG, "1")), "NAMING"),
    ("2021-02", rq.CreateGroup(key=NEW, kind=U, capacity=-1), "CAP-UNIFORM"),
    ("2021-02", rq.CreateGroup(key=NEW, kind=U, zones=("1", "1")), "ZONES-UNIFORM"),
    ("2021-02", rq.CreateGroup(key=NEW, kind=U, fault_domain_count=0), "FDCOUNT-UNIFORM"),
]
"""What no document describes once the rule that refuses it is switched off."""


@pytest.mark.parametrize(
    ("name", "before", "request_", "rules"), OFF, ids=[f"{one[0]}-{'-and-'.join(one[3])}" for one in OFF]
)
def test_a_rule_that_is_switched_off_grants_what_it_refused(
    name: str, before: tuple[rq.Request, ...], request_: rq.Request, rules: tuple[str, ...]
) -> None:
    """The rules refuse; with all but one of them off the last still refuses; with all off it is granted."""
    world = WORLDS[name]
    for one in before:
        world = after(world, one)
    assert_granted_when_off(world, request_, rules)


@pytest.mark.parametrize(("name", "request_", "rule"), SILENT_WHEN_OFF)
def test_what_no_document_describes_stays_undescribed_without_its_rule(
    name: str, request_: rq.Request, rule: str
) -> None:
    """Where a rule refuses what the model has no description of, switching it off makes the model silent."""
    assert decide(WORLDS[name], request_).refused
    decision = decide(with_edition_without(WORLDS[name], rule), request_)
    assert decision.silent
    assert not decision.refused


@pytest.mark.parametrize("rules", [("REG-REQUIRED", "REG-PROPAGATE")])
def test_registration_switched_off_lets_anyone_create_a_flexible_group(rules: tuple[str, ...]) -> None:
    """An unregistered subscription is refused by both rules of registration."""
    world = World(EDITIONS["2021-02"])
    assert decide(world, MAKE_F).refused
    assert decide(with_edition_without(world, *rules), MAKE_F).grant is not None


@pytest.mark.parametrize(
    ("capability", "kind"),
    [
        (capability, kind)
        for kind, rules in EDITIONS["2021-02"].kinds.items()
        for capability, cell in rules.capabilities.items()
        if cell.support.value == "no"
    ],
)
def test_a_capability_row_that_is_switched_off_grants(capability: Capability, kind: GroupKind) -> None:
    """Every cell that says no refuses by its rule, and grants without it."""
    world = after(WORLDS["2021-02"], rq.CreateGroup(key=NEW, kind=kind))
    request = rq.UseCapability(NEW, capability)
    (refusal,) = decide(world, request).refusals
    assert decide(with_edition_without(world, refusal.rules[0]), request).grant is not None


# -- examples of what arbitrary requests found --------------------------------------------------------


def test_a_machine_outside_the_group_outlives_an_instance_of_its_name() -> None:
    """Deleting, moving or repairing Uniform instance 1 leaves the standard VM that is named 1."""
    world = WORLDS["2021-02"]
    assert world.machines[VmKey(RG, "1")] is None
    world = after(world, rq.ActOnInstance(H, "1", Action.DELETE, Api.SCALE_SET))
    assert world.machines[VmKey(RG, "1")] is None
    moved = after(WORLDS["2019-10"], rq.MoveGroup(H, "elsewhere"))
    assert GroupKey("elsewhere", "h") in moved.groups
    assert VmKey(RG, "1") in moved.machines


def test_creating_a_member_again_is_no_second_member() -> None:
    """Where names need not be unique, creating an existing VM again is a change of it, on which all are silent."""
    world = WORLDS["2019-10"]
    g = GroupKey(RG, "g")
    for group in (g, None):
        assert decide(world, rq.CreateVm(key=VmKey(RG, "a"), group=group)).silent
    assert decide(world, rq.CreateVm(key=VmKey("elsewhere", "a"), group=g)).silent


def test_a_named_fault_domain_is_judged_where_the_count_is_not_known() -> None:
    """A Flexible group that left its count to the service has 1 to 3: domain 0 is one, 3 is none, 1 may be."""
    world = after(WORLDS["2021-02"], rq.CreateGroup(key=NEW, kind=F))
    answers = {
        domain: decide(world, rq.CreateVm(key=VmKey(RG, "x"), group=NEW, fault_domain=domain))
        for domain in (-1, 0, 1, 2, 3)
    }
    assert [domain for domain, answer in answers.items() if answer.refused] == [-1, 3]
    assert [domain for domain, answer in answers.items() if answer.open] == [1, 2]


def test_the_worlds_of_these_tests_are_populated() -> None:
    """In every edition one group has three members."""
    assert {world.groups[H].census.members for world in WORLDS.values()} == {3}


def test_what_is_decided_does_not_depend_on_the_order_of_members() -> None:
    """A VM of a size that only some members have makes the set mixed, whichever of them a map has first."""
    sets: dict[bool, set[tuple[str, ...]]] = {True: set(), False: set()}
    for number in range(30):
        world = World(EDITIONS["2021-02"])
        key = GroupKey("rg", f"set{number}")
        vms = [rq.CreateVm(key=VmKey("rg", f"{size}{number}"), group=key, size=f"Standard_{size}2") for size in "DE"]
        world = after(world, rq.CreateGroup(key=key, kind=GroupKind.AVAILABILITY_SET))
        for vm in vms:
            world = after(world, vm)
        for again in (True, False):
            size = "Standard_D2" if again else "Standard_F2"
            decision = decide(world, rq.CreateVm(key=VmKey("rg", "new"), group=key, size=size))
            sets[again].add(decision.open)

    assert len(sets[True]) == 1
    assert sets[True] == sets[False] != {()}


def test_a_count_that_the_service_chose_is_not_called_changed() -> None:
    """What a client writes back once it has read it may well be what there is."""
    key = GroupKey("rg", "web")
    world = after(World(EDITIONS["2021-02"]), rq.CreateGroup(key=key, kind=GroupKind.UNIFORM, profile=Profile()))
    decision = decide(world, rq.UpdateGroup(key=key, fault_domain_count=5))

    assert decision.grant is not None
    assert decision.open == ("how many fault domains the service gave the group is not known (ARM-IMMUTABLE)",)


def test_a_registration_of_the_provider_does_nothing_for_features_that_follow_it() -> None:
    """Be it in the same second."""
    world = World(EDITIONS["2021-02"])
    registration = EDITIONS["2021-02"].registration
    assert registration is not None
    world = after(world, rq.RegisterProvider())
    for feature in registration.features:
        decision = decide(world, rq.RegisterFeature(feature))
        assert decision.grant is not None
        world = evolve_all(world, decision.grant.events({"ends_at": world.clock}))
    create = rq.CreateGroup(key=GroupKey("rg", "flex"), kind=GroupKind.FLEXIBLE, single_placement_group=False)

    assert "REG-PROPAGATE" in rules_named_by(decide(world, create))
    assert decide(world, create).refused
    assert decide(after(world, rq.RegisterProvider()), create).grant is not None
