"""Drives a rollout on the model: puts every request that the platform would, and lets the model decide.

No rule is known here. Which batch may start, whether the wait is over, what a failed instance gets and when
all is over is asked of the model; what it refuses is not done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import Protocol

from vmss_invariants.counting import counted
from vmss_invariants.rollouts.scenario import Kind, Scenario, What
from vmss_invariants.rollouts.wording import clock, in_order, named, place_name
from vmss_model import requests as rq
from vmss_model.answers import Answer, ClockShown
from vmss_model.batches import Batch
from vmss_model.choices import Choice
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.evolve import evolve_all
from vmss_model.rollout import Attempt, Rollout, place_of
from vmss_model.values import Health, Power, Provisioning, Stage
from vmss_model.world import Group, World

FOREVER = 10**9
"""Further than any deadline (seconds)."""
_ILL, _PROVISIONED, _RECOVERED, _CANCELLED = range(4)
"""What is on the agenda; of several at the same moment the lower goes first."""


class Watcher(Protocol):
    """Is told what happens, and writes it down or does not."""

    def happened(
        self, what: What, text: str, world: World, rules: tuple[str, ...] = (), names: Iterable[str] = ()
    ) -> None:
        """Something happened."""

    def asked(self, request: rq.Request, picks: Mapping[str, object], world: World) -> None:
        """A request was granted, and this is the world after it."""

    def batch(self, names: tuple[str, ...], world: World) -> None:
        """A batch started."""

    def began(self, world: World) -> None:
        """The rollout is about to begin, and this is the moment that all others count from."""


class Nobody:
    """A watcher that writes nothing down."""

    def happened(
        self, what: What, text: str, world: World, rules: tuple[str, ...] = (), names: Iterable[str] = ()
    ) -> None:
        """Look away."""

    def asked(self, request: rq.Request, picks: Mapping[str, object], world: World) -> None:
        """Look away."""

    def batch(self, names: tuple[str, ...], world: World) -> None:
        """Look away."""

    def began(self, world: World) -> None:
        """Look away."""


class Run:
    """One rollout being driven."""

    def __init__(self, scenario: Scenario, watcher: Watcher) -> None:
        """Begin with the scenario's world; nothing happens yet."""
        self.scenario = scenario
        self.world = scenario.world
        self.attempt: Attempt | None = None
        self.refused: Decision | None = None
        self._watcher = watcher
        self._key = scenario.key
        self._agenda: list[tuple[int, int, int, str]] = []
        self._entries = 0
        self._had_their_chance: set[str] = set()
        self._sick: set[str] = set()
        self.notes: dict[str, None] = {}
        self._pausing = -1
        self._batch: tuple[str, ...] = ()
        self._batches = 0

    # -- asking ------------------------------------------------------------------------------------

    @property
    def group(self) -> Group:
        """The group as it is."""
        return self.world.groups[self._key]

    @property
    def rollout(self) -> Rollout | None:
        """The rollout as it stands, or None."""
        return self.group.rollout

    def _ask(self, request: rq.Request, **picks: object) -> tuple[Decision, Answer | None]:
        """Put a request to the model; what it grants takes effect, by these picks or the first allowed ones."""
        decision = decide(self.world, request)
        grant = decision.grant
        if grant is None:
            return decision, None
        chosen = {one.name: picks[one.name] if one.name in picks else self._picked(one) for one in grant.choices}
        self.world = evolve_all(self.world, grant.events(chosen))
        self.notes.update(dict.fromkeys((*decision.open, *decision.advice)))
        self._watcher.asked(request, chosen, self.world)
        return decision, grant.answer(chosen)

    def _picked(self, choice: Choice) -> object:
        """The platform's choice: the largest batch of the first place and else the lowest value, or drawn."""
        draw = self.scenario.draw
        if draw is None and isinstance(choice, Batch):
            return choice.filled()[0]
        return choice.sample(draw or _lowest)

    def _tell(self, what: What, text: str, rules: tuple[str, ...] = (), names: Iterable[str] = ()) -> None:
        self._watcher.happened(what, text, self.world, rules, names)

    # -- from the beginning to the end ---------------------------------------------------------------

    def run(self) -> None:
        """Drive the rollout to its end."""
        if not self._begin():
            return
        while self.rollout is not None:
            self._happen()
            if self.rollout.progress.in_progress:
                if self._give_up():
                    continue
            elif self._end() or self._start_batch():
                continue
            if not self._advance():
                self._tell(What.STUCK, "nothing more happens: the documents do not say how it goes on")
                return

    def _begin(self) -> bool:
        for request in self.scenario.prelude:
            decision, _ = self._ask(request)
            if decision.grant is None:
                self._watcher.began(self.world)
                self._refuse(decision)
                return False
            self._tell(What.PRELUDE, prelude_text(request), decision.held)
        by_hand = self.scenario.kind is Kind.BY_HAND
        request = rq.StartRollout(self._key) if by_hand else rq.BeginRollout(self._key)
        trigger = self.group.trigger
        if trigger is not None and not by_hand:
            self._ask(rq.AdvanceClock(max(0, self._picked_moment() - self.world.clock)))
        self._watcher.began(self.world)
        self._note_agenda()
        while self._agenda and self._agenda[0][0] <= self.world.clock and self._agenda[0][1] == _ILL:
            self._fall_ill([heappop(self._agenda)[3]])
        decision, _ = self._ask(request)
        if decision.grant is None:
            self._refuse(decision)
            return False
        rollout = self.rollout
        assert rollout is not None
        what = str(rollout.target) if rollout.target is not None else f"model version {rollout.target_model}"
        self._tell(
            What.BEGUN, f"rollout of {what} to {counted(rollout.progress.scope, 'instance')} begins", decision.held
        )
        return True

    def _picked_moment(self) -> int:
        trigger = self.group.trigger
        assert trigger is not None
        moment = self._picked(trigger.window)
        assert isinstance(moment, int)
        return moment

    def _refuse(self, decision: Decision) -> None:
        self.refused = decision
        rules = tuple(dict.fromkeys(rule for refusal in decision.refusals for rule in refusal.rules))
        text = "; ".join(refusal.message for refusal in decision.refusals) or decision.silent
        self._tell(What.NOT_BEGUN, f"it does not begin: {text}", rules)

    def _note_agenda(self) -> None:
        start = self.world.clock
        for name, moment in sorted(self.scenario.ill.items()):
            self._note(start + moment, _ILL, name)
        if self.scenario.cancel_at is not None:
            self._note(start + self.scenario.cancel_at, _CANCELLED, "")

    def _note(self, moment: int, what: int, name: str) -> None:
        heappush(self._agenda, (moment, what, self._entries, name))
        self._entries += 1

    def _advance(self) -> bool:
        """Let time go on, to the next entry of the agenda or until the clock stops by itself."""
        ahead = self._agenda[0][0] - self.world.clock if self._agenda else FOREVER
        before = self.world.clock
        _, shown = self._ask(rq.AdvanceClock(ahead))
        assert isinstance(shown, ClockShown)
        return self.world.clock > before and bool(self._agenda or shown.due)

    # -- what happens to instances ---------------------------------------------------------------------

    def _happen(self) -> None:
        """Everything that the agenda has for now."""
        due: dict[int, list[str]] = {}
        while self._agenda and self._agenda[0][0] <= self.world.clock:
            _, what, _, name = heappop(self._agenda)
            due.setdefault(what, []).append(name)
        for what, names in sorted(due.items()):
            if what == _ILL:
                self._fall_ill(names)
            elif what == _PROVISIONED:
                self._provision(names)
            elif what == _RECOVERED:
                self._recover(names)
            else:
                decision, _ = self._ask(rq.CancelRollout(self._key))
                self._tell(What.CANCELLED, "it is cancelled: no further batch starts", decision.held)

    def _fall_ill(self, names: list[str]) -> None:
        present = [name for name in names if name in self.group.members]
        self._sick.update(present)
        rules = self._report(present, Health.UNHEALTHY)
        if not self.group.monitored:
            for name in present:
                self._ask(rq.ChangePower(self._key, name, Power.STOPPED))
        self._tell(What.ILL, f"{named(present)} {_fall(present)} ill for other reasons", rules, present)

    def _report(self, names: Iterable[str], health: Health) -> tuple[str, ...]:
        """The health of instances is reported, where somebody reports it; the rules of the decisions."""
        source = self.group.health_source
        rules: dict[str, None] = {}
        for name in names if source is not None else ():
            assert source is not None
            decision, _ = self._ask(rq.ReportHealth(self._key, name, health, source))
            rules.update(dict.fromkeys(decision.held))
        return tuple(rules)

    def _provision(self, names: list[str]) -> None:
        """Upgraded instances get their extensions, and are healthy then, or not."""
        rules: dict[str, None] = {}
        well: list[str] = []
        ill: list[str] = []
        for name in names:
            # One that failed meanwhile, or got its old disk back, is past it.
            if self.group.members[name].provisioning is not Provisioning.UPDATING:
                continue
            self._had_their_chance.add(name)
            bad = name in self._sick or name in self.scenario.failing
            if not bad or self.group.monitored:
                rules.update(dict.fromkeys(self._ask(rq.ProvisionInstance(self._key, name))[0].held))
            (ill if bad else well).append(name)
        rules.update(dict.fromkeys(self._report(well, Health.HEALTHY)))
        rules.update(dict.fromkeys(self._report(ill, Health.UNHEALTHY)))
        settled = [name for name in well if self._stage(name) is Stage.SUCCESSFUL]
        late = [name for name in well if self._stage(name) is Stage.FAILED]
        if settled:
            self._tell(What.HEALTHY, f"{named(settled)} upgraded and healthy", tuple(rules), settled)
        if late:
            self._tell(What.RECOVERED, f"{named(late)} healthy, too late to count", tuple(rules), late)
        waiting = [name for name in names if name in self._had_their_chance and self._waits(name)]
        if waiting:
            self._tell(What.UNHEALTHY, f"{named(waiting)} upgraded, but not healthy", tuple(rules), waiting)

    def _recover(self, names: list[str]) -> None:
        """Instances that got their previous OS disk back are healthy again, unless they are ill otherwise."""
        well = [name for name in names if name not in self._sick]
        rules = self._report(well, Health.HEALTHY)
        if rules and well:
            self._tell(What.RECOVERED, f"{named(well)} healthy again on the previous OS disk", rules, well)

    def _stage(self, name: str) -> Stage:
        member = self.group.members[name]
        return member.stage if self.rollout is not None and member.attempt == self.rollout.number else Stage.PENDING

    def _waits(self, name: str) -> bool:
        return self._stage(name) is Stage.IN_PROGRESS

    def _give_up(self) -> bool:
        """What the model grants for instances that are not healthy in time: restored, or left as failed."""
        # Where the documents name no longest wait, nothing says when to give up but the instance itself.
        waits_long = self.world.edition.automatic_upgrades(self.group.kind) is not None
        names = [name for name in self._batch if self._waits(name) and (waits_long or name in self._had_their_chance)]
        if not names:
            return False
        restored: list[str] = []
        kept: list[str] = []
        failed: list[str] = []
        rules: dict[str, None] = {}
        for name in names:
            brought_back = name not in self.scenario.unrestorable
            decision, _ = self._ask(rq.RestoreInstance(self._key, name), restored=brought_back)
            if decision.grant is not None:
                (restored if brought_back else kept).append(name)
            else:
                decision, _ = self._ask(rq.FailInstance(self._key, name))
                if decision.grant is None:
                    return False
                failed.append(name)
            rules.update(dict.fromkeys(decision.held))
        self._tell_given_up(restored, kept, failed, tuple(rules))
        for name in restored:
            self._note(self.world.clock + self.scenario.healthy_after, _RECOVERED, name)
        return True

    def _tell_given_up(self, restored: list[str], kept: list[str], failed: list[str], rules: tuple[str, ...]) -> None:
        if restored:
            text = f"{named(restored)} not healthy in time: previous OS disk restored"
            self._tell(What.RESTORED, text, rules, restored)
        if kept:
            text = f"{named(kept)} not healthy in time: previous OS disk cannot be restored"
            self._tell(What.NOT_RESTORED, text, rules, kept)
        if failed:
            self._tell(What.FAILED, f"{named(failed)} not healthy in time: failed, left as is", rules, failed)

    # -- batches and the end -----------------------------------------------------------------------------

    def _start_batch(self) -> bool:
        before = {} if self.rollout is None else self.group.members
        decision, _ = self._ask(rq.StartBatch(self._key))
        if decision.grant is None:
            self._tell_pause(decision)
            return False
        rollout, members = self.rollout, self.group.members
        assert rollout is not None
        self._batch = in_order(name for name, member in members.items() if member is not before[name])
        self._watcher.batch(self._batch, self.world)
        where = place_name(place_of(members[self._batch[0]])) if _stays_in_place(decision) else ""
        self._batches += 1
        where = f"{len(self._batch)} in {where}" if where else str(len(self._batch))
        text = f"batch {self._batches} ({where}): {named(self._batch)}"
        error = f"; it fails: {rollout.error}" if rollout.error else ""
        self._tell(What.BATCH, text + error, decision.held, self._batch)
        for name in self._batch:
            after = self.scenario.slow.get(name, self.scenario.healthy_after)
            self._note(self.world.clock + after, _PROVISIONED, name)
        return True

    def _tell_pause(self, decision: Decision) -> None:
        rollout = self.rollout
        if rollout is not None and rollout.ready_at > self.world.clock and rollout.ready_at != self._pausing:
            self._pausing = rollout.ready_at
            rules = tuple(dict.fromkeys(rule for refusal in decision.refusals for rule in refusal.rules))
            self._tell(What.PAUSE, f"pause of {clock(rollout.ready_at - self.world.clock)} between batches", rules)

    def _end(self) -> bool:
        before = self.rollout
        decision, _ = self._ask(rq.EndRollout(self._key))
        if decision.grant is None or before is None:
            return False
        self.attempt = self.group.history[0]
        error = f": {self.attempt.error}" if self.attempt.error else ""
        self._tell(What.ENDED, f"it ends as {self.attempt.status.value}{error}", decision.held)
        return True


def prelude_text(request: rq.Request) -> str:
    """What a request of a prelude does, in words."""
    if isinstance(request, rq.PublishImage):
        return f"version {request.version} of {request.line} is published"
    if isinstance(request, rq.ReleaseImage):
        return f"version {request.version} is released to {', '.join(sorted(request.regions))}"
    return type(request).__name__


def _stays_in_place(decision: Decision) -> bool:
    choices = decision.grant.choices if decision.grant is not None else ()
    return any(isinstance(one, Batch) and one.stays_in_place for one in choices)


def _lowest(lowest: int, _highest: int) -> int:
    return lowest


def _fall(names: list[str]) -> str:
    return "falls" if len(names) == 1 else "fall"
