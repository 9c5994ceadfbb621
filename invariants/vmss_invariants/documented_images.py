"""What S18 and S21U refuse about releases of images, stated a second time.

As in `documented`: the numbers stand here once more, the members are counted once more, and no guard of the model is
called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmss_invariants.documented_rollouts import pair_is_busy
from vmss_invariants.documented_versions import LATEST, number_of
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.os_images import PlatformImage
from vmss_model.values import Provisioning, Stage
from vmss_model.world import Group, Instance, Profile


def _released_too_soon(step: Step) -> bool:
    request, world = step.request, step.before
    if isinstance(request, rq.StartBatch):
        return pair_is_busy(step)
    if not isinstance(request, rq.ReleaseImage) or not isinstance(request.line, PlatformImage):
        return False
    found = [one for one in world.images.get(request.line, ()) if one.version == request.version]
    if not found or not request.regions or request.regions & found[0].regions:
        return False
    paired = any(world.geo_pairs.get(region) in request.regions for region in request.regions)
    return paired or any(_lags(group, request, found[0].regions) for group in world.groups.values())


def _lags(group: Group, request: rq.ReleaseImage, regions: frozenset[str]) -> bool:
    image = group.profile.image if group.profile is not None else None
    if image is None or image.line != request.line or image.version != LATEST:
        return False
    if not group.os_upgrade or group.region not in regions:
        return False
    return any(
        one.model_version >= group.opted_in_from
        and (
            one.os_disk is None
            or one.provisioning is not Provisioning.SUCCEEDED
            or one.os_disk.line != request.line
            or number_of(one.os_disk.version) < number_of(request.version)
            or _is_unfinished(group, one, request)
        )
        for one in group.members.values()
    )


def _is_unfinished(group: Group, one: Instance, request: rq.ReleaseImage) -> bool:
    """Whether the rollout of the version has begun with an instance, and has not succeeded with it."""
    rollout = group.rollout
    if rollout is None or rollout.target is None or one.attempt != rollout.number:
        return False
    brought = (rollout.target.line, rollout.target.version) == (request.line, request.version)
    return brought and one.stage in (Stage.IN_PROGRESS, Stage.FAILED)


def _grows(step: Step) -> Profile | None:
    """The model that a request makes new instances from on an Azure Stack, or None where it makes none."""
    request, group = step.request, step.group_before
    if isinstance(request, rq.CreateGroup):
        return request.profile if request.capacity > 0 else None
    if group is None:
        return None
    if isinstance(request, rq.SetCapacity | rq.Autoscale) and request.capacity > len(group.members):
        return group.profile
    return None


def _no_image(step: Step) -> bool:
    request = step.request
    if isinstance(request, rq.AddOsImage):
        return any(one.version == request.version for one in step.before.images.get(request.image, ()))
    profile = _grows(step)
    image = profile.image if profile is not None else None
    return image is not None and image.version == LATEST and not step.before.images.get(image.line, ())


def _pinned_and_gone(step: Step) -> bool:
    profile = _grows(step)
    image = profile.image if profile is not None else None
    if image is None or image.version == LATEST:
        return False
    return all(one.version != image.version for one in step.before.images.get(image.line, ()))


REFUSES_IMAGES: Mapping[str, Callable[[Step], bool]] = MappingProxyType(
    {
        "OSU-REGIONS": _released_too_soon,
        "STACK-REPLACE": _no_image,
        "STACK-PINNED": _pinned_and_gone,
    }
)
"""When each rule about releases, and about images of an Azure Stack, refuses."""
