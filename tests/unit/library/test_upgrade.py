"""An older library is upgraded whole or not at all, whatever comes between."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, NoRoomToUpgradeError
from algovera_desktop.library.database import Database
from algovera_desktop.library.migrations import MIGRATIONS
from support.full_disk import fill, make_room, small_disk_at

PICTURES = 150
OLD = MIGRATIONS[:2]


def make_old(path: Path, pictures: int = PICTURES) -> None:
    """A library of version 2, as its program leaves it."""
    with closing(Database(path, migrations=OLD)) as database:
        database.write(lambda connection: add_pictures(connection, pictures))


def add_pictures(connection: sqlite3.Connection, pictures: int) -> None:
    words = " || ' ' || ".join(["hex(randomblob(8))"] * 10)
    connection.execute(
        f"""WITH RECURSIVE many (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {pictures})
            INSERT INTO images SELECT n, n || '.png', printf('%064x', n), 1, 'image/png', 64, 48,
                n, NULL, '', '', '', {words}, '', 'sketch', 64, 48, 30, 7.5, n FROM many"""
    )


def count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM images").fetchone()[0]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def assert_old_program_opens_it(path: Path) -> None:
    with closing(Database(path, migrations=OLD)) as database:
        assert database.read(count) == PICTURES


def test_the_part_that_is_done_only_grows_and_comes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path, 2500)
    parts: list[float] = []
    Database(path, on_progress=parts.append).close()
    assert parts == sorted(parts)
    assert 0 <= parts[0] < 0.2
    assert parts[-1] == pytest.approx(1)
    assert len(parts) > 5


def test_nothing_is_told_of_a_library_of_this_version(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    parts: list[float] = []
    for _ in range(2):
        with closing(Database(path, on_progress=parts.append)) as database:
            assert database.older is None
    assert parts == []


@pytest.mark.parametrize("moment", [0.0, 0.3, 0.9])
def test_it_can_be_stopped_at_any_moment_and_leaves_the_library_as_it_was(
    tmp_path: Path, moment: float
) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path)
    before, lying_there = path.read_bytes(), names(tmp_path)
    token = CancelToken()
    with pytest.raises(JobCancelledError):
        Database(path, token=token, on_progress=cancelling_at(moment, token))
    assert path.read_bytes() == before
    assert names(tmp_path) == lying_there
    assert_old_program_opens_it(path)


def cancelling_at(moment: float, token: CancelToken) -> Callable[[float], None]:
    def tell(part: float) -> None:
        if part >= moment:
            token.cancel()

    return tell


def test_what_a_killed_upgrade_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path)
    for left in ("library.sqlite3.rebuilding", "library.sqlite3.rebuilding-journal"):
        (tmp_path / left).write_bytes(b"half of a copy" * 1000)
    with closing(Database(path)) as database:
        assert database.read(count) == PICTURES
    assert not list(tmp_path.glob("*.rebuilding*"))


def test_what_stood_only_in_the_log_of_a_killed_program_is_in_both(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path)
    with closing(sqlite3.connect(path)) as killed, closing(sqlite3.connect(path)) as other:
        # While another has it open, the log is not taken into the file.
        other.execute("SELECT count(*) FROM images").fetchone()
        killed.execute("PRAGMA wal_autocheckpoint = 0")
        killed.execute("UPDATE images SET prompt = 'in the log only' WHERE id = 7")
        killed.commit()
        left = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal")}
    for suffix, content in left.items():
        Path(f"{path}{suffix}").write_bytes(content)
    with closing(Database(path)) as database:
        assert database.was_left_open
        assert database.older is not None
        assert database.read(prompt_of_7) == "in the log only"
    assert [file.name for file in tmp_path.glob("*-wal")] == []
    with closing(sqlite3.connect(database.older)) as older:
        assert prompt_of_7(older) == "in the log only"


def prompt_of_7(connection: sqlite3.Connection) -> str:
    return connection.execute("SELECT prompt FROM images WHERE id = 7").fetchone()[0]


def test_the_older_one_under_its_own_name_is_the_old_programs_library_again(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path)
    with closing(Database(path)) as database:
        assert database.older is not None
    path.unlink()
    database.older.rename(path)
    assert_old_program_opens_it(path)


def test_two_upgrades_on_one_day_keep_both_that_were(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    make_old(path)
    Database(path, migrations=MIGRATIONS[:3]).close()
    Database(path).close()
    versions: list[int] = []
    for older in sorted(tmp_path.glob("library.sqlite3.before-*")):
        with closing(sqlite3.connect(older)) as connection:
            versions.append(connection.execute("PRAGMA user_version").fetchone()[0])
    assert versions == [2, 3]


def test_without_room_for_a_copy_it_is_not_begun_and_says_what_it_takes(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as folder:
        path = folder / "library.sqlite3"
        make_old(path)
        size_bytes = path.stat().st_size
        fill(folder, leave_bytes=size_bytes // 2)
        parts: list[float] = []
        with pytest.raises(NoRoomToUpgradeError) as refused:
            Database(path, on_progress=parts.append)
        assert refused.value.needed_bytes == size_bytes
        assert parts == []
        assert_old_program_opens_it(path)


def test_a_disk_that_becomes_full_on_the_way_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as folder:
        path = folder / "library.sqlite3"
        make_old(path)
        before, size_bytes = path.read_bytes(), path.stat().st_size
        fill(folder, leave_bytes=size_bytes + 64 * 1024)
        lying_there = names(folder)
        parts: list[float] = []
        with pytest.raises(NoRoomToUpgradeError):
            Database(path, on_progress=parts.append)
        assert max(parts) >= 0.1  # The copy was there.
        assert path.read_bytes() == before
        assert names(folder) == lying_there
        assert_old_program_opens_it(path)
        make_room(folder)
        with closing(Database(path)) as database:
            assert database.read(count) == PICTURES
