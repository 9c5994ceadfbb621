"""One rollout from its beginning to its end: a pure function from a scenario to a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmss_invariants.rollouts.described import Described, Made, world_of
from vmss_invariants.rollouts.driving import Nobody, Run
from vmss_invariants.rollouts.scenario import BatchShown, Change, Event, Kind, Row, Scenario, Timeline, What
from vmss_invariants.rollouts.strict import DescriptionError
from vmss_invariants.rollouts.wording import in_order
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide.images import disk_of_model
from vmss_model.decide.models import heat_cell
from vmss_model.decisions import Decision
from vmss_model.os_images import PlatformImage
from vmss_model.rollout import Attempt, Place, Progress, place_of
from vmss_model.values import UpgradeMode
from vmss_model.world import Group, GroupKey, Instance, World


class NotBegunError(Exception):
    """A rollout that does not begin, with the model's decision."""

    def __init__(self, decision: Decision) -> None:
        """Keep the decision."""
        self.decision = decision
        reasons = "; ".join(refusal.message for refusal in decision.refusals) or decision.silent
        super().__init__(reasons)


def run_filled(
    world: World,
    key: GroupKey,
    failing: frozenset[str] = frozenset(),
    *,
    kind: Kind = Kind.AUTOMATIC,
    slow: Mapping[str, int] | None = None,
    ill: Mapping[str, int] | None = None,
    unrestorable: frozenset[str] = frozenset(),
) -> Attempt:
    """The entry of the upgrade history that a rollout with these failures ends with; nothing is written down.

    The world is one in which it may begin, now or once its window opens. Batches are the largest that are
    allowed, place by place. Raises `NotBegunError` where the model does not let it begin.
    """
    return rolled_out(
        Scenario(
            world=world, key=key, kind=kind, failing=failing, slow=slow or {}, ill=ill or {}, unrestorable=unrestorable
        )
    )[1]


def rolled_out(scenario: Scenario) -> tuple[World, Attempt]:
    """The world after a scenario's rollout, and its entry of the upgrade history."""
    run = Run(scenario, Nobody())
    run.run()
    if run.refused is not None:
        raise NotBegunError(run.refused)
    assert run.attempt is not None, "the rollout neither goes on nor ends"
    return run.world, run.attempt


def simulate(scenario: Scenario) -> Timeline:
    """Everything that happens in a scenario, in order."""
    recorder = _Recorder(scenario)
    run = Run(scenario, recorder)
    run.run()
    refusals = run.refused.refusals if run.refused is not None else ()
    error = run.attempt.error if run.attempt is not None else next((one.code for one in refusals), "")
    return Timeline(
        kind=scenario.kind,
        rows=recorder.rows,
        events=tuple(evolve(one, at=one.at - recorder.began_at) for one in recorder.events),
        changes=tuple(Change(at - recorder.began_at, name, state) for at, name, state in recorder.changes),
        batches=tuple(evolve(one, at=one.at - recorder.began_at) for one in recorder.batches),
        attempt=run.attempt,
        began_at=recorder.began_at,
        error=error,
        notes=tuple(run.notes),
        trace=tuple(recorder.trace),
        world=run.world,
    )


