"""Text in PNG files (W3C PNG specification, third edition: 5 and 11.3.3).

Every chunk of the original stays as it is, byte for byte, and in its order.
"""

import struct
import zlib
from collections.abc import Iterator

from algovera_desktop.library.formats import MetadataError, Sides

KEYWORD = "parameters"
"""The keyword under which AUTOMATIC1111 keeps its text."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BEGINNING = b"\0\0\0\x0dIHDR"
_HEADER_END = 33
_MAX_TEXT_BYTES = 1 << 22


def embed(data: bytes, text: str) -> bytes:
    """The file with ``text`` under KEYWORD, right after its header; unchanged if one is there.

    Latin-1 text goes into a tEXt chunk, any other into an iTXt chunk, as Pillow and so
    AUTOMATIC1111 do it. Raises MetadataError for what is not a whole PNG.
    """
    chunks = list(_chunks(data))
    if chunks[-1][0] != b"IEND":
        raise MetadataError("a PNG that is cut off")
    if any(_keyword(kind, body) == KEYWORD for kind, body, _ in chunks):
        return data
    end_of_header = chunks[0][2]
    return data[:end_of_header] + _text_chunk(text) + data[end_of_header:]


def read(data: bytes) -> str | None:
    """The text under KEYWORD, None if there is none. Raises MetadataError."""
    for kind, body, _ in _chunks(data):
        if _keyword(kind, body) == KEYWORD:
            return _text(kind, body)
    return None


def sides(data: bytes) -> Sides:
    """Raises MetadataError for a PNG that is cut off."""
    chunks = list(_chunks(data))
    if chunks[-1][0] != b"IEND":
        raise MetadataError("a PNG that is cut off")
    return Sides(*struct.unpack(">II", chunks[0][1][:8]))


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Type, body and end offset of each chunk, IHDR first; stops before one that is cut off."""
    if not data.startswith(_SIGNATURE + _HEADER_BEGINNING) or len(data) < _HEADER_END:
        raise MetadataError("not a PNG")
    view = memoryview(data)
    position = len(_SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > len(data):
            return
        kind = data[position + 4 : position + 8]
        yield kind, view[position + 8 : end - 4], end
        if kind == b"IEND":
            return
        position = end


def _keyword(kind: bytes, body: memoryview) -> str | None:
    if kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return None
    return bytes(body[:80]).partition(b"\0")[0].decode("latin-1")


def _text(kind: bytes, body: memoryview) -> str:
    rest = bytes(body).partition(b"\0")[2]
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflated(rest[1:]).decode("latin-1")
    is_compressed, rest = rest[:1] == b"\x01", rest[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    return (_inflated(text) if is_compressed else text).decode("utf-8", "replace")


def _inflated(data: bytes) -> bytes:
    """Decompressed text; a bomb is refused rather than unpacked."""
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(data, _MAX_TEXT_BYTES)
    except zlib.error as error:
        raise MetadataError("a text that cannot be unpacked") from error
    if inflater.unconsumed_tail:
        raise MetadataError("a text that is too long")
    return text


def _text_chunk(text: str) -> bytes:
    try:
        kind, body = b"tEXt", KEYWORD.encode() + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        kind, body = b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + _utf8(text)
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MetadataError("a text with broken characters") from error
