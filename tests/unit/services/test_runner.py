"""One job, from its POST to its picture: the real engine, against a server that a test scripts."""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineError,
    EngineTimeoutError,
    EngineUnreachableError,
    JobCancelledError,
    JobForgottenError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.domain.jobs import FailureKind, Job, JobProgress, JobState
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience as HttpPatience
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.remote_job import Patience
from algovera_desktop.services.runner import JobRunner
from support.http_server import (
    Behaviour,
    Conversation,
    ScriptedServer,
    captive_portal,
    hangs_up,
    reply,
    reply_json,
    scripted_server,
    silent,
)

QUICK_HTTP = HttpPatience(
    connect_s=2, read_s=2, attempts=1, first_pause_s=0.001, retry_after_s=0, grace_s=1
)
QUICK = Patience(unchanged_s=30, long_poll_s=1, first_pause_s=0.01, longest_pause_s=0.02)
REMOTE_ID = "f" * 32
KEY = "a" * 64


def png() -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize((64, 48)).save(buffer, "PNG")
    return buffer.getvalue()


def status(word: str, **more: object) -> Behaviour:
    return reply_json({"job_uuid": REMOTE_ID, "job_status": word} | more)


ACCEPTED = reply_json({"job_uuid": REMOTE_ID}, 201)
PICTURE = reply(png(), media_type="image/png")


@dataclass
class Studio:
    """Everything that a job needs, and what it told of its progress."""

    queue: JobQueue
    library: Library
    files: PictureFiles
    server: ScriptedServer
    engine: AlgoveraEngine
    token: CancelToken = field(default_factory=CancelToken)
    progress: list[JobProgress] = field(default_factory=list)
    patience: Patience = QUICK

    def claim(self) -> Job:
        self.queue.add("elsewhere", [GenerationRequest("a fox", "sketch", seed=5)])
        job = self.queue.claim("elsewhere")
        assert job is not None
        return job

    def run(self, job: Job) -> ImageRecord:
        """As the program does it, with a runner that remembers nothing of earlier runs."""
        return JobRunner(self.queue, self.files, patience=self.patience).run(
            job,
            self.engine,
            server_name="Elsewhere",
            model_title="Sketch",
            token=self.token,
            on_progress=self.progress.append,
        )

    def job(self, job: Job) -> Job:
        found = self.queue.get(job.id)
        assert found is not None
        return found

    @property
    def posts(self) -> int:
        return len(self.server.to("/api/txt2img"))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        running.on("/api/txt2img", ACCEPTED)
        running.on("/api/status", status("done"))
        running.on("/api/getAsset", PICTURE)
        running.on("/api/cancel", reply_json({}))
        yield running


@pytest.fixture
def studio(
    queue: JobQueue, library: Library, files: PictureFiles, server: ScriptedServer
) -> Iterator[Studio]:
    engine = AlgoveraEngine(lambda: Endpoint(server.address, KEY), patience=QUICK_HTTP)
    yield Studio(queue, library, files, server, engine)
    engine.close()


def pictures(studio: Studio) -> list[Path]:
    return [path for path in studio.files.absolute(".").rglob("*") if path.is_file()]


def test_a_job_becomes_a_picture_in_the_library(studio: Studio) -> None:
    studio.server.on(
        "/api/status",
        status("created", progress=0.0, queue_position=2),
        status("created", progress=0.5, queue_position=0),
        status("done"),
    )
    job = studio.claim()
    record = studio.run(job)
    assert studio.job(job).state is JobState.DONE
    assert studio.library.page(LibraryQuery()) == [record]
    assert (record.width, record.height, record.media_type) == (64, 48, "image/png")
    assert (record.server_name, record.model_title) == ("Elsewhere", "Sketch")
    assert record.request == job.request
    assert pictures(studio) == [studio.files.absolute(record.path)]
    assert studio.posts == 1
    assert [(p.progress, p.queue_position) for p in studio.progress] == [
        (None, None),
        (0.0, 2),
        (0.5, 0),
    ]


def test_each_step_is_on_the_disk_before_the_next_is_taken(studio: Studio) -> None:
    job = studio.claim()
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
    studio.run(job)
    assert seen == [
        ("/api/txt2img", JobState.SUBMITTING, None),
        ("/api/status", JobState.RUNNING, REMOTE_ID),
        ("/api/getAsset", JobState.FETCHING, REMOTE_ID),
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply_json({"detail": "Invalid API key"}, 403), FailureKind.AUTHENTICATION),
        (reply_json({"detail": "Insufficient credits"}, 403), FailureKind.PAYMENT),
        (
            reply_json({"detail": [{"loc": ["body", "width"], "msg": "no"}]}, 422),
            FailureKind.INVALID,
        ),
        (reply_json({"detail": "Not Found"}, 404), FailureKind.PROTOCOL),
    ],
)
def test_a_job_that_was_refused_failed_and_may_be_sent_again(
    studio: Studio, answer: Behaviour, kind: FailureKind
) -> None:
    studio.server.on("/api/txt2img", answer)
    job = studio.claim()
    with pytest.raises(Exception) as raised:  # noqa: PT011
        studio.run(job)
    failed = studio.job(job)
    assert failed.state is JobState.FAILED
    assert failed.failure is not None
    assert (failed.failure.kind, failed.failure.detail) == (kind, str(raised.value))
    assert KEY not in failed.failure.detail
    assert studio.queue.retry(job.id).state is JobState.WAITING


