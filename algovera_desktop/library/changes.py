"""What a deed did to the curation, in a form in which it can be taken back.

A change is made of parts. A part says of each row that it is about what stood there before and
what stands there after. To take it back is to carry out its reverse, for those rows that still are
as it left them: what was done to them since is not undone by it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from algovera_desktop.library.curated_names import CopiedNames, refresh_copies
from algovera_desktop.library.id_lists import from_json, text_of

NOTHING = "[]"
"""An empty list of rows, as SQLite's ``json_group_array`` writes it."""


class Part(Protocol):
    """The difference to one kind of row."""

    @property
    def touches_lists(self) -> bool:
        """Whether the lists of tags, albums or searches are others by it."""
        ...

    @property
    def copies(self) -> Sequence[CopiedNames]:
        """The names in the pictures' records that are others by it."""
        ...

    def touched(self, connection: sqlite3.Connection) -> str:
        """The ids of the pictures that it is about, as JSON."""
        ...

    def apply(self, connection: sqlite3.Connection) -> None: ...

    def reverse(self, connection: sqlite3.Connection) -> "Iterator[Part]":
        """The parts that take this one back, as far as it still stands."""
        ...


Maker = Callable[[sqlite3.Connection], Iterable[Part]]
"""Says which parts are to be carried out, given what is there; those that would change nothing are
left out. Each part is carried out before the next one is asked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, for ``Curation.revert``. ``image_ids`` are the pictures that were touched;
    ``touches_lists`` says whether tags, albums or searches are others, or count differently, since;
    ``made_id`` is the id of the album or search that was made."""

    parts: tuple[Part, ...]
    image_ids: tuple[int, ...]
    touches_lists: bool
    made_id: int | None = None


def carry_out(connection: sqlite3.Connection, makers: Iterable[Maker]) -> Change | None:
    """Do what the makers say, one after the other; None if there was nothing to be done."""
    parts: list[Part] = []
    touched: list[str] = []
    for make in makers:
        for part in make(connection):
            touched.append(part.touched(connection))
            part.apply(connection)
            parts.append(part)
    if not parts:
        return None
    ids = _union(connection, touched)
    refresh_copies(connection, ids, {copy for part in parts for copy in part.copies})
    touches_lists = any(part.touches_lists for part in parts)
    return Change(tuple(parts), from_json(ids), touches_lists)


def reversing(change: Change) -> list[Maker]:
    return [part.reverse for part in reversed(change.parts)]


def _union(connection: sqlite3.Connection, lists: Sequence[str]) -> str:
    statement = """SELECT json_group_array(DISTINCT one.value)
                   FROM json_each(:lists) AS list, json_each(list.value) AS one"""
    return text_of(connection, statement, {"lists": f"[{','.join(lists)}]"})


Column = Literal["is_favourite", "rating", "notes"]


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """Another value in a column of pictures; ``rows`` are ``[id, before, after]`` as JSON."""

    column: Column
    rows: str

    @property
    def touches_lists(self) -> bool:
        return False

    @property
    def copies(self) -> Sequence[CopiedNames]:
        return ()

    def touched(self, connection: sqlite3.Connection) -> str:
        return ids_in(connection, self.rows)

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            f"""UPDATE images SET {self.column} = json_extract(row.value, '$[2]')
                FROM json_each(?) AS row WHERE images.id = json_extract(row.value, '$[0]')""",
            (self.rows,),
        )

    def reverse(self, connection: sqlite3.Connection) -> "Iterator[ColumnPart]":
        statement = f"""
            SELECT json_group_array(
                json_array(images.id, {self.column}, json_extract(row.value, '$[1]')))
            FROM json_each(:rows) AS row CROSS JOIN images
            WHERE images.id = json_extract(row.value, '$[0]')
              AND {self.column} = json_extract(row.value, '$[2]')"""
        rows = text_of(connection, statement, {"rows": self.rows})
        if rows != NOTHING:
            yield ColumnPart(self.column, rows)


def setting(column: Column, ids: str, value: int | str) -> Maker:
    """Give a column of pictures (JSON) this value."""

    def make(connection: sqlite3.Connection) -> Iterator[Part]:
        statement = f"""SELECT json_group_array(json_array(id, {column}, :value)) FROM images
                        WHERE id IN (SELECT value FROM json_each(:ids)) AND {column} <> :value"""
        rows = text_of(connection, statement, {"ids": ids, "value": value})
        if rows != NOTHING:
            yield ColumnPart(column, rows)

    return make


def ids_in(connection: sqlite3.Connection, rows: str) -> str:
    """The first items of rows, as JSON."""
    statement = "SELECT json_group_array(json_extract(value, '$[0]')) FROM json_each(:rows)"
    return text_of(connection, statement, {"rows": rows})
