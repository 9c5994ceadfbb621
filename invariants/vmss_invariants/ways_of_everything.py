"""Which ways there are in an edition, for the kinds of group that are explored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmss_invariants.ways import WayFrom
from vmss_invariants.ways_of_models import MODEL_WAYS, STACK_WAYS
from vmss_invariants.ways_of_rollouts import ROLLOUT_WAYS, all_eligible
from vmss_model.editions import Edition
from vmss_model.values import GroupKind
from vmss_model.world import GroupKey

WAY_KEY = GroupKey("rg3", "way")
"""The group that a way is about: one that nothing else asks for."""


def ways_in(edition: Edition, kinds: tuple[GroupKind, ...]) -> Mapping[str, WayFrom]:
    """The ways of an edition by name; empty where no kind that is explored has models that change."""
    if GroupKind.UNIFORM not in kinds:
        return {}
    if edition.marketplace:
        return STACK_WAYS
    if edition.upgrades is None:
        return {}
    return {**MODEL_WAYS, **ROLLOUT_WAYS} if edition.upgrades.automatic is not None else MODEL_WAYS


def tour_in(edition: Edition, kinds: tuple[GroupKind, ...], times: int = 3) -> Iterator[WayFrom]:
    """The ways that a tour walks: each of them several times, for what is picked on it differs; and a long one."""
    ways = ways_in(edition, kinds)
    for _ in range(times):
        yield from ways.values()
    if ways and edition.upgrades is not None:
        yield all_eligible
