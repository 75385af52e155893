"""How a job stands in the table ``jobs``: read, found by ids or by state, and written back."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from threading import Event
from typing import Any, TypeVar

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.library.rows import (
    REQUEST_COLUMNS,
    from_stamp,
    insert_statement,
    request_of,
    request_values,
    to_stamp,
)

T = TypeVar("T")

# Word for word the conditions of the partial indexes, or SQLite does not use them.
OPEN = "state NOT IN ('done', 'cancelled')"
UNSETTLED = "state IN ('submitting', 'held')"
STORED = "picture_stem IS NOT NULL AND state <> 'done'"

_INSERTED = ("id", "group_id", "server_id", "parent_sha256", "created_at", *REQUEST_COLUMNS)
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
_SELECT = f"SELECT {', '.join((*_INSERTED, *_CHANGING))} FROM jobs"
_UPDATE = f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"
_UPDATE_REQUEST = (
    f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in REQUEST_COLUMNS)} WHERE id = ?"
)

_JOB_FIELDS = tuple(field.name for field in fields(Job))
_REVISION = _JOB_FIELDS.index("revision")
_UPDATED_AT = _JOB_FIELDS.index("updated_at")
_all_of = attrgetter(*_JOB_FIELDS)

_ROWS_IN_A_BREATH = 250
_BREATH_S = 0.001

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
    rows = connection.execute(f"{_SELECT} WHERE {condition}", values)
    return [_job(row) for row in breathing(rows)]


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


def breathing(items: Iterable[T]) -> Iterator[T]:
    """The same items, with a pause now and then in which other threads get their turn.

    A thread that gives Python's lock away and takes it back for each row (SQLite does, and
    ``os.urandom``) leaves it to nobody: the waiting thread's clock begins anew each time. The
    window stood still for up to 200 ms while 10 000 jobs were added.
    """
    never = Event()
    for number, item in enumerate(items, start=1):
        yield item
        if number % _ROWS_IN_A_BREATH == 0:
            never.wait(_BREATH_S)


def insert(connection: sqlite3.Connection, jobs: Iterable[Job]) -> None:
    """Put new jobs into the table, numbered in this order."""
    connection.executemany(_INSERT, ((*_fixed(job), *_changing(job)) for job in breathing(jobs)))


def store(connection: sqlite3.Connection, jobs: Iterable[Job]) -> list[Job]:
    """Write what can change in these jobs, but the request, each as its next revision."""
    moment = now()
    changed = [_revised(job, moment) for job in breathing(jobs)]
    connection.executemany(_UPDATE, ((*_changing(job), job.id) for job in breathing(changed)))
    return changed


def store_request(connection: sqlite3.Connection, job: Job) -> None:
    """Write what a job asks for."""
    connection.execute(_UPDATE_REQUEST, (*request_values(job.request), job.id))


def _revised(job: Job, moment: datetime) -> Job:
    # Ten thousand of these are made at a time, and dataclasses.replace takes five times as long.
    values = list(_all_of(job))
    values[_REVISION] += 1
    values[_UPDATED_AT] = moment
    return Job(*values)


def _fixed(job: Job) -> tuple[Value, ...]:
    return (
        job.id,
        job.group_id,
        job.server_id,
        job.parent_sha256,
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
    # Unpacked, for a Row looks a name up by comparing it with one column after the other.
    job_id, group_id, server_id, parent_sha256, created_at, *rest = row[:-6]
    *request, state, position, remote_id = rest
    failure_kind, failure_detail, client_ref, picture_stem, revision, updated_at = row[-6:]
    return Job(
        id=job_id,
        group_id=group_id,
        server_id=server_id,
        request=request_of(request),
        state=JobState(state),
        created_at=from_stamp(created_at),
        updated_at=from_stamp(updated_at),
        remote_id=remote_id,
        failure=None if failure_kind is None else _failure(failure_kind, failure_detail),
        client_ref=client_ref,
        position=position,
        picture_stem=picture_stem,
        parent_sha256=parent_sha256,
        revision=revision,
    )


def _failure(kind: str, detail: str) -> JobFailure:
    return JobFailure(FailureKind(kind), detail)
