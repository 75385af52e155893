"""The job queue: every step of a job's life is on the disk before the next one is taken."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from algovera_desktop.domain.errors import InvalidRequestError, JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    TRANSITIONS,
    FailureKind,
    Job,
    JobFailure,
    JobState,
)
from algovera_desktop.library.database import Database
from algovera_desktop.library.rows import (
    REQUEST_COLUMNS,
    from_stamp,
    insert_statement,
    request_from,
    request_values,
    to_stamp,
)
from algovera_desktop.library.store import Library

POSITION_GAP = 1 << 20
"""Between neighbours in line, so that a job can be put between two others."""

_COLUMNS = (
    "id",
    "position",
    "group_id",
    "server_id",
    "state",
    "created_at",
    "updated_at",
    *REQUEST_COLUMNS,
)
_INSERT = insert_statement("jobs", _COLUMNS)
# Word for word the conditions of the partial indexes, or SQLite does not use them.
_OPEN = "state NOT IN ('done', 'cancelled')"
_NEXT_WAITING = """SELECT * FROM jobs WHERE state = 'waiting' AND server_id = ?
                   ORDER BY position, number LIMIT 1"""
_REMOTE_JOB_IS_OVER = frozenset({FailureKind.ENGINE, FailureKind.FORGOTTEN})


class IllegalTransitionError(ValueError):
    """A step that the table of transitions does not have was asked for: our bug."""


class JobQueue:
    """Every call blocks, is one durable transaction, and raises LibraryError's kinds.

    The steps that a worker takes raise JobCancelledError when the user has cancelled the job
    meanwhile, and IllegalTransitionError for a job that no worker holds and for what the table
    in ``domain.jobs`` forbids. Those that the user takes (``cancel``, ``retry``) can race with a
    worker, and then leave the job as it is: look at the job that they return.
    """

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library

    def add(self, server_id: str, requests: Sequence[GenerationRequest]) -> list[Job]:
        """Put one job a request at the end of the line, as one group.

        Raises InvalidRequestError for a text that cannot be stored or sent.
        """
        for request in requests:
            _check_texts(request)
        group_id = uuid4().hex
        now = _now()
        jobs = [
            Job(uuid4().hex, group_id, server_id, request, JobState.WAITING, now, now)
            for request in requests
        ]

        def insert(connection: sqlite3.Connection) -> None:
            last: int = connection.execute(
                f"SELECT coalesce(max(position), 0) FROM jobs WHERE {_OPEN}"
            ).fetchone()[0]
            connection.executemany(
                _INSERT,
                [
                    _values(job, last + place * POSITION_GAP)
                    for place, job in enumerate(jobs, start=1)
                ],
            )

        self._database.write(insert)
        return jobs

    def claim(self, server_id: str) -> Job | None:
        """Take a server's first waiting job for a worker: it is ``submitting`` from now on."""

        def take(connection: sqlite3.Connection) -> Job | None:
            row = connection.execute(_NEXT_WAITING, (server_id,)).fetchone()
            return None if row is None else _store(connection, _job(row), JobState.SUBMITTING)

        return self._database.write(take)

    def accepted(self, job_id: str, remote_id: str) -> Job:
        """The engine took the job and calls it ``remote_id``."""
        return self._move(job_id, JobState.RUNNING, remote_id=remote_id)

    def fetching(self, job_id: str) -> Job:
        """The engine has finished; the picture is being brought here."""
        return self._move(job_id, JobState.FETCHING)

    def completed(self, job_id: str, image: NewImage) -> ImageRecord:
        """The picture is on disk: its record and the job's end, in one transaction."""

        def complete(connection: sqlite3.Connection) -> ImageRecord:
            _checked_move(connection, job_id, JobState.DONE)
            return self._library.add_in(connection, image)

        return self._database.write(complete)

    def failed(self, job_id: str, failure: JobFailure) -> Job:
        """The job ended without a picture; a remote id stays with it for Retry."""
        return self._move(job_id, JobState.FAILED, failure=failure)

    def uncertain(self, job_id: str) -> Job:
        """The POST went out and its answer was lost: it may have been charged."""
        return self._move(job_id, JobState.UNKNOWN)

    def put_back(self, job_id: str) -> Job:
        """A claimed job was certainly not sent; it waits again at its old place."""
        return self._move(job_id, JobState.WAITING)

    def cancel(self, job_id: str) -> Job:
        """The user wants no more of this job. One that has ended stays as it ended."""

        def cancel(connection: sqlite3.Connection) -> Job:
            job = _load(connection, job_id)
            if JobState.CANCELLED not in TRANSITIONS[job.state]:
                return job
            return _store(connection, job, JobState.CANCELLED)

        return self._database.write(cancel)

    def retry(self, job_id: str) -> Job:
        """The user wants a failed or unknown job again.

        One whose remote job may still have its picture goes back to ``running``, which posts
        nothing and costs nothing; any other waits to be sent, at its old place.
        """

        def retry(connection: sqlite3.Connection) -> Job:
            job = _load(connection, job_id)
            if job.state not in (JobState.FAILED, JobState.UNKNOWN):
                return job
            if job.remote_id is not None and not _remote_job_is_over(job):
                return _store(connection, job, JobState.RUNNING)
            return _store(connection, replace(job, remote_id=None), JobState.WAITING)

        return self._database.write(retry)

    def get(self, job_id: str) -> Job | None:
        row: sqlite3.Row | None = self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM jobs WHERE id = ?", (job_id,)
            ).fetchone()
        )
        return None if row is None else _job(row)

    def open_jobs(self) -> list[Job]:
        """Every job that has not ended for good, in line."""
        statement = f"SELECT * FROM jobs WHERE {_OPEN} ORDER BY position, number"
        return self._database.read(
            lambda connection: [_job(row) for row in connection.execute(statement)]
        )

    def recover(self) -> list[Job]:
        """At start: what a crash left in ``submitting`` may have been charged. Returns those."""

        def settle(connection: sqlite3.Connection) -> list[Job]:
            rows = connection.execute(
                f"""SELECT * FROM jobs WHERE {_OPEN} AND state = ? ORDER BY position, number""",
                (JobState.SUBMITTING.value,),
            ).fetchall()
            return [_store(connection, _job(row), JobState.UNKNOWN) for row in rows]

        return self._database.write(settle)

    def _move(
        self,
        job_id: str,
        target: JobState,
        *,
        remote_id: str | None = None,
        failure: JobFailure | None = None,
    ) -> Job:
        return self._database.write(
            lambda connection: _checked_move(
                connection, job_id, target, remote_id=remote_id, failure=failure
            )
        )


