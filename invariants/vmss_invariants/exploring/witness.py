"""Requests with which anybody can see in which way a rule of one edition decides otherwise than another edition."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from attrs import field, frozen

from vmss_invariants.contrasts import SAYS, Contrast, Sort
from vmss_invariants.describing import described
from vmss_invariants.exploring.bounds import empty_world
from vmss_invariants.exploring.pairs import Made, Prepared, Requests, prepared
from vmss_invariants.exploring.sides import ASKED
from vmss_model.choices import Choice
from vmss_model.decide import decide
from vmss_model.decisions import Decision
from vmss_model.editions import edition
from vmss_model.evolve import evolve_all
from vmss_model.values import GroupKind
from vmss_model.world import World


@frozen
class Witness:
    """Requests that both editions are asked for, with which anybody can see what they say to the last one."""

    editions: tuple[str, str]
    """The names of the editions."""
    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each."""
    prepared: Prepared
    """The requests that prepare the world of each edition for groups, as far as they are needed."""
    trail: tuple[Made, ...] = field(repr=False)
    """The requests before the last one."""
    last: Requests = field(repr=False)
    """The last request, by the names of each edition."""
    in_a_row: int = 1
    """How many VMs are asked for with the last request, it among them: they are told in one line."""

    def replayed(self) -> tuple[Decision, Decision]:
        """What the editions say to the last request when everything is made again from the beginning."""
        one, other = (self._worlds(side)[-1] for side in (0, 1))
        return decide(one, self.last[0]), decide(other, self.last[1])

    @property
    def preparation(self) -> Mapping[str, tuple[str, ...]]:
        """The requests in words that prepare the world of an edition, by its name, where they are needed."""
        return {
            name: tuple(map(described, requests))
            for name, requests in zip(self.editions, self.prepared, strict=True)
            if requests
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The requests in words; with what the platform picked where it had a choice, and who did not grant one."""
        shown = self.trail[: len(self.trail) - self.in_a_row + 1]
        worlds = self._worlds(0), self._worlds(1)
        lines = [
            f"{self._asked(made.requests)}{self._outcome(made, (worlds[0][place], worlds[1][place]))}"
            for place, made in enumerate(shown)
        ]
        many = f", the last of {self.in_a_row} VMs" if self.in_a_row > 1 else ""
        return (*lines, f"{self._asked(self.last)}{many}")

    def _asked(self, requests: Requests) -> str:
        if requests[0] == requests[1]:
            return described(requests[0])
        kind = getattr(requests[1], "kind", None)
        assert isinstance(kind, GroupKind), "requests of two editions differ in the name of the kind"
        return f"{described(requests[0])}, in {self.editions[1]} kind={kind.value}"

    def _outcome(self, made: Made, worlds: tuple[World, World]) -> str:
        told = []
        for name, request, picks, world in zip(self.editions, made.requests, made.picks, worlds, strict=True):
            decision = decide(world, request)
            if picks is None:
                told.append(f"{'silent' if decision.silent else 'refused'} in {name}")
            elif decision.grant is not None and (open_ones := [one for one in decision.grant.choices if _is_open(one)]):
                told.append(", ".join(f"{one.name} {described(picks[one.name])}" for one in open_ones))
            else:
                told.append("")
        if told[0] == told[1]:
            return f" -> {told[0]}" if told[0] else ""
        named_ones = [
            one if picks is None else f"{one} in {name}"
            for one, picks, name in zip(told, made.picks, self.editions, strict=True)
            if one
        ]
        return f" -> {'; '.join(named_ones)}"

    def _worlds(self, side: int) -> list[World]:
        """The worlds before each request, and before the last one."""
        world = prepared(empty_world(edition(self.editions[side]), ASKED), self.prepared[side])
        worlds = [world]
        for made in self.trail:
            picks = made.picks[side]
            grant = decide(world, made.requests[side]).grant
            assert (grant is None) is (picks is None), "what led on is decided as it was"
            if grant is not None and picks is not None:
                world = evolve_all(world, grant.events(picks))
            worlds.append(world)
        return worlds


def _is_open(choice: Choice) -> bool:
    return len(list(islice(choice.values(), 2))) > 1


@frozen
class RuleDifference:
    """A request that a rule of one edition decides, and that the other one decides otherwise."""

    kinds: tuple[GroupKind, GroupKind]
    """The kind of group in each edition."""
    rule: str
    """The rule."""
    edition: str
    """The edition that has it, or that names it here."""
    other: str
    """The other edition."""
    contrast: Contrast
    """How the other one decides."""
    says: str
    """What the edition says to the last request."""
    other_says: str
    """What the other one says."""
    witness: Witness
    """The requests."""
    restates: str = ""
    """The rule that says the same thing and is shown in its place; empty where the rule itself is named."""

    @property
    def sort(self) -> Sort:
        """In which way the two decide otherwise."""
        return self.contrast.sort

    @property
    def sentence(self) -> str:
        """How the two decide, in words."""
        return SAYS[self.sort].format(mine=self.edition, other=self.other)

    @property
    def order(self) -> tuple[int, int]:
        """How good the difference is: how much it shows, and then how short it is."""
        return self.contrast.rank, len(self.witness.trail)
