"""What can be made wrong about a rollout: each kind of wrong, where it is eligible, and the rule that it breaks.

A mutation replaces what was asked and done at one moment of a lawful trace by something that the documents
forbid there. Where it is eligible is found in the world of that moment, from the groups' plain facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from attrs import evolve, frozen

from vmss_model import World
from vmss_model import requests as rq
from vmss_model.answers import ClockShown, HistoryShown, InstanceShown, InstancesShown, ProgressShown
from vmss_model.images import CustomImage, GalleryImage, ImageReference, ImageVersion, OsDisk, version_key
from vmss_model.oracle import Granted
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import Attempt, Place, Rollout, is_due, place_of, stage_of
from vmss_model.values import Invoker, Provisioning, RolloutStatus, Stage
from vmss_model.world import Group, Instance

from .rollouts import DAY, KEY, Step

WAIT = 300
"""Seconds that an upgraded instance has to become healthy."""


@frozen
class Mutation:
    """One thing made wrong."""

    request: rq.Request
    """What is asked instead."""
    outcome: Granted
    """What an unlawful implementation does."""
    rule: str
    """The rule that it breaks."""


Maker = Callable[[Step], Iterator[Mutation]]
"""The mutations of one kind at one moment of a trace."""


def _running(world: World) -> tuple[Group, Rollout] | None:
    group = world.groups.get(KEY)
    return None if group is None or group.rollout is None else (group, group.rollout)


def _pending(group: Group, rollout: Rollout) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    for name in sorted(group.members):
        if stage_of(rollout, group.members[name]) is Stage.PENDING:
            found.setdefault(place_of(group.members[name]), []).append(name)
    return found


def _cap(group: Group, rollout: Rollout) -> int:
    assert rollout.policy is not None
    return max(1, len(group.members) * int(rollout.policy.max_batch_percent) // 100)


def _may_go_on(world: World, group: Group, rollout: Rollout) -> bool:
    """Whether neither a batch under way nor the pause nor anything else keeps the next batch."""
    free = not rollout.progress.in_progress and world.clock >= rollout.ready_at
    return free and not rollout.cancelled and not rollout.error and not _ill(group, rollout)


def _ill(group: Group, rollout: Rollout) -> list[str]:
    """The rules of the gates that hold the next batch, counted anew from the instances."""
    assert rollout.policy is not None
    members = list(group.members.values())
    upgraded = [one for one in members if stage_of(rollout, one) in (Stage.SUCCESSFUL, Stage.FAILED)]
    bad = sum(stage_of(rollout, one) is Stage.FAILED or _is_ill(group, one) for one in upgraded)
    found: list[str] = []
    if bad * 100 > rollout.policy.max_unhealthy_upgraded_percent * len(upgraded):
        found.append("OSU-STOP-UPGRADED")
    if _too_many_ill(group, rollout.policy.max_unhealthy_percent):
        found.append("OSU-STOP-OVERALL")
    return found


def _too_many_ill(group: Group, percent: object) -> bool:
    assert isinstance(percent, int)
    ill = sum(_is_ill(group, one) for one in group.members.values())
    return ill * 100 > percent * len(group.members)


def _is_ill(group: Group, one: Instance) -> bool:
    if one.provisioning is Provisioning.FAILED:
        return True
    return one.health.value == "unhealthy" if group.health_source is not None else one.power.value != "running"


def _batch(names: list[str] | tuple[str, ...], rule: str) -> Iterator[Mutation]:
    """A batch that was told by the request, and one that was told as the platform's choice."""
    yield Mutation(rq.StartBatch(KEY, frozenset(names)), Granted(), rule)
    yield Mutation(rq.StartBatch(KEY), Granted({"batch": tuple(sorted(names))}), rule)


# -- batches ---------------------------------------------------------------------------------------


def one_too_many(step: Step) -> Iterator[Mutation]:
    """A batch of one instance more than its cap, all of one place."""
    found = _running(step.before)
    if found is None or not _may_go_on(step.before, *found):
        return
    group, rollout = found
    for names in _pending(group, rollout).values():
        if len(names) > _cap(group, rollout):
            yield from _batch(names[: _cap(group, rollout) + 1], "OSU-BATCH")


