"""A service that is the model itself, asked over HTTP: it does what the documents allow, and shows it in part."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from attrs import define, field, frozen
from immutables import Map
from tests.model.arbitrary import is_small
from tests.oracle.modelled_bodies import Bodies, attempt, counted, date_of
from tests.oracle.modelled_calls import (
    API_VERSION,
    HOST,
    SUBSCRIPTION,
    call_of,
    deployed,
    is_by_name,
    part_of,
    said_again,
    with_version,
)

from vmss_invariants.requests_base import REGIONS
from vmss_model import Decision, GroupKey, World, decide, evolve_all
from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.decisions import Grant
from vmss_model.editions import Edition
from vmss_model.oracle.arm import refusal_response
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.world import Group

LONGEST = 100 * 24 * 60 * 60
"""Seconds that pass at once, at most: there are dates to be told."""
AGAIN, DEPLOYED, AT_ONCE, FAILING = 0.2, 0.15, 0.4, 0.1
"""How often all is said again, a template declares what is created, a change ends at once, and it fails."""
BY_ITSELF = (
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
    | rq.Autoscale
    | rq.RepairInstance
)
"""What happens without anybody's calling the resource manager."""
Told = tuple[ArmRequest, ArmResponse, str]
"""An exchange, and when it was."""


def regions_of(edition: Edition) -> Map[str, int]:
    """The regions: each with as many fault domains as the edition says that regions have, at least."""
    limits = (rules.fault_domains_regional for rules in edition.kinds.values())
    least = max((limit.lowest for limit in limits if limit is not None), default=1)
    return Map({name: max(least, count) for name, count in REGIONS.items()})


