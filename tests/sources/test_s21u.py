"""S21U, automatic OS image upgrades: its requirements, its numbers and its examples, by requests to the model."""

from __future__ import annotations

import pytest
from attrs import evolve
from immutables import Map

from vmss_model import requests as rq
from vmss_model.answers import HistoryShown, ProgressShown
from vmss_model.batches import Batch
from vmss_model.choices import Cell
from vmss_model.decide import decide
from vmss_model.guards import batch_cap
from vmss_model.images import CustomImage, GalleryImage, ImageReference, OsDisk
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import Progress, RollingPolicy
from vmss_model.values import (
    Durability,
    GroupKind,
    Health,
    HealthSource,
    Invoker,
    LoadBalancer,
    OperatingSystem,
    RolloutStatus,
    Stage,
    UpgradeMode,
)
from vmss_model.world import ExternalReference, GroupKey, Profile, ServiceFabric

from .asking import Service

KEY = GroupKey("myResourceGroup", "myScaleSet")
UBUNTU = PlatformImage("Canonical", "UbuntuServer", "16.04-LTS")
WINDOWS = PlatformImage("MicrosoftWindowsServer", "WindowsServer", "2016-Datacenter")
API = "2021-03-01"
MINUTE = 60
SIZES = (5, 10, 19, 20, 21, 99, 100, 101, 1000)
"""Group sizes on either side of where twenty percent gain another instance."""


def create(capacity: int = 1, **changes: object) -> rq.CreateGroup:
    """A group that meets every requirement, in one update domain unless it is said otherwise."""
    request = rq.CreateGroup(
        key=KEY,
        kind=GroupKind.UNIFORM,
        region="westeurope",
        capacity=capacity,
        update_domain_count=1,
        single_placement_group=False,
        profile=Profile(image=ImageReference(UBUNTU)),
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.ROLLING,
    )
    return evolve(request, **changes)  # type: ignore[arg-type] # the changes are fields of CreateGroup by name


def published(service: Service, version: str, line: PlatformImage = UBUNTU) -> Service:
    """A version of an image is published, and released to the group's region."""
    service.grants(rq.PublishImage(line, version))
    service.grants(rq.ReleaseImage(line, version, frozenset({"westeurope"})))
    return service


def ready(capacity: int, domains: int = 1, **changes: object) -> Service:
    """A group with automatic upgrades switched on, and a newer version whose window is open."""
    service = published(Service("2021-07"), "16.04.201807240")
    cells = tuple(Cell(None, None, number % domains) for number in range(capacity))
    request = create(capacity, update_domain_count=domains, os_upgrade=True, api_version=API, **changes)
    service.grants(request, placements=cells)
    published(service, "16.04.201808140")
    service.grants(rq.AdvanceClock(60 * MINUTE))
    return service


def running(capacity: int, domains: int = 1) -> Service:
    """The same, its rollout begun."""
    service = ready(capacity, domains)
    service.grants(rq.BeginRollout(KEY))
    return service


def ill(service: Service, count: int, first: int = 0) -> None:
    """So many instances report that they are unhealthy."""
    for number in range(first, first + count):
        service.grants(rq.ReportHealth(KEY, str(number), Health.UNHEALTHY, HealthSource.EXTENSION))


def next_batch(service: Service) -> Batch:
    """What the next batch may be."""
    decision = decide(service.world, rq.StartBatch(KEY))
    assert decision.grant is not None, decision
    (choice,) = decision.grant.choices
    assert isinstance(choice, Batch)
    return choice


def upgrade(service: Service, *names: str) -> None:
    """A batch of these instances, which all become healthy."""
    service.grants(rq.StartBatch(KEY, frozenset(names)))
    for name in names:
        service.ask(rq.ProvisionInstance(KEY, name))
        service.grants(rq.ReportHealth(KEY, name, Health.HEALTHY, HealthSource.EXTENSION))


