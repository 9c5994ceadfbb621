"""What the oracle holds to be so at the ARM boundary, learnt from what it saw.

A belief is never a list of possible worlds. Each property has the set of its possible values (two while
a change is under way), each group the members that are surely there and whether others may be.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from attrs import field, frozen
from immutables import Map

from vmss_model.copying import evolve
from vmss_model.editions import Edition, KindRules
from vmss_model.oracle.arm.facts import IMMUTABLE, UNLESS_SHOWN
from vmss_model.oracle.arm.shapes import Fact, MemberFacts
from vmss_model.oracle.finding import Finding
from vmss_model.oracle.placement_history import PlacementHistory
from vmss_model.values import GroupKind, HealthSource, Power
from vmss_model.world import GroupKey, Profile

THERE = frozenset({True})
ABSENT = frozenset({False})
MAYBE = frozenset({True, False})

AUTOSCALED = "autoscale is configured"
"""Why the platform may change members of a scale set that an autoscale setting names."""

MISSED = "missed/"
"""Stands for an operation that may be under way without having been seen to begin; no link has this id."""

UNTOLD = "untold/"
"""Begins the ids of operations under way that have no status link; no link has such an id."""


_Name = TypeVar("_Name", bound=Hashable)
_Held = TypeVar("_Held")


def without(known: Map[_Name, _Held], *names: _Name) -> Map[_Name, _Held]:
    """What is known of all others."""
    for name in names:
        known = known.delete(name) if name in known else known
    return known


@frozen
class Members:
    """What is known of a group's members."""

    sure: frozenset[str] = frozenset()
    """Members that must be listed."""
    closed: bool = False
    """Whether no other member can be there."""
    maybe: frozenset[str] = frozenset()
    """Members that may or may not be there although the list is closed (a deletion under way)."""
    gone: frozenset[str] = frozenset()
    """Ids that were deleted and are never used again."""
    highest: int = -1
    """The highest instance id seen."""
    spent: int = -1
    """The highest instance id seen by the time when all members were last known; ids of later ones are greater."""
    facts: Map[str, MemberFacts] = field(factory=Map)
    """What was seen of each member."""
    shown_at: Map[str, int] = field(factory=Map)
    """The value of `known_at` when a member was last shown: past a disturbance it may have been moved."""
    power: Map[str, frozenset[Power]] = field(factory=Map)
    """The possible power states of members on which an operation acted."""
    deallocated: bool = True
    """Whether a member of which no power state is known may be deallocated."""
    latest: Map[str, frozenset[bool]] = field(factory=Map)
    """Whether a member runs the newest model: the possible values, for those that were seen or upgraded by name."""
    latest_else: frozenset[bool] = MAYBE
    """The possible values for every other member."""
    called: bool = False
    """Whether members run the newest model because an upgrade call named them."""
    known_at: int = 0
    """How often the member list was disturbed; a page collected before a disturbance is stale."""


@frozen
class ShownRollout:
    """A rollout as a read of the latest one showed it."""

    started: str
    """When it was started, as shown."""
    code: str
    """How it stood, in lower case."""
    counts: tuple[int, int, int, int]
    """Successful, failed, in progress, pending."""
    known_at: int = 0
    """The members' `known_at` then: past a disturbance the instances in scope may be fewer."""


