"""Facts are read out of bodies of any shape; the edition is picked by date, API version and shape."""

from __future__ import annotations

import pytest

from vmss_model.editions import EDITIONS
from vmss_model.images import CustomImage, GalleryImage, ImageReference
from vmss_model.oracle.arm.editions import edition_for
from vmss_model.oracle.arm.facts import group_facts
from vmss_model.oracle.arm.profiles import (
    extensions_of,
    health_source_of,
    image_of,
    mode_of,
    profile_of,
    rolling_of,
    seconds,
)
from vmss_model.oracle.arm.shapes import (
    LONGEST_TEXT,
    child,
    error_of,
    kind_shown,
    member_facts,
    number,
    power_shown,
    resource_key,
    scale_set_key,
    text,
    texts,
    truth,
)
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.values import GroupKind, HealthSource, OperatingSystem, Power, Priority, UpgradeMode
from vmss_model.world import GroupKey

GROUP = "/subscriptions/s/resourceGroups/Rg/providers/Microsoft.Compute/virtualMachineScaleSets/Web"
ODD: tuple[object, ...] = (None, True, 1.5, "x", [], {}, [[]], [None], {"a": {}}, {"": ""})


def test_a_child_is_found_in_any_case_and_by_its_exact_name_first() -> None:
    """The service answers some names in another case than the documents give them."""
    assert child({"SKU": {"capacity": 1}}, "sku", "Capacity") == 1
    assert child({"SKU": 1, "sku": 2}, "sku") == 2
    assert child({"a": {}}, "a", "b", "c") is None
    assert child([{"a": 1}], "a") is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (3, 3),
        ("3", 3),
        (0, 0),
        (-1, -1),
        (True, None),
        (False, None),
        (3.0, None),
        ("-3", None),
        ("٣", None),
        ("", None),
        ("9" * 5000, None),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (10**400, None),
        ([3], None),
    ],
)
def test_a_number_is_whole_and_fits_into_64_bits(value: object, read: int | None) -> None:
    """Truth values are no numbers, and digits of other scripts none either."""
    assert number(value) == read


def test_texts_are_no_expressions_and_not_endless() -> None:
    """An expression of a template says nothing of its value."""
    assert text("x") == "x"
    assert text("[parameters('x')]") is None
    assert text("x" * (LONGEST_TEXT + 1)) is None
    assert texts(["1", "2"]) == ("1", "2")
    assert texts(["1", 2]) is None
    assert texts("12") is None
    assert (truth("True"), truth(False), truth(1), truth("yes")) == (True, False, None, None)


def test_a_resource_id_names_resource_group_and_scale_set() -> None:
    """Of the scale set itself or of what stands below it; an id that lacks a name is none."""
    web = GroupKey("rg", "web")

    assert scale_set_key(GROUP) == scale_set_key(f"{GROUP}/virtualMachines/0") == resource_key(GROUP) == web
    for broken in (None, 7, "", "/", "/resourceGroups/rg", "/virtualMachineScaleSets", "/resourceGroups//x/", [GROUP]):
        assert scale_set_key(broken) is None
    assert scale_set_key("/resourceGroups/rg/virtualMachineScaleSets//x") is None
    assert resource_key("/resourceGroups") is None


@pytest.mark.parametrize("odd", ODD)
def test_what_is_of_another_type_is_no_fact(odd: object) -> None:
    """Whatever stands where an object, a list or a text is expected."""
    for name in ("properties", "sku", "zones", "location", "identity"):
        assert set(group_facts({name: odd})) <= {"location", "zones"}
    assert group_facts(odd) == {}
    for read in (kind_shown(odd, "2021-07"), profile_of(odd), health_source_of(odd), power_shown(odd), error_of(odd)):
        assert read is None
    assert member_facts(odd) is None
    shown = member_facts({"instanceId": "0", "properties": odd, "zones": odd, "id": odd})
    assert shown is not None
    assert (shown.name, shown.fault_domain, shown.power) == ("0", None, None)


def test_a_member_has_a_name() -> None:
    """Its instance id, else its name; nothing without either is a member."""
    assert member_facts({"instanceId": "3", "name": "web_3"}) == member_facts({"instanceId": "3"})
    assert member_facts({"name": "One"}) == member_facts({"name": "one"})
    for body in ({}, {"name": ""}, {"name": 3}, {"name": "x" * 5000}):
        assert member_facts(body) is None


