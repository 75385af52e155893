"""The job queue, step by step."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import InvalidRequestError, JobCancelledError
from algovera_desktop.domain.generation import MAX_SEED, GenerationRequest
from algovera_desktop.domain.images import LibraryQuery, NewImage
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import IllegalTransitionError, JobQueue

FOX = GenerationRequest("a fox", "sketch", seed=MAX_SEED, guidance_scale=7.25)
BROKEN = JobFailure(FailureKind.PROTOCOL, "an answer that makes no sense")


def image_of(job: Job) -> NewImage:
    return NewImage(
        path=f"2026-11/{job.id}.png",
        sha256="0" * 64,
        size_bytes=1,
        media_type="image/png",
        width=512,
        height=512,
        created_at=datetime.now(UTC),
        server_name="This computer",
        model_title="Sketch",
        job_id=job.id,
        request=job.request,
    )


def running_job(queue: JobQueue) -> Job:
    queue.add("local", [FOX])
    claimed = queue.claim("local")
    assert claimed is not None
    return queue.accepted(claimed.id, "remote")


def test_jobs_come_back_as_they_were_added_in_their_order_and_as_one_group(
    queue: JobQueue,
) -> None:
    requests = [replace(FOX, seed=seed) for seed in range(5)]
    jobs = queue.add("local", requests)
    assert queue.open_jobs() == jobs
    assert [job.request for job in jobs] == requests
    assert len({job.group_id for job in jobs}) == 1
    assert queue.get(jobs[2].id) == jobs[2]
    assert queue.get("nobody") is None


def test_a_later_group_stands_behind_an_earlier_one(queue: JobQueue) -> None:
    first, second = queue.add("local", [FOX] * 2), queue.add("local", [FOX] * 2)
    assert queue.open_jobs() == first + second
    assert first[0].group_id != second[0].group_id


def test_a_server_is_given_its_own_jobs_in_line_each_once(queue: JobQueue) -> None:
    here = queue.add("local", [FOX] * 2)
    (there,) = queue.add("elsewhere", [FOX])
    claims = [queue.claim("local"), queue.claim("local"), queue.claim("local")]
    assert [job and job.id for job in claims] == [here[0].id, here[1].id, None]
    assert claims[0] is not None
    assert claims[0].state is JobState.SUBMITTING
    claimed_there = queue.claim("elsewhere")
    assert claimed_there is not None
    assert claimed_there.id == there.id


def test_a_whole_life_ends_with_the_picture_in_the_library(
    queue: JobQueue, library: Library
) -> None:
    job = running_job(queue)
    assert (job.state, job.remote_id) == (JobState.RUNNING, "remote")
    assert queue.fetching(job.id).state is JobState.FETCHING
    record = queue.completed(job.id, image_of(job))
    assert library.for_job(job.id) == record
    done = queue.get(job.id)
    assert done is not None
    assert done.state is JobState.DONE
    assert queue.open_jobs() == []


def test_a_record_that_cannot_be_written_leaves_the_job_as_it_was(
    queue: JobQueue, library: Library
) -> None:
    first, second = running_job(queue), running_job(queue)
    queue.fetching(first.id)
    queue.fetching(second.id)
    queue.completed(first.id, image_of(first))
    with pytest.raises(sqlite3.IntegrityError):
        queue.completed(second.id, replace(image_of(first), job_id=second.id))
    assert [job.state for job in queue.open_jobs()] == [JobState.FETCHING]
    assert library.count(LibraryQuery()) == 1


def test_a_job_that_is_put_back_is_the_next_to_be_claimed(queue: JobQueue) -> None:
    first, _ = queue.add("local", [FOX] * 2)
    queue.claim("local")
    assert queue.put_back(first.id).state is JobState.WAITING
    again = queue.claim("local")
    assert again is not None
    assert again.id == first.id


def test_a_failure_is_kept_with_its_words_until_the_job_is_tried_again(queue: JobQueue) -> None:
    job = running_job(queue)
    queue.failed(job.id, BROKEN)
    (failed,) = queue.open_jobs()
    assert (failed.state, failed.failure) == (JobState.FAILED, BROKEN)
    assert queue.retry(job.id).failure is None


@pytest.mark.parametrize("kind", FailureKind)
def test_retry_goes_on_with_a_remote_job_that_may_be_there_and_else_sends_anew(
    queue: JobQueue, kind: FailureKind
) -> None:
    job = running_job(queue)
    queue.failed(job.id, JobFailure(kind, ""))
    retried = queue.retry(job.id)
    if kind in (FailureKind.ENGINE, FailureKind.FORGOTTEN):
        assert (retried.state, retried.remote_id) == (JobState.WAITING, None)
    else:
        assert (retried.state, retried.remote_id) == (JobState.RUNNING, "remote")
    assert queue.open_jobs() == [retried]


def test_a_job_that_failed_before_it_was_accepted_is_sent_anew(queue: JobQueue) -> None:
    queue.add("local", [FOX])
    job = queue.claim("local")
    assert job is not None
    queue.failed(job.id, JobFailure(FailureKind.UNREACHABLE, ""))
    assert queue.retry(job.id).state is JobState.WAITING


def test_after_a_crash_only_what_may_have_been_charged_is_unknown(
    tmp_path: Path,
) -> None:
    path = tmp_path / "library.sqlite3"
    with closing(Database(path)) as database:
        queue = JobQueue(database, Library(database))
        running = running_job(queue)
        fetching = running_job(queue)
        queue.fetching(fetching.id)
        queue.add("local", [FOX] * 2)
        posted = queue.claim("local")
        assert posted is not None
    with closing(Database(path)) as database:
        queue = JobQueue(database, Library(database))
        assert [(job.id, job.state) for job in queue.recover()] == [(posted.id, JobState.UNKNOWN)]
        assert queue.recover() == []
        states = {job.id: job.state for job in queue.open_jobs()}
        assert states[running.id] is JobState.RUNNING
        assert states[fetching.id] is JobState.FETCHING
        assert queue.claim("local") is not None
        assert queue.claim("local") is None
        assert queue.retry(posted.id).state is JobState.WAITING


def test_cancelling_ends_a_job_and_dismisses_one_that_failed_or_is_unknown(
    queue: JobQueue,
) -> None:
    queue.add("local", [FOX] * 2)
    failed, unknown = queue.claim("local"), queue.claim("local")
    assert failed is not None
    assert unknown is not None
    queue.failed(failed.id, BROKEN)
    queue.uncertain(unknown.id)
    running = running_job(queue)
    (waiting,) = queue.add("local", [FOX])
    for job in (failed, unknown, waiting, running):
        assert queue.cancel(job.id).state is JobState.CANCELLED
        assert queue.cancel(job.id).state is JobState.CANCELLED
    assert queue.open_jobs() == []


def test_cancelling_a_job_that_is_done_leaves_it_done(queue: JobQueue) -> None:
    job = running_job(queue)
    queue.fetching(job.id)
    queue.completed(job.id, image_of(job))
    assert queue.cancel(job.id).state is JobState.DONE
    assert queue.retry(job.id).state is JobState.DONE


def test_a_worker_learns_at_its_next_step_that_the_user_cancelled(
    queue: JobQueue, library: Library
) -> None:
    job = running_job(queue)
    queue.fetching(job.id)
    queue.cancel(job.id)
    with pytest.raises(JobCancelledError):
        queue.completed(job.id, image_of(job))
    with pytest.raises(JobCancelledError):
        queue.failed(job.id, BROKEN)
    assert library.count(LibraryQuery()) == 0


def test_a_step_that_the_table_does_not_have_is_our_own_mistake(queue: JobQueue) -> None:
    (job,) = queue.add("local", [FOX])
    with pytest.raises(IllegalTransitionError):
        queue.fetching(job.id)
    with pytest.raises(IllegalTransitionError):
        queue.completed(job.id, image_of(job))
    with pytest.raises(LookupError):
        queue.cancel("nobody")
    assert queue.open_jobs() == [job]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (replace(FOX, prompt="  \n"), "prompt"),
        (replace(FOX, prompt="half a pair \ud83e"), "prompt"),
        (replace(FOX, negative_prompt="\udd8a"), "negative_prompt"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_with_all_of_its_group(
    queue: JobQueue, request_: GenerationRequest, field: str
) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        queue.add("local", [FOX, request_])
    assert raised.value.field == field
    assert queue.open_jobs() == []


def test_ten_thousand_jobs_are_added_listed_and_claimed_by_index(
    queue: JobQueue, database: Database
) -> None:
    jobs = queue.add("local", [FOX] * 10_000)
    assert queue.open_jobs() == jobs
    claimed = queue.claim("local")
    assert claimed is not None
    assert claimed.id == jobs[0].id

    def plans(connection: sqlite3.Connection) -> list[str]:
        statements = (
            "SELECT * FROM jobs WHERE state NOT IN ('done', 'cancelled') ORDER BY position, number",
            "SELECT * FROM jobs WHERE state = 'waiting' AND server_id = 'local'"
            " ORDER BY position, number LIMIT 1",
            "SELECT max(position) FROM jobs WHERE state NOT IN ('done', 'cancelled')",
        )
        rows = [connection.execute(f"EXPLAIN QUERY PLAN {s}").fetchall() for s in statements]
        return [row["detail"] for found in rows for row in found]

    details = database.read(plans)
    assert all("USING" in detail and "INDEX jobs_" in detail for detail in details)
