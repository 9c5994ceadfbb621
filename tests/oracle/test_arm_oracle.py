"""The oracle at the ARM boundary, on flows built by hand: what it takes, what it objects to, what it leaves open."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle.service import (
    COMPUTE,
    CONFORMS,
    DAY_2019,
    DEPLOYMENT,
    GONE,
    GROUP,
    UNKNOWN,
    VIOLATES,
    Service,
    created,
    flexible,
    instances,
    joined,
    machine,
    scaled,
    uniform,
    vm_mode,
)

from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.placement_history import PlacementHistory

from .corruptions import E1, E2, E3, E4


def test_a_uniform_scale_set_is_followed_through_its_life() -> None:
    """Created, listed, scaled out and in, one instance deleted, then deleted whole."""
    service = created(uniform(2))
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 1])).verdict is CONFORMS
    scaled(service, 4)
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 1, 3, 4])).verdict is CONFORMS
    scaled(service, 3)
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 1, 3])).verdict is CONFORMS
    assert service.done("POST", f"{GROUP}/virtualMachines/1/delete", 202).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 3])).verdict is CONFORMS
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS
    assert service.done("DELETE", GROUP, 202).verdict is CONFORMS
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS
    assert service.get("virtualMachineScaleSets", {"value": []}).verdict is CONFORMS
    assert service.get(GROUP, uniform(2)).rules == ("ARM-ABSENT",)


@pytest.mark.parametrize(
    ("ids", "rule"),
    [([0], "ARM-CAPACITY"), ([0, 1, 2], "ARM-CAPACITY"), ([0, 0], "ARM-LIST")],
)
def test_a_listing_of_other_instances_than_the_capacity_says_violates(ids: list[int], rule: str) -> None:
    """Too few, too many, or one twice."""
    finding = created(uniform(2)).get(f"{GROUP}/virtualMachines", instances(ids))
    assert finding.verdict is VIOLATES
    assert rule in finding.rules


def test_an_instance_id_is_never_used_again() -> None:
    """A scale-in takes instance 1 away; a scale-out must not bring it back."""
    service = created(uniform(2))
    service.get(f"{GROUP}/virtualMachines", instances([0, 1]))
    scaled(service, 1)
    assert service.get(f"{GROUP}/virtualMachines", instances([0])).verdict is CONFORMS
    scaled(service, 2)
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 1])).verdict is VIOLATES


def test_while_a_scale_out_runs_both_counts_are_right() -> None:
    """Its end settles the question."""
    service = created(uniform(1))
    link = f"{COMPUTE}/locations/westus/operations/op-2"
    service.call("PATCH", GROUP, 200, uniform(2), asked={"sku": {"capacity": 2}}, link=link)
    assert service.get(GROUP, uniform(1)).verdict is CONFORMS
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", instances([0])).verdict is CONFORMS
    service.poll(2, "Succeeded")
    assert service.get(f"{GROUP}/virtualMachines", instances([0])).verdict is VIOLATES
    assert service.get(GROUP, uniform(1)).verdict is VIOLATES


def test_a_listing_over_two_pages_is_judged_as_one() -> None:
    """Complete with the last page; a member of the first page on the second is one too many."""
    service = created(uniform(3))
    path, following = f"{GROUP}/virtualMachines", f"{GROUP}/virtualMachines?$skiptoken=1"
    assert service.get(path, instances([0, 1], nextLink=f"{COMPUTE}/{following}")).verdict is CONFORMS
    assert service.get(following, instances([2])).verdict is CONFORMS
    service.get(path, instances([0, 1], nextLink=f"{COMPUTE}/{following}"))
    assert service.get(following, instances([1])).rules == ("ARM-LIST",)
    service.get(path, instances([0, 1], nextLink=f"{COMPUTE}/{following}"))
    assert service.get(following, instances([])).verdict is VIOLATES


def test_an_operation_ends_once() -> None:
    """It stays as it ended, and a failed one names an error."""
    service = created(uniform(1))
    assert service.poll(1, "Succeeded").verdict is CONFORMS
    assert service.poll(1, "InProgress").rules == ("ARM-LRO",)
    link = f"{COMPUTE}/locations/westus/operations/op-2"
    service.call("POST", f"{GROUP}/restart", 202, link=link)
    assert service.poll(2, "InProgress").verdict is CONFORMS
    assert service.poll(2, "Failed").verdict is VIOLATES


def test_a_failed_scale_out_leaves_the_count_open() -> None:
    """It may have been done in part."""
    service = created(uniform(1))
    link = f"{COMPUTE}/locations/westus/operations/op-2"
    service.call("PATCH", GROUP, 200, uniform(3), asked={"sku": {"capacity": 3}}, link=link)
    assert service.poll(2, "Failed", error={"code": "AllocationFailed", "message": "full"}).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", instances([0, 2])).verdict is not VIOLATES


@pytest.mark.parametrize("listed", [False, True])
def test_a_failure_is_over_once_all_is_seen_that_it_left(listed: bool) -> None:
    """As many instances are listed as the instance count says: from then on they stay where they are."""
    service = created(uniform(1))
    link = f"{COMPUTE}/locations/westus/operations/op-2"
    service.call("POST", f"{GROUP}/restart", 202, link=link)
    service.poll(2, "Failed", error={"code": "InternalExecutionError", "message": "it did not start"})
    if listed:
        assert service.get(f"{GROUP}/virtualMachines", instances([0])).verdict is CONFORMS

    def seen_in(domain: int) -> Finding:
        view = {"instanceView": {"platformFaultDomain": domain}}
        return service.get(f"{GROUP}/virtualMachines/0", {"instanceId": "0", "properties": view})

    assert seen_in(1).verdict is not VIOLATES
    assert (seen_in(2).verdict is VIOLATES) is listed


def test_a_power_operation_shows_in_the_instance_view() -> None:
    """After a stop the instance is stopped, until it is started."""
    service = created(uniform(1))
    service.get(f"{GROUP}/virtualMachines", instances([0]))

    def view(state: str) -> Finding:
        return service.get(f"{GROUP}/virtualMachines/0/instanceView", {"statuses": [{"code": f"PowerState/{state}"}]})

    service.done("POST", f"{GROUP}/poweroff", 202)
    assert view("stopped").verdict is CONFORMS
    service.done("POST", f"{GROUP}/start", 202, asked={"instanceIds": ["0"]})
    assert view("stopped").rules == ("ARM-POWER",)


def test_a_scale_set_that_is_read_first_is_learnt() -> None:
    """The first read says little, the second must agree with it."""
    service = Service()
    service.get(GROUP, uniform(2))
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS
    assert service.get(GROUP, uniform(3)).rules == ("ARM-CAPACITY",)
    assert service.get(f"{GROUP}/virtualMachines", instances([4, 7, 9])).verdict is CONFORMS


def test_an_instance_stays_where_it_is_until_something_is_done_to_it() -> None:
    """A start or a restart may come between."""
    service = created(uniform(1))
    service.get(f"{GROUP}/virtualMachines", instances([0]))

    def view(domain: int) -> Finding:
        shown = {"platformFaultDomain": domain, "statuses": [{"code": "PowerState/running"}]}
        return service.get(f"{GROUP}/virtualMachines/0/instanceView", shown)

    assert view(0).verdict is CONFORMS
    assert view(1).rules == ("ARM-READ-BACK",)
    service.done("POST", f"{GROUP}/deallocate", 202)
    service.done("POST", f"{GROUP}/start", 202)
    assert view(4).verdict is CONFORMS


def test_what_is_not_known_is_unknown() -> None:
    """A 404 and a deletion of something never seen decide nothing."""
    assert Service().get(GROUP, GONE, 404).verdict is UNKNOWN
    assert Service().call("DELETE", GROUP, 204).verdict is UNKNOWN
    assert Service().get(f"{GROUP}/virtualMachines/3/instanceView", GONE, 404).verdict is UNKNOWN


def test_what_exists_is_not_answered_as_absent() -> None:
    """Nor is a deleted one deleted again with success."""
    service = created(uniform(1))
    assert service.get(GROUP, GONE, 404).rules == ("ARM-ABSENT",)
    service.done("DELETE", GROUP, 202)
    assert service.call("DELETE", GROUP, 204).verdict is CONFORMS
    assert service.call("POST", f"{GROUP}/start", 202).verdict is VIOLATES


def test_what_only_creation_sets_does_not_change() -> None:
    """The fault-domain count, the mode, and zones of a scale set that a read showed without."""
    service = created(uniform(1, platformFaultDomainCount=5))
    assert service.get(GROUP, uniform(1, platformFaultDomainCount=1)).rules == ("ARM-IMMUTABLE",)
    assert created(uniform(1)).get(GROUP, uniform(1, orchestrationMode="Flexible")).rules == ("MODE-IMMUTABLE",)
    assert created(uniform(1)).get(GROUP, {**uniform(1), "zones": ["1"]}).rules == ("ARM-IMMUTABLE",)
    listed = instances([0])
    listed["value"][0]["zones"] = ["1"]  # type: ignore[index]
    assert created(uniform(1)).get(f"{GROUP}/virtualMachines", listed).rules == ("ZONES-UNIFORM",)


def test_documented_refusals_conform_with_their_exact_error_only() -> None:
    """E1, E2 and E4 answer a creation; another text or code does not."""
    out_of_range, single = flexible(4), flexible(3, singlePlacementGroup=True)

    def refusal(asked: object, code: str, message: str) -> Finding:
        return Service().refused("PUT", GROUP, 400, code, message, asked)

    assert refusal(out_of_range, "InvalidParameter", E2.format(4, 1, 3)).verdict is CONFORMS
    assert refusal(out_of_range, "InvalidParameter", E2.format(4, 1, 5)).verdict is VIOLATES
    assert refusal(single, "InvalidParameter", E4).verdict is CONFORMS
    assert refusal(single, "OperationNotAllowed", E4).verdict is VIOLATES
    assert refusal(flexible(), "InvalidParameter", E1).verdict is UNKNOWN, "whether it is registered is not known"
    assert refusal(flexible(), "InvalidParameter", E4).verdict is VIOLATES
    assert refusal(uniform(1), "InvalidParameter", E4).verdict is VIOLATES


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (flexible(4), "FDCOUNT-FLEX-REGIONAL"),
        (flexible(3, singlePlacementGroup=True), "SPG-FLEX"),
        ({**flexible(1), "zones": ["1", "2"]}, "ZONES-FLEX"),
        (uniform(1001), "CAP-UNIFORM"),
        (uniform(101, singlePlacementGroup=True), "CAP-UNIFORM"),
        (uniform(1, platformFaultDomainCount=6), "FDCOUNT-UNIFORM"),
    ],
)
def test_a_creation_that_the_documents_refuse_is_not_accepted(body: dict[str, Any], rule: str) -> None:
    """The finding says what is allowed, what was seen, and what would have been right."""
    finding = Service().call("PUT", GROUP, 201, body, asked=body)
    assert finding.verdict is VIOLATES
    assert rule in finding.rules
    assert "refused by" in finding.expected
    assert "was accepted" in finding.seen
    assert finding.nearest.startswith("refuse it: ")


def test_a_flexible_scale_set_is_deleted_once_it_is_empty() -> None:
    """With a VM in it, E3; without, it goes. Operations on all of it are refused."""
    service = created(flexible())
    assert service.done("PUT", "virtualMachines/a", 201, machine("a"), asked=machine("a")).verdict is CONFORMS
    assert service.get("virtualMachines/a", machine("a", 2)).verdict is CONFORMS
    assert service.refused("DELETE", GROUP, 409, "OperationNotAllowed", E3).verdict is CONFORMS
    assert service.refused("DELETE", GROUP, 409, "OperationNotAllowed", "It is not empty.").verdict is VIOLATES
    assert service.call("POST", f"{GROUP}/start", 202).rules == ("BATCH-OPS",)
    assert service.call("DELETE", GROUP, 202).verdict is VIOLATES


def test_a_vm_is_placed_into_an_emptiest_fault_domain() -> None:
    """Even where the domains are only shown later, and one after the other."""
    service = created(flexible())
    joined(service, "a", "b", "c", "d")
    for name, domain in (("d", 0), ("a", 2), ("b", 1)):
        assert "FD-SPREAD" in service.get(f"virtualMachines/{name}", machine(name, domain)).rules
    finding = service.get("virtualMachines/c", machine("c", 1))
    assert finding.verdict is VIOLATES
    assert "FD-SPREAD" in finding.rules


def test_a_deleted_vm_leaves_its_fault_domain_emptier() -> None:
    """The next VM is placed into it."""
    service = created(flexible(2))
    joined(service, "a", "b")
    service.get("virtualMachines/a", machine("a", 0))
    service.get("virtualMachines/b", machine("b", 1))
    service.done("DELETE", "virtualMachines/b", 202)
    joined(service, "c")
    assert "FD-SPREAD" in service.get("virtualMachines/c", machine("c", 1)).rules


def test_a_vm_asked_for_in_a_fault_domain_that_is_not_there_says_nothing_of_where_others_are() -> None:
    """It is wrong to accept it; the others may be where they are all the same."""
    service = created(flexible(2))
    joined(service, "a")
    assert service.call("PUT", "virtualMachines/b", 201, asked=machine("b", 6)).verdict is VIOLATES
    assert service.get("virtualMachines/a", machine("a", 1)).verdict is not VIOLATES


def test_vms_created_at_the_same_time_join_in_either_order() -> None:
    """With 1, 1 and 0 members, the first of two may be seen outside the emptiest, not both."""
    history = PlacementHistory(3).joined("a", 0, automatic=True).joined("b", 1, automatic=True)
    either = history.joined("c", 0, automatic=True).joined("d", 2, automatic=True, together=True)
    assert either.possible()
    assert history.joined("c", 0, automatic=True).joined("d", 2, automatic=True).possible() is False
    assert history.joined("c", 0, automatic=True).joined("d", 1, automatic=True, together=True).possible() is False


def test_a_thousand_vms_created_together_are_judged() -> None:
    """Those of unknown domain are counted, not listed."""
    history = PlacementHistory(3)
    for number in range(999):
        history = history.joined(f"vm{number}", None, automatic=True, together=number > 0)
    assert history.possible()
    assert history.seen("vm0", 2).seen("vm998", 1).possible()
    for number in range(333):
        history = history.seen(f"vm{number}", 0)
    assert history.possible()
    assert history.seen("vm333", 0).possible() is False


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=6), st.data())
def test_joins_in_any_order_are_those_of_some_order(joins: list[tuple[int, bool, bool]], data: st.DataObject) -> None:
    """Members created together are possible just when one order of them is, each alone."""
    start = data.draw(st.integers(0, 2))
    before = PlacementHistory(3)
    for number in range(start):
        before = before.joined(f"before{number}", number, automatic=True)
    together = before
    for number, (domain, named, shown) in enumerate(joins):
        known = domain if named or shown else None
        together = together.joined(f"vm{number}", known, automatic=not named, together=number > 0)
    orders = []
    for order in permutations(joins):
        one = before
        for number, (domain, named, shown) in enumerate(order):
            one = one.joined(f"vm{number}", domain if named or shown else None, automatic=not named)
        orders.append(one)
    assert together.possible() is any(one.possible() for one in orders)


def test_the_vm_mode_of_2019_has_the_limits_of_its_document() -> None:
    """2 or 3 fault domains, and no VM outside them."""
    service = created(vm_mode(), DAY_2019)
    assert service.done("PUT", "virtualMachines/a", 201, machine("a"), asked=machine("a")).verdict is CONFORMS
    assert service.get("virtualMachines/a", machine("a", 2)).rules == ("FDCOUNT-VM-2019",)
    wrong = vm_mode(4)
    assert "FDCOUNT-VM-2019" in Service(DAY_2019).call("PUT", GROUP, 201, wrong, asked=wrong).rules


def deployment(capacity: object, parameters: dict[str, object]) -> dict[str, Any]:
    """A template that declares the Uniform scale set."""
    declared = uniform(0)
    declared["sku"]["capacity"] = capacity
    resource = {"type": "Microsoft.Compute/virtualMachineScaleSets", "name": "web", "apiVersion": "2021-03-01"}
    template = {"parameters": {"count": {"defaultValue": 2}}, "resources": [{**resource, **declared}]}
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"properties": {"template": template, "parameters": values}}


@pytest.mark.parametrize(
    ("capacity", "parameters", "count"),
    [
        (3, {}, 3),
        ("[parameters('count')]", {}, 2),
        ("[parameters('count')]", {"count": 4}, 4),
    ],
)
def test_a_scale_set_is_created_by_a_template(capacity: object, parameters: dict[str, object], count: int) -> None:
    """Its instance count stands in the template, its parameters, or their default values."""
    service = Service()
    asked = deployment(capacity, parameters)
    assert service.done("PUT", DEPLOYMENT, 201, {}, asked=asked).verdict is CONFORMS
    shown = {"properties": {"provisioningState": "Succeeded"}}
    assert service.get(DEPLOYMENT, shown).verdict is CONFORMS
    assert service.get(GROUP, uniform(count)).verdict is CONFORMS
    assert service.get(GROUP, uniform(count + 1)).rules == ("ARM-CAPACITY",)


def test_a_template_that_the_documents_refuse_does_not_succeed() -> None:
    """Its acceptance says nothing yet; its success contradicts, its failure does not."""
    asked = deployment(1001, {})
    service = Service()
    assert service.done("PUT", DEPLOYMENT, 201, {}, asked=asked).rules == ("CAP-UNIFORM",)
    service = Service()
    link = f"{COMPUTE}/locations/westus/operations/op-1"
    assert service.call("PUT", DEPLOYMENT, 201, {}, asked=asked, link=link).rules == ("ARM-LRO",)
    failed = service.poll(1, "Failed", error={"code": "DeploymentFailed", "message": "too many"})
    assert failed.verdict is CONFORMS


def test_a_finding_says_what_to_do_about_it() -> None:
    """In sentences that name the values."""
    finding = created(uniform(2)).get(GROUP, uniform(5))
    assert finding.expected == "sku.capacity is 2"
    assert finding.seen == "sku.capacity is shown as 5"
    assert finding.nearest == "show sku.capacity as 2"


def test_other_things_are_out_of_scope() -> None:
    """A VM in no scale set, and another provider."""
    alone = {"name": "a", "location": "westus", "properties": {}}
    assert Service().call("PUT", "virtualMachines/a", 201, alone, asked=alone).verdict is Verdict.OUT_OF_SCOPE
    assert Service().get("/Microsoft.Network/virtualNetworks/v", {}).verdict is Verdict.OUT_OF_SCOPE
