"""A picture's text in its file: written without loss, read back from any format of ours."""

from collections.abc import Callable
from dataclasses import dataclass

from algovera_desktop.library import jpeg, png, webp
from algovera_desktop.library.formats import JPEG, PNG, WEBP, MetadataError, Sides, media_type_of


@dataclass(frozen=True, slots=True)
class _Format:
    embed: Callable[[bytes, str], bytes]
    read: Callable[[bytes], str | None]
    sides: Callable[[bytes], Sides]


_FORMATS = {
    PNG: _Format(png.embed, png.read, png.sides),
    JPEG: _Format(jpeg.embed, jpeg.read, jpeg.sides),
    WEBP: _Format(webp.embed, webp.read, webp.sides),
}


def embed(data: bytes, media_type: str, text: str) -> bytes:
    """A picture's file with ``text`` in the place where AUTOMATIC1111 keeps its parameters.

    The compressed picture stays as it is, byte for byte; a file that has such a text already
    is returned unchanged. Raises MetadataError where that cannot be done.
    """
    return _format(media_type).embed(data, text)


def read_parameters(data: bytes) -> str | None:
    """The text that a picture's file carries, None if none. Raises MetadataError."""
    return _format(media_type_of(data)).read(data)


def picture_sides(data: bytes) -> Sides:
    """A picture's sides as its header says, without decoding it. Raises MetadataError."""
    return _format(media_type_of(data)).sides(data)


def _format(media_type: str | None) -> _Format:
    found = _FORMATS.get(media_type or "")
    if found is None:
        raise MetadataError(f"no place for a text in {media_type or 'an unknown format'}")
    return found
