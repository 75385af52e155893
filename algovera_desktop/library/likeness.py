"""Which pictures have prompts nearest to another's."""

import sqlite3

from algovera_desktop.library.query import words
from algovera_desktop.library.query.lexer import is_searchable
from algovera_desktop.library.unspaced import terms_of

NEAREST = 1000
"""As many pictures are called like another."""

MOST_COMPARED = 20_000
"""As many are ranked, in some 100 ms."""

_MOST_COUNTED = 400
"""A prompt's first so many terms are counted; a page of Chinese has more."""
_MOST_TERMS = 12
_COMMON = 5000


def likeness(connection: sqlite3.Connection, image_id: int) -> str | None:
    """What the index of words is asked for prompts like that picture's.

    The rarest words of a prompt tell most of what it is about; common ones are asked for only
    where there is no other. None if the picture is not there or its prompt holds no word.
    """
    row = connection.execute("SELECT prompt FROM images WHERE id = ?", (image_id,)).fetchone()
    found = terms_of(row[0].casefold()) if row else []
    terms = [
        f"prompt : {words.phrase(term)}" for term in dict.fromkeys(found) if is_searchable(term)
    ]
    counted = sorted((_count(connection, term), term) for term in terms[:_MOST_COUNTED])
    chosen: list[str] = []
    compared = 0
    for count, term in counted[:_MOST_TERMS]:
        compared += count
        if chosen and (compared > MOST_COMPARED or count >= _COMMON):
            break
        chosen.append(term)
    return words.any_of(chosen) if chosen else None


def _count(connection: sqlite3.Connection, expression: str) -> int:
    return connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM images_text WHERE images_text MATCH ? LIMIT ?)",
        (expression, _COMMON),
    ).fetchone()[0]
