"""Trouble on our own side while a job is worked on: a full disk, a bug, a database that refuses."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import SubmissionUncertainError
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.engines.base import EngineHealth, FetchedImage, RemoteState, RemoteStatus
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.outcomes import Ended, Interrupted, Step, StepKind, Unrecorded
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.steps import StepRunner
from support.full_disk import fill, make_room, small_disk_at
from support.step_driver import StepDriver

SERVER = "local"


def noise_png() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(buffer, "PNG")
    return buffer.getvalue()


class InstantEngine:
    """An engine without a network: every job is done at once. ``at_submit``, ``at_status`` and
    ``at_fetch`` are called in those calls and may raise."""

    can_wait = False

    def __init__(self, *, can_repeat: bool = False) -> None:
        self.posts = 0
        self.cancelled: list[str] = []
        self.can_repeat = can_repeat
        self.picture = noise_png()
        self.at_submit: Callable[[], None] = lambda: None
        self.at_status: Callable[[], None] = lambda: None
        self.at_fetch: Callable[[], None] = lambda: None

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        return [ModelInfo("sketch", "Sketch")]

    def check(self, token: CancelToken) -> EngineHealth:
        return EngineHealth()

    def submit(
        self, request: GenerationRequest, token: CancelToken, *, client_ref: str | None = None
    ) -> str:
        token.raise_if_cancelled()
        self.posts += 1
        self.at_submit()
        return f"remote {self.posts}"

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        self.at_status()
        return RemoteStatus(RemoteState.DONE)

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        self.at_fetch()
        return FetchedImage(self.picture, "image/png", 300, 300)

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        self.cancelled.append(remote_id)
        return False

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "small") as folder:
        yield folder


@pytest.fixture
def engine() -> InstantEngine:
    return InstantEngine()


def driver_for(queue: JobQueue, files: PictureFiles, engine: InstantEngine) -> StepDriver:
    return StepDriver(queue, StepRunner(queue, files), engine, SERVER)


def add(driver: StepDriver) -> Job:
    (job,) = driver.queue.add(SERVER, [GenerationRequest("a fox", "sketch")])
    driver.schedule.put([job])
    return job


def state_of(driver: StepDriver, job: Job) -> JobState:
    found = driver.queue.get(job.id)
    assert found is not None
    return found.state


def hold_kind(driver: StepDriver) -> FailureKind | None:
    hold = driver.schedule.hold_of(SERVER)
    return None if hold is None else hold.failure.kind


def test_a_picture_without_room_is_fetched_until_there_is_some(
    queue: JobQueue, engine: InstantEngine, small_disk: Path
) -> None:
    files = PictureFiles(small_disk / "pictures")
    driver = driver_for(queue, files, engine)
    job, waiting = add(driver), add(driver)
    driver.meet(at_once=1)
    fill(small_disk)
    driver.pass_time(600)
    assert state_of(driver, job) is JobState.FETCHING
    assert state_of(driver, waiting) is JobState.WAITING
    assert hold_kind(driver) is FailureKind.DISK_FULL
    fetches = [step for step, _ in driver.outcomes if step.kind is StepKind.FETCH]
    assert 5 <= len(fetches) <= 20
    make_room(small_disk)
    driver.pass_time()
    assert state_of(driver, job) is state_of(driver, waiting) is JobState.DONE
    assert engine.posts == 2


def test_with_picture_and_queue_on_a_full_disk_the_job_stays_to_be_taken_up_again(
    small_disk: Path, engine: InstantEngine
) -> None:
    files = PictureFiles(small_disk / "pictures")
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        engine.at_status = lambda: fill(small_disk) and None
        driver.pass_time(30)
        assert state_of(driver, job) in (JobState.RUNNING, JobState.FETCHING)
    make_room(small_disk)
    engine.at_status = lambda: None
    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        queue.recover()
        driver = driver_for(queue, files, engine)
        driver.take_up()
        driver.pass_time()
        assert state_of(driver, job) is JobState.DONE
    assert engine.posts == 1


def test_a_remote_id_is_held_until_there_is_room_to_write_it_down(
    small_disk: Path, files: PictureFiles, engine: InstantEngine
) -> None:
    engine.at_submit = lambda: fill(small_disk) and None
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        driver.pass_time(3600)
        assert state_of(driver, job) is JobState.SUBMITTING
        assert hold_kind(driver) is FailureKind.DISK_FULL
        assert {type(outcome) for _, outcome in driver.outcomes} == {Unrecorded}
        assert len(driver.outcomes) > 100
        make_room(small_disk)
        driver.pass_time()
        assert state_of(driver, job) is JobState.DONE
    assert engine.posts == 1


@pytest.mark.parametrize("is_uncertain", [True, False])
def test_a_job_whose_post_could_not_be_written_down_is_not_posted_again(
    small_disk: Path, files: PictureFiles, engine: InstantEngine, is_uncertain: bool
) -> None:
    def submit() -> None:
        fill(small_disk)
        if is_uncertain:
            raise SubmissionUncertainError("the answer was lost")

    engine.at_submit = submit
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        driver.pass_time(600)
        assert state_of(driver, job) is JobState.SUBMITTING
    make_room(small_disk)
    with closing(Database(small_disk / "library.sqlite3")) as database:
        queue = JobQueue(database, Library(database))
        queue.recover()
        driver = driver_for(queue, files, engine)
        driver.take_up()
        driver.pass_time()
        assert state_of(driver, job) is JobState.UNKNOWN
    assert engine.posts == 1


def test_a_lost_answer_that_could_not_be_written_down_is_settled_when_there_is_room(
    small_disk: Path, files: PictureFiles
) -> None:
    def submit() -> None:
        if engine.posts == 1:
            fill(small_disk)
            raise SubmissionUncertainError("the answer was lost")

    engine = InstantEngine(can_repeat=True)
    engine.at_submit = submit
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        driver.pass_time(60)
        make_room(small_disk)
        driver.pass_time()
        assert state_of(driver, job) is JobState.DONE
    assert engine.posts == 2


def test_a_job_that_is_cancelled_before_its_remote_id_is_written_ends_at_its_server(
    small_disk: Path, files: PictureFiles, engine: InstantEngine
) -> None:
    engine.at_submit = lambda: fill(small_disk) and None
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        driver.pass_time(10)
        make_room(small_disk)
        driver.schedule.put(driver.queue.cancel([job.id]))
        driver.pass_time()
        assert state_of(driver, job) is JobState.CANCELLED
    assert engine.cancelled == ["remote 1"]


def test_a_job_that_is_brought_back_while_its_post_is_under_way_is_posted_once_more(
    queue: JobQueue, files: PictureFiles, engine: InstantEngine
) -> None:
    """The wish that was cancelled ends at its server, the new one is posted after that."""

    def change_mind() -> None:
        if engine.posts == 1:
            before = queue.get(job.id)
            assert before is not None
            driver.schedule.put(queue.cancel([job.id]))
            driver.schedule.put(queue.restore([before]))

    engine.at_submit = change_mind
    driver = driver_for(queue, files, engine)
    job = add(driver)
    driver.pass_time()
    assert state_of(driver, job) is JobState.DONE
    assert engine.cancelled == ["remote 1"]
    assert engine.posts == 2


def stumble() -> None:
    raise RuntimeError("a secret")


def test_our_own_mistake_after_a_post_leaves_the_job_unknown(
    queue: JobQueue, files: PictureFiles, engine: InstantEngine
) -> None:
    engine.at_submit = stumble
    driver = driver_for(queue, files, engine)
    job = add(driver)
    driver.pass_time()
    assert state_of(driver, job) is JobState.UNKNOWN
    ((_, outcome),) = driver.outcomes
    assert isinstance(outcome, Ended)
    assert isinstance(outcome.error, RuntimeError)


@pytest.mark.parametrize("at", ["at_status", "at_fetch"])
def test_our_own_mistake_fails_the_job_without_its_text_and_retry_posts_nothing(
    queue: JobQueue, files: PictureFiles, engine: InstantEngine, at: str
) -> None:
    setattr(engine, at, stumble)
    driver = driver_for(queue, files, engine)
    job = add(driver)
    driver.pass_time()
    failed = queue.get(job.id)
    assert failed is not None
    assert failed.failure == JobFailure(FailureKind.INTERNAL, "RuntimeError")
    setattr(engine, at, lambda: None)
    driver.schedule.put(queue.retry([job.id]))
    driver.pass_time()
    assert state_of(driver, job) is JobState.DONE
    assert engine.posts == 1


@pytest.mark.allows_log("its failure could not be written")
def test_our_own_mistake_on_a_full_disk_leaves_the_job_to_be_taken_up_again(
    small_disk: Path, files: PictureFiles, engine: InstantEngine
) -> None:
    def stumble_without_room() -> None:
        fill(small_disk)
        raise RuntimeError

    engine.at_status = stumble_without_room
    with closing(Database(small_disk / "library.sqlite3")) as database:
        driver = driver_for(JobQueue(database, Library(database)), files, engine)
        job = add(driver)
        driver.pass_time(20)
        assert state_of(driver, job) is JobState.RUNNING
        assert hold_kind(driver) is FailureKind.DISK_FULL


def test_what_could_not_be_recorded_by_another_runner_is_not_made_up(
    queue: JobQueue, files: PictureFiles, engine: InstantEngine
) -> None:
    queue.add(SERVER, [GenerationRequest("a fox", "sketch")])
    job = queue.claim(SERVER)
    assert job is not None
    driver = driver_for(queue, files, engine)
    assert driver.run(Step(StepKind.RECORD, SERVER, job)) == Interrupted(job)
