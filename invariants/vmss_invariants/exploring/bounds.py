"""What is explored: an edition, a kind of group, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from vmss_invariants.checking import are_names, check_count, check_known, check_made, counts, is_truth
from vmss_invariants.counting import counted
from vmss_invariants.exploring import aspects
from vmss_invariants.exploring.aspects import MEMBERS, Families, aspect_of, speaks
from vmss_invariants.walker import new_world
from vmss_model.copying import evolve
from vmss_model.decide.placement import MANY
from vmss_model.editions import EDITIONS, Edition, KindRules, edition
from vmss_model.rules import RULES
from vmss_model.values import GroupKind
from vmss_model.world import GroupKey, World

GROUP_KEYS = (GroupKey("rg", "g"), GroupKey("rg", "h"), GroupKey("rg2", "g"))
"""The names of the explored groups."""
_VERSIONED = frozenset({"publishing", "rolling_out", "reimaging", "modelling", "stocking", "releasing"}) | frozenset(
    {"furnishing", "qualifying", "pairing"}
)
"""The families that make versions of an image or of a model."""
REGION = "westus"
"""The region of the explored groups; it has as many fault domains as the bounds say."""
ZONES = ("1", "2", "3")
"""Its zones."""
MOST_ZONES = len(ZONES)
"""How many it has."""
MOST_VMS = 19
"""How many names there are for VMs that callers make; one is left for a VM beyond the bounds."""
_DAY = 24 * 3600


@frozen(kw_only=True)
class Bounds:
    """How far is explored. A step that leads beyond is examined like any other, but not followed."""

    instances: int = field(default=2, validator=counts(0, MANY))
    """The most members of a group."""
    fault_domains: int = field(default=2, validator=counts(0, MANY))
    """The most fault domains of a group, and those of the region."""
    zones: int = field(default=0, validator=counts(0, MOST_ZONES))
    """The most zones of a group."""
    update_domains: int = field(default=0, validator=counts(0, MANY))
    """The most update domains of a group that has its own number of them."""
    groups: int = field(default=1, validator=counts(1, len(GROUP_KEYS)))
    """The most groups."""
    twists: int = field(default=1, validator=counts(0, MANY))
    """In how many further properties a group and its members may differ from plain ones, counted together."""
    versions: int = field(default=2, validator=counts(0, MANY))
    """The most versions of an image, and of a group's model."""
    superseded: int = field(default=0, validator=counts(0, MOST_VMS - 1))
    """The most states of VMs that were superseded within the last minute, counted together; 0: not looked at."""
    departed: int = field(default=0, validator=counts(0, MOST_VMS - 1))
    """The most members that are gone and left something behind, an id or NICs and disks; 0: not looked at."""
    attempts: int = field(default=0, validator=counts(0, MANY))
    """The most rollouts of a group that ended and are remembered; 0: not looked at."""
    tick: int = field(default=15 * 60, validator=counts(1, _DAY))
    """The seconds by which the clock moves at a time."""
    families: Families = field(default=MEMBERS, validator=are_names)
    """The families of requests that are made, by their names in the menu."""

    @property
    def keys(self) -> tuple[GroupKey, ...]:
        """The names that groups are created with."""
        return GROUP_KEYS[: self.groups]

    def describe(self) -> str:
        """The bounds in one line."""
        counts = (
            (self.fault_domains, "fault domain"),
            (self.zones, "zone"),
            (self.update_domains, "update domain"),
            (self.groups if self.groups > 1 else 0, "group"),
            (0 if _VERSIONED.isdisjoint(self.families) else self.versions, "version"),
            (self.superseded, "superseded state"),
            (self.departed, "departed member"),
            (self.attempts, "attempt"),
            (self.twists if self.twists > 1 else 0, "twist"),
        )
        aspect = aspect_of(self.families)
        others = (counted(count, what) for count, what in counts if count)
        return ", ".join((counted(self.instances, "instance"), *others, aspect or "+".join(self.families)))


