"""The index of words stays quick to write and to search, whatever its size."""

import sqlite3

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.migrations import TEXT_OPTIONS
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.services.index_keeper import IndexKeeper


def add_one_by_one(database: Database, first: int, count: int) -> None:
    def add(connection: sqlite3.Connection) -> None:
        connection.executemany(
            """INSERT INTO images SELECT ?1, ?1 || '.png', printf('%064x', ?1), 1, 'image/png', 64,
                   48, ?1, NULL, '', '', '', 'a fox of ' || ?1, '', 'sketch', 64, 48, 30, 7.5, 1,
                   '', '', NULL, 0, 0, '', '', '', 0, 0""",
            ((number,) for number in range(first, first + count)),
        )

    database.write(add)


def pieces(database: Database) -> set[int]:
    """The numbers of the segments that the index is made of."""
    return database.read(
        lambda connection: {
            row[0] for row in connection.execute("SELECT DISTINCT segid FROM images_text_idx")
        }
    )


def found(database: Database, text: str) -> list[int]:
    return LibrarySearch(database).ids(LibraryQuery(text), CancelToken()).tolist()


def check(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO images_text (images_text, rank) VALUES ('integrity-check', 1)")


def test_no_write_merges_what_others_wrote(database: Database) -> None:
    count = TEXT_OPTIONS["crisismerge"] - 1
    add_one_by_one(database, 1, count)
    assert len(pieces(database)) == count


def test_many_small_pieces_become_few(database: Database) -> None:
    add_one_by_one(database, 1, 200)
    assert IndexKeeper(database).run(CancelToken()) > 0
    assert len(pieces(database)) < TEXT_OPTIONS["usermerge"]


def test_all_that_was_written_is_found_after_it(database: Database) -> None:
    add_one_by_one(database, 1, 100)
    Curation(database).add_tags(range(1, 51), ["forest"])
    IndexKeeper(database).run(CancelToken())
    assert found(database, "fox") == list(range(100, 0, -1))
    assert found(database, "tag:forest") == list(range(50, 0, -1))
    assert found(database, "77") == [77]
    database.write(check)


def test_with_nothing_to_merge_it_writes_nothing(database: Database) -> None:
    add_one_by_one(database, 1, 100)
    keeper = IndexKeeper(database)
    keeper.run(CancelToken())
    before = pieces(database)
    assert keeper.run(CancelToken()) == 0
    assert pieces(database) == before


def test_cancelled_it_goes_on_the_next_time(database: Database) -> None:
    add_one_by_one(database, 1, 200)
    token = CancelToken()
    token.cancel()
    with pytest.raises(JobCancelledError):
        IndexKeeper(database).run(token)
    IndexKeeper(database).run(CancelToken())
    assert len(pieces(database)) < TEXT_OPTIONS["usermerge"]
