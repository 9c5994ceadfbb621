"""A description is read strictly: what is wrong with it is one line that says where, what, and what would be right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmss_invariants.rollouts.described import world_of
from vmss_invariants.rollouts.files import described_in, load_described
from vmss_invariants.rollouts.strict import DescriptionError, duration
from vmss_model.census import recount
from vmss_model.images import LATEST, GalleryImage
from vmss_model.os_images import SUPPORTED_IMAGES
from vmss_model.rollout import RollingPolicy
from vmss_model.values import Durability, Health, HealthSource, OperatingSystem, Power, UpgradeMode

from .given import PATIENT, documents, group_of

FULL = """
edition: 2021-07
group:
  name: web
  region: eastus
  zones: [1, "2"]
  update_domains: 2
  fault_domains: 3
  health: probe
  upgrade_policy: Rolling
  rolling: {batch: 10, unhealthy: 30, unhealthy_upgraded: 40, pause: PT1M30S}
  service_fabric: {durability: Silver, stateless: true, type_handler_version: "1.2"}
image: {publisher: MicrosoftWindowsServer, offer: WindowsServer, sku: 2019-Datacenter, version: latest}
target: 17763.2061
instances:
- {id: 0, zone: 1, update_domain: 0, version: 17763.1999}
- {id: web_7, zone: "2", update_domain: 1, fault_domain: 2, health: unhealthy, power: stopped}
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    """Each key that the page names ends up in the description; numbers stand for text where text is wanted."""
    file = tmp_path / "web.yaml"
    file.write_text(FULL, encoding="utf-8")
    found = load_described(file)
    assert (found.edition.name, found.name, found.region, found.zones) == ("2021-07", "web", "eastus", ("1", "2"))
    assert (found.update_domains, found.fault_domains, found.health) == (2, 3, HealthSource.PROBE)
    assert (found.upgrade_policy, found.rolling) == (UpgradeMode.ROLLING, RollingPolicy(10, 30, 40, 90))
    assert found.service_fabric is not None
    assert found.service_fabric.extension_durability is Durability.SILVER
    assert found.service_fabric.type_handler_version == (1, 2)
    assert found.operating_system is OperatingSystem.WINDOWS
    assert (found.target, found.follows_latest) == ("17763.2061", True)
    first, second = found.instances
    assert (first.name, first.zone, first.health, first.version) == ("0", "1", Health.HEALTHY, "17763.1999")
    assert (second.name, second.fault_domain, second.power) == ("web_7", 2, Power.STOPPED)


def test_the_least_description_is_a_count() -> None:
    """Everything else has a value that the page names."""
    found = described_in({"instances": {"count": 3}})
    assert (found.edition.name, found.zones, found.update_domains) == ("2021-07", (), 5)
    assert found.image is not None
    assert (found.image.line, found.image.version) == (SUPPORTED_IMAGES[1], LATEST)
    assert [(one.name, one.version, one.health) for one in found.instances] == [
        (name, "1.0.0", Health.HEALTHY) for name in "012"
    ]


def test_an_image_of_a_gallery() -> None:
    """It is named by its gallery and definition."""
    found = described_in({"image": {"gallery": "g", "definition": "d"}, "instances": {"count": 1}})
    assert found.image is not None
    assert found.image.line == GalleryImage("g", "d")


@PATIENT
@given(count=st.integers(1, 300), zones=st.integers(0, 3), domains=st.integers(1, 5))
def test_a_count_is_spread_evenly(count: int, zones: int, domains: int) -> None:
    """Over zones, and within every zone over update domains, no two differ by more than one."""
    names = [str(number + 1) for number in range(zones)]
    found = group_of(count, zones=names, update_domains=domains)
    assert len({one.name for one in found.instances}) == count
    by_zone = Counter(one.zone for one in found.instances)
    assert max(by_zone.values()) - min(by_zone.values()) <= 1
    for zone in by_zone:
        within = Counter(one.update_domain for one in found.instances if one.zone == zone)
        counts = [within[domain] for domain in range(domains)]
        assert max(counts) - min(counts) <= 1


@PATIENT
@given(documents())
def test_the_world_has_the_described_instances(document: dict[str, object]) -> None:
    """Each stands where it was described, in a group whose census is that of its members."""
    described = described_in(document)
    made = world_of(described, model_changed=False)
    group = made.world.groups[made.key]
    assert {name: (one.zone, one.update_domain, one.power) for name, one in group.members.items()} == {
        one.name: (one.zone, one.update_domain, one.power) for one in described.instances
    }
    assert group.census == recount(group)


