"""A job from its POST to its picture: the real engine, against a server that a test scripts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineUnreachableError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.domain.jobs import FailureKind, Job, JobState
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.outcomes import (
    Completed,
    Ended,
    Interrupted,
    Outcome,
    Step,
    StepKind,
    StillRunning,
    Troubled,
)
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.queue import JobQueue
from support.http_server import (
    Behaviour,
    Conversation,
    captive_portal,
    hangs_up,
    reply_json,
    silent,
)
from support.step_studio import (
    ACCEPTED,
    KEY,
    PARENT,
    PICTURE,
    REMOTE_ID,
    SERVER,
    Studio,
    failure_kind,
    open_studio,
    png,
    status,
)


@pytest.fixture
def studio(queue: JobQueue, library: Library, files: PictureFiles) -> Iterator[Studio]:
    with open_studio(queue, library, files) as studio:
        yield studio


def test_a_job_becomes_a_picture_in_the_library(studio: Studio) -> None:
    studio.server.on(
        "/api/status",
        status("created", progress=0.0, queue_position=2),
        status("created", progress=0.5, queue_position=0),
        status("done"),
    )
    job = studio.add()
    studio.driver.pass_time()
    (completed,) = studio.outcomes(Completed)
    assert isinstance(completed, Completed)
    record = completed.record
    assert studio.job(job).state is JobState.DONE
    assert studio.library.page(LibraryQuery()) == [record]
    assert (record.width, record.height, record.media_type) == (64, 48, "image/png")
    assert (record.server_name, record.model_title) == ("Elsewhere", "Sketch")
    assert record.parent_sha256 == PARENT
    assert record.request == job.request
    assert studio.pictures == [studio.files.absolute(record.path)]
    assert studio.posts == 1
    told = [one.status for one in studio.outcomes(StillRunning) if isinstance(one, StillRunning)]
    assert [(one.progress, one.queue_position) for one in told] == [(0.0, 2), (0.5, 0)]


def test_each_step_is_on_the_disk_before_the_next_is_taken(studio: Studio) -> None:
    job = studio.add()
    seen: list[tuple[str, JobState, str | None]] = []

    def noting(answer: Behaviour) -> Behaviour:
        def behave(talk: Conversation) -> None:
            now = studio.job(job)
            seen.append((talk.request.path, now.state, now.remote_id))
            answer(talk)

        return behave

    studio.server.on("/api/txt2img", noting(ACCEPTED))
    studio.server.on("/api/status", noting(status("done")))
    studio.server.on("/api/getAsset", noting(PICTURE))
    studio.driver.pass_time()
    assert seen == [
        ("/api/txt2img", JobState.SUBMITTING, None),
        ("/api/status", JobState.RUNNING, REMOTE_ID),
        ("/api/getAsset", JobState.FETCHING, REMOTE_ID),
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        (
            reply_json({"detail": [{"loc": ["body", "width"], "msg": "no"}]}, 422),
            FailureKind.INVALID,
            1,
        ),
        (
            reply_json({"detail": [{"loc": ["body", "base_model"], "msg": "no"}]}, 422),
            FailureKind.MODEL_GONE,
            1,
        ),
        (reply_json({"detail": "Not Found"}, 404), FailureKind.PROTOCOL, 5),
        (captive_portal(404), FailureKind.PROTOCOL, 5),
    ],
)
def test_a_job_that_is_refused_for_its_own_sake_failed_and_may_be_sent_again(
    studio: Studio, answer: Behaviour, kind: FailureKind, tries: int
) -> None:
    studio.server.on("/api/txt2img", answer)
    job = studio.add()
    studio.driver.pass_time()
    assert studio.posts == tries
    failed = studio.job(job)
    assert failed.state is JobState.FAILED
    assert failed.failure is not None
    assert failed.failure.kind is kind
    assert KEY not in failed.failure.detail
    assert [retried.state for retried in studio.queue.retry([job.id])] == [JobState.WAITING]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply_json({"detail": "Invalid API key"}, 403), FailureKind.AUTHENTICATION),
        (reply_json({"detail": "Insufficient credits"}, 403), FailureKind.PAYMENT),
    ],
)
def test_trouble_that_only_the_user_can_mend_holds_all_jobs_and_fails_none(
    studio: Studio, answer: Behaviour, kind: FailureKind
) -> None:
    studio.server.on("/api/txt2img", answer)
    studio.driver.meet(at_once=1)
    jobs = [studio.add() for _ in range(20)]
    studio.driver.pass_time()
    assert studio.posts == 1
    assert [studio.job(job).state for job in jobs] == [JobState.HELD] + [JobState.WAITING] * 19
    held = studio.driver.schedule.hold_of(SERVER)
    assert held is not None
    assert held.failure == studio.job(jobs[0]).failure
    assert held.failure.kind is kind
    studio.server.on("/api/txt2img", ACCEPTED)
    studio.driver.schedule.release(SERVER, studio.driver.now_s)
    studio.driver.pass_time()
    assert {studio.job(job).state for job in jobs} == {JobState.DONE}
    assert studio.posts == 21


def test_without_credits_what_is_paid_for_is_fetched(studio: Studio) -> None:
    studio.server.on("/api/txt2img", ACCEPTED, reply_json({"detail": "Insufficient credits"}, 403))
    studio.server.on("/api/status", *[status("created")] * 5, status("done"))
    first, second = studio.add(), studio.add()
    studio.driver.pass_time()
    assert studio.job(first).state is JobState.DONE
    assert studio.job(second).state is JobState.HELD


def test_a_job_is_held_while_its_server_cannot_be_reached(studio: Studio) -> None:
    studio.engine.close()
    job = studio.add()
    studio.driver.pass_time(1.0)
    assert studio.job(job).state is JobState.HELD
    assert failure_kind(studio.job(job)) is FailureKind.UNREACHABLE
    assert studio.posts == 0


def test_a_server_that_was_removed_is_held_before_anything_is_claimed(studio: Studio) -> None:
    job = studio.add()
    (step,) = studio.driver.schedule.due(0.0)
    removed = EngineUnreachableError("this server was removed from the settings")
    studio.driver.schedule.ended(step, studio.driver.steps.troubled(step, removed), 0.0)
    held = studio.driver.schedule.hold_of(SERVER)
    assert held is not None
    assert held.failure.kind is FailureKind.UNREACHABLE
    assert studio.job(job).state is JobState.WAITING


def test_a_server_that_asks_for_patience_gets_it(studio: Studio) -> None:
    busy = reply_json({"detail": "busy"}, 429, Retry_After="60")
    studio.server.on("/api/txt2img", busy, ACCEPTED)
    job = studio.add()
    studio.driver.pass_time(59.0)
    assert studio.job(job).state is JobState.HELD
    assert studio.posts == 1
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 2


@pytest.mark.parametrize(
    "lost", [hangs_up, silent, captive_portal(), reply_json({"detail": "x"}, 500)]
)
def test_a_job_whose_answer_was_lost_is_unknown_and_never_posted_again_by_itself(
    studio: Studio, lost: Behaviour
) -> None:
    studio.server.on("/api/txt2img", lost)
    job = studio.add()
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.UNKNOWN
    assert studio.posts == 1
    assert studio.start_again().take_steps() is False
    assert studio.queue.claim(SERVER) is None


def test_lost_answers_one_after_the_other_end_the_sending_until_the_user_wants_it(
    studio: Studio,
) -> None:
    studio.server.on("/api/txt2img", reply_json({"detail": "x"}, 500))
    studio.driver.meet(at_once=1)
    jobs = [studio.add() for _ in range(10)]
    studio.driver.pass_time(24 * 3600)
    assert studio.posts == 3
    assert [studio.job(job).state for job in jobs].count(JobState.WAITING) == 7
    studio.server.on("/api/txt2img", ACCEPTED)
    studio.driver.schedule.release(SERVER, studio.driver.now_s)
    studio.driver.pass_time()
    assert [studio.job(job).state for job in jobs].count(JobState.DONE) == 7


def test_what_the_engine_says_of_a_failed_job_is_kept_in_its_words(studio: Studio) -> None:
    studio.server.on("/api/status", status("failed", error="the model ran out of memory"))
    job = studio.add()
    studio.driver.pass_time()
    failed = studio.job(job)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.ENGINE
    assert failed.failure.detail == "the model ran out of memory"


def test_trouble_on_the_way_is_waited_out(studio: Studio) -> None:
    page = captive_portal(502)
    studio.server.on("/api/status", hangs_up, page, status("created"), hangs_up, status("done"))
    studio.server.on("/api/getAsset", hangs_up, captive_portal(), PICTURE)
    job = studio.add()
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 1


def test_a_server_that_never_makes_sense_fails_the_job_which_goes_on_at_no_cost(
    studio: Studio,
) -> None:
    studio.server.on("/api/status", captive_portal())
    job = studio.add()
    began_s = studio.driver.now_s
    studio.driver.pass_time(until=JobState.FAILED)
    assert studio.driver.now_s - began_s >= 60
    assert failure_kind(studio.job(job)) is FailureKind.PROTOCOL
    studio.server.on("/api/status", status("done"))
    studio.driver.schedule.put(studio.queue.retry([job.id]))
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 1


def test_a_job_without_any_news_ends_in_time_and_goes_on_at_no_cost(studio: Studio) -> None:
    studio.start_again(patience=Patience(unchanged_s=100.0))
    studio.server.on("/api/status", status("in-process"))
    job = studio.add()
    studio.driver.pass_time(until=JobState.FAILED)
    assert failure_kind(studio.job(job)) is FailureKind.TIMEOUT
    studio.server.on("/api/status", status("done"))
    studio.driver.schedule.put(studio.queue.retry([job.id]))
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 1


def test_a_job_whose_server_is_gone_for_a_day_has_not_failed_for_that(studio: Studio) -> None:
    studio.server.on("/api/status", *[hangs_up] * 5, status("done"))
    job = studio.add()
    studio.driver.take_steps()
    for _ in range(5):
        studio.driver.pass_time(1.0)
        studio.driver.meet(is_ready=False)
        studio.driver.now_s += 24 * 3600
        assert studio.driver.take_steps() is False
        studio.driver.meet()
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE


def test_a_job_that_the_server_has_forgotten_fails_with_those_words(studio: Studio) -> None:
    studio.server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
    job = studio.add()
    studio.driver.pass_time()
    failed = studio.job(job)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.FORGOTTEN
    assert failed.failure.detail == "Unknown job"


def test_a_picture_that_the_server_has_forgotten_fails_its_job(studio: Studio) -> None:
    studio.server.on("/api/getAsset", reply_json({"detail": "Unknown job"}, 404))
    job = studio.fetching()
    studio.start_again().pass_time()
    assert failure_kind(studio.job(job)) is FailureKind.FORGOTTEN


def test_a_running_job_is_taken_up_again_without_a_post(studio: Studio) -> None:
    job = studio.running()
    studio.start_again().pass_time()
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 0


def test_a_fetching_job_is_fetched_again(studio: Studio) -> None:
    job = studio.fetching()
    studio.start_again().pass_time()
    assert studio.job(job).state is JobState.DONE
    assert len(studio.pictures) == 1
    assert [request.path for request in studio.server.requests] == ["/api/getAsset"]


def test_a_picture_that_was_stored_before_a_crash_is_adopted_without_a_request(
    studio: Studio,
) -> None:
    stored = studio.files.save(png(), "image/png", studio.fetching())
    studio.start_again().pass_time()
    (record,) = studio.library.page(LibraryQuery())
    assert record.parent_sha256 == PARENT
    assert (record.path, record.sha256) == (stored.path, stored.sha256)
    assert (record.width, record.height, record.media_type) == (64, 48, "image/png")
    assert studio.server.requests == []


def test_a_picture_whose_drive_is_gone_goes_to_the_folder_that_is_chosen_now(
    studio: Studio, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    studio.files.store_in(drive / "pictures")
    job = studio.fetching()
    studio.start_again().pass_time(60)
    assert failure_kind(studio.job(job)) is None
    assert studio.job(job).state is JobState.FETCHING
    studio.files.store_in(None)
    studio.driver.pass_time(600)
    assert studio.job(job).state is JobState.DONE
    (record,) = studio.library.page(LibraryQuery())
    assert record.parent_sha256 == PARENT
    assert studio.files.absolute(record.path) == studio.pictures[0]
    assert len(studio.pictures) == 1


def test_a_picture_that_was_stored_before_stays_where_it_is_though_another_folder_is_chosen(
    studio: Studio, tmp_path: Path
) -> None:
    stored = studio.files.save(png(), "image/png", studio.fetching())
    studio.files.store_in(tmp_path / "chosen")
    studio.start_again().pass_time()
    (record,) = studio.library.page(LibraryQuery())
    assert record.parent_sha256 == PARENT
    assert record.path == stored.path
    assert studio.server.requests == []


def test_a_stored_picture_is_adopted_though_the_server_has_forgotten_its_job(
    studio: Studio,
) -> None:
    studio.server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
    job = studio.running()
    stored = studio.files.save(png(), "image/png", job)
    studio.start_again().pass_time()
    assert studio.job(job).state is JobState.DONE
    (record,) = studio.library.page(LibraryQuery())
    assert record.parent_sha256 == PARENT
    assert record.path == stored.path


def test_a_job_that_has_gone_on_without_its_step_is_left_as_it_is(studio: Studio) -> None:
    job = studio.fetching()
    late = Step(StepKind.POLL, SERVER, job)
    assert studio.driver.run(late) == Interrupted(job)


def test_many_jobs_take_their_steps_at_once_on_one_runner(studio: Studio) -> None:
    jobs = [studio.add() for _ in range(12)]

    def post(_: Job) -> Outcome:
        return studio.driver.run(Step(StepKind.SUBMIT, SERVER))

    def finish(job: Job) -> Outcome:
        studio.driver.run(Step(StepKind.POLL, SERVER, studio.job(job)))
        return studio.driver.run(Step(StepKind.FETCH, SERVER, studio.job(job)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(post, jobs))
        completed = list(threads.map(finish, jobs))
    assert all(isinstance(outcome, Completed) for outcome in completed)
    assert len(studio.pictures) == 12
    assert studio.library.count(LibraryQuery()) == 12
    assert studio.posts == 12


def test_a_lost_answer_is_settled_by_the_reference_that_the_server_knows(studio: Studio) -> None:
    """The engine learns from a server's models and health that it repeats."""
    studio.server.on("/api/models", reply_json({"models": [{"name": "sketch"}]}))
    studio.server.on("/api/health", reply_json({"version": "1", "client_ref": True}))
    studio.server.on("/api/txt2img", hangs_up, reply_json({"detail": "x"}, 500), ACCEPTED)
    studio.engine.models(CancelToken())
    assert studio.engine.can_repeat
    studio.start_again()
    job = studio.add()
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.DONE
    refs = [request.json()["client_ref"] for request in studio.server.to("/api/txt2img")]
    assert len(refs) == 3
    assert len(set(refs)) == 1


