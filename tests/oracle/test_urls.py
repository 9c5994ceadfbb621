"""URLs are read by what they name, in any case, and nothing else is taken for a scale set."""

from __future__ import annotations

import time

import pytest

from vmss_model.oracle.arm.urls import Resource, Target, api_version_in, operation_id, parse_url
from vmss_model.world import GroupKey

PREFIX = "/subscriptions/s/resourceGroups/Rg/providers/Microsoft.Compute"
WEB = GroupKey("rg", "web")


def of(
    resource: Resource, key: GroupKey | None = WEB, member: str = "", action: str = "", operation: str = ""
) -> Target:
    """A target without a query."""
    return Target(resource, key, member, action, operation, subscription="s")


NAMED = [
    ("virtualMachineScaleSets", of(Resource.GROUP_LIST, GroupKey("rg", ""))),
    ("virtualMachineScaleSets/Web", of(Resource.GROUP)),
    ("virtualMachineScaleSets/Web/", of(Resource.GROUP)),
    ("virtualMachineScaleSets/Web/instanceView", of(Resource.GROUP_VIEW)),
    ("virtualMachineScaleSets/Web/skus", of(Resource.GROUP_SKUS)),
    ("virtualMachineScaleSets/Web/powerOff", of(Resource.GROUP_ACTION, action="poweroff")),
    ("virtualMachineScaleSets/Web/rollingUpgrades/cancel", of(Resource.GROUP_ACTION, action="rollingupgrades/cancel")),
    ("virtualMachineScaleSets/Web/rollingUpgrades/latest", of(Resource.GROUP_PART, action="rollingupgrades/latest")),
    ("virtualMachineScaleSets/Web/virtualMachines", of(Resource.MEMBER_LIST)),
    ("virtualMachineScaleSets/Web/virtualMachines/0", of(Resource.MEMBER, member="0")),
    ("virtualMachineScaleSets/Web/virtualMachines/0/instanceView", of(Resource.MEMBER_VIEW, member="0")),
    ("virtualMachineScaleSets/Web/virtualMachines/*/start", of(Resource.MEMBER_ACTION, member="*", action="start")),
    ("virtualMachineScaleSets/Web/virtualMachines/0/nics/n", of(Resource.MEMBER_PART, member="0", action="nics/n")),
    ("virtualMachines", of(Resource.VM_LIST, GroupKey("rg", ""))),
    ("virtualMachines/One", of(Resource.VM, GroupKey("rg", ""), "one")),
    ("virtualMachines/One/instanceView", of(Resource.VM_VIEW, GroupKey("rg", ""), "one")),
    ("virtualMachines/One/deallocate", of(Resource.VM_ACTION, GroupKey("rg", ""), "one", "deallocate")),
    ("virtualMachines/One/extensions/e", of(Resource.VM_PART, GroupKey("rg", ""), "one", "extensions/e")),
]


@pytest.mark.parametrize(("path", "target"), NAMED)
@pytest.mark.parametrize("host", ["", "https://management.azure.com", "HTTPS://127.0.0.1:8080", "http://[::1]"])
def test_a_url_names_what_its_segments_say(host: str, path: str, target: Target) -> None:
    """With or without a host, in any case, with a slash at either end."""
    url = f"{host}{PREFIX}/{path}"

    assert parse_url(url) == target
    assert parse_url(host + url.removeprefix(host).upper()) == target
    assert parse_url(f"{host}/{PREFIX}/{path}/") == target
    assert parse_url(f"{url}?#x") == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "x",
        "?",
        "https://h",
        "https://h?x",
        "/subscriptions",
        "/subscriptions/s/resourceGroups",
        "/subscriptions/s/resourceGroups/rg/providers",
        PREFIX,
        f"{PREFIX}/disks/d",
        f"/x{PREFIX}/virtualMachineScaleSets/web",
        "/subscriptions/s/providers/Microsoft.Compute/virtualMachineScaleSets/web",
        "/subscriptions/s/providers/Microsoft.Compute/virtualMachines/one",
        "/subscriptions/s/providers/Microsoft.Resources/deployments/d",
        f"{PREFIX}/virtualMachineScaleSets//virtualMachines",
        f"{PREFIX}/virtualMachineScaleSets/web//instanceView",
        "/subscriptions//resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/web",
        f"{PREFIX}/virtualMachineScaleSets/a%2Fb",
        f"{PREFIX}/virtualMachineScaleSets%2Fweb",
        f"{PREFIX}/virtualMachineScaleSets/{'a' * 20_000}",
    ],
)
def test_what_names_no_scale_set_is_something_else(url: str) -> None:
    """A name left out is no shorter address, and an encoded slash no separator."""
    assert parse_url(url) == Target(Resource.OTHER)


