"""In which values two editions differ."""

from __future__ import annotations

from itertools import combinations

import pytest
from tests.support import TWIN

from vmss_invariants.differences import SUCCESSOR, compare
from vmss_invariants.differing_values import SILENT, value_differences
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES
from vmss_model.values import GroupKind

PAIRS = list(combinations(EDITIONS, 2))


def test_values_that_differ_are_named_with_their_rules() -> None:
    """What is silent in one edition is said to be; the rules' names alone are no difference."""
    found = tuple(value_differences(EDITIONS["2019-10"], EDITIONS["2021-02"], tuple(SUCCESSOR.items())))
    of_vm = {one.name: one for one in found if one.kinds == (GroupKind.VM, GroupKind.FLEXIBLE)}

    assert (of_vm["capacity"].first, of_vm["capacity"].second) == ("0 to 200", "0 to 1000")
    assert of_vm["capacity"].rules == ("CAP-VM-2019", "CAP-FLEX")
    assert (of_vm["spreads_domains"].first, of_vm["spreads_domains"].second) == (SILENT, "yes")
    assert "joining" not in of_vm
    assert "capacity" not in {one.name for one in found if one.kinds and one.kinds[0] is GroupKind.SCALE_SET_VM}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_every_value_fits_a_cell_and_names_rules_of_the_catalogue(first: str, second: str) -> None:
    """Each with the rule that says it, but for the kinds that an edition speaks of upgrades for."""
    for one in compare(first, second, limit_seconds=0).values:
        assert one.first != one.second
        assert max(len(one.first), len(one.second)) <= 90, one
        assert set(one.rules) <= set(RULES)
        assert one.rules or one.name == "upgrades: kinds", one


def test_a_twin_differs_in_what_it_does_not_say_of_upgrades() -> None:
    """So tests of how explorations work may leave it out; the kinds are the same, too."""
    twin, other = EDITIONS[TWIN], EDITIONS["2021-07"]
    found = tuple(value_differences(twin, other, tuple((kind, kind) for kind in twin.kinds)))

    assert twin.kinds.keys() == other.kinds.keys()
    assert {one.first for one in found} == {SILENT}
    assert all(one.name.startswith("upgrades: ") for one in found)


def test_what_automatic_upgrades_say_is_told_part_by_part() -> None:
    """Each with its own rules, although one edition says nothing of the whole."""
    found = {one.name: one for one in value_differences(EDITIONS["2021-02"], EDITIONS["2021-07"], ())}
    parts = {name.rpartition(": ")[2]: one for name, one in found.items() if name.startswith("upgrades: automatic: ")}

    assert {one.first for one in parts.values()} == {SILENT}
    assert (parts["percent"].second, parts["percent"].rules[0]) == ("20 %", "OSU-BATCH")
    assert (parts["wait"].second, parts["wait"].rules) == ("5 minutes", ("OSU-WAIT",))
    assert parts["first_window"].second == "0 seconds to 3 hours"
    assert parts["later_window"].second == "30 minutes to 1 hour"
    assert parts["images"].second == "13 platform images"
