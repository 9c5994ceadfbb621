"""Section F, configuration: what a group must be so that automatic OS image upgrades can be switched on."""

from __future__ import annotations

from vmss_model.capabilities import Capability
from vmss_model.copying import evolve
from vmss_model.decide.capabilities import check_capability
from vmss_model.decide.checks import Checks
from vmss_model.editions import AutomaticUpgrades
from vmss_model.images import LATEST, CustomImage
from vmss_model.os_images import PlatformImage
from vmss_model.refusals import not_allowed
from vmss_model.rules import implements
from vmss_model.values import Durability, HealthSource, LoadBalancer, OperatingSystem, UpgradeMode
from vmss_model.world import Group, Profile, ServiceFabric, World

PROBE_INTERVAL = 120
"""A health probe is advised to sample more often than this (seconds; OSU-PROBE-INTERVAL)."""

_DURABLE = (Durability.SILVER, Durability.GOLD)


@implements("OSU-ANY-SIZE", "OSU-MANUAL-POLICY")
def check_os_upgrade(checks: Checks, world: World, group: Group, api_version: str | None) -> None:
    """Automatic OS image upgrades on a group as it is to be; each requirement refuses by its own rule."""
    rules = world.edition.kinds[group.kind]
    check_capability(checks, rules, Capability.OS_UPGRADE, bool(group.zones), group.single_placement_group)
    automatic = world.edition.automatic_upgrades(group.kind)
    if automatic is None:
        checks.leave_open(f"edition {world.edition.name} does not say what automatic OS image upgrades need")
        return
    checks.shaped_by("OSU-ANY-SIZE")
    if group.upgrade_mode is UpgradeMode.MANUAL:
        checks.shaped_by("OSU-MANUAL-POLICY")
    profile = group.profile or Profile()
    _check_image(checks, automatic, profile)
    _check_api(checks, automatic, api_version)
    check_external(checks, world, profile)
    _check_windows(checks, world, automatic, profile, api_version)
    if profile.service_fabric is not None:
        _check_service_fabric(checks, automatic, group, profile.service_fabric)
    _check_health(checks, group, profile)


@implements("OSU-LATEST", "OSU-IMAGES")
def _check_image(checks: Checks, automatic: AutomaticUpgrades, profile: Profile) -> None:
    image = profile.image
    if image is None:
        checks.leave_open("the group's image is not known (OSU-LATEST, OSU-IMAGES)")
        return
    checks.require(
        "OSU-LATEST",
        image.version == LATEST,
        lambda: not_allowed(
            "OSU-LATEST",
            f"Automatic OS upgrades need image version '{LATEST}'; the model names '{image.version}'.",
            version=image.version,
        ),
    )
    checks.require(
        "OSU-IMAGES",
        not isinstance(image.line, CustomImage)
        and (not isinstance(image.line, PlatformImage) or image.line in automatic.images),
        lambda: not_allowed(
            "OSU-IMAGES",
            f"Automatic OS upgrades do not support the image {image.line}: it is neither one of the "
            f"{len(automatic.images)} supported platform images nor an image of a compute gallery.",
            image=str(image.line),
        ),
    )


@implements("OSU-API")
def _check_api(checks: Checks, automatic: AutomaticUpgrades, api_version: str | None) -> None:
    if api_version is None:
        return
    checks.require(
        "OSU-API",
        api_version >= automatic.api_version,
        lambda: not_allowed(
            "OSU-API",
            f"Automatic OS upgrades need API version {automatic.api_version} or later; the call has {api_version}.",
            api_version=api_version,
            earliest=automatic.api_version,
        ),
    )


@implements("OSU-EXTERNAL")
def check_external(checks: Checks, world: World, profile: Profile) -> None:
    """What the model refers to outside itself exists and is current."""
    stale = stale_references(world, profile)
    checks.require(
        "OSU-EXTERNAL",
        not stale,
        lambda: not_allowed(
            "OSU-EXTERNAL",
            f"The model refers to what does not exist or has expired: {', '.join(stale)}.",
            resources=stale,
        ),
    )


def stale_references(world: World, profile: Profile) -> tuple[str, ...]:
    """The external resources of a model that are gone, or of which the credentials have expired."""
    return tuple(
        one.resource
        for one in profile.external
        if one.resource in world.withdrawn or (one.credentials_end is not None and one.credentials_end <= world.clock)
    )


