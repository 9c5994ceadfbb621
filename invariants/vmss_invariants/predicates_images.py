"""What holds of images: when they are rolled out, where they are released, and what new instances run.

Each predicate answers None, or one sentence that says what is broken; `concerns_*` functions say of which steps it
speaks at all. The documents' numbers stand here a second time, on purpose.
"""

from __future__ import annotations

from vmss_invariants.describing import in_words
from vmss_invariants.documented_versions import VersionNumber, number_of
from vmss_invariants.predicates_rollout_world import WAIT, flies
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.images import ImageLine, ImageReference
from vmss_model.values import Invoker, Provisioning, Stage
from vmss_model.world import Group, Instance, World

MINUTE = 60
"""Seconds."""
FIRST_WINDOW = (0, 3 * 60 * MINUTE)
"""When a group's first rollout begins after what opens it: the earliest, and the latest (seconds)."""
LATER_WINDOW = (30 * MINUTE, 60 * MINUTE)
"""When every other one begins."""


# -- windows and deadlines -------------------------------------------------------------------------


def concerns_new_windows(step: Step) -> bool:
    """Steps that open a window for a group's next rollout."""
    return any(old.trigger != new.trigger and new.trigger is not None for old, new in step.survivors)


def windows_are_as_documented(step: Step) -> str | None:
    """A group's first rollout begins within 3 hours, every other one 30 to 60 minutes after it became possible."""
    for old, new in step.survivors:
        if old.trigger == new.trigger or new.trigger is None:
            continue
        window = (new.trigger.window.lowest - step.before.clock, new.trigger.window.highest - step.before.clock)
        expected = LATER_WINDOW if old.first_rollout_begun else FIRST_WINDOW
        if window != expected:
            seconds = f"{window[0]} to {window[1]} seconds from now, not {expected[0]} to {expected[1]}"
            return f"the window of {new.key} is {seconds}"
    return None


def concerns_newer_images(step: Step) -> bool:
    """Steps after which a newer image is available to a group that follows it and has somebody to upgrade."""
    return bool(_made_due(step))


def _made_due(step: Step) -> list[Group]:
    publishing = (rq.PublishImage, rq.ReleaseImage, rq.ReplicateImage, rq.ExcludeImage)
    if not isinstance(step.request, publishing) or not step.granted:
        return []
    before, after = (_newest_in_regions(world, step.request.line) for world in (step.before, step.after))
    return [
        group
        for group in step.after.groups.values()
        if _follows(group, step.request.line)
        and (number := after.get(group.region)) is not None
        and number > before.get(group.region, ())
        and group.rollout is None
    ]


def _follows(group: Group, line: ImageLine) -> bool:
    image = group.profile.image if group.profile is not None else None
    return group.os_upgrade and image is not None and (image.line, image.version) == (line, "latest")


def _newest_in_regions(world: World, line: ImageLine) -> dict[str, VersionNumber]:
    newest: dict[str, VersionNumber] = {}
    for one in world.images.get(line, ()):
        for region in one.regions if not one.excluded else ():
            newest[region] = max(newest.get(region, ()), number_of(one.version))
    return newest


def newer_images_are_rolled_out(step: Step) -> str | None:
    """A newer image that becomes available to a group opens a window for its next rollout, at the latest."""
    for group in _made_due(step):
        if group.trigger is None:
            return f"a newer image is available to {group.key} and no rollout is about to begin"
    return None


def concerns_time(step: Step) -> bool:
    """Time that goes on while a rollout is under way or about to begin."""
    if not isinstance(step.request, rq.AdvanceClock) or not step.granted:
        return False
    return any(one.rollout is not None or one.trigger is not None for one in step.before.groups.values())


def clock_passes_no_deadline(step: Step) -> str | None:
    """Time never passes the end of a wait, nor that of a window while the rollout can begin, before it happened."""
    before, after = step.before.clock, step.after.clock
    for key, group in step.before.groups.items():
        if group.rollout is not None:
            ends = group.rollout.batch_started_at + WAIT
            if flies(group) and after > max(before, ends):
                return f"it is {after}, and instances of {key} were to be healthy or to have failed by {ends}"
            continue
        if group.trigger is None:
            continue
        ends = max(before, group.trigger.window.highest)
        then = evolve(step.before, clock=ends)
        if after > ends and decide(then, rq.BeginRollout(key)).grant is not None:
            return f"it is {after}, and the rollout of {key} was to begin by {ends}"
    return None


# -- releases --------------------------------------------------------------------------------------


def phases_part_geo_pairs(world: World) -> str | None:
    """A version is released to a region once, and never to both regions of a geo pair in one phase."""
    for (line, version), release in world.releases.items():
        regions = [region for phase in release.phases for region in phase]
        if len(set(regions)) < len(regions):
            return f"version {version} of {line} was released to {in_words(regions)}"
        for phase in release.phases:
            pairs = sorted(region for region in phase if world.geo_pairs.get(region) in phase)
            if pairs:
                return f"version {version} of {line} was released to the geo pair {in_words(pairs)} at once"
    return None


