"""Recordings with one thing made wrong, and which of these wrongs contradict a rule.

A site is eligible because of what the recording itself shows: a plain reconstruction (`Story`) follows
which changes were accepted, when each was seen to end, and what was shown before. It shares the readers of
URLs and bodies with the oracle, and none of its beliefs. What is never eligible, for every kind:

- a site while a change of the scale set, or a deployment into its resource group, was not seen to succeed
  (polls can be thinned out): old and new state are both right then;
- where the number of instances counts: a recording with autoscale, Spot or Low priority, a simulated
  eviction or instance repair, because the platform may then change the instances by itself;
- rules of placement, capacity and modes before the edition of 2019-10: no document states them earlier.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import attrs
from attrs import evolve, frozen

from vmss_model.oracle.arm.facts import group_facts
from vmss_model.oracle.arm.shapes import child, has_profile, member_facts, number, text, truth
from vmss_model.oracle.arm.urls import Resource, Target, operation_id, parse_url
from vmss_model.oracle.judge import in_order_of_time
from vmss_model.oracle.recordings import ArmRequest, ArmResponse, Exchange, Recording, parse_date
from vmss_model.world import GroupKey

E1 = "The value 'False' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: True"
E2 = "The specified fault domain count {} must fall in the range {} to {}."
E3 = (
    "Deletion of Virtual Machine Scale Set is not allowed as it contains one or more VMs. "
    "Please delete or detach the VM(s) before deleting the Virtual Machine Scale Set."
)
E4 = "The value 'True' of parameter 'singlePlacementGroup' is not allowed. Allowed values are: False."

GROUP_WRITES = frozenset({Resource.GROUP, Resource.GROUP_ACTION, Resource.GROUP_PART})
MEMBER_WRITES = frozenset({Resource.MEMBER, Resource.MEMBER_ACTION, Resource.MEMBER_PART})
NEIGHBOURS = frozenset({Resource.DEPLOYMENT, Resource.VM, Resource.VM_ACTION, Resource.VM_PART, Resource.AUTOSCALE})
"""Changes that may touch every scale set of their resource group."""
SCALE_SET = "microsoft.compute/virtualmachinescalesets"


@frozen
class Corruption:
    """One recording with one thing made wrong."""

    kind: str
    """What was made wrong, as a phrase."""
    story: Story
    """The recording that it was made from."""
    first: int
    """Where the first exchange stands that was changed or put in."""
    rest: tuple[Exchange, ...]
    """The exchanges from there on."""
    shift: int = 0
    """How many exchanges were put in; their clean counterparts are none."""


@frozen
class Change:
    """An accepted request that changes something."""

    start: int
    """Where it was accepted."""
    end: int | None
    """Where its success was seen; None if it failed or its end is not in the recording."""
    key: GroupKey
    """The scale set, or the resource group with an empty name."""
    what: str
    """The last segment of the URL, or the method."""
    names: frozenset[str] | None
    """The instances that it names; None for all."""
    target: Target
    """What its URL names."""


@attrs.define(eq=False)
class Story:
    """A plain reconstruction of what happened in one recording."""

    recording: Recording
    """The recording."""

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges in the order of time."""
        return tuple(in_order_of_time(self.recording.exchanges))

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """What each URL names."""
        return tuple(parse_url(one.request.url) for one in self.exchanges)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The accepted requests that change scale sets or their instances."""
        found: list[Change] = []
        for at, (exchange, target) in enumerate(zip(self.exchanges, self.targets, strict=True)):
            request = exchange.request
            if request.method == "GET" or not 200 <= exchange.response.status < 300:
                continue
            if target.resource in GROUP_WRITES | MEMBER_WRITES and target.group is not None:
                key = target.group
            elif target.resource in NEIGHBOURS and target.group is not None:
                key = GroupKey(target.group.resource_group, "")
            else:
                continue
            ids = child(request.body, "instanceIds")
            names = frozenset(str(one).lower() for one in ids) if isinstance(ids, list) else None
            if target.resource in MEMBER_WRITES:
                names = frozenset({target.member})
            what = target.action or request.method.lower()
            everyone = names is None or "*" in names
            found.append(Change(at, self._end(at), key, what, None if everyone else names, target))
        return tuple(found)

    def links(self, at: int) -> frozenset[str]:
        """The operations whose status links an answer carries."""
        headers = self.exchanges[at].response.headers
        links = (headers.get("azure-asyncoperation"), headers.get("location"))
        return frozenset(operation_id(link) for link in links if link)

    def _end(self, at: int) -> int | None:
        links = self.links(at)
        if not links:
            return at
        own = self.targets[at]
        for later in range(at + 1, len(self.exchanges)):
            target, response = self.targets[later], self.exchanges[later].response
            if self.exchanges[later].request.method != "GET":
                continue
            shown: object = None
            if target.resource is Resource.OPERATION and target.operation in links:
                shown = child(response.body, "status") or ("Succeeded" if response.status in (200, 204) else None)
            elif own.resource is Resource.DEPLOYMENT is target.resource and target.operation == own.operation:
                shown = child(response.body, "properties", "provisioningState")
            if shown in ("Failed", "Canceled"):
                return None
            if shown == "Succeeded":
                return later
        return None

    @cached_property
    def platform_acts(self) -> bool:
        """Whether anything in the recording lets the platform change instances by itself."""
        for exchange, target in zip(self.exchanges, self.targets, strict=True):
            if target.resource is Resource.AUTOSCALE or target.action == "simulateeviction":
                return True
            bodies = str(exchange.request.body) + str(exchange.response.body)
            if "autoscalesettings" in bodies.lower() or "'Spot'" in bodies or "'Low'" in bodies:
                return True
            if "automaticRepairsPolicy" in bodies and "'enabled': True" in bodies:
                return True
        return False

    @cached_property
    def day(self) -> str:
        """The day of the first exchange."""
        parsed = parse_date(self.exchanges[0].date)
        return parsed.date().isoformat() if parsed is not None else ""

    def touching(self, key: GroupKey) -> list[Change]:
        """The changes that may touch a scale set."""
        near = GroupKey(key.resource_group, "")
        return [one for one in self.changes if one.key in (key, near)]

    def quiet(self, key: GroupKey, at: int) -> bool:
        """Whether every change so far was seen to succeed."""
        return all(one.end is not None and one.end < at for one in self.touching(key) if one.start < at)

    def last_change(self, key: GroupKey, at: int) -> int:
        """Where the last change before a place was accepted; -1 if nowhere."""
        return max((one.start for one in self.touching(key) if one.start < at), default=-1)

    def born(self, key: GroupKey, at: int) -> int:
        """Where the last deletion or creation that a place comes after was accepted; -1 if nowhere."""
        return max(
            (
                one.start
                for one in self.touching(key)
                if one.start < at
                and (
                    (one.what == "delete" and one.target.resource is Resource.GROUP)
                    or (self.exchanges[one.start].response.status == 201 and self._creates(one, key))
                )
            ),
            default=-1,
        )

    def _creates(self, change: Change, key: GroupKey) -> bool:
        """Whether an accepted change can be the creation of a scale set: its own PUT, or a template that names it."""
        if change.target.resource is Resource.GROUP:
            return True
        resources = child(self.exchanges[change.start].request.body, "properties", "template", "resources")
        for one in resources if isinstance(resources, list) else ():
            name = str(child(one, "name")).lower()
            if str(child(one, "type")).lower() == SCALE_SET and (name == key.name or name.startswith("[")):
                return True
        return False

    def reads(self, key: GroupKey, since: int, before: int) -> Iterator[tuple[int, object]]:
        """Where a scale set was read, and its body; the latest first."""
        for at in range(before - 1, since, -1):
            if self.targets[at].resource is Resource.GROUP and self.targets[at].group == key:
                exchange = self.exchanges[at]
                if exchange.request.method == "GET" and exchange.response.status == 200:
                    yield at, exchange.response.body

    def shown(self, key: GroupKey, at: int) -> dict[str, Any]:
        """Properties shown by reads between the last creation and a place."""
        found: dict[str, Any] = {}
        for _, body in self.reads(key, self.born(key, at), at):
            found = {**group_facts(body), **found}
        return found

    def body(self, key: GroupKey, at: int) -> object:
        """The last body that a read showed between the last creation and a place, or None."""
        return next((body for _, body in self.reads(key, self.born(key, at), at)), None)

    def steady_capacity(self, key: GroupKey, at: int) -> int | None:
        """The instance count shown since the last change, while nothing is under way."""
        if not self.quiet(key, at) or self.platform_acts:
            return None
        for _, body in self.reads(key, self.last_change(key, at), at):
            capacity = number(child(body, "sku", "capacity"))
            if capacity is not None and not is_flexible(body):
                return capacity
        return None

    def replaced(self, kind: str, changed: Mapping[int, Exchange]) -> Corruption:
        """The recording with exchanges replaced."""
        first = min(changed)
        rest = tuple(changed.get(at, self.exchanges[at]) for at in range(first, len(self.exchanges)))
        return Corruption(kind, self, first, rest)

    def inserted(self, kind: str, at: int, exchange: Exchange) -> Corruption:
        """The recording with an exchange put in before a place."""
        return Corruption(kind, self, at, (exchange, *self.exchanges[at:]), 1)


def is_flexible(body: object) -> bool:
    """Whether a body shows a scale set whose VMs join one by one."""
    mode = (text(child(body, "properties", "orchestrationMode")) or "").lower()
    return mode in ("flexible", "virtualmachines", "vm") or (not mode and not has_profile(body))


def with_body(exchange: Exchange, edit: Callable[[Any], None]) -> Exchange:
    """The exchange with its answer's body edited in a copy."""
    body = copy.deepcopy(exchange.response.body)
    edit(body)
    return evolve(exchange, response=evolve(exchange.response, body=body))


