"""A picture's file to give away: the picture as it is, and nothing of how it came to be."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from algovera_desktop.library.formats import JPEG, PNG, WEBP, MetadataError, media_type_of
from algovera_desktop.library.sharing import jpeg_pieces, png_pieces, webp_pieces
from algovera_desktop.library.sharing.hidden import has_hidden_text, without_hidden_text
from algovera_desktop.library.sharing.pieces import STAYING, Piece, PieceKind
from algovera_desktop.library.xmp import XmpFields, read_packet, write_packet

_SOURCE_TYPE = re.compile(r"http://cv\.iptc\.org/newscodes/digitalsourcetype/[A-Za-z]{1,64}")


@dataclass(frozen=True, slots=True)
class _Format:
    split: Callable[[bytes], list[Piece]]
    join: Callable[[Sequence[Piece], bytes | None, int], bytes]
    packet_of: Callable[[Piece], bytes]
    turned: Callable[[Piece], int]


_FORMATS = {
    PNG: _Format(png_pieces.split, png_pieces.join, png_pieces.packet_of, png_pieces.turned),
    JPEG: _Format(jpeg_pieces.split, jpeg_pieces.join, jpeg_pieces.packet_of, jpeg_pieces.turned),
    WEBP: _Format(webp_pieces.split, webp_pieces.join, webp_pieces.packet_of, webp_pieces.turned),
}


@dataclass(frozen=True, slots=True)
class SharedCopy:
    """The bytes to give away, checked. ``stays`` is what is in them, read from them again;
    ``taken_out`` is what was in the original and is not in them. ``source_type`` is the address
    of IPTC's term for how the picture was made, "" where the copy carries no such label.
    ``is_repainted`` says that a text was hidden in the pixels themselves, so that they could not
    stay bit by bit."""

    data: bytes
    stays: tuple[Piece, ...]
    taken_out: tuple[Piece, ...]
    source_type: str = ""
    is_repainted: bool = False


def make_shared_copy(data: bytes, source_type: str = "") -> SharedCopy:
    """Take out all that is not needed to see the picture and, if it was made by a model, to know
    that it was.

    The coded picture and its colour profile stay byte by byte. ``source_type`` is the address
    of a term of IPTC's Digital Source Type; one that the file carries already goes before it.
    Raises MetadataError for a file that cannot be understood to its end: then nothing leaves.
    """
    media_type = media_type_of(data)
    if media_type is None:
        raise MetadataError("a format whose contents cannot be told apart")
    form = _FORMATS[media_type]
    pieces = form.split(data)
    hidden = Piece(PieceKind.HIDDEN, "", b"") if has_hidden_text(data) else None
    wanted = form.split(without_hidden_text(data)) if hidden else pieces
    source_type = _source_type(form, pieces) or source_type
    packet = write_packet(XmpFields(digital_source_type=source_type)) if source_type else None
    turn = max((form.turned(piece) for piece in pieces), default=1)
    kept = [piece for piece in wanted if _is_kept(piece)]
    shared = form.join(kept, packet, turn)
    stays = _checked(form, kept, shared, packet)
    taken_out = tuple(piece for piece in pieces if piece.kind not in STAYING)
    if hidden:
        taken_out = (*taken_out, hidden)
    return SharedCopy(shared, stays, taken_out, source_type, hidden is not None)


def _source_type(form: _Format, pieces: Sequence[Piece]) -> str:
    """What the file says of itself, in IPTC's words and in no others."""
    packets = [form.packet_of(piece) for piece in pieces if piece.kind is PieceKind.XMP]
    found = [word for word in map(_source_type_in, packets) if _SOURCE_TYPE.fullmatch(word)]
    return found[0] if found else ""


def _source_type_in(packet: bytes) -> str:
    try:
        return read_packet(packet).digital_source_type
    except MetadataError:
        return ""


def _is_kept(piece: Piece) -> bool:
    # How the picture is turned and what made it are written anew, so that nothing rides along.
    return piece.kind in (PieceKind.PICTURE, PieceKind.COLOUR, PieceKind.DENSITY)


def _checked(
    form: _Format, kept: Sequence[Piece], shared: bytes, packet: bytes | None
) -> tuple[Piece, ...]:
    """Read the copy as any stranger would, and believe only what is there."""
    stays = [_with_label(form, piece, packet) for piece in form.split(shared)]
    if any(piece.kind not in STAYING for piece in stays):
        raise MetadataError("the copy would have carried more than the picture")
    if _pictures(stays) != _pictures(kept):
        raise MetadataError("the copy would not have been the same picture")
    if packet is not None and not any(piece.kind is PieceKind.LABEL for piece in stays):
        raise MetadataError("the copy would have lost its label")
    return tuple(stays)


def _with_label(form: _Format, piece: Piece, packet: bytes | None) -> Piece:
    if piece.kind is PieceKind.XMP and packet is not None and form.packet_of(piece) == packet:
        return Piece(PieceKind.LABEL, piece.name, piece.raw)
    return piece


def _pictures(pieces: Sequence[Piece]) -> list[bytes]:
    # A WebP's first chunk tells what else is in the file, so it is the one that has to change.
    return [piece.raw for piece in pieces if _is_kept(piece) and piece.name != "VP8X"]
