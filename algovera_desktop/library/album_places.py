"""Which pictures are in an album, and in which order.

Places are whole numbers far apart, so that a picture put between two others gets a number between
theirs and nobody else's changes: neither its row nor its sidecar. Where there is no number left
in between, the whole album is numbered anew.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from algovera_desktop.library.changes import NOTHING, Maker, Part, ids_in
from algovera_desktop.library.curated_names import ALBUM_NAMES, CopiedNames
from algovera_desktop.library.id_lists import text_of

STRIDE = 1 << 32


@dataclass(frozen=True, slots=True)
class PlacePart:
    """Pictures put in an album, moved or taken out: ``[id, before, after]`` as JSON, where null is
    the place of a picture that is not in it."""

    album_id: int
    rows: str

    @property
    def touches_lists(self) -> bool:
        return True

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return (ALBUM_NAMES,)

    def touched(self, connection: sqlite3.Connection) -> str:
        return ids_in(connection, self.rows)

    def apply(self, connection: sqlite3.Connection) -> None:
        values = {"album": self.album_id, "rows": self.rows}
        connection.execute(
            """DELETE FROM album_images WHERE album_id = :album AND image_id IN (
                   SELECT json_extract(value, '$[0]') FROM json_each(:rows)
                   WHERE json_extract(value, '$[2]') IS NULL)""",
            values,
        )
        connection.execute(
            """INSERT INTO album_images (album_id, image_id, position)
               SELECT :album, json_extract(value, '$[0]'), json_extract(value, '$[2]')
               FROM json_each(:rows) WHERE json_extract(value, '$[2]') IS NOT NULL
               ON CONFLICT DO UPDATE SET position = excluded.position""",
            values,
        )

    def reverse(self, connection: sqlite3.Connection) -> Iterator[Part]:
        # What was put in goes out wherever it stands by now; what was moved goes back only from
        # where it was moved to.
        statement = """
            WITH
            changed (id, before, after) AS MATERIALIZED (
                SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                       json_extract(value, '$[2]')
                FROM json_each(:rows)
            ),
            present AS (
                SELECT changed.*, position FROM changed
                JOIN images ON images.id = changed.id
                LEFT JOIN album_images ON album_id = :album AND image_id = changed.id
            )
            SELECT json_group_array(json_array(id, position, before)) FROM present
            WHERE CASE WHEN before IS NULL THEN position IS NOT NULL
                       ELSE position IS after END
              AND EXISTS (SELECT 1 FROM albums WHERE id = :album)"""
        values = {"album": self.album_id, "rows": self.rows}
        yield from _placed(self.album_id, text_of(connection, statement, values))


def adding(album_id: int, ids: str, before: int | None) -> list[Maker]:
    """Put those pictures (JSON) in an album that are not in it, before another one of it; None:
    at the end."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        statement = """
            SELECT json_group_array(json_array(id, NULL, :first + :gap * nth)) FROM (
                SELECT images.id AS id, row_number() OVER (ORDER BY key) - 1 AS nth
                FROM json_each(:ids) CROSS JOIN images ON images.id = value
                WHERE EXISTS (SELECT 1 FROM albums WHERE id = :album)
                  AND NOT EXISTS (SELECT 1 FROM album_images
                                  WHERE album_id = :album AND image_id = images.id))"""
        values = _values(album_id, ids, _room(connection, album_id, "[]", before, ids))
        yield from _placed(album_id, text_of(connection, statement, values))

    return [_making_room(album_id, "[]", before, ids), make]


def moving(album_id: int, ids: str, before: int | None) -> list[Maker]:
    """Put pictures (JSON) of an album, in this order, before another one of it; None: at the
    end."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        room = _room(connection, album_id, ids, before, ids)
        if _stand_there(connection, album_id, ids, room):
            return
        statement = """
            SELECT json_group_array(json_array(image_id, position, :first + :gap * nth)) FROM (
                SELECT image_id, position, row_number() OVER (ORDER BY key) - 1 AS nth
                FROM json_each(:ids)
                CROSS JOIN album_images ON album_id = :album AND image_id = value)"""
        values = _values(album_id, ids, room)
        yield from _placed(album_id, text_of(connection, statement, values))

    return [_making_room(album_id, ids, before, ids), make]