def upgrade_all(service: Service) -> None:
    """Batch after batch, the largest each time, until nothing is left; then the end."""
    while service.group(KEY).rollout is not None:
        if service.ask(rq.EndRollout(KEY)).grant is None:
            upgrade(service, *next_batch(service).filled()[0])


def progress(service: Service) -> Progress:
    """The four counts, as they are read."""
    shown = service.answer(rq.GetProgress(KEY))
    assert isinstance(shown, ProgressShown)
    return shown.attempt.progress


# -- requirements ----------------------------------------------------------------------------------


def test_the_examples_switch_it_on_later() -> None:
    """S21U, Configure: PUT or PATCH with api-version=2021-03-01, and `az vmss update --set`: the same change."""
    service = Service("2021-07")
    service.grants(create())
    service.grants(rq.UpdateGroup(key=KEY, os_upgrade=True, api_version=API))
    assert service.group(KEY).os_upgrade


def test_it_can_be_switched_off_at_any_time() -> None:
    """S21U, introduction: upgrades can be opted out of at any time, also while one is under way."""
    service = running(10, 5)
    upgrade(service, "0", "5")
    service.grants(rq.UpdateGroup(key=KEY, os_upgrade=False))
    service.refuses(rq.StartBatch(KEY), "OSU-OPT-OUT")
    service.grants(rq.EndRollout(KEY))
    assert service.group(KEY).history[0].status is RolloutStatus.CANCELLED


@pytest.mark.parametrize("version", ["latest", "16.04.201807240"])
def test_the_version_is_latest(version: str) -> None:
    """S21U, Requirements: the image's version has to be `latest`."""
    request = create(os_upgrade=True, profile=Profile(image=ImageReference(UBUNTU, version)))
    if version == "latest":
        Service("2021-07").grants(request)
    else:
        Service("2021-07").refuses(request, "OSU-LATEST")


@pytest.mark.parametrize("source", [None, *HealthSource])
def test_health_is_monitored(source: HealthSource | None) -> None:
    """S21U, Requirements: a health probe or the Application Health extension."""
    request = create(
        os_upgrade=True,
        health_source=source,
        profile=Profile(image=ImageReference(UBUNTU), load_balancer=LoadBalancer.STANDARD),
    )
    if source is None:
        Service("2021-07").refuses(request, "OSU-HEALTH")
    else:
        Service("2021-07").grants(request)


@pytest.mark.parametrize(("version", "enough"), [("2018-06-01", False), ("2018-10-01", True), (API, True)])
def test_the_api_version(version: str, enough: bool) -> None:
    """S21U, Requirements: compute API version 2018-10-01 or later."""
    request = create(os_upgrade=True, api_version=version)
    if enough:
        Service("2021-07").grants(request)
    else:
        Service("2021-07").refuses(request, "OSU-API")


def test_external_resources_are_there() -> None:
    """S21U, Requirements: a SAS URI, a payload in a storage account, a secret that the model names exists."""
    profile = Profile(image=ImageReference(UBUNTU), external=(ExternalReference("payload"),))
    service = Service("2021-07")
    service.grants(rq.ChangeExternalResource("payload", available=False))
    service.refuses(create(os_upgrade=True, profile=profile), "OSU-EXTERNAL")
    service.grants(rq.ChangeExternalResource("payload", available=True))
    service.grants(create(os_upgrade=True, profile=profile))


@pytest.mark.parametrize("setting", [True, None, False])
@pytest.mark.parametrize("api_version", ["2018-10-01", "2019-03-01"])
def test_windows_update_is_switched_off(setting: bool | None, api_version: str) -> None:
    """S21U, Requirements: from API version 2019-03-01 on, `enableAutomaticUpdates` is false on Windows."""
    profile = Profile(OperatingSystem.WINDOWS, image=ImageReference(WINDOWS), automatic_updates=setting)
    request = create(os_upgrade=True, api_version=api_version, profile=profile)
    if setting is False or api_version < "2019-03-01":
        Service("2021-07").grants(request)
    else:
        Service("2021-07").refuses(request, "OSU-WINDOWS")


