"""All that a picture's file says in texts, kept beside its record as it was found.

What a reader did not understand is not lost with a file that another program rewrites.
"""

import json
import sqlite3
import zlib
from collections.abc import Mapping

from algovera_desktop.library.database import Database

MAX_BYTES = 1 << 18
"""Of a picture's texts, packed. The file itself still has what finds no room here."""

_QUICK = 1
_INSERT = "INSERT OR REPLACE INTO raw_metadata (image_id, data) VALUES (?, ?)"


def pack(texts: Mapping[str, str]) -> bytes:
    """Texts by keyword as they stand in the table; the longest are left out if need be."""
    packed = _packed(texts)
    room_chars = MAX_BYTES
    while len(packed) > MAX_BYTES:
        packed = _packed(_shortest(texts, room_chars))
        room_chars //= 2
    return packed


def add_packed(connection: sqlite3.Connection, image_id: int, packed: bytes) -> None:
    """Keep what ``pack`` made for a picture, inside someone's write transaction."""
    connection.execute(_INSERT, (image_id, packed))


def _packed(texts: Mapping[str, str]) -> bytes:
    return zlib.compress(json.dumps(dict(texts)).encode(), _QUICK)


def _shortest(texts: Mapping[str, str], room_chars: int) -> dict[str, str]:
    """As many as find room, the shortest first."""
    kept: dict[str, str] = {}
    for keyword, text in sorted(texts.items(), key=lambda item: len(item[0]) + len(item[1])):
        room_chars -= len(keyword) + len(text)
        if room_chars < 0:
            break
        kept[keyword] = text
    return kept


class RawMetadata:
    """Reads them back. Every call blocks and raises LibraryError's kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, image_id: int) -> dict[str, str]:
        """The texts by keyword; none for a picture that was made here."""

        def find(connection: sqlite3.Connection) -> sqlite3.Row | None:
            statement = "SELECT data FROM raw_metadata WHERE image_id = ?"
            return connection.execute(statement, (image_id,)).fetchone()

        row = self._database.read(find)
        return {} if row is None else json.loads(zlib.decompress(row["data"]))
