"""Picks the edition that an exchange belongs to: by its date, its API version and the group's shape."""

from __future__ import annotations

from vmss_model.editions import EDITIONS, Edition
from vmss_model.oracle.arm.shapes import child, has_profile, number, text
from vmss_model.oracle.arm.urls import api_version_in
from vmss_model.oracle.recordings import parse_date

_FROM = (("2021-07-29", "2021-07"), ("2021-02-12", "2021-02"), ("2019-10-23", "2019-10"))
"""The date of each edition's document, newest first; before all of them, 2017-05. Azure Stack's edition
is never picked by itself: nothing in a recording of a stack's URL shape is certain enough."""


_VM_MODES = frozenset({"virtualmachines", "vm", "scalesetvm", "scalesetvms"})
"""Orchestration modes, in lower case, that only the edition 2019-10 knows."""


def edition_for(date: str, api_version: str, body: object = None) -> Edition:
    """The edition: the last document published by the date (or, without one, the API version).

    A shape that an earlier edition cannot have moves it on: a named mode `Flexible` to 2021-02, a group
    without profile but with fault domains to 2019-10. Where neither date nor version is known, the last
    document stands, but for a mode that only 2019-10 knows.
    """
    parsed = parse_date(date)
    day = parsed.date().isoformat() if parsed is not None else api_version_in(api_version)[:10]
    mode = (text(child(body, "properties", "orchestrationMode")) or "").lower()
    if not day:
        return EDITIONS["2019-10" if mode in _VM_MODES else _FROM[0][1]]
    name = next((edition for start, edition in _FROM if day >= start), "2017-05")
    if mode in ("flexible", "uniform") and name in ("2017-05", "2019-10"):
        name = "2021-02"
    domains = number(child(body, "properties", "platformFaultDomainCount"))
    if name == "2017-05" and (mode or (domains is not None and not has_profile(body))):
        name = "2019-10"
    return EDITIONS[name]
