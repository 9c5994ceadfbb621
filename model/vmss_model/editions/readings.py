"""The other readings of findings (section J), each a change of what an edition says.

A reading that changes a value or switches rules off is data. Those that no value holds are named in `BY_THE_MODEL`: the
model asks `Edition.readings` for them, beside the rule that they change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmss_model.capabilities import Capability, Cell, Support
from vmss_model.copying import evolve
from vmss_model.editions.base import Edition, KindRules
from vmss_model.values import GroupKind

_Change = Callable[[Edition], Edition]


def _of_uniform(change: Callable[[KindRules], KindRules]) -> _Change:
    def changed(one: Edition) -> Edition:
        rules = one.kinds.get(GroupKind.UNIFORM)
        return one if rules is None else evolve(one, kinds={**one.kinds, GroupKind.UNIFORM: change(rules)})

    return changed


def _guaranteed_below_the_bound(rules: KindRules) -> KindRules:
    limit = rules.fault_domain_guarantee
    return rules if limit is None else evolve(rules, fault_domain_guarantee=evolve(limit, highest=limit.highest - 1))


def _without_backup(rules: KindRules) -> KindRules:
    neither = {one: Cell(Support.NO) for one in (Capability.BACKUP, Capability.SITE_RECOVERY)}
    return evolve(rules, capabilities={**rules.capabilities, **neither}) if rules.capabilities else rules


def _without(*rules: str) -> _Change:
    return lambda one: one.without(*rules)


_CHANGES: Mapping[str, _Change] = MappingProxyType(
    {
        "F1": _of_uniform(_guaranteed_below_the_bound),
        "F2": _without("AUTOSCALE", "CAPS-AUTOSCALE"),
        "F3": _of_uniform(_without_backup),
        "F11": _without("ATTACH-DETACH-NEVER", "CAPS-ATTACH-DETACH"),
    }
)
"""What changes about an edition under the other reading of a finding."""
BY_THE_MODEL = frozenset({"F5", "F9", "F10"})
"""The findings of which the other reading is taken beside the rule that it changes."""
SWITCHABLE = tuple(sorted({*_CHANGES, *BY_THE_MODEL}, key=lambda one: int(one[1:])))
"""The findings of which the other reading can be switched on.

The others leave nothing to switch: F4 and F8 would break the bound that the same document sets, F6 is what the editions
differ by, F7 and F12 are about examples, F13 is about words, and F14 about a property that recordings never show.
"""


def read_otherwise(one: Edition, *findings: str) -> Edition:
    """An edition with the other reading of some findings; raises ValueError for one that has none to switch on."""
    for finding in findings:
        if finding not in SWITCHABLE:
            raise ValueError(
                f"no other reading of {finding!r} can be switched on: it is one of {', '.join(SWITCHABLE)}"
            )
        one = _CHANGES.get(finding, _as_it_is)(one)
    return evolve(one, readings=one.readings | set(findings))


def _as_it_is(one: Edition) -> Edition:
    return one
