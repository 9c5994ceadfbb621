"""Refusals at the ARM boundary where not all is known by which they are decided, on flows built by hand."""

from __future__ import annotations

from typing import Any

import pytest
from immutables import Map
from tests.oracle.service import (
    CONFORMS,
    DEPLOYMENT,
    GROUP,
    MEMBERS,
    UNKNOWN,
    VIOLATES,
    Service,
    begun,
    created,
    flexible,
    listed,
    machine,
    powered,
    template,
    uniform,
)

from vmss_model import GroupKey, World, edition
from vmss_model import requests as rq
from vmss_model.oracle import Oracle, Refused
from vmss_model.values import GroupKind
from vmss_model.world import Subscription

from .corruptions import E2, E4

NOT_ACTIVE = "The provided instanceId 7 is not an active Virtual Machine Scale Set VM instanceId."
"""How the service refuses an id that is no member's."""
MODEL = {"storageProfile": {"imageReference": {"publisher": "A", "offer": "B", "sku": "C", "version": "1.0.0"}}}


def acted(service: Service, segment: str, ids: list[Any], status: int = 400, code: str = "InvalidParameter") -> Any:
    """An operation on members that are named in the body, refused; the verdict."""
    return service.refused("POST", f"{GROUP}/{segment}", status, code, NOT_ACTIVE, {"instanceIds": ids}).verdict


# -- members that a body names ---------------------------------------------------------------------


@pytest.mark.parametrize("segment", ["start", "manualupgrade"])
@pytest.mark.parametrize(("status", "code"), [(400, "InvalidParameter"), (404, "ResourceNotFound")])
def test_an_operation_that_names_what_is_no_member_is_refused(segment: str, status: int, code: str) -> None:
    """Where all members are known; where they are not, it may be so. One that is for a member is not refused."""
    service = created(uniform(2))
    assert acted(service, segment, ["7"], status, code) is UNKNOWN
    listed(service, 0, 1)
    assert acted(service, segment, ["1", "7"], status, code) is CONFORMS
    assert acted(service, segment, ["1"], status, code) is VIOLATES


def test_what_a_body_names_may_not_be_told() -> None:
    """A name that is none: the operation may be refused for it."""
    service = created(uniform(2))
    listed(service, 0, 1)
    assert acted(service, "manualupgrade", ["0", {"no": "name"}]) is UNKNOWN
    assert acted(service, "manualupgrade", ["*"]) is VIOLATES


# -- what may not exist ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("PATCH", GROUP, {"properties": {}}),
        ("POST", f"{GROUP}/start", {"instanceIds": ["*"]}),
        ("POST", f"{GROUP}/manualupgrade", {"instanceIds": ["*"]}),
        ("PUT", "virtualMachines/a", machine("a")),
    ],
)
def test_what_is_asked_of_a_scale_set_whose_creation_may_have_failed_may_find_none(
    method: str, path: str, asked: dict[str, Any]
) -> None:
    """Until its creation is seen to have succeeded; once it has, it is there."""
    service = Service()
    body = flexible() if "virtualMachines/" in path else uniform(2)
    begun(service, "op-9", "PUT", GROUP, body, 201)
    assert service.refused(method, path, 404, "ResourceNotFound", "It is not there.", asked).verdict is UNKNOWN
    service.poll(9, "Succeeded")
    assert service.refused(method, path, 404, "ResourceNotFound", "It is not there.", asked).verdict is VIOLATES


def test_whatever_words_say_that_there_is_no_rollout_the_scale_set_may_exist() -> None:
    """Only what names the scale set in the resource manager's words says that there is none."""
    for message, verdict in (
        ("There is no rollout.", CONFORMS),
        (
            "The Resource 'Microsoft.Compute/virtualMachineScaleSets/web' under resource group 'rg' was not found.",
            VIOLATES,
        ),
    ):
        service = Service()
        error = {"error": {"code": "ResourceNotFound", "message": message}}
        service.get(f"{GROUP}/rollingUpgrades/latest", error, 404)
        assert service.get(GROUP, uniform(1)).verdict is verdict


