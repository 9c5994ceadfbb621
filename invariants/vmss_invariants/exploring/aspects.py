"""Aspects: sets of families of requests that are explored together, and which kinds of group they mean something to.

The worlds of all families at once are too many for more than a few instances, so a larger bound is explored aspect by
aspect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmss_model.editions import Edition, edition
from vmss_model.values import GroupKind

Families = tuple[str, ...]
"""Families of requests, by their names in the menu."""

MEMBERS: Families = ("preparing", "creating", "joining", "sizing", "deleting", "reading")
"""Groups of any shape within the bounds, and how members come and go."""
POWER: Families = (*MEMBERS, "powering")
"""Those, and the power states of members."""
HEALTH: Families = (*MEMBERS, "watching")
"""Those of the members, and their health, its sources and repairs."""
BOTH: Families = (*POWER, "watching")
"""Power and health together."""
SETTINGS: Families = (*MEMBERS, "twisting", "setting", "moving", "attaching")
"""Those of the members, and every other property that a group or a VM can be given or changed to."""
ROLLOUTS: Families = ("creating", "publishing", "waiting", "rolling", "reporting")
"""Groups that are upgraded automatically, or by policy Rolling; what happens to their members in rollouts."""
BATCHES: Families = ("forming", "publishing", "waiting", "carrying_out", "reporting", "telling")
"""Groups of one shape that the platform upgrades, batch by batch, whatever becomes of the members meanwhile."""
CLUSTERS: Families = ("clustering", "publishing", "waiting", "carrying_out", "reporting")
"""Service Fabric clusters likewise, update domain by update domain."""
CHANGES: Families = ("forming", "waiting", "carrying_out", "reporting", "rolling_out", "telling")
"""Groups of one shape whose model changes, and is rolled out by policy, batch by batch."""
POLICIES: Families = ("forming", "publishing", "waiting", "rolling", "reporting", "reimaging")
"""Those, with any policy, and rollouts that are also begun and cancelled by hand."""
MODELS: Families = (*ROLLOUTS, "sizing", "modelling")
"""Groups of any shape in rollouts, and changes of the model, the policy and the instance count on the way."""
UPGRADES: Families = ("forming", "publishing", "reimaging", "calling", "patching", "planning")
"""Groups of one shape whose model changes, members that are upgraded by hand, and plans for it."""
STACK: Families = ("preparing", "stocking", "sizing", "calling", "planning")
"""Groups on an Azure Stack, and the images that its operator downloads and deletes."""
RELEASES: Families = ("releasing", "calling")
"""Versions of a platform image that are released region by region, and a group that takes part."""
SUPERSEDED: Families = ("preparing", "forming", "joining", "deleting", "switching", "passing", "asking")
"""Groups of one shape, how VMs come, change and go, and what Resource Graph shows of them meanwhile and after."""
PROPERTIES: Families = ("preparing", "forming", "joining", "naming", "setting", "attaching")
"""Groups of one shape, their members, and every property and capability that they can be changed to."""
HISTORY: Families = ("forming", "publishing", "rolling_out", "attempting", "aging", "telling")
"""Rollouts that are begun, cancelled and end, and what is told of them for two months."""
SWITCHES: Families = ("forming", "publishing", "opting", "reimaging", "calling")
"""Upgrade policies and automatic upgrades are changed, and members upgraded by hand in between."""
RECOVERING: Families = ("clustering", "publishing", "waiting", "carrying_out", "recovering")
"""Service Fabric clusters of which nobody reports a member unhealthy."""
REGISTRATION: Families = ("registering", "forming", "joining", "deleting")
"""Registration for a preview, whatever there is meanwhile."""
FURNISHED: Families = ("furnishing", "calling", "provisioning")
"""Groups whose members have data disks and extensions in sequence, upgraded by hand, and what fails on the way."""
DISKS: Families = ("preparing", "furnishing", "powering")
"""Members with data disks, and their power states."""
ELIGIBILITY: Families = ("qualifying",)
"""Groups that lack one by one what automatic upgrades ask for, and changes of such."""
CREDENTIALS: Families = ("crediting", "publishing", "waiting", "carrying_out")
"""Rollouts of a model that refers to a resource which goes and comes, and whose credentials end meanwhile."""
ZONED: Families = ("zoning", "publishing", "carrying_out", "recovering")
"""Rollouts of groups over several zones."""
PAIRS: Families = ("pairing", "carrying_out", "recovering")
"""Rollouts of a platform image in both regions of a geo pair."""

ASPECTS: Mapping[str, Families] = MappingProxyType(
    {
        "members": MEMBERS,
        "power": POWER,
        "health": HEALTH,
        "both": BOTH,
        "settings": SETTINGS,
        "rollouts": ROLLOUTS,
        "batches": BATCHES,
        "clusters": CLUSTERS,
        "changes": CHANGES,
        "policies": POLICIES,
        "models": MODELS,
        "upgrades": UPGRADES,
        "stack": STACK,
        "releases": RELEASES,
        "superseded": SUPERSEDED,
        "properties": PROPERTIES,
        "history": HISTORY,
        "switches": SWITCHES,
        "recovering": RECOVERING,
        "registration": REGISTRATION,
        "furnished": FURNISHED,
        "disks": DISKS,
        "eligibility": ELIGIBILITY,
        "credentials": CREDENTIALS,
        "zoned": ZONED,
        "pairs": PAIRS,
    }
)
"""The aspects by name."""


def _automatic(one: Edition, kind: GroupKind) -> bool:
    return one.automatic_upgrades(kind) is not None


def _models(one: Edition, kind: GroupKind) -> bool:
    return one.upgrades is not None and not one.kinds[kind].explicit


def _anywhere_automatic(one: Edition, _kind: GroupKind) -> bool:
    return one.upgrades is not None and one.upgrades.automatic is not None


_SPOKEN_OF: Mapping[Families, Callable[[Edition, GroupKind], bool]] = MappingProxyType(
    {
        ROLLOUTS: _automatic,
        BATCHES: _automatic,
        CLUSTERS: _automatic,
        RECOVERING: _automatic,
        HISTORY: _models,
        SWITCHES: _automatic,
        CHANGES: _models,
        POLICIES: _models,
        MODELS: _models,
        UPGRADES: _models,
        STACK: lambda one, _: one.marketplace,
        RELEASES: _anywhere_automatic,
        SUPERSEDED: lambda one, kind: one.staleness is not None and one.kinds[kind].explicit,
        REGISTRATION: lambda one, _: one.registration is not None,
        FURNISHED: _models,
        DISKS: lambda one, kind: not one.kinds[kind].explicit,
        ELIGIBILITY: _automatic,
        CREDENTIALS: _automatic,
        ZONED: _automatic,
        PAIRS: _automatic,
    }
)
"""The aspects that not all editions speak of, and whether one does for a kind of group."""


def speaks(name: str, kind: GroupKind, families: Families) -> bool:
    """Whether the edition speaks of what these families do, where they are an aspect; of others it does."""
    spoken_of = _SPOKEN_OF.get(families)
    return spoken_of is None or spoken_of(edition(name), kind)


def aspect_of(families: Families) -> str | None:
    """The name of the aspect that has these families, or None."""
    return next((name for name, known in ASPECTS.items() if known == families), None)
