"""Finding recordings and telling their formats apart."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from . import strict_json
from .decoding import GZIP_MAGIC, NotUtf8, gunzip, utf8
from .exchange import Recording, Unreadable, UnusableInput, quoted
from .exchange_log import looks_like_log, read_log
from .har import read_har
from .plain_yaml import BadYaml, parse_yaml
from .vcr import read_cassette

MAX_FILE = 128 * 1024 * 1024
"""The largest file taken, in bytes after unpacking."""
ENDINGS = tuple(f".{name}{gz}" for name in ("jsonl", "json", "yaml", "yml", "har") for gz in ("", ".gz"))
"""The endings by which recordings are found in a folder."""
_FORMATS = "give an exchange log, a VCR cassette (version 1) or a HAR file (1.2)"
_NAME_ONE = "name a recording or a folder of recordings"
_GIVE_WHOLE = "give the whole file"


def discover(paths: Iterable[Path]) -> list[Path]:
    """Name the recordings at the given paths: files as they are, folders by what lies below them, sorted.

    A file reached twice is named once, so that nothing is judged twice.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _files_at(path):
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


def load(path: Path) -> Recording:
    """Read one recording of any known format; raises nothing but `UnusableInput`."""
    try:
        return _load(path)
    except MemoryError:
        raise UnusableInput(str(path), "whole file", "it takes more memory than there is", "give it in parts") from None


def _load(path: Path) -> Recording:
    name = str(path)
    content = _content(path).removeprefix(BOM_UTF8)
    if not content.strip(b" \t\r\n\0"):
        problem = "it holds NUL bytes alone" if b"\0" in content else "it is empty"
        raise UnusableInput(name, "whole file", problem, "a recording holds at least one exchange")
    ending = _ending(path)
    if ending == ".jsonl":
        return read_log(name, content)
    if content.lstrip()[:1] in (b"{", b"["):
        return _load_json(name, content, ending)
    if looks_like_log(content):
        return read_log(name, content)
    if ending in (".json", ".har"):
        # A value that is no object cannot be a recording, but the reader says best what is wrong.
        return _load_json(name, content, ending)
    return _load_yaml(name, content)


def _files_at(path: Path) -> list[Path]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        _refuse_access(path, error)
    return _files_below(path) if stat.S_ISDIR(mode) else [path]


def _files_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> NoReturn:
        # A folder that cannot be entered may hold recordings: leaving them out would be silence.
        _refuse_access(Path(str(error.filename)), error)

    files = [
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if name.lower().endswith(ENDINGS)
    ]
    if not files:
        raise UnusableInput(
            str(folder), "whole folder", "it holds no recording", f"recordings end in {', '.join(ENDINGS)}"
        )
    return sorted(files)


def _content(path: Path) -> bytes:
    """Read a file in full, unpacked."""
    try:
        about = path.stat()
        # A folder cannot be read, and a pipe or device may never end.
        if not stat.S_ISREG(about.st_mode):
            raise UnusableInput(str(path), "whole file", "it is not a file", _NAME_ONE)
        if about.st_size > MAX_FILE:
            _refuse_size(path)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        _refuse_access(path, error)
    packed = content.startswith(GZIP_MAGIC)
    if path.name.lower().endswith(".gz") and content and not packed:
        raise UnusableInput(str(path), "whole file", "it is not gzip as its name says", _GIVE_WHOLE)
    return _unpacked(path, content) if packed else content


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        return gunzip(content, MAX_FILE)
    except Unreadable as why:
        raise UnusableInput(str(path), "whole file", str(why), f"{_GIVE_WHOLE}, in parts if need be") from None


def _load_json(name: str, content: bytes, ending: str) -> Recording:
    """Read text that begins as JSON does: an archive, a cassette, or a log by another name."""
    try:
        document = strict_json.parse_document(utf8(content))
    except Unreadable as why:
        if looks_like_log(content):
            return read_log(name, content)
        if ending in (".yaml", ".yml"):
            # YAML has braces and brackets too.
            return _load_yaml(name, content)
        place = f"line {why.line}" if isinstance(why, (strict_json.NotJson, NotUtf8)) else "whole file"
        raise UnusableInput(name, place, str(why), _FORMATS) from None
    if isinstance(document, dict) and "request" in document:
        return read_log(name, content)
    return _read_document(name, document)


def _load_yaml(name: str, content: bytes) -> Recording:
    try:
        document = parse_yaml(utf8(content))
    except (BadYaml, NotUtf8) as why:
        place = "whole file" if why.line is None else f"line {why.line}"
        raise UnusableInput(name, place, str(why), _FORMATS) from None
    return _read_document(name, document)


def _read_document(name: str, document: object) -> Recording:
    if isinstance(document, strict_json.Doubled):
        raise UnusableInput(
            name,
            "whole file",
            f"the key {quoted(document.key)} stands twice in one object",
            "keep one of the two",
        )
    if isinstance(document, dict) and "interactions" in document:
        return read_cassette(name, document)
    if isinstance(document, dict) and "log" in document:
        return read_har(name, document)
    raise UnusableInput(name, "whole file", "it has neither `interactions` nor a `log`", _FORMATS)


def _ending(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _refuse_access(path: Path, error: OSError | ValueError) -> NoReturn:
    if isinstance(error, FileNotFoundError):
        problem = "it does not exist"
    elif isinstance(error, PermissionError):
        problem = "it must not be read"
    else:
        problem = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
    raise UnusableInput(str(path), "whole file", problem, _NAME_ONE) from None


def _refuse_size(path: Path) -> NoReturn:
    raise UnusableInput(str(path), "whole file", f"it is larger than {MAX_FILE // 2**20} MiB", "give it in parts")
