"""A library of every form that ever stood on the main branch, as its program of that day wrote it.

Steps 2 and 3 were changed for some hours after they were there, so of their versions there are
several. Each has three pictures and three jobs, the first of which a server has taken; from the
day that there was curation, tags, an album, a saved search and a picture in the trash, too.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, LibraryQuery, SortOrder
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue

OLD = sorted(Path(__file__).with_name("old_libraries").glob("*.sql"))
CURATED = [file for file in OLD if "INSERT INTO saved_searches" in file.read_text("utf-8")]
PROMPTS = ["a fox in the snow", "an owl, 雪の中の梟", "the sea at night"]


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "library.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(request.param.read_text("utf-8"))
    return path


every_old = pytest.mark.parametrize("old", OLD, indirect=True, ids=lambda file: file.stem)
every_curated = pytest.mark.parametrize("old", CURATED, indirect=True, ids=lambda file: file.stem)


def pictures(database: Database) -> list[ImageRecord]:
    library = Library(database)
    return [record for number in (1, 2, 3) if (record := library.get(number)) is not None]


def schema(database: Database) -> dict[str, str]:
    rows = database.read(
        lambda connection: connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
    )
    return {name: " ".join(sql.replace(",", " , ").split()) for name, sql in rows if sql}


def found(database: Database, text: str, sort: SortOrder = SortOrder.OLDEST) -> list[int]:
    query = LibraryQuery(text, sort)
    search = LibrarySearch(database)
    assert list(search.ids(query, CancelToken())) == [record.id for record in search.first(query)]
    return [record.id for record in search.first(query)]


def test_there_is_one_of_every_version() -> None:
    assert {file.stem.split("_")[1] for file in OLD} == {"1", "2", "3", "4"}
    assert len(CURATED) == 4


@every_old
def test_it_comes_to_the_same_tables_and_indexes_as_a_new_one(old: Path, tmp_path: Path) -> None:
    with closing(Database(old)) as upgraded, closing(Database(tmp_path / "new")) as new:
        given, wanted = schema(upgraded), schema(new)
        # SQLite writes a column that was added later after those of the table's first form.
        altered = {"images", "jobs"}
        assert given.keys() == wanted.keys()
        assert {name for name in given if given[name] != wanted[name]} <= altered


@every_old
def test_every_picture_is_as_it_was(old: Path) -> None:
    with closing(Database(old)) as database:
        kept = pictures(database)
    assert [record.request for record in kept] == [
        GenerationRequest(
            prompt=prompt,
            model="sketch",
            width=640,
            height=512,
            steps=20 + number,
            guidance_scale=7.0,
            seed=4_000_000_000 + number,
            negative_prompt="people",
        )
        for number, prompt in enumerate(PROMPTS, 1)
    ]
    assert [record.path for record in kept] == ["2026-11/1.png", "2026-11/2.png", "2026-11/3.png"]
    assert [record.sha256 for record in kept] == [f"{number:064x}" for number in (1, 2, 3)]
    assert [record.server_name for record in kept] == ["Studio"] * 3
    assert kept[0].created_at == datetime(2026, 11, 22, 12, 1, tzinfo=UTC)


@every_old
def test_its_jobs_stand_in_line_and_another_joins_its_end(old: Path) -> None:
    with closing(Database(old)) as database:
        queue = JobQueue(database, Library(database))
        jobs = queue.open_jobs()
        assert [job.request.seed for job in jobs] == [1, 2, 3]
        assert [job.state for job in jobs] == [
            JobState.RUNNING,
            JobState.WAITING,
            JobState.WAITING,
        ]
        assert jobs[0].remote_id == "remote 1"
        (added,) = queue.add("studio", [GenerationRequest("a boat", "sketch", seed=4)])
        assert added.position > jobs[-1].position
        claimed = queue.claim("studio")
        assert claimed is not None
        assert claimed.request.seed == 2


@every_old
def test_its_pictures_are_found_in_every_order(old: Path) -> None:
    with closing(Database(old)) as database:
        assert found(database, "snow") == [1]
        assert found(database, "中の") == [2]
        assert found(database, "seed:4000000002") == [2]
        shown = {record.id for record in pictures(database) if record.trashed_at is None}
        for sort in SortOrder:
            assert set(found(database, "", sort)) == shown
            assert set(found(database, "-nothing", sort)) == shown


@every_curated
def test_what_was_made_of_its_pictures_is_as_it_was(old: Path) -> None:
    with closing(Database(old)) as database:
        first, second, third = pictures(database)
        assert (first.rating, first.notes, first.tags) == (4, "for the wall", ("Fox", "winter"))
        assert second.is_favourite
        assert third.trashed_at is not None
        assert third.tool == "ComfyUI"
        assert found(database, "tag:winter") == [1, 2]
        assert found(database, 'album:"Best of all"') == [1, 2]
        curation = Curation(database)
        (album,) = curation.albums()
        ordered = LibraryQuery("", SortOrder.ALBUM, album_id=album.id)
        assert [record.id for record in LibrarySearch(database).first(ordered)] == [2, 1]
        (search,) = curation.saved_searches()
        assert (search.name, search.text, search.sort) == ("Foxes", "tag:fox", SortOrder.RATING)


@every_old
def test_the_older_one_stays_as_its_own_program_reads_it(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        before = "\n".join(connection.iterdump())
    with closing(Database(old)) as database:
        assert database.older is not None
    with closing(sqlite3.connect(database.older)) as connection:
        assert "\n".join(connection.iterdump()) == before