def with_request(exchange: Exchange, edit: Callable[[Any], None]) -> Exchange:
    """The exchange with its request's body edited in a copy."""
    body = copy.deepcopy(exchange.request.body)
    edit(body)
    return evolve(exchange, request=evolve(exchange.request, body=body))


def answered(exchange: Exchange, status: int, code: str, message: str) -> Exchange:
    """The exchange with an error as its answer."""
    error = {"error": {"code": code, "message": message}}
    return evolve(exchange, response=ArmResponse(status, {}, error))


def put(body: Any, value: object, *path: str) -> None:
    """Set what stands under a path of names, compared without case."""
    for name in path[:-1]:
        body = body.setdefault(_spelt(body, name), {})
    body[_spelt(body, path[-1])] = value


def setting(value: object, *path: str) -> Callable[[Any], None]:
    """An edit that sets what stands under a path of names."""
    return lambda body: put(body, value, *path)


def without(index: int) -> Callable[[Any], None]:
    """An edit that leaves one thing out of a listing."""
    return lambda body: body["value"].pop(index)


def adding(one: Any) -> Callable[[Any], None]:
    """An edit that lists one thing more."""
    return lambda body: body["value"].append(one)


def _spelt(body: Any, name: str) -> str:
    return next((key for key in body if key.lower() == name.lower()), name)


# -- reads of scale sets ---------------------------------------------------------------------------


def _group_reads(story: Story) -> Iterator[tuple[int, GroupKey, Exchange]]:
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        if target.resource is Resource.GROUP and target.group is not None and exchange.request.method == "GET":
            yield at, target.group, exchange


def shown_reads(story: Story) -> Iterator[tuple[int, GroupKey, Exchange]]:
    """Reads of scale sets that show one."""
    yield from (one for one in _group_reads(story) if one[2].response.status == 200)


PROPERTIES: Mapping[str, tuple[tuple[str, ...], Callable[[Any], Any]]] = {
    "fault domain count changed in a later read": (
        ("properties", "platformFaultDomainCount"),
        lambda value: 1 if value != 1 else 2,
    ),
    "zones changed in a later read": (("zones",), lambda value: ["2"] if "2" not in value else ["1"]),
    "priority changed in a later read": (
        ("properties", "virtualMachineProfile", "priority"),
        lambda value: "Regular" if value.lower() != "regular" else "Spot",
    ),
    "orchestration mode changed in a later read": (
        ("properties", "orchestrationMode"),
        lambda value: "Flexible" if value.lower() == "uniform" else "Uniform",
    ),
}


def immutable_changed(story: Story) -> Iterator[Corruption]:
    """A property that only creation sets, shown otherwise than by an earlier read of the same scale set.

    Not eligible: the first read, and a read that comes after a creation or deletion was accepted.
    """
    for at, key, exchange in shown_reads(story):
        before = [body for _, body in story.reads(key, story.born(key, at), at)]
        for kind, (path, other) in PROPERTIES.items():
            now = child(exchange.response.body, *path)
            if now and any(child(body, *path) == now for body in before):
                yield story.replaced(
                    kind,
                    {at: with_body(exchange, setting(other(now), *path))},
                )


def zones_appear(story: Story) -> Iterator[Corruption]:
    """Zones shown of a scale set that an earlier read of the same API version showed without zones.

    Not eligible: API versions before scale sets had zones (2017-03-30), and reads of two API versions.
    """
    for at, key, exchange in shown_reads(story):
        version = story.targets[at].api_version
        before = [
            body
            for where, body in story.reads(key, story.born(key, at), at)
            if story.targets[where].api_version == version
        ]
        if version >= "2017-03-30" and before and not child(exchange.response.body, "zones"):
            if any(child(body, "zones") for body in before):
                continue
            yield story.replaced(
                "zones of a regional scale set shown",
                {at: with_body(exchange, setting(["1"], "zones"))},
            )