WRONG = {
    "grup: {}\ninstances: {count: 1}": "the description: the key `grup` is unknown; did you mean group?",
    "group: {colour: red}\ninstances: {count: 1}": "group: the key `colour` is unknown; it may have name, region",
    "group: web\ninstances: {count: 1}": "group: it is the text `web`; it has to be a mapping with name",
    "group: {name: a b}\ninstances: {count: 1}": "group.name: it is the text `a b`; it has to be a name",
    "group: {zones: '1'}\ninstances: {count: 1}": "group.zones: it is the text `1`; it has to be a list such as",
    "group: {zones: [1, '1']}\ninstances: {count: 1}": "group.zones: zone 1 is given twice; a group names",
    "group: {update_domains: -1}\ninstances: {count: 1}": "group.update_domains: it is -1; it has to be a whole number",
    "group: {update_domains: true}\ninstances: {count: 1}": "group.update_domains: it is true; it has to be",
    "group: {health: maybe}\ninstances: {count: 1}": "group.health: it is the text `maybe`; it has to be extension",
    "group: {upgrade_policy: 3}\ninstances: {count: 1}": "group.upgrade_policy: it is 3; it has to be Manual or",
    "group: {rolling: {batch: 101}}\ninstances: {count: 1}": "group.rolling.batch: it is 101; it has to be a whole",
    "group: {rolling: {pause: soon}}\ninstances: {count: 1}": "group.rolling.pause: it is the text",
    "group: {service_fabric: {}}\ninstances: {count: 1}": "group.service_fabric: it has no `durability`; it has to be",
    "group: {operating_system: windows}\ninstances: {count: 1}": (
        "group.operating_system: it is the text `windows`; the image Canonical:UbuntuServer:18.04-LTS has Linux in it: "
        "name another image, or leave this out"
    ),
    "group: {operating_system: Linux}\nimage: {publisher: MicrosoftWindowsServer, offer: a, sku: b}\n"
    "instances: {count: 1}": (
        "group.operating_system: it is the text `Linux`; the image MicrosoftWindowsServer:a:b has Windows in it: name"
    ),
    "image: {publisher: a}\ninstances: {count: 1}": "image: it has no `offer`; an image has publisher, offer, sku",
    "edition: '1999'\ninstances: {count: 1}": "edition: it is the text `1999`; the editions that speak of upgrades are",
    "target: latest\ninstances: {count: 1}": "target: it is the text `latest`; it has to be a version number",
    "group: {}": "the description: it has no `instances`; give a list of them, or a count",
    "instances: []": "instances: it lists 0; there have to be 1 to 1,000",
    "instances: {count: 1001}": "instances.count: it is 1001; it has to be a whole number from 1 to 1,000",
    "instances: [{update_domain: 0}]": "instances[0]: it has no `id`; every instance has one",
    "instances: [{id: 3}]": "instances[0]: it has no `update_domain`; the group has update domains 0 to 4",
    "instances: [{id: 3, update_domain: 5}]": "instances[0].update_domain: it is 5; the group has update",
    "instances: [{id: 3, update_domain: 0, fault_domain: 0}]": "instances[0].fault_domain: it is 0; the group has no",
    "instances: [{id: 3, update_domain: 0, zone: 1}]": "instances[0].zone: it is 1; the group has no zones",
    "group: {zones: [1]}\ninstances: [{id: 3, update_domain: 0, zone: 2}]": "instances[0].zone: it is 2; the",
    "group: {zones: [1]}\ninstances: [{id: 3, update_domain: 0}]": "instances[0]: it has no `zone`; the group",
    "instances: [{id: 3, update_domain: 0, version: latest}]": "instances[0].version: it is the text `latest`; an",
    "group: {health: none}\ninstances: {count: 2, health: healthy}": "instances.health: it is the text",
    "instances: [{id: 3, update_domain: 0}, {id: '3', update_domain: 1}]": "instances[1].id: 3 is the id of",
    "instances: {count: 1}\ninstances: {count: 2}": "the key `instances` stands twice in one object",
    "instances: [": "line 2: it is not YAML",
}