@frozen(kw_only=True)
class Configuration:
    """One exploration: it names everything, so that it can be sent to another process."""

    edition: str
    """The edition's name."""
    kind: GroupKind
    """The kind of group."""
    bounds: Bounds = field(factory=Bounds)
    """How far."""
    without: tuple[str, ...] = field(default=(), validator=are_names)
    """Rules that are switched off; empty for the documents' own edition."""
    symmetric: bool = field(default=True, validator=is_truth)
    """Whether worlds that differ only by names of interchangeable things count as one."""
    refining: bool = field(default=False, validator=is_truth)
    """Whether every step is held against those of the counts that the proofs speak of, too."""
    remembering: bool = field(default=True, validator=is_truth)
    """Whether what a step does is recalled where a step like it is made; without symmetry it never is."""

    def __attrs_post_init__(self) -> None:
        """Refuse what is not there, and bounds that are wider than what is explored."""
        # The menu's families are made with bounds, so that they are not there yet when this module is loaded.
        from vmss_invariants.exploring.menu import MENU  # noqa: PLC0415

        check_made("bounds", self.bounds, Bounds)
        _check_place(self.edition, self.kind)
        check_known("family", self.bounds.families, MENU)
        check_known("rule", self.without, RULES)
        bounds = self.bounds
        named = bounds.instances * bounds.groups + bounds.superseded + bounds.departed
        if self.rules.explicit and named >= MOST_VMS:
            raise ValueError(
                f"instances times groups, superseded and departed make {named} VMs: of kind {self.kind.value}, "
                f"from 0 to {MOST_VMS - 1} have names"
            )

    @property
    def rules(self) -> KindRules:
        """What the edition says of the kind."""
        return edition(self.edition).kinds[self.kind]

    def loaded(self) -> Edition:
        """The edition itself."""
        one = edition(self.edition)
        return one.without(*self.without) if self.without else one

    def start(self) -> World:
        """The empty world that the exploration begins in."""
        return empty_world(self.loaded(), self.bounds)

    def describe(self) -> str:
        """The configuration in one line."""
        off = f" without {', '.join(self.without)}" if self.without else ""
        return f"{self.edition} {self.kind.value}{off}: {self.bounds.describe()}"


def empty_world(one: Edition, bounds: Bounds) -> World:
    """A world of an edition without any group, as explorations within these bounds begin."""
    world = new_world(one)
    return evolve(world, regions=world.regions.set(REGION, bounds.fault_domains))


def _check_place(name: str, kind: GroupKind) -> None:
    """Raise ValueError where there is no such edition, or it has no groups of the kind."""
    kinds = edition(name).kinds
    if kind not in kinds:
        raise ValueError(f"kind is {kind!r}: edition {name} has {', '.join(map(str, kinds))}")


def check_limits(limit_worlds: int | None, limit_seconds: float | None, limit_steps: int | None = None) -> None:
    """Raise ValueError unless an exploration can keep to these limits."""
    for name, count in (("limit_worlds", limit_worlds), ("limit_steps", limit_steps)):
        if count is not None:
            check_count(name, count, 0)
    if limit_seconds is None:
        return
    number = isinstance(limit_seconds, int | float) and not isinstance(limit_seconds, bool)
    # What is no number at all (NaN) is not less than zero either.
    if not number or not limit_seconds >= 0:
        raise ValueError(f"limit_seconds is {limit_seconds!r}: it is a number of seconds from 0")


PLACES: tuple[tuple[str, GroupKind], ...] = tuple((one.name, kind) for one in EDITIONS.values() for kind in one.kinds)
"""Every kind of group of every edition."""

