"""Many ids at once between Python and SQLite: as one text, never as a row for each.

A worker that fetches or binds row by row gives the interpreter's lock away and takes it back each
time, and the window has to queue for it. One long text is read and written by SQLite without the
lock; Python's own share of it is done a slice at a time.
"""

import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from threading import Event

_SLICE_IDS = 10_000
_SLICE_CHARS = 80_000
_PAUSE_S = 0.001
_never = Event()


def to_json(ids: Sequence[int]) -> str:
    """A JSON array of ids, for ``json_each(?)``."""
    slices: list[str] = []
    for start in range(0, len(ids), _SLICE_IDS):
        if start:
            _never.wait(_PAUSE_S)
        slices.append(",".join(map(str, ids[start : start + _SLICE_IDS])))
    return f"[{','.join(slices)}]"


def from_json(text: str) -> tuple[int, ...]:
    """The ids in a JSON array of whole numbers."""
    ids = array("q")
    start, end = 1, len(text) - 1
    while start < end:
        if start > 1:
            _never.wait(_PAUSE_S)
        cut = text.find(",", start + _SLICE_CHARS)
        cut = end if cut == -1 else cut
        ids.extend(map(int, text[start:cut].split(",")))
        start = cut + 1
    return tuple(ids)


def text_of(
    connection: sqlite3.Connection, statement: str, values: Mapping[str, str | int | None]
) -> str:
    """The one text that a statement has for its answer."""
    return connection.execute(statement, values).fetchone()[0]
