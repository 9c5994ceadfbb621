"""What changes at the ARM boundary may and may not be answered with, on flows built by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracle.service import (
    BASE,
    COMPUTE,
    CONFORMS,
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
    missed,
    template,
    uniform,
)

from vmss_model.oracle.arm import ArmRequest, ArmResponse
from vmss_model.oracle.finding import Finding, Verdict

from .corruptions import E4


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
    service = missed(created(uniform(2)))
    assert service.get(GROUP, GONE, 404).verdict is UNKNOWN
    assert elsewhere(service, "GET", GROUP, 404, GONE).verdict is UNKNOWN


# -- deletions of members, and operations on those that are gone -----------------------------------


def listed(capacity: int) -> Service:
    """A service that has created a Uniform scale set and listed its instances."""
    service = created(uniform(capacity))
    assert service.get(f"{GROUP}/virtualMachines", instances(range(capacity))).verdict is CONFORMS
    return service


@pytest.mark.parametrize("status", [204, 404])
def test_deleting_a_member_that_is_gone_is_answered_as_of_something_absent(status: int) -> None:
    """Whether it was listed before or not, and for a standard VM, too."""
    for service in (listed(2), created(uniform(2))):
        service.done("DELETE", f"{GROUP}/virtualMachines/1", 202)
        assert service.call("DELETE", f"{GROUP}/virtualMachines/1", status).rules == ("ARM-ABSENT",)
        assert service.call("DELETE", f"{GROUP}/virtualMachines/1", status).verdict is CONFORMS
    service = created(flexible())
    joined(service, "a")
    service.done("DELETE", "virtualMachines/a", 202)
    assert service.call("DELETE", "virtualMachines/a", status).verdict is CONFORMS


@pytest.mark.parametrize("status", [204, 404])
def test_a_member_that_exists_is_not_deleted_as_if_it_were_absent(status: int) -> None:
    """While its deletion is under way it may be absent already."""
    finding = listed(2).call("DELETE", f"{GROUP}/virtualMachines/1", status)
    assert (finding.verdict, finding.rules) == (VIOLATES, ("ARM-ABSENT",))
    service = listed(2)
    service.call("DELETE", f"{GROUP}/virtualMachines/1", 202, link=f"{COMPUTE}/locations/westus/operations/op-9")
    assert service.call("DELETE", f"{GROUP}/virtualMachines/1", status).verdict is CONFORMS
    unseen = created(uniform(2))
    assert unseen.call("DELETE", f"{GROUP}/virtualMachines/1", status).verdict is UNKNOWN


@pytest.mark.parametrize("known", [True, False])
def test_nothing_is_done_to_a_member_that_is_gone(known: bool) -> None:
    """Operations on it are refused with 404, whether it was listed before it was deleted or not."""
    service = listed(2) if known else created(uniform(2))
    service.done("DELETE", f"{GROUP}/virtualMachines/1", 202)
    for method, path in (("POST", "1/start"), ("POST", "1/redeploy"), ("DELETE", "1")):
        finding = service.call(method, f"{GROUP}/virtualMachines/{path}", 404, GONE)
        assert finding.verdict is (UNKNOWN if path == "1/redeploy" else CONFORMS)
        finding = service.call(method, f"{GROUP}/virtualMachines/{path}", 202)
        assert finding.verdict is (UNKNOWN if path == "1/redeploy" else VIOLATES), path
    assert service.call("POST", f"{GROUP}/virtualMachines/0/start", 202).verdict is CONFORMS


def test_nothing_is_done_to_members_of_a_scale_set_that_is_gone() -> None:
    """Neither to one nor to all; deleting is answered with 204 or 404."""
    service = created(uniform(1))
    service.done("DELETE", GROUP, 202)
    for method, path in (("POST", "0/start"), ("POST", "0/redeploy"), ("DELETE", "0"), ("POST", "*/start")):
        assert service.call(method, f"{GROUP}/virtualMachines/{path}", 202).rules == ("ARM-ABSENT",), path
        assert service.call(method, f"{GROUP}/virtualMachines/{path}", 404, GONE).verdict is CONFORMS
    assert service.call("DELETE", f"{GROUP}/virtualMachines/0", 204).verdict is CONFORMS


# -- standard VMs ----------------------------------------------------------------------------------

OTHER_GROUP = f"{COMPUTE}/virtualMachineScaleSets/api".partition("com")[2]
ALONE = {"name": "a", "location": "westus", "properties": {"vmId": "one"}}


def moved(name: str = "a") -> dict[str, object]:
    """A standard VM of another scale set."""
    return {"name": name, "location": "westus", "properties": {"virtualMachineScaleSet": {"id": OTHER_GROUP}}}


def test_changing_a_member_is_not_creating_it() -> None:
    """What a change leaves out is not asked for, and no document says what of a VM can be changed."""
    service = created(flexible())
    joined(service, "a")
    assert (
        service.call("PATCH", "virtualMachines/a", 200, machine("a"), asked={"tags": {"x": "y"}}).verdict
        is not VIOLATES
    )
    refused = ("PropertyChangeNotAllowed", "Changing property 'platformFaultDomain' is not allowed.")
    assert service.refused("PUT", "virtualMachines/a", 409, *refused, asked=machine("a", 2)).verdict is UNKNOWN
    assert (
        service.call("PUT", "virtualMachines/a", 200, machine("a"), asked=machine("a")).rules[0]
        == "ATTACH-DETACH-NEVER"
    )
    assert service.get(f"{GROUP}/virtualMachines", {"value": [{"name": "a"}]}).verdict is CONFORMS
    # One that was read and not created in the recording is there, too.
    service = Service()
    service.get(GROUP, {**flexible(1), "zones": ["1"]})
    service.get("virtualMachines/b", {**machine("b"), "zones": ["1"]})
    assert service.call("PUT", "virtualMachines/b", 200, machine("b"), asked=machine("b")).verdict is CONFORMS
    assert service.call("PUT", "virtualMachines/c", 200, machine("c"), asked=machine("c")).verdict is VIOLATES


def test_a_vm_that_is_gone_is_not_changed() -> None:
    """But created again."""
    service = created(flexible())
    joined(service, "a")
    service.done("DELETE", "virtualMachines/a", 202)
    assert service.call("PATCH", "virtualMachines/a", 404, GONE, asked={"tags": {}}).verdict is CONFORMS
    assert service.call("PATCH", "virtualMachines/a", 200, machine("a"), asked={"tags": {}}).rules == ("ARM-ABSENT",)
    joined(service, "a")
    assert service.get("virtualMachines/a", machine("a", 0)).verdict is CONFORMS


def test_a_vm_that_stands_alone_is_never_attached() -> None:
    """Whether it was created or read so; refusing is right, and showing it as a member is not."""
    for how in ("created", "read"):
        service = created(flexible())
        if how == "created":
            service.call("PUT", "virtualMachines/a", 201, ALONE, asked=ALONE)
        else:
            service.get("virtualMachines/a", ALONE)
        refused = service.refused("PUT", "virtualMachines/a", 409, "OperationNotAllowed", "No.", asked=machine("a"))
        assert "ATTACH-DETACH-NEVER" in refused.rules
        assert refused.verdict is CONFORMS
        assert service.get("virtualMachines/a", machine("a")).rules == ("ATTACH-DETACH-NEVER",)
    # Of a VM that nothing is known of it is not known, either, whether it stands alone.
    assert created(flexible()).call("PATCH", "virtualMachines/a", 200, asked=machine("a")).verdict is UNKNOWN


@pytest.mark.parametrize(("method", "status"), [("PUT", 200), ("PUT", 201), ("PATCH", 200)])
def test_a_vm_that_stands_alone_and_is_attached_violates(method: str, status: int) -> None:
    """By any request that does it; not once it was deleted, or where its creation may have failed."""
    service = created(flexible())
    service.call("PUT", "virtualMachines/a", 201, ALONE, asked=ALONE)
    finding = service.call(method, "virtualMachines/a", status, machine("a"), asked=machine("a"))
    assert finding.verdict is VIOLATES
    assert "ATTACH-DETACH-NEVER" in finding.rules
    service = created(flexible())
    service.call("PUT", "virtualMachines/a", 201, ALONE, asked=ALONE)
    service.call("DELETE", "virtualMachines/a", 202)
    assert service.call(method, "virtualMachines/a", status, machine("a"), asked=machine("a")).verdict is not VIOLATES
    service = created(flexible())
    service.call("PUT", "virtualMachines/a", 201, ALONE, asked=ALONE, link="http://localhost/operations/1")
    assert service.call(method, "virtualMachines/a", status, machine("a"), asked=machine("a")).verdict is not VIOLATES


def test_a_member_stays_in_its_scale_set() -> None:
    """It is neither moved to another nor shown there, nor in none; an old API version shows none for every VM."""
    for wrong in (moved(), ALONE):
        service = created(flexible())
        joined(service, "a")
        assert service.get("virtualMachines/a", wrong).rules == ("ATTACH-DETACH-NEVER",)
        service.call("PUT", "virtualMachines/a", 200, asked=wrong)
        assert service.get("virtualMachines/a", wrong).rules == ("ATTACH-DETACH-NEVER",)
        assert service.get("virtualMachines/a", machine("a")).verdict is CONFORMS
        service = created(flexible())
        joined(service, "a")
        assert service.call("PUT", "virtualMachines/a", 200, wrong, asked=wrong).rules[0] == "ATTACH-DETACH-NEVER"
        url = f"{COMPUTE}/virtualMachines/a?api-version=2018-06-01"
        _, old = service.oracle.observe(ArmRequest("GET", url, None), ArmResponse(200, {}, ALONE), service.date)
        assert old.verdict is not VIOLATES
    refused = ("PropertyChangeNotAllowed", "Changing property 'virtualMachineScaleSet.id' is not allowed.")
    assert service.refused("PUT", "virtualMachines/a", 409, *refused, asked=moved()).verdict is CONFORMS


def test_a_vm_created_anew_in_no_scale_set_is_no_member() -> None:
    """Once the member of its name was deleted."""
    service = created(flexible())
    joined(service, "a")
    service.done("DELETE", "virtualMachines/a", 202)
    assert service.call("PUT", "virtualMachines/a", 201, ALONE, asked=ALONE).verdict is Verdict.OUT_OF_SCOPE
    assert service.get(f"{GROUP}/virtualMachines", {"value": []}).verdict is CONFORMS
    assert service.get("virtualMachines/a", ALONE).verdict is Verdict.OUT_OF_SCOPE
    assert service.get(f"{GROUP}/virtualMachines", {"value": [{"name": "a"}]}).verdict is VIOLATES


# -- changes of scale sets -------------------------------------------------------------------------


def test_a_flexible_scale_set_is_not_changed_to_a_single_placement_group() -> None:
    """E4 answers it, and nothing else; naming what it has is no change."""
    asked = {"properties": {"singlePlacementGroup": True}}
    for method, body in (("PATCH", asked), ("PUT", flexible(3, singlePlacementGroup=True))):
        service = created(flexible())
        assert service.refused(method, GROUP, 400, "InvalidParameter", E4, body).verdict is CONFORMS
        assert service.refused(method, GROUP, 400, "InvalidParameter", "No.", body).verdict is VIOLATES
        assert "SPG-FLEX" in service.call(method, GROUP, 200, flexible(), asked=body).rules
    assert created(flexible()).call("PUT", GROUP, 200, flexible(), asked=flexible()).verdict is CONFORMS


def test_instance_count_and_placement_groups_changed_together_are_held_against_each_other() -> None:
    """Not the new count against the placement groups of before; whether these can be changed no document says."""
    one, two_hundred = uniform(2, singlePlacementGroup=True), uniform(200, singlePlacementGroup=False)
    service = created(one)
    assert service.refused("PUT", GROUP, 400, "InvalidParameter", "No.", two_hundred).verdict is UNKNOWN
    assert service.call("PUT", GROUP, 200, two_hundred, asked=two_hundred).verdict is CONFORMS
    wrong = uniform(200, singlePlacementGroup=True)
    for body in (uniform(2), uniform(200), one):
        assert created(body).call("PUT", GROUP, 200, wrong, asked=wrong).rules == ("CAP-UNIFORM",)
    service = created(uniform(150))
    service.get(f"{GROUP}/virtualMachines", instances(range(150)))
    assert service.call("PUT", GROUP, 200, one, asked=one).verdict is CONFORMS


@pytest.mark.parametrize("status", [200, 201])
def test_a_scale_set_that_exists_is_changed_and_not_created_anew(status: int) -> None:
    """Whatever the answer calls it, what only creation sets stays; the same body again is right."""
    zonal = {**uniform(1, platformFaultDomainCount=5), "zones": ["1"]}
    for wrong in ({**zonal, "zones": ["2"]}, {**zonal, **uniform(1, platformFaultDomainCount=1)}):
        assert "ARM-IMMUTABLE" in created(zonal).call("PUT", GROUP, status, wrong, asked=wrong).rules
    service = created(zonal)
    service.get(f"{GROUP}/virtualMachines", instances([0]))
    assert service.call("PUT", GROUP, status, zonal, asked=zonal).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", instances([0])).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", instances([1])).verdict is VIOLATES


# -- refusals that say nothing of the rules --------------------------------------------------------


def refused_so(status: int, code: str, message: str) -> tuple[Verdict, Verdict]:
    """The verdicts on a creation, and on an operation on what was created, that are refused like this."""
    creation = Service().refused("PUT", GROUP, status, code, message, uniform(1))
    operation = created(uniform(1)).refused("POST", f"{GROUP}/start", status, code, message)
    return creation.verdict, operation.verdict


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (412, "PreconditionFailed", "The condition 'If-Match' is not met."),
        (404, "ResourceNotFound", "The Resource 'Microsoft.Network/virtualNetworks/x' was not found."),
        (404, "NotFound", "The Resource 'Microsoft.Compute/proximityPlacementGroups/x' was not found."),
        (400, "NoRegisteredProviderFound", "No registered resource provider found for location 'westus'."),
    ],
)
def test_a_refusal_for_what_the_documents_do_not_speak_of_decides_nothing(status: int, code: str, message: str) -> None:
    """A condition of the caller's own, another resource that is missing, a region."""
    assert refused_so(status, code, message) == (UNKNOWN, UNKNOWN)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "ResourceNotFound", "The Resource 'Microsoft.Compute/virtualMachineScaleSets/web' was not found."),
        (404, "ResourceNotFound", "It was not found."),
        (409, "OperationNotAllowed", "It is not allowed."),
        (400, "BadRequest", "No."),
    ],
)
def test_a_refusal_of_what_the_documents_grant_violates(status: int, code: str, message: str) -> None:
    """Where its reason is none outside the documents."""
    assert refused_so(status, code, message) == (VIOLATES, VIOLATES)


