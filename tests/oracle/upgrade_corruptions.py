"""Recordings with one thing made wrong about models, upgrades and rollouts.

As in `corruptions`, a site is eligible because of what the recording itself shows. The recordings seldom read
anything twice without a change in between: many of these wrongs are a read that is repeated, and shows
something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve

from vmss_model.oracle.arm.shapes import child, member_facts
from vmss_model.oracle.arm.urls import Resource
from vmss_model.oracle.recordings import ArmResponse, Exchange
from vmss_model.world import GroupKey

from .corruptions import (
    Corruption,
    Creation,
    Story,
    answered,
    creations,
    is_flexible,
    put,
    setting,
    shown_reads,
    views,
    with_body,
    with_request,
)


def _edition(story: Story) -> str:
    """The edition of the documents that a recording's day belongs to."""
    starts = (("2021-07-29", "2021-07"), ("2021-02-12", "2021-02"), ("2019-10-23", "2019-10"))
    return next((name for day, name in starts if story.day >= day), "2017-05")


def _speaks_of_models(story: Story, key: GroupKey, at: int) -> bool:
    """Whether the documents of the day speak of a scale set's model versions: Uniform, as a read showed."""
    body = story.body(key, at)
    return _edition(story) != "2019-10" and body is not None and not is_flexible(body)


def _is_manual(body: object) -> bool:
    mode = str(child(body, "properties", "upgradePolicy", "mode")).lower()
    automatic = child(body, "properties", "upgradePolicy", "automaticOSUpgradePolicy", "enableAutomaticOSUpgrade")
    return mode == "manual" and not automatic


# -- instances and their models --------------------------------------------------------------------


def latest_model_flipped(story: Story) -> Iterator[Corruption]:
    """A member read again, which runs the newest model no longer, or does so although nothing upgraded it.

    Eligible with nothing under way. That it has come to run the newest model is wrong with policy Manual alone.
    """
    for at, key, _, exchange in views(story):
        applied = child(exchange.response.body, "properties", "latestModelApplied")
        if not isinstance(applied, bool) or story.platform_acts or not story.quiet(key, at):
            continue
        if _speaks_of_models(story, key, at) and (applied or _is_manual(story.body(key, at))):
            kind = "newest model run no longer" if applied else "newest model run without an upgrade"
            yield story.inserted(
                kind, at + 1, with_body(exchange, setting(not applied, "properties", "latestModelApplied"))
            )
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        values = child(exchange.response.body, "value")
        if target.resource is not Resource.MEMBER_LIST or not isinstance(values, list) or not values:
            continue
        applied = child(values[0], "properties", "latestModelApplied")
        if applied is not True or story.platform_acts or target.group is None or not story.quiet(target.group, at):
            continue
        if _speaks_of_models(story, target.group, at):
            wrong = with_body(exchange, lambda body: put(body["value"][0], False, "properties", "latestModelApplied"))
            yield story.inserted("newest model run no longer", at + 1, wrong)


def upgrade_without_effect(story: Story) -> Iterator[Corruption]:
    """A member that an upgrade call named runs an older model right after the call succeeded."""
    for change in story.changes:
        if change.what != "manualupgrade" or change.end is None or change.target.resource is not Resource.GROUP_ACTION:
            continue
        key = change.key
        if not story.quiet(key, change.end + 1) or story.platform_acts or not _speaks_of_models(story, key, change.end):
            continue
        for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
            values = child(exchange.response.body, "value")
            if at > change.end or target.group != key or not isinstance(values, list):
                continue
            facts = [member_facts(one) for one in values]
            named = [one for one in facts if one is not None and (change.names is None or one.name in change.names)]
            if (
                target.resource is not Resource.MEMBER_LIST
                or not named
                or not story.exchanges[change.start].request.body
            ):
                continue
            name = named[0].name

            def edit(body: Any, name: str = name) -> None:
                for one in body["value"]:
                    if str(child(one, "instanceId")).lower() == name:
                        put(one, False, "properties", "latestModelApplied")

            yield story.inserted("older model right after an upgrade", change.end + 1, with_body(exchange, edit))
            break


def upgrade_refused(story: Story) -> Iterator[Corruption]:
    """An upgrade call of a Uniform scale set refused: no rule refuses it."""
    for change in story.changes:
        if change.what == "manualupgrade" and _speaks_of_models(story, change.key, change.start):
            exchange = story.exchanges[change.start]
            message = "Operation 'VirtualMachineScaleSets.ManualUpgrade.POST' is not allowed."
            wrong = answered(exchange, 409, "OperationNotAllowed", message)
            yield story.replaced("upgrade of instances refused", {change.start: wrong})


# -- settings --------------------------------------------------------------------------------------


