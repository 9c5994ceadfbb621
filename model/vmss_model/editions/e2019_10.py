"""Edition 2019-10, from S19: the first preview of orchestration modes, `VM` and `ScaleSetVM`."""

from __future__ import annotations

from vmss_model.capabilities import CAPABILITY_RULE_2019, TABLE_2019
from vmss_model.editions.base import KindRules, Limit, Presence, Registration, Says, Upgrades
from vmss_model.values import Api, GroupKind

NAME = "2019-10"
SOURCES = ("S19",)
KINDS: tuple[KindRules, ...] = (
    KindRules(
        kind=GroupKind.VM,
        instance_api=Api.VIRTUAL_MACHINE,
        instance_type=Says(True, "INSTANCE-TYPE"),
        explicit=True,
        mode_rule="MODE-2019",
        mode_immutable=Says(True, "MODE-IMMUTABLE"),
        joining=Says(True, "ADD-EXPLICIT"),
        attach_detach=Says(False, "ATTACH-DETACH-NEVER"),
        profile=Presence.FORBIDDEN,
        profile_rule="PROFILE-VM-NONE",
        capacity=Limit(0, 200, "CAP-VM-2019"),
        created_empty=Says(True, "EMPTY-GROUP"),
        fault_domains_regional=Limit(2, 3, "FDCOUNT-VM-2019", varies=True),
        fault_domains_zonal=Limit(5, 5, "FDCOUNT-VM-2019"),
        zone_count=Limit(0, 1, "ZONES-VM-2019"),
        single_placement_group=frozenset({True}),
        single_placement_group_rule="SPG-VM-2019",
        delete_nonempty=Says(False, "DELETE-NONEMPTY-REJECTED"),
        artifacts_follow=Says(False, "ARTIFACTS-REMAIN"),
        delete_one=Says(True, "DELETE-ONE"),
        movable=Says(True, "MOVE"),
        autoscale=Says(False, "AUTOSCALE"),
        update_domains_mapped=Says(True, "UD-MAPPED-2019"),
        capabilities=TABLE_2019["VM"],
        capability_rules=CAPABILITY_RULE_2019,
    ),
    KindRules(
        kind=GroupKind.SCALE_SET_VM,
        instance_api=Api.SCALE_SET,
        instance_type=Says(False, "INSTANCE-TYPE"),
        explicit=False,
        mode_rule="MODE-2019",
        mode_immutable=Says(True, "MODE-IMMUTABLE"),
        joining=Says(False, "ADD-IMPLICIT"),
        attach_detach=Says(False, "ATTACH-DETACH-NEVER"),
        profile=Presence.REQUIRED,
        profile_rule="PROFILE-SSVM-REQUIRED",
        capacity=Limit(0, 1000, "CAP-SSVM-2019"),
        created_empty=Says(False, "EMPTY-GROUP"),
        fault_domains_regional=Limit(1, 5, "FDCOUNT-SSVM-2019"),
        fault_domains_zonal=Limit(1, 5, "FDCOUNT-SSVM-2019"),
        zone_balance=Says(True, "ZONES-SSVM-2019"),
        zone_count=Limit(0, 3, "ZONES-SSVM-2019"),
        single_placement_group=frozenset({True, False}),
        single_placement_group_rule="SPG-SSVM-2019",
        delete_nonempty=Says(True, "DELETE-CASCADES"),
        artifacts_follow=Says(True, "ARTIFACTS-FOLLOW"),
        delete_one=Says(True, "DELETE-ONE"),
        movable=Says(True, "MOVE"),
        autoscale=Says(True, "AUTOSCALE"),
        update_domains_mapped=Says(True, "UD-MAPPED-2019"),
        capabilities=TABLE_2019["ScaleSetVM"],
        capability_rules=CAPABILITY_RULE_2019,
    ),
)
REGISTRATION: Registration | None = None
MARKETPLACE = False
STALENESS: int | None = None
NAMES_UNIQUE: Says | None = None
UPGRADES: Upgrades | None = None
