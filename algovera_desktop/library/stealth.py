"""The texts that NovelAI hides in the alpha channel of its PNGs, beside those that anybody sees.

Its own ``novelai-image-metadata`` writes them: the lowest bits of the alpha channel, column after
column from the top, are the word ``stealth_pngcomp``, a length in bits (32 bits, the highest
first), and JSON packed with gzip, whose texts are those that the PNG has as chunks too. They
outlive programs that take the chunks out.

No library for pictures is needed, and few pixels: PNG filters each channel for itself (W3C PNG,
9.2), so only the first columns of one channel are worked out, and of most pictures only as many
rows as show that there is no such word.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO, cast

from algovera_desktop.library.formats import MetadataError

_WORD = b"stealth_pngcomp"
_WORD_BITS = 8 * len(_WORD)
_LENGTH_BITS = 32
_MAX_PACKED_BITS = 1 << 19
_MAX_TEXT_BYTES = 1 << 21
_MAX_WIDTH = 1 << 15
_MAX_PIXELS = 1 << 26
"""What is larger was made larger by others, and the bits with it."""

_HEADER = struct.Struct(">8x4x4sIIBBBBB4x")
_EIGHT_BITS_RGBA_NOT_INTERLACED = (8, 6, 0, 0, 0)
_CHANNELS = 4
_PIECE_BYTES = 1 << 16


def stealth_texts(file: BinaryIO) -> dict[str, str]:
    """The texts by keyword that are hidden in an open PNG; none where it has none, or where they
    make no sense. Raises OSError."""
    with suppress(MetadataError, EOFError, zlib.error, struct.error, ValueError, RecursionError):
        return _texts(file)
    return {}


def _texts(file: BinaryIO) -> dict[str, str]:
    file.seek(0)
    kind, width, height, *form = _HEADER.unpack(file.read(_HEADER.size))
    fits = kind == b"IHDR" and tuple(form) == _EIGHT_BITS_RGBA_NOT_INTERLACED
    if not fits or width > _MAX_WIDTH or not 0 < width * height <= _MAX_PIXELS:
        return {}
    # With rows enough the word is in the first column, and the rest of them need not be read.
    if _bits(file, width, height, _WORD_BITS, rows=min(height, _WORD_BITS)) != _WORD:
        return {}
    head = _bits(file, width, height, _WORD_BITS + _LENGTH_BITS)
    length = int.from_bytes(head[len(_WORD) :])
    if length > _MAX_PACKED_BITS or length % 8:
        return {}
    packed = _bits(file, width, height, _WORD_BITS + _LENGTH_BITS + length)[len(head) :]
    found: object = json.loads(_unpacked(packed))
    if not isinstance(found, dict):
        return {}
    named = cast("dict[str, object]", found)
    return {keyword: text for keyword, text in named.items() if isinstance(text, str)}


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = unpacking.decompress(packed, _MAX_TEXT_BYTES)
    if not unpacking.eof:
        raise MetadataError("the hidden texts are too long or cut off")
    return text


def _bits(file: BinaryIO, width: int, height: int, count: int, *, rows: int | None = None) -> bytes:
    """The first bits of the alpha channel, eight to a byte; of ``rows`` rows if those suffice."""
    columns = -(-count // (rows or height))
    if columns > width:
        raise MetadataError("the picture has fewer pixels")
    if rows is not None and columns > 1:
        rows = None
    alpha = list(islice(_alpha(file, width, height, columns), rows or height))
    digits = "".join("01"[row[x] & 1] for x in range(columns) for row in alpha)
    return int(digits[:count], 2).to_bytes(count // 8)


def _alpha(file: BinaryIO, width: int, height: int, columns: int) -> Iterator[bytes]:
    """The alpha of each row's first pixels."""
    above = bytes(columns)
    for line in _lines(file, 1 + _CHANNELS * width, height):
        filtered = line[_CHANNELS : 1 + _CHANNELS * columns : _CHANNELS]
        above = _unfiltered(line[0], filtered, above)
        yield above


def _unfiltered(kind: int, filtered: bytes, above: bytes) -> bytes:
    """W3C PNG, 9.2, for pixels of one byte."""
    if kind == 0:
        return filtered
    row = bytearray()
    left = above_left = 0
    for value, up in zip(filtered, above, strict=True):
        if kind == 1:
            expected = left
        elif kind == 2:
            expected = up
        elif kind == 3:
            expected = (left + up) // 2
        elif kind == 4:
            expected = _paeth(left, up, above_left)
        else:
            raise MetadataError("a row has no filter that PNG knows")
        left, above_left = (value + expected) & 255, up
        row.append(left)
    return bytes(row)


def _paeth(left: int, up: int, above_left: int) -> int:
    guess = left + up - above_left
    return min((left, up, above_left), key=lambda one: abs(guess - one))


def _lines(file: BinaryIO, length: int, height: int) -> Iterator[bytes]:
    """The rows as they are packed, each with its filter's number in front."""
    buffer = bytearray()
    left = height
    for piece in _inflated(_pixel_data(file)):
        buffer += piece
        while len(buffer) >= length and left:
            yield bytes(buffer[:length])
            del buffer[:length]
            left -= 1
        if not left:
            return
    raise EOFError


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj()
    for piece in pieces:
        rest = piece
        while rest and not inflating.eof:
            yield inflating.decompress(rest, _PIECE_BYTES)
            rest = inflating.unconsumed_tail


def _pixel_data(file: BinaryIO) -> Iterator[bytes]:
    file.seek(_HEADER.size)
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return
        if kind != b"IDAT":
            file.seek(length + 4, 1)
            continue
        while length:
            piece = file.read(min(length, _PIECE_BYTES))
            if not piece:
                return
            length -= len(piece)
            yield piece
        file.seek(4, 1)