def capacity_changed(story: Story) -> Iterator[Corruption]:
    """An instance count other than the one shown since the last change, which was seen to succeed."""
    for at, key, exchange in shown_reads(story):
        capacity = story.steady_capacity(key, at)
        if capacity is not None and number(child(exchange.response.body, "sku", "capacity")) == capacity:
            for other in (capacity + 1, max(capacity - 1, 0)):
                if other != capacity:
                    yield story.replaced(
                        "instance count changed in a read",
                        {at: with_body(exchange, setting(other, "sku", "capacity"))},
                    )


def group_hidden(story: Story) -> Iterator[Corruption]:
    """A scale set that a read showed, and nothing has changed since, answered as absent."""
    for at, key, exchange in shown_reads(story):
        known = any(True for _ in story.reads(key, story.last_change(key, at), at))
        if known and story.quiet(key, at):
            wrong = answered(exchange, 404, "ResourceNotFound", f"The Resource '{key.name}' was not found.")
            yield story.replaced("existing scale set answered as absent", {at: wrong})


def _deleted(story: Story, key: GroupKey, at: int) -> bool:
    """Whether the last of the deletions and creations of a scale set is a deletion that succeeded."""
    own = [one for one in story.changes if one.key == key and one.start < at and one.target.resource is Resource.GROUP]
    if not own or own[-1].what != "delete" or own[-1].end is None or own[-1].end >= at:
        return False
    return not any(one.start > own[-1].start for one in story.touching(key) if one.start < at)


def deleted_group_shown(story: Story) -> Iterator[Corruption]:
    """A deleted scale set read again with the body it had; put in after the deletion was seen to succeed."""
    for change in story.changes:
        key = change.key
        if change.what != "delete" or change.target.resource is not Resource.GROUP or change.end is None:
            continue
        earlier = [story.exchanges[at] for at, _ in story.reads(key, -1, change.start)]
        if earlier and _deleted(story, key, change.end + 1):
            again = evolve(earlier[0], date=story.exchanges[change.end].date)
            yield story.inserted("deleted scale set still shown", change.end + 1, again)


def _lists(story: Story, resource: Resource) -> Iterator[tuple[int, GroupKey, Exchange, list[Any]]]:
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        values = child(exchange.response.body, "value")
        if target.resource is resource and target.group is not None and isinstance(values, list):
            yield at, target.group, exchange, values


def _is_whole(story: Story, at: int) -> bool:
    """Whether a listing is complete by itself. Not eligible otherwise: a page does not say what is missing."""
    target = story.targets[at]
    return not (target.is_page or target.narrowed or child(story.exchanges[at].response.body, "nextLink"))


def groups_listed(story: Story) -> Iterator[Corruption]:
    """Listings of scale sets: one twice, one left out that a read showed, one shown that was deleted.

    Left out is eligible in whole listings of one resource group, for a scale set that a read showed since
    the last change.
    """
    for at, place, exchange, values in _lists(story, Resource.GROUP_LIST):
        if values:
            yield story.replaced(
                "scale set listed twice", {at: with_body(exchange, lambda body: body["value"].append(body["value"][0]))}
            )
        if not place.resource_group or not _is_whole(story, at):
            continue
        for index, value in enumerate(values):
            key = GroupKey(place.resource_group, str(child(value, "name")).lower())
            known = any(True for _ in story.reads(key, story.last_change(key, at), at))
            if known and story.quiet(key, at):
                yield story.replaced(
                    "scale set left out of a listing",
                    {at: with_body(exchange, without(index))},
                )
        for change in story.changes:
            gone = change.key
            if change.what == "delete" and gone.name and _deleted(story, gone, at):
                body = next((body for _, body in story.reads(gone, -1, at)), None)
                if body is not None:
                    yield story.replaced(
                        "deleted scale set still listed",
                        {at: with_body(exchange, adding(body))},
                    )


def list_shows_changed(story: Story) -> Iterator[Corruption]:
    """A property that only creation sets, listed otherwise than an earlier read of the scale set showed it."""
    for at, place, exchange, values in _lists(story, Resource.GROUP_LIST):
        for index, value in enumerate(values):
            identifier = str(child(value, "id")).lower()
            key = GroupKey(
                place.resource_group or identifier.partition("/resourcegroups/")[2].partition("/")[0],
                str(child(value, "name")).lower(),
            )
            before = [body for _, body in story.reads(key, story.born(key, at), at)]
            for path, other in PROPERTIES.values():
                now = child(value, *path)
                if now and any(child(body, *path) == now for body in before):
                    wrong = other(now)

                    def edit(body: Any, i: int = index, v: object = wrong, p: tuple[str, ...] = path) -> None:
                        put(body["value"][i], v, *p)

                    yield story.replaced("immutable property changed in a listing", {at: with_body(exchange, edit)})


# -- creations -------------------------------------------------------------------------------------


@frozen
class Creation:
    """A scale set's creation or change by PUT, or its declaration in a template."""

    at: int
    """Where it was accepted."""
    path: tuple[str | int, ...]
    """Where the scale set stands in the request's body."""
    body: Any
    """The scale set as asked for."""
    key: GroupKey
    """The scale set."""
    direct: bool
    """Whether it was a PUT of the scale set itself."""


def creations(story: Story) -> Iterator[Creation]:
    """Accepted creations; through a template only where the deployment was seen to succeed."""
    for change in story.changes:
        exchange, target = story.exchanges[change.start], change.target
        if exchange.request.method != "PUT" or not exchange.request.body_recorded:
            continue
        if target.resource is Resource.GROUP and exchange.response.status == 201:
            yield Creation(change.start, (), exchange.request.body, change.key, direct=True)
        resources = child(exchange.request.body, "properties", "template", "resources")
        if target.resource is Resource.DEPLOYMENT and isinstance(resources, list) and change.end is not None:
            for index, one in enumerate(resources):
                name = child(one, "name")
                if str(child(one, "type")).lower() == SCALE_SET and isinstance(name, str) and name[:1] != "[":
                    path = ("properties", "template", "resources", index)
                    key = GroupKey(change.key.resource_group, name.lower())
                    if not any(True for _ in story.reads(key, story.born(key, change.start), change.start)):
                        yield Creation(change.start, path, one, key, direct=False)


def _asked_and_shown(story: Story, creation: Creation, kind: str, value: object, *path: str) -> Corruption:
    """The creation asks for a value, is accepted, and the answer and later reads and listings show it."""

    def ask(body: Any) -> None:
        for step in creation.path:
            body = body[step]
        put(body, value, *path)

    changed = {creation.at: with_request(story.exchanges[creation.at], ask)}
    if creation.direct:
        changed[creation.at] = with_body(changed[creation.at], setting(value, *path))
    for at, key, exchange in shown_reads(story):
        if at > creation.at and key == creation.key:
            changed[at] = with_body(exchange, setting(value, *path))
    return story.replaced(kind, changed)


