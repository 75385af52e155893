"""What an old library file still says, row by row, however damaged it is. It is never written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

from algovera_desktop.library.health import open_read_only

Row = dict[str, Any]
"""Values by the names of their columns."""

_ROWS_AT_ONCE = 512
_ERRORS = (sqlite3.Error, OverflowError)
"""OverflowError: a length that damage has made absurd."""


class OldLibrary:
    """A library file of this or an earlier version. Every call blocks; none raises for damage.

    ``lossy_tables`` are those of which something could not be read.
    """

    def __init__(self, path: Path) -> None:
        self._connection: sqlite3.Connection | None = None
        self.lossy_tables: set[str] = set()
        if not path.exists():
            return
        with suppress(sqlite3.Error):
            self._connection = open_read_only(path)
            # What damage has made of a text is still worth having.
            self._connection.text_factory = _text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go. Idempotent."""
        if self._connection is not None:
            self._connection.close()

    @property
    def is_readable(self) -> bool:
        """Whether it says at least which tables it has."""
        return bool(self._columns("images"))

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table that can be read, each once; none for a table that is not there."""
        columns = self._columns(table)
        if not columns or self._connection is None:
            return
        keys = [name for name, place in columns.items() if place]
        with suppress(*_ERRORS):
            self._connection.execute(f"SELECT rowid FROM {table} LIMIT 0")
            yield from self._by_rowid(self._connection, table)
            return
        yield from self._from_both_ends(self._connection, table, keys)

    def _columns(self, table: str) -> dict[str, int]:
        """Each column with its place in the primary key, 0 for none."""
        if self._connection is None:
            return {}
        try:
            info = self._connection.execute(f"PRAGMA table_info({table})").fetchall()
        except _ERRORS:
            return {}
        return {name: place for _, name, _, _, _, place in info}

    def _by_rowid(self, connection: sqlite3.Connection, table: str) -> Iterator[Row]:
        reached = 0
        last = self._last_rowid(connection, table)
        while True:
            condition = f"rowid > {reached} ORDER BY rowid LIMIT {_ROWS_AT_ONCE}"
            found = self._read(connection, table, condition)
            if found is None:
                if reached >= last:
                    return
                yield from self._between(connection, table, reached + 1, reached + _ROWS_AT_ONCE)
                reached += _ROWS_AT_ONCE
            elif found:
                yield from (row for _, row in found)
                reached = found[-1][0]
            else:
                return

    def _between(
        self, connection: sqlite3.Connection, table: str, first: int, last: int
    ) -> Iterator[Row]:
        """The rows of a stretch, in ever smaller pieces around the damage."""
        found = self._read(connection, table, f"rowid BETWEEN {first} AND {last} ORDER BY rowid")
        if found is not None:
            yield from (row for _, row in found)
        elif first < last:
            middle = (first + last) // 2
            yield from self._between(connection, table, first, middle)
            yield from self._between(connection, table, middle + 1, last)

    def _last_rowid(self, connection: sqlite3.Connection, table: str) -> int:
        """How far to go on beyond damage."""
        for statement in (
            f"SELECT max(rowid) FROM {table}",
            f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",
        ):
            with suppress(*_ERRORS):
                row = connection.execute(statement).fetchone()
                if row is not None and isinstance(row[0], int):
                    return row[0]
        return 0

    def _read(
        self, connection: sqlite3.Connection, table: str, condition: str
    ) -> list[tuple[int, Row]] | None:
        """Rows with their rowids; None if one of them cannot be read."""
        try:
            with closing(
                connection.execute(f"SELECT rowid, * FROM {table} WHERE {condition}")
            ) as cursor:
                names = [column[0] for column in cursor.description[1:]]
                return [(row[0], dict(zip(names, row[1:], strict=True))) for row in cursor]
        except _ERRORS:
            self.lossy_tables.add(table)
            return None

    def _from_both_ends(
        self, connection: sqlite3.Connection, table: str, keys: list[str]
    ) -> Iterator[Row]:
        """Up to the first damage, and then from the end back to it."""
        seen: set[tuple[Any, ...]] = set()
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{key} {direction}" for key in keys)
            try:
                with closing(
                    connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
                ) as cursor:
                    names = [column[0] for column in cursor.description]
                    for values in cursor:
                        row = dict(zip(names, values, strict=True))
                        key = tuple(row[name] for name in keys)
                        if key not in seen:
                            seen.add(key)
                            yield row
            except _ERRORS:
                self.lossy_tables.add(table)
            else:
                return


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
