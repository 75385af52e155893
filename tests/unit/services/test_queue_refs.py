"""One wish has one name: when a POST may be repeated, and when it must not carry the old name."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from algovera_desktop.domain.errors import InvalidRequestError, JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.services.estimates import KEPT_OF_A_KIND, Timing
from algovera_desktop.services.queue import JobQueue

FOX = GenerationRequest("a fox", "sketch")
STEM = "2026-11/a fox"
NO = JobFailure(FailureKind.ENGINE, "no")


def claimed(queue: JobQueue, *, with_ref: bool = True) -> Job:
    job = queue.claim("local", with_ref=with_ref)
    assert job is not None
    return job


def unknown(queue: JobQueue) -> Job:
    queue.add("local", [FOX])
    return queue.uncertain(claimed(queue).id)


def posted(queue: JobQueue) -> Job:
    queue.add("local", [FOX])
    return claimed(queue, with_ref=False)


def only(jobs: list[Job]) -> Job:
    (job,) = jobs
    return job


def test_a_ref_is_written_with_the_intention_to_post(queue: JobQueue) -> None:
    queue.add("local", [FOX] * 2)
    first, second = claimed(queue), claimed(queue)
    assert queue.get(first.id) == first
    assert first.client_ref is not None
    assert second.client_ref is not None
    assert len({first.client_ref, second.client_ref}) == 2


def test_a_lost_answer_is_settled_under_the_same_ref(queue: JobQueue) -> None:
    lost = unknown(queue)
    again = queue.settle(lost.id)
    assert again is not None
    assert (again.state, again.client_ref) == (JobState.SUBMITTING, lost.client_ref)
    assert queue.settle(lost.id) is None  # Another worker has it.
    assert queue.accepted(lost.id, "remote").state is JobState.RUNNING


def test_nothing_is_settled_that_was_posted_without_a_ref(queue: JobQueue) -> None:
    queue.add("local", [FOX])
    lost = queue.uncertain(claimed(queue, with_ref=False).id)
    assert lost.client_ref is None
    assert queue.settle(lost.id) is None
    assert queue.get(lost.id) == lost


def test_a_post_without_the_ref_is_never_settled_by_an_earlier_one(queue: JobQueue) -> None:
    """The server could repeat, and cannot any more."""
    lost = unknown(queue)
    queue.retry([lost.id])
    assert claimed(queue, with_ref=False).client_ref is None


def test_sent_again_an_unknown_job_keeps_its_ref(queue: JobQueue) -> None:
    lost = unknown(queue)
    queue.retry([lost.id])
    assert claimed(queue).client_ref == lost.client_ref


def test_undo_of_send_again_leaves_nothing_to_be_settled_under_a_new_ref(queue: JobQueue) -> None:
    lost = unknown(queue)
    queue.retry([lost.id])
    assert only(queue.give_up([lost])).client_ref == lost.client_ref
    queue.add("elsewhere", [FOX])
    job = queue.claim("elsewhere")
    assert job is not None
    lost = queue.uncertain(job.id)
    queue.retry([lost.id])
    queue.claim("elsewhere", with_ref=True)
    queue.put_back(lost.id)
    (back,) = queue.give_up([lost])
    assert (back.state, back.client_ref) == (JobState.UNKNOWN, None)


def test_undo_of_retry_leaves_alone_what_is_being_made_or_changed(queue: JobQueue) -> None:
    failed = [queue.failed(posted(queue).id, NO) for _ in range(3)]
    queue.retry([job.id for job in failed])
    queue.begin_edit(failed[2].id)
    claimed(queue)
    assert [job.id for job in queue.give_up(failed)] == [failed[1].id]
    back = queue.get(failed[1].id)
    assert back is not None
    assert (back.state, back.failure) == (JobState.FAILED, NO)


def test_undo_of_a_change_asks_for_the_old_wish_under_its_old_ref(queue: JobQueue) -> None:
    lost = unknown(queue)
    (before,) = queue.retry([lost.id])
    queue.begin_edit(lost.id)
    after = queue.end_edit(lost.id, replace(FOX, prompt="a hare"))
    assert after is not None
    assert after.client_ref is None
    undone = queue.revise(before)
    assert undone is not None
    assert (undone.request, undone.client_ref) == (FOX, lost.client_ref)
    redone = queue.revise(after)
    assert redone is not None
    assert (redone.request.prompt, redone.client_ref) == ("a hare", None)
    claimed(queue)
    assert queue.revise(before) is None


def test_a_job_that_was_put_back_keeps_its_ref(queue: JobQueue) -> None:
    queue.add("local", [FOX])
    first = claimed(queue)
    queue.put_back(first.id)
    assert claimed(queue).client_ref == first.client_ref


@pytest.mark.parametrize("kind", [FailureKind.ENGINE, FailureKind.FORGOTTEN])
def test_a_job_whose_remote_job_is_over_is_a_new_wish(queue: JobQueue, kind: FailureKind) -> None:
    queue.add("local", [FOX])
    first = claimed(queue)
    queue.accepted(first.id, "remote")
    queue.failed(first.id, JobFailure(kind, ""))
    retried = only(queue.retry([first.id]))
    assert (retried.remote_id, retried.client_ref) == (None, None)
    assert claimed(queue).client_ref not in (None, first.client_ref)


def test_a_job_that_was_changed_is_a_new_wish_and_one_that_was_not_is_the_same(
    queue: JobQueue,
) -> None:
    lost = unknown(queue)
    queue.retry([lost.id])
    queue.begin_edit(lost.id)
    same = queue.end_edit(lost.id, FOX)
    assert same is not None
    assert same.client_ref == lost.client_ref
    queue.begin_edit(lost.id)
    changed = queue.end_edit(lost.id, replace(FOX, prompt="a badger"))
    assert changed is not None
    assert changed.client_ref is None


@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING])
def test_what_a_worker_held_comes_back_as_a_new_wish(queue: JobQueue, state: JobState) -> None:
    queue.add("local", [FOX])
    job = claimed(queue)
    if state is not JobState.SUBMITTING:
        job = queue.accepted(job.id, "remote")
    if state is JobState.FETCHING:
        job = queue.fetching(job.id, STEM)
    queue.cancel([job.id])
    back = only(queue.restore([job]))
    assert (back.state, back.remote_id, back.client_ref) == (JobState.WAITING, None, None)
    assert back.position == job.position


def test_what_failed_or_is_unknown_comes_back_as_it_was(queue: JobQueue) -> None:
    lost = unknown(queue)
    queue.add("local", [FOX])
    broken = claimed(queue)
    queue.accepted(broken.id, "remote")
    broken = queue.failed(broken.id, JobFailure(FailureKind.PROTOCOL, "nonsense"))
    before = [lost, broken]
    dismissed = queue.cancel([job.id for job in before])
    back = queue.restore(before)
    assert [replace(job, revision=0, updated_at=lost.updated_at) for job in back] == [
        replace(job, revision=0, updated_at=lost.updated_at) for job in before
    ]
    assert all(now.revision > then.revision for now, then in zip(back, dismissed, strict=True))


def test_an_edited_job_is_sent_by_nobody_until_it_is_saved(queue: JobQueue) -> None:
    (job,) = queue.add("local", [FOX])
    held = queue.begin_edit(job.id)
    assert held is not None
    assert (held.state, held.failure) == (JobState.HELD, JobFailure(FailureKind.EDITED, ""))
    assert queue.claim("local") is None
    assert queue.release("local") == []
    with pytest.raises(InvalidRequestError):
        queue.end_edit(job.id, replace(FOX, prompt=" "))
    saved = queue.end_edit(job.id, replace(FOX, prompt="a badger", seed=5))
    assert saved is not None
    assert queue.get(job.id) == saved
    assert (saved.request.prompt, saved.request.seed) == ("a badger", 5)
    assert saved.position == job.position
    assert queue.end_edit(job.id, None) is None


def test_a_job_that_is_being_sent_can_no_longer_be_changed(queue: JobQueue) -> None:
    (job,) = queue.add("local", [FOX])
    claimed(queue)
    assert queue.begin_edit(job.id) is None
    assert queue.end_edit(job.id, replace(FOX, prompt="a badger")) is None
    found = queue.get(job.id)
    assert found is not None
    assert (found.state, found.request) == (JobState.SUBMITTING, FOX)


def complete(queue: JobQueue, request: GenerationRequest, seconds: float | None) -> None:
    (job,) = queue.add("local", [request])
    claimed(queue)
    queue.accepted(job.id, "remote")
    queue.fetching(job.id, STEM)
    now = datetime.now(UTC)
    sizes = (1, "image/png", 8, 8)
    image = NewImage(job.id, "0" * 64, *sizes, now, "here", "Sketch", job.id, request)
    queue.completed(job.id, image, seconds)


def test_of_each_kind_the_newest_timings_are_kept(queue: JobQueue) -> None:
    complete(queue, replace(FOX, steps=10), 99.0)
    for number in range(KEPT_OF_A_KIND + 5):
        complete(queue, FOX, float(number))
    complete(queue, FOX, None)
    kept = queue.timings()
    assert kept == [
        Timing("local", "sketch", 512, 512, 10, 99.0),
        *(
            Timing("local", "sketch", 512, 512, 30, float(number))
            for number in range(5, KEPT_OF_A_KIND + 5)
        ),
    ]


def test_under_another_key_nothing_is_settled_and_nothing_else_is_touched(queue: JobQueue) -> None:
    lost = unknown(queue)
    dismissed = unknown(queue)
    (cancelled,) = queue.cancel([dismissed.id])
    queue.add("local", [FOX])
    under_way = claimed(queue)
    (elsewhere,) = queue.add("elsewhere", [FOX])
    assert {job.id for job in queue.forget_refs("local")} == {lost.id, cancelled.id, under_way.id}
    assert only(queue.restore([dismissed])).client_ref is None
    for job in (lost, dismissed, queue.uncertain(under_way.id)):
        assert queue.settle(job.id) is None
        assert queue.get(job.id).state is JobState.UNKNOWN  # type: ignore[union-attr]
    assert queue.get(elsewhere.id) == elsewhere
    assert queue.forget_refs("local") == []


def test_only_a_picture_on_its_way_goes_to_another_place(queue: JobQueue) -> None:
    (added,) = queue.add("local", [FOX])
    queue.accepted(claimed(queue).id, "remote")
    with pytest.raises(JobCancelledError):
        queue.relocated(added.id, "elsewhere/a fox")
    queue.fetching(added.id, STEM)
    moved = queue.relocated(added.id, "elsewhere/a fox")
    assert (moved.state, moved.picture_stem) == (JobState.FETCHING, "elsewhere/a fox")
    assert queue.get(added.id) == moved
