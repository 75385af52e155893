"""The library's schema, as the ordered steps that lead to it.

A step is never changed once released; a change is a new step at the end. The number of steps
done stands in ``PRAGMA user_version``, written in the same transaction as the steps themselves.
``application_id`` tells our file from any other SQLite file.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from inspect import isgeneratorfunction

from algovera_desktop.library.unspaced import parted_sql

APPLICATION_ID = 0x416C6776
"""The letters ``Algv``."""

Migration = Callable[[sqlite3.Connection], Iterator[float] | None]
"""A step. One that takes long with a large library is a generator of how much of it is done."""

OnProgress = Callable[[float], object]
"""Told the part of the work that is done, from 0 to 1."""


def untold(_part: float) -> None:
    """For work that nobody waits for."""


_IMAGES_AND_JOBS = (
    """CREATE TABLE images (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        sha256 TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        trashed_at INTEGER,
        server_name TEXT NOT NULL,
        model_title TEXT NOT NULL,
        job_id TEXT NOT NULL,
        prompt TEXT NOT NULL,
        negative_prompt TEXT NOT NULL,
        model TEXT NOT NULL,
        asked_width INTEGER NOT NULL,
        asked_height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        guidance_scale REAL NOT NULL,
        seed INTEGER NOT NULL
    )""",
    "CREATE INDEX images_shown ON images (id) WHERE trashed_at IS NULL",
    "CREATE INDEX images_trashed ON images (id) WHERE trashed_at IS NOT NULL",
    "CREATE UNIQUE INDEX images_job ON images (job_id) WHERE job_id <> ''",
    """CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        position INTEGER NOT NULL,
        group_id TEXT NOT NULL,
        server_id TEXT NOT NULL,
        state TEXT NOT NULL,
        remote_id TEXT,
        failure_kind TEXT,
        failure_detail TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        negative_prompt TEXT NOT NULL,
        model TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        guidance_scale REAL NOT NULL,
        seed INTEGER NOT NULL
    )""",
    """CREATE INDEX jobs_open ON jobs (position, number)
       WHERE state NOT IN ('done', 'cancelled')""",
    """CREATE INDEX jobs_waiting ON jobs (server_id, position, number)
       WHERE state = 'waiting'""",
)
"""Times are microseconds since 1970 in UTC. ``images.id`` only grows, so that pages by id are
newest first and nothing that remembers an id ever meets another picture under it."""


def _make_images_and_jobs(connection: sqlite3.Connection) -> None:
    for statement in _IMAGES_AND_JOBS:
        connection.execute(statement)


_LINE = (
    "CREATE TABLE line (last_position INTEGER NOT NULL)",
    "INSERT INTO line SELECT coalesce(max(position), 0) FROM jobs",
)

_LINE_AND_TIMINGS = (
    "ALTER TABLE jobs ADD COLUMN client_ref TEXT",
    "ALTER TABLE jobs ADD COLUMN picture_stem TEXT",
    "ALTER TABLE jobs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX jobs_open",
    "DROP INDEX jobs_waiting",
    """CREATE INDEX jobs_open ON jobs (position, id)
       WHERE state NOT IN ('done', 'cancelled')""",
    """CREATE INDEX jobs_waiting ON jobs (server_id, position, id)
       WHERE state = 'waiting'""",
    *_LINE,
    """CREATE INDEX jobs_unsettled ON jobs (state, server_id)
       WHERE state IN ('submitting', 'held')""",
    """CREATE INDEX jobs_stored ON jobs (number)
       WHERE picture_stem IS NOT NULL AND state <> 'done'""",
    """CREATE TABLE timings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        server_id TEXT NOT NULL,
        model TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        seconds REAL NOT NULL,
        ended_at INTEGER NOT NULL
    )""",
    "CREATE INDEX timings_kind ON timings (server_id, model, width, height, steps, number)",
)
"""The order of the line is known to whoever holds the jobs, so it ends with their ids, not with
numbers that only this table knows. ``line`` has one row: the last position ever given.
``jobs_stored`` holds the jobs that may have a file without a record; ``timings`` how long
pictures took here, the newest few of a kind."""


def _make_line_and_timings(connection: sqlite3.Connection) -> None:
    for statement in _LINE_AND_TIMINGS:
        connection.execute(statement)


LONGEST_PREFIX = 12
"""Beginnings of words up to this length are indexed, so that typing a common word costs no more
than typing a rare one: "portrait" as a beginning takes 0.2 ms so, 80 ms if it had to be gathered
from the words that begin with it. Six more lengths than 6 make the index 28 % bigger."""

_PREFIXES = " ".join(map(str, range(1, LONGEST_PREFIX + 1)))

TEXT_OPTIONS = {"automerge": 0, "crisismerge": 256, "usermerge": 16}
"""How the pieces are merged that the index of words is made of (sqlite.org/fts5.html). Each
statement that writes adds a piece. Left to itself, FTS5 merges large ones too while someone waits
for a write: with a million pictures that took 15 s now and then. So a write merges only when there
are 256 new pieces, and those only; ``services.index_keeper`` does the rest, sixteen at a time."""

RANDOM_PLACE = "(id * id % 4294967291) * 1140071481 % 4294967291"
"""Where a picture stands in an order that looks like none, as SQL: squares modulo a prime, turned
once more. Two ids share a place only beyond 2 147 483 645."""

_CURATION_AND_SEARCH = (
    "ALTER TABLE images ADD COLUMN tool TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN parent_sha256 TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN missing_since INTEGER",
    "ALTER TABLE images ADD COLUMN is_favourite INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE images ADD COLUMN rating INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE images ADD COLUMN notes TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN albums TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN modified_ns INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE images ADD COLUMN sidecar_due INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE jobs ADD COLUMN parent_sha256 TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE)",
    """CREATE TABLE image_tags (
        tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
        image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
        PRIMARY KEY (tag_id, image_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX image_tags_image ON image_tags (image_id)",
    """CREATE TABLE albums (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        position INTEGER NOT NULL
    )""",
    """CREATE TABLE album_images (
        album_id INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE,
        image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
        position INTEGER NOT NULL,
        PRIMARY KEY (album_id, image_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX album_images_order ON album_images (album_id, position, image_id)",
    "CREATE INDEX album_images_image ON album_images (image_id)",
    """CREATE TABLE saved_searches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        text TEXT NOT NULL,
        sort TEXT NOT NULL,
        position INTEGER NOT NULL
    )""",
    """CREATE TABLE raw_metadata (
        image_id INTEGER PRIMARY KEY REFERENCES images ON DELETE CASCADE,
        data BLOB NOT NULL
    )""",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE INDEX images_trashed_at ON images (trashed_at)
       WHERE trashed_at IS NOT NULL""",
    "CREATE INDEX images_sha256 ON images (sha256)",
    "CREATE INDEX images_parent ON images (parent_sha256) WHERE parent_sha256 <> ''",
    "CREATE INDEX images_missing ON images (id) WHERE missing_since IS NOT NULL",
    "CREATE INDEX images_sidecar_due ON images (id) WHERE sidecar_due <> 0",
    """CREATE INDEX images_facts ON images (
           id, rating, is_favourite, width, height, steps, guidance_scale, seed, created_at,
           server_name
       ) WHERE trashed_at IS NULL""",
    "CREATE INDEX images_rating ON images (rating, id) WHERE trashed_at IS NULL",
    "CREATE INDEX images_area ON images (width * height, id) WHERE trashed_at IS NULL",
    f"CREATE INDEX images_random ON images ({RANDOM_PLACE}) WHERE trashed_at IS NULL",
    "CREATE INDEX images_created ON images (created_at) WHERE trashed_at IS NULL",
    "CREATE INDEX images_seed ON images (seed) WHERE trashed_at IS NULL",
    "CREATE INDEX images_steps ON images (steps) WHERE trashed_at IS NULL",
    "CREATE INDEX images_guidance ON images (guidance_scale) WHERE trashed_at IS NULL",
    "CREATE INDEX images_server ON images (server_name)",
    "CREATE INDEX images_model ON images (model_title)",
    """CREATE INDEX images_favourite ON images (id)
       WHERE is_favourite AND trashed_at IS NULL""",
    """CREATE INDEX images_imported ON images (id)
       WHERE tool <> '' AND trashed_at IS NULL""",
    """CREATE INDEX images_noted ON images (id)
       WHERE notes <> '' AND trashed_at IS NULL""",
    """CREATE INDEX images_untagged ON images (id)
       WHERE tags = '' AND trashed_at IS NULL""",
    f"""CREATE VIRTUAL TABLE images_text USING fts5(
        prompt, negative_prompt, notes, tags, model, model_title, albums,
        content='images', content_rowid='id', prefix='{_PREFIXES}',
        tokenize='unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER images_text_inserted AFTER INSERT ON images BEGIN
        INSERT INTO images_text
            (rowid, prompt, negative_prompt, notes, tags, model, model_title, albums)
        VALUES (new.id, new.prompt, new.negative_prompt, new.notes, new.tags, new.model,
                new.model_title, new.albums);
    END""",
    """CREATE TRIGGER images_text_deleted AFTER DELETE ON images BEGIN
        INSERT INTO images_text (images_text, rowid, prompt, negative_prompt, notes, tags, model,
                                 model_title, albums)
        VALUES ('delete', old.id, old.prompt, old.negative_prompt, old.notes, old.tags, old.model,
                old.model_title, old.albums);
    END""",
    """CREATE TRIGGER images_text_updated AFTER UPDATE OF
        prompt, negative_prompt, notes, tags, model, model_title, albums ON images BEGIN
        INSERT INTO images_text (images_text, rowid, prompt, negative_prompt, notes, tags, model,
                                 model_title, albums)
        VALUES ('delete', old.id, old.prompt, old.negative_prompt, old.notes, old.tags, old.model,
                old.model_title, old.albums);
        INSERT INTO images_text
            (rowid, prompt, negative_prompt, notes, tags, model, model_title, albums)
        VALUES (new.id, new.prompt, new.negative_prompt, new.notes, new.tags, new.model,
                new.model_title, new.albums);
    END""",
    *(
        f"INSERT INTO images_text (images_text, rank) VALUES ('{option}', {value})"
        for option, value in TEXT_OPTIONS.items()
    ),
)
"""``image_tags`` and ``album_images`` are the truth; ``images.tags`` and ``images.albums`` repeat
the names, one a line, for the index of words and so that a record is one row. ``facts`` is what
the program remembers of the library as a whole. ``images_facts`` is a slim copy of what pictures
are filtered by, in the order of the gallery: a search that no other index narrows goes through it
and not through the table, which is ten times as big. ``sidecar_due`` counts up with each change
of what a picture's sidecar file says, and is 0 once that is written."""


