"""Names that the artist gives to tags, albums and searches, and their copies in the records.

Two names are the same if they differ only in upper and lower case, in any script, or in how an
accent is encoded. SQLite's NOCASE knows the 26 letters of ASCII alone (Ä and ä are two to it), so
that names are compared here, and the tables' UNIQUE is only the last fence.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from algovera_desktop.domain.errors import NameRefusedError

MAX_NAME_CHARS = 100
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of surrogate pairs, and what breaks a line: names stand one a line."""


def good_name(name: str) -> str:
    """The name as it is kept, in Unicode's form C and without white space around it.

    Raises NameRefusedError for one that is empty, above MAX_NAME_CHARS, or not one line.
    """
    good = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(good) <= MAX_NAME_CHARS:
        raise NameRefusedError(f"a name has 1 to {MAX_NAME_CHARS} characters", name)
    if any(unicodedata.category(letter) in _REFUSED for letter in good):
        raise NameRefusedError("a name is one line of text", name)
    return good


def folded(name: str) -> str:
    """What is equal for names that are the same."""
    return unicodedata.normalize("NFC", name.casefold())


def order_of(name: str) -> tuple[str, str]:
    """Sorts names as people do."""
    return folded(name), name


def find_name(
    connection: sqlite3.Connection, table: str, name: str, but_id: int | None = None
) -> tuple[int, str] | None:
    """The id and the spelling of the row of ``table`` whose name is the same; ``but_id`` is the id
    of one that does not count."""
    statement = f"SELECT id, name FROM {table} WHERE name = ? AND id IS NOT ?"
    if row := connection.execute(statement, (name, but_id)).fetchone():
        return row["id"], row["name"]
    statement = f"SELECT json_group_array(json_array(id, name)) FROM {table} WHERE id IS NOT ?"
    wanted = folded(name)
    for row_id, other in json.loads(connection.execute(statement, (but_id,)).fetchone()[0]):
        if folded(other) == wanted:
            return row_id, other
    return None


@dataclass(frozen=True, slots=True)
class CopiedNames:
    """A column of ``images`` that repeats, one a line, the names of what a picture is linked to."""

    column: str
    table: str
    links: str
    link: str

    def refresh(self, connection: sqlite3.Connection, ids: str) -> None:
        """Write the column of these pictures (JSON) anew where it is not what the links say."""
        found = connection.execute(
            f"""SELECT json_group_array(json_array(id, name)) FROM {self.table}
                WHERE id IN (SELECT {self.link} FROM {self.links}
                             WHERE image_id IN (SELECT value FROM json_each(?)))""",
            (ids,),
        )
        named: list[tuple[int, str]] = json.loads(found.fetchone()[0])
        named.sort(key=lambda row: order_of(row[1]))
        _put_in_order(connection, named)
        connection.execute(self._refreshing(), (ids,))

    def _refreshing(self) -> str:
        return f"""
            WITH lines (image_id, names, nth) AS (
                SELECT touched.value, group_concat(name, char(10)) OVER lines,
                       row_number() OVER lines
                FROM json_each(?) AS touched
                LEFT JOIN {self.links} ON image_id = touched.value
                LEFT JOIN name_places ON name_places.id = {self.link}
                WINDOW lines AS (PARTITION BY touched.value ORDER BY place
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
            )
            UPDATE images SET {self.column} = coalesce(names, '')
            FROM lines
            WHERE nth = 1 AND images.id = image_id AND {self.column} <> coalesce(names, '')"""


def _put_in_order(connection: sqlite3.Connection, named: list[tuple[int, str]]) -> None:
    """Let SQLite sort by an order that it has no collation for. It needs a table with a key for
    that: a list it would go through for each name of each picture."""
    connection.execute(
        """CREATE TEMP TABLE IF NOT EXISTS name_places (
               id INTEGER PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL)"""
    )
    connection.execute("DELETE FROM name_places")
    connection.execute(
        """INSERT INTO name_places (id, place, name)
           SELECT json_extract(value, '$[0]'), key, json_extract(value, '$[1]')
           FROM json_each(?)""",
        (json.dumps(named),),
    )


TAG_NAMES = CopiedNames("tags", "tags", "image_tags", "tag_id")
ALBUM_NAMES = CopiedNames("albums", "albums", "album_images", "album_id")


def refresh_copies(
    connection: sqlite3.Connection, ids: str, copies: Iterable[CopiedNames] = ()
) -> None:
    """Bring the copied names of pictures (JSON) up to date, and have their sidecars written."""
    for copy in copies:
        copy.refresh(connection, ids)
    connection.execute(
        """UPDATE images SET sidecar_due = sidecar_due + 1
           WHERE id IN (SELECT value FROM json_each(?))""",
        (ids,),
    )