class _Recorder:
    """Writes a timeline down; moments are the clock's until it is known when the rollout began."""

    def __init__(self, scenario: Scenario) -> None:
        self.rows: tuple[Row, ...] = ()
        self.events: list[Event] = []
        self.changes: list[tuple[int, str, str]] = []
        self.batches: list[BatchShown] = []
        self.trace: list[tuple[rq.Request, Mapping[str, object]]] = []
        self.began_at = 0
        self._key = scenario.key
        self._states: dict[str, str] = {}
        self._seen: Mapping[str, Instance] = {}
        self._ended = Progress()

    def began(self, world: World) -> None:
        """The moment that all others count from; the states of the instances as they are then."""
        self.began_at = world.clock
        group = world.groups[self._key]
        disk = disk_of_model(world, group)
        self._states = {name: heat_cell(group, member, disk).state for name, member in group.members.items()}
        self._seen = group.members
        names = in_order(group.members)
        rows = [Row(name, place_of(group.members[name]), self._states[name]) for name in names]
        self.rows = tuple(sorted(rows, key=lambda row: place_order(row.place)))

    def asked(self, request: rq.Request, picks: Mapping[str, object], world: World) -> None:
        """A request was granted; the states that it changed are noted."""
        self.trace.append((request, picks))
        group = world.groups[self._key]
        if self._states and group.rollout is not None and not isinstance(request, rq.AdvanceClock):
            self._note_states(world, group, _touched(request, group))

    def _note_states(self, world: World, group: Group, names: Iterable[str]) -> None:
        disk = disk_of_model(world, group)
        for name in names:
            state = heat_cell(group, group.members[name], disk).state
            if state != self._states[name]:
                self._states[name] = state
                self.changes.append((world.clock, name, state))

    def batch(self, names: tuple[str, ...], world: World) -> None:
        """A batch started."""
        place = place_of(world.groups[self._key].members[names[0]])
        self.batches.append(BatchShown(len(self.batches) + 1, world.clock, place, names))

    def happened(
        self, what: What, text: str, world: World, rules: tuple[str, ...] = (), names: Iterable[str] = ()
    ) -> None:
        """An event, with the counts after it."""
        group = world.groups[self._key]
        if group.rollout is not None:
            self._ended = group.rollout.progress
        self.events.append(
            Event(
                at=world.clock,
                what=what,
                text=text,
                names=in_order(names),
                rules=rules,
                progress=self._ended,
                up=group.census.up,
                unhealthy=group.census.unhealthy_for_gates(monitored=group.monitored),
            )
        )


def _touched(request: rq.Request, group: Group) -> Iterable[str]:
    name = getattr(request, "name", None)
    return (name,) if isinstance(name, str) and name in group.members else group.members


def place_order(place: Place) -> tuple[str, int]:
    """Places by zone and update domain; what has none comes first."""
    zone, domain = place
    return zone or "", -1 if domain is None else domain


# -- from a description to a scenario ----------------------------------------------------------------


def scenario_of(described: Described, kind: Kind, credentials_expire: int | None = None) -> tuple[Scenario, Made]:
    """The scenario of a described group's rollout, without anything that goes wrong in it.

    An image version that no instance runs yet is published and released first. Credentials expire so many
    seconds after the beginning.
    """
    described = _with_policy(described, kind)
    if described.target is None:
        raise DescriptionError("the group", "nothing says what is to be rolled out", "name the target version")
    changed = kind is Kind.ROLLING or (kind is Kind.BY_HAND and not described.follows_latest)
    announces = described.follows_latest and described.target_is_new and kind is not Kind.ROLLING
    prelude = _announcement(described) if announces else ()

    def made(credentials_end: int | None) -> Made:
        return world_of(
            described,
            model_changed=changed,
            os_upgrade=kind is Kind.AUTOMATIC,
            published=not announces,
            credentials_end=credentials_end,
        )

    first = made(None)
    scenario = Scenario(world=first.world, key=first.key, kind=kind, prelude=prelude)
    if credentials_expire is not None:
        # They count from the beginning, which comes when the model says so: the window that opens first.
        began = _begins_at(scenario)
        first = made(began + credentials_expire)
        scenario = evolve(scenario, world=first.world)
    return scenario, first


def _begins_at(scenario: Scenario) -> int:
    recorder = _Recorder(scenario)
    Run(scenario, recorder).run()
    return recorder.began_at


def _with_policy(described: Described, kind: Kind) -> Described:
    policy = described.upgrade_policy
    if kind is Kind.ROLLING and policy not in (None, UpgradeMode.ROLLING):
        raise DescriptionError(
            "group.upgrade_policy",
            f"a rolling model update needs upgrade policy Rolling, not {policy.value if policy else 'none'}",
            "see UPGRADE-ROLLING",
        )
    if policy is None:
        chosen = UpgradeMode.MANUAL if kind is Kind.AUTOMATIC else UpgradeMode.ROLLING
        return evolve(described, upgrade_policy=chosen)
    return described


def _announcement(described: Described) -> tuple[rq.Request, ...]:
    assert described.image is not None
    assert described.target is not None
    line, regions = described.image.line, frozenset({described.region})
    if isinstance(line, PlatformImage):
        return (rq.PublishImage(line, described.target), rq.ReleaseImage(line, described.target, regions))
    return (rq.PublishImage(line, described.target, regions),)
