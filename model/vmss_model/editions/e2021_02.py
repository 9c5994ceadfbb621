"""Edition 2021-02, from S21F: `Flexible` (preview), `Uniform`, and availability sets beside them."""

from __future__ import annotations

from vmss_model.capabilities import CAPABILITY_RULE, TABLE_2021
from vmss_model.editions import base
from vmss_model.editions.base import KindRules, Limit, Registration, Says, Upgrades
from vmss_model.values import Api, GroupKind, HealthSource

NAME = "2021-02"
SOURCES = ("S21F",)
KINDS: tuple[KindRules, ...] = (
    KindRules(
        kind=GroupKind.FLEXIBLE,
        instance_api=Api.VIRTUAL_MACHINE,
        instance_type=Says(True, "INSTANCE-TYPE"),
        explicit=True,
        mode_rule="MODE-2021",
        mode_immutable=Says(True, "MODE-IMMUTABLE"),
        joining=Says(True, "ADD-EXPLICIT"),
        attach_detach=Says(False, "ATTACH-DETACH-NEVER"),
        capacity=Limit(0, 1000, "CAP-FLEX"),
        created_empty=Says(True, "EMPTY-GROUP"),
        fault_domains_regional=Limit(1, 3, "FDCOUNT-FLEX-REGIONAL", varies=True),
        fault_domains_zonal=Limit(1, 1, "FDCOUNT-FLEX-ZONAL"),
        names_fault_domain=Says(True, "FD-EXPLICIT"),
        spreads_domains=Says(True, "FD-SPREAD"),
        zone_count=Limit(0, 1, "ZONES-FLEX"),
        single_placement_group=frozenset({False}),
        single_placement_group_rule="SPG-FLEX",
        delete_nonempty=Says(False, "DELETE-NONEMPTY-REJECTED"),
        artifacts_follow=Says(False, "ARTIFACTS-REMAIN"),
        delete_one=Says(True, "DELETE-ONE"),
        batch_operations=Says(False, "BATCH-OPS"),
        boot_diagnostics=Says(False, "BOOTDIAG-API"),
        uniform_extensions=Says(False, "EXTENSION-KIND"),
        lists_ids=Says(True, "LIST-IDS"),
        same_place=Says(True, "SAME-PLACE"),
        health_sources=frozenset({HealthSource.EXTENSION}),
        autoscale=Says(False, "AUTOSCALE"),
        update_domains=Limit(0, 0, "UD-2021"),
        fault_domain_guarantee=Limit(0, 1000, "FD-HA-SCOPE"),
        capabilities=TABLE_2021["Flexible"],
        capability_rules=CAPABILITY_RULE,
    ),
    KindRules(
        kind=GroupKind.UNIFORM,
        instance_api=Api.SCALE_SET,
        instance_type=Says(False, "INSTANCE-TYPE"),
        explicit=False,
        mode_rule="MODE-2021",
        mode_immutable=Says(True, "MODE-IMMUTABLE"),
        joining=Says(False, "ADD-IMPLICIT"),
        attach_detach=Says(False, "ATTACH-DETACH-NEVER"),
        capacity=Limit(0, 1000, "CAP-UNIFORM"),
        capacity_single_placement_group=Limit(0, 100, "CAP-UNIFORM"),
        created_empty=Says(False, "EMPTY-GROUP"),
        fault_domains_regional=Limit(1, 5, "FDCOUNT-UNIFORM"),
        fault_domains_zonal=Limit(1, 5, "FDCOUNT-UNIFORM"),
        names_fault_domain=Says(False, "FD-EXPLICIT"),
        zone_count=Limit(0, 3, "ZONES-UNIFORM"),
        single_placement_group=frozenset({True, False}),
        single_placement_group_rule="SPG-UNIFORM",
        delete_nonempty=Says(True, "DELETE-CASCADES"),
        artifacts_follow=Says(True, "ARTIFACTS-FOLLOW"),
        delete_one=Says(True, "DELETE-ONE"),
        batch_operations=Says(True, "BATCH-OPS"),
        boot_diagnostics=Says(True, "BOOTDIAG-API"),
        uniform_extensions=Says(True, "EXTENSION-KIND"),
        lists_ids=Says(False, "LIST-IDS"),
        health_sources=frozenset({HealthSource.EXTENSION, HealthSource.PROBE}),
        identical=Says(True, "UNIFORM-IDENTICAL"),
        autoscale=Says(True, "AUTOSCALE"),
        update_domains=Limit(0, 5, "UD-2021"),
        fault_domain_guarantee=Limit(0, 100, "FD-HA-SCOPE"),
        capabilities=TABLE_2021["Uniform"],
        capability_rules=CAPABILITY_RULE,
    ),
    KindRules(
        kind=GroupKind.AVAILABILITY_SET,
        instance_api=Api.VIRTUAL_MACHINE,
        instance_type=Says(True, "INSTANCE-TYPE"),
        explicit=True,
        attach_detach=Says(False, "ATTACH-DETACH-NEVER"),
        capacity=Limit(0, 200, "CAP-AVSET"),
        names_fault_domain=Says(False, "FD-EXPLICIT"),
        zone_count=Limit(0, 0, "ZONES-AVSET"),
        artifacts_follow=Says(False, "ARTIFACTS-REMAIN"),
        health_sources=frozenset({HealthSource.EXTENSION}),
        autoscale=Says(False, "AUTOSCALE"),
        update_domains=Limit(1, 20, "UD-2021"),
        fault_domain_guarantee=Limit(0, 200, "FD-HA-SCOPE"),
        capabilities=TABLE_2021["AvailabilitySet"],
        capability_rules=CAPABILITY_RULE,
    ),
)
REGISTRATION: Registration | None = Registration(
    kinds=frozenset({GroupKind.FLEXIBLE}),
    features=("VMOrchestratorMultiFD", "VMOrchestratorSingleFD"),
    longest=15 * 60,
    api_version="2019-12-01",
)
MARKETPLACE = False
STALENESS: int | None = 60
NAMES_UNIQUE: Says | None = Says(True, "NAMING")
UPGRADES: Upgrades | None = Upgrades(
    kinds=frozenset({GroupKind.UNIFORM}),
    modes=base.UPGRADE_MODES,
    model_version="MODEL-VERSION",
)
