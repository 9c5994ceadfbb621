"""From recorded bytes and texts to JSON values: gzip, base64, UTF-8, and the body of a message."""

from __future__ import annotations

import binascii
import gzip
import io
import zlib

from . import strict_json
from .exchange import Unreadable

GZIP_MAGIC = b"\x1f\x8b"
MAX_BODY = 32 * 1024 * 1024
"""The largest body taken after unpacking, in bytes: a few packed kilobytes can unpack to gigabytes."""
_PART = 2**20


class NotUtf8(Unreadable):
    """Bytes that are not UTF-8 text."""

    def __init__(self, content: bytes, start: int) -> None:
        """Keep the line at fault, counted from 1, apart from what is wrong there."""
        super().__init__(f"it is not UTF-8 text at byte {start + 1}")
        self.line = content.count(b"\n", 0, start) + 1


def gunzip(packed: bytes, limit: int) -> bytes:
    """Unpack gzip in full; a part alone is never handed on."""
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            while part := stream.read(_PART):
                parts.append(part)
                size += len(part)
                if size > limit:
                    raise Unreadable(f"the gzip data unpack to more than {limit // 2**20} MiB")
    except EOFError:
        raise Unreadable("the gzip data are cut off") from None
    except (OSError, zlib.error):
        raise Unreadable("the gzip data are damaged") from None
    return b"".join(parts)


def unbase64(text: str) -> bytes:
    """Decode base64, which may be broken into lines."""
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise Unreadable("it is not base64") from None


def utf8(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8(content, error.start) from None


def body_from_bytes(content: bytes) -> object:
    """Read the body out of the bytes of a message, unpacking gzip."""
    if content.startswith(GZIP_MAGIC):
        content = gunzip(content, MAX_BODY)
    return body_from_text(utf8(content))


def body_from_text(text: str) -> object:
    """Read the body out of the text of a message: None for no text, the text itself if it is not JSON."""
    if not text.strip():
        return None
    try:
        return strict_json.parse(text)
    except strict_json.NotJson:
        return text
