"""Section F, rollouts: begun by the platform or by hand, batch by batch, until all is done or it stops.

The automatic OS image upgrade, an upgrade started by hand and a rolling model update are one machine with
different parameters. What the documents give no moment for (when the next batch starts, once it may) is
the platform's to do at any time: each step of it is a request of its own, with its guards.
"""

from __future__ import annotations

from functools import partial

from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.batches import Batch
from vmss_model.choices import InRange, OneOf
from vmss_model.copying import evolve
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.images import disk_of_model, image_region
from vmss_model.decide.models import speaks_of_models, upgraded
from vmss_model.decide.os_upgrades import stale_references
from vmss_model.decisions import Decision, Picks, picked_int, picked_tuple
from vmss_model.editions import AutomaticUpgrades
from vmss_model.events import Event, InstanceChanged, RolloutBegan, RolloutChanged, RolloutEnded
from vmss_model.guards import (
    all_upgraded,
    batch_cap,
    batch_is_settled,
    history_holds,
    may_begin,
    may_show_attempt,
    overall_health_allows,
    pause_is_over,
    trigger_is_open,
    upgraded_health_allows,
    wait_is_over,
)
from vmss_model.images import LATEST, GalleryImage, is_newer, newest
from vmss_model.os_images import PlatformImage
from vmss_model.refusals import absent, not_allowed
from vmss_model.rollout import Attempt, RollingPolicy, Rollout, attempt_of, is_due, place_of, stage_of
from vmss_model.rules import implements
from vmss_model.values import Health, Invoker, Provisioning, RolloutKind, RolloutStatus, Stage, UpgradeMode
from vmss_model.world import Group, GroupKey, Instance, Profile, World

BEFORE_ROLLOUT = "MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade"
OVERALL = "MaxUnhealthyInstancePercentExceededInRollingUpgrade"
UPGRADED = "MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade"
CREDENTIALS = "ExpiredCredentials"
"""Why a rollout ends: the service's own error codes, but for the last, which no document names."""


# -- beginning -------------------------------------------------------------------------------------


