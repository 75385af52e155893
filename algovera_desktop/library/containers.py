"""What a picture's file holds beside its pixels, whoever wrote it and whatever it is.

PNG (W3C, third edition), JPEG (ITU-T T.81, annex B) and WebP (RFC 9649) are walked in one pass
that hashes the file too. Pixels are passed over, never decoded and never kept; texts are kept up
to MAX_TEXT_BYTES. So a file of gigabytes or one made to do harm costs time in proportion to what
is really on the disk, little memory, and one MetadataError that says in plain words why.
"""

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from algovera_desktop.library.formats import JPEG, PNG, WEBP, MetadataError, Sides, media_type_of
from algovera_desktop.library.hashed_stream import HashedStream

MAX_FILE_BYTES = 1 << 30
MAX_PIXELS = 1 << 28
"""A square of 16 384; what is larger nothing here could show."""

MAX_TEXT_BYTES = 1 << 23
"""For all texts, Exif and XMP of a file together, unpacked."""

_MAX_PARTS = 1 << 18
"""Chunks or segments: 1 GiB in chunks of 4 KiB. Real files have fewer and larger ones."""

_MAX_TEXTS = 1 << 10
_MAX_KEYWORD_BYTES = 79

_XMP_KEYWORD = "XML:com.adobe.xmp"
_EXIF_PREFIX = b"Exif\0\0"
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_APP1 = 0xE1
_JPEG_COMMENT = 0xFE
_JPEG_START_OF_SCAN = 0xDA
_JPEG_END = 0xD9


@dataclass(frozen=True, slots=True)
class PictureContents:
    """``texts`` by keyword, the first of each; ``exif`` is a TIFF structure, ``xmp`` a packet.

    ``sha256`` is of the whole file, in hex.
    """

    media_type: str
    sides: Sides
    size_bytes: int
    sha256: str
    texts: Mapping[str, str]
    exif: bytes | None
    xmp: bytes | None


def read_contents(file: BinaryIO) -> PictureContents:
    """Walk an open file from its start. Raises MetadataError, and OSError from the file."""
    stream = HashedStream(file)
    if stream.size_bytes > MAX_FILE_BYTES:
        raise MetadataError("the file is larger than 1 GiB")
    media_type = media_type_of(stream.peek(12))
    walk = _WALKS.get(media_type or "")
    if media_type is None or walk is None:
        raise MetadataError("this is not a PNG, JPEG or WebP")
    found = _Found()
    walk(stream, found)
    sides = found.sides
    if sides is None or not sides.width or not sides.height:
        raise MetadataError("the file holds no picture")
    if sides.width * sides.height > MAX_PIXELS:
        raise MetadataError("the picture has more than 268 million pixels")
    sha256 = stream.sha256()
    return PictureContents(
        media_type, sides, stream.size_bytes, sha256, found.texts, found.exif, found.xmp
    )