def test_an_error_is_read_with_or_without_its_envelope() -> None:
    """A message may be of any length and may begin with a bracket."""
    message = "[" + "x" * 5000

    assert error_of({"error": {"code": "C", "message": message}}) == ("C", message)
    assert error_of({"code": "C", "message": None}) == ("C", "")
    assert error_of({"error": None, "code": "C"}) == ("C", "")
    assert error_of({"error": {"message": "m"}}) is None


def test_a_profile_and_a_health_source_are_read() -> None:
    """From where the service's bodies have them."""
    profile = {
        "priority": "low",
        "osProfile": {"windowsConfiguration": {}},
        "extensionProfile": {"extensions": [None, {"properties": {"type": "applicationhealthwindows"}}]},
    }
    body = {"sku": {"name": "Standard_B1s"}, "properties": {"virtualMachineProfile": profile}}
    read = profile_of(body)

    assert read is not None
    assert (read.size, read.priority, read.operating_system) == ("Standard_B1s", Priority.SPOT, OperatingSystem.WINDOWS)
    assert health_source_of(body) is HealthSource.EXTENSION
    assert power_shown({"statuses": [None, {"code": 3}, {"code": "PowerState/Running"}]}) is Power.RUNNING
    assert power_shown({"statuses": [{"code": "PowerState/starting"}]}) is None


@pytest.mark.parametrize("name", list(EDITIONS))
def test_a_mode_is_told_by_its_name_or_by_the_shape(name: str) -> None:
    """Without a name a profile makes it Uniform, fault domains alone Flexible, in 2019-10 the two modes of then."""
    early = name in ("2017-05", "2018-06-stack", "2019-10")
    named = {"properties": {"orchestrationMode": "flexible", "virtualMachineProfile": {}}}
    bare = {"properties": {"platformFaultDomainCount": 2}}
    full: dict[str, object] = {"properties": {"virtualMachineProfile": {}}}

    assert kind_shown(named, name) is GroupKind.FLEXIBLE
    assert kind_shown(bare, name) is (GroupKind.VM if early else GroupKind.FLEXIBLE)
    assert kind_shown(full, name) is (GroupKind.SCALE_SET_VM if name == "2019-10" else GroupKind.UNIFORM)
    assert kind_shown({"properties": {"orchestrationMode": "Cloud", "virtualMachineProfile": {}}}, name) is None
    assert kind_shown({"properties": {}}, name) is None


# -- editions ----------------------------------------------------------------------------------------

FLEXIBLE = {"properties": {"orchestrationMode": "Flexible"}}
BARE = {"properties": {"platformFaultDomainCount": 2}}
NAMED_2019 = {"properties": {"orchestrationMode": "VirtualMachines"}}


@pytest.mark.parametrize(
    ("date", "version", "body", "name"),
    [
        ("2016-01-01T00:00:00Z", "", None, "2017-05"),
        ("2019-10-22T23:59:59Z", "", None, "2017-05"),
        ("2019-10-23T00:00:00Z", "", None, "2019-10"),
        ("Fri, 12 Feb 2021 00:00:00 GMT", "", None, "2021-02"),
        ("2021-02-12T00:30:00+01:00", "", None, "2019-10"),
        ("2021-07-29T00:00:00Z", "", None, "2021-07"),
        ("2030-01-01T00:00:00Z", "2015-01-01", None, "2021-07"),
        ("2017-01-01T00:00:00Z", "2024-07-01", None, "2017-05"),
        ("", "2019-12-01", None, "2019-10"),
        ("never", "2021-03-01", None, "2021-02"),
        ("", "2015-05-01-preview", None, "2017-05"),
        ("", "", None, "2021-07"),
        ("", "banana", None, "2021-07"),
        ("", "9999", FLEXIBLE, "2021-07"),
        ("", "banana", NAMED_2019, "2019-10"),
        ("2017-01-01T00:00:00Z", "", FLEXIBLE, "2021-02"),
        ("2019-11-01T00:00:00Z", "", FLEXIBLE, "2021-02"),
        ("2017-01-01T00:00:00Z", "", BARE, "2019-10"),
        ("2017-01-01T00:00:00Z", "", NAMED_2019, "2019-10"),
        ("2022-01-01T00:00:00Z", "", NAMED_2019, "2021-07"),
        ("2017-01-01T00:00:00Z", "", "no object", "2017-05"),
    ],
)
def test_the_edition_is_that_of_the_last_document_of_the_date(date: str, version: str, body: object, name: str) -> None:
    """Without a date that of the API version; a shape that an edition cannot have moves it on."""
    assert edition_for(date, version, body).name == name