def test_while_an_operation_runs_another_may_be_in_conflict_with_it() -> None:
    """That is answered with 409, and with no other status; once it has ended, not even with that."""
    conflict = ("OperationNotAllowed", "The request failed due to conflict with a concurrent request.")
    service = created(uniform(1))
    link = f"{COMPUTE}/locations/westus/operations/op-2"
    service.call("POST", f"{GROUP}/restart", 202, link=link)
    asked = {"sku": {"capacity": 2}}
    for method, path, body in (("POST", f"{GROUP}/deallocate", None), ("DELETE", GROUP, None), ("PATCH", GROUP, asked)):
        assert service.refused(method, path, 409, *conflict, asked=body).verdict is UNKNOWN
        assert service.refused(method, path, 400, *conflict, asked=body).verdict is VIOLATES
    service.poll(2, "Succeeded")
    assert service.refused("POST", f"{GROUP}/deallocate", 409, *conflict).verdict is VIOLATES


# -- autoscale, resource groups, templates ---------------------------------------------------------

AUTOSCALE = "/microsoft.insights/autoscalesettings/s"
SETTING = {"properties": {"targetResourceUri": f"{COMPUTE}/{GROUP}".partition("com")[2], "enabled": True}}


@pytest.mark.parametrize("when", ["before it is seen", "before it is created", "before it is created anew"])
def test_an_autoscale_setting_holds_of_a_scale_set_that_comes_later(when: str) -> None:
    """The platform may then change its instances; without one it may not."""
    for setting in (SETTING, None):
        service = Service()
        if when == "before it is created anew":
            service = created(uniform(1))
        if setting is not None:
            assert service.call("PUT", AUTOSCALE, 201, setting, asked=setting).verdict is Verdict.OUT_OF_SCOPE
        if when == "before it is created anew":
            service.done("DELETE", GROUP, 202)
        if when != "before it is seen":
            service.done("PUT", GROUP, 201, uniform(2), asked=uniform(2))
        service.get(GROUP, uniform(2))
        for finding in (
            service.get(GROUP, uniform(3)),
            service.get(f"{GROUP}/virtualMachines", instances([0, 1, 2, 3])),
        ):
            assert (finding.verdict is VIOLATES) is (setting is None)


