"""The library's schema, as the ordered steps that lead to it.

A step is never changed once released; a change is a new step at the end. The number of steps
done stands in ``PRAGMA user_version``, written in the same transaction as the step itself.
``application_id`` tells our file from any other SQLite file.
"""

import sqlite3
from collections.abc import Callable, Sequence

APPLICATION_ID = 0x416C6776
"""The letters ``Algv``."""

Migration = Callable[[sqlite3.Connection], None]


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
    "CREATE TABLE line (last_position INTEGER NOT NULL)",
    "INSERT INTO line SELECT coalesce(max(position), 0) FROM jobs",
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


MIGRATIONS: tuple[Migration, ...] = (_make_images_and_jobs, _make_line_and_timings)


def schema_version(connection: sqlite3.Connection) -> int:
    """How many steps this file has behind it."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Take the steps still to be taken, each in a transaction with its record."""
    for version in range(schema_version(connection) + 1, len(migrations) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            migrations[version - 1](connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
