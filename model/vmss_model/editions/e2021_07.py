"""Edition 2021-07, from S21F and S21U: as 2021-02, with automatic OS image upgrades on `Uniform`."""

from __future__ import annotations

from vmss_model.editions import base
from vmss_model.editions.base import AutomaticUpgrades, Upgrades
from vmss_model.editions.e2021_02 import KINDS, MARKETPLACE, NAMES_UNIQUE, REGISTRATION, STALENESS
from vmss_model.os_images import SUPPORTED_IMAGE_SET
from vmss_model.values import GroupKind

NAME = "2021-07"
SOURCES = ("S21F", "S21U")

_HOUR = 60 * 60
_DAY = 24 * _HOUR

UPGRADES: Upgrades | None = Upgrades(
    kinds=frozenset({GroupKind.UNIFORM}),
    modes=base.UPGRADE_MODES,
    model_version="MODEL-VERSION",
    publisher_fixed="PUBLISHER-OFFER-FIXED",
    automatic=AutomaticUpgrades(
        percent=20,
        wait=5 * 60,
        first_window=(0, 3 * _HOUR),
        later_window=(30 * 60, 60 * 60),
        history_most=5,
        # Two months are at least 59 and at most 62 days.
        history_surely=59 * _DAY,
        history_longest=62 * _DAY,
        api_version="2018-10-01",
        windows_api_version="2019-03-01",
        service_fabric_version=(1, 1),
        images=SUPPORTED_IMAGE_SET,
    ),
)

__all__ = ["KINDS", "MARKETPLACE", "NAME", "NAMES_UNIQUE", "REGISTRATION", "SOURCES", "STALENESS", "UPGRADES"]
