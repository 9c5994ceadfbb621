"""What every observation comes with and gives, and what is believed of a group that it is about."""

from __future__ import annotations

from attrs import frozen

from vmss_model.copying import evolve
from vmss_model.oracle.arm.belief import ABSENT, Belief, GroupBelief
from vmss_model.oracle.arm.editions import edition_for
from vmss_model.oracle.arm.urls import Target
from vmss_model.oracle.finding import Finding
from vmss_model.world import GroupKey

Judged = tuple[Belief, Finding]
"""The belief after an observation, and the finding on it."""


@frozen
class Context:
    """What every observation comes with."""

    target: Target
    """What the URL names."""
    date: str
    """When, as recorded."""


def believed(belief: Belief, key: GroupKey, context: Context, body: object = None) -> GroupBelief:
    """What is believed of a group; nothing yet for a group that was not seen before."""
    known = belief.groups.get(key)
    if known is not None and (known.presence != ABSENT or known.edition is belief.edition):
        return known
    chosen = belief.edition or edition_for(context.date or belief.date, context.target.api_version, body)
    if known is not None:
        return evolve(known, edition=chosen)
    return GroupBelief.unwatched(key, chosen) if belief.gaps else GroupBelief(key=key, edition=chosen)
