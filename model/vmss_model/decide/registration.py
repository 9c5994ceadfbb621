"""Section B: registering for the Flexible preview."""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.answers import FeatureShown
from vmss_model.choices import InRange
from vmss_model.decide.checks import Checks, silent
from vmss_model.decisions import Decision, picked_int
from vmss_model.editions import KindRules
from vmss_model.events import FeatureRegistered, ProviderRegistered
from vmss_model.refusals import invalid, not_registered
from vmss_model.rules import implements
from vmss_model.world import World


@implements("REG-DELAY")
def register_feature(world: World, request: rq.RegisterFeature) -> Decision:
    """A registration that was not asked for yet ends within the window, when is the platform's choice."""
    registration = world.edition.registration
    if registration is None or request.feature not in registration.features:
        return silent(f"edition {world.edition.name} does not speak of the feature {request.feature!r}")
    checks = Checks(world)
    if request.feature in world.subscription.features:
        return checks.decision()
    checks.shaped_by("REG-DELAY")
    ends = InRange("ends_at", world.clock, world.clock + registration.longest, ("REG-DELAY",), "seconds on the clock")

    return checks.decision((ends,), lambda picks: (FeatureRegistered(request.feature, picked_int(picks, "ends_at")),))


@implements("REG-DELAY")
def show_feature(world: World, request: rq.ShowFeature) -> Decision:
    """A feature shows as registered from the moment its registration ended."""
    registration = world.edition.registration
    if registration is None or request.feature not in registration.features:
        return silent(f"edition {world.edition.name} does not speak of the feature {request.feature!r}")
    state = world.subscription.features.get(request.feature)
    registered = state is not None and state.ends_at <= world.clock
    checks = Checks(world)
    if state is not None:
        checks.shaped_by("REG-DELAY")
    return checks.decision(reply=lambda _: FeatureShown(registered))


@implements("REG-PROPAGATE")
def register_provider(world: World, _request: rq.RegisterProvider) -> Decision:
    """Registering the provider makes features effective that are registered by then."""
    if world.edition.registration is None:
        return silent(f"edition {world.edition.name} does not speak of registering the provider")
    checks = Checks(world)
    checks.shaped_by("REG-PROPAGATE")
    return checks.decision(effect=lambda _: (ProviderRegistered(),))


@implements("REG-REQUIRED", "REG-PROPAGATE", "E1")
def check_registration(checks: Checks, world: World, rules: KindRules) -> None:
    """A kind in preview can be created once its features are registered and then the provider again."""
    registration = world.edition.registration
    if registration is None or rules.kind not in registration.kinds:
        return
    subscription = world.subscription
    if not subscription.known:
        checks.leave_open("whether the subscription is registered for the preview is not known (REG-REQUIRED)")
        return
    complete = all(
        name in subscription.features and subscription.features[name].ends_at <= world.clock
        for name in registration.features
    )
    values = {"singlePlacementGroup": False, "features": registration.features}
    checks.require("REG-REQUIRED", complete, lambda: not_registered("REG-REQUIRED", **values))
    if complete:
        checks.require(
            "REG-PROPAGATE",
            subscription.effective(registration.features),
            lambda: not_registered("REG-PROPAGATE", "REG-REQUIRED", **values),
        )


@implements("API-MIN-FLEX")
def check_api_version(checks: Checks, world: World, rules: KindRules, api_version: str | None) -> None:
    """A kind in preview needs an API version from the documented one on."""
    registration = world.edition.registration
    if registration is None or rules.kind not in registration.kinds or api_version is None:
        return
    checks.require(
        "API-MIN-FLEX",
        # API versions are dates: they compare as text, a `-preview` suffix after its date.
        api_version >= registration.api_version,
        lambda: invalid(
            "API-MIN-FLEX",
            f"A group with orchestration mode {rules.kind.value} needs API version "
            f"{registration.api_version} or later; the call has {api_version}.",
            api_version=api_version,
            earliest=registration.api_version,
        ),
    )
