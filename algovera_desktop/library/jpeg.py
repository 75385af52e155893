"""The user comment in JPEG files (ITU-T T.81, annex B; Exif in APP1, CIPA DC-008, 4.7.2), and the
XMP packet (APP1, ISO 16684-3:2021, 5.2).

The compressed picture and every segment but the Exif one stay as they are, byte for byte.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from algovera_desktop.library import exif
from algovera_desktop.library.formats import MetadataError, Sides

_APP0 = 0xE0
_APP1 = 0xE1
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MAX_PAYLOAD_BYTES = 0xFFFF - 2


@dataclass(frozen=True, slots=True)
class _Segment:
    """A marker segment before the scan, from ``start`` (its 0xFF) to ``end``."""

    marker: int
    payload: bytes
    start: int
    end: int


def embed(data: bytes, text: str) -> bytes:
    """The file with ``text`` as its Exif user comment; unchanged if it has one already.

    Raises MetadataError for what is not a JPEG, or for a text over 64 KiB.
    """
    segments = list(_segments(data))
    old = _exif_segment(segments)
    block = None if old is None else old.payload[len(_EXIF) :]
    if block is not None and exif.read_comment(block) is not None:
        return data
    segment = _app1(_EXIF + exif.with_comment(block, text))
    if old is not None:
        return data[: old.start] + segment + data[old.end :]
    place = _end_of_jfif(segments)
    return data[:place] + segment + data[place:]


def embed_xmp(data: bytes, packet: bytes) -> bytes:
    """The file with an XMP packet, right after the Exif segment, which has to be the first of
    its kind; unchanged if it has one already.

    Raises MetadataError for what is not a JPEG, or for a packet over 64 KiB.
    """
    segments = list(_segments(data))
    if _app1_segment(segments, _XMP) is not None:
        return data
    exif_segment = _exif_segment(segments)
    place = _end_of_jfif(segments) if exif_segment is None else exif_segment.end
    return data[:place] + _app1(_XMP + packet) + data[place:]


def read(data: bytes) -> str | None:
    """The Exif user comment, None if there is none. Raises MetadataError."""
    segment = _exif_segment(list(_segments(data)))
    return None if segment is None else exif.read_comment(segment.payload[len(_EXIF) :])


def read_xmp(data: bytes) -> bytes | None:
    """The XMP packet, None if there is none. Raises MetadataError."""
    segment = _app1_segment(list(_segments(data)), _XMP)
    return None if segment is None else segment.payload[len(_XMP) :]


def sides(data: bytes) -> Sides:
    """Raises MetadataError for a JPEG without a frame."""
    for segment in _segments(data):
        if segment.marker in _FRAMES and len(segment.payload) >= 5:
            height, width = struct.unpack_from(">HH", segment.payload, 1)
            return Sides(width, height)
    raise MetadataError("a JPEG without a frame")


def _app1(payload: bytes) -> bytes:
    if len(payload) > _MAX_PAYLOAD_BYTES:
        raise MetadataError("the text is too long for a JPEG")
    return struct.pack(">BBH", 0xFF, _APP1, len(payload) + 2) + payload


def _end_of_jfif(segments: list[_Segment]) -> int:
    return segments[0].end if segments and segments[0].marker == _APP0 else 2


def _exif_segment(segments: list[_Segment]) -> _Segment | None:
    return _app1_segment(segments, _EXIF)


def _app1_segment(segments: list[_Segment], beginning: bytes) -> _Segment | None:
    return next(
        (s for s in segments if s.marker == _APP1 and s.payload.startswith(beginning)),
        None,
    )


def _segments(data: bytes) -> Iterator[_Segment]:
    """The segments up to the first scan."""
    if not data.startswith(b"\xff\xd8"):
        raise MetadataError("not a JPEG")
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise MetadataError("a JPEG with something between its segments")
        marker = data[position + 1]
        if marker in (_START_OF_SCAN, _END_OF_IMAGE):
            return
        if marker == 0xFF:
            position += 1
        elif marker in _ALONE:
            position += 2
        else:
            end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if end < position + 4 or end > len(data):
                break
            yield _Segment(marker, data[position + 4 : end], position, end)
            position = end
    raise MetadataError("a JPEG that is cut off")
