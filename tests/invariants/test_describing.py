"""Requests in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from vmss_invariants.describing import described, in_words
from vmss_invariants.requests_upgrades import XENIAL
from vmss_model import requests as rq
from vmss_model.choices import Cell
from vmss_model.images import ImageReference
from vmss_model.rollout import Progress, Rollout
from vmss_model.values import Action, Api, GroupKind, Invoker, Priority, RolloutKind
from vmss_model.world import Extension, GroupKey, Instance, Profile

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
        (
            rq.UpdateGroup(key=KEY, extensions=(Extension("one", after=("two",)),)),
            "UpdateGroup(key=rg/g, extensions=(Extension(name='one', after=('two',)),))",
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


@given(st.lists(st.text("ab", max_size=400), max_size=100), st.integers(0, 100))
def test_every_bracket_and_quote_that_opens_is_closed(names: list[str], many: int) -> None:
    """However long a name is and however many there are."""
    extensions = tuple(Extension(name, after=tuple(names[:1])) for name in names)
    for request in (
        rq.UpdateGroup(key=KEY, extensions=extensions),
        rq.StartBatch(KEY, frozenset(map(str, range(many)))),
    ):
        text = described(request)
        assert all(text.count(one) == text.count(other) for one, other in ("()", "{}"))
        assert text.count("'") % 2 == 0
        assert len(text) < 40_000


@given(st.integers(0, 100) | st.integers(300, 2_000))
def test_a_long_text_is_cut_and_no_other(length: int) -> None:
    """What comes after it is there."""
    request = rq.UpdateGroup(key=KEY, image=ImageReference(XENIAL, "7" * length), os_upgrade=True)
    text = described(request)

    assert len(text) < 400
    assert ("…" in text) is (length > 100)
    assert "os_upgrade=True" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        ("a", "a"),
        (0, "0"),
        (Priority.SPOT, "Spot"),
        (["b", "a"], "b, a"),
        (frozenset({"b", "a"}), "a, b"),
        ((), "none"),
        ("7", "'7'"),
        ({"1": 2, "2": 0}, "'1': 2, '2': 0"),
        (KEY, "rg/g"),
        (ImageReference(XENIAL, "1.0.0"), "Canonical:UbuntuServer:16.04-LTS 1.0.0"),
        (Instance("a", fault_domain=1), "Instance(name='a', fault_domain=1)"),
        (
            rq.ActOnInstance(KEY, "a", Action.DELETE, Api.SCALE_SET),
            "ActOnInstance(key=rg/g, name='a', action=delete, "
            "api=Microsoft.Compute/virtualMachineScaleSets/virtualMachines)",
        ),
    ],
)
def test_within_a_sentence_values_read_as_words(value: object, text: str) -> None:
    """Without quotes around text, unless it is a number, and with a word for nothing."""
    assert in_words(value) == text


def test_no_value_is_shown_in_the_notation_of_the_program() -> None:
    """Neither a choice nor a map, however deep they lie in it."""
    rollout = Rollout(
        number=1,
        kind=RolloutKind.MODEL,
        target=None,
        target_model=2,
        started_by=Invoker.USER,
        started_at=0,
        policy=None,
        progress=Progress(pending=1),
        pending_at=Map({(None, 0): 1}),
    )
    assert not any(sign in in_words(rollout) for sign in ("<", "Map"))
    assert "pending_at={(None, 0): 1}" in in_words(rollout)
