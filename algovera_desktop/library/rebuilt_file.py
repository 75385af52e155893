"""A library file that is being made anew beside the one in use.

What is found is gathered in a second file first, for a picture's number goes by when it came to
be, which is known when all have been looked at. Neither needs to outlive a crash.
"""

import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import MAX_RATING
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.library.curated_names import folded
from algovera_desktop.library.database import sqlite_errors_translated
from algovera_desktop.library.interruption import interruptible
from algovera_desktop.library.migrations import MIGRATIONS, migrate
from algovera_desktop.library.replacement import discard_unfinished, unfinished_path
from algovera_desktop.library.rows import insert_statement
from algovera_desktop.library.salvage import OldLibrary, Row

_KEPT_AS_THEY_ARE = ("jobs", "timings", "saved_searches", "facts")
_TABLES = (*_KEPT_AS_THEY_ARE, "images", "albums", "album_images", "raw_metadata")
_TYPES: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "REAL": (int, float),
    "TEXT": (str,),
    "BLOB": (bytes,),
}
_JOB_STATES = frozenset(state.value for state in JobState)
_LATEST_STAMP = 4_102_444_800 * 10**6
"""The year 2100."""

_ABOUT_THE_FILE = ("health.*", "reconcile.*", "copies under way")
"""Facts about the file before, or the disk as it was. What was copied in when the program died
is a picture as any other: it gets its record, and must not be taken away for want of one."""

_GATHERING = (
    "CREATE TABLE notes.found AS SELECT *, 0 AS old_id, x'' AS raw FROM images WHERE FALSE",
    "CREATE UNIQUE INDEX notes.found_path ON found (path)",
    "CREATE INDEX notes.found_job ON found (job_id)",
    "CREATE TABLE notes.old AS SELECT * FROM images WHERE FALSE",
    "CREATE UNIQUE INDEX notes.old_id ON old (id)",
    "CREATE INDEX notes.old_path ON old (path)",
    "CREATE INDEX notes.old_sha256 ON old (sha256)",
    """CREATE TABLE notes.names (
        kind TEXT, path TEXT, name TEXT, folded TEXT, position INTEGER,
        PRIMARY KEY (kind, path, folded)) WITHOUT ROWID""",
    "CREATE INDEX notes.names_folded ON names (kind, folded)",
    "CREATE TABLE notes.old_albums (id INTEGER PRIMARY KEY, name TEXT, position INTEGER)",
    """CREATE TABLE notes.old_places (
        image_id INTEGER, album_id INTEGER, position INTEGER,
        PRIMARY KEY (image_id, album_id)) WITHOUT ROWID""",
    "CREATE TABLE notes.old_raw (image_id INTEGER PRIMARY KEY, data BLOB)",
    "CREATE TABLE notes.ids (kind TEXT, folded TEXT, id INTEGER, PRIMARY KEY (kind, folded))",
)
_NUMBERING = (
    """INSERT INTO tags (name)
       SELECT min(name) FROM notes.names WHERE kind = 'tag' GROUP BY folded ORDER BY folded""",
    """INSERT INTO albums (name, position)
       SELECT name, row_number() OVER (ORDER BY place IS NULL, place, key) FROM (
           SELECT coalesce(max(name) FILTER (WHERE place IS NOT NULL), min(name)) AS name,
                  min(place) AS place, key
           FROM (SELECT name, folded(name) AS key, position AS place FROM notes.old_albums
                 UNION ALL
                 SELECT name, folded, NULL FROM notes.names WHERE kind = 'album')
           GROUP BY key
       )""",
    "INSERT INTO notes.ids SELECT 'tag', folded(name), id FROM tags",
    "INSERT INTO notes.ids SELECT 'album', folded(name), id FROM albums",
    """UPDATE notes.found SET
           tags = coalesce((SELECT group_concat(name, char(10)) FROM (
               SELECT tags.name FROM notes.names AS given
               JOIN notes.ids USING (kind, folded) JOIN tags USING (id)
               WHERE given.kind = 'tag' AND given.path = found.path ORDER BY given.folded)), ''),
           albums = coalesce((SELECT group_concat(name, char(10)) FROM (
               SELECT albums.name FROM notes.names AS given
               JOIN notes.ids USING (kind, folded) JOIN albums USING (id)
               WHERE given.kind = 'album' AND given.path = found.path ORDER BY given.folded)), '')
       WHERE path IN (SELECT path FROM notes.names)""",
    """INSERT INTO images ({columns})
       SELECT {columns} FROM notes.found ORDER BY created_at, path""",
    """INSERT INTO image_tags (tag_id, image_id)
       SELECT ids.id, images.id FROM notes.names JOIN notes.ids USING (kind, folded)
       JOIN images USING (path) WHERE kind = 'tag'""",
    """INSERT INTO album_images (album_id, image_id, position)
       SELECT ids.id, images.id, names.position FROM notes.names
       JOIN notes.ids USING (kind, folded) JOIN images USING (path) WHERE kind = 'album'""",
    """INSERT INTO raw_metadata (image_id, data)
       SELECT images.id, coalesce(nullif(found.raw, x''), old_raw.data)
       FROM notes.found JOIN images USING (path) LEFT JOIN notes.old_raw ON image_id = found.old_id
       WHERE found.raw <> x'' OR old_raw.data IS NOT NULL""",
    "UPDATE line SET last_position = (SELECT coalesce(max(position), 0) FROM jobs)",
    "INSERT INTO images_text (images_text) VALUES ('optimize')",
)


