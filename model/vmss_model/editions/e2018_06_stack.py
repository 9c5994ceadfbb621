"""Edition 2018-06-stack, from S18: scale sets on Azure Stack."""

from __future__ import annotations

from vmss_model.capabilities import Capability, Cell, Support
from vmss_model.editions.base import KindRules, Registration, Says, Upgrades
from vmss_model.values import Api, GroupKind

NAME = "2018-06-stack"
SOURCES = ("S18",)
KINDS: tuple[KindRules, ...] = (
    KindRules(
        kind=GroupKind.UNIFORM,
        instance_api=Api.SCALE_SET,
        explicit=False,
        identical=Says(True, "UNIFORM-IDENTICAL"),
        autoscale=Says(False, "STACK-NO-AUTOSCALE"),
        capabilities={Capability.AUTOSCALE: Cell(Support.NO)},
        capability_rules={Capability.AUTOSCALE: "STACK-NO-AUTOSCALE"},
    ),
)
REGISTRATION: Registration | None = None
MARKETPLACE = True
STALENESS: int | None = None
NAMES_UNIQUE: Says | None = None
UPGRADES: Upgrades | None = None
