"""Where rules speak that only shape what is granted, stated a second time: what must be granted, naming them.

A model that falls silent where the documents speak, or grants without saying why, is noticed by this page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmss_invariants.documented_changes import configured
from vmss_invariants.documented_gaps import patches_a_member
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.os_images import PlatformImage
from vmss_model.values import UNCHANGED, Action, GroupKind, HealthSource, Power, UpgradeMode
from vmss_model.world import Group, Profile

_UPGRADES = ("2017-05", "2021-02", "2021-07")
_AUTOMATIC = "2021-07"
_STACK = "2018-06-stack"


def _uniform(step: Step, *editions: str) -> Group | None:
    """The Uniform group that is asked about, in one of these editions."""
    group = step.group_before
    known = group is not None and group.kind is GroupKind.UNIFORM and step.before.edition.name in editions
    return group if known else None


def _asks(step: Step, request: type[rq.Request], *editions: str) -> Group | None:
    return _uniform(step, *editions) if isinstance(step.request, request) else None


def _changes_model(step: Step) -> bool:
    """Whether the model of a group is asked to be another."""
    request, group = step.request, _uniform(step, *_UPGRADES)
    if group is None or not isinstance(request, rq.UpdateGroup):
        return False
    profile = group.profile or Profile()
    pairs = (
        (request.image, profile.image),
        (request.extensions, profile.extensions),
        (request.external, profile.external),
        (request.automatic_updates, profile.automatic_updates),
    )
    return any(asked is not UNCHANGED and asked != has for asked, has in pairs)


def _changes_image(step: Step) -> bool:
    request, group = step.request, _uniform(step, "2017-05")
    if group is None or not isinstance(request, rq.UpdateGroup) or request.image is UNCHANGED:
        return False
    return request.image != (group.profile or Profile()).image


def _patches_inside(step: Step) -> bool:
    return _asks(step, rq.PatchInGuest, "2017-05") is not None and patches_a_member(step)


def _mode_after(step: Step) -> UpgradeMode | None:
    group = step.group_before
    assert group is not None
    assert isinstance(step.request, rq.UpdateGroup)
    asked = step.request.upgrade_mode
    return group.upgrade_mode if asked is UNCHANGED else asked


def _by_policy(mode: UpgradeMode) -> Callable[[Step], bool]:
    return lambda step: _changes_model(step) and _mode_after(step) is mode


def _upgrades_by_call(step: Step) -> bool:
    group, request = _asks(step, rq.UpgradeInstances, *_UPGRADES), step.request
    if group is None or not isinstance(request, rq.UpgradeInstances):
        return False
    return all(name in group.members for name in request.names or ())


def _plans_without_downtime(step: Step) -> bool:
    """A plan that names each member once, none of its steps all that run, in a group of members all behind."""
    group, request = _asks(step, rq.PlanRollout, "2017-05"), step.request
    if group is None or not isinstance(request, rq.PlanRollout) or not step.granted:
        return False
    running = {name for name, one in group.members.items() if one.power is Power.RUNNING}
    return all(not running or not running <= names for names in request.steps)


def _switched_on(step: Step) -> bool:
    """Automatic upgrades switched on for a Uniform group, by its creation or later."""
    if step.before.edition.name != _AUTOMATIC:
        return False
    if isinstance(step.request, rq.CreateGroup):
        new = step.request.key not in step.before.groups
        return new and step.request.os_upgrade and step.request.kind is GroupKind.UNIFORM
    asks = isinstance(step.request, rq.UpdateGroup) and step.request.os_upgrade is True
    return asks and _uniform(step, _AUTOMATIC) is not None


def _with_policy_manual(step: Step) -> bool:
    if not _switched_on(step):
        return False
    if isinstance(step.request, rq.CreateGroup):
        return step.request.upgrade_mode is UpgradeMode.MANUAL
    return _mode_after(step) is UpgradeMode.MANUAL


def _sampled_every(step: Step) -> int | None:
    """How often the health probe samples on which automatic upgrades rely that are asked for (seconds), or None."""
    request = step.request
    if step.before.edition.name != _AUTOMATIC:
        return None
    if isinstance(request, rq.CreateGroup) and request.key in step.before.groups:
        return None
    asked = configured(step)
    return asked.profile.probe_interval if asked is not None and asked.source is HealthSource.PROBE else None


def _probed(step: Step) -> bool:
    """Asked for with a health probe of which the interval is known."""
    return _sampled_every(step) is not None


def _switched_off(step: Step) -> bool:
    asks = isinstance(step.request, rq.UpdateGroup) and step.request.os_upgrade is False
    return asks and _uniform(step, _AUTOMATIC) is not None


def _grows_on_a_stack(step: Step, *, latest: bool) -> bool:
    request, group = step.request, _uniform(step, _STACK)
    if group is None or not isinstance(request, rq.SetCapacity) or request.capacity <= len(group.members):
        return False
    image = group.profile.image if group.profile is not None else None
    known = image is not None and isinstance(image.line, PlatformImage)
    return known and image is not None and (image.version == "latest") is latest


def _reads_member(step: Step) -> bool:
    group, request = step.group_before, step.request
    explicit = (
        group is not None and group.kind in EXPLICIT_KINDS and step.before.edition.name in ("2021-02", _AUTOMATIC)
    )
    return explicit and isinstance(request, rq.GetInstance) and group is not None and request.name in group.members


def _acts_on_made_members(step: Step) -> bool:
    """A power operation on members of a group that makes them, all of them there."""
    group, request = step.group_before, step.request
    if group is None or group.kind in EXPLICIT_KINDS or not isinstance(request, rq.ActOnGroup):
        return False
    return request.action is not Action.DELETE and all(name in group.members for name in request.names or ())


def _cancels_nothing(step: Step) -> bool:
    group = _asks(step, rq.CancelRollout, *_UPGRADES)
    return group is not None and group.rollout is None


SPEAKS: Mapping[str, Callable[[Step], bool]] = MappingProxyType(
    {
        "MODEL-VERSION": _changes_model,
        "UPGRADE-KIND": lambda step: _changes_image(step) or _patches_inside(step),
        "UPGRADE-MANUAL": lambda step: _upgrades_by_call(step) or _by_policy(UpgradeMode.MANUAL)(step),
        "UPGRADE-AUTOMATIC": _by_policy(UpgradeMode.AUTOMATIC),
        "UPGRADE-ROLLING": _by_policy(UpgradeMode.ROLLING),
        "UPGRADE-NO-DOWNTIME": _plans_without_downtime,
        "ROLLOUT-PLAN": lambda step: _asks(step, rq.PlanRollout, "2017-05") is not None,
        "ARM-POWER": _acts_on_made_members,
        "ARM-ABSENT": _cancels_nothing,
        "HEATMAP": lambda step: _asks(step, rq.ShowHeatMap, "2017-05") is not None,
        "OSU-ANY-SIZE": _switched_on,
        "OSU-MANUAL-POLICY": _with_policy_manual,
        "OSU-PROBE-INTERVAL": _probed,
        "OSU-OPT-OUT": _switched_off,
        "OSU-HISTORY": lambda step: _asks(step, rq.GetHistory, _AUTOMATIC) is not None,
        "OSU-PROGRESS": lambda step: (
            (group := _asks(step, rq.GetProgress, _AUTOMATIC)) is not None
            and (group.rollout is not None or bool(group.history))
        ),
        "OSU-SKU": lambda step: (
            _asks(step, rq.BeginRollout, _AUTOMATIC) is not None
            and step.granted
            and step.group_after is not None
            and step.group_after.rollout is not None
            and step.group_after.rollout.restores
        ),
        "STACK-LATEST": lambda step: _grows_on_a_stack(step, latest=True),
        "STACK-IDENTICAL": lambda step: _grows_on_a_stack(step, latest=True),
        "STACK-PINNED": lambda step: _grows_on_a_stack(step, latest=False),
        "GET-FRESH": _reads_member,
    }
)
"""Where each rule speaks: there the request is granted naming it, or refused by whatever rule."""

PROBE_INTERVAL = 120
"""A probe that samples less often than this is advised against (seconds)."""


def advised_against(step: Step) -> bool:
    """Whether the documents advise against what is granted: a probe that samples too seldom."""
    interval = _sampled_every(step)
    return interval is not None and interval >= PROBE_INTERVAL


__all__ = ["SPEAKS", "advised_against"]
