"""Edition 2021-07, from S21F and S21U: as 2021-02, with automatic OS image upgrades on `Uniform`."""

from __future__ import annotations

from vmss_model.editions.e2021_02 import KINDS, MARKETPLACE, NAMES_UNIQUE, REGISTRATION, STALENESS

NAME = "2021-07"
SOURCES = ("S21F", "S21U")

__all__ = ["KINDS", "MARKETPLACE", "NAME", "NAMES_UNIQUE", "REGISTRATION", "SOURCES", "STALENESS"]
