"""What several pictures have in common, for an editor that shows them all at once."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.curated_names import order_of
from algovera_desktop.library.database import Database
from algovera_desktop.library.id_lists import text_of, to_json

_AT_ONCE = 5000
"""So many pictures a statement: few enough for a look that nobody wants any more to end soon."""

_PAUSE_S = 0.001

_VALUES = """
    WITH chosen AS (
        SELECT id, is_favourite, rating FROM images
        WHERE id IN (SELECT value FROM json_each(:ids))
    )
    SELECT json_object(
        'count', count(*),
        'favourites', coalesce(sum(is_favourite), 0),
        'ratings', (SELECT json_group_array(DISTINCT rating) FROM chosen),
        'tags', (
            SELECT json_group_array(json_array(name, number)) FROM (
                SELECT tags.name, count(*) AS number
                FROM chosen JOIN image_tags ON image_id = chosen.id
                JOIN tags ON tags.id = tag_id GROUP BY tag_id))
    ) FROM chosen"""


@dataclass(frozen=True, slots=True)
class CommonValues:
    """``count`` pictures that still exist; ``favourites`` of them are. ``rating`` is None where
    they differ. ``tags`` are those of all of them, sorted as people sort, ``some_tags`` the others,
    the commonest first."""

    count: int = 0
    favourites: int = 0
    rating: int | None = 0
    tags: tuple[str, ...] = ()
    some_tags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    count: int = 0
    favourites: int = 0
    ratings: set[int] = field(default_factory=set[int])
    tags: Counter[str] = field(default_factory=Counter[str])

    def add(self, answer: str) -> None:
        found = json.loads(answer)
        self.count += found["count"]
        self.favourites += found["favourites"]
        self.ratings.update(found["ratings"])
        self.tags.update(dict(found["tags"]))

    def result(self) -> CommonValues:
        names = sorted(self.tags, key=order_of)
        return CommonValues(
            count=self.count,
            favourites=self.favourites,
            rating=None if len(self.ratings) > 1 else next(iter(self.ratings), 0),
            tags=tuple(name for name in names if self.tags[name] == self.count),
            some_tags=tuple(
                name
                for name in sorted(names, key=lambda name: -self.tags[name])
                if self.tags[name] < self.count
            ),
        )


def common_values(database: Database, ids: Sequence[int], token: CancelToken) -> CommonValues:
    """Look at any number of pictures. Blocks; raises JobCancelledError soon after ``token`` is
    cancelled, and LibraryError's kinds."""
    tally = _Tally()
    for start in range(0, len(ids), _AT_ONCE):
        # Also a pause, for the window to have its turn.
        token.wait(_PAUSE_S)
        token.raise_if_cancelled()
        chosen = to_json(ids[start : start + _AT_ONCE])
        tally.add(database.read(lambda connection, chosen=chosen: _answer(connection, chosen)))
    return tally.result()


def _answer(connection: Connection, ids: str) -> str:
    return text_of(connection, _VALUES, {"ids": ids})