_PROFILES: Mapping[str, tuple[Bounds, ...]] = MappingProxyType(
    {
        "quick": (
            Bounds(instances=3, fault_domains=2, families=aspects.POWER),
            Bounds(instances=3, fault_domains=2, families=aspects.HEALTH),
            Bounds(instances=2, fault_domains=1, zones=2, families=aspects.MEMBERS),
            Bounds(instances=0, fault_domains=1, families=aspects.SETTINGS),
            Bounds(instances=1, fault_domains=0, versions=1, families=aspects.ROLLOUTS),
            Bounds(instances=3, fault_domains=2, versions=1, families=aspects.BATCHES),
            Bounds(instances=2, fault_domains=0, update_domains=2, versions=1, families=aspects.CLUSTERS),
            Bounds(instances=2, fault_domains=1, families=aspects.CHANGES),
            Bounds(instances=2, fault_domains=1, families=aspects.UPGRADES),
            Bounds(instances=2, fault_domains=1, families=aspects.STACK),
            Bounds(instances=1, fault_domains=1, versions=1, families=aspects.RELEASES),
            Bounds(instances=2, fault_domains=2, superseded=1, families=aspects.SUPERSEDED),
            Bounds(instances=2, fault_domains=2, departed=1, families=aspects.TURNOVER),
            Bounds(instances=1, fault_domains=1, versions=1, attempts=2, families=aspects.HISTORY),
            Bounds(instances=1, fault_domains=0, versions=2, attempts=1, families=aspects.HISTORY),
            Bounds(instances=2, fault_domains=1, versions=1, families=aspects.SWITCHES),
            Bounds(instances=2, fault_domains=1, versions=1, families=aspects.UNMODELLED),
            Bounds(instances=0, fault_domains=0, families=aspects.REGISTRATION),
            Bounds(instances=2, fault_domains=1, families=aspects.FURNISHED),
            Bounds(instances=1, fault_domains=1, versions=1, families=aspects.DISKS),
            Bounds(instances=1, fault_domains=0, versions=1, families=aspects.ELIGIBILITY),
            Bounds(instances=1, fault_domains=0, versions=1, families=aspects.CREDENTIALS),
            Bounds(instances=2, fault_domains=0, zones=2, versions=1, families=aspects.ZONED),
            Bounds(instances=1, fault_domains=0, groups=2, versions=1, families=aspects.PAIRS),
        ),
        "full": (
            Bounds(instances=5, fault_domains=3, families=aspects.POWER),
            Bounds(instances=5, fault_domains=3, families=aspects.HEALTH),
            Bounds(instances=3, fault_domains=3, zones=3, update_domains=2, families=aspects.MEMBERS),
            Bounds(instances=3, fault_domains=2, families=aspects.BOTH),
            Bounds(instances=2, fault_domains=1, zones=1, families=aspects.SETTINGS),
            Bounds(instances=2, fault_domains=1, groups=2, families=aspects.MEMBERS),
            Bounds(instances=2, fault_domains=0, families=aspects.ROLLOUTS),
            Bounds(instances=3, fault_domains=3, versions=1, families=aspects.ROLLOUTS),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.BATCHES),
            Bounds(instances=5, fault_domains=0, update_domains=2, versions=1, families=aspects.CLUSTERS),
            Bounds(instances=5, fault_domains=3, families=aspects.CHANGES),
            Bounds(instances=2, fault_domains=2, families=aspects.POLICIES),
            Bounds(instances=5, fault_domains=3, families=aspects.UPGRADES),
            Bounds(instances=5, fault_domains=3, families=aspects.STACK),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.RELEASES),
            Bounds(instances=1, fault_domains=0, versions=1, families=aspects.MODELS),
            Bounds(instances=5, fault_domains=3, families=aspects.PROPERTIES),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.UNMODELLED),
            Bounds(instances=5, fault_domains=3, families=aspects.REGISTRATION),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.SWITCHES),
            Bounds(instances=5, fault_domains=3, versions=1, attempts=6, families=aspects.HISTORY),
            Bounds(instances=5, fault_domains=3, attempts=2, families=aspects.HISTORY),
            Bounds(instances=5, fault_domains=3, superseded=1, families=aspects.SUPERSEDED),
            Bounds(instances=3, fault_domains=3, superseded=2, families=aspects.SUPERSEDED),
            Bounds(instances=5, fault_domains=3, departed=1, families=aspects.TURNOVER),
            Bounds(instances=3, fault_domains=2, departed=3, families=aspects.TURNOVER),
            Bounds(instances=5, fault_domains=3, update_domains=2, versions=1, families=aspects.RECOVERING),
            Bounds(instances=5, fault_domains=3, families=aspects.FURNISHED),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.DISKS),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.ELIGIBILITY),
            Bounds(instances=5, fault_domains=3, versions=1, families=aspects.CREDENTIALS),
            Bounds(instances=5, fault_domains=3, zones=3, versions=1, families=aspects.ZONED),
            Bounds(instances=5, fault_domains=3, groups=2, versions=1, families=aspects.PAIRS),
        ),
    }
)
PROFILES = tuple(_PROFILES)
"""The names of the profiles: how much is explored, and so how long it takes."""


def profile(name: str, places: tuple[tuple[str, GroupKind], ...] = PLACES) -> tuple[Configuration, ...]:
    """The configurations of a profile, for these kinds of these editions."""
    check_known("profile", (name,), PROFILES)
    for place in places:
        _check_place(*place)
    return tuple(
        Configuration(edition=one, kind=kind, bounds=bounds, refining=True)
        for bounds in _PROFILES[name]
        for one, kind in places
        if speaks(one, kind, bounds.families)
    )
