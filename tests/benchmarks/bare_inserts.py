"""What SQLite alone needs for a long queue: prints the milliseconds of one transaction.

python bare_inserts.py FOLDER COUNT
"""

import sqlite3
import sys
import time
import uuid
from contextlib import closing
from pathlib import Path

_TABLE = """CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    position INTEGER, words TEXT, moment INTEGER, other INTEGER)"""
_INSERT = "INSERT INTO jobs (id, position, words, moment, other) VALUES (?, ?, ?, ?, ?)"


def main(folder: Path, count: int) -> None:
    """With the same promises to the disk as the program makes."""
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        rows = [(uuid.uuid4().hex, n, "a red boat on the sea", n, n) for n in range(count)]
        started_at = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
        print((time.perf_counter() - started_at) * 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
