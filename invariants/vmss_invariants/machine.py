"""The state machine: Hypothesis explores worlds of every edition and checks every invariant at every step.

One rule for each family of requests, and some that walk a whole way at once, because chance would seldom
find it: registering for the preview, preparing an Azure Stack's marketplace, asking for every row of the
capability table, everything that can be read, every action on a member, a member that falls ill and is
replaced, filling a group to its limit, and every way of a rollout. A failure is an `InvariantBrokenError` that
carries the invariant and the requests that led to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vmss_invariants import requests as making
from vmss_invariants.coverage import RuleCoverage
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_invariants.strategies import made_by, request_for
from vmss_invariants.walker import Tally, Walker
from vmss_invariants.ways import follow
from vmss_invariants.ways_of_everything import WAY_KEY, ways_in
from vmss_model import requests as rq
from vmss_model.choices import Draw
from vmss_model.editions import EDITIONS, Edition
from vmss_model.values import GroupKind
from vmss_model.world import GroupKey, World

_DRAWS_BY_HYPOTHESIS = 8
"""How many of a step's choices Hypothesis draws (and shrinks) one by one; a generator draws the others."""
_FILL_NEAR = 3
"""How many VMs a group is filled with when it is not filled to its limit."""


def frugal_draw(data: st.DataObject) -> Draw:
    """Draws a step's choices: the first ones by Hypothesis, so that they shrink; the rest from one seed."""
    drawn, generator = 0, Random(0)

    def draw(lowest: int, highest: int) -> int:
        nonlocal drawn, generator
        if lowest == highest:
            return lowest
        drawn += 1
        if drawn <= _DRAWS_BY_HYPOTHESIS:
            return data.draw(st.integers(lowest, highest))
        if drawn == _DRAWS_BY_HYPOTHESIS + 1:
            generator = Random(data.draw(st.integers(0, 255)))
        return generator.randint(lowest, highest)

    return draw


def _where(holds: Callable[[World], bool]) -> Callable[[ScaleSetMachine], bool]:
    return lambda machine: holds(machine.world)


def _any_group(world: World) -> bool:
    return bool(world.groups)


def _any_member(world: World) -> bool:
    return any(group.members for group in world.groups.values())


def _any_group_of_vms(world: World) -> bool:
    return any(group.kind in EXPLICIT_KINDS for group in world.groups.values())


def _upgrades(world: World) -> bool:
    return world.edition.upgrades is not None and _any_group(world)


def _publishes(world: World) -> bool:
    return world.edition.upgrades is not None and world.edition.upgrades.automatic is not None


def _any_rollout(world: World) -> bool:
    return any(group.rollout is not None for group in world.groups.values())


def _once(what: str, holds: Callable[[World], bool]) -> Callable[[ScaleSetMachine], bool]:
    return lambda machine: what not in machine.walked and holds(machine.world)