RESOURCE_GROUP = BASE.rpartition("/providers")[0]


def of_resource_group(service: Service, method: str, rest: str, status: int, asked: object, link: str = "") -> Finding:
    """One exchange with the resource group itself."""
    headers = {"location": link} if link else {}
    request = ArmRequest(method, f"{RESOURCE_GROUP}{rest}?api-version=2021-04-01", asked)
    service.oracle, finding = service.oracle.observe(request, ArmResponse(status, headers, None), service.date)
    return finding


def test_a_deleted_resource_group_takes_its_scale_sets_along() -> None:
    """While that is under way they may be there or not; afterwards they are not; a refused deletion changes nothing."""
    link = f"{RESOURCE_GROUP.partition('/resourceGroups')[0]}/operationresults/gone"
    service = created(uniform(1))
    assert of_resource_group(service, "DELETE", "", 409, None).verdict is Verdict.OUT_OF_SCOPE
    assert service.get(GROUP, GONE, 404).verdict is VIOLATES
    assert of_resource_group(service, "DELETE", "", 202, None, link).verdict is Verdict.OUT_OF_SCOPE
    for answer, status in ((uniform(1), 200), (GONE, 404)):
        assert service.get(GROUP, answer, status).verdict is CONFORMS
    assert polled(service, link, "Succeeded").verdict is Verdict.OUT_OF_SCOPE
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS
    assert service.get(GROUP, uniform(1)).rules == ("ARM-ABSENT",)
    service = created(uniform(1))
    of_resource_group(service, "DELETE", "", 200, None)
    assert service.call("PUT", GROUP, 201, uniform(2), asked=uniform(2)).verdict is CONFORMS
    assert service.get(GROUP, uniform(2)).verdict is CONFORMS