def _other_percent(body: object) -> Mapping[str, object] | None:
    policy = child(body, "properties", "upgradePolicy", "rollingUpgradePolicy")
    percent = child(policy, "maxBatchInstancePercent")
    return {"maxBatchInstancePercent": percent + 1} if isinstance(percent, int) else None


def settings_changed(story: Story) -> Iterator[Corruption]:
    """A scale set read again, with another upgrade policy or image, with nothing under way."""
    for at, key, exchange in shown_reads(story):
        if not story.quiet(key, at):
            continue
        body = exchange.response.body
        mode = child(body, "properties", "upgradePolicy", "mode")
        if isinstance(mode, str):
            other = "Automatic" if mode.lower() != "automatic" else "Manual"
            wrong = with_body(exchange, setting(other, "properties", "upgradePolicy", "mode"))
            yield story.inserted("upgrade policy changed in a repeated read", at + 1, wrong)
        percent = _other_percent(body)
        if percent is not None:
            path = ("properties", "upgradePolicy", "rollingUpgradePolicy", "maxBatchInstancePercent")
            wrong = with_body(exchange, setting(percent["maxBatchInstancePercent"], *path))
            yield story.inserted("batch percentage changed in a repeated read", at + 1, wrong)
        sku = (*_PROFILE, "storageProfile", "imageReference", "sku")
        if isinstance(child(body, *sku), str):
            wrong = with_body(exchange, setting("other", *sku))
            yield story.inserted("image changed in a repeated read", at + 1, wrong)


_IMAGE = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}
_WRONG_MODELS: Mapping[str, tuple[Mapping[str, object], bool]] = {
    "automatic OS upgrades without a source of health": (_IMAGE, False),
    "automatic OS upgrades of a pinned version": ({**_IMAGE, "version": "18.04.202107200"}, True),
    "automatic OS upgrades of an image that is not supported": ({**_IMAGE, "sku": "21.04"}, True),
    "automatic OS upgrades of a custom image that is no gallery's": ({"id": "/subscriptions/s/images/web"}, True),
}
_HEALTH = {"name": "health", "properties": {"type": "ApplicationHealthLinux", "publisher": "Microsoft.ManagedServices"}}


def unfit_model_switched_on(story: Story) -> Iterator[Corruption]:
    """A creation that switches automatic OS upgrades on for a model that does not allow it, accepted.

    Eligible from the edition of 2021-07 on, for Uniform scale sets with a model.
    """
    if _edition(story) != "2021-07":
        return
    for creation in creations(story):
        profile = child(creation.body, "properties", "virtualMachineProfile")
        if is_flexible(creation.body) or not isinstance(profile, dict):
            continue
        for kind, (image, healthy) in _WRONG_MODELS.items():
            edited = with_request(story.exchanges[creation.at], _switching_on(creation, image, healthy=healthy))
            yield story.replaced(kind, {creation.at: edited})


