"""Words of scripts without blanks are found wherever they stand."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.query.completion import complete
from algovera_desktop.library.query.lexer import is_searchable, quoted
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.unspaced import parted, parted_sql

LETTERS = "狐狸雪中的々〇あのカーｶﾞ여우눈ก็ฟ้ามาລາວမြန်ខ្មែរ𠀀"
"""Of each script, with marks that stand above and below."""

RUNS = st.text(alphabet=LETTERS, min_size=1, max_size=12)
TEXTS = st.text(alphabet=LETTERS + "aéZ9 ,.。\n", max_size=200)
PICTURE = """INSERT INTO images (path, sha256, size_bytes, media_type, width, height, created_at,
        server_name, model_title, job_id, prompt, negative_prompt, model, asked_width,
        asked_height, steps, guidance_scale, seed)
    VALUES (?, '', 1, 'image/png', 8, 8, 1, '', '', '', ?, '', '', 8, 8, 20, 7.5, 1)"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with closing(Database(tmp_path_factory.mktemp("library") / "library.sqlite3")) as opened:
        found(opened, "")  # Its reader is kept open for the next one.
        yield opened


def paint(database: Database, *prompts: str) -> list[int]:
    """Have pictures with these prompts, and no others; their ids."""

    def write(connection: sqlite3.Connection) -> list[int]:
        connection.execute("DELETE FROM images")
        added = [connection.execute(PICTURE, (str(n), p)) for n, p in enumerate(prompts)]
        return [cursor.lastrowid or 0 for cursor in added]

    return database.write(write)


def found(database: Database, query: str | LibraryQuery) -> list[int]:
    asked = LibraryQuery(query) if isinstance(query, str) else query
    ids = list(LibrarySearch(database).ids(asked, CancelToken()))
    assert LibrarySearch(database).count(asked) == len(ids)
    return ids


def check_index(database: Database) -> None:
    """Raises DatabaseError where the index is not of what the pictures say."""
    check = "INSERT INTO images_text (images_text, rank) VALUES ('integrity-check', 1)"
    database.write(lambda connection: connection.execute(check))


@given(before=TEXTS, run=RUNS, after=TEXTS, data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_part_of_a_run_finds_it(
    database: Database, before: str, run: str, after: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    part = run[start : data.draw(st.integers(start + 1, len(run)))]
    picture, _ = paint(database, before + run + after, "a fox")
    if is_searchable(part):
        assert found(database, part) == [picture]
        assert found(database, quoted(part)) == [picture]
        assert found(database, LibraryQuery(f"prompt:{part}", SortOrder.RELEVANCE)) == [picture]


@given(text=TEXTS | st.text(max_size=300).filter(lambda text: "\0" not in text))
@settings(max_examples=100, deadline=None)
def test_sqlite_parts_a_text_as_python_does(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE kept (text TEXT)")
        connection.execute("INSERT INTO kept VALUES (?)", (text.encode(errors="ignore").decode(),))
        row = connection.execute(f"SELECT {parted_sql('text')} FROM kept").fetchone()
    assert row[0] == parted(text.encode(errors="ignore").decode())


def test_letters_in_another_order_are_another_word(database: Database) -> None:
    paint(database, "雪中的狐狸", "狸の狐")
    assert found(database, "狸狐") == []
    assert len(found(database, "狐 狸")) == 2


def test_latin_words_beside_them_are_words_as_ever(database: Database) -> None:
    (picture,) = paint(database, "高画質masterpieceの狐")
    assert found(database, "masterp") == found(database, "画質master") == [picture]
    assert found(database, "piece") == []


def test_a_change_and_a_deletion_leave_no_trace(database: Database) -> None:
    first, second = paint(database, "雪の中の狐", "雪の中の狸")
    curation = Curation(database)
    curation.add_tags([first, second], ["白い狐"])
    curation.set_notes(first, "壁に飾る")
    assert found(database, "飾") == [first]
    assert found(database, "い狐") == [second, first]
    curation.set_notes(first, "")
    curation.remove_tags([first], ["白い狐"])
    check_index(database)
    assert found(database, "飾") == []
    assert found(database, "い狐") == [second]
    database.write(lambda connection: connection.execute("DELETE FROM images"))
    check_index(database)
    assert found(database, "雪") == []


def test_a_program_that_knows_only_sqlite_reads_and_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    Database(path).close()
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(PICTURE, ("1.png", "雪の中の狐"))
        plain.execute("UPDATE images SET notes = '大きな狸'")
        row = plain.execute("SELECT prompt, notes FROM images_words").fetchone()
        assert [text.replace(" ", "") for text in row] == ["雪の中の狐", "大きな狸"]
    with closing(Database(path)) as database:
        assert found(database, "中の狐") == found(database, "きな") == [1]


def test_prompts_are_alike_by_what_they_share_of_a_run(database: Database) -> None:
    prompts = ("森の中で眠る白い狐", "海辺で眠る白い狐の絵", "赤い車")
    first, second, _ = paint(database, *prompts)
    assert found(database, LibraryQuery(like_id=first)) == [second]


def test_a_name_is_completed_from_its_middle() -> None:
    vocabulary = Vocabulary(tags=("白い狐", "狐", "狸", "red fox"))
    assert [each.text for each in complete("tag:い", 5, vocabulary)] == ['"白い狐"']
    assert [each.text for each in complete("tag:ox", 6, vocabulary)] == []
    assert [each.text for each in complete("tag:fo", 6, vocabulary)] == ['"red fox"']


def test_a_text_as_long_as_a_prompt_can_be_is_found_by_its_end(database: Database) -> None:
    (picture,) = paint(database, "森" * 32_766 + "狐狸")
    assert found(database, "森狐狸") == [picture]
