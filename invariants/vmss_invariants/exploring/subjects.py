"""Which member a request is about, so that the same request about another one counts as the same."""

from __future__ import annotations

from typing import Any

import attrs

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.world import Group, VmKey


def subject_of(request: rq.Request, group: Group) -> str | None:
    """The name of the one member that a request names, or None."""
    about: Any = request
    if isinstance(request, rq.AttachVm | rq.DeleteVm):
        found = request.vm.name if request.vm.resource_group == group.key.resource_group else None
    elif getattr(about, "key", None) != group.key:
        return None
    elif isinstance(getattr(about, "names", None), frozenset):
        found = next(iter(about.names)) if len(about.names) == 1 else None
    else:
        found = getattr(about, "name", None)
    return found if found in group.members else None


def names_some(request: rq.Request, group: Group) -> bool:
    """Whether a request names members, and not just all of them at once: then it matters which has which name."""
    return _names(request, frozenset(group.members))


def _names(value: Any, everyone: frozenset[str]) -> bool:
    if isinstance(value, str):
        return value in everyone
    if attrs.has(type(value)):
        return any(_names(getattr(value, one.name), everyone) for one in attrs.fields(type(value)))
    if isinstance(value, frozenset):
        return value != everyone and any(_names(one, everyone) for one in value)
    return isinstance(value, tuple) and any(_names(one, everyone) for one in value)


def about(request: rq.Request, name: str) -> rq.Request:
    """The same request about the member of this name."""
    one: Any = request
    if isinstance(request, rq.AttachVm | rq.DeleteVm):
        return evolve(request, vm=VmKey(request.vm.resource_group, name))
    if isinstance(getattr(one, "names", None), frozenset):
        return evolve(one, names=frozenset({name}))  # type: ignore[no-any-return]  # still a request
    return evolve(one, name=name)  # type: ignore[no-any-return]  # as above
