"""No question of the gallery reads the table of pictures from end to end."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library import search_plan
from algovera_desktop.library.database import Database
from algovera_desktop.library.search import LibrarySearch

TEXTS = (
    "",
    "fox",
    '"red fox"',
    "fox -cat",
    "fox or rating:5",
    "-fox",
    "-kaleidoscopically",
    "rating:>=4",
    "seed:5",
    "steps:20..30",
    "guidance:>7",
    "size:768x512",
    "ratio:portrait",
    "date:2026-11",
    "date:>yesterday fox",
    "tag:fox",
    '-tag:"red fox"',
    "album:best",
    "model:flux",
    'model:"flux dev"',
    "server:this",
    "is:favourite",
    "is:failed",
    "is:imported",
    "is:trashed",
    "is:missing",
    "has:note",
    "has:tag",
    "-has:tag",
    "has:album",
    "-has:note",
    "fox tag:fox rating:3 is:favourite",
)


class TracedLibrary:
    """A library that tells which statements were run on it."""

    def __init__(self, database: Database, known: dict[str, list[str]]) -> None:
        self.search = LibrarySearch(database)
        self._database = database
        self._statements: set[str] = set()
        self._known = known
        database.read(lambda reader: reader.set_trace_callback(self._statements.add))

    def plans(self) -> list[str]:
        """How SQLite goes about what was asked since the last call, one line a table."""
        # The index of words runs statements of its own, which the trace marks as comments.
        asked = [each for each in self._statements if each.startswith(("SELECT", "WITH"))]
        for statement in asked:
            if statement not in self._known:
                self._known[statement] = self._database.read(_explained(statement))
        self._statements.clear()
        return [line for each in asked for line in self._known[each]]


def _explained(statement: str) -> Callable[[sqlite3.Connection], list[str]]:
    def read(connection: sqlite3.Connection) -> list[str]:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        return [row["detail"] for row in rows]

    return read


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "library.sqlite3"
    with closing(Database(path)) as database:
        database.write(_fill)
    return path


@pytest.fixture(scope="module")
def known() -> dict[str, list[str]]:
    """How SQLite goes about a statement: no test changes what that depends on."""
    return {}


@pytest.fixture
def library(prepared: Path, known: dict[str, list[str]], tmp_path: Path) -> Iterator[TracedLibrary]:
    with closing(Database(Path(shutil.copy(prepared, tmp_path)))) as database:
        yield TracedLibrary(database, known)


def _fill(connection: sqlite3.Connection) -> None:
    connection.execute(
        """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
           INSERT INTO images (path, sha256, size_bytes, media_type, width, height, created_at,
               server_name, model_title, job_id, prompt, negative_prompt, model, asked_width,
               asked_height, steps, guidance_scale, seed, rating, tags, albums)
           SELECT i, i, 1, 'image/png', 768, 512, 1790000000000000, 'This computer', 'Flux dev',
               '', 'a red fox', '', 'flux', 768, 512, 20, 7.5, i, i % 6, 'fox', 'Best' FROM n"""
    )
    connection.execute("INSERT INTO tags VALUES (1, 'fox'), (2, 'red fox')")
    connection.execute("INSERT INTO image_tags SELECT 1, id FROM images")
    connection.execute("INSERT INTO albums VALUES (1, 'Best', 0)")
    connection.execute("INSERT INTO album_images SELECT 1, id, -id FROM images")
    connection.execute("UPDATE images SET trashed_at = 1 WHERE id % 7 = 0")


@pytest.mark.parametrize("way", [0, 1, -1])
@pytest.mark.parametrize("text", TEXTS)
def test_no_search_reads_the_table_from_end_to_end(
    library: TracedLibrary, monkeypatch: pytest.MonkeyPatch, text: str, way: int
) -> None:
    # Whatever each way costs, all are taken in turn.
    monkeypatch.setattr(search_plan, "_AT_HAND", 0)
    monkeypatch.setattr(search_plan, "cheapest", lambda ways: ways[way % len(ways)])
    for sort in SortOrder:
        for query in (
            LibraryQuery(text, sort),
            LibraryQuery(text, sort, trashed=True),
            LibraryQuery(text, sort, album_id=1),
            LibraryQuery(text, sort, like_id=1),
        ):
            library.search.first(query)
            library.search.ids(query, CancelToken())
            library.search.count(query)
            library.search.matches(query, 3)
            plans = library.plans()
            assert len(plans) >= 4
            assert not [plan for plan in plans if _reads_all(plan)]


def test_names_are_completed_without_reading_the_table(library: TracedLibrary) -> None:
    library.search.vocabulary()
    plans = library.plans()
    assert any("images_model" in plan for plan in plans)
    assert not [plan for plan in plans if _reads_all(plan)]


@pytest.mark.parametrize("sort", [sort for sort in SortOrder if sort is not SortOrder.ALBUM])
def test_the_whole_library_is_walked_in_order_and_never_sorted(
    library: TracedLibrary, sort: SortOrder
) -> None:
    library.search.first(LibraryQuery(sort=sort))
    plans = library.plans()
    assert any(plan.startswith("SCAN images USING") for plan in plans)
    assert not any("TEMP B-TREE" in plan for plan in plans)


def _reads_all(plan: str) -> bool:
    return plan.startswith("SCAN images") and " INDEX " not in plan
