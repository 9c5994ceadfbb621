"""A service that is the model itself, asked over HTTP: it does what the documents allow, and shows it in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from attrs import define, evolve, field, frozen
from immutables import Map
from tests.model.arbitrary import is_small

from vmss_invariants.requests_base import REGIONS
from vmss_model import Decision, GroupKey, VmKey, World, decide, evolve_all
from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.decisions import Grant
from vmss_model.editions import Edition
from vmss_model.oracle.arm import refusal_response, to_arm
from vmss_model.oracle.arm.urls import api_version_in
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.rollout import Attempt
from vmss_model.values import UNCHANGED, Action, Api, GroupKind, Power
from vmss_model.world import Group, Instance

SUBSCRIPTION, API_VERSION = "s", "2021-03-01"
PREFIX = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
HOST = "https://management.azure.com"
BEGAN = datetime(2021, 8, 2, 10, tzinfo=UTC)
"""The date of the first exchange: the model's clock counts from there."""
LONGEST = 100 * 24 * 60 * 60
"""Seconds that pass at once, at most: there are dates to be told."""
AGAIN = 0.2
"""How often all of a scale set, or of a VM, is said again."""
DEPLOYED = 0.15
"""How often something is created by way of a template."""
SEGMENTS = {
    Action.START: "start",
    Action.STOP: "poweroff",
    Action.DEALLOCATE: "deallocate",
    Action.RESTART: "restart",
    Action.REIMAGE: "reimage",
}
POWERED = {Power.RUNNING: Action.START, Power.STOPPED: Action.STOP, Power.DEALLOCATED: Action.DEALLOCATE}
PLATFORM = (
    rq.AdvanceClock
    | rq.ReportHealth
    | rq.BeginRollout
    | rq.StartBatch
    | rq.RestoreInstance
    | rq.FailInstance
    | rq.EndRollout
    | rq.ProvisionInstance
    | rq.PublishImage
    | rq.ReplicateImage
    | rq.ReleaseImage
    | rq.ExcludeImage
    | rq.ChangeExternalResource
)
"""What happens without anybody's calling the compute provider."""


def regions_of(edition: Edition) -> Map[str, int]:
    """The regions: each with as many fault domains as the edition says that regions have, at least."""
    limits = (rules.fault_domains_regional for rules in edition.kinds.values())
    least = max((limit.lowest for limit in limits if limit is not None), default=1)
    return Map({name: max(least, count) for name, count in REGIONS.items()})


Told = tuple[ArmRequest, ArmResponse, str]
"""An exchange, and when it was."""


@frozen
class Change:
    """A change that was asked for and is under way."""

    link: str
    """Where its status is read."""
    after: World | None
    """The world once it is done; None: it is done already."""
    failed: bool
    """Whether it ends by failing, which changes nothing."""


