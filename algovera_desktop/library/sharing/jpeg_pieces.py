"""JPEG files in pieces (ITU-T T.81, annex B; JFIF 1.02; Exif in APP1; ICC.1, annex B.4)."""

import struct
from collections.abc import Sequence

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sharing.pieces import (
    MAX_TEXT_BYTES,
    Piece,
    PieceKind,
    exif_kind,
    orientation_block,
    orientation_of,
)

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_ICC = b"ICC_PROFILE\0"
_JFIF_BYTES = 14
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF
_RESTARTS = range(0xD0, 0xD8)


def split(data: bytes) -> list[Piece]:
    """Raises MetadataError for what is not a whole JPEG."""
    if data[:3] != b"\xff\xd8\xff":
        raise MetadataError("not a JPEG")
    pieces = [Piece(PieceKind.PICTURE, "SOI", data[:2])]
    at = 2
    while pieces[-1].name != "EOI":
        piece = _next(data, at)
        pieces.append(piece)
        at += len(piece.raw)
    if at < len(data):
        pieces.append(Piece(PieceKind.TRAILING, "", data[at:]))
    return pieces


def join(pieces: Sequence[Piece], packet: bytes | None, orientation: int) -> bytes:
    """The staying ``pieces`` as a file, with an XMP packet and an orientation if there are."""
    added: list[bytes] = []
    if orientation != 1:
        added.append(_segment(_APP1, _EXIF + orientation_block(orientation)))
    if packet is not None:
        added.append(_segment(_APP1, _XMP + packet))
    raw = [piece.raw for piece in pieces]
    head = 2 if len(pieces) > 1 and pieces[1].name == "APP0" else 1
    return b"".join([*raw[:head], *added, *raw[head:]])


def packet_of(piece: Piece) -> bytes:
    """The XMP packet in a piece of kind XMP; empty where it is the rest of a longer one."""
    payload = piece.raw[4:]
    return payload[len(_XMP) :] if payload.startswith(_XMP) else b""


def turned(piece: Piece) -> int:
    """The orientation in a piece of Exif."""
    payload = piece.raw[4:]
    return orientation_of(payload[len(_EXIF) :]) if payload.startswith(_EXIF) else 1


def _next(data: bytes, at: int) -> Piece:
    if at + 2 > len(data) or data[at] != 0xFF:
        raise MetadataError("a JPEG that is cut off, or with something between its segments")
    marker = data[at + 1]
    if marker == 0xFF:
        return Piece(PieceKind.PICTURE, "fill", data[at : at + 1])
    if marker == _END:
        return Piece(PieceKind.PICTURE, "EOI", data[at : at + 2])
    if marker in _RESTARTS or marker in (0x00, 0x01, _START):
        raise MetadataError("a JPEG with a marker out of its place")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    if end < at + 4 or end > len(data):
        raise MetadataError("a JPEG that is cut off")
    if marker == _SCAN:
        end = _end_of_scan(data, end)
    return _piece(marker, data[at:end])


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the first marker stands that is neither a stuffed zero nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise MetadataError("a JPEG that is cut off")
        if data[at + 1] != 0 and data[at + 1] not in _RESTARTS and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _piece(marker: int, raw: bytes) -> Piece:
    payload = raw[4:]
    if marker == _COMMENT:
        text = payload[:MAX_TEXT_BYTES].decode("utf-8", "replace")
        return Piece(PieceKind.TEXT, "comment", raw, text)
    if not _APP0 <= marker <= _APP15:
        return Piece(PieceKind.PICTURE, "", raw)
    name = f"APP{marker - _APP0}"
    if marker == _APP0 and payload.startswith(b"JFIF\0"):
        # With a thumbnail it is longer, and that may show what was cut away since.
        is_bare = len(payload) == _JFIF_BYTES
        return Piece(PieceKind.DENSITY if is_bare else PieceKind.PREVIEW, name, raw)
    if marker == _APP1:
        return _app1(name, payload, raw)
    if marker == _APP2 and payload.startswith(_ICC):
        return Piece(PieceKind.COLOUR, name, raw)
    if marker == _APP14 and payload.startswith(b"Adobe"):
        return Piece(PieceKind.COLOUR, name, raw)
    if marker == _APP13:
        return Piece(PieceKind.IPTC, name, raw)
    return Piece(PieceKind.UNKNOWN, name, raw)


def _app1(name: str, payload: bytes, raw: bytes) -> Piece:
    if payload.startswith(_EXIF):
        return Piece(exif_kind(payload[len(_EXIF) :]), name, raw)
    is_xmp = payload.startswith((_XMP, _XMP_MORE))
    return Piece(PieceKind.XMP if is_xmp else PieceKind.UNKNOWN, name, raw)


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
