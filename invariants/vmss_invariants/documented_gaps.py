"""What no document answers, stated a second time: where it is asked for, a grant says that a refusal is allowed too.

Only the edition's name and the kind of group are asked, not what the edition says of them.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.values import UNCHANGED, GroupKind

_OF_2019 = "2019-10"
_OF_2017 = "2017-05"
_STACK = "2018-06-stack"
_BEFORE_2019 = (_OF_2017, _STACK)


def _leaves_profile_open(step: Step) -> bool:
    """Since 2019-10 nothing says whether groups of VMs may have a model, and whether others must have one."""
    assert isinstance(step.request, rq.CreateGroup)
    given = step.request.profile is not None
    return step.before.edition.name != _OF_2019 and given is (step.request.kind in EXPLICIT_KINDS)


def _leaves_placement_groups_open(step: Step) -> bool:
    """Of `singlePlacementGroup` the documents before 2019 say nothing, nor those of 2021 for availability sets."""
    assert isinstance(step.request, rq.CreateGroup)
    unspoken = step.before.edition.name in _BEFORE_2019 or step.request.kind is GroupKind.AVAILABILITY_SET
    return unspoken and step.request.single_placement_group is not None


def _leaves_model_open(step: Step) -> bool:
    """Changing a model is spoken of in 2019-10, and for Uniform groups but on a stack."""
    group = step.group_before
    assert group is not None
    name = step.before.edition.name
    return name == _STACK or (name != _OF_2019 and group.kind in EXPLICIT_KINDS)


def _leaves_patching_open(step: Step) -> bool:
    """In 2017-05 it is called supported, and said to need a new group."""
    return step.before.edition.name == _OF_2017


def creates_a_group(step: Step) -> bool:
    """A group is created that there was not."""
    return isinstance(step.request, rq.CreateGroup) and step.group_before is None


def changes_a_model(step: Step) -> bool:
    """A change of a group asks for something of its model."""
    request = step.request
    if not isinstance(request, rq.UpdateGroup) or step.group_before is None:
        return False
    asked = (request.image, request.extensions, request.external, request.automatic_updates)
    return any(one is not UNCHANGED for one in asked)


def patches_a_member(step: Step) -> bool:
    """A member is patched from inside."""
    request, group = step.request, step.group_before
    return isinstance(request, rq.PatchInGuest) and group is not None and request.name in group.members


def leaves_patching_unanswered(step: Step) -> bool:
    """No document of 2018 or 2019 speaks of patching inside an instance."""
    return step.before.edition.name in (_STACK, _OF_2019)


@frozen
class Gap:
    """Something that a document may leave unanswered."""

    words: tuple[str, ...]
    """Any of these words names it where a grant leaves a refusal open."""
    asked: Callable[[Step], bool]
    """Whether a step asks for it."""
    unanswered: Callable[[Step], bool]
    """Whether the documents of such a step's edition leave it unanswered."""


GAPS = (
    Gap(("a VM configuration model",), creates_a_group, _leaves_profile_open),
    Gap(("what singlePlacementGroup may be",), creates_a_group, _leaves_placement_groups_open),
    Gap(("changing the model", "changing a group's model"), changes_a_model, _leaves_model_open),
    Gap(("patching inside",), patches_a_member, _leaves_patching_open),
)
"""All of them."""
