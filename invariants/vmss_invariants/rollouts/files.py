"""Reading a described group from a file: a small JSON or YAML file, or a recording that shows the group."""

from __future__ import annotations

import stat
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path

from vmss_invariants.checking import repeated
from vmss_invariants.rollouts.described import Described, DescribedInstance, speaks_of_upgrades, spread
from vmss_invariants.rollouts.strict import DescriptionError, Node
from vmss_model.copying import evolve
from vmss_model.decide.placement import MANY
from vmss_model.editions import EDITIONS, Edition
from vmss_model.images import LATEST, GalleryImage, ImageLine, ImageReference
from vmss_model.oracle.recordings import UnusableInput, load, strict_json
from vmss_model.oracle.recordings.exchange import Unreadable
from vmss_model.oracle.recordings.exchange_log import looks_like_log
from vmss_model.oracle.recordings.plain_yaml import BadYaml, parse_yaml
from vmss_model.os_images import SUPPORTED_IMAGES, PlatformImage
from vmss_model.rollout import RollingPolicy
from vmss_model.values import Durability, GroupKind, Health, HealthSource, OperatingSystem, Power, UpgradeMode
from vmss_model.world import ServiceFabric

MOST_INSTANCES = 1000
"""The most instances of a description; the documents of 2019 and 2021 allow no more in a group."""
LARGEST_FILE = 16 * 2**20
"""The largest description taken (bytes)."""
OLD, NEW = "1.0.0", "2.0.0"
"""The versions that instances run, and that is rolled out, where a description names none."""

_RECORDING_ENDINGS = (".jsonl", ".har", ".gz")
_RECORDING_KEYS = ("interactions", "log", "request")
_TOP = ("edition", "group", "image", "target", "instances")
_GROUP = (
    "name",
    "region",
    "zones",
    "update_domains",
    "fault_domains",
    "health",
    "upgrade_policy",
    "rolling",
    "service_fabric",
    "operating_system",
)
_ROLLING = ("batch", "unhealthy", "unhealthy_upgraded", "pause")
_FABRIC = ("durability", "extension_durability", "type_handler_version", "stateless")
_INSTANCE = ("id", "zone", "update_domain", "fault_domain", "version", "health", "power")
_SHORT = ("count", "version", "health", "power")
_WINDOWS_PUBLISHER = "MicrosoftWindowsServer"


def load_described(path: Path, scale_set: str | None = None, edition: Edition | None = None) -> Described:
    """Read a description, or the scale set that a recording shows; raises nothing but `DescriptionError`.

    `scale_set` names the one to take where a recording shows several; `edition` stands above that which the
    file names, or a recording's dates.
    """
    content = _content(path)
    if path.name.lower().endswith(_RECORDING_ENDINGS) or looks_like_log(content):
        return _recorded(path, scale_set, edition)
    document = _document(path, content)
    if isinstance(document, dict) and any(key in document for key in _RECORDING_KEYS):
        return _recorded(path, scale_set, edition)
    if scale_set is not None:
        raise DescriptionError(
            str(path), "it describes a single group", "a scale set is named where a recording shows several"
        )
    try:
        strict_json.check(document)
        return described_in(document, edition)
    except Unreadable as why:
        raise DescriptionError(str(path), str(why), "") from None
    except DescriptionError as error:
        raise DescriptionError(f"{path}: {error.where}", error.what, error.right) from None