def two_zones(step: Step) -> Iterator[Mutation]:
    """A batch with instances of two zones."""
    for one, other in _pairs_of_places(step):
        if one[0][0] != other[0][0]:
            yield from _batch((one[1], other[1]), "OSU-ZONES")


def two_update_domains(step: Step) -> Iterator[Mutation]:
    """A batch with instances of two update domains of one zone."""
    for one, other in _pairs_of_places(step):
        if one[0][0] == other[0][0]:
            yield from _batch((one[1], other[1]), "OSU-BATCH")


def _pairs_of_places(step: Step) -> Iterator[tuple[tuple[Place, str], tuple[Place, str]]]:
    found = _running(step.before)
    if found is None or not _may_go_on(step.before, *found):
        return
    firsts = [(place, names[0]) for place, names in sorted(_pending(*found).items(), key=str)]
    for index, one in enumerate(firsts):
        for other in firsts[index + 1 :]:
            yield one, other


def all_at_once(step: Step) -> Iterator[Mutation]:
    """A batch of every instance of the group."""
    found = _running(step.before)
    if found is None or not _may_go_on(step.before, *found) or found[1].started_by is not Invoker.PLATFORM:
        return
    names = [name for some in _pending(*found).values() for name in some]
    if len(names) == len(found[0].members) > 1:
        yield from _batch(names, "OSU-GROUP")


def domain_left_unfinished(step: Step) -> Iterator[Mutation]:
    """A Service Fabric group goes on with another update domain before the one begun is finished."""
    found = _running(step.before)
    if found is None or not _may_go_on(step.before, *found):
        return
    group, rollout = found
    assert group.profile is not None
    if group.profile.service_fabric is None or rollout.batch_at is None:
        return
    pending = _pending(group, rollout)
    begun = rollout.batch_at[1]
    if any(domain == begun for _, domain in pending):
        for (_, domain), names in pending.items():
            if domain != begun:
                yield from _batch(names[:1], "OSU-SF")


def upgraded_again(step: Step) -> Iterator[Mutation]:
    """A batch with an instance that runs the newest version already."""
    found = _running(step.before)
    if found is None or not _may_go_on(step.before, *found):
        return
    group, rollout = found
    for name in sorted(group.members):
        member = group.members[name]
        if stage_of(rollout, member) is not Stage.PENDING and not is_due(rollout, member) and _pending(group, rollout):
            yield from _batch((name,), "OSU-DONE")


# -- gates and waits -------------------------------------------------------------------------------


def _batch_over(step: Step, rule: str) -> Iterator[Mutation]:
    found = _running(step.before)
    if found is None or found[1].progress.in_progress or step.before.clock < found[1].ready_at:
        return
    group, rollout = found
    if rule in _ill(group, rollout):
        for names in islice(_pending(group, rollout).values(), 1):
            yield Mutation(rq.StartBatch(KEY, frozenset(names[:1])), Granted(), rule)
            yield Mutation(rq.StartBatch(KEY), Granted({"batch": (names[0],)}), rule)


def over_overall_threshold(step: Step) -> Iterator[Mutation]:
    """A batch starts although too many of all instances are unhealthy."""
    return _batch_over(step, "OSU-STOP-OVERALL")


def over_upgraded_threshold(step: Step) -> Iterator[Mutation]:
    """A batch starts although too many of the upgraded instances became unhealthy."""
    return _batch_over(step, "OSU-STOP-UPGRADED")


def begun_over_threshold(step: Step) -> Iterator[Mutation]:
    """A rollout begins although too many instances are unhealthy."""
    group = step.before.groups.get(KEY)
    if group is None or group.rollout is not None:
        return
    if isinstance(step.request, rq.StartRollout) and group.rolling is not None:
        percent: object = group.rolling.max_unhealthy_percent
    elif isinstance(step.request, rq.BeginRollout) and not _is_of_model(group) and _in_window(step.before, group):
        percent = 20
    else:
        return
    if _too_many_ill(group, percent):
        yield Mutation(step.request, Granted(), "OSU-PRECHECK")


