"""Small questions of every kind, and the large ones that are timed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from vmss_invariants.placing import Portion, Question, QuestionError
from vmss_model import edition
from vmss_model.editions import EDITIONS
from vmss_model.values import GroupKind

KINDS = [(name, kind) for name, one in EDITIONS.items() for kind in one.kinds]
SWITCHED_OFF = st.sampled_from(
    [(), (), (), ("FD-SPREAD",), ("FD-EXPLICIT",), ("FDCOUNT-FLEX-REGIONAL",), ("ZONES-AVSET",), ("SAME-PLACE",)]
)


@st.composite
def portions(draw: st.DrawFn, zones: tuple[str, ...], least: int = 0, *, anywhere: bool = True) -> Portion:
    """One or two instances, or none, somewhere."""
    zone = draw(st.sampled_from([None, None, *zones, *zones, "9"] if anywhere else [None, *zones]))
    domain = draw(st.sampled_from([None, None, 0, 1, 2]))
    if not anywhere and zone is None and domain is None:
        domain = 0
    return Portion(draw(st.integers(least, 2)), zone, domain)


@st.composite
def small_questions(draw: st.DrawFn) -> Question:
    """Up to four instances, two zones and a few wishes, in any kind of any edition."""
    name, kind = draw(st.sampled_from([*KINDS, *[("2021-02", GroupKind.FLEXIBLE)] * 6]))
    zones: tuple[str, ...] = draw(st.sampled_from([(), ("1",), ("1", "2")]))
    several = st.lists(portions(zones), max_size=2)
    question: dict[str, Any] = {
        "edition": edition(name).without(*draw(SWITCHED_OFF)),
        "kind": kind,
        "instances": draw(st.integers(0, 4)),
        "zones": zones,
        "fault_domains": draw(st.sampled_from([None, 1, 2, 3])),
        "region_fault_domains": draw(st.sampled_from([None, None, 1, 2])),
        "single_placement_group": draw(st.sampled_from([None, None, True, False])),
        "balanced": draw(st.booleans()),
        "even": draw(st.booleans()),
        "pins": tuple(one for one in draw(several) if one.place != (None, None)),
        "taken": tuple(draw(several)),
        "at_most": tuple(
            one for one in draw(st.lists(portions(zones, anywhere=False), max_size=2)) if one.zone in (None, *zones)
        ),
    }
    try:
        return Question(**question)
    except QuestionError:
        # Without sense: a limit on a domain that the group lacks, or an even spread over no known number of them.
        return Question(**{**question, "at_most": (), "fault_domains": question["fault_domains"] or 2})


def large(kind: GroupKind = GroupKind.UNIFORM, *, instances: int = 1000, **others: Any) -> Question:
    """A thousand instances in three zones and five fault domains, in edition 2021-02."""
    shape = {"zones": ("1", "2", "3"), "fault_domains": 5, **others}
    return Question(edition=edition("2021-02"), kind=kind, instances=instances, **shape)


FEASIBLE: dict[str, Question] = {
    "nothing else": large(),
    "fault domains open": large(fault_domains=None),
    "balanced, even, some taken": large(
        instances=900,
        balanced=True,
        even=True,
        pins=(Portion(200, "1"), Portion(100, "2")),
        taken=(Portion(50, "1", 0), Portion(20, "2")),
    ),
    "pinned, taken and limited": large(
        instances=900,
        even=True,
        pins=(Portion(200, "1"), Portion(100, "2")),
        taken=(Portion(50, "1", 0), Portion(20, "2")),
        at_most=(Portion(300, "1"), Portion(150, None, 0), Portion(70, "3", 4)),
    ),
}
"""Questions about a group of a thousand that have an answer."""

INFEASIBLE: dict[str, Question] = {
    "one placement group": large(single_placement_group=True),
    "a domain named": large(pins=(Portion(3, "1", 2),)),
    "too little left": large(at_most=(Portion(300, "1"), Portion(300, "2"), Portion(300, "3"))),
    "too little left in each cell": large(
        at_most=tuple(Portion(66, zone, domain) for zone in "123" for domain in range(5))
    ),
    "balance against a limit": large(balanced=True, at_most=(Portion(300, "1"),)),
    "evenness against a limit": large(
        instances=900, even=True, taken=(Portion(100, "1", 2),), at_most=(Portion(100, None, 3),)
    ),
}
"""Questions about a group of a thousand that have none."""