def creation_out_of_range(story: Story) -> Iterator[Corruption]:
    """Creations that a rule refuses, accepted and shown: fault domains, placement group, instance count.

    Eligible from the edition of 2019-10 on. A single placement group bounds the instance count to 100 in
    the editions of 2021 alone.
    """
    if story.day < "2019-10-23":
        return
    for creation in creations(story):
        flexible = is_flexible(creation.body)
        count = child(creation.body, "properties", "platformFaultDomainCount")
        kind = "Flexible" if flexible else "Uniform"
        for wrong in (0, 4, 9) if flexible else (0, 6, 9):
            yield _asked_and_shown(
                story,
                creation,
                f"fault domain count beyond the range of {kind} accepted",
                wrong,
                "properties",
                "platformFaultDomainCount",
            )
        if child(creation.body, "location") is not None:
            zones = ["1", "2"] if flexible else ["1", "2", "3", "4"]
            yield _asked_and_shown(story, creation, f"more zones than {kind} may have accepted", zones, "zones")
        single = truth(child(creation.body, "properties", "singlePlacementGroup"))
        if flexible and story.day >= "2021-02-12" and single is not True and count is not None:
            yield _asked_and_shown(
                story,
                creation,
                "single placement group on Flexible accepted",
                True,
                "properties",
                "singlePlacementGroup",
            )
        if isinstance(child(creation.body, "sku"), Mapping) and not flexible:
            beyond = 101 if single is True and story.day >= "2021-02-12" else 1001
            yield _asked_and_shown(
                story, creation, "instance count above the bound accepted", beyond, "sku", "capacity"
            )


def state_out_of_range(story: Story) -> Iterator[Corruption]:
    """A read that shows, for the first time, a scale set that no rule lets exist.

    Eligible from the edition of 2019-10 on, for each read; a Flexible mode must be named, or no VM
    configuration model shown.
    """
    if story.day < "2019-10-23":
        return
    for at, _key, exchange in shown_reads(story):
        body = exchange.response.body
        flexible = is_flexible(body)
        yield story.replaced(
            "fault domain count beyond the range shown",
            {at: with_body(exchange, setting(6, "properties", "platformFaultDomainCount"))},
        )
        if flexible and story.day >= "2021-02-12" and not truth(child(body, "properties", "singlePlacementGroup")):
            yield story.replaced(
                "single placement group on Flexible shown",
                {at: with_body(exchange, setting(True, "properties", "singlePlacementGroup"))},
            )
        if not flexible and number(child(body, "sku", "capacity")) is not None:
            yield story.replaced(
                "instance count above the bound shown",
                {at: with_body(exchange, setting(1001, "sku", "capacity"))},
            )


def change_out_of_range(story: Story) -> Iterator[Corruption]:
    """A PUT or PATCH of a known Uniform scale set that asks for 1001 instances, accepted.

    Eligible from the edition of 2019-10 on, where the request's body names an instance count.
    """
    for change in story.changes:
        exchange = story.exchanges[change.start]
        body = story.body(change.key, change.start)
        if change.target.resource is not Resource.GROUP or body is None or is_flexible(body):
            continue
        if story.day >= "2019-10-23" and number(child(exchange.request.body, "sku", "capacity")) is not None:
            wrong = with_request(exchange, setting(1001, "sku", "capacity"))
            if number(child(exchange.response.body, "sku", "capacity")) is not None:
                wrong = with_body(wrong, setting(1001, "sku", "capacity"))
            yield story.replaced("instance count above the bound accepted in a change", {change.start: wrong})


def counts_changed(story: Story) -> Iterator[Corruption]:
    """A scale set's instance view that counts one more, and capacity bounds above those of the edition.

    The count is eligible where it is the instance count shown since the last change, with nothing under
    way; the bounds from the edition of 2019-10 on, where a read showed the scale set.
    """
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        if target.group is None or exchange.response.status != 200:
            continue
        body = exchange.response.body
        if target.resource is Resource.GROUP_VIEW:
            summary = child(body, "virtualMachine", "statusesSummary")
            counts = [number(child(one, "count")) for one in summary] if isinstance(summary, list) else []
            if len(counts) == 1 and counts[0] == story.steady_capacity(target.group, at):

                def more(shown: Any) -> None:
                    shown["virtualMachine"]["statusesSummary"][0]["count"] += 1

                yield story.replaced("instance view counts another number", {at: with_body(exchange, more)})
        values = child(body, "value")
        if target.resource is Resource.GROUP_SKUS and isinstance(values, list) and story.day >= "2019-10-23":
            known = story.body(target.group, at) is not None
            if known and number(child(values[0], "capacity", "maximum")) is not None:
                wrong = with_body(exchange, lambda shown: put(shown["value"][0], 1001, "capacity", "maximum"))
                yield story.replaced("capacity bounds above the edition's", {at: wrong})


def immutable_change_accepted(story: Story) -> Iterator[Corruption]:
    """A PUT that asks to change what only creation sets, accepted.

    Eligible where a read showed the property since the creation, and the request's body is recorded.
    """
    for change in story.changes:
        exchange, at, key = story.exchanges[change.start], change.start, change.key
        method, resource = exchange.request.method, change.target.resource
        if method != "PUT" or resource is not Resource.GROUP or exchange.response.status != 200:
            continue
        if not exchange.request.body_recorded or not isinstance(exchange.request.body, Mapping):
            continue
        body = story.body(key, at)
        for path, other in PROPERTIES.values():
            now = child(body, *path)
            if now:
                wrong = with_request(exchange, setting(other(now), *path))
                yield story.replaced("change of an immutable property accepted", {at: wrong})


def accepted_shown_refused(story: Story) -> Iterator[Corruption]:
    """What the documents grant, refused with a documented error that does not apply.

    Eligible from the edition of 2021-02 on, whose document states the errors: creations of Uniform scale
    sets refused with E4 (which is Flexible's) or with E2 for a count that was not asked for; deletions of
    Uniform scale sets refused with E3 (they delete their instances); start, stop, restart, deallocate and
    delete of Uniform instances. The mode must have been shown, or be that of the request.
    """
    if story.day < "2021-02-12":
        return
    for creation in creations(story):
        if is_refused_otherwise(creation.body):
            continue
        if creation.direct and not is_flexible(creation.body):
            exchange = story.exchanges[creation.at]
            asked = child(creation.body, "properties", "platformFaultDomainCount")
            for message in (E4, E2.format(7 if asked != 7 else 8, 1, 5)):
                wrong = answered(exchange, 400, "InvalidParameter", message)
                yield story.replaced("granted creation refused with an error that does not apply", {creation.at: wrong})
        elif not creation.direct and not is_flexible(creation.body):
            exchange = _as_put(story.exchanges[creation.at], creation)
            for message in (E4, E2.format(7, 1, 5)):
                wrong = answered(exchange, 400, "InvalidParameter", message)
                yield story.inserted("granted creation refused with an error that does not apply", creation.at, wrong)
    yield from _changes_shown_refused(story)