def _content(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise DescriptionError(str(path), "it is not a file", "name a description or a recording")
        if about.st_size > LARGEST_FILE and not path.name.lower().endswith(_RECORDING_ENDINGS):
            raise DescriptionError(str(path), f"it is larger than {LARGEST_FILE // 2**20} MiB", "")
        return path.read_bytes().removeprefix(BOM_UTF8)
    except FileNotFoundError:
        raise DescriptionError(str(path), "it does not exist", "name a description or a recording") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise DescriptionError(str(path), f"it cannot be read ({why})", "") from None


def _recorded(path: Path, scale_set: str | None, edition: Edition | None) -> Described:
    # What reads URLs and bodies of the service is loaded only where there are some.
    from vmss_invariants.rollouts.recorded import described_by  # noqa: PLC0415

    try:
        recording = load(path)
    except UnusableInput as error:
        raise DescriptionError("", str(error), "") from None
    return described_by(recording, scale_set, edition)


def _document(path: Path, content: bytes) -> object:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise DescriptionError(str(path), "it is not UTF-8 text", "") from None
    if not text.strip():
        raise DescriptionError(str(path), "it is empty", "a description has at least `instances`")
    try:
        if text.lstrip()[:1] == "{" and path.suffix.lower() not in (".yaml", ".yml"):
            return strict_json.parse_document(text)
        return parse_yaml(text)
    except strict_json.NotJson as why:
        raise DescriptionError(f"{path}: line {why.line}", str(why), "") from None
    except BadYaml as why:
        where = str(path) if why.line is None else f"{path}: line {why.line}"
        raise DescriptionError(where, str(why), "") from None
    except Unreadable as why:
        raise DescriptionError(str(path), str(why), "") from None


def described_in(document: object, edition: Edition | None = None) -> Described:
    """The group that a description describes; every key it may have, and nothing else."""
    top = Node(document, "").fields(_TOP)
    named = _edition(top)
    described = _group(top.get("group"), edition or named, _image(top.get("image")))
    described = evolve(described, target=target_in(top["target"]) if "target" in top else NEW)
    if "instances" not in top:
        raise DescriptionError(
            "the description", "it has no `instances`", "give a list of them, or a count such as {count: 20}"
        )
    instances = _instances(top["instances"], described)
    return evolve(described, instances=instances)


def target_in(node: Node) -> str:
    """The version to roll out, as a description or the command line has it."""
    target = node.text("it has to be a version such as '2.0.0'")
    if target == LATEST:
        raise node.wrong("it has to be a version number: the newest one that there is")
    return target


def _edition(top: Mapping[str, Node]) -> Edition:
    spoken = [one for one in EDITIONS.values() if speaks_of_upgrades(one, GroupKind.UNIFORM)]
    if "edition" not in top:
        return spoken[-1]
    name = top["edition"].value
    for one in spoken:
        if one.name == name:
            return one
    raise top["edition"].wrong(f"the editions that speak of upgrades are {', '.join(one.name for one in spoken)}")


def _group(node: Node | None, edition: Edition, image: ImageReference) -> Described:
    fields = node.fields(_GROUP) if node is not None else {}
    domains = fields["update_domains"].number(0, MANY) if "update_domains" in fields else 5
    return Described(
        edition=edition,
        name=fields["name"].name("it has to be a name") if "name" in fields else "scale-set",
        region=fields["region"].name("it has to be a region such as westus") if "region" in fields else "westus",
        zones=_zones(fields["zones"]) if "zones" in fields else (),
        update_domains=domains,
        fault_domains=fields["fault_domains"].number(1, MANY) if "fault_domains" in fields else None,
        health=_health_source(fields.get("health")),
        upgrade_policy=fields["upgrade_policy"].one_of(UpgradeMode) if "upgrade_policy" in fields else None,
        rolling=_rolling(fields["rolling"]) if "rolling" in fields else None,
        service_fabric=_fabric(fields["service_fabric"]) if "service_fabric" in fields else None,
        operating_system=_operating_system(fields.get("operating_system"), image.line),
        image=image,
    )


def _operating_system(node: Node | None, line: ImageLine) -> OperatingSystem:
    """What a group runs, which is what its image has in it where that is known."""
    of_image = _system_of(line)
    if node is None:
        return of_image or OperatingSystem.LINUX
    named = node.one_of(OperatingSystem)
    if of_image is not None and of_image is not named:
        raise node.wrong(f"the image {line} has {of_image.value} in it: name another image, or leave this out")
    return named


def _system_of(line: ImageLine) -> OperatingSystem | None:
    """The operating system of an image, where its name tells it."""
    if not isinstance(line, PlatformImage):
        return None
    if line.publisher == _WINDOWS_PUBLISHER:
        return OperatingSystem.WINDOWS
    return OperatingSystem.LINUX if line in SUPPORTED_IMAGES else None


def _zones(node: Node) -> tuple[str, ...]:
    found = [
        one.name("it has to be a zone such as '1'") for one in node.items("it has to be a list such as ['1', '2']")
    ]
    twice = next(repeated(found), None)
    if twice is not None:
        raise DescriptionError(node.where, f"zone {twice} is given twice", "a group names each of its zones once")
    return tuple(found)


def _health_source(node: Node | None) -> HealthSource | None:
    if node is None:
        return HealthSource.EXTENSION
    return None if node.value == "none" else _named_source(node)


def _named_source(node: Node) -> HealthSource:
    for source in HealthSource:
        if node.value == source.value:
            return source
    raise node.wrong("it has to be extension, probe or none")


def _rolling(node: Node) -> RollingPolicy:
    fields = node.fields(_ROLLING)
    default = RollingPolicy()

    def percent(name: str, otherwise: object) -> object:
        return fields[name].number(0, 100) if name in fields else otherwise

    return RollingPolicy(
        percent("batch", default.max_batch_percent),
        percent("unhealthy", default.max_unhealthy_percent),
        percent("unhealthy_upgraded", default.max_unhealthy_upgraded_percent),
        fields["pause"].seconds() if "pause" in fields else default.pause_seconds,
    )


def _fabric(node: Node) -> ServiceFabric:
    fields = node.fields(_FABRIC)
    if "durability" not in fields:
        raise DescriptionError(node.where, "it has no `durability`", "it has to be Bronze, Silver or Gold")
    cluster = fields["durability"].one_of(Durability)
    version = (
        fields["type_handler_version"].text("it has to be a version such as '1.1'")
        if ("type_handler_version" in fields)
        else "1.1"
    )
    parts = version.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        raise fields["type_handler_version"].wrong("it has to be a version such as '1.1'")
    return ServiceFabric(
        cluster_durability=cluster,
        extension_durability=(
            fields["extension_durability"].one_of(Durability) if "extension_durability" in fields else cluster
        ),
        type_handler_version=(int(parts[0]), int(parts[1])),
        stateless=fields["stateless"].flag() if "stateless" in fields else False,
    )


def _image(node: Node | None) -> ImageReference:
    if node is None:
        return ImageReference(SUPPORTED_IMAGES[1])
    in_gallery = isinstance(node.value, dict) and "gallery" in node.value
    keys = ("gallery", "definition", "version") if in_gallery else ("publisher", "offer", "sku", "version")
    fields = node.fields(keys)
    for key in keys[:-1]:
        if key not in fields:
            raise DescriptionError(node.where, f"it has no `{key}`", f"an image has {', '.join(keys[:-1])}")
    names = [fields[key].text(f"it has to be the image's {key}") for key in keys[:-1]]
    line: ImageLine = GalleryImage(*names) if in_gallery else PlatformImage(*names)
    version = fields["version"].text("it has to be a version, or latest") if "version" in fields else LATEST
    return ImageReference(line, version)


# -- instances -------------------------------------------------------------------------------------


def _instances(node: Node, described: Described) -> tuple[DescribedInstance, ...]:
    if isinstance(node.value, dict):
        return _counted(node, described)
    found = [_instance(one, described) for one in node.items("it has to be a list of instances, or {count: N}")]
    if not 1 <= len(found) <= MOST_INSTANCES:
        raise DescriptionError(node.where, f"it lists {len(found):,}", f"there have to be 1 to {MOST_INSTANCES:,}")
    seen: dict[str, int] = {}
    for place, one in enumerate(found):
        if one.name in seen:
            first = f"{node.where}[{seen[one.name]}]"
            raise DescriptionError(
                f"{node.where}[{place}].id", f"{one.name} is the id of {first} too", "keep one of them"
            )
        seen[one.name] = place
    return tuple(found)


def _counted(node: Node, described: Described) -> tuple[DescribedInstance, ...]:
    fields = node.fields(_SHORT)
    if "count" not in fields:
        raise DescriptionError(node.where, "it has no `count`", "give how many instances there are, or a list of them")
    count = fields["count"].number(1, MOST_INSTANCES)
    version, health, power = _state(fields, described)
    places = spread(count, described.zones, described.update_domains or 0, described.fault_domains)
    return tuple(
        DescribedInstance(
            name=str(number),
            zone=zone,
            update_domain=update_domain,
            fault_domain=fault_domain,
            version=version,
            health=health,
            power=power,
        )
        for number, (zone, update_domain, fault_domain) in enumerate(places)
    )


def _instance(node: Node, described: Described) -> DescribedInstance:
    fields = node.fields(_INSTANCE)
    if "id" not in fields:
        raise DescriptionError(node.where, "it has no `id`", "every instance has one")
    version, health, power = _state(fields, described)
    return DescribedInstance(
        name=fields["id"].name("it has to be an instance id"),
        zone=_zone(node, fields, described),
        update_domain=_domain(node, fields, "update_domain", described.update_domains),
        fault_domain=_domain(node, fields, "fault_domain", described.fault_domains),
        version=version,
        health=health,
        power=power,
    )


def _state(fields: Mapping[str, Node], described: Described) -> tuple[str, Health, Power]:
    version = fields["version"].text("it has to be a version such as '1.0.0'") if "version" in fields else OLD
    if version == LATEST:
        raise fields["version"].wrong("an instance runs a version number")
    health = Health.HEALTHY if described.health is not None else Health.UNKNOWN
    if "health" in fields:
        health = fields["health"].one_of(Health)
        if described.health is None and health is not Health.UNKNOWN:
            raise fields["health"].wrong("nobody reports health here: give group.health, or leave it out")
    power = fields["power"].one_of(Power) if "power" in fields else Power.RUNNING
    return version, health, power


def _zone(node: Node, fields: Mapping[str, Node], described: Described) -> str | None:
    zones = described.zones
    if "zone" not in fields:
        if zones:
            raise DescriptionError(node.where, "it has no `zone`", f"the group has zones {', '.join(zones)}")
        return None
    zone = fields["zone"].name("it has to be a zone such as '1'")
    if zone not in zones:
        right = f"the group has zones {', '.join(zones)}" if zones else "the group has no zones: give group.zones"
        raise fields["zone"].wrong(right)
    return zone


def _domain(node: Node, fields: Mapping[str, Node], name: str, count: int | None) -> int | None:
    words = name.replace("_", " ")
    if name not in fields:
        if count and name == "update_domain":
            raise DescriptionError(node.where, f"it has no `{name}`", f"the group has {words}s 0 to {count - 1}")
        return None
    if not count:
        right = f"the group has no {words}s: give group.{name}s"
        raise fields[name].wrong(right)
    value = fields[name].value
    if type(value) is not int or not 0 <= value < count:
        raise fields[name].wrong(f"the group has {words}s 0 to {count - 1}")
    return value
