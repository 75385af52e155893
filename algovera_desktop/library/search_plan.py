"""Finds the way to an answer that looks at the fewest pictures.

SQLite's own planner knows nothing of how often a word or a rating occurs. A few bounded counts,
around a millisecond each, tell it here:

- Some term is about few pictures: those are looked at one by one, and sorted.
- There are words: the index of words names the pictures, newest first, as far as is asked for.
- Otherwise an index that has the order asked for is walked, until enough are found.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.migrations import RANDOM_PLACE
from algovera_desktop.library.query import words
from algovera_desktop.library.query.drivers import FEW, Driver, driver
from algovera_desktop.library.query.lexer import is_searchable
from algovera_desktop.library.query.nodes import (
    All,
    Named,
    NameField,
    Node,
    asks_for_trash,
    conjuncts,
)
from algovera_desktop.library.query.sql import Clause, Conditions, joined
from algovera_desktop.library.query.vocabulary import Vocabulary

Span = tuple[int, int]
"""The first and the last id of a stretch."""

_FEW_FOR_WORDS = 500
"""So many pictures are asked for their words one by one in some 30 ms."""
_SORTED_MATCHES = 75_000
"""So many matches of words are sorted in 100 ms; of more, a walk soon meets a screenful."""
_NAMES_AS_WORDS = 20
_COMMON_SHARE = 0.9

_ORDERS = {
    SortOrder.OLDEST: ("images_facts", "{id}"),
    SortOrder.RATING: ("images_rating", "images.rating DESC, {id} DESC"),
    SortOrder.SIZE: ("images_area", "images.width * images.height DESC, {id} DESC"),
    SortOrder.RANDOM: ("images_random", f"{RANDOM_PLACE}, {{id}}"),
}
_NEWEST = ("images_facts", "{id} DESC")
"""An index that has the order, and the order."""

_ALBUM_INDEX = "album_images_order"

_TRASH = Driver(
    Clause("SELECT id FROM images INDEXED BY images_trashed WHERE trashed_at IS NOT NULL")
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement without its columns: where it looks, what it asks, and in which order."""

    tables: str
    where: Clause
    order: str

    def ids(self, limit: int | None = None) -> Clause:
        """A SELECT of the ids that match, in order; all of them, or the first ``limit``."""
        return self.select("images.id AS id", limit)

    def select(self, columns: str, limit: int | None = None) -> Clause:
        sql = f"SELECT {columns} FROM {self.tables} WHERE {self.where.sql} ORDER BY {self.order}"
        if limit is None:
            return Clause(sql, self.where.values)
        return Clause(f"{sql} LIMIT ?", (*self.where.values, limit))

    def count(self) -> Clause:
        """A SELECT of how many match."""
        sql = f"SELECT count(*) FROM {self.tables} WHERE {self.where.sql}"
        return Clause(sql, self.where.values)


@dataclass(frozen=True, slots=True)
class _Probe:
    """What a bounded look at a driver finds; ``span`` holds its ids, if it was seen whole."""

    driver: Driver
    count: int
    span: Span | None


