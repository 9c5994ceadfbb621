"""The kinds of group that `--edition` and `--kind` name together."""

from __future__ import annotations

from vmss_invariants.cli.output import Complaint
from vmss_model.editions import EDITIONS, UnknownEditionError, edition
from vmss_model.values import GroupKind


def chosen_places(edition_name: str | None, kind_name: str | None) -> tuple[tuple[str, GroupKind], ...]:
    """Each edition's name with each of its kinds, as far as named; raises `Complaint` where there is none."""
    try:
        editions = tuple(EDITIONS.values()) if edition_name is None else (edition(edition_name),)
    except UnknownEditionError as error:
        raise Complaint(str(error)) from None
    kinds = tuple(kind for kind in GroupKind if kind_name is None or kind.value.lower() == kind_name.lower())
    if not kinds:
        raise Complaint(f"unknown kind {kind_name!r}; there are {', '.join(kind.value for kind in GroupKind)}")
    places = tuple((one.name, kind) for one in editions for kind in one.kinds if kind in kinds)
    if not places:
        raise Complaint(f"edition {editions[0].name} has no groups of kind {kinds[0].value}")
    return places