def test_a_rollout_that_failed_to_begin_need_not_have_begun() -> None:
    """Its start was accepted; once that has succeeded, there is a latest rollout."""
    for status, verdict in (("Failed", UNKNOWN), ("Succeeded", VIOLATES)):
        service = created(uniform(2))
        begun(service, "op-9", "POST", f"{GROUP}/osRollingUpgrade")
        service.poll(9, status)
        error = {"error": {"code": "NotFound", "message": "There is no rollout."}}
        assert service.get(f"{GROUP}/rollingUpgrades/latest", error, 404).verdict is verdict


def test_a_refused_change_says_that_there_is_something_to_change() -> None:
    """A PUT of a scale set that is not known is held to be its creation, but for an error that only a change has."""
    error = ("PropertyChangeNotAllowed", "Changing property 'zones' is not allowed.")
    assert Service().refused("PUT", GROUP, 409, *error, uniform(1)).verdict is UNKNOWN
    assert Service().refused("PUT", GROUP, 409, "OperationNotAllowed", "No.", uniform(1)).verdict is VIOLATES
    service = created(uniform(1))
    service.done("DELETE", GROUP, 202)
    assert service.refused("PUT", GROUP, 409, *error, uniform(1)).verdict is VIOLATES


# -- changes of what is not known ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (flexible(), {"properties": {"virtualMachineProfile": MODEL}}),
        (flexible(), {"sku": {"capacity": 2}}),
        (uniform(1), {"properties": {"platformFaultDomainCount": 3}}),
        (uniform(1), {"properties": {"orchestrationMode": "AvailabilitySet"}}),
        ({**uniform(1), "zones": ["1"]}, {"zones": []}),
    ],
    ids=["a model", "an instance count", "fault domains", "another mode", "no zones"],
)
def test_a_change_of_what_is_not_known_may_be_refused(known: dict[str, Any], asked: dict[str, Any]) -> None:
    """It may be another than before, or there may be none of it; a change of nothing is not refused."""
    refused = ("PATCH", GROUP, 409, "OperationNotAllowed", "No.")
    assert created(known).refused(*refused, asked).verdict is UNKNOWN
    assert created(known).refused(*refused, {"properties": {}}).verdict is VIOLATES


def test_a_model_that_was_changed_unseen_is_not_known() -> None:
    """Whether the publisher of the image stays cannot be told after a change whose answer does not show it."""
    body = uniform(1, virtualMachineProfile=MODEL)
    change = {"properties": {"virtualMachineProfile": MODEL}}
    for answer, verdict in ((body, VIOLATES), (None, UNKNOWN)):
        service = created(body)
        service.done("PATCH", GROUP, 200, answer, asked=change)
        assert service.refused("PATCH", GROUP, 409, "OperationNotAllowed", "No.", change).verdict is verdict


def test_a_change_may_be_refused_for_what_is_known_and_for_what_is_not() -> None:
    """Of the two errors that the documents give word for word for the one, neither is demanded then."""
    service = created(flexible(1))
    asked = {"properties": {"singlePlacementGroup": True}, "zones": ["1"]}
    assert service.refused("PATCH", GROUP, 400, "InvalidParameter", E4, asked).verdict is CONFORMS
    assert service.refused("PATCH", GROUP, 409, "PropertyChangeNotAllowed", "No.", asked).verdict is UNKNOWN


def test_the_shape_of_a_change_does_not_tell_the_mode() -> None:
    """A scale set that is not known may be Flexible, and answer with E4, though its change has a model."""
    asked = {"properties": {"singlePlacementGroup": True, "virtualMachineProfile": MODEL}}
    assert Service().refused("PATCH", GROUP, 400, "InvalidParameter", E4, asked).verdict is UNKNOWN
    assert created(uniform(1)).refused("PATCH", GROUP, 400, "InvalidParameter", E4, asked).verdict is VIOLATES