class Planner:
    """Plans one query over one view of the library.

    ``whole`` says that all matches are asked for, and not a screenful; ``within`` narrows them to
    a stretch of ids.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        query: LibraryQuery,
        node: Node,
        vocabulary: Vocabulary,
        *,
        whole: bool = False,
        within: Span | None = None,
    ) -> None:
        self._connection = connection
        self._query = query
        self._nodes = conjuncts(node)
        self._vocabulary = vocabulary
        self._whole = whole
        self._within = [] if within is None else [within]
        self._in_trash = query.trashed or asks_for_trash(node)

    def plan(self) -> Plan:
        """The best way."""
        smallest = min(self._probes, key=lambda probe: probe.count, default=None)
        few = FEW if self.expression is None else _FEW_FOR_WORDS
        if smallest is not None and smallest.count < few:
            return self._one_by_one(smallest)
        if self.expression is not None and self._is_for_words(self.expression):
            return self.by_words(self.expression)
        return self._walk()

    def by_words(self, expression: str) -> Plan:
        """The way through the index of words, which can also tell how well each picture matches.

        It must name all pictures that ``self.expression`` does which are wanted.
        """
        tests = [
            Clause("images_text MATCH ?", (expression,)),
            *self._spans("images_text.rowid"),
            self._shown(),
            self._conditions(self._decide).condition(All(tuple(self._beyond_words))),
        ]
        tables = "images_text CROSS JOIN images ON images.id = images_text.rowid"
        return Plan(tables, joined(tests), self._order("images_text.rowid")[1])

    def one(self, image_id: int) -> Plan:
        """The way to tell of one picture whether it matches."""
        test = Clause("images.id = ?", (image_id,))
        return Plan("images", joined([test, self._matching(row_by_row=True)]), "images.id")

    @cached_property
    def expression(self) -> str | None:
        """What is asked of the index of words: nothing that matches is missing from its answer."""
        found, others = words.split(self._nodes)
        parts = [] if found is None else [found]
        for node in others:
            if isinstance(node, Named) and node.field in (NameField.TAG, NameField.ALBUM):
                names = self._vocabulary.meant_by(node)
                if 0 < len(names) <= _NAMES_AS_WORDS and all(map(is_searchable, names)):
                    parts.append(words.among_names(node.field, names))
        return words.all_of(parts) if parts else None

    @cached_property
    def _beyond_words(self) -> Sequence[Node]:
        return words.split(self._nodes)[1]

    @cached_property
    def _probes(self) -> list[_Probe]:
        return [self._probe(each) for each in self._drivers()]

    def _drivers(self) -> Iterator[Driver]:
        if self._query.album_id is not None:
            ids = "SELECT image_id AS id FROM album_images WHERE album_id = ?"
            yield Driver(Clause(ids, (self._query.album_id,)))
        if self._in_trash:
            yield _TRASH
            return
        for node in self._nodes:
            if (found := driver(node, self._vocabulary)) is not None:
                yield found

    def _probe(self, driver: Driver) -> _Probe:
        count, first, last = self._connection.execute(
            f"SELECT count(*), min(id), max(id) FROM ({driver.ids.sql} LIMIT ?)",
            (*driver.ids.values, driver.limit),
        ).fetchone()
        return _Probe(driver, count, (first, last) if 0 < count < driver.limit else None)

    def _is_for_words(self, expression: str) -> bool:
        """Whether the matches come in the right order, or are few enough to be sorted."""
        if self._whole or self._order("id")[0] == _NEWEST[0] or self._in_trash:
            return True
        if words.gathers_words(expression):
            return True
        return self._count(expression, _SORTED_MATCHES) < _SORTED_MATCHES

    def _one_by_one(self, probe: _Probe) -> Plan:
        ids = probe.driver.ids
        tests = [
            Clause(f"images.id IN (SELECT id FROM ({ids.sql}))", ids.values),
            *self._spans("images.id"),
            self._matching(row_by_row=probe.count < _FEW_FOR_WORDS),
        ]
        return Plan("images NOT INDEXED", joined(tests), self._order("images.id")[1])

    def _walk(self) -> Plan:
        index, order = self._order("images.id")
        tests = [*self._spans("images.id"), self._matching()]
        if index != _ALBUM_INDEX:
            return Plan(f"images INDEXED BY {index}", joined(tests), order)
        album = Clause("album_images.album_id = ?", (self._query.album_id or 0,))
        tables = (
            f"album_images INDEXED BY {index}"
            " CROSS JOIN images ON images.id = album_images.image_id"
        )
        order = "album_images.position, album_images.image_id"
        return Plan(tables, joined([album, *tests]), order)

    def _matching(self, *, row_by_row: bool = False) -> Clause:
        conditions = self._conditions(words.gathers_words if row_by_row else self._decide)
        return joined([self._shown(), conditions.condition(All(tuple(self._nodes)))])

    def _conditions(self, at_once: Callable[[str], bool]) -> Conditions:
        return Conditions(self._vocabulary, at_once)

    def _shown(self) -> Clause:
        # Word for word the condition of the partial indexes, or SQLite does not use them.
        shown = Clause(f"images.trashed_at IS {'NOT ' if self._in_trash else ''}NULL")
        if self._query.album_id is None:
            return shown
        album = Clause(
            "EXISTS (SELECT 1 FROM album_images AS members"
            " WHERE members.album_id = ? AND members.image_id = images.id)",
            (self._query.album_id,),
        )
        return joined([shown, album])

    def _spans(self, column: str) -> Iterator[Clause]:
        for span in [*self._within, *(probe.span for probe in self._probes if probe.span)]:
            yield Clause(f"{column} BETWEEN ? AND ?", span)

    def _order(self, column: str) -> tuple[str, str]:
        """An index that has the order, and the order, where ``column`` holds the id."""
        album = self._query.album_id
        if self._query.sort is SortOrder.ALBUM and album is not None:
            place = "SELECT position FROM album_images AS places WHERE places.image_id = images.id"
            return _ALBUM_INDEX, f"({place} AND places.album_id = {album:d}), {column}"
        index, order = _ORDERS.get(self._query.sort, _NEWEST)
        return "images_trashed" if self._in_trash else index, order.replace("{id}", column)

    def _decide(self, expression: str) -> bool:
        """Whether the index of words is asked once: for rare words that costs nothing, for those
        in nearly all pictures a picture without them would be looked for too long."""
        if words.gathers_words(expression):
            return True
        if self._whole or self._count(expression, FEW) < FEW:
            return True
        most = self._connection.execute("SELECT coalesce(max(id), 0) FROM images").fetchone()[0]
        common = int(most * _COMMON_SHARE)
        return self._count(expression, common) >= common

    def _count(self, expression: str, limit: int) -> int:
        return self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM images_text WHERE images_text MATCH ? LIMIT ?)",
            (expression, limit),
        ).fetchone()[0]
