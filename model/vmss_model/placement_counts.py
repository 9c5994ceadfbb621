"""What placing many members one after the other can lead to, said in counts alone.

The documents speak of one placement at its turn; a question about a thousand instances is one about the
counts before and after. The functions here are written with `vmss_model.terms`, as the guards are.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmss_model.guards import is_least_loaded
from vmss_model.rules import implements
from vmss_model.terms import Number, Truth, all_of, implies


@implements("FD-SPREAD", "ZONES-SSVM-2019")
def reached_by_least_loaded(before: Sequence[Number], automatic: Sequence[Number], after: Sequence[Number]) -> Truth:
    """Some order of joins leads from `before` to `after`, each automatic one into a least-loaded place at its turn.

    All three are member counts per place (fault domain, or zone under strict balance). A place gets
    `automatic` members from the platform; what else it gains, `after - before - automatic`, is not less
    than none and was named by the caller. The order is free, also between automatic and named joins.

    Lemma: there is such an order exactly if, for each place `p` with an automatic join and every place `q`,
    `before[p] + automatic[p] - 1 <= after[q]`.

    Needed: when the last automatic member joins `p`, `p` holds at least the left side, and `q` at most the right.
    Enough: go on as long as members are left, and each time let a least-loaded place have an automatic member
    if one has any left, else a named one. Named members thus come last in their place. This gets stuck only if
    every least-loaded place is complete. Some other place `p` would then have an automatic member left and hold
    at most `before[p] + automatic[p] - 1`, which is no more than a complete place's `after`: `p` would be
    least-loaded itself. (Once no automatic member is left, named ones join in any order.)
    """
    return all_of(
        *(
            implies(joined > 0, is_least_loaded(after, held + joined - 1))
            for held, joined in zip(before, automatic, strict=True)
        )
    )
