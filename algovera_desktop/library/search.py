"""Finds pictures: the first screenful at once, then the ids of all of them."""

import json
import sqlite3
from array import array
from collections.abc import Callable, Generator, Sequence
from datetime import date
from typing import TypeVar

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord, LibraryQuery, SortOrder
from algovera_desktop.library.database import Database
from algovera_desktop.library.interruption import interruptible
from algovera_desktop.library.likeness import MOST_COMPARED, NEAREST, likeness
from algovera_desktop.library.query.nodes import Node
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.sql import Clause
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.search_plan import Plan, Planner
from algovera_desktop.library.store import record_from

T = TypeVar("T")

MOST_RANKED = 5000
"""RELEVANCE ranks the newest so many matches; older ones follow, newest first. All matches of a
common word among a million would take a second and more."""

_SCORE = "bm25(images_text, 10, 1, 4, 6, 1, 1, 2)"
"""How little a match is about what was searched: words weigh most in the prompt, then in tags,
notes and albums, least in what was not wanted and in the model's name."""

_SLICE_CHARACTERS = 100_000
_PAUSE_S = 0.001
"""Ids come from SQLite as one text, without the GIL; it is read in slices of about 2 ms."""


class LibrarySearch:
    """Answers queries. Every call blocks, belongs on a worker thread, sees one state of the
    library, and raises QuerySyntaxError for a text that cannot be read, or LibraryError's kinds.
    """

    def __init__(self, database: Database, *, today: Callable[[], date] = date.today) -> None:
        self._database = database
        self._today = today

    def first(
        self, query: LibraryQuery, limit: int = 200, token: CancelToken | None = None
    ) -> list[ImageRecord]:
        """The first records, in order: how ``ids`` begins, known long before."""
        node = self._parsed(query)

        def read(connection: sqlite3.Connection) -> list[ImageRecord]:
            return _records(connection, _Answer(connection, query, node).first(limit))

        return self._read(read, token or CancelToken())

    def ids(self, query: LibraryQuery, token: CancelToken) -> "array[int]":
        """The ids of all that match, in order. Raises JobCancelledError."""
        node = self._parsed(query)
        texts = self._read(lambda connection: list(_Answer(connection, query, node).all()), token)
        return _numbers(texts, token)

    def records(self, ids: Sequence[int]) -> list[ImageRecord]:
        """The records of these ids, in this order; what is there no longer is left out."""
        return self._database.read(lambda connection: _records(connection, ids))

    def matches(self, query: LibraryQuery, image_id: int) -> bool:
        """Whether a picture is one of those that ``query`` shows."""
        node = self._parsed(query)
        return self._database.read(
            lambda connection: _Answer(connection, query, node).has(image_id)
        )

    def count(self, query: LibraryQuery, token: CancelToken | None = None) -> int:
        """How many there are; takes longer the more there are."""
        node = self._parsed(query)
        return self._read(
            lambda connection: _Answer(connection, query, node).count(), token or CancelToken()
        )

    def vocabulary(self) -> Vocabulary:
        """All names, for completing them."""
        return self._database.read(_vocabulary)

    def _parsed(self, query: LibraryQuery) -> Node:
        return parse(query.text, self._today())

    def _read(self, operation: Callable[[sqlite3.Connection], T], token: CancelToken) -> T:
        def read(connection: sqlite3.Connection) -> T:
            with interruptible(connection, token):
                return operation(connection)

        return self._database.read(read)


