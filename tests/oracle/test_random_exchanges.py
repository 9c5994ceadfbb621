"""A service that is the model itself never violates, whatever it shows of itself: many thousand exchanges.

By day they are a few thousand. `pytest -n0 tests/oracle/test_random_exchanges.py --requests 5000000 --seed 7` makes as
many as there is time for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from attrs import define, evolve, field
from tests.invariants.absurd import Wandering
from tests.oracle.modelled import ModelledService, Told, regions_of
from tests.oracle.rollouts import Player, drawn_shape, play

from vmss_model import EDITIONS, World, decide, edition
from vmss_model import requests as rq
from vmss_model.oracle import Finding, Verdict
from vmss_model.oracle.arm import ArmOracle, ArmRequest, ArmResponse
from vmss_model.world import Subscription

LENGTH = 40
"""So many requests are made one after another."""
MISSED = None
"""Stands for requests that the oracle does not see."""
Wrong = Callable[[ArmRequest, ArmResponse], ArmResponse]
"""What a service answers in place of what it should."""


def walked(name: str, wandering: Wandering) -> Iterator[Told | None]:
    """The exchanges of some requests, one after another; None where some were not seen."""
    random = wandering.random
    world = World(edition(name), regions=regions_of(edition(name)), subscription=Subscription(known=False))
    service = ModelledService(world, random, shown=random.choice((0.3, 0.8, 1)))
    nonsense, missed = random.choice((0, 0, 0.05, 0.3)), random.choice((0, 0, 0.1))
    for _ in range(LENGTH):
        request = wandering.request(service.world, nonsense)
        exchanges = list(service.asked(request)) if request is not None else []
        if service.under_way and random.random() < 0.3:
            exchanges.append(service.ended())
        if random.random() < 0.5:
            exchanges += service.looked_at()
        yield from (MISSED,) if random.random() < missed else exchanges


def judged(
    oracle: ArmOracle, exchanges: Iterable[Told | None], wrong: Wrong = lambda _, answer: answer
) -> Iterator[tuple[Finding, list[Told | None]]]:
    """The finding on each exchange that is seen, and all exchanges so far; `wrong` tells what is answered instead."""
    seen: list[Told | None] = []
    for told in exchanges:
        seen.append(told)
        if told is MISSED:
            oracle = oracle.forget()
            continue
        asked, answer, date = told
        oracle, finding = oracle.observe(asked, wrong(asked, answer), date)
        yield finding, seen


def described(finding: Finding, seen: Sequence[Told | None]) -> str:
    """What was found, and all that led to it: found by chance, it may not be found again."""
    lines = [str(finding)]
    for told in seen:
        if told is MISSED:
            lines.append("some requests that were not seen")
            continue
        asked, answer, date = told
        link = f" {answer.headers}" if answer.headers else ""
        lines.append(f"{date} {asked.method} {asked.url} {asked.body} -> {answer.status}{link} {answer.body}")
    return "\n".join(lines)


@pytest.mark.parametrize("name", EDITIONS)
def test_exchanges_with_the_model_never_violate(name: str, pytestconfig: pytest.Config) -> None:
    """Changes end at once or later, or fail; reads show all or a part; requests are sensible, or some are not."""
    wandering, made = Wandering(pytestconfig), 0
    while made < wandering.count:
        for finding, seen in judged(ArmOracle.start(edition(name)), walked(name, wandering)):
            assert finding.verdict is not Verdict.VIOLATES, described(finding, seen)
            made += 1


# -- rollouts from beginning to end ----------------------------------------------------------------


@define
class PlayerOverHttp(Player):
    """Plays rollouts over HTTP, with reads in between."""

    told: list[Told] = field(factory=list)
    """The exchanges."""
    service: ModelledService = field(init=False)
    """Who is asked: whatever it accepts succeeds, since a player goes by that."""

    @service.default
    def _never_failing(self) -> ModelledService:
        return ModelledService(self.world, self.chance, shown=self.chance.choice((0.3, 0.8, 1)), failing=0)

    def ask(self, request: rq.Request) -> bool:
        """Ask for something, wait until it is done, and look around."""
        if isinstance(request, rq.CreateGroup) and request.profile is not None:
            # The load balancer is a resource of its own.
            request = evolve(request, profile=evolve(request.profile, load_balancer=None))
        granted = decide(self.world, request).grant is not None
        self.told += self.service.asked(request)
        while self.service.under_way:
            self.told.append(self.service.ended())
        self.told += self.service.looked_at()
        self.world = self.service.world
        return granted


def test_rollouts_over_http_never_violate(pytestconfig: pytest.Config) -> None:
    """Of images and models, by the platform and by hand, batch by batch, with instances that stay unhealthy."""
    wandering, made = Wandering(pytestconfig), 0
    while made < wandering.count:
        shape = drawn_shape(wandering.random)
        # Of what no scale set's own body says nothing is asked.
        player = PlayerOverHttp(wandering.random, evolve(shape, update_domains=None, fabric=False, expiring=False))
        play(player)
        assert player.world.groups
        for finding, seen in judged(ArmOracle.start(player.world.edition), player.told):
            assert finding.verdict is not Verdict.VIOLATES, described(finding, seen)
        made += len(player.told)


# -- what is wrong is noticed ----------------------------------------------------------------------


def _is_read(request: ArmRequest, part: str) -> bool:
    return request.method == "GET" and request.url.partition("?")[0].rpartition("/")[0].endswith(part)


def _body(answer: ArmResponse) -> dict[str, Any]:
    return answer.body if isinstance(answer.body, dict) else {}


def _with(answer: ArmResponse, **changes: Any) -> ArmResponse:
    return evolve(answer, body={**_body(answer), **changes})


def _doubled(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    shown = _body(answer).get("value")
    return _with(answer, value=[*shown, shown[0]]) if asked.method == "GET" and shown else answer


def _lost(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    shown = _body(answer).get("value")
    return _with(answer, value=shown[1:]) if asked.url.partition("?")[0].endswith("Machines") and shown else answer


def _grown(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    sku = _body(answer).get("sku")
    if sku is None or not _is_read(asked, "/virtualMachineScaleSets"):
        return answer
    return _with(answer, sku={**sku, "capacity": sku["capacity"] + 1})


def _moved(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    read = _is_read(asked, "/virtualMachineScaleSets") and answer.status == 200
    return _with(answer, location="elsewhere") if read else answer


def _gone(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    error = {"error": {"code": "ResourceNotFound", "message": ""}}
    return ArmResponse(404, {}, error) if _is_read(asked, "/virtualMachineScaleSets") else answer


def _accepted(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    return ArmResponse(200, {}, None) if asked.method == "PUT" and answer.status == 400 else answer


def _refused(asked: ArmRequest, answer: ArmResponse) -> ArmResponse:
    error = {"error": {"code": "BadRequest", "message": "No."}}
    return ArmResponse(400, {}, error) if asked.method == "PUT" and answer.status in (200, 201) else answer


WRONG: Mapping[str, Wrong] = {
    "what is listed first is listed last, too": _doubled,
    "a member is not listed": _lost,
    "an instance more is shown than was asked for": _grown,
    "a scale set is shown elsewhere": _moved,
    "a scale set that exists is not found": _gone,
    "what is refused is accepted": _accepted,
    "what is granted is refused": _refused,
}
"""What a service does wrong."""


def first_violation(wandering: Wandering, wrong: Wrong, most: int) -> Finding | None:
    """The first violation within so many exchanges of a service that does something wrong all the time."""
    made = 0
    while made < most:
        name = wandering.random.choice(tuple(EDITIONS))
        for finding, _ in judged(ArmOracle.start(edition(name)), walked(name, wandering), wrong):
            if finding.verdict is Verdict.VIOLATES:
                return finding
            made += 1
    return None


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_noticed(wrong: str, pytestconfig: pytest.Config) -> None:
    """Within some hundred exchanges, so that nothing is not said for want of looking."""
    assert first_violation(Wandering(pytestconfig), WRONG[wrong], 5_000) is not None
