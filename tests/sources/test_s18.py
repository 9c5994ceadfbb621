"""S18, scale sets on Azure Stack: prerequisites, the marketplace item, and no autoscale."""

from __future__ import annotations

import pytest

from vmss_model import requests as rq
from vmss_model.answers import ItemShown
from vmss_model.capabilities import Capability
from vmss_model.values import GroupKind, OperatingSystem
from vmss_model.world import AutoscaleBounds, Profile

from .asking import Service, group_key

KEY = group_key("set")
CREATE = rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, profile=Profile(), capacity=2)


@pytest.fixture
def service() -> Service:
    """A stack of which the operator has done nothing yet."""
    return Service("2018-06-stack")


@pytest.fixture
def ready(service: Service) -> Service:
    """A stack on which users can create scale sets."""
    service.grants(rq.RegisterStack())
    service.grants(rq.AddOsImage())
    service.grants(rq.AddMarketplaceItem())
    return service


@pytest.mark.parametrize("left_out", ["registration", "image", "item"])
def test_each_prerequisite_is_needed(service: Service, left_out: str) -> None:
    """S18, Prerequisites and Add the scale set: registration, an OS image, and the item; without one, no scale set."""
    if left_out != "registration":
        service.grants(rq.RegisterStack())
    if left_out != "image":
        service.grants(rq.AddOsImage())
    if left_out == "item":
        pass
    elif left_out == "registration":
        service.refuses(rq.AddMarketplaceItem(), "STACK-MARKETPLACE")
    else:
        service.grants(rq.AddMarketplaceItem())
    refusal = service.refuses(CREATE, "STACK-MARKETPLACE")
    assert (
        refusal.values["missing"]
        == {
            "registration": ("the registration with Azure", "the scale-set item in the marketplace"),
            "image": ("an OS image",),
            "item": ("the scale-set item in the marketplace",),
        }[left_out]
    )


def test_users_create_scale_sets_once_the_item_is_there(ready: Service) -> None:
    """S18, introduction: after the procedure, users can add scale sets to their subscriptions."""
    ready.either(CREATE)
    assert ready.group(KEY).census.members == 2


def test_all_machines_are_configured_alike(ready: Service) -> None:
    """S18, introduction: a set of identical virtual machines."""
    profile = Profile(OperatingSystem.WINDOWS, "Standard_A2")
    ready.either(rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, profile=profile, capacity=4))
    members = ready.group(KEY).members.values()
    assert {(one.operating_system, one.size) for one in members} == {(OperatingSystem.WINDOWS, "Standard_A2")}


def test_there_is_no_autoscale(ready: Service) -> None:
    """S18, introduction: scale sets in Azure Stack do not support autoscale."""
    bounds = AutoscaleBounds(1, 5)
    configured = rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, profile=Profile(), autoscale=bounds)
    ready.refuses(configured, "STACK-NO-AUTOSCALE")
    ready.either(CREATE)
    ready.refuses(rq.UpdateGroup(key=KEY, autoscale=bounds), "STACK-NO-AUTOSCALE")
    ready.refuses(rq.Autoscale(KEY, 3), "STACK-NO-AUTOSCALE")
    ready.refuses(rq.UseCapability(KEY, Capability.AUTOSCALE), "STACK-NO-AUTOSCALE")


def test_instances_are_added_by_request(ready: Service) -> None:
    """S18, introduction: templates, CLI or PowerShell add instances."""
    ready.either(CREATE)
    ready.either(rq.SetCapacity(KEY, 5))
    assert ready.group(KEY).census.members == 5


def test_the_item_is_shown_once_added(service: Service) -> None:
    """S18, Add the scale set: the item is added from Azure, and is in the marketplace."""
    assert service.answer(rq.ShowMarketplace()) == ItemShown(False)
    service.grants(rq.RegisterStack())
    service.grants(rq.AddMarketplaceItem())
    assert service.options(rq.ShowMarketplace(), "shown") == [True]


def test_a_removed_item_may_still_be_shown_for_a_while(ready: Service) -> None:
    """S18, Remove a scale set: `Remove-AzsGalleryItem`; the portal may need several refreshes."""
    ready.grants(rq.RemoveMarketplaceItem())
    for _ in range(4):
        assert set(ready.options(rq.ShowMarketplace(), "shown")) == {True, False}
    ready.refuses(CREATE, "STACK-MARKETPLACE")
    ready.says_nothing(rq.RemoveMarketplaceItem())


def test_a_removed_item_can_be_added_again(ready: Service) -> None:
    """S18, Add and Remove: after the item was removed, adding it makes scale sets possible again."""
    ready.grants(rq.RemoveMarketplaceItem())
    ready.grants(rq.AddMarketplaceItem())
    assert ready.options(rq.ShowMarketplace(), "shown") == [True]
    ready.either(CREATE)


def test_removing_the_item_leaves_existing_scale_sets(ready: Service) -> None:
    """S18, Remove a scale set: it is the gallery item that is removed; a scale set stays and scales."""
    ready.either(CREATE)
    ready.grants(rq.RemoveMarketplaceItem())
    ready.either(rq.SetCapacity(KEY, 3))
    assert ready.group(KEY).census.members == 3


@pytest.mark.parametrize(
    "request_",
    [
        rq.RegisterStack(),
        rq.AddOsImage(),
        rq.AddMarketplaceItem(),
        rq.RemoveMarketplaceItem(),
        rq.ShowMarketplace(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_only_a_stack_has_a_marketplace_operator(request_: rq.Request) -> None:
    """S18, scope: it applies to Azure Stack; in Azure itself there is no such operator."""
    Service("2019-10").says_nothing(request_)
