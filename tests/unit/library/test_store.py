"""Records of pictures: found, paged, trashed, restored."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, LibraryQuery, NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library

ALL = LibraryQuery()
TRASH = LibraryQuery(trashed=True)


def new_image(number: int, *, job_id: str | None = None) -> NewImage:
    return NewImage(
        path=f"2026-11/{number}.png",
        sha256=f"{number:064x}",
        size_bytes=5_000_000_000 + number,
        media_type="image/png",
        width=768,
        height=512,
        created_at=datetime(2026, 11, 22, 14, 30, 5, 123457, tzinfo=UTC),
        server_name="This computer",
        model_title="Sketch",
        job_id=f"job{number}" if job_id is None else job_id,
        request=GenerationRequest(
            "ein Fuchs 🦊 im Schnee\nzweite Zeile",
            "sketch",
            width=512,
            height=256,
            steps=17,
            guidance_scale=7.3,
            seed=2**53 - 1,
            negative_prompt="blurry",
        ),
    )


def add(database: Database, library: Library, *images: NewImage) -> list[ImageRecord]:
    return database.write(
        lambda connection: [library.add_in(connection, image) for image in images]
    )


def test_a_record_comes_back_as_it_was_put_in(database: Database, library: Library) -> None:
    (record,) = add(database, library, new_image(1))
    assert replace(library.get(record.id) or record, id=0) == ImageRecord(
        **{name: getattr(new_image(1), name) for name in NewImage.__slots__}
    )
    assert library.for_job("job1") == record
    assert library.get(record.id + 1) is None
    assert library.for_job("another") is None


def test_pages_follow_each_other_newest_first_without_gap_or_repeat(
    database: Database, library: Library
) -> None:
    records = add(database, library, *(new_image(number) for number in range(25)))
    seen: list[ImageRecord] = []
    while page := library.page(ALL, before_id=seen[-1].id if seen else None, limit=10):
        seen += page
    assert seen == records[::-1]


def test_a_picture_added_while_paging_disturbs_no_page(
    database: Database, library: Library
) -> None:
    records = add(database, library, *(new_image(number) for number in range(4)))
    first = library.page(ALL, limit=2)
    add(database, library, new_image(99))
    second = library.page(ALL, before_id=first[-1].id, limit=2)
    assert first + second == records[::-1]


def test_the_trash_keeps_the_record_and_restoring_brings_it_back_to_its_place(
    database: Database, library: Library
) -> None:
    records = add(database, library, *(new_image(number) for number in range(3)))
    middle = records[1]
    library.trash([middle.id])
    assert library.page(ALL) == [records[2], records[0]]
    (trashed,) = library.page(TRASH)
    assert trashed.trashed_at is not None
    assert replace(trashed, trashed_at=None) == middle
    assert library.get(middle.id) == trashed
    assert (library.count(ALL), library.count(TRASH)) == (2, 1)
    library.restore([middle.id])
    assert library.page(ALL) == records[::-1]
    assert library.count(TRASH) == 0


def test_trashing_twice_keeps_the_first_time(database: Database, library: Library) -> None:
    (record,) = add(database, library, new_image(1))
    library.trash([record.id])
    first = library.get(record.id)
    library.trash([record.id])
    assert library.get(record.id) == first


def test_an_id_is_never_given_twice(database: Database, library: Library) -> None:
    (record,) = add(database, library, new_image(1))
    database.write(lambda connection: connection.execute("DELETE FROM images").rowcount)
    (later,) = add(database, library, new_image(2))
    assert later.id > record.id


def test_one_job_has_at_most_one_picture_and_imports_need_no_job(
    database: Database, library: Library
) -> None:
    add(database, library, new_image(1, job_id="j"), new_image(2, job_id=""))
    add(database, library, new_image(3, job_id=""))
    with pytest.raises(sqlite3.IntegrityError):
        add(database, library, new_image(4, job_id="j"))
    assert library.for_job("") is None


@pytest.mark.parametrize("query", [ALL, TRASH])
def test_no_query_of_the_gallery_walks_the_whole_table(
    database: Database, library: Library, query: LibraryQuery
) -> None:
    statements: list[str] = []

    def plan(connection: sqlite3.Connection) -> list[str]:
        details: list[str] = []
        for statement in statements:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            details += [row["detail"] for row in rows]
        return details

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(statements.append)

    database.read(trace)  # The idle read connection is the one that the next reads take.
    library.page(query)
    library.page(query, before_id=7)
    library.count(query)
    library.get(1)
    library.for_job("x")
    database.read(lambda connection: connection.set_trace_callback(None))
    statements[:] = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(statements) == 5
    for detail in database.read(plan):
        assert "INDEX" in detail or "PRIMARY KEY" in detail
        assert "TEMP B-TREE" not in detail