OTHER_PLACE = f"{RESOURCE_GROUP}2"
OTHER_SUBSCRIPTION = RESOURCE_GROUP.replace("/subscriptions/s/", "/subscriptions/t/")


def move(service: Service, to: str) -> Finding:
    """The scale set is moved into another resource group."""
    asked = {"resources": [f"{COMPUTE}/{GROUP}".partition("com")[2]], "targetResourceGroup": to.partition("com")[2]}
    return of_resource_group(service, "POST", "/moveResources", 200, asked)


def at_other_place(service: Service, method: str, path: str, answer: object, asked: object = None) -> Finding:
    """One exchange with the compute provider in another resource group, which answers with 200."""
    url = f"{OTHER_PLACE}/providers/Microsoft.Compute/{path}?api-version=2021-03-01"
    request, response = ArmRequest(method, url, asked), ArmResponse(200, {}, answer)
    service.oracle, finding = service.oracle.observe(request, response, service.date)
    return finding


def test_what_was_moved_into_another_resource_group_is_gone_from_where_it_was() -> None:
    """What was not moved is still there; where it was moved to it may be."""
    service = created(uniform(1))
    service.done("PUT", "virtualMachineScaleSets/api", 201, uniform(1), asked=uniform(1))
    assert move(service, OTHER_PLACE).verdict is Verdict.OUT_OF_SCOPE
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS
    assert service.get("virtualMachineScaleSets/api", GONE, 404).verdict is VIOLATES
    assert at_other_place(service, "GET", GROUP, uniform(1)).verdict is not VIOLATES