def _is_of_model(group: Group) -> bool:
    behind = any(one.model_version < group.model_version for one in group.members.values())
    return group.upgrade_mode is not None and group.upgrade_mode.value == "Rolling" and behind


def _in_window(world: World, group: Group) -> bool:
    return group.trigger is not None and world.clock >= group.trigger.earliest


def before_health(step: Step) -> Iterator[Mutation]:
    """The next batch, or the end, before the current batch is healthy or past the wait."""
    found = _running(step.before)
    if found is None or not found[1].progress.in_progress:
        return
    group, rollout = found
    yield Mutation(rq.EndRollout(KEY), Granted(), "OSU-WAIT")
    for names in islice(_pending(group, rollout).values(), 1):
        yield Mutation(rq.StartBatch(KEY, frozenset(names[:1])), Granted(), "OSU-WAIT")


def given_up_early(step: Step) -> Iterator[Mutation]:
    """An instance is restored or given up before its five minutes have passed."""
    found = _running(step.before)
    if found is None or step.before.clock - found[1].batch_started_at >= WAIT:
        return
    group, rollout = found
    for name in sorted(group.members):
        if stage_of(rollout, group.members[name]) is Stage.IN_PROGRESS:
            yield Mutation(rq.RestoreInstance(KEY, name), Granted({"restored": True}), "OSU-WAIT")
            yield Mutation(rq.FailInstance(KEY, name), Granted(), "OSU-WAIT")


def waited_too_long(step: Step) -> Iterator[Mutation]:
    """Time goes on past the five minutes although an instance was neither healthy nor given up."""
    found = _running(step.before)
    if found is None or not found[1].progress.in_progress:
        return
    end = found[1].batch_started_at + WAIT
    ahead = max(0, end - step.before.clock) + 1
    yield Mutation(rq.AdvanceClock(ahead), Granted(answer=ClockShown(step.before.clock + ahead)), "OSU-WAIT")


def before_the_pause(step: Step) -> Iterator[Mutation]:
    """The next batch before the pause between batches has passed."""
    found = _running(step.before)
    if found is None or found[1].progress.in_progress or step.before.clock >= found[1].ready_at:
        return
    for names in islice(_pending(*found).values(), 1):
        yield from _batch(names[:1], "UPGRADE-ROLLING")


def ended_early(step: Step) -> Iterator[Mutation]:
    """A rollout ends, or is shown as completed, with instances left to upgrade."""
    found = _running(step.before)
    if found is None or not _pending(*found):
        return
    if _may_go_on(step.before, *found):
        yield Mutation(rq.EndRollout(KEY), Granted(), "OSU-DONE")
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    if isinstance(answer, ProgressShown):
        done = evolve(answer.attempt, status=RolloutStatus.COMPLETED, ended_at=step.before.clock)
        yield Mutation(step.request, Granted(answer=ProgressShown(done)), "OSU-DONE")


def batch_after_opting_out(step: Step) -> Iterator[Mutation]:
    """A further batch although the rollout was cancelled or automatic upgrades were switched off."""
    found = _running(step.before)
    if found is None or found[1].progress.in_progress or not found[1].cancelled:
        return
    for names in islice(_pending(*found).values(), 1):
        yield Mutation(rq.StartBatch(KEY, frozenset(names[:1])), Granted(), "OSU-OPT-OUT")


def batch_after_expired_credentials(step: Step) -> Iterator[Mutation]:
    """A further batch although the first one failed by expired credentials."""
    found = _running(step.before)
    if found is None or found[1].progress.in_progress or not found[1].error:
        return
    for names in islice(_pending(*found).values(), 1):
        yield Mutation(rq.StartBatch(KEY, frozenset(names[:1])), Granted(), "OSU-CREDENTIALS")


# -- beginning -------------------------------------------------------------------------------------


def begun_too_early(step: Step) -> Iterator[Mutation]:
    """A rollout begins before its window opens."""
    group = step.before.groups.get(KEY)
    if group is None or group.rollout is not None or _is_of_model(group) or _too_many_ill(group, 20):
        return
    if group.trigger is not None and step.before.clock < group.trigger.earliest and _has_newer(step.before, group):
        yield Mutation(rq.BeginRollout(KEY), Granted(), *group.trigger.window.rules)