def _make_curation_and_search(connection: sqlite3.Connection) -> Iterator[float]:
    for statement in _CURATION_AND_SEARCH:
        connection.execute(statement)
    yield from _index_words(connection, "images")


_TEXTS = ("prompt", "negative_prompt", "notes", "tags", "model", "model_title", "albums")
_TEXT_COLUMNS = ", ".join(_TEXTS)
_WORDS_COLUMNS = ", ".join(f"{parted_sql(name)} AS {name}" for name in _TEXTS)

_INDEX_WORDS = f"""INSERT INTO images_text (rowid, {_TEXT_COLUMNS})
        SELECT id, {_TEXT_COLUMNS} FROM images_words WHERE id = new.id;"""
_FORGET_WORDS = f"""INSERT INTO images_text (images_text, rowid, {_TEXT_COLUMNS})
        SELECT 'delete', id, {_TEXT_COLUMNS} FROM images_words WHERE id = old.id;"""

_UNSPACED_SCRIPTS = (
    *(f"DROP TRIGGER images_text_{change}" for change in ("inserted", "deleted", "updated")),
    "DROP TABLE images_text",
    f"CREATE VIEW images_words AS SELECT id, {_WORDS_COLUMNS} FROM images",
    f"""CREATE VIRTUAL TABLE images_text USING fts5(
        {_TEXT_COLUMNS}, content='images_words', content_rowid='id', prefix='{_PREFIXES}',
        tokenize='unicode61 remove_diacritics 2'
    )""",
    f"CREATE TRIGGER images_text_inserted AFTER INSERT ON images BEGIN {_INDEX_WORDS} END",
    f"CREATE TRIGGER images_text_deleted BEFORE DELETE ON images BEGIN {_FORGET_WORDS} END",
    f"""CREATE TRIGGER images_text_updating BEFORE UPDATE OF {_TEXT_COLUMNS} ON images
        BEGIN {_FORGET_WORDS} END""",
    f"""CREATE TRIGGER images_text_updated AFTER UPDATE OF {_TEXT_COLUMNS} ON images
        BEGIN {_INDEX_WORDS} END""",
    *(
        f"INSERT INTO images_text (images_text, rank) VALUES ('{option}', {value})"
        for option, value in TEXT_OPTIONS.items()
    ),
)
"""The index is made of ``images_words``, where the letters of ``unspaced`` scripts stand alone. To
forget a text FTS5 has to be told what it was, which that view knows only before the change."""


