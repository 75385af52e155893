"""WebP files in pieces (RFC 9649, 2.3 to 2.7)."""

import struct
from collections.abc import Sequence

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sharing.pieces import (
    Piece,
    PieceKind,
    exif_kind,
    orientation_block,
    orientation_of,
)
from algovera_desktop.library.webp import sides

_HEADER_BYTES = 12
_FRAME_HEADER_BYTES = 16
_HAS_XMP, _HAS_EXIF, _HAS_ALPHA, _HAS_COLOUR = 0x04, 0x08, 0x10, 0x20
_EXIF_PREFIX = b"Exif\0\0"
_IN_A_FRAME = frozenset({"ALPH", "VP8 ", "VP8L"})
_KINDS = {
    **dict.fromkeys(("VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"), PieceKind.PICTURE),
    "ICCP": PieceKind.COLOUR,
    "XMP ": PieceKind.XMP,
}


def split(data: bytes) -> list[Piece]:
    """Raises MetadataError for what is not a whole WebP."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise MetadataError("not a WebP")
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) or end < _HEADER_BYTES + 8:
        raise MetadataError("a WebP that is cut off")
    pieces = [_piece(raw) for raw in _chunks(data[_HEADER_BYTES:end])]
    if end < len(data):
        pieces.append(Piece(PieceKind.TRAILING, "", data[end:]))
    return pieces


def join(pieces: Sequence[Piece], packet: bytes | None, orientation: int) -> bytes:
    """The staying ``pieces`` as a file, with an XMP packet and an orientation if there are."""
    simple = _riff([piece.raw for piece in pieces])
    names = {piece.name for piece in pieces}
    if names == {"VP8 "} and packet is None and orientation == 1:
        return simple
    flags = _flags(pieces, simple)
    flags |= _HAS_COLOUR if "ICCP" in names else 0
    raw = [piece.raw for piece in pieces if piece.name != "VP8X"]
    if orientation != 1:
        flags |= _HAS_EXIF
        raw.append(_chunk(b"EXIF", orientation_block(orientation)))
    if packet is not None:
        flags |= _HAS_XMP
        raw.append(_chunk(b"XMP ", packet))
    size = sides(simple)
    canvas = b"".join((side - 1).to_bytes(3, "little") for side in (size.width, size.height))
    return _riff([_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + canvas), *raw])


def packet_of(piece: Piece) -> bytes:
    """The XMP packet in a piece of kind XMP."""
    return _body(piece.raw)


def turned(piece: Piece) -> int:
    """The orientation in a piece of Exif."""
    is_exif = piece.name == "EXIF"
    return orientation_of(_body(piece.raw).removeprefix(_EXIF_PREFIX)) if is_exif else 1


def _flags(pieces: Sequence[Piece], simple: bytes) -> int:
    """Transparency and animation, as the file has them."""
    first = pieces[0]
    if first.name == "VP8X":
        return _body(first.raw)[0] & ~(_HAS_XMP | _HAS_EXIF | _HAS_COLOUR)
    is_transparent = first.name == "VP8L" and bool(simple[_HEADER_BYTES + 12] >> 4 & 1)
    return _HAS_ALPHA if is_transparent else 0


def _chunks(data: bytes) -> list[bytes]:
    """Whole chunks, with their headers and padding."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 > len(data) or end > len(data):
            raise MetadataError("a WebP that is cut off")
        end += (end - at) % 2
        found.append(data[at:end].ljust(end - at, b"\0"))
        at = end
    return found


def _piece(raw: bytes) -> Piece:
    name = raw[:4].decode("latin-1")
    if name == "EXIF":
        return Piece(exif_kind(_body(raw).removeprefix(_EXIF_PREFIX)), name, raw)
    if name == "ANMF":
        _check_frame(raw)
    return Piece(_KINDS.get(name, PieceKind.UNKNOWN), name, raw)


def _check_frame(raw: bytes) -> None:
    """Refuse a frame of an animation with anything in it but its picture."""
    inside = _chunks(_body(raw)[_FRAME_HEADER_BYTES:])
    if any(chunk[:4].decode("latin-1") not in _IN_A_FRAME for chunk in inside):
        raise MetadataError("a WebP with something unknown in a frame")


def _body(raw: bytes) -> bytes:
    return raw[8 : 8 + int.from_bytes(raw[4:8], "little")]


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _riff(chunks: Sequence[bytes]) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
