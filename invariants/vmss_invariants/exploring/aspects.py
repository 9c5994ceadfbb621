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
POWER: Families = (*MEMBERS, "powering")
HEALTH: Families = (*MEMBERS, "watching")
BOTH: Families = (*POWER, "watching")
SETTINGS: Families = (*MEMBERS, "twisting", "setting", "moving", "attaching")
ROLLOUTS: Families = ("creating", "publishing", "waiting", "rolling", "reporting")
BATCHES: Families = ("forming", "publishing", "waiting", "carrying_out", "reporting", "telling")
CLUSTERS: Families = ("clustering", "publishing", "waiting", "carrying_out", "reporting")
CHANGES: Families = ("forming", "waiting", "carrying_out", "reporting", "rolling_out", "telling")
POLICIES: Families = ("forming", "publishing", "waiting", "rolling", "reporting", "reimaging")
MODELS: Families = (*ROLLOUTS, "sizing", "modelling")
UPGRADES: Families = ("forming", "publishing", "reimaging", "calling", "patching", "planning")
STACK: Families = ("preparing", "stocking", "sizing", "calling", "planning")
RELEASES: Families = ("releasing", "calling", "provisioning")
SUPERSEDED: Families = ("preparing", "forming", "joining", "deleting", "switching", "passing", "asking")
TURNOVER: Families = ("preparing", "forming", "naming", "joining", "sizing", "deleting")
PROPERTIES: Families = ("preparing", "forming", "joining", "naming", "setting", "attaching")
HISTORY: Families = ("forming", "publishing", "rolling_out", "attempting", "aging", "telling")
SWITCHES: Families = ("forming", "publishing", "opting", "reimaging", "calling")
RECOVERING: Families = ("clustering", "publishing", "waiting", "carrying_out", "recovering")
UNMODELLED: Families = (
    *("preparing", "forming", "joining", "rolling_out", "opting"),
    *("calling", "patching", "rolling", "planning", "reporting"),
)
REGISTRATION: Families = ("registering", "forming", "joining", "deleting")
FURNISHED: Families = ("furnishing", "calling", "provisioning")
DISKS: Families = ("preparing", "furnishing", "powering")
ELIGIBILITY: Families = ("qualifying",)
CREDENTIALS: Families = ("crediting", "publishing", "waiting", "carrying_out")
ZONED: Families = ("zoning", "publishing", "carrying_out", "recovering")
PAIRS: Families = ("pairing", "carrying_out", "recovering")

_ASPECTS: tuple[tuple[str, Families, str], ...] = (
    (
        "members",
        MEMBERS,
        "groups of any shape within the bounds are created, read and deleted, and members come and go",
    ),
    ("power", POWER, "as `members`, and members are started, stopped, deallocated and restarted"),
    ("health", HEALTH, "as `members`, and members are reported healthy or unhealthy by every source, and repaired"),
    ("both", BOTH, "as `power` and `health` together"),
    (
        "settings",
        SETTINGS,
        "as `members`, and every other property of a group or a VM is given or changed, groups are moved, and "
        "VMs are attached and detached",
    ),
    (
        "rollouts",
        ROLLOUTS,
        "groups of any shape that are upgraded automatically, or by policy Rolling, and what happens to their "
        "members in rollouts",
    ),
    (
        "batches",
        BATCHES,
        "groups of one shape that the platform upgrades batch by batch, and reports of their members' health",
    ),
    (
        "clusters",
        CLUSTERS,
        "Service Fabric clusters that the platform upgrades update domain by update domain, and reports of "
        "their members' health",
    ),
    ("changes", CHANGES, "groups of one shape whose model changes, and is rolled out by policy, batch by batch"),
    (
        "policies",
        POLICIES,
        "groups of one shape with any upgrade policy, and rollouts that are also begun and cancelled by hand",
    ),
    ("models", MODELS, "as `rollouts`, and the model, the policy and the instance count change on the way"),
    (
        "upgrades",
        UPGRADES,
        "groups of one shape whose model changes, members that are upgraded by hand, and plans for that",
    ),
    ("stack", STACK, "groups on an Azure Stack, and the images that its operator downloads and deletes"),
    (
        "releases",
        RELEASES,
        "versions of a platform image that are released region by region, and a group that takes part",
    ),
    (
        "superseded",
        SUPERSEDED,
        "groups of one shape whose VMs come, change and go, and what Resource Graph shows of them meanwhile and after",
    ),
    (
        "turnover",
        TURNOVER,
        "groups of one shape whose members come and go, with what those that are gone leave behind",
    ),
    (
        "properties",
        PROPERTIES,
        "groups of one shape, their members, and every property and capability that they can be changed to",
    ),
    (
        "unmodelled",
        UNMODELLED,
        "groups of one shape whose members are VMs with no model in common, and whatever is asked of models, upgrades, "
        "rollouts and plans there",
    ),
    ("history", HISTORY, "rollouts that begin, are cancelled and end, and what is told of them for two months"),
    (
        "switches",
        SWITCHES,
        "upgrade policies and automatic upgrades are changed, and members upgraded by hand in between",
    ),
    ("recovering", RECOVERING, "as `clusters`, but nobody reports a member unhealthy"),
    ("registration", REGISTRATION, "registration for a preview, whatever there is meanwhile"),
    (
        "furnished",
        FURNISHED,
        "groups of one shape whose members have data disks and extensions in sequence, are upgraded by hand, and get "
        "their extensions, all of them or up to one that fails",
    ),
    ("disks", DISKS, "groups of one shape whose members have data disks, and are started, stopped and restarted"),
    ("eligibility", ELIGIBILITY, "groups that lack one by one what automatic upgrades ask for, and changes of such"),
    (
        "credentials",
        CREDENTIALS,
        "rollouts of a model that refers to a resource which goes and comes, and whose credentials end meanwhile",
    ),
    ("zoned", ZONED, "rollouts of groups over several zones"),
    ("pairs", PAIRS, "rollouts of a platform image in both regions of a geo pair"),
)
"""Each aspect: its name, its families, and what happens in it."""
ASPECTS: Mapping[str, Families] = MappingProxyType({name: families for name, families, _ in _ASPECTS})
"""The aspects by name."""
MEANINGS: Mapping[str, str] = MappingProxyType({name: meaning for name, _, meaning in _ASPECTS})
"""What happens in each aspect, in a line."""


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
        UNMODELLED: lambda one, kind: one.kinds[kind].explicit,
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