@frozen
class GroupBelief:
    """What is known of one scale set."""

    key: GroupKey
    """Its name, in lower case."""
    edition: Edition
    """The edition it lives in."""
    presence: frozenset[bool] = MAYBE
    """Whether it exists: surely, surely not, or either."""
    kind: GroupKind | None = None
    """Its orchestration mode, once known."""
    facts: Map[str, frozenset[Fact]] = field(factory=Map)
    """The possible values of each property that is known."""
    unset: frozenset[str] = frozenset()
    """Properties that only creation sets and that a read showed to be unset."""
    created: bool = False
    """Whether its creation was seen, which says all that only creation sets."""
    profile: Profile | None = None
    """Its VM configuration model, once seen."""
    members: Members = field(factory=Members)
    """Its members."""
    pending: frozenset[str] = frozenset()
    """Operations under way on it."""
    asked: tuple[tuple[str, Effect], ...] = ()
    """What was asked for while any was under way, in order: the operation (empty if it ended at once), its effect."""
    unsettled: bool = False
    """Whether an operation failed, so that its effect may be there in part."""
    platform_acts: str = ""
    """Why the platform may change members by itself (autoscale, eviction, repair); empty if it may not."""
    history: PlacementHistory | None = None
    """Joins and leaves since the group was surely empty, where that is known."""
    health_source: HealthSource | None = None
    """Who reports application health, as the body that showed the profile has it; None: nobody."""
    may_roll: bool = True
    """Whether a rollout may be under way."""
    rolled: frozenset[bool] = MAYBE
    """Whether a rollout ever began: surely, surely not, or either."""
    rolls_else: bool = True
    """Whether the latest rollout may be one of something else than the image of the OS disk."""
    rollout: ShownRollout | None = None
    """The latest rollout, as it was last shown."""
    policy: Map[str, frozenset[Fact]] | None = None
    """The possible settings of the rolling upgrade policy when the latest rollout began, or, before the first one,
    since the group was created; None: not known."""

    @classmethod
    def unwatched(cls, key: GroupKey, edition: Edition) -> GroupBelief:
        """A group on which an operation may be under way that was not seen to begin."""
        return cls(key, edition, pending=frozenset({MISSED}), platform_acts="exchanges with it were missed")

    @property
    def rules(self) -> KindRules | None:
        """What its edition says of its kind; None where the kind is not known."""
        return None if self.kind is None else self.edition.kinds[self.kind]

    @property
    def zones_known(self) -> bool:
        """Whether it is known in which zones it is, or that it is in none."""
        return self.created or self.certain("zones") is not None or "zones" in self.unset

    @property
    def by_name(self) -> bool:
        """Whether VMs surely join it and leave it by name."""
        return self.rules is not None and self.rules.explicit

    @property
    def numbers_members(self) -> bool:
        """Whether it surely creates its members itself, and numbers them."""
        return self.rules is not None and not self.rules.explicit

    @property
    def under_way(self) -> tuple[Effect, ...]:
        """What the operations under way on it that were seen to begin do to it, in order."""
        return tuple(effect for name, effect in self.asked if name in self.pending)

    def deployed_over(self, *, deletes: bool) -> GroupBelief:
        """The belief once a template was deployed of which it cannot be told what it makes of the group."""
        unwatched = GroupBelief.unwatched(self.key, self.edition)
        if self.presence != THERE or deletes:
            return unwatched
        kept = Map({name: values for name, values in self.facts.items() if name in IMMUTABLE})
        return evolve(unwatched, presence=THERE, kind=self.kind, facts=kept, unset=self.unset)

    def possible(self, name: str) -> frozenset[Fact] | None:
        """The possible values of a property, or None where nothing is known."""
        return self.facts.get(name)

    def certain(self, name: str) -> Fact | None:
        """The one possible value of a property, or None."""
        values = self.facts.get(name)
        return next(iter(values)) if values is not None and len(values) == 1 else None

    def widened(self, facts: Mapping[str, Fact], *, keep_others: bool) -> GroupBelief:
        """The belief while a change is under way: each changed property is old or new, so an unknown one stays so."""
        known = self.facts
        for name, value in facts.items():
            # What was never seen, or changed unseen, may have been shown.
            unless_shown = UNLESS_SHOWN.get(name) if self.facts and MISSED not in self.pending else None
            before = known.get(name, unless_shown)
            if before is not None:
                known = known.set(name, before | {value})
        if not keep_others:
            # A whole-body change may reset what it does not mention, except what only creation sets.
            for name in list(known):
                if name not in facts and name not in IMMUTABLE:
                    known = known.delete(name)
        return evolve(self, facts=known)

    def narrowed(self, facts: Mapping[str, Fact]) -> GroupBelief:
        """The belief once properties were seen or a change succeeded."""
        known = self.facts
        for name, value in facts.items():
            known = known.set(name, frozenset({value}))
        return evolve(self, facts=known)

    def with_members(self, **changes: object) -> GroupBelief:
        """The belief with some of what is known of the members replaced."""
        return evolve(self, members=evolve(self.members, **changes))  # type: ignore[arg-type] # names of Members

    def possible_latest(self, name: str) -> frozenset[bool]:
        """Whether a member runs the newest model: the possible values."""
        return self.members.latest.get(name, self.members.latest_else)

    def possible_presence(self, name: str) -> frozenset[bool]:
        """Whether a member is there: surely, surely not, or either."""
        members = self.members
        if name in members.maybe:
            return MAYBE
        if name in members.sure:
            return THERE
        return ABSENT if members.closed or name in members.gone else MAYBE

    @property
    def upgrades_itself(self) -> bool:
        """Whether the platform may bring members to the newest model by itself."""
        return self.certain("upgradePolicy.mode") != "manual" or self.upgrades_os

    @property
    def upgrades_os(self) -> bool:
        """Whether automatic OS image upgrades may be switched on."""
        return True in (self.possible("enableAutomaticOSUpgrade") or ())

    @property
    def may_be_rolling(self) -> bool:
        """Whether there is reason to think that a rollout is under way, beyond that none was seen not to be.

        The reason is that one was begun or shown, or that the platform begins them by itself.
        """
        rolling = "rolling" in (self.possible("upgradePolicy.mode") or ())
        return self.upgrades_os or (self.may_roll and (self.rolled == THERE or rolling))

    def disturbed(self, reason: str = "") -> GroupBelief:
        """The belief when members may come and go by themselves from here on."""
        known_at = self.members.known_at + 1
        members = evolve(self.members, sure=frozenset(), closed=False, deallocated=True, known_at=known_at)
        return evolve(self, members=members, history=None, platform_acts=reason or self.platform_acts)


