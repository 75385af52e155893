"""Every call on many jobs is one transaction, whatever SQLite's limit on variables is."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.services.queue import JobQueue

COUNT = 300
MOST_VARIABLES = 40
"""In one statement. SQLite's own limit is 32 766, or 999 before 3.32 (sqlite.org/limits.html);
this stands to the number of jobs here as that to any number of them."""


@pytest.fixture
def jobs(queue: JobQueue, database: Database) -> list[Job]:
    def limit(connection: sqlite3.Connection) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST_VARIABLES)

    database.write(limit)
    database.read(limit)
    request = GenerationRequest("a fox", "sketch")
    return queue.add("local", [replace(request, seed=seed) for seed in range(COUNT)])


def commits_of(database: Database, work: Callable[[], object]) -> int:
    seen: list[str] = []

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(lambda one: seen.append(one) if one == "COMMIT" else None)

    def look_away(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(None)

    database.write(watch)
    seen.clear()
    work()
    commits = len(seen)
    database.write(look_away)
    return commits


def test_any_number_of_jobs_is_changed_in_one_transaction(
    queue: JobQueue, database: Database, jobs: list[Job]
) -> None:
    ids = [job.id for job in jobs]
    old_places = {job.id: job.position for job in jobs}
    assert commits_of(database, lambda: queue.move(ids[1::2], ids[0])) == 1
    assert commits_of(database, lambda: queue.reposition(old_places)) == 1
    assert commits_of(database, lambda: queue.cancel(ids)) == 1
    assert commits_of(database, lambda: queue.restore(jobs)) == 1
    assert commits_of(database, lambda: queue.duplicate(ids)) == 1
    found = queue.open_jobs(limit=2 * COUNT)
    assert [job.id for job in found[:COUNT]] == ids
    assert [job.request for job in found[COUNT:]] == [job.request for job in jobs]
    assert {job.state for job in found} == {JobState.WAITING}