def _checked_move(
    connection: sqlite3.Connection,
    job_id: str,
    target: JobState,
    *,
    remote_id: str | None = None,
    failure: JobFailure | None = None,
) -> Job:
    job = _load(connection, job_id)
    if job.state is JobState.CANCELLED:
        raise JobCancelledError
    # A failed or unknown job may go on, too, but only when the user says so.
    if job.state not in ACTIVE_STATES or target not in TRANSITIONS[job.state]:
        raise IllegalTransitionError(f"job {job_id}: {job.state.value} to {target.value}")
    if remote_id is not None:
        job = replace(job, remote_id=remote_id)
    return _store(connection, job, target, failure)


def _store(
    connection: sqlite3.Connection, job: Job, target: JobState, failure: JobFailure | None = None
) -> Job:
    """Write what can change in a job; ``job`` brings the remote id that it shall have."""
    changed = replace(job, state=target, failure=failure, updated_at=_now())
    connection.execute(
        """UPDATE jobs SET state = ?, remote_id = ?, failure_kind = ?, failure_detail = ?,
           updated_at = ? WHERE id = ?""",
        (
            changed.state.value,
            changed.remote_id,
            None if failure is None else failure.kind.value,
            "" if failure is None else failure.detail,
            to_stamp(changed.updated_at),
            changed.id,
        ),
    )
    return changed


def _load(connection: sqlite3.Connection, job_id: str) -> Job:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise LookupError(f"no job {job_id}")
    return _job(row)


def _remote_job_is_over(job: Job) -> bool:
    return job.failure is not None and job.failure.kind in _REMOTE_JOB_IS_OVER


def _check_texts(request: GenerationRequest) -> None:
    for name, text in (("prompt", request.prompt), ("negative_prompt", request.negative_prompt)):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            limit = f"must be whole characters (broken at {error.start})"
            raise InvalidRequestError(name, limit, ascii(text[error.start])) from error
    if not request.prompt.strip():
        raise InvalidRequestError("prompt", "must not be empty", request.prompt)


def _now() -> datetime:
    return datetime.now(UTC)


def _values(job: Job, position: int) -> tuple[str | int | float, ...]:
    return (
        job.id,
        position,
        job.group_id,
        job.server_id,
        job.state.value,
        to_stamp(job.created_at),
        to_stamp(job.updated_at),
        *request_values(job.request),
    )


def _job(row: sqlite3.Row) -> Job:
    kind: str | None = row["failure_kind"]
    return Job(
        id=row["id"],
        group_id=row["group_id"],
        server_id=row["server_id"],
        request=request_from(row),
        state=JobState(row["state"]),
        created_at=from_stamp(row["created_at"]),
        updated_at=from_stamp(row["updated_at"]),
        remote_id=row["remote_id"],
        failure=None if kind is None else JobFailure(FailureKind(kind), row["failure_detail"]),
    )