def _changes_shown_refused(story: Story) -> Iterator[Corruption]:
    for change in story.changes:
        exchange = story.exchanges[change.start]
        body = story.body(change.key, change.start)
        if body is None or is_flexible(body) or change.target.resource in NEIGHBOURS:
            continue
        if change.what == "delete" and change.target.resource is Resource.GROUP:
            if exchange.response.status == 204:
                continue
            wrong = answered(exchange, 409, "OperationNotAllowed", E3)
            yield story.replaced("granted deletion refused with an error that does not apply", {change.start: wrong})
        elif change.what in ("start", "poweroff", "restart", "deallocate", "delete"):
            refusal = f"Operation '{change.what}' is not allowed on Virtual Machine Scale Set '{change.key.name}'."
            for message in (refusal, E3):
                wrong = answered(exchange, 409, "OperationNotAllowed", message)
                yield story.replaced("granted operation on instances refused", {change.start: wrong})
        elif change.what == "put" and change.target.resource is Resource.GROUP and exchange.response.status == 200:
            wrong = answered(exchange, 400, "InvalidParameter", E4)
            yield story.replaced("change of Uniform refused with an error that does not apply", {change.start: wrong})


# -- members ---------------------------------------------------------------------------------------

VIEWS = frozenset({Resource.MEMBER_VIEW, Resource.VM_VIEW, Resource.VM, Resource.MEMBER})


def views(story: Story) -> Iterator[tuple[int, GroupKey, str, Exchange]]:
    """Reads of single members, with the scale set they belong to."""
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        if target.resource not in VIEWS or exchange.request.method != "GET" or exchange.response.status != 200:
            continue
        key = target.group
        if target.resource in (Resource.VM, Resource.VM_VIEW):
            owner = str(child(exchange.response.body, "properties", "virtualMachineScaleSet", "id")).lower()
            key = None if key is None else GroupKey(key.resource_group, owner.rpartition("/")[2])
            if owner == "none":
                continue
        if key is not None:
            yield at, key, target.member, exchange


def fault_domain_beyond(story: Story) -> Iterator[Corruption]:
    """A member in a fault domain that its scale set does not have.

    Eligible where a read showed the fault-domain count, or from the edition of 2019-10 on, where the mode
    was shown: 5 fault domains for Uniform, 3 for Flexible, are then the most.
    """
    for at, key, _, exchange in views(story):
        body = story.body(key, at)
        count = story.shown(key, at).get("platformFaultDomainCount")
        if count is None and body is not None and story.day >= "2019-10-23":
            count = 3 if is_flexible(body) else 5
        if not isinstance(count, int):
            continue
        view = exchange.response.body
        for path in (("platformFaultDomain",), ("properties", "instanceView", "platformFaultDomain")):
            if number(child(view, *path)) is not None:
                for wrong in (count, count + 4):
                    yield story.replaced(
                        "fault domain out of range",
                        {at: with_body(exchange, setting(wrong, *path))},
                    )


def _in_zone(zone: str) -> Callable[[Any], None]:
    """An edit that lists the last member in a zone."""
    return lambda body: put(body["value"][-1], [zone], "zones")


def member_moved(story: Story) -> Iterator[Corruption]:
    """A member in another fault domain than an earlier read showed, with no change since and nothing under way.

    Not eligible: a change in between, since a member that was deallocated may come back elsewhere. The
    read is repeated, because the recordings seldom read a member twice without a change in between.
    """
    for at, key, _, exchange in views(story):
        if not story.quiet(key, at) or story.platform_acts:
            continue
        for path in (("platformFaultDomain",), ("properties", "instanceView", "platformFaultDomain")):
            domain = number(child(exchange.response.body, *path))
            if domain is not None:
                moved = with_body(exchange, setting(1 if domain == 0 else 0, *path))
                yield story.inserted("fault domain of a member changed", at + 1, moved)


def foreign_zone(story: Story) -> Iterator[Corruption]:
    """A member in a zone that is none of its scale set's.

    Eligible from the edition of 2019-10 on, where a read of an API version with zones showed the scale set's
    zones, or that it has none.
    """
    if story.day < "2019-10-23":
        return

    def zones_of(key: GroupKey, at: int) -> object:
        body = story.body(key, at)
        return (child(body, "zones") or []) if body is not None else None

    for at, key, exchange, values in _lists(story, Resource.MEMBER_LIST):
        zones = zones_of(key, at)
        if isinstance(zones, list) and values:
            wrong = next(one for one in ("1", "2", "3", "4") if one not in zones)
            yield story.replaced(
                "instance in a foreign zone",
                {at: with_body(exchange, _in_zone(wrong))},
            )
    for at, key, _, exchange in views(story):
        zones = zones_of(key, at)
        if isinstance(zones, list) and member_facts(exchange.response.body) is not None:
            wrong = next(one for one in ("1", "2", "3", "4") if one not in zones)
            yield story.replaced(
                "instance in a foreign zone",
                {at: with_body(exchange, setting([wrong], "zones"))},
            )


def _same_list_before(story: Story, key: GroupKey, at: int) -> bool:
    """Whether a whole listing since the last change showed the members."""
    return any(
        where < at and listed == key and where > story.last_change(key, at) and _is_whole(story, where)
        for where, listed, _, _ in _lists(story, Resource.MEMBER_LIST)
    )


def _is_certain(story: Story, key: GroupKey, at: int, count: int) -> bool:
    """Whether it is certain at a listing which members, or how many, there are."""
    if not story.quiet(key, at) or story.platform_acts:
        return False
    return story.steady_capacity(key, at) == count or _same_list_before(story, key, at)


def members_listed(story: Story) -> Iterator[Corruption]:
    """Listings of members: one left out, one that nobody created, one twice, a vmId twice.

    Twice is always eligible. Left out and put in are eligible in a whole listing, where nothing is under
    way and the platform does not act, if the instance count shown since the last change is that of the
    listing (Uniform), or a whole listing came before it since the last change.
    """
    for at, key, exchange, values in _lists(story, Resource.MEMBER_LIST):
        if not values:
            continue
        yield story.replaced(
            "member listed twice", {at: with_body(exchange, lambda body: body["value"].append(body["value"][0]))}
        )
        if len(values) > 1 and all(child(one, "properties", "vmId") for one in values):

            def same_id(body: Any) -> None:
                put(body["value"][1], child(body["value"][0], "properties", "vmId"), "properties", "vmId")

            yield story.replaced("vmId listed twice", {at: with_body(exchange, same_id)})
        if not _is_whole(story, at) or not _is_certain(story, key, at, len(values)):
            continue

        def add(body: Any) -> None:
            body["value"].append(_stranger(body["value"]))

        for index in {0, len(values) - 1}:
            yield story.replaced(
                "member left out of a listing",
                {at: with_body(exchange, without(index))},
            )
        yield story.replaced("member listed that nobody created", {at: with_body(exchange, add)})