@pytest.mark.parametrize("line", SUPPORTED_IMAGES, ids=str)
def test_the_supported_images(line: PlatformImage) -> None:
    """S21U, Supported OS images: the thirteen rows of its table, and no other SKU."""
    Service("2021-07").grants(create(os_upgrade=True, profile=Profile(image=ImageReference(line))))
    other = ImageReference(evolve(line, sku=f"{line.sku}-other"))
    Service("2021-07").refuses(create(os_upgrade=True, profile=Profile(image=other)), "OSU-IMAGES")


def test_custom_images_come_from_a_gallery() -> None:
    """S21U, Custom images: those of a compute gallery are supported, others are not."""
    gallery = ImageReference(GalleryImage("gallery", "image"))
    Service("2021-07").grants(create(os_upgrade=True, profile=Profile(image=gallery)))
    disk = ImageReference(CustomImage("https://account/vhds/image.vhd"))
    Service("2021-07").refuses(create(os_upgrade=True, profile=Profile(image=disk)), "OSU-IMAGES")


@pytest.mark.parametrize("balancer", list(LoadBalancer))
def test_probes_of_several_placement_groups_need_a_standard_load_balancer(balancer: LoadBalancer) -> None:
    """S21U, Using application health probes: with several placement groups, a Standard load balancer."""
    profile = Profile(image=ImageReference(UBUNTU), load_balancer=balancer)
    request = create(os_upgrade=True, health_source=HealthSource.PROBE, profile=profile)
    if balancer is LoadBalancer.STANDARD:
        Service("2021-07").grants(request)
    else:
        Service("2021-07").refuses(request, "OSU-PROBE-LB")


@pytest.mark.parametrize(("interval", "advised"), [(119, False), (120, True), (300, True)])
def test_a_probe_samples_more_often_than_every_two_minutes(interval: int, advised: bool) -> None:
    """S21U, Configuring a probe: a rate of under two minutes is good practice, which is advice, not a refusal."""
    profile = Profile(image=ImageReference(UBUNTU), load_balancer=LoadBalancer.STANDARD, probe_interval=interval)
    request = create(os_upgrade=True, health_source=HealthSource.PROBE, profile=profile)
    assert bool(Service("2021-07").grants(request).advice) == advised


FABRIC = ServiceFabric(Durability.SILVER, Durability.SILVER)


@pytest.mark.parametrize(
    ("fabric", "source", "enough"),
    [
        (FABRIC, None, True),
        (ServiceFabric(Durability.GOLD, Durability.GOLD), None, True),
        (ServiceFabric(Durability.BRONZE, Durability.BRONZE), HealthSource.EXTENSION, False),
        (ServiceFabric(Durability.BRONZE, Durability.BRONZE, stateless=True), HealthSource.EXTENSION, True),
        (ServiceFabric(Durability.BRONZE, Durability.BRONZE, stateless=True), None, False),
        (ServiceFabric(Durability.SILVER, Durability.GOLD), None, False),
        (evolve(FABRIC, type_handler_version=(1, 0)), None, False),
        (evolve(FABRIC, type_handler_version=(2, 0)), None, True),
        (FABRIC, HealthSource.PROBE, False),
    ],
)
def test_service_fabric(fabric: ServiceFabric, source: HealthSource | None, enough: bool) -> None:
    """S21U, Service Fabric requirements: Silver or Gold alike in cluster and extension, version 1.1, no probes."""
    profile = Profile(image=ImageReference(UBUNTU), service_fabric=fabric, load_balancer=LoadBalancer.STANDARD)
    request = create(os_upgrade=True, health_source=source, profile=profile)
    if enough:
        Service("2021-07").grants(request)
    else:
        Service("2021-07").refuses(request, "OSU-SF")


def test_a_group_of_any_size() -> None:
    """S21U, introduction: it can be switched on for scale sets of any size."""
    for capacity in (0, 1, 2, 100, 101, 1000):
        Service("2021-07").grants(create(capacity, os_upgrade=True))