def begun_too_late(step: Step) -> Iterator[Mutation]:
    """Time goes on past the end of the window although the rollout could begin and did not."""
    group = step.before.groups.get(KEY)
    if group is None or group.rollout is not None or group.trigger is None or _is_of_model(group):
        return
    if _too_many_ill(group, 20) or not _has_newer(step.before, group):
        return
    late = max(step.before.clock, group.trigger.latest) + 60
    answer = ClockShown(late)
    (rule,) = group.trigger.window.rules
    yield Mutation(rq.AdvanceClock(late - step.before.clock), Granted(answer=answer), rule)


def _given(world: World, group: Group) -> ImageVersion | None:
    """The newest version that the group may be given."""
    assert group.profile is not None
    assert group.profile.image is not None
    allowed = [
        one
        for one in world.images.get(group.profile.image.line, ())
        if group.region in one.regions and not one.excluded
    ]
    return max(allowed, key=lambda one: version_key(one.version), default=None)


def _has_newer(world: World, group: Group) -> bool:
    newest = _given(world, group)
    return newest is not None and any(
        one.model_version >= group.opted_in_from
        and (
            one.provisioning is Provisioning.FAILED
            or one.os_disk is None
            or version_key(one.os_disk.version) < version_key(newest.version)
        )
        for one in group.members.values()
    )


def held_back_image_rolled_out(step: Step) -> Iterator[Mutation]:
    """A gallery's version is rolled out, or run, that is excluded or not replicated to the region."""
    group = step.before.groups.get(KEY)
    if group is None or not group.os_upgrade or group.profile is None or group.profile.image is None:
        return
    line = group.profile.image.line
    held = [one for one in step.before.images.get(line, ()) if one.excluded or group.region not in one.regions]
    if not held or not isinstance(line, GalleryImage):
        return
    if group.rollout is None and not _has_newer(step.before, group) and not _is_of_model(group):
        yield Mutation(rq.BeginRollout(KEY), Granted(), "OSU-GALLERY")
    yield from _shown_with(step, OsDisk(line, held[-1].version), "OSU-GALLERY")


# -- instances -------------------------------------------------------------------------------------


def restored_by_hand(step: Step) -> Iterator[Mutation]:
    """In an upgrade started by hand an instance gets its previous OS disk back."""
    found = _running(step.before)
    if found is not None and isinstance(step.request, rq.FailInstance):
        yield Mutation(rq.RestoreInstance(KEY, step.request.name), Granted({"restored": True}), "OSU-MANUAL-NO-RESTORE")
    group = step.before.groups.get(KEY)
    for name, member in _shown(step):
        previous = member.previous_os_disk
        by_hand = group is not None and member.attempt and not group.os_upgrade and not _is_restored(member)
        if by_hand and member.stage is Stage.FAILED and previous is not None and previous != member.os_disk:
            yield _seen(step, name, evolve(member, os_disk=previous), "OSU-MANUAL-NO-RESTORE")


def left_unrestored(step: Step) -> Iterator[Mutation]:
    """In an automatic upgrade an instance that did not become healthy keeps the new OS disk."""
    if isinstance(step.request, rq.RestoreInstance) and isinstance(step.outcome, Granted):
        yield Mutation(rq.FailInstance(KEY, step.request.name), Granted(), "OSU-RESTORE")
    for name, member in _shown(step):
        if member.stage is Stage.FAILED and _is_restored(member):
            yield _seen(step, name, evolve(member, os_disk=member.previous_os_disk), "OSU-RESTORE")


def _is_restored(member: Instance) -> bool:
    now, before = member.os_disk, member.previous_os_disk
    return now is not None and before is not None and version_key(before.version) > version_key(now.version)


def extensions_out_of_order(step: Step) -> Iterator[Mutation]:
    """An instance gets an extension before one that it comes after, one twice, or one too few."""
    request, outcome = step.request, step.outcome
    if not isinstance(request, rq.ProvisionInstance) or not isinstance(outcome, Granted):
        return
    order = outcome.picks.get("order")
    if not isinstance(order, tuple) or not order:
        return
    wrong = [order[:-1], (*order, order[0]), tuple(reversed(order)) if len(order) > 1 else ("other",)]
    for one in wrong:
        yield Mutation(request, Granted({"order": one}), "OSU-SWAP")
        yield Mutation(evolve(request, order=one), Granted(), "OSU-SWAP")


