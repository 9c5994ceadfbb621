"""The links of worlds are read as they were noted, however they are packed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.exploring import graph
from vmss_invariants.exploring.graph import Links, link
from vmss_model import requests as rq
from vmss_model.world import GroupKey

KEY = GroupKey("rg", "g")
REQUESTS = (rq.AdvanceClock(1), rq.BeginRollout(KEY), rq.EndRollout(KEY))
LABELS = len(REQUESTS)
WORLDS = st.one_of(st.integers(0, 300), st.integers(0, 2**32 - 1))
"""Numbers of worlds, as large as there is room for."""
FOLLOWING = st.lists(st.sets(st.tuples(WORLDS, st.integers(0, LABELS - 1)), max_size=6), max_size=20)
"""For each world the worlds that follow, each with the label of its request."""


@given(following=FOLLOWING, many=st.sampled_from([0, 1, 5, 4096]))
def test_links_are_read_world_after_world_in_order(following: list[set[tuple[int, int]]], many: int) -> None:
    """In the order of the worlds they lead to, then of the requests; packed at once, or a few at a time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(graph, "_MANY", many)
        links = Links()
        names = [type(one).__name__ for one in REQUESTS]
        assert [links.label(one) for one in REQUESTS] == list(range(LABELS))
        for follows in following:
            links.add({link(*one) for one in follows})
        links.pack()

    in_order = [[(world, names[label]) for world, label in sorted(follows)] for follows in following]
    assert [list(links.of(world)) for world in range(len(following))] == in_order
    assert list(links) == [(world, *one) for world, found in enumerate(in_order) for one in found]
    assert len(links) == sum(map(len, following))
    assert links.bytes() == len(following) * 8 + len(links) * 5
