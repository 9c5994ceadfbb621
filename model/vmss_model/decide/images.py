"""Images: which version a new OS disk is made from, and what publishers and operators do with versions."""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide.checks import Checks, refused, silent
from vmss_model.decide.triggers import follows_latest, retriggered, taking_part
from vmss_model.decisions import Decision
from vmss_model.events import Event, ExternalResourceChanged, ImagesChanged, ReleaseChanged
from vmss_model.images import LATEST, GalleryImage, ImageLine, ImageVersion, OsDisk, newest, version_key
from vmss_model.os_images import PlatformImage
from vmss_model.refusals import absent, not_allowed
from vmss_model.rollout import runs_older, stage_of
from vmss_model.rules import implements
from vmss_model.values import Provisioning, Stage
from vmss_model.world import Group, Instance, Release, World

STACK_REGION = "local"
"""Stands for the one place that an Azure Stack's images are available in."""


def disk_of_model(world: World, group: Group) -> OsDisk | None:
    """The OS disk that a new or upgraded instance gets now, or None where the image is not known."""
    image = group.profile.image if group.profile is not None else None
    if image is None:
        return None
    if image.version != LATEST:
        return OsDisk(image.line, image.version)
    found = newest(world.images.get(image.line, ()), image_region(world, group))
    return None if found is None else OsDisk(image.line, found)


def image_region(world: World, group: Group) -> str:
    """Where the versions have to be that the group may be given."""
    return STACK_REGION if world.edition.marketplace else group.region


@implements("STACK-LATEST", "STACK-REPLACE", "STACK-PINNED", "STACK-IDENTICAL")
def check_scale_out_image(checks: Checks, world: World, group: Group) -> None:
    """On an Azure Stack new instances need their image: the newest with `latest`, else the pinned version."""
    image = group.profile.image if group.profile is not None else None
    if not world.edition.marketplace or image is None:
        return
    available = [one.version for one in world.images.get(image.line, ())]
    if image.version == LATEST:
        checks.require(
            "STACK-REPLACE",
            bool(available),
            lambda: not_allowed(
                "STACK-REPLACE",
                f"No version of {image.line} is available: between deleting an image and downloading it again "
                "instances cannot be added.",
                image=str(image.line),
            ),
        )
        checks.shaped_by("STACK-LATEST", "STACK-IDENTICAL")
        return
    checks.require(
        "STACK-PINNED",
        image.version in available,
        lambda: not_allowed(
            "STACK-PINNED",
            f"Version {image.version} of {image.line} is not available any more, and the model names no other.",
            version=image.version,
            available=tuple(available),
        ),
    )


@implements("STACK-REPLACE")
def add_os_image(world: World, request: rq.AddOsImage) -> Decision:
    """The operator downloads a version: a newer one replaces the older, an equal one must be deleted first."""
    if not world.edition.marketplace:
        return _no_operator(world)
    checks = Checks(world)
    present = [one.version for one in world.images.get(request.image, ())]
    checks.shaped_by("STACK-MARKETPLACE")
    checks.require(
        "STACK-REPLACE",
        request.version not in present,
        lambda: not_allowed(
            "STACK-REPLACE",
            f"Version {request.version} of {request.image} is in use: delete it, then download it again.",
            version=request.version,
        ),
    )
    if not checks.passed:
        return checks.decision()
    if any(version_key(one) > version_key(request.version) for one in present):
        return silent("the documents do not say what downloading an older version than the one in use does")
    version = ImageVersion(request.version, frozenset({STACK_REGION}))
    return checks.decision(effect=lambda _: (ImagesChanged(request.image, (version,)),))


@implements("STACK-REPLACE")
def delete_os_image(world: World, request: rq.DeleteOsImage) -> Decision:
    """The operator deletes an image; until it is downloaded again no instance can be made from it."""
    if not world.edition.marketplace:
        return _no_operator(world)
    if request.image not in world.images:
        return refused(absent("image", request.image))
    checks = Checks(world)
    checks.shaped_by("STACK-REPLACE")
    return checks.decision(effect=lambda _: (ImagesChanged(request.image, ()),))


def _no_operator(world: World) -> Decision:
    return silent(f"edition {world.edition.name} has no marketplace operator")


def _speaks_of_publishing(world: World) -> bool:
    return world.edition.upgrades is not None and world.edition.upgrades.automatic is not None


def _no_publishing(world: World) -> Decision:
    return silent(f"edition {world.edition.name} does not speak of published image versions")


