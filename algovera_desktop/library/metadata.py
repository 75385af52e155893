"""A picture's texts in its file: written without loss, read back from any format of ours."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from algovera_desktop.library import jpeg, png, webp
from algovera_desktop.library.formats import JPEG, PNG, WEBP, MetadataError, Sides, media_type_of
from algovera_desktop.library.xmp import XmpFields, read_packet, write_packet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Format:
    embed: Callable[[bytes, str], bytes]
    read: Callable[[bytes], str | None]
    embed_xmp: Callable[[bytes, bytes], bytes]
    read_xmp: Callable[[bytes], bytes | None]
    sides: Callable[[bytes], Sides]


_FORMATS = {
    PNG: _Format(png.embed, png.read, png.embed_xmp, png.read_xmp, png.sides),
    JPEG: _Format(jpeg.embed, jpeg.read, jpeg.embed_xmp, jpeg.read_xmp, jpeg.sides),
    WEBP: _Format(webp.embed, webp.read, webp.embed_xmp, webp.read_xmp, webp.sides),
}


@dataclass(frozen=True, slots=True)
class EmbeddedMetadata:
    """All that a picture's file says of it.

    ``parameters`` is AUTOMATIC1111's text, None if there is none. ``packet`` is the XMP as it
    stands there and ``xmp`` what it says: None where there is none, or where it is damaged.
    """

    parameters: str | None = None
    xmp: XmpFields | None = None
    packet: bytes | None = None


def embed(data: bytes, media_type: str, text: str) -> bytes:
    """A picture's file with ``text`` in the place where AUTOMATIC1111 keeps its parameters.

    The compressed picture stays as it is, byte for byte; a file that has such a text already
    is returned unchanged. Raises MetadataError where that cannot be done.
    """
    return _format(media_type).embed(data, text)


def embed_xmp(data: bytes, media_type: str, packet: bytes) -> bytes:
    """A picture's file with an XMP packet; a file that has one already is returned unchanged.

    The compressed picture stays as it is, byte for byte. Raises MetadataError where that cannot
    be done.
    """
    return _format(media_type).embed_xmp(data, packet)


def embed_all(
    data: bytes, media_type: str, parameters: str, fields: XmpFields
) -> tuple[bytes, tuple[MetadataError, ...]]:
    """The file with its parameters and its XMP, and what kept either from being written.

    A file with room for little says at least how it came to be, not of what words. A text that
    is there already stays. The compressed picture stays as it is, byte for byte.
    """
    errors: list[MetadataError] = []
    try:
        data = embed(data, media_type, parameters)
    except MetadataError as error:
        errors.append(error)
    for said in (fields, replace(fields, description="", origin=None)):
        try:
            return embed_xmp(data, media_type, write_packet(said)), tuple(errors)
        except MetadataError as error:
            errors.append(error)
    return data, tuple(errors)


def read_parameters(data: bytes) -> str | None:
    """The text that a picture's file carries, None if none. Raises MetadataError."""
    return _format(media_type_of(data)).read(data)


def read_embedded(data: bytes) -> EmbeddedMetadata:
    """All that a picture's file says. Raises MetadataError for what is no picture of ours, or is
    cut off; a part that is damaged in itself is as if it were not there."""
    found = _format(media_type_of(data))
    found.sides(data)
    packet = _or_none(found.read_xmp, data)
    fields = None if packet is None else _or_none(read_packet, packet)
    return EmbeddedMetadata(_or_none(found.read, data), fields, packet)


def picture_sides(data: bytes) -> Sides:
    """A picture's sides as its header says, without decoding it. Raises MetadataError."""
    return _format(media_type_of(data)).sides(data)


def _or_none(read: Callable[[bytes], T | None], data: bytes) -> T | None:
    try:
        return read(data)
    except MetadataError:
        return None


def _format(media_type: str | None) -> _Format:
    found = _FORMATS.get(media_type or "")
    if found is None:
        raise MetadataError(f"no place for a text in {media_type or 'an unknown format'}")
    return found
