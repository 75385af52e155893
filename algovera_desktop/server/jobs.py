"""The server's jobs, kept so that they outlive it.

queued ──> running ──> done | failed
   │  <───────┘  (the server ended meanwhile)
   └──────> cancelled   (from running too)
"""

import json
import sqlite3
import time
import uuid
from dataclasses import asdict, dataclass
from enum import Enum

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.database import Database

MAX_ATTEMPTS = 2
"""How often a job may be running when the server dies before it is thought to be the cause."""


class QueueFullError(Exception):
    """As many jobs wait as the server lets wait."""


class StoredState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        return self in (StoredState.QUEUED, StoredState.RUNNING)


@dataclass(frozen=True, slots=True)
class StoredJob:
    """One picture that was asked for. ``queue_position`` is 0 unless it waits, then from 1."""

    id: str
    state: StoredState
    request: GenerationRequest
    error: str
    queue_position: int


class JobStore:
    """Jobs by owner, and the queue that they wait in. Raises LibraryError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        owner: str,
        request: GenerationRequest,
        queue_limit: int,
        client_ref: str | None = None,
    ) -> str:
        """Queue a job and return its id, 32 hex digits; raises QueueFullError.

        A ``client_ref`` that this owner has used before names the job that it made then, which
        is returned whatever became of it; no other job is made.
        """

        def operation(connection: sqlite3.Connection) -> str:
            known = _id_for(connection, owner, client_ref)
            if known is not None:
                return known
            if _count_queued(connection) >= queue_limit:
                raise QueueFullError
            return _insert(connection, owner, request, client_ref)

        return await self._database.run(operation)

    async def id_for(self, owner: str, client_ref: str) -> str | None:
        """The job that this owner made under this name, even if it has been deleted since."""
        return await self._database.run(lambda connection: _id_for(connection, owner, client_ref))

    async def get(self, owner: str, job_id: str) -> StoredJob | None:
        """One of this owner's jobs; None for nobody's and for another's."""
        return await self._database.run(lambda connection: _find(connection, owner, job_id))

    async def queue_length(self) -> int:
        return await self._database.run(_count_queued)

    async def claim(self) -> StoredJob | None:
        """The job that has waited longest, from now on running; None when none waits."""
        return await self._database.run(_claim)

    async def finish(self, job_id: str, state: StoredState, error: str = "") -> bool:
        """Record how a running job ended; False when it was cancelled before."""

        def operation(connection: sqlite3.Connection) -> bool:
            return _end(connection, job_id, state, error, "state = 'running'")

        return await self._database.run(operation)

    async def put_back(self, job_id: str) -> None:
        """Let a job that the server's orderly end interrupts wait again, at its old place."""

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE jobs SET state = 'queued', attempts = attempts - 1"
                " WHERE id = ? AND state = 'running'",
                (job_id,),
            )

        await self._database.run(operation)

    async def cancel(self, owner: str, job_id: str) -> StoredJob | None:
        """End one of this owner's jobs if it is still open; returns it as it was before."""

        def operation(connection: sqlite3.Connection) -> StoredJob | None:
            job = _find(connection, owner, job_id)
            if job is not None and job.state.is_open:
                _end(connection, job_id, StoredState.CANCELLED, "The job was cancelled.", "1")
            return job

        return await self._database.run(operation)

    def recover(self) -> None:
        """Queue again what was running when the server died, unless it seems to be the cause.

        Blocks.
        """

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE jobs SET state = 'failed', finished_at = ?, error = ?"
                " WHERE state = 'running' AND attempts >= ?",
                (
                    time.time(),
                    f"The server died {MAX_ATTEMPTS} times while it painted this picture.",
                    MAX_ATTEMPTS,
                ),
            )
            connection.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

        self._database.call(operation)

    async def forget_finished_before(self, moment: float) -> None:
        """Delete the jobs that ended before this time (seconds since 1970)."""

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM jobs WHERE finished_at < ?", (moment,))

        await self._database.run(operation)

    async def done_ids(self) -> set[str]:
        """The ids of all jobs that have a picture."""

        def operation(connection: sqlite3.Connection) -> set[str]:
            rows = connection.execute("SELECT id FROM jobs WHERE state = 'done'")
            return {row[0] for row in rows}

        return await self._database.run(operation)


def _count_queued(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()[0]


def _id_for(connection: sqlite3.Connection, owner: str, client_ref: str | None) -> str | None:
    row = connection.execute(
        "SELECT job_id FROM client_refs WHERE owner = ? AND client_ref = ?", (owner, client_ref)
    ).fetchone()
    return None if row is None else row[0]


def _insert(
    connection: sqlite3.Connection, owner: str, request: GenerationRequest, client_ref: str | None
) -> str:
    job_id = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO jobs (id, owner, state, request, created_at) VALUES (?, ?, ?, ?, ?)",
        (job_id, owner, "queued", json.dumps(asdict(request)), time.time()),
    )
    if client_ref is not None:
        connection.execute(
            "INSERT INTO client_refs (owner, client_ref, job_id) VALUES (?, ?, ?)",
            (owner, client_ref, job_id),
        )
    return job_id


def _find(connection: sqlite3.Connection, owner: str, job_id: str) -> StoredJob | None:
    row = connection.execute(
        "SELECT id, state, request, error, number FROM jobs WHERE id = ? AND owner = ?",
        (job_id, owner),
    ).fetchone()
    if row is None:
        return None
    *_, number = row
    position = 0
    if row[1] == "queued":
        (position,) = connection.execute(
            "SELECT count(*) FROM jobs WHERE state = 'queued' AND number <= ?", (number,)
        ).fetchone()
    return _job(row, position)


def _claim(connection: sqlite3.Connection) -> StoredJob | None:
    row = connection.execute(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE number ="
        " (SELECT min(number) FROM jobs WHERE state = 'queued')"
        " RETURNING id, state, request, error, number"
    ).fetchone()
    return None if row is None else _job(row, 0)


def _end(
    connection: sqlite3.Connection, job_id: str, state: StoredState, error: str, condition: str
) -> bool:
    changed = connection.execute(
        f"UPDATE jobs SET state = ?, error = ?, finished_at = ? WHERE id = ? AND {condition}",
        (state.value, error, time.time(), job_id),
    )
    return changed.rowcount > 0


def _job(row: tuple[str, str, str, str, int], queue_position: int) -> StoredJob:
    job_id, state, request, error, _ = row
    return StoredJob(
        id=job_id,
        state=StoredState(state),
        request=GenerationRequest(**json.loads(request)),
        error=error,
        queue_position=queue_position,
    )
