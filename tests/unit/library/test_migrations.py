"""A library of an earlier version is brought up to date with all that is in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.library.database import Database

VERSION_1 = Path(__file__).with_name("version_1.sql")
LATER_OF_JOBS = {"client_ref": None, "picture_stem": None, "revision": 0, "parent_sha256": ""}
LATER_OF_IMAGES = {
    "tool": "",
    "parent_sha256": "",
    "missing_since": None,
    "is_favourite": 0,
    "rating": 0,
    "notes": "",
    "tags": "",
    "albums": "",
    "modified_ns": 0,
    "sidecar_due": 0,
}


def rows_of(connection: sqlite3.Connection, table: str) -> list[dict[str, object]]:
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def schema_of(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master")
    return {(row[0], row[1], without_layout(row[2])) for row in rows}


def without_layout(sql: str | None) -> str | None:
    return None if sql is None else " ".join(sql.replace(",", " , ").split()).replace(" )", ")")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A library that version 1 wrote."""
    path = tmp_path / "library.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def before(old: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(old)) as connection:
        yield connection


def test_every_picture_and_job_is_kept_as_it_was(old: Path, before: sqlite3.Connection) -> None:
    images, jobs = rows_of(before, "images"), rows_of(before, "jobs")
    before.close()
    with closing(Database(old)) as database:
        kept = database.read(lambda connection: rows_of(connection, "images"))
        found = database.read(lambda connection: rows_of(connection, "jobs"))
    assert (len(images), len(jobs)) == (1, 8)
    assert kept == [{**image, **LATER_OF_IMAGES} for image in images]
    assert found == [{**job, **LATER_OF_JOBS} for job in jobs]


def test_the_old_library_stays_beside_it(old: Path, before: sqlite3.Connection) -> None:
    jobs = rows_of(before, "jobs")
    before.close()
    Database(old).close()
    with closing(sqlite3.connect(f"{old}.before-2")) as backup:
        assert rows_of(backup, "jobs") == jobs


def test_an_old_library_comes_to_the_same_tables_as_a_new_one(old: Path, tmp_path: Path) -> None:
    with (
        closing(Database(old)) as migrated,
        closing(Database(tmp_path / "new.sqlite3")) as new,
    ):
        assert migrated.read(schema_of) == new.read(schema_of)


def test_the_last_place_given_in_an_old_line_is_not_given_again(old: Path) -> None:
    with closing(Database(old)) as database:
        last = database.read(lambda connection: rows_of(connection, "line"))
    assert last == [{"last_position": 8388608}]
