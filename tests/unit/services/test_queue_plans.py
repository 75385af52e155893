"""What the queue asks of its database never costs in proportion to what is long done."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.recovery import PictureRecovery

FOX = GenerationRequest("a fox", "sketch")
PARTIAL_INDEXES = ("jobs_open", "jobs_waiting", "jobs_unsettled", "jobs_stored")


def claimed(queue: JobQueue) -> Job:
    job = queue.claim("local", with_ref=True)
    assert job is not None
    return job


def whole_lives(queue: JobQueue) -> None:
    """Every call of the queue, with more than one job in it."""
    jobs = queue.add("local", [FOX] * 12)
    ids = [job.id for job in jobs]
    done, held, unknown, failed, fetching = (claimed(queue) for _ in range(5))
    queue.accepted(done.id, "remote")
    queue.fetching(done.id, "2026-11/done")
    now = datetime.now(UTC)
    sizes = (1, "image/png", 8, 8)
    image = NewImage("a.png", "0" * 64, *sizes, now, "here", "Sketch", done.id, done.request)
    queue.completed(done.id, image, 3.0)
    queue.held(held.id, JobFailure(FailureKind.PAYMENT, ""))
    queue.release("local")
    queue.uncertain(unknown.id)
    queue.settle(unknown.id)
    queue.failed(failed.id, JobFailure(FailureKind.ENGINE, ""))
    queue.retry([failed.id])
    queue.accepted(fetching.id, "another")
    queue.fetching(fetching.id, "2026-11/fetching")
    moved = queue.move(ids[8:], ids[6])
    queue.move(ids[6:7], None)
    queue.reposition({job.id: job.position for job in moved})
    queue.duplicate(ids[7:9])
    queue.begin_edit(ids[9])
    queue.end_edit(ids[9], None)
    queue.restore(queue.cancel([*ids[10:], fetching.id]))
    first_page = queue.open_jobs(limit=3)
    queue.open_jobs(after=first_page[-1], limit=3)
    queue.get(ids[0])
    queue.recover()
    queue.timings()


def statements_of(database: Database, work: Callable[[], None]) -> list[str]:
    """What SQLite was asked while ``work`` was done, with the values in it."""
    seen: list[str] = []

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(seen.append)

    def look_away(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(None)

    database.write(watch)
    database.read(watch)
    work()
    database.write(look_away)
    database.read(look_away)
    plain = ("BEGIN", "COMMIT", "ROLLBACK", "--")
    return [statement for statement in seen if not statement.startswith(plain)]


def looks_through_history(plan: str) -> bool:
    if not plain_scan(plan):
        return False
    return not any(f"INDEX {name}" in plan for name in PARTIAL_INDEXES)


def plain_scan(plan: str) -> bool:
    return plan.startswith(("SCAN jobs", "SCAN images", "SCAN timings"))


@pytest.fixture
def plans(database: Database, library: Library, queue: JobQueue, tmp_path: Path) -> dict[str, str]:
    """Each statement's plan; the parts of one are joined."""

    def work() -> None:
        whole_lives(queue)
        files = PictureFiles(tmp_path / "pictures")
        PictureRecovery(database, library, files, lambda _server_id: "here").run()

    def explain(connection: sqlite3.Connection) -> dict[str, str]:
        return {
            one: "\n".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {one}"))
            for one in set(statements)
        }

    statements = statements_of(database, work)
    assert len(statements) > 60
    return database.read(explain)


def test_no_statement_looks_through_the_history(plans: dict[str, str]) -> None:
    slow = {
        statement: plan
        for statement, plan in plans.items()
        if "FROM timings ORDER BY number" not in statement  # All are read, a few of each kind.
        and any(looks_through_history(part) for part in plan.split("\n"))
    }
    assert slow == {}


def test_the_line_is_never_sorted_anew(plans: dict[str, str]) -> None:
    """Sorting is left to what is few: jobs named by their ids, and those that are held."""
    sorted_anew = {
        statement
        for statement, plan in plans.items()
        if "TEMP B-TREE" in plan and "json_each" not in statement and "'held'" not in statement
    }
    assert sorted_anew == set()


def test_a_place_in_line_is_found_without_counting_to_it(plans: dict[str, str]) -> None:
    found = [plan for statement, plan in plans.items() if "(position, id)" in statement]
    assert len(found) > 4
    assert not any(plain_scan(part) for plan in found for part in plan.split("\n"))