_COUNTS = """
    SELECT (SELECT count(*) FROM images),
           (SELECT count(*) FROM images WHERE missing_since IS NOT NULL),
           (SELECT count(*) FROM images WHERE trashed_at IS NOT NULL),
           (SELECT count(*) FROM tags), (SELECT count(*) FROM albums),
           (SELECT count(*) FROM jobs), (SELECT count(*) FROM saved_searches)"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the new library holds; ``missing`` of the pictures have no file."""

    pictures: int
    missing: int
    trashed: int
    tags: int
    albums: int
    jobs: int
    saved_searches: int


class RebuiltFile:
    """The new file, at ``unfinished_path`` until ``replacement.put_in_place`` makes it the library.

    Every call raises DiskFullError or LibraryError; ``discard`` then clears up.
    """

    def __init__(self, library_file: Path) -> None:
        self._library_file = library_file
        discard_unfinished(library_file)
        self._path = unfinished_path(library_file)
        with sqlite_errors_translated(self._path):
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self.discard()
                raise
        self._specs = {table: _specs(self._connection, table) for table in _TABLES}

    @property
    def blank(self) -> Row:
        """A picture's record that says nothing."""
        specs = self._specs["images"]
        return {name: spec.blank for name, spec in specs.items() if name != "id"}

    def take_over(self, old: OldLibrary) -> None:
        """Keep what an old file says that no picture's file does: jobs, searches, the albums'
        order; and its records, to be asked for. What makes no sense is left out."""
        with self._one_transaction():
            for table in _KEPT_AS_THEY_ARE:
                self._copy(old, table, f"main.{table}")
            self._copy(old, "images", "notes.old")
            self._copy(old, "albums", "notes.old_albums")
            self._copy(old, "album_images", "notes.old_places")
            self._copy(old, "raw_metadata", "notes.old_raw")
            for forgotten in _ABOUT_THE_FILE:
                self._connection.execute("DELETE FROM facts WHERE name GLOB ?", (forgotten,))

    def old_at(self, path: str) -> Row | None:
        """What the old file says of the picture at ``path``, if it has not been taken yet."""
        return next(self._old("path = ?", path), None)

    def old_like(self, sha256: str) -> Iterator[Row]:
        """What it says of pictures with these bytes that have not been taken yet."""
        return self._old("sha256 = ?", sha256)

    def has(self, path: str) -> bool:
        """Whether a picture was added that lies there."""
        statement = "SELECT count(*) FROM notes.found WHERE path = ?"
        with sqlite_errors_translated(self._path):
            return self._connection.execute(statement, (path,)).fetchone()[0] > 0

    def old_left(self, after_id: int) -> list[Row]:
        """The next records that no picture has taken, by their old ids."""
        return list(self._old("id > ? ORDER BY id LIMIT 500", after_id))

    def stems_under_way(self) -> tuple[str, ...]:
        """Where jobs that have not come to their end were storing pictures: paths without their
        extensions. The jobs have the say over these, at the next start."""
        statement = """SELECT picture_stem FROM jobs
                       WHERE picture_stem IS NOT NULL AND state <> 'done'"""
        with sqlite_errors_translated(self._path):
            return tuple(row[0] for row in self._connection.execute(statement))

    def knows_below(self, prefix: str) -> bool:
        """Whether the old file has a record whose path begins so; "" for relative ones."""
        condition = "path >= ? AND path < ? || char(1114111)" if prefix else "path NOT GLOB '/*'"
        values = (prefix, prefix) if prefix else ()
        with sqlite_errors_translated(self._path):
            statement = f"SELECT count(*) FROM (SELECT 1 FROM notes.old WHERE {condition} LIMIT 1)"
            return self._connection.execute(statement, values).fetchone()[0] > 0

    def old_places(self, old_id: int) -> list[tuple[str, int]]:
        """In which albums a record was by the old file, and at which position."""
        statement = """SELECT name, old_places.position FROM notes.old_places
                       JOIN notes.old_albums ON id = album_id WHERE image_id = ?"""
        with sqlite_errors_translated(self._path):
            return [tuple(row) for row in self._connection.execute(statement, (old_id,))]

    def add(
        self,
        record: Row,
        tags: Iterable[str],
        albums: Iterable[tuple[str, int]],
        raw: bytes = b"",
        old_id: int | None = None,
    ) -> None:
        """Add a picture; ``record`` has the columns of ``images`` but the id, ``raw`` is packed.

        A path or a job that another picture has taken already stays that one's.
        """
        with self._one_transaction():
            if self._has_job(record["job_id"]):
                record = record | {"job_id": ""}
            row = record | {"old_id": old_id, "raw": raw}
            statement = insert_statement("notes.found", tuple(row)).replace(
                "INSERT", "INSERT OR IGNORE", 1
            )
            if not self._connection.execute(statement, tuple(row.values())).rowcount:
                return
            if old_id is not None:
                self._connection.execute("DELETE FROM notes.old WHERE id = ?", (old_id,))
            names = [("tag", name, 0) for name in tags]
            names += [("album", name, position) for name, position in albums]
            self._connection.executemany(
                "INSERT OR IGNORE INTO notes.names VALUES (?, ?, ?, ?, ?)",
                [(kind, row["path"], name, folded(name), place) for kind, name, place in names],
            )

    def finish(self, token: CancelToken) -> Counts:
        """Number the pictures and let the file stand on the disk, whole. Raises JobCancelledError;
        the file is worth nothing then."""
        columns = ", ".join(self.blank)
        with sqlite_errors_translated(self._path):
            with interruptible(self._connection, token):
                for statement in _NUMBERING:
                    token.raise_if_cancelled()
                    self._connection.execute(statement.replace("{columns}", columns))
                counts = self._connection.execute(_COUNTS).fetchone()
            self._connection.execute("DETACH notes")
        self._connection.close()
        return Counts(*counts)

    def discard(self) -> None:
        """Take away what has been written so far. Idempotent; harmless after ``finish``."""
        self._connection.close()
        discard_unfinished(self._library_file)

    def _prepare(self) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        connection.create_function("folded", 1, folded, deterministic=True)
        migrate(connection, MIGRATIONS)
        notes = self._path.with_name(self._path.name + "-notes")
        connection.execute("ATTACH ? AS notes", (str(notes),))
        for database in ("main", "notes"):
            connection.execute(f"PRAGMA {database}.journal_mode = OFF")
            connection.execute(f"PRAGMA {database}.synchronous = OFF")
        for statement in _GATHERING:
            connection.execute(statement)

    def _copy(self, old: OldLibrary, table: str, target: str) -> None:
        specs = self._specs[table]
        statement = insert_statement(target, tuple(specs)).replace("INSERT", "INSERT OR IGNORE", 1)
        blank = {name: spec.blank for name, spec in specs.items()}
        for row in old.rows(table):
            values = blank | {name: row[name] for name in row if name in specs}
            fits = all(spec.allows(values[name]) for name, spec in specs.items())
            if fits and _makes_sense(table, values):
                self._connection.execute(statement, tuple(values.values()))

    def _old(self, condition: str, value: str | int) -> Iterator[Row]:
        with sqlite_errors_translated(self._path):
            rows = self._connection.execute(
                f"SELECT * FROM notes.old WHERE {condition}", (value,)
            ).fetchall()
        yield from map(dict, rows)

    def _has_job(self, job_id: str) -> bool:
        statement = "SELECT count(*) FROM notes.found WHERE job_id = ? AND job_id <> ''"
        return self._connection.execute(statement, (job_id,)).fetchone()[0] > 0

    @contextmanager
    def _one_transaction(self) -> Generator[None, None, None]:
        # Nothing can be undone here, and nothing needs to be: it all counts, or none of it.
        with sqlite_errors_translated(self._path):
            self._connection.execute("BEGIN")
            yield
            self._connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class _Spec:
    """What a column takes."""

    type: str
    is_nullable: bool
    blank: str | int | float | bytes | None

    def allows(self, value: object) -> bool:
        return isinstance(value, _TYPES[self.type]) or (value is None and self.is_nullable)


def _specs(connection: sqlite3.Connection, table: str) -> dict[str, _Spec]:
    found: dict[str, _Spec] = {}
    for column in connection.execute(f"PRAGMA table_info({table})"):
        is_nullable = not column["notnull"] and not column["pk"]
        blank = None if is_nullable else _TYPES[column["type"]][-1]()
        found[column["name"]] = _Spec(column["type"], is_nullable, blank)
    return found


def _makes_sense(table: str, row: Row) -> bool:
    """Whether the rest of the program can read a row; damage can leave any value in it."""
    if table == "jobs":
        return row["state"] in _JOB_STATES and _is_time(row["created_at"], row["updated_at"])
    if table == "images":
        times = (row["created_at"], row["trashed_at"] or 0, row["missing_since"] or 0)
        return 0 <= row["rating"] <= MAX_RATING and _is_time(*times)
    return True


def _is_time(*stamps: int) -> bool:
    return all(0 <= stamp < _LATEST_STAMP for stamp in stamps)
