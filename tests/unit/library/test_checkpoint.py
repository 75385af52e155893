"""What was written is copied from the WAL into the library's file, without being waited for."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.library.database import Database


def names_in_the_file_alone(database: Database, folder: Path) -> list[str]:
    database.write(lambda _connection: None)  # Waits for what the writer had still to do.
    alone = folder / "alone.sqlite3"
    shutil.copy(folder / "library.sqlite3", alone)
    with closing(sqlite3.connect(alone)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM facts")]


def write(database: Database, first: int, count: int) -> None:
    rows = [(str(number),) for number in range(first, first + count)]
    database.write(
        lambda connection: connection.executemany("INSERT INTO facts VALUES (?, '')", rows)
    )


@pytest.mark.parametrize("at_once", [1000, 10])
def test_the_wal_does_not_grow_without_end(
    database: Database, tmp_path: Path, at_once: int
) -> None:
    for first in range(0, 1000, at_once):
        write(database, first, at_once)
    assert len(names_in_the_file_alone(database, tmp_path)) >= 750


def test_what_a_reader_still_looks_at_is_copied_later(database: Database, tmp_path: Path) -> None:
    def look(connection: sqlite3.Connection) -> int:
        before = connection.execute("SELECT count(*) FROM facts").fetchone()[0]
        write(database, 0, 1000)
        database.write(lambda _connection: None)
        return before + connection.execute("SELECT count(*) FROM facts").fetchone()[0]

    assert database.read(look) == 0
    write(database, 1000, 1000)
    assert len(names_in_the_file_alone(database, tmp_path)) == 2000


def test_closing_copies_all_of_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.sqlite3")
    write(database, 0, 1000)
    database.close()
    assert sorted(path.name for path in tmp_path.glob("library.sqlite3*")) == [
        "library.sqlite3",
        "library.sqlite3.lock",
    ]
