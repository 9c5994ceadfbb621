"""Comparing what an implementation shows of its clock, its rollouts and its instances' models.

What is held against an answer is what a caller of the service can see: which image and model an instance
runs, how many instances stand where in a rollout, how attempts ended. Bookkeeping of the model's own (the
number of an attempt, the stage an instance stands at in it, the disk that an upgrade replaced) need not be
shown and is not compared. An instance whose upgrade is under way may have become healthy by itself since:
its provisioning and health are open then, and an instance in progress may be counted as successful.
"""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.answers import ClockShown, HeatCell, HeatMapShown, HistoryShown, ProgressShown
from vmss_model.choices import InRange
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decide.clock import deadlines
from vmss_model.decide.images import image_region
from vmss_model.decisions import Decision
from vmss_model.editions import AutomaticUpgrades
from vmss_model.evolve import evolve_all
from vmss_model.guards import history_holds, may_show_attempt, progress_sums
from vmss_model.images import GalleryImage, OsDisk, is_newer
from vmss_model.oracle.finding import Finding, conforms, unknown, violates
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import Attempt
from vmss_model.rules import implements
from vmss_model.values import Provisioning, RolloutStatus, Stage
from vmss_model.world import Group, Instance, World

# -- the clock -------------------------------------------------------------------------------------


@implements("OSU-WAIT", "OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER")
def follow_clock(world: World, request: rq.AdvanceClock, shown: ClockShown) -> tuple[World, Finding]:
    """The world at the time that an implementation shows, and whether its clock may have gone there.

    It violates the rules of each deadline that it went past although what they want was not done. Where it
    stopped earlier than it had to is no document's matter.
    """
    there = shown.clock
    if there < world.clock:
        return world, unknown("time does not run backwards")
    late = there > world.clock + request.seconds
    at, held = world, list[str]()
    while at.clock < there:
        decision = decide(at, rq.AdvanceClock(there - at.clock))
        assert decision.grant is not None
        after = evolve_all(at, decision.grant.events({}))
        held.extend(decision.held)
        if after.clock == at.clock:
            return evolve(at, clock=there), _passed(at, there)
        at = after
    if late:
        return at, unknown(f"the clock went on by more than the {request.seconds} seconds asked for")
    expected = decide(world, request)
    reply = expected.grant.reply({}) if expected.grant is not None else None
    if isinstance(reply, ClockShown) and there < reply.clock:
        return at, unknown("the clock stopped although nothing had to be done then")
    held.extend(expected.held)
    if not held:
        return at, unknown("no rule speaks of this moment")
    return at, conforms(*held, expected="time stops where something has to be done", seen=f"second {there}")


def _passed(world: World, there: int) -> Finding:
    due = [one for one in deadlines(world) if one.blocks and one.at <= world.clock]
    what = "; ".join(one.what for one in due)
    return violates(
        *(rule for one in due for rule in one.rules),
        expected=f"at second {world.clock} of the clock: {what}",
        seen=f"it was not done, and it is second {there}",
        nearest=f"do it by second {world.clock}",
    )


# -- instances -------------------------------------------------------------------------------------

Objection = tuple[tuple[str, ...], str, str]
"""The rules that a shown instance breaks (where others than those of the read do), what was expected, what was seen."""