def test_a_settling_post_that_is_refused_leaves_open_whether_the_first_was_taken(
    studio: Studio,
) -> None:
    studio.server.on("/api/models", reply_json({"models": [{"name": "sketch"}]}))
    studio.server.on("/api/health", reply_json({"version": "1", "client_ref": True}))
    studio.server.on("/api/txt2img", hangs_up, reply_json({"detail": "Invalid API key"}, 403))
    studio.engine.models(CancelToken())
    studio.start_again()
    job = studio.add()
    studio.driver.pass_time()
    assert studio.job(job).state is JobState.UNKNOWN
    assert len(studio.outcomes(Troubled)) == 1
    assert studio.posts == 2


def test_nothing_is_settled_where_a_second_post_could_be_a_second_job(studio: Studio) -> None:
    studio.queue.add(SERVER, [GenerationRequest("a fox", "sketch")])
    job = studio.queue.claim(SERVER, with_ref=True)
    assert job is not None
    job = studio.queue.uncertain(job.id)
    assert studio.driver.run(Step(StepKind.SETTLE, SERVER, job)) == Interrupted(job)
    assert studio.posts == 0


def test_an_uncertain_post_is_told_with_its_error(studio: Studio) -> None:
    studio.server.on("/api/txt2img", hangs_up)
    studio.add()
    studio.driver.take_steps()
    ((_, outcome),) = studio.driver.outcomes
    assert isinstance(outcome, Ended)
    assert isinstance(outcome.error, SubmissionUncertainError)