@implements("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "OSU-GALLERY")
def publish_image(world: World, request: rq.PublishImage) -> Decision:
    """A version is published: a gallery's with its replicas, a platform image's to no region yet."""
    if not _speaks_of_publishing(world):
        return _no_publishing(world)
    versions = world.images.get(request.line, ())
    if any(one.version == request.version for one in versions):
        return silent(f"version {request.version} of {request.line} is published already")
    in_gallery = isinstance(request.line, GalleryImage)
    if not in_gallery and not isinstance(request.line, PlatformImage):
        return silent("a custom image at a URI has no versions")
    if not in_gallery and (request.regions or request.excluded):
        return silent("a platform image reaches regions by its release, phase by phase")
    checks = Checks(world)
    if in_gallery:
        checks.shaped_by("OSU-GALLERY")
    version = ImageVersion(request.version, request.regions, request.excluded)
    return _with_versions(world, checks, request.line, (*versions, version))


@implements("OSU-GALLERY")
def replicate_image(world: World, request: rq.ReplicateImage) -> Decision:
    """A gallery's version becomes available in another region."""
    found = _version(world, request.line, request.version)
    if isinstance(found, Decision):
        return found
    checks = Checks(world)
    checks.shaped_by("OSU-GALLERY")
    changed = evolve(found, regions=found.regions | {request.region})
    return _with_versions(world, checks, request.line, _replaced(world, request.line, changed))


@implements("OSU-GALLERY")
def exclude_image(world: World, request: rq.ExcludeImage) -> Decision:
    """A gallery's version is excluded from latest, or taken in again."""
    found = _version(world, request.line, request.version)
    if isinstance(found, Decision):
        return found
    checks = Checks(world)
    checks.shaped_by("OSU-GALLERY")
    changed = evolve(found, excluded=request.excluded)
    return _with_versions(world, checks, request.line, _replaced(world, request.line, changed))


def _version(world: World, line: ImageLine, version: str) -> ImageVersion | Decision:
    if not _speaks_of_publishing(world):
        return _no_publishing(world)
    if not isinstance(line, GalleryImage):
        return silent("only a gallery's versions are replicated and excluded")
    found = next((one for one in world.images.get(line, ()) if one.version == version), None)
    return found if found is not None else refused(absent("image version", f"{line} {version}"))


def _replaced(world: World, line: ImageLine, changed: ImageVersion) -> tuple[ImageVersion, ...]:
    return tuple(changed if one.version == changed.version else one for one in world.images.get(line, ()))


def _with_versions(
    world: World, checks: Checks, line: ImageLine, versions: tuple[ImageVersion, ...], *more: Event
) -> Decision:
    """The versions change, and with them what the platform is about to roll out."""
    triggers = retriggered(checks, world, line, versions)
    return checks.decision(effect=lambda _: (*more, ImagesChanged(line, versions), *triggers))


@implements("OSU-REGIONS")
def release_image(world: World, request: rq.ReleaseImage) -> Decision:
    """The platform releases a version of a platform image to the regions of the next phase.

    The phase before must be done: its eligible instances run the version. The regions of a geo pair are
    in different phases, and never updated at the same time.
    """
    if not _speaks_of_publishing(world):
        return _no_publishing(world)
    versions = world.images.get(request.line, ())
    found = next((one for one in versions if one.version == request.version), None)
    if found is None:
        return refused(absent("image version", f"{request.line} {request.version}"))
    if not isinstance(request.line, PlatformImage):
        return silent("only platform images are released in phases")
    if not request.regions or request.regions & found.regions:
        return silent("a phase has regions that the version was not released to yet")
    checks = Checks(world)
    pairs = sorted(region for region in request.regions if world.geo_pairs.get(region) in request.regions)
    checks.require(
        "OSU-REGIONS",
        not pairs,
        lambda: not_allowed(
            "OSU-REGIONS",
            f"The regions {', '.join(pairs)} are geo pairs: they are never in the same phase.",
            regions=tuple(pairs),
        ),
    )
    behind = _behind(world, request.line, request.version, found.regions)
    checks.require(
        "OSU-REGIONS",
        not behind,
        lambda: not_allowed(
            "OSU-REGIONS",
            f"The phase before is not done: {', '.join(behind)} are not all at version {request.version}.",
            behind=tuple(behind),
        ),
    )
    if not checks.passed:
        return checks.decision()
    before = world.releases.get((request.line, request.version), Release())
    release = Release((*before.phases, request.regions))
    changed = evolve(found, regions=found.regions | request.regions)
    replaced = _replaced(world, request.line, changed)
    return _with_versions(world, checks, request.line, replaced, ReleaseChanged(request.line, request.version, release))


def _behind(world: World, line: ImageLine, version: str, regions: frozenset[str]) -> list[str]:
    """The groups of these regions with instances that are eligible for a version and were not upgraded successfully."""
    target = OsDisk(line, version)
    return [
        str(key)
        for key, group in sorted(world.groups.items())
        if group.region in regions
        and follows_latest(group, line)
        and any(_lags(group, one, target) for one in taking_part(group))
    ]


def _lags(group: Group, instance: Instance, target: OsDisk) -> bool:
    """Whether an instance runs something older, is still being upgraded, or failed to be."""
    if runs_older(instance, target) or instance.provisioning is not Provisioning.SUCCEEDED:
        return True
    rollout = group.rollout
    if rollout is None or rollout.target != target:
        return False
    return stage_of(rollout, instance) in (Stage.IN_PROGRESS, Stage.FAILED)


@implements("OSU-EXTERNAL")
def change_external_resource(world: World, request: rq.ChangeExternalResource) -> Decision:
    """A resource that models refer to goes away or comes back, which no document forbids."""
    checks = Checks(world)
    if _speaks_of_publishing(world):
        checks.shaped_by("OSU-EXTERNAL")
    return checks.decision(effect=lambda _: (ExternalResourceChanged(request.resource, request.available),))
