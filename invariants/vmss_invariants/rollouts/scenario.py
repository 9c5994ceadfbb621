"""What a simulated rollout is given, and the events that came of it: both plain values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from vmss_model import requests as rq
from vmss_model.choices import Draw
from vmss_model.rollout import Attempt, Place, Progress
from vmss_model.world import GroupKey, World

HEALTHY_AFTER = 60
"""So many seconds after its upgrade an instance is healthy, where nothing else is said; no document's number."""


class Kind(Enum):
    """The kinds of rollout, by what begins them."""

    AUTOMATIC = "automatic"
    """An automatic OS image upgrade, begun by the platform."""
    BY_HAND = "by-hand"
    """An OS image upgrade, started by hand."""
    ROLLING = "rolling"
    """A model update under upgrade policy Rolling."""


@frozen(kw_only=True)
class Scenario:
    """A rollout to simulate, with everything that goes wrong in it. Times are in seconds; moments count
    from the beginning of the rollout."""

    world: World
    """The world before it."""
    key: GroupKey
    """The group."""
    kind: Kind
    """What kind of rollout it is."""
    prelude: tuple[rq.Request, ...] = ()
    """What makes it begin: an image's publication and release, say."""
    failing: frozenset[str] = frozenset()
    """Instances that never become healthy once they are upgraded."""
    slow: Mapping[str, int] = field(factory=dict)
    """Instances that become healthy only so long after their upgrade."""
    ill: Mapping[str, int] = field(factory=dict)
    """Instances that fall ill at a moment for other reasons, and stay so."""
    unrestorable: frozenset[str] = frozenset()
    """Instances of which the previous OS disk cannot be brought back."""
    cancel_at: int | None = None
    """The moment at which somebody cancels the rollout, or None."""
    healthy_after: int = HEALTHY_AFTER
    """How long after its upgrade every other instance becomes healthy."""
    draw: Draw | None = None
    """Draws the batches from all that are allowed; None: always the largest batch of the first place."""


class What(Enum):
    """What happens in a timeline."""

    PRELUDE = "before"
    BEGUN = "begins"
    NOT_BEGUN = "does not begin"
    BATCH = "batch"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    RESTORED = "restored"
    NOT_RESTORED = "not restored"
    FAILED = "failed"
    RECOVERED = "recovered"
    ILL = "ill"
    PAUSE = "pause"
    CANCELLED = "cancelled"
    ENDED = "ends"
    STUCK = "stands still"


@frozen(kw_only=True)
class Event:
    """One line of a timeline."""

    at: int
    """When, from the beginning of the rollout (seconds; before it: negative)."""
    what: What
    """What kind of event it is."""
    text: str
    """What happened, in words."""
    names: tuple[str, ...] = ()
    """The instances that it happened to, in order."""
    rules: tuple[str, ...] = ()
    """The rules that the model's decision named."""
    progress: Progress
    """The four counts of the rollout after it."""
    up: int
    """Instances that are up after it."""
    unhealthy: int
    """Instances that the gates count as unhealthy after it."""


@frozen
class Change:
    """An instance is in another state from a moment on."""

    at: int
    """When, from the beginning of the rollout (seconds)."""
    name: str
    """The instance."""
    state: str
    """Its state from then on, by the words of the heat map."""


@frozen
class BatchShown:
    """A batch of a timeline."""

    number: int
    """Which one it is, from 1."""
    at: int
    """When its instances were upgraded (seconds from the beginning)."""
    place: Place
    """The zone and update domain of its first instance."""
    names: tuple[str, ...]
    """Its instances, in order."""


@frozen
class Row:
    """An instance of a timeline."""

    name: str
    """Its name."""
    place: Place
    """Its zone and update domain."""
    state: str
    """Its state when the rollout began, by the words of the heat map."""


@frozen(kw_only=True)
class Timeline:
    """A rollout from its beginning to its end."""

    kind: Kind
    """What kind of rollout it is."""
    rows: tuple[Row, ...]
    """The instances in order: by zone, update domain and name."""
    events: tuple[Event, ...]
    """What happened, in order."""
    changes: tuple[Change, ...]
    """The states of the instances from moment to moment, in order."""
    batches: tuple[BatchShown, ...]
    """The batches, in order."""
    attempt: Attempt | None
    """The entry of the upgrade history; None where it did not begin or did not end."""
    began_at: int
    """When it began, on the world's clock (seconds)."""
    error: str = ""
    """The error code with which it did not begin or ended; empty where there is none."""
    notes: tuple[str, ...] = ()
    """What the documents leave open on the way; sentences, each once."""
    trace: tuple[tuple[rq.Request, Mapping[str, object]], ...] = field(default=(), repr=False)
    """Every request that was granted, with what was picked for its choices."""
    world: World = field(repr=False)
    """The world at the end."""

    @property
    def ended_at(self) -> int:
        """When the last event happened (seconds from the beginning)."""
        return self.events[-1].at if self.events else 0
