"""Albums and saved searches: rows that have a name, and a place in the list of their kind."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeAlias

from algovera_desktop.domain.errors import NameTakenError
from algovera_desktop.library.album_places import removing
from algovera_desktop.library.changes import NOTHING, Maker, Part
from algovera_desktop.library.curated_names import (
    ALBUM_NAMES,
    MAX_NAME_CHARS,
    CopiedNames,
    find_name,
)
from algovera_desktop.library.id_lists import text_of

Table = Literal["albums", "saved_searches"]
Values: TypeAlias = tuple[str | int, ...]
"""A row without its id, in the order of its table's columns; the name comes first."""

_COLUMNS: dict[Table, tuple[str, ...]] = {
    "albums": ("name", "position"),
    "saved_searches": ("name", "position", "text", "sort"),
}


@dataclass(frozen=True, slots=True)
class RowPart:
    """A row as it was and as it is; None where there is none."""

    table: Table
    row_id: int
    before: Values | None
    after: Values | None

    @property
    def touches_lists(self) -> bool:
        return True

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return (ALBUM_NAMES,) if self.table == "albums" else ()

    def touched(self, connection: sqlite3.Connection) -> str:
        # An album that is made or deleted is empty: other parts put pictures in or take them out.
        if self.table != "albums":
            return NOTHING
        statement = "SELECT json_group_array(image_id) FROM album_images WHERE album_id = :album"
        return text_of(connection, statement, {"album": self.row_id})

    def apply(self, connection: sqlite3.Connection) -> None:
        if self.after is None:
            connection.execute(f"DELETE FROM {self.table} WHERE id = ?", (self.row_id,))
            return
        columns = _COLUMNS[self.table]
        places = ", ".join("?" * (len(columns) + 1))
        fresh = ", ".join(f"{column} = excluded.{column}" for column in columns)
        connection.execute(
            f"""INSERT INTO {self.table} (id, {", ".join(columns)}) VALUES ({places})
                ON CONFLICT (id) DO UPDATE SET {fresh}""",
            (self.row_id, *self.after),
        )

    def reverse(self, connection: sqlite3.Connection) -> Iterator[Part]:
        if self.before is None:
            yield from deleting(self.table, self.row_id)(connection)
            return
        now = _values(connection, self.table, self.row_id)
        if now == self.after:
            name = _free_name(connection, self.table, str(self.before[0]), self.row_id)
            yield RowPart(self.table, self.row_id, now, (name, *self.before[1:]))


@dataclass(frozen=True, slots=True)
class OrderPart:
    """Other places for rows in the list of their kind; ``rows`` are ``[id, before, after]`` as
    JSON. No picture is another by it."""

    table: Table
    rows: str

    @property
    def touches_lists(self) -> bool:
        return True

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return ()

    def touched(self, connection: sqlite3.Connection) -> str:
        return NOTHING

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            f"""UPDATE {self.table} SET position = json_extract(row.value, '$[2]')
                FROM json_each(?) AS row WHERE {self.table}.id = json_extract(row.value, '$[0]')""",
            (self.rows,),
        )

    def reverse(self, connection: sqlite3.Connection) -> "Iterator[OrderPart]":
        statement = f"""
            SELECT json_group_array(json_array({self.table}.id, position,
                                               json_extract(row.value, '$[1]')))
            FROM json_each(:rows) AS row CROSS JOIN {self.table}
            WHERE {self.table}.id = json_extract(row.value, '$[0]')
              AND position = json_extract(row.value, '$[2]')"""
        rows = text_of(connection, statement, {"rows": self.rows})
        if rows != NOTHING:
            yield OrderPart(self.table, rows)


def making(table: Table, name: str, *more: str) -> Maker:
    """Make a row at the end of its list. Raises NameTakenError."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        _refuse_taken(connection, table, name)
        last = connection.execute(f"SELECT coalesce(max(position), 0) FROM {table}").fetchone()[0]
        yield RowPart(table, next_id(connection, table), None, (name, last + 1, *more))

    return make


def renaming(table: Table, row_id: int, name: str) -> Maker:
    """Give a row another name. Raises NameTakenError."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        now = _values(connection, table, row_id)
        if now is None or now[0] == name:
            return
        _refuse_taken(connection, table, name, row_id)
        yield RowPart(table, row_id, now, (name, *now[1:]))

    return make


def placing(table: Table, row_id: int, before: int | None) -> Maker:
    """Put a row before another one of its list; None, or one that is not there: at the end."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        statement = f"""SELECT json_group_array(json_array(id, position))
                        FROM (SELECT id, position FROM {table} ORDER BY position, id)"""
        positions = dict(json.loads(text_of(connection, statement, {})))
        if row_id not in positions or before == row_id:
            return
        order = [one for one in positions if one != row_id]
        order.insert(order.index(before) if before in positions else len(order), row_id)
        # The lists are short: they are numbered anew, and only what changes is written.
        rows = [[one, positions[one], place] for place, one in enumerate(order, 1)]
        changed = [row for row in rows if row[1] != row[2]]
        if order != list(positions):
            yield OrderPart(table, json.dumps(changed))

    return make


def deleting(table: Table, row_id: int) -> Maker:
    """Delete a row; an album's pictures are taken out first."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        if table == "albums":
            yield from removing(row_id)(connection)
        now = _values(connection, table, row_id)
        if now is not None:
            yield RowPart(table, row_id, now, None)

    return make


def next_id(connection: sqlite3.Connection, table: Table) -> int:
    """The id that the next row gets: none is ever given twice."""
    statement = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = ?"
    return connection.execute(statement, (table,)).fetchone()[0]


def _values(connection: sqlite3.Connection, table: Table, row_id: int) -> Values | None:
    statement = f"SELECT {', '.join(_COLUMNS[table])} FROM {table} WHERE id = ?"
    row = connection.execute(statement, (row_id,)).fetchone()
    return None if row is None else tuple(row)


def _refuse_taken(
    connection: sqlite3.Connection, table: Table, name: str, own_id: int | None = None
) -> None:
    found = find_name(connection, table, name, own_id)
    if found is not None:
        raise NameTakenError(f"{table}: there is one of that name", name)


def _free_name(connection: sqlite3.Connection, table: Table, name: str, own_id: int) -> str:
    """The name, or the first one like it that no other row has taken meanwhile."""
    if find_name(connection, table, name, own_id) is None:
        return name
    for number in count(2):
        ending = f" ({number})"
        free = name[: MAX_NAME_CHARS - len(ending)] + ending
        if find_name(connection, table, free, own_id) is None:
            return free
    raise AssertionError("there is always a next number")