# -- when it begins ----------------------------------------------------------------------------------


def test_the_first_rollout_begins_within_three_hours() -> None:
    """S21U, Custom images, note: up to three hours after it was first switched on, once per group."""
    service = published(Service("2021-07"), "1.0")
    service.grants(create(1, os_upgrade=True))
    published(service, "2.0")
    trigger = service.group(KEY).trigger
    assert trigger is not None
    assert (trigger.earliest, trigger.latest, trigger.window.rules) == (0, 180 * MINUTE, ("OSU-TRIGGER-FIRST",))
    service.grants(rq.BeginRollout(KEY))
    upgrade(service, "0")
    service.grants(rq.EndRollout(KEY))
    published(service, "3.0")
    later = service.group(KEY).trigger
    assert later is not None
    assert later.window.rules == ("OSU-TRIGGER-LATER",)


@pytest.mark.parametrize(("minutes", "open_"), [(29, False), (30, True), (60, True)])
def test_later_rollouts_begin_after_30_to_60_minutes(minutes: int, open_: bool) -> None:
    """S21U, Custom images, note: following rollouts are triggered within 30 to 60 minutes, and not later."""
    service = ready(1)
    service.grants(rq.BeginRollout(KEY))
    upgrade_all(service)
    published(service, "16.04.201809010")
    service.grants(rq.AdvanceClock(minutes * MINUTE))
    if open_:
        service.grants(rq.BeginRollout(KEY))
    else:
        service.refuses(rq.BeginRollout(KEY), "OSU-TRIGGER-LATER")


def test_time_does_not_pass_a_rollout_that_is_due() -> None:
    """S21U, the same note: at 60 minutes the rollout has begun; the clock goes on only then."""
    service = ready(1)
    service.grants(rq.BeginRollout(KEY))
    upgrade_all(service)
    published(service, "16.04.201809010")
    before = service.world.clock
    service.grants(rq.AdvanceClock(24 * 60 * MINUTE))
    assert service.world.clock == before + 60 * MINUTE


@pytest.mark.parametrize(
    ("regions", "excluded", "begins"),
    [
        ({"westeurope"}, False, True),
        ({"eastus"}, False, False),
        ({"westeurope"}, True, False),
    ],
)
def test_a_gallery_image_is_replicated_and_not_excluded(regions: set[str], excluded: bool, begins: bool) -> None:
    """S21U, Custom images: a version rolls out once it is in the group's region, unless excluded from latest."""
    line = GalleryImage("gallery", "image")
    service = Service("2021-07")
    service.grants(rq.PublishImage(line, "1.0.0", frozenset({"westeurope"})))
    service.grants(create(1, os_upgrade=True, profile=Profile(image=ImageReference(line))))
    service.grants(rq.PublishImage(line, "2.0.0", frozenset(regions), excluded))
    service.grants(rq.AdvanceClock(60 * MINUTE))
    if begins:
        service.grants(rq.BeginRollout(KEY))
    else:
        service.refuses(rq.BeginRollout(KEY), "OSU-GALLERY")


def test_manual_policy_takes_instances_in_once_they_run_the_newest_model() -> None:
    """S21U, Configure, note: with policy Manual, the VMs have to be brought to the newest model as well."""
    service = published(Service("2021-07"), "1.0")
    service.grants(create(2, upgrade_mode=UpgradeMode.MANUAL))
    service.grants(rq.UpdateGroup(key=KEY, os_upgrade=True, api_version=API))
    service.grants(rq.UpgradeInstances(KEY, frozenset({"0"})))
    service.ask(rq.ProvisionInstance(KEY, "0"))
    published(service, "2.0")
    service.grants(rq.AdvanceClock(180 * MINUTE))
    service.grants(rq.BeginRollout(KEY))
    assert next_batch(service).pending.keys() == {"0"}


# -- health before and between batches ---------------------------------------------------------------