def _switching_on(creation: Creation, image: Mapping[str, object], *, healthy: bool) -> Callable[[Any], None]:
    def edit(body: Any) -> None:
        for step in creation.path:
            body = body[step]
        put(body, {"mode": "Automatic", "automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True}}, *_POLICY)
        put(body, dict(image), *_PROFILE, "storageProfile", "imageReference")
        put(body, {"extensions": [_HEALTH] if healthy else []}, *_PROFILE, "extensionProfile")
        network = child(body, *_PROFILE, "networkProfile")
        if isinstance(network, dict):
            network.pop("healthProbe", None)

    return edit


_POLICY = ("properties", "upgradePolicy")
_PROFILE = ("properties", "virtualMachineProfile")


def publisher_changed(story: Story) -> Iterator[Corruption]:
    """A change of an existing Uniform scale set to an image of another publisher, accepted (edition 2021-07)."""
    if _edition(story) != "2021-07":
        return
    path = (*_PROFILE, "storageProfile", "imageReference", "publisher")
    for change in story.changes:
        exchange, body = story.exchanges[change.start], story.body(change.key, change.start)
        put_again = exchange.request.method == "PUT" and exchange.response.status == 200
        if change.target.resource is not Resource.GROUP or not put_again or not exchange.request.body_recorded:
            continue
        named = isinstance(child(body, *path), str) and isinstance(child(exchange.request.body, *path), str)
        if named and not is_flexible(body) and story.quiet(change.key, change.start):
            wrong = with_request(exchange, setting("AnotherPublisher", *path))
            yield story.replaced("change of the image's publisher accepted", {change.start: wrong})


# -- rollouts --------------------------------------------------------------------------------------


def _latest(story: Story) -> Iterator[tuple[int, GroupKey, Exchange]]:
    """Reads of the latest rollout."""
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        read = exchange.request.method == "GET" and exchange.response.status == 200
        if target.action == "rollingupgrades/latest" and read and target.group is not None:
            yield at, target.group, exchange


_PROGRESS = ("properties", "progress")


def rollout_shown_wrong(story: Story) -> Iterator[Corruption]:
    """The latest rollout shown with counts or a status that it cannot have (2021-07), or with another policy."""
    for at, key, exchange in _latest(story):
        successful = child(exchange.response.body, *_PROGRESS, "successfulInstanceCount")
        body = story.body(key, at)
        if _edition(story) == "2021-07" and isinstance(successful, int):
            edits: Mapping[str, Callable[[Any], None]] = {
                "rollout of more instances than there are": setting(
                    successful + 7, *_PROGRESS, "successfulInstanceCount"
                ),
                "completed rollout with instances pending": setting(1, *_PROGRESS, "pendingInstanceCount"),
                "completed rollout with instances in progress": setting(1, *_PROGRESS, "inProgressInstanceCount"),
                "rollout with a negative count": setting(-1, *_PROGRESS, "failedInstanceCount"),
                "rollout with a strange status": setting("Paused", "properties", "runningStatus", "code"),
            }
            for kind, edit in edits.items():
                yield story.replaced(kind, {at: with_body(exchange, edit)})
        if _other_percent(body) is not None:
            wrong = with_body(exchange, setting(33, "properties", "policy", "maxBatchInstancePercent"))
            yield story.replaced("rollout with another policy than the scale set's", {at: wrong})


def ended_rollout_changed(story: Story) -> Iterator[Corruption]:
    """The latest rollout read again after it ended: with other counts, under way again, or gone."""
    for at, _, exchange in _latest(story):
        successful = child(exchange.response.body, *_PROGRESS, "successfulInstanceCount")
        if not isinstance(successful, int) or not successful:
            continue

        def fail_one(body: Any, successful: int = successful) -> None:
            put(body, successful - 1, *_PROGRESS, "successfulInstanceCount")
            put(body, 1, *_PROGRESS, "failedInstanceCount")

        yield story.inserted("ended rollout with other counts", at + 1, with_body(exchange, fail_one))
        again = with_body(exchange, setting("RollingForward", "properties", "runningStatus", "code"))
        yield story.inserted("ended rollout under way again", at + 1, again)
        message = "The rollingUpgrades 'latest' was not found."
        yield story.inserted("latest rollout gone", at + 1, answered(exchange, 404, "ResourceNotFound", message))


def cancel_accepted(story: Story) -> Iterator[Corruption]:
    """A cancel accepted although the latest rollout was just shown to have ended."""
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        if target.action == "rollingupgrades/cancel" and exchange.response.status == 409 and target.group is not None:
            ended = any(where < at and key == target.group for where, key, _ in _latest(story))
            if ended and _speaks_of_models(story, target.group, at):
                accepted = evolve(
                    exchange, response=ArmResponse(202, {"location": "https://x/operations/cancel"}, None)
                )
                yield story.replaced("cancel accepted although nothing is under way", {at: accepted})


# -- the history -----------------------------------------------------------------------------------


def _attempt(day: str, **counts: int) -> dict[str, Any]:
    progress = {"successfulInstanceCount": 4, "failedInstanceCount": 0}
    progress.update({"inProgressInstanceCount": 0, "pendingInstanceCount": 0, **counts})
    status = {"code": "Completed", "startTime": f"{day}T03:00:00+00:00", "endTime": f"{day}T03:20:00+00:00"}
    return {"properties": {"runningStatus": status, "progress": progress, "startedBy": "Platform"}}


def history_shown_wrong(story: Story) -> Iterator[Corruption]:
    """A history of more than five attempts, with an old one, out of order, or with one that cannot be."""
    for at, (exchange, target) in enumerate(zip(story.exchanges, story.targets, strict=True)):
        if target.action != "osupgradehistory" or exchange.response.status != 200 or _edition(story) != "2021-07":
            continue
        # Every such recording is of a day after the first of April 2024.
        month = f"{story.day[:5]}{int(story.day[5:7]) - 1:02}"
        days = [f"{month}-{number:02}" for number in (20, 15, 12, 8, 5, 2)]
        wrongs = {
            "history of six attempts": [_attempt(day) for day in days],
            "history with an attempt older than two months": [_attempt(days[0]), _attempt(f"{story.day[:4]}-01-05")],
            "history with the oldest attempt first": [_attempt(day) for day in reversed(days[:3])],
            "history with a completed attempt that is not done": [_attempt(days[0], pendingInstanceCount=2)],
        }
        for kind, attempts in wrongs.items():
            yield story.replaced(kind, {at: with_body(exchange, setting(attempts, "value"))})


KINDS: tuple[Callable[[Story], Iterator[Corruption]], ...] = (
    latest_model_flipped,
    upgrade_without_effect,
    upgrade_refused,
    settings_changed,
    unfit_model_switched_on,
    publisher_changed,
    rollout_shown_wrong,
    ended_rollout_changed,
    cancel_accepted,
    history_shown_wrong,
)
"""Everything that is made wrong about upgrades."""
