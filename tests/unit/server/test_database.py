"""What goes wrong with the server's database is told by class, and undone."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import (
    DiskFullError,
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
    SchemaTooNewError,
)
from algovera_desktop.server.database import Database
from algovera_desktop.server.sql import MIGRATIONS, Connection
from algovera_desktop.server.sql_sqlite import translated
from support.full_disk import fill, small_disk_at

ADD_JOB = "INSERT INTO jobs (id, owner, state, request, created_at) VALUES ('1', '', '', '', 0)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "server.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(path)
    yield database
    database.close()


def count_jobs(connection: Connection) -> int:
    return connection.execute("SELECT count(*) FROM jobs").fetchone()[0]


def test_an_operation_that_fails_leaves_no_trace(database: Database) -> None:
    def operation(connection: Connection) -> None:
        connection.execute(ADD_JOB)
        raise KeyError

    with pytest.raises(KeyError):
        database.call(operation)
    assert database.call(count_jobs) == 0


def test_every_commit_is_on_disk_before_it_is_believed(database: Database) -> None:
    def pragmas(connection: Connection) -> tuple[str, int]:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        return mode, synchronous

    assert database.call(pragmas) == ("wal", 2)


def test_a_second_process_sees_what_the_first_wrote(database: Database, path: Path) -> None:
    other = Database(path)
    other.call(lambda connection: connection.execute(ADD_JOB))
    other.close()
    assert database.call(count_jobs) == 1


def test_a_file_of_a_later_version_is_left_alone(database: Database, path: Path) -> None:
    database.call(lambda connection: connection.execute("PRAGMA user_version = 99"))
    with pytest.raises(SchemaTooNewError):
        Database(path)


def test_a_file_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    earlier = sqlite3.connect(path)
    earlier.executescript(MIGRATIONS[0])
    earlier.execute(ADD_JOB)
    earlier.execute("PRAGMA user_version = 1")
    earlier.commit()
    earlier.close()
    database = Database(path)
    assert database.call(count_jobs) == 1
    database.call(lambda connection: connection.execute("SELECT * FROM client_refs"))
    (version,) = database.call(lambda c: c.execute("PRAGMA user_version").fetchone())
    assert version == len(MIGRATIONS)
    database.close()
    kept = sqlite3.connect(tmp_path / "server.db.before-2")
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert kept.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    kept.close()
    if os.name == "posix":
        assert (tmp_path / "server.db.before-2").stat().st_mode & 0o077 == 0


def test_a_new_file_and_one_that_is_up_to_date_are_not_copied(tmp_path: Path) -> None:
    for _ in range(2):
        Database(tmp_path / "server.db").close()
    assert not list(tmp_path.glob("*.before-*"))


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LibraryCorruptError) as told:
        Database(path)
    assert f"Give {path} another name" in str(told.value)
    path.rename(tmp_path / "another name")
    Database(path).close()


def test_without_room_for_a_copy_an_earlier_file_is_left_as_it_was(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as folder:
        path = folder / "server.db"
        with closing(sqlite3.connect(path)) as earlier:
            earlier.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
        before = path.read_bytes()
        ballast = fill(folder, leave_bytes=8192)
        with pytest.raises(DiskFullError):
            Database(path)
        assert path.read_bytes() == before
        assert sorted(folder.iterdir()) == [ballast, path]


def test_a_full_disk_is_told_of_a_file_that_was_closed_well(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as folder:
        Database(folder / "server.db").close()
        fill(folder)
        with pytest.raises(DiskFullError, match="No space is left"):
            Database(folder / "server.db")


def test_a_place_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="cannot be opened"):
        Database(tmp_path / "file" / "server.db")


def test_a_database_that_another_holds_is_busy(database: Database, path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = sqlite3.connect(path, isolation_level=None, timeout=0)
    with pytest.raises(sqlite3.OperationalError) as caught:
        impatient.execute("BEGIN IMMEDIATE")
    holder.close()
    impatient.close()
    assert isinstance(translated(caught.value), LibraryBusyError)


def test_closing_twice_does_no_harm(database: Database) -> None:
    database.close()
    database.close()