@define
class ModelledService:
    """Answers as the model decides; what it leaves open, and what of it is shown, is drawn."""

    world: World
    """Everything that is so."""
    random: Random
    """Where all that is open comes from."""
    shown: float
    """How often a property that need not be shown is."""
    under_way: list[Change] = field(factory=list)
    """The changes that have not ended yet. One that is still to be done ends before another is asked for."""
    _operations: int = 0
    _lives: dict[tuple[GroupKey, str], int] = field(factory=dict)

    def asked(self, request: rq.Request) -> Iterator[Told]:
        """The exchanges of a request, if it can be asked for by one call; what happens by itself is not seen."""
        if isinstance(request, PLATFORM):
            self._happens(request)
            return
        request = _with_version(request)
        call = self._call(request) if all(map(_is_segment, _names(request))) else None
        if call is not None and call.method != "GET" and self.under_way and (self._waits or self.random.random() < 0.5):
            yield self.ended()
            call = self._call(request)
        decision = decide(self.world, request)
        if call is None or decision.silent or not is_small(decision):
            return
        if call.method == "GET":
            yield from self._reads(call, request, decision)
        elif isinstance(request, rq.CreateGroup | rq.CreateVm) and self.random.random() < DEPLOYED:
            yield self._deploys(call, request, decision)
        else:
            yield self._changes(call, request, decision)

    def ended(self) -> Told:
        """The poll that shows that something that is under way has ended."""
        change = self.under_way.pop(self.random.randrange(len(self.under_way)))
        if change.after is not None:
            self._becomes(change.after)
        status: dict[str, Any] = {"status": "Failed", "error": {"code": "InternalExecutionError", "message": ""}}
        return self._told(
            ArmRequest("GET", change.link, None),
            ArmResponse(200, {}, status if change.failed else {"status": "Succeeded"}),
        )

    # -- what changes ------------------------------------------------------------------------------

    def _happens(self, request: rq.Request) -> None:
        if isinstance(request, rq.AdvanceClock) and request.seconds > LONGEST:
            return
        decision = decide(self.world, request)
        # The world of what is under way is known already, and nothing happens in the one before.
        if decision.grant is not None and is_small(decision) and not self._waits:
            picks = decision.grant.sample(self.random.randint)
            self._becomes(evolve_all(self.world, decision.grant.events(picks)))

    @property
    def _waits(self) -> bool:
        return any(change.after is not None for change in self.under_way)

    def _becomes(self, world: World) -> None:
        for key, group in world.groups.items():
            old = self.world.groups.get(key)
            for name in group.members:
                if old is None or name not in old.members:
                    self._lives[key, name] = self._lives.get((key, name), 0) + 1
        self.world = world

    def _changes(self, call: ArmRequest, request: rq.Request, decision: Decision) -> Told:
        if decision.grant is None:
            return self._told(call, refusal_response(decision.refusals[0]))
        existed = isinstance(request, rq.UpdateGroup | rq.SetCapacity)
        acts = call.method in ("POST", "DELETE")
        if self.random.random() < 0.4:
            self._becomes(self._after(decision.grant))
            return self._told(call, ArmResponse(200 if existed or acts else 201, {}, self._result(request)))
        change = self._begin(decision.grant, "Microsoft.Compute/locations/westus/operations")
        body = self._result(request) if change.after is None and not change.failed else None
        status = 202 if acts else 200 if existed else 201
        return self._told(call, ArmResponse(status, {"azure-asyncoperation": change.link}, body))

    def _deploys(self, call: ArmRequest, request: rq.CreateGroup | rq.CreateVm, decision: Decision) -> Told:
        """A creation by way of a template; one that is refused is so as a whole, or fails."""
        assert isinstance(call.body, dict)
        kind = "virtualMachines" if isinstance(request, rq.CreateVm) else "virtualMachineScaleSets"
        declared = {"type": f"Microsoft.Compute/{kind}", "name": request.key.name}
        declared["apiVersion"] = getattr(request, "api_version", API_VERSION)
        template = {"resources": [{**declared, **call.body}]}
        place = f"{HOST}{PREFIX}/{_quoted(request.key.resource_group)}/providers/Microsoft.Resources"
        url = f"{place}/deployments/d{self._operations}?api-version=2021-04-01"
        asked = ArmRequest("PUT", url, {"properties": {"mode": "Incremental", "template": template}})
        if decision.grant is None and self.random.random() < 0.5:
            error = {"error": {"code": "InvalidTemplateDeployment", "message": "It is not valid."}}
            return self._told(asked, ArmResponse(400, {}, error))
        change = self._begin(decision.grant, f"Microsoft.Resources/deployments/d{self._operations}/operationStatuses")
        return self._told(asked, ArmResponse(201, {"azure-asyncoperation": change.link}, None))

    def _after(self, grant: Grant) -> World:
        return evolve_all(self.world, grant.events(grant.sample(self.random.randint)))

    def _begin(self, grant: Grant | None, place: str) -> Change:
        """Begin what is granted: done at once, late or never; what is not granted fails."""
        self._operations += 1
        link = f"{HOST}/subscriptions/{SUBSCRIPTION}/providers/{place}/{self._operations}?api-version={API_VERSION}"
        if grant is None or self.random.random() < 0.1:
            change = Change(link, None, True)
        elif not self.under_way and self.random.random() < 0.5:
            change = Change(link, self._after(grant), False)
        else:
            change = Change(link, None, False)
            self._becomes(self._after(grant))
        self.under_way.append(change)
        return change

    def _result(self, request: rq.Request) -> dict[str, Any] | None:
        """The body that shows what was made or changed, if it is shown."""
        if self.random.random() > self.shown:
            return None
        if isinstance(request, rq.CreateGroup | rq.UpdateGroup | rq.SetCapacity):
            return self._group(self.world.groups[request.key])
        if isinstance(request, rq.CreateVm) and request.group is not None:
            return self._vm(self.world.groups[request.group], request.key.name)
        return None

    # -- what is asked -----------------------------------------------------------------------------

    def _call(self, request: rq.Request) -> ArmRequest | None:
        groups = self.world.groups
        if isinstance(request, rq.CreateGroup) and (request.key in groups or not self._can_say(request.kind)):
            return None
        if isinstance(request, rq.CreateVm) and request.key in self.world.machines:
            return None
        if isinstance(request, rq.UpdateGroup) and request.fault_domain_count is not UNCHANGED:
            # A service knows how many fault domains it gave a group that did not ask for any; the model does not.
            group = groups.get(request.key)
            if group is not None and group.fault_domain_count is None:
                return None
        if isinstance(request, rq.DeleteVm):
            return self._at(request.vm.resource_group, f"virtualMachines/{_quoted(request.vm.name)}", "DELETE")
        if isinstance(request, rq.ChangePower):
            return self._act(request.key, request.name, POWERED[request.power], None)
        if isinstance(request, rq.ActOnInstance):
            return self._act(request.key, request.name, request.action, request.api)
        if isinstance(request, rq.GetInstance):
            return self._member_at(request.key, request.name, "GET", "?$expand=instanceView&")
        if isinstance(request, rq.SetCapacity) and self.random.random() < AGAIN:
            group = groups.get(request.key)
            # What is switched on again is held against what the newer API version asks for.
            if group is not None and not self._by_name(group) and not group.os_upgrade:
                again = evolve(_as_asked(group), capacity=request.capacity)
                return to_arm(again, SUBSCRIPTION, API_VERSION)
        if isinstance(request, rq.ListGroups):
            return self._at(request.resource_group, "virtualMachineScaleSets", "GET")
        return to_arm(request, SUBSCRIPTION, getattr(request, "api_version", API_VERSION))

    def _by_name(self, group: Group) -> bool:
        """Whether the group's members join it one by one, as VMs."""
        return self.world.rules_of(group).explicit

    def _can_say(self, kind: GroupKind) -> bool:
        """Whether a body tells the kind: those of 2019 are told by their shape, by which they are others elsewhere."""
        return kind in self.world.edition.kinds or kind in (GroupKind.UNIFORM, GroupKind.FLEXIBLE)

    def _at(self, place: str, rest: str, method: str, options: str = "?") -> ArmRequest:
        url = f"{HOST}{PREFIX}/{_quoted(place)}/providers/Microsoft.Compute/{rest}{options}api-version={API_VERSION}"
        return ArmRequest(method, url, None)

    def _member_at(self, key: GroupKey, name: str, method: str, options: str = "?", more: str = "") -> ArmRequest:
        group = self.world.groups.get(key)
        by_name = group is not None and self._by_name(group)
        owner = "" if by_name else f"virtualMachineScaleSets/{_quoted(key.name)}/"
        return self._at(key.resource_group, f"{owner}virtualMachines/{_quoted(name)}{more}", method, options)

    def _act(self, key: GroupKey, name: str, action: Action, api: Api | None) -> ArmRequest | None:
        group = self.world.groups.get(key)
        if group is None or api is not None:
            return None
        return self._member_at(key, name, "POST", more=f"/{SEGMENTS[action]}")

    # -- what is shown -----------------------------------------------------------------------------

    def _reads(self, call: ArmRequest, request: rq.Request, decision: Decision) -> Iterator[Told]:
        if decision.grant is None:
            yield self._told(call, refusal_response(decision.refusals[0]))
            return
        key = getattr(request, "key", None)
        group = self.world.groups.get(key) if isinstance(key, GroupKey) else None
        if isinstance(request, rq.ListGroups):
            place = request.resource_group
            shown = [self._group(one) for key, one in self.world.groups.items() if key.resource_group == place]
            yield self._told(call, ArmResponse(200, {}, {"value": shown}))
        elif group is None:
            return
        elif isinstance(request, rq.GetGroup) and self.random.random() < 0.7:
            yield self._told(call, ArmResponse(200, {}, self._group(group)))
        elif isinstance(request, rq.GetGroup):
            summary = [{"code": "ProvisioningState/succeeded", "count": len(group.members)}]
            counted = {"virtualMachine": {"statusesSummary": summary}}
            yield self._told(_part_of(call, "instanceView"), ArmResponse(200, {}, counted))
        elif (
            isinstance(request, rq.GetInstance) and self.world.rules_of(group).explicit and self.random.random() < AGAIN
        ):
            again = self._vm(group, request.name)
            url = call.url.replace("$expand=instanceView&", "")
            yield self._told(ArmRequest("PUT", url, again), ArmResponse(200, {}, again))
        elif isinstance(request, rq.GetInstance) and self.random.random() < 0.7:
            yield self._told(call, ArmResponse(200, {}, self._member(group, request.name)))
        elif isinstance(request, rq.GetInstance):
            view = self._view(group.members[request.name])
            yield self._told(_part_of(call, "instanceView"), ArmResponse(200, {}, view))
        elif isinstance(request, rq.ListInstances):
            yield from self._pages(call, group)
        else:
            yield from self._rollouts(call, decision.grant)

    def _pages(self, call: ArmRequest, group: Group) -> Iterator[Told]:
        names = list(group.members)
        self.random.shuffle(names)
        size = self.random.choice((1, 2, len(names) or 1, len(names) or 1))
        pages = [names[at : at + size] for at in range(0, len(names), size)] or [[]]
        url = call.url
        for number, page in enumerate(pages, 1):
            body: dict[str, Any] = {"value": [self._member(group, name) for name in page]}
            following = f"{call.url}&$skiptoken={number}"
            if number < len(pages):
                body["nextLink"] = following
            yield self._told(ArmRequest("GET", url, None), ArmResponse(200, {}, body))
            url = following

    def _rollouts(self, call: ArmRequest, grant: Grant) -> Iterator[Told]:
        answer = grant.answer(grant.sample(self.random.randint))
        if isinstance(answer, ProgressShown):
            yield self._told(call, ArmResponse(200, {}, _attempt(answer.attempt)))
        elif isinstance(answer, HistoryShown):
            yield self._told(call, ArmResponse(200, {}, {"value": list(map(_attempt, answer.attempts))}))

    def _told(self, request: ArmRequest, response: ArmResponse) -> Told:
        return request, response, _date(self.world.clock)

    def _some(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Of properties that need not be shown, those that are; what has no value is never shown."""
        return {
            name: value for name, value in properties.items() if value is not None and self.random.random() < self.shown
        }

    def _group(self, group: Group) -> dict[str, Any]:
        made = _as_asked(group)
        body = to_arm(made, SUBSCRIPTION, API_VERSION)
        assert body is None or isinstance(body.body, dict)
        asked: dict[str, Any] = dict(body.body) if body is not None and isinstance(body.body, dict) else {}
        properties = dict(asked.get("properties", {}))
        told = ("orchestrationMode", "virtualMachineProfile")
        kept = {name: properties.pop(name) for name in told if name in properties}
        if group.kind in (GroupKind.VM, GroupKind.SCALE_SET_VM) and "platformFaultDomainCount" in properties:
            kept["platformFaultDomainCount"] = properties.pop("platformFaultDomainCount")
        shown: dict[str, Any] = {
            "id": _id_of(group.key),
            "name": group.key.name,
            "location": group.region,
            "properties": {**kept, **self._some(properties)},
        }
        if group.zones:
            shown["zones"] = list(group.zones)
        if not self._by_name(group):
            shown["sku"] = {
                "name": group.profile.size if group.profile is not None else "Standard_D2s_v3",
                "capacity": group.capacity,
            }
        return shown

    def _member(self, group: Group, name: str) -> dict[str, Any]:
        if self._by_name(group):
            return self._vm(group, name)
        one = group.members[name]
        properties = self._some(
            {
                "vmId": self._id(group.key, name),
                "latestModelApplied": one.model_version == group.model_version,
                "instanceView": self._view(one),
            }
        )
        shown: dict[str, Any] = {"instanceId": name, "name": f"{group.key.name}_{name}", "properties": properties}
        return {**shown, **self._some({"location": group.region, "zones": [one.zone] if one.zone else None})}

    def _vm(self, group: Group, name: str) -> dict[str, Any]:
        one, key = group.members[name], group.key
        properties = self._some(
            {
                "vmId": self._id(key, name),
                "platformFaultDomain": one.fault_domain,
                "instanceView": self._view(one),
            }
        )
        properties["virtualMachineScaleSet"] = {"id": _id_of(key)}
        shown: dict[str, Any] = {"name": name, "properties": properties}
        return {**shown, **self._some({"location": group.region, "zones": [one.zone] if one.zone else None})}

    def _view(self, one: Instance) -> dict[str, Any]:
        shown = {"platformFaultDomain": one.fault_domain, "platformUpdateDomain": one.update_domain}
        return {**self._some(shown), **self._some({"statuses": [{"code": f"PowerState/{one.power.value}"}]})}

    def _id(self, key: GroupKey, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{key}/{name}/{self._lives[key, name]}"))


def _with_version(request: rq.Request) -> rq.Request:
    """The request with the API version that it is asked by: each call names one of the known form."""
    if isinstance(request, rq.CreateGroup | rq.UpdateGroup):
        return evolve(request, api_version=api_version_in(request.api_version or "") or API_VERSION)
    return request


def _date(clock: int) -> str:
    return (BEGAN + timedelta(seconds=clock)).isoformat()


def _part_of(call: ArmRequest, part: str) -> ArmRequest:
    """The read of a part of what a call reads."""
    return ArmRequest("GET", f"{call.url.partition('?')[0]}/{part}?api-version={API_VERSION}", None)


def _attempt(one: Attempt) -> dict[str, Any]:
    """A rollout, as the latest one is shown, and as one of the history."""
    counts = (one.progress.successful, one.progress.failed, one.progress.in_progress, one.progress.pending)
    names = ("successfulInstanceCount", "failedInstanceCount", "inProgressInstanceCount", "pendingInstanceCount")
    status = {"code": one.status.value, "startTime": _date(one.started_at)}
    ended = {} if one.ended_at is None else {"endTime": _date(one.ended_at)}
    return {"properties": {"runningStatus": {**status, **ended}, "progress": dict(zip(names, counts, strict=True))}}


def _names(request: rq.Request) -> Iterator[str]:
    """The names that the URL of a request would have."""
    for one in (getattr(request, "key", None), getattr(request, "vm", None)):
        if isinstance(one, GroupKey | VmKey):
            yield from (one.resource_group, one.name)
    named = getattr(request, "name", None)
    yield from (named,) if isinstance(named, str) else ()


def _is_segment(name: str) -> bool:
    return bool(name) and "/" not in name and not name.startswith("[")


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _id_of(key: GroupKey) -> str:
    return f"{PREFIX}/{key.resource_group}/providers/Microsoft.Compute/virtualMachineScaleSets/{key.name}"


def _as_asked(group: Group) -> rq.CreateGroup:
    """A request that asks for a group as it is."""
    profile = group.profile
    if profile is not None:
        # What no scale set's own body says.
        profile = evolve(profile, external=(), service_fabric=None, load_balancer=None, probe_interval=None)
    return rq.CreateGroup(
        key=group.key,
        kind=group.kind,
        region=group.region,
        zones=group.zones,
        fault_domain_count=group.fault_domain_count,
        single_placement_group=group.single_placement_group,
        zone_balance=group.zone_balance,
        profile=profile,
        capacity=group.capacity or 0,
        health_source=group.health_source if profile is not None else None,
        upgrade_mode=group.upgrade_mode,
        rolling=group.rolling,
        os_upgrade=group.os_upgrade,
    )
