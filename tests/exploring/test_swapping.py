"""What becomes of columns by members that change where they stand is what becomes of all members."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.exploring.test_recalling import told
from tests.support import explored

from vmss_invariants.exploring import Bounds, Configuration, explore
from vmss_invariants.exploring.aspects import BATCHES
from vmss_invariants.exploring.canonical import Canon, Shape
from vmss_invariants.exploring.codebook import Key
from vmss_invariants.exploring.columns import Columns, Member, anywhere
from vmss_invariants.exploring.others import Changed, Swap, changed_if_picked
from vmss_invariants.exploring.swapping import Swapper
from vmss_model.values import GroupKind

DOMAINS = 3
SHAPE = Shape(fault_domains=DOMAINS, zones=(), update_domains=0, follows=False, fixed=True)
BECOMES = 10
"""By so much the number of a state is more once its member has become what nobody was before."""
ENDS = 100
"""By so much it is more once the rollout has ended."""


def columns_of(canon: Canon, members: tuple[Member, ...]) -> Key:
    """The columns of members in three fault domains that have places of their own, and of those elsewhere."""
    return canon.shaped(SHAPE, members, (), ())[2:]


def after(members: tuple[Member, ...], changed: Changed, *, ends: bool) -> tuple[Member, ...]:
    """All members after some have changed."""
    now = [changed.get(place, member) for place, member in enumerate(members)]
    return tuple((zone, domain, update, state + ENDS * ends) for zone, domain, update, state in now)


@given(
    places=st.lists(
        st.tuples(st.sampled_from((None, "1")), st.sampled_from((0, 1, 2, DOMAINS, None)), st.integers(0, 1)),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
    ends=st.booleans(),
)
def test_columns_become_what_all_members_become(
    places: list[tuple[str | None, int | None, int]], data: st.DataObject, ends: bool
) -> None:
    """In every way to pick them, in the same order, and where some become what others were before, too."""
    canon = Canon(Bounds())
    columns = columns_of(canon, tuple((zone, domain, None, state) for zone, domain, state in places))
    kept = Columns(canon.codebook)
    members = tuple(one for place, column in enumerate(columns) for one in kept.members(place, column))
    such = {
        anywhere(one): [anywhere(one)] * sum(anywhere(other) == anywhere(one) for other in members) for one in members
    }
    become = st.one_of(st.just(BECOMES), st.integers(-1, 1))
    wanted = data.draw(st.lists(st.tuples(st.sampled_from(sorted(such)), become), min_size=1, max_size=3, unique=True))
    swaps: tuple[Swap, ...] = tuple(
        (was, (*was[:3], was[3] + more), data.draw(st.integers(1, len(such[was])))) for was, more in wanted
    )
    swapper = Swapper(canon.codebook, kept, lambda state: state + ENDS)

    found = list(swapper.ways(columns, swaps, follows=False, ends=ends))

    assert found == [columns_of(canon, after(members, one, ends=ends)) for one in changed_if_picked(members, swaps)]


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(instances=2, fault_domains=2, versions=1, families=BATCHES),
        Bounds(instances=2, fault_domains=0, zones=2, versions=1, families=BATCHES),
    ],
)
def test_rollouts_are_followed_as_if_every_step_was_made(bounds: Bounds) -> None:
    """Batches, their ends and beginnings lead to the same worlds; no proof is asked of them, so none is made again."""
    one = Configuration(edition="2021-07", kind=GroupKind.UNIFORM, bounds=bounds)
    recalled, restorer = explored(one)
    made = explore(evolve(one, remembering=False), codebook=restorer.codebook)

    assert told(recalled) == told(made)