def pages_wrong(story: Story) -> Iterator[Corruption]:
    """A whole listing of two members or more cut into two pages, of which the second is wrong.

    The recordings here have no paged listing of members, so the pages are made. The second page lists a
    member of the first again, or leaves one out; eligible as in `members_listed`.
    """
    for at, key, exchange, values in _lists(story, Resource.MEMBER_LIST):
        if len(values) < 2 or not _is_whole(story, at):
            continue
        url = f"{exchange.request.url}&$skiptoken=1"
        following = evolve(exchange, request=ArmRequest("GET", url, None))
        first = with_body(exchange, lambda body, link=url: body.update(value=body["value"][:1], nextLink=link))  # type: ignore[misc]
        again = with_body(following, lambda body: body.update(value=[*body["value"][1:], body["value"][0]]))
        short = with_body(following, lambda body: body.update(value=body["value"][2:]))
        rest = story.exchanges[at + 1 :]
        yield Corruption("member listed on two pages", story, at, (first, again, *rest), 1)
        if _is_certain(story, key, at, len(values)):
            yield Corruption("member left out of the last page", story, at, (first, short, *rest), 1)


def member_hidden(story: Story) -> Iterator[Corruption]:
    """A member that a whole listing showed since the last change, answered as absent; nothing is under way."""
    for at, key, name, exchange in views(story):
        if not story.quiet(key, at) or story.platform_acts:
            continue
        listed = any(
            story.last_change(key, at) < where < at
            and other == key
            and _is_whole(story, where)
            and name in [str(child(one, "instanceId")).lower() for one in values]
            for where, other, _, values in _lists(story, Resource.MEMBER_LIST)
        )
        if listed:
            wrong = answered(exchange, 404, "ResourceNotFound", f"The instance '{name}' was not found.")
            yield story.replaced("existing member answered as absent", {at: wrong})


def vm_out_of_place(story: Story) -> Iterator[Corruption]:
    """A VM created by a template into a fault domain, zone or region that its scale set does not have.

    Eligible where the deployment was seen to succeed and reads showed the scale set, its fault-domain
    count and region, before it, in the editions of 2021: that of 2019-10 states no such rules.
    """
    if story.day < "2021-02-12":
        return
    for change in story.changes:
        exchange = story.exchanges[change.start]
        resources = child(exchange.request.body, "properties", "template", "resources")
        if change.target.resource is not Resource.DEPLOYMENT or change.end is None or not isinstance(resources, list):
            continue
        for index, one in enumerate(resources):
            owner = str(child(one, "properties", "virtualMachineScaleSet", "id")).lower()
            key = GroupKey(change.key.resource_group, owner.rpartition("/")[2])
            shown = story.shown(key, change.start)
            if str(child(one, "type")).lower() != "microsoft.compute/virtualmachines" or "location" not in shown:
                continue
            wrongs: tuple[tuple[object, tuple[str, ...]], ...] = (
                (shown.get("platformFaultDomainCount"), ("properties", "platformFaultDomain")),
                (["1"] if "zones" not in shown else ["9"], ("zones",)),
                ("eastasia", ("location",)),
            )
            for wrong, path in wrongs:

                def edit(body: Any, i: int = index, v: object = wrong, p: tuple[str, ...] = path) -> None:
                    put(body["properties"]["template"]["resources"][i], v, *p)

                if wrong is not None:
                    asked = with_request(exchange, edit)
                    yield story.replaced("VM created out of its scale set's place", {change.start: asked})


def _stranger(values: list[Any]) -> Any:
    """A member like the last, with a name and an id of its own."""
    one = copy.deepcopy(values[-1])
    ids = [number(child(value, "instanceId")) for value in values]
    new = str(max(known for known in ids if known is not None) + 1) if None not in ids else "stranger"
    one["instanceId"], one["name"] = new, f"{str(one.get('name')).rpartition('_')[0]}_{new}"
    if isinstance(child(one, "properties"), Mapping):
        put(one, "00000000-0000-4000-8000-00000000abcd", "properties", "vmId")
    return one


def deleted_member_listed(story: Story) -> Iterator[Corruption]:
    """An instance listed after its deletion was seen to succeed, or read then.

    Eligible in every listing of the scale set after it, whole or not, until the scale set is created anew:
    an id is never used again.
    """
    for change in story.changes:
        if change.what != "delete" or change.target.resource is Resource.GROUP or change.end is None:
            continue
        earlier: dict[str, Any] = {}
        for at, key, _, values in _lists(story, Resource.MEMBER_LIST):
            if at < change.start and key == change.key and at > story.born(key, change.start):
                earlier.update({str(child(one, "instanceId")).lower(): one for one in values})
        names = [name for name in earlier if change.names is None or name in change.names]
        if not names:
            continue
        again = earlier[names[0]]
        for at, key, exchange, _ in _lists(story, Resource.MEMBER_LIST):
            if at > change.end and key == change.key and story.born(key, at) < change.start:
                yield story.replaced(
                    "deleted member still listed",
                    {at: with_body(exchange, adding(again))},
                )
        request = ArmRequest("GET", _member_url(story, change, names[0]), None)
        shown = Exchange(
            request, ArmResponse(200, {}, again), story.exchanges[change.end].date, story.exchanges[change.end].step, ""
        )
        yield story.inserted("deleted member still shown", change.end + 1, shown)


def _member_url(story: Story, change: Change, name: str) -> str:
    url = story.exchanges[change.start].request.url
    path, _, query = url.partition("?")
    group = path.lower().index("/virtualmachinescalesets/") + len("/virtualMachineScaleSets/")
    base = path[: group + len(change.key.name)]
    return f"{base}/virtualMachines/{name}?{query}"


def vm_id_changed(story: Story) -> Iterator[Corruption]:
    """A member whose vmId is not the one that it showed before, with nothing under way and no change since.

    Not eligible: a change in between, because a reimage or a new instance may come with another id.
    """
    seen: list[tuple[int, GroupKey, str]] = []
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        values = child(exchange.response.body, "value")
        if target.resource is Resource.MEMBER_LIST and target.group is not None and isinstance(values, list):
            seen.extend((at, target.group, str(child(one, "instanceId")).lower()) for one in values)
    seen.extend((at, key, name) for at, key, name, _ in views(story))
    for at, key, name, exchange in views(story):
        if child(exchange.response.body, "properties", "vmId") is None:
            continue
        last = story.last_change(key, at)
        shown = [where for where, other, known in seen if (other, known) == (key, name) and last < where < at]
        if shown and story.quiet(key, at) and any(_shows_id(story.exchanges[one], name) for one in shown):
            wrong = with_body(exchange, setting("00000000-0000-4000-8000-00000000abcd", "properties", "vmId"))
            yield story.replaced("vmId changed in a later read", {at: wrong})


def _shows_id(exchange: Exchange, name: str) -> bool:
    values = child(exchange.response.body, "value")
    bodies = values if isinstance(values, list) else [exchange.response.body]
    return any(
        child(body, "properties", "vmId") is not None
        and name in (str(child(body, "instanceId")).lower(), str(child(body, "name")).lower())
        for body in bodies
    )


# -- operations ------------------------------------------------------------------------------------


