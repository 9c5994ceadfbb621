"""What changes at the ARM boundary may and may not be answered with, on flows built by hand."""

from __future__ import annotations

import pytest

from vmss_model.oracle.arm import ArmRequest, ArmResponse
from vmss_model.oracle.finding import Finding, Verdict

from .test_arm_oracle import COMPUTE, CONFORMS, GROUP, UNKNOWN, VIOLATES, Service, created, uniform

GONE = {"error": {"code": "ResourceNotFound", "message": "It does not exist."}}


def elsewhere(service: Service, method: str, path: str, status: int, answer: object = None) -> Finding:
    """One exchange with the compute provider in another subscription."""
    url = f"{COMPUTE}/{path}?api-version=2021-03-01".replace("/subscriptions/s/", "/subscriptions/t/")
    service.oracle, finding = service.oracle.observe(
        ArmRequest(method, url, None), ArmResponse(status, {}, answer), service.date
    )
    return finding


# -- status links ----------------------------------------------------------------------------------

LINKS = [
    "http://localhost:8080/operations/1",
    "http://localhost:8080/status?id=1",
    f"{COMPUTE.partition('/resourceGroups')[0]}/providers/Microsoft.Compute/locations/westus/operationResults/1",
    f"{COMPUTE.partition('/resourceGroups')[0]}/providers/Microsoft.Compute/locations/westus/asyncOperations/1",
    f"{COMPUTE.partition('/resourceGroups')[0]}/providers/Microsoft.Compute/locations/westus/operations/1",
]


def polled(service: Service, link: str, status: str) -> Finding:
    """A poll of a status link just as it was given."""
    asked, answer = ArmRequest("GET", link, None), ArmResponse(200, {}, {"status": status})
    service.oracle, finding = service.oracle.observe(asked, answer, service.date)
    return finding


@pytest.mark.parametrize("link", LINKS)
def test_an_operation_is_followed_by_its_status_link_of_any_shape(link: str) -> None:
    """It ends once and stays so, and its end takes effect."""
    service = created(uniform(1))
    service.call("DELETE", GROUP, 202, link=link)
    assert polled(service, link, "InProgress").verdict is CONFORMS
    assert polled(service, link, "Succeeded").rules == ("ARM-LRO",)
    assert polled(service, link, "Failed").verdict is VIOLATES
    assert service.get(GROUP, uniform(1)).rules == ("ARM-ABSENT",)


def test_status_links_that_end_alike_are_two_operations() -> None:
    """The end of the one says nothing of the other."""
    service = created(uniform(1))
    service.call("DELETE", GROUP, 202, link="http://localhost/web/operations/1")
    service.call("DELETE", "virtualMachineScaleSets/api", 202, link="http://localhost/api/operations/1")
    assert polled(service, "http://localhost/api/operations/1", "Succeeded").verdict is CONFORMS
    assert service.get(GROUP, uniform(1)).verdict is CONFORMS


def test_an_address_that_no_answer_linked_to_is_out_of_scope() -> None:
    """Whatever it answers."""
    service = created(uniform(1))
    assert polled(service, "http://localhost/operations/1", "Failed").verdict is Verdict.OUT_OF_SCOPE


# -- subscriptions ---------------------------------------------------------------------------------


def test_scale_sets_of_one_name_in_two_subscriptions_are_two() -> None:
    """What is known of the one says nothing of the other; within each, what exists is not answered as absent."""
    service = created(uniform(2))
    assert elsewhere(service, "GET", GROUP, 404, GONE).verdict is UNKNOWN
    assert elsewhere(service, "GET", GROUP, 200, uniform(5)).rules == ("ARM-ABSENT",)
    assert service.get(GROUP, GONE, 404).rules == ("ARM-ABSENT",)
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS


def test_a_deletion_in_one_subscription_leaves_the_other_alone() -> None:
    """There the scale set is still there."""
    service = created(uniform(2))
    elsewhere(service, "DELETE", GROUP, 200)
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS
    assert service.get(GROUP, GONE, 404).rules == ("ARM-ABSENT",)


def test_exchanges_that_were_missed_may_have_been_in_any_subscription() -> None:
    """Also in one that was not seen yet."""
    service = created(uniform(2))
    service.oracle = service.oracle.forget()
    assert service.get(GROUP, GONE, 404).verdict is UNKNOWN
    assert elsewhere(service, "GET", GROUP, 404, GONE).verdict is UNKNOWN