class _Found:
    """What a walk comes upon, kept within the limits."""

    def __init__(self) -> None:
        self.sides: Sides | None = None
        self.texts: dict[str, str] = {}
        self.exif: bytes | None = None
        self.xmp: bytes | None = None
        self._room_bytes = MAX_TEXT_BYTES
        self._parts = 0
        self._texts = 0

    def count_part(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise MetadataError("the file is in too many pieces")

    def claim(self, length: int) -> int:
        """Take room for what is about to be read; returns ``length``."""
        self._texts += 1
        self._room_bytes -= length
        if self._room_bytes < 0 or self._texts > _MAX_TEXTS:
            raise MetadataError("the file holds more than 8 MiB of text")
        return length

    def inflated(self, data: bytes) -> bytes:
        """A compressed text; a bomb is refused rather than unpacked."""
        inflater = zlib.decompressobj()
        try:
            text = inflater.decompress(data, self._room_bytes + 1)
        except zlib.error as error:
            raise MetadataError("a text cannot be unpacked") from error
        self.claim(len(text))
        if not inflater.eof:
            raise MetadataError("a text cannot be unpacked")
        return text

    def add_text(self, keyword: str, text: str) -> None:
        self.texts.setdefault(keyword, text)

    def add_exif(self, block: bytes) -> None:
        # JPEG's prefix stands in some WebP files too.
        self.exif = self.exif or block.removeprefix(_EXIF_PREFIX)

    def add_xmp(self, packet: bytes) -> None:
        self.xmp = self.xmp or packet


def _walk_png(stream: HashedStream, found: _Found) -> None:
    stream.skip(8)
    length, kind = struct.unpack(">I4s", stream.take(8))
    if kind != b"IHDR" or length != 13:
        raise MetadataError("the PNG has no header")
    found.sides = Sides(*struct.unpack(">II", _checked(stream, kind, length)[:8]))
    has_pixels = False
    while kind != b"IEND":
        found.count_part()
        length, kind = struct.unpack(">I4s", stream.take(8))
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            _add_png_text(kind, _checked(stream, kind, found.claim(length)), found)
        else:
            has_pixels = has_pixels or kind == b"IDAT"
            stream.skip(length + 4)
    if not has_pixels:
        raise MetadataError("the PNG holds no picture")


def _checked(stream: HashedStream, kind: bytes, length: int) -> bytes:
    """The body of a PNG's chunk; its check sum has to be right."""
    body = stream.take(length)
    if zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(stream.take(4), "big"):
        raise MetadataError("the PNG is damaged")
    return body


def _add_png_text(kind: bytes, body: bytes, found: _Found) -> None:
    if kind == b"eXIf":
        found.add_exif(body)
        return
    keyword, separator, rest = body.partition(b"\0")
    if not separator or len(keyword) > _MAX_KEYWORD_BYTES:
        return
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        found.add_text(name, rest.decode("latin-1"))
    elif kind == b"zTXt":
        found.add_text(name, found.inflated(rest[1:]).decode("latin-1"))
    else:
        _add_international_text(name, rest, found)


def _add_international_text(name: str, rest: bytes, found: _Found) -> None:
    is_compressed, rest = rest[:1] == b"\x01", rest[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    if is_compressed:
        text = found.inflated(text)
    if name == _XMP_KEYWORD:
        found.add_xmp(text)
    else:
        found.add_text(name, text.decode("utf-8", "replace"))


def _walk_jpeg(stream: HashedStream, found: _Found) -> None:
    stream.skip(2)
    marker = 0
    while marker != _JPEG_START_OF_SCAN:
        found.count_part()
        if stream.take(1) != b"\xff":
            raise MetadataError("the JPEG is damaged")
        marker = stream.take(1)[0]
        while marker == 0xFF:
            found.count_part()
            marker = stream.take(1)[0]
        if marker == _JPEG_END or (found.sides is None and marker == _JPEG_START_OF_SCAN):
            raise MetadataError("the JPEG holds no picture")
        if marker in _JPEG_ALONE:
            continue
        length = int.from_bytes(stream.take(2), "big") - 2
        if length < 0:
            raise MetadataError("the JPEG is damaged")
        _add_jpeg_segment(marker, stream.take(length), found)
    if not _has_end(stream):
        raise MetadataError("the file is cut off")


def _add_jpeg_segment(marker: int, payload: bytes, found: _Found) -> None:
    if marker in _JPEG_FRAMES and len(payload) >= 5 and found.sides is None:
        height, width = struct.unpack_from(">HH", payload, 1)
        found.sides = Sides(width, height)
    elif marker == _JPEG_APP1 and payload.startswith(_EXIF_PREFIX):
        found.claim(len(payload))
        found.add_exif(payload)
    elif marker == _JPEG_APP1 and payload.startswith(_XMP_PREFIX):
        found.claim(len(payload))
        found.add_xmp(payload.removeprefix(_XMP_PREFIX))
    elif marker == _JPEG_COMMENT:
        found.claim(len(payload))
        found.add_text("Comment", payload.rstrip(b"\0").decode("utf-8", "replace"))


def _has_end(stream: HashedStream) -> bool:
    """Whether the end marker comes. Nothing in the compressed picture looks like it."""
    last = b""
    for block in stream.rest():
        if b"\xff\xd9" in block or last + block[:1] == b"\xff\xd9":
            return True
        last = block[-1:]
    return False


def _walk_webp(stream: HashedStream, found: _Found) -> None:
    left_bytes = int.from_bytes(stream.take(12)[4:8], "little") - 4
    if left_bytes > stream.left_bytes:
        raise MetadataError("the file is cut off")
    while left_bytes >= 8:
        found.count_part()
        kind, length = struct.unpack("<4sI", stream.take(8))
        left_bytes -= 8 + length
        if left_bytes < 0:
            raise MetadataError("the file is cut off")
        _take_webp_chunk(stream, kind, length, found)
        # Some writers leave out the last chunk's byte of padding.
        padding = min(length % 2, left_bytes)
        stream.skip(padding)
        left_bytes -= padding


def _take_webp_chunk(stream: HashedStream, kind: bytes, length: int, found: _Found) -> None:
    if kind == b"EXIF":
        found.add_exif(stream.take(found.claim(length)))
    elif kind == b"XMP ":
        found.add_xmp(stream.take(found.claim(length)))
    elif found.sides is None:
        head = stream.take(min(length, 10))
        found.sides = _webp_sides(kind, head)
        stream.skip(length - len(head))
    else:
        stream.skip(length)


def _webp_sides(kind: bytes, head: bytes) -> Sides:
    if kind == b"VP8X" and len(head) == 10:
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
        return Sides(width, height)
    if kind == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return Sides((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 6)
        return Sides(width & 0x3FFF, height & 0x3FFF)
    raise MetadataError("the WebP begins with no picture")


_WALKS: dict[str, Callable[[HashedStream, _Found], None]] = {
    PNG: _walk_png,
    JPEG: _walk_jpeg,
    WEBP: _walk_webp,
}