GALLERY = "/subscriptions/s/resourceGroups/images/providers/Microsoft.Compute/galleries/Main/images/Web"


@pytest.mark.parametrize(
    ("storage", "read"),
    [
        (
            {"imageReference": {"publisher": "canonical", "offer": "ubuntuserver", "sku": "18.04-lts"}},
            ImageReference(SUPPORTED_IMAGES[1]),
        ),
        (
            {"imageReference": {"publisher": "Contoso", "offer": "Server", "sku": "1", "version": "1.2.3"}},
            ImageReference(PlatformImage("contoso", "server", "1"), "1.2.3"),
        ),
        ({"imageReference": {"id": GALLERY}}, ImageReference(GalleryImage("main", "web"))),
        ({"imageReference": {"id": f"{GALLERY}/versions/1.2.3"}}, ImageReference(GalleryImage("main", "web"), "1.2.3")),
        ({"imageReference": {"id": "/Images/web"}}, ImageReference(CustomImage("/images/web"))),
        ({"osDisk": {"image": {"uri": "https://s/web.vhd"}}}, ImageReference(CustomImage("https://s/web.vhd"))),
        ({"imageReference": {"publisher": "Canonical"}}, None),
        ({"imageReference": {"publisher": "[parameters('p')]", "offer": "o", "sku": "s"}}, None),
        ({}, None),
    ],
)
def test_an_image_is_read_as_the_model_names_it(storage: object, read: ImageReference | None) -> None:
    """Of the platform, of a gallery, or custom; the parts of a platform image in any case."""
    assert image_of({"properties": {"virtualMachineProfile": {"storageProfile": storage}}}) == read


@pytest.mark.parametrize(
    ("period", "read"),
    [
        ("PT0S", 0),
        ("PT1M30S", 90),
        ("PT2H", 7200),
        ("P1DT1S", 86_401),
        ("PT1.5S", 1),
        ("P", None),
        ("PT", None),
        ("1", None),
        ("PT-1S", None),
        (30, None),
        ("P" + "1" * 99, None),
    ],
)
def test_a_period_is_read_in_seconds(period: object, read: int | None) -> None:
    """As the service writes pauses; anything else is none."""
    assert seconds(period) == read


def test_an_upgrade_policy_is_read_with_the_defaults_for_what_it_leaves_out() -> None:
    """Percentages and pause; a body without any has none."""
    policy = {
        "mode": "Rolling",
        "rollingUpgradePolicy": {"maxBatchInstancePercent": 40, "pauseTimeBetweenBatches": None},
    }
    facts = group_facts({"properties": {"upgradePolicy": policy}})

    assert (mode_of(facts), rolling_of(facts)) == (UpgradeMode.ROLLING, RollingPolicy(40, 20, 20, 0))
    assert rolling_of(group_facts({"properties": {"upgradePolicy": {"mode": "Manual"}}})) is None


@pytest.mark.parametrize("odd", ODD)
def test_odd_models_show_nothing(odd: object) -> None:
    """Whatever stands where a model's parts should be."""
    for body in (
        {"properties": {"virtualMachineProfile": odd, "upgradePolicy": odd}},
        {"properties": {"virtualMachineProfile": {"storageProfile": odd, "extensionProfile": odd, "osProfile": odd}}},
        {"properties": {"upgradePolicy": {"rollingUpgradePolicy": odd, "automaticOSUpgradePolicy": odd}}},
        {"properties": {"virtualMachineProfile": {"extensionProfile": {"extensions": [odd]}}}},
    ):
        facts = group_facts(body)
        assert (image_of(body), health_source_of(body), mode_of(facts), rolling_of(facts)) == (None,) * 4
        assert extensions_of(body) in (None, ())
