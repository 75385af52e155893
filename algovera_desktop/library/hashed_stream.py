"""A file read once, from front to back, and hashed on the way."""

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from algovera_desktop.library.formats import MetadataError

BLOCK_BYTES = 1 << 20
"""How much of a file is held at a time: most pictures are one block."""


class HashedStream:
    """Hands out a file's bytes in order; raises MetadataError where it ends before its time.

    What is skipped is read and hashed too, but never kept. OSError passes through.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.size_bytes = file.seek(0, io.SEEK_END)
        file.seek(0)
        self._file = file
        self._digest = hashlib.sha256()
        self._block = b""
        self._position = 0
        self._unread_bytes = self.size_bytes

    @property
    def left_bytes(self) -> int:
        """How many bytes are still to come."""
        return len(self._block) - self._position + self._unread_bytes

    def peek(self, length: int) -> bytes:
        """The first ``length`` bytes of the file, or all there are; before anything is taken."""
        if not self._block and self._unread_bytes:
            self._read_block()
        return self._block[:length]

    def take(self, length: int) -> bytes:
        """The next ``length`` bytes; the caller sees to it that these fit into memory."""
        end = self._position + length
        if end <= len(self._block):
            taken = self._block[self._position : end]
            self._position = end
            return taken
        self._expect(length)
        parts: list[bytes] = []
        while length:
            if self._position == len(self._block):
                self._read_block()
            part = self._block[self._position : self._position + length]
            self._position += len(part)
            length -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, length: int) -> None:
        """Pass over the next ``length`` bytes."""
        self._expect(length)
        while length > len(self._block) - self._position:
            length -= len(self._block) - self._position
            self._read_block()
        self._position += length

    def rest(self) -> Iterator[bytes]:
        """All that is still to come, in blocks."""
        while self.left_bytes:
            if self._position == len(self._block):
                self._read_block()
            part = self._block[self._position :]
            self._position = len(self._block)
            yield part

    def sha256(self) -> str:
        """The hash of the whole file, in hex; passes over what is left."""
        self.skip(self.left_bytes)
        return self._digest.hexdigest()

    def _expect(self, length: int) -> None:
        if length > self.left_bytes:
            raise MetadataError("the file is cut off")

    def _read_block(self) -> None:
        block = self._file.read(min(BLOCK_BYTES, self._unread_bytes))
        if not block:
            raise MetadataError("the file became shorter while it was read")
        self._digest.update(block)
        self._unread_bytes -= len(block)
        self._block, self._position = block, 0
