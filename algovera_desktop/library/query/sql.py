"""What a query means, as conditions on rows of ``images``."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from algovera_desktop.library.query import words
from algovera_desktop.library.query.lexer import is_searchable
from algovera_desktop.library.query.nodes import (
    All,
    Any,
    Extra,
    Has,
    Interval,
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
    Words,
)
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.rows import to_stamp

T = TypeVar("T", float, datetime)

COLUMNS = {
    NumberField.RATING: "images.rating",
    NumberField.SEED: "images.seed",
    NumberField.STEPS: "images.steps",
    NumberField.GUIDANCE: "images.guidance_scale",
}
_RATIOS = {
    Ratio.PORTRAIT: "images.width < images.height",
    Ratio.LANDSCAPE: "images.width > images.height",
    Ratio.SQUARE: "images.width = images.height",
}
_STATES = {
    State.FAVOURITE: "images.is_favourite",
    State.FAILED: "images.id < 0",
    State.IMPORTED: "images.tool <> ''",
    State.TRASHED: "images.trashed_at IS NOT NULL",
    State.MISSING: "images.missing_since IS NOT NULL",
}
_EXTRAS = {
    Extra.NOTE: "images.notes <> ''",
    Extra.TAG: "images.tags <> ''",
    Extra.ALBUM: "images.albums <> ''",
}
_JOINS = {
    NameField.TAG: ("image_tags", "tag_id", "tags"),
    NameField.ALBUM: ("album_images", "album_id", "albums"),
}
"""The table that joins, its column of the names' ids, the table of the names."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of SQL, and the values of its places in order."""

    sql: str
    values: tuple[str | int | float, ...] = ()


EVERYTHING = Clause("1")
NOTHING = Clause("images.id < 0")
"""Not "0": SQLite would see that nothing is asked, and have no use for the index it is told."""


def joined(clauses: Iterable[Clause], operator: str = "AND") -> Clause:
    """All of them, in parentheses."""
    parts = list(clauses)
    sql = "(" + f" {operator} ".join(part.sql for part in parts) + ")"
    return Clause(sql, tuple(value for part in parts for value in part.values))


def between(column: str, interval: Interval[float]) -> Clause:
    """That a column's value lies in an interval."""
    if interval.low is not None and interval.low == interval.high:
        return Clause(f"{column} = ?", (interval.low,))
    parts: list[Clause] = []
    if interval.low is not None:
        parts.append(Clause(f"{column} {'>' if interval.without_low else '>='} ?", (interval.low,)))
    if interval.high is not None:
        sign = "<" if interval.without_high else "<="
        parts.append(Clause(f"{column} {sign} ?", (interval.high,)))
    return joined(parts) if parts else EVERYTHING


def made_in(interval: Interval[datetime]) -> Clause:
    """That a picture was made in an interval."""
    low, high = (None if time is None else to_stamp(time) for time in (interval.low, interval.high))
    return between(
        "images.created_at", Interval(low, high, interval.without_low, interval.without_high)
    )


def named_ids(field: NameField, names: Iterable[str]) -> Clause:
    """A SELECT of the ids of the pictures with one of these tags, or in one of these albums."""
    join, key, table = _JOINS[field]
    return Clause(
        f"SELECT image_id AS id FROM {join} WHERE {key} IN "
        f"(SELECT id FROM {table} WHERE name IN (SELECT value FROM json_each(?)))",
        (json.dumps(list(names)),),
    )


class Conditions:
    """Turns trees into conditions.

    ``at_once`` tells of an expression whether the index of words is to be asked once for all
    pictures (up to half a second, by how many it finds) rather than for one picture after the
    other (50 µs each).
    """

    def __init__(self, vocabulary: Vocabulary, at_once: Callable[[str], bool]) -> None:
        self._vocabulary = vocabulary
        self._at_once = at_once

    def all_of(self, nodes: Iterable[Node]) -> Clause:
        """That all of them hold."""
        return joined([EVERYTHING, *map(self.condition, nodes)])

    def words(self, expression: str) -> Clause:
        """That the index of words answers this expression with the picture."""
        if self._at_once(expression):
            return Clause(
                "images.id IN (SELECT rowid FROM images_text WHERE images_text MATCH ?)",
                (expression,),
            )
        return Clause(
            "EXISTS (SELECT 1 FROM images_text"
            " WHERE images_text MATCH ? AND images_text.rowid = images.id)",
            (expression,),
        )

    def condition(self, node: Node) -> Clause:
        """That one holds."""
        if (expression := words.expression(node)) is not None:
            return self.words(expression)
        match node:
            case Not(part):
                inner = self.condition(part)
                return Clause(f"NOT ({inner.sql})", inner.values)
            case All(parts):
                found, others = words.split(parts)
                tests = [] if found is None else [self.words(found)]
                return joined([*tests, self.all_of(others)])
            case Any(parts):
                return joined(map(self.condition, parts), "OR")
            case Named():
                return self._named(node)
            case _:
                return _fact(node)

    def _named(self, named: Named) -> Clause:
        if named.field is NameField.MODEL:
            return self._model(named)
        names = self._vocabulary.meant_by(named)
        if named.field is NameField.SERVER:
            known = json.dumps(names)
            return Clause("images.server_name IN (SELECT value FROM json_each(?))", (known,))
        join, key, table = _JOINS[named.field]
        return Clause(
            f"EXISTS (SELECT 1 FROM {join} WHERE image_id = images.id AND {key} IN "
            f"(SELECT id FROM {table} WHERE name IN (SELECT value FROM json_each(?))))",
            (json.dumps(names),),
        )

    def _model(self, named: Named) -> Clause:
        # Beginnings are asked of the index of words, as far as it holds anything of them.
        if named.is_prefix:
            return NOTHING if named.text else EVERYTHING
        exact = Clause(
            "(images.model = ? COLLATE NOCASE OR images.model_title = ? COLLATE NOCASE)",
            (named.text, named.text),
        )
        if not is_searchable(named.text):
            return exact
        return joined([self.words(words.model(named)), exact])


def _fact(node: Node) -> Clause:
    match node:
        case NumberIn(field, interval):
            return between(COLUMNS[field], interval)
        case SizeIs(width, height):
            return Clause("images.width = ? AND images.height = ?", (width, height))
        case RatioIs(ratio):
            return Clause(_RATIOS[ratio])
        case MadeIn(interval):
            return made_in(interval)
        case Is(state):
            return Clause(_STATES[state])
        case Has(extra):
            return Clause(_EXTRAS[extra])
        case Words() | Named() | Not() | All() | Any():
            raise AssertionError(node)