def test_a_resource_group_is_named_alone_or_with_a_move_out_of_it() -> None:
    """In any case."""
    url, key = "/subscriptions/s/resourceGroups/Rg", GroupKey("rg", "")

    assert parse_url(url) == of(Resource.RESOURCE_GROUP, key)
    assert parse_url(f"{url}/moveResources") == of(Resource.RESOURCE_GROUP, key, action="moveresources")


def test_a_colon_further_in_is_no_host() -> None:
    """Only what stands first can be a host."""
    assert parse_url(f"{PREFIX}/virtualMachineScaleSets/a://b").resource is Resource.OTHER
    assert parse_url(f"{PREFIX}/virtualMachineScaleSets/a:b").group == GroupKey("rg", "a:b")


def test_names_are_decoded() -> None:
    """As the service does; what is no escape stays as it is."""
    assert parse_url(f"{PREFIX}/virtualMachineScaleSets/W%45b").group == WEB
    assert parse_url(f"{PREFIX}/virtualMachineScaleSets/we%b").group == GroupKey("rg", "we%b")


def test_options_are_read_in_any_case() -> None:
    """The first of two of one name counts."""
    read = parse_url(f"{PREFIX}/virtualMachines/one?API-Version=2021-03-01&$Expand=instanceView&api-version=2017-03-30")
    listed = parse_url(f"{PREFIX}/virtualMachineScaleSets/web/virtualMachines?%24skiptoken=x&$filter=y")

    assert read.api_version == "2021-03-01"
    assert read.expands_view
    assert (listed.is_page, listed.narrowed) == (True, True)


@pytest.mark.parametrize("version", ["2021-03-01", "2015-05-01-preview"])
def test_an_api_version_has_a_known_form(version: str) -> None:
    """A day, also as a preview."""
    assert parse_url(f"{PREFIX}/virtualMachines?api-version={version}").api_version == version


@pytest.mark.parametrize(
    "version", ["banana", "", "2021-3-1", "2021-03-01x", "\u0662021-03-01", "2021-03-01\n", "latest"]
)
def test_a_text_of_another_form_is_no_api_version(version: str) -> None:
    """It has no order, so that nothing can be later or earlier."""
    assert api_version_in(version) == ""


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://h/subscriptions/s/providers/Microsoft.Compute/locations/l/operations/OP?api-version=x#y", "op"),
        ("https://h/subscriptions/s/operationresults/OP?t=1&c=2", "op"),
        ("/a/b/", "/a/b"),
        ("b", "/b"),
        ("http://h/status?id=7&api-version=x#y", "/status?id=7"),
        ("", ""),
        ("?", ""),
        ("https://h", ""),
        ("///", ""),
        ("https://h/%41", "/a"),
        ("/" + "a" * 20_000, ""),
    ],
)
def test_a_status_link_names_its_operation(link: str, name: str) -> None:
    """By the id at its end where it has a known shape, else by all of it; not where it names nothing."""
    assert operation_id(link) == name


def test_a_status_link_and_its_poll_have_the_id_in_common() -> None:
    """Whatever the case of either."""
    link = "https://h/subscriptions/s/providers/Microsoft.Compute/locations/l/operations/Op%2d1?api-version=x"

    assert parse_url(link.upper().replace("HTTPS", "https")).operation == operation_id(link) == "op-1"


def test_the_longest_addresses_are_not_looked_into() -> None:
    """They cost nothing but their length."""
    url = f"{PREFIX}/virtualMachineScaleSets/" + "%41/" * 1_000_000
    start = time.perf_counter()

    assert parse_url(url).resource is Resource.OTHER
    assert time.perf_counter() - start < 0.5