@pytest.mark.parametrize("instances", SIZES)
def test_a_fifth_may_be_ill_before_it_begins(instances: int) -> None:
    """S21U, Upgrading VMs, step 1: not more than 20 % of the instances are unhealthy; one more, and it does not."""
    most = instances // 5
    service = ready(instances)
    ill(service, most + 1)
    refusal = service.refuses(rq.BeginRollout(KEY), "OSU-PRECHECK")
    assert refusal.code == "MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade"
    service.grants(rq.ReportHealth(KEY, "0", Health.HEALTHY, HealthSource.EXTENSION))
    service.grants(rq.BeginRollout(KEY))


@pytest.mark.parametrize("instances", SIZES)
def test_a_fifth_may_be_ill_between_batches(instances: int) -> None:
    """S21U, below the steps: overall health is checked before every batch; beyond 20 % it ends with the batch."""
    most = instances // 5
    service = running(instances)
    upgrade(service, "0")
    ill(service, most + 1, first=instances - most - 1)
    refusal = service.refuses(rq.StartBatch(KEY), "OSU-STOP-OVERALL")
    assert "more than 20 percent" in refusal.message
    last = str(instances - 1)
    service.grants(rq.ReportHealth(KEY, last, Health.HEALTHY, HealthSource.EXTENSION))
    service.grants(rq.StartBatch(KEY, frozenset({"1"})))
    service.grants(rq.ReportHealth(KEY, last, Health.UNHEALTHY, HealthSource.EXTENSION))
    service.refuses(rq.EndRollout(KEY), "OSU-WAIT")
    service.ask(rq.ProvisionInstance(KEY, "1"))
    service.grants(rq.ReportHealth(KEY, "1", Health.HEALTHY, HealthSource.EXTENSION))
    service.grants(rq.EndRollout(KEY))
    attempt = service.group(KEY).history[0]
    assert (attempt.status, attempt.progress.successful) == (RolloutStatus.FAULTED, 2)
    assert attempt.error == "MaxUnhealthyInstancePercentExceededInRollingUpgrade"