def test_a_job_waits_again_when_its_server_cannot_be_reached(studio: Studio) -> None:
    studio.engine.close()
    job = studio.claim()
    with pytest.raises(EngineUnreachableError):
        studio.run(job)
    assert studio.job(job).state is JobState.WAITING
    assert studio.posts == 0


def test_a_job_waits_again_when_its_server_asks_for_patience(studio: Studio) -> None:
    studio.server.on("/api/txt2img", reply_json({"detail": "busy"}, 429, Retry_After="60"))
    job = studio.claim()
    with pytest.raises(RateLimitedError):
        studio.run(job)
    assert studio.job(job).state is JobState.WAITING
    assert studio.posts == 1


@pytest.mark.parametrize(
    "lost", [hangs_up, silent, captive_portal(), reply_json({"detail": "x"}, 500)]
)
def test_a_job_whose_answer_was_lost_is_unknown_and_never_posted_again_by_itself(
    studio: Studio, lost: Behaviour
) -> None:
    studio.server.on("/api/txt2img", lost)
    job = studio.claim()
    with pytest.raises(SubmissionUncertainError):
        studio.run(job)
    assert studio.job(job).state is JobState.UNKNOWN
    assert studio.posts == 1
    assert studio.queue.claim("elsewhere") is None


def test_what_the_engine_says_of_a_failed_job_is_kept_in_its_words(studio: Studio) -> None:
    studio.server.on("/api/status", status("failed", error="the model ran out of memory"))
    job = studio.claim()
    with pytest.raises(EngineError):
        studio.run(job)
    failed = studio.job(job)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.ENGINE
    assert failed.failure.detail == "the model ran out of memory"


def test_trouble_on_the_way_is_waited_out_and_told(studio: Studio) -> None:
    page = captive_portal(502)
    studio.server.on("/api/status", hangs_up, page, status("created"), hangs_up, status("done"))
    studio.server.on("/api/getAsset", hangs_up, captive_portal(), PICTURE)
    job = studio.claim()
    studio.run(job)
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 1
    held_up = [progress.held_up_by for progress in studio.progress]
    assert FailureKind.UNREACHABLE in held_up
    assert held_up[-1] is None


def test_a_server_that_never_makes_sense_fails_the_job_which_goes_on_at_no_cost(
    studio: Studio,
) -> None:
    studio.server.on("/api/status", captive_portal())
    job = studio.claim()
    with pytest.raises(EngineError):
        studio.run(job)
    failed = studio.job(job)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.PROTOCOL
    studio.server.on("/api/status", status("done"))
    studio.run(studio.queue.retry(job.id))
    assert studio.posts == 1


@pytest.mark.parametrize("answer", [status("in-process"), hangs_up])
def test_a_job_without_any_news_ends_in_time_and_goes_on_at_no_cost(
    studio: Studio, answer: Behaviour
) -> None:
    studio.patience = Patience(unchanged_s=0.1, first_pause_s=0.01, longest_pause_s=0.02)
    studio.server.on("/api/status", answer)
    job = studio.claim()
    with pytest.raises((EngineTimeoutError, EngineUnreachableError)):
        studio.run(job)
    assert studio.job(job).state is JobState.FAILED
    studio.server.on("/api/status", status("done"))
    studio.run(studio.queue.retry(job.id))
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 1


def test_a_job_that_the_server_has_forgotten_fails_with_those_words(studio: Studio) -> None:
    studio.server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
    job = studio.claim()
    with pytest.raises(JobForgottenError):
        studio.run(job)
    failed = studio.job(job)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.FORGOTTEN
    assert failed.failure.detail == "Unknown job"


def test_a_running_job_is_taken_up_again_without_a_post(studio: Studio) -> None:
    job = studio.queue.accepted(studio.claim().id, REMOTE_ID)
    studio.run(job)
    assert studio.job(job).state is JobState.DONE
    assert studio.posts == 0


def test_a_fetching_job_is_fetched_again(studio: Studio) -> None:
    job = studio.queue.accepted(studio.claim().id, REMOTE_ID)
    record = studio.run(studio.queue.fetching(job.id))
    assert pictures(studio) == [studio.files.absolute(record.path)]
    assert [request.path for request in studio.server.requests] == ["/api/getAsset"]


def test_a_picture_that_was_stored_before_a_crash_is_adopted_without_a_request(
    studio: Studio,
) -> None:
    job = studio.queue.accepted(studio.claim().id, REMOTE_ID)
    job = studio.queue.fetching(job.id)
    stored = studio.files.save(png(), "image/png", job)
    record = studio.run(job)
    assert (record.path, record.sha256) == (stored.path, stored.sha256)
    assert (record.width, record.height, record.media_type) == (64, 48, "image/png")
    assert studio.server.requests == []


