"""Words on pictures. A tag is there as long as a picture has it, be that one in the trash."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from algovera_desktop.library.changes import NOTHING, Maker, Part
from algovera_desktop.library.curated_names import TAG_NAMES, CopiedNames, find_name, order_of
from algovera_desktop.library.id_lists import text_of


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; ``count`` is how many pictures outside the trash have it, one or more."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class TagPart:
    """A tag put on pictures that had it not, or taken off those that had; ``ids`` are JSON."""

    name: str
    ids: str
    is_on: bool

    @property
    def touches_lists(self) -> bool:
        return True

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return (TAG_NAMES,)

    def touched(self, connection: sqlite3.Connection) -> str:
        return self.ids

    def apply(self, connection: sqlite3.Connection) -> None:
        if self.is_on:
            connection.execute(
                "INSERT INTO image_tags (tag_id, image_id) SELECT ?, value FROM json_each(?)",
                (_find_or_make(connection, self.name), self.ids),
            )
            return
        found = find_name(connection, "tags", self.name)
        assert found is not None
        connection.execute(
            """DELETE FROM image_tags
               WHERE tag_id = ? AND image_id IN (SELECT value FROM json_each(?))""",
            (found[0], self.ids),
        )
        drop_unused(connection)

    def reverse(self, connection: sqlite3.Connection) -> Iterator[Part]:
        make = untagging if self.is_on else tagging
        yield from make(self.name, self.ids)(connection)


@dataclass(frozen=True, slots=True)
class RespelledPart:
    """A tag written with other capitals; ``ids`` are all the pictures that have it, as JSON."""

    before: str
    after: str
    ids: str

    @property
    def touches_lists(self) -> bool:
        return True

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return (TAG_NAMES,)

    def touched(self, connection: sqlite3.Connection) -> str:
        return self.ids

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE tags SET name = ? WHERE name = ? COLLATE BINARY", (self.after, self.before)
        )

    def reverse(self, connection: sqlite3.Connection) -> Iterator[Part]:
        found = find_name(connection, "tags", self.after)
        if found is not None and found[1] == self.after:
            yield from respelling(self.after, self.before)(connection)


def tagging(name: str, ids: str) -> Maker:
    """Put a tag on pictures (JSON)."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        found = find_name(connection, "tags", name)
        statement = """
            SELECT json_group_array(id) FROM images
            WHERE id IN (SELECT value FROM json_each(:ids)) AND NOT EXISTS (
                SELECT 1 FROM image_tags WHERE tag_id = :tag AND image_id = images.id)"""
        tag_id, spelling = found or (None, name)
        without = text_of(connection, statement, {"ids": ids, "tag": tag_id})
        if without != NOTHING:
            yield TagPart(spelling, without, is_on=True)

    return make


def untagging(name: str, ids: str | None = None) -> Maker:
    """Take a tag off pictures (JSON), off all of them for None."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        found = find_name(connection, "tags", name)
        if found is None:
            return
        having = _pictures_with(connection, found[0], ids)
        if having != NOTHING:
            yield TagPart(found[1], having, is_on=False)

    return make


def replacing(name: str, by: str) -> Maker:
    """Put the tag ``by`` in the place of another one on all its pictures."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        for part in untagging(name)(connection):
            yield part
            yield from tagging(by, part.touched(connection))(connection)

    return make


def respelling(name: str, spelling: str) -> Maker:
    """Write a tag with other capitals."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        found = find_name(connection, "tags", name)
        if found is not None and found[1] != spelling:
            having = _pictures_with(connection, found[0], None)
            yield RespelledPart(found[1], spelling, having)

    return make


def tags_in(connection: sqlite3.Connection) -> list[Tag]:
    """Every tag with its pictures counted, sorted as people sort."""
    # The trash is small beside the rest: it is counted and taken off, not looked for in each row.
    statement = """
        SELECT json_group_array(json_array(name, shown)) FROM (
            SELECT name, found - coalesce(hidden, 0) AS shown
            FROM (SELECT tag_id, count(*) AS found FROM image_tags GROUP BY tag_id)
            JOIN tags ON tags.id = tag_id
            LEFT JOIN (
                SELECT tag_id AS hidden_tag_id, count(*) AS hidden
                FROM (SELECT id FROM images WHERE trashed_at IS NOT NULL)
                CROSS JOIN image_tags ON image_id = id GROUP BY tag_id
            ) ON hidden_tag_id = tag_id
        ) WHERE shown > 0"""
    rows: list[tuple[str, int]] = json.loads(text_of(connection, statement, {}))
    return sorted((Tag(*row) for row in rows), key=lambda tag: order_of(tag.name))


def drop_unused(connection: sqlite3.Connection) -> None:
    """Forget the tags that no picture has."""
    connection.execute(
        "DELETE FROM tags WHERE NOT EXISTS (SELECT 1 FROM image_tags WHERE tag_id = tags.id)"
    )


def _find_or_make(connection: sqlite3.Connection, name: str) -> int:
    if found := find_name(connection, "tags", name):
        return found[0]
    made = connection.execute("INSERT INTO tags (name) VALUES (?) RETURNING id", (name,))
    return made.fetchone()[0]


def _pictures_with(connection: sqlite3.Connection, tag_id: int, ids: str | None) -> str:
    among = "" if ids is None else "AND image_id IN (SELECT value FROM json_each(:ids))"
    statement = f"SELECT json_group_array(image_id) FROM image_tags WHERE tag_id = :tag {among}"
    return text_of(connection, statement, {"tag": tag_id, "ids": ids})
