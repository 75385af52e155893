"""The user comment and the XMP packet in WebP files (RFC 9649, 2.3 to 2.7).

The chunks with the picture stay as they are, byte for byte. A simple file becomes an extended
one, for only that may hold Exif and XMP.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from algovera_desktop.library import exif
from algovera_desktop.library.formats import MetadataError, Sides

_HEADER_BYTES = 12
_HAS_EXIF = 0x08
_HAS_XMP = 0x04
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
    others = [c for c in chunks if c.kind not in (b"EXIF", b"VP8X")]
    xmp = next((n for n, c in enumerate(others) if c.kind == b"XMP "), len(others))
    parts = [_extended_header(chunks, _HAS_EXIF), *others[:xmp], added, *others[xmp:]]
    return _file(parts, data)


def embed_xmp(data: bytes, packet: bytes) -> bytes:
    """The file with an XMP packet at its end; unchanged if it has one already.

    Raises MetadataError for what is not a whole WebP.
    """
    chunks = list(_chunks(data))
    if _find(chunks, b"XMP ") is not None:
        return data
    header = _extended_header(chunks, _HAS_XMP)
    others = [c for c in chunks if c.kind != b"VP8X"]
    return _file([header, *others, _chunk(b"XMP ", packet)], data)


def read(data: bytes) -> str | None:
    """The Exif user comment, None if there is none. Raises MetadataError."""
    chunk = _find(list(_chunks(data)), b"EXIF")
    return None if chunk is None else exif.read_comment(chunk.payload.removeprefix(_EXIF_PREFIX))


def read_xmp(data: bytes) -> bytes | None:
    """The XMP packet, None if there is none. Raises MetadataError."""
    chunk = _find(list(_chunks(data)), b"XMP ")
    return None if chunk is None else chunk.payload


def sides(data: bytes) -> Sides:
    """Raises MetadataError for what is not a whole WebP."""
    return _canvas(list(_chunks(data)))[0]


def _file(parts: list[_Chunk], old: bytes) -> bytes:
    """A file of these chunks, and of what follows the end of the old one."""
    body = b"WEBP" + b"".join(part.raw for part in parts)
    beyond = old[8 + _riff_size(old) :]
    return b"RIFF" + struct.pack("<I", len(body)) + body + beyond


def _extended_header(chunks: list[_Chunk], added_flag: int) -> _Chunk:
    extended = _find(chunks, b"VP8X")
    if extended is not None and len(extended.payload) >= 10:
        flags = extended.payload[0] | added_flag
        return _chunk(b"VP8X", bytes([flags]) + extended.payload[1:])
    canvas, has_alpha = _canvas(chunks)
    flags = added_flag | (_HAS_ALPHA if has_alpha else 0)
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
