"""What holds of time, of registrations and the marketplace, and of what groups need of both."""

from __future__ import annotations

from vmss_invariants.counting import counted
from vmss_invariants.predicates_world import REGISTRATION_SECONDS
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.answers import ClockShown, FeatureShown, ItemShown
from vmss_model.world import ItemState

PREVIEW_FEATURES = ("VMOrchestratorMultiFD", "VMOrchestratorSingleFD")
"""The preview features that a Flexible group needs."""
FLEXIBLE_API = "2019-12-01"
"""The earliest API version that creates a Flexible group."""


def clock_moves_by_request(step: Step) -> str | None:
    """The clock moves by what a request to advance it says, less only where something is due, and by nothing else."""
    asked = step.request.seconds if isinstance(step.request, rq.AdvanceClock) and step.granted else 0
    moved, due = step.after.clock - step.before.clock, False
    if isinstance(step.answer, ClockShown):
        due = bool(step.answer.due)
        if step.answer.clock != step.after.clock:
            return f"the clock is said to stop at {step.answer.clock} and stands at {step.after.clock}"
    if 0 <= moved == asked or (due and 0 <= moved < asked):
        return None
    return f"the clock moved by {counted(moved, 'second')}, not by {asked}"


def concerns_shown_features(step: Step) -> bool:
    """Answers about a feature registration."""
    return isinstance(step.answer, FeatureShown)


def features_shown_in_time(step: Step) -> str | None:
    """A feature shows as registered 15 minutes after it was asked for, and never before it was asked for."""
    assert isinstance(step.request, rq.ShowFeature)
    assert isinstance(step.answer, FeatureShown)
    feature = step.before.subscription.features.get(step.request.feature)
    shown, clock = step.answer.registered, step.before.clock
    if feature is None:
        return f"{step.request.feature} is shown as registered and nobody asked for it" if shown else None
    if not shown and clock - feature.asked_at >= REGISTRATION_SECONDS:
        return f"{step.request.feature} is not registered {clock - feature.asked_at} seconds after it was asked for"
    return None


def concerns_registrations(step: Step) -> bool:
    """Registrations of a feature that end at a moment of the platform's choice."""
    return isinstance(step.request, rq.RegisterFeature) and "ends_at" in step.picks


def registration_window_is_whole(step: Step) -> str | None:
    """A registration may end at once or take all of its 15 minutes, and no longer."""
    assert step.decision.grant is not None
    (choice,) = step.decision.grant.choices
    now = step.before.clock
    moments = {now: True, now + REGISTRATION_SECONDS: True, now - 1: False, now + REGISTRATION_SECONDS + 1: False}
    for moment, allowed in moments.items():
        if choice.allows(moment) is not allowed:
            return f"a registration asked for at {now} {'cannot' if allowed else 'can'} end at {moment}"
    return None


def concerns_new_groups(step: Step) -> bool:
    """Steps that create a group."""
    return isinstance(step.request, rq.CreateGroup) and step.group_before is None and step.group_after is not None


def flexible_needs_registration(step: Step) -> str | None:
    """A Flexible group is created only with both features registered before the provider was."""
    subscription = step.before.subscription
    if not subscription.known:
        return None
    provider = subscription.provider_registered_at
    for name in PREVIEW_FEATURES:
        feature = subscription.features.get(name)
        if feature is None or provider is None or feature.ends_at > provider or provider > step.before.clock:
            its = f"{name} {_registered(feature.ends_at if feature is not None else None)}"
            return f"{step.key} was created with {its} and the provider {_registered(provider)}"
    return None


def _registered(at: int | None) -> str:
    return "never registered" if at is None else f"registered at {at} s"


def flexible_needs_api_version(step: Step) -> str | None:
    """A Flexible group is not created through an API version before 2019-12-01."""
    assert isinstance(step.request, rq.CreateGroup)
    version = step.request.api_version
    if version is None or version[: len(FLEXIBLE_API)] >= FLEXIBLE_API:
        return None
    return f"{step.key} was created through API version {version}"


def stack_needs_marketplace(step: Step) -> str | None:
    """A scale set on Azure Stack is created only once everything is in the marketplace."""
    state = step.before.marketplace
    if state.registered and step.before.images and state.item is ItemState.PRESENT:
        return None
    stack = "a registered stack" if state.registered else "a stack that is not registered"
    there = f"the marketplace item {state.item.value} and {counted(len(step.before.images), 'OS image')}"
    return f"{step.key} was created on {stack}, with {there}"


def concerns_shown_items(step: Step) -> bool:
    """Answers about the marketplace."""
    return isinstance(step.answer, ItemShown)


def removed_items_alone_are_open(step: Step) -> str | None:
    """An item that is there is shown, and one that never was is not; only a removed one may be either."""
    assert isinstance(step.answer, ItemShown)
    item, shown = step.before.marketplace.item, step.answer.shown
    if item is ItemState.REMOVED or shown is (item is ItemState.PRESENT):
        return None
    return f"the item is {item.value} and the marketplace {'shows' if shown else 'does not show'} it"
