"""The server's jobs, kept so that they outlive it.

queued ──> running ──> done | failed
   │  <───────┘  (the server ended meanwhile)
   └──────> cancelled   (from running too)

Owners take turns: the next job is the oldest of the owner that was served longest ago. Each job
that starts gets the next number of turn; one that goes back to waiting gives it back.
"""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import Enum

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.database import Database
from algovera_desktop.server.sql import Connection

MAX_ATTEMPTS = 2
"""How often a job may be running when the server dies before it is thought to be the cause."""


MAYBE_PAID = "It may have been paid for; it was not sent again."
"""What becomes of a job that is to be painted once at most, and whose painting broke off."""


class QueueFullError(Exception):
    """As many jobs wait as the server lets wait."""


class TooManyWaitingError(Exception):
    """As many of one owner's jobs wait as may; ``limit`` says how many that is."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


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
    """One picture that was asked for. ``queue_position`` is 0 unless it waits, then from 1 in
    the order of turns, as it would be if nobody asked for more. ``created_at`` in seconds since
    1970; ``once``: it costs money, and is never painted a second time. ``address``: where its
    picture lies, paid for; whoever knows it can read the picture, so it is in no printed form."""

    id: str
    state: StoredState
    request: GenerationRequest
    error: str
    queue_position: int
    created_at: float
    once: bool
    address: str = field(default="", repr=False)


class JobStore:
    """Jobs by owner, and the queue that they wait in. Raises LibraryError.

    ``is_bought_apart``: jobs that cost money wait for each other only, and so do the others.
    """

    def __init__(self, database: Database, *, is_bought_apart: bool = False) -> None:
        self._database = database
        self._is_bought_apart = is_bought_apart

    async def add(
        self,
        owner: str,
        request: GenerationRequest,
        queue_limit: int,
        client_ref: str | None = None,
        *,
        owner_limit: int | None = None,
        once: bool = False,
    ) -> str:
        """Queue a job and return its id, 32 hex digits.

        Raises QueueFullError when ``queue_limit`` jobs wait, TooManyWaitingError when
        ``owner_limit`` of this owner's do. A ``client_ref`` that this owner has used before
        names the job that it made then, which is returned whatever became of it; no other job
        is made. ``once``: see StoredJob.
        """

        def operation(connection: Connection) -> str:
            known = _id_for(connection, owner, client_ref)
            if known is not None:
                return known
            _require_room(connection, owner, queue_limit, owner_limit)
            return _insert(connection, owner, request, client_ref, once)

        return await self._database.run(operation)

    async def id_for(self, owner: str, client_ref: str) -> str | None:
        """The job that this owner made under this name, even if it has been deleted since."""
        return await self._database.run(lambda connection: _id_for(connection, owner, client_ref))

    async def get(self, owner: str, job_id: str) -> StoredJob | None:
        """One of this owner's jobs; None for nobody's and for another's."""
        apart = self._is_bought_apart
        return await self._database.run(lambda connection: _find(connection, owner, job_id, apart))

    async def queue_length(self) -> int:
        return await self._database.run(_count_queued)

    async def count_by_state(self) -> dict[StoredState, int]:
        """How many jobs are in each state, those that are deleted by now not counted."""

        def operation(connection: Connection) -> dict[StoredState, int]:
            rows = connection.execute("SELECT state, count(*) FROM jobs GROUP BY state")
            counts = {StoredState(state): number for state, number in rows}
            return {state: counts.get(state, 0) for state in StoredState}

        return await self._database.run(operation)

    async def claim(self, once: bool | None = None) -> StoredJob | None:
        """The job whose turn it is, from now on running; None when none waits.

        ``once``: of those that cost money, or of those that cost none; None for any.
        """
        return await self._database.run(lambda connection: _claim(connection, once))

    async def keep_address(self, job_id: str, address: str) -> None:
        """Remember where a running job's picture lies, paid for, until the job has ended."""

        def operation(connection: Connection) -> None:
            connection.execute(
                "UPDATE jobs SET address = ? WHERE id = ? AND state = 'running'", (address, job_id)
            )

        await self._database.run(operation)

    async def finish(self, job_id: str, state: StoredState, error: str = "") -> bool:
        """Record how a running job ended; False when it was cancelled before."""

        def operation(connection: Connection) -> bool:
            return _end(connection, job_id, state, error, "state = 'running'")

        return await self._database.run(operation)

    async def put_back(self, job_id: str, *, was_begun: bool = True) -> None:
        """Let a job that the server's orderly end interrupts wait again, at its old place; one
        that may have been paid for, since its painter ``was_begun`` with it, fails instead,
        unless it is known where its picture lies."""

        def operation(connection: Connection) -> None:
            if was_begun:
                is_paid = "state = 'running' AND once = 1 AND address = ''"
                _end(connection, job_id, StoredState.FAILED, MAYBE_PAID, is_paid)
            connection.execute(
                "UPDATE jobs SET state = 'queued', attempts = attempts - 1, turn = 0"
                " WHERE id = ? AND state = 'running'",
                (job_id,),
            )

        await self._database.run(operation)

    async def cancel(self, owner: str, job_id: str) -> StoredJob | None:
        """End one of this owner's jobs if it is still open; returns it as it was before."""

        def operation(connection: Connection) -> StoredJob | None:
            job = _find(connection, owner, job_id, self._is_bought_apart)
            if job is not None and job.state.is_open:
                _end(connection, job_id, StoredState.CANCELLED, "The job was cancelled.", "TRUE")
            return job

        return await self._database.run(operation)

    def recover(
        self,
        has_picture: Callable[[str], bool] = lambda _: False,
        *,
        painted_elsewhere: bool = False,
    ) -> None:
        """Queue again what was running when the server died, unless it seems to be the cause or
        may have been paid for; what ``has_picture`` by now is done. One whose picture lies at a
        known address waits to be fetched, however often the server died. Blocks.

        ``painted_elsewhere``: other computers paint, and go on while no server is there.
        """
        self._database.call(lambda connection: _recover(connection, has_picture, painted_elsewhere))

    async def forget_finished_before(self, moment: float) -> None:
        """Delete the jobs that ended before this time (seconds since 1970)."""

        def operation(connection: Connection) -> None:
            connection.execute("DELETE FROM jobs WHERE finished_at < ?", (moment,))

        await self._database.run(operation)

    async def done_ids(self) -> set[str]:
        """The ids of all jobs that have a picture."""

        def operation(connection: Connection) -> set[str]:
            rows = connection.execute("SELECT id FROM jobs WHERE state = 'done'")
            return {row[0] for row in rows}

        return await self._database.run(operation)


