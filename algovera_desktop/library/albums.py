"""Pictures put together by the artist, in an order; a picture can be in several."""

import json
import sqlite3
from dataclasses import dataclass

from algovera_desktop.library.id_lists import text_of


@dataclass(frozen=True, slots=True)
class Album:
    """An album; ``count`` is how many of its pictures are outside the trash."""

    id: int
    name: str
    count: int


def albums_in(connection: sqlite3.Connection) -> list[Album]:
    """Every album, in the artist's order."""
    # The trash is small beside the rest: it is counted and taken off, not looked for in each row.
    statement = """
        SELECT json_group_array(json_array(id, name, shown)) FROM (
            SELECT id, name, coalesce(found, 0) - coalesce(hidden, 0) AS shown
            FROM albums
            LEFT JOIN (SELECT album_id AS found_id, count(*) AS found
                       FROM album_images GROUP BY album_id) ON found_id = id
            LEFT JOIN (
                SELECT album_id AS hidden_id, count(*) AS hidden
                FROM (SELECT id AS hidden_image_id FROM images WHERE trashed_at IS NOT NULL)
                CROSS JOIN album_images ON image_id = hidden_image_id GROUP BY album_id
            ) ON hidden_id = id
            ORDER BY position, id
        )"""
    return [Album(*row) for row in json.loads(text_of(connection, statement, {}))]
