"""A library that was cut off, that is damaged, that takes the place of another."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, LibraryCorruptError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.health import LibraryHealth, damage_in, is_foreign
from algovera_desktop.library.migrations import MIGRATIONS
from algovera_desktop.library.replacement import (
    finish,
    put_in_place,
    suspicion_path,
    unfinished_path,
    was_left_open,
)
from algovera_desktop.library.salvage import OldLibrary
from algovera_desktop.library.store import Library

PAGE_BYTES = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite3"


def new_image(number: int) -> NewImage:
    return NewImage(
        path=f"2026-11/{number}.png",
        sha256=f"{number:064x}",
        size_bytes=1,
        media_type="image/png",
        width=64,
        height=48,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        server_name="",
        model_title="",
        job_id="",
        request=GenerationRequest(f"fox {number} " + "in the snow " * 30, "sketch"),
    )


def add_images(database: Database, count: int) -> None:
    library = Library(database)

    def add(connection: sqlite3.Connection) -> None:
        for number in range(count):
            library.add_in(connection, new_image(number))

    database.write(add)


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed library of 400 pictures."""
    with closing(Database(path)) as database:
        add_images(database, 400)
    return path


def put_all_in_an_album(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO albums VALUES (1, 'best', 1)")
    connection.execute("INSERT INTO album_images SELECT 1, id, id FROM images")


def leave_open(path: Path) -> None:
    """Let a process die over the library."""
    die = f"""
import os, signal
from pathlib import Path
from algovera_desktop.library.database import Database
Database(Path({str(path)!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", die], check=False)
    assert ended.returncode == -signal.SIGKILL


def pages_of(path: Path, table: str) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()[0]
    marked = [
        number
        for number in range(1, path.stat().st_size // PAGE_BYTES)
        if b"fox " in page(path, number) and page(path, number)[0] == 13
    ]
    return [root, *marked]


def page(path: Path, number: int) -> bytes:
    with path.open("rb") as file:
        file.seek(number * PAGE_BYTES)
        return file.read(PAGE_BYTES)


def damage(path: Path, number: int) -> None:
    """Overwrite the page with this number, counted from 0, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(number * PAGE_BYTES)
        file.write(os.urandom(64) + b"\xa5" * 1000)


def damage_some_pictures(path: Path) -> None:
    _, *leaves = pages_of(path, "images")
    damage(path, leaves[len(leaves) // 2])


@pytest.fixture
def token() -> Iterator[CancelToken]:
    return CancelToken()


def test_a_library_that_was_closed_is_not_checked(path: Path) -> None:
    Database(path).close()
    with closing(Database(path)) as database:
        assert not database.was_left_open
        assert not LibraryHealth(database, path).is_check_due()


def test_a_library_that_was_cut_off_is_checked_once(path: Path, token: CancelToken) -> None:
    leave_open(path)
    with closing(Database(path)) as database:
        health = LibraryHealth(database, path)
        assert health.is_check_due()
        assert health.check(token) == ()
    with closing(Database(path)) as database:
        assert not LibraryHealth(database, path).is_check_due()


def test_a_check_that_did_not_come_to_its_end_stays_due(path: Path, token: CancelToken) -> None:
    leave_open(path)
    token.cancel()
    with closing(Database(path)) as database:
        assert LibraryHealth(database, path).is_check_due()
        with pytest.raises(JobCancelledError):
            LibraryHealth(database, path).check(token)
    with closing(Database(path)) as database:
        assert LibraryHealth(database, path).is_check_due()


def test_damage_is_told_and_remembered_for_the_next_start(filled: Path, token: CancelToken) -> None:
    damage_some_pictures(filled)
    with closing(Database(filled)) as database:
        assert LibraryHealth(database, filled).check(token)
    assert suspicion_path(filled).exists()
    assert damage_in(filled, token)


def test_a_read_that_meets_damage_remembers_it_for_the_next_start(filled: Path) -> None:
    damage_some_pictures(filled)
    with closing(Database(filled)) as database, pytest.raises(LibraryCorruptError):
        database.read(lambda connection: connection.execute("SELECT * FROM images").fetchall())
    assert suspicion_path(filled).exists()


def test_a_file_that_is_no_database_is_damaged_and_not_foreign(
    path: Path, token: CancelToken
) -> None:
    path.write_bytes(b"\xa5" * 10_000)
    assert damage_in(path, token)
    assert not is_foreign(path)


def test_only_another_programs_database_is_foreign(filled: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    assert is_foreign(other)
    assert not is_foreign(filled)
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA application_id = 0")
    assert not is_foreign(filled)


def test_looking_for_damage_changes_nothing(path: Path, token: CancelToken) -> None:
    leave_open(path)
    before = {file.name: file.read_bytes() for file in path.parent.glob("library.sqlite3*")}
    assert damage_in(path, token) == ()
    with OldLibrary(path) as old:
        assert list(old.rows("images")) == []
    assert was_left_open(path)
    after = {file.name: file.read_bytes() for file in path.parent.glob("library.sqlite3*")}
    assert {name: after[name] for name in before if not name.endswith("-shm")} == {
        name: data for name, data in before.items() if not name.endswith("-shm")
    }


def test_all_of_a_whole_library_is_read(filled: Path) -> None:
    with OldLibrary(filled) as old:
        assert [row["path"] for row in old.rows("images")] == [
            new_image(number).path for number in range(400)
        ]
        assert old.is_readable
        assert not old.lossy_tables


def test_what_damage_has_spared_is_read(filled: Path) -> None:
    damage_some_pictures(filled)
    with OldLibrary(filled) as old:
        found = {row["path"] for row in old.rows("images")}
    everything = {new_image(number).path for number in range(400)}
    assert found < everything
    assert len(found) > 350
    assert old.lossy_tables == {"images"}


def test_the_rows_of_a_table_without_numbers_are_read_from_both_ends(filled: Path) -> None:
    with closing(Database(filled)) as database:
        database.write(put_all_in_an_album)
    with OldLibrary(filled) as old:
        assert [row["image_id"] for row in old.rows("album_images")] == list(range(1, 401))


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"\0" * 5000])
def test_what_cannot_be_read_at_all_yields_nothing(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with OldLibrary(path) as old:
        assert list(old.rows("images")) == []
        assert not old.is_readable


def test_an_earlier_versions_library_is_read(path: Path) -> None:
    with closing(Database(path, migrations=MIGRATIONS[:2])):
        pass
    with OldLibrary(path) as old:
        assert old.is_readable
        assert list(old.rows("saved_searches")) == []


def write_new(path: Path) -> None:
    unfinished_path(path).write_bytes(b"new")


def test_a_new_library_takes_the_place_of_the_one_before_which_is_kept(filled: Path) -> None:
    before = filled.read_bytes()
    write_new(filled)
    aside = put_in_place(filled)
    assert filled.read_bytes() == b"new"
    assert aside is not None
    assert aside.name.startswith("library.sqlite3.before-")
    assert aside.read_bytes() == before


def test_a_damaged_library_is_set_aside_under_a_name_of_its_own_each_time(path: Path) -> None:
    names: set[str] = set()
    for content in (b"one", b"two"):
        path.write_bytes(content)
        suspicion_path(path).touch()
        write_new(path)
        aside = put_in_place(path)
        assert aside is not None
        assert aside.read_bytes() == content
        names.add(aside.name)
    assert len(names) == 2
    assert all(name.startswith("library.sqlite3.damaged-") for name in names)
    assert not suspicion_path(path).exists()


def test_the_log_of_the_one_before_leaves_with_it(path: Path) -> None:
    leave_open(path)
    write_new(path)
    aside = put_in_place(path)
    assert aside is not None
    assert not was_left_open(path)
    assert was_left_open(aside)


def test_a_swap_that_was_cut_off_is_finished_by_whoever_opens_the_library(filled: Path) -> None:
    new = filled.with_name("library.sqlite3.rebuilt")
    with closing(Database(filled.with_name("other.sqlite3"))) as other:
        add_images(other, 3)
    filled.with_name("other.sqlite3").replace(new)
    with closing(Database(filled)) as database:
        assert database.read(
            lambda connection: connection.execute("SELECT count(*) FROM images").fetchone()[0]
        ) == (3)
    assert list(filled.parent.glob("*.before-*"))
    assert finish(filled) is None