def concerns_releases(step: Step) -> bool:
    """Releases to a further phase."""
    return isinstance(step.request, rq.ReleaseImage) and step.granted


def phases_wait_for_the_last(step: Step) -> str | None:
    """A phase begins only once everybody eligible in the regions before it runs the version, and is done with it."""
    assert isinstance(step.request, rq.ReleaseImage)
    line, version = step.request.line, number_of(step.request.version)
    before = step.before.releases.get((line, step.request.version))
    regions = {region for phase in before.phases for region in phase} if before is not None else set()
    for group in step.before.groups.values():
        if group.region not in regions or not _follows(group, line):
            continue
        for name, one in sorted(group.members.items()):
            disk = one.os_disk
            older = disk is None or disk.line != line or number_of(disk.version) < version
            if one.model_version < group.opted_in_from:
                continue
            if older:
                return f"{in_words(step.request)} although {name} of {group.key} runs {in_words(disk)}"
            if _is_at_work(group, one, step.request):
                return f"{in_words(step.request)} although {name} of {group.key} was not upgraded successfully"
    return None


def _is_at_work(group: Group, one: Instance, request: rq.ReleaseImage) -> bool:
    """Whether an instance is being upgraded, or failed to be by the rollout of the version that is under way."""
    rollout, here = group.rollout, (Stage.IN_PROGRESS, Stage.FAILED)
    target = None if rollout is None else rollout.target
    brought = target is not None and (target.line, target.version) == (request.line, request.version)
    mine = rollout is not None and one.attempt == rollout.number and one.stage in here
    return one.provisioning is not Provisioning.SUCCEEDED or (brought and mine)


# -- the images of an Azure Stack ------------------------------------------------------------------


def concerns_stack_arrivals(step: Step) -> bool:
    """New instances of a group on an Azure Stack whose model names an image."""
    return bool(step.joined) and _image(step.group_after) is not None


def _image(group: Group | None) -> ImageReference | None:
    return group.profile.image if group is not None and group.profile is not None else None


def new_instances_run_what_is_there(step: Step) -> str | None:
    """A new instance runs the newest version there is, or the one its model names, which is there."""
    group, image = step.group_after, _image(step.group_after)
    assert group is not None
    assert image is not None
    there = [one.version for one in step.before.images.get(image.line, ())]
    newest = max(there, key=number_of, default=None)
    expected = newest if image.version == "latest" else image.version
    for name in step.joined:
        disk = group.members[name].os_disk
        if disk is None or disk.line != image.line or disk.version != expected or expected not in there:
            runs = f"new instance {name} of {step.key} runs {in_words(disk)}"
            return f"{runs}, the model names {image}, there are {in_words(there)}"
    return None


def concerns_stack_growth(step: Step) -> bool:
    """Attempts to scale out on an Azure Stack while the image that the model names is not there."""
    group = step.group_before
    image = _image(group)
    if not isinstance(step.request, rq.SetCapacity) or group is None or image is None:
        return False
    there = [one.version for one in step.before.images.get(image.line, ())]
    missing = not there if image.version == "latest" else image.version not in there
    return missing and step.request.capacity > len(group.members)


def no_growth_without_the_image(step: Step) -> str | None:
    """Between deleting an image and downloading it again nothing is scaled out."""
    return f"{in_words(step.request)} was granted without the image" if step.granted else None


def older_instances_stay(step: Step) -> str | None:
    """What the operator does with images touches no instance that there is."""
    return "an operator's image changed groups" if step.after.groups != step.before.groups else None


def concerns_operators_images(step: Step) -> bool:
    """Images that the operator downloads or deletes, while there are groups."""
    return isinstance(step.request, rq.AddOsImage | rq.DeleteOsImage) and step.granted and bool(step.before.groups)


def first_window_comes_once(_world: World, group: Group) -> str | None:
    """Only before the platform's first rollout of a group is there the window of a first one."""
    if group.trigger is None:
        return None
    first = "OSU-TRIGGER-FIRST" in group.trigger.window.rules
    seen = [one.started_by for one in group.history if one.target is not None]
    if group.rollout is not None:
        seen.append(group.rollout.started_by)
    if first and Invoker.PLATFORM in seen:
        return f"{group.key} has the window of a first rollout after its first one"
    # The history forgets: only where every rollout that ever began is there, none of the platform's is missing.
    all_seen = len(group.history) + (group.rollout is not None) == group.rollouts_begun
    if not first and all_seen and Invoker.PLATFORM not in seen:
        return f"{group.key} has the window of a later rollout before its first one"
    return None
