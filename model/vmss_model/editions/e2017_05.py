"""Edition 2017-05, from S17: only how to upgrade a scale set; everything else is open."""

from __future__ import annotations

from vmss_model.editions import base
from vmss_model.editions.base import KindRules, Registration, Says, Upgrades
from vmss_model.values import Api, GroupKind

NAME = "2017-05"
SOURCES = ("S17",)
KINDS: tuple[KindRules, ...] = (KindRules(kind=GroupKind.UNIFORM, instance_api=Api.SCALE_SET, explicit=False),)
REGISTRATION: Registration | None = None
MARKETPLACE = False
STALENESS: int | None = None
NAMES_UNIQUE: Says | None = None
UPGRADES: Upgrades | None = Upgrades(
    kinds=frozenset({GroupKind.UNIFORM}),
    modes=base.UPGRADE_MODES,
    model_version="MODEL-VERSION",
    kinds_of_update="UPGRADE-KIND",
    planning="ROLLOUT-PLAN",
    no_downtime="UPGRADE-NO-DOWNTIME",
    heat_map="HEATMAP",
)
