"""Members at the ARM boundary, on flows built by hand: which there are, how they are numbered, listed and shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle.service import (
    COMPUTE,
    CONFORMS,
    GONE,
    GROUP,
    MEMBERS,
    VIOLATES,
    Service,
    created,
    flexible,
    following,
    instance,
    instances,
    joined,
    listed,
    machine,
    powered,
    scaled,
    uniform,
)

from vmss_model.oracle.finding import Finding

# -- instance ids ----------------------------------------------------------------------------------


@given(st.permutations([0, 1, 3, 5, 10]))
def test_instances_may_be_read_in_any_order(ids: list[int]) -> None:
    """What is seen first is not there first: a lower id that is seen later need not be new."""
    service = Service()
    service.get(GROUP, uniform(5))
    for one in ids:
        assert service.get(f"{MEMBERS}/{one}", instance(str(one))).verdict is not VIOLATES


@given(st.permutations([0, 1, 3, 5, 10]), st.integers(1, 4))
def test_instances_may_be_listed_in_any_order(ids: list[int], first: int) -> None:
    """On one page and over pages."""
    service = created(uniform(5))
    assert service.get(MEMBERS, instances(ids[:first], nextLink=f"{COMPUTE}/{following('x')}")).verdict is CONFORMS
    assert service.get(following("x"), instances(ids[first:])).verdict is CONFORMS


def test_vms_named_like_numbers_are_not_numbered() -> None:
    """The caller names a VM of a Flexible scale set, in any order."""
    service = created(flexible())
    for name in ("5", "3"):
        joined(service, name)
        assert service.get(f"virtualMachines/{name}", machine(name)).verdict is CONFORMS


def test_an_instance_that_is_new_has_a_greater_id_than_those_before_it() -> None:
    """One was not there when all were listed, and has a lower id than one that was seen before then."""
    service = created(uniform(2))
    listed(service, 0, 5)
    scaled(service, 3)
    assert listed(service, 0, 3, 5).rules == ("ARM-CAPACITY",)
    service = created(uniform(2))
    listed(service, 0, 1)
    scaled(service, 3)
    service.get(f"{MEMBERS}/5", instance("5"))
    scaled(service, 2)
    listed(service, 0, 1)
    scaled(service, 3)
    assert service.get(f"{MEMBERS}/3", instance("3")).rules == ("ARM-CAPACITY",)


# -- which there are ---------------------------------------------------------------------------------


def test_after_scaling_in_and_out_another_instance_may_be_there() -> None:
    """Though nothing was listed in between; one that was neither there nor can have come may not."""
    service = created(uniform(2))
    listed(service, 0, 1)
    scaled(service, 1)
    scaled(service, 2)
    assert listed(service, 0, 2).verdict is CONFORMS
    scaled(service, 1)
    scaled(service, 1)
    assert listed(service, 3).rules == ("ARM-LIST",)


def test_while_instances_are_being_deleted_scaling_out_brings_others() -> None:
    """Whether the count is reached by new ones cannot be told before the deletion has ended."""
    service = created(uniform(2))
    listed(service, 0, 1)
    link = f"{COMPUTE}/locations/westus/operations/deletion"
    service.call("POST", f"{GROUP}/delete", 202, asked={"instanceIds": ["0", "1"]}, link=link)
    scaled(service, 1)
    assert listed(service, 2).verdict is CONFORMS


def test_after_all_instances_were_deleted_scaling_out_brings_others() -> None:
    """Asked for while the deletion is under way; none of those deleted comes back."""
    for ids, verdict in (([2, 3, 4], CONFORMS), ([0, 3, 4], VIOLATES)):
        service = created(uniform(2))
        listed(service, 0, 1)
        link = f"{COMPUTE}/locations/westus/operations/deletion"
        service.call("POST", f"{GROUP}/delete", 202, asked={"instanceIds": ["*"]}, link=link)
        scaled(service, 3)
        service.get("locations/westus/operations/deletion", {"status": "Succeeded"})
        assert listed(service, *ids).verdict is verdict


def test_a_count_that_is_not_known_may_fall() -> None:
    """After instances nobody listed were deleted, any may go as the scale set scales in."""
    service = created(uniform(2))
    listed(service, 0, 1)
    scaled(service, 4)
    service.done("DELETE", f"{MEMBERS}/3", 202)
    scaled(service, 2)
    assert listed(service, 1, 2).verdict is CONFORMS


def test_while_an_instance_is_being_deleted_the_capacity_is_of_before_or_after() -> None:
    """Nothing else: one instance fewer at most, and after the deletion just that."""
    service = created(uniform(3))
    listed(service, 0, 1, 2)
    link = f"{COMPUTE}/locations/westus/operations/deletion"
    service.call("DELETE", f"{MEMBERS}/1", 202, link=link)
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS
    assert service.get(GROUP, uniform(3)).verdict is CONFORMS
    assert service.get(GROUP, uniform(1)).rules == ("ARM-CAPACITY",)
    service.get("locations/westus/operations/deletion", {"status": "Succeeded"})
    assert service.get(GROUP, uniform(3)).rules == ("ARM-CAPACITY",)


def test_a_flexible_scale_set_shows_another_count_after_a_vm_joined() -> None:
    """No rule says which; but it does not change by itself."""
    service = created(flexible())
    sized = {**flexible(), "sku": {"name": "x", "capacity": 0}}
    assert service.get(GROUP, sized).verdict is CONFORMS
    joined(service, "a")
    sized = {**flexible(), "sku": {"name": "x", "capacity": 1}}
    assert service.get(GROUP, sized).verdict is CONFORMS
    assert service.get(GROUP, {**sized, "sku": {"name": "x", "capacity": 2}}).rules == ("ARM-CAPACITY",)


def test_an_instance_view_without_provisioning_states_counts_nothing() -> None:
    """It is no count of zero; one that counts too few is."""
    service = created(uniform(2))
    view = f"{GROUP}/instanceView"
    assert service.get(view, {"virtualMachine": {"statusesSummary": []}}).verdict is not VIOLATES
    one = {"code": "ProvisioningState/succeeded", "count": 1}
    assert service.get(view, {"virtualMachine": {"statusesSummary": [one]}}).rules == ("ARM-CAPACITY",)


# -- what is shown of them ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [MEMBERS, f"{MEMBERS}/0", f"{MEMBERS}/0/instanceView"])
def test_a_deleted_scale_set_has_no_members(path: str) -> None:
    """None is shown, and no listing of them, not even an empty one; that it is gone stays right."""
    shown: dict[str, Any] = {**powered("0", "running"), "value": [], "statuses": [{"code": "PowerState/running"}]}
    service = created(uniform(1))
    service.done("DELETE", GROUP, 202)
    assert service.get(path, shown).rules == ("ARM-ABSENT",)
    assert service.get(path, GONE, 404).verdict is CONFORMS
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS


def test_a_listing_shows_the_power_that_an_operation_led_to() -> None:
    """As a read of the instance does."""
    for state, verdict in (("stopped", CONFORMS), ("running", VIOLATES)):
        service = created(uniform(1))
        listed(service, 0)
        service.done("POST", f"{GROUP}/poweroff", 202)
        finding = service.get(f"{MEMBERS}?$expand=instanceView", {"value": [powered("0", state)]})
        assert finding.verdict is verdict
        assert "ARM-POWER" in finding.rules


def test_a_listing_shows_the_id_that_an_instance_had() -> None:
    """As a read of the instance does."""
    service = created(uniform(1))
    for vm_id, verdict in (("a", CONFORMS), ("a", CONFORMS), ("b", VIOLATES)):
        assert service.get(MEMBERS, {"value": [instance("0", vmId=vm_id)]}).verdict is verdict


def test_a_vm_created_anew_has_nothing_of_the_one_before_it() -> None:
    """Another id, and another power state; it then keeps them."""
    service = created(flexible())
    joined(service, "a")
    for vm_id, verdict in (("first", CONFORMS), ("second", CONFORMS), ("third", VIOLATES)):
        shown = machine("a")
        shown["properties"]["vmId"] = vm_id
        assert service.get("virtualMachines/a", shown).verdict is verdict
        if vm_id == "first":
            service.done("DELETE", "virtualMachines/a", 202)
            joined(service, "a")


def test_a_listing_of_ids_alone_names_its_members() -> None:
    """A Flexible scale set lists ids; one that is left out is missed all the same."""
    service = created(flexible())
    joined(service, "a", "b")
    ids = [{"id": f"/subscriptions/s/resourceGroups/rg/providers/{COMPUTE}/virtualMachines/{name}"} for name in "ab"]
    assert service.get(MEMBERS, {"value": ids}).verdict is CONFORMS
    assert service.get(MEMBERS, {"value": ids[:1]}).rules == ("ARM-LIST",)


# -- pages -----------------------------------------------------------------------------------------


def page(service: Service, token: str, following_token: str, *ids: int) -> Finding:
    """A page of the listing, the first where it has no token, the last where none follows."""
    link = {"nextLink": f"{COMPUTE}/{following(following_token)}"} if following_token else {}
    return service.get(following(token) if token else MEMBERS, instances(ids, **link))


def test_a_page_may_be_read_again() -> None:
    """It is the same page; a member of an earlier one on it is still one too many."""
    service = created(uniform(3))
    for token, after, one in (("", "x", 0), ("x", "y", 1), ("x", "y", 1), ("y", "", 2), ("y", "", 2)):
        assert page(service, token, after, one).verdict is CONFORMS
    assert page(service, "y", "", 0).rules == ("ARM-LIST",)


def test_two_listings_may_be_read_at_the_same_time() -> None:
    """Each is judged by its own pages."""
    service = created(uniform(3))
    for token, after, ids in (("", "x", [0]), ("", "y", [0, 1]), ("x", "z", [1]), ("y", "", [2]), ("z", "", [2])):
        assert page(service, token, after, *ids).verdict is CONFORMS
    page(service, "", "x", 0)
    page(service, "", "y", 0, 1)
    assert page(service, "x", "", 1).verdict is VIOLATES
