"""The marketplace part of section I: what the operator of an Azure Stack must have done."""

from __future__ import annotations

from vmss_model import requests as rq
from vmss_model.answers import ItemShown
from vmss_model.choices import OneOf
from vmss_model.copying import evolve
from vmss_model.decide.checks import Checks, silent
from vmss_model.decisions import Decision
from vmss_model.events import MarketplaceChanged
from vmss_model.refusals import not_allowed
from vmss_model.rules import implements
from vmss_model.world import ItemState, Marketplace, World


@implements("STACK-MARKETPLACE")
def check_marketplace(checks: Checks, world: World) -> None:
    """A scale set can be created once the stack is registered, has an OS image and the item."""
    if not world.edition.marketplace:
        return
    state = world.marketplace
    missing = [
        what
        for what, there in (
            ("the registration with Azure", state.registered),
            ("an OS image", bool(world.images)),
            ("the scale-set item in the marketplace", state.item is ItemState.PRESENT),
        )
        if not there
    ]
    checks.require(
        "STACK-MARKETPLACE",
        not missing,
        lambda: not_allowed(
            "STACK-MARKETPLACE",
            f"A scale set cannot be created; missing: {', '.join(missing)}.",
            missing=tuple(missing),
        ),
    )


def register_stack(world: World, _request: rq.RegisterStack) -> Decision:
    """The operator registers the stack with Azure."""
    return _operate(world, evolve(world.marketplace, registered=True))


@implements("STACK-MARKETPLACE")
def add_marketplace_item(world: World, _request: rq.AddMarketplaceItem) -> Decision:
    """The operator adds the scale-set item, which syndication needs the registration for."""
    if not world.edition.marketplace:
        return _no_marketplace(world)
    checks = Checks(world)
    checks.require(
        "STACK-MARKETPLACE",
        world.marketplace.registered,
        lambda: not_allowed(
            "STACK-MARKETPLACE",
            "Items are added from Azure: the stack must be registered with Azure first.",
            registered=False,
        ),
    )
    after = evolve(world.marketplace, item=ItemState.PRESENT)
    return checks.decision(effect=lambda _: (MarketplaceChanged(after),))


@implements("STACK-MARKETPLACE")
def remove_marketplace_item(world: World, _request: rq.RemoveMarketplaceItem) -> Decision:
    """The operator removes the item; it may still be shown for a while."""
    if world.marketplace.item is not ItemState.PRESENT and world.edition.marketplace:
        return silent("the documents do not say what removing an item does that is not there")
    return _operate(world, evolve(world.marketplace, item=ItemState.REMOVED))


@implements("STACK-MARKETPLACE")
def show_marketplace(world: World, _request: rq.ShowMarketplace) -> Decision:
    """A removed item may still be shown; how long, no document says."""
    if not world.edition.marketplace:
        return _no_marketplace(world)
    checks = Checks(world)
    checks.shaped_by("STACK-MARKETPLACE")
    item = world.marketplace.item
    options = {ItemState.ABSENT: (False,), ItemState.PRESENT: (True,), ItemState.REMOVED: (True, False)}[item]
    return checks.decision(
        (OneOf("shown", options, ("STACK-MARKETPLACE",)),),
        reply=lambda picks: ItemShown(bool(picks["shown"])),
    )


def _operate(world: World, after: Marketplace) -> Decision:
    if not world.edition.marketplace:
        return _no_marketplace(world)
    checks = Checks(world)
    checks.shaped_by("STACK-MARKETPLACE")
    return checks.decision(effect=lambda _: (MarketplaceChanged(after),))


def _no_marketplace(world: World) -> Decision:
    return silent(f"edition {world.edition.name} has no marketplace operator")
