"""What the server's database operations speak: portable SQL over a connection of either kind."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Rows(Protocol):
    """What a statement gave: rows as tuples, and how many rows it changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any:
        """The next row; None when there is none, or no more."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection within a transaction. ``?`` stands for each parameter, in order."""

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Rows: ...


Operation = Callable[[Connection], T]
"""What is done in one transaction. It may be done anew when it surely left no trace."""


class Session(Protocol):
    """The one connection to a database, used by one thread."""

    def transact(self, operation: Operation[T]) -> T:
        """Run an operation as one transaction; raises LibraryError and what it raises itself."""
        ...

    def close(self) -> None: ...


MIGRATIONS = (
    """
    CREATE TABLE keys (
        id TEXT PRIMARY KEY,             -- the key's first 8 characters; never used again
        name TEXT NOT NULL,
        salt BLOB NOT NULL,
        digest BLOB NOT NULL,            -- SHA-256(salt + key)
        created_at REAL NOT NULL,        -- all times: seconds since 1970, UTC
        last_used_at REAL,
        revoked_at REAL
    );
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,             -- a key's id, or 'local'
        state TEXT NOT NULL,
        request TEXT NOT NULL,           -- a GenerationRequest as JSON
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        finished_at REAL
    );
    CREATE INDEX jobs_by_state ON jobs (state, number);
    """,
    """
    CREATE TABLE client_refs (           -- for ever: a job that was deleted is not made again
        owner TEXT NOT NULL,
        client_ref TEXT NOT NULL,        -- the client's own name for one wish
        job_id TEXT NOT NULL,
        PRIMARY KEY (owner, client_ref)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE keys ADD COLUMN max_waiting INTEGER;  -- NULL in these three: the server's own
    ALTER TABLE keys ADD COLUMN max_pixels INTEGER;
    ALTER TABLE keys ADD COLUMN max_steps INTEGER;
    ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;  -- 1, 2, … as jobs start
    ALTER TABLE jobs ADD COLUMN once INTEGER NOT NULL DEFAULT 0;  -- 1: never painted twice
    CREATE INDEX jobs_by_turn ON jobs (turn);
    CREATE INDEX jobs_by_owner ON jobs (owner, turn);
    CREATE INDEX jobs_by_state_and_owner ON jobs (state, owner, number);
    """,
    """
    ALTER TABLE jobs ADD COLUMN address TEXT NOT NULL DEFAULT '';  -- of a picture that was paid
    """,
)
"""Each applied once, in order, in a transaction with the number that records it.

SQLite's words; ``sql_postgres`` says the few of them that differ its own way.
"""


def statements(script: str) -> list[str]:
    """The script's statements, without its comments. No text in one may hold ``--`` or ``;``."""
    bare = re.sub(r"--.*", "", script)
    return [statement.strip() for statement in bare.split(";") if statement.strip()]
