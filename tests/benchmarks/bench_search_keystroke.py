"""Each keystroke of what people search for, at a million pictures.

In the real window, from the key that is pressed to what it finds painted, and until the thumbnails
of that are painted too, against a library of a few pictures. Then without a window: until the
records of the first screenful are there, against a bare look into the index of words for the same
beginning. A keystroke whose text cannot be read yet is shown as an error and is not counted.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from statistics import median, quantiles

from gallery_world import gallery_world
from make_library import RECORDS, library_folder
from measurement import Measurement
from typed_searches import TYPED

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.database import Database
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.services.paths import Paths

ROUNDS = 3
_LIMIT = 200
_PAINTED = {
    "painted_p95_ms": "keystroke to painted, p95",
    "painted_ms": "keystroke to painted, median",
    "painted_worst_ms": "keystroke to painted, worst",
    "whole_p95_ms": "keystroke to thumbnails painted, p95",
    "longest_ms": "longest UI gap while typing",
}
_FEW_RECORDS = 10_000
"""Something is found for most keystrokes among so many."""


def measure() -> Iterator[Measurement]:
    """In turns; the shared library is only read."""
    with gallery_world(empty_records=_FEW_RECORDS) as world:
        yield from world.measure("search", _PAINTED)
    yield from _without_window()


def _without_window() -> Iterator[Measurement]:
    file = Paths.under(library_folder()).library_file
    with closing(Database(file)) as database, closing(_bare(file.as_uri())) as bare:
        search = LibrarySearch(database)
        taken, bare_ms = _keystrokes(search, bare)
        yield Measurement("keystroke to records, p95", _p95(taken), "ms", _p95(bare_ms))
        yield Measurement("keystroke to records, median", median(taken), "ms", median(bare_ms))
        yield Measurement("keystroke to records, worst", max(taken), "ms", max(bare_ms))
        yield from _orders(search)
        like_ms = _median_ms(partial(search.first, LibraryQuery(like_id=RECORDS // 2)))
        yield Measurement("more like this prompt, to records", like_ms, "ms")
        for text in ("", "portrait", "fox"):
            ids_ms = _median_ms(partial(search.ids, LibraryQuery(text), CancelToken()))
            yield Measurement(f"all ids of {text or 'everything'!r}", ids_ms, "ms")


def _bare(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{uri}?mode=ro", uri=True)


def _keystrokes(search: LibrarySearch, bare: sqlite3.Connection) -> tuple[list[float], list[float]]:
    taken, bare_ms = [], []
    for typed in TYPED * ROUNDS:
        for end in range(1, len(typed) + 1):
            query = LibraryQuery(typed[:end])
            try:
                taken.append(_ms(partial(search.first, query, _LIMIT)))
            except QuerySyntaxError:
                continue
            bare_ms.append(_ms(partial(_look_up, bare, typed[:end].split()[0])))
    return taken, bare_ms


def _look_up(bare: sqlite3.Connection, word: str) -> None:
    letters = "".join(filter(str.isalnum, word)) or "a"
    bare.execute(
        "SELECT rowid FROM images_text WHERE images_text MATCH ? ORDER BY rowid DESC LIMIT ?",
        (f'"{letters}"*', _LIMIT),
    ).fetchall()


def _orders(search: LibrarySearch) -> Iterator[Measurement]:
    newest_ms = _median_ms(partial(search.first, LibraryQuery("castle")))
    for sort in (SortOrder.RELEVANCE, SortOrder.RATING, SortOrder.SIZE, SortOrder.RANDOM):
        taken_ms = _median_ms(partial(search.first, LibraryQuery("castle", sort)))
        yield Measurement(f"the same by {sort.value}, one word", taken_ms, "ms", newest_ms)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def _median_ms(work: Callable[[], object]) -> float:
    return median(_ms(work) for _ in range(ROUNDS))


def _ms(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000
