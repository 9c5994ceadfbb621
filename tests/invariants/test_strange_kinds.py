"""Kinds of groups that an edition does not have, whatever else is asked of them."""

from __future__ import annotations

import pytest
from attrs import evolve
from tests.model.arbitrary import drawing

from vmss_invariants.requests import each_twist, group_twists, plain_group, preparation
from vmss_invariants.walker import Walker
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

STRANGE = [(name, kind) for name, one in EDITIONS.items() for kind in GroupKind if kind not in one.kinds]
"""Each edition with each kind that it does not have."""


LOWEST = drawing(None)


@pytest.mark.parametrize(("name", "strange"), STRANGE)
@pytest.mark.parametrize("prepared", [False, True], ids=["at first", "prepared"])
def test_no_rule_but_that_of_modes_is_held_against_a_kind_that_an_edition_does_not_have(
    name: str, strange: GroupKind, prepared: bool
) -> None:
    """With each other property asked for as well: nothing is granted, and every invariant holds of the answer."""
    walker = Walker(EDITIONS[name])
    for request in preparation(walker.world) if prepared else ():
        walker.take(request, LOWEST)
    for kind in EDITIONS[name].kinds:
        plain = plain_group(lambda options: options[0], walker.world, (kind,))
        for request in each_twist(evolve(plain, kind=strange), group_twists(walker.world, (strange,), kind)):
            step = walker.take(request, LOWEST)

            assert not step.granted
            assert step.after is step.before
