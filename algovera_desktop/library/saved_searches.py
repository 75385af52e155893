"""Searches that the artist has given a name."""

import json
import sqlite3
from dataclasses import dataclass

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.library.id_lists import text_of


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search; ``text`` is in the query language of ``library.query``, as it was typed."""

    id: int
    name: str
    text: str
    sort: SortOrder


def saved_searches_in(connection: sqlite3.Connection) -> list[SavedSearch]:
    """Every saved search, in the artist's order."""
    statement = """SELECT json_group_array(json_array(id, name, text, sort))
                   FROM (SELECT * FROM saved_searches ORDER BY position, id)"""
    rows: list[tuple[int, str, str, str]] = json.loads(text_of(connection, statement, {}))
    return [SavedSearch(*row[:3], _sort(row[3])) for row in rows]


def _sort(value: str) -> SortOrder:
    # A later version of the program may know more orders.
    known = {order.value: order for order in SortOrder}
    return known.get(value, SortOrder.NEWEST)
