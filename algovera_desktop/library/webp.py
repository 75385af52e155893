"""The user comment in WebP files (RFC 9649, 2.3 to 2.7).

The chunks with the picture stay as they are, byte for byte. A simple file becomes an extended
one, for only that may hold Exif.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from algovera_desktop.library import exif
from algovera_desktop.library.formats import MetadataError, Sides

_HEADER_BYTES = 12
_HAS_EXIF = 0x08
_HAS_ALPHA = 0x10
_EXIF_PREFIX = b"Exif\0\0"
"""Some writers put JPEG's prefix before the block."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A RIFF chunk; ``raw`` is all of it with header and padding."""

    kind: bytes
    payload: bytes
    raw: bytes


def embed(data: bytes, text: str) -> bytes:
    """The file with ``text`` as its Exif user comment; unchanged if it has one already.

    Raises MetadataError for what is not a whole WebP.
    """
    chunks = list(_chunks(data))
    old = _find(chunks, b"EXIF")
    block = None if old is None else old.payload.removeprefix(_EXIF_PREFIX)
    if block is not None and exif.read_comment(block) is not None:
        return data
    added = _chunk(b"EXIF", exif.with_comment(block, text))
    header = _extended_header(chunks)
    others = [c for c in chunks if c.kind not in (b"EXIF", b"VP8X")]
    xmp = next((n for n, c in enumerate(others) if c.kind == b"XMP "), len(others))
    parts = [header, *others[:xmp], added, *others[xmp:]]
    body = b"WEBP" + b"".join(part.raw for part in parts)
    beyond = data[8 + _riff_size(data) :]
    return b"RIFF" + struct.pack("<I", len(body)) + body + beyond


def read(data: bytes) -> str | None:
    """The Exif user comment, None if there is none. Raises MetadataError."""
    chunk = _find(list(_chunks(data)), b"EXIF")
    return None if chunk is None else exif.read_comment(chunk.payload.removeprefix(_EXIF_PREFIX))


def sides(data: bytes) -> Sides:
    """Raises MetadataError for what is not a whole WebP."""
    return _canvas(list(_chunks(data)))[0]


def _extended_header(chunks: list[_Chunk]) -> _Chunk:
    extended = _find(chunks, b"VP8X")
    if extended is not None and len(extended.payload) >= 10:
        flags = extended.payload[0] | _HAS_EXIF
        return _chunk(b"VP8X", bytes([flags]) + extended.payload[1:])
    canvas, has_alpha = _canvas(chunks)
    flags = _HAS_EXIF | (_HAS_ALPHA if has_alpha else 0)
    width, height = canvas.width - 1, canvas.height - 1
    payload = struct.pack("<I", flags) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return _chunk(b"VP8X", payload)


def _canvas(chunks: list[_Chunk]) -> tuple[Sides, bool]:
    """The picture's sides, and whether it has transparency."""
    first = chunks[0]
    body = first.payload
    if first.kind == b"VP8X" and len(body) >= 10:
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        return Sides(width, height), bool(body[0] & _HAS_ALPHA)
    if first.kind == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return Sides((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), bool(bits >> 28 & 1)
    if first.kind == b"VP8 " and len(body) >= 10 and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        if width & 0x3FFF and height & 0x3FFF:
            return Sides(width & 0x3FFF, height & 0x3FFF), False
    raise MetadataError("a WebP that begins with no picture")


def _riff_size(data: bytes) -> int:
    return int.from_bytes(data[4:8], "little")


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """At least one chunk; raises unless all are whole."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise MetadataError("not a WebP")
    end = 8 + _riff_size(data)
    position = _HEADER_BYTES
    if end > len(data) or end < position + 8:
        raise MetadataError("a WebP that is cut off")
    while position < end:
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        payload_end = position + 8 + size
        following = payload_end + size % 2
        if payload_end > end:
            raise MetadataError("a WebP that is cut off")
        kind = data[position : position + 4]
        raw = data[position:following].ljust(following - position, b"\0")
        yield _Chunk(kind, data[position + 8 : payload_end], raw)
        position = following


def _find(chunks: list[_Chunk], kind: bytes) -> _Chunk | None:
    return next((chunk for chunk in chunks if chunk.kind == kind), None)


def _chunk(kind: bytes, payload: bytes) -> _Chunk:
    padding = b"\0" * (len(payload) % 2)
    return _Chunk(kind, payload, kind + struct.pack("<I", len(payload)) + payload + padding)
