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
STEM = "2026-11/a fox"
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
    assert [job.revision for job in jobs] == [0] * 5
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
    assert queue.fetching(job.id, STEM).state is JobState.FETCHING
    done, record = queue.completed(job.id, image_of(job))
    assert library.for_job(job.id) == record
    assert queue.get(job.id) == done
    assert (done.state, done.picture_stem) == (JobState.DONE, STEM)
    assert queue.open_jobs() == []


def test_a_record_that_cannot_be_written_leaves_the_job_as_it_was(
    queue: JobQueue, library: Library
) -> None:
    first, second = running_job(queue), running_job(queue)
    queue.fetching(first.id, STEM)
    queue.fetching(second.id, STEM)
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
    (retried,) = queue.retry([job.id])
    assert retried.failure is None


@pytest.mark.parametrize("kind", FailureKind)
def test_retry_goes_on_with_a_remote_job_that_may_be_there_and_else_sends_anew(
    queue: JobQueue, kind: FailureKind
) -> None:
    job = running_job(queue)
    queue.failed(job.id, JobFailure(kind, ""))
    (retried,) = queue.retry([job.id])
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
    (retried,) = queue.retry([job.id])
    assert retried.state is JobState.WAITING


def test_after_a_crash_only_what_may_have_been_charged_is_unknown(
    tmp_path: Path,
) -> None:
    path = tmp_path / "library.sqlite3"
    with closing(Database(path)) as database:
        queue = JobQueue(database, Library(database))
        running = running_job(queue)
        fetching = running_job(queue)
        queue.fetching(fetching.id, STEM)
        refused, edited, _ = queue.add("local", [FOX] * 3)
        assert queue.claim("local") is not None
        queue.held(refused.id, BROKEN)
        queue.begin_edit(edited.id)
        posted = queue.claim("local")
        assert posted is not None
    with closing(Database(path)) as database:
        queue = JobQueue(database, Library(database))
        queue.recover()
        recovered = {job.id: job for job in queue.open_jobs()}
        queue.recover()
        assert {job.id: job for job in queue.open_jobs()} == recovered
        assert {job_id: job.state for job_id, job in recovered.items()} == {
            running.id: JobState.RUNNING,
            fetching.id: JobState.FETCHING,
            refused.id: JobState.WAITING,
            edited.id: JobState.HELD,
            posted.id: JobState.UNKNOWN,
        }
        assert recovered[fetching.id].picture_stem == STEM
        assert recovered[refused.id].failure is None