# -- fault domains of regions ----------------------------------------------------------------------


def test_e2_names_the_fault_domains_of_a_region_that_is_not_known() -> None:
    """As many as the edition allows, or fewer; never so many that the count is among them."""
    for highest, verdict in ((1, CONFORMS), (2, CONFORMS), (3, CONFORMS), (4, VIOLATES), (0, VIOLATES)):
        refused = Service().refused("PUT", GROUP, 400, "InvalidParameter", E2.format(4, 1, highest), flexible(4))
        assert refused.verdict is verdict
    both = flexible(2, singlePlacementGroup=True)
    for highest, verdict in ((1, CONFORMS), (2, VIOLATES)):
        refused = Service().refused("PUT", GROUP, 400, "InvalidParameter", E2.format(2, 1, highest), both)
        assert refused.verdict is verdict
    assert Service().done("PUT", GROUP, 201, asked=both).rules == ("SPG-FLEX", "E4")


def test_e2_names_the_fault_domains_of_a_region_that_is_known() -> None:
    """To the typed oracle a region may be known: then no other number will do."""
    key = GroupKey("rg", "g")
    asked = rq.CreateGroup(key=key, kind=GroupKind.FLEXIBLE, fault_domain_count=4, single_placement_group=False)
    for regions, highest, verdict in (
        ({}, 2, CONFORMS),
        ({"westus": 2}, 2, CONFORMS),
        ({"westus": 2}, 3, VIOLATES),
        ({"westus": 3}, 2, VIOLATES),
    ):
        oracle = Oracle(World(edition("2021-07"), regions=Map(regions), subscription=Subscription(known=False)))
        _, finding = oracle.observe(asked, Refused("InvalidParameter", E2.format(4, 1, highest)))
        assert finding.verdict is verdict, (regions, highest, finding)


# -- templates and power ---------------------------------------------------------------------------


def test_a_template_that_was_refused_declares_nothing() -> None:
    """A VM that was to join a Uniform scale set stands alone when it is created without it."""
    service = created(uniform(1))
    joining = {"type": "Microsoft.Compute/virtualMachines", "apiVersion": "2021-03-01", **machine("a")}
    service.call("PUT", DEPLOYMENT, 400, {"error": {"code": "InvalidTemplate", "message": ""}}, asked=template(joining))
    alone = {"location": "westus", "properties": {}}
    assert service.call("PUT", "virtualMachines/a", 201, alone, asked=alone).verdict is not VIOLATES


def test_a_vm_whose_creation_failed_may_be_created_in_no_scale_set() -> None:
    """An answer that calls it new says that it was not there."""
    service = created(flexible())
    begun(service, "op-9", "PUT", "virtualMachines/a", machine("a"), 201)
    service.poll(9, "Failed", error={"code": "X", "message": ""})
    alone = {"location": "westus", "properties": {}}
    service.call("PUT", "virtualMachines/a", 201, alone, asked=alone)
    assert service.get("virtualMachines/a", {"name": "a", **alone}).verdict is not VIOLATES


def test_what_is_deallocated_and_stopped_is_either() -> None:
    """It may stay deallocated; what was never deallocated does not become so by being stopped."""
    for first, verdict in (("deallocate", CONFORMS), ("start", VIOLATES)):
        service = created(uniform(1))
        listed(service, 0)
        service.done("POST", f"{MEMBERS}/0/{first}", 202)
        service.done("POST", f"{MEMBERS}/0/poweroff", 202)
        shown = {"value": [powered("0", "deallocated")]}
        assert service.get(MEMBERS, shown).verdict is verdict
    service = Service()
    service.get(GROUP, uniform(1))
    service.done("POST", f"{MEMBERS}/0/poweroff", 202)
    assert service.get(MEMBERS, {"value": [powered("0", "deallocated")]}).verdict is not VIOLATES
