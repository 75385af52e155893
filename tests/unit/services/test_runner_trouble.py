"""Trouble on our own side while a job runs: a full disk, a bug, a database that refuses."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    DiskFullError,
    JobCancelledError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobProgress, JobState
from algovera_desktop.engines.base import EngineHealth, FetchedImage, RemoteState, RemoteStatus
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.remote_job import Patience
from algovera_desktop.services.runner import JobRunner
from support.full_disk import fill, make_room, small_disk_at

QUICK = Patience(first_pause_s=0.01, longest_pause_s=0.02)


def noise_png() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(buffer, "PNG")
    return buffer.getvalue()


class InstantEngine:
    """An engine without a network: every job is done at once. ``at_submit`` and ``at_status``
    are called in those calls and may raise."""

    can_wait = False

    def __init__(self) -> None:
        self.posts = 0
        self.picture = noise_png()
        self.at_submit: Callable[[], None] = lambda: None
        self.at_status: Callable[[], None] = lambda: None

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        return [ModelInfo("sketch", "Sketch")]

    def check(self, token: CancelToken) -> EngineHealth:
        return EngineHealth()

    def submit(self, request: GenerationRequest, token: CancelToken) -> str:
        token.raise_if_cancelled()
        self.posts += 1
        self.at_submit()
        return f"remote {self.posts}"

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        self.at_status()
        return RemoteStatus(RemoteState.DONE)

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        return FetchedImage(self.picture, "image/png", 300, 300)

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        return False

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "small") as folder:
        yield folder


def claim(queue: JobQueue) -> Job:
    queue.add("local", [GenerationRequest("a fox", "sketch")])
    job = queue.claim("local")
    assert job is not None
    return job


def run(
    runner: JobRunner,
    job: Job,
    engine: InstantEngine,
    *,
    token: CancelToken | None = None,
    on_progress: Callable[[JobProgress], None] = lambda _: None,
) -> ImageRecord:
    return runner.run(
        job,
        engine,
        server_name="This computer",
        model_title="Sketch",
        token=token or CancelToken(),
        on_progress=on_progress,
    )


def state_of(queue: JobQueue, job: Job) -> JobState:
    found = queue.get(job.id)
    assert found is not None
    return found.state


def test_a_picture_without_room_fails_its_job_and_retry_fetches_it_again_for_nothing(
    queue: JobQueue, small_disk: Path
) -> None:
    runner = JobRunner(queue, PictureFiles(small_disk / "pictures"), patience=QUICK)
    engine, job = InstantEngine(), claim(queue)
    fill(small_disk)
    with pytest.raises(DiskFullError):
        run(runner, job, engine)
    failed = queue.get(job.id)
    assert failed is not None
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.DISK_FULL
    make_room(small_disk)
    record = run(runner, queue.retry(job.id), engine)
    assert engine.posts == 1
    assert PictureFiles(small_disk / "pictures").absolute(record.path).stat().st_size > 50_000


@pytest.mark.allows_log("its failure could not be written")
def test_with_picture_and_queue_on_a_full_disk_the_job_stays_to_be_taken_up_again(
    small_disk: Path,
) -> None:
    files, engine = PictureFiles(small_disk / "pictures"), InstantEngine()
    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        job = claim(queue)
        engine.at_status = lambda: fill(small_disk)
        with pytest.raises(DiskFullError):
            run(JobRunner(queue, files, patience=QUICK), job, engine)
    make_room(small_disk)
    engine.at_status = lambda: None
    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        assert queue.recover() == []
        (job,) = queue.open_jobs()
        if job.state is JobState.FAILED:
            job = queue.retry(job.id)
        run(JobRunner(queue, files, patience=QUICK), job, engine)
        assert state_of(queue, job) is JobState.DONE
    assert engine.posts == 1


def test_a_remote_id_is_held_until_there_is_room_to_write_it_down(
    small_disk: Path, files: PictureFiles
) -> None:
    engine = InstantEngine()
    engine.at_submit = lambda: fill(small_disk)
    told: list[FailureKind | None] = []

    def note(progress: JobProgress) -> None:
        told.append(progress.held_up_by)
        if progress.held_up_by is FailureKind.DISK_FULL:
            make_room(small_disk)

    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        job = claim(queue)
        run(JobRunner(queue, files, patience=QUICK), job, engine, on_progress=note)
        assert state_of(queue, job) is JobState.DONE
    assert told == [FailureKind.DISK_FULL, None]
    assert engine.posts == 1


def test_a_job_whose_post_could_not_be_written_down_is_not_posted_again(
    small_disk: Path, files: PictureFiles
) -> None:
    engine, token = InstantEngine(), CancelToken()
    engine.at_submit = lambda: fill(small_disk)
    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        runner, job = JobRunner(queue, files, patience=QUICK), claim(queue)
        with pytest.raises(JobCancelledError):
            run(runner, job, engine, token=token, on_progress=lambda _: token.cancel())
        assert state_of(queue, job) is JobState.SUBMITTING
        make_room(small_disk)
        with pytest.raises(SubmissionUncertainError):
            run(runner, job, engine)
        assert state_of(queue, job) is JobState.UNKNOWN
    assert engine.posts == 1


def test_our_own_mistake_after_a_post_leaves_the_job_unknown(
    queue: JobQueue, files: PictureFiles
) -> None:
    def stumble() -> None:
        raise RuntimeError("a secret")

    engine, job = InstantEngine(), claim(queue)
    engine.at_submit = stumble
    with pytest.raises(RuntimeError):
        run(JobRunner(queue, files, patience=QUICK), job, engine)
    assert state_of(queue, job) is JobState.UNKNOWN


def test_our_own_mistake_fails_the_job_without_its_text_and_retry_posts_nothing(
    queue: JobQueue, files: PictureFiles
) -> None:
    def stumble() -> None:
        raise RuntimeError("a secret")

    engine, job = InstantEngine(), claim(queue)
    engine.at_status = stumble
    with pytest.raises(RuntimeError):
        run(JobRunner(queue, files, patience=QUICK), job, engine)
    failed = queue.get(job.id)
    assert failed is not None
    assert failed.failure is not None
    assert (failed.failure.kind, failed.failure.detail) == (FailureKind.INTERNAL, "RuntimeError")
    engine.at_status = lambda: None
    run(JobRunner(queue, files, patience=QUICK), queue.retry(job.id), engine)
    assert engine.posts == 1
