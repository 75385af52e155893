"""Finds the way to an answer that takes the least time.

SQLite's own planner knows nothing of how often a word or a rating occurs. A few bounded counts and
samples, around a millisecond each, tell it here, and the cheapest of three ways is taken:

- Some term is about few pictures: those are looked at one by one, and sorted.
- There are words: the index of words names the pictures, newest first, as far as is asked for.
- An index that has the order asked for is walked, until enough are found.

On each way, words are asked for either picture by picture or once, for a set of all their matches.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.migrations import RANDOM_PLACE
from algovera_desktop.library.query import words
from algovera_desktop.library.query.drivers import Driver, driver
from algovera_desktop.library.query.lexer import is_searchable
from algovera_desktop.library.query.nodes import (
    All,
    Named,
    NameField,
    Node,
    Not,
    NumberField,
    NumberIn,
    SizeIs,
    asks_for_trash,
    conjuncts,
)
from algovera_desktop.library.query.sql import Clause, Conditions, joined
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.search_estimates import Estimates
from algovera_desktop.library.search_probes import Probe, Probes, Span

_AT_HAND = 500
"""So many pictures are looked at before anything better is thought of."""
_SCREENFUL = 200
_WORTH_COUNTING_US = 30_000

_STEP_US = 0.3
"""To go on to the next picture of an index."""
_LOOK_US = 0.7
_LOOK_ANYWHERE_US = 4.0
"""To look at a picture's row, in the order of ids or in any other."""
_SORT_US = 0.5
_WORD_US = 15.0
"""To ask the index of words for one picture."""
_MATCH_US = 0.25
"""For each match of words, where a set is made of all of them."""
_NAMES_AS_WORDS = 20

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

