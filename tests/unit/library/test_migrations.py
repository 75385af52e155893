"""A library of an earlier version is brought up to date with all that is in it."""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.database import Database
from algovera_desktop.library.migrations import MIGRATIONS, TEXT_OPTIONS
from algovera_desktop.library.search import LibrarySearch

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
    with closing(Database(old)) as database:
        assert database.older is not None
    with closing(sqlite3.connect(database.older)) as older:
        assert rows_of(older, "jobs") == jobs


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


def test_the_index_of_words_of_a_grown_library_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    with closing(Database(path, migrations=MIGRATIONS[:2])) as database:
        database.write(add_many_pictures)
        database.write(give_them_many_words)
    with closing(Database(path)) as database:
        assert database.read(pieces_and_options) == (1, TEXT_OPTIONS)


def test_what_was_found_by_its_beginning_only_is_found_by_any_part(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    with closing(Database(path, migrations=MIGRATIONS[:2])) as database:
        database.write(add_many_pictures)
    with closing(Database(path, migrations=MIGRATIONS[:3])) as database:
        database.write(
            lambda connection: connection.execute(
                "UPDATE images SET prompt = '雪の中の狐' WHERE id = 7"
            )
        )
        assert found_by(database, "狐") == found_by(database, "中") == []
    with closing(Database(path)) as database:
        assert found_by(database, "狐") == found_by(database, "の中の") == [7]
        assert found_by(database, "fox 2999") == [2999]


def found_by(database: Database, text: str) -> list[int]:
    return [record.id for record in LibrarySearch(database).first(LibraryQuery(text))]


def give_them_many_words(connection: sqlite3.Connection) -> None:
    words = " || ' ' || ".join(["hex(randomblob(8))"] * 20)
    connection.execute(f"UPDATE images SET prompt = {words} WHERE id <= 500")


def pieces_and_options(connection: sqlite3.Connection) -> tuple[int, dict[str, int]]:
    count = connection.execute("SELECT count(DISTINCT segid) FROM images_text_idx").fetchone()[0]
    options = connection.execute(
        "SELECT k, v FROM images_text_config WHERE k NOT IN ('version', 'hashsize')"
    )
    return count, {row[0]: row[1] for row in options}


MIGRATE = """
import sys
from pathlib import Path
from algovera_desktop.library.database import Database
print("begun", flush=True)
Database(Path(sys.argv[1])).close()
"""


def test_killed_at_any_moment_it_is_brought_up_to_date_by_the_next_start(tmp_path: Path) -> None:
    grown = tmp_path / "grown.sqlite3"
    with closing(Database(grown, migrations=MIGRATIONS[:2])) as database:
        database.write(add_many_pictures)
    for number, delay_ms in enumerate((2, 10, 20, 40, 60, 90)):
        path = tmp_path / str(number) / "library.sqlite3"
        path.parent.mkdir()
        shutil.copy(grown, path)
        command = [sys.executable, "-c", MIGRATE, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(delay_ms / 1000)
            process.kill()
        with closing(sqlite3.connect(path)) as library:
            (version,) = library.execute("PRAGMA user_version").fetchone()
            assert version in (2, len(MIGRATIONS))
            assert library.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with closing(Database(path)) as database:
            assert database.read(count_and_sum) == (3000, 3000 * 3001 // 2)


def add_many_pictures(connection: sqlite3.Connection) -> None:
    connection.execute(
        """WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 3000)
           INSERT INTO images SELECT n, n || '.png', printf('%064x', n), 1, 'image/png', 64, 48, n,
               NULL, '', '', '', 'a fox ' || n, '', 'sketch', 64, 48, 30, 7.5, n FROM many"""
    )


def count_and_sum(connection: sqlite3.Connection) -> tuple[int, int]:
    return tuple(
        connection.execute("SELECT count(*), sum(id) FROM images WHERE rating = 0").fetchone()
    )