def test_a_stored_picture_is_adopted_though_the_server_has_forgotten_its_job(
    studio: Studio,
) -> None:
    studio.server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
    job = studio.queue.accepted(studio.claim().id, REMOTE_ID)
    stored = studio.files.save(png(), "image/png", job)
    assert studio.run(job).path == stored.path
    assert studio.job(job).state is JobState.DONE


def at_request(studio: Studio, path: str, act: Callable[[], None], answer: Behaviour) -> None:
    """Script ``path`` so that ``act`` is done when the request has arrived."""

    def behave(talk: Conversation) -> None:
        act()
        answer(talk)

    studio.server.on(path, behave)


@pytest.mark.parametrize("path", ["/api/txt2img", "/api/status", "/api/getAsset"])
def test_a_job_that_the_user_cancels_ends_here_and_at_its_server(studio: Studio, path: str) -> None:
    answers = {"/api/txt2img": ACCEPTED, "/api/status": silent, "/api/getAsset": silent}
    job = studio.claim()

    def cancel() -> None:
        studio.queue.cancel(job.id)
        studio.token.cancel()

    at_request(studio, path, cancel, answers[path])
    with pytest.raises(JobCancelledError):
        studio.run(job)
    assert studio.job(job).state is JobState.CANCELLED
    (asked,) = studio.server.to("/api/cancel")
    assert asked.json()["job_uuid"] == REMOTE_ID
    assert pictures(studio) == []


def test_a_picture_that_arrives_after_the_user_cancelled_is_not_kept(studio: Studio) -> None:
    job = studio.claim()
    at_request(studio, "/api/getAsset", lambda: studio.queue.cancel(job.id) and None, PICTURE)
    with pytest.raises(JobCancelledError):
        studio.run(job)
    assert pictures(studio) == []
    assert studio.library.count(LibraryQuery()) == 0


def test_cancelling_ends_here_even_where_the_server_offers_no_such_thing(studio: Studio) -> None:
    studio.server.on("/api/cancel", hangs_up)
    job = studio.claim()

    def cancel() -> None:
        studio.queue.cancel(job.id)
        studio.token.cancel()

    at_request(studio, "/api/status", cancel, silent)
    with pytest.raises(JobCancelledError):
        studio.run(job)
    assert studio.job(job).state is JobState.CANCELLED


def test_a_server_that_is_silent_about_a_cancel_holds_nobody_up(studio: Studio) -> None:
    slow = HttpPatience(read_s=3600, json_s=3600)
    studio.engine = AlgoveraEngine(lambda: Endpoint(studio.server.address, KEY), patience=slow)
    studio.patience = replace(QUICK, farewell_s=0.1)
    studio.server.on("/api/cancel", silent)
    job = studio.claim()

    def cancel() -> None:
        studio.queue.cancel(job.id)
        studio.token.cancel()

    at_request(studio, "/api/status", cancel, silent)
    with pytest.raises(JobCancelledError):
        studio.run(job)
    assert len(studio.server.to("/api/cancel")) == 1
    studio.engine.close()


@pytest.mark.parametrize(
    ("path", "answer", "left"),
    [
        ("/api/txt2img", ACCEPTED, JobState.RUNNING),
        ("/api/txt2img", silent, JobState.UNKNOWN),
        ("/api/status", silent, JobState.RUNNING),
        ("/api/getAsset", silent, JobState.FETCHING),
    ],
)
def test_a_program_that_ends_leaves_its_job_to_be_taken_up_again(
    studio: Studio, path: str, answer: Behaviour, left: JobState
) -> None:
    job = studio.claim()
    at_request(studio, path, studio.token.cancel, answer)
    with pytest.raises((JobCancelledError, SubmissionUncertainError)):
        studio.run(job)
    assert studio.job(job).state is left
    assert studio.server.to("/api/cancel") == []
    assert studio.posts == 1


def test_a_program_that_ends_before_the_post_puts_the_job_back(studio: Studio) -> None:
    job = studio.claim()
    studio.token.cancel()
    with pytest.raises(JobCancelledError):
        studio.run(job)
    assert studio.job(job).state is JobState.WAITING
    assert studio.posts == 0


def test_many_jobs_run_at_once_on_one_runner(studio: Studio) -> None:
    studio.server.on("/api/status", status("created"), status("done"))
    jobs = [studio.claim() for _ in range(12)]
    runner = JobRunner(studio.queue, studio.files, patience=QUICK)
    guard = threading.Lock()

    def note(progress: JobProgress) -> None:
        with guard:
            studio.progress.append(progress)

    def run(job: Job) -> ImageRecord:
        return runner.run(
            job,
            studio.engine,
            server_name="Elsewhere",
            model_title="Sketch",
            token=studio.token,
            on_progress=note,
        )

    with ThreadPoolExecutor(4) as threads:
        records = list(threads.map(run, jobs))
    assert len({record.path for record in records}) == 12
    assert studio.library.count(LibraryQuery()) == 12
    assert studio.posts == 12
    assert {progress.job_id for progress in studio.progress} == {job.id for job in jobs}