def _shown(step: Step) -> Iterator[tuple[str, Instance]]:
    """The members that an answer shows."""
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    if isinstance(answer, InstanceShown):
        yield answer.instance.name, answer.instance
    if isinstance(answer, InstancesShown):
        for one in sorted(answer.instances, key=lambda one: one.name):
            yield one.name, one


def _seen(step: Step, name: str, instance: Instance, rule: str) -> Mutation:
    """The same answer with one member shown otherwise."""
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    if isinstance(answer, InstancesShown):
        others = frozenset(one for one in answer.instances if one.name != name)
        return Mutation(step.request, Granted(answer=InstancesShown(others | {instance})), rule)
    return Mutation(step.request, Granted(answer=InstanceShown(instance)), rule)


def _shown_with(step: Step, disk: OsDisk, rule: str) -> Iterator[Mutation]:
    for name, member in _shown(step):
        if member.os_disk is not None and member.os_disk != disk:
            yield _seen(step, name, evolve(member, os_disk=disk), rule)


def other_sku(step: Step) -> Iterator[Mutation]:
    """An upgraded instance runs another SKU of its image."""
    for name, member in _shown(step):
        line = member.os_disk.line if member.os_disk is not None else None
        if isinstance(line, PlatformImage) and member.os_disk is not None and member.attempt:
            disk = evolve(member.os_disk, line=evolve(line, sku="20.04-LTS"))
            yield _seen(step, name, evolve(member, os_disk=disk), "OSU-SKU")
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    target = answer.attempt.target if isinstance(answer, ProgressShown) else None
    if isinstance(answer, ProgressShown) and target is not None and isinstance(target.line, PlatformImage):
        disk = evolve(target, line=evolve(target.line, sku="20.04-LTS"))
        shown = ProgressShown(evolve(answer.attempt, target=disk))
        yield Mutation(step.request, Granted(answer=shown), "OSU-SKU")


def data_disk_lost(step: Step) -> Iterator[Mutation]:
    """An upgraded instance has a data disk less."""
    for name, member in _shown(step):
        if member.data_disks and member.previous_os_disk is not None:
            yield _seen(step, name, evolve(member, data_disks=member.data_disks - 1), "OSU-SWAP")


def other_publisher(step: Step) -> Iterator[Mutation]:
    """The publisher of an existing group's image is changed."""
    group = step.before.groups.get(KEY)
    image = group.profile.image if group is not None and group.profile is not None else None
    if image is not None and isinstance(image.line, PlatformImage):
        other = evolve(image, line=evolve(image.line, publisher="OpenLogic"))
        yield Mutation(rq.UpdateGroup(key=KEY, image=other), Granted(), "PUBLISHER-OFFER-FIXED")


def unsupported_image_switched_on(step: Step) -> Iterator[Mutation]:
    """A model with automatic upgrades switched on gets a custom image that is no gallery's."""
    group = step.before.groups.get(KEY)
    if group is not None and group.os_upgrade and group.profile is not None:
        image = ImageReference(CustomImage("https://storage/image.vhd"))
        yield Mutation(rq.UpdateGroup(key=KEY, image=image), Granted(), "OSU-IMAGES")


def released_before_the_phase_is_done(step: Step) -> Iterator[Mutation]:
    """A platform image's version reaches another region although instances of the phase before do not run it."""
    group = step.before.groups.get(KEY)
    image = group.profile.image if group is not None and group.profile is not None else None
    if group is None or image is None or not isinstance(image.line, PlatformImage) or not group.os_upgrade:
        return
    newest = _given(step.before, group)
    if newest is not None and _has_newer(step.before, group) and image.version == "latest":
        phase = frozenset({"northeurope"})
        yield Mutation(rq.ReleaseImage(image.line, newest.version, phase), Granted(), "OSU-REGIONS")


# -- what is reported ------------------------------------------------------------------------------