@implements("OSU-WINDOWS", "OSU-SF")
def _check_windows(
    checks: Checks, world: World, automatic: AutomaticUpgrades, profile: Profile, api_version: str | None
) -> None:
    if profile.operating_system is not OperatingSystem.WINDOWS:
        return
    fabric = profile.service_fabric is not None
    if api_version is None and not fabric and profile.automatic_updates is not False:
        checks.leave_open("the API version is not known, from which on enableAutomaticUpdates must be false")
        return
    if api_version is not None and api_version < automatic.windows_api_version and not fabric:
        return
    # The other reading of finding F10: the service sets the property to false by itself.
    set_by_service = "F10" in world.edition.readings and profile.automatic_updates is None
    rules = ("OSU-SF", "OSU-WINDOWS") if fabric else ("OSU-WINDOWS",)
    checks.require(
        rules[0],
        profile.automatic_updates is False or set_by_service,
        lambda: evolve(
            not_allowed(
                rules[0],
                "Automatic OS upgrades of a Windows group need enableAutomaticUpdates to be false; it is "
                f"{'not set' if profile.automatic_updates is None else 'true'}.",
                enableAutomaticUpdates=profile.automatic_updates,
            ),
            rules=rules,
        ),
    )


@implements("OSU-SF")
def _check_service_fabric(checks: Checks, automatic: AutomaticUpgrades, group: Group, fabric: ServiceFabric) -> None:
    def need(holds: bool, message: str, **values: object) -> None:
        checks.require("OSU-SF", holds, lambda: not_allowed("OSU-SF", message, **values))

    durability = fabric.cluster_durability
    need(
        durability in _DURABLE or fabric.stateless,
        f"Service Fabric durability {durability.value} has automatic OS upgrades only for stateless node types.",
        durability=durability.value,
    )
    need(
        durability is fabric.extension_durability,
        f"The cluster's durability is {durability.value}, the extension's {fabric.extension_durability.value}: "
        "they must be the same.",
        cluster=durability.value,
        extension=fabric.extension_durability.value,
    )
    earliest = automatic.service_fabric_version
    need(
        fabric.type_handler_version >= earliest,
        f"The Service Fabric extension needs TypeHandlerVersion {earliest[0]}.{earliest[1]} or later.",
        typeHandlerVersion=fabric.type_handler_version,
    )
    need(
        group.health_source is not HealthSource.PROBE or durability is Durability.BRONZE,
        "Service Fabric groups do not support load-balancer application probes.",
        source=HealthSource.PROBE.value,
    )


@implements("OSU-HEALTH", "OSU-PROBE-LB", "OSU-PROBE-INTERVAL", "OSU-SF")
def _check_health(checks: Checks, group: Group, profile: Profile) -> None:
    fabric = profile.service_fabric
    durable = fabric is not None and fabric.cluster_durability in _DURABLE
    rules = ("OSU-HEALTH", "OSU-SF") if fabric is not None else ("OSU-HEALTH",)
    checks.require(
        "OSU-HEALTH",
        group.monitored or durable,
        lambda: evolve(
            not_allowed(
                "OSU-HEALTH",
                "Automatic OS upgrades need a health probe or the Application Health extension.",
                healthSource=None,
            ),
            rules=rules,
        ),
    )
    if group.health_source is not HealthSource.PROBE:
        return
    if group.single_placement_group is False and profile.load_balancer is None:
        checks.leave_open("the load balancer is not known, which must be a Standard one here (OSU-PROBE-LB)")
    else:
        checks.require(
            "OSU-PROBE-LB",
            group.single_placement_group is not False or profile.load_balancer is LoadBalancer.STANDARD,
            lambda: not_allowed(
                "OSU-PROBE-LB",
                "With several placement groups a health probe needs a Standard load balancer.",
                loadBalancer=None if profile.load_balancer is None else profile.load_balancer.value,
            ),
        )
    interval = profile.probe_interval
    if interval is None:
        return
    if interval < PROBE_INTERVAL:
        checks.shaped_by("OSU-PROBE-INTERVAL")
    else:
        checks.advise(
            "OSU-PROBE-INTERVAL",
            f"a health probe should sample more often than every {PROBE_INTERVAL} seconds; this one takes {interval}",
        )