def test_what_arrives_by_a_move_is_as_it_was_where_it_was() -> None:
    """Unseen where it is now, it may have any number of members, and an autoscale setting may have come along."""
    service = created(uniform(1))
    service.call("PUT", AUTOSCALE, 201, SETTING, asked=SETTING)
    move(service, OTHER_PLACE)
    scaled = at_other_place(service, "PATCH", GROUP, uniform(2), {"sku": {"capacity": 2}})
    listed_there = at_other_place(service, "GET", f"{GROUP}/virtualMachines", instances(range(3)))
    assert VIOLATES not in (scaled.verdict, listed_there.verdict)


def test_a_move_into_another_subscription_leaves_open_what_is_there() -> None:
    """Of what a scale set there was known to be nothing is held any more; without a move it would be."""
    for moved_there in (True, False):
        service = created(uniform(1))
        elsewhere(service, "GET", GROUP, 404, GONE)
        if moved_there:
            move(service, OTHER_SUBSCRIPTION)
        assert (elsewhere(service, "GET", GROUP, 200, uniform(1)).verdict is VIOLATES) is not moved_there


MANY = {**machine("[concat('vm', copyIndex())]"), "type": "Microsoft.Compute/virtualMachines", "copy": {"count": 2}}
NESTED = {"type": "Microsoft.Resources/deployments", "name": "inner", "properties": {}}
DEPENDENT = {**machine("vm0"), "type": "Microsoft.Compute/virtualMachines", "condition": "[parameters('yes')]"}
BY_EXPRESSION = {
    "type": "Microsoft.Compute/virtualMachines",
    "name": "vm0",
    "properties": {
        "virtualMachineScaleSet": {"id": "[resourceId('Microsoft.Compute/virtualMachineScaleSets', variables('x'))]"}
    },
}


