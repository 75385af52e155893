"""A picture file taken apart, so that one can say piece by piece what leaves with it."""

import struct
from dataclasses import dataclass
from enum import Enum


class PieceKind(Enum):
    """What a piece of a file is for. Those in ``STAYING`` leave with a shared copy."""

    PICTURE = "picture"
    COLOUR = "colour"
    DENSITY = "density"
    ORIENTATION = "orientation"
    LABEL = "label"
    TEXT = "text"
    EXIF = "exif"
    PLACE = "place"
    XMP = "xmp"
    IPTC = "iptc"
    TIME = "time"
    PREVIEW = "preview"
    HIDDEN = "hidden"
    UNKNOWN = "unknown"
    TRAILING = "trailing"


STAYING = frozenset(
    {
        PieceKind.PICTURE,
        PieceKind.COLOUR,
        PieceKind.DENSITY,
        PieceKind.ORIENTATION,
        PieceKind.LABEL,
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file, headers and checksums included. ``name`` is what the file itself
    calls it: a PNG keyword, a chunk's type, a JPEG marker. ``text`` is how it begins where it is
    a text that is not compressed."""

    kind: PieceKind
    name: str
    raw: bytes
    text: str = ""


MAX_TEXT_BYTES = 400
"""As much of a text as a person wants to see of what is taken out."""


_ORIENTATION = 0x0112
_GPS_IFD = 0x8825
_ENTRY_BYTES = 12
_MAX_ENTRIES = 1000


def exif_kind(block: bytes) -> PieceKind:
    """PLACE where an Exif block has a directory for GPS, ORIENTATION where it holds how to turn
    the picture and nothing else, else EXIF."""
    tags = dict(_first_directory(block))
    if _GPS_IFD in tags:
        return PieceKind.PLACE
    return (
        PieceKind.ORIENTATION
        if block == orientation_block(tags.get(_ORIENTATION, 1))
        else (PieceKind.EXIF)
    )


def orientation_of(block: bytes) -> int:
    """How to turn the picture, 1 (as it lies) to 8, as an Exif block has it."""
    orientation = dict(_first_directory(block)).get(_ORIENTATION, 1)
    return orientation if 1 <= orientation <= 8 else 1


def orientation_block(orientation: int) -> bytes:
    """The smallest Exif block that says how to turn a picture (CIPA DC-008, 4.6.4)."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + b"\0\0\0\0"


def _first_directory(block: bytes) -> list[tuple[int, int]]:
    """The tags of the first directory, each with the value that it has if it is a SHORT; as many
    as can be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return []
    (start,) = struct.unpack_from(f"{order}I", block, 4)
    if start + 2 > len(block):
        return []
    (count,) = struct.unpack_from(f"{order}H", block, start)
    readable = (len(block) - start - 2) // _ENTRY_BYTES
    places = range(start + 2, start + 2 + _ENTRY_BYTES * min(count, readable, _MAX_ENTRIES), 12)
    return [
        (
            struct.unpack_from(f"{order}H", block, at)[0],
            struct.unpack_from(f"{order}H", block, at + 8)[0],
        )
        for at in places
    ]
