"""How a job stands in the table ``jobs``: read, found by ids or by state, and written back."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.library.rows import (
    REQUEST_COLUMNS,
    from_stamp,
    insert_statement,
    request_from,
    request_values,
    to_stamp,
)

# Word for word the conditions of the partial indexes, or SQLite does not use them.
OPEN = "state NOT IN ('done', 'cancelled')"
UNSETTLED = "state IN ('submitting', 'held')"
STORED = "picture_stem IS NOT NULL AND state <> 'done'"

_INSERTED = ("id", "group_id", "server_id", "created_at", *REQUEST_COLUMNS)
_CHANGING = (
    "state",
    "position",
    "remote_id",
    "failure_kind",
    "failure_detail",
    "client_ref",
    "picture_stem",
    "revision",
    "updated_at",
)
_INSERT = insert_statement("jobs", (*_INSERTED, *_CHANGING))
_UPDATE = f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"
_UPDATE_REQUEST = (
    f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in REQUEST_COLUMNS)} WHERE id = ?"
)

Value = str | int | float | None


def now() -> datetime:
    return datetime.now(UTC)


def ids_json(ids: Iterable[str]) -> str:
    """Ids as one value for ``json_each``, so that no limit on variables is ever met."""
    return json.dumps(list(ids))


def select(
    connection: sqlite3.Connection, condition: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Job]:
    """The jobs that an SQL condition of our own matches, with what follows WHERE."""
    rows = connection.execute(f"SELECT * FROM jobs WHERE {condition}", values)
    return [_job(row) for row in rows]


def by_ids(connection: sqlite3.Connection, ids: Iterable[str]) -> list[Job]:
    """The jobs with these ids, in line; an id that no job has is left out."""
    condition = "id IN (SELECT value FROM json_each(?)) ORDER BY position, id"
    return select(connection, condition, (ids_json(ids),))


def load(connection: sqlite3.Connection, job_id: str) -> Job:
    """One job. Raises LookupError where there is none."""
    found = select(connection, "id = ?", (job_id,))
    if not found:
        raise LookupError(f"no job {job_id}")
    return found[0]


def insert(connection: sqlite3.Connection, jobs: Iterable[Job]) -> None:
    """Put new jobs into the table, numbered in this order."""
    connection.executemany(_INSERT, ((*_fixed(job), *_changing(job)) for job in jobs))


def store(connection: sqlite3.Connection, jobs: Iterable[Job]) -> list[Job]:
    """Write what can change in these jobs, but the request, each as its next revision."""
    time = now()
    changed = [replace(job, revision=job.revision + 1, updated_at=time) for job in jobs]
    connection.executemany(_UPDATE, ((*_changing(job), job.id) for job in changed))
    return changed


def store_request(connection: sqlite3.Connection, job: Job) -> None:
    """Write what a job asks for."""
    connection.execute(_UPDATE_REQUEST, (*request_values(job.request), job.id))


def _fixed(job: Job) -> tuple[Value, ...]:
    return (
        job.id,
        job.group_id,
        job.server_id,
        to_stamp(job.created_at),
        *request_values(job.request),
    )


def _changing(job: Job) -> tuple[Value, ...]:
    failure = job.failure
    return (
        job.state.value,
        job.position,
        job.remote_id,
        None if failure is None else failure.kind.value,
        "" if failure is None else failure.detail,
        job.client_ref,
        job.picture_stem,
        job.revision,
        to_stamp(job.updated_at),
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
        client_ref=row["client_ref"],
        position=row["position"],
        picture_stem=row["picture_stem"],
        revision=row["revision"],
    )