def test_cancelling_ends_jobs_and_dismisses_those_that_failed_or_are_unknown(
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
    ids = [failed.id, unknown.id, running.id, waiting.id]
    cancelled = queue.cancel(ids)
    assert [job.id for job in cancelled] == ids
    assert {job.state for job in cancelled} == {JobState.CANCELLED}
    assert cancelled[2].remote_id == running.remote_id
    assert queue.cancel(ids) == []
    assert queue.open_jobs() == []


def test_a_job_that_is_done_is_neither_cancelled_nor_brought_back_nor_tried_again(
    queue: JobQueue,
) -> None:
    job = running_job(queue)
    fetching = queue.fetching(job.id, STEM)
    queue.completed(job.id, image_of(job))
    assert queue.cancel([job.id]) == []
    assert queue.restore([fetching]) == []
    assert queue.retry([job.id]) == []
    done = queue.get(job.id)
    assert done is not None
    assert done.state is JobState.DONE


def test_jobs_that_nobody_knows_are_left_out(queue: JobQueue) -> None:
    (job,) = queue.add("local", [FOX])
    assert [one.id for one in queue.cancel(["nobody", job.id])] == [job.id]
    assert queue.begin_edit("nobody") is None
    assert queue.move(["nobody"], None) == []
    assert queue.duplicate(["nobody"]) == []
    with pytest.raises(LookupError):
        queue.accepted("nobody", "remote")


def test_a_worker_learns_at_its_next_step_that_the_user_cancelled(
    queue: JobQueue, library: Library
) -> None:
    job = running_job(queue)
    queue.fetching(job.id, STEM)
    queue.cancel([job.id])
    with pytest.raises(JobCancelledError):
        queue.completed(job.id, image_of(job))
    with pytest.raises(JobCancelledError):
        queue.failed(job.id, BROKEN)
    assert library.count(LibraryQuery()) == 0


def test_a_worker_learns_that_its_job_was_taken_away_and_brought_back(queue: JobQueue) -> None:
    queue.add("local", [FOX])
    posted = queue.claim("local")
    assert posted is not None
    queue.cancel([posted.id])
    queue.restore([posted])
    with pytest.raises(JobCancelledError):
        queue.accepted(posted.id, "remote")


def test_a_job_brought_back_while_it_is_posted_is_not_posted_beside_that(queue: JobQueue) -> None:
    (posted,) = queue.add("local", [FOX])
    assert queue.claim("local") is not None
    queue.cancel([posted.id])
    (waiting,) = queue.restore([replace(posted, state=JobState.SUBMITTING)])
    assert waiting.state is JobState.WAITING
    assert queue.claim("local") is None
    with pytest.raises(JobCancelledError):
        queue.uncertain(posted.id)
    again = queue.claim("local")
    assert again is not None
    assert again.id == posted.id


def test_a_step_that_the_table_does_not_have_is_our_own_mistake(queue: JobQueue) -> None:
    job = running_job(queue)
    with pytest.raises(IllegalTransitionError):
        queue.accepted(job.id, "another")
    with pytest.raises(IllegalTransitionError):
        queue.completed(job.id, image_of(job))
    failed = queue.failed(job.id, BROKEN)
    with pytest.raises(IllegalTransitionError):
        queue.fetching(job.id, STEM)
    assert queue.open_jobs() == [failed]


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


def test_the_open_jobs_come_in_pages_that_leave_out_none(queue: JobQueue) -> None:
    jobs = queue.add("local", [FOX] * 7)
    queue.cancel([jobs[2].id])
    page = queue.open_jobs(limit=3)
    pages = [page]
    while page:
        page = queue.open_jobs(after=page[-1], limit=3)
        pages.append(page)
    assert [len(page) for page in pages] == [3, 3, 0]
    assert [job for page in pages for job in page] == [*jobs[:2], *jobs[3:]]


def test_every_change_makes_a_later_revision_and_all_of_it_can_be_read_back(
    queue: JobQueue,
) -> None:
    queue.add("local", [FOX])
    claimed = queue.claim("local", with_ref=True)
    assert claimed is not None
    running = queue.accepted(claimed.id, "remote")
    fetching = queue.fetching(claimed.id, STEM)
    failed = queue.failed(claimed.id, BROKEN)
    steps = [claimed, running, fetching, failed]
    assert [job.revision for job in steps] == [1, 2, 3, 4]
    assert queue.get(claimed.id) == failed
    assert (failed.remote_id, failed.picture_stem) == ("remote", STEM)
    assert failed.client_ref == claimed.client_ref


def test_a_held_job_waits_again_when_its_server_takes_jobs(queue: JobQueue) -> None:
    (refused,) = queue.add("local", [FOX])
    (elsewhere,) = queue.add("elsewhere", [FOX])
    assert queue.claim("local") is not None
    assert queue.claim("elsewhere") is not None
    held = queue.held(refused.id, JobFailure(FailureKind.PAYMENT, "no credits"))
    queue.held(elsewhere.id, BROKEN)
    (edited,) = queue.add("local", [FOX])
    queue.begin_edit(edited.id)
    assert (held.state, held.failure and held.failure.detail) == (JobState.HELD, "no credits")
    assert queue.claim("local") is None
    (released,) = queue.release("local")
    assert (released.id, released.state, released.failure) == (refused.id, JobState.WAITING, None)
    again = queue.claim("local")
    assert again is not None
    assert again.id == refused.id
    assert queue.claim("local") is None


def test_a_variation_and_its_copies_name_the_picture_that_they_vary(queue: JobQueue) -> None:
    (job,) = queue.add("local", [FOX], parent_sha256="ab" * 32)
    (copy,) = queue.duplicate([job.id])
    assert [one.parent_sha256 for one in queue.open_jobs()] == ["ab" * 32] * 2
    found = queue.get(copy.id)
    assert found is not None
    assert found.parent_sha256 == "ab" * 32