class _Answer:
    """What one state of the library answers to a query."""

    def __init__(self, connection: sqlite3.Connection, query: LibraryQuery, node: Node) -> None:
        self._connection = connection
        self._query = query
        self._node = node
        self._vocabulary = _vocabulary(connection)

    def first(self, limit: int) -> Sequence[int]:
        ranked = self._ranked()
        if ranked is not None and (len(ranked) >= limit or not self._goes_on(ranked)):
            return ranked[:limit]
        known = ranked or []
        rest = self._planner(after=known).plan().ids(limit - len(known))
        return [*known, *(row[0] for row in self._execute(rest))]

    def all(self) -> Generator[str]:
        """The ids as texts, parted by commas."""
        ranked = self._ranked()
        if ranked:
            yield ",".join(map(str, ranked))
        if ranked is None or self._goes_on(ranked):
            yield self._text(self._planner(whole=True, after=ranked or []).plan().ids())

    def count(self) -> int:
        ranked = self._ranked() if self._query.like_id is not None else None
        if ranked is not None:
            return len(ranked)
        return self._execute(self._planner(whole=True).plan().count()).fetchone()[0]

    def has(self, image_id: int) -> bool:
        if self._query.like_id is not None:
            return image_id in (self._ranked() or [])
        return self._execute(self._planner().one(image_id).ids()).fetchone() is not None

    def _ranked(self) -> list[int] | None:
        """Those that are in order of nearness; None where another order is asked for."""
        planner = self._planner()
        if self._query.like_id is not None:
            like = likeness(self._connection, self._query.like_id)
            if like is None:
                return []
            expression = f"({like} AND {planner.expression})" if planner.expression else like
            planner.count_further()
            nearest = self._by_score(
                planner.by_words(expression, MOST_COMPARED), MOST_COMPARED, NEAREST + 1
            )
            return [each for each in nearest if each != self._query.like_id][:NEAREST]
        if self._query.sort is SortOrder.RELEVANCE and planner.expression is not None:
            # All matches may have to be looked at, so that it is worth knowing the other terms.
            planner.count_further()
            plan = planner.by_words(planner.expression, MOST_RANKED)
            return self._by_score(plan, MOST_RANKED, MOST_RANKED)
        return None

    def _by_score(self, plan: Plan, most: int, limit: int) -> list[int]:
        scored = plan.select(f"images.id AS id, {_SCORE} AS score", most)
        sql = f"SELECT id FROM ({scored.sql}) ORDER BY score, id DESC LIMIT ?"
        text = self._text(Clause(sql, (*scored.values, limit)))
        return [int(each) for each in text.split(",")] if text else []

    def _goes_on(self, ranked: Sequence[int]) -> bool:
        return self._query.like_id is None and len(ranked) == MOST_RANKED

    def _planner(self, *, whole: bool = False, after: Sequence[int] = ()) -> Planner:
        """``after`` are the newest matches; what is planned then are those that are older."""
        within = (0, min(after) - 1) if after else None
        return Planner(
            self._connection,
            self._query,
            self._node,
            self._vocabulary,
            whole=whole,
            within=within,
        )

    def _text(self, ids: Clause) -> str:
        sql = f"SELECT group_concat(id) FROM ({ids.sql})"
        return self._execute(Clause(sql, ids.values)).fetchone()[0] or ""

    def _execute(self, clause: Clause) -> sqlite3.Cursor:
        return self._connection.execute(clause.sql, clause.values)


def _records(connection: sqlite3.Connection, ids: Sequence[int]) -> list[ImageRecord]:
    rows = connection.execute(
        "SELECT * FROM images WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    found = {row["id"]: record_from(row) for row in rows}
    return [found[each] for each in ids if each in found]


def _numbers(texts: Sequence[str], token: CancelToken) -> "array[int]":
    found = array("q")
    for text in texts:
        at = 0
        while at < len(text):
            end = text.find(",", at + _SLICE_CHARACTERS)
            end = len(text) if end < 0 else end
            found.extend(map(int, text[at:end].split(",")))
            at = end + 1
            token.wait(_PAUSE_S)
    return found


def _vocabulary(connection: sqlite3.Connection) -> Vocabulary:
    return Vocabulary(
        tags=_column(connection, "SELECT name FROM tags ORDER BY name"),
        albums=_column(connection, "SELECT name FROM albums ORDER BY name"),
        models=_column(connection, _distinct("model_title", "images_model")),
        servers=_column(connection, _distinct("server_name", "images_server")),
    )


def _distinct(column: str, index: str) -> str:
    """The different values of an indexed column, found by one look at the index for each."""
    next_one = f"SELECT min({column}) FROM images INDEXED BY {index} WHERE {column} >"
    return (
        f"WITH RECURSIVE found (name) AS (SELECT ({next_one} '') UNION ALL"
        f" SELECT ({next_one} found.name) FROM found WHERE name IS NOT NULL)"
        " SELECT name FROM found WHERE name IS NOT NULL"
    )


def _column(connection: sqlite3.Connection, statement: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(statement))