_NOT_TRASHED = Clause(f"images_text.rowid NOT IN ({_TRASH.ids.sql})")


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement without its columns: where it looks, what it asks, and in which order."""

    tables: str
    where: Clause
    order: str
    id_column: str = "images.id"

    def ids(self, limit: int | None = None) -> Clause:
        """A SELECT of the ids that match, in order; all of them, or the first ``limit``."""
        return self.select(f"{self.id_column} AS id", limit)

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
class Way:
    """A plan, and about how long it takes in microseconds."""

    cost_us: float
    plan: Callable[[], Plan]


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
        self._estimates = Estimates(connection)
        self._query = query
        self._nodes = conjuncts(node)
        self._vocabulary = vocabulary
        self._whole = whole
        self._within = [] if within is None else [within]
        self._in_trash = query.trashed or asks_for_trash(node)

    def plan(self) -> Plan:
        """The best way."""
        smallest = self._probes.smallest
        if smallest is not None and smallest.count < _AT_HAND:
            return self._one_by_one(smallest, smallest.count)
        way = cheapest(self._ways())
        if way.cost_us > _WORTH_COUNTING_US and self.count_further():
            way = cheapest(self._ways())
        return way.plan()

    def _ways(self) -> list[Way]:
        ways = [self._way_one_by_one(probe) for probe in self._probes.known]
        if self.expression is not None:
            ways.append(self._way_by_words(self.expression))
        return ways if self._in_trash and ways else [*ways, self._way_of_walking()]

    def _way_one_by_one(self, probe: Probe) -> Way:
        asked = min(probe.count, self._facts_share * self._estimates.total)
        cost_us = probe.count * (_LOOK_US + _SORT_US) + self._words_us(asked)
        return Way(cost_us, lambda: self._one_by_one(probe, asked))

    def _way_by_words(self, expression: str) -> Way:
        rows = self._rows_by_words(expression, _SCREENFUL)
        cost_us = rows * _STEP_US
        if not self._is_of_words_alone:
            cost_us += self._probes.looks_us(rows, _LOOK_US)
        if self._order("id")[0] != _NEWEST[0]:
            cost_us += rows * _SORT_US
        return Way(cost_us, lambda: self.by_words(expression))

    def _rows_by_words(self, expression: str, wanted: int) -> float:
        """How many matches of words are gone through, where so many pictures are wanted."""
        matches = self._estimates.matches(expression) * self._span_share
        if self._whole or self._order("id")[0] != _NEWEST[0]:
            return matches
        return min(matches, wanted / self._facts_share)

    def _way_of_walking(self) -> Way:
        rows = self._rows_of_walking
        asked = rows * min(1.0, self._facts_share / self._span_share)
        looks_us = (
            self._probes.looks_us(rows, self._walked_look_us) if self._facts_share < 1 else 0.0
        )
        cost_us = rows * _STEP_US + looks_us + self._words_us(asked)
        return Way(cost_us, lambda: self._walk(asked))

    @property
    def _rows_of_walking(self) -> float:
        wanted = self._estimates.total if self._whole else _SCREENFUL
        share = self._facts_share * self._words_share
        return min(self._estimates.total * self._span_share, wanted / share)

    @property
    def _walked_look_us(self) -> float:
        return _LOOK_US if self._order("id")[0] == _NEWEST[0] else _LOOK_ANYWHERE_US

    def _words_us(self, rows: float) -> float:
        """What it takes to ask for all words, where so many pictures are asked about."""
        if self._words is None:
            return 0.0
        return min(rows * _WORD_US, self._estimates.matches(self._words) * _MATCH_US)

    @property
    def _is_of_words_alone(self) -> bool:
        """Whether all that match words are wanted, so that no picture's row need be looked at."""
        is_plain = self._query.album_id is None and not self._in_trash and not self._beyond_words
        return self._whole and is_plain and self._order("id")[0] == _NEWEST[0]

    @cached_property
    def _words(self) -> str | None:
        """The words that all must be there."""
        return words.split(self._nodes)[0]

    @cached_property
    def _words_share(self) -> float:
        """How much of the library has all the words."""
        named = 1.0 if self._words is None else self._share(self._words)
        return max(named * self._unsure_share, 1 / self._estimates.total)

    @cached_property
    def _unsure_share(self) -> float:
        """How much of the library has what is said of words in other ways, told of each alone."""
        share = 1.0
        for node in self._beyond_words:
            inner = words.expression(node.part) if isinstance(node, Not) else None
            if inner is not None:
                share *= max(1.0 - self._share(inner), 1 / self._estimates.total)
        return share

    def _share(self, expression: str) -> float:
        return min(self._estimates.matches(expression) / self._estimates.total, 1.0)

    @cached_property
    def _facts_share(self) -> float:
        """For how much of the library everything holds but words."""
        counted = [probe.count for probe in self._probes.known]
        most = min(counted, default=self._estimates.total) / self._estimates.total
        if self._in_trash:
            return max(most, 1 / self._estimates.total)
        facts = [node for node in self._beyond_words if not words.has_any(node)]
        nothing_asked = not facts and self._query.album_id is None
        condition = joined([self._shown(), self._conditions(0).all_of(facts)])
        sampled = 1.0 if nothing_asked else self._estimates.share(condition)
        return max(min(most, sampled), 1 / self._estimates.total)

    @cached_property
    def _span_share(self) -> float:
        """How much of the library lies in the stretch of ids that is known."""
        spans = [*self._probes.spans, *self._within]
        shortest = min((last - first + 1 for first, last in spans), default=self._estimates.total)
        return min(1.0, max(shortest, 1) / self._estimates.total)

    def by_words(self, expression: str, wanted: int = _SCREENFUL) -> Plan:
        """The way through the index of words, which can also tell how well each picture matches.

        It must name all pictures that ``self.expression`` does which are wanted.
        """
        chosen = self._probes.worth_a_set(self._rows_by_words(expression, wanted), _LOOK_US)
        match = Clause("images_text MATCH ?", (expression,))
        if self._is_of_words_alone:
            tests = [match, *self._spans("images_text.rowid"), _NOT_TRASHED]
            order = self._order("images_text.rowid")[1]
            return Plan("images_text", joined(tests), order, "images_text.rowid")
        tests = [
            match,
            *self._spans("images_text.rowid"),
            *([] if chosen is None else [chosen.among("+images_text.rowid")]),
            self._shown(),
            self._conditions(_SCREENFUL / self._words_share).condition(
                All(tuple(self._beyond_words))
            ),
        ]
        tables = "images_text CROSS JOIN images ON images.id = images_text.rowid"
        return Plan(tables, joined(tests), self._order("images_text.rowid")[1])

    def one(self, image_id: int) -> Plan:
        """The way to tell of one picture whether it matches."""
        test = Clause("images.id = ?", (image_id,))
        return Plan("images", joined([test, self._matching(1)]), "images.id")

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
    def _probes(self) -> Probes:
        return Probes(self._connection, self._drivers(), self._estimates.total)

    def count_further(self) -> bool:
        """Find out how many those terms are about of which it is not known; whether there were
        any."""
        if not self._probes.look_further(self._estimated):
            return False
        for known in ("_facts_share", "_span_share"):
            self.__dict__.pop(known, None)
        return True

    def _estimated(self, term: Node) -> float:
        condition = joined([self._shown(), self._conditions(0).condition(term)])
        return self._estimates.share(condition) * self._estimates.total

    def _drivers(self) -> Iterator[tuple[Node | None, Driver]]:
        if self._query.album_id is not None:
            ids = "SELECT image_id AS id FROM album_images WHERE album_id = ?"
            yield None, Driver(Clause(ids, (self._query.album_id,)))
        if self._in_trash:
            yield None, _TRASH
            return
        for node in self._nodes:
            if (found := driver(node, self._vocabulary)) is not None:
                yield node, found

    def _one_by_one(self, probe: Probe, asked: float) -> Plan:
        """``asked`` is of how many pictures it must be found out whether they have the words."""
        tests = [probe.among("images.id"), *self._spans("images.id"), self._matching(asked)]
        return Plan("images NOT INDEXED", joined(tests), self._order("images.id")[1])

    def _walk(self, asked: float) -> Plan:
        index, order = self._order("images.id")
        chosen = self._probes.worth_a_set(self._rows_of_walking, self._walked_look_us)
        among = [] if chosen is None else [chosen.among("images.id")]
        tests = [*self._spans("images.id"), *among, self._matching(asked)]
        if index != _ALBUM_INDEX:
            return Plan(f"images INDEXED BY {index}", joined(tests), order)
        album = Clause("album_images.album_id = ?", (self._query.album_id or 0,))
        tables = (
            f"album_images INDEXED BY {index}"
            " CROSS JOIN images ON images.id = album_images.image_id"
        )
        order = "album_images.position, album_images.image_id"
        return Plan(tables, joined([album, *tests]), order)

    def _matching(self, asked: float) -> Clause:
        condition = self._conditions(asked).condition(All(tuple(self._nodes)))
        return joined([self._shown(), condition])

    def _conditions(self, asked: float) -> Conditions:
        """Conditions of which each word is asked for ``asked`` pictures."""

        def at_once(expression: str) -> bool:
            if words.gathers_words(expression):
                return asked > 1
            if self._whole:
                return True
            return self._estimates.matches(expression) * _MATCH_US < asked * _WORD_US

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
        for span in [*self._within, *self._probes.spans]:
            yield Clause(f"{column} BETWEEN ? AND ?", span)

    @cached_property
    def _is_all_one(self) -> bool:
        """Whether all that match stand in the same place of the order that is asked for."""
        match self._query.sort:
            case SortOrder.SIZE:
                return any(isinstance(node, SizeIs) for node in self._nodes)
            case SortOrder.RATING:
                ratings = [
                    node.interval
                    for node in self._nodes
                    if isinstance(node, NumberIn) and node.field is NumberField.RATING
                ]
                return any(each.low is not None and each.low == each.high for each in ratings)
            case _:
                return False

    def _order(self, column: str) -> tuple[str, str]:
        """An index that has the order, and the order, where ``column`` holds the id."""
        album = self._query.album_id
        if self._query.sort is SortOrder.ALBUM and album is not None:
            place = "SELECT position FROM album_images AS places WHERE places.image_id = images.id"
            return _ALBUM_INDEX, f"({place} AND places.album_id = {album:d}), {column}"
        index, order = _NEWEST if self._is_all_one else _ORDERS.get(self._query.sort, _NEWEST)
        return "images_trashed" if self._in_trash else index, order.replace("{id}", column)


def cheapest(ways: Sequence[Way]) -> Way:
    return min(ways, key=lambda way: way.cost_us)