@pytest.mark.parametrize(
    "asked",
    [
        template(MANY),
        template(NESTED),
        template(DEPENDENT),
        template(BY_EXPRESSION),
        {"properties": {"templateLink": {"uri": "https://h/t.json"}}},
    ],
)
def test_a_template_that_cannot_be_read_through_leaves_open_what_it_declares(asked: dict[str, object]) -> None:
    """It may have made VMs, which is never a pass; what only creation sets stays."""
    service = created(flexible())
    assert service.done("PUT", DEPLOYMENT, 201, {}, asked=asked).verdict is UNKNOWN
    assert (
        service.get(f"{GROUP}/virtualMachines", {"value": [{"name": "vm0"}, {"name": "vm1"}]}).verdict is not VIOLATES
    )
    assert service.get(GROUP, flexible(2)).verdict is VIOLATES
    refused = created(flexible())
    refused.call("PUT", DEPLOYMENT, 400, GONE, asked=asked)
    assert refused.get(f"{GROUP}/virtualMachines", {"value": [{"name": "vm0"}]}).verdict is VIOLATES


def test_a_template_that_can_be_read_through_leaves_nothing_open() -> None:
    """One that declares other things says nothing of scale sets, unless it deletes what it does not declare."""
    other = {"type": "Microsoft.Network/virtualNetworks", "name": "[concat('v', copyIndex())]", "copy": {"count": 2}}
    never = {**machine("vm0"), "type": "Microsoft.Compute/virtualMachines", "condition": False}
    for mode in ("Incremental", "Complete"):
        service = created(flexible())
        service.call("PUT", DEPLOYMENT, 200, {}, asked=template(other, never, mode=mode))
        stranger = service.get(f"{GROUP}/virtualMachines", {"value": [{"name": "vm0"}]})
        assert (stranger.verdict is VIOLATES) is (mode == "Incremental")
        assert (service.get(GROUP, GONE, 404).verdict is VIOLATES) is (mode == "Incremental")


# -- capabilities ----------------------------------------------------------------------------------

PROFILE: dict[str, dict[str, object]] = {
    "CAPS-TERMINATE-NOTIFICATION": {"scheduledEventsProfile": {"terminateNotificationProfile": {"enable": True}}},
    "CAPS-WRITE-ACCELERATOR": {"storageProfile": {"dataDisks": [{"lun": 0, "writeAcceleratorEnabled": True}]}},
}
CAPABILITIES: dict[str, dict[str, Any]] = {
    "CAPS-INSTANCE-REPAIR": {"automaticRepairsPolicy": {"enabled": True}},
    "CAPS-DEDICATED-HOST": {"hostGroup": {"id": "/hosts/h"}},
    **{rule: {"virtualMachineProfile": profile} for rule, profile in PROFILE.items()},
}


@pytest.mark.parametrize("rule", CAPABILITIES)
def test_a_capability_that_a_flexible_scale_set_does_not_have_is_refused(rule: str) -> None:
    """At its creation and later; a Uniform one has it, and one that does not ask for it is granted."""
    body = flexible(**CAPABILITIES[rule])
    assert Service().call("PUT", GROUP, 201, body, asked=body).rules == (rule,)
    assert Service().refused("PUT", GROUP, 400, "BadRequest", "No.", body).verdict is CONFORMS
    for method in ("PUT", "PATCH"):
        assert rule in created(flexible()).call(method, GROUP, 200, body, asked=body).rules
    whole = uniform(1, **CAPABILITIES[rule])
    assert rule in Service().call("PUT", GROUP, 201, whole, asked=whole).rules
    assert created(whole).call("PUT", GROUP, 200, whole, asked=whole).verdict is CONFORMS


