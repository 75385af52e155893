"""Text in PNG files (W3C PNG specification, third edition: 5 and 11.3.3).

Every chunk of the original stays as it is, byte for byte, and in its order.
"""

import struct
import zlib
from collections.abc import Iterator

from algovera_desktop.library.formats import MetadataError, Sides

KEYWORD = "parameters"
"""The keyword under which AUTOMATIC1111 keeps its text."""

XMP_KEYWORD = "XML:com.adobe.xmp"
"""ISO 16684-3:2021, 5.3: the packet as an iTXt chunk, not compressed."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BEGINNING = b"\0\0\0\x0dIHDR"
_HEADER_END = 33
_MAX_TEXT_BYTES = 1 << 22


def embed(data: bytes, text: str) -> bytes:
    """The file with ``text`` under KEYWORD, right after its header; unchanged if one is there.

    Latin-1 text goes into a tEXt chunk, any other into an iTXt chunk, as Pillow and so
    AUTOMATIC1111 do it. Raises MetadataError for what is not a whole PNG.
    """
    return _with_text(data, KEYWORD, _text_chunk(text))


def embed_xmp(data: bytes, packet: bytes) -> bytes:
    """The file with an XMP packet in UTF-8, right after its header; unchanged if it has one.

    Raises MetadataError for what is not a whole PNG.
    """
    return _with_text(data, XMP_KEYWORD, _international(XMP_KEYWORD, packet))


def read(data: bytes) -> str | None:
    """The text under KEYWORD, None if there is none. Raises MetadataError."""
    return _read(data, KEYWORD)


def read_xmp(data: bytes) -> bytes | None:
    """The XMP packet, None if there is none. Raises MetadataError."""
    text = _read(data, XMP_KEYWORD)
    return None if text is None else text.encode()


def sides(data: bytes) -> Sides:
    """Raises MetadataError for a PNG that is cut off."""
    chunks = list(_chunks(data))
    if chunks[-1][0] != b"IEND":
        raise MetadataError("a PNG that is cut off")
    return Sides(*struct.unpack(">II", chunks[0][1][:8]))


def _with_text(data: bytes, keyword: str, chunk: bytes) -> bytes:
    chunks = list(_chunks(data))
    if chunks[-1][0] != b"IEND":
        raise MetadataError("a PNG that is cut off")
    if any(_keyword(kind, body) == keyword for kind, body, _ in chunks):
        return data
    end_of_header = chunks[0][2]
    return data[:end_of_header] + chunk + data[end_of_header:]


def _read(data: bytes, keyword: str) -> str | None:
    for kind, body, _ in _chunks(data):
        if _keyword(kind, body) == keyword:
            return _text(kind, body)
    return None


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
        return _chunk(b"tEXt", KEYWORD.encode() + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _international(KEYWORD, _utf8(text))


def _international(keyword: str, text: bytes) -> bytes:
    return _chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MetadataError("a text with broken characters") from error