def _count_queued(connection: Connection) -> int:
    return connection.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone()[0]


def _require_room(
    connection: Connection, owner: str, queue_limit: int, owner_limit: int | None
) -> None:
    if _count_queued(connection) >= queue_limit:
        raise QueueFullError
    if owner_limit is None:
        return
    (waiting,) = connection.execute(
        "SELECT count(*) FROM jobs WHERE state = 'queued' AND owner = ?", (owner,)
    ).fetchone()
    if waiting >= owner_limit:
        raise TooManyWaitingError(owner_limit)


def _id_for(connection: Connection, owner: str, client_ref: str | None) -> str | None:
    row = connection.execute(
        "SELECT job_id FROM client_refs WHERE owner = ? AND client_ref = ?", (owner, client_ref)
    ).fetchone()
    return None if row is None else row[0]


def _insert(
    connection: Connection,
    owner: str,
    request: GenerationRequest,
    client_ref: str | None,
    once: bool,
) -> str:
    job_id = uuid.uuid4().hex
    connection.execute(
        "INSERT INTO jobs (id, owner, state, request, created_at, once) VALUES (?, ?, ?, ?, ?, ?)",
        (job_id, owner, "queued", json.dumps(asdict(request)), time.time(), int(once)),
    )
    if client_ref is not None:
        connection.execute(
            "INSERT INTO client_refs (owner, client_ref, job_id) VALUES (?, ?, ?)",
            (owner, client_ref, job_id),
        )
    return job_id