@implements("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "OSU-OPT-OUT", "UPGRADE-ROLLING")
def begin_rollout(world: World, request: rq.BeginRollout) -> Decision:
    """The platform begins a rollout: of a changed model by policy Rolling, or of a newer image by itself."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    if speaks_of_models(world, group) is None:
        return silent(f"edition {world.edition.name} does not speak of rollouts on {group.kind.value}")
    if group.rollout is not None:
        return silent("a rollout is under way; the documents do not speak of a second one")
    checks = Checks(world)
    if group.upgrade_mode is UpgradeMode.ROLLING and group.census.newest_model < group.census.members:
        checks.shaped_by("UPGRADE-ROLLING")
        return _begun(checks, world, group, _model_rollout(world, group))
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is None:
        return silent(f"edition {world.edition.name} does not say when the platform begins a rollout by itself")
    checks.require(
        "OSU-OPT-OUT",
        group.os_upgrade,
        lambda: not_allowed("OSU-OPT-OUT", "Automatic OS image upgrades are switched off.", enabled=False),
    )
    if not checks.passed:
        return checks.decision()
    rollout = _image_rollout(world, group, automatic, Invoker.PLATFORM)
    if rollout is None or not any(is_due(rollout, member) for member in group.members.values()):
        return _nothing_to_roll_out(checks, world, group)
    _check_trigger(checks, world, group)
    checks.shaped_by("OSU-SKU")
    if isinstance(rollout.target and rollout.target.line, GalleryImage):
        checks.shaped_by("OSU-GALLERY")
    return _begun(checks, world, group, rollout)


def _check_trigger(checks: Checks, world: World, group: Group) -> None:
    trigger = group.trigger
    if trigger is None:
        checks.leave_open("the documents do not say when a rollout is tried again")
        return
    (rule,) = trigger.window.rules
    checks.require(
        rule,
        trigger_is_open(world.clock, trigger.earliest),
        lambda: not_allowed(
            rule,
            f"The rollout begins between second {trigger.earliest} and {trigger.latest} of the clock; "
            f"it is second {world.clock}.",
            clock=world.clock,
            earliest=trigger.earliest,
            latest=trigger.latest,
        ),
    )


@implements("OSU-GALLERY")
def _nothing_to_roll_out(checks: Checks, world: World, group: Group) -> Decision:
    """No newer version may be given to the group: because there is none, or because it may not be yet."""
    image = group.profile.image if group.profile is not None else None
    if image is not None and isinstance(image.line, GalleryImage):
        published = world.images.get(image.line, ())
        given = newest(published, image_region(world, group))
        held_back = [one for one in published if given is None or is_newer(one.version, given)]
        if held_back:
            checks.require(
                "OSU-GALLERY",
                False,
                lambda: not_allowed(
                    "OSU-GALLERY",
                    f"Version {held_back[-1].version} is not replicated to {group.region}, or excluded from latest.",
                    version=held_back[-1].version,
                    region=group.region,
                ),
            )
            if not checks.passed:
                return checks.decision()
    return silent("every instance that takes part runs the newest version already")


@implements("OSU-SKU")
def _image_rollout(world: World, group: Group, automatic: AutomaticUpgrades, by: Invoker) -> Rollout | None:
    """A rollout of the newest image that the group may be given; None where there is none."""
    own = _even_policy(automatic)
    rollout = _new_rollout(world, group, RolloutKind.OS_IMAGE, own)
    if rollout.target is None:
        return None
    if by is Invoker.USER:
        return rollout
    return evolve(rollout, started_by=by, policy=own, opted_in_from=group.opted_in_from, restores=True)


def _model_rollout(world: World, group: Group) -> Rollout:
    automatic = world.edition.automatic_upgrades(group.kind)
    return _new_rollout(world, group, RolloutKind.MODEL, None if automatic is None else _even_policy(automatic))


def _even_policy(automatic: AutomaticUpgrades) -> RollingPolicy:
    return RollingPolicy(*(automatic.percent,) * 3)


def _new_rollout(world: World, group: Group, kind: RolloutKind, default: RollingPolicy | None) -> Rollout:
    """A rollout as a caller starts one: it goes by the group's policy, or else the default, and restores no disk."""
    return Rollout(
        number=group.rollouts_begun + 1,
        kind=kind,
        target=disk_of_model(world, group),
        target_model=group.model_version,
        started_by=Invoker.USER,
        started_at=world.clock,
        policy=group.rolling or default,
        monitored=group.monitored,
        one_update_domain=group.profile is not None and group.profile.service_fabric is not None,
        ready_at=world.clock,
    )


@implements("OSU-START-MANUAL", "OSU-MANUAL-NO-RESTORE")
def start_rollout(world: World, request: rq.StartRollout) -> Decision:
    """A rollout of the newest image is started by hand; it passes over instances that run it already."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is None:
        return silent(f"edition {world.edition.name} does not speak of starting an OS upgrade by hand")
    if group.rollout is not None:
        return silent("a rollout is under way; the documents do not speak of a second one")
    checks = Checks(world)
    checks.shaped_by("OSU-START-MANUAL")
    if group.upgrade_mode is not UpgradeMode.ROLLING:
        checks.leave_open("recordings of 2017 refuse it unless the upgrade policy is Rolling; no document does")
    rollout = _image_rollout(world, group, automatic, Invoker.USER)
    if rollout is None:
        return silent("the newest version of the group's image is not known")
    return _begun(checks, world, group, rollout)


@implements("OSU-PRECHECK")
def _begun(checks: Checks, world: World, group: Group, rollout: Rollout) -> Decision:
    if rollout.policy is not None:
        unhealthy = group.census.unhealthy_for_gates(monitored=rollout.monitored)
        percent, members = rollout.policy.max_unhealthy_percent, group.census.members
        rule = gate_rule(world, group, "OSU-PRECHECK")
        checks.require(
            rule,
            may_begin(unhealthy, members, percent),
            lambda: evolve(
                not_allowed(
                    rule,
                    f"A rollout begins with at most {percent} percent of all instances unhealthy; "
                    f"{unhealthy} of {members} are.",
                    unhealthy=unhealthy,
                    instances=members,
                    percent=percent,
                ),
                code=BEFORE_ROLLOUT,
            ),
        )
    return checks.decision(effect=lambda _: (RolloutBegan(group.key, rollout),))


def gate_rule(world: World, group: Group, rule: str) -> str:
    """The rule that a step of a rollout is held against: that of S21U, or of the policy before there was it."""
    return rule if world.edition.automatic_upgrades(group.kind) is not None else "UPGRADE-ROLLING"


# -- batches ---------------------------------------------------------------------------------------


@implements("OSU-WAIT", "OSU-STOP-OVERALL", "OSU-STOP-UPGRADED", "OSU-DONE", "OSU-CREDENTIALS", "OSU-OPT-OUT")
def start_batch(world: World, request: rq.StartBatch) -> Decision:
    """The next batch gets its new OS disks, once the current one is settled and the gates let it pass."""
    found = _running(world, request.key)
    if isinstance(found, Decision):
        return found
    group, rollout = found
    checks = Checks(world)
    _check_between_batches(checks, world, group, rollout)
    _check_geo_pair(checks, world, group, rollout)
    counts = {"failed": rollout.progress.failed + rollout.relapsed, "upgraded": rollout.progress.upgraded}
    for rule, message in stops(world, group, rollout):
        checks.require(rule, False, partial(not_allowed, rule, message, instances=group.census.members, **counts))
    checks.require(
        gate_rule(world, group, "OSU-DONE"),
        rollout.progress.pending > 0,
        lambda: not_allowed(gate_rule(world, group, "OSU-DONE"), "No instance is left to upgrade.", pending=0),
    )
    if not checks.passed:
        return checks.decision()
    if not rollout.progress.pending:
        return silent("a batch without instances is no batch")
    if rollout.policy is not None:
        gates = ("OSU-STOP-UPGRADED", "OSU-STOP-OVERALL")
        checks.shaped_by(*(gate_rule(world, group, rule) for rule in gates))
    for missing in sorted(name for name in request.names or () if name not in group.members):
        return refused(absent("member", missing))
    return _batch_chosen(checks, world, group, rollout, request.names)


def _batch_chosen(
    checks: Checks, world: World, group: Group, rollout: Rollout, names: frozenset[str] | None
) -> Decision:
    """The batch itself: one that was named is held against the bounds, else it is the platform's choice."""
    batch = next_batch(world, group, rollout)
    if names is not None:
        for rule, message in batch.objections(names):
            refusal = partial(not_allowed, rule, f"Not a batch: {message}.", batch=tuple(sorted(names)), cap=batch.cap)
            checks.require(rule, False, refusal)
    elif not batch.is_possible():
        checks.require(
            "OSU-ZONES",
            False,
            lambda: not_allowed(
                "OSU-ZONES", f"The same update works in zone {batch.zone_taken}.", zone=batch.zone_taken
            ),
        )
    if not checks.passed:
        return checks.decision()
    if names is not None and not names:
        return silent("a batch without instances is no batch")
    checks.shaped_by(*batch.rules, gate_rule(world, group, "OSU-SWAP"))
    broken = batch.stays_in_place and bool(stale_references(world, group.profile or Profile()))
    if broken:
        checks.shaped_by("OSU-CREDENTIALS")

    def effect(picks: Picks) -> tuple[Event, ...]:
        chosen = names if names is not None else picked_tuple(picks, "batch")
        return _batch_started(world, group, rollout, tuple(sorted(map(str, chosen))), broken=broken)

    return checks.decision((batch,) if names is None else (), effect)


def _check_between_batches(checks: Checks, world: World, group: Group, rollout: Rollout) -> None:
    wait = gate_rule(world, group, "OSU-WAIT")
    in_progress = rollout.progress.in_progress
    checks.require(
        wait,
        batch_is_settled(in_progress),
        lambda: not_allowed(
            wait,
            f"{in_progress} instances of the current batch are neither healthy yet nor past the wait.",
            in_progress=in_progress,
        ),
    )
    checks.require(
        "UPGRADE-ROLLING",
        pause_is_over(world.clock, rollout.ready_at),
        lambda: not_allowed(
            "UPGRADE-ROLLING",
            f"The pause between batches lasts until second {rollout.ready_at} of the clock; it is {world.clock}.",
            clock=world.clock,
            ready_at=rollout.ready_at,
        ),
    )


@implements("OSU-REGIONS")
def _check_geo_pair(checks: Checks, world: World, group: Group, rollout: Rollout) -> None:
    """The platform never updates the two regions of a geo pair at the same time."""
    other = world.geo_pairs.get(group.region)
    if other is None or not _phased(rollout):
        return
    busy = [
        str(key)
        for key, one in sorted(world.groups.items())
        if one.region == other
        and one.rollout is not None
        and _phased(one.rollout)
        and one.rollout.target == rollout.target
        and one.rollout.progress.in_progress
    ]
    checks.require(
        "OSU-REGIONS",
        not busy,
        lambda: not_allowed(
            "OSU-REGIONS",
            f"The same update works on {', '.join(busy)} in {other} now, the geo pair of {group.region}.",
            region=group.region,
            busy=tuple(busy),
        ),
    )


def _phased(rollout: Rollout) -> bool:
    """Whether the platform brings a platform image, which reaches the regions in phases."""
    image = rollout.target.line if rollout.target is not None else None
    return rollout.started_by is Invoker.PLATFORM and isinstance(image, PlatformImage)


@implements("OSU-STOP-OVERALL", "OSU-STOP-UPGRADED", "OSU-CREDENTIALS", "OSU-OPT-OUT")
def stops(world: World, group: Group, rollout: Rollout) -> tuple[tuple[str, str], ...]:
    """Why no further batch may start: a rule and a sentence for each reason, the gravest first."""
    found: list[tuple[str, str]] = []
    disabled = world.edition.disabled
    policy = rollout.policy
    if rollout.error:
        found.append(("OSU-CREDENTIALS", f"The rollout failed: {rollout.error}."))
    if policy is not None:
        ill, upgraded_so_far = rollout.progress.failed + rollout.relapsed, _upgraded(world, group, rollout)
        percent = policy.max_unhealthy_upgraded_percent
        if not upgraded_health_allows(ill, upgraded_so_far, percent):
            found.append(
                (
                    gate_rule(world, group, "OSU-STOP-UPGRADED"),
                    f"{ill} of {upgraded_so_far} upgraded instances became unhealthy, more than {percent} percent.",
                )
            )
        unhealthy = group.census.unhealthy_for_gates(monitored=rollout.monitored)
        percent, members = policy.max_unhealthy_percent, group.census.members
        if not overall_health_allows(unhealthy, members, percent):
            found.append(
                (
                    gate_rule(world, group, "OSU-STOP-OVERALL"),
                    f"{unhealthy} of all {members} instances are unhealthy, more than {percent} percent.",
                )
            )
    if rollout.cancelled:
        found.append((gate_rule(world, group, "OSU-OPT-OUT"), "The rollout was cancelled or switched off."))
    return tuple((rule, message) for rule, message in found if rule not in disabled)


def _upgraded(world: World, group: Group, rollout: Rollout) -> int:
    """What the share of upgraded instances that became unhealthy is taken of (finding F9: so far, or all)."""
    return int(group.census.members if "F9" in world.edition.readings else rollout.progress.upgraded)


@implements("OSU-BATCH", "OSU-ZONES", "OSU-GROUP", "OSU-SF", "UPGRADE-ROLLING")
def next_batch(world: World, group: Group, rollout: Rollout) -> Batch:
    """The choice of the next batch's instances."""
    automatic = world.edition.automatic_upgrades(group.kind) is not None
    pending = {
        name: place_of(member) for name, member in group.members.items() if stage_of(rollout, member) is Stage.PENDING
    }
    members, policy = group.census.members, rollout.policy
    return Batch(
        pending=pending,
        instances=members,
        cap=len(pending) if policy is None else batch_cap(members, policy.max_batch_percent),
        size_rule="OSU-BATCH" if automatic else "UPGRADE-ROLLING",
        stays_in_place=automatic,
        spares_some=automatic and rollout.started_by is Invoker.PLATFORM,
        zone_taken=_zone_taken(world, group, rollout) if automatic else None,
        update_domain_begun=_domain_begun(rollout) if automatic else None,
    )


def _zone_taken(world: World, group: Group, rollout: Rollout) -> str | None:
    """The zone in which another group of the region is upgraded to the same image now, or None."""
    if not group.zones or rollout.target is None:
        return None
    for key, other in world.groups.items():
        under_way = other.rollout
        if (
            key != group.key
            and under_way is not None
            and under_way.progress.in_progress
            and under_way.batch_at is not None
            and under_way.batch_at[0] is not None
            and under_way.target == rollout.target
            and other.region == group.region
        ):
            return under_way.batch_at[0]
    return None


def _domain_begun(rollout: Rollout) -> int | None:
    if not rollout.one_update_domain or rollout.batch_at is None:
        return None
    begun = rollout.batch_at[1]
    return begun if any(domain == begun for _, domain in rollout.pending_at) else None


@implements("OSU-SWAP", "OSU-CREDENTIALS")
def _batch_started(
    world: World, group: Group, rollout: Rollout, names: tuple[str, ...], *, broken: bool
) -> tuple[Event, ...]:
    """Each instance gets a new OS disk; with expired credentials its extensions fail, and it with them."""
    place = place_of(group.members[names[0]])
    swaps = rollout.kind is RolloutKind.OS_IMAGE
    target = group if swaps and _still_names(group, rollout) else evolve(group, model_version=rollout.target_model)
    changes: dict[str, object] = {"batch_at": place, "batch_started_at": world.clock}
    if broken:
        changes["error"] = CREDENTIALS
    events: list[Event] = [RolloutChanged(group.key, changes)]
    for name in names:
        instance = upgraded(group.members[name], target, rollout.target, swaps=swaps)
        state, stage = (Provisioning.FAILED, Stage.FAILED) if broken else (Provisioning.UPDATING, Stage.IN_PROGRESS)
        events.append(
            InstanceChanged(group.key, evolve(instance, attempt=rollout.number, stage=stage, provisioning=state))
        )
    return tuple(events)


def _still_names(group: Group, rollout: Rollout) -> bool:
    """Whether the model, although it may have changed since the rollout began, still names the image it brings."""
    image = group.profile.image if group.profile is not None else None
    target = rollout.target
    return image is not None and target is not None and (image.line, image.version) == (target.line, LATEST)


# -- instances that do not become healthy ----------------------------------------------------------


@implements("OSU-RESTORE", "OSU-MANUAL-NO-RESTORE", "OSU-WAIT")
def restore_instance(world: World, request: rq.RestoreInstance) -> Decision:
    """An instance of an automatic upgrade that is not healthy in time gets its previous OS disk back.

    Whether that succeeds is open: the progress counts those that could not be restored.
    """
    found = _waited_for(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, rollout, instance = found
    checks = Checks(world)
    _check_waited(checks, world, group, rollout)
    rule = gate_rule(world, group, "OSU-MANUAL-NO-RESTORE")
    checks.require(
        rule,
        rollout.restores,
        lambda: not_allowed(
            rule,
            "A rollout that was started by hand restores no OS disk.",
            startedBy=rollout.started_by.value,
        ),
    )
    if not checks.passed:
        return checks.decision()
    checks.shaped_by("OSU-RESTORE")

    def effect(picks: Picks) -> tuple[Event, ...]:
        failed = evolve(instance, stage=Stage.FAILED)
        if not picks["restored"]:
            return (
                InstanceChanged(group.key, failed),
                RolloutChanged(group.key, {"not_restored": rollout.not_restored + 1}),
            )
        restored = evolve(
            failed,
            os_disk=instance.previous_os_disk,
            previous_os_disk=instance.os_disk,
            provisioning=Provisioning.SUCCEEDED,
            health=Health.UNKNOWN,
        )
        return (
            InstanceChanged(group.key, restored),
            RolloutChanged(group.key, {"restored": rollout.restored + 1}),
        )

    return checks.decision((OneOf("restored", (True, False), ("OSU-RESTORE", "OSU-PROGRESS")),), effect)


@implements("OSU-RESTORE", "OSU-WAIT", "OSU-MANUAL-NO-RESTORE")
def fail_instance(world: World, request: rq.FailInstance) -> Decision:
    """An instance of an upgrade started by hand that is not healthy in time counts as failed, as it is."""
    found = _waited_for(world, request.key, request.name)
    if isinstance(found, Decision):
        return found
    group, rollout, instance = found
    checks = Checks(world)
    _check_waited(checks, world, group, rollout)
    rule = gate_rule(world, group, "OSU-RESTORE")
    checks.require(
        rule,
        not rollout.restores,
        lambda: not_allowed(
            rule,
            "In an automatic upgrade an instance that is not healthy in time gets its previous OS disk back.",
            startedBy=rollout.started_by.value,
        ),
    )
    checks.shaped_by(gate_rule(world, group, "OSU-MANUAL-NO-RESTORE"))
    return checks.decision(effect=lambda _: (InstanceChanged(group.key, evolve(instance, stage=Stage.FAILED)),))


def _waited_for(world: World, key: GroupKey, name: str) -> tuple[Group, Rollout, Instance] | Decision:
    found = _running(world, key)
    if isinstance(found, Decision):
        return found
    group, rollout = found
    instance = group.members.get(name)
    if instance is None:
        return refused(absent("member", name))
    if stage_of(rollout, instance) is not Stage.IN_PROGRESS:
        return silent(f"{name} is not an instance that the rollout waits for")
    return group, rollout, instance


def _check_waited(checks: Checks, world: World, group: Group, rollout: Rollout) -> None:
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is None:
        checks.leave_open(f"edition {world.edition.name} does not say how long an upgrade waits for an instance")
        return
    waited, longest = world.clock - rollout.batch_started_at, automatic.wait
    checks.require(
        "OSU-WAIT",
        wait_is_over(waited, longest),
        lambda: not_allowed(
            "OSU-WAIT",
            f"An upgraded instance has {longest} seconds to become healthy; {waited} have passed.",
            waited=waited,
            longest=longest,
        ),
    )


# -- ending ----------------------------------------------------------------------------------------


@implements("OSU-DONE", "OSU-STOP-UPGRADED", "OSU-STOP-OVERALL", "OSU-CREDENTIALS", "OSU-HISTORY")
def end_rollout(world: World, request: rq.EndRollout) -> Decision:
    """The rollout ends with its batch: done once every instance is upgraded, or stopped by a gate."""
    found = _running(world, request.key)
    if isinstance(found, Decision):
        return found
    group, rollout = found
    checks = Checks(world)
    wait = gate_rule(world, group, "OSU-WAIT")
    progress = rollout.progress
    checks.require(
        wait,
        batch_is_settled(progress.in_progress),
        lambda: not_allowed(
            wait, "The rollout ends at the end of the current batch, not within it.", in_progress=progress.in_progress
        ),
    )
    reasons = stops(world, group, rollout)
    done = all_upgraded(progress.in_progress, progress.pending)
    rule = gate_rule(world, group, "OSU-DONE")
    checks.require(
        rule,
        bool(done or reasons or not batch_is_settled(progress.in_progress)),
        lambda: not_allowed(
            rule,
            f"{progress.pending} instances are left to upgrade and nothing stops the rollout: it goes on.",
            pending=progress.pending,
        ),
    )
    if not checks.passed:
        return checks.decision()
    status, error = _ending(world, group, rollout, bool(done))
    # What lets it end: that all is done, or the gates that stop it.
    checks.shaped_by(*((rule,) if done else tuple(rule for rule, _ in reasons)))
    if world.edition.automatic_upgrades(group.kind) is not None:
        checks.shaped_by("OSU-HISTORY")
    attempt = attempt_of(rollout, status, world.clock, error)
    return checks.decision(effect=lambda _: (RolloutEnded(group.key, attempt),))


def _ending(world: World, group: Group, rollout: Rollout, done: bool) -> tuple[RolloutStatus, str]:
    reasons = [rule for rule, _ in stops(world, group, rollout)]
    if rollout.error:
        return RolloutStatus.FAULTED, rollout.error
    policy = rollout.policy
    ill = rollout.progress.failed + rollout.relapsed
    if policy is not None and not upgraded_health_allows(
        ill, _upgraded(world, group, rollout), policy.max_unhealthy_upgraded_percent
    ):
        return RolloutStatus.FAULTED, UPGRADED
    if done:
        return RolloutStatus.COMPLETED, ""
    if rollout.cancelled:
        return RolloutStatus.CANCELLED, ""
    return RolloutStatus.FAULTED, OVERALL if reasons else ""


@implements("OSU-OPT-OUT", "ARM-ABSENT")
def cancel_rollout(world: World, request: rq.CancelRollout) -> Decision:
    """The rollout under way is cancelled: no further batch starts."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    if speaks_of_models(world, group) is None:
        return silent(f"edition {world.edition.name} does not speak of rollouts on {group.kind.value}")
    if group.rollout is None:
        return refused(
            evolve(
                absent("rolling upgrade of", request.key),
                code="OperationNotAllowed",
                message="There is no ongoing Rolling Upgrade to cancel.",
            )
        )
    checks = Checks(world)
    if group.rollout.started_by is Invoker.PLATFORM:
        checks.shaped_by("OSU-OPT-OUT")
    return checks.decision(effect=lambda _: (RolloutChanged(group.key, {"cancelled": True}),))


def _running(world: World, key: GroupKey) -> tuple[Group, Rollout] | Decision:
    group = world.groups.get(key)
    if group is None:
        return refused(absent("group", key))
    if group.rollout is None:
        return silent("no rollout is under way")
    return group, group.rollout


# -- reading ---------------------------------------------------------------------------------------


@implements("OSU-PROGRESS")
def get_progress(world: World, request: rq.GetProgress) -> Decision:
    """The rollout under way, or the last one that ended."""
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    shown = _latest(group)
    if shown is None:
        return refused(absent("rolling upgrade of", request.key))
    checks = Checks(world)
    if world.edition.automatic_upgrades(group.kind) is not None:
        checks.shaped_by("OSU-PROGRESS")
    return checks.decision(reply=lambda _: ProgressShown(shown))


def _latest(group: Group) -> Attempt | None:
    if group.rollout is not None:
        return attempt_of(group.rollout, RolloutStatus.ROLLING_FORWARD, None)
    return group.history[0] if group.history else None


@implements("OSU-HISTORY")
def get_history(world: World, request: rq.GetHistory) -> Decision:
    """The last attempts, newest first: at most five, none older than two months.

    Two months are 59 to 62 days; an attempt of that age may be shown or not.
    """
    group = world.groups.get(request.key)
    if group is None:
        return refused(absent("group", request.key))
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is None:
        return silent(f"edition {world.edition.name} does not speak of a history of OS upgrades")
    checks = Checks(world)
    checks.shaped_by("OSU-HISTORY")
    running = () if group.rollout is None else (attempt_of(group.rollout, RolloutStatus.ROLLING_FORWARD, None),)
    attempts = tuple(one for one in (*running, *group.history) if one.target is not None)
    most = sum(history_holds(place + 1, automatic.history_most) for place in range(len(attempts)))
    attempts = attempts[:most]
    counts = [
        sum(_within(world, one, age) for one in attempts)
        for age in (automatic.history_surely, automatic.history_longest)
    ]
    shown = InRange("shown", counts[0], counts[1], ("OSU-HISTORY",), "attempts")
    return checks.decision((shown,), reply=lambda picks: HistoryShown(attempts[: picked_int(picks, "shown")]))


def _within(world: World, attempt: Attempt, longest: int) -> bool:
    return attempt.ended_at is None or bool(may_show_attempt(world.clock - attempt.ended_at, longest))


__all__ = [
    "begin_rollout",
    "cancel_rollout",
    "end_rollout",
    "fail_instance",
    "get_history",
    "get_progress",
    "restore_instance",
    "start_batch",
    "start_rollout",
]