class ScaleSetMachine(RuleBasedStateMachine):
    """Explores the model; subclasses (see `machine_for`) narrow it to an edition or a kind of group."""

    editions: ClassVar[tuple[Edition, ...]] = tuple(EDITIONS.values())
    """The editions to explore."""
    kinds: ClassVar[tuple[GroupKind, ...]] = ()
    """The kinds of group to create; empty: all that the edition has."""
    skipped: ClassVar[frozenset[str]] = frozenset()
    """Invariants that are not checked."""
    tally: ClassVar[Tally | None] = None
    """Counts what was examined, where given."""
    coverage: ClassVar[RuleCoverage | None] = None
    """Counts which rules decided, where given."""

    def __init__(self) -> None:
        super().__init__()
        self.walker = Walker(self.editions[0])
        self.walked: set[str] = set()

    @property
    def makes(self) -> tuple[GroupKind, ...]:
        """The kinds of group that are created."""
        return self.kinds or tuple(self.world.edition.kinds)

    @property
    def world(self) -> World:
        """The world as it is."""
        return self.walker.world

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A world of some edition, often one in which the way to a first group is open already."""
        editions = {edition.name: edition for edition in self.editions}
        edition = editions[data.draw(st.sampled_from(tuple(editions)), label="edition")]
        self.walker = Walker(edition, self.kinds, self.skipped, self.tally, self.coverage)
        if data.draw(st.sampled_from((True, True, False)), label="prepared"):
            requests = making.preparation(self.world)
            unfinished = data.draw(st.sampled_from((False, False, False, True)), label="unfinished")
            self._take_all(requests[: len(requests) - unfinished], data)
            created = self._take(data.draw(made_by(self._group)), data)
            if created.kind in EXPLICIT_KINDS:
                for _ in range(data.draw(st.integers(0, 4), label="VMs")):
                    self._ask("create_vm", data)

    def _group(self, pick: making.Pick) -> rq.CreateGroup:
        return making.create_group(pick, self.world, self.kinds)

    def _take(self, request: rq.Request, data: st.DataObject) -> Step:
        self.walker.examine_world()
        return self.walker.take(request, frugal_draw(data))

    def _take_all(self, requests: Iterable[rq.Request], data: st.DataObject) -> None:
        for request in requests:
            self._take(request, data)

    def _ask(self, family: str, data: st.DataObject) -> None:
        self._take(data.draw(request_for(self.world, (family,))), data)

    def _member(self, data: st.DataObject) -> tuple[GroupKey, str]:
        key = data.draw(st.sampled_from(making.groups_where(self.world, lambda group: bool(group.members))))
        return key, data.draw(made_by(lambda pick: making.pick_name(pick, self.world.groups[key])))

    @invariant()
    def world_invariants_hold(self) -> None:
        """What holds of every world holds of the one that the last step led to (each is looked at once)."""
        self.walker.examine_world()

    # -- one rule a family -------------------------------------------------------------------------

    @rule(data=st.data())
    def create_group(self, data: st.DataObject) -> None:
        """A new group."""
        self._take(data.draw(made_by(self._group)), data)

    @rule(data=st.data())
    def advance_clock(self, data: st.DataObject) -> None:
        """Time goes on."""
        self._ask("advance_clock", data)

    @precondition(_where(lambda world: world.edition.registration is not None))
    @rule(data=st.data())
    def registration(self, data: st.DataObject) -> None:
        """A step of the registration for the preview."""
        self._ask("registration", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def update_group(self, data: st.DataObject) -> None:
        """A change of a group's properties."""
        self._ask("update_group", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def resize(self, data: st.DataObject) -> None:
        """A change of the instance count."""
        self._ask("resize", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def autoscale(self, data: st.DataObject) -> None:
        """The platform changes an instance count by itself."""
        self._ask("autoscale", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def move_group(self, data: st.DataObject) -> None:
        """A group moves."""
        self._ask("move_group", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def delete_group(self, data: st.DataObject) -> None:
        """A group is to be deleted."""
        self._ask("delete_group", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def use_capability(self, data: st.DataObject) -> None:
        """A row of the capability table."""
        self._ask("use_capability", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def create_vm(self, data: st.DataObject) -> None:
        """A VM joins a group."""
        self._ask("create_vm", data)

    @precondition(_where(_any_group_of_vms))
    @rule(data=st.data())
    def create_another_vm(self, data: st.DataObject) -> None:
        """A VM joins a group: groups of VMs grow one by one, so this is asked for more often."""
        self._ask("create_vm", data)

    @rule(data=st.data())
    def machine_lifecycle(self, data: st.DataObject) -> None:
        """A VM outside any group."""
        self._ask("machine_lifecycle", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def act_on_instance(self, data: st.DataObject) -> None:
        """An action on one member."""
        self._ask("act_on_instance", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def act_on_group(self, data: st.DataObject) -> None:
        """A batch operation."""
        self._ask("act_on_group", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def install_extension(self, data: st.DataObject) -> None:
        """An extension on a member."""
        self._ask("install_extension", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def from_outside(self, data: st.DataObject) -> None:
        """Something happens to a member."""
        self._ask("from_outside", data)

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """A query."""
        self._ask("read", data)

    @precondition(_where(lambda world: world.edition.marketplace))
    @rule(data=st.data())
    def operate_stack(self, data: st.DataObject) -> None:
        """The operator of an Azure Stack does something."""
        self._ask("operate_stack", data)

    # -- models, images and rollouts ---------------------------------------------------------------

    @precondition(lambda machine: GroupKind.UNIFORM in machine.makes and machine.world.edition.upgrades is not None)
    @rule(data=st.data())
    def upgradable_group(self, data: st.DataObject) -> None:
        """A group that can be upgraded, or lacks something for it."""
        self._ask("upgradable_group", data)

    @precondition(_where(_upgrades))
    @rule(data=st.data())
    def change_model(self, data: st.DataObject) -> None:
        """A change of a model or an upgrade policy."""
        self._ask("change_model", data)

    @precondition(_where(_upgrades))
    @rule(data=st.data())
    def upgrade_by_hand(self, data: st.DataObject) -> None:
        """An upgrade call, or what leads to one."""
        self._ask("upgrade_by_hand", data)

    @precondition(_where(_publishes))
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        """Something happens to an image."""
        self._ask("publishing", data)

    @precondition(_where(_upgrades))
    @rule(data=st.data())
    def steer(self, data: st.DataObject) -> None:
        """A rollout begins, is cancelled or ends."""
        self._ask("steer", data)

    @precondition(_where(_any_rollout))
    @rule(data=st.data())
    def roll(self, data: st.DataObject) -> None:
        """A step of a rollout."""
        self._ask("roll", data)

    @precondition(_where(_any_rollout))
    @rule(data=st.data())
    def roll_on(self, data: st.DataObject) -> None:
        """Several of them: rollouts are long."""
        for _ in range(4):
            self._ask("roll", data)

    @precondition(_where(_any_group))
    @rule(data=st.data())
    def read_rollout(self, data: st.DataObject) -> None:
        """How a rollout stands."""
        self._ask("read_rollout", data)

    @precondition(_where(lambda world: world.edition.marketplace))
    @rule(data=st.data())
    def stack_image(self, data: st.DataObject) -> None:
        """The operator of an Azure Stack does something to an image."""
        self._ask("stack_image", data)

    # -- whole ways --------------------------------------------------------------------------------

    @precondition(lambda machine: bool(ways_in(machine.world.edition, machine.makes)))
    @rule(data=st.data(), seed=st.integers(0, 255))
    def walk_a_way(self, data: st.DataObject, seed: int) -> None:
        """One of the ways of models, images and rollouts, with a group of its own."""
        ways = ways_in(self.world.edition, self.makes)
        way = ways[data.draw(st.sampled_from(tuple(ways)), label="way")]
        generator = Random(seed)

        def take(request: rq.Request) -> World:
            self.walker.examine_world()
            return self.walker.take(request, generator.randint).after

        follow(way(generator.choice, self.world, WAY_KEY), take)

    @precondition(_where(lambda world: bool(making.preparation(world)) and not world.groups))
    @rule(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        """The whole way to a first group: registrations, or the marketplace."""
        self._take_all(making.preparation(self.world), data)

    @precondition(_where(_any_member))
    @rule(data=st.data())
    def look_around(self, data: st.DataObject) -> None:
        """All that can be asked about a group and a member."""
        self._take_all(making.everything_shown(*self._member(data)), data)

    @precondition(_once("ask_every_capability", _any_group))
    @rule(data=st.data())
    def ask_every_capability(self, data: st.DataObject) -> None:
        """Every row of the capability table, asked of one group."""
        self.walked.add("ask_every_capability")
        self._take_all(making.every_capability(data.draw(st.sampled_from(making.groups_where(self.world)))), data)

    @precondition(_where(_any_member))
    @rule(data=st.data())
    def fall_ill(self, data: st.DataObject) -> None:
        """A member is watched, falls ill and is replaced, where its kind has all that."""
        self._take_all(making.illness(*self._member(data)), data)

    @precondition(_where(_any_member))
    @rule(data=st.data())
    def act_in_every_way(self, data: st.DataObject) -> None:
        """Every action on a member, through either API."""
        self._take_all(making.every_action(*self._member(data)), data)

    @precondition(_once("fill_group", lambda world: bool(_fillable(world))))
    @rule(data=st.data(), to_the_limit=st.sampled_from((False,) * 7 + (True,)), beyond=st.sampled_from((-1, 0, 1)))
    def fill_group(self, data: st.DataObject, to_the_limit: bool, beyond: int) -> None:
        """VMs join a group one by one, a few or up to its limit, one less, or one more than it takes.

        Then the group is to be deleted.
        """
        self.walked.add("fill_group")
        group = self.world.groups[data.draw(st.sampled_from(_fillable(self.world)))]
        limit = self.world.rules_of(group).capacity
        assert limit is not None
        size = limit.highest if to_the_limit else min(limit.highest, group.census.members + _FILL_NEAR)
        generator = Random(data.draw(st.integers(0, 255)))
        self.walker.take_crowd(group, size + beyond - group.census.members, generator.randint)
        self._take_all((rq.AskFaultDomainGuarantee(group.key), rq.DeleteGroup(group.key)), data)


def _fillable(world: World) -> tuple[GroupKey, ...]:
    return making.groups_where(
        world, lambda group: group.capacity is None and world.rules_of(group).capacity is not None
    )


def machine_for(
    editions: Iterable[Edition] = tuple(EDITIONS.values()),
    kinds: Iterable[GroupKind] = (),
    skipped: Iterable[str] = (),
    tally: Tally | None = None,
    coverage: RuleCoverage | None = None,
) -> type[ScaleSetMachine]:
    """The state machine, narrowed to editions and kinds of group."""
    fields: dict[str, Any] = {
        "editions": tuple(editions),
        "kinds": tuple(kinds),
        "skipped": frozenset(skipped),
        "tally": tally,
        "coverage": coverage,
    }
    return type("NarrowedScaleSetMachine", (ScaleSetMachine,), fields)
