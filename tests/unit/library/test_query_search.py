"""What a search finds is what a plain reading of the same query, picture by picture, finds."""

import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery, SortOrder
from algovera_desktop.library import search as search_module
from algovera_desktop.library import search_plan
from algovera_desktop.library.database import Database
from algovera_desktop.library.interruption import interruptible
from algovera_desktop.library.query.nodes import (
    All,
    Any,
    Extra,
    Has,
    Is,
    MadeIn,
    Named,
    NameField,
    Node,
    Not,
    NumberField,
    NumberIn,
    Ratio,
    RatioIs,
    SizeIs,
    State,
    TextField,
    Words,
    asks_for_trash,
)
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.rows import insert_statement, to_stamp
from algovera_desktop.library.search import LibrarySearch

COUNT = 120
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = ("fox", "foxes", "snow", "snowy", "red", "light", "kaleidoscopic", "kaleidoscopically")
TAGS = ("fox", "Foxes", "red fox", "Größe", "★")
ALBUMS = ("Best", "best of 2026")
MODELS = (("sketch", "Sketch"), ("flux_dev", "Flux dev"), ("xl", "Stable Diffusion XL"))
SERVERS = ("This computer", "Studio")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A library of random pictures, some in the trash."""
    with closing(Database(Path(tmp_path_factory.mktemp("library")) / "library.sqlite3")) as opened:
        _fill(opened)
        yield opened


@pytest.fixture(scope="module")
def search(database: Database) -> LibrarySearch:
    return LibrarySearch(database, today=NOW.date)


@pytest.fixture(scope="module")
def records(search: LibrarySearch) -> list[ImageRecord]:
    return search.records(range(1, COUNT + 1))


def _fill(database: Database) -> None:
    chance = random.Random(7)
    rows = [_row(chance, number) for number in range(1, COUNT + 1)]

    def fill(connection: sqlite3.Connection) -> None:
        for table, names in (("tags", TAGS), ("albums", ALBUMS)):
            for number, name in enumerate(names, 1):
                more = "" if table == "tags" else ", position"
                places = "?, ?" if table == "tags" else "?, ?, 0"
                connection.execute(
                    f"INSERT INTO {table} (id, name{more}) VALUES ({places})", (number, name)
                )
        for row in rows:
            connection.execute(insert_statement("images", tuple(row)), tuple(row.values()))
            for tag in filter(None, str(row["tags"]).split("\n")):
                connection.execute(
                    "INSERT INTO image_tags VALUES (?, ?)", (TAGS.index(tag) + 1, row["id"])
                )
            for album in filter(None, str(row["albums"]).split("\n")):
                connection.execute(
                    "INSERT INTO album_images VALUES (?, ?, ?)",
                    (ALBUMS.index(album) + 1, row["id"], chance.randrange(10)),
                )

    database.write(fill)


def _row(chance: random.Random, number: int) -> dict[str, object]:
    made = to_stamp(NOW - timedelta(hours=chance.randrange(2000)))
    model, title = chance.choice(MODELS)
    width, height = chance.choice(((512, 512), (768, 512), (512, 768)))
    return {
        "id": number,
        "path": f"{number}.png",
        "sha256": f"{number:064x}",
        "size_bytes": 1,
        "media_type": "image/png",
        "width": width,
        "height": height,
        "created_at": made,
        "trashed_at": made if chance.random() < 0.2 else None,
        "missing_since": made if chance.random() < 0.1 else None,
        "server_name": chance.choice(SERVERS),
        "model_title": title,
        "job_id": "",
        "prompt": " ".join(chance.choices(WORDS, k=4)),
        "negative_prompt": chance.choice(("", "light", "red snow")),
        "model": model,
        "asked_width": width,
        "asked_height": height,
        "steps": chance.choice((20, 30)),
        "guidance_scale": chance.choice((7.0, 7.5, 9.0)),
        "seed": chance.randrange(5),
        "tool": chance.choice(("", "ComfyUI")),
        "is_favourite": chance.random() < 0.3,
        "rating": chance.randrange(6),
        "notes": chance.choice(("", "", "the red one")),
        "tags": "\n".join(sorted(chance.sample(TAGS, chance.randrange(3)))),
        "albums": "\n".join(chance.sample(ALBUMS, chance.randrange(2))),
    }


def holds(node: Node, record: ImageRecord) -> bool:
    """The meaning of a query, read plainly."""
    match node:
        case Words(text, is_prefix, field):
            return any(_has_words(each, text, is_prefix) for each in _texts(record, field))
        case Named(field, text, is_prefix):
            return _has_name(record, field, text, is_prefix)
        case NumberIn(field, interval):
            return _number(record, field) in interval
        case SizeIs(width, height):
            return (record.width, record.height) == (width, height)
        case RatioIs(ratio):
            signs = {Ratio.PORTRAIT: -1, Ratio.SQUARE: 0, Ratio.LANDSCAPE: 1}
            slant = (record.width > record.height) - (record.width < record.height)
            return slant == signs[ratio]
        case MadeIn(interval):
            return record.created_at in interval
        case Is(state):
            return _is(record, state)
        case Has(extra):
            return bool(
                {Extra.NOTE: record.notes, Extra.TAG: record.tags, Extra.ALBUM: record.albums}[
                    extra
                ]
            )
        case Not(part):
            return not holds(part, record)
        case All(parts):
            return all(holds(part, record) for part in parts)
        case Any(parts):
            return any(holds(part, record) for part in parts)


def _texts(record: ImageRecord, field: TextField) -> list[str]:
    request = record.request
    named = {
        TextField.PROMPT: [request.prompt],
        TextField.NEGATIVE: [request.negative_prompt],
        TextField.NOTE: [record.notes],
    }
    everywhere = [text for texts in named.values() for text in texts]
    everywhere += ["\n".join(record.tags), "\n".join(record.albums)]
    everywhere += [request.model, record.model_title]
    return named.get(field, everywhere)


def _has_words(text: str, wanted: str, is_prefix: bool) -> bool:
    words, row = _split(text), _split(wanted)
    places = range(len(words) - len(row) + 1)
    return any(
        words[at : at + len(row)] == row
        or (
            is_prefix
            and words[at : at + len(row) - 1] == row[:-1]
            and words[at + len(row) - 1].startswith(row[-1])
        )
        for at in places
    )


def _split(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _has_name(record: ImageRecord, field: NameField, text: str, is_prefix: bool) -> bool:
    if field is NameField.MODEL:
        names = (record.request.model, record.model_title)
        if is_prefix:
            return any(_has_words(name, text, True) for name in names)
        return text.casefold() in {name.casefold() for name in names}
    names = {
        NameField.TAG: record.tags,
        NameField.ALBUM: record.albums,
        NameField.SERVER: (record.server_name,),
    }[field]
    wanted = text.casefold()
    return any(
        name.casefold() == wanted or (is_prefix and name.casefold().startswith(wanted))
        for name in names
    )


def _number(record: ImageRecord, field: NumberField) -> float:
    return {
        NumberField.RATING: record.rating,
        NumberField.SEED: record.request.seed,
        NumberField.STEPS: record.request.steps,
        NumberField.GUIDANCE: record.request.guidance_scale,
    }[field]


def _is(record: ImageRecord, state: State) -> bool:
    return {
        State.FAVOURITE: record.is_favourite,
        State.FAILED: False,
        State.IMPORTED: record.tool != "",
        State.TRASHED: record.trashed_at is not None,
        State.MISSING: record.missing_since is not None,
    }[state]


def expected(text: str, records: list[ImageRecord], *, trashed: bool = False) -> list[int]:
    """Ids of what is to be found, newest first."""
    node = parse(text, NOW.date())
    in_trash = trashed or asks_for_trash(node)
    return [
        record.id
        for record in reversed(records)
        if (record.trashed_at is not None) == in_trash and holds(node, record)
    ]


def found(search: LibrarySearch, query: LibraryQuery) -> list[int]:
    return list(search.ids(query, CancelToken()))


_LEAVES = (
    "fox snow por p kaleidoscopically zebra f* foxes-red",
    "prompt:red negative:light note:red tag:fox tag:gr tag:★ tag:nosuch tag:* album:best",
    "model:flux model:dev server:stu server:x rating:>=4 rating:0 rating:2..3 seed:3 seed:>9",
    "steps:20 guidance:7..8 guidance:>7.5 size:768x512 size:1x1 ratio:square ratio:portrait",
    "date:2026-11 date:>yesterday date:week date:<2026-10 is:favourite is:failed is:imported",
    "is:missing is:trashed has:note has:tag has:album",
)
_QUOTED = ('"fox snow"', '"fox"', '"red"*', 'tag:"fox"', 'tag:"red fox"', 'album:"best"')
_ALONE = [*" ".join(_LEAVES).split(), *_QUOTED, 'model:"flux dev"', 'tag:"GRÖSSE"', 'model:"xl"']
_leaf = st.sampled_from(_ALONE)
_query_text = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        inner.map(lambda text: f"-({text})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(" ".join),
    ),
    max_leaves=7,
)
_at_hand = st.sampled_from([0, 1, 5, 10_000])
_way = st.integers(0, 3)


def take(patch: pytest.MonkeyPatch, way: int, *, at_hand: int = 0, word_us: float = 15.0) -> None:
    """Have one way taken, whatever it costs: what is few among a million decides, and each is to
    be taken by a little library too. ``word_us`` of 0 asks for words picture by picture."""

    def chosen(ways: Sequence[search_plan.Way]) -> search_plan.Way:
        return ways[way % len(ways)]

    patch.setattr(search_plan, "cheapest", chosen)
    patch.setattr(search_plan, "_AT_HAND", at_hand)
    patch.setattr(search_plan, "_WORD_US", word_us)


@settings(max_examples=200)
@given(text=_query_text, trashed=st.booleans(), way=_way, at_hand=_at_hand, by_one=st.booleans())
def test_the_same_is_found_on_every_way_as_by_plain_reading(
    database: Database,
    search: LibrarySearch,
    records: list[ImageRecord],
    text: str,
    trashed: bool,
    way: int,
    at_hand: int,
    by_one: bool,
) -> None:
    query = LibraryQuery(text, trashed=trashed)
    wanted = expected(text, records, trashed=trashed)
    with pytest.MonkeyPatch.context() as patch:
        take(patch, way, at_hand=at_hand, word_us=0.0 if by_one else 15.0)
        assert found(search, query) == wanted
        assert [record.id for record in search.first(query, COUNT)] == wanted
        assert search.count(query) == len(wanted)
        for image_id in (1, 60, COUNT):
            assert search.matches(query, image_id) == (image_id in wanted)


@pytest.mark.parametrize("trashed", [False, True])
@pytest.mark.parametrize("text", _ALONE)
def test_each_term_alone_finds_what_it_says(
    search: LibrarySearch, records: list[ImageRecord], text: str, trashed: bool
) -> None:
    for each in (text, f"-{text}"):
        query = LibraryQuery(each, trashed=trashed)
        assert found(search, query) == expected(each, records, trashed=trashed)


@pytest.mark.parametrize("text", ["", "fox", "fox rating:>=3", "-fox", "is:favourite", "tag:fox"])
@pytest.mark.parametrize("trashed", [False, True])
@pytest.mark.parametrize("sort", SortOrder)
@pytest.mark.parametrize("way", [0, -1])
def test_a_screenful_is_how_all_of_them_begin(
    search: LibrarySearch,
    records: list[ImageRecord],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    trashed: bool,
    sort: SortOrder,
    way: int,
) -> None:
    take(monkeypatch, way)
    monkeypatch.setattr(search_module, "MOST_RANKED", 20)
    query = LibraryQuery(text, sort, trashed=trashed)
    ids = found(search, query)
    assert sorted(ids, reverse=True) == expected(text, records, trashed=trashed)
    for limit in (1, 7, 50, COUNT):
        assert [record.id for record in search.first(query, limit)] == ids[:limit]


def test_each_order_is_what_its_name_says(
    search: LibrarySearch, records: list[ImageRecord]
) -> None:
    known = {record.id: record for record in records}

    def order(sort: SortOrder) -> list[ImageRecord]:
        return [known[each] for each in found(search, LibraryQuery(sort=sort))]

    ids = [record.id for record in order(SortOrder.NEWEST)]
    assert ids == sorted(ids, reverse=True)
    assert [record.id for record in order(SortOrder.OLDEST)] == ids[::-1]
    ratings = [(record.rating, record.id) for record in order(SortOrder.RATING)]
    assert ratings == sorted(ratings, reverse=True)
    areas = [(each.width * each.height, each.id) for each in order(SortOrder.SIZE)]
    assert areas == sorted(areas, reverse=True)
    mixed = [record.id for record in order(SortOrder.RANDOM)]
    assert mixed not in (ids, ids[::-1])
    assert sorted(mixed, reverse=True) == ids
    assert [record.id for record in order(SortOrder.ALBUM)] == ids


def test_random_stays_the_same_when_pictures_go(database: Database, search: LibrarySearch) -> None:
    query = LibraryQuery(sort=SortOrder.RANDOM)
    before = found(search, query)
    narrower = found(search, LibraryQuery("rating:>=3", SortOrder.RANDOM))
    assert narrower == [each for each in before if each in set(narrower)]
    assert found(search, query) == before


@pytest.mark.parametrize("way", [0, 1, -1])
@pytest.mark.parametrize("text", ["", "fox", "-fox", "rating:>=2"])
def test_an_album_has_its_own_order(
    database: Database,
    search: LibrarySearch,
    records: list[ImageRecord],
    monkeypatch: pytest.MonkeyPatch,
    way: int,
    text: str,
) -> None:
    take(monkeypatch, way)
    rows = database.read(
        lambda connection: connection.execute(
            "SELECT image_id FROM album_images WHERE album_id = 1 ORDER BY position, image_id"
        ).fetchall()
    )
    wanted = set(expected(text, records))
    query = LibraryQuery(text, SortOrder.ALBUM, album_id=1)
    assert found(search, query) == [row[0] for row in rows if row[0] in wanted]
    assert set(found(search, LibraryQuery(text, album_id=1))) == set(found(search, query))


def test_the_prompt_counts_more_than_what_was_not_wanted(
    search: LibrarySearch, records: list[ImageRecord]
) -> None:
    ids = found(search, LibraryQuery('"light"', SortOrder.RELEVANCE))
    in_prompt = ["light" in records[each - 1].request.prompt.split() for each in ids]
    assert in_prompt == sorted(in_prompt, reverse=True)


def test_what_is_like_a_prompt_has_its_words_and_not_itself(
    search: LibrarySearch, records: list[ImageRecord]
) -> None:
    for record in records[:20]:
        ids = found(search, LibraryQuery(like_id=record.id))
        assert record.id not in ids
        words = set(record.request.prompt.split())
        assert all(words & set(records[each - 1].request.prompt.split()) for each in ids)
        narrowed = found(search, LibraryQuery("rating:>=3", like_id=record.id))
        assert set(narrowed) == {each for each in ids if records[each - 1].rating >= 3}
        assert all(
            search.matches(LibraryQuery(like_id=record.id), each) == (each in ids)
            for each in (1, 60, COUNT)
        )


def test_a_prompt_that_is_not_there_is_like_nothing(search: LibrarySearch) -> None:
    assert found(search, LibraryQuery(like_id=COUNT + 1)) == []
    assert search.first(LibraryQuery(like_id=COUNT + 1)) == []


def test_records_come_in_the_order_asked_for_without_those_that_are_gone(
    search: LibrarySearch,
) -> None:
    assert [record.id for record in search.records([7, COUNT + 9, 3])] == [7, 3]


def test_all_names_are_known_for_completion(search: LibrarySearch) -> None:
    vocabulary = search.vocabulary()
    assert set(vocabulary.tags) == set(TAGS)
    assert set(vocabulary.albums) == set(ALBUMS)
    assert vocabulary.models == tuple(sorted(title for _, title in MODELS))
    assert vocabulary.servers == tuple(sorted(SERVERS))


def test_a_search_that_was_cancelled_says_so_and_hurts_no_later_one(
    search: LibrarySearch,
) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(JobCancelledError):
        search.ids(LibraryQuery(), token)
    assert found(search, LibraryQuery())


def test_a_statement_under_way_is_interrupted(database: Database) -> None:
    token = CancelToken()

    def read(connection: sqlite3.Connection) -> None:
        connection.create_function("cancel", 0, token.cancel)
        endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        with interruptible(connection, token):
            connection.execute(f"{endless} SELECT count(cancel()) FROM n").fetchone()

    with pytest.raises(JobCancelledError):
        database.read(read)


def test_a_query_that_cannot_be_read_is_refused_by_all_calls(search: LibrarySearch) -> None:
    bad = LibraryQuery("rating:x")
    for call in (search.first, search.count, lambda query: search.matches(query, 1)):
        with pytest.raises(QuerySyntaxError):
            call(bad)
    with pytest.raises(QuerySyntaxError):
        search.ids(bad, CancelToken())


@given(text=st.text(max_size=30))
def test_whatever_is_typed_never_reaches_sqlite_as_syntax(search: LibrarySearch, text: str) -> None:
    for each in (text, f'"{text.replace(chr(34), "")}"', f"tag:{text}", f"model:{text}"):
        try:
            search.first(LibraryQuery(each))
        except QuerySyntaxError:
            continue