def removing(album_id: int, ids: str | None = None) -> Maker:
    """Take pictures (JSON) out of an album, all of them for None."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        among = "" if ids is None else "AND image_id IN (SELECT value FROM json_each(:ids))"
        statement = f"""SELECT json_group_array(json_array(image_id, position, NULL))
                        FROM album_images WHERE album_id = :album {among}"""
        values = {"album": album_id, "ids": ids}
        yield from _placed(album_id, text_of(connection, statement, values))

    return make


@dataclass(frozen=True, slots=True)
class _Room:
    """Where pictures are put: between the places ``low`` and ``high``, None where nobody is, the
    first one at ``first`` and the others ``gap`` apart."""

    low: int | None
    high: int | None
    first: int
    gap: int


def _room(
    connection: sqlite3.Connection, album_id: int, moved: str, before: int | None, ids: str
) -> _Room:
    values = {"album": album_id, "moved": moved, "before": before, "ids": ids}
    others = """FROM album_images WHERE album_id = :album
                AND image_id NOT IN (SELECT value FROM json_each(:moved))"""
    # The one that they are put before may be among them: then it is the next one that stays.
    behind = connection.execute(
        f"""SELECT position, image_id {others} AND (position, image_id) >= (
                SELECT position, image_id FROM album_images
                WHERE album_id = :album AND image_id = :before)
            ORDER BY position, image_id LIMIT 1""",
        values,
    ).fetchone()
    if behind is None:
        last = connection.execute(f"SELECT max(position) {others}", values).fetchone()[0]
        return _Room(last, None, (last or 0) + STRIDE, STRIDE)
    high, high_id = behind
    low = connection.execute(
        f"SELECT max(position) {others} AND (position, image_id) < (:high, :high_id)",
        values | {"high": high, "high_id": high_id},
    ).fetchone()[0]
    count = connection.execute("SELECT json_array_length(:ids)", values).fetchone()[0]
    if low is None:
        return _Room(None, high, high - STRIDE * count, STRIDE)
    gap = (high - low) // (count + 1)
    return _Room(low, high, low + gap, gap)


def _making_room(album_id: int, moved: str, before: int | None, ids: str) -> Maker:
    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        if _room(connection, album_id, moved, before, ids).gap > 0:
            return
        statement = """
            SELECT json_group_array(json_array(image_id, position, place)) FROM (
                SELECT image_id, position,
                       :gap * row_number() OVER (ORDER BY position, image_id) AS place
                FROM album_images WHERE album_id = :album)
            WHERE position <> place"""
        values = {"album": album_id, "gap": STRIDE}
        yield from _placed(album_id, text_of(connection, statement, values))

    return make


def _stand_there(connection: sqlite3.Connection, album_id: int, ids: str, room: _Room) -> bool:
    """Whether the pictures are where they are to be put, in the same order."""
    statement = """
        SELECT coalesce(min((:low IS NULL OR position > :low)
                            AND (:high IS NULL OR position < :high)
                            AND (previous IS NULL OR previous < position)), 1)
        FROM (SELECT position, lag(position) OVER (ORDER BY key) AS previous
              FROM json_each(:ids)
              CROSS JOIN album_images ON album_id = :album AND image_id = value)"""
    values = {"album": album_id, "ids": ids, "low": room.low, "high": room.high}
    return bool(connection.execute(statement, values).fetchone()[0])


def _values(album_id: int, ids: str, room: _Room) -> dict[str, str | int | None]:
    return {"album": album_id, "ids": ids, "first": room.first, "gap": room.gap}


def _placed(album_id: int, rows: str) -> Iterator[Part]:
    if rows != NOTHING:
        yield PlacePart(album_id, rows)