def counts_that_do_not_sum(step: Step) -> Iterator[Mutation]:
    """One of the four counts of a progress is one more or one less."""
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    if not isinstance(answer, ProgressShown):
        return
    progress = answer.attempt.progress
    for name in ("successful", "failed", "in_progress", "pending"):
        for by in (1, -1):
            wrong = evolve(progress, **{name: getattr(progress, name) + by})
            shown = ProgressShown(evolve(answer.attempt, progress=wrong))
            yield Mutation(step.request, Granted(answer=shown), "OSU-PROGRESS")


def counts_moved(step: Step) -> Iterator[Mutation]:
    """The counts sum, but an instance is counted at another stage than it is."""
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    if not isinstance(answer, ProgressShown):
        return
    progress = answer.attempt.progress
    for taken, given in (("successful", "failed"), ("pending", "successful"), ("failed", "pending")):
        if getattr(progress, taken):
            changes = {taken: getattr(progress, taken) - 1, given: getattr(progress, given) + 1}
            shown = ProgressShown(evolve(answer.attempt, progress=evolve(progress, **changes)))
            yield Mutation(step.request, Granted(answer=shown), "OSU-PROGRESS")
    wrong = evolve(answer.attempt, restored=answer.attempt.restored + 1)
    yield Mutation(step.request, Granted(answer=ProgressShown(wrong)), "OSU-PROGRESS")


def _history(step: Step) -> tuple[Attempt, ...] | None:
    answer = step.outcome.answer if isinstance(step.outcome, Granted) else None
    return answer.attempts if isinstance(answer, HistoryShown) else None


def _shown_history(step: Step, attempts: tuple[Attempt, ...]) -> Iterator[Mutation]:
    yield Mutation(step.request, Granted(answer=HistoryShown(attempts)), "OSU-HISTORY")


def sixth_entry(step: Step) -> Iterator[Mutation]:
    """A history of six attempts."""
    attempts = _history(step)
    if attempts:
        last = attempts[-1]
        more = tuple(evolve(last, started_at=last.started_at - number) for number in range(1, 7 - len(attempts)))
        yield from _shown_history(step, (*attempts, *more))


def old_entry(step: Step) -> Iterator[Mutation]:
    """A history with an attempt that ended more than two months ago."""
    attempts = _history(step)
    if attempts:
        ended = step.before.clock - 63 * DAY
        old = evolve(attempts[-1], started_at=ended - 600, ended_at=ended, status=RolloutStatus.COMPLETED)
        yield from _shown_history(step, (*attempts[:4], old))


def wrong_order(step: Step) -> Iterator[Mutation]:
    """A history that shows the oldest attempt first."""
    attempts = _history(step)
    if attempts and attempts[0].started_at != attempts[-1].started_at:
        yield from _shown_history(step, tuple(reversed(attempts)))


def entry_missing(step: Step) -> Iterator[Mutation]:
    """A history that leaves an attempt of the last days out."""
    attempts = _history(step)
    recent = attempts and (attempts[0].ended_at is None or step.before.clock - attempts[0].ended_at < 50 * DAY)
    if attempts and recent:
        yield from _shown_history(step, attempts[1:])


KINDS: Mapping[str, Maker] = {
    maker.__name__: maker
    for maker in (
        one_too_many,
        two_zones,
        two_update_domains,
        all_at_once,
        domain_left_unfinished,
        upgraded_again,
        over_overall_threshold,
        over_upgraded_threshold,
        begun_over_threshold,
        before_health,
        given_up_early,
        waited_too_long,
        before_the_pause,
        ended_early,
        batch_after_opting_out,
        batch_after_expired_credentials,
        begun_too_early,
        begun_too_late,
        held_back_image_rolled_out,
        restored_by_hand,
        left_unrestored,
        extensions_out_of_order,
        other_sku,
        data_disk_lost,
        other_publisher,
        unsupported_image_switched_on,
        released_before_the_phase_is_done,
        counts_that_do_not_sum,
        counts_moved,
        sixth_entry,
        old_entry,
        wrong_order,
        entry_missing,
    )
}
"""Every kind of wrong by its name."""
