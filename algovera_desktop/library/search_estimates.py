"""How many pictures a part of a query is about, told from a look at few of them."""

import json
import sqlite3
from functools import cached_property

from algovera_desktop.library.query import words
from algovera_desktop.library.query.sql import Clause

_EXACT = 2000
"""So many matches of words are counted in less than a millisecond."""
_GATHERED = 20_000
_STRETCHES = 16
_STRETCH_IDS = 256
_SAMPLE = _STRETCHES * _STRETCH_IDS
"""As many pictures, from all over the library, are looked at in less than a millisecond."""


class Estimates:
    """Counts exactly what is rare, and guesses what is common from a sample; each once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._matches: dict[str, float] = {}

    @cached_property
    def total(self) -> int:
        """How many pictures there are, about; at least one."""
        last = self._connection.execute("SELECT max(id) FROM images").fetchone()[0]
        return max(last or 1, 1)

    def matches(self, expression: str) -> float:
        """How many pictures the index of words answers an expression with."""
        if expression not in self._matches:
            self._matches[expression] = self._matches_of(expression)
        return self._matches[expression]

    def share(self, condition: Clause) -> float:
        """For how much of the library a condition on the pictures outside the trash holds."""
        found = self._connection.execute(
            f"""SELECT count(*) FROM json_each(?) AS stretch
                CROSS JOIN images INDEXED BY images_facts
                WHERE images.id BETWEEN stretch.value AND stretch.value + {_STRETCH_IDS - 1}
                AND {condition.sql}""",
            (self._sample, *condition.values),
        ).fetchone()[0]
        return _share(found, min(self.total, _SAMPLE))

    def _matches_of(self, expression: str) -> float:
        if words.gathers_words(expression):
            return self._count(expression, _GATHERED)
        count = self._count(expression, _EXACT)
        if count < _EXACT:
            return count
        found = self._connection.execute(
            f"""SELECT count(*) FROM json_each(?) AS stretch CROSS JOIN images_text
                WHERE images_text MATCH ? AND images_text.rowid
                BETWEEN stretch.value AND stretch.value + {_STRETCH_IDS - 1}""",
            (self._sample, expression),
        ).fetchone()[0]
        return max(count, _share(found, min(self.total, _SAMPLE)) * self.total)

    def _count(self, expression: str, limit: int) -> int:
        return self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM images_text WHERE images_text MATCH ? LIMIT ?)",
            (expression, limit),
        ).fetchone()[0]

    @cached_property
    def _sample(self) -> str:
        """The first ids of the stretches; those of a small library lie side by side."""
        step = max(self.total // _STRETCHES, _STRETCH_IDS)
        return json.dumps([1 + step * number for number in range(_STRETCHES)])


def _share(found: int, of: int) -> float:
    """What was not met at all may still be there."""
    return min(max(found, 0.5) / of, 1.0)
