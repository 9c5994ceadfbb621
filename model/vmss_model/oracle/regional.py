"""What the documents' own errors may say where it is not known how many fault domains a region has."""

from __future__ import annotations

from vmss_model import guards
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decisions import Decision
from vmss_model.editions import Edition
from vmss_model.refusals import fault_domain_count_out_of_range
from vmss_model.rules import implements


@implements("E2")
def in_any_region(decision: Decision, edition: Edition, request: rq.CreateGroup) -> Decision:
    """The decision with the errors of a refused creation in any other region.

    E2 names the most fault domains that are allowed: where that depends on the region, it may be fewer than the
    edition's most. What is refused for something else may be refused for that, too.
    """
    kind = edition.kinds.get(request.kind)
    if not decision.refused or kind is None:
        return decision
    limit = kind.fault_domains_zonal if request.zones else kind.fault_domains_regional
    count = request.fault_domain_count
    if limit is None or not limit.varies or count is None:
        return decision
    elsewhere = (
        fault_domain_count_out_of_range(count, limit.lowest, highest, limit.rule)
        for highest in range(limit.lowest, limit.highest)
        if not guards.within(count, limit.lowest, highest)
    )
    return evolve(decision, refusals=(*decision.refusals, *elsewhere))
