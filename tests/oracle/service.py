"""A service that answers as a test says, watched by the oracle; and the bodies that it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field

from vmss_model.oracle.arm import ArmOracle
from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.recordings import ArmRequest, ArmResponse

BASE = "https://management.azure.com/subscriptions/s/resourceGroups/rg/providers"
COMPUTE = f"{BASE}/Microsoft.Compute"
GROUP = "virtualMachineScaleSets/web"
DEPLOYMENT = "/Microsoft.Resources/deployments/d"
MEMBERS = f"{GROUP}/virtualMachines"
GONE = {"error": {"code": "ResourceNotFound", "message": "gone"}}
"""The answer to a read of what does not exist."""
DAY_2021, DAY_2019 = "2021-08-02T10:00:00Z", "2019-11-04T10:00:00Z"
CONFORMS, VIOLATES, UNKNOWN = Verdict.CONFORMS, Verdict.VIOLATES, Verdict.UNKNOWN


@define
class Service:
    """A service that answers as the test says, watched by the oracle."""

    date: str = DAY_2021
    """When everything happens."""
    oracle: ArmOracle = field(factory=ArmOracle.start)
    """The oracle so far."""
    polls: int = 0
    """How many operations were opened."""

    def call(
        self, method: str, path: str, status: int, answer: object = None, *, asked: object = None, link: str = ""
    ) -> Finding:
        """One exchange with the compute provider, or with another whose path begins with a slash."""
        url = (BASE if path.startswith("/") else COMPUTE + "/") + path
        url += ("&" if "?" in url else "?") + "api-version=2021-03-01"
        headers = {"azure-asyncoperation": link} if link else {}
        request, response = ArmRequest(method, url, asked), ArmResponse(status, headers, answer)
        self.oracle, finding = self.oracle.observe(request, response, self.date)
        return finding

    def get(self, path: str, answer: object, status: int = 200) -> Finding:
        """A read."""
        return self.call("GET", path, status, answer)

    def done(self, method: str, path: str, status: int, answer: object = None, *, asked: object = None) -> Finding:
        """A change that is accepted and then seen to succeed; the finding on its acceptance, or on its end."""
        self.polls += 1
        accepted = self.call(method, path, status, answer, asked=asked, link=link_of(f"op-{self.polls}"))
        ended = self.poll(self.polls, "Succeeded")
        return ended if ended.verdict is VIOLATES else accepted

    def poll(self, number: int, status: str, **more: object) -> Finding:
        """A poll of an operation."""
        return self.get(f"locations/westus/operations/op-{number}", {"status": status, **more})

    def refused(self, method: str, path: str, status: int, code: str, message: str, asked: object = None) -> Finding:
        """A refused request."""
        return self.call(method, path, status, {"error": {"code": code, "message": message}}, asked=asked)


def link_of(operation: str) -> str:
    """Where the status of an operation is read."""
    return f"{COMPUTE}/locations/westus/operations/{operation}"


def begun(service: Service, name: str, method: str, path: str, asked: object = None, status: int = 202) -> Finding:
    """An operation that is accepted and under way from here on."""
    return service.call(method, path, status, asked=asked, link=link_of(name))


def missed(service: Service) -> Service:
    """The service once exchanges with it were not seen."""
    service.oracle = service.oracle.forget()
    return service


def template(*resources: Mapping[str, object], **properties: object) -> dict[str, object]:
    """A deployment of these resources."""
    return {"properties": {"template": {"resources": list(resources)}, "mode": "Incremental", **properties}}


def uniform(capacity: int, **properties: object) -> dict[str, Any]:
    """A Uniform scale set."""
    return {
        "location": "westus",
        "sku": {"name": "Standard_D2s_v3", "capacity": capacity},
        "properties": {
            "orchestrationMode": "Uniform",
            "singlePlacementGroup": False,
            "virtualMachineProfile": {"osProfile": {}},
            **properties,
        },
    }


def flexible(domains: int = 3, **properties: object) -> dict[str, Any]:
    """A Flexible scale set, empty and without a VM configuration model."""
    shown = {"orchestrationMode": "Flexible", "platformFaultDomainCount": domains, "singlePlacementGroup": False}
    return {"location": "westus", "properties": {**shown, **properties}}


def vm_mode(domains: int = 2) -> dict[str, Any]:
    """A scale set in the VM mode of 2019, which is told by its shape."""
    return {"location": "westus", "properties": {"platformFaultDomainCount": domains, "singlePlacementGroup": True}}


def machine(name: str, domain: int | None = None) -> dict[str, Any]:
    """A standard VM of the scale set."""
    properties: dict[str, Any] = {"virtualMachineScaleSet": {"id": f"{COMPUTE}/{GROUP}".partition("com")[2]}}
    if domain is not None:
        properties["platformFaultDomain"] = domain
    return {"name": name, "location": "westus", "properties": properties}


def instances(ids: Sequence[int], **more: object) -> dict[str, object]:
    """A listing of instances."""
    return {"value": [{"instanceId": str(one), "properties": {"vmId": f"id-{one}"}} for one in ids], **more}


def created(body: dict[str, Any], date: str = DAY_2021) -> Service:
    """A service that has created the scale set."""
    service = Service(date)
    finding = service.done("PUT", GROUP, 201, body, asked=body)
    assert finding.verdict is CONFORMS, finding
    assert service.get(GROUP, body).verdict is CONFORMS
    return service


def scaled(service: Service, capacity: int) -> None:
    """The Uniform scale set is asked for another instance count and reaches it."""
    finding = service.done("PATCH", GROUP, 200, uniform(capacity), asked={"sku": {"capacity": capacity}})
    assert finding.verdict is CONFORMS, finding


def joined(service: Service, *names: str) -> None:
    """VMs join without naming a fault domain, one after the other."""
    for name in names:
        finding = service.done("PUT", f"virtualMachines/{name}", 201, machine(name), asked=machine(name))
        assert finding.verdict is CONFORMS, finding


def listed(service: Service, *ids: int) -> Finding:
    """A listing of all instances."""
    return service.get(MEMBERS, instances(ids))


def instance(name: str, **properties: object) -> dict[str, Any]:
    """One instance, as a read of it or a listing shows it."""
    return {"instanceId": name, "properties": properties}


def powered(name: str, state: str) -> dict[str, Any]:
    """One instance with its power state."""
    return instance(name, instanceView={"statuses": [{"code": f"PowerState/{state}"}]})


def following(token: str) -> str:
    """The address of a following page of the listing."""
    return f"{MEMBERS}?$skiptoken={token}"