def operations_ended(story: Story) -> Iterator[Corruption]:
    """An operation that succeeded runs again; an operation fails without naming an error.

    Eligible for operations that requests on scale sets, instances or templates with a literal scale set
    opened; not for deployments of other things, which the oracle leaves out of scope.
    """
    for change in story.changes:
        exchange, end = story.exchanges[change.start], change.end
        if end is None or end == change.start or story.targets[end].resource is not Resource.OPERATION:
            continue
        if change.target.resource in NEIGHBOURS:
            resources = child(exchange.request.body, "properties", "template", "resources")
            kinds = [str(child(one, "type")).lower() for one in resources] if isinstance(resources, list) else []
            if SCALE_SET not in kinds:
                continue
        poll = story.exchanges[end]
        again = evolve(poll, response=ArmResponse(200, {}, {"status": "InProgress"}))
        yield story.inserted("operation runs again after it succeeded", end + 1, again)
        failed = evolve(poll, response=ArmResponse(200, {}, {"status": "Failed"}))
        yield story.replaced("operation fails without an error", {end: failed})
        yield story.inserted("operation fails after it succeeded", end + 1, evolve(failed, response=_failure()))


def _failure() -> ArmResponse:
    return ArmResponse(200, {}, {"status": "Failed", "error": {"code": "InternalExecutionError", "message": "Failed."}})


POWER = {"start": "running", "poweroff": "stopped", "deallocate": "deallocated"}


def power_contradicted(story: Story) -> Iterator[Corruption]:
    """A power state other than that of the last power operation, which was seen to succeed.

    Eligible for the instances that start, stop or deallocate named, or all; not after any later change of
    the scale set, since a restart, a reimage or a new model may change the state.
    """
    for at, key, name, exchange in views(story):
        done = [one for one in story.touching(key) if one.start < at]
        if not done or not story.quiet(key, at) or story.platform_acts:
            continue
        last = done[-1]
        state = POWER.get(last.what)
        own = last.target.resource in (Resource.VM_ACTION,) and last.target.member == name
        if state is None or not (own or last.target.resource in GROUP_WRITES | MEMBER_WRITES):
            continue
        if last.names is not None and name not in last.names:
            continue
        view = exchange.response.body
        statuses = child(view, "statuses") or child(view, "properties", "instanceView", "statuses")
        codes = [str(child(one, "code")) for one in statuses] if isinstance(statuses, list) else []
        if f"PowerState/{state}" not in codes:
            continue

        def edit(body: Any, was: str = state) -> None:
            shown = child(body, "statuses") or child(body, "properties", "instanceView", "statuses")
            assert isinstance(shown, list)
            for one in shown:
                if str(one.get("code")) == f"PowerState/{was}":
                    one["code"] = "PowerState/deallocated" if was == "running" else "PowerState/running"

        yield story.replaced("power state contradicts the last operation", {at: with_body(exchange, edit)})


# -- refusals, and histories of placement, built from recorded exchanges ---------------------------


def refusals(story: Story) -> Iterator[tuple[str, Corruption, bool]]:
    """Creations and deletions that a documented error refuses: with that error, and with others.

    Each comes with whether it is right. Built from recorded creations of the editions of 2021, whose
    documents state the errors, and from deletions put in after a VM was seen in a Flexible scale set. E1
    is wrong only where it is garbled: whether the subscription is registered is not known.
    """
    if story.day < "2021-02-12":
        return
    for creation in creations(story):
        exchange = story.exchanges[creation.at]
        if not creation.direct:
            exchange = _as_put(exchange, creation)
        at, flexible = creation.at, is_flexible(creation.body)
        zonal = bool(child(creation.body, "zones"))
        highest = (1 if zonal else 3) if flexible else 5
        properties = ("properties", "platformFaultDomainCount")
        asked = with_request(exchange, asking(9, flexible, *properties))
        if not is_refused_otherwise(creation.body):
            right = answered(asked, 400, "InvalidParameter", E2.format(9, 1, highest))
            yield "E2", story.inserted("E2", at, right), True
            for code, message in (
                ("BadRequest", E2.format(9, 1, highest)),
                ("InvalidParameter", E2.format(9, 1, highest + 1)),
                ("InvalidParameter", E2.format(8, 1, highest)),
                ("InvalidParameter", "The fault domain count is wrong."),
            ):
                yield "E2", story.inserted("wrong error instead of E2", at, answered(asked, 400, code, message)), False
        if flexible and not is_refused_otherwise(creation.body):
            single = with_request(exchange, asking(True, flexible, "properties", "singlePlacementGroup"))
            yield "E4", story.inserted("E4", at, answered(single, 400, "InvalidParameter", E4)), True
            for code, message in (
                ("OperationNotAllowed", E4),
                ("InvalidParameter", E1),
                ("InvalidParameter", "singlePlacementGroup is not allowed."),
            ):
                yield "E4", story.inserted("wrong error instead of E4", at, answered(single, 400, code, message)), False
            false = with_request(exchange, asking(False, flexible, "properties", "singlePlacementGroup"))
            yield "E1", story.inserted("E1", at, answered(false, 400, "InvalidParameter", E1)), True
            for code, message in (("InvalidParameter", E4), ("OperationNotAllowed", E1), ("BadRequest", E1)):
                yield "E1", story.inserted("wrong error instead of E1", at, answered(false, 400, code, message)), False
    yield from _refused_deletions(story)


def asking(value: object, flexible: bool, *path: str) -> Callable[[Any], None]:
    """Ask for a value; of Flexible without a single placement group, unless that is what is asked for."""

    def edit(body: Any) -> None:
        if flexible:
            put(body, False, "properties", "singlePlacementGroup")
        put(body, value, *path)

    return edit


def is_created_with_instances(body: object) -> bool:
    """Whether a Flexible scale set is asked for with instances: the documents refuse that by another rule too."""
    return is_flexible(body) and bool(number(child(body, "sku", "capacity")))


def is_refused_otherwise(body: object) -> bool:
    """Whether another rule refuses the creation too, the error of which may then be shown.

    The documents refuse a Flexible scale set with instances or with an upgrade policy, and automatic OS upgrades
    of images that they do not list.
    """
    policy = child(body, "properties", "upgradePolicy")
    switched = child(policy, "automaticOSUpgradePolicy", "enableAutomaticOSUpgrade")
    return is_created_with_instances(body) or bool(switched) or (is_flexible(body) and bool(policy))


def _as_put(exchange: Exchange, creation: Creation) -> Exchange:
    """The creation that a template declares, as a PUT of the scale set itself."""
    path, _, _ = exchange.request.url.partition("/providers/")
    version = str(child(creation.body, "apiVersion"))
    url = f"{path}/providers/Microsoft.Compute/virtualMachineScaleSets/{creation.key.name}?api-version={version}"
    return evolve(exchange, request=ArmRequest("PUT", url, creation.body))