@implements("OSU-SWAP", "OSU-SKU", "OSU-RESTORE", "OSU-MANUAL-NO-RESTORE", "OSU-GALLERY")
def model_objection(
    world: World, group: Group | None, believed: Instance, shown: Instance, *, ordered: bool
) -> Objection | None:
    """What a shown instance has otherwise than its model, its upgrades and their outcome made it; None: nothing.

    A model version of 0 and an OS disk that is None are not shown. `ordered`: the order of its extensions is
    known.
    """
    automatic = None if group is None else world.edition.automatic_upgrades(group.kind)
    swap = () if automatic is None else ("OSU-SWAP",)
    if shown.data_disks != believed.data_disks:
        return (
            swap if believed.previous_os_disk is not None else (),
            f"{believed.data_disks} data disks",
            f"{shown.data_disks} data disks",
        )
    if believed.os_disk is not None and shown.os_disk is not None and shown.os_disk != believed.os_disk:
        rules = () if group is None or automatic is None else _disk_rules(world, group, believed, shown.os_disk)
        return rules, f"an OS disk of {believed.os_disk}", f"one of {shown.os_disk}"
    if 0 not in (believed.model_version, shown.model_version) and shown.model_version != believed.model_version:
        return (), f"version {believed.model_version} of the model", f"version {shown.model_version}"
    if is_in_flight(believed):
        return None
    if shown.provisioning is not believed.provisioning:
        return (), f"provisioning {believed.provisioning.value}", shown.provisioning.value
    order_shown = bool(shown.provisioned and believed.provisioned) and ordered
    if order_shown and shown.provisioned != believed.provisioned:
        return swap, f"extensions {', '.join(believed.provisioned)}", ", ".join(shown.provisioned)
    return None


def is_in_flight(instance: Instance) -> bool:
    """Whether an upgrade of an instance is under way, so that it changes by itself."""
    return instance.provisioning is Provisioning.UPDATING or instance.stage is Stage.IN_PROGRESS


def _disk_rules(world: World, group: Group, believed: Instance, shown: OsDisk) -> tuple[str, ...]:
    """The rules that a wrong OS disk breaks, by what it is."""
    assert believed.os_disk is not None
    rules: list[str] = []
    was, now = believed.os_disk.line, shown.line
    if isinstance(was, PlatformImage) and isinstance(now, PlatformImage) and was != now:
        rules.append("OSU-SKU" if (was.publisher, was.offer) == (now.publisher, now.offer) else "PUBLISHER-OFFER-FIXED")
    if _is_held_back(world, group, shown):
        rules.append("OSU-GALLERY")
    if believed.stage is Stage.FAILED and shown == believed.previous_os_disk and not rules:
        # Of an instance that was restored, the disk before is the newer one: that of the upgrade that failed.
        restored = is_newer(shown.version, believed.os_disk.version)
        rules.append("OSU-RESTORE" if restored else "OSU-MANUAL-NO-RESTORE")
    return tuple(rules)


def _is_held_back(world: World, group: Group, disk: OsDisk) -> bool:
    """Whether a gallery's version may not be given to a group: not replicated to its region, or excluded."""
    if not isinstance(disk.line, GalleryImage):
        return False
    found = next((one for one in world.images.get(disk.line, ()) if one.version == disk.version), None)
    return found is None or found.excluded or image_region(world, group) not in found.regions


# -- rollouts --------------------------------------------------------------------------------------


@implements("OSU-PROGRESS", "OSU-DONE")
def compare_progress(world: World, group: Group, decision: Decision, shown: ProgressShown) -> Finding:
    """How the latest rollout stands, against how it is believed to."""
    assert decision.grant is not None
    expected = decision.grant.reply({})
    assert isinstance(expected, ProgressShown)
    believed, seen = expected.attempt, shown.attempt
    problem = _attempt_problem(world, group, believed, seen)
    if not decision.held:
        return unknown(f"edition {world.edition.name} does not speak of a rollout's progress")
    if problem is None:
        return conforms(*decision.held, expected=_text(believed), seen=_text(seen))
    return violates(
        *problem, *decision.held, expected=_text(believed), seen=_text(seen), nearest=f"show {_text(believed)}"
    )


def _attempt_problem(world: World, group: Group, believed: Attempt, seen: Attempt) -> tuple[str, ...] | None:
    """The rules that an attempt shown otherwise than believed breaks beside those of the read; None: it is the same."""
    was, now = believed.progress, seen.progress
    counts = (now.successful, now.failed, now.in_progress, now.pending)
    if min(counts) < 0 or not progress_sums(*counts, was.scope):
        return ("OSU-PROGRESS",)
    if seen.status is RolloutStatus.COMPLETED and now.pending + now.in_progress:
        return ("OSU-DONE",)
    # While it runs an instance in progress may have become successful by itself.
    moved = now.successful - was.successful
    if now.pending != was.pending or now.failed != was.failed or moved < 0 or (moved and believed.ended_at is not None):
        return ()
    if believed.target is not None and seen.target is not None and seen.target != believed.target:
        return _target_rules(world, group, believed.target, seen.target)
    same = (
        seen.status is believed.status
        and seen.started_by is believed.started_by
        and seen.started_at == believed.started_at
        and seen.ended_at == believed.ended_at
        and (seen.restored, seen.not_restored) == (believed.restored, believed.not_restored)
    )
    return None if same else ()