@frozen
class Change:
    """A change that was asked for and is under way."""

    link: str
    """Where its status is read."""
    after: World | None
    """The world once it is done; None: it is done already, or never."""
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
    failing: float = FAILING
    """How often a change that is accepted fails."""
    under_way: list[Change] = field(factory=list)
    """The changes that have not ended yet. One that is still to be done ends before another is asked for."""
    _bodies: Bodies = field(init=False)
    _operations: int = 0

    @_bodies.default
    def _shows(self) -> Bodies:
        return Bodies(self.random, self.shown)

    def asked(self, request: rq.Request) -> Iterator[Told]:
        """The exchanges of a request, if it can be asked for by one call; what happens by itself is not seen."""
        if isinstance(request, BY_ITSELF):
            self._happens(request)
            return
        request = with_version(request)
        call = call_of(self.world, request)
        if call is not None and call.method != "GET" and self.under_way and (self._waits or self._is_drawn(0.5)):
            yield self.ended()
            call = call_of(self.world, request)
        decision = decide(self.world, request)
        if call is None or decision.silent or not is_small(decision):
            return
        if call.method == "GET":
            yield from self._reads(call, request, decision)
        elif isinstance(request, rq.CreateGroup | rq.CreateVm) and self._is_drawn(DEPLOYED):
            yield self._deploys(call, request, decision)
        else:
            yield self._changes(call, request, decision)

    def looked_at(self) -> Iterator[Told]:
        """The exchanges of a read of some scale set, or of a member of one."""
        groups = list(self.world.groups.values())
        if groups:
            group = self.random.choice(groups)
            name = self.random.choice(list(group.members) or ["0"])
            reads = (rq.GetGroup(group.key), rq.ListInstances(group.key), rq.GetInstance(group.key, name))
            yield from self.asked(self.random.choice((*reads, rq.GetProgress(group.key))))

    def ended(self) -> Told:
        """The poll that shows that something that is under way has ended."""
        change = self.under_way.pop(self.random.randrange(len(self.under_way)))
        if change.after is not None:
            self._becomes(change.after)
        status: dict[str, Any] = {"status": "Succeeded"}
        if change.failed:
            status = {"status": "Failed", "error": {"code": "InternalExecutionError", "message": ""}}
        return self._told(ArmRequest("GET", change.link, None), ArmResponse(200, {}, status))

    # -- what changes ------------------------------------------------------------------------------

    def _is_drawn(self, share: float) -> bool:
        return self.random.random() < share

    def _happens(self, request: rq.Request) -> None:
        if isinstance(request, rq.AdvanceClock) and request.seconds > LONGEST:
            return
        decision = decide(self.world, request)
        # The world of what is under way is known already, and nothing happens in the one before.
        if decision.grant is not None and is_small(decision) and not self._waits:
            self._becomes(self._after(decision.grant))

    @property
    def _waits(self) -> bool:
        return any(change.after is not None for change in self.under_way)

    def _after(self, grant: Grant) -> World:
        return evolve_all(self.world, grant.events(grant.sample(self.random.randint)))

    def _becomes(self, world: World) -> None:
        self._bodies.note_new(self.world, world)
        self.world = world

    def _changes(self, call: ArmRequest, request: rq.Request, decision: Decision) -> Told:
        if decision.grant is None:
            return self._told(call, refusal_response(decision.refusals[0]))
        of_group = "/Microsoft.Compute/" in call.url
        if isinstance(request, rq.SetCapacity) and self._is_drawn(AGAIN):
            call = said_again(self.world, request) or call
        existed = isinstance(request, rq.UpdateGroup | rq.SetCapacity)
        acts = call.method in ("POST", "DELETE")
        if self._is_drawn(AT_ONCE) or not of_group:
            self._becomes(self._after(decision.grant))
            body = self._result(request) if of_group else None
            return self._told(call, ArmResponse(200 if existed or acts else 201, {}, body))
        change = self._begin(decision.grant, "Microsoft.Compute/locations/westus/operations")
        body = self._result(request) if change.after is None and not change.failed else None
        status = 202 if acts else 200 if existed else 201
        return self._told(call, ArmResponse(status, {"azure-asyncoperation": change.link}, body))

    def _deploys(self, call: ArmRequest, request: rq.CreateGroup | rq.CreateVm, decision: Decision) -> Told:
        """A creation by way of a template; one that is refused is so as a whole, or fails."""
        number = self._operations
        asked = deployed(call, request, number)
        if decision.grant is None and self._is_drawn(0.5):
            error = {"error": {"code": "InvalidTemplateDeployment", "message": "It is not valid."}}
            return self._told(asked, ArmResponse(400, {}, error))
        change = self._begin(decision.grant, f"Microsoft.Resources/deployments/d{number}/operationStatuses")
        return self._told(asked, ArmResponse(201, {"azure-asyncoperation": change.link}, None))

    def _begin(self, grant: Grant | None, place: str) -> Change:
        """Begin what is granted: done at once, late or never; what is not granted fails."""
        self._operations += 1
        link = f"{HOST}/subscriptions/{SUBSCRIPTION}/providers/{place}/{self._operations}?api-version={API_VERSION}"
        if grant is None or self._is_drawn(self.failing):
            change = Change(link, None, True)
        elif not self.under_way and self._is_drawn(0.5):
            change = Change(link, self._after(grant), False)
        else:
            change = Change(link, None, False)
            self._becomes(self._after(grant))
        self.under_way.append(change)
        return change

    def _result(self, request: rq.Request) -> dict[str, Any] | None:
        """The body that shows what was made or changed, if it is shown."""
        groups = self.world.groups
        if not self._is_drawn(self.shown):
            return None
        if isinstance(request, rq.CreateGroup | rq.UpdateGroup | rq.SetCapacity):
            return self._bodies.group(self.world, groups[request.key])
        if isinstance(request, rq.CreateVm) and request.group is not None:
            return self._bodies.member(self.world, groups[request.group], request.key.name)
        return None

    # -- what is read ------------------------------------------------------------------------------

    def _reads(self, call: ArmRequest, request: rq.Request, decision: Decision) -> Iterator[Told]:
        key = getattr(request, "key", None)
        group = self.world.groups.get(key) if isinstance(key, GroupKey) else None
        if decision.grant is None:
            yield self._told(call, refusal_response(decision.refusals[0]))
        elif isinstance(request, rq.ListGroups):
            place = request.resource_group
            listed = (one for key, one in self.world.groups.items() if key.resource_group == place)
            yield self._shows_so(call, {"value": [self._bodies.group(self.world, one) for one in listed]})
        elif group is not None:
            yield from self._reads_group(call, request, group, decision.grant)

    def _reads_group(self, call: ArmRequest, request: rq.Request, group: Group, grant: Grant) -> Iterator[Told]:
        if isinstance(request, rq.GetGroup):
            in_full = self._is_drawn(0.7)
            asked = call if in_full else part_of(call, "instanceView")
            yield self._shows_so(asked, self._bodies.group(self.world, group) if in_full else counted(group))
        elif isinstance(request, rq.GetInstance):
            yield self._reads_member(call, group, request.name)
        elif isinstance(request, rq.ListInstances):
            yield from self._pages(call, group)
        else:
            answer = grant.answer(grant.sample(self.random.randint))
            if isinstance(answer, ProgressShown):
                yield self._shows_so(call, attempt(answer.attempt))
            elif isinstance(answer, HistoryShown):
                yield self._shows_so(call, {"value": list(map(attempt, answer.attempts))})

    def _reads_member(self, call: ArmRequest, group: Group, name: str) -> Told:
        """A read of a member or of its view, or all of a VM said again as it is."""
        shown = self._bodies.member(self.world, group, name)
        if is_by_name(self.world, group) and not self.under_way and self._is_drawn(AGAIN):
            again = {**shown, "location": group.region}
            if group.members[name].zone is not None:
                again["zones"] = [group.members[name].zone]
            return self._shows_so(ArmRequest("PUT", call.url.replace("$expand=instanceView&", ""), again), shown)
        if self._is_drawn(0.7):
            return self._shows_so(call, shown)
        return self._shows_so(part_of(call, "instanceView"), self._bodies.view(group.members[name]))

    def _pages(self, call: ArmRequest, group: Group) -> Iterator[Told]:
        names = list(group.members)
        self.random.shuffle(names)
        size = self.random.choice((1, 2, len(names) or 1, len(names) or 1))
        pages = [names[at : at + size] for at in range(0, len(names), size)] or [[]]
        url = call.url
        for number, page in enumerate(pages, 1):
            body: dict[str, Any] = {"value": [self._bodies.member(self.world, group, name) for name in page]}
            following = f"{call.url}&$skiptoken={number}"
            if number < len(pages):
                body["nextLink"] = following
            yield self._shows_so(ArmRequest("GET", url, None), body)
            url = following

    def _shows_so(self, request: ArmRequest, body: dict[str, Any]) -> Told:
        return self._told(request, ArmResponse(200, {}, body))

    def _told(self, request: ArmRequest, response: ArmResponse) -> Told:
        return request, response, date_of(self.world.clock)
