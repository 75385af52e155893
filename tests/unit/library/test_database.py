"""The library's file: transactions, threads, versions, damage."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import (
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
    SchemaTooNewError,
)
from algovera_desktop.library.database import Database
from algovera_desktop.library.migrations import APPLICATION_ID, MIGRATIONS


def add_note(text: str) -> Callable[[sqlite3.Connection], None]:
    def add(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))

    return add


def notes(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY rowid")]


def make_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (text TEXT UNIQUE)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "library.sqlite3"


def open_with(path: Path, *steps: Callable[[sqlite3.Connection], None]) -> Database:
    return Database(path, migrations=steps)


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        database.write(add_note("kept"))
    with closing(open_with(path, make_notes)) as database:
        assert database.read(notes) == ["kept"]


def test_an_error_in_a_write_undoes_all_of_it_and_the_next_write_works(path: Path) -> None:
    def fail_late(connection: sqlite3.Connection) -> None:
        add_note("lost")(connection)
        raise RuntimeError("late")

    with closing(open_with(path, make_notes)) as database:
        with pytest.raises(RuntimeError, match="late"):
            database.write(fail_late)
        database.write(add_note("kept"))
        assert database.read(notes) == ["kept"]


def test_commits_are_made_durable(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        pragma = lambda name: database.write(  # noqa: E731
            lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]
        )
        full = 2
        assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", full)
        assert pragma("foreign_keys") == 1


def test_a_read_sees_one_state_while_others_write(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:

        def read_twice(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
            before = notes(connection)
            database.write(add_note("meanwhile"))
            return before, notes(connection)

        assert database.read(read_twice) == ([], [])
        assert database.read(notes) == ["meanwhile"]


def test_a_read_cannot_write(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        with pytest.raises(LibraryError):
            database.read(add_note("sly"))
        assert database.read(notes) == []


def test_many_threads_read_and_write_without_losing_anything(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database, ThreadPoolExecutor(8) as threads:

        def work(number: int) -> int:
            database.write(add_note(str(number)))
            return len(database.read(notes))

        counts = list(threads.map(work, range(80)))
        assert max(counts) == 80
        assert sorted(database.read(notes), key=int) == [str(number) for number in range(80)]


def test_closing_twice_is_harmless_and_a_closed_library_says_so(path: Path) -> None:
    database = open_with(path, make_notes)
    database.read(notes)
    database.close()
    database.close()
    with pytest.raises(LibraryError, match="closed"):
        database.write(add_note("late"))
    with pytest.raises(LibraryError, match="closed"):
        database.read(notes)


def test_a_read_under_way_ends_well_when_the_library_is_closed(path: Path) -> None:
    database = open_with(path, make_notes)

    def close_meanwhile(connection: sqlite3.Connection) -> list[str]:
        database.close()
        return notes(connection)

    assert database.read(close_meanwhile) == []


def test_a_second_opening_is_refused_until_the_first_has_ended(path: Path) -> None:
    with closing(open_with(path, make_notes)), pytest.raises(LibraryBusyError):
        open_with(path, make_notes)
    open_with(path, make_notes).close()


def test_a_second_process_is_refused_and_the_lock_dies_with_its_holder(path: Path) -> None:
    hold = f"""
import sys
from pathlib import Path
from algovera_desktop.library.database import Database
Database(Path({str(path)!r}))
print("open", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(LibraryBusyError):
            Database(path)
        holder.kill()
    Database(path).close()


def test_a_later_programs_library_is_refused_untouched(path: Path) -> None:
    open_with(path, make_notes, add_note("from the future")).close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNewError):
        open_with(path, make_notes)
    assert path.read_bytes() == before


def test_an_older_library_is_brought_up_to_date_and_kept_as_it_was(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        database.write(add_note("old"))
    with closing(open_with(path, make_notes, add_note("second"), add_note("third"))) as database:
        assert database.read(notes) == ["old", "second", "third"]
        assert database.older is not None
    with closing(sqlite3.connect(database.older)) as copy:
        assert notes(copy) == ["old"]
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_new_library_leaves_no_older_one(path: Path) -> None:
    open_with(path, make_notes, add_note("second")).close()
    assert [p.name for p in sorted(path.parent.iterdir())] == [
        "library.sqlite3",
        "library.sqlite3.lock",
    ]


def test_a_step_that_fails_leaves_nothing_of_itself_and_is_taken_again(path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        add_note("half")(connection)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        open_with(path, make_notes, half)
    with closing(open_with(path, make_notes, add_note("whole"))) as database:
        assert database.read(notes) == ["whole"]


def test_a_file_that_is_no_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(LibraryCorruptError):
        Database(path)
    assert path.read_bytes() == b"not a database at all " * 100


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(LibraryCorruptError, match="not a library"):
        Database(path)
    assert path.read_bytes() == before


def test_damage_in_a_table_is_told_as_damage(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        for number in range(200):
            database.write(add_note(f"note number {number}" + " with some length to it" * 40))
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    path.write_bytes(content)
    with closing(open_with(path, make_notes)) as database, pytest.raises(LibraryCorruptError):
        database.read(notes)


def test_a_folder_that_cannot_be_made_is_a_library_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError):
        Database(tmp_path / "file" / "library.sqlite3")


def test_our_own_mistake_in_sql_is_not_disguised(path: Path) -> None:
    with closing(open_with(path, make_notes)) as database:
        database.write(add_note("once"))
        with pytest.raises(sqlite3.IntegrityError):
            database.write(add_note("once"))
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            database.read(lambda connection: connection.execute("SELECT * FROM nowhere"))


def test_the_file_says_whose_it_is_and_how_far_it_has_come(path: Path) -> None:
    with closing(Database(path)) as database:
        identity = database.read(
            lambda connection: (
                connection.execute("PRAGMA application_id").fetchone()[0],
                connection.execute("PRAGMA user_version").fetchone()[0],
            )
        )
    assert identity == (APPLICATION_ID, len(MIGRATIONS))


def test_a_new_library_is_there_whole_or_not_at_all(path: Path) -> None:
    def fail_late(connection: sqlite3.Connection) -> None:
        make_notes(connection)
        raise RuntimeError("cut off")

    with pytest.raises(RuntimeError, match="cut off"):
        open_with(path, fail_late)
    assert not path.exists()
    with closing(open_with(path, make_notes)):
        assert sorted(path.parent.glob("*.rebuil*")) == []


def test_an_empty_file_is_no_new_library(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(LibraryCorruptError, match="is empty"):
        open_with(path, make_notes)
    assert path.stat().st_size == 0
