"""The words the catalogue is written in: editions by name, and a constructor for each kind of evidence."""

from __future__ import annotations

from vmss_model.rules.base import Evidence, EvidenceKind

IN_2017 = ("2017-05",)
ON_STACK = ("2018-06-stack",)
IN_2019 = ("2019-10",)
IN_2021 = ("2021-02", "2021-07")
IN_2021_07 = ("2021-07",)
FROM_2019 = IN_2019 + IN_2021
STACK_AND_2021 = ON_STACK + IN_2021
UPGRADE_EDITIONS = IN_2017 + IN_2021
"""The upgrade policies: described in 2017, named again in the tables of 2021."""
ALL_EDITIONS = IN_2017 + ON_STACK + IN_2019 + IN_2021
"""Every edition, in the order of their dates."""


def documented(note: str) -> Evidence:
    """A source document says so; the note names the place."""
    return Evidence(EvidenceKind.DOCUMENTED, note)


def inferred(note: str) -> Evidence:
    """No source says so outright: it follows, is inherited, or rests on a weaker witness."""
    return Evidence(EvidenceKind.INFERRED, note)


def recorded(note: str, dates: str, api_versions: str = "") -> Evidence:
    """A recording of the real service agrees.

    Where only the month or the year of a recording is known, the dates span all of it.
    """
    return Evidence(EvidenceKind.RECORDED, note, dates, api_versions)


def contradicted(note: str, dates: str, api_versions: str = "") -> Evidence:
    """A recording of the real service shows something else; both are kept."""
    return Evidence(EvidenceKind.CONTRADICTED, note, dates, api_versions)