@pytest.mark.parametrize("instances", [size for size in SIZES if size >= 19])
def test_a_fifth_of_the_upgraded_may_become_ill(instances: int) -> None:
    """S21U, Upgrading VMs, step 5: it ends when more than 20 % of the upgraded instances become unhealthy."""
    service = running(instances)
    names = [str(number) for number in range(instances // 5)]
    upgrade(service, *names)
    share = len(names) // 5
    ill(service, share)
    service.grants(rq.StartBatch(KEY, frozenset({str(instances - 1)})))
    service = running(instances)
    upgrade(service, *names)
    ill(service, share + 1)
    service.refuses(rq.StartBatch(KEY), "OSU-STOP-UPGRADED")
    service.grants(rq.EndRollout(KEY))
    error = service.group(KEY).history[0].error
    assert error == "MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade"


# -- batches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("instances", [1, 2, 3, 4, 5])
def test_sets_of_five_and_fewer_have_batches_of_one(instances: int) -> None:
    """S21U, Upgrading VMs, step 2: the smallest batch is one instance, and small sets have no larger one."""
    service = running(instances)
    batch = next_batch(service)
    assert {len(value) for value in batch.values()} == {1}
    upgrade_all(service)
    assert service.group(KEY).history[0].progress == Progress(successful=instances)


@pytest.mark.parametrize("instances", [*range(1, 41), 99, 100, 101, 199, 200, 999, 1000])
def test_a_batch_is_at_most_a_fifth(instances: int) -> None:
    """S21U, Upgrading VMs, step 2: at most 20 % of all instances, and at least one."""
    batch = next_batch(running(instances))
    assert len(batch.filled()[0]) == max(1, instances // 5)
    too_many = tuple(str(number) for number in range(max(1, instances // 5) + 1))
    assert not batch.allows(too_many)


def test_the_cap_of_every_size() -> None:
    """S21U, the same: for every size that a scale set can have."""
    assert [batch_cap(instances, 20) for instances in range(1, 1001)] == [
        max(1, instances // 5) for instances in range(1, 1001)
    ]


def test_batches_stay_within_update_domains() -> None:
    """S21U, Within a set: VMs are grouped into batches within the bounds of update domains."""
    service = running(20, 2)
    assert not next_batch(service).allows(("0", "1"))
    refusal = service.refuses(rq.StartBatch(KEY, frozenset({"0", "1"})), "OSU-BATCH")
    assert "crosses update domains 0, 1" in refusal.message
    service.grants(rq.StartBatch(KEY, frozenset({"0", "2", "4", "6"})))


def test_never_all_of_a_set_at_once() -> None:
    """S21U, Within a set: not all VMs of a scale set are upgraded at the same time; one alone is the exception."""
    service = running(2)
    service.refuses(rq.StartBatch(KEY, frozenset({"0", "1"})), "OSU-BATCH")
    service.grants(rq.StartBatch(KEY, frozenset({"0"})))
    alone = running(1)
    alone.grants(rq.StartBatch(KEY, frozenset({"0"})))


def test_zones_are_not_upgraded_at_the_same_time() -> None:
    """S21U, Within a region: VMs in different zones are not upgraded at the same time with the same update."""
    service = published(Service("2021-07"), "1.0")
    cells = (Cell("1", None, 0), Cell("2", None, 0)) * 10
    service.grants(create(20, zones=("1", "2"), os_upgrade=True), placements=cells)
    published(service, "2.0")
    service.grants(rq.BeginRollout(KEY))
    service.refuses(rq.StartBatch(KEY, frozenset({"0", "1"})), "OSU-ZONES")
    assert {len(pool) for pool in next_batch(service).filled()} == {4}


def test_geo_pairs_are_not_released_together() -> None:
    """S21U, Across regions: geo pairs are not in one phase, and a phase waits for the success of the one before."""
    service = Service("2021-07")
    service.world = evolve(service.world, geo_pairs=Map({"westeurope": "northeurope", "northeurope": "westeurope"}))
    service.grants(rq.PublishImage(UBUNTU, "1.0"))
    both = rq.ReleaseImage(UBUNTU, "1.0", frozenset({"westeurope", "northeurope"}))
    service.refuses(both, "OSU-REGIONS")
    published(service, "0.9")
    service.grants(create(1, os_upgrade=True))
    service.grants(rq.ReleaseImage(UBUNTU, "1.0", frozenset({"westeurope"})))
    service.refuses(rq.ReleaseImage(UBUNTU, "1.0", frozenset({"northeurope"})), "OSU-REGIONS")
    service.grants(rq.BeginRollout(KEY))
    service.grants(rq.StartBatch(KEY, frozenset({"0"})))
    service.refuses(rq.ReleaseImage(UBUNTU, "1.0", frozenset({"northeurope"})), "OSU-REGIONS")
    service.grants(rq.ProvisionInstance(KEY, "0"))
    service.refuses(rq.ReleaseImage(UBUNTU, "1.0", frozenset({"northeurope"})), "OSU-REGIONS")
    service.grants(rq.ReportHealth(KEY, "0", Health.HEALTHY, HealthSource.EXTENSION))
    service.grants(rq.ReleaseImage(UBUNTU, "1.0", frozenset({"northeurope"})))


def test_service_fabric_goes_one_update_domain_at_a_time() -> None:
    """S21U, Health probes, note: with Service Fabric the image is rolled out update domain by update domain."""
    profile = Profile(image=ImageReference(UBUNTU), service_fabric=FABRIC)
    service = ready(20, 2, profile=profile)
    service.grants(rq.BeginRollout(KEY))
    upgrade(service, "0", "2")
    service.refuses(rq.StartBatch(KEY, frozenset({"1"})), "OSU-SF")
    service.grants(rq.StartBatch(KEY, frozenset({"4"})))


# -- one instance ------------------------------------------------------------------------------------


def test_the_os_disk_is_new_and_data_disks_stay() -> None:
    """S21U, introduction and step 3: the OS disk is replaced by one of the newest image; data disks are kept."""
    service = ready(5, profile=Profile(image=ImageReference(UBUNTU), data_disks=3))
    service.grants(rq.BeginRollout(KEY))
    upgrade(service, "0")
    member = service.member(KEY, "0")
    assert member.os_disk == OsDisk(UBUNTU, "16.04.201808140")
    assert member.data_disks == 3


@pytest.mark.parametrize(("waited", "over"), [(299, False), (300, True)])
def test_an_instance_has_five_minutes(waited: int, over: bool) -> None:
    """S21U, Upgrading VMs, step 4: up to five minutes for an instance to become healthy, before the next batch."""
    service = running(20)
    service.grants(rq.StartBatch(KEY, frozenset({"0"})))
    service.grants(rq.AdvanceClock(waited))
    service.refuses(rq.StartBatch(KEY, frozenset({"1"})), "OSU-WAIT")
    if over:
        service.grants(rq.RestoreInstance(KEY, "0"), restored=True)
        assert service.member(KEY, "0").os_disk == OsDisk(UBUNTU, "16.04.201807240")
        assert progress(service) == Progress(failed=1, pending=19)
    else:
        service.refuses(rq.RestoreInstance(KEY, "0"), "OSU-WAIT")


def test_the_sku_stays() -> None:
    """S21U, note: the automatic upgrade does not change the SKU; the model's SKU can be, its publisher cannot."""
    service = ready(1)
    newer = ImageReference(evolve(UBUNTU, sku="18.04-LTS"))
    service.grants(rq.UpdateGroup(key=KEY, image=newer))
    other = ImageReference(PlatformImage("OpenLogic", "CentOS", "7.5"))
    service.refuses(rq.UpdateGroup(key=KEY, image=other), "PUBLISHER-OFFER-FIXED")
    service = running(1)
    upgrade_all(service)
    disk = service.member(KEY, "0").os_disk
    assert disk is not None
    assert disk.line == UBUNTU


def test_expired_credentials() -> None:
    """S21U, Keep credentials up to date: the first batch fails; a model with new ones upgrades all, failed too."""
    expired = Profile(image=ImageReference(UBUNTU), external=(ExternalReference("token", 100 * MINUTE),))
    service = ready(10, 5, profile=expired)
    service.grants(rq.AdvanceClock(60 * MINUTE))
    service.grants(rq.BeginRollout(KEY))
    service.grants(rq.StartBatch(KEY, frozenset({"0", "5"})))
    assert progress(service) == Progress(failed=2, pending=8)
    service.refuses(rq.StartBatch(KEY), "OSU-CREDENTIALS")
    service.grants(rq.EndRollout(KEY))
    service.grants(rq.UpdateGroup(key=KEY, external=(ExternalReference("token", 10**6),)))
    assert service.ask(rq.BeginRollout(KEY)).grant is not None
    assert progress(service).scope == 10


# -- progress and history ----------------------------------------------------------------------------


def test_the_history_example() -> None:
    """S21U, History: 16 successful, 4 in progress, none failed or pending; WindowsServer 2016-Datacenter."""
    service = published(Service("2021-07"), "2016.127.20180510", WINDOWS)
    profile = Profile(OperatingSystem.WINDOWS, image=ImageReference(WINDOWS), automatic_updates=False)
    cells = tuple(Cell(None, None, number % 5) for number in range(20))
    request = create(20, update_domain_count=5, os_upgrade=True, api_version=API, profile=profile)
    service.grants(request, placements=cells)
    published(service, "2016.127.20180613", WINDOWS)
    service.grants(rq.BeginRollout(KEY))
    for _ in range(4):
        upgrade(service, *next_batch(service).filled()[0])
    service.grants(rq.StartBatch(KEY, frozenset(next_batch(service).filled()[0])))
    shown = service.answer(rq.GetHistory(KEY))
    assert isinstance(shown, HistoryShown)
    (attempt,) = shown.attempts
    assert attempt.progress == Progress(successful=16, failed=0, in_progress=4, pending=0)
    assert (attempt.status, attempt.started_by) == (RolloutStatus.ROLLING_FORWARD, Invoker.PLATFORM)
    assert attempt.target == OsDisk(WINDOWS, "2016.127.20180613")
    assert (attempt.restored, attempt.not_restored) == (0, 0)
    assert attempt.ended_at is None


def test_the_history_has_five_attempts() -> None:
    """S21U, History: the last five attempts within the past two months, here newest first."""
    service = ready(1)
    for number in range(7):
        service.grants(rq.BeginRollout(KEY))
        upgrade_all(service)
        published(service, f"16.04.2019{number:02}010")
        service.grants(rq.AdvanceClock(60 * MINUTE))
    shown = service.answer(rq.GetHistory(KEY), shown=5)
    assert isinstance(shown, HistoryShown)
    assert [attempt.number for attempt in shown.attempts] == [7, 6, 5, 4, 3]


@pytest.mark.parametrize(("days", "possible"), [(59, {1}), (60, {0, 1}), (62, {0, 1}), (63, {0})])
def test_the_history_is_of_two_months(days: int, possible: set[int]) -> None:
    """S21U, History: two months are 59 to 62 days; an attempt of that age may be shown or not."""
    service = running(1)
    upgrade_all(service)
    service.grants(rq.AdvanceClock(days * 24 * 60 * MINUTE))
    assert set(service.options(rq.GetHistory(KEY), "shown")) == possible


# -- by hand -----------------------------------------------------------------------------------------


def test_started_by_hand_it_passes_over_the_newest() -> None:
    """S21U, Manually trigger: `osRollingUpgrade`; instances that run the newest version are not affected."""
    service = ready(10, 5)
    service.grants(rq.StartRollout(KEY))
    upgrade(service, "0", "5")
    service.grants(rq.CancelRollout(KEY))
    service.grants(rq.EndRollout(KEY))
    service.grants(rq.StartRollout(KEY))
    assert progress(service) == Progress(pending=8)
    assert "0" not in next_batch(service).pending


def test_started_by_hand_nothing_is_restored() -> None:
    """S21U, Manually trigger, note: no automatic rollback; the instance stays as it is, and counts as failed."""
    service = ready(20)
    service.grants(rq.StartRollout(KEY))
    service.grants(rq.StartBatch(KEY, frozenset({"0"})))
    service.grants(rq.AdvanceClock(5 * MINUTE))
    service.refuses(rq.RestoreInstance(KEY, "0"), "OSU-MANUAL-NO-RESTORE")
    service.grants(rq.FailInstance(KEY, "0"))
    assert service.member(KEY, "0").os_disk == OsDisk(UBUNTU, "16.04.201808140")
    assert service.member(KEY, "0").stage is Stage.FAILED


def test_a_group_without_automatic_upgrades_can_be_upgraded_by_hand() -> None:
    """S21U, introduction: OS upgrades can also be started by hand, with the group's own percentages."""
    service = published(Service("2021-07"), "1.0")
    service.grants(create(20, rolling=RollingPolicy(max_batch_percent=50)))
    published(service, "2.0")
    service.grants(rq.StartRollout(KEY))
    assert len(next_batch(service).filled()[0]) == 10


def test_without_monitoring_power_and_extensions_tell() -> None:
    """S21U, Health probes: by default an instance is healthy that runs and has every extension provisioned."""
    service = published(Service("2021-07"), "1.0")
    service.grants(create(5, health_source=None))
    published(service, "2.0")
    service.grants(rq.StartRollout(KEY))
    service.grants(rq.StartBatch(KEY, frozenset({"0"})))
    assert service.member(KEY, "0").stage is Stage.IN_PROGRESS
    service.ask(rq.ProvisionInstance(KEY, "0"))
    assert service.member(KEY, "0").stage is Stage.SUCCESSFUL
