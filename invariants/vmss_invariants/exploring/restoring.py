"""A world is made again from its canonical form.

What a canonical world leaves out is filled in: members have the first names there are, all stands at one moment, and
versions are their ranks. So the worlds of an exploration need not be kept, and one stands for all that are alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from immutables import Map

from vmss_invariants.exploring.codebook import Codebook, Key
from vmss_invariants.exploring.columns import NONE, Member, members_of
from vmss_invariants.exploring.departed import VM_NAMES
from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_model.census import Census
from vmss_model.copying import evolve
from vmss_model.rollout import Attempt, Progress, Rollout, Trigger
from vmss_model.values import Stage
from vmss_model.world import Group, GroupKey, Instance, Profile, Subscription, VmKey, World, artifacts_of

MOMENT = 10**9
"""The second at which a world stands that was made again: after whatever happened in it."""
_LONGEST_WAIT = 3600
"""Seconds: longer than any wait within a rollout. What began earlier began long ago."""
ALONE = "solo"
"""The name of the one VM outside any group."""


# -- samples ---------------------------------------------------------------------------------------


def sample_of_rest(world: World) -> World:
    """A world with nothing but what all groups share."""
    gone: Map[Any, Any] = Map()
    return evolve(world, clock=MOMENT, groups=gone, machines=gone, artifacts=gone, recent=gone)


def sample_of_subscription(world: World) -> Subscription:
    """The registrations, as of the moment."""
    later, subscription = MOMENT - world.clock, world.subscription
    provider = subscription.provider_registered_at
    return evolve(
        subscription,
        features=Map(
            {
                name: evolve(one, asked_at=one.asked_at + later, ends_at=one.ends_at + later)
                for name, one in subscription.features.items()
            }
        ),
        provider_registered_at=None if provider is None else provider + later,
    )


def sample_of_group(world: World, group: Group, ranks: Mapping[int, int]) -> Group:
    """A group without members, as of the moment, with versions by their ranks."""
    later = MOMENT - world.clock
    return evolve(
        group,
        members=Map(),
        census=Census(),
        profile=None if group.profile is None else expiring(group.profile, world.clock, MOMENT),
        model_version=ranks[group.model_version],
        opted_in_from=ranks[group.opted_in_from],
        trigger=None if group.trigger is None else _trigger_later(group.trigger, later),
        rollout=None if group.rollout is None else _rollout_later(group.rollout, later, ranks),
        history=tuple(attempt_later(one, later) for one in group.history),
    )


def expiring(profile: Profile, now: int, then: int) -> Profile:
    """The same model at another moment: what expires does so as long after it; what has expired has done so."""
    if not profile.external:
        return profile
    ends = ((one, one.credentials_end) for one in profile.external)
    external = (one if end is None else evolve(one, credentials_end=then + max(0, end - now)) for one, end in ends)
    return evolve(profile, external=tuple(external))


def _trigger_later(trigger: Trigger, later: int) -> Trigger:
    window = trigger.window
    return evolve(trigger, window=evolve(window, lowest=window.lowest + later, highest=window.highest + later))


def _rollout_later(rollout: Rollout, later: int, ranks: Mapping[int, int]) -> Rollout:
    return evolve(
        rollout,
        started_at=rollout.started_at + later,
        batch_started_at=MOMENT - waited(rollout, MOMENT - later),
        ready_at=rollout.ready_at + later,
        target_model=ranks[rollout.target_model],
        opted_in_from=ranks[rollout.opted_in_from],
        progress=Progress(),
        pending_at=Map(),
    )


def waited(rollout: Rollout, now: int) -> int:
    """How long it was waited for the current batch (seconds): it matters only as long as it is."""
    return min(_LONGEST_WAIT, now - rollout.batch_started_at) if rollout.progress.in_progress else 0


def attempt_later(attempt: Attempt, later: int) -> Attempt:
    """The same attempt on a clock that shows so many seconds more."""
    ended, counts = attempt.ended_at, attempt.progress
    return evolve(
        attempt,
        started_at=attempt.started_at + later,
        ended_at=None if ended is None else ended + later,
        # The counts may be a stand-in's that looks them up.
        progress=Progress(counts.successful, counts.failed, counts.in_progress, counts.pending),
    )


def sample_of_member(instance: Instance, rank: int, *, current: bool) -> Instance:
    """A member without name and place; its attempt is 1 if it takes part in the rollout under way, else 0."""
    stage = instance.stage if current else Stage.OUT_OF_SCOPE
    return evolve(
        instance,
        name="",
        zone=None,
        fault_domain=None,
        update_domain=None,
        model_version=rank,
        attempt=int(current),
        stage=stage,
    )


# -- worlds ----------------------------------------------------------------------------------------

Form = tuple[int, ...]
"""One group of a canonical world: its name, its own properties, the course of its rollout, its counts and zones, and
its fault domains and the members elsewhere, as numbers."""


def forms_in(key: Key) -> Iterator[Form]:
    """The groups of a canonical world."""
    place = 3
    while place < len(key):
        end = place + 6 + key[place + 5] + 1
        yield key[place:end]
        place = end


def members_in(form: Form, codebook: Codebook) -> Iterator[Member]:
    """The members of a group, in the order in which they are given names."""
    for domain, column in enumerate(form[6:]):
        if column != NONE:
            yield from members_of(codebook.parts[column], domain)


def census_in(form: Form, codebook: Codebook) -> Census:
    """The counts of a group."""
    parts = codebook.parts
    *_, counts, zones, domains = form[:6]
    loads = (parts[column][0] for column in form[6 : 6 + domains])
    _, members, *others = parts[counts]
    by_zone = parts[zones][1:] if zones != NONE else ()
    return Census(members, tuple(load for load in loads if load is not None), by_zone, *others)


def course_in(form: Form, codebook: Codebook) -> tuple[Progress, Map[Any, int]] | None:
    """The counts of the rollout under way, and the instances not upgraded yet by place; None where there is none."""
    course = form[2]
    return None if course == NONE else codebook.parts[course][1:]


class Restorer:
    """Makes worlds again from their canonical forms."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        """What the numbers stand for."""
        self._made: dict[tuple[Member, str, int], Instance] = {}

    def world(self, key: Key) -> World:
        """A world of which this is the canonical form."""
        parts, samples = self.codebook.parts, self.codebook.samples
        rest, subscription, alone, *_ = key
        groups: dict[GroupKey, Group] = {}
        machines: dict[VmKey, GroupKey | None] = {VmKey(name, ALONE): None for name in parts[alone][1:]}
        strangers = len(machines)
        artifacts: dict[str, str | None] = {}
        world: World = samples[rest]
        for form in forms_in(key):
            group = self.group(form, len(machines) - strangers)
            groups[group.key] = group
            explicit = group.kind in EXPLICIT_KINDS
            for name in group.members:
                artifacts.update(dict.fromkeys(artifacts_of(group.key, name), f"{group.key}/{name}"))
                if explicit:
                    machines[VmKey(group.key.resource_group, name)] = group.key
        return evolve(
            world,
            subscription=samples[subscription],
            groups=Map(groups),
            machines=Map(machines),
            artifacts=Map(artifacts),
        )

    def group(self, form: Form, named: int = 0) -> Group:
        """A group of this form; `named` is how many VM names are in use."""
        group: Group = self.codebook.samples[form[1]]
        rollout = group.rollout
        course = course_in(form, self.codebook)
        if rollout is not None and course is not None:
            progress, pending_at = course
            rollout = evolve(rollout, progress=progress, pending_at=pending_at)
        members = tuple(members_in(form, self.codebook))
        names = self.names(form, len(members), named)
        number = 0 if rollout is None else rollout.number
        return evolve(
            group,
            key=self.codebook.parts[form[0]],
            members=Map({name: self.member(one, name, number) for name, one in zip(names, members, strict=True)}),
            census=census_in(form, self.codebook),
            next_instance_id=0 if group.kind in EXPLICIT_KINDS else len(members),
            rollout=rollout,
        )

    def names(self, form: Form, count: int, named: int = 0) -> tuple[str, ...]:
        """The names that so many members of a group of this form are given."""
        group: Group = self.codebook.samples[form[1]]
        return VM_NAMES[named : named + count] if group.kind in EXPLICIT_KINDS else tuple(map(str, range(count)))

    def member(self, member: Member, name: str, number: int) -> Instance:
        """A member of this state in this place; `number` is that of the rollout under way."""
        made = self._made.get((member, name, number))
        if made is None:
            zone, fault_domain, update_domain, state = member
            sample: Instance = self.codebook.samples[state]
            made = self._made[member, name, number] = evolve(
                sample,
                name=name,
                zone=zone,
                fault_domain=fault_domain,
                update_domain=update_domain,
                attempt=number if sample.attempt else 0,
            )
        return made