def _part_unspaced_scripts(connection: sqlite3.Connection) -> Iterator[float]:
    for statement in _UNSPACED_SCRIPTS:
        connection.execute(statement)
    yield from _index_words(connection, "images_words")


_INDEXING_BYTES = 64 << 20
_USUAL_BYTES = 1 << 20
"""How much FTS5 holds in memory before it adds a piece. A million pictures take 2000 pieces of the
usual size, which merging then takes three times as long as indexing."""

_INDEXING_PARTS = 50
_SMALLEST_PART = 1000
_INDEXING_SHARE = 0.68
"""Of a million pictures, 46 s of 68 went into indexing and the rest into merging."""


def _index_words(connection: sqlite3.Connection, source: str) -> Iterator[float]:
    """Fill the new index of words, and merge it into one piece.

    FTS5's own commands for both tell nothing until they are done, and cannot be interrupted.
    """
    _set_text_option(connection, "hashsize", _INDEXING_BYTES)
    last = connection.execute("SELECT coalesce(max(id), 0) FROM images").fetchone()[0]
    size = max(last // _INDEXING_PARTS + 1, _SMALLEST_PART)
    for first in range(0, last + 1, size):
        connection.execute(
            f"""INSERT INTO images_text (rowid, {_TEXT_COLUMNS})
                SELECT id, {_TEXT_COLUMNS} FROM {source} WHERE id BETWEEN ? AND ?""",
            (first, first + size - 1),
        )
        yield _INDEXING_SHARE * min(1.0, (first + size) / (last + 1))
    _set_text_option(connection, "hashsize", _USUAL_BYTES)
    for part in _merge_all(connection):
        yield _INDEXING_SHARE + (1 - _INDEXING_SHARE) * part


def _merge_all(connection: sqlite3.Connection) -> Iterator[float]:
    pages = connection.execute("SELECT count(*) FROM images_text_data").fetchone()[0]
    size = pages // _INDEXING_PARTS + _SMALLEST_PART
    merged, before = 0, -1
    while connection.total_changes > before + 1:  # The command itself counts as one.
        before = connection.total_changes
        # Below zero: all pieces are to become one. That is begun once, and then gone on with.
        _set_text_option(connection, "merge", size if merged else -size)
        merged += size
        yield min(1.0, merged / pages)


def _set_text_option(connection: sqlite3.Connection, option: str, value: int) -> None:
    statement = "INSERT INTO images_text (images_text, rank) VALUES (?, ?)"
    connection.execute(statement, (option, value))


_INDEX_NAME = re.compile(r"CREATE (?:UNIQUE )?INDEX (\w+)")


def _add_what_was_left_out(connection: sqlite3.Connection) -> None:
    """Make what libraries lack that were made while steps 2 and 3 were being written: a line of
    jobs without its end, searches without their indexes."""
    found = {row[0]: row[1] for row in connection.execute("SELECT name, sql FROM sqlite_master")}
    if "line" not in found:
        for statement in _LINE:
            connection.execute(statement)
    steps = (*_IMAGES_AND_JOBS, *_LINE_AND_TIMINGS, *_CURATION_AND_SEARCH)
    indexes = {match[1]: sql for sql in steps if (match := _INDEX_NAME.match(sql))}
    for name, sql in indexes.items():
        if found.get(name, "").split() != sql.split():
            connection.execute(f"DROP INDEX IF EXISTS {name}")
            connection.execute(sql)


MIGRATIONS: tuple[Migration, ...] = (
    _make_images_and_jobs,
    _make_line_and_timings,
    _make_curation_and_search,
    _part_unspaced_scripts,
    _add_what_was_left_out,
)


def schema_version(connection: sqlite3.Connection) -> int:
    """How many steps this file has behind it."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(
    connection: sqlite3.Connection,
    migrations: Sequence[Migration],
    on_progress: OnProgress = untold,
) -> None:
    """Take the steps still to be taken, all of them or none, in one transaction with the record."""
    steps = migrations[schema_version(connection) :]
    if not steps:
        return
    long_ones = sum(map(isgeneratorfunction, steps))
    taken = 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps:
            for part in step(connection) or ():
                on_progress((taken + part) / long_ones)
            taken += isgeneratorfunction(step)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