@pytest.mark.parametrize(("document", "said"), WRONG.items())
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, document: str, said: str) -> None:
    """Where it stands, what it is, and what would be right."""
    file = tmp_path / "web.yaml"
    file.write_text(document, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load_described(file)
    line = str(caught.value)
    assert line.startswith(f"{file}: {said}")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("image", "named", "found"),
    [
        ({"publisher": "MicrosoftWindowsServer", "offer": "a", "sku": "b"}, None, OperatingSystem.WINDOWS),
        ({"publisher": "MicrosoftWindowsServer", "offer": "a", "sku": "b"}, "windows", OperatingSystem.WINDOWS),
        ({"publisher": "a", "offer": "b", "sku": "c"}, "Windows", OperatingSystem.WINDOWS),
        ({"gallery": "a", "definition": "b"}, "Windows", OperatingSystem.WINDOWS),
        ({"gallery": "a", "definition": "b"}, None, OperatingSystem.LINUX),
        (None, "linux", OperatingSystem.LINUX),
    ],
)
def test_the_operating_system_is_that_of_the_image(
    image: dict[str, str] | None, named: str | None, found: OperatingSystem
) -> None:
    """Where its name tells it; else what is named, and Linux if nothing is."""
    document = {"group": {"operating_system": named}, "image": image, "instances": {"count": 1}}
    assert described_in(document).operating_system is found


def test_what_the_documents_do_not_allow_is_refused_by_their_rule() -> None:
    """A group of four zones is none of Uniform's; nor are its instances more in a description than anywhere."""
    with pytest.raises(DescriptionError, match=r"ZONES-UNIFORM"):
        world_of(group_of(4, zones=["1", "2", "3", "4"]), model_changed=False)
    with pytest.raises(DescriptionError, match=r"UD-2021"):
        world_of(group_of(4, update_domains=6), model_changed=False)


def test_a_target_older_than_what_runs_is_refused() -> None:
    """With `latest` the newest version is rolled out, so that the target has to be the newest."""
    described = described_in({"target": "0.9", "instances": {"count": 1}})
    with pytest.raises(DescriptionError, match=r"instance 0 runs 1\.0\.0, which is newer than the target 0\.9"):
        world_of(described, model_changed=False)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
KEYS = st.sampled_from(
    ["edition", "group", "image", "target", "instances", "count", "id", "zones", "health", "rolling", "version", "x"]
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


def complaint(action: Callable[[], object]) -> str:
    """What is complained of, or nothing; any other exception is an error."""
    try:
        action()
    except DescriptionError as error:
        return str(error)
    return ""


@PATIENT
@given(VALUES)
def test_any_value_is_a_group_or_one_line(document: object) -> None:
    """Whatever a description holds, nothing but a description or a complaint of one line comes of it."""
    said = complaint(lambda: described_in(document))
    assert said.isprintable()


@PATIENT
@given(documents(6), st.data())
def test_a_good_description_with_one_value_exchanged(document: dict[str, object], data: st.DataObject) -> None:
    """One value anywhere in it replaced by any other: read all the same, or refused in one line, never an exception."""
    spoilt = json.loads(json.dumps(document))
    paths = list(_paths(spoilt))
    *way, last = data.draw(st.sampled_from(paths))
    parent = spoilt
    for part in way:
        parent = parent[part]
    parent[last] = data.draw(VALUES)
    changed = data.draw(st.booleans())
    assert complaint(lambda: world_of(described_in(spoilt), model_changed=changed)).isprintable()


def _paths(value: object, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in inside for path in ((*before, key), *_paths(item, (*before, key)))]


@PATIENT
@given(content=st.binary(max_size=60), ending=st.sampled_from([".yaml", ".json", ".jsonl", ".har", ".gz", ""]))
def test_any_file_is_a_group_or_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    """No file makes the reader fail otherwise than by one line that begins with the file's name."""
    file = tmp_path_factory.mktemp("any") / f"group{ending}"
    file.write_bytes(content)
    with pytest.raises(DescriptionError) as caught:
        load_described(file)
    assert str(caught.value).startswith(str(file))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT0S", 0), ("PT30S", 30), ("pt5m", 300), ("PT1H1M1S", 3661), ("300", 300), ("PT24H", 86400)],
)
def test_a_time_is_seconds_or_a_duration(text: str, seconds: int) -> None:
    """As the public API writes `pauseTimeBetweenBatches`, or plain seconds."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "PT", "P1D", "PT1", "-5", "PT25H", "1.5", "PT5S ", "999999"])
def test_what_is_no_time(text: str) -> None:
    """Nothing is guessed, and nothing is longer than a day."""
    assert duration(text) is None
