"""PNG files in pieces (W3C PNG specification, third edition: 5 and 11)."""

import struct
import zlib
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

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEYWORD = "XML:com.adobe.xmp"
_KINDS = {
    **dict.fromkeys(
        (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"bKGD"),
        PieceKind.PICTURE,
    ),
    **dict.fromkeys(
        (b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI"),
        PieceKind.COLOUR,
    ),
    b"pHYs": PieceKind.DENSITY,
    b"tIME": PieceKind.TIME,
}


def split(data: bytes) -> list[Piece]:
    """Raises MetadataError for what is not a whole PNG."""
    if not data.startswith(_SIGNATURE):
        raise MetadataError("not a PNG")
    pieces = [Piece(PieceKind.PICTURE, "", _SIGNATURE)]
    at = len(_SIGNATURE)
    while pieces[-1].name != "IEND":
        if at + 12 > len(data):
            raise MetadataError("a PNG that is cut off")
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise MetadataError("a PNG that is cut off")
        pieces.append(_piece(data[at + 4 : at + 8], data[at:end]))
        at = end
    if at < len(data):
        pieces.append(Piece(PieceKind.TRAILING, "", data[at:]))
    return pieces


def join(pieces: Sequence[Piece], packet: bytes | None, orientation: int) -> bytes:
    """The staying ``pieces`` as a file, with an XMP packet and an orientation if there are."""
    added: list[bytes] = []
    if packet is not None:
        added.append(_chunk(b"iTXt", _XMP_KEYWORD.encode() + b"\0\0\0\0\0" + packet))
    if orientation != 1:
        added.append(_chunk(b"eXIf", orientation_block(orientation)))
    header = next(at for at, piece in enumerate(pieces) if piece.name == "IHDR") + 1
    raw = [piece.raw for piece in pieces]
    return b"".join([*raw[:header], *added, *raw[header:]])


def packet_of(piece: Piece) -> bytes:
    """The XMP packet in a piece of kind XMP; empty where it is compressed."""
    _, _, rest = _body(piece).partition(b"\0")
    return b"" if rest[:1] != b"\0" else rest[2:].split(b"\0", 2)[-1]


def turned(piece: Piece) -> int:
    """The orientation in a piece of Exif."""
    return orientation_of(_body(piece)) if piece.name == "eXIf" else 1


def _piece(kind: bytes, raw: bytes) -> Piece:
    name = kind.decode("latin-1")
    if kind in (b"tEXt", b"zTXt", b"iTXt"):
        keyword = raw[8:88].partition(b"\0")[0].decode("latin-1")
        if keyword == _XMP_KEYWORD:
            return Piece(PieceKind.XMP, keyword, raw)
        return Piece(PieceKind.TEXT, keyword, raw, _beginning(kind, raw[8:-4]))
    if kind == b"eXIf":
        return Piece(exif_kind(raw[8:-4]), name, raw)
    return Piece(_KINDS.get(kind, PieceKind.UNKNOWN), name, raw)


def _beginning(kind: bytes, body: bytes) -> str:
    _, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return rest[:MAX_TEXT_BYTES].decode("latin-1")
    if kind == b"iTXt" and rest[:1] == b"\0":
        return rest[2:].split(b"\0", 2)[-1][:MAX_TEXT_BYTES].decode("utf-8", "ignore")
    return ""


def _body(piece: Piece) -> bytes:
    return piece.raw[8:-4]


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
