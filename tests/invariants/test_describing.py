"""Requests in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.describing import described
from vmss_invariants.requests_upgrades import XENIAL
from vmss_model import requests as rq
from vmss_model.choices import Cell
from vmss_model.images import ImageReference
from vmss_model.values import GroupKind
from vmss_model.world import GroupKey, Profile

KEY = GroupKey("rg", "g")


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (rq.DeleteGroup(KEY), "DeleteGroup(key=rg/g)"),
        (
            rq.CreateGroup(key=KEY, kind=GroupKind.UNIFORM, profile=Profile(size="Standard_A1"), capacity=2),
            "CreateGroup(key=rg/g, kind=Uniform, profile=Profile(size='Standard_A1'), capacity=2)",
        ),
        (
            rq.UpdateGroup(key=KEY, image=ImageReference(XENIAL, "1.0.0")),
            "UpdateGroup(key=rg/g, image=ImageReference(line=PlatformImage(publisher='Canonical', "
            "offer='UbuntuServer', sku='16.04-LTS'), version='1.0.0'))",
        ),
        (
            rq.PlanRollout(KEY, (frozenset({"1", "0"}), frozenset({"2"}))),
            "PlanRollout(key=rg/g, steps=({'0', '1'}, {'2'}))",
        ),
    ],
)
def test_a_request_names_what_it_asks_for(request_: rq.Request, text: str) -> None:
    """And nothing that it leaves as it is, in itself and in what stands in it; the members of a set in an order."""
    assert described(request_) == text


def test_none_is_said_only_where_it_says_something() -> None:
    """To take a health source away is asked for; to be in no zone is nothing."""
    assert described(rq.UpdateGroup(key=KEY, health_source=None)) == "UpdateGroup(key=rg/g, health_source=None)"
    assert described((Cell(None, 1), Cell(None, None))) == "(Cell(fault_domain=1), Cell())"


@given(st.integers(0, 100) | st.integers(300, 2_000))
def test_a_long_value_is_cut_and_no_other(length: int) -> None:
    """What comes after it is there."""
    request = rq.UpdateGroup(key=KEY, image=ImageReference(XENIAL, "7" * length), os_upgrade=True)
    text = described(request)

    assert len(text) < 400
    assert ("…" in text) is (length > 100)
    assert "os_upgrade=True" in text