@frozen
class Effect:
    """What an operation does to one group once it succeeded."""

    key: GroupKey
    """The group."""
    presence: bool | None = None
    """Whether it exists then; None if the operation does not decide that."""
    facts: tuple[tuple[str, Fact], ...] = ()
    """Properties that it sets."""
    removes: frozenset[str] | None = None
    """Members that it deletes."""
    removes_all: bool = False
    """Whether it deletes every member."""
    adds: frozenset[str] = frozenset()
    """Members that it creates by name."""
    resizes: bool = False
    """Whether it may change which members there are."""
    power: Power | None = None
    """The power state that it leads to."""
    power_of: frozenset[str] | None = None
    """The members whose power it changes; None for all."""
    stops: bool = False
    """Whether it leaves open if what is deallocated is stopped then, or stays so."""
    latest: frozenset[bool] | None = None
    """Whether members then run the newest model: the possible values; None: as before."""
    latest_of: frozenset[str] | None = None
    """The members that `latest` is about; None for all."""
    called: bool = False
    """Whether it is an upgrade call that names members."""
    restarts: bool = False
    """Whether the members that `latest_of` names may have another power state afterwards, but for `power_of`."""
    rolls: bool = False
    """Whether a rollout has begun then."""
    seen: frozenset[str] = frozenset()
    """Of one on all members, those that were seen when it began: others may have come later."""

    @property
    def removed(self) -> frozenset[str]:
        """The members of which it is known that it deletes them."""
        return self.seen if self.removes_all else self.removes or frozenset()

    @property
    def powered(self) -> frozenset[str]:
        """The members of which it is known that it changes their power state."""
        if self.power is None:
            return frozenset()
        return self.seen if self.power_of is None else self.power_of


@frozen
class Operation:
    """A long-running operation."""

    id: str
    """Its id, in lower case."""
    what: str
    """What it does, in a few words."""
    effects: tuple[Effect, ...] = ()
    """What it does once it succeeded."""
    links: tuple[str, ...] = ()
    """The ids of all its status links, its own among them."""
    gaps: int = 0
    """The belief's gaps when it began: past a further one its effects are not certain."""
    status: str = "InProgress"
    """The last status seen: InProgress, Succeeded, Failed or Canceled."""
    objection: Finding | None = None
    """The violation that its success would be, where the documents refuse what it does."""
    in_scope: bool = True
    """Whether it is an operation that the documents speak of."""

    @property
    def is_under_way(self) -> bool:
        """Whether its status was not seen to have ended."""
        return self.status == "InProgress"


@frozen
class GroupListing:
    """A listing of scale sets of which a page is still to come."""

    shown: frozenset[GroupKey]
    """The scale sets on the pages so far."""
    expected: frozenset[GroupKey]
    """Those that surely existed when it began."""


@frozen
class Page:
    """A page that a listing said is still to come."""

    token: str
    """What its address has to tell it from other pages."""
    earlier: frozenset[str]
    """The names on the pages before it."""
    known_at: int
    """The group's `known_at` when the listing began."""


@frozen
class Belief:
    """Everything the oracle holds to be so."""

    edition: Edition | None = None
    """The edition asked for, or None to pick it for each group."""
    refinements: frozenset[str] = frozenset()
    """The names of the refinements that are switched on: recorded habits held against what is seen."""
    date: str = ""
    """The last date seen, as recorded."""
    groups: Map[GroupKey, GroupBelief] = field(factory=Map)
    """Scale sets by name."""
    operations: Map[str, Operation] = field(factory=Map)
    """Operations by id."""
    machines: Map[GroupKey, GroupKey | None] = field(factory=Map)
    """Standard VMs (resource group and name) with the scale set they name; None for one that surely names none."""
    acted: Map[GroupKey, tuple[tuple[str, str], ...]] = field(factory=Map)
    """Operations on standard VMs that were not known to be members: the operation's id, and its name in the URL."""
    deployments: Map[GroupKey, str] = field(factory=Map)
    """Template deployments (resource group and name) with their operation."""
    pages: Map[str, tuple[Page, ...]] = field(factory=Map)
    """The pages that listings of a group's members said are to come, the latest last."""
    listings: Map[tuple[str, str], GroupListing] = field(factory=Map)
    """Listings of scale sets by resource group (empty: of the whole subscription) and the page that comes next."""
    autoscaled: frozenset[GroupKey] = frozenset()
    """Scale sets that an autoscale setting names, whether they exist or not: it outlives them."""
    gaps: int = 0
    """How often exchanges were missed: after that an operation nobody saw may be under way on any scale set."""

    def with_group(self, group: GroupBelief) -> Belief:
        """The belief with a group's part replaced; where autoscale is configured, its members come and go."""
        if group.key in self.autoscaled and not group.platform_acts:
            group = group.disturbed(AUTOSCALED)
        return evolve(self, groups=self.groups.set(group.key, group))

    def with_operation(self, operation: Operation) -> Belief:
        """The belief with an operation's part replaced."""
        return evolve(self, operations=self.operations.set(operation.id, operation))
