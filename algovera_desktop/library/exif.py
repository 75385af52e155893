"""The user comment in an Exif block (CIPA DC-008: TIFF 6.0 structure; UserComment, 4.6.6).

A comment is added to an existing block without moving a byte of it: new directories go to
its end, and only the places that point to the old ones change. So maker's notes, which hold
offsets that nobody else understands, stay right.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass

from algovera_desktop.library.formats import MetadataError

MAKE = 0x010F
MODEL = 0x0110
IMAGE_DESCRIPTION = 0x010E
SOFTWARE = 0x0131
MAKER_NOTE = 0x927C
USER_COMMENT = 0x9286
"""Fields that programs write texts into."""

_EXIF_IFD = 0x8769
_ASCII_KIND = 2
_LONG = 4
_UNDEFINED = 7
_ENTRY_BYTES = 12
_UNICODE = b"UNICODE\0"
_ASCII = b"ASCII\0\0\0"
_NO_CODE = b"\0" * 8


@dataclass(frozen=True, slots=True)
class _Entry:
    """One field of a directory: its 12 bytes, and where they stand."""

    tag: int
    raw: bytes
    offset: int


class _Tiff:
    """A TIFF structure: its byte order, and its directories by offset."""

    def __init__(self, block: bytes) -> None:
        if block[:4] == b"MM\0*":
            self.order = ">"
        elif block[:4] == b"II*\0":
            self.order = "<"
        else:
            raise MetadataError("not an Exif block")
        self.block = block
        self.first = self.number("I", 4)

    def number(self, kind: str, offset: int) -> int:
        try:
            return struct.unpack_from(self.order + kind, self.block, offset)[0]
        except struct.error as error:
            raise MetadataError("an Exif block that is cut off") from error

    def entries(self, directory: int) -> list[_Entry]:
        count = self.number("H", directory)
        start = directory + 2
        if start + count * _ENTRY_BYTES + 4 > len(self.block):
            raise MetadataError("an Exif block that is cut off")
        offsets = range(start, start + count * _ENTRY_BYTES, _ENTRY_BYTES)
        return [
            _Entry(self.number("H", at), self.block[at : at + _ENTRY_BYTES], at) for at in offsets
        ]

    def next_directory(self, directory: int) -> int:
        return self.number("I", directory + 2 + self.number("H", directory) * _ENTRY_BYTES)

    def value(self, entry: _Entry) -> bytes:
        """The bytes of a field of type UNDEFINED."""
        length = self.number("I", entry.offset + 4)
        at = entry.offset + 8 if length <= 4 else self.number("I", entry.offset + 8)
        if at + length > len(self.block):
            raise MetadataError("an Exif block that is cut off")
        return self.block[at : at + length]


def read_comment(block: bytes) -> str | None:
    """The user comment of an Exif block (a TIFF structure), None if it has none or is blank."""
    tiff = _Tiff(block)
    pointer = _find(tiff.entries(tiff.first), _EXIF_IFD)
    if pointer is None:
        return None
    comment = _find(tiff.entries(tiff.number("I", pointer.offset + 8)), USER_COMMENT)
    return None if comment is None else _decoded(tiff.value(comment)) or None


def read_texts(block: bytes, tags: Collection[int]) -> dict[int, str]:
    """The texts of an Exif block under these tags, in its first directory or in Exif's own.

    The first field of a tag counts, a blank one does not; what is not a text is passed over.
    """
    tiff = _Tiff(block)
    entries = tiff.entries(tiff.first)
    pointer = _find(entries, _EXIF_IFD)
    if pointer is not None:
        entries += tiff.entries(tiff.number("I", pointer.offset + 8))
    found: dict[int, str] = {}
    for entry in entries:
        if entry.tag in tags and entry.tag not in found and _may_be_text(tiff, entry):
            text = _decoded(tiff.value(entry))
            if text:
                found[entry.tag] = text
    return found


def with_comment(block: bytes | None, text: str) -> bytes:
    """An Exif block with ``text`` as its user comment, and all else of ``block`` kept.

    The text is UTF-16, big end first, as piexif and so AUTOMATIC1111 write it.
    """
    tiff = _Tiff(block or b"MM\0*\0\0\0\x08\0\0\0\0\0\0")
    result = bytearray(tiff.block)
    try:
        comment = _UNICODE + text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise MetadataError("a text with broken characters") from error
    field = _append(result, comment)
    entry = _entry(tiff, USER_COMMENT, _UNDEFINED, len(comment), field)
    pointer = _find(tiff.entries(tiff.first), _EXIF_IFD)
    old = 0 if pointer is None else tiff.number("I", pointer.offset + 8)
    directory = _append(result, _directory(tiff, old, entry))
    if pointer is not None:
        struct.pack_into(f"{tiff.order}I", result, pointer.offset + 8, directory)
    else:
        link = _entry(tiff, _EXIF_IFD, _LONG, 1, directory)
        first = _append(result, _directory(tiff, tiff.first, link))
        struct.pack_into(f"{tiff.order}I", result, 4, first)
    return bytes(result)


def _directory(tiff: _Tiff, old: int, added: _Entry) -> bytes:
    """A copy of the directory at ``old`` (0: none) with one more, or one other, field."""
    entries = [entry for entry in tiff.entries(old) if entry.tag != added.tag] if old else []
    entries = sorted([*entries, added], key=lambda entry: entry.tag)
    following = tiff.next_directory(old) if old else 0
    body = b"".join(entry.raw for entry in entries)
    count = struct.pack(f"{tiff.order}H", len(entries))
    return count + body + struct.pack(f"{tiff.order}I", following)


def _entry(tiff: _Tiff, tag: int, kind: int, count: int, value: int) -> _Entry:
    return _Entry(tag, struct.pack(f"{tiff.order}HHII", tag, kind, count, value), -1)


def _append(result: bytearray, part: bytes) -> int:
    """Add a part at the next even offset, as TIFF asks, and return that offset."""
    result.extend(b"\0" * (len(result) % 2))
    offset = len(result)
    result.extend(part)
    return offset


def _find(entries: list[_Entry], tag: int) -> _Entry | None:
    return next((entry for entry in entries if entry.tag == tag), None)


def _may_be_text(tiff: _Tiff, entry: _Entry) -> bool:
    return tiff.number("H", entry.offset + 2) in (_ASCII_KIND, _UNDEFINED)


def _decoded(value: bytes) -> str:
    code, body = value[:8], value[8:]
    if code == _UNICODE:
        text = body.decode(_utf16_order(body), "replace")
    elif code in (_ASCII, _NO_CODE):
        text = body.decode("utf-8", "replace")
    else:
        text = value.decode("utf-8", "replace")
    return text.rstrip("\0 ")


def _utf16_order(body: bytes) -> str:
    """The standard leaves the byte order open. Zero bytes are the high halves of Latin
    letters; where there are none to tell by, it is taken to be ours."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return "utf-16-le" if body[1::2].count(0) > body[::2].count(0) else "utf-16-be"