_COLUMNS = "id, state, request, error, created_at, once, address"
_Row = tuple[str, str, str, str, float, int, str]


def _find(
    connection: Connection, owner: str, job_id: str, is_bought_apart: bool
) -> StoredJob | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE id = ? AND owner = ?", (job_id, owner)
    ).fetchone()
    if row is None:
        return None
    if row[1] != "queued":
        return _job(row, 0)
    waiting = _waiting(bool(row[5]) if is_bought_apart else None)
    return _job(row, _position(connection, owner, job_id, waiting))


def _turns(waiting: str) -> str:
    """Whose turn it is, then whose, …: each owner that has something ``waiting``, a condition,
    how many jobs these are, and the oldest of them."""
    return (
        "SELECT owner, waiting, oldest FROM ("
        " SELECT owner, count(*) AS waiting, min(number) AS oldest FROM jobs"
        f" WHERE {waiting} GROUP BY owner) AS owners"
        " ORDER BY"
        " (SELECT coalesce(max(turn), 0) FROM jobs WHERE jobs.owner = owners.owner), oldest"
    )


def _waiting(once: bool | None) -> str:
    return "state = 'queued'" + ("" if once is None else f" AND once = {int(once)}")


def _position(connection: Connection, owner: str, job_id: str, waiting: str) -> int:
    """The place of a waiting job: it starts in its owner's nth turn, before which each owner has
    had n turns, or one less if it comes after this owner, or as many as it has jobs."""
    (nth,) = connection.execute(
        f"SELECT count(*) FROM jobs WHERE {waiting} AND owner = ?"
        " AND number <= (SELECT number FROM jobs WHERE id = ?)",
        (owner, job_id),
    ).fetchone()
    position, turns_each = 0, nth
    for other, waiting_jobs, _ in connection.execute(_turns(waiting)):
        position += min(waiting_jobs, turns_each)
        if other == owner:
            turns_each = nth - 1
    return position


def _claim(connection: Connection, once: bool | None) -> StoredJob | None:
    row = connection.execute(f"{_turns(_waiting(once))} LIMIT 1").fetchone()
    if row is None:
        return None
    claimed = connection.execute(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1,"
        " turn = (SELECT max(turn) + 1 FROM jobs)"
        f" WHERE number = ? RETURNING {_COLUMNS}",
        (row[2],),
    ).fetchone()
    return _job(claimed, 0)


def _recover(
    connection: Connection, has_picture: Callable[[str], bool], painted_elsewhere: bool
) -> None:
    running = connection.execute("SELECT id FROM jobs WHERE state = 'running'")
    for job_id in [row[0] for row in running]:
        if has_picture(job_id):
            _end(connection, job_id, StoredState.DONE, "", "TRUE")
    fail = (
        "UPDATE jobs SET state = 'failed', finished_at = ?, error = ?"
        " WHERE state = 'running' AND address = ''"
    )
    connection.execute(f"{fail} AND once = 1", (time.time(), MAYBE_PAID))
    if painted_elsewhere:  # they go on, and count for themselves how often they died
        connection.execute("UPDATE jobs SET attempts = attempts - 1 WHERE state = 'running'")
    died = f"The server died {MAX_ATTEMPTS} times while it painted this picture."
    connection.execute(f"{fail} AND attempts >= ?", (time.time(), died, MAX_ATTEMPTS))
    connection.execute("UPDATE jobs SET state = 'queued', turn = 0 WHERE state = 'running'")


def _end(
    connection: Connection, job_id: str, state: StoredState, error: str, condition: str
) -> bool:
    changed = connection.execute(
        "UPDATE jobs SET state = ?, error = ?, finished_at = ?, address = ''"
        f" WHERE id = ? AND {condition}",
        (state.value, error, time.time(), job_id),
    )
    return changed.rowcount > 0


def _job(row: _Row, queue_position: int) -> StoredJob:
    job_id, state, request, error, created_at, once, address = row
    return StoredJob(
        id=job_id,
        state=StoredState(state),
        request=GenerationRequest(**json.loads(request)),
        error=error,
        queue_position=queue_position,
        created_at=created_at,
        once=bool(once),
        address=address,
    )