def test_ultra_disks_need_a_zone_on_a_uniform_scale_set() -> None:
    """A Flexible one takes them everywhere."""
    ultra: dict[str, Any] = {"additionalCapabilities": {"ultraSSDEnabled": True}}
    regional, zonal, flexible_one = uniform(1, **ultra), {**uniform(1, **ultra), "zones": ["1"]}, flexible(**ultra)
    assert Service().call("PUT", GROUP, 201, regional, asked=regional).rules == ("CAPS-ULTRA-SSD",)
    assert created(uniform(1)).call("PATCH", GROUP, 200, regional, asked=regional).rules == ("CAPS-ULTRA-SSD",)
    for body in (zonal, flexible_one):
        assert created(body).call("PATCH", GROUP, 200, body, asked=body).verdict is CONFORMS


def test_boot_diagnostics_of_a_flexible_scale_set_come_from_the_vm() -> None:
    """The scale set's own call gives them for Uniform instances only, and changes nothing."""
    service = created(flexible())
    joined(service, "a")
    assert service.call("POST", f"{GROUP}/virtualMachines/a/retrieveBootDiagnosticsData", 200).rules == (
        "BOOTDIAG-API",
    )
    assert service.call("POST", "virtualMachines/a/retrieveBootDiagnosticsData", 200).verdict is not VIOLATES
    service = listed(1)
    before = service.oracle
    assert service.call("POST", f"{GROUP}/virtualMachines/0/retrieveBootDiagnosticsData", 200).verdict is not VIOLATES
    assert service.oracle == before


# -- listings of scale sets ------------------------------------------------------------------------

LIST = "virtualMachineScaleSets"


def listed_groups(*names: str, following: str = "") -> dict[str, object]:
    """A page of a listing of scale sets."""
    shown = [{"name": name, "id": f"{COMPUTE}/{LIST}/{name}".partition("com")[2]} for name in names]
    return {"value": shown, **({"nextLink": f"{COMPUTE}/{LIST}?$skiptoken={following}"} if following else {})}


def two_groups() -> Service:
    """A service that has created two scale sets."""
    service = created(uniform(1))
    service.done("PUT", f"{LIST}/api", 201, uniform(1), asked=uniform(1))
    return service


@pytest.mark.parametrize(("second", "verdict"), [(["api"], CONFORMS), (["web"], VIOLATES), ([], VIOLATES)])
def test_a_listing_of_scale_sets_over_two_pages_is_judged_as_one(second: list[str], verdict: Verdict) -> None:
    """Each once, all of them; a page may be read again, and a page that nothing led to decides little."""
    service = two_groups()
    assert service.get(LIST, listed_groups("web", following="x")).verdict is CONFORMS
    for _ in range(2):
        assert service.get(f"{LIST}?$skiptoken=x", listed_groups(*second)).verdict is verdict
    assert service.get(f"{LIST}?$skiptoken=y", listed_groups(*second)).verdict is CONFORMS


def test_a_scale_set_that_is_created_or_deleted_between_two_pages_may_be_listed_or_not() -> None:
    """It did not exist all the time."""
    service = two_groups()
    service.get(LIST, listed_groups("web", following="x"))
    service.done("PUT", f"{LIST}/new", 201, uniform(1), asked=uniform(1))
    service.done("DELETE", f"{LIST}/api", 202)
    assert service.get(f"{LIST}?$skiptoken=x", listed_groups()).verdict is CONFORMS


def test_a_listing_of_the_whole_subscription_shows_every_scale_set_of_it() -> None:
    """Not those of another subscription; one that names none that can be told decides nothing of it."""
    url = f"{BASE.partition('/resourceGroups')[0]}/providers/Microsoft.Compute/{LIST}?api-version=2021-03-01"
    service = two_groups()

    def listing(body: object, where: str = url) -> Finding:
        return service.oracle.observe(ArmRequest("GET", where, None), ArmResponse(200, {}, body), service.date)[1]

    assert listing(listed_groups("web", "api")).verdict is CONFORMS
    assert listing(listed_groups("web")).rules == ("ARM-LIST",)
    assert listing({"value": [{"name": "web"}]}).verdict is not VIOLATES
    assert listing(listed_groups(), url.replace("/subscriptions/s/", "/subscriptions/t/")).verdict is not VIOLATES
