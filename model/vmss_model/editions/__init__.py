"""The five editions of the documents, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from vmss_model.editions import e2017_05, e2018_06_stack, e2019_10, e2021_02, e2021_07
from vmss_model.editions.base import (
    AutomaticUpgrades,
    Edition,
    KindRules,
    Limit,
    Presence,
    Registration,
    Says,
    Upgrades,
)
from vmss_model.editions.readings import SWITCHABLE, read_otherwise

MODULES: tuple[ModuleType, ...] = (e2017_05, e2018_06_stack, e2019_10, e2021_02, e2021_07)
"""The edition modules, in order of their documents' dates."""


def _edition(module: ModuleType) -> Edition:
    return Edition(
        name=module.NAME,
        sources=module.SOURCES,
        kinds=MappingProxyType({rules.kind: rules for rules in module.KINDS}),
        registration=module.REGISTRATION,
        marketplace=module.MARKETPLACE,
        staleness=module.STALENESS,
        names_unique=module.NAMES_UNIQUE,
        upgrades=module.UPGRADES,
    )


EDITIONS: Mapping[str, Edition] = MappingProxyType({module.NAME: _edition(module) for module in MODULES})
"""Every edition by its name, in order of date."""


class UnknownEditionError(ValueError):
    """Asked for an edition that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown edition {name!r}; there are {', '.join(EDITIONS)}")


def edition(name: str) -> Edition:
    """The edition of that name; raises UnknownEditionError with the names there are."""
    try:
        return EDITIONS[name]
    except KeyError:
        raise UnknownEditionError(name) from None


__all__ = [
    "EDITIONS",
    "MODULES",
    "SWITCHABLE",
    "AutomaticUpgrades",
    "Edition",
    "KindRules",
    "Limit",
    "Presence",
    "Registration",
    "Says",
    "UnknownEditionError",
    "Upgrades",
    "edition",
    "read_otherwise",
]
