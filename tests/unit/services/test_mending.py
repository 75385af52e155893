"""Opening a library that is damaged, and one that only seemed to be."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryBusyError, LibraryCorruptError
from algovera_desktop.library.database import Database
from algovera_desktop.library.replacement import suspicion_path
from algovera_desktop.services.mending import OpenedLibrary, open_library
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from support.kept_library import KeptLibrary, fill


def opened(data: Path) -> OpenedLibrary:
    paths = Paths.under(data)
    folders = PictureFolders(paths.pictures)
    return open_library(paths.library_file, folders, CancelToken(), lambda _: None)


def test_a_whole_library_is_opened_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with closing(opened(tmp_path).database):
        pass
    assert opened_names(tmp_path) == ["library.sqlite3", "library.sqlite3.lock"]


def opened_names(data: Path) -> list[str]:
    return sorted(file.name for file in data.glob("library.sqlite3*"))


def spoil_middle(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 3 // 4096 * 4096)
        stream.write(b"\xa5" * 4096 * 4)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"\xa5" * 9000),
        lambda file: os.truncate(file, file.stat().st_size // 2),
    ],
)
def test_a_library_that_cannot_be_opened_is_made_anew(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    before = fill(tmp_path, 5)
    file = Paths.under(tmp_path).library_file
    spoil(file)
    suspicion_path(file).touch()
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is not None
    assert library.mended.set_aside is not None
    assert ".damaged-" in library.mended.set_aside.name
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def test_garbage_is_noticed_without_a_hint(tmp_path: Path) -> None:
    before = fill(tmp_path, 2)
    Paths.under(tmp_path).library_file.write_bytes(b"\xa5" * 9000)
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is not None
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def test_damage_that_was_met_while_it_ran_is_mended_at_the_next_start(tmp_path: Path) -> None:
    before = fill(tmp_path, 40)
    file = Paths.under(tmp_path).library_file
    spoil_middle(file)
    with pytest.raises(LibraryCorruptError), closing(Database(file)) as database:
        database.read(read_everything)
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is not None
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def read_everything(connection: sqlite3.Connection) -> None:
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    for (name,) in connection.execute(statement).fetchall():
        connection.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall()


def test_a_suspicion_that_proves_wrong_is_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    file = Paths.under(tmp_path).library_file
    suspicion_path(file).touch()
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is None
    assert not suspicion_path(file).exists()


def test_a_damaged_library_in_use_elsewhere_is_not_touched(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with KeptLibrary(tmp_path):
        suspicion_path(Paths.under(tmp_path).library_file).touch()
        with pytest.raises(LibraryBusyError):
            opened(tmp_path)


def test_a_damaged_library_is_mended_where_the_suspicion_cannot_be_noted(tmp_path: Path) -> None:
    before = fill(tmp_path)
    paths = Paths.under(tmp_path)
    paths.library_file.write_bytes(b"no database, but longer than its head" * 100)
    suspicion_path(paths.library_file).symlink_to(tmp_path / "not there" / "file")
    found = opened(tmp_path)
    found.database.close()
    assert found.mended is not None
    assert found.mended.counts.pictures == len(before)


def test_a_file_without_anything_in_it_is_a_library_that_was_lost(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    file = Paths.under(tmp_path).library_file
    file.write_bytes(b"")
    log = file.with_name(file.name + "-wal")
    log.write_bytes(b"what SQLite would throw away")
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is not None
    assert library.mended.counts.pictures == 3
    assert not library.mended.old_was_read
    aside = library.mended.set_aside
    assert aside is not None
    assert ".damaged-" in aside.name
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"what SQLite would throw away"


def test_where_there_is_no_file_there_is_a_new_library(tmp_path: Path) -> None:
    library = opened(tmp_path)
    library.database.close()
    assert library.mended is None
    assert opened_names(tmp_path) == ["library.sqlite3", "library.sqlite3.lock"]
