"""What is written to a disk that is really full."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.thumbnails import ThumbnailCache
from support.full_disk import SIZE_BYTES, fill, small_disk_at


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "small") as folder:
        yield folder


def large_picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(buffer, "PNG")
    return buffer.getvalue()


def all_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("leave_bytes", [0, 32 * 1024])
def test_a_picture_that_does_not_fit_leaves_nothing_half_written(
    small_disk: Path, job: Job, leave_bytes: int
) -> None:
    files = PictureFiles(small_disk / "pictures")
    ballast = fill(small_disk, leave_bytes=leave_bytes)
    with pytest.raises(DiskFullError):
        files.save(large_picture(), "image/png", job)
    assert all_files(small_disk) == {ballast}
    ballast.unlink()
    stored = files.save(large_picture(), "image/png", job)
    assert all_files(small_disk) == {files.absolute(stored.path)}


def make_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (text TEXT)")


def test_a_full_database_says_so_keeps_what_it_has_and_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    def add(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO notes VALUES (?)", ("n" * 2000,))

    def count(connection: sqlite3.Connection) -> int:
        return connection.execute("SELECT count(*) FROM notes").fetchone()[0]

    path = small_disk / "library.sqlite3"
    with closing(Database(path, migrations=[make_notes])) as database:
        ballast = fill(small_disk, leave_bytes=100 * 1024)
        written = 0
        with suppress(DiskFullError):
            for _ in range(SIZE_BYTES // 2000):
                database.write(add)
                written += 1
        assert 0 < written < SIZE_BYTES // 2000
        assert database.read(count) == written
        ballast.unlink()
        database.write(add)
    with closing(Database(path, migrations=[make_notes])) as database:
        assert database.read(count) == written + 1


def test_a_library_cannot_be_made_on_a_full_disk_and_can_be_later(small_disk: Path) -> None:
    ballast = fill(small_disk)
    with pytest.raises(DiskFullError):
        Database(small_disk / "library.sqlite3")
    ballast.unlink()
    Database(small_disk / "library.sqlite3").close()


@pytest.mark.allows_log("thumbnail cache")
def test_a_thumbnail_cache_without_room_is_no_error(small_disk: Path) -> None:
    with closing(ThumbnailCache(small_disk / "thumbnails.sqlite3")) as cache:
        for number in range(300):
            cache.put(str(number), 160, bytes(8000))
            cache.get(str(number), 160)


def test_a_library_whose_copy_has_no_room_is_not_brought_up_to_date_and_stays_as_it_was(
    small_disk: Path,
) -> None:
    def fill_up(connection: sqlite3.Connection) -> None:
        make_notes(connection)
        connection.execute("INSERT INTO notes VALUES (?)", ("n" * 400_000,))

    path = small_disk / "library.sqlite3"
    Database(path, migrations=[fill_up]).close()
    before = path.read_bytes()
    ballast = fill(small_disk, leave_bytes=100 * 1024)
    with pytest.raises(DiskFullError):
        Database(path, migrations=[fill_up, lambda _: None])
    assert path.read_bytes() == before
    assert all_files(small_disk) == {ballast, path, path.with_name(path.name + ".lock")}
    ballast.unlink()
    Database(path, migrations=[fill_up, lambda _: None]).close()
    assert list(small_disk.glob("*.before-*"))