def _refused_deletions(story: Story) -> Iterator[tuple[str, Corruption, bool]]:
    for at, key, _, exchange in views(story):
        body = story.body(key, at)
        named = (text(child(body, "properties", "orchestrationMode")) or "").lower() == "flexible"
        if story.targets[at].resource is not Resource.VM or not named or not story.quiet(key, at):
            continue
        path, _, _ = exchange.request.url.partition("/virtualMachines/")
        url = f"{path}/virtualMachineScaleSets/{key.name}?api-version=2021-03-01"
        deletion = evolve(exchange, request=ArmRequest("DELETE", url, None))
        yield "E3", story.inserted("E3", at + 1, answered(deletion, 409, "OperationNotAllowed", E3)), True
        for code, message in (("Conflict", E3), ("OperationNotAllowed", E3[:-20]), ("InvalidParameter", E4)):
            wrong = answered(deletion, 409, code, message)
            yield "E3", story.inserted("wrong error instead of E3", at + 1, wrong), False
        accepted = evolve(deletion, response=ArmResponse(202, {"location": "https://x/operations/deletion"}, None))
        yield "E3", story.inserted("deletion of a Flexible scale set with a VM accepted", at + 1, accepted), False


def batch_on_flexible(story: Story) -> Iterator[Corruption]:
    """An operation on all instances of a Flexible scale set, accepted; put in after a read showed the mode."""
    if story.day < "2021-02-12":
        return
    for at, key, exchange in shown_reads(story):
        mode = text(child(exchange.response.body, "properties", "orchestrationMode")) or ""
        if mode.lower() != "flexible" or not story.quiet(key, at):
            continue
        path, _, query = exchange.request.url.partition("?")
        for action in ("start", "poweroff", "reimage"):
            request = ArmRequest("POST", f"{path}/{action}?{query}", None)
            accepted = evolve(exchange, request=request, response=ArmResponse(202, {}, None))
            yield story.inserted("operation on all of a Flexible scale set accepted", at + 1, accepted)


@frozen
class Placement:
    """One VM of a history of placement."""

    name: str
    """Its name."""
    domain: int
    """Its fault domain."""
    named: bool = False
    """Whether the caller named the domain."""
    read: bool = True
    """Whether its domain is ever shown."""


def can_be_spread(history: Sequence[Placement], domains: int) -> bool:
    """Whether the domains shown can come from least-loaded placements: every unshown domain is tried."""
    hidden = [index for index, one in enumerate(history) if not one.read and not one.named]
    for guess in product(range(domains), repeat=len(hidden)):
        taken = dict(zip(hidden, guess, strict=True))
        loads = [0] * domains
        for index, one in enumerate(history):
            domain = taken.get(index, one.domain)
            if not one.named and loads[domain] != min(loads):
                break
            loads[domain] += 1
        else:
            return True
    return False


def placed(recording: Recording, history: Sequence[Placement], *, reads_last: bool, by_put: bool) -> Recording:
    """A history of VMs placed into a Flexible scale set of 3 fault domains, made of recorded exchanges.

    The recording must deploy a Flexible scale set and a VM in it; its deployments are copied with other
    names, fault domains and operations.
    """
    story = Story(recording)
    creation = next(iter(creations(story)))
    made = story.exchanges[creation.at]
    deployments = [one for one in story.changes if one.target.resource is Resource.DEPLOYMENT]
    vm_deployment = next(
        one for one in deployments if "virtualMachineScaleSet'" in str(story.exchanges[one.start].request.body)
    )
    _, _, _, view = next(views(story))
    exchanges: list[Exchange] = []
    if by_put:
        asked = with_request(_as_put(made, creation), setting(3, "properties", "platformFaultDomainCount"))
        shown = {**asked.request.body, "name": creation.key.name}  # type: ignore[dict-item]
        exchanges.append(evolve(asked, response=ArmResponse(201, {}, shown)))
    else:

        def three(body: Any) -> None:
            for step in creation.path:
                body = body[step]
            put(body, 3, "properties", "platformFaultDomainCount")

        exchanges.extend(_renamed(with_request(made, three), "group", made))
    later: list[Exchange] = []
    template = story.exchanges[vm_deployment.start]
    for one in history:
        deployed = with_request(template, lambda body, vm=one: _declares(body, vm))  # type: ignore[misc]
        exchanges.extend(_renamed(deployed, one.name, template))
        if one.read:
            (later if reads_last else exchanges).append(_shows(view, one))
    return evolve(recording, exchanges=tuple(evolve(one, date=made.date) for one in (*exchanges, *later)))


def _declares(body: Any, vm: Placement) -> None:
    resources = body["properties"]["template"]["resources"]
    body["properties"]["template"]["resources"] = kept = [
        one for one in resources if str(one.get("type")).lower() == "microsoft.compute/virtualmachines"
    ]
    kept[0]["name"] = vm.name
    kept[0]["properties"].pop("platformFaultDomain", None)
    if vm.named:
        kept[0]["properties"]["platformFaultDomain"] = vm.domain


def _renamed(exchange: Exchange, name: str, template: Exchange) -> tuple[Exchange, Exchange]:
    """A deployment's acceptance under an operation of its own, and the poll that shows its success."""
    link = f"https://management.azure.com/subscriptions/0/providers/Microsoft.Resources/deployments/{name}"
    status = f"{link}/operationStatuses/{name}?api-version=2019-07-01"
    url = exchange.request.url.replace("mock-deployment", f"deployment-{name}")
    accepted = ArmResponse(201, {"azure-asyncoperation": status}, template.response.body)
    poll = evolve(
        exchange, request=ArmRequest("GET", status, None), response=ArmResponse(200, {}, {"status": "Succeeded"})
    )
    return evolve(exchange, request=evolve(exchange.request, url=url), response=accepted), poll


def _shows(view: Exchange, vm: Placement) -> Exchange:
    path, _, query = view.request.url.partition("?")
    url = f"{path.rpartition('/')[0]}/{vm.name}?{query}"

    def edit(body: Any) -> None:
        put(body, vm.name, "name")
        put(body, f"id-of-{vm.name}", "properties", "vmId")
        put(body, vm.domain, "properties", "platformFaultDomain")
        if child(body, "properties", "instanceView") is not None:
            put(body, vm.domain, "properties", "instanceView", "platformFaultDomain")

    shown = with_body(view, edit)
    return evolve(shown, request=evolve(view.request, url=url))


KINDS: tuple[Callable[[Story], Iterator[Corruption]], ...] = (
    fault_domain_beyond,
    immutable_changed,
    zones_appear,
    capacity_changed,
    group_hidden,
    deleted_group_shown,
    groups_listed,
    list_shows_changed,
    creation_out_of_range,
    state_out_of_range,
    change_out_of_range,
    counts_changed,
    immutable_change_accepted,
    accepted_shown_refused,
    foreign_zone,
    member_moved,
    members_listed,
    pages_wrong,
    member_hidden,
    vm_out_of_place,
    deleted_member_listed,
    vm_id_changed,
    operations_ended,
    power_contradicted,
    batch_on_flexible,
)
"""What makes corruptions of recorded exchanges; refusals and placements come apart."""