def _target_rules(world: World, group: Group, was: OsDisk, now: OsDisk) -> tuple[str, ...]:
    if isinstance(was.line, PlatformImage) and isinstance(now.line, PlatformImage) and was.line != now.line:
        return ("OSU-SKU",)
    return ("OSU-GALLERY",) if _is_held_back(world, group, now) else ()


def _text(attempt: Attempt) -> str:
    progress = attempt.progress
    return (
        f"{attempt.status.value} by {attempt.started_by.value} from second {attempt.started_at}"
        f"{'' if attempt.ended_at is None else f' to {attempt.ended_at}'}: {progress.successful} successful, "
        f"{progress.failed} failed, {progress.in_progress} in progress, {progress.pending} pending, "
        f"{attempt.restored} restored, {attempt.not_restored} not restored, target {attempt.target}"
    )


@implements("OSU-HISTORY")
def compare_history(
    world: World, group: Group, automatic: AutomaticUpgrades, decision: Decision, shown: HistoryShown
) -> Finding:
    """The history of OS upgrades: within its bounds, newest first, and what was attempted."""
    assert decision.grant is not None
    (choice,) = decision.grant.choices
    assert isinstance(choice, InRange)
    everything = decision.grant.reply({choice.name: choice.highest})
    assert isinstance(everything, HistoryShown)
    problem = _history_problem(world, automatic, shown.attempts)
    if not problem and not choice.allows(len(shown.attempts)):
        problem = f"{len(shown.attempts)} attempts are shown"
    expected = f"{choice.lowest} to {choice.highest} attempts, newest first: " + "; ".join(
        map(_text, everything.attempts)
    )
    if problem:
        return violates("OSU-HISTORY", expected=expected, seen=problem, nearest=f"show {expected}")
    for believed, seen in zip(everything.attempts, shown.attempts, strict=False):
        rules = _attempt_problem(world, group, believed, seen)
        if rules is not None:
            return violates(
                *rules,
                "OSU-HISTORY",
                expected=_text(believed),
                seen=_text(seen),
                nearest=f"show {_text(believed)}",
            )
    return conforms("OSU-HISTORY", expected=expected, seen=f"{len(shown.attempts)} attempts")


def _history_problem(world: World, automatic: AutomaticUpgrades, attempts: tuple[Attempt, ...]) -> str:
    """What of the attempts is beyond the history's bounds, whatever happened; empty where nothing is."""
    if not history_holds(len(attempts), automatic.history_most):
        return f"{len(attempts)} attempts, more than {automatic.history_most}"
    for one in attempts:
        if one.ended_at is not None and not may_show_attempt(world.clock - one.ended_at, automatic.history_longest):
            return f"an attempt that ended {world.clock - one.ended_at} seconds ago, which is more than two months"
    starts = [one.started_at for one in attempts]
    return "the attempts are not shown newest first" if starts != sorted(starts, reverse=True) else ""


def compare_heat_map(expected: HeatMapShown, shown: HeatMapShown) -> bool:
    """Whether a heat map has the same rows and cells, each in the same state; one that is upgrading may be in any."""
    if shown.by != expected.by or len(shown.rows) != len(expected.rows):
        return False
    return all(
        domain == other and len(cells) == len(others) and all(map(_same_cell, cells, others))
        for (domain, cells), (other, others) in zip(expected.rows, shown.rows, strict=True)
    )


def _same_cell(believed: HeatCell, shown: HeatCell) -> bool:
    return shown.name == believed.name and believed.state in (shown.state, "upgrading")
